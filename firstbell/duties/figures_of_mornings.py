"""Figures of mornings: how late somebody came, when a child was known to be safe, when one was signed out.

Minutes are counted from the minute until which nobody is late. What a policy prints of a number is its own
text: it is looked up, and nothing is worked out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time

import numpy as np

from firstbell.duties.figuring import About, Figure, Value
from firstbell.duties.mornings import NotThere, clock, confirming, end_of, not_there
from firstbell.duties.of_register import NOON
from firstbell.duties.sight import Sight
from firstbell.facts.absences import Arrived, LeftSite
from firstbell.policy.case_parameters import MorningStep
from firstbell.policy.parameters import Content
from firstbell.policy.rule import Rule
from firstbell.sessions import LONDON, Half, Session

__all__ = ["OF_MORNINGS", "minutes_late"]

SAFE_BY = "safe by"
NO_RULE = MorningStep(step="safe by", by=time.min)
"""How a policy without a time by which all are safe is asked when somebody was."""


# --- late ------------------------------------------------------------------------------------------------


def minutes_late(sight: Sight, row: int, first_on: date, last_on: date) -> Mapping[Session, int]:
    """How many minutes late a pupil came to each session for which that is known.

    By the late book or, where that says nothing, as whoever took the register noted it.
    """
    found: dict[Session, int] = {}
    noted = sight.book.strips.minutes_late
    if noted is not None:
        places = sight.strips.axis.between(first_on, last_on)
        for place in np.flatnonzero(noted[row, places]).tolist():
            found[sight.all_sessions[places.start + place]] = int(noted[row, places.start + place])
    for fact, _, _ in sight.of_row(Arrived, row):
        if first_on <= fact.on <= last_on:
            local = fact.at.astimezone(LONDON)
            session = Session(fact.on, Half.AM if local.hour < NOON else Half.PM)
            times = sight.times(session, row)
            late = _minutes(local.time()) - _minutes(times.in_time_until) if times is not None else 0
            if late > 0:
                found[session] = late
    return found


def _minutes(at: time) -> int:
    return 60 * at.hour + at.minute


def _late_on_the_day(sight: Sight, about: About) -> Value:
    """The minutes of the day, of all its arrivals."""
    day = about.last_on
    return sum(sum(minutes_late(sight, row, day, day).values()) for row in about.rows)


def _average(sight: Sight, about: About) -> Value:
    return _average_late(sight, about)


def _average_late(sight: Sight, about: About) -> int:
    """The average of the known minutes, to the nearest minute; 0 where none are known."""
    known = [
        late
        for row in about.rows
        for late in minutes_late(sight, row, about.first_on, about.last_on).values()
    ]
    return (2 * sum(known) + len(known)) // (2 * len(known)) if known else 0


def _printed(sight: Sight, about: About) -> Value:
    """What the policy prints of so many minutes late or, where it has no such table, of days missed."""
    for of in ("minutes late", "days missed"):
        for rule in sight.rules:
            if isinstance(rule.params, Content) and rule.params.rows_of == of:
                number = _average_late(sight, about) if of == "minutes late" else _days_missed(sight, about)
                return _row(rule.params.rows, number)
    return ""


def _printed_of_days(sight: Sight, about: About) -> Value:
    for rule in sight.rules:
        if isinstance(rule.params, Content) and rule.params.rows_of == "days missed":
            return _row(rule.params.rows, _days_missed(sight, about))
    return ""


def _days_missed(sight: Sight, about: About) -> float:
    cells = (sight.sessions_of(sight.absent, row, about.first_on, about.last_on) for row in about.rows)
    return sum(len(one) for one in cells) / 2


def _row(rows: Mapping[str, str], number: float) -> str:
    """The row of the highest number that was reached; "" below the lowest."""
    reached = [(float(key), text) for key, text in rows.items() if _is_number(key) and float(key) <= number]
    return max(reached)[1] if reached and number else ""


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


# --- safe ------------------------------------------------------------------------------------------------


def _safe_at(sight: Sight, about: About) -> Value:
    """The minute at which the school was first satisfied about a pupil on the day; "" if it was not."""
    found = [at for row in about.rows if (at := _known_safe(sight, _params(sight), row, about.last_on))]
    return f"{min(found).astimezone(LONDON):%H:%M}" if found else ""


def _params(sight: Sight) -> MorningStep:
    return next((params for _, params in _rules(sight)), NO_RULE)


def _rules(sight: Sight) -> Iterator[tuple[Rule, MorningStep]]:
    for rule in sight.rules:
        if isinstance(rule.params, MorningStep) and rule.params.step == SAFE_BY:
            yield rule, rule.params


def _known_safe(sight: Sight, params: MorningStep, row: int, day: date) -> datetime | None:
    place = 2 * sight.place_of(day)
    if place >= len(sight.all_sessions):
        return None
    there = NotThere(row, day, (place,), clock(day, time.min))
    return min((fact.at for fact in confirming(sight, params, there)), default=None)


def _minutes_after(sight: Sight, about: About) -> Value:
    """How many minutes after the time a pupil was known to be safe; so far, where nobody knows yet."""
    return sum(
        late
        for rule, params, one in _unexplained(sight, about)
        if one.on == about.last_on and (late := _late_to_know(sight, params, one)) > 0
    )


def _breaches(sight: Sight, about: About) -> Value:
    """How often a pupil was not known to be safe by the time."""
    return sum(_late_to_know(sight, params, one) > 0 for _, params, one in _unexplained(sight, about))


def _unexplained(sight: Sight, about: About) -> Iterator[tuple[Rule, MorningStep, NotThere]]:
    """Each morning on which a pupil was not there, once, with the rule that says by when all are safe."""
    seen: set[tuple[int, date]] = set()
    for rule, params in _rules(sight):
        for one in not_there(sight, params):
            key = (one.row, one.on)
            inside = one.row in about.rows and about.first_on <= one.on <= about.last_on
            if inside and key not in seen and not one.afternoon and sight.applies(rule.applies_to, *key):
                seen.add(key)
                yield rule, params, one


def _late_to_know(sight: Sight, params: MorningStep, one: NotThere) -> int:
    """The minutes from the time by which all are safe until it was known of a pupil; 0 if it was by then."""
    by = clock(one.on, params.by)
    ends = [fact.at for fact in confirming(sight, params, one)]
    ends += [one.until] if one.until is not None else []
    known_at = min([*ends, sight.at, end_of(one.on)])
    return max(0, int((known_at - by).total_seconds()) // 60)


# --- signed out ------------------------------------------------------------------------------------------


def _signed_out(sight: Sight, about: About) -> Value:
    """The minute at which a pupil was last signed out on the day; "" if they were not."""
    left = [
        fact.at
        for row in about.rows
        for fact, _, _ in sight.of_row(LeftSite, row)
        if fact.on == about.last_on
    ]
    return f"{max(left).astimezone(LONDON):%H:%M}" if left else ""


OF_MORNINGS: Mapping[str, Figure] = {
    "minutes late": Figure("how many minutes late the pupil came on the day", _late_on_the_day),
    "average minutes late": Figure(
        "the average of the minutes late that are known, to the nearest", _average
    ),
    "printed loss": Figure(
        "what the policy prints of so many minutes late a day or, where it prints nothing of that, of days "
        "missed",
        _printed,
    ),
    "printed loss of days": Figure("what the policy prints of so many days missed", _printed_of_days),
    "safe at": Figure("when the school knew on the day that the pupil was safe", _safe_at),
    "minutes after safe-by": Figure(
        "how many minutes after the time by which all must be safe it was known on the day, or has not been "
        "so far",
        _minutes_after,
    ),
    "safe-by breaches": Figure(
        "how often it was not known by that time whether an absent pupil was safe", _breaches
    ),
    "signed out at": Figure("when the pupil was signed out on the day", _signed_out),
}
"""Every figure of a morning by its name."""
