"""The notes of a school's mornings: who reported what, whom the office tried, who came late, who was visited.

Each follows a stretch of one code in a pupil's strip. Where the mark was amended, the note has the moment at
which the register learnt of it, and the reason that stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

import numpy as np

from firstbell.facts.absences import (
    AbsenceReason,
    AbsenceReported,
    Arrived,
    Channel,
    ContactTried,
    DoubtRecorded,
    EvidenceAsked,
    EvidenceReceived,
    FoundSafe,
    VisitMade,
)
from firstbell.facts.cases import ProfessionalTold, PupilSpokenTo
from firstbell.measures import RunKind, runs
from firstbell.register import Amendment
from firstbell.synth.notebook import HEAD, OFFICE, OFFICER, TEACHER, WORKER, Notebook

__all__ = ["note_mornings", "stretches"]

SIGNED_IN_FROM = {"primary": 14, "secondary": 19, "special": 14}
"""Who comes so many minutes late finds the doors shut and signs the late book."""
MOST_REPORTS = 6
"""Of one absence: after that the office knows, and nobody rings any more."""
SYMPTOMS = (
    "high temperature", "sick in the night", "bad cold and cough", "stomach bug", "headache", "ear infection",
    "chicken pox", "sore throat", "migraine",
)  # fmt: skip
NOT_ACCEPTED: tuple[AbsenceReason, ...] = (
    "late night", "minor ailment", "birthday", "lack of childcare", "shopping", "none given",
    "visiting or visited by relatives", "reluctance to attend", "no transport",
)  # fmt: skip
LATE: tuple[AbsenceReason, ...] = (
    "none given", "late night", "no transport", "travel delay", "weather", "dental appointment",
    "school transport did not come",
)  # fmt: skip
LATE_WEIGHTS = (45, 20, 8, 14, 3, 4, 6)
CHANNELS: tuple[Channel, ...] = ("phone", "app", "text", "e-mail", "in person")
CHANNEL_WEIGHTS = (62, 18, 9, 8, 3)


def stretches(notebook: Notebook, *codes: str) -> Iterator[tuple[int, str, list[int]]]:
    """The unbroken stretches of one of some codes: row, code, places. A holiday does not break them."""
    numbers = {notebook.strips.statute.number(code): code for code in codes}
    for row, marks in enumerate(notebook.strips.marks):
        edges = np.flatnonzero(np.diff(marks)) + 1
        starts = np.concatenate([[0], edges])
        for start, end in zip(starts, np.concatenate([edges, [len(marks)]]), strict=True):
            if (code := numbers.get(int(marks[start]))) is not None:
                yield row, code, list(range(int(start), int(end)))


def note_mornings(notebook: Notebook) -> None:
    """Writes down the mornings of the whole year."""
    for row, code, places in stretches(notebook, "I", "M", "N", "O", "U", "L"):
        if code == "I":
            _illness(notebook, row, places)
        elif code == "M":
            _appointment(notebook, row, places)
        elif code in ("N", "O"):
            _unexplained(notebook, row, places)
        else:
            _late(notebook, row, places, code)
    _visits(notebook)
    _doubts(notebook)


def days_of(notebook: Notebook, places: list[int]) -> list[date]:
    """The days of some sessions."""
    return [notebook.days[day] for day in dict.fromkeys(place // 2 for place in places)]


def _learnt(notebook: Notebook, row: int, places: list[int], becomes: str) -> Amendment | None:
    """The first amendment that put a code where the reason had not been known."""
    found = (one for place in places for one in notebook.amendments.get((row, place), ()))
    return min((one for one in found if one.amended == becomes), key=lambda one: one.known_at, default=None)


# --- illness and appointments ----------------------------------------------------------------------------


def _illness(notebook: Notebook, row: int, places: list[int]) -> None:
    """A report on the first day, sometimes late; on later days often, and then nobody rings any more."""
    days = days_of(notebook, places)
    learnt = _learnt(notebook, row, places, "I")
    if learnt is not None and "evidence" in learnt.reason:
        _evidence(notebook, row, days, learnt.known_at)
        learnt = None
    reports = 0
    for number, day in enumerate(days):
        if number == 0 and learnt is not None:
            reported_at, channel = learnt.known_at, _channel_of(learnt.reason)
            if reported_at.date() > day and notebook.chance(0.7):
                _tried(notebook, row, day, reached=False)
        elif learnt is not None and day <= learnt.known_at.date():
            continue
        elif notebook.chance(0.88 if number == 0 else 0.2 if number < 3 else 0.1):
            late = number == 0 and places[0] % 2 == 1
            reported_at = notebook.clock(day, *(("11:40", "13:05") if late else ("07:35", "09:10")))
            channel = notebook.one_of(CHANNELS, CHANNEL_WEIGHTS)
        else:
            continue
        _report_illness(notebook, row, (day, days[-1]), reported_at, channel)
        reports += 1
        if reports == MOST_REPORTS:
            return


def _report_illness(
    notebook: Notebook, row: int, days: tuple[date, date], at: datetime, channel: Channel
) -> None:
    first, last = days
    told = first < last <= first + timedelta(days=10) and at.date() <= last and notebook.chance(0.3)
    data = AbsenceReported(
        reason="illness",
        reported_by=notebook.parent(row),
        channel=channel,
        until_on=last if told else None,
        words=notebook.one_of(SYMPTOMS) if notebook.chance(0.75) else "",
    )
    notebook.note(data, notebook.about(row), at, OFFICE, on=first)


def _evidence(notebook: Notebook, row: int, days: list[date], at: datetime) -> None:
    data = EvidenceReceived(
        of="illness",
        form=notebook.one_of(("prescription", "medicine", "letter", "card")),
        accepted="yes",
        from_on=days[0],
        until_on=days[-1],
    )
    notebook.note(data, notebook.about(row), at, OFFICE)


def _channel_of(reason: str) -> Channel:
    return "e-mail" if "e-mail" in reason else "app" if "message" in reason else "phone"


def _appointment(notebook: Notebook, row: int, places: list[int]) -> None:
    """Reported some days before or on the day, with or without a card to be seen."""
    day = days_of(notebook, places)[0]
    learnt = _learnt(notebook, row, places, "M")
    dental = (learnt is not None and "dentist" in learnt.reason) or notebook.chance(0.4)
    whole_day = len(places) > 1
    morning = places[0] % 2 == 0
    starts = notebook.clock(day, *(("09:00", "11:00") if morning else ("13:20", "14:30")))
    ends = starts + timedelta(minutes=notebook.between(60, 110))
    at = notebook.clock(notebook.school_day(day, -notebook.between(1, 8)), "08:20", "15:50")
    if at.date() == day or learnt is not None or notebook.chance(0.2):
        at = learnt.known_at if learnt is not None else notebook.clock(day, "08:00", "09:05")
    data = AbsenceReported(
        reason="dental appointment" if dental else "medical appointment",
        reported_by=notebook.parent(row),
        channel=notebook.one_of(CHANNELS, CHANNEL_WEIGHTS),
        away_from=None if whole_day else starts.time(),
        away_until=None if whole_day else ends.time(),
        halves="both" if whole_day else "AM" if morning else "PM",
    )
    notebook.note(data, notebook.about(row), at, OFFICE, on=day)
    if notebook.chance(0.6):
        shown = EvidenceReceived(
            of="appointment",
            form=notebook.one_of(("card", "letter", "other"), (70, 25, 5)),
            accepted="yes",
            from_on=day,
            until_on=day,
        )
        seen_at = at if at.date() < day else notebook.later(at, 1, 20)
        notebook.note(shown, notebook.about(row), seen_at, OFFICE)


# --- nobody knows why ------------------------------------------------------------------------------------


def _tried(
    notebook: Notebook, row: int, day: date, *, reached: bool, reason: AbsenceReason | None = None
) -> datetime:
    """One attempt to reach a parent on a day, and the moment of it."""
    at = notebook.clock(day, "09:32", "10:40") if not reached else notebook.clock(day, "10:45", "15:10")
    data = ContactTried(
        channel=notebook.one_of(("phone", "text"), (80, 20)) if not reached else "phone",
        outcome="reached" if reached else notebook.one_of(("message left", "no answer"), (65, 35)),
        contact=notebook.parent(row),
        reason_given=reason,
        words=f"says: {reason}" if reason and reason != "none given" else "",
    )
    notebook.note(data, notebook.about(row), at, OFFICE, on=day)
    return at


def _unexplained(notebook: Notebook, row: int, places: list[int]) -> None:
    """The office rings: a message is left first, then somebody is reached, or nobody is for five days."""
    days = days_of(notebook, places)
    for number, day in enumerate(days):
        # Of an absence that everybody knows of by now, one try a week at most.
        if number % 5 or notebook.chance(0.3 if number == 0 else 0.6):
            continue
        of_day = [place for place in places if notebook.days[place // 2] == day]
        learnt = _learnt(notebook, row, of_day, "O")
        reason: AbsenceReason | None = None
        if learnt is not None and "not accepted" in learnt.reason:
            reason = notebook.one_of(NOT_ACCEPTED)
        if reason is None or notebook.chance(0.3):
            _tried(notebook, row, day, reached=False)
        if reason is not None:
            on = learnt.known_at.date() if learnt is not None else day
            _tried(notebook, row, min(on, days[-1]), reached=True, reason=reason)
    if len(days) > 1 and (back_at := _returned(notebook, places)) and notebook.chance(0.12):
        data = PupilSpokenTo(about="return", words="glad to be back; will catch up on missed work")
        notebook.note(data, notebook.about(row), back_at, TEACHER)


def _returned(notebook: Notebook, places: list[int]) -> datetime | None:
    back = places[-1] // 2 + 1
    return notebook.clock(notebook.days[back], "08:50", "09:10") if back < len(notebook.days) else None


# --- late ------------------------------------------------------------------------------------------------


def _late(notebook: Notebook, row: int, places: list[int], code: str) -> None:
    """Entries of the late book: in the morning, of those who found the doors shut."""
    minutes, doors = notebook.strips.minutes_late, SIGNED_IN_FROM[notebook.school.kind]
    for place in places:
        late = int(minutes[row, place]) if minutes is not None else 0
        learnt = _learnt(notebook, row, [place], "U")
        if place % 2 or (code == "L" and late < doors):
            continue
        opens = notebook.school.calendar.times[0].sessions[notebook.strips.axis.session(place).half].opens
        day = notebook.days[place // 2]
        at = notebook.clock(day, f"{opens:%H:%M}", f"{opens:%H:%M}") + timedelta(minutes=late)
        if learnt is not None:
            at = learnt.known_at
        reason = notebook.one_of(LATE, LATE_WEIGHTS)
        data = Arrived(
            reason=reason,
            brought_by=notebook.parent(row) if notebook.school.kind == "primary" else "",
            escorted=notebook.chance(0.2),
        )
        notebook.note(data, notebook.about(row), at, OFFICE)


# --- absence that goes on --------------------------------------------------------------------------------


def _visits(notebook: Notebook) -> None:
    """On the fourth day of an absence a call or a visit, mostly."""
    for run in runs(notebook.strips, RunKind.ABSENCE, at_least=4):
        day = notebook.days[run.reached[3]]
        about = notebook.about(run.row)
        if notebook.chance(0.35):
            outcome = notebook.one_of(OUTCOMES, (55, 25, 17, 3))
            visit = VisitMade(
                outcome=outcome, announced=notebook.chance(0.3), visited_by=("S04",), words=SEEN[outcome]
            )
            at = notebook.clock(day, "10:15", "14:40")
            notebook.note(visit, about, at, WORKER, on=day)
            if outcome == "child seen":
                notebook.note(FoundSafe(how="seen at visit"), about, at, WORKER, on=day)
        elif notebook.chance(0.75):
            call = ContactTried(
                channel="phone",
                outcome=notebook.one_of(("reached", "message left"), (80, 20)),
                contact=notebook.parent(run.row),
                purpose="welfare check",
            )
            notebook.note(call, about, notebook.clock(day, "09:40", "11:30"), OFFICER, on=day)


Seen: TypeAlias = Literal["child seen", "parent seen", "nobody in", "refused"]
OUTCOMES: tuple[Seen, ...] = ("child seen", "parent seen", "nobody in", "refused")
SEEN: dict[Seen, str] = {
    "child seen": "child at home with a parent, unwell; school work was left",
    "parent seen": "parent at the door; the child was asleep",
    "nobody in": "no answer; a card was left",
    "refused": "spoke through the door and asked us to ring first",
}


def _doubts(notebook: Notebook) -> None:
    """Now and then a doubt about an illness is recorded, and only then evidence is asked for."""
    for row, _, places in stretches(notebook, "I"):
        days = days_of(notebook, places)
        if len(days) < 4 or not notebook.chance(0.06):
            continue
        about = notebook.about(row)
        why = "the third illness on a Friday this half term; seen in town by a member of staff"
        at = notebook.clock(notebook.school_day(days[3]), "11:00", "15:00")
        doubt = notebook.note(DoubtRecorded(why=why, from_on=days[0], until_on=days[-1]), about, at, HEAD)
        if not doubt:
            continue
        by_on = notebook.school_day(days[3], 10)
        asked = EvidenceAsked(of="illness", doubt=doubt, by_on=by_on, from_on=days[0], until_on=days[-1])
        notebook.note(asked, about, notebook.later(at, 5, 60), OFFICER)
        if notebook.chance(0.7):
            shown_at = notebook.clock(notebook.school_day(by_on, -notebook.between(0, 6)), "08:30", "15:30")
            _evidence(notebook, row, days, max(shown_at, notebook.later(at, 70, 90)))


def note_told(notebook: Notebook, rows: list[int]) -> None:
    """Social workers are told of an absence that nobody has explained."""
    for row, _, places in stretches(notebook, "N", "O"):
        if row in rows and notebook.chance(0.7):
            day = days_of(notebook, places)[0]
            told = ProfessionalTold(who="social worker", of="unexplained absence", name="P-031")
            notebook.note(told, notebook.about(row), notebook.clock(day, "10:00", "12:30"), OFFICER, on=day)
