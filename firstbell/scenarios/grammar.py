"""The page of the reference on scenarios: how a school writes down what must be so.

The prose stands here; every table of keys is made from the classes of `format`, so that the page cannot say
anything else than what is read. What forms, figures and actions there are is handed in by whoever runs them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping

from firstbell.duties.refusals import REFUSALS
from firstbell.duties.settling import STAYS_AFTER_LEAVING
from firstbell.policy.parameters import KINDS
from firstbell.scenarios.format import (
    FORMS,
    STATES,
    VERBS,
    AmendmentLine,
    FactLine,
    GroupLine,
    PupilLine,
    RegisterLine,
    ScenarioFile,
    Table,
    ThenLine,
    keys_of,
)

__all__ = ["scenarios_page"]

HEAD = """\
# Scenarios

A scenario is a worked case: these pupils, these marks, these facts, and then what must be so. It is due, or
not due; it may be done, or not; this code is suggested, that figure comes out. A school writes scenarios to
see whether a policy says what it means. Whoever changes a policy or the program runs them again.

A scenario is a text file in [TOML](https://toml.io). Pupils have short names such as `P8`, never real ones.

```toml
id       = "welfare-check-on-day-4"
title    = "No news for four days: a welfare check; after ten, a referral"
policy   = "primary-rewards"
calendar = "example"
on       = 2025-09-19

[[pupils]]
ref        = "P8"
year_group = "2"
marks      = ["2025-09-08..2025-09-19 N N"]

[[facts]]
kind  = "visit made"
pupil = "P8"
at    = 2025-09-11T10:00:00
by    = "family worker"
data  = { outcome = "nobody in" }

[[then]]
on      = 2025-09-10
pupil   = "P8"
not_due = "welfare check"

[[then]]
on      = 2025-09-11
pupil   = "P8"
due     = "welfare check"
as      = "task"
by      = 2025-09-11
because = { day = 4 }

[[then]]
pupil = "P8"
due   = "refer to the local authority: possibly missing education"
says  = "The tenth school day is 19 September."
```

What is not said is not so: no other facts, no other pupils, and every session that is not named is present.
`then` says only what it says. That nothing else is due needs a line of its own (`nothing_due`).

A file with a fault is refused whole, with every fault at once, each with its line and what to do about it.
Nothing is guessed: a key that there is not, a code that was none on the day, a name that nobody has.

## Contents

- [Files and folders](#files-and-folders)
- [The head of the file](#the-head-of-the-file)
- [Calendars](#calendars)
- [Pupils](#pupils)
- [Classes](#classes)
- [Registers](#registers)
- [Facts](#facts)
- [What must be so](#what-must-be-so)
- [Writing TOML](#writing-toml)

## Files and folders

One file is one scenario. A folder may hold many, in folders of their own as well: every file in it whose
name ends in `.toml` is one, but for those in folders called `calendars` and those beside a `policy.toml`.
No two scenarios of a folder have the same `id`.

A path in a scenario (to a policy, to a calendar) is seen from the folder of its file.
"""
HEAD_OF_FILE = """\
## The head of the file

These stand at the top, before the first line in brackets.
"""
SETTINGS = """\
A policy leaves some numbers to each school. Scenarios take those of the policy's example school, and a
scenario may lay its own over them. A table for each rule, by its id:

```toml
[settings.persistent-lateness]
reaches = 4

[settings.leave-transition]
year_groups = ["6", "9"]
```

Which rules and parameters these are, with their form, [the policy's page](policy-primary-rewards.md) says
under *What each school states*. Any other parameter of a rule can be set in the same way, to see what
another policy would ask.
"""
CALENDARS = """\
## Calendars

`calendar = "example"` is the file `calendars/example.toml` beside the scenario or, if it is not there, in
the nearest folder above that has it. What ends in `.toml` or has a `/` is a path. How a calendar is written
is said in [Write a school's calendar](../how-to/write-a-calendar.md). It holds at least the school year of
`on`. Windows of some school weeks reach back into the year before, and what is due in July may be due in
September: add those half terms where a scenario comes near them. The examples on this page have this one:

```toml
school = "Example"

[[year]]
name = "2025/26"

[[year.term]]
name       = "Autumn"
half_terms = [{ starts = 2025-09-02, ends = 2025-10-24 }, { starts = 2025-11-03, ends = 2025-12-19 }]

[[year.term]]
name       = "Spring"
half_terms = [{ starts = 2026-01-06, ends = 2026-02-13 }, { starts = 2026-02-23, ends = 2026-03-27 }]

[[year.term]]
name       = "Summer"
half_terms = [{ starts = 2026-04-14, ends = 2026-05-22 }, { starts = 2026-06-02, ends = 2026-07-17 }]
```

Registers open and close when the policy and its settings say.
"""
PUPILS = """\
## Pupils

Each `[[pupils]]` is a pupil, or several who are alike.
"""
MARKS = """\
### Marks

A pupil is present at every session from the first day (`starts_on`, or `marked_from`) to `on`, but for what
`marks` and `blank` say. A line of `marks` has three parts with spaces between them: a day, or a first and a
last day with two dots; the morning; the afternoon. `-` leaves a session as it is. Days from one to another
are school days only, those of the pupil's year group. The codes are those of [the law of the
day](codes.md).

```toml
marks = ["2025-09-08..2025-09-19 N N", "2025-10-01 I -"]
blank = ["2025-09-22 PM", "2025-09-24", "2025-09-29..2025-09-30"]
```

In the week from 22 September nobody marked Monday afternoon and all of Wednesday. No session is named
twice. A mark becomes known when the register of its session closes, as if it had been right from the start:
for a reason that the school learnt later, write the first mark here and an amendment. So too for whoever came
in while they were being looked for: `N` here, and an amendment to `U` or `L` in the minute of arriving. For a
morning by the minute say when the register was saved, in [registers](#registers).

`strip` is another way to write all marks of a pupil: two for each school day from the first one to `on`,
days with a space between them, weeks with `|`. There, `-` is a session that nobody marked. Use single
quotation marks, because of the backslash.

```toml
marked_from = 2025-09-08
strip       = '/\\ OO I\\ -- /\\ | /\\ /\\ L\\ /\\ /\\'
```

### Year groups

`year_group` is the one of the school year in which `on` is. A calendar may hold other school years: in each
earlier one the pupil was one year group lower, in each later one they are one higher. Below Year 1 is
Reception; `R`, `N` and `N1` have none below, and 13 none above: there the pupil stays. So who is in Year 3 in
September was in Year 2 in July, and rules for Year 2 were about them. The class (`group`) is the same on all
days.

### Ages

Without `born_on`, a pupil is born on 1 January of the usual year: who is in Year 2 in 2025/26, on 1 January
2019. So pupils in Years 1 to 11 are of compulsory school age, and those in Years 12 and 13 above it. In
Reception nobody of the usual age is of compulsory school age in all three terms. A pupil in `R` is
therefore a day older than the oldest there can be, born on 31 August (2020, in 2025/26), and of compulsory
school age throughout; with `of_age = false`, born on 31 August a year later, and below it throughout. In
nursery all are below it. A pupil who comes of age during the year needs `born_on`.

### Amendments

Each changes one mark after its register closed. `from` is what the register said then: what `marks` say, or
the amendment before. `from = "-"` fills a session that nobody had marked. Where the register was saved before
it closed, a change between the two is no amendment: the pupil who was not there has come in, and the register
is saved again.

```toml
amendments = [
    { session = "2025-09-08 AM", from = "N", to = "I", at = 2025-09-10T09:00:00, reason = "the mother rang" },
]
```
"""
CLASSES = """\
## Classes

For tables of classes one need not write each pupil. Each `[[groups]]` is:
"""
CLASSES_EXAMPLE = """\
```toml
id       = "best-class-of-the-week"
title    = "The class with the highest attendance is rewarded"
policy   = "primary-rewards"
calendar = "example"
on       = 2025-11-14

[[groups]]
group      = "1A"
year_group = "1"
pupils     = 30
week       = 2025-11-10
absent     = 6

[[groups]]
group      = "1B"
year_group = "1"
pupils     = 30
week       = 2025-11-10
absent     = 3

[[then]]
group  = "1A"
figure = "attendance"
is     = [294, 300]
over   = "week"

[[then]]
group = "1B"
due   = "star, certificate and trophy"
as    = "award"
place = 1
```

Everybody else and every other session is present. A class and a pupil of `[[pupils]]` with that `group` are
the same class.
"""
REGISTERS = """\
## Registers

A register is known when it closes. Each `[[registers]]` is one that was saved before that, or after it:
"""
REGISTERS_MORE = """\
With neither `pupils` nor `groups` it is the register of everybody at that session; nobody's mark is in two of
them. Until it is saved nobody is marked, and from then on the marks are what `marks` say. Whoever is to be
rung in the minute in which a register is saved without them is looked at in this way:

```toml
[[pupils]]
ref        = "P1"
year_group = "6"
contacts   = ["A", "B"]
marks      = ["2025-09-17 N N"]

[[registers]]
session  = "2025-09-17 AM"
saved_at = 2025-09-17T08:52:00
```
"""
FACTS = """\
## Facts

What happened and is no mark: exactly the kinds, and the parts of their `data`, that [the page on
facts](facts.md) has. Pupils are named by their refs, in `data` as well.
"""
FACTS_MORE = """\
Times are local. A fact with `on` alone happened at noon of that day, before its afternoon register closes
(or when the school knew, if `known_at` is earlier); of several such facts of a day, each happened a second
after the one above it. A fact without `pupil`, `parent`, `staff` and `group` is about the school.

Some facts do a duty, or are about one: a letter that is sent or withheld, a decision, a duty that is put
off. In a file of facts they have the key of the duty in `data`, which nobody can know beforehand. Here
`does` says what is due, as `due` does below, or gives the id of the rule; the key is looked up among what
is open for the pupil at that moment. Where there is no such duty, the scenario fails.

```toml
[[facts]]
kind  = "duty withheld"
pupil = "P8"
at    = 2025-09-11T14:00:00
by    = "headteacher"
does  = "welfare check"
data  = { why = "The grandmother rang: the family is in hospital." }
```

A parent is named as in `parents`. The same name with two pupils is the same person, so that brothers and
sisters share theirs. Who is not to be one of a family is given other names: `parents = ["C"]`.
"""
THEN = """\
## What must be so

Each `[[then]]` says one thing, by exactly one of these keys:
"""
THEN_MORE = """\
A line is judged at the end of its day, `on` in the line or, if it has none, `on` of the scenario: at 23:59,
after the last register has closed, with everything that was known that day. A day without registers is
judged at its end as well. Where `on` names a session, in quotes, the line is judged when the register of
that session has closed: the last of them, if pupils of the scenario have registers that close at different
times. With `at` it is judged at that moment, with the registers that had closed and the facts that were
known by then. A line may be about a day after the last one with registers.

### Whom a line is about

A line is about a pupil, about each of several, about a group as a whole, or, with none of these, about the
school. Whom the duties of a rule are about the policy's page says with each rule, as *about*. A line is about
the same:

| *about* | what the line has |
| --- | --- |
| the pupil | `pupil` or `pupils`, and no `parent` |
| the pupil and a parent | `pupil` and `parent`; without `parent` it is about any of them |
| the class | `group` |
| the class or the school | `group`; for pupils without a `group` none of these keys |
| the school | none of these keys |
| the member of staff | none of these keys |
| whomever the fact is about | what the fact has: `pupil`, with its `parent`, `group`, or none of these |

`due = "finish the afternoon register"` is a class's: `group = "2A"`, not `pupil = "P8"`. Pupils without a
`group` are in the school's register, and the line names nobody. A penalty notice to be considered is a
parent's: `pupil = "P8"` and `parent = "A"`. With `nothing_due`, a line about a pupil is about their parents
as well, not about their class.

These say when and of whom, and may stand in any line:
"""
EXAMPLE_OF_MARKS = """\
### An example of actions and codes

```toml
id       = "late-and-leave"
title    = "Half an hour late is U; leave cannot be granted afterwards"
policy   = "primary-rewards"
shows    = ["S2-40", "S2-58"]
calendar = "example"
on       = "2025-11-12 AM"

[[pupils]]
refs       = ["P1", "P2"]
year_group = "5"
parents    = ["A", "B"]
marks      = ["2025-11-10 O O"]
blank      = ["2025-11-12 AM"]

[[facts]]
id    = "r1"
kind  = "leave asked"
pupil = "P1"
at    = 2025-11-12T08:30:00
data  = { reason = "holiday", from_on = 2025-11-10, until_on = 2025-11-10 }

[[then]]
pupils  = ["P1", "P2"]
mark    = "U"
session = "2025-11-12 AM"
arrived = 09:45:00

[[then]]
pupil   = "P2"
mark    = "G"
session = "2025-11-12 PM"
reason  = "holiday"
asks    = "a holiday that nobody granted?"

[[then]]
at          = 2025-11-12T08:45:00
pupil       = "P1"
may_not     = "grant leave"
request     = "r1"
overridable = false
```
"""
STAYS = """\
### How long a duty stays

A duty is open from the day on which it arises. It is done by a fact that `does` it, or by one that settles
it: the policy's page says which, as *done by itself when*; a letter is done when it is sent. What settles a
duty about a pupil is about that pupil as well: of a meeting about several, one whose `enrolments` name them.
A duty that nobody does stays open for as long as *stays* says there, and has then lapsed: `not_due` is so,
and so is `due` with `state = "lapsed"`. From the day after their last day on roll what is about a pupil has
lapsed, but for returns and what rules of these kinds ask: {kinds}. Where a rule has *after*, it asks only
once the other was done for the pupil.

What rests on marks follows the marks. If a correction takes its reason away, an open duty is gone or has
lapsed, and one that was done is in the state `basis changed`.

Of what recurs there is one for each period: last week's award, lapsed, stands beside this week's. A line that
does not say which is about any of them; `because` says which, as `because = {{ from = 2025-09-15 }}`. In
`not_due` it means that there is none for that reason, though there may be one for another.
"""
WHAT_REFUSES = """\
What may stand in the way of each action; several may. "For good": nobody can do it all the same, and
`overridable = false`. "A person may": it is refused, and a person can do it all the same with a reason that
is kept, `overridable = true`. "Advice" does not refuse: `may` is so. The tests of a request for leave advise,
and the headteacher decides; only what was asked for when it had begun is refused. `rule` takes the id of the
policy's rule of the kind that is named, or the id that is given; where there is none, leave `rule` out.
"""
OUTCOMES = {"for good": "for good", "overridable": "a person may", "advice": "advice"}
TOML = """\
## Writing TOML

- The keys at the top of the file stand before the first line in brackets.
- `[[pupils]]`, `[[groups]]`, `[[facts]]` and `[[then]]` have double brackets, `[settings.x]` has single ones.
- Texts stand in straight quotation marks, in single ones where a backslash is in them: `'\\'`.
- Days and moments stand without quotation marks, `2025-09-16`, `2025-09-16T09:40:00`, times of the day as
  `09:40:00`. Moments and times may leave out their seconds if they stand in quotation marks: `"09:40"`.
- A table in braces stands in one line: `{ day = 4, of = "absence" }`. A list in brackets may have many.
- A key stands once in its table. What follows `#` is passed over.

`{python}` in `firstbell.scenarios` gives the form as a JSON schema, with which editors check a file as it
is written.
"""
GROUPS_OF_KEYS: Mapping[tuple[str, ...], str] = {
    ("due", "not_due", "nothing_due"): "With what is due or not due",
    ("may", "may_not"): "With an action",
    ("mark",): "With a suggested code",
    ("figure",): "With a figure",
}


def scenarios_page(
    *,
    figures: Mapping[str, str],
    actions: Mapping[str, str],
    forms: Mapping[str, str] = FORMS,
    states: Mapping[str, str] = STATES,
) -> str:
    """The page in Markdown. Each argument has names with what they mean, without a full stop at the end.

    An empty one leaves its table out.
    """
    parts = [HEAD, HEAD_OF_FILE, *_table(ScenarioFile), SETTINGS, CALENDARS]
    parts += [PUPILS, *_table(PupilLine), MARKS, *_table(AmendmentLine)]
    parts += [CLASSES, *_about(GroupLine), *_table(GroupLine), CLASSES_EXAMPLE]
    parts += [REGISTERS, *_table(RegisterLine), REGISTERS_MORE]
    parts += [FACTS, *_table(FactLine), FACTS_MORE, THEN, *_verbs(), THEN_MORE, *_keys_of_any()]
    for verbs, title in GROUPS_OF_KEYS.items():
        parts += [f"### {title}\n", *_keys_with(verbs)]
        if verbs[0] == "due":
            parts += [*_names("as", forms), *_names("state", states)]
            parts.append(STAYS.format(kinds=_names_of(STAYS_AFTER_LEAVING)))
        if verbs[0] == "may":
            parts += [*_names("may", actions), WHAT_REFUSES, *_refusals()]
        if verbs[0] == "figure":
            parts += _names("figure", figures)
    parts += [EXAMPLE_OF_MARKS, TOML.replace("{python}", "scenario_schema()")]
    return "\n".join(parts)


def _about(table: type[Table]) -> Iterator[str]:
    yield f"{inspect.getdoc(table)}\n"


def _table(table: type[Table]) -> Iterator[str]:
    yield _row(("key", "what it says", "what stands there", "if left out"))
    yield _row(("---",) * 4)
    for one in keys_of(table):
        left_out = "needed" if one.default is None else one.default and f"`{one.default}`"
        yield _row((f"`{one.name}`", _capital(one.says), one.form, left_out))
    yield ""


def _verbs() -> Iterator[str]:
    yield _row(("key", "what must be so", "what stands there"))
    yield _row(("---",) * 3)
    for one in keys_of(ThenLine):
        if one.name in VERBS:
            yield _row((f"`{one.name}`", _capital(one.says), one.form))
    yield ""


def _keys_of_any() -> Iterator[str]:
    yield _row(("key", "what it says", "what stands there"))
    yield _row(("---",) * 3)
    for one in keys_of(ThenLine):
        if one.name not in VERBS and len(one.goes_with) >= len(VERBS) - 2:
            only = "" if one.goes_with == VERBS else f". With {_names_of(one.goes_with)}"
            yield _row((f"`{one.name}`", _capital(one.says) + only, one.form))
    yield ""


def _keys_with(verbs: tuple[str, ...]) -> Iterator[str]:
    yield _row(("key", "what it says", "what stands there", "with"))
    yield _row(("---",) * 4)
    for one in keys_of(ThenLine):
        own = [verb for verb in one.goes_with if verb in verbs]
        if one.name in VERBS or not own or len(one.goes_with) >= len(VERBS) - 2:
            continue
        left_out = f"; left out: `{one.default}`" if one.default else ""
        needed = ". Needed" if (verbs[0], one.name) in {("mark", "session"), ("figure", "is")} else ""
        says = _capital(one.says) + left_out + needed
        yield _row((f"`{one.name}`", says, one.form, _names_of(own)))
    yield ""


def _names(key: str, names: Mapping[str, str]) -> Iterator[str]:
    """What may stand under a key, with what it means."""
    if names:
        yield _row((f"`{key}`", "what it means"))
        yield _row(("---",) * 2)
        for name, says in names.items():
            yield _row((f"`{name}`", _capital(says)))
        yield ""


def _refusals() -> Iterator[str]:
    """What refuses each action, from the list that stands beside what looks."""
    yield _row(("action", "when", "by", "refused"))
    yield _row(("---",) * 4)
    for one in REFUSALS:
        by = (
            f"[{one.by}](policy-language.md#{one.by.replace(' ', '-')})" if one.by in KINDS else f"`{one.by}`"
        )
        yield _row((f"`{one.action}`", _capital(one.when), by if one.by else "", OUTCOMES[one.outcome]))
    yield ""


def _names_of(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
