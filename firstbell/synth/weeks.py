"""When in the year is a pupil away? The weight of every session, for each reason of absence.

Terms as published for each code, weekdays and the weeks of autumn as published for all absence, the last
weeks of terms. Waves of illness come when chance will have them, and never change a term's total.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.sessions import Axis, Calendar, HalfTerm, Period
from firstbell.synth.calibration import TERMS, Phase

__all__ = ["YearShape"]

AFTERNOONS = {"I": 1.04, "O": 1.14, "N": 1.1, "M": 0.95, "U": 0.06, "C": 1.0}
"""How much more often an afternoon is missed than a morning. Assumed, from what schools report of Fridays."""
FRIDAY_AFTERNOON = 1.3
SHARPER_DAYS, SHARPER_WEEKS = 2.0, 1.4
"""Powers of the published weekdays and weeks: spells of several days blur what is laid by its first day."""
ILL = ("I", "O", "N", "C", "U")
"""The codes that follow the weeks; the others only their terms."""
EXTREMES = {"first": 1.04, "last": 1.12}
"""Absence on the first and the last day of a half term in proportion to the days beside them. Assumed."""
EARLY = 0.97
"""The first week of a half term of spring or summer in proportion to its middle. Assumed."""


class YearShape:
    """The sessions of one school year and how absence is spread over them.

    `halves` has for every session the number of its half term, 0 to 5; `terms` that of its term, 0 to 2.
    """

    def __init__(self, axis: Axis, calendar: Calendar, calibration: Phase, random: np.random.Generator):
        self.axis = axis
        self.calendar = calendar
        self.calibration = calibration
        name = calendar.half_terms[0].year
        self.half_terms: Sequence[HalfTerm] = [half for half in calendar.half_terms if half.year == name]
        self.year: Period = calendar.years[0]
        number = [place for day in axis.days for place, half in enumerate(self.half_terms) if _in(day, half)]
        self.halves: NDArray[np.intp] = np.repeat(np.array(number, dtype=np.intp), 2)
        self.terms: NDArray[np.intp] = self.halves // 2
        self.weekdays: NDArray[np.intp] = np.repeat(axis.weekdays, 2)
        self.afternoon: NDArray[np.bool_] = np.arange(len(axis)) % 2 == 1
        self._weeks = np.repeat(self._by_week(), 2)
        self._waves = self._waves_of_illness(random)
        self._known: dict[str, NDArray[np.float64]] = {}

    def weights(self, code: str) -> NDArray[np.float64]:
        """float[session]: how likely each session is to be missed for a reason, in proportion."""
        if code not in self._known:
            self._known[code] = self._weights(code)
        return self._known[code]

    def _weights(self, code: str) -> NDArray[np.float64]:
        weights = np.ones(len(self.axis))
        if code in ILL:
            weights *= self._weeks**SHARPER_WEEKS
            weights *= np.array(self.calibration.weekdays)[self.weekdays] ** SHARPER_DAYS
            weights *= np.where(self.afternoon & (self.weekdays == 4), FRIDAY_AFTERNOON, 1.0)
        if code == "I":
            weights *= self._waves
        weights *= np.where(self.afternoon, AFTERNOONS.get(code, 1.0), 1.0)
        by_term = self.calibration.by_term(code)
        for place, term in enumerate(TERMS):
            of_term = self.terms == place
            weights[of_term] *= by_term[term] / weights[of_term].mean()
        return weights

    def _by_week(self) -> NDArray[np.float64]:
        """float[day]: the weeks of the year in proportion, with the first and last days of half terms."""
        weights = np.ones(len(self.axis.days))
        halves = self.halves[::2]
        for number in range(len(self.half_terms)):
            days = np.flatnonzero(halves == number)
            weeks = self.axis.weeks[days] - self.axis.weeks[days[0]]
            weights[days] = self._curve(number, int(weeks[-1]) + 1)[weeks]
            weights[days[0]] *= EXTREMES["first"]
            weights[days[-1]] *= EXTREMES["last"]
        return weights

    def _curve(self, number: int, weeks: int) -> NDArray[np.float64]:
        """float[week of the half term]: the autumn as published, the rest rising gently to its end."""
        christmas, summer = self.calibration.last_weeks
        if number < 2:
            known = [*self.calibration.autumn[number], *([christmas] if number == 1 else [])]
            return np.interp(np.linspace(0, 1, weeks), np.linspace(0, 1, len(known)), known)
        curve = np.linspace(EARLY, 2 - EARLY, weeks)
        if number == 5:
            curve[-1] *= summer / self.calibration.summer
        return curve

    def _waves_of_illness(self, random: np.random.Generator) -> NDArray[np.float64]:
        """float[session]: two or three waves of a few weeks between November and March."""
        days = np.array([day.toordinal() for day in self.axis.days], dtype=np.float64)
        november = (self.half_terms[1].starts_on + timedelta(days=21)).toordinal()
        march = (self.half_terms[3].ends_on - timedelta(days=10)).toordinal()
        waves = np.ones(len(days))
        for _ in range(int(random.integers(2, 4))):
            middle = random.uniform(november, march)
            width = random.uniform(6, 12)
            waves += random.uniform(0.2, 0.55) * np.exp(-(((days - middle) / width) ** 2))
        return np.repeat(waves, 2)


def _in(day: date, half: HalfTerm) -> bool:
    return half.starts_on <= day <= half.ends_on
