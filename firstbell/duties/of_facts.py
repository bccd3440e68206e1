"""What follows from something that was recorded, at once or when a day that it names has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from firstbell.duties.duty import Because, Occurrence, parts_of_key
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import KINDS, About, Data, Fact
from firstbell.facts.absences import EvidenceAsked, EvidenceReceived
from firstbell.facts.cases import LeaveAsked, MeetingInvited, PlanEnded, PlanReviewed
from firstbell.facts.school import (
    NoticeEnded,
    NoticeIssued,
    NoticePaid,
    NoticeWithdrawn,
)
from firstbell.policy.parameters import EvidenceOverdue, Following, Leaving, NewPupil, NoticeDays, ReviewDue
from firstbell.policy.rule import Form, Rule
from firstbell.problems import Problem
from firstbell.sessions import CalendarEnds
from firstbell.statute import EarlierNotice, notice_terms
from firstbell.statute.values import PenaltyNotice

__all__ = ["LOOKING", "days_to_pay", "number_of_notice"]

_DAY = timedelta(days=1)


def _following(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each fact of the kind, with the parts that the rule names."""
    params = rule.params
    assert isinstance(params, Following)
    for fact, data in sight.facts.of(KINDS[params.fact]):
        if not all(_says(sight, data, name, value) for name, value in params.where.items()):
            continue
        row = sight.row_of.get(fact.about.enrolment)
        if fact.about.enrolment and (row is None or not sight.applies(rule.applies_to, row, fact.on)):
            continue
        group = sight.enrolments[row].year_group(fact.on) if row is not None else None
        try:
            due_on = params.within.after(fact.on, sight.book.calendar, group) if params.within else fact.on
        except CalendarEnds:
            continue
        about = About(enrolment=fact.about.enrolment, group=fact.about.group, staff=fact.about.staff)
        because = Because(facts=(fact.id,), named={"fact": fact.kind, "on": fact.on})
        # What is to be asked about a request is asked before the leave begins.
        holds = not isinstance(data, LeaveAsked) or sight.day < max(data.from_on, fact.on + _DAY)
        if isinstance(data, MeetingInvited):
            holds = sight.day <= data.meeting_on
        yield Occurrence(rule, about, fact.id, fact.on, because, due_on=due_on, holds=holds)


def _says(sight: Sight, data: Data, name: str, value: str | bool | int) -> bool:
    """Whether a part of a fact has a value. A question is known by the duty that it answers, if it can be."""
    said = getattr(data, name)
    key = getattr(data, "duty", "")
    if name == "question" and key:
        rule = parts_of_key(key)[0]
        asked = next((one.asks for one in sight.rules if one.id == rule), said)
        return bool(asked == value)
    if isinstance(said, str) and isinstance(value, str):
        return said.casefold() == value.casefold()
    return bool(said == value)


def _evidence_overdue(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Evidence that was asked for and did not come by its day."""
    params = rule.params
    assert isinstance(params, EvidenceOverdue)
    for fact, data, row in sight.of(EvidenceAsked):
        if data.by_on is None or data.of not in params.of or not sight.applies(rule.applies_to, row, fact.on):
            continue
        received = [
            one
            for one, shown, _ in sight.of_row(EvidenceReceived, row)
            if shown.of == data.of and one.on >= fact.on
        ]
        over_on = data.by_on + timedelta(days=1)
        if over_on > sight.day or any(one.on <= data.by_on for one in received):
            continue
        first, last = data.from_on or fact.on, data.until_on or data.from_on or fact.on
        cells = sight.sessions_of(sight.absent, row, first, last)
        because = Because(cells, facts=(fact.id,), named={"of": data.of, "by": data.by_on})
        yield Occurrence(rule, fact.about, fact.id, over_on, because, holds=not received)


def _review_due(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The days of review that facts name."""
    params = rule.params
    assert isinstance(params, ReviewDue)
    kinds = tuple(KINDS[name] for name in params.facts)
    ended = {data.plan for _, data in sight.facts.of(PlanEnded)}
    reviews = list(sight.facts.of(PlanReviewed))
    for fact in sight.facts:
        if not isinstance(fact.data, kinds):
            continue
        plan = getattr(fact.data, "plan", "") if isinstance(fact.data, PlanReviewed) else fact.id
        row = sight.row_of.get(fact.about.enrolment)
        if fact.about.enrolment and (row is None or not sight.applies(rule.applies_to, row, fact.on)):
            continue
        for day in _days_of_review(fact):
            arises_on = params.ahead.before(day, sight.book.calendar) if params.ahead else day
            if arises_on > sight.day:
                continue
            done = tuple(one.id for one, data in reviews if data.plan == plan and one.on > fact.on)
            because = Because(facts=(fact.id,), named={"fact": fact.kind, "review_on": day})
            about = About(enrolment=fact.about.enrolment, group=fact.about.group, staff=fact.about.staff)
            yield Occurrence(
                rule,
                about,
                f"{fact.id}:{day}",
                max(arises_on, fact.on),
                because,
                due_on=day,
                holds=plan not in ended,
                shown_done=done[:1],
            )


def _days_of_review(fact: Fact) -> tuple[date, ...]:
    value = getattr(fact.data, "review_on", None)
    if isinstance(value, date):
        return (value,)
    return tuple(value) if value else ()


# --- notices ---------------------------------------------------------------------------------------------


def _origins(sight: Sight, fact: Fact) -> set[str]:
    """The ids by which other facts may name a fact: its own, and those of what it corrects."""
    return {fact.id, sight.facts.origins.get(fact.id, fact.id)}


def number_of_notice(sight: Sight, fact: Fact, data: NoticeIssued) -> int:
    """Which notice it is to the parent for the child within three years: as it says, else by those before."""
    if data.within_three_years is not None:
        return data.within_three_years
    withdrawn = {one.notice for _, one in sight.facts.of(NoticeWithdrawn)}
    earlier = [
        EarlierNotice(one.about.parent, one.about.enrolment, one.on)
        for one, issued in sight.facts.of(NoticeIssued)
        if issued.notice == data.notice and not _origins(sight, one) & withdrawn and one.on < fact.on
    ]
    rule = sight.book.statute.on(fact.on).find(PenaltyNotice)
    if rule is None or not fact.about.parent:
        return 1
    terms = notice_terms(
        rule, parent=fact.about.parent, child=fact.about.enrolment, proposed_on=fact.on, earlier=earlier
    )
    return rule.limit + 1 if isinstance(terms, Problem) else terms.number or 1


def days_to_pay(sight: Sight, fact: Fact, data: NoticeIssued) -> tuple[date | None, date | None]:
    """The last days on which the lower and the whole sum of a penalty notice can be paid.

    As the notice says or, where only the day of receipt is known, counted from it as day 1. None for the
    lower sum where there is none: a second notice has no reduction.
    """
    rule = sight.book.statute.on(fact.on).find(PenaltyNotice)
    lower_on, whole_on = data.lower_by_on, data.pay_by_on
    if data.received_on is not None and rule is not None:
        whole_on = whole_on or data.received_on + timedelta(days=rule.days - 1)
        if number_of_notice(sight, fact, data) == 1:
            lower_on = lower_on or data.received_on + timedelta(days=rule.reduced_days - 1)
    return lower_on, whole_on


def _notice_days(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Days of notices that have come, or will in so many days."""
    params = rule.params
    assert isinstance(params, NoticeDays)
    closed = {data.notice for _, data in sight.facts.of(NoticePaid)}
    closed |= {data.notice for _, data in sight.facts.of(NoticeWithdrawn)}
    closed |= {data.notice for _, data in sight.facts.of(NoticeEnded)}
    for fact, data, row in sight.of(NoticeIssued):
        if data.notice != params.notice or not sight.applies(rule.applies_to, row, fact.on):
            continue
        day = _day_of_notice(sight, params, fact, data)
        if day is None:
            continue
        # A day to pay by is over on the day after it; the end of a period is spoken of on the day.
        arises_on = day + timedelta(days=1) if params.day != "end" else day
        if params.ahead is not None:
            arises_on = params.ahead.before(day, sight.book.calendar)
        if arises_on > sight.day:
            continue
        origin = sight.facts.origins.get(fact.id, fact.id)
        named: dict[str, object] = {"notice": data.notice, "day": day}
        if length := _length(params, data.received_on or fact.on, day):
            named["length"] = length
        because = Because(facts=(fact.id,), named=named)
        holds = fact.id not in closed and origin not in closed and (params.ahead is None or sight.day <= day)
        yield Occurrence(
            rule, fact.about, fact.id, arises_on, because, due_on=max(day, arises_on), holds=holds
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


def _day_of_notice(sight: Sight, params: NoticeDays, fact: Fact, data: NoticeIssued) -> date | None:
    if params.day == "end":
        return data.until_on
    lower_on, whole_on = days_to_pay(sight, fact, data)
    return lower_on if params.day == "lower sum" else whole_on


# --- the admission register ------------------------------------------------------------------------------


def _new_pupil(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Names entered since the calendar begins; not in the youngest class on the year's first day."""
    params = rule.params
    assert isinstance(params, NewPupil)
    calendar = sight.book.calendar
    for row, one in enumerate(sight.enrolments):
        year = calendar.year(one.starts_on)
        if one.starts_on <= calendar.starts_on or one.starts_on > sight.day or year is None:
            continue
        own = calendar.school_days(year.starts_on, year.ends_on, one.year_group(one.starts_on))
        first_day = not own or one.starts_on <= own[0]
        if first_day and one.year_group(one.starts_on) in _juniors(sight, params, one.starts_on):
            continue
        if not sight.applies(rule.applies_to, row, one.starts_on):
            continue
        due_on = one.starts_on + timedelta(days=params.days)
        because = Because(named={"starts": one.starts_on, "days": params.days})
        yield Occurrence(rule, sight.about(row), "entered", one.starts_on, because, due_on=due_on)


def _juniors(sight: Sight, params: NewPupil, day: date) -> tuple[str, ...]:
    """The year groups in which pupils start: as the rule says, else the youngest of the school."""
    return params.most_junior or _in_order(sight, day)[:1]


def _in_order(sight: Sight, day: date) -> tuple[str, ...]:
    """The year groups on roll on a day, the youngest first."""
    return sight.once(("year groups", day), lambda: _put_in_order(sight, day))


def _put_in_order(sight: Sight, day: date) -> tuple[str, ...]:
    groups = {one.year_group(day) or "" for one in sight.enrolments if one.on_roll(day)} - {""}
    return tuple(sorted(groups, key=_place_of_year))


def _place_of_year(group: str) -> tuple[int, int, str]:
    stage = 0 if group.startswith("N") else 1 if group == "R" else 2
    return stage, int(group) if group.isdigit() else 0, group


def _leaving(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Names that are, or are about to be, taken off the register."""
    params = rule.params
    assert isinstance(params, Leaving)
    for row, one in enumerate(sight.enrolments):
        if one.ends_on is None:
            continue
        arises_on = max(params.ahead.before(one.ends_on, sight.book.calendar), one.starts_on)
        if arises_on > sight.day or not sight.applies(rule.applies_to, row, one.ends_on):
            continue
        if _is_standard(sight, one.ends_on, one.year_group(one.ends_on), params):
            continue
        if params.flags and not sight.flags(one.id, one.ends_on) & {*params.flags}:
            continue
        because = Because(named={"leaving": one.ends_on})
        holds = rule.form is Form.RETURN or sight.day <= one.ends_on
        yield Occurrence(
            rule, sight.about(row), "leaving", arises_on, because, due_on=one.ends_on, holds=holds
        )


def _is_standard(sight: Sight, ends_on: date, group: str | None, params: Leaving) -> bool:
    """Whether a pupil leaves with the whole of the oldest class, at the end of its last term."""
    if group not in (params.most_senior or _in_order(sight, ends_on)[-1:]):
        return False
    year = sight.book.calendar.year(ends_on)
    last_on = sight.last_school_day(year) if year else None
    return last_on is not None and ends_on >= last_on


LOOKING: dict[str, Looking] = {
    Following.kind: _following,
    EvidenceOverdue.kind: _evidence_overdue,
    ReviewDue.kind: _review_due,
    NoticeDays.kind: _notice_days,
    NewPupil.kind: _new_pupil,
    Leaving.kind: _leaving,
}
