"""Tiers with a gap, awards of houses and in turn, and figures beside those of others

A policy may name the pupils above a limit as well as those below others: between its bands there is a gap.
"""

from __future__ import annotations

from datetime import date, datetime, time
from fractions import Fraction

import pytest

from firstbell.duties import Duty
from firstbell.duties.explain import explain
from firstbell.duties.figures_of_cases import difference
from firstbell.duties.outlook import outlook
from firstbell.scenarios.running import Running
from firstbell.sessions import LONDON
from tests.small import CALENDARS, case, check, fact, pupil, rule, running, then

CAL_187 = (CALENDARS / "cal-187.toml").read_text(encoding="utf-8")


def content(key: str, params: str, more: str = "") -> str:
    """A band that only names those who are in it."""
    return rule(key, "band", params, more, mode="content").replace(f'asks = "{key}"\n', "")


ABOVE = content("above", 'when = "above 96%", tier = "all pupils above 96"')
AT_RISK = rule("concern", "band", 'when = "at most 92%", until = "below 90%", tier = "90 to 92"')
BELOW = rule("meeting", "band", 'when = "below 90%", tier = "below 90"')
AS_BY_LAW = rule(
    "persistent",
    "band",
    'when = "at most 90%", counted_as = "persistent absence"',
    'tightens = "persistent-absence"\nas = "list"',
)
TABLE = (ABOVE, AT_RISK, BELOW, AS_BY_LAW)


@pytest.mark.parametrize(
    ("absent", "tier"),
    [
        (("2025-09-15 I I", "2025-09-16 I -"), "all pupils above 96"),  # 97 of 100
        (("2025-09-15..2025-09-16 I I",), "gap"),  # exactly 96
        (("2025-09-15..2025-09-17 I I", "2025-09-18 I -"), "gap"),  # 93
        (("2025-09-15..2025-09-18 I I",), "90 to 92"),  # exactly 92
        (("2025-09-15..2025-09-19 I I",), "90 to 92"),  # exactly 90
        (("2025-09-15..2025-09-19 I I", "2025-10-01 I -"), "below 90"),  # 89
    ],
)
def test_between_the_bands_of_a_table_is_a_gap(absent: tuple[str, ...], tier: str) -> None:
    check(
        TABLE,
        case(
            "2025-11-17",
            pupil("p", *absent),
            then("2025-11-17", 'figure = "tier"', f'is = "{tier}"'),
        ),
    )


def test_a_band_that_only_names_a_tier_asks_for_nothing_and_is_nothing_to_come() -> None:
    there = running(
        TABLE, case("2025-11-17", pupil("p", "2025-09-15 I I"), then("2025-11-17", "nothing_due = true"))
    )
    assert there.first_that_fails() is None
    ahead = outlook(there.sight(at("2025-11-17")), "p")
    # What would take the pupil out of the tier above is nothing that anybody is asked.
    assert {one.rule.id for one in ahead if not one.rule.is_law} == {"concern", "meeting", "persistent"}


def test_where_no_band_is_above_a_limit_everybody_else_is_one_of_all_pupils() -> None:
    check(
        (AT_RISK, BELOW),
        case(
            "2025-11-17",
            pupil("p", "2025-09-15..2025-09-16 I I"),
            then("2025-11-17", 'figure = "tier"', 'is = "all pupils"'),
        ),
    )


def test_a_pupil_of_whom_too_little_is_known_is_in_no_gap() -> None:
    early = rule("concern", "band", 'when = "at most 92%", tier = "at risk", least_possible = 40')
    check(
        (ABOVE, early),
        case(
            "2025-09-12",
            pupil("p", "2025-09-03 I -"),
            pupil("new", more="starts_on = 2025-09-08"),
            then("2025-09-09", 'figure = "attendance"', "is = [11, 12]"),
            then("2025-09-09", 'figure = "tier"', 'is = "all pupils"'),
            then("2025-09-12", 'figure = "tier"', 'is = "gap"', 'says = "17 of 18 sessions"'),
            then("2025-09-05", 'figure = "tier"', 'is = "all pupils"', about="new"),
        ),
    )


def at(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(23, 59, 59), LONDON)


def found(there: Running, day: str, key: str) -> Duty:
    return next(
        one
        for one in there.due(at(day))
        if one.rule.id == key and one.is_open and one.about.enrolment in ("p", "")
    )


def said(there: Running, day: str, key: str) -> str:
    return explain(found(there, day, key), there.sight(at(day))).why


# --- agreed absence --------------------------------------------------------------------------------------


def test_agreed_part_time_sessions_are_shown_beside_the_share_that_they_cause() -> None:
    stage = rule("stage", "band", 'when = "below 96%", counted_as = "persistent absence"')
    there = running(
        (stage,),
        case(
            "2025-11-21",
            pupil("p", "2025-11-17..2025-11-21 - C2"),
            pupil("ill", "2025-11-17..2025-11-21 - I"),
            then("2025-11-21", 'due = "stage"', "because = { part_time = 5, missed = 5 }"),
        ),
    )
    assert there.first_that_fails() is None
    both = [one for one in there.due(at("2025-11-21")) if one.rule.id == "stage"]
    assert {one.about.enrolment: one.occurrence.because.named.get("part_time") for one in both} == {
        "p": 5,
        "ill": None,
    }
    assert said(there, "2025-11-21", "stage") == (
        "Attendance is 95.4%: 103 of 108 sessions, which is below 96% since 21 November 2025. Missed: "
        "17 November (afternoon), 18 November (afternoon), 19 November (afternoon), 20 November (afternoon), "
        "21 November (afternoon). 5 of the sessions missed were agreed, by a part-time timetable. "
        "The Department counts this as persistent absence."
    )


# --- why, and what is to come ----------------------------------------------------------------------------


def test_why_an_audit_asks_and_when_the_next_will() -> None:
    band = 'when = "below 95%", until = "below 90%"'
    rules = (
        rule("letter", "band at audits", f"{band}, until_number = 1"),
        rule("second", "band at audits", f"{band}, from_number = 2"),
    )
    marks = ("2025-09-15..2025-09-16 I I", "2025-11-24..2025-11-25 I I")
    there = running(rules, case("2025-11-28", pupil("p", *marks), then("2025-11-28", 'due = "second"')))
    assert said(there, "2025-11-28", "second") == (
        "Attendance is 93.2%: 110 of 118 sessions, which is below 95%, for the second time running by the "
        "audit on 19 December 2025. Missed: 15 to 16 September, 24 to 25 November."
    )
    assert ahead(there, "2025-10-24", "second") == [
        "If attendance stays below 95%, it is so for the second time running at the audit on "
        "19 December 2025: second."
    ]
    assert ahead(there, "2025-11-14", "second") == [
        "One more session missed would bring attendance to below 95% for the second time running: second."
    ]
    assert ahead(there, "2025-11-28", "second") == []


def ahead(there: Running, day: str, key: str) -> list[str]:
    return [one.says for one in outlook(there.sight(at(day)), "p") if one.rule.id == key]


def test_why_a_window_asks_and_when_it_ends() -> None:
    window = rule("improved?", "improvement window", 'since = ["meeting held"], lasts = "3 weeks"').replace(
        'id = "improved?"', 'id = "improved"'
    )
    met = fact("meeting held", "2025-11-19T10:00", 'meeting = "attendance"')
    marks = ("2025-09-15..2025-09-19 I I", "2025-11-18 I -", "2025-11-26 I I", "2025-12-04 I I")
    there = running(
        (window,),
        case("2025-12-10", pupil("p", *marks), met, then("2025-12-10", 'due = "improved?"')),
        calendar=CAL_187,
    )
    assert said(there, "2025-12-10", "improved") == (
        "26 of 30 sessions (86.67%) were attended since meeting held on 19 November 2025 and until "
        "10 December 2025. Over the school year attendance was 89.00% then and is 88.46% now. Missed: "
        "26 November, 4 December."
    )
    assert ahead(there, "2025-11-20", "improved") == [
        "On 10 December 2025 it is looked at whether attendance has improved since 19 November 2025: "
        "improved?"
    ]


def test_why_a_pattern_a_target_and_a_regular_call_ask() -> None:
    rules = (
        rule(
            "friday",
            "count",
            'of = "absences", reaches = 5, over = "half term", on_one_weekday = "at least 75%"',
        ),
        rule("late", "count", 'of = "late marks", reaches = 2, within = "4 school weeks"'),
        rule("target", "weekly target"),
        rule("call", "period while", 'opened = "support given", every = "week"'),
        rule("contacts", "contacts kept", "at_least = 2"),
        rule("training", "training", 'training = "induction", every = "once"'),
    )
    marks = ("2025-09-12 I I", "2025-09-26 I I", "2025-10-10 I I", "2025-10-15 L -", "2025-10-14 L -")
    there = running(
        rules,
        case(
            "2025-10-17",
            pupil("p", *marks, "2025-10-16 I I"),
            fact("target set", "2025-10-10T10:00", 'target = "9 of 10", sessions = 9'),
            fact("support given", "2025-10-01T10:00", 'support = "a call"'),
            fact("role given", "2025-09-01T10:00", 'role = "office"', about="", more='staff = "s1"'),
            then("2025-10-17", 'due = "target"'),
        ),
    )
    assert {key: said(there, "2025-10-17", key) for key in ("friday", "late", "target", "call")} == {
        "friday": "8 absences this half term, and 5 ask for it; 6 of them on a Friday: 12 September, "
        "26 September, 10 October, 16 October.",
        "late": "2 late marks in 4 school weeks, and 2 ask for it: 14 October (morning), "
        "15 October (morning).",
        "target": "8 of 10 sessions were attended in the week from 13 October 2025; the target is 9.",
        "call": "Support given, since 1 October 2025; for 13 October 2025 to 17 October 2025.",
    }
    assert said(there, "2025-10-17", "contacts") == "Contacts held: 1; there should be 2."
    assert (
        said(there, "2025-10-17", "training") == '1 of 1 members of staff lack the training "induction": s1.'
    )
    assert ahead(there, "2025-10-15", "target") == [
        "2 more sessions missed this week would miss the target of 9: target."
    ]
    assert ahead(there, "2025-10-17", "call") == ["Next on 20 October 2025 (support given): call."]


# --- awards ----------------------------------------------------------------------------------------------

HOUSES = rule(
    "house",
    "award",
    'over = "week", unit = "group", for = "best", grouped_by = "house", prizes = ["points"]',
)
RED, BLUE = 'house = "Red"', 'house = "Blue"'


def test_the_best_house_of_the_week_whatever_the_classes() -> None:
    check(
        (HOUSES,),
        case(
            "2025-09-19",
            pupil("a", "2025-09-16 I I", more=f'{RED}\ngroup = "5A"'),
            pupil("b", more=f'{RED}\ngroup = "5B"'),
            pupil("c", "2025-09-17 I -", more=f'{BLUE}\ngroup = "5A"'),
            pupil("d", more=f'{BLUE}\ngroup = "5B"'),
            '[[then]]\non = 2025-09-19\ngroup = "Blue"\ndue = "house"\nbecause = { attendance = "95.00%" }\n',
            '[[then]]\non = 2025-09-19\ngroup = "Red"\nnot_due = "house"\n',
            '[[then]]\ngroup = "Red"\nfigure = "attendance"\nover = "week"\nis = [18, 20]\n',
            '[[then]]\ngroup = "5A"\nfigure = "attendance"\nover = "week"\nis = [17, 20]\n',
        ),
    )


BADGES = rule(
    "badge",
    "award",
    'over = "term", unit = "pupil", for = "all sessions", prizes = ["bronze", "silver", "gold"], '
    "in_turn = true, own_targets = true",
)


def badge(day: str, prize: str, number: int, about: str = "p") -> str:
    return then(day, 'due = "badge"', f'because = {{ prizes = ["{prize}"], time = {number} }}', about=about)


def test_the_second_whole_term_of_a_year_earns_the_second_badge_whichever_terms_they_are() -> None:
    check(
        (BADGES,),
        case(
            "2026-07-17",
            pupil("p", "2026-02-03 I -"),
            pupil("all"),
            badge("2025-12-19", "bronze", 1),
            then("2026-03-27", 'not_due = "badge"'),
            badge("2026-07-17", "silver", 2),
            badge("2026-07-17", "gold", 3, "all"),
        ),
    )


def test_a_target_of_their_own_that_was_reached_counts_like_all_sessions() -> None:
    check(
        (BADGES,),
        case(
            "2026-03-27",
            pupil("p", "2025-10-06..2025-10-10 I I", "2026-02-02..2026-02-06 I I"),
            fact(
                "target set",
                "2025-09-08T10:00",
                'target = "more than last year", until_on = 2025-12-19',
                more='id = "target"',
            ),
            fact("target reviewed", "2026-01-08T10:00", 'target = "target", reached = "yes"'),
            then("2025-12-19", 'not_due = "badge"', 'says = "Nobody has looked at it yet"'),
            then("2026-01-08", 'due = "badge"', 'because = { prizes = ["bronze"] }'),
            then("2026-03-27", 'not_due = "badge"', 'says = "The target was for the autumn"'),
        ),
    )


# --- beside others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "shown"),
    [("-1.3074", "-1.31"), ("-0.005", "-0.01"), ("-0.0049", "0.00"), ("0.5", "+0.50"), ("0.005", "+0.01")],
)
def test_a_difference_is_rounded_once_and_has_its_sign(points: str, shown: str) -> None:
    assert difference(Fraction(points)) == shown


def test_attendance_is_compared_with_the_last_that_was_recorded_for_the_days() -> None:
    def recorded(area: str, attendance: str, on: str = "2025-11-03T10:00", more: str = "") -> str:
        data = f'area = "{area}", attendance = "{attendance}"{more}'
        return fact("benchmark recorded", on, data, about="")

    days = ", from_on = 2025-09-02, until_on = 2025-10-24"
    check(
        (HOUSES,),
        case(
            "2025-11-07",
            # 144 of 156 sessions of the half term: 92.307...%.
            pupil("p", "2025-09-08..2025-09-10 I I"),
            pupil("send", "2025-09-08..2025-09-10 I I"),
            fact("flag set", "2025-09-02T09:00", 'flag = "SEN support"', about="send"),
            recorded("trust", "94.00%", more=days),
            recorded("trust", "93.90", "2025-11-04T10:00", days),
            recorded("trust", "99.00", "2025-11-05T10:00", ", from_on = 2025-10-01"),
            recorded("local authority", "92.00", more=f'{days}, group = "SEN support"'),
            recorded("local authority", "92.31", more=days),
            recorded("national", "92.80%", more=f'{days}, year_group = "5"'),
            then("2025-11-07", 'figure = "against trust"', 'is = "-1.59"', *DAYS, about=""),
            then("2025-11-07", 'figure = "against local authority"', 'is = "0.00"', *DAYS, about=""),
            then("2025-11-07", 'figure = "against national"', 'is = ""', *DAYS, about=""),
            then("2025-11-07", 'figure = "against region"', 'is = ""', *DAYS, about=""),
            then(
                "2025-11-07",
                'figure = "against local authority"',
                'is = "+0.31"',
                'group = "SEN support"',
                *DAYS,
                about="",
            ),
            then(
                "2025-11-07",
                'figure = "attendance"',
                "is = [72, 78]",
                'group = "SEN support"',
                *DAYS,
                about="",
            ),
            then("2025-11-07", 'figure = "against national"', 'is = "-0.49"', 'group = "5"', *DAYS, about=""),
        ),
    )


DAYS = ("from = 2025-09-02", "until = 2025-10-24")
