"""Which small changes could a slip of the pen make in a policy?

A number by one, a comparison to its neighbour, a list or a table by one element less, school days to days, a
time by a minute, a word of a closed list to each of the others. Only what a file states is changed: the
policy's, the law's, or the school's where the policy leaves it to the school.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from firstbell.policy.bounds import faults_of_values
from firstbell.policy.rule import AppliesTo, Mode, Rule
from firstbell.policy.terms import Comparator, Limit, Span, Unit
from firstbell.policy.vocabulary import NURSERY

__all__ = ["Mutant", "mutants"]

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
LISTS_OF_APPLIES_TO = ("year_groups", "flags", "without_flags", "half_terms")


@dataclass(frozen=True)
class Mutant:
    """One change of one rule: whose policy, which rule, what it was and what it is, in words, and the change.

    `policy` is "law" for a rule of law, whatever the policy that stands beside it.
    """

    policy: str
    rule: str
    parameter: str
    was: str
    now: str
    change: Callable[[Rule], Rule] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.rule}, {self.parameter}: {self.was} -> {self.now}"


def mutants(policy: str, rules: Iterable[tuple[Rule, Collection[str]]]) -> Iterator[Mutant]:
    """Every small change of some rules of a policy, each rule with the parameters that its files state.

    Of whom a rule applies to each element of a list is left out, where another stays, and each condition as a
    whole. What is only kept or shown is not changed: nothing follows from it.
    """
    for rule, stated in rules:
        if rule.mode is Mode.RECORD or rule.kind in ("content", "record"):
            continue
        for parameter, was, now, change in (*_of_parameters(rule, stated), *_of_applies_to(rule.applies_to)):
            yield Mutant(policy, rule.id, parameter, was, now, change)


Change = tuple[str, str, str, Callable[[Rule], Rule]]


def _of_parameters(rule: Rule, stated: Collection[str]) -> Iterator[Change]:
    hints = get_type_hints(type(rule.params))
    for one in msgspec.structs.fields(type(rule.params)):
        value = getattr(rule.params, one.name)
        for now in _changes(value, hints[one.name]) if one.encode_name in stated else ():
            if not _can_be_stated(rule, stated, one.encode_name, now):
                continue
            yield one.encode_name, _said(value), _said(now), _putting(one.name, now)


def _can_be_stated(rule: Rule, stated: Collection[str], name: str, now: object) -> bool:
    """Whether a policy may say so: what is refused when it is read needs no scenario to be noticed."""
    fields = msgspec.structs.fields(type(rule.params))
    own = {one.encode_name: getattr(rule.params, one.name) for one in fields if one.encode_name in stated}
    faults = faults_of_values(type(rule.params), {**own, name: now}, (), None)
    return not any(fault.parameter == name and not fault.is_warning for fault in faults)


def _of_applies_to(applies_to: AppliesTo) -> Iterator[Change]:
    for name in LISTS_OF_APPLIES_TO:
        value = getattr(applies_to, name)
        for fewer in _fewer(sorted(value, key=str)) if value else ():
            left = value - {*fewer}
            if fewer:
                change = _applying(name, frozenset(fewer))
                yield f"applies_to.{name}", f"with {' and '.join(sorted(map(str, left)))}", "without", change
        if value:
            yield (
                f"applies_to.{name}",
                _said(sorted(value, key=str)),
                "left out",
                _applying(name, frozenset()),
            )
    if applies_to.of_age is not None:
        said = _said(applies_to.of_age)
        yield "applies_to.of_age", said, "left out", _applying("of_age", None)
        yield (
            "applies_to.of_age",
            said,
            _said(not applies_to.of_age),
            _applying("of_age", not applies_to.of_age),
        )


def _putting(name: str, value: object) -> Callable[[Rule], Rule]:
    return lambda rule: replace(rule, params=msgspec.structs.replace(rule.params, **{name: value}))


def _applying(name: str, value: Any) -> Callable[[Rule], Rule]:
    return lambda rule: replace(rule, applies_to=replace(rule.applies_to, **{name: value}))


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
        yield from _fewer(value)
    elif isinstance(value, Mapping):
        yield from _mappings(value)
    elif isinstance(value, str):
        yield from (one for one in _choices(hint) if one not in (value, ""))


def _fewer(value: Collection[Any]) -> Iterator[tuple[Any, ...]]:
    """A list with one element less, as files have them: all of nursery is one element."""
    gone: list[tuple[Any, ...]] = [(one,) for one in value]
    if {*NURSERY} <= {*value}:
        gone = [NURSERY, *((one,) for one in value if one not in NURSERY)]
    for left in gone:
        yield tuple(one for one in value if one not in left)


def _limits(limit: Limit) -> Iterator[Limit]:
    sign = "%" if limit.percent else ""
    number = limit.number * 100 if limit.percent else limit.number
    for other in (number + 1, number - 1):
        if other >= 0:
            yield Limit(f"{limit.comparator} {float(other):g}{sign}")
    yield Limit(f"{NEIGHBOUR[limit.comparator]} {float(number):g}{sign}")


def _spans(span: Span) -> Iterator[Span]:
    yield Span(f"{span.number + 1} {span.unit}")
    if span.number:
        yield Span(f"{span.number - 1} {span.unit}")
    if span.unit in OTHER_UNIT:
        yield Span(f"{span.number} {OTHER_UNIT[span.unit]}")


def _mappings(value: Mapping[Any, Any]) -> Iterator[dict[Any, Any]]:
    """A table without one of its names, and with one element less in one of its lists."""
    for key, inner in value.items():
        yield {name: one for name, one in value.items() if name != key}
        if isinstance(inner, tuple) and len(inner) > 1:
            yield from ({**value, key: fewer} for fewer in _fewer(inner))


def _choices(hint: Any) -> list[str]:
    """The texts that a parameter may have, where they are a closed list."""
    if get_origin(hint) is Literal:
        return [str(one) for one in get_args(hint)]
    return [choice for one in get_args(hint) for choice in _choices(one)]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_said, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name} = {_said(one)}' for name, one in value.items())}}}"
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
