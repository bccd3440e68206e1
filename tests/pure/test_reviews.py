"""`firstbell review` and `explain`, run as a user would, and files of duties that are handed back."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from firstbell.cli import main
from firstbell.exchange.duty_files import read_duties
from firstbell.facts.cases import DutyDeferred, DutyDone, DutyWithheld
from firstbell.problems import Unusable
from firstbell.synth.demonstration import filled_in, open_keys

DAY, NEXT = "2025-03-13", "2025-03-14"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    assert main(["synth", "primary", "--pupils", "60", "--out", str(folder / "files")]) == 0
    return folder / "files"


def _review(school: Path, out: Path, *more: object, on: str = DAY, facts: bool = True) -> int:
    files = ["calendar.toml", "pupils.csv", "marks.csv", "contacts.csv", *["facts.jsonl"] * facts]
    arguments: list[object] = ["review", "--policy", "primary-rewards", "--on", on, "--out", out, *more]
    for name in files:
        arguments += [f"--{name.partition('.')[0]}", school / name]
    return main([*map(str, arguments)])


@pytest.fixture(scope="module")
def reviewed(school: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("review") / "out"
    assert _review(school, out) == 0
    return out


def _duties(folder: Path) -> list[dict[str, Any]]:
    content = json.loads((folder / "duties.json").read_text(encoding="utf-8"))
    duties: list[dict[str, Any]] = content["duties"]
    return duties


def test_a_review_writes_the_report_the_duties_twice_and_a_file_for_each_letter(reviewed: Path) -> None:
    duties = _duties(reviewed)
    letters = {path.name for path in (reviewed / "letters").glob("*.pdf")} - {"print-run.pdf"}
    wanted = [one for one in duties if one.get("letter") and one["state"] == "open" and one.get("number")]
    table = list(csv.DictReader(io.StringIO((reviewed / "duties.csv").read_text(encoding="utf-8-sig"))))
    assert (reviewed / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [row["key"] for row in table] == [one["key"] for one in duties]
    assert letters and len(letters) == len(wanted)


def test_no_name_of_anybody_stands_in_the_name_of_a_letter_or_in_a_key(school: Path, reviewed: Path) -> None:
    rows = csv.DictReader(io.StringIO((school / "pupils.csv").read_text(encoding="utf-8-sig")))
    names = {row["Surname"].casefold() for row in rows}
    said = " ".join(path.name for path in (reviewed / "letters").iterdir())
    said += " ".join(one["key"] for one in _duties(reviewed))
    assert names and not {name for name in names if name in said.casefold()}


def test_what_was_filled_in_is_not_proposed_again_the_next_day(
    school: Path, reviewed: Path, tmp_path: Path
) -> None:
    done = filled_in((reviewed / "duties.json").read_text(encoding="utf-8"))
    (tmp_path / "duties.json").write_text(done.text, encoding="utf-8")
    more = ("--duties", tmp_path / "duties.json", "--no-letters")
    assert _review(school, tmp_path / "next", *more, on=NEXT) == 0
    text = (tmp_path / "next" / "duties.json").read_text(encoding="utf-8")
    states = {one["key"]: one["state"] for one in json.loads(text)["duties"]}
    assert done.keys and not done.keys & open_keys(text)
    assert {states[key] for key in done.keys} == {"done", "withheld"}


def test_each_days_file_carries_on_what_the_day_before_said(
    school: Path, reviewed: Path, tmp_path: Path
) -> None:
    done = filled_in((reviewed / "duties.json").read_text(encoding="utf-8"))
    (tmp_path / "duties.json").write_text(done.text, encoding="utf-8")
    _review(school, tmp_path / "second", "--duties", tmp_path / "duties.json", "--no-letters", on=NEXT)
    more = ("--duties", tmp_path / "second" / "duties.json", "--no-letters")
    assert _review(school, tmp_path / "third", *more, on="2025-03-17") == 0
    text = (tmp_path / "third" / "duties.json").read_text(encoding="utf-8")
    assert not done.keys & open_keys(text)


def test_a_review_without_contacts_says_that_no_letter_has_an_address(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments: list[object] = [
        "review",
        "--policy",
        "primary-rewards",
        "--on",
        DAY,
        "--out",
        tmp_path / "out",
    ]
    for name in ("calendar.toml", "pupils.csv", "marks.csv"):
        arguments += [f"--{name.partition('.')[0]}", school / name]
    assert main([*map(str, arguments)]) == 0
    said = capsys.readouterr().out
    assert "0 letters were drafted" in said and "No parent with an address" in said
    assert not (tmp_path / "out" / "letters").exists()


def test_a_review_as_known_in_the_morning_has_no_afternoon(school: Path, tmp_path: Path) -> None:
    assert _review(school, tmp_path / "out", "--no-letters", on=f"{DAY}T09:00") == 0
    due = [one for one in _duties(tmp_path / "out") if one["due"] == DAY and one["asks"] == "contact parent"]
    assert due == []


def test_explain_says_what_is_due_for_one_pupil_why_and_what_it_would_take(
    school: Path, reviewed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    below = [one for one in _duties(reviewed) if one["asks"] == "contact parents below target"]
    number = max(below, key=lambda one: str(one["key"].rpartition("|")[2] + one["due"]))["number"]
    arguments: list[object] = ["explain", number, "--policy", "primary-rewards", "--on", DAY]
    for name in ("calendar.toml", "pupils.csv", "marks.csv"):
        arguments += [f"--{name.partition('.')[0]}", school / name]
    assert main([*map(str, arguments)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"Attendance is \d+\.\d%: \d+ of \d+ sessions, which is below 96%", said)
    assert 'Clause S2-11 ("will")' in said
    assert re.search(r"96% (again after|cannot be reached again)", said)


def test_explain_refuses_a_number_that_nobody_has(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments: list[object] = ["explain", "999999", "--policy", "primary-rewards"]
    for name in ("calendar.toml", "pupils.csv", "marks.csv"):
        arguments += [f"--{name.partition('.')[0]}", school / name]
    assert main([*map(str, arguments)]) == 2
    assert "No pupil has this number" in capsys.readouterr().err


def test_a_policy_that_there_is_not_is_refused_before_anything_is_written(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments: list[object] = ["review", "--policy", "nobodys", "--out", tmp_path / "out"]
    for name in ("calendar.toml", "pupils.csv", "marks.csv"):
        arguments += [f"--{name.partition('.')[0]}", school / name]
    assert main([*map(str, arguments)]) == 2
    assert "nobodys" in capsys.readouterr().err and not (tmp_path / "out").exists()


# --- duties handed back ----------------------------------------------------------------------------------


def _handed_back(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "duties.json"
    path.write_text(json.dumps({"on": "2025-03-13", "duties": rows}), encoding="utf-8")
    return path


ROW = {"key": "welfare-check|e1|2025-03-10", "enrolment": "e1", "who": "attendance officer"}


def test_done_is_a_day_or_true_and_withheld_needs_a_reason(tmp_path: Path) -> None:
    read = read_duties(
        _handed_back(
            tmp_path,
            ROW | {"done": "2025-03-12"},
            ROW | {"done": True},
            ROW | {"withheld": True, "why": "the family is known to be safe"},
            ROW | {"deferred_until": "2025-03-20", "why": "the parent is away"},
            ROW,
        )
    )
    kinds = [type(fact.data) for fact in read.facts]
    assert kinds == [DutyDone, DutyDone, DutyWithheld, DutyDeferred]
    assert [fact.on for fact in read.facts] == [date(2025, 3, 12), *[date(2025, 3, 13)] * 3]
    assert not read.problems


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        ({"withheld": True}, "without a reason"),
        ({"done": True, "withheld": "no"}, "Both done and withheld"),
        ({"deferred_until": "soon", "why": "x"}, "without a day"),
        ({"key": "", "done": True}, "no key"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_made_of_it(
    tmp_path: Path, filled: dict[str, Any], said: str
) -> None:
    read = read_duties(_handed_back(tmp_path, ROW | filled))
    assert not read.facts
    assert said in read.problems[0].what and read.problems[0].place.part == "duty 1"


def test_another_file_than_one_of_duties_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"duties": 3}', encoding="utf-8")
    with pytest.raises(Unusable, match="no file of duties"):
        read_duties(path)
