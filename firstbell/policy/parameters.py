"""Which kinds of rules are there, and what does each leave to be said?

A kind is a class of parameters: which days, which comparison, which facts. What makes an occurrence arise is
its family; the function that looks for it stands among the duties, under the same name. A parameter that is
written "school" is left to each school, and one that is written "law" is the statute's, by the day.

The list is closed. A new kind says in its words why none of the others could do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal

import msgspec

from firstbell.facts.data import part
from firstbell.policy.case_parameters import (
    BandAtAudits,
    ContactsKept,
    CourtDays,
    Gate,
    ImprovementWindow,
    LeaveAssessments,
    MissingPupil,
    MorningStep,
    PartTimeTimetable,
    Performance,
    PeriodWhile,
    Retention,
    Training,
    WeeklyTarget,
)
from firstbell.policy.kind import (
    OF_THE_FACT,
    PUPIL_FIGURES,
    Acts,
    EachDay,
    Family,
    Params,
    UnreportedCode,
    Words,
    about_facts,
)
from firstbell.policy.terms import Limit, Over, Span
from firstbell.statute import Law, NationalThreshold
from firstbell.statute.values import (
    DeletionGround,
    NoticeToImprove,
    PersistentAbsence,
    ReasonDeadline,
    RegisterOpening,
    SevereAbsence,
    SicknessCounting,
    StatutoryReturn,
)

__all__ = [
    "KINDS",
    "PUPIL_FIGURES",
    "BandAtAudits",
    "ContactsKept",
    "CourtDays",
    "Family",
    "Gate",
    "ImprovementWindow",
    "LeaveAssessments",
    "MissingPupil",
    "MorningStep",
    "Params",
    "PartTimeTimetable",
    "Performance",
    "PeriodWhile",
    "Retention",
    "Training",
    "WeeklyTarget",
]

# --- the register ----------------------------------------------------------------------------------------


class RegisterTimes(Params, frozen=True, kw_only=True):
    """A session's register opens and closes; a blank mark after it closed is a register to be finished."""

    kind = "register times"
    family = "register"
    about_whom = "class or school"
    stays = "Until nobody is blank any more, on later days too; then it is gone, neither done nor lapsed."
    stricter = {"minutes_open": "lower"}
    either = (("closes", "minutes_open"),)
    scope = ("session",)
    session: Annotated[Literal["morning", "afternoon", "both"], part("Which register")]
    opens: Annotated[time | None, part("When it opens; whoever comes later is late")] = None
    late_after: Annotated[
        time | None, part("From when on whoever comes is late, if that is not when it opens")
    ] = None
    closes: Annotated[time | None, part("When it closes; whoever comes later was absent")] = None
    minutes_open: Annotated[int | None, part("Instead of `closes`: how long it stays open")] = None

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        return {"minutes_open": law.value(RegisterOpening).longest_minutes}


class LateArrival(Params, frozen=True, kw_only=True):
    """A pupil came after the doors were shut: an entry of the late book, and what is asked at the desk.

    The minute itself is not later: who comes at 09:00 where the doors are shut at 09:00 is in time. `after`
    is for a gate that shuts before the register opens: who comes between the two is there in time and is
    noted all the same.
    """

    kind = "late arrival"
    family = "register"
    stays = "Until the end of its day."
    form = "prompt"
    came: Annotated[
        Literal["after the register opened", "after the register closed"], part("Later than what")
    ] = "after the register opened"
    after: Annotated[time | None, part("Instead: later than this time of the morning")] = None


class ReportDeadline(Params, frozen=True, kw_only=True):
    """A pupil is not there at the time by which parents report, and no reason is known.

    No reason is known where the mark is the code for it (`N`): `O`, `I` and a blank are not, and nothing is
    asked of them. Whose reason was reported in time, or is known since, is on no list. Where parents are to
    report `every day`, a report counts for the day on which it was made and the day that it is about; with
    "unless a return date was given" it counts until that date, which a stated last day names as well, and a
    number of days does not; with "the first day only" for the whole absence, until the last day that was
    stated, if one was, and not once the pupil has been there again.
    "By" a time takes in its minute, "before" it does not: `minute_itself` says which.

    Whoever `acts` "when the register is saved" does so for each pupil from the minute in which it is saved
    without a present mark for them, if the time has passed; such a list shows from that time also whomever
    nobody has marked yet, heard of or seen come in. `code` is for a school that enters another code at once
    for a reason that is not known. Of whoever is taught elsewhere and did not come there it is asked from the
    minute in which the provider said so.
    """

    kind = "report deadline"
    family = "register"
    stays = (
        "On later days too, until the mark says something else, the school or a parent was in contact on"
        " the day, or the pupil came in; a list stays on its own day only."
    )
    by: Annotated[time, part("The time by which parents report")]
    minute_itself: Annotated[bool, part("Whether a report in that very minute is still in time")] = False
    each_day: EachDay = "every day"
    acts: Acts = "when the register has closed"
    code: UnreportedCode = ""


class ReasonUnknown(Params, frozen=True, kw_only=True):
    """A mark still says that the reason is not known on the last day on which it may."""

    kind = "reason unknown"
    family = "register"
    stays = "While a mark of the day has the code, however long."
    stricter = {"within": "lower"}
    scope = ("code", "becomes")
    form = "prompt"
    within: Annotated[Span, part("How long it may, after the session's day")]
    code: Annotated[str, part("The code that says so")] = "N"
    becomes: Annotated[str, part("The code after that")] = "O"

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        rule_of_law = law.value(ReasonDeadline)
        return {
            "within": f"{rule_of_law.school_days} school days",
            "code": str(rule_of_law.code),
            "becomes": str(rule_of_law.becomes),
        }


class ReasonGiven(Params, frozen=True, kw_only=True):
    """Somebody gave a reason of a list. The code is suggested; where a person decides, they are asked.

    A code that is entered at once (illness that a parent reports) asks nobody.
    """

    kind = "reason given"
    family = "register"
    stays = (
        "While a mark of its days says that the reason is not known, or as long as none of them is marked."
    )
    scope = ("reasons", "at_once")
    form = "prompt"
    reasons: Annotated[Words, part("Which reasons, by their names in the list of facts")]
    code: Annotated[str, part("The code that is suggested")]
    at_once: Annotated[bool, part("Whether the code is entered without a question")] = False


class Appointment(Params, frozen=True, kw_only=True):
    """A pupil has an appointment of their own in school time.

    Asks for a decision where a session's registration is missed, and is an alert where the pupil is away for
    longer than usual. Without the evidence that the policy asks for the mark stays as it is meanwhile.
    """

    kind = "appointment"
    family = "register"
    stays = "Until a person has put another code; a question about the length stays until it is answered."
    form = "prompt"
    asks_about: Annotated[Literal["code", "length"], part("What is asked about")]
    reasons: Annotated[Words, part("Which reasons are an appointment of the pupil's own")]
    usual: Annotated[Span | None, part("How long is usual")] = None
    evidence: Annotated[Words, part("The evidence that is asked for; empty for none")] = ()
    code: Annotated[str, part("The code with evidence")] = "M"


class LateCollection(Params, frozen=True, kw_only=True):
    """A pupil was collected late, and it was no genuine emergency of which the school was told.

    A `count` of late collections counts emergencies as well: who is often in one may need help.
    """

    kind = "late collection"
    family = "register"
    stays = "Until a charge is decided on, or decided against."
    form = "prompt"
    emergencies_free: Annotated[bool, part("Whether an emergency is never charged for")] = True


class Closed(Params, frozen=True, kw_only=True):
    """The school, or a part of it, closed without having planned to: parents are told by each channel."""

    kind = "closure"
    family = "register"
    about_whom = "class or school"
    stays = "Until parents are told by the channel, but not after the last day of the closure."
    form = "message"
    channels: Annotated[Words, part("By which channels")]


# --- a run -----------------------------------------------------------------------------------------------


class DayOfAbsence(Params, frozen=True, kw_only=True):
    """An absence reaches its nth school day, or has lasted for longer than a span.

    Day 1 is the first whole school day of absence; weekends and holidays are not counted, a session
    attended ends it. `without` contact leaves out those whose parents the school has reached, or who were
    seen, since the first day. An absence that has ended asks nothing more, but with `back`: then it is asked
    on the first day on which the pupil is there again, after so many school days or more.
    """

    kind = "day of absence"
    family = "run"
    stays = (
        "While the absence goes on and, without contact, until the family is reached or the pupil is "
        "seen; a return stays until it is made, even if the pupil is back. With `back` until it is done, and "
        "not in a new school year."
    )
    stricter = {"day": "lower"}
    either = (("day", "longer_than"),)
    scope = ("of", "without", "longer_than", "back")
    of: Annotated[
        Literal["any absence", "unauthorised absence", "illness", "unexplained absence"],
        part("What the days are days of"),
    ] = "any absence"
    day: Annotated[int | None, part("Which school day of it")] = None
    longer_than: Annotated[Span | None, part("Instead of `day`: after how long")] = None
    without: Annotated[Literal["", "contact"], part("Only without contact")] = ""
    back: Annotated[bool, part("Instead on the first day back, after at least so long")] = False
    ground: Annotated[str, part("For law: the letter of the ground for deletion that asks for it")] = ""

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        if ground := stated.get("ground"):
            return _days_of_ground(law, ground)
        found = next(row for row in law.all(StatutoryReturn) if row.name == "attendance")
        return {"day": found.school_days}


def _days_of_ground(law: Law, ground: str) -> dict[str, Any]:
    """How long an absence a ground for deletion asks for, by the parameter."""
    found = next((row for row in law.all(DeletionGround) if row.letter == ground), None)
    return {"day": found.school_days} if found and found.school_days else {}


class LateReturn(Params, frozen=True, kw_only=True):
    """A pupil is not back on a school day after leave, the first unless `day` says another.

    Or evidence for the delay was shown since. Days on which the pupil was ill, or could not come, count for
    who is not back; whether they keep a name on the roll is for a person to say.
    """

    kind = "late return"
    family = "run"
    stays = "Until the pupil is back; with evidence, until it is done."
    form = "list"
    scope = ("when", "day")
    when: Annotated[Literal["not back", "evidence shown"], part("Which of the two")]
    day: Annotated[int, part("On which school day after the leave")] = 1
    ground: Annotated[str, part("For law: the letter of the ground for deletion that asks for it")] = ""

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        return _days_of_ground(law, str(stated.get("ground", "")))


# --- a figure --------------------------------------------------------------------------------------------


class Band(Params, frozen=True, kw_only=True):
    """A pupil's attendance meets a comparison, exactly, on the day.

    It asks once for each time that it comes to be met. `until` ends the band where another begins. Before
    `least_possible` sessions were possible nothing is asked: one lost morning in the first week is no
    pattern. `with_codes` asks only where some of the absence has one of these codes. A band of the mode
    `content` asks for nothing: it says what pupils in it are called, and for whom nothing is to be done.
    """

    kind = "band"
    family = "figure"
    stays = "While the comparison holds, and not beyond the period; what is met again later is another duty."
    scope = ("when", "until", "over", "with_codes")
    gives = (*PUPIL_FIGURES, "limit")
    when: Annotated[Limit, part("The comparison")]
    until: Annotated[Limit | None, part("Not where this is met as well")] = None
    over: Annotated[Over, part("Over what it is counted")] = "school year"
    least_possible: Annotated[int, part("From how many possible sessions on")] = 0
    with_codes: Annotated[Words, part("Only with some of these codes")] = ()
    tier: Annotated[str, part("What a pupil in it is called")] = ""
    is_target: Annotated[bool, part("Whether its limit is what the school aims for with every pupil")] = False
    counted_as: Annotated[
        Literal["", "persistent absence", "severe absence"], part("Which of the Department's terms it is")
    ] = ""

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        severe = stated.get("counted_as") == "severe absence"
        share = law.value(SevereAbsence).share if severe else law.value(PersistentAbsence).share
        return {"when": f"at most {float(100 * (1 - share)):g}%"}


class Count(Params, frozen=True, kw_only=True):
    """A count within a period, or within so many school weeks in a row, reaches a number.

    Of late marks, of those after the register closed, of illnesses (each stretch of sessions in a row is
    one), of appointments, of late collections, those in an emergency as well, of sessions with one of
    `codes`, of sessions of absence, of days whose reason nobody knew when the register closed, of lessons
    that a person has called truancy. `within` counts the school week of the day and those before it, through
    holidays; while the number holds it is one pattern, and asked once. `on_one_weekday` asks only where, and
    while, so much of what is counted falls on the same day of the week.
    """

    kind = "count"
    family = "figure"
    stays = "Until the end of the period; within school weeks, while the number holds."
    either = (("over", "within"),)
    gives = (*PUPIL_FIGURES, "episodes")
    form = "prompt"
    of: Annotated[
        Literal[
            "late marks",
            "late after the register closed",
            "illnesses",
            "appointments",
            "late collections",
            "sessions",
            "absences",
            "unexpected absences",
            "truancies",
        ],
        part("What is counted"),
    ]
    reaches: Annotated[int, part("The number")]
    over: Annotated[Over, part("Within what")] = "half term"
    within: Annotated[Span | None, part('Instead of `over`: within how many "school weeks" in a row')] = None
    on_one_weekday: Annotated[Limit | None, part("Only if so much of it is on one weekday")] = None
    codes: Annotated[Words, part("For sessions: with which codes")] = ()


class Threshold(Params, frozen=True, kw_only=True):
    """Unauthorised sessions in a rolling window of school weeks reach the national threshold.

    They need not follow each other; terms, years and schools do not end the window; a week without a school
    day is none. Asks once for each time it is met, for each parent where `each_parent` says so.
    """

    kind = "threshold"
    family = "figure"
    about_whom = "pupil, or pupil and parent"
    stays = "Until it is done, whatever the window holds later, and after the pupil has left."
    stricter = {"sessions": "lower", "school_weeks": "higher", "codes": "more"}
    scope = ("each_parent",)
    gives = (*PUPIL_FIGURES, "threshold_sessions", "threshold_weeks")
    form = "alert"
    sessions: Annotated[int, part("How many sessions")]
    school_weeks: Annotated[int, part("In how many school weeks")]
    codes: Annotated[Words, part("With which codes")]
    each_parent: Annotated[bool, part("Whether it asks about each parent")] = False
    questions: Annotated[
        Words, part("What has to be answered before a notice is issued, in every case; empty for none")
    ] = ()

    @property
    def is_about(self) -> str:
        return "pupil and parent" if self.each_parent else "pupil"

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        found = law.value(NationalThreshold)
        return {
            "sessions": found.sessions,
            "school_weeks": found.school_weeks,
            "codes": [str(code) for code in found.codes],
        }


class Avoidance(Params, frozen=True, kw_only=True):
    """Several absences in a school year that each stay below the threshold, as if to avoid it."""

    kind = "avoidance"
    family = "figure"
    stays = "Until the end of the school year."
    form = "prompt"
    runs: Annotated[int, part("How many absences")]
    most_sessions: Annotated[int, part("Each of at most how many sessions")]
    codes: Annotated[Words, part("With which codes")] = ("G",)


class SicknessDays(Params, frozen=True, kw_only=True):
    """School days of sickness in a school year reach a number, in a row or not, or are expected to.

    `part_days` says what a day with one session of it, morning or afternoon, counts: whole, as the law's
    table has it, or half, so that two such days make one. `expected` asks on the day on which somebody says
    for how long, if that brings the number about; a person judges whether to believe it.
    """

    kind = "sickness days"
    family = "figure"
    stays = "Until it is done, in later school years too."
    stricter = {"days": "lower", "codes": "more"}
    scope = ("expected",)
    form = "return"
    gives = (*PUPIL_FIGURES, "illness_days")
    days: Annotated[int, part("How many")]
    codes: Annotated[Words, part("Which codes are sickness; empty: those of the law")] = ()
    expected: Annotated[bool, part("Whether days to come count")] = False
    part_days: Annotated[
        Literal["whole", "half", "none"], part("What a day with one session of it counts as")
    ] = "whole"

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        found = law.value(SicknessCounting)
        # The sub-codes of earlier years are no codes of the day any more.
        codes = [str(code) for code in found.codes if code in law.codes]
        part_days = {"any": "whole", "half": "half", "whole": "none"}[found.counts]
        return {"days": found.school_days, "codes": codes, "part_days": part_days}


class WorseSince(Params, frozen=True, kw_only=True):
    """A pupil's attendance is lower than it was on the day of the last meeting or plan.

    Also of the last letter that was withheld: what fell further since may be written of now.
    """

    kind = "worse since"
    family = "figure"
    stays = "While attendance is lower, within the period of the meeting or plan."
    form = "prompt"
    since: Annotated[Words, part("The last of which kinds of facts")]
    where: Annotated[dict[str, str | bool | int], part("With which parts")] = {}
    over: Annotated[Over, part("Over what attendance is counted")] = "school year"


# --- a fact ----------------------------------------------------------------------------------------------


class LeaveDecision(Params, frozen=True, kw_only=True):
    """A parent asked for leave: the headteacher decides, with what the tests of the policy advise."""

    kind = "leave decision"
    family = "fact"
    stays = "Until the request is decided."
    form = "prompt"
    considerations: Annotated[Words, part("What is to be weighed")] = ()
    gives = ("request_from_on", "request_until_on", "decision_reasons", "granted_days")


class LeaveNotice(Params, frozen=True, kw_only=True):
    """A request for leave came with too little notice: fewer days than the span before the first day."""

    kind = "leave notice"
    family = "fact"
    about_whom = ""
    at_least: Annotated[Span, part("How much notice")]
    advises: Annotated[Literal["refuse", "weigh"], part("What follows")] = "refuse"
    reasons: Annotated[Words, part("Only of requests for these reasons; empty for any")] = ()


class LeaveAttendance(Params, frozen=True, kw_only=True):
    """A pupil's attendance, or absence, before the day of the request meets a comparison.

    `projected` counts the sessions asked for as missed and all others as attended: would the leave bring
    attendance below the limit? It is not asked of days that a licence for performances names.
    """

    kind = "leave attendance"
    family = "fact"
    about_whom = ""
    either = (("over", "during"),)
    when: Annotated[Limit, part("The comparison")]
    of: Annotated[
        Literal["attendance", "authorised absence", "unauthorised absence"], part("What is compared")
    ] = "attendance"
    over: Annotated[Span | None, part("Over how long before the request")] = None
    during: Annotated[
        Literal["", "school year", "all that is held"], part("Instead of `over`: since when it is counted")
    ] = ""
    reasons: Annotated[Words, part("Only of requests for these reasons; empty for any")] = ()
    projected: Annotated[bool, part("Whether the sessions asked for count as missed")] = False


class LeaveYearGroup(Params, frozen=True, kw_only=True):
    """A request for leave is for a pupil of a year group in which there is none."""

    kind = "leave year group"
    family = "fact"
    about_whom = ""
    year_groups: Annotated[Words, part("Which year groups")]


class LeaveStart(Params, frozen=True, kw_only=True):
    """A request for leave is for days at the beginning of a school year."""

    kind = "leave at start"
    family = "fact"
    about_whom = ""
    school_days: Annotated[int, part("How many school days are the beginning")]


class LeaveRetrospective(Params, frozen=True, kw_only=True):
    """A request for leave came when the register of its first day had opened: it cannot be granted."""

    kind = "leave retrospective"
    family = "fact"
    about_whom = ""


class LeaveAlready(Params, frozen=True, kw_only=True):
    """Leave was taken already in the same school year."""

    kind = "leave already"
    family = "fact"
    about_whom = ""
    over: Annotated[Over, part("Within what")] = "school year"


class LeaveApplicant(Params, frozen=True, kw_only=True):
    """A request was not made as the policy asks: by whom the child lives with, on the school's form.

    Or it is for a performance, and neither a licence that covers its days nor an exemption is recorded.
    """

    kind = "leave applicant"
    family = "fact"
    about_whom = ""
    asks_for: Annotated[Literal["lives with", "on form", "licence"], part("Which of them")]


class LeaveConcern(Params, frozen=True, kw_only=True):
    """Somebody has raised a concern, in the same school year, that speaks against leave."""

    kind = "leave concern"
    family = "fact"
    about_whom = ""
    about: Annotated[Words, part("Concerns about what")]


class LeaveReason(Params, frozen=True, kw_only=True):
    """A request gives one of the reasons that the policy has as examples.

    Of what is exceptional: then the tests advise and do not decide, for notice cannot be given of a funeral.
    Or of what is refused, such as a holiday.
    """

    kind = "leave reason"
    family = "fact"
    about_whom = ""
    reasons: Annotated[Words, part("Which reasons")]
    says: Annotated[Literal["exceptional", "refuse"], part("What they are examples of")] = "exceptional"


class AfterLeave(Params, frozen=True, kw_only=True):
    """A request for leave was decided, and something follows: before the leave, or at once."""

    kind = "after leave"
    family = "fact"
    stays = "Until the last day of the leave."
    gives = ("request_from_on", "request_until_on", "decision_reasons", "granted_days")
    granted: Annotated[bool, part("Whether it was granted, in whole or in part")]
    abroad: Annotated[bool | None, part("Only if the child is, or is not, taken abroad")] = None
    before_leave: Annotated[bool, part("Whether it is due on the day before the leave")] = False


class RefusedTaken(Params, frozen=True, kw_only=True):
    """Leave was refused and the pupil was absent on its days: for each parent who took part it is asked."""

    kind = "refused leave taken"
    family = "fact"
    about_whom = "pupil and parent"
    stays = "Until it is done, also after the pupil has left."
    form = "prompt"


class Observance(Params, frozen=True, kw_only=True):
    """A parent asked for a day of religious observance.

    A day is authorised if the religious body to which the parent belongs has set it apart; other days of the
    request are not. Each day is a question of its own.
    """

    kind = "observance"
    family = "fact"
    stays = "Until the request is decided."
    form = "prompt"
    code: Annotated[str, part("The code for a day set apart")] = "R"
    notice: Annotated[Span | None, part("How much notice is asked for; it is no ground to refuse")] = None


class EvidenceOverdue(Params, frozen=True, kw_only=True):
    """Evidence that was asked for has not come by the day that was named."""

    kind = "evidence overdue"
    family = "fact"
    stays = "Until the evidence comes."
    form = "prompt"
    gives = (*PUPIL_FIGURES, "evidence_for")
    of: Annotated[Words, part("Evidence of what")]


class Following(Params, frozen=True, kw_only=True):
    """A fact of a kind was recorded, and something follows from it within a span.

    `where` are parts of the fact that must have these values, `unless` parts that must not; true, of what is
    no yes or no, is any value at all. `before` names a part that is a day: then it is due on the day before
    that day.
    """

    kind = "following"
    family = "fact"
    about_whom = OF_THE_FACT
    stays = (
        "Until it is done; after a request for leave until the day before the leave, at least on the day"
        " of the request; after an invitation to a meeting until the day of the meeting."
    )
    scope = ("fact", "where", "unless")
    either = (("within", "before"),)
    gives = (*PUPIL_FIGURES, "meeting_with", "meeting_on", "place", "evidence_for")
    fact: Annotated[str, part("A fact of which kind")]
    where: Annotated[dict[str, str | bool | int], part("With which parts")] = {}
    unless: Annotated[dict[str, str | bool | int], part("Not with any of these parts")] = {}
    within: Annotated[Span | None, part("By when; empty for the same day")] = None
    before: Annotated[str, part("Instead of `within`: before the day that this part of the fact names")] = ""

    @property
    def is_about(self) -> str:
        return about_facts((self.fact,))


class NoticeDays(Params, frozen=True, kw_only=True):
    """The days of a notice: the last on which the lower or the whole sum can be paid, or its period ends.

    The day of receipt is day 1. Of a sum to be paid it is asked on the day after the last day, when nobody
    can pay it any more; of the end of a period on the day itself. `ahead` asks so long before the day.
    """

    kind = "notice days"
    family = "fact"
    about_whom = "pupil and parent"
    stays = (
        "Until it is done, or the notice is paid, withdrawn or ended; with `ahead` not after the day. "
        "Also after the pupil has left."
    )
    scope = ("notice", "day")
    form = "alert"
    notice: Annotated[
        Literal["penalty notice", "notice to improve", "excluded in public place"], part("Which notice")
    ]
    day: Annotated[Literal["lower sum", "whole sum", "end"], part("Which day of it")]
    ahead: Annotated[Span | None, part("How long before")] = None
    lasts: Annotated[
        Span | None, part("For a notice to improve: how long it lasts where the notice does not say")
    ] = None
    shortest_weeks: Annotated[int | None, part("For a notice to improve: the shortest period")] = None
    longest_weeks: Annotated[int | None, part("For a notice to improve: the longest period")] = None

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        found = law.find(NoticeToImprove)
        if found is None:
            return {}
        return {"shortest_weeks": found.shortest_weeks, "longest_weeks": found.longest_weeks}


class NewPupil(Params, frozen=True, kw_only=True):
    """A name was entered in the admission register: the authority is told within a number of days.

    Not for the most junior class on the first day of a school year.
    """

    kind = "new pupil"
    family = "fact"
    stays = "Until it is done, also after the pupil has left."
    form = "return"
    stricter = {"days": "lower"}
    days: Annotated[int, part("Within how many days")]
    most_junior: Annotated[Words, part("The year groups in which pupils start school")] = ()

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        found = next(row for row in law.all(StatutoryReturn) if row.name == "new pupil")
        return {"days": found.calendar_days}


class Leaving(Params, frozen=True, kw_only=True):
    """A name is taken off the register before the end of the school's last year.

    From `ahead` before the last day. At the end of the most senior year nothing is asked.
    """

    kind = "leaving"
    family = "fact"
    stays = "Until the last day on roll; a return until it is made."
    scope = ("flags",)
    gives = ()
    ahead: Annotated[Span, part("How long before the last day it is asked for")]
    most_senior: Annotated[Words, part("The year groups after which pupils leave anyway")] = ()
    flags: Annotated[Words, part("Only with one of these flags")] = ()


class Told(Params, frozen=True, kw_only=True):
    """A pupil with a professional of their own is absent, and the reason is not known.

    The mark is the code for that (`N`): of `O`, `I` and a blank nobody is told.
    """

    kind = "tell professional"
    family = "fact"
    stays = "While the mark says that the reason is not known, on later days too."
    scope = ("flags",)
    form = "message"
    flags: Annotated[Words, part("The flags that say that there is such a professional")]
    by: Annotated[time | None, part("From what time of the day on; empty: once the register closed")] = None


# --- time since a fact -----------------------------------------------------------------------------------


class ReviewDue(Params, frozen=True, kw_only=True):
    """A day that a fact names has come: a plan is to be reviewed, support to be looked at again."""

    kind = "review due"
    family = "time"
    about_whom = OF_THE_FACT
    stays = "Until a review of the plan is recorded, or its end."
    facts: Annotated[Words, part("Facts of which kinds")]
    ahead: Annotated[Span | None, part("How long before the day")] = None

    @property
    def is_about(self) -> str:
        return about_facts(self.facts)


# --- the calendar ----------------------------------------------------------------------------------------


class Award(Params, frozen=True, kw_only=True):
    """A week, half term, term or year has ended, and the best are named.

    For pupils: everybody who attended all their possible sessions (`all sessions`), who was on time at each
    (`on time`), who attended more than in the period before (`improved`), or who missed some sessions and all
    of them for illness or a medical appointment (`all but illness`): who missed none is not among these. For
    groups the best `places` of each phase; groups with equal rates share a place, and as many places after it
    are passed over.

    A session that nobody marked is not possible, nor one before a pupil joined: who came in the middle of the
    week and was there since attended all their possible sessions. On roll on the last day they must be. The
    prize is given so long after the end as `given_after` says, of a week after its Friday; where there is no
    school on that day, a week later, or a week after that.
    """

    kind = "award"
    family = "calendar"
    about_whom = "pupil or class"
    stays = (
        "Until the next period of its sort in which anybody was marked has ended, and not in a new "
        "school year."
    )
    form = "award"
    gives = ("prize", "award_period")
    over: Annotated[Over, part("For which period")]
    unit: Annotated[Literal["pupil", "group"], part("Who is rewarded")]
    for_: Annotated[
        Literal["all sessions", "best", "on time", "improved", "all but illness"],
        part("For what"),
    ] = msgspec.field(name="for")
    grouped_by: Annotated[
        Literal["registration group", "house"], part("Which groups, where groups are rewarded")
    ] = "registration group"
    places: Annotated[int, part("How many places, for the best")] = 1
    phases: Annotated[dict[str, tuple[str, ...]], part("The phases, and the year groups of each")] = {}
    own_targets: Annotated[
        bool, part("Whether a target of a pupil's own that was reached counts as all sessions")
    ] = False
    prizes: Annotated[Words, part("What is given; several to choose from are a question")] = ()
    in_turn: Annotated[
        bool, part("Whether the first time in a school year earns the first of the prizes, and so on")
    ] = False
    choose: Annotated[bool, part("Whether one of the prizes is chosen")] = False
    given_after: Annotated[Span | None, part("How long after the end the prize is given")] = None

    @property
    def is_about(self) -> str:
        return "pupil" if self.unit == "pupil" else "class"


class Draw(Params, frozen=True, kw_only=True):
    """A raffle at the end of a period, among those who attended all their possible sessions.

    A session that nobody marked is not possible, nor one before a pupil joined.
    """

    kind = "draw"
    family = "calendar"
    about_whom = "school"
    stays = "Until the next period of its sort has ended, and not in a new school year."
    over: Annotated[Over, part("For which period")]
    phases: Annotated[dict[str, tuple[str, ...]], part("The phases, and the year groups of each")]
    winners: Annotated[int, part("How many win in each phase")] = 1
    prizes: Annotated[Words, part("What is won")] = ()


class Regularly(Params, frozen=True, kw_only=True):
    """Something is done in every period: a return, a list, an assembly, a newsletter, an audit.

    Two weeks are the first and the second school week of a school year, the third and the fourth, and so on;
    a week without a school day is none, and one that is left over at the end has no other. What every pupil
    has at the start, one who joins later has on the first day on roll.
    """

    kind = "regularly"
    family = "calendar"
    about_whom = "school, or pupil"
    stays = "Until it is done or the next is due, and not in a new school year."
    scope = ("every",)
    every: Annotated[
        Literal["school day", "week", "2 weeks", "half term", "term", "school year"], part("In which periods")
    ]
    at: Annotated[Literal["start", "end"], part("At which end of the period")] = "end"
    lists: Annotated[Words, part("The figures that it goes through")] = ()
    each_pupil: Annotated[bool, part("Whether it is done for every pupil")] = False

    @property
    def is_about(self) -> str:
        return "pupil" if self.each_pupil else "school"


# --- nothing ---------------------------------------------------------------------------------------------


class Content(Params, frozen=True, kw_only=True):
    """It is for reading: shown to some people, and used in letters."""

    kind = "content"
    family = "nothing"
    about_whom = ""
    gives = ()
    shown_to: Annotated[Words, part("To whom")] = ()
    prose: Annotated[str, part("The file of the policy's folder that has the text")] = ""
    rows: Annotated[dict[str, str], part("A printed table: numbers, and what the policy says of each")] = {}
    rows_of: Annotated[
        Literal["", "minutes late", "days missed"], part("What the numbers of the table are")
    ] = ""
    rows_out_of: Annotated[int, part("Out of how many school days a year the table counts, if it says")] = 0


class Record(Params, frozen=True, kw_only=True):
    """The school keeps this: by facts of some kinds, shown by some figures."""

    kind = "record"
    family = "nothing"
    about_whom = ""
    gives = ()
    facts: Annotated[Words, part("Facts of which kinds")] = ()
    figures: Annotated[Words, part("Figures that show it")] = ()


class Reserved(Params, frozen=True, kw_only=True):
    """Only some people may do something. Whoever else tries is refused."""

    kind = "reserved"
    family = "nothing"
    about_whom = ""
    gives = ()
    actions: Annotated[Words, part("What")]
    roles: Annotated[Words, part("Who may")]


class EvidenceNeedsDoubt(Params, frozen=True, kw_only=True):
    """Evidence of some sort is asked for only where somebody has recorded a genuine doubt."""

    kind = "evidence needs doubt"
    family = "nothing"
    about_whom = ""
    gives = ()
    of: Annotated[Words, part("Evidence of what")]
    letters: Annotated[Words, part("The letters that ask for it")] = ()


KINDS: Mapping[str, type[Params]] = {
    kind.kind: kind
    for kind in (
        RegisterTimes,
        LateArrival,
        ReportDeadline,
        MorningStep,
        MissingPupil,
        ReasonUnknown,
        ReasonGiven,
        Appointment,
        LateCollection,
        Closed,
        DayOfAbsence,
        LateReturn,
        Band,
        BandAtAudits,
        Count,
        Threshold,
        Avoidance,
        SicknessDays,
        WorseSince,
        LeaveDecision,
        LeaveNotice,
        LeaveAttendance,
        LeaveYearGroup,
        LeaveStart,
        LeaveAssessments,
        LeaveRetrospective,
        LeaveAlready,
        LeaveApplicant,
        LeaveConcern,
        LeaveReason,
        AfterLeave,
        RefusedTaken,
        Observance,
        EvidenceOverdue,
        Following,
        NoticeDays,
        NewPupil,
        Leaving,
        Told,
        PartTimeTimetable,
        Performance,
        ReviewDue,
        ImprovementWindow,
        WeeklyTarget,
        CourtDays,
        Award,
        Draw,
        Regularly,
        PeriodWhile,
        Training,
        ContactsKept,
        Content,
        Record,
        Reserved,
        Gate,
        Retention,
        EvidenceNeedsDoubt,
    )
}
"""Every kind of rule, by the name that policies write."""
