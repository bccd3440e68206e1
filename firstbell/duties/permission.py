"""May this be done about this child, and if not, why not? One answer for button, refusal and reader.

An error refuses. Where a person may do it all the same, with a reason that is kept, it says so; what the law
rules out nobody overrides. A warning is advice: the policy says refuse, and the headteacher decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

from firstbell.duties.acting import Action, Refusal, refusal
from firstbell.duties.book import Book
from firstbell.duties.due import see
from firstbell.duties.duty import Advice
from firstbell.duties.gates import about_them, gated
from firstbell.duties.issuing import ask_for_prosecution, issue_exclusion_notice, issue_notice
from firstbell.duties.keeping import dispose
from firstbell.duties.leave import Decided, decisions
from firstbell.duties.leave_tests import BLOCK, REFUSE, advice_on
from firstbell.duties.of_arrangements import part_time
from firstbell.duties.of_runs import away_after_leave
from firstbell.duties.refusals import BY_RULES_ONLY
from firstbell.duties.sight import Sight
from firstbell.facts import Fact
from firstbell.facts.absences import CollectedLate, DoubtRecorded
from firstbell.facts.cases import LeaveAsked
from firstbell.facts.school import EnquiryMade
from firstbell.measures import RunKind
from firstbell.policy.parameters import EvidenceNeedsDoubt, LateCollection, Reserved
from firstbell.policy.rule import Rule
from firstbell.policy.rulebook import Rulebook
from firstbell.policy.vocabulary import ACTIONS
from firstbell.problems import Place, Problem
from firstbell.register import Enquiries, problems_with_deletion, problems_with_mark
from firstbell.sessions import Session
from firstbell.statute.values import DeletionGround, SicknessCounting

__all__ = ["ACTIONS", "Action", "Refusal", "may"]

CLOSURE, UNABLE = "#", "unable to attend"


def may(action: Action, book: Book, rulebook: Rulebook, at: datetime) -> list[Refusal]:
    """What stands in the way of an action at a moment, and what is advised; empty if nothing does.

    Raises KeyError for an action that there is not.
    """
    sight = see(book, rulebook, at)
    checks = CHECKS[action.name]
    return [*_reserved(sight, action), *gated(sight, action), *checks(sight, action)]


def _reserved(sight: Sight, action: Action) -> Iterator[Refusal]:
    for rule in sight.rules:
        params = rule.params
        if not isinstance(params, Reserved) or action.name not in params.actions:
            continue
        if not about_them(sight, rule, action):
            continue
        if action.role and action.role not in params.roles:
            who = " or ".join(params.roles)
            yield refusal(rule, f"Only the {who} may {action.name}.", f"Ask the {who}.")


# --- leave -----------------------------------------------------------------------------------------------


def _request(sight: Sight, action: Action) -> tuple[Fact, LeaveAsked, Decided | None, int] | None:
    return next((one for one in decisions(sight) if one[0].id == action.request), None)


def _grant_leave(sight: Sight, action: Action) -> Iterator[Refusal]:
    found = _request(sight, action)
    if found is None:
        yield refusal(None, "There is no such request for leave.", "Record the request first.")
        return
    fact, asked, decided, row = found
    if decided is not None:
        yield refusal(None, "The request has been decided.", "Correct the decision, if it was wrong.")
    for advice in advice_on(sight, fact, asked, row):
        if advice.says == BLOCK:
            what = "The request came when the absence had begun: leave cannot be granted afterwards."
            yield refusal(advice.rule, what, "Record the absence with the code that fits the reason.")
        elif advice.says == REFUSE:
            what = f"The policy says refuse: {_shown(advice)}."
            remedy = "If the circumstances are exceptional, grant it and record the reason."
            yield refusal(advice.rule, what, remedy, advice=True, overridable=True)


def _shown(advice: Advice) -> str:
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in advice.because.named.items())
    return f"{advice.rule.id.replace('-', ' ')} ({said})" if said else advice.rule.id.replace("-", " ")


def _refuse_leave(sight: Sight, action: Action) -> Iterator[Refusal]:
    if _request(sight, action) is None:
        yield refusal(None, "There is no such request for leave.", "Record the request first.")


# --- evidence, letters, charges --------------------------------------------------------------------------


def _ask_for_evidence(sight: Sight, action: Action) -> Iterator[Refusal]:
    what = f"Nobody has recorded a genuine and reasonable doubt about the {action.evidence}."
    for rule in _needing_doubt(sight, action):
        params = rule.params
        if isinstance(params, EvidenceNeedsDoubt) and action.evidence in params.of:
            yield refusal(rule, what, "Record the doubt and why first, or accept what parents say.")


def _send_letter(sight: Sight, action: Action) -> Iterator[Refusal]:
    what = "The letter asks for evidence, and nobody has recorded a genuine and reasonable doubt."
    for rule in _needing_doubt(sight, action):
        params = rule.params
        if isinstance(params, EvidenceNeedsDoubt) and action.purpose in params.letters:
            yield refusal(rule, what, "Record the doubt and why first, or withhold the letter.")


def _needing_doubt(sight: Sight, action: Action) -> list[Rule]:
    """The rules that want a doubt, while nobody has recorded one about the pupil."""
    if any(fact.about.enrolment == action.enrolment for fact, _ in sight.facts.of(DoubtRecorded)):
        return []
    return [rule for rule in sight.rules if isinstance(rule.params, EvidenceNeedsDoubt)]


def _charge(sight: Sight, action: Action) -> Iterator[Refusal]:
    fact = sight.facts.by_id.get(action.request)
    if fact is None or not isinstance(fact.data, CollectedLate):
        yield refusal(None, "There is no such late collection.", "Record it first.")
        return
    rules = [rule for rule in sight.rules if isinstance(rule.params, LateCollection)]
    if not rules:
        yield refusal(None, "The policy knows no charge for late collection.", "Speak with the parents.")
    for rule in rules:
        if fact.data.emergency and isinstance(rule.params, LateCollection) and rule.params.emergencies_free:
            what = "It was a genuine unforeseen emergency, for which nothing is charged."
            yield refusal(rule, what, "Record it without a charge.")
        if action.role and rule.who and action.role != rule.who:
            yield refusal(rule, f"Only the {rule.who} decides on a charge.", f"Ask the {rule.who}.")


# --- the register ----------------------------------------------------------------------------------------


def _delete(sight: Sight, action: Action) -> Iterator[Refusal]:
    row = sight.row_of[action.enrolment]
    ground = next((one for one in sight.law.all(DeletionGround) if one.letter == action.purpose), None)
    after_leave = ground is not None and not ground.codes
    away = _away_after_leave(sight, row) if after_leave else ()
    days = len(away) if after_leave else _days_unexplained(sight, row)
    joint = any(
        data.with_authority and data.outcome == "not found" and at_row == row
        for _, data, at_row in sight.of(EnquiryMade)
    )
    of_age = sight.of_age(row, sight.day)
    known = Enquiries(days, joint, _has_a_cause(sight, row, away))
    for problem in problems_with_deletion(action.purpose, sight.law, of_age=of_age, enquiries=known):
        yield Refusal(problem, problem.rule)


def _days_unexplained(sight: Sight, row: int) -> int:
    """How many school days in a row a pupil has been away without an explanation, up to now."""
    found = [run for run in sight.runs(RunKind.UNEXPLAINED).get(row, ()) if run.open]
    return max((run.days for run in found), default=0)


def _away_after_leave(sight: Sight, row: int) -> tuple[date, ...]:
    """The school days since leave ended from which a pupil is not back yet."""
    found = [
        days
        for _, asked, decided, at_row in decisions(sight)
        if at_row == row and decided is not None and decided.data.granted != "no"
        for days, back_on in [away_after_leave(sight, row, asked.until_on)]
        if back_on is None
    ]
    return max(found, key=len, default=())


def _has_a_cause(sight: Sight, row: int, days: Sequence[date]) -> bool:
    """Whether a mark of some days says that the pupil was ill, or could not come."""
    if not days:
        return False
    ill = {str(code) for one in sight.law.all(SicknessCounting) for code in one.codes}
    caused = sight.where(lambda code: code.symbol in ill or code.category.name == UNABLE)
    return bool(sight.sessions_of(caused, row, days[0], days[-1]))


def _enter_code(sight: Sight, action: Action) -> Iterator[Refusal]:
    row = sight.row_of[action.enrolment]
    session = action.session
    if session is None:
        yield refusal(None, "No session is named.", "Say for which session the code is.")
        return
    for problem in problems_with_mark(
        action.code,
        session,
        sight.book.statute,
        enrolment=sight.enrolments[row],
        calendar=sight.book.calendar,
    ):
        if problem.rule != "closure-in-term":
            yield Refusal(problem, problem.rule)
    yield from _closed_for_some(sight, action, session)
    yield from part_time(sight, action)


def _closed_for_some(sight: Sight, action: Action, session: Session) -> Iterator[Refusal]:
    """The code for a planned closure is the whole school's: not while the calendar has it meet for some.

    In files from elsewhere it is only warned about, for there the calendar may be what is wrong.
    """
    code = sight.book.statute.on(session.on).code(action.code)
    groups = {sight.year_group(row, session.on) for row in range(len(sight.enrolments))}
    meets = any(sight.book.calendar.has(session, group) for group in groups)
    if code is None or code.symbol != CLOSURE or not meets:
        return
    what = f'"{code.symbol}" ({code.name}) is for the whole school, which meets on {session}.'
    remedy = "For some pupils or year groups use Y7 with the cause; if the school is closed, say so there."
    problem = Problem("closure-in-term", Place(), what, remedy, str(code.source), value=action.code)
    yield Refusal(problem, problem.rule)


def _by_rules_only(_sight: Sight, _action: Action) -> Iterator[Refusal]:
    """Nothing of the action itself: gates and rules that keep it for some roles say what refuses it."""
    yield from ()


def _change_for_notice(_sight: Sight, _action: Action) -> Iterator[Refusal]:
    what = "The register shows what happened; whether a notice is issued changes nothing in it."
    source = "SI 2024/208, reg 10"
    yield refusal(None, what, "Amend a mark only where the reason for the absence was wrong.", source=source)


CHECKS: Mapping[str, Callable[[Sight, Action], Iterator[Refusal]]] = {
    "grant leave": _grant_leave,
    "refuse leave": _refuse_leave,
    "ask for evidence": _ask_for_evidence,
    "send letter": _send_letter,
    "charge for late collection": _charge,
    "delete from the register": _delete,
    "issue a penalty notice": issue_notice,
    "issue an exclusion notice": issue_exclusion_notice,
    "ask for prosecution": ask_for_prosecution,
    "enter a code": _enter_code,
    "change a mark because of a notice": _change_for_notice,
    "dispose of register entries": dispose,
    **dict.fromkeys(BY_RULES_ONLY, _by_rules_only),
}
