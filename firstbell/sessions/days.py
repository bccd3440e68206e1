"""Days that move: Easter, bank holidays. And the two halves of a day, which are the unit of everything."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cache
from importlib import resources

__all__ = [
    "Half",
    "Session",
    "bank_holidays",
    "bank_holidays_in",
    "day_and_year",
    "easter_sunday",
    "read_bank_holidays",
    "spring_bank_holiday",
]


class Half(IntEnum):
    """The morning or the afternoon of a school day."""

    AM = 0
    PM = 1


@dataclass(frozen=True, order=True)
class Session:
    """Half a school day. Sessions are ordered as they follow each other."""

    on: date
    half: Half

    def __str__(self) -> str:
        return f"{self.on} {self.half.name}"

    @classmethod
    def read(cls, text: str) -> Session:
        """A session from "2025-09-16 AM". Raises ValueError for anything else."""
        day, _, half = text.strip().partition(" ")
        if half.upper() not in Half.__members__:
            raise ValueError(f'"{text}" is not a session: write it as 2025-09-16 AM.')
        return cls(date.fromisoformat(day), Half[half.upper()])


def easter_sunday(year: int) -> date:
    """Easter Sunday of a year, by the Gregorian reckoning of the Western churches."""
    golden = year % 19
    century = year // 100
    moved = (century - (8 * century + 13) // 25 - century // 4 + 19 * golden + 15) % 30
    full_moon = moved - moved // 28 * (1 - moved // 28 * (29 // (moved + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + full_moon + 2 - century + century // 4) % 7
    offset = full_moon - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


@cache
def bank_holidays() -> dict[date, str]:
    """The bank holidays of England and Wales that we hold, by day."""
    text = (resources.files(__package__) / "bank-holidays.toml").read_text(encoding="utf-8")
    return {date.fromisoformat(day): name for day, name in tomllib.loads(text).items()}


def bank_holidays_in(year: int) -> dict[date, str]:
    """The bank holidays of a year: as published, else by the rule that gives all but the one-off ones.

    Those on a Saturday or Sunday move to the next weekday that is not one already.
    """
    published = {day: name for day, name in bank_holidays().items() if day.year == year}
    if published:
        return published
    easter = easter_sunday(year)
    found = {
        easter - timedelta(days=2): "Good Friday",
        easter + timedelta(days=1): "Easter Monday",
        _monday(year, 5, 1): "Early May bank holiday",
        _monday(year, 5, 25): "Spring bank holiday",
        _monday(year, 8, 25): "Summer bank holiday",
    }
    for day, name in (
        (date(year, 1, 1), "New Year's Day"),
        (date(year, 12, 25), "Christmas Day"),
        (date(year, 12, 26), "Boxing Day"),
    ):
        while day.weekday() > 4 or day in found:
            day += timedelta(days=1)
        found[day] = name
    return dict(sorted(found.items()))


def _monday(year: int, month: int, day: int) -> date:
    """The first Monday from a day of a month on."""
    first = date(year, month, day)
    return first + timedelta(days=-first.weekday() % 7)


def read_bank_holidays(text: str, division: str = "england-and-wales") -> dict[date, str]:
    """The bank holidays of GOV.UK's JSON, by day.

    Raises ValueError naming what is missing where the text is not that file.
    """
    try:
        events = json.loads(text)[division]["events"]
        return {date.fromisoformat(event["date"]): str(event["title"]) for event in events}
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"This is not GOV.UK's bank-holidays.json: {error!r}.") from error


def spring_bank_holiday(year: int) -> date:
    """The spring bank holiday: the day published, else the last Monday in May.

    Published days come first because it moves: in 2022 it was 2 June.
    """
    found = bank_holidays_in(year).items()
    return next(day for day, name in found if name.casefold().startswith("spring bank holiday"))


def day_and_year(day: date) -> str:
    """A day as people here write it: 8 September 2025."""
    return f"{day.day} {day:%B %Y}"
