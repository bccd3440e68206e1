"""What stands in a CSV file of the Department: its headings, its rows, its numbers?

Takes byte-order marks, quotes and either kind of line end, and knows the signs that stand in place of a
number. Refuses what it would have to guess at: another encoding, a row with cells missing, a heading twice.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from firstbell.exchange.dfe.columns import tables
from firstbell.exchange.dfe.precision import Published
from firstbell.problems import Place, Problem, Unusable

__all__ = ["Count", "Row", "Table", "read_table"]

Count = int | Fraction
"""A count as published. Whole nearly always; means of daily counts are not."""

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
WHOLE = re.compile(r"\d+")


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet counts, headings being row 1, and its cells."""

    number: int
    cells: Sequence[str]


@dataclass
class Table:
    """One file as read. Columns are asked for by heading, in small letters; their numbers are kept.

    `written` has each heading as it stands in the file.
    `unreadable` gathers the cells of the columns asked for that hold neither a number nor one of the signs
    for "no number", as (place of the row, heading): text.
    """

    file: str
    headings: tuple[str, ...]
    rows: Sequence[Row]
    written: dict[str, str] = field(default_factory=dict)
    unreadable: dict[tuple[int, str], str] = field(default_factory=dict)
    _counts: dict[str, list[Count | None]] = field(default_factory=dict, repr=False)

    def texts(self, heading: str) -> list[str]:
        """The cells of a column as written, without the spaces around them."""
        place = self.headings.index(heading)
        return [row.cells[place].strip() for row in self.rows]

    def first_of(self, headings: Sequence[str]) -> str | None:
        """The first of some headings that the file has."""
        return next((heading for heading in headings if heading in self.headings), None)

    def counts(self, heading: str) -> list[Count | None]:
        """A column of counts; None where no number was published."""
        if heading not in self._counts:
            self._counts[heading] = [
                None if text is None else _count(text) for text in self._numbers(heading)
            ]
        return self._counts[heading]

    def percentages(self, heading: str) -> list[Published | None]:
        """A column of percentages, each as written; None where none was published."""
        return [None if text is None else Published.read(text) for text in self._numbers(heading)]

    def _numbers(self, heading: str) -> list[str | None]:
        numbers: list[str | None] = []
        for place, text in enumerate(self.texts(heading)):
            if NUMBER.fullmatch(text):
                numbers.append(text)
                continue
            numbers.append(None)
            if text.lower() not in tables().not_available:
                self.unreadable[place, heading] = text
        return numbers


def read_table(path: Path) -> Table:
    """The table of a CSV file. Raises `Unusable`, naming the file, if it is not one or not a whole one."""
    records = _records(path.name, _text(path))
    if not records:
        raise _unusable(path.name, "dfe-empty", "the file is empty.", "Download it again.")
    top, headings = records[0].number, tuple(cell.strip().lower() for cell in records[0].cells)
    while headings and not headings[-1]:
        headings = headings[:-1]
    _check_headings(path.name, headings)
    for row in records[1:]:
        # Some writers end each line with a comma: cells without a heading may be there if they are empty.
        if len(row.cells) < len(headings) or any(cell.strip() for cell in row.cells[len(headings) :]):
            raise _unusable(
                path.name,
                "dfe-cells",
                f"the row has {len(row.cells)} cells, the headings in row {top} are {len(headings)}.",
                "The file may have been cut short. Download it again.",
                row.number,
            )
    written = dict(zip(headings, (cell.strip() for cell in records[0].cells), strict=False))
    return Table(path.name, headings, records[1:], written)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise _unusable(
            path.name, "dfe-unreadable", f"it cannot be read: {reason}.", "Check the name and the folder."
        ) from None
    if b"\x00" in content:
        raise _unusable(
            path.name,
            "dfe-binary",
            "this is not a CSV file: it holds bytes that no text has.",
            "Give the CSV that the Department publishes, not a spreadsheet or an archive of it.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unusable(
            path.name,
            "dfe-encoding",
            f"it is not in UTF-8: line {line} holds the byte {content[error.start]:#04x}.",
            'Save it again as "CSV UTF-8".',
        ) from None


def _records(file: str, text: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        # A blank line is a row to a spreadsheet, so it is counted and then left out.
        return [
            Row(number, cells)
            for number, cells in enumerate(reader, start=1)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise _unusable(
            file,
            "dfe-csv",
            f"line {reader.line_num} is not CSV: {error}.",
            "The file may have been cut short. Download it again.",
        ) from None


def _check_headings(file: str, headings: Sequence[str]) -> None:
    if len(headings) < 2:
        raise _unusable(
            file,
            "dfe-csv",
            f'this is not a table with commas between its columns: it begins "{"".join(headings)[:40]}".',
            "Give the CSV that the Department publishes.",
        )
    twice = [heading for heading, times in Counter(headings).items() if times > 1 and heading]
    if twice:
        raise _unusable(
            file,
            "dfe-heading",
            f'the heading "{twice[0]}" stands there more than once.',
            "Say which of the columns is meant by leaving the other out.",
        )


def _count(text: str) -> Count:
    if WHOLE.fullmatch(text):
        return int(text)
    value = Fraction(Decimal(text))
    return value.numerator if value.denominator == 1 else value


def _unusable(file: str, rule: str, what: str, remedy: str, row: int | None = None) -> Unusable:
    return Unusable([Problem(rule, Place(file, row), what, remedy)])
