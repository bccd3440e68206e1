"""Which rules are in force on a day: settings filled in, law and policy merged, versions by day."""

from __future__ import annotations

import shutil
from datetime import date, time
from pathlib import Path

import pytest

from firstbell import statute
from firstbell.policy import (
    AppliesTo,
    Form,
    Limit,
    NotOfItsForm,
    PolicyFiles,
    Rule,
    Rulebook,
    read_policy,
    read_school,
)
from firstbell.policy.parameters import Band, DayOfAbsence, RegisterTimes, Threshold
from firstbell.problems import Unusable
from tests.policy.laying import GOOD, POLICY_FROM, lay

ENGLAND = statute.england()
FIRST_OF_POLICY = date(2025, 9, 1)
BEFORE_POLICY = date(2025, 8, 31)
FIRST_OF_LAW = date(2024, 8, 19)
SETTINGS = read_school(GOOD / "school.toml")
HEAD = 'title = "P"\n[roles]\noffice = "o"\n'


@pytest.fixture
def law(tmp_path: Path) -> PolicyFiles:
    return read_policy(lay(tmp_path / "files"), "law", ENGLAND)


@pytest.fixture
def book(tmp_path: Path, law: PolicyFiles) -> Rulebook:
    policy = read_policy(tmp_path / "files", "small", ENGLAND, law)
    return Rulebook(ENGLAND, law, policy, SETTINGS)


def with_rules(root: Path, law: PolicyFiles, rules: str) -> Rulebook:
    """A policy that has only these rules, all under clause 1.1; it leaves nothing open."""
    folder = root / "own" / POLICY_FROM
    folder.mkdir(parents=True)
    (folder / "policy.toml").write_text(HEAD + rules, encoding="utf-8")
    (folder / "clauses.toml").write_text('[clauses]\n"1.1" = "x"\n', encoding="utf-8")
    return Rulebook(ENGLAND, law, read_policy(root, "own", ENGLAND, law))


def rule(key: str, kind: str, params: str, more: str = "") -> str:
    return (
        f'[[rule]]\nid = "{key}"\nkind = "{kind}"\nimplements = ["1.1"]\nwho = "office"\n'
        f'mode = "automatic"\nasks = "{key}"\nparams = {{ {params} }}\n{more}\n'
    )


def register(key: str, session: str, more: str = "") -> str:
    times = 'opens = "08:50", closes = "09:10"'
    tightens = f'tightens = "law-register"\n{more}'
    return rule(key, "register times", f'session = "{session}", {times}', tightens)


def ids(rules: tuple[Rule, ...]) -> list[str]:
    return [one.id for one in rules]


# --- days ------------------------------------------------------------------------------------------------


def test_before_the_first_day_of_the_policy_only_the_law_holds(book: Rulebook) -> None:
    assert ids(book.on(BEFORE_POLICY)) == ["law-register", "law-threshold"]
    assert ids(book.on(FIRST_OF_POLICY))[0] == "morning"


def test_on_a_day_before_the_first_law_nothing_holds(book: Rulebook) -> None:
    assert book.on(date(2024, 8, 18)) == ()
    with pytest.raises(LookupError):
        book.policy_on(date(2024, 8, 18))


def test_a_version_lasts_until_the_day_before_the_next(tmp_path: Path, law: PolicyFiles) -> None:
    later = tmp_path / "files" / "small" / "2026-04-13"
    (tmp_path / "files" / "small" / POLICY_FROM).rename(later)
    lay(tmp_path / "files")
    text = (later / "policy.toml").read_text(encoding="utf-8")
    (later / "policy.toml").write_text(text.replace("below 96%", "below 97%"), encoding="utf-8")
    book = Rulebook(ENGLAND, law, read_policy(tmp_path / "files", "small", ENGLAND, law), SETTINGS)
    stretches = book.stretches(date(2025, 8, 1), date(2026, 7, 31))
    days = [(one.from_on, one.until_on) for one in stretches]
    april = date(2026, 4, 13)
    assert days == [
        (date(2025, 8, 1), BEFORE_POLICY),
        (FIRST_OF_POLICY, date(2026, 4, 12)),
        (april, date(2026, 7, 31)),
    ]
    params = book.rule("first-letter", april).params
    assert isinstance(params, Band)
    assert params.when == "below 97%"


def test_a_day_on_which_the_law_changes_begins_a_stretch_only_if_a_rule_changes(book: Rulebook) -> None:
    # Amounts and figures change within this period, and none of the rules of law here rests on them.
    [first, second] = book.stretches(FIRST_OF_LAW, date(2026, 12, 31))
    assert (first.from_on, second.from_on) == (FIRST_OF_LAW, FIRST_OF_POLICY)


def test_a_version_with_the_same_rules_begins_a_stretch_of_its_own(tmp_path: Path, law: PolicyFiles) -> None:
    folder = tmp_path / "files" / "small"
    shutil.copytree(folder / POLICY_FROM, folder / "2026-04-13")
    book = Rulebook(ENGLAND, law, read_policy(tmp_path / "files", "small", ENGLAND, law), SETTINGS)
    stretches = book.stretches(FIRST_OF_POLICY, date(2026, 7, 31))
    assert [one.from_on for one in stretches] == [FIRST_OF_POLICY, date(2026, 4, 13)]


def test_a_stretch_of_one_day_is_that_day(book: Rulebook) -> None:
    [one] = book.stretches(FIRST_OF_POLICY, FIRST_OF_POLICY)
    assert (one.from_on, one.until_on) == (FIRST_OF_POLICY, FIRST_OF_POLICY)


def test_a_rule_of_law_takes_its_numbers_from_the_statute_of_the_day(book: Rulebook) -> None:
    params = book.rule("law-threshold", BEFORE_POLICY).params
    assert isinstance(params, Threshold)
    assert (params.sessions, params.school_weeks, params.codes) == (10, 10, ("G", "N", "O", "U"))


def test_the_rules_of_a_day_are_put_together_once(book: Rulebook) -> None:
    assert book.on(FIRST_OF_POLICY) is book.on(date(2025, 9, 2))


# --- settings --------------------------------------------------------------------------------------------


def test_what_the_policy_leaves_open_is_what_the_school_states(book: Rulebook) -> None:
    params = book.rule("morning", FIRST_OF_POLICY).params
    assert isinstance(params, RegisterTimes)
    assert (params.opens, params.closes) == (time(8, 50), time(9, 20))


def test_every_missing_setting_is_told_at_once(tmp_path: Path, law: PolicyFiles) -> None:
    policy = read_policy(tmp_path / "files", "small", ENGLAND, law)
    with pytest.raises(Unusable) as refused:
        Rulebook(ENGLAND, law, policy)
    parts = [problem.place.part for problem in refused.value.problems]
    assert parts == ["rules.morning.opens", "rules.morning.closes", "rules.first-letter.least_possible"]


def test_another_setting_changes_a_copy_and_not_the_book(book: Rulebook) -> None:
    other = book.with_setting("first-letter", "when", "at most 92%")
    changed, kept = (one.rule("first-letter", FIRST_OF_POLICY).params for one in (other, book))
    assert isinstance(changed, Band)
    assert isinstance(kept, Band)
    assert (changed.when, kept.when) == (Limit("at most 92%"), Limit("below 96%"))


def test_another_setting_for_nothing_that_there_is_is_refused(book: Rulebook) -> None:
    for key, parameter in (("first-leter", "when"), ("first-letter", "wen")):
        with pytest.raises(KeyError):
            book.with_setting(key, parameter, "below 90%")
    with pytest.raises(NotOfItsForm):
        book.with_setting("first-letter", "when", "under 90%")


# --- law and policy --------------------------------------------------------------------------------------


def test_a_stricter_policy_rule_stands_for_the_law_and_keeps_its_own_id(book: Rulebook) -> None:
    # The law's role is none of the policy's: whoever the policy names considers the notice.
    threshold = book.rule("threshold", FIRST_OF_POLICY)
    assert isinstance(threshold.params, Threshold)
    assert threshold.params.sessions == 8
    assert threshold.implements == ("3.1", "threshold")
    assert threshold.stricter == ()
    assert "law-threshold" not in ids(book.on(FIRST_OF_POLICY))


def test_where_the_law_is_stricter_it_wins_and_both_sources_are_named(
    tmp_path: Path, law: PolicyFiles
) -> None:
    params = 'sessions = 12, school_weeks = 6, codes = ["G", "X"]'
    book = with_rules(
        tmp_path, law, rule("own", "threshold", params, 'tightens = "law-threshold"\nas = "prompt"')
    )
    own = book.rule("own", FIRST_OF_POLICY)
    assert own.params == Threshold(sessions=10, school_weeks=10, codes=("G", "N", "O", "U", "X"))
    assert own.stricter == (
        "law asks for 10 for sessions (Penalty Notices Regulations; the policy, 1.1, has 12).",
        "law asks for 10 for school weeks (Penalty Notices Regulations; the policy, 1.1, has 6).",
        "law counts N, O, U as well (Penalty Notices Regulations; the policy, 1.1, has G, X).",
    )
    assert book.policy is not None
    assert [problem.place.row for problem in book.policy.warnings] == [11, 11, 11]
    assert ids(book.on(FIRST_OF_POLICY)) == ["own", "law-register"]


def test_codes_in_another_order_are_the_same_codes(tmp_path: Path, law: PolicyFiles) -> None:
    params = 'sessions = 10, school_weeks = 10, codes = ["U", "O", "N", "G", "X"]'
    book = with_rules(tmp_path, law, rule("own", "threshold", params, 'tightens = "law-threshold"'))
    own = book.rule("own", FIRST_OF_POLICY)
    assert own.params == Threshold(sessions=10, school_weeks=10, codes=("U", "O", "N", "G", "X"))
    assert own.stricter == ()


def test_a_rule_in_another_form_stands_beside_the_law(tmp_path: Path, law: PolicyFiles) -> None:
    params = 'sessions = 8, school_weeks = 10, codes = ["G", "N", "O", "U"]'
    book = with_rules(tmp_path, law, rule("own", "threshold", params, 'tightens = "law-threshold"'))
    assert book.rule("own", FIRST_OF_POLICY).form is Form.ALERT
    assert book.rule("law-threshold", FIRST_OF_POLICY).form is Form.PROMPT


def test_a_rule_that_asks_another_role_of_the_policy_stands_beside_the_law(
    tmp_path: Path, law: PolicyFiles
) -> None:
    params = 'sessions = 8, school_weeks = 10, codes = ["G", "N", "O", "U"]'
    own = rule("own", "threshold", params, 'tightens = "law-threshold"\nas = "prompt"')
    book = with_rules(tmp_path, law, 'school = "whoever acts for the school"\n' + own)
    assert {"own", "law-threshold"} <= {*ids(book.on(FIRST_OF_POLICY))}


@pytest.mark.parametrize(
    ("settled_by", "stands"),
    [('["considered"]', True), ('["considered", "contact"]', True), ('["contact"]', False), ("[]", False)],
)
def test_another_role_stands_for_the_law_where_doing_the_one_does_the_other(
    settled_by: str, stands: bool, tmp_path: Path, law: PolicyFiles
) -> None:
    file = tmp_path / "files" / "law" / "2024-08-19" / "policy.toml"
    asks = 'asks       = "consider a penalty notice"'
    file.write_text(
        file.read_text(encoding="utf-8").replace(asks, f'{asks}\nsettled_by = ["considered"]'),
        encoding="utf-8",
    )
    settled = read_policy(tmp_path / "files", "law", ENGLAND)
    params = 'sessions = 8, school_weeks = 10, codes = ["G", "N", "O", "U"]'
    more = f'tightens = "law-threshold"\nas = "prompt"\nsettled_by = {settled_by}'
    own = rule("own", "threshold", params, more)
    book = with_rules(tmp_path, settled, 'school = "whoever acts for the school"\n' + own)
    assert ("law-threshold" not in ids(book.on(FIRST_OF_POLICY))) is stands


def test_a_rule_for_some_year_groups_does_not_stand_for_a_law_about_all(
    tmp_path: Path, law: PolicyFiles
) -> None:
    for_some = register("own", "both", 'applies_to = { year_groups = ["1"] }')
    book = with_rules(tmp_path, law, for_some)
    assert {"own", "law-register"} <= {*ids(book.on(FIRST_OF_POLICY))}


@pytest.mark.parametrize(
    "whom", ["half_terms = [1]", 'flags = ["EHCP"]', 'without_flags = ["EHCP"]', "of_age = true"]
)
def test_a_rule_for_some_pupils_or_some_weeks_does_not_stand_for_a_law_about_all(
    whom: str, tmp_path: Path, law: PolicyFiles
) -> None:
    book = with_rules(tmp_path, law, register("own", "both", f"applies_to = {{ {whom} }}"))
    assert {"own", "law-register"} <= {*ids(book.on(FIRST_OF_POLICY))}


def test_a_rule_about_each_parent_does_not_stand_for_a_law_about_the_pupil(
    tmp_path: Path, law: PolicyFiles
) -> None:
    params = 'sessions = 10, school_weeks = 10, codes = ["G", "N", "O", "U"], each_parent = true'
    own = rule("own", "threshold", params, 'tightens = "law-threshold"\nas = "prompt"')
    assert "law-threshold" in ids(with_rules(tmp_path, law, own).on(FIRST_OF_POLICY))


def test_the_law_is_left_for_the_year_groups_and_the_register_that_no_rule_is_about(
    tmp_path: Path, law: PolicyFiles
) -> None:
    for_some = register("pm", "afternoon", 'applies_to = { year_groups = ["N", "1"] }')
    left = with_rules(tmp_path, law, register("am", "morning") + for_some).rule(
        "law-register", FIRST_OF_POLICY
    )
    assert isinstance(left.params, RegisterTimes)
    assert left.params.session == "afternoon"
    assert left.applies_to == AppliesTo(without_year_groups=frozenset({"N", "N1", "N2", "1"}))


def test_a_rule_for_the_morning_stands_for_the_law_with_one_for_the_afternoon(
    tmp_path: Path, law: PolicyFiles
) -> None:
    morning, afternoon = register("am", "morning"), register("pm", "afternoon")
    alone = with_rules(tmp_path / "alone", law, morning)
    assert "law-register" in ids(alone.on(FIRST_OF_POLICY))
    together = with_rules(tmp_path / "together", law, morning + afternoon)
    assert "law-register" not in ids(together.on(FIRST_OF_POLICY))


def test_a_time_of_closing_stands_instead_of_the_minutes_of_the_law(book: Rulebook) -> None:
    params = book.rule("morning", FIRST_OF_POLICY).params
    assert isinstance(params, RegisterTimes)
    assert params.minutes_open is None


def test_a_register_that_says_nothing_of_its_close_closes_by_the_law(
    tmp_path: Path, law: PolicyFiles
) -> None:
    own = rule("own", "register times", 'session = "both"', 'tightens = "law-register"')
    params = with_rules(tmp_path, law, own).rule("own", FIRST_OF_POLICY).params
    assert isinstance(params, RegisterTimes)
    assert params.minutes_open == 30


# --- forms and clauses -----------------------------------------------------------------------------------


def test_a_letter_is_a_letter_and_a_prompt_a_prompt_unless_the_rule_says_otherwise(book: Rulebook) -> None:
    forms = {one.id: one.form for one in book.on(FIRST_OF_POLICY)}
    assert forms["first-letter"] is Form.LETTER
    assert forms["threshold"] is Form.PROMPT
    assert forms["third-day"] is Form.TASK


def test_a_rule_says_where_it_stands(book: Rulebook) -> None:
    place = book.rule("third-day", FIRST_OF_POLICY).place
    assert (place.file, place.row) == ("small/2025-09-01/policy.toml", 20)


def test_parameters_below_the_rule_are_those_of_the_rule(book: Rulebook) -> None:
    assert book.rule("third-day", FIRST_OF_POLICY).params == DayOfAbsence(day=3)


def test_a_clause_of_the_policy_or_of_the_law_is_found_by_its_id(book: Rulebook) -> None:
    assert book.clause("3.1").notice.startswith("The clause names the law of 2007")
    assert book.clause("threshold").says.startswith("A penalty notice")
    with pytest.raises(KeyError):
        book.clause("3.1", BEFORE_POLICY)


def test_the_policy_of_a_day_has_its_letters_its_prose_and_the_days_rules(book: Rulebook) -> None:
    policy = book.policy_on(FIRST_OF_POLICY)
    assert policy.letters["first-letter"].title == "Attendance letter"
    assert policy.prose["why.md"] == "Every day counts.\n"
    assert policy.rule("third-day").who == "office"
    assert book.policy_on(BEFORE_POLICY).is_law
