"""The strip of a year as paths and in notation, and the page that holds it, without a browser."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell import statute
from firstbell.measures import count
from firstbell.problems import Place, Problem
from firstbell.register import Strips
from firstbell.reports.figures import Figures, figures
from firstbell.reports.page import MOST_ALIKE, FileRead, page
from firstbell.reports.pictures import Track, bars_of, kinds_of, notation_of, tracks
from firstbell.sessions import Half, Session
from tests import fx

ON = Session(date(2025, 2, 14), Half.PM)
CODES = statute.england().on(ON.on).codes


def autumn(strips: Strips, on: Session = ON) -> Track:
    year = fx.calendar().year(on.on)
    assert year is not None
    return tracks(strips, {"FX": fx.calendar()}, year, on)[0]


def drawn(line: str) -> dict[str, str]:
    """The paths of a strip of days from 9 September 2024 on, by letter."""
    strips = fx.written(line)
    return {bar.letter: bar.path for bar in bars_of(kinds_of(strips)[0], autumn(strips))}


def some(strips: Strips, enrolments: int) -> Strips:
    """So many enrolments with the same marks, each its own pupil."""
    laid = strips.rows([0] * enrolments)
    own = tuple(replace(e, id=f"e{n}", pupil=f"p{n}") for n, e in enumerate(laid.enrolments))
    return replace(laid, enrolments=own)


def of(strips: Strips, names: dict[str, str] | None = None) -> Figures:
    return figures(strips, {"FX": fx.calendar()}, on=ON, names=names or {})


# --- drawings --------------------------------------------------------------------------------------------


def test_equal_neighbours_are_one_stroke_and_a_new_week_begins_after_a_gap() -> None:
    assert drawn(r"/\ /\ /\ /\ /\ | /\ OO /\ ") == {"p": "M0 21.5h10m1 0h2m2 0h2", "u": "M13 12h2"}


def test_each_way_of_counting_has_its_own_bar() -> None:
    assert drawn(r"/L IO Y4\ -\ ") == {
        "p": "M0 21.5h1m4 0h1m1 0h1",
        "l": "M1 19.5h1",
        "a": "M2 17h1",
        "u": "M3 12h1",
        "x": "M4 23.5h1",
        "m": "M6 3h1",
    }


@given(st.lists(st.sampled_from(["", *CODES]), min_size=60, max_size=60))
def test_what_is_drawn_is_what_is_counted(symbols: list[str]) -> None:
    strips = fx.strips(present_until=date(2024, 11, 1))
    strips.marks[0, :60] = [strips.statute.number(symbol) if symbol else 0 for symbol in symbols]
    strips = strips.until(Session(date(2024, 11, 1), Half.PM))
    lengths = {
        bar.letter: sum(map(int, re.findall(r"h(\d+)", bar.path)))
        for bar in bars_of(kinds_of(strips)[0], autumn(strips))
    }
    totals = count(strips).of(0)
    assert lengths.get("p", 0) + lengths.get("l", 0) == totals.attended
    assert lengths.get("a", 0) == totals.authorised
    assert lengths.get("u", 0) == totals.unauthorised
    assert lengths.get("m", 0) == totals.missing


def test_the_year_is_drawn_to_its_end_with_a_mark_at_the_session_of_the_figures() -> None:
    strips = fx.strips(present_until=date(2025, 7, 22))
    year = fx.calendar().year(ON.on)
    assert year is not None
    terms = tracks(strips, {"FX": fx.calendar()}, year, ON)
    assert [term.name for term in terms] == ["Autumn", "Spring", "Summer"]
    assert [term.now is not None for term in terms] == [False, True, False]
    assert sum(len(term.places) for term in terms) == 380


def test_notation_names_a_week_by_its_first_school_day() -> None:
    strips = fx.strips("2024-09-04 OO", present_until=date(2024, 9, 13))
    lines = notation_of(strips.until(Session(date(2024, 9, 13), Half.PM)), 0, autumn(strips))
    assert lines == (" 3 Sep  /\\ OO /\\ /\\", " 9 Sep  /\\ /\\ /\\ /\\ /\\")


# --- the page --------------------------------------------------------------------------------------------


def test_the_page_of_the_same_figures_is_the_same() -> None:
    strips = some(fx.strips("2024-10-14..2024-10-18 GG", present_until=ON.on), 3)
    assert page(of(strips)) == page(of(strips))


def test_names_and_problems_are_shown_as_text_and_never_as_markup() -> None:
    found = of(
        fx.strips("2024-10-14..2024-10-18 GG", present_until=ON.on), {"Cal": "<script>alert(1)</script>"}
    )
    problem = Problem(
        "x", Place("<b>.csv", 3, "Mark"), "What", "Remedy", value="<img src=x onerror=alert(2)>"
    )
    text = page(found, [problem], school="<em>School</em>", read=[FileRead("<u>.csv", "marks", 1, 1)])
    assert "&lt;script&gt;alert(1)" in text and "&lt;img src=x" in text
    assert not re.search(r"<(script>alert|img|em>|b>\.csv|u>)", text)


def test_many_problems_of_one_kind_are_cut_short_and_say_how_many_more_there_are() -> None:
    problems = [
        Problem("code-unknown", Place("marks.csv", n), f"Row {n}.", "Correct it.") for n in range(3000)
    ]
    text = page(of(fx.strips(present_until=ON.on)), problems, kept_aside_in="kept-aside.csv")
    assert text.count("Correct it.") == MOST_ALIKE
    assert "And 2,950 more of the same kind (code unknown): see kept-aside.csv." in text


def test_a_page_for_publication_names_nobody() -> None:
    strips = some(fx.strips("2024-10-14..2024-10-18 GG", present_until=ON.on), 8)
    names = {f"p{n}": f"Somebody {n}" for n in range(8)}
    found = figures(strips, {"FX": fx.calendar()}, on=ON, names=names, for_publication=True)
    text = page(found)
    assert "Somebody" not in text and "8 of 8" in text.replace("<small>", "")


@pytest.mark.slow
def test_a_thousand_pupils_stay_under_four_megabytes() -> None:
    absences = (
        "2024-09-17 I-\n2024-10-07..2024-10-18 OO\n2024-11-05 LL\n2024-11-19..2024-11-21 II\n2025-01-20 -U"
    )
    strips = some(fx.strips(absences, present_until=date(2025, 7, 22)), 1000)
    strips = replace(strips, marks=np.roll(strips.marks, 1, axis=1))
    on = Session(date(2025, 7, 22), Half.PM)
    found = figures(
        strips, {"FX": fx.calendar()}, on=on, names={f"p{n}": f"Surname, Forename {n}" for n in range(1000)}
    )
    assert len(page(found).encode()) < 4_000_000
