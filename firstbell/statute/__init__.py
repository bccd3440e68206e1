"""What did the law say on that day, and where?

`england()` is the law as our tables hold it; `on(day)` is what was in force on a day; `over(days)` is the
same for many days as arrays, so that law meets marks in one indexing step. The tables are the TOML files
of this folder: every value has its dates, its source and how sure we are of it.

Refuses to know: any school, any child, today's date. Start reading with `codes-2024.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from firstbell.statute.ages import compulsory_school_age, education_due_from_on
from firstbell.statute.court import (
    Offence,
    OrderMade,
    extended,
    extension_window,
    prosecution_last_on,
    prosecution_problems,
    supervision_order,
)
from firstbell.statute.notices import (
    EarlierNotice,
    NoticeTerms,
    exclusion_notice_terms,
    improvement_period_problems,
    notice_terms,
    received_on,
)
from firstbell.statute.reading import read_tables
from firstbell.statute.values import (
    Ages,
    Category,
    CensusPeriod,
    Code,
    CompulsorySchoolAge,
    Confidence,
    Instrument,
    NationalThreshold,
    Source,
    Value,
)
from firstbell.statute.years import months_after, years_after_in_full

__all__ = [
    "Ages",
    "Category",
    "CensusPeriod",
    "Code",
    "CompulsorySchoolAge",
    "Confidence",
    "EarlierNotice",
    "Law",
    "LawOver",
    "NationalThreshold",
    "NoLaw",
    "NoticeTerms",
    "Offence",
    "OrderMade",
    "Source",
    "Statute",
    "UNMARKED",
    "Value",
    "compulsory_school_age",
    "education_due_from_on",
    "england",
    "exclusion_notice_terms",
    "extended",
    "extension_window",
    "improvement_period_problems",
    "months_after",
    "notice_terms",
    "prosecution_last_on",
    "prosecution_problems",
    "received_on",
    "supervision_order",
    "years_after_in_full",
]

UNMARKED = 0
"""What stands in a strip where nobody has made a mark."""

_V = TypeVar("_V", bound=Value)


class NoLaw(LookupError):
    """Nothing of the kind is held for that day; the message names the first day that is."""


@dataclass(frozen=True)
class Law:
    """All that was in force on one day."""

    on: date
    values: tuple[Value, ...] = field(repr=False)
    statute: Statute = field(repr=False)

    def value(self, kind: type[_V]) -> _V:
        """The one value of a kind that was in force.

        Raises `NoLaw`, naming the first day the kind is held for: never None, which would travel.
        """
        found = self.find(kind)
        if found is None:
            first = min((v.from_on for v in self.statute.values if isinstance(v, kind)), default=None)
            held = f"the first day held is {first}" if first else "no day is held"
            raise NoLaw(f"There is no {kind.table.replace('_', ' ')} on {self.on}: {held}.")
        return found

    def find(self, kind: type[_V]) -> _V | None:
        """The value of a kind that was in force, or None where the law had no such rule on the day."""
        return next((v for v in self.values if isinstance(v, kind)), None)

    def all_or_first(self, kind: type[_V]) -> tuple[_V, ...]:
        """The rows of a kind in force; for days before the first that we hold, the first.

        For figures that may be asked for in any year. Whether something follows from them is asked with
        `find` or `all`, which say that the law had no such rule then.
        """
        held = [value for value in self.statute.values if isinstance(value, kind)]
        first_on = min(value.from_on for value in held)
        return self.all(kind) or tuple(value for value in held if value.from_on == first_on)

    def all(self, kind: type[_V]) -> tuple[_V, ...]:
        """Every row of a kind that was in force, in the order of its table."""
        return tuple(v for v in self.values if isinstance(v, kind))

    @cached_property
    def codes(self) -> dict[str, Code]:
        """The codes in force that a register may take, by symbol.

        What another code reads as (X19, see `Code.reads_as`) is no mark: only `all(Code)` has it.
        """
        codes = self.all(Code)
        read_as = {code.reads_as for code in codes}
        return {code.symbol: code for code in codes if code.symbol not in read_as}

    def code(self, symbol: str) -> Code | None:
        """The code that a symbol stood for in a register of the day, or None if it stood for nothing."""
        return self.codes.get(symbol)

    def instead_of(self, symbol: str) -> tuple[Code, ...]:
        """The codes of the day to look at where a symbol was no code on it: empty where none fits.

        For one withdrawn, what is used since; for one still to come, what stood for it before. Only codes
        in force on the day: an F in 2015 is H, C or G, and an F today C or G.
        """
        meanings = self.statute.describe(symbol)
        before = [code for code in meanings if code.from_on <= self.on]
        named = before[-1].instead if before else meanings[0].formerly if meanings else ()
        return tuple(self.codes[other] for other in named if other in self.codes)


@dataclass(frozen=True)
class LawOver:
    """The codes as they stood on each of many days: `regime[i]` is the row of a table for day i.

    A regime is a stretch of days over which nothing changed. `where(test)` makes a table of them,
    bool[regime, 256], to be indexed with the regime of a session and the number of a mark.
    """

    days: tuple[date, ...]
    regime: NDArray[np.uint8]
    laws: tuple[Law, ...]
    statute: Statute

    def where(self, test: Callable[[Code], bool]) -> NDArray[np.bool_]:
        """bool[regime, 256]: True for the numbers of those codes that `test` accepts.

        Unmarked, and symbols that were no code in a regime, are False: a mark counts only by the law
        of its own day.
        """
        table = np.zeros((len(self.laws), 256), dtype=np.bool_)
        for row, law in enumerate(self.laws):
            for code in law.all(Code):
                # A code that reads as another for a pupil of compulsory school age has two numbers; the
                # second is laid into the strip where the first is read so (see register.Strips).
                table[row, self.statute.number(code.symbol)] = test(code)
        return table

    def marked(self, symbols: Iterable[str]) -> NDArray[np.bool_]:
        """`where` for codes by their symbols."""
        wanted = frozenset(symbols)
        return self.where(lambda code: code.symbol in wanted)

    @cached_property
    def counts_towards_threshold(self) -> NDArray[np.bool_]:
        """`where` for the codes of the national threshold, False for every day before there was one."""
        table = np.zeros((len(self.laws), 256), dtype=np.bool_)
        for row, law in enumerate(self.laws):
            threshold = law.find(NationalThreshold)
            for symbol in threshold.codes if threshold else ():
                table[row, self.statute.number(symbol)] = True
        return table


@dataclass(frozen=True, eq=False)
class Statute:
    """The law through time, as read from one folder of tables."""

    symbols: tuple[str, ...] = field(repr=False)
    values: tuple[Value, ...] = field(repr=False)
    instruments: tuple[Instrument, ...] = field(default=(), repr=False)
    """Every instrument that is known, also those that are in force no more."""

    @classmethod
    def read(cls, folder: Traversable | Path) -> Statute:
        """The law of a folder of tables. Raises `Unusable` with every fault of the files."""
        tables = read_tables(folder)
        return cls(tables.symbols, (*tables.codes, *tables.values), tuple(tables.instruments.values()))

    @cached_property
    def first_on(self) -> date:
        """The first day for which codes are held."""
        return min(v.from_on for v in self.values if isinstance(v, Code))

    def on(self, day: date) -> Law:
        """What was in force on `day`. Raises `NoLaw`, naming the first day held."""
        if day < self.first_on:
            raise NoLaw(f"No law is held for {day}: the first day held is {self.first_on}.")
        if day not in self._known:
            in_force = tuple(value for value in self.values if value.in_force(day))
            self._known[day] = Law(day, in_force, self)
        return self._known[day]

    def over(self, days: Sequence[date]) -> LawOver:
        """The law of each of `days`, which ascend. Raises `NoLaw` if the first is too early."""
        stretches = np.searchsorted(self._changes, np.array(days, dtype="datetime64[D]"), side="right")
        _, firsts, regime = np.unique(stretches, return_index=True, return_inverse=True)
        laws = tuple(self.on(days[first]) for first in firsts)
        return LawOver(tuple(days), regime.astype(np.uint8), laws, self)

    def number(self, symbol: str) -> int:
        """The number under which a symbol is kept in strips: its place in symbols.toml, from 1.

        Raises KeyError for a symbol that no table has.
        """
        return self._numbers[symbol]

    def symbol(self, number: int) -> str:
        """The symbol of a number; "" for unmarked."""
        return self.symbols[number - 1] if number else ""

    def last_meaning(self, symbol: str, on: date) -> Code | None:
        """What a symbol meant on `on` or, if it had been withdrawn, when it was last in force.

        Only for reading what others publish: the Department's files still count J, H and F by what they
        used to mean. A register never takes a withdrawn code.
        """
        held = [c for c in self.values if isinstance(c, Code) and c.symbol == symbol and c.from_on <= on]
        return max(held, key=lambda code: code.from_on, default=None)

    def describe(self, symbol: str) -> tuple[Code, ...]:
        """Every meaning a symbol has had, oldest first; empty if it never had one."""
        held = [c for c in self.values if isinstance(c, Code) and c.symbol == symbol]
        return tuple(sorted(held, key=lambda code: code.from_on))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {symbol: place for place, symbol in enumerate(self.symbols, start=1)}

    @cached_property
    def _changes(self) -> NDArray[np.datetime64]:
        """The days on which anything changed: where a regime starts, so that one law speaks for all of it."""
        days = {v.from_on for v in self.values}
        days |= {v.until_on + timedelta(days=1) for v in self.values if v.until_on is not None}
        return np.array(sorted(days), dtype="datetime64[D]")

    @cached_property
    def _known(self) -> dict[date, Law]:
        """The laws already asked for: thousands of marks ask about a few hundred days."""
        return {}


@cache
def england() -> Statute:
    """The law of England as our own tables hold it."""
    return Statute.read(resources.files(__package__))
