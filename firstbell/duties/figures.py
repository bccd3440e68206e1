"""What are a pupil's, a group's or the school's figures at a moment? By name, for reports and scenarios.

A rate is a pair of whole numbers; what is counted as what is the law's of each session's day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from firstbell.duties.figures_of_cases import OF_CASES
from firstbell.duties.figures_of_mornings import OF_MORNINGS
from firstbell.duties.figures_of_notices import OF_NOTICES
from firstbell.duties.figuring import About, Figure, Value
from firstbell.duties.leave import codes_of_leave
from firstbell.duties.mornings import in_time_before
from firstbell.duties.of_calendar import HOUSE, drawn
from firstbell.duties.of_counts import episodes_of, late_sessions
from firstbell.duties.of_register import GROUP, is_in_late_book
from firstbell.duties.sight import Sight
from firstbell.facts.absences import (
    AbsenceReported,
    Arrived,
    CollectedLate,
    LateGateHeld,
    LeftSite,
    ReturnedToSite,
)
from firstbell.facts.cases import PlanAgreed, PlanEnded
from firstbell.facts.school import DrawMade
from firstbell.measures import Rate, sickness_days, unauthorised_in_window
from firstbell.policy.parameters import Draw, ReportDeadline, Threshold
from firstbell.policy.terms import Over
from firstbell.register import YEAR_GROUP
from firstbell.sessions import Period
from firstbell.statute.values import PersistentAbsence, SevereAbsence

__all__ = ["FIGURES", "About", "Figure", "Value", "days_of", "figure"]


def figure(
    sight: Sight,
    name: str,
    *,
    enrolment: str = "",
    group: str = "",
    parent: str = "",
    first_on: date | None = None,
    last_on: date | None = None,
) -> Value:
    """A figure of a pupil, of a group, or of all pupils, over some days: by default this school year so far.

    A group is a class or a house, a year group, or all who have a flag. Figures of notices can be asked of
    one parent of a pupil.

    Raises KeyError for a figure or a pupil that there is not.
    """
    last_on = last_on or sight.day
    year = sight.period("school year", last_on)
    first_on = first_on or (year.starts_on if year else sight.book.calendar.starts_on)
    if enrolment:
        rows: Sequence[int] = [sight.row_of[enrolment]]
    else:
        rows = rows_of(sight, group, last_on) if group else range(len(sight.enrolments))
    return FIGURES[name].of(sight, About(tuple(rows), first_on, last_on, parent, group))


def rows_of(sight: Sight, group: str, day: date) -> list[int]:
    """The rows of the pupils of a class on a day; else of a house, a year group, or who has a flag.

    The first of these that has the name: a class that is called like a year group is the class.
    """
    for attribute in (GROUP, HOUSE, YEAR_GROUP):
        if found := [row for row, value in enumerate(sight.values(attribute, day)) if value == group]:
            return found
    return [row for row, one in enumerate(sight.enrolments) if group in sight.flags(one.id, day)]


Cells = NDArray[np.bool_]


def _count(sight: Sight, about: About, cells: Cells) -> int:
    return sum(len(sight.sessions_of(cells, row, about.first_on, about.last_on)) for row in about.rows)


def _share(cells: Callable[[Sight], Cells]) -> Callable[[Sight, About], Value]:
    return lambda sight, about: Rate(_count(sight, about, cells(sight)), _count(sight, about, sight.possible))


def _number(cells: Callable[[Sight], Cells]) -> Callable[[Sight, About], Value]:
    return lambda sight, about: _count(sight, about, cells(sight))


def _authorised(sight: Sight) -> Cells:
    return sight.where(lambda code: code.absence == "authorised")


def _unauthorised(sight: Sight) -> Cells:
    return sight.where(lambda code: code.absence == "unauthorised")


def _inside(sight: Sight, about: About, counted: Mapping[int, Sequence[object]]) -> int:
    return sum(
        about.first_on <= getattr(one, "on", date.min) <= about.last_on
        for row in about.rows
        for one in counted.get(row, ())
    )


def _late(sight: Sight, about: About) -> Value:
    return _inside(sight, about, late_sessions(sight))


def _late_after(sight: Sight, about: About) -> Value:
    return _inside(sight, about, late_sessions(sight, after_close_only=True))


def _illnesses(sight: Sight, about: About) -> Value:
    return _inside(sight, about, episodes_of(sight, sight.codes_of("illness")))


def _days_ill(sight: Sight, about: About) -> Value:
    places = sight.strips.axis.between(about.first_on, about.last_on)
    days = sickness_days(sight.strips, places)
    return int(days.any[list(about.rows)].sum())


def _in_window(sight: Sight, about: About) -> Value:
    rules = [rule.params for rule in sight.rules if isinstance(rule.params, Threshold)]
    if not sight.seen:
        return 0
    held = unauthorised_in_window(sight.strips, 2 * sight.seen - 1, rules[0] if rules else None)
    return int(held[list(about.rows)].sum())


def _absent_share(kind: type[PersistentAbsence] | type[SevereAbsence]) -> Callable[[Sight, About], Value]:
    def reached(sight: Sight, about: About) -> Value:
        absent = Rate(_count(sight, about, sight.absent), _count(sight, about, sight.possible))
        return absent.at_least(sight.law.value(kind).share)

    return reached


def _at_last_session(cells: Callable[[Sight], Cells]) -> Callable[[Sight, About], Value]:
    def there(sight: Sight, about: About) -> Value:
        place = sight.strips.axis.place(sight.last) if sight.last else None
        return place is not None and bool(cells(sight)[list(about.rows), place].all())

    return there


def _on_site(sight: Sight) -> Cells:
    """Attended, or late after the register closed: absent by the figures, and in the building."""
    return sight.attended | sight.where(lambda code: code.late == "after close")


def _is_on_site(sight: Sight, about: About) -> Value:
    """By the last register or, since then, by who arrived and who left."""
    by_register = bool(_at_last_session(_on_site)(sight, about))
    came_or_went = [
        (fact.at, isinstance(fact.data, Arrived | ReturnedToSite))
        for fact in sight.facts
        if isinstance(fact.data, Arrived | ReturnedToSite | LeftSite)
        and fact.on == sight.day
        and sight.row_of.get(fact.about.enrolment) in about.rows
    ]
    return max(came_or_went)[1] if came_or_went else by_register


def _late_book(sight: Sight, about: About) -> Value:
    rows = {row: sight.enrolments[row].id for row in about.rows}
    entries = [
        (fact.at, rows[row])
        for fact, _, row in sight.of(Arrived)
        if row in rows and about.first_on <= fact.on <= about.last_on and is_in_late_book(sight, fact, row)
    ]
    return tuple(enrolment for _, enrolment in sorted(entries))


def _late_collections(sight: Sight, about: About) -> Value:
    return sum(
        row in about.rows and about.first_on <= fact.on <= about.last_on
        for fact, _, row in sight.of(CollectedLate)
    )


def _late_gates(sight: Sight, about: About) -> Value:
    """How many pupils were greeted at late gates."""
    return sum(
        data.greeted
        for fact, data in sight.facts.of(LateGateHeld)
        if about.first_on <= fact.on <= about.last_on
    )


def _reported_in_time(sight: Sight, about: About) -> Value:
    rules = [rule.params for rule in sight.rules if isinstance(rule.params, ReportDeadline)]
    for fact, _, row in sight.of(AbsenceReported):
        if row in about.rows and fact.on == about.last_on and rules:
            return fact.known_at < in_time_before(rules[0], fact.on)
    return False


def _contacts(sight: Sight, about: About) -> Value:
    return sum(
        about.first_on <= fact.on <= about.last_on
        for row in about.rows
        for fact in sight.contacts.get(sight.enrolments[row].id, ())
    )


def _leave_taken(sight: Sight, about: About) -> Value:
    return _count(sight, about, sight.marked(codes_of_leave(sight.law)))


def _plans(sight: Sight, about: About) -> Value:
    ended = {data.plan for _, data in sight.facts.of(PlanEnded)}
    return tuple(
        data.plan
        for fact, data, row in sight.of(PlanAgreed)
        if row in about.rows and fact.on <= about.last_on and fact.id not in ended
    )


def _raffle_agrees(sight: Sight, about: About) -> Value:
    """Whether the winners that were recorded follow from the seed and the entries that were."""
    winners = [rule.params.winners for rule in sight.rules if isinstance(rule.params, Draw)]
    draws = [data for fact, data in sight.facts.of(DrawMade) if about.first_on <= fact.on <= about.last_on]
    return bool(draws) and all(
        drawn(data.entries, data.seed, winners[0] if winners else len(data.winners)) == data.winners
        for data in draws
    )


FIGURES: Mapping[str, Figure] = {
    "attendance": Figure("sessions attended out of possible", _share(lambda sight: sight.attended)),
    "absence": Figure("sessions missed out of possible", _share(lambda sight: sight.absent)),
    "authorised absence": Figure("authorised absence out of possible", _share(_authorised)),
    "unauthorised absence": Figure("unauthorised absence out of possible", _share(_unauthorised)),
    "possible sessions": Figure("how many sessions were possible", _number(lambda sight: sight.possible)),
    "sessions attended": Figure("how many were attended", _number(lambda sight: sight.attended)),
    "sessions missed": Figure("how many were missed", _number(lambda sight: sight.absent)),
    "late marks": Figure("late sessions, before and after the register closed", _late),
    "late after close": Figure("late sessions after the register closed", _late_after),
    "illnesses": Figure("stretches of sessions of illness in a row", _illnesses),
    "days of illness": Figure("school days with any session of illness", _days_ill),
    "threshold sessions": Figure("sessions that count in the window of the national threshold", _in_window),
    "persistent absence": Figure(
        "whether the Department counts the pupil as persistently absent", _absent_share(PersistentAbsence)
    ),
    "severe absence": Figure(
        "whether the Department counts the pupil as severely absent", _absent_share(SevereAbsence)
    ),
    "of compulsory school age": Figure(
        "whether the pupil is, on the day",
        lambda sight, about: all(sight.of_age(row, about.last_on) for row in about.rows),
    ),
    "present": Figure(
        "whether the pupil attended the last session", _at_last_session(lambda sight: sight.attended)
    ),
    "on site": Figure(
        "whether the pupil is in the building: by the last register, late after its close included, or "
        "by the late book",
        _is_on_site,
    ),
    "late book": Figure("who is in the late book, in the order of arriving", _late_book),
    "late collections": Figure("how often a pupil was collected late", _late_collections),
    "late gates": Figure("how many pupils were greeted at late gates", _late_gates),
    "reported in time": Figure("whether the absence of the day was reported by the time", _reported_in_time),
    "contacts made": Figure("how often the school was in contact with the family", _contacts),
    "leave taken": Figure("sessions of leave, granted or not", _leave_taken),
    "plans": Figure("the plans that go on", _plans),
    "raffle agrees": Figure("whether recorded winners follow from seed and entries", _raffle_agrees),
    **OF_MORNINGS,
    **OF_NOTICES,
    **OF_CASES,
}
"""Every figure by its name."""


def days_of(over: str, sight: Sight, day: date) -> Period:
    """The days of a figure: of the year, term, half term or week that a day is in, or the day itself.

    In the holidays it is the period that ended last. Raises LookupError before the calendar's first.
    """
    if over == "day":
        return Period("day", day, day)
    names: dict[str, Over] = {
        "year": "school year",
        "term": "term",
        "half term": "half term",
        "week": "week",
    }
    found = sight.period(names[over], day)
    if found is None:
        found = next((one for one in reversed(sight.periods(names[over])) if one.ends_on < day), None)
    if found is None:
        raise LookupError(f"{day} lies in no {over} of the calendar.")
    return found
