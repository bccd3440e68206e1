"""Would the scenarios notice if a policy said something else?

Each parameter of each rule is changed a little: a number by one, a comparison to its neighbour, a list by one
element less, school days to days, a time by a minute. Some scenario has to fail for each change. A change
that all scenarios let pass is one that a slip of the pen could make, and nobody would see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from firstbell.policy.rule import AppliesTo, Mode, Rule
from firstbell.policy.rulebook import Rulebook
from firstbell.policy.terms import Comparator, Limit, Span, Unit
from firstbell.problems import Unusable
from firstbell.scenarios.running import Ran, rulebook_for, run
from firstbell.scenarios.scenario import Scenario

__all__ = ["Mutant", "Survivor", "mutants", "survivors"]

NEIGHBOUR = {
    Comparator.BELOW: Comparator.AT_MOST,
    Comparator.AT_MOST: Comparator.BELOW,
    Comparator.ABOVE: Comparator.AT_LEAST,
    Comparator.AT_LEAST: Comparator.ABOVE,
}
OTHER_UNIT = {
    Unit.SCHOOL_DAYS: Unit.DAYS,
    Unit.DAYS: Unit.SCHOOL_DAYS,
    Unit.WEEKS: Unit.SCHOOL_DAYS,
    Unit.SCHOOL_WEEKS: Unit.DAYS,
    Unit.MONTHS: Unit.WEEKS,
}


@dataclass(frozen=True)
class Mutant:
    """One change of one rule: which, what it was and what it is, in words, and the change itself."""

    rule: str
    parameter: str
    was: str
    now: str
    change: Callable[[Rule], Rule] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.rule}, {self.parameter}: {self.was} -> {self.now}"


@dataclass(frozen=True)
class Survivor:
    """A change that no scenario noticed, and how many looked at the rule."""

    mutant: Mutant
    scenarios: int


@dataclass(frozen=True, eq=False)
class _Changed(Rulebook):
    """A rulebook with one rule changed."""

    mutant: Mutant | None = None

    def _rules(self, day: date) -> tuple[Rule, ...]:
        rules = super()._rules(day)
        if self.mutant is None:
            return rules
        change, key = self.mutant.change, self.mutant.rule
        return tuple(change(rule) if rule.id == key else rule for rule in rules)


def _with(rulebook: Rulebook, mutant: Mutant) -> Rulebook:
    return _Changed(
        rulebook.statute, rulebook.law, rulebook.policy, rulebook.settings, rulebook.changed, mutant
    )


# --- the changes -----------------------------------------------------------------------------------------


def mutants(rules: Iterable[Rule]) -> Iterator[Mutant]:
    """Every small change of every parameter of some rules, and of whom they apply to."""
    for rule in rules:
        if rule.mode in (Mode.RECORD,) or rule.kind in ("content", "record"):
            continue
        hints = get_type_hints(type(rule.params), include_extras=False)
        for one in msgspec.structs.fields(type(rule.params)):
            value = getattr(rule.params, one.name)
            for now in _changes(value, hints.get(one.name)):
                yield Mutant(rule.id, one.encode_name, _said(value), _said(now), _putting(one.name, now))
        for name in ("year_groups", "flags", "without_flags", "half_terms"):
            for left in sorted(getattr(rule.applies_to, name), key=str):
                fewer = getattr(rule.applies_to, name) - {left}
                if fewer:
                    yield Mutant(
                        rule.id, f"applies_to.{name}", f"with {left}", "without", _applying(name, fewer)
                    )
        if rule.applies_to.of_age is not None:
            yield Mutant(rule.id, "applies_to.of_age", "true", "left out", _applying("of_age", None))
        if rule.applies_to != AppliesTo():
            yield Mutant(rule.id, "applies_to", "as stated", "everybody", _to_everybody)


def _putting(name: str, value: object) -> Callable[[Rule], Rule]:
    return lambda rule: replace(rule, params=msgspec.structs.replace(rule.params, **{name: value}))


def _applying(name: str, value: object) -> Callable[[Rule], Rule]:
    return lambda rule: replace(rule, applies_to=replace(rule.applies_to, **{name: value}))  # type: ignore[arg-type]


def _to_everybody(rule: Rule) -> Rule:
    return replace(rule, applies_to=AppliesTo())


def _changes(value: object, hint: Any) -> Iterator[object]:
    """The values next to a value."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        if value:
            yield value - 1
    elif isinstance(value, Limit):
        yield from _limits(value)
    elif isinstance(value, Span):
        yield from _spans(value)
    elif isinstance(value, time):
        at = datetime.combine(date(2000, 1, 1), value)
        yield (at + timedelta(minutes=1)).time()
        yield (at - timedelta(minutes=1)).time()
    elif isinstance(value, tuple):
        for place in range(len(value)):
            yield value[:place] + value[place + 1 :]
    elif isinstance(value, Mapping):
        yield from _mappings(value)
    elif isinstance(value, str) and value:
        others = [one for one in _choices(hint) if one not in (value, "")]
        yield from others[:2]


def _limits(limit: Limit) -> Iterator[Limit]:
    sign = "%" if limit.percent else ""
    number = limit.number * 100 if limit.percent else limit.number
    for other in (number + 1, number - 1):
        yield Limit(f"{limit.comparator} {float(other):g}{sign}")
    yield Limit(f"{NEIGHBOUR[limit.comparator]} {float(number):g}{sign}")


def _spans(span: Span) -> Iterator[Span]:
    yield Span(f"{span.number + 1} {span.unit}")
    if span.number:
        yield Span(f"{span.number - 1} {span.unit}")
    if span.unit in OTHER_UNIT:
        yield Span(f"{span.number} {OTHER_UNIT[span.unit]}")


def _mappings(value: Mapping[Any, Any]) -> Iterator[dict[Any, Any]]:
    for key, inner in value.items():
        yield {name: one for name, one in value.items() if name != key}
        if isinstance(inner, tuple) and len(inner) > 1:
            for place in range(len(inner)):
                yield {**value, key: inner[:place] + inner[place + 1 :]}


def _choices(hint: Any) -> list[str]:
    """The texts that a parameter may have, where they are a closed list."""
    if get_origin(hint) is Literal:
        return [str(one) for one in get_args(hint)]
    return [choice for one in get_args(hint) for choice in _choices(one)]


def _said(value: object) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(str, value))}]"
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


# --- the run ---------------------------------------------------------------------------------------------


def survivors(
    scenarios: Sequence[Scenario],
    policy: str,
    day: date,
    *,
    only: Callable[[Rule], bool] = lambda rule: True,
    progress: Callable[[Mutant], None] = lambda mutant: None,
) -> Iterator[Survivor]:
    """The changes of a policy's rules, as in force on a day, that none of its scenarios notices.

    Scenarios under other settings than the example school's are run with them. Those that do not pass as
    they are notice nothing.
    """
    own = [one for one in scenarios if one.policy == policy]
    passing = [(one, rulebook_for(one), ran) for one in own if (ran := _ran(one)) is not None and ran.passed]
    if not passing:
        return
    for mutant in mutants(rule for rule in passing[0][1].on(day) if only(rule)):
        progress(mutant)
        rule = passing[0][1].rule(mutant.rule, day)
        looking = [(one, book) for one, book, ran in passing if _looks_at(one, ran, rule)]
        if not any(_notices(one, book, mutant) for one, book in looking):
            yield Survivor(mutant, len(looking))


def _ran(scenario: Scenario) -> Ran | None:
    try:
        return run(scenario)
    except Unusable:
        return None


def _looks_at(scenario: Scenario, ran: Ran, rule: Rule) -> bool:
    """Whether a scenario has anything to do with a rule."""
    if rule.id in ran.rules or rule.kind in ("register times", "leave decision") or not rule.asks:
        return True
    named = {line.line.name for line in scenario.then} | {line.line.rule for line in scenario.then}
    return bool(named & {rule.id, rule.asks}) or any(one.line.nothing_due for one in scenario.then)


def _notices(scenario: Scenario, rulebook: Rulebook, mutant: Mutant) -> bool:
    try:
        return not run(scenario, _with(rulebook, mutant)).passed
    except Unusable:
        return True
