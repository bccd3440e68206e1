"""What are the figures of each pupil: sessions, rates, lateness, illness, runs, the threshold's window?

One line an enrolment, over the school year to date. A rate is kept as its two counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from firstbell.measures import (
    Counts,
    Line,
    Rate,
    RunKind,
    SicknessDays,
    Totals,
    last_school_weeks,
    runs,
    sickness_days,
    unauthorised_in_window,
)
from firstbell.register import Enrolment
from firstbell.reports.crossed import LineFigures
from firstbell.reports.question import Question, parts_of_year, value_of, window_weeks

__all__ = ["PupilFigures", "pupil_figures"]


@dataclass(frozen=True)
class PupilFigures:
    """One enrolment's year to date.

    `terms` are the totals of each term so far; `days_ill` the three ways of counting days of illness (any,
    whole, sessions); `longest` and `current` the school days of runs by kind; `window` the sessions
    that count towards the national threshold out of the possible ones in its weeks; `over` the lines crossed
    that still hold. `joined_on` is the starting day of who came after the first school day of the year.
    """

    row: int
    enrolment: Enrolment
    name: str = field(repr=False)
    year_group: str = field(repr=False)
    registration_group: str = field(repr=False)
    totals: Totals
    terms: tuple[tuple[str, Totals], ...]
    days_ill: tuple[int, int, int]
    longest: Mapping[RunKind, int]
    current: Mapping[RunKind, int]
    window: Rate
    over: tuple[Line, ...]
    left_on: date | None
    joined_on: date | None


def pupil_figures(
    asked: Question, counts: Counts, lines: Sequence[LineFigures], names: Mapping[str, str]
) -> tuple[PupilFigures, ...]:
    """The figures of every enrolment of the school year, in the order of the strips.

    `counts` are of the year to date; `names` are by pupil, and who has none is shown by the id.
    """
    ill = sickness_days(asked.strips, asked.sessions)
    longest, current = _runs(asked)
    windows = _windows(asked)
    terms = _terms(asked)
    over: dict[int, list[Line]] = {}
    for line in lines:
        for one in line.crossed:
            if one.holds and line.line not in over.setdefault(one.row, []):
                over[one.row].append(line.line)
    first_on = asked.strips.axis.days[asked.strips.axis.between(asked.year.starts_on, asked.on).start // 2]
    found = []
    for row in (int(row) for row in np.flatnonzero(asked.shown)):
        enrolment = asked.strips.enrolments[row]
        left = enrolment.ends_on is not None and enrolment.ends_on < asked.on
        found.append(
            PupilFigures(
                row=row,
                enrolment=enrolment,
                name=names.get(enrolment.pupil, enrolment.pupil),
                year_group=value_of(enrolment, "year group", asked.on),
                registration_group=value_of(enrolment, "registration group", asked.on),
                totals=counts.of(row),
                terms=tuple((name, own.of(row)) for name, own in terms),
                days_ill=_days_ill(ill, row),
                longest=longest[row],
                current=current[row],
                window=windows[row],
                over=tuple(over.get(row, ())),
                left_on=enrolment.ends_on if left else None,
                joined_on=enrolment.starts_on if enrolment.starts_on > first_on else None,
            )
        )
    return tuple(found)


def _days_ill(ill: SicknessDays, row: int) -> tuple[int, int, int]:
    return int(ill.any[row]), int(ill.whole[row]), int(ill.sessions[row])


def _terms(asked: Question) -> list[tuple[str, Counts]]:
    return [(name, asked.within(periods)) for name, periods in parts_of_year(asked).get("term", {}).items()]


def _runs(asked: Question) -> tuple[list[dict[RunKind, int]], list[dict[RunKind, int]]]:
    """The longest run of each kind that reaches into the year, and the one that goes on, by enrolment."""
    nothing = dict.fromkeys(RunKind, 0)
    longest = [dict(nothing) for _ in asked.strips.enrolments]
    current = [dict(nothing) for _ in asked.strips.enrolments]
    days = asked.strips.axis.days
    for kind in RunKind:
        for run in runs(asked.strips, kind):
            if days[run.last_day] < asked.year.starts_on:
                continue
            longest[run.row][kind] = max(longest[run.row][kind], run.days)
            if run.open and asked.strips.enrolments[run.row].on_roll(asked.on):
                current[run.row][kind] = run.days
    return longest, current


def _windows(asked: Question) -> list[Rate]:
    """What counts towards the national threshold in its weeks, out of the sessions possible in them."""
    counted = unauthorised_in_window(asked.strips)
    possible = asked.strips.where(lambda code: code.possible)
    of_pupil: dict[str, list[int]] = {}
    for row, enrolment in enumerate(asked.strips.enrolments):
        of_pupil.setdefault(enrolment.pupil, []).append(row)
    starts: dict[tuple[str, str | None], int] = {}
    found = []
    for row, enrolment in enumerate(asked.strips.enrolments):
        key = enrolment.school, enrolment.year_group(asked.on)
        if key not in starts:
            calendar = asked.calendars[enrolment.school]
            stretch = last_school_weeks(calendar, asked.on, window_weeks(asked.law), key[1])
            first_on = stretch.starts_on if stretch else asked.year.starts_on
            starts[key] = asked.strips.axis.between(first_on, asked.on).start
        rows = of_pupil[enrolment.pupil]
        whole = int(possible[rows, starts[key] :].any(axis=0).sum())
        found.append(Rate(int(counted[row]), whole))
    return found
