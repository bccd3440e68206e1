"""What stands in a spreadsheet, as text, by column?

Reads CSV and XLSX alike into a `Table`: the first row with something in it holds the headings, every row
keeps the number that a spreadsheet shows beside it. A column holds each different content once and, for
each row, which of them it is, so that a day that stands in a thousand rows is understood once. Knows
nothing of pupils or marks, and guesses nothing: a file that cannot be read completely is not read at all.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import python_calamine
from numpy.typing import NDArray

from firstbell.exchange.cells import Unread, read_days
from firstbell.exchange.limits import (
    check_size,
    check_workbook,
    damaged,
    is_packed,
    name_of,
    refused,
    text_encoding,
)
from firstbell.problems import Place, Problem
from firstbell.reports.tables import FORMULA

__all__ = ["Column", "Spread", "SpreadColumn", "Table", "read_table", "read_text"]

CHUNK = 1 << 9
"""Rows taken at a time: few enough that their cells are still in the cache when they are looked at."""
LINES_LOOKED_AT = 10
DELIMITERS = (",", ";", "\t")
GUARD = re.compile(r'=\(?"(.*)"\)?', re.DOTALL)
"""What a spreadsheet takes for the beginning of a formula."""


Rows: TypeAlias = list[Sequence[str]]
Places: TypeAlias = NDArray[np.integer[Any]]
"""Of the smallest kind that holds them: a column of ten codes takes a byte a row, not four."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column: its heading, the different contents of its cells, and which of them stands in each row.

    The contents are stripped of spaces and of what spreadsheets put around text to protect it; two of them
    may therefore be equal.
    """

    heading: str
    values: tuple[str, ...] = field(repr=False)
    places: Places = field(repr=False)

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


@dataclass(frozen=True)
class SpreadColumn:
    """A column that holds marks of one or more sessions: its place, and what its contents are.

    `sessions` are (day, half) in words; `marks` the marks of each content, or why it has none; `title` the
    heading with its day in ISO form. `fault` says why the heading names no session.
    """

    place: int
    title: str
    sessions: tuple[tuple[str, str], ...]
    marks: Mapping[str, tuple[str, ...] | Unread] = field(repr=False)
    fault: Unread | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Spread(Table):
    """A table with a row for each mark of another, `of`, that has several in a row.

    `row_of` and `column_of` say, for each of its rows, in which row of that table the mark stands, and in
    which of `spread_from`. Places and numbers of rows are those of the file.
    """

    of: Table
    spread_from: tuple[SpreadColumn, ...]
    row_of: Places = field(repr=False)
    column_of: Places = field(repr=False)
    cells_for_marks: tuple[Column, ...] = field(repr=False)

    def place(self, index: int, column: Column | None = None) -> Place:
        """Where the cell stands in the file from which the mark of a row was taken."""
        heading = column.heading if column else None
        if any(column is one for one in self.cells_for_marks):
            heading = self.of.columns[self.spread_from[int(self.column_of[index])].place].heading
        return Place(self.file, int(self.rows[index]), heading)


def read_table(
    path: Path, *, headings_row: int | None = None, progress: Callable[[int], None] = lambda _: None
) -> Table:
    """The table that a CSV file or the first sheet of a workbook holds.

    CSV may be in UTF-8, UTF-16 with its mark, or Windows-1252, with commas, semicolons or tabs. The headings
    stand in `headings_row`, as a spreadsheet counts, else in the first row with something in it that is no
    title: up to ten rows of one or two cells may stand above a wider one. `progress` is told how many bytes
    of a CSV file have been read. Raises `Unusable` for what is neither, is empty, or is larger than
    anybody's register.
    """
    check_size(path)
    if is_packed(path):
        check_workbook(path)
        chunks, problems = _workbook_chunks(path)
        return _laid_out(chunks, name_of(path), problems, headings_row)
    return _laid_out(_text_chunks(path, text_encoding(path), progress), name_of(path), [], headings_row)


def read_text(path: Path) -> str:
    """The text of a file, in whichever of the encodings above. Raises `Unusable` if it holds none."""
    check_size(path)
    return path.read_bytes().decode(text_encoding(path))


# --- CSV -------------------------------------------------------------------------------------------------


def _text_chunks(path: Path, encoding: str, progress: Callable[[int], None]) -> Iterator[Rows]:
    with path.open(encoding=encoding, newline="") as lines:
        delimiter, skip = _delimiter(list(islice(lines, LINES_LOOKED_AT)))
    with path.open(encoding=encoding, newline="") as lines:
        # Strict, because a quotation mark that is never closed would swallow rows without a sound.
        rows: Iterator[Sequence[str]] = csv.reader(
            islice(lines, skip, None), delimiter=delimiter, strict=True
        )
        try:
            while chunk := list(islice(rows, CHUNK)):
                progress(cast(BufferedReader, lines.buffer).tell())
                yield chunk
            return
        except csv.Error:
            pass
    with path.open(encoding=encoding, newline="") as lines:
        raise refused(
            name_of(path),
            "file-quotes",
            "The quotation marks do not pair up from this row on.",
            "Close the quotation, and write each quotation mark inside a quoted cell twice.",
            1 + _rows_read(csv.reader(islice(lines, skip, None), delimiter=delimiter, strict=True)),
        )


def _delimiter(lines: Sequence[str]) -> tuple[str, int]:
    """What stands between the cells, and how many lines at the beginning only say so."""
    for place, line in enumerate(lines):
        if line.strip():
            if re.fullmatch(r"sep=.", line.rstrip("\r\n"), re.IGNORECASE):
                # Excel's own note of the delimiter; Excel does not show it as a row either.
                return line.rstrip("\r\n")[-1], place + 1
            break
    # A title has no delimiter, or the wrong one: the first line with three cells or more decides, if any.
    for least in (3, 2):
        for line in lines:
            best = max(DELIMITERS, key=lambda mark, line=line: len(_split(line, mark)))  # type: ignore[misc]
            if len(_split(line, best)) >= least:
                return best, 0
    return DELIMITERS[0], 0


def _rows_read(rows: Iterator[Sequence[str]]) -> int:
    """How many rows can be read before the first fault."""
    count = 0
    with suppress(csv.Error):
        for _ in rows:
            count += 1
    return count


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])


# --- XLSX ------------------------------------------------------------------------------------------------


def _workbook_chunks(path: Path) -> tuple[Iterator[Rows], list[Problem]]:
    file = name_of(path)
    try:
        with python_calamine.load_workbook(path) as workbook:
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
        raise damaged(file) from None
    except BaseException as error:
        # The reader of workbooks is written in Rust, and what it did not foresee is no Exception.
        if type(error).__name__ == "PanicException":
            raise damaged(file) from None
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


class _Numbers(dict[str, int]):
    """Numbers texts as they come, so that looking one up and learning it are one step."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class _Filling:
    """A column while it is being read."""

    def __init__(self) -> None:
        self.known = _Numbers()
        self.places: list[Places] = []

    def add(self, cells: Sequence[str]) -> None:
        first = self.known[cells[0]] if cells else 0
        # Files come pupil by pupil or day by day, so that much of a chunk is one content.
        if cells and cells[-1] == cells[0] and cells.count(cells[0]) == len(cells):
            self.places.append(np.full(len(cells), first, np.min_scalar_type(first)))
            return
        places = np.fromiter(map(self.known.__getitem__, cells), np.int32, len(cells))
        self.places.append(places.astype(np.min_scalar_type(len(self.known))))

    def column(self, heading: str) -> Column:
        places = np.concatenate(self.places) if self.places else np.zeros(0, np.uint8)
        self.places.clear()
        return Column(heading, tuple(map(_cleaned, self.known)), places)


def _cleaned(text: str) -> str:
    text = text.strip()
    if text.startswith("="):
        guarded = GUARD.fullmatch(text)
        return guarded.group(1).strip() if guarded else text
    # What we wrote for a spreadsheet ourselves comes back (see kept_aside.neutralised).
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _laid_out(
    chunks: Iterator[Rows], file: str, problems: Sequence[Problem], headings_row: int | None
) -> Table:
    rest, number, headings, above = _headings(chunks, file, headings_row)
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
        raise refused(
            file, "file-no-rows", "There is nothing below the headings.", "Export it again, with its rows."
        )
    return Table(
        file,
        tuple(
            column if filled.all() else Column(column.heading, column.values, column.places[filled])
            for column, heading, empty in zip(columns, headings, blank, strict=True)
            if heading or not empty.all()
        ),
        np.arange(first, number + 1, dtype=np.int64)[filled],
        surplus,
        (*problems, *above),
    )


def _headings(
    chunks: Iterator[Rows], file: str, headings_row: int | None
) -> tuple[Rows, int, list[str], list[Problem]]:
    """What is left of the chunk with the headings, their row's number, they themselves, and what is to be
    said of the rows above them.
    """
    before = 0
    for chunk in chunks:
        filled = [
            (place, cells)
            for place, cells in enumerate(chunk)
            if any(map(str.strip, cells)) and (headings_row is None or before + place + 1 >= headings_row)
        ]
        if filled:
            titles = 0 if headings_row else _titles([cells for _, cells in filled[: LINES_LOOKED_AT + 1]])
            place, cells = filled[titles]
            number = before + place + 1
            above = [
                Problem(
                    "file-titles",
                    Place(file, number),
                    f"The headings were taken from this row; {titles} rows above it were not read.",
                    "If the headings stand elsewhere, delete the rows above them.",
                    severity="warning",
                )
            ]
            return chunk[place + 1 :], number, [_cleaned(cell) for cell in cells], above if titles else []
        before += len(chunk)
    raise refused(file, "file-empty", "There is nothing in the file.", "Export it again.")


def _titles(rows: Sequence[Sequence[str]]) -> int:
    """How many rows at the beginning are titles: of one cell above three, or of two above four or more.

    A row with a day in it is none: days above the halves of the day are headings too.
    """
    filled = [[cell for cell in cells if cell.strip()] for cells in rows]
    with_day = [any(isinstance(day, date) for day in read_days([*map(_cleaned, one)])) for one in filled]
    for least, most in ((3, 1), (4, 2)):
        wide = next((place for place, cells in enumerate(filled) if len(cells) >= least), 0)
        titles = with_day.index(True) if any(with_day[:wide]) else wide
        if titles and all(len(cells) <= most for cells in filled[:titles]):
            return titles
    return 0


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
