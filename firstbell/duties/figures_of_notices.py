"""Figures of notices, court days, arrangements and of what is kept: sums, and days as texts.

Of a notice it is the last that stands, of the parent who is named; a day that there is not is an empty text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from firstbell.duties.figuring import About, Figure, Value
from firstbell.duties.keeping import kept_until
from firstbell.duties.of_arrangements import full_time_by, hours, licensed_education
from firstbell.duties.of_court import cases_of, orders_of
from firstbell.duties.of_notices import EXCLUSION, PENALTY, Sums, counted_notices, standing_notices, sums_of
from firstbell.duties.sight import Sight
from firstbell.facts.school import NoticePaid
from firstbell.problems import Problem
from firstbell.statute import EarlierNotice, notice_terms
from firstbell.statute.notices import counts
from firstbell.statute.values import PenaltyNotice
from firstbell.statute.years import months_after

__all__ = ["OF_NOTICES"]


def _text(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


# --- sums ------------------------------------------------------------------------------------------------


def _sums(sight: Sight, about: About) -> Iterator[tuple[str, Sums]]:
    """The sums of the notices that stand, by the ids of the notices, in the order of their days."""
    for fact, data, row in standing_notices(sight, parent=about.parent):
        sums = sums_of(sight, fact, data)
        if row in about.rows and fact.on <= about.last_on and sums is not None:
            yield fact.id, sums


def _last_day(which: Callable[[Sums], date | None]) -> Callable[[Sight, About], Value]:
    def day(sight: Sight, about: About) -> Value:
        every = [sums for _, sums in _sums(sight, about)]
        return _text(which(every[-1])) if every else ""

    return day


def _sums_for(notice: str) -> Callable[[Sight, About], Value]:
    def found(sight: Sight, about: About) -> Value:
        return _sums_to_pay(sight, about, notice)

    return found


def _sums_to_pay(sight: Sight, about: About, notice: str) -> int:
    """What the family has paid, or would have to pay on the day, for the notices of a sort that stand."""
    paid = {data.notice: data.pounds for _, data in sight.facts.of(NoticePaid)}
    those = {fact.id for fact, data, _ in standing_notices(sight) if data.notice == notice}
    total = 0
    for key, sums in _sums(sight, about):
        if key in those:
            lower = sums.lower_on is not None and about.last_on <= sums.lower_on and sums.lower is not None
            origin = sight.facts.origins.get(key, key)
            total += paid.get(key, paid.get(origin, (sums.lower or 0) if lower else sums.whole))
    return total


# --- how many --------------------------------------------------------------------------------------------


def _counted(sight: Sight, about: About) -> list[EarlierNotice]:
    """The penalty notices to the parent, or to any, that were issued by the day."""
    children = [sight.enrolments[row].id for row in about.rows]
    every = [one for child in children for one in counted_notices(sight, child, about.parent)]
    return [one for one in every if one.issued_on <= about.last_on]


def _in_three_years(sight: Sight, about: About) -> Value:
    rule = sight.book.statute.on(about.last_on).find(PenaltyNotice)
    return sum(counts(rule, one, about.last_on) for one in _counted(sight, about)) if rule else 0


def _next_from(sight: Sight, about: About) -> Value:
    """The first day, from that of asking on, on which the law allows another notice to the parent."""
    rule = sight.book.statute.on(about.last_on).find(PenaltyNotice)
    if rule is None or not about.rows:
        return ""
    earlier = _counted(sight, about)
    days = sorted({about.last_on, *(_over_on(rule, one) for one in earlier)})
    child, parents = sight.enrolments[about.rows[0]].id, {one.parent for one in earlier} or {about.parent}
    for day in days:
        terms = [
            notice_terms(rule, parent=parent, child=child, proposed_on=day, earlier=earlier)
            for parent in parents
        ]
        if day >= about.last_on and all(not isinstance(one, Problem) for one in terms):
            return _text(day)
    return ""


def _over_on(rule: PenaltyNotice, notice: EarlierNotice) -> date:
    """The first day on which a notice does not count any more."""
    day = months_after(notice.issued_on, 12 * rule.within_years)
    return day if not counts(rule, notice, day) else day + timedelta(days=1)


# --- other days ------------------------------------------------------------------------------------------


def _order_ends(sight: Sight, about: About) -> Value:
    orders = [one for row in about.rows for one in orders_of(sight, row)]
    if not orders:
        return ""
    last = orders[-1]
    return _text(last.ended_by.on if last.ended_by is not None else last.made.until_on)


def _proceedings_latest(sight: Sight, about: About) -> Value:
    cases = [one for row in about.rows for one in cases_of(sight, row)]
    return _text(max((one.last_on for one in cases), default=None))


def _full_time_by(sight: Sight, about: About) -> Value:
    return _text(full_time_by(sight, about.rows[0], about.last_on)) if about.rows else ""


def _kept_until(sight: Sight, about: About) -> Value:
    return _text(kept_until(sight, about.last_on))


def _licence_hours(taught: bool) -> Callable[[Sight, About], Value]:
    def found(sight: Sight, about: About) -> Value:
        days = [
            one for row in about.rows for one in licensed_education(sight, row, about.first_on, about.last_on)
        ]
        return hours(sum(one.counted if taught else one.needed for one in days))

    return found


OF_NOTICES: Mapping[str, Figure] = {
    "penalty sums": Figure(
        "what the family paid or has to pay for penalty notices, in pounds", _sums_for(PENALTY)
    ),
    "exclusion sums": Figure(
        "what it paid or has to pay for notices of an excluded pupil in a public place, in pounds",
        _sums_for(EXCLUSION),
    ),
    "lower sum until": Figure(
        "the last day on which the lower sum of the last notice is enough; empty where it has none",
        _last_day(lambda sums: sums.lower_on),
    ),
    "whole sum until": Figure(
        "the last day on which the sum of the last notice can be paid", _last_day(lambda sums: sums.whole_on)
    ),
    "notices in three years": Figure(
        "how many penalty notices count against another one issued on the day", _in_three_years
    ),
    "next notice from": Figure(
        "the first day, from the day itself on, on which the limit allows another penalty notice", _next_from
    ),
    "order ends": Figure("the last day of the last education supervision order", _order_ends),
    "proceedings latest": Figure(
        "the last day to begin proceedings for the last offence that a court step names", _proceedings_latest
    ),
    "full time by": Figure(
        "the last school day of the part-time timetable's weeks, or of its own if that is earlier",
        _full_time_by,
    ),
    "kept until": Figure(
        "the first day on which the register's entry of the last of the days may go", _kept_until
    ),
    "licence hours needed": Figure(
        "hours of education that a licence asks for on the days: so many for each required school day",
        _licence_hours(False),
    ),
    "licence hours taught": Figure(
        "hours that count: taught elsewhere or attended, on one day at most what the rule counts",
        _licence_hours(True),
    ),
}
"""These figures by name."""
