"""Ten and twenty school days without a break

Three rules count school days of absence that follow each other, weekends and holidays passed over. Ten days
of unauthorised absence, every session of them, put a pupil on the attendance return. Twenty days marked G, N
or O and nothing else may open a ground for deletion, and ten days after the end of leave another: but only
once school and local authority have jointly looked for the pupil, and nothing points to sickness or an
unavoidable cause. A single U breaks the twenty days, because the pupil was in school.
"""

from __future__ import annotations

from datetime import date

from firstbell.measures import RunKind, runs
from firstbell.register import Enquiries, Strips, last_day_to_return_on, problems_with_deletion
from firstbell.statute import england
from firstbell.statute.values import StatutoryReturn
from tests.fx import calendar, strips
from tests.spec.worked import worked

LAW = england().on(date(2024, 11, 11))
RETURN = "SI 2024/208, reg. 13: the attendance return"
GROUND_I = "SI 2024/208, reg. 9(1)(i)"
GROUND_H = "SI 2024/208, reg. 9(1)(h)"
AWAY_FROM_7_OCTOBER = "2024-10-07..2024-11-11 OO"


def reached_on(strip: Strips, kind: RunKind, days: int) -> list[date]:
    """The day on which a run became so many school days long, if one did."""
    return [strip.axis.days[run.reached[days - 1]] for run in runs(strip, kind, at_least=days)]


@worked(40, source=f"{RETURN}; {GROUND_I}")
def test_five_weeks_of_O_reach_ten_days_for_the_return_and_twenty_for_a_ground() -> None:
    cal = strips(AWAY_FROM_7_OCTOBER, present_until=date(2024, 11, 15))
    assert reached_on(cal, RunKind.UNAUTHORISED, 10) == [date(2024, 10, 18)]
    assert reached_on(cal, RunKind.UNEXPLAINED, 20) == [date(2024, 11, 11)]


@worked(41, source=GROUND_I)
def test_a_single_U_in_the_twenty_days_closes_the_ground() -> None:
    cal = strips(f"{AWAY_FROM_7_OCTOBER} \n 2024-10-22 U-", present_until=date(2024, 11, 15))
    assert reached_on(cal, RunKind.UNEXPLAINED, 20) == []
    assert reached_on(cal, RunKind.UNAUTHORISED, 20) == [date(2024, 11, 11)]


@worked(source=GROUND_I)
def test_a_closed_school_breaks_the_twenty_days_too_and_a_planned_closure_is_no_school_day() -> None:
    snow = strips(f"{AWAY_FROM_7_OCTOBER} \n 2024-10-22 Y4Y4", present_until=date(2024, 11, 15))
    planned = strips(
        f"{AWAY_FROM_7_OCTOBER} \n 2024-10-22 ##\n2024-11-12 OO", present_until=date(2024, 11, 15)
    )
    assert reached_on(snow, RunKind.UNEXPLAINED, 20) == []
    assert reached_on(planned, RunKind.UNEXPLAINED, 20) == [date(2024, 11, 12)]


@worked(42, source=GROUND_I)
def test_twenty_days_are_not_enough_while_the_authority_has_not_joined_the_enquiries() -> None:
    alone, together = Enquiries(school_days=20, joint=False), Enquiries(school_days=20, joint=True)
    (refused,) = problems_with_deletion("i", LAW, of_age=True, enquiries=alone)
    assert refused.rule == "deletion-enquiries"
    assert problems_with_deletion("i", LAW, of_age=True, enquiries=together) == []


@worked(43, source=GROUND_I)
def test_twenty_school_days_from_25_November_end_with_the_autumn_term() -> None:
    cal = strips("2024-11-25..2024-12-20 OO", present_until=date(2024, 12, 20))
    assert reached_on(cal, RunKind.UNEXPLAINED, 20) == [date(2024, 12, 20)]


@worked(44, source=GROUND_H)
def test_who_does_not_come_back_from_leave_keeps_their_name_for_ten_school_days() -> None:
    assert last_day_to_return_on(date(2025, 1, 24), calendar(), LAW) == date(2025, 2, 7)
    nine_days = Enquiries(school_days=9, joint=True)
    (refused,) = problems_with_deletion("h", LAW, of_age=True, enquiries=nine_days)
    assert refused.rule == "deletion-too-early"


@worked(45, source=GROUND_H)
def test_half_term_and_INSET_lengthen_the_time_to_come_back() -> None:
    assert last_day_to_return_on(date(2025, 2, 7), calendar(), LAW) == date(2025, 3, 3)


@worked(51, source=RETURN)
def test_a_day_of_illness_breaks_the_ten_days_and_leaves_it_to_the_school_to_judge() -> None:
    cal = strips("2024-10-07..2024-10-17 OO \n 2024-10-18 II", present_until=date(2024, 10, 24))
    (attendance,) = (row for row in LAW.all(StatutoryReturn) if row.name == "attendance")
    assert reached_on(cal, RunKind.UNAUTHORISED, 10) == []
    assert "fails to attend regularly" in attendance.when
