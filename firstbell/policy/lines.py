"""In which line of a TOML file does a key, a table or an item of a list stand?

`tomllib` gives values and forgets where they stood. This goes over a text that `tomllib` has taken, and
notes the line of each key and item by its path; what a value is, it does not know. A bracket or a hash within
quotes is text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["Lines", "NotToml", "Path", "line_of_fault", "read_toml"]

Path: TypeAlias = tuple[str | int, ...]
"""Keys, and places in lists from 0: `("rule", 2, "params", "day")`."""

BLANK = re.compile(r"[ \t]*")
BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
TO_END_OF_LINE = re.compile(r"[^\n]*\n?")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
PLAIN_VALUE = re.compile(r"[^\s,\]}#]+(?: \d\d:[^\s,\]}#]*)?")  # A moment may have a blank within it.
TEXTS = (
    re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""(?:"{1,2})?', re.DOTALL),
    re.compile(r"'''(?:[^']|'(?!''))*'''(?:'{1,2})?", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
FAULT_AT = re.compile(r"at line (\d+)")


class NotToml(ValueError):
    """A text that is no TOML: in which line, and what is wrong there."""

    def __init__(self, row: int, what: str) -> None:
        self.row, self.what = row, what
        super().__init__(f"row {row}: {what}")


def read_toml(text: str) -> tuple[dict[str, Any], Lines]:
    """What a TOML text says, and the lines of it. Raises `NotToml`."""
    try:
        return tomllib.loads(text), Lines(text)
    except tomllib.TOMLDecodeError as error:
        raise NotToml(line_of_fault(error, text), f"this is not TOML: {error}.") from None
    except RecursionError:
        raise NotToml(1, "its lists and tables stand too deep in each other.") from None


class Lines:
    """The line of everything in one TOML file, from 1. The text must be one that `tomllib` reads."""

    def __init__(self, text: str) -> None:
        self._known: dict[Path, int] = _Scanner(text).document()

    def of(self, *path: str | int) -> int:
        """The line of what stands at a path; of what is missing there, the line of what it is missing in."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._known:
                return self._known[path[:length]]
        return 1

    @property
    def all(self) -> Mapping[Path, int]:
        """Every path that the file has, with its line."""
        return self._known


def line_of_fault(error: tomllib.TOMLDecodeError, text: str) -> int:
    """The line at which `tomllib` gave up; the last, where the text ends too early."""
    found = FAULT_AT.search(str(error))
    return int(found.group(1)) if found else max(len(text.splitlines()), 1)


class _Scanner:
    """Goes over one text once. `at` is where it is, `line` the line of that."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 1
        self.found: dict[Path, int] = {}
        self.rows: dict[Path, int] = {}
        """By the path of a list of tables, the place of its last row."""

    def document(self) -> dict[Path, int]:
        within: Path = ()
        self.pass_over(BLANK_LINES)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                within = self.heading()
            else:
                self.key_and_value(within)
            self.pass_over(TO_END_OF_LINE)
            self.pass_over(BLANK_LINES)
        return self.found

    def pass_over(self, pattern: re.Pattern[str]) -> str:
        """What a pattern matches from here on, with `at` and `line` moved behind it."""
        found = pattern.match(self.text, self.at)
        passed = found.group() if found else ""
        self.at += len(passed)
        self.line += passed.count("\n")
        return passed

    def next_is(self, signs: str) -> bool:
        return self.text.startswith(signs, self.at)

    def heading(self) -> Path:
        """[table] or [[row of a list]]: the path of what stands below it."""
        is_row = self.next_is("[[")
        self.at += 2 if is_row else 1
        path: Path = ()
        names = self.dotted_key()
        for name in names:
            path = (*path, name)
            last = len(path) - sum(isinstance(one, int) for one in path) == len(names)
            self.found.setdefault(path, self.line)
            if last and is_row:
                self.rows[path] = self.rows.get(path, -1) + 1
            if path in self.rows:
                path = (*path, self.rows[path])
        self.found.setdefault(path, self.line)
        return path

    def dotted_key(self) -> list[str]:
        names: list[str] = []
        while True:
            self.pass_over(BLANK)
            if quoted := self.quoted():
                (name,) = tomllib.loads(f"{quoted} = 0")
            else:
                name = self.pass_over(BARE_KEY)
            names.append(name)
            self.pass_over(BLANK)
            if not self.next_is("."):
                return names
            self.at += 1

    def key_and_value(self, within: Path) -> None:
        line, path = self.line, within
        for name in self.dotted_key():
            path = (*path, name)
            self.found.setdefault(path, line)
        self.at += 1  # the sign of equality
        self.pass_over(BLANK)
        self.value(path)

    def value(self, path: Path) -> None:
        if self.next_is("["):
            self.items(path, "]")
        elif self.next_is("{"):
            self.items(path, "}")
        elif not self.quoted():
            self.pass_over(PLAIN_VALUE)

    def items(self, path: Path, closing: str) -> None:
        """The items of a list, or the keys of a table within a line."""
        self.at += 1
        self.pass_over(BLANK_LINES)
        place = 0
        while self.at < len(self.text) and not self.next_is(closing):
            if closing == "]":
                self.found[(*path, place)] = self.line
                self.value((*path, place))
                place += 1
            else:
                self.key_and_value(path)
            self.pass_over(BLANK_LINES)
            if self.next_is(","):
                self.at += 1
            self.pass_over(BLANK_LINES)
        self.at += 1

    def quoted(self) -> str:
        for text in TEXTS:
            if passed := self.pass_over(text):
                return passed
        return ""
