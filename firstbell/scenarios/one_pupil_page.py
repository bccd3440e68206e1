"""One pupil under every policy: what is due by each, told beside each other in Markdown.

A scenario lends its pupil, marks, facts and calendar, and the moments at which it looks. Everything in the
tables comes of running them under the rules of each policy; what the scenario itself wants is not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from firstbell.duties import Duty, Sight, figure
from firstbell.measures import Rate
from firstbell.policy import Rule, Rulebook
from firstbell.policy.case_parameters import BandAtAudits, MorningStep
from firstbell.policy.parameters import Award, Band, ReportDeadline
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.scenarios.rendering import happened_text
from firstbell.scenarios.running import Running
from firstbell.scenarios.scenario import Scenario
from firstbell.sessions import LONDON, day_and_year

__all__ = ["Case", "one_pupil_page", "under_its_settings"]

HEAD = """\
# One pupil, {many} policies

The policies that come with Firstbell, each with its example school, are asked about the same pupils on the
same days. Only the policy differs. *Called* is the lowest band of the policy that the pupil is in. *Due* is
all that is open for the pupil then, what the law asks as well; what is open for another reason than that of
the case stands below *besides*. *Not due* are the rules of the same kinds that ask for nothing then, each
with what it waits for. Both name the rule, on the page of the policy; what is due names its clauses too.

All of it is worked out by running the rules on the pupils of the scenarios that are named.
"""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
HEADINGS = ("policy", "called", "due", "not due")
LINE = "<br>"


@dataclass(frozen=True)
class Case:
    """A scenario of one pupil, with a heading that is true under every policy.

    `kinds` are the kinds of rules that the case is about: of these everything is told, also what is not due.
    """

    scenario: Scenario
    heading: str
    kinds: tuple[str, ...]


def one_pupil_page(cases: Sequence[Case], rulebooks: Mapping[str, Rulebook]) -> str:
    """The page: for each case its pupil, and a table with a row for each policy, by the policies' ids."""
    many = len(rulebooks)
    parts = [HEAD.format(many=NUMBERS[many] if many < len(NUMBERS) else many)]
    parts += [f"- [{case.heading}](#{_slug(case.heading)})" for case in cases]
    for case in cases:
        parts += ["", *_case(case, rulebooks)]
    return "\n".join(parts).rstrip() + "\n"


def under_its_settings(scenario: Scenario, rulebook: Rulebook) -> Rulebook:
    """A policy with a scenario's settings: each holds for every rule that leaves it to the school.

    A scenario names the rules of its own policy, and another policy has others.
    """
    stated = {name: value for values in scenario.settings.values() for name, value in values.items()}
    for version in rulebook.versions:
        for rule in version.rules:
            for name in sorted(rule.by_school & stated.keys()):
                rulebook = rulebook.with_setting(rule.id, name, stated[name])
    return rulebook


# --- a case ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Under:
    """A pupil under one policy at one moment."""

    policy: str
    running: Running
    at: datetime
    pupil: str

    @cached_property
    def sight(self) -> Sight:
        return self.running.sight(self.at)

    @cached_property
    def due(self) -> tuple[Duty, ...]:
        """What is open for the pupil, and for a parent of the pupil, in the order of the policy's rules."""
        order = {rule.id: place for place, rule in enumerate(self.sight.rules)}
        own = [one for one in self.running.due(self.at) if one.is_open and one.about.enrolment == self.pupil]
        return tuple(sorted(own, key=lambda one: (order.get(one.rule.id, len(order)), one.key)))

    def not_due(self, kinds: Collection[str]) -> list[Rule]:
        """The policy's own rules of some kinds that are about this pupil, and of which nothing is open."""
        open_now = {one.rule.id for one in self.due}
        advising = {advice.rule.id for one in self.due for advice in one.occurrence.advice}
        row, day = self.sight.row_of[self.pupil], self.sight.day
        return [
            rule
            for rule in self.sight.rules
            if rule.kind in kinds
            and not rule.is_law
            and (rule.kind in LEAVE_TESTS or (rule.asks and rule.params.is_about.startswith("pupil")))
            and rule.id not in open_now | advising
            and self.sight.applies(rule.applies_to, row, day)
        ]


def _case(case: Case, rulebooks: Mapping[str, Rulebook]) -> Iterator[str]:
    scenario = case.scenario
    yield f"## {case.heading}\n"
    yield f"The pupil of the scenario {scenario.id}.\n"
    yield from happened_text(scenario)
    for said in dict.fromkeys(_setting(name, value) for name, value in _settings(scenario)):
        yield f"{said}\n"
    runs = {key: Running(scenario, under_its_settings(scenario, book)) for key, book in rulebooks.items()}
    moments = dict.fromkeys(expected.when for expected in scenario.then)
    for when in dict.fromkeys([next(iter(moments)), [*moments][-1]]):
        every = [
            _Under(key, running, running.moment(when), scenario.pupils[0].ref)
            for key, running in runs.items()
        ]
        yield from _at(case, every, None if when.at is None else f"{when.at.astimezone(LONDON):%H:%M}")


def _settings(scenario: Scenario) -> Iterator[tuple[str, object]]:
    for values in scenario.settings.values():
        yield from values.items()


def _setting(name: str, value: object) -> str:
    return f"Every rule that leaves `{name}` to the school has it at {value}."


def _at(case: Case, every: Sequence[_Under], clock: str | None) -> Iterator[str]:
    """The table of one moment, with the figures that are the same under all policies above it."""
    when = f"At {clock} on {day_and_year(every[0].sight.day)}" if clock else day_and_year(every[0].sight.day)
    yield f"**{when}.** {_figures(every[0])}\n"
    yield _row(HEADINGS)
    yield _row("---" for _ in HEADINGS)
    for under in every:
        waiting = LINE.join(_waiting(under.policy, rule) for rule in under.not_due(case.kinds))
        called = str(figure(under.sight, "tier", enrolment=under.pupil))
        due = LINE.join(_due(under, case.kinds)) or "nothing"
        yield _row((f"[{under.policy}](policy-{under.policy}.md)", called, due, waiting))
    yield ""


def _figures(under: _Under) -> str:
    """Attendance in the school year, and what the Department calls it, for whoever had any session."""
    rate = figure(under.sight, "attendance", enrolment=under.pupil)
    if not isinstance(rate, Rate) or not rate.whole:
        return "No session was possible yet."
    named = ("persistent absence", "severe absence")
    told = [name for name in named if figure(under.sight, name, enrolment=under.pupil)]
    counted = f"the Department counts it as {' and '.join(told)}" if told else "the Department counts neither"
    rest = "" if told else " persistent nor severe absence"
    return f"Attendance {rate.part} of {rate.whole}, {rate.shown(2)}; {counted}{rest}."


# --- a cell ----------------------------------------------------------------------------------------------


def _due(under: _Under, kinds: Collection[str]) -> Iterator[str]:
    """What is due of some kinds, told in full, and by name what is open for the pupil besides."""
    yield from (_duty(under.policy, one) for one in under.due if one.rule.kind in kinds)
    if besides := [_linked(under.policy, one.rule) for one in under.due if one.rule.kind not in kinds]:
        yield f"besides: {', '.join(besides)}"


def _duty(policy: str, duty: Duty) -> str:
    """One thing that is due: its form, what is asked, of whom, by when, under which clauses."""
    rule, at = duty.rule, duty.occurrence.due_at
    letter = f" (`{rule.letter}`)" if rule.letter else ""
    by = f"{at.astimezone(LONDON):%H:%M}" if at else day_and_year(duty.due_on)
    said = f"{rule.form}: {_linked(policy, rule)}{letter}, {duty.who}, by {by}"
    if duty.suggests:
        said += f", suggested: {duty.suggests}"
    for advice in duty.occurrence.advice:
        said += f"; {_linked(policy, advice.rule)} says {advice.says}"
    return f"{said}; {_clauses(rule)}"


def _waiting(policy: str, rule: Rule) -> str:
    """A rule of which nothing is due, with what it waits for."""
    waits = _waits_for(rule)
    return f"{_linked(policy, rule)}{f' ({waits})' if waits else ''}"


def _waits_for(rule: Rule) -> str:
    """What a rule waits for, in a few words: a comparison, a time, the end of a period."""
    match rule.params:
        case Band(when=when, until=until) | BandAtAudits(when=when, until=until):
            said = f"{when}, and not {until}" if until else str(when)
            least = rule.params.least_possible
            return f"{said}, from {least} possible sessions on" if least else said
        case ReportDeadline(by=by):
            return f"from {by:%H:%M}"
        case MorningStep(step=step):
            return step
        case Award(over=over, unit=unit):
            return f"each {over}, {unit}"
    return "advises nothing" if rule.kind in LEAVE_TESTS else ""


def _linked(policy: str, rule: Rule) -> str:
    page = "law" if rule.is_law else policy
    return f"[{rule.asks or rule.id}](policy-{page}.md#{rule.id})"


def _clauses(rule: Rule) -> str:
    return ", ".join(f"[{key}](coverage.md#{_slug(key)})" for key in rule.implements)


def _slug(title: str) -> str:
    return "".join(one for one in title.lower() if one.isalnum() or one in " -_").replace(" ", "-")


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
