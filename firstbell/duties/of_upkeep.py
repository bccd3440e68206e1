"""What a school keeps in order: that staff are trained, and that somebody can be reached for each pupil."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import About, Fact
from firstbell.facts.school import RoleGiven, TrainingDone
from firstbell.policy.parameters import ContactsKept, Training
from firstbell.policy.rule import Rule
from firstbell.sessions import CalendarEnds, Period

__all__ = ["LOOKING", "lacking"]

_DAY = timedelta(days=1)


# --- training --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lacks:
    """A member of staff lacks a training from a day until another, both included.

    `trained` is the fact by which it ended; None where it goes on, or they hold no role any more.
    """

    staff: str
    first_on: date
    last_on: date
    trained: Fact | None = None


@dataclass(frozen=True)
class _Holder:
    """A member of staff with the stretches of days on which they hold one of some roles."""

    staff: str
    stretches: tuple[tuple[date, date], ...]

    def within(self, first_on: date, last_on: date) -> tuple[date, date] | None:
        """The first and the last day within some days on which they hold a role."""
        inside = [one for one in self.stretches if one[0] <= last_on and one[1] >= first_on]
        if not inside:
            return None
        return max(inside[0][0], first_on), min(max(last for _, last in inside), last_on)


def _holders(sight: Sight, roles: Sequence[str]) -> list[_Holder]:
    own: dict[str, list[tuple[date, date]]] = {}
    for fact, data in sight.facts.of(RoleGiven):
        if not roles or data.role in roles:
            own.setdefault(fact.about.staff, []).append((fact.on, data.until_on or date.max))
    return [_Holder(staff, tuple(sorted(stretches))) for staff, stretches in sorted(own.items())]


def _trained(sight: Sight, params: Training, first_on: date) -> dict[str, Fact]:
    """By member of staff, the fact with which they had all that a training covers, from a day on.

    One that does not say what it was about was about the whole of it.
    """
    needed, had = frozenset(params.topics), dict[str, set[str]]()
    found: dict[str, Fact] = {}
    for fact, data in sorted(sight.facts.of(TrainingDone), key=lambda one: (one[0].on, one[0].known_at)):
        staff = fact.about.staff
        if data.training != params.training or fact.on < first_on:
            continue
        covered = had.setdefault(staff, set())
        covered |= {*data.covers} if data.covers else needed
        if needed <= covered:
            found.setdefault(staff, fact)
    return found


def _once(sight: Sight, params: Training) -> list[_Lacks]:
    """Who never had it, from so long after their first role on."""
    found: list[_Lacks] = []
    trained = _trained(sight, params, date.min)
    for holder in _holders(sight, params.roles):
        first_on = holder.stretches[0][0]
        try:
            from_on = params.within.after(first_on, sight.book.calendar) if params.within else first_on
        except CalendarEnds:
            continue
        found += _lack(holder, trained, from_on, date.max)
    return found


def _in_year(sight: Sight, params: Training, year: Period) -> list[_Lacks]:
    """Who has not had it in a school year, from its first school day or their first role on."""
    days = sight.book.calendar.school_days(year.starts_on, year.ends_on)
    trained = _trained(sight, params, _august(year))
    found: list[_Lacks] = []
    for holder in _holders(sight, params.roles) if days else ():
        found += _lack(holder, trained, days[0], year.ends_on)
    return found


def _august(year: Period) -> date:
    """The first day on which a training is of a school year: staff are trained before pupils come."""
    begins = year.starts_on.year if year.starts_on.month >= 8 else year.starts_on.year - 1
    return min(year.starts_on, date(begins, 8, 1))


def _lack(holder: _Holder, trained: dict[str, Fact], from_on: date, until_on: date) -> Iterator[_Lacks]:
    held = holder.within(from_on, until_on)
    fact = trained.get(holder.staff)
    if held is None or (fact is not None and fact.on <= held[0]):
        return
    last_on = min(held[1], fact.on - _DAY) if fact is not None else held[1]
    yield _Lacks(holder.staff, held[0], last_on, fact if fact and fact.on - _DAY == last_on else None)


def lacking(sight: Sight, params: Training) -> tuple[str, ...]:
    """The members of staff who lack a training today."""
    if params.every == "once":
        found = _once(sight, params)
    else:
        year = sight.period("school year", sight.day)
        found = _in_year(sight, params, year) if year else []
    return tuple(one.staff for one in found if one.first_on <= sight.day <= one.last_on)


def _training(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """One list for each school year; of a training that is had once, for each stretch of days of need."""
    params = rule.params
    assert isinstance(params, Training)
    if params.every == "once":
        for first_on, found in _joined(_once(sight, params)):
            yield from _listed(sight, rule, (first_on, date.max, first_on), found)
        return
    for year in sight.periods("school year"):
        found = [one for one in _in_year(sight, params, year) if one.first_on <= sight.day]
        if found:
            due_on = sight.last_school_day(year) or year.ends_on
            yield from _listed(sight, rule, (year.starts_on, year.ends_on, due_on), found)


def _joined(found: Sequence[_Lacks]) -> list[tuple[date, list[_Lacks]]]:
    """The stretches of days on which anybody lacks it, each with its first day and who does in it."""
    joined: list[tuple[date, list[_Lacks]]] = []
    until_on = date.min
    for one in sorted(found, key=lambda one: (one.first_on, one.staff)):
        if not joined or one.first_on > until_on:
            joined.append((one.first_on, []))
        joined[-1][1].append(one)
        until_on = max(until_on, one.last_on)
    return joined


def _listed(
    sight: Sight, rule: Rule, days: tuple[date, date, date], found: Sequence[_Lacks]
) -> Iterator[Occurrence]:
    params = rule.params
    assert isinstance(params, Training)
    first_on, until_on, due_on = days
    known = [one for one in found if one.first_on <= sight.day]
    if not known:
        return
    now = [one.staff for one in known if one.last_on >= sight.day]
    done = [one.trained for one in known if one.trained is not None]
    holders = [one for one in _holders(sight, params.roles) if one.within(sight.day, sight.day)]
    named: dict[str, object] = {
        "training": params.training,
        "count": len(now),
        "of": len(holders),
        "staff": tuple(now),
    }
    if params.topics:
        named["topics"] = params.topics
    last = max(done, key=lambda fact: (fact.on, fact.known_at), default=None)
    over_on = max(one.last_on for one in known)
    yield Occurrence(
        rule,
        About(),
        first_on.isoformat(),
        max(min(one.first_on for one in known), sight.book.calendar.starts_on),
        Because(named=named),
        due_on=due_on,
        holds=bool(now) and sight.day <= until_on,
        span=(first_on, min(until_on, over_on)),
        shown_done=(last.id,) if last is not None and not now else (),
    )


# --- contacts --------------------------------------------------------------------------------------------


def _contacts_kept(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """The pupils on roll for whom fewer contacts are held; nobody where no contacts were handed over."""
    params = rule.params
    assert isinstance(params, ContactsKept)
    book = sight.book
    if not any(book.parents.values()) and not any(book.call_order.values()):
        return
    for row in sight.those(rule.applies_to, sight.day):
        one = sight.enrolments[row]
        held = len({*book.contacts_of(one.id)})
        if held >= params.at_least:
            continue
        on = max(one.starts_on, book.calendar.starts_on)
        because = Because(named={"held": held, "wanted": params.at_least})
        yield Occurrence(rule, sight.about(row), "contacts", on, because, span=(on, date.max))


LOOKING: dict[str, Looking] = {Training.kind: _training, ContactsKept.kind: _contacts_kept}
