"""How are days, sessions and stretches of them said to a person?

"Friday 18 October 2024, afternoon"; "Mon 7 to Fri 18 Oct 2024, both sessions, O". Marks that follow each
other on a pupil's own school days are told as one spell, so that a fortnight is a line and not twenty.
Knows no law: which sessions are told, and why, is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from firstbell.sessions import Half, Session, day_and_year

__all__ = [
    "Spell",
    "days_in_words",
    "listed",
    "number",
    "plural",
    "session_in_short",
    "session_in_words",
    "spells",
]

_HALVES = {Half.AM: "morning", Half.PM: "afternoon"}


def session_in_words(session: Session) -> str:
    """A session in full: "Friday 18 October 2024, afternoon"."""
    return f"{session.on:%A} {day_and_year(session.on)}, {_HALVES[session.half]}"


def session_in_short(session: Session) -> str:
    """A session where there is little room: "Fri 18 Oct 2024, afternoon"."""
    return f"{_day(session.on)} {session.on.year}, {_HALVES[session.half]}"


def days_in_words(first_on: date, last_on: date) -> str:
    """A stretch of days, both ends included: "Mon 7 to Fri 18 Oct 2024"; one day stands alone."""
    if first_on == last_on:
        return f"{_day(first_on)} {first_on.year}"
    if first_on.year != last_on.year:
        return f"{_day(first_on)} {first_on.year} to {_day(last_on)} {last_on.year}"
    first = f"{first_on:%a} {first_on.day}" if first_on.month == last_on.month else _day(first_on)
    return f"{first} to {_day(last_on)} {last_on.year}"


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def number(whole: int) -> str:
    """A whole number as people read it: 1,862."""
    return f"{whole:,}"


def plural(whole: int, one: str, several: str = "") -> str:
    """A number with its noun: "1 session", "1,862 sessions"."""
    return f"{number(whole)} {one if whole == 1 else several or one + 's'}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a sentence lists them: "G, N, O or U"."""
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end


@dataclass(frozen=True)
class Spell:
    """School days that follow each other with the same marks; "" where a session is not among those told."""

    first_on: date
    last_on: date
    marks: tuple[str, str]

    def __str__(self) -> str:
        morning, afternoon = self.marks
        days = days_in_words(self.first_on, self.last_on)
        several = "" if self.first_on == self.last_on else "s"
        if morning and afternoon:
            code = morning if morning == afternoon else f"{morning} and {afternoon}"
            return f"{days}, both sessions, {code}"
        return f"{days}, {'morning' if morning else 'afternoon'}{several}, {morning or afternoon}"


def spells(sessions: Sequence[tuple[Session, str]], school_days: Sequence[date]) -> tuple[Spell, ...]:
    """Sessions with their marks, told as spells.

    `school_days` are the pupil's own, ascending: a weekend, a holiday or an INSET day does not part two days,
    a school day with other marks does.
    """
    pairs: dict[date, list[str]] = {}
    for session, mark in sessions:
        pairs.setdefault(session.on, ["", ""])[session.half] = mark
    place: Mapping[date, int] = {day: at for at, day in enumerate(school_days)}
    found: list[Spell] = []
    for day, (morning, afternoon) in sorted(pairs.items()):
        own = Spell(day, day, (morning, afternoon))
        last = found[-1] if found else None
        if last and last.marks == own.marks and place[day] == place[last.last_on] + 1:
            found[-1] = Spell(last.first_on, day, own.marks)
        else:
            found.append(own)
    return tuple(found)
