"""What stands in a spreadsheet, as text, by column?

Reads CSV and XLSX alike into a `Table`: the first row with something in it holds the headings, every row
keeps the number that a spreadsheet shows beside it. A column holds each different content once and, for
each row, which of them it is, so that a day that stands in a thousand rows is understood once. Knows
nothing of pupils or marks, and guesses nothing: a file that cannot be read completely is not read at all.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
import python_calamine
from numpy.typing import NDArray

from firstbell.problems import Place, Problem, Unusable

__all__ = ["Column", "Table", "read_table", "read_text"]

LONGEST_LINE = 1 << 20
LARGEST_FILE = 512 << 20
LARGEST_UNPACKED = 2 << 30
"""A workbook is compressed; this is the most that its parts may take together."""
MOST_CELLS = 50_000_000
"""A workbook with one stray cell in its far corner would otherwise be laid out in full."""

CHUNK = 1 << 10
"""Rows taken at a time: few enough that their cells are still in the cache when they are looked at."""
DELIMITERS = (",", ";", "\t")
GUARD = re.compile(r'=\(?"(.*)"\)?', re.DOTALL)
CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r"})
FORMULA = tuple("=+-@\t\r")
"""What a spreadsheet takes for the beginning of a formula."""


Rows: TypeAlias = list[Sequence[str]]


@dataclass(frozen=True, eq=False)
class Column:
    """A column: its heading, the different contents of its cells, and which of them stands in each row.

    The contents are stripped of spaces and of what spreadsheets put around text to protect it; two of them
    may therefore be equal.
    """

    heading: str
    values: tuple[str, ...] = field(repr=False)
    places: NDArray[np.int32] = field(repr=False)

    def __getitem__(self, index: int) -> str:
        """The content of the cell in the row with that index."""
        return self.values[int(self.places[index])]

    def holds(self, text: str) -> NDArray[np.bool_]:
        """bool[rows]: where the content is `text`."""
        return np.array([value == text for value in self.values], dtype=np.bool_)[self.places]


@dataclass(frozen=True, eq=False)
class Table:
    """The rows below the headings that hold something, as columns.

    `rows` are the numbers that a spreadsheet shows beside them. `surplus` are the contents, by that
    number, of cells to the right of the last column: a row that has them has slipped.
    """

    file: str
    columns: tuple[Column, ...]
    rows: NDArray[np.int64] = field(repr=False)
    surplus: Mapping[int, tuple[str, ...]] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        """How many rows there are below the headings."""
        return len(self.rows)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings as the file has them; one that is missing is named by its letter."""
        return tuple(column.heading for column in self.columns)

    def place(self, index: int, column: Column | None = None) -> Place:
        """Where the row with that index stands in the file."""
        return Place(self.file, int(self.rows[index]), column.heading if column else None)

    def cells(self, index: int) -> tuple[str, ...]:
        """The contents of one row."""
        return tuple(column[index] for column in self.columns)


def read_table(path: Path) -> Table:
    """The table that a CSV file or the first sheet of a workbook holds.

    CSV may be in UTF-8, UTF-16 with its mark, or Windows-1252, with commas, semicolons or tabs. Raises
    `Unusable` for what is neither, is empty, or is larger than anybody's register.
    """
    data = _read_bytes(path)
    if data.startswith(b"PK\x03\x04"):
        chunks, problems = _workbook_chunks(data, path.name)
        return _laid_out(chunks, path.name, problems)
    return _laid_out(_text_chunks(_decoded(data, path.name), path.name), path.name)


def read_text(path: Path) -> str:
    """The text of a file, in whichever of the encodings above. Raises `Unusable` if it holds none."""
    return _decoded(_read_bytes(path), path.name)


def _unusable(file: str, rule: str, what: str, remedy: str, row: int | None = None) -> Unusable:
    return Unusable([Problem(rule, Place(file, row), what, remedy)])


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise _unusable(
                path.name,
                "file-too-large",
                f"The file has {size >> 20} MiB; the most that is read is {LARGEST_FILE >> 20} MiB.",
                "Export one school and one school year at a time.",
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it has no such name"
        raise _unusable(
            path.name, "file-unreadable", f"The file cannot be opened: {reason}.", "Check its name and place."
        ) from None


# --- CSV -------------------------------------------------------------------------------------------------


def _decoded(data: bytes, file: str) -> str:
    if data.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"PK\x03\x04")):
        raise _unusable(
            file,
            "file-kind",
            "This is a PDF, a packed file, a workbook in the old form or one with a password.",
            "Save it as CSV or as .xlsx without a password.",
        )
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = None
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or _has_controls(text.encode() if marked else data):
        raise _unusable(
            file, "file-not-text", "The file is neither text nor a workbook.", "Save it as CSV or as .xlsx."
        )
    if text.lstrip()[:200].casefold().startswith(("<!doctype", "<html", "<table", "<?xml")):
        raise _unusable(
            file,
            "file-kind",
            "This is a web page or XML, whatever its name says.",
            "Open it in a spreadsheet and save it as CSV or as .xlsx.",
        )
    return text


def _has_controls(data: bytes) -> bool:
    return len(data.translate(None, CONTROLS)) < len(data)


def _text_chunks(text: str, file: str) -> Iterator[Rows]:
    lines = io.StringIO(text, newline="")
    longest = max(map(len, lines), default=0)
    if longest > LONGEST_LINE:
        raise _unusable(
            file,
            "file-line-too-long",
            f"A line has {longest:,} characters; the most that is read is {LONGEST_LINE:,}.",
            "Check that the file is a table, with a line for each row.",
        )
    lines.seek(0)
    first = next((line for line in lines if line.strip()), "").rstrip("\r\n")
    lines.seek(0)
    if re.fullmatch(r"sep=.", first, re.IGNORECASE):
        # Excel's own note of the delimiter; Excel does not show it as a row either.
        delimiter = first[-1]
        next(line for line in lines if line.strip())
    else:
        delimiter = max(DELIMITERS, key=lambda mark: len(_split(first, mark)))
    # Strict, because a quotation mark that is never closed would swallow rows without a sound.
    rows: Iterator[Sequence[str]] = csv.reader(lines, delimiter=delimiter, strict=True)
    start = lines.tell()
    try:
        while chunk := list(islice(rows, CHUNK)):
            yield chunk
    except csv.Error:
        lines.seek(start)
        raise _unusable(
            file,
            "file-quotes",
            "The quotation marks do not pair up from this row on.",
            "Close the quotation, and write each quotation mark inside a quoted cell twice.",
            1 + _rows_read(csv.reader(lines, delimiter=delimiter, strict=True)),
        ) from None


def _rows_read(rows: Iterator[Sequence[str]]) -> int:
    """How many rows can be read before the first fault."""
    count = 0
    with suppress(csv.Error):
        for _ in rows:
            count += 1
    return count


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


# --- XLSX ------------------------------------------------------------------------------------------------


def _workbook_chunks(data: bytes, file: str) -> tuple[Iterator[Rows], list[Problem]]:
    _check_workbook(data, file)
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
            visible = [
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
                and sheet.visible == python_calamine.SheetVisibleEnum.Visible
            ]
            sheets = [(name, workbook.get_sheet_by_name(name)) for name in visible]
            filled = [(name, sheet) for name, sheet in sheets if sheet.start is not None]
            rows = filled[0][1].iter_rows() if filled else iter(())
    except Exception:
        raise _damaged(file) from None
    except BaseException as error:
        # The reader of workbooks is written in Rust, and what it did not foresee is no Exception.
        if type(error).__name__ == "PanicException":
            raise _damaged(file) from None
        raise
    problems = []
    if len(filled) > 1:
        others = ", ".join(f'"{name}"' for name, _ in filled[1:])
        problems.append(
            Problem(
                "file-sheets",
                Place(file),
                f'The sheet "{filled[0][0]}" was read; {others} not.',
                "Put the sheet that is to be read first, or save it by itself.",
                severity="warning",
            )
        )
    return _as_text(rows), problems


def _as_text(rows: Iterator[Sequence[object]]) -> Iterator[Rows]:
    # Of this reading only, because cells hold personal data; typed, because 1 and TRUE are equal to Python.
    text_of = lru_cache(maxsize=CHUNK, typed=True)(_text_of)
    while chunk := list(islice(rows, CHUNK)):
        columns = [
            [cell if type(cell) is str else text_of(cell) for cell in column]
            for column in zip(*chunk, strict=True)
        ]
        yield list(zip(*columns, strict=True))


def _damaged(file: str) -> Unusable:
    return _unusable(
        file, "file-damaged", "The workbook cannot be read.", "Open it in a spreadsheet and save it as .xlsx."
    )


def _check_workbook(data: bytes, file: str) -> None:
    """Raises `Unusable` for a packed file that is no workbook or would unpack to more than we can hold."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                raise _unusable(
                    file, "file-kind", "This packed file is no workbook.", "Save it as CSV or as .xlsx."
                )
            sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
            too_large = sum(part.file_size for part in parts) > LARGEST_UNPACKED
            if too_large or any(_cells(packed, sheet) > MOST_CELLS for sheet in sheets):
                raise _unusable(
                    file,
                    "file-too-large",
                    "The workbook is larger than anybody's register.",
                    "Look for cells far away from the table, and save the table by itself.",
                )
    except Unusable:
        raise
    except Exception:  # whatever a packed file can be damaged into
        raise _damaged(file) from None


def _cells(packed: zipfile.ZipFile, sheet: zipfile.ZipInfo) -> int:
    """How many cells the rectangle around a sheet's cells has, seen without laying it out."""
    rows, width, tail = 0, 1, b""
    with packed.open(sheet) as stream:
        while block := stream.read(1 << 20):
            block = tail + block
            if found := re.findall(rb' r="([A-Z]{2,3})\d', block):
                width = max(width, *map(_number_of_column, set(found)))
            if found := re.findall(rb'<row (?:[^>]* )?r="(\d{1,9})"', block):
                rows = max(rows, int(found[-1]))
            tail = block[-40:]
    return rows * max(width, 26)


def _number_of_column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text_of(cell: object) -> str:
    """A cell of a workbook as it would be written in CSV: days in ISO form, whole numbers without a point."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


# --- both ------------------------------------------------------------------------------------------------


class _Filling:
    """A column while it is being read."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.places: list[NDArray[np.int32]] = []

    def add(self, cells: Sequence[str]) -> None:
        known = self.known
        for text in dict.fromkeys(cells):
            known.setdefault(text, len(known))
        self.places.append(np.fromiter(map(known.__getitem__, cells), np.int32, len(cells)))

    def column(self, heading: str) -> Column:
        places = np.concatenate(self.places) if self.places else np.zeros(0, np.int32)
        return Column(heading, tuple(map(_cleaned, self.known)), places)


def _cleaned(text: str) -> str:
    text = text.strip()
    if text.startswith("="):
        guarded = GUARD.fullmatch(text)
        return guarded.group(1).strip() if guarded else text
    # What we wrote for a spreadsheet ourselves comes back (see kept_aside.neutralised).
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _laid_out(chunks: Iterator[Rows], file: str, problems: Iterable[Problem] = ()) -> Table:
    rest, number, headings = _headings(chunks, file)
    first = number + 1
    filling = [_Filling() for _ in headings]
    surplus: dict[int, tuple[str, ...]] = {}
    for chunk in chain((rest,), chunks):
        if set(map(len, chunk)) - {len(headings)}:
            _even_out(chunk, len(headings), number + 1, surplus)
        for column, cells in zip(filling, zip(*chunk, strict=True), strict=False):
            column.add(cells)
        number += len(chunk)
    columns = [
        column.column(heading or f"(column {_letters(place)})")
        for place, (column, heading) in enumerate(zip(filling, headings, strict=True))
    ]
    blank = [column.holds("") for column in columns]
    filled = ~np.logical_and.reduce(blank)
    filled[[row - first for row in surplus]] = True
    if not filled.any():
        raise _unusable(
            file, "file-no-rows", "There is nothing below the headings.", "Export it again, with its rows."
        )
    return Table(
        file,
        tuple(
            Column(column.heading, column.values, column.places[filled])
            for column, heading, empty in zip(columns, headings, blank, strict=True)
            if heading or not empty.all()
        ),
        np.arange(first, number + 1, dtype=np.int64)[filled],
        surplus,
        tuple(problems),
    )


def _headings(chunks: Iterator[Rows], file: str) -> tuple[Rows, int, list[str]]:
    """The first row with something in it and its number, and what is left of its chunk."""
    before = 0
    for chunk in chunks:
        for number, cells in enumerate(chunk, start=1):
            headings = [_cleaned(cell) for cell in cells]
            if any(headings):
                return chunk[number:], before + number, headings
        before += len(chunk)
    raise _unusable(file, "file-empty", "There is nothing in the file.", "Export it again.")


def _even_out(chunk: Rows, width: int, first: int, surplus: dict[int, tuple[str, ...]]) -> None:
    """Makes every row as wide as the headings; what a row has beyond them goes to `surplus`."""
    for i, cells in enumerate(chunk):
        if len(cells) > width:
            more = tuple(_cleaned(cell) for cell in cells[width:])
            if any(more):
                surplus[first + i] = more
        if len(cells) != width:
            chunk[i] = tuple(islice(chain(cells, ("",) * width), width))


def _letters(place: int) -> str:
    """The letters by which a spreadsheet calls a column: A for the first, AA after Z."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
