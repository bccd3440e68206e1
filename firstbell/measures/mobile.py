"""Has a child of a travelling family attended often enough for the defence that the law gives its parents?

The law asks for a number of attendances in the twelve months that end with the day proceedings begin, from
an age on. Whether the family has no fixed abode, whether its trade makes it travel, and whether the child
has attended as regularly as that trade permits is for people to find out: nothing here knows it.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from firstbell.measures.periods import last_months
from firstbell.register import Strips
from firstbell.statute.ages import age_on
from firstbell.statute.values import MobileChildDefence

__all__ = ["mobile_child_attendances", "mobile_child_defence_open"]


def mobile_child_attendances(strips: Strips, *, on: date) -> NDArray[np.int64]:
    """int64[enrolment]: the pupil's attendances in the months that end with `on`, the day included.

    A pupil's enrolments all show the pupil's number: attendances at every school count, and a session
    marked as attended at two schools is one. The strips have to reach back far enough; sessions before
    the axis are not counted.

    Source: Education Act 1996, s.444(6).
    """
    rule = strips.statute.on(on).value(MobileChildDefence)
    period = last_months(on, rule.months)
    within = strips.axis.between(period.starts_on, period.ends_on)
    attended = strips.where(lambda code: code.attended)[:, within]
    pupils: dict[str, list[int]] = {}
    for row, enrolment in enumerate(strips.enrolments):
        pupils.setdefault(enrolment.pupil, []).append(row)
    counts = np.zeros(len(strips.enrolments), dtype=np.int64)
    for rows in pupils.values():
        counts[rows] = np.count_nonzero(attended[rows].any(axis=0))
    return counts


def mobile_child_defence_open(strips: Strips, *, on: date) -> NDArray[np.bool_]:
    """bool[enrolment]: whether the number of attendances leaves the defence open on `on`.

    False is final: from the age of six on, a child with fewer attendances than the law asks for has no such
    defence. True only says that the number does not rule it out; below that age no number is asked for.
    A pupil without a date of birth is taken to be of that age.

    Source: Education Act 1996, s.444(6).
    """
    rule = strips.statute.on(on).value(MobileChildDefence)
    asked = np.array(
        [e.born_on is None or age_on(e.born_on, on) >= rule.from_age for e in strips.enrolments],
        dtype=np.bool_,
    )
    return ~asked | (mobile_child_attendances(strips, on=on) >= rule.attendances)
