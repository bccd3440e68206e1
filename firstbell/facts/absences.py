"""The facts of a morning: who reported what, who was tried, who came late, who left, who was seen safe."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, ClassVar, Literal, TypeAlias

from firstbell.facts.data import Data, EnrolmentIds, FactId, Number, PersonId, Words, part, refers_to

__all__ = [
    "AbsenceReason",
    "AbsenceReported",
    "Arrived",
    "Channel",
    "ChargeDecided",
    "ClosureDeclared",
    "CollectedLate",
    "ContactTried",
    "DoubtRecorded",
    "EvidenceAsked",
    "EvidenceReceived",
    "FoundSafe",
    "LateGateHeld",
    "LatenessReported",
    "LeftSite",
    "MessageSent",
    "ReplyReceived",
    "ReturnedToSite",
    "VisitMade",
]

Channel: TypeAlias = Literal[
    "phone", "text", "e-mail", "app", "letter", "in person", "website", "authority website"
]
AbsenceReason: TypeAlias = Literal[
    "illness",
    "medical appointment",
    "dental appointment",
    "appointment of a sibling or parent",
    "bereavement",
    "funeral",
    "family emergency",
    "religious observance",
    "holiday",
    "day trip",
    "birthday",
    "visiting or visited by relatives",
    "shopping",
    "looking after others",
    "lack of childcare",
    "late night",
    "minor ailment",
    "no transport",
    "school transport did not come",
    "travel delay",
    "weather",
    "interview",
    "performance",
    "exclusion",
    "reluctance to attend",
    "parent travels for work",
    "other",
    "none given",
]
"""In the school's words, not the parent's: what a person who took the call made of it."""


class AbsenceReported(Data, frozen=True, kw_only=True):
    """Somebody told the school that a pupil is or will be absent. The day is the first that is meant."""

    kind: ClassVar[str] = "absence reported"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    reason: Annotated[AbsenceReason, part("what for, in the school's words")]
    reported_by: Annotated[PersonId | Literal["pupil", "other"], part("who reported it")] = "other"
    channel: Annotated[Channel, part("how")] = "phone"
    until_on: Annotated[date | None, part("the last day of absence that was stated")] = None
    back_on: Annotated[date | None, part("the day of return that was stated")] = None
    away_from: Annotated[time | None, part("for part of a day, such as an appointment: from when")] = None
    away_until: Annotated[time | None, part("for part of a day: until when")] = None
    days_expected: Annotated[Number | None, part("how many school days were stated")] = None
    halves: Annotated[Literal["both", "AM", "PM"], part("which sessions of the day are meant")] = "both"
    unavoidable_evidence: Annotated[bool, part("whether evidence that the policy asks for was shown")] = False
    words: Annotated[Words, part("what was said")] = ""


class LatenessReported(Data, frozen=True, kw_only=True):
    """Somebody told the school that a pupil will come late, or be collected late."""

    kind: ClassVar[str] = "lateness reported"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    of: Annotated[Literal["arrival", "collection"], part("which of the two will be late")] = "arrival"
    expected_at: Annotated[time | None, part("when the pupil, or whoever collects, will come")] = None
    reason: Annotated[AbsenceReason, part("why")] = "none given"
    channel: Annotated[Channel, part("how the school was told")] = "phone"
    reported_by: Annotated[str, part("the id of whoever reported it")] = ""
    words: Annotated[Words, part("what was said")] = ""


class ContactTried(Data, frozen=True, kw_only=True):
    """The school tried to reach somebody about a pupil, on a step of the morning's ladder or otherwise."""

    kind: ClassVar[str] = "contact tried"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    channel: Annotated[Channel, part("how")]
    outcome: Annotated[
        Literal["reached", "message left", "no answer", "wrong number", "refused"], part("what came of it")
    ]
    contact: Annotated[str, part("the id of the contact who was tried")] = ""
    purpose: Annotated[
        Literal[
            "unexplained absence",
            "welfare check",
            "attendance",
            "punctuality",
            "late collection",
            "missing during the day",
            "regular contact",
            "other",
        ],
        part("what for"),
    ] = "unexplained absence"
    reason_given: Annotated[AbsenceReason | None, part("the reason given, if somebody gave one")] = None
    words: Annotated[Words, part("what was said")] = ""


class MessageSent(Data, frozen=True, kw_only=True):
    """A text, an e-mail or a message in the app went out."""

    kind: ClassVar[str] = "message sent"
    channel: Annotated[Channel, part("how")]
    message: Annotated[str, part("the name of the message in the policy")]
    to: Annotated[tuple[str, ...], part("the ids of those it went to; empty for everybody")] = ()
    duty: Annotated[str, part("the key of the duty that it does")] = ""


class ReplyReceived(Data, frozen=True, kw_only=True):
    """Somebody answered a message, a call or a letter."""

    kind: ClassVar[str] = "reply received"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    channel: Annotated[Channel, part("how")]
    reply_from: Annotated[str, part("the id of the contact")] = ""
    answers: Annotated[FactId | None, refers_to("", "the fact that it answers")] = None
    reason: Annotated[AbsenceReason | None, part("the reason given, if one was")] = None
    words: Annotated[Words, part("what was said")] = ""


class Arrived(Data, frozen=True, kw_only=True):
    """A pupil arrived after the doors were shut: an entry of the late book. `at` is the minute."""

    kind: ClassVar[str] = "arrived"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    reason: Annotated[AbsenceReason, part("why so late")] = "none given"
    brought_by: Annotated[str, part("who came with the pupil")] = ""
    signed_in_by: Annotated[str, part("who wrote it into the late book")] = ""
    escorted: Annotated[bool, part("whether staff went to the classroom with the pupil")] = False
    words: Annotated[Words, part("what was said")] = ""


class LateGateHeld(Data, frozen=True, kw_only=True):
    """Staff stood at the gate and greeted those who came late."""

    kind: ClassVar[str] = "late gate held"
    greeted: Annotated[Number, part("how many pupils")]
    enrolments: Annotated[EnrolmentIds, part("which pupils, where they were noted")] = ()
    staff: Annotated[tuple[str, ...], part("the ids of the staff")] = ()


class LeftSite(Data, frozen=True, kw_only=True):
    """A pupil left during the day. `at` is the minute."""

    kind: ClassVar[str] = "left site"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    reason: Annotated[AbsenceReason, part("why")]
    with_adult: Annotated[str, part("the adult who signed the pupil out; empty for none")] = ""
    allowed_by: Annotated[str, part("the id of the member of staff who let the pupil go")] = ""
    back_expected_at: Annotated[time | None, part("when the pupil was to be back")] = None
    evidence: Annotated[
        Literal["none", "card", "letter", "prescription", "other"], part("the evidence that was shown")
    ] = "none"


class ReturnedToSite(Data, frozen=True, kw_only=True):
    """A pupil who had left came back the same day."""

    kind: ClassVar[str] = "returned to site"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)


class FoundSafe(Data, frozen=True, kw_only=True):
    """The school is satisfied that an absent pupil is safe, and how it knows."""

    kind: ClassVar[str] = "found safe"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    how: Annotated[
        Literal["spoke to parent", "spoke to pupil", "seen at visit", "another service", "in school"],
        part("how the school knows"),
    ]


class VisitMade(Data, frozen=True, kw_only=True):
    """Somebody went to a pupil's home."""

    kind: ClassVar[str] = "visit made"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    outcome: Annotated[
        Literal["child seen", "parent seen", "nobody in", "refused", "moved away"], part("what was found")
    ]
    announced: Annotated[bool, part("whether the family knew of it before")] = False
    visited_by: Annotated[tuple[str, ...], part("the ids of those who went")] = ()
    reason_given: Annotated[AbsenceReason | None, part("the reason given, if one was")] = None
    words: Annotated[Words, part("what was seen and said")] = ""


class EvidenceAsked(Data, frozen=True, kw_only=True):
    """The school asked for evidence of a reason. For illness that needs a doubt that somebody recorded."""

    kind: ClassVar[str] = "evidence asked"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    of: Annotated[
        Literal["illness", "appointment", "travel", "religious observance", "performance", "other"],
        part("of what"),
    ]
    doubt: Annotated[FactId | None, refers_to("doubt recorded", "the doubt, for illness")] = None
    by_on: Annotated[date | None, part("the day by which it is to be there")] = None
    from_on: Annotated[date | None, part("the first day it is about")] = None
    until_on: Annotated[date | None, part("the last day it is about")] = None


class EvidenceReceived(Data, frozen=True, kw_only=True):
    """A parent gave evidence, in whatever form, a conversation included."""

    kind: ClassVar[str] = "evidence received"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    of: Annotated[
        Literal[
            "illness",
            "appointment",
            "travel",
            "flight tickets",
            "religious observance",
            "performance",
            "medical recommendation",
            "other",
        ],
        part("of what"),
    ]
    form: Annotated[
        Literal["card", "letter", "prescription", "medicine", "tickets", "conversation", "other"],
        part("what was shown"),
    ]
    returns_on: Annotated[date | None, part("the day of the return that flight tickets name")] = None
    accepted: Annotated[Literal["yes", "no", "not yet decided"], part("whether it was enough")] = (
        "not yet decided"
    )
    from_overseas: Annotated[bool, part("whether it was written abroad")] = False
    from_on: Annotated[date | None, part("the first day it is about")] = None
    until_on: Annotated[date | None, part("the last day it is about")] = None


class DoubtRecorded(Data, frozen=True, kw_only=True):
    """Somebody has a genuine and reasonable doubt that a reported illness is one, and says why."""

    kind: ClassVar[str] = "doubt recorded"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    why: Annotated[Words, part("the reason for the doubt")]
    from_on: Annotated[date | None, part("the first day it is about")] = None
    until_on: Annotated[date | None, part("the last day it is about")] = None


class CollectedLate(Data, frozen=True, kw_only=True):
    """A pupil was collected late after school or an activity. `at` is the minute."""

    kind: ClassVar[str] = "collected late"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    notified_at: Annotated[datetime | None, part("when the school was told that it would be late")] = None
    collected_by: Annotated[str, part("who came for the pupil")] = ""
    after: Annotated[str, part("after what: school, or the name of an activity")] = "school"
    emergency: Annotated[bool, part("whether a genuine unforeseen emergency was stated")] = False
    words: Annotated[Words, part("the reason given")] = ""


class ChargeDecided(Data, frozen=True, kw_only=True):
    """Somebody decided whether late collection is charged for, and why."""

    kind: ClassVar[str] = "charge decided"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    once_per: ClassVar[str] = "collection"
    collection: Annotated[FactId, refers_to("collected late", "the late collection")]
    charged: Annotated[Literal["yes", "no"], part("the decision")]
    pence: Annotated[Number, part("how much, in pence")] = 0
    why: Annotated[Words, part("the reason")] = ""


class ClosureDeclared(Data, frozen=True, kw_only=True):
    """The school, or a part of it, closed without having planned to. The day is the first of it."""

    kind: ClassVar[str] = "closure declared"
    why: Annotated[Words, part("why")]
    until_on: Annotated[date | None, part("the last day; empty for the same day")] = None
    year_groups: Annotated[tuple[str, ...], part("which year groups; empty for all")] = ()
    code: Annotated[str, part("the code that the law has for it")] = "Y4"
