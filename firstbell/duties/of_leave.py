"""What a request for leave asks of the headteacher, what the tests of the policy advise, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from firstbell.duties.duty import Advice, Because, Occurrence
from firstbell.duties.leave import OBSERVANCE, Decided, decisions
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import About, Fact
from firstbell.facts.cases import ConcernRaised, LeaveAsked
from firstbell.policy.parameters import (
    AfterLeave,
    LeaveAlready,
    LeaveApplicant,
    LeaveAttendance,
    LeaveConcern,
    LeaveDecision,
    LeaveNotice,
    LeaveReason,
    LeaveRetrospective,
    LeaveStart,
    LeaveYearGroup,
    Observance,
    Params,
    RefusedTaken,
)
from firstbell.policy.rule import Rule
from firstbell.policy.terms import Span
from firstbell.sessions import LONDON, Half, Session

__all__ = ["BLOCK", "LOOKING", "REFUSE", "TESTS", "WEIGH", "advice_on"]

REFUSE, WEIGH, BLOCK, EXCEPTIONAL = "refuse", "weigh", "block", "exceptional"


@dataclass(frozen=True)
class Request:
    """A request as the tests see it. `first_on` is the first school day that the pupil would miss."""

    fact: Fact
    asked: LeaveAsked
    row: int
    first_on: date


Test = Callable[[Sight, Rule, Request], "Advice | None"]


# --- the tests -------------------------------------------------------------------------------------------


def _notice(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveNotice)
    if params.reasons and request.asked.reason not in params.reasons:
        return None
    on, from_on = request.fact.on, request.first_on
    group = sight.enrolments[request.row].year_group(on)
    if params.at_least.between(on, from_on, sight.book.calendar, group):
        return None
    named = {"notice_days": (from_on - on).days, "at_least": str(params.at_least)}
    return Advice(rule, params.advises, Because(facts=(request.fact.id,), named=named))


def _attendance(sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveAttendance)
    on = request.fact.on
    first_on = (params.over or Span("12 months")).before(on, sight.book.calendar)
    rate = sight.rate(request.row, first_on, on - timedelta(days=1))
    if not rate.whole or not params.when.holds(rate.part, rate.whole):
        return None
    missed = sight.sessions_of(sight.absent, request.row, first_on, on - timedelta(days=1))
    named = {"attendance": rate.shown(), "attended": rate.part, "possible": rate.whole}
    return Advice(rule, REFUSE, Because(missed, rate, str(params.when), (request.fact.id,), named))


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
    taken = sight.sessions_of(sight.marked(("C", "G")), request.row, period.starts_on, before_on)
    if not earlier and not taken:
        return None
    return Advice(rule, REFUSE, Because(taken, facts=(request.fact.id, *earlier), named={"earlier": True}))


def _by_row(sight: Sight) -> dict[int, list[tuple[Fact, LeaveAsked, Decided | None, int]]]:
    found: dict[int, list[tuple[Fact, LeaveAsked, Decided | None, int]]] = {}
    for one in decisions(sight):
        found.setdefault(one[3], []).append(one)
    return found


def _applicant(_sight: Sight, rule: Rule, request: Request) -> Advice | None:
    params = rule.params
    assert isinstance(params, LeaveApplicant)
    met = request.asked.lives_with_applicant if params.asks_for == "lives with" else request.asked.on_form
    if met:
        return None
    return Advice(rule, REFUSE, Because(facts=(request.fact.id,), named={"missing": params.asks_for}))


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
    return Advice(rule, EXCEPTIONAL, Because(facts=(request.fact.id,), named=named))


TESTS: dict[type[Params], Test] = {
    LeaveNotice: _notice,
    LeaveAttendance: _attendance,
    LeaveYearGroup: _year_group,
    LeaveStart: _at_start,
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


# --- the decision ----------------------------------------------------------------------------------------


def _leave_decision(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each request for leave that is none for religious observance."""
    params = rule.params
    assert isinstance(params, LeaveDecision)
    for fact, asked, decided, row in decisions(sight):
        if asked.reason == OBSERVANCE or not sight.applies(rule.applies_to, row, fact.on):
            continue
        advice = advice_on(sight, fact, asked, row)
        says = {one.says for one in advice}
        named: dict[str, object] = {"days": _school_days(sight, asked, row), "reason": asked.reason}
        for one in advice:
            named |= one.because.named
        named["advised_by"] = tuple(one.rule.id for one in advice)
        named["considerations"] = params.considerations
        suggests = ""
        if BLOCK in says or (REFUSE in says and EXCEPTIONAL not in says):
            suggests = REFUSE
        yield Occurrence(
            rule,
            About(enrolment=fact.about.enrolment),
            fact.id,
            fact.on,
            Because(facts=(fact.id,), named=named),
            due_on=max(fact.on, asked.from_on - timedelta(days=1)),
            suggests=suggests,
            advice=advice,
            shown_done=(decided.fact.id,) if decided else (),
        )


def _school_days(sight: Sight, asked: LeaveAsked, row: int) -> int:
    group = sight.enrolments[row].year_group(asked.from_on)
    return len(sight.book.calendar.school_days(asked.from_on, asked.until_on, group))


def _after_leave(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """What follows a decision on a request."""
    params = rule.params
    assert isinstance(params, AfterLeave)
    for fact, asked, decided, row in decisions(sight):
        if decided is None or asked.reason == OBSERVANCE:
            continue
        if (decided.data.granted != "no") is not params.granted:
            continue
        if params.abroad is not None and asked.abroad is not params.abroad:
            continue
        if not sight.applies(rule.applies_to, row, decided.fact.on):
            continue
        on = decided.fact.on
        due_on = max(on, asked.from_on - timedelta(days=1)) if params.before_leave else on
        named = {"from": asked.from_on, "until": asked.until_on, "abroad": asked.abroad}
        yield Occurrence(
            rule,
            About(enrolment=fact.about.enrolment),
            fact.id,
            on,
            Because(facts=(fact.id, decided.fact.id), named=named),
            due_on=due_on,
            # What is to be said of a leave is said before it is over.
            holds=sight.day <= asked.until_on,
        )


def _refused_taken(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Leave that was refused and taken, for each parent who took part in it."""
    assert isinstance(rule.params, RefusedTaken)
    unauthorised = sight.where(lambda code: code.absence == "unauthorised")
    for fact, asked, decided, row in decisions(sight):
        if decided is None or decided.data.granted == "yes" or asked.reason == OBSERVANCE:
            continue
        missed = tuple(
            session
            for session in sight.sessions_of(unauthorised, row, asked.from_on, asked.until_on)
            if not decided.grants(asked, session.on)
        )
        if not missed or not sight.applies(rule.applies_to, row, missed[0].on):
            continue
        enrolment = fact.about.enrolment
        parents = dict.fromkeys((*asked.travelling, *([asked.applied_by] if asked.applied_by else [])))
        named = {"sessions": len(missed), "days": len({session.on for session in missed})}
        for parent in tuple(parents) or sight.book.parents.get(enrolment, ()) or ("",):
            yield Occurrence(
                rule,
                About(enrolment=enrolment, parent=parent),
                fact.id,
                missed[0].on,
                Because(missed, facts=(fact.id, decided.fact.id), named=named),
            )


def _observance(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each school day of a request for religious observance: set apart by the parent's body, or not."""
    params = rule.params
    assert isinstance(params, Observance)
    for fact, asked, decided, row in decisions(sight):
        if asked.reason != OBSERVANCE or not sight.applies(rule.applies_to, row, fact.on):
            continue
        group = sight.enrolments[row].year_group(asked.from_on)
        for day in sight.book.calendar.school_days(asked.from_on, asked.until_on, group):
            set_apart = day in asked.set_apart_on
            named = {"day": day, "set_apart": set_apart, "requested": fact.on, "in_advance": fact.on < day}
            yield Occurrence(
                rule,
                About(enrolment=fact.about.enrolment),
                f"{fact.id}:{day}",
                fact.on,
                Because(tuple(_sessions_on(sight, row, day)), facts=(fact.id,), named=named),
                due_on=max(fact.on, day - timedelta(days=1)),
                # Where nobody has said which days are set apart, there is nothing to suggest.
                suggests="authorise" if set_apart else "not authorised" if asked.set_apart_on else "",
                shown_done=(decided.fact.id,) if decided else (),
            )


def _sessions_on(sight: Sight, row: int, day: date) -> tuple[Session, ...]:
    group = sight.enrolments[row].year_group(day)
    return sight.book.calendar.sessions(day, day, group)


LOOKING: dict[str, Looking] = {
    LeaveDecision.kind: _leave_decision,
    AfterLeave.kind: _after_leave,
    RefusedTaken.kind: _refused_taken,
    Observance.kind: _observance,
}
