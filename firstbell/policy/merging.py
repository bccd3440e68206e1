"""What is asked where a policy and the law speak of the same thing? The stricter of the two.

`merged` puts a policy rule and the rule of law that it names together; `left_of` says what is then still to
be asked by the law's own. Where the policy would ask less, the law's value is taken and both are named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import time
from typing import Any

import msgspec

from firstbell.policy.parameters import Params, Reserved
from firstbell.policy.rule import AppliesTo, Rule
from firstbell.policy.terms import Span

__all__ = ["left_of", "merged", "stricter_of"]

SESSIONS = {"both": {"morning", "afternoon"}}


def merged(policy: Rule, law: Rule) -> Rule:
    """The policy's rule with every parameter at least as strict as the law's, implementing both.

    Only parameters that its kind calls stricter in one direction are compared; others stay the policy's.
    """
    changes: dict[str, Any] = {}
    said: list[str] = []
    for name, direction in policy.params.stricter.items():
        ours, theirs = getattr(policy.params, name), getattr(law.params, name)
        value = stricter_of(policy.params, name, theirs)
        if value != ours:
            changes[name] = value
            said.append(_words(direction, name, (policy, ours), (law, theirs)))
    return replace(
        policy,
        params=msgspec.structs.replace(policy.params, **changes) if changes else policy.params,
        implements=(*policy.implements, *(one for one in law.implements if one not in policy.implements)),
        source=policy.source or law.source,
        stricter=tuple(said),
    )


def stricter_of(params: Params, name: str, of_law: Any) -> Any:
    """The stricter of a parameter and the law's value for it.

    A parameter that is empty because another is stated in its place (`closes` for `minutes_open`) stays so.
    Spans of different units cannot be compared: then it is the law's.
    """
    ours = getattr(params, name)
    if of_law is None or (
        ours is None and any(getattr(params, one) is not None for one in _instead(params, name))
    ):
        return ours
    if ours is None:
        return of_law
    direction = params.stricter[name]
    if direction == "more":
        if {*of_law} <= {*ours}:
            return ours
        return (*of_law, *(one for one in ours if one not in of_law))
    first, second = _comparable(ours), _comparable(of_law)
    if first[0] != second[0]:
        return of_law
    law_is_stricter = second > first if direction == "higher" else second < first
    return of_law if law_is_stricter else ours


def _instead(params: Params, name: str) -> Iterable[str]:
    return (other for pair in params.either if name in pair for other in pair if other != name)


def _comparable(value: Any) -> tuple[str, Any]:
    if isinstance(value, Span):
        return str(value.unit), value.number
    return type(value).__name__, value


def _words(direction: str, name: str, ours: tuple[Rule, Any], theirs: tuple[Rule, Any]) -> str:
    (policy, own), (law, its) = ours, theirs
    sources = f"{_named(law)}; the policy, {_named(policy)}"
    shown = name.replace("_", " ")
    if direction == "more":
        missing = ", ".join(str(one) for one in its if one not in own)
        return f"law counts {missing} as well ({sources}, has {_shown(own)})."
    if own is None:
        return f"law states {_shown(its)} for {shown} ({sources}, states none)."
    return f"law asks for {_shown(its)} for {shown} ({sources}, has {_shown(own)})."


def _named(rule: Rule) -> str:
    return rule.source or ", ".join(rule.implements) or f'rule "{rule.id}"'


def _shown(value: Any) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def left_of(law: Rule, merged_rules: Iterable[Rule], roles: Collection[str] = ()) -> Rule | None:
    """What of a rule of law still has to be asked beside the merged rules that tighten it; None for nothing.

    A merged rule stands for the law's if it asks in the same form, asks the same role, and is about the same
    thing. Another role is as good where the law's is none of the policy's, or where what shows the one done
    shows the other done as well: then two people would be asked for one thing. One for some year groups
    stands for it in those, one for the morning's register in the mornings: the law's rule is left for the
    others, and for pupils whose year group is not known. Who may do something the policy says in the law's
    place, action by action.
    """
    merged_rules = tuple(merged_rules)
    if isinstance(law.params, Reserved):
        return _left_reserved(law, law.params, merged_rules)
    standing = [
        rule
        for rule in merged_rules
        if _asks_alike(rule, law, roles)
        and _covers(rule.applies_to, law.applies_to)
        and _same_scope(rule.params, law.params)
    ]
    left = {}
    for session in sorted(_sessions(law.params)):
        own = [rule.applies_to.year_groups for rule in standing if session in _sessions(rule.params)]
        if frozenset() not in own:
            left[session] = frozenset[str]().union(*own)
    if not left:
        return None
    excluded = frozenset.intersection(*left.values())
    if law.applies_to.year_groups and law.applies_to.year_groups <= excluded:
        return None
    params = law.params
    if len(left) == 1 and "session" in law.params.scope:
        params = msgspec.structs.replace(params, session=min(left))
    return replace(law, params=params, applies_to=replace(law.applies_to, without_year_groups=excluded))


def _settles(ours: Rule, theirs: Rule) -> bool:
    """Whether everything that by itself shows the law's rule done shows the other done too."""
    return bool(theirs.settled_by) and {*theirs.settled_by} <= {*ours.settled_by}


def _asks_alike(ours: Rule, law: Rule, roles: Collection[str]) -> bool:
    """Whether a rule asks in the law's form and the same role, or one that is as good.

    What asks for nothing has neither form nor role that could differ.
    """
    if law.params.family == "nothing":
        return True
    return ours.form == law.form and (ours.who == law.who or law.who not in roles or _settles(ours, law))


def _left_reserved(law: Rule, params: Reserved, merged_rules: Iterable[Rule]) -> Rule | None:
    """The actions that the policy does not keep for roles of its own; None where it does for every one.

    The law keeps them for whoever the proprietor has authorised: the policy says who that is.
    """
    ours = {
        action
        for rule in merged_rules
        if isinstance(rule.params, Reserved) and rule.applies_to == law.applies_to
        for action in rule.params.actions
    }
    left = tuple(action for action in params.actions if action not in ours)
    return replace(law, params=msgspec.structs.replace(params, actions=left)) if left else None


def _covers(ours: AppliesTo, theirs: AppliesTo) -> bool:
    """Whether a rule is about everybody whom the law's is about, as far as year groups do not matter."""
    return (
        ours.of_age in (None, theirs.of_age)
        and ours.without_flags <= theirs.without_flags
        and all(
            not mine or (its and its <= mine)
            for mine, its in ((ours.flags, theirs.flags), (ours.half_terms, theirs.half_terms))
        )
    )


def _same_scope(ours: Params, theirs: Params) -> bool:
    return all(getattr(ours, one) == getattr(theirs, one) for one in theirs.scope if one != "session")


def _sessions(params: Params) -> set[str]:
    """The sessions that a rule is about; one without a name where its kind does not tell them apart."""
    stated = str(getattr(params, "session", "")) if "session" in params.scope else ""
    return SESSIONS.get(stated, {stated})
