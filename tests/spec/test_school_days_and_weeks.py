"""School days and school weeks

A school day is a day on which the school meets for pupils: no weekend, no holiday, no bank holiday, no INSET
day. A school week is a week from Monday to Sunday with at least one session. A week of two days is a whole
school week; a week of nothing but INSET days is none. Where a time is said in school days, it has to be said
too whether its first day counts: in an improvement period it does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from firstbell.measures import threshold_met
from firstbell.sessions import Closure
from tests.fx import calendar, marks_of, pupil, strips_of, week
from tests.spec.worked import worked

SCHOOL_WEEK = "Working together to improve school attendance (2024): paras 174 to 200, what a school week is"


@worked(64, source=SCHOOL_WEEK)
def test_a_week_of_two_days_is_a_whole_school_week() -> None:
    (short,) = calendar().school_weeks(date(2025, 7, 21), date(2025, 7, 27))
    assert short.days == (date(2025, 7, 21), date(2025, 7, 22))
    last_three = calendar().last_school_weeks(date(2025, 9, 5), 3)
    assert [one.monday_on for one in last_three] == [week(39), week(40), week(41)]


@worked(68, source=SCHOOL_WEEK)
def test_a_week_of_nothing_but_INSET_days_is_no_school_week() -> None:
    training = tuple(Closure(date(2024, 11, day), "INSET") for day in range(11, 16))
    school = replace(calendar(), closures=calendar().closures + training)
    assert school.school_weeks(date(2024, 11, 11), date(2024, 11, 17)) == ()
    # From the week of 2 September to that of 18 November it is now ten school weeks, not eleven.
    marks = marks_of("2024-09-03 UU \n 2024-09-09..2024-09-11 UU \n 2024-11-18 UU", cal=school)
    assert len(threshold_met(strips_of({pupil("Ben"): marks}, calendars=(school,)))) == 1


@worked(77, source="local authority practice: an improvement period of 30 school days, the first included")
def test_an_improvement_period_of_thirty_school_days_passes_over_half_term() -> None:
    assert calendar().nth_school_day(date(2025, 1, 20), 30) == date(2025, 3, 10)
