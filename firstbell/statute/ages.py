"""From when until when is a child of compulsory school age? How old is somebody on a day?

Refuses to know whether the child is at a school, or anything else about them but the day of birth.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from firstbell.statute.values import CompulsorySchoolAge

__all__ = ["age_on", "compulsory_school_age", "day_of_year"]


def compulsory_school_age(born_on: date, rule: CompulsorySchoolAge) -> tuple[date, date]:
    """The first and the last day on which a child born on `born_on` is of compulsory school age.

    It starts on the fifth birthday only if that is itself a prescribed day (31 August, 31 December,
    31 March), otherwise on the next one: born on 1 January, a child waits until 31 March. It ends with the
    last Friday in June of the school year in which the child turns 16, so that a child born on 1 September
    stays a year longer than one born on 31 August.

    Source: Education Act 1996, s.8.
    """
    fifth = birthday(born_on, rule.starting_age)
    starts_on = min(
        day
        for year in (fifth.year, fifth.year + 1)
        for prescribed in rule.prescribed_days
        if (day := day_of_year(year, prescribed)) >= fifth
    )
    sixteenth = birthday(born_on, rule.ending_age)
    # Who turns 16 in the summer, after the last Friday in June, has left on it, still aged 15.
    this_year = sixteenth < day_of_year(sixteenth.year, rule.next_year_starts)
    leaving_year = sixteenth.year if this_year else sixteenth.year + 1
    return starts_on, last_weekday(leaving_year, rule.leaving_month, rule.leaving_weekday)


def age_on(born_on: date, day: date) -> int:
    """The age in whole years, on `day`, of somebody born on `born_on`; on the birthday the new one."""
    age = day.year - born_on.year
    return age if birthday(born_on, age) <= day else age - 1


def birthday(born_on: date, age: int) -> date:
    """The day somebody born on `born_on` turns `age`; 1 March for 29 February in a common year."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)


def day_of_year(year: int, written: str) -> date:
    """The day of `year` that a table writes as MM-DD."""
    return date.fromisoformat(f"{year}-{written}")


def last_weekday(year: int, month: int, name: str) -> date:
    """The last Friday (or other day, by its English name) of a month."""
    weekday = list(calendar.day_name).index(name)
    last_on = date(year, month, calendar.monthrange(year, month)[1])
    return last_on - timedelta(days=(last_on.weekday() - weekday) % 7)
