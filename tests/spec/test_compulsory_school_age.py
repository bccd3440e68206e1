"""Compulsory school age

Parents must see to a child's education while the child is of compulsory school age. It does not begin on
the fifth birthday, unless that is 31 August, 31 December or 31 March: it begins on the first of these days
on or after it. It does not end on the sixteenth birthday either, but with the last Friday in June of the
school year in which the child turns sixteen. Full-time education must begin with the term that follows the
first day, not on that day. Penalty notices, returns and most grounds for taking a name
off the register are only about pupils of this age; a mark is due for every pupil, whatever the age
(boarders excepted).
"""

from __future__ import annotations

from datetime import date

from firstbell import statute
from firstbell.statute import CompulsorySchoolAge, compulsory_school_age, education_due_from_on
from tests.fx import calendar
from tests.spec.worked import worked

SECTION_8 = "Education Act 1996: s.8, with the days prescribed under it"


def starts(born_on: date) -> date:
    """The first day of compulsory school age."""
    return school_age(born_on)[0]


def ends(born_on: date) -> date:
    """The last day of compulsory school age."""
    return school_age(born_on)[1]


def school_age(born_on: date) -> tuple[date, date]:
    rule = statute.england().on(date(2025, 9, 16)).value(CompulsorySchoolAge)
    return compulsory_school_age(born_on, rule)


@worked(52, source=SECTION_8)
def test_a_fifth_birthday_on_a_prescribed_day_is_itself_the_first_day() -> None:
    born_on = date(2020, 8, 31)
    assert starts(born_on) == date(2025, 8, 31)
    assert ends(born_on) == date(2036, 6, 27)


@worked(53, source=SECTION_8)
def test_a_child_born_one_day_later_waits_until_the_end_of_december() -> None:
    born_on = date(2020, 9, 1)
    assert starts(born_on) == date(2025, 12, 31)
    assert ends(born_on) == date(2037, 6, 26)


@worked(54, source=SECTION_8)
def test_a_child_born_on_new_year_s_eve_starts_on_the_fifth_birthday() -> None:
    born_on = date(2020, 12, 31)
    assert starts(born_on) == date(2025, 12, 31)
    assert ends(born_on) == date(2037, 6, 26)


@worked(55, source=SECTION_8)
def test_a_child_born_on_new_year_s_day_waits_until_the_end_of_march() -> None:
    born_on = date(2021, 1, 1)
    assert starts(born_on) == date(2026, 3, 31)
    assert ends(born_on) == date(2037, 6, 26)


@worked(56, source=SECTION_8)
def test_one_day_in_spring_makes_five_months_at_the_start_and_none_at_the_end() -> None:
    assert starts(date(2021, 3, 31)) == date(2026, 3, 31)
    assert starts(date(2021, 4, 1)) == date(2026, 8, 31)
    assert ends(date(2021, 3, 31)) == ends(date(2021, 4, 1)) == date(2037, 6, 26)


@worked(57, source=SECTION_8)
def test_who_turns_sixteen_in_the_summer_has_left_in_june_and_the_next_day_s_child_stays_a_year() -> None:
    assert ends(date(2010, 8, 31)) == date(2026, 6, 26)
    assert ends(date(2010, 9, 1)) == date(2027, 6, 25)


@worked(source=SECTION_8)
def test_education_must_begin_with_the_first_school_day_of_the_term_that_follows() -> None:
    rule = statute.england().on(date(2025, 9, 16)).value(CompulsorySchoolAge)
    # Of age from 31 December 2024; the first day of the spring term, 6 January, is INSET.
    assert education_due_from_on(date(2019, 11, 15), rule, calendar()) == date(2025, 1, 7)
    # Of age from 31 March 2025, in the middle of the spring term, which is not the one that follows.
    assert education_due_from_on(date(2020, 3, 1), rule, calendar()) == date(2025, 4, 22)
    assert education_due_from_on(date(2020, 8, 31), rule, calendar()) == date(2025, 9, 2)
