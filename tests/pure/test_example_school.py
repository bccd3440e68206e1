"""The invented school of the demonstration: each of its pupils shows what the school file says they show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from firstbell.exchange.calendars import read_calendar_file
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.pupils import PupilsRead, check_letter, read_pupils
from firstbell.exchange.tables import read_table
from firstbell.measures.counts import Totals, count
from firstbell.measures.lines import Crossing, Line, crossings
from firstbell.measures.runs import sickness_days
from firstbell.register import Strips, lay_strips
from firstbell.sessions import Calendar, Half, Session
from firstbell.statute import england
from firstbell.synth import example_school_files, write_example_school

LAST = Session(date(2025, 7, 23), Half.PM)
FIRST_BORN = {"R": date(2019, 9, 1), "3": date(2016, 9, 1), "6": date(2013, 9, 1)}
"""The first day on which a pupil of a year group can have been born."""


@dataclass(frozen=True)
class School:
    """The example school as read from its own files."""

    calendar: Calendar
    pupils: PupilsRead
    marks: MarksRead
    marks_of_workbook: MarksRead

    def strips(self, read: MarksRead) -> Strips:
        calendars = {self.calendar.school: self.calendar}
        return lay_strips(self.pupils.enrolments, read.register, calendars, england()).until(LAST)

    def row(self, name: str) -> int:
        ids = {pupil.id: pupil.forename for pupil in self.pupils.pupils}
        return [ids[enrolment.pupil] for enrolment in self.pupils.enrolments].index(name)


@cache
def school() -> School:
    with TemporaryDirectory() as folder:
        files = write_example_school(Path(folder))
        calendar, _ = read_calendar_file(files.calendar)
        pupils = read_pupils(read_table(files.pupils), calendar.school, starts_on=calendar.starts_on)
        read = [
            read_marks(read_table(m), pupils, calendar, england()) for m in (files.marks, files.marks_xlsx)
        ]
        return School(calendar, pupils, *read)


def totals(name: str) -> Totals:
    return count(school().strips(school().marks)).of(school().row(name))


@cache
def crossed() -> list[Crossing]:
    own = school()
    calendars = {own.calendar.school: own.calendar}
    strips = own.strips(own.marks)
    year = strips.axis.between(own.calendar.starts_on, LAST.on)
    return crossings(strips, calendars, on=LAST.on, within=year)


def lines(name: str) -> set[Line]:
    return {one.line for one in crossed() if one.row == school().row(name)}


def met_on(name: str, line: Line) -> date:
    (one,) = (one for one in crossed() if (one.row, one.line) == (school().row(name), line))
    return school().strips(school().marks).axis.session(one.place).on


def test_the_same_bytes_are_written_every_time() -> None:
    assert example_school_files() == example_school_files()


def test_the_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    files = write_example_school(tmp_path / "school")
    assert files.marks.stat().st_mode & 0o077 == 0
    assert files.marks.parent.stat().st_mode & 0o077 == 0


def test_the_workbook_says_what_the_csv_file_says() -> None:
    own = school()
    assert (own.strips(own.marks).marks == own.strips(own.marks_of_workbook).marks).all()
    kept, of_workbook = own.marks.kept_aside.rows, own.marks_of_workbook.kept_aside.rows
    assert [row.row for row in kept] == [row.row for row in of_workbook]


def test_the_year_has_380_sessions_after_the_snow() -> None:
    planned = school().calendar.school_days(date(2024, 9, 2), LAST.on)
    assert len(planned) == 191
    assert totals("Amira").possible == 380


def test_dates_of_birth_fit_the_year_groups() -> None:
    for enrolment in school().pupils.enrolments:
        first_on = FIRST_BORN[str(enrolment.year_group(LAST.on))]
        assert enrolment.born_on is not None
        assert first_on <= enrolment.born_on < first_on.replace(year=first_on.year + 1)


def test_upns_are_of_a_local_authority_that_does_not_exist_and_one_is_mistyped() -> None:
    upns = [pupil.upn for pupil in school().pupils.pupils if pupil.upn]
    assert {upn[1:4] for upn in upns} == {"001"}
    assert len(upns) == len(set(upns)) == 23
    assert [upn[0] for upn in upns if check_letter(upn) != upn[0]] == ["Z"]
    assert [problem.rule for problem in school().pupils.problems] == ["upn"]


def test_what_is_wrong_with_the_marks_on_purpose_is_kept_aside() -> None:
    read = school().marks
    reasons = sorted(problem.rule for row in read.kept_aside.rows for problem in row.problems)
    assert reasons == [
        "code-age",
        "code-not-in-force",
        "code-unknown",
        "day-unread",
        "mark-no-session",
        "mark-off-roll",
        "mark-twice",
        "mark-twice",
        "pupil-unknown",
        "pupil-unknown",
    ]
    assert read.rows_in_file == read.rows_read + read.rows_kept_aside + read.rows_agreeing_with_calendar
    assert read.rows_agreeing_with_calendar > 0


def test_a_code_in_lower_case_is_read() -> None:
    strips = school().strips(school().marks)
    place = strips.axis.place(Session(date(2025, 2, 11), Half.AM))
    assert place is not None
    assert strips.symbol(school().row("Pavel"), place) == "I"


@pytest.mark.parametrize(
    ("name", "absent", "possible", "shown"),
    [
        ("Cal", 38, 380, "10.0%"),
        ("Gethin", 37, 371, "10.0%"),
        ("Tamsin", 190, 380, "50.0%"),
        ("Eli", 12, 338, "3.6%"),
    ],
)
def test_absences_stand_at_the_edges_that_they_are_to_show(
    name: str, absent: int, possible: int, shown: str
) -> None:
    found = totals(name)
    assert (found.absent, found.possible, found.absence.shown()) == (absent, possible, shown)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Amira", set()),
        ("Ben", set()),
        ("Cal", {Line.PERSISTENT}),
        ("Gethin", set()),
        ("Tamsin", {Line.PERSISTENT, Line.SEVERE, Line.SICKNESS}),
        ("Rory", {Line.THRESHOLD}),
        ("Lowri", set()),
        ("Pavel", {Line.SICKNESS}),
        ("Theo", {Line.THRESHOLD}),
        ("Dee", set()),
        ("Owen", {Line.THRESHOLD, Line.UNAUTHORISED}),
        ("Priya", {Line.PERSISTENT, Line.THRESHOLD, Line.UNAUTHORISED, Line.UNEXPLAINED}),
        ("Jonah", set()),
        ("Hugo", {Line.REASON}),
        ("Sena", set()),
        ("Eli", set()),
        ("Ada", set()),
    ],
)
def test_the_lines_that_pupils_are_to_cross_are_crossed_and_no_others(name: str, expected: set[Line]) -> None:
    assert lines(name) == expected


def test_the_threshold_is_met_in_the_tenth_school_week_across_half_term() -> None:
    assert met_on("Rory", Line.THRESHOLD) == date(2024, 11, 14)
    assert totals("Lowri").unauthorised == totals("Rory").unauthorised == 10


def test_fifteen_days_of_illness_are_thirteen_whole_ones() -> None:
    days = sickness_days(school().strips(school().marks))
    row = school().row("Pavel")
    assert (days.any[row], days.whole[row], days.sessions[row]) == (15, 13, 28)


def test_lates_have_their_minutes() -> None:
    ben = totals("Ben")
    assert (ben.late_before_close, ben.late_after_close) == (18, 6)
    assert ben.minutes_late == 198 + 277


def test_sessions_of_the_other_school_and_before_the_starting_day_are_not_possible() -> None:
    assert totals("Dee").possible < 240
    assert (totals("Fay").possible, totals("Fay").missing) == (300, 0)


def test_sessions_that_nobody_marked_are_missing() -> None:
    assert {name: totals(name).missing for name in ("Hugo", "Sena", "Amira")} == {
        "Hugo": 2,
        "Sena": 1,
        "Amira": 0,
    }
