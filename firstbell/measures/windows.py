"""When was the national threshold met, and by which sessions?

So many sessions of unauthorised absence in a rolling number of school weeks. A school week is a
Monday-to-Sunday week with at least one session at the school where the pupil then was: holidays use up no
week, a week of two days is a whole one, and the window crosses terms, years and schools.

Source: Education (Penalty Notices) (England) Regulations 2007 as amended by SI 2024/210; statutory guidance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from firstbell.register import Strips
from firstbell.statute import NationalThreshold

__all__ = ["ThresholdMet", "WindowRule", "threshold_episodes", "threshold_met", "unauthorised_in_window"]

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class ThresholdMet:
    """A pupil has met the threshold: first at which session, last at which, by which sessions.

    `rows` are the pupil's enrolments. Places are of the axis. `sessions` are those in the window when it
    was first met, the meeting one last. `latest` is the last session at which the window held enough.
    """

    pupil: str
    rows: tuple[int, ...]
    first: int
    latest: int
    sessions: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Window:
    """For each session: where its window starts, and how many sessions are needed (0: no threshold then)."""

    start: NDArray[np.intp]
    needed: NDArray[np.int64]


class WindowRule(Protocol):
    """What a rolling window counts: how many sessions, with which codes, within how many school weeks."""

    @property
    def sessions(self) -> int:
        """How many are needed."""

    @property
    def school_weeks(self) -> int:
        """The length of the window."""

    @property
    def codes(self) -> Sequence[str]:
        """The codes that count."""


def threshold_met(strips: Strips) -> list[ThresholdMet]:
    """Every pupil who met the national threshold on the axis, when first, in the order of the rows.

    Counted are marks with the threshold's codes while the pupil was of compulsory school age, at all
    schools together; the number needed and the length of the window are the law's of the session's own
    day. A threshold that was met stays met; a later correction of a mark is another set of strips.
    """
    first: dict[tuple[int, ...], ThresholdMet] = {}
    for one in threshold_episodes(strips):
        first.setdefault(one.rows, one)
    return list(first.values())


def threshold_episodes(strips: Strips, instead: WindowRule | None = None) -> list[ThresholdMet]:
    """Every time the threshold was met anew, by pupil in the order of the rows and then by time.

    It is met anew when the window has held fewer sessions than are needed in between. Which sessions
    count, and where, is as for `threshold_met`. `instead` are other numbers than the law's, for a policy
    that asks earlier; before there was a threshold in law they count nothing either.
    """
    found: list[ThresholdMet] = []
    for rows, flags, window in _by_window(strips, instead):
        held = _held(flags, window)
        met = flags & (window.needed > 0) & (held >= window.needed)
        for i in np.flatnonzero(met.any(axis=1)):
            places = np.flatnonzero(met[i])
            # How often the window had held too few before each of them tells the episodes apart.
            short = np.cumsum((window.needed > 0) & (held[i] < window.needed))[places]
            for episode in np.split(places, np.flatnonzero(np.diff(short)) + 1):
                first = int(episode[0])
                counted = np.flatnonzero(flags[i, window.start[first] : first + 1]) + window.start[first]
                found.append(
                    ThresholdMet(
                        strips.enrolments[rows[i][0]].pupil,
                        rows[i],
                        first,
                        int(episode[-1]),
                        tuple(counted.tolist()),
                    )
                )
    return sorted(found, key=lambda one: (one.rows[0], one.first))


def unauthorised_in_window(
    strips: Strips, place: int | None = None, instead: WindowRule | None = None
) -> NDArray[np.int64]:
    """int64[enrolment]: sessions that count towards the threshold in the window ending at a session.

    `place` is of the axis, None its last session. A pupil's enrolments all show the pupil's number.
    """
    at = len(strips.axis) - 1 if place is None else place
    counts = np.zeros(len(strips.enrolments), dtype=np.int64)
    for rows, flags, window in _by_window(strips, instead):
        held = _held(flags, window)[:, at]
        for i, own in enumerate(rows):
            counts[list(own)] = held[i]
    return counts


def _held(flags: BoolArray, window: _Window) -> NDArray[np.int64]:
    """int64[pupil, session]: flagged sessions from each session's window start to the session itself."""
    running = np.zeros((len(flags), flags.shape[1] + 1), dtype=np.int64)
    np.cumsum(flags, axis=1, out=running[:, 1:])
    return running[:, 1:] - running[:, window.start]


def _by_window(
    strips: Strips, instead: WindowRule | None
) -> Iterable[tuple[list[tuple[int, ...]], BoolArray, _Window]]:
    """The pupils by the school weeks they have: rows of each pupil, their flags, and the window."""
    table = strips.law.counts_towards_threshold
    if instead is not None:
        table = strips.law.marked(instead.codes) & table.any(axis=1, keepdims=True)
    flagged = strips.look_up(table) & strips.is_of_age
    pupils: dict[str, list[int]] = {}
    for row, enrolment in enumerate(strips.enrolments):
        pupils.setdefault(enrolment.pupil, []).append(row)
    single: dict[int, list[int]] = {}
    for rows in pupils.values():
        if len(rows) == 1:
            single.setdefault(int(strips.pattern[rows[0]]), []).append(rows[0])
        else:
            # A session missed at two schools at once is one session of the pupil's.
            together: BoolArray = np.logical_or.reduce(flagged[rows], axis=0)[None, :]
            yield [tuple(rows)], together, _window(strips, _own_weeks(strips, rows), instead)
    for pattern, places in single.items():
        yield (
            [(row,) for row in places],
            flagged[places],
            _window(strips, _weeks_met(strips, pattern), instead),
        )


def _weeks_met(strips: Strips, pattern: int) -> BoolArray:
    """bool[week]: whether the school met in it for that year group."""
    days = strips.meets[pattern].reshape(-1, 2).any(axis=1)
    weeks = np.zeros(len(strips.axis.mondays), dtype=np.bool_)
    weeks[strips.axis.weeks[days]] = True
    return weeks


def _own_weeks(strips: Strips, rows: Sequence[int]) -> BoolArray:
    """bool[week]: the school weeks of a pupil with several enrolments.

    Each week is judged by the school, or schools, where the pupil then was. Between two schools it is the
    earlier one's calendar that goes on, before the first the first one's: somebody out of school does not
    stop the weeks from passing.
    """
    total = len(strips.axis.mondays)
    at: list[list[int]] = [[] for _ in range(total)]
    for row in sorted(rows, key=lambda row: int(strips.bounds[row, 0])):
        start, stop = (int(bound) for bound in strips.bounds[row])
        for week in np.unique(strips.axis.weeks[start // 2 : (stop + 1) // 2]):
            at[week].append(row)
    first = next((own for own in at if own), list(rows[:1]))
    weeks = np.zeros(total, dtype=np.bool_)
    known = {row: _weeks_met(strips, int(strips.pattern[row])) for row in rows}
    there = first
    for week in range(total):
        there = at[week] or there
        weeks[week] = any(known[row][week] for row in there)
    return weeks


def _window(strips: Strips, weeks_met: BoolArray, instead: WindowRule | None) -> _Window:
    """Where the window of each session starts, by the school weeks and the law of the session's day."""
    sessions = np.repeat(strips.axis.weeks, 2)
    first_place = np.full(len(weeks_met), len(sessions), dtype=np.intp)
    np.minimum.at(first_place, sessions, np.arange(len(sessions)))
    school_weeks = np.flatnonzero(weeks_met)
    start = np.zeros(len(sessions), dtype=np.intp)
    needed = np.zeros(len(sessions), dtype=np.int64)
    if not len(school_weeks):
        return _Window(start, needed)
    for regime, law in enumerate(strips.law.laws):
        threshold = law.find(NationalThreshold)
        if threshold is None:
            continue
        rule: WindowRule = instead or threshold
        here = np.flatnonzero(strips.regime == regime)
        # The school week of a session, or for a day of a week that is none, the one before it.
        number = np.searchsorted(school_weeks, sessions[here], side="right") - 1
        opening = number - (rule.school_weeks - 1)
        start[here] = np.where(opening > 0, first_place[school_weeks[np.maximum(opening, 0)]], 0)
        needed[here] = rule.sessions
    return _Window(start, needed)
