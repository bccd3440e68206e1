"""Figures of bands, of lessons missed, of training, and of what attendance was elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from firstbell.duties.figuring import About, Figure, Value
from firstbell.duties.of_counts import truancies
from firstbell.duties.of_upkeep import lacking
from firstbell.duties.sight import Sight
from firstbell.facts import Fact
from firstbell.facts.school import BenchmarkRecorded
from firstbell.measures import Rate
from firstbell.policy.parameters import Band, Training
from firstbell.policy.terms import Comparator

__all__ = ["ALL_PUPILS", "GAP", "OF_CASES", "difference"]

ALL_PUPILS, GAP = "all pupils", "gap"


# --- bands -----------------------------------------------------------------------------------------------


def _tier(sight: Sight, about: About) -> Value:
    """The lowest band that the pupil is in: where bands overlap, the one that begins lowest.

    A policy that names those above a limit as well leaves a gap where its bands do not meet: who is in none
    of them is in the gap. Elsewhere whoever is in no band is one of all pupils.
    """
    row, on = about.rows[0], about.last_on
    rate = sight.rate(row, about.first_on, on)
    bands = [
        rule.params
        for rule in sight.rules
        if isinstance(rule.params, Band) and rule.params.tier and sight.applies(rule.applies_to, row, on)
    ]
    inside = [band for band in bands if rate.whole and _is_in(band, rate)]
    met = [(band.when.number, band.tier) for band in inside if rate.whole >= band.least_possible]
    if met:
        return min(met)[1]
    has_gaps = any(band.when.comparator in (Comparator.ABOVE, Comparator.AT_LEAST) for band in bands)
    return GAP if has_gaps and rate.whole and not inside else ALL_PUPILS


def _is_in(band: Band, rate: Rate) -> bool:
    below = band.until is not None and band.until.holds(rate.part, rate.whole)
    return band.when.holds(rate.part, rate.whole) and not below


def _target(sight: Sight, about: About) -> Value:
    """What the school aims for with the pupil, as letters say it: "96%"; empty where no band says so."""
    row, on = about.rows[0], about.last_on
    limits = [
        rule.params.when.shown
        for rule in sight.rules
        if isinstance(rule.params, Band) and rule.params.is_target and sight.applies(rule.applies_to, row, on)
    ]
    return limits[0] if limits else ""


# --- lessons, training -----------------------------------------------------------------------------------


def _truancies(sight: Sight, about: About) -> Value:
    """How many lessons were missed of which a person has said that it was truancy."""
    return sum(
        row in about.rows and about.first_on <= fact.on <= about.last_on for fact, row in truancies(sight)
    )


def _training_gap(sight: Sight, about: About) -> Value:
    """How many members of staff lack some training that the policy asks for."""
    rules = [rule.params for rule in sight.rules if isinstance(rule.params, Training)]
    return len({staff for params in rules for staff in lacking(sight, params)})


# --- elsewhere -------------------------------------------------------------------------------------------


def _against(area: str) -> Callable[[Sight, About], Value]:
    """The difference to what attendance was elsewhere in the same days; empty where nobody recorded it."""

    def found(sight: Sight, about: About) -> Value:
        elsewhere = _benchmark(sight, about, area)
        part, whole = (int(some.sum()) for some in sight.rates(about.rows, about.first_on, about.last_on))
        if elsewhere is None or not whole:
            return ""
        return difference(Fraction(100 * part, whole) - Fraction(elsewhere.attendance.rstrip("%")))

    return found


def _benchmark(sight: Sight, about: About, area: str) -> BenchmarkRecorded | None:
    """The last that was recorded for an area and covers the days; of the same group, if asked of one."""
    known = [
        (fact, data)
        for fact, data in sight.facts.of(BenchmarkRecorded)
        if data.area == area and _covers(data, about)
    ]
    for fits in (_of_group, _of_all):
        own = [(fact, data) for fact, data in known if fits(data, about)]
        if own:
            return max(own, key=_recorded)[1]
    return None


def _recorded(one: tuple[Fact, BenchmarkRecorded]) -> tuple[object, object]:
    return one[0].on, one[0].known_at


def _covers(data: BenchmarkRecorded, about: About) -> bool:
    return (data.from_on is None or data.from_on <= about.first_on) and (
        data.until_on is None or data.until_on >= about.last_on
    )


def _of_group(data: BenchmarkRecorded, about: About) -> bool:
    """Whether it is of the very group that the figure is asked of."""
    return bool(about.group) and about.group.casefold() in (data.group.casefold(), data.year_group.casefold())


def _of_all(data: BenchmarkRecorded, _about: About) -> bool:
    return not data.group and not data.year_group


def difference(points: Fraction) -> str:
    """A difference in percentage points for people, to two decimals, with its sign: "-1.31", "+0.50"."""
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    shown = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{shown:+}" if shown else "0.00"


OF_CASES: Mapping[str, Figure] = {
    "tier": Figure(
        f'the lowest band of the policy; "{GAP}" between bands, else "{ALL_PUPILS}"',
        _tier,
    ),
    "target": Figure(
        'what the school aims for with the pupil, as "96%"; empty where no band says so', _target
    ),
    "truancies": Figure(
        "lessons missed that a person has called truancy, in the fact or in answer to the prompt", _truancies
    ),
    "training gap": Figure(
        "how many members of staff lack a training that the policy asks for", _training_gap
    ),
    **{
        f"against {area}": Figure(
            f'attendance less that of {says} in the same days, in percentage points, as "-1.31" or "+0.50"',
            _against(area),
        )
        for area, says in {
            "trust": "the trust",
            "local authority": "the local authority",
            "region": "the region",
            "national": "the whole country",
        }.items()
    },
}
"""These figures by name."""
