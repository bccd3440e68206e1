"""Writes docs/reference: codes, law, rules by example, commands, measures, facts, policies and scenarios.

All of it is made from what the program itself uses: the law tables, the specification tests, the command
line, the docstrings, the kinds of facts, the policies, the scenarios in tests/scenarios, which are run for
it. `python docs/build.py` writes the pages, `--check` only says which are not up to date.
The same sources give the same bytes on any day and any machine: nothing here looks at a clock or a version.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from textwrap import dedent, indent, wrap
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # The specification tests are not part of the installed package.

from firstbell import measures, statute  # noqa: E402
from firstbell.cli import build_parser  # noqa: E402
from firstbell.duties import ACTIONS, FIGURES  # noqa: E402
from firstbell.exchange.fact_lines import ENVELOPE  # noqa: E402
from firstbell.facts import KINDS, Data, described  # noqa: E402
from firstbell.facts.kinds import Described  # noqa: E402
from firstbell.policy import Rulebook, example_school, shipped  # noqa: E402
from firstbell.policy.describing import language_page  # noqa: E402
from firstbell.policy.files import LAW  # noqa: E402
from firstbell.policy.findings_page import findings_page  # noqa: E402
from firstbell.policy.sections import sections_of  # noqa: E402
from firstbell.policy.vocabulary import LEAVE_TESTS  # noqa: E402
from firstbell.problems import Unusable  # noqa: E402
from firstbell.reports.law import TOPICS  # noqa: E402
from firstbell.scenarios import Scenario, read_scenario, scenario_files  # noqa: E402
from firstbell.scenarios.coverage import coverage_page  # noqa: E402
from firstbell.scenarios.explained import read_explanations  # noqa: E402
from firstbell.scenarios.grammar import scenarios_page  # noqa: E402
from firstbell.scenarios.one_pupil_page import Case, one_pupil_page  # noqa: E402
from firstbell.scenarios.policy_page import policy_page  # noqa: E402
from firstbell.scenarios.reading import SURVIVORS  # noqa: E402
from firstbell.scenarios.rendering import scenario_text  # noqa: E402
from firstbell.scenarios.running import Ran, run  # noqa: E402
from firstbell.sessions import day_and_year  # noqa: E402
from firstbell.statute import Ages, Code, Confidence, Value, values  # noqa: E402

REFERENCE = ROOT / "docs" / "reference"
SPECIFICATION = ROOT / "tests" / "spec"
SCENARIOS = ROOT / "tests" / "scenarios"
POLICIES = ROOT / "firstbell" / "policies"
# The second line is for ruff: a test's body, taken out of its function, would be laid out anew.
HEAD = """\
<!-- Made by `make docs`. Change what it is made from, not this page. -->
<!-- fmt: off -->

"""

ABOUT_EVERY_VALUE = {field.name for field in fields(Value)}
PROPER_NOUNS = {
    name.lower(): name
    for name in (
        *("January", "February", "March", "April", "June", "July", "August", "September", "October"),
        *("November", "December", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Easter"),
    )
}


@cache
def pages() -> Mapping[str, str]:
    """Every page of the reference by its file's name."""
    made = {
        "codes.md": codes_page(),
        "law.md": law_page(),
        "rules.md": rules_page(),
        "commands.md": commands_page(),
        "measures.md": measures_page(),
        "facts.md": facts_page(),
        "scenarios.md": scenarios_page(
            figures={name: figure.says for name, figure in FIGURES.items()}, actions=ACTIONS
        ),
        "policy-language.md": language_page(),
        **{f"policy-{key}.md": policy_page(rulebook, sections(key)) for key, rulebook in rulebooks().items()},
        **{f"cases-{key}.md": cases_page(key) for key in sorted({case_page_of(one) for one in scenarios()})},
        "findings.md": _findings_page(),
        "coverage.md": _coverage_page(),
        "one-pupil-five-policies.md": one_pupil_page(_shared_cases(), _own_policies()),
    }
    return {name: HEAD + text.rstrip() + "\n" for name, text in made.items()}


def stale(folder: Path = REFERENCE) -> list[str]:
    """The names of the pages of a folder that are missing, out of date, or made by nothing any more."""
    wanted = pages()
    found = {page.name: page.read_text(encoding="utf-8") for page in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def write(folder: Path = REFERENCE) -> None:
    """Writes every page and takes away those that nothing makes any more."""
    wanted = pages()
    folder.mkdir(parents=True, exist_ok=True)
    for page in folder.glob("*.md"):
        if page.name not in wanted:
            page.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _findings_page() -> str:
    england = statute.england()
    policies = [files for rulebook in rulebooks().values() if (files := rulebook.policy) is not None]
    return findings_page(policies, england, shipped(LAW, england))


# --- the codes -------------------------------------------------------------------------------------------

CODES_HEAD = """\
# Attendance codes

A mark is read by the set of codes in force on the day of its session. *Attended* is the numerator of the rate
of attendance, *possible* its denominator. Where *who* is not everybody, others use another code. A code may
have several rows: its meaning changed on a day.
"""
WHOSE = {
    Ages.ANY: "all",
    Ages.COMPULSORY: "of compulsory school age",
    Ages.NOT_COMPULSORY: "not of compulsory school age",
}


def codes_page() -> str:
    """Both sets of codes, the newest first: a table to look up, then what each code is for."""
    law = statute.england()
    codes = [value for value in law.values if isinstance(value, Code)]
    parts = [CODES_HEAD]
    following: date | None = None
    for from_on in sorted(_first_days_of_code_sets(), reverse=True):
        held = [c for c in codes if from_on <= c.from_on and (following is None or c.from_on < following)]
        ends = f" to {day_and_year(max(c.until_on or date.min for c in held))}" if following else ""
        parts.append(f"## Sessions from {day_and_year(from_on)}{ends}\n")
        held.sort(key=lambda code: (law.number(code.symbol), code.from_on))
        parts += [*_code_table(held), "", "### What each is for\n", *map(_code_use, held), ""]
        following = from_on
    return "\n".join(parts)


def _first_days_of_code_sets() -> list[date]:
    """The day from which each file of codes is in force, as its head says."""
    folder = resources.files("firstbell.statute")
    files = [file for file in folder.iterdir() if file.name.startswith("codes-")]
    return [tomllib.loads(file.read_text(encoding="utf-8"))["table"]["from"] for file in files]


def _code_table(codes: Iterable[Code]) -> Iterator[str]:
    headings = ("code", "name", "category", "attended", "possible", "from", "until", "who", "needs")
    yield _row((*headings, "source", "confidence"))
    yield _row(["---"] * (len(headings) + 2))
    for code in codes:
        yield _row(
            [
                f"`{code.symbol}`",
                code.name,
                code.category.name,
                "yes" if code.attended else "",
                "yes" if code.possible else "",
                str(code.from_on),
                str(code.until_on or ""),
                _who(code),
                "; ".join(code.needs),
                str(code.source),
                str(code.confidence),
            ]
        )


def _who(code: Code) -> str:
    parts = [WHOSE[code.ages]]
    if code.half:
        parts.append("mornings" if code.half == "AM" else "afternoons")
    if code.youngest_year is not None:
        parts.append(f"Year {code.youngest_year} and above")
    if code.asked_in_advance:
        parts.append("asked for in advance")
    return "; ".join(parts)


def _code_use(code: Code) -> str:
    parts = [f"- `{code.symbol}` {code.name}. {code.use}"]
    for words, others in (
        ("Keep with it", code.keep),
        ("Where it may not stand", [f"`{other}`" for other in code.instead]),
        ("Where leave was not asked for in advance", [f"`{other}`" for other in code.not_in_advance]),
    ):
        if others:
            parts.append(f"{words}: {', '.join(others)}.")
    return " ".join([*parts, *([f"*{code.note}*"] if code.note else [])])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


# --- the rest of the law ---------------------------------------------------------------------------------

LAW_HEAD = """\
# The law and the guidance, by topic

Every value but the codes, with the days between which it is in force, where it comes from, and how sure we
are that it is what the source says. *Seen* is not repeated; anything less certain says why. What was in force
on one day is shown by `firstbell law --on DAY`.
"""


def law_page() -> str:
    """Every value of the law tables that is no code, by topic, kind and day."""
    parts = [LAW_HEAD]
    held = statute.england().values
    for topic, kinds in TOPICS.items():
        if kinds == (Code,):
            continue
        parts.append(f"## {topic}\n")
        for kind in kinds:
            parts += [f"### {_capital(kind.table.replace('_', ' '))}\n", f"{inspect.getdoc(kind)}\n"]
            for value in held:
                if isinstance(value, kind):
                    parts += _value(value)
    return "\n".join(parts)


def _value(value: Value) -> Iterator[str]:
    days = f"from {day_and_year(value.from_on)}"
    if value.until_on is not None:
        days += f" until {day_and_year(value.until_on)}"
    key = f"{getattr(value, value.key)}, " if value.key else ""
    yield f"#### {_capital(f'{key}{days}')}\n"
    for field in fields(value):
        content = getattr(value, field.name)
        if field.name not in (*ABOUT_EVERY_VALUE, value.key) and content not in (None, "", ()):
            yield _field(field.name.replace("_", " "), content)
    yield f"- *source*: {value.source}"
    if value.confidence is not Confidence.SEEN or value.note:
        sure = "" if value.confidence is Confidence.SEEN else f"**{value.confidence}**. "
        yield f"- *note*: {sure}{value.note}"
    yield ""


def _field(label: str, content: object) -> str:
    if isinstance(content, tuple) and any(" " in str(item) for item in content):
        return "\n".join([f"- {label}:", *(f"  - {item}" for item in content)])
    return f"- {label}: {_shown(content)}"


def _shown(content: object) -> str:
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, tuple):
        return ", ".join(_shown(item) for item in content)
    if isinstance(content, values.DayOfYear):
        # Any year will do that is not a leap year, because no table may name 29 February.
        return day_and_year(date.fromisoformat(f"2001-{content}")).removesuffix(" 2001")
    return day_and_year(content) if isinstance(content, date) else str(content)


# --- the rules by example --------------------------------------------------------------------------------

RULES_HEAD = """\
# The rules by example

Every rule that Firstbell counts by, as an example with its answer. They are the tests in `tests/spec`: what
stands here is what the program does. A number is that of the example in our list of 88 worked examples; what
follows it is the provision that the example rests on.

Registers are written in notation: two marks a day, morning and afternoon, `|` between weeks, `-` where nobody
has marked. Most examples are of the invented school year FX, in `tests/fx.py`: 190 days from 3 September 2024
to 22 July 2025 with an INSET day before or after most holidays, and the autumn after it. A long year is
written by its exceptions: `2024-09-09..2024-09-13 OO` says that both sessions of these days were O.
"""


@dataclass(frozen=True)
class Example:
    """One specification test: what it says, which numbers it has, where it is from, and how it is worked."""

    sentence: str
    numbers: tuple[int, ...]
    source: str
    code: str


def rules_page() -> str:
    """The specification tests as chapters, in the order of the lowest number in each."""
    chapters = [(_chapter(module), examples(module)) for module in specification()]
    chapters.sort(key=lambda chapter: (_lowest(chapter[1]), chapter[0][0]))
    parts = [RULES_HEAD, *(f"- [{title}](#{_slug(title)})" for (title, _), _ in chapters), ""]
    for (title, text), own in chapters:
        parts += [f"## {title}\n", f"{text}\n"]
        for example in own:
            parts.append(f"### {example.sentence}\n")
            if basis := _basis(example):
                parts.append(f"{basis}\n")
            parts.append(f"```python\n{example.code}\n```\n")
    return "\n".join(parts)


def _basis(example: Example) -> str:
    numbers = " and ".join(map(str, example.numbers))
    return " · ".join(filter(None, (numbers and f"Example {numbers}", example.source)))


OF_FILES = "test_scenarios"
"""The module that runs the scenarios: they have pages of their own."""


def specification() -> list[ModuleType]:
    """The modules of the specification tests, by name."""
    names = sorted(path.stem for path in SPECIFICATION.glob("test_*.py") if path.stem != OF_FILES)
    return [importlib.import_module(f"tests.spec.{name}") for name in names]


def examples(module: ModuleType) -> list[Example]:
    """The tests of a module of the specification, in the order in which they stand there."""
    source = inspect.getsource(module)
    tests = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    return [
        Example(
            sentence_of(node.name),
            tuple(getattr(getattr(module, node.name), "worked_numbers", ())),
            str(getattr(getattr(module, node.name), "worked_source", "")),
            _body(source, node),
        )
        for node in tests
    ]


def sentence_of(name: str) -> str:
    """The sentence that the name of a test is."""
    words = [PROPER_NOUNS.get(word, word) for word in name.removeprefix("test_").split("_")]
    return _capital(" ".join(words).replace(" s ", "’s "))


def _chapter(module: ModuleType) -> tuple[str, str]:
    title, _, text = inspect.cleandoc(module.__doc__ or "").partition("\n")
    return title.strip(), text.strip()


def _lowest(own: Sequence[Example]) -> int:
    return min((number for example in own for number in example.numbers), default=sys.maxsize)


def _body(source: str, node: ast.FunctionDef) -> str:
    lines = source.splitlines()
    first = node.body[0].lineno - 1
    # A comment above the first statement belongs to the body.
    while lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return dedent("\n".join(lines[first : node.end_lineno]))


def _slug(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


# --- the commands ----------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every command with its arguments, from the command line's own definition."""
    parser = build_parser()
    text = [f"# Commands\n\n{parser.description}\n\n{parser.epilog or ''}\n"]
    return "\n".join([*text, *(part for command in _commands(parser) for part in _command(command))])


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The commands that can be run, those inside another one too."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield parser
    for group in groups:
        for command in group.choices.values():
            yield from _commands(command)


def _command(parser: argparse.ArgumentParser) -> Iterator[str]:
    hidden = (argparse.SUPPRESS,)
    shown = [
        action
        for action in parser._actions
        if not isinstance(action, argparse._HelpAction) and action.help not in hidden
    ]
    needed = [_written(action) for action in shown if action.required]
    yield f"## {parser.prog}\n"
    optional = [f"[{_written(action)}]" for action in shown if not action.required]
    yield f"{_usage([parser.prog, *needed, *optional])}\n"
    yield f"{parser.description or ''}\n"
    for action in shown:
        choices = f" One of {', '.join(map(str, action.choices))}." if action.choices else ""
        text = (action.help or "") % vars(action)
        yield f"- `{_written(action)}`{' (needed)' if action.required else ''}: {text}.{choices}"
    yield ""
    if parser.epilog:
        yield f"{parser.epilog}\n"


def _usage(parts: Sequence[str]) -> str:
    """The parts of a command line, broken between them and never inside one."""
    unbroken = " ".join(part.replace(" ", "\0") for part in parts)
    lines = wrap(unbroken, 96, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return indent("\n".join(lines).replace("\0", " "), "    ")


def _written(action: argparse.Action) -> str:
    """An argument as it is typed."""
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        return f"{value} ..." if action.nargs in ("*", "+") else value
    name = max(action.option_strings, key=len)
    return name if action.nargs == 0 else f"{name} {value}"


# --- the measures ----------------------------------------------------------------------------------------


def measures_page() -> str:
    """Every public function and class of the measures, by module, with what its docstring says."""
    parts = [f"# Measures\n\n{inspect.getdoc(measures)}\n"]
    by_module: dict[str, list[str]] = {}
    for name in measures.__all__:
        by_module.setdefault(getattr(measures, name).__module__, []).append(name)
    by_module.setdefault("firstbell.measures.review", ["Plan", "Review", "review"])
    for module_name in sorted(by_module):
        module = importlib.import_module(module_name)
        parts += [f"## {module_name}\n", f"{inspect.getdoc(module)}\n"]
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in by_module[module_name]:
                parts += _measure(module, node)
    return "\n".join(parts)


def _measure(module: ModuleType, node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    documented = inspect.cleandoc(ast.get_docstring(node) or "")
    yield f"### {node.name}\n"
    if isinstance(node, ast.FunctionDef):
        yield f"```python\n{_signature(inspect.getsource(module), node)}\n```\n"
        yield f"{documented}\n"
        return
    yield f"{documented}\n"
    members = [line for member in node.body if (line := _member(member))]
    yield from [*members, ""] if members else []


def _member(node: ast.stmt) -> str:
    """A line on one public method or property of a class, or one value of an enumeration."""
    if isinstance(node, ast.Assign):
        return f"- `{ast.unparse(node.targets[0])}`: {ast.literal_eval(node.value)}."
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return ""
    first, _, _ = (ast.get_docstring(node) or "").partition("\n\n")
    is_property = any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    arguments = "" if is_property else f"({', '.join(a.arg for a in node.args.args[1:])})"
    return f"- `{node.name}{arguments}`: {' '.join(first.split())}"


def _signature(source: str, node: ast.FunctionDef) -> str:
    lines = source.splitlines()[node.lineno - 1 : node.body[0].lineno - 1]
    return dedent("\n".join(lines)).removesuffix(":")


# --- the facts -------------------------------------------------------------------------------------------

FACTS_HEAD = """\
# Facts

What happened and is no mark: who rang, what was sent, decided, agreed. A file of facts is a text file in
UTF-8 with one fact in each line, in JSON. Facts are never changed. A correction is another fact of the same
kind about the same people, which names the first in `replaces`; a mistake is taken back by a `retraction`
that names it. Both stay visible, and what was known on any day can still be seen. A correction that is taken
back does not bring back what it corrected.

Lines that cannot be used are kept aside with the reason, in a file that can be corrected and read again. A
line that stands there twice, word for word, counts once.
"""
FACTS_LINE = """\
A line without `pupil`, `parent`, `staff` and `group` is about the school. A moment without its distance from
Greenwich is London's. What names another fact, in `replaces` or in `data`, stands in the same file, became
known no earlier, and is about the same people. A fact cannot become known before it happened.
"""
PUPIL_OF_EXAMPLES = "A000101"
TEXTS = {
    "answer": "yes",
    "attendance": "93.10%",
    "award": "best class of the week",
    "brought_by": "grandmother",
    "consulted": "governors",
    "entries": PUPIL_OF_EXAMPLES,
    "enrolments": PUPIL_OF_EXAMPLES,
    "letter": "first letter",
    "meeting": "attendance meeting",
    "policy": "example-primary",
    "question": "send the letter?",
    "review": "half-termly audit",
    "role": "attendance officer",
    "stage": "monitor",
    "support": "breakfast club",
    "to_role": "attendance officer",
    "training": "registers and codes",
    "where": "website",
    "winners": PUPIL_OF_EXAMPLES,
}


def facts_page() -> str:
    """What a line of a file of facts is made of, and every kind of fact."""
    envelope = [_row(("part", "what it is")), _row(("---", "---"))]
    envelope += [_row((f"`{name}`", f"{says}.")) for name, says in ENVELOPE.items()]
    parts = [FACTS_HEAD, "## A line\n", _example_of_fact("arrived"), *envelope, "", FACTS_LINE, "## Kinds\n"]
    by_module: dict[str, list[type[Data]]] = {}
    for cls in KINDS.values():
        by_module.setdefault(cls.__module__, []).append(cls)
    for own in by_module.values():
        parts += [f"- [{cls.kind}](#{_slug(cls.kind)})" for cls in own]
    parts.append("")
    for module_name, own in by_module.items():
        title = inspect.getdoc(importlib.import_module(module_name)) or ""
        subject = title.splitlines()[0].removeprefix("The facts of ").rstrip(".")
        parts.append(f"## {_capital(subject)}\n")
        for cls in own:
            parts += _kind_of_fact(cls)
    return "\n".join(parts)


def _kind_of_fact(cls: type[Data]) -> Iterator[str]:
    yield f"### {cls.kind}\n"
    yield f"{inspect.getdoc(cls)}\n"
    about = " and ".join("a pupil" if name == "enrolment" else f"a {name}" for name in cls.needs)
    about = about.replace("a staff", "a member of staff") or "whomever it names, else the school"
    yield f"- *about*: {about}."
    if cls.takes_back:
        yield "- *takes back* the fact that it names in `replaces`, whatever its kind."
    if cls.once_per:
        others = "".join(f", and none beside a *{one}* for it" for one in cls.against)
        yield f"- *once*: for one `{cls.once_per}` there is one such fact{others}."
    if cls.version > 1:
        yield f"- *version*: {cls.version}; older ones are read."
    yield ""
    own = described(cls)
    if own:
        yield _row(("part of `data`", "what it says", "form", "if left out"))
        yield _row(("---",) * 4)
        for one in own:
            left_out = "needed" if one.default is None else one.default
            yield _row((f"`{one.name}`", _capital(one.says), one.form, left_out))
        yield ""
    yield _example_of_fact(cls.kind)


def _example_of_fact(kind: str) -> str:
    return f"```json\n{json.dumps(example_fact(kind), ensure_ascii=False)}\n```\n"


def example_fact(kind: str) -> dict[str, object]:
    """A line of one kind: the parts that are needed, and the first two others. All examples fit together."""
    cls = KINDS[kind]
    whom = {"enrolment": ("pupil", PUPIL_OF_EXAMPLES), "parent": ("parent", "c1"), "staff": ("staff", "s1")}
    line: dict[str, object] = {"kind": kind, "id": _id_of_example(kind)}
    line |= dict(whom[name] for name in cls.needs)
    line |= {"at": "2025-09-16T09:40", "by": "office"}
    if cls.takes_back:
        line |= {"at": "2025-09-17T09:40", "replaces": _id_of_example("late gate held")}
    own = described(cls)
    kept = [one for one in own if one.default is None]
    other = [one for one in own if one.default is not None and one.name != "duty"]
    kept += [one for one in other if not one.form.startswith("the id of a fact")][:2]
    line["data"] = {one.name: _sample(one, kind) for one in own if one in kept}
    return line


def _id_of_example(kind: str) -> str:
    return f"f{list(KINDS).index(kind) + 1}"


def _sample(one: Described, kind: str) -> object:
    """Something that could stand in a part, by its form."""
    if one.refers_to:
        return _id_of_example(one.refers_to)
    form, is_list = one.form.removeprefix("a list: "), one.form.startswith("a list: ")
    text = TEXTS.get(one.name, f"duty of {kind}" if one.name == "duty" else "an example")
    return [_of_form(form, text)] if is_list else _of_form(form, text)


def _of_form(form: str, text: str) -> object:
    if form.startswith("a pair: "):
        return [_of_form(part, text) for part in form.removeprefix("a pair: ").split(" and ", 1)]
    choices = re.findall(r'"([^"]+)"', form)
    if choices:
        return next((choice for choice in ("yes", "illness", "e-mail") if choice in choices), choices[0])
    plain: Mapping[str, object] = {"true or false": True, "a whole number": 2}
    shown = form.rpartition(", as ")[2]
    return plain.get(form, shown if ", as " in form else text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- policies and scenarios ------------------------------------------------------------------------------

CASES_HEAD = """\
# Worked cases: {title}

Scenarios that are run whenever the program is tested: these pupils, these marks, these facts, and what must
be so then. How they are written is said in [scenarios](scenarios.md), what is due by which rule in
[the page of the policy](policy-{key}.md). A present session is not mentioned.
"""
OTHER = "other cases"


@cache
def rulebooks() -> Mapping[str, Rulebook]:
    """The policies that come with Firstbell, by their ids, the law first; each with its example school."""
    law = shipped(LAW, statute.england())
    ids = sorted({path.parent.parent.name for path in POLICIES.glob("*/*/policy.toml")} - {LAW})
    found = {LAW: Rulebook(statute.england(), law)}
    for key in ids:
        files = shipped(key, statute.england())
        found[key] = Rulebook(statute.england(), law, files, example_school(key))
    return found


@cache
def sections(policy: str, file: str = "policy.toml") -> Mapping[str, str]:
    """The sections of a policy's rules or clauses by their ids, as the comments of its newest version say."""
    newest = max(path for path in POLICIES.glob(f"{policy}/*/{file}"))
    return sections_of(newest.read_text(encoding="utf-8"))


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Every scenario that can be read."""
    return tuple(one for one in _read().values() if isinstance(one, Scenario))


@cache
def _read() -> Mapping[str, Scenario | Unusable]:
    found: dict[str, Scenario | Unusable] = {}
    for path in scenario_files(SCENARIOS):
        shown = path.relative_to(SCENARIOS).as_posix()
        try:
            found[shown] = read_scenario(path, shown=shown)
        except Unusable as unusable:
            found[shown] = unusable
    return found


@cache
def ran() -> Mapping[str, Ran | Unusable]:
    """Every scenario that can be read, run once, by its file; those that cannot be run, with the reason."""
    found: dict[str, Ran | Unusable] = {}
    for shown, one in _read().items():
        try:
            found[shown] = run(one) if isinstance(one, Scenario) else one
        except Unusable as unusable:
            found[shown] = unusable
    return found


def case_page_of(scenario: Scenario) -> str:
    """The policy on whose page a scenario stands: the law, where it has law and guidance only."""
    return LAW if scenario.policy in (LAW, "model") else Path(scenario.policy).name


def cases_page(policy: str) -> str:
    """The scenarios of a policy, in the sections of its clauses."""
    own = [one for one in scenarios() if case_page_of(one) == policy]
    titled: dict[str, list[Scenario]] = {}
    for one in sorted(own, key=lambda one: (_first_clause(policy, one), one.id)):
        titled.setdefault(_section(policy, one), []).append(one)
    files = rulebooks()[policy].policy or rulebooks()[policy].law
    parts = [CASES_HEAD.format(title=files.versions[-1].title, key=policy)]
    for title, group in titled.items():
        parts.append(f"- [{_capital(title)}](#{_slug(title)})")
        parts += [f"  - [{one.id}](#{_slug(f'{one.id}: {one.title}')}): {one.title}" for one in group]
    parts.append("")
    for title, group in titled.items():
        parts.append(f"## {_capital(title)}\n")
        for one in group:
            outcome = ran()[one.shown]
            parts.append(scenario_text(one, outcome if isinstance(outcome, Ran) else None, level=3))
    return "\n".join(parts)


def _clauses_shown(policy: str, scenario: Scenario) -> Iterator[str]:
    """The clauses that a scenario says it shows: by their ids, or by those of rules that carry them out."""
    version = (rulebooks()[policy].policy or rulebooks()[policy].law).versions[-1]
    for key in scenario.written.shows:
        rule = version.find(key)
        yield from rule.told["implements"] if rule is not None else (key,)


def _first_clause(policy: str, scenario: Scenario) -> int:
    """The place in its policy of the first clause that a scenario shows; those that show none stand last."""
    version = (rulebooks()[policy].policy or rulebooks()[policy].law).versions[-1]
    order = list(version.clauses)
    first = next((key for key in _clauses_shown(policy, scenario) if key in order), None)
    return order.index(first) if first is not None else len(order)


def _section(policy: str, scenario: Scenario) -> str:
    """The section of the first clause that a scenario shows; where clauses have none, of its first rule."""
    of_clauses, of_rules = sections(policy, "clauses.toml"), sections(policy)
    for key in _clauses_shown(policy, scenario):
        if key in of_clauses:
            return of_clauses[key]
    version = (rulebooks()[policy].policy or rulebooks()[policy].law).versions[-1]
    for key in _clauses_shown(policy, scenario):
        for rule in version.rules:
            if key in rule.told["implements"] and rule.id in of_rules:
                return of_rules[rule.id]
    return OTHER


def _coverage_page() -> str:
    rans = [one for one in ran().values() if isinstance(one, Ran)]
    not_run = [
        f"`{shown}`: {'; '.join(map(str, one.problems))}"
        for shown, one in ran().items()
        if isinstance(one, Unusable)
    ]
    titles = {clause: title for key in rulebooks() for clause, title in sections(key, "clauses.toml").items()}
    explanations = read_explanations(SCENARIOS / SURVIVORS)
    return coverage_page(list(rulebooks().values()), rans, not_run, titles, explanations)


FIGURES_OF = ("band", "band at audits")
MORNING = ("report deadline", "morning step")
SHARED_CASES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "SC-X-01": ("92.5 per cent after forty school days", FIGURES_OF),
    "SC-X-03": ("88.75 per cent after forty school days", FIGURES_OF),
    "SC-X-04": ("Exactly half of all sessions missed", FIGURES_OF),
    "SC-X-06": ("A quarter to nine, and nobody has rung", MORNING),
    "SC-X-07": ("Thirteen days' notice to see a grandfather who is dying", ("leave decision", *LEAVE_TESTS)),
    "SC-X-09": ("One lost morning in the first week", FIGURES_OF),
    "SC-X-09-b": ("The same morning where percentages wait for forty sessions", FIGURES_OF),
    "SC-X-10": ("A half term without an absence, and late once", ("award", *FIGURES_OF)),
}
"""By the id of the scenario that lends the pupil: a heading that no policy colours, and what it is about."""


def _shared_cases() -> list[Case]:
    """The pupils who are shown under every policy."""
    by_id = {one.id: one for one in scenarios()}
    return [Case(by_id[key], *said) for key, said in SHARED_CASES.items() if key in by_id]


def _own_policies() -> Mapping[str, Rulebook]:
    """The policies that say more than law and guidance."""
    return {key: one for key, one in rulebooks().items() if key not in (LAW, "model")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the reference, or with --check names the pages that are not up to date."""
    parser = argparse.ArgumentParser(prog="docs/build.py", description="Writes docs/reference.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is out of date")
    if not parser.parse_args(arguments).check:
        write()
        return 0
    names = stale()
    if names:
        listed = indent("\n".join(names), "  ")
        print(f"Not up to date in docs/reference:\n{listed}\nRun `make docs` and commit what changed.")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
