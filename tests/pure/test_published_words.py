"""The words of a published policy: for each kind of rule and parameter, each kind of fact and each flag."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import msgspec
import pytest

from firstbell.facts import KINDS as FACTS
from firstbell.policy import KINDS, Form, Rule
from firstbell.policy.describing import parameters_of
from firstbell.policy.parameters import Params
from firstbell.policy.rule import AppliesTo, Letter, Mode
from firstbell.policy.terms import Limit, Span
from firstbell.policy.vocabulary import choices
from firstbell.problems import Place
from firstbell.reports.published.blocks import Heading, Items, Note, Paragraph, Table, prose
from firstbell.reports.published.happenings import HAPPENS, needed_in_words, with_parts
from firstbell.reports.published.kinds import WORDS, parts_of, when_in_words
from firstbell.reports.published.marked import BREAK, Node, link, nodes, plain, safe, small, strong
from firstbell.reports.published.rules import Topic, asked_in_words, topic_of
from firstbell.reports.published.values import (
    FLAGS,
    Unstated,
    limit_in_words,
    lowered,
    ordinal,
    range_in_words,
    span_in_words,
    whom_in_words,
    years_in_words,
)
from firstbell.scenarios.mutants import mutants
from tests import published

# --- every kind, every parameter -------------------------------------------------------------------------

EVERY_PARAMETER = [
    (name, field.name) for name, kind in KINDS.items() for field in msgspec.structs.fields(kind)
]
SO_THAT_IT_MATTERS: dict[tuple[str, str], dict[str, Any]] = {
    ("improvement window", "letters"): {"since": ("letter sent",)},
    ("improvement window", "meetings"): {"since": ("meeting held",)},
    ("improvement window", "until"): {"while_": Limit("below 95%")},
    ("period while", "where"): {"opened": "plan agreed"},
}
"""What a rule has to state besides for a parameter to say anything."""


def values_of(info: msgspec.inspect.Type) -> list[Any]:
    """Different values that a parameter may have."""
    inspect = msgspec.inspect
    match info:
        case inspect.Metadata():
            return values_of(info.type)
        case inspect.LiteralType():
            return [value for value in info.values if value]
        case inspect.UnionType():
            return [
                one
                for kind in info.types
                if not isinstance(kind, inspect.NoneType)
                for one in values_of(kind)
            ]
        case inspect.VarTupleType() if isinstance(info.item_type, inspect.TupleType):
            return [((date(2025, 5, 12), date(2025, 5, 15)),), ((date(2025, 5, 12), date(2025, 5, 16)),)]
        case inspect.VarTupleType():
            return [("one", "two"), ("two",)]
        case inspect.DictType():
            return [{"meeting": ("1", "2")}, {"meeting": ("2",)}]
        case inspect.CustomType():
            return (
                [info.cls("below 91%"), info.cls("at most 91%")]
                if info.cls is Limit
                else [Span("3 days"), Span("3 weeks")]
            )
    simple: dict[type[msgspec.inspect.Type], list[Any]] = {
        inspect.BoolType: [True, False],
        inspect.IntType: [3, 4],
        inspect.TimeType: [time(8, 41), time(8, 42)],
        inspect.StrType: ["one", "two"],
    }
    return next(values for kind, values in simple.items() if isinstance(info, kind))


def fields_of(kind: type[Params]) -> dict[str, msgspec.inspect.Field]:
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return {one.name: one for one in info.fields}


def made(kind: type[Params], values: dict[str, Any]) -> Params:
    """Parameters of a kind with some values, and with any for what else is needed."""
    needed = {name: values_of(one.type)[0] for name, one in fields_of(kind).items() if one.required}
    return kind(**{**needed, **values})


def test_every_kind_of_rule_has_words_and_no_other_has() -> None:
    assert {kind.kind for kind in WORDS} == {*KINDS}


@pytest.mark.parametrize(("name", "parameter"), EVERY_PARAMETER)
def test_every_value_of_every_parameter_is_told_apart(name: str, parameter: str) -> None:
    kind = KINDS[name]
    field = fields_of(kind)[parameter]
    values = values_of(field.type)
    if not field.required and field.default is not msgspec.NODEFAULT:
        values.append(field.default)
    besides = SO_THAT_IT_MATTERS.get((name, parameter), {})
    told = {when_in_words(made(kind, {**besides, parameter: value})) for value in values}
    assert len(told) == len({repr(value) for value in values})


@pytest.mark.parametrize(("name", "parameter"), EVERY_PARAMETER)
def test_what_the_school_has_yet_to_state_is_said_in_its_place(name: str, parameter: str) -> None:
    kind = KINDS[name]
    field = fields_of(kind)[parameter]
    says = next(one.says for one in parameters_of(kind) if one.name == field.encode_name)
    besides = SO_THAT_IT_MATTERS.get((name, parameter), {})
    words = plain(when_in_words(made(kind, {**besides, parameter: Unstated(says)})))
    assert f"[the school states: {says[:1].lower()}{says[1:]}]" in words


@pytest.mark.parametrize("name", KINDS)
def test_the_words_of_a_kind_are_a_sentence_and_not_a_dump(name: str) -> None:
    values = {key: values_of(one.type)[0] for key, one in fields_of(KINDS[name]).items()}
    for either in KINDS[name].either:
        values.pop(either[1])
    words = plain(when_in_words(made(KINDS[name], values)))
    assert words and not set("{}_") & set(words) and "None" not in words and "  " not in words


@pytest.mark.parametrize("name", published.NAMES)
def test_every_small_change_of_a_shipped_policy_changes_the_words_of_its_rule(name: str) -> None:
    policy = published.policy(name)
    own = {rule.id: rule for rule in policy.rules}
    written = {one.id: {*one.stated, *one.by_school, *one.by_law} for one in policy.version.rules}
    stated = [(rule, written[key]) for key, rule in own.items()]
    same = []
    for mutant in mutants(name, stated):
        rule = own[mutant.rule]
        new = mutant.change(rule)
        same += [str(mutant)] if _words(new) == _words(rule) else []
    assert same == []


def _words(rule: Rule) -> tuple[str, str]:
    return when_in_words(rule.params), whom_in_words(rule.applies_to)


def test_each_parameter_is_said_by_the_part_that_names_it() -> None:
    band = KINDS["band"](when=Limit("below 94%"), over="half term", least_possible=40)
    assert [(plain(part.text), part.by) for part in parts_of(band)] == [
        ("when attendance is below 94%", ("when", "until")),
        ("over the half term", ("over",)),
        ("once 40 sessions were possible", ("least_possible",)),
    ]


# --- facts, flags, values --------------------------------------------------------------------------------


def test_every_kind_of_fact_and_every_flag_has_words() -> None:
    assert {*HAPPENS} == {*FACTS}
    assert {*FLAGS} == {*choices("flag set", "flag")}


def test_the_parts_of_a_fact_are_told_by_what_they_say() -> None:
    assert with_parts("meeting held", {"meeting": "panel", "attended": "yes"}) == "panel; a parent came: yes"
    assert with_parts("timetable agreed", {"extends": True}) == "with the timetable that it extends"
    assert with_parts("left site", {"with_adult": True}).startswith("with the adult who signed the pupil out")
    assert "taken abroad: yes" in with_parts("leave asked", {"abroad": True})


def test_what_must_be_on_record_names_people_and_no_ids() -> None:
    words = needed_in_words(("timetable agreed: agreed_by", "evidence received: of = illness"))
    assert words == (
        "a part-time timetable is agreed (with those who agreed) and evidence is received (illness)"
    )


@pytest.mark.parametrize(
    ("when", "until", "words"),
    [
        ("below 95%", None, "below 95%"),
        ("at most 90%", None, "90% or below"),
        ("above 92.5%", None, "above 92.5%"),
        ("below 95%", "below 90%", "from 90% to below 95%"),
        ("at most 95%", "at most 90%", "from above 90% to 95%"),
        ("at least 96%", "at least 98%", "96% or above, but not 98% or above"),
    ],
)
def test_a_limit_and_a_range_say_which_end_belongs_to_them(when: str, until: str | None, words: str) -> None:
    assert plain(range_in_words(Limit(when), Limit(until) if until else None)) == words


def test_a_count_and_a_span_of_one_are_singular() -> None:
    assert span_in_words(Span("1 school day")) == "1 school day"
    assert span_in_words(Span("2 weeks")) == "2 weeks"
    assert plain(limit_in_words(Limit("at most 3"))) == "3 or below"
    assert [ordinal(number) for number in (1, 10, 11, 12, 21, 22, 23)] == [
        *("first", "tenth", "11th", "12th", "21st", "22nd", "23rd")
    ]


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (("N", "N1", "N2", "R", "3", "4"), "Nursery, Reception and Years 3 and 4"),
        (("1", "2", "3", "4", "5", "6"), "Years 1 to 6"),
        (("1", "2", "5", "6", "7"), "Years 1, 2 and 5 to 7"),
        (("6",), "Year 6"),
        (("N2",), "Nursery 2"),
    ],
)
def test_year_groups_in_a_row_are_told_by_the_first_and_the_last(groups: tuple[str, ...], words: str) -> None:
    assert years_in_words(groups) == words


def test_whom_a_rule_is_about_is_one_phrase() -> None:
    about = AppliesTo(frozenset({"5", "6"}), True, frozenset({"EHCP"}), half_terms=frozenset({2, 3}))
    assert whom_in_words(about) == (
        "pupils in Years 5 and 6, of compulsory school age, with an education, health and care plan (EHCP), "
        "in the second and third half term"
    )
    assert whom_in_words(AppliesTo()) == ""


def test_a_code_at_the_beginning_of_a_question_stays_one() -> None:
    assert lowered("U, or another code?") == "U, or another code?"
    assert lowered("Ring the parents") == "ring the parents"


# --- what a rule asks, and what it is about --------------------------------------------------------------


def rule(kind: str, **told: Any) -> Rule:
    values = told.pop("params", {})
    return Rule("own", kind, (), Mode.AUTOMATIC, made(KINDS[kind], values), Place(), **told)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (Form.TASK, "Welfare check"),
        (Form.PROMPT, "Welfare check (ring or visit)"),
        (Form.LIST, "List: welfare check"),
        (Form.ALERT, "To know: welfare check"),
        (Form.RETURN, "Return: welfare check"),
    ],
)
def test_what_is_asked_says_in_which_form(form: Form, words: str) -> None:
    own = rule("day of absence", asks="welfare check", form=form, offers=("ring", "visit"))
    assert asked_in_words(own) == words


def test_a_question_is_decided_by_a_person_and_a_letter_has_its_title() -> None:
    asked = rule("band", asks="Refer the case?", form=Form.PROMPT, offers=("yes", "no"))
    assert asked_in_words(asked) == "A person decides: refer the case?"
    assert asked_in_words(asked, Letter("a", "First letter")) == "Letter “First letter”"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_rule_has_a_topic(kind: str) -> None:
    assert topic_of(rule(kind)) in Topic


def test_what_follows_from_an_answer_or_waits_for_a_rule_stands_with_it() -> None:
    first = rule("leave decision", asks="grant it?")
    answer = rule(
        "following", params={"fact": "decision made", "where": {"question": "grant it?", "answer": "no"}}
    )
    assert topic_of(answer, [first, answer]) is Topic.LEAVE
    assert topic_of(answer) is Topic.TOGETHER
    waiting = rule("band", after="own")
    assert topic_of(waiting, [rule("threshold")]) is Topic.LEGAL


# --- marks, and texts in Markdown ------------------------------------------------------------------------


def test_marks_are_a_tree_and_text_of_a_file_is_never_one() -> None:
    by_the_way = small(link("why", "#a"))
    text = f"at {strong(f'08:40 {by_the_way}')}{BREAK}{safe(strong('x'))}"
    inner = Node("strong", ("08:40 ", Node("small", (Node("link", ("why",), "#a"),))))
    assert nodes(text) == ("at ", inner, Node("break", ()), "x")
    assert plain(text) == "at 08:40 why x"
    assert plain(str(Unstated("How long it stays open"))) == "[the school states: how long it stays open]"


PROSE = """\
# Leave

First **only** the *head* grants it, see
[the form](https://example.org/form) or [this file](other.md).

- one
- two
  goes on
  - below two

1. step

### Too deep

| notice | sum |
|---|---|
| first | £80 |
| | £160 |

> Set off,
> twice.
"""


def test_a_text_in_markdown_is_read_as_blocks_with_headings_one_level_at_a_time() -> None:
    heading, paragraph, items, steps, second, table, note = prose(PROSE, 3)
    assert heading == Heading("Leave", 3) and second == Heading("Too deep", 4)
    assert isinstance(paragraph, Paragraph)
    assert plain(paragraph.text) == "First only the head grants it, see the form or this file."
    links = [one.to for one in nodes(paragraph.text) if isinstance(one, Node) and one.kind == "link"]
    assert links == ["https://example.org/form"]
    assert items == Items(("one", "two goes on"), below=((1, ("below two",)),))
    assert steps == Items(("step",), is_numbered=True)
    assert isinstance(table, Table) and isinstance(note, Note)
    assert table.headings == ("Notice", "Sum") and table.caption == "Too deep" and table.hides_caption
    assert table.rows == ((("first",), ("£80",)), (("first",), ("£160",)))
    assert note == Note("Set off, twice.")
