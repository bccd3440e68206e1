"""What does a common transfer file say of pupils and of their attendance at earlier schools?

Pupils who move bring a file from the school they leave. Its attendance is numbers for each school year and,
at times, the marks themselves as one string. Read by the names of elements, in whatever order and case they
come. Numbers that do not add up are read with a warning, because systems are known to write such; marks that
do not fit the days are not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from firstbell.exchange.cells import read_days, shown
from firstbell.exchange.limits import refused
from firstbell.exchange.pupils import as_number, upn_fault
from firstbell.exchange.weeks import marks_of_string
from firstbell.exchange.xml import Element, elements, written
from firstbell.problems import Place, Problem, Severity, Unusable
from firstbell.sessions import Half, Session
from firstbell.statute import Code, Statute

__all__ = ["CtfFile", "CtfPupil", "CtfSchool", "CtfYear", "read_ctf"]

FILE_NAME = re.compile(r"(\d{3})([0-9L]{4})_CTF_([0-9A-Z]{7})_(\d{3})\.xml", re.IGNORECASE)
NUMBER = re.compile(r"\d{1,5}")


@dataclass(frozen=True)
class CtfSchool:
    """A school as a transfer file names it: the authority's number, the school's own, and its URN."""

    lea: str
    estab: str
    urn: str = ""
    name: str = ""

    @property
    def laestab(self) -> str:
        """The seven digits by which the Department knows the school."""
        return self.lea + self.estab


@dataclass(frozen=True)
class CtfYear:
    """A pupil's attendance in one school year at one school, as that school counted it.

    `year` is the one in which the school year starts. `marks` are empty where the file has none, or where
    they do not fit; `raw_marks` are as the file has them.
    """

    year: int
    school: CtfSchool
    possible: int = field(repr=False)
    attended: int = field(repr=False)
    authorised: int = field(repr=False)
    unauthorised: int = field(repr=False)
    starts_on: date | None = field(default=None, repr=False)
    marks: tuple[tuple[Session, str], ...] = field(default=(), repr=False)
    raw_marks: str = field(default="", repr=False)


@dataclass(frozen=True)
class CtfPupil:
    """A pupil of a transfer file, `number` in its order, with the attendance of each year and school."""

    number: int
    upn: str = field(repr=False)
    surname: str = field(repr=False)
    forename: str = field(repr=False)
    born_on: date | None = field(repr=False)
    sex: str = field(repr=False)
    years: tuple[CtfYear, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class CtfFile:
    """What a transfer file says: from which school to which, written when, and its pupils.

    Every pupil of the file was read or kept aside. `kept_aside` is a file of the same kind with those that
    were kept aside, to be corrected and read again; "" if there are none.
    """

    version: str
    written_on: date | None
    source: CtfSchool
    destination: CtfSchool
    pupils: tuple[CtfPupil, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    pupils_in_file: int
    kept_aside: str = field(repr=False)

    @property
    def pupils_kept_aside(self) -> int:
        """How many pupils could not be read."""
        return self.pupils_in_file - len(self.pupils)


def read_ctf(path: Path, statute: Statute) -> CtfFile:
    """The attendance of a common transfer file. Raises `Unusable` for what is none, or breaks a limit.

    A pupil is kept aside who has neither UPN nor name and date of birth, or whose numbers for a year are
    no numbers. Possible sessions that are not the sum of the others are a warning. So are marks that are no
    codes of their days, that are odd in number, that reach beyond the day on which the file was written, or
    that do not come to the numbers: in the first three cases the numbers alone are read.
    """
    return _Reading(path, statute).file()


class _Reading:
    def __init__(self, path: Path, statute: Statute) -> None:
        self.path = path
        self.statute = statute
        self.problems: list[Problem] = []
        self.header = Element("Header")
        self.kept: list[Element] = []
        self.written_on: date | None = None
        self.errors = 0

    def file(self) -> CtfFile:
        read: list[CtfPupil] = []
        number = 0
        root = Element("")
        for element in elements(self.path, "Header", "Pupil"):
            if not root.name:
                root = element
                self._check_root(root)
            elif element.name.casefold() == "header":
                self._read_header(element)
            else:
                number += 1
                pupil = self._pupil(element, number)
                if pupil is None:
                    self.kept.append(element)
                else:
                    read.append(pupil)
        if not number:
            self._say("ctf-no-pupils", None, "There is no pupil in the file.", "Export it again.", "warning")
        header = self.header
        return CtfFile(
            header.said("CTFversion"),
            self.written_on,
            _school(header.find("SourceSchool") or Element("")),
            _school(header.find("DestSchool") or Element("")),
            tuple(read),
            tuple(sorted(self.problems, key=lambda problem: problem.severity)),
            number,
            self._kept_aside(root) if self.kept else "",
        )

    def _check_root(self, root: Element) -> None:
        if root.name.casefold() not in ("ctfile", "atfile"):
            raise refused_root(self.path.name, root.name)

    def _read_header(self, element: Element) -> None:
        self.header = element
        day = element.said("DateTime")[:10]
        self.written_on = _day(day)
        if self.written_on is None:
            what = "The header does not say when the file was written."
            self._say("ctf-date", None, what, "The marks were read without it.", "warning")
        named = FILE_NAME.fullmatch(self.path.name)
        source = _school(element.find("SourceSchool") or Element(""))
        if named and source.lea and named.group(1) + named.group(2) != source.laestab:
            what = (
                f"The name says the file is from {named.group(1)}{named.group(2)}, the file {source.laestab}."
            )
            self._say("ctf-name", None, what, "The file was believed.", "warning")

    def _pupil(self, element: Element, number: int) -> CtfPupil | None:
        upn, surname, forename = (element.said(one) for one in ("UPN", "Surname", "Forename"))
        upn, born_on = as_number(upn), _day(element.said("DOB"))
        if not upn and not (surname and forename and born_on):
            what = "The pupil has neither a UPN nor a name with a date of birth."
            self._say("pupil-unnamed", number, what, "Ask the school for the UPN.")
            return None
        if upn and (fault := upn_fault(upn)):
            self._say("upn", number, fault, "Ask the school for the right one.", "warning")
        found = element.find("Attendance")
        years = [self._year(one, number) for one in (found.all("YearData") if found else ())]
        if None in years:
            return None
        sex = element.said("Sex") or element.said("Gender")
        read = tuple(year for year in years if year is not None and year.possible)
        return CtfPupil(number, upn, surname, forename, born_on, sex, read)

    def _year(self, element: Element, number: int) -> CtfYear | None:
        year = self._number(element, "Year", number, needed=True)
        possible = self._number(element, "SessionsPossible", number, needed=True)
        counts = [
            self._number(element, f"Sessions{name}", number)
            for name in ("Attended", "Authorised", "Unauthorised")
        ]
        if year is None or possible is None or None in counts:
            return None
        attended, authorised, unauthorised = (count or 0 for count in counts)
        if possible != attended + authorised + unauthorised:
            what = (
                f"In {year} {possible} sessions were possible, but {attended} attended, {authorised} "
                f"authorised and {unauthorised} unauthorised make {attended + authorised + unauthorised}."
            )
            self._say("ctf-totals", number, what, "Ask the school which is right.", "warning")
        starts_text = element.said("AttendSessions", "AttendanceStartDate")
        raw = element.find("AttendSessions", "AttendanceMarks")
        starts_on, text = _day(starts_text), raw.text if raw else ""
        read = CtfYear(
            year, _school(element), possible, attended, authorised, unauthorised, starts_on, (), text.strip()
        )
        if not text.strip():
            return read
        marks = self._marks(text, starts_on, year, number)
        self._check_counts(read, marks, number)
        return replace(read, marks=marks)

    def _number(self, element: Element, name: str, number: int, *, needed: bool = False) -> int | None:
        text = element.said(name)
        if NUMBER.fullmatch(text):
            return int(text)
        if not text and not needed:
            return 0
        what = f"{name} is {shown(text)}, which is no number." if text else f"{name} is missing."
        self._say("ctf-number", number, what, "Correct it with the school that sent the file.")
        return None

    def _marks(
        self, text: str, starts_on: date | None, year: int, number: int
    ) -> tuple[tuple[Session, str], ...]:
        """The marks of a year by session; none, with a warning, where they do not fit."""
        found = marks_of_string(text)
        why = ""
        if starts_on is None:
            why = "do not say on which day they start"
        elif found is None:
            why = "hold something that is no code"
        elif len(found) % 2:
            why = f"are {len(found)}, which is not two for each day"
        elif self.written_on and starts_on + timedelta(days=len(found) // 2 - 1) > self.written_on:
            why = f"reach beyond {self.written_on}, the day on which the file was written"
        if why or found is None or starts_on is None:
            self._no_marks(why, year, number)
            return ()
        marks = []
        for place, mark in enumerate(found):
            session = Session(starts_on + timedelta(days=place // 2), Half(place % 2))
            if not mark or mark == "#":
                continue
            if session.on < self.statute.first_on or self._code(session, mark) is None:
                self._no_marks(f"have {shown(mark)} on {session.on}, no code of that day", year, number)
                return ()
            marks.append((session, self._code(session, mark) or mark))
        return tuple(marks)

    def _code(self, session: Session, mark: str) -> str | None:
        # What another school could enter on that day, withdrawn since or not.
        codes = self.statute.on(session.on).codes
        return next((one for one in (mark, mark.upper()) if one in codes), None)

    def _no_marks(self, why: str, year: int, number: int) -> None:
        what = f"The marks of {year} {why}."
        self._say("ctf-marks", number, what, "Only the numbers of the year were read.", "warning")

    def _check_counts(self, read: CtfYear, marks: Sequence[tuple[Session, str]], number: int) -> None:
        if not marks:
            return
        codes = [self.statute.on(session.on).codes[mark] for session, mark in marks]
        counted = tuple(_counted(codes))
        said = (read.attended, read.authorised, read.unauthorised)
        if counted != said:
            what = (
                f"The marks of {read.year} come to {counted[0]} attended, {counted[1]} authorised and "
                f"{counted[2]} unauthorised, but the file says {said[0]}, {said[1]} and {said[2]}."
            )
            self._say("ctf-counts", number, what, "Both were read; the marks say more.", "warning")

    def _say(
        self, rule: str, number: int | None, what: str, remedy: str, severity: Severity = "error"
    ) -> None:
        part = None if number is None else f"pupil {number}"
        place = Place(self.path.name, part=part)
        self.problems.append(Problem(rule, place, what, remedy, severity=severity))

    def _kept_aside(self, root: Element) -> str:
        pupils = "".join(written(element, "    ") for element in self.kept)
        data = "ATFpupilData" if root.name.casefold() == "atfile" else "CTFpupilData"
        return (
            f'<?xml version="1.0" encoding="utf-8"?>\n<{root.name}>\n{written(self.header, "  ")}'
            f"  <{data}>\n{pupils}  </{data}>\n</{root.name}>\n"
        )


def refused_root(file: str, name: str) -> Unusable:
    """The refusal of XML of another kind."""
    return refused(
        file,
        "file-kind",
        f"The file's outermost element is {shown(name)}, and a transfer file's is CTfile.",
        "Name a common transfer file.",
    )


def _school(element: Element) -> CtfSchool:
    lea, estab, urn, name = (element.said(one) for one in ("LEA", "Estab", "URN", "SchoolName"))
    return CtfSchool(lea, estab, urn, name)


def _day(text: str) -> date | None:
    (day,) = read_days([text])
    return day if isinstance(day, date) else None


def _counted(codes: Sequence[Code]) -> Iterator[int]:
    """How many of the marks count as attended, as authorised and as unauthorised absence."""
    yield sum(code.attended for code in codes)
    for kind in ("authorised", "unauthorised"):
        yield sum(code.possible and code.absence == kind for code in codes)
