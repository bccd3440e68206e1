"""What is wrong, where, and what can be done about it?

A `Problem` is a value: functions return lists of them, so one run reports everything. `Unusable` is
the one exception for people: what was handed over cannot be used at all, and nothing was done with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Place", "Problem", "Severity", "Unusable"]

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Place:
    """Where something stands in a file: its name, the row as a spreadsheet counts, the column's heading.

    `row` is 1 for the first line of the file, headings included, because that is the number a person
    sees beside it. `part` names a place that is no cell ("session 2025-09-16 AM", "year 2025/26").
    """

    file: str | None = None
    row: int | None = None
    column: str | None = None
    part: str | None = None

    def __str__(self) -> str:
        row = None if self.row is None else f"row {self.row}"
        column = None if self.column is None else f"column {self.column}"
        return ", ".join(word for word in (self.file, self.part, row, column) if word is not None)


@dataclass(frozen=True)
class Problem:
    """Something that breaks a rule: which rule, where, what it is, what to do, and who says so.

    `rule` is a short stable name ("code-withdrawn") for counting and for tests. `what` shows the value,
    so that neither it nor `value` is in the repr, which may end up in a log.
    `source` is the provision in words, empty where the rule is only about the shape of a file. An
    `error` keeps the thing aside; a `warning` lets it in and shows it.
    """

    rule: str
    place: Place
    what: str = field(repr=False)
    remedy: str
    source: str = ""
    severity: Severity = "error"
    value: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        where = f"{self.place}: " if str(self.place) else ""
        source = f" ({self.source})" if self.source else ""
        return f"{where}{self.what} {self.remedy}{source}"


class Unusable(Exception):
    """What was handed over cannot be used: every problem with it. Nothing was read, nothing written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
