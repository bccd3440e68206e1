"""Windows: what time has shown since a letter, a call, a meeting or a plan

The window is the school days after it. On its last day somebody is asked whether attendance has improved,
with what the figures suggest; what a person decides counts more than they do.
"""

from __future__ import annotations

import pytest

from tests.small import CALENDARS, case, check, fact, pupil, rule, then

CAL_187 = (CALENDARS / "cal-187.toml").read_text(encoding="utf-8")
SINCE = 'since = ["letter sent", "contact tried", "meeting held"], lasts = "3 weeks", while = "below 90%"'
ASKED = rule(
    "improved",
    "improvement window",
    SINCE,
    'offers = ["yes", "no"]',
    asks="reasonable improvement?",
    mode="prompt",
)
MEETING = rule("meeting", "improvement window", f'{SINCE}, when = "not improved", decided_by = "improved"')
REVIEW = rule("review", "improvement window", f'{SINCE}, when = "improved", decided_by = "improved"')
RULES = (ASKED, MEETING, REVIEW)
DUE, NOT = 'due = "improved"', 'not_due = "improved"'
MARKS = ("2025-09-15..2025-09-19 I I", "2025-11-18 I -", "2025-11-26 I I", "2025-12-04 I I")
SENT = fact("letter sent", "2025-11-19T09:00", 'letter = "first"')


def test_three_weeks_without_improvement_suggest_no_and_ask_for_what_follows() -> None:
    figures = (
        'then = "89.00%", now = "88.46%", window = "86.67%", window_attended = 26, window_possible = 30, '
        "absences = 4, from = 2025-11-20, until = 2025-12-10"
    )
    check(
        RULES,
        case(
            "2025-12-10",
            pupil("p", *MARKS),
            SENT,
            then("2025-12-09", NOT, 'says = "Day 20"'),
            then("2025-12-10", DUE, 'suggests = "no"', "by = 2025-12-10", f"because = {{ {figures} }}"),
            then("2025-12-10", 'due = "meeting"', f"because = {{ {figures} }}"),
            then("2025-12-10", 'not_due = "review"'),
        ),
        calendar=CAL_187,
    )


def test_on_the_last_day_it_is_asked_once_the_last_register_has_closed() -> None:
    check(
        RULES,
        case(
            "2025-12-10",
            pupil("p", *MARKS),
            SENT,
            then("2025-12-10", NOT).replace("on = 2025-12-10", "at = 2025-12-10T12:00:00"),
        ),
        calendar=CAL_187,
    )


def test_attendance_above_that_of_the_day_suggests_yes_even_by_one_session() -> None:
    # 89 of 100 then; 116 of 130 is above it, 115 of 129 as well, and 115.7 of 130 would be the same.
    check(
        RULES,
        case(
            "2025-12-10",
            pupil("better", *MARKS[:2], "2025-11-26 I I", "2025-12-04 I -"),
            pupil("same-or-worse", *MARKS),
            fact("letter sent", "2025-11-19T09:00", 'letter = "first"', about="better"),
            fact("letter sent", "2025-11-19T09:00", 'letter = "first"', about="same-or-worse"),
            then("2025-12-10", DUE, 'suggests = "yes"', about="better"),
            then("2025-12-10", 'due = "review"', about="better"),
            then("2025-12-10", 'not_due = "meeting"', about="better"),
            then("2025-12-10", DUE, 'suggests = "no"', about="same-or-worse"),
        ),
        calendar=CAL_187,
    )


def test_who_is_below_the_limit_neither_then_nor_on_the_last_day_is_not_asked_about() -> None:
    # 90 of 100 and 117 of 130 are exactly 90%.
    marks = ("2025-09-15..2025-09-19 I I", "2025-11-26 I I", "2025-12-04 I -")
    check(RULES, case("2025-12-10", pupil("p", *marks), SENT, then("2025-12-10", NOT)), calendar=CAL_187)


def test_who_has_climbed_above_the_limit_is_asked_about_and_has_improved() -> None:
    # 89 of 100 then, and 119 of 130 are 91.5%: a person may still say no.
    no = fact("decision made", "2025-12-11T10:00", 'question = "reasonable improvement?", answer = "no"')
    check(
        RULES,
        case(
            "2025-12-11",
            pupil("p", *MARKS[:2]),
            SENT,
            no,
            then("2025-12-10", DUE, 'suggests = "yes"'),
            then("2025-12-10", 'not_due = "meeting"'),
            then("2025-12-11", 'due = "meeting"'),
        ),
        calendar=CAL_187,
    )


def test_only_after_the_letter_that_opens_it_and_not_where_another_rule_asks() -> None:
    # A call is a beginning only once the letter was sent; of who is below 90%, then or now, others ask.
    opened = rule(
        "improved",
        "improvement window",
        SINCE.replace("below 90%", "below 95%") + ', until = "below 90%", opened_by = ["third"]',
        asks="reasonable improvement?",
        mode="prompt",
    )
    reached = 'channel = "phone", outcome = "reached", purpose = "attendance"'
    marks = ("2025-09-15..2025-09-17 I I", "2025-11-18 I -")
    people = ("opened", "not-opened", "lower")
    check(
        (opened,),
        case(
            "2025-12-17",
            pupil("opened", *marks),
            pupil("not-opened", *marks),
            pupil("lower", *marks, "2025-11-20..2025-11-26 I I"),
            fact("letter sent", "2025-11-19T09:00", 'letter = "third"', about="opened"),
            fact("letter sent", "2025-11-19T09:00", 'letter = "first"', about="not-opened"),
            fact("letter sent", "2025-11-19T09:00", 'letter = "third"', about="lower"),
            *(fact("contact tried", "2025-11-26T10:00", reached, about=one) for one in people),
            then("2025-12-10", NOT, about="opened"),
            then("2025-12-17", DUE, "because = { from = 2025-11-27 }", about="opened"),
            then("2025-12-17", NOT, about="not-opened"),
            then("2025-12-17", NOT, about="lower"),
        ),
        calendar=CAL_187,
    )


def test_a_call_about_attendance_begins_it_anew_and_one_that_nobody_answered_does_not() -> None:
    call = 'channel = "phone", outcome = "reached", purpose = "attendance"'
    check(
        RULES,
        case(
            "2025-12-17",
            pupil("p", *MARKS, "2025-12-10..2025-12-11 I I"),
            SENT,
            fact("contact tried", "2025-11-26T10:00", call),
            fact("contact tried", "2025-12-01T10:00", call.replace("reached", "no answer")),
            fact(
                "contact tried",
                "2025-12-02T10:00",
                call.replace('purpose = "attendance"', 'purpose = "other"'),
            ),
            then("2025-12-10", NOT),
            then("2025-12-17", DUE, "because = { from = 2025-11-27, until = 2025-12-17 }"),
        ),
        calendar=CAL_187,
    )


def test_what_follows_obeys_what_a_person_decided() -> None:
    decided = fact(
        "decision made",
        "2025-12-11T10:00",
        'question = "reasonable improvement?", answer = "yes", why = "a bereavement"',
        more='does = "reasonable improvement?"',
    )
    check(
        RULES,
        case(
            "2025-12-12",
            pupil("p", *MARKS),
            SENT,
            decided,
            then("2025-12-10", 'due = "meeting"', "by = 2025-12-10"),
            then("2025-12-12", DUE, 'state = "done"'),
            then("2025-12-12", 'due = "meeting"', 'state = "lapsed"'),
            then("2025-12-12", 'due = "review"', "by = 2025-12-11"),
        ),
        calendar=CAL_187,
    )


def test_a_decision_of_an_earlier_window_is_none_of_the_next() -> None:
    decided = fact(
        "decision made",
        "2025-12-11T10:00",
        'question = "reasonable improvement?", answer = "yes"',
        more='does = "reasonable improvement?"',
    )
    check(
        RULES,
        case(
            "2026-01-05",
            pupil("p", *MARKS, "2025-12-17..2025-12-18 I I"),
            SENT,
            decided,
            fact("meeting held", "2025-12-15T10:00", 'meeting = "review"'),
            then("2026-01-05", 'due = "meeting"', "by = 2026-01-05", 'says = "The end lies in the holidays"'),
            then("2026-01-05", 'not_due = "review"'),
        ),
        calendar=CAL_187,
    )


# --- four weeks after a meeting --------------------------------------------------------------------------


@pytest.mark.parametrize(("lasts", "ends_on"), [("20 school days", "2025-11-17"), ("28 days", "2025-11-10")])
def test_a_window_in_school_days_waits_in_the_holidays(lasts: str, ends_on: str) -> None:
    ended = rule("ended", "improvement window", f'since = ["meeting held"], lasts = "{lasts}"', mode="prompt")
    day_before = {"2025-11-17": "2025-11-14", "2025-11-10": "2025-11-07"}[ends_on]
    check(
        (ended,),
        case(
            "2025-11-18",
            pupil("p"),
            fact("meeting held", "2025-10-13T15:00", 'meeting = "attendance meeting"'),
            then(day_before, 'due = "ended"', 'state = "coming"', f"by = {ends_on}"),
            then(ends_on, 'due = "ended"', f"because = {{ until = {ends_on} }}"),
        ),
    )


MONITORED = 'since = ["meeting held"], meetings = ["attendance meeting"], lasts = "20 school days"'
STATEMENT = rule("statement", "improvement window", f'{MONITORED}, when = "absence"')
REFER = rule(
    "refer",
    "improvement window",
    f'{MONITORED}, when = "absence without evidence", evidence_within = "2 school days"',
    'offers = ["yes", "no"]\nsuggests = "yes"',
    mode="prompt",
)
CONGRATULATE = rule("congratulate", "improvement window", f'{MONITORED}, when = "improved"')
FOUR_WEEKS = (STATEMENT, REFER, CONGRATULATE)
MET = fact("meeting held", "2025-11-10T15:00", 'meeting = "attendance meeting"')
ILL = ("2025-09-15..2025-09-19 I I", "2025-11-25 I I")


def test_an_absence_without_evidence_is_asked_about_although_attendance_rose() -> None:
    check(
        FOUR_WEEKS,
        case(
            "2025-12-08",
            pupil("p", *ILL),
            MET,
            then("2025-11-25", 'due = "statement"', "because = { from = 2025-11-25, absences = 2 }"),
            then("2025-11-27", 'not_due = "refer"', 'says = "The last day on which it can come"'),
            then("2025-11-28", 'due = "refer"', 'suggests = "yes"', "because = { from = 2025-11-25 }"),
            then("2025-12-08", 'due = "congratulate"', 'because = { then = "88.89%", now = "90.77%" }'),
        ),
    )


def test_evidence_in_time_answers_it_and_evidence_that_was_not_enough_does_not() -> None:
    shown = 'of = "medical recommendation", form = "letter"'
    check(
        FOUR_WEEKS,
        case(
            "2025-12-08",
            pupil("shown", *ILL),
            pupil("not-enough", *ILL),
            pupil("of-another-day", *ILL),
            *(
                fact("meeting held", "2025-11-10T15:00", 'meeting = "attendance meeting"', about=one)
                for one in ("shown", "not-enough", "of-another-day")
            ),
            fact("evidence received", "2025-11-26T09:00", f"{shown}, from_on = 2025-11-25", about="shown"),
            fact(
                "evidence received",
                "2025-11-26T09:00",
                f'{shown}, from_on = 2025-11-25, accepted = "no"',
                about="not-enough",
            ),
            fact(
                "evidence received",
                "2025-11-26T09:00",
                f"{shown}, from_on = 2025-11-24",
                about="of-another-day",
            ),
            then("2025-12-08", 'not_due = "refer"', about="shown"),
            then("2025-11-26", 'due = "refer"', "by = 2025-11-26", about="not-enough"),
            then("2025-11-28", 'due = "refer"', "by = 2025-11-28", about="of-another-day"),
        ),
    )


def test_days_of_absence_in_a_row_are_one_absence_to_be_evidenced() -> None:
    check(
        FOUR_WEEKS,
        case(
            "2025-12-03",
            pupil("p", "2025-11-24..2025-11-26 I I", "2025-11-28 I I"),
            MET,
            then("2025-11-27", 'due = "refer"', "because = { from = 2025-11-24, until = 2025-11-26 }"),
            then("2025-12-03", 'due = "refer"', "because = { from = 2025-11-28, until = 2025-11-28 }"),
        ),
    )


def test_an_absence_before_the_meeting_or_after_the_window_is_none_of_it() -> None:
    check(
        FOUR_WEEKS,
        case(
            "2025-12-12",
            pupil("p", "2025-11-10 I I", "2025-12-09 I I"),
            MET,
            then("2025-12-12", 'not_due = "statement"', 'says = "The window ended on 8 December"'),
        ),
    )


REACHED = rule("close", "improvement window", f'{MONITORED}, when = "reached", while = "at least 95%"')


def test_monitoring_can_be_closed_on_the_first_school_day_at_the_limit_after_the_window() -> None:
    # 170 of 179 and 171 of 180 are below 95%, 190 of 200 are exactly that.
    check(
        (REACHED,),
        case(
            "2026-02-13",
            pupil("p", "2025-09-15..2025-09-19 I I"),
            MET,
            then("2025-12-08", 'not_due = "close"', 'says = "120 of 130"'),
            then("2026-02-09", 'not_due = "close"'),
            then("2026-02-10", 'figure = "attendance"', "is = [190, 200]"),
            then("2026-02-10", 'due = "close"', "by = 2026-02-10"),
        ),
    )


# --- a letter that was withheld --------------------------------------------------------------------------


def test_a_fall_since_a_letter_was_withheld_is_asked_about_before_the_next_audit() -> None:
    letter = rule("letter", "band at audits", 'when = "below 95%", until = "below 90%"', 'letter = "first"')
    again = rule(
        "send now?",
        "worse since",
        'since = ["letter withheld"], where = { letter = "first" }',
        'settled_by = ["letter: first"]',
        mode="prompt",
    ).replace('id = "send now?"', 'id = "again"')
    withheld = 'letter = "first", why = "an operation, and the hospital\'s letter"'
    marks = ("2025-09-22..2025-09-23 I I", "2025-11-10 I I")
    check(
        (letter, again),
        case(
            "2025-11-12",
            pupil("p", *marks),
            pupil("other-letter", *marks),
            fact("letter withheld", "2025-10-23T16:00", withheld),
            fact(
                "letter withheld",
                "2025-10-23T16:00",
                withheld.replace("first", "second"),
                about="other-letter",
            ),
            fact("letter sent", "2025-11-11T16:00", 'letter = "first"'),
            then("2025-11-07", 'not_due = "send now?"'),
            then(
                "2025-11-10",
                'due = "send now?"',
                'because = { then = "94.74%", now = "93.02%", next_audit = 2025-12-19 }',
            ),
            then("2025-11-12", 'due = "send now?"', 'state = "done"'),
            then("2025-11-12", 'not_due = "send now?"', about="other-letter"),
        ),
        calendar=CAL_187,
    )


# --- targets of a pupil's own ----------------------------------------------------------------------------

MISSED = rule("missed", "weekly target", 'when = "missed"', mode="prompt")
REACHED_TARGET = rule("met", "weekly target", 'when = "met"')
TARGETS = (MISSED, REACHED_TARGET)
SET = fact("target set", "2025-11-21T10:00", 'target = "at least 9 of 10 sessions each week", sessions = 9')


def test_a_target_is_looked_at_in_each_whole_week() -> None:
    check(
        TARGETS,
        case(
            "2025-12-08",
            pupil("p", "2025-11-20..2025-11-21 I I", "2025-11-26 I -", "2025-12-03 I I"),
            SET,
            then("2025-11-21", 'not_due = "missed"', 'says = "Not a whole week"'),
            then("2025-11-28", 'due = "met"', "because = { attended = 9, possible = 10, target = 9 }"),
            then("2025-11-28", 'not_due = "missed"'),
            then("2025-12-03", 'not_due = "missed"', 'says = "The week is not over"'),
            then("2025-12-05", 'due = "missed"', "because = { attended = 8, from = 2025-12-01 }"),
            then("2025-12-05", 'due = "met"', 'state = "lapsed"', "because = { attended = 9 }"),
            then("2025-12-08", 'due = "missed"', 'says = "Until the next week has ended"'),
        ),
    )


def test_in_a_short_week_all_its_sessions_are_enough_and_a_share_is_no_target() -> None:
    # The week of 4 May 2026 has eight sessions.
    check(
        TARGETS,
        case(
            "2026-05-08",
            pupil("all"),
            pupil("all-but-one", "2026-05-06 I -"),
            pupil("share"),
            fact("target set", "2026-04-24T10:00", 'target = "9 of 10", sessions = 9', about="all"),
            fact("target set", "2026-04-24T10:00", 'target = "9 of 10", sessions = 9', about="all-but-one"),
            fact("target set", "2026-04-24T10:00", 'target = "95% overall"', about="share"),
            then("2026-05-08", 'due = "met"', "because = { attended = 8, possible = 8 }", about="all"),
            then("2026-05-08", 'due = "missed"', "because = { attended = 7 }", about="all-but-one"),
            then("2026-05-08", 'not_due = "met"', about="share"),
        ),
    )


def test_a_later_target_takes_the_place_of_the_first_and_one_that_ended_asks_nothing() -> None:
    check(
        TARGETS,
        case(
            "2025-12-12",
            pupil("p", "2025-12-03 I I"),
            pupil("over", "2025-12-03 I I"),
            SET,
            fact("target set", "2025-11-28T10:00", 'target = "8 of 10", sessions = 8'),
            fact(
                "target set",
                "2025-11-21T10:00",
                'target = "9", sessions = 9, until_on = 2025-12-04',
                about="over",
            ),
            then("2025-12-05", 'due = "met"', "because = { target = 8 }"),
            then("2025-12-05", 'not_due = "missed"'),
            then("2025-12-05", 'not_due = "missed"', about="over"),
        ),
    )
