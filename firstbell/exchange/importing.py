"""What would be loaded from the files of a school, and what of them cannot be?

Reads every file, says what was understood and what was not, and gives everything that is to be kept. It
writes nothing itself. A file whose headings nobody has confirmed yet is a dry run, so that the first sight
of an export is a look at it and not a load.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from firstbell.exchange.calendars import check_calendar, read_calendar_file
from firstbell.exchange.columns import find_columns
from firstbell.exchange.contacts import ContactsRead, read_contacts
from firstbell.exchange.ctf import CtfFile, read_ctf
from firstbell.exchange.groups import CharacteristicsRead, read_characteristics, read_groups
from firstbell.exchange.kept_aside import KeptAside, is_of_kept_aside, kept_aside_text
from firstbell.exchange.limits import check_size, name_of
from firstbell.exchange.loading import load_marks
from firstbell.exchange.mapping import ColumnMapping, Kind, mapping_of, read_mapping, write_mapping
from firstbell.exchange.mapping_advice import check_kind, does_not_fit, mapping_wanted, shape_of_another
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.merging import (
    held_pupils,
    merge_contacts,
    merge_memberships,
    merge_pupils,
    with_attributes,
)
from firstbell.exchange.preview import Preview, preview, preview_marks
from firstbell.exchange.pupils import PupilsRead, read_pupils
from firstbell.exchange.record import EarlierSchool, Load, LoadedFile, Record
from firstbell.exchange.shapes import headings_of, in_rows, shape_of
from firstbell.exchange.summary import SummaryRead, read_summary
from firstbell.exchange.tables import Table, read_table, read_text
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import YEAR_GROUP, AttendanceRegister, Attribute
from firstbell.reports.tables import neutralised
from firstbell.sessions import LONDON, Calendar
from firstbell.statute import Statute

__all__ = ["ImportFiles", "Imported", "Progress", "import_files"]

KEPT_PUPILS = "the pupils that are kept"
"""What messages call the pupils of a record, where no new file of pupils was given."""


class Progress(Protocol):
    """Who is told how far the reading is: each file with its size, then the bytes read of it."""

    def file(self, name: str, size: int) -> None:
        """A file is begun."""

    def read(self, to: int) -> None:
        """So many bytes of it have been read."""

    def stage(self, what: str) -> None:
        """Something else than reading it is begun, such as checking."""


class _Silent:
    def file(self, name: str, size: int) -> None: ...
    def read(self, to: int) -> None: ...
    def stage(self, what: str) -> None: ...


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
_Held = TypeVar("_Held")

PROBLEM_HEADINGS = (
    "Severity", "File", "Row", "Column", "Part", "Rule", "Value", "What is wrong", "Remedy", "Source",
)  # fmt: skip


@dataclass(frozen=True)
class ImportFiles:
    """The files of one school. `marks` are in the order in which they are to be loaded.

    `school` names the school for a calendar that does not. With `again` files of marks that were loaded
    before count as new ones. Without `pupils` the marks are those of pupils that are held already.
    """

    calendar: Path
    pupils: Path | None = None
    marks: Sequence[Path] = ()
    summaries: Sequence[Path] = ()
    contacts: Sequence[Path] = ()
    groups: Sequence[Path] = ()
    characteristics: Sequence[Path] = ()
    ctf: Sequence[Path] = ()
    mappings: Sequence[Path] = ()
    known_mappings: Sequence[ColumnMapping] = ()
    again: bool = False
    school: str = "the school"


@dataclass(frozen=True, eq=False)
class Imported:
    """What the files say together with what was held. `files` are to be written: rows kept aside, mappings,
    all problems. `mappings` are those by which the files were read.

    `is_dry_run` says that nothing of it may be kept yet, `why_dry` why; `changes_nothing` that all of it was
    held already.
    """

    calendar: Calendar
    calendar_file: Path
    pupils: PupilsRead
    record: Record
    marks: tuple[MarksRead, ...]
    done: tuple[LoadedFile, ...]
    previews: tuple[Preview, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    files: Mapping[str, str] = field(repr=False)
    mappings: tuple[ColumnMapping, ...]
    changes_nothing: bool
    is_dry_run: bool
    why_dry: str = ""

    @property
    def register(self) -> AttendanceRegister:
        """The register with what the files add."""
        return self.record.register

    @property
    def has_errors(self) -> bool:
        """Whether anything was kept aside or found wrong."""
        return any(problem.severity == "error" for problem in self.problems)


def import_files(
    files: ImportFiles,
    statute: Statute,
    *,
    at: datetime,
    held: Record | None = None,
    dry_run: bool | None = None,
    key: str = "",
    progress: Progress | None = None,
) -> Imported:
    """What the files add to what is `held` of the school, at the moment `at`.

    `dry_run` None: a dry run if the headings of any file are not those of one of the mappings, given or
    known. `key` is the secret of a record that begins with these files. Raises `Unusable` if any file
    cannot be used at all: then nothing is to be kept of the others either.
    """
    return _Importing(files, statute, at, held, key, progress or _Silent()).imported(dry_run)


class _Importing:
    def __init__(
        self,
        files: ImportFiles,
        statute: Statute,
        at: datetime,
        held: Record | None,
        key: str,
        progress: Progress,
    ) -> None:
        self.files = files
        self.statute = statute
        self.at = at
        self.progress = progress
        self.given = [read_mapping(read_text(path), name_of(path)) for path in files.mappings]
        self.mappings = [*self.given, *files.known_mappings]
        self.used: list[ColumnMapping] = []
        self.problems: list[Problem] = []
        self.previews: list[Preview] = []
        self.done: list[LoadedFile] = []
        self.to_write: dict[str, str] = {}
        self.unconfirmed: list[str] = []
        self.calendar, problems = read_calendar_file(files.calendar, school=files.school)
        self.problems += problems
        self.held = held or Record(self.calendar.school, key)
        check_calendar(self.calendar, self.held, name_of(files.calendar))

    def imported(self, dry_run: bool | None) -> Imported:
        pupils = self._pupils()
        pupils = self._characteristics(pupils)
        marks = []
        register, digests = self.held.register, list(self.held.digests)
        for path in self.files.marks:
            read = self._marks(path, pupils)
            again = self.files.again
            adding = load_marks(register, read, self.statute, at=self.at, loaded=digests, again=again)
            register = adding.added_to(register)
            self.problems += adding.problems
            self._done(
                path,
                "marks",
                read,
                agreeing=read.rows_agreeing_with_calendar,
                digest=adding.digest,
                new_marks=adding.filled,
                known_marks=adding.unchanged,
                amendments=len(adding.amendments),
                again=bool(adding.digest) and adding.digest in digests,
            )
            digests += [adding.digest] if adding.digest else []
            marks.append(read)
        record = self._people(pupils)
        record = replace(record, pupils=pupils.pupils, enrolments=pupils.enrolments, register=register)
        changes_nothing = (
            _same(record, self.held)
            and not any(one.kept_aside and not one.again for one in self.done)
            and not any(problem.severity == "error" for problem in self.problems)
            and not any(mapping not in self.files.known_mappings for mapping in self.used)
        )
        record = replace(record, loads=(*self.held.loads, Load(self.at, tuple(self.done))))
        is_dry = bool(self.unconfirmed) if dry_run is None else dry_run
        self.to_write["problems.csv"] = _problems_csv(self.problems)
        return Imported(
            self.calendar,
            self.files.calendar,
            pupils,
            record,
            tuple(marks),
            tuple(self.done),
            tuple(self.previews),
            tuple(self.problems),
            self.to_write,
            tuple(self.used),
            changes_nothing,
            is_dry,
            self._why_dry() if is_dry and dry_run is None else "",
        )

    def _why_dry(self) -> str:
        names = ", ".join(self.unconfirmed)
        return f"Nothing was loaded: nobody has confirmed yet how these are to be read: {names}."

    # --- files -------------------------------------------------------------------------------------------

    def _pupils(self) -> PupilsRead:
        record = self.held
        held = held_pupils(record.pupils, record.enrolments, record.school, KEPT_PUPILS, record.key)
        path = self.files.pupils
        if path is None:
            return held
        table, mapping = self._table(path, "pupils")
        read = read_pupils(
            table,
            record.school,
            starts_on=self.calendar.starts_on,
            mapping=mapping,
            key=record.key,
        )
        self.previews.append(preview(table, "pupils", mapping))
        read = merge_pupils(held, read, changed_on=self._changed_on)
        self._done(path, "pupils", read)
        return read

    def _changed_on(self, name: str) -> date:
        """From which day what a new pupils file says differently holds.

        From the day of loading; but a year group from the first day of the school year, if the pupils file
        before was loaded before that day.
        """
        on = self.at.astimezone(LONDON).date()
        year = self.calendar.year(on)
        loads = [one.at for one in self.held.loads if any(file.kind == "pupils" for file in one.files)]
        before = loads[-1].astimezone(LONDON).date() if loads else date.min
        return year.starts_on if name == YEAR_GROUP and year and before < year.starts_on else on

    def _characteristics(self, pupils: PupilsRead) -> PupilsRead:
        attributes: dict[str, tuple[Attribute, ...]] = {}
        for path in self.files.characteristics:
            read: CharacteristicsRead = self._rows(path, "characteristics", read_characteristics, pupils)
            for pupil, said in read.attributes.items():
                attributes[pupil] = (*attributes.get(pupil, ()), *said)
        return replace(pupils, enrolments=with_attributes(pupils.enrolments, attributes))

    def _people(self, pupils: PupilsRead) -> Record:
        """The record with contacts, groups, figures and earlier schools as the files have them now."""
        record = self.held
        for path in self.files.summaries:
            figures: SummaryRead = self._rows(path, "summary", read_summary, pupils)
            record = replace(
                record,
                figures=_brought_in(record.figures, figures.figures, lambda f: (f.pupil, f.year, f.term)),
            )
        for path in self.files.contacts:
            contacts: ContactsRead = self._rows(path, "contacts", read_contacts, pupils)
            partly = is_of_kept_aside(contacts.kept_aside.headings)
            incomplete = {one.id for one in pupils.pupils} if partly else contacts.incomplete
            merged = merge_contacts(record.contacts, contacts.contacts, incomplete=incomplete)
            record = replace(record, contacts=merged)
        groups = [self._rows(path, "groups", read_groups, pupils) for path in self.files.groups]
        if groups:
            memberships = merge_memberships(
                record.memberships,
                tuple(one for read in groups for one in read.memberships),
                changed_on=self._changed_on("group"),
                all_read=not any(
                    len(read.kept_aside) or is_of_kept_aside(read.kept_aside.headings) for read in groups
                ),
            )
            record = replace(record, memberships=memberships)
        for path in self.files.ctf:
            ctf = self._ctf(path)
            earlier = [EarlierSchool(ctf.source, ctf.written_on, pupil) for pupil in ctf.pupils]
            record = replace(
                record,
                earlier_schools=_brought_in(
                    record.earlier_schools,
                    earlier,
                    lambda e: (e.source.laestab, e.pupil.upn or (e.pupil.surname, e.pupil.forename)),
                ),
            )
        return record

    def _marks(self, path: Path, pupils: PupilsRead) -> MarksRead:
        if not pupils.pupils:
            what, remedy = "There are no pupils whose marks these could be.", "Name the pupils with --pupils."
            raise Unusable([Problem("no-pupils", Place(name_of(path)), what, remedy)])
        table, mapping = self._table(path, "marks")
        self.progress.stage("checking")
        read = read_marks(table, pupils, self.calendar, self.statute, mapping=mapping)
        self.previews.append(preview_marks(table, pupils, self.statute, mapping))
        return read

    def _rows(self, path: Path, kind: Kind, reader: Callable[..., _Read], pupils: PupilsRead) -> _Read:
        table, mapping = self._table(path, kind)
        read = reader(table, pupils, mapping=mapping)
        self.previews.append(preview(table, kind, mapping))
        self._done(path, kind, read)
        return read

    def _ctf(self, path: Path) -> CtfFile:
        check_size(path)
        self.progress.file(name_of(path), path.stat().st_size)
        read = read_ctf(path, self.statute)
        self.problems += read.problems
        if read.kept_aside:
            self._write(f"kept-aside-{name_of(path)}", read.kept_aside)
        many = read.pupils_in_file
        self.done.append(LoadedFile(name_of(path), "ctf", many, len(read.pupils), read.pupils_kept_aside))
        return read

    def _done(self, path: Path, kind: str, read: _AnyRead, **more: int | str | bool) -> None:
        kept = len(read.kept_aside)
        if not more.get("again"):
            # Of a file that was loaded before all this was said then, and its rows are kept.
            self.problems += read.problems
            if kept:
                self._write(f"kept-aside-{path.stem}.csv", kept_aside_text(read.kept_aside))
        self.done.append(LoadedFile(name_of(path), kind, read.rows_in_file, read.rows_read, kept, **more))  # type: ignore[arg-type]

    def _write(self, name: str, text: str) -> None:
        """Two files may have the same name, in different folders; and a name may hold anything."""
        name = "".join(one if one.isprintable() and one not in "/\\\\" else "_" for one in name)
        stem, dot, ending = name.rpartition(".")
        number = 2
        while name in self.to_write:
            name = f"{stem}-{number}{dot}{ending}"
            number += 1
        self.to_write[name] = text

    # --- mappings ----------------------------------------------------------------------------------------

    def _table(self, path: Path, kind: Kind) -> tuple[Table, ColumnMapping | None]:
        """A file's table, and the mapping that says how it is to be read, if one of those given fits."""
        self.progress.file(name_of(path), path.stat().st_size if path.is_file() else 0)
        unfitting = []
        for mapping in (one for one in self.mappings if one.kind == kind):
            table = read_table(path, headings_row=mapping.headings_row, progress=self.progress.read)
            headings = headings_of(table, mapping) if kind == "marks" else table.headings
            if mapping.fits(headings):
                if kind == "marks" and in_rows(table, mapping)[1] != mapping.shape:
                    raise Unusable([shape_of_another(table, mapping)])
                if mapping not in self.given:
                    self._write(f"mapping-{path.stem}.toml", write_mapping(mapping))
                self.used.append(mapping)
                return table, mapping
            if mapping in self.given:
                unfitting.append(does_not_fit(name_of(path), mapping, headings))
        table = read_table(path, progress=self.progress.read)
        check_kind(table, kind)
        if not unfitting and any(one.kind == kind for one in self.mappings):
            what = "The headings are those of none of the mappings."
            remedy = "Look at how they are understood now."
            unfitting = [Problem("mapping-changed", Place(name_of(path)), what, remedy, "", "warning")]
        self.problems += unfitting
        self.unconfirmed.append(name_of(path))
        shape = shape_of(table) if kind == "marks" else None
        rows = in_rows(table)[0] if kind == "marks" else table
        try:
            found = find_columns(rows, kind)
        except Unusable as refused:
            raise Unusable([*unfitting, *refused.problems, mapping_wanted(table, kind)]) from None
        made = mapping_of(found, headings_of(table) if shape else table.headings, kind, shape)
        if not unfitting or not self.given:
            self._write(f"mapping-{path.stem}.toml", write_mapping(made))
        self.used.append(made)
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


def _brought_in(
    held: Sequence[_Held], new: Iterable[_Held], key: Callable[[_Held], Hashable]
) -> tuple[_Held, ...]:
    """What is held, but for what the new file speaks of, and all that it says."""
    said = tuple(new)
    keys = {key(one) for one in said}
    kept = [one for one in held if key(one) not in keys]
    return tuple(held) if {*said} <= {*held} and len(kept) + len(said) == len(held) else (*kept, *said)


def _same(one: Record, other: Record) -> bool:
    """Whether two records say the same, whatever the order of people; the register only grows."""
    return (
        len(one.register.events) == len(other.register.events)
        and {*one.pupils} == {*other.pupils}
        and {*one.enrolments} == {*other.enrolments}
        and one.contacts == other.contacts
        and one.memberships == other.memberships
        and one.figures == other.figures
        and one.earlier_schools == other.earlier_schools
    )
