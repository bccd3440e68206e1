"""What has become of an occurrence? Read from the facts that name it, or that by themselves show it done.

Facts name a duty by its key. A corrected mark can move what a key is anchored to; then what was done is found
again by the days: whatever was done about the same pupil under the same rule, within the days of the same
absence or the same spell, was done for it. What was done for a reason that is there no more stays visible.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from firstbell.duties.duty import Because, Duty, Occurrence, State, parts_of_key, whom_of
from firstbell.duties.sight import Sight, is_contact
from firstbell.facts import About, Data, Fact, Facts
from firstbell.facts.absences import (
    AbsenceReported,
    ContactTried,
    EvidenceAsked,
    EvidenceReceived,
    FoundSafe,
    MessageSent,
    ReplyReceived,
    VisitMade,
)
from firstbell.facts.cases import (
    AssessmentMade,
    BarrierFound,
    ConsentGiven,
    ContactDetailsChanged,
    DutyAssigned,
    DutyDeferred,
    DutyWithheld,
    InformationShared,
    LetterSent,
    LetterWithheld,
    MeetingHeld,
    MeetingInvited,
    PlanAgreed,
    PlanReviewed,
    ProfessionalTold,
    PupilSpokenTo,
    ReferralMade,
    StageSet,
    SupportEnded,
    SupportGiven,
    TargetReviewed,
    TargetSet,
)
from firstbell.facts.missing import MissingStep
from firstbell.facts.provision import (
    ProviderReported,
    ProvisionChecked,
    RiskAssessed,
    TimetableReviewed,
)
from firstbell.facts.school import (
    AwardGiven,
    BenchmarkRecorded,
    CourtStep,
    DrawMade,
    EnquiryMade,
    MovingFormReceived,
    NoticeConsidered,
    NoticeIssued,
    Published,
    ReturnSent,
    ReviewHeld,
    SchoolMeetingHeld,
    StrategySet,
    TrainingDone,
)
from firstbell.policy.rule import Form, Rule

__all__ = ["SETTLING", "Showing", "settled"]


@dataclass(frozen=True)
class _Settling:
    """The kinds of facts that can settle something, and whether one does under the name asked for."""

    kinds: tuple[type[Data], ...]
    fits: Callable[[Fact, str], bool]


def _named(kind: type[Data], part: str) -> _Settling:
    """Facts of a kind whose part has the name; any of the kind where no name is asked for."""
    return _Settling((kind,), lambda fact, name: not name or getattr(fact.data, part) == name)


def _of_kind(kind: type[Data]) -> _Settling:
    return _Settling((kind,), lambda _, __: True)


def _contact(fact: Fact, purpose: str) -> bool:
    """Contact that the school made: a parent who reports by themselves has not been asked anything."""
    return is_contact(fact) and (not purpose or getattr(fact.data, "purpose", "") == purpose)


def _visit(fact: Fact, _: str) -> bool:
    # A door that nobody opened is no welfare check: nobody knows how the child is.
    return isinstance(fact.data, VisitMade) and fact.data.outcome in ("child seen", "parent seen")


def _assessment(fact: Fact, name: str) -> bool:
    """An assessment that was made or asked for: one that was refused has still to be thought about."""
    data = fact.data
    made = isinstance(data, AssessmentMade) and data.state != "refused"
    return made and getattr(data, "assessment", "") == name


SETTLING: Mapping[str, _Settling] = {
    "contact": _Settling((ContactTried, ReplyReceived, FoundSafe), _contact),
    "visit": _Settling((VisitMade,), _visit),
    "report": _of_kind(AbsenceReported),
    "safe": _of_kind(FoundSafe),
    "evidence": _named(EvidenceReceived, "of"),
    "consent": _named(ConsentGiven, "to"),
    "meeting": _named(MeetingHeld, "meeting"),
    "plan": _named(PlanAgreed, "plan"),
    "referral": _named(ReferralMade, "to"),
    "told": _named(ProfessionalTold, "who"),
    "shared": _named(InformationShared, "to"),
    "return": _named(ReturnSent, "of"),
    "published": _named(Published, "what"),
    "award": _named(AwardGiven, "award"),
    "draw": _named(DrawMade, "award"),
    "review": _named(ReviewHeld, "review"),
    "training": _named(TrainingDone, "training"),
    "letter": _named(LetterSent, "letter"),
    "message": _named(MessageSent, "message"),
    "support": _named(SupportGiven, "support"),
    "school meeting": _named(SchoolMeetingHeld, "meeting"),
    "moving form": _of_kind(MovingFormReceived),
    "enquiry": _of_kind(EnquiryMade),
    "provider": _of_kind(ProviderReported),
    "timetable review": _of_kind(TimetableReviewed),
    "benchmark": _of_kind(BenchmarkRecorded),
    "considered": _of_kind(NoticeConsidered),
    "notice": _named(NoticeIssued, "notice"),
    "court step": _named(CourtStep, "step"),
    "spoken": _named(PupilSpokenTo, "about"),
    "assessment": _Settling((AssessmentMade,), _assessment),
    "barrier": _of_kind(BarrierFound),
    "target": _of_kind(TargetSet),
    "target review": _of_kind(TargetReviewed),
    "plan review": _of_kind(PlanReviewed),
    "support ended": _of_kind(SupportEnded),
    "stage": _named(StageSet, "stage"),
    "invitation": _named(MeetingInvited, "meeting"),
    "evidence asked": _named(EvidenceAsked, "of"),
    "details": _of_kind(ContactDetailsChanged),
    "risk": _named(RiskAssessed, "of"),
    "provision check": _named(ProvisionChecked, "of"),
    "strategy": _of_kind(StrategySet),
    "missing step": _named(MissingStep, "step"),
}
"""By the words of `settled_by`, which facts show by themselves that something was done."""
WITHHOLDING = (DutyWithheld, LetterWithheld)
PASSING = (DutyAssigned, DutyDeferred)


@dataclass(frozen=True, eq=False)
class _Named:
    """The facts that name duties, by the rule and whom they are about, and then by key."""

    by_key: Mapping[str, list[Fact]]
    by_rule: Mapping[tuple[str, str], list[str]]

    @classmethod
    def of(cls, sight: Sight) -> _Named:
        by_key: dict[str, list[Fact]] = {}
        by_rule: dict[tuple[str, str], list[str]] = {}
        for fact in sight.facts:
            key = getattr(fact.data, "duty", "")
            # Of pupils who are not looked at now nothing is said, and nothing is lost either.
            seen = not fact.about.enrolment or fact.about.enrolment in sight.row_of
            if key and seen:
                rule, whom, _ = parts_of_key(key)
                if key not in by_key:
                    by_rule.setdefault((rule, whom), []).append(key)
                by_key.setdefault(key, []).append(fact)
        return cls(by_key, by_rule)

    def joined(self, groups: Collection[tuple[str, str]]) -> _Named:
        """The same, with what was said of a pupil's parent, or of a pupil, where only the other is asked.

        Whether parents are known depends on the contacts that were handed over; what was done does not.
        """
        by_rule = {group: list(keys) for group, keys in self.by_rule.items()}
        asked: dict[tuple[str, str], tuple[str, str]] = {}
        for rule, whom in sorted(groups):
            asked.setdefault((rule, whom.partition("/")[0]), (rule, whom))
        for group in list(by_rule):
            rule, whom = group
            other = asked.get((rule, whom.partition("/")[0]))
            plain = other is not None and ("/" in whom) is not ("/" in other[1])
            if group not in groups and other is not None and plain:
                by_rule.setdefault(other, []).extend(by_rule.pop(group))
        return _Named(self.by_key, by_rule)


def settled(sight: Sight, occurrences: Mapping[str, Occurrence]) -> Iterator[Duty]:
    """The duties that occurrences, by their keys, are, and those done for a reason which is there no more."""
    named = _Named.of(sight)
    showing = Showing(sight.facts)
    groups: dict[tuple[str, str], dict[str, Occurrence]] = {}
    for key, one in occurrences.items():
        groups.setdefault((one.rule.id, whom_of(one.about)), {})[key] = one
    named = named.joined(groups)
    for group, own in groups.items():
        keys = named.by_rule.get(group, ())
        taken = _matched(own, {key: named.by_key[key] for key in keys}) if keys else {}
        for mine, one in own.items():
            key = taken.get(mine, mine)
            yield _state(sight, one, key, named.by_key.get(key, ()), showing)
        yield from _basis_changed(sight, named, [key for key in keys if key not in taken.values()])
    orphans = [key for group, keys in named.by_rule.items() if group not in groups for key in keys]
    yield from _basis_changed(sight, named, orphans)


def _matched(own: Mapping[str, Occurrence], keys: Mapping[str, list[Fact]]) -> dict[str, str]:
    """By the key of an occurrence, the key under which it was done, assigned or deferred before.

    Its own key where that fits by the days as well; else a key of the same rule about the same person that
    was anchored, or acted upon, within its days.
    """
    pairs: list[tuple[int, str, str]] = []
    for mine, one in own.items():
        for key, facts in keys.items():
            if score := _fits(one, mine, key, facts):
                pairs.append((score, mine, key))
    found: dict[str, str] = {}
    for _, mine, key in sorted(pairs, key=lambda pair: -pair[0]):
        if mine not in found and key not in found.values():
            found[mine] = key
    return found


def _fits(one: Occurrence, mine: str, key: str, facts: list[Fact]) -> int:
    """How well a key that facts name fits an occurrence: 0 for not at all.

    Best its own key; then one that was anchored within its days, then one that was acted upon within them. A
    day that an anchor names within a fact's own days counts for that fact only.
    """
    if key == mine:
        return 3
    if one.span is None:
        return 0
    first, last = one.span
    of_fact, _, day = parts_of_key(key)[2].rpartition(":")
    if of_fact != one.anchor.rpartition(":")[0]:
        return 0
    try:
        anchored = first <= date.fromisoformat(day) <= last
    except ValueError:
        anchored = False
    return 2 if anchored else int(any(first <= fact.on <= last for fact in facts))


# --- the state of one ------------------------------------------------------------------------------------


def _state(sight: Sight, one: Occurrence, key: str, facts: Sequence[Fact], showing: Showing) -> Duty:
    who = one.rule.who
    assigned = [fact.data.to_role for fact in facts if isinstance(fact.data, DutyAssigned)]
    who = assigned[-1] if assigned else who
    closing = [fact for fact in facts if not isinstance(fact.data, PASSING)]
    if closing:
        last = closing[-1]
        state = State.WITHHELD if isinstance(last.data, WITHHOLDING) else State.DONE
        return Duty(key, one, state, who, (last.id,), settled_on=last.on)
    shown = one.shown_done
    if not shown and (natural := _natural(one, showing)) is not None:
        shown = (natural.id,)
    if shown:
        fact = sight.facts.by_id.get(shown[0])
        return Duty(key, one, State.DONE, who, shown, settled_on=fact.on if fact else None)
    if not one.holds or _gone(sight, one):
        return Duty(key, one, State.LAPSED, who)
    waiting = [fact for fact in facts if isinstance(fact.data, DutyDeferred)]
    if waiting and isinstance(waiting[-1].data, DutyDeferred):
        until_on = waiting[-1].data.until_on
        if sight.day < until_on:
            return Duty(key, one, State.DEFERRED, who, (waiting[-1].id,), until_on)
        return Duty(key, one, State.OPEN, who, (waiting[-1].id,), until_on)
    return Duty(key, one, State.OPEN, who)


STAYS_AFTER_LEAVING = (
    "reason unknown",
    "leaving",
    "new pupil",
    "notice days",
    "court days",
    "threshold",
    "refused leave taken",
)


def _gone(sight: Sight, one: Occurrence) -> bool:
    """Whether the pupil has left, so that nobody owes them this any more."""
    row = sight.row_of.get(one.about.enrolment)
    if row is None or one.rule.form.value == "return" or one.rule.kind in STAYS_AFTER_LEAVING:
        return False
    ends_on = sight.enrolments[row].ends_on
    return ends_on is not None and ends_on < sight.day


@dataclass(frozen=True, eq=False)
class Showing:
    """The facts that by themselves show something done: for each rule, by whom they are about.

    Looked for once: a rule asks again and again, and most facts are of no kind that could settle it.
    """

    facts: Facts
    fitting: dict[tuple[str, tuple[str, ...]], Mapping[str, list[Fact]]] = field(default_factory=dict)

    def of(self, rule: Rule, whom: str) -> Sequence[Fact]:
        """Those about somebody that settle a rule, in the order in which they became known."""
        key = (rule.letter if rule.form is Form.LETTER else "", rule.settled_by)
        if key not in self.fitting:
            self.fitting[key] = self._fitting(rule)
        return self.fitting[key].get(whom, ())

    def _fitting(self, rule: Rule) -> Mapping[str, list[Fact]]:
        letters = self.facts.of(LetterSent) if rule.form is Form.LETTER else ()
        fitting = [fact for fact, _ in letters if _sends(rule, fact)]
        for term in rule.settled_by:
            settling, name = _read(term)
            for kind in settling.kinds:
                fitting += [fact for fact, _ in self.facts.of(kind) if settling.fits(fact, name)]
        found: dict[str, list[Fact]] = {}
        for fact in sorted({fact.id: fact for fact in fitting}.values(), key=self._place):
            about, listed = fact.about, getattr(fact.data, "enrolments", ())
            whom = about.enrolment or about.group or about.staff
            for one in {whom, *listed} if listed else (whom,):
                found.setdefault(one, []).append(fact)
        return found

    def _place(self, fact: Fact) -> int:
        return self.places[fact.id]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each fact in the order in which they became known."""
        return {fact.id: place for place, fact in enumerate(self.facts)}


def _natural(one: Occurrence, showing: Showing) -> Fact | None:
    """The first fact which by itself shows that an occurrence was done: about the same, since it arose."""
    if not one.rule.settled_by and one.rule.form is not Form.LETTER:
        return None
    whom = one.about.enrolment or one.about.group or one.about.staff
    first_on = one.settles_from or one.arose_on
    # A return may be made, a notice considered, after its days are over; what lapsed was not done later.
    last_on = one.span[1] if one.span and not one.holds else date.max
    for fact in showing.of(one.rule, whom):
        parent = one.about.parent
        if _is_of_another(fact, one, showing.facts) or _is_of_other_days(fact, one):
            continue
        if first_on <= fact.on <= last_on and (not parent or fact.about.parent in ("", parent)):
            return fact
    return None


def _is_of_another(fact: Fact, one: Occurrence, facts: Facts) -> bool:
    """Whether a fact names the incident that it belongs to, and an occurrence is of another one."""
    incident = getattr(fact.data, "incident", "")
    own = {one.anchor, *one.because.facts}
    return bool(incident) and incident not in own | {facts.origins.get(key, key) for key in own}


OF_A_PERIOD = ("award given", "published", "review held", "return sent")
"""What is done for days that it may name."""


def _is_of_other_days(fact: Fact, one: Occurrence) -> bool:
    """Whether a fact names the days that it is for, and what is owed for a period is owed for others.

    Last week's award is not given by this week's, however late it was asked for.
    """
    first, last = one.because.named.get("from"), one.because.named.get("until")
    if fact.kind not in OF_A_PERIOD or not isinstance(first, date) or not isinstance(last, date):
        return False
    from_on, until_on = getattr(fact.data, "from_on", None), getattr(fact.data, "until_on", None)
    return (from_on is not None and from_on > last) or (until_on is not None and until_on < first)


def _sends(rule: Rule, fact: Fact) -> bool:
    """Whether a fact sends a rule's letter and does not say, by its key, for which of several duties."""
    data = fact.data
    return (
        rule.form is Form.LETTER
        and isinstance(data, LetterSent)
        and not data.duty
        and data.letter == rule.letter
    )


def _read(term: str) -> tuple[_Settling, str]:
    word, _, name = term.partition(":")
    return SETTLING[word.strip()], name.strip()


def _basis_changed(sight: Sight, named: _Named, keys: Iterable[str]) -> Iterator[Duty]:
    """Duties that were done, withheld or passed on, and whose reason is there no more."""
    for key in keys:
        facts = named.by_key[key]
        rule_id, whom, anchor = parts_of_key(key)
        rule = _rule_of(sight, rule_id, facts[0].on)
        if rule is None:
            continue
        about = replace(facts[0].about) if facts[0].about != About() else _whom(sight, whom)
        because = Because(facts=tuple(fact.id for fact in facts), named={"was": anchor})
        occurrence = Occurrence(rule, about, anchor, facts[0].on, because, holds=False)
        closing = [fact for fact in facts if not isinstance(fact.data, PASSING)]
        state = State.BASIS_CHANGED if closing else State.LAPSED
        if closing and isinstance(closing[-1].data, WITHHOLDING):
            # Nothing followed from it, and why it was withheld is still so.
            state = State.WITHHELD
        ids = tuple(fact.id for fact in facts)
        yield Duty(key, occurrence, state, rule.who, ids, settled_on=facts[-1].on)


def _rule_of(sight: Sight, rule: str, day: date) -> Rule | None:
    for on in (day, sight.day):
        found = next((one for one in sight.rulebook.on(on) if one.id == rule), None)
        if found is not None:
            return found
    return None


def _whom(sight: Sight, whom: str) -> About:
    enrolment, _, parent = whom.partition("/")
    if enrolment in sight.row_of:
        return About(enrolment=enrolment, parent=parent)
    return About() if whom == "school" else About(group=whom)
