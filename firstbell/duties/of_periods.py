"""What is to be done in every period as long as something goes on: a plan, support, a placement, a flag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.gates import says
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import KINDS, About, Fact, references_of
from firstbell.facts.cases import FlagEnded, FlagSet
from firstbell.facts.provision import TimetableReviewed
from firstbell.policy.parameters import PeriodWhile
from firstbell.policy.rule import Rule
from firstbell.sessions import Period

__all__ = ["LOOKING", "GoingOn", "days_named", "going_on", "next_period"]

_DAY = timedelta(days=1)
WEEKDAY = re.compile(
    r"\b(mon|tue|wed|thu|fri|sat|sun)(?:s|nes|r|rs|ur)?(?:day)?s?\b", re.IGNORECASE | re.ASCII
)
ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b", re.ASCII)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class GoingOn:
    """Something that goes on: whom it is about, since and until when, because of which fact.

    `last_on` is its last day, date.max while none is known. `only` says on which days it takes place; None
    on every one.
    """

    about: About
    row: int | None
    since_on: date
    last_on: date
    anchor: str
    facts: tuple[str, ...]
    what: str
    only: frozenset[int | date] | None = None

    def takes_place(self, day: date) -> bool:
        """Whether it takes place on a day, by its own days of the week or dates."""
        return self.only is None or day in self.only or day.weekday() in self.only


def going_on(sight: Sight, params: PeriodWhile) -> Sequence[GoingOn]:
    """What goes on or went on, of the kind that a rule names."""
    key = ("going on", params.opened, tuple(sorted(params.where.items())), params.flags, params.closed)
    return sight.once(key, lambda: list(_flagged(sight, params) if params.flags else _opened(sight, params)))


def _opened(sight: Sight, params: PeriodWhile) -> Iterator[GoingOn]:
    if params.opened not in KINDS:
        return
    closed = _closed(sight, params)
    for fact, data in sight.facts.of(KINDS[params.opened]):
        if not all(says(sight, data, name, value) for name, value in params.where.items()):
            continue
        row = sight.row_of.get(fact.about.enrolment)
        if fact.about.enrolment and row is None:
            continue
        origin = sight.facts.origins.get(fact.id, fact.id)
        since_on, until_on = getattr(data, "from_on", None), getattr(data, "until_on", None)
        ends = [closed[key] for key in (fact.id, origin) if key in closed]
        last_on = min([until_on or date.max, *(one.on - _DAY for one in ends)])
        times = getattr(data, "times", ())
        about = About(fact.about.enrolment, staff=fact.about.staff, group=fact.about.group)
        facts = (fact.id, *dict.fromkeys(one.id for one in ends))
        yield GoingOn(about, row, since_on or fact.on, last_on, origin, facts, fact.kind, days_named(times))


def _closed(sight: Sight, params: PeriodWhile) -> dict[str, Fact]:
    """By the id of what it ends, the first fact that ends it."""
    found: dict[str, Fact] = {}
    kinds = tuple(KINDS[name] for name in params.closed if name in KINDS)
    for fact in sight.facts if kinds else ():
        if isinstance(fact.data, kinds) and _ends(fact):
            for reference in references_of(fact.data):
                if reference.id not in found or fact.on < found[reference.id].on:
                    found[reference.id] = fact
    return found


def _ends(fact: Fact) -> bool:
    """Whether a fact of such a kind ends what it names: a review that lets a timetable go on does not."""
    data = fact.data
    return not isinstance(data, TimetableReviewed) or data.outcome in ("full time again", "ended")


def _flagged(sight: Sight, params: PeriodWhile) -> Iterator[GoingOn]:
    """The stretches of days on which a pupil has one of some flags, one flag after the other or at once."""
    ended = {data.flag: fact for fact, data in sight.facts.of(FlagEnded)}
    own: dict[int, list[tuple[date, date, Fact]]] = {}
    for fact, data, row in sight.of(FlagSet):
        if data.flag in params.flags:
            origin = sight.facts.origins.get(fact.id, fact.id)
            end = ended.get(fact.id) or ended.get(origin)
            own.setdefault(row, []).append((fact.on, end.on - _DAY if end else date.max, fact))
    for row, stretches in sorted(own.items()):
        joined: list[tuple[date, date, list[Fact]]] = []
        for first, last, fact in sorted(stretches, key=lambda one: one[:2]):
            if joined and first <= joined[-1][1] + (_DAY if joined[-1][1] < date.max else timedelta()):
                since_on, until_on, facts = joined[-1]
                joined[-1] = (since_on, max(until_on, last), [*facts, fact])
            else:
                joined.append((first, last, [fact]))
        for first, last, facts in joined:
            flags = tuple(dict.fromkeys(one.data.flag for one in facts if isinstance(one.data, FlagSet)))
            ids = tuple(one.id for one in facts)
            yield GoingOn(sight.about(row), row, first, last, "", ids, ", ".join(flags))


def days_named(times: Sequence[tuple[str, str]]) -> frozenset[int | date] | None:
    """The weekdays, and the dates, that pairs of a day and the times name; None where they name none.

    "Tuesday and Thursday" are two days, "Monday to Wednesday" are three.
    """
    found: set[int | date] = set()
    for day, _ in times:
        for iso in ISO_DAY.findall(day):
            try:
                found.add(date.fromisoformat(iso))
            except ValueError:
                continue
        named = [(one, WEEKDAYS.index(one.group(1).lower())) for one in WEEKDAY.finditer(day)]
        found |= {number for _, number in named}
        for (first, low), (second, high) in zip(named, named[1:], strict=False):
            if day[first.end() : second.start()].strip().lower() in ("to", "-", "–", "until"):
                found |= {*range(low, high + 1)}
    return frozenset(found) or None


# --- periods ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """A period in which something is to be done: its school days, and when it arises and is due."""

    period: Period
    on: date
    by: date


def _asked(sight: Sight, params: PeriodWhile, one: GoingOn) -> Iterator[_Asked]:
    """The periods that have begun in which it is to be done, in order."""
    for period in _periods(sight, params.every, one):
        if params.from_next and one.since_on in period:
            continue
        first_on = max(period.starts_on, one.since_on)
        days = _days(sight, one, first_on, min(period.ends_on, one.last_on))
        if not days:
            continue
        whole = days if one.last_on >= period.ends_on else _days(sight, one, first_on, period.ends_on)
        if params.at == "start":
            yield _Asked(period, days[0], days[-1])
        elif whole[-1] == days[-1]:
            # What has ended before the last day of the period is not to be done at its end any more.
            yield _Asked(period, days[-1], days[-1])


def _days(sight: Sight, one: GoingOn, first_on: date, last_on: date) -> list[date]:
    group = sight.year_group(one.row, first_on) if one.row is not None else None
    return [day for day in sight.book.calendar.school_days(first_on, last_on, group) if one.takes_place(day)]


def _periods(
    sight: Sight, every: Literal["school day", "week", "half term", "term", "school year"], one: GoingOn
) -> Iterator[Period]:
    if every == "school day":
        first_on = max(one.since_on, sight.book.calendar.starts_on)
        for day in _days(sight, one, first_on, min(one.last_on, sight.day)):
            yield Period("day", day, day)
        return
    for period in sight.periods(every):
        if period.ends_on >= one.since_on and period.starts_on <= one.last_on:
            yield period


def _period_while(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """For everything that goes on the periods in which it is to be done; the last of them is what is owed."""
    params = rule.params
    assert isinstance(params, PeriodWhile)
    for one in going_on(sight, params):
        asked = [each for each in _asked(sight, params, one) if each.on <= sight.day]
        for each, later in zip(asked, [*asked[1:], None], strict=False):
            if one.row is not None and not sight.applies(rule.applies_to, one.row, each.on):
                continue
            over_on = _over_on(sight, params, each, later)
            named = {"since": one.since_on, "from": each.period.starts_on, "until": each.by, "for": one.what}
            anchor = each.period.starts_on.isoformat()
            yield Occurrence(
                rule,
                one.about,
                f"{one.anchor}:{anchor}" if one.anchor else anchor,
                each.on,
                Because(facts=one.facts, named=named),
                due_on=each.by,
                holds=over_on is None and sight.day <= one.last_on,
                span=(each.on, over_on - _DAY if over_on is not None else date.max),
            )


def _over_on(sight: Sight, params: PeriodWhile, each: _Asked, later: _Asked | None) -> date | None:
    """The day on which the next period has begun; None while none has."""
    if params.every == "school day":
        return later.on if later is not None else None
    periods = sight.periods(params.every)
    return next((one.starts_on for one in periods if one.starts_on > each.period.ends_on), None)


def next_period(sight: Sight, params: PeriodWhile, one: GoingOn) -> date | None:
    """The day on which it is to be done next, after today; None where it does not go on so long."""
    calendar = sight.book.calendar
    days = _days(sight, one, max(sight.day + _DAY, one.since_on), min(one.last_on, calendar.ends_on))
    if params.every == "school day" or not days:
        return days[0] if days else None
    for day in days:
        period = sight.period(params.every, day)
        if period is None or (params.from_next and one.since_on in period):
            continue
        own = _days(sight, one, max(period.starts_on, one.since_on), period.ends_on)
        if own and day == (own[0] if params.at == "start" else own[-1]):
            return day
    return None


LOOKING: dict[str, Looking] = {PeriodWhile.kind: _period_while}
