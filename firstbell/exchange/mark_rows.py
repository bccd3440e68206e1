"""What do the cells of a marks file say: which pupil, which session, which mark, known when?

Turns the columns of a file into arrays of places, one entry a row, so that whatever stands in many cells is
understood once. Whether a mark may stand is asked in `mark_rules`. What cannot be understood keeps its row
aside; nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firstbell.exchange.cells import Unread, read_days, read_minutes, read_moments, shown
from firstbell.exchange.columns import Found, in_our_words, plain
from firstbell.exchange.kept_aside import Findings
from firstbell.exchange.pupils import Pupil, PupilsRead, as_number
from firstbell.exchange.tables import Column, Table
from firstbell.problems import Place, Problem
from firstbell.sessions import Half, Session, day_and_year
from firstbell.statute import Statute

__all__ = ["NOWHERE", "BoolArray", "IntArray", "MarkRows", "pupil_of", "understand"]

# A word processor makes the longer dashes of a hyphen.
UNMARKED_TEXTS = ("", "-", "\u2013", "\u2014")
NOWHERE = -1
"""Stands in arrays of places where there is none."""

IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MarkRows:
    """What the cells say, an entry a row: places in `days`, `texts`, `moments` and the enrolments.

    `understood` is False for rows of which a needed cell could not be read; `marked` where a mark stands.
    """

    table: Table
    days: tuple[date, ...]
    day: IntArray
    half: IntArray
    enrolment: IntArray
    texts: tuple[str, ...]
    text: IntArray
    minutes: IntArray
    moments: tuple[datetime, ...]
    moment: IntArray
    understood: BoolArray
    marked: BoolArray

    def session(self, index: int) -> Session:
        """The session of a row that was understood."""
        return Session(self.days[int(self.day[index])], Half(int(self.half[index])))

    def mark(self, index: int) -> str:
        """What stands in a row's cell for the mark, as a code if it can be one; "" if unmarked."""
        return self.texts[int(self.text[index])]


def understand(
    table: Table, found: Found, pupils: PupilsRead, statute: Statute, findings: Findings
) -> MarkRows:
    """What the cells of a marks file say; `found` are its columns."""
    findings.surplus()
    return _Reading(table, found, pupils, statute, findings).rows()


class _Reading:
    """Reads the cells of one table; what cannot be understood is a finding."""

    def __init__(
        self, table: Table, found: Found, pupils: PupilsRead, statute: Statute, findings: Findings
    ) -> None:
        self.table = table
        self.found = found
        self.pupils = pupils
        self.statute = statute
        self.findings = findings

    def rows(self) -> MarkRows:
        columns = self.found.columns
        days, day = self.days(columns["on"])
        texts, text = self.marks(columns["mark"])
        moments, moment = self.moments(self.found.get("recorded_at"))
        pupil = self.pupils_of_rows()
        understood = np.ones(len(self.table), dtype=np.bool_)
        half = self.halves(columns["half"])
        understood[list(self.findings.errors)] = False
        return MarkRows(
            self.table,
            days,
            day,
            half,
            _enrolments(pupil, days, day, self.pupils),
            texts,
            text,
            self.minutes(self.found.get("minutes_late")),
            moments,
            moment,
            understood,
            marked=np.array([bool(mark) for mark in texts], dtype=np.bool_)[text],
        )

    def read(self, column: Column, of: Callable[[str], int | Unread], *, warn: bool = False) -> IntArray:
        """A number for each row, by the content of a column; a finding where there is an `Unread` instead."""
        said = [of(text) for text in column.values]
        self.refuse(column, {place: one for place, one in enumerate(said) if isinstance(one, Unread)}, warn)
        return _looked_up(column, [NOWHERE if isinstance(one, Unread) else one for one in said])

    def refuse(self, column: Column, faults: Mapping[int, Unread], warn: bool = False) -> None:
        if not faults:
            return
        faulty = np.zeros(len(column.values), dtype=np.bool_)
        faulty[list(faults)] = True
        for index in np.flatnonzero(faulty[column.places]):
            fault = faults[int(column.places[index])]
            self.findings.unread(int(index), column, fault, severity="warning" if warn else "error")

    def days(self, column: Column) -> tuple[tuple[date, ...], IntArray]:
        said = read_days(column.values)
        held = {day for day in said if isinstance(day, date) and day >= self.statute.first_on}
        days = tuple(sorted(held))
        order = {day: place for place, day in enumerate(days)}
        by_text = dict(zip(column.values, said, strict=True))

        def place(text: str) -> int | Unread:
            day = by_text[text]
            if day is None:
                return Unread("day-missing", "The day is missing.", "Add it.")
            if isinstance(day, Unread):
                return day
            if day in order:
                return order[day]
            first = day_and_year(self.statute.first_on)
            what = f"{shown(text)} is {day_and_year(day)}; the first day for which law is held is {first}."
            return Unread("day-before-law", what, "Correct the day, or leave out the row.")

        return days, self.read(column, place)

    def halves(self, column: Column) -> IntArray:
        names = in_our_words("halves")

        def place(text: str) -> int | Unread:
            if plain(text) in names:
                return int(Half[names[plain(text)]])
            what = f"{shown(text)} is not a session." if text else "The session is missing."
            return Unread("session-unknown", what, "Write AM or PM.")

        return self.read(column, place)

    def marks(self, column: Column) -> tuple[tuple[str, ...], IntArray]:
        """The marks as codes where they can be: without spaces, in capitals if only that makes them one."""
        texts: dict[str, int] = {}
        symbols = frozenset(self.statute.symbols)
        places = []
        for text in column.values:
            if text in UNMARKED_TEXTS:
                code = ""
            else:
                code = text if text in symbols or text.upper() not in symbols else text.upper()
            places.append(texts.setdefault(code, len(texts)))
        return tuple(texts), _looked_up(column, places)

    def minutes(self, column: Column | None) -> IntArray:
        if column is None:
            return np.zeros(len(self.table), dtype=np.int32)

        def number(text: str) -> int | Unread:
            minutes = read_minutes(text) if text and text != "-" else 0
            if minutes is None:
                what = f"{shown(text)} is not a number of minutes."
                return Unread("minutes-unread", what, "The mark was read without them: write whole minutes.")
            return minutes

        return np.maximum(self.read(column, number, warn=True), 0)

    def moments(self, column: Column | None) -> tuple[tuple[datetime, ...], IntArray]:
        """The recording times in order, and the place of each row's among them."""
        if column is None:
            return (), np.full(len(self.table), NOWHERE, dtype=np.int32)
        said = read_moments(column.values)
        moments = tuple(sorted({moment for moment in said if isinstance(moment, datetime)}))
        order = {moment: place for place, moment in enumerate(moments)}
        by_text = dict(zip(column.values, said, strict=True))

        def place(text: str) -> int | Unread:
            moment = by_text[text]
            if isinstance(moment, Unread):
                what = f"{shown(text)} is not a time: the mark counts as recorded when the register closed."
                return Unread("recorded-at-unread", what, "Write it as 08/09/2025 09:05.")
            return NOWHERE if moment is None else order[moment]

        return moments, self.read(column, place, warn=True)

    def pupils_of_rows(self) -> IntArray:
        """The place of each row's pupil among the pupils."""
        upns, numbers = self.found.get("upn"), self.found.get("admission_number")
        named = upns or numbers
        assert named is not None, "find_columns refuses a file with neither"
        many = len(numbers.values) if numbers else 1
        pairs = (upns.places.astype(np.int64) if upns else 0) * many + (numbers.places if numbers else 0)
        different, which = np.unique(pairs, return_inverse=True)
        order = {pupil.id: place for place, pupil in enumerate(self.pupils.pupils)}
        said: list[int | Unread] = []
        names = []
        for pair in different:
            upn = upns.values[int(pair) // many] if upns else ""
            number = numbers.values[int(pair) % many] if numbers else ""
            pupil = pupil_of(self.pupils, as_number(upn), as_number(number))
            said.append(pupil if isinstance(pupil, Unread) else order[pupil.id])
            names.append(upn or number)
        column = Column(named.heading, tuple(names), which.astype(np.int32))
        self.refuse(column, {place: one for place, one in enumerate(said) if isinstance(one, Unread)})
        if all(isinstance(one, Unread) for one in said):
            self.findings.say(
                Problem(
                    "pupils-all-unknown",
                    Place(self.table.file),
                    f"None of its {len(said):,} pupils is in {self.pupils.kept_aside.file}.",
                    "Export both files from the same school, with the same UPNs or admission numbers.",
                )
            )
        return _looked_up(column, [NOWHERE if isinstance(one, Unread) else one for one in said])


def _looked_up(column: Column, numbers: Sequence[int]) -> IntArray:
    # Half of what NumPy would take by itself: there is an entry for each of half a million rows.
    return np.array(numbers, dtype=np.int32)[column.places]


def pupil_of(pupils: PupilsRead, upn: str, number: str) -> Pupil | Unread:
    """The pupil whom a row names, by UPN, else by admission number."""
    known = pupils.by_upn.get(upn)
    same = pupils.by_admission_number(number) if number else ()
    if known is not None:
        if same and known not in same:
            what = "The UPN and the admission number are those of two different pupils."
            return Unread("pupil-mismatch", what, "Correct the one that is wrong.")
        return known
    # A UPN that the pupils file does not have may be that of a pupil for whom it has none.
    fitting = [pupil for pupil in same if not upn or not pupil.upn]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        what = "Several pupils have this admission number."
        return Unread("pupil-ambiguous", what, "Add the UPN, or correct the pupils file.")
    if not upn and not number:
        return Unread("pupil-unnamed", "The row names no pupil.", "Add the UPN or the admission number.")
    hint = " The admission number is there, with another UPN." if same else ""
    return Unread(
        "pupil-unknown",
        f"The pupil is not in the pupils file.{hint}",
        "Add the pupil there, leavers too, or correct the number.",
    )


def _enrolments(pupil: IntArray, days: Sequence[date], day: IntArray, pupils: PupilsRead) -> IntArray:
    """The place of the enrolment that each row is about.

    Of several stays of a pupil it is the one that the day lies in, else the next one after it.
    """
    stays: dict[str, list[int]] = defaultdict(list)
    for place, enrolment in enumerate(pupils.enrolments):
        stays[enrolment.pupil].append(place)
    ordered = [sorted(stays[one.id], key=lambda i: pupils.enrolments[i].starts_on) for one in pupils.pupils]
    chosen = np.array([*(places[0] for places in ordered), NOWHERE], dtype=np.int32)[pupil]
    on = np.array([*(one.toordinal() for one in days), 0], dtype=np.int32)[day]
    for one, places in enumerate(ordered):
        for earlier, later in zip(places, places[1:], strict=False):
            ends_on = pupils.enrolments[earlier].ends_on or date.max
            chosen[(pupil == one) & (on > ends_on.toordinal())] = later
    return chosen
