"""What is due? Every rule in force is looked for in what the school has recorded, law and policy alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from firstbell.duties import (
    of_arrangements,
    of_audits,
    of_calendar,
    of_counts,
    of_court,
    of_facts,
    of_figures,
    of_leave,
    of_mornings,
    of_notices,
    of_periods,
    of_register,
    of_runs,
    of_upkeep,
    of_windows,
)
from firstbell.duties.book import Book
from firstbell.duties.duty import Duty, Occurrence, State
from firstbell.duties.settling import Showing, settled
from firstbell.duties.sight import Looking, Sight
from firstbell.policy.parameters import Band, BandAtAudits, DayOfAbsence
from firstbell.policy.rule import Mode, Rule
from firstbell.policy.rulebook import Rulebook, Stretch
from firstbell.register import Amendment
from firstbell.sessions import LONDON
from firstbell.statute import Code

__all__ = ["LOOKING", "due", "duties_of", "see"]

LOOKING: dict[str, Looking] = {
    **of_register.LOOKING,
    **of_mornings.LOOKING,
    **of_runs.LOOKING,
    **of_figures.LOOKING,
    **of_counts.LOOKING,
    **of_audits.LOOKING,
    **of_leave.LOOKING,
    **of_facts.LOOKING,
    **of_notices.LOOKING,
    **of_court.LOOKING,
    **of_arrangements.LOOKING,
    **of_windows.LOOKING,
    **of_calendar.LOOKING,
    **of_periods.LOOKING,
    **of_upkeep.LOOKING,
}
"""By kind, the function that looks for its occurrences. Kinds without one make no duty by themselves."""


def see(book: Book, rulebook: Rulebook, at: datetime, *, pupils: Collection[str] | None = None) -> Sight:
    """What there is to see at a moment: only what was known by then, and only of some pupils if asked."""
    known = book.as_known(at if book.known_at is None else min(at, book.known_at))
    if pupils is not None:
        known = known.of(frozenset(pupils))
    return Sight(known, rulebook, at)


def due(
    book: Book,
    rulebook: Rulebook,
    at: datetime,
    *,
    pupils: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    lapsed: bool = False,
) -> tuple[Duty, ...]:
    """The duties at a moment: open and deferred ones, and those done, withheld or whose basis changed.

    What nobody did while its reason held is left out, but for `lapsed`. `pupils` are enrolments; of awards
    and lists of whole groups only what those show is seen then. An occurrence lives by the policy and the
    law of the day on which it arose.
    """
    return duties_of(see(book, rulebook, at, pupils=pupils), kinds=kinds, lapsed=lapsed)


def duties_of(
    sight: Sight,
    *,
    kinds: Collection[str] | None = None,
    rules: Collection[str] | None = None,
    lapsed: bool = False,
    corrected: bool = True,
) -> tuple[Duty, ...]:
    """The same from what was seen already; with `rules`, only of those with these ids.

    `corrected` asks as well for what was done by facts that name no duty, and whose reason a correction has
    taken away since.
    """
    found = [
        duty
        for duty in settled(sight, _once_each(_occurrences(sight, kinds, rules)))
        if (kinds is None or duty.rule.kind in kinds) and (rules is None or duty.rule.id in rules)
    ]
    found = list(_after_others(found))
    if corrected and (lost := {duty.key: duty for duty in _taken_away(sight, found, kinds, rules)}):
        found = [*(duty for duty in found if duty.key not in lost), *lost.values()]
    kept = [duty for duty in found if lapsed or duty.state is not State.LAPSED]
    return tuple(sorted(kept, key=_in_order))


def _in_order(duty: Duty) -> tuple[date, date, bool, str]:
    """By day; on one day those of whom somebody is to be called first come before the others."""
    return duty.due_on, duty.occurrence.arose_on, not duty.comes_first, duty.key


HANGS_ON_MARKS = (
    *("day of absence", "band", "band at audits", "count", "threshold", "sickness days", "avoidance"),
    *("improvement window", "weekly target", "award"),
)


def _taken_away(
    sight: Sight,
    found: list[Duty],
    kinds: Collection[str] | None,
    rules: Collection[str] | None,
) -> Iterator[Duty]:
    """What a fact once showed to be done, and what a later correction of marks has taken the reason of.

    A fact that names the duty's key needs none of this. For the others it is looked at what was due when
    the fact became known, for those pupils only of whom a mark of before it was amended after it, so that
    the rule may have counted it otherwise.
    """
    amended = _amended(sight)
    if not amended:
        return
    used = {(duty.rule.id, key) for duty in found for key in duty.facts}
    now = {duty.key for duty in found if duty.state is not State.LAPSED}
    showing = Showing(sight.facts)
    asked: dict[tuple[str, datetime], set[str]] = {}
    for rule in sight.rules:
        wanted = (kinds is None or rule.kind in kinds) and (rules is None or rule.id in rules)
        if rule.kind not in HANGS_ON_MARKS or not wanted:
            continue
        for enrolment, own in amended.items():
            for fact in showing.of(rule, enrolment):
                if (rule.id, fact.id) not in used and _counted_otherwise(sight, rule, fact.known_at, own):
                    asked.setdefault((enrolment, fact.known_at), set()).add(rule.id)
    alone = sight.book.alone({enrolment for enrolment, _ in asked})
    for (enrolment, at), ids in asked.items():
        then = see(alone[enrolment], sight.rulebook, at)
        for duty in duties_of(then, rules=ids, corrected=False):
            if duty.state is State.DONE and duty.settled_on is not None and duty.key not in now:
                now.add(duty.key)
                gone = replace(duty.occurrence, holds=False)
                yield replace(duty, state=State.BASIS_CHANGED, occurrence=gone)


def _counted_otherwise(sight: Sight, rule: Rule, at: datetime, amendments: list[Amendment]) -> bool:
    """Whether a mark of the days until a moment was amended after it, and a rule may count it otherwise."""
    until_on = at.astimezone(LONDON).date()
    return any(
        one.known_at > at and one.session.on <= until_on and not _is_alike(sight, rule, one)
        for one in amendments
    )


def _is_alike(sight: Sight, rule: Rule, one: Amendment) -> bool:
    """Whether a rule only asks if a pupil was there, and both marks of an amendment say the same of that."""
    params = rule.params
    by_any = isinstance(params, DayOfAbsence) and params.of == "any absence"
    by_share = isinstance(params, BandAtAudits) or (isinstance(params, Band) and not params.with_codes)
    if not by_any and not by_share:
        return False
    key = ("alike", one.session.on, one.original, one.amended)
    return sight.once(key, lambda: _are_alike(sight.book.statute.on(one.session.on).codes, one))


def _are_alike(codes: Mapping[str, Code], one: Amendment) -> bool:
    before, after = codes.get(one.original), codes.get(one.amended)
    if before is None or after is None or before.reads_as or after.reads_as:
        return False
    said = [(code.possible, code.attended, bool(code.absence)) for code in (before, after)]
    return said[0] == said[1]


def _amended(sight: Sight) -> dict[str, list[Amendment]]:
    """The amendments of each pupil's marks, of those whose marks were amended."""
    found: dict[str, list[Amendment]] = {}
    until = sight.book.known_at
    for one in sight.book.register.amendments:
        known = until is None or one.known_at <= until
        if known and one.enrolment in sight.row_of and one.original != one.amended:
            found.setdefault(one.enrolment, []).append(one)
    return found


def _once_each(occurrences: Iterator[Occurrence]) -> dict[str, Occurrence]:
    """Each occurrence once by its key, as the latest rules have it: two versions may ask for the same."""
    return {one.key: one for one in occurrences}


def _occurrences(
    sight: Sight, kinds: Collection[str] | None, rules: Collection[str] | None
) -> Iterator[Occurrence]:
    first_on = sight.book.calendar.starts_on
    for stretch in sight.rulebook.stretches(first_on, sight.day):
        for rule in stretch.rules:
            looking = LOOKING.get(rule.kind)
            if looking is None or rule.mode in (Mode.CONTENT, Mode.RECORD):
                continue
            if kinds is not None and rule.kind not in kinds and not _needed(stretch.rules, rule.id, kinds):
                continue
            if rules is not None and rule.id not in rules:
                continue
            for one in looking(sight, rule):
                within = _within(one, stretch, sight.day)
                if within is not None:
                    yield within


BY_THE_DAY = ("band", "band at audits", "training", "contacts kept")
"""Kinds that hang on what is so on the day: they are asked for by the rules of the day as well."""


def _within(one: Occurrence, stretch: Stretch, day: date) -> Occurrence | None:
    """An occurrence as the rules of a stretch of days have it; None if it is not theirs.

    It lives by the rules of the day on which it arose. What hangs on a figure of the day arises again when
    new rules begin, if the figure is still so: who was below 95% when a policy began is below it.
    """
    if one.rule.kind not in BY_THE_DAY or one.span is None:
        return one if stretch.from_on <= one.arose_on <= stretch.until_on else None
    first_on, last_on = max(one.arose_on, stretch.from_on), min(one.span[1], stretch.until_on)
    if first_on > last_on:
        return None
    if first_on == one.arose_on and stretch.until_on >= day:
        return one
    return replace(one, arose_on=first_on, holds=one.holds and stretch.until_on >= day)


def _needed(rules: Collection[object], rule: str, kinds: Collection[str]) -> bool:
    """Whether a rule of the kinds asked for waits for another rule to be done."""
    return any(getattr(one, "after", "") == rule and getattr(one, "kind", "") in kinds for one in rules)


def _after_others(duties: list[Duty]) -> Iterator[Duty]:
    """Without those that wait for another duty which nobody has done yet."""
    done: dict[tuple[str, str], list[Duty]] = {}
    for duty in duties:
        if duty.state is State.DONE:
            done.setdefault((duty.rule.id, duty.about.enrolment), []).append(duty)
    for duty in duties:
        if not duty.rule.after or not duty.is_open or done.get((duty.rule.after, duty.about.enrolment)):
            yield duty
