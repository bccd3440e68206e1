"""What shares and counts ask for: bands, lateness, illnesses, the threshold, sickness, avoidance."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.of_register import aways
from firstbell.duties.of_threshold import named_of_threshold
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import KINDS, About, Fact
from firstbell.facts.absences import AbsenceReported, CollectedLate
from firstbell.facts.missing import LessonMissed
from firstbell.facts.school import NoticeConsidered
from firstbell.measures import RunKind, threshold_episodes
from firstbell.policy.parameters import (
    Appointment,
    Avoidance,
    Band,
    BandAtAudits,
    Count,
    SicknessDays,
    Threshold,
    WorseSince,
)
from firstbell.policy.rule import Rule
from firstbell.policy.terms import Limit
from firstbell.register import Amendment
from firstbell.sessions import Half, Period, Session, monday_of

__all__ = ["LOOKING", "episodes_of", "late_sessions"]

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


# --- bands -----------------------------------------------------------------------------------------------


def _band(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each time that a pupil's attendance came to meet the comparison, within each period."""
    params = rule.params
    assert isinstance(params, Band)
    for period in sight.periods(params.over):
        start, stop = sight.place_of(period.starts_on), min(_stop(sight, period), sight.seen)
        if start >= stop:
            continue
        yield from _spells(sight, rule, _met(sight, params, start, stop), start, period)


def _stop(sight: Sight, period: Period) -> int:
    return sight.place_of(period.ends_on + timedelta(days=1))


def _met(sight: Sight, params: Band, start: int, stop: int) -> BoolArray:
    """bool[row, day]: whether the comparison holds on a day of a period, on that day's own exact figure."""
    part = sight.attended_by_day[:, start + 1 : stop + 1] - sight.attended_by_day[:, start : start + 1]
    whole = sight.possible_by_day[:, start + 1 : stop + 1] - sight.possible_by_day[:, start : start + 1]
    met: BoolArray = compared(params.when, part, whole) & (whole > 0) & (whole >= params.least_possible)
    if params.until is not None:
        met &= ~compared(params.until, part, whole)
    if params.with_codes:
        cells = sight.marked(params.with_codes)[:, 2 * start : 2 * stop]
        days = cells[:, 0::2] | cells[:, 1::2]
        met &= np.logical_or.accumulate(days, axis=1)
    return met


def compared(limit: Limit, part: IntArray, whole: IntArray) -> BoolArray:
    """Whether part of whole meets a limit, exactly, for arrays: whole numbers are multiplied, not divided."""
    left, right = part * limit.number.denominator, whole * limit.number.numerator
    found: BoolArray = {
        "below": np.less,
        "at most": np.less_equal,
        "above": np.greater,
        "at least": np.greater_equal,
    }[limit.comparator.value](left, right)
    return found


def _spells(sight: Sight, rule: Rule, met: BoolArray, start: int, period: Period) -> Iterator[Occurrence]:
    assert isinstance(rule.params, Band)
    edges = np.diff(met.astype(np.int8), axis=1, prepend=0, append=0)
    rows, firsts = (some.tolist() for some in np.nonzero(edges == 1))
    afters = np.nonzero(edges == -1)[1].tolist()
    running = sight.day <= period.ends_on
    last_row, before_on = -1, period.starts_on
    for row, first, after in zip(rows, firsts, afters, strict=True):
        # With a mark corrected a spell may begin later: the days since the one before are its days too.
        from_on = before_on if row == last_row else period.starts_on
        last_row, before_on = row, sight.days[start + after - 1] + timedelta(days=1)
        first_on, last_on = sight.days[start + first], sight.days[start + after - 1]
        if not sight.applies(rule.applies_to, row, first_on):
            continue
        goes_on = running and after == met.shape[1]
        because = sight.because_of_rate(row, period, sight.day if goes_on else last_on, rule.params.when)
        yield Occurrence(
            rule,
            sight.about(row),
            first_on.isoformat(),
            first_on,
            because,
            holds=goes_on,
            span=(from_on, date.max if goes_on else last_on),
        )


# --- counts ----------------------------------------------------------------------------------------------


def _count(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The day on which a count within a period, or within so many school weeks, reached the number."""
    params = rule.params
    assert isinstance(params, Count)
    counted = COUNTED[params.of](sight, params)
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
    medical = {
        reason
        for rule in sight.rules
        if isinstance(rule.params, Appointment)
        for reason in rule.params.reasons
    }
    for away in aways(sight, medical):
        found.setdefault(away.row, []).append(Session(away.fact.on, _half_of(away.fact)))
    for row, sessions in _cells(sight, sight.marked(params.codes or ("M",))).items():
        known = {one.on for one in found.get(row, ())}
        days = {one.on: one for one in reversed(sessions) if one.on not in known}
        found.setdefault(row, []).extend(days.values())
    return {row: sorted(sessions) for row, sessions in found.items()}


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


def _truancies(sight: Sight, _params: Count) -> Counted:
    found: Counted = {}
    for fact, data, row in sight.of(LessonMissed):
        if data.truancy == "yes":
            found.setdefault(row, []).append(Session(fact.on, _half_of(fact)))
    return {row: sorted(sessions) for row, sessions in found.items()}


COUNTED: dict[str, Callable[[Sight, Count], Counted]] = {
    "late marks": lambda sight, _: late_sessions(sight),
    "late after the register closed": lambda sight, _: late_sessions(sight, after_close_only=True),
    "illnesses": lambda sight, params: episodes_of(sight, params.codes or ("I",)),
    "appointments": _appointments,
    "late collections": _late_collections,
    "sessions": lambda sight, params: _cells(sight, sight.marked(params.codes)),
    "absences": lambda sight, _: _cells(sight, sight.absent),
    "unexpected absences": _unexpected,
    "truancies": _truancies,
}


# --- threshold, avoidance --------------------------------------------------------------------------------


def _threshold(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each time that the window came to hold enough, about the pupil or about each parent."""
    params = rule.params
    assert isinstance(params, Threshold)
    for met in threshold_episodes(sight.strips, params):
        row = next((row for row in reversed(met.rows) if sight.strips.on_roll[row, met.first]), met.rows[-1])
        session = sight.strips.axis.session(met.first)
        if not sight.applies(rule.applies_to, row, session.on):
            continue
        counted = sight.sessions(met.sessions)
        because = Because(counted, named=named_of_threshold(sight, params, row, counted))
        enrolment = sight.enrolments[row].id
        parents = sight.book.parents.get(enrolment, ()) if params.each_parent else ()
        latest_on = sight.strips.axis.session(met.latest).on
        # Met later, with one of its sessions corrected, it is the same: its days are those that count.
        days = (sight.strips.axis.session(met.sessions[0]).on, latest_on)
        for parent in parents or ("",):
            about, anchor = About(enrolment=enrolment, parent=parent), session.on.isoformat()
            yield Occurrence(rule, about, anchor, session.on, because, span=days)
            yield from _met_again(sight, rule, row, about, (session.on, latest_on))


def _met_again(
    sight: Sight, rule: Rule, row: int, about: About, span: tuple[date, date]
) -> Iterator[Occurrence]:
    """The threshold met once more by what was missed since it was considered, in the same stretch.

    A refused fortnight after a notice is another matter than the weeks that the notice was for.
    """
    params = rule.params
    assert isinstance(params, Threshold)
    cells = sight.once(("of age", *params.codes), lambda: sight.marked(params.codes) & sight.strips.is_of_age)
    group = sight.year_group(row, span[0])
    considered = sorted(
        fact.on
        for fact, _, at_row in sight.of(NoticeConsidered)
        if at_row == row and span[0] <= fact.on <= span[1] and about.parent in ("", fact.about.parent)
    )
    for on in dict.fromkeys(considered):
        since = sight.sessions_of(cells, row, on + timedelta(days=1), span[1])
        for place in range(params.sessions - 1, len(since)):
            last = since[place]
            weeks = sight.book.calendar.last_school_weeks(last.on, params.school_weeks, group)
            inside = tuple(one for one in since[: place + 1] if one.on >= weeks[0].monday_on)
            if len(inside) >= params.sessions:
                because = Because(inside, named=named_of_threshold(sight, params, row, inside))
                days = (last.on, span[1])
                yield Occurrence(rule, about, last.on.isoformat(), last.on, because, span=days)
                break


def _avoidance(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils with several short absences of a sort in a school year."""
    params = rule.params
    assert isinstance(params, Avoidance)
    cells = sight.marked(params.codes)
    for period in sight.periods("school year"):
        for row in np.flatnonzero(cells.any(axis=1)):
            stretches = _stretches(sight, params.codes, int(row), period)
            short = [one for one in stretches if len(one) <= params.most_sessions]
            if len(short) < params.runs or not sight.applies(rule.applies_to, int(row), short[-1][0].on):
                continue
            sessions = tuple(session for one in short for session in one)
            named = {"runs": len(short), "sessions": len(sessions)}
            yield Occurrence(
                rule,
                sight.about(int(row)),
                period.starts_on.isoformat(),
                short[params.runs - 1][0].on,
                Because(sessions, named=named),
                holds=sight.day <= period.ends_on,
            )


def _stretches(sight: Sight, codes: Sequence[str], row: int, period: Period) -> list[list[Session]]:
    """The absences of a row within a period that have some codes, each as its sessions with them.

    Two are apart where the pupil was in school between: a day of illness in a holiday ends no holiday.
    """
    inside = sight.marked(codes)
    found: list[list[Session]] = []
    back = True
    for session in sight.sessions_of(inside | sight.attended, row, period.starts_on, period.ends_on):
        place = sight.strips.axis.place(session)
        if place is None or not inside[row, place]:
            back = True
            continue
        if back:
            found.append([])
        found[-1].append(session)
        back = False
    return found


# --- sickness --------------------------------------------------------------------------------------------


def _sickness_days(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils whose days of sickness in a school year have come, or are said to come, to the number."""
    params = rule.params
    assert isinstance(params, SicknessDays)
    cells = sight.marked(params.codes)
    ill = cells[:, 0::2] | cells[:, 1::2]
    for period in sight.periods("school year"):
        start, stop = sight.place_of(period.starts_on), min(_stop(sight, period), sight.seen)
        running = np.cumsum(ill[:, start:stop], axis=1, dtype=np.int64)
        if params.expected:
            yield from _sickness_expected(sight, rule, period, ill)
            continue
        for row in np.flatnonzero((running >= params.days).any(axis=1)):
            on = sight.days[start + int(np.argmax(running[row] >= params.days))]
            if not sight.applies(rule.applies_to, int(row), on):
                continue
            sessions = sight.sessions_of(cells, int(row), period.starts_on, period.ends_on)
            named = {"days": int(running[row, -1]), "needed": params.days}
            because = Because(sessions, named=named)
            anchor = period.starts_on.isoformat()
            own = sight.runs(RunKind.ILLNESS).get(int(row), ())
            first = next((run for run in own if on in (sight.days[day] for day in run.reached)), None)
            # A return that was made early, because the illness was expected to last, is the return.
            from_on = sight.days[first.first_day] if first else on
            yield Occurrence(rule, sight.about(int(row)), anchor, on, because, settles_from=from_on)
            yield from _another_sickness(sight, rule, int(row), period, on)


def _another_sickness(sight: Sight, rule: Rule, row: int, period: Period, on: date) -> Iterator[Occurrence]:
    """Each later continuous sickness in the year that is long enough by itself: a return for each."""
    params = rule.params
    assert isinstance(params, SicknessDays)
    for run in sight.runs(RunKind.ILLNESS).get(row, ()):
        first_on = sight.days[run.first_day]
        if run.days < params.days or first_on <= on or first_on not in period:
            continue
        reached_on, last_on = sight.days[run.reached[params.days - 1]], sight.days[run.last_day]
        sessions = sight.sessions_of(sight.marked(params.codes), row, first_on, last_on)
        because = Because(sessions, named={"days": run.days, "needed": params.days})
        anchor = first_on.isoformat()
        yield Occurrence(rule, sight.about(row), anchor, reached_on, because, settles_from=first_on)


def _sickness_expected(sight: Sight, rule: Rule, period: Period, ill: BoolArray) -> Iterator[Occurrence]:
    params = rule.params
    assert isinstance(params, SicknessDays)
    calendar = sight.book.calendar
    for fact, data, row in sight.of(AbsenceReported):
        if (
            data.reason != "illness"
            or fact.on not in period
            or not sight.applies(rule.applies_to, row, fact.on)
        ):
            continue
        group = sight.enrolments[row].year_group(fact.on)
        expected = data.days_expected or 0
        if data.until_on or data.back_on:
            last_on = data.until_on or (data.back_on or fact.on) - timedelta(days=1)
            expected = len(calendar.school_days(fact.on, min(last_on, period.ends_on), group))
        if not expected:
            continue
        before = int(ill[row, sight.place_of(period.starts_on) : sight.place_of(fact.on)].sum())
        if before < params.days <= before + expected:
            named = {"days": before + expected, "needed": params.days, "before": before}
            because = Because(facts=(fact.id,), named=named)
            yield Occurrence(rule, fact.about, fact.id, fact.on, because)


# --- worse than it was -----------------------------------------------------------------------------------


def _worse_since(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils whose attendance is lower than on the day of the last meeting or plan."""
    params = rule.params
    assert isinstance(params, WorseSince)
    next_on = _next_audit(sight)
    for row, fact in _last_of(sight, params).items():
        period = sight.period(params.over, fact.on)
        if period is None or sight.day not in period or not sight.applies(rule.applies_to, row, sight.day):
            continue
        then = sight.rate(row, period.starts_on, fact.on)
        days = sight.book.calendar.school_days(fact.on + timedelta(days=1), sight.day)
        worse = [day for day in days if _lower(sight, row, period, day, then.part, then.whole)]
        if not worse or not then.whole:
            continue
        now = sight.rate(row, period.starts_on, sight.day)
        missed = sight.sessions_of(sight.absent, row, fact.on + timedelta(days=1), sight.day)
        named: dict[str, object] = {"then": then.shown(2), "now": now.shown(2)}
        if next_on is not None:
            named["next_audit"] = next_on
        yield Occurrence(
            rule,
            sight.about(row),
            fact.id,
            worse[0],
            Because(missed, now, f"below {then.shown()}", (fact.id,), named),
            holds=worse[-1] == days[-1],
        )


def _last_of(sight: Sight, params: WorseSince) -> dict[int, Fact]:
    """By row, the last of the facts of some kinds with some parts."""
    last: dict[int, Fact] = {}
    for kind in dict.fromkeys(params.since):
        for fact, data, row in sight.of(KINDS[kind]):
            fits = all(getattr(data, name, None) == value for name, value in params.where.items())
            if fits and fact.on <= sight.day:
                last[row] = max(last.get(row, fact), fact, key=lambda one: (one.on, one.known_at))
    return last


def _next_audit(sight: Sight) -> date | None:
    """The day of the next audit by the rules of the day; None where there are none."""
    overs = {rule.params.audits for rule in sight.rules if isinstance(rule.params, BandAtAudits)}
    return min((on for over in overs if (on := sight.ends_next(over)) is not None), default=None)


def _lower(sight: Sight, row: int, period: Period, day: date, part: int, whole: int) -> bool:
    rate = sight.rate(row, period.starts_on, day)
    return rate.part * whole < part * rate.whole


LOOKING: dict[str, Looking] = {
    Band.kind: _band,
    Count.kind: _count,
    Threshold.kind: _threshold,
    Avoidance.kind: _avoidance,
    SicknessDays.kind: _sickness_days,
    WorseSince.kind: _worse_since,
}
