"""`firstbell policy show` and `diff`, and what the comparison of two versions says."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from firstbell.cli import main
from firstbell.policy import Clause, Letter, Rule, WrittenPolicy
from firstbell.policy.files import value_of
from firstbell.reports.published.changes import SECTIONS, Change, changes, changes_of_rules
from firstbell.reports.published.rules import whole_rule
from firstbell.scenarios.mutants import mutants
from firstbell.statute import england
from tests import published

P = "primary-rewards"


def newest(name: str = P) -> WrittenPolicy:
    return published.files(name).versions[-1]


def otherwise(
    key: str, version: WrittenPolicy | None = None, *, told: dict[str, Any] | None = None, **stated: Any
) -> WrittenPolicy:
    """The policy with other parameters of a rule, written as in a file, or with other keys of it."""
    version = version or newest()
    rules = []
    for rule in version.rules:
        if rule.id == key:
            values = {name: value_of(rule.kind, name, value) for name, value in stated.items()}
            rule = replace(
                rule,
                stated={**rule.stated, **values},
                told={**rule.told, **(told or {})},
                by_school=rule.by_school - {*values},
            )
        rules.append(rule)
    return replace(version, rules=tuple(rules))


def one_line(new: WrittenPolicy, section: str = "otherwise") -> Change:
    found = [one for one in changes(newest(), new, england()) if one.section == section]
    assert len(found) == 1
    return found[0]


# --- rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", published.NAMES)
def test_every_small_change_of_a_rule_is_one_line_that_names_it_and_what_it_was(name: str) -> None:
    version = newest(name)
    law = england().on(version.in_force_from_on)
    before = {written.id: whole_rule(written, law) for written in version.rules}
    stated = [(before[written.id], {*written.stated, *written.by_law}) for written in version.rules]
    looked, unnamed = 0, []
    for mutant in mutants(name, stated):
        new = mutant.change(before[mutant.rule])
        found = list(changes_of_rules(before, {**before, mutant.rule: new}, version, version))
        looked += 1
        names = [one for one in found if one.key == mutant.rule and _is_named(one, new, version)]
        if len(found) != 1 or len(names) != 1 or not found[0].details:
            unnamed.append(str(mutant))
    assert looked > 5 and unnamed == []


def _is_named(change: Change, rule: Rule, version: WrittenPolicy) -> bool:
    """Whether a line says which rule it is about, and what is otherwise of it."""
    title = version.letters[rule.letter].title if rule.letter else ""
    names = [one for one in (rule.asks, rule.id, title) if one]
    return (
        any(name in change.says for name in names)
        and re.search(r"not |now |no longer |it was: ", change.says) is not None
    )


def test_a_letter_is_written_below_another_percentage() -> None:
    line = one_line(otherwise("below-95-letter", when="below 92%"))
    assert line.says == (
        "The letter “Attendance below 95%” (write about attendance below 95%) is written when attendance is "
        "below 92%, not below 95%."
    )
    assert line.topic == "When attendance falls" and line.clauses == ("S2-27",)
    assert [(one.of, one.was, one.now) for one in line.details] == [("when", "below 95%", "below 92%")]


OTHERWISE: list[tuple[str, dict[str, Any], str]] = [
    (
        "morning-register",
        {"opens": "08:50"},
        "The task “finish the morning register”: it opens at 08:50, not at 09:00.",
    ),
    (
        "welfare-check",
        {"day": 3},
        "The task “welfare check” is due on the third school day of an absence, not on the fourth.",
    ),
    (
        "at-risk",
        {"until": "below 85%"},
        "on the reasons” is asked when attendance is from 85% to below 95%, not from 90%.",
    ),
    (
        "persistent-lateness",
        {"reaches": 4},
        "when there have been 4 late marks, not [the school states: the number].",
    ),
    ("unknown-reason", {"within": "5 days"}, "is still not known 5 days after it, not 5 school days."),
    (
        "leave-attendance",
        {"when": "below 96%"},
        "(leave-attendance) is held against it if the child’s attendance was below 96%, not below 97%.",
    ),
    (
        "attendance-report",
        {"each_pupil": False},
        "The letter “Attendance report” (report to parents on attendance): no longer for each pupil.",
    ),
    ("plan-review", {"ahead": "3 days"}, "The task “review the plan”: now told 3 days before."),
]


@pytest.mark.parametrize(("key", "stated", "says"), OTHERWISE)
def test_what_is_otherwise_is_told_and_what_it_was(key: str, stated: dict[str, Any], says: str) -> None:
    assert one_line(otherwise(key, **stated)).says.endswith(says)


BESIDES: list[tuple[dict[str, Any], str]] = [
    ({"who": "office"}, "it falls to the office, not the attendance officer."),
    ({"word": "may"}, "the clause says “may”, not “will”."),
    ({"asks": "call at home"}, "it is called “call at home”, not “welfare check”."),
    (
        {"settled_by": ("visit",)},
        "what shows by itself that it was done is: somebody was met at the home, not: the school reached",
    ),
    ({"settled_by": ()}, "is: nothing any more (it was the school reached a parent, somebody was met at the"),
    ({"offers": ("yes", "no")}, "the answers are “yes” and “no”."),
    ({"implements": ("S2-24",)}, "it carries out S2-24, not S2-25."),
    ({"letter": "consent"}, "its letter is “Consent to share information”, not none."),
    ({"notice": "Be kind."}, "with it is said “Be kind.”."),
    ({"after": "no-contact"}, "it waits for “no-contact”."),
]


@pytest.mark.parametrize(("told", "says"), BESIDES)
def test_what_else_a_rule_says_is_told_as_well(told: dict[str, Any], says: str) -> None:
    line = one_line(otherwise("welfare-check", told=told))
    assert says in line.says and ("welfare check" in line.says or "call at home" in line.says)


def test_several_things_of_one_rule_are_one_line() -> None:
    line = one_line(otherwise("welfare-check", told={"who": "office"}, day=3, of="illness"))
    assert line.says == (
        "The task “welfare check” is due on the third school day of an illness, not on the fourth school day "
        "of an absence; it falls to the office, not the attendance officer."
    )
    assert [one.of for one in line.details] == ["of", "who"]


def test_a_rule_that_has_come_or_gone_is_told_as_a_whole() -> None:
    version = newest()
    without = replace(version, rules=tuple(one for one in version.rules if one.id != "welfare-check"))
    gone = list(changes(version, without, england()))
    come = list(changes(without, version, england()))
    says = "The task “welfare check” is due on the fourth school day of an absence (attendance officer)."
    assert [(one.section, one.key, one.says) for one in gone] == [("gone", "welfare-check", says)]
    assert [(one.section, one.key, one.says) for one in come] == [("new", "welfare-check", says)]


def test_the_order_of_rules_in_a_file_changes_nothing() -> None:
    version = newest()
    assert changes(version, replace(version, rules=version.rules[::-1]), england()) == ()


def test_what_matters_to_people_stands_first() -> None:
    new = otherwise("unexplained", otherwise("newsletter", every="week"), by="09:00")
    new = replace(new, roles={**new.roles, "office": "The reception"}, title="Attendance")
    found = changes(newest(), new, england())
    assert [one.section for one in found] == ["otherwise", "otherwise", "policy", "role"]
    assert [one.key for one in found][:2] == ["unexplained", "newsletter"]


# --- what stands beside the rules ------------------------------------------------------------------------


def without(held: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: one for name, one in held.items() if name != key}


OLD = newest()
CLAUSES, LETTERS, PROSE, ROLES = OLD.clauses, OLD.letters, OLD.prose, OLD.roles
CONSENT = "Consent to share information"
BESIDE_THE_RULES: list[tuple[str, dict[str, Any], str]] = [
    ("policy", {"title": "Be here"}, "It is called “Be here”, not “Attendance and punctuality policy”."),
    (
        "policy",
        {"adopted_on": date(2025, 9, 1)},
        "It was adopted on 1 September 2025, not 1 October 2024.",
    ),
    (
        "policy",
        {"review_on": date(2026, 9, 1)},
        "It is reviewed on 1 September 2026; it named no day before.",
    ),
    ("role", {"roles": {**ROLES, "cook": "Cooks."}}, "There is a role “cook”: cooks."),
    (
        "role",
        {"roles": {**ROLES, "office": "The desk"}},
        "The role “office”: the desk; it was: the school office.",
    ),
    ("role", {"roles": without(ROLES, "office")}, "There is no role “office” any more."),
    ("letter", {"letters": {**LETTERS, "new": Letter("new", "Hello")}}, "There is a letter “Hello”."),
    (
        "letter",
        {"letters": {**LETTERS, "consent": Letter("consent", "Consent", "x")}},
        f"The letter “{CONSENT}” is called “Consent” now and has another text.",
    ),
    ("letter", {"letters": without(LETTERS, "consent")}, f"There is no letter “{CONSENT}” any more."),
    ("text", {"prose": {**PROSE, "help.md": "# Help\n\nx"}}, "The text “Help” (help.md) has changed."),
    ("text", {"prose": {**PROSE, "why.md": "no heading"}}, "There is a text “why.md” (why.md)."),
    ("text", {"prose": without(PROSE, "help.md")}, "There is no text “Who can help” (help.md) any more."),
    (
        "clause",
        {"clauses": {**CLAUSES, "S2-6": Clause("S2-6", "We send nothing.")}},
        f"Clause S2-6 says: We send nothing. It said: {CLAUSES['S2-6'].says}",
    ),
    (
        "clause",
        {"clauses": {**CLAUSES, "S2-6": replace(CLAUSES["S2-6"], notice="Not so.")}},
        "Clause S2-6 has the note: Not so.",
    ),
    ("clause", {"clauses": {**CLAUSES, "S2-200": Clause("S2-200", "New.")}}, "Clause S2-200 is new: New."),
    ("clause", {"clauses": without(CLAUSES, "S2-5")}, "Clause S2-5 is gone."),
]


@pytest.mark.parametrize(("section", "change", "says"), BESIDE_THE_RULES)
def test_what_stands_beside_the_rules_is_compared_too(
    section: str, change: dict[str, Any], says: str
) -> None:
    found = changes(OLD, replace(OLD, **change), england())
    assert [one.says for one in found if one.section == section] == [says]
    assert section in SECTIONS


def test_settings_that_have_come_or_gone_are_told() -> None:
    new = otherwise("punctuality-letter", reaches=5)
    gone = next(one for one in changes(newest(), new, england()) if one.section == "setting")
    come = next(one for one in changes(new, newest(), england()) if one.section == "setting")
    assert gone.says == "The school no longer states, for “punctuality-letter”: the number."
    assert come.says == "The school has to state, for “punctuality-letter”: the number."


# --- the commands ----------------------------------------------------------------------------------------


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A policy with two versions, of which the later writes its letter below 92%."""
    folder = tmp_path / P
    shutil.copytree(published.POLICIES / P, folder)
    shutil.copytree(folder / "2024-10-01", folder / "2025-09-01")
    file = folder / "2025-09-01" / "policy.toml"
    text = file.read_text(encoding="utf-8")
    was = 'params = { when = "below 95%", least_possible = "school", tier = "below 95%" }'
    assert was in text
    file.write_text(text.replace(was, was.replace("below 95%", "below 92%", 1)), encoding="utf-8")
    return folder


def test_two_versions_are_compared_by_their_days_or_their_folders(
    versions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = (f"{versions}@2024-10-01", f"{versions}@2025-09-01")
    folders = (str(versions / "2024-10-01"), str(versions))
    said = set()
    for old, new in (named, folders):
        assert main(["policy", "diff", old, new]) == 0
        said.add(capsys.readouterr().out)
    [text] = said
    assert "in force from 1 October 2024) to " in text and "Asked otherwise: 1 change\n" in text
    assert "is below 92%, not below 95%. [below-95-letter, S2-27]" in " ".join(text.split())


def test_policies_that_say_the_same_are_said_to(versions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "diff", P, f"{versions}@2024-10-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "They say the same."


def test_a_comparison_as_json_has_each_change_with_what_it_was(
    versions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "diff", P, str(versions), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["old"] == {"policy": P, "in_force_from_on": "2024-10-01"}
    assert told["new"]["in_force_from_on"] == "2025-09-01"
    [change] = told["changes"]
    assert change["key"] == "below-95-letter"
    assert change["details"] == [{"of": "when", "was": "below 95%", "now": "below 92%"}]


def test_a_version_that_there_is_not_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["policy", "diff", f"{P}@2023-01-01", P]) == 2
    said = capsys.readouterr()
    assert "has no version from 2023-01-01" in said.err and "2024-10-01" in said.err and said.out == ""


def test_a_policy_is_written_as_page_and_pdf_with_its_chart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = published.POLICIES / P / "example-school.toml"
    out = tmp_path / "document"
    assert main(["policy", "show", P, "--settings", str(settings), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "Attendance and punctuality policy, Example Primary School" in said and "--settings" not in said
    assert (out / "policy.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (out / "policy.pdf").read_bytes().startswith(b"%PDF-")
    assert (out / "morning.svg").read_text(encoding="utf-8").startswith("<svg")
    assert main(["policy", "show", P, "--out", str(out)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert main(["policy", "show", P, "--out", str(out), "--replace"]) == 0
    assert "name its settings with --settings" in capsys.readouterr().out
    assert "<mark>the school states: " in (out / "policy.html").read_text(encoding="utf-8")


def test_an_earlier_version_is_shown_with_settings_that_serve_both(versions: Path, tmp_path: Path) -> None:
    file = versions / "2025-09-01" / "policy.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"Attendance and punctuality policy"', '"Be here"'), encoding="utf-8")
    settings = str(versions / "example-school.toml")
    for day, title in (("2024-10-01", "Attendance and punctuality policy"), ("2025-09-01", "Be here")):
        out = tmp_path / day
        assert main(["policy", "show", f"{versions}@{day}", "--settings", settings, "--out", str(out)]) == 0
        page = (out / "policy.html").read_text(encoding="utf-8")
        assert f"<h1>{title}</h1>" in page and date.fromisoformat(day).strftime("%B %Y") in page


def test_settings_with_a_fault_are_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "school.toml"
    settings.write_text(f'policy = "{P}"\nname = "Example School"\n', encoding="utf-8")
    out = tmp_path / "document"
    assert main(["policy", "show", P, "--settings", str(settings), "--out", str(out)]) == 2
    assert 'the setting "minutes_open" is missing' in capsys.readouterr().err and not out.exists()


def test_the_law_is_no_policy_to_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "show", "law", "--out", str(tmp_path / "law")]) == 2
    assert "firstbell law --on DAY" in capsys.readouterr().err


def test_the_commands_of_the_how_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = published.POLICIES.parents[1] / "docs" / "how-to" / "publish-a-policy.md"
    commands = re.findall(r"^    \.venv/bin/firstbell (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    (tmp_path / "firstbell").symlink_to(published.POLICIES.parent)
    monkeypatch.chdir(tmp_path)
    assert len(commands) == 2
    assert [main(command.split()) for command in commands] == [0, 0]
    named = re.findall(r"^\| `(.+?)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in named if not (tmp_path / "document" / name).is_file()] == []
