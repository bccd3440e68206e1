r"""Which marks does a string of them hold, such as a week's `/\/\I\/\##`?

Strings of marks are older than codes of two characters. A letter with digits after it is one code, because
a digit is never a mark by itself; what does not come to the marks that the days need is not read at all,
since nobody can say which of them is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from firstbell.exchange.cells import Unread, read_days, shown
from firstbell.exchange.tables import Column, SpreadColumn, Table
from firstbell.sessions import Half, monday_of

__all__ = ["is_week", "marks_of", "marks_of_string", "marks_of_week", "week_columns"]

WEEKS_OF_MARKS = (10, 14)
"""Marks of a week: Monday to Friday, or the whole week where a school meets on a Saturday or Sunday."""
MARK = re.compile(r"[A-Za-z]\d{0,2}|[^\sA-Za-z0-9,;|]")
SEPARATED = re.compile(r"[,;|]")
ANNOUNCED = re.compile(
    r"(?:w/?c|w/?b|wk|week)?[ :]*(?:beginning|commencing|beg|comm|starting|of)?[ :]*", re.IGNORECASE
)
ENDING = re.compile(r"(?:w/?e|week|wk)[ :]*(?:ending|end)?[ :]*(?=\S)", re.IGNORECASE)


def marks_of(text: str) -> tuple[str, ...] | None:
    r"""The marks of a string, "" for a session without one; None where it holds something that is no mark.

    `/\C1I` is four marks. Commas, semicolons, bars and spaces may stand between marks or between days.
    """
    if SEPARATED.search(text):
        pieces = [piece.strip() for piece in SEPARATED.split(text)]
        if not pieces[-1]:
            pieces.pop()
        if len(pieces) in WEEKS_OF_MARKS and all(_is_one(piece) for piece in pieces):
            return tuple(map(_said, pieces))
    if len(text) in WEEKS_OF_MARKS and not re.search(r"\d", text):
        return tuple(map(_said, text))
    return marks_of_string(text)


def marks_of_string(text: str) -> tuple[str, ...] | None:
    r"""The marks of a string of any length, as above, where separators are of no meaning.

    What stands between marks is passed over, so that an unmarked session needs a hyphen.
    """
    packed = re.sub(r"[\s,;|]+", "", text)
    marks = MARK.findall(packed)
    return tuple(map(_said, marks)) if "".join(marks) == packed else None


def _is_one(piece: str) -> bool:
    return not piece or MARK.fullmatch(piece) is not None


def _said(mark: str) -> str:
    return "" if mark in (" ", "-") else mark


def marks_of_week(text: str) -> tuple[str, ...] | Unread:
    """The ten (or fourteen) marks of a week's cell; none where it is empty."""
    if not text.strip("- "):
        return ()
    marks = marks_of(text)
    if marks is not None and len(marks) in WEEKS_OF_MARKS:
        return marks
    held = "something that is no mark" if marks is None else f"{len(marks)} marks"
    return Unread(
        "week-length",
        f"{shown(text)} holds {held}; a week has ten, Monday morning to Friday afternoon.",
        "Write one mark for each session, # where there is none and - where it is missing.",
    )


def week_columns(table: Table) -> list[SpreadColumn]:
    """The columns of a table that are headed by a week: its Monday, or the day on which it ends."""
    texts = [_day_text(heading) for heading in table.headings]
    days = read_days([text for text, _ in texts])
    found = []
    for place, ((text, ending), day) in enumerate(zip(texts, days, strict=True)):
        if day is None or (isinstance(day, Unread) and not re.fullmatch(r"\d+[-/. ]\d+[-/. ]\d+", text)):
            continue
        if isinstance(day, date) and (ending or day.weekday() == 0):
            day = monday_of(day)
            said = [(day + timedelta(days=n)).isoformat() for n in range(7)]
        elif isinstance(day, date):
            why = f"{shown(table.headings[place])} is no Monday, so that nobody can say which days are meant."
            day = Unread("week-not-monday", why, "Head each week by its Monday.")
            said = [text]
        else:
            said = [text]
        title = day.isoformat() if isinstance(day, date) else table.headings[place]
        sessions = tuple((one, half.name) for one in said for half in Half)
        fault = day if isinstance(day, Unread) else None
        found.append(SpreadColumn(place, title, sessions, _read(table.columns[place]), fault))
    return found


def _day_text(heading: str) -> tuple[str, bool]:
    """The day in a week's heading, and whether the week ends with it."""
    text = heading.strip()
    if re.match(r"w/?e\b|(?:week|wk) end", text, re.IGNORECASE):
        return ENDING.sub("", text, count=1), True
    return ANNOUNCED.sub("", text, count=1), False


def _read(column: Column) -> Mapping[str, tuple[str, ...] | Unread]:
    return {text: marks_of_week(text) for text in column.values}


def is_week(texts: Sequence[str]) -> bool:
    """Whether at least one of the cells of a column is a week of marks."""
    return any(isinstance(marks := marks_of_week(text), tuple) and marks for text in texts)
