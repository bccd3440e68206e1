"""What does a letter say? The values of a letter from the duty that asks for it.

Every figure is of the day of the letter and comes from the same functions as the duty itself. Values that
need a person (an address, who signs) are handed in; one that is missing stops the letter when it is rendered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from firstbell.delivery.strip_key import strip_key
from firstbell.duties import Duty, Sight
from firstbell.duties.leave import Decided, decisions
from firstbell.duties.of_counts import episodes_of, late_sessions
from firstbell.facts.absences import EvidenceAsked
from firstbell.facts.cases import LeaveAsked, MeetingInvited
from firstbell.policy.parameters import Award, Band, BandAtAudits, Count, DayOfAbsence, Threshold
from firstbell.policy.rule import Rule
from firstbell.sessions import Half, Period, Session, day_and_year, monday_of

__all__ = ["Addressee", "Office", "letter_values", "reference_of"]

STRIP_WEEKS = 16


@dataclass(frozen=True)
class Office:
    """The school as its letters show it."""

    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    logo: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Addressee:
    """Whom a letter goes to, and the pupil whom it is about, as they are to be named in it."""

    address: tuple[str, ...] = field(repr=False)
    salutation: str = field(repr=False)
    pupil_name: str = field(repr=False)
    pupil_first_name: str = field(repr=False)
    class_name: str = ""


def reference_of(key: str, on: date) -> str:
    """The reference of a letter: says nothing of anybody, and is the same for the same duty and day."""
    return hashlib.sha256(f"{key}\n{on}".encode()).hexdigest()[:12]


def letter_values(duty: Duty, sight: Sight, office: Office, to: Addressee) -> dict[str, Any]:
    """The values of the letter that a duty asks for, as at the day of `sight`.

    Raises KeyError for a duty that is not about a pupil who is seen.
    """
    row = sight.row_of[duty.about.enrolment]
    group = sight.enrolments[row].year_group(sight.day) or ""
    values: dict[str, Any] = {
        "school_name": office.name,
        "school_address": list(office.address),
        "school_phone": office.phone,
        "school_email": office.email,
        "sender_name": office.roles.get(duty.who) or office.name,
        "sender_role": f"{duty.who[:1].upper()}{duty.who[1:]}",
        "letter_on": day_and_year(sight.day),
        "reference": reference_of(duty.key, sight.day),
        "address": list(to.address),
        "salutation": to.salutation,
        "pupil_name": to.pupil_name,
        "pupil_first_name": to.pupil_first_name,
        "year_group": _year_group(group),
        "policy_title": sight.rulebook.policy_on(sight.day).title,
        "clause": _clause(sight, duty.rule),
        **_attendance(sight, duty, row),
        **_late(sight, duty, row),
        **_of_kind(sight, duty),
        **_leave(sight, duty),
        **_meeting(sight, duty),
        **_evidence(sight, duty, row),
    }
    if to.class_name:
        values["class_name"] = f"class {to.class_name}"
    if office.logo:
        values["school_logo"] = office.logo
    return values


def _year_group(group: str) -> str:
    if group.startswith("N"):
        return "Nursery"
    return "Reception" if group == "R" else f"Year {group}" if group else ""


def _clause(sight: Sight, rule: Rule) -> str:
    for key in rule.implements:
        try:
            return sight.rulebook.clause(key).says
        except KeyError:
            continue
    return rule.asks


# --- attendance ------------------------------------------------------------------------------------------


def _period(sight: Sight, duty: Duty) -> Period:
    """The days that a letter speaks of: those of its rule, else the school year, up to the day."""
    over = getattr(duty.rule.params, "over", None) or getattr(duty.rule.params, "every", "")
    from_on = duty.occurrence.because.named.get("from")
    if isinstance(duty.rule.params, Count) and duty.rule.params.within and isinstance(from_on, date):
        return Period("school weeks", from_on, sight.day)
    if over in ("term", "half term", "week"):
        found = sight.period(over, duty.occurrence.arose_on)
    else:
        found = sight.period("school year", sight.day)
    if found is None:
        found = Period("all", sight.book.calendar.starts_on, sight.day)
    return Period(found.name, found.starts_on, min(found.ends_on, sight.day))


def _attendance(sight: Sight, duty: Duty, row: int) -> dict[str, Any]:
    period = _period(sight, duty)
    rate = sight.rate(row, period.starts_on, period.ends_on)
    missed = sight.sessions_of(sight.absent, row, period.starts_on, period.ends_on)
    shown = duty.occurrence.because.sessions or missed
    params = duty.rule.params
    if isinstance(params, Count) and params.of == "illnesses":
        # The reason names where each illness began; parents know it by all of its days.
        ill = sight.marked(params.codes or sight.codes_of("illness"))
        shown = sight.sessions_of(ill, row, period.starts_on, period.ends_on)
    elif isinstance(params, Band | BandAtAudits | Count):
        shown = missed
    return {
        "attendance": rate.shown(),
        "sessions_missed": str(len(missed)),
        "sessions_possible": str(rate.whole),
        "days_missed": _halves(len(missed)),
        "from_on": day_and_year(period.starts_on),
        "until_on": day_and_year(period.ends_on),
        "absences": _absences(sight, row, shown),
        **_strip(sight, row, period),
        **_target(sight, row),
    }


def _halves(sessions: int) -> str:
    whole, half = divmod(sessions, 2)
    if not half:
        return str(whole)
    return f"{whole}½" if whole else "½"


def _absences(sight: Sight, row: int, sessions: Sequence[Session]) -> list[dict[str, str]]:
    """Absences as a letter lists them: whole days in a row with one meaning are one line."""
    days: dict[date, list[Half]] = {}
    for one in sessions:
        days.setdefault(one.on, []).append(one.half)
    lines: list[tuple[date, date, str, str]] = []
    for day, halves in sorted(days.items()):
        part = "All day" if len(halves) == 2 else ("Morning" if halves[0] is Half.AM else "Afternoon")
        meaning = _meaning(sight, row, day, halves)
        last = lines[-1] if lines else None
        if last and part == "All day" and last[2:] == (part, meaning) and _follows(sight, last[1], day):
            lines[-1] = (last[0], day, part, meaning)
        else:
            lines.append((day, day, part, meaning))
    return [
        {"on": _stretch(first, last), "half": part, "meaning": meaning}
        for first, last, part, meaning in lines
    ]


def _follows(sight: Sight, day: date, other: date) -> bool:
    """Whether no school day lies between two days."""
    return len(sight.book.calendar.school_days(day, other)) == 2


def _stretch(first: date, last: date) -> str:
    if first == last:
        return f"{first:%A} {day_and_year(first)}"
    month = "" if (first.month, first.year) == (last.month, last.year) else f" {first:%B}"
    return f"{first.day}{month} to {day_and_year(last)}"


def _meaning(sight: Sight, row: int, day: date, halves: Sequence[Half]) -> str:
    symbols = {_symbol(sight, row, Session(day, half)) for half in halves}
    codes = sight.book.statute.on(day).codes
    return "; ".join(codes[symbol].name if symbol in codes else symbol for symbol in sorted(symbols))


def _symbol(sight: Sight, row: int, session: Session) -> str:
    place = sight.strips.axis.place(session)
    return sight.strips.symbol(row, place) if place is not None else ""


def _strip(sight: Sight, row: int, period: Period) -> dict[str, Any]:
    """The marks of the last school weeks of a period, and what each of them means."""
    weeks = sight.book.calendar.school_weeks(period.starts_on, period.ends_on)[-STRIP_WEEKS:]
    shown: list[dict[str, Any]] = [
        {
            "week": f"{week.monday_on.day} {week.monday_on:%b}",
            "days": [_day(sight, row, monday_of(week.monday_on) + timedelta(days=n)) for n in range(5)],
        }
        for week in weeks
    ]
    return {"strip": shown, "strip_key": strip_key(shown, sight.law)}


def _day(sight: Sight, row: int, day: date) -> dict[str, str]:
    return {
        "am": _symbol(sight, row, Session(day, Half.AM)),
        "pm": _symbol(sight, row, Session(day, Half.PM)),
    }


def _target(sight: Sight, row: int) -> dict[str, str]:
    """What the school aims for with the pupil: the band that says that it is the target."""
    limits = [
        rule.params.when
        for rule in sight.rules
        if isinstance(rule.params, Band)
        and rule.params.is_target
        and sight.applies(rule.applies_to, row, sight.day)
    ]
    return {"target": limits[0].shown} if limits else {}


def _late(sight: Sight, duty: Duty, row: int) -> dict[str, Any]:
    period = _period(sight, duty)
    half_term = sight.period("half term", sight.day)
    first_on = half_term.starts_on if half_term and duty.rule.kind == "following" else period.starts_on
    late = [one for one in late_sessions(sight).get(row, ()) if first_on <= one.on <= period.ends_on]
    after = set(late_sessions(sight, after_close_only=True).get(row, ()))
    days = [
        f"{one.on:%A} {day_and_year(one.on)}" + (", after the register closed" if one in after else "")
        for one in late
    ]
    return {"late_count": str(len(late)), "late_days": days}


# --- what the kind gives ---------------------------------------------------------------------------------


def _of_kind(sight: Sight, duty: Duty) -> dict[str, Any]:
    params, named = duty.rule.params, duty.occurrence.because.named
    values: dict[str, Any] = {}
    if isinstance(params, Band | BandAtAudits):
        values["limit"] = params.when.shown
    if isinstance(params, Threshold):
        values["threshold_sessions"] = str(params.sessions)
        values["threshold_weeks"] = str(params.school_weeks)
    if isinstance(params, Award):
        # Of prizes that are given in turn the reason has the one.
        prizes = named.get("prizes", params.prizes)
        values["prize"] = " and ".join(str(one) for one in prizes) if isinstance(prizes, tuple) else ""
        values["award_period"] = f"{_shown(named.get('from'))} to {_shown(named.get('until'))}"
    if getattr(params, "of", "") == "illnesses":
        row = sight.row_of[duty.about.enrolment]
        period = _period(sight, duty)
        ill = [one for one in episodes_of(sight, sight.codes_of("illness")).get(row, ()) if one.on in period]
        values["episodes"] = str(len(ill))
    if isinstance(params, DayOfAbsence):
        values["illness_days"] = str(named.get("days", ""))
    return values


def _shown(value: object) -> str:
    return day_and_year(value) if isinstance(value, date) else str(value)


def _leave(sight: Sight, duty: Duty) -> dict[str, Any]:
    for fact, asked, decided, _ in decisions(sight):
        if fact.id in duty.occurrence.because.facts:
            return _of_request(sight, asked, decided)
    return {}


def _of_request(sight: Sight, asked: LeaveAsked, decided: Decided | None) -> dict[str, Any]:
    days = sight.book.calendar.school_days(asked.from_on, asked.until_on)
    granted = [day for day in days if decided is not None and decided.grants(asked, day)]
    values: dict[str, Any] = {
        "request_from_on": f"{asked.from_on:%A} {day_and_year(asked.from_on)}",
        "request_until_on": f"{asked.until_on:%A} {day_and_year(asked.until_on)}",
        "granted_days": str(len(granted)),
    }
    refused = [day for day in days if day not in granted]
    if granted and refused:
        values["granted_dates"] = [f"{day:%A} {day_and_year(day)}" for day in granted]
        values["refused_dates"] = [f"{day:%A} {day_and_year(day)}" for day in refused]
    if asked.abroad:
        values["abroad"] = "yes"
    if decided is not None and decided.data.why:
        values["decision_reasons"] = [decided.data.why]
    rules = [rule.params for rule in sight.rules if isinstance(rule.params, Threshold)]
    if rules:
        values["threshold_sessions"] = str(rules[0].sessions)
        values["threshold_weeks"] = str(rules[0].school_weeks)
    return values


def _meeting(sight: Sight, duty: Duty) -> dict[str, Any]:
    for key in duty.occurrence.because.facts:
        fact = sight.facts.by_id.get(key)
        if fact is not None and isinstance(fact.data, MeetingInvited):
            return {"meeting_on": f"{fact.data.meeting_on:%A} {day_and_year(fact.data.meeting_on)}"}
    return {}


def _evidence(sight: Sight, duty: Duty, row: int) -> dict[str, Any]:
    """Which absence evidence was asked for, and only the days of that; nothing where no days were named."""
    for key in duty.occurrence.because.facts:
        fact = sight.facts.by_id.get(key)
        if fact is None or not isinstance(fact.data, EvidenceAsked) or fact.data.from_on is None:
            continue
        first_on, last_on = fact.data.from_on, fact.data.until_on or fact.data.from_on
        missed = sight.sessions_of(sight.absent, row, first_on, last_on)
        days = "on" if first_on == last_on else "from"
        return {
            "evidence_for": f"the absence {days} {_stretch(first_on, last_on)}",
            "absences": _absences(sight, row, missed),
        }
    return {}
