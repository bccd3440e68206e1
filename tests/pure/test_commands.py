"""The commands as a user meets them: files in, exit code, words, and a folder whole or not at all."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from firstbell import cli
from firstbell.cli import figures
from firstbell.exchange.folders import MARKER
from tests import fx

PUPILS = """Adno,Legal Surname,Legal First Name,DOB,Year,Admission Date
0001,Ash,Amira,15/01/2014,Year 6,03/09/2024
0002,Birch,Ben,16/01/2014,Year 6,03/09/2024
"""
DFE = Path(__file__).parent / "dfe"


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """A folder with a calendar, two pupils, and marks of the first week: Ben ill on Friday."""
    (tmp_path / "calendar.toml").write_text(fx.CALENDAR)
    (tmp_path / "pupils.csv").write_text(PUPILS)
    write_marks(tmp_path)
    return tmp_path


def write_marks(folder: Path, *more: str) -> None:
    rows = ["Adno,Date,AM/PM,Mark"]
    for session in fx.calendar().sessions(date(2024, 9, 3), date(2024, 9, 6)):
        present = fx.PRESENT[session.half]
        ben = "I" if session.on == date(2024, 9, 6) else present
        rows += [
            f"{no},{session.on:%d/%m/%Y},{session.half.name},{m}"
            for no, m in (("0001", present), ("0002", ben))
        ]
    (folder / "marks.csv").write_text("\n".join([*rows, *more]) + "\n")


def run(school: Path, *more: str, out: str = "out") -> int:
    files = ["--marks", "marks.csv", "--pupils", "pupils.csv", "--calendar", "calendar.toml"]
    arguments = [str(school / one) if not one.startswith("--") else one for one in files]
    return cli.main(["figures", *arguments, "--out", str(school / out), *more])


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    shown = capsys.readouterr()
    return shown.out + shown.err


def test_figures_of_clean_files_end_with_0(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(school) == 0
    shown = printed(capsys)
    assert "as at Friday 6 September 2024, afternoon" in shown
    assert "14 " in shown and "87.5%" in shown
    page = (school / "out" / cli.PAGE).read_text(encoding="utf-8")
    assert "Birch, Ben" in page
    assert not any("kept-aside" in path.name for path in (school / "out").iterdir())


def test_a_faulty_row_is_kept_aside_the_rest_is_read_and_the_exit_code_is_1(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_marks(school, "0002,09/09/2024,AM,H")
    assert run(school) == 1
    shown = printed(capsys)
    assert "17 rows of marks.csv 16 were read" in shown
    assert "marks.csv, row 18, column Mark" in shown
    assert "withdrawn after 18 August 2024" in shown
    kept = (school / "out" / "kept-aside-marks.csv").read_text(encoding="utf-8-sig")
    assert "0002" in kept


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("marks.csv", "", "marks.csv"),
        ("marks.csv", "Adno,When,Mark\n1,2,3\n", "Date"),
        ("pupils.csv", "Surname\nAsh\n", "UPN"),
        ("calendar.toml", "school = 3 3", "not TOML"),
    ],
)
def test_files_that_cannot_be_used_end_with_2_and_nothing_is_written(
    school: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, message: str
) -> None:
    (school / file).write_text(text)
    assert run(school) == 2
    assert message in printed(capsys)
    assert not (school / "out").exists()


def test_a_file_that_is_not_there_is_named(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (school / "pupils.csv").unlink()
    assert run(school) == 2
    assert "pupils.csv" in printed(capsys)


def test_results_are_private_and_replaced_only_when_asked(school: Path) -> None:
    assert run(school) == 0
    assert stat.S_IMODE((school / "out").stat().st_mode) == 0o700
    assert run(school) == 2
    assert run(school, "--replace") == 0
    assert not list(school.glob(".out*"))


def test_replace_never_touches_files_that_firstbell_has_not_written(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (school / "thesis").mkdir()
    (school / "thesis" / "chapter.txt").write_text("years of work")
    assert run(school, "--replace", out="thesis") == 2
    assert "has not written" in printed(capsys)
    assert (school / "thesis" / "chapter.txt").read_text() == "years of work"
    assert not (school / "thesis" / MARKER).exists()


def test_a_note_kept_beside_the_results_or_a_result_that_was_changed_is_never_replaced(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(school) == 0
    (school / "out" / "letters").mkdir()
    note = school / "out" / "letters" / "note.txt"
    note.write_text("ring Ben's mother")
    assert run(school, "--replace") == 2
    assert "letters/note.txt" in printed(capsys)
    note.unlink()
    (school / "out" / "pupils.csv").write_text("corrected by hand")
    assert run(school, "--replace") == 2
    assert "pupils.csv" in printed(capsys)


def test_the_folder_one_stands_in_is_not_written_to(
    school: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (school / "here").mkdir()
    monkeypatch.chdir(school / "here")
    assert run(school, out="here") == 2
    assert "the one you are in" in printed(capsys)


def test_marks_may_come_in_several_files_such_as_one_a_term_or_corrected_rows(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (school / "more.csv").write_text("Adno,Date,AM/PM,Mark\n0002,09/09/2024,AM,I\n0001,09/09/2024,AM,/\n")
    files = [str(school / name) for name in ("marks.csv", "more.csv")]
    others = ["--pupils", str(school / "pupils.csv"), "--calendar", str(school / "calendar.toml")]
    code = cli.main(["figures", "--marks", *files, *others, "--out", str(school / "out")])
    assert code == 0
    shown = printed(capsys)
    assert "as at Monday 9 September 2024" in shown
    assert "Of 2 rows of more.csv 2 were read" in shown


def test_what_the_figures_cannot_know_is_said(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calendar = (school / "calendar.toml").read_text()
    (school / "calendar.toml").write_text(calendar.split("[[times]]")[0])
    assert run(school, "--on", "2024-09-05T12:00", "--known-at", "2024-09-05T12:00") == 0
    shown = printed(capsys)
    assert "no register times" in shown
    assert "do not say when they were recorded" in shown
    assert "The marks begin on 2024-09-03" in shown
    assert "as they were known at 05 September 2024, 12:00" in shown


def test_two_pupils_of_one_name_are_told_apart_by_the_school_s_number(school: Path) -> None:
    (school / "pupils.csv").write_text(PUPILS.replace("Birch,Ben", "Ash,Amira"))
    assert run(school) == 0
    page = (school / "out" / cli.PAGE).read_text(encoding="utf-8")
    assert "Ash, Amira (0001)" in page
    assert "Ash, Amira (0002)" in page
    table = (school / "out" / "pupils.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[0].split(",")[:3] == ["pupil", "reference", "name"]
    assert ",0002," in table[2]


def test_a_row_of_totals_is_no_pupil(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (school / "pupils.csv").write_text(PUPILS + "Total: 2,,,,,\n")
    assert run(school) == 1
    assert "like a row of totals" in printed(capsys)


@pytest.mark.parametrize(
    ("on", "session"),
    [
        ("2024-09-05", "Thursday 5 September 2024, afternoon"),
        ("2024-09-05T09:20", "Thursday 5 September 2024, morning"),
        ("2024-09-05T09:19", "Wednesday 4 September 2024, afternoon"),
    ],
)
def test_figures_are_as_at_the_last_session_closed_by_then(
    school: Path, capsys: pytest.CaptureFixture[str], on: str, session: str
) -> None:
    assert run(school, "--on", on) == 0
    assert f"as at {session}" in printed(capsys)


def test_before_the_first_register_has_closed_there_are_no_figures(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(school, "--on", "2024-09-03T08:00") == 2
    assert "No register of FX had closed by 2024-09-03 08:00" in printed(capsys)


def test_known_at_leaves_out_what_was_recorded_later(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(school, "--known-at", "2024-09-05T16:00") == 0
    assert "as at Thursday 5 September 2024, afternoon" in printed(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        ["law", "--on", "yesterday"],
        ["figures", "--marks", "x"],
        ["figures", "--on", "2024-13-45", "--marks", "x", "--pupils", "x", "--calendar", "x", "--out", "x"],
        [],
    ],
)
def test_options_that_make_no_sense_end_with_2(
    arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "Traceback" not in printed(capsys)


def test_a_day_outside_the_calendar_is_refused(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(school, "--on", "2031-09-05") == 2
    assert "lies in no school year" in printed(capsys)


def test_a_fault_of_our_own_is_said_without_the_data_that_caused_it(
    school: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise RuntimeError("Amira Ash, 0001")

    monkeypatch.setattr(figures, "lay_strips", fault)
    assert run(school) == 2
    shown = printed(capsys)
    assert "a fault in Firstbell itself (RuntimeError" in shown
    assert "Amira" not in shown


def test_the_law_of_a_day_is_printed_and_a_day_too_early_names_the_first_held(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["law", "--on", "2025-09-16", "N"]) == 0
    assert "SI 2024/208, reg. 10" in printed(capsys)
    assert cli.main(["law", "--on", "2001-09-16"]) == 2
    assert "the first day held is 2006-09-01" in printed(capsys)


def test_an_invented_school_is_written_with_its_rates_beside_england_s_and_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "invented"
    assert cli.main(["synth", "primary", "--pupils", "60", "--seed", "3", "--out", str(out)]) == 0
    assert "England" in printed(capsys)
    files = ["--marks", "marks.csv", "--pupils", "pupils.csv", "--calendar", "calendar.toml"]
    arguments = [one if one.startswith("--") else str(out / one) for one in files]
    assert cli.main(["figures", *arguments, "--out", str(tmp_path / "figures")]) in (0, 1)
    assert "persistently absent" in printed(capsys)


def test_damage_says_what_was_done_and_what_the_reader_must_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "damaged")]
    assert cli.main(["synth", "primary", "--pupils", "60", "--damage", "withdrawn-codes", *out]) == 0
    assert "code-not-in-force" in printed(capsys)
    assert cli.main(["synth", "primary", "--damage", "gremlins", "--out", str(tmp_path / "other")]) == 2
    assert 'no damage called "gremlins"' in printed(capsys)
    assert not (tmp_path / "other").exists()


def test_the_department_s_files_are_checked_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(map(str, DFE.glob("*.csv")))
    assert cli.main(["dfe", "check", "--json", *files]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["rows_disagree"] == 0
    assert result["rows_checked"] > 100
