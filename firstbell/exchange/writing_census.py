"""What would the school census collect of each pupil's absence, so that an office can compare it?

The block that the termly return holds for a pupil, as XML and as rows of the same figures: counts, no days.
It is not the return itself, which the school's own system makes; it shows where the two disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

import numpy as np

from firstbell.exchange.writing import Extract
from firstbell.exchange.writing_ctf import as_xml
from firstbell.exchange.writing_tables import Row
from firstbell.measures import census_periods, code_counts, count
from firstbell.measures.counts import as_mask
from firstbell.sessions import Period
from firstbell.statute.ages import age_on, day_of_year
from firstbell.statute.values import StatisticsCohort

__all__ = ["CensusAbsence", "census_absence", "census_rows", "census_xml"]

YOUNGEST = 4
"""From this age absence is collected, a year before it is counted in the statistics."""
SECOND_HALF = 3
"""Among the periods of a year, the one with a block of its own: the second half of the summer term."""


@dataclass(frozen=True)
class CensusAbsence:
    """What is collected of one enrolment for one period. `reasons` are sessions missed, by code."""

    enrolment: str
    upn: str = field(repr=False)
    period: Period
    possible: int
    authorised: int
    unauthorised: int
    reasons: Mapping[str, int]


def census_absence(extract: Extract, starting_year: int) -> tuple[tuple[CensusAbsence, ...], ...]:
    """What is collected for each period of the school year that starts in September of a year.

    Of those aged 4 to 15 on 31 August before it, boarders left out, who were on roll for at least one
    session of the period, leavers too. No possible session at all is a figure like any other: a pupil may
    have been at another school throughout.

    Source: methodology of the Department's absence statistics; the census's rules for attendance.
    """
    strips = extract.strips
    law = strips.law.laws[-1]
    cohort = law.value(StatisticsCohort)
    absent = strips.where(lambda code: bool(code.absence))
    periods = []
    for period in census_periods(starting_year, law):
        within = strips.axis.between(period.starts_on, period.ends_on)
        on_roll = extract.has_cell[:, within].any(axis=1)
        counts, missed = count(strips, within), code_counts(strips, absent & as_mask(strips, within))
        collected = []
        for row in map(int, np.flatnonzero(on_roll)):
            enrolment = extract.enrolments[row]
            age = cohort.oldest
            if enrolment.born_on is not None:
                age = age_on(enrolment.born_on, day_of_year(starting_year, cohort.age_on))
            if enrolment.boarder or not YOUNGEST <= age <= cohort.oldest:
                continue
            of = counts.of(row)
            reasons = {symbol: int(each[row]) for symbol, each in missed.items() if each[row]}
            upn = extract.by_id[enrolment.pupil].upn
            collected.append(
                CensusAbsence(enrolment.id, upn, period, of.possible, of.authorised, of.unauthorised, reasons)
            )
        periods.append(tuple(collected))
    return tuple(periods)


def census_rows(extract: Extract, starting_year: int) -> Iterator[Row]:
    """The same with one row for an enrolment and period, headings first; a column for each code missed."""
    collected = [one for period in census_absence(extract, starting_year) for one in period]
    codes = [symbol for symbol in extract.statute.symbols if any(symbol in one.reasons for one in collected)]
    yield ["UPN", "period_start", "period_end", "possible", "authorised", "unauthorised", *codes]
    for one in collected:
        days = (one.period.starts_on, one.period.ends_on)
        reasons = (one.reasons.get(code, 0) for code in codes)
        yield [one.upn, *days, one.possible, one.authorised, one.unauthorised, *reasons]


def census_xml(extract: Extract, starting_year: int, term: str) -> bytes:
    """The pupils' attendance blocks of the return that collects a term: "autumn", "spring" or "summer".

    Each term is collected one term later; the return in October has both halves of the summer. Raises
    ValueError for another term.
    """
    places = {"autumn": (0,), "spring": (1,), "summer": (2, SECOND_HALF)}
    if term not in places:
        raise ValueError(f'"{term}" is no term of the census: autumn, spring or summer.')
    periods = census_absence(extract, starting_year)
    root = ElementTree.Element("Pupils")
    pupils: dict[str, ElementTree.Element] = {}
    for place in places[term]:
        for one in periods[place]:
            if one.enrolment not in pupils:
                pupils[one.enrolment] = _pupil(root, one.upn)
            _block(pupils[one.enrolment], one, second_half=place == SECOND_HALF)
    return as_xml(root)


def _pupil(root: ElementTree.Element, upn: str) -> ElementTree.Element:
    pupil = ElementTree.SubElement(root, "PupilOnRoll")
    if upn:
        ElementTree.SubElement(pupil, "UPN").text = upn
    return ElementTree.SubElement(pupil, "Attendance")


def _block(attendance: ElementTree.Element, one: CensusAbsence, *, second_half: bool) -> None:
    name = "SummerHalfTerm2Attendance" if second_half else "TermlyAttendance"
    block = ElementTree.SubElement(attendance, name)
    ElementTree.SubElement(block, "SessionsPossible").text = str(one.possible)
    ElementTree.SubElement(block, "SessionsAuthorised").text = str(one.authorised)
    ElementTree.SubElement(block, "SessionsUnauthorised").text = str(one.unauthorised)
    if one.reasons:
        details = ElementTree.SubElement(block, "SessionDetails")
        for symbol, sessions in one.reasons.items():
            detail = ElementTree.SubElement(details, "SessionDetail")
            ElementTree.SubElement(detail, "AttendanceReason").text = symbol
            ElementTree.SubElement(detail, "AbsenceSessions").text = str(sessions)
