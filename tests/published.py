"""The policies that come with Firstbell as they are published, made once for all tests that look at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from firstbell.policy import PolicyFiles, example_school, read_policy, shipped
from firstbell.policy.files import LAW
from firstbell.policy.sections import sections_of
from firstbell.reports.published.document import Document, document
from firstbell.reports.published.rules import Published, published
from firstbell.statute import england

POLICIES = Path(__file__).resolve().parents[1] / "firstbell" / "policies"
NAMES = sorted(one.name for one in POLICIES.iterdir() if (one / "example-school.toml").is_file())


@cache
def law() -> PolicyFiles:
    return shipped(LAW, england())


@cache
def files(policy: str) -> PolicyFiles:
    return read_policy(POLICIES, policy, england(), law())


@cache
def policy(name: str, *, with_settings: bool = True) -> Published:
    """The newest version of a policy, with the settings of its invented school or without any."""
    settings = example_school(name) if with_settings else None
    own = files(name)
    return published(england(), law(), own, own.versions[-1], settings)


@cache
def shown(name: str, *, with_settings: bool = True) -> Document:
    own = policy(name, with_settings=with_settings)
    clauses = POLICIES / name / str(own.version.in_force_from_on) / "clauses.toml"
    return document(own, sections_of(clauses.read_text(encoding="utf-8")))


def changed(own: Published, rule: str, **values: Any) -> Published:
    """A policy in which some parameters of a rule have other values."""
    return _with(own, rule, lambda params: msgspec.structs.replace(params, **values))


def _with(own: Published, key: str, change: Callable[[Any], Any]) -> Published:
    rules = tuple(replace(one, params=change(one.params)) if one.id == key else one for one in own.rules)
    assert rules != own.rules
    return replace(own, rules=rules)
