"""In which order are contacts rung? `firstbell review` takes it from the contacts that are handed over."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from firstbell.cli import main

FILES = ("calendar.toml", "pupils.csv", "marks.csv", "contacts.csv")
DAY = "2025-03-11"
"""A day on which somebody is away for no known reason, where no facts are read."""
FIRST = "ring the first contact"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    assert main(["synth", "primary", "--pupils", "60", "--out", str(folder / "files")]) == 0
    return folder / "files"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def first_rung(school: Path, contacts: Path, out: Path) -> dict[str, str]:
    """Whom the review has rung first for those who are not there, by the number of the pupil."""
    arguments = ["review", "--policy", "trust-secondary", "--on", DAY, "--out", str(out)]
    for name in FILES:
        file = contacts if name == "contacts.csv" else school / name
        arguments += [f"--{name.partition('.')[0]}", str(file)]
    assert main(arguments) in (0, 1)
    duties = json.loads((out / "duties.json").read_text(encoding="utf-8"))["duties"]
    return {one["number"]: one["parent"] for one in duties if one["asks"] == FIRST}


def test_the_first_in_order_is_rung_whoever_has_responsibility(school: Path, tmp_path: Path) -> None:
    rows = rows_of(school / "contacts.csv")
    # A neighbour before all others, and one without a place, who comes last wherever the row stands.
    neighbours: list[dict[str, str]] = []
    for number in sorted({row["Admission number"] for row in rows}):
        own = next(row for row in rows if row["Admission number"] == number)
        plain = own | {
            "Parental responsibility": "no",
            "Relationship": "Neighbour",
            "Contact surname": "Near",
        }
        neighbours.append(plain | {"Order": "0", "Contact number": f"N{number}", "Contact forename": "Ann"})
        neighbours.append(plain | {"Order": "", "Contact number": f"X{number}", "Contact forename": "Zed"})
    found = first_rung(
        school, write(tmp_path / "contacts.csv", [*reversed(neighbours), *rows]), tmp_path / "out"
    )
    assert found
    assert found == {number: f"N{number}" for number in found}


def test_without_places_the_order_is_that_of_the_file(school: Path, tmp_path: Path) -> None:
    rows = [row | {"Order": ""} for row in reversed(rows_of(school / "contacts.csv"))]
    first = {row["Admission number"]: row["Contact number"] for row in reversed(rows)}
    found = first_rung(school, write(tmp_path / "contacts.csv", rows), tmp_path / "out")
    assert found
    assert found == {number: first[number] for number in found}
