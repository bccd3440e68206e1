"""Files of scenarios: what is refused and with which words, and what a file that is right comes to."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firstbell.facts import KINDS
from firstbell.policy.lines import Lines
from firstbell.problems import Unusable
from firstbell.scenarios import (
    FORMS,
    STATES,
    Laid,
    Scenario,
    lay,
    read_scenario,
    read_scenarios,
    scenario_files,
    scenario_schema,
)
from firstbell.scenarios.format import (
    VERBS,
    AmendmentLine,
    FactLine,
    GroupLine,
    PupilLine,
    RegisterLine,
    ScenarioFile,
    Table,
    ThenLine,
    keys_of,
)
from firstbell.scenarios.grammar import scenarios_page
from firstbell.scenarios.running import Running, rulebook_for, run
from firstbell.sessions import LONDON, Half, Session, read_calendar
from firstbell.statute import CompulsorySchoolAge, compulsory_school_age, england

ROOT = Path(__file__).resolve().parents[2]
CALENDARS = ROOT / "tests" / "scenarios" / "calendars"
FAULTS = Path(__file__).parent / "scenario_faults"
SOUND = FAULTS / "sound" / "scenario.toml"
NOT_FAULTS = (FAULTS / "sound", FAULTS / "calendars")
HEAD = """
id = "one"
title = "One"
policy = "model"
calendar = "cal-190"
"""
NOTHING = """
[[then]]
nothing_due = true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that has the calendars."""
    shutil.copytree(CALENDARS, tmp_path / "calendars")
    return tmp_path


def read(folder: Path, text: str, on: str = "2025-09-19") -> Scenario:
    """A scenario with what `text` says, and a line of `[[then]]`."""
    file = folder / "scenario.toml"
    file.write_text(f"{HEAD}on = {on}\n{text}\n{NOTHING}", encoding="utf-8")
    return read_scenario(file)


def at_noon_and_two(session: Session, year_group: str) -> datetime:
    """Registers that close at 09:30 and 13:30, for Reception a quarter of an hour later."""
    minute = 45 if year_group == "R" else 30
    return datetime.combine(session.on, time(9 if session.half is Half.AM else 13, minute), LONDON)


def laid(folder: Path, text: str, on: str = "2025-09-19") -> Laid:
    return lay(read(folder, text, on), at_noon_and_two)


def mark(one: Laid, ref: str, session: str, known_at: datetime | None = None) -> str:
    return one.register.mark(ref, Session.read(session), england(), known_at)


# --- faults ----------------------------------------------------------------------------------------------


def test_a_scenario_without_fault_is_read() -> None:
    assert read_scenario(SOUND).title == "A week without news"


@pytest.mark.parametrize(
    "fault", sorted(f for f in FAULTS.iterdir() if f not in NOT_FAULTS), ids=lambda fault: fault.name
)
def test_one_fault_is_one_problem_with_its_line_and_a_remedy(fault: Path) -> None:
    with pytest.raises(Unusable) as refused:
        read_scenario(fault / "scenario.toml")
    [problem] = refused.value.problems
    for words in (fault / "says.txt").read_text(encoding="utf-8").splitlines():
        assert words in str(problem)
    assert problem.remedy.endswith((".", "?"))


def test_every_fault_of_a_file_is_told_at_once_in_the_order_of_its_lines(folder: Path) -> None:
    text = SOUND.read_text(encoding="utf-8").replace("four-weeks", "cal-190")
    for right, wrong in (('"2A"', "2"), ("12 I", "12 0"), ('"visit', '"visits'), ("outcome", "outcom")):
        text = text.replace(right, wrong)
    text = (
        text.replace('"task"', '"tusk"')
        .replace("mark    ", "figure  ")
        .replace('["P1", "P2"]\nnot', '["P9"]\nnot')
    )
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Unusable) as refused:
        read_scenario(folder / "scenario.toml")
    rows = [problem.place.row or 0 for problem in refused.value.problems]
    assert rows == sorted(rows)
    told = {problem.rule for problem in refused.value.problems}
    assert told >= {"scenario-form", "scenario-fact", "scenario-verb", "scenario-whom"}


def test_the_faults_of_all_files_of_a_folder_are_told_at_once(folder: Path) -> None:
    for fault in ("unknown_key_of_then", "unknown_code"):
        text = (FAULTS / fault / "scenario.toml").read_text(encoding="utf-8").replace("four-weeks", "cal-190")
        (folder / fault).mkdir()
        (folder / fault / "a.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Unusable) as refused:
        read_scenarios(folder)
    files = {problem.place.file for problem in refused.value.problems}
    assert files == {"unknown_code/a.toml", "unknown_key_of_then/a.toml"}


def test_two_scenarios_of_a_folder_with_one_id_are_refused(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.toml").write_text(f"{HEAD}on = 2025-09-19\n{NOTHING}", encoding="utf-8")
    with pytest.raises(Unusable, match=r'b\.toml.*"one" is the id of a\.toml already'):
        read_scenarios(folder)


def test_calendars_and_policies_in_a_folder_are_no_scenarios(folder: Path) -> None:
    (folder / "ours").mkdir()
    for name in ("ours/policy.toml", "ours/school.toml", "a.toml"):
        (folder / name).write_text("", encoding="utf-8")
    assert scenario_files(folder) == (folder / "a.toml",)


def test_a_fault_of_the_calendar_is_told_with_the_calendars_name(folder: Path) -> None:
    (folder / "calendars" / "cal-190.toml").write_text('school = "S"\nterms = 3\n', encoding="utf-8")
    with pytest.raises(Unusable, match=r'cal-190\.toml: there is no key "terms"'):
        read(folder, "")


def test_a_file_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "a.toml").write_bytes(b'id = "caf\xe9"')
    with pytest.raises(Unusable, match="no text in UTF-8"):
        read_scenario(folder / "a.toml")


# --- lines -----------------------------------------------------------------------------------------------


def paths_in(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(content, dict):
        for name, value in content.items():
            yield from paths_in(value, (*path, name))
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from paths_in(value, (*path, place))


@pytest.mark.parametrize("file", sorted((ROOT / "firstbell").rglob("*.toml")), ids=lambda file: file.name)
def test_each_key_of_our_own_tables_stands_in_the_line_that_is_told(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines, rows = Lines(text), text.splitlines()
    for path in paths_in(tomllib.loads(text)):
        names = [step for step in path if isinstance(step, str)]
        if isinstance(path[-1], str):
            assert names[-1] in rows[lines.of(*path) - 1], path


def test_strings_over_several_lines_do_not_move_the_lines_after_them() -> None:
    text = 'a = """\n# [no]\n\\""" b = 2 ""\n"""\nb = \'\'\'\n\n\'\'\'\n'
    text += 'c = [ # one ]\n "]", # two\n 3,\n]\nd = { "e f" = 1 }\n'
    lines = Lines(text)
    assert tomllib.loads(text)["d"] == {"e f": 1}
    assert [lines.of(name) for name in "abcd"] == [1, 5, 8, 12]
    assert [lines.of("c", 0), lines.of("c", 1), lines.of("d", "e f")] == [9, 10, 12]


def test_what_is_not_there_has_the_line_of_what_it_would_be_in() -> None:
    assert Lines("[[then]]\na = 1\n\n[[then]]\nb = 2\n").of("then", 1, "because", "day") == 4


# --- calendars -------------------------------------------------------------------------------------------


def test_the_calendar_of_the_scenarios_has_190_school_days_in_2025_26() -> None:
    calendar = read_calendar((CALENDARS / "cal-190.toml").read_text(encoding="utf-8"))
    year = calendar.year(date(2025, 9, 2))
    assert year is not None
    assert len(calendar.school_days(year.starts_on, year.ends_on)) == 190
    assert not calendar.is_school_day(date(2026, 5, 4))
    assert calendar.is_school_day(date(2025, 6, 2))


def test_a_calendar_is_looked_for_beside_the_file_and_above_it(folder: Path) -> None:
    (folder / "b" / "c").mkdir(parents=True)
    file = folder / "b" / "c" / "a.toml"
    file.write_text(f"{HEAD}on = 2025-09-19\n{NOTHING}", encoding="utf-8")
    assert read_scenario(file).calendar.school == "CAL-190"
    file.write_text(file.read_text(encoding="utf-8").replace('"cal-190"', '"../../calendars/cal-190.toml"'))
    assert read_scenario(file).calendar.school == "CAL-190"


def test_on_in_the_holidays_is_after_the_last_register_before_it(folder: Path) -> None:
    assert str(read(folder, "", "2025-10-28").last) == "2025-10-24 PM"
    assert str(read(folder, "", '"2025-10-23 AM"').last) == "2025-10-23 AM"


# --- pupils and marks ------------------------------------------------------------------------------------

P8 = """
[[pupils]]
ref = "P8"
year_group = "2"
"""


def test_every_session_that_is_not_named_is_present_until_the_last_register(folder: Path) -> None:
    one = laid(folder, P8 + 'marks = ["2025-09-10..2025-09-15 N -", "2025-09-16 - I"]', '"2025-09-19 AM"')
    assert mark(one, "P8", "2025-06-02 AM") == "/"
    assert [mark(one, "P8", f"2025-09-{day} AM") for day in (10, 11, 12, 15, 16)] == ["N", "N", "N", "N", "/"]
    assert [mark(one, "P8", f"2025-09-{day} PM") for day in (15, 16)] == ["\\", "I"]
    assert [mark(one, "P8", f"2025-09-19 {half}") for half in ("AM", "PM")] == ["/", ""]


def test_blank_is_a_session_a_day_or_days_that_nobody_marked(folder: Path) -> None:
    text = P8 + 'blank = ["2025-09-08 PM", "2025-09-09", "2025-09-11..2025-09-12"]'
    one = laid(folder, text)
    marked = [mark(one, "P8", f"2025-09-{day:02} {half}") for day in range(8, 13) for half in ("AM", "PM")]
    assert marked == ["/", "", "", "", "/", "\\", "", "", "", ""]


def test_a_strip_says_every_mark_from_the_first_day_on(folder: Path) -> None:
    text = P8 + "marked_from = 2025-09-15\nstrip = '/\\ OO I\\ -- L-'"
    one = laid(folder, text)
    assert mark(one, "P8", "2025-09-12 AM") == ""
    marked = [mark(one, "P8", f"2025-09-{day} {half}") for day in range(15, 20) for half in ("AM", "PM")]
    assert marked == ["/", "\\", "O", "O", "I", "\\", "", "", "L", ""]


def test_a_pupil_is_marked_only_while_on_roll(folder: Path) -> None:
    one = laid(folder, P8 + "starts_on = 2025-09-09\nends_on = 2025-09-11\n")
    marked = [mark(one, "P8", f"2025-09-{day:02} PM") for day in range(8, 13)]
    assert marked == ["", "\\", "\\", "\\", ""]


def test_pupils_who_are_alike_have_the_same_marks_under_refs_of_their_own(folder: Path) -> None:
    text = '[[pupils]]\nrefs = ["P1", "P2"]\nyear_group = 3\ngroup = "3A"\nmarks = ["2025-09-16 U -"]\n'
    one = laid(folder, text)
    assert [enrolment.id for enrolment in one.enrolments] == ["P1", "P2"]
    assert [enrolment.value("registration group", one.last.on) for enrolment in one.enrolments] == [
        "3A",
        "3A",
    ]
    assert [mark(one, ref, "2025-09-16 AM") for ref in ("P1", "P2")] == ["U", "U"]


@pytest.mark.parametrize(
    ("year_group", "of_age", "in_september", "in_july"),
    [("R", "true", True, True), ("R", "false", False, False), ("1", "true", True, True)]
    + [("11", "true", True, False), ("12", "true", False, False)]
    + [(nursery, "true", False, False) for nursery in ("N", "N1", "N2")],
)
def test_a_pupil_without_a_birthday_is_of_compulsory_school_age_by_year_group(
    folder: Path, year_group: str, of_age: str, in_september: bool, in_july: bool
) -> None:
    text = f'[[pupils]]\nref = "P1"\nyear_group = "{year_group}"\nof_age = {of_age}\n'
    born_on = read(folder, text).pupils[0].enrolment.born_on
    assert born_on is not None
    first, last = compulsory_school_age(born_on, england().on(date(2025, 9, 2)).value(CompulsorySchoolAge))
    assert (first <= date(2025, 9, 2) <= last, first <= date(2026, 7, 17) <= last) == (in_september, in_july)


def test_registers_that_close_at_different_times_are_saves_of_their_own(folder: Path) -> None:
    text = P8 + '[[pupils]]\nref = "P9"\nyear_group = "3"\n[[pupils]]\nref = "P1"\nyear_group = "R"\n'
    saves = [save for save in laid(folder, text).register.saves if str(save.session) == "2025-09-16 AM"]
    assert [(save.roll, save.closes_at.minute) for save in saves] == [(("P8", "P9"), 30), (("P1",), 45)]
    assert all(save.taken_at == save.known_at == save.closes_at for save in saves)


# --- amendments ------------------------------------------------------------------------------------------

AMENDED = (
    P8
    + 'marks = ["2025-09-08 N N"]\nblank = ["2025-09-09 AM"]\namendments = [\n'
    + '{ session = "2025-09-08 AM", from = "N", to = "I", at = 2025-09-10T09:00:00, reason = "rang" },\n'
    + '{ session = "2025-09-08 AM", from = "I", to = "M", at = "2025-09-11 09:00", reason = "card seen" },\n'
    + '{ session = "2025-09-09 AM", from = "-", to = "/", at = 2025-09-09T15:00:00, reason = "seen" },\n]\n'
)


def test_an_amendment_is_seen_from_the_moment_it_was_made(folder: Path) -> None:
    one = laid(folder, AMENDED)
    moments = [
        datetime(2025, 9, day, 9, minute, tzinfo=LONDON) for day, minute in ((8, 30), (10, 0), (11, 0))
    ]
    assert [mark(one, "P8", "2025-09-08 AM", moment) for moment in moments] == ["N", "I", "M"]
    assert one.register.problems(england()) == []


def test_a_session_that_nobody_marked_is_filled_later_by_a_save(folder: Path) -> None:
    one = laid(folder, AMENDED)
    filled = datetime(2025, 9, 9, 15, 0, tzinfo=LONDON)
    assert [mark(one, "P8", "2025-09-09 AM", at) for at in (filled.replace(hour=14), filled)] == ["", "/"]
    assert len(one.register.amendments) == 2


def test_an_amendment_before_the_register_closed_is_refused_where_times_are_known(folder: Path) -> None:
    text = AMENDED.replace("2025-09-10T09:00:00", "2025-09-08T09:30:00")
    one = read(folder, text)
    with pytest.raises(Unusable, match="the register of 2025-09-08 AM closed at 09:30, after this"):
        lay(one, at_noon_and_two)


# --- classes ---------------------------------------------------------------------------------------------


def test_a_class_misses_as_many_sessions_as_it_says_spread_over_its_pupils(folder: Path) -> None:
    line = '[[groups]]\ngroup = "2A"\nyear_group = "2"\npupils = 30\nabsent = '
    text = f"{line}46\nweek = 2025-09-08\n{line}5\nfrom = 2025-09-15\nuntil = 2025-09-16\ncode = 'O'\n"
    one = laid(folder, text)
    sessions = one.calendar.sessions(date(2025, 9, 8), date(2025, 9, 19))
    refs = [enrolment.id for enrolment in one.enrolments]
    missed = {ref: [mark(one, ref, str(session)) for session in sessions] for ref in refs}
    counts = [sum(symbol == "I" for symbol in own) for own in missed.values()]
    assert (len(refs), refs[0], sum(counts), max(counts)) == (30, "2A-1", 46, 2)
    assert sum(own.count("O") for own in missed.values()) == 5
    mornings = [sum(own[place] == "I" for own in missed.values()) for place in range(10)]
    assert max(mornings) - min(mornings) <= 2


def test_two_lines_of_a_class_must_agree_on_its_pupils(folder: Path) -> None:
    line = '[[groups]]\ngroup = "2A"\nyear_group = "2"\nabsent = 1\n'
    with pytest.raises(Unusable, match=r'groups 2.*says something else of the pupils of "2A"'):
        read(folder, f"{line}pupils = 30\nweek = 2025-09-08\n{line}pupils = 29\nweek = 2025-09-15\n")


# --- facts -----------------------------------------------------------------------------------------------


def test_a_fact_with_a_day_alone_happened_at_noon_and_the_next_one_after_it(folder: Path) -> None:
    fact = '[[facts]]\nkind = "found safe"\npupil = "P8"\non = 2025-09-11\ndata = { how = "seen at visit" }\n'
    facts = read(folder, P8 + fact + fact + 'replaces = "f1"\n').facts
    assert [fact.at for fact in facts] == [datetime(2025, 9, 11, 11, 0, s, tzinfo=UTC) for s in (0, 1)]
    assert [(fact.id, fact.replaces) for fact in facts] == [("f1", ""), ("f2", "f1")]


def test_a_fact_about_a_day_to_come_happened_when_the_school_knew(folder: Path) -> None:
    fact = '[[facts]]\nkind = "absence reported"\npupil = "P8"\non = 2025-09-16\n'
    fact += "known_at = 2025-09-15T16:00:00\n"
    [one] = read(folder, P8 + fact + 'data = { reason = "illness", until_on = 2025-09-17 }\n').facts
    assert (one.on, one.at.hour) == (date(2025, 9, 16), 15)
    assert one.at == one.known_at
    assert getattr(one.data, "until_on", None) == date(2025, 9, 17)


def test_what_a_fact_does_is_handed_over_and_its_key_is_left_to_be_found(folder: Path) -> None:
    head = '[[facts]]\npupil = "P8"\non = 2025-09-11\ndoes = "welfare check"\n'
    text = head + 'kind = "duty done"\n' + head + 'kind = "meeting held"\ndata = { meeting = "first" }\n'
    one = laid(folder, P8 + text)
    assert one.does == {"f1": "welfare check", "f2": "welfare check"}
    assert [getattr(fact.data, "duty", None) for fact in one.facts] == ["", ""]


def test_facts_that_contradict_each_other_are_refused_with_both_lines(folder: Path) -> None:
    ask = '[[facts]]\nkind = "leave asked"\nid = "r1"\npupil = "P8"\non = 2025-09-08\n'
    ask += 'data = { reason = "holiday", from_on = 2025-10-13, until_on = 2025-10-14 }\n'
    answer = '[[facts]]\nkind = "leave decided"\npupil = "P8"\non = 2025-09-09\n'
    answer += 'data = { request = "r1", granted = "no", why = "not exceptional" }\n'
    with pytest.raises(Unusable, match=r"facts 3.*It settles what f2 in row \d+ .* has settled already"):
        read(folder, P8 + ask + answer + answer)


def test_a_fact_of_a_day_off_roll_is_a_warning(folder: Path) -> None:
    fact = '[[facts]]\nkind = "returned to site"\npupil = "P8"\non = 2025-09-08\n'
    one = read(folder, P8 + "starts_on = 2025-09-09\n" + fact)
    assert [problem.rule for problem in one.warnings] == ["fact-off-roll"]


# --- what must be so -------------------------------------------------------------------------------------


def test_a_line_keeps_its_row_its_moment_and_its_pupils() -> None:
    first, second, third, fourth, _ = read_scenario(SOUND).then
    rows = SOUND.read_text(encoding="utf-8").splitlines()
    assert rows[first.row - 1] == "[[then]]"
    assert (str(first.when), str(second.when)) == ("2025-09-11", "2025-09-19")
    assert (first.pupils, second.pupils, fourth.line.parent) == (("P8",), ("P1", "P2"), "B")
    assert (first.line.verb, first.line.name, first.line.form) == ("due", "welfare check", "task")
    assert (first.line.because, first.line.state) == ({"day": 4}, "done")
    assert third.line.arrived == time(9, 40)


def test_moments_are_londons_and_may_stand_in_quotes(folder: Path) -> None:
    text = P8 + '[[then]]\nat = "2025-09-11 09:30"\npupil = "P8"\ndue = "x"\nby = 2025-09-11T10:00:00\n'
    one = read(folder, text).then[0]
    assert str(one.when) == "2025-09-11 09:30"
    assert one.line.by == datetime(2025, 9, 11, 9, 0, tzinfo=UTC)


def test_an_action_is_its_name_and_the_keys_that_say_which(folder: Path) -> None:
    text = P8 + '[[then]]\npupil = "P8"\nmay_not = "enter code"\ncode = "Y"\n'
    text += 'session = "2025-09-16 AM"\nrule = "r"\n'
    line = read(folder, text).then[0].line
    assert (line.verb, line.name) == ("may_not", "enter code")
    assert line.action == {"code": "Y", "session": "2025-09-16 AM"}


# --- year groups -----------------------------------------------------------------------------------------


def year_groups(folder: Path, group: str, on: str) -> tuple[str | None, ...]:
    """The year group of a pupil in July, in August, and on the first day of September's school year."""
    text = P8.replace('year_group = "2"', f'year_group = "{group}"')
    [one] = laid(folder, text, on).enrolments
    return tuple(one.year_group(day) for day in (date(2025, 7, 18), date(2025, 8, 20), date(2025, 9, 2)))


def test_a_pupil_was_one_year_group_lower_in_the_school_year_before(folder: Path) -> None:
    assert year_groups(folder, "3", "2025-09-19") == ("2", "2", "3")
    assert year_groups(folder, "1", "2025-09-19") == ("R", "R", "1")
    assert year_groups(folder, "N2", "2025-09-19") == ("N1", "N1", "N2")


def test_who_has_no_year_group_below_or_above_stays_where_they_are(folder: Path) -> None:
    assert year_groups(folder, "R", "2025-09-19") == ("R", "R", "R")
    assert year_groups(folder, "N", "2025-09-19") == ("N", "N", "N")
    assert year_groups(folder, "13", "2025-07-11") == ("13", "13", "13")


def test_a_pupil_is_one_year_group_higher_in_the_school_year_after(folder: Path) -> None:
    assert year_groups(folder, "R", "2025-07-11") == ("R", "R", "1")
    assert year_groups(folder, "N", "2025-07-11") == ("N", "N", "R")


def test_the_register_of_july_closes_when_it_did_for_the_year_group_of_july(folder: Path) -> None:
    one = laid(folder, P8.replace('year_group = "2"', 'year_group = "1"'))
    before = datetime(2025, 7, 11, 9, 44, tzinfo=LONDON)
    assert mark(one, "P8", "2025-07-11 AM", before) == ""
    assert mark(one, "P8", "2025-07-11 AM", before + timedelta(minutes=1)) == "/"
    september = datetime(2025, 9, 3, 9, 30, tzinfo=LONDON)
    assert mark(one, "P8", "2025-09-03 AM", september) == "/"


# --- registers that are saved before or after they close ---------------------------------------------------

TWO_CLASSES = """
[[pupils]]
refs = ["P1", "P2"]
year_group = "6"
group = "6A"
house = "Red"
contacts = ["A", "G"]
marks = ["2025-09-17 N N"]
[[pupils]]
ref = "P3"
year_group = "6"
group = "6B"
"""
SAVED = """
[[registers]]
session = "2025-09-17 AM"
saved_at = 2025-09-17T08:52:00
"""


def known(one: Laid, ref: str, hour: int, minute: int) -> str:
    return mark(one, ref, "2025-09-17 AM", datetime(2025, 9, 17, hour, minute, tzinfo=LONDON))


def test_a_register_that_was_saved_is_known_from_that_minute_and_closes_when_it_does(folder: Path) -> None:
    one = laid(folder, TWO_CLASSES + SAVED)
    assert [known(one, ref, 8, 51) for ref in ("P1", "P3")] == ["", ""]
    assert [known(one, ref, 8, 52) for ref in ("P1", "P3")] == ["N", "/"]
    [save] = [save for save in one.register.saves if save.session == Session(date(2025, 9, 17), Half.AM)]
    assert save.closes_at == datetime(2025, 9, 17, 9, 30, tzinfo=LONDON)
    assert mark(one, "P1", "2025-09-17 PM", datetime(2025, 9, 17, 13, 29, tzinfo=LONDON)) == ""


@pytest.mark.parametrize("whom", ['groups = ["6A"]', 'pupils = ["P1", "P2"]'])
def test_of_those_whom_a_register_names_nobody_else_is_marked_by_it(folder: Path, whom: str) -> None:
    one = laid(folder, f"{TWO_CLASSES}{SAVED}{whom}\n")
    assert [known(one, ref, 8, 52) for ref in ("P1", "P2", "P3")] == ["N", "N", ""]
    assert known(one, "P3", 9, 30) == "/"


def test_a_register_that_was_saved_late_is_not_known_when_it_closes(folder: Path) -> None:
    one = laid(folder, TWO_CLASSES + SAVED.replace("08:52", "10:05"))
    assert known(one, "P1", 10, 4) == ""
    assert known(one, "P1", 10, 5) == "N"


CAME_IN = (
    'amendments = [{ session = "2025-09-17 AM", from = "N", to = "L", at = 2025-09-17T09:05:00, '
    'reason = "came in" }]'
)


def test_a_change_between_save_and_close_saves_the_register_again(folder: Path) -> None:
    one = laid(folder, TWO_CLASSES.replace('"2025-09-17 N N"]', f'"2025-09-17 N N"]\n{CAME_IN}') + SAVED)
    assert not one.register.amendments
    assert [known(one, "P1", 9, minute) for minute in (4, 5)] == ["N", "L"]
    assert not one.register.problems(england())


@pytest.mark.parametrize(("saved", "says"), [("09:06", "was saved at 09:06"), ("", "closed at 09:30")])
def test_a_change_before_the_register_was_saved_is_refused(folder: Path, saved: str, says: str) -> None:
    text = TWO_CLASSES.replace('"2025-09-17 N N"]', f'"2025-09-17 N N"]\n{CAME_IN}')
    text += SAVED.replace("08:52", saved) if saved else ""
    with pytest.raises(Unusable, match=says):
        laid(folder, text)


def test_house_and_contacts_are_the_pupils_own(folder: Path) -> None:
    scenario = read(folder, TWO_CLASSES)
    first, _, third = scenario.pupils
    assert (first.enrolment.value("house", date(2025, 9, 17)), first.contacts) == ("Red", ("A", "G"))
    assert (third.enrolment.value("house", date(2025, 9, 17)), third.contacts) == (None, ())
    book = Running(scenario, rulebook_for(scenario)).book
    assert (book.contacts_of("P1"), book.contacts_of("P3")) == (("A", "G"), ("A",))


# --- the page and the schema -----------------------------------------------------------------------------

PAGE = scenarios_page(figures={"attendance": "sessions attended"}, actions={"grant leave": "grant leave"})
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
WHOLE = [block for block in BLOCKS if block.startswith("id ")]
TABLES = (ScenarioFile, PupilLine, GroupLine, RegisterLine, FactLine, AmendmentLine, ThenLine)


@pytest.mark.parametrize("block", WHOLE, ids=lambda block: tomllib.loads(block)["id"])
def test_each_scenario_of_the_page_is_read(block: str, tmp_path: Path) -> None:
    [calendar] = [other for other in BLOCKS if other.startswith("school")]
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "example.toml").write_text(calendar, encoding="utf-8")
    (tmp_path / "a.toml").write_text(block, encoding="utf-8")
    assert lay(read_scenario(tmp_path / "a.toml"), at_noon_and_two).enrolments


def test_each_piece_of_a_scenario_on_the_page_is_read(folder: Path) -> None:
    assert len(WHOLE) == 3
    pieces = [block for block in BLOCKS if block not in WHOLE and not block.startswith("school")]
    settings = next(piece for piece in pieces if piece.startswith("[settings"))
    facts = next(piece for piece in pieces if piece.startswith("[[facts"))
    registers = next(piece for piece in pieces if "[[registers" in piece)
    [marks, strip, amendments] = [piece for piece in pieces if piece not in (settings, facts, registers)]
    one = read(folder, settings + P8 + marks + amendments + facts, "2025-10-03")
    assert one.settings["persistent-lateness"] == {"reaches": 4}
    assert len(one.pupils[0].amendments) == 1
    assert read(folder, P8 + strip).pupils[0].marks[Session(date(2025, 9, 17), Half.PM)] == "\\"
    [saved] = read(folder, registers).registers
    assert saved.at == datetime(2025, 9, 17, 8, 52, tzinfo=LONDON)


@pytest.mark.parametrize("block", WHOLE, ids=lambda block: tomllib.loads(block)["id"])
def test_what_each_scenario_of_the_page_says_is_so(block: str, tmp_path: Path) -> None:
    [calendar] = [other for other in BLOCKS if other.startswith("school")]
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "example.toml").write_text(calendar, encoding="utf-8")
    (tmp_path / "a.toml").write_text(block, encoding="utf-8")
    assert [one.found for one in run(read_scenario(tmp_path / "a.toml")).outcomes if not one.holds] == []


def test_the_settings_of_the_page_can_be_laid_over_those_of_a_policy_that_comes_with_firstbell(
    folder: Path,
) -> None:
    blocks = [block for block in BLOCKS if "[settings." in block]
    assert blocks
    for block in blocks:
        one = read(folder, block + P8 + '[[then]]\npupil = "P8"\nnothing_due = true\n')
        of_policy = replace(one, written=msgspec.structs.replace(one.written, policy="primary-rewards"))
        rulebook = rulebook_for(of_policy)
        for rule, values in one.settings.items():
            params = msgspec.to_builtins(rulebook.rule(rule, one.when.on).params)
            said = {name: [*value] if isinstance(value, tuple) else value for name, value in params.items()}
            assert {name: said[name] for name in values} == values


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_each_key_says_what_it_is_on_the_page_and_in_the_schema(table: type[Table]) -> None:
    schema = scenario_schema()["$defs"][table.__name__]["properties"]
    for one in keys_of(table):
        assert one.says and one.form, one.name
        assert f"| `{one.name}` |" in PAGE
        assert schema[one.name]["description"] == one.says


def test_the_schema_asks_for_one_verb_and_knows_the_kinds_of_facts() -> None:
    tables = scenario_schema()["$defs"]
    assert [one["required"] for one in tables["ThenLine"]["oneOf"]] == [[verb] for verb in VERBS]
    assert tables["FactLine"]["properties"]["kind"]["enum"] == list(KINDS)


def test_the_forms_and_states_that_are_explained_are_those_that_can_be_written() -> None:
    choices = {one.name: one.choices for one in keys_of(ThenLine)}
    assert (choices["as"], choices["state"]) == (tuple(FORMS), tuple(STATES))


def test_each_key_of_then_goes_with_a_verb() -> None:
    assert [
        one.name for one in keys_of(ThenLine) if not set(one.goes_with) <= set(VERBS) or not one.goes_with
    ] == []
