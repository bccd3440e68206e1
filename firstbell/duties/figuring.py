"""What is a figure: by its name, of whom and over which days is it asked, and what can it be?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from firstbell.duties.sight import Sight
from firstbell.measures import Rate

__all__ = ["About", "Figure", "Value"]

Value: TypeAlias = Rate | int | bool | str | tuple[str, ...]
"""A day is a text, as "2025-12-12"; one that there is not is an empty text."""


@dataclass(frozen=True)
class About:
    """What a figure is asked of: some rows, the days, both ends included, and a parent if one is named.

    `group` is the name of the group of pupils that the rows are, where it is asked of one.
    """

    rows: tuple[int, ...]
    first_on: date
    last_on: date
    parent: str = ""
    group: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure by name: what it is, and how it is worked out."""

    says: str
    of: Callable[[Sight, About], Value]
