"""Which values does the template of a letter take?

A template is Typst and takes every value as `letter.name`, so that its text says what a rule must supply: a
policy whose rule cannot is refused when it is read, not when the letter is due. Knows no Typst compiler.
"""

from __future__ import annotations

import re

__all__ = ["imported_by", "needed_by", "needed_in_rows", "optional_in"]

_COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
_BEFORE = r"(?<![\w\"/-])(?<!(?<!\.)\.)"
"""Not the end of another name, of a path or of a field; `..letter.late_days` spreads a list."""
_NEEDED = re.compile(_BEFORE + r"letter\.(?!at\b)([a-z][a-z0-9_]*)")
_TAKEN_AT = re.compile(_BEFORE + r"letter\.at\(\s*\"([a-z][a-z0-9_]*)\"\s*(,\s*default:)?")
_IMPORT = re.compile(r"#?import\s+\"(/[^\"]+)\"")


def needed_by(template_text: str) -> frozenset[str]:
    """The names of the values without which a template cannot be filled in.

    `letter.name` needs it, and so does `letter.at("name")`; with a `default:` it may be missing. What people
    get wrong: the shared layout needs values too (`school_name`, `address`), and this is about one text;
    `Letters.needed` adds what the imported files need. Comments do not count.
    """
    text = _COMMENT.sub("", template_text)
    at = {name for name, default in _TAKEN_AT.findall(text) if not default}
    return frozenset(_NEEDED.findall(text)) | at


def needed_in_rows(template_text: str) -> list[tuple[str, int]]:
    """The same names, each time that one stands in the text, with the row in which it does."""
    text = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), template_text)
    return [(one.group(1), text.count("\n", 0, one.start()) + 1) for one in _NEEDED.finditer(text)]


def optional_in(template_text: str) -> frozenset[str]:
    """The names of the values that a template uses where they are given: `letter.at("name", default: none)`.

    One that the text needs elsewhere is not optional.
    """
    text = _COMMENT.sub("", template_text)
    at = {name for name, default in _TAKEN_AT.findall(text) if default}
    return frozenset(at) - needed_by(template_text)


def imported_by(template_text: str) -> tuple[str, ...]:
    """The files a template imports from the root, in order: "/layout/letter.typ". Each name stands once."""
    return tuple(dict.fromkeys(_IMPORT.findall(_COMMENT.sub("", template_text))))
