"""What is a fact, and what was known of it when?

A fact is something that happened or was decided, by a person, about a pupil, a parent, a member of staff, a
group or the school. It has two kinds of time: when it happened, and when the school knew. Facts are never
changed: a correction is another fact that replaces the first, and so is the retraction of a mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

from firstbell.facts.data import Data

__all__ = ["About", "By", "Fact", "Facts"]

_Data = TypeVar("_Data", bound=Data)


@dataclass(frozen=True)
class About:
    """Whom a fact is about. With nothing set it is about the school itself.

    A penalty notice is about an enrolment and a parent; a lucky dip about a group.
    """

    enrolment: str = ""
    parent: str = ""
    staff: str = ""
    group: str = ""

    def __str__(self) -> str:
        said = {"enrolment": self.enrolment, "parent": self.parent, "staff": self.staff, "group": self.group}
        return ", ".join(f"{name} {value}" for name, value in said.items() if value) or "the school"


@dataclass(frozen=True)
class By:
    """Who recorded a fact: in which role, and which person. A system's own facts are by the role "system"."""

    role: str
    id: str = field(default="", repr=False)


@dataclass(frozen=True)
class Fact:
    """One fact. `on` is the day that it is about, `at` when it happened, `known_at` when the school knew.

    `replaces` is the id of the fact that this one corrects or, if `data` is a retraction, takes back.
    """

    id: str
    about: About
    on: date
    at: datetime
    known_at: datetime
    by: By
    data: Data = field(repr=False)
    replaces: str = ""

    @property
    def kind(self) -> str:
        """The name of its kind, as files and documents have it."""
        return self.data.kind


@dataclass(frozen=True, eq=False)
class Facts:
    """The facts of a school in the order in which they became known."""

    all: tuple[Fact, ...] = ()

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.all)

    def __len__(self) -> int:
        """How many there are, those that were replaced included."""
        return len(self.all)

    @classmethod
    def in_order(cls, facts: Sequence[Fact]) -> Facts:
        """Facts put in the order of `known_at`; of two at one moment the first in the list stays first."""
        return cls(tuple(sorted(facts, key=lambda fact: fact.known_at)))

    def standing(self, key: str) -> Fact | None:
        """The fact that stands in place of one by now, after all corrections; None if it was taken back."""
        last: Fact | None = None
        for fact in self.all:
            if fact.id == key or (last is not None and fact.replaces == last.id):
                last = fact
                if fact.data.takes_back:
                    return None
        return last

    def as_known(self, moment: datetime | None = None) -> Facts:
        """The facts that stood at `moment` (None: now, with all that is recorded).

        What became known later is not seen, and neither is what had been replaced or taken back by then. A
        correction that came later leaves the first version standing: that is what people acted on. Taking a
        correction back does not bring back what it had corrected: that is recorded anew.
        """
        known = [fact for fact in self.all if moment is None or fact.known_at <= moment]
        gone = {fact.replaces for fact in known if fact.replaces}
        return Facts(tuple(fact for fact in known if fact.id not in gone and not fact.data.takes_back))

    def of(self, kind: type[_Data]) -> Iterator[tuple[Fact, _Data]]:
        """The facts of one kind, each with its data."""
        # Kinds have no kinds of their own below them, so that the very class tells them apart.
        return ((fact, fact.data) for fact in self._by_kind.get(kind, ()) if isinstance(fact.data, kind))

    def about(self, enrolment: str) -> Facts:
        """The facts about one enrolment."""
        return Facts(tuple(self._by_enrolment.get(enrolment, ())))

    @cached_property
    def origins(self) -> dict[str, str]:
        """For every fact the id of the first version of it: of what it corrects, of what that corrects ..."""
        found: dict[str, str] = {}
        for fact in self.all:
            found[fact.id] = found.get(fact.replaces, fact.replaces) or fact.id
        return found

    @cached_property
    def by_id(self) -> dict[str, Fact]:
        """The facts by their ids."""
        return {fact.id: fact for fact in self.all}

    @cached_property
    def _by_kind(self) -> dict[type[Data], list[Fact]]:
        found: dict[type[Data], list[Fact]] = {}
        for fact in self.all:
            found.setdefault(type(fact.data), []).append(fact)
        return found

    @cached_property
    def _by_enrolment(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for fact in self.all:
            found.setdefault(fact.about.enrolment, []).append(fact)
        return found
