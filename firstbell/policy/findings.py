"""Where does a policy break the law, contradict itself, or leave unsaid what it should say?

Each check looks at what the files state, as data; none reads prose. What only a reader can find a person
declares in `findings.toml`, and both are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from firstbell.policy.files import PolicyFiles
from firstbell.policy.finding import Check, Finding, Looked
from firstbell.policy.findings_inside import INSIDE
from firstbell.policy.findings_of_law import AGAINST_LAW
from firstbell.policy.rule import Declared
from firstbell.policy.settings import SchoolSettings
from firstbell.statute import Statute

__all__ = ["CHECKS", "Finding", "declared_of", "findings_of"]

CHECKS: Mapping[str, Check] = {**AGAINST_LAW, **INSIDE}
"""Every check by its name."""
ORDER = {"against the law": 0, "inside the policy": 1}


def findings_of(
    policy: PolicyFiles,
    statute: Statute,
    law: PolicyFiles,
    settings: SchoolSettings | None = None,
    *,
    on: date | None = None,
) -> tuple[Finding, ...]:
    """What the checks find in the newest version of a policy, the law's first, then by the rows of the file.

    `on` is the day by whose law it is judged, and on which a review may be overdue: by default the first day
    on which the version is in force. A finding that the policy's own list names has its number there.
    """
    version = policy.versions[-1]
    day = on or version.in_force_from_on
    looked = Looked(version, statute.on(day), law.on(day), day, settings)
    found = [one for check in CHECKS.values() for one in check(looked)]
    numbered = [_numbered(one, version.declared) for one in found]
    return tuple(sorted(numbered, key=_place))


def _place(one: Finding) -> tuple[int, int]:
    return ORDER[one.sort], (one.place.row or 0) if one.place else 0


def _numbered(one: Finding, declared: Iterable[Declared]) -> Finding:
    """A finding with its number in the list: of those of its check, the one that names one of its clauses."""
    same = [row for row in declared if row.computed == one.check]
    exact = [row for row in same if {*row.clauses} & {*one.clauses}]
    chosen = exact or (same if len(same) == 1 else [])
    return replace(one, number=chosen[0].number) if chosen else one


def declared_of(policy: PolicyFiles) -> tuple[Finding, ...]:
    """What a person declared of the newest version and no check can find."""
    version = policy.versions[-1]
    return tuple(
        Finding("", "inside the policy", one.text, one.default, one.clauses, number=one.number)
        for one in version.declared
        if not one.computed
    )
