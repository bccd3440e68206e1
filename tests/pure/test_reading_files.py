"""Files of pupils and marks: what is understood, what is kept aside, and what is said about it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstbell import statute
from firstbell.exchange.calendars import read_calendar_file
from firstbell.exchange.cells import Unread, read_days, read_minutes, read_moments
from firstbell.exchange.columns import find_columns
from firstbell.exchange.kept_aside import kept_aside_text, write_kept_aside
from firstbell.exchange.limits import LARGEST_FILE, LONGEST_LINE
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.pupils import PupilsRead, check_letter, read_pupils
from firstbell.exchange.tables import read_table
from firstbell.problems import Unusable
from firstbell.register import problems_with_mark
from firstbell.sessions import LONDON, Calendar, Half, Session, read_calendar

CALENDAR = """
school = "Firstbell Primary School"

[[year]]
name = "2024/25"

[[year.term]]
name       = "Autumn"
half_terms = [{ starts = 2024-09-02, ends = 2024-09-20 }]

[[closed]]
on  = 2024-09-02
why = "INSET"

[[year_group_days]]
year_groups = ["R"]
without     = [2024-09-03]

[[times]]
morning   = { opens = "08:50", closes = "09:20" }
afternoon = { opens = "13:00", closes = "13:10" }
"""
UPNS = {"Amira": "B801200005001", "Ben": "R674123101121", "Eli": "F823432115001"}
PUPILS = f"""UPN,Adno,Legal Surname,Forename,DOB,Year,Admission Date,Leaving Date,Enrolment Status
{UPNS["Amira"]},000101,Ashdown,Amira,11/02/2014,Year 6,04/09/2018,,C
{UPNS["Ben"]},000102,Barrow,Ben,20/11/2013,6,04/09/2018,13/09/2024,M
{UPNS["Eli"]},000103,Elmwood,Eli,10/05/2020,R,04/09/2024,,C
"""
HEADINGS = "UPN,Mark Date,AM/PM,Mark"


def school_calendar() -> Calendar:
    return read_calendar(CALENDAR)


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def pupils(folder: Path, text: str = PUPILS) -> PupilsRead:
    table = read_table(write(folder, "pupils.csv", text))
    return read_pupils(table, "Firstbell Primary School", starts_on=date(2024, 9, 2))


def marks(folder: Path, *rows: str, headings: str = HEADINGS, of: str = PUPILS) -> MarksRead:
    table = read_table(write(folder, "marks.csv", "\r\n".join((headings, *rows))))
    read = read_marks(table, pupils(folder, of), school_calendar(), statute.england())
    assert read.rows_in_file == read.rows_read + read.rows_kept_aside + read.rows_agreeing_with_calendar
    return read


def row(pupil: str, on: str, half: str, mark: str, *more: str) -> str:
    return ",".join((UPNS.get(pupil, pupil), on, half, mark, *more))


def said(read: MarksRead, pupil: str, session: str) -> str:
    enrolment = next(e for e in names(read) if e[0] == pupil)[1]
    return read.register.mark(enrolment, Session.read(session), statute.england())


def names(read: MarksRead) -> list[tuple[str, str]]:
    """The pupils' first names and the ids under which their enrolments stand in the register."""
    roll = read.register.saves[0].roll
    return list(zip(("Amira", "Ben", "Eli"), roll, strict=True))


def rules(read: MarksRead | PupilsRead) -> list[str]:
    return [problem.rule for problem in read.problems]


def reasons(read: MarksRead | PupilsRead) -> dict[int, list[str]]:
    return {kept.row: [problem.rule for problem in kept.problems] for kept in read.kept_aside.rows}


# --- tables ----------------------------------------------------------------------------------------------

LETTERS = [("UPN", "Name"), ("A1", "Zoë"), ("B2", "Ben")]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("UPN,Name\r\nA1,Zoë\r\nB2,Ben\r\n", "utf-8"),
        ("UPN,Name\nA1,Zoë\nB2,Ben", "utf-8-sig"),
        ("UPN;Name\nA1;Zoë\nB2;Ben\n", "cp1252"),
        ("UPN\tName\nA1\tZoë\nB2\tBen\n", "utf-16"),
        ("sep=;\nUPN;Name\nA1;Zoë\nB2;Ben\n", "utf-8"),
        ('"UPN","Name"\r\n"A1","Zoë"\r\n"B2","Ben"\r\n', "utf-8"),
        ('UPN,Name,\n="A1","=""Zoë""",\n B2 ,Ben,,\n,,\n', "utf-8"),
    ],
)
def test_the_same_table_may_be_written_in_many_ways(tmp_path: Path, text: str, encoding: str) -> None:
    table = read_table(write(tmp_path, "t.csv", text, encoding))
    assert [table.headings, *(table.cells(index) for index in range(len(table)))] == LETTERS


def workbook(path: Path, *rows: Sequence[Any]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in rows:
        sheet.append(list(cells))
    book.save(path)
    return path


def test_a_workbook_gives_days_and_whole_numbers_as_text(tmp_path: Path) -> None:
    moment = datetime(2024, 9, 3, 8, 55)  # noqa: DTZ001 - workbooks know no time zone
    path = workbook(
        tmp_path / "m.xlsx", ("Adno", "Date", "At"), (101, date(2024, 9, 3), moment), (1.5, "", True)
    )
    table = read_table(path)
    assert table.cells(0) == ("101", "2024-09-03", "2024-09-03 08:55:00")
    assert table.cells(1) == ("1.5", "", "TRUE")


def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    written = read_table(write(tmp_path, "t.csv", '\n\nUPN,Note\nA1,"two\nlines"\n\n ,\nB2,\n'))
    assert written.rows.tolist() == [4, 7]
    book = read_table(workbook(tmp_path / "t.xlsx", (), (), ("UPN",), ("A1",), (), ("B2",)))
    assert book.rows.tolist() == [4, 6]


def packed(**parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packing:
        for name, text in parts.items():
            packing.writestr(name.replace("__", "/").replace("_", "."), text)
    return content.getvalue()


FAR_CELL = '<worksheet><sheetData><row r="1048576"><c r="XFD1048576"/></row></sheetData></worksheet>'


@pytest.mark.parametrize(
    ("content", "rule", "says"),
    [
        (b"", "file-empty", "nothing in the file"),
        (b" \r\n\t\r\n,,\r\n", "file-empty", "nothing in the file"),
        (b"UPN,Mark\r\n", "file-no-rows", "nothing below the headings"),
        (b"UPN\x00,Mark\r\n1,2", "file-not-text", "neither text nor a workbook"),
        (b"\x81\x8d\x8f\x90\x9d", "file-not-text", "neither text nor a workbook"),
        (b"%PDF-1.7", "file-kind", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file-kind", "without a password"),
        (b"<!DOCTYPE html><table></table>", "file-kind", "web page"),
        (packed(word__document_xml="x"), "file-kind", "no workbook"),
        (packed(xl__workbook_xml="x"), "file-damaged", "cannot be read"),
        (packed(xl__workbook_xml="x")[:-30], "file-damaged", "cannot be read"),
        (packed(xl__workbook_xml="x", xl__worksheets__sheet1_xml=FAR_CELL), "file-too-large", "far away"),
        (b'UPN,Note\nA1,x\nA2,"open\nA3,x\n', "file-quotes", "row 3"),
        (b"UPN\n" + b"x" * (LONGEST_LINE + 1), "file-line-too-long", "1,048,576"),
    ],
    # Workbooks hold the time they were made, which must not become the name of a test.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_used_is_refused_with_a_reason(
    tmp_path: Path, content: bytes, rule: str, says: str
) -> None:
    path = tmp_path / "marks.csv"
    path.write_bytes(content)
    with pytest.raises(Unusable) as refused:
        read_table(path)
    problem = refused.value.problems[0]
    assert problem.rule == rule
    assert says in str(problem)
    assert str(problem).startswith("marks.csv")


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    for path, rule in (
        (large, "file-too-large"),
        (tmp_path / "none.csv", "file-unreadable"),
        (tmp_path, "file-unreadable"),
    ):
        with pytest.raises(Unusable) as refused:
            read_table(path)
        assert [problem.rule for problem in refused.value.problems] == [rule]


def test_only_the_first_sheet_is_read_and_that_is_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, cell in (("Marks", "UPN"), ("Codes", "Code")):
        sheet = book.create_sheet(name)
        sheet.append([cell])
        sheet.append(["x"])
    book.save(tmp_path / "m.xlsx")
    table = read_table(tmp_path / "m.xlsx")
    assert table.headings == ("UPN",)
    assert [problem.rule for problem in table.problems] == ["file-sheets"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_no_bytes_whatever_make_the_reader_fail(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        table = read_table(path)
    except Unusable as refused:
        assert refused.problems
    else:
        assert len(table) > 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=4), min_size=2, max_size=2),
        min_size=2,
        max_size=6,
    ).filter(lambda rows: all(any(cells) for cells in rows) and all(rows[0]))
)
def test_what_is_written_as_csv_is_read_back(tmp_path: Path, table: list[list[str]]) -> None:
    cells = [[f"x{cell}" for cell in cells] for cells in table]
    quoted = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells)
    read = read_table(write(tmp_path, "t.csv", quoted))
    assert [list(read.headings), *(list(read.cells(i)) for i in range(len(read)))] == cells


# --- columns ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headings",
    [
        "UPN,Mark Date,AM/PM,Mark",
        "unique pupil number,attendance date,Session,Attendance Mark",
        "Admission No.,DATE,am or pm,CODE",
        "Adno,Session_Date,Session Name,Mark code",
    ],
)
def test_headings_are_understood_as_systems_write_them(tmp_path: Path, headings: str) -> None:
    table = read_table(write(tmp_path, "m.csv", f"{headings}\n1,2,3,4\n"))
    assert {"on", "half", "mark"} < set(find_columns(table, "marks").columns)


def test_a_missing_column_names_what_was_found_and_what_was_looked_for(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "m.csv", "UPN,Session,Mark,Colour\n1,2,3,4\n"))
    with pytest.raises(Unusable) as refused:
        find_columns(table, "marks")
    (problem,) = refused.value.problems
    assert problem.rule == "column-missing"
    assert '"Colour"' in problem.what
    assert "Mark Date" in problem.remedy


def test_a_column_nobody_knows_is_mentioned_once(tmp_path: Path) -> None:
    read = marks(
        tmp_path,
        row("Amira", "03/09/2024", "AM", "/", "red"),
        row("Amira", "03/09/2024", "PM", "\\", "blue"),
        headings=HEADINGS + ",Colour",
    )
    (problem,) = (problem for problem in read.problems if problem.rule == "column-not-read")
    assert (problem.place.column, problem.severity) == ("Colour", "warning")
    assert read.rows_read == 2


def test_of_two_columns_for_one_thing_the_better_known_is_read(tmp_path: Path) -> None:
    text = "Preferred Surname,Surname,UPN,Admission Date\nWrong,Right,B801200005001,03/09/2024\n"
    read = pupils(tmp_path, text)
    assert read.pupils[0].surname == "Right"
    assert "column-not-read" in rules(read)


# --- cells -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "08/09/2025", "8/9/2025", "08-09-2025", "08.09.2025", "2025-09-08", "2025/09/08", "20250908", "45908",
        "08-Sep-2025", "08-Sep-25", "8 September 2025", "8th Sept 2025", "Mon 08/09/2025",
        "Monday 8 September 2025",
        "08/09/2025 00:00", "2025-09-08T00:00:00", "2025-09-07T23:00:00Z", "45908.375",
    ],
)  # fmt: skip
def test_days_are_read_as_people_and_spreadsheets_write_them(text: str) -> None:
    assert read_days([text]) == [date(2025, 9, 8)]


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2025",
        "09/25/2025",
        "2025-13-01",
        "08/09/25",
        "Tue 08/09/2025",
        "8",
        "soon",
        "123456",
        "0/0/0000",
    ],
)
def test_a_day_that_is_none_or_may_be_another_is_not_read(text: str) -> None:
    (unread,) = read_days([text])
    assert isinstance(unread, Unread)
    assert text in unread.what


def test_days_are_not_read_where_others_of_the_column_have_the_month_first() -> None:
    assert [isinstance(day, Unread) for day in read_days(["09/08/2025", "09/25/2025", "03/03/2025"])] == [
        True,
        True,
        False,
    ]
    assert read_days(["09/08/2025", "09/25/2025", "25/09/2025"])[0] == date(2025, 8, 9)


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("03/09/2024 09:05", 9, 5),
        ("2024-09-03T08:05:00Z", 9, 5),
        ("3/9/2024 1:05 pm", 13, 5),
        ("03/09/2024", 23, 59),
    ],
)
def test_a_time_of_recording_is_londons(text: str, hour: int, minute: int) -> None:
    assert read_moments([text]) == [datetime(2024, 9, 3, hour, minute, tzinfo=LONDON)]


def test_minutes_are_whole_numbers() -> None:
    assert [read_minutes(text) for text in ("12", "12.0", "7 mins", "1:30", "-5", "soon")] == [
        12,
        12,
        7,
        None,
        None,
        None,
    ]


# --- pupils ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "upn", ["B801200005001", "R674123101121", "F823432115001", "R82343211500A", "N30140002200B"]
)
def test_a_upn_begins_with_its_check_letter(upn: str) -> None:
    assert check_letter(upn) == upn[0]


@pytest.mark.parametrize("upn", ["A801200005001", "B80120000500", "S801200005001", "1234567890123"])
def test_a_wrong_upn_is_a_warning_and_still_names_the_pupil(tmp_path: Path, upn: str) -> None:
    text = f"UPN,DOB,Admission Date\n{upn.lower()},01/02/2014,03/09/2024\n"
    read = pupils(tmp_path, text)
    assert [(problem.rule, problem.severity) for problem in read.problems] == [("upn", "warning")]
    assert read.pupils[0].upn == upn


def test_what_the_file_says_of_a_pupil_becomes_an_enrolment(tmp_path: Path) -> None:
    headings = (
        "UPN,DOB,Year,Reg,Admission Date,Leaving Date,Enrolment Status,FSM,SEN Status,First Language,Gender"
    )
    cells = "B801200005001,11/02/2014,Year 6,6A,04/09/2018,14/02/2025,M,Yes,EHCP,POL,Female"
    read = pupils(tmp_path, f"{headings}\n{cells}\n")
    (enrolment,) = read.enrolments
    assert (enrolment.starts_on, enrolment.ends_on) == (date(2018, 9, 4), date(2025, 2, 14))
    assert (enrolment.born_on, enrolment.registration) == (date(2014, 2, 11), "main")
    held = {attribute.name: attribute.value for attribute in enrolment.attributes}
    assert held == {
        "year group": "6",
        "registration group": "6A",
        "FSM": "yes",
        "SEN": "E",
        "first language": "POL",
        "EAL": "yes",
        "sex": "F",
    }
    assert read.problems == ()


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Year 7", "7"),
        ("07", "7"),
        ("7.0", "7"),
        ("Y10", "10"),
        ("Reception", "R"),
        ("r", "R"),
        ("Nursery 2", "N2"),
        ("N1", "N1"),
        ("14", "14"),
    ],
)
def test_year_groups_are_written_one_way(tmp_path: Path, text: str, group: str) -> None:
    read = pupils(tmp_path, f"UPN,DOB,Year,Admission Date\nB801200005001,11/02/2014,{text},04/09/2018\n")
    assert read.enrolments[0].year_group(date(2024, 9, 3)) == group


def test_a_word_that_is_not_understood_is_shown_and_not_read(tmp_path: Path) -> None:
    read = pupils(tmp_path, "UPN,DOB,Year,Admission Date\nB801200005001,11/02/2014,Upper Fifth,04/09/2018\n")
    assert read.enrolments[0].year_group(date(2024, 9, 3)) is None
    assert [(problem.rule, problem.severity) for problem in read.problems] == [("value-unknown", "warning")]


def test_without_a_starting_day_a_pupil_is_on_roll_from_the_first_day_of_the_calendar(tmp_path: Path) -> None:
    read = pupils(tmp_path, "UPN,DOB,Admission Date\nB801200005001,11/02/2014,\n")
    assert read.enrolments[0].starts_on == date(2024, 9, 2)
    assert rules(read) == ["starts-on-missing"]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (",,03/09/2024,", "pupil-unnamed"),
        ("B801200005001,,31/09/2024,", "day-unread"),
        ("B801200005001,,03/09/2024,soon", "day-unread"),
        ("B801200005001,,03/09/2024,02/09/2024", "enrolment-order"),
        ("B801200005001,,03/09/2024,,x", "row-too-long"),
    ],
)
def test_a_row_of_pupils_that_cannot_be_used_is_kept_aside(tmp_path: Path, cells: str, rule: str) -> None:
    read = pupils(tmp_path, f"UPN,Adno,Admission Date,Leaving Date\n{cells}\n")
    assert (read.rows_in_file, read.rows_read, read.rows_kept_aside) == (1, 0, 1)
    assert reasons(read) == {2: [rule]}


def test_of_two_rows_for_a_pupil_the_first_is_read(tmp_path: Path) -> None:
    again = f"{UPNS['Amira']},000101,Other,Name,11/02/2014,Year 6,01/09/2024,,C\n"
    read = pupils(tmp_path, PUPILS + again)
    assert reasons(read) == {5: ["pupil-twice"]}
    assert read.pupils[0].surname == "Ashdown"


def test_a_pupil_who_left_and_came_back_has_two_enrolments(tmp_path: Path) -> None:
    back = f"{UPNS['Ben']},000102,Barrow,Ben,20/11/2013,Year 6,18/09/2024,,C\n"
    read = marks(
        tmp_path,
        row("Ben", "13/09/2024", "AM", "/"),
        row("Ben", "16/09/2024", "AM", "/"),
        row("Ben", "17/09/2024", "AM", "Z"),
        row("Ben", "18/09/2024", "AM", "/"),
        of=PUPILS + back,
    )
    assert reasons(read) == {3: ["mark-off-roll"]}
    first, second = (save.marks for save in read.register.saves)
    assert (first.find(b"\1"), second.find(b"\1")) == (1, 3)
    assert read.rows_agreeing_with_calendar == 1


def test_no_name_or_number_is_seen_where_pupils_are_only_mentioned(tmp_path: Path) -> None:
    read = pupils(tmp_path)
    shown = repr((read, read.pupils, read.enrolments, read.problems))
    assert not any(word in shown for word in ("Ashdown", "Amira", "B801200005001", "000101", "2014"))
    assert len({pupil.id for pupil in read.pupils}) == 3


def test_the_same_file_gives_the_same_ids(tmp_path: Path) -> None:
    assert pupils(tmp_path).pupils == pupils(tmp_path).pupils


def test_an_unlikely_or_missing_date_of_birth_is_a_warning(tmp_path: Path) -> None:
    text = "UPN,DOB,Admission Date\nB801200005001,11/02/1914,03/09/2024\nR674123101121,,03/09/2024\n"
    read = pupils(tmp_path, text)
    assert sorted(rules(read)) == ["born-on-missing", "born-on-unlikely"]
    assert [enrolment.born_on for enrolment in read.enrolments] == [None, None]
    assert rules(pupils(tmp_path, "UPN,Admission Date\nB801200005001,03/09/2024\n")) == ["born-on-missing"]


# --- marks -----------------------------------------------------------------------------------------------


def test_marks_are_known_at_the_close_of_their_session(tmp_path: Path) -> None:
    read = marks(
        tmp_path,
        row("Amira", "03/09/2024", "AM", "/"),
        row("Ben", "03/09/2024", "am", "L"),
        row("Amira", "03/09/2024", "Afternoon", "\\"),
    )
    morning, afternoon = read.register.saves
    assert morning.known_at == datetime(2024, 9, 3, 9, 20, tzinfo=LONDON)
    assert afternoon.known_at == datetime(2024, 9, 3, 13, 10, tzinfo=LONDON)
    assert [said(read, name, "2024-09-03 AM") for name in ("Amira", "Ben", "Eli")] == ["/", "L", ""]
    assert morning.roll is afternoon.roll


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (("X000000000000", "03/09/2024", "AM", "/"), "pupil-unknown"),
        (("", "03/09/2024", "AM", "/"), "pupil-unnamed"),
        (("Amira", "31/02/2025", "AM", "/"), "day-unread"),
        (("Amira", "", "AM", "/"), "day-missing"),
        (("Amira", "03/09/1999", "AM", "/"), "day-before-law"),
        (("Amira", "03/09/2024", "Lesson 1", "/"), "session-unknown"),
        (("Amira", "03/09/2024", "", "/"), "session-unknown"),
        (("Amira", "03/09/2024", "AM", "A"), "code-unknown"),
        (("Amira", "03/09/2024", "AM", "?"), "code-unknown"),
        (("Amira", "03/09/2024", "AM", "TRUE"), "code-unknown"),
        (("Amira", "03/09/2024", "AM", "H"), "code-not-in-force"),
        (("Amira", "03/09/2024", "PM", "/"), "code-half"),
        (("Amira", "07/09/2024", "AM", "/"), "mark-no-session"),
        (("Amira", "02/09/2024", "AM", "/"), "mark-no-session"),
        (("Amira", "23/09/2024", "AM", "/"), "mark-no-session"),
        (("Ben", "16/09/2024", "AM", "/"), "mark-off-roll"),
        (("Amira", "03/09/2024", "AM", "Z"), "mark-prospective"),
        (("Eli", "04/09/2024", "AM", "C2"), "code-age"),
        (("Amira", "04/09/2024", "AM", "X"), "code-age"),
        (("Amira", "03/09/2024", "AM", "/", "went home, ill"), "row-too-long"),
    ],
)
def test_a_mark_that_may_not_stand_is_kept_aside(tmp_path: Path, cells: tuple[str, ...], rule: str) -> None:
    read = marks(tmp_path, row("Amira", "04/09/2024", "AM", "/"), row(*cells))
    assert reasons(read) == {3: [rule]}
    problem = next(problem for problem in read.problems if problem.rule == rule)
    assert (problem.place.file, problem.place.row, problem.severity) == ("marks.csv", 3, "error")
    assert problem.remedy
    assert read.rows_read == 1


def test_all_that_is_wrong_with_a_row_is_said_at_once(tmp_path: Path) -> None:
    read = marks(tmp_path, row("X000000000000", "31/02/2025", "noon", "/"))
    assert sorted(reasons(read)[2]) == ["day-unread", "pupil-unknown", "session-unknown"]


@pytest.mark.parametrize(("cell", "mark"), [("i", "I"), (" c1 ", "C1"), ("l", "L"), ('="O"', "O")])
def test_a_code_may_be_written_in_lower_case(tmp_path: Path, cell: str, mark: str) -> None:
    read = marks(tmp_path, row("Amira", "03/09/2024", "AM", cell))
    assert said(read, "Amira", "2024-09-03 AM") == mark
    assert not read.kept_aside.rows


@pytest.mark.parametrize("cell", ["", "-", " - "])
def test_a_row_without_a_mark_is_read_and_leaves_the_session_unmarked(tmp_path: Path, cell: str) -> None:
    read = marks(tmp_path, row("Amira", "03/09/2024", "AM", cell), row("Ben", "03/09/2024", "AM", "/"))
    assert said(read, "Amira", "2024-09-03 AM") == ""
    assert (read.rows_read, read.rows_kept_aside) == (2, 0)


def test_a_closure_where_there_is_no_session_agrees_with_the_calendar(tmp_path: Path) -> None:
    read = marks(
        tmp_path,
        row("Amira", "02/09/2024", "AM", "#"),
        row("Amira", "07/09/2024", "AM", "#"),
        row("Amira", "25/12/2024", "AM", "#"),
        row("Eli", "03/09/2024", "AM", "Z"),
        row("Amira", "03/09/2024", "AM", "/"),
    )
    assert (read.rows_read, read.rows_kept_aside, read.rows_agreeing_with_calendar) == (1, 0, 4)


def test_a_school_day_with_nothing_but_closures_is_a_finding(tmp_path: Path) -> None:
    closed = [row(name, "06/09/2024", half, "#") for name in ("Amira", "Ben") for half in ("AM", "PM")]
    read = marks(tmp_path, *closed, row("Eli", "06/09/2024", "AM", "-"))
    finding = next(problem for problem in read.problems if problem.rule == "calendar-misses-closure")
    assert "Friday 6 September 2024" in finding.what
    assert read.rows_read == 5
    opened = marks(tmp_path, *closed, row("Eli", "06/09/2024", "AM", "/"))
    assert rules(opened) == ["closure-in-term"]
    assert opened.rows_read == 5


def test_marks_of_most_pupils_on_a_closed_day_are_a_finding(tmp_path: Path) -> None:
    read = marks(tmp_path, *(row(name, "02/09/2024", "AM", "/") for name in ("Amira", "Ben")))
    assert rules(read)[:2] == ["calendar-misses-session", "mark-no-session"]
    assert read.rows_kept_aside == 2
    alone = marks(tmp_path, row("Amira", "02/09/2024", "AM", "/"), row("Ben", "03/09/2024", "AM", "/"))
    assert "calendar-misses-session" not in rules(alone)


def test_a_year_group_has_its_own_days(tmp_path: Path) -> None:
    of = PUPILS.replace("04/09/2024", "02/09/2024")
    read = marks(tmp_path, row("Eli", "03/09/2024", "AM", "/"), row("Amira", "03/09/2024", "AM", "/"), of=of)
    assert reasons(read) == {2: ["mark-no-session"]}


def test_the_same_mark_twice_is_no_harm(tmp_path: Path) -> None:
    read = marks(
        tmp_path, *[row("Amira", "03/09/2024", "AM", "/")] * 2, row("Amira", "03/09/2024", "AM", "-")
    )
    assert (read.rows_read, read.rows_kept_aside) == (3, 0)
    assert len(read.register.saves) == 1


def test_of_two_different_marks_neither_is_believed(tmp_path: Path) -> None:
    read = marks(tmp_path, row("Amira", "03/09/2024", "AM", "/"), row("Amira", "2024-09-03", "AM", "O"))
    assert reasons(read) == {2: ["mark-twice"], 3: ["mark-twice"]}
    (problem,) = (problem for problem in read.problems if problem.rule == "mark-twice")
    assert '"/" in row 2' in problem.what
    assert '"O" in row 3' in problem.what


RECORDED = HEADINGS + ",Recorded at"


def test_a_mark_changed_after_the_close_is_an_amendment(tmp_path: Path) -> None:
    read = marks(
        tmp_path,
        row("Amira", "03/09/2024", "AM", "O", "05/09/2024 10:00"),
        row("Amira", "03/09/2024", "AM", "N", "03/09/2024 09:10"),
        row("Amira", "03/09/2024", "AM", "O", "06/09/2024 10:00"),
        headings=RECORDED,
    )
    (save,), (amendment,) = read.register.saves, read.register.amendments
    assert save.known_at == datetime(2024, 9, 3, 9, 10, tzinfo=LONDON)
    assert (amendment.original, amendment.amended) == ("N", "O")
    assert (amendment.reason, amendment.by) == ("changed in marks.csv", "import")
    assert read.register.problems(statute.england()) == []
    assert read.rows_read == 3


def test_a_mark_changed_while_the_register_is_open_is_part_of_taking_it(tmp_path: Path) -> None:
    read = marks(
        tmp_path,
        row("Amira", "03/09/2024", "AM", "N", "03/09/2024 08:55"),
        row("Amira", "03/09/2024", "AM", "L", "03/09/2024 09:20"),
        headings=RECORDED,
    )
    assert (len(read.register.saves), read.register.amendments) == (2, ())
    enrolment = read.register.saves[0].roll[0]
    assert read.register.mark(enrolment, Session(date(2024, 9, 3), Half.AM), statute.england()) == "L"


@pytest.mark.parametrize("at", ["03/09/2024 08:55", ""])
def test_different_marks_that_do_not_say_which_came_later_are_kept_aside(tmp_path: Path, at: str) -> None:
    read = marks(
        tmp_path,
        row("Amira", "03/09/2024", "AM", "N", "03/09/2024 08:55"),
        row("Amira", "03/09/2024", "AM", "L", at),
        headings=RECORDED,
    )
    assert reasons(read) == {2: ["mark-twice"], 3: ["mark-twice"]}


def test_minutes_late_are_held_with_the_mark(tmp_path: Path) -> None:
    read = marks(
        tmp_path,
        row("Amira", "03/09/2024", "AM", "L", "12"),
        row("Ben", "03/09/2024", "AM", "U", "long"),
        headings=HEADINGS + ",Mins Late",
    )
    (save,) = read.register.saves
    assert list(save.minutes_late.values()) == [12]
    assert [problem.severity for problem in read.problems if problem.rule == "minutes-unread"] == ["warning"]
    assert read.rows_read == 2


def test_a_pupil_may_be_known_by_the_admission_number_without_its_zeros(tmp_path: Path) -> None:
    headings = "UPN,Adno,Date,Session,Mark"
    read = marks(tmp_path, ",101,03/09/2024,AM,/", f"{UPNS['Ben']},,03/09/2024,AM,/", headings=headings)
    assert [said(read, name, "2024-09-03 AM") for name in ("Amira", "Ben")] == ["/", "/"]


def test_numbers_of_two_pupils_in_one_row_are_kept_aside(tmp_path: Path) -> None:
    headings = "UPN,Adno,Date,Session,Mark"
    read = marks(tmp_path, f"{UPNS['Ben']},000101,03/09/2024,AM,/", headings=headings)
    assert reasons(read) == {2: ["pupil-mismatch"]}


def test_an_admission_number_of_several_pupils_names_nobody(tmp_path: Path) -> None:
    read = marks(
        tmp_path,
        ",101,03/09/2024,AM,/",
        headings="UPN,Adno,Date,Session,Mark",
        of=PUPILS.replace("102", "101"),
    )
    assert reasons(read) == {2: ["pupil-ambiguous"]}
    assert "admission-number-twice" in rules(pupils(tmp_path, PUPILS.replace("102", "101")))


def test_d_for_a_pupil_of_one_school_is_shown_and_let_in(tmp_path: Path) -> None:
    read = marks(tmp_path, row("Ben", "03/09/2024", "AM", "D"), row("Amira", "03/09/2024", "AM", "D"))
    warnings = [problem for problem in read.problems if problem.rule == "mark-not-dual"]
    assert [(warning.place.row, warning.severity) for warning in warnings] == [(3, "warning")]
    assert said(read, "Amira", "2024-09-03 AM") == "D"


def test_study_leave_is_asked_about_below_year_11_only(tmp_path: Path) -> None:
    of = PUPILS.replace("Year 6", "Year 11").replace(",M\n", ",C\n")
    read = marks(tmp_path, row("Amira", "03/09/2024", "AM", "S"), row("Ben", "03/09/2024", "AM", "S"), of=of)
    warnings = [problem for problem in read.problems if problem.rule == "code-year-group"]
    assert [(warning.place.row, warning.severity) for warning in warnings] == [(3, "warning")]


# In Reception with Eli, and of compulsory school age already.
KEPT_BACK = "Ivy,000104,Vole,Ivy,30/08/2019,R,04/09/2024,,C\n"


def test_of_two_pupils_in_reception_only_the_one_below_compulsory_school_age_may_have_x(
    tmp_path: Path,
) -> None:
    rows = [row(name, "04/09/2024", "AM", "X") for name in ("Eli", "Ivy")]
    assert reasons(marks(tmp_path, *rows, of=PUPILS + KEPT_BACK)) == {3: ["code-age"]}


def test_many_rows_with_one_thing_wrong_are_one_problem(tmp_path: Path) -> None:
    days = [day for day in range(3, 21) if date(2024, 9, day).weekday() < 5]
    rows = [row("Amira", f"{day:02d}/09/2024", half, "H") for day in days for half in ("AM", "PM")]
    read = marks(tmp_path, *rows, row("Ben", "03/09/2024", "AM", "/"))
    (problem,) = (problem for problem in read.problems if problem.rule == "code-not-in-force")
    assert "The same in 27 more rows: 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ...." in problem.what
    assert read.rows_kept_aside == 28


def test_of_very_many_things_wrong_two_hundred_are_listed(tmp_path: Path) -> None:
    read = marks(tmp_path, *(f"X{number:012d},03/09/2024,AM,/" for number in range(300)))
    assert rules(read)[0] == "pupils-all-unknown"
    unknown = [problem for problem in read.problems if problem.rule == "pupil-unknown"]
    assert len(unknown) == 201
    assert "Another 100 of the same kind, in 100 rows" in unknown[-1].what
    assert read.rows_kept_aside == 300


def test_a_pupil_without_any_row_is_mentioned(tmp_path: Path) -> None:
    read = marks(tmp_path, row("Amira", "16/09/2024", "AM", "/"))
    (finding,) = (problem for problem in read.problems if problem.rule == "pupil-without-rows")
    assert "row 4" in finding.what
    assert "row 3" not in finding.what, "who had left is not missed"


SYMBOLS = sorted({*statute.england().symbols, "", "-", "A", "i", "??"} - {"X19"})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.tuples(
            st.sampled_from(["Amira", "Ben", "Eli", "Ivy"]),
            st.integers(1, 24).map(lambda day: date(2024, 9, day)),
            st.sampled_from(list(Half)),
            st.sampled_from(SYMBOLS),
        ),
        unique_by=lambda cell: cell[:3],
        min_size=1,
        max_size=40,
    )
)
def test_rows_asked_about_together_get_the_answers_of_each(
    tmp_path: Path, cells: list[tuple[str, date, Half, str]]
) -> None:
    rows = [row(name, on.isoformat(), half.name, mark) for name, on, half, mark in cells]
    read = marks(tmp_path, *rows, of=PUPILS + KEPT_BACK)
    enrolments = dict(zip((*UPNS, "Ivy"), pupils(tmp_path, PUPILS + KEPT_BACK).enrolments, strict=True))

    def refused(name: str, on: date, half: Half, mark: str) -> bool:
        symbol = mark.upper() if mark == "i" else mark.strip("-")
        found = problems_with_mark(
            symbol,
            Session(on, half),
            statute.england(),
            enrolment=enrolments[name],
            calendar=school_calendar(),
        )
        return bool(symbol) and any(problem.severity == "error" for problem in found)

    assert set(reasons(read)) == {place for place, cell in enumerate(cells, start=2) if refused(*cell)}


# --- what was kept aside ---------------------------------------------------------------------------------


def test_rows_kept_aside_can_be_corrected_and_read_again(tmp_path: Path) -> None:
    read = marks(
        tmp_path, row("Amira", "07/09/2024", "AM", "/", "=1+1"), row("Ben", "03/09/2024", "AM", "/", "x"),
        headings=HEADINGS + ",Comment",
    )  # fmt: skip
    text = kept_aside_text(read.kept_aside)
    assert text.splitlines()[0] == "Row in file,Kept aside because,UPN,Mark Date,AM/PM,Mark,Comment"
    assert text.splitlines()[1].endswith(",B801200005001,2024-09-07,AM,/,'=1+1")
    again = tmp_path / "again.csv"
    write_kept_aside(again, read.kept_aside)
    assert again.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_table(again).columns[-1][0] == "=1+1"
    again.write_text(again.read_text("utf-8-sig").replace("2024-09-07", "2024-09-06"))
    corrected = read_marks(read_table(again), pupils(tmp_path), school_calendar(), statute.england())
    assert (corrected.rows_read, corrected.rows_kept_aside) == (1, 0)


def test_formulas_are_neutralised_and_codes_are_not(tmp_path: Path) -> None:
    read = marks(tmp_path, row("@x", "+1", "=A1", "#"), row("y", "-1", "-", "\\"))
    cells = [line.split(",")[-4:] for line in kept_aside_text(read.kept_aside).splitlines()[1:]]
    assert cells == [["'@x", "'+1", "'=A1", "#"], ["y", "'-1", "-", "\\"]]


# --- calendars -------------------------------------------------------------------------------------------

TERM_DATES = """BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Autumn term
DTSTART;VALUE=DATE:20240903
DTEND;VALUE=DATE:20241221
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize(
    ("name", "text", "school"),
    [("c.toml", CALENDAR, "Firstbell Primary School"), ("c.ics", TERM_DATES, "Ours")],
)
def test_a_calendar_is_read_from_toml_or_icalendar(tmp_path: Path, name: str, text: str, school: str) -> None:
    calendar, problems = read_calendar_file(write(tmp_path, name, text), "Ours")
    assert calendar.school == school
    assert calendar.is_school_day(date(2024, 9, 4))
    assert problems == ()


def test_the_last_day_there_is_stands_for_no_last_day_and_one_as_far_off_for_a_slip() -> None:
    open_ended, far_off = read_days(["31/12/9999", "2999-01-01"])
    assert open_ended is None
    assert isinstance(far_off, Unread)
    assert "too far off" in far_off.what
