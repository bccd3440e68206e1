"""May a row that disagrees still be right, and can that be shown from the file itself?

Each explanation is tried on the numbers and accepted only within the bounds of `columns.toml`. What cannot be
shown is not an explanation: the row stays a disagreement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

from firstbell.exchange.dfe.columns import Layout, Rate, tables
from firstbell.exchange.dfe.precision import Published, agrees
from firstbell.exchange.dfe.reading import Count, Table

__all__ = ["RoundedCounts", "Weighting", "groups"]

# Of so many counts so large a share must be multiples of 5 before all of them are taken to be rounded: by
# chance one in five is.
FEWEST, SHARE = 8, Fraction(19, 20)


def groups(table: Table, headings: Sequence[str]) -> list[tuple[str, ...]]:
    """What tells the rows apart: for each row its cells under those of `headings` that the file has."""
    columns = [table.texts(heading) for heading in headings if heading in table.headings]
    return list(zip(*columns, strict=True)) if columns else [()] * len(table.rows)


class Weighting:
    """Rates of all phases together as means of the phases' rates, weighted by pupils at the census.

    Source: national and regional totals of "Pupil attendance in schools", 2024/25; those of 2025/26 are
    all sessions over all sessions.
    """

    def __init__(self, table: Table, layout: Layout) -> None:
        self.table = table
        self.layout = layout
        self.phase = table.first_of(tables().row.phase)

    def explains(self, rate: Rate, place: int, figure: Published, tolerance: Fraction) -> bool:
        """Whether the weighted mean is the published figure, in a row whose counts are the phases' sums.

        The counts are asked for too because the mean does not use them: without it a wrong count in the
        row of all phases would hide behind the explanation.
        """
        phases = self._phases.get(place)
        if not phases or not self._adds_up(place, phases):
            return False
        weights = self.table.counts(self.layout.weight)
        parts, wholes = self.table.counts(rate.part), self.table.counts(rate.whole)
        total, weighed = Fraction(0), Fraction(0)
        for other in phases:
            weight, part, whole = weights[other], parts[other], wholes[other]
            if weight is None or part is None or not whole:
                return False
            total += weight
            weighed += Fraction(weight) * part / whole
        return bool(total) and agrees(weighed, total, figure, tolerance)

    def _adds_up(self, place: int, phases: Sequence[int]) -> bool:
        for heading in (*self.layout.counts(self.table.headings), self.layout.weight):
            column = self.table.counts(heading)
            total = column[place]
            if total is not None and sum(column[other] or 0 for other in phases) != total:
                return False
        return True

    @cached_property
    def _phases(self) -> dict[int, list[int]]:
        """For each row of all phases together, by its place, the rows of the single phases."""
        if self.phase is None or not self.layout.weight or self.layout.weight not in self.table.headings:
            return {}
        totals: dict[int, tuple[str, ...]] = {}
        singles: dict[tuple[str, ...], list[int]] = defaultdict(list)
        keys = groups(self.table, tables().row.identifiers)
        for place, (key, phase) in enumerate(zip(keys, self.table.texts(self.phase), strict=True)):
            if phase.lower() in tables().row.all_phases:
                totals[place] = key
            else:
                singles[key].append(place)
        return {place: singles[key] for place, key in totals.items()}


class RoundedCounts:
    """Percentages worked out from counts that were rounded to 5 only afterwards.

    Whether a column was rounded is seen from the column, for each level by itself: the Department rounded
    national and regional counts of enrolments, and left those of authorities, in one and the same file.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.to = tables().explained["rounded"].to
        level = table.first_of(tables().row.level)
        self.levels = table.texts(level) if level else [""] * len(table.rows)
        self._rounded: dict[str, frozenset[str]] = {}

    def explains(
        self, rate: Rate, place: int, part: Count, whole: Count, figure: Published, tolerance: Fraction
    ) -> bool:
        """Whether some counts that round to the published ones have the published percentage."""
        level = self.levels[place]
        if any(level not in self.rounded_levels(heading) for heading in (rate.part, rate.whole)):
            return False
        if part % self.to or whole % self.to:
            return False
        slack = (self.to - 1) // 2
        if whole <= slack:
            return False
        published = Fraction(figure.mantissa, 10**figure.decimals)
        least = Fraction(100 * max(0, part - slack)) / (whole + slack) - tolerance
        most = Fraction(100 * (part + slack)) / (whole - slack) + tolerance
        return least <= published <= most

    def rounded_levels(self, heading: str) -> frozenset[str]:
        """The levels at which nearly all counts of a column are multiples of 5."""
        if heading not in self._rounded:
            seen: dict[str, int] = defaultdict(int)
            multiples: dict[str, int] = defaultdict(int)
            for level, count in zip(self.levels, self.table.counts(heading), strict=True):
                if count:
                    seen[level] += 1
                    multiples[level] += count % self.to == 0
            self._rounded[heading] = frozenset(
                level for level, n in seen.items() if n >= FEWEST and multiples[level] >= SHARE * n
            )
        return self._rounded[heading]
