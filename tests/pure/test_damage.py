"""Files damaged on purpose: each kind of damage is told as its report says, and no row is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from firstbell.exchange.calendars import read_calendar_file
from firstbell.exchange.marks import MarksRead, read_marks
from firstbell.exchange.pupils import PupilsRead, check_letter, read_pupils
from firstbell.exchange.tables import read_table
from firstbell.exchange.writing import Extract, long_marks, pupils_file, wide_marks
from firstbell.exchange.writing_tables import as_csv
from firstbell.problems import Problem, Unusable
from firstbell.register import Strips
from firstbell.sessions import Calendar
from firstbell.statute import england
from firstbell.synth import write_example_school
from firstbell.synth.damage import KINDS, Damaged, Report, damage

PUPILS, MARKS = "pupils.csv", "marks.csv"
SEEDS = (1, 2)
IN_ANY_SHAPE = (
    "windows-1252", "utf-16", "no-bom", "two-boms", "semicolons", "titles", "blank-rows", "guards",
    "own-column", "small-letters", "withdrawn-codes", "unknown-codes", "wrong-strokes",
    "zeros-lost", "stranger", "mistyped-upn", "after-leaving", "left-before-starting",
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """What came of reading an export: a refusal is a file that was not read at all."""

    pupils: PupilsRead | None
    marks: MarksRead | None
    refused: tuple[Problem, ...] = ()


@cache
def calendar() -> Calendar:
    with TemporaryDirectory() as folder:
        return read_calendar_file(write_example_school(Path(folder)).calendar)[0]


def read(files: Mapping[str, bytes], folder: Path) -> Reading:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    school = calendar()
    pupils = None
    try:
        pupils = read_pupils(read_table(folder / PUPILS), school.school, starts_on=school.starts_on)
        return Reading(pupils, read_marks(read_table(folder / MARKS), pupils, school, england()))
    except Unusable as refused:
        return Reading(pupils, None, refused.problems)


@cache
def school() -> Extract:
    """The example school without the rows and the UPN that are wrong in it."""
    with TemporaryDirectory() as folder:
        files = write_example_school(Path(folder))
        pupils = read_pupils(read_table(files.pupils), calendar().school, starts_on=calendar().starts_on)
        marks = read_marks(read_table(files.marks), pupils, calendar(), england())
    right = {p.id for p in pupils.pupils if not p.upn or check_letter(p.upn) == p.upn[0]}
    return Extract(
        tuple(pupil for pupil in pupils.pupils if pupil.id in right),
        tuple(enrolment for enrolment in pupils.enrolments if enrolment.pupil in right),
        marks.register,
        calendar(),
        england(),
        ends_on=date(2024, 11, 15),
    )


@cache
def whole() -> dict[str, bytes]:
    return {PUPILS: as_csv(pupils_file(school()), "uk"), MARKS: as_csv(long_marks(school()), "uk")}


def report(problems: tuple[Problem, ...], kept_aside: int) -> Report:
    return Report(frozenset(problem.rule for problem in problems), kept_aside)


def strips(reading: Reading) -> Strips:
    assert reading.pupils and reading.marks
    own = replace(
        school(),
        pupils=reading.pupils.pupils,
        enrolments=reading.pupils.enrolments,
        register=reading.marks.register,
    )
    return own.recorded


def test_the_files_are_whole_before_they_are_damaged(tmp_path: Path) -> None:
    reading = read(whole(), tmp_path)
    assert reading.pupils and reading.marks
    assert (reading.pupils.problems, reading.marks.problems) == ((), ())
    assert (strips(reading).marks == school().recorded.marks).all()


def assert_told(damaged: Damaged, folder: Path) -> None:
    """Reading the files says what the reports say, no more and no less, and accounts for every row."""
    reading = read(damaged.files, folder)
    expected = {PUPILS: Report(), MARKS: Report(), **damaged.reports}
    if expected[MARKS].refused:
        assert frozenset(problem.rule for problem in reading.refused) == expected[MARKS].rules
        assert reading.marks is None
        return
    pupils, marks = reading.pupils, reading.marks
    assert pupils is not None
    assert marks is not None
    assert {
        PUPILS: report(pupils.problems, pupils.rows_kept_aside),
        MARKS: report(marks.problems, marks.rows_kept_aside),
    } == expected
    assert pupils.rows_read + pupils.rows_kept_aside == damaged.rows[PUPILS]
    agreeing = marks.rows_agreeing_with_calendar
    assert marks.rows_read + marks.rows_kept_aside + agreeing == damaged.rows[MARKS]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_damage_gives_its_report_and_loses_no_row(kind: str, seed: int, tmp_path: Path) -> None:
    damaged = damage(whole(), [kind], seed)
    assert damaged.files != whole()
    assert_told(damaged, tmp_path)


@pytest.mark.parametrize("kind", IN_ANY_SHAPE)
def test_a_file_with_a_column_for_each_session_is_damaged_as_well(kind: str, tmp_path: Path) -> None:
    files = {**whole(), MARKS: as_csv(wide_marks(school(), "uk"), "uk")}
    damaged = damage(files, [kind], 1)
    assert damaged.files != files
    assert_told(damaged, tmp_path)


@pytest.mark.parametrize(
    "kind",
    [
        "windows-1252", "utf-16", "no-bom", "two-boms", "semicolons", "titles", "blank-rows", "guards",
        "other-headings", "own-column", "day-numbers", "small-letters", "rows-twice", "zeros-lost",
    ],
)  # fmt: skip
def test_damage_that_only_changes_how_a_file_looks_changes_no_mark(kind: str, tmp_path: Path) -> None:
    reading = read(damage(whole(), [kind], 1).files, tmp_path)
    assert (strips(reading).marks == school().recorded.marks).all()


def test_what_is_kept_aside_is_all_that_is_missing(tmp_path: Path) -> None:
    for kind in ("unknown-codes", "withdrawn-codes", "mistyped-in-marks", "two-pupils-merged"):
        damaged = damage(whole(), [kind], 1)
        changed = strips(read(damaged.files, tmp_path)).marks != school().recorded.marks
        assert int(changed.sum()) == damaged.reports[MARKS].kept_aside


def test_the_same_seed_does_the_same_damage() -> None:
    made = [damage(whole(), [kind], 7) for kind in KINDS for _ in range(2)]
    assert made[::2] == made[1::2]
    different = {damage(whole(), ["unknown-codes"], seed).files[MARKS] for seed in range(5)}
    assert len(different) == 5


def test_several_kinds_of_damage_are_done_together_whatever_their_order(tmp_path: Path) -> None:
    kinds = ["titles", "windows-1252", "unknown-codes", "two-marks", "guards"]
    damaged = damage(whole(), kinds, 1)
    assert damaged == damage(whole(), kinds[::-1], 1)
    reading = read(damaged.files, tmp_path)
    assert reading.marks is not None
    assert report(reading.marks.problems, reading.marks.rows_kept_aside) == damaged.reports[MARKS]


def test_the_page_about_damaged_files_lists_every_kind_with_its_rules() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "damaged-files.md"
    rows = [line.strip("| ").split(" | ") for line in page.read_text(encoding="utf-8").splitlines()]
    listed = {row[0].strip("`"): (row[1], row[2]) for row in rows if len(row) == 3 and "`" in row[0]}
    assert list(listed) == list(KINDS)
    for kind in KINDS.values():
        what, told = listed[kind.name]
        reports = damage(whole(), [kind.name], 1).reports.values()
        rules = frozenset(rule for one in reports for rule in one.rules)
        assert (what, frozenset(re.findall(r"`([a-z-]+)`", told))) == (kind.what, rules)


def test_there_are_at_least_twenty_kinds_each_with_a_sentence() -> None:
    assert len(KINDS) >= 20
    assert Counter(kind.what for kind in KINDS.values()).most_common(1)[0][1] == 1


def test_damage_that_the_files_cannot_suffer_is_refused() -> None:
    with pytest.raises(Unusable, match="long shape"):
        damage({PUPILS: whole()[PUPILS]}, ["two-marks"])
    with pytest.raises(Unusable, match="no damage called"):
        damage(whole(), ["coffee"])
    one_week = replace(school(), ends_on=date(2024, 9, 6))
    short = {**whole(), MARKS: as_csv(long_marks(one_week))}
    with pytest.raises(Unusable, match="whole before"):
        damage(damage(whole(), ["utf-16"]).files, ["two-marks"])
    with pytest.raises(Unusable, match="12th"):
        damage(short, ["month-first"])
    with pytest.raises(Unusable, match="holiday"):
        damage(short, ["holidays"])
