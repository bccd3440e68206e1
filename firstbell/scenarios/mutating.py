"""Would the scenarios notice if a policy said something else?

Each parameter of each rule is changed a little, and some scenario has to fail for each change. A change that
all scenarios let pass is one that a slip of the pen could make, and nobody would see it. One that leaves the
rules in force as they were, because the law asks for the stricter value anyhow, is none.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar

from firstbell.policy.files import LAW
from firstbell.policy.rulebook import Rulebook
from firstbell.scenarios.mutants import Mutant, mutants
from firstbell.scenarios.noticing import Changed, Looker
from firstbell.scenarios.scenario import Scenario

__all__ = ["Survey", "Survivor", "processes_for"]

MODEL = "model"
"""The policy that is law and guidance only."""
MUCH = 100
"""From how many changes on a second process is worth its start."""
PART = 8
"""How many changes a process is given at a time: those of one rule stand together."""


@dataclass(frozen=True)
class Survivor:
    """A change that no scenario noticed, and how many of them have its rule in another form by it.

    With none, the rules in force are what they were: the law puts the change right.
    """

    mutant: Mutant
    scenarios: int


@dataclass(frozen=True, eq=False)
class Survey:
    """Some scenarios, and every change of the rules that they are about.

    The rules are those in force on `on`; left out, on the last day of any scenario of the policy. `rule` is
    the id of the only rule to be changed. Scenarios that do not pass as they are notice nothing.
    """

    scenarios: Sequence[Scenario]
    on: date | None = None
    rule: str = ""

    @cached_property
    def lookers(self) -> tuple[Looker, ...]:
        """Each scenario that can be run, as one that looks for changes."""
        return tuple(looker for one in self.scenarios if (looker := Looker(one)).rulebook is not None)

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """Every change of each policy of which there is a scenario, and of the law where one is of it alone.

        Whoever tries a policy of their own has not the law to try as well.
        """
        policies = {one.scenario.policy: one.rulebook for one in self.lookers if one.rulebook}
        books = {key: policies[key] for key in sorted(policies) if key != LAW}
        if policies.keys() & {LAW, MODEL}:
            some = next(iter(policies.values()))
            books = {LAW: Rulebook(some.statute, some.law), **books}
        return tuple(
            mutant
            for key, book in books.items()
            for mutant in mutants(key, book.stated(self._day(key)))
            if self.rule in ("", mutant.rule)
        )

    def _day(self, policy: str) -> date:
        own = [one.when.on for one in self.scenarios if policy in (LAW, one.policy)]
        return self.on or max(own)

    def looking(self, mutant: Mutant) -> list[Looker]:
        """The scenarios that could notice a change, first those about its rule, the smallest first."""
        own = [one for one in self.lookers if mutant.policy in (LAW, one.scenario.policy)]
        return sorted(
            own, key=lambda one: (not _is_about(one.scenario, mutant.rule), len(one.scenario.pupils))
        )

    def survivor(self, mutant: Mutant) -> Survivor | None:
        """A change as a survivor; None if some scenario notices it."""
        changed: dict[int, Changed] = {}
        looked = 0
        for one in self.looking(mutant):
            assert one.rulebook is not None
            book = changed.setdefault(id(one.rulebook), Changed.of(one.rulebook, mutant))
            if one.notices(book):
                return None
            looked += bool(one.differing(book))
        return Survivor(mutant, looked)

    def survivors(
        self, processes: int = 1, progress: Callable[[int], object] = lambda done: None
    ) -> Iterator[Survivor]:
        """The changes that no scenario notices, by rule; `progress` is told of each that is done."""
        for found in self._found(processes):
            progress(1)
            if found is not None and found.scenarios:
                yield found

    def _found(self, processes: int) -> Iterator[Survivor | None]:
        if processes == 1:
            yield from map(self.survivor, self.mutants)
            return
        # A copy of this process would have the threads of numpy and numba in no state that it could use.
        start = multiprocessing.get_context("spawn")
        survey = (tuple(self.scenarios), self.on, self.rule)
        with ProcessPoolExecutor(processes, start, _begin, survey) as pool:
            looked = pool.map(_scenarios_of, range(len(self.mutants)), chunksize=PART)
            for mutant, scenarios in zip(self.mutants, looked, strict=True):
                yield None if scenarios is None else Survivor(mutant, scenarios)


class _Worker:
    """What a second process works on: changes are functions, which cannot be sent to it."""

    survey: ClassVar[Survey]


def _begin(scenarios: Sequence[Scenario], on: date | None, rule: str) -> None:
    _Worker.survey = Survey(scenarios, on, rule)


def _scenarios_of(number: int) -> int | None:
    """Of the change with a number, how many scenarios looked at it in vain; None if one noticed it."""
    found = _Worker.survey.survivor(_Worker.survey.mutants[number])
    return None if found is None else found.scenarios


def _is_about(scenario: Scenario, rule: str) -> bool:
    lines = (one.line for one in scenario.then)
    return rule in scenario.written.shows or any(rule in (line.name, line.rule) for line in lines)


def processes_for(survey: Survey) -> int:
    """How many processes pay: two for a long run, where there are as many processors."""
    return min(2, os.cpu_count() or 1) if len(survey.mutants) >= MUCH else 1
