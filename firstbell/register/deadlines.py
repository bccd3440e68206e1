"""Until when may a reason be open, and an entry be kept? When is a return due?

Counting of days only: what follows when a day has passed is said by the duties above.
"""

from __future__ import annotations

from datetime import date, time, timedelta

from firstbell.sessions import Calendar, Half, Session, SessionTimes
from firstbell.statute import Law
from firstbell.statute.notices import months_after
from firstbell.statute.values import (
    DeletionGround,
    ReasonDeadline,
    RegisterOpening,
    Retention,
    SicknessCounting,
    StatutoryReturn,
)

__all__ = [
    "deletion_return_due_on",
    "disposable_from_on",
    "last_day_to_return_on",
    "mark_on_arrival",
    "new_pupil_return_due_on",
    "reason_due_on",
    "sickness_return_due_on",
]


def mark_on_arrival(
    arrived: time, session: Session, times: SessionTimes, law: Law, *, instead: str | None = None
) -> str:
    r"""The mark for a pupil who comes in at `arrived`, local time.

    By the minute the register opens: present. By the minute it closes: late. After it has closed: late
    after the register closed, unless another code says why (`instead`, such as M for an appointment). The
    minute of closing itself still counts as before it.

    Source: School Attendance (Pupil Registration) (England) Regulations 2024, reg 10.
    """
    opening = law.value(RegisterOpening)
    if arrived <= times.opens:
        return "/" if session.half is Half.AM else "\\"
    if arrived <= times.closes:
        return opening.before_close_code
    return instead or opening.after_close_code


def reason_due_on(session: Session, calendar: Calendar, law: Law, year_group: str | None = None) -> date:
    """The last day on which a mark of `session` may say that the reason is not yet known.

    Five school days after the session's day: the first school day after it is day 1, so that weekends,
    holidays and INSET days lengthen the time. From the day after, the absence is unauthorised. Raises
    `CalendarEnds` where the next year's days are not known.

    Source: SI 2024/208 reg 10(7)-(9).
    """
    return calendar.nth_school_day_after(session.on, law.value(ReasonDeadline).school_days, year_group)


def disposable_from_on(made_on: date, law: Law) -> date:
    """The first day on which an entry made on `made_on` need no longer be kept.

    Six years from the day the *entry* was made, not the session: an amendment is an entry of its own.

    Source: SI 2024/208 reg 7.
    """
    return months_after(made_on, 12 * law.value(Retention).years)


def new_pupil_return_due_on(
    entered_on: date,
    starts_on: date,
    law: Law,
    *,
    most_junior: bool,
    year_starts_on: date,
    authority_asked: bool = False,
) -> date | None:
    """By when the authority must have the admission register's items of a new pupil; None if it need not.

    The fifth day after the day the name was entered, plain days and not school days. Not needed for the
    most junior class on the first day of the school year, unless the authority has asked.

    Source: SI 2024/208 reg 13(1)-(3).
    """
    if most_junior and starts_on == year_starts_on and not authority_asked:
        return None
    days = _return(law, "new pupil").calendar_days
    return None if days is None else entered_on + timedelta(days=days)


def deletion_return_due_on(
    deleted_on: date, *, most_senior: bool, last_term_ends_on: date, authority_asked: bool = False
) -> date | None:
    """By when the authority must be told of a deletion: no later than the deletion; None if it need not.

    Not needed for a pupil of the most senior class whose name is deleted at or after the end of the last
    term of the year. One who leaves that class a week earlier needs it.

    Source: SI 2024/208 reg 13(4)-(6).
    """
    if most_senior and deleted_on >= last_term_ends_on and not authority_asked:
        return None
    return deleted_on


def last_day_to_return_on(
    leave_ends_on: date, calendar: Calendar, law: Law, year_group: str | None = None
) -> date:
    """The last day of the time that a pupil has to come back after leave.

    Ten school days right after the leave, the first of which is day 1. A name cannot be deleted on the
    ground of not having come back until this day is over. Raises `CalendarEnds` where the next year's days
    are not known.

    Source: SI 2024/208 reg 9(1)(h).
    """
    ground = next(row for row in law.all(DeletionGround) if row.letter == "h")
    return calendar.nth_school_day_after(leave_ends_on, ground.school_days or 0, year_group)


def sickness_return_due_on(
    ill_days: int,
    learnt_on: date,
    expected_until_on: date,
    calendar: Calendar,
    law: Law,
    year_group: str | None = None,
) -> date | None:
    """The day on which the authority must be told of a sickness, or None while it need not be.

    `ill_days` are the school days of the school year missed through sickness before `learnt_on`, the day
    on which the school learnt that the pupil will be ill until `expected_until_on`. It is due at once when
    both together make fifteen in the school year, in a row or not: nobody waits for the fifteenth day to
    come. What lies beyond the end of the school year is not counted, because the next one counts anew.

    Source: SI 2024/208 reg 13.
    """
    year = calendar.year(learnt_on)
    last_on = min(expected_until_on, year.ends_on) if year else expected_until_on
    expected = len(calendar.school_days(learnt_on, last_on, year_group))
    return learnt_on if ill_days + expected >= law.value(SicknessCounting).school_days else None


def _return(law: Law, name: str) -> StatutoryReturn:
    return next(row for row in law.all(StatutoryReturn) if row.name == name)
