"""May the marks of a file stand in a register, and does the file fit the calendar?

Asks the register's own rules, once for all rows that are alike to them: the same code, half, law, age and
so on. What only the whole file shows, such as a day on which the calendar alone has sessions, is said once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from firstbell.exchange.columns import Found
from firstbell.exchange.kept_aside import Findings, is_of_kept_aside
from firstbell.exchange.mark_rows import NOWHERE, BoolArray, IntArray, MarkRows
from firstbell.exchange.pupils import PupilsRead
from firstbell.exchange.tables import Spread
from firstbell.problems import Place, Problem, Severity
from firstbell.register import Enrolment, problems_with_mark
from firstbell.reports.wording import plural
from firstbell.sessions import Calendar, Half, day_and_year
from firstbell.statute import CompulsorySchoolAge, Statute, compulsory_school_age

__all__ = ["SLICE", "Checking", "year_groups"]

ON_ROLL = 1
DAYS_NAMED = 5
SLICE = 1 << 17
"""Rows looked at together: sorting out which are alike takes ten times the memory of the rows themselves."""

ABOUT_THE_PUPIL = frozenset(
    ("mark-off-roll", "mark-prospective", "mark-not-dual", "mark-boarder", "code-year-group", "code-age")
)
ABOUT_THE_DAY = frozenset(("mark-no-session",))
"""Which problems of different rows are one to a reader: those of a pupil or a day; the others of a code."""


def year_groups(
    enrolments: Sequence[Enrolment], days: Sequence[date]
) -> tuple[tuple[str | None, ...], IntArray]:
    """The different year groups, and the place of each enrolment's among them: [enrolment, day]."""
    dated = any(
        attribute.name == "year group" and (attribute.from_on or attribute.until_on)
        for enrolment in enrolments
        for attribute in enrolment.attributes
    )
    names: dict[str | None, int] = {}
    places = [
        [names.setdefault(e.year_group(day), len(names)) for day in (days if dated else days[:1])]
        for e in enrolments
    ]
    shape = (len(enrolments), len(days) if dated else min(1, len(days)))
    table = np.array(places, dtype=np.int32).reshape(shape)
    return tuple(names), np.broadcast_to(table, (len(enrolments), len(days)))


class Checking:
    """Asks the rules of the register about every mark, once for all rows that are alike to them."""

    def __init__(
        self,
        rows: MarkRows,
        found: Found,
        pupils: PupilsRead,
        calendar: Calendar,
        statute: Statute,
        findings: Findings,
    ) -> None:
        self.rows = rows
        self.pupils = pupils
        self.enrolments = pupils.enrolments
        self.calendar = calendar
        self.statute = statute
        self.findings = findings
        self.columns = found.columns
        self.on = np.array([day.toordinal() for day in rows.days], dtype=np.int32)
        self.agrees: BoolArray = np.zeros(len(rows.table), dtype=np.bool_)
        self.closes: BoolArray = np.zeros(len(rows.table), dtype=np.bool_)
        self.within = [calendar.starts_on <= day <= calendar.ends_on for day in rows.days]
        self.no_session: dict[int, set[int]] = defaultdict(set)
        self._known_ages: dict[CompulsorySchoolAge, tuple[IntArray, IntArray]] = {}

    def check(self) -> None:
        """Finds what the rules have against each mark, and which marks say only what the calendar says."""
        asked = np.flatnonzero(self.rows.understood & self.rows.marked)
        for start in range(0, len(asked), SLICE):
            self._check(asked[start : start + SLICE])

    def _check(self, asked: IntArray) -> None:
        key = np.zeros(len(asked), dtype=np.int64)
        has_cell = np.ones(len(asked), dtype=np.bool_)
        for part, of_a_cell in self._parts(asked):
            key *= int(part.max()) + 1
            key += part
            has_cell &= part == of_a_cell if of_a_cell is not None else True
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        alike = np.split(asked[np.argsort(which, kind="stable")], np.cumsum(np.bincount(which))[:-1])
        for place, rows in zip(first, alike, strict=True):
            problems = self._problems(int(asked[place]))
            if [one.rule for one in problems] == ["closure-in-term"]:
                # Whether the whole school was closed, only the whole file can tell.
                self.closes[rows] = True
            elif problems:
                self._refuse(rows, of_pupils=any(one.rule in ABOUT_THE_PUPIL for one in problems))
            elif self._is_administrative(int(asked[place])):
                # Where the register has no cell, nothing is entered and nothing contradicted.
                (self.closes if has_cell[place] else self.agrees)[rows] = True

    def _parts(self, asked: IntArray) -> Iterator[tuple[IntArray, int | None]]:
        """All that the rules can look at: rows with the same numbers are alike to them.

        With the two that say whether the register has a cell: what they are where it has one.
        """
        day, half, enrolment = self.rows.day[asked], self.rows.half[asked], self.rows.enrolment[asked]
        names, groups = year_groups(self.enrolments, self.rows.days)
        group = groups[enrolment, day]
        meets = np.array([self._meets(name) for name in names], dtype=np.int32)
        yield meets[group, day, half], 1
        yield self._stage(day, enrolment), ON_ROLL
        yield self.rows.text[asked], None
        yield half, None
        yield self.statute.over(self.rows.days).regime.astype(np.int32)[day], None
        yield self._of_age(day, enrolment), None
        yield group, None
        yield _numbered([e.registration for e in self.enrolments])[enrolment], None
        yield _numbered([e.boarder for e in self.enrolments])[enrolment], None

    def _meets(self, group: str | None) -> list[list[bool]]:
        meets = self.calendar.meets(group)
        return [[half in meets.get(day, ()) for half in Half] for day in self.rows.days]

    def _stage(self, day: IntArray, enrolment: IntArray) -> IntArray:
        """Before the starting day 0, on roll 1, after the leaving day 2."""
        starts = np.array([e.starts_on.toordinal() for e in self.enrolments], dtype=np.int32)[enrolment]
        ends = np.array([(e.ends_on or date.max).toordinal() for e in self.enrolments], dtype=np.int32)
        return ON_ROLL - (self.on[day] < starts).astype(np.int32) + (self.on[day] > ends[enrolment])

    def _of_age(self, day: IntArray, enrolment: IntArray) -> IntArray:
        """Whether the pupil was of compulsory school age: 0 not known, 1 not, 2 yes."""
        rules = [self.statute.on(one).find(CompulsorySchoolAge) for one in self.rows.days]
        of_age = np.zeros(len(day), dtype=np.int32)
        for rule in dict.fromkeys(rules):
            if rule is None:
                continue
            starts, ends = (bounds[enrolment] for bounds in self._ages(rule))
            asked = np.array([one == rule for one in rules], dtype=np.bool_)[day] & (ends > 0)
            inside = (starts <= self.on[day]) & (self.on[day] <= ends)
            of_age[asked] = 1 + inside[asked]
        return of_age

    def _ages(self, rule: CompulsorySchoolAge) -> tuple[IntArray, IntArray]:
        """The first and the last day of compulsory school age of each enrolment, 0 where not known."""
        if rule not in self._known_ages:
            born = {e.born_on for e in self.enrolments if e.born_on}
            bounds = {on: [day.toordinal() for day in compulsory_school_age(on, rule)] for on in born}
            of_all = [bounds[e.born_on] if e.born_on else [0, 0] for e in self.enrolments]
            ages = np.array(of_all, dtype=np.int32).reshape(-1, 2)
            self._known_ages[rule] = ages[:, 0], ages[:, 1]
        return self._known_ages[rule]

    def _problems(self, index: int) -> list[Problem]:
        return problems_with_mark(
            self.rows.mark(index),
            self.rows.session(index),
            self.statute,
            enrolment=self.enrolments[int(self.rows.enrolment[index])],
            calendar=self.calendar,
            place=self.rows.table.place(index, self.columns["mark"]),
        )

    def _is_administrative(self, index: int) -> bool:
        code = self.statute.on(self.rows.session(index).on).codes[self.rows.mark(index)]
        return code.category.name == "administrative"

    def _refuse(self, rows: IntArray, *, of_pupils: bool) -> None:
        """Says what is wrong with rows that are alike: asked once a session, `of_pupils` once a pupil."""
        said: dict[tuple[int, int, int], list[Problem]] = {}
        for index in map(int, rows):
            day, enrolment = int(self.rows.day[index]), int(self.rows.enrolment[index])
            key = (day, int(self.rows.half[index]), enrolment if of_pupils else NOWHERE)
            if key not in said:
                said[key] = self._problems(index)
            for problem in said[key]:
                self._add(index, problem, day, enrolment)

    def _add(self, index: int, problem: Problem, day: int, enrolment: int) -> None:
        about: Hashable = None
        column = self.columns["mark"]
        if problem.rule in ABOUT_THE_PUPIL:
            about = (problem.value, enrolment)
        elif problem.rule in ABOUT_THE_DAY:
            # A file for another year is one thing wrong, not a thing for each of its days.
            about = day if self.within[day] else NOWHERE
            column = self.columns["on"]
            self.no_session[day].add(enrolment)
        problem = replace(problem, place=self.rows.table.place(index, column))
        self.findings.add(index, problem, about=about)

    def enters(self) -> IntArray:
        """The rows whose marks go into the register."""
        enters = self.rows.understood & self.rows.marked & ~self.agrees
        enters[list(self.findings.errors)] = False
        return np.flatnonzero(enters)

    # --- what only the whole file shows ---

    def look_at_the_whole(self) -> None:
        """Says where the file and the calendar, or the file and the pupils file, do not fit together."""
        closed = np.bincount(self.rows.day[self.closes], minlength=len(self.rows.days))
        entered = np.bincount(self.rows.day[self.enters()], minlength=len(self.rows.days))
        all_closed = (closed > 0) & (closed == entered)
        some = np.flatnonzero(self.closes)
        self._refuse(some[~all_closed[self.rows.day[some]]], of_pupils=False)
        self._say_days(
            "calendar-misses-closure",
            [self.rows.days[place] for place in np.flatnonzero(all_closed)],
            "Nothing but planned closures stands on {}, a school day of the calendar.",
            "If the school was closed, add it to the calendar: school weeks and deadlines are counted by it.",
        )
        self._say_days(
            "calendar-misses-session",
            [self.rows.days[place] for place in sorted(self.no_session) if self._is_most(place)],
            "Most pupils have marks on {}, where the calendar has no such session.",
            "If the school met, correct the calendar and read the file again.",
            "error",
        )
        table = self.rows.table
        if is_of_kept_aside((table.of if isinstance(table, Spread) else table).headings):
            return
        self._say_days(
            "day-without-marks",
            self._days_without_marks(),
            "No pupil has a mark on {}, a school day of the calendar between others that have.",
            "If the school was closed, add it to the calendar: deadlines are counted by it.",
        )
        self._say_without_rows()

    def _days_without_marks(self) -> list[date]:
        marked = self.rows.day[self.rows.understood & self.rows.marked]
        # Where days could not be read, a day without marks says nothing.
        if not len(marked) or (self.rows.day == NOWHERE).any():
            return []
        days = {self.rows.days[place] for place in np.unique(marked)}
        return [day for day in self.calendar.school_days(min(days), max(days)) if day not in days]

    def _is_most(self, place: int) -> bool:
        on_roll = sum(enrolment.on_roll(self.rows.days[place]) for enrolment in self.enrolments)
        return len(self.no_session[place]) >= max(2, on_roll / 2)

    def _say_days(
        self, rule: str, days: Sequence[date], what: str, remedy: str, severity: Severity = "warning"
    ) -> None:
        if days:
            named = ", ".join(f"{day:%A} {day_and_year(day)}" for day in days[:DAYS_NAMED])
            more = f" and {len(days) - DAYS_NAMED} more days" if len(days) > DAYS_NAMED else ""
            self._say(rule, what.format(named + more), remedy, severity)

    def _say_without_rows(self) -> None:
        if not self.rows.days:
            return
        named = set(self.rows.enrolment.tolist())
        first_on, last_on = self.rows.days[0], self.rows.days[-1]
        numbers = {pupil.id: pupil.admission_number or pupil.upn for pupil in self.pupils.pupils}
        rows = [
            f"row {row}" if row else numbers[enrolment.pupil]
            for place, (row, enrolment) in enumerate(zip(self.pupils.rows, self.enrolments, strict=True))
            if place not in named
            and enrolment.starts_on <= last_on
            and (enrolment.ends_on or date.max) >= first_on
        ]
        if rows:
            file = self.pupils.kept_aside.file
            listed = ", ".join(rows[:DAYS_NAMED]) + (", ..." if len(rows) > DAYS_NAMED else "")
            self._say(
                "pupil-without-rows",
                f"{plural(len(rows), 'pupil')} of {file} on roll without a row here: {listed}.",
                "Export their marks too, or add their leaving days.",
            )

    def _say(self, rule: str, what: str, remedy: str, severity: Severity = "warning") -> None:
        self.findings.say(Problem(rule, Place(self.rows.table.file), what, remedy, severity=severity))


def _numbered(values: Iterable[Hashable]) -> IntArray:
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int32)
