"""The law's tables: what is refused when they are read, and what they answer day by day."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from firstbell import statute
from firstbell.measures import census_periods
from firstbell.problems import Problem, Unusable
from firstbell.sessions import CalendarEnds
from firstbell.statute import (
    Code,
    CompulsorySchoolAge,
    Confidence,
    EarlierNotice,
    NationalThreshold,
    NoLaw,
    NoticeTerms,
    Offence,
    OrderMade,
    Statute,
    education_due_from_on,
    extended,
    extension_window,
    months_after,
    notice_terms,
    prosecution_problems,
    received_on,
    supervision_order,
    years_after_in_full,
)
from firstbell.statute.ages import age_on
from firstbell.statute.values import (
    CensusPeriod,
    DeletionGround,
    ExclusionNotice,
    ParentingOrder,
    PenaltyNotice,
    PersistentAbsence,
    Prosecution,
    Retention,
    SchoolAttendanceOrder,
    ServiceByPost,
    SevereAbsence,
    SicknessCounting,
    StatisticsCohort,
    SupervisionOrder,
)
from tests.fx import calendar

FAULTS = Path(__file__).parent / "statute_faults"
SOUND = FAULTS / "sound"
LAST_OF_2006 = date(2024, 8, 18)
FIRST_OF_2024 = date(2024, 8, 19)


@pytest.fixture
def england() -> Statute:
    return statute.england()


# --- reading ---------------------------------------------------------------------------------------------


def test_sound_tables_are_read() -> None:
    held = Statute.read(SOUND)
    assert held.on(date(2025, 9, 16)).value(NationalThreshold).sessions == 10


@pytest.mark.parametrize(
    "fault", sorted(f for f in FAULTS.iterdir() if f != SOUND), ids=lambda fault: fault.name
)
def test_one_fault_is_one_problem_with_its_place_and_a_remedy(fault: Path, tmp_path: Path) -> None:
    # A fault is the sound tables with one file in another form, and the words that the message must have.
    for table in [*SOUND.glob("*.toml"), *fault.glob("*.toml")]:
        shutil.copy(table, tmp_path)
    with pytest.raises(Unusable) as refused:
        Statute.read(tmp_path)
    [problem] = refused.value.problems
    for words in (fault / "says.txt").read_text(encoding="utf-8").splitlines():
        assert words in str(problem)


def test_every_fault_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    for table in [*SOUND.glob("*.toml"), FAULTS / "wrong_type" / "thresholds.toml"]:
        shutil.copy(table, tmp_path)
    shutil.copy(FAULTS / "unknown_category" / "codes.toml", tmp_path)
    with pytest.raises(Unusable) as refused:
        Statute.read(tmp_path)
    assert {problem.place.file for problem in refused.value.problems} == {"codes.toml", "thresholds.toml"}


@pytest.mark.parametrize("name", ["symbols.toml", "sources.toml", "categories.toml", "codes.toml"])
def test_a_file_that_the_others_rest_on_is_missed_by_name(name: str, tmp_path: Path) -> None:
    for table in SOUND.glob("*.toml"):
        if table.name != name:
            shutil.copy(table, tmp_path)
    with pytest.raises(Unusable) as refused:
        Statute.read(tmp_path)
    [problem] = refused.value.problems
    assert name.removesuffix(".toml") in str(problem)


# --- our own tables --------------------------------------------------------------------------------------


def test_the_places_of_symbols_never_move(england: Statute) -> None:
    # Marks are kept by these numbers. A new symbol goes to the end of this line and of the table.
    kept = r"""
        / \ L K V P W B D C1 M J1 S X C2 C T R I E Q Y1 Y2 Y3 Y4 Y5 Y6 Y7 G N O U Z # J H F Y
        I01 I02 X01 X02 X03 X04 X05 X06 X07 X08 X09 X19
    """
    assert england.symbols == tuple(kept.split())
    assert (england.number("/"), england.symbol(1), england.symbol(0)) == (1, "/", "")


def test_what_is_not_certain_says_what_exactly(england: Statute) -> None:
    unsure = [value for value in england.values if value.confidence is not Confidence.SEEN]
    assert len(unsure) > 20
    assert [value for value in unsure if not value.note] == []


def test_each_code_counts_as_the_national_list_has_it(england: Statute) -> None:
    def by_category(day: date) -> dict[str, str]:
        codes = sorted(england.on(day).codes.values(), key=lambda code: england.number(code.symbol))
        names = dict.fromkeys(code.category.name for code in codes)
        return {name: " ".join(c.symbol for c in codes if c.category.name == name) for name in names}

    assert by_category(FIRST_OF_2024) == {
        "present": r"/ \ L",
        "attending elsewhere": "K V P W B",
        "not required": "D X",
        "authorised": "C1 M J1 S C2 C T R I E",
        "unable to attend": "Q Y1 Y2 Y3 Y4 Y5 Y6 Y7",
        "unauthorised": "G N O U",
        "administrative": "Z #",
    }
    assert by_category(LAST_OF_2006) == {
        "present": r"/ \ L",
        "attending elsewhere": "V P W B J",
        "not required": "D X",
        "authorised": "M S C T R I E H",
        "unauthorised": "G N O U",
        "administrative": "Z #",
        "unable to attend": "Y",
    }


# --- day by day ------------------------------------------------------------------------------------------


def test_a_day_before_the_first_table_names_the_first_day_held(england: Statute) -> None:
    with pytest.raises(NoLaw, match="first day held is 2006-09-01"):
        england.on(date(2006, 8, 31))
    with pytest.raises(NoLaw, match="first day held is 2006-09-01"):
        england.over([date(2006, 8, 31), date(2006, 9, 1)])


def test_a_rule_that_did_not_exist_yet_names_its_first_day(england: Statute) -> None:
    law = england.on(LAST_OF_2006)
    assert law.find(PenaltyNotice) is None
    with pytest.raises(NoLaw, match=r"no penalty notice on 2024-08-18: .* 2024-08-19"):
        law.value(PenaltyNotice)


def test_codes_that_changed_within_a_table_have_their_own_days(england: Statute) -> None:
    dual = [england.on(date(2011, 8, 31)).codes["D"], england.on(date(2011, 9, 1)).codes["D"]]
    assert [(code.attended, code.possible) for code in dual] == [(True, True), (False, False)]
    assert england.on(date(2013, 8, 31)).code("F") is not None
    assert england.on(date(2013, 9, 1)).code("F") is None


def test_persistent_absence_was_counted_in_sessions_before_it_was_a_share(england: Statute) -> None:
    eras = [england.on(date(year, 8, 31)).value(PersistentAbsence) for year in (2010, 2015, 2016)]
    assert [(era.method, era.autumn, era.five_half_terms) for era in eras] == [
        ("number", 28, 64),
        ("number", 22, 46),
        ("share", None, None),
    ]


def test_entries_were_kept_three_years_and_are_kept_six(england: Statute) -> None:
    years = [england.on(day).value(Retention).years for day in (LAST_OF_2006, FIRST_OF_2024)]
    assert years == [3, 6]


def test_a_first_day_that_is_ours_leaves_a_value_seen_and_is_noted(england: Statute) -> None:
    law = england.on(date(2025, 9, 16))
    rows = [law.value(StatisticsCohort), law.value(SevereAbsence), *law.all(CensusPeriod)]
    assert {row.confidence for row in rows} == {Confidence.SEEN}
    assert all("our reading" in row.note for row in rows)
    assert law.value(SevereAbsence).from_on == law.value(PersistentAbsence).from_on == date(2015, 9, 1)


def test_the_first_half_of_summer_ends_on_the_sunday_before_a_bank_holiday_on_a_thursday(
    england: Statute,
) -> None:
    *_, first_half, second_half = census_periods(2021, england.on(date(2022, 7, 1)))
    assert (first_half.ends_on, second_half.starts_on) == (date(2022, 5, 29), date(2022, 6, 2))


def test_leave_not_asked_for_in_time_has_codes_of_its_own(england: Statute) -> None:
    codes = england.on(date(2025, 9, 16)).codes
    leave = {symbol: code for symbol, code in codes.items() if code.asked_in_advance}
    assert {symbol: " ".join(code.not_in_advance) for symbol, code in leave.items()} == {
        "C": "G O",
        "C1": "G O",
        "C2": "O",
        "J1": "O",
        "S": "O",
    }
    assert {symbol: code.instead for symbol, code in codes.items() if code.instead} == {
        "C2": ("X",),
        "X": ("C2",),
    }


def test_what_stands_in_for_a_code_was_in_force_on_the_day(england: Statute) -> None:
    def instead(symbol: str, day: date) -> str:
        return " ".join(code.symbol for code in england.on(day).instead_of(symbol))

    assert instead("F", date(2015, 3, 2)) == "H C G"
    assert instead("F", FIRST_OF_2024) == "C G"
    assert instead("I02", date(2019, 11, 12)) == instead("I02", date(2025, 9, 16)) == "I"
    assert instead("?", FIRST_OF_2024) == ""


def test_the_sub_codes_of_illness_are_counted_as_sickness(england: Statute) -> None:
    rule = england.on(date(2025, 9, 16)).value(SicknessCounting)
    assert (rule.codes, rule.code) == (("I", "I01", "I02"), "I")


def test_the_orders_and_their_fines_stand_in_the_tables(england: Statute) -> None:
    law = england.on(date(2025, 9, 16))
    parenting, supervision = law.value(ParentingOrder), law.value(SupervisionOrder)
    assert (parenting.months, parenting.programme_most_months) == (12, 3)
    assert (law.value(SchoolAttendanceOrder).notice_days, supervision.direction_weeks) == (15, 8)
    fined = (parenting, supervision, law.value(SchoolAttendanceOrder), law.value(ExclusionNotice))
    assert {rule.fine for rule in fined} == {1000}
    reviewed = {g.letter: g.review_school_days for g in law.all(DeletionGround) if g.review_school_days}
    assert reviewed == {"o": 15}


def test_a_withdrawn_code_keeps_its_last_meaning_for_reading_others_files(england: Statute) -> None:
    holiday = england.last_meaning("H", date(2025, 9, 16))
    assert holiday is not None
    assert (holiday.absence, holiday.until_on) == ("authorised", LAST_OF_2006)
    assert england.last_meaning("J1", LAST_OF_2006) is None
    assert [code.from_on.year for code in england.describe("X")] == [2006, 2020, 2022, 2024]
    assert england.describe("?") == ()


# --- many days at once -----------------------------------------------------------------------------------


def test_a_mark_counts_only_by_the_law_of_its_own_day(england: Statute) -> None:
    over = england.over([date(2024, 7, 22), LAST_OF_2006, FIRST_OF_2024, date(2024, 9, 3)])
    attended = over.where(lambda code: code.attended)
    assert attended[over.regime, england.number("J")].tolist() == [True, True, False, False]
    assert attended[over.regime, england.number("K")].tolist() == [False, False, True, True]
    assert not attended[:, statute.UNMARKED].any()


def test_nothing_counts_towards_the_threshold_before_there_was_one(england: Statute) -> None:
    over = england.over([LAST_OF_2006, FIRST_OF_2024])
    counting = over.counts_towards_threshold[over.regime]
    assert not counting[0].any()
    assert {england.symbol(n) for n in counting[1].nonzero()[0]} == {"G", "N", "O", "U"}
    assert (over.marked("GNOU") == over.where(lambda code: code.absence == "unauthorised")).all()


def test_x_of_the_coronavirus_years_is_possible_only_for_pupils_of_the_age(england: Statute) -> None:
    day = date(2020, 11, 12)
    law, over = england.on(day), england.over([day])
    assert law.codes["X"].reads_as == "X19"
    assert law.code("X19") is None  # no register takes it
    possible = over.where(lambda code: code.possible)[0]
    assert [bool(possible[england.number(s)]) for s in ("X", "X19", "X02", "X01")] == [
        False,
        True,
        True,
        False,
    ]
    assert not over.where(lambda code: code.attended or bool(code.absence))[0, england.number("X19")]
    assert [c for c in england.on(date(2022, 5, 1)).all(Code) if c.reads_as or c.symbol == "X19"] == []


# --- days to count with ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2028, 2, 29), -36, date(2025, 2, 28)),
        (date(2025, 1, 15), -1, date(2024, 12, 15)),
    ],
)
def test_months_keep_the_day_or_take_the_last_of_a_shorter_month(
    day: date, months: int, expected: date
) -> None:
    assert months_after(day, months) == expected


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2028, 2, 29), 6, date(2034, 3, 1)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2024, 9, 9), 6, date(2030, 9, 9)),
    ],
)
def test_years_to_keep_something_are_over_only_when_they_are_full(
    day: date, years: int, expected: date
) -> None:
    assert years_after_in_full(day, years) == expected


def test_three_years_ending_on_29_february_begin_on_1_march(england: Statute) -> None:
    rule = england.on(date(2028, 2, 29)).value(PenaltyNotice)

    def number(issued_on: date) -> int | None:
        earlier = EarlierNotice("parent", "child", issued_on)
        on = date(2028, 2, 29)
        notice = notice_terms(rule, parent="parent", child="child", proposed_on=on, earlier=[earlier])
        assert isinstance(notice, NoticeTerms)
        return notice.number

    assert number(date(2025, 2, 28)) == 1
    assert number(date(2025, 3, 1)) == 2


def test_an_acquittal_is_not_held_against_the_parent(england: Statute) -> None:
    rule = england.on(date(2025, 9, 16)).value(PenaltyNotice)
    earlier = [EarlierNotice("parent", "child", date(2024, 10, 15), "acquitted")]
    terms = notice_terms(rule, parent="parent", child="child", proposed_on=date(2025, 3, 10), earlier=earlier)
    assert isinstance(terms, NoticeTerms)
    assert terms.number == 1
    with pytest.raises(ValueError, match="before the notice is received"):
        terms.discharged_by(80, date(2025, 3, 12))


def test_a_birthday_brings_the_new_age() -> None:
    born_on = date(2008, 2, 29)
    assert [age_on(born_on, date(2025, 2, 28)), age_on(born_on, date(2025, 3, 1))] == [16, 17]


def test_a_term_that_the_calendar_does_not_hold_is_not_taken_for_the_next(england: Statute) -> None:
    rule = england.on(date(2025, 9, 16)).value(CompulsorySchoolAge)
    for born_on in (date(2019, 3, 1), date(2021, 1, 15)):  # before the first term of FX, and after its last
        with pytest.raises(CalendarEnds, match="31 March 202[46]: add its school year"):
            education_due_from_on(born_on, rule, calendar())


def test_bank_holidays_that_are_not_known_are_not_guessed(england: Statute) -> None:
    rule = england.on(date(2025, 9, 16)).value(ServiceByPost)
    with pytest.raises(CalendarEnds, match="bank holidays held"):
        received_on(date(2039, 9, 15), rule)
    assert received_on(date(2039, 9, 15), rule, lambda day: day.weekday() < 5) == date(2039, 9, 19)


# --- court -----------------------------------------------------------------------------------------------


@pytest.fixture
def order(england: Statute) -> OrderMade:
    """An education supervision order made on Monday 12 May 2025."""
    return supervision_order(england.on(date(2025, 5, 12)).value(SupervisionOrder), made_on=date(2025, 5, 12))


def test_an_order_is_extended_in_its_last_three_months_for_three_years_at_most(order: OrderMade) -> None:
    window = extension_window(order)
    assert (window.starts_on, window.ends_on) == (date(2026, 2, 12), date(2026, 5, 11))
    longer = extended(order, asked_on=window.starts_on, until_on=date(2029, 5, 11))
    assert isinstance(longer, OrderMade)
    assert extension_window(longer).starts_on == date(2029, 2, 12)


@pytest.mark.parametrize(
    ("asked_on", "until_on", "rule", "remedy"),
    [
        (
            date(2026, 2, 11),
            date(2027, 5, 11),
            "order-extension-asked",
            "from 12 February 2026 to 11 May 2026",
        ),
        (date(2026, 3, 2), date(2029, 5, 12), "order-extension-length", "no later than 11 May 2029"),
    ],
)
def test_an_extension_asked_too_early_or_too_long_says_what_is_possible(
    order: OrderMade, asked_on: date, until_on: date, rule: str, remedy: str
) -> None:
    refused = extended(order, asked_on=asked_on, until_on=until_on)
    assert isinstance(refused, Problem)
    assert refused.rule == rule
    assert remedy in refused.remedy


def test_the_first_day_of_an_absence_falls_out_of_time_before_the_last(england: Statute) -> None:
    rule = england.on(date(2025, 9, 16)).value(Prosecution)
    absence = Offence(date(2024, 9, 9), date(2024, 9, 13))

    def severities(begun_on: date) -> list[str]:
        return [problem.severity for problem in prosecution_problems(rule, absence, begun_on=begun_on)]

    days = [date(2025, 3, 9), date(2025, 3, 10), date(2025, 3, 13), date(2025, 3, 14)]
    assert [severities(day) for day in days] == [[], ["warning"], ["warning"], ["error"]]
