"""What counts ask for: lateness, illnesses, absences, truancy, within a period or within school weeks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.duties.duty import Because, Occurrence, parts_of_key
from firstbell.duties.of_figures import compared
from firstbell.duties.of_register import aways
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import Fact
from firstbell.facts.absences import CollectedLate
from firstbell.facts.cases import DecisionMade
from firstbell.facts.missing import LessonMissed
from firstbell.policy.parameters import Appointment, Count
from firstbell.policy.rule import Rule
from firstbell.register import Amendment
from firstbell.sessions import Half, Session, monday_of

__all__ = ["LOOKING", "counted_by", "episodes_of", "late_sessions", "most_on_one_weekday", "truancies"]

TRUANCY = "truancy"
"""The answer by which somebody calls a missed lesson that; "no truancy" is the other."""

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


def _count(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The day on which a count within a period, or within so many school weeks, reached the number."""
    params = rule.params
    assert isinstance(params, Count)
    counted = counted_by(sight, params)
    enough = {row: sessions for row, sessions in counted.items() if len(sessions) >= params.reaches}
    if params.within is not None:
        yield from _count_within(sight, rule, enough)
        return
    for row, sessions in enough.items():
        for period in sight.periods(params.over):
            inside = [one for one in sessions if one.on in period and one.on <= sight.day]
            place = _reached(params, inside)
            if place is None:
                continue
            on = inside[place].on
            if not sight.applies(rule.applies_to, row, on):
                continue
            holds = sight.day <= period.ends_on and _on_one_weekday(params, inside)
            yield Occurrence(
                rule,
                sight.about(row),
                period.starts_on.isoformat(),
                on,
                Because(tuple(inside), named=_named(params, inside, period.starts_on)),
                holds=holds,
            )


def _reached(params: Count, inside: Sequence[Session]) -> int | None:
    """The place of what brought the number about, and enough of it on one weekday where that is asked."""
    if len(inside) < params.reaches:
        return None
    if params.on_one_weekday is None:
        return params.reaches - 1
    # Of two sessions of one day it is looked at the day.
    ends = (place for place in range(params.reaches - 1, len(inside)) if _ends_a_day(inside, place))
    return next((place for place in ends if _on_one_weekday(params, inside[: place + 1])), None)


def _ends_a_day(inside: Sequence[Session], place: int) -> bool:
    return place + 1 == len(inside) or inside[place + 1].on != inside[place].on


def _on_one_weekday(params: Count, inside: Sequence[Session]) -> bool:
    if params.on_one_weekday is None:
        return True
    return params.on_one_weekday.holds(most_on_one_weekday(inside)[1], len(inside))


def most_on_one_weekday(inside: Sequence[Session]) -> tuple[str, int]:
    """The weekday on which most of some sessions fall, the first of the week of several, and how many."""
    on = Counter(one.on.weekday() for one in inside)
    weekday = min(on, key=lambda day: (-on[day], day))
    return WEEKDAYS[weekday], on[weekday]


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LATE = ("late marks", "late after the register closed")


def _named(params: Count, inside: Sequence[Session], from_on: date) -> dict[str, object]:
    named: dict[str, object] = {"count": len(inside), "reaches": params.reaches, "from": from_on}
    if params.on_one_weekday is not None:
        named["weekday"], named["on_one"] = most_on_one_weekday(inside)
    if params.of in LATE:
        named["weekdays"] = tuple(WEEKDAYS[day] for day in sorted({one.on.weekday() for one in inside}))
    return named


def _count_within(sight: Sight, rule: Rule, counted: Counted) -> Iterator[Occurrence]:
    """Each time that so many school weeks came to hold enough, in the order of the rows and of time."""
    params = rule.params
    assert isinstance(params, Count)
    if not counted or not sight.seen:
        return
    rows = sorted(counted)
    window = _Window.of(sight, params, [counted[row] for row in rows])
    edges = np.diff(window.met(params).astype(np.int8), axis=1, prepend=0, append=0)
    places, firsts = (some.tolist() for some in np.nonzero(edges == 1))
    afters = np.nonzero(edges == -1)[1].tolist()
    before: dict[int, date] = {}
    for place, first, after in zip(places, firsts, afters, strict=True):
        row, goes_on = rows[place], after == sight.seen
        inside = window.inside(place, first)
        # What came on a day without school is counted with the school day before it.
        first_on, last_on = max(sight.days[first], inside[-1].on), sight.days[after - 1]
        from_on = max(before.get(row, date.min), inside[0].on)
        before[row] = last_on + timedelta(days=1)
        if not sight.applies(rule.applies_to, row, first_on):
            continue
        inside = window.inside(place, after - 1)
        named = _named(params, inside, window.begins_on(after - 1))
        yield Occurrence(
            rule,
            sight.about(row),
            first_on.isoformat(),
            first_on,
            Because(tuple(inside), named=named),
            holds=goes_on,
            span=(from_on, date.max if goes_on else last_on),
        )


@dataclass(frozen=True, eq=False)
class _Window:
    """What was counted of some pupils, by school day, and where the school weeks of each day begin.

    `at` are the places of the days, `held` int64[pupil, day, weekday] how many there are in the school weeks
    that end with a day, `start` int64[day] the place of their first. Without a question about weekdays there
    is one for all.
    """

    sessions: Sequence[Sequence[Session]]
    at: Sequence[Sequence[int]]
    held: IntArray
    start: IntArray
    days: Sequence[date]

    @classmethod
    def of(cls, sight: Sight, params: Count, sessions: Sequence[Sequence[Session]]) -> _Window:
        """The windows that end with each day that has been seen."""
        assert params.within is not None
        days, week = sight.days[: sight.seen], sight.strips.axis.weeks[: sight.seen]
        start = np.searchsorted(week, np.maximum(week - params.within.number + 1, 0)).astype(np.int64)
        known = [[one for one in own if days[0] <= one.on <= sight.day] for own in sessions]
        at = [[bisect_right(days, one.on) - 1 for one in own] for own in known]
        by_weekday = params.on_one_weekday is not None
        running = np.zeros((len(known), len(days) + 1, len(WEEKDAYS) if by_weekday else 1), dtype=np.int32)
        pupils = [pupil for pupil, own in enumerate(known) for _ in own]
        weekdays = [one.on.weekday() if by_weekday else 0 for own in known for one in own]
        np.add.at(running, (pupils, [place + 1 for own in at for place in own], weekdays), 1)
        np.cumsum(running, axis=1, out=running)
        return cls(known, at, running[:, 1:] - running[:, start], start, days)

    def met(self, params: Count) -> BoolArray:
        """bool[pupil, day]: where the window that ends with a day holds enough, also on one weekday."""
        whole = self.held.sum(axis=2, dtype=np.int64)
        met: BoolArray = whole >= params.reaches
        if params.on_one_weekday is not None:
            met &= compared(params.on_one_weekday, self.held.max(axis=2).astype(np.int64), whole)
        return met

    def inside(self, pupil: int, day: int) -> list[Session]:
        """What the window that ends with a day holds of a pupil."""
        places = self.at[pupil]
        first, stop = bisect_left(places, int(self.start[day])), bisect_right(places, day)
        return list(self.sessions[pupil][first:stop])

    def begins_on(self, day: int) -> date:
        """The Monday with which the window begins that ends with a day."""
        return monday_of(self.days[int(self.start[day])])


Counted = dict[int, list[Session]]


def late_sessions(sight: Sight, *, after_close_only: bool = False) -> Counted:
    """By row, the sessions at which a pupil came late."""
    wanted = ("after close",) if after_close_only else ("before close", "after close")
    return _cells(sight, sight.where(lambda code: code.late in wanted))


def _cells(sight: Sight, cells: BoolArray) -> Counted:
    found: Counted = {}
    rows, places = np.nonzero(cells)
    for row, session in zip(rows.tolist(), sight.sessions(places.tolist()), strict=True):
        found.setdefault(row, []).append(session)
    return found


def episodes_of(sight: Sight, codes: Sequence[str]) -> Counted:
    """By row, the first session of each stretch of sessions in a row with one of some codes.

    Weekends, holidays and sessions that were not possible do not end a stretch; another mark does.
    """
    return sight.once(("episodes", tuple(codes)), lambda: _episodes(sight, codes))


def _episodes(sight: Sight, codes: Sequence[str]) -> Counted:
    inside = sight.marked(codes)
    ends = (sight.strips.marks != 0) & ~inside & sight.possible
    rows, places = np.nonzero(inside | ends)
    goes_on = inside[rows, places]
    starts = goes_on.copy()
    starts[1:] &= ~goes_on[:-1] | (rows[1:] != rows[:-1])
    found: Counted = {}
    for row, session in zip(rows[starts].tolist(), sight.sessions(places[starts].tolist()), strict=True):
        found.setdefault(row, []).append(session)
    return found


def _appointments(sight: Sight, params: Count) -> Counted:
    found: Counted = {}
    for away in aways(sight, _medical(sight)):
        found.setdefault(away.row, []).append(Session(away.fact.on, _half_of(away.fact)))
    codes = params.codes or sight.codes_of("medical appointment")
    for row, sessions in _cells(sight, sight.marked(codes)).items():
        known = {one.on for one in found.get(row, ())}
        days = {one.on: one for one in reversed(sessions) if one.on not in known}
        found.setdefault(row, []).extend(days.values())
    return {row: sorted(sessions) for row, sessions in found.items()}


def _medical(sight: Sight) -> set[str]:
    """The reasons that are an appointment of the pupil's own."""
    own = (rule.params.reasons for rule in sight.rules if isinstance(rule.params, Appointment))
    return {reason for reasons in own for reason in reasons}


def _half_of(fact: Fact) -> Half:
    return Half.AM if fact.at.hour < 12 else Half.PM


def _late_collections(sight: Sight, _params: Count) -> Counted:
    found: Counted = {}
    for fact, _, row in sight.of(CollectedLate):
        found.setdefault(row, []).append(Session(fact.on, Half.PM))
    return {row: sorted(sessions) for row, sessions in found.items()}


def _unexpected(sight: Sight, _params: Count) -> Counted:
    """The days on which nobody knew, when the register closed, why a pupil was not there.

    What the mark was when the register closed is what the first amendment says that it was; also a reason
    that came later was not expected.
    """
    cells = sight.marked((sight.unknown_code,)).copy()
    until = sight.book.known_at
    first: dict[tuple[str, Session], Amendment] = {}
    for one in sorted(sight.book.register.amendments, key=lambda one: one.known_at):
        if until is None or one.known_at <= until:
            first.setdefault((one.enrolment, one.session), one)
    for (enrolment, session), one in first.items():
        row, place = sight.row_of.get(enrolment), sight.strips.axis.place(session)
        if row is not None and place is not None and place < 2 * sight.seen:
            cells[row, place] = one.original == sight.unknown_code
    found = _cells(sight, cells)
    return {row: list({one.on: one for one in reversed(own)}.values())[::-1] for row, own in found.items()}


def truancies(sight: Sight) -> Sequence[tuple[Fact, int]]:
    """The lessons missed that a person has called truancy, with the pupils' rows.

    Somebody says so in the fact itself or, where it leaves that open, in the answer to the prompt about it;
    of several answers the last counts.
    """
    return sight.once("truancies", lambda: list(_truancies_of(sight)))


def _truancies_of(sight: Sight) -> Iterator[tuple[Fact, int]]:
    answers = {
        parts_of_key(data.duty)[2]: data.answer.casefold()
        for _, data in sight.facts.of(DecisionMade)
        if data.duty and data.answer.casefold() in (TRUANCY, f"no {TRUANCY}")
    }
    origins = sight.facts.origins
    for fact, data, row in sight.of(LessonMissed):
        said = answers.get(fact.id, answers.get(origins.get(fact.id, fact.id), ""))
        if data.truancy == "yes" or (data.truancy == "not decided" and said == TRUANCY):
            yield fact, row


def _truancies(sight: Sight, _params: Count) -> Counted:
    found: Counted = {}
    for fact, row in truancies(sight):
        found.setdefault(row, []).append(Session(fact.on, _half_of(fact)))
    return {row: sorted(sessions) for row, sessions in found.items()}


COUNTED: dict[str, Callable[[Sight, Count], Counted]] = {
    "late marks": lambda sight, _: late_sessions(sight),
    "late after the register closed": lambda sight, _: late_sessions(sight, after_close_only=True),
    "illnesses": lambda sight, params: episodes_of(sight, params.codes or sight.codes_of("illness")),
    "appointments": _appointments,
    "late collections": _late_collections,
    "sessions": lambda sight, params: _cells(sight, sight.marked(params.codes)),
    "absences": lambda sight, _: _cells(sight, sight.absent),
    "unexpected absences": _unexpected,
    "truancies": _truancies,
}


def counted_by(sight: Sight, params: Count) -> Counted:
    """What a rule counts, by row: worked out once for all rules that count the same."""
    # Which reasons are appointments is said by other rules.
    reasons = tuple(sorted(_medical(sight))) if params.of == "appointments" else ()
    key = ("counted", params.of, params.codes, reasons)
    return sight.once(key, lambda: COUNTED[params.of](sight, params))


LOOKING: dict[str, Looking] = {Count.kind: _count}
