"""One pupil under several policies: the page is worked out from the rules, not from what scenarios want."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from firstbell import statute
from firstbell.policy import Rulebook, example_school, shipped
from firstbell.policy.files import LAW
from firstbell.policy.parameters import Band
from firstbell.scenarios import Scenario, read_scenario
from firstbell.scenarios.one_pupil_page import Case, one_pupil_page, under_its_settings
from firstbell.scenarios.policy_page import policy_page

CASES = Path(__file__).resolve().parents[1] / "scenarios" / "primary-rewards"
IDS = ("primary-rewards", "threshold-table")
LINK = re.compile(r"\]\(policy-([a-z-]+)\.md#([a-z0-9-]+)\)")


@pytest.fixture(scope="module")
def rulebooks() -> Mapping[str, Rulebook]:
    england = statute.england()
    law = shipped(LAW, england)
    return {key: Rulebook(england, law, shipped(key, england), example_school(key)) for key in IDS}


def _scenario(name: str) -> Scenario:
    return read_scenario(CASES / f"{name}.toml")


def _rows(page: str) -> dict[str, list[list[str]]]:
    """The cells of each policy's rows, in their order."""
    found: dict[str, list[list[str]]] = {key: [] for key in IDS}
    for line in page.splitlines():
        cells = [one.strip() for one in line.strip("|").split(" | ")]
        for key in IDS:
            if cells[0].startswith(f"[{key}]"):
                found[key].append(cells)
    return found


def test_between_92_and_96_per_cent_one_policy_writes_and_the_other_waits(
    rulebooks: Mapping[str, Rulebook],
) -> None:
    page = one_pupil_page([Case(_scenario("SC-X-01"), "92.5 per cent", ("band",))], rulebooks)
    rows = _rows(page)
    (writes,), (waits,) = rows["primary-rewards"], rows["threshold-table"]
    assert "Attendance 74 of 80, 92.50%" in page and "One pupil, two policies" in page
    assert (
        "letter: [write about attendance below 95%](policy-primary-rewards.md#below-95-letter) (`below-95`)"
        in writes[2]
    )
    assert "[S2-27](coverage.md#s2-27)" in writes[2]
    assert "[involve the education welfare service]" in writes[3] and "(below 90%)" in writes[3]
    assert waits[2] == "nothing"
    assert "(at most 92%, and not below 90%)" in waits[3] and "below-95" not in waits[3]


def test_what_a_scenario_wants_changes_nothing(rulebooks: Mapping[str, Rulebook]) -> None:
    whole = _scenario("SC-X-03")
    asking_less = replace(whole, then=whole.then[:1])
    pages = [one_pupil_page([Case(one, "below 90", ("band",))], rulebooks) for one in (whole, asking_less)]
    assert pages[0] == pages[1]
    assert "agree the early help plan" in _rows(pages[0])["threshold-table"][0][2]


def test_other_marks_give_another_page(rulebooks: Mapping[str, Rulebook]) -> None:
    whole = _scenario("SC-X-03")
    well = replace(whole, pupils=(replace(whole.pupils[0], marks={}),))
    rows = _rows(one_pupil_page([Case(well, "always here", ("band",))], rulebooks))
    assert rows["threshold-table"][0][1:3] == ["all pupils, above 96%", "nothing"]


def test_the_first_and_the_last_moment_of_a_scenario_are_shown(rulebooks: Mapping[str, Rulebook]) -> None:
    rows = _rows(one_pupil_page([Case(_scenario("SC-X-06"), "8:45", ("report deadline",))], rulebooks))
    before, after = rows["primary-rewards"]
    assert before[2] == "nothing" and "(from 09:30)" in before[3]
    assert "list: [unexplained]" in after[2] and "by 09:30" in after[2]


def test_leave_is_told_with_what_advises_it_and_what_does_not(rulebooks: Mapping[str, Rulebook]) -> None:
    kinds = ("leave decision", "leave notice", "leave attendance")
    rows = _rows(one_pupil_page([Case(_scenario("SC-X-07"), "13 days", kinds)], rulebooks))
    advised, plain = rows["primary-rewards"][0], rows["threshold-table"][0]
    assert (
        "suggested: refuse; [leave-notice](policy-primary-rewards.md#leave-notice) says refuse" in advised[2]
    )
    assert "[leave-attendance](policy-primary-rewards.md#leave-attendance) (advises nothing)" in advised[3]
    assert "besides: [invite the parents to an interview?]" in advised[2]
    assert "decide on the leave" in plain[2] and "suggested" not in plain[2]


def test_a_setting_holds_for_every_rule_that_leaves_it_open(rulebooks: Mapping[str, Rulebook]) -> None:
    scenario = _scenario("SC-X-09-b")
    for rulebook in rulebooks.values():
        changed = under_its_settings(scenario, rulebook)
        left_open = {rule.id for rule in changed.versions[-1].rules if "least_possible" in rule.by_school}
        least = {
            rule.id: rule.params.least_possible
            for rule in changed.on(scenario.when.on)
            if isinstance(rule.params, Band)
        }
        assert left_open and {least[key] for key in left_open} == {40}
    rows = _rows(one_pupil_page([Case(scenario, "forty sessions", ("band",))], rulebooks))
    assert all(row[0][2] == "nothing" for row in rows.values())
    assert "from 40 possible sessions on" in rows["threshold-table"][0][3]


def test_every_rule_that_is_named_stands_on_its_page(rulebooks: Mapping[str, Rulebook]) -> None:
    cases = [Case(_scenario(name), name, ("band",)) for name in ("SC-X-01", "SC-X-04")]
    law = Rulebook(statute.england(), shipped(LAW, statute.england()))
    pages = {key: policy_page(one, {}) for key, one in {**rulebooks, LAW: law}.items()}
    links = {*LINK.findall(one_pupil_page(cases, rulebooks))}
    assert len(links) > 20 and {policy for policy, _ in links} == {*IDS, LAW}
    assert [(policy, rule) for policy, rule in sorted(links) if f"#### {rule}\n" not in pages[policy]] == []
