"""From the lines of `[[pupils]]` and `[[groups]]`: who is on roll, and what does the register say of them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from firstbell.policy.lines import Path
from firstbell.problems import Place
from firstbell.register import (
    YEAR_GROUP,
    Attribute,
    Enrolment,
    problems_with_code,
    problems_with_mark,
    read_notation,
)
from firstbell.scenarios.format import NURSERY, YEAR_GROUPS, AmendmentLine, GroupLine, PupilLine
from firstbell.scenarios.scenario import Amending, Pupil
from firstbell.scenarios.tables import Reader
from firstbell.sessions import LONDON, Calendar, Half, Session, monday_of
from firstbell.statute import Statute

__all__ = ["GROUP", "NAME", "PupilsReading", "refs_of_group", "session_from", "sessions_of", "year_group_in"]

GROUP = "registration group"
"""The attribute that holds the class."""
HOUSE = "house"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What ids and refs are made of: no spaces, so that they can stand in any list."""
MARKS = re.compile(r"(\S+)\s+(\S+)\s+(\S+)")
DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")
LEFT = "-"
MOST_PUPILS = 3000
YEARS = '"N1" or "N2" for nursery, "R", or "1" to "13"'
HIGHER = {"N": "R", "N1": "N2", "N2": "R", "R": "1", **{str(year): str(year + 1) for year in range(1, 13)}}
LOWER = {"N2": "N1", "1": "R", **{str(year + 1): str(year) for year in range(1, 13)}}
"""The year groups of the next school year and of the one before; who has none there stays where they are."""


def session_from(text: str) -> Session | None:
    """A session from "2025-09-16 AM"; None for anything else."""
    try:
        return Session.read(text)
    except ValueError:
        return None


def refs_of_group(line: GroupLine) -> list[str]:
    """What the pupils of a class are called: `2A-1`, `2A-2` ..."""
    return [f"{line.group}-{number + 1}" for number in range(line.pupils)]


def year_group_in(year_group: str, years: int) -> str:
    """The year group so many school years later or, below zero, earlier."""
    found = year_group
    for _ in range(abs(years)):
        found = (HIGHER if years > 0 else LOWER).get(found, found)
    return found


def sessions_of(calendar: Calendar, enrolment: Enrolment, first: date, last: date) -> list[Session]:
    """The sessions from one day to another, both included: in each school year those of the year group."""
    found: list[Session] = []
    for year in calendar.years:
        starts_on, ends_on = max(first, year.starts_on), min(last, year.ends_on)
        if starts_on <= ends_on:
            found += calendar.sessions(starts_on, ends_on, enrolment.year_group(starts_on))
    return found


@dataclass(frozen=True)
class PupilsReading:
    """What the lines of a file are read against."""

    reader: Reader
    calendar: Calendar
    statute: Statute
    last: Session

    def pupils(self, line: PupilLine, path: Path) -> list[Pupil]:
        """The pupils of one line of `[[pupils]]`: several that are alike, if it has `refs`."""
        year_group = self._year_group(line.year_group, path)
        refs = self._refs(line, path)
        self._check_days(line, path)
        if year_group is None or not refs:
            return []
        starts_on = line.starts_on or self.calendar.starts_on
        born_on = line.born_on or self._usual_birth(year_group, line.of_age, path)
        marked_from = line.marked_from or starts_on
        stay = (starts_on, line.ends_on)
        one = self._enrolment(refs[0], (line.group, line.house), year_group, stay, born_on)
        one = replace(one, registration=line.registration)
        marks = _Marks(self, one, path)
        if line.strip:
            marks.strip(line, max(starts_on, marked_from))
        else:
            for number, text in enumerate(line.marks):
                marks.line(text, (*path, "marks", number))
            for number, text in enumerate(line.blank):
                marks.blank(text, (*path, "blank", number))
        amendments = tuple(self._amendments(line.amendments, marks, marked_from, path))
        return [
            Pupil(
                ref,
                self.reader.lines.of(*path),
                replace(one, id=ref, pupil=ref),
                year_group,
                line.group,
                line.parents,
                marked_from,
                marks.found,
                amendments,
                line.contacts,
            )
            for ref in refs
        ]

    def _refs(self, line: PupilLine, path: Path) -> tuple[str, ...]:
        if bool(line.ref) == bool(line.refs):
            what = 'both "ref" and "refs" stand here.' if line.ref else '"ref" is missing.'
            remedy = 'Write ref = "P1", or refs = ["P1", "P2"] for several who are alike.'
            self.reader.problem("ref", path, what, remedy)
        refs = (line.ref,) if line.ref else line.refs
        for ref in refs:
            if not NAME.fullmatch(ref):
                remedy = "Write a short name without spaces, such as P8: never a real one."
                where = (*path, "ref" if line.ref else "refs")
                self.reader.problem("ref", where, f'"{ref}" cannot name a pupil.', remedy)
        return refs

    def _year_group(self, said: str | int, path: Path) -> str | None:
        if str(said) in YEAR_GROUPS:
            return str(said)
        what = f'"year_group" is "{said}".'
        self.reader.problem("year-group", (*path, "year_group"), what, f"Write {YEARS}.")
        return None

    def _check_days(self, line: PupilLine, path: Path) -> None:
        if line.starts_on and line.ends_on and line.ends_on < line.starts_on:
            what = f"the last day on roll, {line.ends_on}, comes before the first, {line.starts_on}."
            self.reader.problem("days", (*path, "ends_on"), what, "Correct one of the two.")
        if line.strip and (line.marks or line.blank):
            what = 'beside "strip" stand "marks" or "blank".'
            remedy = "Write all marks in the strip, with - where nobody marked, or leave it out."
            self.reader.problem("strip", (*path, "strip"), what, remedy)
        if line.born_on and not line.of_age:
            what = '"of_age" stands beside "born_on", which says it already.'
            self.reader.problem("age", (*path, "of_age"), what, "Leave one of them out.")

    def _usual_birth(self, year_group: str, of_age: bool, path: Path) -> date:
        """The day of birth of a pupil of whom none is stated.

        1 January of the usual year. In R nobody of the usual age is of compulsory school age all year:
        whoever must be is a day older, born on the 31 August before; whoever must not be is the youngest.
        In nursery nobody is: they turn four, or three in N1, during the year.
        """
        year = self.last.on.year if self.last.on.month >= 9 else self.last.on.year - 1
        if year_group == "R":
            return date(year - 5 if of_age else year - 4, 8, 31)
        if year_group in NURSERY:
            return date(year - 2 if year_group == "N1" else year - 3, 1, 1)
        if not of_age and int(year_group) < 12:
            what = f"a pupil of the usual age of Year {year_group} is of compulsory school age."
            remedy = 'Leave "of_age" out, or write "born_on".'
            self.reader.problem("age", (*path, "of_age"), what, remedy)
        return date(year - int(year_group) - 4, 1, 1)

    def _enrolment(
        self,
        ref: str,
        group_and_house: tuple[str, str],
        year_group: str,
        stay: tuple[date, date | None],
        born_on: date,
    ) -> Enrolment:
        attributes = [*self._year_groups(year_group)]
        for name, value in zip((GROUP, HOUSE), group_and_house, strict=True):
            if value:
                attributes.append(Attribute(name, value))
        return Enrolment(ref, ref, self.calendar.school, *stay, born_on, attributes=tuple(attributes))

    def _year_groups(self, year_group: str) -> Iterator[Attribute]:
        """The year group that is said in the school year of the scenario's day, others in other years."""
        years = self.calendar.years
        here = next((place for place, year in enumerate(years) if self.last.on in year), 0)
        if len(years) == 1:
            yield Attribute(YEAR_GROUP, year_group)
            return
        for place, year in enumerate(years):
            from_on = year.starts_on if place else None
            until_on = years[place + 1].starts_on - timedelta(days=1) if place + 1 < len(years) else None
            yield Attribute(YEAR_GROUP, year_group_in(year_group, place - here), from_on, until_on)

    # --- amendments ------------------------------------------------------------------------------------

    def _amendments(
        self, lines: tuple[AmendmentLine, ...], marks: _Marks, marked_from: date, path: Path
    ) -> Iterator[Amending]:
        said: dict[Session, str] = {}
        for number, line in enumerate(lines):
            where = (*path, "amendments", number)
            session = session_from(line.session)
            if session is None:
                what = f'"session" is "{line.session}".'
                self.reader.problem(
                    "session", (*where, "session"), what, "Write it as 2025-09-08 AM, in quotes."
                )
                continue
            original = "" if line.original == LEFT else line.original
            now = said.get(session, marks.at(session, marked_from))
            if now != original:
                what = f'the register says "{now or LEFT}" at {session}, not "{line.original}".'
                remedy = (
                    'Amendments change what "marks" and the amendments above them say: correct one of them.'
                )
                self.reader.problem("amendment", (*where, "from"), what, remedy)
            if line.at.astimezone(LONDON).date() < session.on:
                what = f"it was changed before {session}."
                self.reader.problem("amendment", (*where, "at"), what, 'Correct "at" or "session".')
            marks.check(line.amended, session, (*where, "to"))
            said[session] = line.amended
            yield Amending(
                self.reader.lines.of(*where), session, original, line.amended, line.at, line.by, line.reason
            )

    # --- classes ---------------------------------------------------------------------------------------

    def group(self, lines: list[tuple[Path, GroupLine]]) -> list[Pupil]:
        """The pupils of one class, from all lines of `[[groups]]` that name it."""
        path, first = lines[0]
        year_group = self._year_group(first.year_group, path)
        for other, line in lines[1:]:
            said = (line.pupils, str(line.year_group), line.house)
            if said != (first.pupils, str(first.year_group), first.house):
                what = f'an earlier line says something else of the pupils of "{line.group}".'
                remedy = "Write the same year_group, pupils and house in each line of a class."
                self.reader.problem("group", other, what, remedy)
        if not 1 <= first.pupils <= MOST_PUPILS or not NAME.fullmatch(first.group):
            what = f'"{first.group}" has {first.pupils} pupils.'
            remedy = f"Write a class without spaces in its name, with 1 to {MOST_PUPILS} pupils."
            self.reader.problem("group", path, what, remedy)
            return []
        if year_group is None:
            return []
        starts_on = self.calendar.starts_on
        born_on = self._usual_birth(year_group, True, path)
        refs = refs_of_group(first)
        marks: list[dict[Session, str]] = [{} for _ in refs]
        names = (first.group, first.house)
        of_class = self._enrolment(refs[0], names, year_group, (starts_on, None), born_on)
        for where, line in lines:
            self._spread(line, of_class, marks, where)
        row = self.reader.lines.of(*path)
        return [
            Pupil(
                ref,
                row,
                replace(of_class, id=ref, pupil=ref),
                year_group,
                first.group,
                (),
                starts_on,
                own,
            )
            for ref, own in zip(refs, marks, strict=True)
        ]

    def _spread(self, line: GroupLine, one: Enrolment, marks: list[dict[Session, str]], path: Path) -> None:
        """Lays the sessions missed: pupil after pupil, and each pupil's next one a session later."""
        days = self._days_of(line, path)
        if days is None:
            return
        sessions = [session for session in sessions_of(self.calendar, one, *days) if session <= self.last]
        if not 0 <= line.absent <= len(sessions) * line.pupils:
            what = (
                f"{line.pupils} pupils cannot miss {line.absent} sessions from {days[0]} to {days[1]}: with "
                f"registers until {self.last} there are {len(sessions) * line.pupils}."
            )
            self.reader.problem("group", (*path, "absent"), what, "Correct one of the numbers or the days.")
            return
        if line.absent:
            for problem in problems_with_code(line.code, sessions[0], self.statute, Place()):
                self.reader.problem("code", (*path, "code"), problem.what, problem.remedy, problem.source)
        for number in range(line.absent):
            turn, pupil = divmod(number, line.pupils)
            session = sessions[(pupil + turn) % len(sessions)]
            if session in marks[pupil]:
                what = f'an earlier line has the class "{line.group}" miss sessions on the same days.'
                self.reader.problem("group", path, what, "Write one line for the days, with the sum.")
                return
            marks[pupil][session] = line.code

    def _days_of(self, line: GroupLine, path: Path) -> tuple[date, date] | None:
        if line.week is not None and line.from_on is None and line.until_on is None:
            if line.week == monday_of(line.week):
                return line.week, line.week + timedelta(days=6)
            what = f"{line.week} is a {line.week:%A}."
            remedy = f"Write the Monday, {monday_of(line.week)}."
            self.reader.problem("group", (*path, "week"), what, remedy)
        elif line.week is None and line.from_on is not None and line.until_on is not None:
            if line.from_on <= line.until_on:
                return line.from_on, line.until_on
            what = f"the last day, {line.until_on}, comes before the first, {line.from_on}."
            self.reader.problem("group", (*path, "until"), what, "Correct one of the two.")
        else:
            what = "it must say in which days the sessions were missed."
            self.reader.problem("group", path, what, 'Write "week", or both "from" and "until".')
        return None


class _Marks:
    """The marks of one line of `[[pupils]]` that are not just present."""

    def __init__(self, reading: PupilsReading, enrolment: Enrolment, path: Path) -> None:
        self.reading, self.enrolment, self.path = reading, enrolment, path
        self.calendar, self.last = reading.calendar, reading.last
        self.found: dict[Session, str] = {}

    def problem(self, rule: str, path: Path, what: str, remedy: str) -> None:
        self.reading.reader.problem(rule, path, what, remedy)

    def check(self, symbol: str, session: Session, path: Path) -> bool:
        """Whether a mark may stand at a session; what keeps it out is noted."""
        problems = [
            one
            for one in problems_with_mark(
                symbol,
                session,
                self.reading.statute,
                enrolment=self.enrolment,
                calendar=self.calendar,
            )
            if one.severity == "error"
        ]
        for one in problems:
            self.reading.reader.problem("code", path, one.what, one.remedy, one.source)
        return not problems

    def line(self, text: str, path: Path) -> None:
        """Takes a line of `marks`: days, and what the morning and the afternoon say."""
        parts = MARKS.fullmatch(text.strip())
        if parts is None:
            remedy = 'Write days, morning and afternoon, as "2025-09-08..2025-09-19 N N" or "2025-10-01 I -".'
            self.problem("marks", path, f'"{text}" is not days and two marks.', remedy)
            return
        symbols = dict(zip(Half, parts.group(2, 3), strict=True))
        sessions = self._sessions(parts.group(1), path)
        for session in sessions:
            symbol = symbols[session.half]
            if symbol != LEFT and not (
                self.check(symbol, session, path) and self._put(session, symbol, path)
            ):
                return
        if sessions and not any(symbols[one.half] != LEFT for one in sessions):
            what = f'"{text}" changes nothing: "-" leaves a session present.'
            self.problem("marks", path, what, 'For sessions that nobody marked, use "blank".')

    def blank(self, text: str, path: Path) -> None:
        """Takes a line of `blank`: a session, a day, or days."""
        days, _, half = text.strip().partition(" ")
        if half not in ("", *Half.__members__):
            what = f'"{text}" is neither a session nor a day.'
            self.problem("blank", path, what, 'Write it as "2025-09-19 PM" or "2025-09-19".')
            return
        for session in self._sessions(days, path):
            if half in ("", session.half.name) and not self._put(session, "", path):
                return

    def _sessions(self, text: str, path: Path) -> list[Session]:
        """The sessions of a day, or of the school days from one to another."""
        parts = DAYS.fullmatch(text)
        try:
            first, last = (
                (date.fromisoformat(one or parts[1]) for one in parts.groups()) if parts else (None, None)
            )
        except ValueError:
            first = last = None
        if first is None or last is None:
            remedy = "Write 2025-09-08, or 2025-09-08..2025-09-19 with two dots."
            self.problem("day", path, f'"{text}" is not a day, and not days.', remedy)
            return []
        if last < first:
            self.problem("day", path, f"{last} comes before {first}.", "Swap them.")
            return []
        found = sessions_of(self.calendar, self.enrolment, first, last)
        if not found:
            which = f"{first} ({first:%A}) is no school day" if first == last else f"{text} has no school day"
            remedy = "Correct the day, or the terms and closures of the calendar."
            self.problem("day", path, f"{which} of Year {self.enrolment.year_group(first)}.", remedy)
        return found

    def _put(self, session: Session, symbol: str, path: Path) -> bool:
        if session > self.last:
            what = f"{session} lies after {self.last}, the last session with a register."
            self.problem("after", path, what, 'Write a later day in "on", or leave this out.')
            return False
        if session in self.found:
            what = f"{session} is said twice."
            self.problem("twice", path, what, "Leave it out of one of the lines.")
            return False
        self.found[session] = symbol
        return True

    def strip(self, line: PupilLine, first_on: date) -> None:
        """Takes all marks from register notation; what is "-" there nobody has marked."""
        path = (*self.path, "strip")
        last_on = min(self.last.on, line.ends_on or self.last.on)
        sessions = sessions_of(self.calendar, self.enrolment, first_on, last_on)
        days = tuple(dict.fromkeys(session.on for session in sessions))
        try:
            if not days:
                raise ValueError(f"There is no school day from {first_on} to {last_on}.")
            marks = read_notation(line.strip, days)
        except ValueError as error:
            remedy = f"Write two marks for each school day from {first_on} to {last_on}, | between weeks; "
            remedy += '"marked_from" says from which day a pupil is marked.'
            self.problem("strip", path, str(error), remedy)
            return
        for session, symbol in marks.items():
            if not (self.check(symbol, session, path) and self._put(session, symbol, path)):
                return
        for session in sessions:
            if session <= self.last:
                self.found.setdefault(session, "")

    def at(self, session: Session, marked_from: date) -> str:
        """What the register says at a session when it closes; "" for unmarked."""
        if session in self.found:
            return self.found[session]
        marked = marked_from <= session.on and session <= self.last and self.enrolment.on_roll(session.on)
        if not marked or not self.calendar.has(session, self.enrolment.year_group(session.on)):
            return ""
        return "/" if session.half is Half.AM else "\\"
