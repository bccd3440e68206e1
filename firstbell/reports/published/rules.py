"""What are the rules of a policy for a reader: merged with the law, with what each asks in words, by topic?

Without a school's settings an `Unstated` stands where the policy leaves something to the school.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from firstbell.facts import KINDS as FACTS
from firstbell.policy import Clause, PolicyFiles, Rule, Rulebook, SchoolSettings, WrittenPolicy, WrittenRule
from firstbell.policy import parameters as kinds
from firstbell.policy.describing import parameters_of
from firstbell.policy.merging import left_of, merged
from firstbell.policy.rule import Form, Letter
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.reports.published.kinds import when_in_words
from firstbell.reports.published.marked import Marked, safe
from firstbell.reports.published.values import Unstated, capital, list_of, lowered, quoted, whom_in_words
from firstbell.statute import Law, Statute

__all__ = [
    "Published",
    "Topic",
    "asked_in_words",
    "condition_in_words",
    "is_for_reading",
    "published",
    "topic_of",
    "whole_rule",
]


class Topic(StrEnum):
    """What a rule is about for a reader, in the order of the document; the value is its heading."""

    AIMS = "What we aim for"
    DAY = "The school day, and coming on time"
    ABSENCE = "When a child cannot come"
    MORNING = "The morning of an absence"
    GOES_ON = "When an absence goes on"
    MISSING = "When a child goes missing during the day"
    FALLING = "When attendance falls"
    TOGETHER = "Meetings, plans and support"
    ILLNESS = "Illness, appointments and evidence"
    LEAVE = "Leave in term time"
    ELSEWHERE = "Part-time, elsewhere, at a distance"
    LEGAL = "Legal steps"
    REWARDS = "Celebrating attendance"
    ROLL = "Joining and leaving the school"
    REGULARLY = "What the school does regularly"
    KEPT = "What the school keeps"
    READING = "Help, and more to read"


# --- the policy as it is read ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Published:
    """One version of a policy, with the law of its day and, if there are, a school's settings.

    `rules` are the policy's own, merged with the law's; `besides` the rules of law that hold beside them.
    """

    version: WrittenPolicy
    day: date
    law: Law = field(repr=False)
    settings: SchoolSettings | None
    rules: tuple[Rule, ...] = field(repr=False)
    besides: tuple[Rule, ...] = field(repr=False)
    clauses_of_law: Mapping[str, Clause] = field(repr=False)

    def letter(self, rule: Rule) -> Letter | None:
        """The letter that a rule sends."""
        return self.version.letters.get(rule.letter)

    def of(self, *own: type[kinds.Params]) -> tuple[Rule, ...]:
        """The rules of some kinds, the policy's first."""
        return tuple(rule for rule in (*self.rules, *self.besides) if isinstance(rule.params, own))


def published(
    statute: Statute,
    law: PolicyFiles,
    files: PolicyFiles,
    version: WrittenPolicy,
    settings: SchoolSettings | None = None,
    on: date | None = None,
) -> Published:
    """A version of a policy by the law of a day: by default the first on which it is in force.

    Raises `Unusable` if settings are given, and one is missing or of a wrong form.
    """
    day = on or version.in_force_from_on
    own = {rule.id for rule in version.rules}
    of_day = law.on(day)
    if settings is not None:
        Rulebook(statute, law, files, settings)
        # The version by itself, from the day on: another one may be in force on it.
        alone = replace(
            files, versions=(replace(version, in_force_from_on=min(day, version.in_force_from_on)),)
        )
        rules = Rulebook(statute, law, alone, _settings_for(settings, version)).on(day)
    else:
        rules = tuple(_without_settings(version, of_day, statute.on(day)))
    return Published(
        version,
        day,
        statute.on(day),
        settings,
        tuple(_with_names(rule, version) for rule in rules if rule.id in own),
        tuple(rule for rule in rules if rule.id not in own),
        of_day.clauses if of_day else {},
    )


def _with_names(rule: Rule, version: WrittenPolicy) -> Rule:
    """A rule that names letters by their titles and another rule by what it asks, and not by their ids."""
    titles = {key: quoted(letter.title) for key, letter in version.letters.items()}
    changed: dict[str, Any] = {}
    for name in ("letters", "purposes"):
        if isinstance(value := getattr(rule.params, name, None), tuple) and {*value} & {*titles}:
            changed[name] = tuple(titles.get(one, one) for one in value)
    for name in ("where", "unless"):
        value = getattr(rule.params, name, None)
        if isinstance(value, Mapping) and value.get("letter") in titles:
            changed[name] = {**value, "letter": titles[str(value["letter"])]}
    decided_by = version.find(str(getattr(rule.params, "decided_by", "")))
    if decided_by is not None:
        changed["decided_by"] = f"“{decided_by.told['asks']}”"
    return replace(rule, params=msgspec.structs.replace(rule.params, **changed)) if changed else rule


def _settings_for(settings: SchoolSettings, version: WrittenPolicy) -> SchoolSettings:
    """What of a school's settings one version of a policy leaves open: another may leave more."""
    left = {rule.id: rule.by_school for rule in version.rules}
    rules = {
        key: {name: value for name, value in values.items() if name in left.get(key, ())}
        for key, values in settings.rules.items()
        if key in left
    }
    roles = {role: holder for role, holder in settings.roles.items() if role in version.roles}
    return replace(settings, rules=rules, roles=roles)


def _without_settings(version: WrittenPolicy, of_day: WrittenPolicy | None, law: Law) -> Iterator[Rule]:
    """The rules of a day, what the school has yet to state left open: as a `Rulebook` merges them."""
    of_law = {one.id: whole_rule(one, law) for one in (of_day.rules if of_day else ())}
    of_law = {key: rule for key, rule in of_law.items() if not _has_unstated(rule)}
    pairs: dict[str, list[Rule]] = {}
    for written in version.rules:
        rule = whole_rule(written, law)
        if (theirs := of_law.get(rule.tightens)) is not None:
            rule = _merged(rule, theirs)
            pairs.setdefault(rule.tightens, []).append(rule)
        yield rule
    left = (left_of(rule, pairs.get(key, ()), version.roles) for key, rule in of_law.items())
    yield from (rule for rule in left if rule is not None)


def whole_rule(written: WrittenRule, law: Law | None) -> Rule:
    """A rule as its file has it: what is left to the law from the law, what to the school unstated."""
    says = {one.name: one.says for one in parameters_of(written.kind)}
    filled: dict[str, Any] = {name: Unstated(says[name]) for name in written.by_school}
    of_law = (written.of_law(law) if law else None) or {}
    filled |= {name: of_law.get(name, Unstated(says[name])) for name in written.by_law}
    return written.rule(filled)


def _has_unstated(rule: Rule) -> bool:
    return bool(_unstated_in(rule.params))


def _unstated_in(params: kinds.Params) -> dict[str, Unstated]:
    found = {one.name: getattr(params, one.name) for one in msgspec.structs.fields(type(params))}
    return {name: value for name, value in found.items() if isinstance(value, Unstated)}


def _merged(rule: Rule, theirs: Rule) -> Rule:
    """A rule merged with the law's, what the school has yet to state still open in it."""
    unstated = _unstated_in(rule.params)
    lent = {name: getattr(theirs.params, name) for name in unstated}
    found = merged(replace(rule, params=msgspec.structs.replace(rule.params, **lent)), theirs)
    return replace(found, params=msgspec.structs.replace(found.params, **unstated))


# --- what it asks ----------------------------------------------------------------------------------------

FORMS = {
    Form.LIST: "List: {0}",
    Form.ALERT: "To know: {0}",
    Form.MESSAGE: "Message: {0}",
    Form.RETURN: "Return: {0}",
    Form.AWARD: "Award: {0}",
}


def is_for_reading(rule: Rule) -> bool:
    """Whether a rule only shows a text or says what is kept."""
    return rule.kind in ("content", "record")


def asked_in_words(rule: Rule, letter: Letter | None = None) -> Marked:
    """What a rule asks for: "Welfare check", "Letter “Attendance below 95%”", "Decision: refer the case?"."""
    if letter is not None:
        return f"Letter {quoted(letter.title)}"
    if not rule.asks:
        return ""
    if rule.form is Form.PROMPT:
        return _decision(rule)
    said = FORMS[rule.form].format(safe(rule.asks)) if rule.form in FORMS else safe(rule.asks)
    return capital(said)


def _decision(rule: Rule) -> Marked:
    """A question that a person answers, with the answers where they are more than yes and no."""
    answers = [one for one in rule.offers if one not in ("yes", "no")]
    offered = f" ({list_of(rule.offers, 'or')})" if answers else ""
    if rule.asks.endswith("?"):
        return f"A person decides: {lowered(safe(rule.asks))}{offered}"
    return f"{capital(safe(rule.asks))}{offered}"


def condition_in_words(rule: Rule, *, without: tuple[str, ...] = ()) -> Marked:
    """When it asks, and of whom: a sentence's beginning without its full stop.

    What it says by one of the parameters in `without` is left out.
    """
    whom = whom_in_words(rule.applies_to)
    said = when_in_words(rule.params, without=without)
    return f"{said}: {whom}" if whom and said else said or whom


# --- what it is about ------------------------------------------------------------------------------------

K = kinds
BY_KIND: Mapping[type[kinds.Params], Topic] = {
    K.RegisterTimes: Topic.DAY,
    K.LateArrival: Topic.DAY,
    K.LateCollection: Topic.DAY,
    K.Closed: Topic.DAY,
    K.ReportDeadline: Topic.MORNING,
    K.MorningStep: Topic.MORNING,
    K.Told: Topic.MORNING,
    K.ReasonGiven: Topic.ABSENCE,
    K.ReasonUnknown: Topic.GOES_ON,
    K.MissingPupil: Topic.MISSING,
    K.Appointment: Topic.ILLNESS,
    K.SicknessDays: Topic.ILLNESS,
    K.EvidenceOverdue: Topic.ILLNESS,
    K.EvidenceNeedsDoubt: Topic.ILLNESS,
    K.Band: Topic.FALLING,
    K.BandAtAudits: Topic.FALLING,
    K.WorseSince: Topic.FALLING,
    K.ImprovementWindow: Topic.FALLING,
    K.WeeklyTarget: Topic.FALLING,
    K.LeaveDecision: Topic.LEAVE,
    K.AfterLeave: Topic.LEAVE,
    K.LateReturn: Topic.LEAVE,
    K.RefusedTaken: Topic.LEAVE,
    K.Observance: Topic.LEAVE,
    K.Performance: Topic.LEAVE,
    K.Threshold: Topic.LEGAL,
    K.Avoidance: Topic.LEGAL,
    K.NoticeDays: Topic.LEGAL,
    K.CourtDays: Topic.LEGAL,
    K.NewPupil: Topic.ROLL,
    K.Leaving: Topic.ROLL,
    K.PartTimeTimetable: Topic.ELSEWHERE,
    K.Award: Topic.REWARDS,
    K.Draw: Topic.REWARDS,
    K.Regularly: Topic.REGULARLY,
    K.Training: Topic.REGULARLY,
    K.ContactsKept: Topic.REGULARLY,
    K.Retention: Topic.KEPT,
    K.Record: Topic.KEPT,
    K.Content: Topic.READING,
}
BY_COUNT: Mapping[str, Topic] = {
    "late marks": Topic.DAY,
    "late after the register closed": Topic.DAY,
    "late collections": Topic.DAY,
    "illnesses": Topic.ILLNESS,
    "appointments": Topic.ILLNESS,
    "truancies": Topic.MISSING,
}
BY_MODULE = {
    "absences": Topic.ABSENCE,
    "missing": Topic.MISSING,
    "cases": Topic.TOGETHER,
    "provision": Topic.ELSEWHERE,
    "school": Topic.REGULARLY,
}
"""By the group of facts in which a kind stands."""
BY_FACT: Mapping[str, Topic] = {
    "arrived": Topic.DAY,
    "collected late": Topic.DAY,
    "late gate held": Topic.DAY,
    "lateness reported": Topic.DAY,
    "closure declared": Topic.DAY,
    "charge decided": Topic.DAY,
    "left site": Topic.DAY,
    "returned to site": Topic.DAY,
    "doubt recorded": Topic.ILLNESS,
    "evidence asked": Topic.ILLNESS,
    "evidence received": Topic.ILLNESS,
    "leave asked": Topic.LEAVE,
    "leave decided": Topic.LEAVE,
    "return delayed": Topic.LEAVE,
    "performance licensed": Topic.LEAVE,
    "notice considered": Topic.LEGAL,
    "notice ended": Topic.LEGAL,
    "notice issued": Topic.LEGAL,
    "notice paid": Topic.LEGAL,
    "notice withdrawn": Topic.LEGAL,
    "court step": Topic.LEGAL,
    "excluded": Topic.LEGAL,
    "seen in public": Topic.LEGAL,
    "enquiry made": Topic.ROLL,
    "moving form received": Topic.ROLL,
    "award given": Topic.REWARDS,
    "draw made": Topic.REWARDS,
    "contact details changed": Topic.REGULARLY,
}
BY_ACTION: Mapping[str, Topic] = {
    "grant leave": Topic.LEAVE,
    "refuse leave": Topic.LEAVE,
    "ask for evidence": Topic.ILLNESS,
    "send letter": Topic.TOGETHER,
    "charge for late collection": Topic.DAY,
    "delete from the register": Topic.ROLL,
    "issue a penalty notice": Topic.LEGAL,
    "issue an exclusion notice": Topic.LEGAL,
    "take a legal step": Topic.LEGAL,
    "ask for prosecution": Topic.LEGAL,
    "change a mark because of a notice": Topic.LEGAL,
    "enter a code": Topic.ABSENCE,
    "dispose of register entries": Topic.KEPT,
    "start a part-time timetable": Topic.ELSEWHERE,
    "start provision elsewhere": Topic.ELSEWHERE,
    "start remote education": Topic.ELSEWHERE,
    "hold a one-to-one video lesson": Topic.ELSEWHERE,
    "agree a plan": Topic.TOGETHER,
    "let a pupil leave early": Topic.DAY,
    "take away a privilege": Topic.REWARDS,
    "visit a home": Topic.TOGETHER,
}
OF_ELSEWHERE = frozenset({"B", "C2", "D", "K", "P", "S", "V", "W"})
"""Codes for being taught, or about to be, in another place or at other times."""


def topic_of(rule: Rule, rules: Iterable[Rule] = ()) -> Topic:
    """What a rule is about. One that waits for another, or for the answer to it, stands where that does."""
    return _topic(rule, {one.asks: one for one in rules if one.asks}, {one.id: one for one in rules}, 4)


def _topic(rule: Rule, by_asks: Mapping[str, Rule], by_id: Mapping[str, Rule], steps: int) -> Topic:
    earlier = by_id.get(rule.after) or _answered(rule, by_asks)
    if earlier is not None and earlier is not rule and steps:
        return _topic(earlier, by_asks, by_id, steps - 1)
    params: Any = rule.params
    if rule.kind in LEAVE_TESTS:
        return Topic.LEAVE
    match params:
        case kinds.Count():
            return BY_COUNT.get(params.of, Topic.FALLING)
        case kinds.DayOfAbsence():
            return Topic.ILLNESS if params.of == "illness" else Topic.GOES_ON
        case kinds.Following():
            return _of_fact(params.fact)
        case kinds.PeriodWhile():
            return _of_fact(params.opened) if params.opened else Topic.TOGETHER
        case kinds.ReviewDue():
            return _of_fact(params.facts[0]) if params.facts else Topic.TOGETHER
        case kinds.Gate() if params.codes and {*params.codes} <= OF_ELSEWHERE:
            return Topic.ELSEWHERE
        case kinds.Reserved() | kinds.Gate():
            return BY_ACTION.get(params.actions[0], Topic.TOGETHER) if params.actions else Topic.TOGETHER
        case _:
            return BY_KIND[type(params)]


def _answered(rule: Rule, by_asks: Mapping[str, Rule]) -> Rule | None:
    """The rule whose question a rule of the kind `following` waits to be answered."""
    params: Any = rule.params
    if isinstance(params, kinds.Following) and params.fact == "decision made":
        return by_asks.get(str(params.where.get("question", "")))
    return None


def _of_fact(kind: str) -> Topic:
    if kind in BY_FACT:
        return BY_FACT[kind]
    return BY_MODULE[FACTS[kind].__module__.rpartition(".")[2]] if kind in FACTS else Topic.TOGETHER
