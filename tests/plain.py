"""The core again, slow and obvious: what the fast code must agree with.

Here a pupil's year is a list of cells, one for each session, with a day, a half and the symbol somebody
wrote down ("" where nobody did). The calendar is a list of days. Everything is a plain loop over dates and
exact fractions; of the package only the law is used, asked day by day. Nothing here may be made faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from firstbell.statute import Code, NationalThreshold, Statute
from firstbell.statute.values import PersistentAbsence, SevereAbsence

HALF = Fraction(1, 2)


class Cell(NamedTuple):
    """One session of one enrolment: the day, "AM" or "PM", and the symbol in the register."""

    on: date
    half: str
    symbol: str


class Counts(NamedTuple):
    """How many of a pupil's sessions were what."""

    possible: int
    attended: int
    authorised: int
    unauthorised: int
    late_before_close: int
    late_after_close: int


def code_of(cell: Cell, statute: Statute) -> Code | None:
    """What the mark meant on its own day; None for no mark, and for a symbol that was no code then.

    A cell may hold what another symbol reads as for the pupil (X19), so every row of the law is looked at.
    """
    for code in statute.on(cell.on).all(Code):
        if code.symbol == cell.symbol:
            return code
    return None


def counts(cells: Sequence[Cell], statute: Statute) -> Counts:
    possible = attended = authorised = unauthorised = before = after = 0
    for cell in cells:
        code = code_of(cell, statute)
        if code is None:
            continue
        if code.possible:
            possible += 1
        if code.attended:
            attended += 1
        if code.absence == "authorised":
            authorised += 1
        if code.absence == "unauthorised":
            unauthorised += 1
        if code.late == "before close":
            before += 1
        if code.late == "after close":
            after += 1
    return Counts(possible, attended, authorised, unauthorised, before, after)


def rate(cells: Sequence[Cell], statute: Statute) -> Fraction | None:
    """Attended out of possible; None where nothing was possible."""
    counted = counts(cells, statute)
    if counted.possible == 0:
        return None
    return Fraction(counted.attended, counted.possible)


def basis_points(cells: Sequence[Cell], statute: Statute) -> int | None:
    """The rate in hundredths of a per cent, half up."""
    exact = rate(cells, statute)
    if exact is None:
        return None
    return int(exact * 10_000 + HALF)


def absence(cells: Sequence[Cell], statute: Statute) -> Fraction | None:
    """Absences out of possible; None where nothing was possible."""
    counted = counts(cells, statute)
    if counted.possible == 0:
        return None
    return Fraction(counted.authorised + counted.unauthorised, counted.possible)


def persistent(cells: Sequence[Cell], statute: Statute, on: date) -> bool:
    """Whether the share missed is at least the one that the law of day `on` names, if it names a share."""
    missed = absence(cells, statute)
    rule = statute.on(on).find(PersistentAbsence)
    if missed is None or rule is None or rule.method != "share":
        return False
    return missed >= rule.share


def severe(cells: Sequence[Cell], statute: Statute, on: date) -> bool:
    missed = absence(cells, statute)
    rule = statute.on(on).find(SevereAbsence)
    return missed is not None and rule is not None and missed >= rule.share


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def school_weeks(calendar: Sequence[date]) -> list[date]:
    """The Mondays of the weeks on which the school met at all, in order. A week of holidays is none."""
    mondays: list[date] = []
    for day in sorted(calendar):
        if monday(day) not in mondays:
            mondays.append(monday(day))
    return mondays


def first_week_below(
    cells: Sequence[Cell], calendar: Sequence[date], statute: Statute, level: Fraction
) -> int | None:
    """The number (from 0) of the first school week at whose end the rate so far was below `level`."""
    for number, monday_on in enumerate(school_weeks(calendar)):
        so_far = [cell for cell in cells if cell.on <= monday_on + timedelta(days=6)]
        reached = rate(so_far, statute)
        if reached is not None and reached < level:
            return number
    return None


def counts_towards_threshold(cell: Cell, statute: Statute) -> bool:
    rule = statute.on(cell.on).find(NationalThreshold)
    return rule is not None and cell.symbol in rule.codes


def threshold_first_met(
    cells: Sequence[Cell],
    calendar: Sequence[date],
    statute: Statute,
    of_age: tuple[tuple[date, str], tuple[date, str]] | None = None,
) -> Cell | None:
    """The session at which the national threshold was first met, or None.

    At each session that counts, with the threshold of its own day: take the school week it is in and as
    many school weeks before it as the threshold reaches back, and count what counts up to this session.
    `of_age` is the first and the last session of compulsory school age; others do not count.
    """
    weeks = school_weeks(calendar)
    counting: list[Cell] = []
    for cell in sorted(cells):
        if not counts_towards_threshold(cell, statute):
            continue
        if of_age is not None and not of_age[0] <= (cell.on, cell.half) <= of_age[1]:
            continue
        counting.append(cell)
        rule = statute.on(cell.on).value(NationalThreshold)
        this_week = weeks.index(monday(cell.on))
        window = weeks[max(0, this_week - rule.school_weeks + 1) : this_week + 1]
        if sum(monday(earlier.on) in window for earlier in counting) >= rule.sessions:
            return cell
    return None


# --- days running, and days of illness -------------------------------------------------------------------


def days_running(
    cells: Sequence[Cell], statute: Statute, counting: frozenset[str], *, strict: bool
) -> list[list[date]]:
    """The runs of school days on which every marked session has one of the `counting` symbols.

    Any other mark breaks a run; unless `strict`, one that is no possible session does not, and a planned
    closure never does, because it is no session at all. A day with a session still to be marked does not
    count and does not break. `cells` are the sessions the pupil has.
    """
    found: list[list[date]] = []
    run: list[date] = []
    for day in sorted({cell.on for cell in cells}):
        good = bad = waiting = False
        for cell in cells:
            if cell.on != day:
                continue
            code = code_of(cell, statute)
            if not cell.symbol:
                waiting = True
            elif cell.symbol in counting and code is not None:
                good = True
            elif code is None or code.possible or (strict and code.category.name != "administrative"):
                bad = True
        if bad:
            found.append(run)
            run = []
        elif good and not waiting:
            run.append(day)
    found.append(run)
    return [days for days in found if days]


class Sickness(NamedTuple):
    """Days of illness counted in three ways; `halves` are sessions."""

    any: int
    whole: int
    halves: int


def sickness(cells: Sequence[Cell], statute: Statute, symbols: tuple[str, ...] = ("I",)) -> Sickness:
    some = whole = halves = 0
    for day in sorted({cell.on for cell in cells}):
        of_day = [cell for cell in cells if cell.on == day]
        ill = [c for c in of_day if c.symbol in symbols and code_of(c, statute) is not None]
        codes = [code_of(cell, statute) for cell in of_day]
        others = [
            code
            for cell, code in zip(of_day, codes, strict=True)
            if cell not in ill and (not cell.symbol or (code is not None and code.possible))
        ]
        halves += len(ill)
        if ill:
            some += 1
            if not others:
                whole += 1
    return Sickness(some, whole, halves)


def in_window(cells: Sequence[Cell], calendar: Sequence[date], statute: Statute, at: Cell) -> int:
    """Sessions that count towards the threshold in the window that ends with session `at`."""
    rule = statute.on(at.on).find(NationalThreshold)
    if rule is None:
        return 0
    weeks = [week for week in school_weeks(calendar) if week <= monday(at.on)][-rule.school_weeks :]
    return sum(
        counts_towards_threshold(cell, statute) and monday(cell.on) in weeks and cell[:2] <= at[:2]
        for cell in cells
    )


# --- bands at audits, and counts within school weeks -----------------------------------------------------


class AtAudit(NamedTuple):
    """That a pupil was asked about for an audit: the first day of its period, when, which time, open now."""

    period: date
    arose_on: date
    number: int
    is_open: bool


def _in_band(
    cells: Sequence[Cell], statute: Statute, band: tuple[Fraction, Fraction], least_possible: int
) -> bool | None:
    """Whether a pupil with these cells is in a band; None for below it."""
    counted = counts(cells, statute)
    if not counted.possible or counted.possible < least_possible:
        return False
    share = Fraction(counted.attended, counted.possible)
    if share >= band[0]:
        return False
    return True if share >= band[1] else None


def at_audits(
    cells: Sequence[Cell],
    periods: Sequence[tuple[date, date]],
    statute: Statute,
    band: tuple[Fraction, Fraction],
    least_possible: int = 0,
) -> list[AtAudit]:
    """For each audit, at the end of a period, whether and when a pupil stood in a band.

    `periods` are the first and the last school day of each, all of one school year; `cells` those of the
    school year up to now, whose last day is over. In the band is who is below the first share and not below
    the second.
    """

    def stands(day: date) -> bool | None:
        return _in_band([cell for cell in cells if cell.on <= day], statute, band, least_possible)

    days = sorted({cell.on for cell in cells})
    found: list[AtAudit] = []
    running = 0
    for first, last in periods:
        inside = [day for day in days if first <= day <= last]
        if not inside:
            continue
        arose_on: date | None = None
        for day in inside:
            before = [one for one in days if one < day]
            came = stands(day) is True and not (before and stands(before[-1]) is True)
            if arose_on is None and (came or (day == last and stands(day) is True)):
                arose_on = day
        if arose_on is not None:
            found.append(AtAudit(first, arose_on, running + 1, False))
        if last in inside:
            at_the_audit = stands(last)
            if at_the_audit is True:
                running += 1
            elif at_the_audit is False:
                running = 0
    if found and stands(days[-1]) is True:
        found[-1] = found[-1]._replace(is_open=True)
    return found


def patterns_within(
    happened: Sequence[date],
    days: Sequence[date],
    weeks: int,
    reaches: int,
    on_one_weekday: Fraction | None = None,
) -> list[tuple[date, bool]]:
    """The days on which so many of something came to lie within school weeks, and whether they still do.

    `happened` has a day once for each; `days` are the school days so far. The window of a day is its own
    school week and those before it.
    """
    found: list[tuple[date, bool]] = []
    held_before = False
    for day in days:
        window = [week for week in school_weeks(days) if week <= monday(day)][-weeks:]
        inside = [one for one in happened if one <= day and monday(one) in window]
        held = len(inside) >= reaches
        if held and on_one_weekday is not None:
            most = max(sum(one.weekday() == weekday for one in inside) for weekday in range(7))
            held = Fraction(most, len(inside)) >= on_one_weekday
        if held and not held_before:
            found.append((day, True))
        elif found:
            found[-1] = (found[-1][0], held if held_before else found[-1][1])
        held_before = held
    return found
