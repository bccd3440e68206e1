"""Reads the tables of a scenario's file: each key by itself, and every fault with its line.

What the keys mean together is looked at by those who use them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec

from firstbell.facts import Wrong, in_utc, with_seconds
from firstbell.policy.lines import Lines, Path
from firstbell.problems import Place, Problem
from firstbell.scenarios.format import Key, Table, keys_of

__all__ = ["Reader", "nearest", "pointing", "shown_value"]

_T = TypeVar("_T", bound=Table)
FEW = 12


class Reader:
    """One reading of one file; gathers problems, so that a person sees all of them at once."""

    def __init__(self, file: str, lines: Lines) -> None:
        self.file, self.lines = file, lines
        self.problems: list[Problem] = []

    def problem(self, rule: str, path: Path, what: str, remedy: str, source: str = "") -> None:
        """Notes what is wrong at a path, such as `("pupils", 1, "marks", 0)`."""
        place = Place(self.file, self.lines.of(*path), part=_part(path))
        self.problems.append(Problem(f"scenario-{rule}", place, what, remedy, source))

    def tables(self, cls: type[_T], rows: object, path: Path) -> list[tuple[Path, _T]]:
        """The tables of a list that have no fault, each with its path."""
        if not isinstance(rows, list):
            what = f'"{path[-1]}" is not a list of tables.'
            self.problem("shape", path, what, f"Write [[{path[-1]}]], in double brackets, above each.")
            return []
        found = []
        for number, row in enumerate(rows):
            if (one := self.table(cls, row, (*path, number))) is not None:
                found.append(((*path, number), one))
        return found

    def table(self, cls: type[_T], row: object, path: Path) -> _T | None:
        """A table as its class, or None if anything is wrong with one of its keys.

        Tables that stand under one of its keys belong to it: it has them where none of them has a fault.
        """
        if not isinstance(row, dict):
            self.problem("shape", path, f"{shown_value(row)} is not a table.", "Write keys and values.")
            return None
        before = len(self.problems)
        keys = keys_of(cls)
        self.check_keys(row, [one.name for one in keys], path)
        found: dict[str, Any] = {}
        for one in keys:
            if one.name not in row:
                if one.default is None:
                    self.problem("missing", path, f'"{one.name}" is missing.', f"Add it: {one.says}.")
            elif one.rows is not None:
                rows = self.tables(one.rows, row[one.name], (*path, one.name))
                found[one.field] = tuple(table for _, table in rows)
            else:
                self._take(one, row[one.name], (*path, one.name), found)
        return cls(**found) if len(self.problems) == before else None

    def check_keys(self, row: Iterable[str], known: list[str], path: Path) -> None:
        """Notes each key that no such table has, with the key that is nearest to it."""
        for name in row:
            if name not in known:
                remedy = nearest(name, known) or f"It may have: {', '.join(known)}."
                self.problem("key", (*path, name), f'there is no key "{name}".', remedy)

    def _take(self, one: Key, value: object, path: Path, found: dict[str, Any]) -> None:
        try:
            read = _read(one, value)
        except Wrong as wrong:
            self.problem("form", path, f'"{one.name}" is {shown_value(value)}. {wrong.what}', wrong.remedy)
        except ValueError:
            near = nearest(value, one.choices) if isinstance(value, str) else ""
            remedy = near or f"Write {one.form.replace('`', '')}."
            self.problem("form", path, f'"{one.name}" is {shown_value(value)}.', remedy)
        else:
            if read == "" and one.default is None:
                self.problem("missing", path, f'"{one.name}" is empty.', f"Write it: {one.says}.")
            found[one.field] = read


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy that names what is nearest to a name; "" where nothing is near."""
    near = get_close_matches(name[:80], list(known), 1)
    return f'Did you mean "{near[0]}"?' if near else ""


def pointing(name: str, known: Collection[str], otherwise: str) -> str:
    """The remedy for a name that nothing has: what is nearest, else what there is and what can be done."""
    if near := nearest(name, known):
        return near
    there = f"There are: {', '.join(sorted(known))}. " if 0 < len(known) <= FEW else ""
    return there + otherwise


def shown_value(value: object) -> str:
    """A value as the file has it, near enough to be found there."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(shown_value, value))}]"
    return "a table" if isinstance(value, Mapping) else str(value)


def _part(path: Path) -> str | None:
    """A path for people: `pupils 2, marks 1`."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int):
            words[-1] += f" {step + 1}"
        else:
            words.append(step)
    return ", ".join(words) or None


def _read(one: Key, value: object) -> object:
    """A value as its key wants it. Raises ValueError, or `Wrong` where more can be said."""
    if one.accepts is not None:
        if not one.accepts(value):
            raise ValueError
        return in_utc(value) if isinstance(value, datetime) else value
    if one.basic == "day":
        return _day(value)
    if one.basic == "moment":
        return _moment(value)
    if one.basic == "time":
        return _time(value)
    try:
        return msgspec.convert(value, one.type, strict=True, builtin_types=(date, datetime, time))
    except msgspec.ValidationError:
        raise ValueError from None


def _day(value: object) -> date:
    """A day, also one in quotes."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError
    return value


def _moment(value: object) -> datetime:
    """A moment, also one in quotes, with or without its seconds; London's, unless it says otherwise."""
    if isinstance(value, str) and len(value) > len("2025-09-16"):
        value = datetime.fromisoformat(with_seconds(value))
    if not isinstance(value, datetime):
        raise ValueError
    return in_utc(value)


def _time(value: object) -> time:
    """A time of the day, also one in quotes, with or without its seconds."""
    if isinstance(value, str):
        value = time.fromisoformat(with_seconds(value))
    if not isinstance(value, time) or value.tzinfo is not None:
        raise ValueError
    return value
