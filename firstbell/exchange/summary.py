"""Which figures of pupils does a file state, where it has no marks?

Some systems give only figures: one row for a pupil and a term, with the possible sessions, those attended
and those missed. They are figures as somebody else counted them. No register can be made of them, and they
are never mixed with what is counted from marks. What does not add up is read, with a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from firstbell.exchange.cells import Unread
from firstbell.exchange.kept_aside import KeptAside
from firstbell.exchange.mapping import ColumnMapping
from firstbell.exchange.pupils import PupilsRead
from firstbell.exchange.rows import Rows
from firstbell.exchange.tables import Table
from firstbell.problems import Problem

__all__ = ["StatedFigures", "SummaryRead", "read_summary"]

RATE = re.compile(r"(\d{1,3})(?:\.(\d{1,4}))? ?%?")
COUNTS = ("possible", "attended", "authorised", "unauthorised", "late_before_close", "late_after_close")


@dataclass(frozen=True)
class StatedFigures:
    """The sessions of one pupil in one term, as a file states them; None where it does not.

    `late_before_close` are part of those attended, `late_after_close` part of the unauthorised.
    """

    pupil: str
    year: str
    term: str
    possible: int = field(repr=False)
    attended: int = field(repr=False)
    authorised: int | None = field(default=None, repr=False)
    unauthorised: int | None = field(default=None, repr=False)
    late_before_close: int | None = field(default=None, repr=False)
    late_after_close: int | None = field(default=None, repr=False)
    persistent: str = field(default="", repr=False)


@dataclass(frozen=True, eq=False)
class SummaryRead:
    """What a file of figures says. Every row is read or kept aside."""

    figures: tuple[StatedFigures, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    kept_aside: KeptAside = field(repr=False)
    rows_in_file: int

    @property
    def rows_read(self) -> int:
        """How many rows became figures."""
        return len(self.figures)

    @property
    def rows_kept_aside(self) -> int:
        """How many rows could not be read."""
        return len(self.kept_aside)


def read_summary(table: Table, pupils: PupilsRead, *, mapping: ColumnMapping | None = None) -> SummaryRead:
    """The figures of a file with one row for a pupil and a term.

    A row is kept aside whose pupil is unknown, whose numbers are none, that says more was attended than was
    possible, or that is the second for a pupil, year and term. Warnings are: possible sessions that are not
    attended and absent ones together, and a rate that is not that of the numbers. Raises `Unusable` where
    there is no column for possible or present sessions.
    """
    rows = Rows(table, "summary", pupils, mapping, ())
    figures: dict[tuple[str, str, str], StatedFigures] = {}
    for index in rows:
        one = _figures(rows, index)
        if one is None:
            continue
        key = (one.pupil, one.year, one.term)
        if key in figures:
            what = "The pupil has figures for this term already."
            rows.refuse(index, "upn", Unread("figures-twice", what, "Take one row out."), personal=True)
            continue
        figures[key] = one
    return SummaryRead(tuple(figures.values()), rows.findings.problems(), rows.kept_aside(), len(table))


def _figures(rows: Rows, index: int) -> StatedFigures | None:
    pupil = rows.pupil(index)
    counts = {name: rows.number(index, name) for name in COUNTS}
    possible, attended = counts["possible"], counts["attended"]
    if pupil is None or index in rows.findings.errors:
        return None
    if possible is None or attended is None:
        name = "possible" if possible is None else "attended"
        rows.refuse(index, name, Unread("number-missing", "The number is missing.", "Add it."))
        return None
    if attended > possible:
        what = f"{attended} sessions were attended, but only {possible} possible."
        rows.refuse(index, "attended", Unread("figures-impossible", what, "Correct one of the two."))
        return None
    _check(rows, index, counts, possible, attended)
    return StatedFigures(
        pupil.id,
        rows.text(index, "year"),
        rows.text(index, "term"),
        possible,
        attended,
        counts["authorised"],
        counts["unauthorised"],
        counts["late_before_close"],
        counts["late_after_close"],
        rows.word(index, "persistent") if rows.found.get("persistent") else "",
    )


def _check(rows: Rows, index: int, counts: dict[str, int | None], possible: int, attended: int) -> None:
    authorised, unauthorised = counts["authorised"], counts["unauthorised"]
    if authorised is not None and unauthorised is not None:
        together = attended + authorised + unauthorised
        if together != possible:
            what = f"Attended and absent sessions make {together}, and {possible} were possible."
            fault = Unread("figures-totals", what, "Find out which is right.")
            rows.refuse(index, "possible", fault, "warning")
    text = rows.text(index, "rate")
    found = RATE.fullmatch(text)
    if found is None:
        if text:
            what = "The rate is no percentage."
            rows.refuse(index, "rate", Unread("rate-unread", what, "It was not needed."), "warning")
        return
    stated = Fraction(f"{found.group(1)}.{found.group(2) or 0}")
    # Half of the last digit stated: so far may a rate be from that of the numbers by rounding.
    rounding = Fraction(1, 2 * 10 ** len(found.group(2) or ""))
    if possible and abs(stated - Fraction(100 * attended, possible)) > rounding:
        what = f"The rate says {text}, the numbers {attended} of {possible}."
        fault = Unread("figures-rate", what, "The numbers were read: find out which is right.")
        rows.refuse(index, "rate", fault, "warning")
