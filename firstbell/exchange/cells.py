"""Days, moments and minutes as people and spreadsheets write them.

A day is read as it is written in England, day first; one that may as well be meant otherwise is not read.
The different contents of a column are taken together, because only together do they show which order of
day and month a file uses. What cannot be read comes back as `Unread`: why, and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from firstbell.sessions import LONDON

__all__ = ["Unread", "read_days", "read_minutes", "read_moments", "shown"]

FIRST_SERIAL, LAST_SERIAL = 10_000, 80_000
"""Days as spreadsheets count them, from 1927 to 2119: other numbers are no days of pupils or sessions."""
SPREADSHEETS_BEGIN = date(1899, 12, 30)
NO_END = date.max
"""31 December 9999, which systems write where there is no last day."""
NO_LATER_THAN = date(2199, 12, 31)

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

ISO = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})")
NUMBERS = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")
NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]{3,9})[-/., ]*(\d{4}|\d{2})", re.IGNORECASE)
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?([+-]\d\d:\d\d)?", re.ASCII)
"""A moment as programs write it: most are, and each is another text, so that they are read at once."""
WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:s?day|nesday|r?s?day|urday)?[, ]+", re.IGNORECASE)
TIME = re.compile(
    r"[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)? ?([ap]m)?(Z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)
MINUTES = re.compile(r"(\d{1,3})(?:\.0+)? ?(?:m|mins?|minutes?)?", re.IGNORECASE)

LONGEST_SHOWN = 40
WRITE_DAY = "Write the day as 08/09/2025 or 2025-09-08."


@dataclass(frozen=True)
class Unread:
    """Why a cell could not be read, and what to do. `rule` is the problem's."""

    rule: str
    what: str
    remedy: str


@dataclass(frozen=True)
class _Said:
    """What a cell says: the day, the day if the month came first (numbers leave that open), the time."""

    on: date | None
    month_first_on: date | None = None
    by_numbers: bool = False
    at: time | None = None
    two_digits: bool = False


def read_days(texts: Sequence[str]) -> list[date | Unread | None]:
    """The days that the cells of a column hold; None for empty ones. A time of day is passed over.

    31/12/9999 is no day either: systems write it where there is no last day.

    08/09/2025 is 8 September. But where other cells of the same column make sense month first only, and
    none day first only, it may well be 9 August, and is not read. A time that states its distance from
    Greenwich is turned into London's first: midnight in summer is often exported as 23:00 of the day before.
    """
    return [day for day, _ in _days_and_times(texts)]


def _days_and_times(texts: Sequence[str]) -> Iterator[tuple[date | Unread | None, time | None]]:
    said = [_said(text) if text else None for text in texts]
    month_first = _is_month_first([one for one in said if one])
    for text, one in zip(texts, said, strict=True):
        yield (_day(text, one, month_first), one.at) if one else (None, None)


def read_moments(texts: Sequence[str]) -> list[datetime | Unread | None]:
    """The moments that the cells of a column hold, in London's time; None for empty ones.

    A day without a time is taken as its end: nothing counts as known before it can have been.
    """
    moments: list[datetime | Unread | None] = []
    for day, at in _days_and_times(texts):
        if isinstance(day, date):
            moments.append(datetime.combine(day, at or time(23, 59), LONDON))
        else:
            moments.append(day)
    return moments


def read_minutes(text: str) -> int | None:
    """A number of minutes; None for anything else."""
    found = MINUTES.fullmatch(text)
    return int(found.group(1)) if found else None


def _is_month_first(said: Sequence[_Said]) -> bool:
    numbers = [one for one in said if one.by_numbers]
    return any(one.on is None and one.month_first_on for one in numbers) and not any(
        one.on and one.month_first_on is None for one in numbers
    )


def shown(text: str) -> str:
    """A cell's content in quotation marks, as a message shows it: not more than fits on a line."""
    return f'"{text}"' if len(text) <= LONGEST_SHOWN else f'"{text[:LONGEST_SHOWN]}..."'


def _day(text: str, said: _Said, month_first: bool) -> date | Unread | None:
    if said.on == NO_END:
        return None
    if said.on is not None and said.on > NO_LATER_THAN:
        return Unread("day-unread", f"{shown(text)} lies too far off to be meant.", WRITE_DAY)
    if said.two_digits:
        return Unread("day-ambiguous", f"{shown(text)} has a year of two digits.", WRITE_DAY)
    if said.on is None:
        hint = " It looks as if the month came first." if said.month_first_on else ""
        return Unread("day-unread", f"{shown(text)} is not a day.{hint}", WRITE_DAY)
    if month_first and said.by_numbers and said.on != said.month_first_on:
        return Unread(
            "day-ambiguous",
            f"{shown(text)} may be {said.on} or {said.month_first_on}: others here have the month first.",
            "Write the days of this column as 2025-09-08.",
        )
    return said.on


def _said(text: str) -> _Said:
    if (written := MOMENT.fullmatch(text)) and (said := _written(text, bool(written.group(1)))):
        return said
    if SERIAL.fullmatch(text):
        return _counted(float(text))
    clock = TIME.search(text)
    said = _of_day(text[: clock.start()] if clock else text)
    if clock is None or said.on is None:
        return said
    hour, minute, second = (int(clock.group(n) or 0) for n in (1, 2, 3))
    if clock.group(4):
        hour = hour % 12 + (12 if clock.group(4).casefold() == "pm" else 0)
    try:
        at = time(hour, minute, second)
        if clock.group(5):
            zone = clock.group(5).upper().replace("Z", "+00:00")
            moment = datetime.fromisoformat(f"{said.on}T{at.isoformat()}{zone}").astimezone(LONDON)
            return replace(said, on=moment.date(), at=moment.time())
    except (ValueError, OverflowError):
        return _Said(None)
    return replace(said, at=at)


def _written(text: str, zoned: bool) -> _Said | None:
    """The day and time of a moment as programs write it; None for one that there is not."""
    try:
        moment = datetime.fromisoformat(text)
        local = moment.astimezone(LONDON) if zoned else moment
    except (ValueError, OverflowError):
        return None
    return _Said(local.date(), at=local.time())


def _counted(serial: float) -> _Said:
    """A day, and its time, as a spreadsheet counts them."""
    if not FIRST_SERIAL <= serial <= LAST_SERIAL:
        return _Said(None)
    on = SPREADSHEETS_BEGIN + timedelta(days=int(serial))
    seconds = round((serial - int(serial)) * 86400)
    at = (datetime.combine(on, time()) + timedelta(seconds=min(seconds, 86399))).time()
    return _Said(on, at=at if seconds else None)


def _of_day(text: str) -> _Said:
    """The day of a cell without its time. A weekday that does not fit makes it none."""
    weekday = WEEKDAY.match(text)
    if weekday is None:
        return _of_date(text)
    said = _of_date(text[weekday.end() :])
    stated = WEEKDAYS.index(weekday.group(1).casefold())
    return said if said.on is not None and said.on.weekday() == stated else _Said(None)


def _of_date(text: str) -> _Said:
    if found := ISO.fullmatch(text):
        return _Said(_date(found.group(1), found.group(3), found.group(4)))
    if found := NUMBERS.fullmatch(text):
        first, second, year = found.group(1), found.group(3), found.group(4)
        if len(year) == 2:
            return _Said(None, two_digits=True)
        return _Said(_date(year, second, first), _date(year, first, second), by_numbers=True)
    if found := NAMED.fullmatch(text):
        day, name, year = found.groups()
        month = name[:3].casefold()
        if month in MONTHS:
            # Spreadsheets show a day as 08-Sep-25 by themselves, and all ours are of this century.
            year = f"20{year}" if len(year) == 2 else year
            return _Said(_date(year, str(MONTHS.index(month) + 1), day))
    return _Said(None)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
