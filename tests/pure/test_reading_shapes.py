"""The same marks in every shape: one register; what is wrong keeps its file, its row and its column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from firstbell import statute
from firstbell.bench.importing import import_json, measure, write_files
from firstbell.exchange.contacts import phone_in_full, read_contacts
from firstbell.exchange.groups import read_characteristics, read_groups
from firstbell.exchange.importing import Imported, ImportFiles, import_files
from firstbell.exchange.kept_aside import kept_aside_text
from firstbell.exchange.loading import Loaded, load_marks
from firstbell.exchange.mapping import read_mapping, write_mapping
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.pupils import PupilsRead, read_pupils
from firstbell.exchange.summary import read_summary
from firstbell.exchange.tables import Table, read_table
from firstbell.exchange.weeks import marks_of
from firstbell.problems import Unusable
from firstbell.register import AttendanceRegister, Attribute, lay_strips
from firstbell.sessions import LONDON, Calendar, read_calendar

CALENDAR = """
school = "Firstbell Primary School"

[[year]]
name = "2025/26"

[[year.term]]
name       = "Autumn"
half_terms = [{ starts = 2025-09-08, ends = 2025-09-19 }]

[[closed]]
on  = 2025-09-12
why = "INSET"
"""
AMIRA, BEN = "B801200005001", "R674123101121"
PUPILS = f"""UPN,Adno,Surname,Forename,DOB,Year,Admission Date
{AMIRA},000101,Ashdown,Amira,11/02/2015,5,04/09/2023
{BEN},000102,Barrow,Ben,20/11/2014,5,04/09/2023
"""
LONG = f"""UPN,Date,AM/PM,Mark
{AMIRA},08/09/2025,AM,/
{AMIRA},08/09/2025,PM,C1
{AMIRA},09/09/2025,AM,-
{AMIRA},09/09/2025,PM,\\
{BEN},08/09/2025,AM,L
{BEN},08/09/2025,PM,
{BEN},09/09/2025,AM,I
{BEN},09/09/2025,PM,I
"""
WIDE = f"""UPN,Surname,08/09/2025 AM,08/09/2025 PM,09/09/2025 AM,09/09/2025 PM
{AMIRA},Ashdown,/,c1,-,\\
{BEN},Barrow, L ,,I,I
"""
TWO_ROWS = f""",,08/09/2025,,09/09/2025,
UPN,Surname,AM,PM,AM,PM
{AMIRA},Ashdown,/,C1,-,\\
{BEN},Barrow,L,,I,I
"""
DAYS_BELOW = f"""UPN,Surname,Morning,Afternoon,Morning,Afternoon
,,2025-09-08,2025-09-08,2025-09-09,2025-09-09
{AMIRA},Ashdown,/,C1,-,\\
{BEN},Barrow,L,,I,I
"""
WEEKS = f"""UPN,Surname,w/c 08/09/2025,15/09/2025
{AMIRA},Ashdown,/C1-\\----##,
{BEN},Barrow,"L,,I,I,,,,,#,#",----------
"""
SHAPES = {"long": LONG, "wide": WIDE, "two rows": TWO_ROWS, "days below": DAYS_BELOW, "weeks": WEEKS}


def school_calendar() -> Calendar:
    return read_calendar(CALENDAR)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def pupils(folder: Path) -> PupilsRead:
    return read_pupils(read_table(written(folder, "pupils.csv", PUPILS)), "Firstbell Primary School")


def read(folder: Path, text: str, name: str = "marks.csv") -> MarksRead:
    return read_path(folder, written(folder, name, text))


def read_path(folder: Path, path: Path) -> MarksRead:
    marks = read_marks(read_table(path), pupils(folder), school_calendar(), statute.england())
    assert marks.rows_in_file == marks.rows_read + marks.rows_kept_aside + marks.rows_agreeing_with_calendar
    return marks


def pictures(folder: Path, marks: MarksRead) -> list[str]:
    calendar = school_calendar()
    enrolments = pupils(folder).enrolments
    strips = lay_strips(enrolments, marks.register, {calendar.school: calendar}, statute.england())
    return [strips.picture(row) for row in range(len(enrolments))]


def errors(marks: MarksRead) -> list[str]:
    return [str(problem) for problem in marks.problems if problem.severity == "error"]


# --- shapes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_marks_in_every_shape_are_one_register(tmp_path: Path, shape: str) -> None:
    marks = read(tmp_path, SHAPES[shape])
    assert errors(marks) == []
    assert pictures(tmp_path, marks) == pictures(tmp_path, read(tmp_path, LONG))
    assert pictures(tmp_path, marks)[0].startswith("/C1 -\\")


def test_a_workbook_may_have_days_over_merged_cells(tmp_path: Path) -> None:
    rows: list[Sequence[object]] = [
        ("Registers of Year 5",),
        (None, date(2025, 9, 8), None, date(2025, 9, 9), None),
        ("UPN", "AM", "PM", "AM", "PM"),
        (AMIRA, "/", "C1", "-", "\\"),
        (BEN, "L", None, "I", "I"),
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in rows:
        sheet.append(list(cells))
    sheet.merge_cells("B2:C2")
    book.save(tmp_path / "marks.xlsx")
    marks = read_path(tmp_path, tmp_path / "marks.xlsx")
    assert pictures(tmp_path, marks) == pictures(tmp_path, read(tmp_path, LONG))


@pytest.mark.parametrize(
    "heading",
    ["08/09/2025 AM", "AM 08/09/2025", "Mon 08/09/2025 (AM)", "2025-09-08_Morning", "8 Sep 2025 a.m."],
)
def test_a_session_may_be_headed_as_people_write_it(tmp_path: Path, heading: str) -> None:
    marks = read(tmp_path, f"UPN,{heading}\n{AMIRA},/\n{BEN},L\n")
    assert [save.session.on for save in marks.register.saves] == [date(2025, 9, 8)]
    assert errors(marks) == []


@pytest.mark.parametrize(
    "heading", ["08/09/2025", "Week commencing 08/09/2025", "W/C: 8 Sep 2025", "w/e 12/09/2025"]
)
def test_a_week_may_be_headed_as_people_write_it(tmp_path: Path, heading: str) -> None:
    marks = read(tmp_path, f"UPN,{heading}\n{AMIRA},/\\/\\/\\/\\##\n")
    assert len(marks.register.saves) == 8
    assert errors(marks) == []


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("/\\/\\", ("/", "\\", "/", "\\")),
        ("/C1I", ("/", "C1", "I")),
        ("Y1Y2c2", ("Y1", "Y2", "c2")),
        ("/\\ I I", ("/", "\\", "I", "I")),
        ("/\\-#", ("/", "\\", "", "#")),
        ("1/", None),
    ],
)
def test_a_letter_with_digits_after_it_is_one_code(text: str, marks: tuple[str, ...] | None) -> None:
    assert marks_of(text) == marks


# --- what is wrong ---------------------------------------------------------------------------------------


def test_of_a_wide_row_only_the_wrong_cell_is_kept_aside(tmp_path: Path) -> None:
    marks = read(tmp_path, WIDE.replace("c1", "C9"))
    (kept,) = marks.kept_aside.rows
    assert (kept.row, kept.cells) == (2, (AMIRA, "Ashdown", "C9"))
    assert marks.kept_aside.headings == ("UPN", "Surname", "2025-09-08 PM")
    (problem,) = (problem for problem in marks.problems if problem.severity == "error")
    assert (problem.rule, problem.place.row, problem.place.column) == ("code-unknown", 2, "08/09/2025 PM")
    assert (marks.rows_read, marks.rows_kept_aside, marks.cells_kept_aside) == (1, 1, 1)
    assert pictures(tmp_path, marks)[0].startswith("/- -\\")


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_kept_aside_is_corrected_and_read_in_the_same_shape(tmp_path: Path, shape: str) -> None:
    wrong = {"c1": "C9", "C1": "C9"}
    text = SHAPES[shape]
    for code, other in wrong.items():
        text = text.replace(code, other)
    first = read(tmp_path, text)
    assert first.rows_kept_aside == 1
    again = read(tmp_path, kept_aside_text(first.kept_aside).replace("C9", "C1"), "again.csv")
    assert errors(again) == []
    assert again.shape == first.shape


def test_a_week_with_too_few_marks_is_not_read_at_all(tmp_path: Path) -> None:
    marks = read(tmp_path, f"UPN,08/09/2025,15/09/2025\n{AMIRA},/\\/\\,/\\/\\/\\/\\/\\\n")
    (problem,) = (problem for problem in marks.problems if problem.severity == "error")
    assert (problem.rule, problem.place.row, problem.place.column) == ("week-length", 2, "08/09/2025")
    assert marks.kept_aside.rows[0].cells == (AMIRA, "/\\/\\")
    assert len(marks.register.saves) == 10


def test_a_week_that_begins_on_no_monday_is_not_guessed_at(tmp_path: Path) -> None:
    marks = read(tmp_path, f"UPN,09/09/2025\n{AMIRA},/\\/\\/\\/\\##\n")
    assert {problem.rule for problem in marks.problems if problem.severity == "error"} == {"week-not-monday"}
    assert marks.register.saves == ()


def test_a_day_that_cannot_be_read_keeps_only_its_marks_aside(tmp_path: Path) -> None:
    marks = read(tmp_path, f"UPN,08/09/25 AM,09/09/2025 AM\n{AMIRA},/,/\n{BEN},,/\n")
    assert [(kept.row, kept.cells) for kept in marks.kept_aside.rows] == [(2, (AMIRA, "/"))]
    assert (marks.rows_read, marks.rows_in_file) == (1, 2)


def test_a_pupil_nobody_knows_keeps_the_whole_row_aside(tmp_path: Path) -> None:
    marks = read(tmp_path, WIDE + "Z999999999999,Nobody,/,\\,/,\\\n")
    (kept,) = marks.kept_aside.rows
    assert kept.cells == ("Z999999999999", "Nobody", "/", "\\", "/", "\\")
    assert len(kept.problems) == 1 or {problem.rule for problem in kept.problems} == {"pupil-unknown"}


def test_a_row_of_closures_agrees_with_the_calendar(tmp_path: Path) -> None:
    marks = read(tmp_path, f"UPN,12/09/2025 AM,12/09/2025 PM\n{AMIRA},#,#\n{BEN},#,/\n")
    assert (marks.rows_agreeing_with_calendar, marks.rows_kept_aside, marks.rows_read) == (1, 1, 0)


def test_a_file_without_days_says_what_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as refused:
        read(tmp_path, f"UPN,Colour\n{AMIRA},red\n")
    assert {problem.rule for problem in refused.value.problems} == {"column-missing"}


def test_titles_above_the_headings_are_said_and_not_read(tmp_path: Path) -> None:
    marks = read(tmp_path, "Marks of Year 5\nPrinted,12/09\n\n" + LONG)
    (problem,) = (problem for problem in marks.problems if problem.rule == "file-titles")
    assert problem.place.row == 4
    assert (marks.rows_in_file, marks.rows_read) == (8, 8)


# --- loading ---------------------------------------------------------------------------------------------

AT = datetime(2025, 9, 20, 9, 0, tzinfo=LONDON)
NOTHING = AttendanceRegister(())


def load(register: AttendanceRegister, marks: MarksRead, at: datetime = AT) -> Loaded:
    return load_marks(register, marks, statute.england(), at=at)


def test_a_file_loaded_twice_changes_nothing_in_whatever_shape(tmp_path: Path) -> None:
    register = load(NOTHING, read(tmp_path, LONG)).added_to(NOTHING)
    for shape in SHAPES.values():
        again = load(register, read(tmp_path, shape, "another name.csv"))
        assert (again.saves, again.amendments, again.unchanged) == ((), (), 6)


def test_a_later_file_that_changes_a_mark_amends_it_with_the_file_as_its_reason(tmp_path: Path) -> None:
    register = load(NOTHING, read(tmp_path, LONG)).added_to(NOTHING)
    later = load(register, read(tmp_path, WIDE.replace(" L ,,", "L,\\,").replace("I,I", "I,M"), "week 2.csv"))
    assert (later.filled, later.unchanged, len(later.amendments)) == (1, 5, 1)
    (amendment,) = later.amendments
    assert (amendment.original, amendment.amended, amendment.known_at) == ("I", "M", AT)
    assert amendment.reason == "changed in week 2.csv"
    after = later.added_to(register)
    assert after.problems(statute.england()) == []
    assert after.mark(amendment.enrolment, amendment.session, statute.england()) == "M"


def test_a_file_loaded_again_does_not_undo_what_was_amended_since(tmp_path: Path) -> None:
    first = read(tmp_path, LONG)
    register = load(NOTHING, first).added_to(NOTHING)
    later = load(register, read(tmp_path, WIDE.replace("I,I", "I,M"))).added_to(register)
    again = load(later, first, datetime(2025, 9, 21, 9, 0, tzinfo=LONDON))
    assert (again.saves, again.amendments) == ((), ())


def test_a_mark_recorded_before_the_registers_own_does_not_replace_it(tmp_path: Path) -> None:
    headings = "UPN,Date,AM/PM,Mark,Recorded at\n"
    register = load(
        NOTHING, read(tmp_path, f"{headings}{AMIRA},08/09/2025,AM,I,09/09/2025 10:00\n")
    ).added_to(NOTHING)
    older = load(register, read(tmp_path, f"{headings}{AMIRA},08/09/2025,AM,N,08/09/2025 09:05\n"))
    assert (older.amendments, [problem.rule for problem in older.problems]) == ((), ["mark-older"])
    newer = load(register, read(tmp_path, f"{headings}{AMIRA},08/09/2025,AM,M,10/09/2025 09:05\n"))
    assert [(one.original, one.amended, one.known_at.day) for one in newer.amendments] == [("I", "M", 10)]


# --- figures, contacts, groups, characteristics ----------------------------------------------------------


def table_of(folder: Path, text: str) -> Table:
    return read_table(written(folder, "rows.csv", text))


def test_figures_are_read_as_stated_and_what_does_not_add_up_is_said(tmp_path: Path) -> None:
    text = f"""UPN,Academic Year,Term,Possible Sessions,Present Sessions,Absent Sessions (Authorised),\
Absent Sessions (Unauthorised),Late (Before Close),Late (After Close),Attendance %,PA Flag
{AMIRA},2025-2026,Autumn,140,126,10,4,3,1,90.0,Y
{BEN},2025-2026,Autumn,140,130,10,4,,,92.9%,N
{BEN},2025-2026,Spring,120,119,1,0,,,98.1,N
{BEN},2025-2026,Spring,120,119,1,0,,,99.2,N
{AMIRA},2025-2026,Spring,100,101,0,0,,,,
Z999999999999,2025-2026,Autumn,1,1,0,0,,,,
"""
    read = read_summary(table_of(tmp_path, text), pupils(tmp_path))
    assert [(one.term, one.possible, one.attended, one.late_after_close) for one in read.figures] == [
        ("Autumn", 140, 126, 1),
        ("Autumn", 140, 130, None),
        ("Spring", 120, 119, None),
    ]
    said = {problem.rule: (problem.severity, problem.place.row) for problem in read.problems}
    assert said == {
        "figures-totals": ("warning", 3),
        "figures-rate": ("warning", 4),
        "figures-twice": ("error", 5),
        "figures-impossible": ("error", 6),
        "pupil-unknown": ("error", 7),
    }
    assert (read.rows_read, read.rows_kept_aside, read.rows_in_file) == (3, 3, 6)


def test_a_parent_of_two_pupils_is_one_person_and_a_repr_shows_nothing(tmp_path: Path) -> None:
    text = f"""UPN,Priority,Contact Surname,Contact Forename,Relationship,\
Parental Responsibility,Court Order,Mobile,Email,Address 1,Postcode
{AMIRA},1,Ashdown,Nadia,Mother,Yes,No,07700 900123,nadia@example.org,1 Elm Road,ZZ9 9ZZ
{BEN},2,Ashdown,Nadia,Carer,No,No,7700900123,nadia@example.org,1 Elm Road,M1 1AE
{BEN},1,Barrow,Tom,Father,Yes,Yes,12345,tom,,
{BEN},3,,,Aunt,,,,,,
"""
    read = read_contacts(table_of(tmp_path, text), pupils(tmp_path))
    first, second, third = read.contacts
    assert first.person == second.person != third.person
    assert [phone_in_full(one.phones[0]) for one in read.contacts] == ["+447700900123", "+447700900123", ""]
    assert (third.may_be_written_to, third.responsible, first.order) == (False, "yes", 1)
    said = {(problem.rule, problem.severity) for problem in read.problems}
    assert said == {
        ("phone", "warning"),
        ("email", "warning"),
        ("postcode", "warning"),
        ("contact-unnamed", "error"),
    }
    assert (read.rows_read, read.rows_kept_aside) == (3, 1)
    shown = f"{read!r}{first!r}{read.problems!r}{[str(problem) for problem in read.problems]}"
    assert [
        secret for secret in ("Ashdown", "Nadia", "77009", "tom", "12345", "Elm", "Mother") if secret in shown
    ] == []


def test_a_court_order_in_words_forbids_writing_and_is_not_repeated(tmp_path: Path) -> None:
    text = f"UPN,Contact Surname,Court Order\n{AMIRA},Ashdown,Not to collect her\n{BEN},Barrow,\n"
    read = read_contacts(table_of(tmp_path, text), pupils(tmp_path))
    assert [one.may_be_written_to for one in read.contacts] == [False, True]
    (problem,) = read.problems
    assert "collect" not in f"{problem}{problem!r}"


def test_groups_and_characteristics_hold_from_a_day_until_another(tmp_path: Path) -> None:
    groups = read_groups(
        table_of(
            tmp_path,
            f"UPN,Group,Kind,From,Until\n{AMIRA},Breakfast club,club,08/09/2025,\n"
            f"{BEN},5A,,09/09/2025,08/09/2025\n",
        ),
        pupils(tmp_path),
    )
    (one,) = groups.memberships
    assert (one.group, one.from_on, one.until_on) == ("Breakfast club", date(2025, 9, 8), None)
    assert [problem.rule for problem in groups.problems] == ["spell-order"]
    known = read_characteristics(
        table_of(
            tmp_path,
            f"UPN,Characteristic,Value,From,Until\n{AMIRA},SEN Status,EHCP,08/09/2025,\n"
            f"{AMIRA},FSM,Eligible,,\n"
            f"{BEN},SEN Status,perhaps,,\n{BEN},Locker,Kestrel,,\n",
        ),
        pupils(tmp_path),
    )
    (held,) = known.attributes.values()
    assert held == (Attribute("SEN", "E", date(2025, 9, 8)), Attribute("FSM", "yes"))
    assert {problem.rule for problem in known.problems} == {"value-unknown", "characteristic-unknown"}
    assert (known.rows_read, known.rows_kept_aside, known.rows_in_file) == (2, 2, 4)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("White - British", {"ethnicity": "WBRI", "ethnic group": "White"}),
        ("BSOM", {"ethnicity": "BAFR", "ethnic group": "Black", "ethnicity as recorded": "BSOM"}),
        ("CHNE", {"ethnicity": "CHNE", "ethnic group": "Asian"}),
        ("XQQQ", {"ethnicity": "XQQQ"}),
    ],
)
def test_a_code_of_ethnicity_keeps_what_was_recorded(tmp_path: Path, text: str, held: dict[str, str]) -> None:
    table = table_of(tmp_path, f"UPN,Admission Date,Ethnicity\n{AMIRA},04/09/2023,{text}\n")
    (enrolment,) = read_pupils(table, "school").enrolments
    assert {one.name: one.value for one in enrolment.attributes} == held


# --- mappings, previews, imports -------------------------------------------------------------------------

ODD = f"""Learner,When,Half,What happened,House
{AMIRA},08/09/2025,AM,/,Kestrel
{BEN},08/09/2025,AM,L,Merlin
"""
MAPPING = """
kind = "marks"
shape = "long"
unused = ["House"]

[columns]
upn = "Learner"
on = "When"
half = "Half"
mark = "What happened"
"""


def imported(folder: Path, marks: str, *mappings: str, dry_run: bool | None = None) -> Imported:
    files = ImportFiles(
        written(folder, "calendar.toml", CALENDAR),
        written(folder, "pupils.csv", PUPILS),
        marks=[written(folder, "marks.csv", marks)],
        mappings=[written(folder, f"mapping-{n}.toml", text) for n, text in enumerate(mappings)],
    )
    return import_files(files, statute.england(), at=AT, dry_run=dry_run)


def test_headings_nobody_knows_are_read_by_a_mapping(tmp_path: Path) -> None:
    mapping = read_mapping(MAPPING, "mapping.toml")
    assert read_mapping(write_mapping(mapping), "again.toml") == mapping
    table = table_of(tmp_path, ODD)
    marks = read_marks(table, pupils(tmp_path), school_calendar(), statute.england(), mapping=mapping)
    assert (marks.rows_read, marks.problems) == (2, ())


@pytest.mark.parametrize(
    "text",
    ["kind = 'register'", "kind = 'marks'\nshape = 'round'", "kind = 'marks'\nheadings_row = 0", "kind =",
     "kind = 'marks'\n[columns]\ncolour = 'Red'", "kind = 'marks'\ncolumns = 3", "kind = 'marks'\nhue = 1",
     "kind = ['marks']", "kind = 'marks'\nunused = 'House'"],
)  # fmt: skip
def test_a_mapping_with_a_fault_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(Unusable) as refused:
        read_mapping(text, "mapping.toml")
    assert {problem.rule for problem in refused.value.problems} == {"mapping"}


def test_the_first_sight_of_an_export_is_a_dry_run_and_gives_its_mapping(tmp_path: Path) -> None:
    first = imported(tmp_path, WIDE)
    assert first.is_dry_run
    assert "pupils.csv, marks.csv" in first.why_dry
    mappings = [first.files["mapping-pupils.toml"], first.files["mapping-marks.toml"]]
    second = imported(tmp_path, WIDE.replace("08/09/2025", "15/09/2025"), *mappings)
    assert (second.is_dry_run, second.has_errors) == (False, False)
    changed = imported(tmp_path, WIDE.replace("Surname", "Family name"), *mappings)
    assert changed.is_dry_run
    assert "mapping-does-not-fit" in {problem.rule for problem in changed.problems}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_preview_shows_the_first_rows_as_they_were_understood(tmp_path: Path, shape: str) -> None:
    shown = imported(tmp_path, SHAPES[shape]).previews[-1].text()
    assert "Ashdown, Amira: Mon 8 September 2025 AM /" in shown
    assert "as it was understood" in shown


def test_an_import_writes_what_was_kept_aside_and_every_problem(tmp_path: Path) -> None:
    read = imported(tmp_path, LONG.replace("C1", "=C9"), dry_run=False)
    assert read.has_errors
    assert "'=C9" in read.files["kept-aside-marks.csv"]
    assert "code-unknown" in read.files["problems.csv"]
    assert str(read.done[-1]) == "marks.csv (marks): 8 rows, 7 read, 1 kept aside; 5 new marks, 0 amendments"
    assert len(read.register.saves) == 3


def test_the_benchmark_counts_every_row_of_its_file(tmp_path: Path) -> None:
    marks, pupil_file, faulty = write_files(tmp_path, 6)
    measured = measure("firstbell", marks, pupil_file)
    assert measured["rows"] == len(marks.read_text(encoding="utf-8").splitlines()) - 1
    said = import_json(measured, {"seconds": 1000.0, "rows": measured["rows"]}, faulty)
    assert faulty > 10
    assert said["all_rows_accounted_for"]
    # A handful of pupils is a small file, of which the interpreter alone takes many times the memory.
    assert not said["goals_met"]
