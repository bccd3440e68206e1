"""What of a policy is otherwise in law? Its numbers, its words, and what its clauses state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from firstbell.policy.case_parameters import Performance, Retention
from firstbell.policy.files import WrittenRule
from firstbell.policy.finding import Check, Finding, Looked, finding
from firstbell.policy.kind import Params
from firstbell.policy.merging import stricter_of
from firstbell.policy.parameters import (
    Appointment,
    Band,
    Count,
    DayOfAbsence,
    LeaveApplicant,
    LeaveAttendance,
    LeaveDecision,
    NoticeDays,
    RegisterTimes,
    ReportDeadline,
    Threshold,
)
from firstbell.policy.rule import Clause, Rule
from firstbell.policy.statements import STATED
from firstbell.policy.terms import Span, Unit
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.sessions import day_and_year
from firstbell.statute import values

__all__ = ["AGAINST_LAW"]

SCHOOL_DAYS_A_WEEK = 5


# --- what clauses state, and cite ------------------------------------------------------------------------


def _stated(looked: Looked) -> Iterator[Finding]:
    """A clause states what the law states otherwise."""
    for clause in looked.version.clauses.values():
        for key, word in clause.states.items():
            said = looked.stated_by_law.get(key)
            if said is None or said[0] == word:
                continue
            matter, by_law = STATED[key], said[0]
            what = f"By this clause {matter.matter} {matter.values[word]}; by law it {matter.values[by_law]}."
            source = matter.source or _source_of(looked, said[1])
            yield _of_clause("stated-otherwise", looked, clause, what, "The law's is taken.", source)


def _of_clause(
    check: str, looked: Looked, clause: Clause, what: str, default: str, source: str = ""
) -> Finding:
    rules = tuple(rule.id for rule in looked.version.rules if clause.id in rule.told["implements"])
    return Finding(check, "against the law", what, default, (clause.id,), rules, source)


def _source_of(looked: Looked, clause: str) -> str:
    """What a clause of law rests on: the sources of the rules that carry it out."""
    held = looked.rules_of_law.rules if looked.rules_of_law else ()
    sources = [rule.told["source"] for rule in held if clause in rule.told["implements"]]
    return sources[0] if sources else f"clause {clause} of the law"


def _cited(looked: Looked) -> Iterator[Finding]:
    """A clause cites an instrument that is not in force."""
    known = {one.cited_as: one for one in looked.law.statute.instruments}
    for clause in looked.version.clauses.values():
        for name in clause.cites:
            instrument = known.get(name)
            if instrument is None or instrument.until_on is None or instrument.until_on >= looked.on:
                continue
            what = f"This clause cites {name}, which ended on {day_and_year(instrument.until_on)}."
            yield _of_clause("cites-what-ended", looked, clause, what, "The law of the day is taken.", name)


# --- registers and codes ---------------------------------------------------------------------------------


def _register_open(looked: Looked) -> Iterator[Finding]:
    """A register is open for longer than it may be."""
    longest = looked.law.find(values.RegisterOpening)
    for written, _, params in looked.of(RegisterTimes):
        minutes = params.minutes_open
        if params.opens is not None and params.closes is not None:
            minutes = _minutes(params)
        if longest is not None and minutes is not None and minutes > longest.longest_minutes:
            what = f"The {params.session} register is open for {minutes} minutes."
            default = f"It closes after {longest.longest_minutes} minutes."
            yield finding(
                "register-open-too-long",
                "against the law",
                what,
                default,
                [written],
                source=str(longest.source),
            )


def _minutes(params: RegisterTimes) -> int:
    assert params.opens is not None and params.closes is not None
    return (params.closes.hour - params.opens.hour) * 60 + params.closes.minute - params.opens.minute


def _register_unstated(looked: Looked) -> Iterator[Finding]:
    """The policy does not say when a register opens or closes, which the guidance wants it to say.

    A frame, from which schools make their own policies, leaves it out on purpose.
    """
    rule = None if looked.version.is_frame else looked.law.find(values.RegisterOpening)
    for written, _, params in looked.of(RegisterTimes):
        names = [name for name in ("opens", "closes", "minutes_open") if name in written.by_school]
        if not names or rule is None:
            continue
        missing = " and ".join("closes" if name == "minutes_open" else name for name in names)
        what = f"The policy does not say when the {params.session} register {missing}."
        default = f"The school states it: it closes at most {rule.longest_minutes} minutes after it opens."
        yield finding(
            "register-not-stated", "against the law", what, default, [written], source=str(rule.source)
        )


def _codes(looked: Looked) -> Iterator[Finding]:
    """A list of codes has some that are none on the day, or lacks some that are."""
    for clause in looked.version.clauses.values():
        if not clause.codes:
            continue
        gone = [code for code in clause.codes if code not in looked.law.codes]
        lacking = [code for code in looked.law.codes if code not in clause.codes]
        said = [f"has {', '.join(gone)}, which are no codes on {day_and_year(looked.on)}"] if gone else []
        said += [f"lacks {', '.join(lacking)}"] if lacking else []
        if said:
            what = f"The clause's list of codes {', and '.join(said)}."
            default = "The codes of the session's day are taken; for one that has gone a person is asked."
            yield _of_clause("codes-not-of-the-day", looked, clause, what, default, "SI 2024/208, reg 10")


def _unknown_code(looked: Looked) -> Iterator[Finding]:
    """An absence without a reason is entered with another code than the law's, or may be."""
    held = looked.law.find(values.RegisterOpening)
    for written, _, params in looked.of(ReportDeadline):
        open_ = "code" in written.by_school
        if held is None or not (open_ or params.code not in ("", str(held.unknown_code))):
            continue
        what = "What is entered for a reason that is not known may be another code than the law's."
        default = f"It is {held.unknown_code} first, and put right within days."
        yield finding(
            "unknown-reason-code", "against the law", what, default, [written], source=str(held.source)
        )


def _kept(looked: Looked) -> Iterator[Finding]:
    """Registers are kept for a shorter time than the law's."""
    held = looked.law.find(values.Retention)
    for written, _, params in looked.of(Retention):
        if held is not None and params.years is not None and params.years < held.years:
            what = f"Entries are kept for {params.years} years; by law it is {held.years}."
            yield finding(
                "kept-too-short",
                "against the law",
                what,
                "The longer is taken.",
                [written],
                source=str(held.source),
            )


# --- numbers that ask for less ---------------------------------------------------------------------------


def _laxer(looked: Looked) -> Iterator[Finding]:
    """A rule about what a rule of law is about asks for less than it in some number."""
    for written, rule in looked.rules:
        of_law = _of_law(looked, rule)
        if of_law is None or isinstance(rule.params, Retention | Performance):
            continue
        held, params = of_law
        # Only a rule that names the law's is put together with it; beside another the law's own rule asks.
        default = "The law's is taken." if rule.tightens else "The law's own rule asks as well."
        for name, direction in written.kind.stricter.items():
            if direction == "more" and not rule.tightens:
                # A rule of its own may be about some of the codes, such as those of leave.
                continue
            ours, theirs = getattr(rule.params, name), getattr(params, name)
            if name not in written.stated or ours == stricter_of(rule.params, name, theirs):
                continue
            said = f"{name.replace('_', ' ')} is {_said(ours)}; by law it is {_said(theirs)}."
            what, source = f'In the rule "{rule.id}" {said}', str(held.told["source"])
            yield finding("laxer-than-law", "against the law", what, default, [written], source=source)


def _of_law(looked: Looked, rule: Rule) -> tuple[WrittenRule, Params] | None:
    """The rule of law that a rule tightens or that is about the same, with the values of the day."""
    written = looked.rules_of_law.rules if looked.rules_of_law else ()
    for held in written:
        if held.kind is not type(rule.params) or (rule.tightens and held.id != rule.tightens):
            continue
        filled = held.of_law(looked.law)
        if filled is None:
            continue
        params = held.rule({**dict.fromkeys(held.by_school), **filled}).params
        if rule.tightens or all(getattr(params, one) == getattr(rule.params, one) for one in params.scope):
            return held, params
    return None


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _period_of_notice(looked: Looked) -> Iterator[Finding]:
    """A notice to improve lasts for another time than the guidance allows, or for an unsaid one."""
    held = looked.law.find(values.NoticeToImprove)
    for written, _, params in looked.of(NoticeDays):
        if held is None or params.notice != "notice to improve" or params.ahead is not None:
            continue
        weeks = f"{held.shortest_weeks} to {held.longest_weeks} weeks"
        if "lasts" in written.by_school:
            what = "The policy does not say how long its last warning before a penalty notice lasts."
            default = f"The school states it: {weeks}."
            yield finding(
                "notice-length", "against the law", what, default, [written], source=str(held.source)
            )
        elif params.lasts is not None and not _within(params.lasts, held):
            what = f"The last warning lasts {params.lasts}; by guidance it is {weeks}."
            default = "The notice is issued as the school says, and the prompt at its end says so."
            yield finding(
                "notice-length", "against the law", what, default, [written], source=str(held.source)
            )


def _within(span: Span, held: values.NoticeToImprove) -> bool:
    """Whether a span lies within the weeks; five school days are a week."""
    days = span.number
    if span.unit in (Unit.WEEKS, Unit.SCHOOL_WEEKS):
        days = 7 * span.number
    elif span.unit is Unit.SCHOOL_DAYS:
        days = 7 * span.number // SCHOOL_DAYS_A_WEEK
    return 7 * held.shortest_weeks <= days <= 7 * held.longest_weeks


# --- evidence, leave, notices ----------------------------------------------------------------------------


def _evidence(looked: Looked) -> Iterator[Finding]:
    """A number, and no doubt, leads to evidence of illness being asked for."""
    needing = {
        letter
        for _, rule in looked.rules
        if rule.kind == "evidence needs doubt"
        for letter in getattr(rule.params, "letters", ())
    }
    for written, rule in looked.rules:
        by_number = isinstance(rule.params, Band | Count | DayOfAbsence) or rule.kind == "improvement window"
        asks = "evidence: illness" in rule.settled_by or rule.letter in needing
        if by_number and asks:
            what = (
                f"Evidence of illness is asked for by a number, in the rule {rule.id}, and not for a doubt."
            )
            default = (
                "A person is asked; a letter for it waits until a doubt is recorded, and the mark stays I."
            )
            source = "Statutory guidance on attendance, on medical evidence"
            yield finding("evidence-by-a-number", "against the law", what, default, [written], source=source)


def _appointments(looked: Looked) -> Iterator[Finding]:
    """An appointment is authorised only against paper; the law leaves open what is shown."""
    for written, _, params in looked.of(Appointment):
        if params.asks_about == "code" and params.evidence:
            what = f"An appointment is authorised only with {' or '.join(params.evidence)}."
            default = "A person is asked, and may authorise it without, with a reason."
            source = "SI 2024/208, reg 11"
            yield finding(
                "appointment-needs-paper", "against the law", what, default, [written], source=source
            )


def _refusals(looked: Looked) -> Iterator[Finding]:
    """Tests refuse leave by themselves; the head is to consider each request by its circumstances."""
    decides = any(True for _ in looked.of(LeaveDecision))
    tests = [
        written
        for written, rule in looked.rules
        if rule.kind in LEAVE_TESTS
        and rule.kind not in ("leave retrospective", "leave applicant", "leave concern")
        and getattr(rule.params, "says", "refuse") == "refuse"
        and getattr(rule.params, "advises", "refuse") == "refuse"
    ]
    if tests and decides:
        names = ", ".join(one.id for one in tests)
        what = f"Leave is refused by rule, whatever the circumstances: {names}."
        default = "Each is advice to refuse; the headteacher decides on every request, and says why."
        yield finding(
            "leave-refused-by-rule", "against the law", what, default, tests, source="SI 2024/208, reg 11"
        )


def _licences(looked: Looked) -> Iterator[Finding]:
    """Without a licence no leave for performances, though some performances need none."""
    held = looked.law.find(values.PerformanceEducation)
    for written, _, params in looked.of(LeaveApplicant):
        if params.asks_for == "licence" and held is not None:
            what = "Leave for a performance needs a licence, and nothing is said of those that need none."
            default = "An exemption can be recorded: four days in six months, or an approved body."
            source = str(held.source)
            yield finding(
                "licence-without-exemption", "against the law", what, default, [written], source=source
            )


def _floors(looked: Looked) -> Iterator[Finding]:
    """Leave for a performance is refused below a percentage, also where a licence names the days."""
    for written, _, params in looked.of(LeaveAttendance):
        if params.projected:
            what = f"Leave is refused where it would bring attendance {params.when}, also under a licence."
            default = "It is not asked of days that a licence names: they need no further leave."
            source = "Children and Young Persons Act 1963, s.37"
            yield finding("floor-against-licence", "against the law", what, default, [written], source=source)


def _notices(looked: Looked) -> Iterator[Finding]:
    """Something else than the national threshold, or refused leave, leads to a penalty notice."""
    for written, rule in looked.rules:
        lawful = isinstance(rule.params, Threshold) or rule.kind in (
            "refused leave taken",
            "avoidance",
            "following",
        )
        if "considered" in rule.settled_by and not lawful:
            what = f"A penalty notice follows from the rule {rule.id}, and not from the national threshold."
            default = "It is considered only, with the national threshold and the questions of the law."
            source = "Statutory guidance on attendance, the national framework for penalty notices"
            yield finding(
                "notice-without-threshold", "against the law", what, default, [written], source=source
            )


AGAINST_LAW: Mapping[str, Check] = {
    "stated-otherwise": _stated,
    "cites-what-ended": _cited,
    "register-open-too-long": _register_open,
    "register-not-stated": _register_unstated,
    "codes-not-of-the-day": _codes,
    "unknown-reason-code": _unknown_code,
    "kept-too-short": _kept,
    "laxer-than-law": _laxer,
    "notice-length": _period_of_notice,
    "evidence-by-a-number": _evidence,
    "appointment-needs-paper": _appointments,
    "leave-refused-by-rule": _refusals,
    "licence-without-exemption": _licences,
    "floor-against-licence": _floors,
    "notice-without-threshold": _notices,
}
"""Each check by its name."""
