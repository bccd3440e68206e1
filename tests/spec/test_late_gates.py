"""Gates, late books and minutes late

By the readings of rules.md: E4, and the contradictions 12 and 22 of five schools' policies. A gate may shut
before the register opens, and a pupil may be in time for some minutes after it has opened.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from firstbell.duties import figure as figure_of
from firstbell.duties import see, suggest_mark
from firstbell.register import AttendanceRegister, mark_on_arrival
from firstbell.sessions import Half, Session, SessionTimes
from firstbell.statute import england
from tests import small

MORNING = Session.read("2025-09-16 AM")
LATE_AFTER = SessionTimes(time(8, 55), time(9, 25), late_after=time(9, 0))
BOOK = """
on = 2025-09-16
[[pupils]]
refs = ["P1", "P2", "P3", "P4"]
year_group = "4"
group = "4A"
"""
RULES = (
    small.rule(
        "morning",
        "register times",
        'session = "morning", opens = "08:55", late_after = "09:00", closes = "09:25"',
    ),
    small.rule("afternoon", "register times", 'session = "afternoon", opens = "13:00", closes = "13:15"'),
    small.rule("late", "late arrival", mode="prompt", asks="why so late?"),
    small.rule(
        "very-late", "late arrival", 'came = "after the register closed"', mode="prompt", asks="another code?"
    ),
)
GATE = (
    small.rule("morning", "register times", 'session = "morning", opens = "08:45", closes = "09:00"'),
    small.rule("late-gate", "late arrival", 'after = "08:40"'),
    small.rule(
        "signed-in", "late arrival", 'came = "after the register closed"', mode="prompt", asks="why so late?"
    ),
)


def came(pupil: str, at: str) -> str:
    return f'[[facts]]\nkind = "arrived"\npupil = "{pupil}"\nat = 2025-09-16T{at}:00\n'


def marked(pupil: str, mark: str, session: str = "2025-09-16 AM") -> str:
    return f'[[then]]\npupil = "{pupil}"\nmark = "{mark}"\nsession = "{session}"\n'


def figure(name: str, value: str, pupil: str = "") -> str:
    whom = f'pupil = "{pupil}"\n' if pupil else ""
    return f'[[then]]\n{whom}figure = "{name}"\nis = {value}\nover = "day"\n'


def line(pupil: str, verb: str, name: str) -> str:
    return f'[[then]]\npupil = "{pupil}"\n{verb} = "{name}"\n'


@pytest.mark.parametrize(
    ("arrived", "mark"),
    [("08:55", "/"), ("08:59", "/"), ("09:00", "/"), ("09:01", "L"), ("09:25", "L"), ("09:26", "U")],
)
def test_whoever_comes_by_the_minute_after_which_one_is_late_is_present(arrived: str, mark: str) -> None:
    law = england().on(MORNING.on)
    assert mark_on_arrival(time.fromisoformat(arrived), MORNING, LATE_AFTER, law) == mark


def test_minutes_late_are_counted_from_that_minute_and_not_from_the_opening() -> None:
    small.check(
        RULES,
        BOOK
        + came("P1", "09:00")
        + came("P2", "09:01")
        + came("P3", "09:26")
        + came("P4", "13:01")
        + marked("P1", "/")
        + marked("P2", "L")
        + marked("P3", "U")
        + marked("P4", "L", "2025-09-16 PM")
        + figure("minutes late", "0", "P1")
        + figure("minutes late", "1", "P2")
        + figure("minutes late", "26", "P3")
        + figure("minutes late", "1", "P4")
        + line("P1", "not_due", "why so late?")
        + line("P2", "due", "why so late?")
        + line("P2", "not_due", "another code?")
        + line("P3", "due", "another code?")
        + figure("late book", '["P2", "P3", "P4"]'),
    )


def test_after_a_gate_that_shuts_before_the_register_opens_a_pupil_is_noted_and_present() -> None:
    small.check(
        GATE,
        BOOK
        + came("P1", "08:40")
        + came("P2", "08:42")
        + came("P3", "08:46")
        + came("P4", "09:01")
        + marked("P1", "/")
        + marked("P2", "/")
        + marked("P3", "L")
        + marked("P4", "U")
        + line("P1", "not_due", "late-gate")
        + line("P2", "due", "late-gate")
        + line("P2", "not_due", "why so late?")
        + line("P4", "due", "why so late?")
        + figure("late book", '["P2", "P3", "P4"]')
        + figure("minutes late", "0", "P2"),
    )


LOSS = (
    small.rule(
        "loss",
        "content",
        'rows_of = "minutes late", rows = { "5" = "3", "10" = "6.5", "15" = "9.5" }',
        mode="content",
        asks=" ",
    )
    .replace('asks = " "\n', "")
    .replace('who = "office"\n', "")
)
DAYS = LOSS.replace('"loss"', '"days"').replace("minutes late", "days missed")


def late_at(*days: str, minute: str = "15") -> str:
    return "".join(
        f'[[facts]]\nkind = "arrived"\npupil = "P1"\nat = 2025-09-{day}T09:{minute}:00\n' for day in days
    )


@pytest.mark.parametrize(
    ("minute", "average", "printed"), [("15", 15, "9.5"), ("14", 14, "6.5"), ("03", 3, ""), ("25", 25, "9.5")]
)
def test_what_the_policy_prints_is_the_row_that_the_average_reaches(
    minute: str, average: int, printed: str
) -> None:
    text = BOOK + late_at("09", "11", "16", minute=minute)
    over = 'pupil = "P1"\nfrom = 2025-09-02\n'
    text += f'[[then]]\n{over}figure = "average minutes late"\nis = {average}\n'
    text += f'[[then]]\n{over}figure = "printed loss"\nis = "{printed}"\n'
    small.check((*RULES, LOSS, DAYS), text)


def test_of_days_missed_the_days_are_looked_up() -> None:
    text = BOOK.replace('group = "4A"\n', 'group = "4A"\nmarks = ["2025-09-08..2025-09-12 I I"]\n')
    text += '[[then]]\npupil = "P1"\nfigure = "printed loss"\nis = "3"\n'
    text += '[[then]]\npupil = "P1"\nfigure = "printed loss of days"\nis = "3"\n'
    small.check((*RULES, DAYS), text)
    small.check(RULES, BOOK + '[[then]]\npupil = "P1"\nfigure = "printed loss"\nis = ""\n')


def test_minutes_that_the_teacher_noted_count_where_the_late_book_says_nothing() -> None:
    run = small.running(RULES, BOOK + line("P1", "not_due", "why so late?"))
    saves = tuple(
        replace(save, minutes_late={"P1": 12}) if save.session == Session(MORNING.on, Half.AM) else save
        for save in run.book.register.saves
    )
    book = replace(run.book, register=AttendanceRegister(saves))
    sight = see(book, run.rulebook, run.moment(run.scenario.when))
    assert figure_of(sight, "minutes late", enrolment="P1") == 12
    assert figure_of(sight, "average minutes late", enrolment="P1") == 12
    assert figure_of(sight, "minutes late", enrolment="P2") == 0


APPOINTMENT = small.rule(
    "appointment",
    "appointment",
    'asks_about = "code", reasons = ["dental appointment"], evidence = ["card"], code = "M"',
    mode="prompt",
    asks="authorise?",
)


@pytest.mark.parametrize(("shown", "mark"), [("", "U"), ("card", "M")])
def test_an_appointment_without_evidence_keeps_the_code_that_arriving_has_given(
    shown: str, mark: str
) -> None:
    text = BOOK + came("P1", "09:26") + 'data = { reason = "dental appointment" }\n'
    if shown:
        text += '[[facts]]\nkind = "evidence received"\npupil = "P1"\nat = 2025-09-16T09:26:00\n'
        text += f'data = {{ of = "appointment", form = "{shown}" }}\n'
    text += marked("P1", mark) + 'asks = "authorise?"\n'
    small.check((*RULES, APPOINTMENT), text)
    run = small.running((*RULES, APPOINTMENT), text)
    at = run.moment(run.scenario.when)
    assert suggest_mark(run.book, run.rulebook, at, "P1", MORNING).meanwhile == "U"
    # Whoever has not come in is as unexplained as before, without and with the evidence.
    away = text.replace("T09:26:00\ndata", "T09:26:00\nknown_at = 2025-09-17T08:00:00\ndata", 1)
    assert (
        suggest_mark(small.running((*RULES, APPOINTMENT), away).book, run.rulebook, at, "P1", MORNING).code
        == "N"
    )
