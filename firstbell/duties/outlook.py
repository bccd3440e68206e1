"""What is not yet due about a pupil, and what would it take? And what would end what is due?

Worked out by counting on: so many more sessions missed, so many full days attended, days to come in the
calendar. Nothing is predicted. What a pupil will do, nobody knows; what would follow, the rules say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from firstbell.duties.explain import in_order
from firstbell.duties.of_arrangements import full_time_to_come
from firstbell.duties.of_audits import numbers_of
from firstbell.duties.of_counts import counted_by
from firstbell.duties.of_court import court_days_to_come
from firstbell.duties.of_figures import halves_of_days, sick
from firstbell.duties.of_mornings import still_to_come
from firstbell.duties.of_notices import notice_days_to_come
from firstbell.duties.of_periods import going_on, next_period
from firstbell.duties.of_runs import KIND_OF
from firstbell.duties.of_windows import target_of, windows
from firstbell.duties.sight import Sight
from firstbell.measures import Rate, unauthorised_in_window
from firstbell.policy.case_parameters import MorningStep
from firstbell.policy.parameters import (
    Band,
    BandAtAudits,
    Count,
    CourtDays,
    DayOfAbsence,
    ImprovementWindow,
    NoticeDays,
    PartTimeTimetable,
    PeriodWhile,
    ReasonUnknown,
    ReviewDue,
    SicknessDays,
    Threshold,
    WeeklyTarget,
)
from firstbell.policy.rule import Mode, Rule
from firstbell.policy.terms import Comparator, Limit
from firstbell.sessions import CalendarEnds, day_and_year

__all__ = ["Outlook", "outlook"]

MOST_DAYS = 190
FOR_READING = (Mode.CONTENT, Mode.RECORD)
UPWARDS = (Comparator.ABOVE, Comparator.AT_LEAST)


@dataclass(frozen=True)
class Outlook:
    """Something that is to come, or to end: under which rule, and what it would take, in words.

    `on` is the day on which it comes if nothing changes, `sessions` how many more sessions it would take,
    `days` how many full days; None where that is not what decides.
    """

    rule: Rule
    says: str
    ends: bool = False
    on: date | None = None
    sessions: int | None = None
    days: int | None = None


def outlook(sight: Sight, enrolment: str) -> tuple[Outlook, ...]:
    """What may come for a pupil under the rules in force, the nearest first. Raises KeyError."""
    row = sight.row_of[enrolment]
    found: list[Outlook] = []
    for rule in sight.rules:
        looking = AHEAD.get(rule.kind)
        if looking is not None and sight.applies(rule.applies_to, row, sight.day):
            found += looking(sight, rule, row)
    return tuple(
        sorted(found, key=lambda one: (one.ends, one.sessions or 0, one.on or date.max, one.rule.id))
    )


# --- bands -----------------------------------------------------------------------------------------------


def _band(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    params = rule.params
    assert isinstance(params, Band)
    period = sight.period(params.over, sight.day)
    if period is None or rule.mode in FOR_READING:
        return
    rate = sight.rate(row, period.starts_on, sight.day)
    if not rate.whole:
        return
    left = 2 * len(sight.book.calendar.school_days(sight.day + timedelta(days=1), period.ends_on))
    if params.when.comparator in UPWARDS:
        yield from _upwards(rule, params.when, rate, left)
    elif params.when.holds(rate.part, rate.whole):
        again = _attended_until(params.when, rate.part, rate.whole, left)
        shown = params.when.shown
        if again is None:
            says = f"{shown} cannot be reached again in this {params.over}."
            yield Outlook(rule, says, ends=True)
        else:
            days = (again + 1) // 2
            shown = f"above {shown}" if params.when.comparator is Comparator.AT_MOST else shown
            says = f"{shown[:1].upper()}{shown[1:]} again after {_full(days)}"
            yield Outlook(rule, f"{says}.", ends=True, sessions=again, days=days)
    elif (more := _missed_until(params.when, rate.part, rate.whole, left)) is not None:
        says = f"{_more(more)} missed would bring attendance to {params.when}: {_asked(rule)}"
        yield Outlook(rule, says, sessions=more)


def _upwards(rule: Rule, limit: Limit, rate: Rate, left: int) -> Iterator[Outlook]:
    """What it would take to come up to a limit: what is asked above it is no reason to worry."""
    more = _attended_until(limit, rate.part, rate.whole, left, met=True)
    if not limit.holds(rate.part, rate.whole) and more is not None:
        days = (more + 1) // 2
        says = f"Attendance would be {limit} after {_full(days)}: {_asked(rule)}"
        yield Outlook(rule, says, sessions=more, days=days)


def _attended_until(limit: Limit, part: int, whole: int, left: int, *, met: bool = False) -> int | None:
    """How many sessions attended from now on until a limit is not met, or is; None if there are too few."""
    for more in range(1, left + 1):
        if limit.holds(part + more, whole + more) is met:
            return more
    return None


def _missed_until(limit: Limit, part: int, whole: int, left: int) -> int | None:
    for more in range(1, min(left, 2 * MOST_DAYS) + 1):
        if limit.holds(part, whole + more):
            return more
    return None


def _asked(rule: Rule) -> str:
    """What a rule asks for, as the end of a sentence."""
    return rule.asks if rule.asks.endswith("?") else f"{rule.asks}."


def _more(sessions: int) -> str:
    return "One more session" if sessions == 1 else f"{sessions} more sessions"


def _full(days: int) -> str:
    return "one full day" if days == 1 else f"{days} full days"


def _band_at_audits(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    """The audit at which a pupil who stands in the band will be asked about; or what would bring them in."""
    params = rule.params
    assert isinstance(params, BandAtAudits)
    period, on = sight.period(params.over, sight.day), sight.ends_next(params.audits)
    number, was_asked = numbers_of(sight, params, row)
    wanted = params.from_number <= number <= (params.until_number or number)
    if period is None or on is None or was_asked or not wanted:
        return
    rate = sight.rate(row, period.starts_on, sight.day)
    left = 2 * len(sight.book.calendar.school_days(sight.day + timedelta(days=1), period.ends_on))
    below = params.until is not None and rate.whole and params.until.holds(rate.part, rate.whole)
    times = f"for the {in_order(number)} time running" if number > 1 else "for the first time"
    if not rate.whole or below:
        return
    if params.when.holds(rate.part, rate.whole):
        says = f"If attendance stays {params.when}, it is so {times} at the audit on {day_and_year(on)}"
        yield Outlook(rule, f"{says}: {_asked(rule)}", on=on)
    elif (more := _missed_until(params.when, rate.part, rate.whole, left)) is not None:
        says = f"{_more(more)} missed would bring attendance to {params.when} {times}: {_asked(rule)}"
        yield Outlook(rule, says, sessions=more)


# --- counts ----------------------------------------------------------------------------------------------


def _count(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    params = rule.params
    assert isinstance(params, Count)
    days = _days_of_count(sight, params, row)
    if days is None:
        return
    sessions = [one for one in counted_by(sight, params).get(row, ()) if days[0] <= one.on <= sight.day]
    missing = params.reaches - len(sessions)
    if missing > 0 and sessions:
        more = f"{missing} more" if missing > 1 else "one more"
        on_one = ""
        if params.on_one_weekday is not None:
            on_one = f", {params.on_one_weekday} of them on one weekday,"
        says = (
            f"{len(sessions)} of {params.of} since {day_and_year(days[0])}; {more} by "
            f"{day_and_year(days[1])}{on_one} would ask: {_asked(rule)}"
        )
        yield Outlook(rule, says, sessions=missing)


def _days_of_count(sight: Sight, params: Count, row: int) -> tuple[date, date] | None:
    """The days over which it is counted now: of the period, or of the school weeks up to this one."""
    if params.within is None:
        period = sight.period(params.over, sight.day)
        return (period.starts_on, period.ends_on) if period is not None else None
    weeks = sight.book.calendar.last_school_weeks(sight.day, params.within.number)
    return (weeks[0].monday_on, weeks[-1].sunday_on) if weeks else None


def _threshold(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    """How many more sessions reach the threshold, and until when those that count now still do."""
    params = rule.params
    assert isinstance(params, Threshold)
    if not sight.seen or params.each_parent:
        return
    last = 2 * sight.seen - 1
    window = sight.once(("window", params), lambda: unauthorised_in_window(sight.strips, last, params))
    held = int(window[row])
    if not held or held >= params.sessions:
        return
    group = sight.enrolments[row].year_group(sight.day)
    weeks = sight.book.calendar.last_school_weeks(sight.day, params.school_weeks, group)
    counted = sight.sessions_of(sight.marked(params.codes), row, weeks[0].monday_on, sight.day)
    missing = params.sessions - held
    says = f"{held} unauthorised sessions count towards {params.sessions}; {_more(missing).lower()}"
    until_on = _drops_on(sight, counted[0].on, params.school_weeks, group) if counted else None
    if until_on is not None:
        days = sight.book.calendar.school_days(
            sight.day + timedelta(days=1), until_on - timedelta(days=1), group
        )
        if missing > 2 * len(days):
            return
    until = f" before {day_and_year(until_on)}" if until_on else ""
    yield Outlook(rule, f"{says}{until} would meet the national threshold.", on=until_on, sessions=missing)


def _drops_on(sight: Sight, day: date, weeks: int, group: str | None) -> date | None:
    """The Monday of the first school week whose window a session of `day` is not in any more."""
    calendar = sight.book.calendar
    following = calendar.school_weeks(day, calendar.ends_on, group)
    return following[weeks].monday_on if len(following) > weeks else None


def _sickness(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    params = rule.params
    assert isinstance(params, SicknessDays)
    period = sight.period("school year", sight.day)
    if period is None or params.expected:
        return
    start, stop = sight.place_of(period.starts_on), sight.place_of(sight.day + timedelta(days=1))
    halves = int(halves_of_days(sick(sight, params)[row : row + 1], params)[0, start:stop].sum())
    # What is left of a half day takes a day as well.
    missing = params.days - halves // 2
    if halves and missing > 0:
        days = f"{halves // 2}½" if halves % 2 else f"{halves // 2}"
        says = f"{days} school days of sickness this year; {missing} more would ask: {_asked(rule)}"
        yield Outlook(rule, says, days=missing)


# --- days to come ----------------------------------------------------------------------------------------


def _day_of_absence(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    params = rule.params
    assert isinstance(params, DayOfAbsence)
    if params.day is None or params.back:
        # Nobody knows on which day a pupil will be back.
        return
    for run in sight.runs(KIND_OF[params.of]).get(row, ()):
        if not run.open or run.days >= params.day:
            continue
        group = sight.enrolments[row].year_group(sight.day)
        if sight.days[run.last_day] < sight.days[sight.seen - 1]:
            continue
        try:
            on = sight.book.calendar.nth_school_day_after(sight.day, params.day - run.days, group)
        except CalendarEnds:
            continue
        says = (
            f"Absent for {run.days} school days in a row; if it goes on, {day_and_year(on)} is day "
            f"{params.day}: {_asked(rule)}"
        )
        yield Outlook(rule, says, on=on, days=params.day - run.days)


def _reason_unknown(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    params = rule.params
    assert isinstance(params, ReasonUnknown)
    group = sight.enrolments[row].year_group(sight.day)
    first = sight.days[0] if sight.days else sight.day
    for day in sorted(
        {one.on for one in sight.sessions_of(sight.marked((params.code,)), row, first, sight.day)}
    ):
        try:
            on = params.within.after(day, sight.book.calendar, group)
        except CalendarEnds:
            continue
        if on > sight.day:
            says = f"The reason for {day_and_year(day)} is not known; it has to be by {day_and_year(on)}."
            yield Outlook(rule, says, on=on)


def _review_due(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    params = rule.params
    assert isinstance(params, ReviewDue)
    for fact in sight.facts.about(sight.enrolments[row].id):
        value = getattr(fact.data, "review_on", None) if fact.kind in params.facts else None
        days = (value,) if isinstance(value, date) else value or ()
        for day in days:
            if day > sight.day:
                yield Outlook(rule, f"To be reviewed on {day_and_year(day)}.", on=day)


def _improvement_window(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    """The end of a window that goes on: what it will show, nobody knows."""
    params = rule.params
    assert isinstance(params, ImprovementWindow)
    for window in windows(sight, params) if params.when == "ended" else ():
        if window.row == row and window.anew_on is None and window.ends_on > sight.day:
            since, on = day_and_year(window.fact.on), day_and_year(window.ends_on)
            says = f"On {on} it is looked at whether attendance has improved since {since}: {_asked(rule)}"
            yield Outlook(rule, says, on=window.ends_on)


def _weekly_target(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    """How many more sessions missed this week would miss a pupil's own target."""
    params = rule.params
    assert isinstance(params, WeeklyTarget)
    week, group = sight.period("week", sight.day), sight.year_group(row, sight.day)
    days = sight.book.calendar.school_days(week.starts_on, week.ends_on, group) if week is not None else ()
    target = target_of(sight, row, days[0]) if days else None
    if target is None or params.when != "missed" or sight.last is None:
        return
    rate = sight.rate(row, days[0], sight.day)
    left = sum(one > sight.last for one in sight.book.calendar.sessions(days[0], days[-1], group))
    needed = min(target[1].sessions or 0, rate.whole + left)
    more = rate.part + left - needed + 1
    if 0 < more <= left:
        says = f"{_more(more)} missed this week would miss the target of {target[1].sessions}"
        yield Outlook(rule, f"{says}: {_asked(rule)}", on=days[-1], sessions=more)


def _period_while(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    """When something that is done regularly is to be done next, if what it is for goes on."""
    params = rule.params
    assert isinstance(params, PeriodWhile)
    for one in going_on(sight, params):
        on = next_period(sight, params, one) if one.row == row else None
        if on is not None:
            yield Outlook(rule, f"Next on {day_and_year(on)} ({one.what}): {_asked(rule)}", on=on)


def _morning_step(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
    """The steps of this morning that are not due yet: by a time, or when the one before has failed."""
    for clause, contact in still_to_come(sight, rule, row):
        whom = f" ({contact})" if contact else ""
        says = f"{clause[:1].upper()}{clause[1:]}: {_asked(rule)}"
        yield Outlook(rule, f"{says.removesuffix('.')}{whom}." if whom else says, on=sight.day)


def _dated(
    to_come: Callable[[Sight, Rule, int], Iterator[tuple[str, date]]],
) -> Callable[[Sight, Rule, int], Iterator[Outlook]]:
    """Days that a fact has fixed: they come whatever the pupil does."""

    def looking(sight: Sight, rule: Rule, row: int) -> Iterator[Outlook]:
        for says, day in to_come(sight, rule, row):
            yield Outlook(rule, says, on=day)

    return looking


AHEAD: dict[str, Callable[[Sight, Rule, int], Iterator[Outlook]]] = {
    MorningStep.kind: _morning_step,
    Band.kind: _band,
    BandAtAudits.kind: _band_at_audits,
    Count.kind: _count,
    Threshold.kind: _threshold,
    SicknessDays.kind: _sickness,
    DayOfAbsence.kind: _day_of_absence,
    ReasonUnknown.kind: _reason_unknown,
    ReviewDue.kind: _review_due,
    ImprovementWindow.kind: _improvement_window,
    WeeklyTarget.kind: _weekly_target,
    PeriodWhile.kind: _period_while,
    NoticeDays.kind: _dated(notice_days_to_come),
    CourtDays.kind: _dated(court_days_to_come),
    PartTimeTimetable.kind: _dated(full_time_to_come),
}
