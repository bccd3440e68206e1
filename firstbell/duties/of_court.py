"""The law's own time limits: when an order ends, when its extension opens, when it is too late for a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import About, Fact
from firstbell.facts.school import CourtStep
from firstbell.policy.parameters import CourtDays
from firstbell.policy.rule import Rule
from firstbell.sessions import day_and_year
from firstbell.statute import OrderMade, extension_window, prosecution_last_on, supervision_order
from firstbell.statute.values import Prosecution, SupervisionOrder

__all__ = ["LOOKING", "CaseOpen", "Order", "cases_of", "court_days_to_come", "order_on", "orders_of"]

ORDER, ENDED = "education supervision order", "ended"
BEFORE_A_CASE = ("prosecution asked for", "written notice to the parent")
SAID = {
    "order ends": "The education supervision order ends on",
    "extension opens": "An extension of the order can be asked for from",
    "proceedings latest": "Proceedings can be begun until",
}
BEGUN = ("prosecution begun", "conviction", ENDED)


@dataclass(frozen=True)
class Order:
    """An education supervision order that was made, with the fact that says so, and what ended it."""

    fact: Fact
    made: OrderMade
    ended_by: Fact | None = None


@dataclass(frozen=True)
class CaseOpen:
    """An offence for which proceedings can be begun until `last_on`; `begun_by` once they were."""

    facts: tuple[Fact, ...]
    offence_on: date
    last_on: date
    begun_by: Fact | None = None


def orders_of(sight: Sight, row: int) -> list[Order]:
    """The education supervision orders for a pupil, each with its last day: the court's, else the law's.

    One that was made again while another ran, with a last day of its own, is that other extended.
    """
    found: list[Order] = []
    for fact, data, _ in sorted(sight.of_row(CourtStep, row), key=lambda one: one[0].on):
        rule = sight.book.statute.on(fact.on).find(SupervisionOrder)
        if data.step == ENDED and found and fact.on <= found[-1].made.until_on:
            found[-1] = replace(found[-1], ended_by=fact)
        if data.step != ORDER or rule is None:
            continue
        made = supervision_order(rule, made_on=fact.on)
        if data.until_on is not None:
            made = replace(made, until_on=data.until_on)
        if found and found[-1].ended_by is None and fact.on <= found[-1].made.until_on:
            made = replace(made, from_on=found[-1].made.from_on)
            found.pop()
        found.append(Order(fact, made))
    return found


def order_on(sight: Sight, row: int, day: date) -> OrderMade | None:
    """The order in force for a pupil on a day."""
    for order in orders_of(sight, row):
        until_on = order.made.until_on if order.ended_by is None else order.ended_by.on
        if order.made.from_on <= day <= until_on:
            return replace(order.made, until_on=until_on)
    return None


def cases_of(sight: Sight, row: int) -> list[CaseOpen]:
    """The offences that steps towards court name, each once, with the last day on which to begin a case.

    Begun by a later step that names the offence, or names none.
    """
    steps = sorted(sight.of_row(CourtStep, row), key=lambda one: (one[0].on, one[0].known_at))
    offences: dict[date, list[Fact]] = {}
    for fact, data, _ in steps:
        if data.step in BEFORE_A_CASE and data.offence_on is not None:
            offences.setdefault(data.offence_on, []).append(fact)
    found = []
    for offence_on, facts in offences.items():
        rule = sight.book.statute.on(facts[0].on).find(Prosecution)
        if rule is None:
            continue
        begun = [
            fact
            for fact, data, _ in steps
            if data.step in BEGUN and data.offence_on in (None, offence_on) and fact.on >= facts[0].on
        ]
        last_on = prosecution_last_on(rule, offence_on=offence_on)
        found.append(CaseOpen(tuple(facts), offence_on, last_on, begun[0] if begun else None))
    return found


def _court_days(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Days of orders and cases that have come, or will in so long."""
    params = rule.params
    assert isinstance(params, CourtDays)
    looking = _proceedings if params.of == "proceedings latest" else _of_order
    for row in sorted({row for _, _, row in sight.of(CourtStep)}):
        for one in looking(sight, rule, row):
            if one.arose_on <= sight.day and sight.applies(rule.applies_to, row, one.arose_on):
                yield one


def _of_order(sight: Sight, rule: Rule, row: int) -> Iterator[Occurrence]:
    params = rule.params
    assert isinstance(params, CourtDays)
    for order in orders_of(sight, row):
        opens_on = extension_window(order.made).starts_on
        day = opens_on if params.of == "extension opens" else order.made.until_on
        named = {"made": order.made.from_on, "ends": order.made.until_on, "extension_opens": opens_on}
        # Whether to ask for an extension is a question as long as it can be asked for.
        holds = order.ended_by is None and (params.of == "order ends" or sight.day <= order.made.until_on)
        about = About(enrolment=order.fact.about.enrolment)
        because = Because(facts=(order.fact.id,), named=named)
        arises_on = _arises_on(sight, params, row, day, order.fact.on)
        yield Occurrence(
            rule, about, order.fact.id, arises_on, because, due_on=max(day, arises_on), holds=holds
        )


def _proceedings(sight: Sight, rule: Rule, row: int) -> Iterator[Occurrence]:
    params = rule.params
    assert isinstance(params, CourtDays)
    for case in cases_of(sight, row):
        named = {"offence": case.offence_on, "latest": case.last_on}
        because = Because(facts=tuple(fact.id for fact in case.facts), named=named)
        arises_on = _arises_on(sight, params, row, case.last_on, case.facts[0].on)
        holds = case.begun_by is None and sight.day <= case.last_on
        anchor = case.offence_on.isoformat()
        if arises_on <= case.last_on:
            yield Occurrence(
                rule, sight.about(row), anchor, arises_on, because, due_on=case.last_on, holds=holds
            )


def _arises_on(sight: Sight, params: CourtDays, row: int, day: date, known_on: date) -> date:
    """The day, or so long before it; not before there was anything to know."""
    if params.ahead is None:
        return max(day, known_on)
    return max(params.ahead.before(day, sight.book.calendar, sight.year_group(row, day)), known_on)


def court_days_to_come(sight: Sight, rule: Rule, row: int) -> Iterator[tuple[str, date]]:
    """The days of orders and cases that are to come, each in words."""
    params = rule.params
    assert isinstance(params, CourtDays)
    looking = _proceedings if params.of == "proceedings latest" else _of_order
    for one in looking(sight, rule, row):
        if one.arose_on > sight.day and one.holds and one.due_on is not None:
            yield f"{SAID[params.of]} {day_and_year(one.due_on)}.", one.due_on


LOOKING: dict[str, Looking] = {CourtDays.kind: _court_days}
