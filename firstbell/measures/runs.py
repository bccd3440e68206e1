"""For how many school days running was a pupil absent, and how many days ill in all?

Four kinds of run, because school, law and parents mean different things by "ten days": any absence,
unauthorised absence, absence coded G, N or O only, illness. Weekends and holidays are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from firstbell.measures.counts import as_mask
from firstbell.register import Strips
from firstbell.statute import UNMARKED, Ages, Law
from firstbell.statute.values import DeletionGround, SicknessCounting

__all__ = ["Run", "RunKind", "SicknessDays", "codes_of", "runs", "sickness_days", "sickness_reached"]

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


class RunKind(StrEnum):
    """What the days of a run have in common."""

    ABSENCE = "any absence"
    UNAUTHORISED = "unauthorised absence"
    UNEXPLAINED = "absence coded as the deletion ground asks"
    ILLNESS = "illness"


@dataclass(frozen=True)
class Run:
    """School days of absence one after the other, by one enrolment.

    `days` is their number, `first_day` and `last_day` their places among the axis's days, `reached[n - 1]`
    the day that was the n-th. `missing` counts unmarked sessions inside the run. `open` says that
    nothing has broken it by the end of the axis.
    """

    row: int
    kind: RunKind
    reached: tuple[int, ...]
    missing: int
    open: bool

    @property
    def days(self) -> int:
        """How many school days it has lasted."""
        return len(self.reached)

    @property
    def first_day(self) -> int:
        """The place of its first day."""
        return self.reached[0]

    @property
    def last_day(self) -> int:
        """The place of its last day."""
        return self.reached[-1]


def codes_of(kind: RunKind, law: Law) -> frozenset[str]:
    """The symbols that a run of a kind is made of, by the law of a day."""
    if kind is RunKind.UNEXPLAINED:
        grounds = law.all_or_first(DeletionGround)
        return frozenset(s for ground in grounds if ground.ages is Ages.COMPULSORY for s in ground.codes)
    if kind is RunKind.ILLNESS:
        return frozenset(sickness_rule(law).codes)
    return frozenset(
        code.symbol
        for code in law.codes.values()
        if code.absence == "unauthorised" or (kind is RunKind.ABSENCE and code.absence)
    )


def sickness_rule(law: Law) -> SicknessCounting:
    """How sickness is counted by the law of a day."""
    return law.all_or_first(SicknessCounting)[0]


def runs(strips: Strips, kind: RunKind, *, at_least: int = 1) -> list[Run]:
    """Every run of a kind that lasted `at_least` school days, by row and then by day.

    A day belongs to a run if every session it has is marked with one of the kind's codes; a session marked
    otherwise breaks it, so that the first day of a run is the first whole one. A session that was not
    possible (the school closed) neither counts nor breaks, and nor does one not yet marked, except that a
    run for the deletion ground is broken by *any* other code: it passes over planned closures alone.

    Source: SI 2024/208 regs 9 and 13; counting of school days as inferred there.
    """
    counted, breaking = _days(strips, kind)
    rows, days = np.nonzero(counted)
    if not len(rows):
        return []
    # How many breaks lie before a day tells the runs of a row apart.
    broken = np.cumsum(breaking, axis=1, dtype=np.int64)
    before = broken[rows, days]
    starts = np.flatnonzero(np.r_[True, (np.diff(rows) != 0) | (np.diff(before) != 0)])
    stops = np.r_[starts[1:], len(rows)]
    missing = _by_day(strips.expected & (strips.marks == UNMARKED)).sum(axis=2)
    until = np.cumsum(missing, axis=1, dtype=np.int64)
    row, first, last = rows[starts], days[starts], days[stops - 1]
    inside = until[row, last] - until[row, first] + missing[row, first]
    unbroken = before[starts] == broken[row, -1]
    reached = days.tolist()
    columns = (row, starts, stops, inside, unbroken)
    return [
        Run(of, kind, tuple(reached[start:stop]), blanks, is_open)
        for of, start, stop, blanks, is_open in zip(*(one.tolist() for one in columns), strict=True)
        if stop - start >= at_least
    ]


def _days(strips: Strips, kind: RunKind) -> tuple[BoolArray, BoolArray]:
    """bool[enrolment, day] twice: the days that count towards a run, and those that break one."""
    inside = strips.look_up(_table(strips, kind)) & strips.on_roll
    marked = (strips.marks != UNMARKED) & strips.on_roll
    neutral = strips.where(lambda code: not code.possible)
    if kind is RunKind.UNEXPLAINED:
        # Every other code breaks it, but a planned closure that the calendar does not know is no school day.
        neutral = strips.where(lambda code: code.category.name == "administrative")
    waiting = strips.expected & ~marked
    out = marked & ~inside & ~neutral
    breaking = _any_half(out)
    return _any_half(inside) & ~breaking & ~_any_half(waiting), breaking


def _table(strips: Strips, kind: RunKind) -> BoolArray:
    table = np.zeros((len(strips.law.laws), 256), dtype=np.bool_)
    for regime, law in enumerate(strips.law.laws):
        # A symbol that was no code on the day is no mark of that kind, whatever it meant earlier.
        for symbol in codes_of(kind, law) & law.codes.keys():
            table[regime, strips.statute.number(symbol)] = True
    return table


def _by_day(cells: BoolArray) -> BoolArray:
    """bool[enrolment, day, half]; the shape is spelt out because there may be no enrolment."""
    return cells.reshape(len(cells), cells.shape[1] // 2, 2)


def _any_half(cells: BoolArray) -> BoolArray:
    either: BoolArray = cells[:, 0::2] | cells[:, 1::2]
    return either


@dataclass(frozen=True, eq=False)
class SicknessDays:
    """Days of sickness counted in the three ways there are: int64[enrolment].

    `any` counts days that contain the code, as the Department's own tool does and as our law table takes
    it; `whole` days with it at every possible session; `sessions` are the sessions, two to a day.
    """

    any: IntArray
    whole: IntArray
    sessions: IntArray

    def halves(self, row: int) -> Fraction:
        """The third way: sessions divided by two, so that a half counts as half a day."""
        return Fraction(int(self.sessions[row]), 2)


def sickness_days(strips: Strips, within: slice | BoolArray | None = None) -> SicknessDays:
    """How many days each enrolment was ill for, over some sessions (normally one school year).

    Source: SI 2024/208 reg 13 (school days); the sources disagree on part days, hence three counts.
    """
    ill, some, whole = _ill(strips, within)
    return SicknessDays(
        np.count_nonzero(some, axis=1).astype(np.int64),
        np.count_nonzero(whole, axis=1).astype(np.int64),
        np.count_nonzero(ill, axis=1).astype(np.int64),
    )


def sickness_reached(
    strips: Strips, within: slice | BoolArray | None = None, *, way: str | None = None
) -> dict[int, int]:
    """The day (its place) on which sickness in `within` reached the number that asks for a return, by row.

    `way` is "any", "half" or "whole"; None is what the law's table says.
    """
    rule = sickness_rule(strips.law.laws[-1])
    ill, some, whole = _ill(strips, within)
    halves = {
        "any": 2 * some.astype(np.int64),
        "whole": 2 * whole.astype(np.int64),
        "half": _by_day(ill).sum(axis=2),
    }[way or rule.counts]
    running = np.cumsum(halves, axis=1)
    reached = running >= 2 * rule.school_days
    return {int(row): int(np.argmax(reached[row])) for row in np.flatnonzero(reached.any(axis=1))}


def _ill(strips: Strips, within: slice | BoolArray | None) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Sessions of illness, days with any, days with nothing else that was possible."""
    chosen = as_mask(strips, within)
    ill = strips.look_up(_table(strips, RunKind.ILLNESS)) & chosen & strips.on_roll
    other = (
        strips.where(lambda code: code.possible) | (strips.expected & (strips.marks == UNMARKED))
    ) & chosen
    some = _any_half(ill)
    return ill, some, some & ~_any_half(other & ~ill)
