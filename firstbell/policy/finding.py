"""What is a fault of a policy, and what does a check look at?

A finding says what is so and what is taken all the same, so that a school can use the policy meanwhile: that
is a reading, which the school may change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeAlias, TypeVar

from firstbell.policy.files import NotOfItsForm, WrittenPolicy, WrittenRule, value_of
from firstbell.policy.kind import Params
from firstbell.policy.rule import Rule
from firstbell.policy.settings import SchoolSettings
from firstbell.problems import Place
from firstbell.statute import Law

__all__ = ["Check", "Finding", "Looked", "Sort", "finding"]

Sort: TypeAlias = Literal["against the law", "inside the policy"]
_P = TypeVar("_P", bound=Params)


@dataclass(frozen=True)
class Finding:
    """One fault: what is so, and what is taken instead until the school decides otherwise.

    `check` is the check that found it, "" for what a person declared; `number` is its number in the policy's
    list, where it has one. `place` is where the file states it.
    """

    check: str
    sort: Sort
    what: str
    default: str
    clauses: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    source: str = ""
    place: Place | None = None
    number: str = ""


@dataclass(frozen=True, eq=False)
class Looked:
    """A version of a policy as the checks look at it, with the law of a day and a school's settings."""

    version: WrittenPolicy
    law: Law
    rules_of_law: WrittenPolicy | None
    on: date
    settings: SchoolSettings | None = None

    @cached_property
    def rules(self) -> tuple[tuple[WrittenRule, Rule], ...]:
        """Every rule as written, with what it is: what is left to the school is None, unless settings say."""
        return tuple((one, one.rule(self._filled(one))) for one in self.version.rules)

    def _filled(self, rule: WrittenRule) -> dict[str, Any]:
        told = self.settings.rules.get(rule.id, {}) if self.settings else {}
        filled: dict[str, Any] = dict.fromkeys(rule.by_school)
        for name in rule.by_school & {*told}:
            try:
                filled[name] = value_of(rule.kind, name, told[name])
            except NotOfItsForm:
                continue
        return filled

    def of(self, kind: type[_P]) -> Iterator[tuple[WrittenRule, Rule, _P]]:
        """The rules of a kind, as written and as they are, with their parameters."""
        for written, rule in self.rules:
            if isinstance(rule.params, kind):
                yield written, rule, rule.params

    @cached_property
    def stated_by_law(self) -> Mapping[str, tuple[str, str]]:
        """What the law's own clauses state: by key, the word and the clause."""
        clauses = self.rules_of_law.clauses.values() if self.rules_of_law else ()
        return {key: (word, one.id) for one in clauses for key, word in one.states.items()}


Check: TypeAlias = Callable[[Looked], Iterator[Finding]]


def finding(
    check: str, sort: Sort, what: str, default: str, rules: Iterable[WrittenRule] = (), *, source: str = ""
) -> Finding:
    """A finding about some rules: their clauses, and the place of the first."""
    own = tuple(rules)
    clauses = tuple(dict.fromkeys(clause for rule in own for clause in rule.told["implements"]))
    place = own[0].place if own else None
    return Finding(check, sort, what, default, clauses, tuple(rule.id for rule in own), source, place)
