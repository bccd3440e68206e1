"""The facts of law and of the school as a whole: notices, returns, rewards, training, what was published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from firstbell.facts.data import Data, EnrolmentIds, FactId, Number, Pairs, Words, part, refers_to

__all__ = [
    "AwardGiven",
    "BenchmarkRecorded",
    "ConsultationHeld",
    "CourtStep",
    "DrawMade",
    "EnquiryMade",
    "MovingFormReceived",
    "NoticeConsidered",
    "NoticeEnded",
    "NoticeIssued",
    "NoticePaid",
    "NoticeWithdrawn",
    "PolicyAdopted",
    "Published",
    "ReturnSent",
    "ReviewHeld",
    "RoleGiven",
    "SchoolMeetingHeld",
    "StrategySet",
    "TrainingDone",
]


PERCENTAGE = re.compile(r"(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%?", re.ASCII)


class NoticeConsidered(Data, frozen=True, kw_only=True):
    """Somebody considered a penalty notice or a notice to improve for one parent, and what they concluded.

    It must be considered each time that the threshold is met, and nothing follows by itself.
    """

    kind: ClassVar[str] = "notice considered"
    needs: ClassVar[tuple[str, ...]] = ("enrolment", "parent")
    outcome: Annotated[
        Literal["penalty notice", "notice to improve", "more support", "prosecution", "nothing further"],
        part("what was concluded"),
    ]
    answers: Annotated[
        tuple[tuple[str, Literal["yes", "no", "does not apply"]], ...],
        part("pairs of each question that must be asked, and its answer"),
    ] = ()
    why: Annotated[Words, part("the reasons")]


class NoticeIssued(Data, frozen=True, kw_only=True):
    """A notice went to one parent for one child. The day is that of its issue."""

    kind: ClassVar[str] = "notice issued"
    needs: ClassVar[tuple[str, ...]] = ("enrolment", "parent")
    notice: Annotated[
        Literal["penalty notice", "notice to improve", "warning notice", "excluded in public place"],
        part("which"),
    ]
    received_on: Annotated[date | None, part("the day it was received, which counts as day 1")] = None
    until_on: Annotated[date | None, part("the last day of the period, for a notice to improve")] = None
    enough: Annotated[Words, part("what would be enough improvement, for a notice to improve")] = ""
    pounds: Annotated[Number | None, part("the sum of a penalty notice")] = None
    pay_by_on: Annotated[date | None, part("the last day on which it can be paid")] = None
    lower_pounds: Annotated[Number | None, part("the lower sum, if there is one")] = None
    lower_by_on: Annotated[date | None, part("the last day on which the lower sum is enough")] = None
    within_three_years: Annotated[Number | None, part("its number among those of three years: 1, 2 or 3")] = (
        None
    )
    number: Annotated[str, part("its number with whoever issued it")] = ""
    elsewhere: Annotated[bool, part("whether it was for absence at another school")] = False


class NoticePaid(Data, frozen=True, kw_only=True):
    """A penalty notice was paid. The day is that of the payment."""

    kind: ClassVar[str] = "notice paid"
    needs: ClassVar[tuple[str, ...]] = ("enrolment", "parent")
    once_per: ClassVar[str] = "notice"
    notice: Annotated[FactId, refers_to("notice issued", "the notice")]
    pounds: Annotated[Number, part("how much")]


class NoticeWithdrawn(Data, frozen=True, kw_only=True):
    """A notice was withdrawn by whoever issued it: it does not count any more."""

    kind: ClassVar[str] = "notice withdrawn"
    needs: ClassVar[tuple[str, ...]] = ("enrolment", "parent")
    once_per: ClassVar[str] = "notice"
    notice: Annotated[FactId, refers_to("notice issued", "the notice")]
    why: Annotated[Words, part("the ground")]


class NoticeEnded(Data, frozen=True, kw_only=True):
    """The period of a notice to improve was closed, early or at its end."""

    kind: ClassVar[str] = "notice ended"
    needs: ClassVar[tuple[str, ...]] = ("enrolment", "parent")
    once_per: ClassVar[str] = "notice"
    notice: Annotated[FactId, refers_to("notice issued", "the notice")]
    improved: Annotated[Literal["yes", "no"], part("whether there was enough improvement")]
    why: Annotated[Words, part("the reasons")] = ""


class CourtStep(Data, frozen=True, kw_only=True):
    """A step towards or in court: a prosecution, an education supervision order, a parenting order."""

    kind: ClassVar[str] = "court step"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    step: Annotated[
        Literal[
            "prosecution asked for",
            "written notice to the parent",
            "prosecution begun",
            "education supervision order considered",
            "education supervision order",
            "parenting order",
            "conviction",
            "ended",
        ],
        part("which"),
    ]
    offence_on: Annotated[date | None, part("the day of the offence, for a prosecution")] = None
    until_on: Annotated[date | None, part("the last day of an order")] = None
    words: Annotated[Words, part("what the court ordered")] = ""


class ReturnSent(Data, frozen=True, kw_only=True):
    """A return that the law asks for went to the local authority or the Department."""

    kind: ClassVar[str] = "return sent"
    of: Annotated[
        Literal["attendance", "sickness", "new pupil", "deletion", "daily attendance", "census", "case list"],
        part("which"),
    ]
    to: Annotated[str, part("to whom; empty for whom the law names")] = ""
    from_on: Annotated[date | None, part("the first day it covers")] = None
    until_on: Annotated[date | None, part("the last day it covers")] = None
    enrolments: Annotated[EnrolmentIds, part("whom it names, where it is not about one pupil")] = ()
    duty: Annotated[str, part("the key of the duty that it does")] = ""


class EnquiryMade(Data, frozen=True, kw_only=True):
    """The school asked where a child is: another school, neighbours, the authority. Joint ones say so."""

    kind: ClassVar[str] = "enquiry made"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    of: Annotated[str, part("whom")]
    outcome: Annotated[Literal["found", "not found", "no answer"], part("what came of it")]
    with_authority: Annotated[bool, part("whether it was made jointly with the local authority")] = False


class MovingFormReceived(Data, frozen=True, kw_only=True):
    """A parent said in writing that the pupil leaves, and where to."""

    kind: ClassVar[str] = "moving form received"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    leaving_on: Annotated[date, part("the last day at this school")]
    class_name: Annotated[str, part("the class that the form names")] = ""
    current_address: Annotated[str, part("the home address until then")] = ""
    signed_by: Annotated[str, part("the id of the parent who signed")] = ""
    new_school: Annotated[str, part("the name of the next school")] = ""
    new_school_address: Annotated[str, part("its address")] = ""
    new_address: Annotated[str, part("the new home address")] = ""


class ReviewHeld(Data, frozen=True, kw_only=True):
    """Somebody went through the figures: a week's, a half term's audit, the governors' report."""

    kind: ClassVar[str] = "review held"
    review: Annotated[str, part("its name in the policy")]
    from_on: Annotated[date | None, part("the first day it looked at")] = None
    until_on: Annotated[date | None, part("the last day it looked at")] = None
    words: Annotated[Words, part("what follows from it")] = ""


class RoleGiven(Data, frozen=True, kw_only=True):
    """A member of staff or a governor was given a role of the policy, from a day on."""

    kind: ClassVar[str] = "role given"
    needs: ClassVar[tuple[str, ...]] = ("staff",)
    role: Annotated[str, part("which, by its name in the policy")]
    until_on: Annotated[date | None, part("the last day, if it is known")] = None


class PolicyAdopted(Data, frozen=True, kw_only=True):
    """The school or its trust adopted a version of its attendance policy."""

    kind: ClassVar[str] = "policy adopted"
    policy: Annotated[str, part("the id of the policy")]
    policy_version: Annotated[str, part("which version")] = ""
    adopted_by: Annotated[str, part("who adopted it: the governors, a board")] = ""
    from_on: Annotated[date | None, part("the first day on which it is in force")] = None
    review_on: Annotated[date | None, part("when it is to be reviewed")] = None
    why: Annotated[Words, part("what changed, and why")] = ""


class ConsultationHeld(Data, frozen=True, kw_only=True):
    """People were asked what they think, of the policy or of something else."""

    kind: ClassVar[str] = "consultation held"
    about: Annotated[str, part("about what")]
    consulted: Annotated[
        tuple[str, ...], part("who: governors, teachers, other heads, the authority, parents")
    ]
    from_on: Annotated[date | None, part("the first day")] = None
    until_on: Annotated[date | None, part("the last day")] = None
    outcome: Annotated[Words, part("what they said, and what came of it")] = ""


class StrategySet(Data, frozen=True, kw_only=True):
    """The school decided what to do about poor attendance in a group, a class or all over."""

    kind: ClassVar[str] = "strategy set"
    area: Annotated[str, part("where attendance is poor: a group, a day, a reason")]
    actions: Annotated[Pairs, part("pairs of an action and whose it is")]
    measure: Annotated[str, part("by what it will be seen whether it works")] = ""
    enrolments: Annotated[EnrolmentIds, part("the pupils it is for, where they are named")] = ()
    review_on: Annotated[date | None, part("when it is to be looked at again")] = None


class SchoolMeetingHeld(Data, frozen=True, kw_only=True):
    """A meeting about several pupils or the school: with the authority, governors, other schools."""

    kind: ClassVar[str] = "school meeting held"
    meeting: Annotated[str, part("its name in the policy")]
    present: Annotated[tuple[str, ...], part("roles and ids of those who were there")] = ()
    enrolments: Annotated[EnrolmentIds, part("the pupils who were spoken of")] = ()
    outcome: Annotated[Words, part("what was agreed")] = ""
    duty: Annotated[str, part("the key of the duty that it does")] = ""


class Published(Data, frozen=True, kw_only=True):
    """Something was published or sent to all: the policy, term dates, a newsletter, news of a closure."""

    kind: ClassVar[str] = "published"
    what: Annotated[str, part("what, by its name in the policy")]
    where: Annotated[tuple[str, ...], part("where: website, newsletter, sent home ...")]
    from_on: Annotated[date | None, part("the first day it covers")] = None
    until_on: Annotated[date | None, part("the last day it covers")] = None


class BenchmarkRecorded(Data, frozen=True, kw_only=True):
    """What attendance was elsewhere in the same days, to compare the school's with."""

    kind: ClassVar[str] = "benchmark recorded"
    area: Annotated[
        Literal["trust", "local authority", "region", "national", "similar schools"], part("where")
    ]
    attendance: Annotated[str, part("the attendance there, as 93.10%")]
    from_on: Annotated[date | None, part("the first day it is for")] = None
    until_on: Annotated[date | None, part("the last day it is for")] = None
    year_group: Annotated[str, part("the year group it is for; empty for all")] = ""
    group: Annotated[str, part("the group of pupils it is for, such as SEND; empty for all")] = ""
    source: Annotated[str, part("where it is from")] = ""

    def faults(self) -> Iterator[tuple[str, str]]:
        """A percentage, with or without its sign."""
        if not PERCENTAGE.fullmatch(self.attendance):
            yield "attendance", "That is no percentage."


class TrainingDone(Data, frozen=True, kw_only=True):
    """A member of staff was trained."""

    kind: ClassVar[str] = "training done"
    needs: ClassVar[tuple[str, ...]] = ("staff",)
    training: Annotated[str, part("which, by its name in the policy")]
    occasion: Annotated[Literal["induction", "refresher", "enhanced", "other"], part("on what occasion")] = (
        "other"
    )
    covers: Annotated[tuple[str, ...], part("what it was about")] = ()


class AwardGiven(Data, frozen=True, kw_only=True):
    """A pupil or a group was rewarded, for a period."""

    kind: ClassVar[str] = "award given"
    award: Annotated[str, part("which, by its name in the policy")]
    from_on: Annotated[date | None, part("the first day it is for")] = None
    until_on: Annotated[date | None, part("the last day it is for")] = None
    prize: Annotated[str, part("what was won: a certificate, a trophy, a star, a day without uniform")] = ""
    prize_on: Annotated[date | None, part("the day of the prize, if it is not the day of the award")] = None
    enrolments: Annotated[EnrolmentIds, part("who is in the group, where it is not about one pupil")] = ()
    place: Annotated[Number | None, part("first, second or third; ties share a place")] = None


class DrawMade(Data, frozen=True, kw_only=True):
    """A raffle was drawn: from which entries, with which seed, and who won, so that it can be drawn again."""

    kind: ClassVar[str] = "draw made"
    award: Annotated[str, part("which, by its name in the policy")]
    seed: Annotated[str, part("what the draw was made from")]
    entries: Annotated[EnrolmentIds, part("who took part, in their order")]
    winners: Annotated[EnrolmentIds, part("who won")]
    phase: Annotated[str, part("the part of the school that it was drawn for")] = ""
    prizes: Annotated[tuple[str, ...], part("what they won, in their order")] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        """Only those who took part can win, and nobody twice."""
        if not {*self.winners} <= {*self.entries} or len({*self.winners}) != len(self.winners):
            yield "winners", "Somebody is named who did not take part, or is named twice."
