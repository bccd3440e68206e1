"""What a morning asks, by the minute: of a pupil who is not there, and of one who is gone during the day.

What a step came to is read from the facts. It is done once somebody was written to or rung; it fails when
nobody answered; and nothing more is due once the school is satisfied that the child is safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.mornings import (
    SAVED,
    NotThere,
    awaited,
    calls,
    clock,
    confirming,
    covers,
    end_of,
    failed_at,
    in_time_before,
    not_there,
    reported_for,
    rung,
    starts_at,
    stated_until,
    told_on,
    written_to,
)
from firstbell.duties.of_register import NOON, arrivals_of
from firstbell.duties.sight import Looking, Sight, is_contact
from firstbell.facts import About, Fact
from firstbell.facts.absences import AbsenceReported, FoundSafe
from firstbell.facts.missing import MissingClosed, MissingNoticed, MissingStep
from firstbell.policy.case_parameters import MissingPupil, MorningStep
from firstbell.policy.parameters import ReportDeadline
from firstbell.policy.rule import Form, Rule
from firstbell.sessions import LONDON

__all__ = ["LOOKING", "still_to_come"]

DURING_THE_DAY = ("missing during the day",)


# --- the time by which parents report --------------------------------------------------------------------


def _report_deadline(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils not there, with no reason known, at the time by which parents report."""
    params = rule.params
    assert isinstance(params, ReportDeadline)
    for one in _of_deadline(sight, rule, params):
        if not sight.applies(rule.applies_to, one.row, one.on):
            continue
        due_at = _listed_at(rule, params, one)
        if due_at > sight.at:
            continue
        end_at = end_of(one.on)
        reports = [fact for fact in reported_for(sight, params, one.row, one.on) if fact.known_at <= end_at]
        covering = [fact for fact in reports if covers(sight, params, fact, one.row, one.on)]
        if any(fact.known_at < max(due_at, in_time_before(params, one.on)) for fact in covering):
            continue
        explained = bool(covering) or any(is_contact(fact) and fact.on == one.on for fact in reports)
        explained = explained or _is_there(sight, one)
        yield Occurrence(
            rule,
            sight.about(one.row),
            one.on.isoformat(),
            one.on,
            _because_of_deadline(sight, params, one),
            due_at=due_at,
            # The list is of its day; whoever has not been reached still has to be on the next.
            holds=one.still and not explained and (one.on == sight.day or rule.form is not Form.LIST),
        )


def _of_deadline(sight: Sight, rule: Rule, params: ReportDeadline) -> Sequence[NotThere]:
    """Whom a deadline is about: a list has those as well whom nobody has marked yet."""
    found = not_there(sight, params)
    if rule.form is not Form.LIST or params.acts != SAVED:
        return found
    seen = {one.row for one in found if one.on == sight.day}
    return [*found, *(one for one in awaited(sight) if one.row not in seen)]


def _listed_at(rule: Rule, params: ReportDeadline, one: NotThere) -> datetime:
    """From when on a pupil is asked about: the time itself in the morning, for whoever acts at the close.

    A list shows from the time itself whom a saved register names later. Nobody is asked about before a
    provider has said so.
    """
    at_once = params.acts != SAVED or rule.form is Form.LIST
    if at_once and not one.afternoon and not one.facts:
        return clock(one.on, params.by)
    return starts_at(params, one)


def _because_of_deadline(sight: Sight, params: ReportDeadline, one: NotThere) -> Because:
    named: dict[str, object] = {"by": f"{params.by:%H:%M}"}
    facts = one.facts
    said = _said_before(sight, one)
    if said is not None:
        facts, named["reported"] = (*facts, said.id), said.on
    return Because(sight.sessions(one.places), facts=facts, named=named)


def _said_before(sight: Sight, one: NotThere) -> Fact | None:
    """An earlier report of an absence that, as it was stated, goes on until the day."""
    lasting = sight.once("reports that last", lambda: _reports_that_last(sight))
    for fact, last_on in reversed(lasting.get(one.row, ())):
        if fact.on < one.on <= last_on and fact.known_at < end_of(one.on):
            return fact
    return None


def _reports_that_last(sight: Sight) -> dict[int, list[tuple[Fact, date]]]:
    """The reports that say how long an absence goes on, by row, each with the last day of it."""
    found: dict[int, list[tuple[Fact, date]]] = {}
    for fact, data, row in sight.of(AbsenceReported):
        last_on = stated_until(sight, fact, data, row)
        if last_on is not None:
            found.setdefault(row, []).append((fact, last_on))
    return found


def _is_there(sight: Sight, one: NotThere) -> bool:
    """Whether a pupil has come in since: the late book knows it before the register does."""
    came = (fact.at.astimezone(LONDON) for fact in arrivals_of(sight, one.row, one.on))
    return any(at.hour >= NOON or not one.afternoon for at in came)


# --- the steps of the morning ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    """A step for one pupil: from when on it is due, of which contact, what it follows, what shows it done."""

    due_at: datetime
    contact: str = ""
    named: Mapping[str, object] | None = None
    done: Sequence[Fact] = ()


def _morning_step(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """One step of the morning for each pupil who was not there: all those due in their minute."""
    params = rule.params
    assert isinstance(params, MorningStep)
    for one in not_there(sight, params):
        if starts_at(params, one) > sight.at or not sight.applies(rule.applies_to, one.row, one.on):
            continue
        satisfied = confirming(sight, params, one)
        for step in STEPS[params.step](sight, params, one, satisfied):
            # What was known before is no reason to ring; what became known since ends it.
            if step.due_at > sight.at or _known_by(params, step, satisfied):
                continue
            about = About(enrolment=sight.enrolments[one.row].id, parent=step.contact)
            yield Occurrence(
                rule,
                about,
                one.on.isoformat(),
                one.on,
                _because_of_step(sight, params, one, step),
                due_at=step.due_at,
                holds=one.still and not satisfied and one.on == sight.day,
                shown_done=tuple(fact.id for fact in step.done[:1]),
            )


def _known_by(params: MorningStep, step: _Step, satisfied: Sequence[Fact]) -> bool:
    """Whether it was known before a step was due that all is well; of `safe by` the minute itself counts."""
    if params.step == "safe by":
        return any(fact.known_at <= step.due_at for fact in satisfied)
    return any(fact.known_at < step.due_at for fact in satisfied)


def _because_of_step(sight: Sight, params: MorningStep, one: NotThere, step: _Step) -> Because:
    flags = sight.flags(sight.enrolments[one.row].id, one.on)
    named: dict[str, object] = {
        "by": f"{params.by:%H:%M}",
        "since": f"{one.since.astimezone(LONDON):%H:%M}",
        "call_first": bool(flags & {*params.first}),
        **({"contact": step.contact} if step.contact else {}),
        **(step.named or {}),
    }
    return Because(sight.sessions(one.places), facts=one.facts, named=named)


def _message(sight: Sight, params: MorningStep, one: NotThere, _satisfied: Sequence[Fact]) -> Iterator[_Step]:
    yield _Step(starts_at(params, one), done=written_to(sight, one, clock(one.on, params.by)))


def _primary_contact(
    sight: Sight, params: MorningStep, one: NotThere, _satisfied: Sequence[Fact]
) -> Iterator[_Step]:
    order = calls(sight, one)
    contact, made = next(iter(order.items()))
    yield _Step(starts_at(params, one), contact, _place(contact, order), made)


def _other_contacts(
    sight: Sight, params: MorningStep, one: NotThere, _satisfied: Sequence[Fact]
) -> Iterator[_Step]:
    """Each contact after the first, from the minute in which the call to the one before failed."""
    order = calls(sight, one)
    for (_, before), (contact, made) in pairwise(order.items()):
        failed = failed_at(before)
        if failed is not None:
            due_at = max(starts_at(params, one), failed)
            named = {"failed": f"{failed.astimezone(LONDON):%H:%M}", **_place(contact, order)}
            yield _Step(due_at, contact, named, made)


def _place(contact: str, order: Mapping[str, object]) -> dict[str, object]:
    """Which of the contacts somebody is, in the order in which they are rung; nothing where none is known."""
    return {"number": 1 + list(order).index(contact), "contacts": len(order)} if contact else {}


def _every_step(
    sight: Sight, params: MorningStep, one: NotThere, _satisfied: Sequence[Fact]
) -> Iterator[_Step]:
    """Every reasonable step, from the minute in which the last of all contacts could not be reached."""
    failed = [failed_at(made) for made in calls(sight, one).values()]
    moments = [moment for moment in failed if moment is not None]
    if len(moments) == len(failed):
        last = max(moments)
        named = {"failed": f"{last.astimezone(LONDON):%H:%M}", "contacts": len(failed)}
        yield _Step(max(starts_at(params, one), last), named=named)


def _safe_by(_sight: Sight, params: MorningStep, one: NotThere, satisfied: Sequence[Fact]) -> Iterator[_Step]:
    """The alert that nobody knows yet whether the child is safe: done by whatever shows that it is."""
    if not one.afternoon:
        yield _Step(starts_at(params, one), done=satisfied)


STEPS = {
    "message": _message,
    "primary contact": _primary_contact,
    "other contacts": _other_contacts,
    "every step": _every_step,
    "safe by": _safe_by,
}


def still_to_come(sight: Sight, rule: Rule, row: int) -> Iterator[tuple[str, str]]:
    """What would make a step of this morning due for a pupil who is not there, and which contact it is to.

    As a clause: "at 10:00, if nobody knows by then that the child is safe". Nothing of who is known to be
    safe, and nothing of what is due already. Contacts have their numbers in the order in which they are rung.
    """
    params = rule.params
    assert isinstance(params, MorningStep)
    for one in not_there(sight, params):
        if (one.row, one.on) != (row, sight.day) or not one.still or confirming(sight, params, one):
            continue
        at = starts_at(params, one)
        clock_says = f"{at.astimezone(LONDON):%H:%M}"
        made = calls(sight, one)
        if params.step == "other contacts":
            for number, facts in enumerate([*made.values()][:-1], start=1):
                if failed_at(facts) is None:
                    yield f"if the call to contact {number} fails", f"contact {number + 1} of {len(made)}"
        elif params.step == "every step":
            if any(failed_at(facts) is None for facts in made.values()):
                yield "if no contact can be reached", ""
        elif at > sight.at and params.step == "safe by" and not one.afternoon:
            yield f"at {clock_says}, if nobody knows by then that the child is safe", ""
        elif at > sight.at and params.step != "safe by":
            yield f"at {clock_says}, if nobody has heard of the pupil by then", ""


# --- missing during the day ------------------------------------------------------------------------------


def _missing_pupil(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils who are gone: so many minutes after it was noticed, or when everybody was rung without news."""
    params = rule.params
    assert isinstance(params, MissingPupil)
    for fact, _, row in sight.of(MissingNoticed):
        if not sight.applies(rule.applies_to, row, fact.on):
            continue
        origin = sight.facts.origins.get(fact.id, fact.id)
        ended_at = _ended_at(sight, row, {fact.id, origin}, fact)
        due_at = _exhausted_at(sight, row, {fact.id, origin}, fact) if params.nobody_reached else None
        if params.after is not None:
            due_at = fact.at + timedelta(minutes=params.after.number)
        if due_at is None or due_at > sight.at or (ended_at is not None and ended_at <= due_at):
            continue
        named = {"noticed": f"{fact.at.astimezone(LONDON):%H:%M}", **_passed(params)}
        because = Because(facts=(fact.id,), named=named)
        about = About(enrolment=fact.about.enrolment)
        day = told_on(due_at)
        yield Occurrence(rule, about, origin, day, because, due_at=due_at, holds=ended_at is None)


def _passed(params: MissingPupil) -> dict[str, object]:
    return {"minutes": params.after.number} if params.after is not None else {}


def _ended_at(sight: Sight, row: int, incident: set[str], noticed: Fact) -> datetime | None:
    """When a missing pupil was found, or known to be safe; None while nobody knows."""
    ended = [fact.at for fact, data, _ in sight.of_row(MissingClosed, row) if data.incident in incident]
    ended += [fact.at for fact, _, _ in sight.of_row(FoundSafe, row) if fact.at >= noticed.at]
    return min(ended, default=None)


def _exhausted_at(sight: Sight, row: int, incident: set[str], noticed: Fact) -> datetime | None:
    """When the last of the emergency contacts was rung without news, or somebody recorded that all were.

    Whoever answered and has not seen the child had no news either: had there been any, the pupil was found.
    """
    told = [
        fact.at
        for fact, data, _ in sight.of_row(MissingStep, row)
        if data.incident in incident and data.step == "emergency contacts tried"
    ]
    calls_since = rung(sight, row, DURING_THE_DAY, lambda fact: fact.at >= noticed.at)
    first = [made[0].at if made else None for made in calls_since.values()]
    tried = [at for at in first if at is not None]
    if len(tried) == len(first):
        told.append(max(tried))
    return min(told, default=None)


LOOKING: dict[str, Looking] = {
    ReportDeadline.kind: _report_deadline,
    MorningStep.kind: _morning_step,
    MissingPupil.kind: _missing_pupil,
}
