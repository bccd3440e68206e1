"""Reads the law's tables: TOML in, dated values out, or every problem with the files at once.

Nothing is guessed: a key that no table has, a date that overlaps, a source that is not listed, a type that
does not fit are problems naming file, table and row. Refuses to know what any value means.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from firstbell.problems import Place, Problem, Unusable
from firstbell.statute import values
from firstbell.statute.values import Category, Code, DayOfYear, Instrument, Source, Symbol, Value

__all__ = ["Tables", "read_tables"]

_R = TypeVar("_R", Value, Category, Instrument)

VALUE_CLASSES: Mapping[str, type[Value]] = {
    kind.table: kind
    for name in values.__all__
    if isinstance(kind := getattr(values, name), type) and issubclass(kind, Value) and kind.table
}
WRITTEN_AS = {"from_on": "from", "until_on": "until"}
FROM_FILE_HEAD = ("from", "until", "source")
FIRST_FILES = ("symbols.toml", "sources.toml", "categories.toml")
MOST_SYMBOLS = 255  # a strip keeps a mark in one byte, and 0 is unmarked


@dataclasses.dataclass(frozen=True)
class Tables:
    """All that the files say: the order in which symbols are numbered, the codes, every other value."""

    symbols: tuple[str, ...]
    codes: tuple[Code, ...]
    values: tuple[Value, ...]
    categories: Mapping[str, Category]
    instruments: Mapping[str, Instrument]


class _Row(NamedTuple):
    """A value with where it was written, so that a fault found later can still say where."""

    value: Value
    file: str
    shown: str


def read_tables(folder: Traversable | Path) -> Tables:
    """Every table of `folder`, checked as a whole.

    Raises `Unusable` with every problem found: none of the tables is used if one has a fault, because a
    figure worked out from half of the law is worse than none.
    """
    reader = _Reader()
    parsed = _parse(folder, reader)
    reader.stop_if_problems()
    reader.symbols = _read_symbols(parsed.pop("symbols.toml"), reader)
    for name, row in parsed.pop("sources.toml").items():
        if (instrument := reader.record(Instrument, row, "sources.toml", name, name)) is not None:
            reader.instruments[name] = instrument
    reader.stop_if_problems()  # A fault in what the rows rest on would look like a fault of every row.
    for name, row in parsed.pop("categories.toml").items():
        if (category := reader.record(Category, row, "categories.toml", name, name)) is not None:
            reader.categories[name] = category
    reader.stop_if_problems()
    rows = [row for file, content in parsed.items() for row in _read_rows(file, content, reader)]
    dated = _dated(rows, reader)
    reader.stop_if_problems()
    codes = tuple(value for value in dated if isinstance(value, Code))
    others = tuple(value for value in dated if not isinstance(value, Code))
    if not codes:
        reader.problem("file", "codes", "", "no table has a code.", 'Add a file with "[[code]]" rows.')
        reader.stop_if_problems()
    return Tables(reader.symbols, codes, others, reader.categories, reader.instruments)


class _Reader:
    """One reading of one folder; gathers problems as it goes, so that a person sees all of them at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.symbols: tuple[str, ...] = ()
        self.instruments: dict[str, Instrument] = {}
        self.categories: dict[str, Category] = {}

    def problem(self, rule: str, file: str, row: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(f"statute-{rule}", Place(file, part=row or None), what, remedy))

    def stop_if_problems(self) -> None:
        if self.problems:
            raise Unusable(self.problems)

    def record(
        self, kind: type[_R], row: object, file: str, shown: str, name: str | None = None
    ) -> _R | None:
        """One row as its class, or None and the problems noted; `name` is the row's heading, if any."""
        before = len(self.problems)
        if not isinstance(row, Mapping):
            self.problem(
                "type", file, shown, "this is not a row of a table.", "Write keys and values below it."
            )
            return None
        found: dict[str, Any] = {} if name is None else {"name": name}
        fields = {WRITTEN_AS.get(f.name, f.name): f for f in dataclasses.fields(kind) if f.name not in found}
        self.check_keys(row, fields, file, shown)
        hints = typing.get_type_hints(kind)
        for written, field in fields.items():
            if written in row:
                try:
                    found[field.name] = self.convert(hints[field.name], row[written])
                except ValueError as error:
                    what = f'"{written}" is {_shown(row[written])}: {error}.'
                    self.problem("type", file, shown, what, "Correct it.")
            elif field.default is dataclasses.MISSING:
                self.problem("missing", file, shown, f'"{written}" is missing.', "Add it.")
        return kind(**found) if len(self.problems) == before else None

    def check_keys(self, row: Iterable[str], known: Iterable[str], file: str, shown: str) -> None:
        known = list(known)
        for key in row:
            if key not in known:
                near = get_close_matches(key, known, 1)
                remedy = f'Did you mean "{near[0]}"?' if near else f"It may have: {', '.join(known)}."
                self.problem("key", file, shown, f'there is no key "{key}".', remedy)

    def convert(self, hint: Any, value: object) -> object:
        """A value of a TOML file as the type its field asks for. Raises ValueError saying what is wanted."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (types.UnionType, typing.Union):
            return self.convert(next(a for a in arguments if a is not types.NoneType), value)
        if origin is tuple:
            if not isinstance(value, list):
                raise ValueError("a list in brackets is wanted")
            return tuple(self.convert(arguments[0], item) for item in value)
        if origin is Literal or issubclass(hint, StrEnum):
            choices = arguments if origin is Literal else tuple(hint)
            if value not in choices:
                raise ValueError(f"one of these is wanted: {', '.join(str(c) for c in choices if c)}")
            return value if origin is Literal else hint(value)
        if hint in LOOKED_UP:
            return LOOKED_UP[hint](self, value)
        # Not isinstance: a moment is a date to Python, and true is a whole number.
        if type(value) is not hint:
            raise ValueError(f"{WANTED[hint]} is wanted")
        return value

    def fraction(self, value: object) -> Fraction:
        if isinstance(value, str):
            try:
                return Fraction(value)
            except (ValueError, ZeroDivisionError):
                pass
        raise ValueError('a fraction in quotes is wanted, such as "1/10"')

    def day_of_year(self, value: object) -> DayOfYear:
        return DayOfYear(value if isinstance(value, str) else "")

    def symbol(self, value: object) -> Symbol:
        if not isinstance(value, str):
            raise ValueError("a symbol in quotes is wanted")
        if value not in self.symbols:
            at_the_end = "it goes at the end, never in between, because marks are stored by place"
            raise ValueError(f'"{value}" has no place in symbols.toml ({at_the_end})')
        return Symbol(value)

    def category(self, value: object) -> Category:
        if not isinstance(value, str) or value not in self.categories:
            raise ValueError(f"there is no such category; there are: {', '.join(self.categories)}")
        return self.categories[value]

    def source(self, value: object) -> Source:
        name, _, where = (value if isinstance(value, str) else "").partition(":")
        if name.strip() not in self.instruments:
            raise ValueError(f'the source "{name.strip()}" is not listed in sources.toml')
        return Source(self.instruments[name.strip()], where.strip())


WANTED = {int: "a whole number", date: "a date without a time", bool: "true or false", str: "text in quotes"}
LOOKED_UP: Mapping[type, typing.Callable[[_Reader, object], object]] = {
    Fraction: _Reader.fraction,
    DayOfYear: _Reader.day_of_year,
    Symbol: _Reader.symbol,
    Category: _Reader.category,
    Source: _Reader.source,
}


def _shown(value: object) -> str:
    """A value as a TOML file writes it, near enough to be found in one."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | date) else repr(value).replace("'", '"')


def _parse(folder: Traversable | Path, reader: _Reader) -> dict[str, dict[str, Any]]:
    parsed = {}
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.name.endswith(".toml"):
            try:
                parsed[item.name] = tomllib.loads(item.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                reader.problem("toml", item.name, "", f"this is not TOML: {error}.", "Correct that place.")
    # A file that cannot be read has been reported; it is not missing as well.
    for name in FIRST_FILES if not reader.problems else ():
        if name not in parsed:
            reader.problem("file", name, "", "the file is missing.", "Add it; every table rests on it.")
    return parsed


def _read_symbols(content: Mapping[str, object], reader: _Reader) -> tuple[str, ...]:
    reader.check_keys(content, ["symbols"], "symbols.toml", "")
    symbols = content.get("symbols")
    if not isinstance(symbols, list) or not all(isinstance(symbol, str) and symbol for symbol in symbols):
        reader.problem(
            "type", "symbols.toml", "symbols", "a list of symbols in quotes is wanted.", "Write one."
        )
        return ()
    for symbol in sorted({symbol for symbol in symbols if symbols.count(symbol) > 1}):
        what = f'"{symbol}" stands in the list twice.'
        reader.problem("symbol", "symbols.toml", "symbols", what, "Take out the later one.")
    if len(symbols) > MOST_SYMBOLS:
        what = f"there are {len(symbols)} symbols and room for {MOST_SYMBOLS}."
        reader.problem("symbol", "symbols.toml", "symbols", what, "A wider number for marks is needed first.")
    return tuple(symbols)


def _read_rows(file: str, content: dict[str, Any], reader: _Reader) -> Iterable[_Row]:
    # A file states once, under [table], what holds for each of its rows that does not say otherwise.
    head = content.pop("table", {})
    if not isinstance(head, Mapping):
        reader.problem("table", file, "table", "this is not a table.", 'Write "[table]", in single brackets.')
        return
    reader.check_keys(head, FROM_FILE_HEAD, file, "table")
    defaults = {key: head[key] for key in FROM_FILE_HEAD if key in head}
    for table, rows in content.items():
        kind = VALUE_CLASSES.get(table)
        if kind is None:
            near = get_close_matches(table, VALUE_CLASSES, 1)
            known = f"There are: {', '.join(sorted(VALUE_CLASSES))}."
            remedy = f'Did you mean "[[{near[0]}]]"?' if near else known
            reader.problem("table", file, table, f'there is no table "[[{table}]]".', remedy)
        elif not isinstance(rows, list):
            what = f'"{table}" is not a list of rows.'
            reader.problem(
                "table", file, table, what, f'Write "[[{table}]]" above each row, in double brackets.'
            )
        else:
            for number, row in enumerate(rows, start=1):
                shown = f"{table} {row.get(kind.key, number) if isinstance(row, Mapping) else number}"
                own = {**defaults, **row} if isinstance(row, Mapping) else row
                if (value := reader.record(kind, own, file, shown)) is not None:
                    yield _Row(value, file, shown)


def _dated(rows: Sequence[_Row], reader: _Reader) -> list[Value]:
    """The values, in their order, with their ends worked out: each lasts until the next of its kind begins.

    An end may also be written. A row that starts before the one ahead of it has ended, or later than the
    day after, is a problem: for every day there must be one answer.
    """
    families: dict[tuple[str, object], list[int]] = {}
    for place, row in enumerate(rows):
        key = getattr(row.value, row.value.key) if row.value.key else None
        families.setdefault((row.value.table, key), []).append(place)
    until: dict[int, date | None] = {}
    for places in families.values():
        places.sort(key=lambda place: rows[place].value.from_on)
        for place, following in zip(places, [*places[1:], None], strict=True):
            until[place] = _last_day(rows[place], None if following is None else rows[following], reader)
    return [dataclasses.replace(row.value, until_on=until[place]) for place, row in enumerate(rows)]


def _last_day(row: _Row, following: _Row | None, reader: _Reader) -> date | None:
    """The last day of a row, and the problems of its days."""
    first_on, until_on = row.value.from_on, row.value.until_on
    if until_on is not None and until_on < first_on:
        what = f"it is in force from {first_on} until {until_on}, which is before."
        reader.problem("dates", row.file, row.shown, what, "Correct one of the days.")
        return until_on
    if following is None:
        return until_on
    next_on = following.value.from_on
    last_on = next_on - timedelta(days=1)
    if next_on == first_on:
        what = f"there are two rows from {first_on} (the other in {following.file})."
        reader.problem("overlap", row.file, row.shown, what, "Take one out, or correct its day.")
    elif until_on not in (None, last_on):
        rule, they = ("gap", "leave a gap") if until_on < last_on else ("overlap", "overlap")
        what = (
            f"it and the next row {they}: in force until {until_on}, that ({following.file}) from {next_on}."
        )
        remedy = f'Let the first end on {last_on}, or leave out its "until".'
        reader.problem(rule, row.file, row.shown, what, remedy)
    return last_on
