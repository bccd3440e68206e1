"""Who are the pupils of a file, and when were they enrolled?

One row is one enrolment: a pupil who left and came back has two. Pupils are known by their UPN, else by
their admission number, and inside by ids that say nothing about them. What is missing is never made up: a
row without a number for the pupil or with an unreadable starting day is kept aside.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from firstbell.exchange.cells import Unread, read_days, shown
from firstbell.exchange.columns import Found, attributes, field_of, find_columns, in_our_words, plain
from firstbell.exchange.kept_aside import Findings, KeptAside
from firstbell.exchange.mapping import ColumnMapping
from firstbell.exchange.tables import Table
from firstbell.problems import Place, Problem, Severity
from firstbell.register import Attribute, Enrolment

__all__ = ["Pupil", "PupilsRead", "check_letter", "read_pupils", "upn_fault"]

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The letters of a UPN: those that look like digits are not among them, and neither is S."""
UPN = re.compile(rf"[{LETTERS}]\d{{11}}[\d{LETTERS}]")
OLDEST = 25
"""Nobody older is a pupil of a school: a date of birth that says so is a slip."""


ABOUT_A_PUPIL = ("surname", "forename", "preferred_name", "born_on", "year_group", "starts_on", "upn")
"""A row without any of these names no pupil."""


@dataclass(frozen=True)
class Pupil:
    """A child as the file names them. Only the id appears where a name does not belong."""

    id: str
    surname: str = field(default="", repr=False)
    forename: str = field(default="", repr=False)
    preferred_name: str = field(default="", repr=False)
    upn: str = field(default="", repr=False)
    admission_number: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The name as lists have it, surname first, for those who may see it."""
        return ", ".join(part for part in (self.surname, self.preferred_name or self.forename) if part)


@dataclass(frozen=True, eq=False)
class PupilsRead:
    """What a pupils file says. `rows` are the rows in the file of the enrolments, in their
    order; 0 for one that is only held from an earlier file.

    `key` is the secret of a kept record with which its ids are made (see `made_id`); `fields` are those for
    which the file has a column.
    """

    school: str
    pupils: tuple[Pupil, ...] = field(repr=False)
    enrolments: tuple[Enrolment, ...]
    rows: tuple[int, ...]
    problems: tuple[Problem, ...]
    kept_aside: KeptAside
    rows_in_file: int
    key: str = field(default="", repr=False)
    fields: frozenset[str] = frozenset()

    @property
    def rows_read(self) -> int:
        """How many rows became enrolments."""
        return sum(row > 0 for row in self.rows)

    @property
    def rows_kept_aside(self) -> int:
        """How many rows could not be read."""
        return len(self.kept_aside)

    @cached_property
    def by_upn(self) -> Mapping[str, Pupil]:
        """The pupils by UPN."""
        return {pupil.upn: pupil for pupil in self.pupils if pupil.upn}

    def by_admission_number(self, number: str) -> tuple[Pupil, ...]:
        """The pupils with an admission number; zeros in front, which spreadsheets drop, make no difference
        unless they tell two pupils apart.
        """
        exact = [
            pupil for pupil in self._by_digits.get(digits(number), ()) if pupil.admission_number == number
        ]
        return tuple(exact or self._by_digits.get(digits(number), ()))

    @cached_property
    def _by_digits(self) -> Mapping[str, list[Pupil]]:
        found: dict[str, list[Pupil]] = {}
        for pupil in self.pupils:
            if pupil.admission_number:
                found.setdefault(digits(pupil.admission_number), []).append(pupil)
        return found


def digits(number: str) -> str:
    """An admission number without the zeros in front."""
    return number.lstrip("0") or number[:1]


def as_number(text: str) -> str:
    """A UPN or an admission number as it is compared: in capitals, without spaces."""
    return re.sub(r"\s+", "", text).upper()


def check_letter(upn: str) -> str:
    """The letter with which a UPN must begin, worked out from the twelve characters after it.

    Weights 2 to 13, sum modulo 23. The last character of a temporary UPN is a letter and counts as its
    place in the alphabet of UPNs. Raises ValueError for anything that is not such a string.

    Source: the Department's rules for unique pupil numbers.
    """
    values = [int(c) if c.isdigit() else LETTERS.index(c) for c in upn[1:13]]
    return LETTERS[sum(weight * value for weight, value in enumerate(values, start=2)) % len(LETTERS)]


def upn_fault(upn: str) -> str:
    """What is wrong with a UPN, in words that do not repeat it; "" if nothing is."""
    if not UPN.fullmatch(upn):
        return "The UPN is not a letter, eleven digits, and a digit or letter."
    return "" if check_letter(upn) == upn[0] else "The UPN does not fit its first letter."


def made_id(*parts: object) -> str:
    """An id that looks like chance and is the same whenever the same file is read.

    It hides a number from whoever looks over a shoulder, not from whoever tries out all numbers. What is
    kept for long is made with a key drawn by chance, which never leaves the record.
    """
    text = "\x1f".join(map(str, ("firstbell", *parts)))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def read_pupils(
    table: Table,
    school: str,
    *,
    starts_on: date | None = None,
    mapping: ColumnMapping | None = None,
    key: str = "",
) -> PupilsRead:
    """The pupils and enrolments of a file, one row an enrolment.

    A row without a starting day is on roll from `starts_on`, the first day of the calendar, with a
    warning; without that it is kept aside. The leaving day is the last on which the name stands in the
    register. The year group and all other characteristics hold for the whole enrolment, because the file
    says nothing else. Of two rows for one pupil at one time the first is read. Raises `Unusable` where
    neither UPN nor admission number has a column. `mapping` says which heading is which where ours are not
    known; `key` is the secret with which ids are made.
    """
    reading = _Reading(table, school, find_columns(table, "pupils", mapping), starts_on, key)
    reading.findings.surplus()
    for index in range(len(table)):
        if index not in reading.findings.errors:
            reading.row(index)
    reading.admission_numbers()
    return PupilsRead(
        school,
        tuple(reading.pupils.values()),
        tuple(reading.enrolments),
        tuple(reading.rows),
        reading.findings.problems(),
        reading.findings.kept_aside(reading.days_in_iso_form()),
        len(table),
        key,
        frozenset(reading.found.columns),
    )


class _Reading:
    """One reading of a pupils file."""

    def __init__(
        self, table: Table, school: str, found: Found, starts_on: date | None, key: str = ""
    ) -> None:
        self.table = table
        self.school = school
        self.made_from = f"{school}{key}"
        self.found = found
        self.default_on = starts_on
        self.findings = Findings(table)
        self.findings.say(*found.problems)
        self.pupils: dict[str, Pupil] = {}
        self.enrolments: list[Enrolment] = []
        self.rows: list[int] = []
        self._of_pupil: dict[str, list[int]] = {}
        self._by_admission: dict[str, str] = {}
        self._days = {
            name: read_days(column.values)
            for name in ("born_on", "starts_on", "ends_on")
            if (column := found.get(name))
        }
        if "born_on" not in self._days:
            self._say_missing("born-on-missing", "date of birth", "all count as of compulsory school age")

    def _say_missing(self, rule: str, what: str, so: str) -> None:
        self.findings.say(
            Problem(
                rule,
                Place(self.table.file),
                f"There is no column for the {what}: {so}.",
                "Add the column to the export.",
                severity="warning",
            )
        )

    def text(self, name: str, index: int) -> str:
        column = self.found.get(name)
        return column[index] if column else ""

    def problem(
        self,
        index: int,
        name: str,
        rule: str,
        what: str,
        remedy: str,
        severity: Severity = "error",
        *,
        about: Hashable = None,
    ) -> None:
        """A problem with one row. What concerns a person stands in its value, never in its words."""
        column = self.found.get(name)
        place = self.table.place(index, column)
        value = column[index] if column else None
        self.findings.add(
            index, Problem(rule, place, what, remedy, "", severity, value), name if about is None else about
        )

    def row(self, index: int) -> None:
        """Reads one row: adds an enrolment, and the pupil if not known yet, or says why not."""
        upn, number = as_number(self.text("upn", index)), as_number(self.text("admission_number", index))
        if self.names_nobody(index, upn, number):
            return
        days = self.days(index)
        if days is None:
            return
        starts_on, ends_on, born_on = days
        pupil = self.pupil(index, upn, number)
        for other in self._of_pupil.get(pupil.id, ()):
            if self.enrolments[other].overlaps(starts_on, ends_on):
                self.problem(
                    index,
                    "upn",
                    "pupil-twice",
                    f"The pupil is enrolled by row {self.rows[other]} already at that time.",
                    "Take one row out, or add the leaving day of the first stay if the pupil came back.",
                    about=index,
                )
                return
        self.check_upn(index, upn)
        self.pupils.setdefault(pupil.id, pupil)
        if number:
            self._by_admission.setdefault(number, pupil.id)
        self._of_pupil.setdefault(pupil.id, []).append(len(self.enrolments))
        self.rows.append(int(self.table.rows[index]))
        self.enrolments.append(
            Enrolment(
                made_id(self.made_from, pupil.id, starts_on),
                pupil.id,
                self.school,
                starts_on,
                ends_on,
                born_on,
                self.word(index, "registration") or "sole",
                self.word(index, "boarder") == "yes",
                tuple(self.attributes(index)),
            )
        )

    def names_nobody(self, index: int, upn: str, number: str) -> bool:
        """Whether a row has no number, or nothing but a number; says so."""
        if not upn and not number:
            what = "The row has neither UPN nor admission number."
            self.problem(index, "upn", "pupil-unnamed", what, "Add one of them.")
        elif not any(self.text(name, index) for name in ABOUT_A_PUPIL):
            what = "The row has a number and nothing else about a pupil, like a row of totals."
            self.problem(index, "admission_number", "pupil-empty", what, "Take it out, or fill it in.")
        else:
            return False
        return True

    def pupil(self, index: int, upn: str, number: str) -> Pupil:
        """The pupil of a row: one of an earlier row, or a new one.

        A row without a UPN is the pupil who has its admission number; a different UPN is another pupil.
        """
        known = self.pupils.get(made_id(self.made_from, upn or number))
        if known is None and (same := self.pupils.get(self._by_admission.get(number, ""))):
            known = same if not upn or not same.upn else None
        return known or Pupil(
            made_id(self.made_from, upn or number),
            self.text("surname", index),
            self.text("forename", index),
            self.text("preferred_name", index),
            upn,
            number,
        )

    def check_upn(self, index: int, upn: str) -> None:
        if upn and (what := upn_fault(upn)):
            self.problem(index, "upn", "upn", what, "Look for a mistyped or swapped digit.", "warning")

    def days(self, index: int) -> tuple[date, date | None, date | None] | None:
        """Starting day, leaving day, day of birth; None if the row cannot be read for them."""
        starts_on = self.day(index, "starts_on", "starting day", "error")
        ends_on = self.day(index, "ends_on", "leaving day", "error")
        if index in self.findings.errors:
            return None
        if starts_on is None:
            severity: Severity = "error" if self.default_on is None else "warning"
            so = f" It is taken as {self.default_on}." if self.default_on else ""
            remedy = "Add the day from which the pupil was expected."
            self.problem(
                index, "starts_on", "starts-on-missing", f"The starting day is missing.{so}", remedy, severity
            )
            if self.default_on is None:
                return None
            starts_on = self.default_on
        if ends_on is not None and ends_on < starts_on:
            self.problem(
                index,
                "ends_on",
                "enrolment-order",
                f"The leaving day, {ends_on}, comes before the starting day, {starts_on}.",
                "Correct one of the two.",
                about=index,
            )
            return None
        return starts_on, ends_on, self.born_on(index, starts_on)

    def day(self, index: int, name: str, title: str, severity: Severity) -> date | None:
        column = self.found.get(name)
        if column is None:
            return None
        day = self._days[name][int(column.places[index])]
        if isinstance(day, Unread):
            self.problem(index, name, day.rule, f"The {title} cannot be read as a day.", day.remedy, severity)
            return None
        return day

    def born_on(self, index: int, starts_on: date) -> date | None:
        if self.found.get("born_on") is None:
            return None
        born_on = self.day(index, "born_on", "date of birth", "warning")
        if born_on is not None and 0 <= starts_on.year - born_on.year <= OLDEST and born_on < starts_on:
            return born_on
        if born_on is not None:
            what, remedy = "The date of birth is not that of a pupil who starts then.", "Correct it."
            self.problem(index, "born_on", "born-on-unlikely", what, remedy, "warning")
        elif not self.text("born_on", index):
            what = "The date of birth is missing: the pupil counts as of compulsory school age."
            self.problem(index, "born_on", "born-on-missing", what, "Add it.", "warning")
        return None

    def word(self, index: int, name: str) -> str:
        """Our word for what stands in a cell; "" where it is empty or, with a warning, unknown."""
        text = self.text(name, index)
        if not plain(text):
            return ""
        column = self.found.columns[name]
        known = field_of("pupils", name)
        ours = in_our_words(known.values).get(plain(text), "")
        if not ours and known.open:
            ours = text
            self.problem(
                index,
                name,
                "value-unlisted",
                f"{shown(text)} is not in our list of codes.",
                "It was read as it stands: figures by group will show it by itself.",
                "warning",
                about=(name, text),
            )
        if not ours:
            place = self.table.place(index, column)
            what, remedy = f"{shown(text)} is not understood.", "It was not read: write it another way."
            problem = Problem("value-unknown", place, what, remedy, "", "warning", text)
            self.findings.add(index, problem, about=(name, text))
        return ours

    def attributes(self, index: int) -> Iterator[Attribute]:
        held = set()
        for known in attributes():
            value = self.word(index, known.name) if known.values else self.text(known.name, index)
            if value:
                held.add(known.attribute)
                yield Attribute(known.attribute, value)
                if known.attribute == "ethnicity":
                    yield from _more_on_ethnicity(value, self.text(known.name, index))
        language = plain(self.text("first_language", index))
        if language and "EAL" not in held:
            kind = in_our_words("first languages").get(language)
            if kind != "unclassified":
                yield Attribute("EAL", "no" if kind == "English" else "yes")

    def admission_numbers(self) -> None:
        """Says which admission numbers several pupils have: by such a number alone no mark is anybody's."""
        pupils: dict[str, list[Pupil]] = {}
        for pupil in self.pupils.values():
            if pupil.admission_number:
                pupils.setdefault(pupil.admission_number, []).append(pupil)
        rows = {self.enrolments[places[0]].pupil: self.rows[places[0]] for places in self._of_pupil.values()}
        column = self.found.get("admission_number")
        for several in pupils.values():
            if len(several) > 1:
                also = ", ".join(str(rows[pupil.id]) for pupil in several[1:])
                self.findings.say(
                    Problem(
                        "admission-number-twice",
                        Place(self.table.file, rows[several[0].id], column.heading if column else None),
                        f"Other pupils have the same admission number: row {also}.",
                        "Correct it. Marks with this number and no UPN are kept aside.",
                        severity="warning",
                    )
                )

    def days_in_iso_form(self) -> dict[int, dict[int, str]]:
        return {
            place: iso_form(self._days[name])
            for place, column in enumerate(self.table.columns)
            for name in self._days
            if self.found.get(name) is column
        }


def iso_form(days: Sequence[object]) -> dict[int, str]:
    """The ISO form of the days of a column's contents, by their places."""
    return {place: day.isoformat() for place, day in enumerate(days) if isinstance(day, date)}


def _more_on_ethnicity(code: str, text: str) -> Iterator[Attribute]:
    """The group of a code of ethnicity, and an authority's own code that belongs to it."""
    group = in_our_words("ethnic groups").get(plain(code))
    if group:
        yield Attribute("ethnic group", group)
    written = text.upper()
    if written != code and re.fullmatch(r"[A-Z]{4}", written):
        yield Attribute("ethnicity as recorded", written)
