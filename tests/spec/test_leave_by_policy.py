"""Leave by policy: what its tests advise, and what they never decide

A test compares what was before the request, or the days that are asked for, with what the policy says. It
advises to refuse; the headteacher decides. Late notice of a day of religious observance is recorded and is no
ground to refuse it.
"""

from __future__ import annotations

from datetime import date

import pytest

from firstbell.duties.leave import codes_of_leave
from firstbell.statute import england
from tests.small import case, check, fact, pupil, rule, then

LEAVE = "decide on the leave"


def of_kind(kind: str, params: str) -> tuple[str, ...]:
    return (rule("test", kind, params),)


def asked(at: str, from_on: str, until_on: str, more: str = "", reason: str = "other") -> str:
    data = f'reason = "{reason}", from_on = {from_on}, until_on = {until_on}{more}'
    return fact("leave asked", f"{at}T09:00", data, more='id = "r"')


def advised(on: str, *because: str) -> str:
    return then(on, f'due = "{LEAVE}"', 'suggests = "refuse"', f"because = {{ {', '.join(because)} }}")


def not_advised(on: str) -> str:
    return then(on, f'due = "{LEAVE}"', "because = { advised_by = [] }")


# --- attendance before the request -----------------------------------------------------------------------


@pytest.mark.parametrize(("absent", "is_advised"), [(10, False), (11, True)])
def test_authorised_absence_of_a_tenth_is_not_above_a_tenth(absent: int, is_advised: bool) -> None:
    # 50 school days before 18 November, so 100 sessions.
    marks = ["2025-09-08..2025-09-12 I I", *(["2025-09-15 I -"] if absent == 11 else [])]
    params = 'of = "authorised absence", when = "above 10%", during = "school year"'
    because = ('authorised_absence = "11.0%"', "sessions = 11", "possible = 100")
    line = advised("2025-11-18", *because) if is_advised else not_advised("2025-11-18")
    request = asked("2025-11-18", "2025-12-08", "2025-12-09")
    check(
        of_kind("leave attendance", params),
        case("2025-11-18", pupil("p", *marks, "2025-11-18 I I"), request, line),
    )


@pytest.mark.parametrize(
    ("during", "marks", "is_advised"),
    [
        ("school year", "2025-06-03 U -", False),
        ("all that is held", "2025-06-03 U -", True),
        ("school year", "2025-09-03 U -", True),
        ("all that is held", "2025-11-18 U -", False),
    ],
)
def test_one_unauthorised_session_before_the_request_is_some(
    during: str, marks: str, is_advised: bool
) -> None:
    params = f'of = "unauthorised absence", when = "above 0%", during = "{during}"'
    line = advised("2025-11-18", "sessions = 1") if is_advised else not_advised("2025-11-18")
    request = asked("2025-11-18", "2025-12-08", "2025-12-09")
    check(of_kind("leave attendance", params), case("2025-11-18", pupil("p", marks), request, line))


@pytest.mark.parametrize(("days", "is_advised"), [("2025-12-09", False), ("2025-12-10", True)])
def test_projected_attendance_counts_the_sessions_asked_for_as_missed(days: str, is_advised: bool) -> None:
    # 99 of 100 before; with two days 99 of 104, with three 99 of 106.
    params = 'when = "below 95%", during = "school year", projected = true, reasons = ["performance"]'
    request = asked("2025-11-18", "2025-12-08", days, reason="performance")
    because = ("attended = 99", "possible = 106", "asked_for = 6", 'attendance = "93.4%"')
    line = advised("2025-11-18", *because) if is_advised else not_advised("2025-11-18")
    check(
        of_kind("leave attendance", params), case("2025-11-18", pupil("p", "2025-09-08 I -"), request, line)
    )


def test_days_that_a_licence_names_and_requests_for_other_reasons_are_not_projected() -> None:
    params = 'when = "below 95%", during = "school year", projected = true, reasons = ["performance"]'
    p = pupil("p", "2025-09-08..2025-09-09 I I")
    licence = fact(
        "performance licensed",
        "2025-11-03T09:00",
        'authority = "the authority", from_on = 2025-12-08, until_on = 2025-12-10, '
        "days_on = [2025-12-08, 2025-12-09, 2025-12-10]",
    )
    request = asked("2025-11-18", "2025-12-08", "2025-12-10", reason="performance")
    other = asked("2025-11-18", "2025-12-08", "2025-12-10")
    rules = of_kind("leave attendance", params)
    check(rules, case("2025-11-18", p, request, advised("2025-11-18", "possible = 106")))
    check(rules, case("2025-11-18", p, licence, request, not_advised("2025-11-18")))
    check(rules, case("2025-11-18", p, other, not_advised("2025-11-18")))


# --- assessments, reasons, licences ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "days_before"),
    [
        ("2026-04-30", "2026-04-30", None),
        ("2026-04-30", "2026-05-01", 5),
        ("2026-05-08", "2026-05-08", 1),
        ("2026-05-14", "2026-05-15", 0),
        ("2026-05-15", "2026-05-15", None),
    ],
)
def test_five_school_days_before_the_assessments_and_their_own_days(
    first: str, last: str, days_before: int | None
) -> None:
    # Monday 4 May is a bank holiday: the fifth school day before 11 May is Friday 1 May.
    params = 'assessments = [["2026-05-11", "2026-05-14"]], before = "5 school days"'
    request = asked("2026-04-20", first, last)
    line = not_advised("2026-04-20")
    if days_before is not None:
        line = advised("2026-04-20", "assessments_from = 2026-05-11", f"days_before = {days_before}")
    check(of_kind("leave at assessments", params), case("2026-04-20", pupil("p"), request, line))


def test_a_reason_that_the_policy_refuses_and_one_that_is_exceptional() -> None:
    refuses = of_kind("leave reason", 'reasons = ["holiday"], says = "refuse"')
    holiday = asked("2025-11-18", "2025-12-08", "2025-12-09", reason="holiday")
    funeral = asked("2025-11-18", "2025-12-08", "2025-12-08", reason="funeral")
    check(refuses, case("2025-11-18", pupil("p"), holiday, advised("2025-11-18", 'reason = "holiday"')))
    check(refuses, case("2025-11-18", pupil("p"), funeral, not_advised("2025-11-18")))
    exceptional = of_kind("leave reason", 'reasons = ["funeral"]')
    line = then("2025-11-18", f'due = "{LEAVE}"', 'because = { advised_by = ["test"] }')
    check(exceptional, case("2025-11-18", pupil("p"), funeral, line))


@pytest.mark.parametrize(
    ("licensed", "exempt", "is_advised"),
    [
        ("", "", True),
        ("", "four days in six months", False),
        ("days_on = []", "", False),
        ("days_on = [2025-12-08, 2025-12-09]", "", False),
        ("days_on = [2025-12-08]", "", True),
    ],
)
def test_a_performance_needs_a_licence_for_each_of_its_days_or_an_exemption(
    licensed: str, exempt: str, is_advised: bool
) -> None:
    days = 'authority = "the authority", from_on = 2025-12-08, until_on = 2025-12-09'
    licence = fact("performance licensed", "2025-11-03T09:00", f"{days}, {licensed}") if licensed else ""
    request = asked(
        "2025-11-18", "2025-12-08", "2025-12-09", f', licence_exempt = "{exempt}"', reason="performance"
    )
    line = advised("2025-11-18", 'missing = "licence"') if is_advised else not_advised("2025-11-18")
    rules = of_kind("leave applicant", 'asks_for = "licence"')
    check(rules, case("2025-11-18", pupil("p"), licence, request, line))


# --- notice ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "days", "is_short"), [("2025-12-05", 20, False), ("2025-12-08", 19, True)])
def test_four_school_weeks_are_twenty_school_days_and_too_few_are_weighed(
    at: str, days: int, is_short: bool
) -> None:
    request = asked(at, "2026-01-19", "2026-01-20")
    line = not_advised(at)
    if is_short:
        line = then(
            at,
            f'due = "{LEAVE}"',
            f'because = {{ notice_days = {days}, at_least = "4 school weeks", advised_by = ["test"] }}',
        )
    rules = of_kind("leave notice", 'at_least = "4 school weeks", advises = "weigh"')
    check(rules, case(at, pupil("p"), request, line, then(at, 'may = "grant leave"', 'request = "r"')))


@pytest.mark.parametrize(("at", "days", "met"), [("2026-03-06", 14, "true"), ("2026-03-07", 13, "false")])
def test_late_notice_of_an_observance_is_said_and_refuses_nothing(at: str, days: int, met: str) -> None:
    request = asked(at, "2026-03-20", "2026-03-20", ", set_apart_on = [2026-03-20]", "religious observance")
    rules = (
        rule(
            "observance-here",
            "observance",
            'notice = "14 days"',
            'offers = ["authorise", "not authorised"]\ntightens = "observance"',
            mode="prompt",
            asks="is it set apart?",
        ),
    )
    said = f"because = {{ notice_days = {days}, notice_met = {met}, set_apart = true }}"
    line = then(at, 'due = "is it set apart?"', 'suggests = "authorise"', said)
    mark = then("2026-03-20", 'mark = "R"', 'session = "2026-03-20 AM"')
    check(rules, case("2026-03-20", pupil("p"), request, line, mark))


# --- leave that was taken --------------------------------------------------------------------------------


def test_the_codes_of_leave_are_the_laws() -> None:
    assert {*codes_of_leave(england().on(date(2025, 9, 2)))} == {"C", "C1", "G"}


@pytest.mark.parametrize(
    ("code", "is_advised"), [("G", True), ("C", True), ("C1", True), ("O", False), ("C2", False)]
)
def test_leave_taken_before_in_the_year_is_leave_whether_it_was_granted_or_not(
    code: str, is_advised: bool
) -> None:
    request = asked("2025-11-18", "2025-12-08", "2025-12-09")
    line = advised("2025-11-18", "earlier = true") if is_advised else not_advised("2025-11-18")
    check(
        of_kind("leave already", ""),
        case("2025-11-18", pupil("p", f"2025-09-08 {code} {code}"), request, line),
    )
