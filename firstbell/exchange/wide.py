"""Which columns of a table are sessions, where a pupil has one row and each session a column?

Reads the day and the half of the day from the headings: `08/09/2025 AM` in one row, or days above halves in
two. Makes of it a table with a row for each cell, so that marks in whatever shape are understood and checked
by one set of rules, while every problem and every row kept aside still names the file's own row and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from firstbell.exchange.cells import Unread, read_days
from firstbell.exchange.columns import field_of, in_our_words, plain
from firstbell.exchange.tables import Column, Spread, SpreadColumn, Table

__all__ = ["one_heading_row", "session_columns", "spread"]

NAMELESS = re.compile(r"\(column [A-Z]+\)")
DAY_LIKE = re.compile(r"\d{1,4}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4}")


def session_columns(table: Table) -> list[SpreadColumn]:
    """The columns of a table whose headings name a session."""
    halves = [_half_of(heading) for heading in table.headings]
    days = read_days([text for text, _ in halves])
    found = []
    for place, ((text, half), day) in enumerate(zip(halves, days, strict=True)):
        if not half or day is None or (isinstance(day, Unread) and not DAY_LIKE.search(text)):
            continue
        said = day.isoformat() if isinstance(day, date) else text
        title = f"{said} {half}" if isinstance(day, date) else table.headings[place]
        marks: Mapping[str, tuple[str, ...] | Unread] = {
            cell: (cell,) if cell not in ("", "-") else () for cell in table.columns[place].values
        }
        found.append(
            SpreadColumn(place, title, ((said, half),), marks, day if isinstance(day, Unread) else None)
        )
    return found


def _half_of(heading: str) -> tuple[str, str]:
    """A heading without the words for the half of the day, and our word for them; "" if there are none."""
    words = re.sub(r"[()\[\]_,]+", " ", heading).split()
    names = in_our_words("halves")
    for count in (2, 1):
        for said, rest in ((words[-count:], words[:-count]), (words[:count], words[count:])):
            if rest and plain("".join(said)) in names:
                return re.sub(r"[\s-]+$", "", " ".join(rest)), names[plain("".join(said))]
    return heading, ""


# --- two rows of headings --------------------------------------------------------------------------------


def one_heading_row(table: Table) -> Table:
    """The same table with one row of headings, where it had two: days above halves, or halves above days.

    A day may stand over its morning only, as merged cells are exported, and the headings of the other
    columns may stand in either row. A table with one row of headings is given back as it is.
    """
    if not len(table):
        return table
    top = ["" if NAMELESS.fullmatch(heading) else heading for heading in table.headings]
    headings = _joined(top, list(table.cells(0)))
    if headings is None:
        return table
    columns = tuple(
        Column(heading, column.values, column.places[1:])
        for heading, column in zip(headings, table.columns, strict=True)
    )
    return Table(table.file, columns, table.rows[1:], table.surplus, table.problems)


def _joined(top: Sequence[str], below: Sequence[str]) -> list[str] | None:
    names = in_our_words("halves")
    is_half = [[plain(text) in names for text in row] for row in (top, below)]
    is_day = [[isinstance(day, date) for day in read_days(row)] for row in (top, below)]
    if any(is_half[1]) and any(is_day[0]) and not any(is_day[1]):
        days, halves, half_at = top, below, is_half[1]
    elif any(is_half[0]) and any(is_day[1]) and not any(is_half[1]):
        days, halves, half_at = below, top, is_half[0]
    else:
        return None
    joined, day = [], ""
    for place, is_session in enumerate(half_at):
        if is_session:
            day = days[place] or day
            joined.append(f"{day} {names[plain(halves[place])]}".strip())
        else:
            joined.append(" ".join(dict.fromkeys(text for text in (top[place], below[place]) if text)))
    return joined


# --- a row for each cell ---------------------------------------------------------------------------------


def spread(table: Table, columns: Sequence[SpreadColumn]) -> Spread:
    """A table with a row for each mark of `columns`, in the order of the file: by row, then by column."""
    blocks = [_block(table, column) for column in columns]
    texts: dict[str, int] = {}
    days: dict[str, int] = {}
    halves: dict[str, int] = {}
    marks = np.concatenate([_numbered(block, texts)[table.columns[c.place].places] for block, c in blocks], 1)
    sessions = list(chain.from_iterable(column.sessions[: block.shape[1]] for block, column in blocks))
    column_of = np.concatenate([np.full(block.shape[1], place) for place, (block, _) in enumerate(blocks)])
    day = np.array([days.setdefault(on, len(days)) for on, _ in sessions], dtype=np.uint16)
    half = np.array([halves.setdefault(name, len(halves)) for _, name in sessions], dtype=np.uint8)
    # Under a heading that names no day an empty cell says nothing, and need not be complained about.
    unsaid = np.array([columns[int(place)].fault is not None for place in column_of], dtype=np.bool_)
    kept = ~(unsaid & (marks == texts.setdefault("", len(texts)))).reshape(-1)
    at = np.flatnonzero(kept)
    row, seat = at // len(sessions), at % len(sessions)
    cells = (
        Column(field_of("marks", "on").title, tuple(days), day[seat]),
        Column(field_of("marks", "half").title, tuple(halves), half[seat]),
        Column(field_of("marks", "mark").title, tuple(texts), marks.reshape(-1)[at]),
    )
    named = {column.place for column in columns}
    others = [column for place, column in enumerate(table.columns) if place not in named]
    return Spread(
        table.file,
        (*(Column(one.heading, one.values, one.places[row]) for one in others), *cells),
        table.rows[row],
        table.surplus,
        table.problems,
        of=table,
        spread_from=tuple(columns),
        row_of=row.astype(np.int32),
        column_of=column_of[seat].astype(np.int32),
        cells_for_marks=cells,
    )


def _block(table: Table, column: SpreadColumn) -> tuple[NDArray[np.object_], SpreadColumn]:
    """The marks of a column's different contents, [content, mark]: what cannot be read stands whole."""
    contents = table.columns[column.place].values
    said = [column.marks[text] for text in contents]
    width = max([1, *(len(marks) for marks in said if isinstance(marks, tuple))])
    width = min(width, len(column.sessions)) if column.fault is None else 1
    block = np.full((len(contents), width), "", dtype=object)
    for place, (text, marks) in enumerate(zip(contents, said, strict=True)):
        if isinstance(marks, Unread) or (column.fault and marks):
            block[place, 0] = text
        else:
            block[place, : len(marks)] = marks
    return block, column


def _numbered(block: NDArray[np.object_], texts: dict[str, int]) -> NDArray[np.int32]:
    numbers = [[texts.setdefault(text, len(texts)) for text in row] for row in block]
    return np.array(numbers, dtype=np.int32).reshape(block.shape)
