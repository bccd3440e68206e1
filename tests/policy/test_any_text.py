"""Whatever stands in the files of a policy: it is read, or refused with words and places."""

from __future__ import annotations

import json
import tempfile
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from firstbell import statute
from firstbell.policy import PolicyFiles, read_policy, read_school
from firstbell.policy.checking import problems_with_settings
from firstbell.policy.parameters import KINDS
from firstbell.policy.vocabulary import RULE_KEYS
from firstbell.problems import Unusable
from tests.policy.laying import GOOD, POLICY_FROM

ENGLAND = statute.england()
NO_LAW = PolicyFiles("law", ())
WORDS = st.sampled_from(
    [
        "school",
        "law",
        "",
        "09:30",
        "25:61",
        "below 96%",
        "below 400%",
        "14 days",
        "G",
        "office",
        "1.1",
        "R",
        "x",
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(WORDS, st.integers(-2, 20), st.booleans(), st.floats(0, 1), st.just(date(2025, 9, 1))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


def toml(value: object) -> str:
    """A value as TOML, tables within the line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value) if isinstance(value, date) else json.dumps(value)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(KINDS)))
    params = st.sampled_from([*KINDS[kind].__struct_encode_fields__, "other"])
    return {
        "id": draw(st.sampled_from(["one", "two", "Three"])),
        "kind": kind,
        "implements": ["1.1"],
        "mode": draw(st.sampled_from(["automatic", "prompt", "content"])),
        "params": draw(st.dictionaries(params, VALUES, max_size=4)),
        **draw(st.dictionaries(st.sampled_from([*RULE_KEYS, "colour"]), VALUES, max_size=3)),
    }


@given(st.lists(rules(), max_size=3), st.dictionaries(WORDS, VALUES, max_size=2))
def test_any_rules_are_read_or_refused_with_the_file_and_what_to_do(
    own: list[dict[str, Any]], more: dict[str, Any]
) -> None:
    text = toml_file({"title": "T", "roles": {"office": "o"}, "rule": own, **more})
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "small" / POLICY_FROM
        folder.mkdir(parents=True)
        (folder / "policy.toml").write_text(text, encoding="utf-8")
        (folder / "clauses.toml").write_text('[clauses]\n"1.1" = "x"\n', encoding="utf-8")
        try:
            policy = read_policy(Path(root), "small", ENGLAND, NO_LAW)
        except Unusable as refused:
            rows = text.count("\n") + 1
            for problem in refused.problems:
                assert problem.place.file == "small/2025-09-01/policy.toml"
                assert problem.place.row is not None
                assert 1 <= problem.place.row <= rows
                assert problem.remedy
        else:
            problems_with_settings(ENGLAND, NO_LAW, policy, None)


def toml_file(content: dict[str, Any]) -> str:
    return "\n".join(f"{json.dumps(key)} = {toml(value)}" for key, value in content.items())


@given(st.dictionaries(st.sampled_from(["policy", "name", "roles", "rules", "school", "x"]), VALUES))
def test_any_settings_are_read_or_refused(content: dict[str, Any]) -> None:
    settings = tomllib.loads((GOOD / "school.toml").read_text(encoding="utf-8")) | content
    try:
        read = read_school(toml_file(settings))
    except Unusable as refused:
        assert all(problem.place.row is not None for problem in refused.problems)
    else:
        problems_with_settings(ENGLAND, NO_LAW, None, read)
