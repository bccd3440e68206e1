"""What does the office's printer get? All letters in one file, in order, and a list to tick off.

For paper only: a letter that is sent as a file is the PDF as rendered. The tags that a screen reader needs
are left out here, because pages of other files lose them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typst

from firstbell.delivery.compiling import refuse_fork
from firstbell.delivery.measuring import page_count

__all__ = ["Finished", "PrintRun", "Printed", "print_run"]


@dataclass(frozen=True)
class Finished:
    """A finished letter: its reference, which letter it is, and the PDF."""

    reference: str
    letter: str
    pdf: bytes = field(repr=False)


@dataclass(frozen=True)
class Printed:
    """A row of the list that goes with a print run: no name, so that it may lie about."""

    reference: str
    letter: str
    pages: int
    first_page: int


@dataclass(frozen=True)
class PrintRun:
    """One file for the printer, and its letters in the order of the pages."""

    pdf: bytes = field(repr=False)
    letters: tuple[Printed, ...]


def print_run(letters: Sequence[Finished], duplex: bool = True) -> PrintRun:
    """All letters in one file, in the order given; printed on both sides, each begins on a sheet of its own.

    With `duplex` a letter with an odd number of pages is followed by an empty page, which `pages` does not
    count. The file has no date, so the same letters give the same bytes. Raises `Unusable` for a PDF that
    cannot be read, and `ValueError` for no letters at all.
    """
    if not letters:
        raise ValueError("There is nothing to print.")
    rows, places, first_page = [], [], 1
    for number, finished in enumerate(letters):
        pages = page_count(finished.pdf)
        rows.append(Printed(finished.reference, finished.letter, pages, first_page))
        places += [f'page("{number}.pdf", {page + 1})' for page in range(pages)]
        if duplex and pages % 2 and number + 1 < len(letters):
            places.append("[]")
        first_page = len(places) + 1
    return PrintRun(_laid(letters, places), tuple(rows))


def _laid(letters: Sequence[Finished], places: Sequence[str]) -> bytes:
    source = [
        "#set document(date: none)",
        "#set page(width: 210mm, height: 297mm, margin: 0mm)",
        "#let page(file, number) = image(file, page: number, width: 210mm)",
        "#pagebreak()\n".join(f"#{place}\n" for place in places),
    ]
    refuse_fork()
    work = Path(tempfile.mkdtemp(prefix="firstbell-print-"))
    try:
        for number, finished in enumerate(letters):
            (work / f"{number}.pdf").write_bytes(finished.pdf)
        (work / "run.typ").write_text("\n".join(source), encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)
        pdf = typst.compile(
            str(work / "run.typ"), root=str(work), font_paths=fonts, format="pdf", pdf_tags=False
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    assert isinstance(pdf, bytes)
    return pdf
