"""How long does it take to say what is due for a school, beside `json.loads` of the same lines?

`python -m firstbell.bench.duties files FOLDER...` reviews the schools of some folders in a process of its
own. It reads the files that a school hands over (pupils, contacts, the calendar, marks with a row for every
entry, facts), lays the strips and works out every duty at the end of the last day that was marked, without
letters and page. The reference is `json.loads` of every line of the same marks, each row of `marks.csv`
written as an object with its headings, and of every line of `facts.jsonl`: in the same process, after all
reviews, the median of three passes.

With `folder` instead of `files`, pupils, contacts and marks come from the folder that imports keep, which has
a line for a register, not for a mark. The reference is then every line of that `record.jsonl` and of
`facts.jsonl`. It is a figure beside the first, without a goal of its own.

Nothing is warm but law and policy, which are the same for all. Loading Python's modules is not counted. The
schools are invented primaries with a year of facts; the policy is a shipped one with everything that a policy
can ask.
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
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from firstbell import collect_rarely
from firstbell.duties import Book, duties_of, see
from firstbell.exchange.calendars import read_calendar_file
from firstbell.exchange.contacts import Contact, read_contacts
from firstbell.exchange.fact_lines import read_facts
from firstbell.exchange.folders import write_folder
from firstbell.exchange.marks import read_marks
from firstbell.exchange.merging import held_pupils
from firstbell.exchange.pupils import PupilsRead, read_pupils
from firstbell.exchange.record import Record, record_text
from firstbell.exchange.school_folder import RECORD, read_school_folder
from firstbell.exchange.tables import read_table
from firstbell.policy import Rulebook, example_school, shipped
from firstbell.policy.files import LAW
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import AttendanceRegister
from firstbell.sessions import LONDON, Calendar
from firstbell.statute import Statute, england
from firstbell.synth import InventedSchool, invent, school_files

__all__ = ["GOAL_RATIO", "GOAL_TIMES", "PUPILS", "duties_json", "measure", "run_duties", "write_school"]

PUPILS = 1_000
"""Also the size of one school: more pupils are more schools, as in a trust or an authority."""

RUNS = 3
GOAL_RATIO = 6.0
GOAL_TIMES = 60.0
"""How many times as long as `json.loads`, and as 1,000 pupils for 50,000, are allowed."""

POLICY = "primary-rewards"
FILES, FOLDER = "files", "folder"
"""What a school is read from: the files that it hands over, or the folder that imports keep of it."""

FACTS, MARKS, MARK_LINES = "facts.jsonl", "marks.csv", "marks.jsonl"
KEY = "0" * 32


def run_duties(pupils: int | None = None) -> Iterator[dict[str, Any]]:
    """Measurements of 1,000 pupils, or of as many as are asked for if fewer; then, if more, of all.

    Each from the files that a school hands over, then from its folder. Those of all have `times_1000`, how
    many times as long it took. Raises `Unusable` if nothing is to be measured.
    """
    pupils = PUPILS if pupils is None else pupils
    if pupils < 20:
        what, remedy = f"No school can be invented with {pupils} pupils.", "Ask for at least 20."
        raise Unusable([Problem("bench-pupils", Place(), what, remedy, value=str(pupils))])
    return _measurements(pupils)


def _measurements(pupils: int) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        sizes = [PUPILS] * (pupils // PUPILS) or [pupils]
        if pupils > PUPILS and pupils % PUPILS >= 20:
            sizes.append(pupils % PUPILS)
        folders = [Path(name) / f"{number:04d}" for number in range(1, len(sizes) + 1)]
        write_school(folders[0], invent("primary", sizes[0], 1))
        one: dict[str, dict[str, Any]] = {}
        for source in (FILES, FOLDER):
            runs = [_in_own_process(source, folders[:1]) for _ in range(RUNS)]
            one[source] = sorted(runs, key=lambda run: float(run["seconds"]))[RUNS // 2]
            yield duties_json(one[source], None)
        if len(sizes) > 1:
            for seed, (folder, size) in enumerate(zip(folders[1:], sizes[1:], strict=True), start=2):
                write_school(folder, invent("primary", size, seed))
            for source in (FILES, FOLDER):
                yield duties_json(_in_own_process(source, folders), one[source])


def write_school(folder: Path, school: InventedSchool) -> None:
    """Writes the files that an invented school hands over, and beside them what imports keep of it."""
    contacts = tuple(school.contacts)
    record = Record(school.name, KEY, school.pupils, school.enrolments, school.register, contacts)
    write_folder(folder, {RECORD: record_text(record, england()), **school_files(school)})


def duties_json(measured: Mapping[str, Any], one: Mapping[str, Any] | None) -> dict[str, Any]:
    """A measurement with its ratio to `json.loads`, and that to the time of 1,000 pupils.

    From files also whether the goals are met: the second for every 50,000 pupils, in proportion for fewer.
    """
    ratio = round(measured["seconds"] / measured["reference_seconds"], 2)
    found = {**measured, "ratio": ratio}
    met = ratio <= GOAL_RATIO
    if one is not None:
        times = measured["seconds"] / one["seconds"]
        found["times_1000"] = round(times, 1)
        met = met and times <= GOAL_TIMES / 50 * measured["pupils"] / one["pupils"]
    return {**found, "goals_met": met} if measured["from"] == FILES else found


def _in_own_process(source: str, folders: Sequence[Path]) -> dict[str, Any]:
    """A fresh process, so that nothing is warm and the peak of memory is this review's."""
    command = [sys.executable, "-m", "firstbell.bench.duties", source, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        what = f"The review stopped: {said[0]}."
        remedy = "If the memory ran out, measure fewer with --pupils."
        raise Unusable([Problem("bench-stopped", Place(), what, remedy)])
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def measure(source: str, folders: Sequence[Path]) -> dict[str, Any]:
    """The measurement of some schools, one after the other, each read once from its files or its folder."""
    statute = england()
    rulebook = Rulebook(statute, shipped(LAW, statute), shipped(POLICY, statute), example_school(POLICY))
    laps = _Laps()
    counted: Counter[str] = Counter()
    for folder in folders:
        for part, value in _review(source, folder, rulebook, statute, laps).items():
            counted[part] += value
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    reference = sum(_reference(source, folder) for folder in folders)
    return {
        "benchmark": "duties",
        "from": source,
        "schools": len(folders),
        **counted,
        "seconds": _short(sum(laps.seconds.values())),
        "seconds_of": {part: _short(value) for part, value in laps.seconds.items()},
        "reference_seconds": _short(reference),
        "peak_gib": round(peak / 2**30, 2),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "numpy": np.__version__},
    }


class _Laps:
    """The seconds of each part, over all schools."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.started = perf_counter()

    def start(self) -> None:
        """Begins with a school."""
        self.started = perf_counter()

    def end(self, part: str) -> None:
        """Ends a part; the next begins."""
        now = perf_counter()
        self.seconds[part] = self.seconds.get(part, 0.0) + now - self.started
        self.started = now


@dataclass(frozen=True)
class _School:
    """A school as its files or its folder have it."""

    calendar: Calendar
    pupils: PupilsRead
    contacts: tuple[Contact, ...]
    register: AttendanceRegister


def _review(source: str, folder: Path, rulebook: Rulebook, statute: Statute, laps: _Laps) -> dict[str, int]:
    """One school from its files to its duties."""
    laps.start()
    school = READING[source](folder, statute, laps)
    people = {key for one in school.contacts for key in (one.person, one.number) if key}
    read = read_facts(folder / FACTS, school.pupils, people=people)
    laps.end("facts")
    parents: dict[str, list[str]] = {}
    for contact in school.contacts:
        parents.setdefault(contact.pupil, []).append(contact.number or contact.person)
    enrolments = school.pupils.enrolments
    of_each = {one.id: tuple(parents.get(one.pupil, ())) for one in enrolments}
    book = Book(school.calendar, enrolments, school.register, read.facts, statute, of_each)
    last = max(save.session.on for save in school.register.saves)
    sight = see(book, rulebook, datetime.combine(last, time(23, 59), LONDON))
    marks = int(np.count_nonzero(sight.strips.marks))
    laps.end("strips")
    duties = duties_of(sight)
    laps.end("duties")
    return {
        "pupils": len(school.pupils.pupils),
        "marks": marks,
        "facts": len(read.facts),
        "duties": len(duties),
        "open": sum(duty.is_open for duty in duties),
    }


def _from_files(folder: Path, statute: Statute, laps: _Laps) -> _School:
    calendar, _ = read_calendar_file(folder / "calendar.toml")
    pupils = read_pupils(read_table(folder / "pupils.csv"), calendar.school, starts_on=calendar.starts_on)
    contacts = read_contacts(read_table(folder / "contacts.csv"), pupils)
    laps.end("pupils")
    marks = read_marks(read_table(folder / MARKS), pupils, calendar, statute)
    laps.end("marks")
    return _School(calendar, pupils, tuple(contacts.contacts), marks.register)


def _from_folder(folder: Path, statute: Statute, laps: _Laps) -> _School:
    held = read_school_folder(folder, statute)
    assert held is not None
    record = held.record
    pupils = held_pupils(record.pupils, record.enrolments, record.school, RECORD)
    laps.end("marks")
    return _School(held.calendar, pupils, tuple(record.contacts), record.register)


READING: Mapping[str, Callable[[Path, Statute, _Laps], _School]] = {FILES: _from_files, FOLDER: _from_folder}


def _reference(source: str, folder: Path) -> float:
    """How long `json.loads` takes for every line of the same marks and facts: the median of three passes."""
    if source == FOLDER:
        return _loaded((folder / RECORD, folder / FACTS))
    lines = folder / MARK_LINES
    with (folder / MARKS).open(encoding="utf-8-sig", newline="") as rows, lines.open("w") as file:
        for row in csv.DictReader(rows):
            file.write(json.dumps(row) + "\n")
    try:
        return _loaded((lines, folder / FACTS))
    finally:
        lines.unlink()


def _loaded(files: Sequence[Path]) -> float:
    passes = []
    for _ in range(RUNS):
        started = perf_counter()
        for path in files:
            with path.open("rb") as file:
                for line in file:
                    json.loads(line)
        passes.append(perf_counter() - started)
    return median(passes)


def _short(seconds: float) -> float:
    return float(f"{seconds:.4g}")


if __name__ == "__main__":
    collect_rarely()
    print(json.dumps(measure(sys.argv[1], [Path(argument) for argument in sys.argv[2:]])))
