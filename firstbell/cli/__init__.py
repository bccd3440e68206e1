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
from collections.abc import Callable, Sequence
from pathlib import Path

from firstbell import __version__, collect_rarely, statute
from firstbell.cli.demo import add_demo
from firstbell.cli.figures import PAGE, add_figures
from firstbell.cli.importing import add_export, add_import
from firstbell.cli.options import KEPT_ASIDE, READ, UNUSABLE, Commands, day, number
from firstbell.cli.policy import add_policy
from firstbell.cli.review import add_explain, add_review
from firstbell.cli.scenarios import add_scenarios
from firstbell.exchange.folders import check_folder, write_folder
from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions import CalendarEnds
from firstbell.synth import example_school_files, run_synth, school_files
from firstbell.synth.damage import KINDS, damage

__all__ = ["PAGE", "build_parser", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit code. No traceback reaches a user."""
    options = build_parser().parse_args(arguments)
    if arguments is None:
        collect_rarely()
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
        description="Pupil attendance for schools in England: the law, registers, figures, and what is due.",
        epilog="Exit codes: 0 all was read; 1 something was kept aside or found wrong; 2 unusable.",
    )
    parser.add_argument("--version", action="version", version=f"firstbell {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_law(commands)
    add_import(commands)
    add_export(commands)
    add_figures(commands)
    add_review(commands)
    add_explain(commands)
    add_policy(commands)
    add_scenarios(commands)
    add_demo(commands, main)
    _add_synth(commands)
    _add_dfe(commands)
    _add_bench(commands)
    return parser


def _add_law(commands: Commands[argparse.ArgumentParser]) -> None:
    law = commands.add_parser(
        "law",
        help="what the law said on a day, with sources",
        description="Prints what was in force on a day: every value, or one attendance code, with sources.",
    )
    law.add_argument("--on", required=True, type=day, metavar="DAY", help="the day, as 2025-09-16")
    law.add_argument("code", nargs="?", help="only this attendance code, such as N")
    law.set_defaults(run=_law)


def _add_synth(commands: Commands[argparse.ArgumentParser]) -> None:
    synth = commands.add_parser(
        "synth",
        help="invented schools of any size, as their systems would export them",
        description="Invents a school from a seed (the same seed gives the same files), writes its files, "
        "and prints its rates beside the Department's. Nobody in it is anybody.",
        epilog="Kinds of damage: " + ", ".join(KINDS) + ".",
    )
    synth.add_argument(
        "kind",
        choices=["primary", "secondary", "special", "trust", "example"],
        help="what to invent; example is a small "
        "school written by hand, with something to show about each pupil",
    )
    synth.add_argument("--out", type=Path, metavar="DIR", help="where to write; without it only the rates")
    synth.add_argument("--pupils", type=number, metavar="N", help="how many (default: usual for the kind)")
    synth.add_argument("--seed", type=number, default=1, metavar="N", help="default 1")
    synth.add_argument(
        "--year", type=number, default=2024, metavar="YEAR", help="it starts in (default 2024)"
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
    importing.add_argument("--pupils", type=number, metavar="N", help="a year of marks of so many pupils")
    importing.set_defaults(run=_bench_import)
    letters = which.add_parser(
        "letters",
        help="many letters made as PDF on one core",
        description="Prints JSON: letters per second, and the ratio to WeasyPrint's rate for the same page.",
    )
    letters.add_argument("--letters", type=number, metavar="N", help="default 500")
    letters.set_defaults(run=_bench_letters)
    duties = which.add_parser(
        "duties",
        help="what is due for a school with a year of facts, from its files",
        description="Prints JSON: how many times as long as json.loads of the same lines and, for more than "
        "1,000 pupils, as the review of 1,000.",
    )
    duties.add_argument("--pupils", type=number, metavar="N", help="default 1,000, which is one school")
    duties.set_defaults(run=_bench_duties)


# --- what each command does ------------------------------------------------------------------------------


def _law(options: argparse.Namespace) -> int:
    from firstbell.reports.law import law_text

    print(law_text(statute.england(), options.on, options.code and options.code.upper()))
    return READ


def _synth(options: argparse.Namespace) -> int:
    if options.kind == "example":
        return _example(options)
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


def _example(options: argparse.Namespace) -> int:
    if options.out is None or options.damage:
        what = "The example is a folder of files that are damaged a little already."
        raise Unusable([Problem("example", Place(), what, "Name a folder with --out, without --damage.")])
    write_folder(options.out, example_school_files(), replace=options.replace)
    print(f"Written: {options.out}. Nobody in it is anybody; some rows are faulty on purpose.")
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


def _bench_letters(options: argparse.Namespace) -> int:
    from firstbell.bench.letters import run_letters

    measured = list(run_letters(options.letters))
    for line in measured:
        print(json.dumps(line), flush=True)
    # A goal missed is a number to read; a letter of two pages, or two alike, is a fault.
    as_asked = all(line["pages"] == line["different"] == line["letters"] for line in measured)
    return READ if as_asked else KEPT_ASIDE


def _bench_duties(options: argparse.Namespace) -> int:
    from firstbell.bench.duties import run_duties

    for line in run_duties(options.pupils):
        print(json.dumps(line), flush=True)
    return READ
