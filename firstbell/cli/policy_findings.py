"""`firstbell policy check` and `compare`: where a policy breaks the law or itself, and how two differ."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from firstbell import statute
from firstbell.cli.options import READ, Commands, day
from firstbell.policy import Rulebook, example_beside, named, read_school, shipped
from firstbell.policy.comparing import differences
from firstbell.policy.files import LAW, PolicyFiles
from firstbell.policy.finding import Finding, Looked
from firstbell.policy.findings import declared_of, findings_of
from firstbell.reports.wording import plural
from firstbell.statute import Statute

__all__ = ["add_check", "add_compare"]

WIDTH = 100
TITLES = {
    "against the law": "Against the law, found by checks",
    "inside the policy": "Inside the policy, found by checks",
    "": "Declared by a reader",
}


def add_check(which: Commands[argparse.ArgumentParser]) -> None:
    """Adds `check`."""
    check = which.add_parser(
        "check",
        help="a policy's files, and the policy itself, checked",
        description="Reads every version of a policy with the law and a school's settings, and lists what "
        "is wrong with file and line. Then it says where the newest version breaks the law, contradicts "
        "itself or leaves something unsaid, and what is taken instead: what checks found, and apart from it "
        "what a reader declared. Exit code 0, whatever is found, unless the files cannot be used.",
    )
    check.add_argument("policy", metavar="POLICY", help="the id of a policy, or the path to its folder")
    check.add_argument("--settings", type=Path, metavar="FILE", help="what a school states, school.toml")
    check.add_argument("--school", dest="settings", type=Path, help=argparse.SUPPRESS)
    check.add_argument(
        "--on",
        type=day,
        metavar="DAY",
        help="by the law of this day; left out: the first of the newest version",
    )
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(run=_check)


def add_compare(which: Commands[argparse.ArgumentParser]) -> None:
    """Adds `compare`."""
    compare = which.add_parser(
        "compare",
        help="on what two policies differ",
        description="Says matter by matter, from the register to the penalty notice, what each of two "
        "policies says where they differ, and who of them acts where their limits have the same number. "
        "Settings are those of the invented school beside each policy.",
    )
    compare.add_argument("first", metavar="A", help="the id of a policy, or the path to its folder")
    compare.add_argument("second", metavar="B", help="another")
    compare.add_argument("--json", action="store_true", help="print it as JSON")
    compare.set_defaults(run=_compare)


# --- check -----------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    england = statute.england()
    files, folder = named(options.policy, england)
    settings = read_school(options.settings) if options.settings else example_beside(folder)
    law = shipped(LAW, england)
    Rulebook(england, law, files, settings)
    found = findings_of(files, england, law, settings, on=options.on)
    declared = declared_of(files)
    if options.json:
        print(json.dumps([_as_json(one) for one in (*found, *declared)], indent=2, ensure_ascii=False))
        return READ
    print("\n".join(_said(files, found, declared)))
    return READ


def _said(files: PolicyFiles, found: Iterable[Finding], declared: Iterable[Finding]) -> Iterator[str]:
    for version in files.versions:
        held = f"{len(version.rules)} rules, {len(version.clauses)} clauses"
        yield f"{files.id}, in force from {version.in_force_from_on}: {held}."
    # What a rule asks less than the law is among the findings, with what is taken.
    yield from (f"  {problem}" for problem in files.warnings if problem.rule != "policy-laxer")
    parts = {sort: [one for one in found if one.sort == sort] for sort in TITLES if sort} | {
        "": list(declared)
    }
    for sort, own in parts.items():
        if own:
            yield f"\n{TITLES[sort]} ({len(own)})"
            for one in own:
                yield from _lines(one)
    count = sum(map(len, parts.values()))
    yield "\nNo faults that stop it." + (f" {plural(count, 'finding')}." if count else " Nothing was found.")


def _lines(one: Finding) -> Iterator[str]:
    where = f"{one.place.file}, row {one.place.row}" if one.place and one.place.row else ""
    number = f"no. {one.number}" if one.number else ""
    yield "  " + ", ".join(filter(None, (number, ", ".join(one.clauses), one.check, where)))
    for text in (one.what, f"Taken: {one.default}", f"Source: {one.source}" if one.source else ""):
        if text:
            yield textwrap.fill(text, WIDTH, initial_indent=6 * " ", subsequent_indent=6 * " ")


def _as_json(one: Finding) -> dict[str, Any]:
    return {
        "number": one.number,
        "found by": one.check or "a reader",
        "sort": one.sort,
        "clauses": list(one.clauses),
        "rules": list(one.rules),
        "what": one.what,
        "taken": one.default,
        "source": one.source,
    }


# --- compare ---------------------------------------------------------------------------------------------


def _compare(options: argparse.Namespace) -> int:
    england = statute.england()
    first, second = (_looked(name, england) for name in (options.first, options.second))
    found = differences(first, second)
    if options.json:
        rows = [{"matter": d.matter, "first": d.first, "second": d.second, "means": d.means} for d in found]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return READ
    names = (first.version.id, second.version.id)
    for one in found:
        print(f"{one.matter[:1].upper()}{one.matter[1:]}")
        for name, text in zip(names, (one.first, one.second), strict=True):
            print(textwrap.fill(f"{name}: {text}", WIDTH, initial_indent="  ", subsequent_indent="      "))
        if one.means:
            print(f"  {one.means}")
    print(f"{plural(len(found), 'matter')} on which they differ. Where a policy says nothing the law holds.")
    return READ


def _looked(name: str, england: Statute, on: date | None = None) -> Looked:
    files, folder = named(name, england)
    law, version = shipped(LAW, england), files.versions[-1]
    day_of = on or version.in_force_from_on
    return Looked(version, england.on(day_of), law.on(day_of), day_of, example_beside(folder))
