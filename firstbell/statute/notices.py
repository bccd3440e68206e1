"""May a penalty notice be issued, for how much, payable by when? Until when can a case go to court?

Refuses to know whether a notice is the right thing: that is asked of a person, case by case.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from firstbell.problems import Place, Problem
from firstbell.sessions import day_and_year
from firstbell.statute.values import NoticeToImprove, PenaltyNotice, Prosecution, SupervisionOrder

__all__ = [
    "EarlierNotice",
    "NoticeTerms",
    "OrderMade",
    "improvement_period_problems",
    "months_after",
    "notice_terms",
    "prosecution_last_on",
]

Outcome = Literal["open", "paid", "unpaid", "prosecuted", "withdrawn", "acquitted"]


@dataclass(frozen=True)
class EarlierNotice:
    """A penalty notice issued before, wherever the family lived: to which parent, for which child, when.

    `absence_until_on` is the last day of the absence it was for, where that is known.
    """

    parent: str
    child: str
    issued_on: date
    outcome: Outcome = "open"
    absence_until_on: date | None = None


@dataclass(frozen=True)
class OrderMade:
    """An education supervision order made for the child: its days, and what the law says such orders do."""

    rule: SupervisionOrder
    from_on: date
    until_on: date


@dataclass(frozen=True)
class NoticeTerms:
    """What a notice asks for: which one it is, the amounts in pounds, and the last days to pay them.

    `reduced_amount` is None where no reduction is open. Days are known once the notice is received.
    """

    number: int
    amount: int
    reduced_amount: int | None
    received_on: date | None = None
    reduced_until_on: date | None = None
    pay_until_on: date | None = None

    def discharged_by(self, pounds: int, paid_on: date) -> bool:
        """Whether `pounds` paid on a day discharge the notice: neither in part nor late.

        Once the reduced amount's days are over only the whole amount will do. After the last day the
        authority prosecutes or withdraws. Raises ValueError while the day of receipt is not known.
        """
        if self.received_on is None or self.pay_until_on is None:
            raise ValueError("the days to pay are not known before the notice is received")
        reduced = self.reduced_until_on is not None and paid_on <= self.reduced_until_on
        due = self.reduced_amount if reduced and self.reduced_amount is not None else self.amount
        return self.received_on <= paid_on <= self.pay_until_on and pounds >= due


def notice_terms(
    rule: PenaltyNotice,
    *,
    parent: str,
    child: str,
    proposed_on: date,
    earlier: Sequence[EarlierNotice] = (),
    received_on: date | None = None,
    order: OrderMade | None = None,
) -> NoticeTerms | Problem:
    """The terms of a penalty notice proposed to be issued on a day, or why none may be issued.

    Of `earlier` only notices to the same parent for the same child count. Two of them, issued within the
    three years that end with `proposed_on`, rule out a third; one leaves only the flat amount. A notice
    issued three years ago to the day no longer counts; one issued on the day after does. An education
    supervision `order` in force on the day takes the place of the parent's duty. The day of receipt is day 1
    of the days to pay.

    Source: Education (Penalty Notices) (England) Regulations 2007 as amended by SI 2024/210.
    """
    if order is not None and order.rule.replaces_duty and order.from_on <= proposed_on <= order.until_on:
        return _under_order(order)
    counted = [
        notice
        for notice in sorted(earlier, key=lambda notice: notice.issued_on)
        if (notice.parent, notice.child) == (parent, child) and counts(rule, notice, proposed_on)
    ]
    if len(counted) >= rule.limit:
        return _too_many(rule, counted, proposed_on)
    number = len(counted) + 1
    amount, reduced = (rule.second_amount, None) if counted else (rule.amount, rule.reduced_amount)
    if received_on is None:
        return NoticeTerms(number, amount, reduced)
    return NoticeTerms(
        number,
        amount,
        reduced,
        received_on,
        None if reduced is None else received_on + timedelta(days=rule.reduced_days - 1),
        received_on + timedelta(days=rule.days - 1),
    )


def counts(rule: PenaltyNotice, notice: EarlierNotice, proposed_on: date) -> bool:
    """Whether an earlier notice counts against a new one proposed on `proposed_on`.

    Withdrawn notices do not, nor do those from before the national framework: issued before it began, or
    later but for absence before it.
    """
    if notice.outcome == "withdrawn" or (notice.outcome == "acquitted" and not rule.acquittals_count):
        return False
    old_absence = notice.absence_until_on is not None and notice.absence_until_on < rule.counted_from_on
    if notice.issued_on < rule.counted_from_on or old_absence:
        return False
    return months_after(proposed_on, -12 * rule.within_years) < notice.issued_on <= proposed_on


def _under_order(order: OrderMade) -> Problem:
    return Problem(
        "notice-supervision-order",
        Place(),
        f"An education supervision order is in force from {day_and_year(order.from_on)} until "
        f"{day_and_year(order.until_on)}: it takes the place of the parent's duty.",
        "Work with the supervisor it names; no notice can be issued while it lasts.",
        str(order.rule.source),
    )


def _too_many(rule: PenaltyNotice, counted: Sequence[EarlierNotice], proposed_on: date) -> Problem:
    days = " and ".join(f"{day_and_year(notice.issued_on)}" for notice in counted)
    return Problem(
        "notice-limit",
        Place(),
        f"{len(counted)} notices, issued on {days}, already count in the {rule.within_years} years ending on "
        f"{day_and_year(proposed_on)}.",
        "Consider prosecution or another measure with the local authority instead.",
        str(rule.source),
    )


def improvement_period_problems(rule: NoticeToImprove, *, weeks: int) -> list[Problem]:
    """What is wrong with an improvement period of so many weeks: it lasts between three and six.

    Source: statutory guidance on attendance, on notices to improve.
    """
    if rule.shortest_weeks <= weeks <= rule.longest_weeks:
        return []
    return [
        Problem(
            "improvement-period",
            Place(),
            f"The improvement period is {weeks} weeks.",
            f"Choose between {rule.shortest_weeks} and {rule.longest_weeks} weeks.",
            str(rule.source),
        )
    ]


def prosecution_last_on(rule: Prosecution, *, offence_on: date) -> date:
    """The last day on which proceedings can be begun for an offence that ended on `offence_on`.

    Six months by the calendar: 13 September gives 13 March. Where the month has no such day, its last.

    Source: Magistrates' Courts Act 1980, s.127(1).
    """
    return months_after(offence_on, rule.months)


def months_after(day: date, months: int) -> date:
    """The same day `months` later (earlier if negative), or the last day of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))
