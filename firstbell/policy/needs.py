"""What does a gate need to have been recorded? A kind of fact, and perhaps parts of it with their values.

"timetable agreed: agreed_by, review_on" for parts that are filled in, "evidence received: of = illness" for
one with a value. Commas part them; a comma within a value, as in a question, stays with the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import msgspec

from firstbell.facts import KINDS as FACTS
from firstbell.policy.vocabulary import choices, nearest

__all__ = ["Need", "days_of", "faults_of_need", "is_filled_in", "need_of", "said_as"]

PART = re.compile(r"\s*(?P<name>\w+)\s*(?:=\s*(?P<value>.*?)\s*)?", re.ASCII | re.DOTALL)
YES, NO = ("yes", "true"), ("no", "false")


class Need(NamedTuple):
    """A kind of fact, and the parts that have to be filled in (None) or to have a value."""

    kind: str
    parts: tuple[tuple[str, str | None], ...] = ()

    def __str__(self) -> str:
        said = [_spaced(name) if value is None else f"{_spaced(name)} {value}" for name, value in self.parts]
        return f"{self.kind} with {', '.join(said)}" if said else self.kind


def _spaced(name: str) -> str:
    return name.replace("_", " ")


@cache
def need_of(term: str) -> Need:
    """What a term asks for. Nothing is checked: see `faults_of_need`."""
    kind, _, rest = term.partition(":")
    found: list[tuple[str, str | None]] = []
    for piece in rest.split(",") if rest.strip() else ():
        part = PART.fullmatch(piece)
        if part is None and found and found[-1][1] is not None:
            name, value = found[-1]
            found[-1] = (name, f"{value}, {piece.strip()}")
        else:
            found.append((part["name"], part["value"]) if part else (piece.strip(), None))
    return Need(kind.strip(), tuple(found))


def said_as(said: object, value: str) -> bool:
    """Whether what a part of a fact says is a value: capitals aside; of a list any one, "yes" for true."""
    if isinstance(said, bool):
        return value.casefold() in (YES if said else NO)
    if isinstance(said, tuple | list):
        return any(said_as(one, value) for one in said)
    return str(said).casefold() == value.casefold()


def faults_of_need(term: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a term, and what to do: a kind, a part or a value that there is not."""
    need = need_of(term)
    if need.kind not in FACTS:
        yield f'there is no kind of fact "{need.kind}".', nearest(need.kind, FACTS)
        return
    types = {one.encode_name: one.type for one in _parts(need.kind)}
    for name, value in need.parts:
        if name not in types:
            yield f'the fact "{need.kind}" has no part "{name}".', nearest(name, types)
        elif value is not None:
            yield from _faults_of_value(need.kind, name, value, _plain(types[name]))


def days_of(kind: str) -> tuple[str, ...]:
    """The parts of a kind of fact that are a day."""
    return tuple(
        one.encode_name
        for one in _parts(kind)
        if any(isinstance(plain, msgspec.inspect.DateType) for plain in _types(one.type))
    )


def _types(info: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    """The types of a part, lists left as they are."""
    match info:
        case msgspec.inspect.Metadata():
            return _types(info.type)
        case msgspec.inspect.UnionType():
            return tuple(plain for one in info.types for plain in _types(one))
        case _:
            return (info,)


def _parts(kind: str) -> tuple[msgspec.inspect.Field, ...]:
    info = msgspec.inspect.type_info(FACTS[kind])
    assert isinstance(info, msgspec.inspect.StructType)
    return info.fields


def _plain(info: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    """The types that a part may have, those within a list included."""
    found = _types(info)
    inner = (
        plain
        for one in found
        if isinstance(one, msgspec.inspect.VarTupleType)
        for plain in _types(one.item_type)
    )
    return (*found, *inner)


def _faults_of_value(
    kind: str, name: str, value: str, types: tuple[msgspec.inspect.Type, ...]
) -> Iterator[tuple[str, str]]:
    what = f'the part "{name}" of the fact "{kind}" is never "{value}".'
    inspect = msgspec.inspect
    words = choices(kind, name)
    if not value:
        yield f'"{name} =" has no value.', f'Write "{name}" alone where it has only to be filled in.'
    elif words:
        if not any(value.casefold() == word.casefold() for word in words):
            yield what, nearest(value, words)
    elif any(isinstance(one, inspect.BoolType) for one in types):
        if value.casefold() not in (*YES, *NO):
            yield what, "Write yes or no."
    elif any(isinstance(one, inspect.DateType | inspect.DateTimeType | inspect.TimeType) for one in types):
        yield f'the part "{name}" of the fact "{kind}" is a day or a time.', f'Write "{name}" alone.'
    elif any(isinstance(one, inspect.IntType) for one in types) and not value.isdigit():
        yield what, "Write a whole number."


def is_filled_in(said: object) -> bool:
    """Whether a part of a fact says something: no empty text or list, not nothing, and not false."""
    return said is not None and said is not False and said not in ("", ())
