"""Who does what? The texts that say it by audience as one table, and every rule by the role that it falls to.

A text for reading is about responsibilities where its heading says "Who does what", or where it speaks to
several audiences, each under its name in bold. Whatever it says to nobody by name stands with its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from firstbell.policy import Rule
from firstbell.reports.published.blocks import Block, Heading, Items, Note, Paragraph, Table, prose
from firstbell.reports.published.marked import Marked, Node, nodes, plain, small
from firstbell.reports.published.values import capital

__all__ = ["by_role", "is_of_responsibilities", "responsibilities", "said_to_nobody"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Parents and pupils": ("parent", "carer", "famil", "pupil", "student"),
    "Governors and trustees": ("governor", "trustee", "trust board", "committee", "the trust"),
    "The local authority and others": ("authority", "social worker", "children's services", "ofsted"),
    "The school": (
        *("school", "head", "staff", "teacher", "tutor", "officer", "champion", "leader", "lead", "senco"),
    ),
}
"""The columns, each with words by which an audience is known to belong there; the first that fits."""
ORDER = ("Parents and pupils", "The school", "Governors and trustees", "The local authority and others")
WHO_DOES_WHAT = re.compile(r"who does what\s*[:,]?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class _Row:
    """A case with what each audience does in it."""

    title: str
    cells: Mapping[str, tuple[Marked, ...]]
    intro: tuple[Marked, ...]


def is_of_responsibilities(text: str) -> bool:
    """Whether a text for reading says who does what."""
    blocks = prose(text)
    heads = [block for block in blocks if isinstance(block, Heading)]
    if heads and WHO_DOES_WHAT.match(plain(heads[0].text)):
        return True
    return len({column for block in blocks if (column := _column_of(block)) is not None}) > 1


def said_to_nobody(texts: Iterable[str]) -> Iterator[Block]:
    """What such texts say to nobody by name, and what is too long for the first column of the table."""
    for row in map(_row, texts):
        if _is_long(row):
            yield Heading(capital(row.title), 3)
            yield from map(Paragraph, row.intro)


def _is_long(row: _Row) -> bool:
    return sum(len(plain(one)) for one in row.intro) > ROOM


def responsibilities(texts: Iterable[str]) -> Table | None:
    """The table of responsibilities: a row for each text, a column for each audience that has any."""
    rows = [replace(row, intro=()) if _is_long(row) else row for row in map(_row, texts)]
    columns = [column for column in ORDER if any(row.cells.get(column) for row in rows)]
    if not columns:
        return None
    cells = tuple(
        (
            (capital(row.title), *map(small, row.intro)),
            *(row.cells.get(column, ()) for column in columns),
        )
        for row in rows
    )
    widths = (16, *(_width(column, len(columns)) for column in columns))
    headings = ("In which case", *columns)
    return Table("Who does what, by case and audience", headings, cells, widths, lies_across=len(columns) > 2)


ROOM = 150
"""So many characters the first column holds besides its heading."""


def _width(column: str, columns: int) -> int:
    return (32 if column == "The school" else 20) if columns > 2 else 42


def _row(text: str) -> _Row:
    """A text by audience: what stands below a name in bold belongs to it, up to the next."""
    title, intro = "", list[Marked]()
    cells: dict[str, list[Marked]] = {}
    column: str | None = None
    for block in prose(text):
        if isinstance(block, Heading) and not title:
            title = WHO_DOES_WHAT.sub("", plain(block.text))
            column = _named(title) if WHO_DOES_WHAT.match(plain(block.text)) else None
            column = None if column == ORDER[0] and "parent" not in title.lower() else column
            continue
        found = _column_of(block)
        if found is not None:
            column = found
        elif isinstance(block, Paragraph) and _label(block):
            column = None
        said = list(_said(block, dropped=found is not None))
        if column is None:
            intro += said
        else:
            cells.setdefault(column, []).extend(said)
    return _Row(title, {name: tuple(own) for name, own in cells.items()}, tuple(intro))


def _label(block: Block) -> str:
    """What stands in bold at the beginning of a paragraph."""
    if not isinstance(block, Paragraph):
        return ""
    first = next(iter(nodes(block.text)), "")
    return plain_of(first) if isinstance(first, Node) and first.kind == "strong" else ""


def plain_of(node: Node) -> str:
    """The text of a marked part."""
    return "".join(one if isinstance(one, str) else plain_of(one) for one in node.inside)


def _column_of(block: Block) -> str | None:
    """The column of the audience that a paragraph begins with, if it begins with one."""
    label = _label(block)
    return _named(label) if label and not label.endswith((".", ":", "?")) or label == "The school." else None


def _named(audience: str) -> str | None:
    """The column that an audience belongs to, by its name."""
    words = audience.lower()
    return next((column for column, known in COLUMNS.items() if any(one in words for one in known)), None)


def _said(block: Block, dropped: bool) -> Iterator[Marked]:
    """What a block says, as lines of a cell; a name that only heads a list is left out."""
    match block:
        case Paragraph():
            if not (dropped and plain(block.text).rstrip(":.") == _label(block).rstrip(":.")):
                yield block.text
        case Items():
            for number, item in enumerate(block.items):
                yield capital(item)
                yield from (capital(one) for one in block.under(number))
        case Heading() | Note():
            yield block.text
        case Table():
            for row in block.rows:
                yield ": ".join("; ".join(cell) for cell in row if any(cell))
        case _:
            return


def by_role(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """The rules that ask something of somebody, by role, those of a role in their order."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.who and rule.asks:
            found.setdefault(rule.who, []).append(rule)
    return found
