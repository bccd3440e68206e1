"""One line of sessions on which several years, and several schools' calendars, are laid side by side.

Two cells a day, morning and afternoon, for every day on which any of the calendars meets. Which of the
cells a year group of a school has is a row of `meets`; a school with only a morning has one cell empty.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from firstbell.sessions.calendar import Calendar, monday_of
from firstbell.sessions.days import Half, Session

__all__ = ["Axis"]


@dataclass(frozen=True, eq=False)
class Axis:
    """The days of some calendars, in order: `2 * i` is the morning of day i, the next its afternoon."""

    days: tuple[date, ...]

    @classmethod
    def over(
        cls, calendars: Sequence[Calendar], starts_on: date | None = None, ends_on: date | None = None
    ) -> Axis:
        """The axis of every school day of `calendars` between two days, both included."""
        first = starts_on or min(calendar.starts_on for calendar in calendars)
        last = ends_on or max(calendar.ends_on for calendar in calendars)
        return cls(tuple(sorted({day for c in calendars for day in c.school_days(first, last)})))

    def __len__(self) -> int:
        """How many sessions there are: two a day."""
        return 2 * len(self.days)

    def session(self, place: int) -> Session:
        """The session at a place."""
        return Session(self.days[place // 2], Half(place % 2))

    def place(self, session: Session) -> int | None:
        """Where a session stands; None if its day is not on the axis."""
        day = bisect_left(self.days, session.on)
        if day == len(self.days) or self.days[day] != session.on:
            return None
        return 2 * day + int(session.half)

    def between(self, starts_on: date, ends_on: date) -> slice:
        """The places of the sessions from one day to another, both included."""
        return slice(2 * bisect_left(self.days, starts_on), 2 * bisect_right(self.days, ends_on))

    @cached_property
    def weeks(self) -> NDArray[np.intp]:
        """The number of the Monday-to-Sunday week of each day, from 0, with no number left out."""
        mondays = np.array([monday_of(day) for day in self.days], dtype="datetime64[D]")
        return np.unique(mondays, return_inverse=True)[1].astype(np.intp)

    @cached_property
    def mondays(self) -> tuple[date, ...]:
        """The Monday of each week that `weeks` numbers."""
        return tuple(sorted({monday_of(day) for day in self.days}))

    @cached_property
    def weekdays(self) -> NDArray[np.intp]:
        """The weekday of each day: Monday is 0."""
        return np.array([day.weekday() for day in self.days], dtype=np.intp)

    def meets(self, calendar: Calendar, year_group: str | None = None) -> NDArray[np.bool_]:
        """bool[sessions]: which of them a year group of a school has."""
        meets = calendar.meets(year_group)
        has = np.zeros(len(self), dtype=np.bool_)
        for place, day in enumerate(self.days):
            for half in meets.get(day, ()):
                has[2 * place + int(half)] = True
        return has
