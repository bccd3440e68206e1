"""What follows from something that was recorded, at once or when a day that it names has come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.gates import says
from firstbell.duties.of_arrangements import FULL_TIME_AGAIN
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import KINDS, About, Data, Fact
from firstbell.facts.absences import EvidenceAsked, EvidenceReceived
from firstbell.facts.cases import (
    LeaveAsked,
    MeetingInvited,
    PlanEnded,
    PlanReviewed,
    SupportEnded,
    TargetReviewed,
)
from firstbell.facts.provision import TimetableReviewed
from firstbell.policy.parameters import EvidenceOverdue, Following, Leaving, NewPupil, ReviewDue
from firstbell.policy.rule import Form, Rule
from firstbell.sessions import LONDON, CalendarEnds

__all__ = ["LOOKING"]

_DAY = timedelta(days=1)
REVIEWS: Mapping[type[Data], str] = {
    PlanReviewed: "plan",
    TimetableReviewed: "timetable",
    TargetReviewed: "target",
}
ENDS: Mapping[type[Data], str] = {PlanEnded: "plan", SupportEnded: "support"}
"""The facts that review something, or end it, each with the part that names what."""


def _following(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each fact of the kind, with the parts that the rule names."""
    params = rule.params
    assert isinstance(params, Following)
    for fact, data in sight.facts.of(KINDS[params.fact]):
        if not all(says(sight, data, name, value) for name, value in params.where.items()):
            continue
        if any(says(sight, data, name, value) for name, value in params.unless.items()):
            continue
        row = sight.row_of.get(fact.about.enrolment)
        if fact.about.enrolment and (row is None or not sight.applies(rule.applies_to, row, fact.on)):
            continue
        group = sight.enrolments[row].year_group(fact.on) if row is not None else None
        due_on = _due_on(sight, params, fact, group)
        if due_on is None:
            continue
        about = _whom(fact)
        because = Because(facts=(fact.id,), named={"fact": fact.kind, "on": fact.on})
        # What is to be asked about a request is asked before the leave begins.
        holds = not isinstance(data, LeaveAsked) or sight.day < max(data.from_on, fact.on + _DAY)
        if isinstance(data, MeetingInvited):
            holds = sight.day <= data.meeting_on
        # What follows at once is due in the minute of the fact, where that is known to be on its day.
        at_once = not params.within and not params.before and fact.at.astimezone(LONDON).date() == fact.on
        due_at = fact.at if at_once else None
        yield Occurrence(rule, about, fact.id, fact.on, because, due_on=due_on, due_at=due_at, holds=holds)


def _whom(fact: Fact) -> About:
    """Whom what follows is about: whom the fact is about, so that one parent's notice is not another's."""
    whom = fact.about
    return About(enrolment=whom.enrolment, parent=whom.parent, group=whom.group, staff=whom.staff)


def _due_on(sight: Sight, params: Following, fact: Fact, group: str | None) -> date | None:
    """When what follows from a fact is due; None where the calendar does not reach so far.

    Before the day that a part of the fact names it is due on the day before; where the fact names none, on
    its own day.
    """
    if params.before:
        day = getattr(fact.data, params.before)
        return max(fact.on, day - _DAY) if day is not None else fact.on
    try:
        return params.within.after(fact.on, sight.book.calendar, group) if params.within else fact.on
    except CalendarEnds:
        return None


def _evidence_overdue(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Evidence that was asked for and did not come by its day."""
    params = rule.params
    assert isinstance(params, EvidenceOverdue)
    for fact, data, row in sight.of(EvidenceAsked):
        if data.by_on is None or data.of not in params.of or not sight.applies(rule.applies_to, row, fact.on):
            continue
        shown = [
            (one, evidence)
            for one, evidence, _ in sight.of_row(EvidenceReceived, row)
            if evidence.of == data.of and one.on >= fact.on
        ]
        # What was not enough is known to be missing on the day on which it was looked at.
        not_enough = [one.on for one, evidence in shown if evidence.accepted == "no"]
        received = [one for one, evidence in shown if evidence.accepted != "no"]
        over_on = min((data.by_on + _DAY, *not_enough))
        if over_on > sight.day or any(one.on < over_on for one in received):
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
    for fact in sight.facts:
        if not isinstance(fact.data, kinds):
            continue
        row = sight.row_of.get(fact.about.enrolment)
        if fact.about.enrolment and (row is None or not sight.applies(rule.applies_to, row, fact.on)):
            continue
        ids = _what_is_reviewed(sight, fact)
        reviews, ended = _looked_at(sight, ids)
        before_on = fact.on
        for day in _days_of_review(fact):
            # A look at it belongs to the first day of review that has not been before it.
            done = tuple(one.id for one in reviews if one.on > before_on)
            before_on = day
            arises_on = params.ahead.before(day, sight.book.calendar) if params.ahead else day
            if arises_on > sight.day:
                continue
            because = Because(facts=(fact.id,), named={"fact": fact.kind, "review_on": day})
            about = About(enrolment=fact.about.enrolment, group=fact.about.group, staff=fact.about.staff)
            yield Occurrence(
                rule,
                about,
                f"{fact.id}:{day}",
                max(arises_on, fact.on),
                because,
                due_on=day,
                holds=not ended,
                shown_done=done[:1],
            )


def _days_of_review(fact: Fact) -> tuple[date, ...]:
    value = getattr(fact.data, "review_on", None)
    if isinstance(value, date):
        return (value,)
    return tuple(sorted(value)) if value else ()


def _what_is_reviewed(sight: Sight, fact: Fact) -> frozenset[str]:
    """The ids by which reviews name what a fact is about: the fact itself, or what it reviews."""
    key = next(
        (getattr(fact.data, part) for kind, part in REVIEWS.items() if isinstance(fact.data, kind)), ""
    )
    return frozenset({key} if key else {fact.id, sight.facts.origins.get(fact.id, fact.id)})


def _looked_at(sight: Sight, ids: frozenset[str]) -> tuple[list[Fact], bool]:
    """The reviews of something, in the order of their days, and whether it has ended."""
    named = [
        (fact, data)
        for kind, part in (*REVIEWS.items(), *ENDS.items())
        for fact, data in sight.facts.of(kind)
        if getattr(data, part) in ids
    ]
    reviews = sorted(
        (fact for fact, data in named if isinstance(data, tuple(REVIEWS))), key=lambda one: one.on
    )
    ended = any(
        isinstance(data, tuple(ENDS)) or getattr(data, "outcome", "") in FULL_TIME_AGAIN for _, data in named
    )
    return reviews, ended


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
    NewPupil.kind: _new_pupil,
    Leaving.kind: _leaving,
}
