"""From a scenario to what everything else works with: a calendar, enrolments, a register, facts.

A register closes when a policy says, so whoever runs a scenario hands the times in. All marks become known
when the register of their session closes: one save for all whose register closes at the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from firstbell.facts import Facts
from firstbell.problems import Problem, Unusable
from firstbell.register import Amendment, AttendanceRegister, Enrolment, Save
from firstbell.scenarios.pupils import sessions_of
from firstbell.scenarios.scenario import Amending, Pupil, Scenario
from firstbell.sessions import Calendar, Session
from firstbell.statute import Statute, england

__all__ = ["ClosesAt", "Laid", "lay"]

ClosesAt: TypeAlias = Callable[[Session, str], datetime]
"""When the register of a session closes for a year group."""
TEACHER = "class teacher"


@dataclass(frozen=True, eq=False)
class Laid:
    """What a scenario says, in the types of the register and the facts. `last` is the last session marked.

    `does` has, by the id of a fact, the duty that it does; that fact's own `duty` is empty until its key is
    known. All other facts are complete.
    """

    calendar: Calendar
    enrolments: tuple[Enrolment, ...]
    register: AttendanceRegister = field(repr=False)
    facts: Facts = field(repr=False)
    does: Mapping[str, str]
    last: Session


def lay(scenario: Scenario, closes_at: ClosesAt, statute: Statute | None = None) -> Laid:
    """Lays a scenario out, with the times at which registers close.

    Raises `Unusable` for an amendment that was made before its register closed: until then it would be taking
    the register, which is what `marks` say. A session that was blank is filled by a save of its own.
    """
    law = statute or england()
    sheets = tuple(_sheets(scenario, law))
    saves = [save for session in _in_order(sheets) for save in _saves(session, sheets, closes_at)]
    amendments: list[Amendment] = []
    problems: list[Problem] = []
    for pupil in scenario.pupils:
        for number, one in enumerate(pupil.amendments, start=1):
            closed = closes_at(one.session, pupil.year_group_on(one.session.on))
            if one.at <= closed:
                what = f"the register of {one.session} closed at {closed:%H:%M}, after this."
                remedy = "Write a later moment, or the other mark in marks: it was being taken still."
                where = scenario.place(one.row, "amendments")
                problems.append(Problem("scenario-amendment", where, what, remedy))
            elif one.original:
                key = f"amendment {pupil.ref} {number}"
                amendments.append(_amendment(key, pupil.ref, one))
            else:
                key = f"save {pupil.ref} {number}"
                mark = bytes([law.number(one.amended)])
                saves.append(Save(key, one.session, (pupil.ref,), mark, one.at, one.at, closed, one.by))
    if problems:
        raise Unusable(problems)
    return Laid(
        scenario.calendar,
        tuple(pupil.enrolment for pupil in scenario.pupils),
        AttendanceRegister(tuple(saves), tuple(amendments)),
        scenario.facts,
        scenario.does,
        scenario.last,
    )


@dataclass(frozen=True)
class _Sheet:
    """The marks of one year group: `marks` uint8[session, pupil], 0 where nobody has marked.

    All its pupils are in the same year group as `one` on every day.
    """

    one: Pupil
    roll: tuple[str, ...]
    places: Mapping[Session, int]
    marks: NDArray[np.uint8]


def _sheets(scenario: Scenario, law: Statute) -> Iterator[_Sheet]:
    calendar, last = scenario.calendar, scenario.last
    by_year: dict[tuple[str, ...], list[Pupil]] = {}
    for pupil in scenario.pupils:
        groups = tuple(pupil.year_group_on(year.starts_on) for year in calendar.years)
        by_year.setdefault(groups, []).append(pupil)
    present = np.array([law.number("/"), law.number("\\")], dtype=np.uint8)
    for pupils in by_year.values():
        all_of_them = sessions_of(calendar, pupils[0].enrolment, calendar.starts_on, last.on)
        sessions = [session for session in all_of_them if session <= last]
        places = {session: place for place, session in enumerate(sessions)}
        days = np.array([session.on for session in sessions], dtype="datetime64[D]")
        strokes = present[[session.half.value for session in sessions]] if sessions else present[:0]
        marks = np.zeros((len(sessions), len(pupils)), dtype=np.uint8)
        for column, pupil in enumerate(pupils):
            _fill(marks[:, column], pupil, (days, strokes), places, law)
        yield _Sheet(pupils[0], tuple(pupil.ref for pupil in pupils), places, marks)


def _fill(
    column: NDArray[np.uint8],
    pupil: Pupil,
    plain: tuple[NDArray[np.datetime64], NDArray[np.uint8]],
    places: Mapping[Session, int],
    law: Statute,
) -> None:
    """One pupil's marks: present from the first day to the last on roll, then the exceptions."""
    days, strokes = plain
    stay = pupil.enrolment
    first = np.searchsorted(days, np.datetime64(max(stay.starts_on, pupil.marked_from)))
    past = len(days) if stay.ends_on is None else np.searchsorted(days, np.datetime64(stay.ends_on), "right")
    column[first:past] = strokes[first:past]
    for session, symbol in pupil.marks.items():
        if session in places:
            column[places[session]] = law.number(symbol) if symbol else 0


def _in_order(sheets: Sequence[_Sheet]) -> list[Session]:
    return sorted({session for sheet in sheets for session in sheet.places})


def _saves(session: Session, sheets: Sequence[_Sheet], closes_at: ClosesAt) -> Iterator[Save]:
    """The saves of a session: one for each moment at which a register closes; none where all is blank."""
    closing: dict[datetime, tuple[tuple[str, ...], bytes]] = {}
    for sheet in sheets:
        place = sheet.places.get(session)
        if place is None:
            continue
        row = sheet.marks[place].tobytes()
        if any(row):
            at = closes_at(session, sheet.one.year_group_on(session.on))
            roll, marks = closing.get(at, ((), b""))
            closing[at] = (roll + sheet.roll, marks + row)
    for number, (at, (roll, marks)) in enumerate(closing.items(), start=1):
        yield Save(f"save {session} {number}", session, roll, marks, at, at, at, TEACHER)


def _amendment(key: str, ref: str, one: Amending) -> Amendment:
    return Amendment(key, ref, one.session, one.original, one.amended, one.reason, one.at, one.by, one.by)
