"""What time has shown since a letter, a call, a meeting or a plan, and of a pupil's own target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.duties.duty import Because, Occurrence, parts_of_key
from firstbell.duties.of_figures import compared
from firstbell.duties.sight import Looking, Sight, is_contact
from firstbell.facts import KINDS, Fact
from firstbell.facts.absences import ContactTried, EvidenceReceived, VisitMade
from firstbell.facts.cases import (
    DecisionMade,
    LetterSent,
    MeetingHeld,
    MeetingInvited,
    PupilSpokenTo,
    TargetSet,
)
from firstbell.measures import Rate
from firstbell.policy.parameters import ImprovementWindow, WeeklyTarget
from firstbell.policy.rule import Rule
from firstbell.policy.terms import Limit
from firstbell.sessions import CalendarEnds, Period, Session

__all__ = ["LOOKING", "Window", "target_of", "windows"]

_DAY = timedelta(days=1)


# --- windows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """The time after a fact: the school days after it, up to and including the last day.

    `anew_on` is the day on which a later fact began another; None where none has.
    """

    row: int
    fact: Fact
    ends_on: date
    anew_on: date | None = None


def windows(sight: Sight, params: ImprovementWindow) -> Sequence[Window]:
    """The windows that facts known by the moment begin, by pupil and in order."""
    key = ("windows", params.since, params.letters, params.meetings, params.opened_by, params.lasts)
    return sight.once(key, lambda: list(_windows(sight, params)))


def _windows(sight: Sight, params: ImprovementWindow) -> Iterator[Window]:
    own: dict[int, list[Fact]] = {}
    for kind in dict.fromkeys(params.since):
        for fact, _, row in sight.of(KINDS[kind]):
            if fact.on <= sight.day and _begins(params, fact):
                own.setdefault(row, []).append(fact)
    for row, facts in sorted(own.items()):
        facts.sort(key=lambda fact: (fact.on, fact.at, fact.known_at))
        for fact, later in zip(facts, [*facts[1:], None], strict=True):
            if params.opened_by and not _is_open(sight, params, facts, fact):
                continue
            group = sight.year_group(row, fact.on)
            try:
                ends_on = params.lasts.after(fact.on, sight.book.calendar, group)
            except CalendarEnds:
                continue
            yield Window(row, fact, ends_on, later.on if later is not None else None)


def _begins(params: ImprovementWindow, fact: Fact) -> bool:
    """Whether a fact of the kinds named begins a window: a call or a visit only if somebody was reached."""
    data = fact.data
    if isinstance(data, VisitMade):
        return is_contact(fact)
    if isinstance(data, ContactTried):
        return is_contact(fact) and data.purpose == "attendance"
    if isinstance(data, PupilSpokenTo):
        return data.about == "attendance"
    if isinstance(data, LetterSent):
        return not params.letters or data.letter in params.letters
    if isinstance(data, MeetingHeld | MeetingInvited):
        return not params.meetings or data.meeting in params.meetings
    return True


def _is_open(sight: Sight, params: ImprovementWindow, facts: Sequence[Fact], fact: Fact) -> bool:
    """Whether one of the letters after which alone it is asked was sent by then, in the same school year."""
    year = sight.period("school year", fact.on)
    return year is not None and any(
        one.on <= fact.on and one.on in year
        for one in facts
        if isinstance(one.data, LetterSent) and one.data.letter in params.opened_by
    )


def _improvement_window(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The windows that have ended, or in which a pupil was absent, as the rule asks."""
    params = rule.params
    assert isinstance(params, ImprovementWindow)
    looking = {"absence": _absences, "absence without evidence": _without_evidence}.get(params.when)
    for window in windows(sight, params):
        if looking is not None:
            yield from looking(sight, rule, window)
        elif params.when == "reached":
            yield from _reaching(sight, rule, window)
        elif _has_ended(sight, window) and not _began_anew(window):
            yield from _ended(sight, rule, window)


def _has_ended(sight: Sight, window: Window) -> bool:
    """Whether the last day is over: on a school day once the last register has closed."""
    if sight.day != window.ends_on:
        return sight.day > window.ends_on
    group = sight.year_group(window.row, sight.day)
    return sight.is_over(sight.day) or not sight.book.calendar.is_school_day(sight.day, group)


def _began_anew(window: Window) -> bool:
    """Whether another window began before this one ended, so that nothing is asked of this one."""
    return window.anew_on is not None and window.anew_on < window.ends_on


def _period_of(sight: Sight, params: ImprovementWindow, day: date) -> Period | None:
    """The period whose attendance counts on a day; in the holidays the one that has ended."""
    found = sight.period(params.over, day)
    if found is None:
        found = next((one for one in reversed(sight.periods(params.over)) if one.ends_on < day), None)
    return found


def _rate_on(sight: Sight, params: ImprovementWindow, row: int, day: date) -> Rate:
    period = _period_of(sight, params, day)
    return sight.rate(row, period.starts_on, day) if period is not None else Rate(0, 0)


def _ended(sight: Sight, rule: Rule, window: Window) -> Iterator[Occurrence]:
    """What the end of a window asks for, once it has come."""
    params, row = rule.params, window.row
    assert isinstance(params, ImprovementWindow)
    then = _rate_on(sight, params, row, window.fact.on)
    now = _rate_on(sight, params, row, window.ends_on)
    if not _is_about(params, then, now):
        return
    by_figures = _is_better(then, now)
    decision = _decision(sight, rule, window) if params.when != "ended" else None
    says = by_figures if decision is None else _is_yes(decision)
    wanted = params.when != "not improved"
    if params.when == "ended":
        holds, on = True, window.ends_on
    elif says is wanted:
        # What a person decided otherwise than the figures say is so from the day on which they did.
        holds, on = True, window.ends_on if decision is None or by_figures is wanted else decision.on
    elif by_figures is wanted:
        holds, on = False, window.ends_on
    else:
        return
    if not sight.applies(rule.applies_to, row, on):
        return
    because = _because(sight, params, window, (then, now), decision)
    yield Occurrence(
        rule,
        sight.about(row),
        _anchor(sight, window),
        on,
        because,
        holds=holds and window.anew_on is None,
        span=(window.fact.on, window.anew_on or date.max),
        suggests=_suggested(rule, by_figures) if params.when == "ended" else "",
    )


def _is_about(params: ImprovementWindow, then: Rate, now: Rate) -> bool:
    """Whether it is asked of somebody with such attendance at the beginning and at the end.

    Whoever was below the limit when it began and is above it now has improved: not to ask would hide just
    those who have.
    """
    if not now.whole:
        return params.while_ is None

    def met(limit: Limit) -> bool:
        return any(rate.whole and limit.holds(rate.part, rate.whole) for rate in (then, now))

    beyond = params.until is not None and met(params.until)
    return not beyond and (params.while_ is None or met(params.while_))


def _anchor(sight: Sight, window: Window) -> str:
    """The fact as it was first recorded: corrected it is the same."""
    return sight.facts.origins.get(window.fact.id, window.fact.id)


def _is_better(then: Rate, now: Rate) -> bool:
    return bool(then.whole and now.whole) and now.part * then.whole > then.part * now.whole


def _suggested(rule: Rule, improved: bool) -> str:
    answer = "yes" if improved else "no"
    return answer if answer in (rule.offers or (answer,)) else ""


def _because(
    sight: Sight,
    params: ImprovementWindow,
    window: Window,
    rates: tuple[Rate, Rate],
    decision: Fact | None = None,
) -> Because:
    then, now = rates
    first_on = window.fact.on + _DAY
    inside = sight.rate(window.row, first_on, window.ends_on)
    missed = sight.sessions_of(sight.absent, window.row, first_on, window.ends_on)
    named = {
        "then": then.shown(2),
        "now": now.shown(2),
        "window": inside.shown(2),
        "window_attended": inside.part,
        "window_possible": inside.whole,
        "absences": len(missed),
        "late": len(sight.sessions_of(sight.late, window.row, first_on, window.ends_on)),
        "from": first_on,
        "until": window.ends_on,
    }
    facts = (window.fact.id, *((decision.id,) if decision is not None else ()))
    return Because(missed, now, str(params.while_ or ""), facts, named)


def _decision(sight: Sight, rule: Rule, window: Window) -> Fact | None:
    """What a person decided on whether there was improvement, since the window ended; the last of it."""
    params = rule.params
    assert isinstance(params, ImprovementWindow)
    if not params.decided_by:
        return None
    asks = next((one.asks for one in sight.rules if one.id == params.decided_by), "")
    found = None
    for fact, data, _ in sight.of_row(DecisionMade, window.row):
        named = parts_of_key(data.duty)[0] if data.duty else ""
        answers = named == params.decided_by if named else bool(asks) and data.question == asks
        within = window.ends_on <= fact.on and (window.anew_on is None or fact.on <= window.anew_on)
        if answers and within and data.answer.casefold() in ("yes", "no"):
            found = fact
    return found


def _is_yes(fact: Fact) -> bool:
    return isinstance(fact.data, DecisionMade) and fact.data.answer.casefold() == "yes"


# --- a limit that is reached -----------------------------------------------------------------------------


def _reaching(sight: Sight, rule: Rule, window: Window) -> Iterator[Occurrence]:
    """The first school day from the end of a window on at which attendance meets the limit."""
    params, row = rule.params, window.row
    assert isinstance(params, ImprovementWindow)
    period = _period_of(sight, params, window.fact.on)
    if params.while_ is None or period is None or not _has_ended(sight, window) or _began_anew(window):
        return
    start, first = sight.place_of(period.starts_on), sight.place_of(window.ends_on)
    met = _meeting(sight, params.while_, row, (start, first, _read_until(sight, window, period)))
    if not met.any():
        return
    on = sight.days[first + int(met.argmax())]
    if not sight.applies(rule.applies_to, row, on):
        return
    then, now = (sight.rate(row, period.starts_on, day) for day in (window.fact.on, on))
    goes_on = window.anew_on is None and sight.day <= period.ends_on
    yield Occurrence(
        rule,
        sight.about(row),
        _anchor(sight, window),
        on,
        _because(sight, params, window, (then, now)),
        holds=goes_on and bool(met[-1]),
        span=(window.fact.on, window.anew_on or date.max),
    )


def _read_until(sight: Sight, window: Window, period: Period) -> int:
    """How many days have been read: until the period ends or another window begins, whole days only."""
    last_on = min(period.ends_on, window.anew_on or date.max)
    stop = min(sight.place_of(last_on + _DAY), sight.seen)
    return stop - 1 if stop and not sight.is_over(sight.days[stop - 1]) else stop


def _meeting(sight: Sight, limit: Limit, row: int, places: tuple[int, int, int]) -> NDArray[np.bool_]:
    """bool[day]: where attendance since a day meets a limit, from a second day to a third."""
    start, first, stop = places
    part = sight.attended_by_day[row, first + 1 : stop + 1] - sight.attended_by_day[row, start]
    whole = sight.possible_by_day[row, first + 1 : stop + 1] - sight.possible_by_day[row, start]
    met: NDArray[np.bool_] = compared(limit, part, whole) & (whole > 0)
    return met


# --- absences within a window ----------------------------------------------------------------------------


def _missed_in(sight: Sight, window: Window) -> dict[date, list[Session]]:
    """By day, the sessions of absence within a window."""
    last_on = min(window.ends_on, window.anew_on or date.max)
    found: dict[date, list[Session]] = {}
    for one in sight.sessions_of(sight.absent, window.row, window.fact.on + _DAY, last_on):
        found.setdefault(one.on, []).append(one)
    return found


def _absences(sight: Sight, rule: Rule, window: Window) -> Iterator[Occurrence]:
    """Each day of absence within a window."""
    for day, sessions in _missed_in(sight, window).items():
        if _met_on(sight, rule, window, day) and sight.applies(rule.applies_to, window.row, day):
            anchor = f"{_anchor(sight, window)}:{day}"
            yield _absent(sight, rule, window, (anchor, day), sessions)


def _met_on(sight: Sight, rule: Rule, window: Window, day: date) -> bool:
    """Whether attendance meets on a day what the rule asks only while it does."""
    params = rule.params
    assert isinstance(params, ImprovementWindow)
    if params.while_ is None:
        return True
    rate = _rate_on(sight, params, window.row, day)
    return bool(rate.whole) and params.while_.holds(rate.part, rate.whole)


def _absent(
    sight: Sight,
    rule: Rule,
    window: Window,
    arising: tuple[str, date],
    sessions: Sequence[Session],
    *,
    holds: bool = True,
) -> Occurrence:
    anchor, on = arising
    first_on, last_on = sessions[0].on, sessions[-1].on
    named = {"from": first_on, "until": last_on, "absences": len(sessions)}
    return Occurrence(
        rule,
        sight.about(window.row),
        anchor,
        on,
        Because(tuple(sessions), facts=(window.fact.id,), named=named),
        # A day of absence belongs to its own window, also when another has begun after it.
        holds=holds and (window.anew_on is None or window.anew_on <= first_on),
        # With a day before it corrected an absence begins earlier or later, and is the same.
        span=(first_on, last_on),
        settles_from=first_on,
    )


def _without_evidence(sight: Sight, rule: Rule, window: Window) -> Iterator[Occurrence]:
    """Each absence within a window, of one day or of several in a row, for which evidence did not come."""
    params = rule.params
    assert isinstance(params, ImprovementWindow)
    for days in _in_a_row(sight, window.row, _missed_in(sight, window)):
        lacking = [on for day in days if (on := _lacks_from(sight, params, window.row, day)) is not None]
        on = min(lacking, default=date.max)
        first_on = min(days)
        if on > sight.day or not _met_on(sight, rule, window, min(on, window.ends_on)):
            continue
        if not sight.applies(rule.applies_to, window.row, on):
            continue
        sessions = [one for day in days.values() for one in day]
        still = any(not _is_evidenced(sight, window.row, day) for day in days)
        anchor = f"{_anchor(sight, window)}:{first_on}"
        yield _absent(sight, rule, window, (anchor, on), sessions, holds=still)


def _in_a_row(sight: Sight, row: int, missed: dict[date, list[Session]]) -> list[dict[date, list[Session]]]:
    """Days of absence put together where no school day lies between them."""
    found: list[dict[date, list[Session]]] = []
    last: date | None = None
    for day, sessions in missed.items():
        group = sight.year_group(row, day)
        if last is None or len(sight.book.calendar.school_days(last, day, group)) > 2:
            found.append({})
        found[-1][day] = sessions
        last = day
    return found


def _evidence(sight: Sight, row: int, day: date) -> list[tuple[Fact, EvidenceReceived]]:
    """The evidence about a day: that says so, or that came on it or later and names no days."""
    return [
        (fact, data)
        for fact, data, _ in sight.of_row(EvidenceReceived, row)
        if (
            (data.from_on or date.min) <= day <= (data.until_on or data.from_on or date.max)
            if data.from_on or data.until_on
            else fact.on >= day
        )
    ]


def _is_evidenced(sight: Sight, row: int, day: date) -> bool:
    return any(data.accepted != "no" for _, data in _evidence(sight, row, day))


def _lacks_from(sight: Sight, params: ImprovementWindow, row: int, day: date) -> date | None:
    """The day from which evidence for a day of absence is lacking: refused, or not there in time."""
    group = sight.year_group(row, day)
    try:
        by_on = (
            params.evidence_within.after(day, sight.book.calendar, group) if params.evidence_within else day
        )
    except CalendarEnds:
        return None
    shown = _evidence(sight, row, day)
    refused = [fact.on for fact, data in shown if data.accepted == "no"]
    if any(fact.on <= by_on and data.accepted != "no" for fact, data in shown):
        return None
    return min([*refused, by_on + _DAY])


# --- targets of a pupil's own ----------------------------------------------------------------------------


def target_of(sight: Sight, row: int, day: date) -> tuple[Fact, TargetSet] | None:
    """The weekly target that a pupil has on a day: the last that was set; None where there is none."""
    found: tuple[Fact, TargetSet] | None = None
    for fact, data, _ in sight.of_row(TargetSet, row):
        if data.sessions is None or (data.from_on or fact.on) > day:
            continue
        if found is None or (data.from_on or fact.on) >= (found[1].from_on or found[0].on):
            found = fact, data
    if found is None or (found[1].until_on is not None and found[1].until_on < day):
        return None
    return found


def _weekly_target(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The school weeks in which a pupil's own target was met, or was not."""
    params = rule.params
    assert isinstance(params, WeeklyTarget)
    rows = sorted({row for _, data, row in sight.of(TargetSet) if data.sessions is not None})
    weeks = sight.periods("week") if rows else ()
    for row in rows:
        for place, week in enumerate(weeks):
            group = sight.year_group(row, week.starts_on)
            days = sight.book.calendar.school_days(week.starts_on, week.ends_on, group)
            if not days or not sight.is_over(days[-1]):
                continue
            first, last = (target_of(sight, row, day) for day in (days[0], days[-1]))
            if first is None or last is None or first[0] is not last[0]:
                continue
            rate = sight.rate(row, days[0], days[-1])
            needed = min(first[1].sessions or 0, rate.whole)
            if not rate.whole or (rate.part >= needed) is not (params.when == "met"):
                continue
            if not sight.applies(rule.applies_to, row, days[-1]):
                continue
            following = weeks[place + 1] if place + 1 < len(weeks) else None
            over_on = sight.last_school_day(following) if following is not None else None
            missed = sight.sessions_of(sight.absent, row, days[0], days[-1])
            named = {
                "target": first[1].sessions,
                "attended": rate.part,
                "possible": rate.whole,
                "from": week.starts_on,
                "until": days[-1],
            }
            origin = sight.facts.origins.get(first[0].id, first[0].id)
            yield Occurrence(
                rule,
                sight.about(row),
                f"{origin}:{week.starts_on}",
                days[-1],
                Because(missed, rate, facts=(first[0].id,), named=named),
                holds=over_on is None or not sight.is_over(over_on),
                span=(days[-1], over_on - _DAY if over_on is not None else date.max),
            )


LOOKING: dict[str, Looking] = {
    ImprovementWindow.kind: _improvement_window,
    WeeklyTarget.kind: _weekly_target,
}
