"""The benchmark of what is due: what is measured, and when its goals are met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firstbell.bench.duties import duties_json, measure, run_duties, write_school
from firstbell.problems import Unusable
from firstbell.synth import invent

ONE: dict[str, Any] = {"from": "files", "pupils": 1_000, "seconds": 1.0, "reference_seconds": 0.5}


def test_schools_are_reviewed_one_after_the_other_from_their_files_or_their_folders(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for seed, folder in enumerate(folders, start=1):
        write_school(folder, invent("primary", 30, seed))
    files, kept = measure("files", folders), measure("folder", folders)
    assert (files["schools"], files["pupils"]) == (2, 60)
    assert files["facts"] > 300
    assert 0 < files["open"] < files["duties"]
    assert list(files["seconds_of"]) == ["pupils", "marks", "facts", "strips", "duties"]
    assert list(kept["seconds_of"]) == ["marks", "facts", "strips", "duties"]
    # The rows of the marks are many more lines than the registers of the folder.
    assert files["reference_seconds"] > kept["reference_seconds"] > 0


def test_files_and_folder_of_a_school_say_the_same(tmp_path: Path) -> None:
    write_school(tmp_path / "one", invent("primary", 30, 1))
    files, kept = (measure(source, [tmp_path / "one"]) for source in ("files", "folder"))
    counted = ("pupils", "marks", "facts", "duties", "open")
    assert [files[name] for name in counted] == [kept[name] for name in counted]


def test_nothing_is_left_beside_the_files_that_were_measured(tmp_path: Path) -> None:
    write_school(tmp_path / "one", invent("primary", 30, 1))
    before = sorted(tmp_path.rglob("*"))
    measure("files", [tmp_path / "one"])
    assert sorted(tmp_path.rglob("*")) == before


def test_the_first_goal_is_six_times_the_reading_of_the_lines() -> None:
    assert duties_json({**ONE, "seconds": 3.0}, None)["goals_met"] is True
    assert duties_json({**ONE, "seconds": 3.1}, None) == {
        **ONE, "seconds": 3.1, "ratio": 6.2, "goals_met": False,
    }  # fmt: skip


def test_the_second_goal_is_sixty_times_for_fifty_times_as_many() -> None:
    many = {"from": "files", "pupils": 50_000, "reference_seconds": 25.0}
    assert duties_json({**many, "seconds": 60.0}, ONE)["goals_met"] is True
    slow = duties_json({**many, "seconds": 61.0}, ONE)
    assert (slow["times_1000"], slow["goals_met"]) == (61.0, False)


def test_the_figure_from_the_folder_has_no_goal() -> None:
    found = duties_json({**ONE, "from": "folder", "seconds": 9.0}, ONE)
    assert (found["ratio"], found["times_1000"]) == (18.0, 9.0)
    assert "goals_met" not in found


def test_too_few_pupils_for_a_school_are_refused() -> None:
    with pytest.raises(Unusable, match="with 5 pupils"):
        run_duties(5)


def test_one_school_is_measured_in_processes_of_its_own_from_both() -> None:
    measured = list(run_duties(30))
    assert [one["from"] for one in measured] == ["files", "folder"]
    assert all(one["benchmark"] == "duties" and one["pupils"] == 30 for one in measured)
    assert all(one["ratio"] > 0 for one in measured)
