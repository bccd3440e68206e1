"""Whatever a file of facts holds, no line is lost and nothing fails; what is written is read the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from firstbell.exchange.fact_lines import ENVELOPE, FactsRead, kept_lines_text, read_facts, write_facts
from firstbell.exchange.pupils import PupilsRead, read_pupils
from firstbell.exchange.tables import read_table
from firstbell.facts import KINDS, About, By, Data, Fact, Facts, data_of, described, parts_of, pupils_in
from firstbell.problems import Unusable
from tests.pure.test_facts import AMIRA, BEN, PUPILS

INVENTED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def pupils(tmp_path_factory: pytest.TempPathFactory) -> PupilsRead:
    path = tmp_path_factory.mktemp("pupils") / "pupils.csv"
    path.write_text(PUPILS, encoding="utf-8")
    return read_pupils(read_table(path), "school")


def check(content: bytes, folder: Path, pupils: PupilsRead) -> FactsRead | None:
    """Reads a file, and what is kept aside of it: no line is lost, each that is not used says why."""
    path = folder / "facts.jsonl"
    path.write_bytes(content)
    try:
        read = read_facts(path, pupils)
    except Unusable:
        return None
    assert read.lines_in_file == read.lines_read + read.lines_again + len(read.kept_aside)
    assert len(read.facts) == read.lines_read
    assert all(one.problems for one in read.kept_aside)
    assert [one for problem in read.problems if not (one := problem.remedy)] == []
    path.write_text(kept_lines_text(read.kept_aside), encoding="utf-8")
    again = read_facts(path, pupils)
    assert again.lines_in_file == len(read.kept_aside)
    return read


@INVENTED
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@example(content=b"\xef\xbb\xbf\xef\xbb\xbf{")
@example(content=b'{"kind": "\xe9"}\n<html>\n\xc2\xa0')
@example(content=b"\xff\xfe{\x00}\x00")
def test_whatever_a_file_holds_no_line_is_lost(content: bytes, tmp_path: Path, pupils: PupilsRead) -> None:
    check(content, tmp_path, pupils)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.sampled_from(("2025-09-16", "2025-09-16T09:40", "09:40", "yes", "illness", "f1", "f2", "", "\ud800"))
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line that is nearly a fact: each part is likely, anything, or missing."""
    kind = draw(st.sampled_from(list(KINDS)))
    names = [one.name for one in described(KINDS[kind])]
    parts: dict[str, Any] = {
        "kind": kind,
        "id": draw(st.sampled_from(("f1", "f2", "f3"))),
        "pupil": draw(st.sampled_from((AMIRA, BEN, "101"))),
        "parent": "c1",
        "staff": "s1",
        "at": draw(st.sampled_from(("2025-09-16T09:40", "2025-09-17T09:40Z"))),
        "by": "office",
        "data": draw(st.dictionaries(st.sampled_from(names or ["x"]), ANYTHING, max_size=4)),
    }
    if draw(st.booleans()):
        parts["replaces"] = draw(st.sampled_from(("f1", "f2")))
    if draw(st.booleans()):
        parts[draw(st.sampled_from([*ENVELOPE, "kept_aside_because", "line", "x"]))] = draw(ANYTHING)
    return json.dumps(parts, ensure_ascii=True)


@INVENTED
@given(content=st.lists(lines(), max_size=6))
def test_lines_that_are_nearly_facts_are_read_or_kept_aside(
    content: list[str], tmp_path: Path, pupils: PupilsRead
) -> None:
    assert check("\n".join(content).encode(), tmp_path, pupils) is not None


DAYS = st.dates(date(2024, 9, 2), date(2026, 7, 20))
FIRST = datetime(2024, 9, 2, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=600)).map(lambda since: FIRST + since)


def of_form(form: str) -> st.SearchStrategy[Any]:
    """What may stand in a part, by the words in which its form is described to people."""
    if form.startswith("a list: "):
        return st.lists(of_form(form.removeprefix("a list: ")), max_size=3)
    if form.startswith("a pair: "):
        return st.tuples(*map(of_form, form.removeprefix("a pair: ").split(" and ", 1))).map(list)
    if form.startswith("one of "):
        return st.sampled_from(form.split('"')[1::2])
    return {
        "true or false": st.booleans(),
        "a whole number": st.integers(0, 1000),
        "a day, as 2025-09-16": DAYS.map(str),
        "a moment, as 2025-09-16T09:40": MOMENTS.map(datetime.isoformat),
        "a time, as 09:40": st.times().map(str),
    }.get(form, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))


@st.composite
def data_of_a_kind(draw: st.DrawFn, kind: str) -> Data:
    """Data of a kind with all that it needs and some of the rest; its own rules are met by luck or help."""
    parts = {one.name: draw(of_form(one.form)) for one in described(KINDS[kind]) if one.default is None}
    for one in described(KINDS[kind]):
        if one.default is not None and draw(st.booleans()):
            parts[one.name] = draw(of_form(one.form))
    if parts.get("from_on") and parts.get("until_on"):
        parts["from_on"], parts["until_on"] = sorted((parts["from_on"], parts["until_on"]))
    if kind == "leave decided":
        parts["granted_on"] = ["2025-10-01"] if parts["granted"] == "in part" else []
    if kind == "benchmark recorded":
        parts["attendance"] = f"{draw(st.integers(0, 9999)) / 100}{draw(st.sampled_from(('', '%')))}"
    if kind == "draw made":
        parts["winners"] = sorted({*parts["entries"]})[:1]
    return data_of(kind, parts)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8)
@given(chosen=st.data())
def test_data_of_every_kind_are_written_and_read_back_the_same(kind: str, chosen: st.DataObject) -> None:
    data = chosen.draw(data_of_a_kind(kind))
    told = json.dumps(parts_of(data), ensure_ascii=False)
    assert data_of(kind, told.encode()) == data
    assert hash(data_of(kind, told.encode())) == hash(data)


FREE = [kind for kind, cls in KINDS.items() if not cls.once_per and not cls.takes_back]


@INVENTED
@given(chosen=st.data())
def test_facts_are_written_and_read_back_the_same(
    chosen: st.DataObject, tmp_path: Path, pupils: PupilsRead
) -> None:
    facts = []
    for number, kind in enumerate(chosen.draw(st.lists(st.sampled_from(FREE), max_size=5))):
        if any(one.refers_to or one.form == "the id of a fact" for one in described(KINDS[kind])):
            continue
        at = chosen.draw(MOMENTS)
        stay = chosen.draw(st.sampled_from(pupils.enrolments)).id
        about = About(stay, "c1", "s1", chosen.draw(st.sampled_from(("", "Oak"))))
        known_at = at + chosen.draw(st.timedeltas(timedelta(0), timedelta(days=9)))
        by = By("office", chosen.draw(st.sampled_from(("", "s12"))))
        data = chosen.draw(data_of_a_kind(kind))
        data = msgspec.structs.replace(data, **dict.fromkeys(pupils_in(type(data)), (stay,)))
        facts.append(Fact(f"f{number}", about, chosen.draw(DAYS), at, known_at, by, data))
    ordered = Facts.in_order(facts)
    path = tmp_path / "facts.jsonl"
    path.write_text(write_facts(ordered, pupils.pupils, pupils.enrolments), encoding="utf-8")
    assert tuple(read_facts(path, pupils).facts) == tuple(ordered)
