"""Notices that stand: which number each has, what is to be paid until when, and what their days ask for.

A penalty notice and the notice for an excluded child in a public place have sums; only penalty notices are
counted against the limit of the national framework. A notice to improve has a period.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import Fact
from firstbell.facts.cases import LetterSent
from firstbell.facts.school import NoticeConsidered, NoticeEnded, NoticeIssued, NoticePaid, NoticeWithdrawn
from firstbell.policy.parameters import NoticeDays
from firstbell.policy.rule import Form, Rule
from firstbell.problems import Problem
from firstbell.sessions import CalendarEnds, day_and_year
from firstbell.statute import EarlierNotice, exclusion_notice_terms, notice_terms
from firstbell.statute.values import ExclusionNotice, PenaltyNotice

__all__ = [
    "EXCLUSION",
    "IMPROVE",
    "LOOKING",
    "PENALTY",
    "Sums",
    "counted_notices",
    "days_to_pay",
    "notice_days_to_come",
    "number_of_notice",
    "standing_notices",
    "sums_of",
]

PENALTY, IMPROVE, EXCLUSION = "penalty notice", "notice to improve", "excluded in public place"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Sums:
    """What a notice asks for, in pounds, and until when; None for a lower sum that there is not."""

    whole: int
    lower: int | None
    whole_on: date | None
    lower_on: date | None


def standing_notices(
    sight: Sight, enrolment: str = "", parent: str = ""
) -> Iterator[tuple[Fact, NoticeIssued, int]]:
    """The notices that nobody has withdrawn, of a pupil and a parent if they are named, by their days."""
    withdrawn = sight.once("withdrawn", lambda: {data.notice for _, data in sight.facts.of(NoticeWithdrawn)})
    row_of = sight.row_of.get(enrolment, -1)
    own = sight.of_row(NoticeIssued, row_of) if enrolment else sight.of(NoticeIssued)
    for fact, data, row in sorted(own, key=lambda one: one[0].on):
        if parent in ("", fact.about.parent) and not _ids(sight, fact) & withdrawn:
            yield fact, data, row


def _ids(sight: Sight, fact: Fact) -> set[str]:
    """The ids by which other facts may name a fact: its own, and those of what it corrects."""
    return {fact.id, sight.facts.origins.get(fact.id, fact.id)}


def counted_notices(
    sight: Sight, enrolment: str, parent: str, before: Fact | None = None
) -> list[EarlierNotice]:
    """The penalty notices to a parent for a pupil that stand, for the law to count."""
    return [
        EarlierNotice(fact.about.parent, fact.about.enrolment, fact.on)
        for fact, data, _ in standing_notices(sight, enrolment, parent)
        if data.notice == PENALTY and (before is None or fact.on < before.on)
    ]


def number_of_notice(sight: Sight, fact: Fact, data: NoticeIssued) -> int:
    """Which notice it is to the parent for the child within three years: as it says, else by those before."""
    if data.within_three_years is not None:
        return data.within_three_years
    rule = sight.book.statute.on(fact.on).find(PenaltyNotice)
    parent, child = fact.about.parent, fact.about.enrolment
    if rule is None or not parent:
        return 1
    earlier = counted_notices(sight, child, parent, before=fact)
    terms = notice_terms(rule, parent=parent, child=child, proposed_on=fact.on, earlier=earlier)
    return rule.limit + 1 if isinstance(terms, Problem) else terms.number or 1


def sums_of(sight: Sight, fact: Fact, data: NoticeIssued) -> Sums | None:
    """The sums of a notice with their last days, as it says or as the law has them; None for one without.

    Where only the day of receipt is known the days are counted from it, which is day 1. A second notice of
    the framework has no lower sum; the notice for an excluded child always has one, and sums of its own.
    """
    law = sight.book.statute.on(fact.on)
    if data.notice == EXCLUSION and (own := law.find(ExclusionNotice)) is not None:
        terms = exclusion_notice_terms(own, data.received_on)
        return _stated(
            data, Sums(terms.amount, terms.reduced_amount, terms.pay_until_on, terms.reduced_until_on)
        )
    rule = law.find(PenaltyNotice)
    if data.notice != PENALTY or rule is None:
        return None
    first = number_of_notice(sight, fact, data) == 1
    whole, lower = (rule.amount, rule.reduced_amount) if first else (rule.second_amount, None)
    whole_on = lower_on = None
    if data.received_on is not None:
        whole_on = data.received_on + timedelta(days=rule.days - 1)
        lower_on = data.received_on + timedelta(days=rule.reduced_days - 1) if first else None
    return _stated(data, Sums(whole, lower, whole_on, lower_on))


def _stated(data: NoticeIssued, sums: Sums) -> Sums:
    """The sums and days that the notice itself states, before what the law would have."""
    lower = data.lower_pounds if data.lower_pounds is not None else sums.lower
    return Sums(
        data.pounds if data.pounds is not None else sums.whole,
        lower,
        data.pay_by_on or sums.whole_on,
        data.lower_by_on or sums.lower_on,
    )


def days_to_pay(sight: Sight, fact: Fact, data: NoticeIssued) -> tuple[date | None, date | None]:
    """The last days on which the lower and the whole sum of a notice can be paid; None for none."""
    sums = sums_of(sight, fact, data)
    return (sums.lower_on, sums.whole_on) if sums else (None, None)


# --- days that have come ---------------------------------------------------------------------------------


def _notice_days(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Days of notices that have come, or will in so many days."""
    for row in sorted({row for _, _, row in sight.of(NoticeIssued)}):
        yield from (one for one in _days_of(sight, rule, row) if one.arose_on <= sight.day)


def notice_days_to_come(sight: Sight, rule: Rule, row: int) -> Iterator[tuple[str, date]]:
    """The days of a pupil's notices that are still to come, each in words."""
    params = rule.params
    assert isinstance(params, NoticeDays)
    for one in _days_of(sight, rule, row):
        if one.arose_on > sight.day and one.holds and one.due_on is not None:
            day = one.because.named["day"]
            what = "ends" if params.day == "end" else f"is to be paid ({params.day})"
            yield f"The {params.notice} {what} by {day_and_year(cast(date, day))}.", one.due_on


def _days_of(sight: Sight, rule: Rule, row: int) -> Iterator[Occurrence]:
    """The days of a pupil's notices, those to come included."""
    params = rule.params
    assert isinstance(params, NoticeDays)
    for fact, data, _ in sight.of_row(NoticeIssued, row):
        if data.notice != params.notice or not sight.applies(rule.applies_to, row, fact.on):
            continue
        day = _day_of_notice(sight, params, fact, data, row)
        if day is None:
            continue
        # A day to pay by is over on the day after it; the end of a period is spoken of on the day.
        arises_on = day + _DAY if params.day != "end" else day
        if params.ahead is not None:
            group = sight.year_group(row, day)
            arises_on = max(params.ahead.before(day, sight.book.calendar, group), fact.on)
        named: dict[str, object] = {"notice": data.notice, "day": day}
        if length := _length(params, data.received_on or fact.on, day):
            named["length"] = length
        because = Because(facts=(fact.id,), named=named)
        holds = not _ids(sight, fact) & _closed(sight)
        if params.ahead is not None:
            # A reminder is for while there is time, and nobody has decided yet.
            holds = holds and sight.day <= day and not _is_decided(sight, fact, data)
            holds = holds and (rule.form is Form.LETTER or not _is_told_before(sight, fact, arises_on))
        yield Occurrence(
            rule, fact.about, fact.id, arises_on, because, due_on=max(day, arises_on), holds=holds
        )


def _closed(sight: Sight) -> frozenset[str]:
    """The ids of the notices that were paid, withdrawn or ended."""
    return sight.once("closed", lambda: _find_closed(sight))


def _find_closed(sight: Sight) -> frozenset[str]:
    paid = {data.notice for _, data in sight.facts.of(NoticePaid)}
    withdrawn = {data.notice for _, data in sight.facts.of(NoticeWithdrawn)}
    return frozenset(paid | withdrawn | {data.notice for _, data in sight.facts.of(NoticeEnded)})


def _is_decided(sight: Sight, fact: Fact, data: NoticeIssued) -> bool:
    """Whether somebody concluded what follows a notice to improve while it was running."""
    return data.notice == IMPROVE and any(
        one.about.enrolment == fact.about.enrolment
        and one.about.parent == fact.about.parent
        and one.known_at > fact.known_at
        and considered.outcome != IMPROVE
        for one, considered in sight.facts.of(NoticeConsidered)
    )


def _is_told_before(sight: Sight, fact: Fact, day: date) -> bool:
    """Whether the letter that a day of the notice asks for went out before a day: nobody is reminded then."""
    of = {
        rule.letter
        for rule in sight.rules
        if isinstance(rule.params, NoticeDays) and rule.form is Form.LETTER and rule.params.notice == IMPROVE
    }
    return any(
        one.about.enrolment == fact.about.enrolment
        and one.about.parent in ("", fact.about.parent)
        and data.letter in of
        and fact.on <= one.on < day
        for one, data in sight.facts.of(LetterSent)
    )


def _length(params: NoticeDays, on: date, day: date) -> str:
    """How long the period of a notice to improve is, beside what it may be; "" where nothing says."""
    if params.day != "end" or params.shortest_weeks is None or params.longest_weeks is None:
        return ""
    if day < on + timedelta(weeks=params.shortest_weeks):
        return f"shorter than {params.shortest_weeks} weeks"
    if day > on + timedelta(weeks=params.longest_weeks):
        return f"longer than {params.longest_weeks} weeks"
    return f"{params.shortest_weeks} to {params.longest_weeks} weeks"


def _day_of_notice(sight: Sight, params: NoticeDays, fact: Fact, data: NoticeIssued, row: int) -> date | None:
    if params.day != "end":
        lower_on, whole_on = days_to_pay(sight, fact, data)
        return lower_on if params.day == "lower sum" else whole_on
    if data.until_on is not None or params.lasts is None:
        return data.until_on
    on = data.received_on or fact.on
    try:
        return params.lasts.after(on, sight.book.calendar, sight.year_group(row, on))
    except CalendarEnds:
        return None


LOOKING: dict[str, Looking] = {NoticeDays.kind: _notice_days}
