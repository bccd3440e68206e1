"""The review as SQL over a row for each mark, in DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import duckdb
import numpy as np
from numpy.typing import NDArray

from firstbell.bench.rows import COUNTED, MarkTables, as_review, below, mark_tables
from firstbell.measures.review import Plan, Review

__all__ = ["prepare"]

REVIEW = """
WITH
marked AS (
    SELECT pupil, session, week, {counted}, counting
    FROM marks JOIN sessions USING (session) JOIN codes USING (regime, code)
),
totals AS (SELECT pupil, {sums} FROM marked GROUP BY pupil),
weekly AS (
    SELECT pupil, week, sum(possible) AS possible, sum(attended) AS attended
    FROM marked GROUP BY pupil, week
),
so_far AS (
    SELECT pupil, week, sum(possible) OVER up_to AS possible, sum(attended) OVER up_to AS attended
    FROM weekly WINDOW up_to AS (PARTITION BY pupil ORDER BY week)
),
first_weeks AS (SELECT pupil, {first_weeks} FROM so_far GROUP BY pupil),
counted AS (
    SELECT pupil, session, week,
           lag(week, {threshold_sessions} - 1) OVER (PARTITION BY pupil ORDER BY session) AS earlier
    FROM marked WHERE counting = 1
),
met AS (
    SELECT pupil, min(session) AS threshold_met FROM counted
    WHERE week - earlier < {threshold_weeks} GROUP BY pupil
),
filled AS (
    SELECT pupil, {filled}
    FROM pupils LEFT JOIN totals USING (pupil) LEFT JOIN first_weeks USING (pupil) LEFT JOIN met USING (pupil)
)
SELECT *,
       CASE WHEN possible = 0 THEN -1
            ELSE (20000 * attended + possible) // (2 * possible) END AS basis_points,
       possible > 0 AND {persistent} AS persistent,
       possible > 0 AND {severe} AS severe
FROM filled ORDER BY pupil
"""


def prepare(marks: NDArray[np.uint8], plan: Plan) -> Callable[[], Review]:
    """Loads the marks into a database in memory; gives what is to be timed."""
    tables = mark_tables(marks, plan)
    database = duckdb.connect(":memory:")
    for name in ("marks", "sessions", "codes"):
        database.register(f"arrow_{name}", getattr(tables, name))
        database.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow_{name}")
        database.unregister(f"arrow_{name}")
    database.execute(f"CREATE TABLE pupils AS SELECT range::INTEGER AS pupil FROM range({tables.pupils})")
    query = _query(tables)
    return lambda: as_review(database.execute(query).fetchnumpy(), plan)


def _query(tables: MarkTables) -> str:
    levels = [below(level) for level in range(len(tables.levels))]
    filled = [f"coalesce({name}, 0)::INTEGER AS {name}" for name in COUNTED]
    filled += [f"coalesce({name}, -1)::INTEGER AS {name}" for name in (*levels, "threshold_met")]
    return REVIEW.format(
        counted=", ".join(COUNTED),
        sums=", ".join(f"sum({name}) AS {name}" for name in COUNTED),
        first_weeks=", ".join(
            f"min(week) FILTER (attended * {level.denominator} < possible * {level.numerator}) AS {name}"
            for name, level in zip(levels, tables.levels, strict=True)
        ),
        filled=", ".join(filled),
        threshold_sessions=tables.threshold_sessions,
        threshold_weeks=tables.threshold_weeks,
        persistent=_at_least(tables.persistent),
        severe=_at_least(tables.severe),
    )


def _at_least(share: Fraction) -> str:
    return f"(authorised + unauthorised) * {share.denominator} >= possible * {share.numerator}"
