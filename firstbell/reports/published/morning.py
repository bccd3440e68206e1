"""What happens on the morning of an absence, in which order and at what time? From the rules of the policy.

`steps_of` gives the steps of the first day with their times, `later_of` what follows on later days. A chart
draws them, and a list says the same. The times, the tasks and who does them are the rules'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, Literal

from firstbell.policy import Form, Rule
from firstbell.policy import parameters as kinds
from firstbell.policy.terms import Span
from firstbell.reports.published.kinds import parts_of
from firstbell.reports.published.marked import plain, safe
from firstbell.reports.published.rules import Published, asked_in_words
from firstbell.reports.published.values import (
    Unstated,
    capital,
    clock_minutes,
    flags_in_words,
    lowered,
    ordinal,
    span_in_words,
    whom_in_words,
)
from firstbell.reports.wording import listed

__all__ = ["Step", "closing_of", "later_of", "steps_of"]

FIRST, OPENS, CLOSES, SAFE = time(0), time(8, 30), time(9, 30), time(10)
"""Where a step stands in the order as long as the school has not stated its time."""


@dataclass(frozen=True)
class Step:
    """A step of the morning: its time, what it is, details, who does it, and how one comes to the next.

    A `question` has an answer that leads aside, to `aside`; with the other one it goes on below. `onward`
    says on what condition the next step is taken.
    """

    at: str
    title: str
    details: tuple[str, ...] = ()
    who: str = ""
    kind: Literal["parents", "question", "step", "goal"] = "step"
    answer: str = ""
    aside: str = ""
    onward: str = ""


@dataclass(frozen=True)
class _Timed:
    """A step with the time by which the steps are put in order, and its place among those of one time."""

    at: time
    place: int
    step: Step


def steps_of(policy: Published) -> tuple[Step, ...]:
    """The steps of the first morning in their order; none where the policy says nothing of one."""
    kinds_of_it = (kinds.ReportDeadline, kinds.MorningStep)
    asking = [rule for rule in policy.rules if isinstance(rule.params, kinds_of_it)]
    if not asking:
        return ()
    timed = [
        *_parents(asking),
        *_register(policy),
        *_questions(policy, asking),
        *_tasks(policy, asking),
        *_told(policy),
    ]
    timed.sort(key=lambda one: (one.at, one.place))
    return tuple(one.step for one in timed)


def _shown(at: object, before: str = "") -> str:
    """A time for people; where the school has yet to state it, that."""
    return f"{before}{at:%H:%M}" if isinstance(at, time) else f"{before}{plain(str(at))}"


def _or(at: object, instead: time) -> time:
    return at if isinstance(at, time) else instead


def _whom(rule: Rule) -> tuple[str, ...]:
    whom = plain(whom_in_words(rule.applies_to))
    return (f"For {whom}.",) if whom else ()


def _is_goal(rule: Rule) -> bool:
    return getattr(rule.params, "step", "") == "safe by"


# --- what every morning has ------------------------------------------------------------------------------

REPORTS: Mapping[Any, str] = {
    "every day": "On each day of an absence.",
    "unless a return date was given": "Each day, unless they have said when the child is back.",
    "the first day only": "On the first day of an absence.",
}


def _parents(asking: Sequence[Rule]) -> Iterator[_Timed]:
    """By when parents report, and for which days."""
    by_time: dict[object, list[Rule]] = {}
    for rule in [one for one in asking if not _is_goal(one)] or asking:
        params: Any = rule.params
        by_time.setdefault(params.by, []).append(rule)
    for by, rules in by_time.items():
        params = rules[0].params
        each_day = plain(REPORTS.get(params.each_day, str(params.each_day)))
        details = tuple(one for one in (each_day, *_whom(rules[0])) if one)
        title = "Parents tell the school why their child is absent"
        yield _Timed(FIRST, 0, Step(_shown(by, "by "), title, details, kind="parents"))


def _mornings(policy: Published) -> list[Rule]:
    """The rules of the morning's register that say when it is."""
    found = []
    for rule in policy.of(kinds.RegisterTimes):
        params: Any = rule.params
        # The law's own register has a length and no time: it says nothing about a morning.
        if params.session != "afternoon" and params.opens is not None:
            found.append(rule)
    return found


def _opening(rule: Rule) -> time:
    params: Any = rule.params
    return _or(params.opens, OPENS)


def closing_of(rule: Rule) -> object:
    """When a register closes: a time, what the school has yet to state, or None where nobody says."""
    params: Any = rule.params
    if params.closes is not None:
        return params.closes
    if isinstance(params.opens, time) and isinstance(params.minutes_open, int):
        return clock_minutes(params.opens, params.minutes_open)
    return params.minutes_open


def _register(policy: Published) -> Iterator[_Timed]:
    """When the morning's register opens and closes."""
    for rule in _mornings(policy):
        params: Any = rule.params
        late = params.opens if params.late_after is None else params.late_after
        details = (f"Whoever comes after {_shown(late)} is late.",) if isinstance(late, time) else ()
        opening = Step(_shown(params.opens), "The register opens", details + _whom(rule), safe(rule.who))
        yield _Timed(_opening(rule), 1, opening)
        closes = closing_of(rule)
        if closes is not None:
            said = "Whoever comes after this was absent for the morning. Every pupil has a mark by now."
            closing = Step(_shown(closes), "The register closes", (said, *_whom(rule)), safe(rule.who))
            yield _Timed(_or(closes, CLOSES), 3, closing)


def _questions(policy: Published, asking: Sequence[Rule]) -> Iterator[_Timed]:
    """Who is here, and of whom it is known why they are not: nothing more follows for either."""
    here = Step(
        at="",
        title="Is the pupil here?",
        kind="question",
        answer="yes",
        aside="Marked present, or late. Nothing more.",
        onward="no",
    )
    yield _Timed(min(map(_opening, _mornings(policy)), default=FIRST), 2, here)
    codes = sorted({str(getattr(rule.params, "code", "")) or "N" for rule in asking})
    known = Step(
        at="",
        title="Has anybody told us why?",
        kind="question",
        answer="yes",
        aside="The code for the reason is entered. A person decides where it is in doubt.",
        onward=f"no: the mark is {listed(codes, 'or')} until we know",
    )
    told = [_or(getattr(rule.params, "by", None), _closes(policy)) for rule in policy.of(kinds.Told)]
    yield _Timed(min([_first_start(policy, asking), *told]), 4, known)


# --- what is done ----------------------------------------------------------------------------------------

LADDER = ("message", "primary contact", "other contacts", "every step")
ONWARD = {"primary contact": "no answer", "other contacts": "nobody reached"}


def _starts(policy: Published, rule: Rule) -> time:
    """From when on somebody acts: never before parents were to report."""
    params: Any = rule.params
    mornings = _mornings(policy)
    since = [_opening(one) for one in mornings]
    if params.acts == "when the register has closed":
        since = [_or(closing_of(one), CLOSES) for one in mornings]
    return max([_or(params.by, OPENS), *since[:1]])


def _first_start(policy: Published, asking: Sequence[Rule]) -> time:
    return min((_starts(policy, rule) for rule in asking if not _is_goal(rule)), default=CLOSES)


def _tasks(policy: Published, asking: Sequence[Rule]) -> Iterator[_Timed]:
    """The steps that are taken for a pupil of whom nobody has heard."""
    first = {flag for rule in asking for flag in _flags(rule)}
    for number, group in enumerate(_together(policy, [rule for rule in asking if not _is_goal(rule)])):
        rule = group[0]
        params: Any = rule.params
        details = [f"First for pupils {plain(flags_in_words(first))}."] if first and number == 0 else []
        details += [f"List: {safe(one.asks)}." for one in group if one not in _tasks_first(group)]
        at = _starts(policy, rule)
        # Whom one tries next is not tried at a time, but when the one before has failed.
        shown = "" if _rung(rule) > 1 else _shown(at if isinstance(params.by, time) else params.by, "from ")
        title = capital(listed([_task(policy, one) for one in _tasks_first(group)]))
        onward = next((ONWARD[LADDER[_rung(one)]] for one in group if LADDER[_rung(one)] in ONWARD), "")
        yield _Timed(at, 5, Step(shown, title, (*details, *_whom(rule)), _who(group), onward=onward))
    for by, rules in _goals(asking).items():
        yield from _goal(policy, by, rules)


def _tasks_first(group: Sequence[Rule]) -> list[Rule]:
    """What is to be done; a list only where there is nothing else to name."""
    return [rule for rule in group if rule.form is not Form.LIST] or list(group)


def _flags(rule: Rule) -> Iterable[str]:
    first: Any = getattr(rule.params, "first", ())
    return () if isinstance(first, Unstated) else first


def _rung(rule: Rule) -> int:
    """Where on the ladder a step stands: whom one tries first, whom when that has failed."""
    step = getattr(rule.params, "step", "")
    return LADDER.index(step) if step in LADDER else 0


def _together(policy: Published, rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules in the order in which they fall due, those that fall due together in one step."""

    def key(rule: Rule) -> tuple[object, ...]:
        return _starts(policy, rule), max(1, _rung(rule)), rule.applies_to

    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda one: (_starts(policy, one), _rung(one))):
        if groups and key(groups[-1][0]) == key(rule):
            groups[-1].append(rule)
        else:
            groups.append([rule])
    return groups


def _task(policy: Published, rule: Rule) -> str:
    """What is asked, as it stands in a box of the chart."""
    if rule.form is Form.LIST:
        return f"the list “{safe(rule.asks)}”"
    if rule.form in (Form.ALERT, Form.MESSAGE):
        return safe(rule.asks)
    return plain(lowered(asked_in_words(rule, policy.letter(rule))))


def _who(rules: Iterable[Rule]) -> str:
    named = list(dict.fromkeys(safe(rule.who) for rule in rules if rule.who))
    return listed(named) if named else ""


def _goals(asking: Iterable[Rule]) -> dict[object, list[Rule]]:
    """The rules about who must be known to be safe, by the time of the morning."""
    found: dict[object, list[Rule]] = {}
    for rule in asking:
        if _is_goal(rule):
            params: Any = rule.params
            found.setdefault(params.by, []).append(rule)
    return found


def _goal(policy: Published, by: object, rules: Sequence[Rule]) -> Iterator[_Timed]:
    """The time by which every absent pupil is known to be safe, and when somebody is told of who is not."""
    told: list[str] = []
    for rule in rules:
        params: Any = rule.params
        who = f"the {safe(rule.who)}" if rule.who else "the school"
        if isinstance(params.ahead, Span) and isinstance(by, time):
            at = clock_minutes(by, -params.ahead.number)
            said = f"{capital(who)} is told who that is."
            yield _Timed(
                at, 8, Step(_shown(at), "Is anybody not yet known to be safe?", (said,), safe(rule.who))
            )
        elif params.ahead is not None:
            told.append(f"{plain(str(params.ahead))}: {who} is told before.")
        elif rule.form is Form.ALERT:
            told.append(f"If one is not, {who} is told.")
        else:
            told.append(f"If one is not: {_task(policy, rule)} ({safe(rule.who)}).")
    title = "Every absent child is known to be safe"
    yield _Timed(_or(by, SAFE), 9, Step(_shown(by, "by "), title, tuple(dict.fromkeys(told)), kind="goal"))


def _closes(policy: Published) -> time:
    """When the last of the morning's registers has closed."""
    return max((_or(closing_of(one), CLOSES) for one in _mornings(policy)), default=CLOSES)


def _told(policy: Published) -> Iterator[_Timed]:
    """The professionals who are told of an absence of which nobody knows the reason."""
    closes = _closes(policy)
    together: dict[tuple[object, str], list[Rule]] = {}
    told = policy.of(kinds.Told)
    for rule in told:
        params: Any = rule.params
        if any(_tells_more(other, rule) for other in told):
            continue
        at = closes if params.by is None else params.by
        together.setdefault((at, safe(rule.who)), []).append(rule)
    for (at, who), rules in together.items():
        lines = tuple(f"{capital(_task(policy, rule))}: for pupils {_with_flags(rule)}." for rule in rules)
        step = Step(_shown(at, "from "), "If we still do not know why", lines, who)
        yield _Timed(_or(at, closes), 6, step)


def _tells_more(one: Rule, other: Rule) -> bool:
    """Whether a rule asks for the same of the same role as another, and about more pupils."""
    first, second = _flags_of(one), _flags_of(other)
    return (one.who, one.asks) == (other.who, other.asks) and first > second


def _flags_of(rule: Rule) -> frozenset[str]:
    flags: Any = getattr(rule.params, "flags", ())
    return frozenset() if isinstance(flags, Unstated) else frozenset(flags)


def _with_flags(rule: Rule) -> str:
    params: Any = rule.params
    return plain(flags_in_words(params.flags))


# --- the days after --------------------------------------------------------------------------------------

SORTS = {"unauthorised absence": ", unauthorised", "unexplained absence": ", unexplained"}


def later_of(policy: Published) -> tuple[tuple[str, str, str], ...]:
    """What follows if the absence goes on: when, what, who; in the order of the days."""
    found: list[tuple[int, str, str, str]] = []
    for rule in policy.of(kinds.DayOfAbsence, kinds.ReasonUnknown):
        # What is asked of who is back does not follow if the absence goes on.
        if getattr(rule.params, "of", "") != "illness" and not getattr(rule.params, "back", False):
            number, when = _later(rule.params)
            found.append((number, when, capital(_task(policy, rule)), safe(rule.who)))
    return tuple((when, what, who) for _, when, what, who in sorted(found, key=lambda one: one[0]))


def _later(params: Any) -> tuple[int, str]:
    """The number of the day, by which it is put in order, and when that is."""
    if isinstance(params, kinds.ReasonUnknown):
        days = params.within.number if isinstance(params.within, Span) else 0
        return days, f"{capital(plain(span_in_words(params.within)))} later, reason still not known"
    without = ", nobody reached" if params.without else ""
    if isinstance(params.day, int):
        return params.day, f"{capital(ordinal(params.day))} school day{SORTS.get(params.of, '')}{without}"
    number = params.longer_than.number if isinstance(params.longer_than, Span) else 0
    return number, capital(
        plain(parts_of(params)[0].text).removeprefix("when ").removeprefix("on ")
    ) + without
