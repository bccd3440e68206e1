"""Which day is the same day some months or years later, where the calendar has no such day?

Two answers, because two things are asked. A time limit ends on the last day of a month that is too short;
a time for which something must be kept, or somebody must have lived, is not over until it is full.
"""

from __future__ import annotations

import calendar
from datetime import date

__all__ = ["months_after", "years_after_in_full"]


def months_after(day: date, months: int) -> date:
    """The same day `months` later (earlier if negative), or the last day of a month that is too short.

    For limits: six months from 31 August end on 28 February.
    """
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def years_after_in_full(day: date, years: int) -> date:
    """The first day on which `years` are over since `day`; 1 March for 29 February in a common year.

    For keeping and for ages: an entry of 29 February 2028 that is kept six years may go on 1 March 2034,
    not on 28 February, when a day is still missing.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
