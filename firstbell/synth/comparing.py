"""How near do invented schools come to the Department's figures?

A school's own rates are counted by `measures` over the sessions and pupils that official figures are made
of, and laid beside England's. The limits say how far one school, and the mean of several, may be from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from firstbell.measures import Rate, code_counts, count, in_statistics, statistics_sessions
from firstbell.statute.values import PersistentAbsence, SevereAbsence
from firstbell.synth.calibration import Published, phase
from firstbell.synth.schools import InventedSchool, invent
from firstbell.synth.terms import year_name

__all__ = ["LIMITS", "Limit", "codes_text", "comparison_text", "own_figures", "seeds_agree", "seeds_text"]

ABOUT = {
    "absence": "absence",
    "authorised": "authorised absence",
    "unauthorised": "unauthorised absence",
    "persistent": "persistently absent pupils",
    "severe": "severely absent pupils",
}
"""The figures by their names in `Published`."""
HEADINGS = {"absence": "absence", "authorised": "auth.", "unauthorised": "unauth.", "persistent": "PA",
            "severe": "SA"}  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """How many percentage points each school, and the mean of twenty, may be away from England."""

    school: Fraction
    mean: Fraction


_RATES = Limit(Fraction(1, 2), Fraction(1, 10))
_SEVERE = Limit(Fraction(7, 10), Fraction(7, 10))
LIMITS = {
    "absence": _RATES,
    "authorised": _RATES,
    "unauthorised": _RATES,
    "persistent": Limit(Fraction(2), Fraction(1, 2)),
    "severe": _SEVERE,
}


def own_figures(school: InventedSchool) -> Published:
    """The school's own figures as the Department would count them.

    Pupils aged 5 to 15 when the year begins, the whole year without Year 11 after the half term in May;
    persistent and severe absence by each pupil's own possible sessions.
    """
    strips = school.strips
    counted = in_statistics(strips, school.year)
    counts = count(strips, statistics_sessions(strips, school.year))
    law = strips.law.laws[-1]
    totals = counts.total(counted)

    def pupils(share: Fraction) -> Rate:
        return Rate(int((counts.absent_at_least(share) & counted).sum()), totals.enrolments)

    return Published(
        totals.absence,
        totals.authorised_absence,
        totals.unauthorised_absence,
        pupils(law.value(PersistentAbsence).share),
        pupils(law.value(SevereAbsence).share),
    )


def comparison_text(school: InventedSchool) -> str:
    """A school's figures beside England's, as a table for the terminal."""
    own, england = own_figures(school), phase(school.kind).published
    lines = [
        f"{school.name}, {len(school.pupils):,} pupils, {year_name(school.year)}, seed {school.seed}",
        f"{'':<30}{'this school':>14}{'England':>10}  {school.kind} schools",
    ]
    for name, title in ABOUT.items():
        of = "2022/23" if name == "severe" else "2024/25"
        lines.append(
            f"{title:<30}{getattr(own, name).shown(2):>14}{getattr(england, name).shown(2):>10}  {of}"
        )
    return "\n".join(lines)


def codes_text(school: InventedSchool) -> str:
    """Each code's share of the possible sessions beside England's, as a table for the terminal."""
    strips, calibration = school.strips, phase(school.kind)
    counted = in_statistics(strips, school.year)
    within = statistics_sessions(strips, school.year) & counted[:, None]
    possible = count(strips, within).total(counted).possible
    found = code_counts(strips, within)
    lines = [f"{'code':<8}{'this school':>14}{'England':>10}"]
    for code in calibration.codes["autumn"]:
        if code == "possible":
            continue
        own = Rate(int(found[code].sum()) if code in found else 0, possible)
        terms = calibration.codes.values()
        england = Rate(sum(term[code] for term in terms), sum(term["possible"] for term in terms))
        lines.append(f"{code:<8}{own.shown(3):>14}{england.shown(3):>10}")
    return "\n".join(lines)


def _points(own: Rate, england: Rate) -> Fraction:
    """How many percentage points a rate is above England's, exactly."""
    difference: Fraction = 100 * ((own.fraction or Fraction(0)) - (england.fraction or Fraction(0)))
    return difference


def _off(found: Sequence[Published], england: Published, name: str) -> list[Fraction]:
    return [_points(getattr(own, name), getattr(england, name)) for own in found]


def seeds_agree(found: Sequence[Published], kind: str) -> dict[str, bool]:
    """Whether each figure of every school, and their mean, is within its limit."""
    england = phase(kind).published
    agree = {}
    for name, limit in LIMITS.items():
        off = _off(found, england, name)
        mean = sum(off, Fraction(0)) / len(off)
        agree[name] = max(map(abs, off)) <= limit.school and abs(mean) <= limit.mean
    return agree


def seeds_text(kind: str, pupils: int, seeds: Iterable[int], year: int = 2024) -> Iterator[str]:
    """The figures of a school for each seed, their mean, England's, and whether all is within the limits."""
    england = phase(kind).published
    columns = "".join(f"{HEADINGS[name]:>10}" for name in ABOUT)
    yield f"{kind} schools of {pupils:,} pupils, {year_name(year)}\n{'':<10}{columns}"
    found = []
    for seed in seeds:
        found.append(own_figures(invent(kind, pupils, seed, year)))
        yield f"seed {seed:<5}" + "".join(f"{getattr(found[-1], name).shown(2):>10}" for name in ABOUT)
    means = {name: np.mean([float(off) for off in _off(found, england, name)]) for name in ABOUT}
    yield f"{'England':<10}" + "".join(f"{getattr(england, name).shown(2):>10}" for name in ABOUT)
    yield f"{'mean off':<10}" + "".join(f"{means[name]:>+10.2f}" for name in ABOUT)
    worst = {name: max(map(abs, _off(found, england, name))) for name in ABOUT}
    yield f"{'most off':<10}" + "".join(f"{float(worst[name]):>10.2f}" for name in ABOUT)
    agree = seeds_agree(found, kind)
    yield f"{'limits':<10}" + "".join(f"{'kept' if agree[name] else 'NOT KEPT':>10}" for name in ABOUT)
    yield "England: 2024/25; SA 2022/23, the latest whose bands are published by phase. Points off the rate."
