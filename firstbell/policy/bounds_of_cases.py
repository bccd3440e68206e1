"""Which values can parameters of cases not have: of gates, requests for leave, licences, what follows?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from firstbell.facts import KINDS as FACTS
from firstbell.policy.fault import Fault
from firstbell.policy.needs import days_of, faults_of_need
from firstbell.policy.vocabulary import choices, nearest
from firstbell.statute import Law

__all__ = ["OF_CASES", "faults_of_parts"]

Known = Mapping[str, Any]
ENTER = "enter a code"


def faults_of_parts(parameter: str, fact: str, stated: Mapping[str, Any]) -> Iterator[Fault]:
    """Parts that a kind of fact does not have, and values that a part never has."""
    parts = [one.encode_name for one in msgspec.structs.fields(FACTS[fact])]
    for part, value in stated.items():
        if part not in parts:
            yield Fault(parameter, f'the fact "{fact}" has no part "{part}".', nearest(part, parts))
        elif (words := choices(fact, part)) and value not in words:
            what = f'the part "{part}" of the fact "{fact}" is never "{value}".'
            yield Fault(parameter, what, nearest(str(value), words))


def _following(known: Known, _open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    fact = str(known.get("fact"))
    if fact not in FACTS:
        return
    for name in ("where", "unless"):
        yield from faults_of_parts(name, fact, known.get(name) or {})
    before = known.get("before")
    if before and before not in days_of(fact):
        what = f'the part "{before}" of the fact "{fact}" is no day.'
        if not hasattr(FACTS[fact], str(before)):
            what = f'the fact "{fact}" has no part "{before}".'
        days = days_of(fact)
        remedy = nearest(str(before), days) if days else "Take another kind of fact."
        yield Fault("before", what, remedy)


def _gate(known: Known, left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    actions = tuple(known.get("actions") or ())
    if not actions and "actions" not in left_open:
        yield Fault("actions", '"actions" names nothing.', "Write what it stands before.")
    for name in ("needs", "unless"):
        for term in known.get(name) or ():
            for what, remedy in faults_of_need(term):
                yield Fault(name, what, remedy)
    if known.get("codes") and ENTER not in actions:
        what = f'"codes" is stated, and "{ENTER}" is not among its actions.'
        yield Fault("codes", what, "Take it out, or add the action.")
    asks = [name for name in ("needs", "never", "refuses") if known.get(name) or name in left_open]
    if not asks:
        what = "it needs nothing, refuses nothing and is not for good: nothing is kept from anybody."
        yield Fault("needs", what, 'Write "needs", "never" or "refuses".')
    with_never = [name for name in ("needs", "unless", "refuses") if known.get(name)]
    if known.get("never") and with_never:
        what = f'"never" and "{with_never[0]}" are both stated: what is never allowed, nothing opens.'
        yield Fault(with_never[0], what, "Take one of them out.")


def _leave_attendance(known: Known, left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    stated = [name for name in ("over", "during") if known.get(name) or name in left_open]
    if not stated:
        yield Fault("over", 'neither "over" nor "during" is stated.', "Write one of them.")


def _assessments(known: Known, left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    if "assessments" not in left_open and not known.get("assessments"):
        what = '"assessments" has no days: nobody could be asked about them.'
        yield Fault("assessments", what, 'Write the days, or "school".')
    for first_on, last_on in known.get("assessments") or ():
        if isinstance(first_on, date) and isinstance(last_on, date) and last_on < first_on:
            what = f"assessments end on {last_on}, before they begin on {first_on}."
            yield Fault("assessments", what, "Write the first day and then the last.")


def _performance(known: Known, left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    needed = {"week short": ("hours_a_week",), "period short": ("hours_a_day",)}.get(
        str(known.get("when")), ()
    )
    for name in needed:
        if not known.get(name) and name not in left_open:
            yield Fault(name, f'"{name}" is missing: hours are compared with it.', "Write how many.")
    most, least = known.get("most_hours_a_day"), known.get("hours_a_day")
    if most and least and most < least:
        what = f"{least} hours a day are needed, and {most} count at most."
        yield Fault("most_hours_a_day", what, "Correct one of the numbers.")


OF_CASES: Mapping[str, Callable[[Known, Collection[str], Law | None], Iterator[Fault]]] = {
    "following": _following,
    "gate": _gate,
    "leave attendance": _leave_attendance,
    "leave at assessments": _assessments,
    "performance": _performance,
}
"""What cannot be so of values together, by kind."""
