"""Which days does an invented school have? Terms as most authorities set them, for any year that we can date.

190 days for pupils and five INSET days, half terms in the usual weeks, Easter where it falls. The following
autumn is in the calendar too, because five school days from late July end in September.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from firstbell.sessions import (
    Calendar,
    Closure,
    Half,
    HalfTerm,
    SessionTimes,
    Times,
    bank_holidays,
    easter_sunday,
    monday_of,
    spring_bank_holiday,
)

__all__ = ["calendar_text", "invented_calendar", "year_name"]

SCHOOL_DAYS = 190
INSET_DAYS = 5
TIMES = {
    "primary": (time(8, 50), time(9, 20), time(12, 0), time(13, 0), time(13, 15), time(15, 15)),
    "secondary": (time(8, 40), time(9, 10), time(12, 20), time(13, 10), time(13, 30), time(15, 10)),
    "special": (time(9, 0), time(9, 30), time(12, 10), time(13, 0), time(13, 20), time(15, 0)),
}
"""When the registers of the morning and the afternoon open and close, and when the sessions end."""


def year_name(year: int) -> str:
    """The name of the school year that starts in a year: 2024 is "2024/25"."""
    return f"{year}/{(year + 1) % 100:02d}"


def invented_calendar(school: str, kind: str, year: int) -> Calendar:
    """The calendar of an invented school for one school year, and the autumn after it."""
    terms = tuple(_half_terms(year))
    following = tuple(_half_terms(year + 1))[:2]
    insets = [terms[0].starts_on, terms[0].ends_on]
    insets += [_first_day(terms[place].starts_on) for place in (2, 3, 5)]
    last_on = terms[-1].ends_on
    closures = [Closure(day, "INSET") for day in insets]
    closures += [
        Closure(day, "bank holiday", name)
        for day, name in sorted(bank_holidays().items())
        if any(half.starts_on <= day <= half.ends_on for half in terms) and day <= last_on
    ]
    opens, closes, ends, opens_pm, closes_pm, ends_pm = TIMES[kind]
    times = Times(
        {Half.AM: SessionTimes(opens, closes, ends), Half.PM: SessionTimes(opens_pm, closes_pm, ends_pm)}
    )
    return Calendar(school, (*terms, *following), tuple(sorted(closures, key=lambda c: c.on)), times=(times,))


def _half_terms(year: int) -> Iterator[HalfTerm]:
    """The six half terms of a school year; the last ends when 190 days and the INSET days are over."""
    name = year_name(year)
    october = monday_of(date(year, 10, 31))
    christmas = _friday_by(date(year, 12, 22))
    february = monday_of(date(year + 1, 2, 19))
    easter = easter_sunday(year + 1)
    # A late Easter comes at the end of its holiday, an early one in the middle of it.
    late = easter >= date(year + 1, 4, 10)
    back = easter + timedelta(days=2 if late else 8)
    may = spring_bank_holiday(year + 1)
    whitsun = monday_of(may)
    ends = [
        ("Autumn", "1st half", _first_day(date(year, 9, 1)), october - timedelta(days=3)),
        ("Autumn", "2nd half", october + timedelta(days=7), christmas),
        ("Spring", "1st half", monday_of(date(year + 1, 1, 10)), february - timedelta(days=3)),
        ("Spring", "2nd half", february + timedelta(days=7), easter - timedelta(days=16 if late else 9)),
        ("Summer", "1st half", back, whitsun - timedelta(days=3)),
    ]
    days = sum(_working_days(starts, ends_on) for _, _, starts, ends_on in ends)
    last = starts_on = whitsun + timedelta(days=7)
    while days + _working_days(starts_on, last) < SCHOOL_DAYS + INSET_DAYS:
        last += timedelta(days=1)
    for term, half, starts, ends_on in (*ends, ("Summer", "2nd half", starts_on, last)):
        yield HalfTerm(name, term, half, starts, ends_on)


def _first_day(day: date) -> date:
    while day.weekday() >= 5 or day in bank_holidays():
        day += timedelta(days=1)
    return day


def _friday_by(day: date) -> date:
    return day - timedelta(days=(day.weekday() - 4) % 7)


def _working_days(starts_on: date, ends_on: date) -> int:
    days = (starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days + 1))
    return sum(day.weekday() < 5 and day not in bank_holidays() for day in days)


def calendar_text(calendar: Calendar) -> str:
    """The calendar as the TOML that `read_calendar` reads back. Bank holidays need no line in it."""
    lines = [f'school = "{calendar.school}"']
    for year in dict.fromkeys(half.year for half in calendar.half_terms):
        lines += ["", "[[year]]", f'name = "{year}"']
        halves = [half for half in calendar.half_terms if half.year == year]
        for term in dict.fromkeys(half.term for half in halves):
            lines += ["", "[[year.term]]", f'name       = "{term}"', "half_terms = ["]
            lines += [
                f"    {{ starts = {half.starts_on}, ends = {half.ends_on} }},"
                for half in halves
                if half.term == term
            ]
            lines += ["]"]
    for closure in calendar.closures:
        if closure.why != "bank holiday":
            lines += ["", "[[closed]]", f"on  = {closure.on}", f'why = "{closure.why}"']
    morning, afternoon = (calendar.times[0].sessions[half] for half in Half)
    return "\n".join(
        [*lines, "", "[[times]]", _times("morning", morning), _times("afternoon", afternoon), ""]
    )


def _times(name: str, times: SessionTimes) -> str:
    ends = f'"{times.ends:%H:%M}"' if times.ends else '""'
    return f'{name:<9} = {{ opens = "{times.opens:%H:%M}", closes = "{times.closes:%H:%M}", ends = {ends} }}'
