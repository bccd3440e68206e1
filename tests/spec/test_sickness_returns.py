"""Fifteen days of sickness

The local authority is told of a pupil of compulsory school age who will miss fifteen school days of a school
year because of sickness, in a row or in all, so that it can arrange education. It is told as soon as that
can be believed: before a planned operation, not after it. Each school year counts anew, and one stretch of
illness is reported once. How part days count is not settled: the Department's own tool takes every day with
an I in it, and so do we; days that were I as a whole are shown beside it.
"""

from __future__ import annotations

from datetime import date

import pytest

from firstbell.measures import sickness_days, sickness_reached
from firstbell.register import sickness_return_due_on
from firstbell.sessions import CalendarEnds
from firstbell.statute import england
from firstbell.statute.values import StatutoryReturn
from tests.fx import calendar, strips
from tests.spec.worked import worked

LAW = england().on(date(2025, 1, 13))
RETURN = "SI 2024/208, reg. 13: the sickness return"


@worked(47, source=RETURN)
def test_three_weeks_of_illness_are_reported_on_the_fifteenth_day_or_as_soon_as_expected() -> None:
    ill = strips("2025-01-13..2025-01-31 II", present_until=date(2025, 2, 14))
    assert ill.axis.days[sickness_reached(ill)[0]] == date(2025, 1, 31)
    four_weeks = sickness_return_due_on(0, date(2025, 1, 13), date(2025, 2, 7), calendar(), LAW)
    two_weeks = sickness_return_due_on(0, date(2025, 1, 13), date(2025, 1, 24), calendar(), LAW)
    assert (four_weeks, two_weeks) == (date(2025, 1, 13), None)


@worked(48, source=RETURN)
def test_illnesses_of_one_year_add_up_and_the_same_illness_is_reported_once() -> None:
    ill = strips("2024-10-07..2024-10-16 II \n 2025-03-03..2025-03-11 II", present_until=date(2025, 4, 4))
    assert sickness_days(ill).any.tolist() == [15]
    assert ill.axis.days[sickness_reached(ill)[0]] == date(2025, 3, 11)
    (sickness,) = (row for row in LAW.all(StatutoryReturn) if row.name == "sickness")
    assert "the same continuous sickness" in sickness.not_needed_when[0]


@worked(49, source=RETURN)
def test_each_school_year_counts_anew() -> None:
    ill = strips("2025-06-03..2025-06-12 II \n 2025-09-08..2025-09-16 II", present_until=date(2025, 9, 30))
    old, new = (ill.axis.between(year.starts_on, year.ends_on) for year in calendar().years)
    assert sickness_days(ill, old).any.tolist() == [8]
    assert sickness_days(ill, new).any.tolist() == [7]
    assert sickness_reached(ill, new) == {}


@worked(50, source=f"{RETURN}, as the Department's tool counts it")
def test_fifteen_mornings_of_illness_are_fifteen_days_with_illness_and_no_whole_day() -> None:
    days = sickness_days(strips("2025-01-13..2025-01-31 I-", present_until=date(2025, 2, 14)))
    assert (days.any.tolist(), days.whole.tolist()) == ([15], [0])
    assert days.halves(0) == 15 / 2


@worked(source=RETURN)
def test_each_school_year_counts_for_itself_when_an_illness_is_foreseen() -> None:
    known_in_august = sickness_return_due_on(0, date(2025, 8, 20), date(2025, 10, 10), calendar(), LAW)
    known_in_july = sickness_return_due_on(0, date(2025, 7, 15), date(2025, 10, 10), calendar(), LAW)
    assert (known_in_august, known_in_july) == (date(2025, 8, 20), date(2025, 7, 15))


@worked(source=RETURN)
def test_only_the_days_of_the_illness_count_not_those_until_a_planned_operation() -> None:
    known_on, from_on = date(2025, 1, 7), date(2025, 1, 20)
    two_weeks, six_weeks = (
        sickness_return_due_on(0, known_on, until, calendar(), LAW, ill_from_on=from_on)
        for until in (date(2025, 1, 31), date(2025, 2, 28))
    )
    assert (two_weeks, six_weeks) == (None, known_on)


@worked(source=RETURN)
def test_an_illness_beyond_the_calendar_is_said_not_guessed() -> None:
    with pytest.raises(CalendarEnds, match="add the days after it"):
        sickness_return_due_on(0, date(2025, 12, 15), date(2026, 3, 10), calendar(), LAW)
