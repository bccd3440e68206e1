"""The law's tables: what is refused when they are read, and what they answer day by day."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from firstbell import statute
from firstbell.problems import Unusable
from firstbell.statute import (
    Code,
    Confidence,
    EarlierNotice,
    NationalThreshold,
    NoLaw,
    NoticeTerms,
    Statute,
    notice_terms,
)
from firstbell.statute.ages import age_on
from firstbell.statute.notices import months_after
from firstbell.statute.values import PenaltyNotice, PersistentAbsence, Retention

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


def test_an_entry_is_kept_by_the_law_of_the_day_it_was_made(england: Statute) -> None:
    years = [england.on(day).value(Retention).years for day in (LAST_OF_2006, FIRST_OF_2024)]
    assert years == [3, 6]


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


def test_three_years_ending_on_29_february_begin_on_1_march(england: Statute) -> None:
    rule = england.on(date(2028, 2, 29)).value(PenaltyNotice)

    def number(issued_on: date) -> int:
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
