"""N: the reason is not known yet

N stands while the reason for an absence is being found out. It must be settled within five school days after
the session, the first school day after it being day 1: weekends, holidays and INSET days do not use the
time up. From the day after, the absence is O. Until then, and as long as nobody has corrected it, N is
unauthorised absence in every figure.
"""

from __future__ import annotations

from datetime import date

from firstbell.measures import Line, crossings
from firstbell.register import reason_due_on
from firstbell.sessions import Half, Session
from firstbell.statute import england
from firstbell.statute.values import ReasonDeadline
from tests.fx import calendar, strips
from tests.spec.worked import worked

LAW = england().on(date(2024, 9, 9))
FIVE_DAYS = "SI 2024/208, reg. 10(7) to (9)"


def due_on(marked_on: date) -> date:
    return reason_due_on(Session(marked_on, Half.AM), calendar(), LAW)


def is_overdue(on: date) -> bool:
    """Whether an N of Monday 9 September 2024 is listed on a day."""
    strip = strips("2024-09-09 N-", present_until=on, ends_on=on)
    return Line.REASON in [crossing.line for crossing in crossings(strip, {"FX": calendar()}, on=on)]


@worked(31, source=FIVE_DAYS)
def test_a_reason_has_five_school_days_and_is_overdue_on_the_sixth() -> None:
    assert due_on(date(2024, 9, 9)) == date(2024, 9, 16)
    assert not is_overdue(on=date(2024, 9, 16))
    assert is_overdue(on=date(2024, 9, 17))
    assert LAW.value(ReasonDeadline).becomes == "O"


@worked(32, source=FIVE_DAYS)
def test_half_term_and_an_INSET_day_do_not_use_the_five_days_up() -> None:
    assert due_on(date(2024, 10, 23)) == date(2024, 11, 7)


@worked(33, source=FIVE_DAYS)
def test_the_easter_holidays_do_not_use_the_five_days_up() -> None:
    assert due_on(date(2025, 4, 4)) == date(2025, 4, 28)


@worked(34, source=FIVE_DAYS)
def test_the_summer_holidays_do_not_use_the_five_days_up() -> None:
    assert due_on(date(2025, 7, 22)) == date(2025, 9, 8)
