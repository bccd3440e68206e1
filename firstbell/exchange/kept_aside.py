"""What was wrong with the rows of a file, for the person who has to put them right?

Every row that was kept aside is kept as it was, with all that is wrong with it, so that it can be corrected
and read again. The list of problems says a thing that is wrong with many rows once, most rows first: 3,000
rows with a withdrawn code are one line, not 3,000.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from firstbell.exchange.cells import Unread
from firstbell.exchange.tables import Column, Spread, Table
from firstbell.problems import Place, Problem, Severity
from firstbell.reports.tables import neutralised

__all__ = [
    "OWN_COLUMNS",
    "Findings",
    "KeptAside",
    "KeptRow",
    "is_of_kept_aside",
    "kept_aside_text",
    "write_kept_aside",
]

MOST_OF_A_RULE = 200
"""How many different things that break one rule are listed; the kept-aside rows hold them all."""
ROWS_NAMED = 10
OWN_COLUMNS = ("Row in file", "Kept aside because")


@dataclass(frozen=True)
class KeptRow:
    """A row that was not read: its number, its cells as they were, and what is wrong with it."""

    row: int
    cells: tuple[str, ...] = field(repr=False)
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class KeptAside:
    """The rows of one file that were not read, under the headings of that file."""

    file: str
    headings: tuple[str, ...]
    rows: tuple[KeptRow, ...]

    def __len__(self) -> int:
        """How many rows were kept aside."""
        return len(self.rows)


def is_of_kept_aside(headings: Collection[str]) -> bool:
    """Whether a file's headings are those of rows that were kept aside: it is never all there is."""
    return {one.casefold() for one in OWN_COLUMNS} <= {one.casefold() for one in headings}


class Findings:
    """Gathers what is wrong with the rows of one table.

    Rows are named by their place in the table. `about` says what two problems of one rule have in common
    if they are one to a reader: the same pupil, the same code, the same day.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.errors: dict[int, list[Problem]] = defaultdict(list)
        self._groups: dict[tuple[str, Severity, Hashable], dict[int, Problem]] = defaultdict(dict)
        self._whole: list[Problem] = list(table.problems)

    def add(self, index: int, problem: Problem, about: Hashable = None) -> None:
        """Something is wrong with a row: an error keeps it aside, a warning is only shown."""
        key = (problem.rule, problem.severity, problem.value if about is None else about)
        self._groups[key].setdefault(index, problem)
        if problem.severity == "error":
            self.keep_aside(index, problem)

    def keep_aside(self, index: int, problem: Problem) -> None:
        """Keeps a row aside for a problem that is listed already, with another row."""
        self.errors[index].append(problem)

    def unread(self, index: int, column: Column, fault: Unread, *, severity: Severity = "error") -> None:
        """A cell of a row could not be read."""
        place = self.table.place(index, column)
        self.add(index, Problem(fault.rule, place, fault.what, fault.remedy, "", severity, column[index]))

    def say(self, *problems: Problem) -> None:
        """Something is to be said about the whole file."""
        self._whole += problems

    def surplus(self) -> None:
        """Keeps aside the rows that have more cells than there are headings."""
        if not self.table.surplus:
            return
        for index, row in enumerate(self.table.rows):
            if int(row) in self.table.surplus:
                what = "The row has more cells than there are headings."
                remedy = "A delimiter may stand inside a cell: put such a cell in quotation marks."
                self.add(index, Problem("row-too-long", self.table.place(index), what, remedy))

    def problems(self) -> tuple[Problem, ...]:
        """All problems: errors before warnings; what concerns the file first, then most rows."""
        groups = [(rule, severity, said, sorted(said)) for (rule, severity, _), said in self._groups.items()]
        listed = []
        left_out: dict[tuple[str, Severity], list[list[int]]] = defaultdict(list)
        shown: dict[str, int] = defaultdict(int)
        for rule, severity, said, rows in sorted(groups, key=lambda group: (-len(group[3]), group[3][0])):
            shown[rule] += 1
            if shown[rule] > MOST_OF_A_RULE:
                left_out[rule, severity].append(rows)
            else:
                first = said[rows[0]]
                listed.append(replace(first, what=first.what + self._also(rows[1:])))
        listed += [self._rest(rule, severity, rows) for (rule, severity), rows in left_out.items()]
        return tuple(sorted([*self._whole, *listed], key=lambda problem: problem.severity))

    def _also(self, indices: list[int]) -> str:
        numbers = list(dict.fromkeys(int(self.table.rows[index]) for index in indices))
        rows = [str(number) for number in numbers[:ROWS_NAMED]]
        named = ", ".join(rows) + (", ..." if len(numbers) > ROWS_NAMED else "")
        if isinstance(self.table, Spread) and indices:
            return f" The same in {len(indices):,} more cells: row {named}."
        if len(rows) <= 1:
            return f" The same in row {rows[0]}." if rows else ""
        return f" The same in {len(numbers):,} more rows: {named}."

    def _rest(self, rule: str, severity: Severity, groups: list[list[int]]) -> Problem:
        return Problem(
            rule,
            Place(self.table.file),
            f"Another {len(groups):,} of the same kind, in {sum(map(len, groups)):,} rows, are not listed.",
            "They stand with the rows that were kept aside." if severity == "error" else "",
            severity=severity,
        )

    def kept_aside(self, in_iso_form: Mapping[int, Mapping[int, str]] | None = None) -> KeptAside:
        """The rows with an error, in the order of the file.

        `in_iso_form` gives, by place of a column, the days that its contents were understood as.
        """
        if isinstance(self.table, Spread):
            return _kept_cells(self.table, self.errors)
        known = in_iso_form or {}
        rows = []
        for index in sorted(self.errors):
            number = int(self.table.rows[index])
            cells = tuple(
                known.get(place, {}).get(int(column.places[index])) or column[index]
                for place, column in enumerate(self.table.columns)
            )
            cells += self.table.surplus.get(number, ())
            rows.append(KeptRow(number, cells, tuple(self.errors[index])))
        return KeptAside(self.table.file, self.table.headings, tuple(rows))


def _kept_cells(table: Spread, errors: Mapping[int, list[Problem]]) -> KeptAside:
    """The rows of which a cell has an error, with nothing in their other cells for marks: those were read.

    Only columns for marks that are needed are there, each headed by its day in ISO form, because the order
    of day and month may have been plain from the others.
    """
    cells: dict[int, dict[int, list[Problem]]] = defaultdict(lambda: defaultdict(list))
    for index, problems in errors.items():
        cells[int(table.row_of[index])][int(table.column_of[index])] += problems
    marks = {one.place: seat for seat, one in enumerate(table.spread_from)}
    needed = {seat for of_row in cells.values() for seat in of_row}
    places = [place for place in range(len(table.of.columns)) if marks.get(place) in {None, *needed}]
    rows = []
    for row, said in sorted(cells.items()):
        number = int(table.of.rows[row])
        texts = [
            table.of.columns[place][row] if marks.get(place) in {None, *said} else "" for place in places
        ]
        why = dict.fromkeys(problem for seat in sorted(said) for problem in said[seat])
        rows.append(KeptRow(number, (*texts, *table.surplus.get(number, ())), tuple(why)))
    headings = tuple(
        table.spread_from[marks[place]].title if place in marks else table.of.columns[place].heading
        for place in places
    )
    return KeptAside(table.file, headings, tuple(rows))


def kept_aside_text(kept: KeptAside) -> str:
    """The rows that were kept aside as CSV, without the mark at the beginning.

    Two columns come first, the row's number and why it was kept aside; the others are the file's own, so
    that the corrected rows can be read again as they are.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    own = {heading.casefold() for heading in OWN_COLUMNS}
    places = [place for place, heading in enumerate(kept.headings) if heading.casefold() not in own]
    writer.writerow([*OWN_COLUMNS, *(neutralised(kept.headings[place]) for place in places)])
    for row in kept.rows:
        why = " ".join(f"{problem.what} {problem.remedy}" for problem in row.problems)
        cells = [row.cells[place] for place in places] + [*row.cells[len(kept.headings) :]]
        writer.writerow([row.row, neutralised(why), *map(neutralised, cells)])
    return text.getvalue()


def write_kept_aside(path: Path, kept: KeptAside) -> None:
    """Writes the rows that were kept aside as CSV, in UTF-8 with its mark, readable by nobody else."""
    path.touch(mode=0o600)
    path.write_text(kept_aside_text(kept), encoding="utf-8-sig", newline="")
