"""What happens at a school whose exports are damaged, from the files to their correction?

A secondary school in two exports, the autumn with a row for each mark and the rest of the year with a column
for each session, both damaged as exports are; and what the person in the office does about the rows that were
kept aside, who can look up what should have stood there. The same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from firstbell.exchange.cells import read_days
from firstbell.exchange.kept_aside import OWN_COLUMNS
from firstbell.exchange.writing import Extract, long_marks, pupils_file, wide_marks
from firstbell.exchange.writing_contacts import contacts_file
from firstbell.exchange.writing_tables import as_csv
from firstbell.sessions import Session
from firstbell.statute import england
from firstbell.synth.damage import KINDS, damage
from firstbell.synth.schools import FIRST_YEAR, invent
from firstbell.synth.terms import calendar_text

__all__ = [
    "AUTUMN",
    "LATER",
    "DamagedSchool",
    "FilledIn",
    "damaged_school",
    "filled_in",
    "lowest",
    "open_keys",
]

AUTUMN, LATER = "marks-autumn.csv", "marks-spring-and-summer.csv"
DONE_TO = {
    AUTUMN: ("titles", "withdrawn-codes", "two-marks", "minutes-in-words", "total", "semicolons"),
    LATER: ("windows-1252", "unknown-codes", "own-column", "small-letters"),
}


@dataclass(frozen=True, eq=False)
class DamagedSchool:
    """The files of a school, damaged; `done` says in words what was done to which. `whole` is what was
    exported."""

    files: Mapping[str, bytes] = field(repr=False)
    done: Mapping[str, tuple[str, ...]]
    whole: Extract = field(repr=False)

    def corrected(self, kept_aside: str) -> str:
        """Rows that were kept aside, as a person corrects them who can look at the paper register.

        Rows of nobody are taken out, and of two marks the one that is not so.
        """
        rows = list(csv.reader(io.StringIO(kept_aside)))
        headings = rows[0]
        numbers = {pupil.upn: pupil.id for pupil in self.whole.pupils}
        upn = headings.index("UPN")
        known = [row for row in rows[1:] if row[upn] in numbers]
        long = "Session" in headings
        said = [
            self._long(row, headings, numbers[row[upn]])
            if long
            else self._wide(row, headings, numbers[row[upn]])
            for row in known
        ]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(headings)
        writer.writerows(dict.fromkeys(map(tuple, said)))
        return text.getvalue()

    def _mark(self, pupil: str, session: str) -> str:
        strips = self.whole.recorded
        place = strips.axis.place(Session.read(session))
        rows = self.whole.stays[pupil]
        assert place is not None, "rows of days without a session are taken out"
        return next(filter(None, (strips.symbol(row, place) for row in rows)), "-")

    def _long(self, row: list[str], headings: list[str], pupil: str) -> list[str]:
        on, half, mark = (headings.index(name) for name in ("Date", "Session", "Mark"))
        cells = list(row)
        cells[mark] = self._mark(pupil, f"{row[on]} {row[half]}")
        # What the row was kept aside for is mended; two rows that now say the same become one.
        cells[headings.index(OWN_COLUMNS[0])] = cells[headings.index(OWN_COLUMNS[1])] = ""
        return cells

    def _wide(self, row: list[str], headings: list[str], pupil: str) -> list[str]:
        days = read_days([heading.rpartition(" ")[0] for heading in headings])
        cells = [
            self._mark(pupil, headings[place]) if cell and isinstance(days[place], date) else cell
            for place, cell in enumerate(row)
        ]
        cells[headings.index(OWN_COLUMNS[0])] = cells[headings.index(OWN_COLUMNS[1])] = ""
        return cells


def damaged_school(pupils: int = 1_000, seed: int = 1, year: int = FIRST_YEAR) -> DamagedSchool:
    """A secondary school's files: pupils, contacts, calendar, and its marks in two damaged exports."""
    school = invent("secondary", pupils, seed, year)
    extract = Extract(school.pupils, school.enrolments, school.register, school.calendar, england())
    autumn, *_, last = school.calendar.terms
    later_on = school.calendar.terms[1].starts_on
    shapes = {
        AUTUMN: as_csv(long_marks(replace(extract, ends_on=autumn.ends_on), history=True), "uk"),
        LATER: as_csv(wide_marks(replace(extract, starts_on=later_on, ends_on=last.ends_on), "uk"), "uk"),
    }
    people = as_csv(pupils_file(extract))
    files = {
        "pupils.csv": people,
        "contacts.csv": as_csv(contacts_file(extract, school.contacts)),
        "calendar.toml": calendar_text(school.calendar).encode(),
    }
    for name, content in shapes.items():
        files[name] = damage({"pupils.csv": people, name: content}, DONE_TO[name], seed).files[name]
    done = {name: tuple(KINDS[kind].what for kind in kinds) for name, kinds in DONE_TO.items()}
    return DamagedSchool(files, done, extract)


# --- what the office did ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class FilledIn:
    """A file of duties with what became of them filled in: how many were done, how many withheld, which."""

    text: str = field(repr=False)
    done: int
    withheld: int
    keys: frozenset[str] = field(repr=False)


def filled_in(duties: str) -> FilledIn:
    """A file of duties as an office might hand it back: nearly all done, some letters withheld, some left."""
    content = json.loads(duties)
    keys = []
    done = withheld = 0
    for number, row in enumerate(one for one in content["duties"] if one["state"] == "open"):
        if number % 12 == 5:
            continue
        keys.append(row["key"])
        if row["form"] == "letter" and number % 9 == 4:
            row["withheld"], row["why"] = content["on"], "we spoke with the family this morning"
            withheld += 1
        else:
            row["done"] = content["on"]
            done += 1
    return FilledIn(json.dumps(content, ensure_ascii=False), done, withheld, frozenset(keys))


def open_keys(duties: str) -> frozenset[str]:
    """The keys of the duties of a file that are open."""
    return frozenset(one["key"] for one in json.loads(duties)["duties"] if one["state"] == "open")


def lowest(duties: str) -> str:
    """The number of the pupil about whom most duties of a file are open."""
    numbers = [one.get("number", "") for one in json.loads(duties)["duties"] if one["state"] == "open"]
    most: str = Counter(number for number in numbers if number).most_common(1)[0][0]
    return most
