"""Part-time timetables: their weeks, their end, and the code for them

The weeks are the calendar week in which the timetable starts and those after it. On the last school day of
them somebody is asked whether the pupil is back full-time, and from the day after the code is refused. An
extension counts only with days on which it is looked at.
"""

from __future__ import annotations

import pytest

from tests.small import case, check, fact, pupil, rule, then

ASK = "full time again?"
RULES = (rule("weeks", "part-time timetable", "weeks = 6", asks=ASK),)
OWN = (rule("weeks", "part-time timetable", asks=ASK),)
P = pupil("p", "2025-11-04..2025-11-07 - C2", year_group="8")
DUE, NOT = f'due = "{ASK}"', f'not_due = "{ASK}"'


def agreed(
    from_on: str, until_on: str, more: str = "", *, key: str = "t", at: str = "2025-10-20T09:00"
) -> str:
    data = f'from_on = {from_on}, until_on = {until_on}, times = [], why = "recovery"{more}'
    return fact("timetable agreed", at, data, more=f'id = "{key}"')


def reviewed(at: str, outcome: str, key: str = "t") -> str:
    return fact("timetable reviewed", at, f'timetable = "{key}", outcome = "{outcome}"')


def entering(on: str, day: str, verb: str, more: str = "") -> str:
    return then(on, f'{verb} = "enter a code"', 'code = "C2"', f'session = "{day} PM"', more)


def test_it_asks_on_the_last_school_day_of_the_sixth_calendar_week() -> None:
    check(
        RULES,
        case(
            "2025-12-15",
            P,
            agreed("2025-11-04", "2026-02-13"),
            then("2025-12-11", NOT),
            then("2025-12-11", DUE, 'state = "coming"', "by = 2025-12-12"),
            then("2025-12-12", DUE, "by = 2025-12-12", 'as = "prompt"'),
            then(
                "2025-12-12", DUE, "because = { from = 2025-11-04, full_time_by = 2025-12-12, sessions = 4 }"
            ),
            then("2025-12-15", DUE, "by = 2025-12-12", 'says = "Until somebody answers"'),
        ),
    )


def test_its_own_last_day_counts_where_it_is_earlier_or_no_weeks_are_stated() -> None:
    earlier = agreed("2025-11-04", "2025-11-30")
    for rules in (RULES, OWN):
        lines = (then("2025-11-27", NOT), then("2025-11-28", DUE, "by = 2025-11-28"))
        check(rules, case("2025-11-28", P, earlier, *lines))
    later = agreed("2025-11-04", "2026-02-13")
    check(OWN, case("2026-02-13", P, later, then("2025-12-12", NOT), then("2026-02-13", DUE)))


def test_after_the_weeks_the_code_is_refused_and_before_anything_was_agreed_as_well() -> None:
    check(
        RULES,
        case(
            "2025-12-15",
            P,
            agreed("2025-11-04", "2026-02-13"),
            entering("2025-11-03", "2025-11-03", "may_not", 'rule = "weeks"'),
            entering("2025-12-12", "2025-11-04", "may"),
            entering("2025-12-12", "2025-12-12", "may"),
            entering("2025-12-15", "2025-12-15", "may_not", 'rule = "weeks"'),
            then("2025-12-15", 'may = "enter a code"', 'code = "I"', 'session = "2025-12-15 PM"'),
        ),
    )


@pytest.mark.parametrize(
    ("parts", "verb"),
    [
        (', review_on = [2025-12-19], agreed_by = ["A"]', "may"),
        (', review_on = [], agreed_by = ["A"]', "may_not"),
        (", review_on = [2025-12-19]", "may_not"),
    ],
)
def test_an_extension_covers_its_days_only_with_days_of_review_and_agreement(parts: str, verb: str) -> None:
    longer = agreed(
        "2025-12-15",
        "2026-01-16",
        f', extends = "t"{parts}',
        key="longer",
        at="2025-12-10T09:00",
    )
    check(
        RULES,
        case(
            "2026-01-19",
            P,
            agreed("2025-11-04", "2025-12-12"),
            longer,
            entering("2025-12-15", "2025-12-15", verb),
            entering("2026-01-16", "2026-01-16", verb),
            entering("2026-01-19", "2026-01-19", "may_not"),
            then("2025-12-12", NOT, 'says = "It goes on, and is asked about at its own end"'),
            then("2026-01-16", DUE, "because = { from = 2025-12-15 }"),
        ),
    )


def test_a_timetable_that_goes_on_where_another_ended_has_no_weeks_of_its_own() -> None:
    first, second = agreed("2025-11-04", "2025-11-21"), agreed("2025-11-24", "2026-01-16", key="again")
    new = agreed("2026-01-12", "2026-03-27", key="new")
    lines = (
        entering("2025-12-12", "2025-12-12", "may"),
        entering("2025-12-15", "2025-12-15", "may_not"),
    )
    check(RULES, case("2025-12-15", P, first, second, *lines))
    # Where school days lie between it is another arrangement.
    line = entering("2026-02-13", "2026-02-13", "may")
    check(RULES, case("2026-02-23", P, first, new, line, entering("2026-02-23", "2026-02-23", "may_not")))


def test_a_review_that_ends_it_leaves_nothing_to_ask_and_nothing_to_enter() -> None:
    check(
        RULES,
        case(
            "2025-12-12",
            P,
            agreed("2025-11-04", "2025-12-12"),
            reviewed("2025-11-28T15:00", "full time again"),
            entering("2025-11-28", "2025-11-28", "may"),
            entering("2025-12-01", "2025-12-01", "may_not"),
            then("2025-12-12", NOT),
            then("2025-12-01", 'figure = "full time by"', "is = 2025-11-28"),
        ),
    )


def test_a_review_on_the_last_day_answers_and_one_before_it_does_not() -> None:
    timetable = agreed("2025-11-04", "2025-12-12")
    before, on_it = reviewed("2025-11-28T15:00", "goes on"), reviewed("2025-12-12T15:00", "full time again")
    check(RULES, case("2025-12-12", P, timetable, before, then("2025-12-12", DUE)))
    check(RULES, case("2025-12-12", P, timetable, on_it, then("2025-12-12", DUE, 'state = "done"')))


def test_the_figure_is_the_last_day_of_the_timetable_that_was_agreed_last() -> None:
    figure = 'figure = "full time by"'
    check(
        RULES,
        case(
            "2025-11-10",
            P,
            agreed("2025-11-04", "2026-02-13"),
            then("2025-11-10", figure, "is = 2025-12-12"),
            then("2025-10-17", figure, 'is = ""'),
        ),
    )


def test_its_times_suggest_the_code_where_they_leave_a_session_out() -> None:
    times = '[["Monday", "09:00-12:00"], ["Tuesday", "09:00-15:00"], ["Wednesday", "13:15-15:00"]]'
    data = f'from_on = 2025-11-04, until_on = 2025-12-12, times = {times}, why = "recovery"'
    plain = fact("timetable agreed", "2025-10-20T09:00", data, more='id = "t"')

    def mark(session: str, code: str) -> str:
        return then(session[:10], f'mark = "{code}"', f'session = "{session}"')

    registers = (
        rule("morning", "register times", 'session = "morning", opens = "08:45", closes = "09:15"'),
        rule("afternoon", "register times", 'session = "afternoon", opens = "13:00", closes = "13:30"'),
    )
    check(
        (*RULES, *registers),
        case(
            "2025-11-13",
            P,
            plain,
            mark("2025-11-10 AM", "N"),
            mark("2025-11-10 PM", "C2"),
            mark("2025-11-11 PM", "N"),
            mark("2025-11-12 AM", "C2"),
            mark("2025-11-12 PM", "N"),
            mark("2025-11-13 AM", "C2"),
        ),
    )
