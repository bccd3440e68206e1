"""Invented schools: everything that a school's systems hold, none of it about anybody.

`invent` makes one school from a seed, `invent_trust` several with families between them. The same seed gives
the same bytes. A school's registers are saves and amendments like any other's; nothing downstream can tell
that nobody ever sat in it, except that its town does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from firstbell.exchange.contacts import Contact
from firstbell.exchange.pupils import Pupil
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import AttendanceRegister, Enrolment, Strips
from firstbell.sessions import Calendar
from firstbell.statute import Statute, england
from firstbell.synth.calibration import PHASES, phase
from firstbell.synth.people import (
    Child,
    Parent,
    contacts_of,
    families_of,
    invented_children,
    school_places,
)
from firstbell.synth.recording import recorded
from firstbell.synth.school_years import enrolments_of, year_of_marks
from firstbell.synth.terms import invented_calendar

__all__ = ["FIRST_YEAR", "InventedSchool", "invent", "invent_trust"]

TITLES = {"primary": "Primary School", "secondary": "Secondary School", "special": "Special School"}
FIRST_YEAR, LAST_YEAR = 2024, 2027
"""The codes that are used came into force in August 2024; bank holidays are published a few years ahead."""
FEWEST, MOST, MOST_IN_TRUST = 20, 5_000, 30_000
TRUST: tuple[tuple[str, float, int], ...] = (
    ("secondary", 0.5, 1_000),
    ("primary", 0.47, 400),
    ("special", 0.03, 120),
)
"""What a trust is made of: each kind's share of the pupils, and about how many one school of it has."""


@dataclass(frozen=True, eq=False)
class InventedSchool:
    """One invented school over one school year.

    `strips` are the marks as they stand at last; `register` is the saves and amendments that make them,
    worked out when first asked for, because figures do not need it.
    """

    kind: str
    year: int
    seed: int
    calendar: Calendar
    pupils: tuple[Pupil, ...] = field(repr=False)
    parents: tuple[Parent, ...] = field(repr=False)
    contacts: tuple[Contact, ...] = field(repr=False)
    strips: Strips = field(repr=False)
    children: tuple[Child, ...] = field(repr=False)
    number: int = 0

    @property
    def name(self) -> str:
        """The school's name."""
        return self.calendar.school

    @property
    def enrolments(self) -> tuple[Enrolment, ...]:
        """One enrolment a pupil, in the order of the strips' rows."""
        return self.strips.enrolments

    @cached_property
    def register(self) -> AttendanceRegister:
        """The attendance register: folded, it gives `strips`."""
        random = _generator(self.seed, self.year, self.number, "recording")
        return recorded(self.strips, self.children, self.calendar, random)


def invent(
    kind: str, pupils: int, seed: int, year: int = FIRST_YEAR, *, statute: Statute | None = None
) -> InventedSchool:
    """A school of `pupils` pupils in the school year that starts in `year`, from a seed.

    Its absence, authorised and unauthorised, persistent and severe, is that of England's schools of its kind
    with a little of its own; so are the codes, terms, weekdays, free school meals and SEN. `kind` is
    primary, secondary or special. Raises `Unusable` for a kind, a size or a year that cannot be invented.
    """
    _check(kind in PHASES, "kind", f'"{kind}" is not a kind of school', f"Use one of {', '.join(PHASES)}.")
    _check_numbers(pupils, year, MOST)
    return _schools(((kind, pupils),), seed, year, statute or england())[0]


def invent_trust(
    pupils: int, seed: int, year: int = FIRST_YEAR, *, statute: Statute | None = None
) -> tuple[InventedSchool, ...]:
    """The schools of a trust with so many pupils together: secondary, primary, and special from 1,500 on.

    Brothers and sisters may be at different schools of it, under one address and with the same parents.
    """
    _check_numbers(pupils, year, MOST_IN_TRUST)
    _check(pupils >= 300, "pupils", f"{pupils} pupils are too few for a trust", "Ask for 300 or more.")
    return _schools(_trust_plan(pupils), seed, year, statute or england())


def _trust_plan(pupils: int) -> tuple[tuple[str, int], ...]:
    plan: list[tuple[str, int]] = []
    left = pupils
    for kind, share, size in reversed(TRUST):
        if kind == "special" and pupils < 1_500:
            continue
        of_kind = left if kind == TRUST[0][0] else round(pupils * share)
        left -= of_kind
        schools = max(1, round(of_kind / size))
        plan += [(kind, of_kind * (i + 1) // schools - of_kind * i // schools) for i in range(schools)]
    return tuple(reversed(plan))


def _schools(
    plan: Sequence[tuple[str, int]], seed: int, year: int, statute: Statute
) -> tuple[InventedSchool, ...]:
    names = school_places(len(plan), _generator(seed, year, 0, "names"))
    people = _generator(seed, year, 0, "people")
    rolls: list[list[Child]] = []
    for kind, pupils in plan:
        first = sum(map(len, rolls))
        rolls.append(invented_children(phase(kind), pupils, year, people, first=first))
    together = [child for roll in rolls for child in roll]
    families_of(together, phase(plan[0][0]), (seed, year), people)
    return tuple(
        _school(kind, roll, f"{name} {TITLES[kind]}", (seed, year, number), statute)
        for number, ((kind, _), roll, name) in enumerate(zip(plan, rolls, names, strict=True))
    )


def _school(
    kind: str, children: Sequence[Child], name: str, of: tuple[int, int, int], statute: Statute
) -> InventedSchool:
    seed, year, number = of
    random = _generator(seed, year, number, "marks")
    calendar = invented_calendar(name, kind, year)
    enrolments = enrolments_of(children, calendar, phase(kind), random)
    marks = year_of_marks(children, enrolments, calendar, phase(kind), statute, random)
    parents = {parent.id: parent for child in children for parent in child.home.parents}
    return InventedSchool(
        kind,
        year,
        seed,
        calendar,
        tuple(child.record for child in children),
        tuple(parents.values()),
        tuple(contact for child in children for contact in contacts_of(child)),
        marks.strips,
        tuple(children),
        number,
    )


STAGES = ("names", "people", "marks", "recording")


def _generator(seed: int, year: int, school: int, stage: str) -> np.random.Generator:
    """Chance of its own for each stage: one that draws more does not change what the next one draws."""
    sequence = np.random.SeedSequence([seed, year, school, STAGES.index(stage)])
    return np.random.Generator(np.random.PCG64(sequence))


def _check_numbers(pupils: int, year: int, most: int) -> None:
    _check(
        FEWEST <= pupils <= most,
        "pupils",
        f"{pupils:,} pupils cannot be invented",
        f"Ask for {FEWEST} to {most:,}.",
    )
    _check(
        FIRST_YEAR <= year <= LAST_YEAR,
        "year",
        f"{year} cannot be invented: the codes of today are used, and bank holidays must be known",
        f"Use {FIRST_YEAR} to {LAST_YEAR}, the year in which the school year starts.",
    )


def _check(holds: bool, part: str, what: str, remedy: str) -> None:
    if not holds:
        raise Unusable([Problem("synth", Place(part=part), f"{what}.", remedy)])
