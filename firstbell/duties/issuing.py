"""May a notice be issued, or a case begun? What the threshold, the law's limits and the records say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from firstbell.duties.acting import Action, Refusal, refusal
from firstbell.duties.of_court import cases_of, order_on
from firstbell.duties.of_notices import counted_notices
from firstbell.duties.sight import Sight
from firstbell.facts import Fact
from firstbell.facts.provision import Excluded, SeenInPublic
from firstbell.facts.school import NoticeConsidered
from firstbell.measures import threshold_episodes
from firstbell.policy.parameters import Threshold
from firstbell.policy.rule import Rule
from firstbell.problems import Problem
from firstbell.statute import Offence, notice_terms, prosecution_problems
from firstbell.statute.values import ExclusionNotice, PenaltyNotice, Prosecution, SupervisionOrder

__all__ = ["ask_for_prosecution", "issue_exclusion_notice", "issue_notice", "latest_consideration"]


# --- penalty notices -------------------------------------------------------------------------------------


def issue_notice(sight: Sight, action: Action) -> Iterator[Refusal]:
    """What stands in the way of a penalty notice for a pupil, to a parent if one is named."""
    row = sight.row_of[action.enrolment]
    rules = _threshold_rules(sight, row)
    rule = rules[0] if rules else None
    episodes = [one for one in threshold_episodes(sight.strips, _window(rule)) if row in one.rows]
    if not sight.of_age(row, sight.day):
        what = "The child is not of compulsory school age."
        yield refusal(rule, what, "Work with the family instead.")
    if not episodes:
        what = "The national threshold has not been met."
        remedy = "Work with the family; the authority may still consider a notice in an individual case."
        yield refusal(rule, what, remedy, overridable=True)
    considered = latest_consideration(sight, action.enrolment, action.parent)
    if action.parent and considered is None:
        what = "Nobody has recorded that a notice was considered for this parent."
        yield refusal(rule, what, "Record the consideration first: it is asked for each time.")
    yield from _unanswered(rules, considered)
    yield from _under_order(sight, row)
    yield from _within_limit(sight, action)


def _threshold_rules(sight: Sight, row: int) -> list[Rule]:
    """The rules of the threshold that are about a pupil; where none is, all of them."""
    rules = [rule for rule in sight.rules if isinstance(rule.params, Threshold)]
    return [rule for rule in rules if sight.applies(rule.applies_to, row, sight.day)] or rules


def _window(rule: Rule | None) -> Threshold | None:
    return rule.params if rule is not None and isinstance(rule.params, Threshold) else None


def latest_consideration(sight: Sight, enrolment: str, parent: str = "") -> Fact | None:
    """The last time that a notice was considered for a pupil, and for a parent if one is named."""
    found = [
        fact
        for fact, _ in sight.facts.of(NoticeConsidered)
        if fact.about.enrolment == enrolment and parent in ("", fact.about.parent)
    ]
    return max(found, key=lambda fact: (fact.on, fact.known_at), default=None)


def _unanswered(rules: list[Rule], considered: Fact | None) -> Iterator[Refusal]:
    """The questions that the policy asks in every case, and that the last consideration does not answer."""
    data = considered.data if considered is not None else None
    answers = data.answers if isinstance(data, NoticeConsidered) else ()
    answered = {question.strip().casefold() for question, _ in answers}
    for rule in rules:
        questions = _window(rule)
        missing = [
            one for one in (questions.questions if questions else ()) if one.casefold() not in answered
        ]
        if missing:
            what = f"These questions have to be answered in every case, and are not: {'; '.join(missing)}."
            yield refusal(rule, what, "Record the consideration with an answer to each.")


def _under_order(sight: Sight, row: int) -> Iterator[Refusal]:
    """An education supervision order takes the place of the parent's duty while it lasts."""
    rule = sight.law.find(SupervisionOrder)
    if rule is not None and rule.replaces_duty and order_on(sight, row, sight.day) is not None:
        what = "The child is under an education supervision order, which replaces the parent's duty."
        remedy = "Speak with the supervisor and the local authority."
        yield refusal(None, what, remedy, source=str(rule.source))


def _within_limit(sight: Sight, action: Action) -> Iterator[Refusal]:
    terms = sight.law.find(PenaltyNotice)
    if terms is None or not action.parent:
        return
    child, parent = action.enrolment, action.parent
    earlier = counted_notices(sight, child, parent)
    found = notice_terms(terms, parent=parent, child=child, proposed_on=sight.day, earlier=earlier)
    if isinstance(found, Problem):
        yield Refusal(found, found.rule)


# --- excluded pupils in public places --------------------------------------------------------------------


def issue_exclusion_notice(sight: Sight, action: Action) -> Iterator[Refusal]:
    """What stands in the way of the notice for an excluded pupil in a public place.

    It is no notice of the national framework: no threshold is asked for, and no earlier notice counts.

    Source: Education and Inspections Act 2006, ss.103 to 105.
    """
    law = sight.law.find(ExclusionNotice)
    source = str(law.source) if law is not None else ""
    row = sight.row_of[action.enrolment]
    if not sight.of_age(row, sight.day):
        what = "The child is not of compulsory school age."
        yield refusal(None, what, "Work with the family instead.", source=source)
    seen = _seen(sight, action, row)
    if seen is None or law is None:
        what = "Nobody has recorded that the pupil was in a public place on a day of an exclusion."
        yield refusal(None, what, "Record what was seen, and the exclusion.", source=source)
        return
    fact, data = seen
    exclusion = sight.facts.by_id.get(data.exclusion)
    days = _days_at_home(sight, exclusion.data, row, law) if exclusion else ()
    if fact.on not in days:
        what = "The day is none on which the pupil must not be in a public place."
        remedy = (
            f"It is about the first {law.first_school_days} school days of an exclusion, or all if fewer."
        )
        yield refusal(None, what, remedy, source=source)
    if exclusion is None or not _was_told(exclusion.data, fact.on):
        what = "No parent had been told of the days on which the child has to be at home."
        yield refusal(None, what, "Only days that the notice to the parent names count.", source=source)
    yield from _justified(data, source)


def _seen(sight: Sight, action: Action, row: int) -> tuple[Fact, SeenInPublic] | None:
    """What was seen: what the action names, else the last about the pupil."""
    own = [(fact, data) for fact, data, _ in sight.of_row(SeenInPublic, row)]
    named = [one for one in own if one[0].id == action.request]
    found = named if action.request else own
    return max(found, key=lambda one: one[0].on, default=None)


def _days_at_home(sight: Sight, data: object, row: int, law: ExclusionNotice) -> tuple[date, ...]:
    """The school days of an exclusion on which the pupil has to be at home: as it says, else the first."""
    if not isinstance(data, Excluded):
        return ()
    group = sight.year_group(row, data.from_on)
    last_on = data.at_home_until_on or data.until_on or data.from_on + timedelta(weeks=52)
    days = sight.book.calendar.school_days(data.from_on, last_on, group)
    return days if data.at_home_until_on is not None else days[: law.first_school_days]


def _was_told(data: object, day: date) -> bool:
    return isinstance(data, Excluded) and data.parents_told_on is not None and data.parents_told_on <= day


def _justified(data: SeenInPublic, source: str) -> Iterator[Refusal]:
    if data.justified == "yes":
        what = "There was a good reason for it."
        yield refusal(None, what, "Nothing follows from it.", source=source)
    elif data.justified == "not known":
        what = "Nobody has said whether there was a good reason for it."
        yield refusal(
            None, what, "Ask the family first, and record the answer.", source=source, overridable=True
        )


# --- prosecution -----------------------------------------------------------------------------------------


def ask_for_prosecution(sight: Sight, action: Action) -> Iterator[Refusal]:
    """What the law has against a case for a pupil's absence: age, an order in force, and the six months.

    The offence is the last that a step towards court names; without one, absence on the day itself.
    """
    law = sight.law.find(Prosecution)
    if law is None:
        return
    row = sight.row_of[action.enrolment]
    last = max(cases_of(sight, row), key=lambda case: case.offence_on, default=None)
    offence_on = last.offence_on if last is not None else sight.day
    order = order_on(sight, row, sight.day) or order_on(sight, row, offence_on)
    offence = Offence(offence_on, offence_on, sight.of_age(row, offence_on), order)
    for problem in prosecution_problems(law, offence, begun_on=sight.day):
        yield Refusal(problem, problem.rule)
