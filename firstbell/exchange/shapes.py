"""In which of the shapes does a file of marks come, and what are its rows with one mark each?

Three shapes cover what schools export: a row for a pupil and session, a column for a session, a column for a
week. Decides by the headings alone, and makes every shape into the first.
"""

from __future__ import annotations

import numpy as np

from firstbell.exchange.cells import Unread
from firstbell.exchange.columns import is_headed
from firstbell.exchange.kept_aside import Findings
from firstbell.exchange.mapping import ColumnMapping, Shape
from firstbell.exchange.tables import Spread, Table
from firstbell.exchange.weeks import is_week, week_columns
from firstbell.exchange.wide import one_heading_row, session_columns, spread

__all__ = ["headings_of", "in_rows", "refuse_cells", "shape_of"]


def shape_of(table: Table, mapping: ColumnMapping | None = None) -> Shape:
    """The shape of a file of marks or figures, by its mapping or else by its headings.

    What is none of the others is taken as long: asking for its columns says what is missing.
    """
    if mapping is not None and mapping.shape:
        return mapping.shape
    if all(is_headed(table, "marks", name) for name in ("on", "half", "mark")):
        return "long"
    joined = one_heading_row(table)
    if session_columns(joined):
        return "wide"
    if any(is_week(table.columns[one.place].values) for one in week_columns(table)):
        return "weeks"
    return "summary" if is_headed(table, "summary", "possible") else "long"


def headings_of(table: Table, mapping: ColumnMapping | None = None) -> tuple[str, ...]:
    """The headings of a file that a mapping may speak of: all but those that are sessions or weeks."""
    rows, _ = in_rows(table, mapping)
    if not isinstance(rows, Spread):
        return table.headings
    named = {one.place for one in rows.spread_from}
    return tuple(one for place, one in enumerate(rows.of.headings) if place not in named)


def in_rows(table: Table, mapping: ColumnMapping | None = None) -> tuple[Table, Shape]:
    """A table with one mark in each row, and the shape it came in."""
    shape = shape_of(table, mapping)
    if shape in ("wide", "weeks"):
        joined = one_heading_row(table) if shape == "wide" else table
        columns = session_columns(joined) if shape == "wide" else week_columns(joined)
        if columns and len(joined):
            return spread(joined, columns), shape
    return table, "summary" if shape == "summary" else "long"


def refuse_cells(table: Spread, findings: Findings) -> None:
    """Says which cells hold no string of marks, or stand under a day that begins no week."""
    mark = table.cells_for_marks[-1]
    for seat, column in enumerate(table.spread_from):
        faults = {text: said for text, said in column.marks.items() if isinstance(said, Unread)}
        wrong_week = column.fault is not None and column.fault.rule == "week-not-monday"
        if not faults and not wrong_week:
            continue
        cells = table.of.columns[column.place]
        for index in np.flatnonzero(table.column_of == seat):
            text = cells[int(table.row_of[index])]
            if wrong_week and column.fault is not None:
                findings.unread(int(index), mark, column.fault)
            elif text in faults and mark[int(index)] == text:
                findings.unread(int(index), mark, faults[text])
