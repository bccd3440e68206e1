"""May absence be taken to court, until when, and what does an education supervision order change?

Refuses to know whether a case is the right thing, and what a court would decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from firstbell.problems import Place, Problem
from firstbell.sessions import Period, day_and_year
from firstbell.statute.ages import compulsory_school_age
from firstbell.statute.values import Ages, CompulsorySchoolAge, Prosecution, SupervisionOrder
from firstbell.statute.years import months_after, years_after_in_full

__all__ = [
    "Offence",
    "OrderMade",
    "extended",
    "extension_window",
    "prosecution_last_on",
    "prosecution_problems",
    "reasons_against",
    "supervision_order",
]

Step = Literal["notice", "prosecution"]


@dataclass(frozen=True)
class OrderMade:
    """An education supervision order made for the child: its days, and what the law says such orders do."""

    rule: SupervisionOrder
    from_on: date
    until_on: date


@dataclass(frozen=True)
class Offence:
    """The absence that a notice or a case would be about, from its first day to its last.

    `of_age` says whether the child was of compulsory school age on every one of these days; `order` is the
    education supervision order made for the child, if there is one.
    """

    from_on: date
    until_on: date
    of_age: bool = True
    order: OrderMade | None = None

    @classmethod
    def of_child(
        cls,
        born_on: date,
        rule: CompulsorySchoolAge,
        from_on: date,
        until_on: date,
        order: OrderMade | None = None,
    ) -> Offence:
        """The absence of a child born on `born_on`, whose age is worked out."""
        first_on, last_on = compulsory_school_age(born_on, rule)
        return cls(from_on, until_on, first_on <= from_on and until_on <= last_on, order)


# --- prosecution -----------------------------------------------------------------------------------------


def prosecution_last_on(rule: Prosecution, *, offence_on: date) -> date:
    """The last day on which proceedings can be begun for an offence that ended on `offence_on`.

    Six months by the calendar: 13 September gives 13 March. Where the month has no such day, its last.

    Source: Magistrates' Courts Act 1980, s.127(1).
    """
    return months_after(offence_on, rule.months)


def prosecution_problems(rule: Prosecution, offence: Offence, *, begun_on: date) -> list[Problem]:
    """What stands in the way of a case under section 444 begun on a day.

    The child was not of compulsory school age; an education supervision order takes the place of the
    parent's duty; the six months since the last day of the absence are over. Where they are over for its
    first day only, the case can be begun for the later days: a warning.

    Source: Education Act 1996, s.444; Magistrates' Courts Act 1980, s.127(1).
    """
    problems = reasons_against(offence, begun_on, step="prosecution", ages=rule.ages, source=str(rule.source))
    last_on = prosecution_last_on(rule, offence_on=offence.until_on)
    first_last_on = prosecution_last_on(rule, offence_on=offence.from_on)
    if begun_on > first_last_on:
        over = begun_on > last_on
        day, limit_on = (offence.until_on, last_on) if over else (offence.from_on, first_last_on)
        problems.append(
            Problem(
                "prosecution-late",
                Place(),
                f"For absence on {day_and_year(day)} a case could be begun until {day_and_year(limit_on)}, "
                f"and this is {day_and_year(begun_on)}.",
                "No case can be begun." if over else "Leave out the days that are out of time.",
                str(rule.source),
                "error" if over else "warning",
            )
        )
    return problems


def reasons_against(offence: Offence, on: date, *, step: Step, ages: Ages, source: str) -> list[Problem]:
    """Why the absence of `offence` is none to take this step for on a day, whatever else the step asks.

    Absence of a child who is not of compulsory school age is no offence, nor is absence on a day of an
    education supervision order; and while an order is in force no step is taken for earlier absence either.
    """
    problems = []
    if ages is Ages.COMPULSORY and not offence.of_age:
        problems.append(
            Problem(
                f"{step}-age",
                Place(),
                f"The child is not of compulsory school age on all days from {day_and_year(offence.from_on)} "
                f"to {day_and_year(offence.until_on)}: outside that age absence is no offence.",
                "Leave out the days outside that age; if there are no others, there is nothing to enforce.",
                source,
            )
        )
    order = offence.order
    if order is not None and order.rule.replaces_duty:
        in_force = order.from_on <= on <= order.until_on
        if in_force or (order.from_on <= offence.until_on and offence.from_on <= order.until_on):
            problems.append(_under_order(order, step, in_force=in_force))
    return problems


def _under_order(order: OrderMade, step: Step, *, in_force: bool) -> Problem:
    days = f"from {day_and_year(order.from_on)} until {day_and_year(order.until_on)}"
    can_be = "notice can be issued" if step == "notice" else "case can be begun"
    if in_force:
        what = f"An education supervision order is in force {days}: it takes the place of the parent's duty."
        remedy = f"Work with the supervisor it names; no {can_be} while it lasts."
    else:
        what = f"Some of the absence lies in the days of an education supervision order, {days}: it took the "
        what += "place of the parent's duty."
        remedy = f"Leave out the absence of these days: no {can_be} for it."
    return Problem(f"{step}-supervision-order", Place(), what, remedy, str(order.rule.source))


# --- education supervision orders ------------------------------------------------------------------------


def supervision_order(rule: SupervisionOrder, *, made_on: date) -> OrderMade:
    """The order made on a day: it lasts a year, of which that day is the first.

    Source: Children Act 1989, s.36 and Sch. 3.
    """
    return OrderMade(rule, made_on, years_after_in_full(made_on, rule.years) - timedelta(days=1))


def extension_window(order: OrderMade) -> Period:
    """The days on which an extension can be asked for: the last three months of the order.

    Source: Children Act 1989, Sch. 3.
    """
    months = order.rule.extension_asked_in_last_months
    starts_on = months_after(order.until_on + timedelta(days=1), -months)
    return Period(f"the last {months} months of the order", starts_on, order.until_on)


def extended(order: OrderMade, *, asked_on: date, until_on: date) -> OrderMade | Problem:
    """The order extended until a day, or why it cannot be.

    It has to be asked for in the last three months, and an extension is for three years at most, counted
    from the day after the order would have ended. It can be asked for again in the last three months of
    the extended order: sources disagree on that.

    Source: Children Act 1989, Sch. 3.
    """
    window = extension_window(order)
    most_on = years_after_in_full(order.until_on + timedelta(days=1), order.rule.extension_most_years)
    latest_on = most_on - timedelta(days=1)
    if asked_on in window and order.until_on < until_on <= latest_on:
        return OrderMade(order.rule, order.from_on, until_on)
    if asked_on not in window:
        rule, what = "order-extension-asked", f"The extension was asked for on {day_and_year(asked_on)}."
        remedy = (
            f"It can be asked for from {day_and_year(window.starts_on)} to {day_and_year(window.ends_on)}."
        )
    else:
        rule, what = "order-extension-length", f"The extension would end on {day_and_year(until_on)}."
        remedy = (
            f"Choose a day after {day_and_year(order.until_on)} and no later than {day_and_year(latest_on)}."
        )
    return Problem(rule, Place(), what, remedy, str(order.rule.source))
