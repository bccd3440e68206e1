"""How long does it take to say what is due for a school, beside `json.loads` of the same lines?

`python -m firstbell.bench.duties FOLDER...` reviews the schools of some folders in a process of its own: it
reads marks and facts, lays the strips and works out every duty on the last day of the year, without letters
and page. Nothing is warm but the policy, which is the same for all. The schools are invented primaries
with a year of facts; the policy is a shipped one with everything that a policy can ask.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from firstbell.duties import Book, duties_of, see
from firstbell.exchange.fact_lines import read_facts
from firstbell.exchange.folders import write_folder
from firstbell.exchange.merging import held_pupils
from firstbell.exchange.record import Record, record_text
from firstbell.exchange.school_folder import RECORD, read_school_folder
from firstbell.policy import Rulebook, example_school, shipped
from firstbell.policy.files import LAW
from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions import LONDON
from firstbell.statute import Statute, england
from firstbell.synth import InventedSchool, invent
from firstbell.synth.recorded_facts import facts_text
from firstbell.synth.terms import calendar_text

__all__ = ["GOAL_RATIO", "GOAL_TIMES", "PUPILS", "duties_json", "measure", "run_duties", "write_school"]

PUPILS = 1_000
"""Also the size of one school: more pupils are more schools, as in a trust or an authority."""

RUNS = 3
GOAL_RATIO = 6.0
GOAL_TIMES = 60.0
"""How many times as long as `json.loads`, and as 1,000 pupils for 50,000, are allowed."""

POLICY = "primary-rewards"
FACTS = "facts.jsonl"
KEY = "0" * 32


def run_duties(pupils: int | None = None) -> Iterator[dict[str, Any]]:
    """One measurement of 1,000 pupils, or of as many as are asked for if fewer; then, if more, of all.

    The last has `times_1000`, how many times as long it took. Raises `Unusable` if nothing is to be measured.
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
        runs = [_in_own_process(folders[:1]) for _ in range(RUNS)]
        one = sorted(runs, key=lambda run: float(run["seconds"]))[RUNS // 2]
        yield duties_json(one, None)
        if len(sizes) > 1:
            for seed, (folder, size) in enumerate(zip(folders[1:], sizes[1:], strict=True), start=2):
                write_school(folder, invent("primary", size, seed))
            yield duties_json(_in_own_process(folders), one)


def write_school(folder: Path, school: InventedSchool) -> None:
    """Writes the folder of an invented school, as imports keep it, with its facts beside it."""
    contacts = tuple(school.contacts)
    record = Record(school.name, KEY, school.pupils, school.enrolments, school.register, contacts)
    files = {
        RECORD: record_text(record, england()),
        "calendar.toml": calendar_text(school.calendar).encode(),
        FACTS: facts_text(school).encode(),
    }
    write_folder(folder, files)


def duties_json(measured: Mapping[str, Any], one: Mapping[str, Any] | None) -> dict[str, Any]:
    """A measurement with its ratio to `json.loads`, that to the time of 1,000 pupils, and whether goals are
    met: the second for every 50,000 pupils, and in proportion for fewer."""
    ratio = round(measured["seconds"] / measured["reference_seconds"], 2)
    found = {**measured, "ratio": ratio, "goals_met": ratio <= GOAL_RATIO}
    if one is not None:
        times = measured["seconds"] / one["seconds"]
        allowed = GOAL_TIMES / 50 * measured["pupils"] / one["pupils"]
        found |= {"times_1000": round(times, 1), "goals_met": ratio <= GOAL_RATIO and times <= allowed}
    return found


def _in_own_process(folders: Sequence[Path]) -> dict[str, Any]:
    """A fresh process, so that nothing is warm and the peak of memory is this review's."""
    command = [sys.executable, "-m", "firstbell.bench.duties", *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        what = f"The review stopped: {said[0]}."
        remedy = "If the memory ran out, measure fewer with --pupils."
        raise Unusable([Problem("bench-stopped", Place(), what, remedy)])
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def measure(folders: Sequence[Path]) -> dict[str, Any]:
    """The measurement of some schools' folders, one after the other, each read once."""
    statute = england()
    rulebook = Rulebook(statute, shipped(LAW, statute), shipped(POLICY, statute), example_school(POLICY))
    seconds: dict[str, float] = {}
    counted: Counter[str] = Counter()
    reference = 0.0
    for folder in folders:
        for part, value in _review(folder, rulebook, statute, seconds).items():
            counted[part] += value
        reference += _reference(folder)
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {
        "benchmark": "duties",
        "schools": len(folders),
        **counted,
        "seconds": _short(sum(seconds.values())),
        "seconds_of": {part: _short(value) for part, value in seconds.items()},
        "reference_seconds": _short(reference),
        "peak_gib": round(peak / 2**30, 2),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "numpy": np.__version__},
    }


def _review(folder: Path, rulebook: Rulebook, statute: Statute, seconds: dict[str, float]) -> dict[str, int]:
    """One school from its files to its duties; adds the time of each part to `seconds`."""
    started = perf_counter()

    def lap(part: str) -> None:
        nonlocal started
        now = perf_counter()
        seconds[part] = seconds.get(part, 0.0) + now - started
        started = now

    held = read_school_folder(folder, statute)
    assert held is not None
    record = held.record
    pupils = held_pupils(record.pupils, record.enrolments, record.school, RECORD)
    lap("marks")
    people = {one.person for one in record.contacts}
    read = read_facts(folder / FACTS, pupils, people=people)
    lap("facts")
    parents: dict[str, list[str]] = {}
    for contact in record.contacts:
        parents.setdefault(contact.pupil, []).append(contact.person)
    of_each = {one.id: tuple(parents.get(one.pupil, ())) for one in record.enrolments}
    book = Book(held.calendar, record.enrolments, record.register, read.facts, statute, of_each)
    last = max(save.session.on for save in record.register.saves)
    sight = see(book, rulebook, datetime.combine(last, time(23, 59), LONDON))
    marks = int(np.count_nonzero(sight.strips.marks))
    lap("strips")
    duties = duties_of(sight)
    lap("duties")
    return {
        "pupils": len(record.pupils),
        "marks": marks,
        "facts": len(read.facts),
        "duties": len(duties),
        "open": sum(duty.is_open for duty in duties),
    }


def _reference(folder: Path) -> float:
    """How long `json.loads` takes for every line of the same marks and facts: the median of three passes."""
    passes = []
    for _ in range(RUNS):
        started = perf_counter()
        for name in (RECORD, FACTS):
            with (folder / name).open("rb") as file:
                for line in file:
                    json.loads(line)
        passes.append(perf_counter() - started)
    return median(passes)


def _short(seconds: float) -> float:
    return float(f"{seconds:.4g}")


if __name__ == "__main__":
    print(json.dumps(measure([Path(argument) for argument in sys.argv[1:]])))
