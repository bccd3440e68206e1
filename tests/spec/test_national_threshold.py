"""Ten sessions in ten school weeks

Ten sessions of unauthorised absence (G, N, O or U, in any mix) in a rolling ten school weeks oblige a school
to consider a penalty notice. A school week is one in which the school meets at least once. Holidays use up
no weeks, so the ten may reach back over half term, over the summer, and to the pupil's last school. The
window ends with the week of a session and holds that week and the nine before it: ten weeks from the first
session to the last is in time, eleven is not. The rule is about pupils of compulsory school age. If a mark
is corrected later, the pupil may no longer have met it; what was known before stays on record.
"""

from __future__ import annotations

from datetime import date

from firstbell.measures import threshold_met
from firstbell.register import Amendment, AttendanceRegister, Strips, lay_strips
from firstbell.sessions import Half, Session
from firstbell.statute import england
from tests.fx import at, calendar, marks_of, pupil, register_of, strips, strips_of, week
from tests.spec.worked import worked

THRESHOLD = "Working together to improve school attendance (2024): paras 174 to 200, with SI 2024/210"
LAST_DAY = date(2025, 12, 19)


def in_weeks(*numbers: int, mark: str = "U-") -> str:
    """The same mark on the second school day of each of some school weeks of FX."""
    return "\n".join(f"{calendar().nth_school_day(week(number), 2)} {mark}" for number in numbers)


def met_on(strip: Strips) -> list[Session]:
    """The session at which the threshold was first met, if it was."""
    return [strip.axis.session(one.first) for one in threshold_met(strip)]


@worked(58, source=THRESHOLD)
def test_a_week_of_O_meets_it_with_the_tenth_session() -> None:
    cal = strips("2024-09-09..2024-09-13 OO", present_until=LAST_DAY)
    assert met_on(cal) == [Session(date(2024, 9, 13), Half.PM)]


@worked(59, source=THRESHOLD)
def test_a_half_term_week_is_no_school_week() -> None:
    holiday = "2024-09-23..2024-09-24 GG"
    cal = strips(f"{holiday} \n {in_weeks(5, 6, 7, 8, 9, 10)}", present_until=LAST_DAY)
    assert [session.on for session in met_on(cal)] == [date(2024, 11, 12)]


@worked(60, source=THRESHOLD)
def test_one_session_in_each_of_ten_school_weeks_meets_it() -> None:
    ben = strips(in_weeks(*range(1, 11)), present_until=LAST_DAY)
    assert [session.on for session in met_on(ben)] == [date(2024, 11, 12)]


@worked(61, source=THRESHOLD)
def test_a_session_of_the_eleventh_week_back_is_no_longer_counted() -> None:
    ben = strips(in_weeks(1, 2, 3, 4, 5, 6, 7, 8, 9, 11), present_until=LAST_DAY)
    assert met_on(ben) == []


@worked(62, source=THRESHOLD)
def test_the_ten_weeks_reach_back_over_the_summer() -> None:
    cal = strips(f"2025-07-14 OO \n {in_weeks(*range(41, 49))}", present_until=LAST_DAY)
    assert [session.on for session in met_on(cal)] == [date(2025, 10, 21)]


@worked(63, source=THRESHOLD)
def test_eleven_school_weeks_over_the_summer_are_too_many() -> None:
    cal = strips(f"2025-07-07 OO \n {in_weeks(*range(41, 49))}", present_until=LAST_DAY)
    assert met_on(cal) == []


@worked(65, source=THRESHOLD)
def test_sessions_missed_at_the_school_before_are_counted_too() -> None:
    a = pupil("Cal", school="A", ends_on=date(2025, 6, 20))
    b = pupil("Cal", school="B", starts_on=date(2025, 6, 23))
    at_a, at_b = marks_of(in_weeks(*range(30, 36))), marks_of(in_weeks(36, 37, 38, mark="O-"))
    at_b |= marks_of("2025-07-11 -O")
    both = strips_of({a: at_a, b: at_b}, calendars=(calendar("A"), calendar("B")))
    assert met_on(both) == [Session(date(2025, 7, 11), Half.PM)]


@worked(66, source=THRESHOLD)
def test_a_session_of_illness_is_not_counted() -> None:
    ben = strips("2024-09-09..2024-09-12 UU \n 2024-09-13 UI", present_until=LAST_DAY)
    assert met_on(ben) == []


@worked(67, source=THRESHOLD)
def test_N_counts_while_it_stands_and_an_amendment_takes_the_pupil_off_the_list() -> None:
    friday = Session(date(2024, 9, 13), Half.PM)
    taken = register_of({"Cal-FX": marks_of("2024-09-09..2024-09-12 OO \n 2024-09-13 ON")}, england())
    learnt_at = at("2024-09-17 08:30")
    ill = Amendment("1", "Cal-FX", friday, "N", "I", "parent rang", learnt_at, "Gill", "office manager")
    register = AttendanceRegister(taken.saves, (ill,))
    for known_at, met in ((at("2024-09-16 17:00"), [friday]), (learnt_at, [])):
        known = lay_strips([pupil("Cal")], register, {"FX": calendar()}, england(), known_at=known_at)
        assert met_on(known) == met
    assert [entry.symbol for entry in register.entries("Cal-FX", friday, england())] == ["N", "I"]


@worked(69, source=f"{THRESHOLD}; Education Act 1996, s.444")
def test_it_is_not_met_below_compulsory_school_age() -> None:
    eli = pupil("Eli", born_on=date(2020, 5, 4), year_group="R")
    assert met_on(strips("2024-09-09..2024-09-16 OO", enrolment=eli)) == []
