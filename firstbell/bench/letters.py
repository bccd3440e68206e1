"""How fast are letters made, beside WeasyPrint making the same page? One core, one PDF for each letter.

`python -m firstbell.bench.letters typst 500` measures one engine in a process of its own, on one core. The
letter is the report to parents of a shipped policy: one page, with the school's logo and a term's strip.
Every letter differs in all that a letter differs in. Making one here includes the check of its values.
"""

from __future__ import annotations

import json
import os
import platform
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from firstbell import statute
from firstbell.bench.invented import invent_marks, school_year
from firstbell.delivery import Letters, strip_key
from firstbell.delivery.compiling import fonts_folder
from firstbell.delivery.measuring import page_count
from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions import Axis

__all__ = [
    "COMPARED",
    "GOAL_RATIO",
    "LETTERS",
    "invented_values",
    "letters_json",
    "logo_png",
    "measure",
    "run_letters",
    "stopped",
]

LETTERS = 500
COMPARED = 25
"""How many WeasyPrint makes: enough for its rate, which does not change with more."""

GOAL_RATIO = 5.0
PANGO = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0"
POLICY = "primary-rewards/2024-10-01"
LETTER = "attendance-report"
WEEKS = 12
WARM_UP = 3
SURNAMES = ("Ashdown", "Barrow", "Elmwood", "Ferry", "Garland", "Hollis")
FORENAMES = ("Amira", "Ben", "Chloe", "Dev", "Eli", "Freya", "Gus")


def run_letters(letters: int | None = None) -> Iterator[dict[str, Any]]:
    """One measurement after the other: WeasyPrint, then the letters here with `ratio` to it and `goals_met`.

    Raises `Unusable` if WeasyPrint or the Pango that it needs is not installed, or nothing is to be measured.
    """
    letters = LETTERS if letters is None else letters
    if letters < 1:
        what, remedy = f"There is nothing to measure with {letters} letters.", "Ask for at least 1."
        raise Unusable([Problem("bench-letters", Place(), what, remedy, value=str(letters))])
    if find_spec("weasyprint") is None:
        what = "The measurement needs WeasyPrint to compare with, which is not installed."
        remedy = 'Install it with: pip install "firstbell[bench]".'
        raise Unusable([Problem("bench-missing", Place(), what, remedy, value="weasyprint")])
    return _measurements(letters)


def _measurements(letters: int) -> Iterator[dict[str, Any]]:
    compared = _in_own_process("weasyprint", min(letters, COMPARED))
    yield compared
    yield letters_json(_in_own_process("typst", letters), compared)


def letters_json(made: Mapping[str, Any], compared: Mapping[str, Any]) -> dict[str, Any]:
    """A measurement with its ratio to WeasyPrint's rate, and whether the goal is met.

    It is not met by letters that are not one page each, or that are not all different.
    """
    ratio = round(made["per_second"] / compared["per_second"], 1)
    whole = made["pages"] == made["letters"] == made["different"]
    return {**made, "ratio": ratio, "goals_met": whole and ratio >= GOAL_RATIO}


def _in_own_process(engine: str, letters: int) -> dict[str, Any]:
    """A fresh process: Typst slows down in one that has made very large documents."""
    command = [sys.executable, "-m", "firstbell.bench.letters", engine, str(letters)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unusable([stopped(engine, done)])
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def stopped(engine: str, done: subprocess.CompletedProcess[str]) -> Problem:
    """Why an engine's process stopped, and what to do: for WeasyPrint mostly a library that is missing."""
    if "cannot load library" in done.stderr:
        what = "WeasyPrint needs Pango, a system library, which is not installed."
        return Problem("bench-missing", Place(), what, f"Install it with: {PANGO}", value="pango")
    said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
    what = f'The engine "{engine}" stopped: {said[0]}.'
    return Problem("bench-stopped", Place(), what, "Measure fewer with --letters.", value=engine)


def measure(engine: str, letters: int) -> dict[str, Any]:
    """The measurement of one engine, as `firstbell bench letters` prints it, without the ratio."""
    with tempfile.TemporaryDirectory() as name:
        logo = Path(name) / "logo.png"
        logo.write_bytes(logo_png())
        values = list(invented_values(letters + WARM_UP, logo))
        make = _weasyprint(Path(name)) if engine == "weasyprint" else _typst()
        for one in values[letters:]:
            make(one)
        start = perf_counter()
        pdfs = [make(one) for one in values[:letters]]
        seconds = perf_counter() - start
    return {
        "benchmark": "letters",
        "engine": engine,
        "letters": letters,
        "seconds": float(f"{seconds:.4g}"),
        "per_second": round(letters / seconds, 1),
        "pages": sum(map(page_count, pdfs)),
        "different": len({blake2b(pdf).digest() for pdf in pdfs}),
        "bytes_each": sum(map(len, pdfs)) // letters,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
    }


def invented_values(letters: int, logo: Path) -> Iterator[dict[str, Any]]:
    """The values of so many reports to parents of invented pupils, each with marks of its own."""
    law, axis = statute.england(), Axis.over([school_year()])
    marks = invent_marks(2 * letters + 20, axis, law)[:, : 10 * WEEKS]
    law_of_day = law.on(axis.days[0])
    there = [one for one in marks.tolist() if all(one)]
    for number, one in enumerate(there[:letters]):
        symbols = [law.symbol(mark) for mark in one]
        strip = [_week(symbols[10 * week : 10 * week + 10], week) for week in range(WEEKS)]
        key = strip_key(strip, law_of_day)
        missed = sum(symbols.count(entry["symbol"]) for entry in key if entry["kind"] == "absent")
        possible = sum(law_of_day.codes[symbol].possible for symbol in symbols)
        forename, surname = FORENAMES[number % len(FORENAMES)], SURNAMES[number % len(SURNAMES)]
        yield {
            **_school(logo),
            "reference": f"r{number:07d}",
            "address": [
                f"Parent of {forename} {surname}",
                f"{1 + number} Long Acre",
                "Exampleton",
                "LS98 9ZZ",
            ],
            "salutation": f"Dear parent of {forename}",
            "pupil_name": f"{forename} {surname}",
            "pupil_first_name": forename,
            "year_group": f"Year {1 + number % 6}",
            "class_name": f"class {1 + number % 6}A",
            "attendance": f"{100 * (possible - missed) / possible:.1f}%",
            "sessions_missed": str(missed),
            "sessions_possible": str(possible),
            "days_missed": f"{missed / 2:g}",
            "late_count": str(symbols.count("L")),
            "strip": strip,
            "strip_key": key,
        }


def _week(symbols: list[str], number: int) -> dict[str, Any]:
    days = [{"am": am, "pm": pm} for am, pm in zip(symbols[::2], symbols[1::2], strict=True)]
    return {"week": f"Week {number + 1}", "days": days}


def _school(logo: Path) -> dict[str, Any]:
    return {
        "school_name": "Firstbell Primary School",
        "school_address": ["1 Bell Lane", "Exampleton", "LS98 9ZZ"],
        "school_phone": "01632 960123",
        "school_email": "office@firstbell.example.org",
        "school_logo": str(logo),
        "sender_name": "Gill Example",
        "sender_role": "Attendance officer",
        "letter_on": "19 December 2025",
        "policy_title": "Attendance policy",
        "clause": "10, Report to parents on their child's attendance and what it means for learning.",
        "from_on": "2 September 2025",
        "until_on": "19 December 2025",
        "target": "96%",
    }


def _typst() -> Callable[[Mapping[str, Any]], bytes]:
    folder = resources.files("firstbell") / "policies" / POLICY
    with resources.as_file(folder) as path:
        letters = Letters.read(path)
    return lambda values: letters.render(LETTER, values)


def _weasyprint(work: Path) -> Callable[[Mapping[str, Any]], bytes]:
    """The same page in HTML, with style, fonts and logo read once for all letters."""
    import weasyprint
    from jinja2 import Environment
    from weasyprint.text.fonts import FontConfiguration

    here = resources.files("firstbell.bench")
    template = Environment(autoescape=True).from_string((here / "letter.html").read_text(encoding="utf-8"))
    fonts, images = FontConfiguration(), dict[str, Any]()
    faces = "".join(
        f'@font-face {{ font-family: "Open Sans"; font-weight: {weight}; src: url("{file.as_uri()}") }}'
        for weight, file in _static_fonts(work).items()
    )
    style = weasyprint.CSS(
        string=faces + (here / "letter.css").read_text(encoding="utf-8"), font_config=fonts
    )

    def make(values: Mapping[str, Any]) -> bytes:
        strip, middle = values["strip"], (len(values["strip"]) + 1) // 2
        page = template.render(
            letter=values,
            logo=Path(values["school_logo"]).as_uri(),
            halves=(strip[:middle], strip[middle:]),
            kinds={entry["symbol"]: entry["kind"].replace(" ", "-") for entry in values["strip_key"]},
        )
        options = {"stylesheets": [style], "font_config": fonts, "cache": images, "pdf_variant": "pdf/ua-1"}
        pdf: bytes = weasyprint.HTML(string=page).write_pdf(**options)
        return pdf

    return make


def _static_fonts(work: Path) -> dict[int, Path]:
    """The two weights as fonts of their own: WeasyPrint would cut them from the variable font each time."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    source = next(fonts_folder().glob("OpenSans[[]*.ttf"))
    files = {weight: work / f"open-sans-{weight}.ttf" for weight in (400, 700)}
    for weight, file in files.items():
        instantiateVariableFont(TTFont(source), {"wght": weight, "wdth": 100}).save(file)
    return files


def _one_core() -> None:
    """Typst and NumPy would use every core they find."""
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def logo_png(size: int = 240) -> bytes:
    """A PNG of a disc: what a school's logo costs, without being anybody's."""
    middle, rows = size / 2, bytearray()
    for y in range(size):
        rows.append(0)
        for x in range(size):
            inside = (x - middle) ** 2 + (y - middle) ** 2 < (middle - 4) ** 2
            rows += bytes((23, 50, 77) if inside else (255, 255, 255))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(rows))),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


if __name__ == "__main__":
    _one_core()
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
