"""What the end of a week, a half term, a term or a year asks for: awards, raffles, lists, newsletters."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.of_register import GROUP
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import About
from firstbell.facts.cases import TargetReviewed, TargetSet
from firstbell.measures import Rate
from firstbell.policy.parameters import Award, Draw, Regularly
from firstbell.policy.rule import Rule
from firstbell.policy.terms import Over
from firstbell.sessions import Period, monday_of

__all__ = ["HOUSE", "LOOKING", "drawn", "entries_of", "groups_in", "ranked"]

HOUSE = "house"
"""The attribute that holds the house, beside the class."""


def _ended(sight: Sight, over: Over) -> Iterator[tuple[Period, date]]:
    """The periods whose last school day has been seen to its end, each with that day."""
    for period in sight.periods(over):
        last_on = sight.last_school_day(period)
        if last_on is not None and sight.is_over(last_on):
            yield period, last_on


def _still(sight: Sight, last_on: date) -> bool:
    """Whether the school year of a day is still the last that has begun: a new one starts afresh."""
    return not any(last_on < year.starts_on <= sight.day for year in sight.book.calendar.years)


def _ended_with_marks(sight: Sight, over: Over) -> list[tuple[Period, date]]:
    """Those of them for which anything was marked: a week that nobody has marked puts no other aside."""
    return [
        (period, last_on)
        for period, last_on in _ended(sight, over)
        if any(sight.rate(row, period.starts_on, last_on).whole for row in range(len(sight.enrolments)))
    ]


# --- awards ----------------------------------------------------------------------------------------------


def _award(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The pupils or groups that a period's award goes to."""
    params = rule.params
    assert isinstance(params, Award)
    ended = _ended_with_marks(sight, params.over)
    times: Counter[tuple[Period | None, About]] = Counter()
    for period, last_on in ended:
        latest = (period, last_on) == ended[-1]
        chosen = (
            _pupils(sight, rule, period, last_on)
            if params.unit == "pupil"
            else _groups(sight, rule, period, last_on)
        )
        year, prize_on = sight.period("school year", last_on), _prize_on(sight, params, period, last_on)
        for about, rate, place in chosen:
            named: dict[str, object] = {
                "attendance": rate.shown(2),
                "attended": rate.part,
                "possible": rate.whole,
                "from": period.starts_on,
                "until": last_on,
                "prizes": params.prizes,
            }
            if params.in_turn:
                times[year, about] += 1
                named["time"] = times[year, about]
                named["prizes"] = _in_turn(params, times[year, about])
            if prize_on is not None:
                named["prize_on"] = prize_on
            if place is not None:
                named["place"] = place
            yield Occurrence(
                rule,
                about,
                period.starts_on.isoformat(),
                last_on,
                Because(rate=rate, named=named),
                due_on=prize_on or last_on,
                offers=params.prizes if params.choose else (),
                place=place,
                # A week's award is given until the next week's is, and none of last year's.
                holds=latest and _still(sight, last_on),
            )


def _in_turn(params: Award, time: int) -> tuple[str, ...]:
    """What is given for the first time in a school year, the second, and so on: after the last the last."""
    return params.prizes[min(time, len(params.prizes)) - 1 :][:1]


def _prize_on(sight: Sight, params: Award, period: Period, last_on: date) -> date | None:
    """The day of the prize: for a week counted from its Friday, then the next such weekday of school."""
    if params.given_after is None:
        return None
    from_on = monday_of(last_on) + timedelta(days=4) if params.over == "week" else last_on
    day = params.given_after.after(from_on, sight.book.calendar)
    while not sight.book.calendar.is_school_day(day) and day <= sight.book.calendar.ends_on:
        day += timedelta(weeks=1)
    return day


Winner = tuple[About, Rate, int | None]


def _pupils(sight: Sight, rule: Rule, period: Period, last_on: date) -> Iterator[Winner]:
    params = rule.params
    assert isinstance(params, Award)
    rows = np.array(sight.those(rule.applies_to, last_on), dtype=np.intp)
    attended, whole = sight.rates(rows, period.starts_on, last_on)
    asked = whole > 0
    targets = _targets_reached(sight, period, last_on) if params.own_targets else frozenset()
    if params.for_ in ("all sessions", "on time"):
        # Most have missed something: those need no second look where nothing may be missed.
        asked &= (attended == whole) | np.isin(rows, [*targets])
    counts = (some[asked].tolist() for some in (rows, attended, whole))
    possible = {row: Rate(part, of) for row, part, of in zip(*counts, strict=True)}
    if params.for_ == "best":
        named = {sight.enrolments[row].id: row for row in possible}
        for key, place in ranked({key: possible[row] for key, row in named.items()}):
            if place <= params.places:
                yield sight.about(named[key]), possible[named[key]], place
        return
    for row, rate in possible.items():
        if row in targets or _earned(sight, params, [row], rate, (period, last_on)):
            yield sight.about(row), rate, None


def _targets_reached(sight: Sight, period: Period, last_on: date) -> frozenset[int]:
    """The pupils who reached a target of their own: reviewed in the period, or one that ended in it."""
    origins = sight.facts.origins
    targets = {fact.id: data for fact, data in sight.facts.of(TargetSet)}
    by_origin = {origins.get(key, key): data for key, data in targets.items()}
    found = set()
    for fact, data, row in sight.of(TargetReviewed):
        target = targets.get(data.target) or by_origin.get(origins.get(data.target, data.target))
        on = target.until_on if target is not None and target.until_on is not None else fact.on
        if data.reached == "yes" and period.starts_on <= on <= last_on:
            found.add(row)
    return frozenset(found)


def _earned(sight: Sight, params: Award, rows: Sequence[int], rate: Rate, over: tuple[Period, date]) -> bool:
    """Whether a pupil, or all of a group together, earned what is not about being better than others.

    `rate` is their attendance over the period and its last school day, which are `over`.
    """
    period, last_on = over
    first_on = period.starts_on
    whole = bool(rate.whole) and rate.part == rate.whole
    if params.for_ == "all sessions":
        return whole
    if params.for_ == "on time":
        return whole and not any(sight.sessions_of(sight.late, row, first_on, last_on) for row in rows)
    if params.for_ == "all but illness":
        return not whole and all(_only_ill(sight, row, period, last_on) for row in rows)
    before = _period_before(sight, params.over, period)
    if before is None:
        return False
    return _better(rate, _group_rate(sight, rows, before.starts_on, before.ends_on, on_time=False))


def _only_ill(sight: Sight, row: int, period: Period, last_on: date) -> bool:
    """Whether every absence in a period was for illness or a medical appointment."""
    codes = (*sight.codes_of("illness"), *sight.codes_of("medical appointment"))
    other = sight.once("not ill", lambda: sight.absent & ~sight.marked(codes))
    return not sight.sessions_of(other, row, period.starts_on, last_on)


def _better(now: Rate, then: Rate) -> bool:
    return bool(then.whole) and now.part * then.whole > then.part * now.whole


def _period_before(sight: Sight, over: Over, period: Period) -> Period | None:
    periods = sight.periods(over)
    place = periods.index(period)
    return periods[place - 1] if place else None


def groups_in(
    sight: Sight, rule: Rule, first: date, last: date, grouped_by: str = GROUP
) -> dict[str, list[int]]:
    """The rows of the pupils of each class, or house, on the last day, of those whom the rule is about."""
    found: dict[str, list[int]] = {}
    groups = sight.values(grouped_by, last)
    for row in sight.those(rule.applies_to, last):
        if group := groups[row]:
            found.setdefault(group, []).append(row)
    return found


def _group_rate(sight: Sight, rows: Sequence[int], first: date, last: date, *, on_time: bool) -> Rate:
    """The sum over the sum of all pupils of a group. For punctuality a late session does not count."""
    if len(rows) == 1 and not on_time:
        return sight.rate(rows[0], first, last)
    attended, possible = sight.rates(rows, first, last)
    part = int(attended.sum())
    if on_time:
        part -= int(sight.late_in_time(rows, first, last).sum())
    return Rate(part, int(possible.sum()))


def _group_rates(
    sight: Sight, groups: Mapping[str, list[int]], first: date, last: date, *, on_time: bool
) -> dict[str, Rate]:
    """The same of many groups at once."""
    if not groups:
        return {}
    rows = np.array([row for own in groups.values() for row in own], dtype=np.intp)
    starts = np.cumsum([0, *map(len, groups.values())])[:-1]
    attended, possible = sight.rates(rows, first, last)
    if on_time:
        attended = attended - sight.late_in_time(rows, first, last)
    part, whole = (np.add.reduceat(some, starts).tolist() for some in (attended, possible))
    return {name: Rate(*counts) for name, *counts in zip(groups, part, whole, strict=True)}


def _groups(sight: Sight, rule: Rule, period: Period, last_on: date) -> Iterator[Winner]:
    params = rule.params
    assert isinstance(params, Award)
    groups = sight.once(
        ("groups", rule.applies_to, params.grouped_by, last_on),
        lambda: groups_in(sight, rule, period.starts_on, last_on, params.grouped_by),
    )
    rates = _group_rates(sight, groups, period.starts_on, last_on, on_time=params.for_ == "on time")
    phases = params.phases or {"": ()}
    for years in phases.values():
        inside = {
            name: rate
            for name, rate in rates.items()
            if rate.whole and (not years or sight.enrolments[groups[name][0]].year_group(last_on) in years)
        }
        if params.for_ not in ("best", "on time"):
            for name, rate in sorted(inside.items()):
                if _earned(sight, params, groups[name], rate, (period, last_on)):
                    yield About(group=name), rate, None
            continue
        for name, place in ranked(inside):
            if place <= params.places:
                yield About(group=name), inside[name], place


def ranked(rates: Mapping[str, Rate]) -> list[tuple[str, int]]:
    """Groups with their places, best first: equal rates share a place and those after it are passed over."""
    shares = {name: rate.fraction or Fraction(0) for name, rate in rates.items()}
    order = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    found: list[tuple[str, int]] = []
    before: Fraction | None = None
    for number, (name, share) in enumerate(order, start=1):
        found.append((name, found[-1][1] if share == before else number))
        before = share
    return found


# --- raffles ---------------------------------------------------------------------------------------------


def entries_of(sight: Sight, rule: Rule, period: Period, last_on: date) -> dict[str, tuple[str, ...]]:
    """The enrolments that take part in a raffle, by phase, in the order of their ids."""
    params = rule.params
    assert isinstance(params, Draw)
    found: dict[str, tuple[str, ...]] = {}
    for phase, years in params.phases.items():
        entered = []
        for row, one in enumerate(sight.enrolments):
            if not one.on_roll(last_on) or sight.year_group(row, last_on) not in years:
                continue
            rate = sight.rate(row, period.starts_on, last_on)
            if rate.whole and rate.part == rate.whole and sight.applies(rule.applies_to, row, last_on):
                entered.append(one.id)
        found[phase] = tuple(sorted(entered))
    return found


def drawn(entries: Sequence[str], seed: str, winners: int) -> tuple[str, ...]:
    """Who wins a raffle: the same entries and the same seed always give the same winners.

    Everybody's chance is the same: the entries are put in the order of a digest of the seed and the entry.
    """
    order = sorted(entries, key=lambda entry: hashlib.sha256(f"{seed}\n{entry}".encode()).digest())
    return tuple(order[:winners])


def _draw(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The raffle of each period that has ended."""
    params = rule.params
    assert isinstance(params, Draw)
    ended = _ended_with_marks(sight, params.over)
    for period, last_on in ended:
        entries = entries_of(sight, rule, period, last_on)
        named: dict[str, object] = {
            "entries": sum(map(len, entries.values())),
            "winners": params.winners,
            "prizes": params.prizes,
            "from": period.starts_on,
            "until": last_on,
        }
        named |= {f"entries {phase}": entered for phase, entered in entries.items()}
        yield Occurrence(
            rule,
            About(),
            period.starts_on.isoformat(),
            last_on,
            Because(named=named),
            holds=(period, last_on) == ended[-1] and _still(sight, last_on),
        )


# --- every period ----------------------------------------------------------------------------------------


def _regularly(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The periods that have begun, or ended; the last of them is what is owed."""
    params = rule.params
    assert isinstance(params, Regularly)
    found = list(_moments(sight, params))
    for place, (period, on) in enumerate(found):
        latest = place == len(found) - 1 and _still(sight, on)
        named = {"from": period.starts_on, "until": min(period.ends_on, on), "lists": params.lists}
        because = Because(named=named)
        anchor = period.starts_on.isoformat()
        if not params.each_pupil:
            yield Occurrence(rule, About(), anchor, on, because, holds=latest)
            continue
        for row, one in enumerate(sight.enrolments):
            from_on = on
            if params.at == "start" and on < one.starts_on <= min(period.ends_on, sight.day):
                # Whoever joins later has had nothing of what the others had at the start.
                from_on = one.starts_on
            if one.on_roll(from_on) and sight.applies(rule.applies_to, row, from_on):
                because = _of_pupil(sight, row, period, from_on, named)
                yield Occurrence(rule, sight.about(row), anchor, from_on, because, holds=latest)


def _of_pupil(sight: Sight, row: int, period: Period, on: date, named: Mapping[str, object]) -> Because:
    rate = sight.rate(row, period.starts_on, on)
    missed = sight.sessions_of(sight.absent, row, period.starts_on, on)
    return Because(missed, rate, named={**named, "attendance": rate.shown()})


def _moments(sight: Sight, params: Regularly) -> Iterator[tuple[Period, date]]:
    """The periods that count, each with the day on which it asks."""
    if params.every == "school day":
        for day in sight.book.calendar.school_days(sight.book.calendar.starts_on, sight.day):
            if params.at == "start" or sight.is_over(day):
                yield Period("day", day, day), day
        return
    if params.every == "2 weeks":
        yield from _fortnights(sight, params)
        return
    if params.at == "end":
        yield from _ended(sight, params.every)
        return
    for period in sight.periods(params.every):
        days = sight.book.calendar.school_days(period.starts_on, min(period.ends_on, sight.day))
        if days:
            yield period, days[0]


def _fortnights(sight: Sight, params: Regularly) -> Iterator[tuple[Period, date]]:
    """Every second school week of each school year, with the week before it."""
    for year in sight.periods("school year"):
        weeks = [
            one
            for one in sight.periods("week")
            if (last_on := sight.last_school_day(one)) is not None and last_on in year
        ]
        ended = {period.starts_on: last for period, last in _ended(sight, "week")}
        for first, second in zip(weeks[0::2], weeks[1::2], strict=False):
            fortnight = Period("2 weeks", first.starts_on, second.ends_on)
            days = sight.book.calendar.school_days(fortnight.starts_on, fortnight.ends_on)
            if params.at == "start":
                yield fortnight, days[0]
            elif second.starts_on in ended:
                yield fortnight, ended[second.starts_on]


LOOKING: dict[str, Looking] = {Award.kind: _award, Draw.kind: _draw, Regularly.kind: _regularly}
