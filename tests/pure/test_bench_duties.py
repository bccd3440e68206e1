"""The benchmark of what is due: what is measured, and when its goals are met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firstbell.bench.duties import duties_json, measure, run_duties, write_school
from firstbell.problems import Unusable
from firstbell.synth import invent

ONE: dict[str, Any] = {"pupils": 1_000, "seconds": 1.0, "reference_seconds": 0.5}


def test_schools_are_read_from_their_folders_and_reviewed_one_after_the_other(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for seed, folder in enumerate(folders, start=1):
        write_school(folder, invent("primary", 30, seed))
    measured = measure(folders)
    assert (measured["schools"], measured["pupils"]) == (2, 60)
    assert measured["facts"] > 300
    assert 0 < measured["open"] < measured["duties"]
    assert list(measured["seconds_of"]) == ["marks", "facts", "strips", "duties"]
    assert measured["reference_seconds"] > 0


def test_the_first_goal_is_six_times_the_reading_of_the_lines() -> None:
    assert duties_json({**ONE, "seconds": 3.0}, None)["goals_met"] is True
    assert duties_json({**ONE, "seconds": 3.1}, None) == {
        **ONE, "seconds": 3.1, "ratio": 6.2, "goals_met": False,
    }  # fmt: skip


def test_the_second_goal_is_sixty_times_for_fifty_times_as_many() -> None:
    many = {"pupils": 50_000, "reference_seconds": 25.0}
    assert duties_json({**many, "seconds": 60.0}, ONE)["goals_met"] is True
    slow = duties_json({**many, "seconds": 61.0}, ONE)
    assert (slow["times_1000"], slow["goals_met"]) == (61.0, False)


def test_too_few_pupils_for_a_school_are_refused() -> None:
    with pytest.raises(Unusable, match="with 5 pupils"):
        run_duties(5)


def test_one_school_is_measured_in_a_process_of_its_own() -> None:
    (measured,) = run_duties(30)
    assert measured["benchmark"] == "duties"
    assert measured["pupils"] == 30
    assert measured["ratio"] > 0
