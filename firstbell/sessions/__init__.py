"""Which sessions, school days, school weeks and terms are there, for which year group?

A session is half a school day and the unit of everything. A `Calendar` is one school's; an `Axis` lays
several years and schools on one line. Ranges include both their ends. This layer knows no law: how many
school days something may take is said elsewhere, counting them is done here.
"""

from firstbell.sessions.axis import Axis
from firstbell.sessions.calendar import (
    LONDON,
    Calendar,
    CalendarEnds,
    Closure,
    GroupDays,
    HalfTerm,
    Period,
    SchoolWeek,
    SessionTimes,
    Times,
    monday_of,
)
from firstbell.sessions.days import (
    Half,
    Session,
    bank_holidays,
    bank_holidays_in,
    day_and_year,
    easter_sunday,
    read_bank_holidays,
    spring_bank_holiday,
)
from firstbell.sessions.reading import read_calendar, read_icalendar

__all__ = [
    "LONDON",
    "Axis",
    "Calendar",
    "CalendarEnds",
    "Closure",
    "GroupDays",
    "Half",
    "HalfTerm",
    "Period",
    "SchoolWeek",
    "Session",
    "SessionTimes",
    "Times",
    "bank_holidays",
    "bank_holidays_in",
    "day_and_year",
    "easter_sunday",
    "monday_of",
    "read_bank_holidays",
    "read_calendar",
    "read_icalendar",
    "spring_bank_holiday",
]
