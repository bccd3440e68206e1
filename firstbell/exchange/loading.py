"""What does a file of marks add to the register there is already?

A blank is filled, a mark that the register has is passed over, and one that differs is an amendment with the
file as its reason. A file that was loaded before changes nothing, whatever has been amended since. A blank
in a file says nothing: marks are never taken away by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from firstbell.exchange.marks import IMPORTED_BY, MarksRead
from firstbell.exchange.pupils import made_id
from firstbell.problems import Place, Problem
from firstbell.register import Amendment, AttendanceRegister, Save
from firstbell.sessions import Session
from firstbell.statute import UNMARKED, Statute

__all__ = ["Loaded", "digest_of", "load_marks"]

Marks = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Loaded:
    """What a file adds: new saves and amendments, how many of its marks the register had already, and a
    digest of what the file says, by which it is known again.
    """

    saves: tuple[Save, ...] = field(repr=False)
    amendments: tuple[Amendment, ...] = field(repr=False)
    filled: int
    unchanged: int
    digest: str
    problems: tuple[Problem, ...] = ()

    def added_to(self, register: AttendanceRegister) -> AttendanceRegister:
        """The register with what the file adds."""
        return AttendanceRegister((*register.saves, *self.saves), (*register.amendments, *self.amendments))


def load_marks(
    register: AttendanceRegister,
    read: MarksRead,
    statute: Statute,
    *,
    at: datetime,
    loaded: Collection[str] = (),
) -> Loaded:
    """What a file of marks adds to `register`, at the moment `at` of its loading.

    Filled blanks keep the times that `read_marks` gave them. A differing mark is an amendment, known when
    the file says that it was recorded, else at `at`; if the file says that it was recorded before the
    register's own, the register's stands, with a warning. `loaded` are the digests of files loaded before:
    without them a file is known again only if some entry of the register came from it. Raises ValueError
    if `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of loading needs a time zone")
    digest = digest_of(read.register)
    known = {event.id.partition(":")[0] for event in register.events}
    if digest in loaded or digest in known:
        marks = sum(int(np.count_nonzero(marks)) for marks in _Cells(read.register, statute).marks.values())
        return Loaded((), (), 0, marks, digest)
    return _Loading(register, read, statute, at, digest).loaded()


def digest_of(register: AttendanceRegister) -> str:
    """A hash of what a file says, whatever its name, its shape and the order of its rows."""
    lines = [
        f"{save.session}\t{save.known_at.isoformat()}\t{enrolment}\t{mark}"
        for save in register.saves
        for enrolment, mark in zip(save.roll, save.marks, strict=True)
        if mark != UNMARKED
    ]
    lines += [
        f"{one.session}\t{one.known_at.isoformat()}\t{one.enrolment}\t{one.original}>{one.amended}"
        for one in register.amendments
    ]
    return blake2b("\n".join(sorted(lines)).encode(), digest_size=8).hexdigest()


class _Cells:
    """What a register says in the end, by session and enrolment."""

    def __init__(
        self, register: AttendanceRegister, statute: Statute, seats: dict[str, int] | None = None
    ) -> None:
        self.seats: dict[str, int] = {} if seats is None else seats
        for one in (*(e for roll in {save.roll for save in register.saves} for e in roll),
                    *(amendment.enrolment for amendment in register.amendments)):  # fmt: skip
            self.seats.setdefault(one, len(self.seats))
        self._rolls: dict[tuple[str, ...], NDArray[np.intp]] = {}
        self.marks: dict[Session, Marks] = {}
        self.events: Mapping[Session, list[Save | Amendment]] = defaultdict(list)
        for event in register.known_by(None):
            self.events[event.session].append(event)
            self._fold(event, statute)

    def of(self, session: Session) -> Marks:
        """The marks of a session, at least as many as there are seats."""
        marks = self.marks.get(session)
        if marks is None or len(marks) < len(self.seats):
            more = np.zeros(len(self.seats), dtype=np.uint8)
            if marks is not None:
                more[: len(marks)] = marks
            self.marks[session] = marks = more
        return marks

    def rows(self, roll: tuple[str, ...]) -> NDArray[np.intp]:
        """The seats of a roll."""
        if roll not in self._rolls:
            self._rolls[roll] = np.array([self.seats[one] for one in roll], dtype=np.intp)
        return self._rolls[roll]

    def last_known_at(self, session: Session, enrolment: str) -> datetime:
        """When the last entry about a cell became known."""
        return max(event.known_at for event in self.events[session] if _is_about(event, enrolment))

    def _fold(self, event: Save | Amendment, statute: Statute) -> None:
        marks = self.of(event.session)
        if isinstance(event, Amendment):
            seat = self.seats[event.enrolment]
            if statute.symbol(int(marks[seat])) == event.original:
                marks[seat] = statute.number(event.amended)
            return
        rows = self.rows(event.roll)
        new, old = np.frombuffer(event.marks, dtype=np.uint8), marks[rows]
        # The rule of the register (register.marks.may_take), for a whole column.
        takes = (new != UNMARKED) & ((old == UNMARKED) | (event.known_at <= event.closes_at))
        marks[rows] = np.where(takes, new, old)


def _is_about(event: Save | Amendment, enrolment: str) -> bool:
    if isinstance(event, Amendment):
        return event.enrolment == enrolment
    return enrolment in event.roll and event.marks[event.roll.index(enrolment)] != UNMARKED


class _Loading:
    """One loading of one file."""

    def __init__(
        self, register: AttendanceRegister, read: MarksRead, statute: Statute, at: datetime, digest: str
    ) -> None:
        self.statute = statute
        self.read = read
        self.at = at
        self.digest = digest
        self.held = _Cells(register, statute)
        self.said = _Cells(read.register, statute, self.held.seats)
        self.older = 0

    def loaded(self) -> Loaded:
        fills = [save for save in map(self._filling, self.read.register.saves) if any(save.marks)]
        filled = {
            session: int(np.count_nonzero((marks != UNMARKED) & (self.held.of(session) == UNMARKED)))
            for session, marks in self._said()
        }
        unchanged = sum(
            int(np.count_nonzero((marks != UNMARKED) & (self.held.of(session) == marks)))
            for session, marks in self._said()
        )
        amendments = [*self._followed(), *self._changes()]
        return Loaded(
            tuple(fills),
            tuple(amendments),
            sum(filled.values()),
            unchanged,
            self.digest,
            tuple(self._problems()),
        )

    def _said(self) -> Iterable[tuple[Session, Marks]]:
        return ((session, self.said.of(session)) for session in self.said.marks)

    def _filling(self, save: Save) -> Save:
        """A save of the file without the marks for cells that are filled already."""
        blank = self.held.of(save.session)[self.held.rows(save.roll)] == UNMARKED
        marks = np.where(blank, np.frombuffer(save.marks, dtype=np.uint8), UNMARKED).astype(np.uint8)
        late = {
            enrolment: minutes
            for enrolment, minutes in save.minutes_late.items()
            if marks[save.roll.index(enrolment)]
        }
        return replace(save, id=f"{self.digest}:{save.id}", marks=marks.tobytes(), minutes_late=late)

    def _followed(self) -> Iterable[Amendment]:
        """The file's own amendments of cells that it fills itself."""
        for one in self.read.register.amendments:
            if self.held.of(one.session)[self.held.seats[one.enrolment]] == UNMARKED:
                yield replace(one, id=f"{self.digest}:{one.id}")

    def _changes(self) -> Iterable[Amendment]:
        ids = list(self.held.seats)
        for session, said in self._said():
            held = self.held.of(session)
            for seat in np.flatnonzero((held != UNMARKED) & (said != UNMARKED) & (held != said)):
                amendment = self._change(session, ids[int(seat)], int(held[seat]), int(said[seat]))
                if amendment is not None:
                    yield amendment

    def _change(self, session: Session, enrolment: str, held: int, said: int) -> Amendment | None:
        event = [one for one in self.said.events[session] if _is_about(one, enrolment)][-1]
        last_known_at = self.held.last_known_at(session, enrolment)
        recorded = isinstance(event, Amendment) or event.known_at != event.closes_at
        known_at = event.known_at if recorded else self.at
        if known_at <= last_known_at:
            self.older += 1
            return None
        late = event.minutes_late if isinstance(event, Amendment) else event.minutes_late.get(enrolment)
        return Amendment(
            f"{self.digest}:{made_id('change', enrolment, session)}",
            enrolment,
            session,
            self.statute.symbol(held),
            self.statute.symbol(said),
            f"changed in {self.read.kept_aside.file}",
            known_at,
            IMPORTED_BY,
            IMPORTED_BY,
            late,
        )

    def _problems(self) -> Sequence[Problem]:
        if not self.older:
            return ()
        what = f"{self.older:,} marks were recorded before those that the register has, which stand."
        remedy = "If the file is right, amend the register by hand."
        return [Problem("mark-older", Place(self.read.kept_aside.file), what, remedy, severity="warning")]
