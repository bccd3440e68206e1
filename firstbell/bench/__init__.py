"""How fast is the review here, beside a pass that only reads the same marks? And do all engines agree?

Seconds belong to one machine on one day; the ratio travels. Each engine runs in a process of its own over the
same invented marks, and the digest of its answers must be that of the others: an engine that is faster and
different is a fault. With `compare` DuckDB and Polars answer the same questions from a row for each mark.

Refuses to know: any real marks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from firstbell.problems import Place, Problem, Unusable

__all__ = ["ENGINES", "PUPILS", "PUPILS_COMPARED", "TABLE_ENGINES", "differing", "run_review"]

PUPILS = 1_000_000
PUPILS_COMPARED = 150_000
"""Fewer, because a row for each mark of a million pupils takes half a minute and 9 GiB."""

ENGINES = ("numpy", "compiled")
TABLE_ENGINES = ("duckdb", "polars")

NEEDS = {"compiled": ("numba",), "duckdb": ("duckdb", "pyarrow"), "polars": ("polars", "pyarrow")}
EXTRA = {"compiled": "scale", "duckdb": "bench", "polars": "bench"}


def run_review(
    pupils: int | None = None, engines: Sequence[str] = ENGINES, compare: bool = False
) -> Iterator[dict[str, Any]]:
    """One measurement after the other, as each is done: NumPy first, whatever the order asked for.

    `pupils` is 1,000,000 unless said, 150,000 with `compare`, which adds NumPy, the table engines and
    `times_numpy`, how often NumPy's time an engine took. Ask `differing` afterwards whether all answers
    were the same. Raises `Unusable`, before anything has run, for an engine there is not or that is not
    installed.
    """
    wanted = [*engines, *(("numpy", *TABLE_ENGINES) if compare else ())]
    wanted = sorted(set(wanted), key=lambda engine: [*ENGINES, *TABLE_ENGINES, engine].index(engine))
    pupils = pupils if pupils is not None else PUPILS_COMPARED if compare else PUPILS
    problems = [
        *_pupils_problems(pupils),
        *(problem for engine in wanted for problem in _engine_problems(engine)),
    ]
    if problems:
        raise Unusable(problems)
    return _measure(pupils, wanted, compare)


def differing(measurements: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The engines whose answers are not those of the first one measured; empty if all agree."""
    return tuple(m["engine"] for m in measurements if m["digest"] != measurements[0]["digest"])


def _measure(pupils: int, engines: Sequence[str], compare: bool) -> Iterator[dict[str, Any]]:
    numpy_seconds = None
    for engine in engines:
        measured = _in_own_process(engine, pupils)
        if engine == "numpy":
            numpy_seconds = measured["seconds"]
        if compare and numpy_seconds:
            measured["times_numpy"] = round(measured["seconds"] / numpy_seconds, 2)
        yield measured


def _in_own_process(engine: str, pupils: int) -> dict[str, Any]:
    """A fresh process, so that the peak of memory is this engine's and nothing else is warm."""
    command = [sys.executable, "-m", "firstbell.bench.measurement", engine, str(pupils)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise Unusable(
            [
                Problem(
                    "bench-stopped",
                    Place(),
                    f'The engine "{engine}" stopped at {pupils} pupils: {said[0]}.',
                    "If the memory ran out (exit code -9, MemoryError), measure fewer with --pupils.",
                    value=engine,
                )
            ]
        )
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _pupils_problems(pupils: int) -> Iterator[Problem]:
    if pupils < 1:
        yield Problem(
            "bench-pupils",
            Place(),
            f"There is nothing to measure with {pupils} pupils.",
            "Ask for at least 1.",
            value=str(pupils),
        )


def _engine_problems(engine: str) -> Iterator[Problem]:
    if engine not in (*ENGINES, *TABLE_ENGINES):
        yield Problem(
            "bench-engine",
            Place(),
            f'There is no engine "{engine}".',
            f"There are: {', '.join((*ENGINES, *TABLE_ENGINES))}.",
            value=engine,
        )
    missing = [module for module in NEEDS.get(engine, ()) if find_spec(module) is None]
    if missing:
        yield Problem(
            "bench-missing",
            Place(),
            f'The engine "{engine}" needs {" and ".join(missing)}, which is not installed.',
            f'Install it with: pip install "firstbell[{EXTRA[engine]}]".',
            value=engine,
        )
