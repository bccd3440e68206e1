"""Gates: what must have been recorded before somebody acts

A policy may say that something is never done for a purpose, or only once an agreement, a check or an answer
was recorded. The gate looks for facts about the pupil. Where the action names a fact, its parts are looked
for in that one, and a check has to be of that very arrangement.
"""

from __future__ import annotations

import pytest

from firstbell.duties.gates import names_a_share
from tests.small import case, check, fact, pupil, rule, then

START = 'actions = ["start a part-time timetable"]'
MAY, MAY_NOT = 'may = "start a part-time timetable"', 'may_not = "start a part-time timetable"'
TIMETABLE = 'from_on = 2025-11-04, until_on = 2025-12-12, times = [], why = "recovery"'
P = pupil("p")


def gate(params: str, more: str = "") -> tuple[str, ...]:
    return (rule("gate", "gate", params, more),)


def test_what_is_never_allowed_for_a_purpose_is_refused_for_that_purpose_only() -> None:
    check(
        gate(f'{START}, purposes = ["behaviour"], never = true'),
        case(
            "2025-11-05",
            P,
            then("2025-11-05", MAY_NOT, 'purpose = "Behaviour"', 'rule = "gate"', "overridable = false"),
            then("2025-11-05", MAY, 'purpose = "recovery"'),
            then("2025-11-05", MAY, 'says = "Without a purpose nothing is said of it"'),
        ),
    )


def test_a_need_is_met_from_the_minute_in_which_the_fact_is_known() -> None:
    known = fact("evidence received", "2025-11-05T10:00", 'of = "medical recommendation", form = "letter"')
    check(
        gate(f'{START}, purposes = ["anxiety"], needs = ["evidence received: of = medical recommendation"]'),
        case(
            "2025-11-05",
            P,
            known,
            '[[then]]\nat = 2025-11-05T09:59:00\npupil = "p"\npurpose = "anxiety"\n' + MAY_NOT,
            '[[then]]\nat = 2025-11-05T10:00:00\npupil = "p"\npurpose = "anxiety"\n' + MAY,
        ),
    )


def test_evidence_of_something_else_and_about_somebody_else_does_not_count() -> None:
    check(
        gate(f'{START}, needs = ["evidence received: of = medical recommendation"]'),
        case(
            "2025-11-05",
            P,
            pupil("q"),
            fact("evidence received", "2025-11-05T10:00", 'of = "illness", form = "letter"'),
            fact(
                "evidence received",
                "2025-11-05T10:00",
                'of = "medical recommendation", form = "letter"',
                about="q",
            ),
            then("2025-11-05", MAY_NOT),
            then("2025-11-05", MAY, about="q"),
        ),
    )


def test_every_need_has_to_be_met_and_each_part_of_it() -> None:
    needs = (
        '"timetable agreed: agreed_by, review_on", "risk assessed: of = part-time timetable, outcome = safe"'
    )
    agreed = f'{TIMETABLE}, agreed_by = ["A"], review_on = [2025-11-14]'
    risk = 'of = "part-time timetable", outcome = "safe"'
    rules = gate(f"{START}, needs = [{needs}]")
    timetable = fact("timetable agreed", "2025-10-20T09:00", agreed)
    assessed = fact("risk assessed", "2025-10-20T09:00", risk)
    check(rules, case("2025-11-04", P, timetable, assessed, then("2025-11-04", MAY)))
    check(rules, case("2025-11-04", P, timetable, then("2025-11-04", MAY_NOT)))
    check(rules, case("2025-11-04", P, assessed, then("2025-11-04", MAY_NOT)))
    for lacking in (f'{TIMETABLE}, agreed_by = ["A"]', f"{TIMETABLE}, review_on = [2025-11-14]"):
        without = fact("timetable agreed", "2025-10-20T09:00", lacking)
        check(rules, case("2025-11-04", P, without, assessed, then("2025-11-04", MAY_NOT)))


def test_where_the_action_names_a_fact_its_parts_are_looked_for_in_that_one() -> None:
    agreed = fact(
        "timetable agreed", "2025-10-20T09:00", f'{TIMETABLE}, agreed_by = ["A"]', more='id = "agreed"'
    )
    again = fact("timetable agreed", "2025-11-03T09:00", TIMETABLE, more='id = "again"')
    check(
        gate(f'{START}, needs = ["timetable agreed: agreed_by"]'),
        case(
            "2025-11-04",
            P,
            agreed,
            again,
            then("2025-11-04", MAY, 'plan = "agreed"'),
            then("2025-11-04", MAY_NOT, 'plan = "again"'),
            then("2025-11-04", MAY, 'says = "Some timetable was agreed"'),
        ),
    )


def test_a_check_has_to_be_of_the_provision_that_is_meant() -> None:
    def provision(key: str) -> str:
        data = f'provider = "{key}", of = "alternative provision", from_on = 2025-11-11'
        return fact("provision agreed", "2025-11-03T09:00", data, more=f'id = "{key}"')

    checked = fact(
        "provision checked", "2025-11-05T09:00", 'provision = "farm", of = "safeguarding", outcome = "good"'
    )
    action = 'actions = ["start provision elsewhere"]'
    check(
        gate(f'{action}, needs = ["provision checked: of = safeguarding, outcome = good"]'),
        case(
            "2025-11-10",
            P,
            provision("farm"),
            provision("studio"),
            checked,
            then("2025-11-10", 'may = "start provision elsewhere"', 'plan = "farm"'),
            then("2025-11-10", 'may_not = "start provision elsewhere"', 'plan = "studio"'),
        ),
    )


@pytest.mark.parametrize(("assessed", "verb"), [("2025-11-09", "may"), ("2025-11-10", "may_not")])
def test_what_has_to_be_so_before_something_starts_is_dated_before_its_first_day(
    assessed: str, verb: str
) -> None:
    arranged = fact(
        "remote education arranged",
        "2025-11-07T09:00",
        'why = "an operation", from_on = 2025-11-10, approved_by = "head"',
        more='id = "remote"',
    )
    risk = fact("risk assessed", f"{assessed}T08:00", 'of = "remote education", outcome = "safe"')
    needs = '"remote education arranged: why, approved_by", "risk assessed: of = remote education"'
    line = then("2025-11-10", f'{verb} = "start remote education"', 'plan = "remote"')
    rules = gate(f'actions = ["start remote education"], needs = [{needs}]')
    check(rules, case("2025-11-10", P, arranged, risk, line))


def test_one_fact_of_unless_lifts_the_gate_and_an_override_is_for_people() -> None:
    rules = gate(
        'actions = ["take a legal step"], needs = ["stage set: stage = stage 3"], '
        'unless = ["leave decided: granted = no", "decision made: question = go on?, answer = yes"], '
        "overridable = true"
    )
    may, may_not = 'may = "take a legal step"', 'may_not = "take a legal step"'
    asked = 'reason = "holiday", from_on = 2025-12-01, until_on = 2025-12-05'
    leave = fact("leave asked", "2025-11-03T09:00", asked, more='id = "r"')
    refused = fact("leave decided", "2025-11-04T09:00", 'request = "r", granted = "no"')
    granted = fact("leave decided", "2025-11-04T09:00", 'request = "r", granted = "yes"')
    answered = fact("decision made", "2025-11-04T09:00", 'question = "Go on?", answer = "yes"')
    stage = fact("stage set", "2025-11-04T09:00", 'stage = "Stage 3"')
    check(rules, case("2025-11-05", P, then("2025-11-05", may_not, 'rule = "gate"', "overridable = true")))
    check(rules, case("2025-11-05", P, leave, granted, then("2025-11-05", may_not)))
    for lifting in (leave + refused, answered, stage):
        check(rules, case("2025-11-05", P, lifting, then("2025-11-05", may)))


def test_a_question_with_a_comma_is_one_value() -> None:
    question = "is it in school hours, and from school?"
    answered = fact("decision made", "2025-11-04T09:00", f'question = "{question}", answer = "yes"')
    needs = f'needs = ["decision made: question = {question}, answer = yes"]'
    rules = gate(f'actions = ["hold a one-to-one video lesson"], {needs}')
    may, may_not = (f'{verb} = "hold a one-to-one video lesson"' for verb in ("may", "may_not"))
    check(rules, case("2025-11-05", P, answered, then("2025-11-04", may), then("2025-11-03", may_not)))


def test_a_code_can_be_kept_from_some_year_groups() -> None:
    others = '"R", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"'
    rules = gate(
        'actions = ["enter a code"], codes = ["S"], never = true',
        f"applies_to = {{ year_groups = [{others}] }}",
    )
    session = 'session = "2025-11-05 AM"'
    check(
        rules,
        case(
            "2025-11-05",
            pupil("p", year_group="10"),
            pupil("q", year_group="11"),
            then("2025-11-05", 'may_not = "enter a code"', 'code = "S"', session, 'rule = "gate"'),
            then("2025-11-05", 'may = "enter a code"', 'code = "I"', session),
            then("2025-11-05", 'may = "enter a code"', 'code = "S"', session, about="q"),
        ),
    )


def test_a_gate_for_pupils_with_a_flag_stands_from_the_day_of_the_flag() -> None:
    rules = gate(
        'actions = ["issue a penalty notice"], '
        'needs = ["decision made: question = support first?, answer = yes"]',
        'applies_to = { flags = ["EHCP"] }',
    )
    missed = pupil("p", "2025-09-15..2025-09-19 O O")
    flag = fact("flag set", "2025-09-22T09:00", 'flag = "EHCP"')
    answer = fact("decision made", "2025-09-24T09:00", 'question = "support first?", answer = "yes"')
    check(
        rules,
        case(
            "2025-09-24",
            missed,
            flag,
            answer,
            then("2025-09-19", 'may = "issue a penalty notice"'),
            then("2025-09-23", 'may_not = "issue a penalty notice"', 'rule = "gate"'),
            then("2025-09-24", 'may = "issue a penalty notice"'),
        ),
    )


@pytest.mark.parametrize(
    "target",
    (
        *("95% overall", "100% attendance", "full attendance", "96 per cent", "above 96 percent this year"),
        *("attend every session", "10 of 10 sessions each week", "raise attendance to 95"),
    ),
)
def test_a_share_of_all_attendance_is_no_target(target: str) -> None:
    assert names_a_share(target)


@pytest.mark.parametrize(
    "target",
    (
        *("at least 9 of 10 sessions each week", "in school by 08:40 every day", "80% of maths lessons"),
        *("attendance at 4 of 5 mornings", "speak with the tutor each morning"),
    ),
)
def test_plain_numbers_and_shares_of_something_narrower_are_targets(target: str) -> None:
    assert not names_a_share(target)


def test_the_target_of_a_plan_is_refused_and_so_are_the_goals_of_one_that_is_named() -> None:
    rules = gate('actions = ["agree a plan"], refuses = "overarching percentages"')
    plan = 'plan = "attendance contract", signed_by = ["A"]'
    bad = fact("plan agreed", "2025-11-05T09:00", f'{plan}, goals = "95% overall"', more='id = "bad"')
    good = fact(
        "plan agreed", "2025-11-05T09:00", f'{plan}, goals = "9 of 10 sessions a week"', more='id = "good"'
    )
    check(
        rules,
        case(
            "2025-11-05",
            P,
            bad,
            good,
            then("2025-11-05", 'may_not = "agree a plan"', 'purpose = "95% overall"'),
            then("2025-11-05", 'may = "agree a plan"', 'purpose = "9 of 10 sessions a week"'),
            then("2025-11-05", 'may_not = "agree a plan"', 'plan = "bad"'),
            then("2025-11-05", 'may = "agree a plan"', 'plan = "good"'),
        ),
    )


def test_a_gate_for_one_sort_of_plan_knows_it_by_its_kind_or_by_the_fact() -> None:
    rules = gate(
        'actions = ["agree a plan"], purposes = ["attendance contract"], needs = ["plan agreed: signed_by"]'
    )
    plan = fact("plan agreed", "2025-11-05T09:00", 'plan = "attendance contract"', more='id = "unsigned"')
    other = fact("plan agreed", "2025-11-05T09:00", 'plan = "action plan"', more='id = "other"')
    check(
        rules,
        case(
            "2025-11-05",
            P,
            plan,
            other,
            then("2025-11-05", 'may_not = "agree a plan"', 'plan = "attendance contract"'),
            then("2025-11-05", 'may_not = "agree a plan"', 'plan = "unsigned"'),
            then("2025-11-05", 'may = "agree a plan"', 'plan = "other"'),
        ),
    )


def test_of_answers_to_one_question_the_last_counts_and_consent_can_be_withdrawn() -> None:
    needs = '"decision made: question = go on?, answer = yes", "consent given: to = a visit, given = yes"'
    rules = gate(f'actions = ["visit a home"], needs = [{needs}]')
    may, may_not = 'may = "visit a home"', 'may_not = "visit a home"'

    def answer(at: str, said: str, question: str = "go on?") -> str:
        return fact("decision made", f"{at}T09:00", f'question = "{question}", answer = "{said}"')

    def consent(at: str, given: str) -> str:
        return fact("consent given", f"{at}T09:00", f'to = "a visit", given = "{given}"')

    yes = answer("2025-11-03", "yes") + consent("2025-11-03", "yes")
    check(rules, case("2025-11-05", P, yes, answer("2025-11-04", "no", "and?"), then("2025-11-05", may)))
    for later in (answer("2025-11-04", "no"), consent("2025-11-04", "withdrawn")):
        lines = (then("2025-11-03", may), then("2025-11-04", may_not))
        check(rules, case("2025-11-04", P, yes, later, *lines))


def test_who_may_leave_early_was_said_on_the_day() -> None:
    rules = gate('actions = ["let a pupil leave early"], needs = ["left site: with_adult, allowed_by"]')
    left = fact(
        "left site",
        "2025-11-03T14:20",
        'reason = "dental appointment", with_adult = "A", allowed_by = "office"',
    )
    lines = (
        then("2025-11-03", 'may = "let a pupil leave early"'),
        then("2025-11-04", 'may_not = "let a pupil leave early"'),
    )
    check(rules, case("2025-11-04", P, left, *lines))
