"""What may a policy say, in words for whoever writes one? Parameters of each kind, and the reference page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from functools import cache
from textwrap import fill
from typing import get_args

import msgspec

from firstbell.policy.parameters import KINDS, PUPIL_FIGURES, Family, Params
from firstbell.policy.rule import Form, Mode
from firstbell.policy.statements import STATED
from firstbell.policy.terms import Limit, Over, Span, Unit
from firstbell.policy.vocabulary import (
    ALWAYS_GIVEN,
    APPLIES_TO,
    LEAVE_TESTS,
    POLICY_KEYS,
    RULE_KEYS,
    SETTLED_BY,
)

__all__ = ["Parameter", "about_in_words", "language_page", "lowered", "parameters_of"]

TIME = 'a time in quotes, as "09:30"'
TERMS: dict[type, str] = {
    Limit: 'a limit, as "below 96%", "at most 90%", "at least 50%" or "above 95%"',
    Span: 'a number and its unit, as "5 school days", "14 days", "3 weeks" or "12 months"',
}


@dataclass(frozen=True)
class Parameter:
    """A parameter for people: its name, what it says, what may stand there, and what it is if left out.

    `default` is None where it cannot be left out.
    """

    name: str
    says: str
    form: str
    default: str | None

    @property
    def is_time(self) -> bool:
        """Whether it is a time of the day."""
        return self.form == TIME


@cache
def parameters_of(kind: type[Params]) -> tuple[Parameter, ...]:
    """The parameters of a kind, in their order."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return tuple(
        Parameter(one.encode_name, _says(one.type), _form(one.type), None if one.required else _default(one))
        for one in info.fields
    )


def _says(info: msgspec.inspect.Type) -> str:
    if isinstance(info, msgspec.inspect.Metadata):
        return str((info.extra_json_schema or {}).get("description", ""))
    return ""


def _default(field: msgspec.inspect.Field) -> str:
    value = field.default
    if value is msgspec.NODEFAULT or value in (None, "", ()):
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(f'"{one}"' for one in value) if isinstance(value, tuple) else _quoted(value)


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str | time) else str(value)


def _form(info: msgspec.inspect.Type) -> str:
    """What may stand in a parameter, in words."""
    inspect = msgspec.inspect
    match info:
        case inspect.Metadata():
            return _form(info.type)
        case inspect.LiteralType():
            return "one of " + ", ".join(_quoted(value) for value in info.values if value)
        case inspect.UnionType():
            forms = (_form(one) for one in info.types if not isinstance(one, inspect.NoneType))
            return " or ".join(dict.fromkeys(forms))
        case inspect.VarTupleType(item_type=inspect.TupleType()):
            return "a list of pairs of days, as [[2026-05-11, 2026-05-14]]"
        case inspect.VarTupleType():
            return "a list of texts in quotes" if isinstance(info.item_type, inspect.StrType) else "a list"
        case inspect.DictType():
            return f"a table of names, each with {_form(info.value_type)}"
        case inspect.CustomType():
            return TERMS[info.cls]
        case _:
            return next(words for simple, words in SIMPLE if isinstance(info, simple))


SIMPLE: tuple[tuple[type, str], ...] = (
    (msgspec.inspect.BoolType, "true or false"),
    (msgspec.inspect.IntType, "a whole number"),
    (msgspec.inspect.TimeType, TIME),
    (msgspec.inspect.StrType, "a text in quotes"),
)


# --- the reference page ----------------------------------------------------------------------------------

HEAD = """\
# The policy language

A policy is data: what a school has promised, in rules that Firstbell can follow. It is written in
[TOML](https://toml.io). There are no expressions, no "or" and no nesting: two conditions are two rules. To
write one, start with [Write a policy](../how-to/write-a-policy.md).

## Files

A policy stands in a folder with its id as its name. Each version of it is a folder below that, named after
the first day on which it is in force. It lasts until the day before the next.

```
primary-rewards/
    2024-10-01/
        policy.toml         roles, letters, rules
        clauses.toml        what the clauses of the document say
        letters/first.typ   a template for each letter, for Typst
        prose/why.md        texts for reading
    example-school.toml     settings of an invented school
```

`policy.toml` has
"""
CLAUSES = """\
`clauses.toml` has one table, `[clauses]`: the id of each clause in the document, and what it says in our own
words. With `{ says = "...", notice = "..." }` something is added that must be said with it, such as that it
cites law that is gone. Beside these a clause may have what checks can hold against the law:

- `states`: a word of a closed list on a matter, below, where the clause states it. The rules carry out what
  the law allows; this says what the clause itself says.
- `cites`: the instruments that it cites, as "SI 2024/208".
- `codes`: the list of codes that it gives as those of the register.
- `counted_by`: the tables of the statute that say the same by days.

`findings.toml`, if it is there, lists the faults of the document by their numbers, each below `[[finding]]`:
`number`, `clauses`, and either `computed`, the name of the check that finds it, or `text` and `default`, what
a reader found and what is taken instead.

{stated}


A school's `school.toml` has `policy`, the id of the policy; `name`, its own; `[roles]`, who holds a role;
`[school]` with its `address`, `phone`, `email` and `logo` for letters; and below `[rules.<rule id>]` a value
for each parameter that the policy leaves open.

## A rule

```toml
[[rule]]
id         = "third-day"
kind       = "day of absence"
implements = ["4.3"]
who        = "office"
mode       = "automatic"
word       = "will"
asks       = "welfare call"
applies_to = { year_groups = ["R", "1", "2"] }
settled_by = ["contact"]
params     = { day = 3, of = "any absence" }
```
"""
OPEN = """\
### What a policy leaves open

A parameter that is written `"school"` is for each school to state in its `school.toml`. Until it has, nothing
of the policy is used; the message says what is missing and where to write it. In rules of law a parameter is
written `"law"` where the statute's value of the day is meant.

## Modes

| mode | who acts |
| --- | --- |
"""
MODES = {
    Mode.AUTOMATIC: "The software: it drafts, lists or reminds. What goes to a family is seen by a person",
    Mode.PROMPT: "A person, whom it asks: the duty is done when they have decided",
    Mode.RECORD: "A person, who records what the clause promises. Only for kinds of which no duty arises",
    Mode.CONTENT: "Nobody: it is for reading. Only for kinds of which no duty arises",
}
FORMS = {
    Form.TASK: "something to be done",
    Form.PROMPT: "a question to be decided",
    Form.LETTER: "a letter to be sent",
    Form.MESSAGE: "a message to be sent",
    Form.ALERT: "something to be seen",
    Form.LIST: "a list to be worked through",
    Form.AWARD: "a reward to be given",
    Form.RETURN: "a return to be made to an authority",
}
STAYS = """\
What nobody does stays open for as long as its kind says under *stays*, and has then lapsed. Whom it is about
is said there under *about*: it stands with that pupil, that parent of the pupil, that class, or with the
school.
"""
TERMS_TEXT = """\
## Limits, spans and periods

A **limit** is a comparison and a percentage: `"below 96%"`, `"at most 90%"`, `"above 95%"`, `"at least 50%"`.
It is compared exactly: 949 of 1000 shows as 94.9% and is below 95%. "Falls to 90%" and "90% or below" are
`at most`.

A **span** is a whole number and a unit:
{units}. Days are plain days, school days
pass over weekends and holidays. The day of the event is day 0, so that the fifth school day after a Friday is
the Friday after.

A **period**, where something is counted or awarded, is one of the calendar's:
{periods}.

A **time** stands in quotes, as `"09:30"`.
"""
MERGING = """\
## With the law

The rules of law are a policy of the same form, the id of which is `law`. They are always in force, whatever a
school's policy says.

A rule that names a rule of law in `tightens` is merged with it. Of each parameter of which one direction is
stricter the stricter value is taken, the law's or the policy's; codes of either are counted. Other parameters
are the policy's. The merged rule keeps the policy's id and carries out the clauses of both. Where the law's
value was taken the rule says so and names both sources, and whoever checks the policy is warned.

The law's own rule is then left out, so that nothing is asked twice, if the merged rule stands for it: it asks
in the same form, it asks the same role, and it is about everybody whom the law is about. Another role will do
where the law's is none of the policy's, or where whatever is in the law's `settled_by` is in its own as well,
so that doing the one does the other. Where it is about some year groups only, or about one of the two
registers, the law's rule is left for the others. A rule about another sort of absence, or with another
comparison, stands beside the law's.

| kind | parameter | stricter is |
| --- | --- | --- |
"""
STRICTER = {
    "lower": "the lower value",
    "higher": "the higher value",
    "more": "what either counts",
    "earlier": "the earlier time",
}
LETTERS = """\
## Letters

A template takes values as `letter.name`. One that may be missing is written `letter.at("name", default:
none)`. Every letter has

{always}.

Others depend on the kind of the rule. Most have *the figures of a pupil*, which are

{figures}.

A template that uses a value which its rule does not give is refused. Where there is one, letters of pupils
have `target` as well, what the school aims for, and `strip_key`, what the marks of `strip` mean: both may be
missing.

## Kinds
"""
FAMILIES: dict[Family, str] = {
    "register": "The register",
    "run": "A run of absence",
    "figure": "A figure",
    "fact": "A fact",
    "time": "Time since a fact",
    "calendar": "The calendar",
    "nothing": "For reading",
}


def language_page() -> str:
    """The reference of what a policy may say: keys, words and every kind with its parameters."""
    parts = [
        HEAD,
        *_table(("key", "what it is"), ((f"`{key}`", f"{says}.") for key, says in POLICY_KEYS.items())),
        CLAUSES.replace("{stated}", "\n".join(_stated()).rstrip()),
        *_table(("key", "what it says"), ((f"`{key}`", f"{says}.") for key, says in RULE_KEYS.items())),
        OPEN.rstrip(),
        *(_row((f"`{mode}`", f"{says}.")) for mode, says in MODES.items()),
        "\n## Forms\n",
        *_table(("form", "what a duty is"), ((f"`{form}`", f"{says}.") for form, says in FORMS.items())),
        "## Whom a rule is about\n\nAll that stands in `applies_to` must hold; in a list any one does.\n",
        *_table(("key", "whom"), ((f"`{key}`", f"{says}.") for key, says in APPLIES_TO.items())),
        "## What settles a duty\n\nA fact that shows by itself that a duty was done, in `settled_by`.\n",
        *_table(("term", "when", "names"), _settling()),
        STAYS,
        TERMS_TEXT.format(units=_listed(Unit), periods=_listed(get_args(Over))),
        MERGING.rstrip(),
        *(
            _row((kind.kind, f"`{name}`", STRICTER[way]))
            for kind in KINDS.values()
            for name, way in kind.stricter.items()
        ),
        "",
        LETTERS.format(always=_listed(ALWAYS_GIVEN), figures=_listed(PUPIL_FIGURES)),
        *(f"- [{kind}](#{kind.replace(' ', '-')})" for kind in KINDS),
        "",
    ]
    for family, title in FAMILIES.items():
        parts.append(f"### {title}\n")
        for kind in KINDS.values():
            if kind.family == family:
                parts += _kind(kind)
    return "\n".join(parts).rstrip() + "\n"


def _stated() -> Iterator[str]:
    """What a clause can state, with its words."""
    rows = (
        (f"`{key}`", matter.matter, "; ".join(f"`{word}`: {says}" for word, says in matter.values.items()))
        for key, matter in STATED.items()
    )
    yield from _table(("`states`", "on what", "words"), rows)


def _listed(names: Iterable[str]) -> str:
    """Names as code, in lines that are not too long."""
    return fill(", ".join(f"`{one}`" for one in names), 110, break_on_hyphens=False)


def _settling() -> Iterator[tuple[str, str, str]]:
    for word, settling in SETTLED_BY.items():
        if settling.names is None:
            yield f"`{word}`", f"{settling.says}.", ""
            continue
        term = f"`{word}: ...`" if settling.needs_name else f"`{word}` or `{word}: ...`"
        yield term, f"{settling.says}.", f"{', '.join(settling.names) or 'your own'}."


def _kind(kind: type[Params]) -> Iterator[str]:
    yield f"#### {kind.kind}\n"
    yield f"{inspect.getdoc(kind)}\n"
    if kind.kind in LEAVE_TESTS:
        yield "- *asks* for nothing of its own: it advises the decision on the request."
    elif kind.family != "nothing":
        yield f"- *form*: {kind.form}, unless the rule says otherwise."
        yield f"- *letters* can say: {_given(kind)}."
        yield f"- *about*: {about_in_words(kind.about_whom)}."
        yield f"- *stays*: {lowered(kind.stays)}"
    yield ""
    own = parameters_of(kind)
    if own:
        rows = ((f"`{one.name}`", f"{one.says}.", f"{one.form}.", one.default or "needed") for one in own)
        yield from _table(("parameter", "what it says", "form", "if left out"), rows)


def about_in_words(about: str) -> str:
    """Whom a duty is about, with articles: "the pupil and a parent"."""
    return re.sub(
        r"\bparent\b", "a parent", re.sub(r"\b(pupil|class|school|member of staff)\b", r"the \1", about)
    )


def lowered(sentence: str) -> str:
    """A sentence as it goes on after a colon."""
    return sentence[:1].lower() + sentence[1:]


def _given(kind: type[Params]) -> str:
    of_pupils = {*PUPIL_FIGURES} <= {*kind.gives}
    others = [f"`{name}`" for name in kind.gives if not of_pupils or name not in PUPIL_FIGURES]
    return ", ".join([*(["the figures of a pupil"] if of_pupils else []), *others]) or "what every letter can"


def _table(headings: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield _row(headings)
    yield _row("---" for _ in headings)
    yield from map(_row, rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
