"""What is asked of a school's registers, before anything is counted: up to which session, for which year?

Cuts the strips at the session of the figures, finds the school year and the law of its day, and gives the
sessions of any period that schools may date differently. Knows no figure and no name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from firstbell.measures import (
    Counts,
    Line,
    census_periods,
    count,
    last_months,
    last_school_weeks,
)
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import Enrolment, Strips
from firstbell.reports.definitions import absence_shares
from firstbell.sessions import Axis, Calendar, Period, Session, day_and_year
from firstbell.statute import Law, NationalThreshold

__all__ = ["NOT_STATED", "Question", "parts_of_year", "question", "starting_year", "value_of", "window_weeks"]

BoolArray = NDArray[np.bool_]

NOT_STATED = "not stated"
"""What stands where nobody has said it of a pupil."""

WEEKS_WITHOUT_THRESHOLD = 10
"""How many school weeks "the last weeks" are on a day on which no law states a window."""


NOBODY = Problem(
    "no-enrolment",
    Place(),
    "There is no enrolment to make figures of.",
    "See what is said about the pupils' file: each of its rows was kept aside.",
)


@dataclass(frozen=True, eq=False)
class Question:
    """Strips that end with the session of the figures, the law of its day, and the year to date.

    `sessions` are those of the year to date: bool[session] for one school, else bool[enrolment, session].
    `shown` marks the enrolments whose name stood in the register in it; `shares` are those of absence.
    """

    strips: Strips
    calendars: Mapping[str, Calendar]
    on: date
    law: Law
    year: Period
    sessions: BoolArray
    shares: Mapping[Line, Fraction]
    least_possible: int
    shown: BoolArray

    def within(self, periods: Mapping[str, Period]) -> Counts:
        """The counts over a period that each school may date differently."""
        return count(self.strips, _sessions(self.strips, periods))


def question(whole: Strips, calendars: Mapping[str, Calendar], on: Session, least_possible: int) -> Question:
    """The question of the figures as at `on`.

    Raises `Unusable` if `on` lies in no school year, or there is nobody to ask about.
    """
    if not whole.enrolments:
        raise Unusable([NOBODY])
    found = {school: calendar.year(on.on) for school, calendar in calendars.items()}
    years = {school: year for school, year in found.items() if year is not None}
    strips = _cut(whole, on.on)
    if not years or not strips.axis.days:
        raise _outside(on, calendars)
    law = strips.statute.on(on.on)
    year = min(years.values(), key=lambda one: one.starts_on)
    sessions = _sessions(strips, years)
    shown: BoolArray = np.logical_or.reduce(strips.on_roll & sessions, axis=1)
    return Question(strips, calendars, on.on, law, year, sessions, absence_shares(law), least_possible, shown)


def _sessions(strips: Strips, periods: Mapping[str, Period]) -> BoolArray:
    """The sessions of each school's own period: bool[session] for one school, else by enrolment."""
    own: dict[str, BoolArray] = {}
    for school, period in periods.items():
        own[school] = np.zeros(len(strips.axis), dtype=np.bool_)
        own[school][strips.axis.between(period.starts_on, period.ends_on)] = True
    if {enrolment.school for enrolment in strips.enrolments} <= own.keys() and len(own) == 1:
        return next(iter(own.values()))
    none = np.zeros(len(strips.axis), dtype=np.bool_)
    rows = [own.get(enrolment.school, none) for enrolment in strips.enrolments]
    return np.array(rows, dtype=np.bool_).reshape(-1, len(strips.axis))


def _cut(strips: Strips, on: date) -> Strips:
    """The strips on an axis that ends with the day: what is measured "at the end" is measured at `on`."""
    stop = strips.axis.between(date.min, on).stop
    axis = Axis(strips.axis.days[: stop // 2])
    return replace(
        strips,
        axis=axis,
        law=strips.statute.over(axis.days),
        marks=strips.marks[:, :stop],
        meets=strips.meets[:, :stop],
        bounds=np.minimum(strips.bounds, stop),
        minutes_late=None if strips.minutes_late is None else strips.minutes_late[:, :stop],
    )


def _outside(on: Session, calendars: Mapping[str, Calendar]) -> Unusable:
    years = [year for calendar in calendars.values() for year in calendar.years]
    first, last = min(y.starts_on for y in years), max(y.ends_on for y in years)
    return Unusable(
        [
            Problem(
                "on-outside-calendar",
                Place(),
                f"{day_and_year(on.on)} lies in no school year of the calendar, or before the "
                f"first session; it runs from {day_and_year(first)} to {day_and_year(last)}.",
                "Choose a day on which the school has met, or add the school year to the calendar.",
            )
        ]
    )


def parts_of_year(asked: Question) -> dict[str, dict[str, dict[str, Period]]]:
    """Parts of the year that have begun, and the last weeks and months: by kind, then name, then school."""
    parts: dict[str, dict[str, dict[str, Period]]] = {}
    census = census_periods(starting_year(asked.year), asked.law)
    twelve = last_months(asked.on)
    for school, calendar in asked.calendars.items():
        weeks = last_school_weeks(calendar, asked.on, window_weeks(asked.law))
        own = {
            "term": calendar.terms,
            "half term": tuple(half_term.period for half_term in calendar.half_terms),
            "census period": census,
            "recent": (twelve,) if weeks is None else (weeks, twelve),
        }
        for kind, periods in own.items():
            for period in periods:
                if period.starts_on <= asked.on and period.ends_on >= asked.year.starts_on:
                    name = period.name.removesuffix(asked.year.name).strip()
                    parts.setdefault(kind, {}).setdefault(name, {})[school] = period
    return parts


def starting_year(year: Period) -> int:
    """The year in whose September a school year starts, also where the calendar begins in the middle."""
    return year.starts_on.year if year.starts_on.month >= 8 else year.starts_on.year - 1


def window_weeks(law: Law) -> int:
    """How many school weeks the window of the national threshold has."""
    rule = law.find(NationalThreshold)
    return rule.school_weeks if rule else WEEKS_WITHOUT_THRESHOLD


def value_of(enrolment: Enrolment, name: str, on: date) -> str:
    """What an attribute is on the day of the figures, or was on a leaver's last day."""
    day = on if enrolment.ends_on is None else min(on, enrolment.ends_on)
    return enrolment.value(name, max(day, enrolment.starts_on)) or NOT_STATED
