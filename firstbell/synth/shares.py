"""What share of the year does each pupil of an invented school miss?

Absence falls very unequally on pupils, and how unequally is published: enrolments by band. Each pupil gets a
rank among those of the same year group, FSM and SEN, and the share that the table has at that rank. Ranks are
spread evenly, not drawn one by one, so that every school has its few who miss half of the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from firstbell.synth.calibration import Phase, phase
from firstbell.synth.people import Child

__all__ = ["missed_shares"]

FAMILY_SHARE = 0.3
"""How much of the variance of the ranks brothers and sisters have in common. Assumed: no table says."""
PERSISTENT, SEVERE = 0.1, 0.5
FINE = 400
YEAR_11_SESSIONS = 0.8
"""The part of the year that is counted of Year 11, whose summer after the half term is left out."""


@dataclass(frozen=True)
class _Bend:
    """How the bands of 2022/23 are bent to the totals of 2024/25.

    The share at which a pupil of 2022/23 stands where the tenth and the half of 2024/25 are, and the power by
    which shares below a tenth are bent so that the mean fits, too.
    """

    tenth: float
    half: float
    power: float

    def __call__(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        low = PERSISTENT * (np.minimum(shares, self.tenth) / self.tenth) ** self.power
        high = np.interp(shares, [self.tenth, self.half, 1.0], [PERSISTENT, SEVERE, 1.0])
        return np.where(shares < self.tenth, low, high)


def missed_shares(
    children: Sequence[Child], calibration: Phase, level: float, random: np.random.Generator
) -> NDArray[np.float64]:
    """float[child]: the share of possible sessions that each misses over the whole year.

    `level` is the school's own: 1.02 misses a fiftieth more than England does, everybody alike.
    """
    tendency = np.array([child.home.tendency for child in children])
    own = random.standard_normal(len(children))
    prone = np.sqrt(FAMILY_SHARE) * tendency + np.sqrt(1 - FAMILY_SHARE) * own
    rows = calibration.bands
    # The places of the first rank are spread over the strata, too: otherwise forty small strata, each with a
    # chance of its own at its top, would add up to a school far from any.
    offsets = (random.permutation(len(rows)) + random.random()) / len(rows)
    shares = np.zeros(len(children))
    for row, offset in zip(rows, offsets, strict=True):
        of_row = (row.year, row.fsm, row.sen)
        for reception in (False, True):
            chosen = np.array(
                [
                    child.number - children[0].number
                    for child in children
                    if (max(child.year, 1), child.fsm, child.sen != "none") == of_row
                    and (child.year == 0) == reception
                ],
                dtype=np.intp,
            )
            if len(chosen):
                ordered = chosen[np.argsort(prone[chosen], kind="stable")]
                shares[ordered] = row.missed((np.arange(len(chosen)) + offset) / len(chosen))
    bent = _bend(calibration.name)(shares)
    return np.minimum(bent * np.where(bent < SEVERE, level, 1.0), 0.97)


@cache
def _bend(name: str) -> _Bend:
    """The bend of one phase, so that persistent and severe absence and the mean come out as published."""
    calibration = phase(name)
    ranks = (np.arange(FINE) + 0.5) / FINE
    years = {row.year: 0 for row in calibration.bands}
    for row in calibration.bands:
        years[row.year] += row.size
    shares = np.concatenate([row.missed(ranks) for row in calibration.bands])
    weights = np.concatenate([np.full(FINE, row.size / years[row.year]) for row in calibration.bands])
    weights /= weights.sum()
    order = np.argsort(shares, kind="stable")
    above = 1 - np.cumsum(weights[order])
    published = calibration.published

    def share_with(part: int, whole: int) -> float:
        return float(np.interp(-part / whole, -above, shares[order]))

    tenth = share_with(published.persistent.part, published.persistent.whole)
    half = share_with(published.severe.part, published.severe.whole)
    goal = published.absence.part / published.absence.whole
    sessions = np.repeat([YEAR_11_SESSIONS if row.year == 11 else 1.0 for row in calibration.bands], FINE)
    sessions *= weights
    sessions /= sessions.sum()
    low, high = 0.3, 3.0
    for _ in range(40):
        power = (low + high) / 2
        mean = float((sessions * _Bend(tenth, half, power)(shares)).sum())
        low, high = (power, high) if mean > goal else (low, power)
    return _Bend(tenth, half, (low + high) / 2)
