"""What a register asks: to be finished, to be explained, to be decided upon, on the day itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

import numpy as np

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.sight import Looking, Sight, closes_at
from firstbell.facts import About, Fact
from firstbell.facts.absences import (
    AbsenceReported,
    Arrived,
    ChargeDecided,
    ClosureDeclared,
    CollectedLate,
    ContactTried,
    EvidenceReceived,
    LeftSite,
    MessageSent,
    ReplyReceived,
    ReturnedToSite,
    VisitMade,
)
from firstbell.facts.cases import ReturnDelayed
from firstbell.facts.school import Published
from firstbell.policy.parameters import (
    Appointment,
    Closed,
    LateArrival,
    LateCollection,
    ReasonGiven,
    ReasonUnknown,
    RegisterTimes,
    Told,
)
from firstbell.policy.rule import Rule
from firstbell.policy.terms import Span
from firstbell.sessions import LONDON, CalendarEnds, Half, Session
from firstbell.statute import UNMARKED

__all__ = [
    "LOOKING",
    "Away",
    "arrivals_of",
    "aways",
    "came_late",
    "is_in_late_book",
    "reasons_given",
    "told_by_parents",
    "unknown_by_day",
]

GROUP = "registration group"
NOON = 12


# --- registers to be finished ----------------------------------------------------------------------------


def _register_times(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """A register with blanks after it closed, for each class."""
    params = rule.params
    assert isinstance(params, RegisterTimes)
    blank = sight.strips.expected & (sight.strips.marks == UNMARKED)
    taken = np.flatnonzero((sight.strips.marks != UNMARKED).any(axis=0))
    if not len(taken):
        return
    halves = {"morning": (0,), "afternoon": (1,), "both": (0, 1)}[params.session]
    missing: dict[tuple[str, int], list[int]] = {}
    for row, place in zip(*np.nonzero(blank), strict=True):
        if taken[0] <= place < 2 * sight.seen and int(place) % 2 in halves:
            day = sight.days[int(place) // 2]
            if sight.applies(rule.applies_to, int(row), day):
                group = sight.enrolments[int(row)].value(GROUP, day) or ""
                missing.setdefault((group, int(place)), []).append(int(row))
    for (group, place), rows in sorted(missing.items(), key=lambda item: item[0][1]):
        session = sight.strips.axis.session(place)
        due_at = closes_at(sight.rules, sight.book, session, sight.enrolments[rows[0]].year_group(session.on))
        because = Because((session,), named={"blanks": len(rows)})
        if due_at <= sight.at:
            yield Occurrence(rule, About(group=group), str(session), session.on, because, due_at=due_at)


def _late_arrival(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each arrival after the doors were shut."""
    params = rule.params
    assert isinstance(params, LateArrival)
    for fact, data, row in sight.of(Arrived):
        if not sight.applies(rule.applies_to, row, fact.on) or not _is_noted(sight, params, fact, row):
            continue
        minute = fact.at.astimezone(LONDON).time()
        because = Because(facts=(fact.id,), named={"arrived": f"{minute:%H:%M}", "reason": data.reason})
        yield Occurrence(
            rule,
            fact.about,
            fact.id,
            fact.on,
            because,
            due_at=fact.at,
            # A child who is in the classroom needs nobody to take them there.
            holds=fact.on == sight.day,
            shown_done=(fact.id,) if data.escorted else (),
        )


def came_late(sight: Sight, fact: Fact, row: int) -> bool:
    """Whether an arrival was after the minute until which nobody is late in the morning.

    That is when the register opens or, where the policy has another time for it, that time.
    """
    times = sight.times(Session(fact.on, Half.AM), row)
    return times is None or _minute(fact) > times.in_time_until


def is_in_late_book(sight: Sight, fact: Fact, row: int) -> bool:
    """Whether an arrival is an entry of the late book: late, or after a gate that shuts before that."""
    if came_late(sight, fact, row):
        return True
    rules = ((rule, rule.params) for rule in sight.rules)
    return any(
        isinstance(params, LateArrival)
        and params.after is not None
        and sight.applies(rule.applies_to, row, fact.on)
        and _is_noted(sight, params, fact, row)
        for rule, params in rules
    )


def _is_noted(sight: Sight, params: LateArrival, fact: Fact, row: int) -> bool:
    """Whether an arrival was later than what a rule names."""
    if params.after is not None:
        return _minute(fact) > params.after
    if params.came == "after the register opened":
        return came_late(sight, fact, row)
    half = Half.AM if _minute(fact).hour < NOON else Half.PM
    times = sight.times(Session(fact.on, half), row)
    return times is None or _minute(fact) > times.closes


def _minute(fact: Fact) -> time:
    """The minute of a fact by the clocks here."""
    return fact.at.astimezone(LONDON).time().replace(second=0, microsecond=0)


# --- absences to be explained ----------------------------------------------------------------------------


def _unknown(sight: Sight, codes: tuple[str, ...]) -> Iterator[tuple[int, int, bool, datetime | None]]:
    """Cells whose reason is, or was, not known: row, place, whether it still is, when that was put right."""
    held = sight.marked(codes)
    rows, places = np.nonzero(held)
    for row, place in zip(rows.tolist(), places.tolist(), strict=True):
        yield row, place, True, None
    axis = sight.strips.axis
    for one in sight.book.register.amendments:
        known = sight.book.known_at is None or one.known_at <= sight.book.known_at
        found = sight.row_of.get(one.enrolment)
        at = axis.place(one.session)
        if known and one.original in codes and found is not None and at is not None and not held[found, at]:
            yield found, at, False, one.known_at


def unknown_by_day(
    sight: Sight, codes: tuple[str, ...]
) -> Iterator[tuple[int, date, list[int], bool, datetime | None]]:
    """The same by day: row, day, places, whether one is still unknown, when the last was put right."""
    yield from sight.once(("unknown", codes), lambda: list(_unknown_by_day(sight, codes)))


def _unknown_by_day(
    sight: Sight, codes: tuple[str, ...]
) -> Iterator[tuple[int, date, list[int], bool, datetime | None]]:
    days: dict[tuple[int, int], list[tuple[int, bool, datetime | None]]] = {}
    for row, place, still, put_right_at in _unknown(sight, codes):
        days.setdefault((row, place // 2), []).append((place, still, put_right_at))
    for (row, day), cells in sorted(days.items()):
        moments = [moment for _, _, moment in cells if moment is not None]
        still = any(one for _, one, _ in cells)
        places = sorted({place for place, _, _ in cells})
        yield row, sight.days[day], places, still, max(moments, default=None)


def arrivals_of(sight: Sight, row: int, day: date) -> Sequence[Fact]:
    """The entries of the late book about a pupil on a day: it knows of them before the register does."""
    return sight.once("arrivals", lambda: _arrivals(sight)).get((row, day), ())


def _arrivals(sight: Sight) -> dict[tuple[int, date], list[Fact]]:
    found: dict[tuple[int, date], list[Fact]] = {}
    for fact, _, row in sight.of(Arrived):
        found.setdefault((row, fact.on), []).append(fact)
    return found


def _told(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils with a professional of their own whose absence nobody has explained."""
    params = rule.params
    assert isinstance(params, Told)
    for row, day, places, still, _ in unknown_by_day(sight, (sight.unknown_code,)):
        flags = sight.flags(sight.enrolments[row].id, day) & {*params.flags}
        if not flags or not sight.applies(rule.applies_to, row, day):
            continue
        session = sight.sessions(places)[0]
        group = sight.year_group(row, day)
        due_at = closes_at(sight.rules, sight.book, session, group)
        if params.by is not None:
            due_at = max(due_at, datetime.combine(day, params.by, LONDON))
        if due_at > sight.at:
            continue
        because = Because(sight.sessions(places), named={"flag": sorted(flags)[0]})
        yield Occurrence(
            rule,
            sight.about(row),
            day.isoformat(),
            day,
            because,
            due_at=due_at,
            # It stays due on later days while the reason is not known: telling late is better than never.
            holds=still,
            span=(day, day),
        )


def _reason_unknown(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Marks that may not say any longer that the reason is not known."""
    params = rule.params
    assert isinstance(params, ReasonUnknown)
    for row, day, places, still, put_right_at in unknown_by_day(sight, (params.code,)):
        if not sight.applies(rule.applies_to, row, day):
            continue
        group = sight.year_group(row, day)
        within = params.within
        due_on = sight.once(("after", within, day, group), partial(_after, sight, within, day, group))
        if due_on is None:
            continue
        put_right = put_right_at is not None and put_right_at.astimezone(LONDON).date() < due_on
        if due_on > sight.day or (put_right and not still):
            continue
        because = Because(sight.sessions(places), named={"code": params.code, "becomes": params.becomes})
        yield Occurrence(
            rule,
            sight.about(row),
            day.isoformat(),
            due_on,
            because,
            holds=still,
            suggests=params.becomes,
        )


def _after(sight: Sight, within: Span, day: date, group: str | None) -> date | None:
    """The last day of a span after a day; None where the calendar ends before."""
    try:
        return within.after(day, sight.book.calendar, group)
    except CalendarEnds:
        return None


# --- reasons ---------------------------------------------------------------------------------------------


def reasons_given(sight: Sight) -> Iterator[tuple[Fact, str, date, date, int]]:
    """Every reason that somebody gave for an absence: the fact, the reason, first and last day, the row."""
    yield from sight.once("reasons", lambda: list(_reasons_given(sight)))


def _reasons_given(sight: Sight) -> Iterator[tuple[Fact, str, date, date, int]]:
    for fact in sight.facts:
        row = sight.row_of.get(fact.about.enrolment)
        if row is None:
            continue
        data = fact.data
        if isinstance(data, AbsenceReported):
            last_on = data.until_on or (data.back_on - timedelta(days=1) if data.back_on else fact.on)
            yield fact, data.reason, fact.on, max(last_on, fact.on), row
        elif isinstance(data, ContactTried | VisitMade):
            if data.reason_given:
                yield fact, data.reason_given, fact.on, fact.on, row
        elif isinstance(data, ReplyReceived | ReturnDelayed) and data.reason:
            yield fact, data.reason, fact.on, fact.on, row


def told_by_parents(fact: Fact) -> bool:
    """Whether parents themselves gave the reason: neither a visitor who brought it nor the pupil alone."""
    data = fact.data
    return not isinstance(data, VisitMade) and getattr(data, "reported_by", "") != "pupil"


def _reason_given(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Reasons of the rule's list that ask a person for a decision.

    A code that is entered at once is asked about only where somebody else than the parents gave the reason,
    or where the mark still says that nobody knows.
    """
    params = rule.params
    assert isinstance(params, ReasonGiven)
    unknown = sight.marked((sight.unknown_code,))
    for fact, reason, first, last, row in reasons_given(sight):
        if reason not in params.reasons or not sight.applies(rule.applies_to, row, fact.on):
            continue
        absent = sight.sessions_of(sight.absent, row, first, last)
        still = sight.sessions_of(unknown, row, first, last)
        seen = sight.sessions_of(sight.is_marked, row, first, last)
        because = Because(absent, facts=(fact.id,), named={"reason": reason})
        # Once the marks say something else than that the reason is not known, somebody has decided.
        holds = bool(still) or not seen
        if params.at_once and told_by_parents(fact) and not still:
            continue
        yield Occurrence(rule, fact.about, fact.id, fact.on, because, holds=holds, suggests=params.code)


# --- appointments ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Away:
    """A pupil's own appointment in school time: from when until when, and with which evidence."""

    fact: Fact
    row: int
    from_at: time | None
    until_at: time | None
    shown: bool

    @property
    def minutes(self) -> int | None:
        """How long; None where nobody has said."""
        if self.from_at is None or self.until_at is None:
            return None
        return 60 * (self.until_at.hour - self.from_at.hour) + self.until_at.minute - self.from_at.minute

    def misses(self, sight: Sight, half: Half) -> bool:
        """Whether the pupil is away for the whole time that a register is open."""
        data = self.fact.data
        if self.from_at is None and self.until_at is None:
            halves = getattr(data, "halves", "both")
            return halves == "both" or halves == half.name
        times = sight.times(Session(self.fact.on, half), self.row)
        if times is None:
            return False
        starts = self.from_at or time.min
        ends = self.until_at or time.max
        return starts <= times.opens and ends > times.closes


def aways(sight: Sight, medical: Collection[str], evidence: Collection[str] = ()) -> Iterator[Away]:
    """The appointments that were reported, or for which a pupil left, with one of some reasons.

    `evidence` are the forms that the policy asks for; empty: any form will do.
    """
    for fact, data, row in sight.of(AbsenceReported):
        if data.reason in medical:
            shown = data.unavoidable_evidence or _shown(sight, row, fact.on, evidence)
            yield Away(fact, row, data.away_from, data.away_until, shown)
    for fact, came, row in sight.of(Arrived):
        if came.reason in medical and came_late(sight, fact, row):
            arrived_at = fact.at.astimezone(LONDON).time()
            yield Away(fact, row, time.min, arrived_at, _shown(sight, row, fact.on, evidence))
    back = {
        (fact.about.enrolment, fact.on): fact for fact in sight.facts if isinstance(fact.data, ReturnedToSite)
    }
    for fact, left, row in sight.of(LeftSite):
        if left.reason in medical:
            returned = back.get((fact.about.enrolment, fact.on))
            until_at = returned.at.astimezone(LONDON).time() if returned else left.back_expected_at
            at_desk = left.evidence != "none" and (not evidence or left.evidence in evidence)
            shown = at_desk or _shown(sight, row, fact.on, evidence)
            yield Away(fact, row, fact.at.astimezone(LONDON).time(), until_at or time.max, shown)


def _shown(sight: Sight, row: int, day: date, evidence: Collection[str]) -> bool:
    for data in sight.once("evidence", lambda: _evidence_by_row(sight)).get(row, ()):
        # Another form than the policy asks for will do where a person has accepted it.
        fits = data.accepted == "yes" or not evidence or data.form in evidence
        if data.of == "appointment" and data.accepted != "no" and fits:
            first, last = data.from_on or day, data.until_on or data.from_on or day
            if first <= day <= last:
                return True
    return False


def _evidence_by_row(sight: Sight) -> dict[int, list[EvidenceReceived]]:
    found: dict[int, list[EvidenceReceived]] = {}
    for _, data, row in sight.of(EvidenceReceived):
        found.setdefault(row, []).append(data)
    return found


def _appointment(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Appointments that are longer than usual, or for which a session has to be decided."""
    params = rule.params
    assert isinstance(params, Appointment)
    for away in aways(sight, params.reasons, params.evidence):
        day = away.fact.on
        if not sight.applies(rule.applies_to, away.row, day):
            continue
        there = sight.sessions_of(sight.attended, away.row, day, day)
        missed = tuple(
            one
            for one in (Session(day, half) for half in Half if away.misses(sight, half))
            if one not in there
        )
        named: dict[str, object] = {"evidence": away.shown}
        if away.minutes is not None:
            named["minutes"] = away.minutes
        if params.asks_about == "length":
            usual = params.usual.number if params.usual else None
            if away.minutes is None or usual is None or away.minutes <= usual:
                continue
            named["usual"] = usual
        elif not missed:
            continue
        because = Because(missed, facts=(away.fact.id,), named=named)
        enough = away.shown or not params.evidence
        suggests = params.code if params.asks_about == "code" and enough else ""
        if params.asks_about == "code" and not enough:
            suggests = "not authorised"
        # Whoever came late has a mark of that meanwhile, which nobody has decided on.
        waiting = ("", sight.unknown_code, params.code, *_codes_of_coming(sight))
        decided = any(
            sight.strips.symbol(away.row, place) not in waiting
            for place in (sight.strips.axis.place(session) for session in missed)
            if place is not None
        )
        holds = params.asks_about == "length" or not decided
        yield Occurrence(rule, away.fact.about, away.fact.id, day, because, holds=holds, suggests=suggests)


def _codes_of_coming(sight: Sight) -> tuple[str, ...]:
    """The codes of whoever came when the register had closed."""
    return tuple(code.symbol for code in sight.law.codes.values() if code.late == "after close")


# --- late collection, closure ----------------------------------------------------------------------------


def _late_collection(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Late collections that were no emergency."""
    params = rule.params
    assert isinstance(params, LateCollection)
    decided = {data.collection: fact.id for fact, data in sight.facts.of(ChargeDecided)}
    for fact, data, row in sight.of(CollectedLate):
        if data.emergency and params.emergencies_free:
            continue
        if not sight.applies(rule.applies_to, row, fact.on):
            continue
        minute = fact.at.astimezone(LONDON).time()
        because = Because(
            facts=(fact.id,), named={"collected": f"{minute:%H:%M}", "emergency": data.emergency}
        )
        done = (decided[fact.id],) if fact.id in decided else ()
        yield Occurrence(rule, fact.about, fact.id, fact.on, because, shown_done=done)


def _closed(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each channel by which parents are told of a closure."""
    params = rule.params
    assert isinstance(params, Closed)
    published = [(fact, channel) for fact, data in sight.facts.of(Published) for channel in data.where]
    published += [(fact, data.channel) for fact, data in sight.facts.of(MessageSent)]
    for fact, data in sight.facts.of(ClosureDeclared):
        last_on = data.until_on or fact.on
        for channel in params.channels:
            done = tuple(
                one.id for one, where in published if where == channel and fact.on <= one.on <= last_on
            )
            because = Because(facts=(fact.id,), named={"channel": channel, "code": data.code})
            yield Occurrence(
                rule,
                fact.about,
                f"{fact.id}:{channel}",
                fact.on,
                because,
                due_at=fact.at,
                shown_done=done,
                holds=sight.day <= last_on,
            )


LOOKING: dict[str, Looking] = {
    RegisterTimes.kind: _register_times,
    LateArrival.kind: _late_arrival,
    Told.kind: _told,
    ReasonUnknown.kind: _reason_unknown,
    ReasonGiven.kind: _reason_given,
    Appointment.kind: _appointment,
    LateCollection.kind: _late_collection,
    Closed.kind: _closed,
}
