"""Is a file small and plain enough to be read at all?

Looks through a file block by block before anything is made of it: how long its lines are, what a packed
file unpacks to, whether XML brings definitions of its own. What breaks a limit is refused whole. The file
itself is only ever opened for reading, and not held in memory.
"""

from __future__ import annotations

import codecs
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from firstbell.problems import Place, Problem, Unusable

__all__ = [
    "LARGEST_FILE",
    "LONGEST_LINE",
    "check_size",
    "check_workbook",
    "is_packed",
    "refused",
    "text_encoding",
]

LONGEST_LINE = 1 << 20
LARGEST_FILE = 512 << 20
LARGEST_UNPACKED = 512 << 20
MOST_TIMES_PACKED = 100
"""A workbook of marks unpacks to ten or twenty times its size; more is a trap, or nothing but repetition."""
MOST_CELLS = 50_000_000
"""A workbook with one stray cell in its far corner would otherwise be laid out in full."""
LARGEST_DIRECTORY = 4 << 20
"""The list of a packed file's parts: a workbook has some twenty, and each takes less than 200 bytes."""

BLOCK = 1 << 16
PACKED = b"PK\x03\x04"
OTHER_KINDS = (b"\xd0\xcf\x11\xe0", b"%PDF", PACKED)
CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r"})
NOT_WINDOWS_1252 = b"\x81\x8d\x8f\x90\x9d"
MARKUP = ("<!doctype", "<html", "<table", "<?xml")
DEFINITION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


def refused(file: str, rule: str, what: str, remedy: str, row: int | None = None) -> Unusable:
    """The refusal of a whole file, for one reason."""
    return Unusable([Problem(rule, Place(file, row), what, remedy)])


def name_of(path: Path) -> str:
    """A file's name as it can be shown and written down: names may hold anything, line ends too."""
    return "".join(one if one.isprintable() else "_" for one in path.name)


def check_size(path: Path) -> None:
    """Raises `Unusable` for what cannot be opened, or is larger than anybody's register: 512 MiB."""
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it has no such name"
        raise refused(
            str(path), "file-unreadable", f"The file cannot be opened: {reason}.", "Check its name and place."
        ) from None
    if size > LARGEST_FILE:
        raise refused(
            path.name,
            "file-too-large",
            f"The file has {size >> 20} MiB; the most that is read is {LARGEST_FILE >> 20} MiB.",
            "Export one school and one school year at a time.",
        )


def is_packed(path: Path) -> bool:
    """Whether a file begins as a packed one does, such as a workbook."""
    with path.open("rb") as file:
        return file.read(len(PACKED)) == PACKED


# --- text ------------------------------------------------------------------------------------------------


def text_encoding(path: Path) -> str:
    """The encoding of a text file: UTF-8, UTF-16 with its mark, else Windows-1252.

    Raises `Unusable` for what is no text, is a page or XML, or has a line of more than 1 MiB.
    """
    with path.open("rb") as file:
        start = file.read(BLOCK)
    if start.startswith(OTHER_KINDS):
        raise refused(
            path.name,
            "file-kind",
            "This is a PDF, a packed file, a workbook in the old form or one with a password.",
            "Save it as CSV or as .xlsx without a password.",
        )
    marked = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = _marked_encoding(path) if marked else _unmarked_encoding(path)
    said = start.decode(encoding, errors="ignore").lstrip()[:200].casefold()
    if said.startswith(MARKUP):
        raise refused(
            path.name,
            "file-kind",
            "This is a web page or XML, whatever its name says.",
            "Open it in a spreadsheet and save it as CSV or as .xlsx.",
        )
    return encoding


def _unmarked_encoding(path: Path) -> str:
    unicode = codecs.getincrementaldecoder("utf-8")()
    encoding, foreign, line = "utf-8-sig", False, 0
    for block in _blocks(path):
        if len(block.translate(None, CONTROLS)) < len(block):
            raise _not_text(path)
        if encoding == "utf-8-sig" and not block.isascii():
            encoding = "utf-8-sig" if _decodes(unicode, block) else "cp1252"
        elif encoding == "utf-8-sig" and unicode.getstate()[0]:
            encoding = "cp1252"
        foreign = foreign or len(block.translate(None, NOT_WINDOWS_1252)) < len(block)
        line = _line_after(path, line, block, 1)
    if encoding == "utf-8-sig" and unicode.getstate()[0]:
        encoding = "cp1252"
    if encoding == "cp1252" and foreign:
        raise _not_text(path)
    return encoding


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _marked_encoding(path: Path) -> str:
    decoder, line = codecs.getincrementaldecoder("utf-16")(), 0
    for block in _blocks(path):
        try:
            text = decoder.decode(block).encode()
        except UnicodeError:
            raise _not_text(path) from None
        if len(text.translate(None, CONTROLS)) < len(text):
            raise _not_text(path)
        line = _line_after(path, line, text, 2)
    if decoder.getstate()[0]:
        raise _not_text(path)
    return "utf-16"


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _line_after(path: Path, line: int, block: bytes, width: int) -> int:
    """How long the line is that a block leaves open; a block alone is too short to hold one too long."""
    ends = [end for end in (block.find(b"\n"), block.find(b"\r")) if end >= 0]
    if (line + (min(ends) if ends else len(block))) * width > LONGEST_LINE:
        raise refused(
            path.name,
            "file-line-too-long",
            f"A line is longer than {LONGEST_LINE:,} bytes, the most that is read.",
            "Check that the file is a table, with a line for each row.",
        )
    if not ends:
        return line + len(block)
    return len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))


def _not_text(path: Path) -> Unusable:
    return refused(
        path.name, "file-not-text", "The file is neither text nor a workbook.", "Save it as CSV or as .xlsx."
    )


# --- workbooks -------------------------------------------------------------------------------------------


def check_workbook(path: Path) -> None:
    """Raises `Unusable` for a packed file that is no workbook, or that unpacks to more than may be.

    What it unpacks to is counted while it is being unpacked: what a packed file says of its own parts may
    be untrue. Parts with definitions of entities are refused, because a few bytes of them can stand for
    gigabytes.
    """
    try:
        with path.open("rb") as file:
            _check_directory(file, path.name)
            with zipfile.ZipFile(file) as packed:
                parts = packed.infolist()
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                raise refused(
                    path.name, "file-kind", "This packed file is no workbook.", "Save it as CSV or as .xlsx."
                )
            allowed = min(LARGEST_UNPACKED, MOST_TIMES_PACKED * path.stat().st_size)
            for part in parts:
                allowed = _check_part(file, part, path.name, allowed)
    except Unusable:
        raise
    except Exception:  # whatever a packed file can be damaged into
        raise damaged(path.name) from None


def damaged(file: str) -> Unusable:
    """The refusal of a workbook that is one by its name only."""
    return refused(
        file, "file-damaged", "The workbook cannot be read.", "Open it in a spreadsheet and save it as .xlsx."
    )


def too_large(file: str) -> Unusable:
    """The refusal of a workbook for what it unpacks to."""
    return refused(
        file,
        "file-too-large",
        "The workbook is larger than anybody's register: it unpacks to more than "
        f"{LARGEST_UNPACKED >> 20} MiB, or {MOST_TIMES_PACKED} times its size, or to too many cells.",
        "Look for cells far away from the table, and save the table by itself, or as CSV.",
    )


def _check_directory(file: BinaryIO, name: str) -> None:
    """Looks at the end of a packed file before its list of parts is laid out in memory."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - (1 << 16) - 22))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22 or b"PK\x06\x07" in tail[max(0, end - 20) : end]:
        raise damaged(name)
    if struct.unpack_from("<I", tail, end + 12)[0] > LARGEST_DIRECTORY:
        raise too_large(name)


def _check_part(file: BinaryIO, part: zipfile.ZipInfo, name: str, allowed: int) -> int:
    """Unpacks a part without keeping it; gives how much the parts after it may still unpack to."""
    is_sheet = part.filename.startswith("xl/worksheets/")
    is_markup = part.filename.endswith((".xml", ".rels", ".vml"))
    size, tail, rectangle = 0, b"", _Rectangle()
    for block in _unpacked(file, part):
        size += len(block)
        if size > allowed:
            raise too_large(name)
        block = tail + block
        if is_markup and DEFINITION.search(block.replace(b"\0", b"")):
            raise refused(
                name,
                "file-entities",
                "A part of the workbook defines entities, which no spreadsheet writes.",
                "Open it in a spreadsheet and save it as .xlsx anew.",
            )
        if is_sheet:
            rectangle.see(block)
            if rectangle.cells > MOST_CELLS:
                raise too_large(name)
        tail = block[-40:]
    if size != part.file_size:
        raise damaged(name)
    return allowed - size


def _unpacked(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's contents in blocks of bounded size, whatever they claim to be."""
    file.seek(part.header_offset)
    header = file.read(30)
    if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("encrypted, or packed in a way that workbooks are not")
    file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
    left = part.compress_size
    inflating = zlib.decompressobj(-15)
    while left and (packed := file.read(min(left, BLOCK))):
        left -= len(packed)
        if part.compress_type == zipfile.ZIP_STORED:
            yield packed
            continue
        while packed and not inflating.eof:
            yield inflating.decompress(packed, 1 << 20)
            packed = inflating.unconsumed_tail


class _Rectangle:
    """How many cells the rectangle around a sheet's cells has, seen without laying it out."""

    def __init__(self) -> None:
        self.rows = 0
        self.width = 26

    def see(self, block: bytes) -> None:
        if found := re.findall(rb' r="([A-Z]{2,3})\d', block):
            self.width = max(self.width, *map(_number_of_column, set(found)))
        if found := re.findall(rb'<row (?:[^>]* )?r="(\d{1,9})"', block):
            self.rows = max(self.rows, int(found[-1]))

    @property
    def cells(self) -> int:
        return self.rows * self.width


def _number_of_column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
