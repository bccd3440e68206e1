"""The array code of the measures against plain.py, on strips nobody would think of."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell import measures, statute
from firstbell.measures import RunKind
from firstbell.measures.runs import codes_of
from firstbell.register import Strips
from firstbell.sessions import Calendar
from firstbell.statute.values import SicknessCounting
from tests import plain
from tests.plain import Cell
from tests.property.laying import books

ENGLAND = statute.england()
SICK = ENGLAND.on(date(2024, 9, 1)).value(SicknessCounting).codes
Book = tuple[Calendar, list[list[Cell]], Strips]


def school_days(calendar: Calendar) -> list[date]:
    return list(calendar.school_days(date.min, date.max))


def read_as_known(cells: list[Cell]) -> list[Cell]:
    """The pupils of these tests are of compulsory school age: what reads differently for them does."""
    read = []
    for cell in cells:
        code = plain.code_of(cell, ENGLAND)
        read.append(cell._replace(symbol=code.reads_as) if code and code.reads_as else cell)
    return read


@given(books())
def test_counts_are_those_of_a_plain_loop(book: Book) -> None:
    _, pupils, strips = book
    counts = measures.count(strips)
    for row, cells in enumerate(pupils):
        slow = plain.counts(read_as_known(cells), ENGLAND)
        fast = counts.of(row)
        assert slow == (
            fast.possible,
            fast.attended,
            fast.authorised,
            fast.unauthorised,
            fast.late_before_close,
            fast.late_after_close,
        )
        assert fast.missing == sum(not cell.symbol for cell in cells)


@given(books(), st.data())
def test_a_group_is_the_sum_of_its_pupils(book: Book, data: st.DataObject) -> None:
    _, pupils, strips = book
    labels = [data.draw(st.sampled_from("ab")) for _ in pupils]
    for label, total in measures.grouped(measures.count(strips), labels).items():
        slow = plain.counts(
            [c for own, at in zip(pupils, labels, strict=True) if at == label for c in own], ENGLAND
        )
        assert (total.possible, total.attended) == slow[:2]


@given(books())
def test_shares_are_compared_exactly(book: Book) -> None:
    calendar, pupils, strips = book
    counts = measures.count(strips)
    last_on = school_days(calendar)[-1]
    for share, slow in ((Fraction(1, 10), plain.persistent), (Fraction(1, 2), plain.severe)):
        fast = counts.absent_at_least(share)
        assert fast.tolist() == [slow(cells, ENGLAND, last_on) for cells in pupils]


@given(books())
def test_the_threshold_is_met_where_a_plain_loop_meets_it(book: Book) -> None:
    calendar, pupils, strips = book
    met = {one.rows[0]: one for one in measures.threshold_met(strips)}
    for row, cells in enumerate(pupils):
        slow = plain.threshold_first_met(cells, school_days(calendar), ENGLAND)
        if slow is None:
            assert row not in met
            continue
        first = strips.axis.session(met[row].first)
        assert (first.on, first.half.name) == (slow.on, slow.half)
        assert len(met[row].sessions) == plain.in_window(cells, school_days(calendar), ENGLAND, slow)


@given(books())
def test_the_window_now_holds_what_a_plain_loop_counts(book: Book) -> None:
    calendar, pupils, strips = book
    for row, cells in enumerate(pupils):
        held = measures.unauthorised_in_window(strips)[row]
        assert held == plain.in_window(cells, school_days(calendar), ENGLAND, cells[-1])


@pytest.mark.parametrize("kind", list(RunKind))
@given(book=books())
def test_runs_are_those_of_a_plain_loop(kind: RunKind, book: Book) -> None:
    _, pupils, strips = book
    found: dict[int, list[list[date]]] = {}
    for run in measures.runs(strips, kind):
        found.setdefault(run.row, []).append([strips.axis.days[day] for day in run.reached])
    for row, cells in enumerate(pupils):
        slow = plain.days_running(cells, ENGLAND, counting=_symbols(kind), strict=kind is RunKind.UNEXPLAINED)
        assert found.get(row, []) == slow


def _symbols(kind: RunKind) -> frozenset[str]:
    # A symbol counts only where it is a code on its own day, so one set serves both tables of codes.
    return codes_of(kind, ENGLAND.on(date(2024, 8, 1))) | codes_of(kind, ENGLAND.on(date(2024, 9, 1)))


@given(books())
def test_the_three_counts_of_sickness_days(book: Book) -> None:
    _, pupils, strips = book
    days = measures.sickness_days(strips)
    for row, cells in enumerate(pupils):
        assert plain.sickness(cells, ENGLAND, SICK) == (days.any[row], days.whole[row], days.sessions[row])


@given(books())
def test_attended_authorised_and_unauthorised_add_up_to_the_possible_sessions(book: Book) -> None:
    *_, strips = book
    counts = measures.count(strips)
    # Only the coronavirus codes, which are possible and neither, could part them; these days are later.
    assert np.array_equal(counts.possible, counts.attended + counts.authorised + counts.unauthorised)
