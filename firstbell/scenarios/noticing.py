"""Does a scenario notice that a policy was changed?

It is run once as it is. Under changed rules only lines that have to do with them are judged anew, one after
the other until one is not so: registers, facts and the duties of all other rules stay what they were. Where a
change moves the times of registers everything hangs on it, and all is run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from firstbell.duties import Book, Duty, Sight, duties_of
from firstbell.policy.files import LAW, WrittenRule
from firstbell.policy.rule import Rule
from firstbell.policy.rulebook import Rulebook
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.problems import Unusable
from firstbell.scenarios.mutants import Mutant
from firstbell.scenarios.running import Running, rulebook_for
from firstbell.scenarios.scenario import Expected, Scenario, When

__all__ = ["Changed", "Looker"]

EVERYTHING = ("register times", "appointment")
"""Kinds that others look at in more ways than can be followed."""
READ_BY = {
    **dict.fromkeys(
        ("may", "may_not"),
        {
            *("reserved", "gate", "evidence needs doubt", "late collection", "threshold", "leave decision"),
            *("part-time timetable", "retention", *LEAVE_TESTS),
        },
    ),
    "mark": {
        *("closure", "leave decision", "observance", "reason given"),
        *("part-time timetable", "performance", "period while", "gate"),
        *("report deadline", "morning step"),
    },
    "figure": {
        *("threshold", "report deadline", "draw", "band"),
        *("part-time timetable", "performance", "retention"),
        *("late arrival", "morning step", "content", "training"),
    },
}
"""By the verb of a line, the kinds of rules that it looks at by themselves, besides those of its duties."""


@dataclass(frozen=True, eq=False)
class Changed(Rulebook):
    """A rulebook with one rule changed, as if its file said so. Law and policy are put together after it."""

    mutant: Mutant | None = None

    def __post_init__(self) -> None:
        """Nothing is checked: the settings are those of the rulebook that it is made of."""

    @classmethod
    def of(cls, base: Rulebook, mutant: Mutant) -> Changed:
        """A rulebook with a change. What a scenario sets by itself stands for what the file says."""
        return cls(base.statute, base.law, base.policy, base.settings, base.changed, mutant)

    def _rule(self, written: WrittenRule, of_law: Mapping[str, Any]) -> Rule:
        rule = super()._rule(written, of_law)
        mutant = self.mutant
        if mutant is None or rule.id != mutant.rule or rule.is_law is not (mutant.policy == LAW):
            return rule
        return rule if (rule.id, mutant.parameter) in self.changed else mutant.change(rule)

    def differing(self, base: Rulebook, day: date) -> Mapping[str, Rule]:
        """The rules in force on a day that are not what they were, by id; those gone as they were."""
        one, other = base.on(day), self.on(day)
        if (id(one), id(other)) not in self._differing:
            before, after = ({(rule.id, rule.is_law): rule for rule in rules} for rules in (one, other))
            self._differing[id(one), id(other)] = {
                key[0]: after.get(key) or before[key]
                for key in before.keys() | after.keys()
                if before.get(key) != after.get(key)
            }
        return self._differing[id(one), id(other)]

    @cached_property
    def _differing(self) -> dict[tuple[int, int], Mapping[str, Rule]]:
        return {}


class _Remembering(Book):
    """A book that lays its strips once for each moment, whoever asks."""

    @cached_property
    def _known(self) -> dict[datetime | None, Book]:
        return {}

    def as_known(self, moment: datetime | None) -> Book:
        if moment not in self._known:
            self._known[moment] = super().as_known(moment)
        return self._known[moment]


class Looker:
    """A scenario, run once, that can say whether it would notice a change of a rule."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    @cached_property
    def rulebook(self) -> Rulebook | None:
        """The rulebook of the scenario; None where it cannot be run."""
        try:
            return rulebook_for(self.scenario)
        except Unusable:
            return None

    @cached_property
    def running(self) -> Running | None:
        """The scenario as it was run under its own rules; None where it is not so, and so notices nothing."""
        try:
            if self.rulebook is None:
                return None
            running = Running(self.scenario, self.rulebook)
            running.stop_for_names()
        except Unusable:
            return None
        book = running.book
        running.book = _Remembering(
            book.calendar,
            book.enrolments,
            book.register,
            book.facts,
            book.statute,
            book.parents,
            call_order=book.call_order,
        )
        return running if running.first_that_fails() is None else None

    @cached_property
    def days(self) -> list[date]:
        """A day of each stretch of days in which the rules are the same."""
        if self.rulebook is None:
            return []
        last = max(self.scenario.when.on, *(one.when.on for one in self.scenario.then))
        return [one.from_on for one in self.rulebook.stretches(self.scenario.calendar.starts_on, last)]

    def differing(self, changed: Changed) -> Mapping[str, Rule]:
        """The rules of the scenario's days that are others under a changed rulebook, by id."""
        found: dict[str, Rule] = {}
        if self.rulebook is not None:
            for day in self.days:
                found |= changed.differing(self.rulebook, day)
        return found

    def notices(self, changed: Changed) -> bool:
        """Whether some line is not so under a changed rulebook, or the scenario cannot even be run."""
        differing = self.differing(changed)
        if not differing or self.rulebook is None or self.running is None:
            return False
        reach = _Reach(self.rulebook, changed, differing, self.days)
        if reach.is_everything or any(name in reach.names for name in self.scenario.does.values()):
            return self.notices_anew(changed)
        again = _Again(self.running, changed, frozenset(reach.ids))
        return any(reach.touches(one) and not again.holds(one) for one in self.scenario.then)

    def notices_anew(self, changed: Changed) -> bool:
        """The same from the beginning, with nothing kept of how it was run before."""
        try:
            running = Running(self.scenario, changed)
            running.stop_for_names()
        except Unusable:
            return True
        return running.first_that_fails() is not None


@dataclass(frozen=True)
class _Reach:
    """How far a change goes: the rules that differ, and those whose duties hang on them."""

    base: Rulebook
    changed: Rulebook
    differing: Mapping[str, Rule]
    days: list[date]

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the days, as changed."""
        return tuple(rule for day in self.days for rule in self.changed.on(day))

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of the rules that differ."""
        return frozenset(rule.kind for rule in self.differing.values())

    @cached_property
    def is_everything(self) -> bool:
        """Whether it cannot be followed: registers close at other times, or a rule has come or gone."""
        gone = any(
            {one.id for one in self.base.on(day)} != {one.id for one in self.changed.on(day)}
            for day in self.days
        )
        waits = any(
            rule.after for rule in self.rules if rule.id in self.differing or rule.after in self.differing
        )
        return gone or waits or bool(self.kinds & {*EVERYTHING})

    @cached_property
    def ids(self) -> frozenset[str]:
        """The rules whose duties may be others."""
        hanging = {"leave decision"} if self.kinds & {*LEAVE_TESTS} else set()
        # What fell further since says when the next audit is.
        hanging |= {"worse since"} if "band at audits" in self.kinds else set()
        return frozenset({*self.differing, *(rule.id for rule in self.rules if rule.kind in hanging)})

    @cached_property
    def names(self) -> frozenset[str]:
        """What lines call them by: their ids, and what they ask for."""
        return self.ids | {rule.asks for rule in self.rules if rule.id in self.ids and rule.asks}

    def touches(self, expected: Expected) -> bool:
        """Whether a line has to do with what changed."""
        verb = expected.line.verb
        if verb in READ_BY:
            return bool(self.kinds & READ_BY[verb])
        return verb == "nothing_due" or expected.line.name in self.names


class _Again(Running):
    """A scenario judged again under a rulebook of which a few rules differ, from what was run already."""

    def __init__(self, run: Running, changed: Rulebook, ids: frozenset[str]) -> None:
        self.scenario, self.rulebook, self.statute = run.scenario, changed, run.statute
        self.laid, self.book = run.laid, run.book
        self.sights, self.duties = {}, {}
        self.met, self.reasons = set(), set()
        self.run, self.ids = run, ids

    def moment(self, when: When) -> datetime:
        return self.run.moment(when)

    def sight(self, at: datetime) -> Sight:
        if at not in self.sights:
            self.sights[at] = self.run.sight(at).under(self.rulebook)
        return self.sights[at]

    def due(self, at: datetime) -> tuple[Duty, ...]:
        if at not in self.duties:
            others = (duty for duty in self.run.due(at) if duty.rule.id not in self.ids)
            own = duties_of(self.sight(at), rules=self.ids, lapsed=True)
            self.duties[at] = (*others, *own)
        return self.duties[at]
