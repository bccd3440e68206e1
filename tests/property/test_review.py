"""One pass over strips, by NumPy and compiled, against plain.py: strips nobody would think of."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from firstbell.bench.invented import invent_marks, school_year
from firstbell.measures.review import BLOCK, Engine, Plan, Review, review
from firstbell.sessions import Axis
from firstbell.statute import Law, Statute
from tests import plain
from tests.plain import Cell

ENGINES: tuple[Engine, ...] = ("numpy", "compiled")

NO_SYMBOL = "?"
HALVES = ("AM", "PM")

# What a week can be: one letter a day from Monday, B both sessions, M or A one of them, S no session but a
# day of another school on the axis, and a point for a day that is not there at all.
WEEKS = (
    "BBBBB..",
    "BBBBB..",
    "BBBBB..",
    ".......",
    "SSSSS..",
    "..B....",
    "....A..",
    "BBMSB..",
    ".BAB.M.",
    "BBBBBBB",
)
SESSIONS = {"B": (True, True), "M": (True, False), "A": (False, True), "S": (False, False)}

# Each is the Monday at which a calendar starts, a few weeks before the law changes.
OLD_CODES_END = date(2024, 7, 29)
CORONAVIRUS_CODES_BEGIN = date(2020, 8, 17)
DUAL_REGISTRATION_CHANGES = date(2011, 8, 15)
INVENTED_THRESHOLDS_BEGIN = date(2027, 6, 14)
NOTHING_CHANGES = date(2025, 9, 1)

# Fewer sessions in a shorter window, from a Wednesday; then more in a longer one; then none at all.
INVENTED_THRESHOLDS = """
[[national_threshold]]
from = 2027-08-25
sessions = 4
school_weeks = 2
codes = ["G", "O", "U"]
ages = "compulsory school age"
source = "working-together-2024: an invented change"

[[national_threshold]]
from = 2027-09-13
until = 2027-10-19
sessions = 12
school_weeks = 13
codes = ["G", "N", "O", "U"]
ages = "compulsory school age"
source = "working-together-2024: another"
"""

LEVELS = st.one_of(
    st.sampled_from([Fraction(95, 100), Fraction(9, 10), Fraction(1, 2), Fraction(0), Fraction(1)]),
    st.fractions(0, 1, max_denominator=1000),
)


class Remembering(Statute):
    """The same law, asked for the same day once: plain.py asks for every cell, again and again."""

    @cache  # noqa: B019  (a law lives as long as the tests)
    def on(self, day: date) -> Law:
        return super().on(day)


@cache
def law() -> Statute:
    """England's law as it is, with invented thresholds in 2027."""
    with TemporaryDirectory() as folder, resources.as_file(resources.files("firstbell.statute")) as tables:
        for table in tables.glob("*.toml"):
            shutil.copy(table, folder)
        with (Path(folder) / "thresholds.toml").open("a", encoding="utf-8") as thresholds:
            thresholds.write(INVENTED_THRESHOLDS)
        read = Statute.read(Path(folder))
    return Remembering(read.symbols, read.values)


class Case(NamedTuple):
    """Strips on an axis, and which sessions of it there are."""

    axis: Axis
    meets: NDArray[np.bool_]
    marks: NDArray[np.uint8]

    def plan(self, levels: Sequence[Fraction] = ()) -> Plan:
        return Plan.of(self.axis, law().over(self.axis.days), self.meets, levels=levels)

    def session(self, place: int) -> tuple[date, str]:
        return self.axis.days[place // 2], HALVES[place % 2]

    def cells(self, row: int) -> list[Cell]:
        """A strip as plain.py has it. A number without a symbol is a mark that means nothing."""
        symbols = [_symbol(int(number)) for number in self.marks[row]]
        return [Cell(*self.session(int(place)), symbols[place]) for place in np.flatnonzero(self.meets)]

    def calendar(self) -> list[date]:
        return sorted({self.session(int(place))[0] for place in np.flatnonzero(self.meets)})


@st.composite
def axes(draw: st.DrawFn) -> tuple[Axis, NDArray[np.bool_]]:
    """Some weeks with holidays, one-session days, Saturdays, weeks of one day, days of other schools."""
    monday = draw(
        st.sampled_from(
            [
                OLD_CODES_END,
                CORONAVIRUS_CODES_BEGIN,
                DUAL_REGISTRATION_CHANGES,
                INVENTED_THRESHOLDS_BEGIN,
                NOTHING_CHANGES,
            ]
        )
    )
    number = draw(st.integers(1, 18))
    weeks = "".join(draw(st.lists(st.sampled_from(WEEKS), min_size=number, max_size=number)))
    days = [(monday + timedelta(days=i), SESSIONS[kind]) for i, kind in enumerate(weeks) if kind != "."]
    return Axis(tuple(day for day, _ in days)), np.array([has for _, has in days], dtype=np.bool_).reshape(-1)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Pupils who are present, at the edge of the threshold, away, half on roll, of any code or number."""
    axis, meets = draw(axes())
    rows = []
    for seed in draw(st.lists(st.integers(0, 9999), min_size=1, max_size=6)):
        random = np.random.default_rng(seed)
        if draw(st.booleans()):
            marks = random.choice(draw(st.sampled_from(PALETTES)), len(axis)).astype(np.uint8)
        else:
            marks = np.full(len(axis), law().number("/"), dtype=np.uint8)
            about_enough = min(len(axis), draw(st.integers(8, 16)))
            marks[random.choice(len(axis), about_enough, replace=False)] = law().number("O")
        marks[: draw(st.sampled_from([0, 0, 0, len(axis) // 2, len(axis)]))] = 0
        rows.append(marks)
    return Case(axis, meets, np.array(rows))


def _symbol(number: int) -> str:
    return law().symbol(number) if number <= len(law().symbols) else NO_SYMBOL


def _numbers(*symbols: str) -> tuple[int, ...]:
    return tuple(law().number(symbol) if symbol else 0 for symbol in symbols)


PALETTES = (
    _numbers(*["/"] * 12, "O"),
    _numbers(*["\\"] * 9, "U", "L", "I"),
    _numbers("/", "O", "G", "N", "U", "I", "L", "D", "X19", ""),
    _numbers(*law().symbols),
    _numbers("O", ""),
    tuple(range(256)),
)


def the_same(engine: str, found: Review, row: int, case: Case, levels: Sequence[Fraction]) -> None:
    """One row of a review is what plain.py says about that pupil."""
    cells, calendar = case.cells(row), case.calendar()
    last_on = case.axis.days[-1] if case.axis.days else NOTHING_CHANGES
    counted = plain.Counts(*(int(getattr(found, name)[row]) for name in plain.Counts._fields))
    below = [plain.first_week_below(cells, calendar, law(), level) for level in levels]
    assert counted == plain.counts(cells, law()), engine
    assert _or_none(found.basis_points[row]) == plain.basis_points(cells, law()), engine
    assert found.persistent[row] == plain.persistent(cells, law(), last_on), engine
    assert found.severe[row] == plain.severe(cells, law(), last_on), engine
    assert [_or_none(week) for week in found.first_week_below[row]] == below, engine


def _or_none(number: np.integer) -> int | None:
    return None if number == -1 else int(number)


@given(cases(), st.lists(LEVELS, max_size=3))
def test_counts_flags_and_first_weeks_are_those_of_plain_loops(case: Case, levels: list[Fraction]) -> None:
    for engine in ENGINES:
        found = review(case.marks, case.plan(levels), engine=engine)
        for row in range(len(case.marks)):
            the_same(engine, found, row, case, levels)


@given(cases())
def test_the_threshold_is_met_at_the_session_a_plain_loop_finds(case: Case) -> None:
    for engine in ENGINES:
        met = review(case.marks, case.plan(), engine=engine).threshold_met
        for row, place in enumerate(met):
            expected = plain.threshold_first_met(case.cells(row), case.calendar(), law())
            assert (case.session(place) if place >= 0 else None) == (expected and expected[:2]), engine


@given(cases(), st.data())
def test_sessions_outside_compulsory_school_age_do_not_count_towards_it(
    case: Case, data: st.DataObject
) -> None:
    places = st.integers(0, len(case.axis))
    bounds = [sorted(data.draw(st.tuples(places, places))) for _ in case.marks]
    of_age = np.array(bounds, dtype=np.intp).reshape(-1, 2)
    for engine in ENGINES:
        met = review(case.marks, case.plan(), of_age=of_age, engine=engine).threshold_met
        for row, place in enumerate(met):
            start, stop = bounds[row]
            expected = None
            if start < stop:
                of_age_cells = (case.session(start), case.session(stop - 1))
                expected = plain.threshold_first_met(case.cells(row), case.calendar(), law(), of_age_cells)
            assert (case.session(place) if place >= 0 else None) == (expected and expected[:2]), engine


def absent(monday: date, weeks: Sequence[int], sessions: Mapping[int, int]) -> Case:
    """A pupil absent without leave for so many sessions from the Monday of some of the school's weeks."""
    days = tuple(monday + timedelta(weeks=week, days=day) for week in weeks for day in range(5))
    marks = np.zeros((1, len(weeks), 10), dtype=np.uint8)
    for week, number in sessions.items():
        marks[0, week, :number] = law().number("O")
    return Case(Axis(days), np.ones(2 * len(days), dtype=np.bool_), marks.reshape(1, -1))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_tenth_session_counts_in_the_tenth_school_week_and_not_in_the_eleventh(engine: Engine) -> None:
    with_holidays = (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12)
    in_the_tenth = absent(NOTHING_CHANGES, with_holidays, {0: 1, 5: 8, 9: 1})
    in_the_eleventh = absent(NOTHING_CHANGES, with_holidays, {0: 1, 5: 8, 10: 1})
    assert review(in_the_tenth.marks, in_the_tenth.plan(), engine=engine).threshold_met == [90]
    assert review(in_the_eleventh.marks, in_the_eleventh.plan(), engine=engine).threshold_met == [-1]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_window_is_that_of_the_sessions_own_day_when_the_law_changes_in_mid_week(engine: Engine) -> None:
    once_a_week = absent(INVENTED_THRESHOLDS_BEGIN, range(12), dict.fromkeys(range(1, 11), 1))
    assert once_a_week.session(100) == (date(2027, 8, 23), "AM")
    assert review(once_a_week.marks, once_a_week.plan(), engine=engine).threshold_met == [100]


@pytest.mark.parametrize("engine", ENGINES)
@given(possible=st.integers(1, 400), share=st.sampled_from([Fraction(1, 10), Fraction(1, 2)]))
def test_exactly_the_share_is_enough_and_one_session_less_is_not(
    engine: Engine, possible: int, share: Fraction
) -> None:
    axis = Axis(tuple(NOTHING_CHANGES + timedelta(days=i) for i in range(200)))
    fewest = -(-possible * share.numerator // share.denominator)
    marks = np.zeros((2, 400), dtype=np.uint8)
    for row, missed in enumerate((fewest - 1, fewest)):
        marks[row, :possible] = law().number("/")
        marks[row, :missed] = law().number("I")
    found = review(marks, Plan.of(axis, law().over(axis.days)), engine=engine)
    flags = found.persistent if share == Fraction(1, 10) else found.severe
    assert flags.tolist() == [False, True]


@pytest.mark.parametrize("engine", ENGINES)
def test_several_years_overflow_no_counter(engine: Engine) -> None:
    axis = Axis(tuple(NOTHING_CHANGES + timedelta(days=i) for i in range(2500)))
    marks = np.full((1, 5000), law().number("U"), dtype=np.uint8)
    found = review(marks, Plan.of(axis, law().over(axis.days), levels=[Fraction(1, 65535)]), engine=engine)
    assert (found.possible[0], found.unauthorised[0], found.late_after_close[0]) == (5000, 5000, 5000)
    assert (found.attended[0], found.basis_points[0], found.first_week_below[0, 0]) == (0, 0, 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_many_strips_have_the_answers_that_each_has_alone(engine: Engine) -> None:
    axis = Axis.over([school_year()])
    plan = Plan.of(axis, law().over(axis.days), levels=[Fraction(9, 10)])
    marks = invent_marks(2 * BLOCK + 100, axis, law())
    of_age = np.tile([0, len(axis)], (len(marks), 1))
    of_age[::7, 0], of_age[::11, 1] = 120, 300
    together = review(marks, plan, of_age=of_age, engine=engine)
    for start, stop in ((0, 1), (BLOCK - 3, BLOCK + 300), (len(marks) - 1500, len(marks))):
        alone = review(marks[start:stop], plan, of_age=of_age[start:stop], engine=engine)
        for name, values in vars(alone).items():
            np.testing.assert_array_equal(values, getattr(together, name)[start:stop], err_msg=name)


def test_what_does_not_fit_is_refused() -> None:
    axis = Axis((NOTHING_CHANGES,))
    other = law().over([NOTHING_CHANGES + timedelta(days=1)])
    plan = Plan.of(axis, law().over(axis.days))
    with pytest.raises(ValueError, match="other days"):
        Plan.of(axis, other)
    with pytest.raises(ValueError, match="one value for each of 2 sessions"):
        Plan.of(axis, law().over(axis.days), np.ones(3, dtype=np.bool_))
    with pytest.raises(ValueError, match="no level of attendance"):
        Plan.of(axis, law().over(axis.days), levels=[Fraction(0.95)])
    with pytest.raises(ValueError, match=r"uint8\[rows, 2\] is wanted"):
        review(np.zeros((1, 3), dtype=np.uint8), plan)
    with pytest.raises(ValueError, match="of_age has shape"):
        review(np.zeros((1, 2), dtype=np.uint8), plan, of_age=np.zeros((2, 1), dtype=np.intp))
