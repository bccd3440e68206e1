"""Reading calendars, and the corners of counting days that the worked examples do not reach."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.problems import Unusable
from firstbell.sessions import (
    Axis,
    Calendar,
    CalendarEnds,
    Half,
    Session,
    bank_holidays,
    bank_holidays_in,
    easter_sunday,
    read_bank_holidays,
    read_calendar,
    read_icalendar,
    spring_bank_holiday,
)
from tests import fx

ALL = (date.min, date.max)


def calendar_with(more: str) -> Calendar:
    return read_calendar(fx.CALENDAR + more)


def faults(text: str) -> str:
    with pytest.raises(Unusable) as refused:
        read_calendar(text, "terms.toml")
    return str(refused.value)


def test_the_worked_year_has_190_days_and_its_may_bank_holiday_is_known_without_a_line() -> None:
    days = fx.calendar().school_days(date(2024, 9, 1), date(2025, 8, 31))
    assert len(days) == 190
    assert date(2025, 5, 5) not in days


def test_a_year_group_has_days_of_its_own() -> None:
    calendar = calendar_with("""
        [[year_group_days]]
        year_groups = ["R"]
        without = [2024-09-03, { on = 2024-09-04, halves = ["PM"] }]
        also = [2024-10-25]
    """)
    week = (date(2024, 9, 3), date(2024, 9, 4))
    assert len(calendar.sessions(*week, "R")) == 1
    assert len(calendar.sessions(*week, "1")) == len(calendar.sessions(*week)) == 4
    assert calendar.is_school_day(date(2024, 10, 25), "R")
    assert not calendar.is_school_day(date(2024, 10, 25), "1")
    assert calendar.is_school_day(date(2024, 10, 25))


def test_half_a_day_can_be_closed() -> None:
    calendar = calendar_with('[[closed]]\non = 2024-12-20\nwhy = "early close"\nhalves = ["PM"]\n')
    assert not calendar.has(Session(date(2024, 12, 20), Half.PM))
    assert calendar.is_school_day(date(2024, 12, 20))


def test_a_year_group_s_own_times_go_before_the_school_s() -> None:
    calendar = calendar_with("""
        [[times]]
        year_groups = ["R"]
        from = 2025-01-01
        morning = { opens = "09:10", closes = "09:30" }
    """)
    morning = Session(date(2025, 1, 7), Half.AM)
    assert calendar.times_of(morning, "R").opens == time(9, 10)  # type: ignore[union-attr]
    assert calendar.times_of(morning, "1").opens == time(8, 50)  # type: ignore[union-attr]
    assert calendar.times_of(Session(date(2024, 9, 3), Half.AM), "R").opens == time(8, 50)  # type: ignore[union-attr]


def test_a_day_beyond_the_calendar_is_said_not_guessed() -> None:
    with pytest.raises(CalendarEnds, match="2025-12-19, the last day in the calendar"):
        fx.calendar().nth_school_day_after(date(2025, 12, 18), 5)


def test_the_summer_holiday_belongs_to_the_year_before_it() -> None:
    year = fx.calendar().year(date(2025, 8, 15))
    assert year is not None
    assert year.name == "2024/25"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("school = [", "this is not TOML"),
        (fx.CALENDAR.replace('school = "FX"', ""), "the school is not named"),
        ('school = "X"', "there is no half term"),
        (fx.CALENDAR.replace("2024/25", "2024-2025"), 'Write it as "2025/26"'),
        (fx.CALENDAR.replace("ends = 2024-10-24", "ends = 2024-08-24"), "before 2024-09-03. Swap them"),
        (
            fx.CALENDAR.replace("starts = 2024-11-04", "starts = 2024-10-20"),
            "the one before it ends on 2024-10-24",
        ),
        (fx.CALENDAR.replace("2024-09-03", '"3 Sep 2024"'), "Write a day without quotes"),
        (fx.CALENDAR + "[[closed]]\non = 2025-08-01\n", "2025-08-01 (closure) lies in no half term"),
        (fx.CALENDAR + '[[closed]]\non = 2024-09-04\nhalves = ["morning"]\n', 'Write "AM" or "PM"'),
        (fx.CALENDAR + "[[closde]]\non = 2024-09-04\n", 'there is no key "closde"'),
        (fx.CALENDAR.replace("08:50", "8.50"), 'Write it as "08:50"'),
        (fx.CALENDAR.replace("09:20", "08:20"), "not after it opens"),
        (fx.CALENDAR + "[[year_group_days]]\nwithout = [2024-09-04]\n", "no year group is named"),
    ],
)
def test_each_fault_of_a_calendar_is_named_with_its_remedy(text: str, message: str) -> None:
    assert message in faults(text)


def test_every_fault_is_reported_at_once() -> None:
    text = fx.CALENDAR.replace('school = "FX"', "").replace("2024/25", "24")
    assert faults(text).count("terms.toml") >= 2


def event(summary: str, starts: str, ends: str | None = None) -> str:
    end = f"DTEND;VALUE=DATE:{ends}\r\n" if ends else ""
    return f"BEGIN:VEVENT\r\nSUMMARY:{summary}\r\nDTSTART;VALUE=DATE:{starts}\r\n{end}END:VEVENT\r\n"


def ics(*events: str) -> str:
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + "".join(events) + "END:VCALENDAR\r\n"


def test_the_end_of_an_icalendar_event_is_the_day_after_its_last() -> None:
    calendar, problems = read_icalendar(
        ics(
            event("Autumn term", "20250902", "20251220"),
            event("Half term", "20251027", "20251101"),
            event("INSET day", "20250905"),
        ),
        "S",
    )
    assert problems == []
    assert [(h.starts_on, h.ends_on) for h in calendar.half_terms] == [
        (date(2025, 9, 2), date(2025, 10, 24)),
        (date(2025, 11, 3), date(2025, 12, 19)),
    ]
    assert not calendar.is_school_day(date(2025, 9, 5))


def test_a_term_may_be_written_as_its_first_and_its_last_day() -> None:
    calendar, _ = read_icalendar(
        ics(event("Spring term starts", "20260105"), event("Spring term ends", "20260213")), "S"
    )
    assert (calendar.starts_on, calendar.ends_on) == (date(2026, 1, 5), date(2026, 2, 13))
    assert calendar.half_terms[0].year == "2025/26"


def test_half_terms_may_be_written_as_their_first_and_last_day_too() -> None:
    calendar, problems = read_icalendar(
        ics(
            event("Autumn term begins", "20250902"),
            event("Half term begins", "20251027"),
            event("Half term ends", "20251031"),
            event("Autumn term ends", "20251219"),
        ),
        "S",
    )
    assert problems == []
    assert len(calendar.school_days(*ALL)) == 74
    assert len(calendar.half_terms) == 2


def test_a_school_that_closes_and_reopens_was_in_school_on_both_days() -> None:
    calendar, problems = read_icalendar(
        ics(
            event("Term starts", "20250902"),
            event("School closes for half term", "20251024"),
            event("School reopens", "20251103"),
            event("Term ends", "20251219"),
        ),
        "S",
    )
    assert problems == []
    assert len(calendar.school_days(*ALL)) == 74


def test_terms_that_overlap_are_refused() -> None:
    with pytest.raises(Unusable, match="inside another term"):
        read_icalendar(
            ics(event("Autumn term", "20250902", "20251220"), event("Spring term", "20251215", "20260214")),
            "S",
        )


def test_what_may_be_a_day_in_school_or_at_home_is_left_out_and_shown() -> None:
    _, problems = read_icalendar(
        ics(event("Autumn term", "20250902", "20251220"), event("Last day of half term", "20251024")), "S"
    )
    assert "in school or one at home" in problems[0].what


def test_a_year_group_may_come_before_the_others_and_its_day_belongs_to_the_new_year() -> None:
    calendar = calendar_with("""
        [[year_group_days]]
        year_groups = ["7"]
        also = [2025-09-01]
    """)
    year = calendar.year(date(2025, 9, 1))
    assert year is not None
    assert year.name == "2025/26"
    early = calendar_with('[[year_group_days]]\nyear_groups = ["7"]\nalso = [2024-09-02]\n')
    assert early.starts_on == date(2024, 9, 2)
    assert Axis.over((early,)).place(Session(date(2024, 9, 2), Half.AM)) == 0


def test_bank_holidays_go_by_the_rule_where_none_are_published() -> None:
    assert date(2029, 5, 7) in bank_holidays_in(2029)
    assert date(2010, 5, 3) in bank_holidays_in(2010)
    assert date(2011, 4, 29) in bank_holidays_in(2011)
    # Christmas on a Saturday and Boxing Day on a Sunday: Monday and Tuesday.
    assert list(bank_holidays_in(2032))[-2:] == [date(2032, 12, 27), date(2032, 12, 28)]


def test_an_event_that_is_not_understood_is_shown_not_dropped() -> None:
    _, problems = read_icalendar(
        ics(event("Autumn term", "20250902", "20251220"), event("Nativity play", "20251211")), "S"
    )
    assert [str(p.place) for p in problems] == ["calendar, event 2"]
    assert "Nativity play" in problems[0].what


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        read_icalendar(text, "S")


def test_easter_and_the_spring_bank_holiday_move() -> None:
    assert [easter_sunday(year) for year in (2024, 2025, 2026, 2038)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2038, 4, 25),
    ]
    # The year of a jubilee, when it was moved into June; and one far beyond what is published.
    assert spring_bank_holiday(2022) == date(2022, 6, 2)
    assert spring_bank_holiday(2040) == date(2040, 5, 28)


def test_gov_uk_s_own_file_of_bank_holidays_is_read() -> None:
    text = '{"england-and-wales": {"events": [{"title": "Christmas Day", "date": "2030-12-25"}]}}'
    assert read_bank_holidays(text) == {date(2030, 12, 25): "Christmas Day"}
    assert date(2025, 8, 25) in bank_holidays()
    with pytest.raises(ValueError, match="not GOV.UK's"):
        read_bank_holidays("[]")


def test_two_schools_share_an_axis_and_keep_their_own_days() -> None:
    other = read_calendar(fx.CALENDAR.replace('"FX"', '"Other"').replace("2024-10-24", "2024-10-25"))
    axis = Axis.over((fx.calendar(), other))
    day = axis.place(Session(date(2024, 10, 25), Half.AM))
    assert day is not None
    assert axis.meets(other)[day]
    assert not axis.meets(fx.calendar())[day]
    assert axis.place(Session(date(2024, 10, 28), Half.AM)) is None


CUTS = st.tuples(
    st.integers(0, 2_000), st.integers(0, 40), st.text("0123456789-:[]{}\"'=TAM\r\n ", max_size=12)
)


def damaged(text: str, cut: tuple[int, int, str]) -> str:
    at, length, other = cut
    at %= len(text)
    return text[:at] + other + text[at + length :]


@given(CUTS)
def test_a_damaged_calendar_is_read_or_refused_with_problems_and_never_crashes(
    cut: tuple[int, int, str],
) -> None:
    with suppress(Unusable):
        read_calendar(damaged(FULL, cut))


@given(CUTS)
def test_damaged_term_dates_are_read_or_refused_with_problems_and_never_crash(
    cut: tuple[int, int, str],
) -> None:
    with suppress(Unusable):
        read_icalendar(damaged(ICS, cut), "S")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('halves = ["PM"]', "halves = [[1]]"),
        ("half_terms = [{", "half_terms = [5, {"),
        ('year_groups = ["R"]', "year_groups = 7"),
        ('opens = "08:50"', 'opens = "08:50+01:00"'),
        ("without = [2024-09-03]", 'without = ["2024-09-03"]'),
        ("[[year]]", "year = 5\n[[years]]"),
    ],
)
def test_a_key_that_holds_something_else_is_a_problem(old: str, new: str) -> None:
    assert old in FULL
    assert "terms.toml" in faults(FULL.replace(old, new, 1))


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART;VALUE=DATE:2025090\r\n",
        "DTSTART;VALUE=DATE:20250902\r\nDTSTART;VALUE=DATE:20250903\r\n",
        "DTSTART;VALUE=DATE:20250902\r\nDTEND:20250903T120000\r\n",
        "DTSTART;VALUE=DATE:20250902\r\nDTEND;VALUE=TIME:120000\r\n",
    ],
)
def test_an_event_without_a_day_that_can_be_read_is_kept_aside(lines: str) -> None:
    broken = f"BEGIN:VEVENT\r\nSUMMARY:Autumn term\r\n{lines}END:VEVENT\r\n"
    _, problems = read_icalendar(ics(event("Autumn term", "20250902", "20251220"), broken), "S")
    assert [problem.rule for problem in problems] == ["ics-event"]


FULL = (
    fx.CALENDAR
    + """
[[closed]]
on = 2024-12-20
halves = ["PM"]
[[year_group_days]]
year_groups = ["R"]
without = [2024-09-03]
"""
)
ICS = ics(
    event("Autumn term", "20250902", "20251220"),
    event("Half term", "20251027", "20251101"),
    event("Spring term starts", "20260105"),
    event("Spring term ends", "20260213"),
)
