"""One page of a school's figures that opens in any browser: who crossed which line first, then everything.

The page is one file, loads nothing, works without script, and is the same for the same figures. It lays out
what `figures` worked out; the templates decide nothing. All text is escaped by the template engine, drawings
included: names come from people's files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from firstbell.measures import Line, RunKind, Totals
from firstbell.problems import Problem
from firstbell.register import Strips
from firstbell.reports.figures import BY_SESSION, Figures, Gap
from firstbell.reports.pictures import (
    HEIGHT,
    KINDS,
    WEEKS_HEIGHT,
    Bar,
    Track,
    bars_of,
    kinds_of,
    notation_of,
    scale_of,
    tracks,
    week_bars,
)
from firstbell.reports.pupils import PupilFigures
from firstbell.reports.wording import (
    days_in_words,
    listed,
    number,
    plural,
    session_in_short,
    session_in_words,
)
from firstbell.sessions import day_and_year

__all__ = ["Alike", "FileRead", "alike", "page", "said_of_terms", "templates"]

FEW_SPELLS = 4
"""How many spells stand open on the page; more fold away behind their number."""

MOST_ALIKE = 50
"""How many problems of one kind the page shows; all of them stand with the rows that were kept aside."""

MOST_NAMED = 12
"""How many pupils a gap in the registers names; of more, it says how many in which group."""

MOST_GAPS = 30
"""How many sessions with gaps the page shows, the latest; the table has all."""


@dataclass(frozen=True)
class FileRead:
    """A file that the figures come from: its name, what it holds, and what became of its rows.

    `rows` = `read` + `agreeing` + `kept_aside`; `agreeing` are rows that only say what the calendar says.
    """

    name: str
    holds: str
    rows: int
    read: int
    agreeing: int = 0
    kept_aside: int = 0


@dataclass(frozen=True)
class _Row:
    """A pupil's row: the figures, the drawing of each term, and the same in words and in notation."""

    pupil: PupilFigures
    bars: tuple[tuple[Bar, ...], ...]
    said: str
    weeks: tuple[tuple[str, tuple[str, ...]], ...] = field(repr=False)
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alike:
    """Problems of one rule: the first of them, and how many more there are."""

    rule: str
    severity: str
    shown: tuple[Problem, ...]
    total: int


@dataclass(frozen=True)
class _GapRow:
    """A session with missing marks, told by names or by groups."""

    gap: Gap
    pupils: tuple[PupilFigures, ...]
    groups: str


def page(
    figures: Figures,
    problems: Sequence[Problem] = (),
    *,
    school: str = "",
    read: Sequence[FileRead] = (),
    kept_aside_in: str = "",
    known_at: str = "",
) -> str:
    """The page as HTML.

    `school` is the name in the heading (default: the calendars'), `read` what files the figures come from,
    `kept_aside_in` the name of the file beside the page that holds the rows kept aside, `known_at` the moment
    as at which the registers were read, where that is not now.
    """
    terms = tracks(figures.strips, figures.calendars, figures.year, figures.on)
    pupils = {pupil.row: pupil for pupil in figures.pupils}
    rows = list(_rows(figures, terms))
    weeks = [group.summary.totals for group in figures.table("week").groups]
    scale = scale_of(weeks)
    return (
        templates()
        .get_template("figures.html")
        .render(
            figures=figures,
            school=school or ", ".join(figures.schools),
            terms=terms,
            kinds=KINDS,
            height=HEIGHT,
            pupils=pupils,
            rows=rows,
            week_bars=week_bars(weeks, terms, figures.strips, scale),
            scale=scale,
            weeks_height=WEEKS_HEIGHT,
            by_name=sorted(figures.pupils, key=lambda pupil: (pupil.name.casefold(), pupil.row)),
            severe={one.row for line in figures.lines if line.line is Line.SEVERE for one in line.crossed},
            labels={line.line: line.in_short for line in figures.lines},
            gaps=[_gap_row(gap, pupils) for gap in figures.gaps[:MOST_GAPS]],
            coronavirus=any(bar.letter == "c" for row in rows for bars in row.bars for bar in bars),
            attributes=[table for table in figures.groups if table.by not in BY_SESSION],
            by_session=[table for table in figures.groups if table.by in BY_SESSION],
            problems=alike(problems),
            read=read,
            kept_aside_in=kept_aside_in,
            known_at=known_at,
            few_spells=FEW_SPELLS,
        )
    )


@cache
def templates() -> Environment:
    """The templates of the pages, with their filters; all text is escaped."""
    environment = Environment(
        loader=PackageLoader("firstbell.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "day": day_and_year,
        "in_words": session_in_words,
        "in_short": session_in_short,
        "listed": listed,
    }
    environment.globals |= {"days_in_words": days_in_words, "plural": plural, "Line": Line}
    return environment


# --- the pupils ------------------------------------------------------------------------------------------


def _rows(figures: Figures, terms: Sequence[Track]) -> Iterable[_Row]:
    """Every pupil's row, the lowest attendance first, those without a possible session last."""
    kinds = kinds_of(figures.strips)
    for pupil in sorted(figures.pupils, key=_lowest_first):
        yield _Row(
            pupil,
            tuple(bars_of(kinds[pupil.row], track) for track in terms),
            said_of_terms(pupil.terms),
            _weeks(figures.strips, pupil.row, terms),
            _more(pupil, figures.window_weeks),
        )


def _lowest_first(pupil: PupilFigures) -> tuple[bool, Fraction, str, int]:
    rate = pupil.totals.attendance.fraction
    return rate is None, rate or Fraction(0), pupil.name.casefold(), pupil.row


def _weeks(strips: Strips, row: int, terms: Sequence[Track]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = ((track.name, notation_of(strips, row, track)) for track in terms)
    return tuple((name, lines) for name, lines in found if lines)


def said_of_terms(terms: Sequence[tuple[str, Totals]]) -> str:
    """A strip in words, term by term, for who cannot see it."""
    return " ".join(f"{name}: {_of_term(totals)}." for name, totals in terms if _any(totals)) or "Empty."


def _any(totals: Totals) -> bool:
    return bool(totals.possible or totals.missing)


def _of_term(totals: Totals) -> str:
    said = f"{totals.absent} of {plural(totals.possible, 'possible session')} missed"
    parts = [
        f"{count} {what}"
        for count, what in (
            (totals.authorised, "authorised"),
            (totals.unauthorised, "unauthorised"),
            (totals.late_before_close, "late but attended"),
            (totals.missing, "without a mark"),
        )
        if count
    ]
    return f"{said}: {', '.join(parts)}" if parts else said


def _more(pupil: PupilFigures, window_weeks: int) -> tuple[str, ...]:
    """What the row has no room for, in sentences; nothing is said that is nothing."""
    totals, said = pupil.totals, []
    late = [
        f"{plural(count, 'time')} {when}"
        for count, when in (
            (totals.late_before_close, "before the register closed"),
            (totals.late_after_close, "after it closed"),
        )
        if count
    ]
    if late:
        minutes = f", {plural(totals.minutes_late, 'minute')} in all" if totals.minutes_late else ""
        said.append(f"Late {listed(late)}{minutes}.")
    any_day, whole, sessions = pupil.days_ill
    if sessions:
        said.append(
            f"Illness: {plural(sessions, 'session')} on {plural(any_day, 'day')}, {whole} of them whole."
        )
    runs = [
        f"{days} of {kind}" + (", going on" if pupil.current[kind] == days else "")
        for kind, days in pupil.longest.items()
        if days > 1 and kind is not RunKind.UNEXPLAINED
    ]
    if runs:
        said.append(f"Longest runs of school days: {'; '.join(runs)}.")
    if pupil.window.part:
        said.append(
            f"Counts towards a penalty notice: {pupil.window.part} of {pupil.window.whole} possible sessions "
            f"in the last {window_weeks} school weeks."
        )
    return tuple(said)


# --- gaps and problems -----------------------------------------------------------------------------------


def _gap_row(gap: Gap, pupils: dict[int, PupilFigures]) -> _GapRow:
    own = sorted((pupils[row] for row in gap.rows), key=lambda pupil: pupil.name.casefold())
    if len(own) <= MOST_NAMED:
        return _GapRow(gap, tuple(own), "")
    groups: dict[str, int] = {}
    for pupil in own:
        groups[pupil.registration_group] = groups.get(pupil.registration_group, 0) + 1
    return _GapRow(gap, (), ", ".join(f"{group}: {count}" for group, count in sorted(groups.items())))


def alike(problems: Sequence[Problem]) -> list[Alike]:
    """Problems by rule: first what was kept aside, then what was only noticed, the commonest first."""
    by_rule: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        by_rule.setdefault((problem.rule, problem.severity), []).append(problem)
    found = [
        Alike(rule, severity, tuple(own[:MOST_ALIKE]), len(own)) for (rule, severity), own in by_rule.items()
    ]
    return sorted(found, key=lambda alike: (alike.severity != "error", -alike.total, alike.rule))
