"""Whatever a file holds, a reader gives problems and never fails; and no row is ever lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstbell import statute
from firstbell.exchange.contacts import read_contacts
from firstbell.exchange.ctf import read_ctf
from firstbell.exchange.groups import read_characteristics, read_groups
from firstbell.exchange.kept_aside import kept_aside_text
from firstbell.exchange.loading import load_marks
from firstbell.exchange.mapping import read_mapping
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.preview import preview_marks
from firstbell.exchange.pupils import Pupil, PupilsRead, read_pupils
from firstbell.exchange.record import Record, read_record, record_text
from firstbell.exchange.summary import read_summary
from firstbell.exchange.tables import Table, read_table
from firstbell.exchange.weeks import marks_of
from firstbell.problems import Unusable
from firstbell.register import Amendment, AttendanceRegister, Enrolment, Save
from firstbell.sessions import LONDON, Half, Session, read_calendar
from tests.pure.test_reading_shapes import AMIRA, BEN, CALENDAR, PUPILS

AT = datetime(2026, 1, 1, 9, 0, tzinfo=LONDON)
INVENTED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

HEADINGS = (
    "UPN",
    "Adno",
    "Date",
    "AM/PM",
    "Mark",
    "Minutes late",
    "Recorded at",
    "Surname",
    "DOB",
    "Year",
    "Starting day",
    "Leaving day",
    "SEN Status",
    "Ethnicity",
    "08/09/2025 AM",
    "08/09/2025 PM",
    "09/09/2025",
    "15/09/2025",
    "AM",
    "PM",
    "w/c 08/09/2025",
    "32/13/2025 AM",
    "Possible sessions",
    "Present sessions",
    "Attendance %",
    "PA flag",
    "Term",
    "Contact surname",
    "Mobile",
    "Email",
    "Postcode",
    "Order",
    "Group",
    "From",
    "Until",
    "Characteristic",
    "Value",
    "",
)
CELLS = (
    AMIRA,
    BEN,
    "000101",
    "",
    "-",
    "08/09/2025",
    "2025-09-12",
    "31/02/2025",
    "08/09/25",
    "45908",
    "AM",
    "PM",
    "/",
    "\\",
    "L",
    "C1",
    "c1",
    "H",
    "#",
    "Z",
    "?",
    "//",
    "/\\/\\/\\/\\##",
    "/\\",
    "----------",
    "12",
    "-1",
    "999999999",
    "1e9",
    "90.0%",
    "Y",
    "EHCP",
    "WBRI",
    "R",
    "Year 5",
    "04/09/2023",
    "08/09/2025 09:05",
    '="x"',
    "=1+1",
    "'=1",
    "\u0660",
    "SEN Status",
    "FSM",
    "07700 900123",
    "\ud7ff",
    "x" * 300,
)


def csv_text(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


@st.composite
def tables(draw: st.DrawFn) -> str:
    cells = st.one_of(st.sampled_from(CELLS), st.text(st.characters(codec="utf-8"), max_size=6))
    headings = draw(st.lists(st.one_of(st.sampled_from(HEADINGS), cells), min_size=1, max_size=7))
    rows = draw(st.lists(st.lists(cells, max_size=len(headings) + 1), min_size=1, max_size=6))
    return csv_text([headings, *rows])


@st.composite
def marks_tables(draw: st.DrawFn) -> str:
    """Tables with the headings of one of the shapes, so that most are read."""
    cells = st.sampled_from(CELLS)
    shape = draw(st.sampled_from(("long", "wide", "two rows", "weeks")))
    who = st.sampled_from((AMIRA, BEN, "Z999999999999", ""))
    rows = draw(st.lists(st.tuples(who, cells, cells, cells), min_size=1, max_size=8))
    headings = {
        "long": [["UPN", "Date", "Session", "Mark"]],
        "wide": [["UPN", "08/09/2025 AM", "08/09/2025 PM", "12/09/2025 AM"]],
        "two rows": [["", "08/09/2025", "", "09/09/2025"], ["UPN", "AM", "PM", "AM"]],
        "weeks": [["UPN", "08/09/2025", "15/09/2025", "w/e 26/09/2025"]],
    }[shape]
    if shape == "long":
        days = st.sampled_from(("08/09/2025", "09/09/2025", "12/09/2025", "01/01/2020", "soon"))
        codes = st.sampled_from(("/", "\\", "I", "H", "#", "", "-", "c1"))
        halves = st.sampled_from(("AM", "PM", "noon"))
        rows = draw(st.lists(st.tuples(who, days, halves, codes), min_size=1, max_size=8))
    elif shape == "weeks":
        # One that is a week, so that the shape is plain.
        rows.append((AMIRA, "/\\/\\/\\/\\##", "", ""))
    return csv_text([*headings, *map(list, rows)])


def pupils(folder: Path) -> PupilsRead:
    (folder / "pupils.csv").write_text(PUPILS, encoding="utf-8")
    return read_pupils(read_table(folder / "pupils.csv"), "Firstbell Primary School")


def table(folder: Path, text: str) -> Table:
    (folder / "any.csv").write_text(text, encoding="utf-8", newline="")
    return read_table(folder / "any.csv")


def marks(folder: Path, text: str) -> MarksRead:
    read = read_marks(table(folder, text), pupils(folder), read_calendar(CALENDAR), statute.england())
    assert read.rows_in_file == read.rows_read + read.rows_kept_aside + read.rows_agreeing_with_calendar
    assert min(read.rows_read, read.rows_kept_aside, read.rows_agreeing_with_calendar) >= 0
    return read


READERS: tuple[Callable[[Table, PupilsRead], object], ...] = (
    read_summary,
    read_contacts,
    read_groups,
    read_characteristics,
    lambda table, _: read_pupils(table, "school"),
    lambda table, pupils: preview_marks(table, pupils, statute.england()),
    lambda table, pupils: read_marks(table, pupils, read_calendar(CALENDAR), statute.england()),
)


@pytest.mark.parametrize("reader", range(len(READERS)))
@INVENTED
@given(text=tables())
def test_whatever_stands_in_a_table_a_reader_gives_problems(tmp_path: Path, reader: int, text: str) -> None:
    try:
        read = READERS[reader](table(tmp_path, text), pupils(tmp_path))
    except Unusable as refused:
        assert refused.problems
        return
    in_file: int | None = getattr(read, "rows_in_file", None)
    if in_file is not None:
        names = ("rows_read", "rows_kept_aside", "rows_agreeing_with_calendar")
        assert sum(getattr(read, name, 0) for name in names) == in_file


@INVENTED
@given(text=marks_tables())
def test_no_row_of_marks_is_lost_and_loading_twice_changes_nothing(tmp_path: Path, text: str) -> None:
    try:
        read = marks(tmp_path, text)
    except Unusable as refused:
        assert refused.problems
        return
    law, nothing = statute.england(), AttendanceRegister(())
    register = load_marks(nothing, read, law, at=AT).added_to(nothing)
    assert register.problems(law) == []
    again = load_marks(register, marks(tmp_path, text), law, at=AT)
    assert (again.saves, again.amendments) == ((), ())


@INVENTED
@given(text=marks_tables())
def test_what_was_kept_aside_is_kept_aside_again_until_it_is_corrected(tmp_path: Path, text: str) -> None:
    try:
        first = marks(tmp_path, text)
        kept = kept_aside_text(first.kept_aside)
        second = marks(tmp_path, kept) if len(first.kept_aside) else None
    except Unusable:
        return
    if second is not None and second.shape == first.shape == "long":
        assert second.rows_in_file == first.rows_kept_aside


@INVENTED
@given(text=st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_a_string_of_marks_holds_it_is_read_or_not(text: str) -> None:
    found = marks_of(text)
    assert found is None or all(isinstance(mark, str) for mark in found)


@INVENTED
@given(
    content=st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore"))
    )
)
def test_no_bytes_whatever_make_the_readers_of_xml_and_mappings_fail(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.xml"
    path.write_bytes(b"<CTfile>" + content)
    with pytest.raises(Unusable):
        read_ctf(path, statute.england())
    with pytest.raises(Unusable):
        read_mapping("kind =" + content.decode("utf-8", "ignore"), "mapping.toml")


NUMBERS = st.sampled_from(("", "0", "4", "-1", "four", "99999", "١", "1e3"))
DAYS = st.sampled_from(("", "2025-09-08", "08/09/2025", "0000-00-00", "9999-12-31", "1066-10-14"))


@INVENTED
@given(
    numbers=st.lists(NUMBERS, min_size=5, max_size=5),
    day=DAYS,
    marks=st.text(st.sampled_from("/\\#IC12Y-? ,\n&amp;"), max_size=30).filter(lambda text: "&" not in text),
)
def test_whatever_a_transfer_file_says_every_pupil_is_read_or_kept_aside(
    tmp_path: Path, numbers: list[str], day: str, marks: str
) -> None:
    names = ("Year", "SessionsPossible", "SessionsAttended", "SessionsAuthorised", "SessionsUnauthorised")
    said = "".join(f"<{name}>{number}</{name}>" for name, number in zip(names, numbers, strict=True))
    path = tmp_path / "any.xml"
    path.write_text(
        f"<CTfile><Header><DateTime>{day}</DateTime></Header><CTFpupilData><Pupil><UPN>{AMIRA}</UPN><Attendance>"
        f"<YearData>{said}<AttendSessions><AttendanceStartDate>{day}</AttendanceStartDate><AttendanceMarks>{marks}"
        "</AttendanceMarks></AttendSessions></YearData></Attendance></Pupil></CTFpupilData></CTfile>",
        encoding="utf-8",
    )
    read = read_ctf(path, statute.england())
    assert len(read.pupils) + read.pupils_kept_aside == read.pupils_in_file == 1
    assert bool(read.kept_aside) == bool(read.pupils_kept_aside)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (
        ("UPN", "Date", "AM/PM", "Mark"),
        (AMIRA, "08/09/2025", "AM", "/"),
        (BEN, 45908, "PM", "\\"),
    ):
        sheet.append(list(cells))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


WORKBOOK = workbook()


@INVENTED
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=8)), max_size=6
    ),
    length=st.integers(4, len(WORKBOOK)),
    whole=st.booleans(),
)
def test_a_workbook_damaged_anywhere_is_read_or_refused(
    tmp_path: Path, changes: list[tuple[int, bytes]], length: int, whole: bool
) -> None:
    content = bytearray(WORKBOOK if whole else WORKBOOK[:length])
    for at, more in changes:
        content[at : at + len(more)] = more
    path = tmp_path / "any.xlsx"
    path.write_bytes(content)
    try:
        assert len(read_table(path)) > 0
    except Unusable as refused:
        assert refused.problems


KEPT = record_text(
    Record(
        "Firstbell Primary School",
        "key",
        (Pupil("p", "Ashdown", "Amira", "", AMIRA, "000101"),),
        (Enrolment("e", "p", "Firstbell Primary School", date(2023, 9, 4)),),
        AttendanceRegister(
            (Save("s", Session(date(2025, 9, 8), Half.AM), ("e",), b"\x01", AT, AT, AT, "import"),),
            (
                Amendment(
                    "a", "e", Session(date(2025, 9, 8), Half.AM), "/", "L", "bus", AT, "import", "import", 4
                ),
            ),
        ),
    ),
    statute.england(),
)


@INVENTED
@given(st.data())
def test_whatever_has_become_of_a_record_it_is_read_or_refused(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(KEPT)))
    length = data.draw(st.integers(0, 40))
    damaged = KEPT[:place] + data.draw(st.binary(max_size=12)) + KEPT[place + length :]
    try:
        kept = read_record(damaged, "record.jsonl", statute.england())
    except Unusable as refused:
        assert "Ashdown" not in str(refused)
    else:
        assert {one.pupil for one in kept.enrolments} <= {one.id for one in kept.pupils}
