"""Can a letter be posted to this address? The rules of GOV.UK Notify, each by the code it fails with.

Knows the form of postcodes and not which of them exist, and no list of countries: a letter abroad is refused
as one without a postcode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from firstbell.problems import Place, Problem

__all__ = ["FEWEST_LINES", "MOST_LINES", "SOURCE", "address_problems", "is_postcode"]

FEWEST_LINES = 3
MOST_LINES = 7
SOURCE = "GOV.UK Notify: letter specification"

AREAS = frozenset(
    re.findall(
        r"[A-Z]+",
        """
        AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E
        EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS
        LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR
        SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
        """,
    )
)
"""The letters with which a postcode of the United Kingdom or its islands begins."""

_POSTCODE = re.compile(r"([A-Z]{1,2})[0-9][0-9A-Z]?[0-9][ABD-HJLNP-UW-Z]{2}")
_FORCES = re.compile(r"bfpo\s*(c/o\s*)?[0-9]{1,4}", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"no fixed (abode|address)", re.IGNORECASE)
_NOT_FIRST = tuple('@()=[]"”“\\/,<>~')


def is_postcode(text: str) -> bool:
    """Whether a line has the form of a postcode, with or without its space: "AB12 3CD"."""
    found = _POSTCODE.fullmatch(re.sub(r"\s+", "", text).upper())
    return found is not None and found[1] in AREAS


def address_problems(address: Sequence[str], place: Place | None = None) -> list[Problem]:
    """What keeps an address from being used, each with Notify's code as its rule; empty if nothing does.

    The first line is the person, the last the postcode. What people get wrong: an address of the armed
    forces (BFPO) ends with its number or its postcode, never with a country. No message repeats the address.
    """
    lines = [line.strip() for line in address if line.strip()]
    where = place if place is not None else Place(part="address")
    return [Problem(rule, where, what, remedy, SOURCE) for rule, what, remedy in _faults(lines)]


def _faults(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    if not lines:
        yield "address-is-empty", "There is no address.", "Put the address into its block, as text."
        return
    if len(lines) < FEWEST_LINES:
        what = f"The address has {len(lines)} lines."
        yield "not-enough-address-lines", what, f"Give at least {FEWEST_LINES}, the person's name first."
    if len(lines) > MOST_LINES:
        what = f"The address has {len(lines)} lines."
        yield "too-many-address-lines", what, f"Give at most {MOST_LINES}; a long line may have wrapped."
    if not all(any(letter.isalnum() for letter in line) for line in lines[:2]):
        what = "Line 1 or 2 of the address has neither a letter nor a digit."
        yield "invalid-address-line-1-or-2", what, "Begin with the person's name and a line of the address."
    yield from _last_line_faults(lines)
    starts = [number for number, line in enumerate(lines, 1) if line.startswith(_NOT_FIRST)]
    if starts:
        what = f"Line {starts[0]} of the address begins with a character that none may begin with."
        yield "invalid-char-in-address", what, "Begin each line with a letter or a digit."
    if any(line.lower() == "nfa" or _NO_ADDRESS.search(line) for line in lines):
        what = "The address says that there is none."
        yield "no-fixed-abode-address", what, "Give the letter by hand, or ask where post reaches them."


def _last_line_faults(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    last = lines[-1]
    if is_postcode(last) or _FORCES.search(last):
        return
    if any(_FORCES.search(line) for line in lines):
        what = "The address is one of the armed forces, and something stands below its number."
        yield "has-country-for-bfpo-address", what, "End with the BFPO number or its postcode."
        return
    what = "The last line of the address is not a postcode."
    yield "not-a-real-uk-postcode", what, "End with the postcode, on a line of its own."
