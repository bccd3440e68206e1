"""Orders and cases, what is kept, who may: where law and policy meet

An order lasts as the court said, else a year; made again while it runs it is extended. Entries of the
registers are kept for the longer of what law and policy ask for. Whom the policy lets decide on leave decides
on it.
"""

from __future__ import annotations

import pytest

from tests.small import case, check, fact, pupil, rule, then

P = pupil("p", year_group="9")
ENDS = (rule("ends", "court days", 'of = "order ends", ahead = "14 days"'),)
NOTHING = (rule("nothing", "content"),)


def step(at: str, what: str, more: str = "", about: str = "p") -> str:
    return fact("court step", f"{at}T11:00", f'step = "{what}"{more}', about=about)


def test_an_order_that_is_made_again_while_it_runs_is_extended() -> None:
    made = step("2025-06-10", "education supervision order")
    again = step("2026-05-11", "education supervision order", ", until_on = 2028-06-09")
    check(
        ENDS,
        case(
            "2026-06-01",
            P,
            made,
            again,
            then("2026-05-10", 'figure = "order ends"', "is = 2026-06-09"),
            then("2026-06-01", 'figure = "order ends"', "is = 2028-06-09"),
            then("2026-06-01", 'not_due = "ends"'),
            then("2028-05-27", 'due = "ends"', "by = 2028-06-09", "because = { made = 2025-06-10 }"),
        ),
    )


def test_an_order_that_was_ended_replaces_no_duty_any_more() -> None:
    missed = pupil("p", "2025-09-15..2025-09-19 O O")
    considered = fact(
        "notice considered",
        "2025-09-22T09:00",
        'outcome = "penalty notice", why = "the figures"',
        more='parent = "A"',
    )
    facts = step("2025-06-10", "education supervision order") + step("2025-10-01", "ended") + considered
    lines = (
        then("2025-10-01", 'may_not = "issue a penalty notice"', 'parent = "A"'),
        then("2025-10-02", 'may = "issue a penalty notice"', 'parent = "A"'),
    )
    check(NOTHING, case("2025-10-02", missed, facts, *lines))


def test_an_order_without_a_last_day_is_over_after_a_year() -> None:
    order = step("2025-06-10", "education supervision order")
    lines = (
        then("2026-06-09", 'may_not = "ask for prosecution"', 'rule = "prosecution-supervision-order"'),
        then("2026-06-10", 'may = "ask for prosecution"'),
    )
    check(NOTHING, case("2026-06-10", P, order, *lines))


def test_an_offence_that_several_steps_name_is_one_case() -> None:
    rules = (rule("latest", "court days", 'of = "proceedings latest", ahead = "7 days"'),)
    first = step("2025-12-01", "prosecution asked for", ", offence_on = 2025-11-14")
    second = step("2026-01-12", "written notice to the parent", ", offence_on = 2025-11-14")
    later = step("2026-01-12", "prosecution asked for", ", offence_on = 2026-01-09")
    line = then("2026-05-07", 'due = "latest"', "because = { offence = 2025-11-14 }")
    other = then("2026-05-07", 'not_due = "latest"', "because = { offence = 2026-01-09 }")
    figure = then("2026-05-07", 'figure = "proceedings latest"', "is = 2026-07-09")
    check(rules, case("2026-05-07", P, first, second, later, line, other, figure))


# --- registers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("years", "first_on"), [(3, "2031-11-10"), (6, "2031-11-10"), (7, "2032-11-10")])
@pytest.mark.parametrize("tightens", ['tightens = "registers-kept"', ""])
def test_of_law_and_policy_the_longer_is_kept(years: int, first_on: str, tightens: str) -> None:
    rules = (rule("kept", "retention", f"years = {years}", tightens),)
    session = 'session = "2025-11-10 AM"'
    day_before = f"{first_on[:-2]}09"
    figure = 'figure = "kept until"\nfrom = 2025-11-10\nuntil = 2025-11-10'
    check(
        rules,
        case(
            "2025-11-14",
            P,
            then("2025-11-14", figure, f"is = {first_on}"),
            then(day_before, 'may_not = "dispose of register entries"', session),
            then(first_on, 'may = "dispose of register entries"', session),
        ),
    )


# --- roles -----------------------------------------------------------------------------------------------

ROLES = 'roles = ["head", "office"]'
REQUEST = fact(
    "leave asked",
    "2025-11-17T09:00",
    'reason = "funeral", from_on = 2025-12-08, until_on = 2025-12-08',
    more='id = "r"',
)


def deciding(role: str, verb: str, action: str) -> str:
    return then("2025-11-17", f'{verb} = "{action} leave"', 'request = "r"', f'role = "{role}"')


def test_whom_the_policy_names_stands_in_the_laws_place() -> None:
    own = rule(
        "who",
        "reserved",
        f'actions = ["grant leave", "refuse leave"], {ROLES}',
        'tightens = "leave-reserved"',
    )
    lines = [deciding("office", "may", action) for action in ("grant", "refuse")]
    check((own,), case("2025-11-17", P, REQUEST, *lines, deciding("teacher", "may_not", "grant")))


def test_an_action_that_the_policy_does_not_name_stays_the_laws() -> None:
    own = rule("who", "reserved", f'actions = ["grant leave"], {ROLES}', 'tightens = "leave-reserved"')
    lines = (
        deciding("office", "may", "grant"),
        deciding("office", "may_not", "refuse"),
        deciding("headteacher", "may", "refuse"),
        deciding("headteacher", "may_not", "grant"),
    )
    check((own,), case("2025-11-17", P, REQUEST, *lines))


def test_a_rule_that_tightens_nothing_stands_beside_the_laws() -> None:
    own = rule("who", "reserved", f'actions = ["grant leave"], {ROLES}')
    check((own,), case("2025-11-17", P, REQUEST, deciding("office", "may_not", "grant")))


# --- codes of other days ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "verb", "because"),
    [
        ("H", "may_not", "code-not-in-force"),
        ("Y", "may_not", "code-not-in-force"),
        ("#", "may_not", "closure-in-term"),
        ("Y7", "may", ""),
        ("C", "may", ""),
    ],
)
def test_old_codes_and_a_closure_of_a_part_of_the_school_are_refused(
    code: str, verb: str, because: str
) -> None:
    because = f'rule = "{because}"' if because else ""
    session = 'session = "2025-09-03 AM"'
    line = then("2025-09-03", f'{verb} = "enter a code"', f'code = "{code}"', session, because)
    check(NOTHING, case("2025-09-03", pupil("p", year_group="R"), pupil("q"), line))


# --- taught elsewhere ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "morning", "afternoon"),
    [
        ('attended = "yes"', "B", "B"),
        ('attended = "late", halves = "PM"', "N", "B"),
        ('attended = "no"', "N", "N"),
    ],
)
def test_who_came_to_where_they_are_taught_is_not_absent(said: str, morning: str, afternoon: str) -> None:
    agreed = fact(
        "provision agreed",
        "2025-11-03T09:00",
        'provider = "the farm", of = "alternative provision", from_on = 2025-11-04',
        more='id = "farm"',
    )
    reported = fact("provider reported", "2025-11-11T09:20", f'provision = "farm", {said}')
    lines = (
        then("2025-11-11", f'mark = "{morning}"', 'session = "2025-11-11 AM"'),
        then("2025-11-11", f'mark = "{afternoon}"', 'session = "2025-11-11 PM"'),
    )
    check(NOTHING, case("2025-11-11", P, agreed, reported, *lines))


# --- not back after leave --------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "on"), [(1, "2025-09-29"), (3, "2025-10-01"), (10, "2025-10-10")])
def test_who_is_not_back_is_asked_about_on_the_school_day_that_the_rule_names(day: int, on: str) -> None:
    gone = pupil("p", "2025-09-22..2025-09-26 C C", "2025-09-29..2025-10-10 I I")
    rules = (rule("back", "late return", f'when = "not back", day = {day}'),)
    asked = 'reason = "funeral", from_on = 2025-09-22, until_on = 2025-09-26'
    leave = fact("leave asked", "2025-09-08T09:00", asked, more='id = "r"')
    granted = fact("leave decided", "2025-09-09T09:00", 'request = "r", granted = "yes"')
    before = (
        "2025-09-26" if day == 1 else f"{on[:-2]}{int(on[-2:]) - 1:02}" if on[-2:] != "01" else "2025-09-30"
    )
    lines = (
        then(before, 'not_due = "back"'),
        then(on, 'due = "back"', "because = { due_back = 2025-09-29 }"),
    )
    check(rules, case("2025-10-10", gone, leave, granted, *lines))


# --- an appointment that explains a late arrival -----------------------------------------------------------

REGISTERS = (
    rule("morning", "register times", 'session = "morning", opens = "08:45", closes = "09:15"'),
    rule(
        "appointment",
        "appointment",
        'asks_about = "code", reasons = ["medical appointment"], evidence = ["card"], code = "M"',
        mode="prompt",
        asks="an appointment?",
    ),
)


@pytest.mark.parametrize(("shown", "code"), [("false", "U"), ("true", "M")])
def test_without_evidence_the_mark_of_arriving_stays_until_somebody_decides(shown: str, code: str) -> None:
    data = (
        f'reason = "medical appointment", away_from = 08:30:00, away_until = 09:40:00, '
        f"unavoidable_evidence = {shown}"
    )
    told = fact("absence reported", "2025-11-12T08:00", data)
    came = then(
        "2025-11-12",
        f'mark = "{code}"',
        'session = "2025-11-12 AM"',
        "arrived = 09:45:00",
        'asks = "an appointment?"',
    )
    away = then("2025-11-12", f'mark = "{"N" if code == "U" else code}"', 'session = "2025-11-12 AM"')
    check(REGISTERS, case("2025-11-12", P, told, came, away))
