"""What is kept of a school between one import and the next, and how is it written down?

One line of JSON for each thing, oldest first: pupils, enrolments, contacts, groups, figures stated by others,
saves and amendments with both their times, and every load with what it added. Lines are added, and what was
recorded in the register is never changed. The lines hold names and numbers of children; ids are made with a
key that stands in the first line and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec
import numpy as np

from firstbell.exchange.contacts import Contact
from firstbell.exchange.ctf import CtfPupil, CtfSchool
from firstbell.exchange.groups import Membership
from firstbell.exchange.pupils import Pupil
from firstbell.exchange.summary import StatedFigures
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import Amendment, AttendanceRegister, Enrolment, Save
from firstbell.sessions import Half, Session
from firstbell.statute import Statute

__all__ = ["EarlierSchool", "Load", "LoadedFile", "Record", "read_record", "record_text"]

VERSION = 1
BLANK = "-"


@dataclass(frozen=True)
class LoadedFile:
    """One file of a load: what of it was read and kept aside. `digest` knows a file of marks `again`."""

    file: str
    kind: str
    rows: int
    read: int
    kept_aside: int
    agreeing: int = 0
    digest: str = ""
    new_marks: int = 0
    amendments: int = 0
    again: bool = False
    known_marks: int = 0

    def __str__(self) -> str:
        rows = "pupils" if self.kind == "ctf" else "rows"
        agreeing = f", {self.agreeing:,} agree with the calendar" if self.agreeing else ""
        more = ""
        if self.digest:
            known = f", {self.known_marks:,} known already" if self.known_marks else ""
            more = f"; {self.new_marks:,} new marks, {self.amendments:,} amendments{known}"
        if self.again:
            more = "; it was loaded before and changes nothing"
        return (
            f"{self.file} ({self.kind}): {self.rows:,} {rows}, {self.read:,} read, "
            f"{self.kept_aside:,} kept aside{agreeing}{more}"
        )


@dataclass(frozen=True)
class Load:
    """Files that were loaded together, and when."""

    at: datetime
    files: tuple[LoadedFile, ...]


@dataclass(frozen=True)
class EarlierSchool:
    """A pupil of a transfer file, with the attendance at the school that wrote it."""

    source: CtfSchool
    written_on: date | None
    pupil: CtfPupil = field(repr=False)


@dataclass(frozen=True, eq=False)
class Record:
    """Everything kept of one school."""

    school: str
    key: str = field(repr=False)
    pupils: tuple[Pupil, ...] = field(default=(), repr=False)
    enrolments: tuple[Enrolment, ...] = ()
    register: AttendanceRegister = field(default_factory=lambda: AttendanceRegister(()))
    contacts: tuple[Contact, ...] = field(default=(), repr=False)
    memberships: tuple[Membership, ...] = field(default=(), repr=False)
    figures: tuple[StatedFigures, ...] = field(default=(), repr=False)
    earlier_schools: tuple[EarlierSchool, ...] = field(default=(), repr=False)
    loads: tuple[Load, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """Of the files of marks that were loaded: each changes nothing when it comes again."""
        return tuple(file.digest for load in self.loads for file in load.files if file.digest)


# --- lines -----------------------------------------------------------------------------------------------


class _Line(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    """What all lines have: the name of their kind."""


class _Head(_Line, tag="firstbell record", frozen=True):
    version: int
    school: str
    key: str


class _PupilLine(_Line, tag="pupil", frozen=True):
    pupil: Pupil


class _EnrolmentLine(_Line, tag="enrolment", frozen=True):
    enrolment: Enrolment


class _ContactLine(_Line, tag="contact", frozen=True):
    contact: Contact


class _MembershipLine(_Line, tag="group", frozen=True):
    membership: Membership


class _FiguresLine(_Line, tag="figures", frozen=True):
    figures: StatedFigures


class _EarlierLine(_Line, tag="earlier school", frozen=True):
    earlier: EarlierSchool


class _RollLine(_Line, tag="roll", frozen=True):
    id: int
    enrolments: tuple[str, ...]


class _SaveLine(_Line, tag="save", frozen=True):
    """A save; `marks` are symbols with spaces between, in the order of the roll, `-` where it set none."""

    id: str
    on: date
    half: str
    roll: int
    marks: str
    taken_at: datetime
    known_at: datetime
    closes_at: datetime
    by: str
    minutes_late: dict[str, int] = {}


class _AmendmentLine(_Line, tag="amendment", frozen=True):
    id: str
    enrolment: str
    on: date
    half: str
    original: str
    amended: str
    reason: str
    known_at: datetime
    by: str
    position: str
    minutes_late: int | None = None


class _LoadLine(_Line, tag="load", frozen=True):
    load: Load


_AnyLine = (
    _Head | _PupilLine | _EnrolmentLine | _ContactLine | _MembershipLine | _FiguresLine | _EarlierLine
    | _RollLine | _SaveLine | _AmendmentLine | _LoadLine
)  # fmt: skip


def record_text(record: Record, statute: Statute) -> bytes:
    """A record as lines of JSON. The same record gives the same bytes."""
    return msgspec.json.Encoder().encode_lines(list(_lines(record, statute)))


def _lines(record: Record, statute: Statute) -> Iterator[_Line]:
    yield _Head(VERSION, record.school, record.key)
    yield from map(_PupilLine, record.pupils)
    yield from map(_EnrolmentLine, record.enrolments)
    yield from map(_ContactLine, record.contacts)
    yield from map(_MembershipLine, record.memberships)
    yield from map(_FiguresLine, record.figures)
    yield from map(_EarlierLine, record.earlier_schools)
    yield from _register_lines(record.register, statute)
    yield from map(_LoadLine, record.loads)


def _register_lines(register: AttendanceRegister, statute: Statute) -> Iterator[_Line]:
    """The saves and amendments in the order in which they became known, each roll before its first save.

    Of a roll of the whole school a save may set a handful: it is written with those alone.
    """
    symbols = [BLANK, *(statute.symbol(number) for number in range(1, len(statute.symbols) + 1))]
    rolls: dict[tuple[str, ...], int] = {}
    for event in register.known_by(None):
        on, half = event.session.on, event.session.half.name
        if isinstance(event, Amendment):
            yield _AmendmentLine(
                event.id, event.enrolment, on, half, event.original, event.amended, event.reason,
                event.known_at, event.by, event.position, event.minutes_late,
            )  # fmt: skip
            continue
        roll, marks = event.roll, event.marks
        if 2 * (len(marks) - marks.count(0)) < len(marks):
            set_ = [place for place, mark in enumerate(marks) if mark]
            roll, marks = tuple(roll[place] for place in set_), bytes(marks[place] for place in set_)
        if roll not in rolls:
            rolls[roll] = len(rolls)
            yield _RollLine(rolls[roll], roll)
        yield _SaveLine(
            event.id, on, half, rolls[roll], " ".join([symbols[mark] for mark in marks]),
            event.taken_at, event.known_at, event.closes_at, event.by, dict(event.minutes_late),
        )  # fmt: skip


def read_record(data: bytes, file: str, statute: Statute) -> Record:
    """The record that lines of JSON hold. Raises `Unusable` with the line that is none of a record."""
    decoder = msgspec.json.Decoder(_AnyLine)
    lines: list[_Line] = []
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            if line.strip():
                lines.append(decoder.decode(line))
                _check_names(lines[-1], line, file, number)
        except UnicodeDecodeError:
            raise _damaged(file, number, "This is no text.") from None
        except msgspec.MsgspecError as error:
            # What it says names keys and types; never what stands there.
            raise _damaged(file, number, f"This is no line of a record: {_without_value(error)}.") from None
    head = lines[0] if lines else None
    if not isinstance(head, _Head):
        raise _damaged(file, 1, "The first line is not that of a record.")
    if head.version != VERSION:
        raise _damaged(file, 1, f"The record is of version {head.version}; this Firstbell reads {VERSION}.")
    _check_ids(lines, head.school, file)
    return Record(
        head.school,
        head.key,
        tuple(one.pupil for one in lines if isinstance(one, _PupilLine)),
        tuple(one.enrolment for one in lines if isinstance(one, _EnrolmentLine)),
        _register(lines, file, statute),
        tuple(one.contact for one in lines if isinstance(one, _ContactLine)),
        tuple(one.membership for one in lines if isinstance(one, _MembershipLine)),
        tuple(one.figures for one in lines if isinstance(one, _FiguresLine)),
        tuple(one.earlier for one in lines if isinstance(one, _EarlierLine)),
        tuple(one.load for one in lines if isinstance(one, _LoadLine)),
    )


def _check_ids(lines: Sequence[_Line], school: str, file: str) -> None:
    """Refuses a record in which a line speaks of somebody who has none, or of a moment without a zone."""
    pupils = {one.pupil.id for one in lines if isinstance(one, _PupilLine)}
    enrolments = {one.enrolment.id for one in lines if isinstance(one, _EnrolmentLine)}
    for number, one in enumerate(lines, start=1):
        whose: set[str] = set()
        if isinstance(one, _EnrolmentLine):
            whose = {one.enrolment.pupil} - pupils
            if one.enrolment.school != school:
                raise _damaged(file, number, "The enrolment is one of another school.")
        elif isinstance(one, _RollLine):
            whose = {*one.enrolments} - enrolments
        elif isinstance(one, _AmendmentLine):
            whose = {one.enrolment} - enrolments
        if whose:
            raise _damaged(file, number, "The line is about somebody who is not in the record.")
        if isinstance(one, _SaveLine | _AmendmentLine) and one.known_at.tzinfo is None:
            raise _damaged(file, number, "The line has a moment without a zone.")


def _check_names(decoded: _Line, line: bytes, file: str, number: int) -> None:
    """Refuses a line about people with a name that the reader would pass over without a word."""
    if isinstance(decoded, _RollLine | _SaveLine | _AmendmentLine):
        return
    if unknown := _names(msgspec.json.decode(line)) - _names(msgspec.to_builtins(decoded)):
        raise _damaged(file, number, f"No line of a record has: {', '.join(sorted(unknown))}.")


def _names(value: object) -> set[str]:
    if isinstance(value, dict):
        return {*value} | {name for one in value.values() for name in _names(one)}
    return {name for one in value for name in _names(one)} if isinstance(value, list | tuple) else set()


def _without_value(error: Exception) -> str:
    text = str(error)
    return text if text.startswith(("Expected", "Object", "Invalid value for", "JSON")) else "not understood"


def _register(lines: Sequence[_Line], file: str, statute: Statute) -> AttendanceRegister:
    numbers = {symbol: statute.number(symbol) for symbol in statute.symbols} | {BLANK: 0}
    rolls = {one.id: one.enrolments for one in lines if isinstance(one, _RollLine)}
    saves, amendments = [], []
    for number, one in enumerate(lines, start=1):
        try:
            if isinstance(one, _SaveLine):
                saves.append(_save(one, rolls[one.roll], numbers))
            elif isinstance(one, _AmendmentLine):
                amendments.append(_amendment(one))
        except (KeyError, ValueError):
            raise _damaged(file, number, "The line does not fit its roll, or holds unknown codes.") from None
    return AttendanceRegister(tuple(saves), tuple(amendments))


def _save(one: _SaveLine, roll: tuple[str, ...], numbers: dict[str, int]) -> Save:
    marks = np.array([numbers[symbol] for symbol in one.marks.split()], dtype=np.uint8).tobytes()
    session = Session(one.on, Half[one.half])
    late = one.minutes_late
    return Save(one.id, session, roll, marks, one.taken_at, one.known_at, one.closes_at, one.by, late)


def _amendment(one: _AmendmentLine) -> Amendment:
    return Amendment(
        one.id, one.enrolment, Session(one.on, Half[one.half]), one.original, one.amended, one.reason,
        one.known_at, one.by, one.position, one.minutes_late,
    )  # fmt: skip


def _damaged(file: str, line: int, what: str) -> Unusable:
    remedy = "Take the folder from a back-up, or import the school's files anew into another folder."
    return Unusable([Problem("record-damaged", Place(file, line), what, remedy)])
