r"""Percentages

Every mark is one session. Its code says whether the session was possible and whether it was attended. The
rate of attendance is sessions attended out of sessions possible, that of absence is sessions missed out of
the same number. A session that nobody could attend, or that was not due here, is in neither number: it
makes no rate better or worse. A session that nobody has marked yet is not possible either, and is shown as
missing, because it is a gap in the register and not an absence. The rate of a group is the sum of its
sessions, never the average of its pupils' rates.
"""

from __future__ import annotations

from datetime import date

from firstbell.measures import count
from firstbell.statute import england
from firstbell.statute.values import PersistentAbsence, SevereAbsence
from tests.fx import marks_with, pupil, strips_of, written
from tests.spec.worked import worked

RATES = "absence statistics methodology: how rates are worked out"
POSSIBLE = "absence statistics methodology: which sessions are possible"
TABLES = "SI 2024/208, reg. 10, Tables 1 to 3"

LAW = england().on(date(2024, 9, 9))
PERSISTENT, SEVERE = LAW.value(PersistentAbsence).share, LAW.value(SevereAbsence).share


@worked(1, source=RATES)
def test_two_sessions_of_illness_in_a_week_leave_eighty_per_cent() -> None:
    week = count(written(r"/\ /\ /\ /\ II")).of(0)
    assert (week.possible, week.attended, week.authorised) == (10, 8, 2)
    assert week.attendance.shown(2) == "80.00%"
    assert week.authorised_absence.shown(2) == "20.00%"
    assert week.absence.at_least(PERSISTENT)


@worked(2, source=TABLES)
def test_late_before_the_register_closes_is_attended_and_after_it_is_not() -> None:
    weeks = count(written(r"/\ L\ U\ /\ M\ | /\ /\ /\ /\ /\ ")).of(0)
    assert (weeks.possible, weeks.attended) == (20, 18)
    assert weeks.attendance.shown(2) == "90.00%"
    assert weeks.authorised_absence.shown(2) == weeks.unauthorised_absence.shown(2) == "5.00%"
    assert weeks.absence.shown(2) == "10.00%"
    assert weeks.absence.at_least(PERSISTENT)


@worked(3, source=POSSIBLE)
def test_sessions_elsewhere_and_a_closed_school_are_not_possible() -> None:
    days = count(written(r"/\ /\ DD Y4Y4 OO")).of(0)
    assert (days.possible, days.attended, days.unauthorised) == (6, 4, 2)
    assert days.attendance.shown(2) == "66.67%"
    assert days.unauthorised_absence.shown(2) == "33.33%"


@worked(4, source="SI 2024/208, reg. 10(3), Table 2")
def test_an_approved_activity_away_from_school_is_attended() -> None:
    week = count(written(r"BV PW K\ /\ /\ ")).of(0)
    assert (week.possible, week.attended) == (10, 10)
    assert week.attendance.shown(2) == "100.00%"


@worked(5, source=POSSIBLE)
def test_a_pupil_without_a_possible_session_has_no_rate_at_all() -> None:
    eli = pupil("Eli", born_on=date(2020, 5, 4), starts_on=date(2024, 9, 9), year_group="R")
    counts = count(written("XX XX XX XX XX", enrolment=eli))
    assert (counts.of(0).possible, counts.of(0).enrolments) == (0, 0)
    assert counts.of(0).attendance.fraction is None
    assert counts.of(0).attendance.shown() == "no sessions"


@worked(6, source="SI 2024/208, reg. 10, Table 3, with 11(6)")
def test_the_sessions_outside_a_reduced_timetable_are_absence() -> None:
    weeks = count(written(r"/C2 /C2 /C2 /C2 /C2 | /C2 /C2 /C2 /C2 /C2")).of(0)
    assert (weeks.possible, weeks.attended, weeks.authorised) == (20, 10, 10)
    assert weeks.attendance.shown(2) == "50.00%"
    assert weeks.absence.at_least(PERSISTENT)
    assert weeks.absence.at_least(SEVERE)


@worked(11, source="Working together to improve school attendance (2024): administrative codes")
def test_a_planned_closure_is_not_possible() -> None:
    days = count(written(r"## /\ /\ /\ /\ | /\ ")).of(0)
    assert (days.possible, days.attended) == (10, 10)
    assert days.attendance.shown(2) == "100.00%"


@worked(12, source="absence statistics methodology; unmarked sessions as registers' suppliers treat them")
def test_an_unmarked_session_is_shown_as_missing_and_not_counted() -> None:
    week = count(written(r"/\ /\ /\ /\ /-")).of(0)
    assert (week.possible, week.attended, week.missing) == (9, 9, 1)
    assert week.attendance.shown(2) == "100.00%"


@worked(13, source=RATES)
def test_the_rate_of_a_group_is_sum_over_sum_and_no_average_of_rates() -> None:
    amira, ben = marks_with(absent=0, possible=10), marks_with(absent=10, possible=20)
    group = count(strips_of({pupil("Amira"): amira, pupil("Ben"): ben})).total()
    assert (group.possible, group.attended) == (30, 20)
    assert group.attendance.shown(2) == "66.67%"


@worked(14, source=POSSIBLE)
def test_a_session_the_pupil_could_not_get_to_is_not_possible() -> None:
    week = count(written(r"QY1 /\ /\ /\ /\ ")).of(0)
    assert (week.possible, week.attended) == (8, 8)
    assert week.attendance.shown(2) == "100.00%"


@worked(15, source="Working together to improve school attendance (2024): administrative codes")
def test_sessions_before_the_starting_day_are_not_possible() -> None:
    fay = pupil("Fay", starts_on=date(2024, 9, 10))
    week = count(written(r"ZZ /\ /\ /\ /\ ", enrolment=fay)).of(0)
    assert (week.possible, week.attended, week.missing) == (8, 8, 0)
