"""Small changes of a policy: which are made, and that a scenario which does not look lets them pass."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from firstbell.cli import main
from firstbell.policy import AppliesTo, Limit, Mode, Rule, Span
from firstbell.policy.parameters import (
    Award,
    Band,
    Count,
    Following,
    LeaveYearGroup,
    Params,
    ReasonUnknown,
    Record,
    RegisterTimes,
    Threshold,
)
from firstbell.problems import Place, Unusable
from firstbell.scenarios import read_scenario, read_scenarios
from firstbell.scenarios.explained import explaining, not_needed, read_explanations
from firstbell.scenarios.mutants import mutants
from firstbell.scenarios.mutating import Survey, processes_for
from firstbell.scenarios.noticing import Changed

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
BELOW_TARGET = SCENARIOS / "rules" / "below-target.toml"


ANYBODY = AppliesTo()


def rule(params: Params, applies_to: AppliesTo = ANYBODY, mode: Mode = Mode.AUTOMATIC) -> Rule:
    return Rule("one", params.kind, (), mode, params, Place(), applies_to=applies_to)


def changes(one: Rule, *stated: str) -> list[tuple[str, str]]:
    """The changes of the parameters that a file states, as parameter and new value."""
    return [(mutant.parameter, mutant.now) for mutant in mutants("ours", [(one, stated)])]


def test_a_number_is_changed_by_one_each_way_and_nothing_gets_below_nothing() -> None:
    assert changes(rule(Count(of="illnesses", reaches=3)), "reaches") == [("reaches", "4"), ("reaches", "2")]
    band = rule(Band(when=Limit("below 95%"), least_possible=0))
    assert changes(band, "least_possible") == [("least_possible", "1")]


def test_a_number_that_a_policy_cannot_state_is_no_slip_of_the_pen() -> None:
    assert changes(rule(Count(of="illnesses", reaches=1)), "reaches") == [("reaches", "2")]
    band = rule(Band(when=Limit("below 95%"), least_possible=1))
    assert changes(band, "least_possible") == [("least_possible", "2"), ("least_possible", "0")]


def test_a_unit_that_is_refused_when_a_policy_is_read_is_none_either() -> None:
    one = rule(Count(of="late marks", reaches=3, within=Span("4 school weeks")))
    assert [now for _, now in changes(one, "within")] == ["5 school weeks", "3 school weeks"]


def test_a_limit_is_changed_by_one_and_to_the_neighbouring_comparison() -> None:
    band = rule(Band(when=Limit("below 95%")))
    assert [now for _, now in changes(band, "when")] == ["below 96%", "below 94%", "at most 95%"]


def test_a_span_is_changed_by_one_and_to_another_unit() -> None:
    one = rule(ReasonUnknown(within=Span("5 school days")))
    assert [now for _, now in changes(one, "within")] == ["6 school days", "4 school days", "5 days"]


def test_a_time_is_changed_by_a_minute() -> None:
    one = rule(RegisterTimes(session="morning", opens=time(9)))
    assert changes(one, "opens") == [("opens", "09:01"), ("opens", "08:59")]


def test_a_list_loses_each_of_its_elements() -> None:
    one = rule(Threshold(sessions=10, school_weeks=10, codes=("G", "O", "U")))
    assert [now for _, now in changes(one, "codes")] == ["[O, U]", "[G, U]", "[G, O]"]


def test_nursery_is_one_element_of_a_list_as_it_is_in_the_file() -> None:
    one = rule(LeaveYearGroup(year_groups=("N", "N1", "N2", "R")))
    assert [now for _, now in changes(one, "year_groups")] == ["[R]", "[N, N1, N2]"]


def test_a_table_loses_each_of_its_names_and_each_element_of_its_lists() -> None:
    phases = {"KS1": ("1", "2"), "KS2": ("3",)}
    award = rule(Award(over="week", unit="group", for_="best", phases=phases))
    assert [now for _, now in changes(award, "phases")] == [
        "{KS2 = [3]}",
        "{KS1 = [2], KS2 = [3]}",
        "{KS1 = [1], KS2 = [3]}",
        "{KS1 = [1, 2]}",
    ]
    following = rule(Following(fact="plan ended", where={"why": "not kept"}))
    assert changes(following, "where") == [("where", "{}")]


def test_true_becomes_false_and_a_word_of_a_closed_list_each_of_the_others() -> None:
    award = rule(Award(over="week", unit="pupil", for_="on time", choose=True))
    assert changes(award, "choose") == [("choose", "false")]
    assert changes(award, "unit") == [("unit", "group")]
    assert [now for _, now in changes(award, "for")] == [
        "all sessions",
        "best",
        "improved",
        "all but illness",
    ]


def test_what_no_file_states_is_not_changed() -> None:
    assert changes(rule(Award(over="week", unit="pupil", for_="on time"))) == []


def test_whom_a_rule_applies_to_is_changed_by_element_and_as_a_whole() -> None:
    to = AppliesTo(year_groups=frozenset({"1", "2"}), of_age=True)
    found = [
        (mutant.parameter, mutant.was, mutant.now)
        for mutant in mutants("ours", [(rule(Band(when=Limit("below 95%")), to), ())])
    ]
    assert found == [
        ("applies_to.year_groups", "with 1", "without"),
        ("applies_to.year_groups", "with 2", "without"),
        ("applies_to.year_groups", "[1, 2]", "left out"),
        ("applies_to.of_age", "true", "left out"),
        ("applies_to.of_age", "true", "false"),
    ]


def test_what_is_only_kept_is_not_changed() -> None:
    assert changes(rule(Record(facts=("arrived",)), mode=Mode.RECORD), "facts") == []


def test_a_change_changes_its_own_parameter_and_nothing_else() -> None:
    one = rule(Count(of="illnesses", reaches=3))
    first = next(mutants("ours", [(one, ["reaches"])]))
    assert first.change(one) == replace(one, params=Count(of="illnesses", reaches=4))


# --- the run ---------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the calendars and a scenario that notices each change of a limit."""
    shutil.copytree(SCENARIOS / "calendars", tmp_path / "calendars")
    shutil.copy(BELOW_TARGET, tmp_path / "one.toml")
    return tmp_path


def survived(folder: Path, rule_id: str = "below-target") -> list[tuple[str, str]]:
    survey = Survey([read_scenario(folder / "one.toml")], rule=rule_id)
    return [(one.mutant.parameter, one.mutant.now) for one in survey.survivors(processes_for(survey))]


def without_lines(folder: Path, verb: str) -> None:
    """Takes out the lines of the scenario that say this."""
    head, *lines = (folder / "one.toml").read_text(encoding="utf-8").split("[[then]]")
    kept = [line for line in lines if f"\n{verb} = " not in line]
    (folder / "one.toml").write_text("[[then]]".join([head, *kept]), encoding="utf-8")


def test_each_change_of_a_limit_is_noticed_by_a_case_on_either_side_of_it(folder: Path) -> None:
    assert survived(folder) == [("least_possible", "1")]


def test_a_change_survives_once_the_line_that_noticed_it_is_taken_out(folder: Path) -> None:
    without_lines(folder, "not_due")
    without_lines(folder, "figure")
    found = survived(folder)
    assert ("when", "at most 96%") in found
    assert ("when", "below 97%") in found
    assert ("when", "below 95%") not in found


def test_a_scenario_that_is_not_so_notices_nothing(folder: Path) -> None:
    text = (folder / "one.toml").read_text(encoding="utf-8")
    (folder / "one.toml").write_text(
        text + '\n[[then]]\ndue = "newsletter"\non = 2025-09-03\n', encoding="utf-8"
    )
    assert ("when", "below 95%") in survived(folder)


def test_what_a_scenario_sets_by_itself_is_not_what_the_file_says(folder: Path) -> None:
    text = (folder / "one.toml").read_text(encoding="utf-8")
    setting = "[settings.below-target]\nleast_possible = 0\n\n[[pupils]]"
    (folder / "one.toml").write_text(text.replace("[[pupils]]", setting, 1), encoding="utf-8")
    assert survived(folder) == []


def test_the_law_is_tried_only_where_a_scenario_is_of_the_law_alone(folder: Path) -> None:
    own = read_scenario(folder / "one.toml")
    of_law = read_scenario(SCENARIOS / "rules" / "law-reasons.toml")
    assert {one.policy for one in Survey([own]).mutants} == {"primary-rewards"}
    assert {one.policy for one in Survey([own, of_law]).mutants} == {"primary-rewards", "model", "law"}


@pytest.mark.slow
def test_what_is_kept_of_a_run_makes_no_difference_to_what_is_noticed() -> None:
    survey = Survey([one for one in read_scenarios(SCENARIOS) if len(one.pupils) < 60])
    differing = []
    for number, mutant in enumerate(survey.mutants[::43]):
        looking = survey.looking(mutant)
        for one in (*looking[:2], looking[-1 - number % len(looking)]):
            assert one.rulebook is not None
            changed = Changed.of(one.rulebook, mutant)
            if one.notices(changed) is not one.notices_anew(changed):
                differing.append(f"{mutant} ({one.scenario.id})")
    assert differing == []


# --- explanations ----------------------------------------------------------------------------------------

EXPLAINED = """
[[survivor]]
rule = "*"
parameter = "least_possible"
was = "0"
because = "No share rests on nothing."
"""


def explanations(folder: Path, text: str) -> Path:
    (folder / "survivors.toml").write_text(text, encoding="utf-8")
    return folder / "survivors.toml"


def survey_of(folder: Path, text: str, *more: str) -> int:
    arguments = ["scenarios", str(folder), "--mutate", "--rule", "below-target", *more]
    return main([*arguments, "--survivors", str(explanations(folder, text))])


def test_a_run_whose_survivors_are_all_explained_is_a_good_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert survey_of(folder, EXPLAINED) == 0
    said = capsys.readouterr().out
    assert "explained    primary-rewards: below-target, least_possible: 0 -> 1" in said
    assert "No share rests on nothing." in said


def test_a_survivor_that_nothing_explains_is_told_and_the_run_is_not_a_good_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert survey_of(folder, EXPLAINED.replace('was = "0"', 'was = "40"')) == 1
    assert "not noticed  primary-rewards: below-target, least_possible: 0 -> 1" in capsys.readouterr().out


def test_an_explanation_that_no_survivor_needs_is_found(folder: Path) -> None:
    more = '\n[[survivor]]\nrule = "below-target"\nparameter = "when"\nbecause = "Nobody looks."\n'
    read = read_explanations(explanations(folder, EXPLAINED + more))
    survey = Survey([read_scenario(folder / "one.toml")], rule="below-target")
    left = [one.mutant for one in survey.survivors()]
    assert [explaining(read, mutant) for mutant in left] == [read[0]]
    assert not_needed(read, left) == [read[1]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules = 1", "something else than survivors"),
        ('[[survivor]]\nrule = "*"\nbecause = "x"', '"parameter" is missing'),
        (f'{EXPLAINED}becaus = "x"', 'Did you mean "because"'),
        (f"{EXPLAINED}now = 1", '"now" is not a text in quotes'),
        ("[[survivor", "row 1"),
    ],
)
def test_an_explanation_that_cannot_be_used_is_refused_with_its_line(
    folder: Path, text: str, said: str
) -> None:
    with pytest.raises(Unusable, match=said):
        read_explanations(explanations(folder, text))
