"""Penalty notices: amounts, days to pay, how many

A first notice to a parent for a child is £160, or £80 if it is paid early. A second one within three years
is £160 with no reduction, and a third may not be issued. The days to pay begin with the day the notice is
received, which is day 1. The three years are counted backwards from the day on which the new notice is
proposed, and only notices to the same parent for the same child, not withdrawn, and for absence since 19
August 2024 are counted. There is nothing to issue a notice for where absence is no offence: outside
compulsory school age, and while an education supervision order takes the place of the parent's duty.
Whether to issue one at all is for a person to consider, every time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from firstbell import statute
from firstbell.problems import Problem
from firstbell.statute import (
    EarlierNotice,
    NoticeTerms,
    Offence,
    exclusion_notice_terms,
    improvement_period_problems,
    notice_terms,
    prosecution_last_on,
    prosecution_problems,
    received_on,
    supervision_order,
)
from firstbell.statute.values import (
    CompulsorySchoolAge,
    ExclusionNotice,
    NoticeToImprove,
    PenaltyNotice,
    Prosecution,
    ServiceByPost,
    SupervisionOrder,
)
from tests.spec.worked import worked

AMOUNTS = "SI 2007/1867 as amended by SI 2024/210: amounts and days to pay"
LIMIT = "SI 2007/1867 as amended by SI 2024/210: at most two notices in three years"
ORDER = "Children Act 1989: Sch. 3, an order takes the place of the parent's duty (our reading)"
LAW = statute.england().on(date(2025, 9, 16))

FIRST = EarlierNotice("Cal's mother", "Cal", date(2024, 10, 15), "paid")
SECOND = EarlierNotice("Cal's mother", "Cal", date(2025, 3, 10), "unpaid")


def proposed(
    on: date,
    *earlier: EarlierNotice,
    parent: str = "Cal's mother",
    child: str = "Cal",
    received_on: date | None = None,
    offence: Offence | None = None,
) -> NoticeTerms | Problem:
    """A notice that somebody at the authority wants to issue on a day."""
    return notice_terms(
        LAW.value(PenaltyNotice),
        parent=parent,
        child=child,
        proposed_on=on,
        offence=offence,
        earlier=earlier,
        received_on=received_on,
    )


def terms(notice: NoticeTerms | Problem) -> tuple[int | None, int, int | None]:
    """Which notice it is, what it costs, and what it costs if paid early."""
    assert isinstance(notice, NoticeTerms), notice
    return notice.number, notice.amount, notice.reduced_amount


def first_notice() -> NoticeTerms:
    """A first notice, received on Tuesday 1 October 2024."""
    notice = proposed(date(2024, 9, 30), received_on=date(2024, 10, 1))
    assert isinstance(notice, NoticeTerms)
    return notice


@worked(70, source=AMOUNTS)
def test_the_day_of_receipt_is_the_first_of_the_days_to_pay() -> None:
    notice = first_notice()
    assert (notice.reduced_amount, notice.reduced_until_on) == (80, date(2024, 10, 21))
    assert (notice.amount, notice.pay_until_on) == (160, date(2024, 10, 28))
    assert not notice.discharged_by(160, date(2024, 10, 29))  # prosecute or withdraw


@worked(71, source=AMOUNTS)
def test_the_reduced_amount_paid_one_day_late_does_not_discharge_the_notice() -> None:
    notice = first_notice()
    assert notice.discharged_by(80, date(2024, 10, 21))
    assert not notice.discharged_by(80, date(2024, 10, 22))
    assert notice.discharged_by(160, date(2024, 10, 22))


@worked(72, source=AMOUNTS)
def test_the_second_notice_within_three_years_has_no_reduction() -> None:
    assert terms(proposed(date(2025, 3, 10), FIRST)) == (2, 160, None)


@worked(73, source=LIMIT)
def test_a_third_notice_is_refused_on_the_last_day_of_the_three_years() -> None:
    refused = proposed(date(2027, 10, 14), FIRST, SECOND)
    assert isinstance(refused, Problem)
    assert "15 October 2024 and 10 March 2025" in refused.what
    assert "the 3 years ending on 14 October 2027" in refused.what


@worked(74, source=LIMIT)
def test_a_notice_issued_three_years_ago_to_the_day_is_no_longer_counted() -> None:
    # The second still is, so that this one is a second notice again: flat, but possible.
    assert terms(proposed(date(2027, 10, 15), FIRST, SECOND)) == (2, 160, None)


@worked(75, source=LIMIT)
def test_a_withdrawn_notice_is_not_counted() -> None:
    withdrawn = EarlierNotice("Cal's mother", "Cal", date(2024, 10, 15), "withdrawn")
    assert terms(proposed(date(2025, 3, 10), withdrawn)) == (1, 160, 80)


@worked(76, source=LIMIT)
def test_the_other_parent_and_the_other_child_have_counters_of_their_own() -> None:
    on = date(2025, 9, 16)
    assert isinstance(proposed(on, FIRST, SECOND), Problem)
    assert terms(proposed(on, FIRST, SECOND, parent="Cal's father")) == (1, 160, 80)
    assert terms(proposed(on, FIRST, SECOND, child="Cal's sister")) == (1, 160, 80)


@worked(78, source="Working together to improve school attendance (2024): notices to improve")
def test_an_improvement_period_lasts_between_three_and_six_weeks() -> None:
    rule = LAW.value(NoticeToImprove)
    refused = [weeks for weeks in range(1, 9) if improvement_period_problems(rule, weeks=weeks)]
    assert refused == [1, 2, 7, 8]


@worked(79, source="Magistrates' Courts Act 1980: s.127(1)")
def test_proceedings_begin_within_six_months_of_the_last_day_of_the_offence() -> None:
    rule = LAW.value(Prosecution)
    assert prosecution_last_on(rule, offence_on=date(2024, 9, 13)) == date(2025, 3, 13)


@worked(86, source=LIMIT)
def test_a_notice_for_absence_before_the_national_framework_is_not_counted() -> None:
    for_july = EarlierNotice("Cal's mother", "Cal", date(2024, 9, 10), "paid", date(2024, 7, 19))
    assert terms(proposed(date(2025, 10, 6), for_july)) == (1, 160, 80)


@worked(88, source=ORDER)
def test_while_an_education_supervision_order_is_in_force_there_is_no_notice() -> None:
    order = supervision_order(LAW.value(SupervisionOrder), made_on=date(2025, 5, 12))
    before = Offence(date(2025, 3, 3), date(2025, 3, 7), order=order)
    refused = proposed(date(2026, 5, 11), offence=before)
    assert isinstance(refused, Problem)
    assert "from 12 May 2025 until 11 May 2026" in refused.what
    assert terms(proposed(date(2026, 5, 12), offence=before)) == (1, 160, 80)


@worked(source=ORDER)
def test_absence_on_a_day_of_the_order_stays_without_notice_and_without_case_when_it_has_ended() -> None:
    order = supervision_order(LAW.value(SupervisionOrder), made_on=date(2025, 5, 12))
    on, last_day = date(2026, 5, 18), Offence(date(2026, 5, 11), date(2026, 5, 15), order=order)
    refused = proposed(on, offence=last_day)
    [no_case] = prosecution_problems(LAW.value(Prosecution), last_day, begun_on=on)
    assert isinstance(refused, Problem)
    assert (refused.rule, no_case.rule) == ("notice-supervision-order", "prosecution-supervision-order")
    assert prosecution_problems(LAW.value(Prosecution), replace(last_day, order=None), begun_on=on) == []


@worked(source="Education Act 1996: s.444, an offence about children of compulsory school age")
def test_absence_of_a_child_outside_compulsory_school_age_is_no_offence() -> None:
    september = (date(2025, 9, 8), date(2025, 9, 12))
    four_years_old = Offence.of_child(date(2020, 11, 15), LAW.value(CompulsorySchoolAge), *september)
    refused = proposed(date(2025, 9, 16), offence=four_years_old)
    assert isinstance(refused, Problem)
    assert "not of compulsory school age" in refused.what
    assert "section 444" in refused.source
    five_years_old = Offence.of_child(date(2020, 8, 31), LAW.value(CompulsorySchoolAge), *september)
    assert terms(proposed(date(2025, 9, 16), offence=five_years_old)) == (1, 160, 80)


@worked(source=LIMIT)
def test_absence_before_the_national_framework_falls_under_the_local_code_of_its_day() -> None:
    refused = proposed(date(2024, 9, 16), offence=Offence(date(2024, 7, 15), date(2024, 9, 6)))
    assert isinstance(refused, Problem)
    assert "absence before 19 August 2024 falls under the local code of conduct then in force" in refused.what
    assert terms(proposed(date(2024, 9, 16), offence=Offence(date(2024, 9, 3), date(2024, 9, 6))))[0] == 1


@worked(source="SI 2007/1867, reg. 4(1), as kept by SI 2024/210, reg. 4")
def test_a_notice_for_an_excluded_child_in_a_public_place_keeps_the_old_amounts() -> None:
    notice = exclusion_notice_terms(LAW.value(ExclusionNotice), date(2024, 10, 1))
    assert terms(notice) == (None, 120, 60)
    assert (notice.reduced_until_on, notice.pay_until_on) == (date(2024, 10, 21), date(2024, 10, 28))
    assert not notice.discharged_by(60, date(2024, 10, 22))


@worked(source="local authority practice: service by first-class post")
def test_a_letter_counts_as_received_on_the_second_working_day_after_posting() -> None:
    rule = LAW.value(ServiceByPost)
    assert received_on(date(2025, 9, 15), rule) == date(2025, 9, 17)  # Monday, Wednesday
    assert received_on(date(2025, 9, 19), rule) == date(2025, 9, 23)  # Friday, Tuesday
    # Maundy Thursday: Good Friday and Easter Monday are bank holidays.
    assert received_on(date(2025, 4, 17), rule) == date(2025, 4, 23)
