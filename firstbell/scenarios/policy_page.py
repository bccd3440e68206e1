"""A policy for whoever writes scenarios: every rule with what it asks for, of whom, when, under which clause.

Made from the policy's own files, with the law merged in and the values of its example school.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property

import msgspec

from firstbell.duties.due import LOOKING
from firstbell.policy import AppliesTo, Clause, Rule, Rulebook, WrittenPolicy, WrittenRule
from firstbell.policy.describing import about_in_words, lowered, parameters_of
from firstbell.policy.rule import Form
from firstbell.policy.vocabulary import LEAVE_TESTS, SETTLED_BY, YEAR_GROUPS
from firstbell.scenarios.reasons import names_of
from firstbell.sessions import day_and_year

__all__ = ["is_still", "policy_page"]

NURSERY = ("N", "N1", "N2")
HOW_TO_READ = """\
In a scenario a duty is named by what the rule asks for, word for word, or by the id of the rule. `who` is
the role, `as` the form, `because` any of the names that are given. *About* says whether a line names a
`pupil`, a `parent` as well, a `group` or nobody ([who is named](scenarios.md#whom-a-line-is-about)),
*stays* how long a duty is open that nobody does. What each kind of rule means is said in [the policy
language](policy-language.md), how scenarios are written in [scenarios](scenarios.md).
"""
LEFT_OPEN = """\
The policy leaves these to each school. Scenarios take the values of the example school unless they lay their
own over them, below `[settings.ID-OF-RULE]`.
"""
BECAUSE = """\
By kind of rule, the names that `because` may give, with what each says. Numbers are whole numbers, a day is
written as days are, percentages are texts. A scenario may leave out any. The names that a test of a request
for leave gives are there only where that test advises.
"""
BESIDES = """\
These hold as well, whatever the policy says, and are described in [the rules of law](policy-law.md). Where a
rule of the policy stands for one of law, only the policy's asks.
"""


def policy_page(rulebook: Rulebook, sections: Mapping[str, str]) -> str:
    """The page in Markdown: of the rulebook's policy or, without one, of the law.

    `sections` has the title of the section that a rule stands in, by its id. The newest version comes first.
    """
    files = rulebook.policy or rulebook.law
    parts: list[str] = []
    for version in reversed(files.versions):
        parts += _Page(rulebook, version, sections).lines()
    return "\n".join(parts)


@dataclass(frozen=True, eq=False)
class _Page:
    """One version of a policy, as it is on the first day on which it is in force."""

    rulebook: Rulebook
    version: WrittenPolicy
    sections: Mapping[str, str] = field(repr=False)

    @cached_property
    def day(self) -> date:
        return self.version.in_force_from_on

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The version's own rules, in the order of its file, merged with the law's."""
        own = {rule.id for rule in self.version.rules}
        return {rule.id: rule for rule in self.rulebook.on(self.day) if rule.id in own}

    def lines(self) -> Iterator[str]:
        """The page's lines."""
        version = self.version
        yield f"# {version.title}\n"
        adopted = f" It was adopted on {day_and_year(version.adopted_on)}." if version.adopted_on else ""
        if not version.is_law:
            yield f'In scenarios: `policy = "{version.id}"`.\n'
        yield f"In force from {day_and_year(self.day)}.{adopted}\n\n{HOW_TO_READ}"
        yield from self._contents()
        yield "## Roles\n"
        yield from _table(
            ("role", "who that is"), ((f"`{role}`", says) for role, says in version.roles.items())
        )
        if version.letters:
            yield "## Letters\n"
            rows = ((f"`{one.id}`", one.title) for one in version.letters.values())
            yield from _table(("letter", "title"), rows)
        yield from self._left_open()
        yield from self._in_sections("Rules", [one for one in self.rules.values() if not is_still(one)])
        yield from self._content()
        yield from self._records()
        yield from self._reasons()
        if not version.is_law:
            yield from self._law()

    def _contents(self) -> Iterator[str]:
        yield "- [Roles](#roles)"
        titles = dict.fromkeys(
            self.sections.get(one.id, "other") for one in self.rules.values() if not is_still(one)
        )
        yield "- [Rules](#rules)"
        for title in titles:
            yield f"  - [{_capital(title)}](#{_slug(f'rules {title}')})"
        kinds = {rule.kind for rule in self.rules.values()}
        for kind, title in (("content", "For reading"), ("record", "What the school keeps")):
            if kind in kinds:
                yield f"- [{title}](#{_slug(title)})"
        yield "- [What because can name](#what-because-can-name)"
        if not self.version.is_law:
            yield "- [The law besides](#the-law-besides)"
        yield ""

    def _in_sections(self, title: str, rules: Iterable[Rule]) -> Iterator[str]:
        yield f"## {title}\n"
        by_section: dict[str, list[Rule]] = {}
        for rule in rules:
            by_section.setdefault(self.sections.get(rule.id, "other"), []).append(rule)
        for section, own in by_section.items():
            yield f"### Rules: {section}\n"
            for rule in own:
                yield from self._rule(rule)

    # --- one rule ----------------------------------------------------------------------------------------

    def _rule(self, rule: Rule) -> Iterator[str]:
        written = self._written(rule.id)
        yield f"#### {rule.id}\n"
        yield f"{_asking(rule)}\n"
        what = " ".join((inspect.getdoc(written.kind) or "").partition("\n\n")[0].split())
        yield f"- *kind*: [{rule.kind}](policy-language.md#{_slug(rule.kind)}). {what}"
        yield f"- *mode*: {rule.mode}"
        if rule.word:
            yield f"- *the clause's word*: {rule.word}"
        yield f"- *whom*: {_whom(rule.applies_to)}"
        if rule.params.is_about:
            yield f"- *about*: {about_in_words(rule.params.is_about)}"
            yield f"- *stays*: {lowered(rule.params.stays)}"
        yield from self._parameters(rule, written)
        yield from self._more(rule)
        for key in rule.implements:
            yield from _clause(self.rulebook.clause(key))
        if (names := names_of(rule.kind)) and not getattr(rule.params, "at_once", False):
            listed = ", ".join(f"`{name}`" for name in names)
            yield f"- *because* can name [these](#{_slug(f'because {rule.kind}')}): {listed}"
        yield ""

    def _more(self, rule: Rule) -> Iterator[str]:
        if rule.offers:
            yield f"- *answers offered*: {', '.join(f'`{one}`' for one in rule.offers)}"
        if rule.letter:
            yield f"- *letter*: `{rule.letter}`, {self.version.letters[rule.letter].title}"
        if rule.after:
            yield f"- *after*: [{rule.after}](#{_slug(rule.after)}) has been done"
        for term in rule.settled_by:
            yield f"- *done by itself when*: {_settled(term)}"
        if rule.tightens:
            link = f"[{rule.tightens}](policy-law.md#{_slug(rule.tightens)})"
            yield f"- *stands for or beside the rule of law* {link}"
        for stricter in rule.stricter:
            yield f"- *the stricter of the two*: {stricter}"
        if rule.notice:
            yield f"- *to be said with it*: {rule.notice}"
        if rule.source:
            yield f"- *source*: {rule.source}"

    def _parameters(self, rule: Rule, written: WrittenRule) -> Iterator[str]:
        fields = {one.encode_name: one.name for one in msgspec.structs.fields(written.kind)}
        for one in parameters_of(written.kind):
            value = getattr(rule.params, fields[one.name])
            stated = one.name in written.stated or one.name in written.by_school or one.name in written.by_law
            if value in (None, "", (), {}) or (not stated and value is False):
                continue
            shown = f"**{_value(value)}**"
            if one.name in written.by_school:
                shown = f"the school states it; example school: {shown}"
            elif one.name in written.by_law:
                shown = f"what the statute says on the day: {self._by_law(written, one.name)}"
            yield f"- `{one.name}`: {one.says}: {shown}"

    def _by_law(self, written: WrittenRule, name: str) -> str:
        """The statute's values for a parameter, each with the day from which it holds."""
        statute = self.rulebook.statute
        days = sorted({self.day, *(one.from_on for one in statute.values if one.from_on > self.day)})
        said: list[tuple[date, str]] = []
        for day in days:
            value = (written.of_law(statute.on(day)) or {}).get(name)
            shown = _value(value) if value is not None else "nothing"
            if not said or said[-1][1] != shown:
                said.append((day, shown))
        return ", then ".join(f"**{shown}** from {day_and_year(day)}" for day, shown in said)

    def _written(self, key: str) -> WrittenRule:
        found = self.version.find(key)
        assert found is not None
        return found

    # --- what is left open, read, kept -------------------------------------------------------------------

    def _left_open(self) -> Iterator[str]:
        rows = []
        for rule in self.rules.values():
            written = self._written(rule.id)
            fields = {one.encode_name: one.name for one in msgspec.structs.fields(written.kind)}
            for one in parameters_of(written.kind):
                if one.name in written.by_school:
                    value = _value(getattr(rule.params, fields[one.name]))
                    link = f"[{rule.id}](#{_slug(rule.id)})"
                    rows.append((link, f"`{one.name}`", f"{one.says}.", f"{_capital(one.form)}.", value))
        if rows:
            yield f"## What each school states\n\n{LEFT_OPEN}"
            yield from _table(("rule", "parameter", "what it says", "form", "example school"), rows)

    def _content(self) -> Iterator[str]:
        rules = [one for one in self.rules.values() if one.kind == "content"]
        if rules:
            yield "## For reading\n\nTexts that the policy shows to people. Nothing is due by them.\n"
        for rule in rules:
            yield f"### {rule.id}\n"
            shown_to = ", ".join(getattr(rule.params, "shown_to", ())) or "everybody"
            yield f"Shown to {shown_to}. Clauses {_clauses(rule.implements)}.\n"
            text = self.version.prose.get(getattr(rule.params, "prose", ""), "")
            yield "\n".join(f"> {line}".rstrip() for line in _lower(text.strip()).splitlines()) + "\n"

    def _records(self) -> Iterator[str]:
        rules = [one for one in self.rules.values() if one.kind == "record"]
        if rules:
            yield "## What the school keeps\n"
            yield "Kept as [facts](facts.md), shown by figures. Nothing is due by it.\n"
            yield from _table(("rule", "clauses", "who", "facts", "figures"), map(_record, rules))

    def _reasons(self) -> Iterator[str]:
        yield f"## What because can name\n\n{BECAUSE}"
        for kind in dict.fromkeys(rule.kind for rule in self.rules.values()):
            if names := names_of(kind):
                yield f"### Because: {kind}\n"
                yield from _table(
                    ("name", "what it is"), ((f"`{name}`", f"{says}.") for name, says in names.items())
                )

    def _law(self) -> Iterator[str]:
        yield f"## The law besides\n\n{BESIDES}"
        of_law = [rule for rule in self.rulebook.on(self.day) if rule.is_law]
        rows = (
            (
                f"[{rule.id}](policy-law.md#{_slug(rule.id)})",
                f"`{rule.asks}`" if rule.asks else "",
                rule.who,
                _whom(rule.applies_to),
            )
            for rule in of_law
        )
        yield from _table(("rule of law", "asks for", "of whom", "about"), rows)


def is_still(rule: Rule) -> bool:
    """Whether a rule only shows a text or says what is kept: nothing ever comes of it."""
    return rule.kind in ("content", "record")


def _asking(rule: Rule) -> str:
    """What a rule asks for, in which form, of whom."""
    if rule.kind in LEAVE_TESTS:
        return (
            "Advises the decision on a request for leave, and asks for nothing of its own. What it found "
            "stands in `because` of the [leave decision](#because-leave-decision), its id in `advised_by`."
        )
    if rule.kind not in LOOKING:
        return "Refuses what is not allowed, and asks for nothing of its own."
    if getattr(rule.params, "at_once", False):
        return f"The code is entered at once; nobody is asked. The rule is called `{rule.asks or rule.id}`."
    form = f"an {rule.form}" if rule.form in (Form.ALERT, Form.AWARD) else f"a {rule.form}"
    who = f", of the {rule.who}" if rule.who else ""
    return f"Asks for `{rule.asks or rule.id}`: {form}{who}."


def _whom(applies: AppliesTo) -> str:
    said = []
    if applies.year_groups:
        said.append(f"pupils in {_years(applies.year_groups)}")
    if applies.of_age is not None:
        said.append(f"{'' if applies.of_age else 'not '}of compulsory school age")
    if applies.flags:
        said.append(f"with one of these flags: {', '.join(sorted(applies.flags))}")
    if applies.without_flags:
        said.append(f"with none of these flags: {', '.join(sorted(applies.without_flags))}")
    if applies.half_terms:
        said.append(
            f"only in half terms {', '.join(map(str, sorted(applies.half_terms)))} of the school year"
        )
    if applies.without_year_groups:
        said.append(f"but for {_years(applies.without_year_groups)}, where the policy's own rule asks")
    return "; ".join(said) or "everybody"


def _years(groups: Iterable[str]) -> str:
    own = {*groups}
    named = ["nursery"] if {*NURSERY} <= own else [_year(group) for group in NURSERY if group in own]
    return ", ".join([*named, *(_year(group) for group in YEAR_GROUPS if group in own - {*NURSERY})])


def _year(group: str) -> str:
    return "Reception" if group == "R" else f"Year {group}"


def _settled(term: str) -> str:
    word, _, name = (one.strip() for one in term.partition(":"))
    return f"{SETTLED_BY[word].says}{f': *{name}*' if name else ''}"


def _clause(clause: Clause) -> Iterator[str]:
    yield f"- *clause {_linked(clause.id)}*: {clause.says}"
    if clause.notice:
        yield f"  - *note*: {clause.notice}"


def _clauses(keys: Iterable[str]) -> str:
    return ", ".join(map(_linked, keys))


def _linked(key: str) -> str:
    return f"[{key}](coverage.md#{_slug(key)})"


def _record(rule: Rule) -> tuple[str, ...]:
    facts = ", ".join(f"[{one}](facts.md#{_slug(one)})" for one in getattr(rule.params, "facts", ()))
    figures = ", ".join(getattr(rule.params, "figures", ()))
    word = f" ({rule.word})" if rule.word else ""
    return (f"`{rule.id}`{word}", _clauses(rule.implements), rule.who, facts, figures)


def _value(value: object) -> str:
    """A value of a parameter in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_value(one)}" for name, one in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(map(_value, value))
    return str(value)


def _lower(text: str) -> str:
    """Markdown whose headings stand below those of the page."""
    return re.sub(r"^#", "####", text, flags=re.MULTILINE)


def _slug(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(headings: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield _row(headings)
    yield _row("---" for _ in headings)
    yield from map(_row, rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
