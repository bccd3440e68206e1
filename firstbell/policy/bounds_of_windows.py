"""Which values can the parameters of audits, windows, periods and training not have?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from firstbell.facts import KINDS as FACTS
from firstbell.facts import described
from firstbell.policy.bounds_of_cases import faults_of_parts
from firstbell.policy.fault import Fault
from firstbell.policy.terms import Comparator, Limit, Span, Unit
from firstbell.policy.vocabulary import nearest
from firstbell.statute import Law

__all__ = ["OF_WINDOWS", "faults_of_band"]

Known = Mapping[str, Any]


def faults_of_band(known: Known, _open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    """A band that ends where it begins, or on the other side."""
    when, until = known.get("when"), known.get("until")
    if when is None or until is None or not (when.percent and until.percent):
        return
    downwards = when.comparator in (Comparator.BELOW, Comparator.AT_MOST)
    same = downwards == (until.comparator in (Comparator.BELOW, Comparator.AT_MOST))
    further = until.number < when.number if downwards else until.number > when.number
    if not same or not further:
        what = f'"until" is "{until}", which does not lie within "{when}".'
        side = "lower" if downwards else "higher"
        yield Fault("until", what, f'Write where the band ends on the {side} side, as "{_example(when)}".')


def _example(when: Limit) -> str:
    downwards = when.comparator in (Comparator.BELOW, Comparator.AT_MOST)
    number = when.number / 2 if downwards else (when.number + 1) / 2
    return f"{when.comparator} {float(100 * number):g}%"


def _band_at_audits(known: Known, left_open: Collection[str], law: Law | None) -> Iterator[Fault]:
    yield from faults_of_band(known, left_open, law)
    first, last = known.get("from_number"), known.get("until_number")
    if first and last and last < first:
        what = f"it asks from time {first} on and until time {last}."
        yield Fault("until_number", what, "Correct one of the numbers.")


def _count(known: Known, left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    if "of" not in left_open and "codes" not in left_open:
        if known.get("of") == "sessions" and not known.get("codes"):
            what = '"codes" is missing: sessions are counted by their codes.'
            yield Fault("codes", what, "Write which codes.")
        if known.get("of") != "sessions" and known.get("codes"):
            yield Fault("codes", f'"codes" is stated, and {known.get("of")} are counted.', "Take it out.")
    within = known.get("within")
    if isinstance(within, Span) and within.unit is not Unit.SCHOOL_WEEKS:
        what = f'"within" is "{within}".'
        yield Fault("within", what, 'It is counted in school weeks: write "4 school weeks".')


def _worse_since(known: Known, _open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    for fact in known.get("since") or ():
        if fact in FACTS:
            yield from faults_of_parts("where", fact, known.get("where") or {})


def _improvement_window(known: Known, left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    when = known.get("when")
    if when == "reached" and not known.get("while") and "while" not in left_open:
        yield Fault("while", '"while" is missing: nothing says what is to be reached.', "Write the limit.")
    if known.get("while") is not None:
        yield from faults_of_band({"when": known["while"], "until": known.get("until")}, left_open, _law)
    elif known.get("until") is not None and "while" not in left_open:
        yield Fault("until", '"until" is stated, and "while" is not.', "Write within what, or take it out.")
    letters = known.get("letters") or ()
    lacking = [one for one in known.get("opened_by") or () if letters and one not in letters]
    if lacking:
        what = f'"opened_by" names "{lacking[0]}", and it is none of "letters".'
        yield Fault("opened_by", what, 'Name it in "letters" as well.')
    if when != "absence without evidence" and known.get("evidence_within"):
        what = f'"evidence_within" is stated, and it asks when "{when}".'
        yield Fault("evidence_within", what, "Take it out.")
    if when not in ("improved", "not improved") and known.get("decided_by"):
        what = f'"decided_by" is stated, and it asks when "{when}".'
        yield Fault("decided_by", what, "Take it out.")


def _period_while(known: Known, left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    opened = known.get("opened") or ""
    if not {"opened", "flags"} & {*left_open} and not (opened or known.get("flags")):
        yield Fault("opened", 'neither "opened" nor "flags" is stated.', "Write what begins it.")
    if opened and opened not in FACTS:
        yield Fault("opened", f'"opened" has "{opened}", which there is not.', nearest(opened, FACTS))
        return
    if opened:
        yield from faults_of_parts("where", opened, known.get("where") or {})
    for kind in known.get("closed") or ():
        if kind not in FACTS:
            yield Fault("closed", f'"closed" has "{kind}", which there is not.', nearest(kind, FACTS))
        elif not _names(kind, opened or "flag set"):
            what = f'a fact "{kind}" names no "{opened or "flag set"}", and so cannot end one.'
            yield Fault("closed", what, "Take it out.")


def _names(kind: str, other: str) -> bool:
    """Whether facts of a kind name one of another kind by its id."""
    return any(one.refers_to == other for one in described(FACTS[kind]))


def _award(known: Known, left_open: Collection[str], _law: Law | None) -> Iterator[Fault]:
    prizes, are_left = known.get("prizes") or (), "prizes" in left_open
    if known.get("choose") and not are_left and len(prizes) < 2:
        what = "there is nothing to choose from."
        yield Fault("choose", what, 'Write two or more "prizes", or take it out.')
    if known.get("in_turn") and not are_left and len(prizes) < 2:
        what = "there is nothing to be given in turn."
        yield Fault("in_turn", what, 'Write two or more "prizes", in their order, or take it out.')
    if known.get("choose") and known.get("in_turn"):
        what = 'both "choose" and "in_turn" are stated.'
        yield Fault("in_turn", what, "Take one of them out.")
    if known.get("own_targets") and (known.get("unit") != "pupil" or known.get("for") != "all sessions"):
        what = "targets of their own are reached by pupils, where all sessions are rewarded."
        yield Fault("own_targets", what, "Take it out.")
    if known.get("grouped_by") == "house" and known.get("unit") == "pupil":
        yield Fault("grouped_by", '"grouped_by" is stated, and pupils are rewarded.', "Take it out.")


OF_WINDOWS: Mapping[str, Callable[[Known, Collection[str], Law | None], Iterator[Fault]]] = {
    "band": faults_of_band,
    "band at audits": _band_at_audits,
    "count": _count,
    "worse since": _worse_since,
    "improvement window": _improvement_window,
    "period while": _period_while,
    "award": _award,
}
"""What cannot be so of values together, by kind."""
