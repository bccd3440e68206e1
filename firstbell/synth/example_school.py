"""The files that the small invented school's system would export.

The school is written down in `example-school.toml`, by exceptions: who was not simply present. Here it
becomes rows with the headings and the days that systems write, faults included, so that a demonstration
reads files exactly like a user's. The same bytes every time.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell

from firstbell.exchange.pupils import check_letter
from firstbell.register import read_day
from firstbell.sessions import Calendar, Half, Session, read_calendar
from firstbell.statute import Statute, england

__all__ = ["ExampleFiles", "example_school_files", "write_example_school"]

PUPILS, MARKS, MARKS_XLSX, CALENDAR = "pupils.csv", "marks.csv", "marks.xlsx", "calendar.toml"
PUPIL_HEADINGS = (
    "UPN", "Adno", "Legal Surname", "Legal Forename", "Gender", "DOB", "Year", "Reg", "Admission Date",
    "Leaving Date", "Enrolment Status", "FSM Eligible", "SEN Status", "First Language", "House",
)  # fmt: skip
MARK_HEADINGS = ("UPN", "Adno", "Legal Surname", "Reg", "Mark Date", "AM/PM", "Mark", "Mins Late")
HOUSES = ("Kestrel", "Merlin", "Osprey")
"""One for each pupil, whatever the class."""

LINE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?(?: ([A-Z][a-z]{2}(?:,[A-Z][a-z]{2})*))? (\S+)(?: (\d+))?"
)
STRANGER = {"surname": "Ferry", "group": "3 Elm", "starts": date(2025, 6, 3), "ends": date.min}
"""A pupil whom the pupils file does not have: there are only the odd rows."""
UNCHANGING = (1980, 1, 1, 0, 0, 0)
"""The time that all parts of a packed file carry, because the clock would change its bytes."""


@dataclass(frozen=True)
class ExampleFiles:
    """Where the files of the example school are; `marks` and `marks_xlsx` say the same."""

    pupils: Path
    marks: Path
    marks_xlsx: Path
    calendar: Path


@dataclass(frozen=True)
class _Row:
    """One row of the marks file. `said` is the day as the file has it, where that is no day."""

    pupil: Mapping[str, Any]
    session: Session
    mark: str
    minutes: int | None = None
    said: str = ""

    @property
    def day_text(self) -> str:
        return self.said or f"{self.session.on:%d/%m/%Y}"


def write_example_school(folder: Path) -> ExampleFiles:
    """Writes the example school's files into a folder, readable by their owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in example_school_files().items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content)
    return ExampleFiles(*(folder / name for name in (PUPILS, MARKS, MARKS_XLSX, CALENDAR)))


def example_school_files() -> dict[str, bytes]:
    """The files of the example school: pupils, marks as CSV and as a workbook, and the calendar."""
    school = tomllib.loads(_text("example-school.toml"))
    calendar_text = _text("example-calendar.toml")
    rows = list(_rows(school, read_calendar(calendar_text, CALENDAR), england()))
    return {
        PUPILS: _csv(PUPIL_HEADINGS, (_pupil_cells(pupil, school) for pupil in school["pupil"])),
        MARKS: _csv(MARK_HEADINGS, (_mark_cells(row, school) for row in rows)),
        MARKS_XLSX: _workbook(rows, school),
        CALENDAR: calendar_text.encode(),
    }


def _text(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _rows(school: Mapping[str, Any], calendar: Calendar, statute: Statute) -> Iterator[_Row]:
    """The rows pupil by pupil, in the order of time, with the odd ones where they belong."""
    pupils = {pupil["number"]: pupil for pupil in school["pupil"]}
    odd: dict[int, list[Mapping[str, Any]]] = {}
    for one in school["odd_row"]:
        odd.setdefault(one["number"], []).append(one)
    for number in sorted({*pupils, *odd}):
        pupil = pupils.get(number) or {**STRANGER, "number": number}
        rows = list(_rows_of(pupil, school, calendar, statute))
        for one in odd.get(number, ()):
            session = Session.read(one["session"])
            row = _Row(pupil, session, one["mark"], said=one.get("date", ""))
            places = [place for place, known in enumerate(rows) if known.session == session]
            if one.get("more"):
                rows.insert(places[0] + 1 if places else len(rows), row)
            else:
                rows[places[0]] = replace(row, minutes=rows[places[0]].minutes)
        yield from rows


def _rows_of(
    pupil: Mapping[str, Any], school: Mapping[str, Any], calendar: Calendar, statute: Statute
) -> Iterator[_Row]:
    last_on = min(pupil.get("ends", school["marks_end"]), school["marks_end"])
    first_on = max(pupil["starts"], calendar.starts_on)
    marks: dict[Session, tuple[str, int | None]] = {}
    _lay(marks, f"{first_on}..{last_on} {school['present']}", calendar, statute)
    for closure in calendar.closures:
        if first_on <= closure.on <= last_on:
            for half, mark in zip(Half, read_day(school["closed"]), strict=True):
                marks[Session(closure.on, half)] = (mark, None)
    for line in school["everyone"]:
        if first_on <= date.fromisoformat(line[:10]) <= last_on:
            _lay(marks, line, calendar, statute)
    for line in pupil.get("marks", ()):
        _lay(marks, line, calendar, statute)
    for session in sorted(marks):
        yield _Row(pupil, session, *marks[session])


def _lay(
    marks: dict[Session, tuple[str, int | None]], line: str, calendar: Calendar, statute: Statute
) -> None:
    """Lays one line of the school file on the school days that it names."""
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError(f'"{line}" is not a line of marks: write it as 2024-10-07..2024-10-18 OO.')
    first, last, weekdays, said, late = found.groups()
    for day in calendar.school_days(date.fromisoformat(first), date.fromisoformat(last or first)):
        if weekdays and f"{day:%a}" not in weekdays.split(","):
            continue
        for half, mark in zip(Half, read_day(said), strict=True):
            code = statute.on(day).code(mark)
            marks[Session(day, half)] = (mark, int(late) if late and code and code.late else None)


def _upn(pupil: Mapping[str, Any], school: Mapping[str, Any]) -> str:
    """A UPN with its right first letter, of a local authority that does not exist."""
    if "upn" in pupil:
        return str(pupil["upn"])
    number = f"{school['authority']}{school['establishment']}{pupil['starts']:%y}{pupil['number']:03d}"
    mistyped = {one["number"]: one["letter"] for one in school["odd_upn"]}
    return f"{mistyped.get(pupil['number'], check_letter(f'?{number}'))}{number}"


def _pupil_cells(pupil: Mapping[str, Any], school: Mapping[str, Any]) -> list[str]:
    ends = pupil.get("ends")
    return [
        _upn(pupil, school),
        f"{pupil['number']:06d}",
        pupil["surname"],
        pupil["forename"],
        pupil["sex"],
        f"{pupil['born']:%d/%m/%Y}",
        f"Year {pupil['year']}",
        pupil["group"],
        f"{pupil['starts']:%d/%m/%Y}",
        f"{ends:%d/%m/%Y}" if ends else "",
        pupil.get("registration", "C"),
        pupil.get("fsm", "N"),
        pupil.get("sen", "N"),
        pupil.get("language", "English"),
        HOUSES[pupil["number"] % len(HOUSES)],
    ]


def _mark_cells(row: _Row, school: Mapping[str, Any]) -> list[str]:
    return [
        _upn(row.pupil, school),
        f"{row.pupil['number']:06d}",
        row.pupil["surname"],
        row.pupil["group"],
        row.day_text,
        row.session.half.name,
        row.mark or "-",
        "" if row.minutes is None else str(row.minutes),
    ]


def _csv(headings: Sequence[str], rows: Iterator[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _workbook(rows: Sequence[_Row], school: Mapping[str, Any]) -> bytes:
    """The marks as a workbook: days are days in it and numbers numbers, so their leading zeros are gone."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("Session marks")
    sheet.append(MARK_HEADINGS)
    for row in rows:
        cells: list[Any] = list(_mark_cells(row, school))
        day = WriteOnlyCell(sheet)
        day.value = row.said or row.session.on
        day.number_format = "DD/MM/YYYY"
        sheet.append([cells[0], int(cells[1]), *cells[2:4], day, *cells[5:7], row.minutes])
    packed = io.BytesIO()
    workbook.save(packed)
    return _without_clock(packed.getvalue())


def _without_clock(packed: bytes) -> bytes:
    """The same workbook without the times at which it and its parts were written."""
    plain = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(plain, "w") as new:
        for name in sorted(old.namelist()):
            part = zipfile.ZipInfo(name, UNCHANGING)
            part.compress_type = zipfile.ZIP_DEFLATED
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", content)
            new.writestr(part, content)
    return plain.getvalue()
