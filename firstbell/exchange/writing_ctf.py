"""How does the attendance of pupils who leave go to their next school, as a Common Transfer File?

The totals of each school year, always. The marks one by one only where the school asks for them: the string
that carries them was made for codes of one character, and nobody has published how those of two stand in it.
Everything else that such a file can carry about a child is left to the school's own system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import numpy as np

from firstbell.exchange.ctf import CtfSchool
from firstbell.exchange.pupils import Pupil
from firstbell.exchange.writing import BLANK, CLOSED, Extract
from firstbell.exchange.writing_tables import UNPRINTABLE
from firstbell.measures import count
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import Enrolment
from firstbell.sessions import LONDON, Half, Period, Session
from firstbell.statute import UNMARKED

__all__ = ["UNKNOWN_SCHOOL", "as_xml", "ctf", "ctf_name"]

VERSION = "25.0"
SUPPLIER = "Firstbell"
AUTHORITY, ESTABLISHMENT = re.compile(r"\d{3}"), re.compile(r"\d{4}|LLLL")


UNKNOWN_SCHOOL = CtfSchool("XXX", "XXXX")
"""Where a pupil goes is not known: the file waits until a school asks for it."""


def ctf_name(source: CtfSchool, destination: CtfSchool, serial: int) -> str:
    """The name a file must have: from whom, to whom, and its number among those sent there.

    Raises `Unusable` for a school without its numbers, or a serial number of more than three digits.
    """
    _check(source)
    if destination != UNKNOWN_SCHOOL:
        _check(destination)
    if not 0 < serial < 1000:
        what = f"{serial} is no serial number of a Common Transfer File."
        raise Unusable([Problem("ctf-serial", Place(), what, "Count from 1 to 999 for each school.")])
    return f"{source.lea}{source.estab}_CTF_{destination.lea}{destination.estab}_{serial:03d}.xml"


def _check(school: CtfSchool) -> None:
    if AUTHORITY.fullmatch(school.lea) and ESTABLISHMENT.fullmatch(school.estab):
        return
    raise Unusable(
        [
            Problem(
                "ctf-school",
                Place(),
                f'"{school.lea}" and "{school.estab}" are no numbers of a school.',
                "Give the authority's three digits and the establishment's four.",
            )
        ]
    )


def ctf(
    extract: Extract,
    source: CtfSchool,
    destination: CtfSchool,
    written_at: datetime,
    *,
    marks: bool = False,
) -> bytes:
    """A Common Transfer File with the attendance of the extract's pupils, one block a school year.

    Possible is attended, authorised and unauthorised; attended counts late arrivals and activities
    elsewhere as the law does. A year without a possible session is left out, a pupil without a UPN too: the
    file has no other way to say who is meant. With `marks` every session follows, two for each date of the
    calendar year between the pupil's first and last, `##` where the school did not meet, codes of two
    characters as they are. Raises `Unusable` for a school without its numbers.
    """
    _check(source)
    root = ElementTree.Element("CTfile")
    _header(root, source, destination, written_at)
    pupils = ElementTree.SubElement(root, "CTFpupilData")
    for pupil in extract.pupils:
        rows = extract.stays.get(pupil.id, ())
        if pupil.upn and rows:
            _pupil(pupils, pupil, [extract.enrolments[row] for row in rows])
            _attendance(pupils[-1], extract, rows, source, marks=marks)
    return as_xml(root)


def as_xml(root: ElementTree.Element) -> bytes:
    """An element as a file in UTF-8, a line for each element, with what XML cannot hold left out."""
    for element in root.iter():
        if element.text:
            element.text = UNPRINTABLE.sub("", element.text)
    ElementTree.indent(root)
    content = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{content}\n'.encode()


def _add(parent: ElementTree.Element, name: str, text: object) -> None:
    if text not in ("", None):
        ElementTree.SubElement(parent, name).text = str(text)


def _school(parent: ElementTree.Element, name: str, school: CtfSchool) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    _add(element, "LEA", school.lea)
    _add(element, "Estab", school.estab)
    return element


def _header(
    root: ElementTree.Element, source: CtfSchool, destination: CtfSchool, written_at: datetime
) -> None:
    at = written_at.astimezone(LONDON)
    header = ElementTree.SubElement(root, "Header")
    _add(header, "DocumentName", "Common Transfer File")
    _add(header, "CTFversion", VERSION)
    _add(header, "DateTime", f"{at:%Y-%m-%dT%H:%M:%S}")
    _add(header, "DocumentQualifier", "partial")
    _add(header, "SupplierID", SUPPLIER)
    school = _school(header, "SourceSchool", source)
    _add(school, "URN", source.urn)
    _add(school, "SchoolName", source.name)
    _add(school, "AcademicYear", at.year - (at.month < 9))
    _school(header, "DestSchool", destination)


def _pupil(parent: ElementTree.Element, pupil: Pupil, stays: Sequence[Enrolment]) -> None:
    last = stays[-1]
    on = last.ends_on or last.starts_on
    element = ElementTree.SubElement(parent, "Pupil")
    for name, text in (("UPN", pupil.upn), ("Surname", pupil.surname), ("Forename", pupil.forename)):
        _add(element, name, text)
    _add(element, "DOB", last.born_on)
    _add(element, "Sex", last.value("sex", on))
    details = ElementTree.Element("BasicDetails")
    _add(details, "PreferredForename", pupil.preferred_name)
    _add(details, "NCyearActual", last.year_group(on))
    if len(details):
        element.append(details)


def _attendance(
    parent: ElementTree.Element, extract: Extract, rows: Sequence[int], source: CtfSchool, *, marks: bool
) -> None:
    attendance = ElementTree.Element("Attendance")
    strips = extract.strips
    for year in extract.calendar.years:
        within = strips.axis.between(year.starts_on, year.ends_on)
        of = count(strips, within).total(np.array(rows, dtype=np.intp))
        if not of.possible:
            continue
        block = ElementTree.SubElement(attendance, "YearData")
        _add(block, "Year", year.starts_on.year)
        _add(block, "LEA", source.lea)
        _add(block, "Estab", source.estab)
        _add(block, "SchoolName", source.name)
        _add(block, "SessionsPossible", of.possible)
        _add(block, "SessionsAuthorised", of.authorised)
        _add(block, "SessionsAttended", of.attended)
        _add(block, "SessionsUnauthorised", of.unauthorised)
        if marks:
            starts_on, text = _marks(extract, rows, year)
            sessions = ElementTree.SubElement(block, "AttendSessions")
            _add(sessions, "AttendanceStartDate", starts_on)
            _add(sessions, "AttendanceMarks", text)
    if len(attendance):
        parent.append(attendance)


def _marks(extract: Extract, rows: Sequence[int], year: Period) -> tuple[date, str]:
    """The first and last dates on which a pupil of these stays had a mark, and a pair for each between."""
    strips = extract.recorded
    said = {
        strips.axis.session(int(place)): strips.symbol(row, int(place))
        for row in rows
        for place in np.flatnonzero(strips.marks[row] != UNMARKED)
    }
    days = sorted({session.on for session in said if session.on in year})
    meets = strips.meets[strips.pattern[rows[-1]]]
    open_ = {strips.axis.session(int(place)) for place in np.flatnonzero(meets)}
    sessions = _each_session(days[0], days[-1])
    return days[0], "".join(said.get(s, BLANK if s in open_ else CLOSED) for s in sessions)


def _each_session(first_on: date, last_on: date) -> Iterator[Session]:
    for n in range((last_on - first_on).days + 1):
        for half in Half:
            yield Session(first_on + timedelta(days=n), half)
