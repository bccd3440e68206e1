"""Requests for leave with what was decided on them: for whoever asks about leave, return or marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from firstbell.duties.sight import Sight
from firstbell.facts import Fact
from firstbell.facts.cases import LeaveAsked, LeaveDecided
from firstbell.sessions import Session
from firstbell.statute import Code, Law

__all__ = [
    "OBSERVANCE",
    "Decided",
    "Taken",
    "codes_of_leave",
    "decisions",
    "is_unauthorised",
    "taken_though_refused",
]

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


@dataclass(frozen=True)
class Taken:
    """Leave that was refused, in whole or in part, and the sessions of it that were missed all the same."""

    fact: Fact
    asked: LeaveAsked
    decided: Fact
    row: int
    missed: tuple[Session, ...]


def is_unauthorised(code: Code) -> bool:
    """Whether a code is one of unauthorised absence."""
    return code.absence == "unauthorised"


def taken_though_refused(sight: Sight) -> Sequence[Taken]:
    """The leave that was refused and taken, in the order of the requests.

    An absence with a reason that was accepted, such as illness on the days of the holiday, is no leave taken.
    """
    return sight.once("taken though refused", lambda: list(_taken_though_refused(sight)))


def _taken_though_refused(sight: Sight) -> Iterator[Taken]:
    unauthorised = sight.where(is_unauthorised)
    for fact, asked, decided, row in decisions(sight):
        if decided is None or decided.data.granted == "yes" or asked.reason == OBSERVANCE:
            continue
        missed = tuple(
            session
            for session in sight.sessions_of(unauthorised, row, asked.from_on, asked.until_on)
            if not decided.grants(asked, session.on)
        )
        if missed:
            yield Taken(fact, asked, decided.fact, row, missed)


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
