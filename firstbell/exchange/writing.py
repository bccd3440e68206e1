r"""How does a school's register leave, in the shapes that schools' systems exchange?

Long marks, wide marks, week strings, the summary, and the pupils file: the shapes that are read, so that what
was written and is read back gives the same register. Columns are headed by our own titles. What counts as
what is asked of `measures`; bytes are made in `writing_tables`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from firstbell.exchange.columns import attributes, field_of
from firstbell.exchange.pupils import Pupil
from firstbell.exchange.writing_tables import DayForm, Row, written_day
from firstbell.measures import count
from firstbell.register import Amendment, AttendanceRegister, Enrolment, Strips, lay_strips
from firstbell.register.marks import may_take
from firstbell.sessions import Calendar, Half, Period, Session, monday_of
from firstbell.statute import UNMARKED, Statute
from firstbell.statute.values import PersistentAbsence

__all__ = ["Extract", "long_marks", "pupils_file", "summary", "titles", "week_strings", "wide_marks"]

BLANK = "-"
"""An unmarked session, as registers write it."""
CLOSED = "#"
"""A session that nobody has, so that a week string always has ten marks."""
WHO = ("upn", "admission_number", "surname", "forename", "year_group", "registration_group")
"""The columns of a pupils file that stand in front of the marks, by their names in `columns.toml`."""


@dataclass(frozen=True, eq=False)
class Extract:
    """What of a school's registers is to be written: whose, which days, and as known when.

    `starts_on` and `ends_on` are by default the calendar's first day and the last day with a mark;
    `known_at` None is all that is recorded. Marks outside an enrolment's days or without a session in the
    calendar do not stand in the register and are not written.
    """

    pupils: tuple[Pupil, ...] = field(repr=False)
    enrolments: tuple[Enrolment, ...] = field(repr=False)
    register: AttendanceRegister
    calendar: Calendar
    statute: Statute
    starts_on: date | None = None
    ends_on: date | None = None
    known_at: datetime | None = None

    @cached_property
    def strips(self) -> Strips:
        """The register as it is counted, to the last day that is written."""
        return self._laid(self.enrolments)

    @cached_property
    def recorded(self) -> Strips:
        """The register as it was recorded, to the last day that is written."""
        # As counted, X of the coronavirus years is another code for those of compulsory school age. Nobody
        # born after the last day of the calendar is of that age.
        unborn_on = self.calendar.ends_on + timedelta(days=1)
        return self._laid([replace(enrolment, born_on=unborn_on) for enrolment in self.enrolments])

    def _laid(self, enrolments: Sequence[Enrolment]) -> Strips:
        calendars = {self.calendar.school: self.calendar}
        days = {"starts_on": self.starts_on, "ends_on": self.ends_on or self._last_on}
        return lay_strips(enrolments, self.register, calendars, self.statute, **days, known_at=self.known_at)

    @cached_property
    def _last_on(self) -> date:
        known = self.register.known_by(self.known_at)
        return max((event.session.on for event in known), default=self.calendar.ends_on)

    @cached_property
    def has_cell(self) -> NDArray[np.bool_]:
        """bool[enrolment, session]: where the register has a cell for a mark."""
        strips = self.recorded
        return strips.on_roll & strips.meets[strips.pattern]

    @cached_property
    def late(self) -> NDArray[np.bool_]:
        """bool[enrolment, session]: where a late mark stands. Minutes of a mark amended away are nobody's."""
        return self.recorded.where(lambda code: bool(code.late))

    def minutes(self, row: int, place: int) -> int | None:
        """The minutes late of a cell; None without any."""
        minutes = self.recorded.minutes_late
        return int(minutes[row, place]) or None if minutes is not None and self.late[row, place] else None

    @cached_property
    def by_id(self) -> Mapping[str, Pupil]:
        """The pupils by their ids."""
        return {pupil.id: pupil for pupil in self.pupils}

    @cached_property
    def stays(self) -> Mapping[str, list[int]]:
        """The rows of each pupil's enrolments, by the pupil's id: who left and came back has several."""
        rows: dict[str, list[int]] = defaultdict(list)
        for row in sorted(range(len(self.enrolments)), key=lambda row: self.enrolments[row].starts_on):
            rows[self.enrolments[row].pupil].append(row)
        # In the order of the list, whichever of a pupil's stays is mentioned first.
        return {enrolment.pupil: rows[enrolment.pupil] for enrolment in self.enrolments}

    def who(self, row: int) -> list[str]:
        """What stands in the columns `WHO` for an enrolment, on its last day that is written."""
        enrolment, days = self.enrolments[row], self.recorded.axis.days
        on = min(enrolment.ends_on or date.max, days[-1] if days else self.calendar.ends_on)
        on = max(on, enrolment.starts_on)
        pupil = self.by_id[enrolment.pupil]
        values = [enrolment.value(field_of("pupils", name).attribute, on) or "" for name in WHO[4:]]
        return [pupil.upn, pupil.admission_number, pupil.surname, pupil.forename, *values]


def titles(kind: str, names: Sequence[str]) -> list[str]:
    """Our titles of some fields of a kind of file."""
    return [field_of(kind, name).title for name in names]


# --- long: a row for a pupil and session -----------------------------------------------------------------


def long_marks(extract: Extract, *, history: bool = False) -> Iterator[Row]:
    """Marks with one row for a pupil and session, unmarked sessions too, headings first.

    With `history` there is a row for every entry and a column for when it was recorded, so that corrections
    are read back as corrections; without it the rows say what the register said at the extract's moment.
    """
    names = ("on", "half", "mark", "minutes_late", *(("recorded_at",) if history else ()))
    yield [*titles("pupils", WHO), *titles("marks", names)]
    entries = _entries(extract) if history else {}
    axis = extract.recorded.axis
    for row in range(len(extract.enrolments)):
        who = extract.who(row)
        for place in map(int, np.flatnonzero(extract.has_cell[row])):
            session = axis.session(place)
            for said in entries.get((row, place), ()):
                yield [*who, session.on, session.half.name, *said]
            if (row, place) not in entries:
                mark = extract.recorded.symbol(row, place) or BLANK
                cells = [*who, session.on, session.half.name, mark, extract.minutes(row, place)]
                yield [*cells, None] if history else cells


def _entries(extract: Extract) -> dict[tuple[int, int], list[Row]]:
    """Every entry of every cell, oldest first, as its mark, minutes and time of recording."""
    axis, statute = extract.recorded.axis, extract.statute
    rows = {enrolment.id: row for row, enrolment in enumerate(extract.enrolments)}
    entries: dict[tuple[int, int], list[Row]] = defaultdict(list)
    said: dict[tuple[int, int], str] = {}
    for event in extract.register.known_by(extract.known_at):
        place = axis.place(event.session)
        if place is None:
            continue
        if isinstance(event, Amendment):
            key = (rows.get(event.enrolment, -1), place)
            if said.get(key) == event.original:
                said[key] = event.amended
                entries[key].append([event.amended, event.minutes_late, event.known_at])
            continue
        for enrolment, number in zip(event.roll, event.marks, strict=True):
            key = (rows.get(enrolment, -1), place)
            before, symbol = said.get(key, ""), statute.symbol(number)
            if number != UNMARKED and symbol != before and may_take(before, event):
                said[key] = symbol
                entries[key].append([symbol, event.minutes_late.get(enrolment), event.known_at])
    return {key: cell for key, cell in entries.items() if key[0] >= 0}


# --- wide: a column for a session ------------------------------------------------------------------------


def wide_marks(extract: Extract, form: DayForm = "iso", *, heading_rows: int = 1) -> Iterator[Row]:
    """Marks with one row for a pupil and one column for a session, headings first.

    With two `heading_rows` the first has the days and the second AM and PM. A session that the pupil does
    not have is empty, one that nobody marked a hyphen. Minutes late and times of recording have no place in
    this shape.
    """
    axis = extract.recorded.axis
    columns = [int(place) for place in np.flatnonzero(extract.recorded.meets.any(axis=0))]
    sessions = [axis.session(place) for place in columns]
    if heading_rows == 1:
        headings = [f"{written_day(session.on, form)} {session.half.name}" for session in sessions]
        yield [*titles("pupils", WHO), *headings]
    else:
        yield [*[""] * len(WHO), *(written_day(session.on, form) for session in sessions)]
        yield [*titles("pupils", WHO), *(session.half.name for session in sessions)]
    for rows in extract.stays.values():
        cells = _cells_of(extract, rows)
        yield [*extract.who(rows[-1]), *(cells.get(place, "") for place in columns)]


def _cells_of(extract: Extract, rows: Sequence[int]) -> dict[int, str]:
    """What stands in the cells of a pupil's stays, by the place of the session."""
    return {
        int(place): extract.recorded.symbol(row, int(place)) or BLANK
        for row in rows
        for place in np.flatnonzero(extract.has_cell[row])
    }


# --- weeks: a column for a week --------------------------------------------------------------------------


def week_strings(extract: Extract, form: DayForm = "iso") -> Iterator[Row]:
    r"""Marks with one row for a pupil and one column for a week: `/\/\I\/\##`, under the week's Monday.

    Ten marks, Monday morning to Friday afternoon: `#` where the school does not meet, a hyphen where the
    pupil has no mark. Ten characters, unless a code of two is among them: it is written out, and can be
    nothing else, because a digit is never a mark by itself. A week with a session on a Saturday or Sunday
    has fourteen marks.
    """
    axis = extract.recorded.axis
    meets = extract.recorded.meets.any(axis=0)
    mondays = sorted({monday_of(axis.session(int(place)).on) for place in np.flatnonzero(meets)})
    # Whole weeks, also where the days that are written end on a Tuesday: nobody has closed the school then.
    groups = (None, *extract.calendar.year_groups)
    open_ = {
        session
        for monday in mondays
        for group in groups
        for session in extract.calendar.sessions(monday, monday + timedelta(days=6), group)
    }
    weeks = [_sessions_of(monday, open_) for monday in mondays]
    yield [*titles("pupils", WHO), *(written_day(monday, form) for monday in mondays)]
    for rows in extract.stays.values():
        cells = {axis.session(place): mark for place, mark in _cells_of(extract, rows).items()}
        strings = [
            "".join(cells.get(session, BLANK if session in open_ else CLOSED) for session in week)
            for week in weeks
        ]
        yield [*extract.who(rows[-1]), *strings]


def _sessions_of(monday: date, open_: set[Session]) -> list[Session]:
    days = [monday + timedelta(days=n) for n in range(7)]
    weekend = any(Session(day, half) in open_ for day in days[5:] for half in Half)
    return [Session(day, half) for day in (days if weekend else days[:5]) for half in Half]


# --- summary: a row for a pupil and term -----------------------------------------------------------------

SUMMARY_HEADINGS = (
    "Student ID", "UPN", "Legal First Name", "Legal Last Name", "Year Group", "Registration Group",
    "Academic Year", "Term", "Possible Sessions", "Present Sessions", "Absent Sessions (Authorised)",
    "Absent Sessions (Unauthorised)", "Late (Before Close)", "Late (After Close)", "Attendance %", "PA Flag",
)  # fmt: skip


def summary(extract: Extract) -> Iterator[Row]:
    """Figures with one row for an enrolment and term in which it had a mark, headings first.

    Present sessions are all that count as attended, activities elsewhere included. The rate and the flag
    of persistent absence are of that term alone; the flag compares exactly, and stays empty where the law
    of the day counts sessions instead of a share.
    """
    yield list(SUMMARY_HEADINGS)
    strips = extract.strips
    for year in extract.calendar.years:
        for term in _terms_of(extract.calendar, year):
            within = strips.axis.between(term.starts_on, term.ends_on)
            marked = (strips.marks[:, within] != UNMARKED).any(axis=1)
            counts = count(strips, within)
            share = extract.statute.on(term.ends_on).find(PersistentAbsence)
            for row in map(int, np.flatnonzero(marked)):
                upn, number, surname, forename, group, form = extract.who(row)
                of = counts.of(row)
                flag = ""
                if share is not None and share.method == "share" and of.possible:
                    flag = "Y" if of.absence.at_least(share.share) else "N"
                yield [
                    number, upn, forename, surname, group, form,
                    f"{year.starts_on.year}-{year.starts_on.year + 1}", term.name,
                    of.possible, of.attended, of.authorised, of.unauthorised,
                    of.late_before_close, of.late_after_close,
                    of.attendance.shown().removesuffix("%") if of.possible else "", flag,
                ]  # fmt: skip


def _terms_of(calendar: Calendar, year: Period) -> list[Period]:
    """The terms of a school year under their own names."""
    terms = [term for term in calendar.terms if term.starts_on in year]
    names = {half_term.starts_on: half_term.term for half_term in calendar.half_terms}
    return [replace(term, name=names[term.starts_on]) for term in terms]


# --- pupils ----------------------------------------------------------------------------------------------


def pupils_file(extract: Extract, *, on: date | None = None) -> Iterator[Row]:
    """Pupils with one row for an enrolment and all characteristics we can read back, headings first.

    A characteristic is what it was on `on`, by default the enrolment's last day that is written: the shape
    has no place for when it changed. Columns of characteristics that nobody has are left out.
    """
    known = [one for one in attributes() if any(_held(e, one.attribute) for e in extract.enrolments)]
    names = ("upn", "admission_number", "surname", "forename", "preferred_name", "born_on")
    more = ("starts_on", "ends_on", "registration", "boarder")
    yield [*titles("pupils", (*names, *more)), *(one.title for one in known)]
    last_on = on or (extract.recorded.axis.days or (extract.calendar.ends_on,))[-1]
    for enrolment in extract.enrolments:
        pupil = extract.by_id[enrolment.pupil]
        day = on or max(min(enrolment.ends_on or date.max, last_on), enrolment.starts_on)
        yield [
            pupil.upn,
            pupil.admission_number,
            pupil.surname,
            pupil.forename,
            pupil.preferred_name,
            enrolment.born_on,
            enrolment.starts_on,
            enrolment.ends_on,
            enrolment.registration,
            "yes" if enrolment.boarder else "no",
            *(enrolment.value(one.attribute, day) for one in known),
        ]


def _held(enrolment: Enrolment, name: str) -> bool:
    return any(attribute.name == name for attribute in enrolment.attributes)
