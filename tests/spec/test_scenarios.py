"""Every scenario is so, and every clause that runs by itself is shown by one

One test for each file in tests/scenarios, and then what they show together. The scenarios themselves are
pages of the reference, and so is what they cover.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from firstbell.policy import KINDS, Rulebook, example_school, shipped
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.problems import Unusable
from firstbell.scenarios import read_scenario, read_scenarios, scenario_files
from firstbell.scenarios.coverage import Covered, covered
from firstbell.scenarios.explained import explaining, not_needed, read_explanations
from firstbell.scenarios.mutating import Survey, processes_for
from firstbell.scenarios.reading import SURVIVORS
from firstbell.scenarios.reasons import REASONS, is_listed
from firstbell.scenarios.running import Ran, run
from firstbell.statute import england

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
FILES = scenario_files(SCENARIOS)
POLICIES = (
    *("law", "model", "primary-rewards", "primary-monitored"),
    *("threshold-table", "trust-middle", "trust-secondary"),
)


@cache
def ran(path: Path) -> Ran | Unusable:
    """A scenario that was run, or why it could not be."""
    try:
        return run(read_scenario(path, shown=path.relative_to(SCENARIOS).as_posix()))
    except Unusable as refused:
        return refused


def all_that_ran() -> list[Ran]:
    return [one for one in map(ran, FILES) if isinstance(one, Ran)]


@cache
def clauses(policy: str) -> tuple[Covered, ...]:
    law = shipped("law", england())
    if policy == "law":
        return covered(Rulebook(england(), law), all_that_ran())
    files = shipped(policy, england())
    return covered(Rulebook(england(), law, files, example_school(policy)), all_that_ran())


def differing(one: Ran | Unusable) -> str:
    """What is not so, for people; "" where everything is."""
    if isinstance(one, Unusable):
        return "\n".join(map(str, one.problems))
    return "\n".join(
        f"row {out.expected.row}: {out.about}, {out.expected.when}\n"
        f"    wanted: {out.wanted}\n    found:  {out.found}"
        for out in one.outcomes
        if not out.holds
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SCENARIOS).as_posix())
def test_what_the_scenario_says_is_so(path: Path) -> None:
    if found := differing(ran(path)):
        pytest.fail(f"{path.relative_to(SCENARIOS)}\n{found}", pytrace=False)


def test_no_two_scenarios_have_the_same_id() -> None:
    assert len(read_scenarios(SCENARIOS)) == len(FILES)


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
def test_every_clause_that_runs_by_itself_is_shown_by_a_scenario(policy: str) -> None:
    assert [one.clause.id for one in clauses(policy) if one.is_missing] == []


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
def test_every_clause_is_carried_out_by_something(policy: str) -> None:
    assert [one.clause.id for one in clauses(policy) if one.is_unmet] == []


def test_the_tables_by_which_clauses_count_are_the_statutes() -> None:
    tables = {value.table for value in england().values}
    named = {table for policy in POLICIES for one in clauses(policy) for table in one.tables}
    assert named and named <= tables


@pytest.mark.slow
def test_a_small_change_of_any_rule_is_noticed_or_it_is_explained_why_not() -> None:
    explanations = read_explanations(SCENARIOS / SURVIVORS)
    survey = Survey(read_scenarios(SCENARIOS))
    survived = [one.mutant for one in survey.survivors(processes_for(survey))]
    assert [str(one) for one in survived if explaining(explanations, one) is None] == []
    assert not_needed(explanations, survived) == []
    assert len(survey.mutants) > 700


@pytest.mark.slow
def test_every_name_in_a_reason_is_listed() -> None:
    met = {pair for one in all_that_ran() for pair in one.reasons}
    assert sorted(pair for pair in met if not is_listed(*pair)) == []


def test_every_kind_of_which_duties_arise_says_what_its_reasons_name() -> None:
    asking = {name for name, kind in KINDS.items() if kind.family != "nothing" and name not in LEAVE_TESTS}
    assert {*REASONS} == asking
