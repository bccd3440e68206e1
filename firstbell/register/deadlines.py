"""Until when may a reason be open, and an entry be kept? When is a return due?

Counting of days only: what follows when a day has passed is said by the duties above.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TypeVar

from firstbell.sessions import Calendar, CalendarEnds, Half, Session, SessionTimes
from firstbell.statute import Law, NoLaw, Value
from firstbell.statute.values import (
    DeletionGround,
    ReasonDeadline,
    RegisterOpening,
    Retention,
    SicknessCounting,
    StatutoryReturn,
)
from firstbell.statute.years import years_after_in_full

__all__ = [
    "deletion_return_due_on",
    "disposable_from_on",
    "last_day_to_return_on",
    "mark_on_arrival",
    "new_pupil_return_due_on",
    "reason_due_on",
    "sickness_return_due_on",
]

_V = TypeVar("_V", bound=Value)


def mark_on_arrival(
    arrived: time, session: Session, times: SessionTimes, law: Law, *, instead: str | None = None
) -> str:
    r"""The mark for a pupil who comes in at `arrived`, local time.

    By the minute the register opens, or after which a policy calls them late: present. By the minute it
    closes: late. After it has closed: late after the register closed, unless another code says why
    (`instead`, such as M for an appointment). The minute of closing itself still counts as before it, with
    all its seconds. Whoever comes when the session has ended was absent from it, for a reason not yet known.
    Raises `NoLaw` for a day without codes.

    Source: School Attendance (Pupil Registration) (England) Regulations 2024, reg 10.
    """
    minute = arrived.replace(second=0, microsecond=0)
    if minute <= times.in_time_until:
        return "/" if session.half is Half.AM else "\\"
    if minute <= times.closes:
        return _code_for(law, "before close")
    if times.ends is not None and minute > times.ends:
        return instead or law.all_or_first(RegisterOpening)[0].unknown_code
    return instead or _code_for(law, "after close")


def _code_for(law: Law, late: str) -> str:
    return next(code.symbol for code in law.codes.values() if code.late == late)


def reason_due_on(session: Session, calendar: Calendar, law: Law, year_group: str | None = None) -> date:
    """The last day on which a mark of `session` may say that the reason is not yet known.

    Five school days after the session's day: the first school day after it is day 1, so that weekends,
    holidays and INSET days lengthen the time. From the day after, the absence is unauthorised. Raises
    `CalendarEnds` where the next year's days are not known.

    Source: SI 2024/208 reg 10(7)-(9).
    """
    return calendar.nth_school_day_after(session.on, law.value(ReasonDeadline).school_days, year_group)


def disposable_from_on(made_on: date, law: Law) -> date:
    """The first day on which an entry made on `made_on` need no longer be kept, by the law of disposal's day.

    Six full years from the day the *entry* was made, not the session: an amendment is an entry of its own.
    Entries made under the older Regulations are kept as long by the law of today.

    Source: SI 2024/208 reg 7.
    """
    return years_after_in_full(made_on, law.value(Retention).years)


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
    days = _row(law, StatutoryReturn, "new pupil").calendar_days
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
    ground = _row(law, DeletionGround, "h")
    return calendar.nth_school_day_after(leave_ends_on, ground.school_days or 0, year_group)


def sickness_return_due_on(
    ill_days: int,
    learnt_on: date,
    expected_until_on: date,
    calendar: Calendar,
    law: Law,
    year_group: str | None = None,
    *,
    ill_from_on: date | None = None,
) -> date | None:
    """The day on which the authority must be told of a sickness, or None while it need not be.

    `ill_days` are the school days of the school year missed through sickness before `learnt_on`, the day
    on which the school learnt that the pupil will be ill until `expected_until_on`, from `ill_from_on` (a
    planned operation) or that day on. It is due at once when fifteen days fall into one school year, in a
    row or not: nobody waits for the fifteenth day to come. Each school year counts for itself; the days
    missed before belong to the year of `learnt_on`. Raises `CalendarEnds` where days beyond the calendar
    could decide it.

    Source: SI 2024/208 reg 13.
    """
    needed = law.value(SicknessCounting).school_days
    starts_on = max(learnt_on, ill_from_on or learnt_on)
    now = calendar.year(learnt_on)
    for year in calendar.years:
        first_on, last_on = max(starts_on, year.starts_on), min(expected_until_on, year.ends_on)
        days = len(calendar.school_days(first_on, last_on, year_group))
        if days + (ill_days if year == now else 0) >= needed:
            return learnt_on
    if expected_until_on > calendar.years[-1].ends_on:
        raise CalendarEnds(
            f"The illness is expected to last until {expected_until_on}, beyond {calendar.ends_on}, the last "
            f"day in the calendar of {calendar.school}: add the days after it."
        )
    return None


def _row(law: Law, kind: type[_V], key: str) -> _V:
    """The row of a table by its key. Raises `NoLaw` for a day on which there is none."""
    for row in law.all(kind):
        if getattr(row, row.key) == key:
            return row
    law.value(kind)  # says from which day on there are any
    raise NoLaw(f'There is no {kind.table} "{key}" on {law.on}.')
