"""What do the tests of a policy say of a request for leave? They advise, and the headteacher decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from firstbell.duties.duty import Advice, Because
from firstbell.duties.leave import OBSERVANCE, Decided, codes_of_leave, decisions
from firstbell.duties.of_arrangements import licences_of
from firstbell.duties.sight import BoolArray, Sight
from firstbell.facts import Fact
from firstbell.facts.cases import ConcernRaised, LeaveAsked
from firstbell.measures import Rate
from firstbell.policy.parameters import (
    LeaveAlready,
    LeaveApplicant,
    LeaveAssessments,
    LeaveAttendance,
    LeaveConcern,
    LeaveNotice,
    LeaveReason,
    LeaveRetrospective,
    LeaveStart,
    LeaveYearGroup,
    Params,
)
from firstbell.policy.rule import Rule
from firstbell.policy.terms import Span, Unit
from firstbell.sessions import LONDON, Half, Session

__all__ = ["BLOCK", "EXCEPTIONAL", "REFUSE", "TESTS", "WEIGH", "advice_on", "days_of_notice"]

REFUSE, WEIGH, BLOCK, EXCEPTIONAL = "refuse", "weigh", "block", "exceptional"
PERFORMANCE = "performance"


@dataclass(frozen=True)
class Request:
    """A request as the tests see it. `first_on` is the first school day that the pupil would miss."""

    fact: Fact
    asked: LeaveAsked
    row: int
    first_on: date


Test = Callable[[Sight, Rule, Request], "Advice | None"]


def _notice(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveNotice)
    if params.reasons and request.asked.reason not in params.reasons:
        return None
    on, from_on = request.fact.on, request.first_on
    group = sight.enrolments[request.row].year_group(on)
    if params.at_least.between(on, from_on, sight.book.calendar, group):
        return None
    days = days_of_notice(sight, params.at_least, on, from_on, group)
    named = {"notice_days": days, "at_least": str(params.at_least)}
    return Advice(rule, params.advises, Because(facts=(request.fact.id,), named=named))


def days_of_notice(sight: Sight, asked: Span, on: date, from_on: date, group: str | None) -> int:
    """How many days of notice there were, in school days where notice is asked for in these."""
    if asked.unit in (Unit.SCHOOL_DAYS, Unit.SCHOOL_WEEKS):
        return len(sight.book.calendar.school_days(on, from_on - timedelta(days=1), group))
    return (from_on - on).days


def _attendance(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    """By what was before the day of the request; `projected` with the sessions asked for as missed."""
    params = rule.params
    assert isinstance(params, LeaveAttendance)
    if params.reasons and request.asked.reason not in params.reasons:
        return None
    first_on, last_on = _before(sight, params, request), request.fact.on - timedelta(days=1)
    cells = _compared(sight, params.of)
    held = sight.sessions_of(cells, request.row, first_on, last_on)
    whole = sight.rate(request.row, first_on, last_on).whole
    asked = len(_asked_for(sight, request)) if params.projected else 0
    if not whole or (params.projected and not asked):
        return None
    part = len(held) + (asked if params.of != "attendance" else 0)
    rate = Rate(part, whole + asked)
    if not params.when.holds(rate.part, rate.whole):
        return None
    name = params.of.replace(" ", "_")
    counted = "attended" if params.of == "attendance" else "sessions"
    named: dict[str, object] = {name: rate.shown(), counted: rate.part, "possible": rate.whole}
    if params.projected:
        named["asked_for"] = asked
    missed = (
        held if params.of != "attendance" else sight.sessions_of(sight.absent, request.row, first_on, last_on)
    )
    return Advice(rule, REFUSE, Because(missed, rate, str(params.when), (request.fact.id,), named))


def _before(sight: Sight, params: LeaveAttendance, request: Request) -> date:
    """The first day of what is compared: so long before the request, of its school year, or of all days."""
    on = request.fact.on
    if params.during == "school year":
        year = sight.book.calendar.year(on)
        return year.starts_on if year else on
    if params.during or params.over is None:
        return sight.days[0] if sight.days else on
    return params.over.before(on, sight.book.calendar)


def _compared(sight: Sight, of: str) -> BoolArray:
    """The sessions that are compared with those possible."""
    if of == "attendance":
        return sight.attended
    kind = of.removesuffix(" absence")
    return sight.once(("absence", kind), lambda: sight.where(lambda code: code.absence == kind))


def _asked_for(sight: Sight, request: Request) -> list[Session]:
    """The sessions of a request, without those of days that a licence for performances names."""
    licensed = {day for _, data in licences_of(sight, request.row) for day in data.days_on}
    group = sight.enrolments[request.row].year_group(request.first_on)
    every = sight.book.calendar.sessions(request.asked.from_on, request.asked.until_on, group)
    return [session for session in every if session.on not in licensed]


def _assessments(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    """Days of the request that are days of assessments, or so many school days before them."""
    params = rule.params
    assert isinstance(params, LeaveAssessments)
    group = sight.enrolments[request.row].year_group(request.first_on)
    calendar = sight.book.calendar
    days = calendar.school_days(request.asked.from_on, request.asked.until_on, group)
    for first_on, last_on in params.assessments:
        from_on = params.before.before(first_on, calendar, group) if params.before else first_on
        inside = [day for day in days if from_on <= day <= last_on]
        if inside:
            ahead = len(calendar.school_days(inside[0], first_on - timedelta(days=1), group))
            named = {"assessments_from": first_on, "assessments_until": last_on, "days_before": ahead}
            return Advice(rule, REFUSE, Because(facts=(request.fact.id,), named=named))
    return None


def _year_group(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveYearGroup)
    group = sight.enrolments[request.row].year_group(request.first_on)
    if group not in params.year_groups:
        return None
    return Advice(rule, REFUSE, Because(facts=(request.fact.id,), named={"year_group": group}))


def _at_start(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveStart)
    year = sight.book.calendar.year(request.first_on)
    if year is None:
        return None
    group = sight.enrolments[request.row].year_group(request.first_on)
    days = sight.book.calendar.school_days(year.starts_on, request.first_on, group)
    if not days or len(days) > params.school_days:
        return None
    named = {"school_day": len(days), "school_days": params.school_days}
    return Advice(rule, REFUSE, Because(facts=(request.fact.id,), named=named))


def _retrospective(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    assert isinstance(rule.params, LeaveRetrospective)
    times = sight.times(Session(request.first_on, Half.AM), request.row)
    opens = times.opens if times else time(9, 0)
    # Asked on the day itself, before the register opens, is asked in advance.
    if request.fact.at < datetime.combine(request.first_on, opens, LONDON):
        return None
    named = {"requested": request.fact.on, "from": request.first_on}
    return Advice(rule, BLOCK, Because(facts=(request.fact.id,), named=named))


def _already(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveAlready)
    period = sight.period(params.over, request.first_on)
    if period is None:
        return None
    earlier = tuple(
        fact.id
        for fact, asked, decided, _ in sight.once("leave of", lambda: _by_row(sight)).get(request.row, ())
        if fact.id != request.fact.id
        and decided is not None
        and decided.data.granted != "no"
        and asked.from_on in period
        and fact.known_at <= request.fact.known_at
        and asked.reason != OBSERVANCE
    )
    # Leave that nobody granted and that was taken all the same is leave taken.
    before_on = min(request.fact.on, request.first_on - timedelta(days=1))
    codes = codes_of_leave(sight.book.statute.on(request.fact.on))
    taken = sight.sessions_of(sight.marked(codes), request.row, period.starts_on, before_on)
    if not earlier and not taken:
        return None
    return Advice(rule, REFUSE, Because(taken, facts=(request.fact.id, *earlier), named={"earlier": True}))


def _by_row(sight: Sight) -> dict[int, list[tuple[Fact, LeaveAsked, Decided | None, int]]]:
    found: dict[int, list[tuple[Fact, LeaveAsked, Decided | None, int]]] = {}
    for one in decisions(sight):
        found.setdefault(one[3], []).append(one)
    return found


def _applicant(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveApplicant)
    asked = request.asked
    if params.asks_for == "licence":
        met = asked.reason != PERFORMANCE or bool(asked.licence_exempt) or _is_licensed(sight, request)
    else:
        met = asked.lives_with_applicant if params.asks_for == "lives with" else asked.on_form
    if met:
        return None
    return Advice(rule, REFUSE, Because(facts=(request.fact.id,), named={"missing": params.asks_for}))


def _is_licensed(sight: Sight, request: Request) -> bool:
    """Whether licences cover each school day of a request: those that they name, or all of their days."""
    licences = [data for _, data in licences_of(sight, request.row)]
    group = sight.enrolments[request.row].year_group(request.first_on)
    days = sight.book.calendar.school_days(request.asked.from_on, request.asked.until_on, group)
    return all(
        any(day in one.days_on if one.days_on else one.from_on <= day <= one.until_on for one in licences)
        for day in days
    )


def _concern(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveConcern)
    year = sight.book.calendar.year(request.fact.on)
    concerns = tuple(
        fact.id
        for fact, data, _ in sight.of_row(ConcernRaised, request.row)
        if data.about in params.about and year is not None and fact.on in year
    )
    if not concerns:
        return None
    return Advice(rule, WEIGH, Because(facts=(request.fact.id, *concerns), named={"concerns": len(concerns)}))


def _reason(_sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveReason)
    if request.asked.reason not in params.reasons:
        return None
    named = {"reason": request.asked.reason}
    says = REFUSE if params.says == "refuse" else EXCEPTIONAL
    return Advice(rule, says, Because(facts=(request.fact.id,), named=named))


TESTS: dict[type[Params], Test] = {
    LeaveNotice: _notice,
    LeaveAttendance: _attendance,
    LeaveYearGroup: _year_group,
    LeaveStart: _at_start,
    LeaveAssessments: _assessments,
    LeaveRetrospective: _retrospective,
    LeaveAlready: _already,
    LeaveApplicant: _applicant,
    LeaveConcern: _concern,
    LeaveReason: _reason,
}


def advice_on(sight: Sight, fact: Fact, asked: LeaveAsked, row: int) -> tuple[Advice, ...]:
    """What the tests in force on the day of a request say of it, in the order of the policy."""
    group = sight.enrolments[row].year_group(asked.from_on)
    days = sight.book.calendar.school_days(asked.from_on, asked.until_on, group)
    request = Request(fact, asked, row, days[0] if days else asked.from_on)
    found = []
    for rule, test in sight.once(("tests", sight.rulebook, fact.on), lambda: _tests(sight, fact.on)):
        if sight.applies(rule.applies_to, row, fact.on):
            advice = test(sight, rule, request)
            if advice is not None:
                found.append(advice)
    return tuple(found)


def _tests(sight: Sight, day: date) -> list[tuple[Rule, Test]]:
    """The rules in force on a day that are tests of a request."""
    rules = sight.rulebook.on(day)
    return [(rule, TESTS[type(rule.params)]) for rule in rules if type(rule.params) in TESTS]
