"""Who are the pupils of an invented school, their families, and those to be rung about them?

Year groups, free school meals and SEN in the proportions of England; brothers and sisters under one roof. All
is invented: telephone numbers come from the ranges that Ofcom keeps for drama, e-mails end in example.org,
the local authority has a number that none has. Says nothing about who attends.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from firstbell.exchange.contacts import Contact
from firstbell.exchange.pupils import Pupil, check_letter
from firstbell.synth.calibration import Phase

__all__ = [
    "Child",
    "Contact",
    "Family",
    "Parent",
    "contacts_of",
    "families_of",
    "invented_children",
    "invented_id",
    "school_places",
]

AUTHORITY = "001"
YEARS = {"primary": range(7), "secondary": range(7, 12), "special": range(1, 12)}
"""The year groups of each kind of school; 0 is reception."""
CLASS_SIZE = {"primary": 30, "secondary": 28, "special": 9}
CLASS_NAMES = {
    "primary": ("Ash", "Beech", "Cedar", "Elm", "Fir", "Hazel", "Oak", "Rowan"),
    "secondary": tuple("ABCDEFGHJKLMNPRSTW"),
    "special": ("Amber", "Blue", "Coral", "Green", "Lilac", "Ruby"),
}
FAMILY_SIZES = (0.62, 0.31, 0.07)
"""Families with one, two and three children at the school or trust. Assumed."""


@dataclass(frozen=True)
class Parent:
    """A parent as education law uses the word, with where to reach them."""

    id: str
    title: str = field(repr=False)
    forename: str = field(repr=False)
    surname: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(repr=False)
    address: tuple[str, ...] = field(repr=False)
    postcode: str = field(repr=False)


@dataclass(frozen=True)
class Family:
    """Children of one household. `tendency` is what they share of being away; mean 0, variance 1."""

    number: int
    ethnicity: str
    language: str
    surname: str = field(repr=False)
    parents: tuple[Parent, ...] = field(repr=False)
    tendency: float = field(repr=False)


@dataclass
class Child:
    """A pupil in the making."""

    number: int
    year: int
    fsm: bool
    sen: str
    sex: str
    born_on: date
    group: str = ""
    school: str = ""
    family: Family | None = None
    pupil: Pupil | None = None

    @property
    def home(self) -> Family:
        """The family; every child has one once `families_of` has run."""
        if self.family is None:
            raise LookupError(f"child {self.number} has no family yet")
        return self.family

    @property
    def record(self) -> Pupil:
        """The pupil as files name them; every child is one once `families_of` has run."""
        if self.pupil is None:
            raise LookupError(f"child {self.number} has no name yet")
        return self.pupil


def invented_children(
    calibration: Phase, pupils: int, year: int, random: np.random.Generator, *, first: int = 0
) -> list[Child]:
    """As many children as asked for, year group by year group, without names; numbered from `first`.

    How many have free school meals, and SEN, is not left to chance: it is the national share of each year
    group, rounded so that the sum is right. Who of them does is.
    """
    years = YEARS[calibration.name]
    children: list[Child] = []
    for place, group in enumerate(years):
        size = pupils * (place + 1) // len(years) - pupils * place // len(years)
        rows = [row for row in calibration.bands if row.year == max(group, 1)]
        kinds = np.repeat(np.arange(len(rows)), _rounded([row.size for row in rows], size))
        girls = round(size * calibration.ratio("girls"))
        sexes = random.permutation(["F"] * girls + ["M"] * (size - girls))
        born = date(year - group - 5, 9, 1)
        for kind, sex in zip(random.permutation(kinds), sexes, strict=True):
            row = rows[int(kind)]
            plan = row.sen and random.random() < calibration.ratio("care_plan_of_sen")
            sen = ("E" if plan else "K") if row.sen else "none"
            born_on = born + timedelta(days=int(random.integers(0, 365)))
            children.append(Child(first + len(children), group, row.fsm, sen, str(sex), born_on))
        _put_in_classes(children[len(children) - size :], calibration.name, group)
    return children


def _rounded(weights: Sequence[int], size: int) -> list[int]:
    """`size` shared out by weights in whole numbers, the largest remainders rounded up."""
    exact = [size * weight / sum(weights) for weight in weights]
    shares = [int(share) for share in exact]
    rest = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for place in rest[: size - sum(shares)]:
        shares[place] += 1
    return shares


def _put_in_classes(children: Sequence[Child], kind: str, year: int) -> None:
    names = CLASS_NAMES[kind]
    classes = max(1, -(-len(children) // CLASS_SIZE[kind]))
    label = "R" if year == 0 else str(year)
    for place, child in enumerate(children):
        number = place % classes
        # After the last name they start again with a number: a year group of any size has enough.
        name = names[number % len(names)] + (str(number // len(names) + 1) if number >= len(names) else "")
        child.group = f"{label}{name}" if kind == "secondary" else f"{label} {name}"


def families_of(
    children: Sequence[Child], calibration: Phase, seed: Sequence[int], random: np.random.Generator
) -> list[Family]:
    """Puts children under one roof and gives every child a family and a name.

    Brothers and sisters share surname, address, parents, ethnic group, language and free school meals; they
    are in different year groups. `seed` only goes into the random-looking ids.
    """
    families: list[Family] = []
    for fsm in (False, True):
        waiting = [children[i] for i in random.permutation(len(children)) if children[i].fsm == fsm]
        while waiting:
            size = int(random.choice(len(FAMILY_SIZES), p=FAMILY_SIZES)) + 1
            siblings = [waiting.pop()]
            for other in reversed(waiting[-12:]):
                if len(siblings) < size and other.year not in {child.year for child in siblings}:
                    siblings.append(other)
                    waiting.remove(other)
            family = _family(len(families), calibration, seed, random)
            families.append(family)
            for child in siblings:
                child.family = family
    taken: set[tuple[str, str]] = set()
    for child in children:
        _name(child, taken, seed, random)
    return families


def contacts_of(child: Child) -> list[Contact]:
    """Who is to be rung about a child: the parents in turn, whether or not they live with the child."""
    parents = child.home.parents
    return [
        Contact(
            person=parent.id,
            pupil=child.record.id,
            order=place + 1,
            title=parent.title,
            surname=parent.surname,
            forename=parent.forename,
            relationship="Father" if parent.title == "Mr" else "Mother",
            responsible="yes",
            lives_with_pupil="yes" if parent.address == parents[0].address else "no",
            may_be_written_to=True,
            phones=(parent.phone,),
            email=parent.email,
            address=parent.address,
            postcode=parent.postcode,
            number=parent.id,
        )
        for place, parent in enumerate(parents)
    ]


def _family(number: int, calibration: Phase, seed: Sequence[int], random: np.random.Generator) -> Family:
    shares: Mapping[str, int] = calibration.assumed["ethnicity"]
    codes = list(shares)
    weights = np.array([shares[code] for code in codes], dtype=np.float64)
    ethnicity = str(random.choice(codes, p=weights / weights.sum()))
    english = random.random() * 1000 < calibration.assumed["home_language_english"].get(ethnicity, 900)
    names = _names()["surnames"]
    surname = _one(names.get(ethnicity, names["any"]), random)
    address, postcode = _address(random)
    parents = []
    for place in range(1 if random.random() < 0.2 else 2):
        if place and random.random() < 0.17:  # the second parent lives elsewhere
            address, postcode = _address(random)
        own = surname if random.random() < 0.85 else _one(names["any"], random)
        female = random.random() < (0.9, 0.1)[place]
        parents.append(_parent(f"{number}-{place}", own, female, (address, postcode), seed, random))
    language = "English" if english else "Other than English"
    return Family(number, ethnicity, language, surname, tuple(parents), float(random.standard_normal()))


def _parent(
    number: str,
    surname: str,
    female: bool,
    home: tuple[tuple[str, ...], str],
    seed: Sequence[int],
    random: np.random.Generator,
) -> Parent:
    forename = _one(_names()["forenames"]["F" if female else "M"], random)
    title = ("Mrs", "Ms", "Ms")[int(random.integers(3))] if female else "Mr"
    mobile = random.random() < 0.93
    digits = int(random.integers(1000))
    # Numbers that Ofcom keeps for drama, so that none of them is ever anybody's.
    phone = f"07700 {900_000 + digits}" if mobile else f"020 7946 {digits:04d}"
    email = f"{forename}.{surname}.{number}@example.org".lower().replace("'", "").replace(" ", "")
    return Parent(invented_id("parent", seed, number), title, forename, surname, phone, email, *home)


def _address(random: np.random.Generator) -> tuple[tuple[str, ...], str]:
    """An address in towns that do not exist, under a postcode of an area that does not exist."""
    street = _one(_names()["streets"]["any"], random)
    town = int(random.integers(3))
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    unit = letters[int(random.integers(len(letters)))] + letters[int(random.integers(len(letters)))]
    lines = (f"{int(random.integers(1, 140))} {street}", _names()["streets"]["towns"][town])
    return lines, f"ZA{town + 1} {int(random.integers(1, 10))}{unit}"


def _name(
    child: Child, taken: set[tuple[str, str]], seed: Sequence[int], random: np.random.Generator
) -> None:
    forenames = _names()["forenames"][child.sex]
    surname = child.home.surname
    forename = _one(forenames, random)
    for _ in range(4):
        if (surname, forename) not in taken:
            break
        forename = _one(forenames, random)
    taken.add((surname, forename))
    entered = child.born_on.year + (5 if child.born_on.month >= 9 else 4)
    number = f"{AUTHORITY}{2001 + child.number % 40}{entered % 100:02d}{child.number // 40 % 1000:03d}"
    upn = check_letter(f"?{number}") + number
    child.pupil = Pupil(
        invented_id("pupil", seed, child.number), surname, forename, "", upn, f"{child.number + 1000:06d}"
    )


def school_places(schools: int, random: np.random.Generator) -> list[str]:
    """Names of places that do not exist, one for each school."""
    places = _names()["schools"]["places"]
    quarters = ("", " North", " South", " East", " West")
    order = [f"{places[i]}{quarter}" for quarter in quarters for i in random.permutation(len(places))]
    return order[:schools]


def _one(choices: Sequence[Any], random: np.random.Generator) -> str:
    return str(choices[int(random.integers(len(choices)))])


def invented_id(kind: str, seed: Sequence[int], number: object) -> str:
    """An id that says nothing about anybody and is the same for the same seed."""
    text = "\x1f".join(map(str, (kind, *seed, number)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@cache
def _names() -> dict[str, Any]:
    text = (resources.files(__package__) / "names.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
