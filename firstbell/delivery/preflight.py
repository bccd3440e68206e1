"""Would GOV.UK Notify print and post this letter? Measured in the finished PDF, before it is sent.

Notify takes letters that others made, and refuses one with anything outside its zones. The rule of each
problem is the code with which Notify would refuse it. Two have no code there and are our own: Notify puts
another font in the place of a missing one (`font-not-embedded`), and does not take large files at all
(`file-too-large`).

The same zones fit the windows of DL and C5 envelopes, so what passes can be posted by the school itself too.
"""

from __future__ import annotations

from collections.abc import Iterator

from firstbell.delivery.addresses import SOURCE, address_problems
from firstbell.delivery.measuring import Box, Measured, Page, measure
from firstbell.problems import Place, Problem, Unusable

__all__ = [
    "ADDRESS",
    "BODY",
    "FIRST_PAGE",
    "HEADER",
    "MOST_BYTES",
    "MOST_PAGES",
    "PRINTABLE",
    "SENDER",
    "preflight",
]

WIDTH, HEIGHT = 210.0, 297.0
ABOUT = 2.0
"""By how many millimetres a page may differ from A4."""

PRINTABLE = Box(15.0, 5.0, 195.0, 292.0)
HEADER = Box(15.0, 5.0, 125.0, 30.0)
SENDER = Box(125.0, 5.0, 195.0, 95.0)
ADDRESS = Box(24.6, 39.5, 120.0, 66.3)
BODY = Box(15.0, 95.0, 195.0, 292.0)
FIRST_PAGE = (HEADER, SENDER, ADDRESS, BODY)
"""Where something may stand on page 1. Between these areas it stays blank."""

ADDRESS_READ = Box(ADDRESS.left - 1, ADDRESS.top - 1, ADDRESS.right + 1, ADDRESS.bottom + 8)
"""Where the address is read: two lines more than its block holds, so that too many are told as that."""

MOST_PAGES = 10
MOST_BYTES = 2_000_000
TOLERANCE = 1.0
"""Notify's own, in millimetres, for edges that are smoothed when a page is drawn."""


def preflight(pdf: bytes, posted: bool = True, tolerance: float = TOLERANCE) -> list[Problem]:
    """All that is wrong with a finished letter; empty if it can be printed and posted.

    `posted=False` is for what is handed over, such as a certificate: no address, and no blank areas round
    one. What people get wrong: a page that is A4 on its side with a rotation looks right on the screen and is
    refused. A page of the wrong size is not looked at further. No message repeats what the letter says.
    """
    try:
        measured = measure(pdf, MOST_PAGES + 1)
    except Unusable as unreadable:
        return list(unreadable.problems)
    found = list(_file_problems(measured))
    for page in measured.pages[:MOST_PAGES]:
        found += _page_problems(page, posted, tolerance)
    if posted and _upright(measured.pages[0]):
        lines = measured.pages[0].lines_in(ADDRESS_READ)
        found += address_problems(lines, Place(part="address on page 1"))
    return found


def _file_problems(measured: Measured) -> Iterator[Problem]:
    if measured.encrypted:
        what, remedy = "The file is protected.", "Write it without encryption."
        yield Problem("unable-to-read-the-file", Place(), what, remedy, SOURCE)
    if len(measured.pages) > MOST_PAGES:
        what = f"The letter has more than {MOST_PAGES} pages."
        yield Problem("letter-too-long", Place(), what, "Shorten it, or send it in two.", SOURCE)
    if measured.size > MOST_BYTES:
        what = f"The file has {measured.size / 1e6:.1f} MB, and {MOST_BYTES / 1e6:.0f} MB are allowed."
        yield Problem("file-too-large", Place(), what, "Use a smaller logo.", SOURCE)


def _page_problems(page: Page, posted: bool, tolerance: float) -> Iterator[Problem]:
    place = Place(part=f"page {page.number}")
    if not _upright(page):
        what = f"The page is {page.width:g} by {page.height:g} mm, turned by {page.rotation} degrees."
        remedy = "Make it A4, upright and not turned."
        yield Problem("letter-not-a4-portrait-oriented", place, what, remedy, SOURCE)
        return
    zones = FIRST_PAGE if posted and page.number == 1 else (PRINTABLE,)
    outside = page.ink_outside(tuple(zone.grown(tolerance) for zone in zones))
    if outside is not None:
        across, down = f"{outside.left:g} to {outside.right:g}", f"{outside.top:g} to {outside.bottom:g}"
        what = (
            f"Something stands {_where(outside, page.number)}: {across} mm from the left, "
            f"{down} mm from the top."
        )
        remedy = "Move it, or use the shared layout, which keeps to the zones."
        yield Problem("content-outside-printable-area", place, what, remedy, SOURCE)
    for font in page.loose_fonts:
        what = f'The font "{font}" is not in the file.'
        yield Problem("font-not-embedded", place, what, "Write the file with its fonts embedded.", SOURCE)


def _upright(page: Page) -> bool:
    return page.rotation == 0 and abs(page.width - WIDTH) <= ABOUT and abs(page.height - HEIGHT) <= ABOUT


def _where(outside: Box, page: int) -> str:
    x, y = (outside.left + outside.right) / 2, (outside.top + outside.bottom) / 2
    if page > 1 or not PRINTABLE.holds(x, y):
        return "in the margin"
    if x < ADDRESS.left:
        return "left of the address"
    if x > ADDRESS.right:
        return "right of the address"
    return "above the address" if y < ADDRESS.top else "below the address"
