"""The same marks as tables, with a row for each mark: what DuckDB and Polars are given.

Generous to them: everything is a small integer, rows are in the order of pupils and sessions, and what a
mark counts as is joined from a few dozen codes, not looked up by its symbol and its day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from firstbell.measures.review import Plan, Review

__all__ = ["COUNTED", "MarkTables", "as_review", "below", "mark_tables"]

COUNTED = (
    "possible",
    "attended",
    "authorised",
    "unauthorised",
    "late_before_close",
    "late_after_close",
)
"""What each pupil's marks are counted as; each is a column of `MarkTables.codes`, 0 or 1."""

PUPILS_AT_ONCE = 50_000


@dataclass(frozen=True, eq=False)
class MarkTables:
    """Arrow tables: marks (pupil, session, code), sessions (session, week, regime), codes (regime, code).

    Codes have a column for each of `COUNTED`, and `counting` for what counts towards the national threshold,
    which is met by `threshold_sessions` in `threshold_weeks`.
    """

    marks: pa.Table
    sessions: pa.Table
    codes: pa.Table
    pupils: int
    levels: tuple[Fraction, ...]
    persistent: Fraction
    severe: Fraction
    threshold_sessions: int
    threshold_weeks: int


def mark_tables(marks: NDArray[np.uint8], plan: Plan) -> MarkTables:
    """Strips as tables. Raises ValueError where the law changes in a way that the queries do not follow."""
    needs, reach = np.unique(plan.needs), np.unique(plan.reach)
    if len(needs) > 1 or len(reach) > 1 or plan.persistent is None or plan.severe is None:
        raise ValueError("the table engines take one threshold and shares for all of the calendar")
    sessions = {
        "session": np.arange(len(plan.axis), dtype=np.int16),
        "week": np.repeat(plan.week_of_day, 2).astype(np.int16),
        "regime": plan.regime,
    }
    return MarkTables(
        marks=_marks(marks),
        sessions=pa.table(sessions),
        codes=_codes(plan),
        pupils=len(marks),
        levels=plan.levels,
        persistent=plan.persistent,
        severe=plan.severe,
        threshold_sessions=int(needs[0]),
        threshold_weeks=int(reach[0]),
    )


def _marks(marks: NDArray[np.uint8]) -> pa.Table:
    """A row for each mark made. In pieces: the places of all of them at once would fill the memory."""
    pieces = []
    for start in range(0, len(marks), PUPILS_AT_ONCE):
        some = marks[start : start + PUPILS_AT_ONCE]
        pupil, session = np.nonzero(some)
        columns = {
            "pupil": (pupil + start).astype(np.int32),
            "session": session.astype(np.int16),
            "code": some[pupil, session],
        }
        pieces.append(pa.table(columns))
    return pa.concat_tables(pieces)


def _codes(plan: Plan) -> pa.Table:
    law = plan.law
    counted = {
        "possible": law.where(lambda code: code.possible),
        "attended": law.where(lambda code: code.attended),
        "authorised": law.where(lambda code: code.absence == "authorised"),
        "unauthorised": law.where(lambda code: code.absence == "unauthorised"),
        "late_before_close": law.where(lambda code: code.late == "before close"),
        "late_after_close": law.where(lambda code: code.late == "after close"),
        "counting": law.counts_towards_threshold,
    }
    regime, code = np.indices((len(law.laws), 256), dtype=np.uint8)
    columns = {name: flags.astype(np.uint8).ravel() for name, flags in counted.items()}
    return pa.table({"regime": regime.ravel(), "code": code.ravel(), **columns})


def below(level: int) -> str:
    """The name of the column with the first week below the level of that number."""
    return f"below_{level}"


def as_review(columns: Mapping[str, NDArray[np.generic]], plan: Plan) -> Review:
    """The columns of an answer, one row a pupil in their order, as the strips' engines give them."""
    weeks = [columns[below(level)] for level in range(len(plan.levels))]
    return Review(
        **{name: columns[name].astype(np.int32) for name in (*COUNTED, "basis_points", "threshold_met")},
        persistent=columns["persistent"].astype(np.bool_),
        severe=columns["severe"].astype(np.bool_),
        first_week_below=np.stack(weeks, axis=1).astype(np.int16),
    )
