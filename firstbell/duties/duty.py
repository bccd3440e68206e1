"""What is an occurrence, what is a duty, and by which key do facts speak of one?

An occurrence is a rule that has come to apply to somebody, once: the fourth day of this absence, this request
for leave, this week's award. A duty is an occurrence with what has become of it. Both are worked out anew
every time; only facts are kept, and a fact names a duty by its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from firstbell.facts import About
from firstbell.measures import Rate
from firstbell.policy.rule import Form, Rule
from firstbell.sessions import Session

__all__ = ["Advice", "Because", "Duty", "Named", "Occurrence", "State", "key_of", "parts_of_key", "whom_of"]

Named: TypeAlias = Mapping[str, object]
"""Numbers and texts of a reason by their names: {"day": 4}."""


class State(StrEnum):
    """What has become of an occurrence.

    `lapsed`: nobody did it while its reason held. `basis changed`: it was done, and a later correction took
    its reason away; it is shown, so that somebody can put right what followed.
    """

    COMING = "coming"
    OPEN = "open"
    DEFERRED = "deferred"
    DONE = "done"
    WITHHELD = "withheld"
    LAPSED = "lapsed"
    BASIS_CHANGED = "basis changed"


@dataclass(frozen=True)
class Because:
    """Why: the sessions it rests on, the rate and what it was compared with, the facts, and named numbers.

    What it says in words is made when somebody looks (`explain`).
    """

    sessions: tuple[Session, ...] = ()
    rate: Rate | None = None
    limit: str = ""
    facts: tuple[str, ...] = ()
    named: Named = field(default_factory=dict)


@dataclass(frozen=True)
class Advice:
    """What one test of the policy says of a request: refuse it, weigh it, or that it cannot be granted."""

    rule: Rule
    says: str
    because: Because


@dataclass(frozen=True)
class Occurrence:
    """A rule that has come to apply.

    `anchor` is what a corrected mark rarely moves: the first day of a run, the id of a fact, a period's
    first day, the nth time in a school year. `holds` says whether the reason still holds at the moment of
    asking. `span` are the days within which something that was done counts as this one, where the anchor
    can move; `settles_from` is the day from which facts show by themselves that it was done, where that is
    before it arose; `shown_done` are facts that by themselves say that it was done.
    """

    rule: Rule
    about: About
    anchor: str
    arose_on: date
    because: Because
    due_on: date | None = None
    due_at: datetime | None = None
    holds: bool = True
    span: tuple[date, date] | None = None
    suggests: str = ""
    offers: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    place: int | None = None
    settles_from: date | None = None
    shown_done: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its key, by which facts name it."""
        return key_of(self.rule.id, self.about, self.anchor)


@dataclass(frozen=True)
class Duty:
    """An occurrence with its state: what somebody owes, or owed, by when, and what became of it.

    `facts` are those that decided the state. `who` is the role that owes it now.
    """

    key: str
    occurrence: Occurrence
    state: State
    who: str
    facts: tuple[str, ...] = ()
    deferred_until_on: date | None = None
    settled_on: date | None = None

    @property
    def rule(self) -> Rule:
        """The rule that it comes from."""
        return self.occurrence.rule

    @property
    def about(self) -> About:
        """Whom it is about."""
        return self.occurrence.about

    @property
    def asks(self) -> str:
        """The name of what is asked for."""
        return self.rule.asks or self.rule.id

    @property
    def suggests(self) -> str:
        """The answer that is offered first: by the facts or, where they suggest none, by the rule."""
        return self.occurrence.suggests or self.rule.suggests

    @property
    def form(self) -> Form:
        """The form in which it meets a person."""
        return self.rule.form

    @property
    def due_on(self) -> date:
        """The day by which it is due: the day on which it arose, where no other is said."""
        if self.deferred_until_on is not None:
            return self.deferred_until_on
        if self.occurrence.due_at is not None:
            return self.occurrence.due_at.date()
        return self.occurrence.due_on or self.occurrence.arose_on

    @property
    def comes_first(self) -> bool:
        """Whether the pupil is one of those whose families are called first."""
        return self.occurrence.because.named.get("call_first") is True

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes it."""
        return self.state in (State.OPEN, State.DEFERRED)


def key_of(rule: str, about: About, anchor: str) -> str:
    """The key of an occurrence: which rule, about whom, anchored where."""
    return f"{rule}|{whom_of(about)}|{anchor}"


def whom_of(about: About) -> str:
    """Whom a key is about: an enrolment, and which parent of it; else a group, a person, or the school."""
    if about.enrolment:
        return f"{about.enrolment}/{about.parent}" if about.parent else about.enrolment
    return about.group or about.staff or about.parent or "school"


def parts_of_key(key: str) -> tuple[str, str, str]:
    """The rule, whom, and the anchor of a key; empty texts for what is no key."""
    rule, _, rest = key.partition("|")
    whom, _, anchor = rest.rpartition("|")
    return rule, whom, anchor
