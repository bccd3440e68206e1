"""Common transfer files: attendance at earlier schools, tolerant of totals and strict about marks."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest

from firstbell import statute
from firstbell.exchange.ctf import CtfFile, read_ctf
from firstbell.exchange.tables import read_table
from firstbell.exchange.xml import BLOCK
from firstbell.problems import Unusable
from firstbell.sessions import Half, Session

HEADER = """<Header>
  <DocumentName>Common Transfer File</DocumentName><CTFversion>25.0</CTFversion>
  <DateTime>2025-09-20T04:26:45</DateTime>
  <SourceSchool><LEA>823</LEA><Estab>4321</Estab>
    <SchoolName>Invented Primary School</SchoolName></SourceSchool>
  <DestSchool><LEA>823</LEA><Estab>5401</Estab></DestSchool>
</Header>"""
SESSIONS = (
    "<AttendSessions><AttendanceStartDate>2025-09-08</AttendanceStartDate>"
    "<AttendanceMarks>{}</AttendanceMarks></AttendSessions>"
)


def pupil(marks: str = "", *, upn: str = "B801200005001", attended: object = 3, possible: object = 4) -> str:
    sessions = SESSIONS.format(marks) if marks else ""
    return f"""<Pupil><UPN>{upn}</UPN><Surname>ASHDOWN</Surname><Forename>AMIRA</Forename>
    <DOB>2015-02-11</DOB>
    <Sex>F</Sex><Attendance><YearData><Year>2025</Year><LEA>823</LEA><Estab>4321</Estab>
    <SessionsPossible>{possible}</SessionsPossible><SessionsAuthorised>1</SessionsAuthorised>
    <SessionsAttended>{attended}</SessionsAttended><SessionsUnauthorised>0</SessionsUnauthorised>{sessions}
    </YearData></Attendance></Pupil>"""


def ctf(folder: Path, *pupils: str, name: str = "8234321_CTF_8235401_001.xml", before: str = "") -> CtfFile:
    path = folder / name
    path.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n{before}<CTfile>{HEADER}<CTFpupilData>{"".join(pupils)}'
        "</CTFpupilData></CTfile>",
        encoding="utf-8",
    )
    read = read_ctf(path, statute.england())
    assert len(read.pupils) + read.pupils_kept_aside == read.pupils_in_file
    return read


def rules(read: CtfFile) -> list[str]:
    return [problem.rule for problem in read.problems]


def test_the_numbers_of_a_year_are_read_with_the_school_that_counted_them(tmp_path: Path) -> None:
    read = ctf(tmp_path, pupil())
    (year,) = read.pupils[0].years
    assert (year.possible, year.attended, year.authorised, year.unauthorised) == (4, 3, 1, 0)
    assert (year.school.laestab, read.source.laestab, read.written_on) == (
        "8234321",
        "8234321",
        date(2025, 9, 20),
    )
    assert read.problems == ()


def test_marks_stand_two_a_day_and_a_letter_with_a_digit_is_one(tmp_path: Path) -> None:
    (year,) = ctf(tmp_path, pupil("/\\C1\\##")).pupils[0].years
    monday, tuesday = date(2025, 9, 8), date(2025, 9, 9)
    assert year.marks == (
        (Session(monday, Half.AM), "/"),
        (Session(monday, Half.PM), "\\"),
        (Session(tuesday, Half.AM), "C1"),
        (Session(tuesday, Half.PM), "\\"),
    )


@pytest.mark.parametrize("marks", ["/\\I\\##", "/\\ i\\ ##", "/,\\,I,\\,#,#"])
def test_separators_and_small_letters_make_no_difference(tmp_path: Path, marks: str) -> None:
    read = ctf(tmp_path, pupil(marks))
    assert [mark for _, mark in read.pupils[0].years[0].marks] == ["/", "\\", "I", "\\"]
    assert read.problems == ()


@pytest.mark.parametrize("marks", ["/\\I", "/\\" * 30, "/\\?\\", "/\\9\\", "/\\Z9\\"])
def test_of_marks_that_do_not_fit_only_the_numbers_are_read(tmp_path: Path, marks: str) -> None:
    read = ctf(tmp_path, pupil(marks))
    (year,) = read.pupils[0].years
    assert (year.possible, year.marks, year.raw_marks, rules(read)) == (4, (), marks, ["ctf-marks"])


def test_numbers_that_do_not_add_up_are_a_warning(tmp_path: Path) -> None:
    read = ctf(tmp_path, pupil(attended=2))
    assert (len(read.pupils), [(p.rule, p.severity) for p in read.problems]) == (
        1,
        [("ctf-totals", "warning")],
    )


def test_marks_that_come_to_other_numbers_are_a_warning(tmp_path: Path) -> None:
    assert rules(ctf(tmp_path, pupil("/\\IL" + "LO"))) == ["ctf-counts"]


def test_a_pupil_kept_aside_is_corrected_and_read_again(tmp_path: Path) -> None:
    first = ctf(tmp_path, pupil(), pupil(possible="four"), pupil(upn="R674123101121"))
    assert (first.pupils_in_file, len(first.pupils), rules(first)) == (3, 2, ["ctf-number"])
    assert first.problems[0].place.part == "pupil 2"
    again = tmp_path / "8234321_CTF_8235401_002.xml"
    again.write_text(first.kept_aside.replace("four", "4"), encoding="utf-8")
    second = read_ctf(again, statute.england())
    assert (len(second.pupils), second.problems, second.kept_aside) == (1, (), "")


def test_a_repr_of_a_pupil_shows_nothing_personal(tmp_path: Path) -> None:
    read = ctf(tmp_path, pupil("/\\I\\"))
    assert [secret for secret in ("ASHDOWN", "AMIRA", "B8012", "2015", "\\\\") if secret in repr(read)] == []


# --- limits ----------------------------------------------------------------------------------------------

LAUGHS = (
    "<!DOCTYPE CTfile [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(10))
    + "]>\n"
)


@pytest.mark.parametrize("before", [LAUGHS, "<!DOCTYPE CTfile SYSTEM 'file:///etc/hostname'>"])
def test_definitions_of_entities_are_refused(tmp_path: Path, before: str) -> None:
    with pytest.raises(Unusable) as refused:
        ctf(tmp_path, pupil(), before=before)
    assert [problem.rule for problem in refused.value.problems] == ["file-entities"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("<CTfile><Header>", "file-not-xml"),
        ("", "file-not-xml"),
        ("UPN,Mark\nA,/\n", "file-not-xml"),
        ("<Register/>", "file-kind"),
        ("<CTfile>" + "<a>" * 60 + "</a>" * 60 + "</CTfile>", "file-too-deep"),
        (
            f"<CTfile><CTFpupilData><Pupil><UPN>{'x' * (1 << 20)}x</UPN></Pupil></CTFpupilData></CTfile>",
            "file-line-too-long",
        ),
        ('<?xml version="1.0" encoding="klingon"?><CTfile/>', "file-not-xml"),
    ],
)
def test_what_is_no_transfer_file_is_refused_with_a_reason(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "any.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unusable) as refused:
        read_ctf(path, statute.england())
    assert [problem.rule for problem in refused.value.problems] == [rule]


READING = """
import resource, sys
from pathlib import Path
from firstbell import statute
from firstbell.exchange.ctf import read_ctf
from firstbell.exchange.tables import read_table
from firstbell.problems import Unusable
path = Path(sys.argv[1])
law = statute.england()
try:
    read_ctf(path, law) if path.suffix == ".xml" else read_table(path)
    print("read")
except Unusable as refused:
    print(refused.problems[0].rule)
# The most that this process itself ever held: that of getrusage can be the parent's, from before exec.
status = Path("/proc/self/status")
if status.exists():
    held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    peak = int(held.split()[1])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak // (1024 if sys.platform != "darwin" else 1 << 20))
"""


def zeros(path: Path, part: str, mebibytes: int, *, claims: int | None = None) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packing:
        packing.writestr("xl/workbook.xml", "<workbook/>")
        with packing.open(part, "w", force_zip64=False) as stream:
            for _ in range(mebibytes):
                stream.write(b"0" * (1 << 20))
    if claims is not None:
        data = path.read_bytes()
        true = (mebibytes << 20).to_bytes(4, "little")
        path.write_bytes(data.replace(true, claims.to_bytes(4, "little")))


def bomb(path: Path, kind: str) -> None:
    if kind == "unpacks to 900 MiB":
        zeros(path, "xl/sharedStrings.xml", 900)
    elif kind == "says it is small":
        zeros(path, "xl/sharedStrings.xml", 700, claims=1000)
    elif kind == "100 times its size":
        zeros(path, "xl/worksheets/sheet1.xml", 30)
    elif kind == "a long line":
        with path.open("wb") as file:
            file.write(b"UPN,Mark\n")
            for _ in range(400):
                file.write(b"x" * (1 << 20))
    elif kind == "a long line in UTF-16":
        with path.open("wb") as file:
            file.write(b"\xff\xfe")
            for _ in range(200):
                file.write("x\u4e00".encode("utf-16-le") * (1 << 18))
    elif kind == "a long tag":
        with path.open("wb") as file:
            file.write(b"<CTfile><CTFpupilData><Pupil a='")
            for _ in range(400 * 16):
                file.write(b"x" * BLOCK)
    else:
        with path.open("wb") as file:
            file.truncate((512 << 20) + 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "name", "rule"),
    [
        ("unpacks to 900 MiB", "m.xlsx", "file-too-large"),
        ("says it is small", "m.xlsx", "file-too-large"),
        ("100 times its size", "m.xlsx", "file-too-large"),
        ("a long line", "m.csv", "file-line-too-long"),
        ("a long line in UTF-16", "m.csv", "file-line-too-long"),
        ("a long tag", "m.xml", "file-line-too-long"),
        ("a file of more than 512 MiB", "m.csv", "file-too-large"),
        ("a file of more than 512 MiB", "m.xml", "file-too-large"),
    ],
)
def test_a_trap_is_refused_whole_in_little_memory(tmp_path: Path, kind: str, name: str, rule: str) -> None:
    path = tmp_path / name
    bomb(path, kind)
    before = path.stat().st_mtime_ns, path.stat().st_size
    done = subprocess.run(
        [sys.executable, "-c", READING, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    said, peak = done.stdout.split()
    assert (said, int(peak) < 300) == (rule, True), peak
    assert (path.stat().st_mtime_ns, path.stat().st_size) == before


def test_a_workbook_that_defines_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with zipfile.ZipFile(path, "w") as packing:
        packing.writestr("xl/workbook.xml", f'<?xml version="1.0"?>{LAUGHS}<workbook>&k;</workbook>')
    with pytest.raises(Unusable) as refused:
        read_table(path)
    assert [problem.rule for problem in refused.value.problems] == ["file-entities"]
