"""What does one pass over all the strips say: counts, rates, flags, first weeks below a level, the threshold?

`Plan.of` lays out once all that does not depend on marks: which sessions there are, the law of each as
tables, where school weeks start. `review` then reads every mark once. A trust's year takes a tenth of a
second, so nothing of it is ever stored. NumPy does the work; `engine="compiled"` gives the same answer from
machine code (extra `scale`), for national sizes.

Refuses to know: names, dates of birth, policies. Its slow twin is `tests/plain.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from firstbell.sessions import Axis
from firstbell.statute import Code, LawOver, NationalThreshold
from firstbell.statute.values import PersistentAbsence, SevereAbsence

__all__ = ["Engine", "Plan", "Review", "Stretch", "review"]

Engine = Literal["numpy", "compiled"]

Counters = NDArray[np.uint32]
Places = NDArray[np.intp]

# One session is a word of eight 4-bit fields, so one look-up and one addition count everything at once. A
# field never overflows inside a week, which has 14 sessions at most. For sums over weeks a word is taken
# apart into words of two 16-bit counters: POSSIBLE with ATTENDED, AUTHORISED with UNAUTHORISED, and so on.
POSSIBLE, ATTENDED = 0, 16
COUNTING = 4  # towards the national threshold; the field at 20 is free
AUTHORISED, UNAUTHORISED = 8, 24
BEFORE_CLOSE, AFTER_CLOSE = 12, 28
PAIR = np.uint32(0x000F_000F)
HIGH = np.uint32(16)
LOW_HALF = np.uint32(0xFFFF)

LONGEST = 0xFFFF
"""The most sessions an axis may have: what a 16-bit counter holds, more than 150 school years."""

NEVER = -1
NO_THRESHOLD = 0x7FFF_FFFF

FIELDS: tuple[tuple[int, Callable[[Code], bool]], ...] = (
    (POSSIBLE, lambda code: code.possible),
    (ATTENDED, lambda code: code.attended),
    (AUTHORISED, lambda code: code.absence == "authorised"),
    (UNAUTHORISED, lambda code: code.absence == "unauthorised"),
    (BEFORE_CLOSE, lambda code: code.late == "before close"),
    (AFTER_CLOSE, lambda code: code.late == "after close"),
)


@dataclass(frozen=True)
class Stretch:
    """Days from `start` up to but not including `stop`, of one school week, read by the same table."""

    start: int
    stop: int
    table: int
    week: int


@dataclass(frozen=True, eq=False)
class Plan:
    """All of a review that does not depend on marks. Make one with `Plan.of` and use it for many strips.

    Weeks are school weeks, numbered from 0: Monday-to-Sunday weeks with at least one session in `meets`.
    A mark at a session that `meets` does not have is not counted anywhere. `persistent` and `severe` are
    the shares that the law held on the last day of the axis, None where it knew no such class.
    """

    axis: Axis
    law: LawOver
    meets: NDArray[np.bool_]
    levels: tuple[Fraction, ...]
    persistent: Fraction | None
    severe: Fraction | None

    @classmethod
    def of(
        cls,
        axis: Axis,
        law: LawOver,
        meets: NDArray[np.bool_] | None = None,
        *,
        levels: Sequence[Fraction] = (),
    ) -> Plan:
        """The plan for strips on `axis`, read by `law`, whose days are those of the axis.

        `meets` is bool[sessions], a row of `Axis.meets`; without it the school meets at every one.
        `levels` are the rates of attendance (Fraction(9, 10)) of `Review.first_week_below`.
        Raises ValueError where these do not fit together.
        """
        has = np.ones(len(axis), dtype=np.bool_) if meets is None else np.asarray(meets, dtype=np.bool_)
        if law.days != axis.days:
            raise ValueError("the law is laid over other days than those of the axis")
        if has.shape != (len(axis),):
            raise ValueError(
                f"meets has shape {has.shape}; one value for each of {len(axis)} sessions is wanted"
            )
        if len(axis) > LONGEST:
            raise ValueError(f"the axis has {len(axis)} sessions; a review counts at most {LONGEST}")
        for level in levels:
            if not 0 <= level <= 1 or level.denominator > LONGEST:
                raise ValueError(f"{level} is no level of attendance; one like Fraction(95, 100) is wanted")
        last = law.statute.on(axis.days[-1]) if axis.days else None
        persistent = last.find(PersistentAbsence) if last else None
        severe = last.find(SevereAbsence) if last else None
        return cls(
            axis,
            law,
            has,
            tuple(levels),
            # By number of sessions, as before 2015/16, is another method: a share would be a wrong answer.
            persistent.share if persistent and persistent.method == "share" else None,
            severe.share if severe else None,
        )

    @cached_property
    def mondays(self) -> tuple[date, ...]:
        """The Monday of each school week, by the week's number."""
        mondays = self.axis.mondays
        return tuple(mondays[week] for week in np.unique(self.axis.weeks[self._day_meets]))

    @cached_property
    def _day_meets(self) -> NDArray[np.bool_]:
        return self.meets[0::2] | self.meets[1::2]

    @cached_property
    def week_of_day(self) -> Places:
        """The school week of each day; of a day without sessions, the number of the next school week."""
        school_weeks = np.unique(self.axis.weeks[self._day_meets])
        return np.searchsorted(school_weeks, self.axis.weeks).astype(np.intp)

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The days with sessions, cut where the school week, the law or the sessions of a day change."""
        keys = [(self._tables_row[i], int(self.week_of_day[i])) for i in range(len(self.axis.days))]
        return tuple(
            Stretch(start, stop, *keys[start]) for start, stop in _runs(keys) if self._day_meets[start]
        )

    @cached_property
    def runs(self) -> tuple[tuple[int, int, int], ...]:
        """The days with sessions as (start, stop, table), cut only where the table changes."""
        rows = self._tables_row
        return tuple((start, stop, rows[start]) for start, stop in _runs(rows) if self._day_meets[start])

    @cached_property
    def _kinds_of_day(self) -> tuple[tuple[int, bool, bool], ...]:
        """For each day its regime and which of its two sessions there are."""
        halves = self.meets.reshape(-1, 2).tolist()
        return tuple((int(regime), am, pm) for regime, (am, pm) in zip(self.law.regime, halves, strict=True))

    @cached_property
    def _tables_row(self) -> tuple[int, ...]:
        row = {kind: place for place, kind in enumerate(sorted(set(self._kinds_of_day)))}
        return tuple(row[kind] for kind in self._kinds_of_day)

    @cached_property
    def tables(self) -> Counters:
        """uint32[table, 65536]: what a morning's and an afternoon's mark, read as one uint16, count as."""
        words = np.zeros((len(self.law.laws), 256), dtype=np.uint32)
        for shift, test in FIELDS:
            words |= self.law.where(test).astype(np.uint32) << np.uint32(shift)
        words |= self.law.counts_towards_threshold.astype(np.uint32) << np.uint32(COUNTING)
        # Both halves are taken out of the pair as the machine stores it, so byte order does not matter.
        pairs = np.arange(1 << 16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
        kinds = sorted(set(self._kinds_of_day))
        tables = np.zeros((len(kinds), 1 << 16), dtype=np.uint32)
        for table, (regime, am, pm) in zip(tables, kinds, strict=True):
            if am:
                table += words[regime, pairs[:, 0]]
            if pm:
                table += words[regime, pairs[:, 1]]
        return tables

    # --- the national threshold ---------------------------------------------------------------------------

    @cached_property
    def regime(self) -> NDArray[np.uint8]:
        """The regime of each session."""
        return np.repeat(self.law.regime, 2)

    @cached_property
    def needs(self) -> NDArray[np.int32]:
        """int32[sessions]: how many sessions meet the threshold of that day; NO_THRESHOLD where none was."""
        return self._of_threshold(lambda threshold: threshold.sessions, NO_THRESHOLD)

    @cached_property
    def reach(self) -> NDArray[np.int32]:
        """int32[sessions]: over how many school weeks, its own included, the threshold of that day counts."""
        return self._of_threshold(lambda threshold: threshold.school_weeks, 1)

    def _of_threshold(self, value: Callable[[NationalThreshold], int], without: int) -> NDArray[np.int32]:
        held = [law.find(NationalThreshold) for law in self.law.laws]
        by_regime = np.array([value(t) if t else without for t in held], dtype=np.int32)
        return by_regime[self.regime]

    @cached_property
    def week_starts(self) -> Places:
        """intp[weeks + 1]: the place from which each school week is looked through, and the end of the last.

        Days without sessions that stand before a week on the axis are looked through with it.
        """
        weeks = np.arange(len(self.mondays) + 1)
        return 2 * np.searchsorted(self.week_of_day, weeks).astype(np.intp)

    @cached_property
    def week_needs(self) -> NDArray[np.uint32]:
        """uint32[weeks]: the least that any session of the week needs."""
        return self._over_week(np.minimum, self.needs).astype(np.uint32)

    @cached_property
    def week_reach(self) -> Places:
        """intp[weeks]: the furthest that any session of the week reaches back."""
        return self._over_week(np.maximum, self.reach).astype(np.intp)

    def _over_week(self, pick: np.ufunc, values: NDArray[np.int32]) -> NDArray[np.int32]:
        weeks = pairwise(self.week_starts.tolist())
        return np.array([pick.reduce(values[start:stop]) for start, stop in weeks], dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Review:
    """The answers, one row for each strip.

    `basis_points` is attended / possible in hundredths of a per cent, half up, -1 where nothing was
    possible; it is for sorting and showing, never for comparing. `persistent` and `severe` are compared
    exactly, so that 38 absences of 381 show as 10.0% and are not persistent. `first_week_below[i, j]` is
    the school week (a number of the plan) at whose end the rate so far was first below level j, -1 never.
    `threshold_met` is the place of the session at which the national threshold was first met, -1 never.
    """

    possible: NDArray[np.int32]
    attended: NDArray[np.int32]
    authorised: NDArray[np.int32]
    unauthorised: NDArray[np.int32]
    late_before_close: NDArray[np.int32]
    late_after_close: NDArray[np.int32]
    basis_points: NDArray[np.int32]
    persistent: NDArray[np.bool_]
    severe: NDArray[np.bool_]
    first_week_below: NDArray[np.int16]
    threshold_met: NDArray[np.int32]

    @classmethod
    def blank(cls, rows: int, levels: int) -> Review:
        """A review for an engine to fill in."""
        return cls(
            possible=np.zeros(rows, dtype=np.int32),
            attended=np.zeros(rows, dtype=np.int32),
            authorised=np.zeros(rows, dtype=np.int32),
            unauthorised=np.zeros(rows, dtype=np.int32),
            late_before_close=np.zeros(rows, dtype=np.int32),
            late_after_close=np.zeros(rows, dtype=np.int32),
            basis_points=np.full(rows, NEVER, dtype=np.int32),
            persistent=np.zeros(rows, dtype=np.bool_),
            severe=np.zeros(rows, dtype=np.bool_),
            first_week_below=np.full((rows, levels), NEVER, dtype=np.int16),
            threshold_met=np.full(rows, NEVER, dtype=np.int32),
        )

    def rows(self, start: int, stop: int) -> Review:
        """Some rows as views: what is written to them is written here."""
        return Review(*(getattr(self, field.name)[start:stop] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.possible)


def review(
    marks: NDArray[np.uint8],
    plan: Plan,
    *,
    of_age: NDArray[np.integer] | None = None,
    engine: Engine = "numpy",
) -> Review:
    """One pass over strips: counts, rates, flags, first school weeks below a level, the national threshold.

    `marks` is uint8[rows, sessions], 0 for unmarked and for off roll. `of_age` is int[rows, 2]: the place
    from which, and up to but not including which, the pupil is of compulsory school age, as `Strips.of_age`
    has it. Sessions outside count for every figure but not towards the threshold; without it all do.

    The threshold is looked at session by session with the law of that day: the session must itself count
    towards it, and what counts is what has been marked by then in its school week and the school weeks
    before it. Holidays use up none of those weeks; a week of two days uses up one.

    Raises ValueError for arrays of another shape and for an engine there is not, `Unusable` where
    `engine="compiled"` is not installed.

    Source: for the threshold, Working together to improve school attendance (2024), paras 174 to 200, with
    SI 2024/210; for the rates, the Department for Education's methodology of its absence statistics.
    """
    if marks.dtype != np.uint8 or marks.ndim != 2 or marks.shape[1] != len(plan.axis):
        raise ValueError(f"marks are {marks.dtype}{marks.shape}; uint8[rows, {len(plan.axis)}] is wanted")
    if of_age is not None and of_age.shape != (len(marks), 2):
        raise ValueError(f"of_age has shape {of_age.shape}; {(len(marks), 2)} is wanted")
    if engine not in get_args(Engine):
        raise ValueError(f'there is no engine "{engine}"; there are: {", ".join(get_args(Engine))}')
    answer = Review.blank(len(marks), len(plan.levels))
    if len(marks) and len(plan.mondays):
        pairs = np.ascontiguousarray(marks).view(np.uint16)
        if engine == "compiled":
            from firstbell.measures.compiled import review_compiled

            review_compiled(pairs, plan, of_age, answer)
        else:
            _review_numpy(pairs, plan, of_age, answer)
    return answer


# --- NumPy ------------------------------------------------------------------------------------------------

BLOCK = 8192
"""Strips worked on together: their weekly counters stay in the cache between one step and the next."""

LOOKED_UP = 1024
"""Strips looked up together: smaller, because a look-up takes eight bytes of index for each day."""


def _review_numpy(
    pairs: NDArray[np.uint16], plan: Plan, of_age: NDArray[np.integer] | None, answer: Review
) -> None:
    weeks = len(plan.mondays)
    room = min(BLOCK, len(pairs))
    sums = np.empty((weeks, room), dtype=np.uint32)
    so_far = np.zeros((weeks + 1, 2, room), dtype=np.uint32)
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        ages = None if of_age is None else of_age[start : start + BLOCK]
        rows = answer.rows(start, start + len(block))
        weekly, counters = sums[:, : len(block)], so_far[:, :, : len(block)]
        _count_by_week(block, plan, weekly)
        _run_up(weekly, counters)
        _write_counts(weekly, counters[-1, 0], plan, rows)
        for column, level in enumerate(plan.levels):
            rows.first_week_below[:, column] = _first_week_below(counters[1:, 0], level)
        rows.threshold_met[:] = _threshold_met(block.view(np.uint8), plan, ages, counters[:, 1])


def _count_by_week(pairs: NDArray[np.uint16], plan: Plan, weekly: Counters) -> None:
    """Fills uint32[weeks, rows] with the eight counters of each strip's weeks."""
    days = pairs.shape[1]
    room = min(LOOKED_UP, len(pairs))
    places = np.empty((days, room), dtype=np.intp)
    found = np.empty((days, room), dtype=np.uint32)
    weekly[:] = 0
    for start in range(0, len(pairs), LOOKED_UP):
        some = pairs[start : start + LOOKED_UP]
        index, words = places[:, : len(some)], found[:, : len(some)]
        # Days become rows here, so that everything after this line adds long rows to long rows.
        index[...] = some.T
        for first, last, table in plan.runs:
            # Every index fits; "wrap" because the default mode would fill a copy of `out` first.
            np.take(plan.tables[table], index[first:last], out=words[first:last], mode="wrap")
        for stretch in plan.stretches:
            week = weekly[stretch.week, start : start + len(some)]
            week += words[stretch.start : stretch.stop].sum(axis=0, dtype=np.uint32)


def _run_up(weekly: Counters, so_far: Counters) -> None:
    """From counts of each week to counts so far: [w + 1, 0] possible and attended, [w + 1, 1] counting."""
    np.bitwise_and(weekly, PAIR, out=so_far[1:, 0])
    np.right_shift(weekly, np.uint32(COUNTING), out=so_far[1:, 1])
    so_far[1:, 1] &= PAIR
    for week in range(1, len(weekly)):
        so_far[week + 1] += so_far[week]


def _write_counts(weekly: Counters, total: Counters, plan: Plan, rows: Review) -> None:
    rows.possible[:], rows.attended[:] = total & LOW_HALF, total >> HIGH
    absences = ((weekly >> np.uint32(AUTHORISED)) & PAIR).sum(axis=0, dtype=np.uint32)
    rows.authorised[:], rows.unauthorised[:] = absences & LOW_HALF, absences >> HIGH
    lates = ((weekly >> np.uint32(BEFORE_CLOSE)) & PAIR).sum(axis=0, dtype=np.uint32)
    rows.late_before_close[:], rows.late_after_close[:] = lates & LOW_HALF, lates >> HIGH
    possible, attended = rows.possible.astype(np.uint32), rows.attended.astype(np.uint32)
    # uint32 holds 20,000 times the longest strip. A divisor of 1 where nothing was possible avoids 0 / 0.
    doubled = np.maximum(2 * possible, 1).astype(np.uint32)
    rows.basis_points[:] = (np.uint32(20_000) * attended + possible) // doubled
    rows.basis_points[possible == 0] = NEVER
    missed = (rows.authorised + rows.unauthorised).astype(np.int64)
    for share, flags in ((plan.persistent, rows.persistent), (plan.severe, rows.severe)):
        if share is not None:
            flags[:] = (missed * share.denominator >= possible * np.int64(share.numerator)) & (possible > 0)


def _first_week_below(so_far: Counters, level: Fraction) -> NDArray[np.int16]:
    """The first week w of uint32[weeks, rows] with attended / possible < level; with 0 possible none is."""
    attended, possible = so_far >> HIGH, so_far & LOW_HALF
    # uint32 holds the longest strip times the largest denominator that a plan takes.
    not_below = attended * np.uint32(level.denominator) >= possible * np.uint32(level.numerator)
    for week in range(1, len(not_below)):
        not_below[week] &= not_below[week - 1]
    first: NDArray[np.int16] = not_below.sum(axis=0, dtype=np.int16)
    first[first == len(not_below)] = NEVER
    return first


def _threshold_met(
    marks: NDArray[np.uint8], plan: Plan, of_age: NDArray[np.integer] | None, so_far: Counters
) -> NDArray[np.int32]:
    """The place of the session at which the threshold was first met, -1 never.

    `so_far` is uint32[weeks + 1, rows], what counted before each week. Whole weeks find the few strips
    that can have met it, and in which week; only of those weeks are single sessions looked at.
    """
    met = np.full(len(marks), NEVER, dtype=np.int32)
    rows = np.flatnonzero(_weeks_to_look_at(so_far, plan).any(axis=0))
    so_far = so_far[:, rows]
    ages = None if of_age is None else of_age[rows]
    if ages is not None:
        _count_only_of_age(so_far, marks, rows, plan, ages)
    open_weeks = _weeks_to_look_at(so_far, plan)
    left = np.flatnonzero(open_weeks.any(axis=0))
    while len(left):
        week = open_weeks[:, left].argmax(axis=0)
        some_ages = None if ages is None else ages[left]
        places = _met_in_week(marks, rows[left], week, plan, some_ages, so_far[:, left])
        met[rows[left]] = places
        # A week can hold enough and yet not meet it: the law changed, and no session of it counts since.
        open_weeks[week, left] = False
        left = left[(places == NEVER) & open_weeks[:, left].any(axis=0)]
    return met


def _weeks_to_look_at(so_far: Counters, plan: Plan) -> NDArray[np.bool_]:
    """bool[weeks, rows]: at the end of which weeks the window holds what the law asks for, or more."""
    weeks = np.arange(len(plan.mondays))
    window_starts = np.maximum(0, weeks + 1 - plan.week_reach)
    enough: NDArray[np.bool_] = so_far[1:] - so_far[window_starts] >= plan.week_needs[:, None]
    return enough


def _count_only_of_age(
    so_far: Counters, marks: NDArray[np.uint8], rows: Places, plan: Plan, of_age: NDArray[np.integer]
) -> None:
    """Takes out of the counters what was marked while the pupils were not of compulsory school age."""
    partly = np.flatnonzero((of_age[:, 0] > 0) | (of_age[:, 1] < len(plan.axis)))
    places = np.arange(len(plan.axis))
    counts = _counting(marks[rows[partly]], places, plan)
    counts &= (of_age[partly, :1] <= places) & (places < of_age[partly, 1:])
    by_week = np.add.reduceat(counts, plan.week_starts[:-1], axis=1, dtype=np.uint32)
    so_far[1:, partly] = np.cumsum(by_week, axis=1, dtype=np.uint32).T


def _counting(marks: NDArray[np.uint8], places: Places, plan: Plan) -> NDArray[np.bool_]:
    """Which of `marks`, standing at `places`, count towards the threshold by the law of their own day."""
    counting: NDArray[np.bool_] = plan.law.counts_towards_threshold[plan.regime[places], marks]
    return counting & plan.meets[places]


def _met_in_week(
    marks: NDArray[np.uint8],
    rows: Places,
    week: Places,
    plan: Plan,
    of_age: NDArray[np.integer] | None,
    so_far: Counters,
) -> NDArray[np.int32]:
    """The first session of each row's week at which the threshold is met, -1 if at none of them."""
    starts, stops = plan.week_starts[week], plan.week_starts[week + 1]
    longest = int(np.diff(plan.week_starts).max())
    places = starts[:, None] + np.arange(longest)
    inside = places < stops[:, None]
    places = np.minimum(places, len(plan.axis) - 1)
    counts = _counting(marks[rows[:, None], places], places, plan) & inside
    if of_age is not None:
        counts &= (of_age[:, :1] <= places) & (places < of_age[:, 1:])
    window_starts = np.maximum(0, week[:, None] + 1 - plan.reach[places])
    chosen = np.arange(len(rows))
    before = so_far[week, chosen][:, None].astype(np.int64) - so_far[window_starts, chosen[:, None]]
    met = counts & (before + np.cumsum(counts, axis=1) >= plan.needs[places])
    first = met.argmax(axis=1)
    return np.where(met[chosen, first], places[chosen, first], NEVER).astype(np.int32)


def _runs(keys: Sequence[object]) -> list[tuple[int, int]]:
    """The stretches of equal keys that follow each other, as (start, stop)."""
    cuts = [i for i in range(1, len(keys)) if keys[i] != keys[i - 1]]
    return list(pairwise([0, *cuts, len(keys)])) if keys else []
