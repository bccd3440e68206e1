"""At what precision was a column of percentages published, and does a fraction agree with a figure in it?

Two limits can end a number: decimals, where the Department rounded, and significant digits, where a program
wrote a binary number out. A figure that only lost its trailing zeros (5.2 among 5.19 and 5.24) is as precise
as its neighbours, so the precision is that of the column and never of the cell. Exact; no floats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TypeVar

__all__ = ["Precision", "Published", "agrees", "precisions_of", "shown"]

_K = TypeVar("_K")

# Percentages were worked out in binary floating point, where each step may err by 2**-53 of the value. Eight
# of those are more than a weighted mean of quotients needs, and less than one in the fifteenth digit.
FLOATING = 50

# Programs write 9 and more significant digits, people publish 0 to 5 decimals. Fewer digits than this are
# taken for a limit only when several figures show it.
PROGRAM_DIGITS = 9
SEVERAL = 6


@dataclass(frozen=True, slots=True)
class Published:
    """A percentage as written: `mantissa` / 10**`decimals`, and whether it was written with an exponent."""

    text: str
    mantissa: int
    decimals: int
    exponential: bool

    @classmethod
    def read(cls, text: str) -> Published:
        """A number from its text, which is one."""
        mantissa, _, exponent = text.lower().partition("e")
        whole, _, fraction = mantissa.partition(".")
        decimals = len(fraction) - int(exponent or 0)
        value = int((whole + fraction) or "0")
        # 1.2e+3 is kept as 1200 / 10**0.
        return cls(text, value * 10 ** max(0, -decimals), max(0, decimals), bool(exponent))

    @property
    def digits(self) -> int:
        """How many significant digits were written, without the zeros at either end."""
        return len(str(abs(self.mantissa)).rstrip("0"))

    @property
    def magnitude(self) -> int:
        """How many digits stand before the point: 2 for 94.8, 0 for 0.52, -1 for 0.052."""
        return len(str(abs(self.mantissa))) - self.decimals


@dataclass(frozen=True)
class Precision:
    """Where the figures of one column end.

    `decimals` for those written plainly; `digits` is None unless they also end at so many significant digits;
    `exponential_digits` for those written with an exponent (2.2e-05), which have no decimals to end at.
    `finest` is the most decimals in any column of the file.
    """

    decimals: int
    digits: int | None = None
    exponential_digits: int = 0
    finest: int = 0

    def places(self, figure: Published) -> int:
        """The decimal place at which this figure ends: 1 if it is good to a tenth."""
        if figure.exponential:
            return max(0, self.exponential_digits - figure.magnitude)
        if self.digits is None or not figure.mantissa:
            return self.decimals
        return max(0, min(self.decimals, self.digits - figure.magnitude))

    def tolerance(self, figure: Published) -> Fraction:
        """How far the figure may be from the exact value: half a unit of its last place.

        Where other columns of the file go further, the figure may have been rounded as far as they are
        first, and be half a unit of theirs away in addition. Real: 57 of 337 is 16.913946..., to the five
        decimals of its neighbours 16.91395, of which six digits were published as 16.914.
        """
        places = self.places(figure)
        return _half_unit(places) + (_half_unit(self.finest) if self.finest > places else 0)


def precisions_of(columns: Mapping[_K, Sequence[Published | None]]) -> dict[_K, Precision]:
    """The precision of each of a file's columns of percentages.

    A column of nothing but noughts shows none of its own and gets that of the finest.
    """
    found = {column: _precision(figures) for column, figures in columns.items()}
    finest = max((each.decimals for each in found.values() if each is not None), default=0)
    # Figures with an exponent are few in a column; how many digits they get is the habit of one program.
    exponential = max(
        (f.digits for figures in columns.values() for f in figures if f is not None and f.exponential),
        default=0,
    )
    return {
        column: replace(each or Precision(finest), exponential_digits=exponential, finest=finest)
        for column, each in found.items()
    }


def _precision(figures: Iterable[Published | None]) -> Precision | None:
    """Most decimals, and most significant digits where those are a limit.

    Significant digits are a limit if figures with the most of them stop before the last decimal: 61.5385
    beside 9.52381 is six digits, 61.53846 beside 9.52381 is five decimals. One figure with more decimals
    than all others does not make the column more precise; it is checked like the rest.
    """
    plain = [f for f in figures if f is not None and f.mantissa and not f.exponential]
    if not plain:
        return None
    decimals = _most([figure.decimals for figure in plain])
    digits = _most([figure.digits for figure in plain])
    short = sum(figure.digits >= digits and figure.decimals < decimals for figure in plain)
    limited = short >= (1 if digits >= PROGRAM_DIGITS else SEVERAL)
    return Precision(decimals, digits if limited else None)


@cache
def _half_unit(places: int) -> Fraction:
    return Fraction(1, 2 * 10**places)


def _most(numbers: Sequence[int]) -> int:
    """The largest number that is not an outlier: at least one in fifty reach it, two of twenty and more."""
    enough = 1 if len(numbers) < 20 else max(2, len(numbers) // 50)
    reached = 0
    for number, times in sorted(Counter(numbers).items(), reverse=True):
        reached += times
        if reached >= enough:
            return number
    return 0


def agrees(part: int | Fraction, whole: int | Fraction, figure: Published, tolerance: Fraction) -> bool:
    """Whether 100 x part / whole is the published figure, give or take `tolerance` (see `Precision`).

    At the tolerance itself they agree: of an exact half, either rounding is right.
    """
    if isinstance(part, Fraction) or isinstance(whole, Fraction):
        share = Fraction(part) / Fraction(whole)
        part, whole = share.numerator, share.denominator
    # The same in whole numbers, without a common denominator: this runs for every figure of a file.
    scale, over = 10**figure.decimals, tolerance.denominator
    away = abs(100 * part * scale - figure.mantissa * whole)
    allowed = (scale * tolerance.numerator << FLOATING) + abs(figure.mantissa) * over
    return bool(away * over << FLOATING <= abs(whole) * allowed)


def shown(value: Fraction, places: int) -> str:
    """A value to so many decimals, half upwards, as a person would write it."""
    scaled = (abs(value) * 10**places * 2 + 1) // 2
    sign = "-" if value < 0 and scaled else ""
    digits = str(scaled).rjust(places + 1, "0")
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
