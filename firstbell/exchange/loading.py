"""What does a file of marks add to the register there is already?

A blank is filled, a mark that the register has is passed over, and one that differs is an amendment with the
file as its reason. A file that was loaded before changes nothing, whatever has been amended since. A blank
in a file says nothing: marks are never taken away by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
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
NEXT_MOMENT = timedelta(microseconds=1)
"""By how much later an entry is known than another, where nothing says more: no two are known at once."""


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
    again: bool = False,
) -> Loaded:
    """What a file of marks adds to `register`, at the moment `at` of its loading.

    Filled blanks keep the times that `read_marks` gave them. A differing mark is an amendment, known when
    the file says that it was recorded, else at `at`; if the file says that it was recorded before the
    register's own, the register's stands, with a warning. `loaded` are the digests of files loaded before:
    without them a file is known again only if some entry of the register came from it. With `again` it
    counts as a new one all the same; without, marks of it that the register has otherwise by now are a
    warning. Raises ValueError if `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of loading needs a time zone")
    digest = digest_of(read)
    known = {event.id.partition(":")[0] for event in register.events}
    if not read.register.saves:
        # Nothing of it could be read: no two such files are the same one.
        return Loaded((), (), 0, 0, "")
    if (digest in loaded or digest in known) and not again:
        return _Loading(register, read, statute, at, digest).known_before()
    before = sum(one.startswith(digest) for one in {*loaded, *known})
    return _Loading(register, read, statute, at, f"{digest}-{before}" if before else digest, again).loaded()


def digest_of(read: MarksRead) -> str:
    """A hash of what a file says, whatever its name, its shape and the order of its rows.

    Rows that were kept aside count: a file with other faulty rows is another file.
    """
    # The sum of the lines' hashes: whatever their order, and without holding half a million of them at once.
    total = sum(
        int.from_bytes(blake2b(line.encode("utf-8", "replace"), digest_size=16).digest())
        for line in _lines_of(read)
    )
    return f"{total % (1 << 64):016x}"


def _lines_of(read: MarksRead) -> Iterator[str]:
    for save in read.register.saves:
        known = "" if _is_assumed(save) else save.known_at.isoformat()
        for enrolment, mark in zip(save.roll, save.marks, strict=True):
            if mark != UNMARKED:
                yield f"{save.session}\t{known}\t{enrolment}\t{mark}\t{save.minutes_late.get(enrolment)}"
    for one in read.register.amendments:
        said = f"{one.original}>{one.amended}\t{one.minutes_late}"
        yield f"{one.session}\t{one.known_at.isoformat()}\t{one.enrolment}\t{said}"
    for row in read.kept_aside.rows:
        yield "\t".join(row.cells)


class _Cells:
    """What a register says in the end, by session and enrolment."""

    def __init__(
        self, register: AttendanceRegister, statute: Statute, seats: dict[str, int] | None = None
    ) -> None:
        self.seats: dict[str, int] = {} if seats is None else seats
        for one in (*(e for roll in {save.roll for save in register.saves} for e in roll),
                    *(amendment.enrolment for amendment in register.amendments)):  # fmt: skip
            self.seats.setdefault(one, len(self.seats))
        self.number = statute.number
        self._rolls: dict[tuple[str, ...], NDArray[np.intp]] = {}
        self.minutes: dict[tuple[Session, str], int] = {}
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

    def had(self, session: Session, enrolment: str, mark: int) -> bool:
        """Whether a cell has said something before that it does not say any more."""
        for event in self.events[session]:
            if isinstance(event, Amendment):
                if event.enrolment == enrolment and mark in map(self.number, (event.original, event.amended)):
                    return True
            elif enrolment in event.roll and event.marks[event.roll.index(enrolment)] == mark:
                return True
        return False

    def last(self, session: Session, enrolment: str) -> Save | Amendment:
        """The last entry about a cell."""
        entries = [event for event in self.events[session] if _is_about(event, enrolment)]
        return max(entries, key=lambda event: event.known_at)

    def _fold(self, event: Save | Amendment, statute: Statute) -> None:
        marks = self.of(event.session)
        if isinstance(event, Amendment):
            seat = self.seats[event.enrolment]
            if statute.symbol(int(marks[seat])) == event.original:
                marks[seat] = statute.number(event.amended)
                key = (event.session, event.enrolment)
                if event.minutes_late is not None:
                    self.minutes[key] = event.minutes_late
                elif event.original != event.amended:
                    self.minutes.pop(key, None)
            return
        self.minutes.update({(event.session, one): late for one, late in event.minutes_late.items()})
        rows = self.rows(event.roll)
        new, old = np.frombuffer(event.marks, dtype=np.uint8), marks[rows]
        # The rule of the register (register.marks.may_take), for a whole column.
        takes = (new != UNMARKED) & ((old == UNMARKED) | (event.known_at <= event.closes_at))
        marks[rows] = np.where(takes, new, old)


def _is_assumed(event: Save | Amendment) -> bool:
    """Whether nobody stated when a save was recorded: its time is that of its register's close."""
    return isinstance(event, Save) and event.known_at == event.closes_at


def _is_about(event: Save | Amendment, enrolment: str) -> bool:
    if isinstance(event, Amendment):
        return event.enrolment == enrolment
    return enrolment in event.roll and event.marks[event.roll.index(enrolment)] != UNMARKED


class _Loading:
    """One loading of one file."""

    def __init__(
        self,
        register: AttendanceRegister,
        read: MarksRead,
        statute: Statute,
        at: datetime,
        digest: str,
        again: bool = False,
    ) -> None:
        self.statute = statute
        self.read = read
        self.at = at
        self.digest = digest
        self.held = _Cells(register, statute)
        self.said = _Cells(read.register, statute, self.held.seats)
        self.again = again
        self.older = 0
        self.had_before = 0
        self.own: dict[tuple[Session, str], list[Amendment]] = defaultdict(list)
        for one in sorted(read.register.amendments, key=lambda one: one.known_at):
            self.own[one.session, one.enrolment].append(one)
        self.followed: set[tuple[Session, str]] = set()

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

    def known_before(self) -> Loaded:
        """Nothing new; but a warning if the register says something else by now."""
        marks = differing = 0
        for session, said in self._said():
            held = self.held.of(session)
            marks += int(np.count_nonzero(said))
            differing += int(np.count_nonzero((said != UNMARKED) & (held != said)))
        if not differing:
            return Loaded((), (), 0, marks, self.digest)
        what = f"The file was loaded before, and {differing:,} of its marks have been changed since."
        remedy = "They stay as they are. If this file is right again, import it with --again."
        place = Place(self.read.kept_aside.file)
        problem = Problem("loaded-before-differs", place, what, remedy, severity="warning")
        return Loaded((), (), 0, marks, self.digest, (problem,))

    def _said(self) -> Iterable[tuple[Session, Marks]]:
        return ((session, self.said.of(session)) for session in self.said.marks)

    def _filling(self, save: Save) -> Save:
        """A save of the file without the marks for cells that are filled already.

        A time that was only assumed, the close of a register that is still open, cannot be later than the
        loading: the file is here.
        """
        blank = self.held.of(save.session)[self.held.rows(save.roll)] == UNMARKED
        marks = np.where(blank, np.frombuffer(save.marks, dtype=np.uint8), UNMARKED).astype(np.uint8)
        late = {
            enrolment: minutes
            for enrolment, minutes in save.minutes_late.items()
            if marks[save.roll.index(enrolment)]
        }
        known_at = min(save.known_at, self.at) if _is_assumed(save) else save.known_at
        taken_at = min(save.taken_at, known_at)
        return replace(
            save,
            id=f"{self.digest}:{save.id}",
            marks=marks.tobytes(),
            minutes_late=late,
            known_at=known_at,
            taken_at=taken_at,
        )

    def _followed(self) -> Iterable[Amendment]:
        """The file's own corrections: of cells that it fills itself, or on top of what the register says."""
        for (session, enrolment), chain in self.own.items():
            held = int(self.held.of(session)[self.held.seats[enrolment]])
            start = 0
            if held != UNMARKED:
                said = self.statute.symbol(held)
                last_at = self.held.last(session, enrolment).known_at
                starts = [n for n, one in enumerate(chain) if one.original == said and one.known_at > last_at]
                if not starts:
                    continue
                start = starts[0]
            self.followed.add((session, enrolment))
            yield from (replace(one, id=f"{self.digest}:{one.id}") for one in chain[start:])

    def _changes(self) -> Iterable[Amendment]:
        ids = list(self.held.seats)
        for session, said in self._said():
            held = self.held.of(session)
            both = (held != UNMARKED) & (said != UNMARKED)
            other = both & (held != said)
            other[[seat for seat in self._other_minutes.get(session, ()) if both[seat]]] = True
            for seat in np.flatnonzero(other):
                if (session, ids[int(seat)]) in self.followed:
                    continue
                amendment = self._change(session, ids[int(seat)], int(held[seat]), int(said[seat]))
                if amendment is not None:
                    yield amendment

    @cached_property
    def _other_minutes(self) -> Mapping[Session, list[int]]:
        """The seats, by session, for which the file states other minutes late than the register has."""
        found: dict[Session, list[int]] = defaultdict(list)
        for (session, enrolment), minutes in self.said.minutes.items():
            if self.held.minutes.get((session, enrolment)) != minutes:
                found[session].append(self.held.seats[enrolment])
        return found

    def _change(self, session: Session, enrolment: str, held: int, said: int) -> Amendment | None:
        event, before = self.said.last(session, enrolment), self.held.last(session, enrolment)
        recorded = not _is_assumed(event)
        if not recorded and not self.again and held != said and self.held.had(session, enrolment, said):
            self.had_before += 1
            return None
        known_at = event.known_at if recorded else self.at
        if known_at <= before.known_at:
            if recorded and not _is_assumed(before):
                self.older += 1
                return None
            # Neither time says that the register's is the later one: the file is, because it comes later.
            known_at = before.known_at + NEXT_MOMENT
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
            self.said.minutes.get((session, enrolment)),
        )

    def _problems(self) -> Sequence[Problem]:
        file = Place(self.read.kept_aside.file)
        if self.had_before:
            what = (
                f"The register had {self.had_before:,} of its marks before, and they have been changed since."
            )
            remedy = "They stay as they are. If this file is right again, import it with --again."
            return [Problem("mark-had-before", file, what, remedy, severity="warning"), *self._older(file)]
        return self._older(file)

    def _older(self, file: Place) -> list[Problem]:
        if not self.older:
            return []
        what = f"{self.older:,} marks were recorded before those that the register has, which stand."
        remedy = "They were not used. If the file is right, leave out its times of recording."
        return [Problem("mark-older", file, what, remedy)]
