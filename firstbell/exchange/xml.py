"""What stands in an XML file, element by element, without trusting it?

Reads in blocks, so that a file is never in memory as a whole. A document type is refused before anything it
defines could be used, because a few bytes of entities can stand for gigabytes; so is a text or a tag of more
than 1 MiB, and a nesting that no file of schools has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape

from firstbell.exchange.limits import LONGEST_LINE, check_size, refused
from firstbell.problems import Unusable

__all__ = ["Element", "elements", "written"]

BLOCK = 1 << 16
DEEPEST = 50
LARGEST_ELEMENT = 8 << 20
"""Bytes of one of the elements asked for: a pupil with all that may be said of one takes some thousands."""


@dataclass(eq=False)
class Element:
    """An element: its name, its text and the elements in it. Names are found whatever their case."""

    name: str
    line: int = 0
    text: str = field(default="", repr=False)
    children: list[Element] = field(default_factory=list, repr=False)

    def all(self, name: str) -> list[Element]:
        """The elements directly in it that have a name."""
        return [child for child in self.children if child.name.casefold() == name.casefold()]

    def find(self, *path: str) -> Element | None:
        """The first element along a path of names, or None."""
        element = self
        for name in path:
            found = element.all(name)
            if not found:
                return None
            element = found[0]
        return element

    def said(self, *path: str) -> str:
        """The text of the first element along a path, without the spaces around it; "" if there is none."""
        found = self.find(*path)
        return found.text.strip() if found else ""


def elements(path: Path, *names: str) -> Iterator[Element]:
    """The outermost elements of a file that have one of `names`, in the order of the file, one at a time.

    What stands outside of them is passed over, but the root is given first, without what is in it. Raises
    `Unusable` where the file breaks a limit or is no XML; what was given before that must not be used.
    """
    check_size(path)
    reading = _Reading(path.name, frozenset(name.casefold() for name in names))
    fed = 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            fed += len(block)
            reading.feed(block)
            # What the parser has not finished it holds: a tag of 400 MiB must not get there.
            if block and fed - max(reading.parser.CurrentByteIndex, 0) > LONGEST_LINE + BLOCK:
                raise reading.too_long()
            yield from reading.done
            reading.done.clear()
            if not block:
                return


class _Reading:
    def __init__(self, file: str, names: frozenset[str]) -> None:
        self.file = file
        self.names = names
        self.done: list[Element] = []
        self.open: list[Element] = []
        self.depth = 0
        self.started_at = 0
        self.length = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def feed(self, block: bytes) -> None:
        try:
            self.parser.Parse(block, not block)
        except expat.ExpatError as error:
            raise refused(
                self.file,
                "file-not-xml",
                f"The file is not the XML it should be: {expat.ErrorString(error.code)}.",
                "Export it again, and do not open it in a spreadsheet in between.",
                error.lineno,
            ) from None
        except (ValueError, LookupError):
            raise refused(
                self.file, "file-not-xml", "The file's encoding is not known.", "Export it in UTF-8."
            ) from None

    def too_long(self) -> Unusable:
        return refused(
            self.file,
            "file-line-too-long",
            f"A tag or a text is longer than {LONGEST_LINE:,} bytes, the most that is read.",
            "Export the file again.",
            self.parser.CurrentLineNumber,
        )

    def _doctype(self, *_: object) -> None:
        raise refused(
            self.file,
            "file-entities",
            "The file defines a document type or entities, which no system of schools writes.",
            "Export it again, or take the definition out.",
            self.parser.CurrentLineNumber,
        )

    def _start(self, name: str, _: object) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise refused(
                self.file,
                "file-too-deep",
                f"Elements stand in each other {DEEPEST} deep and more.",
                "Export the file again.",
                self.parser.CurrentLineNumber,
            )
        element = Element(name, self.parser.CurrentLineNumber)
        if self.depth == 1:
            self.done.append(element)
        elif self.open:
            self.open[-1].children.append(element)
            self.open.append(element)
        elif name.casefold() in self.names:
            self.started_at = self.parser.CurrentByteIndex
            self.open.append(element)
        if self.open and self.parser.CurrentByteIndex - self.started_at > LARGEST_ELEMENT:
            raise self.too_long()

    def _text(self, text: str) -> None:
        if self.open:
            self.open[-1].text += text
            if len(self.open[-1].text) > LONGEST_LINE:
                raise self.too_long()

    def _end(self, _: str) -> None:
        self.depth -= 1
        if self.open:
            element = self.open.pop()
            if not self.open:
                self.done.append(element)


def written(element: Element, indent: str = "") -> str:
    """An element as XML again, with the same names and texts."""
    text = escape(element.text.strip())
    if not element.children:
        return f"{indent}<{element.name}>{text}</{element.name}>\n"
    inner = "".join(written(child, indent + "  ") for child in element.children)
    return f"{indent}<{element.name}>{text}\n{inner}{indent}</{element.name}>\n"
