"""The review as machine code: the same answers as NumPy's, for national sizes.

Only this module knows numba, and only `review(engine="compiled")` imports it. The kernel takes some strips at
a time, counts their weeks, and looks at single sessions only of who can have met the national threshold.

Refuses to know: what anything means. Which marks count as what stands in the plan's tables.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from firstbell.measures.review import AUTHORISED, BEFORE_CLOSE, COUNTING, NEVER, POSSIBLE, Plan, Review
from firstbell.problems import Place, Problem, Unusable

try:
    import numba
except ImportError as error:
    raise Unusable(
        [
            Problem(
                "engine-missing",
                Place(),
                'The engine "compiled" needs numba, which is not installed.',
                'Install it with: pip install "firstbell[scale]". The engine "numpy" gives the same answers.',
                value="compiled",
            )
        ]
    ) from error

__all__ = ["review_compiled"]

_F = TypeVar("_F", bound=Callable[..., Any])

BLOCK = 128
"""Strips that one thread takes at a time: its scratch counters are made once for all of them."""

_ONE_AT_A_TIME = threading.Lock()
"""Not every threading layer of numba may be entered from two threads: one of them ends the process."""

PAIR = np.uint32(0x000F_000F)
ATTENDANCE_SHIFT, COUNTING_SHIFT = np.uint32(POSSIBLE), np.uint32(COUNTING)
ABSENCES_SHIFT, LATES_SHIFT = np.uint32(AUTHORISED), np.uint32(BEFORE_CLOSE)
LOW_HALF = np.uint32(0xFFFF)
HIGH = np.uint32(16)


class _Laid(NamedTuple):
    """A plan as the kernel reads it; see the properties of `Plan` for what each array holds.

    The places of days are unsigned: an index that may be negative costs a test at every mark.
    """

    tables: NDArray[np.uint32]
    starts: NDArray[np.uint64]
    stops: NDArray[np.uint64]
    table: NDArray[np.uint64]
    week: NDArray[np.uint64]
    levels: NDArray[np.uint32]
    shares: NDArray[np.int64]
    counting: NDArray[np.bool_]
    regime: NDArray[np.uint8]
    meets: NDArray[np.bool_]
    needs: NDArray[np.int32]
    reach: NDArray[np.int32]
    week_starts: NDArray[np.int64]
    week_needs: NDArray[np.int64]
    week_reach: NDArray[np.int64]
    of_age: NDArray[np.int64]


class _Answer(NamedTuple):
    """The arrays of a `Review`, which the kernel writes."""

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


def review_compiled(
    pairs: NDArray[np.uint16], plan: Plan, of_age: NDArray[np.integer] | None, answer: Review
) -> None:
    """Fills `answer` from strips seen as uint16[rows, days], a day's two marks in each.

    The first call ever compiles for about ten seconds; later ones take the machine code from the disk.
    """
    laid = _lay_out(plan, of_age)
    out = _Answer(*(getattr(answer, name) for name in _Answer._fields))
    with _ONE_AT_A_TIME:
        _review(np.require(pairs, requirements=["C", "A"]), laid, out)


def _lay_out(plan: Plan, of_age: NDArray[np.integer] | None) -> _Laid:
    ages = np.empty((0, 2), dtype=np.int64) if of_age is None else of_age
    levels = [(level.numerator, level.denominator) for level in plan.levels]
    shares = [(s.numerator, s.denominator) if s else (0, 0) for s in (plan.persistent, plan.severe)]
    return _Laid(
        tables=plan.tables,
        starts=np.array([stretch.start for stretch in plan.stretches], dtype=np.uint64),
        stops=np.array([stretch.stop for stretch in plan.stretches], dtype=np.uint64),
        table=np.array([stretch.table for stretch in plan.stretches], dtype=np.uint64),
        week=np.array([stretch.week for stretch in plan.stretches], dtype=np.uint64),
        levels=np.array(levels, dtype=np.uint32).reshape(-1, 2),
        shares=np.array(shares, dtype=np.int64),
        counting=plan.law.counts_towards_threshold,
        regime=plan.regime,
        meets=plan.meets,
        needs=plan.needs,
        reach=plan.reach,
        week_starts=plan.week_starts.astype(np.int64),
        week_needs=plan.week_needs.astype(np.int64),
        week_reach=plan.week_reach.astype(np.int64),
        of_age=np.asarray(ages, dtype=np.int64, order="C"),
    )


# --- what numba compiles: no objects, no checks, integers only ----------------------------------------------


def _compiled(parallel: bool = False) -> Callable[[_F], _F]:
    """Machine code in place of a function, kept on disk where some folder can be written."""

    def compiled(function: _F) -> _F:
        try:
            return cast(_F, numba.njit(cache=True, parallel=parallel)(function))
        except RuntimeError:
            return cast(_F, numba.njit(parallel=parallel)(function))

    return compiled


@_compiled()
def _count_weeks(first: Any, pairs: Any, laid: Any, words: Any) -> None:
    """Fills words[week, row]: eight counters of four bits."""
    words[:] = 0
    for row in range(np.uint64(words.shape[1])):
        for k in range(np.uint64(len(laid.week))):
            table = laid.table[k]
            word = np.uint32(0)
            for day in range(laid.starts[k], laid.stops[k]):
                word = np.uint32(word + laid.tables[table, pairs[first + row, day]])
            words[laid.week[k], row] += word


@_compiled()
def _run_up(words: Any, shift: Any, so_far: Any) -> None:
    """The two counters that stand at `shift`, summed up to the end of each week: so_far[week + 1, row]."""
    for week in range(np.uint64(len(words))):
        for row in range(np.uint64(words.shape[1])):
            so_far[week + np.uint64(1), row] = so_far[week, row] + ((words[week, row] >> shift) & PAIR)


@_compiled()
def _write_pairs(words: Any, shift: Any, low: Any, high: Any) -> None:
    """The two counters that stand at `shift`, summed over all weeks."""
    total = np.zeros(words.shape[1], dtype=np.uint32)
    for week in range(np.uint64(len(words))):
        for row in range(np.uint64(words.shape[1])):
            total[row] += (words[week, row] >> shift) & PAIR
    for row in range(np.uint64(words.shape[1])):
        low[row], high[row] = total[row] & LOW_HALF, total[row] >> HIGH


@_compiled()
def _write_rates(shares: Any, first: Any, last: Any, out: Any) -> None:
    for row in range(first, last):
        possible = np.int64(out.possible[row])
        if possible > 0:
            out.basis_points[row] = (20_000 * np.int64(out.attended[row]) + possible) // (2 * possible)
            missed = np.int64(out.authorised[row]) + np.int64(out.unauthorised[row])
            out.persistent[row] = shares[0, 1] > 0 and missed * shares[0, 1] >= possible * shares[0, 0]
            out.severe[row] = shares[1, 1] > 0 and missed * shares[1, 1] >= possible * shares[1, 0]


@_compiled()
def _write_first_week_below(so_far: Any, part: Any, whole: Any, first_week: Any) -> None:
    weeks = len(so_far) - 1
    first_week[:] = weeks
    # A minimum without a branch, rows innermost: the compiler does many strips at a time.
    for week in range(weeks):
        for row in range(np.uint64(so_far.shape[1])):
            attended, possible = so_far[week + 1, row] >> HIGH, so_far[week + 1, row] & LOW_HALF
            below = np.uint32(attended * whole) < np.uint32(possible * part)
            first_week[row] = min(first_week[row], np.int16(week if below else weeks))
    for row in range(np.uint64(so_far.shape[1])):
        if first_week[row] == weeks:
            first_week[row] = NEVER


@_compiled()
def _first_week_to_look_at(row: Any, so_far: Any, laid: Any) -> int:
    """The first week at whose end the window holds what the law asks for; -1 if there is none."""
    for week in range(len(laid.week_needs)):
        before = max(0, week + 1 - laid.week_reach[week])
        if so_far[week + 1, row] - so_far[before, row] >= laid.week_needs[week]:
            return week
    return NEVER


@_compiled()
def _session_that_meets(strip: Any, row: Any, week: Any, marks: Any, laid: Any, so_far: Any) -> int:
    """The place of the session that meets the threshold, looked for session by session from `week` on.

    What counted before each week stands in `so_far`; it is written anew from `week` on.
    """
    start, stop = 0, marks.shape[1]
    if len(laid.of_age):
        start, stop = laid.of_age[strip, 0], laid.of_age[strip, 1]
    for this_week in range(week, len(laid.week_needs)):
        counted = np.int64(so_far[this_week, row])
        for place in range(laid.week_starts[this_week], laid.week_starts[this_week + 1]):
            if not (start <= place < stop and laid.meets[place]):
                continue
            if laid.counting[laid.regime[place], marks[strip, place]]:
                counted += 1
                before = np.int64(so_far[max(0, this_week + 1 - laid.reach[place]), row])
                if counted - before >= laid.needs[place]:
                    return place
        so_far[this_week + 1, row] = counted
    return NEVER


@_compiled()
def _write_threshold(first: Any, pairs: Any, laid: Any, so_far: Any, threshold_met: Any) -> None:
    marks = pairs.view(np.uint8)
    fewest = laid.week_needs.min()
    for row in range(np.uint64(so_far.shape[1])):
        if so_far[len(so_far) - 1, row] < fewest:
            continue
        week = _first_week_to_look_at(row, so_far, laid)
        if week != NEVER:
            # Before a birthday nothing counts, but it is in the counters: they are written anew.
            week = 0 if len(laid.of_age) else week
            threshold_met[first + row] = _session_that_meets(first + row, row, week, marks, laid, so_far)


@_compiled()
def _review_rows(first: Any, last: Any, pairs: Any, laid: Any, out: Any) -> None:
    weeks = len(laid.week_needs)
    words = np.empty((weeks, last - first), dtype=np.uint32)
    so_far = np.zeros((weeks + 1, last - first), dtype=np.uint32)
    _count_weeks(first, pairs, laid, words)
    _write_pairs(words, ATTENDANCE_SHIFT, out.possible[first:last], out.attended[first:last])
    _write_pairs(words, ABSENCES_SHIFT, out.authorised[first:last], out.unauthorised[first:last])
    _write_pairs(words, LATES_SHIFT, out.late_before_close[first:last], out.late_after_close[first:last])
    _write_rates(laid.shares, first, last, out)
    _run_up(words, ATTENDANCE_SHIFT, so_far)
    first_week = np.empty(last - first, dtype=np.int16)
    for level in range(len(laid.levels)):
        _write_first_week_below(so_far, laid.levels[level, 0], laid.levels[level, 1], first_week)
        out.first_week_below[first:last, level] = first_week
    _run_up(words, COUNTING_SHIFT, so_far)
    _write_threshold(first, pairs, laid, so_far, out.threshold_met)


@_compiled(parallel=True)
def _review(pairs: Any, laid: Any, out: Any) -> None:
    # Nothing but the call stands in the parallel loop: see docs/explanation/performance.md, "Traps".
    rows = len(pairs)
    for block in numba.prange((rows + BLOCK - 1) // BLOCK):
        first = block * BLOCK
        _review_rows(np.uint64(first), np.uint64(min(rows, first + BLOCK)), pairs, laid, out)
