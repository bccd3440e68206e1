"""A pupil who is missing during the day, by the minute

By rules S3-61 to S3-69 of rules.md: ten minutes, then the parents; when nobody on the list has news, the
police; once the pupil is found, nothing more.
"""

from __future__ import annotations

import pytest

from firstbell.duties.explain import explain
from tests import small

ALERT = 'as = "alert"'
AT_ONCE = small.rule("tell-head", "following", 'fact = "missing noticed"', ALERT)
SEARCH = small.rule(
    "search", "following", 'fact = "missing noticed"', 'settled_by = ["missing step: premises searched"]'
)
PARENTS = small.rule(
    "notify-parents",
    "missing pupil",
    'after = "10 minutes"',
    'settled_by = ["contact: missing during the day", "missing step: parents told"]',
)
POLICE = small.rule(
    "call-police", "missing pupil", "nobody_reached = true", 'settled_by = ["missing step: police told"]'
)
FOUND = small.rule("tell-everybody", "following", 'fact = "missing closed"', 'as = "message"')
RULES = (AT_ONCE, SEARCH, PARENTS, POLICE, FOUND)
GONE = """
on = 2025-10-08
[[pupils]]
ref = "P30"
year_group = "3"
parents = ["A"]
contacts = ["A", "B"]
[[facts]]
id = "m"
kind = "missing noticed"
pupil = "P30"
at = 2025-10-08T10:40:00
by = "teacher"
"""
NOTICED = 'because = { noticed = "10:40" }'


def called(at: str, outcome: str, contact: str = "") -> str:
    whom = f', contact = "{contact}"' if contact else ""
    return (
        f'[[facts]]\nkind = "contact tried"\npupil = "P30"\nat = 2025-10-08T{at}:00\n'
        f'data = {{ channel = "phone", outcome = "{outcome}", purpose = "missing during the day"{whom} }}\n'
    )


def step(at: str, what: str, incident: str = "m") -> str:
    return (
        f'[[facts]]\nkind = "missing step"\npupil = "P30"\nat = 2025-10-08T{at}:00\n'
        f'data = {{ incident = "{incident}", step = "{what}" }}\n'
    )


def found(at: str, incident: str = "m") -> str:
    return (
        f'[[facts]]\nkind = "missing closed"\npupil = "P30"\nat = 2025-10-08T{at}:00\n'
        f'data = {{ incident = "{incident}", outcome = "found on site", told = ["A"] }}\n'
    )


def due(at: str, name: str, *more: str) -> str:
    lines = "\n".join(more)
    return f'[[then]]\nat = 2025-10-08T{at}:00\npupil = "P30"\ndue = "{name}"\n{lines}\n'


def not_due(at: str, name: str) -> str:
    return f'[[then]]\nat = 2025-10-08T{at}:00\npupil = "P30"\nnot_due = "{name}"\n'


def by(at: str) -> str:
    return f"by = 2025-10-08T{at}:00"


def test_the_worked_case_of_ten_minutes() -> None:
    small.check(
        RULES,
        GONE
        + called("10:51", "reached", "A")
        + called("10:53", "no answer", "B")
        + found("11:10")
        + due("10:40", "tell-head", ALERT)
        + due("10:40", "search")
        + not_due("10:49", "notify-parents")
        + due("10:50", "notify-parents", by("10:50"), NOTICED, ALERT)
        + due("10:51", "notify-parents", 'state = "done"')
        + not_due("10:52", "call-police")
        + due("10:53", "call-police", by("10:53"), NOTICED)
        + due("11:09", "call-police")
        + not_due("11:10", "call-police")
        + due("11:10", "tell-everybody"),
    )


def test_whoever_is_found_within_the_minutes_is_nobodys_duty() -> None:
    small.check(
        RULES, GONE + found("10:50") + not_due("10:50", "notify-parents") + not_due("12:00", "notify-parents")
    )


def test_a_message_on_the_answering_machine_is_a_contact_who_was_tried() -> None:
    small.check(
        RULES,
        GONE
        + called("10:51", "message left", "B")
        + called("10:52", "wrong number", "A")
        + not_due("10:51", "call-police")
        + due("10:52", "call-police", by("10:52"))
        # Nobody was reached, so the parents are still to be told.
        + due("10:52", "notify-parents"),
    )


def test_calls_that_name_nobody_go_down_the_list() -> None:
    small.check(
        RULES,
        GONE
        + called("10:51", "no answer")
        + called("10:54", "no answer")
        + not_due("10:53", "call-police")
        + due("10:54", "call-police", by("10:54")),
    )


def test_that_all_were_tried_can_be_recorded_by_itself() -> None:
    small.check(
        RULES,
        GONE
        + called("10:51", "no answer", "A")
        + step("10:55", "emergency contacts tried")
        + step("10:58", "police told")
        + due("10:55", "call-police", by("10:55"))
        + due("10:58", "call-police", 'state = "done"'),
    )


def test_calls_of_the_morning_are_no_calls_about_a_missing_pupil() -> None:
    other = called("10:51", "no answer", "A") + called("10:52", "no answer", "B")
    small.check(
        RULES,
        GONE
        + other.replace("missing during the day", "unexplained absence")
        + not_due("11:00", "call-police"),
    )


@pytest.mark.parametrize("contacts", ["", 'contacts = ["A"]\n'])
def test_where_one_contact_is_known_one_call_exhausts_the_list(contacts: str) -> None:
    gone = GONE.replace('contacts = ["A", "B"]\n', contacts)
    small.check(RULES, gone + called("10:51", "no answer", "A") + due("10:51", "call-police", by("10:51")))


def test_what_was_done_when_the_pupil_was_missing_before_does_nothing_now() -> None:
    again = '[[facts]]\nid = "n"\nkind = "missing noticed"\npupil = "P30"\nat = 2025-10-08T13:20:00\n'
    second = 'because = { noticed = "13:20" }'
    small.check(
        RULES,
        GONE
        + step("10:45", "premises searched")
        + called("10:51", "no answer", "A")
        + called("10:52", "no answer", "B")
        + step("10:56", "police told")
        + found("11:10")
        + again
        + due("13:20", "search")
        + not_due("13:29", "notify-parents")
        + due("13:30", "notify-parents", by("13:30"), second)
        + called("13:31", "no answer", "A")
        + called("13:32", "no answer", "B")
        + due("13:32", "call-police", by("13:32"), second)
        + due("13:32", "call-police", 'state = "done"', NOTICED),
    )


def test_an_hour_that_was_put_right_is_counted_from_anew() -> None:
    corrected = """
[[facts]]
kind = "missing noticed"
pupil = "P30"
at = 2025-10-08T10:45:00
known_at = 2025-10-08T10:48:00
replaces = "m"
"""
    small.check(
        RULES,
        GONE
        + corrected
        + not_due("10:54", "notify-parents")
        + due("10:55", "notify-parents", by("10:55"))
        + found("10:57")
        + not_due("10:57", "notify-parents"),
    )


def test_the_sentences_say_since_when_and_what_has_passed() -> None:
    text = (
        GONE
        + called("10:51", "no answer", "A")
        + called("10:53", "no answer", "B")
        + due("10:53", "call-police")
    )
    run = small.running(RULES, text)
    sight = run.sight(run.moment(run.scenario.then[0].when))
    said = {duty.rule.id: explain(duty, sight).why for duty in run.due(sight.at) if duty.is_open}
    assert said["notify-parents"] == "Missing since 10:40, and 10 minutes have passed."
    assert said["call-police"] == "Missing since 10:40, and nobody who was rung had news."
