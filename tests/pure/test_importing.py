"""A school's folder: looked at first, loaded once, added to, corrected; it keeps what was read."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from firstbell import cli, statute
from firstbell.exchange.folders import MARKER, alone
from firstbell.exchange.importing import ImportFiles, import_files
from firstbell.exchange.merging import held_pupils, merge_pupils
from firstbell.exchange.pupils import Pupil, PupilsRead
from firstbell.exchange.record import Record, read_record, record_text
from firstbell.exchange.school_folder import RECORD, read_school_folder
from firstbell.problems import Unusable
from firstbell.register import YEAR_GROUP, Attribute, Enrolment, lay_strips
from firstbell.sessions import LONDON, Half, Session
from firstbell.synth import invent
from firstbell.synth.demonstration import AUTUMN, LATER, damaged_school
from tests.pure.test_reading_shapes import AMIRA, BEN, CALENDAR, LONG, PUPILS, WIDE

LAW = statute.england()
AT = datetime(2025, 9, 10, 8, 0, tzinfo=LONDON)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a calendar, two pupils and their marks of two days."""
    for name, text in {"calendar.toml": CALENDAR, "pupils.csv": PUPILS, "marks.csv": LONG}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(files: Path, *more: str, marks: Sequence[str] = ("marks.csv",), first: bool = False) -> int:
    people = ["--calendar", str(files / "calendar.toml"), "--pupils", str(files / "pupils.csv")]
    named = ["--marks", *(str(files / name) for name in marks)] if marks else []
    at = ["--at", "2025-09-10T08:00"]
    return cli.main(
        ["import", *(people if first else []), *named, *at, "--out", str(files / "school"), *more]
    )


def record(files: Path) -> Record:
    held = read_school_folder(files / "school", LAW)
    assert held is not None
    return held.record


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def mark(held: Record, number: str, session: str) -> str:
    pupil = next(one.id for one in held.pupils if one.admission_number == number)
    enrolment = next(one.id for one in held.enrolments if one.pupil == pupil)
    return held.register.mark(enrolment, Session.read(session), LAW)


# --- looking, loading, adding ----------------------------------------------------------------------------


def test_the_first_sight_is_a_look_and_leaves_only_what_there_is_to_look_at(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files, first=True) == 1
    shown = capsys.readouterr().out
    assert "Ashdown, Amira: Mon 8 September 2025 AM /" in shown
    assert "give --confirm" in shown
    assert {path.name for path in (files / "school").iterdir()} == {"not-loaded", ".written-by-firstbell"}
    assert run(files, "--confirm", first=True) == 0
    assert not (files / "school" / "not-loaded").exists()
    assert mark(record(files), "000102", "2025-09-08 AM") == "L"


def test_a_look_without_a_folder_writes_nothing(files: Path) -> None:
    arguments = ["import", "--dry-run", "--calendar", str(files / "calendar.toml")]
    assert cli.main([*arguments, "--pupils", str(files / "pupils.csv")]) == 0
    assert not (files / "school").exists()


def test_an_export_with_the_same_headings_is_loaded_without_asking(files: Path) -> None:
    run(files, "--confirm", first=True)
    (files / "next.csv").write_text(f"UPN,Date,AM/PM,Mark\n{AMIRA},10/09/2025,AM,I\n")
    assert run(files, marks=["next.csv"]) == 0
    assert mark(record(files), "000101", "2025-09-10 AM") == "I"
    (files / "other.csv").write_text(f"UPN,Date,AM/PM,Mark,House\n{AMIRA},11/09/2025,AM,I,Red\n")
    assert run(files, marks=["other.csv"]) == 1
    assert mark(record(files), "000101", "2025-09-11 AM") == ""


def test_what_was_loaded_before_changes_nothing_under_any_name_and_shape(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    before = everything(files / "school")
    (files / "again.csv").write_text("\n".join([LONG.splitlines()[0], *LONG.splitlines()[:0:-1]]) + "\n")
    assert run(files, marks=["again.csv"]) == 0
    assert "All of it was loaded before. Nothing was changed." in capsys.readouterr().out
    assert everything(files / "school") == before
    held = record(files)
    (files / "wide.csv").write_text(WIDE)
    assert run(files, "--confirm", marks=["wide.csv"]) == 0
    assert len(record(files).register.events) == len(held.register.events)


def test_a_mark_that_differs_is_an_amendment_with_the_file_as_its_reason(files: Path) -> None:
    run(files, "--confirm", first=True)
    (files / "corrected.csv").write_text(f"UPN,Date,AM/PM,Mark\n{BEN},09/09/2025,AM,M\n")
    assert run(files, marks=["corrected.csv"]) == 0
    (amendment,) = record(files).register.amendments
    assert (amendment.original, amendment.amended) == ("I", "M")
    assert amendment.reason == "changed in corrected.csv"
    assert amendment.known_at == AT


def test_rows_kept_aside_are_corrected_where_they_stand_and_imported(files: Path) -> None:
    (files / "marks.csv").write_text(LONG.replace(f"{BEN},08/09/2025,AM,L", f"{BEN},08/09/2025,AM,Z9"))
    assert run(files, "--confirm", first=True) == 1
    kept = files / "school" / "loads" / "0001" / "kept-aside-marks.csv"
    kept.write_text(kept.read_text(encoding="utf-8-sig").replace("Z9", "L"), encoding="utf-8")
    arguments = ["import", "--marks", str(kept), "--at", "2025-09-10T09:00", "--out", str(files / "school")]
    assert cli.main(arguments) == 0
    assert mark(record(files), "000102", "2025-09-08 AM") == "L"


def test_files_that_somebody_put_into_the_folder_or_changed_there_are_never_lost(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    (files / "school" / "notes.txt").write_text("rang the mother")
    (files / "next.csv").write_text(f"UPN,Date,AM/PM,Mark\n{AMIRA},10/09/2025,AM,I\n")
    assert run(files, marks=["next.csv"]) == 2
    assert "notes.txt" in capsys.readouterr().err
    assert (files / "school" / "notes.txt").read_text() == "rang the mother"
    (files / "papers").mkdir()
    (files / "papers" / "thesis.txt").write_text("years of work")
    arguments = ["import", "--dry-run", "--calendar", str(files / "calendar.toml")]
    assert cli.main([*arguments, "--pupils", str(files / "pupils.csv"), "--out", str(files / "papers")]) == 2
    assert [path.name for path in (files / "papers").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dry-run", "--confirm"], "nothing to confirm"),
        ([], "nothing to import"),
        (["--marks", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_meant_is_said(
    files: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    run(files, "--confirm", first=True)
    before = everything(files / "school")
    assert cli.main(["import", *arguments, "--out", str(files / "school")]) == 2
    assert message in capsys.readouterr().err
    assert everything(files / "school") == before


def test_a_calendar_without_days_that_have_marks_or_of_another_school_is_refused(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    (files / "calendar.toml").write_text(CALENDAR.replace("2025-09-08", "2025-09-09"))
    assert run(files, first=True) == 2
    assert "2025-09-08" in capsys.readouterr().err
    (files / "calendar.toml").write_text(CALENDAR.replace("Firstbell", "Lastbell"))
    assert run(files, first=True) == 2
    assert "Lastbell" in capsys.readouterr().err


def test_for_headings_nobody_knows_a_mapping_to_fill_in_is_shown_and_then_loads_them(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    (files / "odd.csv").write_text(f"Learner,When,AM/PM,What\n{AMIRA},10/09/2025,AM,I\n")
    assert run(files, marks=["odd.csv"]) == 2
    template = capsys.readouterr().err.split("mapping.toml:\n\n")[1]
    assert 'half = "AM/PM"' in template
    named = {"upn": "Learner", "on": "When", "mark": "What"}
    lines = [line for line in template.splitlines() if not line.startswith("admission_number")]
    filled = [f'{k} = "{named[k]}"' if (k := line.partition(" ")[0]) in named else line for line in lines]
    (files / "mapping.toml").write_text("\n".join(filled))
    assert run(files, "--mapping", str(files / "mapping.toml"), marks=["odd.csv"]) == 0
    assert mark(record(files), "000101", "2025-09-10 AM") == "I"


def test_everything_is_told_how_far_it_is(files: Path) -> None:
    told: list[tuple[str, int]] = []

    class Progress:
        def file(self, name: str, size: int) -> None:
            told.append((name, size))

        def read(self, to: int) -> None:
            told.append(("", to))

        def stage(self, what: str) -> None:
            told.append((what, 0))

    given = ImportFiles(files / "calendar.toml", files / "pupils.csv", [files / "marks.csv"])
    import_files(given, LAW, at=AT, progress=Progress())
    size = (files / "marks.csv").stat().st_size
    assert told[-3:] == [("marks.csv", size), ("", size), ("checking", 0)]


# --- people who change -----------------------------------------------------------------------------------


def pupils_of(*stays: Enrolment, upn: str = AMIRA, number: str = "000101") -> PupilsRead:
    pupil = Pupil(stays[0].pupil, "Ashdown", "Amira", "", upn, number)
    held = held_pupils((pupil,), stays, "school", "pupils.csv")
    return replace(held, rows=tuple(range(2, 2 + len(stays))), fields=frozenset({"starts_on", "ends_on"}))


def stay(starts_on: date, *, own: str, pupil: str = "held", group: str = "5") -> Enrolment:
    return Enrolment(own, pupil, "school", starts_on, attributes=(Attribute(YEAR_GROUP, group),))


def merged(held: PupilsRead, new: PupilsRead) -> PupilsRead:
    return merge_pupils(held, new, changed_on=lambda _: date(2025, 9, 1))


def test_a_corrected_starting_day_keeps_the_enrolment_and_its_marks() -> None:
    held = pupils_of(stay(date(2023, 9, 4), own="stay"))
    now = merged(held, pupils_of(stay(date(2023, 9, 5), own="other", pupil="new")))
    (enrolment,) = now.enrolments
    assert (enrolment.id, enrolment.pupil, enrolment.starts_on) == ("stay", "held", date(2023, 9, 5))
    assert [problem.rule for problem in now.problems] == ["starting-day-changed"]


@pytest.mark.parametrize("before", ["", "B80120000500A"])
def test_a_pupil_gets_a_permanent_upn_and_stays_the_same_pupil(before: str) -> None:
    held = pupils_of(stay(date(2023, 9, 4), own="stay"), upn=before)
    now = merged(held, pupils_of(stay(date(2023, 9, 4), own="other", pupil="new")))
    assert [(pupil.id, pupil.upn) for pupil in now.pupils] == [("held", AMIRA)]


def test_one_admission_number_with_two_permanent_upns_is_two_pupils() -> None:
    held = pupils_of(stay(date(2023, 9, 4), own="stay"), upn=BEN)
    now = merged(held, pupils_of(stay(date(2023, 9, 4), own="other", pupil="new")))
    assert len(now.pupils) == 2


def test_what_has_changed_about_a_pupil_holds_from_its_day_and_not_for_the_past() -> None:
    held = pupils_of(stay(date(2023, 9, 4), own="stay", group="5"))
    now = merged(held, pupils_of(stay(date(2023, 9, 4), own="stay", group="6")))
    (enrolment,) = now.enrolments
    assert enrolment.year_group(date(2025, 8, 31)) == "5"
    assert enrolment.year_group(date(2025, 9, 1)) == "6"


def test_who_is_missing_from_a_later_file_stays_and_is_named(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    (files / "pupils.csv").write_text("\n".join(PUPILS.splitlines()[:2]) + "\n")
    assert run(files, marks=(), first=True) == 0
    assert "(000102)" in capsys.readouterr().out
    assert mark(record(files), "000102", "2025-09-09 AM") == "I"


# --- what is kept is what was read -----------------------------------------------------------------------


def kept_school() -> Record:
    school = invent("primary", 60, 4)
    return Record(
        school.calendar.school,
        "key",
        school.pupils,
        school.enrolments,
        school.register,
        tuple(school.contacts),
    )


def test_a_record_is_written_and_read_without_a_difference() -> None:
    kept = kept_school()
    text = record_text(kept, LAW)
    again = read_record(text, RECORD, LAW)
    assert record_text(again, LAW) == text
    assert (again.pupils, again.enrolments, again.contacts) == (kept.pupils, kept.enrolments, kept.contacts)
    assert again.register.amendments == kept.register.amendments
    calendars = {kept.school: invent("primary", 60, 4).calendar}
    for moment in (None, datetime(2024, 11, 5, 9, 40, tzinfo=LONDON)):
        before, after = (
            lay_strips(kept.enrolments, one.register, calendars, LAW, known_at=moment)
            for one in (kept, again)
        )
        assert (before.marks == after.marks).all()
        assert before.minutes_late is not None
        assert (before.minutes_late == after.minutes_late).all()


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda text: text.replace(b'"surname"', b'"family"', 1), 2),
        (lambda text: text[: len(text) // 2], None),
        (lambda text: text.replace(b'"marks":"', b'"marks":"?? ', 1), None),
        (lambda text: text.split(b"\n", 1)[1], 1),
        (lambda text: text.replace(b'"version":1', b'"version":9'), 1),
        (lambda text: b"", 1),
    ],
)
def test_a_damaged_record_is_refused_with_its_line_and_without_what_stands_there(
    damage: object, line: int | None
) -> None:
    assert callable(damage)
    kept = kept_school()
    with pytest.raises(Unusable) as refused:
        read_record(damage(record_text(kept, LAW)), RECORD, LAW)
    (problem,) = refused.value.problems
    assert problem.rule == "record-damaged"
    assert line in (None, problem.place.row)
    assert kept.pupils[0].surname not in str(problem)


@pytest.mark.parametrize("shape", [["long", "--history"], ["long"], ["wide"], ["weeks"]])
@pytest.mark.parametrize("form", [[], ["--uk-days"], ["--xlsx"]])
def test_what_is_exported_and_imported_again_is_the_same_register(
    files: Path, shape: list[str], form: list[str]
) -> None:
    run(files, "--confirm", first=True)
    folder = files / "exchange"
    arguments = ["export", shape[0], "pupils", "--from", str(files / "school"), "--out", str(folder)]
    assert cli.main([*arguments, *shape[1:], *form]) == 0
    ending = "xlsx" if "--xlsx" in form else "csv"
    again = [
        "import", "--calendar", str(files / "calendar.toml"), "--pupils", str(folder / f"pupils.{ending}"),
        "--marks", str(folder / f"marks-{shape[0]}.{ending}"), "--out", str(files / "again"), "--confirm",
    ]  # fmt: skip
    assert cli.main(again) == 0
    held = read_school_folder(files / "again", LAW)
    assert held is not None
    for number in ("000101", "000102"):
        for on in (date(2025, 9, 8), date(2025, 9, 9)):
            for half in Half:
                session = str(Session(on, half))
                assert mark(held.record, number, session) == mark(record(files), number, session)


def test_figures_of_the_folder_are_those_of_its_files(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    capsys.readouterr()
    named = {
        name: str(files / f"{name}.{'toml' if name == 'calendar' else 'csv'}")
        for name in ("marks", "pupils", "calendar")
    }
    cli.main(
        ["figures", *(text for k, v in named.items() for text in (f"--{k}", v)), "--out", str(files / "one")]
    )
    of_files = capsys.readouterr().out
    assert cli.main(["figures", "--from", str(files / "school"), "--out", str(files / "two")]) == 0
    assert capsys.readouterr().out.split("Of 8 rows")[0] == of_files.split("Of 8 rows")[0]
    assert (
        cli.main(["figures", "--from", str(files / "school"), "--marks", "x", "--out", str(files / "x")]) == 2
    )
    assert cli.main(["figures", "--out", str(files / "x")]) == 2


# --- the demonstration -----------------------------------------------------------------------------------


def test_after_the_corrections_the_demonstrated_school_is_as_it_was_before_the_damage(tmp_path: Path) -> None:
    school = damaged_school(60)
    for name, data in school.files.items():
        (tmp_path / name).write_bytes(data)
    given = ImportFiles(
        tmp_path / "calendar.toml", tmp_path / "pupils.csv", [tmp_path / AUTUMN, tmp_path / LATER]
    )
    damaged = import_files(given, LAW, at=AT)
    kept = {name: text for name, text in damaged.files.items() if name.startswith("kept-aside")}
    assert len(kept) == 2
    for name, text in kept.items():
        (tmp_path / name).write_text(school.corrected(text), encoding="utf-8")
    mended = import_files(
        replace(given, marks=[tmp_path / name for name in kept]), LAW, at=AT, held=damaged.record
    )
    assert not any(one.kept_aside for one in mended.done if one.kind == "marks")
    calendars = {mended.calendar.school: mended.calendar}
    strips = lay_strips(mended.record.enrolments, mended.register, calendars, LAW)
    whole = school.whole
    places = {(one.starts_on, whole.by_id[one.pupil].upn): row for row, one in enumerate(whole.enrolments)}
    upns = {pupil.id: pupil.upn for pupil in mended.record.pupils}
    rows = [places[one.starts_on, upns[one.pupil]] for one in mended.record.enrolments]
    stays = [whole.enrolments[row] for row in rows]
    assert (strips.marks == lay_strips(stays, whole.register, calendars, LAW).marks).all()


def test_the_demonstration_runs_and_shows_its_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = ["demo", "--pupils", "60", "--primary", "40", "--out", str(tmp_path / "demo")]
    assert cli.main(demo) == 0
    shown = capsys.readouterr().out
    assert shown.count("$ firstbell") == 8
    assert "it was loaded before and changes nothing" in shown
    assert ", 0 are proposed again." in shown and "Not yet, and what it would take" in shown
    assert (tmp_path / "demo" / "figures" / cli.PAGE).is_file()
    assert (tmp_path / "demo" / "review-2" / "report.html").is_file()
    assert cli.main([*demo, "--replace"]) == 0


# --- what a tester found ---------------------------------------------------------------------------------


def load(
    files: Path,
    *rows: str,
    name: str = "more.csv",
    at: str = "2025-09-11T08:00",
    more: Sequence[str] = (),
) -> int:
    (files / name).write_text("\n".join(["UPN,Date,AM/PM,Mark,Minutes late", *rows]) + "\n")
    arguments = ["import", "--marks", str(files / name), "--confirm", "--at", at, *more]
    return cli.main([*arguments, "--out", str(files / "school")])


def test_a_correction_back_to_an_earlier_mark_is_named_and_loaded_when_asked(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    load(files, f"{BEN},09/09/2025,AM,M,")
    load(files, f"{BEN},09/09/2025,AM,E,", at="2025-09-11T09:00")
    assert load(files, f"{BEN},09/09/2025,AM,M,", at="2025-09-11T10:00") == 0
    assert "1 of its marks have been changed since" in capsys.readouterr().out
    assert mark(record(files), "000102", "2025-09-09 AM") == "E"
    assert load(files, f"{BEN},09/09/2025,AM,M,", at="2025-09-11T10:00", more=["--again"]) == 0
    assert mark(record(files), "000102", "2025-09-09 AM") == "M"


def test_rows_are_kept_aside_even_if_nothing_else_is_new(files: Path) -> None:
    run(files, "--confirm", first=True)
    assert load(files, f"{BEN},09/09/2025,AM,Q9,") == 1
    assert load(files, f"{BEN},09/09/2025,PM,Q8,", name="other.csv") == 1
    assert load(files, f"{BEN},09/09/2025,AM,I,", f"{BEN},09/09/2025,PM,Q8,", name="third.csv") == 1
    kept = sorted(path.name for path in (files / "school" / "loads").rglob("kept-aside-*"))
    assert kept == ["kept-aside-more.csv", "kept-aside-other.csv", "kept-aside-third.csv"]


def test_a_mark_entered_ahead_of_its_day_is_amended_before_that_day(files: Path) -> None:
    run(files, "--confirm", first=True)
    load(files, f"{BEN},19/09/2025,AM,C,")
    assert load(files, f"{BEN},19/09/2025,AM,B,", name="next.csv", at="2025-09-12T08:00") == 0
    assert mark(record(files), "000102", "2025-09-19 AM") == "B"


def test_two_files_of_one_import_that_differ_are_a_mark_and_its_amendment(files: Path) -> None:
    run(files, "--confirm", first=True)
    (files / "a.csv").write_text(f"UPN,Date,AM/PM,Mark\n{BEN},09/09/2025,AM,M\n")
    (files / "b.csv").write_text(f"UPN,Date,AM/PM,Mark\n{BEN},09/09/2025,AM,E\n")
    assert run(files, marks=["a.csv", "b.csv"]) == 0
    assert mark(record(files), "000102", "2025-09-09 AM") == "E"


def test_corrected_minutes_of_a_late_mark_are_an_amendment(files: Path) -> None:
    run(files, "--confirm", first=True)
    load(files, f"{BEN},10/09/2025,AM,L,5")
    assert load(files, f"{BEN},10/09/2025,AM,L,15", name="next.csv", at="2025-09-12T08:00") == 0
    (amendment,) = record(files).register.amendments
    assert (amendment.original, amendment.amended, amendment.minutes_late) == ("L", "L", 15)


def test_every_step_of_a_history_is_kept_on_top_of_what_the_register_says(files: Path) -> None:
    run(files, "--confirm", first=True)
    history = files / "history.csv"
    history.write_text(
        "UPN,Date,AM/PM,Mark,Recorded at\n"
        f"{BEN},09/09/2025,AM,I,09/09/2025 09:00\n{BEN},09/09/2025,AM,O,10/09/2025 09:30\n"
        f"{BEN},09/09/2025,AM,M,11/09/2025 09:00\n"
    )
    at = ["--confirm", "--at", "2025-09-12T08:00", "--out", str(files / "school")]
    assert cli.main(["import", "--marks", str(history), *at]) == 0
    assert [one.amended for one in record(files).register.amendments] == ["O", "M"]


def test_a_pupils_file_with_fewer_columns_leaves_the_rest_as_it_was(files: Path) -> None:
    run(files, "--confirm", first=True)
    before = record(files)
    (files / "short.csv").write_text(f"UPN,Surname,Year\n{AMIRA},Ashdown-Lee,5\n{BEN},Barrow,5\n")
    at = ["--confirm", "--at", "2025-09-12T08:00", "--out", str(files / "school")]
    assert cli.main(["import", "--pupils", str(files / "short.csv"), *at]) == 0
    now = record(files)
    assert now.enrolments == before.enrolments
    assert [(p.surname, p.admission_number) for p in now.pupils] == [
        ("Ashdown-Lee", "000101"), ("Barrow", "000102"),
    ]  # fmt: skip


def test_who_left_and_came_back_has_two_stays_and_keeps_the_marks_of_the_first() -> None:
    held = pupils_of(stay(date(2023, 9, 4), own="stay"))
    first = replace(stay(date(2023, 9, 4), own="stay", pupil="new"), ends_on=date(2024, 7, 19))
    now = merged(held, pupils_of(first, stay(date(2024, 9, 3), own="back", pupil="new")))
    assert [(one.id, one.starts_on) for one in now.enrolments] == [
        ("stay", date(2023, 9, 4)), ("back", date(2024, 9, 3)),
    ]  # fmt: skip


def test_a_stay_never_takes_the_id_of_another() -> None:
    held = pupils_of(stay(date(2023, 9, 11), own="stay"))
    first = replace(stay(date(2023, 9, 4), own="stay", pupil="new"), ends_on=date(2023, 9, 5))
    now = merged(held, pupils_of(first, stay(date(2023, 9, 11), own="other", pupil="new")))
    assert len({one.id for one in now.enrolments}) == 2
    assert now.enrolments[1].id == "stay"


def test_zeros_that_a_spreadsheet_drops_do_not_make_two_children_one() -> None:
    held = pupils_of(stay(date(2023, 9, 4), own="stay"), upn="", number="7")
    one = pupils_of(stay(date(2023, 9, 4), own="a", pupil="p"), upn=AMIRA, number="7")
    two = pupils_of(stay(date(2023, 9, 4), own="b", pupil="q"), upn=BEN, number="07")
    both = replace(
        one, pupils=(*two.pupils, *one.pupils), enrolments=(*two.enrolments, *one.enrolments), rows=(2, 3)
    )
    now = merged(held, both)
    assert {(pupil.id, pupil.upn) for pupil in now.pupils} == {("held", AMIRA), ("q", BEN)}
    assert len({one.id for one in now.enrolments}) == 2


CONTACTS = "UPN,Order,Relationship,Surname,Mobile"


def test_a_corrected_contact_joins_the_others_of_the_pupil_and_replaces_none(files: Path) -> None:
    run(files, "--confirm", first=True)
    at = ["--confirm", "--at", "2025-09-12T08:00", "--out", str(files / "school")]
    mother, father = f"{AMIRA},1,Mother,Ashdown,07700 900001", f"{AMIRA},2,Father,,07700 900002"
    (files / "contacts.csv").write_text("\n".join([CONTACTS, mother, father]) + "\n")
    assert cli.main(["import", "--contacts", str(files / "contacts.csv"), *at]) == 1
    kept = next((files / "school" / "loads").rglob("kept-aside-contacts.csv"))
    kept.write_text(kept.read_text(encoding="utf-8-sig").replace("Father,,", "Father,Lee,"))
    assert cli.main(["import", "--contacts", str(kept), *at]) == 0
    assert [one.surname for one in record(files).contacts] == ["Ashdown", "Lee"]


def test_contacts_exported_and_imported_again_are_the_same_people(files: Path) -> None:
    run(files, "--confirm", first=True)
    (files / "contacts.csv").write_text(f"{CONTACTS},Contact number\n{AMIRA},1,Mother,Lee,07700 900001,C17\n")
    at = ["--confirm", "--at", "2025-09-12T08:00", "--out", str(files / "school")]
    cli.main(["import", "--contacts", str(files / "contacts.csv"), *at])
    before = record(files).contacts
    cli.main(["export", "contacts", "--from", str(files / "school"), "--out", str(files / "out")])
    assert cli.main(["import", "--contacts", str(files / "out" / "contacts.csv"), *at]) == 0
    assert record(files).contacts == before


def test_who_moves_to_another_group_has_left_the_first(files: Path) -> None:
    run(files, "--confirm", first=True)
    for day, group in (("11", "5A"), ("12", "5B")):
        (files / "groups.csv").write_text(f"UPN,Group,Group type\n{AMIRA},{group},tutor\n")
        at = ["--confirm", "--at", f"2025-09-{day}T08:00", "--out", str(files / "school")]
        assert cli.main(["import", "--groups", str(files / "groups.csv"), *at]) == 0
    said = [(one.group, one.from_on, one.until_on) for one in record(files).memberships]
    assert said == [("5A", None, date(2025, 9, 11)), ("5B", date(2025, 9, 12), None)]


@pytest.mark.parametrize(
    ("option", "name", "kind"), [("--pupils", "marks.csv", "marks"), ("--contacts", "pupils.csv", "pupils")]
)
def test_a_file_given_as_one_of_another_kind_is_refused(
    files: Path, capsys: pytest.CaptureFixture[str], option: str, name: str, kind: str
) -> None:
    run(files, "--confirm", first=True)
    at = ["--confirm", "--at", "2025-09-12T08:00", "--out", str(files / "school")]
    assert cli.main(["import", option, str(files / name), *at]) == 2
    assert f"looks like a file of {kind}" in capsys.readouterr().err


def test_a_mapping_that_does_not_fit_says_why_and_is_left_as_it_is(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, first=True)
    mapping = files / "school" / "not-loaded" / "mapping-marks.toml"
    text = mapping.read_text().replace('"Mark"', '"Mrak"') + "# as agreed with the office\n"
    mapping.write_text(text)
    assert run(files, "--mapping", str(mapping), first=True) == 1
    shown = capsys.readouterr().out
    assert 'names "Mrak", which the file does not have' in shown
    assert 'says nothing of "Mark"' in shown
    assert mapping.read_text() == text


def test_a_corrected_calendar_alone_is_taken_over(files: Path) -> None:
    run(files, "--confirm", first=True)
    (files / "calendar.toml").write_text(CALENDAR + '\n[[closed]]\non = 2025-09-18\nwhy = "INSET"\n')
    arguments = ["import", "--calendar", str(files / "calendar.toml"), "--out", str(files / "school")]
    assert cli.main(arguments) == 0
    assert b"2025-09-18" in (files / "school" / "calendar.toml").read_bytes()


def test_a_folder_whose_replacement_was_cut_short_is_put_back(files: Path) -> None:
    run(files, "--confirm", first=True)
    (files / "school").rename(files / ".school.1a2b3c4d.old")
    assert load(files, f"{BEN},10/09/2025,AM,I,") == 0
    assert mark(record(files), "000102", "2025-09-09 AM") == "I"
    assert not list(files.glob(".school*"))


def test_two_imports_at_once_are_one_after_the_other(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(files, "--confirm", first=True)
    with alone(files / "school"):
        assert load(files, f"{BEN},10/09/2025,AM,I,") == 2
    assert "another run" in capsys.readouterr().err
    assert load(files, f"{BEN},10/09/2025,AM,I,") == 0


def test_files_beside_the_folder_and_files_read_from_within_it_are_left_alone(files: Path) -> None:
    (files / ".school.old").mkdir()
    (files / ".school.old" / "precious").write_text("mine")
    run(files, first=True)
    own = files / "school" / "my-marks.csv"
    own.write_text(LONG)
    assert run(files, "--confirm", first=True, marks=["school/my-marks.csv"]) == 0
    assert own.read_text() == LONG
    assert (files / ".school.old" / "precious").read_text() == "mine"


def test_a_record_changed_by_hand_is_not_used(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(files, "--confirm", first=True)
    kept = files / "school" / RECORD
    kept.write_bytes(kept.read_bytes().replace(b"Ashdown", b"Ashdawn"))
    assert cli.main(["figures", "--from", str(files / "school"), "--out", str(files / "figures")]) == 2
    assert "changed by something else" in capsys.readouterr().err


def test_an_export_replaces_only_what_it_writes_anew(files: Path) -> None:
    run(files, "--confirm", first=True)
    export = ["--from", str(files / "school"), "--out", str(files / "out")]
    assert cli.main(["export", "long", "pupils", *export]) == 0
    assert cli.main(["export", "long", *export, "--replace"]) == 0
    assert (files / "out" / "pupils.csv").is_file()
    assert cli.main(["figures", *export, "--replace"]) == 2
    figures = ["--from", str(files / "school"), "--out", str(files / "figures")]
    assert cli.main(["figures", *figures]) == 0
    assert cli.main(["export", "long", *figures, "--replace"]) == 2


def test_week_strings_close_the_school_only_where_the_calendar_does(files: Path) -> None:
    run(files, "--confirm", first=True)
    cli.main(["export", "weeks", "--from", str(files / "school"), "--out", str(files / "out")])
    text = (files / "out" / "marks-weeks.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[2].endswith("L-II----##")


def test_a_folder_of_another_name_and_a_superseded_copy_are_never_put_back(files: Path) -> None:
    run(files, "--confirm", first=True)
    stray = files / ".school.b.1a2b3c4d.old"
    shutil.copytree(files / "school", stray)
    superseded = files / ".school.99999999.old"
    shutil.copytree(files / "school", superseded)
    (superseded / MARKER).unlink()
    (files / "school").rename(files / "archive")
    assert load(files, f"{BEN},10/09/2025,AM,I,") == 2
    assert stray.is_dir()
    assert not superseded.exists()


def test_a_link_to_a_folder_is_locked_and_put_right_like_the_folder(files: Path) -> None:
    run(files, "--confirm", first=True)
    (files / "link").symlink_to(files / "school")
    (files / "more.csv").write_text(f"UPN,Date,AM/PM,Mark\n{BEN},10/09/2025,AM,I\n")
    arguments = ["import", "--marks", str(files / "more.csv"), "--confirm", "--out", str(files / "link")]
    with alone(files / "school"):
        assert cli.main(arguments) == 2
    (files / "school").rename(files / ".school.1a2b3c4d.old")
    assert cli.main(arguments) == 0
    assert mark(record(files), "000102", "2025-09-09 AM") == "I"


def test_a_file_read_again_with_more_rows_does_not_undo_what_was_corrected_since(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    rows = (f"{BEN},11/09/2025,AM,N,", "D801200005003,11/09/2025,AM,N,")
    load(files, *rows, name="a.csv")
    load(files, f"{BEN},11/09/2025,AM,I,", name="b.csv", at="2025-09-11T09:00")
    (files / "pupils.csv").write_text(PUPILS + "D801200005003,000103,Dale,Dee,11/02/2015,5,04/09/2023\n")
    people = ["--pupils", str(files / "pupils.csv")]
    assert load(files, *rows, name="a.csv", at="2025-09-11T10:00", more=people) == 0
    assert "have been changed since" in capsys.readouterr().out
    assert mark(record(files), "000102", "2025-09-11 AM") == "I"
    assert mark(record(files), "000103", "2025-09-11 AM") == "N"


def test_minutes_can_be_added_to_a_late_mark_and_go_with_it(files: Path) -> None:
    run(files, "--confirm", first=True)
    load(files, f"{BEN},10/09/2025,AM,L,")
    load(files, f"{BEN},10/09/2025,AM,L,12", name="b.csv", at="2025-09-12T08:00")
    assert record(files).register.amendments[-1].minutes_late == 12
    load(files, f"{BEN},10/09/2025,AM,/,", name="c.csv", at="2025-09-12T09:00")
    load(files, f"{BEN},10/09/2025,AM,L,", name="d.csv", at="2025-09-12T10:00", more=["--again"])
    cli.main(["export", "long", "--from", str(files / "school"), "--out", str(files / "out")])
    rows = (files / "out" / "marks-long.csv").read_text(encoding="utf-8-sig").splitlines()
    assert any(row.endswith("2025-09-10,AM,L,") for row in rows if BEN in row)


def test_two_new_pupils_who_share_digits_are_neither_the_held_one() -> None:
    held = pupils_of(stay(date(2023, 9, 4), own="stay"), upn="", number="007")
    one = pupils_of(stay(date(2023, 9, 4), own="a", pupil="p"), upn="", number="07")
    two = pupils_of(stay(date(2023, 9, 4), own="b", pupil="q"), upn="", number="7")
    both = replace(
        one, pupils=(*one.pupils, *two.pupils), enrolments=(*one.enrolments, *two.enrolments), rows=(2, 3)
    )
    assert {pupil.id for pupil in merged(held, both).pupils} == {"held", "p", "q"}


def test_a_faulty_row_leaves_the_contacts_of_other_pupils_to_the_file(files: Path) -> None:
    run(files, "--confirm", first=True)
    at = ["--confirm", "--at", "2025-09-12T08:00", "--out", str(files / "school")]
    contacts = files / "contacts.csv"
    contacts.write_text(f"{CONTACTS}\n{AMIRA},1,Mother,Lee,07700 900001\n{AMIRA},2,Father,Low,07700 900003\n")
    assert cli.main(["import", "--contacts", str(contacts), *at]) == 0
    contacts.write_text(f"{CONTACTS}\n{AMIRA},1,Mother,Lee,07700 900009\n{BEN},1,Mother,,07700 900005\n")
    assert cli.main(["import", "--contacts", str(contacts), *at]) == 1
    assert [(one.surname, one.phones) for one in record(files).contacts] == [("Lee", ("07700 900009",))]


def test_several_teaching_groups_stand_beside_each_other(files: Path) -> None:
    run(files, "--confirm", first=True)
    for name in ("Maths 1", "English 2"):
        (files / f"{name}.csv").write_text(f"UPN,Group,Group type\n{AMIRA},{name},teaching\n")
    at = ["--confirm", "--at", "2025-09-12T08:00", "--out", str(files / "school")]
    named = [str(files / f"{name}.csv") for name in ("Maths 1", "English 2")]
    assert cli.main(["import", "--groups", *named, *at]) == 0
    assert [(one.group, one.until_on) for one in record(files).memberships] == [
        ("Maths 1", None), ("English 2", None),
    ]  # fmt: skip


def test_a_calendar_changed_in_the_folder_may_not_lose_marks_from_figures(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    calendar = files / "school" / "calendar.toml"
    calendar.write_text(CALENDAR.replace("2025-09-08", "2025-09-09"))
    for command in (["export", "long"], ["figures"]):
        assert cli.main([*command, "--from", str(files / "school"), "--out", str(files / "out")]) == 2
    assert "2025-09-08 AM" in capsys.readouterr().err


def test_results_are_not_written_into_the_folder_of_a_school_and_links_in_it_stay(files: Path) -> None:
    run(files, "--confirm", first=True)
    inside = ["--from", str(files / "school"), "--out", str(files / "school" / "figures")]
    assert cli.main(["figures", *inside]) == 2
    (files / "school" / "link.csv").symlink_to(files / "marks.csv")
    assert load(files, f"{BEN},10/09/2025,AM,I,", more=["--marks", str(files / "school" / "link.csv")]) == 0
    assert (files / "school" / "link.csv").is_symlink()


# --- the rest of it --------------------------------------------------------------------------------------


def test_a_corrected_characteristic_takes_the_place_of_the_first(files: Path) -> None:
    run(files, "--confirm", first=True)
    known = files / "characteristics.csv"
    for until in ("", "10/09/2025"):
        known.write_text(f"UPN,Characteristic,Value,From,Until\n{AMIRA},SEN Status,EHCP,08/09/2025,{until}\n")
        at = ["--confirm", "--at", "2025-09-12T08:00", "--out", str(files / "school")]
        assert cli.main(["import", "--characteristics", str(known), *at]) == 0
    enrolment = record(files).enrolments[0]
    assert enrolment.value("SEN", date(2025, 9, 9)) == "E"
    assert enrolment.value("SEN", date(2025, 9, 11)) is None


def test_a_new_year_group_holds_from_the_first_day_of_the_year_though_marks_came_first(files: Path) -> None:
    at = ["--confirm", "--out", str(files / "school")]
    people = ["--calendar", str(files / "calendar.toml"), "--pupils", str(files / "pupils.csv")]
    assert cli.main(["import", *people, "--at", "2025-07-01T08:00", *at]) == 0
    marks = ["--marks", str(files / "marks.csv")]
    assert cli.main(["import", *marks, "--at", "2025-09-10T08:00", *at]) == 0
    (files / "pupils.csv").write_text(PUPILS.replace(",5,04/09/2023", ",6,04/09/2023"))
    assert cli.main(["import", *people[2:], "--at", "2025-09-12T08:00", *at]) == 0
    enrolment = record(files).enrolments[0]
    assert [enrolment.year_group(date(2025, 9, day)) for day in (7, 8)] == ["5", "6"]


def test_a_calendar_may_not_take_away_half_a_day_that_has_marks(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    closed = '\n[[closed]]\non = 2025-09-08\nhalves = ["PM"]\nwhy = "INSET"\n'
    (files / "calendar.toml").write_text(CALENDAR + closed)
    assert run(files, first=True) == 2
    assert "2025-09-08 PM" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["m\nx.csv", "m\udce9.csv", "-.csv"])
def test_a_file_may_be_called_anything(files: Path, name: str) -> None:
    run(files, "--confirm", first=True)
    assert load(files, f"{BEN},10/09/2025,AM,Q9,", name=name) == 1
    assert load(files, f"{BEN},11/09/2025,AM,I,", name="next.csv", at="2025-09-12T08:00") == 0
    assert len(record(files).loads) == 3


def test_what_is_no_file_and_what_is_no_text_is_refused_with_its_name(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, "--confirm", first=True)
    assert cli.main(["import", "--ctf", str(files / "nope.xml"), "--out", str(files / "school")]) == 2
    assert "nope.xml" in capsys.readouterr().err
    (files / "school" / "mappings" / "marks-1.toml").write_bytes(b"\xff\xfe\x00")
    assert load(files, f"{BEN},10/09/2025,AM,I,") == 2
    assert "marks-1.toml" in capsys.readouterr().err
    assert cli.main(["import", "--marks", str(files / "marks.csv"), "--out", str(files / "nowhere")]) == 2
    assert "There is no school in" in capsys.readouterr().err


def test_a_moment_that_is_still_to_come_is_no_moment_of_loading(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files, "--confirm", "--at", "2999-01-01T08:00", first=True) == 2
    assert "still to come" in capsys.readouterr().err


def test_what_a_stopped_run_has_left_beside_a_folder_is_cleared(files: Path) -> None:
    run(files, "--confirm", first=True)
    shutil.copytree(files / "school", files / ".school.1a2b3c4d.new")
    (files / ".school.2a2b3c4d.new").mkdir()
    (files / ".school.new").mkdir()
    assert load(files, f"{BEN},10/09/2025,AM,I,") == 0
    assert [path.name for path in files.glob(".school*")] == [".school.new"]
    shutil.copytree(files / "school", files / ".out.1a2b3c4d.new")
    cli.main(["figures", "--from", str(files / "school"), "--out", str(files / "out")])
    assert not list(files.glob(".out*"))
