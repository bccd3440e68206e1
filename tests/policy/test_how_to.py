"""The policy that the documentation writes is one that is read."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from firstbell import statute
from firstbell.cli import main
from firstbell.policy import PolicyFiles, Rulebook, read_policy, read_school
from firstbell.policy.parameters import DayOfAbsence
from firstbell.problems import Unusable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-policy.md"
BLOCK = re.compile(r"^```(?:toml)?\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^    \.venv/bin/firstbell (.*)$", re.MULTILINE)
NO_LAW = PolicyFiles("law", ())


@pytest.fixture
def blocks(tmp_path: Path) -> list[str]:
    """The blocks of the page, with the policy laid into a folder: a tree, three files, a message."""
    found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    folder = tmp_path / "our-policy" / "2025-09-01"
    folder.mkdir(parents=True)
    (folder / "policy.toml").write_text(found[1], encoding="utf-8")
    (folder / "clauses.toml").write_text(found[2], encoding="utf-8")
    return found


def test_the_policy_of_the_page_asks_on_the_third_day(blocks: list[str], tmp_path: Path) -> None:
    england = statute.england()
    policy = read_policy(tmp_path, "our-policy", england, NO_LAW)
    book = Rulebook(england, NO_LAW, policy, read_school(blocks[3]))
    assert book.rule("third-day", date(2025, 9, 1)).params == DayOfAbsence(day=3)


def test_the_commands_of_the_page_run(
    blocks: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "our-policy" / "school.toml").write_text(blocks[3], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    commands = COMMAND.findall(PAGE.read_text(encoding="utf-8"))
    assert commands
    assert [main(command.split()) for command in commands] == [0] * len(commands)


def test_the_message_of_the_page_is_the_one_that_is_given(blocks: list[str], tmp_path: Path) -> None:
    file = tmp_path / "our-policy" / "2025-09-01" / "policy.toml"
    file.write_text(blocks[1].replace('["4.3"]', '["4.2"]'), encoding="utf-8")
    with pytest.raises(Unusable) as refused:
        read_policy(tmp_path, "our-policy", statute.england(), NO_LAW)
    assert f"{refused.value}\n" == blocks[4]
