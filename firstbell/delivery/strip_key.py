"""What does each mark of a strip mean, and how does it count? The key that stands below the picture.

The picture is drawn from symbols alone; this is where the law says which of them is an absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from firstbell.statute import Code, Law

__all__ = ["Kind", "strip_key"]

Kind = Literal["attended", "late", "absent", "not counted"]
Week = Mapping[str, str | Sequence[Mapping[str, str]]]


def strip_key(strip: Iterable[Week], law: Law) -> list[dict[str, str]]:
    """The value `strip_key` for a letter's value `strip`: symbol, meaning and kind of each symbol in it.

    In the order in which they first appear. `law` is that of the strip's days: where the codes changed among
    them, ask for each part. What people get wrong: late before the register closed is attended, and has a
    kind of its own only to be seen; after it closed it is an absence. Empty symbols (no session) are left
    out, and so is a mark that was no code on the day, which the picture shows as it stands.
    """
    codes = {symbol: law.code(symbol) for symbol in _symbols(strip)}
    return [
        {"symbol": symbol, "meaning": _within_a_sentence(code.name), "kind": _kind(code)}
        for symbol, code in codes.items()
        if code is not None
    ]


def _symbols(strip: Iterable[Week]) -> Iterable[str]:
    for week in strip:
        for day in week["days"]:
            assert not isinstance(day, str)
            yield from (symbol for symbol in (day["am"], day["pm"]) if symbol)


def _kind(code: Code) -> Kind:
    if code.absence:
        return "absent"
    if code.late:
        return "late"
    return "attended" if code.attended else "not counted"


def _within_a_sentence(name: str) -> str:
    """A code's name with a small letter first, unless it begins with an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
