"""Who is on the admission register on a day, as known at a moment?

The register is a list of entries that are never changed: a name is entered, something about the pupil
changes, the name is deleted on a ground. `as_known` folds what was recorded by a moment into enrolments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from firstbell.problems import Place, Problem

__all__ = ["AdmissionRegister", "Attribute", "Changed", "Deleted", "Enrolment", "Entered", "YEAR_GROUP"]

YEAR_GROUP = "year group"
"""The attribute by which a calendar knows whose days are whose."""


@dataclass(frozen=True)
class Attribute:
    """Something about a pupil that holds from a day until another: a year group, free school meals, SEN.

    `name` is the attribute ("year group", "registration group", "FSM"); without days it always held.
    """

    name: str
    value: str = field(repr=False)
    from_on: date | None = None
    until_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it held on `day`."""
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day <= self.until_on
        )


@dataclass(frozen=True)
class Enrolment:
    """One pupil's one unbroken stay on one school's register. Official rates count these, not pupils.

    `starts_on` is the starting day: from it every session is marked even if the pupil never comes.
    `ends_on` is the last day on which the name stands in the register, None while it does. `registration`
    is "sole", "main" or "subsidiary". The ids are random: no name or number of a person is in them.
    """

    id: str
    pupil: str
    school: str
    starts_on: date = field(repr=False)
    ends_on: date | None = field(default=None, repr=False)
    born_on: date | None = field(default=None, repr=False)
    registration: str = field(default="sole", repr=False)
    boarder: bool = field(default=False, repr=False)
    attributes: tuple[Attribute, ...] = field(default=(), repr=False)

    def on_roll(self, day: date) -> bool:
        """Whether the name stood in the register on `day`."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def overlaps(self, starts_on: date, ends_on: date | None) -> bool:
        """Whether the name stood in the register on any of some days; `ends_on` None is without end."""
        return (ends_on is None or self.starts_on <= ends_on) and (
            self.ends_on is None or starts_on <= self.ends_on
        )

    def value(self, name: str, day: date) -> str | None:
        """What an attribute was on `day`; the later statement wins where two hold."""
        if name in self._lasting:
            return self._lasting[name]
        held = [attribute for attribute in self._by_name.get(name, ()) if attribute.holds(day)]
        # Of two from the same day, the one recorded later stands further back in the list.
        return max(reversed(held), key=lambda a: a.from_on or date.min).value if held else None

    @cached_property
    def _lasting(self) -> dict[str, str]:
        """What was stated once and without days: asked for again and again, it needs no search."""
        return {
            name: own[0].value
            for name, own in self._by_name.items()
            if len(own) == 1 and own[0].from_on is None and own[0].until_on is None
        }

    @cached_property
    def _by_name(self) -> dict[str, list[Attribute]]:
        found: dict[str, list[Attribute]] = {}
        for attribute in self.attributes:
            found.setdefault(attribute.name, []).append(attribute)
        return found

    def year_group(self, day: date) -> str | None:
        """The year group on `day`."""
        return self.value(YEAR_GROUP, day)


@dataclass(frozen=True)
class Entered:
    """A name was entered in the admission register."""

    enrolment: Enrolment
    known_at: datetime
    by: str


@dataclass(frozen=True)
class Changed:
    """Something about an enrolled pupil was learnt or changed."""

    enrolment: str
    attribute: Attribute
    known_at: datetime
    by: str


@dataclass(frozen=True)
class Deleted:
    """A name was taken off the register: the last day it stood there, and the ground's letter."""

    enrolment: str
    last_on: date
    ground: str
    known_at: datetime
    by: str


@dataclass(frozen=True)
class AdmissionRegister:
    """The admission register as its entries."""

    entries: tuple[Entered | Changed | Deleted, ...]

    def as_known(self, moment: datetime | None = None) -> tuple[Enrolment, ...]:
        """The enrolments as the register stood at `moment` (None: with all that is recorded).

        An entry made later is not seen, even if it is about an earlier day: a letter of March is judged
        by what the school knew in March.
        """
        found: dict[str, Enrolment] = {}
        for entry in sorted(self.entries, key=lambda entry: entry.known_at):
            if moment is not None and entry.known_at > moment:
                break
            if isinstance(entry, Entered):
                found[entry.enrolment.id] = entry.enrolment
            elif isinstance(entry, Changed) and entry.enrolment in found:
                one = found[entry.enrolment]
                found[entry.enrolment] = replace(one, attributes=(*one.attributes, entry.attribute))
            elif isinstance(entry, Deleted) and entry.enrolment in found:
                found[entry.enrolment] = replace(found[entry.enrolment], ends_on=entry.last_on)
        return tuple(found.values())

    def on(self, day: date, moment: datetime | None = None) -> tuple[Enrolment, ...]:
        """The enrolments whose names stood in the register on `day`, as known at `moment`."""
        return tuple(enrolment for enrolment in self.as_known(moment) if enrolment.on_roll(day))

    def problems(self) -> list[Problem]:
        """Entries that cannot stand: about a name never entered, entered or deleted twice, deleted to a day
        before it started.
        """
        problems: list[Problem] = []
        entered: dict[str, Enrolment] = {}
        deleted: set[str] = set()
        for entry in sorted(self.entries, key=lambda entry: entry.known_at):
            about = entry.enrolment.id if isinstance(entry, Entered) else entry.enrolment
            if isinstance(entry, Entered):
                if about in entered:
                    problems.append(_problem("enrolment-twice", about, "was entered twice"))
                entered[about] = entry.enrolment
            elif about not in entered:
                problems.append(_problem("enrolment-unknown", about, "was never entered"))
            elif isinstance(entry, Deleted):
                problems += _deletion_problems(entry, entered[about], about in deleted)
                deleted.add(about)
        return problems


def _deletion_problems(entry: Deleted, enrolment: Enrolment, again: bool) -> Iterable[Problem]:
    if again:
        yield _problem("enrolment-deleted-twice", enrolment.id, "was deleted twice")
    if entry.known_at.date() > entry.last_on + timedelta(days=1):
        yield Problem(
            "enrolment-backdated",
            Place(part=f"enrolment {enrolment.id}"),
            f"The name was deleted on {entry.known_at.date()}, back to {entry.last_on}.",
            "A deletion is never backdated: check that every session until it was recorded has its mark.",
            severity="warning",
        )
    if entry.last_on < enrolment.starts_on:
        yield _problem("enrolment-order", enrolment.id, f"ends on {entry.last_on}, before it starts")


def _problem(rule: str, enrolment: str, what: str) -> Problem:
    return Problem(rule, Place(part=f"enrolment {enrolment}"), f"The enrolment {what}.", "Correct the entry.")
