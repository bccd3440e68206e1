"""When the law changes

Law is a row with a day. Suppose the national threshold rises to twelve sessions on 1 September 2027: one
row is added to `thresholds.toml`, no row is altered and no line of code. From that day on twelve is the
law, and the day before it is still ten, in whichever year somebody asks. Everything else stays as it was.
"""

from __future__ import annotations

import shutil
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from firstbell import statute
from firstbell.statute import NationalThreshold, Statute

NEW_ROW = """
[[national_threshold]]
from         = 2027-09-01
sessions     = 12
school_weeks = 10
codes        = ["G", "N", "O", "U"]
ages         = "compulsory school age"
source       = "working-together-2026: an invented change"
"""


@pytest.fixture
def changed(tmp_path: Path) -> Statute:
    """The law as our tables hold it, with one row more."""
    with resources.as_file(resources.files("firstbell.statute")) as tables:
        for table in tables.glob("*.toml"):
            shutil.copy(table, tmp_path)
    thresholds = tmp_path / "thresholds.toml"
    text = thresholds.read_text(encoding="utf-8")
    # Whoever has followed the recipe in earnest has such a row already.
    if "from         = 2027-09-01" not in text:
        thresholds.write_text(text + NEW_ROW, encoding="utf-8")
    return Statute.read(tmp_path)


def test_the_day_before_the_old_number_is_the_law_and_on_the_day_the_new_one(changed: Statute) -> None:
    assert changed.on(date(2027, 8, 31)).value(NationalThreshold).sessions == 10
    assert changed.on(date(2027, 9, 1)).value(NationalThreshold).sessions == 12


def test_the_old_row_ends_by_itself_when_the_new_one_begins(changed: Statute) -> None:
    old = changed.on(date(2024, 8, 19)).value(NationalThreshold)
    assert old.until_on == date(2027, 8, 31)


def test_nothing_else_has_changed(changed: Statute) -> None:
    def others(law: Statute) -> list[statute.Value]:
        return [value for value in law.values if not isinstance(value, NationalThreshold)]

    assert others(changed) == others(statute.england())
    assert changed.symbols == statute.england().symbols


def test_a_year_that_crosses_the_day_is_read_by_both_rows(changed: Statute) -> None:
    days = [date(2027, 7, 20), date(2027, 7, 21), date(2027, 9, 2)]
    over = changed.over(days)
    assert [over.laws[i].value(NationalThreshold).sessions for i in over.regime] == [10, 10, 12]
