"""From a scenario to what everything else works with: a calendar, enrolments, a register, facts.

A register closes when a policy says, so whoever runs a scenario hands the times in. Marks become known when
the register of their session closes, or when the scenario says that it was saved: one save for all whose
registers are saved at the same moment.
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
from firstbell.scenarios.scenario import Amending, Pupil, Saving, Scenario
from firstbell.sessions import LONDON, Calendar, Session
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
    the register, which is what `marks` say. Where the register was saved before it closed, a change after
    that and before the close is a save of its own. So is what fills a session that was blank.
    """
    law = statute or england()
    sheets = tuple(_sheets(scenario, law))
    saved_at = _SavedAt(scenario.registers, closes_at)
    saves = [save for session in _in_order(sheets) for save in _saves(session, sheets, saved_at)]
    amendments: list[Amendment] = []
    problems: list[Problem] = []
    for pupil in scenario.pupils:
        for number, one in enumerate(pupil.amendments, start=1):
            closed = closes_at(one.session, pupil.year_group_on(one.session.on))
            saved = saved_at.of(pupil, one.session)
            if one.at <= saved:
                problems.append(_too_early(scenario, one, saved, was_saved=saved != closed))
            elif one.original and one.at > closed:
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


def _too_early(scenario: Scenario, one: Amending, at: datetime, *, was_saved: bool) -> Problem:
    word = "was saved" if was_saved else "closed"
    what = f"the register of {one.session} {word} at {at.astimezone(LONDON):%H:%M}, after this."
    remedy = "Write a later moment, or the other mark in marks: it was being taken still."
    return Problem("scenario-amendment", scenario.place(one.row, "amendments"), what, remedy)


@dataclass(frozen=True)
class _SavedAt:
    """When the registers were saved: as the scenario says, else when they closed."""

    registers: Sequence[Saving]
    closes_at: ClosesAt

    def of(self, pupil: Pupil, session: Session) -> datetime:
        """When the register with a pupil's mark of a session was saved."""
        stated = next((one.at for one in self.registers if one.is_of(pupil.ref, session)), None)
        return stated or self.closes_at(session, pupil.year_group_on(session.on))

    def seats(self, sheet: _Sheet, session: Session) -> Mapping[datetime, Sequence[int]]:
        """The places in a sheet's roll of those whose marks were saved together, by the moment."""
        closed = self.closes_at(session, sheet.one.year_group_on(session.on))
        own = [one for one in self.registers if one.session == session]
        if not own:
            return {closed: range(len(sheet.roll))}
        found: dict[datetime, list[int]] = {}
        for seat, ref in enumerate(sheet.roll):
            at = next((one.at for one in own if one.is_of(ref, session)), closed)
            found.setdefault(at, []).append(seat)
        return found


def _in_order(sheets: Sequence[_Sheet]) -> list[Session]:
    return sorted({session for sheet in sheets for session in sheet.places})


def _saves(session: Session, sheets: Sequence[_Sheet], saved_at: _SavedAt) -> Iterator[Save]:
    """The saves of a session: one for each moment at which registers are saved; none where all is blank."""
    saving: dict[tuple[datetime, datetime], tuple[tuple[str, ...], bytes]] = {}
    for sheet in sheets:
        place = sheet.places.get(session)
        if place is None:
            continue
        closed = saved_at.closes_at(session, sheet.one.year_group_on(session.on))
        for at, seats in saved_at.seats(sheet, session).items():
            row = sheet.marks[place][list(seats)].tobytes()
            if any(row):
                roll, marks = saving.get((at, closed), ((), b""))
                saving[at, closed] = (roll + tuple(sheet.roll[seat] for seat in seats), marks + row)
    for number, ((at, closed), (roll, marks)) in enumerate(saving.items(), start=1):
        yield Save(f"save {session} {number}", session, roll, marks, at, at, closed, TEACHER)


def _amendment(key: str, ref: str, one: Amending) -> Amendment:
    return Amendment(key, ref, one.session, one.original, one.amended, one.reason, one.at, one.by, one.by)
