"""A policy as the document that a school publishes: what it says, the chart of the morning, page and PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pypdf
import pytest
from pypdf.generic import DictionaryObject, IndirectObject

from firstbell.delivery.policies import policy_pdf
from firstbell.policy.terms import Limit, Span
from firstbell.reports.published.blocks import Block, Drawing, Heading, Items, Note, Paragraph, Table
from firstbell.reports.published.chart import drawing, steps_in_words
from firstbell.reports.published.document import Document, document
from firstbell.reports.published.marked import plain
from firstbell.reports.published.morning import Step, later_of, steps_of
from firstbell.reports.published.page import policy_page
from firstbell.reports.published.responsibilities import is_of_responsibilities, responsibilities
from firstbell.reports.published.rules import Published, Topic, condition_in_words, is_for_reading
from tests import published

each_policy = pytest.mark.parametrize("name", published.NAMES)
LADDER = "trust-middle"
"""The policy with a morning by the minute."""


def texts_of(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Every text of some blocks, without marks."""
    for block in blocks:
        match block:
            case Heading() | Paragraph() | Note():
                yield plain(block.text)
            case Items():
                yield from map(plain, block.items)
                yield from (plain(one) for _, own in block.below for one in own)
            case Table():
                yield from (plain(line) for row in block.rows for cell in row for line in cell)
            case Drawing():
                yield block.words


def all_of(shown: Document) -> str:
    own = [shown.head, *(section.blocks for section in shown.sections)]
    return "\n".join(text for blocks in own for text in texts_of(blocks))


def section(shown: Document, title: str) -> str:
    found = next(one for one in shown.sections if one.title == title)
    return "\n".join(texts_of(found.blocks))


def table(shown: Document, caption: str) -> list[list[str]]:
    """The rows of a table, each cell as one text."""
    blocks = [block for part in shown.sections for block in part.blocks]
    found = next(one for one in blocks if isinstance(one, Table) and one.caption == caption)
    return [["; ".join(map(plain, cell)) for cell in row] for row in found.rows]


# --- everything that the policy says ---------------------------------------------------------------------


@each_policy
def test_every_rule_letter_clause_and_note_of_a_policy_stands_in_its_document(name: str) -> None:
    policy, text = published.policy(name), all_of(published.shown(name))
    version = policy.version
    asked = [rule.asks for rule in policy.rules if rule.asks and not rule.letter]
    wanted = [*(asks[1:] for asks in asked), *(letter.title for letter in version.letters.values())]
    wanted += [clause.says for clause in version.clauses.values()]
    wanted += [clause.notice for clause in version.clauses.values() if clause.notice]
    wanted += [rule.notice[1:] for rule in policy.rules if rule.notice]
    wanted += list(version.roles.values())
    # What asks for nothing says what must be so first, or what is never done.
    holding = [
        rule for rule in policy.rules if not rule.asks and rule.kind in ("gate", "reserved", "retention")
    ]
    wanted += [plain(condition_in_words(rule))[1:] for rule in holding]
    assert [one for one in wanted if one not in text] == []


@each_policy
def test_every_text_for_reading_stands_in_it(name: str) -> None:
    policy, text = published.policy(name), all_of(published.shown(name))
    missing = []
    for rule in policy.rules:
        source = policy.version.prose.get(str(getattr(rule.params, "prose", "")), "")
        words = re.findall(r"[A-Za-z]{4,}", re.sub(r"\]\([^)]*\)", "]", source))
        missing += [(rule.id, word) for word in words if word.lower() not in text.lower()]
    assert missing == []


@each_policy
def test_every_text_stands_once_and_every_rule_that_asks_in_one_topic(name: str) -> None:
    shown = published.shown(name)
    titles = [part.title for part in shown.sections]
    assert len(titles) == len({*titles})
    paragraphs = [
        plain(block.text)
        for part in shown.sections
        for block in part.blocks
        if isinstance(block, Paragraph) and len(plain(block.text)) > 80
    ]
    assert len(paragraphs) == len({*paragraphs})


@each_policy
def test_with_settings_nothing_is_left_open_and_nothing_is_a_programs_word(name: str) -> None:
    shown = published.shown(name)
    settings = published.policy(name).settings
    page, text = policy_page(shown), all_of(shown)
    # Of its address the invented school of a policy without letters says nothing.
    names = {"phone": "telephone number", "email": "e-mail address", "address": "address"}
    missing = {
        f"its {says}" for key, says in names.items() if key not in (settings.school if settings else ())
    }
    assert {*re.findall(r"\[the school states: (.*?)\]", text)} == missing
    assert page.count("<mark>") == text.count("[the school states: ")
    for word in ("Unstated", "{{", "}}", "{%", "frozenset", "lorem", "TODO", "()", "datetime"):
        assert word not in text
    assert not re.search(r"[a-z,:(] None\b|^None$", text, re.MULTILINE)


@each_policy
def test_without_settings_it_says_in_place_what_the_school_must_state(name: str) -> None:
    shown = published.shown(name, with_settings=False)
    page, text = policy_page(shown), all_of(shown)
    assert shown.school == ""
    assert "[the school states: its telephone number]" in text
    says = {
        one.says[1:]
        for rule in published.policy(name, with_settings=False).rules
        for value in [getattr(rule.params, field) for field in type(rule.params).__struct_fields__]
        if type(one := value).__name__ == "Unstated" and not is_for_reading(rule)
    }
    assert (
        says and [one for one in says if f"the school states: {one[0]}" not in text and one not in text] == []
    )
    assert page.count("<mark>") > len(says)


@each_policy
def test_the_settings_values_stand_where_the_policy_leaves_them_to_the_school(name: str) -> None:
    settings = published.policy(name).settings
    assert settings is not None
    text = all_of(published.shown(name))
    assert [one for one in (settings.name, *settings.school.values()) if one not in text] == []


def test_the_day_is_told_per_year_group_with_opening_late_closing_and_length() -> None:
    rows = table(published.shown("primary-rewards"), "When registers are taken")
    assert rows == [
        ["Morning", "09:00", "09:00", "09:20", "20 minutes"],
        ["Afternoon; in Nursery, Reception and Years 3 and 4", "12:45", "12:45", "13:05", "20 minutes"],
        ["Afternoon; in Years 1, 2, 5 and 6", "13:00", "13:00", "13:20", "20 minutes"],
    ]
    later = published.changed(published.policy("primary-rewards"), "morning-register", late_after=time(9, 5))
    assert table(document(later), "When registers are taken")[0][2] == "09:05"


def test_bands_stand_from_the_highest_down_with_what_is_done_by_whom() -> None:
    rows = table(published.shown("primary-rewards"), "What is done at which attendance")
    limits = [row[0].partition(";")[0] for row in rows]
    assert limits == [
        *("Below 96%", "Below 95%", "From 90% to below 95%", "90% or below", "Below 90%", "50% or below")
    ]
    assert "Letter “Attendance below 95%” (attendance officer) S2-27" in rows[1][1]
    lower = published.changed(published.policy("primary-rewards"), "below-95-letter", when=Limit("below 94%"))
    rows = table(document(lower), "What is done at which attendance")
    assert [row[0].partition(";")[0] for row in rows][1:3] == ["Below 95%", "From 90% to below 95%"]
    assert next(row for row in rows if row[0].startswith("Below 94%"))[1].startswith("Letter “Attendance")


def test_where_the_law_is_stricter_it_says_so_and_the_laws_value_stands() -> None:
    legal = section(published.shown("primary-rewards"), Topic.LEGAL)
    assert (
        "10 sessions of unauthorised absence with the code G, N, O or U fall within 10 school weeks" in legal
    )
    assert "Note: Law counts N as well" in legal
    assert "£80 if paid within 21 days, £160 within 28 days" in legal and "SI 2024/210" in legal


def test_the_rules_of_law_that_no_rule_of_the_policy_stands_for_are_told_besides() -> None:
    besides = section(published.shown("primary-rewards"), "What the law asks besides")
    assert "tell the social worker of the absence" in besides and "SI 2024/208, reg 13" in besides
    assert "Sickness return" not in besides.partition("Since 19 August")[0]


@each_policy
def test_every_role_has_all_that_is_asked_of_it(name: str) -> None:
    policy = published.policy(name)
    shown = published.shown(name)
    for role in {rule.who for rule in policy.rules if rule.who and rule.asks}:
        own = next(
            block
            for part in shown.sections
            for block in part.blocks
            if isinstance(block, Table) and block.caption == f"The {role}: what, and when"
        )
        text = " ".join(texts_of((own,)))
        asked = [rule for rule in policy.rules if rule.who == role and rule.asks]
        wanted = [policy.version.letters[one.letter].title if one.letter else one.asks[1:] for one in asked]
        assert [one for one in wanted if one not in text] == []


def test_a_review_is_told_by_its_day_or_by_the_rule_that_asks_for_it() -> None:
    by_rule = " ".join(texts_of(published.shown("primary-rewards").head))
    assert "Next review In every school year, at its beginning, by the governors" in by_rule
    by_day = " ".join(texts_of(published.shown(LADDER).head))
    assert re.search(r"Next review \d+ \w+ \d{4}", by_day)


# --- responsibilities ------------------------------------------------------------------------------------

TEXT = """\
# Who does what: pupils at risk

Some children miss more than others.

**Parents** talk with us.

**The school**

- finds them early;
- listens.

**Trustees** ask what is done.

**The local authority** opens the way.

**The gap.** No table names it.
"""


def test_the_table_of_responsibilities_has_a_column_for_each_audience_that_is_spoken_to() -> None:
    made = responsibilities([TEXT, "# Who does what: all pupils\n\n**Pupils** come.\n\n**Staff** teach.\n"])
    assert made is not None and made.headings == (
        *("In which case", "Parents and pupils", "The school", "Governors and trustees"),
        "The local authority and others",
    )
    rows = [["; ".join(map(plain, cell)) for cell in row] for row in made.rows]
    assert rows[0][0].startswith("Pupils at risk; Some children miss more than others.")
    assert "The gap. No table names it." in rows[0][0]
    assert rows[0][1:] == [
        "Parents talk with us.",
        "Finds them early;; Listens.",
        "Trustees ask what is done.",
        "The local authority opens the way.",
    ]
    assert rows[1] == ["All pupils", "Pupils come.", "Staff teach.", "", ""]


def test_what_says_nothing_of_who_does_what_is_no_row_of_it() -> None:
    assert is_of_responsibilities(TEXT)
    assert not is_of_responsibilities(
        "# Leave\n\n**How to ask.** On the form.\n\n**If it is granted**, go.\n"
    )
    assert responsibilities([]) is None


def test_the_responsibilities_of_every_audience_of_the_policy_are_told() -> None:
    for name in ("primary-rewards", LADDER, "threshold-table"):
        rows = table(published.shown(name), "Who does what, by case and audience")
        assert len(rows) > 4 and all(row[2] for row in rows[:3])


# --- the chart of the morning ----------------------------------------------------------------------------


def morning(policy: Published) -> tuple[str, str]:
    """The chart's texts and the list's, each in one line."""
    drawn = drawing("Morning", steps_of(policy), later_of(policy))
    listed = " ".join(map(plain, steps_in_words(steps_of(policy)).items))
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn.svg)), listed


@pytest.mark.parametrize(
    ("rule", "values", "was", "now"),
    [
        ("morning-register", {"opens": time(8, 30)}, "08:40 The register opens", "08:30 The register opens"),
        (
            "morning-register",
            {"closes": time(9, 5)},
            "09:10 The register closes",
            "09:05 The register closes",
        ),
    ],
)
def test_the_times_of_the_register_are_the_rules(
    rule: str, values: dict[str, Any], was: str, now: str
) -> None:
    policy = published.policy(LADDER)
    before, after = morning(policy), morning(published.changed(policy, rule, **values))
    assert was in before[0] and was.replace(" The", ": The") in before[1]
    assert now in after[0] and now.replace(" The", ": The") in after[1]
    assert was not in after[0] and was.replace(" The", ": The") not in after[1]


def test_the_time_by_which_parents_report_and_children_are_safe_are_the_rules() -> None:
    policy = published.policy(LADDER)
    for rule in policy.rules:
        if rule.kind in ("report deadline", "morning step"):
            by: Any = getattr(rule.params, "by")  # noqa: B009
            later = time(by.hour, by.minute + 7)
            policy = published.changed(policy, rule.id, by=later)
    for text in morning(policy):
        assert "08:47" in text and "10:07" in text
        assert "10:00" not in text and "by 08:40" not in text.lower()


def test_the_alert_before_everybody_must_be_safe_stands_so_many_minutes_earlier() -> None:
    policy = published.policy(LADDER)
    [alert] = [
        rule for rule in policy.rules if getattr(rule.params, "ahead", None) and rule.kind == "morning step"
    ]
    chart, listed = morning(published.changed(policy, alert.id, ahead=Span("20 minutes")))
    assert "09:40 Is anybody not yet known to be safe?" in chart and "09:40: Is anybody" in listed


def test_the_steps_stand_in_the_order_of_the_morning_and_each_has_its_role() -> None:
    steps = steps_of(published.policy(LADDER))
    titles = [step.title for step in steps]
    order = ["The register opens", "Is the pupil here?", "Has anybody told us why?", "Every absent child"]
    places = [next(i for i, title in enumerate(titles) if title.startswith(one)) for one in order]
    assert places == sorted(places) and titles[0].startswith("Parents tell")
    assert titles[-1] == "Every absent child is known to be safe"
    asked = {rule.who for rule in published.policy(LADDER).rules if rule.kind == "morning step"}
    told = " ".join(f"{step.who} {' '.join(step.details)}" for step in steps)
    assert [who for who in asked if who not in told] == []


def test_the_list_beside_the_chart_says_all_that_the_chart_says() -> None:
    steps = steps_of(published.policy(LADDER))
    text = " ".join(map(plain, steps_in_words(steps).items))
    for step in steps:
        for said in (step.title, step.who, step.aside, step.onward, *step.details):
            assert said in text
        assert step.at.lower() in text.lower()


@each_policy
def test_every_policy_with_a_morning_has_one_chart_with_words_in_its_place(name: str) -> None:
    shown = published.shown(name)
    [chart] = shown.charts
    assert chart.words and all(step.title in chart.words for step in steps_of(published.policy(name)))
    # On a page that is 180 mm wide and has 240 mm for it, its text is at least 6 points high.
    assert min(180 / chart.width, 240 / chart.height) * 12.5 / 25.4 * 72 >= 6


def test_a_policy_that_says_nothing_of_a_morning_has_no_chart() -> None:
    own = published.policy("model")
    rules = tuple(rule for rule in own.rules if rule.kind != "report deadline")
    assert steps_of(Published(own.version, own.day, own.law, own.settings, rules, own.besides, {})) == ()


def test_a_long_text_is_broken_and_what_is_no_text_of_ours_is_escaped() -> None:
    step = Step("by 08:40", "A <b>&" + "x" * 200, ("many words " * 30,), "the office")
    svg = drawing("M", (step,), ()).svg
    assert "<b>" not in svg and "&lt;b&gt;&amp;" in svg
    lines = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert len(lines) > 5 and max(map(len, lines)) < 90


# --- the page --------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """What a page has, as far as its order and its names matter."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tables = self.captions = 0
        self.bare_headings = 0
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        self.language = own.get("lang") or self.language
        self.ids += [own["id"] or ""] if own.get("id") else []
        self.links += [own["href"] or ""] if own.get("href") else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.bare_headings += tag == "th" and "scope" not in own


@each_policy
@pytest.mark.parametrize("with_settings", [True, False])
def test_the_page_has_headings_in_order_captions_scopes_and_links_that_lead_somewhere(
    name: str, with_settings: bool
) -> None:
    page = policy_page(published.shown(name, with_settings=with_settings))
    reader = Reader()
    reader.feed(page)
    assert reader.language == "en-GB"
    assert reader.levels[0] == 1 and reader.levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(reader.levels, reader.levels[1:], strict=False))
    assert reader.tables == reader.captions and reader.bare_headings == 0
    assert len(reader.ids) == len({*reader.ids})
    inner = [one[1:] for one in reader.links if one.startswith("#")]
    assert "policy" in inner and [one for one in inner if one not in reader.ids] == []
    assert "<script" not in page and "http-equiv" not in page


def test_what_stands_in_a_policy_is_text_and_never_html_or_typst() -> None:
    own = published.policy("model")
    odd = '<script>x</script> #pagebreak() *a* "b"'
    shown = document(published.changed(own, "morning-register", opens=time(8, 59)))
    shown = replace(shown, title=odd, school=odd)
    assert "<script>" not in policy_page(shown)
    assert odd in _text(policy_pdf(shown))


# --- the PDF ---------------------------------------------------------------------------------------------


@cache
def pdf(name: str) -> bytes:
    return policy_pdf(published.shown(name))


def _reader(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def _text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in _reader(content).pages).split())


def _elements(node: object) -> Iterator[DictionaryObject]:
    """All structure elements below a node, in reading order."""
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, list):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node["/K"])


@each_policy
def test_the_pdf_is_tagged_as_pdf_ua_asks(name: str) -> None:
    reader = _reader(pdf(name))
    root: Any = reader.trailer["/Root"]
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/Lang"] == "en-GB"
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert reader.metadata is not None and reader.metadata.title
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", root["/Metadata"].get_data())
    kinds = [str(element["/S"]) for element in _elements(root["/StructTreeRoot"])]
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[:1] == [1] and levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))
    assert kinds.count("/TH") > 10 and kinds.count("/Caption") > 5


@each_policy
def test_the_chart_has_a_page_to_itself_and_words_in_its_place(name: str) -> None:
    reader = _reader(pdf(name))
    root: Any = reader.trailer["/Root"]
    figures = [one for one in _elements(root["/StructTreeRoot"]) if str(one["/S"]) == "/Figure"]
    [alt] = [str(one["/Alt"]) for one in figures if str(one.get("/Alt", "")).strip()]
    assert alt.startswith("The morning of an absence. 1. by ")
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    [own] = [page for page in pages if "Is the pupil here?" in page and "Marked present, or late." in page][
        :1
    ]
    assert "The morning of an absence" in own and "When a child cannot come" not in own
    assert "Has anybody told us why?" in own and "The same as a list" not in own
    later = later_of(published.policy(name))
    assert later == () or "If the absence goes on" in own


@each_policy
def test_paper_says_what_the_page_says(name: str) -> None:
    shown, paper = published.shown(name), _text(pdf(name))
    squeezed = re.sub(r"\W", "", paper)
    missing = [
        text
        for part in shown.sections
        for text in texts_of(tuple(one for one in part.blocks if not isinstance(one, Drawing)))
        if len(text) < 60 and re.sub(r"\W", "", text) not in squeezed
    ]
    assert missing == []


def test_the_same_policy_gives_the_same_bytes_and_names_no_other_day() -> None:
    assert policy_pdf(published.shown("model")) == pdf("model")
    metadata = _reader(pdf("primary-rewards")).metadata
    assert metadata is not None and str(metadata["/CreationDate"]).startswith("D:20241001")
