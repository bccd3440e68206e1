"""Which rules are in force on a day, with the law and a school's policy merged and its settings filled in?

One function merges: a policy rule that names a rule of law takes the stricter value of the two, and says in
words which source asked for it. Where it stands for the law's rule, that one is left out, so that nothing is
asked twice. On a day before the policy's first version only the law holds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from firstbell.policy.checking import problems_with_settings
from firstbell.policy.files import PolicyFiles, WrittenPolicy, WrittenRule, value_of
from firstbell.policy.merging import left_of, merged
from firstbell.policy.rule import Clause, Policy, Rule
from firstbell.policy.settings import SchoolSettings
from firstbell.problems import Unusable
from firstbell.statute import Law, Statute

__all__ = ["Rulebook", "Stretch"]


@dataclass(frozen=True)
class Stretch:
    """Days over which the same rules are in force, the first and the last included."""

    from_on: date
    until_on: date
    rules: tuple[Rule, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Rulebook:
    """The law, the versions of one policy and the settings of one school.

    Raises `Unusable` with every setting that is missing, of a wrong form, or for nothing that the policy
    leaves open. Without a policy only the law holds.
    """

    statute: Statute = field(repr=False)
    law: PolicyFiles
    policy: PolicyFiles | None = None
    settings: SchoolSettings | None = None
    changed: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    """By rule and parameter, what `with_setting` put in the place of what the files state."""

    def __post_init__(self) -> None:
        if problems := problems_with_settings(self.statute, self.law, self.policy, self.settings):
            raise Unusable(problems)

    def on(self, day: date) -> tuple[Rule, ...]:
        """The rules in force on a day: the policy's, merged with the law's, then the rest of the law's.

        A rule of law is missing on the days on which the statute has no such value.
        """
        key = (self.policy.on(day) if self.policy else None, self.law.on(day), self._regime(day))
        if key not in self._known:
            self._known[key] = self._rules(day)
        return self._known[key]

    def rule(self, key: str, day: date) -> Rule:
        """A rule in force on a day by its id. Raises KeyError.

        A rule of law that a stricter rule of the policy stands for is found under the policy's id only.
        """
        for rule in self.on(day):
            if rule.id == key:
                return rule
        raise KeyError(key)

    def policy_on(self, day: date) -> Policy:
        """The version of the policy in force on a day, with the day's rules; before the first, the law.

        Raises LookupError on a day for which not even the law is held.
        """
        version = (self.policy.on(day) if self.policy else None) or self.law.on(day)
        if version is None:
            raise LookupError(f"Neither a policy nor a rule of law is held for {day}.")
        return _as_policy(version, self.on(day))

    def clause(self, key: str, day: date | None = None) -> Clause:
        """A clause by its id, as the version of a day has it; without a day, the newest that has it.

        Raises KeyError.
        """
        for files in (self.policy, self.law):
            versions = reversed(files.versions) if files else ()
            for version in versions:
                in_force = day is None or version.in_force_from_on <= day
                if in_force and key in version.clauses:
                    return version.clauses[key]
        raise KeyError(key)

    def stretches(self, from_on: date, until_on: date) -> list[Stretch]:
        """The days of a period in stretches with the same rules, in their order."""
        firsts = [from_on, *(day for day in self._changes if from_on < day <= until_on)]
        found: list[Stretch] = []
        for first, following in zip(firsts, [*firsts[1:], until_on + timedelta(days=1)], strict=True):
            last, rules = following - timedelta(days=1), self.on(first)
            if found and found[-1].rules == rules and first not in self._version_days:
                found[-1] = replace(found[-1], until_on=last)
            elif last >= first:
                found.append(Stretch(first, last, rules))
        return found

    def stated(self, day: date) -> tuple[tuple[Rule, frozenset[str]], ...]:
        """The policy's rules of a day as it states them, before the law makes any of them stricter.

        Each with the parameters that a file states, or leaves to the school or the statute: all others have
        their defaults. Without a policy, or before its first version, the rules of law.
        """
        version = (self.policy.on(day) if self.policy else None) or self.law.on(day)
        if version is None:
            return ()
        of_law = self._law_rules(day) if version.is_law else {}
        names = {one.id: frozenset({*one.stated, *one.by_school, *one.by_law}) for one in version.rules}
        rules = of_law.values() if version.is_law else (self._rule(one, {}) for one in version.rules)
        return tuple((rule, names[rule.id]) for rule in rules)

    @property
    def versions(self) -> tuple[WrittenPolicy, ...]:
        """The versions of the policy, the oldest first."""
        return self.policy.versions if self.policy else ()

    def with_setting(self, rule: str, parameter: str, value: object) -> Rulebook:
        """The same with another value for a parameter, whoever states it now: policy, school or law.

        Raises KeyError for a rule or a parameter that there is not, `NotOfItsForm` for a value that the
        parameter cannot have.
        """
        written = [one for files in self._files for version in files.versions for one in version.rules]
        kinds = {one.kind for one in written if one.id == rule}
        if not kinds:
            raise KeyError(rule)
        values = [value_of(kind, parameter, value) for kind in kinds]
        return replace(self, changed={**self.changed, (rule, parameter): values[0]})

    # --- how a day's rules come about --------------------------------------------------------------------

    def _rules(self, day: date) -> tuple[Rule, ...]:
        of_law = self._law_rules(day)
        version = self.policy.on(day) if self.policy else None
        if version is None:
            return tuple(of_law.values())
        found: list[Rule] = []
        pairs: dict[str, list[Rule]] = {}
        for written in version.rules:
            rule = self._rule(written, {})
            if rule.tightens in of_law:
                rule = merged(rule, of_law[rule.tightens])
                pairs.setdefault(rule.tightens, []).append(rule)
            found.append(rule)
        left = (left_of(rule, pairs.get(key, ()), version.roles) for key, rule in of_law.items())
        return (*found, *(rule for rule in left if rule is not None))

    def _law_rules(self, day: date) -> dict[str, Rule]:
        version = self.law.on(day)
        if version is None:
            return {}
        law = self.statute.on(day)
        return {rule.id: rule for rule in self._of_law(version.rules, law)}

    def _of_law(self, rules: Iterable[WrittenRule], law: Law) -> Iterator[Rule]:
        for written in rules:
            if (stated := written.of_law(law)) is not None:
                yield self._rule(written, stated)

    def _rule(self, written: WrittenRule, of_law: Mapping[str, Any]) -> Rule:
        """A rule of the day by itself, before law and policy are put together."""
        return written.rule(self._filled(written, of_law))

    def _filled(self, written: WrittenRule, of_law: Mapping[str, Any]) -> dict[str, Any]:
        """Values for what a rule leaves open, and those that were changed."""
        own = self.settings.rules.get(written.id, {}) if self.settings else {}
        filled = {name: value_of(written.kind, name, own[name]) for name in written.by_school}
        changed = {name: value for (rule, name), value in self.changed.items() if rule == written.id}
        return {**of_law, **filled, **changed}

    def _regime(self, day: date) -> int:
        return bisect_right(self._law_days, day)

    @property
    def _files(self) -> tuple[PolicyFiles, ...]:
        return (self.policy, self.law) if self.policy else (self.law,)

    @cached_property
    def _known(self) -> dict[object, tuple[Rule, ...]]:
        return {}

    @cached_property
    def _law_days(self) -> list[date]:
        """The days on which any value of the statute begins or has ended."""
        days = {value.from_on for value in self.statute.values}
        ends = {value.until_on for value in self.statute.values if value.until_on is not None}
        return sorted(days | {day + timedelta(days=1) for day in ends})

    @cached_property
    def _version_days(self) -> frozenset[date]:
        return frozenset(one.in_force_from_on for files in self._files for one in files.versions)

    @cached_property
    def _changes(self) -> list[date]:
        return sorted({*self._law_days, *self._version_days})


def _as_policy(version: WrittenPolicy, rules: tuple[Rule, ...]) -> Policy:
    return Policy(
        id=version.id,
        title=version.title,
        in_force_from_on=version.in_force_from_on,
        adopted_on=version.adopted_on,
        roles=version.roles,
        clauses=version.clauses,
        rules=rules,
        letters=version.letters,
        prose=version.prose,
        folder=version.folder,
        is_law=version.is_law,
    )
