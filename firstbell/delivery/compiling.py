"""What has to be so before Typst compiles anything? Its fonts are there, and the process was not forked.

Typst writes a letter without its text, and only warns, where a font is missing; and it hangs in a process
that was forked from one in which it has compiled. Both are refused here, loudly.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import typst

from firstbell.problems import Place, Problem, Unusable

__all__ = ["FAMILY", "fonts_folder", "no_font", "read_fonts", "refuse_fork"]

FAMILY = "Open Sans"
"""The family of every letter."""

_compiled_in: int | None = None
"""The process in which Typst first compiled; a forked child inherits the number, and not its threads."""


def fonts_folder() -> Path:
    """Where the font's files are: in the package that brings them. Raises `Unusable` if it is not there."""
    found = find_spec("fontpkg_open_sans")
    if found is None or found.origin is None:
        raise Unusable([no_font("The package with the letters' font is not installed.")])
    return Path(found.origin).parent / "files"


def read_fonts(folder: Path) -> typst.Fonts:
    """The fonts of one folder and no other: not the machine's, and not those in Typst's own wheel.

    Raises `Unusable` if the letters' family is not among them.
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    if FAMILY not in fonts.families():
        raise Unusable([no_font(f'The font family "{FAMILY}" is not in the folder of fonts.')])
    return fonts


def no_font(what: str) -> Problem:
    """The problem of a letter whose font is not there."""
    remedy = 'Install it with: pip install "fontpkg-open-sans>=3.3". Without it a letter would have no text.'
    return Problem("letter-font", Place(), what, remedy)


def refuse_fork() -> None:
    """Raises `RuntimeError` where Typst would hang: in a fork of a process in which it has compiled."""
    global _compiled_in
    if _compiled_in is None:
        _compiled_in = os.getpid()
    elif _compiled_in != os.getpid():
        raise RuntimeError(
            "Typst has compiled in the process that this one was forked from, and would hang here. "
            'Start processes that make letters with multiprocessing.get_context("spawn").'
        )
