"""The registers as books of entries: what folds, what is refused, what stays visible."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from firstbell import statute
from firstbell.register import (
    AdmissionRegister,
    Amendment,
    AttendanceRegister,
    Attribute,
    Changed,
    Deleted,
    Detail,
    Entered,
    Save,
    disposable_from_on,
    lay_strips,
    mark_on_arrival,
    new_pupil_return_due_on,
    problems_with_amendment,
    problems_with_deletion,
    problems_with_mark,
    problems_with_times,
    read_day,
    read_notation,
    write_notation,
)
from firstbell.sessions import Half, Session, SessionTimes, read_calendar
from firstbell.statute import NoLaw
from firstbell.statute.values import DeletionGround
from tests import fx

LAW = statute.england()
MONDAY = Session(date(2024, 9, 9), Half.AM)
ROLL = ("Amira", "Ben")


def save(marks: str, at: str, number: int = 1, **more: object) -> Save:
    """A save of Monday's register, two letters for two pupils; the register closes at 09:20."""
    numbers = bytes(0 if symbol == "-" else LAW.number(symbol) for symbol in marks)
    made = Save(
        f"s{number}", MONDAY, ROLL, numbers, fx.at(at), fx.at(at), fx.at("2024-09-09 09:20"), "teacher"
    )
    return replace(made, **more)  # type: ignore[arg-type]


def amendment(original: str, amended: str, at: str, number: int = 1) -> Amendment:
    return Amendment(
        f"a{number}", "Ben", MONDAY, original, amended, "mother rang", fx.at(at), "Gill", "attendance officer"
    )


def ben(register: AttendanceRegister, known_at: str | None = None) -> str:
    return register.mark("Ben", MONDAY, LAW, fx.at(known_at) if known_at else None)


def test_until_the_register_closes_taking_it_may_change_a_mark() -> None:
    register = AttendanceRegister((save("/N", "2024-09-09 08:55"), save("-L", "2024-09-09 09:10", 2)))
    assert ben(register) == "L"
    assert register.problems(LAW) == []


def test_after_it_has_closed_a_blank_may_be_filled_but_a_mark_is_changed_only_by_an_amendment() -> None:
    blank = AttendanceRegister((save("/-", "2024-09-09 08:55"), save("-N", "2024-09-09 11:00", 2)))
    assert ben(blank) == "N"
    filled = AttendanceRegister((save("/N", "2024-09-09 08:55"), save("-U", "2024-09-09 11:00", 2)))
    assert ben(filled) == "N"
    assert [p.rule for p in filled.problems(LAW)] == ["register-save"]


def test_the_original_and_every_correction_stay_visible() -> None:
    register = AttendanceRegister(
        (save("/N", "2024-09-09 08:55"),),
        (amendment("N", "I", "2024-09-09 10:00"), amendment("I", "O", "2024-09-16 10:00", 2)),
    )
    history = register.entries("Ben", MONDAY, LAW)
    assert [entry.symbol for entry in history] == ["N", "I", "O"]
    assert (history[1].by, history[1].position, history[1].reason) == (
        "Gill",
        "attendance officer",
        "mother rang",
    )


def test_the_register_is_shown_as_it_was_known_at_a_moment() -> None:
    register = AttendanceRegister(
        (save("/N", "2024-09-09 08:55"),), (amendment("N", "I", "2024-09-12 10:00"),)
    )
    assert ben(register, "2024-09-12 09:59") == "N"
    assert ben(register, "2024-09-12 10:00") == "I"
    assert ben(register, "2024-09-09 08:54") == ""


def test_two_people_cannot_each_amend_the_same_entry() -> None:
    register = AttendanceRegister(
        (save("/N", "2024-09-09 08:55"),),
        (amendment("N", "I", "2024-09-10 10:00"), amendment("N", "O", "2024-09-10 10:01", 2)),
    )
    assert ben(register) == "I"
    assert [p.rule for p in register.problems(LAW)] == ["register-amendment"]


def test_a_save_that_is_sent_twice_is_one_save() -> None:
    once = save("/N", "2024-09-09 08:55")
    register = AttendanceRegister((once, once), (amendment("N", "I", "2024-09-09 09:00"),))
    assert ben(register) == "I"


def test_an_amendment_is_refused_without_its_facts_or_of_an_entry_that_is_not_there() -> None:
    bare = replace(amendment("N", "I", "2024-09-10 10:00"), reason=" ", position="")
    rules = [problem.rule for problem in problems_with_amendment(bare, LAW, said="O")]
    assert rules == ["amendment-fact", "amendment-fact", "amendment-original"]


def test_strips_say_what_the_register_said() -> None:
    pupils = [fx.pupil("Amira", enrolment="Amira"), fx.pupil("Ben", enrolment="Ben")]
    register = AttendanceRegister(
        (save("/N", "2024-09-09 08:55"),), (amendment("N", "I", "2024-09-12 10:00"),)
    )
    for known_at in (None, fx.at("2024-09-11 12:00")):
        strips = lay_strips(pupils, register, {"FX": fx.calendar()}, LAW, known_at=known_at)
        place = strips.axis.place(MONDAY)
        assert place is not None
        said = [strips.symbol(row, place) for row in (0, 1)]
        assert said == [register.mark(one, MONDAY, LAW, known_at) for one in ROLL]


def test_a_strip_as_at_a_session_does_not_see_what_came_later() -> None:
    strips = fx.strips("2024-09-09..2024-09-13 OO").until(Session(date(2024, 9, 11), Half.AM))
    assert strips.picture(0).startswith(r"-- -- -- -- | OO OO O- -- --")
    assert not strips.expected[:, strips.axis.place(Session(date(2024, 9, 11), Half.PM))].any()


def test_each_problem_with_a_mark_says_what_and_what_to_do() -> None:
    early = fx.pupil(starts_on=date(2024, 9, 10))
    cases = {
        ("Q9", MONDAY, None): "is not an attendance code. Did you mean Q",
        ("j1", MONDAY, None): "Did you mean J1",
        ("\\", MONDAY, None): "for afternoons only",
        ("O", MONDAY, early): "not on the register on 2024-09-09",
        ("O", Session(date(2024, 10, 28), Half.AM), fx.pupil()): "Monday 2024-10-28 AM is not a session",
        ("O", Session(date(2026, 10, 28), Half.AM), fx.pupil()): "the calendar runs from",
        ("D", MONDAY, fx.pupil()): "registered at this school only",
        ("Z", MONDAY, fx.pupil()): "stands after the starting day",
    }
    for (symbol, session, enrolment), message in cases.items():
        found = problems_with_mark(symbol, session, LAW, enrolment=enrolment, calendar=fx.calendar())
        assert message in " ".join(map(str, found)), symbol


def test_z_stands_before_the_starting_day_and_a_closure_agrees_with_the_calendar() -> None:
    prospective = fx.pupil(starts_on=date(2024, 9, 16))
    assert problems_with_mark("Z", MONDAY, LAW, enrolment=prospective, calendar=fx.calendar()) == []
    closed = Session(date(2024, 10, 25), Half.AM)
    assert problems_with_mark("#", closed, LAW, enrolment=fx.pupil(), calendar=fx.calendar()) == []


def test_a_pupil_s_record_shows_no_personal_data_in_its_repr() -> None:
    shown = repr(fx.pupil(born_on=date(2014, 1, 15), year_group="6"))
    assert "2014" not in shown
    assert "year group" not in shown


TIMES = SessionTimes(time(8, 50), time(9, 20), time(12, 0))
OLD = LAW.on(date(2023, 9, 11))


@pytest.mark.parametrize(
    ("arrived", "mark"),
    [
        (time(8, 50, 59), "/"),
        (time(8, 51), "L"),
        (time(9, 20, 59), "L"),
        (time(9, 21), "U"),
        (time(12, 1), "N"),
    ],
)
def test_the_minute_of_arrival_decides_and_who_comes_after_the_session_was_absent(
    arrived: time, mark: str
) -> None:
    assert mark_on_arrival(arrived, MONDAY, TIMES, LAW.on(MONDAY.on)) == mark


def test_before_there_was_a_limit_a_register_may_be_open_as_long_as_it_is() -> None:
    long = SessionTimes(time(8, 50), time(9, 50))
    assert problems_with_times(long, OLD) == []
    assert problems_with_times(long, LAW.on(MONDAY.on)) != []
    assert mark_on_arrival(time(9, 10), MONDAY, TIMES, OLD) == "L"


def test_a_rule_is_not_asked_for_a_day_before_it_was_held() -> None:
    with pytest.raises(NoLaw, match="2024-08-19"):
        new_pupil_return_due_on(
            date(2023, 9, 11), date(2023, 9, 11), OLD, most_junior=False, year_starts_on=date(2023, 9, 4)
        )


def test_leave_asked_for_on_the_day_itself_before_the_session_was_asked_in_advance() -> None:
    late = Detail(asked_on=MONDAY.on)
    early = Detail(asked_on=MONDAY.on, asked_before_session=True)
    assert [p.rule for p in problems_with_mark("C", MONDAY, LAW, detail=late)] == ["leave-not-in-advance"]
    assert problems_with_mark("C", MONDAY, LAW, detail=early) == []


def test_a_closure_for_some_pupils_on_a_school_day_is_a_warning_that_names_the_code_for_it() -> None:
    (problem,) = problems_with_mark("#", MONDAY, LAW, enrolment=fx.pupil(), calendar=fx.calendar())
    assert problem.severity == "warning"
    assert "Y7" in problem.remedy


def test_each_condition_of_a_deletion_ground_is_confirmed_by_a_person() -> None:
    law = LAW.on(MONDAY.on)
    asked = problems_with_deletion("f", law, of_age=True, confirmed=())
    conditions = next(g for g in law.all(DeletionGround) if g.letter == "f").conditions
    assert len(asked) == len(conditions) > 1
    assert problems_with_deletion("f", law, of_age=True, confirmed=conditions) == []


def test_a_correction_learnt_later_wins() -> None:
    sixth, seventh = (Attribute("year group", group) for group in ("6", "7"))
    assert replace(fx.pupil(), attributes=(sixth, seventh)).year_group(MONDAY.on) == "7"


def test_an_entry_made_on_29_february_is_kept_until_1_march() -> None:
    law = LAW.on(MONDAY.on)
    assert disposable_from_on(date(2028, 2, 29), law) == date(2034, 3, 1)
    assert disposable_from_on(date(2024, 9, 9), law) == date(2030, 9, 9)


def test_days_of_a_year_group_that_changes_in_the_middle_of_a_year_are_those_of_each_day() -> None:
    calendar = read_calendar(
        fx.CALENDAR
        + """
        [[year_group_days]]
        year_groups = ["7"]
        without = [2024-09-09, 2024-10-07]
    """
    )
    moved = replace(
        fx.pupil(),
        attributes=(Attribute("year group", "6"), Attribute("year group", "7", from_on=date(2024, 9, 16))),
    )
    strips = lay_strips([moved], AttendanceRegister(()), {"FX": calendar}, LAW)
    expected = {str(strips.axis.session(int(place))) for place in strips.expected[0].nonzero()[0]}
    assert "2024-09-09 AM" in expected
    assert "2024-10-07 AM" not in expected


def entered(at: str) -> Entered:
    return Entered(fx.pupil("Fay", enrolment="Fay"), fx.at(at), "office")


def test_the_admission_register_is_read_as_known() -> None:
    register = AdmissionRegister(
        (
            entered("2024-09-02 12:00"),
            Changed("Fay", Attribute("FSM", "yes", date(2024, 9, 16)), fx.at("2024-10-01 12:00"), "office"),
            Deleted("Fay", date(2025, 2, 14), "(a)", fx.at("2025-02-14 15:00"), "head"),
        )
    )
    (before,) = register.as_known(fx.at("2024-09-30 12:00"))
    (after,) = register.as_known()
    assert (before.value("FSM", date(2024, 9, 20)), after.value("FSM", date(2024, 9, 20))) == (None, "yes")
    assert (before.ends_on, after.ends_on) == (None, date(2025, 2, 14))
    assert register.on(date(2025, 2, 15)) == ()
    assert register.problems() == []


def test_the_admission_register_shows_entries_that_cannot_stand() -> None:
    register = AdmissionRegister(
        (
            entered("2024-09-02 12:00"),
            entered("2024-09-03 12:00"),
            Deleted("Fay", date(2024, 8, 1), "(a)", fx.at("2024-09-04 12:00"), "head"),
            Deleted("Fay", date(2024, 9, 4), "(a)", fx.at("2024-09-05 12:00"), "head"),
            Deleted("Gus", date(2024, 9, 4), "(a)", fx.at("2024-09-06 12:00"), "head"),
        )
    )
    assert [problem.rule for problem in register.problems()] == [
        "enrolment-twice",
        "enrolment-backdated",
        "enrolment-order",
        "enrolment-deleted-twice",
        "enrolment-unknown",
    ]


@pytest.mark.parametrize("text", ["", "/", "/\\/", "1C", "//O", "c1C1", "/ \\"])
def test_a_day_of_notation_is_two_marks(text: str) -> None:
    with pytest.raises(ValueError, match="is not one day"):
        read_day(text)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (r"/\ /\ /\ | /\ /\ /\ /\ /\ ", "stands before 2024-09-06, which is in the same week"),
        (r"/\ /\ /\ /\ /\ /\ /\ /\ /\ ", "2024-09-09 is in a new week: put | before it"),
        (r"/\ /\ /\ /\ | /\ ", "ends before 2024-09-10"),
        (r"/\ /\ /\ /\ | /\ /\ /\ /\ /\ /\ ", "goes on after 2024-09-13"),
    ],
)
def test_a_line_of_notation_cannot_slip_by_a_day_unseen(line: str, message: str) -> None:
    days = fx.calendar().school_days(date(2024, 9, 3), date(2024, 9, 13))
    with pytest.raises(ValueError, match=message.replace("|", r"\|")):
        read_notation(line, days)


def test_notation_reads_back_what_it_writes() -> None:
    days = fx.calendar().school_days(date(2024, 9, 3), date(2024, 9, 13))
    line = r"/\ C1C2 -- Y1- | J1\ OO II GU X01X"
    assert write_notation(read_notation(line, days), days) == line
