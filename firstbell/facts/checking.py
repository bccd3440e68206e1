"""Which facts cannot be so, taken together?

Each is about one fact, by its id, and says nothing of what it holds. A fact that cannot be so is not used;
nothing else is passed over for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from firstbell.facts.fact import Fact, Facts
from firstbell.facts.kinds import Reference, pupils_in, references_of
from firstbell.problems import Place, Problem
from firstbell.register import Enrolment
from firstbell.sessions import LONDON

__all__ = ["problems_with_facts"]


def problems_with_facts(
    facts: Facts,
    enrolments: Mapping[str, Enrolment],
    *,
    people: Collection[str] | None = None,
    until: datetime | None = None,
    named: Callable[[str], str] = "fact {}".format,
) -> dict[str, list[Problem]]:
    """By the id of a fact, what is wrong with it; ids are unique. `named` says how to call a fact by its id.

    Errors: about nobody, or about an enrolment that is not known; recorded before it happened, or after
    `until`, the moment at which somebody asks; replacing a fact that there is not, that is of another kind
    or about somebody else, or that another one replaces already; speaking of a fact that there is not or
    that had been taken back; a second answer to a question that has one. Warnings: about a day on which
    the pupil was not on roll; about a parent whom `people`, where given, does not have; speaking of a fact
    that was taken back later.
    """
    checking = _Checking(facts, enrolments, people, until, named)
    found: dict[str, list[Problem]] = {}
    for fact in facts:
        if problems := list(checking.of(fact)):
            found[fact.id] = problems
    return found


class _Checking:
    def __init__(
        self,
        facts: Facts,
        enrolments: Mapping[str, Enrolment],
        people: Collection[str] | None,
        until: datetime | None,
        named: Callable[[str], str],
    ) -> None:
        self.named = named
        self.facts = facts
        self.enrolments = enrolments
        self.people = people
        self.until = until
        self.replaced: dict[str, str] = {}
        self.taken_back: dict[str, datetime] = {}
        for fact in facts:
            if fact.replaces:
                self.replaced.setdefault(fact.replaces, fact.id)
            if fact.data.takes_back:
                self.taken_back.setdefault(facts.origins[fact.id], fact.known_at)
        self.answers: dict[tuple[str, str], Fact] = {}
        self.standing: set[str] = set()
        for fact in facts.as_known():
            self.standing.add(fact.id)
            for key in self._answers(fact):
                self.answers.setdefault(key, fact)

    def of(self, fact: Fact) -> Iterator[Problem]:
        yield from self._about(fact)
        yield from self._times(fact)
        if fact.replaces or fact.data.takes_back:
            yield from self._replacing(fact)
        yield from self._speaking_of(fact)
        yield from self._contradicting(fact)

    def _about(self, fact: Fact) -> Iterator[Problem]:
        missing = [name for name in fact.data.needs if not getattr(fact.about, name)]
        if missing:
            names = " and ".join("pupil" if name == "enrolment" else name for name in missing)
            yield _problem(fact, "fact-about-nobody", f"It names no {names}.", "Say whom it is about.")
        if fact.about.enrolment:
            enrolment = self.enrolments.get(fact.about.enrolment)
            if enrolment is None:
                what = "It is about a pupil who is not known."
                yield _problem(fact, "fact-pupil-unknown", what, "Add the pupil, or correct the number.")
            elif not enrolment.on_roll(fact.on):
                what = f"On {fact.on} the pupil was not on roll."
                yield _problem(fact, "fact-off-roll", what, "Look whether the day is right.", warning=True)
        for name in pupils_in(type(fact.data)):
            if not {*getattr(fact.data, name)} <= self.enrolments.keys():
                what = f"Its {name} have a pupil who is not known."
                yield _problem(fact, "fact-pupil-unknown", what, "Add the pupil, or correct the number.")
        if fact.about.parent and self.people is not None and fact.about.parent not in self.people:
            what = "It is about a parent who is not among the contacts."
            yield _problem(fact, "fact-parent-unknown", what, "Add the contact.", warning=True)

    def _times(self, fact: Fact) -> Iterator[Problem]:
        if fact.at > fact.known_at:
            what = "It was recorded before it happened."
            yield _problem(fact, "fact-before-it-happened", what, "Correct one of the two times.")
        if self.until is not None and fact.known_at > self.until:
            asked = f"{self.until.astimezone(LONDON):%Y-%m-%d %H:%M}"
            what = f"It was recorded after {asked}, as at which is asked."
            yield _problem(fact, "fact-future", what, "Correct the time, or ask as at a later moment.")

    def _replacing(self, fact: Fact) -> Iterator[Problem]:
        before = self.facts.by_id.get(fact.replaces)
        if before is None or before.id == fact.id:
            what = "It replaces a fact that there is not."
            yield _problem(fact, "fact-replaces-nothing", what, "Name the id of the fact that it corrects.")
            return
        if before.data.takes_back or not (
            fact.data.takes_back or (before.kind == fact.kind and before.about == fact.about)
        ):
            what = f"It replaces {self.named(before.id)}, which is of another kind or about somebody else."
            if before.data.takes_back:
                what = f"It replaces {self.named(before.id)}, which is a retraction."
            remedy = "Record this by itself; if the other is a mistake, take it back."
            yield _problem(fact, "fact-replaces-other", what, remedy)
        if before.known_at >= fact.known_at:
            what = f"It replaces {self.named(before.id)}, which became known no earlier."
            yield _problem(fact, "fact-replaces-later", what, "Correct the time of recording.")
        first = self.replaced[fact.replaces]
        if first != fact.id:
            what = f"It replaces {self.named(before.id)}, which {self.named(first)} replaces already."
            yield _problem(fact, "fact-replaced-twice", what, "Replace the later one instead.")

    def _speaking_of(self, fact: Fact) -> Iterator[Problem]:
        for reference in references_of(fact.data):
            other = self.facts.by_id.get(reference.id)
            if other is None:
                what = f"Its {reference.part} is a fact that there is not."
                yield _problem(fact, "fact-speaks-of-nothing", what, _name(reference))
            elif other is fact or not self._fits(fact, other, reference):
                wanted = f'no "{reference.kind}"' if reference.kind else "not"
                what = f"Its {reference.part}, {self.named(other.id)}, is {wanted} about the same people."
                yield _problem(fact, "fact-speaks-of-other", what, _name(reference))
            elif other.known_at > fact.known_at:
                what = f"Its {reference.part}, {self.named(other.id)}, became known later."
                yield _problem(fact, "fact-speaks-of-later", what, "Correct one of the times of recording.")
            elif (taken_back := self.taken_back.get(self.facts.origins[other.id])) is not None:
                later = taken_back > fact.known_at
                what = f"Its {reference.part}, {self.named(other.id)}, was taken back{' later' * later}."
                remedy = "Take this one back as well." if later else _name(reference)
                yield _problem(fact, "fact-speaks-of-taken-back", what, remedy, warning=later)

    def _fits(self, fact: Fact, other: Fact, reference: Reference) -> bool:
        """Whether a fact can be what another one speaks of: of the kind, and about the same people."""
        same = {"enrolment", *(set(fact.data.needs) & set(other.data.needs))}
        return (not reference.kind or other.kind == reference.kind) and all(
            getattr(fact.about, name) == getattr(other.about, name) for name in same
        )

    def _contradicting(self, fact: Fact) -> Iterator[Problem]:
        if fact.id not in self.standing:
            return
        for key in self._answers(fact):
            first = self.answers[key]
            if first is not fact:
                what = f"It settles what {self.named(first.id)} ({first.kind}) has settled already."
                remedy = "If the first is wrong, correct it by naming it as replaced."
                yield _problem(fact, "fact-contradicts", what, remedy)

    def _answers(self, fact: Fact) -> Iterator[tuple[str, str]]:
        """What a fact settles once and for all: the kinds that may settle it together, and the thing.

        A fact that is spoken of is the same thing in all its versions.
        """
        part = fact.data.once_per
        if part and (value := getattr(fact.data, part)):
            key = str(value)
            if any(reference.part == part for reference in references_of(fact.data)):
                key = self.facts.origins.get(key, key)
            yield min(fact.kind, *fact.data.against, fact.kind), key


def _name(reference: Reference) -> str:
    return f'Name the id of a fact of the kind "{reference.kind}".' if reference.kind else "Name a fact's id."


def _problem(fact: Fact, rule: str, what: str, remedy: str, *, warning: bool = False) -> Problem:
    place = Place(part=f"fact {fact.id}")
    return Problem(rule, place, what, remedy, severity="warning" if warning else "error")
