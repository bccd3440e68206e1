r"""Official statistics

The Department counts enrolments, not pupils: who moves is counted at each school, with the sessions of
each. Counted are those aged 5 to 15 on 31 August before the school year. The year has four census periods;
the last is the second half of the summer term, and in it those who were 15 are left out, because study leave
would otherwise look like absence. Who first enrols in that half term is left out as well. A school may look
at its own whole year all the same: it only has to say which of the two figures it shows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from firstbell.measures import census_periods, count, in_statistics, statistics_sessions
from firstbell.statute import CompulsorySchoolAge, compulsory_school_age, england
from firstbell.statute.values import PersistentAbsence
from tests.fx import calendar, marks_of, marks_with, pupil, strips, strips_of
from tests.spec.worked import worked

LAW = england().on(date(2025, 7, 22))
PERSISTENT = LAW.value(PersistentAbsence).share
SUMMER_ENDS_ON = date(2025, 7, 22)
COVERAGE = "absence statistics methodology: coverage"


@worked(source="absence statistics methodology: census periods")
def test_easter_and_the_spring_bank_holiday_part_the_census_periods() -> None:
    periods = census_periods(2024, LAW)
    sessions = [len(calendar().sessions(period.starts_on, period.ends_on)) for period in periods]
    assert sessions == [146, 116, 46, 72]


@worked(23, source=COVERAGE)
def test_the_last_half_term_of_pupils_who_were_fifteen_is_left_out() -> None:
    leaver = pupil("Cal", born_on=date(2009, 2, 1), year_group="11")
    away = "2024-11-04..2024-11-22 II \n 2025-06-03..2025-06-30 SS"
    year = strips(away, enrolment=leaver, present_until=SUMMER_ENDS_ON, ends_on=SUMMER_ENDS_ON)
    official, local = count(year, statistics_sessions(year, 2024)).of(0), count(year).of(0)
    assert (official.absent, official.possible, official.absence.shown(2)) == (30, 308, "9.74%")
    assert not official.absence.at_least(PERSISTENT)
    assert (local.absent, local.possible, local.absence.shown()) == (70, 380, "18.4%")


@worked(24, source=COVERAGE)
def test_a_pupil_who_moves_is_two_enrolments_each_with_its_own_rate() -> None:
    at_a, at_b = marks_with(10, possible=200), marks_with(15, possible=100, after=200)
    a = pupil("Cal", school="A", ends_on=max(at_a).on)
    b = pupil("Cal", school="B", starts_on=min(at_b).on)
    schools = (calendar("A"), calendar("B"))
    both = strips_of({a: at_a, b: at_b}, calendars=schools, ends_on=SUMMER_ENDS_ON)
    counts = count(both, statistics_sessions(both, 2024))
    assert [counts.of(row).absence.shown(2) for row in (0, 1)] == ["5.00%", "15.00%"]
    assert counts.absent_at_least(PERSISTENT).tolist() == [False, True]
    assert in_statistics(both, 2024).tolist() == [True, True]


@worked(25, source=COVERAGE)
def test_who_first_enrols_in_the_last_half_term_is_left_out() -> None:
    fay = pupil("Fay", starts_on=date(2025, 6, 9))
    earlier = replace(fay, id="earlier", pupil="Amira", starts_on=date(2025, 5, 6))
    present = marks_of("", present_until=SUMMER_ENDS_ON)
    year = strips_of({fay: present, earlier: present}, ends_on=SUMMER_ENDS_ON)
    assert in_statistics(year, 2024).tolist() == [False, True]


@worked(26, source=COVERAGE)
def test_who_was_four_on_31_August_is_left_out_all_year_and_marked_like_everybody() -> None:
    eli = pupil("Eli", born_on=date(2019, 11, 15), year_group="R")
    year = strips(enrolment=eli, present_until=SUMMER_ENDS_ON, ends_on=SUMMER_ENDS_ON)
    assert compulsory_school_age(date(2019, 11, 15), LAW.value(CompulsorySchoolAge))[0] == date(2024, 12, 31)
    assert count(year).of(0).possible == 380
    assert in_statistics(year, 2024).tolist() == [False]
