"""What may refuse each action, and what is only advice: a list for whoever writes scenarios.

`permission` looks; here it is said in words. A test holds every refusal that a scenario meets against the
list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["BY_RULES_ONLY", "REFUSALS", "RefusedBy"]

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
EXCLUSION = "issue an exclusion notice"
PROSECUTE = "ask for prosecution"
DISPOSE = "dispose of register entries"
BY_RULES_ONLY = (
    *("take a legal step", "start a part-time timetable", "start provision elsewhere"),
    *("start remote education", "hold a one-to-one video lesson", "agree a plan"),
    *("let a pupil leave early", "take away a privilege", "visit a home"),
)
"""What nothing refuses but gates, and rules that keep an action for some roles."""
REFUSALS: tuple[RefusedBy, ...] = (
    RefusedBy(
        ANY, "a rule keeps it for some roles, and `role` is another; without `role` nobody asks", "reserved"
    ),
    RefusedBy(
        ANY,
        "a gate of the policy stands before it: what it needs was not recorded by then, or nothing opens it",
        "gate",
    ),
    RefusedBy(
        ANY, "the same, where the rule says that a person may do it all the same", "gate", "overridable"
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
            ("leave at assessments", "it is for days of assessments, or for school days just before them"),
            ("leave applicant", "the policy wants another applicant, its form, or a licence"),
            ("leave reason", "its reason is one that the policy refuses"),
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
        "the ground needs an absence of some school days, and the unexplained absence that goes on, or that "
        "since leave ended, has fewer",
        "deletion-too-early",
    ),
    RefusedBy(
        DELETE,
        "the ground needs enquiries together with the authority, and no *enquiry made* says that they found "
        "nobody",
        "deletion-enquiries",
    ),
    RefusedBy(
        DELETE,
        "the ground is leave that ended, and a mark since says that the pupil was ill or could not come",
        "deletion-cause",
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
    RefusedBy(
        NOTICE,
        "a question of the rule has no answer in the last *notice considered* about the pupil (and the "
        "parent, if one is named)",
        "threshold",
    ),
    RefusedBy(NOTICE, "the pupil is under an education supervision order, by a *court step*"),
    RefusedBy(
        NOTICE,
        "`parent` is named and has had as many notices for the pupil as the law allows",
        "notice-limit",
    ),
    RefusedBy(EXCLUSION, "the pupil is not of compulsory school age"),
    RefusedBy(EXCLUSION, "no *seen in public* about the pupil was recorded, or `request` is none"),
    RefusedBy(EXCLUSION, "it was on none of the days of the exclusion on which the pupil has to be at home"),
    RefusedBy(EXCLUSION, "no parent had been told of these days by then"),
    RefusedBy(EXCLUSION, "there was a good reason for it"),
    RefusedBy(EXCLUSION, "nobody has said whether there was a good reason for it", outcome="overridable"),
    RefusedBy(PROSECUTE, "the pupil was not of compulsory school age", "prosecution-age"),
    RefusedBy(PROSECUTE, "an education supervision order is in force", "prosecution-supervision-order"),
    RefusedBy(
        PROSECUTE,
        "the time is over in which proceedings can be begun for the last offence that a *court step* names",
        "prosecution-late",
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
    RefusedBy(ENTER, "`#`, and the calendar has the session for some year group", "closure-in-term"),
    RefusedBy(ENTER, "`D`, and the pupil is registered at this school only", "mark-not-dual", "advice"),
    RefusedBy(
        ENTER,
        "it is the rule's code, and no part-time timetable covers the day: none was agreed, its weeks are "
        "over, or an extension names no days of review",
        "part-time timetable",
    ),
    RefusedBy("change a mark because of a notice", "always: the register shows what happened"),
    RefusedBy(DISPOSE, "no `session` is named"),
    RefusedBy(DISPOSE, "an entry for it, or an amendment, is younger than the rule's years", "retention"),
    *(
        RefusedBy(action, "never for itself: only a rule of the policy stands before it", "gate")
        for action in BY_RULES_ONLY
    ),
)
"""In the order of the actions; several may stand in the way of one."""
