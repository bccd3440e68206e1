"""What else stands in the register of those who are not absent? Late marks, trips, matches, placements.

All of it is laid on sessions at which the pupil is present, after the absences, in the national amounts.
The late have habits. Trips take classes, matches take teams, work experience takes Year 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from firstbell.synth.absences import Layer
from firstbell.synth.people import Child

__all__ = ["late_habits", "lay_attended", "lay_not_possible"]

IntArray = NDArray[np.intp]
UNEVEN = 1.25
"""How unequally lateness falls on pupils: the standard deviation of its logarithm. Assumed."""
TEAM = 14
MINUTES = (1, 25)
"""How late those are who still come before the register closes."""
MORE_MINUTES = (35, 160)


def late_habits(children: Sequence[Child], random: np.random.Generator) -> NDArray[np.float64]:
    """float[child]: how much more often than others each is late, mean 1; brothers and sisters alike."""
    tendency = np.array([child.home.tendency for child in children])
    households = {child.home.number: random.standard_normal() for child in children}
    shared = np.array([households[child.home.number] for child in children])
    own = random.standard_normal(len(children))
    habits: NDArray[np.float64] = np.exp(UNEVEN * (0.35 * tendency + 0.7 * shared + 0.62 * own))
    habits /= habits.mean()
    return habits


def lay_not_possible(layer: Layer, children: Sequence[Child]) -> list[int]:
    """Sessions at the other school of those registered twice, and a day of snow in some years.

    Gives the places of the children who are registered twice. Laid before all else, because what is not
    possible cannot be missed.
    """
    shape, random = layer.shape, layer.random
    if random.random() < 0.4:  # the whole site closed, unexpectedly
        winter = np.flatnonzero((shape.halves[::2] == 2) | (shape.halves[::2] == 3))
        start = 2 * int(winter[random.integers(len(winter) // 2)])
        for child in range(len(children)):
            if layer.free[child, start : start + 2].all():
                layer.put(child, "Y4", slice(start, start + 2))
    # Two days a week elsewhere: so many children make the national share.
    twice = round(shape.calibration.not_possible["D"] * len(children) / 0.4)
    whole_year = np.flatnonzero(layer.free.sum(axis=1) > 0.9 * layer.free.sum(axis=1).max())
    chosen = [int(child) for child in np.sort(random.permutation(whole_year)[:twice])]
    for child in chosen:
        days = random.permutation(5)[:2]
        layer.put(child, "D", np.flatnonzero(layer.free[child] & np.isin(shape.weekdays, days)))
    return chosen


def lay_attended(
    layer: Layer, children: Sequence[Child], present: NDArray[np.bool_], late: NDArray[np.float64],
    minutes: NDArray[np.uint16],
) -> None:  # fmt: skip
    """Lays the codes of those who attend on `present` bool[child, session]; fills `minutes` late."""
    layer.free = present
    possible = int(present.sum() / (1 - layer.shape.calibration.published.absence.part
                                    / layer.shape.calibration.published.absence.whole))  # fmt: skip
    groups = [np.array(rows) for rows in _by_group(children).values()]
    goals = {code: int(layer.shape.calibration.rate(code) * possible) for code in "VPBWKL"}
    _work_experience(layer, children, goals["W"])
    _placements(layer, children, "K", goals["K"])
    _placements(layer, children, "B", goals["B"])
    _outings(layer, groups, "V", goals["V"], _trip)
    _outings(layer, groups, "P", goals["P"], _match)
    _no_bus(layer, int(layer.shape.calibration.not_possible["Y1"] * possible))
    _lateness(layer, late, goals["L"], minutes)


def _by_group(children: Sequence[Child]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for place, child in enumerate(children):
        groups.setdefault(child.group, []).append(place)
    return groups


def _work_experience(layer: Layer, children: Sequence[Child], goal: int) -> None:
    """A week in July for as many of Year 10 as the national share allows."""
    eligible = [place for place, child in enumerate(children) if child.year == 10]
    last = len(layer.shape.axis)
    start = last - 20 - 2 * int(layer.shape.axis.weekdays[-1])
    for child in layer.random.permutation(np.array(eligible, dtype=np.intp)):
        if goal < 10:
            break
        week = start + np.flatnonzero(layer.free[child, start : start + 10])
        layer.put(int(child), "W", week)
        goal -= len(week)


def _placements(layer: Layer, children: Sequence[Child], code: str, goal: int) -> None:
    """The same day or two of every week somewhere else, for a term or more."""
    oldest = max(child.year for child in children)
    weights = np.array([3.0 if child.year >= oldest - 1 else 0.5 for child in children])
    order = layer.random.permutation(len(children))
    ring = layer.random.standard_exponential(len(children)) / weights[order]
    for child in order[np.argsort(ring, kind="stable")]:
        if goal <= 0:
            break
        term = int(layer.random.integers(3))
        days = layer.random.permutation(5)[: int(layer.random.integers(1, 3))]
        where = layer.free[child] & (layer.shape.terms >= term) & np.isin(layer.shape.weekdays, days)
        chosen = np.flatnonzero(where)[:goal]
        layer.put(int(child), code, chosen)
        goal -= len(chosen)


Outing = Callable[[Layer, IntArray, int], tuple[IntArray, slice]]


def _outings(layer: Layer, groups: Sequence[IntArray], code: str, goal: int, outing: Outing) -> None:
    """Outings of one kind until their sessions make the goal, in each term as many as nationally."""
    weights = layer.shape.weights(code)[::2]
    running = np.cumsum(weights)
    for _ in range(20 * len(groups) + goal):
        if goal <= 0:
            break
        group = groups[int(layer.random.integers(len(groups)))]
        day = int(np.searchsorted(running, layer.random.random() * running[-1], side="right"))
        rows, places = outing(layer, group, day)
        for child in rows:
            there = places.start + np.flatnonzero(layer.free[child, places])
            layer.put(int(child), code, there)
            goal -= len(there)
            if goal <= 0:
                break


def _trip(layer: Layer, group: IntArray, day: int) -> tuple[IntArray, slice]:
    """A class for a day, now and then for three: a residential, for some of it."""
    if layer.random.random() < 0.08:
        return group[layer.random.random(len(group)) < 0.7], slice(2 * day, 2 * day + 6)
    return group, slice(2 * day, 2 * day + 2)


def _match(layer: Layer, group: IntArray, day: int) -> tuple[IntArray, slice]:
    """A team for an afternoon."""
    return layer.random.permutation(group)[:TEAM], slice(2 * day + 1, 2 * day + 2)


def _no_bus(layer: Layer, goal: int) -> None:
    """Mornings on which a bus does not come: not possible for those who wait for it."""
    riders = layer.random.permutation(len(layer.free))[: max(1, len(layer.free) // 25)]
    days = len(layer.shape.axis.days)
    while goal > 0:
        place = 2 * int(layer.random.integers(days))
        waiting = [int(child) for child in riders if layer.free[child, place]][:goal]
        for child in waiting:
            layer.put(child, "Y1", slice(place, place + 1))
        goal -= max(len(waiting), 1)


def _lateness(layer: Layer, late: NDArray[np.float64], goal: int, minutes: NDArray[np.uint16]) -> None:
    """Late marks, mostly in the morning, most of them for the few with the habit."""
    random, shape = layer.random, layer.shape
    present = layer.free.sum(axis=1)
    wanted = late * present
    share = np.minimum(wanted * goal / wanted.sum(), 0.45 * present)
    share *= goal / share.sum()
    running = np.floor(np.concatenate([[0.0], np.cumsum(share)]) + random.random())
    weights = np.where(shape.afternoon, 1 - shape.calibration.ratio("late_in_mornings"),
                       shape.calibration.ratio("late_in_mornings"))  # fmt: skip
    weights = weights * shape.weights("L")
    for child, sessions in enumerate(np.diff(running).astype(np.int64)):
        free = np.flatnonzero(layer.free[child])
        ring = random.standard_exponential(len(free)) / weights[free]
        chosen = free[np.argsort(ring, kind="stable")[:sessions]]
        layer.put(child, "L", chosen)
        # A few minutes mostly, now and then all of the half hour; afternoons are open for less.
        exact = random.beta(1.1, 2.4, len(chosen)) * np.where(shape.afternoon[chosen], 0.55, 1.0)
        minutes[child, chosen] = (MINUTES[0] + exact * (MINUTES[1] - MINUTES[0])).astype(np.uint16)
    after = layer.marks == layer.statute.number("U")
    minutes[after] = random.integers(*MORE_MINUTES, int(after.sum())).astype(np.uint16)
