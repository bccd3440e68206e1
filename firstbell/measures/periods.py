"""Which stretch of days is meant: a year, a term, a census period, the last weeks, the last twelve months?

And who is in the Department's statistics: only with its periods and its ages do figures agree with it.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.measures.counts import as_mask, count
from firstbell.register import Strips
from firstbell.sessions import Calendar, Period, easter_sunday, monday_of, spring_bank_holiday
from firstbell.statute import CensusPeriod, Law
from firstbell.statute.ages import age_on, day_of_year
from firstbell.statute.notices import months_after
from firstbell.statute.values import StatisticsCohort

__all__ = [
    "census_periods",
    "in_statistics",
    "last_months",
    "last_school_weeks",
    "statistics_sessions",
]

BoolArray = NDArray[np.bool_]


def last_school_weeks(
    calendar: Calendar, on: date, weeks: int, year_group: str | None = None
) -> Period | None:
    """The last so many school weeks to `on`, from the Monday of the first; None if there was none.

    Weeks without a session are passed over, so the stretch may reach back across holidays and years.
    """
    found = calendar.last_school_weeks(on, weeks, year_group)
    if not found:
        return None
    return Period(f"the last {len(found)} school weeks", found[0].monday_on, on)


def last_months(on: date, months: int = 12) -> Period:
    """The months up to and including `on`: twelve months to 5 March begin on 6 March."""
    return Period(f"the last {months} months", months_after(on, -months) + timedelta(days=1), on)


def census_periods(starting_year: int, law: Law) -> tuple[Period, ...]:
    """The periods for which absence is collected in the school year that starts in September of a year.

    Easter parts spring from summer, and the spring bank holiday the two halves of summer: both move.

    Source: methodology of the Department's absence statistics.
    """
    return tuple(
        Period(p.name, _anchor(p.starts, starting_year), _anchor(p.ends, starting_year))
        for p in law.all(CensusPeriod)
    )


def _anchor(written: str, starting_year: int) -> date:
    """A day of a census period: "08-01" or "easter+1" or "sunday before spring bank holiday"."""
    holiday_on = spring_bank_holiday(starting_year + 1)
    moving = {
        "easter": easter_sunday(starting_year + 1),
        "spring bank holiday": holiday_on,
        "sunday before spring bank holiday": monday_of(holiday_on) - timedelta(days=1),
    }
    for name, day in moving.items():
        if written.startswith(name):
            return day + timedelta(days=int(written.removeprefix(name) or 0))
    day = day_of_year(starting_year, written)
    return day if day.month >= 8 else day_of_year(starting_year + 1, written)


def statistics_sessions(strips: Strips, starting_year: int) -> BoolArray:
    """bool[enrolment, session]: the sessions that official full-year figures are made of.

    From August to July, without the second half of the summer term for those aged 15 at the start of the
    year, whose study leave would otherwise count. A local figure may show it, labelled.
    """
    law = strips.law.laws[-1]
    cohort = law.value(StatisticsCohort)
    periods = census_periods(starting_year, law)
    whole = strips.axis.between(periods[0].starts_on, periods[-1].ends_on)
    late_summer = strips.axis.between(periods[-1].starts_on, periods[-1].ends_on)
    chosen = np.tile(as_mask(strips, whole), (len(strips.enrolments), 1))
    for row, enrolment in enumerate(strips.enrolments):
        if enrolment.born_on is None:
            continue
        age = age_on(enrolment.born_on, day_of_year(starting_year, cohort.age_on))
        if age == cohort.no_second_half_summer_age:
            chosen[row, late_summer] = False
    return chosen


def in_statistics(strips: Strips, starting_year: int) -> BoolArray:
    """bool[enrolment]: who is counted in official full-year figures.

    Aged 5 to 15 on 31 August before the year: a four-year-old in reception is out all year, even when
    they come of compulsory school age in the middle of it. No boarders; nobody without a possible session
    or with more absences than possible sessions; nobody first enrolled in the second half of the summer
    term. It is the enrolment that is counted: a pupil who moves counts at each school.
    """
    law = strips.law.laws[-1]
    cohort = law.value(StatisticsCohort)
    late_summer = census_periods(starting_year, law)[-1]
    counts = count(strips, statistics_sessions(strips, starting_year))
    counted = (counts.possible > 0) & (counts.absent <= counts.possible)
    first_on: dict[str, date] = {}
    for enrolment in strips.enrolments:
        first_on[enrolment.pupil] = min(first_on.get(enrolment.pupil, date.max), enrolment.starts_on)
    for row, enrolment in enumerate(strips.enrolments):
        if enrolment.boarder and not cohort.boarders:
            counted[row] = False
        if first_on[enrolment.pupil] >= late_summer.starts_on:
            counted[row] = False
        if enrolment.born_on is not None:
            age = age_on(enrolment.born_on, day_of_year(starting_year, cohort.age_on))
            counted[row] &= cohort.youngest <= age <= cohort.oldest
    return counted
