"""The first morning of an absence, by the minute

By the reading of rules.md, E37 and E38, of five schools' policies: who is listed before anybody has marked,
who is rung from the minute in which a register is saved, and in which order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from firstbell.duties import due as due_of
from firstbell.duties.explain import explain
from firstbell.duties.outlook import outlook
from firstbell.register import AttendanceRegister, Save
from firstbell.scenarios.running import Running
from firstbell.sessions import LONDON, Session
from firstbell.statute import england
from tests import small

REGISTERS = small.rule("morning", "register times", 'session = "morning", opens = "08:40", closes = "09:10"')
AFTERNOON = small.rule(
    "afternoon", "register times", 'session = "afternoon", opens = "13:40", closes = "13:45"'
)
LISTED = small.rule(
    "unexplained",
    "report deadline",
    'by = "08:40", acts = "when the register is saved"',
    'as = "list"',
)
FIRST = 'by = "08:40", first = ["has a social worker"]'
MESSAGE = small.rule("text", "morning step", f'step = "message", {FIRST}', 'as = "message"')
PRIMARY = small.rule("ring", "morning step", f'step = "primary contact", {FIRST}')
OTHERS = small.rule("ring-others", "morning step", f'step = "other contacts", {FIRST}')
EVERY = small.rule("every-step", "morning step", f'step = "every step", {FIRST}')
WARNING = small.rule(
    "warning", "morning step", 'step = "safe by", by = "10:00", ahead = "15 minutes"', 'as = "alert"'
)
SAFE_BY = small.rule("safe-by", "morning step", 'step = "safe by", by = "10:00"', 'as = "alert"')
LADDER = (REGISTERS, AFTERNOON, LISTED, MESSAGE, PRIMARY, OTHERS, EVERY, WARNING, SAFE_BY)
MISSING = """
on = 2025-09-17
[[pupils]]
ref = "P1"
year_group = "6"
group = "6A"
parents = ["A"]
contacts = ["A", "B", "C"]
marks = ["2025-09-17 N N"]
[[pupils]]
ref = "P2"
year_group = "6"
group = "6A"
[[registers]]
session = "2025-09-17 AM"
saved_at = 2025-09-17T08:52:00
"""


def tried(at: str, outcome: str, contact: str = "", channel: str = "phone", pupil: str = "P1") -> str:
    whom = f', contact = "{contact}"' if contact else ""
    return (
        f'[[facts]]\nkind = "contact tried"\npupil = "{pupil}"\nat = 2025-09-17T{at}:00\n'
        f'data = {{ channel = "{channel}", outcome = "{outcome}"{whom} }}\n'
    )


def due(at: str, name: str, *more: str, pupil: str = "P1") -> str:
    return f'[[then]]\nat = 2025-09-17T{at}:00\npupil = "{pupil}"\ndue = "{name}"\n' + "\n".join(more) + "\n"


def not_due(at: str, name: str, *more: str, pupil: str = "P1") -> str:
    return (
        f'[[then]]\nat = 2025-09-17T{at}:00\npupil = "{pupil}"\nnot_due = "{name}"\n' + "\n".join(more) + "\n"
    )


def by(at: str) -> str:
    return f"by = 2025-09-17T{at}:00"


# --- the list before anybody has marked ------------------------------------------------------------------


def test_until_the_register_is_saved_the_list_shows_whom_nobody_has_marked_at_the_deadline() -> None:
    small.check(
        LADDER,
        MISSING
        + not_due("08:39", "unexplained")
        + due("08:40", "unexplained", by("08:40"), 'as = "list"')
        + due("08:40", "unexplained", pupil="P2")
        + not_due("08:51", "ring")
        # Once it is saved, only the one who is not there is on the list.
        + due("08:52", "unexplained", by("08:40"))
        + not_due("08:52", "unexplained", pupil="P2")
        + '[[then]]\non = 2025-09-18\npupil = "P1"\nnot_due = "unexplained"\n',
    )


def test_whoever_was_reported_or_came_in_is_not_on_the_list() -> None:
    report = """
[[facts]]
kind = "absence reported"
pupil = "P1"
at = 2025-09-17T08:39:00
data = { reason = "illness", reported_by = "A" }
[[facts]]
kind = "arrived"
pupil = "P2"
at = 2025-09-17T08:45:00
"""
    lines = due("08:44", "unexplained", pupil="P2") + not_due("08:45", "unexplained", pupil="P2")
    small.check(LADDER, MISSING + report + not_due("08:40", "unexplained") + lines + not_due("08:52", "ring"))


def test_leave_that_was_granted_keeps_a_pupil_off_the_list_before_anybody_marks() -> None:
    leave = """
[[facts]]
id = "r1"
kind = "leave asked"
pupil = "P2"
at = 2025-09-08T09:00:00
data = { reason = "funeral", from_on = 2025-09-17, until_on = 2025-09-17 }
[[facts]]
kind = "leave decided"
pupil = "P2"
at = 2025-09-09T09:00:00
data = { request = "r1", granted = "yes", code = "C", why = "A funeral." }
"""
    small.check(
        LADDER, MISSING + leave + due("08:40", "unexplained") + not_due("08:40", "unexplained", pupil="P2")
    )


def test_a_report_of_three_days_is_shown_where_parents_are_to_report_each_day() -> None:
    report = """
[[facts]]
id = "r"
kind = "absence reported"
pupil = "P1"
at = 2025-09-16T08:20:00
data = { reason = "illness", reported_by = "A", channel = "app", days_expected = 3 }
"""
    shown = "because = { reported = 2025-09-16 }"
    mark = '[[then]]\nat = 2025-09-17T08:40:00\npupil = "P1"\nmark = "N"\nsession = "2025-09-17 AM"\n'
    small.check(LADDER, MISSING + report + due("08:40", "unexplained", shown) + mark)


# --- the steps -------------------------------------------------------------------------------------------


def test_message_and_call_fall_due_together_in_the_minute_in_which_the_register_is_saved() -> None:
    small.check(
        LADDER,
        MISSING
        + not_due("08:51", "text")
        + due("08:52", "text", by("08:52"), 'as = "message"')
        + due("08:52", "ring", by("08:52"), 'parent = "A"', 'because = { since = "08:52", contact = "A" }')
        + not_due("08:52", "ring", pupil="P2")
        + not_due("08:52", "ring-others")
        + not_due("08:52", "every-step"),
    )


def test_each_contact_falls_due_when_the_call_before_failed_and_every_step_after_the_last() -> None:
    small.check(
        LADDER,
        MISSING
        + tried("08:55", "no answer", "A")
        + tried("08:57", "message left", "B")
        + tried("09:01", "wrong number", "C")
        + due("08:54", "ring", 'parent = "A"')
        + not_due("08:54", "ring-others")
        + due("08:55", "ring", 'parent = "A"', 'state = "done"')
        + due("08:55", "ring-others", by("08:55"), 'parent = "B"', 'because = { failed = "08:55" }')
        + not_due("08:55", "ring-others", 'parent = "C"')
        + due("08:57", "ring-others", by("08:57"), 'parent = "C"')
        + due("08:57", "ring-others", 'parent = "B"', 'state = "done"')
        + not_due("09:00", "every-step")
        + due("08:57", "ring-others", 'parent = "C"', "because = { number = 3, contacts = 3 }")
        + due("09:01", "every-step", by("09:01"), 'because = { contacts = 3, failed = "09:01" }'),
    )


def test_calls_that_name_nobody_go_down_the_contacts_in_their_order() -> None:
    small.check(
        LADDER,
        MISSING
        + tried("08:55", "no answer")
        + tried("08:56", "no answer")
        + due("08:56", "ring-others", by("08:56"), 'parent = "C"')
        + due("08:56", "ring", 'state = "done"'),
    )


def test_once_the_family_is_reached_nothing_more_is_due_and_what_was_done_stays_done() -> None:
    small.check(
        LADDER,
        MISSING
        + tried("08:53", "no answer", "A", channel="text")
        + tried("08:55", "no answer", "A")
        + tried("08:58", "reached", "B")
        + due("08:53", "text", 'state = "done"')
        + due("08:58", "ring", 'state = "done"')
        + due("08:58", "ring-others", 'parent = "B"', 'state = "done"')
        + not_due("08:58", "ring-others", 'parent = "C"')
        + not_due("09:45", "warning")
        + not_due("10:00", "safe-by"),
    )


def test_a_call_about_something_else_does_not_show_that_a_child_is_safe() -> None:
    other = tried("08:58", "reached", "A").replace('contact = "A"', 'contact = "A", purpose = "punctuality"')
    small.check(LADDER, MISSING + other + due("08:58", "ring", 'parent = "A"') + due("09:45", "warning"))


def test_a_report_of_an_appointment_in_the_afternoon_says_nothing_of_the_morning() -> None:
    report = """
[[facts]]
kind = "absence reported"
pupil = "P1"
at = 2025-09-17T08:20:00
data = { reason = "medical appointment", reported_by = "A", halves = "PM" }
"""
    small.check(LADDER, MISSING + report + due("08:52", "ring"))


def test_before_the_deadline_nobody_is_rung_although_the_register_is_saved() -> None:
    early = MISSING.replace("T08:52", "T08:38")
    small.check(LADDER, early + not_due("08:39", "ring") + due("08:40", "ring", by("08:40")))


def test_whoever_comes_in_while_the_register_is_open_needs_no_call() -> None:
    came = MISSING.replace(
        'marks = ["2025-09-17 N N"]',
        'marks = ["2025-09-17 N -"]\namendments = [{ session = "2025-09-17 AM", from = "N", to = "L", '
        'at = 2025-09-17T09:05:00, reason = "came in" }]',
    )
    small.check(
        LADDER,
        came
        + tried("08:55", "no answer", "A")
        + due("09:04", "ring-others", 'parent = "B"')
        + not_due("09:05", "ring-others")
        + due("09:05", "ring", 'state = "done"')
        + due("09:05", "text", 'state = "lapsed"')
        + '[[then]]\non = 2025-09-18\npupil = "P1"\ndue = "ring"\nstate = "done"\n'
        + '[[then]]\npupil = "P1"\nfigure = "late marks"\nis = 1\n',
    )


def test_families_of_those_with_a_flag_come_first_and_no_flag_is_named() -> None:
    flag = """
[[facts]]
kind = "flag set"
pupil = "P1"
on = 2025-09-03
data = { flag = "has a social worker" }
"""
    third = '[[pupils]]\nref = "P0"\nyear_group = "6"\nmarks = ["2025-09-17 N N"]\n'
    text = MISSING.replace("[[registers]]", f"{third}[[registers]]") + flag
    lines = due("08:52", "ring", "because = { call_first = true }")
    lines += due("08:52", "ring", "because = { call_first = false }", pupil="P0")
    small.check(LADDER, text + lines)
    run = small.running(LADDER, text + lines)
    at = run.scenario.then[0].when
    rung = [duty.about.enrolment for duty in run.due(run.moment(at)) if duty.rule.id == "ring"]
    assert rung == ["P1", "P0"]


# --- safe by ---------------------------------------------------------------------------------------------


def test_the_alerts_come_a_quarter_of_an_hour_ahead_and_at_the_time_until_the_child_is_known_to_be_safe() -> (
    None
):
    visit = """
[[facts]]
kind = "visit made"
pupil = "P1"
at = 2025-09-17T10:25:00
by = "family worker"
data = { outcome = "child seen", reason_given = "illness" }
"""
    small.check(
        LADDER,
        MISSING
        + visit
        + not_due("09:44", "warning")
        + due("09:45", "warning", by("09:45"), 'as = "alert"')
        + not_due("09:59", "safe-by")
        + due("10:00", "safe-by", by("10:00"))
        + due("10:25", "safe-by", 'state = "done"')
        + not_due("10:25", "every-step"),
    )


def test_whoever_is_marked_late_in_the_day_is_asked_about_in_that_minute() -> None:
    late = MISSING.replace("T08:52", "T10:20")
    small.check(LADDER, late + not_due("10:19", "safe-by") + due("10:20", "safe-by", by("10:20")))


def test_nothing_of_a_morning_is_due_on_the_next_day() -> None:
    lines = "".join(
        f'[[then]]\non = 2025-09-18\npupil = "P1"\nnot_due = "{name}"\n'
        for name in ("text", "ring", "warning", "safe-by")
    )
    small.check(LADDER, MISSING.replace("on = 2025-09-17\n", "on = 2025-09-18\n", 1) + lines)


# --- blanks, and who acts at the close -------------------------------------------------------------------


def test_a_blank_in_a_register_that_was_saved_is_no_present_mark() -> None:
    blank = MISSING.replace('marks = ["2025-09-17 N N"]', 'blank = ["2025-09-17 AM"]')
    small.check(
        LADDER,
        blank + due("08:52", "ring", by("08:52")) + due("08:52", "unexplained") + due("09:45", "warning"),
    )


def test_of_a_class_whose_register_nobody_saved_nobody_is_rung() -> None:
    other = MISSING.replace('group = "6A"\nparents', 'group = "6B"\nparents')
    blank = other.replace('marks = ["2025-09-17 N N"]', 'blank = ["2025-09-17"]')
    small.check(LADDER, blank + not_due("09:30", "ring") + due("09:30", "unexplained"))


def test_who_acts_at_the_close_rings_nobody_before_it() -> None:
    rules = (
        REGISTERS,
        AFTERNOON,
        small.rule(
            "ring",
            "morning step",
            'step = "primary contact", by = "08:55", acts = "when the register has closed"',
        ),
    )
    small.check(rules, MISSING + not_due("09:09", "ring") + due("09:10", "ring", by("09:10")))


def test_a_list_that_is_made_when_the_register_has_closed_shows_nobody_before() -> None:
    listed = small.rule("unexplained", "report deadline", 'by = "08:55"', 'as = "list"')
    rules = (REGISTERS, AFTERNOON, listed)
    small.check(rules, MISSING + not_due("09:09", "unexplained") + due("09:10", "unexplained", by("08:55")))


# --- taught elsewhere ------------------------------------------------------------------------------------


def test_whoever_did_not_come_to_a_provider_is_looked_for_like_anybody_else() -> None:
    data = 'provider = "A farm", of = "alternative provision", from_on = 2025-09-15'
    provider = f"""
[[facts]]
id = "p"
kind = "provision agreed"
pupil = "P1"
on = 2025-09-08
data = {{ {data}, times = [["Wednesday", "09:00-15:00"]] }}
[[facts]]
kind = "provider reported"
pupil = "P1"
at = 2025-09-17T09:20:00
data = {{ provision = "p", attended = "no" }}
"""
    placed = MISSING.replace("N N", "O O")
    mark = '[[then]]\nat = 2025-09-17T09:20:00\npupil = "P1"\nmark = "N"\nsession = "2025-09-17 AM"\n'
    small.check(
        LADDER,
        placed
        + provider
        + tried("09:20", "no answer", "A")
        + not_due("09:19", "ring")
        + not_due("09:19", "unexplained")
        + due("09:20", "unexplained", by("09:20"))
        + due("09:20", "text", by("09:20"))
        + due("09:20", "ring", 'state = "done"')
        + due("09:20", "ring-others", by("09:20"), 'parent = "B"')
        + due("10:00", "safe-by")
        + mark,
    )


# --- the first code --------------------------------------------------------------------------------------


def test_a_school_that_enters_o_for_no_reason_given_asks_about_o() -> None:
    rules = (
        REGISTERS,
        AFTERNOON,
        small.rule(
            "ask",
            "report deadline",
            'by = "08:55", code = "O"',
        ),
    )
    mark = '[[then]]\nat = 2025-09-17T09:10:00\npupil = "P1"\nmark = "O"\nsession = "2025-09-17 AM"\n'
    listed = MISSING.replace("N N", "O O")
    small.check(rules, listed + due("09:10", "ask") + mark)
    small.check(
        (REGISTERS, AFTERNOON, small.rule("ask", "report deadline", 'by = "08:55"')),
        listed + not_due("09:10", "ask"),
    )


# --- figures, sentences, what is still to come -----------------------------------------------------------

VISIT = """
[[facts]]
kind = "visit made"
pupil = "P1"
at = 2025-09-17T10:25:00
by = "family worker"
data = { outcome = "child seen", reason_given = "illness" }
"""


def figure(at: str, name: str, value: str, *more: str, pupil: str = "P1") -> str:
    whom = f'pupil = "{pupil}"\n' if pupil else ""
    lines = "\n".join(more)
    return f'[[then]]\nat = 2025-09-17T{at}:00\n{whom}figure = "{name}"\nis = {value}\n{lines}\n'


def test_a_child_who_was_seen_at_25_past_ten_is_a_breach_of_25_minutes() -> None:
    small.check(
        LADDER,
        MISSING
        + VISIT
        + figure("10:00", "safe-by breaches", "0")
        + figure("10:20", "minutes after safe-by", "20")
        + figure("10:20", "safe at", '""')
        + figure("10:25", "safe at", '"10:25"')
        + figure("18:00", "minutes after safe-by", "25")
        + figure("18:00", "safe-by breaches", "1", "from = 2025-09-01")
        + figure("18:00", "safe-by breaches", "1", "from = 2025-09-01", pupil="")
        + figure("18:00", "safe-by breaches", "0", pupil="P2"),
    )


def test_who_was_known_to_be_safe_by_the_time_or_came_in_is_no_breach() -> None:
    came = MISSING.replace(
        'marks = ["2025-09-17 N N"]',
        'marks = ["2025-09-17 N -"]\namendments = [{ session = "2025-09-17 AM", from = "N", to = "L", '
        'at = 2025-09-17T09:05:00, reason = "came in" }]',
    )
    small.check(LADDER, came + figure("18:00", "safe-by breaches", "0"))
    reached = tried("10:00", "reached", "A")
    small.check(LADDER, MISSING + reached + figure("18:00", "safe-by breaches", "0"))
    small.check(LADDER, MISSING + reached + figure("18:00", "minutes after safe-by", "0"))


def test_what_a_visitor_was_told_is_asked_about_and_the_mark_stays() -> None:
    illness = small.rule(
        "illness",
        "reason given",
        'reasons = ["illness"], code = "I", at_once = true',
        mode="prompt",
        asks="amend?",
    )
    mark = '[[then]]\nat = 2025-09-17T10:30:00\npupil = "P1"\nmark = "I"\nasks = "amend?"\n'
    small.check(
        (*LADDER, illness),
        MISSING + VISIT + due("10:30", "amend?", 'as = "prompt"') + mark + 'session = "2025-09-17 AM"\n',
    )


def _said(rules: tuple[str, ...], text: str, pupil: str = "P1") -> dict[str, str]:
    """By rule, why what is open for a pupil is due, at the moment of the first line."""
    run = small.running(rules, text)
    sight = run.sight(run.moment(run.scenario.then[0].when))
    return {
        duty.rule.id: explain(duty, sight).why
        for duty in run.due(sight.at)
        if duty.about.enrolment == pupil and duty.is_open
    }


def test_the_sentence_says_since_when_what_failed_and_that_the_family_is_called_first() -> None:
    flag = '[[facts]]\nkind = "flag set"\npupil = "P1"\non = 2025-09-03\n'
    flag += 'data = { flag = "has a social worker" }\n'
    said = _said(LADDER, MISSING + flag + tried("08:55", "no answer", "A") + due("08:55", "ring-others"))
    since = "Absent without a known reason since 08:52: 17 September (morning)."
    assert said["text"] == f"{since} Call first."
    assert said["ring-others"] == (
        f"{since} Contact 2 of 3. The call to the contact before failed at 08:55. Call first."
    )


def test_the_sentences_of_the_last_steps_say_how_many_were_tried_and_by_when_all_must_be_safe() -> None:
    calls = "".join(tried(at, "no answer") for at in ("08:55", "08:56", "08:57"))
    said = _said(LADDER, MISSING + calls + due("10:00", "safe-by"))
    since = "Absent without a known reason since 08:52: 17 September (morning)."
    assert said["every-step"] == f"{since} None of the contacts could be reached (3), the last at 08:57."
    assert said["safe-by"] == f"{since} By 10:00 the school must know that every child is safe."


def test_of_an_earlier_report_the_sentence_says_that_it_was_not_made_again() -> None:
    report = """
[[facts]]
kind = "absence reported"
pupil = "P1"
at = 2025-09-16T08:20:00
data = { reason = "illness", reported_by = "A", until_on = 2025-09-18 }
"""
    said = _said(LADDER, MISSING + report + due("08:52", "ring"))
    assert said["unexplained"] == (
        "Absent without a known reason: 17 September (morning). "
        "It was reported on 16 September 2025 to go on, and not again on the day."
    )


def test_what_is_still_to_come_is_said_as_what_would_make_it_due() -> None:
    text = MISSING + tried("08:55", "no answer", "A") + due("08:55", "ring-others")
    run = small.running(LADDER, text)
    assert _coming(run, 0, "P1") == {
        "If the call to contact 2 fails: ring-others (contact 3 of 3).",
        "If no contact can be reached: every-step.",
        "At 09:45, if nobody knows by then that the child is safe: warning.",
        "At 10:00, if nobody knows by then that the child is safe: safe-by.",
    }
    assert _coming(run, 0, "P2") == set()
    after = small.running(
        LADDER, text + tried("08:56", "reached", "B") + due("08:56", "ring-others", 'state = "done"')
    )
    assert _coming(after, 1, "P1") == set()


def _coming(run: Running, line: int, pupil: str) -> set[str]:
    """What is still to come of the steps of the morning, at the moment of a line."""
    ahead = outlook(run.sight(run.moment(run.scenario.then[line].when)), pupil)
    return {one.says for one in ahead if one.rule.kind == "morning step"}


ELSEWHERE = {
    "a suspension": 'kind = "excluded"\non = 2025-09-15\n'
    'data = { how = "suspended", from_on = 2025-09-16, until_on = 2025-09-18 }\n',
    "a licence": 'kind = "performance licensed"\non = 2025-09-10\ndata = { authority = "Ours", '
    "from_on = 2025-09-15, until_on = 2025-09-19, days_on = [2025-09-17] }\n",
    "a closure": 'kind = "closure declared"\nat = 2025-09-17T07:00:00\n'
    'data = { why = "no heating", year_groups = ["6"] }\n',
    "a provider": 'kind = "provision agreed"\non = 2025-09-08\ndata = { provider = "A farm", '
    'of = "alternative provision", from_on = 2025-09-15, times = [["Tue and Wed", "09:00-15:00"]] }\n',
    "a timetable": 'kind = "timetable agreed"\non = 2025-09-08\ndata = { from_on = 2025-09-15, '
    'until_on = 2025-10-03, why = "Coming back.", '
    'times = [["Monday", "08:40-15:10"], ["Wednesday", "13:00-15:10"]] }\n',
}


@pytest.mark.parametrize("text", ELSEWHERE.values(), ids=ELSEWHERE)
def test_whoever_is_known_to_be_elsewhere_is_on_no_list_before_the_register_is_saved(text: str) -> None:
    whom = "" if "closure" in text else 'pupil = "P2"\n'
    small.check(LADDER, f"{MISSING}\n[[facts]]\n{whom}{text}" + not_due("08:45", "unexplained", pupil="P2"))
    later = text.replace("2025-09-18", "2025-09-16").replace(
        "days_on = [2025-09-17]", "days_on = [2025-09-18]"
    )
    later = later.replace('"6"', '"5"').replace("Wed", "Thurs")
    small.check(LADDER, f"{MISSING}\n[[facts]]\n{whom}{later}" + due("08:45", "unexplained", pupil="P2"))


BACK = """
[[facts]]
kind = "absence reported"
pupil = "P1"
at = 2025-09-15T08:20:00
data = { reason = "illness", reported_by = "A", back_on = 2025-09-17 }
"""


def test_with_a_day_of_return_a_pupil_is_expected_on_it_and_not_before() -> None:
    every_day = small.rule(
        "each-day", "report deadline", 'by = "08:40", acts = "when the register is saved"', 'as = "list"'
    )
    until_back = small.rule(
        "until-back",
        "report deadline",
        'by = "08:40", acts = "when the register is saved", each_day = "unless a return date was given"',
        'as = "list"',
    )
    rules = (REGISTERS, AFTERNOON, every_day, until_back)
    sixteenth = '[[then]]\nat = 2025-09-16T08:45:00\npupil = "P1"\n'
    small.check(
        rules,
        MISSING
        + BACK
        + f'{sixteenth}due = "each-day"\nbecause = {{ reported = 2025-09-15 }}\n'
        + f'{sixteenth}not_due = "until-back"\n'
        + due("08:45", "each-day")
        + due("08:45", "until-back"),
    )


def test_who_has_only_afternoons_is_awaited_when_the_afternoon_register_opens() -> None:
    nursery = """
on = "2025-09-17 PM"
[[pupils]]
refs = ["P1", "P2"]
year_group = "N1"
marks = ["2025-09-17 - N"]
[[registers]]
session = "2025-09-17 PM"
saved_at = 2025-09-17T13:42:00
"""
    calendar = (small.CALENDARS / "cal-190.toml").read_text(encoding="utf-8")
    own = 'year_groups = ["N1"]\nwithout = [{ on = 2025-09-17, halves = ["AM"] }]\n'
    small.check(
        LADDER,
        nursery
        + not_due("13:39", "unexplained")
        + due("13:40", "unexplained", by("13:40"))
        + not_due("13:41", "ring")
        + due("13:42", "ring", by("13:42"))
        # The time by which all are known to be safe is one of the morning.
        + not_due("13:45", "safe-by"),
        calendar=f"{calendar}\n[[year_group_days]]\n{own}",
    )


def test_a_provider_who_says_later_that_the_pupil_came_ends_it() -> None:
    provider = """
[[facts]]
id = "p"
kind = "provision agreed"
pupil = "P1"
on = 2025-09-08
data = { provider = "A farm", of = "alternative provision", from_on = 2025-09-15 }
[[facts]]
kind = "provider reported"
pupil = "P1"
at = 2025-09-17T09:20:00
data = { provision = "p", attended = "no" }
[[facts]]
kind = "provider reported"
pupil = "P1"
at = 2025-09-17T09:50:00
data = { provision = "p", attended = "late" }
"""
    small.check(
        LADDER,
        MISSING.replace("N N", "B B")
        + provider
        + tried("09:25", "no answer", "A")
        + due("09:49", "ring-others")
        + due("09:49", "warning")
        + not_due("09:50", "ring-others")
        + not_due("10:00", "safe-by")
        + due("10:00", "ring", 'state = "done"')
        + figure("12:00", "safe-by breaches", "0"),
    )


def test_leave_of_somebody_else_that_was_entered_before_is_no_register_that_was_saved() -> None:
    unsaved = MISSING.partition("[[registers]]")[0]
    run = small.running(LADDER, unsaved + not_due("09:00", "ring"))
    session = Session.read("2025-09-17 AM")
    leave = bytes([0, england().number("C")])
    taken = bytes([0, england().number("/")])

    def rung(marks: bytes, at: datetime) -> set[str]:
        save = Save("early", session, ("P1", "P2"), marks, at, at, closes, "office")
        register = AttendanceRegister((*run.book.register.saves, save))
        book = replace(run.book, register=register)
        nine = datetime(2025, 9, 17, 9, 0, tzinfo=LONDON)
        return {duty.about.enrolment for duty in due_of(book, run.rulebook, nine) if duty.rule.id == "ring"}

    closes = datetime(2025, 9, 17, 9, 10, tzinfo=LONDON)
    assert rung(leave, datetime(2025, 9, 10, 9, 0, tzinfo=LONDON)) == set()
    assert rung(leave, datetime(2025, 9, 17, 8, 0, tzinfo=LONDON)) == set()
    assert rung(taken, datetime(2025, 9, 17, 8, 45, tzinfo=LONDON)) == {"P1"}
