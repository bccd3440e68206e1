"""As long as it goes on: what is done in every period of a plan, a placement, support, or a flag

And what a school keeps in order: the training of its staff, and contacts by whom somebody can be reached.
"""

from __future__ import annotations

from datetime import date

import pytest

from firstbell.duties.of_periods import days_named
from tests.small import CALENDARS, case, check, fact, pupil, rule, then

CAL_187 = (CALENDARS / "cal-187.toml").read_text(encoding="utf-8")

CALL = rule(
    "call",
    "period while",
    'opened = "provision agreed", where = { of = "alternative provision" }, every = "school day"',
    'settled_by = ["provider"]',
)
AGREED = (
    'provider = "a farm", of = "alternative provision", from_on = 2025-11-11, until_on = 2025-11-25, '
    'outcomes = "two days a week", times = [["Tuesday and Thursday", "09:00-15:00"]]'
)


def test_a_call_on_each_day_that_the_placement_names_until_its_last() -> None:
    check(
        (CALL,),
        case(
            "2025-12-02",
            pupil("p"),
            fact("provision agreed", "2025-11-06T10:00", AGREED, more='id = "placement"'),
            fact("provider reported", "2025-11-13T09:20", 'provision = "placement", attended = "yes"'),
            then("2025-11-10", 'not_due = "call"'),
            then("2025-11-11", 'due = "call"', "by = 2025-11-11", "because = { since = 2025-11-11 }"),
            then("2025-11-12", 'due = "call"', "by = 2025-11-11", 'says = "Until the next of its days"'),
            then("2025-11-13", 'due = "call"', 'state = "done"', "because = { from = 2025-11-13 }"),
            then("2025-11-13", 'due = "call"', 'state = "lapsed"', "because = { from = 2025-11-11 }"),
            then("2025-11-25", 'due = "call"', "by = 2025-11-25"),
            then("2025-11-27", 'not_due = "call"', "because = { from = 2025-11-27 }"),
            then("2025-11-27", 'due = "call"', 'state = "lapsed"', "because = { from = 2025-11-25 }"),
        ),
    )


def test_other_provision_and_a_part_in_other_words_ask_for_no_call() -> None:
    check(
        (CALL,),
        case(
            "2025-11-11",
            pupil("p"),
            fact("provision agreed", "2025-11-06T10:00", AGREED.replace("alternative provision", "therapy")),
            then("2025-11-11", 'not_due = "call"'),
        ),
    )


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Tuesday and Thursday", {1, 3}),
        ("Tuesdays", {1}),
        ("Monday to Wednesday", {0, 1, 2}),
        ("Mon - Wed, Fri", {0, 1, 2, 4}),
        ("2025-11-11", {date(2025, 11, 11)}),
        ("every month", None),
        ("week 1", None),
        ("2025-13-41", None),
    ],
)
def test_the_days_that_people_write(said: str, named: set[int | date] | None) -> None:
    assert days_named([(said, "09:00-15:00")]) == (frozenset(named) if named is not None else None)


# --- support, plans --------------------------------------------------------------------------------------

CHECK_IN = rule(
    "check-in",
    "period while",
    'opened = "support given", where = { support = "at-risk support" }, closed = ["support ended"], '
    'every = "week", from_next = true',
    'settled_by = ["spoken: check-in"]',
)
GIVEN = fact("support given", "2025-11-05T10:00", 'support = "at-risk support"', more='id = "support"')


def test_a_check_in_in_each_school_week_from_the_next_until_support_has_ended() -> None:
    check(
        (CHECK_IN,),
        case(
            "2025-12-15",
            pupil("p"),
            GIVEN,
            fact("pupil spoken to", "2025-11-19T10:00", 'about = "check-in"'),
            fact("support ended", "2025-12-03T10:00", 'support = "support"'),
            then("2025-11-07", 'not_due = "check-in"', 'says = "The week in which it began"'),
            then("2025-11-10", 'due = "check-in"', "by = 2025-11-14"),
            then("2025-11-16", 'due = "check-in"', 'says = "Sunday of the same week"'),
            then("2025-11-17", 'due = "check-in"', 'state = "lapsed"', "because = { from = 2025-11-10 }"),
            then("2025-11-19", 'due = "check-in"', 'state = "done"', "because = { from = 2025-11-17 }"),
            then("2025-12-02", 'due = "check-in"', "by = 2025-12-05"),
            then("2025-12-03", 'due = "check-in"', 'state = "lapsed"', "because = { from = 2025-12-01 }"),
            then("2025-12-08", 'not_due = "check-in"', "because = { from = 2025-12-08 }"),
        ),
    )


def test_a_week_of_holidays_has_no_check_in_and_leaves_the_last_open() -> None:
    check(
        (CHECK_IN,),
        case(
            "2026-01-06",
            pupil("p"),
            GIVEN,
            then("2025-12-24", 'due = "check-in"', "because = { from = 2025-12-15 }"),
            then("2026-01-06", 'due = "check-in"', "by = 2026-01-09"),
        ),
    )


def test_an_action_plan_of_the_school_is_reviewed_in_each_term_at_the_latest_on_its_last_day() -> None:
    review = rule("review", "period while", 'opened = "strategy set", every = "term"')
    check(
        (review,),
        case(
            "2026-07-17",
            pupil("p"),
            fact(
                "strategy set",
                "2025-11-10T10:00",
                'area = "attendance", actions = [["a plan", "the head"]]',
                about="",
            ),
            then("2025-11-09", 'not_due = "review"', about=""),
            then("2025-11-10", 'due = "review"', "by = 2025-12-19", about=""),
            then("2026-01-06", 'due = "review"', "by = 2026-03-27", about=""),
            then("2026-07-17", 'due = "review"', "by = 2026-07-17", about=""),
        ),
    )


def test_at_the_end_of_a_period_it_is_asked_on_its_last_school_day() -> None:
    weekly = rule(
        "look",
        "period while",
        'opened = "timetable agreed", closed = ["timetable reviewed"], every = "week", at = "end"',
    )
    agreed = (
        'from_on = 2025-11-03, until_on = 2025-12-12, times = [["all days", "09:00-12:00"]], '
        'why = "coming back after an illness"'
    )
    goes_on = 'timetable = "t", outcome = "goes on"'
    check(
        (weekly,),
        case(
            "2025-12-01",
            pupil("p"),
            fact("timetable agreed", "2025-10-20T10:00", agreed, more='id = "t"'),
            fact("timetable reviewed", "2025-11-14T10:00", goes_on),
            fact("timetable reviewed", "2025-11-26T10:00", goes_on.replace("goes on", "full time again")),
            then("2025-11-06", 'not_due = "look"'),
            then("2025-11-07", 'due = "look"', "by = 2025-11-07"),
            then("2025-11-21", 'due = "look"', 'says = "It goes on after the first review"'),
            then("2025-11-28", 'not_due = "look"', 'says = "Full-time again since Wednesday"'),
        ),
    )


MEETINGS = rule(
    "meet",
    "period while",
    'flags = ["EHCP", "young carer"], every = "half term"',
    'settled_by = ["meeting: regular"]',
)


def test_a_pupil_with_two_flags_is_met_once_in_each_half_term() -> None:
    check(
        (MEETINGS,),
        case(
            "2026-01-06",
            pupil("p"),
            pupil("none"),
            fact("flag set", "2025-09-15T10:00", 'flag = "EHCP"', more='id = "first"'),
            fact("flag set", "2025-10-06T10:00", 'flag = "young carer"', more='id = "second"'),
            fact("flag ended", "2025-12-01T10:00", 'flag = "first"'),
            fact("flag ended", "2025-12-08T10:00", 'flag = "second"'),
            fact("meeting held", "2025-10-10T10:00", 'meeting = "regular"'),
            then("2025-09-15", 'due = "meet"', "by = 2025-10-24"),
            then("2025-10-13", 'due = "meet"', 'state = "done"', 'because = { for = "EHCP, young carer" }'),
            then("2025-11-03", 'due = "meet"', "by = 2025-12-19"),
            then("2025-12-02", 'due = "meet"', 'says = "The other flag still holds"'),
            then("2025-12-08", 'due = "meet"', 'state = "lapsed"', "because = { from = 2025-11-03 }"),
            then("2025-11-03", 'not_due = "meet"', about="none"),
        ),
    )


def test_what_is_next_is_said_ahead() -> None:
    check(
        (CALL,),
        case(
            "2025-11-12",
            pupil("p"),
            fact("provision agreed", "2025-11-06T10:00", AGREED),
            then("2025-11-10", 'due = "call"', 'state = "coming"', "by = 2025-11-11"),
        ),
    )


# --- training --------------------------------------------------------------------------------------------

YEARLY = rule(
    "training",
    "training",
    'training = "attendance", topics = ["registers", "patterns"]',
    'as = "list"',
)
ROLE = 'role = "office"'


def held(staff: str, on: str = "2025-09-01", role: str = "office") -> str:
    return fact("role given", f"{on}T08:00", f'role = "{role}"', about="", more=f'staff = "{staff}"')


def had(staff: str, on: str, data: str = 'training = "attendance"') -> str:
    return fact("training done", f"{on}T16:00", data, about="", more=f'staff = "{staff}"')


def test_three_of_fifty_two_have_not_been_trained_in_the_year() -> None:
    staff = [f"s{number}" for number in range(52)]
    check(
        (YEARLY,),
        case(
            "2025-10-01",
            pupil("p"),
            *(held(one) for one in staff),
            # Before pupils came, on the staff day.
            *(had(one, "2025-09-01") for one in staff[:48]),
            had("s48", "2025-09-20", 'training = "attendance", covers = ["registers"]'),
            had("s48", "2025-09-30", 'training = "attendance", covers = ["patterns"]'),
            had("s49", "2025-09-20", 'training = "attendance", covers = ["registers"]'),
            had("s50", "2025-06-20"),
            then("2025-09-29", 'due = "training"', "because = { count = 4, of = 52 }", about=""),
            then(
                "2025-10-01",
                'due = "training"',
                "by = 2026-07-17",
                'because = { count = 3, staff = ["s49", "s50", "s51"], topics = ["registers", "patterns"] }',
                about="",
            ),
            then("2025-10-01", 'figure = "training gap"', "is = 3", about=""),
        ),
    )


def test_when_the_last_has_been_trained_it_is_done_and_a_new_colleague_begins_it_anew() -> None:
    once = rule("induction", "training", 'training = "induction", every = "once", within = "2 weeks"')
    check(
        (once,),
        case(
            "2026-02-01",
            pupil("p"),
            held("s1", "2025-09-08"),
            held("s2", "2025-09-15"),
            held("s3", "2026-01-12"),
            had("s1", "2025-10-01", 'training = "induction"'),
            had("s2", "2025-09-20", 'training = "induction"'),
            then("2025-09-21", 'not_due = "induction"', about=""),
            then("2025-09-22", 'due = "induction"', 'because = { count = 1, staff = ["s1"] }', about=""),
            then("2025-10-01", 'due = "induction"', 'state = "done"', about=""),
            then("2026-01-25", 'due = "induction"', 'state = "done"', about=""),
            then("2026-01-26", 'due = "induction"', 'because = { count = 1, staff = ["s3"] }', about=""),
        ),
    )


def test_who_holds_another_role_or_none_any_more_needs_none() -> None:
    head = rule("enhanced", "training", 'training = "enhanced", roles = ["head"]')
    gone = fact(
        "role given",
        "2025-09-01T08:00",
        'role = "head", until_on = 2025-10-24',
        about="",
        more='staff = "left"',
    )
    check(
        (head,),
        case(
            "2025-11-03",
            pupil("p"),
            held("s1"),
            gone,
            then("2025-10-24", 'due = "enhanced"', 'because = { staff = ["left"], of = 1 }', about=""),
            then("2025-11-03", 'not_due = "enhanced"', about=""),
        ),
    )


def test_of_whom_no_role_is_recorded_nothing_is_known() -> None:
    done = had("s1", "2025-09-20")
    check(
        (YEARLY,), case("2025-10-01", pupil("p"), done, then("2025-10-01", 'not_due = "training"', about=""))
    )


# --- contacts --------------------------------------------------------------------------------------------

TWO = rule("second contact", "contacts kept", "at_least = 2").replace('id = "second contact"', 'id = "two"')


def test_one_contact_is_too_few_and_two_are_enough() -> None:
    check(
        (TWO,),
        case(
            "2025-09-10",
            pupil("one", more='parents = ["A"]'),
            pupil("two", more='parents = ["A"]\ncontacts = ["A", "grandmother"]'),
            pupil("none", more="parents = []"),
            pupil("left", more='parents = ["A"]\nends_on = 2025-09-05'),
            then("2025-09-10", 'due = "second contact"', "because = { held = 1, wanted = 2 }", about="one"),
            then("2025-09-10", 'not_due = "second contact"', about="two"),
            then("2025-09-10", 'due = "second contact"', "because = { held = 0 }", about="none"),
            then("2025-09-10", 'not_due = "second contact"', about="left"),
        ),
    )


def test_where_no_contacts_were_handed_over_nothing_is_asked() -> None:
    nobody = pupil("p", more="parents = []")
    check((TWO,), case("2025-09-10", nobody, then("2025-09-10", 'not_due = "second contact"')))
