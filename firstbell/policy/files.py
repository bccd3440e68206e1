"""What stands in the files of a policy, before a school's settings and the law of a day are put in?

A written rule knows what its file states and what it leaves open; `rule` makes the rule of a day of it. It
also knows in which line each of its keys stands, so that a fault found later can still say where.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from typing import Any

import msgspec

from firstbell.policy.describing import parameters_of
from firstbell.policy.parameters import Params
from firstbell.policy.rule import Clause, Declared, Letter, Rule
from firstbell.policy.vocabulary import with_nursery
from firstbell.problems import Place, Problem
from firstbell.statute import Law, NoLaw

__all__ = [
    "BY_LAW",
    "BY_SCHOOL",
    "LAW",
    "NotOfItsForm",
    "PolicyFiles",
    "WrittenPolicy",
    "WrittenRule",
    "value_of",
]

LAW = "law"
"""The id of the one policy that is the law."""
BY_SCHOOL, BY_LAW = "school", "law"
"""What stands for a value that the school states, and for one that the statute states, by the day."""

OF_YEAR_GROUPS = ("year_groups", "most_junior", "most_senior")
CLOCK = re.compile(r"\d\d:\d\d(?::\d\d)?", re.ASCII)


class NotOfItsForm(ValueError):
    """A value that a parameter cannot have."""


def value_of(kind: type[Params], name: str, value: object) -> Any:
    """A value of a file as the parameter of a kind has it: "09:30" as a time, "14 days" as a span.

    Raises `NotOfItsForm`; and KeyError for a parameter that the kind does not have.
    """
    fields = {one.encode_name: one.type for one in msgspec.structs.fields(kind)}
    wanted = fields[name]
    if isinstance(value, str) and any(one.is_time for one in parameters_of(kind) if one.name == name):
        value = _time_of(value)
    try:
        found = msgspec.convert(value, wanted, strict=True, dec_hook=_of_terms)
    except (msgspec.MsgspecError, ValueError) as error:
        raise NotOfItsForm(str(error)) from None
    if name in OF_YEAR_GROUPS:
        return with_nursery(found)
    return {phase: with_nursery(own) for phase, own in found.items()} if name == "phases" else found


@cache
def _fields_of(kind: type[Params]) -> Mapping[str, str]:
    """By the name that a file writes, the name of the field: a parameter cannot be called "for" in Python."""
    return {one.encode_name: one.name for one in msgspec.structs.fields(kind)}


def _time_of(text: str) -> time:
    if CLOCK.fullmatch(text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass
    raise NotOfItsForm("a time is wanted")


def _of_terms(wanted: type, value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a text is wanted")
    return wanted(value)


@dataclass(frozen=True, eq=False)
class WrittenRule:
    """One rule as a file has it.

    `told` is what it says besides its parameters, `stated` the parameters with their values, `by_school` and
    `by_law` those that are left to the school and to the statute. `rows` has the line of each key, of a
    parameter under "params.day".
    """

    id: str
    kind: type[Params]
    told: Mapping[str, Any] = field(repr=False)
    stated: Mapping[str, Any] = field(repr=False)
    by_school: frozenset[str]
    by_law: frozenset[str]
    place: Place
    rows: Mapping[str, int] = field(repr=False)

    def at(self, key: str) -> Place:
        """The place of one of its keys; of a key that it does not have, that of what it would stand in."""
        while key and key not in self.rows:
            key = key.rpartition(".")[0]
        row = self.rows.get(key, self.place.row)
        return Place(self.place.file, row, part=f'rule "{self.id}"')

    def of_law(self, law: Law) -> dict[str, Any] | None:
        """The statute's values for what is left to it; None where the statute has none on the day."""
        if not self.by_law:
            return {}
        try:
            said = self.kind.of_law(law, self.stated)
        except (NoLaw, StopIteration):
            return None
        if not self.by_law <= {name for name, value in said.items() if value is not None}:
            return None
        return {name: value_of(self.kind, name, said[name]) for name in self.by_law}

    def rule(self, filled: Mapping[str, Any]) -> Rule:
        """The rule, with values for what was left open; they may also stand instead of stated ones."""
        names = _fields_of(self.kind)
        values = {names[name]: value for name, value in {**self.stated, **filled}.items()}
        return Rule(id=self.id, params=self.kind(**values), place=self.place, **self.told)


@dataclass(frozen=True, eq=False)
class WrittenPolicy:
    """One version of a policy as its folder has it."""

    id: str
    title: str
    in_force_from_on: date
    adopted_on: date | None
    roles: Mapping[str, str]
    clauses: Mapping[str, Clause]
    rules: tuple[WrittenRule, ...]
    letters: Mapping[str, Letter]
    prose: Mapping[str, str] = field(repr=False)
    folder: str
    review_on: date | None = None
    declared: tuple[Declared, ...] = ()
    is_frame: bool = False

    @property
    def is_law(self) -> bool:
        """Whether it is the law."""
        return self.id == LAW

    def find(self, key: str) -> WrittenRule | None:
        """A rule by its id."""
        return next((rule for rule in self.rules if rule.id == key), None)


@dataclass(frozen=True, eq=False)
class PolicyFiles:
    """A policy through time: its versions, the oldest first. Each lasts until the day before the next.

    `warnings` are what is odd about it and does not keep it from being used.
    """

    id: str
    versions: tuple[WrittenPolicy, ...]
    warnings: tuple[Problem, ...] = ()

    def on(self, day: date) -> WrittenPolicy | None:
        """The version in force on a day; None before the first."""
        held = [one for one in self.versions if one.in_force_from_on <= day]
        return held[-1] if held else None
