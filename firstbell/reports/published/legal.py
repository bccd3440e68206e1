"""What are the figures of the law that a family should know, with their sources? From the dated tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

from firstbell.reports.published.blocks import Cell, Table
from firstbell.reports.published.marked import BREAK, Marked, safe, small, strong
from firstbell.reports.published.values import capital, list_of
from firstbell.statute import Confidence, Law, Value, values

__all__ = ["codes_table", "legal_table"]

V = TypeVar("V", bound=Value)
Found: TypeAlias = tuple[V, Marked] | None
"""A value of the law and what it says to a family; None where there is none on the day."""


def legal_table(law: Law) -> Table:
    """The national threshold, notices, orders and fines that are in force on a day."""
    rows = tuple(_rows(law))
    return Table("The law’s figures", ("What", "What the law says", "Source"), rows, (20, 54, 26))


def _rows(law: Law) -> Iterator[tuple[Cell, ...]]:
    for title, says in FIGURES:
        if (found := says(law)) is None:
            continue
        value, told = found
        note = f"{BREAK}{small(UNSURE[value.confidence])}" if value.confidence in UNSURE else ""
        yield (title,), (f"{told}{note}",), (safe(str(value.source)),)


def _threshold(law: Law) -> Found[values.NationalThreshold]:
    if (found := law.find(values.NationalThreshold)) is None:
        return None
    sessions, weeks = strong(f"{found.sessions} sessions"), strong(f"{found.school_weeks} school weeks")
    return found, (
        f"A penalty notice is considered when there are {sessions} of unauthorised absence (codes "
        f"{list_of(found.codes, 'or')}) within {weeks}. It does not follow by itself."
    )


def _improve(law: Law) -> Found[values.NoticeToImprove]:
    if (found := law.find(values.NoticeToImprove)) is None:
        return None
    return found, (
        "Usually comes before a penalty notice where support could help. It gives between "
        f"{found.shortest_weeks} and {found.longest_weeks} weeks, and says what would be enough."
    )


def _notice(law: Law) -> Found[values.PenaltyNotice]:
    if (found := law.find(values.PenaltyNotice)) is None:
        return None
    lower, whole = strong(f"£{found.reduced_amount}"), strong(f"£{found.amount}")
    return found, (
        f"Each parent, for each child: {lower} if paid within {found.reduced_days} days, {whole} within "
        f"{found.days} days. A second within {found.within_years} years: £{found.second_amount} within "
        f"{found.days} days. No more than {found.limit} within {found.within_years} years: after that other "
        "steps are considered. The day on which it is received is the first."
    )


def _prosecution(law: Law) -> Found[values.Prosecution]:
    if (found := law.find(values.Prosecution)) is None:
        return None
    return found, (
        f"A fine of up to £{found.fine:,}; of a parent who knew and did not act up to "
        f"£{found.fine_knowing:,}, up to {found.custody_months_knowing} months in prison, or both. It begins "
        f"within {found.months} months."
    )


def _order(law: Law) -> Found[values.SupervisionOrder]:
    if (found := law.find(values.SupervisionOrder)) is None:
        return None
    return found, (
        f"A court puts the child under the authority’s supervision for {found.years} year. In its last "
        f"{found.extension_asked_in_last_months} months an extension can be asked for, of up to "
        f"{found.extension_most_years} years."
    )


def _parenting(law: Law) -> Found[values.ParentingOrder]:
    if (found := law.find(values.ParentingOrder)) is None:
        return None
    return found, (
        f"A court can order it after a conviction, for up to {found.months} months. Breaking it: a fine of "
        f"up to £{found.fine:,}."
    )


def _exclusion(law: Law) -> Found[values.ExclusionNotice]:
    if (found := law.find(values.ExclusionNotice)) is None:
        return None
    return found, (
        "If an excluded child is in a public place in school hours during the first "
        f"{found.first_school_days} days: £{found.reduced_amount} within {found.reduced_days} days, "
        f"£{found.amount} within {found.days}. It is apart from the notices above."
    )


UNSURE = {
    Confidence.INFERRED: "In part this is our own reading of the sources.",
    Confidence.DISAGREE: "Sources do not all say the same of the details.",
    Confidence.NOT_CONFIRMED: "This has not been confirmed.",
}
FIGURES: tuple[tuple[str, Callable[[Law], Found[Any]]], ...] = (
    ("National threshold", _threshold),
    ("Notice to improve", _improve),
    ("Penalty notice", _notice),
    ("Prosecution", _prosecution),
    ("Education supervision order", _order),
    ("Parenting order", _parenting),
    ("Excluded children in public", _exclusion),
)


def codes_table(law: Law, used: Iterable[str]) -> Table | None:
    """The attendance codes of some symbols, each with its name and how it counts on the day."""
    codes = [code for symbol in used if (code := law.code(symbol))]
    codes.sort(key=lambda code: law.statute.number(code.symbol))
    rows = tuple(
        ((strong(code.symbol),), (safe(code.name),), (capital(safe(code.category.name)),)) for code in codes
    )
    if not rows:
        return None
    return Table("The codes that this policy names", ("Code", "Name", "It counts as"), rows, (10, 54, 36))
