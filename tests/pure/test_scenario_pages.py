"""Scenarios, policies and what is covered, as pages: what a reader finds there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest

from firstbell.duties import ACTIONS, Duty
from firstbell.duties.due import LOOKING
from firstbell.duties.refusals import REFUSALS
from firstbell.facts import About
from firstbell.policy import KINDS, Rulebook, example_school, shipped
from firstbell.policy.describing import language_page
from firstbell.policy.kind import OF_THE_FACT, Params
from firstbell.policy.sections import sections_of
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.scenarios import Scenario, read_scenario, read_scenarios
from firstbell.scenarios.coverage import coverage_page, covered
from firstbell.scenarios.policy_page import policy_page
from firstbell.scenarios.reasons import is_listed, names_of
from firstbell.scenarios.rendering import scenario_text, span_in_words, value_in_words
from firstbell.scenarios.running import Running, rulebook_for, run
from firstbell.statute import england

CALENDARS = Path(__file__).resolve().parents[1] / "scenarios" / "calendars"
HEAD = """
id = "one"
title = "Four days away"
policy = "primary-rewards"
calendar = "cal-190"
on = 2025-09-16
"""
AWAY = """
[[pupils]]
ref = "P8"
year_group = "2"
marks = ["2025-09-11..2025-09-16 I I"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that has the calendars."""
    shutil.copytree(CALENDARS, tmp_path / "calendars")
    return tmp_path


def read(folder: Path, text: str) -> Scenario:
    file = folder / "scenario.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    return read_scenario(file)


def page(folder: Path, text: str) -> str:
    return scenario_text(read(folder, text))


def rulebook(policy: str) -> Rulebook:
    law = shipped("law", england())
    if policy == "law":
        return Rulebook(england(), law)
    return Rulebook(england(), law, shipped(policy, england()), example_school(policy))


# --- scenarios -------------------------------------------------------------------------------------------


def test_a_scenario_is_told_with_its_marks_and_what_is_due(folder: Path) -> None:
    told = page(folder, f'{AWAY}[[then]]\npupil = "P8"\ndue = "welfare check"\nbecause = {{ day = 4 }}')
    assert told.startswith("## one: Four days away\n")
    assert "- **P8** (Year 2): `I` from 11 to 16 September 2025.\n" in told
    assert '| end of 16 September 2025 | P8 | **Due**: "welfare check", because `day` = 4. |' in told


def test_a_fact_is_told_with_its_day_whom_it_is_about_and_what_it_says(folder: Path) -> None:
    fact = """
[[facts]]
kind = "visit made"
pupil = "P8"
at = 2025-09-12T10:00:00
by = "family worker"
data = { outcome = "nobody in" }
[[then]]
pupil = "P8"
not_due = "welfare check"
"""
    told = page(folder, AWAY + fact)
    assert (
        "- 12 September 2025, 10:00: **visit made**, P8, by the family worker. Outcome: nobody in.\n" in told
    )
    assert '**Not due**: "welfare check".' in told


def test_a_line_about_a_session_says_which_register_has_closed(folder: Path) -> None:
    told = page(folder, f'{AWAY}[[then]]\non = "2025-09-16 AM"\npupil = "P8"\nnothing_due = true')
    assert "| 16 September 2025, once the morning register has closed | P8 | **Nothing due**. |" in told


def test_an_action_a_code_and_a_figure_are_told(folder: Path) -> None:
    lines = """
[[then]]
pupil = "P8"
may_not = "ask for evidence"
evidence = "illness"
overridable = false
[[then]]
pupil = "P8"
mark = "U"
session = "2025-09-16 AM"
arrived = 09:21:00
[[then]]
pupil = "P8"
figure = "attendance"
is = [14, 22]
"""
    told = page(folder, AWAY + lines)
    assert "**May not**: ask for evidence (evidence illness), and nobody can override it." in told
    assert "**Suggested code** `U` for the morning of 16 September 2025, arrived at 09:21." in told
    assert "**Figure** attendance: 14 of 22." in told


def test_classes_are_told_with_the_sessions_that_they_missed(folder: Path) -> None:
    group = """
[[groups]]
group = "1A"
year_group = "R"
pupils = 30
week = 2025-09-08
absent = 6
[[then]]
group = "1A"
nothing_due = true
"""
    told = page(folder, group)
    assert (
        "- class **1A** (Reception): 30 pupils; 6 sessions missed in the week from 8 September 2025" in told
    )


def test_what_is_not_so_is_told_with_what_was_found(folder: Path) -> None:
    scenario = read(folder, f'{AWAY}[[then]]\npupil = "P8"\nnot_due = "welfare check"')
    ran = run(scenario)
    assert not ran.passed
    assert "**Not so at present:**" in scenario_text(scenario, ran)
    assert "**Not so at present:**" not in scenario_text(scenario)


def test_text_of_a_file_is_no_markdown(folder: Path) -> None:
    told = page(folder, f'{AWAY}[[then]]\npupil = "P8"\nnothing_due = true\nsays = "<b>|*no*"')
    assert r"\<b>\|\*no\*" in told


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2025, 9, 8), date(2025, 9, 8), "8 September 2025"),
        (date(2025, 9, 8), date(2025, 9, 19), "8 to 19 September 2025"),
        (date(2025, 9, 29), date(2025, 10, 3), "29 September to 3 October 2025"),
        (date(2025, 12, 19), date(2026, 1, 6), "19 December 2025 to 6 January 2026"),
    ],
)
def test_days_are_written_as_briefly_as_they_can_be(first: date, last: date, words: str) -> None:
    assert span_in_words(first, last) == words


def test_values_are_written_for_people() -> None:
    assert value_in_words(True) == "yes"
    assert value_in_words(["P1", "P2"]) == "P1, P2"
    assert value_in_words([]) == "none"
    assert value_in_words(datetime(2025, 9, 16, 9, 40)) == "16 September 2025, 09:40"  # noqa: DTZ001


# --- what is to come -------------------------------------------------------------------------------------


def test_what_is_not_owed_yet_can_be_said_to_be_coming(folder: Path) -> None:
    line = '[[then]]\non = {day}\npupil = "P8"\ndue = "welfare check"\nstate = "coming"\n'
    before = run(read(folder, AWAY + line.format(day="2025-09-15")))
    assert before.passed
    assert before.rules == frozenset()
    on_the_day = run(read(folder, AWAY + line.format(day="2025-09-16")))
    assert [one.found for one in on_the_day.outcomes] == ["it is open already, since 2025-09-16"]


def test_what_is_not_due_can_be_said_not_to_be_coming_either(folder: Path) -> None:
    line = '[[then]]\non = {day}\npupil = "P8"\nnot_due = "welfare check"\nstate = "coming"\n'
    assert run(read(folder, AWAY + line.format(day="2025-09-10"))).passed
    before = run(read(folder, AWAY + line.format(day="2025-09-15")))
    assert [one.holds for one in before.outcomes] == [False]
    assert "16 September" in before.outcomes[0].found


def test_what_is_coming_has_its_day_its_form_and_no_reason_yet(folder: Path) -> None:
    line = '[[then]]\non = 2025-09-15\npupil = "P8"\ndue = "welfare check"\nstate = "coming"\nas = "task"\n'
    assert run(read(folder, f"{AWAY}{line}by = 2025-09-16")).passed
    [wrong] = run(read(folder, f"{AWAY}{line}by = 2025-09-17\nbecause = {{ day = 4 }}")).outcomes
    assert wrong.found == ("by is 2025-09-16, not 2025-09-17; because can be said only once it is due")


# --- policies --------------------------------------------------------------------------------------------


def test_sections_are_read_from_the_comments_above_rules_and_clauses() -> None:
    text = '# --- the first day ----\n[[rule]]\nid = "one"\n\n# --- leave ---\n"S2-1" = { says = "x" }\n'
    assert sections_of(text) == {"one": "the first day", "S2-1": "leave"}


def test_a_rule_is_shown_with_what_it_asks_for_and_what_the_school_states() -> None:
    text = policy_page(rulebook("primary-rewards"), {})
    assert "#### welfare-check\n\nAsks for `welfare check`: a task, of the attendance officer.\n" in text
    assert "- `reaches`: The number: the school states it; example school: **5**" in text
    listed = "`day`, `days`, `from`, `back`, `was`"
    assert f"- *because* can name [these](#because-day-of-absence): {listed}" in text


def test_every_rule_of_a_policy_has_its_place_on_its_page() -> None:
    for policy in ("law", "model", "primary-rewards"):
        book = rulebook(policy)
        text = policy_page(book, {})
        for rule in (book.policy or book.law).versions[-1].rules:
            shown = f"| `{rule.id}`" if rule.told["kind"] == "record" else f"## {rule.id}\n"
            assert shown in text, rule.id


def test_what_the_statute_states_is_shown_with_the_day_from_which_it_holds() -> None:
    text = policy_page(rulebook("law"), {})
    assert (
        "- `sessions`: How many sessions: what the statute says on the day: **10** from 19 August 2024"
        in text
    )


def test_reasons_of_raffles_name_the_entries_of_each_phase() -> None:
    assert is_listed("draw", "entries KS1")
    assert not is_listed("draw", "seeds")
    assert names_of("content") == {}


# --- what is covered -------------------------------------------------------------------------------------


def test_a_clause_is_shown_by_a_scenario_that_passes_and_meets_its_rule(folder: Path) -> None:
    due = run(read(folder, f'{AWAY}[[then]]\npupil = "P8"\ndue = "welfare check"'))
    found = {one.clause.id: one for one in covered(rulebook("primary-rewards"), [due])}
    assert found["S2-25"].scenarios == ("one",)
    assert not found["S2-25"].is_missing
    assert found["S2-26"].is_missing
    assert not found["S2-24"].is_automatic


def test_a_scenario_that_does_not_pass_shows_nothing(folder: Path) -> None:
    both = '[[then]]\npupil = "P8"\ndue = "welfare check"\n[[then]]\npupil = "P8"\nnothing_due = true\n'
    ran = run(read(folder, AWAY + both))
    found = {one.clause.id: one for one in covered(rulebook("primary-rewards"), [ran])}
    assert found["S2-25"].is_missing
    text = coverage_page([rulebook("primary-rewards")], [ran], [], {})
    assert "- **one** does not pass: Four days away" in text
    assert "- **missing**: no scenario that passes meets a rule of this clause" in text


def test_a_rule_of_law_is_shown_by_a_rule_that_makes_it_stricter(folder: Path) -> None:
    text = (
        AWAY.replace("I I", "N N").replace("2025-09-11", "2025-09-08").replace("..2025-09-16", "..2025-09-09")
    )
    due = run(read(folder, f'{text}[[then]]\npupil = "P8"\ndue = "unknown-reason"'))
    found = {one.clause.id: one for one in covered(rulebook("law"), [due])}
    assert found["L5"].scenarios == ("one",)


# --- whom duties are about, how long they stay, what refuses ----------------------------------------------

SCENARIOS = CALENDARS.parent
LOOKED_FOR = [kind for kind in KINDS.values() if kind.kind in LOOKING]


@cache
def running() -> tuple[Running, ...]:
    """Every scenario that can be run, laid out."""
    return tuple(Running(one, rulebook_for(one)) for one in read_scenarios(SCENARIOS))


def seen() -> Iterator[Duty]:
    """What is due, done or lapsed at the end of any scenario."""
    for one in running():
        yield from one.due(one.moment(one.scenario.when))


def whose(about: About) -> str:
    """Whom a duty is about, in the words of the pages."""
    if about.enrolment:
        return "pupil and parent" if about.parent else "pupil"
    return "class" if about.group else "member of staff" if about.staff else "school"


@pytest.mark.parametrize("kind", LOOKED_FOR, ids=lambda kind: kind.kind)
def test_each_kind_of_which_duties_arise_says_whom_they_are_about_and_how_long_they_stay(
    kind: type[Params],
) -> None:
    assert kind.about_whom
    assert kind.stays.endswith(".")


def test_kinds_of_which_no_duty_arises_are_about_nobody() -> None:
    others = [kind for kind in KINDS.values() if kind not in LOOKED_FOR]
    assert [kind.kind for kind in others if kind.about_whom or kind.stays] == []


@pytest.mark.slow
def test_duties_are_about_those_whom_the_pages_name() -> None:
    wrong = set()
    for duty in seen():
        said, found = duty.rule.params.is_about, whose(duty.about)
        fits = found in said.split(" or ") or said == OF_THE_FACT
        # A fact may name a parent as well, and of some pupils no parent is known.
        fits = fits or (found.startswith("pupil") and said.startswith("pupil"))
        if not fits:
            wrong.add((duty.rule.id, said, found))
    assert wrong == set()


@pytest.mark.slow
def test_duties_of_parents_are_about_a_parent() -> None:
    found = {whose(duty.about) for duty in seen() if duty.rule.params.is_about == "pupil and parent"}
    assert "pupil and parent" in found


def test_a_rule_says_on_its_page_whom_it_is_about_and_how_long_it_stays() -> None:
    text = policy_page(rulebook("primary-rewards"), {})
    of_class = text.partition("#### afternoon-register\n")[2].partition("####")[0]
    assert "- *about*: the class or the school\n" in of_class
    assert "- *stays*: until nobody is blank any more" in of_class
    assert "- *about*: the class or the school." in language_page()


def test_every_action_has_what_refuses_it_in_the_list() -> None:
    assert {one.action for one in REFUSALS} == {*ACTIONS, "any action"}
    kinds = {one.by for one in REFUSALS if one.by in KINDS}
    of_their_own = {"reserved", "gate", "evidence needs doubt", "late collection", "threshold"}
    assert kinds <= {*of_their_own, "part-time timetable", "retention", *LEAVE_TESTS}


@pytest.mark.slow
def test_whatever_refuses_in_a_scenario_stands_in_the_list() -> None:
    listed = {(one.action, one.by, one.outcome) for one in REFUSALS}
    missing = set()
    for one in running():
        for expected in one.scenario.then:
            if expected.line.verb not in ("may", "may_not"):
                continue
            at = one.moment(expected.when)
            about = About(enrolment=expected.pupils[0], parent=expected.line.parent)
            for refusal in one.refusals(expected, about):
                rule = next((rule for rule in one.sight(at).rules if rule.id == refusal.rule), None)
                by = rule.kind if rule else refusal.rule
                outcome = "overridable" if refusal.overridable else "for good"
                found = (expected.line.name, by, outcome if refusal.refuses else "advice")
                if found not in listed and ("any action", *found[1:]) not in listed:
                    missing.add(found)
    assert missing == set()
