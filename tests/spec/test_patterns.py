"""Patterns: so many of something within school weeks in a row, or on one day of the week

The school week of the day counts, and those before it; a week of holidays is none. While the number holds
it is one pattern, and is asked about once.
"""

from __future__ import annotations

import pytest

from tests.small import case, check, fact, pupil, rule, running, then

LATE = rule("late", "count", 'of = "late marks", reaches = 4, within = "4 school weeks"')
DUE, NOT, LAPSED = 'due = "late"', 'not_due = "late"', 'state = "lapsed"'
TUESDAYS_AND_THURSDAYS = (
    *("2025-09-16 L -", "2025-09-18 L -", "2025-09-23 L -", "2025-09-25 L -"),
    *("2025-09-30 L -", "2025-10-02 L -", "2025-10-07 L -", "2025-10-09 L -"),
)


def test_the_fourth_late_mark_in_four_school_weeks_asks_once_with_the_days_of_the_week() -> None:
    check(
        (LATE,),
        case(
            "2025-10-10",
            pupil("p", *TUESDAYS_AND_THURSDAYS),
            then("2025-09-23", NOT),
            then("2025-09-25", DUE, "because = { count = 4, reaches = 4, from = 2025-09-01 }"),
            then(
                "2025-10-10",
                DUE,
                'because = { count = 8, from = 2025-09-15, weekdays = ["Tuesday", "Thursday"] }',
            ),
        ),
    )


def test_four_in_five_school_weeks_are_no_pattern_and_the_week_that_drops_out_ends_one() -> None:
    check(
        (LATE,),
        case(
            "2025-10-17",
            pupil("spread", "2025-09-08 L -", "2025-09-15 L -", "2025-09-22 L -", "2025-10-06 L -"),
            pupil("over", "2025-09-08 L -", "2025-09-15 L -", "2025-09-22 L -", "2025-09-29 U -"),
            then("2025-10-17", NOT, about="spread"),
            then("2025-09-29", DUE, about="over"),
            then("2025-10-05", DUE, 'says = "Sunday: the week is still the same"', about="over"),
            then("2025-10-06", DUE, LAPSED, about="over"),
        ),
    )


def test_a_week_of_holidays_is_no_week_and_the_pattern_stays_over_it() -> None:
    check(
        (LATE,),
        case(
            "2025-11-10",
            pupil("p", "2025-10-07 L -", "2025-10-14 L -", "2025-10-21 L -", "2025-11-04 L -"),
            then("2025-10-28", NOT),
            then("2025-11-04", DUE, "because = { count = 4, from = 2025-10-06 }"),
            then("2025-11-10", DUE, LAPSED),
        ),
    )


def test_another_pattern_after_the_first_has_ended_is_another_duty() -> None:
    first = ("2025-09-08 L -", "2025-09-09 L -", "2025-09-10 L -", "2025-09-11 L -")
    second = ("2025-11-10 L -", "2025-11-11 L -", "2025-11-12 L -", "2025-11-13 L -")
    check(
        (LATE,),
        case(
            "2025-11-14",
            pupil("p", *first, *second),
            fact("duty done", "2025-09-12T10:00", 'words = "rung"', more='does = "late"'),
            then("2025-11-07", DUE, 'state = "done"'),
            then("2025-11-14", DUE, "by = 2025-11-13", "because = { count = 4 }"),
        ),
    )


ON_ONE = rule(
    "weekday", "count", 'of = "absences", reaches = 5, over = "half term", on_one_weekday = "at least 75%"'
)


def test_six_of_seven_absences_on_fridays_are_a_pattern_in_the_half_term() -> None:
    marks = ("2025-09-12 I I", "2025-09-26 I I", "2025-10-10 I I", "2025-10-15 I -")
    check(
        (ON_ONE,),
        case(
            "2025-11-03",
            pupil("p", *marks),
            then("2025-09-26", 'not_due = "weekday"', 'says = "four"'),
            then("2025-10-10", 'due = "weekday"', 'because = { count = 6, on_one = 6, weekday = "Friday" }'),
            then("2025-10-24", 'due = "weekday"', 'because = { count = 7, on_one = 6, weekday = "Friday" }'),
            then("2025-11-03", 'due = "weekday"', LAPSED),
        ),
    )


def test_exactly_the_share_on_one_weekday_is_enough_and_less_is_not() -> None:
    # Six of eight are three quarters; six of nine are less.
    enough = ("2025-09-12 I I", "2025-09-26 I I", "2025-09-16 I I", "2025-10-10 I I")
    check(
        (ON_ONE,),
        case(
            "2025-10-24",
            pupil("enough", *enough),
            pupil("less", *enough, "2025-10-22 I -"),
            then("2025-09-26", 'not_due = "weekday"', 'says = "Four of six"', about="enough"),
            then(
                "2025-10-24", 'due = "weekday"', "by = 2025-10-10", "because = { on_one = 6 }", about="enough"
            ),
            then("2025-10-22", 'due = "weekday"', LAPSED, about="less"),
        ),
    )


def test_within_school_weeks_the_share_can_be_asked_as_well() -> None:
    mondays = rule(
        "weekday",
        "count",
        'of = "late after the register closed", reaches = 3, within = "4 school weeks", '
        'on_one_weekday = "at least 100%"',
    )
    check(
        (mondays,),
        case(
            "2025-09-30",
            pupil("tuesdays", "2025-09-09 U -", "2025-09-16 U -", "2025-09-23 U -", "2025-09-30 U -"),
            pupil("one-other", "2025-09-10 U -", "2025-09-16 U -", "2025-09-23 U -"),
            then("2025-09-22", 'not_due = "weekday"', about="tuesdays"),
            then(
                "2025-09-30",
                'due = "weekday"',
                'because = { on_one = 4, weekday = "Tuesday" }',
                about="tuesdays",
            ),
            then("2025-09-30", 'not_due = "weekday"', about="one-other"),
        ),
    )


UNEXPECTED = rule("unexpected", "count", 'of = "unexpected absences", reaches = 3, within = "4 school weeks"')


def test_days_without_a_reason_count_also_when_one_came_later_and_days_reported_do_not() -> None:
    amended = """amendments = [
        { session = "2025-09-08 AM", from = "N", to = "I", at = 2025-09-10T09:00:00, reason = "she rang" },
        { session = "2025-09-08 PM", from = "N", to = "I", at = 2025-09-10T09:00:00, reason = "she rang" },
        { session = "2025-09-24 AM", from = "I", to = "N", at = 2025-09-25T09:00:00, reason = "a mistake" },
    ]"""
    check(
        (UNEXPECTED,),
        case(
            "2025-09-26",
            pupil("p", "2025-09-08 N N", "2025-09-16 N -", "2025-09-22..2025-09-24 I -", more=amended),
            pupil("third", "2025-09-08 N N", "2025-09-16 N -", "2025-09-23 - N"),
            then("2025-09-26", 'not_due = "unexpected"', 'says = "Two: the third was reported at first"'),
            then("2025-09-23", 'due = "unexpected"', "because = { count = 3 }", about="third"),
        ),
    )


TRUANT = rule("truant", "count", 'of = "truancies", reaches = 2, over = "term"')


def test_only_lessons_that_a_person_called_truancy_count() -> None:
    check(
        (TRUANT,),
        case(
            "2025-10-10",
            pupil("p"),
            fact("lesson missed", "2025-09-24T11:30", 'lesson = "P3", truancy = "yes"'),
            fact("lesson missed", "2025-10-01T11:30", 'lesson = "P3"'),
            fact("lesson missed", "2025-10-02T11:30", 'lesson = "P3", truancy = "no"'),
            fact("lesson missed", "2025-10-08T11:30", 'lesson = "P5", truancy = "yes"'),
            then("2025-10-07", 'not_due = "truant"'),
            then("2025-10-08", 'due = "truant"', "because = { count = 2 }"),
            then("2025-10-08", 'figure = "truancies"', "is = 2"),
            then("2025-10-07", 'figure = "truancies"', "is = 1"),
        ),
    )


ASKED = rule(
    "asked",
    "following",
    'fact = "lesson missed", where = { truancy = "not decided" }',
    mode="prompt",
    asks="truancy?",
)


@pytest.mark.parametrize(("answer", "count"), [("truancy", 1), ("no truancy", 0)])
def test_a_lesson_is_called_truancy_in_the_answer_to_the_prompt_as_well(answer: str, count: int) -> None:
    lesson = fact("lesson missed", "2025-09-24T11:30", 'lesson = "P3"')
    said = fact(
        "decision made",
        "2025-09-24T14:00",
        f'question = "truancy?", answer = "{answer}"',
        more='does = "truancy?"',
    )
    line = then("2025-09-25", 'figure = "truancies"', f"is = {count}")
    check((ASKED, TRUANT), case("2025-09-25", pupil("p"), lesson, said, line))


def test_what_is_counted_within_school_weeks_is_said_ahead() -> None:
    check(
        (LATE,),
        case(
            "2025-09-24",
            pupil("p", "2025-09-16 L -", "2025-09-18 L -", "2025-09-23 L -"),
            then("2025-09-24", DUE, 'state = "coming"'),
        ),
    )


def test_codes_that_a_rule_leaves_out_are_those_of_the_law() -> None:
    rules = (
        rule("sick", "sickness days", "days = 3"),
        rule("ill", "count", 'of = "illnesses", reaches = 2'),
        rule("dentist", "count", 'of = "appointments", reaches = 2'),
    )
    marks = (
        "2025-09-08 I -",
        "2025-09-15..2025-09-16 I I",
        "2025-09-22 M -",
        "2025-09-29 M -",
        "2025-10-06 C C",
    )
    there = running(
        rules,
        case(
            "2025-10-10",
            pupil("p", *marks),
            then("2025-09-16", 'due = "sick"', "because = { days = 3, needed = 3 }"),
            then("2025-10-10", 'due = "ill"', "because = { count = 2 }"),
            then("2025-10-10", 'due = "dentist"', "because = { count = 2 }"),
            then("2025-10-10", 'figure = "illnesses"', "is = 2"),
        ),
    )
    assert there.first_that_fails() is None
    sight = there.sight(there.moment(there.scenario.when))
    assert sight.codes_of("illness")[:1] == ("I",)
    assert sight.codes_of("medical appointment") == ("M",)
    assert sight.codes_of("part-time timetable") == ("C2",)
    assert sight.codes_of("something else") == ()
