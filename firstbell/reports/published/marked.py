"""How is a sentence marked, so that page, paper and terminal each show it in their own way?

A mark within a text is a pair of characters for private use. So sentences are put together as plain text, and
no text of a file is ever taken for a mark: `safe` takes such characters out. What the school has yet to state
is marked as well, and stands in brackets where nothing else can show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "BREAK",
    "Inline",
    "Marked",
    "Node",
    "em",
    "link",
    "nodes",
    "plain",
    "safe",
    "small",
    "strong",
    "unstated",
]

Marked: TypeAlias = str
"""A text that may hold marks."""
Kind: TypeAlias = Literal["strong", "em", "unstated", "small", "link", "break"]

BEGINS: dict[str, Kind] = {
    "\ue000": "strong",
    "\ue001": "em",
    "\ue002": "unstated",
    "\ue003": "small",
    "\ue004": "link",
}
OF = {kind: mark for mark, kind in BEGINS.items()}
TO, END = "\ue00e", "\ue00f"
BREAK: Marked = "\ue005"
"""Where a new line begins within what belongs together."""
MARKS = re.compile(f"[{''.join(BEGINS)}{BREAK}{TO}{END}]")


@dataclass(frozen=True)
class Node:
    """A marked part of a text; `to` is where a link leads."""

    kind: Kind
    inside: tuple[Inline, ...]
    to: str = ""


Inline: TypeAlias = str | Node


def safe(text: str) -> str:
    """A text of a file, with no character that could be taken for a mark."""
    return MARKS.sub("", text)


def strong(text: Marked) -> Marked:
    """What matters most in a sentence: a time, a number."""
    return f"{OF['strong']}{text}{END}"


def em(text: Marked) -> Marked:
    """What is said with a stress."""
    return f"{OF['em']}{text}{END}"


def small(text: Marked) -> Marked:
    """What is said by the way."""
    return f"{OF['small']}{text}{END}"


def unstated(says: str) -> Marked:
    """What the school has yet to state: its description stands in its place."""
    return f"{OF['unstated']}the school states: {says[:1].lower()}{says[1:]}{END}"


def link(text: Marked, to: str) -> Marked:
    """A link: to an anchor of the same document with "#", or to an address."""
    return f"{OF['link']}{to}{TO}{text}{END}"


def nodes(text: Marked) -> tuple[Inline, ...]:
    """A text as what it is made of."""
    parts = [part for part in re.split(f"({MARKS.pattern})", text) if part]
    return tuple(_read(iter(parts)))


def _read(parts: Iterator[str]) -> Iterator[Inline]:
    for part in parts:
        if part == END:
            return
        if part == BREAK:
            yield Node("break", ())
            continue
        if part not in BEGINS:
            yield part
            continue
        kind, to = BEGINS[part], ""
        if kind == "link":
            to = next(parts)
            next(parts)
        yield Node(kind, tuple(_read(parts)), to)


def plain(text: Marked) -> str:
    """The text without marks; what the school has yet to state stands in brackets."""
    return "".join(map(_plain, nodes(text)))


def _plain(one: Inline) -> str:
    if isinstance(one, str):
        return one
    if one.kind == "break":
        return " "
    inside = "".join(map(_plain, one.inside))
    return f"[{inside}]" if one.kind == "unstated" else inside
