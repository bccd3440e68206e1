"""Performances: the days of a licence, and the education under it

A licence that names days covers those and no others. Education is needed on each required school day or,
instead, for so many hours a week and so many over four weeks; of one day five hours count, and days in school
count too.
"""

from __future__ import annotations

import pytest

from tests.small import case, check, fact, pupil, rule, then

OUTSIDE = (rule("outside", "performance", 'when = "day outside"'),)
WEEK = (
    rule(
        "week", "performance", 'when = "week short", hours_a_week = 6, hours_a_day = 3, most_hours_a_day = 5'
    ),
)
DUE, NOT = 'due = "outside"', 'not_due = "outside"'
NAMED = "[2025-11-24, 2025-11-25, 2025-11-26]"


def licence(from_on: str, until_on: str, days_on: str = "[]", key: str = "l") -> str:
    data = f'authority = "the authority", from_on = {from_on}, until_on = {until_on}, days_on = {days_on}'
    return fact("performance licensed", "2025-09-08T09:00", data, more=f'id = "{key}"')


def taught(day: str, minutes: int) -> str:
    return fact("taught elsewhere", f"{day}T17:00", f"minutes = {minutes}")


@pytest.mark.parametrize(
    ("marks", "is_due"), [("O O", True), ("C1 C1", True), ("I I", False), (r"/ \\", False)]
)
def test_a_day_next_to_those_named_is_asked_about_if_it_was_missed_for_it_or_without_leave(
    marks: str, is_due: bool
) -> None:
    p = pupil("p", "2025-11-24..2025-11-26 C1 C1", f"2025-11-27 {marks}")
    line = then("2025-11-27", DUE if is_due else NOT, *(["because = { day = 2025-11-27 }"] if is_due else []))
    check(OUTSIDE, case("2025-11-28", p, licence("2025-11-24", "2025-11-26", NAMED), line))


def test_each_day_of_a_longer_absence_is_a_question_and_a_day_in_school_ends_it() -> None:
    p = pupil(
        "p", "2025-11-21 O O", "2025-11-24..2025-11-26 C1 C1", "2025-11-27..2025-11-28 O O", "2025-12-02 O O"
    )
    check(
        OUTSIDE,
        case(
            "2025-12-02",
            p,
            licence("2025-11-24", "2025-11-26", NAMED),
            then("2025-12-02", DUE, "because = { day = 2025-11-21, licensed = 3, sessions = 2 }"),
            then("2025-12-02", DUE, "because = { day = 2025-11-27 }"),
            then("2025-12-02", DUE, "because = { day = 2025-11-28 }"),
            then("2025-12-02", NOT, "because = { day = 2025-12-02 }"),
            then("2025-12-02", NOT, "because = { day = 2025-11-26 }"),
        ),
    )


def test_within_the_days_of_a_licence_a_performance_on_a_day_not_named_is_asked_about() -> None:
    p = pupil("p", "2025-11-24 C1 C1", "2025-11-27 C1 C1", "2025-12-04 O O")
    check(
        OUTSIDE,
        case(
            "2025-12-04",
            p,
            licence("2025-11-24", "2025-12-05", "[2025-11-24]"),
            then("2025-12-04", DUE, "because = { day = 2025-11-27 }"),
            then("2025-12-04", NOT, "because = { day = 2025-12-04 }", 'says = "Truancy is another matter"'),
        ),
    )


def test_a_day_that_another_licence_names_and_a_licence_without_days_ask_nothing() -> None:
    p = pupil("p", "2025-11-24..2025-11-27 C1 C1")
    two = licence("2025-11-24", "2025-11-26", NAMED) + licence(
        "2025-11-27", "2025-11-27", "[2025-11-27]", "m"
    )
    check(OUTSIDE, case("2025-11-28", p, two, then("2025-11-28", NOT)))
    check(OUTSIDE, case("2025-11-28", p, licence("2025-11-24", "2025-11-26"), then("2025-11-28", NOT)))


@pytest.mark.parametrize(("minutes", "is_due"), [(360, False), (359, True)])
def test_six_hours_in_a_week_are_enough_and_a_minute_less_is_not(minutes: int, is_due: bool) -> None:
    p = pupil("p", "2025-11-10..2025-11-14 C1 C1")
    lessons = taught("2025-11-10", 180) + taught("2025-11-12", minutes - 180)
    week = '{ hours = "5 h 59 min", needed = 6 }'
    line = then("2025-11-14", f'due = "week"\nbecause = {week}' if is_due else 'not_due = "week"')
    check(WEEK, case("2025-11-14", p, licence("2025-11-10", "2025-11-14"), lessons, line))


def test_what_is_taught_in_the_holidays_does_not_count() -> None:
    # The half term has one day before the holiday and no more in that week.
    p = pupil("p", "2025-10-24 C1 C1")
    lessons = taught("2025-10-24", 150) + taught("2025-10-28", 300)
    lines = (then("2025-10-24", 'due = "week"', 'because = { hours = "2 h 30 min" }'),)
    check(WEEK, case("2025-10-24", p, licence("2025-10-24", "2025-10-31"), lessons, *lines))


def test_half_a_day_in_school_is_half_of_what_a_day_counts() -> None:
    p = pupil("p", "2025-11-10..2025-11-13 C1 C1", "2025-11-14 C1 -")
    figure = 'figure = "licence hours taught"'
    check(
        WEEK,
        case(
            "2025-11-14",
            p,
            licence("2025-11-10", "2025-11-14"),
            taught("2025-11-10", 210),
            then("2025-11-14", 'not_due = "week"', 'says = "Three and a half hours and two and a half"'),
            then("2025-11-14", figure, "is = 6"),
            then("2025-11-13", figure, 'is = "3 h 30 min"'),
            then("2025-11-14", 'figure = "licence hours needed"', "is = 15"),
        ),
    )


def test_a_licence_suggests_the_code_for_its_days_and_a_question_for_others() -> None:
    session = 'session = "2025-11-24 AM"'
    named = licence("2025-11-24", "2025-11-26", NAMED)
    code, asked = 'mark = "C1"', 'asks = "the licence does not name the day: is it authorised?"'
    check(OUTSIDE, case("2025-11-24", pupil("p"), named, then("2025-11-24", code, session, 'fact = "l"')))
    open_days = licence("2025-11-24", "2025-11-28")
    check(OUTSIDE, case("2025-11-24", pupil("p"), open_days, then("2025-11-24", code, session, asked)))
    other = 'session = "2025-11-27 AM"'
    check(OUTSIDE, case("2025-11-27", pupil("p"), named, then("2025-11-27", 'mark = "N"', other)))
