"""What does a later pupils file change of the pupils that are held already?

A pupils file says what is so on the day of its export. Whoever is in it is brought up to date, as far as it
has columns; whoever is not stays as they were, because a leaver whose name is missing still has marks. An
enrolment keeps its id when its starting day is corrected, and a characteristic that differs is new from a day
on, not for all the past.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from firstbell.exchange.columns import plain
from firstbell.exchange.contacts import Contact
from firstbell.exchange.groups import Membership
from firstbell.exchange.kept_aside import KeptAside
from firstbell.exchange.pupils import Pupil, PupilsRead, digits, made_id
from firstbell.problems import Place, Problem
from firstbell.register import Attribute, Enrolment

__all__ = ["held_pupils", "merge_contacts", "merge_memberships", "merge_pupils", "with_attributes"]

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
        ids = self._same_pupils()
        now = [replace(one, pupil=ids[one.pupil]) for one in self.new.enrolments]
        before = self._same_stays(now)
        used = {one.id for one in self.held.enrolments}
        enrolments, moved = [], []
        for one in now:
            known = before.get(one.id)
            if known is None:
                enrolments.append(replace(one, id=_unused(one.id, used)))
                continue
            filled = self._with_what_the_file_leaves_out(known, one)
            if known.starts_on != filled.starts_on:
                moved.append(known.pupil)
            enrolments.append(self._brought_up_to_date(known, filled))
        found = {one.id for one in enrolments}
        left = [one for one in self.held.enrolments if one.id not in found]
        pupils = {pupil.id: pupil for pupil in self.held.pupils}
        for pupil in self.new.pupils:
            own = ids[pupil.id]
            pupils[own] = _filled_in(replace(pupil, id=own), pupils.get(own))
        there = {*ids.values()}
        missing = [one.pupil for one in left if one.ends_on is None and one.pupil not in there]
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

    def _same_pupils(self) -> dict[str, str]:
        """The id of each pupil of the new file: that of the one held pupil it is, or its own.

        The surest likeness first, and nobody is two: a UPN, then the same number, then one without the
        zeros in front that a spreadsheet may have dropped.
        """
        ids: dict[str, str] = {}
        taken: set[str] = set()
        for key in (_upn, _number, _digits):
            held: dict[str, list[Pupil]] = defaultdict(list)
            for one in self.held.pupils:
                held[key(one)].append(one)
            often = Counter(key(one) for one in self.new.pupils if one.id not in ids)
            for pupil in self.new.pupils:
                # Whoever shares a number with another pupil of the file cannot be told from that one by it.
                if pupil.id in ids or not key(pupil) or often[key(pupil)] > 1:
                    continue
                free = [one for one in held[key(pupil)] if one.id not in taken]
                same = [one for one in free if key is _upn or self._may_be(pupil, one)]
                if len(same) == 1:
                    ids[pupil.id] = same[0].id
                    taken.add(same[0].id)
        used = {pupil.id for pupil in self.held.pupils}
        for pupil in self.new.pupils:
            if pupil.id not in ids:
                ids[pupil.id] = _unused(pupil.id, used)
        return ids

    def _may_be(self, one: Pupil, held: Pupil) -> bool:
        """Whether two pupils with one admission number may be the same child.

        Not with two permanent UPNs, and not if both the surname and the day of birth are others.
        """
        if one.upn and held.upn and not (_is_temporary(one.upn) or _is_temporary(held.upn)):
            return False
        born = self._born.get(one.id), self._born.get(held.id)
        other_day = None not in born and born[0] != born[1]
        return not (other_day and one.surname.casefold() != held.surname.casefold())

    @cached_property
    def _born(self) -> dict[str, date]:
        stays = (*self.held.enrolments, *self.new.enrolments)
        return {one.pupil: one.born_on for one in stays if one.born_on}

    def _same_stays(self, now: Sequence[Enrolment]) -> dict[str, Enrolment]:
        """By the id of a stay in the new file, the held one that it is; each held stay once."""
        free: dict[str, list[Enrolment]] = defaultdict(list)
        for one in self.held.enrolments:
            free[one.pupil].append(one)
        before: dict[str, Enrolment] = {}
        if "starts_on" not in self.new.fields:
            # A file that says nothing of stays speaks of the present one.
            for one in now:
                if free[one.pupil]:
                    before[one.id] = max(free[one.pupil], key=lambda stay: stay.starts_on)
                    free[one.pupil].remove(before[one.id])
        for alike in (_starts_alike, _overlap):
            for one in now:
                same = [held for held in free[one.pupil] if alike(one, held)] if one.id not in before else []
                if same:
                    before[one.id] = same[0]
                    free[one.pupil].remove(same[0])
        return before

    def _with_what_the_file_leaves_out(self, before: Enrolment, now: Enrolment) -> Enrolment:
        """What a file has no column for, it does not say; neither does an empty date of birth."""
        fields = self.new.fields
        return replace(
            now,
            starts_on=now.starts_on if "starts_on" in fields else before.starts_on,
            ends_on=now.ends_on if "ends_on" in fields else before.ends_on,
            born_on=now.born_on or before.born_on,
            registration=now.registration if "registration" in fields else before.registration,
            boarder=now.boarder if "boarder" in fields else before.boarder,
        )

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


def _filled_in(now: Pupil, before: Pupil | None) -> Pupil:
    """A pupil with the names and numbers that a later file leaves empty."""
    if before is None:
        return now
    names = ("surname", "forename", "preferred_name", "upn", "admission_number")
    return replace(now, **{name: getattr(now, name) or getattr(before, name) for name in names})


def _is_temporary(upn: str) -> bool:
    return len(upn) == TEMPORARY_UPN and upn[-1].isalpha()


def _unused(own: str, used: set[str]) -> str:
    """An id that nobody else has: a stay may start on the day on which another one once did."""
    while own in used:
        own = made_id(own, "another")
    used.add(own)
    return own


def _upn(one: Pupil) -> str:
    return one.upn


def _number(one: Pupil) -> str:
    return one.admission_number


def _digits(one: Pupil) -> str:
    return digits(one.admission_number) if one.admission_number else ""


def _starts_alike(one: Enrolment, held: Enrolment) -> bool:
    return one.starts_on == held.starts_on


def _overlap(one: Enrolment, held: Enrolment) -> bool:
    return held.overlaps(one.starts_on, one.ends_on)


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
    """Enrolments with characteristics read from a file of them, by pupil.

    A row replaces what is known of the same characteristic from the same day: its last day may be new.
    """
    return tuple(_with(one, attributes[one.pupil]) if one.pupil in attributes else one for one in enrolments)


def _with(enrolment: Enrolment, said: Sequence[Attribute]) -> Enrolment:
    known = {(one.name, one.value, one.from_on): one for one in enrolment.attributes}
    known |= {(one.name, one.value, one.from_on): one for one in said}
    return replace(enrolment, attributes=tuple(known.values()))


def merge_contacts(
    held: Sequence[Contact], new: Sequence[Contact], *, incomplete: Collection[str]
) -> tuple[Contact, ...]:
    """The contacts of pupils with those that a later file has.

    The file's are a pupil's contacts from now on. But of the pupils `incomplete`, some of whose rows were
    kept aside or are still to come, it only replaces who has the same number or the same name.
    """
    pupils = {one.pupil for one in new}
    numbers = {(one.pupil, one.number) for one in new if one.number}
    names = {(one.pupil, *_name(one)) for one in new}
    kept = [
        one
        for one in held
        if one.pupil not in pupils
        or (
            one.pupil in incomplete
            and (one.pupil, one.number) not in numbers
            and (one.pupil, *_name(one)) not in names
        )
    ]
    before = {*held}
    # In their order, so that a file that says the same again changes nothing.
    if {*new} <= before and len(kept) + len(new) == len(held):
        return tuple(held)
    return (*kept, *new)


def _name(contact: Contact) -> tuple[str, str]:
    return contact.surname.casefold(), contact.forename.casefold()


ONE_GROUP = ("tutor", "registration", "reg", "form", "class", "house", "year")
"""Kinds of groups of which a pupil is in one: who is moved to 7B has left 7A."""


def merge_memberships(
    held: Sequence[Membership], new: Sequence[Membership], *, changed_on: date, all_read: bool
) -> tuple[Membership, ...]:
    """The groups of pupils with what later files say of them.

    A row replaces the open membership of the same group from the same day. Who is in another group now of a
    kind of which one has only one has left the first: on the day before that one begins, or before
    `changed_on`. Not if some rows were kept aside: the first group's may be among them.
    """
    said = {(one.pupil, one.group, one.kind, one.from_on) for one in new}
    there = {(one.pupil, one.group, one.kind) for one in new}
    begins: dict[tuple[str, str], date] = {}
    for one in new:
        if plain(one.kind) in ONE_GROUP and one.until_on is None:
            begins[one.pupil, one.kind] = one.from_on or changed_on
    kept = []
    for one in held:
        if one.until_on is None:
            if (one.pupil, one.group, one.kind, one.from_on) in said:
                continue
            begin = begins.get((one.pupil, one.kind), date.min)
            elsewhere = (one.pupil, one.group, one.kind) not in there
            if all_read and elsewhere and (one.from_on or date.min) < begin:
                one = replace(one, until_on=begin - timedelta(days=1))
        kept.append(one)
    before, moved = {*held}, {(one.pupil, one.kind) for one in held}
    open_ = {(one.pupil, one.group, one.kind) for one in kept if one.until_on is None}
    for one in new:
        is_new = one not in before and one.from_on is None
        # A file without days says that somebody is there, which may be known already with its day.
        if is_new and (one.pupil, one.group, one.kind) in open_:
            continue
        came = is_new and (one.pupil, one.kind) in moved and plain(one.kind) in ONE_GROUP
        kept.append(replace(one, from_on=changed_on) if came else one)
    return tuple(dict.fromkeys(kept))
