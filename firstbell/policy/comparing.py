"""On what do two policies differ, matter by matter, and where does the same child fall between them?

Each matter is read from the rules, by their kinds and numbers: never from their names. Where two limits have
one number and other comparisons it says which of the two acts at that very figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from firstbell.policy.case_parameters import BandAtAudits, ImprovementWindow, MorningStep, Retention, Training
from firstbell.policy.finding import Looked
from firstbell.policy.parameters import (
    Appointment,
    Award,
    Band,
    DayOfAbsence,
    LeaveNotice,
    NoticeDays,
    Observance,
    RegisterTimes,
    ReportDeadline,
    SicknessDays,
    Threshold,
)
from firstbell.policy.rule import Form, Rule
from firstbell.policy.statements import STATED
from firstbell.policy.terms import Comparator, Limit
from firstbell.policy.vocabulary import LEAVE_TESTS

__all__ = ["MATTERS", "Difference", "differences"]

LEFT = "left to the school"
NOTHING = "says nothing"


@dataclass(frozen=True)
class Said:
    """What a policy says on a matter, and the limit in it, if there is one that can be compared."""

    text: str
    limit: Limit | None = None


@dataclass(frozen=True)
class Difference:
    """One matter on which two policies differ: what each says, and what that means at the boundary."""

    matter: str
    first: str
    second: str
    means: str = ""


Matter: TypeAlias = Callable[[Looked], Iterator[Said]]


def differences(first: Looked, second: Looked) -> tuple[Difference, ...]:
    """The matters on which two policies say different things, in the order of a school day and a case."""
    found = []
    for name, matter in MATTERS.items():
        one, other = list(matter(first)), list(matter(second))
        here, there = _joined(one), _joined(other)
        if here != there:
            found.append(Difference(name, here, there, _boundary(one, other)))
    return tuple(found)


def _joined(said: list[Said]) -> str:
    return "; ".join(dict.fromkeys(one.text for one in said)) or NOTHING


def _boundary(first: list[Said], second: list[Said]) -> str:
    """Where the first limits of both have one number, who of the two acts at it."""
    one = next((said.limit for said in first if said.limit), None)
    other = next((said.limit for said in second if said.limit), None)
    if one is None or other is None or one.number != other.number or one.comparator is other.comparator:
        return ""
    acts = "the first" if one.comparator in (Comparator.AT_MOST, Comparator.AT_LEAST) else "the second"
    return f"At exactly {one.shown} only {acts} acts."


# --- the day ---------------------------------------------------------------------------------------------


def _register(session: str) -> Matter:
    def said(looked: Looked) -> Iterator[Said]:
        for written, rule, params in looked.of(RegisterTimes):
            if params.session not in (session, "both"):
                continue
            opens = f"{params.opens:%H:%M}" if params.opens else LEFT
            closes = f"{params.closes:%H:%M}" if params.closes else LEFT
            if not params.closes and params.minutes_open:
                by_whom = " (as the school states)" if "minutes_open" in written.by_school else ""
                closes = f"after {params.minutes_open} minutes{by_whom}"
            late = f", late after {params.late_after:%H:%M}" if params.late_after else ""
            years = sorted(rule.applies_to.year_groups)
            whose = f" (Years {', '.join(years)})" if years else ""
            yield Said(f"opens {opens}{late}, closes {closes}{whose}")

    return said


def _reports(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(ReportDeadline):
        yield Said(f"by {params.by:%H:%M}, {params.each_day}" if params.by else f"{LEFT}, {params.each_day}")


def _morning(looked: Looked) -> Iterator[Said]:
    for _, rule, params in looked.of(MorningStep):
        at = f"{params.by:%H:%M}" if params.by else LEFT
        yield Said(f"{rule.asks} ({at})")


def _days(looked: Looked) -> Iterator[Said]:
    for _, rule, params in looked.of(DayOfAbsence):
        when = f"day {params.day}" if params.day else f"after {params.longer_than}"
        if params.back:
            when = f"back after {params.day} days or more" if params.day else f"back {when}"
        yield Said(f"{when} of {params.of}{' without contact' if params.without else ''}: {rule.asks}")


# --- figures ---------------------------------------------------------------------------------------------


def _limits(fits: Callable[[Rule], bool]) -> Matter:
    """The bands of some rules, the widest first."""

    def said(looked: Looked) -> Iterator[Said]:
        found = [
            (rule.params.when, rule)
            for _, rule in looked.rules
            if isinstance(rule.params, Band | BandAtAudits) and rule.params.when is not None and fits(rule)
        ]
        for limit, rule in sorted(found, key=lambda one: -one[0].number):
            yield Said(f"{limit}: {rule.asks or getattr(rule.params, 'tier', '')}", limit)

    return said


def _settles(rule: Rule, word: str) -> bool:
    return any(term.partition(":")[0].strip() == word for term in rule.settled_by)


def _tiers(looked: Looked) -> Iterator[Said]:
    bands = [(params.when, params.tier) for _, _, params in looked.of(Band) if params.tier and params.when]
    for limit, tier in sorted(bands, key=lambda one: -one[0].number):
        yield Said(f"{tier}: {limit}", limit)


def _audits(looked: Looked) -> Iterator[Said]:
    for _, rule, params in looked.of(BandAtAudits):
        until = f" to {params.until_number}" if params.until_number else " on"
        yield Said(f"{params.when}, audit {params.from_number}{until} of each {params.audits}: {rule.asks}")


def _windows(looked: Looked) -> Iterator[Said]:
    for _, rule, params in looked.of(ImprovementWindow):
        yield Said(f"{params.lasts or LEFT} after {' or '.join(params.since)}, {params.when}: {rule.asks}")


def _sickness(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(SicknessDays):
        if not params.expected:
            yield Said(f"{params.days} school days")


# --- leave, law, the rest --------------------------------------------------------------------------------


def _notice_for_leave(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(LeaveNotice):
        follows = "advises to refuse" if params.advises == "refuse" else "is weighed"
        yield Said(f"at least {params.at_least or LEFT}; less {follows}")


def _tests(looked: Looked) -> Iterator[Said]:
    for _, rule in looked.rules:
        if rule.kind in LEAVE_TESTS and rule.kind != "leave notice":
            yield Said(f"{rule.kind.removeprefix('leave ')} ({rule.word})" if rule.word else rule.kind)


def _appointments(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(Appointment):
        if params.asks_about == "code":
            yield Said(" or ".join(params.evidence) or "no paper asked for")


def _observance(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(Observance):
        yield Said(f"notice of {params.notice}" if params.notice else "no notice stated")


def _threshold(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(Threshold):
        codes = ", ".join(params.codes or ())
        yield Said(f"{params.sessions} sessions of {codes} in {params.school_weeks} school weeks")


def _warning(looked: Looked) -> Iterator[Said]:
    for _, rule, params in looked.of(NoticeDays):
        if params.notice == "notice to improve" and params.ahead is None:
            yield Said(f"{params.lasts or LEFT}: {rule.asks}")


def _questions(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(Threshold):
        if params.questions:
            yield Said(f"{len(params.questions)} questions: {'; '.join(params.questions)}")


def _kept(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(Retention):
        yield Said(f"{params.years} years")


def _awards(looked: Looked) -> Iterator[Said]:
    for _, rule, params in looked.of(Award):
        yield Said(f"{rule.asks} ({params.over})")


def _training(looked: Looked) -> Iterator[Said]:
    for _, _, params in looked.of(Training):
        yield Said(f"{params.training} ({params.every})")


def _stated(key: str) -> Matter:
    def said(looked: Looked) -> Iterator[Said]:
        words = {one.states[key] for one in looked.version.clauses.values() if key in one.states}
        for word in sorted(words):
            yield Said(STATED[key].values[word])

    return said


MATTERS: Mapping[str, Matter] = {
    "the morning register": _register("morning"),
    "the afternoon register": _register("afternoon"),
    "absence is reported": _reports,
    "the first morning": _morning,
    "an absence that goes on": _days,
    "tiers": _tiers,
    "letters by attendance": _limits(lambda rule: rule.form is Form.LETTER),
    "meetings by attendance": _limits(lambda rule: _settles(rule, "meeting")),
    "repeats at audits": _audits,
    "windows for improvement": _windows,
    "the return on sickness": _sickness,
    "notice of leave": _notice_for_leave,
    "tests of leave": _tests,
    "paper for an appointment": _appointments,
    "religious observance": _observance,
    "the threshold for a penalty notice": _threshold,
    "the last warning": _warning,
    "what is answered before a notice": _questions,
    "how long registers are kept": _kept,
    "training": _training,
    "rewards": _awards,
    **{f"stated: {matter.matter}": _stated(key) for key, matter in STATED.items()},
}
"""What is compared, by its name: from the morning to the notice."""
