"""Which of a table's columns are counts, which percentages, and how do they hang together?

Reads `columns.toml`, where the Department's headings stand, and lays it over the headings of one file. What
comes out names columns by their place, so that nothing after this module knows a heading or a code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

__all__ = [
    "Explanation",
    "Figureless",
    "Layout",
    "Rate",
    "Remainder",
    "RowColumns",
    "Sum",
    "Tables",
    "tables",
]


@dataclass(frozen=True)
class Explanation:
    """One reason why a row may disagree and still be right, with the bounds within which it is accepted."""

    name: str
    sentence: str
    code: str = ""
    sessions: int = 0
    share: Fraction = Fraction(0)
    to: int = 1


@dataclass(frozen=True)
class RowColumns:
    """The columns that say what a row is about: place, time, phase."""

    period: tuple[str, ...]
    within: tuple[str, ...]
    day: tuple[str, ...]
    level: tuple[str, ...]
    phase: tuple[str, ...]
    identifiers: tuple[str, ...]
    all_phases: frozenset[str]


@dataclass(frozen=True)
class Rate:
    """A percentage and the two counts it is worked out from, by their headings."""

    percent: str
    part: str
    whole: str


@dataclass(frozen=True)
class Sum:
    """A total and what it adds up: other columns, or those columns whose code counts as `counting`.

    `explained` names the explanations to try where it does not add up.
    """

    total: str
    parts: tuple[str, ...] = ()
    counting: str = ""
    explained: tuple[str, ...] = ()


@dataclass(frozen=True)
class Remainder:
    """A total of absence and how much of it has a reason: they may differ by what has none."""

    total: str
    reasons: str


@dataclass(frozen=True)
class Layout:
    """One kind of table: how it is recognised and what can be worked out again in it.

    `over` maps the heading of a whole to {heading of a percentage: heading of its part}; a word in braces
    stands for any words, the same on both sides. `whole_row` is the row that holds the whole for its group,
    as (column, cell), where it does not stand in the row itself. `weight` holds the pupils by whom phases
    are weighted; `terms` says whether the terms of a year add up to it.
    """

    kind: str
    title: str
    known_by: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    over: Mapping[str, Mapping[str, str]]
    sums: tuple[Sum, ...]
    remainders: tuple[Remainder, ...]
    weight: str = ""
    terms: bool = False
    whole_row: tuple[str, str] | None = None

    def rates(self, headings: Sequence[str]) -> tuple[Rate, ...]:
        """Every percentage among `headings` whose part and whole are among them too, in their order."""
        held = frozenset(headings)
        found: dict[str, Rate] = {}
        for whole, rates in self.over.items():
            for percent, part in rates.items():
                pattern = _pattern(percent)
                for heading in headings:
                    words = pattern.fullmatch(heading)
                    if words is None or heading in found:
                        continue
                    rate = Rate(heading, _filled(part, words), _filled(whole, words))
                    if rate.part in held and rate.whole in held:
                        found[heading] = rate
        return tuple(found[heading] for heading in headings if heading in found)

    def counts(self, headings: Sequence[str]) -> tuple[str, ...]:
        """The columns among `headings` that hold numbers of sessions: totals and single codes."""
        named = set(self.codes)
        for each in self.sums:
            named |= {each.total, *each.parts}
        return tuple(heading for heading in headings if heading in named)


@dataclass(frozen=True)
class Figureless:
    """A kind of table that holds no figures, and why there is nothing to recompute in it."""

    kind: str
    known_by: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Tables:
    """All that `columns.toml` says."""

    not_available: frozenset[str]
    percentage_endings: tuple[str, ...]
    row: RowColumns
    year_whole: str
    year_parts: tuple[str, ...]
    explained: Mapping[str, Explanation]
    layouts: tuple[Layout, ...]
    figureless: tuple[Figureless, ...]

    def layout_of(self, headings: Sequence[str]) -> Layout | None:
        """The first layout that one of the headings gives away, or None."""
        return next((each for each in self.layouts if not set(each.known_by).isdisjoint(headings)), None)

    def figureless_of(self, headings: Sequence[str]) -> Figureless | None:
        """The figureless kind all of whose headings are there, or None."""
        return next((each for each in self.figureless if set(each.known_by) <= set(headings)), None)

    def percentages(self, headings: Sequence[str]) -> tuple[str, ...]:
        """The headings that name a percentage, by their endings."""
        return tuple(heading for heading in headings if heading.endswith(self.percentage_endings))


@cache
def tables() -> Tables:
    """The Department's tables as our own `columns.toml` describes them."""
    text = resources.files(__package__).joinpath("columns.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    row = {key: tuple(value) for key, value in content["row"].items() if key != "all_phases"}
    return Tables(
        not_available=frozenset(content["not_available"]),
        percentage_endings=tuple(content["percentage_endings"]),
        row=RowColumns(**row, all_phases=frozenset(content["row"]["all_phases"])),
        year_whole=content["year"]["whole"],
        year_parts=tuple(content["year"]["parts"]),
        explained={key: _explanation(value) for key, value in content["explained"].items()},
        layouts=tuple(_layout(value) for value in content["layout"]),
        figureless=tuple(
            Figureless(value["kind"], tuple(value["known_by"]), value["why"])
            for value in content["figureless"]
        ),
    )


def _explanation(value: Mapping[str, Any]) -> Explanation:
    return Explanation(**{**value, "share": Fraction(value.get("share", 0))})


def _layout(value: Mapping[str, Any]) -> Layout:
    whole_row = value.get("whole_row")
    return Layout(
        kind=value["kind"],
        title=value["title"],
        known_by=tuple(value["known_by"]),
        codes={column: tuple(codes) for column, codes in value.get("codes", {}).items()},
        over=value.get("over", {}),
        sums=tuple(
            Sum(
                each["total"],
                tuple(each.get("parts", ())),
                each.get("counting", ""),
                tuple(each.get("explained", ())),
            )
            for each in value.get("sum", ())
        ),
        remainders=tuple(Remainder(**each) for each in value.get("remainder", ())),
        weight=value.get("weight", ""),
        terms=value.get("terms", False),
        whole_row=None if whole_row is None else (whole_row["column"], whole_row["is"]),
    )


@cache
def _pattern(heading: str) -> re.Pattern[str]:
    """A heading of columns.toml as a pattern: `{what}` stands for any words."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\w+?)", re.escape(heading)))


def _filled(heading: str, words: re.Match[str]) -> str:
    return heading.format(**words.groupdict())
