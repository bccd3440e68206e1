"""The notes on leave: what was asked and decided for C, G and R, exclusions, timetables, late collections.

Leave that stands as C was granted, as G refused or never asked for. The notice that parents gave varies, and
so does what the headteacher wrote.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from firstbell.facts.absences import (
    AbsenceReason,
    AbsenceReported,
    ChargeDecided,
    CollectedLate,
    ContactTried,
)
from firstbell.facts.cases import LeaveAsked, LeaveDecided, LetterSent
from firstbell.facts.provision import Excluded, TimetableAgreed, TimetableReviewed
from firstbell.register import Amendment
from firstbell.sessions import Half
from firstbell.synth.facts_of_mornings import days_of, stretches
from firstbell.synth.notebook import HEAD, OFFICE, OFFICER, Notebook

__all__ = ["note_leave"]

GRANTED: tuple[tuple[AbsenceReason, str], ...] = (
    ("funeral", "funeral of a grandparent"),
    ("bereavement", "a death in the close family"),
    ("performance", "music examination, with a letter of the board"),
    ("interview", "visit to a new school"),
    ("other", "wedding of a parent, once only"),
    ("family emergency", "a parent taken to hospital"),
)
REFUSED: tuple[tuple[AbsenceReason, str], ...] = (
    ("holiday", "family holiday; cheaper at this time"),
    ("holiday", "the only weeks in which a parent can take leave"),
    ("visiting or visited by relatives", "visit to grandparents"),
    ("birthday", "a grandparent's birthday"),
    ("holiday", "family wedding and a holiday after it"),
)
WHY_REFUSED = (
    "a holiday is no exceptional circumstance",
    "attendance this year does not allow it",
    "asked for with too little notice; not exceptional",
)
WEIGHED = (("general record", "looked at"), ("length", "looked at"), ("circumstances", "looked at"))
LONGEST_LEAVE = 20
"""A longer stretch of C is no leave that somebody asked for: examinations, mostly."""
COLLECTED_LATE = 0.16
"""How many late collections there are for each pupil of a primary school."""


def note_leave(notebook: Notebook) -> None:
    """Writes down requests and decisions, exclusions, timetables and late collections of the year."""
    part_time: dict[int, list[int]] = {}
    for row, code, places in stretches(notebook, "C", "G", "R", "E", "J1", "C2"):
        if code == "C2":
            part_time.setdefault(row, []).extend(places)
        elif code == "E":
            _suspended(notebook, row, days_of(notebook, places))
        elif code == "J1":
            _interview(notebook, row, places)
        elif code == "R":
            _observance(notebook, row, days_of(notebook, places))
        elif code == "G":
            _holiday(notebook, row, places)
        elif len(places) <= LONGEST_LEAVE:
            _granted(notebook, row, days_of(notebook, places))
    for row, places in part_time.items():
        _part_time(notebook, row, days_of(notebook, places))
    if notebook.school.kind != "secondary":
        _collected_late(notebook)


def _ask(notebook: Notebook, row: int, days: list[date], reason: AbsenceReason, words: str) -> str:
    """A request, some days before its first day; "" where the year leaves no room for it."""
    notice = notebook.one_of((2, 5, 9, 15, 22, 35, 50), (8, 14, 18, 22, 18, 13, 7))
    asked_on = days[0] - timedelta(days=notice)
    asked_on = max(asked_on, notebook.days[0])
    while asked_on not in notebook.days and asked_on < days[0]:
        asked_on += timedelta(days=1)
    if asked_on >= days[0]:
        return ""
    abroad = reason in ("holiday", "visiting or visited by relatives") and notebook.chance(0.6)
    data = LeaveAsked(
        from_on=days[0],
        until_on=days[-1],
        reason=reason,
        applied_by=notebook.parent(row),
        on_form=notebook.chance(0.85),
        lives_with_applicant=notebook.chance(0.96),
        abroad=abroad,
        set_apart_on=tuple(days) if reason == "religious observance" else (),
        words=words,
    )
    return notebook.note(data, notebook.about(row), notebook.clock(asked_on, "08:15", "15:50"), OFFICE)


def _decide(notebook: Notebook, row: int, request: str, first_on: date, data: LeaveDecided) -> None:
    asked_at = notebook.written(request).at
    decided_on = notebook.school_day(asked_at.date(), notebook.between(1, 4))
    if decided_on >= first_on:
        at = notebook.later(asked_at, 10, 60)
    else:
        at = notebook.clock(decided_on, "10:00", "16:30")
    notebook.note(data, notebook.about(row), at, HEAD)
    if data.code != "R" and notebook.chance(0.88):
        name = "leave-refused" if data.granted == "no" else "leave-granted"
        letter = LetterSent(letter=name, to=(notebook.parent(row),))
        notebook.note(letter, notebook.about(row), notebook.later(at, 5, 25), OFFICE)


def _granted(notebook: Notebook, row: int, days: list[date]) -> None:
    reason, words = notebook.one_of(GRANTED, (30, 18, 12, 12, 14, 14))
    reasons = [one.reason for day in days for one in _amended(notebook, row, day)]
    if any("bereavement" in said for said in reasons) or reason in ("bereavement", "family emergency"):
        reason = "bereavement" if reasons else reason
        first = notebook.clock(days[0], "08:00", "09:10")
        moments = [one.known_at for day in days for one in _amended(notebook, row, day)]
        data = AbsenceReported(
            reason=reason,
            reported_by=notebook.parent(row),
            until_on=days[-1] if len(days) > 1 else None,
            words="a death in the close family" if reason == "bereavement" else words,
        )
        notebook.note(data, notebook.about(row), min([*moments, first]), OFFICE, on=days[0])
        return
    if request := _ask(notebook, row, days, reason, words):
        data_of = LeaveDecided(
            request=request, granted="yes", why=f"exceptional: {words}", decided_by="S01", weighed=WEIGHED
        )
        _decide(notebook, row, request, days[0], data_of)


def _amended(notebook: Notebook, row: int, day: date) -> list[Amendment]:
    place = 2 * notebook.place(day)
    return [one for at in (place, place + 1) for one in notebook.amendments.get((row, at), ())]


def _holiday(notebook: Notebook, row: int, places: list[int]) -> None:
    """Refused beforehand, or never asked for: then somebody is reached after a day or two, and says so."""
    days = days_of(notebook, places)
    reasons = [one.reason for day in days for one in _amended(notebook, row, day)]
    if not any("not asked for" in said for said in reasons):
        reason, words = notebook.one_of(REFUSED)
        if request := _ask(notebook, row, days, reason, words):
            why = notebook.one_of(WHY_REFUSED)
            data = LeaveDecided(request=request, granted="no", why=why, decided_by="S01", weighed=WEIGHED)
            _decide(notebook, row, request, days[0], data)
            return
    for number, day in enumerate(days[:2]):
        last = number == min(1, len(days) - 1)
        tried = ContactTried(
            channel="phone",
            outcome="reached" if last else "message left",
            contact=notebook.parent(row),
            reason_given="holiday" if last else None,
            words="foreign dialling tone; says they are away" if last else "",
        )
        notebook.note(tried, notebook.about(row), notebook.clock(day, "09:35", "11:30"), OFFICE, on=day)


def _observance(notebook: Notebook, row: int, days: list[date]) -> None:
    words = "a festival of our faith"
    if request := _ask(notebook, row, days, "religious observance", words):
        data = LeaveDecided(request=request, granted="yes", why="a day set apart", decided_by="S01", code="R")
        _decide(notebook, row, request, days[0], data)


def _interview(notebook: Notebook, row: int, places: list[int]) -> None:
    day = days_of(notebook, places)[0]
    told_on = notebook.school_day(day, -notebook.between(1, 6))
    halves: Literal["both", "AM", "PM"] = "both" if len(places) > 1 else "PM" if places[0] % 2 else "AM"
    data = AbsenceReported(
        reason="interview", reported_by=notebook.parent(row), channel="e-mail", halves=halves
    )
    notebook.note(data, notebook.about(row), notebook.clock(told_on, "08:00", "09:10"), OFFICE, on=day)


def _suspended(notebook: Notebook, row: int, days: list[date]) -> None:
    why = notebook.one_of(("assault on another pupil", "persistent disruption", "dangerous behaviour"))
    before_on = notebook.school_day(days[0], -1)
    data = Excluded(
        how="suspended",
        from_on=days[0],
        until_on=days[-1],
        parents_told_on=before_on,
        at_home_until_on=days[min(4, len(days) - 1)],
        why=why,
    )
    notebook.note(data, notebook.about(row), notebook.clock(before_on, "13:30", "15:40"), HEAD)


def _part_time(notebook: Notebook, row: int, days: list[date]) -> None:
    """A timetable for some weeks, agreed before it begins and looked at in its middle."""
    middle_on = days[len(days) // 2]
    times = tuple((name, "08:50-12:00") for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"))
    data = TimetableAgreed(
        from_on=days[0],
        until_on=days[-1],
        times=times,
        why="to come back to full time step by step after a long absence",
        review_on=(middle_on,),
        work="reading and mathematics online",
        agreed_by=(notebook.parent(row), "S02"),
    )
    about = notebook.about(row)
    at = notebook.clock(notebook.school_day(days[0], -2), "14:00", "16:00")
    timetable = notebook.note(data, about, at, OFFICER)
    if timetable and days[0] < middle_on and notebook.chance(0.8):
        review = TimetableReviewed(timetable=timetable, outcome="goes on", words="mornings go well")
        notebook.note(review, about, notebook.clock(middle_on, "14:30", "16:00"), OFFICER)


def _collected_late(notebook: Notebook) -> None:
    """Some families are often late, most never."""
    ends = notebook.school.calendar.times[0].sessions[Half.PM].ends
    habits = notebook.random.gamma(0.18, COLLECTED_LATE / 0.18, len(notebook.enrolments))
    for row, times in enumerate(notebook.random.poisson(habits)):
        for _ in range(int(times)):
            place = notebook.between(0, len(notebook.days) - 1)
            if not notebook.strips.marks[row, 2 * place + 1] or notebook.absent[row, 2 * place + 1]:
                continue
            day = notebook.days[place]
            at = notebook.clock(day, f"{ends:%H:%M}", f"{ends:%H:%M}") + timedelta(
                minutes=notebook.between(14, 55)
            )
            told_at = at - timedelta(minutes=notebook.between(10, 40)) if notebook.chance(0.55) else None
            emergency = notebook.chance(0.12)
            words = "car broke down" if emergency else notebook.one_of(("traffic", "held up at work", ""))
            data = CollectedLate(
                notified_at=told_at, collected_by=notebook.parent(row), emergency=emergency, words=words
            )
            collection = notebook.note(data, notebook.about(row), at, OFFICE)
            if collection and not emergency and notebook.chance(0.8):
                decided_at = notebook.clock(notebook.school_day(day, 1), "15:30", "16:30")
                decision = ChargeDecided(collection=collection, charged="no", why="spoken with the parent")
                notebook.note(decision, notebook.about(row), decided_at, HEAD)
