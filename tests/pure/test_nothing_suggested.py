"""A line can want that no answer is offered first, and is not so where one is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from firstbell.scenarios import read_scenario
from firstbell.scenarios.running import run

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"


@pytest.mark.parametrize(
    ("suggests", "notice_given_on", "so"),
    [("nothing", "2026-02-23", True), ("nothing", "2026-02-24", False), ("refuse", "2026-02-24", True)],
)
def test_fourteen_days_notice_suggests_nothing_and_thirteen_suggest_refusal(
    tmp_path: Path, suggests: str, notice_given_on: str, so: bool
) -> None:
    shutil.copytree(SCENARIOS / "calendars", tmp_path / "calendars")
    text = (SCENARIOS / "primary-rewards" / "SC-X-07.toml").read_text(encoding="utf-8")
    text = text.replace('on = 2026-02-24\nby = "office"', f'on = {notice_given_on}\nby = "office"')
    text = text.replace('because = { notice_days = 13, at_least = "14 days" }\n', "")
    file = tmp_path / "case.toml"
    file.write_text(text.replace('suggests = "refuse"', f'suggests = "{suggests}"'), encoding="utf-8")
    assert run(read_scenario(file)).passed is so
