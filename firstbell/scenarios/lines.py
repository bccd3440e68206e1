"""In which line of a TOML file does a table, a key or an item of a list stand?

`tomllib` reads values and forgets where they were. This walks over a text that `tomllib` has accepted, and
notes the line of everything: it knows how values end, and nothing of what they are.
"""

from __future__ import annotations

import re
import tomllib
from typing import TypeAlias

__all__ = ["Lines", "Path", "line_of_fault"]

Path: TypeAlias = tuple[str | int, ...]
"""Where something stands: keys, and places in lists from 0: `("pupils", 1, "marks", 0)`."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG = {
    '"""': re.compile(r'"""(?:\\.|[^\\])*?"{3,5}(?!")', re.DOTALL),
    "'''": re.compile(r"'''.*?'{3,5}", re.DOTALL),
}
_SPACE = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_PLAIN = re.compile(r"[^,\]}#\n]+")


class Lines:
    """The lines of one file, from 1 as a person counts them. `text` must be TOML."""

    def __init__(self, text: str) -> None:
        self._known: dict[Path, int] = {(): 1}
        self._counts: dict[Path, int] = {}
        _Walk(text, self._known, self._counts).document()

    def of(self, *path: str | int) -> int:
        """The line of something; of what is not there, the line of the nearest thing that it would be in."""
        while path not in self._known:
            path = path[:-1]
        return self._known[path]


def line_of_fault(error: tomllib.TOMLDecodeError, text: str) -> int:
    """The line in which `tomllib` stopped; for a text that ends too early, its last."""
    found = re.search(r"at line (\d+)", str(error))
    return int(found.group(1)) if found else text.count("\n") + 1


class _Walk:
    """One walk over a text. Every method takes what it is named after, from `place` on."""

    def __init__(self, text: str, known: dict[Path, int], counts: dict[Path, int]) -> None:
        self.text = text.replace("\r\n", "\n")
        self.known, self.counts = known, counts
        self.place = 0
        self.counted_to, self.line = 0, 1

    def document(self) -> None:
        table: Path = ()
        self.take(_BETWEEN)
        while self.place < len(self.text):
            if self.text[self.place] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.take(_BETWEEN)

    def take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.place)
        if found is None:
            raise ValueError(f"line {self.note()}: nothing that TOML could have here")
        self.place = found.end()
        return found.group()

    def note(self) -> int:
        """The line of `place`."""
        self.line += self.text.count("\n", self.counted_to, self.place)
        self.counted_to = self.place
        return self.line

    def header(self) -> Path:
        """A table's heading; what follows belongs to the path that it returns."""
        line, many = self.note(), self.text.startswith("[[", self.place)
        self.place += 2 if many else 1
        *before, last = self.key()
        self.place += 2 if many else 1
        path: Path = ()
        for name in before:
            self.known.setdefault((*path, name), line)
            path = self.newest((*path, name))
        path = (*path, last)
        if many:
            self.known.setdefault(path, line)
            self.counts[path] = self.counts.get(path, -1) + 1
            path = self.newest(path)
        self.known.setdefault(path, line)
        return path

    def newest(self, path: Path) -> Path:
        """The last table of a list of tables; of anything else, itself."""
        return (*path, self.counts[path]) if path in self.counts else path

    def key(self) -> list[str]:
        """A key, in its parts where it has dots."""
        parts = []
        while True:
            self.take(_SPACE)
            quote = self.text[self.place]
            if quote == '"':
                parts.append(str(tomllib.loads(f"x = {self.take(_ESCAPED)}")["x"]))
            elif quote == "'":
                parts.append(self.take(_LITERAL)[1:-1])
            else:
                parts.append(self.take(_BARE_KEY))
            self.take(_SPACE)
            if self.text[self.place] != ".":
                return parts
            self.place += 1

    def pair(self, table: Path) -> None:
        """A key, the sign and the value."""
        line = self.note()
        path = table
        for name in self.key():
            path = (*path, name)
            self.known.setdefault(path, line)
        self.place += 1
        self.take(_SPACE)
        self.value(path)

    def value(self, path: Path) -> None:
        start = self.text[self.place : self.place + 3]
        if start in _LONG:
            self.take(_LONG[start])
        elif start[0] == '"':
            self.take(_ESCAPED)
        elif start[0] == "'":
            self.take(_LITERAL)
        elif start[0] in "[{":
            self.items(path, "]" if start[0] == "[" else "}")
        else:
            self.take(_PLAIN)

    def items(self, path: Path, end: str) -> None:
        """A list in brackets, or a table in braces."""
        self.place += 1
        number = 0
        self.take(_BETWEEN)
        while self.text[self.place] != end:
            if end == "]":
                self.known[*path, number] = self.note()
                self.value((*path, number))
                number += 1
            else:
                self.pair(path)
            self.take(_BETWEEN)
            if self.text[self.place] == ",":
                self.place += 1
                self.take(_BETWEEN)
        self.place += 1
