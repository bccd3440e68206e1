"""`firstbell policy show`: the document that a school publishes. `policy diff`: what a new one changes."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from firstbell import statute
from firstbell.cli.options import READ, Commands, day
from firstbell.delivery.policies import policy_pdf
from firstbell.exchange.folders import check_folder, write_folder
from firstbell.policy import PolicyFiles, WrittenPolicy, named, read_school, shipped
from firstbell.policy.files import LAW
from firstbell.policy.sections import sections_of
from firstbell.problems import Place, Problem, Unusable
from firstbell.reports.published.changes import SECTIONS, Change, changes
from firstbell.reports.published.document import document
from firstbell.reports.published.page import policy_page
from firstbell.reports.published.rules import published
from firstbell.reports.wording import plural
from firstbell.sessions import day_and_year
from firstbell.statute import Statute

__all__ = ["add_diff", "add_show", "version_of"]

WIDTH = 100

PAGE, PAPER, CHART = "policy.html", "policy.pdf", "morning.svg"


def add_show(which: Commands[argparse.ArgumentParser]) -> None:
    """Adds `show`."""
    show = which.add_parser(
        "show",
        help="a policy as the document that a school publishes",
        description="Writes a policy as a document for parents and staff: a page that opens in any browser, "
        "the same as a PDF, and the flow chart of the morning by itself. What the policy leaves to the "
        "school stands there as the settings state it; without settings it says in place what the school "
        "has to state.",
    )
    show.add_argument(
        "policy",
        metavar="POLICY[@DAY]",
        help="the id of a policy, or the path to its folder; with a day the version that is in force from "
        "then on, else the newest",
    )
    show.add_argument("--settings", type=Path, metavar="FILE", help="what the school states, school.toml")
    show.add_argument(
        "--on", type=day, metavar="DAY", help="by the law of this day; left out: the first of the version"
    )
    show.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write the document")
    show.add_argument("--replace", action="store_true", help="write over a document that is there already")
    show.set_defaults(run=_show)


def add_diff(which: Commands[argparse.ArgumentParser]) -> None:
    """Adds `diff`."""
    diff = which.add_parser(
        "diff",
        help="what another version of a policy changes, in words",
        description="Says what a new version of a policy asks that was not asked, no longer, or otherwise, "
        "and which roles, letters, texts, clauses and settings have come or gone. Rules are matched by "
        "their ids. Exit code 0, whether the two differ or not.",
    )
    versions = (
        "the id of a policy or the path to its folder, with @ and a day for one version, else the newest"
    )
    diff.add_argument("old", metavar="OLD", help=f"the earlier version: {versions}")
    diff.add_argument("new", metavar="NEW", help="the later one, or another policy")
    diff.add_argument("--json", action="store_true", help="print the changes as JSON")
    diff.set_defaults(run=_diff)


# --- which version ---------------------------------------------------------------------------------------


def version_of(text: str, england: Statute) -> tuple[PolicyFiles, WrittenPolicy, Path]:
    """The version of a policy that a person names: its id or folder, perhaps with "@" and a day.

    The folder of a version names that version. Raises `Unusable` if there is none.
    """
    name, on = _with_day(text)
    files, folder = named(name, england)
    if on is None:
        return files, files.versions[-1], folder
    for version in files.versions:
        if version.in_force_from_on == on:
            return files, version, folder
    days = ", ".join(str(version.in_force_from_on) for version in files.versions)
    what = f'"{name}" has no version from {on}.'
    raise Unusable([Problem("policy-version", Place(text), what, f"There are versions from: {days}.")])


def _with_day(text: str) -> tuple[str, date | None]:
    """A name and the day after its "@", or that of a version's folder; None where there is no day."""
    path = Path(text)
    if (path / "policy.toml").is_file() and (on := _day(path.resolve().name)) is not None:
        return str(path.resolve().parent), on
    name, at, last = text.rpartition("@")
    on = _day(last) if at else None
    return (name, on) if on is not None else (text, None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# --- show ------------------------------------------------------------------------------------------------


def _show(options: argparse.Namespace) -> int:
    check_folder(options.out, replace=options.replace)
    england = statute.england()
    files, version, folder = version_of(options.policy, england)
    settings = read_school(options.settings) if options.settings else None
    law = shipped(LAW, england)
    shown = document(
        published(england, law, files, version, settings, options.on), _sections(folder, version)
    )
    written: dict[str, str | bytes] = {PAGE: policy_page(shown), PAPER: policy_pdf(shown)}
    if shown.charts:
        written[CHART] = shown.charts[0].svg
    write_folder(options.out, written, replace=options.replace)
    print(f"{shown.title}, {shown.school}" if shown.school else shown.title)
    print(f"In force from {day_and_year(version.in_force_from_on)}; {len(shown.sections)} sections.")
    if settings is None:
        print("Where the school has to state something, it says so: name its settings with --settings.")
    print(f"Written: {', '.join(str(options.out / name) for name in written)}.")
    return READ


def _sections(folder: Path, version: WrittenPolicy) -> Mapping[str, str]:
    """The heading below which each clause stands in its file."""
    file = folder / version.in_force_from_on.isoformat() / "clauses.toml"
    return sections_of(file.read_text(encoding="utf-8-sig"))


# --- diff ------------------------------------------------------------------------------------------------


def _diff(options: argparse.Namespace) -> int:
    england = statute.england()
    _, old, _ = version_of(options.old, england)
    _, new, _ = version_of(options.new, england)
    found = changes(old, new, england)
    if options.json:
        versions = {
            name: {"policy": one.id, "in_force_from_on": str(one.in_force_from_on)}
            for name, one in (("old", old), ("new", new))
        }
        print(
            json.dumps({**versions, "changes": [asdict(one) for one in found]}, indent=2, ensure_ascii=False)
        )
        return READ
    print(f"From {_named(old)} to {_named(new)}.")
    print("\n".join(_lines(found)))
    return READ


def _named(version: WrittenPolicy) -> str:
    return f'"{version.title}" ({version.id}, in force from {day_and_year(version.in_force_from_on)})'


def _lines(found: Sequence[Change]) -> Iterator[str]:
    if not found:
        yield "They say the same."
        return
    for section, title in SECTIONS.items():
        own = [one for one in found if one.section == section]
        if not own:
            continue
        yield f"\n{title}: {plural(len(own), 'change')}"
        topic = ""
        for one in own:
            if one.topic != topic and section in ("otherwise", "new", "gone"):
                topic = one.topic
                yield f"  {topic}"
            where = f" [{', '.join((one.key, *one.clauses))}]" if one.topic else ""
            yield from textwrap.wrap(
                f"{one.says}{where}", WIDTH, initial_indent="  - ", subsequent_indent="    "
            )
