"""How are the values of a rule said to parents and staff: limits, spans, times, year groups, flags?

A value that the school has yet to state is an `Unstated`; every function here shows it as such, so that no
sentence has to ask whether its numbers are known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from firstbell.policy.rule import AppliesTo
from firstbell.policy.terms import Comparator, Limit, Span
from firstbell.policy.vocabulary import NURSERY, YEAR_GROUPS
from firstbell.reports.published.marked import Marked, safe, strong, unstated
from firstbell.reports.wording import listed, plural
from firstbell.sessions import day_and_year

__all__ = [
    "FLAGS",
    "Unstated",
    "capital",
    "clock",
    "clock_minutes",
    "count_of",
    "day_in_words",
    "flags_in_words",
    "limit_in_words",
    "list_of",
    "lowered",
    "of_choices",
    "ordinal",
    "period_in_words",
    "phases_in_words",
    "quoted",
    "range_in_words",
    "reasons_in_words",
    "span_in_words",
    "whom_in_words",
    "word",
    "years_in_words",
]


@dataclass(frozen=True)
class Unstated:
    """What stands in the place of a value that the school has yet to state: what it would say."""

    says: str

    def __str__(self) -> str:
        return unstated(self.says)


FLAGS: Mapping[str, str] = {
    "EHCP": "with an education, health and care plan (EHCP)",
    "SEN support": "with support for special educational needs",
    "child in need": "who are children in need",
    "child protection plan": "with a child protection plan",
    "had a social worker": "who have had a social worker",
    "has a social worker": "who have a social worker",
    "has a youth offending worker": "who have a youth offending worker",
    "individual target": "with a target of their own",
    "looked after": "who are looked after by a local authority",
    "medical condition": "with a medical condition",
    "previously looked after": "who were looked after before",
    "reluctant to attend": "who find it hard to come",
    "vulnerable when absent": "who may be at risk when they are absent",
    "young carer": "who are young carers",
}
"""By flag, how a pupil with it is spoken of."""
REASONS: Mapping[str, str] = {"none given": "no reason given", "other": "another reason"}
"""By reason, how it is spoken of where its own name does not do."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
MATHEMATICS = {
    Comparator.BELOW: "below {0}",
    Comparator.AT_MOST: "{0} or below",
    Comparator.ABOVE: "above {0}",
    Comparator.AT_LEAST: "{0} or above",
}


def capital(text: str) -> str:
    """A sentence's beginning."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """A sentence as it goes on after a colon; a code at its beginning stays one."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def quoted(text: object) -> Marked:
    """A name that the policy gives to something."""
    return str(text) if isinstance(text, Unstated) else f"“{safe(str(text))}”"


def word(text: object) -> Marked:
    """A word of the policy, such as a code, as it stands there."""
    return str(text) if isinstance(text, Unstated) else safe(str(text))


def day_in_words(day: date) -> str:
    """A day: 8 September 2025."""
    return day_and_year(day)


def clock(at: time | Unstated | Any) -> Marked:
    """A time of the day."""
    return strong(f"{at:%H:%M}") if isinstance(at, time) else str(at)


def clock_minutes(at: time, minutes: int) -> time:
    """The time so many minutes later."""
    hours, left = divmod(60 * at.hour + at.minute + minutes, 60)
    return time(hours % 24, left)


def ordinal(number: int | Unstated | Any) -> Marked:
    """ "third"; beyond ten "14th"."""
    if not isinstance(number, int):
        return str(number)
    if 1 <= number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"


def count_of(number: int | Unstated | Any, one: str, several: str = "") -> Marked:
    """A number with its noun: "3 sessions"."""
    return plural(number, one, several) if isinstance(number, int) else f"{number} {several or one + 's'}"


def limit_in_words(limit: Limit | Unstated | Any) -> Marked:
    """A comparison: "below 95%", "90% or below"."""
    if not isinstance(limit, Limit):
        return str(limit)
    return MATHEMATICS[limit.comparator].format(strong(limit.shown))


def range_in_words(when: Limit | Unstated | Any, until: Limit | Unstated | Any) -> Marked:
    """The values that meet one comparison and not another: "from 90% to below 95%"."""
    if until is None:
        return limit_in_words(when)
    if isinstance(when, Limit) and isinstance(until, Limit):
        upper = {Comparator.BELOW: "to below {0}", Comparator.AT_MOST: "to {0}"}.get(when.comparator)
        lower = {Comparator.BELOW: "from {0}", Comparator.AT_MOST: "from above {0}"}.get(until.comparator)
        if upper and lower:
            return f"{lower.format(strong(until.shown))} {upper.format(strong(when.shown))}"
    return f"{limit_in_words(when)}, but not {limit_in_words(until)}"


def span_in_words(span: Span | Unstated | Any) -> Marked:
    """A length of time: "5 school days", "1 week"."""
    if not isinstance(span, Span):
        return str(span)
    unit = str(span.unit)
    return f"{span.number} {unit.removesuffix('s') if span.number == 1 else unit}"


def period_in_words(over: object) -> Marked:
    """A period in which something is counted: "the half term"."""
    return str(over) if isinstance(over, Unstated) else f"the {over}"


def of_choices(value: object, words: Mapping[Any, str]) -> Marked:
    """The words for one of a closed list of values."""
    return str(value) if isinstance(value, Unstated) else words[value]


def list_of(words: Collection[str] | Unstated | Any, last: str = "and") -> Marked:
    """A list of texts, as a sentence has it."""
    if isinstance(words, Unstated):
        return str(words)
    return listed([safe(str(one)) for one in words], last) if words else "nothing"


def reasons_in_words(reasons: Collection[str] | Unstated | Any, last: str = "or") -> Marked:
    """The reasons for an absence, as facts name them."""
    if isinstance(reasons, Unstated):
        return str(reasons)
    return list_of([REASONS.get(reason, reason) for reason in reasons], last)


def flags_in_words(flags: Collection[str] | Unstated | Any) -> Marked:
    """Pupils with one of some flags: "with a medical condition or who are young carers"."""
    if isinstance(flags, Unstated):
        return str(flags)
    if not flags:
        return "of any sort"
    known = [flag for flag in FLAGS if flag in flags]
    others = sorted({*flags} - {*FLAGS})
    return listed([*(FLAGS[flag] for flag in known), *(f"with “{safe(flag)}”" for flag in others)], "or")


def years_in_words(groups: Iterable[str] | Unstated | Any) -> Marked:
    """Year groups, those in a row told by the first and the last: "Reception and Years 1 to 4"."""
    if isinstance(groups, Unstated):
        return str(groups)
    own = {*groups}
    nursery = [one for one in NURSERY if one in own]
    named = ["Nursery"] if len(nursery) == len(NURSERY) else [f"Nursery {one[1:]}".strip() for one in nursery]
    named += ["Reception"] if "R" in own else []
    numbers = [int(one) for one in YEAR_GROUPS if one.isdigit() and one in own]
    others = sorted(own - {*YEAR_GROUPS})
    return listed([*named, *_runs(numbers), *map(safe, others)]) if own else "no year group"


def _runs(numbers: list[int]) -> list[str]:
    """Numbers in their order as "Years 1 to 4", "Years 1 and 2", "Year 6"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    alone = [one for run in runs if len(run) < 3 for one in run]
    said = [f"{run[0]} to {run[-1]}" for run in runs if len(run) > 2] + [str(one) for one in alone]
    said.sort(key=lambda one: int(one.split()[0]))
    if not said:
        return []
    return [f"{'Years' if len(numbers) > 1 else 'Year'} {listed(said)}"]


def phases_in_words(phases: Mapping[str, Collection[str]] | Unstated | Any) -> Marked:
    """The parts of a school with the year groups of each."""
    if isinstance(phases, Unstated):
        return str(phases)
    if not phases:
        return "no part of the school"
    return listed([f"{safe(name)} ({years_in_words(groups)})" for name, groups in phases.items()])


def whom_in_words(applies: AppliesTo) -> Marked:
    """Whom a rule is about, as a sentence goes on: "pupils in Years 3 and 4 with a medical condition".

    Empty where it is about everybody.
    """
    said = []
    if applies.year_groups:
        said.append(f"in {years_in_words(applies.year_groups)}")
    if applies.of_age is not None:
        said.append(f"{'' if applies.of_age else 'not '}of compulsory school age")
    if applies.flags:
        said.append(flags_in_words(applies.flags))
    if applies.without_flags:
        said.append(f"but not those {flags_in_words(applies.without_flags)}")
    if applies.without_year_groups:
        said.append(f"but not those in {years_in_words(applies.without_year_groups)}")
    if applies.half_terms:
        said.append(f"in the {listed([ordinal(one) for one in sorted(applies.half_terms)])} half term")
    return f"pupils {', '.join(said)}" if said else ""
