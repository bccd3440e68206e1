"""A whole year of marks of one invented school: everything that will stand in its register at last.

Puts together what the other modules each do one part of, in the order in which they depend on one
another, and leaves some sessions unmarked. How and when the marks came to be recorded is said by `recording`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.measures import statistics_sessions
from firstbell.register import AttendanceRegister, Attribute, Enrolment, Strips, lay_strips
from firstbell.sessions import Calendar
from firstbell.statute import Statute
from firstbell.synth.absences import Layer, lay_absences
from firstbell.synth.attended import late_habits, lay_attended, lay_not_possible
from firstbell.synth.calibration import Phase
from firstbell.synth.people import YEARS, Child, invented_id
from firstbell.synth.reasons import share_out
from firstbell.synth.shares import missed_shares
from firstbell.synth.weeks import YearShape

__all__ = ["YearOfMarks", "enrolments_of", "year_of_marks"]

BLANK_CLASSES, BLANK_CELLS = 0.0003, 0.00015
"""How many registers of a class, and how many single marks, are never taken. Assumed."""
STARTING_DAYS = 4
"""For so many days reception comes in the mornings only, as most schools begin with the youngest."""


@dataclass(frozen=True, eq=False)
class YearOfMarks:
    """The marks of a year as arrays: `strips` with everything that will at last be recorded."""

    strips: Strips
    shape: YearShape


def enrolments_of(
    children: Sequence[Child],
    calendar: Calendar,
    calibration: Phase,
    random: np.random.Generator,
) -> list[Enrolment]:
    """One enrolment a child, with what the school holds about them; some join and some leave in the year."""
    first, last = calendar.years[0].starts_on, calendar.half_terms[5].ends_on
    days = calendar.school_days(first, last)
    moves = np.full(len(children), "stays", dtype="<U6")
    order = random.permutation(len(children))
    joiners = round(calibration.ratio("joiners") * len(children))
    leavers = round(calibration.ratio("leavers") * len(children))
    moves[order[:joiners]] = "joins"
    moves[order[joiners : joiners + leavers]] = "leaves"
    enrolments = []
    for place, child in enumerate(children):
        entry = first.year - (child.year - YEARS[calibration.name][0])
        starts_on, ends_on = (days[0] if entry == first.year else date(entry, 9, 4)), None
        # Not in the first week, which is the intake, nor in the second half of summer, when schools wait.
        day = days[int(random.integers(8, len(days) - 40))]
        if moves[place] == "joins":
            starts_on = day
        elif moves[place] == "leaves":
            ends_on = day
        elif child.year == 11:
            ends_on = _last_friday_of_june(last.year)
        enrolments.append(
            Enrolment(
                invented_id("enrolment", (), child.record.id),
                child.record.id,
                calendar.school,
                starts_on,
                ends_on,
                child.born_on,
                attributes=_attributes(child),
            )
        )
    return enrolments


def _attributes(child: Child) -> tuple[Attribute, ...]:
    home = child.home
    held = {
        "year group": "R" if child.year == 0 else str(child.year),
        "registration group": child.group,
        "sex": child.sex,
        "FSM": "yes" if child.fsm else "no",
        "SEN": child.sen,
        "EAL": "no" if home.language == "English" else "yes",
        "ethnicity": home.ethnicity,
    }
    return tuple(Attribute(name, value) for name, value in held.items())


def _last_friday_of_june(year: int) -> date:
    day = date(year, 6, 30)
    return day - timedelta(days=(day.weekday() - 4) % 7)


def year_of_marks(
    children: Sequence[Child],
    enrolments: Sequence[Enrolment],
    calendar: Calendar,
    calibration: Phase,
    statute: Statute,
    random: np.random.Generator,
) -> YearOfMarks:
    """Every mark of the year, as it stands when the last correction has been made."""
    starting = calendar.half_terms[0].starts_on.year
    last_on = calendar.half_terms[5].ends_on
    empty = lay_strips(
        enrolments, AttendanceRegister(()), {calendar.school: calendar}, statute, ends_on=last_on
    )
    shape = YearShape(empty.axis, calendar, calibration, random)
    expected = empty.expected.copy()
    counted = expected & statistics_sessions(empty, starting)
    layer = Layer(shape, empty.marks, counted.copy(), statute, random)
    _mornings_only(layer, children)
    twice = lay_not_possible(layer, children)
    level = float(np.clip(random.normal(1.0, 0.018), 0.965, 1.035))
    late = late_habits(children, random)
    possible = layer.free.sum(axis=1)
    absent = np.floor(missed_shares(children, calibration, level, random) * possible + 0.5).astype(np.int64)
    budgets = share_out(children, absent, int(possible.sum()), late, calibration, random)
    lay_absences(layer, children, budgets)
    _after_exams(layer, children, expected & ~counted)
    _present(layer, expected)
    minutes = np.zeros(empty.marks.shape, dtype=np.uint16)
    present = expected & np.isin(empty.marks, [statute.number("/"), statute.number("\\")])
    lay_attended(layer, children, present, late, minutes)
    _unmarked(layer, children, minutes)
    registered = tuple(
        replace(enrolment, registration="main") if place in twice else enrolment
        for place, enrolment in enumerate(enrolments)
    )
    return YearOfMarks(replace(empty, enrolments=registered, minutes_late=minutes), shape)


def _mornings_only(layer: Layer, children: Sequence[Child]) -> None:
    """Reception begins with mornings: none of them is of compulsory school age in September."""
    afternoons = np.arange(1, 2 * STARTING_DAYS, 2)
    for place, child in enumerate(children):
        if child.year == 0 and layer.free[place, afternoons].all():
            layer.put(place, "X", afternoons)


def _after_exams(layer: Layer, children: Sequence[Child], left_out: NDArray[np.bool_]) -> None:
    """Year 11 after the half term in May: study leave until the last examination, leave after it.

    Official figures leave these sessions out. Some come in all the same.
    """
    random = layer.random
    for place, child in enumerate(children):
        sessions = np.flatnonzero(left_out[place]) if child.year == 11 else np.array([], dtype=np.intp)
        exams = int(random.integers(18, 28))
        at_school = random.random(len(sessions)) < 0.25
        study = np.arange(len(sessions)) < exams
        layer.put(place, "S", sessions[study & ~at_school])
        layer.put(place, "C", sessions[~study])


def _present(layer: Layer, expected: NDArray[np.bool_]) -> None:
    strokes = np.array([layer.statute.number("/"), layer.statute.number("\\")], dtype=np.uint8)
    row = np.tile(strokes, len(layer.shape.axis.days))
    blank = expected & (layer.marks == 0)
    layer.marks[blank] = np.broadcast_to(row, layer.marks.shape)[blank]


def _unmarked(layer: Layer, children: Sequence[Child], minutes: NDArray[np.uint16]) -> None:
    """Registers of whole classes that were never taken, and single cells that were passed over."""
    random = layer.random
    groups = np.unique([child.group for child in children], return_inverse=True)[1]
    blank = random.random((int(groups.max()) + 1, layer.marks.shape[1])) < BLANK_CLASSES
    present = np.isin(layer.marks, [layer.statute.number("/"), layer.statute.number("\\")])
    passed_over = present & (random.random(layer.marks.shape) < BLANK_CELLS)
    layer.marks[blank[groups] | passed_over] = 0
    minutes[layer.marks == 0] = 0
