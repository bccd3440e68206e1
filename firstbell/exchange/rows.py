"""How are the rows of a file about pupils read, one after the other?

What pupils' figures, contacts, groups and characteristics have in common: which pupil a row names, what a
cell says in our words, which day stands in it. What cannot be read keeps its row aside, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from firstbell.exchange.cells import Unread, read_days, shown
from firstbell.exchange.columns import field_of, find_columns, in_our_words, plain
from firstbell.exchange.kept_aside import Findings, KeptAside
from firstbell.exchange.mapping import ColumnMapping, Kind
from firstbell.exchange.mark_rows import pupil_of
from firstbell.exchange.pupils import Pupil, PupilsRead, as_number, iso_form
from firstbell.exchange.tables import Table
from firstbell.problems import Problem, Severity

__all__ = ["Rows"]


class Rows:
    """The rows of one table, of a kind that `columns.toml` knows."""

    def __init__(
        self,
        table: Table,
        kind: Kind,
        pupils: PupilsRead,
        mapping: ColumnMapping | None,
        days: tuple[str, ...],
    ) -> None:
        self.table = table
        self.kind = kind
        self.pupils = pupils
        self.findings = Findings(table)
        self.found = find_columns(table, kind, mapping)
        self.findings.say(*self.found.problems)
        self.findings.surplus()
        self._days = {
            name: read_days(column.values) for name in days if (column := self.found.get(name)) is not None
        }

    def __iter__(self) -> Iterator[int]:
        """The places of the rows that have not been kept aside already."""
        return (index for index in range(len(self.table)) if index not in self.findings.errors)

    def text(self, index: int, name: str) -> str:
        """What stands in the cell of a field; "" without such a column."""
        column = self.found.get(name)
        return column[index] if column else ""

    def refuse(
        self, index: int, name: str, fault: Unread, severity: Severity = "error", *, personal: bool = False
    ) -> None:
        """Says what is wrong with a cell; a `personal` content stands in no message."""
        column = self.found.get(name)
        value = None if personal or column is None else column[index]
        place = self.table.place(index, column)
        problem = Problem(fault.rule, place, fault.what, fault.remedy, "", severity, value)
        self.findings.add(index, problem, about=(name, value))

    def named(self, index: int) -> Pupil | Unread:
        """The pupil whom a row names, whether or not the row could be read."""
        upn, number = as_number(self.text(index, "upn")), as_number(self.text(index, "admission_number"))
        return pupil_of(self.pupils, upn, number)

    def pupil(self, index: int) -> Pupil | None:
        """The pupil whom a row names; None, and the row is kept aside, if there is no such pupil."""
        pupil = self.named(index)
        if isinstance(pupil, Unread):
            name = "upn" if self.found.get("upn") else "admission_number"
            self.findings.unread(index, self.found.columns[name], pupil)
            return None
        return pupil

    def day(self, index: int, name: str) -> date | None:
        """The day in a cell; None where it is empty or, with the row kept aside, unreadable."""
        column = self.found.get(name)
        if column is None:
            return None
        day = self._days[name][int(column.places[index])]
        if isinstance(day, Unread):
            self.refuse(index, name, day)
            return None
        return day

    def word(self, index: int, name: str) -> str:
        """Our word for what stands in a cell; "" where it is empty or, with a warning, unknown."""
        text = self.text(index, name)
        ours = in_our_words(field_of(self.kind, name).values).get(plain(text), "")
        if plain(text) and not ours:
            why = Unread("value-unknown", f"{shown(text)} is not understood.", "It was not read: correct it.")
            self.refuse(index, name, why, "warning")
        return ours

    def number(self, index: int, name: str) -> int | None:
        """The whole number in a cell; None where it is empty or, with the row kept aside, none."""
        text = self.text(index, name)
        if not plain(text):
            return None
        whole = text.replace(",", "").removesuffix(".0")
        if whole.isascii() and whole.isdigit() and len(whole) < 6:
            return int(whole)
        what = f"{shown(text)} is not a whole number."
        self.refuse(index, name, Unread("number-unread", what, "Write it in digits."))
        return None

    def kept_aside(self) -> KeptAside:
        """The rows that could not be read, their days in ISO form."""
        return self.findings.kept_aside(
            {
                place: iso_form(self._days[name])
                for place, column in enumerate(self.table.columns)
                for name in self._days
                if self.found.get(name) is column
            }
        )
