"""How fast is a file of marks read, beside pandas reading the same file as text? And in how much memory?

`python -m firstbell.bench.importing firstbell marks.csv pupils.csv` measures one engine in a process of its
own. The file is invented: one row for a pupil and session, with the columns that systems export, and one row
in a hundred faulty. Reading it here includes every check; pandas only splits it into cells.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from firstbell import statute
from firstbell.bench.invented import invent_marks, school_year
from firstbell.exchange.marks import read_marks
from firstbell.exchange.pupils import check_letter, read_pupils
from firstbell.exchange.tables import read_table
from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions import Axis

__all__ = ["GOAL_MEMORY", "GOAL_RATIO", "PUPILS", "import_json", "measure", "run_import", "write_files"]

PUPILS = 3_000
RUNS = 3
GOAL_RATIO = 4.0
GOAL_MEMORY = 3.0
"""How many times as long as pandas, and how many times the file's size in memory, are allowed."""

FAULTY = 100
"""One row in so many is faulty: a code withdrawn, a code that never was, or a pupil nobody knows."""
SURNAMES = ("Ashdown", "Barrow", "Elmwood", "Ferry", "Garland", "Hollis")
FORENAMES = ("Amira", "Ben", "Chloe", "Dev", "Eli", "Freya", "Gus")
MARK_HEADINGS = (
    "UPN", "Adno", "Legal Surname", "Legal Forename", "Year", "Reg", "Mark Date", "AM/PM", "Mark",
    "Mins Late", "Comments",
)  # fmt: skip


def write_files(folder: Path, pupils: int, seed: int = 2025) -> tuple[Path, Path, int]:
    """Writes invented marks and pupils into a folder: both files, and how many rows of marks are faulty."""
    law, axis = statute.england(), Axis.over([school_year()])
    strips = invent_marks(pupils, axis, law, seed)
    who = [_pupil(number) for number in range(pupils)]
    with (folder / "pupils.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("UPN", "Adno", "Legal Surname", "Forename", "DOB", "Year", "Admission Date"))
        writer.writerows(
            (*one[:4], f"{1 + n % 28:02d}/02/{2014 - n % 4}", f"Year {7 + n % 4}", "02/09/2021")
            for n, one in enumerate(who)
        )
    days = [f"{day:%d/%m/%Y}" for day in axis.days]
    rows = faulty = 0
    with (folder / "marks.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(MARK_HEADINGS)
        for one, strip in zip(who, strips.tolist(), strict=True):
            for place, number in enumerate(strip):
                if number:
                    mark, named = law.symbol(number), one
                    if rows % FAULTY == FAULTY - 1:
                        mark, named = _damaged(mark, one, faulty)
                        faulty += 1
                    rows += 1
                    late = "7" if mark == "L" else ""
                    half = "PM" if place % 2 else "AM"
                    writer.writerow((*named, days[place // 2], half, mark, late, ""))
    return folder / "marks.csv", folder / "pupils.csv", faulty


def _pupil(number: int) -> tuple[str, ...]:
    digits = f"8234000{number:05d}"[-12:]
    digits = digits if len(digits) == 12 else digits.zfill(12)
    group = 7 + number % 4
    surname, forename = SURNAMES[number % len(SURNAMES)], FORENAMES[number % len(FORENAMES)]
    upn = check_letter(f"A{digits}") + digits
    return upn, f"{number:06d}", surname, forename, f"Year {group}", f"{group}A"


def _damaged(mark: str, pupil: tuple[str, ...], number: int) -> tuple[str, tuple[str, ...]]:
    if number % 3 == 2:
        return mark, ("Z999999999999", "999999", *pupil[2:])
    return ("H", "?")[number % 3], pupil


def run_import(pupils: int | None = None) -> Iterator[dict[str, Any]]:
    """One measurement after the other: pandas, then the reading here with `ratio` to it and `goals_met`.

    Raises `Unusable` if pandas is not installed, or nothing is to be measured.
    """
    pupils = PUPILS if pupils is None else pupils
    if pupils < 1:
        what, remedy = f"There is nothing to measure with {pupils} pupils.", "Ask for at least 1."
        raise Unusable([Problem("bench-pupils", Place(), what, remedy, value=str(pupils))])
    if find_spec("pandas") is None:
        what = "The measurement needs pandas to compare with, which is not installed."
        remedy = 'Install it with: pip install "firstbell[bench]".'
        raise Unusable([Problem("bench-missing", Place(), what, remedy, value="pandas")])
    return _measurements(pupils)


def _measurements(pupils: int) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        marks, pupil_file, faulty = write_files(Path(name), pupils)
        pandas = _in_own_process("pandas", marks, pupil_file)
        yield pandas
        read = _in_own_process("firstbell", marks, pupil_file)
        yield import_json(read, pandas, faulty)


def import_json(read: Mapping[str, Any], pandas: Mapping[str, Any], faulty: int) -> dict[str, Any]:
    """A measurement with its ratio to pandas, the check that all faulty rows were found, and the goals."""
    ratio = round(read["seconds"] / pandas["seconds"], 2)
    return {
        **read,
        "ratio": ratio,
        "faulty_rows": faulty,
        "all_rows_accounted_for": read["rows"] == pandas["rows"] and read["rows_kept_aside"] == faulty,
        "goals_met": ratio <= GOAL_RATIO and read["times_file"] <= GOAL_MEMORY,
    }


def _in_own_process(engine: str, marks: Path, pupils: Path) -> dict[str, Any]:
    """A fresh process, so that the peak of memory is that of this reading."""
    command = [sys.executable, "-m", "firstbell.bench.importing", engine, str(marks), str(pupils)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        what = f'The engine "{engine}" stopped: {said[0]}.'
        remedy = "If the memory ran out, measure fewer with --pupils."
        raise Unusable([Problem("bench-stopped", Place(), what, remedy, value=engine)])
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def measure(engine: str, marks: Path, pupils: Path) -> dict[str, Any]:
    """The median of a few readings, and the most memory that the whole process had at once."""
    read = _pandas if engine == "pandas" else _firstbell
    seconds, said = [], {"rows": 0, "rows_kept_aside": 0}
    for _ in range(RUNS):
        start = perf_counter()
        said = read(marks, pupils)
        seconds.append(perf_counter() - start)
    size = marks.stat().st_size
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {
        "benchmark": "import",
        "engine": engine,
        **said,
        "file_mib": round(size / 2**20, 1),
        "seconds": float(f"{median(seconds):.4g}"),
        "best_seconds": float(f"{min(seconds):.4g}"),
        "peak_mib": round(peak / 2**20, 1),
        "times_file": round(peak / size, 2),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
    }


def _firstbell(marks: Path, pupils: Path) -> dict[str, int]:
    calendar, law = school_year(), statute.england()
    enrolled = read_pupils(read_table(pupils), calendar.school, starts_on=calendar.starts_on)
    read = read_marks(read_table(marks), enrolled, calendar, law)
    return {"rows": read.rows_in_file, "rows_kept_aside": read.rows_kept_aside}


def _pandas(marks: Path, _: Path) -> dict[str, int]:
    pandas = import_module("pandas")
    return {"rows": len(pandas.read_csv(marks, dtype=str)), "rows_kept_aside": 0}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
