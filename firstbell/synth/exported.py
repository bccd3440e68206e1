"""An export's CSV files, taken apart so that one thing in them can be changed at a time.

Finds columns by their headings and marks by their places, in a file with a row for each session or one with a
column for each. Only for files that are whole: what cannot be found is refused, not guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from firstbell.exchange.cells import read_days
from firstbell.exchange.columns import field_of, plain
from firstbell.problems import Place, Problem, Unusable

__all__ = ["BOM", "Export", "LongMarks", "Mark", "Marks", "Sheet", "day_like", "impossible"]

BOM = "\ufeff"
NO_MARK = ("", "-")
ADMINISTRATIVE = ("#", "Z")


def impossible(what: str, remedy: str) -> Unusable:
    """The refusal of damage that cannot be done."""
    return Unusable([Problem("damage", Place(), what, remedy)])


@dataclass(eq=False)
class Sheet:
    """A CSV file as its rows, headings first, and how it is to be written."""

    rows: list[list[str]]
    encoding: str = "utf-8"
    before: str = BOM
    delimiter: str = ","
    above: list[list[str]] = field(default_factory=list)
    broken: Callable[[str], str] = str
    """What is done to the text at the very end."""

    @classmethod
    def read(cls, name: str, data: bytes) -> Sheet:
        """A whole file's rows. Raises `Unusable` for what is not UTF-8 or has no rows below its headings."""
        try:
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            rows = []
        if len(rows) < 2 or not any(rows[0]):
            what = f"{name} is no CSV in UTF-8 with headings and rows."
            raise impossible(what, "Damage files that were whole before.")
        return cls(rows)

    def bytes(self) -> bytes:
        """The file as it is now."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n").writerows(self.above + self.rows)
        # An old encoding has no place for every letter, and systems write a question mark then.
        return self.broken(self.before + text.getvalue()).encode(self.encoding, "replace")

    def place(self, kind: str, name: str) -> int | None:
        """The place of the column that holds a field of a marks or pupils file."""
        one = field_of(kind, name)
        names = {plain(heading) for heading in (one.title, *one.headings)}
        return next((place for place, text in enumerate(self.rows[0]) if plain(text) in names), None)

    @property
    def below(self) -> list[list[str]]:
        """The rows below the headings."""
        return self.rows[1:]


@dataclass(eq=False)
class Mark:
    """A mark: the cells of its row, so that they can be changed, which of them it is, its day and pupil."""

    cells: list[str]
    at: int
    on: date
    pupil: str

    @property
    def code(self) -> str:
        """What stands in the cell."""
        return self.cells[self.at]

    @code.setter
    def code(self, code: str) -> None:
        self.cells[self.at] = code


class Marks:
    """The marks file of an export, with a row or a column for each session."""

    def __init__(self, name: str, sheet: Sheet) -> None:
        self.name = name
        self.sheet = sheet
        self.upn = sheet.place("marks", "upn")
        self.number = sheet.place("marks", "admission_number")

    @cached_property
    def all(self) -> list[Mark]:
        """Every cell for a mark, in the order of the file."""
        sessions = _session_columns(self.sheet.rows[0])
        return [
            Mark(cells, at, on, self.pupil(cells))
            for cells in self.sheet.below
            for at, on in sessions.items()
        ]

    def pupil(self, cells: Sequence[str]) -> str:
        """The numbers by which a row names its pupil, as one text."""
        return " ".join(cells[place] for place in (self.upn, self.number) if place is not None)

    @cached_property
    def marked(self) -> list[Mark]:
        """The marks that stand for something the pupil did."""
        return [mark for mark in self.all if mark.code not in (*NO_MARK, *ADMINISTRATIVE)]

    @cached_property
    def of_pupils(self) -> dict[str, list[Mark]]:
        """The marks of each pupil, by those numbers."""
        found: dict[str, list[Mark]] = defaultdict(list)
        for mark in self.marked:
            found[mark.pupil].append(mark)
        return found


def _session_columns(headings: Sequence[str]) -> dict[int, date]:
    """The day of each column that is headed by a session."""
    split = [heading.rpartition(" ") for heading in headings]
    days = read_days([day if half in ("AM", "PM") else "" for day, _, half in split])
    return {place: day for place, day in enumerate(days) if isinstance(day, date)}


class LongMarks(Marks):
    """A marks file with a row for each session."""

    def __init__(self, name: str, sheet: Sheet) -> None:
        super().__init__(name, sheet)
        self.on = self._column("on")
        self.half = self._column("half")
        self.mark = self._column("mark")

    def _column(self, name: str) -> int:
        place = self.sheet.place("marks", name)
        if place is None:
            title = field_of("marks", name).title
            raise impossible(f'{self.name} has no column "{title}".', "Give a row a pupil and session.")
        return place

    @cached_property
    def all(self) -> list[Mark]:
        """Every row with a day, in the order of the file."""
        days = read_days([cells[self.on] for cells in self.sheet.below])
        return [
            Mark(cells, self.mark, day, self.pupil(cells))
            for cells, day in zip(self.sheet.below, days, strict=True)
            if isinstance(day, date)
        ]

    def add_after(self, row: Mark, cells: list[str]) -> None:
        """Adds a row below another."""
        place = next(n for n, known in enumerate(self.sheet.rows) if known is row.cells)
        self.sheet.rows.insert(place + 1, cells)

    def day_text(self, day: date) -> str:
        """A day as this file writes days."""
        return day_like(self.all[0].cells[self.on], day)


def day_like(written: str, day: date) -> str:
    """A day in the form in which another is written."""
    return day.isoformat() if re.match(r"\d{4}-", written) else f"{day:%d/%m/%Y}"


class Export:
    """The CSV files of an export by name."""

    def __init__(self, sheets: dict[str, Sheet]) -> None:
        self.sheets = sheets

    @cached_property
    def long(self) -> LongMarks:
        """The marks file with a row for each session. Raises `Unusable` if there is none."""
        for name, sheet in self.sheets.items():
            if sheet.place("marks", "mark") is not None and sheet.place("marks", "on") is not None:
                return LongMarks(name, sheet)
        raise impossible("No file has a row for each mark.", "Export the marks in the long shape, as CSV.")

    @cached_property
    def marks(self) -> Marks:
        """The marks file of either shape."""
        for name, sheet in self.sheets.items():
            if _session_columns(sheet.rows[0]):
                return Marks(name, sheet)
        return self.long

    @cached_property
    def pupils(self) -> tuple[str, Sheet]:
        """The pupils file and its name."""
        for name, sheet in self.sheets.items():
            if sheet.place("pupils", "starts_on") is not None:
                return name, sheet
        raise impossible("No file has pupils with their starting days.", "Export the pupils as CSV.")
