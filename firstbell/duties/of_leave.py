"""What a request for leave asks of the headteacher, and what follows from the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.leave import OBSERVANCE, decisions, taken_though_refused
from firstbell.duties.leave_tests import BLOCK, EXCEPTIONAL, REFUSE, advice_on, days_of_notice
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import About
from firstbell.facts.cases import LeaveAsked
from firstbell.policy.parameters import AfterLeave, LeaveDecision, Observance, RefusedTaken
from firstbell.policy.rule import Rule
from firstbell.sessions import Session

__all__ = ["LOOKING"]

# --- the decision ----------------------------------------------------------------------------------------


def _leave_decision(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each request for leave that is none for religious observance."""
    params = rule.params
    assert isinstance(params, LeaveDecision)
    for fact, asked, decided, row in decisions(sight):
        if asked.reason == OBSERVANCE or not sight.applies(rule.applies_to, row, fact.on):
            continue
        advice = advice_on(sight, fact, asked, row)
        says = {one.says for one in advice}
        named: dict[str, object] = {"days": _school_days(sight, asked, row), "reason": asked.reason}
        for one in advice:
            named |= one.because.named
        named["advised_by"] = tuple(one.rule.id for one in advice)
        named["considerations"] = params.considerations
        suggests = ""
        if BLOCK in says or (REFUSE in says and EXCEPTIONAL not in says):
            suggests = REFUSE
        yield Occurrence(
            rule,
            About(enrolment=fact.about.enrolment),
            fact.id,
            fact.on,
            Because(facts=(fact.id,), named=named),
            due_on=max(fact.on, asked.from_on - timedelta(days=1)),
            suggests=suggests,
            advice=advice,
            shown_done=(decided.fact.id,) if decided else (),
        )


def _school_days(sight: Sight, asked: LeaveAsked, row: int) -> int:
    group = sight.enrolments[row].year_group(asked.from_on)
    return len(sight.book.calendar.school_days(asked.from_on, asked.until_on, group))


def _after_leave(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """What follows a decision on a request."""
    params = rule.params
    assert isinstance(params, AfterLeave)
    for fact, asked, decided, row in decisions(sight):
        if decided is None or asked.reason == OBSERVANCE:
            continue
        if (decided.data.granted != "no") is not params.granted:
            continue
        if params.abroad is not None and asked.abroad is not params.abroad:
            continue
        if not sight.applies(rule.applies_to, row, decided.fact.on):
            continue
        on = decided.fact.on
        due_on = max(on, asked.from_on - timedelta(days=1)) if params.before_leave else on
        named = {"from": asked.from_on, "until": asked.until_on, "abroad": asked.abroad}
        yield Occurrence(
            rule,
            About(enrolment=fact.about.enrolment),
            fact.id,
            on,
            Because(facts=(fact.id, decided.fact.id), named=named),
            due_on=due_on,
            # What is to be said of a leave is said before it is over.
            holds=sight.day <= asked.until_on,
        )


def _refused_taken(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Leave that was refused and taken, for each parent who took part in it."""
    assert isinstance(rule.params, RefusedTaken)
    for taken in taken_though_refused(sight):
        if not sight.applies(rule.applies_to, taken.row, taken.missed[0].on):
            continue
        asked, enrolment = taken.asked, taken.fact.about.enrolment
        parents = dict.fromkeys((*asked.travelling, *([asked.applied_by] if asked.applied_by else [])))
        named = {"sessions": len(taken.missed), "days": len({session.on for session in taken.missed})}
        for parent in tuple(parents) or sight.book.parents.get(enrolment, ()) or ("",):
            yield Occurrence(
                rule,
                About(enrolment=enrolment, parent=parent),
                taken.fact.id,
                taken.missed[0].on,
                Because(taken.missed, facts=(taken.fact.id, taken.decided.id), named=named),
            )


def _observance(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each school day of a request for religious observance: set apart by the parent's body, or not."""
    params = rule.params
    assert isinstance(params, Observance)
    for fact, asked, decided, row in decisions(sight):
        if asked.reason != OBSERVANCE or not sight.applies(rule.applies_to, row, fact.on):
            continue
        group = sight.enrolments[row].year_group(asked.from_on)
        for day in sight.book.calendar.school_days(asked.from_on, asked.until_on, group):
            set_apart = day in asked.set_apart_on
            named: dict[str, object] = {
                "day": day,
                "set_apart": set_apart,
                "requested": fact.on,
                "in_advance": fact.on < day,
            }
            if params.notice is not None:
                # Late notice is recorded. It is no ground to refuse a day that is set apart.
                met = params.notice.between(fact.on, day, sight.book.calendar, group)
                days = days_of_notice(sight, params.notice, fact.on, day, group)
                named |= {"notice_days": days, "notice_met": met}
            yield Occurrence(
                rule,
                About(enrolment=fact.about.enrolment),
                f"{fact.id}:{day}",
                fact.on,
                Because(tuple(_sessions_on(sight, row, day)), facts=(fact.id,), named=named),
                due_on=max(fact.on, day - timedelta(days=1)),
                # Where nobody has said which days are set apart, there is nothing to suggest.
                suggests="authorise" if set_apart else "not authorised" if asked.set_apart_on else "",
                shown_done=(decided.fact.id,) if decided else (),
            )


def _sessions_on(sight: Sight, row: int, day: date) -> tuple[Session, ...]:
    group = sight.enrolments[row].year_group(day)
    return sight.book.calendar.sessions(day, day, group)


LOOKING: dict[str, Looking] = {
    LeaveDecision.kind: _leave_decision,
    AfterLeave.kind: _after_leave,
    RefusedTaken.kind: _refused_taken,
    Observance.kind: _observance,
}
