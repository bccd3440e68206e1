"""From when until when is a child of compulsory school age, and with which term does education begin?

Also how old somebody is on a day.

Refuses to know whether the child is at a school, or anything else about them but the day of birth.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from firstbell.sessions import Calendar, CalendarEnds, day_and_year
from firstbell.statute.values import CompulsorySchoolAge
from firstbell.statute.years import years_after_in_full

__all__ = ["age_on", "compulsory_school_age", "day_of_year", "education_due_from_on"]


def compulsory_school_age(born_on: date, rule: CompulsorySchoolAge) -> tuple[date, date]:
    """The first and the last day on which a child born on `born_on` is of compulsory school age.

    It starts on the fifth birthday only if that is itself a prescribed day (31 August, 31 December,
    31 March), otherwise on the next one: born on 1 January, a child waits until 31 March. It ends with the
    last Friday in June of the school year in which the child turns 16, so that a child born on 1 September
    stays a year longer than one born on 31 August.

    Source: Education Act 1996, s.8.
    """
    starts_on = _prescribed_day_from(birthday(born_on, rule.starting_age), rule)
    sixteenth = birthday(born_on, rule.ending_age)
    # Who turns 16 in the summer, after the last Friday in June, has left on it, still aged 15.
    this_year = sixteenth < day_of_year(sixteenth.year, rule.next_year_starts)
    leaving_year = sixteenth.year if this_year else sixteenth.year + 1
    return starts_on, last_weekday(leaving_year, rule.leaving_month, rule.leaving_weekday)


def education_due_from_on(born_on: date, rule: CompulsorySchoolAge, calendar: Calendar) -> date:
    """The first day on which a child must be in full-time education: the first school day of a term.

    It is the term that follows the prescribed day on which the child comes of compulsory school age, not
    that day itself: of age from 31 December, a child born in the autumn must start in January, with the
    first day on which the school meets (after INSET days). Raises `CalendarEnds` where the calendar does
    not hold that term.

    Source: Education Act 1996, s.8, with the days prescribed under it.
    """
    starts_on, _ = compulsory_school_age(born_on, rule)
    # A term follows each prescribed day before the next one: what begins later is not the next term, but
    # the first one that the calendar happens to hold.
    before_on = _prescribed_day_from(starts_on + timedelta(days=1), rule)
    for term in calendar.terms:
        school_days = calendar.school_days(term.starts_on, term.ends_on)
        if school_days and starts_on <= school_days[0] <= before_on:
            return school_days[0]
    raise CalendarEnds(
        f"The calendar of {calendar.school}, from {calendar.starts_on} to {calendar.ends_on}, does not hold "
        f"the term that follows {day_and_year(starts_on)}: add its school year."
    )


def age_on(born_on: date, day: date) -> int:
    """The age in whole years, on `day`, of somebody born on `born_on`; on the birthday the new one."""
    age = day.year - born_on.year
    return age if birthday(born_on, age) <= day else age - 1


def birthday(born_on: date, age: int) -> date:
    """The day somebody born on `born_on` turns `age`; 1 March for 29 February in a common year."""
    return years_after_in_full(born_on, age)


def _prescribed_day_from(day: date, rule: CompulsorySchoolAge) -> date:
    """`day` if it is a prescribed day, else the next one."""
    return min(
        prescribed
        for year in (day.year, day.year + 1)
        for written in rule.prescribed_days
        if (prescribed := day_of_year(year, written)) >= day
    )


def day_of_year(year: int, written: str) -> date:
    """The day of `year` that a table writes as MM-DD."""
    return date.fromisoformat(f"{year}-{written}")


def last_weekday(year: int, month: int, name: str) -> date:
    """The last Friday (or other day, by its English name) of a month."""
    weekday = list(calendar.day_name).index(name)
    last_on = date(year, month, calendar.monthrange(year, month)[1])
    return last_on - timedelta(days=(last_on.weekday() - weekday) % 7)
