"""Laws of the register: amending never changes the past, the arrays say what the entries say."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from firstbell import statute
from firstbell.register import Amendment, AttendanceRegister, Save, lay_strips, read_notation, write_notation
from firstbell.sessions import Half, Session
from tests import fx

LAW = statute.england()
SESSIONS = fx.calendar().sessions(date(2024, 9, 9), date(2024, 9, 10))
PUPILS = ("a", "b", "c")
SYMBOLS = ("", "/", "N", "I", "O")
START = fx.at("2024-09-09 08:50")


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    return START + timedelta(minutes=draw(st.integers(0, 3_000)))


@st.composite
def saves(draw: st.DrawFn, number: int) -> Save:
    session = draw(st.sampled_from(SESSIONS))
    roll = tuple(draw(st.permutations(PUPILS))[: draw(st.integers(1, 3))])
    marks = bytes(
        LAW.number(s) if s else 0 for s in draw(st.tuples(*(st.sampled_from(SYMBOLS) for _ in roll)))
    )
    at = draw(moments())
    return Save(f"s{number}", session, roll, marks, at, at, fx.calendar().closes_at(session), "teacher")


@st.composite
def amendments(draw: st.DrawFn, number: int) -> Amendment:
    original, amended = draw(st.tuples(st.sampled_from(SYMBOLS[1:]), st.sampled_from(SYMBOLS[1:])))
    pupil, session = draw(st.sampled_from(PUPILS)), draw(st.sampled_from(SESSIONS))
    return Amendment(
        f"m{number}", pupil, session, original, amended, "rang", draw(moments()), "Gill", "officer"
    )


@st.composite
def registers(draw: st.DrawFn) -> AttendanceRegister:
    return AttendanceRegister(
        tuple(draw(saves(n)) for n in range(draw(st.integers(0, 8)))),
        tuple(draw(amendments(n)) for n in range(draw(st.integers(0, 8)))),
    )


def plain_mark(register: AttendanceRegister, pupil: str, session: Session, moment: datetime) -> str:
    """The fold of one cell, as one would do it on paper."""
    said = ""
    events: list[Save | Amendment] = [*register.saves, *register.amendments]
    for event in sorted(events, key=lambda event: event.known_at):
        if event.known_at > moment or event.session != session:
            continue
        if isinstance(event, Amendment):
            if event.enrolment == pupil and event.original == said:
                said = event.amended
        elif pupil in event.roll:
            set_to = LAW.symbol(event.marks[event.roll.index(pupil)])
            if set_to and (not said or event.known_at <= event.closes_at):
                said = set_to
    return said


@given(registers(), moments())
def test_the_register_is_the_fold_of_what_was_known(register: AttendanceRegister, moment: datetime) -> None:
    enrolments = [fx.pupil(name, enrolment=name) for name in PUPILS]
    strips = lay_strips(enrolments, register, {"FX": fx.calendar()}, LAW, known_at=moment)
    for session in SESSIONS:
        place = strips.axis.place(session)
        assert place is not None
        for row, pupil in enumerate(PUPILS):
            slow = plain_mark(register, pupil, session, moment)
            assert register.mark(pupil, session, LAW, moment) == slow
            assert strips.symbol(row, place) == slow


@given(registers(), amendments(99), moments())
def test_an_amendment_never_changes_what_was_known_before_it(
    register: AttendanceRegister, amendment: Amendment, moment: datetime
) -> None:
    more = AttendanceRegister(register.saves, (*register.amendments, amendment))
    if moment < amendment.known_at:
        for pupil in PUPILS:
            before = register.entries(pupil, amendment.session, LAW, moment)
            assert more.entries(pupil, amendment.session, LAW, moment) == before


@given(st.lists(st.sampled_from([*LAW.symbols, ""]), min_size=12, max_size=12))
def test_notation_reads_back_every_pair_of_codes(symbols: list[str]) -> None:
    days = fx.calendar().school_days(date(2024, 9, 5), date(2024, 9, 12))
    marks = {
        Session(day, half): symbols[2 * n + half]
        for n, day in enumerate(days)
        for half in Half
        if symbols[2 * n + half]
    }
    assert read_notation(write_notation(marks, days), days) == marks
