"""`firstbell demo`: invented schools, from damaged exports to figures, and what is due on two days."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from firstbell.cli.figures import PAGE
from firstbell.cli.options import READ, UNUSABLE, Commands, number
from firstbell.cli.review import DUTIES, REPORT
from firstbell.exchange.folders import check_folder, write_folder
from firstbell.synth.demonstration import (
    AUTUMN,
    LATER,
    damaged_school,
    filled_in,
    lowest,
    open_keys,
)

__all__ = ["add_demo"]

DAYS = ("2025-03-13", "2025-03-14")
"""Two school days of the invented primary school."""

AT = ("2025-07-23T16:00", "2025-07-24T09:30", "2025-07-24T09:40")
"""When the office of the invented school loads its files: a clock would change the bytes."""


def add_demo(commands: Commands[argparse.ArgumentParser], main: Callable[[Sequence[str]], int]) -> None:
    """Adds the command; `main` runs another one, as the user would."""
    demo = commands.add_parser(
        "demo",
        help="invented schools: from damaged exports to figures, and what is due on two days",
        description="Invents a secondary school, exports it damaged in two shapes, imports that, corrects "
        "what was kept aside, and works out the figures. Then a primary school with a policy: what is due on "
        "a day, with letters; some of it is done, and the next day nothing comes twice. Each step is another "
        "command, which it shows.",
    )
    demo.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write all of it")
    demo.add_argument("--pupils", type=number, default=1_000, metavar="N", help="how many (default 1,000)")
    demo.add_argument(
        "--primary",
        type=number,
        default=210,
        metavar="N",
        help="how many pupils the primary school has (default 210)",
    )
    demo.add_argument("--replace", action="store_true", help="write over an earlier demo")
    demo.set_defaults(run=lambda options: _demo(options, main))


def _demo(options: argparse.Namespace, main: Callable[[Sequence[str]], int]) -> int:
    out: Path = options.out
    check_folder(out, replace=options.replace)
    school = damaged_school(options.pupils)
    write_folder(
        out, {f"exports/{name}": data for name, data in school.files.items()}, replace=options.replace
    )
    print(f"An invented secondary school, as its systems would export it: {out / 'exports'}")
    for name, done in school.done.items():
        print(f"  {name}: damaged: {'; '.join(done)}")

    def run(*arguments: object) -> int:
        print(f"\n$ firstbell {' '.join(map(str, arguments))}\n", flush=True)
        return main([*map(str, arguments)])

    exports = {name.removesuffix(".csv"): out / "exports" / name for name in school.files}
    marks = [out / "exports" / AUTUMN, out / "exports" / LATER]
    people = ["--pupils", exports["pupils"], "--contacts", exports["contacts"]]
    files = ["--calendar", out / "exports" / "calendar.toml", *people, "--marks", *marks]
    folder = out / "school"
    loading: list[list[object]] = [
        ["import", *files, "--confirm", "--at", AT[0], "--out", folder],
        ["import", "--marks", *marks, "--at", AT[1], "--out", folder],
    ]
    if any(run(*arguments) == UNUSABLE for arguments in loading):
        return UNUSABLE
    corrected = _corrected(out, folder, school.corrected)
    print(f"\nThe rows that were kept aside, corrected by hand: {', '.join(map(str, corrected))}")
    codes = [
        run("import", "--marks", *corrected, "--confirm", "--at", AT[2], "--out", folder),
        run("figures", "--from", folder, "--least-possible", "40", "--out", out / "figures"),
    ]
    if UNUSABLE in codes:
        return UNUSABLE
    if UNUSABLE in _two_days(out, options.primary, run):
        return UNUSABLE
    print(f"\nThe figures: {(out / 'figures' / PAGE).resolve().as_uri()}")
    print(f"The review:  {(out / 'review-2' / REPORT).resolve().as_uri()}")
    return READ


def _two_days(out: Path, pupils: int, run: Callable[..., int]) -> Iterator[int]:
    """A primary school and its policy on two days, with what was done on the first handed back."""
    school = out / "primary"
    yield run("synth", "primary", "--pupils", pupils, "--out", school)
    files: list[object] = ["--policy", "primary-rewards", "--settings", school / "school.toml"]
    files += ["--least-possible", "40"]
    for name in ("calendar.toml", "pupils.csv", "marks.csv", "contacts.csv", "facts.jsonl"):
        files += [f"--{name.partition('.')[0]}", school / name]
    first, second = DAYS
    code = run("review", *files, "--on", first, "--known-at", f"{first}T23:59", "--out", out / "review-1")
    yield code
    if code == UNUSABLE:
        return
    done = filled_in((out / "review-1" / DUTIES).read_text(encoding="utf-8"))
    write_folder(out / "handed-back", {DUTIES: done.text})
    print(f"\nThe office fills in {done.done} duties as done and {done.withheld} as withheld, with a reason.")
    back = ["--duties", out / "handed-back" / DUTIES]
    yield run("review", *files, *back, "--on", second, "--out", out / "review-2")
    after = (out / "review-2" / DUTIES).read_text(encoding="utf-8")
    again = sorted(done.keys & open_keys(after))
    print(f"\nOf the {len(done.keys)} duties filled in, {len(again)} are proposed again.")
    yield run("explain", lowest(after), *files, *back, "--on", second)


def _corrected(out: Path, folder: Path, correct: Callable[[str], str]) -> list[Path]:
    """The kept-aside files of the first load, corrected, in a folder of their own."""
    kept = sorted((folder / "loads" / "0001").glob("kept-aside-*.csv"))
    files = {
        path.name.replace("kept-aside-", "corrected-"): correct(path.read_text(encoding="utf-8-sig"))
        for path in kept
    }
    write_folder(out / "corrected", files)
    return [out / "corrected" / name for name in files]
