"""The notes that a school makes as a school: returns, newsletters, reviews, awards, training, closures.

Most of what a policy asks for every day, week and half term was done; some of it was forgotten.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal

import numpy as np

from firstbell.facts import About
from firstbell.facts.absences import Channel, ClosureDeclared, LateGateHeld, MessageSent
from firstbell.facts.cases import LetterSent
from firstbell.facts.school import (
    AwardGiven,
    ConsultationHeld,
    DrawMade,
    MovingFormReceived,
    PolicyAdopted,
    Published,
    ReturnSent,
    ReviewHeld,
    RoleGiven,
    SchoolMeetingHeld,
    StrategySet,
    TrainingDone,
)
from firstbell.measures import Rate, RunKind, runs
from firstbell.sessions import HalfTerm, monday_of
from firstbell.synth.notebook import HEAD, OFFICE, OFFICER, TEACHER, Notebook

__all__ = ["note_school"]

SCHOOL = About()
STAFF = (
    ("S01", "headteacher"),
    ("S02", "attendance officer"),
    ("S03", "office"),
    ("S04", "family worker"),
    ("S05", "attendance governor"),
)
SICK_DAYS = 15
DAYS_OF_RETURN = 10


def note_school(notebook: Notebook) -> None:
    """Writes down what the school did as a school during the year."""
    _start_of_year(notebook)
    _daily(notebook)
    _weekly(notebook)
    _half_terms(notebook)
    _returns(notebook)
    _closures(notebook)


def _at(notebook: Notebook, day: date, earliest: str, latest: str) -> datetime:
    return notebook.clock(notebook.school_day(day), earliest, latest)


def _start_of_year(notebook: Notebook) -> None:
    """Roles, training, policy, term dates, contact details."""
    first = notebook.days[0]
    for staff, role in STAFF:
        about = About(staff=staff)
        notebook.note(RoleGiven(role=role), about, _at(notebook, first, "08:00", "08:20"), HEAD)
    for number in range(1, 1 + max(4, len(notebook.enrolments) // 35)):
        about, new = About(staff=f"T{number:02d}"), notebook.chance(0.14)
        occasion: Literal["induction", "refresher"] = "induction" if new else "refresher"
        training = TrainingDone(training="attendance", occasion=occasion, covers=("registers", "barriers"))
        notebook.note(training, about, _at(notebook, first, "15:45", "16:30"), HEAD)
    enhanced = TrainingDone(training="attendance", occasion="enhanced", covers=("law", "data", "support"))
    notebook.note(enhanced, About(staff="S02"), _at(notebook, notebook.days[6], "09:00", "12:00"), HEAD)
    year = notebook.school.year
    adopted = PolicyAdopted(
        policy="attendance", policy_version=str(year), adopted_by="governors", review_on=date(year + 1, 10, 1)
    )
    at = _at(notebook, date(year, 9, 24), "18:00", "19:30")
    notebook.note(adopted, SCHOOL, at, "governors")
    notebook.note(ReviewHeld(review="attendance policy"), SCHOOL, at, "governors")
    asked = ConsultationHeld(about="attendance policy", consulted=("teachers", "parents"), outcome="agreed")
    notebook.note(asked, SCHOOL, _at(notebook, date(year, 9, 17), "15:30", "17:00"), HEAD)
    dates = Published(what="term dates", where=("website", "sent home"))
    notebook.note(dates, SCHOOL, _at(notebook, first, "10:00", "12:00"), OFFICE)
    details = MessageSent(channel="app", message="contact details")
    notebook.note(details, SCHOOL, _at(notebook, notebook.days[3], "10:00", "12:00"), OFFICE)


def _daily(notebook: Notebook) -> None:
    for day in notebook.days:
        if notebook.chance(0.96):
            data = ReturnSent(of="daily attendance", from_on=day, until_on=day)
            notebook.note(data, SCHOOL, notebook.clock(day, "15:40", "16:20"), OFFICER)


def _weekly(notebook: Notebook) -> None:
    """On the last day of each week: the look at the figures, the best class, and sometimes a newsletter."""
    weeks = [list(days) for _, days in groupby(notebook.days, key=monday_of)]
    for number, days in enumerate(weeks):
        last = days[-1]
        if notebook.chance(0.85):
            words = notebook.one_of(
                ("", "two classes below 93%: to be looked at", "Mondays are the weak day")
            )
            data = ReviewHeld(review="weekly monitoring", from_on=days[0], until_on=last, words=words)
            notebook.note(data, SCHOOL, notebook.clock(last, "14:00", "16:00"), OFFICER)
        if number % 2 and notebook.chance(0.85):
            letter = Published(
                what="newsletter", where=("website", "sent home"), from_on=weeks[number - 1][0], until_on=last
            )
            notebook.note(letter, SCHOOL, notebook.clock(last, "13:30", "15:30"), OFFICE)
        if notebook.chance(0.8):
            _best_class(notebook, days)


def _best_class(notebook: Notebook, days: list[date]) -> None:
    groups = _groups(notebook)
    attended = notebook.strips.where(lambda code: code.attended)
    possible = notebook.strips.where(lambda code: code.possible)
    first, last = 2 * notebook.place(days[0]), 2 * notebook.place(days[-1]) + 2
    rates = {
        name: Rate(int(attended[rows, first:last].sum()), int(possible[rows, first:last].sum()))
        for name, rows in groups.items()
    }
    best = max(rates, key=lambda name: (rates[name].fraction or 0, name))
    for award in ("top three classes", "star, certificate and trophy"):
        data = AwardGiven(award=award, from_on=days[0], until_on=days[-1], prize="trophy", place=1)
        notebook.note(data, About(group=best), notebook.clock(days[-1], "14:30", "15:10"), TEACHER)


def _groups(notebook: Notebook) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, child in enumerate(notebook.school.children):
        found.setdefault(child.group, []).append(row)
    return found


def _half_terms(notebook: Notebook) -> None:
    """At the end of each half term: the review of persistent absence, and certificates, class by class."""
    for number, half in enumerate(notebook.school.calendar.half_terms[:6]):
        last = notebook.school_day(half.ends_on, 0 if half.ends_on in notebook.days else -1)
        if notebook.chance(0.8):
            review = ReviewHeld(review="persistent and severe absence", from_on=half.starts_on, until_on=last)
            notebook.note(review, SCHOOL, notebook.clock(last, "13:00", "16:00"), HEAD)
        gate_on = notebook.school_day(half.starts_on, notebook.between(3, 12))
        gate = LateGateHeld(greeted=notebook.between(4, 19), staff=("S01", "S02"))
        notebook.note(gate, SCHOOL, notebook.clock(gate_on, "08:52", "09:15"), HEAD)
        _certificates(notebook, half, last)
        if number % 2:
            meeting = SchoolMeetingHeld(
                meeting="targeting support meeting",
                present=("S01", "S02", "local authority"),
                outcome="went through persistent absence, pupil by pupil",
            )
            on = notebook.school_day(last, -notebook.between(4, 15))
            notebook.note(meeting, SCHOOL, notebook.clock(on, "10:00", "14:00"), HEAD)
            strategy = StrategySet(
                area=notebook.one_of(("Fridays", "Year 9", "pupils with free school meals")),
                actions=(("ring home on the first day", "S02"), ("breakfast club", "S04")),
                measure="attendance of the group in the next half term",
                review_on=notebook.school_day(last, 30),
            )
            notebook.note(strategy, SCHOOL, notebook.clock(on, "14:10", "16:00"), HEAD)
            _raffle(notebook, number, last)
            if notebook.school.kind != "secondary":
                _reports(notebook, last)


def _whole(notebook: Notebook, first_on: date, last_on: date) -> list[int]:
    """Who missed nothing from one day to another."""
    first, last = 2 * notebook.place(first_on), 2 * notebook.place(last_on) + 2
    missed = notebook.absent[:, first:last].any(axis=1)
    there = notebook.strips.where(lambda code: code.attended)[:, first:last].any(axis=1)
    return [
        int(row) for row in np.flatnonzero(there & ~missed) if notebook.enrolments[int(row)].on_roll(last_on)
    ]


def _certificates(notebook: Notebook, half: HalfTerm, last: date) -> None:
    """Awards to pupils, each class in one note: missed nothing, and was never late either."""
    whole = set(_whole(notebook, half.starts_on, last))
    first, stop = 2 * notebook.place(half.starts_on), 2 * notebook.place(last) + 2
    came_late = notebook.strips.where(lambda code: bool(code.late))[:, first:stop]
    late = np.flatnonzero(came_late.any(axis=1)).tolist()
    awards = (
        ("half-term certificate and prize", whole),
        ("always on time", whole.difference(late)),
    )
    for name, rows in _groups(notebook).items():
        for award, earned in awards:
            chosen = tuple(notebook.enrolments[row].id for row in rows if row in earned)
            if chosen and notebook.chance(0.9):
                data = AwardGiven(
                    award=award, from_on=half.starts_on, until_on=last, prize="certificate", enrolments=chosen
                )
                notebook.note(data, About(group=name), notebook.clock(last, "14:00", "15:00"), TEACHER)


def _reports(notebook: Notebook, last: date) -> None:
    """At the end of a term every class teacher writes to the parents; now and then one does so too late."""
    for rows in _groups(notebook).values():
        if not notebook.chance(0.94):
            continue
        at = notebook.clock(last, "14:30", "15:30")
        for row in rows:
            letter = LetterSent(letter="attendance-report", to=(notebook.parent(row),))
            notebook.note(letter, notebook.about(row), at, TEACHER)


def _raffle(notebook: Notebook, number: int, last: date) -> None:
    term = notebook.school.calendar.terms[number // 2]
    entries = tuple(notebook.enrolments[row].id for row in _whole(notebook, term.starts_on, last))
    if entries and notebook.chance(0.8):
        winner = notebook.one_of(entries)
        data = DrawMade(
            award="term raffle", seed=f"{last}", entries=entries, winners=(winner,), prizes=("book token",)
        )
        notebook.note(data, SCHOOL, notebook.clock(last, "14:00", "15:00"), HEAD)


# --- what the law asks to be told ------------------------------------------------------------------------


def _returns(notebook: Notebook) -> None:
    """New pupils, leavers, long illness and ten days of unauthorised absence: told to the authority."""
    first = notebook.days[0]
    for row, one in enumerate(notebook.enrolments):
        about = notebook.about(row)
        if one.starts_on > first and notebook.chance(0.85):
            day = notebook.school_day(one.starts_on, notebook.between(0, 3))
            notebook.note(ReturnSent(of="new pupil"), about, notebook.clock(day, "11:00", "15:00"), OFFICER)
        if one.ends_on is not None and notebook.chance(0.85):
            form_on = notebook.school_day(one.ends_on - timedelta(days=notebook.between(8, 30)))
            form = MovingFormReceived(leaving_on=one.ends_on, new_school="a school in another town")
            notebook.note(form, about, notebook.clock(form_on, "08:40", "15:20"), OFFICE)
            day = notebook.school_day(one.ends_on - timedelta(days=notebook.between(0, 5)))
            if day <= one.ends_on:
                sent_at = notebook.clock(day, "11:00", "15:00")
                notebook.note(ReturnSent(of="deletion"), about, sent_at, OFFICER)
    cells = notebook.strips.marked("I")
    ill = np.cumsum(cells[:, 0::2] | cells[:, 1::2], axis=1)
    for sick in np.flatnonzero(ill[:, -1] >= SICK_DAYS):
        if notebook.chance(0.8):
            day = notebook.school_day(notebook.days[int(np.argmax(ill[sick] >= SICK_DAYS))], 2)
            about, at = notebook.about(int(sick)), notebook.clock(day, "11:00", "15:00")
            notebook.note(ReturnSent(of="sickness"), about, at, OFFICER)
    for run in runs(notebook.strips, RunKind.UNAUTHORISED, at_least=DAYS_OF_RETURN):
        if notebook.chance(0.8):
            day = notebook.school_day(notebook.days[run.reached[DAYS_OF_RETURN - 1]], 1)
            about, at = notebook.about(run.row), notebook.clock(day, "11:00", "15:00")
            notebook.note(ReturnSent(of="attendance"), about, at, OFFICER)


def _closures(notebook: Notebook) -> None:
    """A day on which most stand as Y4: declared early, and told by the channels that were thought of."""
    closed = notebook.strips.marked("Y4")[:, 0::2]
    for place in np.flatnonzero(closed.mean(axis=0) > 0.5):
        day = notebook.days[int(place)]
        at = notebook.clock(day, "06:20", "06:55")
        notebook.note(ClosureDeclared(why="snow: the site is not safe"), SCHOOL, at, HEAD)
        news = Published(what="closure", where=("website", "authority website"))
        notebook.note(news, SCHOOL, notebook.later(at, 3, 25), OFFICE)
        channels: tuple[Channel, ...] = ("text", "e-mail")
        for channel in channels:
            message = MessageSent(channel=channel, message="closure")
            notebook.note(message, SCHOOL, notebook.later(at, 5, 40), OFFICE)
