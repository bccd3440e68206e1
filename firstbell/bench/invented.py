"""Marks of invented pupils: as many as asked for, in seconds, the same bytes for the same seed.

One school year of 190 days in 39 school weeks. Absence comes in spells, and unevenly: most pupils miss a few
days, some miss half of the year. The shares are near those England has, which matters here only because
branches and caches notice. Nobody in it is anybody.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firstbell.sessions import Axis, Calendar, Closure, HalfTerm
from firstbell.statute import UNMARKED, Statute

__all__ = ["SEED", "invent_marks", "school_year"]

SEED = 2025
BLOCK = 25_000
"""Pupils invented together. Each block has a seed of its own, so the first pupils are always the same."""

JOIN_OR_LEAVE = 0.05


class Spell(NamedTuple):
    """A kind of spell: how many a pupil has in a year, how many sessions one lasts, on average.

    `uneven` is how unequally they fall on pupils, 0 for equally; those with the same `cause` fall on the
    same pupils. `half_days` may begin with an afternoon.
    """

    symbol: str
    spells: float
    sessions: float
    cause: str
    uneven: float
    half_days: bool = False


SPELLS = (
    Spell("L", 4.5, 1.0, "time", 1.2, half_days=True),
    Spell("V", 0.8, 2.0, "school", 0.0),
    Spell("B", 0.15, 6.0, "school", 1.0),
    Spell("I", 3.6, 3.8, "health", 0.75),
    Spell("I", 0.07, 90.0, "health", 2.0),
    Spell("M", 1.3, 1.0, "health", 0.6, half_days=True),
    Spell("C", 0.25, 6.0, "leave", 0.5),
    Spell("R", 0.12, 2.0, "leave", 0.5),
    Spell("E", 0.05, 7.0, "conduct", 1.8),
    Spell("C2", 0.03, 14.0, "conduct", 1.8),
    Spell("Y1", 0.10, 1.5, "school", 0.0, half_days=True),
    Spell("D", 0.02, 12.0, "school", 0.0),
    Spell("O", 1.2, 2.6, "conduct", 1.4, half_days=True),
    Spell("O", 0.055, 90.0, "conduct", 2.0),
    Spell("G", 0.18, 8.0, "leave", 0.5),
    Spell("U", 1.0, 1.0, "time", 1.6, half_days=True),
    Spell("N", 0.15, 1.4, "conduct", 1.2, half_days=True),
)


def school_year() -> Calendar:
    """The calendar of the benchmark: 190 days from 2 September 2025 to 14 July 2026."""
    half_terms = (
        ("Autumn", "1st half", date(2025, 9, 2), date(2025, 10, 24)),
        ("Autumn", "2nd half", date(2025, 11, 3), date(2025, 12, 19)),
        ("Spring", "1st half", date(2026, 1, 5), date(2026, 2, 13)),
        ("Spring", "2nd half", date(2026, 2, 23), date(2026, 3, 27)),
        ("Summer", "1st half", date(2026, 4, 13), date(2026, 5, 22)),
        ("Summer", "2nd half", date(2026, 6, 1), date(2026, 7, 14)),
    )
    return Calendar(
        "Benchmark",
        tuple(HalfTerm("2025/26", *half_term) for half_term in half_terms),
        closures=(Closure(date(2026, 5, 4), "bank holiday"),),
    )


def invent_marks(pupils: int, axis: Axis, statute: Statute, seed: int = SEED) -> NDArray[np.uint8]:
    """uint8[pupils, sessions]: strips of invented pupils, 0 while they are not on roll."""
    marks = np.empty((pupils, len(axis)), dtype=np.uint8)
    present = np.array([statute.number("/"), statute.number("\\")], dtype=np.uint8)
    for block, start in enumerate(range(0, pupils, BLOCK)):
        random = np.random.default_rng([seed, block])
        some = np.tile(present, (BLOCK, len(axis.days)))
        prone = _proneness(random)
        for spell in SPELLS:
            _lay_spells(some, spell, statute.number(spell.symbol), prone[spell.cause], random)
        _join_and_leave(some, random)
        marks[start : start + BLOCK] = some[: pupils - start]
    return marks


def _proneness(random: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """How much more or less than others each pupil is prone to each cause of absence.

    Half of it is common to all causes: the same pupils tend to be ill, late and away, and without that far
    fewer than one in five would miss a tenth of the year.
    """
    common = random.standard_normal(BLOCK)
    causes = sorted({spell.cause for spell in SPELLS})
    return {cause: 0.7 * common + 0.714 * random.standard_normal(BLOCK) for cause in causes}


def _lay_spells(
    marks: NDArray[np.uint8],
    spell: Spell,
    number: int,
    prone: NDArray[np.float64],
    random: np.random.Generator,
) -> None:
    """Writes all pupils' spells of one kind over what is there."""
    sessions = marks.shape[1]
    # The second term keeps the average where `spells` puts it, however unequal the pupils.
    rates = spell.spells * np.exp(spell.uneven * prone - spell.uneven**2 / 2)
    pupils = np.repeat(np.arange(len(marks)), random.poisson(rates))
    starts = random.integers(0, sessions // 2, len(pupils)) * 2
    if spell.half_days:
        starts += random.integers(0, 2, len(pupils))
    lengths = np.minimum(random.geometric(1 / spell.sessions, len(pupils)), sessions - starts)
    ends = np.cumsum(lengths)
    within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
    marks.reshape(-1)[np.repeat(pupils * sessions + starts, lengths) + within] = number


def _join_and_leave(marks: NDArray[np.uint8], random: np.random.Generator) -> None:
    """Empties the strips of some pupils before the session at which they join or from the one they leave."""
    movers = np.flatnonzero(random.random(len(marks)) < JOIN_OR_LEAVE)
    moves_at = random.integers(0, marks.shape[1] // 2, len(movers))[:, None] * 2
    before = np.arange(marks.shape[1]) < moves_at
    joins = random.random(len(movers))[:, None] < 0.5
    strips = marks[movers]
    strips[before == joins] = UNMARKED
    marks[movers] = strips
