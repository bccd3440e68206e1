"""In which line something of a TOML file stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstbell.policy.lines import Lines, NotToml, read_toml

PACKAGE = Path(__file__).resolve().parents[2] / "firstbell"
TRICKY = """title = "a # is [no] comment, } no end" # but this is: [x]
"a.b" = 'it''s' # two texts never stand side by side
"""
LONG = '''# a file
title = """
[[rule]]
x = 1 \\""" still the text""""
[roles] # [who]
office = 'a # "b'
"head of [year]" = "c"

[[rule]]
id = "one"
params = { day = 4, of = "x # }", list = ["a]",
  "b" ] }
[[rule]]
id = "two"
applies_to.year_groups = [ # a comment, with a ]
  "1", # "2",
  "3",
]
[rule.params]
when = "below 96%"
phases = { infants = ["R"], juniors = [
"3", "4"] }
[rule.params.deep."very.deep"]
on = 2025-09-01 09:30:00
'''


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every key and item that a TOML file was read as."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*path, key)
        yield from paths_of(one, (*path, key))


@pytest.mark.parametrize(
    ("path", "row"),
    [
        (("title",), 2),
        (("roles",), 5),
        (("roles", "office"), 6),
        (("roles", "head of [year]"), 7),
        (("rule", 0), 9),
        (("rule", 0, "params", "of"), 11),
        (("rule", 0, "params", "list", 0), 11),
        (("rule", 0, "params", "list", 1), 12),
        (("rule", 1), 13),
        (("rule", 1, "applies_to", "year_groups"), 15),
        (("rule", 1, "applies_to", "year_groups", 1), 17),
        (("rule", 1, "params"), 19),
        (("rule", 1, "params", "phases", "juniors", 1), 22),
        (("rule", 1, "params", "deep", "very.deep", "on"), 24),
    ],
)
def test_everything_stands_in_the_line_where_a_person_sees_it(path: tuple[str | int, ...], row: int) -> None:
    tomllib.loads(LONG)
    assert Lines(LONG).of(*path) == row


def test_what_is_missing_is_missing_in_the_line_of_what_it_would_stand_in() -> None:
    lines = Lines(LONG)
    assert lines.of("rule", 1, "params", "until") == 19
    assert lines.of("rule", 7) == 9
    assert lines.of("nothing") == 1


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_lines_are_the_same_whichever_way_they_end(ends: str) -> None:
    assert Lines(LONG.replace("\n", ends)).all == Lines(LONG).all


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.toml")), ids=lambda file: str(file.relative_to(PACKAGE))
)
def test_every_key_and_item_of_our_own_files_has_a_line(file: Path) -> None:
    content, lines = read_toml(file.read_text(encoding="utf-8"))
    assert {*paths_of(content)} <= lines.all.keys()


@pytest.mark.parametrize(
    ("text", "row"), [("a = 1\nb = \n", 2), (TRICKY, 2), ('a = 1\n\nb = """', 3), ("a = 1\n[c]\nb = [1,", 3)]
)
def test_a_text_that_is_no_toml_is_refused_with_the_line(text: str, row: int) -> None:
    with pytest.raises(NotToml) as refused:
        read_toml(text)
    assert refused.value.row == row


def test_tables_that_stand_too_deep_are_refused() -> None:
    with pytest.raises(NotToml, match="too deep"):
        read_toml("a = " + "[" * 100_000)
