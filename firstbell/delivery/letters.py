"""How does a template become a finished letter?

One Typst compiler for each template, made from a file and used again; one PDF for each letter, tagged and
written as PDF/UA-1, with the day of the letter as its only date, so that the same values give the same bytes.

A process that was forked from one in which Typst has compiled hangs at its first letter. So it is refused
here; use `multiprocessing` with "spawn".
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from firstbell.delivery.compiling import fonts_folder, no_font, read_fonts, refuse_fork
from firstbell.policy.templates import imported_by, needed_by, optional_in
from firstbell.problems import Place, Problem, Unusable

__all__ = ["Letters", "letter_file_name"]

STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
"""To be read aloud, and to be kept: as Typst writes them, checked by machine in part."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAY = re.compile(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})")
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_NO_GLYPH = re.compile(r"the text `\"(.*?)\"` could not be displayed", re.DOTALL)


def letter_file_name(reference: str) -> str:
    """The name under which a letter is kept: its reference and nothing else, "7f3k2.pdf".

    Raises `ValueError` for a reference that is no plain id, such as one that a name or a path slipped into.
    """
    if not _REFERENCE.fullmatch(reference):
        raise ValueError("A reference is letters, digits and hyphens, 64 at most.")
    return f"{reference}.pdf"


class Letters:
    """The letters of one version of a policy, ready to be filled in.

    Make it with `Letters.read`. The templates are copied together with the shared layout into a private
    folder, which goes when the object does.
    """

    def __init__(self, templates: Mapping[str, str], work: Path, fonts: typst.Fonts) -> None:
        self._templates = dict(templates)
        self._work = work
        self._fonts = fonts
        self._compilers: dict[str, typst.Compiler] = {}
        self._logos: dict[Path, str] = {}
        self._needed: dict[str, frozenset[str]] = {}
        weakref.finalize(self, shutil.rmtree, work, ignore_errors=True)

    @classmethod
    def read(cls, folder: Path, fonts: Path | None = None) -> Letters:
        """The letters in `folder/letters/*.typ`, where `folder` is a version of a policy.

        Raises `Unusable` if there are none, or if the font is not in `fonts` (default: the font's package):
        Typst itself would write a letter without its text.
        """
        files = sorted((folder / "letters").glob("*.typ"))
        if not files:
            what = f'There are no letters in "{folder.name}".'
            remedy = "A policy's letters are files letters/<id>.typ in the folder of its version."
            raise Unusable([Problem("letter-none", Place(str(folder.name)), what, remedy)])
        known = read_fonts(fonts if fonts is not None else fonts_folder())
        work = Path(tempfile.mkdtemp(prefix="firstbell-letters-"))
        (work / "layout").mkdir()
        for shared in (resources.files("firstbell") / "policies" / "layout").iterdir():
            if shared.name.endswith(".typ"):
                (work / "layout" / shared.name).write_bytes(shared.read_bytes())
        for file in files:
            shutil.copyfile(file, work / file.name)
        return cls({file.stem: file.read_text(encoding="utf-8") for file in files}, work, known)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the letters, in alphabetical order."""
        return tuple(self._templates)

    def needed(self, letter_id: str) -> frozenset[str]:
        """The values without which a letter is not rendered: its template's and those of its layout."""
        if letter_id not in self._needed:
            texts = self._texts(letter_id)
            self._needed[letter_id] = frozenset[str]().union(*map(needed_by, texts))
        return self._needed[letter_id]

    def optional(self, letter_id: str) -> frozenset[str]:
        """The values that a letter uses where they are given."""
        texts = self._texts(letter_id)
        return frozenset[str]().union(*map(optional_in, texts)) - self.needed(letter_id)

    def posted(self, letter_id: str) -> bool:
        """Whether the letter has an address, and so must keep to the zones. A certificate has none."""
        return "address" in self.needed(letter_id)

    def problems(self, letter_id: str, values: Mapping[str, Any]) -> list[Problem]:
        """What keeps a letter from being rendered: values missing or empty, a day or reference not readable.

        A list with an empty item counts as empty: a gap in a letter is a gap, wherever it comes from.
        """
        place = Place(part=f"letter {letter_id}")
        if letter_id not in self._templates:
            what = f'There is no letter "{letter_id}" in this policy.'
            return [Problem("letter-unknown", place, what, f"There are: {', '.join(self.ids)}.")]
        found = []
        for name in sorted(self.needed(letter_id) | {"letter_on", "reference"}):
            if _empty(values.get(name)):
                what = f'The letter "{letter_id}" needs the value "{name}", which is missing or empty.'
                remedy = "Record what it is made from, or use another letter. Nothing was written."
                found.append(Problem("letter-value", place, what, remedy, value=name))
        if not found:
            found += _unreadable(values, place)
        return found

    def render(self, letter_id: str, values: Mapping[str, Any]) -> bytes:
        """One finished letter as PDF/UA-1, the same bytes for the same values.

        Raises `Unusable` if a value is missing or empty, if a character is not in the font, or if the
        template is faulty: there is never a letter with a gap. Whether it fits its zones says `preflight`.
        """
        if found := self.problems(letter_id, values):
            raise Unusable(found)
        refuse_fork()
        given = dict(values)
        if logo := given.get("school_logo"):
            given["school_logo"] = self._logo(Path(logo))
        try:
            pdf, warnings = self._compiler(letter_id).compile_with_warnings(
                format="pdf",
                sys_inputs={"letter": json.dumps(given, ensure_ascii=False)},
                pdf_standards=STANDARDS,
                timestamp=_midnight(_day(given["letter_on"])),
            )
        except typst.TypstError as refused:
            # Without the cause: Typst quotes what it stumbles over, which may be somebody's name.
            raise Unusable([_compile_problem(letter_id, str(refused))]) from None
        missing = [str(warning) for warning in warnings if "unknown font family" in str(warning)]
        if missing:
            raise Unusable([no_font(f'The letter "{letter_id}" asks for a font that is not there.')])
        assert isinstance(pdf, bytes)
        return pdf

    def _texts(self, letter_id: str) -> list[str]:
        """The template and every file of the shared layout that it imports, directly or not."""
        texts, seen = [self._templates[letter_id]], set[str]()
        for text in texts:
            for name in imported_by(text):
                file = self._work / name.lstrip("/")
                if name not in seen and file.is_file():
                    seen.add(name)
                    texts.append(file.read_text(encoding="utf-8"))
        return texts

    def _compiler(self, letter_id: str) -> typst.Compiler:
        if letter_id not in self._compilers:
            self._compilers[letter_id] = typst.Compiler(
                str(self._work / f"{letter_id}.typ"), root=str(self._work), font_paths=self._fonts
            )
        return self._compilers[letter_id]

    def _logo(self, file: Path) -> str:
        """A copy of the school's logo where the template can read it, made once."""
        if file not in self._logos:
            if not file.is_file():
                what = f'There is no logo "{file.name}".'
                raise Unusable([Problem("letter-logo", Place(), what, "Name a file, or leave the logo out.")])
            name = f"logo-{len(self._logos)}{file.suffix.lower()}"
            shutil.copyfile(file, self._work / name)
            self._logos[file] = f"/{name}"
        return self._logos[file]


def _empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list | tuple):
        return not value or any(_empty(item) for item in value)
    return value is None


def _unreadable(values: Mapping[str, Any], place: Place) -> list[Problem]:
    found = []
    if _DAY.fullmatch(values["letter_on"]) is None or not _is_day(values["letter_on"]):
        what = f'The day of the letter says "{values["letter_on"]}".'
        remedy = 'Write it as "8 September 2025".'
        found.append(Problem("letter-day", place, what, remedy, value=values["letter_on"]))
    if not _REFERENCE.fullmatch(values["reference"]):
        what = f'The reference says "{values["reference"]}".'
        remedy = "It is a random id of letters, digits and hyphens, 64 at most, and never a name."
        found.append(Problem("letter-reference", place, what, remedy, value=values["reference"]))
    return found


def _is_day(text: str) -> bool:
    try:
        _day(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> date:
    """The day that "8 September 2025" is, whatever language the machine speaks."""
    found = _DAY.fullmatch(text)
    if found is None or found[2] not in MONTHS:
        raise ValueError(text)
    return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _compile_problem(letter_id: str, said: str) -> Problem:
    place = Place(part=f"letter {letter_id}")
    if glyph := _NO_GLYPH.search(said):
        what = f'The letters\' font has no "{glyph[1]}", which is in one of the values.'
        remedy = "Write it in Latin, Greek, Cyrillic or Hebrew letters. Nothing was written."
        return Problem("letter-character", place, what, remedy, value=glyph[1])
    what = f'The template "{letter_id}" could not be compiled: {said}.'
    return Problem("letter-template", place, what, "Correct the template. Nothing was written.")
