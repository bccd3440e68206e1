"""Which values can a parameter not have, although each is of its form?

A register that closes before it opens, a share above 100%, a reason that no fact can have, phases that share
a year group. Asked of what a policy states, and again of what a school puts in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import time
from typing import Any

import msgspec

from firstbell.facts import KINDS as FACTS
from firstbell.policy.bounds_of_cases import OF_CASES
from firstbell.policy.bounds_of_windows import OF_WINDOWS
from firstbell.policy.fault import Fault
from firstbell.policy.parameters import Params
from firstbell.policy.terms import Limit, Span, Unit
from firstbell.policy.vocabulary import ACTIONS, YEAR_GROUPS, choices, nearest
from firstbell.statute import Law
from firstbell.statute.values import NoticeToImprove, RegisterOpening

__all__ = ["Fault", "faults_of_values"]


LISTED: Mapping[str, Callable[[], tuple[str, ...]]] = {
    "reasons": lambda: choices("absence reported", "reason"),
    "flags": lambda: choices("flag set", "flag"),
    "first": lambda: choices("flag set", "flag"),
    "channels": lambda: choices("message sent", "channel"),
    "evidence": lambda: choices("evidence received", "form"),
    "actions": lambda: tuple(ACTIONS),
    "facts": lambda: tuple(FACTS),
    "since": lambda: tuple(FACTS),
    "year_groups": lambda: YEAR_GROUPS,
    "most_junior": lambda: YEAR_GROUPS,
    "most_senior": lambda: YEAR_GROUPS,
}
"""By parameter, whatever its kind, the words that may stand in it."""
LISTED_BY_KIND: Mapping[tuple[str, str], Callable[[], tuple[str, ...]]] = {
    ("evidence overdue", "of"): lambda: choices("evidence asked", "of"),
    ("evidence needs doubt", "of"): lambda: choices("evidence asked", "of"),
    ("leave concern", "about"): lambda: choices("concern raised", "about"),
    ("following", "fact"): lambda: tuple(FACTS),
}
A_WEEK = {Unit.SCHOOL_DAYS: 5, Unit.DAYS: 7, Unit.WEEKS: 1, Unit.SCHOOL_WEEKS: 1}
"""How many of a unit are a week."""
CODES = ("code", "becomes", "codes", "with_codes")
FROM_NOTHING = ("least_possible",)
"""Numbers that may be 0."""
IN_MINUTES = (("appointment", "usual"), ("morning step", "ahead"), ("missing pupil", "after"))
"""The spans that are minutes, by kind and parameter; all others are days or longer."""


def faults_of_values(
    kind: type[Params], stated: Mapping[str, Any], left_open: Collection[str], law: Law | None
) -> Iterator[Fault]:
    """What is wrong with the values of a rule's parameters, as far as they are stated.

    What is left open counts as stated, and is looked at when it is. Without `law` codes are not looked at.
    """
    for name, value in stated.items():
        yield from _listed(kind, name, value)
        yield from _number(kind, name, value)
        if law is not None and name in CODES:
            yield from _codes(name, _words(value), law)
    for pair in kind.either:
        if all(name in stated or name in left_open for name in pair):
            what = f'both "{pair[0]}" and "{pair[1]}" are stated.'
            yield Fault(pair[1], what, "Take one of them out.")
    known = {
        one.encode_name: one.default
        for one in msgspec.structs.fields(kind)
        if one.encode_name not in left_open and one.default is not msgspec.NODEFAULT
    } | dict(stated)
    if kind.kind in OF_KIND:
        yield from OF_KIND[kind.kind](known, left_open, law)


# --- each value by itself --------------------------------------------------------------------------------


def _words(value: Any) -> Sequence[str]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _listed(kind: type[Params], name: str, value: Any) -> Iterator[Fault]:
    known = LISTED_BY_KIND.get((kind.kind, name)) or LISTED.get(name)
    for word in _words(value) if known else ():
        if known and word not in known():
            yield Fault(name, f'"{name}" has "{word}", which there is not.', nearest(word, known()))
    if name == "phases":
        yield from _phases(value)


def _phases(phases: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for phase, year_groups in phases.items():
        for group in year_groups:
            if group not in YEAR_GROUPS:
                what = f'the phase "{phase}" has the year group "{group}", which there is not.'
                yield Fault("phases", what, nearest(group, YEAR_GROUPS))
            elif group in seen:
                what = f'the year group "{group}" is in the phases "{seen[group]}" and "{phase}".'
                yield Fault("phases", what, "Leave it in one of them.")
            else:
                seen[group] = phase


def _number(kind: type[Params], name: str, value: Any) -> Iterator[Fault]:
    if isinstance(value, Limit):
        if not value.percent:
            yield Fault(name, f'"{name}" is "{value}", which is no percentage.', f'Write "{value}%".')
        elif value.number > 1:
            yield Fault(name, f'"{name}" is "{value}".', "A percentage is between 0 and 100.")
    elif isinstance(value, Span):
        minutes = (kind.kind, name) in IN_MINUTES
        if value.unit is Unit.MINUTES and not minutes:
            yield Fault(name, f'"{name}" is "{value}".', "Write it in days, weeks or months.")
        elif value.unit is not Unit.MINUTES and minutes:
            yield Fault(name, f'"{name}" is "{value}".', 'Write it in minutes, as "15 minutes".')
    elif type(value) is int and value < (0 if name in FROM_NOTHING else 1):
        least = "0 or more" if name in FROM_NOTHING else "1 or more"
        yield Fault(name, f'"{name}" is {value}.', f"Write {least}.")


def _codes(name: str, codes: Sequence[str], law: Law) -> Iterator[Fault]:
    for code in codes:
        if code not in law.codes:
            instead = ", ".join(one.symbol for one in law.instead_of(code))
            remedy = (
                f"Codes in force then that may be meant: {instead}." if instead else "Take a code in force."
            )
            yield Fault(name, f'"{name}" has "{code}", which is no code on {law.on}.', remedy)


# --- values together, by kind ----------------------------------------------------------------------------


def _register_times(known: Mapping[str, Any], left_open: Collection[str], law: Law | None) -> Iterator[Fault]:
    opens, closes = known.get("opens"), known.get("closes")
    if opens and closes and closes <= opens:
        what = f"the register closes at {closes:%H:%M} and opens at {opens:%H:%M}."
        yield Fault("closes", what, "It closes after it opens: correct one of the times.")
        return
    late_after = known.get("late_after")
    if late_after and opens and closes and not opens <= late_after < closes:
        what = f"whoever comes after {late_after:%H:%M} is late, and the register is open from "
        what += f"{opens:%H:%M} to {closes:%H:%M}."
        yield Fault("late_after", what, "Write a time between the two, or leave it out.")
    allowed = law.find(RegisterOpening) if law else None
    minutes = _minutes(opens, closes) if opens and closes else known.get("minutes_open")
    if minutes and allowed and minutes > allowed.longest_minutes:
        what = f"the register is open for {minutes} minutes."
        remedy = f"The longest is {allowed.longest_minutes} minutes: let it close earlier."
        yield Fault("closes" if opens and closes else "minutes_open", what, remedy, str(allowed.source))


def _minutes(first: time, last: time) -> int:
    return (last.hour - first.hour) * 60 + last.minute - first.minute


def _day_of_absence(
    known: Mapping[str, Any], left_open: Collection[str], _law: Law | None
) -> Iterator[Fault]:
    if not {"day", "longer_than"} & {*left_open} and not (known.get("day") or known.get("longer_than")):
        yield Fault("day", 'neither "day" nor "longer_than" is stated.', "Write one of them.")


def _notice_days(known: Mapping[str, Any], _open: Collection[str], law: Law | None) -> Iterator[Fault]:
    shortest, longest = known.get("shortest_weeks"), known.get("longest_weeks")
    if shortest and longest and shortest > longest:
        what = f"the shortest period is {shortest} weeks, and the longest {longest}."
        yield Fault("shortest_weeks", what, "Correct one of the numbers.")
    allowed = law.find(NoticeToImprove) if law else None
    for name, weeks in (("shortest_weeks", shortest), ("longest_weeks", longest)):
        if weeks and allowed and not allowed.shortest_weeks <= weeks <= allowed.longest_weeks:
            what = f'"{name}" is {weeks}: a notice to improve lasts from {allowed.shortest_weeks} to '
            what += f"{allowed.longest_weeks} weeks."
            yield Fault(name, what, "See whether it can be kept.", str(allowed.source), is_warning=True)
    if (lasts := known.get("lasts")) is not None:
        yield from _lasts(lasts, known, allowed)


def _lasts(lasts: Span, known: Mapping[str, Any], allowed: NoticeToImprove | None) -> Iterator[Fault]:
    """How long a notice to improve lasts: no other notice does, and the guidance has a range for it."""
    if known.get("notice") != "notice to improve" or known.get("day") != "end":
        yield Fault("lasts", '"lasts" is for the end of a notice to improve.', "Take it out.")
        return
    weeks = lasts.number / A_WEEK[lasts.unit] if lasts.unit in A_WEEK else None
    if weeks is not None and allowed and not allowed.shortest_weeks <= weeks <= allowed.longest_weeks:
        what = f'"lasts" is "{lasts}": a notice to improve lasts from {allowed.shortest_weeks} to '
        what += f"{allowed.longest_weeks} weeks."
        yield Fault("lasts", what, "See whether it can be kept.", str(allowed.source), is_warning=True)


def _morning_step(known: Mapping[str, Any], _open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    if known.get("ahead") and known.get("step") != "safe by":
        what = f'"ahead" is stated, and the step is "{known.get("step")}".'
        yield Fault("ahead", what, "Take it out: only the time by which all are safe is looked at ahead.")


def _missing_pupil(known: Mapping[str, Any], left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    if not {"after", "nobody_reached"} & {*left_open} and not (
        known.get("after") or known.get("nobody_reached")
    ):
        yield Fault("after", 'neither "after" nor "nobody_reached" is stated.', "Write one of them.")


OF_KIND: Mapping[str, Callable[[Mapping[str, Any], Collection[str], Law | None], Iterator[Fault]]] = {
    "register times": _register_times,
    "morning step": _morning_step,
    "missing pupil": _missing_pupil,
    "day of absence": _day_of_absence,
    "notice days": _notice_days,
    **OF_CASES,
    **OF_WINDOWS,
}
