"""The facts of working with a family: letters, meetings, plans, decisions, leave, flags, help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal, TypeAlias

from firstbell.facts.absences import AbsenceReason, Channel
from firstbell.facts.data import Data, FactId, Number, Pairs, Words, part, refers_to

__all__ = [
    "Agency",
    "AssessmentMade",
    "BarrierFound",
    "ComplaintReceived",
    "ConcernRaised",
    "ConsentGiven",
    "ContactDetailsChanged",
    "DecisionMade",
    "DutyAssigned",
    "DutyDeferred",
    "DutyDone",
    "DutyWithheld",
    "FlagEnded",
    "FlagSet",
    "InformationShared",
    "LeaveAsked",
    "LeaveDecided",
    "LetterSent",
    "LetterWithheld",
    "MeetingHeld",
    "MeetingInvited",
    "PlanAgreed",
    "PlanEnded",
    "PlanReviewed",
    "ProfessionalTold",
    "PupilSpokenTo",
    "ReferralMade",
    "Retraction",
    "ReturnDelayed",
    "StageSet",
    "SupportEnded",
    "SupportGiven",
    "TargetReviewed",
    "TargetSet",
]

Agency: TypeAlias = Literal[
    "local authority",
    "education welfare service",
    "attendance service",
    "school nurse",
    "doctor or hospital",
    "mental health service",
    "early help",
    "family support",
    "children's social care",
    "social worker",
    "youth offending team",
    "virtual school",
    "another school",
    "police",
    "other",
]


class Retraction(Data, frozen=True, kw_only=True):
    """A fact was recorded by mistake. The fact stays visible; it does not stand any more."""

    kind: ClassVar[str] = "retraction"
    takes_back: ClassVar[bool] = True
    why: Annotated[Words, part("the mistake")]


class DutyDone(Data, frozen=True, kw_only=True):
    """A duty was done, and there is nothing more to say of it than that."""

    kind: ClassVar[str] = "duty done"
    once_per: ClassVar[str] = "duty"
    against: ClassVar[tuple[str, ...]] = ("duty withheld",)
    duty: Annotated[str, part("its key")]
    words: Annotated[Words, part("what was done")] = ""


class DutyWithheld(Data, frozen=True, kw_only=True):
    """Somebody decided not to do a duty, and says why."""

    kind: ClassVar[str] = "duty withheld"
    once_per: ClassVar[str] = "duty"
    against: ClassVar[tuple[str, ...]] = ("duty done",)
    duty: Annotated[str, part("its key")]
    why: Annotated[Words, part("the reason")]


class DutyAssigned(Data, frozen=True, kw_only=True):
    """A duty was given to somebody else. The last of several holds."""

    kind: ClassVar[str] = "duty assigned"
    duty: Annotated[str, part("its key")]
    to_role: Annotated[str, part("the role that owes it now")]
    to: Annotated[str, part("the id of the person")] = ""


class DutyDeferred(Data, frozen=True, kw_only=True):
    """A duty waits until a day, and somebody says why. The last of several holds."""

    kind: ClassVar[str] = "duty deferred"
    duty: Annotated[str, part("its key")]
    until_on: Annotated[date, part("the day from which it is due again")]
    why: Annotated[Words, part("the reason")]


class DecisionMade(Data, frozen=True, kw_only=True):
    """Somebody answered a question that the policy or the law asks of a person."""

    kind: ClassVar[str] = "decision made"
    once_per: ClassVar[str] = "duty"
    question: Annotated[str, part("the question, by its name in the policy")]
    answer: Annotated[str, part("yes, no, or one of the answers that are offered")]
    why: Annotated[Words, part("the reason")] = ""
    duty: Annotated[str, part("the key of the prompt that it answers; empty if nobody was asked")] = ""
    from_on: Annotated[date | None, part("the first day it is about")] = None
    until_on: Annotated[date | None, part("the last day it is about")] = None


class LetterSent(Data, frozen=True, kw_only=True):
    """A letter went out. The day is that of its posting."""

    kind: ClassVar[str] = "letter sent"
    once_per: ClassVar[str] = "duty"
    against: ClassVar[tuple[str, ...]] = ("letter withheld",)
    letter: Annotated[str, part("its name in the policy")]
    to: Annotated[tuple[str, ...], part("the ids of the parents it went to")] = ()
    channel: Annotated[Channel, part("how")] = "letter"
    duty: Annotated[str, part("the key of the duty that it does")] = ""
    document: Annotated[str, part("the digest of what was sent")] = ""


class LetterWithheld(Data, frozen=True, kw_only=True):
    """A letter that the policy asks for was not sent, and somebody says why."""

    kind: ClassVar[str] = "letter withheld"
    once_per: ClassVar[str] = "duty"
    against: ClassVar[tuple[str, ...]] = ("letter sent",)
    letter: Annotated[str, part("its name in the policy")]
    why: Annotated[Words, part("the reason")]
    duty: Annotated[str, part("the key of the duty")] = ""


class MeetingInvited(Data, frozen=True, kw_only=True):
    """Somebody was asked to a meeting. The day of the meeting is `meeting_on`."""

    kind: ClassVar[str] = "meeting invited"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    meeting: Annotated[str, part("its name in the policy")]
    meeting_on: Annotated[date, part("the day it is to be held")]
    invited: Annotated[tuple[str, ...], part("the ids of those who were asked")] = ()


class MeetingHeld(Data, frozen=True, kw_only=True):
    """A meeting took place, or was to and the parents did not come."""

    kind: ClassVar[str] = "meeting held"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    meeting: Annotated[str, part("its name in the policy")]
    attended: Annotated[Literal["yes", "no"], part("whether a parent came")] = "yes"
    present: Annotated[tuple[str, ...], part("roles and ids of those who were there")] = ()
    outcome: Annotated[Words, part("what was agreed")] = ""
    duty: Annotated[str, part("the key of the duty that it does")] = ""


class PlanAgreed(Data, frozen=True, kw_only=True):
    """A plan was agreed with a family: who does what, and when it is looked at again."""

    kind: ClassVar[str] = "plan agreed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    plan: Annotated[
        Literal[
            "support plan",
            "attendance contract",
            "attendance improvement plan",
            "individual healthcare plan",
            "medical absence plan",
            "care plan",
            "pastoral support plan",
            "personal education plan",
            "reasonable adjustments",
            "whole-family plan",
            "early help plan",
            "action plan",
            "reintegration plan",
        ],
        part("which kind"),
    ]
    review_on: Annotated[date | None, part("when it is to be reviewed")] = None
    until_on: Annotated[date | None, part("its last day")] = None
    roles: Annotated[Pairs, part("who has a part in it, and which: pairs of a person and what they do")] = ()
    actions: Annotated[Pairs, part("what was agreed: pairs of an action and whose it is")] = ()
    views: Annotated[Pairs, part("needs and issues: pairs of whose view it is and what they say")] = ()
    goals: Annotated[Words, part("what it aims at")] = ""
    present: Annotated[tuple[str, ...], part("roles and ids of those who were there")] = ()
    venue: Annotated[str, part("where it was agreed")] = ""
    signed_by: Annotated[
        tuple[str, ...], part("the ids of those who signed: parents, the pupil, school, agencies")
    ] = ()


class PlanReviewed(Data, frozen=True, kw_only=True):
    """A plan was looked at again with the family."""

    kind: ClassVar[str] = "plan reviewed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    plan: Annotated[FactId, refers_to("plan agreed", "the plan")]
    improved: Annotated[Literal["yes", "no", "in part"], part("what a person made of it")]
    review_on: Annotated[date | None, part("when it is to be reviewed next")] = None
    present: Annotated[tuple[str, ...], part("roles and ids of those who were there")] = ()
    words: Annotated[Words, part("what worked, what did not, what changes")] = ""


class PlanEnded(Data, frozen=True, kw_only=True):
    """A plan came to its end."""

    kind: ClassVar[str] = "plan ended"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    once_per: ClassVar[str] = "plan"
    plan: Annotated[FactId, refers_to("plan agreed", "the plan")]
    why: Annotated[Literal["met", "not kept", "withdrawn", "left", "replaced"], part("why")]


class StageSet(Data, frozen=True, kw_only=True):
    """Somebody put a case into a stage of the policy. A policy suggests a stage and never sets one."""

    kind: ClassVar[str] = "stage set"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    stage: Annotated[str, part("its name in the policy")]
    why: Annotated[Words, part("the reason")] = ""


class SupportGiven(Data, frozen=True, kw_only=True):
    """Support was offered or given: an adjustment, a reward of one's own, a call before things get worse."""

    kind: ClassVar[str] = "support given"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    support: Annotated[str, part("which, by its name in the policy or in a few words")]
    accepted: Annotated[Literal["yes", "no", "not known"], part("whether the family took it up")] = (
        "not known"
    )
    given_by: Annotated[str, part("who gives it: a role, a person or an agency")] = ""
    barrier: Annotated[FactId | None, refers_to("barrier found", "the barrier that it is for")] = None
    review_on: Annotated[date | None, part("when it is to be looked at again")] = None
    words: Annotated[Words, part("what was offered")] = ""


class SupportEnded(Data, frozen=True, kw_only=True):
    """Support that was given came to its end."""

    kind: ClassVar[str] = "support ended"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    once_per: ClassVar[str] = "support"
    support: Annotated[FactId, refers_to("support given", "the support")]
    why: Annotated[Words, part("why")] = ""


class BarrierFound(Data, frozen=True, kw_only=True):
    """What keeps a pupil from school was found, with the family or by looking at what else is known."""

    kind: ClassVar[str] = "barrier found"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    where: Annotated[Literal["in school", "out of school", "both"], part("where it lies")]
    of: Annotated[
        Literal[
            "physical health",
            "mental health",
            "special educational needs",
            "learning",
            "friendships or bullying",
            "family",
            "caring for others",
            "housing or transport",
            "money",
            "safety",
            "other",
        ],
        part("of which sort"),
    ]
    words: Annotated[Words, part("what it is")] = ""


class AssessmentMade(Data, frozen=True, kw_only=True):
    """An assessment of a pupil's or a family's needs was made, or was asked for."""

    kind: ClassVar[str] = "assessment made"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    assessment: Annotated[
        Literal[
            "early help",
            "common assessment framework",
            "strengths and difficulties",
            "social care",
            "EHC needs",
            "risk",
            "other",
        ],
        part("which"),
    ]
    state: Annotated[Literal["asked for", "made", "refused"], part("how far it is")] = "made"
    made_by: Annotated[str, part("who made it, or was asked to")] = ""
    review_on: Annotated[date | None, part("when it is to be looked at again")] = None
    outcome: Annotated[Words, part("what it found")] = ""


class TargetSet(Data, frozen=True, kw_only=True):
    """A pupil was given a target of their own, and perhaps a reward of their own for it."""

    kind: ClassVar[str] = "target set"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    target: Annotated[Words, part("what is to be reached")]
    sessions: Annotated[
        Number | None, part("how many sessions are to be attended, if that is the target")
    ] = None
    reward: Annotated[str, part("the bespoke reward for it")] = ""
    from_on: Annotated[date | None, part("the first day it is for")] = None
    until_on: Annotated[date | None, part("the last day it is for")] = None


class TargetReviewed(Data, frozen=True, kw_only=True):
    """A pupil's own target was looked at: reached or not, and whether the reward was given."""

    kind: ClassVar[str] = "target reviewed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    target: Annotated[FactId, refers_to("target set", "the target")]
    reached: Annotated[Literal["yes", "no", "in part"], part("what a person made of it")]
    rewarded: Annotated[bool, part("whether the reward was given")] = False
    words: Annotated[Words, part("what follows")] = ""


class PupilSpokenTo(Data, frozen=True, kw_only=True):
    """A member of staff spoke with a pupil: about attendance, on a return, at a weekly check-in."""

    kind: ClassVar[str] = "pupil spoken to"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    about: Annotated[
        Literal["attendance", "punctuality", "return", "check-in", "wellbeing", "other"], part("about what")
    ]
    words: Annotated[Words, part("what was said")] = ""


class ConcernRaised(Data, frozen=True, kw_only=True):
    """A member of staff is concerned about a pupil."""

    kind: ClassVar[str] = "concern raised"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    about: Annotated[
        Literal["attendance", "punctuality", "welfare", "reluctance to attend", "illness", "progress"],
        part("about what"),
    ]
    words: Annotated[Words, part("what was seen")] = ""


class ConsentGiven(Data, frozen=True, kw_only=True):
    """A parent agreed, or did not, that information is shared."""

    kind: ClassVar[str] = "consent given"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    to: Annotated[str, part("to what, by its name in the policy")]
    given: Annotated[Literal["yes", "no", "withdrawn"], part("the answer")]
    signed: Annotated[bool, part("whether a form was signed")] = False


class ContactDetailsChanged(Data, frozen=True, kw_only=True):
    """The school was told that details changed. The details themselves stand with the contacts."""

    kind: ClassVar[str] = "contact details changed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    of: Annotated[
        tuple[Literal["address", "phone", "e-mail", "contact added", "contact removed", "order"], ...],
        part("what changed"),
    ]
    contact: Annotated[str, part("the id of the contact whose details they are; empty for the pupil's")] = ""
    relation: Annotated[
        Literal["not said", "parental responsibility", "natural parent", "care of the child", "other"],
        part("on what ground the contact is a parent, if that changed"),
    ] = "not said"
    from_on: Annotated[date | None, part("the day from which it holds")] = None


class ComplaintReceived(Data, frozen=True, kw_only=True):
    """Somebody complained about how attendance was dealt with."""

    kind: ClassVar[str] = "complaint received"
    about: Annotated[str, part("about what, in a few words")]
    answer_by_on: Annotated[date | None, part("the day by which it is to be answered")] = None
    words: Annotated[Words, part("what was said")] = ""


class LeaveAsked(Data, frozen=True, kw_only=True):
    """A parent asked for leave of absence. `on` is the day on which the request was received."""

    kind: ClassVar[str] = "leave asked"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    from_on: Annotated[date, part("the first day of the leave")]
    until_on: Annotated[date, part("the last day of the leave")]
    reason: Annotated[AbsenceReason, part("what for")]
    applied_by: Annotated[str, part("the id of the parent who applied")] = ""
    lives_with_applicant: Annotated[bool, part("whether the child lives with whoever applied")] = True
    on_form: Annotated[bool, part("whether the school's form was used")] = True
    abroad: Annotated[bool, part("whether the child is taken abroad")] = False
    set_apart_on: Annotated[
        tuple[date, ...], part("the days that the parent's religious body sets apart, for observance")
    ] = ()
    travelling: Annotated[tuple[str, ...], part("the ids of the parents who travel too")] = ()
    licence_exempt: Annotated[
        str, part("for a performance: why it needs no licence, such as four days in six months")
    ] = ""
    words: Annotated[Words, part("the reason given")] = ""


class LeaveDecided(Data, frozen=True, kw_only=True):
    """The headteacher decided on a request for leave, for each day of it."""

    kind: ClassVar[str] = "leave decided"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    once_per: ClassVar[str] = "request"
    request: Annotated[FactId, refers_to("leave asked", "the request")]
    granted: Annotated[Literal["yes", "no", "in part"], part("the decision")]
    why: Annotated[Words, part("the reason")] = ""
    decided_by: Annotated[str, part("the id of the headteacher, or of whoever was authorised")] = ""
    weighed: Annotated[Pairs, part("what was considered: pairs of a consideration and what was found")] = ()
    granted_on: Annotated[tuple[date, ...], part("the days granted, where not all of them are")] = ()
    code: Annotated[str, part("the code of the days granted")] = "C"

    def faults(self) -> Iterator[tuple[str, str]]:
        """A grant in part names the days; any other names none."""
        if (self.granted == "in part") != bool(self.granted_on):
            yield "granted_on", "The days are named if, and only if, leave is granted in part."


class ReturnDelayed(Data, frozen=True, kw_only=True):
    """A pupil is not back on the day on which leave ended, and the school was told why."""

    kind: ClassVar[str] = "return delayed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    request: Annotated[FactId | None, refers_to("leave asked", "the request for the leave")] = None
    reason: Annotated[AbsenceReason, part("why")] = "travel delay"
    back_on: Annotated[date | None, part("the day on which the pupil is expected")] = None
    told_by: Annotated[str, part("the id of whoever told the school")] = ""
    words: Annotated[Words, part("what was said")] = ""


RESTRICTED_FLAGS = frozenset(
    {
        "has a social worker",
        "had a social worker",
        "has a youth offending worker",
        "looked after",
        "previously looked after",
        "child protection plan",
        "child in need",
    }
)
"""Flags that are not shown to everybody who works with a list; what follows from them is."""


class FlagSet(Data, frozen=True, kw_only=True):
    """Something about a pupil that routes work, from a day on. Some flags only a few people may see."""

    kind: ClassVar[str] = "flag set"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    flag: Annotated[
        Literal[
            "vulnerable when absent",
            "has a social worker",
            "had a social worker",
            "has a youth offending worker",
            "looked after",
            "previously looked after",
            "child protection plan",
            "child in need",
            "EHCP",
            "SEN support",
            "medical condition",
            "young carer",
            "reluctant to attend",
            "individual target",
        ],
        part("which"),
    ]
    contact: Annotated[str, part("the id of the professional it names")] = ""
    words: Annotated[Words, part("what staff need to know")] = ""


class FlagEnded(Data, frozen=True, kw_only=True):
    """A flag does not hold any more, from a day on."""

    kind: ClassVar[str] = "flag ended"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    once_per: ClassVar[str] = "flag"
    flag: Annotated[FactId, refers_to("flag set", "the flag")]


class ReferralMade(Data, frozen=True, kw_only=True):
    """The school referred a pupil to another service, or told the family of one."""

    kind: ClassVar[str] = "referral made"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    to: Annotated[Agency, part("to whom")]
    how: Annotated[
        Literal["referral", "signposting", "advice asked"],
        part("whether the school referred, told the family, or asked for advice"),
    ] = "referral"
    why: Annotated[str, part("what for, by its name in the policy or in a few words")]
    duty: Annotated[str, part("the key of the duty that it does")] = ""


class ProfessionalTold(Data, frozen=True, kw_only=True):
    """A professional who works with a child was told, or asked, something."""

    kind: ClassVar[str] = "professional told"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    who: Annotated[Agency, part("whom")]
    of: Annotated[str, part("of what: an unexplained absence, a deletion, enquiries")]
    name: Annotated[str, part("the id of the person, or which school or office")] = ""
    outcome: Annotated[Words, part("what they said")] = ""
    duty: Annotated[str, part("the key of the duty that it does")] = ""


class InformationShared(Data, frozen=True, kw_only=True):
    """Information about a pupil went to somebody outside the school, on a stated ground."""

    kind: ClassVar[str] = "information shared"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    to: Annotated[Agency, part("to whom")]
    what: Annotated[str, part("what, in a few words")]
    ground: Annotated[str, part("why it may be shared")] = ""
    consent: Annotated[FactId | None, refers_to("consent given", "the consent, if it rests on one")] = None
    duty: Annotated[str, part("the key of the duty that it does")] = ""
