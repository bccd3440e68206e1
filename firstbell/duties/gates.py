"""What must be so before somebody acts: which gates of the policy stand in the way of an action, and why?

A gate asks for facts. It never judges them: whether an agreement is a good one, people say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from firstbell.duties.acting import Action, Refusal, refusal
from firstbell.duties.duty import parts_of_key
from firstbell.duties.leave import codes_of_leave, is_unauthorised, taken_though_refused
from firstbell.duties.of_register import GROUP
from firstbell.duties.sight import Sight
from firstbell.facts import KINDS, Data, Fact, references_of
from firstbell.facts.cases import PlanAgreed
from firstbell.policy.needs import Need, is_filled_in, need_of, said_as
from firstbell.policy.parameters import Gate
from firstbell.policy.rule import Rule
from firstbell.statute.years import months_after

__all__ = ["about_them", "gated", "names_a_share", "says"]

WHAT_FOR = ("plan", "of", "notice", "reason", "how")
"""The parts by which a fact that an action names says what it is for."""
STARTING = "start "
OF_THE_DAY = ("let a pupil leave early",)
"""What is done on a day of its own: what was recorded for another day opens nothing."""
SAID_ANEW: Mapping[str, tuple[str, ...]] = {
    "decision made": ("question",),
    "consent given": ("to",),
    "risk assessed": ("of",),
    "provision checked": ("provision", "of"),
    "assessment made": ("assessment",),
}
"""By kind of fact, the parts that say of what it is: of facts that are alike in them the last one counts."""


def gated(sight: Sight, action: Action) -> Iterator[Refusal]:
    """The gates that stand in the way of an action, in the order of the rules."""
    named = _named(sight, action)
    for rule in sight.rules:
        params = rule.params
        if not isinstance(params, Gate) or not _is_about(sight, rule, params, action, named):
            continue
        if any(_is_met(sight, need_of(term), action, named) for term in params.unless):
            continue
        if not (params.unless_leave_taken and _took_leave(sight, action)):
            yield from _refused(sight, rule, params, action, named)


def _took_leave(sight: Sight, action: Action) -> bool:
    """Whether the pupil was away in the last twelve months on leave that nobody had granted."""
    row = sight.row_of.get(action.enrolment)
    if row is None:
        return False
    since_on = months_after(sight.day, -12) + timedelta(days=1)
    missed = [session for one in taken_though_refused(sight) if one.row == row for session in one.missed]
    without_leave = sight.marked(codes_of_leave(sight.law)) & sight.where(is_unauthorised)
    return any(session.on >= since_on for session in missed) or bool(
        sight.sessions_of(without_leave, row, since_on, sight.day)
    )


def _named(sight: Sight, action: Action) -> tuple[Fact, ...]:
    """The facts that an action names by their ids, as they stand now."""
    ids = {action.request, action.plan, action.evidence, action.notice} - {""}
    origins = sight.facts.origins
    return tuple(fact for fact in sight.facts if fact.id in ids or origins.get(fact.id) in ids) if ids else ()


def _is_about(sight: Sight, rule: Rule, params: Gate, action: Action, named: tuple[Fact, ...]) -> bool:
    """Whether a gate stands for an action about this pupil, for this purpose."""
    if action.name not in params.actions or (params.codes and action.code not in params.codes):
        return False
    if not about_them(sight, rule, action):
        return False
    purposes = {purpose.casefold() for purpose in params.purposes}
    return not purposes or bool(purposes & _purposes(action, named))


def about_them(sight: Sight, rule: Rule, action: Action) -> bool:
    """Whether a rule is about the pupil of an action, on the day of its session if it has one."""
    row = sight.row_of.get(action.enrolment)
    if row is None:
        return rule.applies_to.anybody
    return sight.applies(rule.applies_to, row, action.session.on if action.session is not None else sight.day)


def _purposes(action: Action, named: tuple[Fact, ...]) -> set[str]:
    """What an action is for: as it says, its plan, notice or evidence, and what its facts are."""
    said = [action.purpose, action.plan, action.notice, action.evidence]
    said += [str(getattr(fact.data, name, "")) for fact in named for name in WHAT_FOR]
    return {one.strip().casefold() for one in said} - {""}


def _refused(
    sight: Sight, rule: Rule, params: Gate, action: Action, named: tuple[Fact, ...]
) -> Iterator[Refusal]:
    if params.never:
        which = action.code or action.purpose or action.plan
        what = f"The policy never allows anybody to {action.name}{f' ({which})' if which else ''}."
        remedy = _remedy(params, "Find another way.")
        yield refusal(rule, what, remedy, overridable=params.overridable)
        return
    if params.refuses and (target := _target(action, named)) and names_a_share(target):
        what = "The target is a share of all attendance."
        remedy = "Agree one in plain numbers for a short time, such as so many sessions each week."
        yield refusal(rule, what, _remedy(params, remedy), overridable=params.overridable)
    missing = [need for need in map(need_of, params.needs) if not _is_met(sight, need, action, named)]
    if missing:
        what = f"To {action.name} needs what is not recorded: {'; '.join(map(str, missing))}."
        yield refusal(rule, what, _remedy(params, "Record it first."), overridable=params.overridable)


def _remedy(params: Gate, remedy: str) -> str:
    if not params.overridable:
        return remedy
    return f"{remedy} A person may do it all the same, with a reason that is kept."


# --- what was recorded -----------------------------------------------------------------------------------


def _is_met(sight: Sight, need: Need, action: Action, named: tuple[Fact, ...]) -> bool:
    """Whether some fact about the pupil is what a need asks for.

    Where the action names a fact of the kind it is looked for in that one; where it names one to which facts
    of the kind can belong, such as the provision that was checked, in those that do. What is needed before
    something starts has to be dated before its first day.
    """
    own = tuple(fact for fact in named if fact.kind == need.kind)
    return any(
        all(_says_so(sight, fact.data, name, value) for name, value in need.parts)
        for fact in own or _that_could(sight, need, action, named)
        if _is_about_them(sight, fact, action)
    )


def _that_could(sight: Sight, need: Need, action: Action, named: tuple[Fact, ...]) -> list[Fact]:
    """The facts of a kind that could be what an action needs, where it names none of the kind itself.

    Of answers to one question, and of what else is said anew, only the last counts: consent that was
    withdrawn is none.
    """
    starts_on = _starts_on(action, named)
    found: dict[object, Fact] = {}
    for fact, data in sight.facts.of(KINDS[need.kind]):
        today = action.name not in OF_THE_DAY or fact.on == sight.day
        in_time = starts_on is None or fact.on < starts_on
        if today and in_time and _is_about_them(sight, fact, action) and _belongs(sight, fact, named):
            said = tuple(_said_of(sight, data, name) for name in SAID_ANEW.get(need.kind, ()))
            found[(fact.about, *said) if said else fact.id] = fact
    return list(found.values())


def _said_of(sight: Sight, data: Data, name: str) -> str:
    said = str(getattr(data, name))
    return (_question(sight, data, said) if name == "question" else said).casefold()


def _starts_on(action: Action, named: tuple[Fact, ...]) -> date | None:
    """The first day of what an action starts, where the fact that it names has one."""
    if not action.name.startswith(STARTING):
        return None
    days = [day for fact in named if isinstance(day := getattr(fact.data, "from_on", None), date)]
    return min(days, default=None)


def _is_about_them(sight: Sight, fact: Fact, action: Action) -> bool:
    """Whether a fact is about the pupil, and the parent if one is named; or about the school as a whole."""
    about = fact.about
    if action.parent and about.parent not in ("", action.parent):
        return False
    listed = getattr(fact.data, "enrolments", ())
    if about.enrolment or listed:
        return action.enrolment in (about.enrolment, *listed)
    if about.group and (row := sight.row_of.get(action.enrolment)) is not None:
        return sight.enrolments[row].value(GROUP, sight.day) == about.group
    return True


def _belongs(sight: Sight, fact: Fact, named: tuple[Fact, ...]) -> bool:
    """Whether a fact that names another of the same kind as one of the action names that very one."""
    origins = sight.facts.origins
    ids = {one.kind: {one.id, origins.get(one.id, one.id)} for one in named}
    return all(
        origins.get(reference.id, reference.id) in ids[reference.kind]
        for reference in references_of(fact.data)
        if reference.kind in ids
    )


def _says_so(sight: Sight, data: Data, name: str, value: str | None) -> bool:
    said = getattr(data, name)
    if value is None:
        return is_filled_in(said)
    return said_as(_question(sight, data, said) if name == "question" else said, value)


def says(sight: Sight, data: Data, name: str, value: str | bool | int) -> bool:
    """Whether a part of a fact has a value, capitals aside; true of what is no yes or no: it is filled in.

    A question is known by the duty that it answers, if it can be.
    """
    said = getattr(data, name)
    if name == "question":
        said = _question(sight, data, said)
    if isinstance(value, bool) and not isinstance(said, bool):
        return is_filled_in(said) is value
    if isinstance(said, str) and isinstance(value, str):
        return said.casefold() == value.casefold()
    return bool(said == value)


def _question(sight: Sight, data: Data, said: str) -> str:
    """What was asked: as the rule asks whose prompt was answered, else as the fact says."""
    key = getattr(data, "duty", "")
    rule = parts_of_key(key)[0] if key else ""
    return next((one.asks for one in sight.rules if one.id == rule), said)


# --- targets ---------------------------------------------------------------------------------------------


def _target(action: Action, named: tuple[Fact, ...]) -> str:
    """The target that is agreed: as the action says, else the goals of the plan that it names."""
    goals = (fact.data.goals for fact in named if isinstance(fact.data, PlanAgreed))
    return action.purpose or next(goals, "")


PERCENTAGE = re.compile(r"%|\bper ?cent\b|\bpercentages?\b")
WHOLE = re.compile(
    r"\b(?:full|perfect|complete|total|unbroken) attendance\b"
    r"|\battend(?:s|ing)? (?:school )?(?:on |for |at )?(?:all|every|each) (?:possible |school )?"
    r"(?:sessions?|days?)\b"
    r"|\battendance (?:of |to |at |above |over |at least )*\d{2,3}\b(?! (?:of|out of|sessions|days)\b)"
)
"""All attendance, or a number of it, without the word "per cent"."""
SO_MANY = re.compile(r"\b(\d+) ?(?:/|of|out of) ?(?:the )?(\d+)\b")
NARROWER = re.compile(
    r"\b(?:lessons?|homework|tests?|mornings?|afternoons?|(?:mon|tues|wednes|thurs|fri)days?)\b"
)
"""What is less than all attendance: of that a share may be a target."""


def names_a_share(target: str) -> bool:
    """Whether a target is a share of all attendance: "95% overall", "full attendance", "10 of 10 sessions".

    "At least 9 of 10 sessions each week" is none: it says in plain numbers what is to be done, and leaves
    room for a bad day. Nor is a share of something narrower, such as of maths lessons.
    """
    text = " ".join(target.casefold().split())
    if WHOLE.search(text) or any(some == of for some, of in SO_MANY.findall(text)):
        return True
    return bool(PERCENTAGE.search(text)) and not NARROWER.search(text)
