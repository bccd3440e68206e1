"""What do the first rows of a file mean, as they were understood?

For the person who decides whether a new export was understood rightly, before anything of it counts. It
shows names and marks of children, so it belongs on that person's screen and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from firstbell.exchange.cells import read_days
from firstbell.exchange.columns import Found, field_of, find_columns, in_our_words, plain
from firstbell.exchange.kept_aside import Findings
from firstbell.exchange.mapping import ColumnMapping, Kind, Shape
from firstbell.exchange.mark_rows import understand
from firstbell.exchange.pupils import PupilsRead
from firstbell.exchange.shapes import in_rows
from firstbell.exchange.tables import Column, Spread, Table
from firstbell.sessions import day_and_year
from firstbell.statute import Statute

__all__ = ["Preview", "preview", "preview_marks"]

ROWS = 5
MARKS_SHOWN = 6


@dataclass(frozen=True)
class Preview:
    """The columns of a file, each with what it was taken for ("" if it is not read), and its first rows."""

    file: str
    kind: Kind
    shape: Shape | None
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[int, str], ...] = field(repr=False)

    def text(self) -> str:
        """The preview as lines for a terminal."""
        what = f"{self.kind}, {self.shape}" if self.shape else self.kind
        lines = [f"{self.file} ({what}), as it was understood:"]
        lines += [f'  "{heading}" is {title or "not read"}' for heading, title in self.columns]
        lines += [f"  row {number}: {said}" for number, said in self.rows]
        return "\n".join(lines)


def preview(table: Table, kind: Kind, mapping: ColumnMapping | None = None) -> Preview:
    """The first rows of a file that is not of marks. Raises `Unusable` where a needed column is missing."""
    found = find_columns(table, kind, mapping)
    rows = [
        (int(table.rows[index]), "; ".join(_cells(table, found, kind, index)))
        for index in range(min(ROWS, len(table)))
    ]
    return Preview(table.file, kind, None, _columns(table, found, kind), tuple(rows))


def _cells(table: Table, found: Found, kind: Kind, index: int) -> Iterator[str]:
    for name, column in found.columns.items():
        known, text = field_of(kind, name), column[index]
        if not text:
            continue
        if known.values:
            text = in_our_words(known.values).get(plain(text), f"{text} (not understood)")
        elif name.endswith("_on"):
            day = read_days(column.values)[int(column.places[index])]
            text = day_and_year(day) if isinstance(day, date) else f"{text} (not understood)"
        yield f"{known.title} {text}"


def preview_marks(
    table: Table, pupils: PupilsRead, statute: Statute, mapping: ColumnMapping | None = None
) -> Preview:
    """The first rows of a file of marks, in whichever shape: whose they are, and the first marks of each.

    Raises `Unusable` where a needed column is missing.
    """
    rows, shape = in_rows(table, mapping)
    first = list(dict.fromkeys(rows.rows.tolist()))[:ROWS]
    found = find_columns(rows, "marks", mapping)
    columns = _columns(rows, found, "marks")
    rows = _first(rows, first)
    found = find_columns(rows, "marks", mapping)
    findings = Findings(rows)
    read = understand(rows, found, pupils, statute, findings)
    names = {pupil.id: pupil.name or pupil.admission_number or pupil.upn for pupil in pupils.pupils}
    said: dict[int, list[str]] = {number: [] for number in first}
    whose: dict[int, str] = {}
    for index in range(len(rows)):
        number = int(rows.rows[index])
        if index in findings.errors:
            said[number].append(f"not understood: {findings.errors[index][0].what}")
            continue
        enrolment = pupils.enrolments[int(read.enrolment[index])]
        whose[number] = names[enrolment.pupil]
        session = read.session(index)
        mark = read.mark(index) or "unmarked"
        said[number].append(f"{session.on:%a} {day_and_year(session.on)} {session.half.name} {mark}")
    lines = [(number, _line(whose.get(number, ""), marks)) for number, marks in said.items()]
    return Preview(table.file, "marks", shape, columns, tuple(lines))


def _first(rows: Table, numbers: list[int]) -> Table:
    """The table with only its first rows; its columns keep all contents, by which days are understood."""
    stop = sum(1 for number in rows.rows[: ROWS * 4000].tolist() if number in numbers)
    columns = tuple(Column(one.heading, one.values, one.places[:stop]) for one in rows.columns)
    return Table(rows.file, columns, rows.rows[:stop], rows.surplus, rows.problems)


def _line(whose: str, marks: list[str]) -> str:
    different = list(dict.fromkeys(marks))
    more = f" ... {len(different) - MARKS_SHOWN} more" if len(different) > MARKS_SHOWN else ""
    return (f"{whose}: " if whose else "") + "; ".join(different[:MARKS_SHOWN]) + more


def _columns(table: Table, found: Found, kind: Kind) -> tuple[tuple[str, str], ...]:
    titles = {column.heading: field_of(kind, name).title for name, column in found.columns.items()}
    if not isinstance(table, Spread):
        return tuple((heading, titles.get(heading, "")) for heading in table.headings)
    of, marks = table.of.headings, [one.place for one in table.spread_from]
    others = tuple((one, titles.get(one, "")) for place, one in enumerate(of) if place not in marks)
    return (*others, (f"{of[marks[0]]} ... {of[marks[-1]]}", f"marks, in {len(marks)} columns"))
