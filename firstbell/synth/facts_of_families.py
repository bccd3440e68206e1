"""The notes on working with families: flags, letters, meetings, plans, referrals, notices.

The office looks through attendance at the beginning of every month from October on. Most of whom it should
write to it writes to, and of the rest somebody asks later: a review of an invented school finds work to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

import numpy as np

from firstbell.facts import About
from firstbell.facts.absences import ContactTried
from firstbell.facts.cases import (
    Agency,
    BarrierFound,
    ConcernRaised,
    ConsentGiven,
    FlagSet,
    LetterSent,
    MeetingHeld,
    MeetingInvited,
    PlanAgreed,
    PlanReviewed,
    PupilSpokenTo,
    ReferralMade,
    SupportGiven,
    TargetSet,
)
from firstbell.facts.school import NoticeConsidered, NoticeIssued, NoticePaid
from firstbell.measures import threshold_episodes
from firstbell.statute.values import NoticeConsiderations, PenaltyNotice
from firstbell.synth.facts_of_mornings import note_told
from firstbell.synth.notebook import HEAD, OFFICE, OFFICER, WORKER, Notebook

__all__ = ["note_families"]

Plan: TypeAlias = Literal["action plan", "support plan", "attendance contract"]
PLANS: tuple[Plan, ...] = ("action plan", "support plan", "attendance contract")
SERVICES: tuple[tuple[Agency, str], ...] = (
    ("education welfare service", "attendance below 90%"),
    ("school nurse", "illness again and again"),
    ("early help", "mornings at home"),
    ("mental health service", "worry about school"),
)
ENOUGH = 40
"""Before so many possible sessions the office reads nothing out of a percentage."""
Flag: TypeAlias = Literal[
    "has a social worker", "medical condition", "looked after", "young carer", "EHCP", "SEN support"
]
SHARES: dict[Flag, float] = {
    "has a social worker": 0.032,
    "medical condition": 0.03,
    "looked after": 0.007,
    "young carer": 0.012,
}
Where: TypeAlias = Literal["in school", "out of school", "both"]
Barrier: TypeAlias = Literal[
    "mental health",
    "family",
    "friendships or bullying",
    "physical health",
    "learning",
    "housing or transport",
]
BARRIERS: tuple[tuple[Where, Barrier, str], ...] = (
    ("both", "mental health", "worried about school, sleeps badly"),
    ("out of school", "family", "a parent is ill and the mornings are hard"),
    ("in school", "friendships or bullying", "fell out with friends; avoids lunch times"),
    ("out of school", "physical health", "asthma, worse in winter"),
    ("in school", "learning", "finds reading hard and is ashamed of it"),
    ("out of school", "housing or transport", "moved; two buses each way"),
)  # fmt: skip
Outcome: TypeAlias = Literal["more support", "notice to improve", "nothing further", "penalty notice"]
WHY: dict[Outcome, str] = {
    "more support": "support has only begun; a notice would not help now",
    "notice to improve": "support was offered twice and not taken up",
    "nothing further": "attendance has been good since",
    "penalty notice": "a holiday that was refused; support is not appropriate",
}
ANSWERS: tuple[Literal["yes", "no", "does not apply"], ...] = ("yes", "yes", "yes", "does not apply", "no")
FULL_SUM = 0.25
"""How many of the notices that are paid are paid after the days of the lower sum."""


@dataclass
class _Case:
    """How far the work with one family has come."""

    written_on: date | None = None
    recovered: bool = False
    letters: int = 0
    met_on: date | None = None
    referred: set[str] = field(default_factory=set)


def note_families(notebook: Notebook) -> None:
    """Writes down the work with families of the whole year."""
    flags = _flags(notebook)
    note_told(notebook, [row for row, names in flags.items() if "has a social worker" in names])
    _months(notebook)
    _punctuality(notebook)
    _notices(notebook)


def _flags(notebook: Notebook) -> dict[int, list[Flag]]:
    """What the school knows about pupils from the start, and what it learns during the year."""
    found: dict[int, list[Flag]] = {}
    for row, child in enumerate(notebook.school.children):
        names: list[Flag] = ["EHCP"] if child.sen == "E" else ["SEN support"] if child.sen == "K" else []
        names += [name for name, share in SHARES.items() if notebook.chance(share)]
        starts_on = max(notebook.days[0], notebook.enrolments[row].starts_on)
        for name in names:
            on = notebook.school_day(starts_on, notebook.between(10, 150) if notebook.chance(0.15) else 0)
            words = "inhaler in the office" if name == "medical condition" else ""
            data = FlagSet(flag=name, contact="P-031" if "social worker" in name else "", words=words)
            if notebook.note(data, notebook.about(row), notebook.clock(on, "08:30", "15:30"), OFFICER):
                found.setdefault(row, []).append(name)
    return found


# --- every month -----------------------------------------------------------------------------------------


def _months(notebook: Notebook) -> None:
    """The office's look at attendance at the beginning of each month."""
    possible = np.cumsum(notebook.strips.where(lambda code: code.possible), axis=1, dtype=np.int64)
    attended = np.cumsum(notebook.strips.where(lambda code: code.attended), axis=1, dtype=np.int64)
    cases = [_Case() for _ in notebook.enrolments]
    for place, day in enumerate(notebook.days):
        first = place and day.month != notebook.days[place - 1].month and day.month != 9
        if not first:
            continue
        before = 2 * place - 1
        part, whole = attended[:, before], possible[:, before]
        for row in np.flatnonzero(whole >= ENOUGH):
            rate = float(part[row] / whole[row])
            if rate >= 0.95:
                cases[row].recovered = True
            elif notebook.enrolments[row].on_roll(day):
                _month(notebook, int(row), rate, day, cases[row])


def _month(notebook: Notebook, row: int, rate: float, day: date, case: _Case) -> None:
    """What is done for one pupil below 95% in one month."""
    if rate < 0.9 and SERVICES[0][0] not in case.referred and notebook.chance(0.4):
        _refer(notebook, row, day, case, SERVICES[0])
    if case.written_on is None or case.recovered:
        if notebook.chance(0.72):
            _write(notebook, row, day, case)
        return
    if case.met_on is None and (day - case.written_on).days > 25 and notebook.chance(0.22):
        _meet(notebook, row, day, case)
    elif rate < 0.9 and notebook.chance(0.15):
        _refer(notebook, row, day, case, notebook.one_of(SERVICES[1:], (45, 35, 20)))
    elif notebook.chance(0.06):
        data = PupilSpokenTo(about="attendance", words="knows the target; will come and see me on Fridays")
        on = notebook.school_day(day, notebook.between(0, 8))
        notebook.note(data, notebook.about(row), notebook.clock(on, "10:40", "14:30"), WORKER)


def _write(notebook: Notebook, row: int, day: date, case: _Case) -> None:
    on = notebook.school_day(day, notebook.between(0, 4))
    parents = tuple(parent.id for parent in notebook.school.children[row].home.parents)
    about = notebook.about(row)
    if notebook.chance(0.6):
        call = ContactTried(
            channel="phone",
            outcome=notebook.one_of(("reached", "no answer"), (85, 15)),
            contact=parents[0],
            purpose="attendance",
            words="spoke about attendance and what makes mornings hard",
        )
        notebook.note(call, about, notebook.clock(on, "13:40", "15:30"), OFFICER)
    notebook.note(
        LetterSent(letter="below-95", to=parents), about, notebook.clock(on, "15:35", "16:15"), OFFICER
    )
    case.written_on, case.recovered = on, False
    case.letters += 1


def _meet(notebook: Notebook, row: int, day: date, case: _Case) -> None:
    """Invited, then held, mostly with a parent, and often with a plan that has a day of review."""
    invited_on = notebook.school_day(day, notebook.between(0, 3))
    meeting_on = notebook.school_day(invited_on, notebook.between(6, 11))
    parent, about = notebook.parent(row), notebook.about(row)
    name = "attendance meeting"
    at = notebook.clock(invited_on, "14:00", "15:30")
    notebook.note(MeetingInvited(meeting=name, meeting_on=meeting_on, invited=(parent,)), about, at, OFFICER)
    letter = LetterSent(letter="meeting-invitation", to=(parent,))
    notebook.note(letter, about, notebook.later(at, 10, 30), OFFICER)
    case.met_on = meeting_on
    if meeting_on == notebook.days[-1]:
        return
    came = notebook.chance(0.78)
    held = MeetingHeld(
        meeting=name,
        attended="yes" if came else "no",
        present=(parent, "S02", "S04") if came else ("S02",),
        outcome="what keeps the child from school was talked through" if came else "",
    )
    at = notebook.clock(meeting_on, "14:45", "16:00")
    notebook.note(held, about, at, OFFICER)
    if came and notebook.chance(0.75):
        where, of, words = notebook.one_of(BARRIERS)
        at = notebook.later(at, 25, 45)
        barrier = notebook.note(BarrierFound(where=where, of=of, words=words), about, at, WORKER)
        _plan(notebook, row, notebook.later(at, 1, 9).date(), parent, barrier)


def _plan(notebook: Notebook, row: int, day: date, parent: str, barrier: str) -> None:
    about = notebook.about(row)
    review_on = notebook.school_day(day, 30)
    kind = notebook.one_of(PLANS, (55, 30, 15))
    plan = PlanAgreed(
        plan=kind,
        review_on=review_on,
        actions=(("breakfast club three times a week", "S04"), ("ring by nine if ill", "parent")),
        goals="95% until the review",
        present=(parent, "S02"),
        venue="school",
        signed_by=(parent,) if kind == "attendance contract" else (),
    )
    at = notebook.clock(day, "16:50", "17:20")
    key = notebook.note(plan, about, at, WORKER)
    if barrier and notebook.chance(0.5):
        support = SupportGiven(
            support="breakfast club", accepted="yes", given_by="S04", barrier=barrier, review_on=None
        )
        notebook.note(support, about, notebook.later(at, 1, 20), WORKER)
    if notebook.chance(0.12):
        target = TargetSet(target="five days on time in a row", reward="choose the class book")
        notebook.note(target, about, notebook.later(at, 1, 20), WORKER)
    if key and review_on != notebook.days[-1] and notebook.chance(0.72):
        review = PlanReviewed(plan=key, improved=notebook.one_of(("yes", "in part", "no"), (45, 33, 22)))
        on = notebook.school_day(review_on, notebook.between(0, 3))
        notebook.note(review, about, notebook.clock(on, "14:30", "16:10"), WORKER)


def _refer(notebook: Notebook, row: int, day: date, case: _Case, service: tuple[Agency, str]) -> None:
    """Other services, each once: the welfare service, the nurse, early help; mostly with consent."""
    to, why = service
    if to in case.referred:
        return
    case.referred.add(to)
    about = notebook.about(row)
    at = notebook.clock(notebook.school_day(day, notebook.between(1, 9)), "11:00", "15:00")
    if to != "education welfare service":
        notebook.note(ConsentGiven(to="share information", given="yes", signed=True), about, at, OFFICE)
    notebook.note(ReferralMade(to=to, why=why), about, notebook.later(at, 5, 40), OFFICER)
    if to == "mental health service":
        concern = ConcernRaised(about="reluctance to attend", words="in tears at the gate on two mornings")
        notebook.note(concern, about, at, WORKER)


# --- late again and again --------------------------------------------------------------------------------


def _punctuality(notebook: Notebook) -> None:
    """A letter to most who were late five times in a half term."""
    late = notebook.strips.where(lambda code: bool(code.late))
    for half in notebook.school.calendar.half_terms[:6]:
        first, last = 2 * notebook.place(half.starts_on), 2 * notebook.place(half.ends_on) + 2
        running = np.cumsum(late[:, first:last], axis=1)
        for row in np.flatnonzero(running[:, -1] >= 5):
            if notebook.chance(0.7):
                place = (first + int(np.argmax(running[row] >= 5))) // 2
                on = notebook.school_day(notebook.days[place], notebook.between(1, 6))
                if on <= half.ends_on:
                    letter = LetterSent(letter="punctuality", to=(notebook.parent(int(row)),))
                    at = notebook.clock(on, "15:30", "16:15")
                    notebook.note(letter, notebook.about(int(row)), at, OFFICER)


# --- notices ---------------------------------------------------------------------------------------------


def _notices(notebook: Notebook) -> None:
    """When ten sessions were reached: considered for each parent; some notices are issued, most are paid."""
    of_age, holiday = notebook.strips.is_of_age, notebook.strips.marked("G")
    noticed: set[int] = set()
    for met in threshold_episodes(notebook.strips):
        row = met.rows[-1]
        if not of_age[row, met.first] or not notebook.chance(0.62):
            continue
        day = notebook.school_day(notebook.days[met.first // 2], notebook.between(1, 9))
        outcome = _concluded(notebook, bool(holiday[row, list(met.sessions)].all()), row in noticed)
        asked = notebook.strips.statute.on(day).find(NoticeConsiderations)
        answers = tuple((question, notebook.one_of(ANSWERS)) for question in asked.questions) if asked else ()
        for parent in notebook.school.children[row].home.parents:
            about = replace(notebook.about(row), parent=parent.id)
            data = NoticeConsidered(outcome=outcome, answers=answers, why=WHY[outcome])
            at = notebook.clock(day, "10:00", "15:00")
            if notebook.note(data, about, at, HEAD) and outcome == "penalty notice":
                noticed.add(row)
                _issued(notebook, about, day)


def _concluded(notebook: Notebook, holiday: bool, again: bool) -> Outcome:
    outcomes: tuple[Outcome, ...] = (
        "more support",
        "notice to improve",
        "nothing further",
        "penalty notice",
    )
    if again:
        return "more support"
    return notebook.one_of(outcomes, (8, 2, 5, 85) if holiday else (60, 15, 15, 10))


def _issued(notebook: Notebook, about: About, day: date) -> None:
    """Issued by the authority some weeks later, and paid by most."""
    on = notebook.school_day(day, notebook.between(8, 18))
    terms = notebook.strips.statute.on(on).find(PenaltyNotice)
    if terms is None or on == notebook.days[-1]:
        return
    received_on = on + timedelta(days=2)
    lower_by_on = received_on + timedelta(days=terms.reduced_days - 1)
    data = NoticeIssued(
        notice="penalty notice",
        received_on=received_on,
        pounds=terms.amount,
        pay_by_on=received_on + timedelta(days=terms.days - 1),
        lower_pounds=terms.reduced_amount,
        lower_by_on=lower_by_on,
        within_three_years=1,
    )
    notice = notebook.note(data, about, notebook.clock(on, "09:30", "11:30"), "local authority")
    if notice and notebook.chance(0.75):
        late = notebook.chance(FULL_SUM)
        days = notebook.between(terms.reduced_days, terms.days - 1) if late else notebook.between(2, 18)
        pounds = terms.amount if late else terms.reduced_amount
        paid_at = notebook.clock(received_on + timedelta(days=days), "09:00", "16:00")
        notebook.note(NoticePaid(notice=notice, pounds=pounds), about, paid_at, "local authority")
