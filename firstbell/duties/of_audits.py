"""Who stands in a band at the end of each half term, term or week, and for which time running?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from firstbell.duties.duty import Occurrence
from firstbell.duties.of_figures import compared
from firstbell.duties.sight import Looking, Sight
from firstbell.policy.parameters import BandAtAudits
from firstbell.policy.rule import Rule
from firstbell.policy.terms import Over
from firstbell.sessions import Period

__all__ = ["LOOKING", "numbers_of"]

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class _Audit:
    """An audit and its period: the day of it, its days as columns of the year, whether it has been."""

    period: Period
    on: date
    start: int
    stop: int
    has_been: bool

    @property
    def column(self) -> int:
        """The column of the audit's own day, or of the last that has been seen of its period."""
        return self.stop - 1


@dataclass(frozen=True, eq=False)
class _Year:
    """The days of a school year so far, as bool[row, day]: where a figure meets `when`, and is in the band.

    `comes` are the days on which a pupil comes into it; with a new period of the figure everybody does anew.
    """

    period: Period
    first: int
    audits: tuple[_Audit, ...]
    meets: BoolArray
    stands: BoolArray
    comes: BoolArray

    @cached_property
    def arising(self) -> tuple[IntArray, IntArray]:
        """int64[row, audit]: the column on which it arises, -1 for none, and for which time running."""
        arises = np.full((len(self.stands), len(self.audits)), -1, dtype=np.int64)
        number = np.ones_like(arises)
        running = np.zeros(len(self.stands), dtype=np.int64)
        for place, audit in enumerate(self.audits):
            number[:, place] = running + 1
            if audit.has_been:
                stands, meets = self.stands[:, audit.column], self.meets[:, audit.column]
                arises[stands, place] = audit.column
                # Who stands below the band is in another one: that neither counts nor begins anew.
                running = np.where(stands, running + 1, np.where(meets, running, 0))
            comes = self.comes[:, audit.start : audit.stop]
            has_come = comes.any(axis=1)
            arises[has_come, place] = audit.start + comes[has_come].argmax(axis=1)
        return arises, number


def _band_at_audits(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """For each period of audits the pupils who came into the band in it, or stood in it at the audit."""
    params = rule.params
    assert isinstance(params, BandAtAudits)
    for year in _years(sight, params):
        yield from _of_year(sight, rule, year)


def _years(sight: Sight, params: BandAtAudits) -> list[_Year]:
    # Two rules may ask at the same audits for different numbers: the table is made once.
    key = ("audits", params.when, params.until, params.over, params.least_possible, params.audits)
    return sight.once(
        key, lambda: [year for one in sight.periods("school year") if (year := _laid(sight, params, one))]
    )


def _laid(sight: Sight, params: BandAtAudits, period: Period) -> _Year | None:
    first, last = sight.place_of(period.starts_on), min(_stop(sight, period), sight.seen)
    audits = tuple(_audits(sight, params.audits, period, first, last))
    if first >= last or not audits:
        return None
    meets = np.zeros((len(sight.enrolments), last - first), dtype=np.bool_)
    stands, before = np.zeros_like(meets), np.zeros_like(meets)
    for own in sight.periods(params.over):
        start, stop = max(sight.place_of(own.starts_on), first), min(_stop(sight, own), last)
        if start >= stop:
            continue
        columns = slice(start - first, stop - first)
        meets[:, columns], stands[:, columns] = _standing(sight, params, start, stop)
        before[:, start - first + 1 : stop - first] = stands[:, start - first : stop - first - 1]
    return _Year(period, first, audits, meets, stands, stands & ~before)


def _stop(sight: Sight, period: Period) -> int:
    return sight.place_of(period.ends_on + timedelta(days=1))


def _audits(sight: Sight, over: Over, year: Period, first: int, last: int) -> Iterator[_Audit]:
    """The audits of a year of whose periods a day has been seen, in order."""
    for period in sight.periods(over):
        on = sight.last_school_day(period)
        if on is None or on not in year:
            continue
        start, stop = sight.place_of(period.starts_on), min(_stop(sight, period), last)
        if start < stop:
            yield _Audit(period, on, max(start, first) - first, stop - first, sight.is_over(on))


def _standing(sight: Sight, params: BandAtAudits, start: int, stop: int) -> tuple[BoolArray, BoolArray]:
    """Where the figure of each day of a period meets the comparison, and where it is in the band as well."""
    part = sight.attended_by_day[:, start + 1 : stop + 1] - sight.attended_by_day[:, start : start + 1]
    whole = sight.possible_by_day[:, start + 1 : stop + 1] - sight.possible_by_day[:, start : start + 1]
    meets = compared(params.when, part, whole) & (whole > 0) & (whole >= params.least_possible)
    if params.until is None:
        return meets, meets
    return meets, meets & ~compared(params.until, part, whole)


def _of_year(sight: Sight, rule: Rule, year: _Year) -> Iterator[Occurrence]:
    params = rule.params
    assert isinstance(params, BandAtAudits)
    arises, number = year.arising
    wanted = (arises >= 0) & (number >= params.from_number)
    if params.until_number is not None:
        wanted &= number <= params.until_number
    for row, place in zip(*(some.tolist() for some in np.nonzero(wanted)), strict=True):
        own = arises[row].tolist()
        on = sight.days[year.first + own[place]]
        if not sight.enrolments[row].on_roll(on) or not sight.applies(rule.applies_to, row, on):
            continue
        later = next((other for other in own[place + 1 :] if other >= 0), year.stands.shape[1])
        stood = year.stands[row, own[place] : later].nonzero()[0]
        last_on = sight.days[year.first + own[place] + int(stood[-1])]
        # It stays until it is asked anew, and while the band holds: what somebody else has come to is theirs.
        holds = bool(
            later == year.stands.shape[1] and year.stands[row, -1] and sight.day <= year.period.ends_on
        )
        audit = year.audits[place]
        counted = sight.period(params.over, last_on) or year.period
        because = sight.because_of_rate(row, counted, sight.day if holds else last_on, params.when)
        named = {**because.named, "number": int(number[row, place]), "audit_on": audit.on}
        yield Occurrence(
            rule,
            sight.about(row),
            audit.period.starts_on.isoformat(),
            on,
            replace(because, named=named),
            holds=holds,
            span=(min(audit.period.starts_on, on), date.max if holds else last_on),
        )


# --- what is to come -------------------------------------------------------------------------------------


def numbers_of(sight: Sight, params: BandAtAudits, row: int) -> tuple[int, bool]:
    """For which time running the next audit may find a pupil in it, and whether that was asked already."""
    years = [year for year in _years(sight, params) if sight.day in year.period]
    if not years:
        return 1, False
    arises, number = years[-1].arising
    last = years[-1].audits[-1]
    if last.has_been:
        stands, meets = years[-1].stands[row, last.column], years[-1].meets[row, last.column]
        running = int(number[row, -1]) - 1
        return (running + 2 if stands else running + 1 if meets else 1), False
    return int(number[row, -1]), bool(arises[row, -1] >= 0)


LOOKING: dict[str, Looking] = {BandAtAudits.kind: _band_at_audits}
