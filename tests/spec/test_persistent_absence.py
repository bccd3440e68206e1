"""Persistent and severe absence

A pupil is persistently absent at ten per cent or more of their own possible sessions, and severely absent at
half or more; all absence counts, with leave or without. Who is severely absent is persistently absent too,
so that the rate of persistent absence includes both. The comparison is made with whole numbers: a rate that
is shown as 10.0% may still be less than a tenth, and a test for "attendance below 90%" would miss the pupil
at exactly 90. What is rounded is only what is shown.
"""

from __future__ import annotations

from datetime import date

from firstbell.measures import Rate, Totals, count
from firstbell.statute import england
from firstbell.statute.values import PersistentAbsence, SevereAbsence
from tests.fx import marks_with, pupil, strips_of
from tests.spec.worked import worked

LAW = england().on(date(2025, 7, 22))
PERSISTENT, SEVERE = LAW.value(PersistentAbsence).share, LAW.value(SevereAbsence).share
PERSISTENTLY = "absence statistics methodology: persistent absence"
SEVERELY = "absence statistics methodology: severe absence"


def missed(absent: int, possible: int) -> Totals:
    return count(strips_of({pupil("Cal"): marks_with(absent, possible)})).of(0)


@worked(16, source=PERSISTENTLY)
def test_37_sessions_of_380_are_not_persistent_absence() -> None:
    assert missed(37, 380).absence.shown(2) == "9.74%"
    assert not missed(37, 380).absence.at_least(PERSISTENT)


@worked(17, source=PERSISTENTLY)
def test_38_sessions_of_380_are_exactly_a_tenth_and_persistent_absence() -> None:
    assert missed(38, 380).absence.shown(2) == "10.00%"
    assert missed(38, 380).absence.at_least(PERSISTENT)


@worked(18, source=PERSISTENTLY)
def test_38_sessions_of_381_show_as_ten_per_cent_and_are_not_persistent_absence() -> None:
    assert missed(38, 381).absence.shown(2) == "9.97%"
    assert missed(38, 381).absence.shown() == "10.0%"
    assert not missed(38, 381).absence.at_least(PERSISTENT)


@worked(19, source=PERSISTENTLY)
def test_38_sessions_of_379_are_persistent_absence() -> None:
    assert missed(38, 379).absence.shown(2) == "10.03%"
    assert missed(38, 379).absence.at_least(PERSISTENT)


@worked(20, source=SEVERELY)
def test_half_of_all_sessions_is_severe_absence_and_one_session_less_is_not() -> None:
    half, almost = missed(190, 380).absence, missed(189, 380).absence
    assert half.at_least(SEVERE)
    assert almost.at_least(PERSISTENT)
    assert not almost.at_least(SEVERE)


@worked(21, source=PERSISTENTLY)
def test_a_pupil_at_exactly_ninety_per_cent_attendance_is_persistently_absent() -> None:
    assert missed(20, 200).attendance.shown(2) == "90.00%"
    assert missed(20, 200).absence.at_least(PERSISTENT)
    assert not missed(19, 200).absence.at_least(PERSISTENT)


@worked(22, source=PERSISTENTLY)
def test_the_rate_of_persistent_absence_includes_severe_absence() -> None:
    sessions_missed = [2] * 15 + [10] * 3 + [0] * 82
    marks = {pupil(f"pupil {n}"): marks_with(absent, 20) for n, absent in enumerate(sessions_missed)}
    counts = count(strips_of(marks))
    enrolments = counts.total().enrolments
    assert Rate(int(counts.absent_at_least(PERSISTENT).sum()), enrolments) == Rate(18, 100)
    assert Rate(int(counts.absent_at_least(SEVERE).sum()), enrolments) == Rate(3, 100)
