"""Arrangements that are kept to, or not: part-time timetables by their weeks, licences by days and hours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from firstbell.duties.acting import Action, Refusal, refusal
from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import Fact
from firstbell.facts.provision import (
    PerformanceLicensed,
    TaughtElsewhere,
    TimetableAgreed,
    TimetableReviewed,
)
from firstbell.policy.parameters import PartTimeTimetable, Performance
from firstbell.policy.rule import Rule
from firstbell.sessions import Session, SessionTimes, day_and_year, monday_of
from firstbell.statute.values import LeaveGround

__all__ = [
    "FULL_TIME_AGAIN",
    "LOOKING",
    "TaughtDay",
    "covered_by",
    "full_time_to_come",
    "full_time_by",
    "hours",
    "leaves_out",
    "licensed_education",
    "licences_of",
    "part_time",
    "performance_code",
    "timetables_of",
]

_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = re.compile(r"((?:[01]?\d|2[0-3]):[0-5]\d) ?[-–] ?((?:[01]?\d|2[0-3]):[0-5]\d)", re.ASCII)
"""Times of a day, as 09:00-12:00."""
FULL_TIME_AGAIN = ("full time again", "ended")


# --- part-time timetables --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Timetable:
    """A part-time timetable as it stands: the last day that it is for, and whether it extends another one.

    `last_on` is its own last day or, if that is earlier, the end of its weeks; `ended_by` the review that
    ended it before. An extension without days of review, or to which nobody agreed, covers none.
    """

    fact: Fact
    data: TimetableAgreed
    last_on: date
    is_extension: bool
    ended_by: Fact | None = None

    @property
    def until_on(self) -> date:
        """The last day on which the pupil may be away because of it."""
        return min(self.last_on, self.ended_by.on) if self.ended_by is not None else self.last_on

    def covers(self, day: date) -> bool:
        """Whether the pupil may be away on a day because of it."""
        reviewed = not self.is_extension or bool(self.data.review_on and self.data.agreed_by)
        return reviewed and self.data.from_on <= day <= self.until_on


def timetables_of(sight: Sight, row: int, weeks: int | None) -> list[Timetable]:
    """The part-time timetables of a pupil in the order of their days.

    The weeks are counted from the calendar week in which the first began: one that goes on where another
    ended has no weeks of its own, or they could be renewed without end.
    """
    found: list[Timetable] = []
    first_on: date | None = None
    for fact, data, _ in sorted(sight.of_row(TimetableAgreed, row), key=lambda one: one[1].from_on):
        goes_on = bool(found) and not _school_days_between(sight, row, found[-1].data.until_on, data.from_on)
        is_extension = data.extends is not None
        if not goes_on or first_on is None:
            first_on = data.from_on
        last_on = data.until_on
        if weeks is not None and not is_extension:
            last_on = min(last_on, monday_of(first_on) + timedelta(weeks=weeks) - _DAY)
        ended = [one for one, review in _reviews(sight, fact) if review.outcome in FULL_TIME_AGAIN]
        found.append(Timetable(fact, data, last_on, is_extension, ended[0] if ended else None))
    return found


def _school_days_between(sight: Sight, row: int, last_on: date, first_on: date) -> int:
    """How many school days lie between the last day of one timetable and the first of another."""
    if first_on <= last_on + _DAY:
        return 0
    group = sight.year_group(row, first_on)
    return len(sight.book.calendar.school_days(last_on + _DAY, first_on - _DAY, group))


def _reviews(sight: Sight, timetable: Fact) -> list[tuple[Fact, TimetableReviewed]]:
    """The reviews of a timetable, in the order of their days."""
    origins = sight.facts.origins
    ids = {timetable.id, origins.get(timetable.id, timetable.id)}
    found = [(fact, data) for fact, data in sight.facts.of(TimetableReviewed) if data.timetable in ids]
    return sorted(found, key=lambda one: one[0].on)


def _last_school_day(sight: Sight, row: int, timetable: Timetable, last_on: date) -> date:
    """The last school day of a timetable until a day; that day where it has none."""
    first_on = timetable.data.from_on
    days = sight.book.calendar.school_days(first_on, last_on, sight.year_group(row, first_on))
    return days[-1] if days else last_on


def full_time_by(sight: Sight, row: int, day: date) -> date | None:
    """The last school day of the part-time timetable that runs on a day, or of the last agreed by then."""
    rule = next((rule for rule in _part_time_rules(sight) if sight.applies(rule.applies_to, row, day)), None)
    weeks = rule.params.weeks if rule is not None and isinstance(rule.params, PartTimeTimetable) else None
    found = [one for one in timetables_of(sight, row, weeks) if one.fact.on <= day]
    return _last_school_day(sight, row, found[-1], found[-1].until_on) if found else None


def _part_time_rules(sight: Sight) -> list[Rule]:
    return [rule for rule in sight.rules if isinstance(rule.params, PartTimeTimetable)]


def _part_time_timetable(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Timetables that have come to the end of their weeks."""
    params = rule.params
    assert isinstance(params, PartTimeTimetable)
    for row in sorted({row for _, _, row in sight.of(TimetableAgreed)}):
        own = timetables_of(sight, row, params.weeks)
        for place, timetable in enumerate(own):
            last_on = _last_school_day(sight, row, timetable, timetable.last_on)
            early = timetable.ended_by is not None and timetable.ended_by.on < last_on
            if early or last_on > sight.day or not sight.applies(rule.applies_to, row, last_on):
                continue
            # Whoever looks at it on the last day or later says whether the pupil is back.
            review = next((one for one, _ in _reviews(sight, timetable.fact) if one.on >= last_on), None)
            later = any(one.data.from_on > timetable.data.from_on for one in own[place + 1 :])
            yield Occurrence(
                rule,
                sight.about(row),
                sight.facts.origins.get(timetable.fact.id, timetable.fact.id),
                max(last_on, timetable.fact.on),
                _because_of_timetable(sight, params, row, timetable, last_on),
                due_on=last_on,
                holds=not later,
                shown_done=(review.id,) if review is not None else (),
            )


def full_time_to_come(sight: Sight, rule: Rule, row: int) -> Iterator[tuple[str, date]]:
    """The days to come on which a part-time timetable ends, each in words."""
    params = rule.params
    assert isinstance(params, PartTimeTimetable)
    own = timetables_of(sight, row, params.weeks)
    for place, timetable in enumerate(own):
        last_on = _last_school_day(sight, row, timetable, timetable.last_on)
        if last_on > sight.day and timetable.ended_by is None and place + 1 == len(own):
            yield f"Full time again after the part-time timetable, by {day_and_year(last_on)}.", last_on


def _because_of_timetable(
    sight: Sight, params: PartTimeTimetable, row: int, timetable: Timetable, last_on: date
) -> Because:
    away = sight.sessions_of(sight.marked((params.code,)), row, timetable.data.from_on, last_on)
    named = {"from": timetable.data.from_on, "full_time_by": last_on, "sessions": len(away)}
    return Because(away, facts=(timetable.fact.id,), named=named)


def part_time(sight: Sight, action: Action) -> Iterator[Refusal]:
    """Why the code of a part-time timetable is refused: its weeks are over, or nothing covers the day."""
    session = action.session
    row = sight.row_of[action.enrolment]
    for rule in _part_time_rules(sight):
        params = rule.params
        assert isinstance(params, PartTimeTimetable)
        if (
            session is None
            or action.code != params.code
            or not sight.applies(rule.applies_to, row, session.on)
        ):
            continue
        own = timetables_of(sight, row, params.weeks)
        if any(one.covers(session.on) for one in own):
            continue
        over = [one for one in own if one.until_on < session.on]
        if over:
            what = f"The part-time timetable ended on {day_and_year(max(one.until_on for one in over))}."
            remedy = (
                "First record an extension, with days of review and with who agreed to it, or use the code "
                "that says why the pupil is away."
            )
        else:
            what = "No part-time timetable covers the day."
            remedy = "Record what was agreed first, or use the code for why the pupil is away."
        yield refusal(rule, what, remedy)


def covered_by(sight: Sight, row: int, day: date) -> tuple[Rule | None, Timetable] | None:
    """The part-time timetable that covers a day, with the rule by which its weeks are counted."""
    rule = next((one for one in _part_time_rules(sight) if sight.applies(one.applies_to, row, day)), None)
    weeks = rule.params.weeks if rule is not None and isinstance(rule.params, PartTimeTimetable) else None
    found = [one for one in timetables_of(sight, row, weeks) if one.covers(day)]
    return (rule, found[-1]) if found else None


def leaves_out(data: TimetableAgreed, session: Session, times: SessionTimes) -> bool:
    """Whether the times of a timetable, by days of the week, leave no room for a session's registration."""
    days = {day.strip().casefold(): HOURS.fullmatch(hours.strip()) for day, hours in data.times}
    plain = {*days} <= {*WEEKDAYS} and all(days.values()) and len(days) == len(data.times)
    if not days or not plain:
        return False
    own = days.get(WEEKDAYS[session.on.weekday()])
    if own is None:
        return True
    comes, leaves = (time.fromisoformat(one.rjust(5, "0")) for one in own.groups())
    return leaves <= times.opens or comes >= times.closes


# --- licences for performances ---------------------------------------------------------------------------


def performance_code(sight: Sight, day: date) -> str:
    """The code of leave for a performance, by the law of a day; "" where it knows none."""
    grounds = sight.book.statute.on(day).all(LeaveGround)
    return next((str(one.code) for one in grounds if "performance" in one.ground), "")


def licences_of(sight: Sight, row: int) -> list[tuple[Fact, PerformanceLicensed]]:
    """The licences of a pupil, by their days."""
    own = ((fact, data) for fact, data, _ in sight.of_row(PerformanceLicensed, row))
    return sorted(own, key=lambda one: one[1].from_on)


def _performance(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """What is not kept to of each licence."""
    params = rule.params
    assert isinstance(params, Performance)
    looking = {"day outside": _days_outside, "week short": _weeks_short, "period short": _periods_short}
    for row in sorted({row for _, _, row in sight.of(PerformanceLicensed)}):
        for fact, data in licences_of(sight, row):
            yield from looking[params.when](sight, rule, row, fact, data)


def _days_outside(
    sight: Sight, rule: Rule, row: int, fact: Fact, data: PerformanceLicensed
) -> Iterator[Occurrence]:
    """Days of absence that no licence names: next to those named, or for a performance within its days."""
    if not data.days_on:
        return
    named_days = {day for _, one in licences_of(sight, row) for day in one.days_on}
    for day in _away_beside(sight, row, data):
        away = sight.sessions_of(sight.absent, row, day, day)
        if day in named_days or not away or not sight.applies(rule.applies_to, row, day):
            continue
        named = {"day": day, "licensed": len(data.days_on), "sessions": len(away)}
        because = Because(away, facts=(fact.id,), named=named)
        yield Occurrence(rule, sight.about(row), f"{fact.id}:{day}", max(day, fact.on), because)


def _away_beside(sight: Sight, row: int, data: PerformanceLicensed) -> list[date]:
    """The days of absence that have to do with a licence and may not be among those that it names."""
    group = sight.year_group(row, data.from_on)
    calendar = sight.book.calendar
    school_days = calendar.school_days(calendar.starts_on, min(sight.day, calendar.ends_on), group)
    code = performance_code(sight, data.from_on)
    performing = {one.on for one in _marked(sight, row, (code,))} if code else set()
    missed = {one.on for one in _unauthorised(sight, row)} | performing
    found = {day for day in performing if data.from_on <= day <= data.until_on}
    for days in (school_days, school_days[::-1]):
        beside = False
        for day in days:
            beside = day in data.days_on or (beside and day in missed)
            if beside:
                found.add(day)
    return sorted(found)


def _marked(sight: Sight, row: int, codes: tuple[str, ...]) -> tuple[Session, ...]:
    return sight.sessions_of(sight.marked(codes), row, date.min, sight.day)


def _unauthorised(sight: Sight, row: int) -> tuple[Session, ...]:
    cells = sight.once("unauthorised", lambda: sight.where(lambda code: code.absence == "unauthorised"))
    return sight.sessions_of(cells, row, date.min, sight.day)


# --- education under a licence ---------------------------------------------------------------------------


@dataclass(frozen=True)
class TaughtDay:
    """A day of a licence on which the pupil had to attend, in minutes: how long taught, and what counts."""

    day: date
    taught: int
    counted: int
    needed: int


def licensed_education(
    sight: Sight, row: int, first_on: date, last_on: date, params: Performance | None = None
) -> list[TaughtDay]:
    """The required school days of a pupil's licences among some days, each with how long it was taught.

    A session attended in school is half of the most that one day counts: whoever performs on three days of
    a month is taught on all others. Minutes elsewhere are added.
    """
    params = params or _hours_of(sight)
    if params is None:
        return []
    found: dict[date, TaughtDay] = {}
    minutes = _minutes_elsewhere(sight, row)
    for _, data in licences_of(sight, row):
        for day in _required(sight, row, max(first_on, data.from_on), min(last_on, data.until_on)):
            attended = len(sight.sessions_of(sight.attended, row, day, day))
            most = 60 * params.most_hours_a_day or 24 * 60
            taught = minutes.get(day, 0) + attended * (60 * params.most_hours_a_day) // 2
            found[day] = TaughtDay(day, taught, min(taught, most), 60 * params.hours_a_day)
    return [found[day] for day in sorted(found)]


def _hours_of(sight: Sight) -> Performance | None:
    """The rule's hours by which figures are counted: the first rule that states any."""
    rules = [rule.params for rule in sight.rules if isinstance(rule.params, Performance)]
    return next((params for params in rules if params.hours_a_day), None)


def _minutes_elsewhere(sight: Sight, row: int) -> dict[date, int]:
    """The minutes that a pupil was taught outside school, by the day."""
    found: dict[date, int] = {}
    for fact, data, _ in sight.of_row(TaughtElsewhere, row):
        found[fact.on] = found.get(fact.on, 0) + data.minutes
    return found


def _required(sight: Sight, row: int, first_on: date, last_on: date) -> tuple[date, ...]:
    """The school days on which a pupil had to attend: on roll, and not on days that were not possible."""
    if last_on < first_on:
        return ()
    one = sight.enrolments[row]
    days = sight.book.calendar.school_days(first_on, last_on, sight.year_group(row, first_on))
    return tuple(day for day in days if one.on_roll(day) and _was_possible(sight, row, day))


def _was_possible(sight: Sight, row: int, day: date) -> bool:
    marked = sight.sessions_of(sight.is_marked, row, day, day)
    return not marked or bool(sight.sessions_of(sight.possible, row, day, day))


def _weeks_short(
    sight: Sight, rule: Rule, row: int, fact: Fact, data: PerformanceLicensed
) -> Iterator[Occurrence]:
    """Weeks of a licence with less education than each week needs."""
    params = rule.params
    assert isinstance(params, Performance)
    monday_on = monday_of(data.from_on)
    while monday_on <= min(data.until_on, sight.day):
        first_on, last_on = max(monday_on, data.from_on), min(monday_on + timedelta(days=6), data.until_on)
        yield from _short(sight, rule, row, fact, (first_on, last_on), 60 * params.hours_a_week)
        monday_on += timedelta(weeks=1)


def _periods_short(
    sight: Sight, rule: Rule, row: int, fact: Fact, data: PerformanceLicensed
) -> Iterator[Occurrence]:
    """Complete periods of a licence, or all of a shorter one, with less education than their days need."""
    params = rule.params
    assert isinstance(params, Performance)
    length = timedelta(weeks=params.weeks)
    if not params.weeks or data.from_on + length - _DAY >= data.until_on:
        yield from _short(sight, rule, row, fact, (data.from_on, data.until_on), None)
        return
    first_on = data.from_on
    while first_on + length - _DAY <= data.until_on:
        yield from _short(sight, rule, row, fact, (first_on, first_on + length - _DAY), None)
        first_on += length


def _short(
    sight: Sight, rule: Rule, row: int, fact: Fact, days: tuple[date, date], needed: int | None
) -> Iterator[Occurrence]:
    """A stretch of a licence that is over and had too little education; None needs what its days add up to.

    Where enough was taught on each day there is nothing to add up.
    """
    params = rule.params
    assert isinstance(params, Performance)
    taught = licensed_education(sight, row, *days, params)
    if not taught or not sight.is_over(taught[-1].day) or not sight.applies(rule.applies_to, row, days[1]):
        return
    counted = sum(one.counted for one in taught)
    wanted = sum(one.needed for one in taught) if needed is None else needed
    if counted >= wanted or (params.hours_a_day and all(one.taught >= one.needed for one in taught)):
        return
    named = {"from": days[0], "until": taught[-1].day, "hours": hours(counted), "needed": hours(wanted)}
    because = Because(facts=(fact.id,), named=named)
    arises_on = max(taught[-1].day, fact.on)
    yield Occurrence(rule, sight.about(row), f"{fact.id}:{days[0]}", arises_on, because)


def hours(minutes: int) -> int | str:
    """Minutes as whole hours, or as a text where they are none: "5 h 30 min"."""
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest} min" if rest else whole


LOOKING: dict[str, Looking] = {
    PartTimeTimetable.kind: _part_time_timetable,
    Performance.kind: _performance,
}
