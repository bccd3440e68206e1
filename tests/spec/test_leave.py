"""Leave of absence

Leave is asked for beforehand and granted by somebody whom the school has authorised; it is never granted
afterwards. A holiday taken without it is G for good, and an interview that nobody asked about is O. R is for
the day that the parent's religious body sets apart and for no day added to it. A part-time timetable (C2) is
for pupils of compulsory school age; the others have X. Study leave (S) ends with the pupil's last public
examination. A child of a travelling family needs 200 attendances in twelve months, from the age of six, for
the defence that the law gives its parents.
"""

from __future__ import annotations

from datetime import date

from firstbell.measures import count, mobile_child_attendances, mobile_child_defence_open
from firstbell.register import Amendment, Detail, problems_with_amendment, problems_with_mark
from firstbell.sessions import Half, Session
from firstbell.statute import england
from tests.fx import at, marks_with, pupil, strips_of, written
from tests.spec.worked import worked

LAW = england()
IN_ADVANCE = "SI 2024/208, reg. 11"


@worked(80, source=IN_ADVANCE)
def test_a_holiday_nobody_asked_for_is_G_and_cannot_become_C_later() -> None:
    session = Session(date(2024, 11, 12), Half.AM)
    assert problems_with_mark("G", session, LAW) == []
    back_at = at("2024-11-18 09:00")
    later = Amendment("1", "Cal-FX", session, "G", "C", "asked on return", back_at, "Gill", "office manager")
    asked_on_return = Detail(asked_on=date(2024, 11, 18))
    (refused,) = problems_with_amendment(later, LAW, said="G", detail=asked_on_return)
    assert refused.rule == "leave-not-in-advance"


@worked(81, source="SI 2024/208, reg. 10, Table 3: religious observance")
def test_of_two_festival_days_only_the_one_the_religious_body_sets_apart_is_R() -> None:
    with_leave, without = count(written("RR CC")).of(0), count(written("RR OO")).of(0)
    assert (with_leave.authorised, with_leave.unauthorised) == (4, 0)
    assert (without.authorised, without.unauthorised) == (2, 2)


@worked(82, source="SI 2024/208, reg. 11(6)")
def test_a_reduced_timetable_below_compulsory_school_age_is_X_and_not_C2() -> None:
    session = Session(date(2024, 11, 12), Half.PM)
    eli = pupil("Eli", born_on=date(2020, 5, 4), year_group="R")
    (refused,) = problems_with_mark("C2", session, LAW, enrolment=eli)
    assert (refused.rule, refused.remedy) == ("code-age", "Use X.")
    assert problems_with_mark("X", session, LAW, enrolment=eli) == []


@worked(83, source="Education Act 1996, s.444(6)")
def test_a_travelling_family_of_a_child_of_seven_needs_200_attendances_in_twelve_months() -> None:
    on = date(2025, 7, 22)
    child = pupil("Cal", born_on=date(2017, 10, 1), year_group="2")
    enough, too_few = (strips_of({child: marks_with(0, possible=n)}, ends_on=on) for n in (200, 199))
    assert mobile_child_attendances(too_few, on=on).tolist() == [199]
    assert mobile_child_defence_open(too_few, on=on).tolist() == [False]
    assert mobile_child_defence_open(enough, on=on).tolist() == [True]
    later = date(2025, 9, 30)  # what was attended before October 2024 is no longer counted
    assert mobile_child_defence_open(enough, on=later).tolist() == [False]


@worked(84, source="SI 2024/208, reg. 11(4)")
def test_an_interview_nobody_asked_about_is_O_and_not_J1() -> None:
    session, unasked = Session(date(2025, 3, 12), Half.AM), Detail("interview at a college")
    (refused,) = problems_with_mark("J1", session, LAW, detail=unasked)
    assert refused.rule == "leave-not-in-advance"
    assert problems_with_mark("O", session, LAW, detail=unasked) == []


@worked(85, source="local authority practice: study leave ends with the last examination")
def test_the_day_after_the_last_examination_is_C_and_S_is_warned_about() -> None:
    leaver = pupil("Cal", born_on=date(2010, 2, 1), year_group="11")
    leave = Detail(asked_on=date(2026, 5, 1), last_exam_on=date(2026, 6, 17))
    last_exam, day_after = (Session(date(2026, 6, day), Half.AM) for day in (17, 18))
    (warning,) = problems_with_mark("S", day_after, LAW, enrolment=leaver, detail=leave)
    assert (warning.rule, warning.severity) == ("study-leave-ended", "warning")
    assert problems_with_mark("S", last_exam, LAW, enrolment=leaver, detail=leave) == []
    assert problems_with_mark("C", day_after, LAW, enrolment=leaver, detail=leave) == []
