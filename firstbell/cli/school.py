"""What do the files of a school, or the folder that imports keep of it, say? For every command that asks."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from firstbell import statute
from firstbell.exchange.calendars import check_calendar, read_calendar_file
from firstbell.exchange.folders import alone
from firstbell.exchange.kept_aside import KeptAside
from firstbell.exchange.marks import read_marks
from firstbell.exchange.merging import held_pupils
from firstbell.exchange.pupils import PupilsRead, read_pupils
from firstbell.exchange.school_folder import RECORD, read_school_folder
from firstbell.exchange.tables import read_table
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import AttendanceRegister, problems_with_times
from firstbell.reports.page import FileRead
from firstbell.sessions import Calendar

__all__ = ["School", "add_school_options", "read_school"]


@dataclass(frozen=True, eq=False)
class School:
    """A school as its files say it is: calendar, pupils, register, which files, and what was wrong."""

    calendar: Calendar
    pupils: PupilsRead
    register: AttendanceRegister
    files: tuple[FileRead, ...]
    kept_aside: tuple[KeptAside, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    has_recording_times: bool

    @property
    def has_errors(self) -> bool:
        """Whether a row was kept aside, or something else is wrong."""
        return any(problem.severity == "error" for problem in self.problems)


def add_school_options(command: argparse.ArgumentParser) -> None:
    """The options that say which school: three files, or the folder of an import."""
    command.add_argument(
        "--from", dest="folder", type=Path, metavar="DIR", help="a school's folder, as import keeps it"
    )
    command.add_argument(
        "--marks", type=Path, nargs="+", metavar="FILE", help="marks, CSV or XLSX, one or several"
    )
    command.add_argument("--pupils", type=Path, metavar="FILE", help="pupils, CSV or XLSX")
    command.add_argument("--calendar", type=Path, metavar="FILE", help="terms, TOML or ICS")
    command.add_argument("--school", metavar="NAME", help="the school's name, for term dates without one")


def read_school(options: argparse.Namespace) -> School:
    """The school that the options name. Raises `Unusable` for files that cannot be used, or too few."""
    given = {"--marks": options.marks, "--pupils": options.pupils, "--calendar": options.calendar}
    if options.folder is not None:
        if also := [name for name, value in given.items() if value is not None]:
            what = f"The folder holds all of it; {', '.join(also)} cannot be given as well."
            raise Unusable([Problem("options", Place(), what, "Import those files into the folder.")])
        return _from_folder(options.folder)
    if missing := [name for name, value in given.items() if value is None]:
        what = f"Missing: {', '.join(missing)}."
        remedy = "Name those files, or with --from the folder of a school that was imported."
        raise Unusable([Problem("options", Place(), what, remedy)])
    return _from_files(options.marks, options.pupils, options.calendar, options.school)


def _from_folder(path: Path) -> School:
    with alone(path):
        held = read_school_folder(path, statute.england())
    if held is None:
        what, remedy = "No school was imported into this folder.", "Import its files with firstbell import."
        raise Unusable([Problem("folder", Place(str(path)), what, remedy)])
    record = held.record
    check_calendar(held.calendar, record, held.calendar_path.name)
    files = tuple(
        FileRead(one.file, one.kind, one.rows, one.read, one.agreeing, one.kept_aside)
        for load in record.loads
        for one in load.files
    )
    return School(
        held.calendar,
        held_pupils(record.pupils, record.enrolments, record.school, RECORD),
        record.register,
        files,
        (),
        tuple(_problems_with_times(held.calendar)),
        any(save.known_at != save.closes_at for save in record.register.saves),
    )


def _problems_with_times(calendar: Calendar) -> list[Problem]:
    found = []
    for times in calendar.times:
        law = statute.england().on(max(times.from_on, calendar.starts_on))
        for session_times in times.sessions.values():
            found += problems_with_times(session_times, law)
    return found


def _from_files(marks: Sequence[Path], pupils: Path, calendar: Path, school: str | None) -> School:
    terms, problems = read_calendar_file(calendar, school=school or "The school")
    found = [*problems, *_problems_with_times(terms)]
    pupils_read = read_pupils(read_table(pupils), terms.school, starts_on=terms.starts_on)
    read = tuple(read_marks(read_table(file), pupils_read, terms, statute.england()) for file in marks)
    found += [*pupils_read.problems, *(problem for one in read for problem in one.problems)]
    register = AttendanceRegister(
        tuple(save for one in read for save in one.register.saves),
        tuple(amendment for one in read for amendment in one.register.amendments),
    )
    if len(read) > 1:
        # Within one file the reader has said so; between files only both together can show it.
        found += register.problems(statute.england())
    files = [
        FileRead(
            pupils_read.kept_aside.file,
            "pupils",
            pupils_read.rows_in_file,
            pupils_read.rows_read,
            0,
            pupils_read.rows_kept_aside,
        )
    ]
    files += [
        FileRead(
            one.kept_aside.file,
            "marks",
            one.rows_in_file,
            one.rows_read,
            one.rows_agreeing_with_calendar,
            one.rows_kept_aside,
        )
        for one in read
    ]
    return School(
        terms,
        pupils_read,
        register,
        tuple(files),
        tuple(kept for kept in (pupils_read.kept_aside, *(one.kept_aside for one in read)) if len(kept)),
        tuple(found),
        any(one.has_recording_times for one in read),
    )
