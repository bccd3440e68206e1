"""How many sessions were possible, attended, missed? Whole numbers, by enrolment, group, day or code.

A rate is a pair of counts until it is shown; it is compared by multiplying, never by dividing. Which code
counts as what is the law's of the session's day, reached through `Strips.where`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from firstbell.register import Strips
from firstbell.statute import UNMARKED
from firstbell.statute.values import PersistentAbsence

__all__ = ["Counts", "Rate", "Totals", "code_counts", "count", "grouped", "persistent", "split_by_session"]

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
_G = TypeVar("_G", bound=Hashable)


@dataclass(frozen=True)
class Rate:
    """Some sessions out of the possible ones. With no possible session there is no rate at all."""

    part: int
    whole: int

    @property
    def fraction(self) -> Fraction | None:
        """The exact rate; None without a possible session: never 0% and never 100%."""
        return Fraction(self.part, self.whole) if self.whole else None

    def at_least(self, share: Fraction) -> bool:
        """Whether the rate is `share` or more, exactly: 38 of 381 shows as 10.0% and is not a tenth."""
        return self.whole > 0 and self.part * share.denominator >= share.numerator * self.whole

    def below(self, share: Fraction) -> bool:
        """Whether there is a rate and it is less than `share`, exactly."""
        return self.whole > 0 and not self.at_least(share)

    def shown(self, decimals: int = 1) -> str:
        """The rate as a percentage for people, halves rounded upwards: "94.7%", or "no sessions"."""
        if not self.whole:
            return "no sessions"
        hundredths = Decimal(100 * self.part) / Decimal(self.whole)
        return f"{hundredths.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)}%"


@dataclass(frozen=True)
class Totals:
    """The counts of a set of pupil-sessions, and the rates made of them.

    `enrolments` are those with at least one possible session: only they have a rate and are counted in
    any share of pupils. A group's rate is the sum over the sum, never the mean of its pupils' rates.

    Source: the Department's statistics of attendance, how rates are worked out.
    """

    enrolments: int
    possible: int
    attended: int
    authorised: int
    unauthorised: int
    late_before_close: int
    late_after_close: int
    missing: int
    minutes_late: int

    @property
    def absent(self) -> int:
        """All sessions of absence."""
        return self.authorised + self.unauthorised

    @property
    def late(self) -> int:
        """Late sessions, before and after the register closed."""
        return self.late_before_close + self.late_after_close

    @property
    def attendance(self) -> Rate:
        """Attended out of possible."""
        return Rate(self.attended, self.possible)

    @property
    def absence(self) -> Rate:
        """Absent out of possible."""
        return Rate(self.absent, self.possible)

    @property
    def authorised_absence(self) -> Rate:
        """Authorised absence out of possible."""
        return Rate(self.authorised, self.possible)

    @property
    def unauthorised_absence(self) -> Rate:
        """Unauthorised absence out of possible."""
        return Rate(self.unauthorised, self.possible)


@dataclass(frozen=True, eq=False)
class Counts:
    """The same counts for each enrolment: int64[enrolment]."""

    possible: IntArray
    attended: IntArray
    authorised: IntArray
    unauthorised: IntArray
    late_before_close: IntArray
    late_after_close: IntArray
    missing: IntArray
    minutes_late: IntArray

    @property
    def absent(self) -> IntArray:
        """All sessions of absence."""
        absent: IntArray = self.authorised + self.unauthorised
        return absent

    def of(self, row: int) -> Totals:
        """The counts of one enrolment."""
        return self.total(np.array([row]))

    def total(self, rows: NDArray[np.intp] | NDArray[np.bool_] | None = None) -> Totals:
        """The sums over some enrolments (None: all)."""
        chosen = slice(None) if rows is None else rows
        sums = {f.name: int(getattr(self, f.name)[chosen].sum()) for f in fields(self)}
        return Totals(enrolments=int((self.possible[chosen] > 0).sum()), **sums)

    def absent_at_least(self, share: Fraction) -> BoolArray:
        """bool[enrolment]: absent for `share` of the possible sessions or more; False without any."""
        return (self.possible > 0) & (self.absent * share.denominator >= self.possible * share.numerator)

    def attended_below(self, share: Fraction) -> BoolArray:
        """bool[enrolment]: attended less than `share` of the possible sessions; False without any."""
        return (self.possible > 0) & (self.attended * share.denominator < self.possible * share.numerator)


def persistent(counts: Counts, rule: PersistentAbsence, period: str = "full_year") -> BoolArray:
    """bool[enrolment]: who is persistently absent by the rule of a day, over the sessions counted.

    Since 2015/16 by share of the enrolment's own possible sessions. Before it by a fixed number of sessions
    missed in the `period` counted ("autumn", "spring", "autumn_and_spring", "five_half_terms", "full_year"),
    whatever was possible: the two are not to be mixed in one series. Raises KeyError where the rule has no
    number for the period.

    Source: the Department's statistics of absence, on persistent absence.
    """
    if rule.method == "share":
        return counts.absent_at_least(rule.share)
    number = getattr(rule, period, None)
    if not isinstance(number, int):
        raise KeyError(f'no number of sessions is held for "{period}"')
    reached: BoolArray = (counts.possible > 0) & (counts.absent >= number)
    return reached


def count(strips: Strips, within: slice | BoolArray | None = None) -> Counts:
    """The counts of each enrolment over some sessions.

    `within` is a stretch of the axis, or bool[session], or bool[enrolment, session]; None is everything. A
    session that should have a mark and has none is not possible: it is counted as `missing` and shown.
    """
    chosen = as_mask(strips, within)

    def sessions(cells: BoolArray) -> IntArray:
        found: IntArray = np.count_nonzero(cells & chosen, axis=1).astype(np.int64)
        return found

    late_after = strips.where(lambda code: code.late == "after close")
    late_before = strips.where(lambda code: code.late == "before close")
    minutes = np.zeros(len(strips.enrolments), dtype=np.int64)
    if strips.minutes_late is not None:
        late = (late_after | late_before) & chosen
        minutes = np.where(late, strips.minutes_late, 0).sum(axis=1, dtype=np.int64)
    return Counts(
        possible=sessions(strips.where(lambda code: code.possible)),
        attended=sessions(strips.where(lambda code: code.attended)),
        authorised=sessions(strips.where(lambda code: code.absence == "authorised")),
        unauthorised=sessions(strips.where(lambda code: code.absence == "unauthorised")),
        late_before_close=sessions(late_before),
        late_after_close=sessions(late_after),
        missing=sessions(strips.expected & (strips.marks == UNMARKED)),
        minutes_late=minutes,
    )


def as_mask(strips: Strips, within: slice | BoolArray | None) -> BoolArray:
    """`within` as bool that can be laid over bool[enrolment, session]."""
    if within is None:
        within = slice(None)
    if isinstance(within, slice):
        mask = np.zeros(len(strips.axis), dtype=np.bool_)
        mask[within] = True
        return mask
    return within


def code_counts(strips: Strips, within: slice | BoolArray | None = None) -> dict[str, IntArray]:
    """int64[enrolment] for every symbol that stands anywhere, in the order of the national list."""
    chosen = as_mask(strips, within)
    numbers = np.unique(strips.marks)
    return {
        strips.statute.symbol(int(number)): np.count_nonzero(
            (strips.marks == number) & chosen, axis=1
        ).astype(np.int64)
        for number in numbers
        if number != UNMARKED
    }


def grouped(counts: Counts, labels: Sequence[_G]) -> dict[_G, Totals]:
    """The totals of each group of enrolments, by the label of each enrolment, in order of first mention."""
    rows: dict[_G, list[int]] = {}
    for row, label in enumerate(labels):
        rows.setdefault(label, []).append(row)
    return {label: counts.total(np.array(places)) for label, places in rows.items()}


def split_by_session(
    strips: Strips, keys: Sequence[_G], within: slice | BoolArray | None = None
) -> Mapping[_G, Totals]:
    """The totals of all enrolments by a key of each session: its weekday, its half, its month.

    `keys` has one label for every session of the axis. A weekday's rate is the sum over its sessions.
    """
    chosen = as_mask(strips, within)
    found: dict[_G, Totals] = {}
    for key in dict.fromkeys(keys):
        of_key = np.array([k == key for k in keys], dtype=np.bool_)
        found[key] = count(strips, chosen & of_key).total()
    return found
