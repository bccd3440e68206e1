"""What are a school's own figures, laid out as the Department lays out its tables?

The table of attendance has the columns of the daily statistics, so that a school's rows stand beside the
national ones and can be checked by the same arithmetic. Which column carries which codes is said in
`dfe/columns.toml`; what counts as what is the law's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from firstbell.exchange.dfe.columns import Layout, tables
from firstbell.exchange.writing import Extract
from firstbell.exchange.writing_tables import Row
from firstbell.measures import Totals, code_counts, count
from firstbell.register import Strips
from firstbell.sessions import Calendar, Period, monday_of
from firstbell.statute import UNMARKED
from firstbell.statute.values import PersistentAbsence

__all__ = ["SchoolInTables", "Stretch", "attendance_table"]

DECIMALS = 6
NOT_APPLICABLE = "z"
IN_FRONT = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "school_urn",
    "school_laestab", "school_name", "attendance_date", "education_phase", "num_schools", "enrolments",
)  # fmt: skip
COUNTS = (
    "present_sessions", "overall_attendance", "approved_educational_activity", "overall_absence",
    "authorised_absence", "unauthorised_absence", "late_sessions", "possible_sessions",
)  # fmt: skip
LEGACY = ("reason_t_authorised_grt_absence", "reason_d_aea_dual_registration")
"""Former headings of columns that are there already, under their present ones."""
RATES = (
    "attendance_perc", "overall_absence_perc", "authorised_absence_perc", "unauthorised_absence_perc",
    "illness_perc", "appointments_perc", "unauth_hol_perc", "unauth_oth_perc",
    "unauth_late_registers_closed_perc", "unauth_not_yet_perc", "auth_religious_perc", "auth_study_perc",
    "auth_mob_perc", "auth_excluded_perc", "auth_performance_perc", "auth_interview_perc",
    "auth_part_time_perc", "auth_other_perc",
)  # fmt: skip


Stretch = Literal["week", "term", "year"]


@dataclass(frozen=True)
class SchoolInTables:
    """A school as the Department's tables name it."""

    name: str
    phase: str
    urn: str = ""
    laestab: str = ""


@dataclass(frozen=True)
class _Stretch:
    """What one row of the table is about."""

    time_period: str
    time_identifier: str
    period: Period
    first_on: str = ""


@cache
def _layout() -> Layout:
    return next(layout for layout in tables().layouts if layout.kind == "attendance")


def attendance_table(extract: Extract, school: SchoolInTables, by: Stretch = "term") -> Iterator[Row]:
    """A school's own figures in the columns of the daily statistics, headings first.

    `by` is "week", "term" or "year": one file is about one kind, as the Department's are. Every rate has the
    possible sessions below it and six decimals, halves upwards; without a possible session it is `z`.
    Enrolments are those with a possible session. Persistent absence is asked of a term or year as a whole.
    Everybody on the register is counted, whatever their age: a school compares with what it records.

    Source: the Department's "Pupil attendance in schools", its columns and how they add up.
    """
    reasons = [heading for heading in _layout().codes if heading not in LEGACY]
    present = reasons.index("reason_present_pm") + 1
    parts = _layout().over["possible_sessions"]
    yield [
        *IN_FRONT, *COUNTS, *reasons[:present], "reason_present", *reasons[present:], "total_num_schools",
        "total_enrolments", *RATES, "pa_perc",
    ]  # fmt: skip
    for stretch in _stretches(extract.calendar)[by]:
        within = extract.strips.axis.between(stretch.period.starts_on, stretch.period.ends_on)
        if not (extract.strips.marks[:, within] != UNMARKED).any():
            continue
        counts = _counts(extract.strips, within)
        enrolments = counts["enrolments"]
        yield [
            stretch.time_period, stretch.time_identifier, "School", "E92000001", "England", school.urn,
            school.laestab, school.name, stretch.first_on, school.phase, 1, enrolments,
            *(counts[heading] for heading in COUNTS), *(counts[h] for h in reasons[:present]),
            counts["reason_present"], *(counts[h] for h in reasons[present:]), 1, enrolments,
            *(_rate(counts[parts[h]], counts["possible_sessions"]) for h in RATES),
            _persistent(extract, within) if by != "week" else NOT_APPLICABLE,
        ]  # fmt: skip


def _stretches(calendar: Calendar) -> Mapping[Stretch, Sequence[_Stretch]]:
    """The stretches of a calendar that rows can be about: its weeks, terms and years."""
    years = [(f"{y.starts_on.year}{(y.starts_on.year + 1) % 100:02d}", y) for y in calendar.years]
    terms = [
        _Stretch(name, f"{half_terms[term.starts_on]} term", term)
        for name, year in years
        for half_terms in [{h.starts_on: h.term for h in calendar.half_terms}]
        for term in calendar.terms
        if term.starts_on in year
    ]
    weeks = []
    for week in calendar.school_weeks(calendar.starts_on, calendar.ends_on):
        year, number, _ = monday_of(week.monday_on).isocalendar()
        period = Period(f"Week {number}", week.monday_on, week.sunday_on)
        weeks.append(_Stretch(str(year), f"Week {number}", period, week.monday_on.isoformat()))
    whole = [_Stretch(name, "Academic year", year) for name, year in years]
    return {"week": weeks, "term": terms, "year": whole}


def _counts(strips: Strips, within: slice) -> dict[str, int]:
    """Every count of a row, by its heading."""
    of: Totals = count(strips, within).total()
    symbols = {symbol: int(each.sum()) for symbol, each in code_counts(strips, within).items()}
    reasons = {
        heading: sum(symbols.get(code, 0) for code in codes) for heading, codes in _layout().codes.items()
    }
    elsewhere = strips.where(lambda code: code.category.name == "attending elsewhere")
    activity = int(np.count_nonzero(elsewhere[:, within]))
    return {
        **reasons,
        "reason_present": reasons["reason_present_am"] + reasons["reason_present_pm"],
        "present_sessions": of.attended - activity,
        "overall_attendance": of.attended,
        "approved_educational_activity": activity,
        "overall_absence": of.absent,
        "authorised_absence": of.authorised,
        "unauthorised_absence": of.unauthorised,
        "late_sessions": of.late,
        "possible_sessions": of.possible,
        "enrolments": of.enrolments,
    }


def _rate(part: int, whole: int) -> str:
    """A percentage to six decimals, halves upwards, worked out in whole numbers."""
    if not whole:
        return NOT_APPLICABLE
    scaled = (2 * 100 * part * 10**DECIMALS + whole) // (2 * whole)
    return f"{scaled // 10**DECIMALS}.{scaled % 10**DECIMALS:0{DECIMALS}d}"


def _persistent(extract: Extract, within: slice) -> str:
    """The share of enrolments that are persistently absent, by the law of the last day."""
    counts = count(extract.strips, within)
    last_on = extract.strips.axis.session(within.stop - 1).on
    rule = extract.statute.on(last_on).find(PersistentAbsence)
    if rule is None or rule.method != "share":
        return NOT_APPLICABLE
    absent: NDArray[np.bool_] = counts.absent_at_least(Fraction(rule.share))
    return _rate(int(absent.sum()), counts.total().enrolments)
