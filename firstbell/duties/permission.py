"""May this be done about this child, and if not, why not? One answer for button, refusal and reader.

An error refuses. Where a person may do it all the same, with a reason that is kept, it says so; what the law
rules out nobody overrides. A warning is advice: the policy says refuse, and the headteacher decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from firstbell.duties.book import Book
from firstbell.duties.due import see
from firstbell.duties.duty import Advice
from firstbell.duties.leave import Decided, decisions
from firstbell.duties.of_leave import BLOCK, REFUSE, advice_on
from firstbell.duties.sight import Sight
from firstbell.facts import Fact
from firstbell.facts.absences import CollectedLate, DoubtRecorded
from firstbell.facts.cases import LeaveAsked
from firstbell.facts.school import CourtStep, EnquiryMade, NoticeConsidered, NoticeIssued, NoticeWithdrawn
from firstbell.measures import RunKind, runs, threshold_episodes
from firstbell.policy.parameters import EvidenceNeedsDoubt, LateCollection, Reserved, Threshold
from firstbell.policy.rule import Rule
from firstbell.policy.rulebook import Rulebook
from firstbell.problems import Place, Problem, Severity
from firstbell.register import Enquiries, problems_with_deletion, problems_with_mark
from firstbell.sessions import Session
from firstbell.statute import EarlierNotice, notice_terms
from firstbell.statute.values import PenaltyNotice, SupervisionOrder

__all__ = ["ACTIONS", "Action", "Refusal", "may"]


@dataclass(frozen=True)
class Action:
    """Something that somebody wants to do: its name, about whom, in which role, and what it needs to say.

    `request` is the id of the fact that it answers, `evidence` of what it is, `purpose` a letter or ground.
    """

    name: str
    enrolment: str = ""
    role: str = ""
    parent: str = ""
    request: str = ""
    code: str = ""
    session: Session | None = None
    notice: str = ""
    evidence: str = ""
    plan: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why something may not be done, by which rule, and whether a person may do it all the same."""

    problem: Problem
    rule: str = ""
    overridable: bool = False

    @property
    def refuses(self) -> bool:
        """Whether it stands in the way; advice does not."""
        return self.problem.severity == "error"


ACTIONS: Mapping[str, str] = {
    "grant leave": "say yes to a request for leave (`request`)",
    "refuse leave": "say no to a request for leave (`request`)",
    "ask for evidence": "ask parents for evidence (`evidence`: of what)",
    "send letter": "send a letter (`purpose`: its name in the policy)",
    "charge for late collection": "charge parents (`request`: the late collection)",
    "delete from the register": "take the pupil's name off the register (`purpose`: the ground's letter)",
    "issue a penalty notice": "issue or ask for a penalty notice to a parent",
    "enter a code": "enter a code for a session (`code`, `session`)",
    "change a mark because of a notice": "amend marks because a notice was, or was not, issued",
}
"""What can be asked, each with what it is."""


def may(action: Action, book: Book, rulebook: Rulebook, at: datetime) -> list[Refusal]:
    """What stands in the way of an action at a moment, and what is advised; empty if nothing does.

    Raises KeyError for an action that there is not.
    """
    sight = see(book, rulebook, at)
    checks = CHECKS[action.name]
    return [*_reserved(sight, action), *checks(sight, action)]


def _refusal(
    rule: Rule | None,
    what: str,
    remedy: str,
    *,
    source: str = "",
    overridable: bool = False,
    advice: bool = False,
) -> Refusal:
    cited = source or (rule.source if rule else "")
    if rule is not None and not cited:
        cited = f"clause {', '.join(rule.implements)}"
    severity: Severity = "warning" if advice else "error"
    problem = Problem(rule.id if rule else "not-allowed", Place(), what, remedy, cited, severity)
    return Refusal(problem, rule.id if rule else "", overridable)


def _reserved(sight: Sight, action: Action) -> Iterator[Refusal]:
    for rule in sight.rules:
        params = rule.params
        if not isinstance(params, Reserved) or action.name not in params.actions:
            continue
        if action.role and action.role not in params.roles:
            who = " or ".join(params.roles)
            yield _refusal(rule, f"Only the {who} may {action.name}.", f"Ask the {who}.")


# --- leave -----------------------------------------------------------------------------------------------


def _request(sight: Sight, action: Action) -> tuple[Fact, LeaveAsked, Decided | None, int] | None:
    return next((one for one in decisions(sight) if one[0].id == action.request), None)


def _grant_leave(sight: Sight, action: Action) -> Iterator[Refusal]:
    found = _request(sight, action)
    if found is None:
        yield _refusal(None, "There is no such request for leave.", "Record the request first.")
        return
    fact, asked, decided, row = found
    if decided is not None:
        yield _refusal(None, "The request has been decided.", "Correct the decision, if it was wrong.")
    for advice in advice_on(sight, fact, asked, row):
        if advice.says == BLOCK:
            what = "The request came when the absence had begun: leave cannot be granted afterwards."
            yield _refusal(advice.rule, what, "Record the absence with the code that fits the reason.")
        elif advice.says == REFUSE:
            what = f"The policy says refuse: {_shown(advice)}."
            remedy = "If the circumstances are exceptional, grant it and record the reason."
            yield _refusal(advice.rule, what, remedy, advice=True, overridable=True)


def _shown(advice: Advice) -> str:
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in advice.because.named.items())
    return f"{advice.rule.id.replace('-', ' ')} ({said})" if said else advice.rule.id.replace("-", " ")


def _refuse_leave(sight: Sight, action: Action) -> Iterator[Refusal]:
    if _request(sight, action) is None:
        yield _refusal(None, "There is no such request for leave.", "Record the request first.")


# --- evidence, letters, charges --------------------------------------------------------------------------


def _ask_for_evidence(sight: Sight, action: Action) -> Iterator[Refusal]:
    what = f"Nobody has recorded a genuine and reasonable doubt about the {action.evidence}."
    for rule in _needing_doubt(sight, action):
        params = rule.params
        if isinstance(params, EvidenceNeedsDoubt) and action.evidence in params.of:
            yield _refusal(rule, what, "Record the doubt and why first, or accept what parents say.")


def _send_letter(sight: Sight, action: Action) -> Iterator[Refusal]:
    what = "The letter asks for evidence, and nobody has recorded a genuine and reasonable doubt."
    for rule in _needing_doubt(sight, action):
        params = rule.params
        if isinstance(params, EvidenceNeedsDoubt) and action.purpose in params.letters:
            yield _refusal(rule, what, "Record the doubt and why first, or withhold the letter.")


def _needing_doubt(sight: Sight, action: Action) -> list[Rule]:
    """The rules that want a doubt, while nobody has recorded one about the pupil."""
    if any(fact.about.enrolment == action.enrolment for fact, _ in sight.facts.of(DoubtRecorded)):
        return []
    return [rule for rule in sight.rules if isinstance(rule.params, EvidenceNeedsDoubt)]


def _charge(sight: Sight, action: Action) -> Iterator[Refusal]:
    fact = sight.facts.by_id.get(action.request)
    if fact is None or not isinstance(fact.data, CollectedLate):
        yield _refusal(None, "There is no such late collection.", "Record it first.")
        return
    rules = [rule for rule in sight.rules if isinstance(rule.params, LateCollection)]
    if not rules:
        yield _refusal(None, "The policy knows no charge for late collection.", "Speak with the parents.")
    for rule in rules:
        if fact.data.emergency and isinstance(rule.params, LateCollection) and rule.params.emergencies_free:
            what = "It was a genuine unforeseen emergency, for which nothing is charged."
            yield _refusal(rule, what, "Record it without a charge.")
        if action.role and rule.who and action.role != rule.who:
            yield _refusal(rule, f"Only the {rule.who} decides on a charge.", f"Ask the {rule.who}.")


# --- the register ----------------------------------------------------------------------------------------


def _delete(sight: Sight, action: Action) -> Iterator[Refusal]:
    row = sight.row_of[action.enrolment]
    found = [run for run in runs(sight.strips, RunKind.UNEXPLAINED) if run.row == row]
    days = max((run.days for run in found if run.open), default=0)
    joint = any(
        data.with_authority and data.outcome == "not found" and at_row == row
        for _, data, at_row in sight.of(EnquiryMade)
    )
    of_age = sight.of_age(row, sight.day)
    for problem in problems_with_deletion(
        action.purpose, sight.law, of_age=of_age, enquiries=Enquiries(days, joint)
    ):
        yield Refusal(problem, problem.rule)


def _enter_code(sight: Sight, action: Action) -> Iterator[Refusal]:
    row = sight.row_of[action.enrolment]
    session = action.session
    if session is None:
        yield _refusal(None, "No session is named.", "Say for which session the code is.")
        return
    for problem in problems_with_mark(
        action.code,
        session,
        sight.book.statute,
        enrolment=sight.enrolments[row],
        calendar=sight.book.calendar,
    ):
        yield Refusal(problem, problem.rule)


def _change_for_notice(_sight: Sight, _action: Action) -> Iterator[Refusal]:
    what = "The register shows what happened; whether a notice is issued changes nothing in it."
    source = "SI 2024/208, reg 10"
    yield _refusal(None, what, "Amend a mark only where the reason for the absence was wrong.", source=source)


# --- notices ---------------------------------------------------------------------------------------------


def _issue_notice(sight: Sight, action: Action) -> Iterator[Refusal]:
    row = sight.row_of[action.enrolment]
    rules = [rule for rule in sight.rules if isinstance(rule.params, Threshold)]
    rule = rules[0] if rules else None
    episodes = [one for one in threshold_episodes(sight.strips, _window(rule)) if row in one.rows]
    if not sight.of_age(row, sight.day):
        what = "The child is not of compulsory school age."
        yield _refusal(rule, what, "Work with the family instead.")
    if not episodes:
        what = "The national threshold has not been met."
        remedy = "Work with the family; the authority may still consider a notice in an individual case."
        yield _refusal(rule, what, remedy, overridable=True)
    if action.parent and not _considered(sight, action):
        what = "Nobody has recorded that a notice was considered for this parent."
        yield _refusal(rule, what, "Record the consideration first: it is asked for each time.")
    yield from _under_order(sight, row)
    yield from _within_limit(sight, action, rule)


def _under_order(sight: Sight, row: int) -> Iterator[Refusal]:
    """An education supervision order takes the place of the parent's duty while it lasts."""
    order = sight.law.find(SupervisionOrder)
    for fact, data, at_row in sight.of(CourtStep):
        made = at_row == row and data.step == "education supervision order" and fact.on <= sight.day
        if made and order is not None and order.replaces_duty and sight.day <= (data.until_on or sight.day):
            what = "The child is under an education supervision order, which replaces the parent's duty."
            remedy = "Speak with the supervisor and the local authority."
            yield _refusal(None, what, remedy, source=str(order.source))


def _window(rule: Rule | None) -> Threshold | None:
    return rule.params if rule is not None and isinstance(rule.params, Threshold) else None


def _considered(sight: Sight, action: Action) -> bool:
    return any(
        fact.about.enrolment == action.enrolment and fact.about.parent == action.parent
        for fact, _ in sight.facts.of(NoticeConsidered)
    )


def _within_limit(sight: Sight, action: Action, rule: Rule | None) -> Iterator[Refusal]:
    terms = sight.law.find(PenaltyNotice)
    if terms is None or not action.parent:
        return
    withdrawn = {data.notice for _, data in sight.facts.of(NoticeWithdrawn)}
    earlier = [
        EarlierNotice(fact.about.parent, fact.about.enrolment, fact.on)
        for fact, data in sight.facts.of(NoticeIssued)
        if data.notice == "penalty notice" and fact.id not in withdrawn
    ]
    found = notice_terms(
        terms, parent=action.parent, child=action.enrolment, proposed_on=sight.day, earlier=earlier
    )
    if isinstance(found, Problem):
        yield Refusal(found, found.rule)


CHECKS: Mapping[str, Callable[[Sight, Action], Iterator[Refusal]]] = {
    "grant leave": _grant_leave,
    "refuse leave": _refuse_leave,
    "ask for evidence": _ask_for_evidence,
    "send letter": _send_letter,
    "charge for late collection": _charge,
    "delete from the register": _delete,
    "issue a penalty notice": _issue_notice,
    "enter a code": _enter_code,
    "change a mark because of a notice": _change_for_notice,
}
