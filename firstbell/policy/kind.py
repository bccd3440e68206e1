"""What is a kind of rule? A class of parameters, with what its duties are like.

The kinds themselves stand in `parameters` and `case_parameters`; the functions that look for what they ask
stand among the duties, under the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec

from firstbell.facts import KINDS as FACTS
from firstbell.facts.data import part
from firstbell.statute import Law

__all__ = [
    "Acts",
    "EachDay",
    "UnreportedCode",
    "OF_THE_FACT",
    "PUPIL_FIGURES",
    "Family",
    "Params",
    "Words",
    "about_facts",
]

Family = Literal["register", "run", "figure", "fact", "time", "calendar", "nothing"]
Words = tuple[str, ...]
EachDay: TypeAlias = Annotated[
    Literal["every day", "unless a return date was given", "the first day only"],
    part("For how long a report counts"),
]
Acts: TypeAlias = Annotated[
    Literal["when the register has closed", "when the register is saved"],
    part("From when on somebody acts, if the time has passed"),
]
UnreportedCode: TypeAlias = Annotated[
    str, part("The code of who has not been reported; empty: that for a reason not known")
]
"""What the list of a morning and its steps are both told: until when a report counts, when somebody acts."""
PUPIL_FIGURES = (
    "attendance",
    "sessions_missed",
    "sessions_possible",
    "days_missed",
    "from_on",
    "until_on",
    "absences",
    "strip",
    "late_count",
    "late_days",
)
"""What a letter about a pupil may say of their attendance, whatever the rule."""
OF_THE_FACT = "whomever the fact is about"


def about_facts(kinds: Words) -> str:
    """Whom a duty is about that follows from facts of some kinds: the pupil, where every one has one."""
    needed = [FACTS[kind].needs for kind in kinds if kind in FACTS]
    for name, says in (("enrolment", "pupil"), ("staff", "member of staff")):
        if needed and all(name in needs for needs in needed):
            return says
    return OF_THE_FACT


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a rule of one kind leaves to be said. The class's own sentence says when a duty arises."""

    kind: ClassVar[str] = ""
    family: ClassVar[Family] = "nothing"
    stricter: ClassVar[Mapping[str, Literal["lower", "higher", "more", "earlier"]]] = {}
    """By parameter, which value asks more of the school: law and policy are merged by it."""
    either: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of parameters of which one is stated, and the other left out."""
    scope: ClassVar[tuple[str, ...]] = ()
    """What it is about: a rule with another value stands beside a rule of law, not in its place."""
    gives: ClassVar[tuple[str, ...]] = PUPIL_FIGURES
    """What a letter of such a rule can say besides what every letter can."""
    form: ClassVar[str] = "task"
    """The form of its duties where the rule says none; a prompt asks, whatever the kind."""
    about_whom: ClassVar[str] = "pupil"
    """Whom its duties are about; where parameters decide it, `is_about` says which. Empty: it has none."""
    stays: ClassVar[str] = ""
    """How long a duty stays open that nobody does: a sentence for whoever looks at it later."""

    @property
    def is_about(self) -> str:
        """Whom the duties of a rule with these parameters are about."""
        return self.about_whom

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        """What the statute says, by parameter, for a rule of law that states these others itself."""
        return {}
