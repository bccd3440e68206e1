"""`firstbell review` and `explain`, run as a user would, and files of duties that are handed back."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from firstbell.cli import main
from firstbell.exchange.duty_files import read_duties
from firstbell.facts.cases import DutyDeferred, DutyDone, DutyWithheld
from firstbell.problems import Unusable
from firstbell.synth.demonstration import filled_in, open_keys

POLICIES = Path(__file__).resolve().parents[2] / "firstbell" / "policies"
DAY, NEXT = "2025-03-13", "2025-03-14"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    assert main(["synth", "primary", "--pupils", "60", "--out", str(folder / "files")]) == 0
    return folder / "files"


FILES = ("calendar.toml", "pupils.csv", "marks.csv", "contacts.csv", "facts.jsonl")


def _review(
    school: Path,
    out: Path,
    *more: object,
    on: str = DAY,
    policy: object = "primary-rewards",
    own: bool = True,
) -> int:
    """A review of the school; `own`: with the settings of its own."""
    arguments: list[object] = ["review", "--policy", policy, "--on", on, "--out", out, *more]
    arguments += ["--settings", school / "school.toml"] if own else []
    for name in FILES:
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
    wanted = [one["letter_file"] for one in duties if one.get("letter_file")]
    table = list(csv.DictReader(io.StringIO((reviewed / "duties.csv").read_text(encoding="utf-8-sig"))))
    assert (reviewed / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert {row["key"] for row in table} == {one["key"] for one in duties}
    assert letters and letters == {Path(name).name for name in wanted}


def test_no_letter_asks_for_evidence_that_nobody_has_a_recorded_reason_to_doubt(reviewed: Path) -> None:
    asking = [one for one in _duties(reviewed) if one.get("letter") == "illness-evidence"]
    assert asking and not any(one.get("letter_file") for one in asking)


def test_what_was_done_at_ten_is_done_at_noon_of_the_same_day(school: Path, tmp_path: Path) -> None:
    assert _review(school, tmp_path / "ten", "--no-letters", on=f"{DAY}T10:00") == 0
    done = filled_in((tmp_path / "ten" / "duties.json").read_text(encoding="utf-8"))
    (tmp_path / "duties.json").write_text(done.text, encoding="utf-8")
    more = ("--duties", tmp_path / "duties.json", "--no-letters")
    assert _review(school, tmp_path / "noon", *more, on=f"{DAY}T12:00") == 0
    assert not done.keys & open_keys((tmp_path / "noon" / "duties.json").read_text(encoding="utf-8"))


def test_words_and_role_of_what_was_done_are_carried_from_file_to_file(
    school: Path, reviewed: Path, tmp_path: Path
) -> None:
    content = json.loads((reviewed / "duties.json").read_text(encoding="utf-8"))
    row = next(one for one in content["duties"] if one["state"] == "open" and one.get("number"))
    row |= {"done": "yes", "why": "rang at 10:20, agreed a plan", "by": "family worker"}
    (tmp_path / "duties.json").write_text(json.dumps(content), encoding="utf-8")
    more = ("--duties", tmp_path / "duties.json", "--no-letters")
    assert _review(school, tmp_path / "next", *more, on=NEXT) == 0
    again = next(one for one in _duties(tmp_path / "next") if one["key"] == row["key"])
    assert (again["done"], again["why"], again["by"]) == (DAY, row["why"], row["by"])


def test_a_file_of_another_school_is_not_counted_and_said_so(
    school: Path, reviewed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(filled_in((reviewed / "duties.json").read_text(encoding="utf-8")).text)
    content["school"] = "Another School"
    (tmp_path / "duties.json").write_text(json.dumps(content), encoding="utf-8")
    more = ("--duties", tmp_path / "duties.json", "--no-letters")
    assert _review(school, tmp_path / "next", *more, on=NEXT) == 1
    assert 'The file is of "Another School"' in capsys.readouterr().out


def test_a_stay_with_another_first_day_is_still_the_pupils(
    school: Path, reviewed: Path, tmp_path: Path
) -> None:
    content = json.loads((reviewed / "duties.json").read_text(encoding="utf-8"))
    row = next(one for one in content["duties"] if one["state"] == "open" and one.get("number"))
    for one in content["duties"]:
        if one.get("enrolment") == row["enrolment"] and one is not row:
            one["enrolment"] = "e-other"
    row["key"] = row["key"].replace(row["enrolment"], "e-other")
    row |= {"enrolment": "e-other", "done": "yes"}
    (tmp_path / "duties.json").write_text(json.dumps(content), encoding="utf-8")
    more = ("--duties", tmp_path / "duties.json", "--no-letters")
    assert _review(school, tmp_path / "next", *more, on=NEXT) == 0
    same = [
        one
        for one in _duties(tmp_path / "next")
        if one.get("number") == row["number"] and one["asks"] == row["asks"]
    ]
    assert "done" in {one["state"] for one in same}


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
        "--settings",
        school / "school.toml",
    ]
    for name in ("calendar.toml", "pupils.csv", "marks.csv"):
        arguments += [f"--{name.partition('.')[0]}", school / name]
    assert main([*map(str, arguments)]) == 0
    said = capsys.readouterr().out
    assert "0 letters were drafted" in said and "No parent with an address" in said
    assert not (tmp_path / "out" / "letters").exists()


def test_without_settings_of_its_own_a_school_gets_no_letter_and_is_told_which_file_to_copy(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _review(school, tmp_path / "out", own=False) == 0
    said = capsys.readouterr().out
    (example,) = re.findall(r'cp "(.*)" school.toml', said)
    assert "0 letters were drafted" in said and "no letter is written" in said
    assert 'policy = "primary-rewards"' in Path(example).read_text(encoding="utf-8")
    assert not (tmp_path / "out" / "letters").exists()


def test_letters_come_from_the_address_of_the_school_and_what_a_printer_refuses_is_said(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _review(school, tmp_path / "out") == 0
    said = capsys.readouterr().out
    first = min((tmp_path / "out" / "letters").glob("*[0-9a-z].pdf"))
    text = pypdfium2.PdfDocument(first)[0].get_textpage().get_text_range()
    assert "TR77 9ZZ" in text and "Example" not in text
    assert "would refuse them: The last line of the address is not a postcode. They are written" in said
    assert '"codes" is G, O, U' not in said


def test_a_copied_policy_is_reviewed_with_its_letters(school: Path, tmp_path: Path) -> None:
    shutil.copytree(POLICIES / "primary-rewards", tmp_path / "pol")
    settings = (school / "school.toml").read_text(encoding="utf-8")
    own = tmp_path / "school.toml"
    own.write_text(settings.replace('"primary-rewards"', '"pol"'), encoding="utf-8")
    assert _review(school, tmp_path / "first", policy=tmp_path / "pol", own=False) == 0
    more = ("--settings", own)
    assert _review(school, tmp_path / "second", *more, policy=tmp_path / "pol", own=False) == 0
    assert [*(tmp_path / "second" / "letters").glob("*.pdf")]


def test_a_school_that_starts_in_march_is_not_asked_for_what_arose_before(
    school: Path, reviewed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _review(school, tmp_path / "out", "--no-letters", "--since", "2025-03-10") == 0
    said = capsys.readouterr().out
    before = {one["key"] for one in _duties(reviewed) if one["state"] == "open"}
    after = {one["key"]: one for one in _duties(tmp_path / "out") if one["state"] == "open"}
    left_out = f"{len(before) - len(after)} open duties that arose before 10 March 2025 are left out."
    assert after.keys() < before and left_out in said
    assert left_out in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    kept = [one for one in after.values() if one["due"] < "2025-03-10"]
    assert "contact parents below target" in {one["asks"] for one in kept}


def test_since_a_day_after_the_review_is_refused(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _review(school, tmp_path / "out", "--since", NEXT) == 2
    assert "after the day of the review" in capsys.readouterr().err


def test_the_table_has_what_is_owed_first_with_class_reason_clauses_and_letter(reviewed: Path) -> None:
    table = list(csv.DictReader(io.StringIO((reviewed / "duties.csv").read_text(encoding="utf-8-sig"))))
    owed = [row["state"] in ("open", "deferred") for row in table]
    assert owed == sorted(owed, reverse=True) and not all(owed)
    of_pupils = [row for row in table if row["number"] and row["state"] == "open"]
    assert of_pupils and all(
        row["class"] and row["why"].endswith(".") and row["clauses"] for row in of_pupils
    )
    files = {row["key"]: row["letter_file"] for row in table if row["letter_file"]}
    assert files and all((reviewed / file).is_file() for file in files.values())
    assert files == {one["key"]: one["letter_file"] for one in _duties(reviewed) if one.get("letter_file")}


def test_the_page_lists_contacts_and_duties_among_the_files_read(
    school: Path, reviewed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--no-letters", "--duties", reviewed / "duties.json")
    assert _review(school, tmp_path / "out", *more) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "contacts.csv" in page and "duties.json" in page
    assert re.search(r"duties are open, for \d+ pupils and classes\.", capsys.readouterr().out)


def test_a_day_after_the_moment_of_the_review_is_said_and_not_counted(
    school: Path, reviewed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads((reviewed / "duties.json").read_text(encoding="utf-8"))
    one = next(row for row in content["duties"] if row["state"] == "open")
    one["done"] = "20/03/2025"
    (tmp_path / "duties.json").write_text(json.dumps(content), encoding="utf-8")
    more = ("--no-letters", "--duties", tmp_path / "duties.json")
    assert _review(school, tmp_path / "out", *more, on=NEXT) == 0
    said = capsys.readouterr().out
    assert f'"{one["asks"]}" (20 March 2025)' in said and "not counted yet" in said
    assert one["key"] in open_keys((tmp_path / "out" / "duties.json").read_text(encoding="utf-8"))


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


ROW = {
    "key": "welfare-check|e1|2025-03-10",
    "asks": "welfare check",
    "enrolment": "e1",
    "who": "attendance officer",
}


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
    ("filled", "on", "words"),
    [
        ({"done": "12/03/2025"}, date(2025, 3, 12), ""),
        ({"done": "yes"}, date(2025, 3, 13), ""),
        ({"done": " X "}, date(2025, 3, 13), ""),
        ({"done": 1, "on_day": "5/3/2025"}, date(2025, 3, 5), ""),
        ({"done": "rang the aunt"}, date(2025, 3, 13), "rang the aunt"),
        ({"done": "yes", "withheld": "no", "why": "rang the aunt"}, date(2025, 3, 13), "rang the aunt"),
    ],
)
def test_done_is_read_as_people_write_it(
    tmp_path: Path, filled: dict[str, Any], on: date, words: str
) -> None:
    (fact,) = read_duties(_handed_back(tmp_path, ROW | filled)).facts
    assert isinstance(fact.data, DutyDone)
    assert (fact.on, fact.data.words) == (on, words)


@pytest.mark.parametrize("said", ["no", "No.", "n", "false", False, "-", "not yet", "", None, 0])
def test_no_is_not_done(tmp_path: Path, said: object) -> None:
    read = read_duties(_handed_back(tmp_path, ROW | {"done": said}))
    assert not read.facts and not read.problems


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        ({"withheld": True}, "without a reason"),
        ({"withheld": "2025-03-13"}, "without a reason"),
        ({"withheld": "13/03/2025", "why": "13/03/2025"}, "without a reason"),
        ({"done": True, "withheld": "family safe"}, "Both done and withheld"),
        ({"done": "31/02/2025"}, '"done" is "31/02/2025", which is no day'),
        ({"done": "yes", "on_day": "Friday"}, '"on_day" is "Friday", which is no day'),
        ({"done": ["yes"]}, "a list"),
        ({"deferred_until": "soon", "why": "x"}, "without a day"),
        ({"key": "", "done": True}, "no key"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_made_of_it(
    tmp_path: Path, filled: dict[str, Any], said: str
) -> None:
    read = read_duties(_handed_back(tmp_path, ROW | filled))
    assert not read.facts
    assert said in read.problems[0].what and read.problems[0].place.part == 'duty 1, "welfare check"'


def test_a_message_names_the_row_of_a_duty_in_the_file_as_it_was_written(
    reviewed: Path, tmp_path: Path
) -> None:
    lines = (reviewed / "duties.json").read_text(encoding="utf-8").splitlines()
    row = next(number for number, line in enumerate(lines, 1) if '"state": "open"' in line)
    lines[row - 1] = lines[row - 1].replace('"withheld": ""', '"withheld": "yes"')
    (tmp_path / "duties.json").write_text("\n".join(lines), encoding="utf-8")
    (problem,) = read_duties(tmp_path / "duties.json").problems
    assert problem.place.row == row and str(problem).startswith(f"duties.json, duty {row - 1}, ")


def test_another_file_than_one_of_duties_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"duties": 3}', encoding="utf-8")
    with pytest.raises(Unusable, match="no file of duties"):
        read_duties(path)
