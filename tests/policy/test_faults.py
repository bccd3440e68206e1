"""Policies with one fault each: what is said of it, and of which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstbell import statute
from firstbell.policy import Rulebook, read_policy, read_school
from firstbell.problems import Problem, Unusable
from tests.policy.laying import lay

FAULTS = Path(__file__).parent / "faults"
MARK = "<- here"


def problems_of(root: Path) -> list[Problem]:
    """Everything that is said of the law, the small policy and the school's settings in a folder."""
    england = statute.england()
    try:
        law = read_policy(root, "law", england)
        policy = read_policy(root, "small", england, law)
        Rulebook(england, law, policy, read_school(root / "school.toml"))
    except Unusable as refused:
        return list(refused.problems)
    return [*law.warnings, *policy.warnings]


def marked_line(fault: Path) -> int | None:
    """The line of a fault's files that is marked as the faulty one."""
    for file in fault.rglob("*.t*"):
        for row, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if MARK in line:
                return row
    return None


def test_the_policy_that_the_faults_are_laid_over_is_sound(tmp_path: Path) -> None:
    assert problems_of(lay(tmp_path)) == []


@pytest.mark.parametrize("fault", sorted(FAULTS.iterdir()), ids=lambda fault: fault.name)
def test_one_fault_is_one_problem_with_its_line_and_a_remedy(fault: Path, tmp_path: Path) -> None:
    [problem] = problems_of(lay(tmp_path, fault))
    assert str(problem) == (fault / "says.txt").read_text(encoding="utf-8").strip()
    assert problem.place.row == (marked_line(fault) or problem.place.row)
