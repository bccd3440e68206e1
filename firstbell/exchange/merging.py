"""What does a later pupils file change of the pupils that are held already?

A pupils file says what is so on the day of its export. Whoever is in it is brought up to date; whoever is not
stays as they were, because a leaver whose name is missing still has marks. An enrolment keeps its id when its
starting day is corrected, and a characteristic that differs is new from a day on, not for all the past.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from firstbell.exchange.kept_aside import KeptAside
from firstbell.exchange.pupils import Pupil, PupilsRead
from firstbell.problems import Place, Problem
from firstbell.register import Attribute, Enrolment

__all__ = ["held_pupils", "merge_pupils", "with_attributes"]

NAMED = 10
"""How many pupils a message names by their numbers."""
TEMPORARY_UPN = 13
"""A UPN whose last of so many characters is a letter was given until the permanent one is known."""


def held_pupils(
    pupils: Sequence[Pupil], enrolments: Sequence[Enrolment], school: str, file: str, key: str = ""
) -> PupilsRead:
    """The pupils of a record, as if a file had named them: for reading marks without a new pupils file."""
    return PupilsRead(
        school, tuple(pupils), tuple(enrolments), (0,) * len(enrolments), (), KeptAside(file, (), ()), 0, key
    )


def merge_pupils(held: PupilsRead, new: PupilsRead, *, changed_on: Callable[[str], date]) -> PupilsRead:
    """The pupils of `new` together with those that only `held` has.

    Somebody is the same pupil by UPN; by admission number if one of the two has no UPN or a temporary one.
    A stay is the same if it starts on the same day or overlaps. `changed_on` gives, for the name of a
    characteristic, the day from which a different value holds. Warnings: starting days that were changed,
    and those still on roll whom the new file does not have.
    """
    return _Merging(held, new, changed_on).merged()


@dataclass(eq=False)
class _Merging:
    held: PupilsRead
    new: PupilsRead
    changed_on: Callable[[str], date]

    def merged(self) -> PupilsRead:
        ids = {pupil.id: self._same_as(pupil) for pupil in self.new.pupils}
        stays: dict[str, list[Enrolment]] = defaultdict(list)
        for enrolment in self.held.enrolments:
            stays[enrolment.pupil].append(enrolment)
        enrolments, moved = [], []
        for enrolment in self.new.enrolments:
            pupil = ids[enrolment.pupil]
            before = _stay(stays[pupil], enrolment)
            if before is not None and before.starts_on != enrolment.starts_on:
                moved.append(pupil)
            enrolments.append(self._brought_up_to_date(before, replace(enrolment, pupil=pupil)))
        known = {one.id for one in enrolments}
        left = [one for one in self.held.enrolments if one.id not in known]
        pupils = {pupil.id: pupil for pupil in self.held.pupils}
        pupils |= {ids[pupil.id]: replace(pupil, id=ids[pupil.id]) for pupil in self.new.pupils}
        missing = [one.pupil for one in left if one.ends_on is None]
        said = (
            *self._said("starting-day-changed", moved, pupils),
            *self._said("not-in-file", missing, pupils),
        )
        return replace(
            self.new,
            pupils=tuple(pupils.values()),
            enrolments=(*enrolments, *left),
            rows=(*self.new.rows, *(0 for _ in left)),
            problems=(*self.new.problems, *said),
        )

    def _same_as(self, pupil: Pupil) -> str:
        by_upn = self.held.by_upn.get(pupil.upn) if pupil.upn else None
        if by_upn is not None:
            return by_upn.id
        for other in self.held.by_admission_number(pupil.admission_number) if pupil.admission_number else ():
            if not pupil.upn or not other.upn or _is_temporary(other.upn) or _is_temporary(pupil.upn):
                return other.id
        return pupil.id

    def _brought_up_to_date(self, before: Enrolment | None, now: Enrolment) -> Enrolment:
        if before is None:
            return now
        attributes = list(before.attributes)
        for said in now.attributes:
            on = self.changed_on(said.name)
            if before.value(said.name, max(on, now.starts_on)) != said.value:
                attributes = [_ended(one, said.name, on) for one in attributes]
                attributes.append(replace(said, from_on=on))
        return replace(now, id=before.id, attributes=tuple(one for one in attributes if _holds_at_all(one)))

    def _said(self, rule: str, which: Sequence[str], pupils: dict[str, Pupil]) -> list[Problem]:
        if not which:
            return []
        numbers = [pupils[one].admission_number or pupils[one].upn for one in which[:NAMED]]
        more = f" and {len(which) - NAMED} more" if len(which) > NAMED else ""
        what = {
            "starting-day-changed": f"Pupils whose starting day is another than before: {len(which):,}.",
            "not-in-file": f"Pupils on roll who are not in the file, and stay as they were: {len(which):,}.",
        }[rule]
        remedy = {
            "starting-day-changed": "It was taken from this file. Marks before it are not counted.",
            "not-in-file": "Export leavers too, with their leaving days.",
        }[rule]
        what = f"{what} ({', '.join(numbers)}{more})"
        return [Problem(rule, Place(self.new.kept_aside.file), what, remedy, severity="warning")]


def _is_temporary(upn: str) -> bool:
    return len(upn) == TEMPORARY_UPN and upn[-1].isalpha()


def _stay(held: Sequence[Enrolment], now: Enrolment) -> Enrolment | None:
    same = [one for one in held if one.starts_on == now.starts_on]
    overlapping = [
        one
        for one in held
        if (now.ends_on is None or one.starts_on <= now.ends_on)
        and (one.ends_on is None or now.starts_on <= one.ends_on)
    ]
    return next(iter(same or overlapping), None)


def _ended(one: Attribute, name: str, on: date) -> Attribute:
    """A characteristic that ends on the day before another value of it holds."""
    if one.name != name or not one.holds(on):
        return one
    return replace(one, until_on=on - timedelta(days=1))


def _holds_at_all(one: Attribute) -> bool:
    return one.from_on is None or one.until_on is None or one.from_on <= one.until_on


def with_attributes(
    enrolments: Sequence[Enrolment], attributes: dict[str, tuple[Attribute, ...]]
) -> tuple[Enrolment, ...]:
    """Enrolments with characteristics read from a file of them, by pupil; what is known already once."""
    return tuple(
        replace(one, attributes=tuple(dict.fromkeys((*one.attributes, *attributes.get(one.pupil, ())))))
        for one in enrolments
    )
