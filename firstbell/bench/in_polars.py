"""The review as data frames over a row for each mark, in Polars' streaming engine."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.typing import NDArray

from firstbell.bench.rows import COUNTED, MarkTables, as_review, below, mark_tables
from firstbell.measures.review import Plan, Review

__all__ = ["prepare"]


def prepare(marks: NDArray[np.uint8], plan: Plan) -> Callable[[], Review]:
    """Hands the marks to Polars; gives what is to be timed."""
    tables = mark_tables(marks, plan)
    query = _query(tables)

    def run() -> Review:
        answer = query.collect(engine="streaming")
        return as_review({name: answer[name].to_numpy() for name in answer.columns}, plan)

    return run


def _query(tables: MarkTables) -> pl.LazyFrame:
    marked = (
        _lazy(tables.marks)
        .join(_lazy(tables.sessions), on="session")
        .join(_lazy(tables.codes), on=["regime", "code"])
    )
    pupils = pl.LazyFrame({"pupil": np.arange(tables.pupils, dtype=np.int32)})
    totals = marked.group_by("pupil").agg(pl.col(name).sum() for name in COUNTED)
    weeks = [below(level) for level in range(len(tables.levels))]
    answer = pupils
    for columns in (totals, _first_weeks(marked, tables), _met(marked, tables)):
        answer = answer.join(columns, on="pupil", how="left")
    possible, attended = pl.col("possible"), pl.col("attended")
    return (
        answer.with_columns(pl.col(*COUNTED).fill_null(0).cast(pl.Int64))
        .with_columns(pl.col(*weeks, "threshold_met").fill_null(-1))
        .with_columns(
            basis_points=pl.when(possible == 0)
            .then(-1)
            .otherwise((20_000 * attended + possible) // (2 * possible)),
            persistent=(possible > 0) & _at_least(tables.persistent),
            severe=(possible > 0) & _at_least(tables.severe),
        )
        .sort("pupil")
    )


def _lazy(table: object) -> pl.LazyFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.lazy()


def _first_weeks(marked: pl.LazyFrame, tables: MarkTables) -> pl.LazyFrame:
    # Wide before they are summed up and multiplied: 8 and 16 bits would overflow without a word.
    so_far = (
        marked.group_by("pupil", "week")
        .agg(pl.col("possible", "attended").cast(pl.Int64).sum())
        .sort("pupil", "week")
        .with_columns(pl.col("possible", "attended").cum_sum().over("pupil"))
    )
    return so_far.group_by("pupil").agg(
        pl.col("week")
        .filter(pl.col("attended") * level.denominator < pl.col("possible") * level.numerator)
        .min()
        .alias(below(number))
        for number, level in enumerate(tables.levels)
    )


def _met(marked: pl.LazyFrame, tables: MarkTables) -> pl.LazyFrame:
    earlier = pl.col("week").shift(tables.threshold_sessions - 1).over("pupil")
    return (
        marked.filter(pl.col("counting") == 1)
        .sort("pupil", "session")
        .with_columns(weeks_since=pl.col("week") - earlier)
        .filter(pl.col("weeks_since") < tables.threshold_weeks)
        .group_by("pupil")
        .agg(pl.col("session").min().alias("threshold_met"))
    )


def _at_least(share: Fraction) -> pl.Expr:
    return (pl.col("authorised") + pl.col("unauthorised")) * share.denominator >= pl.col(
        "possible"
    ) * share.numerator
