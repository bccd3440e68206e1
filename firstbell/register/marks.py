"""What does the attendance register say about a session, as known at a moment?

Taking a register is a `Save`; changing a filled cell after the register closed is an `Amendment` with its
five facts. Neither is ever changed. The register of a session is the fold of its saves and amendments in
the order in which they became known; what was there before stays in `entries`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from firstbell.problems import Place, Problem
from firstbell.sessions import Session
from firstbell.statute import UNMARKED, Statute

__all__ = ["Amendment", "AttendanceRegister", "Entry", "Save"]


@dataclass(frozen=True)
class Save:
    """One saving of a register while, or after, it was taken.

    `roll` are the enrolments in the order of the list, `marks` one byte for each: the number of the symbol
    set, 0 where this save left the cell alone. `closes_at` is when that register closed. `id` comes from
    the client, so that a save sent twice is one save.
    """

    id: str
    session: Session
    roll: tuple[str, ...] = field(repr=False)
    marks: bytes = field(repr=False)
    taken_at: datetime
    known_at: datetime
    closes_at: datetime
    by: str
    minutes_late: Mapping[str, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if len(self.roll) != len(self.marks):
            raise ValueError(f"save {self.id}: {len(self.roll)} enrolments but {len(self.marks)} marks")


@dataclass(frozen=True)
class Amendment:
    """A change of a filled cell, with the facts the law asks for.

    The original entry, the amended entry, the reason, when it was made, and by whom in which position.
    """

    id: str
    enrolment: str
    session: Session
    original: str
    amended: str
    reason: str = field(repr=False)
    known_at: datetime
    by: str = field(repr=False)
    position: str = field(repr=False)
    minutes_late: int | None = None


@dataclass(frozen=True)
class Entry:
    """One line of a cell's history: what it came to say, when that was known, by whom, and why if amended."""

    symbol: str
    known_at: datetime
    by: str = field(repr=False)
    reason: str = field(default="", repr=False)
    position: str = field(default="", repr=False)


@dataclass(frozen=True, eq=False)
class AttendanceRegister:
    """Saves and amendments of one or more schools, in any order."""

    saves: tuple[Save, ...]
    amendments: tuple[Amendment, ...] = ()

    @cached_property
    def events(self) -> tuple[Save | Amendment, ...]:
        """Everything in the order in which it became known."""
        return tuple(sorted((*self.saves, *self.amendments), key=lambda event: event.known_at))

    def known_by(self, moment: datetime | None) -> Iterator[Save | Amendment]:
        """The events known at a moment (None: all), in order; a save sent again is passed over."""
        seen: set[str] = set()
        for event in self.events:
            if moment is not None and event.known_at > moment:
                return
            if event.id not in seen:
                seen.add(event.id)
                yield event

    def entries(
        self, enrolment: str, session: Session, statute: Statute, known_at: datetime | None = None
    ) -> list[Entry]:
        """The history of one cell, oldest first; the last line is what the register says.

        The original and every correction stay visible, as an extract of the register must show them.
        """
        history: list[Entry] = []
        for event in self.known_by(known_at):
            if event.session != session:
                continue
            if isinstance(event, Amendment):
                if event.enrolment == enrolment and (history and history[-1].symbol) == event.original:
                    history.append(
                        Entry(event.amended, event.known_at, event.by, event.reason, event.position)
                    )
            elif enrolment in event.roll:
                number = event.marks[event.roll.index(enrolment)]
                before = history[-1].symbol if history else ""
                if number != UNMARKED and may_take(before, event) and statute.symbol(number) != before:
                    history.append(Entry(statute.symbol(number), event.known_at, event.by))
        return history

    def mark(
        self, enrolment: str, session: Session, statute: Statute, known_at: datetime | None = None
    ) -> str:
        """The mark of one enrolment at one session as known at a moment; "" if unmarked."""
        history = self.entries(enrolment, session, statute, known_at)
        return history[-1].symbol if history else ""

    def problems(self, statute: Statute) -> list[Problem]:
        """Events that could not be folded: an amendment of something the cell did not say when it was made,
        a save that would have changed a filled cell after the register closed.
        """
        problems: list[Problem] = []
        cells: dict[tuple[str, Session], str] = {}
        for event in self.known_by(None):
            if isinstance(event, Amendment):
                said = cells.get((event.enrolment, event.session), "")
                if said != event.original:
                    problems.append(
                        _unfolded(event, f'amends "{event.original}", but the register said "{said}"')
                    )
                else:
                    cells[event.enrolment, event.session] = event.amended
                continue
            for enrolment, number in zip(event.roll, event.marks, strict=True):
                said, symbol = cells.get((enrolment, event.session), ""), statute.symbol(number)
                if number == UNMARKED or symbol == said:
                    continue
                if may_take(said, event):
                    cells[enrolment, event.session] = symbol
                else:
                    problems.append(_unfolded(event, f'would change "{said}" to "{symbol}" after the close'))
        return problems


def may_take(before: str, save: Save) -> bool:
    """Whether a save may still set a cell that says `before`.

    A blank may be filled at any time. A filled cell may be set again only until the register closes: that
    is still taking it. After that a change is an amendment, with a reason.
    """
    return before == "" or save.known_at <= save.closes_at


def _unfolded(event: Save | Amendment, what: str) -> Problem:
    kind = "amendment" if isinstance(event, Amendment) else "save"
    return Problem(
        f"register-{kind}",
        Place(part=f"session {event.session}"),
        f"The {kind} {event.id} {what}.",
        "Record an amendment of what the register says, with its reason.",
    )
