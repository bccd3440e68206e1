"""What came of checking the Department's files: one value for each figure, file and command.

Plain values without behaviour beyond counting; how they are found is in `checking`, how they are shown in
`report`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from firstbell.exchange.dfe.reading import Count
from firstbell.problems import Problem

__all__ = ["Checks", "Disagreement", "FileCheck", "Term"]


@dataclass(frozen=True)
class Disagreement:
    """One figure that does not follow from the counts it stands with.

    `row` is the row as a spreadsheet counts, headings being row 1. `how` says from what it was recomputed.
    """

    file: str
    row: int
    column: str
    published: str
    recomputed: str
    how: str


@dataclass(frozen=True)
class Term:
    """The counts of a file that covers one term or one school year, for comparing terms with the year.

    `counts` has, for each place and phase, the row's number and its counts by heading; rows without
    numbers are left out.
    """

    year: str
    within: str
    counts: Mapping[tuple[str, ...], tuple[int, Mapping[str, Count]]]


@dataclass(frozen=True)
class FileCheck:
    """What came of checking one file. Rows are named by their numbers in a spreadsheet.

    `checked` are rows in which at least one rate or sum was compared; `explained` gives, for each row that
    differs for a known reason, the names of the reasons. `not_recomputed` are percentages whose counts the
    file does not have. `terms_compared` of the identities are counts of a year, compared with its terms.
    `nothing_to_recompute` is the reason why no row could be checked, or None.
    """

    file: str
    kind: str
    rows: int
    checked: frozenset[int] = frozenset()
    rates_checked: int = 0
    identities_checked: int = 0
    explained: Mapping[int, frozenset[str]] = field(default_factory=dict)
    disagreements: tuple[Disagreement, ...] = ()
    not_recomputed: tuple[str, ...] = ()
    terms_compared: int = 0
    nothing_to_recompute: str | None = None
    term: Term | None = field(default=None, repr=False)

    @property
    def rows_checked(self) -> int:
        """Rows in which something was compared."""
        return len(self.checked)

    @property
    def rows_suppressed(self) -> int:
        """Rows without a number to compare, in a file that has some."""
        return 0 if self.nothing_to_recompute else self.rows - len(self.checked)

    @cached_property
    def disagreeing(self) -> frozenset[int]:
        """The rows with at least one disagreement."""
        return frozenset(each.row for each in self.disagreements)

    @property
    def rows_disagree(self) -> int:
        """Rows with at least one figure that nothing explains."""
        return len(self.disagreeing)

    @property
    def rows_explained(self) -> int:
        """Rows that differ only for known reasons."""
        return len(self.explained.keys() - self.disagreeing)

    @property
    def explained_by(self) -> dict[str, int]:
        """For each reason, how many of the explained rows it explains. A row may have two reasons."""
        found: Counter[str] = Counter()
        for row, reasons in self.explained.items():
            if row not in self.disagreeing:
                found.update(reasons)
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class Checks:
    """The checks of all files given together, and the problems with those that could not be used."""

    files: tuple[FileCheck, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def rows_disagree(self) -> int:
        """Rows of all files with at least one figure that nothing explains."""
        return sum(check.rows_disagree for check in self.files)

    @property
    def explained_by(self) -> dict[str, int]:
        """For each reason, how many explained rows of all files it explains."""
        found: Counter[str] = Counter()
        for check in self.files:
            found.update(check.explained_by)
        return dict(sorted(found.items()))
