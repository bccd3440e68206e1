"""Bands at audits: the letter of a pupil who stands in a band, and for which time running

At the end of each half term, of each term or of each week it is looked at who stands in the band. Whoever comes
into it before is written to at once, with the number of the audit that follows, and not again at that audit.
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
