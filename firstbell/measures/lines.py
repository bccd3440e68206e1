"""Who has crossed which statutory line, when, and by which sessions?

A line is a number that the law or the Department's method sets: persistent and severe absence, the national
threshold, days of sickness, days of unbroken unauthorised absence, the last day of an unknown reason. That
a line is crossed is a figure; what the school does about it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from firstbell.measures.counts import Rate, as_mask
from firstbell.measures.runs import RunKind, runs, sickness_days, sickness_reached
from firstbell.measures.windows import ThresholdMet, threshold_episodes, unauthorised_in_window
from firstbell.register import Strips, reason_due_on
from firstbell.sessions import Calendar, CalendarEnds
from firstbell.statute import Ages, Law, NationalThreshold, Source
from firstbell.statute.values import (
    DeletionGround,
    PersistentAbsence,
    ReasonDeadline,
    SevereAbsence,
    SicknessCounting,
    StatutoryReturn,
)

__all__ = ["Crossing", "Line", "crossings"]

BoolArray = NDArray[np.bool_]


class Line(StrEnum):
    """The statutory lines, the gravest first."""

    SEVERE = "severely absent"
    PERSISTENT = "persistently absent"
    THRESHOLD = "national threshold for a penalty notice"
    UNEXPLAINED = "continuous absence that may open a deletion ground"
    UNAUTHORISED = "continuous unauthorised absence"
    SICKNESS = "days of sickness"
    REASON = "reason not established in time"


@dataclass(frozen=True)
class Crossing:
    """One enrolment has crossed one line.

    `place` is the session at which it did: for a share of sessions that goes up and down, the one since
    which it has been crossed without a break. `sessions` are the places of those that made it so. `figure`
    is the measured number over its comparison: absences over possible sessions, or days over days.
    `needed` is what the line asks for. `open` says that it still holds at the end of the axis.
    """

    line: Line
    row: int
    place: int
    sessions: tuple[int, ...]
    figure: Rate | int
    needed: Fraction | int
    source: Source
    open: bool = True


def crossings(
    strips: Strips,
    calendars: Mapping[str, Calendar],
    *,
    on: date,
    within: slice | BoolArray | None = None,
    least_possible: int = 0,
) -> list[Crossing]:
    """Every statutory line that an enrolment of `strips` has crossed as at day `on`.

    The strips are those `until` a session of that day. `within` is the school year in which shares and
    sickness are counted; the threshold looks at the whole axis, because it crosses years. A share is only
    asked about an enrolment with at least `least_possible` possible sessions: the first days of a year say
    little. The law is that of `on`.
    """
    law = strips.statute.on(on)
    chosen = as_mask(strips, within)
    found: list[Crossing] = []
    if not strips.axis.between(date.min, on).stop:
        return found
    for line, rule in (
        (Line.SEVERE, law.find(SevereAbsence)),
        (Line.PERSISTENT, law.find(PersistentAbsence)),
    ):
        # Before 2015/16 the method was a fixed number of sessions, which is no share of one's own.
        if rule is not None and getattr(rule, "method", "share") == "share":
            found += _shares(strips, line, rule.share, rule.source, chosen, least_possible)
    found += _threshold(strips, law, on, chosen)
    pupils, latest = strips.joined()
    of_pupils = chosen if chosen.ndim == 1 else _joined_mask(chosen, strips, latest)
    joined = [*_continuous(pupils, law), *_sickness(pupils, law, of_pupils)]
    found += [replace(one, row=int(latest[one.row])) for one in joined]
    found += _reasons(strips, law, calendars, on)
    order = list(Line)
    # What was crossed and is over in an earlier year is that year's, not this one's.
    here = (one for one in found if one.open or _at(chosen, one.row, one.place))
    return sorted(here, key=lambda one: (order.index(one.line), one.place, one.row))


def _at(chosen: BoolArray, row: int, place: int) -> bool:
    return bool(chosen[place] if chosen.ndim == 1 else chosen[row, place])


def _joined_mask(chosen: BoolArray, strips: Strips, latest: NDArray[np.intp]) -> BoolArray:
    """The sessions asked about for each pupil and school: those of any of the stays."""
    own = {(strips.enrolments[row].pupil, strips.enrolments[row].school): row for row in latest}
    masks = np.array([chosen[row] for row in latest], dtype=np.bool_).reshape(len(latest), -1)
    places = {int(row): place for place, row in enumerate(latest)}
    for row, enrolment in enumerate(strips.enrolments):
        masks[places[int(own[enrolment.pupil, enrolment.school])]] |= chosen[row]
    return masks


def _shares(
    strips: Strips,
    line: Line,
    share: Fraction,
    source: Source,
    chosen: BoolArray,
    least_possible: int,
) -> Iterable[Crossing]:
    absent = strips.where(lambda code: bool(code.absence)) & chosen
    possible = strips.where(lambda code: code.possible) & chosen
    missed, whole = np.cumsum(absent, axis=1), np.cumsum(possible, axis=1)
    over = (whole > 0) & (missed * share.denominator >= whole * share.numerator)
    for row in np.flatnonzero(over[:, -1] & (whole[:, -1] >= max(1, least_possible))):
        below = np.flatnonzero(~over[row])
        since = int(below[-1]) + 1 if len(below) else 0
        # A count changes only at a possible session: the first of those since which it has stayed over.
        place = since + int(np.argmax(possible[row, since:]))
        yield Crossing(
            line,
            int(row),
            place,
            _places(absent[row]),
            Rate(int(missed[row, -1]), int(whole[row, -1])),
            share,
            source,
        )


def _places(cells: BoolArray) -> tuple[int, ...]:
    return tuple(int(place) for place in np.flatnonzero(cells))


def _threshold(strips: Strips, law: Law, on: date, chosen: BoolArray) -> Iterable[Crossing]:
    rule = law.find(NationalThreshold)
    if rule is None:
        return
    now = unauthorised_in_window(strips, strips.axis.between(date.min, on).stop - 1)
    episodes: dict[str, list[ThresholdMet]] = {}
    for met in threshold_episodes(strips):
        episodes.setdefault(met.pupil, []).append(met)
    for times in episodes.values():
        # Shown once, at the enrolment where the pupil is or last was, with the sessions of all of them.
        row = max(times[0].rows, key=lambda row: strips.enrolments[row].starts_on)
        held = int(now[row])
        met = next((one for one in times if _at(chosen, row, one.first)), times[-1])
        yield Crossing(
            Line.THRESHOLD,
            row,
            met.first,
            met.sessions,
            len(met.sessions),
            rule.sessions,
            rule.source,
            open=held >= rule.sessions,
        )


def _continuous(strips: Strips, law: Law) -> Iterable[Crossing]:
    returns = [r for r in law.all(StatutoryReturn) if r.school_days and r.codes]
    grounds = [g for g in law.all(DeletionGround) if g.ages is Ages.COMPULSORY and g.school_days and g.codes]
    asked = [(Line.UNAUTHORISED, RunKind.UNAUTHORISED, r.school_days or 0, r.source) for r in returns]
    asked += [(Line.UNEXPLAINED, RunKind.UNEXPLAINED, g.school_days or 0, g.source) for g in grounds]
    of_age = strips.is_of_age
    for line, kind, days, source in asked:
        for run in runs(strips, kind, at_least=days):
            # Owed from the first day on which the run is long enough and the pupil old enough.
            reached = [2 * day + 1 for day in run.reached[days - 1 :] if of_age[run.row, 2 * day + 1]]
            for place in reached[:1]:
                sessions = [
                    p for day in run.reached for p in (2 * day, 2 * day + 1) if strips.marks[run.row, p]
                ]
                yield Crossing(line, run.row, place, tuple(sessions), run.days, days, source, run.open)


def _sickness(strips: Strips, law: Law, chosen: BoolArray) -> Iterable[Crossing]:
    rule = law.find(SicknessCounting)
    if rule is None:
        return
    days = {"any": "any", "whole": "whole", "half": "sessions"}[rule.counts]
    total = getattr(sickness_days(strips, chosen), days)
    ill = strips.marked(*rule.codes) & chosen
    for row, day in sickness_reached(strips, chosen).items():
        last = int(np.flatnonzero(ill[row, : 2 * day + 2])[-1])
        of_age = np.flatnonzero(ill[row, last:] & strips.is_of_age[row, last:])
        for place in (of_age[:1] + last).tolist():
            number = int(total[row]) // (2 if rule.counts == "half" else 1)
            yield Crossing(
                Line.SICKNESS, row, place, _places(ill[row]), number, rule.school_days, rule.source
            )


def _reasons(strips: Strips, law: Law, calendars: Mapping[str, Calendar], on: date) -> Iterable[Crossing]:
    """Marks that still say the reason is not known after their last day, one crossing an enrolment."""
    rule = law.find(ReasonDeadline)
    if rule is None:
        return
    unknown = strips.marked(rule.code) & strips.on_roll
    for row in np.flatnonzero(unknown.any(axis=1)):
        calendar = calendars[strips.enrolments[row].school]
        late = [place for place in _places(unknown[row]) if _is_past(strips, place, calendar, law, on)]
        if late:
            yield Crossing(
                Line.REASON, int(row), late[0], tuple(late), len(late), rule.school_days, rule.source
            )


def _is_past(strips: Strips, place: int, calendar: Calendar, law: Law, on: date) -> bool:
    try:
        return reason_due_on(strips.axis.session(place), calendar, law) < on
    except CalendarEnds:
        # The last day lies in a year not yet known, hence after any day that is.
        return False
