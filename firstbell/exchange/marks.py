"""What does a file of marks say, row by row: one pupil, one session, one mark?

Makes an attendance register of the rows that may stand in one, by the same rules as any other entry, and
keeps the others aside with every reason. Nothing is dropped without a word: a row is read, or kept aside, or
says only what the calendar says as well. `mark_rows` reads the cells, `mark_rules` asks the rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from firstbell.exchange.cells import read_days
from firstbell.exchange.columns import Found, find_columns
from firstbell.exchange.kept_aside import Findings, KeptAside
from firstbell.exchange.mapping import ColumnMapping, Shape
from firstbell.exchange.mark_rows import NOWHERE, IntArray, MarkRows, understand
from firstbell.exchange.mark_rules import SLICE, Checking, year_groups
from firstbell.exchange.pupils import PupilsRead, iso_form, made_id
from firstbell.exchange.shapes import in_rows, refuse_cells
from firstbell.exchange.tables import Spread, Table
from firstbell.problems import Problem
from firstbell.register import Amendment, AttendanceRegister, Enrolment, Save
from firstbell.sessions import Calendar, Half, Session
from firstbell.statute import Statute

__all__ = ["IMPORTED_BY", "MarksRead", "read_marks"]

IMPORTED_BY = "import"
"""Who made the entries of a register that came from a file, and in which position."""


@dataclass(frozen=True, eq=False)
class MarksRead:
    """What a marks file says.

    Every row counts once: read (marks and unmarked sessions), kept aside, or agreeing with the calendar,
    such as a planned closure where there is no session, or a pupil not yet registered before the starting
    day. Where a row holds many marks, it counts as kept aside if any of them was, and `cells_kept_aside`
    says how many marks those are: the others of the row were read.
    """

    register: AttendanceRegister
    problems: tuple[Problem, ...]
    kept_aside: KeptAside = field(repr=False)
    rows_in_file: int
    rows_read: int
    rows_agreeing_with_calendar: int
    shape: Shape = "long"
    cells_kept_aside: int = 0
    has_recording_times: bool = False

    @property
    def rows_kept_aside(self) -> int:
        """How many rows could not be read."""
        return len(self.kept_aside)


def read_marks(
    table: Table,
    pupils: PupilsRead,
    calendar: Calendar,
    statute: Statute,
    *,
    mapping: ColumnMapping | None = None,
) -> MarksRead:
    """The attendance register of a file of marks, in whichever of three shapes.

    Long: one row for a pupil and session. Wide: one row for a pupil, one column for a session, with one row
    of headings or two. Weeks: one column for a week, with a string of ten marks. `mapping` says which
    heading is which where ours are not known. In the other shapes than long nothing says when a mark was
    recorded, unless a column does for the whole row.

    Rows are saves, known when the file says that they were recorded, otherwise when that session's
    register closed. A later, different mark for the same session is an amendment if it was recorded after
    the close. Without different recording times nobody can say which of two marks stands: both are kept
    aside. Empty and `-` are unmarked: read, and no mark. Raises `Unusable` where a needed column is missing.
    """
    table, shape = in_rows(table, mapping)
    findings = Findings(table)
    found = find_columns(table, "marks", mapping)
    findings.say(*found.problems)
    if isinstance(table, Spread):
        refuse_cells(table, findings)
    rows = understand(table, found, pupils, statute, findings)
    checking = Checking(rows, found, pupils, calendar, statute, findings)
    checking.check()
    checking.look_at_the_whole()
    entering = _Entering(rows, found, pupils.enrolments, calendar, statute, findings)
    entering.enter(checking.enters())
    kept = findings.kept_aside(_days_in_iso_form(table, found))
    in_file, agreeing = _rows_of_file(table, rows, checking, findings)
    return MarksRead(
        AttendanceRegister(tuple(entering.saves()), tuple(entering.amendments)),
        findings.problems(),
        kept,
        in_file,
        in_file - len(kept) - agreeing,
        agreeing,
        shape,
        len(findings.errors),
        has_recording_times="recorded_at" in found.columns,
    )


def _rows_of_file(table: Table, rows: MarkRows, checking: Checking, findings: Findings) -> tuple[int, int]:
    """How many rows the file has, and how many of them agree with the calendar."""
    if not isinstance(table, Spread):
        return len(table), int(checking.agrees.sum())
    # A row agrees with the calendar if all that stands in it does, and something does.
    says_more = rows.marked & ~checking.agrees
    says_more[list(findings.errors)] = True
    agreeing = {*table.row_of[checking.agrees].tolist()} - {*table.row_of[says_more].tolist()}
    return len(table.of), len(agreeing)


class _Entering:
    """Makes saves and amendments of the rows that may stand in the register."""

    def __init__(
        self,
        rows: MarkRows,
        found: Found,
        enrolments: Sequence[Enrolment],
        calendar: Calendar,
        statute: Statute,
        findings: Findings,
    ) -> None:
        self.rows = rows
        self.column = found.columns["mark"]
        self.ids = tuple(enrolment.id for enrolment in enrolments)
        self.findings = findings
        symbols = frozenset(statute.symbols)
        numbers = [statute.number(text) if text in symbols else 0 for text in rows.texts]
        self.number = np.array(numbers, dtype=np.uint8)[rows.text]
        self.minutes = rows.minutes.copy()
        self.session = 2 * rows.day + rows.half
        self.closings, self.closing = self._closings(enrolments, calendar)
        self.saved: list[IntArray] = []
        self.amendments: list[Amendment] = []

    def _closings(
        self, enrolments: Sequence[Enrolment], calendar: Calendar
    ) -> tuple[list[datetime], IntArray]:
        """When registers closed, and the place among them of the closing of each row's."""
        names, groups = year_groups(enrolments, self.rows.days)
        known = np.flatnonzero(self.rows.understood)
        closing = np.full(len(self.rows.table), NOWHERE, dtype=np.int32)
        order: dict[datetime, int] = {}
        for start in range(0, len(known), SLICE):
            some = known[start : start + SLICE]
            pairs = groups[self.rows.enrolment[some], self.rows.day[some]] * (2 * len(self.rows.days))
            different, which = np.unique(pairs + self.session[some], return_inverse=True)
            places = []
            for pair in different:
                group, session = divmod(int(pair), 2 * len(self.rows.days))
                held = Session(self.rows.days[session // 2], Half(session % 2))
                places.append(order.setdefault(calendar.closes_at(held, names[group]), len(order)))
            closing[some] = np.array(places, dtype=np.int32)[which]
        return list(order), closing

    def enter(self, enters: IntArray) -> None:
        """Sorts out which rows are saves and which amendments, where several are about one session."""
        # Some enrolments at a time: all that is about one session of one pupil must be seen together.
        enrolment = self.rows.enrolment[enters]
        bounds = np.linspace(0, len(self.ids), 2 + len(enters) // SLICE).astype(np.int64)
        for least, beyond in zip(bounds, bounds[1:], strict=False):
            self._enter(enters[(least <= enrolment) & (enrolment < beyond)])

    def _enter(self, enters: IntArray) -> None:
        if not len(enters):
            return
        cell = self.rows.enrolment[enters].astype(np.int64) * (2 * len(self.rows.days))
        cell += self.session[enters]
        order = np.lexsort((enters, self.rows.moment[enters], cell))
        ordered, cell = enters[order], cell[order]
        starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
        number = self.number[ordered]
        agree = np.minimum.reduceat(number, starts) == np.maximum.reduceat(number, starts)
        self.minutes[ordered[starts]] = np.maximum.reduceat(self.minutes[ordered], starts)
        self.saved.append(ordered[starts[agree]].astype(np.int32))
        ends = np.r_[starts[1:], len(ordered)]
        for start, end in zip(starts[~agree].tolist(), ends[~agree].tolist(), strict=True):
            self._enter_changes(ordered[start:end].tolist())

    def _enter_changes(self, indices: Sequence[int]) -> None:
        """Different marks for one session: entered in the order of their recording, or kept aside."""
        changes = [indices[0]]
        for index in indices[1:]:
            if self.number[index] != self.number[changes[-1]]:
                changes.append(index)
        moments = self.rows.moment[list(indices)].tolist()
        told: dict[int, set[int]] = defaultdict(set)
        for index, moment in zip(indices, moments, strict=True):
            told[moment].add(int(self.number[index]))
        if NOWHERE in told or any(len(numbers) > 1 for numbers in told.values()):
            self._refuse_changes(indices)
            return
        for before, index in zip([None, *changes], changes, strict=False):
            at = self.rows.moments[int(self.rows.moment[index])]
            if before is None or at <= self.closings[int(self.closing[index])]:
                self.saved.append(np.array([index], dtype=np.int64))
            else:
                self.amendments.append(self._amendment(before, index, at))

    def _refuse_changes(self, indices: Sequence[int]) -> None:
        rows = sorted(indices)
        said = ", ".join(f'"{self.rows.mark(index)}" in row {self.rows.table.rows[index]}' for index in rows)
        for index in rows:
            problem = Problem(
                "mark-twice",
                self.rows.table.place(index, self.column),
                f"The pupil has different marks for {self.rows.session(index)}: {said}.",
                "Take out the wrong one, or add a column that says when each was recorded.",
                value=self.rows.mark(index),
            )
            if index == rows[0]:
                self.findings.add(index, problem, about=index)
            else:
                self.findings.keep_aside(index, problem)

    def _amendment(self, before: int, index: int, at: datetime) -> Amendment:
        enrolment, session = self.ids[int(self.rows.enrolment[index])], self.rows.session(index)
        return Amendment(
            made_id(self.rows.table.file, "amendment", enrolment, session, at.isoformat()),
            enrolment,
            session,
            self.rows.mark(before),
            self.rows.mark(index),
            f"changed in {self.rows.table.file}",
            at,
            IMPORTED_BY,
            IMPORTED_BY,
            int(self.minutes[index]) or None,
        )

    def saves(self) -> Iterator[Save]:
        """One save for each session, closing time and time of recording."""
        indices = np.concatenate([*self.saved, np.zeros(0, dtype=np.int64)])
        if not len(indices):
            return
        keys = (self.rows.enrolment, self.rows.moment, self.closing, self.session)
        indices = indices[np.lexsort([key[indices] for key in keys])]
        new = np.zeros(len(indices), dtype=np.bool_)
        for key in keys[1:]:
            new[1:] |= np.diff(key[indices]) != 0
        for rows in np.split(indices, np.flatnonzero(new)):
            yield self._save(rows)

    def _save(self, rows: IntArray) -> Save:
        index = int(rows[0])
        enrolment, session = self.rows.enrolment[rows], self.rows.session(index)
        closes_at = self.closings[int(self.closing[index])]
        moment = int(self.rows.moment[index])
        known_at = closes_at if moment == NOWHERE else self.rows.moments[moment]
        if moment == NOWHERE:
            # All such saves share one roll, so that a year of them is little more than its bytes.
            marks = np.zeros(len(self.ids), dtype=np.uint8)
            marks[enrolment] = self.number[rows]
            roll = self.ids
        else:
            marks = self.number[rows]
            roll = tuple([self.ids[place] for place in enrolment.tolist()])
        late = np.flatnonzero(self.minutes[rows])
        return Save(
            made_id(self.rows.table.file, "save", session, known_at.isoformat(), closes_at.isoformat()),
            session,
            roll,
            marks.tobytes(),
            known_at,
            known_at,
            closes_at,
            IMPORTED_BY,
            {self.ids[int(enrolment[place])]: int(self.minutes[rows[place]]) for place in late},
        )


def _days_in_iso_form(table: Table, found: Found) -> dict[int, dict[int, str]]:
    column = found.columns["on"]
    return {table.columns.index(column): iso_form(read_days(column.values))}
