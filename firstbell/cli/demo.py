"""`firstbell demo`: an invented school, and what Firstbell makes of its files."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from firstbell.cli.figures import PAGE
from firstbell.cli.options import READ, UNUSABLE, Commands
from firstbell.exchange.folders import check_folder, write_folder
from firstbell.synth import example_school_files

__all__ = ["add_demo"]


def add_demo(commands: Commands[argparse.ArgumentParser], main: Callable[[Sequence[str]], int]) -> None:
    """Adds the command; `main` runs another one, as the user would."""
    demo = commands.add_parser(
        "demo",
        help="figures of a small invented school",
        description="Writes an invented school's files as its system would export them, and their figures.",
    )
    demo.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="where to write files and results"
    )
    demo.add_argument("--replace", action="store_true", help="write over an earlier demo")
    demo.set_defaults(run=lambda options: _demo(options, main))


def _demo(options: argparse.Namespace, main: Callable[[Sequence[str]], int]) -> int:
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
