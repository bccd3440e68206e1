"""Lines crossed: when, by which sessions, and what makes them open or past."""

from __future__ import annotations

from datetime import date

import pytest

from firstbell.measures import Crossing, Line, Rate, crossings, hidden_groups
from firstbell.register import Enrolment, Strips
from firstbell.sessions import Half, Session
from tests import fx


def crossed(strips: Strips, on: date, **more: int) -> dict[Line, Crossing]:
    return {
        one.line: one
        for one in crossings(
            strips.until(Session(on, Half.PM)), {"FX": fx.calendar()}, on=on, within=slice(None), **more
        )
    }


def when(strips: Strips, one: Crossing) -> str:
    return str(strips.axis.session(one.place))


def absent(marks: str, until: str, pupil: Enrolment | None = None) -> Strips:
    return fx.strips(marks, enrolment=pupil, present_until=date.fromisoformat(until))


def test_persistent_absence_is_dated_from_the_session_since_which_it_has_held() -> None:
    # 2 of 8 in the first week, below a tenth at 2 of 21, over it again with the next absence.
    strips = absent("2024-09-03..2024-09-03 II\n2024-09-19..2024-09-19 II", "2024-09-20")
    found = crossed(strips, date(2024, 9, 20))[Line.PERSISTENT]
    assert when(strips, found) == "2024-09-19 AM"
    assert found.figure == Rate(4, 28)
    assert len(found.sessions) == 4


def test_a_share_is_not_asked_about_before_so_many_possible_sessions() -> None:
    strips = absent("2024-09-03 II", "2024-09-06")
    assert Line.PERSISTENT in crossed(strips, date(2024, 9, 6))
    assert Line.PERSISTENT not in crossed(strips, date(2024, 9, 6), least_possible=40)


def test_a_threshold_once_met_stays_shown_and_is_closed_when_the_window_has_passed() -> None:
    strips = absent("2024-09-09..2024-09-13 OO", "2024-12-20")
    assert crossed(strips, date(2024, 10, 4))[Line.THRESHOLD].open
    found = crossed(strips, date(2024, 12, 20))[Line.THRESHOLD]
    assert not found.open
    assert when(strips, found) == "2024-09-13 PM"


def test_ten_days_running_are_dated_to_the_tenth_and_stay_open_until_something_breaks_them() -> None:
    strips = absent("2024-10-07..2024-10-18 OO", "2024-10-22")
    assert crossed(strips, date(2024, 10, 18))[Line.UNAUTHORISED].open
    found = crossed(strips, date(2024, 10, 22))[Line.UNAUTHORISED]
    assert (when(strips, found), found.figure, found.open) == ("2024-10-18 PM", 10, False)


def test_fifteen_days_of_illness_need_not_follow_each_other() -> None:
    strips = absent(
        "2024-09-09..2024-09-13 I-\n2024-10-07..2024-10-11 II\n2024-11-11..2024-11-15 -I", "2024-11-20"
    )
    found = crossed(strips, date(2024, 11, 20))[Line.SICKNESS]
    assert (when(strips, found), found.figure) == ("2024-11-15 PM", 15)


def test_an_n_is_past_its_day_on_the_day_after_the_fifth_school_day() -> None:
    strips = absent("2024-09-09 N-", "2024-09-20")
    assert Line.REASON not in crossed(strips, date(2024, 9, 16))
    assert Line.REASON in crossed(strips, date(2024, 9, 17))


@pytest.mark.parametrize("line", [Line.THRESHOLD, Line.UNAUTHORISED, Line.UNEXPLAINED, Line.SICKNESS])
def test_what_is_owed_only_for_compulsory_school_age_is_not_asked_of_a_four_year_old(line: Line) -> None:
    marks = "2024-09-09..2024-10-11 OO\n2024-11-04..2024-11-29 II"
    of_age, younger = fx.pupil(), fx.pupil(born_on=date(2020, 6, 1), year_group="R")
    assert line in crossed(absent(marks, "2024-12-06", of_age), date(2024, 12, 6))
    assert line not in crossed(absent(marks, "2024-12-06", younger), date(2024, 12, 6))


def test_a_small_group_is_hidden_with_the_next_smallest_so_that_it_cannot_be_worked_out() -> None:
    assert hidden_groups({"R": 4, "1": 30, "2": 28}, 6) == {"R", "2"}
    assert hidden_groups({"R": 4, "1": 3, "2": 28}, 6) == {"R", "1"}
    assert hidden_groups({"R": 0, "1": 30}, 6) == frozenset()
    assert hidden_groups({"R": 4}, 6) == {"R"}
