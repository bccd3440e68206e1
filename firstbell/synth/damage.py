r"""What happens to a school's files on their way here, and what must a reader say of it?

Each kind of damage has a name, is done to files that were whole, and comes with the report that reading them
must give: which rules are named, how many rows are kept aside. From a seed: the same seed does the same
damage to the same files. Knows how files go wrong, not how they are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TypeAlias, TypeVar

from firstbell.exchange.cells import read_days
from firstbell.exchange.columns import field_of
from firstbell.exchange.pupils import check_letter
from firstbell.statute import england
from firstbell.synth.exported import BOM, Export, Mark, Sheet, day_like, impossible

__all__ = ["KINDS", "Damaged", "Kind", "Report", "damage"]

MOST = 5
"""How many rows are damaged where one would be enough to show it."""
SPREADSHEETS_BEGIN = date(1899, 12, 30)
PRESENT = ("/", "\\")
_T = TypeVar("_T")
_Does: TypeAlias = Callable[[Export, Random], dict[str, "Report"]]


@dataclass(frozen=True)
class Report:
    """What reading a damaged file must say beyond what reading it whole says.

    `rules` are the rules that its problems name, `kept_aside` the rows that are not read. A file that is
    `refused` is not read at all, and nothing of it is loaded.
    """

    rules: frozenset[str] = frozenset()
    kept_aside: int = 0
    refused: bool = False

    def __add__(self, other: Report) -> Report:
        return Report(
            self.rules | other.rules, self.kept_aside + other.kept_aside, self.refused or other.refused
        )

    def __str__(self) -> str:
        if self.refused:
            return f"refused whole: {', '.join(sorted(self.rules))}"
        rules = ", ".join(sorted(self.rules)) or "nothing to report"
        return f"{rules}; rows kept aside: {self.kept_aside}"


@dataclass(frozen=True)
class Damaged:
    """Damaged files, and the report of each that was damaged or is read otherwise for it.

    `rows` is how many rows with something in them each CSV file has below its headings: as many as must be
    accounted for when it is read.
    """

    files: Mapping[str, bytes] = field(repr=False)
    reports: Mapping[str, Report]
    rows: Mapping[str, int]


@dataclass(frozen=True)
class Kind:
    """A kind of damage: its name, what happened, and what does it to the files of an export."""

    name: str
    what: str
    does: _Does = field(repr=False)


KINDS: dict[str, Kind] = {}
"""Every kind of damage by its name, in the order in which the reference lists them."""


def damage(files: Mapping[str, bytes], kinds: Sequence[str], seed: int = 1) -> Damaged:
    """The files after some kinds of damage; those that are no CSV are left as they are.

    The reports are exact for one kind, done to files without other faults. Of several they name every rule,
    and count a row twice that two of them hit. Whatever the order asked for, rows are damaged before the
    file that they stand in. Raises `Unusable` for a kind that there is not, and where the files do not hold
    what it damages, such as rows of marks.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise impossible(f'There is no damage called "{kind}".', f"Choose one of {', '.join(KINDS)}.")
    sheets = {name: Sheet.read(name, data) for name, data in files.items() if name.endswith(".csv")}
    reports: dict[str, Report] = {}
    for kind in reversed([one for one in KINDS if one in kinds]):
        said = KINDS[kind].does(Export(sheets), Random(f"{kind} {seed}"))
        reports.update({name: reports.get(name, Report()) + one for name, one in said.items()})
    return Damaged(
        {**files, **{name: sheet.bytes() for name, sheet in sheets.items()}},
        {name: reports[name] for name in sheets if name in reports},
        {name: sum(map(any, sheet.below)) for name, sheet in sheets.items()},
    )


def _kind(name: str, what: str) -> Callable[[_Does], _Does]:
    def register(does: _Does) -> _Does:
        KINDS[name] = Kind(name, what, does)
        return does

    return register


# --- what damaging has in common -------------------------------------------------------------------------


def _everywhere(export: Export, rules: Iterable[str] = ()) -> dict[str, Report]:
    """A report of the same for every file."""
    return {name: Report(frozenset(rules)) for name in export.sheets}


def _some(random: Random, rows: Sequence[_T], most: int = MOST) -> list[_T]:
    """A few of some rows, in their order."""
    if not rows:
        raise impossible("The files hold no row that this could happen to.", "Export a longer time.")
    return [rows[place] for place in sorted(random.sample(range(len(rows)), min(most, len(rows))))]


def _rows_of(marks: Sequence[Mark]) -> int:
    """How many rows some marks stand in."""
    return len({id(mark.cells) for mark in marks})


def _one(name: str, rules: Iterable[str] = (), kept_aside: int = 0) -> dict[str, Report]:
    return {name: Report(frozenset(rules), kept_aside)}


# --- how the file was saved ------------------------------------------------------------------------------


@_kind("windows-1252", "saved in the old encoding of Windows, with an accent in a name")
def _windows_1252(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        sheet.encoding, sheet.before = "cp1252", ""
        place = sheet.place("pupils", "surname")
        if place is not None:
            cells = random.choice(sheet.below)
            cells[place] += "é"
    return _everywhere(export)


@_kind("utf-16", 'saved as "Unicode text", two bytes a character')
def _utf_16(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        sheet.encoding, sheet.delimiter = "utf-16-le", "\t"
    return _everywhere(export)


@_kind("no-bom", "saved in UTF-8 without the mark by which spreadsheets know it")
def _no_bom(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        sheet.before = ""
    return _everywhere(export)


@_kind("two-boms", "the byte-order mark written twice, as when a file with one is written with one")
def _two_boms(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        sheet.before = BOM + BOM
    return _everywhere(export)


@_kind("semicolons", "semicolons between the cells, as a continental spreadsheet saves")
def _semicolons(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        sheet.delimiter = ";"
    return _everywhere(export)


@_kind("titles", "two lines of title above the headings")
def _titles(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        sheet.above = [["Attendance export"], ["For the office only"], []]
    return _everywhere(export, ["file-titles"])


@_kind("blank-rows", "empty rows here and there, and a tail of them")
def _blank_rows(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        width = len(sheet.rows[0])
        for place in sorted(random.sample(range(1, len(sheet.rows)), min(MOST, len(sheet.below))))[::-1]:
            sheet.rows.insert(place, random.choice(([], [""] * width)))
        sheet.rows += [[""] * width] * MOST
    return _everywhere(export)


@_kind("guards", 'UPNs and numbers written ="..." to save them from the spreadsheet')
def _guards(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        named = (sheet.place("pupils", "upn"), sheet.place("pupils", "admission_number"))
        for place in (place for place in named if place is not None):
            for cells in sheet.below:
                cells[place] = f'="{cells[place]}"'
    return _everywhere(export)


@_kind("other-headings", "the headings of another system, and Morning and Afternoon for AM and PM")
def _other_headings(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    for name in ("upn", "admission_number", "on", "half", "mark", "minutes_late"):
        place = marks.sheet.place("marks", name)
        if place is not None:
            marks.sheet.rows[0][place] = random.choice(field_of("marks", name).headings)
    for cells in marks.sheet.below:
        cells[marks.half] = {"AM": "Morning", "PM": "Afternoon"}.get(cells[marks.half], cells[marks.half])
    return _one(marks.name)


@_kind("own-column", "a column of the school's own that nobody else knows")
def _own_column(export: Export, random: Random) -> dict[str, Report]:
    for sheet in export.sheets.values():
        for place, cells in enumerate(sheet.rows):
            cells.append("Breakfast club" if place == 0 else random.choice(("Mon", "Tue", "")))
    return _everywhere(export, ["column-not-read"])


@_kind("total", "a row with totals at the end")
def _total(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    cells = [""] * len(marks.sheet.rows[0])
    named = marks.upn if marks.upn is not None else marks.number
    cells[named or 0], cells[marks.mark] = "Total", str(len(marks.sheet.below))
    marks.sheet.rows.append(cells)
    return _one(marks.name, ["pupil-unknown", "day-missing", "session-unknown"], 1)


@_kind("cut-short", "the file ends in the middle of its last row")
def _cut_short(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    last = marks.sheet.rows[-1]
    last[marks.on] = last[marks.on][:-1]
    del last[marks.on + 1 :]
    marks.sheet.broken = lambda text: text.rstrip("\r\n")
    return _one(marks.name, ["day-unread", "session-unknown"], 1)


@_kind("loose-comma", "cells to the right of the last column, where a comma stood in a note")
def _loose_comma(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    rows = _some(random, marks.all)
    for row in rows:
        row.cells += ["rang at nine"]
    return _one(marks.name, ["row-too-long"], len(rows))


@_kind("open-quote", "a quotation mark that is never closed")
def _open_quote(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    number = random.randrange(1, len(marks.sheet.rows))

    def broken(text: str) -> str:
        lines = text.split("\r\n")
        lines[number] = '"' + lines[number]
        return "\r\n".join(lines)

    marks.sheet.broken = broken
    return {marks.name: Report(frozenset(["file-quotes"]), refused=True)}


# --- days ------------------------------------------------------------------------------------------------


@_kind("month-first", "days as Americans write them: 09/22/2025")
def _month_first(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    days = {row.on for row in marks.all}
    if not any(day.day > 12 for day in days):
        raise impossible("No day after the 12th of a month would show it.", "Export a longer time.")
    swapped = [row for row in marks.all if row.on.day != row.on.month]
    for row in marks.all:
        row.cells[marks.on] = f"{row.on:%m/%d/%Y}"
    rules = {"day-unread" if row.on.day > 12 else "day-ambiguous" for row in swapped}
    return _one(marks.name, rules, len(swapped))


@_kind("day-numbers", "days as the spreadsheet counts them: 45922")
def _day_numbers(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    for row in marks.all:
        row.cells[marks.on] = str((row.on - SPREADSHEETS_BEGIN).days)
    return _one(marks.name)


@_kind("two-digit-years", "years of two digits: 22/09/25")
def _two_digit_years(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    for row in marks.all:
        row.cells[marks.on] = f"{row.on:%d/%m/%y}"
    return _one(marks.name, ["day-ambiguous"], len(marks.all))


@_kind("holidays", "marks on a day in the holidays")
def _holidays(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    days = sorted({row.on for row in marks.all})
    gaps = [(later - earlier, earlier) for earlier, later in zip(days, days[1:], strict=False)]
    if not gaps or max(gaps)[0] < timedelta(days=3):
        raise impossible("There is no holiday between the days of the file.", "Export a longer time.")
    length, last_on = max(gaps)
    on = last_on + length // 2
    there = [of[0] for of in marks.of_pupils.values() if of[0].on <= last_on and of[-1].on > on]
    # Of a day on which most pupils have marks it is the calendar that is in doubt.
    rows = _some(random, there, max(1, min(MOST, len(there) // 4)))
    for row in rows:
        cells = list(row.cells)
        cells[marks.on], cells[marks.half], cells[marks.mark] = marks.day_text(on), "AM", "/"
        marks.add_after(row, cells)
    return _one(marks.name, ["mark-no-session"], len(rows))


# --- codes -----------------------------------------------------------------------------------------------


@_kind("small-letters", "codes in small letters")
def _small_letters(export: Export, random: Random) -> dict[str, Report]:
    marks = export.marks
    for row in marks.all:
        row.code = row.code.lower()
    return _one(marks.name)


@_kind("withdrawn-codes", "H and J, which were withdrawn in August 2024")
def _withdrawn_codes(export: Export, random: Random) -> dict[str, Report]:
    marks = export.marks
    after = [row for row in marks.marked if not {"H", "J"} & england().on(row.on).codes.keys()]
    rows = _some(random, after)
    for row in rows:
        row.code = random.choice("HJ")
    return _one(marks.name, ["code-not-in-force"], _rows_of(rows))


@_kind("unknown-codes", "codes of the school's own, and words")
def _unknown_codes(export: Export, random: Random) -> dict[str, Report]:
    marks = export.marks
    rows = _some(random, marks.marked)
    for row in rows:
        row.code = random.choice(("ILL", "?", "A", "L8", "absent"))
    return _one(marks.name, ["code-unknown"], _rows_of(rows))


@_kind("wrong-strokes", "the strokes of morning and afternoon swapped")
def _wrong_strokes(export: Export, random: Random) -> dict[str, Report]:
    marks = export.marks
    rows = _some(random, [row for row in marks.marked if row.code in PRESENT])
    for row in rows:
        row.code = PRESENT[1 - PRESENT.index(row.code)]
    return _one(marks.name, ["code-half"], _rows_of(rows))


@_kind("minutes-in-words", "minutes late that are no number")
def _minutes_in_words(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    place = marks.sheet.place("marks", "minutes_late")
    if place is None:
        raise impossible("There is no column for the minutes late.", "Export it too.")
    for row in _some(random, marks.marked):
        row.cells[place] = random.choice(("ten", "5-10", "bus"))
    return _one(marks.name, ["minutes-unread"])


# --- rows twice ------------------------------------------------------------------------------------------


@_kind("rows-twice", "rows that stand there twice, word for word")
def _rows_twice(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    for row in _some(random, marks.marked):
        marks.add_after(row, list(row.cells))
    return _one(marks.name)


@_kind("two-marks", "two different marks for one session")
def _two_marks(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    # Where a session has a row for each correction, all of them are in doubt and not two.
    rows_of = Counter((row.pupil, row.on, row.cells[marks.half]) for row in marks.all)
    single = [row for row in marks.marked if rows_of[row.pupil, row.on, row.cells[marks.half]] == 1]
    rows = _some(random, single)
    for row in rows:
        cells = list(row.cells)
        cells[marks.mark] = "I" if cells[marks.mark] == "O" else "O"
        marks.add_after(row, cells)
    return _one(marks.name, ["mark-twice"], 2 * len(rows))


@_kind("pupil-twice", "a pupil who stands in the pupils file twice")
def _pupil_twice(export: Export, random: Random) -> dict[str, Report]:
    name, sheet = export.pupils
    sheet.rows.append(list(random.choice(sheet.below)))
    return _one(name, ["pupil-twice"], 1)


# --- who is meant ----------------------------------------------------------------------------------------


@_kind("zeros-lost", "only admission numbers to go by, without the zeros in front")
def _zeros_lost(export: Export, random: Random) -> dict[str, Report]:
    marks = export.marks
    if marks.number is None or not all(cells[marks.number].strip("0") for cells in marks.sheet.below):
        raise impossible("Not every row has an admission number.", "Export it too.")
    for cells in marks.sheet.below:
        cells[marks.number] = cells[marks.number].lstrip("0")
        if marks.upn is not None:
            cells[marks.upn] = ""
    return _one(marks.name)


@_kind("stranger", "marks of a pupil who is not in the pupils file")
def _stranger(export: Export, random: Random) -> dict[str, Report]:
    marks = export.marks
    rows = _some(random, random.choice(list(marks.of_pupils.values())))
    number = f"00129992{random.randrange(10000):04d}"
    copies = {id(row.cells): list(row.cells) for row in rows}
    for cells in copies.values():
        if marks.upn is not None:
            cells[marks.upn] = check_letter(f"?{number}") + number
        if marks.number is not None:
            cells[marks.number] = number
        marks.sheet.rows.append(cells)
    return _one(marks.name, ["pupil-unknown"], len(copies))


@_kind("mistyped-upn", "a UPN with a wrong first letter, in all files")
def _mistyped_upn(export: Export, random: Random) -> dict[str, Report]:
    name, sheet = export.pupils
    place = sheet.place("pupils", "upn")
    if place is None:
        raise impossible("The pupils have no UPNs.", "Export them too.")
    (upn,) = _some(random, [cells[place] for cells in sheet.below if len(cells[place]) == 13], 1)
    letters = [letter for letter in "ABCDEFGH" if letter != check_letter(upn) and letter != upn[0]]
    for one in export.sheets.values():
        column = one.place("pupils", "upn")
        for cells in one.below:
            if column is not None and cells[column] == upn:
                cells[column] = letters[0] + upn[1:]
    return {**_everywhere(export), **_one(name, ["upn"])}


@_kind("mistyped-in-marks", "a UPN with wrong digits, in a few rows of marks only")
def _mistyped_in_marks(export: Export, random: Random) -> dict[str, Report]:
    marks, place = export.long, export.long.upn
    if place is None:
        raise impossible("The marks have no UPNs.", "Export them too.")
    known = {cells[place] for cells in marks.sheet.below}
    rows = _some(random, [row for row in marks.marked if len(row.cells[place]) == 13])
    for row in rows:
        upn = row.cells[place]
        tails = (f"{(int(upn[9:12]) + n) % 1000:03d}" for n in range(1, 1000))
        row.cells[place] = next(one for tail in tails if (one := upn[:9] + tail + upn[12:]) not in known)
    return _one(marks.name, ["pupil-unknown"], len(rows))


@_kind("two-pupils-merged", "rows with the UPN of one pupil and the admission number of another")
def _two_pupils_merged(export: Export, random: Random) -> dict[str, Report]:
    marks = export.long
    upn, number = marks.upn, marks.number
    named = [
        rows
        for rows in marks.of_pupils.values()
        if upn is not None and number is not None and rows[0].cells[upn] and rows[0].cells[number]
    ]
    if len(named) < 2 or upn is None:
        raise impossible("It needs two pupils with UPN and admission number.", "Export both columns.")
    one, other = random.sample(named, 2)
    rows = _some(random, one)
    for row in rows:
        row.cells[upn] = other[0].cells[upn]
    return _one(marks.name, ["pupil-mismatch"], len(rows))


@_kind("same-number", "one admission number for two pupils of the pupils file")
def _same_number(export: Export, random: Random) -> dict[str, Report]:
    name, sheet = export.pupils
    place, upn = sheet.place("pupils", "admission_number"), sheet.place("pupils", "upn")
    if place is None or upn is None:
        raise impossible("It needs the UPN and the admission number.", "Export both columns.")
    once = _standing_once(sheet, upn)
    one, *others = _some(random, [cells for cells in once if cells[place]], 2)
    if not others:
        raise impossible("It needs two pupils with admission numbers.", "Export more pupils.")
    others[0][place] = one[place]
    return _one(name, ["admission-number-twice"])


def _standing_once(sheet: Sheet, upn: int) -> list[list[str]]:
    """The rows of a pupils file whose pupil has no other row."""
    times = Counter(cells[upn] for cells in sheet.below)
    return [cells for cells in sheet.below if cells[upn] and times[cells[upn]] == 1]


@_kind("after-leaving", "marks after the day on which the pupil left by the pupils file")
def _after_leaving(export: Export, random: Random) -> dict[str, Report]:
    marks, (_, sheet) = export.marks, export.pupils
    column = sheet.place("pupils", "ends_on")
    upn = sheet.place("pupils", "upn")
    if column is None or upn is None or marks.upn is None:
        raise impossible("It needs the leaving day and the UPN.", "Export both columns.")
    stays = [cells for cells in sheet.below if not cells[column] and cells[upn]]
    of_upn = {of[0].cells[marks.upn]: of for of in marks.of_pupils.values()}
    (leaver,) = _some(random, [cells for cells in stays if len(of_upn.get(cells[upn], ())) > MOST], 1)
    rows = of_upn[leaver[upn]]
    last_on = rows[len(rows) // 2].on
    leaver[column] = day_like(leaver[sheet.place("pupils", "starts_on") or 0], last_on)
    return _one(marks.name, ["mark-off-roll"], _rows_of([row for row in rows if row.on > last_on]))


@_kind("left-before-starting", "a leaving day before the starting day in the pupils file")
def _left_before_starting(export: Export, random: Random) -> dict[str, Report]:
    marks, (name, sheet) = export.marks, export.pupils
    starts, ends, upn = (sheet.place("pupils", one) for one in ("starts_on", "ends_on", "upn"))
    if starts is None or ends is None or upn is None or marks.upn is None:
        raise impossible("It needs starting and leaving days and the UPN.", "Export these columns.")
    (cells,) = _some(random, [cells for cells in _standing_once(sheet, upn) if cells[starts]], 1)
    (started_on,) = read_days([cells[starts]])
    if not isinstance(started_on, date):
        raise impossible("The starting day cannot be read.", "Give files without faults.")
    cells[ends] = day_like(cells[starts], started_on - timedelta(days=1))
    theirs = sum(row[marks.upn] == cells[upn] for row in marks.sheet.below)
    return {**_one(name, ["enrolment-order"], 1), **_one(marks.name, ["pupil-unknown"], theirs)}
