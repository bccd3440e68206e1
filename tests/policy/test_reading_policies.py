"""Folders and files of policies that cannot be read, and what is said of all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstbell import statute
from firstbell.duties.settling import SETTLING
from firstbell.policy import PolicyFiles, named, read_policy, read_school, shipped
from firstbell.policy.describing import language_page, parameters_of
from firstbell.policy.files import value_of
from firstbell.policy.parameters import KINDS
from firstbell.policy.vocabulary import RULE_KEYS, SETTLED_BY
from firstbell.problems import Problem, Unusable
from tests.policy.laying import POLICY_FROM, lay

ENGLAND = statute.england()
NO_LAW = PolicyFiles("law", ())


def refused(root: Path, policy: str = "small") -> list[Problem]:
    with pytest.raises(Unusable) as error:
        read_policy(root, policy, ENGLAND, NO_LAW)
    return list(error.value.problems)


def test_a_folder_that_is_no_day_is_no_version(tmp_path: Path) -> None:
    law = read_policy(lay(tmp_path), "law", ENGLAND)
    (tmp_path / "small" / "last-september").mkdir()
    with pytest.raises(Unusable) as error:
        read_policy(tmp_path, "small", ENGLAND, law)
    assert str(error.value) == (
        'small/last-september: the name of the folder, "last-september", is no day. Name it after the day '
        "from which the version is in force, as 2025-09-01."
    )


def test_a_policy_without_any_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "school.toml").write_text("", encoding="utf-8")
    [problem] = refused(tmp_path)
    assert str(problem) == "small: it has no version. Add a folder named after a day, as 2025-09-01."


def test_a_policy_that_there_is_not_is_refused_with_the_nearest(tmp_path: Path) -> None:
    [problem] = refused(lay(tmp_path), "smal")
    assert str(problem) == 'smal: there is no such policy. Did you mean "small"?'


@pytest.mark.parametrize("name", ["policy.toml", "clauses.toml"])
def test_a_missing_file_is_missed_once_and_not_by_every_rule(name: str, tmp_path: Path) -> None:
    (lay(tmp_path) / "small" / POLICY_FROM / name).unlink()
    [problem] = refused(tmp_path)
    assert str(problem) == f"small/2025-09-01/{name}: the file is missing. Add it."


def test_a_file_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (lay(tmp_path) / "small" / POLICY_FROM / "prose" / "why.md").write_bytes(b"\xff\xfe\x00")
    [problem] = refused(tmp_path)
    assert str(problem) == "small/2025-09-01/prose/why.md: it is not text in UTF-8. Save it as UTF-8."


def test_every_problem_of_every_version_is_told_at_once(tmp_path: Path) -> None:
    folder = lay(tmp_path) / "small"
    later = folder / "2026-09-01"
    later.mkdir()
    (later / "policy.toml").write_text('title = "Later"\ncolour = 1\n', encoding="utf-8")
    (later / "clauses.toml").write_text("[clauses]\nx = 1\ny = 2\n", encoding="utf-8")
    found = {(problem.place.file, problem.place.row) for problem in refused(tmp_path)}
    of_later = {(file, row) for file, row in found if file and "2026" in file}
    assert of_later == {
        ("small/2026-09-01/policy.toml", 2),
        ("small/2026-09-01/clauses.toml", 2),
        ("small/2026-09-01/clauses.toml", 3),
    }
    # Without the law the two rules that tighten it name nothing.
    assert {row for file, row in found - of_later} == {17, 55}


def test_a_rule_that_could_not_be_read_is_still_there_for_those_that_name_it(tmp_path: Path) -> None:
    law = read_policy(lay(tmp_path), "law", ENGLAND)
    file = tmp_path / "small" / POLICY_FROM / "policy.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("day = 3", "day = 3.5"), encoding="utf-8")
    with pytest.raises(Unusable) as error:
        read_policy(tmp_path, "small", ENGLAND, law)
    assert [problem.place.part for problem in error.value.problems] == ['rule "third-day"']


def test_a_policy_that_does_not_come_with_firstbell_is_refused() -> None:
    with pytest.raises(Unusable, match="there is no such policy"):
        shipped("no-such-policy", ENGLAND)


def test_those_that_there_are_are_policies_that_a_school_can_have() -> None:
    with pytest.raises(Unusable) as error:
        named("no-such-policy", ENGLAND)
    assert str(error.value).endswith(
        "There are: model, primary-monitored, primary-rewards, threshold-table, trust-middle, "
        "trust-secondary."
    )


def test_a_day_behind_a_policy_is_not_taken_for_a_slip_of_the_pen() -> None:
    with pytest.raises(Unusable, match='Name it without its day: "model"'):
        named("model@2024-08-19", ENGLAND)


def test_the_law_is_no_policy_of_a_school(tmp_path: Path) -> None:
    for law in ("law", str(lay(tmp_path) / "law")):
        with pytest.raises(Unusable, match="The law is no school's policy"):
            named(law, ENGLAND)


def test_every_problem_of_a_schools_settings_is_told_at_once() -> None:
    with pytest.raises(Unusable) as error:
        read_school("name = 3\n[rules]\nmorning = 4\n[school]\nphone = 1\n")
    assert [problem.place.row for problem in error.value.problems] == [3, 1, 1, 5]


def test_a_file_of_settings_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="the file cannot be read"):
        read_school(tmp_path / "school.toml")


# --- the reference ---------------------------------------------------------------------------------------


def test_the_reference_has_every_kind_with_every_parameter() -> None:
    sections = language_page().split("\n#### ")
    found = {section.partition("\n")[0]: section for section in sections[1:]}
    assert found.keys() == KINDS.keys()
    for name, kind in KINDS.items():
        assert all(f"| `{one.name}` | {one.says}" in found[name] for one in parameters_of(kind))


def test_the_reference_has_every_key_and_every_term() -> None:
    page = language_page()
    assert all(f"| `{key}` |" in page for key in RULE_KEYS)
    assert all(f"| `{term}" in page for term in SETTLED_BY)


def test_every_parameter_says_what_it_is() -> None:
    assert all(one.says and one.form for kind in KINDS.values() for one in parameters_of(kind))


def test_what_settles_a_duty_is_what_the_duties_look_for() -> None:
    assert SETTLED_BY.keys() == SETTLING.keys()


def test_n_in_a_policy_is_all_of_nursery() -> None:
    assert value_of(KINDS["leave year group"], "year_groups", ["N", "R"]) == ("N", "N1", "N2", "R")
    phases = {"infants": ["N", "1"], "juniors": ["3"]}
    found = {"infants": ("N", "N1", "N2", "1"), "juniors": ("3",)}
    assert value_of(KINDS["draw"], "phases", phases) == found


@pytest.mark.parametrize("name", ["20250901", "2025-W36-1", "2025-9-1"])
def test_a_day_is_written_in_one_way(name: str, tmp_path: Path) -> None:
    (tmp_path / "small" / name).mkdir(parents=True)
    [problem] = refused(tmp_path)
    assert problem.place.file == f"small/{name}"
