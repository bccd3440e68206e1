"""`firstbell policy show`: the document that a school publishes. `policy diff`: what a new one changes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from firstbell import statute
from firstbell.cli.options import READ, Commands, day
from firstbell.delivery.policies import policy_pdf
from firstbell.exchange.folders import check_folder, write_folder
from firstbell.policy import PolicyFiles, WrittenPolicy, named, read_school, shipped
from firstbell.policy.files import LAW
from firstbell.problems import Place, Problem, Unusable
from firstbell.reports.published.document import document
from firstbell.reports.published.page import policy_page
from firstbell.reports.published.rules import published
from firstbell.scenarios.policy_page import sections_of
from firstbell.statute import Statute

__all__ = ["add_show", "version_of"]

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
    if version.is_law:
        what, remedy = "The law is no school's policy.", "firstbell law --on DAY prints what it says."
        raise Unusable([Problem("policy-law", Place(options.policy), what, remedy)])
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
    print(f"In force from {version.in_force_from_on}; {len(shown.sections)} sections.")
    if settings is None:
        print("Where the school has to state something, it says so: name its settings with --settings.")
    print(f"Written: {', '.join(str(options.out / name) for name in written)}.")
    return READ


def _sections(folder: Path, version: WrittenPolicy) -> Mapping[str, str]:
    """The heading below which each clause stands in its file."""
    file = folder / version.in_force_from_on.isoformat() / "clauses.toml"
    return sections_of(file.read_text(encoding="utf-8-sig"))
