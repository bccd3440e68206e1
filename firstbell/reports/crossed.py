"""Who crossed which statutory line, told so that nobody has to look it up: when, how far, by which sessions?

`measures.crossings` finds them; here each gets its possible sessions, its sessions with their codes, and
whether it still holds. Whoever has crossed a line stays listed when it no longer holds, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from firstbell.measures import Crossing, Line, Rate, crossings, last_school_weeks, unauthorised_in_window
from firstbell.register import Strips, reason_due_on
from firstbell.reports.definitions import Definition, line_definition, line_in_short
from firstbell.reports.wording import Spell, days_in_words, plural, spells
from firstbell.sessions import Calendar, Session
from firstbell.statute import Law, NationalThreshold

__all__ = ["Crossed", "LineFigures", "lines_crossed"]

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Crossed:
    """One enrolment over one line.

    `figure` is what was measured, in words; `missed` the sessions that made it so out of the possible ones of
    the stretch that the line looks at. `at` is the session at which the line was crossed; for a reason not
    established it is the oldest such session, and `due_on` the last day it had. `holds` is whether the line
    is crossed still; `left_on` the last day of an enrolment that has ended; `now` what counts towards the
    threshold in the window that ends with the figures.
    """

    line: Line
    row: int
    at: Session
    figure: str
    missed: Rate
    sessions: tuple[tuple[Session, str], ...] = field(repr=False)
    spells: tuple[Spell, ...] = field(repr=False)
    holds: bool
    left_on: date | None = field(default=None, repr=False)
    due_on: date | None = None
    now: int | None = None

    @property
    def since(self) -> str:
        """What has become of it since, in words: still so is not said."""
        said = []
        if self.left_on is not None:
            said.append(f"left {days_in_words(self.left_on, self.left_on)}")
        elif not self.holds:
            said.append("no longer so")
        if self.now is not None and self.now != self.missed.part:
            said.append(f"{plural(self.now, 'session')} in the window that ends now")
        if self.due_on is not None:
            said.append(f"reason due by {days_in_words(self.due_on, self.due_on)}")
        return ", ".join(said)

    @property
    def codes(self) -> dict[str, int]:
        """How many of the sessions bear each code, the commonest first."""
        counts: dict[str, int] = {}
        for _, mark in self.sessions:
            counts[mark] = counts.get(mark, 0) + 1
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


@dataclass(frozen=True)
class LineFigures:
    """A statutory line, what it asks for, and who has crossed it, the latest first.

    `enrolments` is how many were over it out of those with a possible session in the year to date.
    """

    line: Line
    definition: Definition
    in_short: str
    crossed: tuple[Crossed, ...]
    enrolments: Rate

    @property
    def hold(self) -> int:
        """How many are over it still."""
        return len({one.row for one in self.crossed if one.holds})


@dataclass(frozen=True, eq=False)
class _Asked:
    """What every crossing is told with."""

    strips: Strips
    calendars: Mapping[str, Calendar]
    law: Law
    on: date
    year: BoolArray
    possible: BoolArray
    absent: BoolArray
    in_window: NDArray[np.int64]


def lines_crossed(
    strips: Strips,
    calendars: Mapping[str, Calendar],
    *,
    on: date,
    year: BoolArray,
    enrolments: BoolArray,
    least_possible: int,
) -> tuple[LineFigures, ...]:
    """Every line of the law of `on`, the gravest first, with those of `enrolments` who have crossed it.

    `strips` end with the session of the figures. `year` marks the sessions of the year to date: bool[session]
    or bool[enrolment, session]; `enrolments` is bool[enrolment].
    """
    law = strips.statute.on(on)
    possible = strips.where(lambda code: code.possible)
    absent = strips.where(lambda code: bool(code.absence))
    asked = _Asked(strips, calendars, law, on, year, possible, absent, unauthorised_in_window(strips))
    with_sessions = enrolments & (possible & year).any(axis=1)
    found: dict[Line, list[Crossed]] = {}
    for one in crossings(strips, calendars, on=on, within=year, least_possible=least_possible):
        if enrolments[one.row]:
            found.setdefault(one.line, []).append(_told(one, asked))
    lines = []
    for line in Line:
        definition = line_definition(line, law, least_possible)
        if definition is not None:
            own = sorted(found.get(line, ()), key=lambda c: (c.at, -c.row), reverse=True)
            over = len({one.row for one in own})
            share = Rate(over, int(with_sessions.sum()))
            lines.append(LineFigures(line, definition, line_in_short(line, law), tuple(own), share))
    return tuple(lines)


def _told(one: Crossing, asked: _Asked) -> Crossed:
    strips = asked.strips
    pupil = strips.enrolments[one.row].pupil
    # The threshold looks at the pupil, wherever enrolled; every other line at the one enrolment.
    alone = one.line is not Line.THRESHOLD
    rows = [r for r, e in enumerate(strips.enrolments) if r == one.row or (e.pupil == pupil and not alone)]
    sessions = tuple((strips.axis.session(p), _mark(asked, rows, p)) for p in one.sessions)
    ends_on = strips.enrolments[one.row].ends_on
    left_on = ends_on if ends_on is not None and ends_on < asked.on else None
    missed = one.figure if isinstance(one.figure, Rate) else _missed(one, rows, asked)
    return Crossed(
        one.line,
        one.row,
        strips.axis.session(one.place),
        _figure(one, missed),
        missed,
        sessions,
        spells(sessions, _school_days(strips, rows)),
        one.open and left_on is None,
        left_on,
        _due_on(one, asked),
        _now(one, asked),
    )


def _mark(asked: _Asked, rows: Sequence[int], place: int) -> str:
    """The mark that made a session count: of several enrolments, the one that was absent there."""
    return asked.strips.symbol(next(row for row in rows if asked.absent[row, place]), place)


def _school_days(strips: Strips, rows: Sequence[int]) -> list[date]:
    own: BoolArray = np.logical_or.reduce((strips.expected | (strips.marks > 0))[rows], axis=0)
    return [strips.axis.days[day] for day in np.flatnonzero(own[0::2] | own[1::2])]


def _missed(one: Crossing, rows: Sequence[int], asked: _Asked) -> Rate:
    """The sessions of a crossing out of those possible in the stretch that its line looks at."""
    strips = asked.strips
    possible: BoolArray = np.logical_or.reduce(asked.possible[rows], axis=0)
    first, last = one.sessions[0], one.sessions[-1]
    if one.line in (Line.SICKNESS, Line.REASON):
        year = asked.year if asked.year.ndim == 1 else asked.year[one.row]
        first, last = min(first, int(np.argmax(year))), len(possible) - 1
    elif one.line is Line.THRESHOLD:
        enrolment, on = strips.enrolments[one.row], strips.axis.days[last // 2]
        weeks = asked.law.value(NationalThreshold).school_weeks
        stretch = last_school_weeks(asked.calendars[enrolment.school], on, weeks, enrolment.year_group(on))
        if stretch is not None:
            first = min(first, strips.axis.between(stretch.starts_on, on).start)
    return Rate(len(one.sessions), int(possible[first : last + 1].sum()))


def _figure(one: Crossing, missed: Rate) -> str:
    """The number that crossed the line, in words, always with the possible sessions beside it."""
    of = f"{missed.part} of {missed.whole} possible sessions"
    if isinstance(one.figure, Rate):
        return f"{of} missed, {missed.shown()}"
    if one.line is Line.THRESHOLD:
        return f"{missed.part} unauthorised of {missed.whole} possible sessions in the window"
    if one.line is Line.SICKNESS:
        return f"{plural(one.figure, 'day')} with illness: {of} this year"
    if one.line is Line.REASON:
        return f"{of} without a reason in time"
    return f"{plural(one.figure, 'school day')} in a row: {of}"


def _due_on(one: Crossing, asked: _Asked) -> date | None:
    if one.line is not Line.REASON:
        return None
    calendar = asked.calendars[asked.strips.enrolments[one.row].school]
    return reason_due_on(asked.strips.axis.session(one.sessions[0]), calendar, asked.law)


def _now(one: Crossing, asked: _Asked) -> int | None:
    """What counts towards a threshold by now: sessions leave the window as weeks pass."""
    return int(asked.in_window[one.row]) if one.line is Line.THRESHOLD else None
