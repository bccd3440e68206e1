"""The Department's published rates, recomputed: what agrees, what is explained, what is refused."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from firstbell.exchange.dfe import FileCheck, check_file, check_files, checks_json, checks_text
from firstbell.exchange.dfe.columns import tables
from firstbell.exchange.dfe.precision import Published, agrees, precisions_of
from firstbell.problems import Unusable
from firstbell.statute import Statute

EXTRACTS = Path(__file__).parent / "dfe"
WEIGHTED, UNPUBLISHED, COUNTED, ROUNDED, UNCLASSIFIED, OVERCLASSIFIED = (
    tables().explained[key].name
    for key in ("weighted", "unpublished", "counted", "rounded", "unclassified", "overclassified")
)
EVERY = 11
# file: rows, rows without numbers, rows explained by what
FOUND: dict[str, tuple[int, int, dict[str, int]]] = {
    "autumn-2024-25.csv": (17, 1, {WEIGHTED: 3, UNPUBLISHED: 6}),
    "spring-2024-25.csv": (17, 1, {WEIGHTED: 3, UNPUBLISHED: 8}),
    "summer-2024-25.csv": (17, 1, {WEIGHTED: 3, UNPUBLISHED: 7}),
    "year-2024-25.csv": (17, 1, {WEIGHTED: 3, UNPUBLISHED: 8}),
    "days-2025-week-37.csv": (20, 4, {UNPUBLISHED: 8}),
    "all-codes-2025-week-37.csv": (22, 2, {}),
    "week-2022-37.csv": (6, 0, {COUNTED: 5}),
    "characteristics-2016-17.csv": (10, 0, {UNCLASSIFIED: 10, ROUNDED: 1}),
    "pupil-referral-units-2016-17.csv": (34, 0, {UNCLASSIFIED: 24, ROUNDED: 6}),
    "pupil-referral-units-two-terms.csv": (59, 0, {UNCLASSIFIED: 26, OVERCLASSIFIED: 3}),
    "bands-2012-17.csv": (39, 0, {ROUNDED: 6}),
}


def rows_of(file: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((EXTRACTS / file).read_text("utf-8-sig"))))


def written(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def altered(rows: list[list[str]], row: int, column: int, cell: str) -> list[list[str]]:
    return [*rows[:row], [*rows[row][:column], cell, *rows[row][column + 1 :]], *rows[row + 1 :]]


def checked(tmp_path: Path, text: str, name: str = "figures.csv") -> FileCheck:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return check_file(path)


# --- real files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FOUND)
def test_every_published_rate_follows_from_its_counts(file: str) -> None:
    check = check_file(EXTRACTS / file)
    rows, suppressed, explained = FOUND[file]
    assert check.disagreements == ()
    assert (check.rows, check.rows_suppressed, check.explained_by) == (rows, suppressed, explained)
    assert check.rows_checked == rows - suppressed


def corruptions(rows: list[list[str]]) -> Iterator[tuple[int, int, str]]:
    """Every part, whole and percentage of a rate, each made wrong by more than rounding."""
    headings = [heading.lower() for heading in rows[0]]
    layout = tables().layout_of(headings)
    assert layout is not None
    for rate in layout.rates(headings):
        percent, part, whole = (headings.index(each) for each in (rate.percent, rate.part, rate.whole))
        for row, cells in enumerate(rows[1:], start=1):
            if not (cells[percent][:1].isdigit() and cells[part].isdigit() and cells[whole].isdigit()):
                continue
            yield row, percent, f"{float(cells[percent]) + 1:.15g}"
            yield row, whole, cells[whole] + "7"
            # In bands the whole is the first row's count, and a small part of it rounds away.
            if layout.whole_row is None or 1000 * int(cells[part]) > int(rows[1][whole]):
                yield row, part, cells[part] + "7"


@pytest.mark.parametrize("file", FOUND)
def test_one_wrong_cell_in_a_file_is_found(file: str, tmp_path: Path) -> None:
    rows = rows_of(file)
    every = sorted(set(corruptions(rows)))
    # Every cell takes half a minute; every eleventh still visits each column many times.
    missed = [
        change
        for change in every[::EVERY]
        if not check_file(written(tmp_path / file, altered(rows, *change))).disagreements
    ]
    assert len(every) > 100
    assert missed == []


def test_a_disagreement_names_row_column_and_both_figures(tmp_path: Path) -> None:
    rows = rows_of("days-2025-week-37.csv")
    column = rows[0].index("illness_perc")
    check = check_file(written(tmp_path / "days.csv", altered(rows, 4, column, "2.5")))
    (found,) = check.disagreements
    assert (found.file, found.row, found.column, found.published) == ("days.csv", 5, "illness_perc", "2.5")
    counts = (
        rows[4][rows[0].index("reason_i_authorised_illness")],
        rows[4][rows[0].index("possible_sessions")],
    )
    assert found.recomputed.startswith(f"{100 * int(counts[0]) / int(counts[1]):.6f}"[:-1])
    assert all(count in found.how for count in counts)


def test_a_code_in_the_wrong_category_of_our_tables_shows(tmp_path: Path) -> None:
    for item in resources.files("firstbell.statute").iterdir():
        if item.name.endswith(".toml"):
            (tmp_path / item.name).write_text(item.read_text(encoding="utf-8"), encoding="utf-8")
    codes = tmp_path / "codes-2024.toml"
    before, interview, after = codes.read_text(encoding="utf-8").partition('= "J1"\n')
    assert interview
    codes.write_text(
        before + interview + after.replace('"authorised"', '"unauthorised"', 1), encoding="utf-8"
    )
    wrong = check_file(EXTRACTS / "all-codes-2025-week-37.csv", Statute.read(tmp_path))
    assert {found.column for found in wrong.disagreements} == {"authorised_absence", "unauthorised_absence"}


# --- the terms of a year ---------------------------------------------------------------------------------

YEAR = ["autumn-2024-25.csv", "spring-2024-25.csv", "summer-2024-25.csv", "year-2024-25.csv"]


def test_three_terms_add_up_to_their_year() -> None:
    checks = check_files(EXTRACTS / file for file in YEAR)
    assert checks.rows_disagree == 0
    assert [bool(check.terms_compared) for check in checks.files] == [False, False, False, True]


def test_a_count_that_only_the_year_can_show_to_be_wrong(tmp_path: Path) -> None:
    rows = rows_of("spring-2024-25.csv")
    row = next(n for n, cells in enumerate(rows) if {"Rochdale", "Secondary"} <= set(cells))
    # Five sessions without a column are accepted there; one of them moved to another code still adds up.
    moved = altered(rows, row, rows[0].index("reason_h_authorised_holiday"), "1")
    for file in YEAR:
        shutil.copy(EXTRACTS / file, tmp_path)
    assert check_file(written(tmp_path / "spring-2024-25.csv", moved)).disagreements == ()
    year = check_files(tmp_path / file for file in YEAR).files[-1]
    assert [found.column for found in year.disagreements] == ["reason_h_authorised_holiday"]


def test_without_one_of_the_terms_nothing_is_said_of_the_year() -> None:
    checks = check_files(EXTRACTS / file for file in YEAR[1:])
    assert [check.terms_compared for check in checks.files] == [0, 0, 0]


# --- explanations and their bounds -----------------------------------------------------------------------


def census_weighted(tmp_path: Path, rows: list[list[str]]) -> FileCheck:
    return check_file(written(tmp_path / "year.csv", rows))


def test_a_weighted_total_without_its_phases_is_not_explained(tmp_path: Path) -> None:
    rows = rows_of("year-2024-25.csv")
    phase = rows[0].index("education_phase")
    check = census_weighted(tmp_path, [row for row in rows if row[phase] != "Special"])
    assert {WEIGHTED} & check.explained_by.keys() == set()
    assert check.rows_disagree == 3


def test_a_weighted_total_explains_nothing_if_its_counts_are_not_those_of_the_phases(tmp_path: Path) -> None:
    rows = rows_of("year-2024-25.csv")
    total = next(n for n, row in enumerate(rows) if row[rows[0].index("education_phase")] == "Total")
    column = rows[0].index("reason_i_authorised_illness")
    check = census_weighted(tmp_path, altered(rows, total, column, str(int(rows[total][column]) - 1)))
    assert total + 1 in {found.row for found in check.disagreements}


def authorised(tmp_path: Path, total: int, added_up: int, **more: int) -> FileCheck:
    reasons = {heading: 0 for heading, codes in tables().layouts[0].codes.items() if "authorised_" in heading}
    reasons = {heading: n for heading, n in reasons.items() if "unauthorised" not in heading} | more
    reasons["reason_i_authorised_illness"] = added_up - sum(more.values())
    cells = {"time_period": "202425", "time_identifier": "Spring term", "possible_sessions": "NA"}
    cells |= {"authorised_absence": str(total), **{heading: str(n) for heading, n in reasons.items()}}
    return checked(tmp_path, ",".join(cells) + "\n" + ",".join(cells.values()) + "\n")


@pytest.mark.parametrize(
    ("total", "added_up", "reasons"),
    [
        (1000, 1000, {}),
        (1000, 980, {UNPUBLISHED: 1}),  # a fiftieth
        (20, 18, {UNPUBLISHED: 1}),  # a pupil's day
    ],
)
def test_a_few_sessions_may_be_of_the_code_without_a_column(
    total: int, added_up: int, reasons: dict[str, int], tmp_path: Path
) -> None:
    check = authorised(tmp_path, total, added_up)
    assert (check.identities_checked, check.rows_disagree, check.explained_by) == (1, 0, reasons)


@pytest.mark.parametrize(
    ("total", "added_up"),
    [(1000, 979), (20, 17), (1000, 100), (1000, 1001)],
    ids=["just over a fiftieth", "more than a day", "a digit dropped", "more reasons than absence"],
)
def test_more_than_a_few_sessions_are_not_explained(total: int, added_up: int, tmp_path: Path) -> None:
    assert authorised(tmp_path, total, added_up).rows_disagree == 1


def test_with_a_column_for_the_withdrawn_code_the_sum_must_be_exact(tmp_path: Path) -> None:
    assert authorised(tmp_path, 1000, 1000, reason_f_legacy_family_holiday=3).explained_by == {}
    assert authorised(tmp_path, 1000, 999, reason_f_legacy_family_holiday=3).rows_disagree == 1


def test_counts_of_authorities_are_not_taken_to_be_rounded_because_those_of_regions_are(
    tmp_path: Path,
) -> None:
    rows = rows_of("pupil-referral-units-2016-17.csv")
    percent = rows[0].index("enrolments_pa_10_exact_percent")
    level = rows[0].index("geographic_level")
    row = next(n for n, cells in enumerate(rows) if cells[level] == "Local authority")
    check = check_file(
        written(tmp_path / "prus.csv", altered(rows, row, percent, f"{float(rows[row][percent]) + 0.2:.1f}"))
    )
    assert [found.row for found in check.disagreements] == [row + 1]


def test_a_sum_is_not_tried_when_a_code_in_force_has_no_column(tmp_path: Path) -> None:
    text = "time_period,possible_sessions,authorised_absence,reason_i_authorised_illness\n202425,900,50,10\n"
    assert checked(tmp_path, text).identities_checked == 0


# --- precision -------------------------------------------------------------------------------------------


def tolerated(column: str, figure: str, part: int, whole: int) -> bool:
    figures = [Published.read(text) for text in column.split()]
    precision = precisions_of({"": figures})[""]
    published = Published.read(figure)
    return agrees(part, whole, published, precision.tolerance(published))


TWO_PLACES = "5.19 5.24 12.07 3.33 "
FIFTEEN_DIGITS = "94.8246299484492 5.17537005155083 0.555680699675333 0.00937414959323886"
SIX_DIGITS = "61.5385 22.7642 55.9524 13.0952 41.1765 33.3333 28.5714 9.52381 7.14286"


@pytest.mark.parametrize(
    ("column", "figure", "part", "whole", "agree"),
    [
        (TWO_PLACES, "5.2", 5204, 100_000, True),
        (TWO_PLACES, "5.2", 5206, 100_000, False),  # lost its nought, not its precision
        (TWO_PLACES, "5.2", 5205, 100_000, True),  # an exact half, either way
        (TWO_PLACES * 5 + " 5.2041", "5.2", 5204, 100_000, True),  # one stray figure binds nobody
        (FIFTEEN_DIGITS, "33.3333333333333", 1, 3, True),
        (FIFTEEN_DIGITS, "33.3333333333335", 1, 3, False),
        (FIFTEEN_DIGITS, "0.000909432423224666", 52, 5_717_852, True),
        (FIFTEEN_DIGITS, "0.000909432423225", 52, 5_717_852, False),
        (SIX_DIGITS, "61.5385", 152, 247, True),
        (SIX_DIGITS, "9.52382", 2, 21, False),
        (SIX_DIGITS, "16.914", 57, 337, True),  # 16.91395 to five places first
        (SIX_DIGITS, "16.9141", 57, 337, False),
        (FIFTEEN_DIGITS + " 1.70281e-05 2.19657e-05", "1.2e-05", 12_000_004, 10**14, True),
        (FIFTEEN_DIGITS + " 1.70281e-05 2.19657e-05", "1.2e-05", 12_000_100, 10**14, False),
        ("0 0 0 0", "0", 1, 400, True),
        ("0.0 0.1 0.0 3.0", "0", 1, 400, False),
    ],
)
def test_a_figure_is_as_precise_as_its_column(
    column: str, figure: str, part: int, whole: int, agree: bool
) -> None:
    assert tolerated(column, figure, part, whole) is agree


# --- reading ---------------------------------------------------------------------------------------------

SMALL = "sess_possible,sess_overall,sess_overall_percent\n400,10,2.5\n380,19,5\n"


def test_marks_quotes_and_line_ends_make_no_difference(tmp_path: Path) -> None:
    quoted = "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in SMALL.upper().splitlines()
    )
    (tmp_path / "quoted.csv").write_bytes(b"\xef\xbb\xbf" + quoted.replace("\n", "\r\n").encode())
    check = check_file(tmp_path / "quoted.csv")
    assert (check.rows_checked, check.rates_checked, check.rows_disagree) == (2, 2, 0)


def test_rows_are_numbered_as_in_a_spreadsheet(tmp_path: Path) -> None:
    check = checked(tmp_path, SMALL + "\n,,\n200,7,9.9\n")
    assert [found.row for found in check.disagreements] == [6]
    assert check.rows == 3


@pytest.mark.parametrize("sign", ["c", "z", "x", ".", ":", "low", "NA", ""])
def test_a_sign_in_place_of_a_number_is_no_disagreement(sign: str, tmp_path: Path) -> None:
    text = "".join(f"A,{line}\n" for line in SMALL.splitlines())
    check = checked(tmp_path, text + f"A,{sign},{sign},{sign}\n")
    assert (check.rows_checked, check.rows_suppressed, check.rows_disagree) == (2, 1, 0)


def test_anything_else_in_place_of_a_number_is(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, SMALL + "200,1O,5\n").disagreements
    assert (found.row, found.column, found.published) == (4, "sess_overall", "1O")


def test_a_rate_of_no_sessions_is_a_disagreement(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, SMALL + "0,0,0\n0,0,100\n").disagreements
    assert (found.row, found.recomputed) == (5, "no rate")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"PK\x03\x04\x00\x00\x08", "not a CSV file"),
        ("la_name,enrolments\nC\xf4te,5\n".encode("cp1252"), "not in UTF-8: line 2 holds the byte 0xf4"),
        (b"a,b,c\n1,2,3\n4,5\n", "row 3: the row has 2 cells, the headings in row 1 are 3"),
        (b'a,b\n1,"2\n', "not CSV"),
        (b"a;b;c\n1;2;3\n", "not a table with commas"),
        (b"enrolments,la_name,Enrolments\n1,a,2\n", '"enrolments" stands there more than once'),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_the_others_are_checked(
    content: bytes, words: str, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_bytes(content)
    good.write_text(SMALL)
    checks = check_files([bad, good])
    (problem,) = checks.problems
    assert str(problem).startswith("bad.csv")
    assert words in str(problem)
    assert [check.rates_checked for check in checks.files] == [2]


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_what_is_no_file_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read"):
        check_file(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        (
            "time_period,la_name,persistent_absence_percent\n2025,A,18.7\n",
            "percentages",
            "without the counts",
        ),
        ("col_name,col_type,label\nenrolments,Indicator,Enrolments\n", "metadata", "columns of another file"),
        ("\ufeffIndicator,Description\nAttendance rate,Sessions attended\n", "wording", "no figures"),
        ("old_la_code,new_la_code,la_name\n201,E09000001,A\n", "code list", "names and codes"),
        ("school_type,pct5_OARate,pct10_OARate\nSpecial,0,801\n", "counts", "no percentages"),
        ("sess_possible,sess_overall,sess_overall_percent\n", "census", "no rows"),
        ("sess_possible,sess_overall,sess_overall_percent\nc,c,c\n", "census", "none of its rows"),
    ],
)
def test_a_file_with_nothing_to_recompute_says_why(text: str, kind: str, why: str, tmp_path: Path) -> None:
    check = checked(tmp_path, text)
    assert check.kind == kind
    assert why in str(check.nothing_to_recompute)
    assert check.rows_checked == 0


# --- what is shown ---------------------------------------------------------------------------------------


def test_the_text_says_what_was_found_explained_and_left_out(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(SMALL + "200,7,9.9\n")
    words = tmp_path / "words.csv"
    words.write_text("Indicator,Description\na,b\n")
    text = checks_text(check_files([*sorted(EXTRACTS.glob("*.csv")), wrong, words, tmp_path / "missing.csv"]))
    assert "row 4, sess_overall_percent: published 9.9, recomputed 3.5" in text
    assert "1 row disagrees" in text
    for part in (WEIGHTED, UNPUBLISHED, COUNTED, ROUNDED, UNCLASSIFIED, OVERCLASSIFIED, "words.csv: it"):
        assert part in text
    assert "missing.csv: it cannot be read" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_json_is_plain_data_whose_totals_are_sums_over_the_files() -> None:
    data = json.loads(json.dumps(checks_json(check_files(sorted(EXTRACTS.glob("*.csv"))))))
    for key in ("rows", "rows_checked", "rows_disagree", "rows_explained", "rows_suppressed"):
        assert data[key] == sum(file[key] for file in data["files"])
    assert data["explained_by"][WEIGHTED] == 12
    assert {file["file"] for file in data["files"]} == set(FOUND)
