"""Requests for leave with what was decided on them: for whoever asks about leave, return or marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from firstbell.duties.sight import Sight
from firstbell.facts import Fact
from firstbell.facts.cases import LeaveAsked, LeaveDecided
from firstbell.statute import Law

__all__ = ["OBSERVANCE", "Decided", "codes_of_leave", "decisions"]

OBSERVANCE = "religious observance"


@dataclass(frozen=True)
class Decided:
    """A decision on a request, with the fact that it is."""

    fact: Fact
    data: LeaveDecided

    def grants(self, asked: LeaveAsked, day: date) -> bool:
        """Whether a day of the request was granted."""
        if self.data.granted == "no" or not asked.from_on <= day <= asked.until_on:
            return False
        return not self.data.granted_on or day in self.data.granted_on


def decisions(sight: Sight) -> Iterator[tuple[Fact, LeaveAsked, Decided | None, int]]:
    """Every request with its decision, if there is one, and the pupil's row."""
    yield from sight.once("decisions", lambda: list(_decisions(sight)))


def _decisions(sight: Sight) -> Iterator[tuple[Fact, LeaveAsked, Decided | None, int]]:
    origins = sight.facts.origins
    decided: dict[str, Decided] = {}
    for fact, data in sight.facts.of(LeaveDecided):
        decided[origins.get(data.request, data.request)] = Decided(fact, data)
    for fact, asked, row in sight.of(LeaveAsked):
        yield fact, asked, decided.get(origins.get(fact.id, fact.id), decided.get(fact.id)), row


def codes_of_leave(law: Law) -> tuple[str, ...]:
    """The codes of leave that is taken away from school, granted or not: today C, C1 and G.

    Leave that was not granted has a code of its own where it can be a holiday; whatever else is missed
    without leave has the code of all absence without a reason, and says nothing about leave.
    """
    without: dict[str, frozenset[str]] = {
        symbol: frozenset(map(str, code.not_in_advance))
        for symbol, code in law.codes.items()
        if code.not_in_advance
    }
    if not without:
        return ()
    every = list(without.values())
    of_their_own = every[0].union(*every) - every[0].intersection(*every)
    granted = [symbol for symbol, instead in without.items() if of_their_own & instead]
    return (*granted, *sorted(of_their_own))
