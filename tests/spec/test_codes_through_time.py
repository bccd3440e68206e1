r"""A mark is read by the law of its own day

On 19 August 2024 the codes changed. J, H and Y were withdrawn; K, Q, C1, C2, J1 and Y1 to Y7 came. A mark
made before that day keeps the meaning it had when it was made, even in a figure worked out years later, and
nothing is ever recoded. A withdrawn code cannot be entered for a session since then: the refusal says when
it went and what to use instead. In the coronavirus years X had a second meaning: for a pupil of compulsory
school age such a session was possible, and neither attended nor an absence.
"""

from __future__ import annotations

from datetime import date

from firstbell.measures import count
from firstbell.register import problems_with_mark
from firstbell.sessions import Half, Session
from firstbell.statute import england
from tests.fx import pupil, written
from tests.spec.worked import worked

CODES = "SI 2024/208, reg. 10; before that SI 2006/1751 and the national codes"
CORONAVIRUS = "coronavirus addenda 2020 to 2022; absence statistics methodology"


@worked(7, source=CODES)
def test_an_interview_was_attended_until_August_2024_and_is_an_absence_since() -> None:
    before = count(written("JJ", first_on=date(2023, 11, 13))).of(0)
    since = count(written("J1J1", first_on=date(2024, 11, 12))).of(0)
    assert (before.possible, before.attended, before.authorised) == (2, 2, 0)
    assert (since.possible, since.attended, since.authorised) == (2, 0, 2)


@worked(8, source=CODES)
def test_a_holiday_with_leave_was_H_until_August_2024_and_H_is_refused_since() -> None:
    before = count(written("HH", first_on=date(2024, 3, 12))).of(0)
    (refused,) = problems_with_mark("H", Session(date(2025, 3, 12), Half.AM), england())
    assert (before.possible, before.authorised) == (2, 2)
    assert (refused.rule, refused.severity) == ("code-not-in-force", "error")
    assert "withdrawn after 18 August 2024" in refused.what


@worked(9, source=CODES)
def test_a_closed_school_was_Y_until_August_2024_and_one_of_Y1_to_Y7_since() -> None:
    before = count(written("YY", first_on=date(2024, 3, 1))).of(0)
    (refused,) = problems_with_mark("Y", Session(date(2025, 3, 3), Half.AM), england())
    assert (before.possible, before.attended, before.absent) == (0, 0, 0)
    assert refused.rule == "code-not-in-force"
    assert all(f"Y{number}" in refused.remedy for number in range(1, 8))


@worked(10, source=CORONAVIRUS)
def test_a_session_away_for_coronavirus_was_possible_and_neither_attended_nor_missed() -> None:
    week = count(written(r"/\ /\ /\ II X02X02", first_on=date(2020, 11, 9))).of(0)
    assert (week.possible, week.attended, week.absent) == (10, 6, 2)
    assert week.attendance.shown(2) == "60.00%"
    assert week.absence.shown(2) == "20.00%"


@worked(source=CORONAVIRUS)
def test_the_age_of_the_pupil_told_what_a_plain_X_of_those_years_meant() -> None:
    of_age = count(written("XX", first_on=date(2020, 11, 9))).of(0)
    eli = pupil("Eli", born_on=date(2016, 11, 20), starts_on=date(2020, 11, 9))
    below = count(written("XX", first_on=date(2020, 11, 9), enrolment=eli)).of(0)
    assert (of_age.possible, of_age.absent) == (2, 0)
    assert below.possible == 0
