"""What may refuse each action, and what is only advice: a list for whoever writes scenarios.

`permission` looks; here it is said in words. A test holds every refusal that a scenario meets against the
list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["REFUSALS", "RefusedBy"]

ANY = "any action"


@dataclass(frozen=True)
class RefusedBy:
    """One reason why an action is refused, or advised against.

    `by` is the kind of the rule, or the id of what the register or a notice has against it; empty where the
    action itself has something missing. `outcome` says whether it refuses for good, or a person may do it all
    the same with a reason that is kept, or it advises only: then `may` holds.
    """

    action: str
    when: str
    by: str = ""
    outcome: Literal["for good", "overridable", "advice"] = "for good"


LEAVE = "grant leave"
NOTICE = "issue a penalty notice"
ENTER = "enter a code"
DELETE = "delete from the register"
CHARGE = "charge for late collection"
REFUSALS: tuple[RefusedBy, ...] = (
    RefusedBy(
        ANY, "a rule keeps it for some roles, and `role` is another; without `role` nobody asks", "reserved"
    ),
    RefusedBy(LEAVE, "`request` is no request for leave that was recorded by then"),
    RefusedBy(LEAVE, "the request has been decided"),
    RefusedBy(LEAVE, "it came when the register of its first day had opened", "leave retrospective"),
    *(
        RefusedBy(LEAVE, f"{when}: the policy says refuse, the headteacher decides", kind, "advice")
        for kind, when in (
            ("leave notice", "it came with too little notice, and the rule advises to refuse"),
            ("leave attendance", "attendance before it meets the comparison"),
            ("leave year group", "it is for a year group without leave"),
            ("leave at start", "it is for the beginning of a school year"),
            ("leave already", "there was leave before in the period"),
            ("leave applicant", "the policy wants another applicant, or its form"),
        )
    ),
    RefusedBy("refuse leave", "`request` is no request for leave that was recorded by then"),
    RefusedBy(
        "ask for evidence",
        "the rule is about such `evidence`, and no doubt about the pupil was recorded by then",
        "evidence needs doubt",
    ),
    RefusedBy(
        "send letter",
        "the rule has the letter, `purpose`, and no doubt about the pupil was recorded by then",
        "evidence needs doubt",
    ),
    RefusedBy(CHARGE, "`request` is no late collection that was recorded by then"),
    RefusedBy(CHARGE, "no rule of the policy is about late collections"),
    RefusedBy(CHARGE, "it was an emergency, and the rule has these free", "late collection"),
    RefusedBy(CHARGE, "`role` is another than the rule's", "late collection"),
    RefusedBy(DELETE, "`purpose` is no ground for a pupil of that age", "deletion-ground"),
    RefusedBy(
        DELETE,
        "the ground needs an absence of some school days, and the unexplained absence that goes on has fewer",
        "deletion-too-early",
    ),
    RefusedBy(
        DELETE,
        "the ground needs enquiries together with the authority, and no *enquiry made* says that they found "
        "nobody",
        "deletion-enquiries",
    ),
    RefusedBy(NOTICE, "the pupil is not of compulsory school age", "threshold"),
    RefusedBy(
        NOTICE,
        "the threshold has not been met; the authority may still consider it in an individual case",
        "threshold",
        "overridable",
    ),
    RefusedBy(
        NOTICE,
        "`parent` is named, and no *notice considered* about pupil and parent was recorded",
        "threshold",
    ),
    RefusedBy(NOTICE, "the pupil is under an education supervision order, by a *court step*"),
    RefusedBy(
        NOTICE,
        "`parent` is named and has had as many notices for the pupil as the law allows",
        "notice-limit",
    ),
    RefusedBy(ENTER, "no `session` is named"),
    RefusedBy(ENTER, "there is no such code", "code-unknown"),
    RefusedBy(ENTER, "the code is none of the session's day", "code-not-in-force"),
    RefusedBy(ENTER, "the code is one of the other half of the day", "code-half"),
    RefusedBy(ENTER, "the code is for pupils of another age", "code-age"),
    RefusedBy(ENTER, "the pupil is not on roll", "mark-off-roll"),
    RefusedBy(ENTER, "the pupil has no such session", "mark-no-session"),
    RefusedBy(ENTER, "the code is one for before the starting day", "mark-prospective"),
    RefusedBy(ENTER, "the code is for older year groups", "code-year-group", "advice"),
    RefusedBy(ENTER, "`#`, and the calendar has the session", "closure-in-term", "advice"),
    RefusedBy(ENTER, "`D`, and the pupil is registered at this school only", "mark-not-dual", "advice"),
    RefusedBy("change a mark because of a notice", "always: the register shows what happened"),
)
"""In the order of the actions; several may stand in the way of one."""
