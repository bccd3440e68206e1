"""Whatever was done stays done: a corrected mark makes nothing vanish, and nothing is asked for twice.

In every scenario all that is open is done; then each session of each pupil is amended in turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from firstbell.duties import Book, Duty, State, due
from firstbell.facts import By, Fact, Facts, references_of
from firstbell.facts.cases import DutyDone
from firstbell.policy.rulebook import Rulebook
from firstbell.register import Amendment, AttendanceRegister, Save
from firstbell.scenarios import read_scenario, scenario_files
from firstbell.scenarios.running import laid_book, rulebook_for
from firstbell.sessions import Session

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FILES = scenario_files(SCENARIOS)
PRESENT, ABSENT, UNAUTHORISED = ("/", "\\"), "I", "O"
MOST_PUPILS = 6
KEPT = (State.DONE, State.WITHHELD, State.BASIS_CHANGED)
MINUTE, LATE = timedelta(minutes=1), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_corrected_mark_makes_what_was_done_vanish_or_come_again(path: Path) -> None:
    scenario = read_scenario(path)
    rulebook = rulebook_for(scenario)
    book, at = laid_book(scenario, rulebook)
    done = _all_done(book, rulebook, at)
    own: dict[str, set[str]] = {}
    named = {getattr(fact.data, "duty", "") for fact in done.facts}
    for duty in due(done, rulebook, at):
        if duty.key in named and duty.about.enrolment:
            own.setdefault(duty.about.enrolment, set()).add(duty.key)
    twins = list(_twins(done, at))
    found: dict[str, list[Duty]] = {}
    for duty in due(_with_twins(done, twins), rulebook, at + timedelta(minutes=2)):
        found.setdefault(duty.about.enrolment, []).append(duty)
    for twin in twins:
        duties = found.get(twin.id, [])
        said = f"{twin.session} of {twin.of} made {twin.new}"
        kept = {duty.key for duty in duties if duty.state in KEPT}
        lost = {twin.key(key) for key in own.get(twin.of, ())} - kept
        assert not lost, f"{said}: vanished {sorted(lost)}"
        assert not _again(duties), f"{said}: asked again {_again(duties)}"


@dataclass(frozen=True)
class Twin:
    """A pupil with the same marks and facts as another, but for one mark that was amended."""

    id: str
    of: str
    session: Session
    old: str
    new: str

    def key(self, key: str) -> str:
        """A duty's key, as it is for the twin: facts and all."""
        rule, whom, anchor = key.split("|")
        _, slash, parent = whom.partition("/")
        # An anchor is a day, an ordinal, a fixed word, or a fact's id with what follows it.
        if anchor not in ("entered", "leaving") and not re.match(r"(\d{4}-|#)", anchor):
            fact, colon, rest = anchor.partition(":")
            anchor = f"{fact}~{self.id}{colon}{rest}"
        return f"{rule}|{self.id}{slash}{parent}|{anchor}"


def _all_done(book: Book, rulebook: Rulebook, at: datetime) -> Book:
    """The book with a fact for every duty that is open: it was done."""
    facts = [
        Fact(f"done-{number}", duty.about, at.date(), at, at, By(duty.who), DutyDone(duty=duty.key))
        for number, duty in enumerate(due(book, rulebook, at))
        if duty.is_open
    ]
    return replace(book, facts=Facts.in_order([*book.facts, *facts]))


def _twins(book: Book, at: datetime) -> Iterator[Twin]:
    """A twin for each mark of each of the first pupils, and for each other mark that it could have been."""
    strips = book.as_known(at).strips
    for row, one in enumerate(book.enrolments[:MOST_PUPILS]):
        for place in strips.marks[row].nonzero()[0]:
            session, symbol = strips.axis.session(int(place)), strips.symbol(row, int(place))
            stroke = PRESENT[int(session.half)]
            for new in (ABSENT, UNAUTHORISED) if symbol == stroke else (stroke,):
                yield Twin(f"{one.id}~{place}{new if new != stroke else 'p'}", one.id, session, symbol, new)


def _with_twins(book: Book, twins: list[Twin]) -> Book:
    by_pupil: dict[str, list[Twin]] = {}
    for twin in twins:
        by_pupil.setdefault(twin.of, []).append(twin)
    at = max((fact.known_at for fact in book.facts), default=None)
    amendments = [
        Amendment(
            twin.id, twin.id, twin.session, twin.old, twin.new, "a slip", (at or LATE) + MINUTE, "A", "office"
        )
        for twin in twins
    ]
    register = AttendanceRegister(
        tuple(_widened(save, by_pupil) for save in book.register.saves),
        (
            *book.register.amendments,
            *(
                replace(one, id=f"{one.id}{twin.id}", enrolment=twin.id)
                for one in book.register.amendments
                for twin in by_pupil.get(one.enrolment, ())
            ),
            *amendments,
        ),
    )
    enrolments = {one.id: one for one in book.enrolments}
    return replace(
        book,
        enrolments=(
            *book.enrolments,
            *(replace(enrolments[twin.of], id=twin.id, pupil=f"{twin.id} pupil") for twin in twins),
        ),
        register=register,
        facts=Facts.in_order([*book.facts, *_facts_of_twins(book, by_pupil)]),
        parents={**book.parents, **{twin.id: book.parents.get(twin.of, ()) for twin in twins}},
    )


def _widened(save: Save, by_pupil: dict[str, list[Twin]]) -> Save:
    roll, marks = list(save.roll), bytearray(save.marks)
    for place, one in enumerate(save.roll):
        twins = by_pupil.get(one, ())
        roll += [twin.id for twin in twins]
        marks += bytes([save.marks[place]]) * len(twins)
    return replace(save, roll=tuple(roll), marks=bytes(marks))


def _facts_of_twins(book: Book, by_pupil: dict[str, list[Twin]]) -> Iterator[Fact]:
    for fact in book.facts:
        for twin in by_pupil.get(fact.about.enrolment, ()):
            changed = {one.part: f"{one.id}~{twin.id}" for one in references_of(fact.data)}
            if key := getattr(fact.data, "duty", ""):
                changed["duty"] = twin.key(key)
            data = msgspec.structs.replace(fact.data, **changed)
            yield replace(
                fact,
                id=f"{fact.id}~{twin.id}",
                about=replace(fact.about, enrolment=twin.id),
                data=data,
                replaces=f"{fact.replaces}~{twin.id}" if fact.replaces else "",
            )


def _again(duties: list[Duty]) -> list[str]:
    """Open duties of which the same was done since they arose, for a reason that is gone by now."""
    lost = [duty for duty in duties if duty.state is State.BASIS_CHANGED]
    return [
        duty.key
        for duty in duties
        if duty.is_open
        and any(
            (duty.rule.id, duty.about) == (one.rule.id, one.about)
            and one.settled_on is not None
            and duty.occurrence.arose_on <= one.settled_on
            for one in lost
        )
    ]
