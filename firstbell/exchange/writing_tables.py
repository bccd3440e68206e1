"""How do rows become the bytes of a CSV file or a workbook that anybody's spreadsheet opens safely?

The same rows give the same bytes, whenever and wherever they are written. No cell is a formula: what a
spreadsheet would take for one gets an apostrophe, which our reader takes off again. Knows nothing of marks.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

from firstbell.reports.tables import neutralised
from firstbell.sessions import LONDON

__all__ = ["Cell", "DayForm", "Row", "as_csv", "as_workbook", "packed", "written_day"]

Cell: TypeAlias = str | int | date | datetime | None
Row: TypeAlias = Sequence[Cell]
DayForm = Literal["iso", "uk"]
"""How days are written: 2025-09-08, or 08/09/2025 as people in England do."""

UNCHANGING = (1980, 1, 1, 0, 0, 0)
"""The time that every part of a packed file carries, because the clock would change its bytes."""
SPREADSHEETS_BEGIN = date(1899, 12, 30)
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold at all."""
SHEETS_REFUSE = re.compile(r"[\[\]:*?/\\]")
LONGEST_NAME = 31
"""The most characters that spreadsheets allow in the name of a sheet."""


def written_day(day: date, form: DayForm = "iso") -> str:
    """A day as files hold it."""
    return day.isoformat() if form == "iso" else f"{day:%d/%m/%Y}"


def _text(cell: Cell, form: DayForm) -> str:
    """A cell as text. A moment is written in London's time with its distance from Greenwich."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(LONDON).isoformat("T", "seconds")
    if isinstance(cell, date):
        return written_day(cell, form)
    return neutralised(str(cell))


def as_csv(rows: Iterable[Row], form: DayForm = "iso") -> bytes:
    """Rows as CSV: UTF-8 with its mark, commas, lines ended as spreadsheets end them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_text(cell, form) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


# --- workbooks -------------------------------------------------------------------------------------------

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="{form}"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>",
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>',
}


def as_workbook(rows: Iterable[Row], sheet: str, form: DayForm = "iso", *, headings: int = 1) -> bytes:
    """Rows as a workbook with one sheet, whose first `headings` rows stay in sight.

    Days are days in it, shown in the form asked for; numbers are numbers; all else is text, so that the
    zeros in front of admission numbers stay.
    """
    texts: dict[str, int] = {}
    content = "".join(_sheet(rows, texts, headings))
    name = SHEETS_REFUSE.sub(" ", sheet)[:LONGEST_NAME]
    parts = {
        part: text.replace("{form}", "yyyy\\-mm\\-dd" if form == "iso" else "dd/mm/yyyy").replace(
            "{sheet}", _safe(name)
        )
        for part, text in _PARTS.items()
    }
    strings = "".join(f'<si><t xml:space="preserve">{_safe(text)}</t></si>' for text in texts)
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{_MAIN}" uniqueCount="{len(texts)}">{strings}</sst>'  # the total count may be left out
    )
    parts["xl/worksheets/sheet1.xml"] = content
    return packed({part: (_HEAD + text).encode() for part, text in parts.items()})


def _safe(text: str) -> str:
    return escape(UNPRINTABLE.sub("", text), {'"': "&quot;"})


def _sheet(rows: Iterable[Row], texts: dict[str, int], headings: int) -> Iterator[str]:
    yield (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        f'<pane ySplit="{headings}" topLeftCell="A{headings + 1}" activePane="bottomLeft" state="frozen"/>'
        "</sheetView></sheetViews><sheetData>"
    )
    letters: list[str] = []
    for number, row in enumerate(rows, start=1):
        while len(letters) < len(row):
            letters.append(get_column_letter(len(letters) + 1))
        cells = (_cell(f"{letters[place]}{number}", cell, texts) for place, cell in enumerate(row))
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData></worksheet>"


def _cell(place: str, cell: Cell, texts: dict[str, int]) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return f'<c r="{place}" s="1"><v>{(cell - SPREADSHEETS_BEGIN).days}</v></c>'
    if isinstance(cell, int):
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" t="s"><v>{texts.setdefault(_text(cell, "iso"), len(texts))}</v></c>'


def packed(parts: dict[str, bytes]) -> bytes:
    """Parts as a packed file that says nothing of when or on which system it was made."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, part in parts.items():
            one = zipfile.ZipInfo(name, UNCHANGING)
            one.compress_type = zipfile.ZIP_DEFLATED
            one.create_system = 3
            file.writestr(one, part)
    return content.getvalue()
