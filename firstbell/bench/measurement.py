"""One engine measured in a process of its own: `python -m firstbell.bench.measurement numpy 50000`.

Invents the marks, times a pass that only reads them and then the engine, and prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from firstbell import statute
from firstbell.bench.invented import invent_marks, school_year
from firstbell.measures.review import Engine, Plan, Review, review
from firstbell.sessions import Axis

__all__ = ["digest", "measure"]

LEVELS = (Fraction(95, 100), Fraction(90, 100), Fraction(50, 100))
RUNS = 5


def measure(engine: str, pupils: int) -> dict[str, Any]:
    """The measurement of one engine, as `firstbell bench review` prints it."""
    law = statute.england()
    axis = Axis.over([school_year()])
    plan = Plan.of(axis, law.over(axis.days), levels=LEVELS)
    marks = invent_marks(pupils, axis, law)
    run = _prepared(engine, marks, plan)
    _forget_peak()
    # An odd number of pupils leaves a few bytes over: less than one word of what is read.
    words = marks.reshape(-1)[: marks.size // 8 * 8].view(np.uint64)
    reading = min(_timed(words.sum) for _ in range(RUNS))
    answer = run()
    seconds = [_timed(run) for _ in range(RUNS)]
    return {
        "benchmark": "review",
        "engine": engine,
        "pupils": pupils,
        "sessions": len(axis),
        "seconds": _short(median(seconds)),
        "best_seconds": _short(min(seconds)),
        "reference_seconds": _short(reading),
        "ratio": round(median(seconds) / reading, 1),
        "peak_gib": round(_peak_bytes() / 2**30, 2),
        "digest": digest(answer),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "numpy": np.__version__},
    }


def digest(answer: Review) -> str:
    """A hash of all answers, the same on every machine and for every engine that is right."""
    hashed = blake2b(digest_size=8)
    for name, values in sorted(vars(answer).items()):
        hashed.update(name.encode())
        hashed.update(np.ascontiguousarray(values, dtype="<i4").tobytes())
    return hashed.hexdigest()


def _prepared(engine: str, marks: NDArray[np.uint8], plan: Plan) -> Callable[[], Review]:
    """What is timed. Laying marks out as a table is not: it is that engine's way of holding them."""
    if engine == "duckdb":
        from firstbell.bench.in_duckdb import prepare

        return prepare(marks, plan)
    if engine == "polars":
        from firstbell.bench.in_polars import prepare

        return prepare(marks, plan)
    return lambda: review(marks, plan, engine=cast(Engine, engine))


def _timed(run: Callable[[], object]) -> float:
    start = perf_counter()
    run()
    return perf_counter() - start


def _short(seconds: float) -> float:
    """Four digits that mean something, however small the number."""
    return float(f"{seconds:.4g}")


def _forget_peak() -> None:
    """Starts the peak anew, so that inventing marks is not in it. Where that cannot be done, it is."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_bytes() -> int:
    """The most memory this process has had at once, the marks included."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        # Not Linux. macOS counts bytes where others count KiB.
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
