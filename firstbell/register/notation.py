r"""The register as people write it: `/\ OO I\ | /\ C1C1 --`.

Two marks a day, a space between days, `|` between weeks, `-` for unmarked. No separator is needed inside
a day: digits are never marks by themselves, so that C1 can be nothing but C1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from firstbell.sessions import Half, Session, monday_of

__all__ = ["BLANK", "read_day", "read_notation", "write_notation"]

BLANK = "-"
_TOKEN = re.compile(r"[/\\#-]|[A-Z]\d{0,2}")


def read_day(text: str) -> tuple[str, str]:
    r"""The two marks of one day: `/\` or `I\` or `C1C1`; "" where it says unmarked.

    Raises ValueError for anything that is not exactly two marks.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text or len(tokens) != 2:
        raise ValueError(f'"{text}" is not one day: write two marks, such as /\\ or I\\ or --.')
    morning, afternoon = ("" if token == BLANK else token for token in tokens)
    return morning, afternoon


def read_notation(text: str, days: Sequence[date]) -> dict[Session, str]:
    """The marks of a line of notation, laid on `days` in order; unmarked sessions are left out.

    `|` must stand where a new week begins, so that a line cannot slip by a day unseen. Raises ValueError
    naming the day where the line and the days part.
    """
    marks: dict[Session, str] = {}
    place = 0
    for week in text.split("|"):
        for number, token in enumerate(week.split()):
            if place >= len(days):
                raise ValueError(f"The line goes on after {days[-1]}, the last day: {token}.")
            day = days[place]
            new_week = place > 0 and monday_of(day) != monday_of(days[place - 1])
            if new_week and number > 0:
                raise ValueError(f"{day} is in a new week: put | before it.")
            if not new_week and number == 0 and place > 0:
                raise ValueError(f"| stands before {day}, which is in the same week as the day before it.")
            for half, symbol in zip(Half, read_day(token), strict=True):
                if symbol:
                    marks[Session(day, half)] = symbol
            place += 1
    if place < len(days):
        raise ValueError(f"The line ends before {days[place]}: {place} days of {len(days)}.")
    return marks


def write_notation(marks: dict[Session, str], days: Iterable[date]) -> str:
    """The line of notation for some days: what `read_notation` reads back."""
    weeks: list[list[str]] = []
    previous: date | None = None
    for day in days:
        if previous is None or monday_of(day) != monday_of(previous):
            weeks.append([])
        weeks[-1].append("".join(marks.get(Session(day, half), "") or BLANK for half in Half))
        previous = day
    return " | ".join(" ".join(week) for week in weeks)
