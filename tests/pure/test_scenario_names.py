"""Names in a scenario that its policy does not have are refused: a slip of the pen must hold nothing up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from firstbell.problems import Unusable
from firstbell.scenarios import read_scenario
from firstbell.scenarios.running import run

CALENDARS = Path(__file__).parents[1] / "scenarios" / "calendars"
SCENARIO = """
id = "one"
title = "One"
policy = "primary-rewards"
calendar = "cal-190"
on = 2025-09-19

[[pupils]]
ref = "A"
year_group = "3"

[[then]]
pupil = "A"
"""


def refused(folder: Path, line: str) -> str:
    shutil.copytree(CALENDARS, folder / "calendars")
    file = folder / "scenario.toml"
    file.write_text(f"{SCENARIO}{line}\n", encoding="utf-8")
    with pytest.raises(Unusable) as found:
        run(read_scenario(file))
    [problem] = found.value.problems
    return str(problem)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            'not_due = "welfare chek"',
            'the policy "primary-rewards" has no "welfare chek". Did you mean "welfare',
        ),
        (
            'figure = "attendence"\nis = [28, 28]',
            'there is no figure "attendence". Did you mean "attendance"?',
        ),
        ('may = "grant leaf"', 'there is no action "grant leaf". Did you mean "grant leave"?'),
        (
            'may_not = "grant leave"\nrule = "leave-notise"',
            'has no "leave-notise". Did you mean "leave-notice"?',
        ),
        (
            'not_due = "welfare check"\nbecause = { dya = 4 }',
            'the reason of "welfare check" never says "dya". Did you mean "day"?',
        ),
    ],
)
def test_a_name_that_there_is_not_is_refused_with_the_nearest(line: str, says: str, tmp_path: Path) -> None:
    assert says in refused(tmp_path, line)
