"""Bands, runs, counts and what it would take: the arrays of the duties agree with plain loops over days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from fractions import Fraction
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from firstbell import statute
from firstbell.duties import Book, Duty, due, see
from firstbell.duties.outlook import outlook
from firstbell.facts import Facts
from firstbell.policy import Rulebook, example_school, shipped
from firstbell.sessions import LONDON, Half, Session
from tests import fx

FIRST, LAST = date(2025, 9, 2), date(2025, 10, 24)
DAYS = fx.calendar().school_days(FIRST, LAST)
CODES = ("/", "I", "O", "L", "U", "M", "B", "Y1", "")
STROKES = {Half.AM: "/", Half.PM: "\\"}
AUTHORISED, UNAUTHORISED, ATTENDED = {"I", "M"}, {"O", "U"}, {"/", "\\", "L", "B"}


@cache
def rulebook() -> Rulebook:
    england = statute.england()
    return Rulebook(
        england,
        shipped("law", england),
        shipped("primary-rewards", england),
        example_school("primary-rewards"),
    )


@st.composite
def weeks_of_marks(draw: st.DrawFn) -> dict[Session, str]:
    """Marks of some weeks of one pupil, mostly present."""
    length = draw(st.integers(4, len(DAYS)))
    marks = {}
    for day in DAYS[:length]:
        for half in Half:
            code = draw(st.sampled_from(CODES)) if draw(st.booleans()) else "/"
            marks[Session(day, half)] = STROKES[half] if code == "/" else code
    return marks


def _book(marks: Mapping[Session, str]) -> tuple[Book, datetime]:
    pupil = fx.pupil(starts_on=FIRST, year_group="3", born_on=date(2018, 1, 15), enrolment="e1")
    told = {session: code for session, code in marks.items() if code}
    # Another pupil is marked throughout, so that the last day is known where the first one is blank.
    other = fx.pupil("Other", starts_on=FIRST, year_group="3", born_on=date(2018, 1, 15), enrolment="e2")
    present = {session: STROKES[session.half] for session in marks}
    register = fx.register_of({pupil.id: told, other.id: present}, statute.england())
    book = Book(fx.calendar(), (pupil, other), register, Facts(), statute.england())
    return book, datetime.combine(max(one.on for one in marks), time(23, 59), LONDON)


def _of(duties: tuple[Duty, ...], rule: str) -> list[Duty]:
    return [duty for duty in duties if duty.rule.id == rule and duty.about.enrolment == "e1"]


def _share(marks: Mapping[Session, str], until: date) -> Fraction | None:
    possible = [code for one, code in marks.items() if one.on <= until and code not in ("", "Y1")]
    return Fraction(sum(code in ATTENDED for code in possible), len(possible)) if possible else None


@given(weeks_of_marks())
def test_a_band_is_open_where_its_comparison_holds_on_the_day_and_since_it_came_to(
    marks: dict[Session, str],
) -> None:
    book, at = _book(marks)
    days = sorted({one.on for one in marks})
    met = [(share := _share(marks, day)) is not None and share < Fraction(95, 100) for day in days]
    found = _of(due(book, rulebook(), at), "below-95-letter")
    assert bool(found) is met[-1]
    if found:
        since = max((place + 1 for place, held in enumerate(met) if not held), default=0)
        assert found[0].occurrence.arose_on == days[since]
        rate = found[0].occurrence.because.rate
        assert rate is not None and rate.fraction == _share(marks, days[-1])


@given(weeks_of_marks())
def test_the_fourth_day_is_that_of_the_absence_that_goes_on(marks: dict[Session, str]) -> None:
    book, at = _book(marks)
    running: list[date] = []
    for day in sorted({one.on for one in marks}):
        pair = [marks[Session(day, half)] for half in Half]
        if any(code in ATTENDED for code in pair):
            running = []
        elif any(code in AUTHORISED | UNAUTHORISED for code in pair) and "" not in pair:
            running.append(day)
    found = _of(due(book, rulebook(), at), "welfare-check")
    assert [duty.occurrence.arose_on for duty in found] == running[3:4]


@given(weeks_of_marks())
def test_five_late_marks_in_a_half_term_ask_once_on_the_day_of_the_fifth(marks: dict[Session, str]) -> None:
    book, at = _book(marks)
    late = [one.on for one in sorted(marks) if marks[one] in ("L", "U")]
    found = _of(due(book, rulebook(), at), "persistent-lateness")
    assert [duty.occurrence.arose_on for duty in found] == late[4:5]


@given(weeks_of_marks())
def test_what_it_would_take_is_the_fewest_sessions_that_do_it(marks: dict[Session, str]) -> None:
    book, at = _book(marks)
    sight = see(book, rulebook(), at)
    said = {one.rule.id: one for one in outlook(sight, "e1")}
    last = max(one.on for one in marks)
    possible = [code for code in marks.values() if code not in ("", "Y1")]
    attended, whole = sum(code in ATTENDED for code in possible), len(possible)
    limit = Fraction(96, 100)
    if not whole:
        assert "below-target" not in said
        return
    one = said.get("below-target")
    left = 2 * len(fx.calendar().school_days(last, date(2026, 8, 31))) - 2
    if Fraction(attended, whole) < limit:
        fewest = next(
            (more for more in range(1, left + 1) if Fraction(attended + more, whole + more) >= limit), None
        )
        assert one is not None and one.ends and one.sessions == fewest
    else:
        fewest = next((more for more in range(1, left + 1) if Fraction(attended, whole + more) < limit), None)
        assert (one.sessions if one else None) == fewest
