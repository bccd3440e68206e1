"""What days of absence in a row ask for, and who has not come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import numpy as np

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.leave import decisions
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import Fact
from firstbell.facts.absences import EvidenceReceived
from firstbell.facts.cases import ReturnDelayed
from firstbell.measures import Run, RunKind
from firstbell.policy.parameters import DayOfAbsence, LateReturn
from firstbell.policy.rule import Form, Rule
from firstbell.sessions import CalendarEnds

__all__ = ["LOOKING", "away_after_leave"]

KIND_OF = {
    "any absence": RunKind.ABSENCE,
    "unauthorised absence": RunKind.UNAUTHORISED,
    "unexplained absence": RunKind.UNEXPLAINED,
    "illness": RunKind.ILLNESS,
}


def _day_of_absence(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Runs that have reached the rule's day."""
    params = rule.params
    assert isinstance(params, DayOfAbsence)
    every = (run for own in sight.runs(KIND_OF[params.of]).values() for run in own)
    if params.back:
        yield from _back(sight, rule, params, every)
        return
    for run in every:
        if run.days < (params.day or 1):
            continue
        place = _reached(sight, run, params)
        if place is None:
            continue
        first_on, on = sight.days[run.first_day], sight.days[place]
        if not sight.applies(rule.applies_to, run.row, on):
            continue
        contacts = sight.contacts.get(sight.enrolments[run.row].id, ()) if params.without else ()
        known = [fact for fact in contacts if fact.on >= first_on]
        if any(fact.on <= on for fact in known):
            continue
        last_on = sight.days[run.last_day]
        cells = sight.sessions_of(sight.absent, run.row, first_on, last_on)
        named = {"day": run.reached.index(place) + 1, "days": run.days, "from": first_on}
        # A return is owed even if the child is back; a welfare check is not.
        holds = rule.form is Form.RETURN or (run.open and not known)
        yield Occurrence(
            rule,
            sight.about(run.row),
            first_on.isoformat(),
            on,
            Because(cells, named=named),
            holds=holds,
            span=_reach(sight, run, params.day or 1),
        )


def _back(sight: Sight, rule: Rule, params: DayOfAbsence, every: Iterable[Run]) -> Iterator[Occurrence]:
    """The first day back after runs that had reached the rule's day."""
    for run in every:
        back_on = _back_on(sight, run) if _reached(sight, run, params) is not None else None
        if back_on is None or not sight.applies(rule.applies_to, run.row, back_on):
            continue
        first_on, last_on = sight.days[run.first_day], sight.days[run.last_day]
        cells = sight.sessions_of(sight.absent, run.row, first_on, last_on)
        yield Occurrence(
            rule,
            sight.about(run.row),
            first_on.isoformat(),
            back_on,
            Because(cells, named={"days": run.days, "from": first_on, "back": back_on}),
            holds=not any(back_on < year.starts_on <= sight.day for year in sight.book.calendar.years),
            span=_reach(sight, run, params.day or 1),
            # What was agreed for the return while the pupil was away was agreed for it.
            settles_from=first_on,
        )


def _back_on(sight: Sight, run: Run) -> date | None:
    """The first day after a run on which the pupil attended; None if that has not come."""
    if run.open:
        return None
    after = np.flatnonzero(sight.attended[run.row, 2 * (run.last_day + 1) : 2 * sight.seen])
    return sight.days[run.last_day + 1 + int(after[0]) // 2] if len(after) else None


def _reach(sight: Sight, run: Run, day: int) -> tuple[date, date]:
    """The days within which a run was anchored before a correction: with a day corrected it is the same.

    A correction after the day that the rule asks for leaves the first part long enough. One before it has
    this run begin as many school days later at most.
    """
    before, after = max(run.first_day - day, 0), min(run.last_day + 1, len(sight.days) - 1)
    return sight.days[before], sight.days[after]


def _reached(sight: Sight, run: Run, params: DayOfAbsence) -> int | None:
    """The place of the day on which a run reached what the rule says; None if it has not."""
    if params.day is not None:
        return run.reached[params.day - 1] if run.days >= params.day else None
    first_on = sight.days[run.first_day]
    group = sight.enrolments[run.row].year_group(first_on)
    if params.longer_than is None:
        return None
    try:
        over_on = params.longer_than.after(first_on, sight.book.calendar, group)
    except CalendarEnds:
        return None
    return next((place for place in run.reached if sight.days[place] >= over_on), None)


def _late_return(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils who were not back on the school day after leave that the rule names, the first or another."""
    params = rule.params
    assert isinstance(params, LateReturn)
    for request, asked, decided, row in decisions(sight):
        if decided is None or decided.data.granted == "no":
            continue
        days, back_on = away_after_leave(sight, row, asked.until_on)
        if len(days) < params.day or not sight.applies(rule.applies_to, row, days[params.day - 1]):
            continue
        missed = sight.sessions_of(sight.absent, row, days[0], back_on or sight.day)
        named: dict[str, object] = {"due_back": days[0], "sessions": len(missed)}
        if params.when == "not back":
            because = Because(missed, facts=(request.id, decided.fact.id), named=named)
            holds = back_on is None
            yield Occurrence(rule, request.about, request.id, days[params.day - 1], because, holds=holds)
            continue
        shown = [fact for fact in sight.facts.about(request.about.enrolment) if _delay_shown(fact, days[0])]
        if shown:
            overseas = any(getattr(fact.data, "from_overseas", False) for fact in shown)
            ids = (request.id, *(fact.id for fact in shown))
            because = Because(missed, facts=ids, named={**named, "overseas": overseas})
            yield Occurrence(rule, request.about, request.id, min(fact.on for fact in shown), because)


def away_after_leave(sight: Sight, row: int, until_on: date) -> tuple[tuple[date, ...], date | None]:
    """The school days after leave on which a pupil was not back, and the day on which they were, if any.

    Up to the last day for which the pupil has a mark: of days without one nothing is known. Whatever the
    marks say that is not in school counts: a pupil who fell ill on the way is not back either.
    """
    group = sight.enrolments[row].year_group(until_on)
    days = sight.book.calendar.school_days(until_on + timedelta(days=1), sight.day, group)
    if not days:
        return (), None
    marked = sight.sessions_of(sight.is_marked, row, days[0], sight.day)
    attended = sight.sessions_of(sight.attended, row, days[0], sight.day)
    back_on = attended[0].on if attended else None
    last_on = marked[-1].on if marked else date.min
    away = (day for day in days if day <= last_on and (back_on is None or day < back_on))
    return tuple(away), back_on


def _delay_shown(fact: Fact, due_back_on: date) -> bool:
    """Whether a fact says why a pupil was not back: a delay that was told, or evidence of what held it up."""
    data = fact.data
    evidence = isinstance(data, EvidenceReceived) and data.of in ("travel", "illness", "other")
    return fact.on >= due_back_on and (evidence or isinstance(data, ReturnDelayed))


LOOKING: dict[str, Looking] = {DayOfAbsence.kind: _day_of_absence, LateReturn.kind: _late_return}
