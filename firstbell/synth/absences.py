"""On which sessions is each pupil away? Lays what `reasons` has shared out on the sessions of the year.

Illness comes in spells of days, holidays touch the end or the beginning of a half term, part-time timetables
are afternoons for weeks on end, refusal is a long block that nothing interrupts, and the rest is scattered. A
spell that finds no room where chance puts it is scattered too: what a pupil was to miss is always missed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from firstbell.statute import Statute
from firstbell.synth.people import Child
from firstbell.synth.reasons import Budgets, Spell
from firstbell.synth.weeks import YearShape

__all__ = ["lay_absences"]

BoolArray = NDArray[np.bool_]
TRIES = 10
LONG = 60
"""From so many sessions of one reason on there is a long block: a long illness, a child who refuses."""
TO_THE_END = 0.4
"""How many long absences last until the end of the year. Assumed, from how absence rises through the year."""
ILLNESS = ((1, 2, 3, 4, 6, 8, 10), (0.1, 0.4, 0.06, 0.2, 0.11, 0.07, 0.06))
TRUANCY = ((1, 2, 4, 6), (0.52, 0.34, 0.1, 0.04))
"""How many sessions a spell has, and how often: of illness, and of absence without reason. Assumed."""


class Layer:
    """Marks in the making: `marks` uint8[child, session], `free` where an absence may still be laid."""

    def __init__(
        self, shape: YearShape, marks: NDArray[np.uint8], free: BoolArray, statute: Statute,
        random: np.random.Generator,
    ) -> None:  # fmt: skip
        self.shape = shape
        self.marks = marks
        self.free = free
        self.statute = statute
        self.random = random
        self._starts: dict[tuple[str, int], NDArray[np.float64]] = {}

    def put(self, child: int, code: str, places: slice | NDArray[np.intp]) -> None:
        """Writes a code and takes the sessions."""
        self.marks[child, places] = self.statute.number(code)
        self.free[child, places] = False

    def spell(self, child: int, code: str, sessions: int) -> None:
        """Lays a spell where the weights of its code want it, else scatters it."""
        starts = self._cumulative(code, sessions)
        for _ in range(TRIES):
            start = int(np.searchsorted(starts, self.random.random() * starts[-1], side="right"))
            # An absence of whole days mostly begins in the morning.
            if sessions % 2 == 0 and start % 2 and self.random.random() < 0.85:
                start -= 1
            if self.free[child, start : start + sessions].all():
                self.put(child, code, slice(start, start + sessions))
                return
        self.scatter(child, code, sessions)

    def scatter(self, child: int, code: str, sessions: int) -> None:
        """Lays single sessions by their weights."""
        free = np.flatnonzero(self.free[child])
        weights = self.shape.weights(code)[free] + 1e-9
        # Exponential clocks: the first to ring are a weighted draw without replacement.
        ring = self.random.standard_exponential(len(free)) / weights
        self.put(child, code, free[np.argsort(ring, kind="stable")[:sessions]])

    def block(self, child: int, code: str, sessions: int) -> None:
        """Lays one long absence: all that is free from a day on. Many of those last until the summer."""
        free = np.flatnonzero(self.free[child])
        latest = max(len(free) - sessions, 0)
        start = latest if self.random.random() < TO_THE_END else int(latest * self.random.beta(1.2, 1.0))
        self.put(child, code, free[start : start + sessions])

    def _cumulative(self, code: str, sessions: int) -> NDArray[np.float64]:
        if (code, sessions) not in self._starts:
            running = np.concatenate([[0.0], np.cumsum(self.shape.weights(code))])
            covered = running[sessions:] - running[:-sessions]
            self._starts[code, sessions] = np.cumsum(covered)
        return self._starts[code, sessions]


def lay_absences(layer: Layer, children: Sequence[Child], budgets: Budgets) -> None:
    """Lays every absence of every child."""
    holidays: dict[int, tuple[int, bool]] = {}
    for spell in budgets.spells:
        if spell.code == "G":
            _holiday(layer, children[spell.child], spell, holidays)
        elif spell.code == "R":
            _observance(layer, spell)
        elif spell.code == "C2":
            _part_time(layer, spell)
        elif spell.code == "S":
            _study_leave(layer, spell)
        elif spell.code in ("T", "E"):
            layer.spell(spell.child, spell.code, spell.sessions)
    long_first = ((budgets.without_reason, "O", TRUANCY), (budgets.ill, "I", ILLNESS))
    for sessions, code, lengths in long_first:
        for child in np.flatnonzero(sessions):
            _remainder(layer, int(child), code, int(sessions[child]), lengths)
    for spell in budgets.spells:
        if spell.code in ("C", "C1", "J1", "M", "U", "N"):
            layer.spell(spell.child, spell.code, spell.sessions)


def _holiday(layer: Layer, child: Child, spell: Spell, known: dict[int, tuple[int, bool]]) -> None:
    """A holiday in term: most touch the holidays, and a family travels together."""
    shape, random = layer.shape, layer.random
    family = child.home.number
    if family not in known:
        ends = np.flatnonzero(np.diff(shape.halves, append=-1))
        firsts = np.concatenate([[0], ends[:-1] + 1])
        edges = [*((int(end) + 1, True) for end in ends), *((int(first), False) for first in firsts)]
        weights = np.array([shape.weights("G")[min(e, len(shape.axis) - 1)] for e, _ in edges])
        # Before a holiday rather than after it.
        weights *= np.array([1.0 if before else 0.45 for _, before in edges])
        edge, before = edges[int(random.choice(len(edges), p=weights / weights.sum()))]
        known[family] = (edge, before) if random.random() < 0.65 else (-1, False)
    edge, before = known[family]
    start = edge - spell.sessions if before else edge
    if edge < 0 or start < 0 or not layer.free[spell.child, start : start + spell.sessions].all():
        layer.spell(spell.child, "G", spell.sessions)
    else:
        layer.put(spell.child, "G", slice(start, start + spell.sessions))


def _observance(layer: Layer, spell: Spell) -> None:
    """A day that a religious body sets apart; in a year without one on a school day, illness instead."""
    days = [day for day in layer.shape.calibration.observance if day in layer.shape.axis.days]
    for day in (days[i] for i in layer.random.permutation(len(days))):
        start = 2 * layer.shape.axis.days.index(day)
        if layer.free[spell.child, start : start + spell.sessions].all():
            layer.put(spell.child, "R", slice(start, start + spell.sessions))
            return
    layer.spell(spell.child, "I", spell.sessions)


def _part_time(layer: Layer, spell: Spell) -> None:
    """Afternoons off for some weeks running, by agreement."""
    afternoons = np.flatnonzero(layer.free[spell.child] & layer.shape.afternoon)
    latest = max(len(afternoons) - spell.sessions, 0)
    start = int(latest * layer.random.beta(1.5, 1.2))
    chosen = afternoons[start : start + spell.sessions]
    layer.put(spell.child, "C2", chosen)
    if len(chosen) < spell.sessions:
        layer.scatter(spell.child, "I", spell.sessions - len(chosen))


def _study_leave(layer: Layer, spell: Spell) -> None:
    """Study leave in the last two weeks before the half term in May."""
    end = int(np.flatnonzero(layer.shape.halves == 4)[-1]) + 1
    free = end - 20 + np.flatnonzero(layer.free[spell.child, end - 20 : end])
    chosen = layer.random.permutation(free)[: spell.sessions]
    layer.put(spell.child, "S", np.sort(chosen))
    if len(chosen) < spell.sessions:
        layer.scatter(spell.child, "I", spell.sessions - len(chosen))


def _remainder(
    layer: Layer, child: int, code: str, left: int, kinds: tuple[tuple[int, ...], tuple[float, ...]]
) -> None:
    """Illness or absence without reason: one long block if it is much, then spells until it is spent."""
    if left >= LONG:
        long = int(left * layer.random.uniform(0.55, 0.9))
        layer.block(child, code, long)
        left -= long
    lengths, weights = kinds
    while left > 0:
        sessions = min(int(layer.random.choice(lengths, p=weights)), left)
        layer.spell(child, code, sessions)
        left -= sessions
