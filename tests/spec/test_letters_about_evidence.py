"""A letter that asks for evidence names the absence that it is about, and lists its days and no others.

Working together to improve school attendance (2024): evidence is asked for where somebody genuinely doubts an
absence, and the family has to see which one that is.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from firstbell.delivery.values import Addressee, Office, letter_values
from firstbell.duties import duties_of, see
from firstbell.scenarios import read_scenario
from firstbell.scenarios.running import laid_book, rulebook_for

WORKED = """\
id = "evidence"
title = "Evidence that was asked for"
policy = "trust-middle"
calendar = "year"
on = 2025-11-12

[[pupils]]
ref = "P1"
year_group = "6"
marks = ["2025-09-15..2025-09-16 I I", "2025-11-05..2025-11-07 I I", "2025-11-10 O -"]

[[facts]]
kind = "evidence asked"
pupil = "P1"
on = 2025-11-12
data = {{ of = "other"{days} }}

[[then]]
pupil = "P1"
due = "write for the evidence"
"""
YEAR = """\
school = "Year"

[[year]]
name = "2025/26"

[[year.term]]
name = "Autumn"
half_terms = [{ starts = 2025-09-02, ends = 2025-10-24 }, { starts = 2025-11-03, ends = 2025-12-19 }]
"""
OFFICE = Office("Example School", ("1 Example Road",), "01632 960001", "office@example.org")
TO = Addressee(("Ms J Elmwood",), "Dear Ms Elmwood", "Amira Elmwood", "Amira")


def values_of(folder: Path, days: str) -> dict[str, Any]:
    """The values of the letter for evidence of some days, as a scenario file writes them."""
    (folder / "calendars").mkdir()
    (folder / "calendars" / "year.toml").write_text(YEAR, encoding="utf-8")
    (folder / "case.toml").write_text(WORKED.format(days=days), encoding="utf-8")
    scenario = read_scenario(folder / "case.toml")
    rulebook = rulebook_for(scenario)
    book, at = laid_book(scenario, rulebook)
    sight = see(book, rulebook, at)
    duty = next(one for one in duties_of(sight) if one.rule.letter == "evidence")
    return letter_values(duty, sight, OFFICE, TO)


@pytest.mark.parametrize(
    ("first", "last", "said", "listed"),
    [
        (
            date(2025, 11, 5),
            date(2025, 11, 7),
            "the absence from 5 to 7 November 2025",
            ["5 to 7 November 2025"],
        ),
        (
            date(2025, 11, 10),
            None,
            "the absence on Monday 10 November 2025",
            ["Monday 10 November 2025"],
        ),
    ],
)
def test_the_letter_is_about_the_days_that_were_asked_about(
    first: date, last: date | None, said: str, listed: list[str], tmp_path: Path
) -> None:
    days = f", from_on = {first}" + (f", until_on = {last}" if last else "")
    values = values_of(tmp_path, days)
    assert values["evidence_for"] == said
    assert [one["on"] for one in values["absences"]] == listed


def test_where_no_days_were_named_it_lists_every_absence_of_the_year(tmp_path: Path) -> None:
    values = values_of(tmp_path, "")
    assert "evidence_for" not in values
    assert [one["on"] for one in values["absences"]] == [
        "15 to 16 September 2025",
        "5 to 7 November 2025",
        "Monday 10 November 2025",
    ]
