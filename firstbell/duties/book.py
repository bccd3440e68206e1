"""What has a school recorded? Calendar, pupils, registers and facts as one value that nothing changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from firstbell.facts import Fact, Facts
from firstbell.register import Amendment, AttendanceRegister, Enrolment, Save, Strips, lay_strips
from firstbell.sessions import Calendar
from firstbell.statute import Statute

__all__ = ["Book"]


@dataclass(frozen=True, eq=False)
class Book:
    """One school's records. `parents` are the ids of the parents by enrolment, as the contacts have them.

    `call_order` are the ids of all contacts of an enrolment in the order in which they are rung, whether or
    not they are parents; where none are stated, the parents are the contacts.
    `known_at` is the moment as at which it is read, None for all that is recorded: what became known later
    is there and is not looked at.
    """

    calendar: Calendar
    enrolments: tuple[Enrolment, ...]
    register: AttendanceRegister
    facts: Facts
    statute: Statute
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    known_at: datetime | None = None
    call_order: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def contacts_of(self, enrolment: str) -> tuple[str, ...]:
        """The contacts of an enrolment in the order in which they are rung; empty where none are known."""
        return self.call_order.get(enrolment) or self.parents.get(enrolment, ())

    def as_known(self, moment: datetime | None) -> Book:
        """The book as it stood at a moment: a letter of March is judged by what was known in March."""
        return replace(self, known_at=moment)

    def of(self, enrolments: frozenset[str]) -> Book:
        """The book of some pupils: their enrolments, and all facts."""
        return replace(self, enrolments=tuple(one for one in self.enrolments if one.id in enrolments))

    def alone(self, enrolments: Collection[str]) -> dict[str, Book]:
        """The book of each of some pupils alone: their entries, and facts about them or about no pupil.

        For whoever asks about single pupils as at many moments: laying strips costs what there is to lay.
        """
        saves: dict[str, list[Save]] = {one: [] for one in enrolments}
        for save in self.register.saves:
            for seat, one in enumerate(save.roll):
                if one in saves:
                    late = {one: save.minutes_late[one]} if one in save.minutes_late else {}
                    mark = save.marks[seat : seat + 1]
                    saves[one].append(replace(save, roll=(one,), marks=mark, minutes_late=late))
        amendments: dict[str, list[Amendment]] = {one: [] for one in enrolments}
        for amendment in self.register.amendments:
            if amendment.enrolment in amendments:
                amendments[amendment.enrolment].append(amendment)
        facts: dict[str, list[Fact]] = {one: [] for one in enrolments}
        for fact in self.facts:
            about = fact.about.enrolment
            for own in [facts[about]] if about in facts else [] if about else facts.values():
                own.append(fact)
        return {
            one: replace(
                self.of(frozenset((one,))),
                register=AttendanceRegister(tuple(saves[one]), tuple(amendments[one])),
                facts=Facts(tuple(facts[one])),
            )
            for one in enrolments
        }

    @cached_property
    def strips(self) -> Strips:
        """The registers as arrays, as known at the moment."""
        calendars = {self.calendar.school: self.calendar}
        return lay_strips(self.enrolments, self.register, calendars, self.statute, known_at=self.known_at)

    @cached_property
    def standing(self) -> Facts:
        """The facts that stood at the moment: corrected, and without what was taken back."""
        return self.facts.as_known(self.known_at)
