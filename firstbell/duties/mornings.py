"""Who is not there this morning, since when, who has been rung, and who is known to be safe?

Worked out by the minute from saves of the registers and facts. A register that is still open counts here:
figures end with the last register that has closed, but nobody waits for that before a parent is rung.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial

from firstbell.duties.duty import parts_of_key
from firstbell.duties.leave import decisions
from firstbell.duties.of_arrangements import HOURS, covered_by, leaves_out
from firstbell.duties.of_periods import days_named
from firstbell.duties.of_register import GROUP, NOON, arrivals_of, unknown_by_day
from firstbell.duties.sight import Sight, closes_at, is_contact
from firstbell.facts import Fact
from firstbell.facts.absences import AbsenceReported, ClosureDeclared, ContactTried, MessageSent
from firstbell.facts.provision import (
    Excluded,
    PerformanceLicensed,
    ProviderReported,
    ProvisionAgreed,
    TimetableAgreed,
)
from firstbell.policy.case_parameters import MorningStep
from firstbell.policy.parameters import ReportDeadline
from firstbell.register import Amendment, Save
from firstbell.register.marks import may_take
from firstbell.sessions import LONDON, Half, Session
from firstbell.statute import UNMARKED

__all__ = [
    "SAVED",
    "WRITTEN",
    "NotThere",
    "awaited",
    "calls",
    "clock",
    "confirming",
    "covers",
    "end_of",
    "failed_at",
    "not_there",
    "in_time_before",
    "reported_for",
    "rung",
    "starts_at",
    "stated_until",
    "told_on",
    "unreported_code",
    "written_to",
]

SAVED = "when the register is saved"
RUNG = ("phone", "in person")
"""The channels of a call; with the others nobody is spoken to."""
WRITTEN = ("text", "app", "e-mail")
OF_THE_MORNING = ("unexplained absence", "welfare check")
"""What somebody is rung for because a pupil is not there."""
ABOUT_OTHER_THINGS = ("attendance", "punctuality", "late collection", "regular contact")
BOTH = frozenset(int(half) for half in Half)
ALL_DAY = (time.min, time.max)


@lru_cache(maxsize=10_000)
def clock(day: date, at: time) -> datetime:
    """A time of a day by the clocks here."""
    return datetime.combine(day, at, LONDON)


@lru_cache(maxsize=10_000)
def end_of(day: date) -> datetime:
    """The end of a day."""
    return datetime.combine(day + timedelta(days=1), time.min, LONDON)


@lru_cache(maxsize=100_000)
def told_on(known_at: datetime) -> date:
    """The day of a moment by the clocks here."""
    return known_at.astimezone(LONDON).date()


# --- who is not there ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotThere:
    """A pupil who was not there on a day, and of whom no mark says why.

    `places` are the sessions, `since` the minute from which somebody acts: that of the save that left them
    without a present mark, of the register's close, or of the provider's call. `until` is when the mark was
    put right, or the provider said that they came after all; None while it still says so.
    """

    row: int
    on: date
    places: tuple[int, ...]
    since: datetime
    until: datetime | None = None
    facts: tuple[str, ...] = ()

    @property
    def still(self) -> bool:
        """Whether the mark, or the provider, still says so."""
        return self.until is None

    @property
    def afternoon(self) -> bool:
        """Whether the pupil was there in the morning, or had none."""
        return bool(self.places[0] % 2)


def not_there(sight: Sight, params: ReportDeadline | MorningStep) -> Sequence[NotThere]:
    """Whoever was not there, by pupil and day, for those who act as the parameters say; past days as well.

    What was put right within the hour is among them with `still` false: what was done meanwhile was done.
    """
    saved, code = params.acts == SAVED, params.code
    return sight.once(("not there", saved, code), lambda: _not_there(sight, saved, code))


def _not_there(sight: Sight, saved: bool, code: str) -> list[NotThere]:
    codes = tuple(dict.fromkeys((sight.unknown_code, *([code] if code else ()))))
    found: dict[tuple[int, date], NotThere] = {}
    for one in _as_saved(sight, codes) if saved else _as_closed(sight, codes):
        if not code or code == sight.unknown_code or not _accounted_for(sight, one):
            found[one.row, one.on] = one
    for one in _as_providers_say(sight):
        other = found.get((one.row, one.on))
        if other is not None:
            places = tuple(sorted({*one.places, *other.places}))
            until = _last(one.until, other.until)
            one = replace(one, places=places, since=min(one.since, other.since), until=until)
        found[one.row, one.on] = one
    return [found[key] for key in sorted(found)]


def _as_closed(sight: Sight, codes: tuple[str, ...]) -> Iterator[NotThere]:
    """By the registers as they were when they had closed."""
    closing: dict[tuple[int, str | None], datetime] = {}
    for row, day, places, still, put_right_at in unknown_by_day(sight, codes):
        key = (places[0], sight.year_group(row, day))
        if key not in closing:
            closing[key] = _closed_at(sight, row, places[0])
        yield NotThere(row, day, tuple(places), closing[key], None if still else put_right_at)


def _last(*moments: datetime | None) -> datetime | None:
    """The last of some moments; None, which is never, where one of them is."""
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


def _closed_at(sight: Sight, row: int, place: int) -> datetime:
    session = sight.all_sessions[place]
    return closes_at(sight.rules, sight.book, session, sight.year_group(row, session.on))


def _accounted_for(sight: Sight, one: NotThere) -> bool:
    """Whether it is leave that was decided upon before, though the mark is that for no reason given."""
    decided = sight.once("leave decided by row", lambda: _leave_decided(sight)).get(one.row, ())
    return any(first <= one.on <= last and known_at <= one.since for first, last, known_at in decided)


def _leave_decided(sight: Sight) -> dict[int, list[tuple[date, date, datetime]]]:
    found: dict[int, list[tuple[date, date, datetime]]] = {}
    for _, asked, decided, row in decisions(sight):
        if decided is not None:
            days = (asked.from_on, asked.until_on, decided.fact.known_at)
            found.setdefault(row, []).append(days)
    return found


def _as_providers_say(sight: Sight) -> Iterator[NotThere]:
    """Pupils taught elsewhere who did not come there: from the minute of the call, whatever the mark says."""
    said: dict[tuple[int, date], list[Fact]] = {}
    for fact, _, row in sight.of(ProviderReported):
        said.setdefault((row, fact.on), []).append(fact)
    for (row, day), facts in said.items():
        facts.sort(key=lambda fact: fact.at)
        missing = [fact for fact in facts if getattr(fact.data, "attended", "") == "no"]
        day_place = 2 * sight.place_of(day)
        if not missing or day_place >= len(sight.all_sessions) or sight.all_sessions[day_place].on != day:
            continue
        halves = {str(getattr(fact.data, "halves", "both")) for fact in missing}
        places = tuple(day_place + half for half in Half if halves & {"both", half.name})
        until = None if facts[-1] in missing else facts[-1].at
        yield NotThere(row, day, places, missing[0].at, until, tuple(fact.id for fact in missing))


# --- by the saves of registers ---------------------------------------------------------------------------


def _as_saved(sight: Sight, codes: tuple[str, ...]) -> Iterator[NotThere]:
    """By the registers from the minute in which each was saved, the one that is open now included.

    Of earlier days only what marks, amendments or facts point to is looked at.
    """
    numbers = frozenset(sight.book.statute.number(code) for code in codes)
    days: dict[tuple[int, date], None] = dict.fromkeys(
        (row, day) for row, day, _, _, _ in unknown_by_day(sight, codes)
    )
    days |= dict.fromkeys(_acted_on(sight))
    here = sight.place_of(sight.day)
    if here < len(sight.days) and sight.days[here] == sight.day:
        days |= dict.fromkeys((row, sight.day) for row in range(len(sight.enrolments)))
    expected = sight.book.strips.expected
    for row, day in days:
        first = 2 * sight.place_of(day)
        if first >= expected.shape[1] or sight.days[first // 2] != day:
            continue
        left = [
            (place, stretch)
            for place in (first, first + 1)
            if expected[row, place] and (stretch := _left_unmarked(sight, row, place, numbers))
        ]
        if left:
            places = tuple(place for place, _ in left)
            until = _last(*(until for _, (_, until) in left))
            yield NotThere(row, day, places, left[0][1][0], until)


def _acted_on(sight: Sight) -> Iterator[tuple[int, date]]:
    """The pupils and days about which somebody did something, so that what it was for stays known."""
    for fact in sight.facts:
        row = sight.row_of.get(fact.about.enrolment)
        if row is None:
            continue
        if isinstance(fact.data, ContactTried | MessageSent):
            yield row, fact.on
        key = getattr(fact.data, "duty", "")
        if key:
            try:
                yield row, date.fromisoformat(parts_of_key(key)[2])
            except ValueError:
                continue


def _left_unmarked(
    sight: Sight, row: int, place: int, numbers: frozenset[int]
) -> tuple[datetime, datetime | None] | None:
    """From when until when the saved register said that a pupil was not there, the last time that it did.

    It says so with one of the marks for it, or with a blank where others of the class were marked. None
    where it never did.
    """
    statute, session = sight.book.statute, sight.all_sessions[place]
    entries = sight.once("entries", lambda: _Entries.of(sight))
    state, since, until = UNMARKED, None, None
    for _, event, seat in entries.about(sight.enrolments[row].id, session):
        if isinstance(event, Amendment):
            if statute.symbol(state) != event.original:
                continue
            state = statute.number(event.amended)
        else:
            new = event.marks[seat]
            if new != UNMARKED and may_take(statute.symbol(state), event):
                state = new
            if state == UNMARKED and not _takes(sight, event, row):
                continue
        away = state == UNMARKED or state in numbers
        if away and (since is None or until is not None):
            since, until = event.known_at, None
        elif not away and since is not None and until is None:
            until = event.known_at
    return (since, until) if since is not None else None


@dataclass(frozen=True, eq=False)
class _Entries:
    """The saves and amendments that are known, by session, so that those of one pupil are soon found.

    `seats` has the rolls that a pupil is on, by number, and the place in each; an event has its number in the
    order in which it became known.
    """

    seats: Mapping[str, list[tuple[int, int]]]
    saves: Mapping[tuple[Session, int], list[tuple[int, Save]]]
    amendments: Mapping[tuple[Session, str], list[tuple[int, Amendment]]]

    @classmethod
    def of(cls, sight: Sight) -> _Entries:
        """Those that are known at the moment."""
        rolls: dict[tuple[str, ...], int] = {}
        saves: dict[tuple[Session, int], list[tuple[int, Save]]] = {}
        amendments: dict[tuple[Session, str], list[tuple[int, Amendment]]] = {}
        for number, event in enumerate(sight.book.register.known_by(sight.book.known_at)):
            if isinstance(event, Amendment):
                amendments.setdefault((event.session, event.enrolment), []).append((number, event))
            else:
                roll = rolls.setdefault(event.roll, len(rolls))
                saves.setdefault((event.session, roll), []).append((number, event))
        seats: dict[str, list[tuple[int, int]]] = {}
        for roll_of, roll in rolls.items():
            for seat, enrolment in enumerate(roll_of):
                seats.setdefault(enrolment, []).append((roll, seat))
        return cls(seats, saves, amendments)

    def about(self, enrolment: str, session: Session) -> list[tuple[int, Save | Amendment, int]]:
        """The events of a pupil at a session, in their order, each with the pupil's place in the roll."""
        found: list[tuple[int, Save | Amendment, int]] = []
        for roll, seat in self.seats.get(enrolment, ()):
            found += [(number, save, seat) for number, save in self.saves.get((session, roll), ())]
        found += [(number, one, 0) for number, one in self.amendments.get((session, enrolment), ())]
        return sorted(found, key=lambda entry: entry[0])


def _takes(sight: Sight, save: Save, row: int) -> bool:
    """Whether a save took the register of a pupil's class, and did not just enter leave of somebody before.

    It did if it is of the day itself and says of somebody in the class that they are there, or are not and
    nobody knows why.
    """
    if told_on(save.known_at) < save.session.on:
        return False
    taken = sight.once(("classes taken", id(save)), partial(_taken, sight, save))
    return sight.enrolments[row].value(GROUP, save.session.on) in taken


def _taken(sight: Sight, save: Save) -> frozenset[str | None]:
    statute = sight.book.statute
    codes = statute.on(save.session.on).codes.values()
    numbers = {statute.number(one.symbol) for one in codes if one.attended} | {
        statute.number(sight.unknown_code)
    }
    rows = (sight.row_of.get(one) for one, mark in zip(save.roll, save.marks, strict=True) if mark in numbers)
    return frozenset(sight.enrolments[row].value(GROUP, save.session.on) for row in rows if row is not None)


# --- who is expected and whom nobody has marked ----------------------------------------------------------


def awaited(sight: Sight) -> Sequence[NotThere]:
    """Today's pupils whom no saved register has yet: expected, not marked, and away for no known reason.

    `since` is when the register opens. Once the register has closed and nobody in the school is marked,
    nobody is awaited: then it is the register that is missing.
    """
    return sight.once("awaited", lambda: list(_awaited(sight)))


def _awaited(sight: Sight) -> Iterator[NotThere]:
    first = 2 * sight.place_of(sight.day)
    strips = sight.book.strips
    if first >= strips.marks.shape[1] or sight.days[first // 2] != sight.day:
        return
    taken = (strips.marks[:, first : first + 2] != UNMARKED).any(axis=0)
    elsewhere = _elsewhere(sight)
    for row in range(len(sight.enrolments)):
        place = next((one for one in (first, first + 1) if strips.expected[row, one]), None)
        if place is None or strips.marks[row, place] != UNMARKED or (row, place - first) in elsewhere:
            continue
        if not taken[place - first] and _closed_at(sight, row, place) <= sight.at:
            continue
        times = sight.times(sight.all_sessions[place], row) if place % 2 else None
        since = clock(sight.day, times.opens if times is not None else time.min)
        yield NotThere(row, sight.day, (place,), since)


def _elsewhere(sight: Sight) -> set[tuple[int, int]]:
    """The rows and halves of today on which the school knows that somebody does not come, and why."""
    day = sight.day
    whole: set[int] = set()
    for _, asked, decided, row in decisions(sight):
        if decided is not None and decided.grants(asked, day):
            whole.add(row)
    for _, excluded, row in sight.of(Excluded):
        if excluded.from_on <= day <= (excluded.until_on or day):
            whole.add(row)
    whole |= {row for _, licence, row in sight.of(PerformanceLicensed) if day in licence.days_on}
    for fact, closed in sight.facts.of(ClosureDeclared):
        if fact.on <= day <= (closed.until_on or fact.on):
            groups = closed.year_groups
            rows = range(len(sight.enrolments))
            whole |= {row for row in rows if not groups or sight.year_group(row, day) in groups}
    return {(row, half) for row in whole for half in BOTH} | set(_taught_elsewhere(sight))


def _taught_elsewhere(sight: Sight) -> Iterator[tuple[int, int]]:
    """The rows and halves of today for which it is agreed that a pupil is somewhere else, or at home."""
    day = sight.day
    for _, agreed, row in sight.of(ProvisionAgreed):
        if agreed.from_on <= day <= (agreed.until_on or day):
            yield from ((row, half) for half in _halves(agreed.times, day))
    for row in {row for _, _, row in sight.of(TimetableAgreed)}:
        found = covered_by(sight, row, day)
        for half in Half if found is not None else ():
            times = sight.times(Session(day, half), row)
            if (
                found is not None
                and times is not None
                and leaves_out(found[1].data, Session(day, half), times)
            ):
                yield row, int(half)


def _halves(pairs: Sequence[tuple[str, str]], day: date) -> frozenset[int]:
    """The halves of a day that pairs of a day and times name; without pairs, both of every day."""
    found: set[int] = set()
    for pair in pairs:
        days = days_named((pair,))
        if days is None or day in days or day.weekday() in days:
            hours = HOURS.search(pair[1])
            begins, ends = (
                (time.fromisoformat(one.rjust(5, "0")) for one in hours.groups()) if hours else ALL_DAY
            )
            found |= {int(Half.AM)} if begins.hour < NOON else set()
            found |= {int(Half.PM)} if ends > time(NOON) else set()
    return frozenset(found) if pairs else BOTH


# --- what is known of them -------------------------------------------------------------------------------


def starts_at(params: ReportDeadline | MorningStep, one: NotThere) -> datetime:
    """From when on somebody acts: the time that the rule names or, if that is later, when it was seen."""
    by = clock(one.on, params.by)
    if isinstance(params, MorningStep) and params.step == "safe by" and params.ahead is not None:
        by -= timedelta(minutes=params.ahead.number)
    return max(by, one.since)


def in_time_before(params: ReportDeadline, day: date) -> datetime:
    """Before when a report is in time: the time itself or, where its minute counts, the next minute."""
    return clock(day, params.by) + timedelta(minutes=params.minute_itself)


def reported_for(sight: Sight, params: ReportDeadline | MorningStep, row: int, day: date) -> Sequence[Fact]:
    """The contacts about a pupil that can explain a day: where every day is reported, those of that day."""
    enrolment = sight.enrolments[row].id
    if params.each_day == "every day":
        return sight.once("contacts by day", lambda: _contacts_by_day(sight)).get((enrolment, day), ())
    return sight.contacts.get(enrolment, ())


def _contacts_by_day(sight: Sight) -> dict[tuple[str, date], list[Fact]]:
    """Contacts by pupil and by the day that they are about, and the day on which the school was told."""
    found: dict[tuple[str, date], list[Fact]] = {}
    for enrolment, facts in sight.contacts.items():
        for fact in facts:
            for day in {fact.on, told_on(fact.known_at)}:
                found.setdefault((enrolment, day), []).append(fact)
    return found


def stated_until(sight: Sight, fact: Fact, data: AbsenceReported, row: int) -> date | None:
    """The last day of absence that a report states, as a day, a day of return or a number of days."""
    if data.until_on or data.back_on:
        return data.until_on or (data.back_on or fact.on) - timedelta(days=1)
    if not data.days_expected:
        return None
    days = sight.book.calendar.school_days(fact.on, sight.day, sight.year_group(row, fact.on))
    return days[: data.days_expected][-1] if days else fact.on


def covers(sight: Sight, params: ReportDeadline | MorningStep, fact: Fact, row: int, day: date) -> bool:
    """Whether a report explains a day, by how long the policy lets a report count.

    One that counts for the whole absence ends with it: who came in between is absent anew, and after the last
    day that was stated the pupil is expected.
    """
    data = fact.data
    if not isinstance(data, AbsenceReported):
        return False
    if day in (fact.on, told_on(fact.known_at)):
        return True
    if fact.on > day or params.each_day == "every day":
        return False
    if params.each_day == "the first day only":
        last_on = stated_until(sight, fact, data, row)
        came = sight.sessions_of(sight.attended, row, fact.on, day - timedelta(days=1))
        return (last_on is None or day <= last_on) and not came
    back_on = data.back_on or (data.until_on + timedelta(days=1) if data.until_on else None)
    return back_on is not None and day < back_on


def confirming(sight: Sight, params: MorningStep, one: NotThere) -> list[Fact]:
    """The facts by which the school is satisfied about a pupil on a day, in the order in which it knew.

    A report that counts for the session, contact with the family on the day, the child seen, or come in. A
    call about something else, and a report of an appointment in the other half of the day, are none.
    """
    key = ("confirming", params.each_day, one.row, one.on, one.places[0])
    return sight.once(key, lambda: _confirming(sight, params, one))


def _confirming(sight: Sight, params: MorningStep, one: NotThere) -> list[Fact]:
    enrolment = sight.enrolments[one.row].id
    of_day = sight.once("contacts by day", lambda: _contacts_by_day(sight)).get((enrolment, one.on), [])
    before: list[Fact] = []
    if params.each_day != "every day":
        reports = (fact for fact, _, _ in sight.of_row(AbsenceReported, one.row) if fact.on < one.on)
        before = [fact for fact in reports if told_on(fact.known_at) != one.on]
    found = [
        fact
        for fact in (*before, *of_day)
        if fact.known_at < end_of(one.on) and _satisfies(sight, params, fact, one)
    ]
    for fact in arrivals_of(sight, one.row, one.on):
        if not one.afternoon or fact.at.astimezone(LONDON).hour >= NOON:
            found.append(fact)
    return sorted(found, key=lambda fact: fact.known_at)


def _satisfies(sight: Sight, params: MorningStep, fact: Fact, one: NotThere) -> bool:
    data = fact.data
    if isinstance(data, AbsenceReported):
        return covers(sight, params, fact, one.row, one.on) and _is_of_session(sight, fact, data, one)
    if isinstance(data, ContactTried) and data.purpose in ABOUT_OTHER_THINGS:
        return False
    return is_contact(fact) and fact.on == one.on


def _is_of_session(sight: Sight, fact: Fact, data: AbsenceReported, one: NotThere) -> bool:
    """Whether a report of a part of a day is of the session at which the pupil was not there."""
    if fact.on != one.on:
        return True
    session = sight.all_sessions[one.places[0]]
    if data.halves not in ("both", session.half.name):
        return False
    times = sight.times(session, one.row)
    return data.away_from is None or times is None or data.away_from <= times.closes


def calls(sight: Sight, one: NotThere) -> dict[str, list[Fact]]:
    """The calls that were made on the day because the pupil was not there, by contact, in call order.

    A call of which nobody said whom it was to is one to the next contact that had not been rung. Where no
    contacts are known there is one without an id.
    """
    key = ("calls", one.row, one.on)
    return sight.once(key, lambda: rung(sight, one.row, OF_THE_MORNING, lambda fact: fact.on == one.on))


def rung(
    sight: Sight, row: int, purposes: Sequence[str], when: Callable[[Fact], bool]
) -> dict[str, list[Fact]]:
    """The calls about a pupil for some purposes, of those that `when` accepts, by contact, in call order."""
    order = sight.book.contacts_of(sight.enrolments[row].id) or ("",)
    found: dict[str, list[Fact]] = {contact: [] for contact in order}
    tried = [
        (fact, data.contact)
        for fact, data, _ in sight.of_row(ContactTried, row)
        if data.channel in RUNG and data.purpose in purposes and when(fact)
    ]
    for fact, contact in sorted(tried, key=lambda pair: pair[0].at):
        if not contact or order == ("",):
            contact = next((key for key, own in found.items() if not own), order[-1])
        if contact in found:
            found[contact].append(fact)
    return found


def failed_at(facts: Sequence[Fact]) -> datetime | None:
    """When the first call to a contact failed; None where there was none, or it reached them.

    A message that was left reached nobody. Whom a later call reached had not been reached before.
    """
    first = facts[0].data if facts else None
    return facts[0].at if isinstance(first, ContactTried) and first.outcome != "reached" else None


def written_to(sight: Sight, one: NotThere, from_at: datetime) -> list[Fact]:
    """The messages about a pupil that went to the family on the day, from a moment on."""
    order = {*sight.book.contacts_of(sight.enrolments[one.row].id)}
    found = [
        fact
        for fact, data, _ in sight.of_row(MessageSent, one.row)
        if fact.on == one.on and not data.duty and (not data.to or not order or order & {*data.to})
    ]
    found += [
        fact
        for fact, tried, _ in sight.of_row(ContactTried, one.row)
        if fact.on == one.on and tried.channel in WRITTEN and tried.purpose in OF_THE_MORNING
    ]
    return sorted((fact for fact in found if fact.at >= from_at), key=lambda fact: fact.at)


def unreported_code(sight: Sight, row: int, day: date) -> tuple[str, str]:
    """The code for a pupil of whom no reason is known, and the rule that says so; "" for the law's own."""
    for rule in sight.rules:
        code = rule.params.code if isinstance(rule.params, ReportDeadline | MorningStep) else ""
        if code and sight.applies(rule.applies_to, row, day):
            return code, rule.id
    return sight.unknown_code, ""
