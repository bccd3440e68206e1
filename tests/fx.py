"""The school year of the worked examples: 190 days, 380 sessions, and the autumn after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

from firstbell import statute
from firstbell.register import (
    AttendanceRegister,
    Attribute,
    Enrolment,
    Save,
    Strips,
    lay_strips,
    read_day,
    read_notation,
)
from firstbell.sessions import LONDON, Calendar, Half, HalfTerm, Session, read_calendar
from firstbell.statute import Statute

CALENDAR = """
school = "FX"

[[year]]
name = "2024/25"
[[year.term]]
name = "Autumn"
half_terms = [{ starts = 2024-09-03, ends = 2024-10-24 }, { starts = 2024-11-04, ends = 2024-12-20 }]
[[year.term]]
name = "Spring"
half_terms = [{ starts = 2025-01-07, ends = 2025-02-14 }, { starts = 2025-02-25, ends = 2025-04-04 }]
[[year.term]]
name = "Summer"
half_terms = [{ starts = 2025-04-22, ends = 2025-05-23 }, { starts = 2025-06-03, ends = 2025-07-22 }]

[[year]]
name = "2025/26"
[[year.term]]
name = "Autumn"
half_terms = [{ starts = 2025-09-02, ends = 2025-10-24 }, { starts = 2025-11-03, ends = 2025-12-19 }]

[[times]]
morning = { opens = "08:50", closes = "09:20" }
afternoon = { opens = "13:00", closes = "13:10" }
"""
PRESENT = {Half.AM: "/", Half.PM: "\\"}


@cache
def calendar(school: str = "FX") -> Calendar:
    """The calendar FX, or that of another school with the same days."""
    return replace(read_calendar(CALENDAR, "FX"), school=school)


@cache
def one_half_term(first_on: date) -> Calendar:
    """Ten weeks without a holiday from a Monday on, for sessions of years that FX does not have."""
    half_term = HalfTerm("one", "Term", "Term 1", first_on, first_on + timedelta(weeks=10))
    return replace(calendar(), half_terms=(half_term,), closures=())


def week(number: int) -> date:
    """The Monday of a school week of FX: W01 is that of 2 September 2024."""
    return calendar().school_weeks(date(2024, 9, 1), date(2025, 12, 31))[number - 1].monday_on


def pupil(
    name: str = "Cal",
    *,
    born_on: date | None = date(2014, 1, 15),
    starts_on: date = date(2024, 9, 3),
    ends_on: date | None = None,
    school: str = "FX",
    year_group: str = "6",
    boarder: bool = False,
    enrolment: str | None = None,
    registration: str = "sole",
) -> Enrolment:
    """One of the cast, in Year 6 unless said otherwise."""
    return Enrolment(
        enrolment or f"{name}-{school}",
        name,
        school,
        starts_on,
        ends_on,
        born_on,
        registration,
        boarder,
        (Attribute("year group", year_group),),
    )


def marks_of(text: str, present_until: date | None = None, cal: Calendar | None = None) -> dict[Session, str]:
    r"""Marks by exceptions: lines of `2024-09-09..2024-09-13 OO`, or of one day; `-` leaves a session.

    With `present_until`, every session up to that day that is not named is a present mark.
    """
    school = cal or calendar()
    marks: dict[Session, str] = {}
    if present_until is not None:
        for session in school.sessions(school.starts_on, present_until):
            marks[session] = PRESENT[session.half]
    for line in text.strip().splitlines():
        days, _, pair = line.strip().partition(" ")
        first, _, last = days.partition("..")
        pair_of_marks = read_day(pair.replace(" ", ""))
        for day in school.school_days(date.fromisoformat(first), date.fromisoformat(last or first)):
            for half, symbol in zip(Half, pair_of_marks, strict=True):
                if symbol:
                    marks[Session(day, half)] = symbol
    return marks


def marks_with(absent: int, possible: int, after: int = 0) -> dict[Session, str]:
    """Marks of so many possible sessions of FX, after the first few: absences (O) first, then present."""
    sessions = calendar().sessions(calendar().starts_on, calendar().ends_on)[after : after + possible]
    return {s: "O" if place < absent else PRESENT[s.half] for place, s in enumerate(sessions)}


def register_of(
    marks: Mapping[str, Mapping[Session, str]], law: Statute, cal: Calendar | None = None
) -> AttendanceRegister:
    """A register with one save a session, known when it closed."""
    school = cal or calendar()
    roll = tuple(marks)
    saves = []
    for session in sorted({session for own in marks.values() for session in own}):
        closes_at = school.closes_at(session)
        row = bytes(law.number(marks[one][session]) if session in marks[one] else 0 for one in roll)
        saves.append(Save(f"save-{session}", session, roll, row, closes_at, closes_at, closes_at, "teacher"))
    return AttendanceRegister(tuple(saves))


def strips(
    text: str = "",
    *,
    enrolment: Enrolment | None = None,
    present_until: date | None = None,
    ends_on: date | None = None,
    law: Statute | None = None,
) -> Strips:
    """One pupil's strip on FX from marks by exceptions (see `marks_of`)."""
    return strips_of({enrolment or pupil(): marks_of(text, present_until)}, ends_on=ends_on, law=law)


def strips_of(
    marks: Mapping[Enrolment, Mapping[Session, str]],
    *,
    calendars: Sequence[Calendar] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
    law: Statute | None = None,
) -> Strips:
    """The strips of several enrolments, each with its marks."""
    used = law or statute.england()
    schools = {one.school: one for one in (calendars or (calendar(),))}
    register = register_of({e.id: own for e, own in marks.items()}, used, next(iter(schools.values())))
    return lay_strips(tuple(marks), register, schools, used, starts_on=starts_on, ends_on=ends_on)


def written(line: str, *, first_on: date = date(2024, 9, 9), enrolment: Enrolment | None = None) -> Strips:
    r"""One pupil's strip from register notation (`/\ /\ II | O\`), on the school days from a day on."""
    school = calendar() if first_on >= calendar().starts_on else one_half_term(first_on)
    days = school.school_days(first_on, school.ends_on)[: len(line.replace("|", " ").split())]
    one = enrolment or pupil(starts_on=first_on)
    marks = read_notation(line, days)
    return strips_of({one: marks}, calendars=(school,), starts_on=first_on, ends_on=days[-1])


def at(text: str) -> datetime:
    """A moment in London from `2025-03-03 09:40`."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)
