"""The figures as text for a terminal and as tables for a spreadsheet.

Lays out what `figures` worked out and decides nothing. Each rate stands beside its counts; in the tables the
percentage has four decimals, so that it can be compared with what others compute.
"""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from firstbell.measures import Rate, RunKind, Totals
from firstbell.reports.crossed import Crossed, LineFigures
from firstbell.reports.figures import BY_SESSION, Figures, Summary
from firstbell.reports.pupils import PupilFigures
from firstbell.reports.wording import days_in_words, number, plural, session_in_short, session_in_words
from firstbell.sessions import day_and_year

__all__ = ["FORMULA", "csv_files", "neutralised", "terminal_text"]

FORMULA = tuple("=+-@\t\r")
"""What a cell begins with that a spreadsheet takes for a formula."""

Cell = str | int
MOST_NAMED = 20
"""How many pupils a line names in a terminal before it refers to the table."""

# --- for a terminal --------------------------------------------------------------------------------------


def terminal_text(figures: Figures, width: int = 100) -> str:
    """The school's line, who crossed which statutory line, and the tables, as aligned plain text."""
    heading = (
        f"{', '.join(figures.schools)}: figures as at {session_in_words(figures.on)}, "
        f"by the law of {day_and_year(figures.on.on)}"
    )
    parts = [
        textwrap.fill(heading, width),
        _school(figures, width),
        _lines(figures, width),
        _aligned("By period", [(s.label, s.summary) for s in figures.stretches], width),
    ]
    for by in figures.by:
        parts.append(_codes(figures, width) if by.casefold() == "code" else _groups(figures, by, width))
    return "\n\n".join(part for part in parts if part) + "\n"


def _school(figures: Figures, width: int) -> str:
    totals = figures.to_date.totals
    days = days_in_words(figures.stretches[0].starts_on, figures.stretches[0].ends_on)
    left = sum(1 for pupil in figures.pupils if pupil.left_on)
    rows = [
        ("possible", totals.possible, None),
        ("attended", totals.attended, totals.attendance),
        ("authorised absence", totals.authorised, totals.authorised_absence),
        ("unauthorised absence", totals.unauthorised, totals.unauthorised_absence),
    ]
    lines = [
        f"{figures.year.name} to date, {days}: {plural(totals.enrolments, 'enrolment')}"
        + (f", {left} of them left" if left else "")
    ]
    lines += [f"  {name:<22}{number(n):>9}  {rate.shown() if rate else '':>7}" for name, n, rate in rows]
    lines.append(
        f"  {'late':<22}{number(totals.late):>9}           {number(totals.late_before_close)} before the "
        f"register closed, {number(totals.late_after_close)} after it"
    )
    if totals.minutes_late:
        lines.append(f"  {'minutes late':<22}{number(totals.minutes_late):>9}")
    lines.append(f"  {'without a mark':<22}{number(totals.missing):>9}           not possible until marked")
    return "\n".join(line[:width].rstrip() for line in lines)


def _lines(figures: Figures, width: int) -> str:
    text = ["Statutory lines"]
    name_of = {pupil.row: pupil.name for pupil in figures.pupils}
    for line in figures.lines:
        over = f"{number(line.enrolments.part)} of {number(line.enrolments.whole)}"
        text.append(f"  {line.line}: {over}"[:width])
        for one in line.crossed[:MOST_NAMED]:
            since = f" ({one.since})" if one.since else ""
            told = f"{session_in_short(one.at)}: {one.figure}{since}"
            first = f"    {name_of[one.row][:24]:<26}"
            text += textwrap.wrap(told, width, initial_indent=first, subsequent_indent=" " * 30)
        if len(line.crossed) > MOST_NAMED:
            text.append(f"    and {len(line.crossed) - MOST_NAMED} more, in lines.csv")
    return "\n".join(text)


def _groups(figures: Figures, by: str, width: int) -> str:
    table = next(table for table in figures.groups if table.by.casefold() == by.casefold())
    rows = [(group.label, None if group.hidden else group.summary) for group in table.groups]
    return _aligned(f"By {table.by}", rows, width)


def _aligned(title: str, rows: Sequence[tuple[str, Summary | None]], width: int) -> str:
    headings = ("pupils", "possible", "attended", "author.", "unauth.", "late", "no mark", "persist.")
    broad = max(16, min(30, max((len(label) for label, _ in rows), default=0), width - 9 * len(headings)))
    lines = [f"{title:<{broad}}" + "".join(f"{heading:>9}" for heading in headings)]
    for label, summary in rows:
        cells = ["hidden"] * len(headings) if summary is None else _cells(summary)
        lines.append(f"{label[:broad]:<{broad}}" + "".join(f"{cell:>9}" for cell in cells))
    return "\n".join(line[:width].rstrip() for line in lines)


def _cells(summary: Summary) -> list[str]:
    totals = summary.totals
    return [
        number(totals.enrolments),
        number(totals.possible),
        totals.attendance.shown() if totals.possible else "-",
        totals.authorised_absence.shown() if totals.possible else "-",
        totals.unauthorised_absence.shown() if totals.possible else "-",
        number(totals.late),
        number(totals.missing),
        number(summary.persistent.part) if summary.persistent else "-",
    ]


def _codes(figures: Figures, width: int) -> str:
    title = f"By code ({number(figures.to_date.totals.possible)} possible)"
    lines = [f"{title:<44}{'sessions':>10}{'pupils':>10}"]
    for code in figures.codes:
        cells = ["hidden"] * 2 if code.hidden else [number(code.sessions), number(code.enrolments)]
        lines.append(f"{code.symbol:<4}{code.name[:38]:<40}{cells[0]:>10}{cells[1]:>10}")
    return "\n".join(line[:width] for line in lines)


# --- for a spreadsheet -----------------------------------------------------------------------------------


def csv_files(figures: Figures, references: Mapping[str, str] | None = None) -> dict[str, str]:
    """The tables as CSV: file name to text, to be written as UTF-8 with a byte order mark.

    Days are ISO. A cell of text that a spreadsheet would take for a formula is neutralised; codes are not,
    because none can be one. `references` are the school's own numbers of its pupils, by which a row is found
    again in its system. Figures for publication have no table that names pupils.
    """
    known = references or {}
    files = {
        "groups.csv": _csv(_group_rows(figures)),
        "codes.csv": _csv(_code_rows(figures)),
        "weekdays.csv": _csv(_weekday_rows(figures)),
    }
    if not figures.for_publication:
        files["pupils.csv"] = _csv(_with_reference(_pupil_rows(figures), known))
        files["lines.csv"] = _csv(_with_reference(_line_rows(figures), known))
        files["missing.csv"] = _csv(_with_reference(_missing_rows(figures), known))
    return files


def neutralised(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before = + - @, tab or return.

    The codes stay as they are; so does a lone hyphen, which stands for an unmarked session.
    """
    return f"'{text}" if text.startswith(FORMULA) and text != "-" else text


def _csv(rows: Iterable[Sequence[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


_COUNTS = (
    "possible",
    "attended",
    "authorised",
    "unauthorised",
    "late_before_close",
    "late_after_close",
    "minutes_late",
    "missing",
)
_RATES = ("attendance_percent", "absence_percent", "authorised_percent", "unauthorised_percent")


def _counts(totals: Totals) -> list[Cell]:
    rates = (totals.attendance, totals.absence, totals.authorised_absence, totals.unauthorised_absence)
    return [*(getattr(totals, name) for name in _COUNTS), *map(_percent, rates)]


def _percent(rate: Rate) -> str:
    """The percentage with four decimals, halves upwards; empty where there is no rate."""
    return rate.shown(4).removesuffix("%") if rate.whole else ""


def _with_reference(
    rows: Iterable[Sequence[Cell]], references: Mapping[str, str]
) -> Iterator[Sequence[Cell]]:
    """The rows with the school's own number after the column of our id."""
    headings, *others = rows
    place = list(headings).index("pupil") + 1
    yield (*headings[:place], "reference", *headings[place:])
    for row in others:
        reference = neutralised(references.get(str(row[place - 1]), ""))
        yield (*row[:place], reference, *row[place:])


def _pupil_rows(figures: Figures) -> Iterable[Sequence[Cell]]:
    yield (
        "pupil",
        "name",
        "year_group",
        "registration_group",
        "starts_on",
        "ends_on",
        *_COUNTS,
        *_RATES,
        "days_ill_any",
        "days_ill_whole",
        "days_ill_by_halves",
        *(f"{which}_run_{kind.name.lower()}" for kind in RunKind for which in ("longest", "current")),
        "unauthorised_in_window",
        "possible_in_window",
        "window_school_weeks",
        "lines_crossed",
    )
    for pupil in figures.pupils:
        yield _pupil_row(pupil, figures)


def _pupil_row(pupil: PupilFigures, figures: Figures) -> list[Cell]:
    ends_on = pupil.enrolment.ends_on
    any_day, whole, sessions = pupil.days_ill
    runs = [of[kind] for kind in RunKind for of in (pupil.longest, pupil.current)]
    return [
        pupil.enrolment.pupil,
        neutralised(pupil.name),
        neutralised(pupil.year_group),
        neutralised(pupil.registration_group),
        pupil.enrolment.starts_on.isoformat(),
        ends_on.isoformat() if ends_on else "",
        *_counts(pupil.totals),
        any_day,
        whole,
        f"{sessions // 2}.{5 * (sessions % 2)}",
        *runs,
        pupil.window.part,
        pupil.window.whole,
        figures.window_weeks,
        "; ".join(pupil.over),
    ]


def _group_rows(figures: Figures) -> Iterable[Sequence[Cell]]:
    shares = ("persistently_absent", "severely_absent", "asked_about")
    yield "by", "group", "starts_on", "ends_on", "enrolments", *_COUNTS, *_RATES, *shares
    to_date = figures.stretches[0]
    for stretch in figures.stretches:
        yield _group_row("school", stretch.label, stretch.starts_on, stretch.ends_on, stretch.summary)
    for table in figures.groups:
        if table.by in BY_SESSION:
            continue
        for group in table.groups:
            summary = None if group.hidden else group.summary
            yield _group_row(table.by, group.label, to_date.starts_on, to_date.ends_on, summary)


def _group_row(
    by: str, label: str, starts_on: object, ends_on: object, summary: Summary | None
) -> list[Cell]:
    cells: list[Cell] = [neutralised(by), neutralised(label), str(starts_on), str(ends_on)]
    if summary is None:
        return [*cells, "hidden"]
    asked = summary.persistent or summary.severe
    shares = [share.part if share else "" for share in (summary.persistent, summary.severe)]
    return [
        *cells,
        summary.totals.enrolments,
        *_counts(summary.totals),
        *shares,
        asked.whole if asked else "",
    ]


def _line_rows(figures: Figures) -> Iterable[Sequence[Cell]]:
    yield (
        "line",
        "pupil",
        "name",
        "registration_group",
        "crossed_on",
        "session",
        "sessions",
        "possible",
        "percent",
        "figure",
        "holds",
        "left_on",
        "reason_due_on",
        "by_which_sessions",
        "source",
        "confidence",
    )
    pupils = {pupil.row: pupil for pupil in figures.pupils}
    for line in figures.lines:
        for one in line.crossed:
            yield _line_row(line, one, pupils[one.row])


def _line_row(line: LineFigures, one: Crossed, pupil: PupilFigures) -> list[Cell]:
    return [
        str(line.line),
        pupil.enrolment.pupil,
        neutralised(pupil.name),
        neutralised(pupil.registration_group),
        one.at.on.isoformat(),
        one.at.half.name,
        one.missed.part,
        one.missed.whole,
        _percent(one.missed),
        one.figure,
        "yes" if one.holds else "no",
        one.left_on.isoformat() if one.left_on else "",
        one.due_on.isoformat() if one.due_on else "",
        "; ".join(f"{session} {mark}" for session, mark in one.sessions),
        line.definition.source,
        line.definition.confidence or "seen",
    ]


def _missing_rows(figures: Figures) -> Iterable[Sequence[Cell]]:
    yield "on", "session", "pupil", "name", "registration_group", "due_in_session"
    pupils = {pupil.row: pupil for pupil in figures.pupils}
    for gap in figures.gaps:
        for pupil in (pupils[row] for row in gap.rows):
            session = gap.session.on.isoformat(), gap.session.half.name
            group = neutralised(pupil.registration_group)
            yield *session, pupil.enrolment.pupil, neutralised(pupil.name), group, gap.due


def _code_rows(figures: Figures) -> Iterable[Sequence[Cell]]:
    yield "code", "name", "category", "sessions", "enrolments", "possible_in_school"
    possible = figures.to_date.totals.possible
    for code in figures.codes:
        counted: tuple[Cell, Cell] = ("hidden", "") if code.hidden else (code.sessions, code.enrolments)
        yield code.symbol, code.name, code.category, *counted, possible


def _weekday_rows(figures: Figures) -> Iterable[Sequence[Cell]]:
    yield "split", "label", "enrolments", *_COUNTS, *_RATES
    for table in map(figures.table, BY_SESSION):
        for group in table.groups:
            totals = group.summary.totals
            yield (
                table.by,
                group.label,
                *(["hidden"] if group.hidden else [totals.enrolments, *_counts(totals)]),
            )
