"""What an invented school writes down beside its marks: each note a fact, chance and school days at hand.

Facts about a pupil who was not on roll on the day are not written, and neither is what would have become
known after the last school day of the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from firstbell.facts import About, By, Data, Fact, Facts
from firstbell.register import Amendment, Enrolment
from firstbell.sessions import LONDON
from firstbell.synth.schools import InventedSchool

__all__ = ["HEAD", "OFFICE", "OFFICER", "TEACHER", "WORKER", "Notebook"]

OFFICE, OFFICER, WORKER = "office", "attendance officer", "family worker"
HEAD, TEACHER = "headteacher", "class teacher"
_T = TypeVar("_T")


class Notebook:
    """The facts of one invented school in the making."""

    def __init__(self, school: InventedSchool, random: np.random.Generator) -> None:
        self.school = school
        self.random = random
        self.strips = school.strips
        self.days: Sequence[date] = school.strips.axis.days
        self._place = {day: place for place, day in enumerate(self.days)}
        self._written: list[Fact] = []

    # --- writing -----------------------------------------------------------------------------------------

    def note(
        self,
        data: Data,
        about: About,
        at: datetime,
        by: str,
        *,
        on: date | None = None,
        known_at: datetime | None = None,
    ) -> str:
        """Writes a fact down and gives its id; "" for one that nobody would have written."""
        day = on or at.date()
        known_at = max(at, known_at or at)
        row = self.row_of.get(about.enrolment)
        if row is not None and not self.enrolments[row].on_roll(day):
            return ""
        if known_at.date() > self.days[-1]:
            return ""
        key = f"F{len(self._written) + 1:06d}"
        moments = (at.astimezone(UTC), known_at.astimezone(UTC))
        self._written.append(Fact(key, about, day, *moments, By(by), data))
        return key

    def written(self, key: str) -> Fact:
        """A fact that was written, by its id."""
        return self._written[int(key[1:]) - 1]

    def facts(self) -> Facts:
        """All that was written, in the order in which it became known."""
        return Facts.in_order(self._written)

    # --- pupils ------------------------------------------------------------------------------------------

    @property
    def enrolments(self) -> tuple[Enrolment, ...]:
        """The enrolments, by row."""
        return self.school.enrolments

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each enrolment."""
        return {one.id: row for row, one in enumerate(self.enrolments)}

    def about(self, row: int) -> About:
        """A pupil."""
        return About(enrolment=self.enrolments[row].id)

    def parent(self, row: int) -> str:
        """The parent who mostly speaks with the school: the first of the contacts."""
        parents = self.school.children[row].home.parents
        return parents[0].id if len(parents) == 1 or self.chance(0.75) else parents[1].id

    @cached_property
    def amendments(self) -> dict[tuple[int, int], list[Amendment]]:
        """What the marks of a cell went through after the register closed, by row and place."""
        found: dict[tuple[int, int], list[Amendment]] = {}
        for one in self.school.register.amendments:
            place = self.strips.axis.place(one.session)
            if place is not None:
                found.setdefault((self.row_of[one.enrolment], place), []).append(one)
        return found

    @cached_property
    def absent(self) -> NDArray[np.bool_]:
        """bool[row, place]: sessions of absence."""
        return self.strips.where(lambda code: bool(code.absence))

    # --- chance and days ---------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        """True in so many cases of one."""
        return bool(self.random.random() < share)

    def one_of(self, choices: Sequence[_T], weights: Sequence[float] | None = None) -> _T:
        """One of some things, by weights if there are any."""
        if weights is None:
            return choices[int(self.random.integers(len(choices)))]
        edges = np.cumsum(weights)
        return choices[int(np.searchsorted(edges, self.random.random() * edges[-1], side="right"))]

    def between(self, first: int, last: int) -> int:
        """A whole number, both ends included."""
        return int(self.random.integers(first, last + 1))

    def clock(self, day: date, earliest: str, latest: str) -> datetime:
        """A minute of a day between two times."""
        first, last = (_minutes(time.fromisoformat(text)) for text in (earliest, latest))
        minute = self.between(first, last)
        return datetime.combine(day, time(minute // 60, minute % 60), LONDON)

    def place(self, day: date) -> int:
        """The place among the school days of the first that is not before a day."""
        while day not in self._place and day <= self.days[-1]:
            day += timedelta(days=1)
        return self._place.get(day, len(self.days) - 1)

    def school_day(self, day: date, after: int = 0) -> date:
        """The school day so many after a day (before it, if less than none); the last where there is none."""
        place = min(max(self.place(day) + after, 0), len(self.days) - 1)
        return self.days[place]

    def later(self, moment: datetime, first: int, last: int) -> datetime:
        """Some minutes later."""
        return moment + timedelta(minutes=self.between(first, last))


def _minutes(at: time) -> int:
    return 60 * at.hour + at.minute
