"""What does a pupil's year look like? The strip of a school year as paths for a drawing.

One track a term, one cell a session, gaps between weeks. What a mark counts as decides height and place of
its bar, so that nothing hangs on colour: low what was attended, half high authorised absence, full height
unauthorised, hanging from above what has no mark, nothing at all outside the enrolment. Equal neighbours
are one stroke, which keeps a thousand pupils in one page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from firstbell.measures import Rate, Totals
from firstbell.register import Strips, write_notation
from firstbell.sessions import Calendar, Period, Session, monday_of
from firstbell.statute import UNMARKED

__all__ = [
    "HEIGHT",
    "KINDS",
    "WEEKS_HEIGHT",
    "Bar",
    "Kind",
    "Track",
    "WeekBar",
    "bars_of",
    "kinds_of",
    "notation_of",
    "scale_of",
    "tracks",
    "week_bars",
]

HEIGHT = 24
"""The height of a strip in the units of its drawing."""

WEEKS_HEIGHT = 60
"""The height of the drawing of the school's weeks."""

_WEEK, _HOLIDAY = 1, 4


@dataclass(frozen=True)
class Kind:
    """A way in which a session is drawn: the middle of its bar from above, and how thick the bar is."""

    letter: str
    name: str
    middle: float
    thick: float


KINDS = (
    Kind("p", "Attended", 21.5, 5),
    Kind("l", "Attended, late", 19.5, 9),
    Kind("a", "Authorised absence", 17, 14),
    Kind("u", "Unauthorised absence", 12, 24),
    Kind("c", "Possible, neither attended nor absent", 16, 4),
    Kind("x", "Not possible: closed, elsewhere, not required", 23.5, 1),
    Kind("m", "No mark where one is due", 3, 6),
)
"""The kinds of bar; number 0 of `kinds_of` is a blank."""


@dataclass(frozen=True)
class Bar:
    """One path of a strip: the letter of its kind and what to draw."""

    letter: str
    path: str


@dataclass(frozen=True)
class WeekBar:
    """One week's absence on a track: from which cell, how many wide, and how high each kind is."""

    start: int
    width: int
    unauthorised: int
    authorised: int


@dataclass(frozen=True, eq=False)
class Track:
    """One term on the drawing.

    `places` are its sessions on the axis, `cells` where each is drawn, `width` how many cells there are.
    `months` are the cells at which a month begins, with its name. `now` is the cell after the session of the
    figures, None where that lies in another term.
    """

    name: str
    places: NDArray[np.intp]
    cells: NDArray[np.intp]
    width: int
    months: tuple[tuple[str, int], ...]
    now: int | None

    @property
    def days(self) -> slice:
        """The days of the term on the axis."""
        return slice(int(self.places[0]) // 2, int(self.places[-1]) // 2 + 1)


def tracks(strips: Strips, calendars: Mapping[str, Calendar], year: Period, on: Session) -> tuple[Track, ...]:
    """The tracks of a school year, whole terms, also those that are still to come."""
    terms: dict[str, list[int]] = {}
    name = ""
    for place, day in enumerate(strips.axis.days):
        if day in year:
            found = (calendar.term(day) for calendar in calendars.values())
            # A day of one school's that lies between the terms of all: drawn with the term before it.
            name = next((term.name for term in found if term is not None), name)
            terms.setdefault(name, []).append(place)
    return tuple(_track(strips, name, days, year, on) for name, days in terms.items())


def _track(strips: Strips, name: str, days: list[int], year: Period, on: Session) -> Track:
    cells: list[int] = []
    months: list[tuple[str, int]] = []
    at, before = 0, None
    for place in days:
        day = strips.axis.days[place]
        if before is not None and monday_of(day) != monday_of(before):
            at += _WEEK if (monday_of(day) - monday_of(before)).days <= 7 else _HOLIDAY
        if before is None or day.month != before.month:
            months.append((f"{day:%b}", at))
        cells += [at, at + 1]
        at, before = at + 2, day
    places = np.array([2 * day + half for day in days for half in (0, 1)], dtype=np.intp)
    last = strips.axis.place(on)
    now = next((cell + 1 for cell, place in zip(cells, places, strict=True) if place == last), None)
    title = name.removesuffix(year.name).strip()
    return Track(title, places, np.array(cells, dtype=np.intp), at, _apart(months, at), now)


def _apart(months: list[tuple[str, int]], width: int) -> tuple[tuple[str, int], ...]:
    """Names of months that do not run into each other: a term's two days of a month are not named."""
    least = 12
    starts = [cell for _, cell in months] + [width + 1]
    return tuple(
        (name, cell) for (name, cell), after in zip(months, starts[1:], strict=True) if after - cell >= least
    )


def scale_of(weeks: Iterable[Totals]) -> int:
    """The percentage that the top of the weeks' drawing stands for: a multiple of five over every week."""
    highest = max((week.absence.fraction or Fraction(0) for week in weeks), default=Fraction(0))
    return max(10, 5 * -(-100 * highest // 5))


def week_bars(
    weeks: Sequence[Totals], terms: Sequence[Track], strips: Strips, scale: int
) -> list[list[WeekBar]]:
    """The absence of each week that has begun, in the order of the weeks, by term; heights are of `scale` %.

    A week that lies in two terms is drawn in the first of them.
    """
    drawn: list[list[WeekBar]] = []
    left = dict(enumerate(weeks))
    mondays: dict[date, int] = {}
    for track in terms:
        cells: dict[int, list[int]] = {}
        for place, cell in zip(track.places, track.cells, strict=True):
            monday = monday_of(strips.axis.days[int(place) // 2])
            cells.setdefault(mondays.setdefault(monday, len(mondays)), []).append(int(cell))
        bars = []
        for number, own in cells.items():
            week = left.pop(number, None)
            if week is not None and week.possible:
                heights = (
                    _height(rate, scale) for rate in (week.unauthorised_absence, week.authorised_absence)
                )
                bars.append(WeekBar(own[0], own[-1] + 1 - own[0], *heights))
        drawn.append(bars)
    return drawn


def _height(rate: Rate, scale: int) -> int:
    return round(WEEKS_HEIGHT * 100 * (rate.fraction or 0) / scale)


def kinds_of(strips: Strips) -> NDArray[np.uint8]:
    """uint8[enrolment, session]: how each session is drawn, 1 + its place in `KINDS`; 0 is blank."""
    due = strips.expected & (strips.marks == UNMARKED)
    tests = {
        "x": strips.where(lambda code: not code.possible) & strips.on_roll,
        "c": strips.where(lambda code: code.possible and not code.attended and not code.absence),
        "p": strips.where(lambda code: code.attended),
        "l": strips.where(lambda code: code.attended and bool(code.late)),
        "a": strips.where(lambda code: code.absence == "authorised"),
        "u": strips.where(lambda code: code.absence == "unauthorised"),
        "m": due,
    }
    number = {kind.letter: place for place, kind in enumerate(KINDS, start=1)}
    kinds = np.zeros(strips.marks.shape, dtype=np.uint8)
    for letter, cells in tests.items():
        kinds[cells] = number[letter]
    return kinds


def bars_of(kinds: NDArray[np.uint8], track: Track) -> tuple[Bar, ...]:
    """The paths of one enrolment's strip on a track; `kinds` are uint8[session] of the whole axis."""
    drawn = np.zeros(track.width, dtype=np.uint8)
    drawn[track.cells] = kinds[track.places]
    edges = np.flatnonzero(np.diff(drawn, prepend=0, append=0))
    strokes: dict[int, list[tuple[int, int]]] = {}
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if drawn[start]:
            strokes.setdefault(int(drawn[start]), []).append((start, stop))
    return tuple(
        Bar(KINDS[kind - 1].letter, _path(KINDS[kind - 1].middle, own))
        for kind, own in sorted(strokes.items())
    )


def _path(middle: float, strokes: Iterable[tuple[int, int]]) -> str:
    """Level strokes from cell to cell, each said by its distance from the one before."""
    path, at = "", 0
    for start, stop in strokes:
        path += f"m{start - at} 0h{stop - start}" if path else f"M{start} {middle:g}h{stop - start}"
        at = stop
    return path


def notation_of(strips: Strips, row: int, track: Track) -> tuple[str, ...]:
    r"""One enrolment's term in register notation, a line a week: `7 Oct  /\ /\ OO OO /\`.

    A line is named by the first of its days. Weeks in which the name did not stand in the register have none.
    """
    weeks: dict[date, list[int]] = {}
    for place in range(track.days.start, track.days.stop):
        if strips.on_roll[row, 2 * place : 2 * place + 2].any():
            weeks.setdefault(monday_of(strips.axis.days[place]), []).append(place)
    lines = []
    for days in weeks.values():
        marks = {
            strips.axis.session(p): strips.symbol(row, p)
            for day in days
            for p in (2 * day, 2 * day + 1)
            if strips.marks[row, p]
        }
        own = [strips.axis.days[day] for day in days]
        lines.append(f"{own[0].day:>2} {own[0]:%b}  {write_notation(marks, own)}")
    return tuple(lines)
