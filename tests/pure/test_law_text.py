"""The law of a day as a person reads it in a terminal."""

from __future__ import annotations

from datetime import date

import pytest

from firstbell import statute
from firstbell.problems import Unusable
from firstbell.reports.law import TOPICS, law_text
from firstbell.statute import Code, Confidence, NoLaw

ENGLAND = statute.england()
DAY = date(2025, 9, 16)


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_every_kind_of_value_has_a_topic() -> None:
    assert {type(value) for value in ENGLAND.values} == {kind for kinds in TOPICS.values() for kind in kinds}


@pytest.mark.parametrize("day", [date(2006, 9, 1), date(2020, 11, 12), date(2024, 8, 18), DAY])
def test_the_whole_law_fits_a_terminal_and_leaves_nothing_out(day: date) -> None:
    text = law_text(ENGLAND, day)
    assert max(map(len, text.splitlines())) <= 100
    whole = one_line(text)
    for value in ENGLAND.on(day).values:
        assert str(value.source) in whole
        sure = "note" if value.confidence is Confidence.SEEN else value.confidence
        assert not value.note or f"{sure}: {value.note}" in whole
        assert not isinstance(value, Code) or f"{value.symbol} {value.name}" in whole


def test_a_value_resting_on_an_edition_since_replaced_says_so() -> None:
    said = "(2024) was in force until 8 July 2026: not checked against what followed it."
    assert said not in one_line(law_text(ENGLAND, date(2026, 7, 8), "Z"))
    assert said in one_line(law_text(ENGLAND, date(2026, 7, 9), "Z"))


def test_a_code_says_how_it_counts_who_may_have_it_and_which_rules_name_it() -> None:
    text = law_text(ENGLAND, DAY, "C2")
    lines = [one_line(line) for line in text.splitlines()]
    for said in (
        "numerator no, does not count as attended",
        "denominator yes, a possible session",
        "absence authorised",
        "threshold does not count",
        "who only pupils of compulsory school age",
        "leave to be asked for in advance; otherwise O",
        "others use X",
        "from 19 August 2024; SI 2024/208, reg. 10, Table 3, with 11(6)",
        "ground A temporary part-time timetable",
    ):
        assert said in lines


@pytest.mark.parametrize(
    ("symbol", "day", "ended", "instead"),
    [
        ("J", DAY, "18 August 2024", "J1"),
        ("H", DAY, "18 August 2024", "C or G"),
        ("F", DAY, "31 August 2013", "C or G"),
        ("F", date(2015, 3, 2), "31 August 2013", "H or C or G"),
        ("Y", DAY, "18 August 2024", "Y1 or Y2 or Y3 or Y4 or Y5 or Y6 or Y7 or Q"),
        ("X01", date(2023, 9, 12), "30 April 2022", "X"),
    ],
)
def test_a_withdrawn_code_says_when_and_what_to_use(symbol: str, day: date, ended: str, instead: str) -> None:
    text = law_text(ENGLAND, day, symbol)
    assert f"{symbol} was not a code on that day any more. Its last day was {ended}." in text
    assert f"Use instead {instead}" in text


@pytest.mark.parametrize(
    ("symbol", "formerly"),
    [("J1", "J"), ("C1", "C"), ("C2", "C"), ("K", "B"), ("Q", "Y"), *((f"Y{n}", "Y") for n in range(1, 8))],
)
def test_a_code_that_was_still_to_come_names_the_one_of_the_day(symbol: str, formerly: str) -> None:
    text = law_text(ENGLAND, date(2024, 3, 1), symbol)
    assert "It came into use on 19 August 2024." in text
    assert f"Use instead {formerly}:" in text


def test_what_is_wise_to_keep_is_shown_and_not_asked_for_with_the_mark() -> None:
    lines = [one_line(line) for line in law_text(ENGLAND, DAY, "D").splitlines()]
    assert "keep on file the other school" in lines
    assert ENGLAND.on(DAY).codes["D"].needs == ()
    assert ENGLAND.on(DAY).codes["C1"].needs == ()


def test_what_is_passed_and_waits_for_its_day_is_not_among_what_is_in_force() -> None:
    before, after = (law_text(ENGLAND, date(2026, 4, day)) for day in (28, 29))
    assert "not in force; passed on 29 April 2026; Children's Wellbeing and Schools Act 2026" in one_line(
        after
    )
    assert before.splitlines()[1] == after.splitlines()[1]  # how many values are in force
    assert "Not yet in force" not in before


def test_a_code_without_successor_says_so() -> None:
    assert "Nothing took its place" in law_text(ENGLAND, DAY, "X05")
    assert "No code of that day stood for this alone" in law_text(ENGLAND, date(2019, 11, 12), "X05")


def test_what_only_counting_uses_is_shown_as_no_mark() -> None:
    assert "No register takes it" in law_text(ENGLAND, date(2020, 11, 12), "X19")


@pytest.mark.parametrize(("symbol", "near"), [("j", "Near it: J, J1."), ("A", "In force that day: /, ")])
def test_what_was_never_a_code_is_refused_with_near_ones(symbol: str, near: str) -> None:
    with pytest.raises(Unusable) as refused:
        law_text(ENGLAND, DAY, symbol)
    assert near in str(refused.value)


def test_a_day_without_law_is_refused_whatever_is_asked() -> None:
    with pytest.raises(NoLaw, match="2006-09-01"):
        law_text(ENGLAND, date(1999, 9, 1), "N")
