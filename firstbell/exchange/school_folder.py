"""What does the folder of a school hold, that later imports add to and other commands read?

`record.jsonl`, the calendar as it was given, the mappings that somebody has confirmed, and for every load
what was kept aside and what was wrong. `not-loaded` holds what a first look at new files has found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from firstbell.exchange.calendars import read_calendar_file
from firstbell.exchange.folders import (
    MARKER,
    RECORD,
    check_folder,
    digest_listed,
    files_listed,
    write_folder,
)
from firstbell.exchange.importing import Imported
from firstbell.exchange.mapping import ColumnMapping, read_mapping, write_mapping
from firstbell.exchange.record import Record, read_record, record_text
from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions import Calendar
from firstbell.statute import Statute

__all__ = [
    "NOT_LOADED",
    "RECORD",
    "SchoolFolder",
    "adds_nothing",
    "check_import",
    "load_name",
    "read_school_folder",
    "write_import",
]

NOT_LOADED, LOADS, MAPPINGS = "not-loaded", "loads", "mappings"
CALENDARS = ("calendar.toml", "calendar.ics")


@dataclass(frozen=True, eq=False)
class SchoolFolder:
    """A school's folder as read. `files` are all in it by their names, but for those of a first look."""

    path: Path
    record: Record
    calendar_path: Path
    calendar: Calendar
    mappings: tuple[ColumnMapping, ...]
    files: Mapping[str, bytes] = field(repr=False)


def read_school_folder(path: Path, statute: Statute) -> SchoolFolder | None:
    """The folder of a school; None if there is none yet, or nothing was loaded into it.

    Raises `Unusable` for a folder of something else, or a record that is damaged.
    """
    if not (path / RECORD).is_file():
        return None
    if not digest_listed(path, RECORD):
        what = "The record was changed by something else than Firstbell, or only in part."
        remedy = "Take the folder from a back-up, or import the school's files anew into another folder."
        raise Unusable([Problem("record-damaged", Place(str(path / RECORD)), what, remedy)])
    record = read_record((path / RECORD).read_bytes(), RECORD, statute)
    calendar = next((path / name for name in CALENDARS if (path / name).is_file()), None)
    if calendar is None:
        remedy = "Take the folder from a back-up, or copy the calendar into it."
        raise Unusable([Problem("record-damaged", Place(str(path)), "The calendar is missing.", remedy)])
    files = {
        name: content for name, content in files_listed(path).items() if not name.startswith(f"{NOT_LOADED}/")
    }
    mappings = tuple(
        read_mapping(content.decode("utf-8", "replace"), name)
        for name, content in files.items()
        if name.startswith(f"{MAPPINGS}/")
    )
    held, _ = read_calendar_file(calendar, school=record.school)
    return SchoolFolder(path, record, calendar, held, mappings, files)


def write_import(
    path: Path, imported: Imported, statute: Statute, *, held: SchoolFolder | None, read_in: Collection[Path]
) -> None:
    """Writes what an import gave: all of it, or after a dry run only what there is to look at.

    Files that somebody put into the folder, or changed in it, are never lost: then nothing is written,
    except that `read_in`, the files of this import, may stand in the folder and be corrected there. The
    caller has the folder `alone`.
    """
    files: dict[str, str | bytes] = dict(held.files) if held else {}
    if imported.is_dry_run:
        files |= {f"{NOT_LOADED}/{name}": content for name, content in imported.files.items()}
        # What somebody has corrected there and handed over is theirs, whether or not it fitted.
        corrected = {one.resolve() for one in read_in}
        files |= {
            f"{NOT_LOADED}/{one.name}": one.read_bytes()
            for one in (path / NOT_LOADED).glob("*")
            if one.resolve() in corrected
        }
    else:
        files |= {
            f"{load_name(imported)}/{name}": content
            for name, content in imported.files.items()
            if not name.startswith("mapping-")
        }
        files |= _mappings(imported, held)
        files[RECORD] = record_text(imported.record, statute)
        files = {name: content for name, content in files.items() if name not in CALENDARS}
        content = imported.calendar_file.read_bytes()
        is_ics = content.lstrip()[:15].upper().startswith(b"BEGIN:VCALENDAR")
        files[CALENDARS[is_ics]] = content
    write_folder(path, files, replace=True, read_in=read_in, locked=True)


def load_name(imported: Imported) -> str:
    """Where in the folder stands what was kept aside of a load, and what was wrong with it."""
    return f"{LOADS}/{len(imported.record.loads):04d}"


def adds_nothing(imported: Imported, held: SchoolFolder | None) -> bool:
    """Whether all that was imported is in the folder already, the calendar and the mappings included."""
    if held is None or imported.is_dry_run or not imported.changes_nothing:
        return False
    return imported.calendar_file.read_bytes() == held.calendar_path.read_bytes()


def check_import(path: Path, *, read_in: Collection[Path]) -> None:
    """Raises `Unusable` if an import may not be written to a folder, before any work is done."""
    if path.is_dir() and any(path.iterdir()) and not (path / MARKER).is_file():
        what = "The folder is not empty, and no school was imported into it."
        raise Unusable([Problem("folder", Place(str(path)), what, "Name a new folder.")])
    check_folder(path, replace=True, read_in=read_in)


def _mappings(imported: Imported, held: SchoolFolder | None) -> dict[str, str]:
    """The mappings that were used and are not kept yet, each under a name of its own."""
    known = list(held.mappings) if held else []
    names = {name for name in (held.files if held else ()) if name.startswith(f"{MAPPINGS}/")}
    new: dict[str, str] = {}
    for mapping in imported.mappings:
        if mapping in known:
            continue
        known.append(mapping)
        number = 1 + sum(name.startswith(f"{MAPPINGS}/{mapping.kind}-") for name in (*names, *new))
        new[f"{MAPPINGS}/{mapping.kind}-{number}.toml"] = write_mapping(mapping)
    return new
