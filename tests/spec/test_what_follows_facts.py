"""What follows from a fact: at once, within a span, or before a day that the fact names

At once means in the minute of the fact. Before a day means on the day before it. Parts of the fact say of
which facts it follows, and of which it does not. Evidence that was not enough is evidence that has not come.
"""

from __future__ import annotations

import pytest

from tests.small import case, check, fact, pupil, rule, then

P = pupil("p")


def follows(params: str) -> tuple[str, ...]:
    return (rule("follow", "following", params),)


def test_what_follows_at_once_is_due_in_the_minute_of_the_fact() -> None:
    stage = fact("stage set", "2025-11-05T10:40", 'stage = "two"')
    check(
        follows('fact = "stage set"'),
        case(
            "2025-11-05",
            P,
            stage,
            '[[then]]\nat = 2025-11-05T10:39:00\npupil = "p"\nnot_due = "follow"\n',
            '[[then]]\nat = 2025-11-05T10:40:00\npupil = "p"\ndue = "follow"\nby = 2025-11-05T10:40:00\n',
        ),
    )


def test_of_a_fact_that_was_noted_for_another_day_no_minute_is_known() -> None:
    stage = fact("stage set", "2025-11-05T10:40", 'stage = "two"', more="on = 2025-11-03")
    check(
        follows('fact = "stage set"'),
        case("2025-11-05", P, stage, then("2025-11-05", 'due = "follow"', "by = 2025-11-03")),
    )


def test_parts_that_must_be_so_and_parts_that_must_not() -> None:
    rules = follows('fact = "support given", where = { accepted = "no" }, unless = { support = "none" }')
    no = fact("support given", "2025-11-05T10:00", 'support = "a call", accepted = "no"')
    other = fact("support given", "2025-11-05T10:00", 'support = "None", accepted = "no"', about="q")
    yes = fact("support given", "2025-11-05T10:00", 'support = "a call", accepted = "yes"', about="r")
    lines = (
        then("2025-11-05", 'due = "follow"'),
        then("2025-11-05", 'not_due = "follow"', about="q"),
        then("2025-11-05", 'not_due = "follow"', about="r"),
    )
    check(rules, case("2025-11-05", P, pupil("q"), pupil("r"), no, other, yes, *lines))


@pytest.mark.parametrize(
    ("from_on", "by"),
    [("2025-11-11", "2025-11-10"), ("2025-11-05", "2025-11-04"), ("2025-11-04", "2025-11-04")],
)
def test_before_a_day_is_the_day_before_it_and_never_before_the_fact(from_on: str, by: str) -> None:
    agreed = f'from_on = {from_on}, until_on = 2025-12-12, times = [], why = "recovery"'
    timetable = fact("timetable agreed", "2025-11-04T10:00", agreed)
    line = then("2025-11-04", 'due = "follow"', f"by = {by}")
    check(follows('fact = "timetable agreed", before = "from_on"'), case("2025-11-04", P, timetable, line))


def test_where_the_fact_names_no_day_it_is_due_on_its_own() -> None:
    plan = fact("plan agreed", "2025-11-04T10:00", 'plan = "action plan"')
    rules = follows('fact = "plan agreed", before = "review_on"')
    check(rules, case("2025-11-05", P, plan, then("2025-11-05", 'due = "follow"', "by = 2025-11-04")))


# --- evidence --------------------------------------------------------------------------------------------

OVERDUE = (rule("missing", "evidence overdue", 'of = ["appointment"]'),)
ASKED = fact("evidence asked", "2025-11-03T09:00", 'of = "appointment", by_on = 2025-11-10')


def shown(at: str, accepted: str) -> str:
    data = f'of = "appointment", form = "card", accepted = "{accepted}"'
    return fact("evidence received", f"{at}T09:00", data)


def test_evidence_that_was_not_enough_is_missing_from_the_day_on_which_it_was_looked_at() -> None:
    lines = (then("2025-11-05", 'not_due = "missing"'), then("2025-11-06", 'due = "missing"'))
    check(OVERDUE, case("2025-11-06", P, ASKED, shown("2025-11-06", "no"), *lines))


@pytest.mark.parametrize("accepted", ["yes", "not yet decided"])
def test_other_evidence_is_there_until_somebody_says_that_it_is_not_enough(accepted: str) -> None:
    line = then("2025-11-11", 'not_due = "missing"')
    check(OVERDUE, case("2025-11-11", P, ASKED, shown("2025-11-06", accepted), line))


def test_what_was_lacking_is_there_once_it_comes() -> None:
    lines = (then("2025-11-07", 'due = "missing"'), then("2025-11-10", 'not_due = "missing"'))
    both = shown("2025-11-06", "no") + shown("2025-11-10", "yes")
    check(OVERDUE, case("2025-11-10", P, ASKED, both, *lines))


def test_without_any_evidence_it_is_missing_on_the_day_after_the_last() -> None:
    lines = (then("2025-11-10", 'not_due = "missing"'), then("2025-11-11", 'due = "missing"'))
    check(OVERDUE, case("2025-11-11", P, ASKED, *lines))
