"""Which clause of a policy is carried out by what, and which scenarios show it?

Worked out and never written down: from the rules with the clauses that they name, and from scenarios that
were run, with the rules that their lines met. A clause that some rule carries out by itself, or by asking a
person, and that no passing scenario met, is *missing*; one that nothing carries out at all is *unmet*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from firstbell.policy import Clause, Mode, Rule, Rulebook
from firstbell.scenarios.explained import ANY, Explanation
from firstbell.scenarios.policy_page import is_still
from firstbell.scenarios.running import Ran, rulebook_for

__all__ = ["Covered", "Met", "coverage_page", "covered"]

HEAD = """\
# What is carried out, and shown

Every clause of the policies and of the law, with what carries it out. *Runs*: a rule of which duties,
refusals or suggested codes come; after it the scenarios that were run, passed, and met the rule. *Keeps*: the
school records it as facts. *Shows*: a text for reading. *Counts by*: a table of the statute. All of it is
worked out from the policies and by running the scenarios.
"""


@dataclass(frozen=True)
class Met:
    """A rule that runs, and the ids of the scenarios that passed and met it."""

    rule: Rule
    scenarios: tuple[str, ...]


@dataclass(frozen=True)
class Covered:
    """A clause with the rules that run, keep and show it, and the statute's tables that say it."""

    clause: Clause
    runs: tuple[Met, ...]
    keeps: tuple[Rule, ...]
    shows: tuple[Rule, ...]
    tables: tuple[str, ...]

    @property
    def is_automatic(self) -> bool:
        """Whether some rule carries it out by itself, or asks a person."""
        return any(met.rule.mode in (Mode.AUTOMATIC, Mode.PROMPT) for met in self.runs)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The ids of the scenarios that passed and met one of its rules."""
        return tuple(sorted({key for met in self.runs for key in met.scenarios}))

    @property
    def is_missing(self) -> bool:
        """Whether it is automatic, and no passing scenario shows it."""
        return self.is_automatic and not self.scenarios

    @property
    def is_unmet(self) -> bool:
        """Whether nothing carries it out at all."""
        return not (self.runs or self.keeps or self.shows or self.tables)


def covered(rulebook: Rulebook, rans: Iterable[Ran]) -> tuple[Covered, ...]:
    """Every clause of a policy's newest version, in its order: of the law's, for a rulebook without a policy.

    `rans` are scenarios that were run. Those of other policies count for rules of law only. A rule of law is
    met as well where a rule of a policy was met that makes it stricter.
    """
    version = (rulebook.policy or rulebook.law).versions[-1]
    own = {rule.id for rule in version.rules}
    rules = [rule for rule in rulebook.on(version.in_force_from_on) if rule.id in own]
    met = {
        ran.scenario.id: ran.rules | (_made_stricter(ran) if version.is_law else frozenset())
        for ran in rans
        if ran.passed and (version.is_law or ran.scenario.policy == version.id)
    }
    return tuple(
        _covered(clause, [rule for rule in rules if clause.id in rule.implements], met)
        for clause in version.clauses.values()
    )


def _made_stricter(ran: Ran) -> frozenset[str]:
    """The rules of law that rules of a policy which a scenario met make stricter."""
    rules = rulebook_for(ran.scenario).on(ran.scenario.when.on)
    return frozenset(rule.tightens for rule in rules if rule.id in ran.rules and rule.tightens)


def _covered(
    clause: Clause,
    rules: Sequence[Rule],
    met: Mapping[str, frozenset[str]],
) -> Covered:
    return Covered(
        clause,
        tuple(
            Met(rule, tuple(sorted(key for key, rules_met in met.items() if rule.id in rules_met)))
            for rule in rules
            if not is_still(rule)
        ),
        tuple(rule for rule in rules if rule.kind == "record"),
        tuple(rule for rule in rules if rule.kind == "content"),
        clause.counted_by,
    )


# --- the page --------------------------------------------------------------------------------------------


def coverage_page(
    rulebooks: Sequence[Rulebook],
    rans: Sequence[Ran],
    not_run: Sequence[str],
    sections: Mapping[str, str],
    explanations: Sequence[Explanation] = (),
) -> str:
    """The page in Markdown: each policy with its clauses, what carries them out, and what is missing.

    `not_run` says of files, in words, why they could not be run; `sections` has the title of the section that
    a clause stands in, by its id. `explanations` say which changes of a rule no scenario can notice.
    """
    found = [(rulebook, covered(rulebook, rans)) for rulebook in rulebooks]
    parts = [HEAD, *_summary(found), *_of_scenarios(rans, not_run)]
    parts += _unnoticed(explanations)
    for rulebook, clauses in found:
        parts += _policy(rulebook, clauses, sections)
    return "\n".join(parts)


def _summary(found: Iterable[tuple[Rulebook, Sequence[Covered]]]) -> Iterator[str]:
    yield "| policy | clauses | automatic | shown by a scenario | only kept or shown | missing | by nothing |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for rulebook, clauses in found:
        version = (rulebook.policy or rulebook.law).versions[-1]
        automatic = [one for one in clauses if one.is_automatic]
        missing = [one for one in clauses if one.is_missing]
        unmet = [one for one in clauses if one.is_unmet]
        still = len(clauses) - len(automatic) - len(unmet)
        counts = (
            len(clauses),
            len(automatic),
            len(automatic) - len(missing),
            still,
            len(missing),
            len(unmet),
        )
        link = f"[{version.id}](#{_slug(version.title)})"
        yield f"| {link} | {' | '.join(map(str, counts))} |"
    yield ""
    for rulebook, clauses in found:
        version = (rulebook.policy or rulebook.law).versions[-1]
        for title, own in (
            ("Missing", [one for one in clauses if one.is_missing]),
            ("Carried out by nothing", [one for one in clauses if one.is_unmet]),
        ):
            if own:
                yield f"**{title}** ({version.id}): {', '.join(_linked(one.clause.id) for one in own)}.\n"
        alone = dict.fromkeys(met.rule.id for one in clauses for met in one.runs if not met.scenarios)
        if alone:
            links = (f"[{key}](policy-{version.id}.md#{_slug(key)})" for key in alone)
            yield f"**Rules that no scenario meets** ({version.id}): {', '.join(links)}.\n"


def _of_scenarios(rans: Sequence[Ran], not_run: Sequence[str]) -> Iterator[str]:
    passed = sum(ran.passed for ran in rans)
    yield f"{passed} of {len(rans) + len(not_run)} scenarios pass.\n"
    for ran in rans:
        if not ran.passed:
            yield f"- **{ran.scenario.id}** does not pass: {ran.scenario.title}"
    yield from (f"- **not run**: {said}" for said in not_run)
    yield ""


UNNOTICED = """\
## Changes that no scenario can notice

`firstbell scenarios --mutate` changes each number, limit, span, time and list of the rules a little: some
scenario has to fail each time. These changes alone are let pass, each for a reason.
"""


def _unnoticed(explanations: Sequence[Explanation]) -> Iterator[str]:
    if not explanations:
        return
    yield UNNOTICED
    yield "| policy | rule | parameter | change | why it changes nothing |"
    yield "| --- | --- | --- | --- | --- |"
    for one in explanations:
        rule = "any" if one.rule == ANY else f"`{one.rule}`"
        change = " to ".join(filter(None, (one.was, one.now))) or "any"
        because = " ".join(one.because.split())
        yield f"| {one.policy or 'any'} | {rule} | `{one.parameter}` | {change} | {because} |"
    yield ""


def _policy(rulebook: Rulebook, clauses: Iterable[Covered], sections: Mapping[str, str]) -> Iterator[str]:
    version = (rulebook.policy or rulebook.law).versions[-1]
    yield f"## {version.title}\n"
    title = ""
    for one in clauses:
        section = sections.get(one.clause.id, "")
        if section != title:
            title = section
            yield f"**{title[:1].upper()}{title[1:]}**\n"
        yield from _clause(one, f"policy-{version.id}.md")


def _clause(one: Covered, page: str) -> Iterator[str]:
    yield f"### {one.clause.id}\n"
    yield f"{one.clause.says}\n"
    if one.clause.notice:
        yield f"*{one.clause.notice}*\n"
    if one.is_missing:
        yield "- **missing**: no scenario that passes meets a rule of this clause"
    if one.is_unmet:
        yield "- **carried out by nothing**"
    for met in one.runs:
        shown = ", ".join(met.scenarios) or "no scenario"
        kind = f"{met.rule.kind}, {met.rule.mode}"
        yield f"- *runs*: [{met.rule.id}]({page}#{_slug(met.rule.id)}) ({kind}): {shown}"
    for rule in one.keeps:
        facts = ", ".join(f"[{kind}](facts.md#{_slug(kind)})" for kind in getattr(rule.params, "facts", ()))
        figures = ", ".join(getattr(rule.params, "figures", ()))
        kept = "; ".join(filter(None, (facts, figures and f"figures: {figures}")))
        yield f"- *keeps*: `{rule.id}`: {kept}"
    for rule in one.shows:
        yield f"- *shows*: [{rule.id}]({page}#{_slug(rule.id)})"
    if one.tables:
        named = (f"[{table.replace('_', ' ')}]({_table_link(table)})" for table in one.tables)
        yield f"- *counts by*: {', '.join(named)}"
    yield ""


def _table_link(table: str) -> str:
    return "codes.md" if table == "code" else f"law.md#{table.replace('_', '-')}"


def _linked(key: str) -> str:
    return f"[{key}](#{_slug(key)})"


def _slug(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
