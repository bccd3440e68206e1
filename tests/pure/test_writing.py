"""What is written is read back as the same register, in every shape, as CSV and as a workbook."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest

from firstbell.exchange.contacts import Contact, read_contacts
from firstbell.exchange.ctf import CtfSchool, read_ctf
from firstbell.exchange.dfe.checking import check_files
from firstbell.exchange.groups import read_characteristics
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.pupils import Pupil, PupilsRead, check_letter, read_pupils
from firstbell.exchange.summary import read_summary
from firstbell.exchange.tables import read_table
from firstbell.exchange.writing import (
    Extract,
    long_marks,
    pupils_file,
    summary,
    week_strings,
    wide_marks,
)
from firstbell.exchange.writing_census import census_absence, census_rows, census_xml
from firstbell.exchange.writing_contacts import characteristics_file, contacts_file
from firstbell.exchange.writing_ctf import UNKNOWN_SCHOOL, ctf, ctf_name
from firstbell.exchange.writing_figures import SchoolInTables, Stretch, attendance_table
from firstbell.exchange.writing_tables import Cell, DayForm, Row, as_csv, as_workbook
from firstbell.measures import count
from firstbell.problems import Unusable
from firstbell.register import Amendment, AttendanceRegister, Attribute, Enrolment, Save
from firstbell.sessions import Half, Session
from firstbell.statute import england
from tests import fx

UNKNOWN = UNKNOWN_SCHOOL
HERE = CtfSchool("001", "2001", "999001", "Firstbell Primary School")
THERE = CtfSchool("001", "2002")
MORNING = Session(date(2024, 9, 9), Half.AM)


def upn(number: int) -> str:
    digits = f"00120012{number:04d}"
    return check_letter(f"?{digits}") + digits


NAMES = ("Amira", "=Ben", "Zoë", "Dee", "Eli")
PUPILS = tuple(
    Pupil(f"p{n}", f"{'+' if n == 3 else ''}Fern{n}", name, "", upn(n), f"{n:06d}")
    for n, name in enumerate(NAMES, start=1)
)


def enrolled(number: int, starts_on: date = date(2024, 9, 3), ends_on: date | None = None) -> Enrolment:
    return Enrolment(
        f"e{number}-{starts_on}",
        f"p{number}",
        "FX",
        starts_on,
        ends_on,
        date(2014, 1, number) if number < 5 else date(2020, 5, 1),
        "main" if number == 4 else "sole",
        False,
        (
            Attribute("year group", "6"),
            Attribute("registration group", "6 Ash"),
            Attribute("sex", "FM"[number % 2]),
            Attribute("FSM", "yes" if number == 2 else "no"),
            Attribute("SEN", "K" if number == 3 else "none"),
            Attribute("ethnicity", "WBRI"),
        ),
    )


ENROLMENTS = (
    enrolled(1),
    enrolled(2),
    enrolled(3, ends_on=date(2024, 11, 15)),
    enrolled(3, starts_on=date(2025, 1, 20)),
    enrolled(4, starts_on=date(2024, 10, 1)),
    enrolled(5),
)
MARKS = (
    "2024-09-09 N\\\n2024-09-16..2024-09-27 OO\n2024-11-11 C1C1\n2024-12-02 L\\\n2025-02-03..2025-02-07 II",
    "2024-09-20 --\n2024-10-07..2024-10-18 GG\n2025-01-09 Y4Y4\n2025-02-10 ##",
    "2024-09-10 U\\\n2024-09-11 VV\n2024-10-14..2024-10-18 II",
    "2025-01-27 M\\",
    "2024-10-02..2024-10-04 DD\n2024-12-16..2024-12-20 C2C2",
    "2024-09-03..2025-02-14 XX",
)


def register() -> AttendanceRegister:
    marks = {}
    for enrolment, text in zip(ENROLMENTS, MARKS, strict=True):
        own = fx.marks_of(text, date(2025, 2, 14))
        blank = {Session(date(2024, 9, 20), half) for half in Half} if "--" in text else set()
        marks[enrolment.id] = {
            session: mark
            for session, mark in own.items()
            if enrolment.on_roll(session.on) and session not in blank
        }
    taken = fx.register_of(marks, england())
    saves = tuple(
        replace(save, minutes_late={"e1-2024-09-03": 14})
        if save.session == Session(date(2024, 12, 2), Half.AM)
        else save
        for save in taken.saves
    )
    reason, later = "parent rang", (fx.at("2024-09-10 10:05"), fx.at("2024-09-12 14:30"))
    amendments = tuple(
        Amendment(f"a{n}", "e1-2024-09-03", MORNING, before, after, reason, at, "Gill", "office")
        for n, (before, after, at) in enumerate(zip("NI", "IO", later, strict=True))
    )
    return AttendanceRegister(saves, amendments)


@cache
def extract() -> Extract:
    return Extract(PUPILS, ENROLMENTS, register(), fx.calendar(), england())


def read(folder: Path, pupils: bytes, marks: bytes, ending: str = "csv") -> Extract:
    (folder / f"pupils.{ending}").write_bytes(pupils)
    (folder / f"marks.{ending}").write_bytes(marks)
    pupils_read: PupilsRead = read_pupils(read_table(folder / f"pupils.{ending}"), "FX")
    marks_read: MarksRead = read_marks(
        read_table(folder / f"marks.{ending}"), pupils_read, fx.calendar(), england()
    )
    # The one closure that stands for some pupils only is shown, as it should be.
    found = [*pupils_read.problems, *marks_read.problems]
    assert [str(problem) for problem in found if problem.rule != "closure-in-term"] == []
    assert marks_read.rows_read + marks_read.rows_agreeing_with_calendar == marks_read.rows_in_file
    return replace(
        extract(),
        pupils=pupils_read.pupils,
        enrolments=pupils_read.enrolments,
        register=marks_read.register,
        ends_on=extract().recorded.axis.days[-1],
    )


def csv_of(rows: Iterable[Row], form: DayForm) -> bytes:
    return as_csv(rows, form)


def workbook_of(rows: Iterable[Row], form: DayForm) -> bytes:
    return as_workbook(rows, "Marks", form)


SHAPES: dict[str, Callable[[DayForm], Iterable[Row]]] = {
    "long": lambda form: long_marks(extract()),
    "long with history": lambda form: long_marks(extract(), history=True),
    "wide": lambda form: wide_marks(extract(), form),
    "wide, two heading rows": lambda form: wide_marks(extract(), form, heading_rows=2),
    "weeks": lambda form: week_strings(extract(), form),
}


@pytest.mark.parametrize("form", ["iso", "uk"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_register_written_and_read_back_is_the_same(
    shape: str, ending: str, form: DayForm, tmp_path: Path
) -> None:
    write = csv_of if ending == "csv" else workbook_of
    pupils, marks = write(pupils_file(extract()), form), write(SHAPES[shape](form), form)
    again = read(tmp_path, pupils, marks, ending)
    assert np.array_equal(again.recorded.marks, extract().recorded.marks)
    assert [one.name for one in again.pupils] == [one.name for one in extract().pupils]
    if shape.startswith("long"):
        late = np.argwhere(extract().late)
        assert [again.minutes(*place) for place in late] == [extract().minutes(*place) for place in late]
        assert 14 in [again.minutes(*place) for place in late]


def test_enrolments_come_back_with_all_their_characteristics(tmp_path: Path) -> None:
    marks = as_csv(long_marks(extract()))
    again = read(tmp_path, as_csv(pupils_file(extract())), marks)
    for before, after in zip(extract().enrolments, again.enrolments, strict=True):
        # The reader adds what follows from a code, such as the group of an ethnicity.
        follows = {one.name for one in set(after.attributes) - set(before.attributes)}
        assert (set(before.attributes) - set(after.attributes), follows) == (set(), {"ethnic group"})
        assert (before.starts_on, before.ends_on, before.born_on, before.registration, before.boarder) == (
            after.starts_on, after.ends_on, after.born_on, after.registration, after.boarder,
        )  # fmt: skip


@pytest.mark.parametrize("known_at", ["2024-09-09 12:00", "2024-09-11 12:00", "2024-09-13 12:00"])
def test_with_its_history_a_register_is_the_same_at_every_moment(known_at: str, tmp_path: Path) -> None:
    pupils, marks = as_csv(pupils_file(extract())), as_csv(long_marks(extract(), history=True))
    moment = fx.at(known_at)
    then, again = (replace(one, known_at=moment) for one in (extract(), read(tmp_path, pupils, marks)))
    assert np.array_equal(again.recorded.marks, replace(then, ends_on=again.ends_on).recorded.marks)
    assert {"N", "I", "O"} >= {again.recorded.symbol(0, 8)}


def test_as_known_at_a_moment_what_was_recorded_later_is_not_written() -> None:
    then = replace(extract(), known_at=fx.at("2024-09-11 12:00"))
    said = [row[8] for row in long_marks(then) if row[0] == upn(1) and row[6] == MORNING.on]
    assert said == ["I", "\\"]


def test_no_cell_is_a_formula_and_codes_stay_as_they_are() -> None:
    content = as_csv(long_marks(extract())).decode("utf-8-sig")
    cells = {cell for row in csv.reader(io.StringIO(content)) for cell in row}
    assert {"'=Ben", "'+Fern3", "/", "\\", "-", "#", "Y4"} <= cells
    assert [cell for cell in cells if cell != "-" and cell.startswith(tuple("=+-@\t\r"))] == []


def test_in_a_workbook_days_are_days_and_admission_numbers_keep_their_zeros(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    path.write_bytes(as_workbook(long_marks(extract()), "Marks 2024/25", "uk"))
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert (sheet.title, sheet.freeze_panes) == ("Marks 2024 25", "A2")
    number, day = sheet["B2"], sheet["G2"]
    assert (number.value, number.data_type) == ("000001", "s")
    assert (day.value.date(), day.number_format) == (date(2024, 9, 3), "dd/mm/yyyy")
    names = {cell.value: cell.data_type for (cell,) in sheet["D2:D400"]}
    assert names["'=Ben"] == "s"


def test_the_same_rows_give_the_same_bytes() -> None:
    first, second = (as_workbook(week_strings(extract()), "Marks") for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_csv_begins_with_its_mark_and_ends_lines_as_spreadsheets_do() -> None:
    content = as_csv([["Name", "On"], ["Zoë", date(2025, 9, 8)]], "uk")
    assert content == b"\xef\xbb\xbfName,On\r\nZo\xc3\xab,08/09/2025\r\n"


def test_x_of_the_coronavirus_years_is_written_as_it_was_recorded() -> None:
    school, first_on = fx.one_half_term(date(2021, 1, 11)), date(2021, 1, 11)
    one = replace(ENROLMENTS[0], starts_on=first_on, born_on=date(2010, 1, 1))
    taken = fx.register_of({one.id: {Session(first_on, Half.AM): "X"}}, england(), school)
    own = Extract(PUPILS, (one,), taken, school, england())
    assert [row[8] for row in long_marks(own)][1:] == ["X", "-"]
    assert own.strips.symbol(0, 0) != "X"


def test_what_xml_cannot_hold_does_not_break_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    path.write_bytes(as_workbook([["A"], ["x\x00\x1f<&>\"'y"]], "M"))
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert sheet["A2"].value == "x<&>\"'y"


def test_a_week_has_ten_characters_unless_a_code_has_two() -> None:
    headings, *rows = week_strings(extract())
    by_upn = {row[0]: dict(zip(map(str, headings), row, strict=True)) for row in rows}
    assert by_upn[upn(1)]["2024-09-16"] == "OOOOOOOOOO"
    assert by_upn[upn(1)]["2024-11-11"] == "C1C1/\\/\\/\\/\\"
    assert by_upn[upn(4)]["2024-09-30"] == "--/\\DDDDDD"
    assert by_upn[upn(1)]["2024-09-02"] == "##/\\/\\/\\/\\"


def test_a_session_on_a_saturday_makes_a_week_of_fourteen_marks(tmp_path: Path) -> None:
    saturday = date(2024, 9, 14)
    school = replace(fx.calendar(), also_open=(saturday,))
    closes_at = school.closes_at(Session(saturday, Half.AM))
    save = Save(
        "sat", Session(saturday, Half.AM), ("e1-2024-09-03",), bytes([england().number("L")]),
        closes_at, closes_at, closes_at, "teacher",
    )  # fmt: skip
    own = replace(
        extract(), calendar=school, register=AttendanceRegister((*register().saves, save)),
        starts_on=date(2024, 9, 9), ends_on=saturday,
    )  # fmt: skip
    headings, first, *_ = week_strings(own)
    assert headings[-1] == "2024-09-09"
    assert str(first[-1]).endswith("L-##")
    assert len(str(first[-1])) == 14


def test_a_pupil_who_came_back_is_one_row_of_the_wide_shape() -> None:
    rows = [row for row in wide_marks(extract()) if row[0] == upn(3)]
    assert len(rows) == 1
    by_day = dict(zip(next(iter(wide_marks(extract()))), rows[0], strict=True))
    assert (by_day["2024-11-15 AM"], by_day["2024-12-02 AM"], by_day["2025-01-27 AM"]) == ("/", "", "M")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_contacts_come_back_as_they_were(ending: str, tmp_path: Path) -> None:
    mother = Contact(
        "c1", "p1", 1, "Ms", "Fern", "Ada", "Mother", "yes", "yes", True,
        ("07700 900123", "020 7946 0123"), "ada@example.org", ("1 Elm Road", "Overby"), "ZA9 9ZZ", "Ms Fern",
    )  # fmt: skip
    father = Contact(
        "c2", "p1", 2, "", "=Fern", "Bo", "Father", "no", "no", False, ("+44 20 7946 0999",), "", (), "",
    )  # fmt: skip
    contacts = (mother, replace(mother, pupil="p2"), father)
    write = csv_of if ending == "csv" else workbook_of
    for name, rows in (("pupils", pupils_file(extract())), ("contacts", contacts_file(extract(), contacts))):
        (tmp_path / f"{name}.{ending}").write_bytes(write(rows, "iso"))
    pupils = read_pupils(read_table(tmp_path / f"pupils.{ending}"), "FX")
    again = read_contacts(read_table(tmp_path / f"contacts.{ending}"), pupils)
    assert [str(problem) for problem in again.problems] == []
    ids = {pupil.upn: pupil.id for pupil in pupils.pupils}
    known = {pupil.id: ids[pupil.upn] for pupil in PUPILS}
    assert [replace(one, person="") for one in again.contacts] == [
        replace(one, person="", pupil=known[one.pupil]) for one in contacts
    ]
    assert again.contacts[0].person == again.contacts[1].person != again.contacts[2].person


def test_characteristics_come_back_with_their_days(tmp_path: Path) -> None:
    fsm = Attribute("FSM", "no", until_on=date(2024, 10, 31)), Attribute("FSM", "yes", date(2024, 11, 1))
    own = replace(extract(), enrolments=(replace(ENROLMENTS[0], attributes=fsm), *ENROLMENTS[1:]))
    (tmp_path / "pupils.csv").write_bytes(as_csv(pupils_file(own)))
    (tmp_path / "known.csv").write_bytes(as_csv(characteristics_file(own), "uk"))
    pupils = read_pupils(read_table(tmp_path / "pupils.csv"), "FX")
    again = read_characteristics(read_table(tmp_path / "known.csv"), pupils)
    assert [str(problem) for problem in again.problems] == []
    assert again.attributes[pupils.by_upn[upn(1)].id] == fsm


def test_the_summary_is_read_back_as_it_was_counted(tmp_path: Path) -> None:
    (tmp_path / "pupils.csv").write_bytes(as_csv(pupils_file(extract())))
    (tmp_path / "summary.csv").write_bytes(as_csv(summary(extract())))
    pupils = read_pupils(read_table(tmp_path / "pupils.csv"), "FX")
    again = read_summary(read_table(tmp_path / "summary.csv"), pupils)
    assert [str(problem) for problem in again.problems] == []
    of = {(one.pupil, one.term): one for one in again.figures}
    strips = extract().strips
    autumn = count(strips, strips.axis.between(date(2024, 9, 1), date(2024, 12, 31)))
    for row, pupil in ((0, upn(1)), (1, upn(2)), (4, upn(4))):
        said, counted = of[pupils.by_upn[pupil].id, "Autumn"], autumn.of(row)
        assert (said.possible, said.attended) == (counted.possible, counted.attended)
        assert (said.authorised, said.unauthorised) == (counted.authorised, counted.unauthorised)
        late = (counted.late_before_close, counted.late_after_close)
        assert (said.late_before_close, said.late_after_close) == late


# --- figures ---------------------------------------------------------------------------------------------


def test_the_summary_counts_each_term_by_the_rules_of_the_measures() -> None:
    headings, *rows = summary(extract())
    amira = [dict(zip(map(str, headings), row, strict=True)) for row in rows if row[1] == upn(1)]
    assert [(row["Academic Year"], row["Term"]) for row in amira] == [
        ("2024-2025", "Autumn"),
        ("2024-2025", "Spring"),
    ]
    autumn = amira[0]
    assert autumn["Absent Sessions (Unauthorised)"] == 1 + 20
    assert autumn["Absent Sessions (Authorised)"] == 2
    assert (autumn["Late (Before Close)"], autumn["PA Flag"]) == (1, "Y")
    assert autumn["Possible Sessions"] == 23 + int(str(autumn["Present Sessions"]))
    dee = next(row for row in rows if row[1] == upn(4))
    assert (dee[14], dee[15]) == (f"{100 * int(str(dee[9])) / int(str(dee[8])):.1f}", "Y")


@pytest.mark.parametrize("by", ["week", "term", "year"])
def test_our_own_check_of_the_departments_tables_has_nothing_against_ours(
    by: Stretch, tmp_path: Path
) -> None:
    rows = list(attendance_table(extract(), SchoolInTables("Firstbell", "Primary", "999001"), by))
    path = tmp_path / f"{by}.csv"
    path.write_bytes(as_csv(rows))
    (check,) = check_files([path]).files
    assert (check.kind, check.rows, check.rows_checked) == ("attendance", len(rows) - 1, len(rows) - 1)
    assert check.disagreements == ()
    assert check.explained == {}
    assert check.rates_checked == 18 * (len(rows) - 1)


def test_the_terms_of_a_year_add_up_to_it_in_the_departments_layout(tmp_path: Path) -> None:
    school = SchoolInTables("Firstbell", "Primary")
    whole = replace(extract(), register=register())
    headings, *terms = attendance_table(whole, school, "term")
    year = list(attendance_table(whole, school, "year"))
    sums = [sum(int(str(term[place])) for term in terms) for place in _counts_of(headings)]
    assert sums == [year[1][place] for place in _counts_of(headings)]


def _counts_of(headings: Row) -> list[int]:
    return [
        place
        for place, name in enumerate(headings)
        if str(name).startswith("reason_") or str(name) in ("possible_sessions", "overall_absence")
    ]


def test_a_stretch_without_a_possible_session_has_no_rate_in_the_table() -> None:
    only_eli = replace(extract(), enrolments=ENROLMENTS[5:])
    headings, row, *_ = attendance_table(only_eli, SchoolInTables("Firstbell", "Primary"), "term")
    by = dict(zip(map(str, headings), row, strict=True))
    assert (by["possible_sessions"], by["attendance_perc"], by["pa_perc"]) == (0, "z", "z")


def test_the_census_extract_counts_each_period_by_code() -> None:
    autumn, spring, *summer = census_absence(extract(), 2024)
    amira = next(one for one in autumn if one.upn == upn(1))
    assert amira.reasons == {"O": 21, "C1": 2}
    assert (amira.authorised, amira.unauthorised) == (2, 21)
    assert [len(period) for period in summer] == [0, 0]
    assert len(spring) == 5
    headings, *rows = census_rows(extract(), 2024)
    for row in rows:
        assert sum(int(str(cell)) for cell in row[6:]) == int(str(row[4])) + int(str(row[5]))


def test_the_census_leaves_out_boarders_and_those_of_other_ages() -> None:
    others = (
        replace(ENROLMENTS[0], boarder=True),
        replace(ENROLMENTS[1], born_on=date(2020, 9, 1)),
        replace(ENROLMENTS[4], born_on=date(2008, 8, 31)),
        replace(ENROLMENTS[5], born_on=date(2020, 8, 31)),
    )
    autumn = census_absence(replace(extract(), enrolments=others), 2024)[0]
    assert [one.upn for one in autumn] == [upn(5)]


def test_the_census_block_names_what_the_return_names() -> None:
    root = ElementTree.fromstring(census_xml(extract(), 2024, "autumn"))
    amira = root.find("PupilOnRoll")
    assert amira is not None
    assert [child.tag for child in amira.iter()] == [
        "PupilOnRoll", "UPN", "Attendance", "TermlyAttendance", "SessionsPossible", "SessionsAuthorised",
        "SessionsUnauthorised", "SessionDetails", "SessionDetail", "AttendanceReason", "AbsenceSessions",
        "SessionDetail", "AttendanceReason", "AbsenceSessions",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no term"):
        census_xml(extract(), 2024, "winter")


# --- transfer files --------------------------------------------------------------------------------------


def transfer(*, marks: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(ctf(extract(), HERE, THERE, fx.at("2025-02-20 10:00"), marks=marks))


def test_a_transfer_file_carries_totals_that_add_up_and_count_late_and_elsewhere_as_attended() -> None:
    strips = extract().strips
    blocks = {
        str(pupil.findtext("UPN")): {child.tag: child.text for child in pupil.iter()}
        for pupil in transfer().iter("Pupil")
    }
    assert list(blocks) == [upn(n) for n in range(1, 6)]
    assert "YearData" not in blocks[upn(5)], "a pupil without a possible session has no totals"
    for number, pupil in enumerate(PUPILS[:4], start=1):
        of = count(strips).total(np.array(extract().stays[pupil.id]))
        block = blocks[upn(number)]
        said = [int(str(block[f"Sessions{name}"])) for name in ("Possible", "Attended")]
        assert said == [of.possible, of.attended]
        assert said[0] - said[1] == int(str(block["SessionsAuthorised"])) + int(
            str(block["SessionsUnauthorised"])
        )


def test_a_year_in_a_transfer_file_has_its_parts_in_order_and_marks_only_where_asked_for() -> None:
    year = next(transfer().iter("YearData"))
    plain = [child.tag for child in year]
    assert plain == [
        "Year", "LEA", "Estab", "SchoolName", "SessionsPossible", "SessionsAuthorised", "SessionsAttended",
        "SessionsUnauthorised",
    ]  # fmt: skip
    with_marks = next(transfer(marks=True).iter("YearData"))
    assert [child.tag for child in with_marks] == [*plain, "AttendSessions"]
    assert with_marks.findtext("AttendSessions/AttendanceStartDate") == "2024-09-03"
    marks = str(with_marks.findtext("AttendSessions/AttendanceMarks"))
    assert marks.startswith("/\\/\\/\\/\\####O\\/\\")
    assert "C1C1" in marks


def test_the_header_of_a_transfer_file_says_from_whom_to_whom_and_when() -> None:
    header = transfer().find("Header")
    assert header is not None
    assert header.findtext("DateTime") == "2025-02-20T10:00:00"
    assert header.findtext("SourceSchool/AcademicYear") == "2024"
    assert [header.findtext(f"DestSchool/{name}") for name in ("LEA", "Estab")] == ["001", "2002"]


def test_a_transfer_file_is_named_after_both_schools() -> None:
    assert ctf_name(HERE, THERE, 7) == "0012001_CTF_0012002_007.xml"
    assert ctf_name(HERE, UNKNOWN, 1) == "0012001_CTF_XXXXXXX_001.xml"
    with pytest.raises(Unusable, match="numbers of a school"):
        ctf_name(CtfSchool("1", "2001"), THERE, 1)
    with pytest.raises(Unusable, match="999"):
        ctf_name(HERE, THERE, 1000)


@pytest.mark.parametrize("marks", [False, True])
def test_a_transfer_file_is_read_back_as_it_was_written(marks: bool, tmp_path: Path) -> None:
    path = tmp_path / ctf_name(HERE, THERE, 1)
    path.write_bytes(ctf(extract(), HERE, THERE, fx.at("2025-02-20 10:00"), marks=marks))
    read = read_ctf(path, england())
    assert [str(problem) for problem in read.problems] == []
    assert (read.source.laestab, read.destination.laestab) == ("0012001", "0012002")
    for pupil, written in zip(read.pupils, PUPILS, strict=True):
        rows = extract().stays[written.id]
        of = count(extract().strips).total(np.array(rows))
        said = [
            (one.year, one.possible, one.attended, one.authorised, one.unauthorised) for one in pupil.years
        ]
        totals = (2024, of.possible, of.attended, of.authorised, of.unauthorised)
        assert said == ([totals] if of.possible else [])
        held = {
            extract().recorded.axis.session(int(place)): extract().recorded.symbol(row, int(place))
            for row in rows
            for place in np.flatnonzero(extract().recorded.marks[row])
        }
        # A planned closure says only that there is nothing to say.
        sent = {session: mark for session, mark in held.items() if mark != "#"}
        assert [dict(one.marks) for one in pupil.years] == [sent if marks else {}] * len(said)


def test_a_pupil_without_a_upn_is_not_in_a_transfer_file() -> None:
    nameless = replace(extract(), pupils=(replace(PUPILS[0], upn=""), *PUPILS[1:]))
    root = ElementTree.fromstring(ctf(nameless, HERE, THERE, fx.at("2025-02-20 10:00")))
    assert len(list(root.iter("Pupil"))) == 4


def test_the_long_shape_has_a_row_for_every_session_marked_or_not() -> None:
    headings, *rows = islice(long_marks(extract()), None)
    ben = [row for row in rows if row[0] == upn(2) and row[6] == date(2024, 9, 20)]
    said: list[Cell] = [row[8] for row in ben]
    assert (headings[8], said) == ("Mark", ["-", "-"])
