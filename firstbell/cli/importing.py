"""`firstbell import` and `firstbell export`: a school's files into its folder, and out of it again."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from tqdm import tqdm

from firstbell.cli.options import KEPT_ASIDE, READ, Commands, end_of, moment, problem_lines
from firstbell.exchange.calendars import check_calendar
from firstbell.exchange.folders import MARKER, alone, check_folder, write_folder
from firstbell.exchange.importing import Imported, ImportFiles, import_files
from firstbell.exchange.school_folder import (
    NOT_LOADED,
    SchoolFolder,
    adds_nothing,
    check_import,
    load_name,
    read_school_folder,
    write_import,
)
from firstbell.exchange.writing import Extract, long_marks, pupils_file, summary, week_strings, wide_marks
from firstbell.exchange.writing_contacts import characteristics_file, contacts_file, groups_file
from firstbell.exchange.writing_tables import DayForm, Row, as_csv, as_workbook
from firstbell.problems import Place, Problem, Unusable
from firstbell.reports.wording import plural
from firstbell.statute import england

__all__ = ["add_export", "add_import"]

KINDS = ("marks", "contacts", "groups", "characteristics", "summaries", "ctf")
SHAPES = ("long", "wide", "weeks", "summary", "pupils", "contacts", "groups", "characteristics")
CARRIES_NO_MORE = {
    "long": "no earlier marks, unless --history is given",
    "wide": "no minutes late and no earlier marks",
    "weeks": "no minutes late and no earlier marks",
}
"""What the shapes leave out, which is said when they are written."""


def add_import(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "import",
        help="a school's exports into the folder that is kept of it",
        description="Reads the files that a school's systems export, says how each was understood and what "
        "was kept aside, and keeps the rest in a folder. Later files add to it; a mark that differs is an "
        "amendment. The first sight of an export is a dry run: look, then give --confirm.",
    )
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="the school's folder, new or imported before"
    )
    command.add_argument("--calendar", type=Path, metavar="FILE", help="terms, TOML or ICS")
    command.add_argument("--pupils", type=Path, metavar="FILE", help="pupils, CSV or XLSX")
    for kind in KINDS:
        what = {"ctf": "common transfer files, XML", "summaries": "figures without marks, CSV or XLSX"}
        command.add_argument(
            f"--{kind}",
            type=Path,
            nargs="+",
            default=[],
            metavar="FILE",
            help=what.get(kind, f"{kind}, CSV or XLSX"),
        )
    command.add_argument(
        "--mapping", type=Path, nargs="+", default=[], metavar="FILE", help="which heading is which, TOML"
    )
    command.add_argument("--school", metavar="NAME", help="the school's name, for term dates without one")
    command.add_argument("--dry-run", action="store_true", help="only look: nothing is loaded")
    command.add_argument(
        "--confirm", action="store_true", help="load: the files are understood rightly as the preview shows"
    )
    command.add_argument(
        "--again",
        action="store_true",
        help="marks that were loaded before count as a new file: what differs amends",
    )
    command.add_argument(
        "--at", type=moment, metavar="DAYTHH:MM", help="when this is being loaded (default: now)"
    )
    command.set_defaults(run=_import)


def _import(options: argparse.Namespace) -> int:
    if options.dry_run and options.confirm:
        raise _wrong("A dry run loads nothing, so there is nothing to confirm.", "Leave one of the two out.")
    if options.out is None and not options.dry_run:
        raise _wrong("Missing: --out.", "Name the school's folder, or only look with --dry-run.")
    now = datetime.now(UTC)
    at = end_of(options.at) if options.at else now
    if at > now:
        raise _wrong("The moment of --at is still to come.", "Give one that has passed, or leave it out.")
    with alone(options.out) if options.out else nullcontext():
        return _import_at(options, at)


def _import_at(options: argparse.Namespace, at: datetime) -> int:
    held = read_school_folder(options.out, england()) if options.out else None
    files = _files(options, held)
    read_in = [path for path in _all_paths(files) if path.is_file()]
    if options.out is not None:
        check_import(options.out, read_in=read_in)
    with _Bar() as bar:
        imported = import_files(
            files,
            england(),
            at=at,
            held=held.record if held else None,
            dry_run=True if options.dry_run else False if options.confirm else None,
            key=secrets.token_hex(16),
            progress=bar,
        )
    nothing_new = adds_nothing(imported, held)
    if options.out is not None and not nothing_new:
        write_import(options.out, imported, england(), held=held, read_in=read_in)
    print(_said(imported, options.out, nothing_new=nothing_new))
    asked_to_look = imported.is_dry_run and not options.dry_run
    return KEPT_ASIDE if imported.has_errors or asked_to_look else READ


def _files(options: argparse.Namespace, held: SchoolFolder | None) -> ImportFiles:
    calendar = options.calendar or (held.calendar_path if held else None)
    if calendar is None:
        what = (
            f"There is no school in {options.out} yet, and no --calendar."
            if options.out
            else "Missing: --calendar."
        )
        raise _wrong(what, "Name the school's calendar, or the folder into which it was imported.")
    files = ImportFiles(
        calendar,
        options.pupils,
        marks=tuple(options.marks),
        summaries=tuple(options.summaries),
        contacts=tuple(options.contacts),
        groups=tuple(options.groups),
        characteristics=tuple(options.characteristics),
        ctf=tuple(options.ctf),
        again=options.again,
        mappings=tuple(options.mapping),
        known_mappings=held.mappings if held else (),
        school=options.school or (held.record.school if held else "the school"),
    )
    if not files.pupils and not any(getattr(options, kind) for kind in KINDS) and not options.calendar:
        raise _wrong("There is nothing to import.", "Name files with --pupils, --marks or another option.")
    return files


def _all_paths(files: ImportFiles) -> list[Path]:
    several = (files.marks, files.summaries, files.contacts, files.groups, files.characteristics, files.ctf)
    one = [path for path in (files.calendar, files.pupils) if path is not None]
    return [*one, *(path for paths in several for path in paths), *files.mappings]


def _wrong(what: str, remedy: str) -> Unusable:
    return Unusable([Problem("options", Place(), what, remedy)])


def _said(imported: Imported, out: Path | None, *, nothing_new: bool) -> str:
    """What a person is told: previews of what nobody has confirmed, what was read, problems, what is next."""
    lines = []
    if imported.is_dry_run:
        lines += [f"{one.text()}\n" for one in imported.previews]
    lines += [str(one) for one in imported.done]
    lines += problem_lines(imported.problems, "in problems.csv")
    lines.append("")
    if imported.is_dry_run:
        lines.append(imported.why_dry or "This was a dry run: nothing was loaded.")
        where = f" What was found, and a mapping for each file, is in {out / NOT_LOADED}." if out else ""
        lines.append(
            "Is every column what it was taken for? Then give --confirm. If not, correct the mapping, and "
            f"name it with --mapping.{where}"
        )
    elif nothing_new or out is None:
        before = all(one.again for one in imported.done)
        said = "All of it was loaded before." if before else "It adds nothing to what is held."
        lines.append(f"{said} Nothing was changed.")
    else:
        kept = sum(one.kept_aside for one in imported.done)
        lines.append(f"Loaded into {out}. It holds {_held(imported)}.")
        if kept:
            lines.append(
                f"Kept aside, with the reasons: {plural(kept, 'row')} in {out / load_name(imported)}. "
                "Correct them there, and import the corrected file."
            )
    return "\n".join(lines)


def _held(imported: Imported) -> str:
    record = imported.record
    held = {
        "pupil": record.pupils,
        "amendment": record.register.amendments,
        "contact": record.contacts,
        "membership": record.memberships,
        "stated figure": record.figures,
        "transferred pupil": record.earlier_schools,
    }
    return ", ".join(plural(len(what), name) for name, what in held.items() if what or name == "amendment")


class _Bar:
    """How far the reading is, for somebody who watches a terminal; nothing where nobody does."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def file(self, name: str, size: int) -> None:
        """A file is begun."""
        self._close()
        self._bar = tqdm(
            total=size, desc=name, unit="B", unit_scale=True, leave=False, disable=None, file=sys.stderr
        )

    def read(self, to: int) -> None:
        """So many bytes of it have been read."""
        if self._bar is not None:
            self._bar.update(to - self._bar.n)

    def stage(self, what: str) -> None:
        """Something else than reading it is begun."""
        if self._bar is not None:
            self._bar.set_postfix_str(what)


# --- out again -------------------------------------------------------------------------------------------


def add_export(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "export",
        help="a school's folder as files that other systems read",
        description="Writes what a folder keeps of a school in the shapes that import reads, so that what is "
        "written and read again is the same register: marks in long, wide or weeks; summary, pupils, "
        "contacts, groups, characteristics.",
    )
    command.add_argument("shapes", nargs="+", choices=SHAPES, metavar="SHAPE", help=", ".join(SHAPES))
    command.add_argument("--from", dest="folder", required=True, type=Path, metavar="DIR", help="its folder")
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write")
    command.add_argument("--xlsx", action="store_true", help="workbooks instead of CSV")
    command.add_argument("--uk-days", action="store_true", help="days as 08/09/2025 instead of 2025-09-08")
    command.add_argument(
        "--history", action="store_true", help="long: a row for every entry, and when it was recorded"
    )
    command.add_argument(
        "--known-at", type=moment, metavar="DAYTHH:MM", help="the registers as they stood at this moment"
    )
    command.add_argument("--replace", action="store_true", help="write over an export that is there already")
    command.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    check_folder(options.out, replace=options.replace)
    with alone(options.folder):
        held = read_school_folder(options.folder, england())
    if held is None:
        raise _wrong(f"No school was imported into {options.folder}.", "Name the folder of an import.")
    record = held.record
    check_calendar(held.calendar, record, held.calendar_path.name)
    known_at = end_of(options.known_at) if options.known_at else None
    extract = Extract(
        record.pupils, record.enrolments, record.register, held.calendar, england(), known_at=known_at
    )
    form: DayForm = "uk" if options.uk_days else "iso"
    rows: Mapping[str, Callable[[], list[Row]]] = {
        "long": lambda: [*long_marks(extract, history=options.history)],
        "wide": lambda: [*wide_marks(extract, form)],
        "weeks": lambda: [*week_strings(extract, form)],
        "summary": lambda: [*summary(extract)],
        "pupils": lambda: [*pupils_file(extract)],
        "contacts": lambda: [*contacts_file(extract, record.contacts)],
        "groups": lambda: [*groups_file(extract, record.memberships)],
        "characteristics": lambda: [*characteristics_file(extract)],
    }
    files = _files_there(options.out) if options.replace else {}
    written = []
    for shape in dict.fromkeys(options.shapes):
        name = f"{_name(shape)}.{'xlsx' if options.xlsx else 'csv'}"
        content = rows[shape]()
        files[name] = as_workbook(content, _name(shape), form) if options.xlsx else as_csv(content, form)
        written.append(name)
    write_folder(options.out, files, replace=options.replace)
    print(f"Written to {options.out}: {', '.join(written)}. They hold the names of children.")
    for shape, lacks in CARRIES_NO_MORE.items():
        if shape in options.shapes and not (shape == "long" and options.history):
            print(f"{shape} has {lacks}.")
    return READ


def _name(shape: str) -> str:
    return f"marks-{shape}" if shape in ("long", "wide", "weeks") else shape


def _files_there(out: Path) -> dict[str, bytes]:
    """An earlier export, of which only what is written anew is replaced. Other results are refused."""
    names = {f"{_name(shape)}.{ending}" for shape in SHAPES for ending in ("csv", "xlsx")}
    there = {one.name: one for one in out.glob("*") if one.is_file() and one.name != MARKER}
    if others := sorted({*there} - names):
        what = f"{out} holds other results than an export: {', '.join(others[:3])}."
        raise _wrong(what, "Name another folder: they would be lost.")
    return {name: one.read_bytes() for name, one in there.items()}
