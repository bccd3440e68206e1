"""Random pupils for the property tests: a small calendar, cells as plain.py has them, and their strips."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from firstbell import statute
from firstbell.register import AttendanceRegister, Attribute, Enrolment, Save, Strips, lay_strips
from firstbell.sessions import Calendar, Half, HalfTerm, Session
from firstbell.statute import Statute
from tests.plain import Cell

CHANGE_ON = date(2024, 8, 19)
LIKELY = ("/", "\\", "L", "U", "O", "N", "G", "I", "M", "C", "D", "Y7", "X", "")


@st.composite
def calendars(draw: st.DrawFn, school: str = "S") -> Calendar:
    """A few half terms of random length with holidays between, before, after or across 19 August 2024."""
    day = CHANGE_ON + timedelta(days=draw(st.integers(-60, 20)))
    half_terms = []
    for number in range(draw(st.integers(1, 4))):
        length = draw(st.integers(0, 25))
        half_terms.append(HalfTerm("2024/25", "Term", f"Term {number}", day, day + timedelta(days=length)))
        day += timedelta(days=length + 1 + draw(st.integers(0, 20)))
    calendar = Calendar(school, tuple(half_terms))
    return calendar if calendar.school_days(date.min, date.max) else Calendar(school, (_week(),))


def _week() -> HalfTerm:
    return HalfTerm("2024/25", "Term", "Term 1", CHANGE_ON, CHANGE_ON + timedelta(days=4))


@st.composite
def pupils_cells(draw: st.DrawFn, calendar: Calendar, law: Statute) -> list[Cell]:
    """The cells of one pupil: mostly likely codes in runs, sometimes uniform random ones, some unmarked."""
    sessions = calendar.sessions(date.min, date.max)
    pool = draw(
        st.sampled_from([LIKELY, tuple(law.symbols), ("O", "O", "G", "/"), ("I", "/", ""), ("/", "U")])
    )
    cells: list[Cell] = []
    while len(cells) < len(sessions):
        symbol = draw(st.sampled_from(pool))
        for _ in range(draw(st.integers(1, 9))):
            if len(cells) < len(sessions):
                session = sessions[len(cells)]
                cells.append(Cell(session.on, session.half.name, symbol))
    return cells


@st.composite
def books(
    draw: st.DrawFn, pupils: int = 3, law: Statute | None = None
) -> tuple[Calendar, list[list[Cell]], Strips]:
    """A calendar, some pupils' cells, and the strips that should say the same."""
    used = law or statute.england()
    calendar = draw(calendars())
    cells = [draw(pupils_cells(calendar, used)) for _ in range(draw(st.integers(1, pupils)))]
    return calendar, cells, strips_from(calendar, cells, used)


def strips_from(
    calendar: Calendar, cells: Sequence[Sequence[Cell]], law: Statute, born_on: date | None = date(2014, 3, 3)
) -> Strips:
    """Strips laid from plain cells, through saves as a school would make them."""
    enrolments = [
        Enrolment(
            f"e{number}",
            f"p{number}",
            calendar.school,
            calendar.starts_on,
            born_on=born_on,
            attributes=(Attribute("year group", "6"),),
        )
        for number in range(len(cells))
    ]
    roll = tuple(enrolment.id for enrolment in enrolments)
    saves = []
    for column in zip(*cells, strict=True):
        session = Session(column[0].on, Half[column[0].half])
        marks = bytes(law.number(cell.symbol) if cell.symbol else 0 for cell in column)
        at = calendar.closes_at(session)
        saves.append(Save(str(session), session, roll, marks, at, at, at, "teacher"))
    return lay_strips(enrolments, AttendanceRegister(tuple(saves)), {calendar.school: calendar}, law)
