"""For which reasons is each pupil away, and how many sessions for each? Nothing about when.

The sessions that a pupil misses are shared out among the codes so that each code's total is the national one:
first the rare and the planned, then a remainder of illness and of absence without reason. Who stays away
without reason is uneven too: it is the few who miss much, and it runs together with free school meals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstbell.synth.calibration import Phase
from firstbell.synth.people import Child

__all__ = ["Budgets", "Spell", "share_out"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Spell:
    """Some sessions in a row that one pupil is to miss for one reason."""

    child: int
    code: str
    sessions: int


@dataclass(frozen=True)
class Kind:
    """A reason that is planned: how long its spells are, how often each length, and who is likelier to."""

    code: str
    lengths: tuple[int, ...]
    weights: tuple[float, ...]
    prone: Callable[[Child], float]
    most: int = 20
    """How many spells of it one pupil may have in a year."""


def _anyone(child: Child) -> float:
    return 1.0


def _suspended(child: Child) -> float:
    return (0.2 + max(0, child.year - 5)) * (3 if child.sen != "none" else 1) * (2 if child.fsm else 1)


def _part_time(child: Child) -> float:
    # Reception is not yet of compulsory school age: for those sessions they would have X.
    return {"none": 0.2, "K": 2.0, "E": 5.0}[child.sen] * (child.year > 0)


def _observant(child: Child) -> float:
    return {"APKN": 1.0, "ABAN": 1.0, "AOTH": 0.6, "BAFR": 0.5, "OOTH": 0.5}.get(child.home.ethnicity, 0.01)


def _travelling(child: Child) -> float:
    return float(child.home.ethnicity in ("WROM", "WIRT") and child.year > 0)


def _year_11(child: Child) -> float:
    return float(child.year == 11)


def _leaving(child: Child) -> float:
    return 1.0 if child.year in (6, 11) else 0.05


KINDS = (
    Kind("T", (10, 20, 30), (0.5, 0.3, 0.2), _travelling),
    Kind("C2", (8, 15, 20, 30), (0.3, 0.3, 0.25, 0.15), _part_time),
    Kind("E", (2, 4, 6, 10), (0.45, 0.25, 0.15, 0.15), _suspended),
    Kind("G", (2, 4, 6, 8, 10, 20), (0.12, 0.14, 0.15, 0.16, 0.35, 0.08), _anyone, most=2),
    Kind("R", (2,), (1.0,), _observant, most=2),
    Kind("C", (1, 2, 4, 6, 10), (0.3, 0.36, 0.18, 0.1, 0.06), _anyone),
    Kind("S", (1, 2), (0.5, 0.5), _year_11),
    Kind("J1", (1, 2), (0.7, 0.3), _leaving),
    Kind("C1", (2, 4), (0.7, 0.3), _anyone),
    Kind("M", (1, 2), (0.82, 0.18), _anyone),
    Kind("U", (1,), (1.0,), _anyone, most=120),
    Kind("N", (1, 2), (0.7, 0.3), _anyone),
)
"""In this order, because what is rare and long must find room before what is short. Assumed: the lengths
and who is likelier; the totals are the national ones."""
BY_HABIT = ("U",)
"""What falls on those who are late anyway."""


@dataclass(frozen=True, eq=False)
class Budgets:
    """What every pupil is to miss: planned spells, and sessions of illness and without reason."""

    spells: tuple[Spell, ...]
    ill: IntArray
    without_reason: IntArray


def share_out(
    children: Sequence[Child],
    absent: IntArray,
    possible: int,
    late: FloatArray,
    calibration: Phase,
    random: np.random.Generator,
) -> Budgets:
    """Shares the sessions that each child misses (`absent`) out among the reasons.

    `late` is each child's habit of being late, mean 1. `possible` are the possible sessions of all together:
    what the codes' rates are applied to.
    """
    rest = absent.copy()
    published = calibration.published.absence
    level = absent.sum() / (possible * published.part / published.whole)
    spells: list[Spell] = []
    short = 0.0
    for kind in KINDS:
        goal = calibration.rate(kind.code) * possible * level
        habit = late if kind.code in BY_HABIT else np.ones(len(children))
        prone = np.array([kind.prone(child) for child in children]) * habit * np.sqrt(rest + 0.5)
        found = _spells(kind, goal, prone, rest, random)
        spells += found
        if kind.code in ("G", "U", "N"):
            short += goal - sum(spell.sessions for spell in found)
    uneven = float(np.clip(random.normal(1, 0.02), 0.96, 1.04))
    goal = calibration.rate("O") * possible * level * uneven + short
    without = _without_reason(children, rest, goal, random)
    return Budgets(tuple(spells), rest - without, without)


def _spells(
    kind: Kind, goal: float, prone: FloatArray, rest: IntArray, random: np.random.Generator
) -> list[Spell]:
    """Spells of one kind until their sessions make `goal`. Takes them off `rest`."""
    spells: list[Spell] = []
    # The last part of a session is decided by chance, so that what is rare is not always rounded away.
    left = int(goal + random.random())
    cumulative = np.cumsum(prone)
    had = np.zeros(len(rest), dtype=np.int64)
    for _ in range(20 * left + 20):
        if left <= 0 or cumulative[-1] <= 0:
            break
        child = int(np.searchsorted(cumulative, random.random() * cumulative[-1], side="right"))
        sessions = min(int(random.choice(kind.lengths, p=kind.weights)), left)
        if rest[child] >= sessions and had[child] < kind.most:
            rest[child] -= sessions
            had[child] += 1
            left -= sessions
            spells.append(Spell(child, kind.code, sessions))
    return spells


def _without_reason(
    children: Sequence[Child], rest: IntArray, goal: float, random: np.random.Generator
) -> IntArray:
    """int[child]: how many of the sessions left are without a reason, `goal` of all together."""
    away = np.log((rest + 1) / (rest.mean() + 1))
    fsm = np.array([child.fsm for child in children], dtype=np.float64)
    # Chance is dealt out evenly among those who miss about as much: the few who miss half of the year would
    # otherwise make or break the school's total.
    chance = np.empty(len(children))
    order = np.argsort(-rest, kind="stable")
    for start in range(0, len(order), 8):
        block = order[start : start + 8]
        ranks = (random.permutation(len(block)) + random.random()) / len(block)
        chance[block] = np.log(ranks / (1 - np.minimum(ranks, 0.999)) + 1e-9)
    tendency = 0.8 * chance + 0.7 * fsm + 0.6 * away
    low, high = -12.0, 12.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if (rest * _logistic(tendency + middle)).sum() > goal else (middle, high)
    exact = rest * _logistic(tendency + (low + high) / 2)
    # Rounded by running total: whole sessions for each, and the right number for all.
    running = np.floor(np.concatenate([[0.0], np.cumsum(exact)]) + random.random())
    without: IntArray = np.minimum(np.diff(running).astype(np.int64), rest)
    return without


def _logistic(values: FloatArray) -> FloatArray:
    shares: FloatArray = 1 / (1 + np.exp(-values))
    return shares
