"""Bands at audits: the letter of a pupil who stands in a band, and for which time running

At the end of each half term, of each term or of each week it is looked at who stands in the band. Whoever
comes into it before is written to at once, with the number of the audit that follows, and not again at it.
"""

from __future__ import annotations

import pytest

from tests.small import case, check, fact, pupil, rule, running, then

BAND = 'when = "below 95%", until = "below 90%"'
LETTER = rule("letter", "band at audits", f"{BAND}, until_number = 2", 'letter = "first"')
THIRD = rule("third", "band at audits", f"{BAND}, from_number = 3")
RULES = (LETTER, THIRD)
DUE, NOT, LAPSED = 'due = "letter"', 'not_due = "letter"', 'state = "lapsed"'


def test_who_comes_into_the_band_is_written_to_on_that_day_and_not_again_at_the_audit() -> None:
    check(
        RULES,
        case(
            "2025-11-03",
            pupil("p", "2025-10-06 I -", "2025-10-07 I I"),
            then("2025-10-06", NOT, 'says = "47 of 48 sessions"'),
            then("2025-10-07", DUE, "because = { number = 1, audit_on = 2025-10-24, possible = 52 }"),
            then("2025-10-24", NOT, 'says = "Above 95% again: what nobody sent has lapsed"'),
        ),
    )


@pytest.mark.parametrize(("absent", "is_due"), [("2025-11-17 I -", False), ("2025-11-17 I I", True)])
def test_exactly_the_limit_is_not_in_the_band(absent: str, is_due: bool) -> None:
    marks = ("2025-09-15..2025-09-16 I I", absent)
    check(RULES, case("2025-11-17", pupil("p", *marks), then("2025-11-17", DUE if is_due else NOT)))


@pytest.mark.parametrize(("absent", "is_due"), [("2025-11-17 I I", False), ("2025-11-17 I -", True)])
def test_exactly_the_lower_limit_is_still_in_it(absent: str, is_due: bool) -> None:
    # 90 of 100 and 89 of 100 sessions.
    marks = ("2025-09-15..2025-09-18 I I", "2025-09-19 I -", absent)
    check(RULES, case("2025-11-17", pupil("p", *marks), then("2025-11-17", DUE if is_due else NOT)))


def test_who_stands_in_it_at_the_third_audit_running_is_another_rules() -> None:
    # 94.87% on 24 October, 94.59% on 19 December, 94.55% on 13 February.
    marks = (
        "2025-09-15..2025-09-16 I I",
        "2025-11-24..2025-11-25 I I",
        "2026-01-12 I I",
        "2026-02-09 I -",
    )
    check(
        RULES,
        case(
            "2026-02-13",
            pupil("p", *marks),
            then("2025-10-24", DUE, "because = { number = 1 }"),
            then("2025-12-19", DUE, "because = { number = 2, audit_on = 2025-12-19 }"),
            then("2026-02-13", 'due = "third"', "because = { number = 3, audit_on = 2026-02-13 }"),
            then("2026-02-13", NOT),
        ),
    )


def test_an_audit_above_the_band_begins_the_count_anew() -> None:
    # 94.87% on 24 October, 95.95% on 19 December, 94.66% on 13 February.
    marks = ("2025-09-15..2025-09-16 I I", "2025-12-01 I I", "2026-01-12..2026-01-13 I I", "2026-02-09 I -")
    check(
        RULES,
        case(
            "2026-02-13",
            pupil("p", *marks),
            then("2025-10-24", DUE, "because = { number = 1 }"),
            then("2025-12-19", NOT),
            then("2025-12-19", 'figure = "attendance"', 'is = "95.95%"'),
            then("2026-02-13", DUE, "because = { number = 1 }"),
            then("2026-02-13", 'not_due = "third"'),
        ),
    )


def test_an_audit_below_the_band_neither_counts_nor_begins_the_count_anew() -> None:
    # In the band on 24 October, at 89.86% on 19 December, and in the band again on 13 February.
    marks = ("2025-09-15..2025-09-16 I I", "2025-12-11..2025-12-12 I I", "2025-12-15..2025-12-17 I I")
    below = (*marks, "2025-12-18 I -")
    check(
        RULES,
        case(
            "2026-02-13",
            pupil("p", *below),
            then("2025-10-24", DUE, "because = { number = 1 }"),
            then("2025-12-19", 'figure = "attendance"', 'is = "89.86%"'),
            then("2025-12-19", NOT),
            then("2026-02-13", DUE, "because = { number = 2, audit_on = 2026-02-13 }"),
        ),
    )


def test_a_letter_that_was_sent_on_the_day_is_not_asked_for_at_the_audit() -> None:
    sent = fact("letter sent", "2025-10-07T15:00", 'letter = "first"')
    check(
        RULES,
        case(
            "2025-12-19",
            pupil("p", "2025-10-06..2025-10-07 I I"),
            sent,
            then("2025-10-07", DUE, 'state = "done"'),
            then("2025-10-24", DUE, 'state = "done"', "because = { number = 1 }"),
            then("2025-12-19", 'figure = "attendance"', 'is = "97.30%"'),
            then("2025-12-19", DUE, 'state = "done"'),
        ),
    )


def test_a_letter_that_was_withheld_is_asked_for_again_at_the_next_audit() -> None:
    withheld = fact(
        "letter withheld",
        "2025-10-24T16:00",
        'letter = "first", why = "an operation"',
        more='does = "letter"',
    )
    check(
        RULES,
        case(
            "2025-12-19",
            pupil("p", "2025-10-06..2025-10-07 I I", "2025-12-01..2025-12-02 I I"),
            withheld,
            then("2025-11-20", DUE, 'state = "withheld"'),
            then("2025-12-19", DUE, "because = { number = 2 }"),
        ),
    )


def test_a_new_school_year_begins_the_count_anew() -> None:
    # Below 95% at the end of July and at the end of October.
    check(
        RULES,
        case(
            "2025-10-24",
            pupil("p", "2025-06-09..2025-06-10 I I", "2025-10-06..2025-10-07 I I"),
            then("2025-07-18", DUE, "because = { number = 1 }"),
            then("2025-08-20", DUE, 'says = "Nobody has sent it: it is still to be done in the holidays"'),
            then("2025-09-02", NOT),
            then("2025-10-24", DUE, "because = { number = 1, audit_on = 2025-10-24 }"),
        ),
    )


def test_before_so_many_sessions_were_possible_nobody_stands_in_a_band() -> None:
    early = rule("letter", "band at audits", f"{BAND}, least_possible = 40")
    check(
        (early,),
        case(
            "2025-10-01",
            pupil("p", "2025-09-03 I -", "2025-09-15 I -", "2025-10-01 I -"),
            then("2025-09-15", NOT),
            then("2025-09-26", NOT, 'says = "38 sessions"'),
            then("2025-09-29", 'figure = "attendance"', "is = [38, 40]"),
            then("2025-09-29", NOT, 'says = "40 sessions, and exactly 95%"'),
            then("2025-10-01", DUE, "because = { possible = 44, attended = 41 }"),
        ),
    )


def test_a_list_at_the_end_of_each_term_has_who_missed_a_tenth_and_nobody_else() -> None:
    termly = rule("list", "band at audits", 'when = "at most 90%", audits = "term"', 'as = "return"')
    marks = ("2025-09-15..2025-09-19 I I", "2025-10-01 I I", "2025-11-10 I I")
    check(
        (termly,),
        case(
            "2025-12-19",
            pupil("joined", *marks, more="starts_on = 2025-09-08"),
            pupil("all-term", *marks),
            then("2025-12-19", 'figure = "attendance"', "is = [126, 140]", about="joined"),
            then("2025-12-19", 'due = "list"', "because = { audit_on = 2025-12-19 }", about="joined"),
            then("2025-12-19", 'not_due = "list"', about="all-term"),
        ),
    )


def test_counted_week_by_week_the_third_week_running_is_the_third_time() -> None:
    weekly = rule("third", "band at audits", f'{BAND}, audits = "week", from_number = 3')
    check(
        (weekly,),
        case(
            "2025-10-17",
            pupil("p", "2025-09-16..2025-09-17 I I"),
            then("2025-09-26", 'not_due = "third"', 'says = "34 of 38 sessions: below the band"'),
            then("2025-10-10", 'not_due = "third"', 'says = "the second time"'),
            then("2025-10-17", 'due = "third"', "because = { number = 3, audit_on = 2025-10-17 }"),
        ),
    )


def test_a_policy_that_begins_within_a_half_term_asks_of_who_stands_in_the_band_then() -> None:
    check(
        RULES,
        case(
            "2025-11-10",
            pupil("p", "2025-10-06..2025-10-07 I I"),
            then("2025-10-10", NOT),
            then("2025-10-13", DUE, "by = 2025-10-13", "because = { number = 1 }"),
        ),
        from_on="2025-10-13",
    )


def test_a_correction_moves_the_day_and_not_the_duty() -> None:
    # 7 October was marked present by mistake: what was sent on the 8th had been due the day before.
    corrected = """amendments = [
        { session = "2025-10-07 AM", from = "/", to = "I", at = 2025-10-20T09:00:00, reason = "the office" },
        { session = "2025-10-07 PM", from = '\\\\', to = "I", at = 2025-10-20T09:00:00, reason = "office" },
    ]""".replace("\\\\", "\\")
    sent = fact("letter sent", "2025-10-08T15:00", 'letter = "first"', more='does = "letter"')
    there = running(
        RULES,
        case(
            "2025-10-24",
            pupil("p", "2025-10-06 I I", "2025-10-08 I -", more=corrected),
            sent,
            then("2025-10-24", NOT),
        ),
    )
    states = {
        str(at): [
            (duty.state.value, str(duty.occurrence.arose_on))
            for duty in there.due(there.moment(expected.when))
            if duty.rule.id == "letter"
        ]
        for expected in there.scenario.then
        if (at := expected.when.on)
    }
    assert states == {"2025-10-24": [("done", "2025-10-07")]}
