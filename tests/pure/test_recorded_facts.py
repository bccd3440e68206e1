"""The facts of invented schools: they read back, fit the marks, and are as many and mixed as a school's."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from firstbell.exchange.fact_lines import FactsRead, read_facts
from firstbell.exchange.pupils import read_pupils
from firstbell.exchange.tables import read_table
from firstbell.facts import Facts
from firstbell.facts.absences import AbsenceReported, Arrived, ClosureDeclared, ContactTried, VisitMade
from firstbell.facts.cases import FlagSet, LeaveAsked, LeaveDecided, LetterSent, MeetingHeld
from firstbell.facts.school import NoticeConsidered, NoticeIssued, NoticePaid
from firstbell.measures import threshold_episodes
from firstbell.sessions import LONDON, Half, Session
from firstbell.synth import InventedSchool, invent, school_files
from firstbell.synth.recorded_facts import facts_text, recorded_facts

KINDS = ("primary", "secondary", "special")


@cache
def school(kind: str) -> InventedSchool:
    return invent(kind, 120, 5)


@cache
def facts(kind: str) -> Facts:
    return recorded_facts(school(kind))


def read(kind: str, folder: Path) -> FactsRead:
    for name, content in school_files(school(kind)).items():
        (folder / name).write_bytes(content)
    pupils = read_pupils(read_table(folder / "pupils.csv"), school(kind).name)
    return read_facts(folder / "facts.jsonl", pupils)


def symbols(kind: str, enrolment: str, session: Session) -> str:
    strips = school(kind).strips
    place = strips.axis.place(session)
    assert place is not None
    return strips.symbol([one.id for one in strips.enrolments].index(enrolment), place)


@pytest.mark.parametrize("kind", KINDS)
def test_the_facts_read_back_with_nothing_to_say_about_them(kind: str, tmp_path: Path) -> None:
    found = read(kind, tmp_path)
    assert (found.problems, found.kept_aside) == ((), ())
    assert Counter(fact.kind for fact in found.facts) == Counter(fact.kind for fact in facts(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_facts_stand_in_the_order_in_which_they_became_known(kind: str) -> None:
    moments = [fact.known_at for fact in facts(kind)]
    assert moments == sorted(moments)
    assert all(fact.at <= fact.known_at for fact in facts(kind))


def test_the_same_seed_gives_the_same_facts_and_another_seed_others() -> None:
    assert facts_text(invent("primary", 40, 7)) == facts_text(invent("primary", 40, 7))
    assert facts_text(invent("primary", 40, 7)) != facts_text(invent("primary", 40, 8))


def test_lines_name_pupils_by_their_numbers_and_nobody_by_name() -> None:
    lines = [json.loads(line) for line in facts_text(school("primary")).splitlines()]
    numbers = {pupil.upn for pupil in school("primary").pupils}
    assert {line["pupil"] for line in lines if "pupil" in line} <= numbers
    listed = {one for line in lines for one in line["data"].get("enrolments", ())}
    assert listed and listed <= numbers
    assert not any("enrolment" in line for line in lines)


@pytest.mark.parametrize(("kind", "least", "most"), [("primary", 8, 20), ("secondary", 8, 26)])
def test_there_are_about_as_many_facts_as_a_school_writes_down(kind: str, least: int, most: int) -> None:
    assert least < len(facts(kind)) / len(school(kind).pupils) < most


def test_facts_lie_on_school_days_and_while_the_pupil_was_on_roll() -> None:
    one = school("secondary")
    enrolments = {enrolment.id: enrolment for enrolment in one.enrolments}
    for fact in facts("secondary"):
        assert fact.on in one.strips.axis.days or fact.kind in ("notice paid", "policy adopted")
        if fact.about.enrolment:
            assert enrolments[fact.about.enrolment].on_roll(fact.on)


def test_an_illness_is_reported_for_days_that_are_marked_as_illness() -> None:
    for fact, data in facts("primary").of(AbsenceReported):
        if data.reason == "illness":
            day = [Session(fact.on, half) for half in Half]
            assert "I" in [symbols("primary", fact.about.enrolment, session) for session in day]


def test_more_than_half_of_the_illnesses_are_reported_before_half_past_nine() -> None:
    ill = [fact for fact, data in facts("primary").of(AbsenceReported) if data.reason == "illness"]
    early = [fact for fact in ill if fact.known_at.astimezone(LONDON).strftime("%H:%M") < "09:30"]
    assert 0.5 < len(early) / len(ill) < 1


def test_who_signs_the_late_book_is_marked_as_late() -> None:
    for fact, _ in facts("secondary").of(Arrived):
        assert symbols("secondary", fact.about.enrolment, Session(fact.on, Half.AM)) in ("L", "U")


def test_leave_that_was_granted_was_not_taken_without_it() -> None:
    asked = {fact.id: (fact, data) for fact, data in facts("primary").of(LeaveAsked)}
    for _, decision in facts("primary").of(LeaveDecided):
        request, data = asked[decision.request]
        assert request.on < data.from_on
        marks = {symbols("primary", request.about.enrolment, Session(data.from_on, half)) for half in Half}
        assert marks & ({"G"} if decision.granted == "no" else {"C", "R"})


def test_notice_given_for_leave_varies() -> None:
    days = [data.from_on - fact.on for fact, data in facts("secondary").of(LeaveAsked)]
    assert min(days) < timedelta(days=14) < timedelta(days=28) < max(days)


def test_a_day_on_which_the_school_closed_was_declared() -> None:
    for kind in KINDS:
        closed = school(kind).strips.marked("Y4")[:, 0::2].mean(axis=0) > 0.5
        days = {day for day, shut in zip(school(kind).strips.axis.days, closed, strict=True) if shut}
        assert {fact.on for fact, _ in facts(kind).of(ClosureDeclared)} == days


def test_notices_are_considered_where_ten_sessions_were_reached_and_paid_where_issued() -> None:
    one = school("secondary")
    met = {one.enrolments[episode.rows[-1]].id for episode in threshold_episodes(one.strips)}
    assert {fact.about.enrolment for fact, _ in facts("secondary").of(NoticeConsidered)} <= met
    issued = {fact.id for fact, _ in facts("secondary").of(NoticeIssued)}
    assert {data.notice for _, data in facts("secondary").of(NoticePaid)} <= issued


@pytest.mark.parametrize("kind", [ContactTried, VisitMade, FlagSet, LetterSent, MeetingHeld])
def test_every_sort_of_work_was_done_for_some(kind: type[ContactTried]) -> None:
    assert any(facts("primary").of(kind))


def test_each_channel_and_outcome_is_one_that_the_office_would_write() -> None:
    outcomes = Counter(data.outcome for _, data in facts("secondary").of(ContactTried))
    assert outcomes["message left"] > 0
    assert outcomes["reached"] > 0
