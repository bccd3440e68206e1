"""Names that come and names that go

When a name is entered in the admission register, the local authority has all that the register holds about
the pupil by the fifth day after: plain days, weekends included. When a name is deleted, the authority is
told no later than that day, and only the listed grounds allow a deletion. Two ordinary crowds need no return
unless the authority asks: the youngest class on the first day of the year, and the oldest class at or after
the end of the last term. A leaver of the oldest class who goes a week earlier needs one.
"""

from __future__ import annotations

from datetime import date

from firstbell.register import deletion_return_due_on, new_pupil_return_due_on, problems_with_deletion
from firstbell.statute import england
from tests.fx import calendar
from tests.spec.worked import worked

LAW = england().on(date(2024, 11, 6))
FIRST_DAY = calendar().starts_on
LAST_TERM_ENDS_ON = date(2025, 7, 22)
NEW_PUPIL = "SI 2024/208, reg. 13(1) to (3)"
DELETION = "SI 2024/208, reg. 13(4) to (6)"


@worked(38, source=NEW_PUPIL)
def test_a_new_pupil_is_reported_by_the_fifth_day_after_weekends_included() -> None:
    joined_on = date(2024, 11, 6)
    due_on = new_pupil_return_due_on(joined_on, joined_on, LAW, most_junior=False, year_starts_on=FIRST_DAY)
    assert due_on == date(2024, 11, 11)


@worked(39, source=NEW_PUPIL)
def test_the_youngest_class_on_the_first_day_is_not_reported_unless_asked_for() -> None:
    def due_on(starts_on: date, asked: bool) -> date | None:
        return new_pupil_return_due_on(
            starts_on, starts_on, LAW, most_junior=True, year_starts_on=FIRST_DAY, authority_asked=asked
        )

    assert due_on(date(2024, 9, 3), asked=False) is None
    assert due_on(date(2024, 9, 3), asked=True) == date(2024, 9, 8)
    assert due_on(date(2024, 9, 4), asked=False) == date(2024, 9, 9)


@worked(46, source=DELETION)
def test_a_year_6_leaver_at_the_end_of_July_has_a_ground_and_no_return() -> None:
    on = date(2025, 7, 31)
    assert problems_with_deletion("a", LAW, of_age=True) == []
    assert deletion_return_due_on(on, most_senior=True, last_term_ends_on=LAST_TERM_ENDS_ON) is None
    assert on == deletion_return_due_on(
        on, most_senior=True, last_term_ends_on=LAST_TERM_ENDS_ON, authority_asked=True
    )


@worked(87, source=DELETION)
def test_a_year_6_pupil_deleted_before_the_end_of_the_last_term_is_reported() -> None:
    on = date(2025, 7, 10)
    assert deletion_return_due_on(on, most_senior=True, last_term_ends_on=LAST_TERM_ENDS_ON) == on
