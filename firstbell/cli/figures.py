"""`firstbell figures`: a school's files read, its figures printed, and written as a page and tables."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np

from firstbell import statute
from firstbell.cli.options import KEPT_ASIDE, READ, Commands, end_of, moment, number, problem_lines
from firstbell.cli.school import School, add_school_options, read_school
from firstbell.exchange.folders import check_folder, write_folder
from firstbell.exchange.kept_aside import kept_aside_text
from firstbell.exchange.pupils import Pupil
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import Strips, lay_strips
from firstbell.reports.figures import Figures, figures
from firstbell.reports.page import page
from firstbell.reports.tables import csv_files, terminal_text
from firstbell.sessions import LONDON, Calendar, Half, Session
from firstbell.statute import NationalThreshold

__all__ = ["PAGE", "add_figures"]

PAGE = "figures.html"


def add_figures(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    figures = commands.add_parser(
        "figures",
        help="figures from a spreadsheet of marks",
        description="Reads marks in any of three shapes, pupils and a calendar, or the folder of an import. "
        "Prints the figures; writes a page, tables as CSV, and what was kept aside.",
    )
    add_school_options(figures)
    figures.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write the results")
    figures.add_argument(
        "--on",
        type=moment,
        metavar="DAY[THH:MM]",
        help="figures as at the end of this day, or as at this time (default: the last day marked)",
    )
    figures.add_argument(
        "--known-at",
        type=moment,
        metavar="DAYTHH:MM",
        help="the registers as they stood at this moment, without what was recorded later",
    )
    figures.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="WHAT",
        help="split by: year group, registration group, sex, FSM, SEN ... (may be given again; as the pupils "
        "file's columns are understood)",
    )
    figures.add_argument(
        "--least-possible",
        type=number,
        default=0,
        metavar="N",
        help="say that a pupil is persistently absent only from so many possible sessions on (default 0)",
    )
    figures.add_argument("--replace", action="store_true", help="write over results that are there already")
    figures.set_defaults(run=_figures)


def _figures(options: argparse.Namespace) -> int:
    check_folder(options.out, replace=options.replace)
    if options.replace and any(options.out.glob("*")) and not (options.out / PAGE).is_file():
        what, remedy = "It holds other results than figures, which would be lost.", "Name another folder."
        raise Unusable([Problem("folder", Place(str(options.out)), what, remedy)])
    read = read_school(options)
    calendars = {read.calendar.school: read.calendar}
    known_at = end_of(options.known_at) if options.known_at else None
    strips = lay_strips(
        read.pupils.enrolments,
        read.register,
        calendars,
        statute.england(),
        known_at=known_at,
    )
    on = _session_on(options.on, strips, read.calendar, known_at)
    read = replace(read, problems=(*read.problems, *_limits_of(read, strips, on, options)))
    found = figures(
        strips,
        calendars,
        on=on,
        names=_names(read.pupils.pupils),
        by=options.by,
        least_possible=options.least_possible,
    )
    as_known = f"{known_at.astimezone(LONDON):%d %B %Y, %H:%M}" if known_at else ""
    write_folder(options.out, _figure_files(found, read, as_known), replace=options.replace)
    print(terminal_text(found))
    if as_known:
        print(f"The registers are taken as they were known at {as_known}.\n")
    print(_what_was_read(read, options.out))
    return KEPT_ASIDE if read.has_errors else READ


def _names(pupils: Sequence[Pupil]) -> dict[str, str]:
    """What each pupil is called; with the school's number where two are called the same."""
    often = Counter(pupil.name for pupil in pupils)
    return {
        pupil.id: f"{pupil.name} ({_reference(pupil)})" if often[pupil.name] > 1 else pupil.name
        for pupil in pupils
    }


def _reference(pupil: Pupil) -> str:
    return pupil.admission_number or pupil.upn


def _limits_of(read: School, strips: Strips, on: Session, options: argparse.Namespace) -> Iterator[Problem]:
    """What the figures cannot know: times nobody stated, days and marks that were not handed over."""
    calendar = read.calendar
    timed = isinstance(options.on, datetime) or isinstance(options.known_at, datetime)
    if timed and not calendar.times:
        what = (
            "The calendar states no register times: mornings count as closed at 12:00, afternoons at 23:59."
        )
        yield _limit("no-register-times", what, "Add [[times]] to the calendar.")
    if on.on > calendar.ends_on:
        what = f"The calendar ends on {calendar.ends_on}, before the day of the figures."
        yield _limit(
            "calendar-ends", what, "Add the days after it: deadlines cannot be counted without them."
        )
    if options.known_at and not read.has_recording_times:
        what = "The marks do not say when they were recorded: each counts as known when its register closed."
        yield _limit("no-recording-times", what, "Export the time of recording too, if your system has it.")
    yield from _limits_of_threshold(strips, calendar, on)


def _limits_of_threshold(strips: Strips, calendar: Calendar, on: Session) -> Iterator[Problem]:
    rule = statute.england().on(on.on).find(NationalThreshold)
    marked = np.flatnonzero(strips.marks.any(axis=0))
    if rule is None or not len(marked):
        return
    first_on = strips.axis.session(int(marked[0])).on
    weeks = calendar.last_school_weeks(on.on, rule.school_weeks)
    if len(weeks) < rule.school_weeks or first_on > weeks[0].sunday_on:
        what = (
            f"The marks begin on {first_on}. The national threshold looks back over {rule.school_weeks} "
            "school weeks, so what was missed before that day is not counted."
        )
        yield _limit("marks-begin-late", what, "Add the summer's marks, and its terms to the calendar.")


def _limit(rule: str, what: str, remedy: str) -> Problem:
    return Problem(rule, Place(), what, remedy, severity="warning")


def _session_on(
    asked: date | datetime | None, strips: Strips, calendar: Calendar, known_at: datetime | None
) -> Session:
    """The session as at which figures are asked for: the last that had closed, by default the last marked."""
    if isinstance(asked, datetime):
        day = asked.astimezone(LONDON).date()
        closed = [s for s in calendar.sessions(calendar.starts_on, day) if calendar.closes_at(s) <= asked]
        if not closed:
            what = (
                f"No register of {calendar.school} had closed by {asked.astimezone(LONDON):%Y-%m-%d %H:%M}."
            )
            raise Unusable([Problem("nothing-closed", Place(), what, "Choose a later day or time.")])
        return closed[-1]
    if asked is not None:
        return Session(asked, Half.PM)
    marked = np.flatnonzero(strips.marks.any(axis=0))
    if not len(marked):
        remedy = "Look at what was kept aside, or whether the calendar is that of the marks."
        if known_at:
            remedy = "By the moment of --known-at nothing had been recorded: choose a later one."
        raise Unusable([Problem("no-marks", Place(), "No mark could be read.", remedy)])
    return strips.axis.session(int(marked[-1]))


def _figure_files(found: Figures, read: School, as_known: str) -> dict[str, str | bytes]:
    references = {pupil.id: _reference(pupil) for pupil in read.pupils.pupils}
    files: dict[str, str | bytes] = dict(csv_files(found, references))
    for kept in read.kept_aside:
        files[f"kept-aside-{Path(kept.file).stem}.csv"] = kept_aside_text(kept)
    beside = " and ".join(name for name in files if name.startswith("kept-aside"))
    files[PAGE] = page(
        found,
        read.problems,
        school=read.calendar.school,
        read=read.files,
        kept_aside_in=beside,
        known_at=as_known,
    )
    return files


def _what_was_read(read: School, out: Path) -> str:
    marks = [one for one in read.files if one.holds == "marks"]
    lines = [
        f"Of {one.rows:,} rows of {one.name} {one.read:,} were read, {one.agreeing:,} only say what the "
        f"calendar says; kept aside: {one.kept_aside:,}."
        for one in marks
    ]
    kept = sum(one.kept_aside for one in read.files if one.holds == "pupils")
    if kept:
        lines.append(f"Of the pupils, kept aside: {kept:,}.")
    lines += problem_lines(read.problems, "on the page")
    return "\n".join([*lines, f"\nWritten: {out / PAGE} and the same as tables beside it."])
