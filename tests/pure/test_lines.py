"""Lines crossed: when, by which sessions, and what makes them open or past."""

from __future__ import annotations

from datetime import date

import pytest

from firstbell import statute
from firstbell.measures import (
    Crossing,
    Line,
    Rate,
    count,
    crossings,
    hidden_groups,
    persistent,
    threshold_episodes,
)
from firstbell.register import Enrolment, Strips
from firstbell.sessions import Half, Session
from firstbell.statute.values import PersistentAbsence
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


def test_who_comes_of_school_age_during_an_absence_is_owed_the_return_from_then_on() -> None:
    # Born 15 November 2019: of compulsory school age from 31 December 2024.
    young = fx.pupil(born_on=date(2019, 11, 15), year_group="R")
    ill = absent("2024-11-25..2024-12-13 II\n2025-01-07..2025-01-10 II", "2025-01-10", young)
    assert Line.SICKNESS not in crossed(ill, date(2024, 12, 20))
    assert when(ill, crossed(ill, date(2025, 1, 10))[Line.SICKNESS]) == "2025-01-07 AM"
    away = absent("2024-12-02..2025-01-17 OO", "2025-01-17", young)
    assert when(away, crossed(away, date(2025, 1, 17))[Line.UNAUTHORISED]) == "2025-01-07 PM"


def come_back(marks: str) -> Strips:
    """Cal, who left on 11 October 2024 and came back on 14 October: two enrolments, the later one first."""
    both = fx.marks_of(marks)
    first = fx.pupil(enrolment="before", ends_on=date(2024, 10, 11))
    second = fx.pupil(enrolment="after", starts_on=date(2024, 10, 14))
    return fx.strips_of(
        {
            second: {s: m for s, m in both.items() if s.on >= second.starts_on},
            first: {s: m for s, m in both.items() if s.on < second.starts_on},
        }
    )


@pytest.mark.parametrize(
    ("line", "marks", "last"),
    [
        (Line.SICKNESS, "2024-10-02..2024-10-22 II", "2024-10-22 PM"),
        (Line.UNAUTHORISED, "2024-10-03..2024-10-18 OO", "2024-10-16 PM"),
        (Line.THRESHOLD, "2024-10-10..2024-10-16 OO", "2024-10-16 PM"),
    ],
)
def test_a_pupil_who_left_and_came_back_is_one_child(line: Line, marks: str, last: str) -> None:
    strips = come_back(marks)
    found = crossed(strips, date(2024, 10, 24))[line]
    assert strips.enrolments[found.row].id == "after"
    assert when(strips, found).startswith(last[:10])


def test_what_was_crossed_and_over_last_year_is_not_this_year_s() -> None:
    strips = absent("2024-09-09..2024-10-24 OO", "2025-11-14")
    found = crossings(
        strips.until(Session(date(2025, 11, 14), Half.PM)),
        {"FX": fx.calendar()},
        on=date(2025, 11, 14),
        within=strips.axis.between(date(2025, 9, 1), date(2026, 8, 31)),
    )
    assert found == []


def test_a_threshold_met_again_this_year_is_dated_to_this_year() -> None:
    strips = absent("2024-09-09..2024-09-13 OO\n2025-09-08..2025-09-12 OO", "2025-09-19")
    (found,) = [
        one
        for one in crossings(
            strips.until(Session(date(2025, 9, 19), Half.PM)),
            {"FX": fx.calendar()},
            on=date(2025, 9, 19),
            within=strips.axis.between(date(2025, 9, 1), date(2026, 8, 31)),
        )
        if one.line is Line.THRESHOLD
    ]
    assert when(strips, found) == "2025-09-12 PM"
    assert [when_met(strips, one.first) for one in threshold_episodes(strips)] == [
        "2024-09-13 PM",
        "2025-09-12 PM",
    ]


def when_met(strips: Strips, place: int) -> str:
    return str(strips.axis.session(place))


def test_persistent_absence_by_number_and_by_share_are_two_methods() -> None:
    england = statute.england()
    counts = count(absent("2024-09-03..2024-09-17 OO", "2024-12-20"))
    by_number = england.on(date(2012, 12, 1)).value(PersistentAbsence)
    by_share = england.on(date(2024, 12, 1)).value(PersistentAbsence)
    assert counts.absent.tolist() == [22]
    assert persistent(counts, by_number, "autumn").tolist() == [True]
    assert persistent(counts, by_number, "spring").tolist() == [True]
    assert persistent(counts, by_number).tolist() == [False]
    assert persistent(counts, by_share).tolist() == [True]
    with pytest.raises(KeyError, match="fortnight"):
        persistent(counts, by_number, "fortnight")


def test_a_small_group_is_hidden_with_the_next_smallest_so_that_it_cannot_be_worked_out() -> None:
    assert hidden_groups({"R": 4, "1": 30, "2": 28}, 6) == {"R", "2"}
    assert hidden_groups({"R": 4, "1": 3, "2": 28}, 6) == {"R", "1"}
    assert hidden_groups({"R": 0, "1": 30}, 6) == frozenset()
    assert hidden_groups({"R": 4}, 6) == {"R"}
