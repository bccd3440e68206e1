r"""Taking and correcting the register

A register stays open for at most thirty minutes, the same at every session. Who is there when it opens is
present, who comes before it closes is L, who comes after it is U unless another code says why. What stands
in the register is what was so when it was taken: a child who goes home later stays present for that session,
and the next session is marked on its own facts. A correction never rubs anything out. It keeps the original
entry, the amended entry, the reason, the day, and the name and position of whoever makes it; and every
entry, corrections too, is kept for six years from the day it was made. Boarders have no marks.
"""

from __future__ import annotations

from datetime import date, time

from firstbell.measures import count
from firstbell.register import (
    Amendment,
    disposable_from_on,
    mark_on_arrival,
    problems_with_amendment,
    problems_with_times,
)
from firstbell.sessions import Half, Session, SessionTimes
from firstbell.statute import england
from tests.fx import at, pupil, strips, written
from tests.spec.worked import worked

LAW = england().on(date(2024, 9, 9))
MORNING = Session(date(2024, 9, 9), Half.AM)
OPEN = SessionTimes(opens=time(8, 50), closes=time(9, 20))
TAKING = "SI 2024/208, reg. 10; Working together to improve school attendance (2024): taking the register"


@worked(27, source=TAKING)
def test_who_arrives_while_the_register_is_open_is_L() -> None:
    assert mark_on_arrival(time(9, 10), MORNING, OPEN, LAW) == "L"


@worked(28, source=TAKING)
def test_who_arrives_after_it_has_closed_is_U_unless_another_code_says_why() -> None:
    assert mark_on_arrival(time(9, 21), MORNING, OPEN, LAW) == "U"
    assert mark_on_arrival(time(9, 21), MORNING, OPEN, LAW, instead="M") == "M"


@worked(29, source=TAKING)
def test_a_register_may_be_open_for_thirty_minutes_and_not_for_thirty_five() -> None:
    (refused,) = problems_with_times(SessionTimes(time(8, 50), time(9, 25)), LAW)
    assert "35 minutes" in refused.what
    assert problems_with_times(OPEN, LAW) == []


@worked(30, source=TAKING)
def test_who_goes_home_ill_stays_present_for_the_morning_and_is_I_in_the_afternoon() -> None:
    assert mark_on_arrival(time(8, 50), MORNING, OPEN, LAW) == "/"
    day = count(written("/I")).of(0)
    assert (day.possible, day.attended, day.authorised) == (2, 1, 1)


@worked(35, source="SI 2024/208, reg. 6")
def test_an_amendment_without_reason_or_name_is_refused() -> None:
    amendment = Amendment("1", "Cal-FX", MORNING, "N", "I", "", at("2024-09-10 09:30"), "", "")
    problems = problems_with_amendment(amendment, england(), said="N")
    assert [problem.what for problem in problems] == [
        "The reason for the amendment is missing.",
        "The name of the person who makes it is missing.",
        "The position of the person who makes it is missing.",
    ]


@worked(36, source="SI 2024/208, reg. 7")
def test_an_entry_may_be_destroyed_six_years_after_it_was_made_and_no_day_sooner() -> None:
    assert disposable_from_on(date(2024, 9, 9), LAW) == date(2030, 9, 9)


@worked(37, source="SI 2024/208, reg. 10(1)")
def test_no_mark_is_expected_of_a_boarder() -> None:
    boarder, day_pupil = (strips(enrolment=pupil(boarder=boards)) for boards in (True, False))
    assert count(boarder).of(0).missing == 0
    assert count(day_pupil).of(0).missing > 0
