"""The benchmark: what is invented, that all engines agree on it, and what is refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from firstbell import statute
from firstbell.bench import differing, run_review
from firstbell.bench.invented import invent_marks, school_year
from firstbell.bench.measurement import digest
from firstbell.measures.review import Plan, review
from firstbell.problems import Unusable
from firstbell.sessions import Axis

AXIS = Axis.over([school_year()])
LAW = statute.england()


def test_all_engines_give_the_same_answers() -> None:
    measured = list(run_review(pupils=2000, compare=True))
    assert [one["engine"] for one in measured] == ["numpy", "compiled", "duckdb", "polars"]
    assert differing(measured) == ()
    assert all(one["ratio"] > 0 and one["peak_gib"] > 0 and one["times_numpy"] > 0 for one in measured)


def test_an_engine_with_other_answers_is_named() -> None:
    assert differing([{"engine": "numpy", "digest": "a"}, {"engine": "new", "digest": "b"}]) == ("new",)


def test_one_answer_that_differs_is_another_digest() -> None:
    plan = Plan.of(AXIS, LAW.over(AXIS.days))
    answer = review(invent_marks(50, AXIS, LAW), plan)
    before = digest(answer)
    answer.threshold_met[49] += 1
    assert digest(answer) != before


def test_the_school_year_has_190_days_in_39_school_weeks() -> None:
    assert (len(AXIS.days), len(AXIS.mondays)) == (190, 39)


def test_the_same_seed_gives_the_same_pupils_however_many_are_asked_for() -> None:
    few, more = invent_marks(100, AXIS, LAW), invent_marks(25_100, AXIS, LAW)
    np.testing.assert_array_equal(few, more[:100])
    assert not np.array_equal(few, more[-100:])
    assert not np.array_equal(few, invent_marks(100, AXIS, LAW, seed=1))


def test_invented_absence_is_about_as_common_and_as_uneven_as_in_england() -> None:
    plan = Plan.of(AXIS, LAW.over(AXIS.days))
    answer = review(invent_marks(25_000, AXIS, LAW), plan)
    possible = answer.possible.sum()
    assert answer.attended.sum() / possible == pytest.approx(0.926, abs=0.01)
    assert answer.unauthorised.sum() / possible == pytest.approx(0.022, abs=0.005)
    assert answer.persistent.mean() == pytest.approx(0.20, abs=0.04)
    assert (answer.threshold_met >= 0).mean() == pytest.approx(0.15, abs=0.04)


def test_an_engine_that_there_is_not_is_refused_before_anything_runs() -> None:
    with pytest.raises(Unusable, match=r'no engine "abacus".* numpy, compiled, duckdb, polars'):
        run_review(pupils=10, engines=["numpy", "abacus"])


def test_no_pupils_are_refused() -> None:
    with pytest.raises(Unusable, match="with 0 pupils"):
        run_review(pupils=0)


def test_without_numba_the_compiled_engine_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "firstbell.measures.compiled", raising=False)
    plan = Plan.of(AXIS, LAW.over(AXIS.days))
    with pytest.raises(Unusable, match=r'pip install "firstbell\[scale\]"'):
        review(invent_marks(1, AXIS, LAW), plan, engine="compiled")
