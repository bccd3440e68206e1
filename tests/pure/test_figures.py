"""The figures of a school: what is asked, what is told, what leaves the school, tables and terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from firstbell.measures import Line, Rate
from firstbell.problems import Unusable
from firstbell.register import Attribute, Enrolment, Strips
from firstbell.reports.crossed import Crossed
from firstbell.reports.figures import Figures, figures
from firstbell.reports.tables import csv_files, terminal_text
from firstbell.reports.wording import spells
from firstbell.sessions import Half, Session, read_calendar
from tests import fx

END = Session(date(2025, 7, 22), Half.PM)


def of(
    marks: Mapping[Enrolment, str] | Strips,
    on: Session = END,
    *,
    by: tuple[str, ...] = (),
    least_possible: int = 0,
    for_publication: bool = False,
    names: Mapping[str, str] | None = None,
) -> Figures:
    """The figures of pupils who were present to `on` except for what their marks say."""
    strips = marks if isinstance(marks, Strips) else school(marks, on.on)
    return figures(
        strips,
        {"FX": fx.calendar()},
        on=on,
        by=by,
        least_possible=least_possible,
        for_publication=for_publication,
        names=names if names is not None else {e.pupil: e.pupil for e in strips.enrolments},
    )


def school(marks: Mapping[Enrolment, str], until: date) -> Strips:
    return fx.strips_of({pupil: fx.marks_of(text, until) for pupil, text in marks.items()})


def unmarked(strips: Strips, row: int, at: Session) -> Strips:
    """The strips without one mark."""
    marks = strips.marks.copy()
    marks[row, strips.axis.place(at)] = 0
    return replace(strips, marks=marks)


def of_cal(text: str, on: Session = END) -> Figures:
    return of({fx.pupil(): text}, on)


def crossed(found: Figures, line: Line) -> Crossed:
    (one,) = next(own for own in found.lines if own.line is line).crossed
    return one


def session(day: str, half: Half = Half.PM) -> Session:
    return Session(date.fromisoformat(day), half)


def with_attribute(name: str, value: str, pupil: str) -> Enrolment:
    enrolment = fx.pupil(pupil)
    return replace(enrolment, attributes=(*enrolment.attributes, Attribute(name, value)))


# --- what is asked ---------------------------------------------------------------------------------------


def test_figures_as_at_a_morning_do_not_see_the_afternoon() -> None:
    strips = school({fx.pupil(): "2024-09-09 /O"}, date(2024, 9, 9))
    assert of(strips, session("2024-09-09", Half.AM)).to_date.totals.unauthorised == 0
    assert of(strips, session("2024-09-09", Half.PM)).to_date.totals.unauthorised == 1


@pytest.mark.parametrize("day", ["2024-08-30", "2025-12-20"])
def test_a_day_outside_every_school_year_is_refused_with_the_days_there_are(day: str) -> None:
    with pytest.raises(Unusable, match="runs from 3 September 2024 to 19 December 2025"):
        of(school({fx.pupil(): ""}, date(2025, 7, 22)), session(day))


def test_splitting_by_what_no_pupil_has_is_refused_and_says_what_there_is() -> None:
    with pytest.raises(Unusable, match='anything called "house".*code, session, week, weekday, year group'):
        of({fx.pupil(): ""}, by=("house",))


def test_the_name_of_a_split_may_be_written_in_any_case() -> None:
    found = of({with_attribute("FSM", "yes", "Cal"): ""}, by=("fsm", "Weekday"))
    assert [group.label for group in found.table("FSM").groups] == ["yes"]
    assert "By FSM" in terminal_text(found)


def test_reception_comes_before_year_9_and_year_9_before_year_10() -> None:
    groups = ("10", "9", "R", "N2")
    found = of({fx.pupil(f"p{group}", year_group=group): "" for group in groups})
    assert [group.label for group in found.table("year group").groups] == ["N2", "R", "9", "10"]


def test_who_left_is_in_the_figures_and_in_the_group_of_the_last_day() -> None:
    leaver = replace(
        fx.pupil("Ben", ends_on=date(2024, 12, 20)),
        attributes=(
            Attribute("registration group", "6A", until_on=date(2024, 12, 20)),
            Attribute("registration group", "6B", from_on=date(2024, 12, 21)),
        ),
    )
    found = of({leaver: "", fx.pupil("Cal"): ""})
    assert found.to_date.totals.enrolments == 2
    assert found.pupils[0].left_on == date(2024, 12, 20)
    assert [g.label for g in found.table("registration group").groups] == ["6A", "not stated"]


def test_last_years_leavers_are_in_the_last_twelve_months_and_not_in_the_year() -> None:
    pupils = {fx.pupil("Ben", ends_on=date(2025, 7, 22)): "", fx.pupil("Cal"): ""}
    found = of(pupils, session("2025-10-10"))
    by_name = {stretch.name: stretch.summary.totals.enrolments for stretch in found.stretches}
    assert (by_name["2025/26"], by_name["the last 12 months"]) == (1, 2)
    assert [pupil.name for pupil in found.pupils] == ["Cal"]


def test_without_any_enrolment_there_is_nothing_to_make_figures_of() -> None:
    with pytest.raises(Unusable, match="no enrolment"):
        of(school({fx.pupil(): ""}, date(2024, 9, 9)).rows([]), session("2024-09-09"))


def test_on_a_day_with_nobody_on_roll_there_are_figures_and_no_rate() -> None:
    found = of({fx.pupil(starts_on=date(2024, 11, 4)): ""}, session("2024-09-09"))
    assert found.to_date.totals.attendance.shown() == "no sessions"
    assert (found.pupils, found.to_date.persistent) == ((), Rate(0, 0))
    assert "0 of 0" in terminal_text(found)


def test_before_the_law_had_a_line_nobody_is_asked_about_it() -> None:
    calendar = read_calendar(
        """
        school = "FX"
        [[year]]
        name = "2015/16"
        [[year.term]]
        name = "Autumn"
        half_terms = [{ starts = 2015-09-02, ends = 2015-12-18 }]
        """,
        "FX",
    )
    pupil = fx.pupil(starts_on=date(2015, 9, 2))
    marks = fx.marks_of("2015-09-07..2015-10-16 OO", date(2015, 12, 18), calendar)
    strips = fx.strips_of({pupil: marks}, calendars=[calendar])
    found = figures(strips, {"FX": calendar}, on=session("2015-12-18"), names={})
    assert [line.line for line in found.lines] == [Line.SEVERE, Line.PERSISTENT]
    assert Line.THRESHOLD in found.not_in_force


# --- what is told ----------------------------------------------------------------------------------------


NINETEEN_DAYS = "2024-10-07..2024-11-08 OO"


def test_a_share_of_absence_is_told_with_its_possible_sessions() -> None:
    one = crossed(of_cal(NINETEEN_DAYS), Line.PERSISTENT)
    assert one.figure == "38 of 380 possible sessions missed, 10.0%"
    assert (one.at, one.codes) == (session("2024-10-09"), {"O": 38})


def test_thirty_seven_of_371_shows_as_a_tenth_and_crosses_no_line() -> None:
    found = of_cal(f"{NINETEEN_DAYS}\n2024-11-08 O\\\n2025-01-07..2025-01-10 Y4Y4\n2025-01-13 Y4\\")
    assert found.pupils[0].totals.absence == Rate(37, 371)
    assert found.pupils[0].totals.absence.shown() == "10.0%"
    assert found.to_date.persistent == Rate(0, 1)
    assert Line.PERSISTENT not in found.pupils[0].over


def test_the_threshold_is_told_with_the_sessions_possible_in_its_window() -> None:
    one = crossed(of_cal("2024-10-14..2024-10-18 GG"), Line.THRESHOLD)
    assert one.at == session("2024-10-18")
    assert one.figure == "10 unauthorised of 68 possible sessions in the window"
    assert [str(spell) for spell in one.spells] == ["Mon 14 to Fri 18 Oct 2024, both sessions, G"]


def test_a_threshold_that_was_met_and_has_passed_says_so() -> None:
    one = crossed(of_cal("2024-10-14..2024-10-18 GG"), Line.THRESHOLD)
    assert (one.holds, one.since) == (False, "no longer so, 0 sessions in the window that ends now")


def test_whoever_is_over_a_line_and_has_left_stays_listed_and_is_over_nothing_now() -> None:
    found = of({fx.pupil(ends_on=date(2024, 10, 18)): "2024-10-14..2024-10-18 GG"})
    assert crossed(found, Line.PERSISTENT).since == "left Fri 18 Oct 2024"
    assert found.pupils[0].over == ()


def test_a_reason_not_established_names_the_last_day_it_had() -> None:
    one = crossed(of_cal("2024-10-18 N\\", session("2024-11-05")), Line.REASON)
    assert (one.at, one.due_on) == (session("2024-10-18", Half.AM), date(2024, 11, 4))
    assert one.since == "reason due by Mon 4 Nov 2024"


def test_a_run_is_told_in_school_days_and_sessions() -> None:
    one = crossed(of_cal("2024-10-14..2024-11-04 OO"), Line.UNAUTHORISED)
    assert one.figure == "10 school days in a row: 20 of 20 possible sessions"


def test_days_of_illness_are_counted_in_all_three_ways() -> None:
    (cal,) = of_cal("2024-10-14 II\n2024-10-15..2024-10-16 I\\").pupils
    assert cal.days_ill == (3, 1, 4)


def test_the_run_that_goes_on_is_told_apart_from_the_longest() -> None:
    (cal,) = of_cal("2024-09-09..2024-09-13 OO\n2024-10-17..2024-10-18 OO", session("2024-10-18")).pupils
    runs = {kind.name: (cal.longest[kind], cal.current[kind]) for kind in cal.longest}
    assert runs["UNAUTHORISED"] == (5, 2)


def test_two_enrolments_of_a_pupil_share_the_window_of_the_threshold() -> None:
    first = fx.pupil(enrolment="first", ends_on=date(2024, 10, 11))
    second = fx.pupil(enrolment="second", starts_on=date(2024, 10, 14))
    found = of(
        {first: "2024-10-09..2024-10-11 OO", second: "2024-10-14..2024-10-15 OO"}, session("2024-10-18")
    )
    one = crossed(found, Line.THRESHOLD)
    assert (one.row, one.missed) == (1, Rate(10, 62))
    assert [str(spell) for spell in one.spells] == ["Wed 9 to Tue 15 Oct 2024, both sessions, O"]


def test_a_missing_mark_is_a_gap_that_says_how_many_were_due() -> None:
    strips = school({fx.pupil("Ben"): "", fx.pupil("Cal"): ""}, date(2024, 10, 18))
    found = of(unmarked(strips, 0, session("2024-10-14", Half.AM)), session("2024-10-18"))
    (gap,) = found.gaps
    assert (gap.session, gap.rows, gap.due) == (session("2024-10-14", Half.AM), (0,), 2)
    assert found.to_date.totals.missing == 1


def test_persistent_absence_is_asked_only_from_so_many_possible_sessions() -> None:
    pupils = {fx.pupil("Ben"): "2024-09-05 OO", fx.pupil("Fay", starts_on=date(2024, 9, 9)): "2024-09-09 OO"}
    strips = school(pupils, date(2024, 9, 10))
    assert of(strips, session("2024-09-10")).to_date.persistent == Rate(2, 2)
    assert of(strips, session("2024-09-10"), least_possible=5).to_date.persistent == Rate(1, 1)


# --- sessions in words -----------------------------------------------------------------------------------


def told(text: str) -> list[str]:
    marks = fx.marks_of(text)
    days = fx.calendar().school_days(date(2024, 9, 1), date(2025, 7, 22))
    return [str(spell) for spell in spells(sorted(marks.items()), days)]


def test_a_fortnight_is_one_spell_and_so_is_one_across_a_holiday() -> None:
    assert told("2024-10-07..2024-10-18 OO") == ["Mon 7 to Fri 18 Oct 2024, both sessions, O"]
    assert told("2024-12-19..2025-01-07 OO") == ["Thu 19 Dec 2024 to Tue 7 Jan 2025, both sessions, O"]


def test_another_mark_or_a_day_at_school_parts_a_spell() -> None:
    assert told("2024-10-07 OO\n2024-10-08 GG\n2024-10-10 GG") == [
        "Mon 7 Oct 2024, both sessions, O",
        "Tue 8 Oct 2024, both sessions, G",
        "Thu 10 Oct 2024, both sessions, G",
    ]


def test_half_days_and_mixed_days_say_which_half() -> None:
    assert told("2024-10-07..2024-10-08 O-\n2024-10-09 -I\n2024-10-10 OI") == [
        "Mon 7 to Tue 8 Oct 2024, mornings, O",
        "Wed 9 Oct 2024, afternoon, I",
        "Thu 10 Oct 2024, both sessions, O and I",
    ]


# --- what leaves the school ------------------------------------------------------------------------------


def test_what_leaves_the_school_names_nobody_and_hides_small_groups() -> None:
    pupils = {fx.pupil(f"a{n}", year_group="3"): "2024-10-07..2024-11-22 OO" for n in range(3)}
    pupils |= {fx.pupil(f"b{n}", year_group="4"): "" for n in range(7)}
    pupils |= {fx.pupil(f"c{n}", year_group="5"): "" for n in range(8)}
    found = of(pupils, for_publication=True)
    # The next smallest goes too: otherwise the hidden one could be worked out from the total.
    assert [group.hidden for group in found.table("year group").groups] == [True, True, False]
    files = csv_files(found)
    assert sorted(files) == ["codes.csv", "groups.csv", "weekdays.csv"]
    assert "a0" not in "".join(files.values()) + terminal_text(found)
    assert "3,2024-09-03,2025-07-22,hidden" in files["groups.csv"]


def test_a_school_of_five_has_nothing_that_may_leave_it() -> None:
    with pytest.raises(Unusable, match="5 enrolments, and 6 is the fewest"):
        of({fx.pupil(f"p{n}"): "" for n in range(5)}, for_publication=True)


# --- tables and terminal ---------------------------------------------------------------------------------


def a_school() -> Figures:
    pupils = {
        with_attribute("registration group", "@6A", "Amira"): "",
        fx.pupil("Ben"): "2024-10-14..2024-10-18 GG\n2024-11-04 N\\",
        fx.pupil("Cal"): "2024-09-09..2024-12-20 II",
    }
    names = {"Amira": '=HYPERLINK("x")', "Ben": "Ben", "Cal": "Cal"}
    strips = unmarked(school(pupils, date(2025, 2, 14)), 1, session("2024-11-05"))
    return of(strips, session("2025-02-14"), names=names)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_name_that_a_spreadsheet_would_run_is_neutralised() -> None:
    (amira, *_) = rows(csv_files(a_school())["pupils.csv"])
    assert (amira["name"], amira["registration_group"]) == ('\'=HYPERLINK("x")', "'@6A")


def test_percentages_in_tables_have_four_decimals_beside_their_counts() -> None:
    (_, ben, _) = rows(csv_files(a_school())["pupils.csv"])
    assert (ben["attended"], ben["possible"], ben["attendance_percent"]) == ("192", "203", "94.5813")


def test_the_table_of_lines_lists_each_session_with_its_mark() -> None:
    found = [row for row in rows(csv_files(a_school())["lines.csv"]) if row["name"] == "Ben"]
    threshold = next(row for row in found if row["line"] == str(Line.THRESHOLD))
    assert threshold["by_which_sessions"].startswith("2024-10-14 AM G; 2024-10-14 PM G")
    assert (threshold["crossed_on"], threshold["session"]) == ("2024-10-18", "PM")


@pytest.mark.parametrize(
    "name", ["pupils.csv", "lines.csv", "groups.csv", "codes.csv", "weekdays.csv", "missing.csv"]
)
def test_every_row_of_a_table_has_a_cell_under_each_heading(name: str) -> None:
    headings, *cells = csv.reader(io.StringIO(csv_files(a_school())[name]))
    assert cells and {len(row) for row in cells} == {len(headings)}


@pytest.mark.parametrize("width", [80, 100, 132])
def test_the_text_for_a_terminal_is_never_wider_than_asked(width: int) -> None:
    assert max(map(len, terminal_text(a_school(), width).splitlines())) <= width


def test_the_terminal_names_who_crossed_a_line_with_the_figure() -> None:
    assert "Ben                       Fri 18 Oct 2024, afternoon: 10 unauthorised of" in terminal_text(
        a_school()
    )
