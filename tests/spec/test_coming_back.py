"""The first day back after an absence that was long

By the reading of rules.md, E50: help with coming back is due on the first school day after a continuous
absence of at least so many school days.
"""

from __future__ import annotations

from tests import small

BACK = small.rule("reintegration", "day of absence", "day = 10, back = true", mode="prompt")
PLANNED = small.rule(
    "reintegration",
    "day of absence",
    "day = 10, back = true",
    'settled_by = ["plan: reintegration plan"]',
)
ILL = small.rule("reintegration", "day of absence", 'of = "illness", longer_than = "2 weeks", back = true')
PUPIL = '[[pupils]]\nref = "{ref}"\nyear_group = "9"\nmarks = [{marks}]\n'


def pupil(ref: str, *marks: str) -> str:
    """A pupil with some absence."""
    return PUPIL.format(ref=ref, marks=", ".join(f'"{one}"' for one in marks))


def then(ref: str, day: str, key: str, more: str = "") -> str:
    """A line about the one duty there is."""
    return f'[[then]]\non = {day}\npupil = "{ref}"\n{key} = "reintegration"\n{more}\n'


def test_ten_days_and_then_the_first_session_there_and_not_while_the_pupil_is_away() -> None:
    small.check(
        (BACK,),
        "on = 2025-10-07\n"
        + pupil("P1", "2025-09-15..2025-09-26 I I")
        + then("P1", "2025-09-26", "not_due", 'state = "coming"')
        + then("P1", "2025-09-29", "due", "because = { days = 10, from = 2025-09-15, back = 2025-09-29 }"),
    )


def test_nine_days_ask_nothing_and_a_morning_there_makes_two_absences_of_one() -> None:
    small.check(
        (BACK,),
        "on = 2025-10-07\n"
        + pupil("nine", "2025-09-15..2025-09-25 I I")
        + pupil("two", "2025-09-15..2025-09-19 I I", "2025-09-22 - I", "2025-09-23..2025-10-01 I I")
        + then("nine", "2025-10-07", "not_due")
        + then("two", "2025-10-07", "not_due"),
    )


def test_who_comes_for_an_afternoon_is_back_on_that_day_after_a_holiday_as_well() -> None:
    small.check(
        (BACK,),
        "on = 2025-11-05\n"
        + pupil("P1", "2025-10-13..2025-10-24 I I", "2025-11-03 I I", "2025-11-04 I -", "2025-11-05 I I")
        + then("P1", "2025-11-03", "not_due")
        + then("P1", "2025-11-04", "due", "because = { days = 11 }"),
    )


def test_it_stays_until_it_is_done_and_not_into_a_new_school_year() -> None:
    small.check(
        (BACK,),
        "on = 2025-09-03\n"
        + pupil("before", "2025-06-16..2025-06-27 I I")
        + pupil("after", "2025-07-07..2025-07-18 I I")
        + then("before", "2025-07-18", "due")
        + then("before", "2025-09-03", "due", 'state = "lapsed"')
        + then("after", "2025-07-18", "not_due")
        + then("after", "2025-09-02", "due"),
    )


def test_a_plan_that_was_agreed_during_the_absence_is_the_help_that_was_asked_for() -> None:
    plan = (
        '[[facts]]\nkind = "plan agreed"\npupil = "P1"\non = {day}\n'
        'data = {{ plan = "reintegration plan" }}\n'
    )
    away = "on = 2025-10-07\n" + pupil("P1", "2025-09-15..2025-09-26 I I")
    small.check(
        (PLANNED,),
        away + plan.format(day="2025-09-24") + then("P1", "2025-09-29", "due", 'state = "done"'),
    )
    small.check((PLANNED,), away + plan.format(day="2025-09-12") + then("P1", "2025-09-29", "due"))


def test_a_span_counts_as_well_and_another_sort_of_absence_does_not() -> None:
    small.check(
        (ILL,),
        "on = 2025-10-07\n"
        + pupil("ill", "2025-09-15..2025-09-29 I I")
        + pupil("short", "2025-09-15..2025-09-26 I I")
        + pupil("other", "2025-09-15..2025-09-29 O O")
        + then("ill", "2025-09-30", "due")
        + then("short", "2025-10-07", "not_due")
        + then("other", "2025-10-07", "not_due"),
    )
