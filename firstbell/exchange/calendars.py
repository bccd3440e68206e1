"""Which calendar does a file hold: our TOML, or the term dates that authorities publish as iCalendar?

Only the file is dealt with here, and whether it may replace the one by which marks are held already; what it
means is read in `sessions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from firstbell.exchange.record import Record
from firstbell.exchange.tables import read_text
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import Amendment, Save
from firstbell.sessions import Calendar, Session, read_calendar, read_icalendar

__all__ = ["check_calendar", "read_calendar_file"]

DAYS_NAMED = 5


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


def check_calendar(calendar: Calendar, held: Record, file: str) -> None:
    """Raises `Unusable` for the calendar of another school, or one without days that have marks."""
    if calendar.school != held.school:
        what = f'The calendar is that of "{calendar.school}"; the folder is that of "{held.school}".'
        raise Unusable([Problem("another-school", Place(file), what, "Name another folder, or correct it.")])
    lost = sorted(_lost(calendar, held))
    if lost:
        named = ", ".join(map(str, lost[:DAYS_NAMED])) + (" ..." if len(lost) > DAYS_NAMED else "")
        what = f"{len(lost):,} sessions that have marks are none of this calendar: {named}."
        remedy = "Add them: the calendar must cover all years that were imported."
        raise Unusable([Problem("calendar-loses-marks", Place(file), what, remedy)])


def _lost(calendar: Calendar, held: Record) -> Iterator[Session]:
    """The sessions with marks that a calendar does not have for the year groups of those marked."""
    enrolments = {one.id: one for one in held.enrolments}
    groups: dict[Session, set[str | None]] = {}
    for event in held.register.events:
        of_session = groups.setdefault(event.session, set())
        if calendar.year_groups:
            day = event.session.on
            of_session |= {enrolments[one].year_group(day) for one in _marked(event)}
    for session, of_session in groups.items():
        if not all(calendar.has(session, group) for group in of_session or {None}):
            yield session


def _marked(event: Save | Amendment) -> list[str]:
    if isinstance(event, Amendment):
        return [event.enrolment]
    return [one for one, mark in zip(event.roll, event.marks, strict=True) if mark]
