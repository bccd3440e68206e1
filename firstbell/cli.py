"""The `firstbell` command: reads what it is given, asks the core, prints and writes.

Exit codes: 0 everything was read; 1 something was kept aside, or something was found wrong; 2 what was
handed over cannot be used, and nothing was written. Figures never depend on today's date.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

import numpy as np

from firstbell import __version__, statute
from firstbell.exchange.calendars import read_calendar_file
from firstbell.exchange.folders import check_folder, write_folder
from firstbell.exchange.kept_aside import kept_aside_text
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.pupils import Pupil, PupilsRead, read_pupils
from firstbell.exchange.tables import read_table
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import AttendanceRegister, Strips, lay_strips, problems_with_times
from firstbell.reports.figures import Figures, figures
from firstbell.reports.page import FileRead, page
from firstbell.reports.tables import csv_files, terminal_text
from firstbell.sessions import LONDON, Calendar, CalendarEnds, Half, Session
from firstbell.statute import NationalThreshold
from firstbell.synth import example_school_files, run_synth, school_files
from firstbell.synth.damage import KINDS, damage

__all__ = ["build_parser", "main"]

READ, KEPT_ASIDE, UNUSABLE = 0, 1, 2
PAGE = "figures.html"
MOST_PROBLEMS = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit code. No traceback reaches a user."""
    options = build_parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except Unusable as refused:
        for problem in refused.problems:
            print(f"firstbell: {problem}", file=sys.stderr)
        return UNUSABLE
    except (statute.NoLaw, CalendarEnds) as refused:
        print(f"firstbell: {refused}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        # The reader of our output (`| head`) has gone; nothing is left to say to anybody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READ
    except KeyboardInterrupt:
        print("firstbell: stopped; nothing half-written was left.", file=sys.stderr)
        return 130
    except Exception as fault:
        return _own_fault(fault)


def _own_fault(fault: Exception) -> int:
    """Says where a fault of ours is, without the message: that could hold a child's data."""
    where = traceback.extract_tb(fault.__traceback__)[-1]
    print(
        f"firstbell: this is a fault in Firstbell itself ({type(fault).__name__} in "
        f"{Path(where.filename).name}, line {where.lineno}). Nothing was written. Please report it; "
        "FIRSTBELL_TRACEBACK=1 shows more, which may include data from your files.",
        file=sys.stderr,
    )
    if os.environ.get("FIRSTBELL_TRACEBACK"):
        traceback.print_exception(fault)
    return UNUSABLE


def build_parser() -> argparse.ArgumentParser:
    """The command line, from which docs/reference/commands.md is written too."""
    parser = argparse.ArgumentParser(
        prog="firstbell",
        description="Pupil attendance for schools in England: the law, the registers, the figures.",
        epilog="Exit codes: 0 all was read; 1 something was kept aside or found wrong; 2 unusable.",
    )
    parser.add_argument("--version", action="version", version=f"firstbell {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_law(commands)
    _add_figures(commands)
    _add_demo(commands)
    _add_synth(commands)
    _add_dfe(commands)
    _add_bench(commands)
    return parser


Commands = argparse._SubParsersAction


def _add_law(commands: Commands[argparse.ArgumentParser]) -> None:
    law = commands.add_parser(
        "law",
        help="what the law said on a day, with sources",
        description="Prints what was in force on a day: every value, or one attendance code, with sources.",
    )
    law.add_argument("--on", required=True, type=_day, metavar="DAY", help="the day, as 2025-09-16")
    law.add_argument("code", nargs="?", help="only this attendance code, such as N")
    law.set_defaults(run=_law)


def _add_figures(commands: Commands[argparse.ArgumentParser]) -> None:
    figures = commands.add_parser(
        "figures",
        help="figures from a spreadsheet of marks",
        description="Reads marks (one row a pupil and session), pupils and a calendar. Prints the figures; "
        "writes a page, tables as CSV, and what was kept aside.",
    )
    figures.add_argument(
        "--marks",
        required=True,
        type=Path,
        nargs="+",
        metavar="FILE",
        help="marks, CSV or XLSX, one or several",
    )
    figures.add_argument("--pupils", required=True, type=Path, metavar="FILE", help="pupils, CSV or XLSX")
    figures.add_argument("--calendar", required=True, type=Path, metavar="FILE", help="terms, TOML or ICS")
    figures.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write the results")
    figures.add_argument(
        "--on",
        type=_moment,
        metavar="DAY[THH:MM]",
        help="figures as at the end of this day, or as at this time (default: the last day marked)",
    )
    figures.add_argument(
        "--known-at",
        type=_moment,
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
        type=_number,
        default=0,
        metavar="N",
        help="say that a pupil is persistently absent only from so many possible sessions on (default 0)",
    )
    figures.add_argument("--school", metavar="NAME", help="the school's name, for term dates without one")
    figures.add_argument("--replace", action="store_true", help="write over results that are there already")
    figures.set_defaults(run=_figures)


def _add_demo(commands: Commands[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser(
        "demo",
        help="figures of a small invented school",
        description="Writes an invented school's files as its system would export them, and their figures.",
    )
    demo.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="where to write files and results"
    )
    demo.add_argument("--replace", action="store_true", help="write over an earlier demo")
    demo.set_defaults(run=_demo)


def _add_synth(commands: Commands[argparse.ArgumentParser]) -> None:
    synth = commands.add_parser(
        "synth",
        help="invented schools of any size, as their systems would export them",
        description="Invents a school from a seed (the same seed gives the same files), writes its files, "
        "and prints its rates beside the Department's. Nobody in it is anybody.",
        epilog="Kinds of damage: " + ", ".join(KINDS) + ".",
    )
    synth.add_argument("kind", choices=["primary", "secondary", "special", "trust"], help="what to invent")
    synth.add_argument("--out", type=Path, metavar="DIR", help="where to write; without it only the rates")
    synth.add_argument("--pupils", type=_number, metavar="N", help="how many (default: usual for the kind)")
    synth.add_argument("--seed", type=_number, default=1, metavar="N", help="default 1")
    synth.add_argument(
        "--year", type=_number, default=2024, metavar="YEAR", help="it starts in (default 2024)"
    )
    synth.add_argument(
        "--damage",
        metavar="KIND[,KIND]",
        help="damage the export, for tests and training; says what was done",
    )
    synth.add_argument("--replace", action="store_true", help="write over an invented school there already")
    synth.set_defaults(run=_synth)


def _add_dfe(commands: Commands[argparse.ArgumentParser]) -> None:
    dfe = commands.add_parser("dfe", help="the Department for Education's statistics")
    which = dfe.add_subparsers(title="commands", required=True, metavar="COMMAND")
    check = which.add_parser(
        "check",
        help="recompute every rate in the Department's files",
        description="Recomputes every published rate whose numbers stand in the file, by our own law tables.",
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV files of statistics")
    check.add_argument("--json", action="store_true", help="print the result as JSON")
    check.set_defaults(run=_dfe_check)


def _add_bench(commands: Commands[argparse.ArgumentParser]) -> None:
    bench = commands.add_parser("bench", help="measured speed, as ratios to a reference of the same run")
    which = bench.add_subparsers(title="commands", required=True, metavar="COMMAND")
    review = which.add_parser(
        "review",
        help="a school year of many pupils reviewed in one pass",
        description="Prints a line of JSON for each engine: seconds, and how many times as long as a plain "
        "pass over the same bytes.",
    )
    review.add_argument("--pupils", type=int, metavar="N", help="default 1,000,000; with --compare 150,000")
    review.add_argument(
        "--engine", action="append", choices=["numpy", "compiled"], help="default: both (may be given again)"
    )
    review.add_argument(
        "--compare", action="store_true", help="the same outputs in DuckDB and Polars over a row a mark, too"
    )
    review.set_defaults(run=_bench_review)
    importing = which.add_parser(
        "import",
        help="a large file of marks read with all checks",
        description="Prints JSON: how many times as long as pandas.read_csv of the same file, and memory.",
    )
    importing.add_argument("--pupils", type=_number, metavar="N", help="a year of marks of so many pupils")
    importing.set_defaults(run=_bench_import)


# --- what each command does ------------------------------------------------------------------------------


def _law(options: argparse.Namespace) -> int:
    from firstbell.reports.law import law_text

    print(law_text(statute.england(), options.on, options.code and options.code.upper()))
    return READ


def _figures(options: argparse.Namespace) -> int:
    check_folder(options.out, replace=options.replace)
    read = _read_school(options.marks, options.pupils, options.calendar, options.school)
    calendars = {read.calendar.school: read.calendar}
    known_at = _end_of(options.known_at) if options.known_at else None
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


def _demo(options: argparse.Namespace) -> int:
    check_folder(options.out, replace=options.replace)
    write_folder(options.out, example_school_files(), replace=options.replace)
    files = [options.out / name for name in ("marks.csv", "pupils.csv", "calendar.toml")]
    results = options.out / "figures"
    print(f"An invented school, as its system would export it: {', '.join(map(str, files))}\n")
    figures_options = ["--marks", files[0], "--pupils", files[1], "--calendar", files[2], "--out", results]
    code = main(["figures", *map(str, figures_options), "--least-possible", "40"])
    if code == UNUSABLE:
        return code
    # Some of its rows are faulty on purpose, so that there is something kept aside to look at.
    print(f"\nThe page: {(results / PAGE).resolve().as_uri()}")
    return READ


def _synth(options: argparse.Namespace) -> int:
    kinds = [kind.strip() for kind in options.damage.split(",")] if options.damage else []
    if kinds and (options.kind == "trust" or options.out is None):
        what = "Damage is done to the files of one school."
        raise Unusable(
            [Problem("damage", Place(), what, "Name one kind of school, and a folder with --out.")]
        )
    size = {"pupils": options.pupils, "seed": options.seed, "year": options.year}
    if not kinds:
        run_synth(options.kind, options.out, **size, replace=options.replace, say=print)
        return READ
    check_folder(options.out, replace=options.replace)
    (school,) = run_synth(options.kind, None, **size, say=print)
    damaged = damage(school_files(school), kinds, options.seed)
    write_folder(options.out, damaged.files, replace=options.replace)
    for kind in kinds:
        print(f"{kind}: {KINDS[kind].what}")
    for name, report in damaged.reports.items():
        print(f"{name} is to be read with: {report}")
    print(f"Written: {options.out}. Nobody in it is anybody.")
    return READ


def _dfe_check(options: argparse.Namespace) -> int:
    from firstbell.exchange import dfe

    checks = dfe.check_files(options.files)
    print(json.dumps(dfe.checks_json(checks), indent=2) if options.json else dfe.checks_text(checks))
    return KEPT_ASIDE if checks.rows_disagree or checks.problems else READ


def _bench_review(options: argparse.Namespace) -> int:
    from firstbell.bench import ENGINES, differing, run_review

    measured = []
    for line in run_review(options.pupils, options.engine or ENGINES, compare=options.compare):
        print(json.dumps(line), flush=True)
        measured.append(line)
    if wrong := differing(measured):
        print(f"firstbell: {', '.join(wrong)} gave other answers than the first engine.", file=sys.stderr)
        return KEPT_ASIDE
    return READ


def _bench_import(options: argparse.Namespace) -> int:
    from firstbell.bench.importing import run_import

    measured = list(run_import(options.pupils))
    for line in measured:
        print(json.dumps(line), flush=True)
    accounted = all(line.get("all_rows_accounted_for", True) for line in measured)
    return READ if accounted else KEPT_ASIDE


# --- a school's files -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _School:
    """A school's files as read."""

    calendar: Calendar
    pupils: PupilsRead
    marks: tuple[MarksRead, ...]
    problems: tuple[Problem, ...]

    @property
    def register(self) -> AttendanceRegister:
        """What all the files of marks say together."""
        return AttendanceRegister(
            tuple(save for read in self.marks for save in read.register.saves),
            tuple(amendment for read in self.marks for amendment in read.register.amendments),
        )

    @property
    def has_errors(self) -> bool:
        """Whether a row was kept aside, or something else is wrong."""
        return any(problem.severity == "error" for problem in self.problems)


def _read_school(marks: Sequence[Path], pupils: Path, calendar: Path, school: str | None) -> _School:
    terms, problems = read_calendar_file(calendar, school=school or "The school")
    found = list(problems)
    for times in terms.times:
        law = statute.england().on(max(times.from_on, terms.starts_on))
        for session_times in times.sessions.values():
            found += problems_with_times(session_times, law)
    pupils_read = read_pupils(read_table(pupils), terms.school, starts_on=terms.starts_on)
    read = tuple(read_marks(read_table(file), pupils_read, terms, statute.england()) for file in marks)
    found += [*pupils_read.problems, *(problem for one in read for problem in one.problems)]
    school_read = _School(terms, pupils_read, read, tuple(found))
    if len(read) > 1:
        # Within one file the reader has said so; between files only both together can show it.
        found += school_read.register.problems(statute.england())
    return replace(school_read, problems=tuple(found))


def _names(pupils: Sequence[Pupil]) -> dict[str, str]:
    """What each pupil is called; with the school's number where two are called the same."""
    often = Counter(pupil.name for pupil in pupils)
    return {
        pupil.id: f"{pupil.name} ({_reference(pupil)})" if often[pupil.name] > 1 else pupil.name
        for pupil in pupils
    }


def _reference(pupil: Pupil) -> str:
    return pupil.admission_number or pupil.upn


def _limits_of(read: _School, strips: Strips, on: Session, options: argparse.Namespace) -> Iterator[Problem]:
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
    if options.known_at and not any(one.has_recording_times for one in read.marks):
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


def _figure_files(found: Figures, read: _School, as_known: str) -> dict[str, str | bytes]:
    pupils = read.pupils
    references = {pupil.id: _reference(pupil) for pupil in pupils.pupils}
    files: dict[str, str | bytes] = dict(csv_files(found, references))
    for kept in (pupils.kept_aside, *(marks.kept_aside for marks in read.marks)):
        if len(kept):
            files[f"kept-aside-{Path(kept.file).stem}.csv"] = kept_aside_text(kept)
    counted = (
        FileRead(
            pupils.kept_aside.file, "pupils", pupils.rows_in_file, pupils.rows_read, 0, pupils.rows_kept_aside
        ),
        *(
            FileRead(
                marks.kept_aside.file,
                "marks",
                marks.rows_in_file,
                marks.rows_read,
                marks.rows_agreeing_with_calendar,
                marks.rows_kept_aside,
            )
            for marks in read.marks
        ),
    )
    beside = " and ".join(name for name in files if name.startswith("kept-aside"))
    files[PAGE] = page(
        found,
        read.problems,
        school=read.calendar.school,
        read=counted,
        kept_aside_in=beside,
        known_at=as_known,
    )
    return files


def _what_was_read(read: _School, out: Path) -> str:
    lines = [
        f"Of {marks.rows_in_file:,} rows of {marks.kept_aside.file} {marks.rows_read:,} were read, "
        f"{marks.rows_agreeing_with_calendar:,} only say what the calendar says; kept aside: "
        f"{marks.rows_kept_aside:,}."
        for marks in read.marks
    ]
    if read.pupils.rows_kept_aside:
        lines.append(f"Of the pupils, kept aside: {read.pupils.rows_kept_aside:,}.")
    for severity, word in (("error", "Kept aside or wrong"), ("warning", "Used, but look at it")):
        found = [problem for problem in read.problems if problem.severity == severity]
        lines += [f"{word}:"] * bool(found)
        lines += [f"  {problem}" for problem in found[:MOST_PROBLEMS]]
        if len(found) > MOST_PROBLEMS:
            lines.append(f"  ... and {len(found) - MOST_PROBLEMS} more: all of them are on the page.")
    return "\n".join([*lines, f"\nWritten: {out / PAGE} and the same as tables beside it."])


# --- reading options -------------------------------------------------------------------------------------


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a day: write it as 2025-09-16') from None


def _moment(text: str) -> date | datetime:
    """A day, or a moment of London time where a time is given."""
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'"{text}" is neither a day (2025-09-16) nor a moment (2025-09-16T09:40)'
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=LONDON)


def _number(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number')
    return int(text)


def _end_of(day: date | datetime) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time.max, LONDON)
