"""What do the words mean in which a policy states its numbers: "below 96%", "10 school weeks", "half term"?

A limit is a comparison with a number, a span is a number of days, weeks or months, and both say in words
what they are. A policy that says "90% or below" means another thing than one that says "below 90%".
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Literal, TypeAlias

from firstbell.sessions import Calendar
from firstbell.statute import months_after

__all__ = ["Comparator", "Limit", "Over", "Span", "Unit"]

LIMIT = re.compile(r"(below|at most|above|at least) (\d+(?:\.\d+)?)(%?)")
SPAN = re.compile(r"(\d+) (school days?|days?|weeks?|school weeks?|months?|minutes?)")
Over: TypeAlias = Literal["school year", "term", "half term", "week"]
"""A period of the calendar over which something is counted: the one that the day is in, up to the day."""


class Comparator(StrEnum):
    """How a figure is compared with a limit. "Falls to" and "or below" are `at most`, "over" is `above`."""

    BELOW = "below"
    AT_MOST = "at most"
    ABOVE = "above"
    AT_LEAST = "at least"


class Limit(str):
    """A comparison and a number, as it is written: "below 96%".

    `comparator` and `number`, the exact fraction, are what it means. Raises ValueError for another text.
    """

    comparator: Comparator
    number: Fraction
    percent: bool
    __slots__ = ("comparator", "number", "percent")

    def __new__(cls, text: str) -> Limit:
        """The limit that a text states."""
        found = LIMIT.fullmatch(text.strip())
        if found is None:
            raise ValueError('Write a limit, as "below 96%", "at most 90%", "at least 50%" or "above 95%".')
        limit = super().__new__(cls, text.strip())
        limit.comparator = Comparator(found.group(1))
        limit.percent = bool(found.group(3))
        limit.number = Fraction(found.group(2)) / (100 if limit.percent else 1)
        return limit

    def holds(self, part: int, whole: int = 1) -> bool:
        """Whether `part` of `whole` meets it, exactly: 949 of 1000 shows as 94.9% and is below 95%."""
        left, right = part * self.number.denominator, self.number.numerator * whole
        match self.comparator:
            case Comparator.BELOW:
                return left < right
            case Comparator.AT_MOST:
                return left <= right
            case Comparator.ABOVE:
                return left > right
            case Comparator.AT_LEAST:
                return left >= right

    @property
    def shown(self) -> str:
        """Its number for people: "96%"."""
        number = self.number * 100 if self.percent else self.number
        text = f"{float(number):.10f}".rstrip("0").rstrip(".")
        return f"{text}%" if self.percent else text


class Unit(StrEnum):
    """What a span is counted in. Days are plain days; school days pass over weekends and holidays."""

    SCHOOL_DAYS = "school days"
    DAYS = "days"
    WEEKS = "weeks"
    SCHOOL_WEEKS = "school weeks"
    MONTHS = "months"
    MINUTES = "minutes"


class Span(str):
    """A number of days, weeks, months or minutes, as it is written: "14 days", "5 school days".

    `number` and `unit` are what it means. Raises ValueError for another text.
    """

    number: int
    unit: Unit
    __slots__ = ("number", "unit")

    def __new__(cls, text: str) -> Span:
        """The span that a text states."""
        found = SPAN.fullmatch(text.strip())
        if found is None:
            raise ValueError(
                'Write a number and its unit, as "5 school days", "14 days", "3 weeks", "12 months".'
            )
        span = super().__new__(cls, text.strip())
        span.number = int(found.group(1))
        span.unit = Unit(found.group(2).removesuffix("s") + "s")
        return span

    def after(self, day: date, calendar: Calendar, year_group: str | None = None) -> date:
        """The last day of the span that starts with an event on `day`, which is day 0.

        The fifth school day after a Friday is the Friday after; 14 days after a Monday is a Monday. A week
        is seven days. Raises `CalendarEnds` where the school days are not known.
        """
        match self.unit:
            case Unit.SCHOOL_DAYS:
                return calendar.nth_school_day_after(day, self.number, year_group) if self.number else day
            case Unit.WEEKS | Unit.SCHOOL_WEEKS:
                return day + timedelta(weeks=self.number)
            case Unit.MONTHS:
                return months_after(day, self.number)
            case _:
                return day + timedelta(days=self.number)

    def before(self, day: date, calendar: Calendar, year_group: str | None = None) -> date:
        """The day that lies the span before `day`; for school days the n-th school day before it."""
        match self.unit:
            case Unit.SCHOOL_DAYS:
                days = calendar.school_days(calendar.starts_on, day - timedelta(days=1), year_group)
                if not self.number:
                    return day
                return days[-self.number] if self.number <= len(days) else calendar.starts_on
            case Unit.WEEKS | Unit.SCHOOL_WEEKS:
                return day - timedelta(weeks=self.number)
            case Unit.MONTHS:
                return months_after(day, -self.number)
            case _:
                return day - timedelta(days=self.number)

    def between(self, first: date, last: date, calendar: Calendar, year_group: str | None = None) -> bool:
        """Whether at least the span lies between two days.

        From Monday to the Monday after next there are 14 days. School days are counted from the first day
        to the day before the last: that is the notice a school has.
        """
        if self.unit in (Unit.SCHOOL_DAYS, Unit.SCHOOL_WEEKS):
            needed = self.number * (5 if self.unit is Unit.SCHOOL_WEEKS else 1)
            return len(calendar.school_days(first, last - timedelta(days=1), year_group)) >= needed
        return self.after(first, calendar, year_group) <= last
