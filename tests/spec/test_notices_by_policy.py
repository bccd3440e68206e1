"""Notices by policy: how long they last, when somebody is reminded, what is to be answered and paid

A notice to improve lasts as the policy says where the notice does not. A reminder comes while there is time
and nobody has decided. Before a penalty notice each question of the policy has an answer in the last
consideration about that parent; sums and limits are the law's, and the notice for an excluded child has its
own.
"""

from __future__ import annotations

import pytest

from tests.small import case, check, fact, pupil, rule, then

ENDED, REMINDER = "was there improvement?", "the period ends soon"


def notice(
    at: str,
    data: str = 'notice = "notice to improve"',
    *,
    parent: str = "A",
    key: str = "n",
    about: str = "p",
) -> str:
    more = f'id = "{key}"\nparent = "{parent}"'
    return fact("notice issued", f"{at}T09:00", data, about=about, more=more)


def lasting(span: str) -> tuple[str, ...]:
    weeks = "shortest_weeks = 3, longest_weeks = 6"
    params = f'notice = "notice to improve", day = "end", lasts = "{span}", {weeks}'
    return (rule("ended", "notice days", params, asks=ENDED),)


@pytest.mark.parametrize(
    ("span", "day", "length"),
    [
        ("42 days", "2025-12-15", "3 to 6 weeks"),
        ("20 school days", "2025-12-01", "3 to 6 weeks"),
        ("20 days", "2025-11-23", "shorter than 3 weeks"),
        ("43 days", "2025-12-16", "longer than 6 weeks"),
    ],
)
def test_a_notice_without_a_last_day_lasts_as_the_policy_says(span: str, day: str, length: str) -> None:
    issued = notice("2025-11-03")
    check(
        lasting(span),
        case(
            "2025-12-16",
            pupil("p"),
            issued,
            then("2025-11-04", f'due = "{ENDED}"', 'state = "coming"', f"by = {day}"),
            then("2025-11-22", f'not_due = "{ENDED}"'),
            then(day, f'due = "{ENDED}"', f'because = {{ day = {day}, length = "{length}" }}'),
        ),
    )


def test_a_last_day_that_the_notice_states_is_the_last_day() -> None:
    stated = notice("2025-11-03", 'notice = "notice to improve", until_on = 2025-11-28')
    lines = (then("2025-11-27", f'not_due = "{ENDED}"'), then("2025-11-28", f'due = "{ENDED}"'))
    check(lasting("42 days"), case("2025-11-28", pupil("p"), stated, *lines))


REMINDERS = (
    rule(
        "reminder",
        "notice days",
        'notice = "notice to improve", day = "end", lasts = "42 days", ahead = "7 days"',
        asks=REMINDER,
    ),
)


def considered(at: str, outcome: str, answers: str = "[]", parent: str = "A") -> str:
    data = f'outcome = "{outcome}", answers = {answers}, why = "the figures"'
    return fact("notice considered", f"{at}T09:00", data, more=f'parent = "{parent}"')


def test_a_reminder_comes_seven_days_before_the_end_and_not_after_it() -> None:
    check(
        REMINDERS,
        case(
            "2025-12-16",
            pupil("p"),
            notice("2025-11-03"),
            then("2025-12-07", f'not_due = "{REMINDER}"'),
            then("2025-12-08", f'due = "{REMINDER}"', "by = 2025-12-15"),
            then("2025-12-15", f'due = "{REMINDER}"'),
            then("2025-12-16", f'due = "{REMINDER}"', 'state = "lapsed"'),
        ),
    )


@pytest.mark.parametrize(
    "decided",
    [
        considered("2025-12-01", "penalty notice"),
        fact(
            "notice ended",
            "2025-12-01T09:00",
            'notice = "n", improved = "yes"',
            more='parent = "A"',
        ),
    ],
)
def test_nobody_is_reminded_once_something_was_decided(decided: str) -> None:
    line = then("2025-12-08", f'not_due = "{REMINDER}"')
    check(REMINDERS, case("2025-12-08", pupil("p"), notice("2025-11-03"), decided, line))


def test_the_consideration_that_led_to_the_notice_and_one_about_another_parent_decide_nothing() -> None:
    before = considered("2025-11-02", "notice to improve")
    other = considered("2025-12-01", "penalty notice", parent="B")
    line = then("2025-12-08", f'due = "{REMINDER}"')
    p = pupil("p", more='parents = ["A", "B"]')
    check(REMINDERS, case("2025-12-08", p, notice("2025-11-03"), before, other, line))


# --- questions -------------------------------------------------------------------------------------------

QUESTIONS = (
    rule(
        "consider",
        "threshold",
        "sessions = 10, school_weeks = 10, codes = ['G', 'N', 'O', 'U'], each_parent = true, "
        'questions = ["support offered?", "best tool?"]',
        mode="prompt",
    ),
)
MISSED = pupil("p", "2025-09-15..2025-09-19 O O", more='parents = ["A", "B"]')
BOTH = '[["support offered?", "yes"], ["Best tool?", "no"]]'
MAY, MAY_NOT = (f'{verb} = "issue a penalty notice"' for verb in ("may", "may_not"))


def test_each_question_needs_an_answer_in_the_last_consideration_about_the_parent() -> None:
    one = considered("2025-09-22", "penalty notice", '[["support offered?", "yes"]]')
    both = considered("2025-09-23", "penalty notice", BOTH)
    again = considered("2025-09-24", "penalty notice")
    parent = 'parent = "A"'
    check(
        QUESTIONS,
        case(
            "2025-09-24",
            MISSED,
            one,
            both,
            again,
            then("2025-09-19", MAY_NOT, parent, 'rule = "consider"'),
            then("2025-09-22", MAY_NOT, parent, 'rule = "consider"', "overridable = false"),
            then("2025-09-23", MAY, parent),
            then("2025-09-23", MAY_NOT, 'parent = "B"', 'rule = "consider"'),
            then("2025-09-24", MAY_NOT, parent, 'says = "The last one answers nothing"'),
        ),
    )


def test_the_questions_and_what_is_not_explained_yet_are_named_with_the_duty() -> None:
    marks = ("2025-09-15..2025-09-18 O O", "2025-11-13 O -", "2025-11-14 N -")
    named = "sessions = 10, unknown = 1, resolve_by = 2025-11-21"
    questions = 'questions = ["support offered?", "best tool?"]'
    line = then("2025-11-14", 'due = "consider"', f"because = {{ {named}, {questions} }}", 'parent = "A"')
    check(QUESTIONS, case("2025-11-14", pupil("p", *marks), line))
    settled = pupil("p", *marks[:-1], "2025-11-14 O -")
    line = then("2025-11-14", 'due = "consider"', "because = { sessions = 10, unknown = 0 }", 'parent = "A"')
    check(QUESTIONS, case("2025-11-14", settled, line))


# --- sums ------------------------------------------------------------------------------------------------

NOTHING = (rule("nothing", "content"),)


def figure(on: str, name: str, value: str, parent: str = "A", about: str = "p") -> str:
    return then(on, f'figure = "{name}"', f"is = {value}", f'parent = "{parent}"', about=about)


def test_sums_days_and_limits_are_counted_for_each_parent_and_each_child() -> None:
    issued = (
        notice("2025-10-06", 'notice = "penalty notice", received_on = 2025-10-06'),
        notice("2025-10-06", 'notice = "penalty notice", received_on = 2025-10-06', parent="B", key="b"),
        notice("2026-06-15", 'notice = "penalty notice", received_on = 2026-06-15', key="n2"),
    )
    check(
        NOTHING,
        case(
            "2026-07-17",
            pupil("p", more='parents = ["A", "B"]'),
            pupil("sibling", more='parents = ["A", "B"]'),
            *issued,
            figure("2025-10-06", "lower sum until", "2025-10-26"),
            figure("2025-10-06", "whole sum until", "2025-11-02", "B"),
            figure("2025-10-26", "penalty sums", "80"),
            figure("2025-10-27", "penalty sums", "160"),
            figure("2026-06-15", "lower sum until", '""'),
            figure("2026-06-15", "whole sum until", "2026-07-12"),
            figure("2026-06-15", "whole sum until", "2025-11-02", "B"),
            figure("2026-06-15", "notices in three years", "2"),
            figure("2026-06-15", "notices in three years", "1", "B"),
            figure("2026-06-15", "notices in three years", "0", about="sibling"),
            figure("2027-03-01", "next notice from", "2028-10-06"),
            figure("2027-03-01", "next notice from", "2027-03-01", "B"),
            figure("2028-10-05", "notices in three years", "2"),
            figure("2028-10-06", "notices in three years", "1"),
            figure("2028-10-06", "next notice from", "2028-10-06"),
        ),
    )


def test_a_notice_that_was_withdrawn_is_not_counted_and_has_nothing_to_pay() -> None:
    issued = notice("2025-10-06", 'notice = "penalty notice", received_on = 2025-10-06')
    withdrawn = fact(
        "notice withdrawn", "2025-10-20T09:00", 'notice = "n", why = "a mistake"', more='parent = "A"'
    )
    check(
        NOTHING,
        case(
            "2025-10-20",
            pupil("p"),
            issued,
            withdrawn,
            figure("2025-10-17", "notices in three years", "1"),
            figure("2025-10-20", "notices in three years", "0"),
            figure("2025-10-20", "whole sum until", '""'),
            figure("2025-10-20", "penalty sums", "0"),
        ),
    )


# --- excluded pupils in public places --------------------------------------------------------------------

EXCLUSION = 'may{0} = "issue an exclusion notice"'


def excluded(more: str = "parents_told_on = 2025-11-10, at_home_until_on = 2025-11-14") -> str:
    data = 'how = "suspended", from_on = 2025-11-10, until_on = 2025-11-21'
    return fact("excluded", "2025-11-10T09:00", f"{data}, {more}" if more else data, more='id = "e"')


def seen(day: str, justified: str = "no") -> str:
    data = f'exclusion = "e", place = "the market", justified = "{justified}"'
    return fact("seen in public", f"{day}T11:00", data, more='id = "s"')


@pytest.mark.parametrize(
    ("day", "exclusion", "may"),
    [
        ("2025-11-10", excluded(), True),
        ("2025-11-14", excluded(), True),
        ("2025-11-17", excluded(), False),
        ("2025-11-14", excluded("parents_told_on = 2025-11-10"), True),
        ("2025-11-17", excluded("parents_told_on = 2025-11-10"), False),
        ("2025-11-12", excluded("parents_told_on = 2025-11-13"), False),
        ("2025-11-12", excluded(""), False),
    ],
)
def test_an_excluded_pupil_must_not_be_in_public_on_the_days_that_parents_were_told_of(
    day: str, exclusion: str, may: bool
) -> None:
    line = then("2025-11-17", EXCLUSION.format("" if may else "_not"), 'request = "s"')
    check(NOTHING, case("2025-11-17", pupil("p"), exclusion, seen(day), line))


@pytest.mark.parametrize(("justified", "overridable"), [("yes", "false"), ("not known", "true")])
def test_a_good_reason_ends_it_and_one_that_is_not_known_is_asked_for(
    justified: str, overridable: str
) -> None:
    line = then("2025-11-12", EXCLUSION.format("_not"), f"overridable = {overridable}")
    check(NOTHING, case("2025-11-12", pupil("p"), excluded(), seen("2025-11-12", justified), line))


def test_without_anything_seen_there_is_no_notice_and_it_counts_among_no_others() -> None:
    own = 'notice = "excluded in public place", received_on = 2025-11-17'
    check(
        NOTHING,
        case(
            "2025-11-17",
            pupil("p"),
            excluded(),
            notice("2025-11-17", own),
            then("2025-11-17", EXCLUSION.format("_not"), "overridable = false"),
            figure("2025-11-17", "notices in three years", "0"),
            figure("2025-11-17", "penalty sums", "0"),
            figure("2025-12-07", "exclusion sums", "60"),
            figure("2025-12-08", "exclusion sums", "120"),
            figure("2025-11-17", "lower sum until", "2025-12-07"),
            figure("2025-11-17", "whole sum until", "2025-12-14"),
        ),
    )


def test_its_days_to_pay_can_be_asked_about_like_those_of_others() -> None:
    rules = (
        rule(
            "paid",
            "notice days",
            'notice = "excluded in public place", day = "whole sum"',
            asks="was it paid?",
        ),
    )
    own = notice("2025-11-17", 'notice = "excluded in public place", received_on = 2025-11-17')
    other = notice("2025-11-17", 'notice = "penalty notice", received_on = 2025-11-17', about="q", key="q")
    lines = (
        then("2025-12-14", 'not_due = "was it paid?"'),
        then("2025-12-15", 'due = "was it paid?"', "because = { day = 2025-12-14 }"),
        then("2025-12-15", 'not_due = "was it paid?"', about="q"),
    )
    check(rules, case("2025-12-15", pupil("p"), pupil("q"), own, other, *lines))
