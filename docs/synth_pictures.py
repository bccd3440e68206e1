"""Draws the pictures of docs/explanation/invented-schools.md: `python -m docs.synth_pictures`.

Plain SVG, written by hand and the same on every machine: a year's strips of some invented pupils, and absence
by weekday and by week of autumn beside the Department's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import numpy as np

from firstbell.measures import in_statistics, split_by_session, statistics_sessions
from firstbell.sessions import monday_of
from firstbell.synth import InventedSchool, invent
from firstbell.synth.calibration import phase

_K = TypeVar("_K", int, date)
FOLDER = Path(__file__).parent / "explanation"
SEEDS = range(1, 6)
COLOURS = {"attended": "#d5dde5", "authorised": "#e59b2f", "unauthorised": "#8c1d40", "other": "#7f8c99"}
SHOWN = 40
CELL, ROW = 2.4, 9
WIDTH, HEIGHT, MARGIN = 430, 220, 44


def head(width: float, height: float, title: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'font-family="sans-serif" font-size="11" role="img" aria-label="{title}">',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
    ]


def strips_picture(school: InventedSchool) -> str:
    """Forty pupils from the best attender to the worst, evenly through the school."""
    strips = school.strips
    absent = strips.where(lambda code: bool(code.absence))
    order = np.argsort(absent.sum(axis=1), kind="stable")
    rows = order[np.linspace(0, len(order) - 1, SHOWN).astype(int)]
    kinds = {
        "attended": strips.where(lambda code: code.attended),
        "authorised": strips.where(lambda code: code.absence == "authorised"),
        "unauthorised": strips.where(lambda code: code.absence == "unauthorised"),
    }
    kinds["other"] = (strips.marks > 0) & ~np.logical_or.reduce(list(kinds.values()))
    half_terms = np.flatnonzero(np.diff([d.toordinal() for d in strips.axis.days]) > 5) + 1
    shift = 6 * np.searchsorted(half_terms, np.arange(len(strips.axis)) // 2, side="right")
    left = np.arange(len(strips.axis)) * CELL + shift + 10
    width = float(left[-1]) + 14
    parts = head(width, SHOWN * ROW + 44, "A year of marks of forty invented pupils")
    for place, row in enumerate(rows):
        for name, cells in kinds.items():
            path = "".join(
                f"M{left[start]:.1f} {place * ROW + 10}h{(end - start) * CELL:.1f}"
                for start, end in stretches(cells[row], shift)
            )
            if path:
                parts.append(f'<path d="{path}" stroke="{COLOURS[name]}" stroke-width="{ROW - 2}"/>')
    parts += legend(COLOURS, SHOWN * ROW + 28)
    return "\n".join([*parts, "</svg>\n"])


def stretches(cells: np.ndarray, shift: np.ndarray) -> list[tuple[int, int]]:
    """From and up to which places something holds, broken where a half term ends."""
    found: list[tuple[int, int]] = []
    for place in np.flatnonzero(cells):
        if found and found[-1][1] == place and shift[place] == shift[place - 1]:
            found[-1] = (found[-1][0], int(place) + 1)
        else:
            found.append((int(place), int(place) + 1))
    return found


def legend(colours: dict[str, str], y: float) -> list[str]:
    return [
        f'<rect x="{10 + 130 * i}" y="{y - 9:.0f}" width="10" height="10" fill="{colour}"/>'
        f'<text x="{25 + 130 * i}" y="{y:.0f}">{name}</text>'
        for i, (name, colour) in enumerate(colours.items())
    ]


def curves_picture() -> str:
    """Absence by weekday and by week of autumn, invented and real, each in proportion to its own mean."""
    schools = [invent(kind, size, seed) for kind, size in SIZES for seed in SEEDS]
    weekdays = relative(schools, range(5), date.weekday)
    mondays = [day for day in schools[0].strips.axis.mondays if day.year == 2024][1:13]
    weeks = relative(schools, mondays, monday_of)
    calibration = phase("secondary")
    real_weeks = np.array([week for half in calibration.autumn for week in half])
    parts = head(2 * WIDTH, HEIGHT + 40, "Absence by weekday and by week, invented and real")
    parts += chart(0, "by weekday", ["Mon", "Tue", "Wed", "Thu", "Fri"], weekdays, calibration.weekdays)
    labels = [str(day.isocalendar().week) for day in mondays]
    parts += chart(WIDTH, "by week of autumn 2024", labels, scaled(weeks), scaled(real_weeks))
    parts += legend({"invented": "#1d5f8c", "England": "#e59b2f"}, HEIGHT + 28)
    return "\n".join([*parts, "</svg>\n"])


SIZES = (("secondary", 850), ("primary", 1_000))
"""As many counted pupils in the one as in the other, about as in England."""


def relative(schools: Sequence[InventedSchool], keys: Sequence[_K], key: Callable[[date], _K]) -> list[float]:
    """Absence on the days with each key in proportion to absence on all days."""
    absent: Counter[_K] = Counter()
    possible: Counter[_K] = Counter()
    for school in schools:
        strips = school.strips
        within = statistics_sessions(strips, school.year) & in_statistics(strips, school.year)[:, None]
        labels = [key(day) for day in strips.axis.days for _ in range(2)]
        for label, totals in split_by_session(strips, labels, within).items():
            absent[label] += totals.absent
            possible[label] += totals.possible
    overall = absent.total() / possible.total()
    return [absent[label] / possible[label] / overall for label in keys]


def scaled(values: Sequence[float] | np.ndarray) -> np.ndarray:
    found: np.ndarray = np.array(values) / np.mean(values)
    return found


def chart(
    left: float, title: str, labels: Sequence[str], own: Sequence[float] | np.ndarray,
    real: Sequence[float] | np.ndarray,
) -> list[str]:  # fmt: skip
    lowest, highest = 0.7, 1.3
    xs = np.linspace(left + MARGIN, left + WIDTH - 20, len(labels))

    def y(value: float) -> float:
        return 30 + (highest - value) / (highest - lowest) * (HEIGHT - 60)

    parts = [f'<text x="{left + MARGIN:.0f}" y="16" font-weight="bold">Absence {title}; mean = 1</text>']
    for value in (0.8, 1.0, 1.2):
        parts.append(
            f'<path d="M{left + MARGIN - 6:.0f} {y(value):.1f}H{left + WIDTH - 14:.0f}" stroke="#ddd"/>'
            f'<text x="{left + 12:.0f}" y="{y(value) + 4:.1f}">{value:.1f}</text>'
        )
    parts += [
        f'<text x="{x:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{label}</text>'
        for x, label in zip(xs, labels, strict=True)
    ]
    for values, colour in ((real, "#e59b2f"), (own, "#1d5f8c")):
        points = " ".join(f"{x:.1f},{y(value):.1f}" for x, value in zip(xs, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
    return parts


if __name__ == "__main__":
    (FOLDER / "invented-strips.svg").write_text(strips_picture(invent("secondary", 400, 1)), encoding="utf-8")
    (FOLDER / "invented-curves.svg").write_text(curves_picture(), encoding="utf-8")
