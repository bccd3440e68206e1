"""What is a document made of, whatever it is written as: headings, paragraphs, lists, tables, notes, a chart.

`prose` reads the texts for reading that stand beside a policy. It knows a part of Markdown: headings, lists,
tables, what is set off, links. Whatever else stands there is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from firstbell.reports.published.marked import Marked, em, link, plain, safe, strong
from firstbell.reports.published.values import capital

__all__ = ["Block", "Cell", "Drawing", "Heading", "Items", "Note", "Paragraph", "Table", "anchor", "prose"]

Cell: TypeAlias = tuple[Marked, ...]
"""What stands in a cell of a table: one or several things below each other."""


@dataclass(frozen=True)
class Heading:
    """A heading. `level` is 1 for the document's title, which stands once."""

    text: Marked
    level: int
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: Marked


@dataclass(frozen=True)
class Items:
    """A list. An item with things of its own below it has them in `below`, by its number from 0."""

    items: tuple[Marked, ...]
    is_numbered: bool = False
    below: tuple[tuple[int, tuple[Marked, ...]], ...] = ()

    def under(self, number: int) -> tuple[Marked, ...]:
        """What stands below an item."""
        return next((own for place, own in self.below if place == number), ())


@dataclass(frozen=True)
class Table:
    """A table with a caption, seen or not. The first cell of each row is its heading.

    `widths` are shares of the whole, `anchors` the names by which its rows are linked to. What `is_running`
    has several paragraphs in a cell, others have several things. One with much text in many columns
    `lies_across` the paper.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()
    anchors: tuple[str, ...] = ()
    hides_caption: bool = False
    is_running: bool = False
    lies_across: bool = False


@dataclass(frozen=True)
class Note:
    """What must be said beside something, set off from it."""

    text: Marked


@dataclass(frozen=True)
class Drawing:
    """A drawing with a page of its own on paper, and the words that say the same."""

    title: str
    svg: str = field(repr=False)
    words: str
    width: int
    height: int


Block: TypeAlias = Heading | Paragraph | Items | Table | Note | Drawing

# --- texts for reading -----------------------------------------------------------------------------------

HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*+]|\d+[.)])\s+(?P<text>.+)")
ROW = re.compile(r"\|(.*)\|")
RULE = re.compile(r"[\s:|-]+")
INLINE = re.compile(
    r"\*\*(?P<strong>.+?)\*\*|(?<![\w*])[*_](?P<em>[^*_\s](?:[^*_]*[^*_\s])?)[*_](?![\w*])"
    r"|\[(?P<text>[^\]]+)\]\((?P<to>[^)\s]+)\)|`(?P<code>[^`]+)`|<(?P<address>https?://[^>\s]+)>"
)
OPENS_SAFELY = re.compile(r"https?://|mailto:|tel:")


def anchor(text: str) -> str:
    """The name by which a place of the document is linked to."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def prose(text: str, level: int = 2) -> tuple[Block, ...]:
    """A text in Markdown as blocks, its highest heading at `level`; no heading skips a level."""
    return tuple(_with_levels(_blocks(safe(text).splitlines()), level))


def _with_levels(blocks: Iterator[Block], level: int) -> Iterator[Block]:
    """The same with headings that begin at `level` and go down by one at a time.

    A table has the heading above it for a caption: whoever is read to hears what it is.
    """
    open_: list[int] = []
    title = ""
    for block in blocks:
        if isinstance(block, Heading):
            while open_ and open_[-1] >= block.level:
                open_.pop()
            open_.append(block.level)
            title = plain(block.text)
            block = Heading(block.text, min(level + len(open_) - 1, 6))
        yield replace(block, caption=title) if isinstance(block, Table) else block


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    number = 0
    while number < len(lines):
        line = lines[number].rstrip()
        if not line.strip():
            number += 1
        elif found := HEADING.fullmatch(line):
            yield Heading(_inline(found[2]), len(found[1]))
            number += 1
        elif ITEM.fullmatch(line):
            items, number = _items(lines, number)
            yield items
        elif ROW.fullmatch(line.strip()):
            table, number = _table(lines, number)
            yield table
        else:
            own, number = _paragraph(lines, number)
            yield Note(_inline(own[1:].lstrip())) if own.startswith(">") else Paragraph(_inline(own))


def _paragraph(lines: Sequence[str], number: int) -> tuple[str, int]:
    """Lines up to an empty one, or to one that begins something else."""
    own = [lines[number].strip()]
    number += 1
    while number < len(lines) and lines[number].strip() and not _begins(lines[number]):
        line = lines[number].strip()
        own.append(line.removeprefix("> ") if own[0].startswith(">") else line)
        number += 1
    return " ".join(own), number


def _begins(line: str) -> bool:
    own = line.rstrip()
    return bool(HEADING.fullmatch(own) or ITEM.fullmatch(own) or ROW.fullmatch(own.strip()))


def _items(lines: Sequence[str], number: int) -> tuple[Items, int]:
    """A list with its items; a line that is set in goes on with the item before it, or is one below it."""
    items: list[str] = []
    below: dict[int, list[str]] = {}
    first = ITEM.fullmatch(lines[number].rstrip())
    assert first is not None
    is_numbered = first["mark"][0].isdigit()
    while number < len(lines):
        line = lines[number].rstrip()
        found = ITEM.fullmatch(line)
        if found and len(found["indent"]) > len(first["indent"]) and items:
            below.setdefault(len(items) - 1, []).append(found["text"])
        elif found and found["mark"][0].isdigit() != is_numbered:
            break
        elif found:
            items.append(found["text"])
        elif line.startswith(" ") and line.strip():
            own = below.get(len(items) - 1) or items
            own[-1] += f" {line.strip()}"
        elif line.strip() or not _goes_on(lines, number):
            break
        number += 1
    nested = tuple((place, tuple(map(_inline, own))) for place, own in below.items())
    return Items(tuple(map(_inline, items)), is_numbered, nested), number


def _goes_on(lines: Sequence[str], number: int) -> bool:
    """Whether a list goes on after an empty line."""
    following = next((line for line in lines[number:] if line.strip()), "")
    return bool(ITEM.fullmatch(following.rstrip())) or following.startswith("  ")


def _table(lines: Sequence[str], number: int) -> tuple[Table, int]:
    rows: list[tuple[str, ...]] = []
    while number < len(lines) and (found := ROW.fullmatch(lines[number].strip())):
        if not RULE.fullmatch(found[1]):
            rows.append(tuple(_inline(cell.strip()) for cell in found[1].split("|")))
        number += 1
    head, *body = rows
    rows_of_cells = tuple(tuple((cell,) for cell in row) for row in _filled(body))
    return Table("", tuple(map(capital, head)), rows_of_cells, hides_caption=True), number


def _filled(rows: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Rows in which an empty first cell says what the one above it says: each row needs a heading."""
    last = ""
    for row in rows:
        last = row[0] or last
        yield (last, *row[1:])


def _inline(text: str) -> Marked:
    return INLINE.sub(_mark, text)


def _mark(found: re.Match[str]) -> Marked:
    if found["strong"]:
        return strong(_inline(found["strong"]))
    if found["em"]:
        return em(found["em"])
    if found["text"]:
        # A link to a file beside the policy leads nowhere from a page that stands by itself.
        return link(found["text"], found["to"]) if OPENS_SAFELY.match(found["to"]) else found["text"]
    return link(found["address"], found["address"]) if found["address"] else found["code"]
