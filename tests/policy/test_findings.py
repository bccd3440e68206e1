"""What checks find in a policy: for each a policy that it finds fault with, and one that it must not."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from firstbell import statute
from firstbell.cli import main
from firstbell.policy import PolicyFiles, read_policy, shipped
from firstbell.policy.comparing import MATTERS
from firstbell.policy.files import LAW
from firstbell.policy.findings import CHECKS, Finding, declared_of, findings_of
from firstbell.policy.statements import STATED
from firstbell.problems import Unusable

CASES = Path(__file__).parent / "findings"
POLICIES = sorted(
    folder.name
    for folder in (Path(__file__).parents[2] / "firstbell" / "policies").iterdir()
    if folder.is_dir() and folder.name not in ("layout", LAW)
)
DECLARED = (
    '[[finding]]\nnumber = "5"\nclauses = ["1"]\ntext = "A word is struck out."\ndefault = "It is kept."\n'
)
CLAUSE = '"1" = "We do what we say."\n'


def laid(root: Path, case: dict[str, Any], findings: str = "") -> Path:
    """A policy of the name "small" with the rules and clauses of a case."""
    folder = root / "small" / "2025-09-01"
    folder.mkdir(parents=True)
    top = case.get("top", "")
    text = f'title = "A policy"\n{top}\n[roles]\noffice = "The office"\n\n{case["rules"]}'
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    (folder / "clauses.toml").write_text(f"[clauses]\n{case.get('clauses', CLAUSE)}", encoding="utf-8")
    if findings:
        (folder / "findings.toml").write_text(findings, encoding="utf-8")
    return root / "small"


def found_in(folder: Path) -> tuple[Finding, ...]:
    england = statute.england()
    law = shipped(LAW, england)
    return findings_of(read_policy(folder.parent, folder.name, england, law), england, law)


@pytest.fixture(scope="module")
def ours() -> dict[str, PolicyFiles]:
    england = statute.england()
    return {name: shipped(name, england) for name in POLICIES}


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_finds_its_fault_and_does_not_find_it_in_a_policy_next_to_it(
    check: str, tmp_path: Path
) -> None:
    case = tomllib.loads((CASES / f"{check}.toml").read_text(encoding="utf-8"))
    if check == "register-open-too-long":
        # Longer than the law allows is refused when the files are read: the check is for laws of other days.
        with pytest.raises(Unusable, match="40 minutes"):
            found_in(laid(tmp_path / "trips", case["trips"]))
    else:
        tripped = [one for one in found_in(laid(tmp_path / "trips", case["trips"])) if one.check == check]
        assert tripped, "nothing was found"
        assert case["says"] in tripped[0].what
        assert tripped[0].clauses or check == "review-overdue"
        assert all(one.default.endswith(".") for one in tripped)
    assert check not in {one.check for one in found_in(laid(tmp_path / "sound", case["sound"]))}


def test_every_case_is_of_a_check() -> None:
    assert {file.stem for file in CASES.glob("*.toml")} == {*CHECKS}


def test_what_the_law_states_is_one_word_on_each_matter() -> None:
    law = shipped(LAW, statute.england()).versions[-1]
    stated = [key for clause in law.clauses.values() for key in clause.states]
    assert sorted(stated) == sorted(STATED)


def test_the_model_has_no_finding(ours: dict[str, PolicyFiles]) -> None:
    england = statute.england()
    assert findings_of(ours["model"], england, shipped(LAW, england)) == ()
    assert declared_of(ours["model"]) == ()


@pytest.mark.parametrize("policy", [name for name in POLICIES if name != "model"])
def test_a_finding_that_a_policys_list_calls_computed_is_computed(
    policy: str, ours: dict[str, PolicyFiles]
) -> None:
    england = statute.england()
    files = ours[policy]
    numbers = {one.number for one in findings_of(files, england, shipped(LAW, england)) if one.number}
    listed = {one.number for one in files.versions[-1].declared if one.computed}
    assert listed <= numbers
    assert all(
        clause in files.versions[-1].clauses for one in files.versions[-1].declared for clause in one.clauses
    )


def test_a_declared_finding_has_a_number_clauses_a_text_and_what_is_taken(tmp_path: Path) -> None:
    case = tomllib.loads((CASES / "kept-too-short.toml").read_text(encoding="utf-8"))["trips"]
    files = read_policy(laid(tmp_path / "a", case, DECLARED).parent, "small", statute.england())
    (one,) = declared_of(files)
    assert (one.number, one.clauses, one.what, one.default) == (
        "5",
        ("1",),
        "A word is struck out.",
        "It is kept.",
    )
    with pytest.raises(Unusable, match="a finding has a number"):
        read_policy(
            laid(tmp_path / "b", case, '[[finding]]\nnumber = "5"\nclauses = ["1"]\n').parent,
            "small",
            statute.england(),
        )


def test_a_declared_number_stands_with_what_a_check_found(tmp_path: Path) -> None:
    case = tomllib.loads((CASES / "kept-too-short.toml").read_text(encoding="utf-8"))["trips"]
    told = '[[finding]]\nnumber = "25"\nclauses = ["1"]\ncomputed = "kept-too-short"\n'
    (one,) = [one for one in found_in(laid(tmp_path, case, told)) if one.check == "kept-too-short"]
    assert one.number == "25"


def test_the_command_prints_what_checks_found_apart_from_what_was_declared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tomllib.loads((CASES / "kept-too-short.toml").read_text(encoding="utf-8"))["trips"]
    folder = laid(tmp_path, case, DECLARED)
    assert main(["policy", "check", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert printed.index("Against the law, found by checks (1)") < printed.index("Declared by a reader (1)")
    assert main(["policy", "check", str(folder), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["found by"] for row in rows] == ["kept-too-short", "a reader"]


def test_two_policies_are_compared_matter_by_matter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, limit in (("a", "at most 90%"), ("b", "below 90%")):
        rule = tomllib.loads((CASES / "other-side-of-boundary.toml").read_text(encoding="utf-8"))["sound"][
            "rules"
        ]
        laid(
            tmp_path / name,
            {"rules": rule.replace("at most 90%", limit).replace("}", ', tier = "persistent" }')},
        )
    assert main(["policy", "compare", str(tmp_path / "a" / "small"), str(tmp_path / "b" / "small")]) == 0
    printed = capsys.readouterr().out
    assert "At exactly 90% only the first acts." in printed
    assert "1 matters" not in printed
    assert main(["policy", "compare", "model", "model", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_every_matter_has_a_name_of_its_own() -> None:
    assert len(MATTERS) == len({name.casefold() for name in MATTERS})


def test_most_numbered_faults_of_the_five_policies_are_found_by_checks(ours: dict[str, PolicyFiles]) -> None:
    england = statute.england()
    law = shipped(LAW, england)
    computed = {
        one.number for files in ours.values() for one in findings_of(files, england, law) if one.number
    }
    declared = {one.number for files in ours.values() for one in declared_of(files)} - computed
    assert len(computed) >= 24
    assert len(computed) > len(declared)


def test_a_number_below_the_laws_is_found_without_naming_the_rule_of_law(tmp_path: Path) -> None:
    case = tomllib.loads((CASES / "laxer-than-law.toml").read_text(encoding="utf-8"))["trips"]
    alone = {"rules": case["rules"].replace('tightens = "threshold"\n', "")}
    (one,) = [one for one in found_in(laid(tmp_path, alone)) if one.check == "laxer-than-law"]
    assert "sessions is 11; by law it is 10" in one.what
    assert one.default == "The law's own rule asks as well."
