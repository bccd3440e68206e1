"""Which code is suggested for a pupil at a session, and what is a person asked before it is used?

A suggestion never enters a mark. Only the marks of arriving, and an illness that a parent reports, are
entered at once; whatever else is suggested waits for a person, and the mark stays as it is meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time

from firstbell.duties.book import Book
from firstbell.duties.due import see
from firstbell.duties.leave import OBSERVANCE, decisions
from firstbell.duties.mornings import unreported_code
from firstbell.duties.of_arrangements import covered_by, leaves_out, licences_of, performance_code
from firstbell.duties.of_register import NOON, Away, aways, reasons_given, told_by_parents
from firstbell.duties.sight import Sight
from firstbell.facts import Fact
from firstbell.facts.absences import Arrived, ClosureDeclared
from firstbell.facts.provision import Excluded, ProviderReported, ProvisionAgreed
from firstbell.policy.parameters import (
    Appointment,
    Closed,
    Gate,
    LeaveDecision,
    Observance,
    PartTimeTimetable,
    Performance,
    PeriodWhile,
    ReasonGiven,
)
from firstbell.policy.rule import Rule
from firstbell.policy.rulebook import Rulebook
from firstbell.register import mark_on_arrival
from firstbell.sessions import LONDON, Half, Session

__all__ = ["Suggestion", "suggest_mark"]

OFF_SITE = ("alternative provision", "tuition")
"""Education that the school arranges away from its site."""


@dataclass(frozen=True)
class Suggestion:
    """A code, the rule that suggests it, what a person is asked first ("" for nothing), and the facts.

    `meanwhile` is the mark that stands until the person has decided.
    """

    code: str
    rule: str = ""
    asks: str = ""
    facts: tuple[str, ...] = ()
    meanwhile: str = ""


def suggest_mark(
    book: Book,
    rulebook: Rulebook,
    at: datetime,
    enrolment: str,
    session: Session,
    *,
    arrived: time | None = None,
    reason: str = "",
) -> Suggestion:
    """The code for a pupil at a session, from what is known at a moment.

    In this order: the school was closed; the pupil is excluded; leave or observance was decided or asked
    for; a licence for performances, a provider who reported, or a part-time timetable covers the session; an
    appointment; when the pupil arrived; the reason that was given. Without anything known it is the code for
    a reason that is not known.
    """
    sight = see(book, rulebook, at)
    row = sight.row_of[enrolment]
    if arrived is None and not reason:
        arrived = _arrived(sight, row, session)
    times = sight.times(session, row)
    looks = (
        *(_closed, _excluded, _leave, _observance),
        *(_performing, _taught_elsewhere, _part_time, _appointment),
    )
    for look in looks:
        for suggestion in look(sight, row, session):
            # Whoever has come in is marked by the minute, but for an appointment that explains it.
            if arrived is None or look is _closed:
                return suggestion
            if look is _appointment and times and arrived > times.closes:
                return _meanwhile(suggestion, sight, mark_on_arrival(arrived, session, times, sight.law))
    if arrived is not None and times is not None:
        return Suggestion(
            mark_on_arrival(arrived, session, times, sight.law), _times_rule(sight, session, row)
        )
    return _by_reason(sight, row, session, reason)


def _meanwhile(suggestion: Suggestion, sight: Sight, mark: str) -> Suggestion:
    """A suggestion for a pupil who has come in since: the mark of arriving stands until somebody decides.

    Without the evidence that the policy asks for nothing else is suggested.
    """
    code = mark if suggestion.code == sight.unknown_code else suggestion.code
    return replace(suggestion, code=code, meanwhile=mark if suggestion.meanwhile else "")


def _arrived(sight: Sight, row: int, session: Session) -> time | None:
    """When the late book has the pupil come in for a session; None if it does not."""
    for fact, _, at_row in sight.of(Arrived):
        local = fact.at.astimezone(LONDON)
        if at_row == row and fact.on == session.on and (local.hour < NOON) is (session.half is Half.AM):
            return local.time()
    return None


def _times_rule(sight: Sight, session: Session, row: int) -> str:
    for rule in sight.rules:
        if rule.kind == "register times" and sight.applies(rule.applies_to, row, session.on):
            halves = {"morning": Half.AM, "afternoon": Half.PM}
            if halves.get(getattr(rule.params, "session", ""), session.half) is session.half:
                return rule.id
    return ""


def _closed(sight: Sight, row: int, session: Session) -> Iterator[Suggestion]:
    rules = [rule for rule in sight.rules if isinstance(rule.params, Closed)]
    for fact, data in sight.facts.of(ClosureDeclared):
        group = sight.enrolments[row].year_group(session.on)
        inside = fact.on <= session.on <= (data.until_on or fact.on)
        if inside and (not data.year_groups or group in data.year_groups):
            yield Suggestion(data.code, rules[0].id if rules else "", facts=(fact.id,))


def _excluded(sight: Sight, row: int, session: Session) -> Iterator[Suggestion]:
    for fact, data, at_row in sight.of(Excluded):
        last_on = data.until_on or session.on
        if data.arranged_from_on is not None and session.on >= data.arranged_from_on:
            continue
        if at_row == row and data.from_on <= session.on <= last_on:
            yield Suggestion("E", facts=(fact.id,))


def _leave(sight: Sight, row: int, session: Session) -> Iterator[Suggestion]:
    """Leave that was granted has its code; refused and taken, a person is asked for G or O."""
    rule = next((one.id for one in sight.rules if one.kind == LeaveDecision.kind), "")
    for fact, asked, decided, at_row in decisions(sight):
        if at_row != row or asked.reason == OBSERVANCE or not asked.from_on <= session.on <= asked.until_on:
            continue
        if decided is None:
            continue
        if decided.grants(asked, session.on):
            yield Suggestion(decided.data.code, rule, facts=(fact.id, decided.fact.id))
        else:
            code = "G" if asked.reason == "holiday" else "O"
            asks = "refused leave taken: which code?"
            yield Suggestion(code, rule, asks, (fact.id, decided.fact.id), sight.unknown_code)


def _observance(sight: Sight, row: int, session: Session) -> Iterator[Suggestion]:
    rules = [rule for rule in sight.rules if isinstance(rule.params, Observance)]
    for fact, asked, decided, at_row in decisions(sight):
        if at_row != row or asked.reason != OBSERVANCE or not rules:
            continue
        params = rules[0].params
        assert isinstance(params, Observance)
        if not asked.from_on <= session.on <= asked.until_on:
            continue
        if session.on in asked.set_apart_on:
            asks = "" if decided is not None else rules[0].asks
            yield Suggestion(params.code, rules[0].id, asks, (fact.id,), sight.unknown_code)
        else:
            yield Suggestion("O", rules[0].id, rules[0].asks, (fact.id,), sight.unknown_code)


def _performing(sight: Sight, row: int, session: Session) -> Iterator[Suggestion]:
    """A day that a licence names has its code; of other days of a licence a person is asked."""
    code = performance_code(sight, session.on)
    licences = [one for one in licences_of(sight, row) if one[1].from_on <= session.on <= one[1].until_on]
    rule = _first_rule(sight, lambda one: isinstance(one.params, Performance))
    naming = [fact.id for fact, data in licences if session.on in data.days_on]
    if code and naming:
        yield Suggestion(code, rule, facts=(naming[0],))
    elif code and licences:
        asks = "the licence does not name the day: is it authorised?"
        yield Suggestion(code, rule, asks, (licences[0][0].id,), sight.unknown_code)


def _taught_elsewhere(sight: Sight, row: int, session: Session) -> Iterator[Suggestion]:
    """A pupil who came to where they are taught, as the provider says, was educated off site."""
    origins = sight.facts.origins
    agreed = {origins.get(fact.id, fact.id): data for fact, data, _ in sight.of_row(ProvisionAgreed, row)}
    for fact, said, _ in sight.of_row(ProviderReported, row):
        provision = agreed.get(origins.get(said.provision, said.provision))
        if provision is None or provision.of not in OFF_SITE or fact.on != session.on:
            continue
        if said.attended != "no" and said.halves in ("both", session.half.name):
            yield Suggestion("B", _first_rule(sight, _is_of_provision), facts=(fact.id,))


def _is_of_provision(rule: Rule) -> bool:
    """Whether a rule is about education elsewhere while it goes on, or before it starts."""
    params = rule.params
    if isinstance(params, Gate):
        return "start provision elsewhere" in params.actions
    return isinstance(params, PeriodWhile) and params.opened == ProvisionAgreed.kind


def _first_rule(sight: Sight, test: Callable[[Rule], bool]) -> str:
    return next((rule.id for rule in sight.rules if test(rule)), "")


def _part_time(sight: Sight, row: int, session: Session) -> Iterator[Suggestion]:
    """A session that an agreed part-time timetable leaves out, where its times say so plainly."""
    found = covered_by(sight, row, session.on)
    times = sight.times(session, row)
    if found is None or times is None:
        return
    rule, timetable = found
    params = rule.params if rule is not None else None
    code = params.code if isinstance(params, PartTimeTimetable) else "C2"
    if leaves_out(timetable.data, session, times):
        yield Suggestion(code, rule.id if rule is not None else "", facts=(timetable.fact.id,))


def _appointment(sight: Sight, row: int, session: Session) -> Iterator[Suggestion]:
    for rule in sight.rules:
        params = rule.params
        if not isinstance(params, Appointment) or params.asks_about != "code":
            continue
        for away in aways(sight, params.reasons, params.evidence):
            if away.row != row or away.fact.on != session.on:
                continue
            if not away.misses(sight, session.half):
                yield Suggestion(_back_by(sight, away, session), rule.id, facts=(away.fact.id,))
                continue
            # Until a person has decided it is what the register says: arriving has changed that already.
            meanwhile = _as_arrived(sight, row, session) or sight.unknown_code
            code = params.code if away.shown or not params.evidence else meanwhile
            yield Suggestion(code, rule.id, rule.asks, (away.fact.id,), meanwhile)


def _as_arrived(sight: Sight, row: int, session: Session) -> str:
    """The mark of whoever the late book has come in for a session; "" where it does not."""
    arrived, times = _arrived(sight, row, session), sight.times(session, row)
    return mark_on_arrival(arrived, session, times, sight.law) if arrived and times else ""


def _back_by(sight: Sight, away: Away, session: Session) -> str:
    """The code of who is there in spite of an appointment: late where it ends while the register is open."""
    times = sight.times(session, away.row)
    left, back = away.from_at or time.min, away.until_at
    if times is not None and back is not None and left <= times.opens < back <= times.closes:
        return mark_on_arrival(back, session, times, sight.law)
    return "/" if session.half is Half.AM else "\\"


def _by_reason(sight: Sight, row: int, session: Session, reason: str) -> Suggestion:
    source: Fact | None = None
    if not reason:
        for fact, given, first, last, at_row in reasons_given(sight):
            if at_row == row and first <= session.on <= last:
                reason, source = given, fact
    rule = _rule_for(sight, row, session, reason)
    if (rule is None or not isinstance(rule.params, ReasonGiven)) and reason in ("", "none given"):
        # A school may enter another code at once for whoever has not been reported.
        return Suggestion(*unreported_code(sight, row, session.on))
    if rule is None or not isinstance(rule.params, ReasonGiven):
        return Suggestion(sight.unknown_code)
    asks = "" if rule.params.at_once and (source is None or told_by_parents(source)) else rule.asks
    facts = (source.id,) if source else ()
    return Suggestion(rule.params.code, rule.id, asks, facts, "" if not asks else sight.unknown_code)


def _rule_for(sight: Sight, row: int, session: Session, reason: str) -> Rule | None:
    return next(
        (
            rule
            for rule in sight.rules
            if isinstance(rule.params, ReasonGiven)
            and reason in rule.params.reasons
            and sight.applies(rule.applies_to, row, session.on)
        ),
        None,
    )
