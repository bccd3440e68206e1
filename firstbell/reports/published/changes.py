"""What does one version of a policy ask that another did not, no longer, or otherwise? In words.

Rules are matched by their ids. A rule that was changed has one line, which names it and says each thing that
is otherwise, as "below 92%, not below 94%". What people meet first stands first: what is asked, by topic,
then people, letters, texts, clauses, and what is left to the school.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import msgspec

from firstbell.policy import AppliesTo, Rule, WrittenPolicy
from firstbell.policy.describing import parameters_of
from firstbell.policy.rule import Form, Mode
from firstbell.policy.vocabulary import LEAVE_TESTS, SETTLED_BY
from firstbell.reports.published.kinds import parts_of
from firstbell.reports.published.marked import plain
from firstbell.reports.published.rules import Topic, condition_in_words, is_for_reading, topic_of, whole_rule
from firstbell.reports.published.values import day_in_words, lowered, whom_in_words
from firstbell.reports.wording import listed
from firstbell.statute import Law, NoLaw, Statute

__all__ = ["SECTIONS", "Change", "Detail", "changes", "changes_of_rules"]

Sort = Literal["otherwise", "new", "gone"]
SECTIONS: Mapping[str, str] = {
    "otherwise": "Asked otherwise",
    "new": "Asked that was not",
    "gone": "No longer asked",
    "policy": "The policy itself",
    "role": "People",
    "letter": "Letters",
    "text": "Texts for reading",
    "clause": "Clauses",
    "setting": "What the school states",
    "kept": "What is kept and shown",
}
"""Under which heading a change stands, in their order."""


@dataclass(frozen=True)
class Detail:
    """One thing of a rule that is otherwise: which parameter or key, what it was and what it is, in words."""

    of: str
    was: str
    now: str


@dataclass(frozen=True)
class Change:
    """One line of a comparison: below which heading it stands, what it is about, and what it says.

    `key` is the id of the rule, clause or letter, or the name of the role or text; `topic` what a rule is
    about; `details` what of a rule is otherwise.
    """

    section: str
    sort: Sort
    key: str
    says: str
    topic: str = ""
    clauses: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()


def changes(old: WrittenPolicy, new: WrittenPolicy, statute: Statute) -> tuple[Change, ...]:
    """Everything that is otherwise in `new`, what matters most to people first; empty if nothing is.

    Two versions of one policy, or versions of two. What is left to the law is compared by its value on the
    first day of each.
    """
    found = [
        *changes_of_rules(_whole(old, statute), _whole(new, statute), old, new),
        *_of_policy(old, new),
        *_named("role", old.roles, new.roles, "role"),
        *_letters(old, new),
        *_texts(old, new),
        *_clauses(old, new),
        *_settings(old, new),
    ]
    order = list(SECTIONS)
    topics = [str(topic) for topic in Topic] + [""]
    return tuple(sorted(found, key=lambda one: (order.index(one.section), topics.index(one.topic))))


# --- rules -----------------------------------------------------------------------------------------------


def changes_of_rules(
    before: Mapping[str, Rule], after: Mapping[str, Rule], old: WrittenPolicy, new: WrittenPolicy
) -> Iterator[Change]:
    """What is otherwise of rules, each by its id; `old` and `new` have the titles of their letters."""
    for key, rule in after.items():
        if key not in before:
            yield _of_rule(rule, new, "new", str(topic_of(rule, after.values())))
        elif rule != before[key] and (details := list(_details(before[key], rule, old, new))):
            topic = str(topic_of(rule, after.values()))
            says = f"{_sentence(rule, new, [one for one, _ in details])}."
            section = "kept" if is_for_reading(rule) else "otherwise"
            told = tuple(detail for _, detail in details)
            yield Change(section, "otherwise", key, says, topic, rule.implements, told)
    for key, rule in before.items():
        if key not in after:
            yield _of_rule(rule, old, "gone", str(topic_of(rule, before.values())))


def _whole(version: WrittenPolicy, statute: Statute) -> dict[str, Rule]:
    law: Law | None
    try:
        law = statute.on(version.in_force_from_on)
    except NoLaw:
        law = None
    return {written.id: whole_rule(written, law) for written in version.rules}


def _of_rule(rule: Rule, version: WrittenPolicy, sort: Sort, topic: str) -> Change:
    """A rule that has come or gone, told as a whole."""
    noun, verb = _subject(rule, version)
    who = f" ({rule.who})" if rule.who else ""
    says = f"{noun}{f' {verb}' if verb else ''} {plain(condition_in_words(rule))}{who}."
    return Change("kept" if is_for_reading(rule) else sort, sort, rule.id, says, topic, rule.implements)


SUBJECTS: Mapping[Form, tuple[str, str]] = {
    Form.TASK: ("The task “{0}”", "is due"),
    Form.PROMPT: ("The question “{0}”", "is asked"),
    Form.LETTER: ("The letter “{0}”", "is written"),
    Form.MESSAGE: ("The message “{0}”", "is sent"),
    Form.ALERT: ("The alert “{0}”", "is given"),
    Form.LIST: ("The list “{0}”", "is made"),
    Form.AWARD: ("The award “{0}”", "is given"),
    Form.RETURN: ("The return “{0}”", "is made"),
}


def _subject(rule: Rule, version: WrittenPolicy) -> tuple[str, str]:
    """What a sentence about a rule is about, and its verb."""
    if rule.letter in version.letters and rule.form is Form.LETTER:
        title = version.letters[rule.letter].title
        return f"The letter “{title}”{f' ({rule.asks})' if rule.asks else ''}", "is written"
    if rule.kind in LEAVE_TESTS:
        return f"A request for leave ({rule.id})", "is held against it"
    if rule.kind == "content":
        return f"The text of “{rule.id}”", "is"
    if rule.kind == "record":
        return f"By “{rule.id}”", ""
    if not rule.asks:
        return f"The rule “{rule.id}” says:", ""
    noun, verb = SUBJECTS[rule.form]
    return noun.format(rule.asks), verb


def _sentence(rule: Rule, version: WrittenPolicy, says: Sequence[tuple[str, bool]]) -> str:
    """What is otherwise of a rule as one sentence: what begins its condition goes on from the verb."""
    noun, verb = _subject(rule, version)
    told = [text for text, _ in says]
    if says[0][1] and verb:
        return f"{noun} {verb} {'; '.join(told)}"
    return f"{noun.removesuffix(':').removesuffix(' says')}: {'; '.join(told)}"


Told = tuple[tuple[str, bool], Detail]
"""What is said of one thing, with whether it begins the rule's condition; and the thing itself."""


def _details(old: Rule, new: Rule, before: WrittenPolicy, after: WrittenPolicy) -> Iterator[Told]:
    if old.kind != new.kind:
        said = f"it is of the kind “{new.kind}”, not “{old.kind}”: {plain(condition_in_words(new))}"
        yield (said, False), Detail("kind", old.kind, new.kind)
    else:
        yield from _of_parameters(old, new)
    for key, words in KEYS.items():
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            told, shown = SAID[key], (words(was), words(now))
            if NONE in shown:
                # What was nothing, or is nothing now, has nothing to be set against.
                told = told.partition(", not")[0] + (
                    "" if shown[0] == NONE else f" any more (it was {shown[0]})"
                )
            yield (told.format(now=shown[1], was=shown[0]), False), Detail(key, *shown)
    yield from _letter(old, new, before, after)


def _of_parameters(old: Rule, new: Rule) -> Iterator[Told]:
    """Each part of the condition that is otherwise; a parameter that no part tells apart by its own name."""
    names = {one.encode_name: one.name for one in msgspec.structs.fields(type(new.params))}
    changed = [key for key, name in names.items() if getattr(old.params, name) != getattr(new.params, name)]
    parts = parts_of(new.params), parts_of(old.params)
    told: set[str] = set()
    for number, key in enumerate(changed):
        if key in told:
            continue
        now, was = (next((one for one in own if key in one.by), None) for own in parts)
        texts = plain(now.text) if now else "", plain(was.text) if was else ""
        if texts[0] == texts[1]:
            yield _by_name(new, old, key, names[key])
            continue
        told |= {*(now.by if now else ()), *(was.by if was else ())}
        begins = number == 0 and now is not None and now == parts[0][0]
        detail = Detail(key, _shown(getattr(old.params, names[key])), _shown(getattr(new.params, names[key])))
        yield (_instead(*texts), begins), detail


def _by_name(new: Rule, old: Rule, key: str, name: str) -> Told:
    says = next(one.says for one in parameters_of(type(new.params)) if one.name == key)
    was, now = _shown(getattr(old.params, name)), _shown(getattr(new.params, name))
    return (f"{lowered(says)}: {now}, not {was}", False), Detail(key, was, now)


JOINED = frozenset(
    {"below", "above", "from", "to", "at", "by", "than", "within", "for", "with", "in", "the", "on", "after"}
    | {"a", "over", "of"}
)
"""Words that are told again before what is otherwise, so that it is no bare number."""


def _instead(now: str, was: str) -> str:
    """A part as it is, and of what it was as much as is otherwise: "is below 92%, not below 94%"."""
    if not was:
        return f"now {now}"
    if not now:
        return f"no longer {was}"
    new, old = now.split(), was.split()
    first = 0
    while first < min(len(new), len(old)) and new[first] == old[first]:
        first += 1
    last = 0
    while last < min(len(new), len(old)) - first and new[-1 - last] == old[-1 - last]:
        last += 1
    if first + last in (len(old), len(new)):
        # Words were only put in, or left out: what stood round them is told, where anything did.
        if not first or not last:
            return f"{now} (it was: {was})"
        first, last = first - 1, last - 1
    while first and (old[first - 1].lstrip("“(") in JOINED or old[first - 1].isdigit()):
        first -= 1
    differing = " ".join(old[first : len(old) - last])
    return f"{now}, not {differing.rstrip(',')}"


def _shown(value: Any) -> str:
    """A value of a parameter, as a file has it or nearly so."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_shown(one)}" for key, one in value.items()) or "none"
    if hasattr(value, "isoformat"):
        return f"{value:%H:%M}" if hasattr(value, "hour") else str(value)
    return plain(str(value)) if value not in (None, "") else "none"


# --- what a rule says besides its parameters -------------------------------------------------------------

MODES = {
    Mode.AUTOMATIC: "the software by itself",
    Mode.PROMPT: "a person who is asked",
    Mode.RECORD: "a person who records it",
    Mode.CONTENT: "nobody: it is for reading",
}


NONE = "nothing"
"""What stands for a key that a rule does not have."""


def _text(value: Any) -> str:
    return f"“{value}”" if value else NONE


def _texts_of(value: Iterable[str]) -> str:
    own = list(value)
    return listed([f"“{one}”" for one in own]) if own else NONE


def _bare(value: tuple[str, ...]) -> str:
    return listed(value) if value else NONE


def _whom(value: AppliesTo) -> str:
    return plain(whom_in_words(value)) or "everybody"


def _settled(value: Iterable[str]) -> str:
    said = []
    for term in value:
        word, _, name = (one.strip() for one in term.partition(":"))
        says = SETTLED_BY[word].says if word in SETTLED_BY else word
        said.append(f"{says} ({name})" if name else says)
    return listed(said, "or") if said else NONE


KEYS: Mapping[str, Callable[[Any], str]] = {
    "applies_to": _whom,
    "who": lambda value: f"the {value}" if value else "nobody named",
    "mode": lambda value: MODES[value],
    "form": lambda value: f"{'an' if str(value)[0] in 'aeiou' else 'a'} {value}",
    "word": _text,
    "asks": _text,
    "offers": _texts_of,
    "suggests": _text,
    "after": _text,
    "tightens": _text,
    "settled_by": _settled,
    "implements": _bare,
    "notice": _text,
    "source": _text,
}
SAID: Mapping[str, str] = {
    "applies_to": "it is about {now}, not {was}",
    "who": "it falls to {now}, not {was}",
    "mode": "it is for {now}, not {was}",
    "form": "it is {now}, not {was}",
    "word": "the clause says {now}, not {was}",
    "asks": "it is called {now}, not {was}",
    "offers": "the answers are {now}, not {was}",
    "suggests": "the answer offered first is {now}, not {was}",
    "after": "it waits for {now}, not {was}",
    "tightens": "the rule of law that it stands for is {now}, not {was}",
    "settled_by": "what shows by itself that it was done is: {now}, not: {was}",
    "implements": "it carries out {now}, not {was}",
    "notice": "with it is said {now}, not {was}",
    "source": "its source is {now}, not {was}",
}
"""How it is said that one of these keys of a rule is otherwise."""


def _letter(old: Rule, new: Rule, before: WrittenPolicy, after: WrittenPolicy) -> Iterator[Told]:
    if old.letter == new.letter:
        return
    was, now = (
        f"“{version.letters[rule.letter].title}”" if rule.letter in version.letters else "none"
        for rule, version in ((old, before), (new, after))
    )
    yield (f"its letter is {now}, not {was}", False), Detail("letter", was, now)


# --- what stands beside the rules ------------------------------------------------------------------------


def _of_policy(old: WrittenPolicy, new: WrittenPolicy) -> Iterator[Change]:
    said = (
        ("title", "It is called", f"“{old.title}”", f"“{new.title}”"),
        ("adopted_on", "It was adopted on", _day(old.adopted_on), _day(new.adopted_on)),
        ("review_on", "It is reviewed on", _day(old.review_on), _day(new.review_on)),
    )
    for key, says, was, now in said:
        if was != now:
            told = (
                f"{now}, not {was}" if was and now else f"{now}; it named no day before" if now else UNNAMED
            )
            yield Change("policy", "otherwise", key, f"{says} {told}.")


UNNAMED = "no day that it names any more"


def _day(on: date | None) -> str:
    return day_in_words(on) if on else ""


def _named(section: str, old: Mapping[str, str], new: Mapping[str, str], noun: str) -> Iterator[Change]:
    for key, says in new.items():
        if key not in old:
            yield Change(section, "new", key, f"There is a {noun} “{key}”: {lowered(says).rstrip('.')}.")
        elif says != old[key]:
            told = (
                f"The {noun} “{key}”: {lowered(says).rstrip('.')}; it was: {lowered(old[key]).rstrip('.')}."
            )
            yield Change(section, "otherwise", key, told)
    for key in old:
        if key not in new:
            yield Change(section, "gone", key, f"There is no {noun} “{key}” any more.")


def _letters(old: WrittenPolicy, new: WrittenPolicy) -> Iterator[Change]:
    for key, letter in new.letters.items():
        if key not in old.letters:
            yield Change("letter", "new", key, f"There is a letter “{letter.title}”.")
            continue
        before = old.letters[key]
        said = [f"is called “{letter.title}” now"] if letter.title != before.title else []
        said += ["has another text"] if letter.template != before.template else []
        if said:
            yield Change("letter", "otherwise", key, f"The letter “{before.title}” {' and '.join(said)}.")
    for key, letter in old.letters.items():
        if key not in new.letters:
            yield Change("letter", "gone", key, f"There is no letter “{letter.title}” any more.")


def _texts(old: WrittenPolicy, new: WrittenPolicy) -> Iterator[Change]:
    for name, text in new.prose.items():
        if name not in old.prose:
            yield Change("text", "new", name, f"There is a text “{_title(text, name)}” ({name}).")
        elif text != old.prose[name]:
            yield Change("text", "otherwise", name, f"The text “{_title(text, name)}” ({name}) has changed.")
    for name, text in old.prose.items():
        if name not in new.prose:
            yield Change("text", "gone", name, f"There is no text “{_title(text, name)}” ({name}) any more.")


def _title(text: str, name: str) -> str:
    """The heading of a text; its name where it has none."""
    found = re.search(r"^#+\s+(.+?)\s*$", text, re.MULTILINE)
    return found[1] if found else name


def _clauses(old: WrittenPolicy, new: WrittenPolicy) -> Iterator[Change]:
    for key, clause in new.clauses.items():
        before = old.clauses.get(key)
        if before is None:
            yield Change("clause", "new", key, f"Clause {key} is new: {clause.says}")
            continue
        if clause.says != before.says:
            says = f"Clause {key} says: {clause.says} It said: {before.says}"
            yield Change("clause", "otherwise", key, says)
        if clause.notice != before.notice:
            note = f"has the note: {clause.notice}" if clause.notice else "has no note any more."
            yield Change("clause", "otherwise", key, f"Clause {key} {note}")
        if (clause.cites, clause.states) != (before.cites, before.states):
            says = f"Of clause {key} something else is written down about what it cites or states."
            yield Change("clause", "otherwise", key, says)
    for key in old.clauses:
        if key not in new.clauses:
            yield Change("clause", "gone", key, f"Clause {key} is gone.")


def _settings(old: WrittenPolicy, new: WrittenPolicy) -> Iterator[Change]:
    before, after = _left_open(old), _left_open(new)
    for (rule, name), says in after.items():
        if (rule, name) not in before:
            key = f"{rule}.{name}"
            yield Change("setting", "new", key, f"The school has to state, for “{rule}”: {lowered(says)}.")
    for (rule, name), says in before.items():
        if (rule, name) not in after:
            key = f"{rule}.{name}"
            yield Change(
                "setting", "gone", key, f"The school no longer states, for “{rule}”: {lowered(says)}."
            )


def _left_open(version: WrittenPolicy) -> dict[tuple[str, str], str]:
    return {
        (rule.id, one.name): one.says
        for rule in version.rules
        for one in parameters_of(rule.kind)
        if one.name in rule.by_school
    }
