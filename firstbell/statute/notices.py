"""May a penalty notice be issued, for how much, payable by when, and when does it count as received?

Refuses to know whether a notice is the right thing: that is asked of a person, case by case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from firstbell.problems import Place, Problem
from firstbell.sessions import CalendarEnds, bank_holidays, day_and_year
from firstbell.statute.court import Offence, reasons_against
from firstbell.statute.values import ExclusionNotice, NoticeToImprove, PenaltyNotice, ServiceByPost
from firstbell.statute.years import months_after

__all__ = [
    "EarlierNotice",
    "NoticeTerms",
    "exclusion_notice_terms",
    "improvement_period_problems",
    "months_after",
    "notice_terms",
    "received_on",
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
class NoticeTerms:
    """What a notice asks for: which one it is, the amounts in pounds, and the last days to pay them.

    `number` is None for a notice that is counted with no others (an exclusion notice). `reduced_amount` is
    None where no reduction is open. Days are known once the notice is received.
    """

    number: int | None
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
    offence: Offence | None = None,
    earlier: Sequence[EarlierNotice] = (),
    received_on: date | None = None,
) -> NoticeTerms | Problem:
    """The terms of a penalty notice proposed to be issued on a day, or why none may be issued.

    Of `earlier` only notices to the same parent for the same child count. Two of them, issued within the
    three years that end with `proposed_on`, rule out a third; one leaves only the flat amount. A notice
    issued three years ago to the day no longer counts; one issued on the day after does. The day of receipt
    is day 1 of the days to pay.

    With the `offence`, the absence that it is for, it is asked too whether there is one: not while the
    child is outside compulsory school age, not under an education supervision order, and not by this rule
    for absence before the national framework.

    Source: Education (Penalty Notices) (England) Regulations 2007 as amended by SI 2024/210.
    """
    if offence is not None and (reason := _reason_against(rule, offence, proposed_on)) is not None:
        return reason
    counted = [
        notice
        for notice in sorted(earlier, key=lambda notice: notice.issued_on)
        if (notice.parent, notice.child) == (parent, child) and counts(rule, notice, proposed_on)
    ]
    if len(counted) >= rule.limit:
        return _too_many(rule, counted, proposed_on)
    number = len(counted) + 1
    if counted:
        return _payable(NoticeTerms(number, rule.second_amount, None), rule, received_on)
    return _payable(NoticeTerms(number, rule.amount, rule.reduced_amount), rule, received_on)


def exclusion_notice_terms(rule: ExclusionNotice, received_on: date | None = None) -> NoticeTerms:
    """The terms of the notice for an excluded child in a public place: £60 in 21 days, else £120 in 28.

    The day of receipt is day 1. It is no notice of the national framework: it neither counts among the two
    in three years nor costs more after them, so that no earlier notice is asked for here.

    Source: Education (Penalty Notices) (England) Regulations 2007, reg 4(1), as kept by SI 2024/210, reg 4.
    """
    return _payable(NoticeTerms(None, rule.amount, rule.reduced_amount), rule, received_on)


def received_on(
    posted_on: date, rule: ServiceByPost, is_working_day: Callable[[date], bool] | None = None
) -> date:
    """The day on which a letter posted first class counts as received: day 1 of the days to pay.

    The second working day after the day of posting: posted on a Friday, received on Tuesday. Working days
    are Mondays to Fridays without the bank holidays of England, unless `is_working_day` says otherwise.
    Raises `CalendarEnds` where the bank holidays of the year are not known.

    Source: what local authorities' notices say; see the note of the rule.
    """
    counting = (is_working_day or _is_working_day) if rule.working_days else (lambda _: True)
    day, left = posted_on, rule.days
    while left:
        day += timedelta(days=1)
        left -= counting(day)
    return day


def _is_working_day(day: date) -> bool:
    holidays = bank_holidays()
    if not min(holidays).year <= day.year <= max(holidays).year:
        raise CalendarEnds(
            f"Whether {day} is a working day is not known: the bank holidays held are those from "
            f"{min(holidays).year} to {max(holidays).year}."
        )
    return day.weekday() < 5 and day not in holidays


def _payable(
    terms: NoticeTerms, rule: PenaltyNotice | ExclusionNotice, received_on: date | None
) -> NoticeTerms:
    """The terms with their last days to pay, once the day of receipt is known; that day is day 1."""
    if received_on is None:
        return terms
    return replace(
        terms,
        received_on=received_on,
        reduced_until_on=(
            None if terms.reduced_amount is None else received_on + timedelta(days=rule.reduced_days - 1)
        ),
        pay_until_on=received_on + timedelta(days=rule.days - 1),
    )


def _reason_against(rule: PenaltyNotice, offence: Offence, proposed_on: date) -> Problem | None:
    source = str(rule.source)
    for problem in reasons_against(offence, proposed_on, step="notice", ages=rule.ages, source=source):
        return problem
    if offence.from_on >= rule.counted_from_on:
        return None
    since = day_and_year(rule.counted_from_on)
    return Problem(
        "notice-absence-before-framework",
        Place(),
        f"The absence begins on {day_and_year(offence.from_on)}: absence before {since} falls under the "
        "local code of conduct then in force, not under the national framework.",
        f"Leave out the days before {since}, or ask the local authority what its code said.",
        source,
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
