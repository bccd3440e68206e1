"""The registers as arrays: one row an enrolment, one byte a session.

A strip holds the number of the symbol that stands at each session, 0 where nobody has marked. It is built
from saves and amendments as known at a moment and is never stored: a correction is another fold. Law meets
marks in one indexing step, `table[law.regime, marks]`, because the law of a session is that of its day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from firstbell.register.enrolments import YEAR_GROUP, Enrolment
from firstbell.register.marks import Amendment, AttendanceRegister, Save
from firstbell.register.notation import write_notation
from firstbell.sessions import Axis, Calendar, Session
from firstbell.statute import (
    UNMARKED,
    Code,
    CompulsorySchoolAge,
    LawOver,
    Statute,
    compulsory_school_age,
)

__all__ = ["Strips", "lay_strips"]

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Strips:
    """Marks of some enrolments on one axis, with what is needed to count them.

    Shapes: `marks` uint8[enrolment, session]; `minutes_late` uint16 of the same shape or None;
    `meets` bool[pattern, session] are the sessions that a school's year group has, `pattern[i]` the row for
    enrolment i; `bounds` intp[enrolment, 2] the places from, and up to but not including, which the name
    stands in the register. `stays` bool[enrolment, session] says the same where several stays are joined.
    """

    axis: Axis
    law: LawOver
    enrolments: tuple[Enrolment, ...]
    marks: NDArray[np.uint8]
    meets: BoolArray
    pattern: NDArray[np.intp]
    bounds: NDArray[np.intp]
    minutes_late: NDArray[np.uint16] | None = None
    stays: BoolArray | None = None

    @property
    def statute(self) -> Statute:
        """The law that the strips are read by."""
        return self.law.statute

    @cached_property
    def regime(self) -> NDArray[np.uint8]:
        """The regime of each session: the row of a table of codes that was the law of its day."""
        return np.repeat(self.law.regime, 2)

    @cached_property
    def on_roll(self) -> BoolArray:
        """bool[enrolment, session]: where the name stood in the register."""
        if self.stays is not None:
            return self.stays
        places = np.arange(len(self.axis))
        return (self.bounds[:, :1] <= places) & (places < self.bounds[:, 1:])

    @cached_property
    def expected(self) -> BoolArray:
        """bool[enrolment, session]: where a mark is due: on roll, a session of the year group, no boarder."""
        marked = np.array([not enrolment.boarder for enrolment in self.enrolments], dtype=np.bool_)
        return self.on_roll & self.meets[self.pattern] & marked[:, None]

    @cached_property
    def of_age(self) -> NDArray[np.intp]:
        """intp[enrolment, 2]: the places from, and up to, which the pupil is of compulsory school age.

        Without a date of birth a pupil counts as of that age, so that nothing is missed.
        """
        whole = (0, len(self.axis))
        return np.array(
            [self._of_age(e.born_on) if e.born_on else whole for e in self.enrolments], dtype=np.intp
        ).reshape(-1, 2)

    def _of_age(self, born_on: date) -> tuple[int, int]:
        rule = self.law.laws[-1].value(CompulsorySchoolAge)
        places = self.axis.between(*compulsory_school_age(born_on, rule))
        return places.start, places.stop

    @cached_property
    def is_of_age(self) -> BoolArray:
        """bool[enrolment, session]: where the pupil was of compulsory school age."""
        places = np.arange(len(self.axis))
        return (self.of_age[:, :1] <= places) & (places < self.of_age[:, 1:])

    def where(self, test: Callable[[Code], bool]) -> BoolArray:
        """bool[enrolment, session]: the marks whose code, by the law of its own day, `test` accepts."""
        return self.look_up(self.law.where(test))

    def marked(self, *symbols: str) -> BoolArray:
        """`where` for codes by their symbols."""
        return self.look_up(self.law.marked(symbols))

    def look_up(self, table: BoolArray) -> BoolArray:
        """A table of codes (bool[regime, 256]) applied to the marks."""
        cells: BoolArray = table[0][self.marks] if len(table) == 1 else table[self.regime, self.marks]
        return cells

    def rows(self, chosen: NDArray[np.intp] | Sequence[int]) -> Strips:
        """The strips of some enrolments, by their places."""
        places = np.asarray(chosen, dtype=np.intp)
        return replace(
            self,
            enrolments=tuple(self.enrolments[i] for i in places),
            marks=self.marks[places],
            pattern=self.pattern[places],
            bounds=self.bounds[places],
            minutes_late=None if self.minutes_late is None else self.minutes_late[places],
            stays=None if self.stays is None else self.stays[places],
        )

    def joined(self) -> tuple[Strips, NDArray[np.intp]]:
        """The strips with all stays of a pupil at one school in one row, and the row each stands for.

        That is the row of the latest stay. A pupil who left and came back is one child: days of sickness
        and days running go on. Of two stays at one time the later one's marks are taken.
        """
        own: dict[tuple[str, str], list[int]] = {}
        for row in sorted(range(len(self.enrolments)), key=lambda row: self.enrolments[row].starts_on):
            own.setdefault((self.enrolments[row].pupil, self.enrolments[row].school), []).append(row)
        latest = np.array(sorted(rows[-1] for rows in own.values()), dtype=np.intp)
        if len(latest) == len(self.enrolments):
            return self, latest
        marks, stays = self.marks.copy(), self.on_roll.copy()
        for rows in own.values():
            for row in reversed(rows[:-1]):
                empty = marks[rows[-1]] == UNMARKED
                marks[rows[-1], empty] = self.marks[row, empty]
                stays[rows[-1]] |= self.on_roll[row]
        return replace(self, marks=marks, stays=stays).rows(latest), latest

    def until(self, session: Session) -> Strips:
        """The same strips with every session after `session` blank and off the roll.

        What is asked "as at" a session must not see what came later.
        """
        places = self.axis.between(date.min, session.on)
        stop = places.stop
        if stop and self.axis.days[stop // 2 - 1] == session.on:
            stop += int(session.half) - 1
        marks = self.marks.copy()
        marks[:, stop:] = UNMARKED
        bounds = np.minimum(self.bounds, stop)
        stays = None if self.stays is None else self.stays & (np.arange(len(self.axis)) < stop)
        return replace(self, marks=marks, bounds=bounds, stays=stays)

    def symbol(self, row: int, place: int) -> str:
        """The symbol at a cell; "" if unmarked."""
        return self.statute.symbol(int(self.marks[row, place]))

    def picture(self, row: int) -> str:
        """One enrolment's strip in register notation."""
        marks = {
            self.axis.session(int(place)): self.symbol(row, int(place))
            for place in np.flatnonzero(self.marks[row])
        }
        return write_notation(marks, self.axis.days)


def lay_strips(
    enrolments: Sequence[Enrolment],
    register: AttendanceRegister,
    calendars: Mapping[str, Calendar],
    statute: Statute,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    known_at: datetime | None = None,
) -> Strips:
    """The strips of some enrolments as the register stood at `known_at` (None: with all that is recorded).

    `calendars` are by school. Saves and amendments of other enrolments or other sessions are passed over;
    marks outside an enrolment's days are not laid (the reader keeps them aside with a problem), except
    that Z before the starting day is no mark of a registered pupil and needs no place.
    """
    axis = Axis.over(tuple(calendars.values()), starts_on, ends_on)
    law = statute.over(axis.days)
    meets, pattern = _patterns(enrolments, calendars, axis)
    bounds = np.array([_bounds(axis, e) for e in enrolments], dtype=np.intp).reshape(-1, 2)
    marks = np.zeros((len(enrolments), len(axis)), dtype=np.uint8)
    minutes = np.zeros_like(marks, dtype=np.uint16)
    _fold(register, {e.id: row for row, e in enumerate(enrolments)}, axis, marks, minutes, statute, known_at)
    strips = Strips(axis, law, tuple(enrolments), marks, meets, pattern, bounds, minutes)
    marks[~(strips.on_roll & meets[pattern])] = UNMARKED
    _read_for_age(strips)
    return strips


def _bounds(axis: Axis, enrolment: Enrolment) -> tuple[int, int]:
    places = axis.between(enrolment.starts_on, enrolment.ends_on or date.max)
    return places.start, places.stop


def _patterns(
    enrolments: Sequence[Enrolment], calendars: Mapping[str, Calendar], axis: Axis
) -> tuple[BoolArray, NDArray[np.intp]]:
    """The different sets of sessions that the enrolments have, and which is whose.

    A pupil whose year group changes, in September or in the middle of a year, has other days from then on.
    """
    known: dict[tuple[str, tuple[tuple[date, str | None], ...]], int] = {}
    rows: list[BoolArray] = []
    pattern = np.zeros(len(enrolments), dtype=np.intp)
    for row, enrolment in enumerate(enrolments):
        calendar = calendars[enrolment.school]
        groups = _groups_of(enrolment) if calendar.year_groups else ((date.min, None),)
        key = (enrolment.school, groups)
        if key not in known:
            known[key] = len(rows)
            rows.append(_meets(axis, calendar, groups))
        pattern[row] = known[key]
    return np.array(rows, dtype=np.bool_).reshape(-1, len(axis)), pattern


def _groups_of(enrolment: Enrolment) -> tuple[tuple[date, str | None], ...]:
    """The year group from each day on which it may have changed."""
    stated = [a for a in enrolment.attributes if a.name == YEAR_GROUP]
    days = {date.min, *(a.from_on for a in stated if a.from_on)}
    days |= {a.until_on + timedelta(days=1) for a in stated if a.until_on}
    return tuple((day, enrolment.year_group(day)) for day in sorted(days))


def _meets(axis: Axis, calendar: Calendar, groups: Sequence[tuple[date, str | None]]) -> BoolArray:
    meets = np.zeros(len(axis), dtype=np.bool_)
    for from_on, group in groups:
        places = axis.between(from_on, date.max)
        meets[places] = axis.meets(calendar, group)[places]
    return meets


def _fold(
    register: AttendanceRegister,
    row_of: Mapping[str, int],
    axis: Axis,
    marks: NDArray[np.uint8],
    minutes: NDArray[np.uint16],
    statute: Statute,
    known_at: datetime | None,
) -> None:
    """Lays every event known at the moment into the arrays, in the order in which it became known."""
    rolls: dict[tuple[str, ...], tuple[NDArray[np.intp], NDArray[np.intp]]] = {}
    for event in register.known_by(known_at):
        place = axis.place(event.session)
        if place is None:
            continue
        if isinstance(event, Amendment):
            _fold_amendment(event, row_of.get(event.enrolment), place, marks, minutes, statute)
            continue
        if event.roll not in rolls:
            seats = [seat for seat, enrolment in enumerate(event.roll) if enrolment in row_of]
            rows = [row_of[event.roll[seat]] for seat in seats]
            rolls[event.roll] = np.array(rows, dtype=np.intp), np.array(seats, dtype=np.intp)
        _fold_save(event, *rolls[event.roll], place, marks)
        for enrolment, late in event.minutes_late.items():
            if enrolment in row_of:
                minutes[row_of[enrolment], place] = late


def _fold_save(
    save: Save, rows: NDArray[np.intp], seats: NDArray[np.intp], place: int, marks: NDArray[np.uint8]
) -> None:
    new = np.frombuffer(save.marks, dtype=np.uint8)[seats]
    old = marks[rows, place]
    # The same rule as marks.may_take, for a whole column.
    takes = (new != UNMARKED) & ((old == UNMARKED) | (save.known_at <= save.closes_at))
    marks[rows, place] = np.where(takes, new, old)


def _fold_amendment(
    event: Amendment,
    row: int | None,
    place: int,
    marks: NDArray[np.uint8],
    minutes: NDArray[np.uint16],
    statute: Statute,
) -> None:
    if row is None or statute.symbol(int(marks[row, place])) != event.original:
        return
    marks[row, place] = statute.number(event.amended)
    if event.minutes_late is not None:
        minutes[row, place] = event.minutes_late
    elif event.original != event.amended:
        # The minutes were those of the mark that does not stand any more.
        minutes[row, place] = 0


def _read_for_age(strips: Strips) -> None:
    """Lays the code that counts in place of one which reads differently for compulsory school age."""
    for regime, law in enumerate(strips.law.laws):
        for code in law.all(Code):
            if code.reads_as:
                cells = (strips.marks == strips.statute.number(code.symbol)) & strips.is_of_age
                cells &= strips.regime == regime
                strips.marks[cells] = strips.statute.number(code.reads_as)
