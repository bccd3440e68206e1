"""Bands at audits and counts within school weeks agree with plain loops over days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell import statute
from firstbell.duties import Book, Duty, due
from firstbell.facts import Facts
from firstbell.sessions import LONDON, Half, Session
from tests import fx, small
from tests.plain import AtAudit, Cell, at_audits, patterns_within

FIRST = date(2024, 9, 3)
DAYS = fx.calendar().school_days(FIRST, date(2025, 7, 22))
HALF_TERMS = [(one.starts_on, one.ends_on) for one in fx.calendar().half_terms if one.starts_on <= DAYS[-1]]
WEEKS = [(week.days[0], week.days[-1]) for week in fx.calendar().school_weeks(FIRST, DAYS[-1])]
STROKES = {Half.AM: "/", Half.PM: "\\"}
BAND = 'when = "below 95%", until = "below 90%"'
RULES = (
    small.rule("half-terms", "band at audits", BAND),
    small.rule("weeks", "band at audits", f'{BAND}, audits = "week", least_possible = 20'),
    small.rule("late", "count", 'of = "late marks", reaches = 4, within = "4 school weeks"'),
    small.rule("absent", "count", 'of = "absences", reaches = 5, within = "2 school weeks"'),
    small.rule(
        "one-day",
        "count",
        'of = "absences", reaches = 4, within = "3 school weeks", on_one_weekday = "at least 75%"',
    ),
)


@st.composite
def marks_of_a_pupil(draw: st.DrawFn) -> dict[Session, str]:
    """Marks from the first day on: stretches of presence, and of days that have something else."""
    marks: dict[Session, str] = {}
    days = iter(DAYS)
    for _ in range(draw(st.integers(1, 12))):
        code = draw(st.sampled_from(("/", "I", "O", "L", "U", "Y1", "")))
        stretch = draw(st.integers(1, 4) if code != "/" else st.integers(1, 40))
        every = draw(st.sampled_from((1, 5))) if code != "/" else 1
        for day in (day for _, day in zip(range(stretch * every), days, strict=False)):
            hit = code if code != "/" and (day.weekday() == 2 or every == 1) else "/"
            for half in Half:
                marks[Session(day, half)] = STROKES[half] if hit == "/" else hit
    return marks


def found(marks: Mapping[Session, str]) -> tuple[Duty, ...]:
    own = fx.pupil(starts_on=FIRST, year_group="3", born_on=date(2018, 1, 15), enrolment="e1")
    other = fx.pupil("Other", starts_on=FIRST, year_group="3", born_on=date(2018, 1, 15), enrolment="e2")
    told = {session: code for session, code in marks.items() if code}
    present = {session: STROKES[session.half] for session in marks}
    register = fx.register_of({own.id: told, other.id: present}, statute.england())
    book = Book(fx.calendar(), (own, other), register, Facts(), statute.england())
    at = datetime.combine(max(one.on for one in marks), time(23, 59), LONDON)
    duties = due(book, small.rulebook(*RULES), at, lapsed=True)
    return tuple(one for one in duties if one.about.enrolment == "e1")


def asked(duties: tuple[Duty, ...], rule: str) -> list[AtAudit]:
    own = sorted((one for one in duties if one.rule.id == rule), key=lambda one: one.occurrence.arose_on)
    return [
        AtAudit(
            date.fromisoformat(one.occurrence.anchor),
            one.occurrence.arose_on,
            int(str(small.reasons(one)["number"])),
            one.is_open,
        )
        for one in own
    ]


def cells_of(marks: Mapping[Session, str]) -> list[Cell]:
    return [Cell(one.on, one.half.name, code) for one, code in sorted(marks.items())]


@given(marks_of_a_pupil())
def test_who_stands_in_a_band_at_half_termly_audits(marks: dict[Session, str]) -> None:
    band = (Fraction(95, 100), Fraction(90, 100))
    periods = [(max(FIRST, first), max(day for day in DAYS if day <= last)) for first, last in HALF_TERMS]
    assert asked(found(marks), "half-terms") == at_audits(cells_of(marks), periods, statute.england(), band)


@given(marks_of_a_pupil())
def test_who_stands_in_a_band_week_by_week(marks: dict[Session, str]) -> None:
    band = (Fraction(95, 100), Fraction(90, 100))
    plain = at_audits(cells_of(marks), WEEKS, statute.england(), band, least_possible=20)
    mondays = [one._replace(period=one.period - timedelta(days=one.period.weekday())) for one in plain]
    assert asked(found(marks), "weeks") == mondays


@pytest.mark.parametrize(
    ("rule", "codes", "weeks", "reaches", "share"),
    [
        ("late", ("L", "U"), 4, 4, None),
        ("absent", ("I", "O", "U"), 2, 5, None),
        ("one-day", ("I", "O", "U"), 3, 4, Fraction(3, 4)),
    ],
)
@given(marks=marks_of_a_pupil())
def test_a_pattern_within_school_weeks_is_asked_once_while_the_number_holds(
    rule: str,
    codes: tuple[str, ...],
    weeks: int,
    reaches: int,
    share: Fraction | None,
    marks: dict[Session, str],
) -> None:
    happened = [one.on for one, code in sorted(marks.items()) if code in codes]
    days = sorted({one.on for one in marks})
    own = sorted((one.occurrence.arose_on, one.is_open) for one in found(marks) if one.rule.id == rule)
    assert own == patterns_within(happened, days, weeks, reaches, share)
