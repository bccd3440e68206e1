"""Which column of a file is which, and what do the words in its cells stand for?

The names that systems give to columns, and what they write in them, stand in `columns.toml`: another
system's heading is a word more in that file. A column that is needed and missing makes a file unusable; one
that nobody has heard of is said once and not read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from firstbell.exchange.tables import Column, Table
from firstbell.problems import Place, Problem, Unusable

if TYPE_CHECKING:
    from firstbell.exchange.mapping import ColumnMapping

__all__ = [
    "Field",
    "Found",
    "attribute_headed",
    "attributes",
    "field_of",
    "fields_of",
    "find_columns",
    "in_our_words",
    "is_headed",
]

SHOWN = 30
"""How many headings a message lists."""


@dataclass(frozen=True)
class Field:
    """Something that a column can hold: our title for it, and the headings that others give it."""

    name: str
    title: str
    headings: tuple[str, ...]
    needed: str = ""
    read: bool = True
    attribute: str = ""
    values: str = ""
    open: bool = False


@dataclass(frozen=True, eq=False)
class Found:
    """The columns of a table that were understood, by field, and a warning about each of the others."""

    columns: Mapping[str, Column]
    problems: tuple[Problem, ...]

    def get(self, name: str) -> Column | None:
        """The column that holds a field, if the file has it."""
        return self.columns.get(name)


UNUSED = Field("", "", (), read=False)
"""What a mapping says is of no use."""


def plain(text: str) -> str:
    """A heading or a word as it is compared: letters and digits only, in lower case."""
    # "1.0" is how a number that went through a spreadsheet may come out; it must not become a ten.
    text = re.sub(r"^(\d+)\.0+$", r"\1", text.strip())
    return re.sub(r"[\W_]+", "", text.casefold())


@cache
def _tables() -> dict[str, dict[str, Field]]:
    content = _content()
    return {
        kind: {
            name: Field(name, **{**row, "headings": tuple(row["headings"])})
            for name, row in content[kind].items()
        }
        for kind in content
        if kind != "values"
    }


@cache
def _content() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads((resources.files(__package__) / "columns.toml").read_text(encoding="utf-8"))


@cache
def in_our_words(values: str) -> Mapping[str, str]:
    """Our word for each word that others write, of one of the lists under `[values]`; see `plain`."""
    return {
        plain(theirs): ours
        for ours, others in _content()["values"][values].items()
        for theirs in (ours, *others)
    }


def field_of(kind: str, name: str) -> Field:
    """A field of a marks or pupils file, by its name in `columns.toml`."""
    return _tables()[kind][name]


def fields_of(kind: str) -> tuple[str, ...]:
    """The names of the fields that are read of a kind of file."""
    return tuple(field.name for field in _tables()[kind].values() if field.read)


def is_headed(table: Table, kind: str, name: str) -> bool:
    """Whether a table has a column that is headed as one of our fields."""
    known = field_of(kind, name)
    return not {plain(one) for one in (known.title, *known.headings)}.isdisjoint(map(plain, table.headings))


@cache
def attributes() -> tuple[Field, ...]:
    """The fields of a pupils file that become attributes of an enrolment."""
    return tuple(field for field in _tables()["pupils"].values() if field.attribute)


def attribute_headed(heading: str) -> Field | None:
    """The field that becomes an attribute and is headed so in a pupils file, or None."""
    return next(
        (
            field
            for field in attributes()
            if plain(heading) in {plain(one) for one in (field.attribute, field.title, *field.headings)}
        ),
        None,
    )


def find_columns(table: Table, kind: str, mapping: ColumnMapping | None = None) -> Found:
    """The columns of a marks or pupils file (`kind`), by their headings.

    Where two columns are headed as the same thing, the one whose heading stands first in our list is taken.
    What a `mapping` says goes before our list: the heading it gives to a field is read as that field and
    nothing else, and what it says is of no use is not read.
    Raises `Unusable` where a needed one is missing: it names the headings found and those looked for.
    """
    fields = _tables()[kind]
    rank = {
        plain(heading): (place, field)
        for field in fields.values()
        for place, heading in enumerate((field.title, *field.headings))
    }
    columns: dict[str, Column] = {}
    problems: list[Problem] = []
    if mapping is not None:
        rank |= {plain(heading): (-1, UNUSED) for heading in mapping.unused}
        named = {plain(heading): (-1, fields[name]) for name, heading in mapping.columns.items()}
        rank = {**{key: one for key, one in rank.items() if one[1].name not in mapping.columns}, **named}
    known = [(*rank[plain(c.heading)], c) for c in table.columns if plain(c.heading) in rank]
    for _, field, column in sorted(known, key=lambda one: one[0]):
        if field.read and field.name in columns:
            first = columns[field.name].heading
            problems.append(_not_read(table, column, f'"{first}" was read for the {field.title.lower()}.'))
        elif field.read:
            columns[field.name] = column
    missing = _missing(table, fields, columns)
    if missing:
        raise Unusable(missing)
    problems += [
        _not_read(table, column, "No such column is known.")
        for column in table.columns
        if plain(column.heading) not in rank
    ]
    return Found(columns, tuple(problems))


def _not_read(table: Table, column: Column, why: str) -> Problem:
    return Problem(
        "column-not-read",
        Place(table.file, column=column.heading),
        f"The column was not read. {why}",
        "If it holds something that is missing, give it a heading we know; otherwise leave it.",
        severity="warning",
    )


def _missing(table: Table, fields: Mapping[str, Field], columns: Mapping[str, Column]) -> list[Problem]:
    found = ", ".join(f'"{heading}"' for heading in table.headings[:SHOWN])
    more = len(table.headings) - SHOWN
    found += f" and {more} more" if more > 0 else ""
    problems = []
    for group in dict.fromkeys(field.needed for field in fields.values() if field.needed):
        wanted = [field for field in fields.values() if field.needed == group]
        if any(field.name in columns for field in wanted):
            continue
        titles = " or ".join(f'"{field.title}"' for field in wanted)
        known = ", ".join(heading for field in wanted for heading in field.headings)
        problems.append(
            Problem(
                "column-missing",
                Place(table.file),
                f"No column {titles} was found. The headings are: {found}.",
                f"Give the column one of these headings: {titles}, {known}.",
            )
        )
    return problems
