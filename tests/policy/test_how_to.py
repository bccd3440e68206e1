"""The page on writing a policy: what it writes runs, and a whole policy was written from it alone.

That one stands in `sixth`: an invented school with four houses, other numbers than any other policy, and a
ladder of its own. Nothing in the program knows of it.
"""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pypdf
import pytest

from firstbell import statute
from firstbell.cli import main
from firstbell.delivery import Letters, preflight
from firstbell.delivery.values import Addressee, Office, letter_values
from firstbell.policy import PolicyFiles, Rulebook, read_policy, read_school
from firstbell.policy.parameters import KINDS, DayOfAbsence
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.problems import Unusable
from firstbell.scenarios import read_scenarios
from firstbell.scenarios.reading import SURVIVORS
from firstbell.scenarios.running import Ran, Running, rulebook_for, run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-policy.md"
FILE = re.compile(r"`([\w./-]+/[\w.-]+\.\w+)`[^\n`]*:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
MESSAGE = re.compile(r"^```\n(our-policy/[^\n]*, row [^\n]*)\n```", re.MULTILINE)
COMMAND = re.compile(r"^    (?:\.venv/bin/firstbell (.*)|cp (.*))$", re.MULTILINE)
OFFICE = Office(
    "Four Houses School", ("1 Example Road", "Exampleton", "EX1 1AA"), "01632 960066", "a@example.org"
)
TO = Addressee(
    ("Ms J Elmwood", "14 Long Acre", "Exampleton", "LS98 9ZZ"), "Dear Ms Elmwood", "Amira Elmwood", "Amira"
)
NO_LAW = PolicyFiles("law", ())
SIXTH = Path(__file__).resolve().parent / "sixth"
FOUR_HOUSES = SIXTH / "four-houses"


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


# --- a policy that nobody has ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran() -> list[Ran]:
    """The scenarios of the sixth policy, run."""
    return [run(one) for one in read_scenarios(SIXTH / "scenarios")]


def test_the_sixth_policy_has_no_faults(capsys: pytest.CaptureFixture[str]) -> None:
    settings = FOUR_HOUSES / "example-school.toml"
    assert main(["policy", "check", str(FOUR_HOUSES), "--settings", str(settings)]) == 0
    assert "four-houses, in force from 2025-09-01" in capsys.readouterr().out


def test_every_scenario_of_the_sixth_policy_is_so(ran: list[Ran]) -> None:
    wrong = [
        f"{one.scenario.id}, {line.about}: wanted {line.wanted}, found {line.found}"
        for one in ran
        for line in one.outcomes
        if not line.holds
    ]
    assert ran and wrong == []


def test_every_rule_of_the_sixth_policy_is_met_by_a_scenario(ran: list[Ran]) -> None:
    rulebook = rulebook_for(ran[0].scenario)
    version = rulebook.versions[-1]
    still = {rule.id for rule in version.rules if rule.kind.kind in ("content", "record", "register times")}
    met = {key for one in ran for key in one.rules}
    assert sorted({rule.id for rule in version.rules} - met - still) == []
    assert (
        sorted({*version.clauses} - {key for rule in version.rules for key in rule.told["implements"]}) == []
    )


@pytest.mark.slow
def test_every_change_of_the_sixth_policy_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    cases = SIXTH / "scenarios"
    arguments = ["scenarios", str(cases), "--mutate", "--survivors", str(cases / SURVIVORS)]
    assert main(arguments) == 0, capsys.readouterr().out
    assert (
        "149 changes; 1 were not noticed by any scenario, 1 of them for a reason." in capsys.readouterr().out
    )


def test_the_letters_of_the_sixth_policy_are_drafted_on_one_page_each() -> None:
    letters = Letters.read(FOUR_HOUSES / "2025-09-01")
    found: dict[str, int] = {}
    for scenario in read_scenarios(SIXTH / "scenarios"):
        running = Running(scenario, rulebook_for(scenario))
        for when in {one.when for one in scenario.then}:
            sight = running.sight(running.moment(when))
            for duty in running.due(sight.at):
                name = duty.rule.letter
                if name and name not in found and duty.about.enrolment and duty.is_open:
                    pdf = letters.render(name, letter_values(duty, sight, OFFICE, TO))
                    assert preflight(pdf, letters.posted(name)) == []
                    found[name] = len(pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert found == dict.fromkeys(rulebook_for(scenario).versions[-1].letters, 1)


def test_the_sixth_policy_is_shown_as_a_document(tmp_path: Path) -> None:
    settings = FOUR_HOUSES / "example-school.toml"
    arguments = [
        "policy",
        "show",
        str(FOUR_HOUSES),
        "--settings",
        str(settings),
        "--out",
        str(tmp_path / "d"),
    ]
    assert main(arguments) == 0
    pages = [one.read_text(encoding="utf-8") for one in (tmp_path / "d").glob("*.html")]
    assert len(pages) == 1 and "Ring home on the eighth day" in pages[0]
