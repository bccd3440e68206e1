"""What would be loaded from the files of a school, and what of them cannot be?

Reads every file, says what was understood and what was not, and gives everything that is to be written. It
writes nothing itself. A file whose headings nobody has confirmed yet is a dry run, so that the first sight
of an export is a look at it and not a load.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from firstbell.exchange.calendars import read_calendar_file
from firstbell.exchange.columns import find_columns
from firstbell.exchange.contacts import ContactsRead, read_contacts
from firstbell.exchange.ctf import CtfFile, read_ctf
from firstbell.exchange.groups import CharacteristicsRead, GroupsRead, read_characteristics, read_groups
from firstbell.exchange.kept_aside import KeptAside, kept_aside_text
from firstbell.exchange.loading import load_marks
from firstbell.exchange.mapping import ColumnMapping, Kind, mapping_of, read_mapping, write_mapping
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.preview import Preview, preview, preview_marks
from firstbell.exchange.pupils import PupilsRead, read_pupils
from firstbell.exchange.shapes import headings_of, in_rows, shape_of
from firstbell.exchange.summary import SummaryRead, read_summary
from firstbell.exchange.tables import Table, read_table, read_text
from firstbell.problems import Place, Problem
from firstbell.register import AttendanceRegister
from firstbell.reports.tables import neutralised
from firstbell.sessions import Calendar
from firstbell.statute import Statute

__all__ = ["FileImported", "ImportFiles", "Imported", "import_files"]


class _AnyRead(Protocol):
    """What the readings of all files have."""

    @property
    def problems(self) -> tuple[Problem, ...]: ...
    @property
    def kept_aside(self) -> KeptAside: ...
    @property
    def rows_in_file(self) -> int: ...
    @property
    def rows_read(self) -> int: ...


_Read = TypeVar("_Read", bound=_AnyRead)

PROBLEM_HEADINGS = (
    "Severity", "File", "Row", "Column", "Part", "Rule", "Value", "What is wrong", "Remedy", "Source",
)  # fmt: skip


@dataclass(frozen=True)
class ImportFiles:
    """The files of one school. `marks` are in the order in which they are to be loaded."""

    calendar: Path
    pupils: Path
    marks: Sequence[Path] = ()
    summaries: Sequence[Path] = ()
    contacts: Sequence[Path] = ()
    groups: Sequence[Path] = ()
    characteristics: Sequence[Path] = ()
    ctf: Sequence[Path] = ()
    mappings: Sequence[Path] = ()


@dataclass(frozen=True, eq=False)
class FileImported:
    """What became of one file: rows in it, read, kept aside, and agreeing with the calendar."""

    file: str
    kind: str
    rows: int
    read: int
    kept_aside: int
    agreeing: int = 0
    more: str = ""

    def __str__(self) -> str:
        agreeing = f", {self.agreeing:,} agree with the calendar" if self.agreeing else ""
        more = f"; {self.more}" if self.more else ""
        rows = "pupils" if self.kind == "ctf" else "rows"
        return (
            f"{self.file} ({self.kind}): {self.rows:,} {rows}, {self.read:,} read, "
            f"{self.kept_aside:,} kept aside{agreeing}{more}"
        )


@dataclass(frozen=True, eq=False)
class Imported:
    """What the files say together. `files` are to be written: rows kept aside, mappings, all problems.

    `is_dry_run` says that nothing of it may be loaded yet, `why_dry` why.
    """

    calendar: Calendar
    pupils: PupilsRead
    register: AttendanceRegister
    marks: tuple[MarksRead, ...]
    summaries: tuple[SummaryRead, ...]
    contacts: tuple[ContactsRead, ...]
    groups: tuple[GroupsRead, ...]
    characteristics: tuple[CharacteristicsRead, ...]
    ctf: tuple[CtfFile, ...]
    digests: tuple[str, ...]
    done: tuple[FileImported, ...]
    previews: tuple[Preview, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    files: Mapping[str, str] = field(repr=False)
    is_dry_run: bool
    why_dry: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether anything was kept aside or found wrong."""
        return any(problem.severity == "error" for problem in self.problems)


def import_files(
    files: ImportFiles,
    statute: Statute,
    *,
    at: datetime,
    register: AttendanceRegister | None = None,
    loaded: Sequence[str] = (),
    dry_run: bool | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Imported:
    """What the files add to `register`, at the moment `at`; `loaded` are the digests of earlier files.

    `dry_run` None: a dry run if the headings of any file are not those of one of the mappings. `progress`
    is told the name of each file before it is read. Raises `Unusable` if any file cannot be used at all:
    then nothing is to be loaded from the others either.
    """
    return _Importing(files, statute, at, progress).imported(
        register or AttendanceRegister(()), loaded, dry_run
    )


class _Importing:
    def __init__(
        self, files: ImportFiles, statute: Statute, at: datetime, progress: Callable[[str], None]
    ) -> None:
        self.files = files
        self.statute = statute
        self.at = at
        self.progress = progress
        self.mappings = [read_mapping(read_text(path), path.name) for path in files.mappings]
        self.problems: list[Problem] = []
        self.previews: list[Preview] = []
        self.done: list[FileImported] = []
        self.to_write: dict[str, str] = {}
        self.unconfirmed: list[str] = []
        progress(files.calendar.name)
        self.calendar, problems = read_calendar_file(files.calendar)
        self.problems += problems
        self.pupils = self._pupils(files.pupils)

    def imported(self, register: AttendanceRegister, loaded: Sequence[str], dry_run: bool | None) -> Imported:
        files, digests = self.files, list(loaded)
        marks = []
        for path in files.marks:
            read = self._marks(path)
            adding = load_marks(register, read, self.statute, at=self.at, loaded=digests)
            register = adding.added_to(register)
            digests.append(adding.digest)
            self.problems += adding.problems
            more = f"{adding.filled:,} new marks, {len(adding.amendments):,} amendments"
            agreeing = read.rows_agreeing_with_calendar
            self._done(path, "marks", read, read.rows_read, agreeing, more)
            marks.append(read)
        summaries = [self._rows(path, "summary", read_summary) for path in files.summaries]
        contacts = [self._rows(path, "contacts", read_contacts) for path in files.contacts]
        groups = [self._rows(path, "groups", read_groups) for path in files.groups]
        known = [self._rows(path, "characteristics", read_characteristics) for path in files.characteristics]
        ctf = [self._ctf(path) for path in files.ctf]
        is_dry = bool(self.unconfirmed) if dry_run is None else dry_run
        self.to_write["problems.csv"] = _problems_csv(self.problems)
        return Imported(
            self.calendar,
            self.pupils,
            register,
            tuple(marks),
            tuple(summaries),
            tuple(contacts),
            tuple(groups),
            tuple(known),
            tuple(ctf),
            tuple(digests),
            tuple(self.done),
            tuple(self.previews),
            tuple(self.problems),
            self.to_write,
            is_dry,
            self._why_dry() if is_dry and dry_run is None else "",
        )

    def _why_dry(self) -> str:
        names = ", ".join(self.unconfirmed)
        return (
            f"Nothing was loaded: nobody has confirmed yet how these are to be read: {names}. Look at the "
            "previews, correct the mappings if need be, and name each with --mapping."
        )

    # --- files -------------------------------------------------------------------------------------------

    def _pupils(self, path: Path) -> PupilsRead:
        table, mapping = self._table(path, "pupils")
        read = read_pupils(table, self.calendar.school, starts_on=self.calendar.starts_on, mapping=mapping)
        self.previews.append(preview(table, "pupils", mapping))
        self._done(path, "pupils", read, read.rows_read)
        return read

    def _marks(self, path: Path) -> MarksRead:
        table, mapping = self._table(path, "marks")
        read = read_marks(table, self.pupils, self.calendar, self.statute, mapping=mapping)
        self.previews.append(preview_marks(table, self.pupils, self.statute, mapping))
        return read

    def _rows(self, path: Path, kind: Kind, reader: Callable[..., _Read]) -> _Read:
        table, mapping = self._table(path, kind)
        read = reader(table, self.pupils, mapping=mapping)
        self.previews.append(preview(table, kind, mapping))
        self._done(path, kind, read, read.rows_read)
        return read

    def _ctf(self, path: Path) -> CtfFile:
        self.progress(path.name)
        read = read_ctf(path, self.statute)
        self.problems += read.problems
        if read.kept_aside:
            self._write(f"kept-aside-{path.name}", read.kept_aside)
        many = read.pupils_in_file
        self.done.append(FileImported(path.name, "ctf", many, len(read.pupils), read.pupils_kept_aside))
        return read

    def _done(
        self, path: Path, kind: str, read: _AnyRead, rows_read: int, agreeing: int = 0, more: str = ""
    ) -> None:
        self.problems += read.problems
        kept = len(read.kept_aside)
        if kept:
            self._write(f"kept-aside-{path.stem}.csv", kept_aside_text(read.kept_aside))
        self.done.append(FileImported(path.name, kind, read.rows_in_file, rows_read, kept, agreeing, more))

    def _write(self, name: str, text: str) -> None:
        """Two files may have the same name, in different folders."""
        stem, dot, ending = name.rpartition(".")
        number = 2
        while name in self.to_write:
            name = f"{stem}-{number}{dot}{ending}"
            number += 1
        self.to_write[name] = text

    # --- mappings ----------------------------------------------------------------------------------------

    def _table(self, path: Path, kind: Kind) -> tuple[Table, ColumnMapping | None]:
        """A file's table, and the mapping that says how it is to be read, if one of those given fits."""
        self.progress(path.name)
        for mapping in (one for one in self.mappings if one.kind == kind):
            table = read_table(path, headings_row=mapping.headings_row)
            if mapping.fits(headings_of(table, mapping) if kind == "marks" else table.headings):
                self._write(f"mapping-{path.stem}.toml", write_mapping(mapping))
                return table, mapping
        table = read_table(path)
        if any(one.kind == kind for one in self.mappings):
            what = "The headings are not those of the mapping any more."
            remedy = "Look at the new mapping, and name it with --mapping from now on."
            self.problems.append(Problem("mapping-changed", Place(path.name), what, remedy, "", "warning"))
        self.unconfirmed.append(path.name)
        shape = shape_of(table) if kind == "marks" else None
        rows = in_rows(table)[0] if kind == "marks" else table
        made = mapping_of(
            find_columns(rows, kind), headings_of(table) if shape else table.headings, kind, shape
        )
        self._write(f"mapping-{path.stem}.toml", write_mapping(made))
        return table, None


def _problems_csv(problems: Sequence[Problem]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(PROBLEM_HEADINGS)
    for one in problems:
        place = one.place
        cells = (
            one.severity, place.file, place.row, place.column, place.part, one.rule, one.value, one.what,
            one.remedy, one.source,
        )  # fmt: skip
        writer.writerow(["" if cell is None else neutralised(str(cell)) for cell in cells])
    return text.getvalue()
