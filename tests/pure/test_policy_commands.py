"""`firstbell policy` and `firstbell scenarios`, run as somebody would who writes a policy of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from firstbell.cli import main
from firstbell.delivery.addresses import is_postcode
from firstbell.policy import read_school

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "firstbell" / "policies"
SCENARIOS = ROOT / "tests" / "scenarios"
ONE = "SC-X-10.toml"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of a policy under another name, as `cp -r` makes it."""
    shutil.copytree(POLICIES / "primary-rewards", tmp_path / "pol")
    return tmp_path / "pol"


def _scenarios(folder: Path, *names: str) -> Path:
    shutil.copytree(SCENARIOS / "calendars", folder / "calendars")
    (folder / "cases").mkdir()
    found = {path.name: path for path in SCENARIOS.rglob("*.toml")}
    for name in names:
        shutil.copyfile(found[name], folder / "cases" / name)
    return folder / "cases"


def test_a_copied_policy_has_no_faults_and_takes_the_example_beside_it(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "check", str(copied)]) == 0
    assert "pol, in force from" in capsys.readouterr().out


def test_scenarios_run_against_another_policy_than_they_name(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = _scenarios(tmp_path / "s", ONE)
    assert main(["scenarios", str(cases), "--policy", str(copied)]) == 0
    assert main(["scenarios", str(cases), "--policy", "primary-rewards"]) == 0
    assert main(["scenarios", str(cases), "--policy", "model"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert "1 of 1 scenarios are so." in said and "0 of 1 scenarios are so; 1 is not." in said


def test_a_policy_that_there_is_not_is_refused_once_before_any_scenario_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["scenarios", str(SCENARIOS / "primary-rewards"), "--policy", "nobodys"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1


def test_what_keeps_every_scenario_from_running_is_said_once(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copied / "example-school.toml").write_text('policy = "pol"\nname = "Example"\n', encoding="utf-8")
    cases = _scenarios(tmp_path, ONE, "SC-X-09.toml")
    for path in cases.iterdir():
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"primary-rewards"', '"../pol"', 1), encoding="utf-8")
    assert main(["scenarios", str(cases)]) == 1
    said = capsys.readouterr().out
    assert said.count("not run") == 2 and said.count("for the same reason as above") == 1
    assert "0 of 2 scenarios are so; 2 are not." in said


def test_the_settings_of_a_school_are_named_as_in_a_review_and_by_their_old_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "school.toml"
    shutil.copyfile(POLICIES / "model" / "example-school.toml", settings)
    assert main(["policy", "check", "model", "--settings", str(settings)]) == 0
    assert main(["policy", "check", "model", "--school", str(settings)]) == 0
    with pytest.raises(SystemExit):
        main(["policy", "check", "--help"])
    said = capsys.readouterr().out
    assert "--settings" in said and "--school" not in said


def test_settings_for_another_policy_are_refused_with_the_line_to_write(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = POLICIES / "primary-rewards" / "example-school.toml"
    assert main(["policy", "check", str(copied), "--settings", str(example)]) == 2
    assert 'write policy = "pol" there' in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["primary", "secondary"])
def test_an_invented_school_states_what_a_policy_needs_at_an_address_that_can_be_posted_to(
    kind: str, tmp_path: Path
) -> None:
    assert main(["synth", kind, "--pupils", "40", "--out", str(tmp_path / "files")]) == 0
    settings = tmp_path / "files" / "school.toml"
    own = read_school(settings)
    *_, postcode = own.school["address"].split(", ")
    assert is_postcode(postcode) and own.school["phone"].startswith("01632 960")
    assert own.school["email"].endswith("@example.org") and "Example" not in own.name
    assert main(["policy", "check", own.policy, "--settings", str(settings)]) == 0
