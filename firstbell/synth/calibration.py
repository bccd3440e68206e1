"""What real schools are like, as far as the Department's national tables say it.

Read from `calibration.toml`: numbers of sessions by code and term, absence by weekday and week, pupils by
how much they miss. It holds totals of England and knows nothing of a school. What no table says is `assumed`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firstbell.measures import Rate

__all__ = ["PHASES", "TERMS", "Bands", "Phase", "Published", "phase"]

PHASES = ("primary", "secondary", "special")
TERMS = ("autumn", "spring", "summer")
EDGES = np.array([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 100]) / 100
"""The edges of the bands of absence, as shares of the possible sessions."""
NEVER_AWAY = 0.11
"""The part of those under 5% who missed nothing: 2016/17, the last year published by single points."""
FEWER_ABOVE = 1.6
"""Power by which those who miss half of the year thin out upwards: 0.69 on average, as in 2016/17."""


@dataclass(frozen=True)
class Published:
    """The Department's figures of a phase: sessions of 2024/25, severe absence of 2022/23."""

    absence: Rate
    authorised: Rate
    unauthorised: Rate
    persistent: Rate
    severe: Rate


@dataclass(frozen=True)
class Bands:
    """How many pupils of one year group, of those with or without FSM and SEN, missed how much."""

    year: int
    fsm: bool
    sen: bool
    enrolments: tuple[int, ...]

    @property
    def size(self) -> int:
        """All enrolments of the row."""
        return sum(self.enrolments)

    def missed(self, ranks: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share of sessions that the pupil at each rank (0 the best attender, 1 the worst) missed.

        Within a band there are more pupils at its lower end, as the bands of one point show that were once
        published: from 5% to half of the year the number falls by the same factor from point to point.
        """
        shares = np.concatenate([[0.0], np.cumsum(self.enrolments)]) / self.size
        first, severe = shares[1], max(shares[-2], shares[1])
        above = -np.log(np.maximum(1 - ranks, 1e-12))
        edges = -np.log(np.maximum(1 - shares[1:-1], 1e-9))
        missed = np.interp(above, edges, EDGES[1:-1])
        low = np.interp(ranks / first, [0.0, NEVER_AWAY, 1.0], [0.0, 0.0, EDGES[1]])
        high = (
            EDGES[-2]
            + (1 - EDGES[-2]) * np.clip((ranks - severe) / (1 - severe + 1e-12), 0, 1) ** FEWER_ABOVE
        )
        return np.where(ranks < first, low, np.where(ranks >= severe, high, missed))


@dataclass(frozen=True)
class Phase:
    """Everything known of one kind of school."""

    name: str
    published: Published
    codes: Mapping[str, Mapping[str, int]]
    bands: tuple[Bands, ...]
    not_possible: Mapping[str, float]
    weekdays: tuple[float, ...]
    autumn: tuple[tuple[float, ...], ...]
    last_weeks: tuple[float, ...]
    summer: float
    assumed: Mapping[str, Any]
    observance: tuple[date, ...]

    def rate(self, code: str) -> float:
        """Sessions with a code in 2024/25 as a share of the possible ones."""
        terms = self.codes.values()
        return sum(term[code] for term in terms) / sum(term["possible"] for term in terms)

    def by_term(self, code: str) -> dict[str, float]:
        """The same for each term."""
        return {name: term[code] / term["possible"] for name, term in self.codes.items()}

    def ratio(self, name: str) -> float:
        """Something assumed of this phase, as a share of one."""
        said = self.assumed[name]
        return float(said[self.name] if isinstance(said, dict) else said) / 1000


@cache
def phase(name: str) -> Phase:
    """The calibration of one phase: primary, secondary or special."""
    text = (resources.files(__package__) / "calibration.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)
    of_phase, shape, assumed = said[name], said["shape"], said["assumed"]
    days = of_phase["days"]
    possible = sum(days["possible"])
    return Phase(
        name,
        _published(of_phase["published"]),
        of_phase["codes"],
        tuple(
            Bands(row["year"], row["fsm"], row["sen"], tuple(row["enrolments"]))
            for row in said["bands"][name]
        ),
        {code: days[code] / possible for code in ("D", "Q", "Y1", "Y7")},
        _relative(np.array(shape["weekdays"], dtype=np.float64)),
        tuple(tuple(week / 1e4 for week in half) for half in shape["autumn"]),
        tuple(week / 1e4 for week in shape["last_weeks"]),
        shape["summer"] / 1e4,
        assumed,
        tuple(assumed["observance"]),
    )


def _published(said: Mapping[str, int]) -> Published:
    possible, authorised, unauthorised = said["possible"], said["authorised"], said["unauthorised"]
    return Published(
        absence=Rate(authorised + unauthorised, possible),
        authorised=Rate(authorised, possible),
        unauthorised=Rate(unauthorised, possible),
        persistent=Rate(said["persistently_absent"], 10_000),
        severe=Rate(said["severely_absent_2022_23"], said["enrolments_2022_23"]),
    )


def _relative(weekdays: NDArray[np.float64]) -> tuple[float, ...]:
    """Absence by weekday in proportion to the week's mean, over the years together."""
    sums = weekdays.sum(axis=0)
    return tuple(float(day) for day in sums / sums.mean())
