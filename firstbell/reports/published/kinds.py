"""When does a rule ask for something, in the words of the people whom it concerns? By kind of rule.

`parts_of` gives a rule's condition as parts of a sentence, each with the parameters that it says. So a
document can say all of it, and a comparison of two versions only the part that is otherwise. A kind without
words here has no place in a published policy: a test goes over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from firstbell.policy import parameters as kinds
from firstbell.policy.parameters import Params
from firstbell.reports.published.happenings import happening, happenings, needed_in_words, with_parts
from firstbell.reports.published.marked import Marked, safe, strong
from firstbell.reports.published.values import (
    Unstated,
    clock,
    count_of,
    day_in_words,
    flags_in_words,
    limit_in_words,
    list_of,
    of_choices,
    ordinal,
    period_in_words,
    phases_in_words,
    quoted,
    range_in_words,
    reasons_in_words,
    span_in_words,
    word,
    years_in_words,
)

__all__ = ["WORDS", "Said", "parts_of", "when_in_words"]

P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class Said:
    """A part of a condition, and the parameters that it says, by the names that a policy writes.

    One that `goes_on` is read without a comma before it.
    """

    text: Marked
    by: tuple[str, ...]
    goes_on: bool = False


Parts = Iterator[Said]
WORDS: dict[type[Params], Callable[[Any], Parts]] = {}
"""By kind, the function that says when such a rule asks for something."""


def _words(kind: type[P]) -> Callable[[Callable[[P], Parts]], Callable[[P], Parts]]:
    def known(function: Callable[[P], Parts]) -> Callable[[P], Parts]:
        WORDS[kind] = function
        return function

    return known


def parts_of(params: Params) -> tuple[Said, ...]:
    """When a rule with these parameters asks for something, in parts that are read one after another."""
    own = [part for part in WORDS[type(params)](params) if part.text]
    told = " ".join(part.text for part in own)
    for field in msgspec.structs.fields(type(params)):
        value = getattr(params, field.name)
        if isinstance(value, Unstated) and str(value) not in told:
            own.append(_say(str(value), field.encode_name))
    return tuple(own)


def when_in_words(params: Params, *, without: tuple[str, ...] = ()) -> Marked:
    """The same as one sentence without its full stop, without the parts that some parameters say."""
    said = ""
    for part in parts_of(params):
        if {*part.by} & {*without}:
            continue
        said += f"{', ' if said and not part.goes_on else ' ' if said else ''}{part.text}"
    return said


def _say(text: Marked, *by: str) -> Said:
    return Said(text, by)


def _on(text: Marked, *by: str) -> Said:
    """A part that goes on with the sentence before it."""
    return Said(text, by, goes_on=True)


def _given(value: object) -> bool:
    """Whether a parameter says something; what the school has yet to state does."""
    return value not in (None, "", (), {}, False)


# --- the register ----------------------------------------------------------------------------------------

SESSIONS = {"morning": "the morning register", "afternoon": "the afternoon register", "both": "each register"}
EACH_DAY = {
    "every day": "parents tell us on each day of an absence",
    "unless a return date was given": (
        "parents tell us on each day, unless they have said when the child is back"
    ),
    "the first day only": "parents tell us on the first day of an absence",
}
ACTS = {
    "when the register has closed": "we act once the register has closed",
    "when the register is saved": "we act as soon as the register is taken",
}


@_words(kinds.RegisterTimes)
def _register(p: kinds.RegisterTimes) -> Parts:
    yield _say(f"when {of_choices(p.session, SESSIONS)} has closed and a pupil has no mark", "session")
    if _given(p.opens):
        yield _say(f"it opens at {clock(p.opens)}", "opens")
    if _given(p.late_after):
        yield _say(f"whoever comes from {clock(p.late_after)} on is late", "late_after")
    if _given(p.closes):
        yield _say(f"it closes at {clock(p.closes)}", "closes")
    if _given(p.minutes_open):
        yield _say(f"it stays open for {strong(count_of(p.minutes_open, 'minute'))}", "minutes_open")


CAME = ("after the register opened", "after the register closed")


@_words(kinds.LateArrival)
def _late(p: kinds.LateArrival) -> Parts:
    if _given(p.after):
        yield _say(f"when a pupil comes later than {clock(p.after)}", "after", "came")
    else:
        came = {one: one.removeprefix("after ") for one in CAME}
        yield _say(f"when a pupil comes after {of_choices(p.came, came)}", "came", "after")


@_words(kinds.ReportDeadline)
def _report(p: kinds.ReportDeadline) -> Parts:
    yield _say(f"when a pupil is not here at {clock(p.by)} and we do not know why", "by")
    if p.minute_itself:
        yield _say(f"whoever tells us at {clock(p.by)} is in time", "minute_itself")
    yield _say(of_choices(p.each_day, EACH_DAY), "each_day")
    yield _say(of_choices(p.acts, ACTS), "acts")
    if _given(p.code):
        yield _say(f"until we know, the code is {word(p.code)}", "code")


STEPS = {
    "message": "a message goes to the parents",
    "primary contact": "we ring the primary contact",
    "other contacts": "if nobody answers, we ring each of the other contacts in turn",
    "every step": "if nobody can be reached, we take every reasonable step",
}


@_words(kinds.MorningStep)
def _morning(p: kinds.MorningStep) -> Parts:
    if p.step == "safe by":
        yield _say(f"when a pupil is absent and not known to be safe by {clock(p.by)}", "step", "by")
        if _given(p.ahead):
            yield _say(f"told {span_in_words(p.ahead)} before that", "ahead")
    else:
        yield _say(f"when a pupil is not here, {clock(p.by)} has passed and nobody has told us why", "by")
        yield _say(of_choices(p.step, STEPS), "step")
    yield _say(of_choices(p.each_day, EACH_DAY), "each_day")
    yield _say(of_choices(p.acts, ACTS), "acts")
    if p.step != "safe by" and _given(p.ahead):
        yield _say(f"{span_in_words(p.ahead)} before", "ahead")
    if _given(p.first):
        yield _say(f"first for pupils {flags_in_words(p.first)}", "first")
    if _given(p.code):
        yield _say(f"until we know, the code is {word(p.code)}", "code")


@_words(kinds.MissingPupil)
def _missing(p: kinds.MissingPupil) -> Parts:
    if _given(p.after):
        passed = f"and is not found after {strong(span_in_words(p.after))}"
        yield _say(f"when a pupil is missing during the day {passed}", "after")
    if p.nobody_reached:
        yield _say("when a pupil is missing during the day and no contact had news", "nobody_reached")


@_words(kinds.ReasonUnknown)
def _unknown(p: kinds.ReasonUnknown) -> Parts:
    within = strong(span_in_words(p.within))
    yield _say(f"when the reason for an absence is still not known {within} after it", "within")
    yield _say(f"the code {_code(p.code)} then becomes {_code(p.becomes)}", "code", "becomes")


@_words(kinds.ReasonGiven)
def _reason(p: kinds.ReasonGiven) -> Parts:
    yield _say(f"when the reason given is {reasons_in_words(p.reasons)}", "reasons")
    how = "is entered" if p.at_once else "is suggested, and a person decides"
    yield _say(f"the code {_code(p.code)} {how}", "code", "at_once")


@_words(kinds.Appointment)
def _appointment(p: kinds.Appointment) -> Parts:
    what = {
        "code": "when a pupil misses registration for an appointment of their own",
        "length": "when a pupil is away for an appointment for longer than usual",
    }
    yield _say(of_choices(p.asks_about, what), "asks_about")
    yield _on(f"({list_of(p.reasons, 'or')})", "reasons")
    if _given(p.usual):
        yield _say(f"usual are {strong(span_in_words(p.usual))}", "usual")
    if _given(p.evidence):
        yield _say(f"we ask to see one of these: {list_of(p.evidence, 'or')}", "evidence")
    if p.asks_about == "code" or p.code != "M":
        yield _say(f"the code is then {_code(p.code)}", "code")


@_words(kinds.LateCollection)
def _collection(p: kinds.LateCollection) -> Parts:
    yield _say("when a child is collected late")
    free = "an emergency is never charged for" if p.emergencies_free else "also in an emergency"
    yield _say(free, "emergencies_free")


@_words(kinds.Closed)
def _closed(p: kinds.Closed) -> Parts:
    yield _say("when the school, or a part of it, has to close")
    yield _on(f"by {list_of(p.channels)}", "channels")


@_words(kinds.Told)
def _told(p: kinds.Told) -> Parts:
    yield _say("when a pupil is absent and we do not know why")
    yield _on(f"for pupils {flags_in_words(p.flags)}", "flags")
    at = f"from {clock(p.by)} on" if _given(p.by) else "once the register has closed"
    yield _say(at, "by")


def _code(code: object) -> Marked:
    return strong(word(code))


# --- a run -----------------------------------------------------------------------------------------------


@_words(kinds.DayOfAbsence)
def _day(p: kinds.DayOfAbsence) -> Parts:
    of = {
        "any absence": "an absence",
        "unauthorised absence": "an unauthorised absence",
        "illness": "an illness",
        "unexplained absence": "an absence that nobody has explained",
    }
    if _given(p.longer_than):
        what = f"when {of_choices(p.of, of)} lasts longer than {strong(span_in_words(p.longer_than))}"
        yield _say(what, "of", "longer_than", "day")
    else:
        what = f"on the {strong(ordinal(p.day))} school day of {of_choices(p.of, of)}"
        yield _say(what, "of", "day", "longer_than")
    if p.back:
        yield _on("or after it, once the pupil is there again", "back")
    if _given(p.without):
        yield _on("if we have reached nobody", "without")
    if _given(p.ground):
        yield _on(f"(ground {word(p.ground)} for taking a name off the roll)", "ground")


@_words(kinds.LateReturn)
def _late_return(p: kinds.LateReturn) -> Parts:
    what = {
        "not back": f"when a pupil is not back on the {ordinal(p.day)} school day after leave",
        "evidence shown": "when evidence is shown for a late return from leave",
    }
    yield _say(of_choices(p.when, what), "when", "day")
    if p.when == "evidence shown" and p.day != 1:
        yield _say(f"from the {ordinal(p.day)} school day after it", "day")
    if _given(p.ground):
        yield _on(f"(ground {word(p.ground)} for taking a name off the roll)", "ground")


# --- a figure --------------------------------------------------------------------------------------------


def _least(least: Any) -> Parts:
    if _given(least) and least != 0:
        yield _say(f"once {count_of(least, 'session')} were possible", "least_possible")


@_words(kinds.Band)
def _band(p: kinds.Band) -> Parts:
    yield _say(f"when attendance is {range_in_words(p.when, p.until)}", "when", "until")
    yield _on(f"over {period_in_words(p.over)}", "over")
    yield from _least(p.least_possible)
    if _given(p.with_codes):
        yield _say(f"with some absence of the code {list_of(p.with_codes, 'or')}", "with_codes")
    if _given(p.tier):
        yield _say(f"called {quoted(p.tier)}", "tier")
    if p.is_target:
        yield _say("which is our target for every pupil", "is_target")
    if _given(p.counted_as):
        yield _say(f"the Department’s {safe(str(p.counted_as))}", "counted_as")


@_words(kinds.BandAtAudits)
def _audits(p: kinds.BandAtAudits) -> Parts:
    yield _say(f"when attendance is {range_in_words(p.when, p.until)}", "when", "until")
    yield _say(f"looked at when each {_bare(p.audits)} ends", "audits")
    times = f"for the {strong(ordinal(p.from_number))} time running"
    if _given(p.until_number) and p.until_number != p.from_number:
        times = f"from the {ordinal(p.from_number)} to the {ordinal(p.until_number)} time running"
    elif not _given(p.until_number):
        times = f"for the {strong(ordinal(p.from_number))} time running and each time after it"
    yield _say(times, "from_number", "until_number")
    yield _on(f"over {period_in_words(p.over)}", "over")
    yield from _least(p.least_possible)


def _bare(over: object) -> Marked:
    return str(over)


COUNTED = {
    "late marks": ("late mark", "late marks"),
    "late after the register closed": (
        "time late after the register closed",
        "times late after the register closed",
    ),
    "illnesses": ("separate illness", "separate illnesses"),
    "appointments": ("appointment", "appointments"),
    "late collections": ("late collection", "late collections"),
    "sessions": ("session", "sessions"),
    "absences": ("session of absence", "sessions of absence"),
    "unexpected absences": (
        "day of absence of which we did not know the reason",
        "days of absence of which we did not know the reason",
    ),
    "truancies": ("lesson missed without a reason", "lessons missed without a reason"),
}


@_words(kinds.Count)
def _count(p: kinds.Count) -> Parts:
    one, several = COUNTED.get(p.of, (str(p.of), str(p.of)))
    have = "has" if p.reaches == 1 else "have"
    yield _say(f"when there {have} been {strong(count_of(p.reaches, one, several))}", "of", "reaches")
    if _given(p.codes):
        yield _on(f"with the code {list_of(p.codes, 'or')}", "codes")
    if _given(p.within):
        yield _on(f"within {strong(span_in_words(p.within))} in a row", "within", "over")
    else:
        yield _on(f"in {period_in_words(p.over)}", "over", "within")
    if _given(p.on_one_weekday):
        share = limit_in_words(p.on_one_weekday)
        yield _say(f"if {share} of it falls on the same day of the week", "on_one_weekday")


@_words(kinds.Threshold)
def _threshold(p: kinds.Threshold) -> Parts:
    yield _say(f"when {strong(count_of(p.sessions, 'session'))} of unauthorised absence", "sessions")
    yield _on(f"with the code {list_of(p.codes, 'or')}", "codes")
    yield _on(f"fall within {strong(count_of(p.school_weeks, 'school week'))} in a row", "school_weeks")
    if p.each_parent:
        yield _say("for each parent by themselves", "each_parent")
    if _given(p.questions):
        yield _say(f"first these questions are answered: {list_of(p.questions)}", "questions")


@_words(kinds.Avoidance)
def _avoidance(p: kinds.Avoidance) -> Parts:
    yield _say(f"when there have been {strong(count_of(p.runs, 'absence'))} in a school year", "runs")
    yield _say(f"each of at most {strong(count_of(p.most_sessions, 'session'))}", "most_sessions")
    yield _say(f"with the code {list_of(p.codes, 'or')}, as if to stay below the threshold", "codes")


PART_DAYS = {"whole": "a whole day", "half": "half a day", "none": "no day"}


@_words(kinds.SicknessDays)
def _sickness(p: kinds.SicknessDays) -> Parts:
    days = strong(count_of(p.days, "school day"))
    verb = "is expected to miss" if p.expected else "has missed"
    in_all = "for sickness in a school year, in a row or not"
    yield _say(f"when a pupil {verb} {days} {in_all}", "days", "expected")
    if _given(p.codes):
        yield _on(f"(the code {list_of(p.codes, 'or')})", "codes")
    yield _say(f"a day with one session of it counts as {of_choices(p.part_days, PART_DAYS)}", "part_days")


@_words(kinds.WorseSince)
def _worse(p: kinds.WorseSince) -> Parts:
    parts = f" ({with_parts(p.since[0], p.where)})" if _given(p.where) and p.since else ""
    yield _say(f"when attendance is lower than it was when {happenings(p.since)}{parts}", "since", "where")
    yield _on(f"over {period_in_words(p.over)}", "over")


# --- leave -----------------------------------------------------------------------------------------------


@_words(kinds.LeaveDecision)
def _leave(p: kinds.LeaveDecision) -> Parts:
    yield _say("when a parent asks for leave")
    if _given(p.considerations):
        yield _say(f"we weigh {list_of(p.considerations)}", "considerations")


@_words(kinds.LeaveNotice)
def _leave_notice(p: kinds.LeaveNotice) -> Parts:
    notice = strong(span_in_words(p.at_least))
    yield _say(f"if it is asked for less than {notice} before its first day", "at_least")
    if _given(p.reasons):
        yield _on(f"for requests with the reason {reasons_in_words(p.reasons)}", "reasons")
    says = {"refuse": "speaks against it", "weigh": "is weighed"}
    yield _say(f"which {of_choices(p.advises, says)}", "advises")


@_words(kinds.LeaveAttendance)
def _leave_attendance(p: kinds.LeaveAttendance) -> Parts:
    if not p.projected:
        was = "is" if p.during == "school year" else "was"
        yield _say(f"if the child’s {_bare(p.of)} {was} {limit_in_words(p.when)}", "of", "when", "projected")
    else:
        would = f"if the leave would bring the child’s {p.of} to {limit_in_words(p.when)}"
        yield _say(would, "of", "when", "projected")
    if _given(p.over):
        yield _on(f"over the {span_in_words(p.over)} before the request", "over")
    if _given(p.during):
        since = {"school year": "in this school year", "all that is held": "over all the time we know of"}
        yield _on(of_choices(p.during, since), "during")
    if _given(p.reasons):
        yield _say(f"for requests with the reason {reasons_in_words(p.reasons)}", "reasons")


@_words(kinds.LeaveYearGroup)
def _leave_years(p: kinds.LeaveYearGroup) -> Parts:
    yield _say(f"if the child is in {years_in_words(p.year_groups)}", "year_groups")


@_words(kinds.LeaveStart)
def _leave_start(p: kinds.LeaveStart) -> Parts:
    days = strong(count_of(p.school_days, "school day"))
    yield _say(f"if it falls within the first {days} of a school year", "school_days")


@_words(kinds.LeaveAssessments)
def _leave_assessments(p: kinds.LeaveAssessments) -> Parts:
    yield _say("if it falls on days of statutory assessments")
    stated: Any = p.assessments
    if isinstance(stated, Unstated):
        yield _on(f"({stated})", "assessments")
    elif stated:
        days = [f"{day_in_words(first)} to {day_in_words(last)}" for first, last in stated]
        yield _on(f"({list_of(days)})", "assessments")
    if _given(p.before):
        yield _on(f"or the {span_in_words(p.before)} before them", "before")


@_words(kinds.LeaveRetrospective)
def _leave_afterwards(p: kinds.LeaveRetrospective) -> Parts:
    yield _say("if it is asked for when its first day has begun: leave is never granted afterwards")


@_words(kinds.LeaveAlready)
def _leave_already(p: kinds.LeaveAlready) -> Parts:
    yield _say(f"if there was leave already in {period_in_words(p.over)}", "over")


@_words(kinds.LeaveApplicant)
def _leave_applicant(p: kinds.LeaveApplicant) -> Parts:
    missing = {
        "lives with": "if the child does not live with whoever asks",
        "on form": "if it is not asked for on the school’s form",
        "licence": "if it is for a performance, with neither a licence for its days nor an exemption",
    }
    yield _say(of_choices(p.asks_for, missing), "asks_for")


@_words(kinds.LeaveConcern)
def _leave_concern(p: kinds.LeaveConcern) -> Parts:
    yield _say(f"if staff have been concerned, in this school year, about {list_of(p.about, 'or')}", "about")


@_words(kinds.LeaveReason)
def _leave_reason(p: kinds.LeaveReason) -> Parts:
    yield _say(f"if the reason is {reasons_in_words(p.reasons)}", "reasons")
    says = {"exceptional": "which may be exceptional", "refuse": "which is not exceptional"}
    yield _say(of_choices(p.says, says), "says")


@_words(kinds.AfterLeave)
def _after_leave(p: kinds.AfterLeave) -> Parts:
    yield _say(f"when leave is {'granted' if p.granted else 'refused'}", "granted")
    abroad: Any = p.abroad
    if isinstance(abroad, Unstated):
        yield _on(f"({abroad})", "abroad")
    elif abroad is not None:
        yield _on("and the child goes abroad" if abroad else "and the child does not go abroad", "abroad")
    if p.before_leave:
        yield _on("before the leave begins", "before_leave")


@_words(kinds.RefusedTaken)
def _refused(p: kinds.RefusedTaken) -> Parts:
    yield _say("when leave was refused and the child was absent on its days, for each parent who took part")


@_words(kinds.Observance)
def _observance(p: kinds.Observance) -> Parts:
    yield _say("when a parent asks for a day of religious observance")
    yield _say("only a day that the parent’s religious body has set apart is authorised")
    yield _say(f"with the code {_code(p.code)}", "code")
    if _given(p.notice):
        yield _say(f"we ask to be told {strong(span_in_words(p.notice))} before", "notice")


# --- a fact ----------------------------------------------------------------------------------------------


@_words(kinds.EvidenceOverdue)
def _overdue(p: kinds.EvidenceOverdue) -> Parts:
    of = list_of(p.of, "or")
    yield _say(f"when evidence of {of} that we asked for has not come by the day named", "of")


@_words(kinds.Following)
def _following(p: kinds.Following) -> Parts:
    where, told = p.where, ""
    if p.fact == "decision made" and not isinstance(where, Unstated) and {"question", "answer"} <= {*where}:
        told = f"{quoted(where['question'])} is answered with {quoted(where['answer'])}"
        where = {name: value for name, value in where.items() if name not in ("question", "answer")}
    if p.fact == "flag set" and not isinstance(where, Unstated) and "flag" in where:
        told = f"it becomes known that a pupil is among those {flags_in_words((str(where['flag']),))}"
        where = {name: value for name, value in where.items() if name != "flag"}
    said = f"when {told or happening(p.fact)}"
    if _given(where):
        said += f" ({with_parts(p.fact, where)})"
    yield _say(said, "fact", "where")
    if _given(p.unless):
        yield _say(f"but not with {with_parts(p.fact, p.unless)}", "unless")
    if _given(p.within):
        yield _on(f"within {strong(span_in_words(p.within))}", "within")
    if _given(p.before):
        yield _on(f"before {_day_of(p.fact, p.before)}", "before")


DAYS = {
    "from_on": "its first day",
    "until_on": "its last day",
    "review_on": "the day of its review",
    "meeting_on": "the day of the meeting",
    "back_on": "the day of the return",
    "by_on": "the day by which it is to be there",
    "pay_by_on": "the last day to pay",
    "lower_by_on": "the last day to pay the lower sum",
    "leaving_on": "the last day at the school",
}


def _day_of(kind: str, part: object) -> Marked:
    return str(part) if isinstance(part, Unstated) else DAYS.get(str(part), str(part).replace("_", " "))


@_words(kinds.NoticeDays)
def _notice_days(p: kinds.NoticeDays) -> Parts:
    days = {
        "lower sum": "the last day to pay the lower sum has passed",
        "whole sum": "the last day to pay the whole sum has passed",
        "end": "the period ends",
    }
    notice = "notice for an excluded pupil" if p.notice == "excluded in public place" else _bare(p.notice)
    yield _say(f"when, of a {notice}, {of_choices(p.day, days)}", "notice", "day")
    if _given(p.ahead):
        yield _say(f"told {strong(span_in_words(p.ahead))} before", "ahead")
    if _given(p.lasts):
        yield _say(f"it lasts {strong(span_in_words(p.lasts))}", "lasts")
    if _given(p.shortest_weeks):
        yield _say(f"at least {count_of(p.shortest_weeks, 'week')}", "shortest_weeks")
    if _given(p.longest_weeks):
        yield _say(f"at most {count_of(p.longest_weeks, 'week')}", "longest_weeks")


@_words(kinds.NewPupil)
def _new_pupil(p: kinds.NewPupil) -> Parts:
    yield _say("when a pupil joins the school")
    yield _on(f"within {strong(count_of(p.days, 'day'))}", "days")
    if _given(p.most_junior):
        yield _say(f"but not for {years_in_words(p.most_junior)} on the year’s first day", "most_junior")


@_words(kinds.Leaving)
def _leaving(p: kinds.Leaving) -> Parts:
    yield _say("when a pupil leaves before the end of the last year")
    yield _say(f"from {strong(span_in_words(p.ahead))} before the last day", "ahead")
    if _given(p.most_senior):
        yield _on(f"(the last year is {years_in_words(p.most_senior)})", "most_senior")
    if _given(p.flags):
        yield _on(f"for pupils {flags_in_words(p.flags)}", "flags")


# --- time ------------------------------------------------------------------------------------------------


@_words(kinds.ReviewDue)
def _review(p: kinds.ReviewDue) -> Parts:
    yield _say(f"on the day that was set for it when {happenings(p.facts)}", "facts")
    if _given(p.ahead):
        yield _say(f"told {strong(span_in_words(p.ahead))} before", "ahead")


@_words(kinds.ImprovementWindow)
def _window(p: kinds.ImprovementWindow) -> Parts:
    when = {
        "ended": "have passed",
        "improved": "have passed and attendance is better",
        "not improved": "have passed and attendance is no better",
        "reached": "have passed and attendance is back where it should be",
        "absence": "have not passed and there is another absence",
        "absence without evidence": "have not passed and there is an absence without evidence for it",
    }
    since = f"since {_since(p)}"
    lasts = strong(span_in_words(p.lasts))
    yield _say(f"when {lasts} {of_choices(p.when, when)}", "lasts", "when")
    yield _on(since, "since", "letters", "meetings")
    if _given(p.while_):
        yield _say(f"while attendance is {range_in_words(p.while_, p.until)}", "while", "until")
    if _given(p.opened_by):
        yield _say(f"once a letter was sent ({list_of(p.opened_by, 'or')})", "opened_by")
    yield _on(f"over {period_in_words(p.over)}", "over")
    if _given(p.evidence_within):
        yield _say(f"evidence may take {span_in_words(p.evidence_within)}", "evidence_within")
    if _given(p.decided_by):
        yield _say(f"as a person has decided ({word(p.decided_by)})", "decided_by")


def _since(p: kinds.ImprovementWindow) -> Marked:
    if isinstance(p.since, Unstated):
        return str(p.since)
    said = []
    for kind in p.since:
        names = p.letters if kind == "letter sent" else p.meetings if kind.startswith("meeting") else ()
        said.append(f"{happening(kind)} ({list_of(names, 'or')})" if names else happening(kind))
    return list_of(said, "or")


@_words(kinds.WeeklyTarget)
def _target(p: kinds.WeeklyTarget) -> Parts:
    when = {"missed": "was not reached", "met": "was reached"}
    yield _say(f"when a pupil’s own target for a week {of_choices(p.when, when)}", "when")


@_words(kinds.CourtDays)
def _court(p: kinds.CourtDays) -> Parts:
    of = {
        "order ends": "the last day of an education supervision order",
        "extension opens": "the first day on which an education supervision order can be extended",
        "proceedings latest": "the last day on which proceedings can be begun",
    }
    yield _say(f"on {of_choices(p.of, of)}", "of")
    if _given(p.ahead):
        yield _say(f"told {strong(span_in_words(p.ahead))} before", "ahead")


# --- the calendar ----------------------------------------------------------------------------------------

FOR = {
    ("pupil", "all sessions"): "for every pupil who missed no session",
    ("pupil", "on time"): "for every pupil who was always on time",
    ("pupil", "improved"): "for every pupil who attended more than in the period before",
    ("pupil", "all but illness"): "for every pupil who missed nothing but for illness",
    ("pupil", "best"): "for the pupils with the best attendance",
    ("group", "all sessions"): "for every {0} in which nobody missed a session",
    ("group", "on time"): "for the most punctual {0}",
    ("group", "improved"): "for the {0} that attended more than in the period before",
    ("group", "all but illness"): "for every {0} in which nobody missed anything but for illness",
    ("group", "best"): "for the {0} with the best attendance",
}
GROUPS = {"registration group": "class", "house": "house"}


@_words(kinds.Award)
def _award(p: kinds.Award) -> Parts:
    yield _say(f"when each {_bare(p.over)} has ended", "over")
    group = of_choices(p.grouped_by, GROUPS)
    whom = FOR.get((p.unit, p.for_), f"for {p.unit}, {p.for_}").format(group)
    yield _say(whom, "unit", "for", "grouped_by")
    if p.places != 1:
        yield _say(f"the first {count_of(p.places, 'place')}", "places")
    if _given(p.phases):
        yield _say(f"in each of {phases_in_words(p.phases)}", "phases")
    if p.own_targets:
        yield _say("whoever reached a target of their own is among them", "own_targets")
    if _given(p.prizes):
        how = "one to be chosen of " if p.choose else ""
        yield _say(f"{how}{list_of(p.prizes, 'or' if p.choose else 'and')}", "prizes", "choose")
    elif p.choose:
        yield _say("one is chosen", "choose")
    if p.in_turn:
        yield _say("the first time earns the first of them, and so on", "in_turn")
    if _given(p.given_after):
        yield _say(f"given {span_in_words(p.given_after)} later", "given_after")


@_words(kinds.Draw)
def _draw(p: kinds.Draw) -> Parts:
    yield _say(f"when each {_bare(p.over)} has ended", "over")
    yield _say("a raffle among those who missed no session")
    yield _say(f"{count_of(p.winners, 'winner')} in each of {phases_in_words(p.phases)}", "winners", "phases")
    if _given(p.prizes):
        yield _say(list_of(p.prizes), "prizes")


EVERY = {"school day": "on every school day", "2 weeks": "every two weeks"}


def _every(every: object, at: object) -> Marked:
    if isinstance(every, Unstated):
        return str(every)
    said = EVERY.get(str(every), f"in every {every}")
    ends = {"start": "at its beginning", "end": "at its end"}
    if every == "school day" and at == "end":
        return said
    return f"{said}, {of_choices(at, ends)}"


@_words(kinds.Regularly)
def _regularly(p: kinds.Regularly) -> Parts:
    yield _say(_every(p.every, p.at), "every", "at")
    if p.each_pupil:
        yield _say("for each pupil", "each_pupil")
    if _given(p.lists):
        yield _say(f"with these figures: {list_of(p.lists)}", "lists")


@_words(kinds.PeriodWhile)
def _while(p: kinds.PeriodWhile) -> Parts:
    yield _say(_every(p.every, p.at), "every", "at")
    if _given(p.flags):
        yield _on(f"for pupils {flags_in_words(p.flags)}", "flags")
    if _given(p.opened):
        where = f" ({with_parts(p.opened, p.where)})" if _given(p.where) else ""
        yield _on(f"from when {happening(p.opened)}{where}", "opened", "where")
    if _given(p.closed):
        yield _on(f"until {happenings(p.closed)}", "closed")
    if p.from_next:
        yield _say("from the next such period on", "from_next")


@_words(kinds.Training)
def _training(p: kinds.Training) -> Parts:
    every = {"once": "once", "school year": "in every school year"}
    yield _say(of_choices(p.every, every), "every")
    whom = list_of(p.roles, "or") if _given(p.roles) else "all staff"
    yield _on(f"for {whom}", "roles")
    yield _say(f"the training {quoted(p.training)}", "training")
    if _given(p.topics):
        yield _say(f"on {list_of(p.topics)}", "topics")
    if _given(p.within):
        yield _say(f"within {strong(span_in_words(p.within))} of taking on a role", "within")


@_words(kinds.ContactsKept)
def _contacts(p: kinds.ContactsKept) -> Parts:
    yield _say(f"when we hold fewer than {strong(count_of(p.at_least, 'contact'))} for a pupil", "at_least")


# --- arrangements ----------------------------------------------------------------------------------------


@_words(kinds.PartTimeTimetable)
def _part_time(p: kinds.PartTimeTimetable) -> Parts:
    if _given(p.weeks):
        weeks = strong(count_of(p.weeks, "week"))
        yield _say(f"when a part-time timetable has lasted {weeks}, or comes to its last day", "weeks")
    else:
        yield _say("when a part-time timetable comes to its last day", "weeks")
    yield _say(f"the code {_code(p.code)} ends with it", "code")


@_words(kinds.Performance)
def _performance(p: kinds.Performance) -> Parts:
    when = {
        "day outside": "when a pupil is absent to perform on a day that the licence does not name",
        "week short": "when a pupil who performs is taught for too few hours in a week",
        "period short": "when a pupil who performs is taught for too few hours over a period",
    }
    yield _say(of_choices(p.when, when), "when")
    if _given(p.hours_a_day):
        yield _say(f"{count_of(p.hours_a_day, 'hour')} for each school day", "hours_a_day")
    if _given(p.hours_a_week):
        yield _say(f"at least {count_of(p.hours_a_week, 'hour')} a week", "hours_a_week")
    if _given(p.most_hours_a_day):
        yield _say(f"of one day at most {count_of(p.most_hours_a_day, 'hour')} count", "most_hours_a_day")
    if _given(p.weeks):
        yield _say(f"over {count_of(p.weeks, 'week')}", "weeks")


# --- what must be so before somebody acts ----------------------------------------------------------------


@_words(kinds.Gate)
def _gate(p: kinds.Gate) -> Parts:
    actions = list_of(p.actions, "or")
    nobody = p.never or _given(p.refuses)
    yield _say(f"nobody may {actions}" if nobody else f"to {actions}", "actions", "never")
    if _given(p.codes):
        yield _on(f"with the code {list_of(p.codes, 'or')}", "codes")
    if _given(p.purposes):
        yield _on(f"for {list_of(p.purposes, 'or')}", "purposes")
    if _given(p.refuses):
        yield _say("with a target that is a share of all attendance", "refuses")
    if _given(p.needs):
        yield _say(f"this must be on record: {needed_in_words(p.needs)}", "needs")
    if _given(p.unless):
        yield _say(f"unless there is this: {needed_in_words(p.unless)}", "unless")
    if p.unless_leave_taken:
        yield _say(
            "unless leave that nobody granted was taken in the last twelve months", "unless_leave_taken"
        )
    if p.overridable:
        yield _say("a person may decide otherwise, with a reason", "overridable")


@_words(kinds.Reserved)
def _reserved(p: kinds.Reserved) -> Parts:
    yield _say(f"only the {list_of(p.roles, 'or the')} may", "roles")
    yield _on(list_of(p.actions, "or"), "actions")


@_words(kinds.EvidenceNeedsDoubt)
def _doubt(p: kinds.EvidenceNeedsDoubt) -> Parts:
    of = list_of(p.of, "or")
    yield _say(f"evidence of {of} is asked for only where somebody has a genuine doubt", "of")
    if _given(p.letters):
        yield _say(f"in these letters: {list_of(p.letters)}", "letters")


@_words(kinds.Retention)
def _retention(p: kinds.Retention) -> Parts:
    yield _say(f"every entry of the registers is kept for {strong(count_of(p.years, 'year'))}", "years")


@_words(kinds.Content)
def _content(p: kinds.Content) -> Parts:
    yield _say(f"for {list_of(p.shown_to) if _given(p.shown_to) else 'everybody'} to read", "shown_to")
    if _given(p.prose):
        yield _on(f"(the text {quoted(p.prose)})", "prose")
    if _given(p.rows):
        rows: Any = p.rows
        told = [rows] if isinstance(rows, Unstated) else [f"{key}: {value}" for key, value in rows.items()]
        yield _say("; ".join(map(word, told)), "rows")
    if _given(p.rows_of):
        yield _say(f"by {_bare(p.rows_of)}", "rows_of")
    if _given(p.rows_out_of):
        yield _say(f"out of {count_of(p.rows_out_of, 'school day')} a year", "rows_out_of")


@_words(kinds.Record)
def _record(p: kinds.Record) -> Parts:
    if _given(p.facts):
        yield _say(f"we keep: {list_of(p.facts)}", "facts")
    if _given(p.figures):
        yield _say(f"shown as: {list_of(p.figures)}", "figures")
