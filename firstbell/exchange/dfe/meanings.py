"""What do the codes in a table's columns count as, by the law of the day each row is about?

The one place where the Department's columns meet our tables of the law. Withdrawn codes count by what they
last meant, because the Department goes on counting them so.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property

from firstbell.exchange.dfe.columns import Layout, tables
from firstbell.exchange.dfe.reading import Count, Table
from firstbell.statute import Code, NoLaw, Statute

__all__ = ["Meanings"]


class Meanings:
    """The columns of one table that carry codes, read by one body of law."""

    def __init__(self, table: Table, layout: Layout, law: Statute) -> None:
        self.table = table
        self.codes = {heading: layout.codes[heading] for heading in table.headings if heading in layout.codes}
        self.law = law
        self._counted: dict[tuple[str, date], tuple[str, ...] | None] = {}
        self._in_force: dict[date, frozenset[str]] = {}

    @cached_property
    def days(self) -> list[date | None]:
        """A day by whose law each row is read; None where the row does not say when."""
        row = tables().row
        columns = [
            [""] * len(self.table.rows) if heading is None else self.table.texts(heading)
            for heading in (self.table.first_of(each) for each in (row.day, row.period, row.within))
        ]
        known = {key: _day(*key) for key in set(zip(*columns, strict=True))}
        return [known[key] for key in zip(*columns, strict=True)]

    def counted(self, counting: str, on: date) -> tuple[str, ...] | None:
        """The columns that count as something on a day; None if a code in force that does has no column."""
        if (counting, on) not in self._counted:
            self._counted[counting, on] = self._find_counted(counting, on)
        return self._counted[counting, on]

    def in_force(self, on: date) -> frozenset[str]:
        """The columns with a code in force on a day. Without a number there, nothing can be added up."""
        if on not in self._in_force:
            symbols = self.law.on(on).codes
            self._in_force[on] = frozenset(
                heading for heading, codes in self.codes.items() if any(code in symbols for code in codes)
            )
        return self._in_force[on]

    def published(self, code: str, place: int) -> Count | None:
        """How many sessions of a code a row publishes; None if it has no number for the code."""
        for heading, codes in self.codes.items():
            count = self.table.counts(heading)[place] if code in codes else None
            if count is not None:
                return count
        return None

    def _find_counted(self, counting: str, on: date) -> tuple[str, ...] | None:
        try:
            law = self.law.on(on)
        except NoLaw:
            return None
        carried = {code for codes in self.codes.values() for code in codes}
        if any(_counts_as(code, counting) for symbol, code in law.codes.items() if symbol not in carried):
            return None
        meanings = ((heading, self._meaning(codes, on)) for heading, codes in self.codes.items())
        return tuple(heading for heading, code in meanings if code is not None and _counts_as(code, counting))

    def _meaning(self, codes: tuple[str, ...], on: date) -> Code | None:
        """What a column's code means on a day, or meant when it was last in force."""
        meanings = (self.law.last_meaning(code, on) for code in codes)
        return next((meaning for meaning in meanings if meaning is not None), None)


def _counts_as(code: Code, counting: str) -> bool:
    """Whether a code counts as attended, late, a kind of absence, or else is of the category named."""
    if counting == "attended":
        return code.attended
    if counting == "late":
        return bool(code.late)
    return counting in (code.absence, code.category.name)


def _day(day: str, period: str, within: str) -> date | None:
    """A day in what a row is about: its own day, the Monday of its week, 1 January of its school year.

    One day stands for a whole year: the codes these files publish only ever changed in August.
    """
    try:
        if day:
            first, second, third = (int(part) for part in day.replace("/", "-").split("-"))
            return date(first, second, third) if first > 31 else date(third, second, first)
        year = int(period[:4])
        if len(period) > 4:  # 202425, 2024/25
            return date(year + 1, 1, 1)
        number = within.lower().removeprefix("week").strip()
        return date.fromisocalendar(year, int(number), 1) if number.isdigit() else date(year, 1, 1)
    except ValueError:
        return None
