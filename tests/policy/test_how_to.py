"""The policy that the documentation writes is read, checked, tried and sent, by the words of the page alone."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from firstbell import statute
from firstbell.cli import main
from firstbell.policy import PolicyFiles, Rulebook, read_policy, read_school
from firstbell.policy.parameters import KINDS, DayOfAbsence
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.problems import Unusable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-policy.md"
FILE = re.compile(r"`([\w./-]+/[\w.-]+\.\w+)`[^\n`]*:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
MESSAGE = re.compile(r"^```\n(our-policy/[^\n]*, row [^\n]*)\n```", re.MULTILINE)
COMMAND = re.compile(r"^    (?:\.venv/bin/firstbell (.*)|cp (.*))$", re.MULTILINE)
NO_LAW = PolicyFiles("law", ())


@pytest.fixture
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture
def folder(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with every file that the page writes; what is to be added to a file stands at its end."""
    for name, text in FILE.findall(page):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text(encoding="utf-8") + "\n" if file.exists() else ""
        file.write_text(before + text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_writes_every_file_of_a_policy(folder: Path) -> None:
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == {
        "our-policy/2025-09-01/clauses.toml",
        "our-policy/2025-09-01/letters/first.typ",
        "our-policy/2025-09-01/policy.toml",
        "our-policy/school.toml",
        "scenarios/calendars/example.toml",
        "scenarios/third-day.toml",
    }


def test_the_policy_of_the_page_asks_on_the_third_day(folder: Path) -> None:
    england = statute.england()
    policy = read_policy(folder, "our-policy", england, NO_LAW)
    book = Rulebook(
        england,
        NO_LAW,
        policy,
        read_school((folder / "our-policy" / "school.toml").read_text(encoding="utf-8")),
    )
    assert book.rule("third-day", date(2025, 9, 1)).params == DayOfAbsence(day=3)


def test_the_commands_of_the_page_run(folder: Path, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = ""
    for command, copied in COMMAND.findall(page):
        if copied:
            source, target = copied.split()
            (folder / target).write_bytes((folder / source).read_bytes())
            continue
        assert main(command.split()) == 0, command
        told += capsys.readouterr().out
    assert "No faults" in told and "1 of 1 scenarios are so." in told
    letters = [*(folder / "review" / "letters").glob("*.pdf")]
    assert len(letters) > 1 and all(one.read_bytes().startswith(b"%PDF") for one in letters)


def test_the_message_of_the_page_is_the_one_that_is_given(folder: Path, page: str) -> None:
    version = folder / "our-policy" / "2025-09-01"
    (_, policy), (_, clauses) = FILE.findall(page)[:2]
    (version / "policy.toml").write_text(policy.replace('["4.3"]', '["4.2"]'), encoding="utf-8")
    (version / "clauses.toml").write_text(clauses, encoding="utf-8")
    with pytest.raises(Unusable) as refused:
        read_policy(folder, "our-policy", statute.england(), NO_LAW)
    assert [str(refused.value)] == MESSAGE.findall(page)


def test_the_page_has_a_sentence_for_every_kind(page: str) -> None:
    table = page.partition("| your document says | kind |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z -]+)`", table)) & KINDS.keys()
    assert sorted(KINDS.keys() - named - {*LEAVE_TESTS}) == []
    assert named & {*LEAVE_TESTS}
