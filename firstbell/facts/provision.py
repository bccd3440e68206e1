"""The facts of education that is not the usual: part-time, elsewhere, at home, with a licence, excluded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from firstbell.facts.data import Data, FactId, Number, Pairs, Words, part, refers_to

__all__ = [
    "Excluded",
    "PerformanceLicensed",
    "ProviderReported",
    "ProvisionAgreed",
    "ProvisionChecked",
    "RemoteEducationArranged",
    "RiskAssessed",
    "SeenInPublic",
    "TaughtElsewhere",
    "TimetableAgreed",
    "TimetableReviewed",
]


class RiskAssessed(Data, frozen=True, kw_only=True):
    """Somebody looked at what could go wrong for a pupil, before or during an arrangement."""

    kind: ClassVar[str] = "risk assessed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    of: Annotated[
        Literal["part-time timetable", "provision elsewhere", "remote education", "absence", "other"],
        part("of what"),
    ]
    outcome: Annotated[Literal["safe", "safe with measures", "not safe"], part("what was found")]
    measures: Annotated[Pairs, part("pairs of a measure and whose it is")] = ()
    review_on: Annotated[date | None, part("when it is to be looked at again")] = None


class TimetableAgreed(Data, frozen=True, kw_only=True):
    """A pupil attends part-time for a while, as child, parents and school agreed."""

    kind: ClassVar[str] = "timetable agreed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    from_on: Annotated[date, part("the first day")]
    until_on: Annotated[date, part("the last day; full time again after it")]
    times: Annotated[
        Pairs, part("when the pupil attends: pairs of a day or a week, and the times, as 09:00-12:00")
    ]
    why: Annotated[Words, part("why, and what is to be reached")]
    review_on: Annotated[tuple[date, ...], part("the days of its reviews")] = ()
    work: Annotated[Words, part("what is expected of the pupil off site")] = ""
    assessment: Annotated[FactId | None, refers_to("risk assessed", "the risk assessment")] = None
    extends: Annotated[FactId | None, refers_to("timetable agreed", "the timetable that it extends")] = None
    agreed_by: Annotated[tuple[str, ...], part("the ids of those who agreed")] = ()


class TimetableReviewed(Data, frozen=True, kw_only=True):
    """A part-time timetable was looked at with the family."""

    kind: ClassVar[str] = "timetable reviewed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    timetable: Annotated[FactId, refers_to("timetable agreed", "the timetable")]
    outcome: Annotated[Literal["goes on", "more time", "full time again", "ended"], part("what follows")]
    words: Annotated[Words, part("what worked and what did not")] = ""


class ProvisionAgreed(Data, frozen=True, kw_only=True):
    """A pupil is to be taught elsewhere: alternative provision, a tutor, a therapist, another school."""

    kind: ClassVar[str] = "provision agreed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    provider: Annotated[str, part("the name of the provider")]
    of: Annotated[
        Literal["alternative provision", "tuition", "therapy", "hospital", "another school", "study leave"],
        part("of which sort"),
    ]
    from_on: Annotated[date, part("the first day")]
    until_on: Annotated[date | None, part("the last day, if it is known")] = None
    full_time: Annotated[bool, part("whether it is full-time education, with that of the school")] = True
    outcomes: Annotated[Words, part("what is to be reached, agreed beforehand")] = ""
    times: Annotated[Pairs, part("when: pairs of a day and the times")] = ()
    allowed_by: Annotated[str, part("the id of whoever allowed it")] = ""


class ProvisionChecked(Data, frozen=True, kw_only=True):
    """Somebody checked that a provider is safe and teaches well."""

    kind: ClassVar[str] = "provision checked"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    provision: Annotated[FactId, refers_to("provision agreed", "the provision")]
    of: Annotated[Literal["safeguarding", "quality", "progress"], part("what was checked")]
    outcome: Annotated[Literal["good", "to be improved", "not good enough"], part("what was found")]
    words: Annotated[Words, part("what was seen")] = ""


class ProviderReported(Data, frozen=True, kw_only=True):
    """A provider said, by the daily call or otherwise, whether a pupil came and is safe."""

    kind: ClassVar[str] = "provider reported"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    provision: Annotated[FactId, refers_to("provision agreed", "the provision")]
    attended: Annotated[Literal["yes", "late", "no"], part("whether the pupil came")]
    halves: Annotated[Literal["both", "AM", "PM"], part("which sessions of the day are meant")] = "both"
    safe: Annotated[Literal["yes", "no", "not asked"], part("whether there is a concern for safety")] = (
        "not asked"
    )
    words: Annotated[Words, part("what was said")] = ""


class RemoteEducationArranged(Data, frozen=True, kw_only=True):
    """A pupil, or a part of the school, is taught at a distance for a while."""

    kind: ClassVar[str] = "remote education arranged"
    why: Annotated[Words, part("why the pupil cannot be there, or the school cannot open")]
    from_on: Annotated[date, part("the first day")]
    until_on: Annotated[date | None, part("the last day, if it is known")] = None
    consulted: Annotated[tuple[str, ...], part("who was asked: parents, pupil, authority, doctor")] = ()
    adjustments: Annotated[Words, part("adjustments, and what was lent")] = ""
    one_to_one: Annotated[bool, part("whether one-to-one video was allowed")] = False
    approved_by: Annotated[str, part("the id of whoever approved it")] = ""


class TaughtElsewhere(Data, frozen=True, kw_only=True):
    """How long a pupil was taught on a day outside school, such as under a licence."""

    kind: ClassVar[str] = "taught elsewhere"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    minutes: Annotated[Number, part("how many minutes")]
    licence: Annotated[FactId | None, refers_to("performance licensed", "the licence")] = None
    taught_by: Annotated[str, part("who taught")] = ""

    def faults(self) -> Iterator[tuple[str, str]]:
        """Nobody is taught longer than a day."""
        if self.minutes > 24 * 60:
            yield "minutes", "That is more than a day has."


class PerformanceLicensed(Data, frozen=True, kw_only=True):
    """A local authority licensed a pupil to take part in performances."""

    kind: ClassVar[str] = "performance licensed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    authority: Annotated[str, part("which authority")]
    from_on: Annotated[date, part("the first day")]
    until_on: Annotated[date, part("the last day")]
    number: Annotated[str, part("the number of the licence")] = ""
    days_on: Annotated[tuple[date, ...], part("the days of absence that it names")] = ()
    teaching: Annotated[Words, part("the arrangements for teaching that the authority approved")] = ""


class Excluded(Data, frozen=True, kw_only=True):
    """A pupil was suspended or permanently excluded. The day is that of the decision."""

    kind: ClassVar[str] = "excluded"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    how: Annotated[Literal["suspended", "permanently excluded"], part("which")]
    from_on: Annotated[date, part("the first day")]
    until_on: Annotated[date | None, part("the last day of a suspension")] = None
    parents_told_on: Annotated[
        date | None, part("the day on which parents were told of the days the child must be at home")
    ] = None
    at_home_until_on: Annotated[
        date | None, part("the last of the first five days, on which the child must not be in public")
    ] = None
    arranged_from_on: Annotated[date | None, part("the day from which other education is arranged")] = None
    why: Annotated[Words, part("the reason")] = ""


class SeenInPublic(Data, frozen=True, kw_only=True):
    """A pupil was in a public place in school hours, on a day of an exclusion on which they must not be."""

    kind: ClassVar[str] = "seen in public"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    exclusion: Annotated[FactId, refers_to("excluded", "the exclusion")]
    place: Annotated[str, part("where")] = ""
    justified: Annotated[Literal["yes", "no", "not known"], part("whether there was a good reason")] = (
        "not known"
    )
