"""What was handed back of earlier reviews, laid beside the facts: whose it is, and what it contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from firstbell.exchange.duty_files import HandedBack
from firstbell.exchange.fact_lines import FactsRead
from firstbell.exchange.pupils import PupilsRead
from firstbell.facts import Fact, Facts
from firstbell.facts.cases import DutyAssigned, DutyDeferred
from firstbell.problems import Place, Problem

__all__ = ["contradicting", "of_here", "together"]


def together(facts: Sequence[FactsRead], handed: Sequence[HandedBack]) -> Facts:
    """Facts and what was handed back; what a fact says of a duty already is not said again."""
    read = Facts.in_order([fact for one in facts for fact in one.facts])
    named = {
        getattr(fact.data, "duty", "")
        for fact in read.as_known()
        if not isinstance(fact.data, DutyAssigned | DutyDeferred)
    }
    back: dict[str, Fact] = {}
    for one in handed:
        for fact in one.facts:
            key = getattr(fact.data, "duty", "")
            if key not in named:
                back[key if not isinstance(fact.data, DutyDeferred) else f"put off {key}"] = fact
    return Facts.in_order([*read, *back.values()])


def of_here(handed: HandedBack, pupils: PupilsRead, school: str) -> tuple[HandedBack, list[Problem]]:
    """What was handed back, about the pupils as these files know them, and what is said about nobody here.

    A stay whose first day was corrected has another id; its pupil is known by the school's number.
    """
    if handed.school and handed.school != school:
        what = f'The file is of "{handed.school}", and this is "{school}".'
        remedy = "Hand back a file of this school. If it was renamed, write the new name into the file."
        problem = Problem("duties-of-another-school", Place(handed.file), what, remedy)
        return replace(handed, facts=()), [problem]
    here = {one.id for one in pupils.enrolments}
    now = _enrolments_by_number(pupils)
    kept, lost = [], 0
    for fact in handed.facts:
        other = fact.about.enrolment
        if not other or other in here:
            kept.append(fact)
        elif (own := now.get(handed.numbers.get(other, ""), "")) and own != other:
            kept.append(_renamed(fact, other, own))
        else:
            lost += 1
    if not lost:
        return replace(handed, facts=tuple(kept)), []
    what = f"{lost} of the duties filled in are about pupils who are not in these files."
    remedy = "They are not counted. Look whether the files are those of the school whose duties they are."
    problem = Problem("duties-of-nobody", Place(handed.file), what, remedy, severity="warning")
    return replace(handed, facts=tuple(kept)), [problem]


def _enrolments_by_number(pupils: PupilsRead) -> dict[str, str]:
    """The latest stay of each pupil, by the numbers under which a file of duties may name the pupil."""
    found = {}
    by_id = {one.id: one for one in pupils.pupils}
    for one in sorted(pupils.enrolments, key=lambda one: one.starts_on):
        pupil = by_id.get(one.pupil)
        for known_as in (pupil.admission_number, pupil.upn) if pupil else ():
            if known_as:
                found[known_as] = one.id
    return found


def _renamed(fact: Fact, other: str, own: str) -> Fact:
    key = (
        str(getattr(fact.data, "duty", ""))
        .replace(f"|{other}|", f"|{own}|")
        .replace(f"|{other}/", f"|{own}/")
    )
    data = msgspec.structs.replace(fact.data, duty=key)
    return replace(fact, about=replace(fact.about, enrolment=own), data=data)


def contradicting(handed: Sequence[HandedBack]) -> list[Problem]:
    """Duties that one file says are done and another says are withheld."""
    said: dict[str, str] = {}
    both: set[str] = set()
    for one in handed:
        for fact in one.facts:
            key = getattr(fact.data, "duty", "")
            if said.setdefault(key, fact.kind) != fact.kind and not isinstance(fact.data, DutyDeferred):
                both.add(key)
    if not both:
        return []
    what = f"{len(both)} duties are done by one of the files and withheld by another: the later file counts."
    remedy = "Hand back the last file only, or correct one of them."
    return [Problem("duties-contradict", Place(), what, remedy, severity="warning")]
