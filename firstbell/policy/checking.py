"""What cannot be so in a policy whose files could be read, and in a school's settings for it?

Each rule by itself, the rules of a version together, a version against the law of its first day, and settings
against every version. Refuses to judge whether a policy is a good one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from firstbell.policy.bounds import Fault, faults_of_values
from firstbell.policy.describing import parameters_of
from firstbell.policy.files import NotOfItsForm, PolicyFiles, WrittenPolicy, WrittenRule, value_of
from firstbell.policy.merging import stricter_of
from firstbell.policy.parameters import Band
from firstbell.policy.rule import Mode
from firstbell.policy.settings import SchoolSettings
from firstbell.policy.templates import needed_in_rows
from firstbell.policy.vocabulary import (
    ALWAYS_GIVEN,
    LEAVE_TESTS,
    YEAR_GROUPS,
    choices,
    fault_of_settled_by,
    nearest,
    written,
)
from firstbell.problems import Place, Problem
from firstbell.statute import Law, NoLaw, Statute

__all__ = ["asks_nothing", "problems_with_settings", "problems_with_version"]

RULE_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
FOR_READING = (Mode.CONTENT, Mode.RECORD)


def asks_nothing(rule: WrittenRule) -> bool:
    """Whether no duty ever arises of it: it is for reading, a test of leave, or a code entered at once."""
    at_once = rule.stated.get("at_once") is True
    return rule.kind.family == "nothing" or rule.kind.kind in LEAVE_TESTS or at_once


def problems_with_version(
    version: WrittenPolicy, statute: Statute, law: PolicyFiles | None, broken: Collection[str] = ()
) -> Iterator[Problem]:
    """What is wrong with one version of a policy; `broken` are the ids of rules that could not be read."""
    try:
        of_day = statute.on(version.in_force_from_on)
    except NoLaw:
        of_day = None
    ids = {*broken, *(rule.id for rule in version.rules)}
    for rule in version.rules:
        yield from _identity(rule, version)
        yield from _form(rule)
        yield from _applies_to(rule)
        yield from _letter(rule, version)
        yield from _values(rule, version, of_day)
        yield from _order(rule, version, ids, law)
    yield from _twice(version, law)
    yield from _circles(version)
    if version.is_law:
        yield from _of_the_statute(version, of_day)
    elif law is not None and law.versions:
        yield from _against_law(version, statute, law)


def _problem(rule: WrittenRule, name: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(f"policy-{name}", rule.at(key), what, remedy)


# --- a rule by itself ------------------------------------------------------------------------------------


def _identity(rule: WrittenRule, version: WrittenPolicy) -> Iterator[Problem]:
    if not RULE_ID.fullmatch(rule.id):
        remedy = "Write small letters, digits and hyphens, as first-letter."
        yield _problem(rule, "id", "id", f'"{rule.id}" cannot be an id.', remedy)
    for clause in rule.told["implements"]:
        if clause not in version.clauses:
            what = f'"implements" has "{clause}", which is not in clauses.toml.'
            remedy = nearest(clause, version.clauses)
            yield _problem(rule, "clause", "implements", what, remedy)
    if not rule.told["implements"] and not version.is_law:
        remedy = "Write the clauses of clauses.toml that it carries out."
        yield _problem(rule, "clause", "implements", '"implements" names no clause.', remedy)
    if version.is_law and not rule.told["source"]:
        yield _problem(rule, "source", "source", '"source" is missing.', "Name the provision in words.")
    who = rule.told["who"]
    if not who and rule.told["mode"] is Mode.PROMPT and not asks_nothing(rule):
        yield _problem(
            rule, "role", "who", '"who" is missing: a prompt asks somebody.', "Name one of [roles]."
        )
    if who and who not in version.roles:
        remedy = nearest(who, version.roles)
        yield _problem(rule, "role", "who", f'there is no role "{who}".', remedy)


def _form(rule: WrittenRule) -> Iterator[Problem]:
    mode = rule.told["mode"]
    suggests = rule.told["suggests"]
    if suggests and suggests not in rule.told["offers"]:
        what = f'"suggests" is "{suggests}", which is not among what it offers.'
        yield _problem(rule, "suggests", "suggests", what, nearest(suggests, rule.told["offers"]))
    names = rule.stated.get("tier") or rule.stated.get("is_target")
    if mode is Mode.CONTENT and rule.kind is Band and names and not rule.told["asks"]:
        return
    if mode in FOR_READING and rule.kind.family != "nothing":
        what = f'the mode is "{mode}", and a rule of the kind "{rule.kind.kind}" asks for something.'
        yield _problem(rule, "mode", "mode", what, 'Write "automatic" or "prompt", or take another kind.')
    elif not rule.told["asks"] and not asks_nothing(rule):
        what = '"asks" is missing: people and scenarios speak of the duty by it.'
        yield _problem(
            rule, "asks", "asks", what, 'Write what it asks for in a few words, as "first letter".'
        )


def _applies_to(rule: WrittenRule) -> Iterator[Problem]:
    whom = rule.told["applies_to"]
    for group in sorted(whom.year_groups - {*YEAR_GROUPS}):
        what = f'there is no year group "{group}".'
        yield _problem(rule, "year-group", "applies_to.year_groups", what, nearest(group, YEAR_GROUPS))
    flags = choices("flag set", "flag")
    for key, stated in (("flags", whom.flags), ("without_flags", whom.without_flags)):
        for flag in sorted(stated - {*flags}):
            yield _problem(
                rule, "flag", f"applies_to.{key}", f'there is no flag "{flag}".', nearest(flag, flags)
            )
    for number in sorted(whom.half_terms - {*range(1, 7)}):
        what = f"there is no half term {number}."
        remedy = "A school year has the half terms 1 to 6."
        yield _problem(rule, "half-term", "applies_to.half_terms", what, remedy)


def _letter(rule: WrittenRule, version: WrittenPolicy) -> Iterator[Problem]:
    for term in rule.told["settled_by"]:
        if (fault := fault_of_settled_by(term, version.letters)) is not None:
            yield _problem(rule, "settled-by", "settled_by", *fault)
    name = rule.told["letter"]
    if not name:
        return
    if name not in version.letters:
        what = f'there is no letter "{name}" in [letters].'
        yield _problem(rule, "letter", "letter", what, nearest(name, version.letters))
        return
    given = (*ALWAYS_GIVEN, *rule.kind.gives)
    for value, row in _used(version.letters[name].template):
        if value not in given:
            place = Place(f"{version.folder}/letters/{name}.typ", row)
            what = (
                f'the template uses "letter.{value}", which a rule of the kind "{rule.kind.kind}" does not '
            )
            what += f'give (rule "{rule.id}").'
            remedy = "The reference of the policy language has what it gives; what may be missing is written "
            remedy += f'letter.at("{value}", default: none).'
            yield Problem("policy-letter-value", place, what, remedy)


def _used(template: str) -> list[tuple[str, int]]:
    """The values that a template cannot do without, with the first line of each."""
    first: dict[str, int] = {}
    for value, row in needed_in_rows(template):
        first.setdefault(value, row)
    return list(first.items())


def _values(rule: WrittenRule, version: WrittenPolicy, law: Law | None) -> Iterator[Problem]:
    for fault in faults_of_values(rule.kind, rule.stated, rule.by_school | rule.by_law, law):
        yield _of_fault(fault, rule.at(f"params.{fault.parameter}"), "policy-value")
    for role in rule.stated.get("roles", ()):
        if role not in version.roles:
            what, remedy = f'there is no role "{role}".', nearest(role, version.roles)
            yield _problem(rule, "role", "params.roles", what, remedy)
    for letter in rule.stated.get("letters", ()):
        if letter not in version.letters:
            what, remedy = f'there is no letter "{letter}" in [letters].', nearest(letter, version.letters)
            yield _problem(rule, "letter", "params.letters", what, remedy)
    prose = rule.stated.get("prose", "")
    if prose and prose not in version.prose:
        what = f'there is no file "{prose}" in the folder prose.'
        yield _problem(rule, "prose", "params.prose", what, nearest(prose, version.prose))


def _of_fault(fault: Fault, place: Place, rule: str) -> Problem:
    severity: Any = "warning" if fault.is_warning else "error"
    return Problem(rule, place, fault.what, fault.remedy, source=fault.source, severity=severity)


# --- rules together --------------------------------------------------------------------------------------


def _order(
    rule: WrittenRule, version: WrittenPolicy, ids: Collection[str], law: PolicyFiles | None
) -> Iterator[Problem]:
    """`after` and `tightens` name rules that there are, and that can be meant."""
    of_law = {one.id: one for held in (law.versions if law else ()) for one in held.rules}
    after, tightens = rule.told["after"], rule.told["tightens"]
    if after and after not in ids and after not in of_law:
        what, remedy = f'"after" names "{after}", and there is no such rule.', nearest(after, sorted(ids))
        yield _problem(rule, "after", "after", what, remedy)
    earlier = version.find(after) or of_law.get(after)
    if earlier is not None and asks_nothing(earlier):
        what = f'"after" names "{after}", of which no duty ever arises.'
        yield _problem(rule, "after", "after", what, "Name a rule that asks for something.")
    decided_by = rule.stated.get("decided_by", "")
    if decided_by and decided_by not in ids:
        what = f'"decided_by" names "{decided_by}", and there is no such rule.'
        yield _problem(rule, "decided-by", "params.decided_by", what, nearest(decided_by, sorted(ids)))
    if not tightens:
        return
    if tightens not in of_law:
        what = f'"tightens" names "{tightens}", and there is no such rule of law.'
        yield _problem(rule, "tightens", "tightens", what, nearest(tightens, of_law))
    elif of_law[tightens].kind is not rule.kind:
        what = f'"tightens" names "{tightens}", which is of the kind "{of_law[tightens].kind.kind}".'
        remedy = f'A rule of the kind "{rule.kind.kind}" tightens one of the same kind.'
        yield _problem(rule, "tightens", "tightens", what, remedy)


def _twice(version: WrittenPolicy, law: PolicyFiles | None) -> Iterator[Problem]:
    """Ids that two rules have, and duties that two rules would ask for in one form about the same pupils."""
    seen: dict[object, WrittenRule] = {}
    of_law = {one.id for held in (law.versions if law else ()) for one in held.rules}
    for rule in version.rules:
        if rule.id in of_law:
            what = f'"{rule.id}" is the id of a rule of law.'
            yield _problem(rule, "id", "id", what, "Give it another; name the rule of law in `tightens`.")
        if (first := seen.setdefault(rule.id, rule)) is not rule:
            what = f'the rule in row {first.place.row} has the id "{rule.id}" as well.'
            yield _problem(rule, "id", "id", what, "Give each an id of its own.")
            continue
        key = (rule.told["asks"], rule.told["form"], rule.told["applies_to"])
        if rule.told["asks"] and (first := seen.setdefault(key, rule)) is not rule:
            what = f'the rule "{first.id}" asks for "{key[0]}" as well, as a {key[1]}, about the same pupils.'
            yield _problem(
                rule, "twice", "asks", what, "Ask for something else, in another form, or about others."
            )


def _circles(version: WrittenPolicy) -> Iterator[Problem]:
    after = {rule.id: rule.told["after"] for rule in version.rules if rule.told["after"]}
    known: set[str] = set()
    for rule in version.rules:
        way: list[str] = []
        step = rule.id
        while step in after and step not in way and step not in known:
            way.append(step)
            step = after[step]
        known |= {*way}
        if step in way:
            round_ = [*way[way.index(step) :], step]
            first = next(one for one in version.rules if one.id == step)
            what = "these rules wait for each other: " + " after ".join(f'"{one}"' for one in round_) + "."
            yield _problem(first, "circle", "after", what, "Let one of them wait for none.")


# --- against the law -------------------------------------------------------------------------------------


def _of_the_statute(version: WrittenPolicy, law: Law | None) -> Iterator[Problem]:
    for rule in version.rules:
        if rule.by_law and (law is None or rule.of_law(law) is None):
            first = min(rule.by_law)
            names, day = ", ".join(sorted(rule.by_law)), version.in_force_from_on
            what = f"the statute has no value for {names} on {day}."
            remedy = "State it, or let the version begin later."
            yield _problem(rule, "statute", f"params.{first}", what, remedy)


def _against_law(version: WrittenPolicy, statute: Statute, law: PolicyFiles) -> Iterator[Problem]:
    """Where a rule asks less than the law that it names: the law's value is taken all the same."""
    held = law.on(version.in_force_from_on) or law.versions[0]
    day = max(version.in_force_from_on, held.in_force_from_on)
    for rule in version.rules:
        of_law = held.find(rule.told["tightens"])
        if of_law is None or of_law.kind is not rule.kind:
            continue
        filled = of_law.of_law(statute.on(day))
        if filled is None:
            continue
        ours = rule.rule(dict.fromkeys(rule.by_school))
        theirs = of_law.rule({**dict.fromkeys(of_law.by_school), **filled})
        for name in rule.kind.stricter:
            stated, value = getattr(ours.params, name), getattr(theirs.params, name)
            taken = stricter_of(ours.params, name, value)
            if name in rule.stated and taken != stated:
                has = f"the law has {_words(value)}, and {_words(taken)} is taken."
                what = f'"{name}" is {_words(stated)}; {has}'
                place, source = rule.at(f"params.{name}"), of_law.told["source"]
                yield Problem("policy-laxer", place, what, "See whether it is meant.", source, "warning")


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


# --- settings --------------------------------------------------------------------------------------------


def problems_with_settings(
    statute: Statute, law: PolicyFiles, policy: PolicyFiles | None, settings: SchoolSettings | None
) -> list[Problem]:
    """Every setting that is missing, of a wrong form, or for nothing that law and policy leave open."""
    held = settings or SchoolSettings(policy.id if policy else "", "")
    versions = [*(policy.versions if policy else ()), *law.versions]
    problems: dict[str, Problem] = {}
    if policy is not None and held.policy != policy.id:
        what = f'the settings are for the policy "{held.policy}", and this is "{policy.id}".'
        remedy = f'Name that policy, or write policy = "{policy.id}" there if they are meant for this one.'
        # What it says for the rules of another policy would only be as many faults as it has lines.
        return [Problem("setting-policy", held.at("policy"), what, remedy)]
    found = [*_not_left_open(versions, held), *_not_for_a_role(versions, held)]
    for version in versions:
        for rule in version.rules:
            found += _settings_of(rule, version, statute, held)
    problems |= {str(problem): problem for problem in found}
    return list(problems.values())


def _not_for_a_role(versions: Iterable[WrittenPolicy], settings: SchoolSettings) -> Iterator[Problem]:
    roles = {role for version in versions for role in version.roles}
    for role in settings.roles:
        if role not in roles:
            what = f'there is no role "{role}" in the policy.'
            yield Problem("setting-role", settings.at("roles", role), what, nearest(role, sorted(roles)))


def _not_left_open(versions: Iterable[WrittenPolicy], settings: SchoolSettings) -> Iterator[Problem]:
    """Settings for a rule or a parameter that there is not, or that the policy states itself."""
    rules: dict[str, list[WrittenRule]] = {}
    for version in versions:
        for rule in version.rules:
            rules.setdefault(rule.id, []).append(rule)
    for key, values in settings.rules.items():
        if key not in rules:
            what = f'there is no rule "{key}" in the policy.'
            leaving = sorted(id_ for id_, own in rules.items() if any(one.by_school for one in own))
            remedy = nearest(key, leaving).replace("There are:", "These leave something to the school:")
            yield Problem("setting-rule", settings.at("rules", key), what, remedy)
            continue
        left = sorted({name for rule in rules[key] for name in rule.by_school})
        known = {one.name for rule in rules[key] for one in parameters_of(rule.kind)}
        for name in values:
            if name not in left:
                said = "is not left to the school" if name in known else f'is no parameter of "{key}"'
                remedy = (
                    f"It leaves to the school: {', '.join(left)}."
                    if left
                    else f'Take it out: nothing of "{key}" is.'
                )
                yield Problem(
                    "setting-parameter", settings.at("rules", key, name), f'"{name}" {said}.', remedy
                )


def _settings_of(
    rule: WrittenRule, version: WrittenPolicy, statute: Statute, settings: SchoolSettings
) -> Iterator[Problem]:
    """What is missing or wrong of what one rule leaves to the school."""
    if not rule.by_school:
        return
    own: Mapping[str, Any] = settings.rules.get(rule.id, {})
    filled: dict[str, Any] = {}
    for one in parameters_of(rule.kind):
        if one.name not in rule.by_school:
            continue
        place = settings.at("rules", rule.id, one.name)
        if one.name not in own:
            what = f'the setting "{one.name}" is missing: {one.says[:1].lower()}{one.says[1:]}.'
            remedy = f"Write it below [rules.{rule.id}]: {one.form}."
            yield Problem("setting-missing", place, what, remedy)
            continue
        try:
            filled[one.name] = value_of(rule.kind, one.name, own[one.name])
        except NotOfItsForm:
            what = f'"{one.name}" is {written(own[one.name])}.'
            yield Problem("setting-type", place, what, f"Write {one.form}.")
    try:
        law = statute.on(version.in_force_from_on)
    except NoLaw:
        law = None
    if filled.keys() != rule.by_school:
        return
    of_law = (rule.of_law(law) if law else None) or {}
    for fault in faults_of_values(rule.kind, {**rule.stated, **of_law, **filled}, (), law):
        if fault.parameter in filled or not fault.is_warning:
            yield _of_fault(fault, settings.at("rules", rule.id, fault.parameter), "setting-value")
