"""Which calendar does a file hold: our TOML, or the term dates that authorities publish as iCalendar?

Only the file is dealt with here; what it means is read in `sessions`.
"""

from __future__ import annotations

from pathlib import Path

from firstbell.exchange.tables import read_text
from firstbell.problems import Problem
from firstbell.sessions import Calendar, read_calendar, read_icalendar

__all__ = ["read_calendar_file"]


def read_calendar_file(path: Path, school: str = "the school") -> tuple[Calendar, tuple[Problem, ...]]:
    """The calendar of a file, and what of it could not be understood.

    What begins as an iCalendar does is read as one, whatever its name; `school` is the school's name then,
    because term dates do not say whose they are. All else must be our TOML. Raises `Unusable` with every
    problem of a file that cannot be used.
    """
    text = read_text(path)
    if text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        calendar, problems = read_icalendar(text, school, path.name)
        return calendar, tuple(problems)
    return read_calendar(text, path.name), ()
