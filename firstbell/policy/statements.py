"""What can a clause be known to state, so that it can be held against the law and against other clauses?

Rules carry out what a clause promises as the law allows it. What the clause itself states may be another
thing: that it is the child's religious body that counts, that removal follows after any absence. Such a
statement is one word of a closed list, written beside the clause; the law's own clauses have theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["STATED", "Stated", "fault_of_statement"]


@dataclass(frozen=True)
class Stated:
    """A matter on which a clause can state something: what it is about, and what may stand there.

    `values` maps each word to what it says of the matter, as a sentence goes on: "... is that of the child".
    """

    matter: str
    values: Mapping[str, str]
    source: str = ""
    """What the law's word rests on, where no rule of law that carries out its clause has it as its source."""


STATED: Mapping[str, Stated] = {
    "absence_judged_by": Stated(
        "whether an absence is authorised",
        {
            "its own facts": "is decided on the facts of each absence",
            "attendance": "is decided by the pupil's attendance, whatever the reason was",
        },
    ),
    "evidence_of_illness": Stated(
        "evidence of illness",
        {
            "genuine doubt": "is asked for only where somebody genuinely and reasonably doubts the illness",
            "always": "is asked for before any illness is authorised",
            "below a percentage": "is asked for whenever attendance is below a percentage",
            "after a number": "is asked for after a length or a number of illnesses",
        },
    ),
    "evidence_must_say": Stated(
        "evidence of illness",
        {
            "that the pupil was ill": "can have any form that shows that the pupil was ill",
            "that the pupil must be absent": "has to be a professional's word that the pupil must be absent",
        },
    ),
    "persistent_absence": Stated(
        "persistent absence",
        {
            "missed 10% or more": "begins where 10% of the possible sessions are missed, at 90.0%",
            "attended less than 90%": "begins below 90%, so that 90.0% is none",
        },
    ),
    "severe_absence": Stated(
        "severe absence",
        {
            "missed 50% or more": "begins where half of the possible sessions are missed, at 50.0%",
            "missed more than 50%": "begins where more than half is missed, so that 50.0% is none",
            "attended less than 80%": "begins below 80%",
        },
    ),
    "late_counts_as": Stated(
        "a pupil who is late before the register closes",
        {"present": "counts as present", "authorised absence": "counts as an authorised absence"},
    ),
    "unknown_reason_entered_as": Stated(
        "an absence of which nobody knows the reason",
        {
            "not yet established": "is entered as a reason not yet established, and put right within days",
            "unauthorised": "is entered as unauthorised at once",
        },
    ),
    "closure_code_is_for": Stated(
        "the code for a planned closure",
        {
            "the whole school": "is for the whole school only",
            "part of the school": "is for a part of the school as well",
        },
        "SI 2024/208, reg 10, Table of codes",
    ),
    "religious_body_of": Stated(
        "the religious body that sets a day apart",
        {
            "the parent": "is the parent's",
            "the family": "is the family's",
            "the child": "is the child's",
        },
    ),
    "travel_code_is_for": Stated(
        "the code for a pupil who travels with a parent",
        {
            "the parent's trade": "is for a parent whose trade or business requires it",
            "a community": "is for members of some communities",
        },
        "SI 2024/208, reg 10, Table of codes",
    ),
    "sickness_return_at": Stated(
        "the return on a pupil's sickness",
        {
            "15 days": "is made where 15 school days will be missed",
            "more than 15 days": "is made where more than 15 school days will be missed",
        },
    ),
    "deletion_follows": Stated(
        "taking a name off the roll for absence",
        {
            "joint enquiries": "follows once school and authority have looked together, on G, N or O",
            "any unauthorised absence": "follows when the days of unauthorised absence have passed",
        },
    ),
    "missing_education_means": Stated(
        "a child missing education",
        {
            "on no roll": "is on no school's roll and not suitably educated elsewhere",
            "no contact": "is on roll, and nobody has been in contact for some days",
        },
    ),
    "notice_considered_for": Stated(
        "a penalty notice",
        {
            "unauthorised sessions": "is considered for unauthorised sessions that reach the threshold",
            "attendance": "is tied to a percentage of attendance",
            "behaviour": "is said to follow certain absences, with no threshold",
        },
    ),
    "notices_counted_for": Stated(
        "the limit of two penalty notices in three years",
        {
            "parent and child": "is counted for each parent and each child",
            "parent": "is counted for each parent",
        },
    ),
    "marks_follow_notice": Stated(
        "an absence for which no notice is issued",
        {"no": "keeps the code of what happened", "yes": "may be recorded as authorised for that reason"},
    ),
    "order_is_extended": Stated(
        "an education supervision order",
        {
            "up to 3 years at a time": "is extended on application in its last 3 months, by up to 3 years",
            "3 months at a time": "is extended by 3 months at a time, up to 3 years",
        },
    ),
}
"""By key, what a clause can state. A key or a word is added here and nowhere else."""


def fault_of_statement(key: str, value: object) -> str | None:
    """What is wrong with a statement of a clause; None for a sound one."""
    if key not in STATED:
        return f'a clause cannot state "{key}". It can: {", ".join(STATED)}.'
    if value not in STATED[key].values:
        return f'"{key}" is one of: {", ".join(STATED[key].values)}.'
    return None
