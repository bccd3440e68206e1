"""What is really in a finished PDF? Pages, ink, text and fonts, measured in millimetres from the top left.

PDFium reads and draws the pages, so that what is measured is what a printer would put on paper, whoever made
the file. PDFium is not safe in threads: one at a time in a process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw
from numpy.typing import NDArray

from firstbell.problems import Place, Problem, Unusable

__all__ = ["Box", "Measured", "Page", "measure", "page_count"]

POINT = 25.4 / 72
"""Millimetres in a point."""

PIXELS = 4
"""Pixels in a millimetre: a hairline of 0.25 mm is one."""

WHITE = 250
"""From this grey on a pixel is paper. What is lighter cannot be seen in print."""


@dataclass(frozen=True)
class Box:
    """An area of a page in millimetres from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, by: float) -> Box:
        """The same area with a border of `by` millimetres all round."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is in it; its edges are."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@dataclass(frozen=True)
class Page:
    """One page as measured: `width` and `height` without its rotation, `ink` as rows of pixels.

    `letters` are all visible characters in the order of the file, each with the middle of its box.
    `loose_fonts` are those that the file names and does not contain.
    """

    number: int
    width: float
    height: float
    rotation: int
    ink: NDArray[np.bool_] = field(repr=False)
    letters: tuple[tuple[str, float, float], ...] = field(repr=False)
    loose_fonts: tuple[str, ...] = ()

    def ink_outside(self, allowed: tuple[Box, ...]) -> Box | None:
        """The smallest box round all ink that is in none of the `allowed` areas, or None."""
        outside = self.ink.copy()
        for box in allowed:
            top, bottom = _pixel(box.top), _pixel(box.bottom)
            outside[top:bottom, _pixel(box.left) : _pixel(box.right)] = False
        rows, columns = np.nonzero(outside)
        if not rows.size:
            return None
        edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        return Box(*(round(float(edge) / PIXELS, 2) for edge in edges))

    def lines_in(self, box: Box) -> tuple[str, ...]:
        """The lines of text whose characters are in an area, from top to bottom, empty ones left out."""
        rows: list[tuple[float, str]] = []
        for letter, x, y in self.letters:
            if letter in "\r\n":
                rows.append((float("nan"), ""))
            elif box.holds(x, y):
                if rows and abs(rows[-1][0] - y) < _SAME_LINE:
                    rows[-1] = (rows[-1][0], rows[-1][1] + letter)
                else:
                    rows.append((y, letter))
        return tuple(" ".join(text.split()) for _, text in rows if text.strip())


_SAME_LINE = 2.0
"""Millimetres by which the middles of characters of one line may differ: a comma and a capital do."""


@dataclass(frozen=True)
class Measured:
    """A whole file as measured."""

    size: int
    encrypted: bool
    pages: tuple[Page, ...]


def measure(pdf: bytes, most_pages: int | None = None) -> Measured:
    """Everything that is measured of a PDF; with `most_pages`, of no more than its first pages.

    Raises `Unusable` (rule unable-to-read-the-file) for what is no PDF, or needs a password.
    """
    with _opened(pdf) as document:
        encrypted = pypdfium2.raw.FPDF_GetSecurityHandlerRevision(document) != -1
        count = len(document) if most_pages is None else min(len(document), most_pages)
        pages = tuple(_page(document, number) for number in range(count))
    return Measured(len(pdf), encrypted, pages)


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has. Raises `Unusable` as `measure` does."""
    with _opened(pdf) as document:
        return len(document)


@contextmanager
def _opened(pdf: bytes) -> Iterator[Any]:
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError:
        what = "The file is not a PDF that can be read, or it needs a password."
        remedy = "Make the letter again, without a password."
        raise Unusable([Problem("unable-to-read-the-file", Place(), what, remedy)]) from None
    try:
        yield document
    finally:
        document.close()


def _page(document: Any, index: int) -> Page:
    page = document[index]
    left, bottom, right, top = page.get_mediabox()
    picture = page.render(scale=PIXELS * POINT, grayscale=True).to_numpy()
    return Page(
        number=index + 1,
        width=round((right - left) * POINT, 2),
        height=round((top - bottom) * POINT, 2),
        rotation=page.get_rotation(),
        ink=np.asarray(picture).reshape(picture.shape[0], picture.shape[1]) < WHITE,
        letters=tuple(_letters(page.get_textpage(), left, top)),
        loose_fonts=_loose_fonts(page),
    )


def _letters(text: Any, left: float, top: float) -> Iterator[tuple[str, float, float]]:
    for index in range(text.count_chars()):
        letter = text.get_text_range(index, 1)
        box = text.get_charbox(index)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        yield letter, (x - left) * POINT, (top - y) * POINT


def _loose_fonts(page: Any) -> tuple[str, ...]:
    texts = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=15)
    fonts = [text.get_font() for text in texts]
    return tuple(sorted({font.get_base_name() for font in fonts if not font.is_embedded}))


def _pixel(millimetres: float) -> int:
    return max(0, round(millimetres * PIXELS))
