"""What are the figures of a school as at a session: its own, its groups', its pupils', and the lines crossed?

Everything is computed from strips; names are joined for display and nothing depends on them. A rate is kept
as its two counts, so that no figure can be shown without its possible sessions. Knows no file and no page:
`tables` and `page` lay out what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.measures import (
    Counts,
    Line,
    Rate,
    Totals,
    census_periods,
    code_counts,
    count,
    hidden_groups,
    in_statistics,
    split_by_session,
    statistics_sessions,
)
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import Strips
from firstbell.reports.crossed import LineFigures, lines_crossed
from firstbell.reports.definitions import Definition, standing_definitions
from firstbell.reports.pupils import PupilFigures, pupil_figures
from firstbell.reports.question import (
    NOT_STATED,
    Question,
    parts_of_year,
    question,
    starting_year,
    value_of,
    window_weeks,
)
from firstbell.reports.wording import days_in_words
from firstbell.sessions import Calendar, Half, Period, Session
from firstbell.statute import UNMARKED, Law
from firstbell.statute.values import SmallNumbers

__all__ = [
    "BY_SESSION",
    "CodeFigures",
    "Figures",
    "Gap",
    "Group",
    "GroupTable",
    "PupilFigures",
    "Stretch",
    "Summary",
    "figures",
]

BoolArray = NDArray[np.bool_]

BY_SESSION = ("weekday", "session", "week")
"""Splits by session, which need nothing about the pupils and are always there."""


@dataclass(frozen=True)
class Summary:
    """The counts of some enrolments over some sessions, and how many of them were over a share of absence.

    `persistent` and `severe` are enrolments over those with a possible session; None where the law of the day
    has no such share, or where sessions and not pupils are split.
    """

    totals: Totals
    persistent: Rate | None = None
    severe: Rate | None = None


@dataclass(frozen=True)
class Stretch:
    """The school's figures over a stretch of days, both included, cut off at the day of the figures."""

    kind: str
    name: str
    starts_on: date
    ends_on: date
    summary: Summary

    @property
    def label(self) -> str:
        """What it is called where it stands alone: "2024/25 to date", "Census, autumn"."""
        said = {"year to date": f"{self.name} to date", "census period": f"Census, {self.name}"}
        return said.get(self.kind, self.name[:1].upper() + self.name[1:])


@dataclass(frozen=True)
class Group:
    """The figures of one group in the year to date; `hidden` where they would show who somebody is."""

    label: str
    summary: Summary
    hidden: bool = False


@dataclass(frozen=True)
class GroupTable:
    """A split of the year to date: by something about the pupils, or by something about the sessions."""

    by: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class CodeFigures:
    """How often a code stands in the registers of the year to date, and for how many enrolments."""

    symbol: str
    name: str
    category: str
    sessions: int
    enrolments: int
    hidden: bool = False


@dataclass(frozen=True)
class Gap:
    """A session at which marks are missing: whose (rows of the strips), out of how many that were due."""

    session: Session
    rows: tuple[int, ...]
    due: int


@dataclass(frozen=True, eq=False)
class Figures:
    """All figures of a school as at the session `on`, after its register closed.

    `strips` reach over the whole of the calendar, blank after `on`: for pictures and not for counting.
    `pupils` are the enrolments of this school year, in the order of the strips.
    """

    on: Session
    schools: tuple[str, ...]
    year: Period
    strips: Strips = field(repr=False)
    calendars: Mapping[str, Calendar] = field(repr=False)
    by: tuple[str, ...]
    window_weeks: int
    stretches: tuple[Stretch, ...]
    lines: tuple[LineFigures, ...]
    not_in_force: tuple[Line, ...]
    groups: tuple[GroupTable, ...]
    codes: tuple[CodeFigures, ...]
    gaps: tuple[Gap, ...]
    pupils: tuple[PupilFigures, ...]
    definitions: tuple[Definition, ...]
    for_publication: bool = False

    @property
    def to_date(self) -> Summary:
        """The school year to date."""
        return self.stretches[0].summary

    def table(self, by: str) -> GroupTable:
        """The split by something. Raises KeyError where it was not asked for."""
        return {table.by: table for table in self.groups}[by]


def figures(
    strips: Strips,
    calendars: Mapping[str, Calendar],
    *,
    on: Session,
    names: Mapping[str, str],
    by: Sequence[str] = (),
    least_possible: int = 0,
    for_publication: bool = False,
) -> Figures:
    """All figures as at `on`; `strips` know nothing later (`Strips.until`), `names` are by pupil.

    `by` names attributes of pupils to split by, besides weekday, session, week and code, which are always
    there; with none, the year group and registration group as far as they are known. `least_possible` is
    asked before a share of absence is said of anybody. With `for_publication` the figures may leave the
    school: there are no pupils in them, and groups too small are hidden. Raises `Unusable` if `on` lies in no
    school year of the calendars, or nobody has the attribute to split by.
    """
    whole = strips.until(on)
    asked = question(whole, calendars, on, least_possible)
    chosen = _attributes(asked, by)
    counts = count(asked.strips, asked.sessions)
    lines = lines_crossed(
        asked.strips,
        calendars,
        on=on.on,
        year=asked.sessions,
        enrolments=asked.shown,
        least_possible=least_possible,
    )
    found = Figures(
        on=on,
        schools=tuple(calendar.school for calendar in calendars.values()),
        year=asked.year,
        strips=whole,
        calendars=calendars,
        by=tuple(by) or chosen,
        window_weeks=window_weeks(asked.law),
        stretches=_stretches(asked, counts),
        lines=lines,
        not_in_force=tuple(line for line in Line if line not in {one.line for one in lines}),
        groups=(*_by_attributes(asked, counts, chosen), *_by_sessions(asked)),
        codes=_codes(asked),
        gaps=_gaps(asked),
        pupils=pupil_figures(asked, counts, lines, names),
        definitions=standing_definitions(asked.law),
    )
    return _publishable(found, asked.law) if for_publication else found


def _attributes(asked: Question, by: Sequence[str]) -> tuple[str, ...]:
    """The attributes to split by, as the enrolments spell them."""
    known = {a.name.casefold(): a.name for e in asked.strips.enrolments for a in e.attributes}
    if not by:
        return tuple(name for name in ("year group", "registration group") if name in known.values())
    wanted = [one for one in dict.fromkeys(by) if one.casefold() not in (*BY_SESSION, "code")]
    unknown = [one for one in wanted if one.casefold() not in known]
    if unknown:
        remedy = f"Known are: {', '.join(sorted({*known.values(), *BY_SESSION, 'code'}))}."
        raise Unusable(
            Problem("by-unknown", Place(), f'No pupil has anything called "{one}" to split by.', remedy)
            for one in unknown
        )
    return tuple(known[one.casefold()] for one in wanted)


# --- the school and its groups ---------------------------------------------------------------------------


def _summary(asked: Question, counts: Counts, rows: BoolArray | None = None) -> Summary:
    """The totals of some enrolments (None: all) and how many of them were over each share of absence."""
    chosen = np.ones(len(counts.possible), dtype=np.bool_) if rows is None else rows
    enough = chosen & (counts.possible >= max(1, asked.least_possible))
    over = {
        line: Rate(int((counts.absent_at_least(share) & enough).sum()), int(enough.sum()))
        for line, share in asked.shares.items()
    }
    return Summary(counts.total(chosen), over.get(Line.PERSISTENT), over.get(Line.SEVERE))


def _stretches(asked: Question, counts: Counts) -> tuple[Stretch, ...]:
    """The year to date first, then its parts so far, the last weeks and months, and the official way."""
    found = [_stretch(asked, "year to date", asked.year, counts)]
    for kind, periods in parts_of_year(asked).items():
        for name, by_school in periods.items():
            first = min(by_school.values(), key=lambda period: period.starts_on)
            found.append(_stretch(asked, kind, replace(first, name=name), asked.within(by_school)))
    return (*found, *_official(asked))


def _official(asked: Question) -> tuple[Stretch, ...]:
    """The year to date of those, and of those sessions, that the Department's statistics count."""
    starting = starting_year(asked.year)
    census = census_periods(starting, asked.law)
    if not census:
        return ()
    counts = count(asked.strips, statistics_sessions(asked.strips, starting))
    whole = Period("as official statistics count", census[0].starts_on, census[-1].ends_on)
    return (_stretch(asked, "official", whole, counts, in_statistics(asked.strips, starting)),)


def _stretch(
    asked: Question, kind: str, period: Period, counts: Counts, rows: BoolArray | None = None
) -> Stretch:
    first_on = max(period.starts_on, asked.strips.axis.days[0])
    return Stretch(kind, period.name, first_on, min(period.ends_on, asked.on), _summary(asked, counts, rows))


def _by_attributes(asked: Question, counts: Counts, names: Sequence[str]) -> list[GroupTable]:
    tables = []
    for name in names:
        labels = np.array([value_of(e, name, asked.on) for e in asked.strips.enrolments], dtype=object)
        groups = sorted(set(labels[asked.shown]), key=_in_order)
        tables.append(
            GroupTable(
                name,
                tuple(Group(g, _summary(asked, counts, asked.shown & (labels == g))) for g in groups),
            )
        )
    return tables


def _in_order(label: str) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Year 9 before Year 10, nursery and reception before both, what is not stated last."""
    parts = tuple((int(n or 0), text) for n, text in re.findall(r"(\d+)|(\D+)", label))
    young = {"N1": -4, "N2": -3, "N": -2, "R": -1}.get(label, 0)
    return (1 if label == NOT_STATED else young), parts


def _by_sessions(asked: Question) -> list[GroupTable]:
    sessions = [asked.strips.axis.session(place) for place in range(len(asked.strips.axis))]
    keys = {
        "weekday": [f"{s.on:%A}" for s in sessions],
        "session": ["Morning" if s.half is Half.AM else "Afternoon" for s in sessions],
        "week": [_week(s.on) for s in sessions],
    }
    # A week of another year is no group of this one, not even an empty one.
    here = np.atleast_2d(asked.sessions).any(axis=0)
    tables = []
    for by, labels in keys.items():
        places = np.flatnonzero(here).tolist()
        if by == "weekday":
            places.sort(key=lambda place: sessions[place].on.weekday())
        totals = split_by_session(asked.strips, labels, asked.sessions)
        ordered = dict.fromkeys(labels[place] for place in places)
        tables.append(GroupTable(by, tuple(Group(label, Summary(totals[label])) for label in ordered)))
    return tables


def _week(day: date) -> str:
    monday = day - timedelta(days=day.weekday())
    return f"week of {days_in_words(monday, monday)}"


def _codes(asked: Question) -> tuple[CodeFigures, ...]:
    found = []
    for symbol, number in code_counts(asked.strips, asked.sessions).items():
        meaning = asked.strips.statute.last_meaning(symbol, asked.on)
        if not number.any():
            continue
        found.append(
            CodeFigures(
                symbol,
                meaning.name if meaning else "no code of the day",
                meaning.category.name if meaning else "",
                int(number.sum()),
                int((number > 0).sum()),
            )
        )
    return tuple(found)


def _gaps(asked: Question) -> tuple[Gap, ...]:
    """The sessions of the year to date at which somebody has no mark, the latest first."""
    due = asked.strips.expected & asked.sessions
    missing = due & (asked.strips.marks == UNMARKED)
    places = np.flatnonzero(np.logical_or.reduce(missing, axis=0))[::-1]
    return tuple(
        Gap(
            asked.strips.axis.session(int(place)),
            tuple(int(row) for row in np.flatnonzero(missing[:, place])),
            int(due[:, place].sum()),
        )
        for place in places
    )


# --- what may leave the school ---------------------------------------------------------------------------


def _publishable(found: Figures, law: Law) -> Figures:
    """The same without pupils, and with the figures of groups hidden that would show who somebody is."""
    fewest = law.value(SmallNumbers).fewest
    enrolments = found.to_date.totals.enrolments
    if enrolments < fewest:
        raise Unusable([_too_few(enrolments, law.value(SmallNumbers))])
    tables = []
    for table in found.groups:
        sizes = {group.label: group.summary.totals.enrolments for group in table.groups}
        hidden = hidden_groups(sizes, fewest)
        groups = tuple(replace(group, hidden=group.label in hidden) for group in table.groups)
        tables.append(replace(table, groups=groups))
    rare = hidden_groups({code.symbol: code.enrolments for code in found.codes}, fewest)
    return replace(
        found,
        for_publication=True,
        lines=tuple(replace(line, crossed=()) for line in found.lines),
        pupils=(),
        gaps=(),
        groups=tuple(tables),
        codes=tuple(replace(code, hidden=code.symbol in rare) for code in found.codes),
        strips=found.strips.rows([]),
    )


def _too_few(enrolments: int, rule: SmallNumbers) -> Problem:
    return Problem(
        "too-few-to-publish",
        Place(),
        f"These figures rest on {enrolments} enrolments, and {rule.fewest} is the fewest that may leave a "
        "school.",
        "Keep them inside the school.",
        str(rule.source),
    )
