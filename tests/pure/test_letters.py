"""Letters: nothing goes out with a gap, everything stays in its zone, and each fault has its code."""

from __future__ import annotations

import io
import multiprocessing
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import DictionaryObject, FloatObject, IndirectObject, NameObject, RectangleObject

from firstbell.bench.letters import invented_values, letters_json, logo_png, measure, stopped
from firstbell.delivery import (
    Finished,
    Letters,
    Printed,
    letter_file_name,
    needed_by,
    optional_in,
    preflight,
    print_run,
    strip_key,
)
from firstbell.delivery.addresses import address_problems, is_postcode
from firstbell.delivery.measuring import Box
from firstbell.delivery.measuring import measure as measure_pages
from firstbell.policy.templates import imported_by
from firstbell.problems import Unusable
from firstbell.statute import england

POLICY = Path(str(resources.files("firstbell") / "policies" / "primary-rewards" / "2024-10-01"))
WEEK = [("/", "\\")] * 5


def _week(named: str, *marks: tuple[str, str]) -> dict[str, Any]:
    return {"week": named, "days": [{"am": am, "pm": pm} for am, pm in marks]}


STRIP = [
    _week("8 Sep", *WEEK[:2], ("L", "\\"), *WEEK[:2]),
    _week("15 Sep", ("I", "I"), ("I", "I"), *WEEK[:3]),
    _week("22 Sep", *WEEK[:3], ("Y4", "Y4"), ("U", "\\")),
    _week("29 Sep", *WEEK[:4], ("", "")),
]
LAW = england().on(date(2025, 9, 8))
ADDRESS = ["Ms J Elmwood", "Flat 2", "14 Long Acre", "Exampleton", "LS98 9ZZ"]
ABSENCE = {"on": "Monday 15 September 2025", "half": "all day", "meaning": "Illness"}
VALUES: dict[str, Any] = {
    "school_name": "Firstbell Primary School",
    "school_address": ["1 Bell Lane", "Exampleton", "LS98 9ZZ"],
    "school_phone": "01632 960123",
    "school_email": "office@firstbell.example.org",
    "sender_name": "Gill Example",
    "sender_role": "Attendance officer",
    "letter_on": "8 December 2025",
    "reference": "7f3k2m9q",
    "address": ADDRESS,
    "salutation": "Dear Ms Elmwood",
    "pupil_name": "Amira Elmwood",
    "pupil_first_name": "Amira",
    "year_group": "Year 4",
    "class_name": "class 4B",
    "policy_title": "Attendance policy",
    "clause": "8.1, Write when attendance is below the limit.",
    "attendance": "94.1%",
    "sessions_missed": "6",
    "sessions_possible": "102",
    "days_missed": "3½",
    "from_on": "2 September 2025",
    "until_on": "17 November 2025",
    "limit": "95%",
    "target": "96%",
    "absences": [ABSENCE, {**ABSENCE, "on": "Tuesday 16 September 2025"}],
    "strip": STRIP,
    "strip_key": strip_key(STRIP, LAW),
    "late_count": "5",
    "late_days": ["Wednesday 5 November 2025", "Tuesday 11 November 2025, after the register closed"],
    "episodes": "3",
    "illness_days": "4",
    "evidence_for": "the absence on 14 October 2025",
    "request_from_on": "Monday 9 March 2026",
    "request_until_on": "Friday 13 March 2026",
    "decision_reasons": ["You asked 13 days before the first day. We ask for at least two weeks."],
    "granted_days": "5",
    "meeting_with": "Gill Example and a family worker",
    "meeting_on": "Tuesday 16 December 2025 at 3.30 pm",
    "place": "The room beside the office",
    "threshold_sessions": "10",
    "threshold_weeks": "10",
    "prize": "a book of your choice",
    "award_period": "the first half of the autumn term 2025",
}
ALL = (
    "attendance-contract",
    "attendance-report",
    "below-95",
    "certificate",
    "consent",
    "illness-evidence",
    "leave-granted",
    "leave-refused",
    "meeting-invitation",
    "moving-form",
    "observance-answer",
    "punctuality",
    "punctuality-meeting",
    "unexplained-absence",
)
LETTERS = Letters.read(POLICY)
each_letter = pytest.mark.parametrize("letter", ALL)


@pytest.fixture(scope="module")
def logo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("logo") / "amira-elmwood.png"
    file.write_bytes(logo_png())
    return file


@pytest.fixture
def rendered(tmp_path: Path) -> Callable[..., bytes]:
    """Renders a template written in a test, with the values above and others in their place."""

    def render(template: str, **values: object) -> bytes:
        (tmp_path / "letters").mkdir(exist_ok=True)
        (tmp_path / "letters" / "own.typ").write_text(template, encoding="utf-8")
        return Letters.read(tmp_path).render("own", {**VALUES, **values})

    return render


def _reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def _text(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in _reader(pdf).pages).split())


def _rules(pdf: bytes, posted: bool = True) -> set[str]:
    return {problem.rule for problem in preflight(pdf, posted)}


def _with_only(letter: str) -> dict[str, Any]:
    return {name: VALUES[name] for name in LETTERS.needed(letter)} | {
        "reference": "r1",
        "letter_on": "1 May 2026",
    }


# --- what a template needs -------------------------------------------------------------------------------


def test_a_template_says_by_its_text_which_values_it_needs() -> None:
    text = 'Dear #letter.salutation, #list(..letter.late_days) #letter.at("limit")\n'
    assert needed_by(text) == {"salutation", "late_days", "limit"}


def test_what_has_a_default_is_optional_unless_it_is_needed_elsewhere() -> None:
    text = '#letter.at("place", default: none) #letter.at("prize", default: "") #letter.prize'
    assert optional_in(text) == {"place"}
    assert needed_by(text) == {"prize"}


def test_comments_paths_and_other_names_need_nothing() -> None:
    text = '// letter.one\n/* letter.two\n letter.three */ #import "/layout/letter.typ": *\n'
    assert needed_by(text + "#newsletter.four #my-letter.five #old.letter.six") == frozenset()


def test_a_web_address_does_not_hide_what_stands_behind_it() -> None:
    assert needed_by("https://example.org #letter.place") == {"place"}


def test_an_import_is_read_whether_in_markup_or_in_code() -> None:
    text = '#import "/layout/letter.typ": *\n#{ import "/layout/form.typ": field }\n// import "/no.typ"'
    assert imported_by(text) == ("/layout/letter.typ", "/layout/form.typ")


def test_a_letter_needs_what_its_layout_needs() -> None:
    assert {"address", "reference", "school_name", "limit", "absences"} <= LETTERS.needed("below-95")
    assert LETTERS.optional("below-95") == {"target", "class_name", "school_logo"}


def test_a_certificate_is_not_posted_and_needs_no_address() -> None:
    assert not LETTERS.posted("certificate")
    assert "address" not in LETTERS.needed("certificate")
    assert [letter for letter in ALL if not LETTERS.posted(letter)] == ["certificate"]


# --- no letter with a gap --------------------------------------------------------------------------------


def test_the_policy_has_its_letters() -> None:
    assert tuple(sorted(LETTERS.ids)) == ALL


@each_letter
def test_every_value_that_a_letter_needs_is_missed_when_it_is_not_there(letter: str) -> None:
    for name in LETTERS.needed(letter):
        without = {key: value for key, value in VALUES.items() if key != name}
        with pytest.raises(Unusable) as refused:
            LETTERS.render(letter, without)
        assert [(p.rule, p.value) for p in refused.value.problems] == [("letter-value", name)]


@pytest.mark.parametrize("empty", ["", "  ", None, [], [""], ["Ms J Elmwood", " ", "LS98 9ZZ"]])
def test_an_empty_value_is_a_missing_one(empty: object) -> None:
    with pytest.raises(Unusable) as refused:
        LETTERS.render("below-95", {**VALUES, "address": empty})
    assert [problem.value for problem in refused.value.problems] == ["address"]


@each_letter
def test_the_values_that_a_letter_needs_are_enough(letter: str) -> None:
    assert preflight(LETTERS.render(letter, _with_only(letter)), LETTERS.posted(letter)) == []


def test_all_missing_values_are_named_at_once() -> None:
    missing = {problem.value for problem in LETTERS.problems("certificate", {})}
    assert missing == LETTERS.needed("certificate") | {"letter_on", "reference"}


@pytest.mark.parametrize("day", ["08/12/2025", "31 February 2025", "8 Dec 2025", "8 Dezember 2025"])
def test_a_day_of_the_letter_that_is_none_is_refused(day: str) -> None:
    assert [p.rule for p in LETTERS.problems("consent", {**VALUES, "letter_on": day})] == ["letter-day"]


@pytest.mark.parametrize("reference", ["Amira Elmwood", "../x", "a" * 65])
def test_a_reference_is_an_id(reference: str) -> None:
    found = LETTERS.problems("consent", {**VALUES, "reference": reference})
    assert [problem.rule for problem in found] == ["letter-reference"]
    with pytest.raises(ValueError, match="letters, digits and hyphens"):
        letter_file_name(reference)


def test_a_letter_is_kept_under_its_reference() -> None:
    assert letter_file_name("7f3k2m9q") == "7f3k2m9q.pdf"


def test_an_unknown_letter_is_refused_with_those_there_are() -> None:
    (problem,) = LETTERS.problems("fine", VALUES)
    assert problem.rule == "letter-unknown"
    assert "below-95" in problem.remedy


def test_a_folder_without_letters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as refused:
        Letters.read(tmp_path)
    assert [problem.rule for problem in refused.value.problems] == ["letter-none"]


def test_a_template_that_does_not_compile_is_refused(rendered: Callable[..., bytes]) -> None:
    with pytest.raises(Unusable) as refused:
        rendered('#import "/layout/letter.typ": *\n#show: posted\n#no-such-thing')
    assert [problem.rule for problem in refused.value.problems] == ["letter-template"]


def test_a_logo_that_is_not_there_is_refused() -> None:
    with pytest.raises(Unusable) as refused:
        LETTERS.render("consent", {**VALUES, "school_logo": "no-such-logo.png"})
    assert [problem.rule for problem in refused.value.problems] == ["letter-logo"]


# --- fonts -----------------------------------------------------------------------------------------------


def test_without_the_font_no_letter_is_made(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as refused:
        Letters.read(POLICY, fonts=tmp_path)
    assert [problem.rule for problem in refused.value.problems] == ["letter-font"]


def test_a_template_that_asks_for_another_font_is_refused(rendered: Callable[..., bytes]) -> None:
    with pytest.raises(Unusable) as refused:
        rendered('#import "/layout/letter.typ": *\n#show: posted\n#text(font: "No Such Sans")[a]')
    assert [problem.rule for problem in refused.value.problems] == ["letter-font"]


@pytest.mark.parametrize("name", ["Zoë Nguyễn", "Łukasz Żółć", "Ștefania Ünal", "Søren O’Brien-ffitch"])
def test_names_of_many_languages_can_be_written(name: str) -> None:
    pdf = LETTERS.render("consent", {**VALUES, "pupil_name": name})
    assert name in _text(pdf)


def test_a_character_that_the_font_does_not_have_is_refused_and_not_left_out() -> None:
    with pytest.raises(Unusable) as refused:
        LETTERS.render("consent", {**VALUES, "pupil_name": "Amira 山 Elmwood"})
    (problem,) = refused.value.problems
    assert (problem.rule, problem.value) == ("letter-character", "山")
    assert "Elmwood" not in str(refused.value)


# --- the finished letter ---------------------------------------------------------------------------------


@each_letter
def test_each_letter_keeps_to_its_zones_to_the_millimetre(letter: str, logo: Path) -> None:
    pdf = LETTERS.render(letter, {**VALUES, "school_logo": logo})
    assert preflight(pdf, LETTERS.posted(letter), tolerance=0.0) == []


@each_letter
def test_each_letter_has_room_for_the_longest_address(letter: str) -> None:
    address = ["Mr and Mrs W Wolstenholme-Featherstonehaugh", *("Line number 5 of it",) * 5, "LS98 9ZZ"]
    pdf = LETTERS.render(letter, {**VALUES, "address": address})
    assert preflight(pdf, LETTERS.posted(letter), tolerance=0.0) == []


@each_letter
def test_a_school_and_a_pupil_may_have_very_long_names(letter: str, logo: Path) -> None:
    school = "The Blessed Example and All Saints Church of England Voluntary Aided Primary School and Nursery"
    pupil = "Maximilian-Alexander Wolstenholme-Featherstonehaugh"
    values = {**VALUES, "school_name": school, "pupil_name": pupil, "school_logo": logo}
    assert preflight(LETTERS.render(letter, values), LETTERS.posted(letter), tolerance=0.0) == []


def test_a_certificate_stays_on_its_page() -> None:
    values = {**VALUES, "pupil_name": "Maximilian-Alexander Wolstenholme", "prize": "a very long prize " * 6}
    assert len(_reader(LETTERS.render("certificate", values)).pages) == 1


def test_a_letter_about_many_days_runs_on_within_its_margins() -> None:
    pdf = LETTERS.render("below-95", {**VALUES, "absences": [ABSENCE] * 70})
    assert len(_reader(pdf).pages) == 3
    assert preflight(pdf, tolerance=0.0) == []


@each_letter
def test_the_same_values_give_the_same_bytes(letter: str) -> None:
    assert LETTERS.render(letter, VALUES) == Letters.read(POLICY).render(letter, VALUES)


@each_letter
def test_the_metadata_of_a_letter_name_nobody_and_no_other_day(letter: str, logo: Path) -> None:
    reader = _reader(LETTERS.render(letter, {**VALUES, "school_logo": logo}))
    xmp = reader.xmp_metadata
    assert reader.metadata is not None
    assert xmp is not None
    said = f"{dict(reader.metadata)} {xmp.rdf_root.toxml()}"
    assert [word for word in ("Amira", "Elmwood", "Gill", "Flat 2") if word in said] == []
    assert set(re.findall(r"20\d\d-?\d\d-?\d\d", said)) == {"20251208", "2025-12-08"}


@each_letter
def test_who_gets_a_letter_can_see_whom_to_ring(letter: str) -> None:
    text = _text(LETTERS.render(letter, VALUES))
    assert ("01632 960123" in text) == LETTERS.posted(letter)


def test_a_letter_about_attendance_names_its_figures_and_days() -> None:
    text = _text(LETTERS.render("below-95", VALUES))
    for told in ("below 95%", "94.1%", "missed, of 102", "3½", "Tuesday 16 September 2025", "96%"):
        assert told in text


def test_a_certificate_speaks_of_no_figures_and_no_law() -> None:
    text = _text(LETTERS.render("certificate", VALUES)).lower()
    assert "amira elmwood" in text
    assert [word for word in ("%", "target", "absence", "policy", "penalty", "session") if word in text] == []


def test_a_refusal_names_its_reasons_and_what_follows() -> None:
    text = _text(LETTERS.render("leave-refused", VALUES))
    for told in (
        "13 days before the first day",
        "marked G",
        "10 half days",
        "within 10 school weeks",
        "Each parent",
    ):
        assert told in text


def test_an_answer_that_grants_nothing_says_so() -> None:
    text = _text(LETTERS.render("observance-answer", {**VALUES, "granted_days": "0"}))
    assert "cannot authorise absence on these days" in text
    assert "We agree" not in text


@pytest.mark.parametrize(
    ("number", "told"), [("1", "1 school day,"), ("½", "half a school day"), ("2½", "2½ school days")]
)
def test_a_number_of_days_is_written_as_people_say_it(number: str, told: str) -> None:
    assert told in _text(LETTERS.render("leave-granted", {**VALUES, "granted_days": number}))


def test_what_stands_in_a_value_is_text_and_never_typst() -> None:
    text = _text(LETTERS.render("consent", {**VALUES, "pupil_name": "#pagebreak() *Amira* $x$"}))
    assert "#pagebreak() *Amira* $x$" in text


# --- read aloud: what a machine can check of PDF/UA-1 ----------------------------------------------------


def _elements(node: object) -> Iterator[DictionaryObject]:
    """All structure elements below a node, in reading order."""
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, list):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node["/K"])


@each_letter
def test_each_letter_is_tagged_as_pdf_ua_asks(letter: str) -> None:
    reader = _reader(LETTERS.render(letter, VALUES))
    root: Any = reader.trailer["/Root"]
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/Lang"] == "en-GB"
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert reader.metadata is not None and reader.metadata.title
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", root["/Metadata"].get_data())
    assert len(list(_elements(root["/StructTreeRoot"]))) > 5


@each_letter
def test_headings_begin_with_one_of_level_1_and_skip_none(letter: str) -> None:
    root: Any = _reader(LETTERS.render(letter, VALUES)).trailer["/Root"]
    kinds = [str(element["/S"]) for element in _elements(root["/StructTreeRoot"])]
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[:1] == [1]
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))


@each_letter
def test_every_picture_has_words_in_its_place(letter: str, logo: Path) -> None:
    root: Any = _reader(LETTERS.render(letter, {**VALUES, "school_logo": logo})).trailer["/Root"]
    figures = [one for one in _elements(root["/StructTreeRoot"]) if str(one["/S"]) == "/Figure"]
    assert figures
    assert [figure for figure in figures if not str(figure.get("/Alt", "")).strip()] == []


def test_a_picture_without_words_is_refused(rendered: Callable[..., bytes], logo: Path) -> None:
    with pytest.raises(Unusable) as refused:
        rendered(
            '#import "/layout/letter.typ": *\n#show: posted\n#image(letter.school_logo)',
            school_logo=str(logo),
        )
    assert [problem.rule for problem in refused.value.problems] == ["letter-template"]


def test_the_words_for_a_strip_tell_what_it_shows() -> None:
    root: Any = _reader(LETTERS.render("attendance-report", VALUES)).trailer["/Root"]
    (alt,) = [str(one["/Alt"]) for one in _elements(root["/StructTreeRoot"]) if str(one["/S"]) == "/Figure"]
    assert "Week of 8 Sep: Wednesday morning: L, late, before the register closed." in alt
    assert "Week of 15 Sep: Monday morning: I, illness; Monday afternoon: I, illness;" in alt
    assert "Week of 29 Sep: here at every session." in alt


def test_a_strip_shows_its_marks_in_letters_and_not_in_colours_only() -> None:
    drawn = (
        _text(LETTERS.render("attendance-report", VALUES)).split("Week by week")[1].split("Each day has")[0]
    )
    marks = [mark for mark in drawn.split() if mark in ("I", "L", "U", "Y4")]
    assert sorted(marks) == ["I", "I", "I", "I", "L", "U", "Y4", "Y4"]


def test_a_key_says_how_each_mark_counts() -> None:
    kinds = {entry["symbol"]: entry["kind"] for entry in strip_key(STRIP, LAW)}
    absent, late = "absent", "late"
    assert kinds == {
        "/": "attended",
        "\\": "attended",
        "L": late,
        "I": absent,
        "Y4": "not counted",
        "U": absent,
    }


# --- preflight: letters made wrong on purpose ------------------------------------------------------------

OWN = '#import "/layout/letter.typ": *\n#show: posted.with(title: "Letter")\n= Heading\nText.\n'


def test_a_letter_of_the_layout_alone_has_no_fault(rendered: Callable[..., bytes]) -> None:
    assert preflight(rendered(OWN), tolerance=0.0) == []


def test_text_and_ink_are_measured_where_they_were_put(rendered: Callable[..., bytes]) -> None:
    put = (
        "#place(top, dx: 40mm - page-left, dy: 150mm - page-top, "
        'box(width: 10mm, height: 10mm, align(center + horizon, "H")))\n'
        "#pagebreak()\n#set page(footer: none)\n"
        "#place(top, dx: 50mm - page-left, dy: 150mm - page-top, rect(width: 10mm, height: 5mm, fill: black))"
    )
    pages = measure_pages(rendered(OWN + put)).pages
    first, last = pages[0], pages[-1]
    ((x, y),) = [(x, y) for letter, x, y in first.letters if letter == "H" and x > 40 and y > 140]
    assert x == pytest.approx(45, abs=0.1)
    assert y == pytest.approx(155, abs=0.5)
    assert first.lines_in(Box(44, 154, 46, 156)) == ("H",)
    for covered, left in (((), 50), ((Box(0, 0, 59, 297),), 59)):
        ink = last.ink_outside(covered)
        assert ink is not None
        pixel = {"left": left, "top": 150, "right": 60, "bottom": 155}
        assert vars(ink) == pytest.approx(pixel, abs=0.26)


@pytest.mark.parametrize(
    ("x", "y", "where"),
    [
        (17, 60, "left of the address"),
        (40, 33, "above the address"),
        (40, 80, "below the address"),
        (122, 60, "right of the address"),
        (5, 150, "in the margin"),
        (205, 150, "in the margin"),
        (100, 1, "in the margin"),
        (100, 295, "in the margin"),
    ],
)
def test_ink_where_page_1_stays_blank_is_found(
    rendered: Callable[..., bytes], x: int, y: int, where: str
) -> None:
    speck = f"#place(top, dx: {x}mm - page-left, dy: {y}mm - page-top, rect(width: 0.5mm, height: 0.5mm))\n"
    template = OWN.replace("= Heading", f"{speck}= Heading")
    (problem,) = preflight(rendered(template))
    assert problem.rule == "content-outside-printable-area"
    assert f"{where}:" in problem.what
    assert problem.place.part == "page 1"


def test_later_pages_need_only_their_margins(rendered: Callable[..., bytes]) -> None:
    template = OWN + "#pagebreak()\n#place(dx: {}mm - page-left, dy: 40mm, [Text])"
    assert preflight(rendered(template.format(18))) == []
    (problem,) = preflight(rendered(template.format(9)))
    assert (problem.rule, problem.place.part) == ("content-outside-printable-area", "page 2")


def test_a_picture_counts_as_much_as_text(rendered: Callable[..., bytes], logo: Path) -> None:
    picture = '#place(top, dx: -9mm, dy: 30mm, image(letter.school_logo, width: 5mm, alt: "A disc"))\n'
    found = _rules(rendered(OWN.replace("= Heading", f"{picture}= Heading"), school_logo=str(logo)))
    assert found == {"content-outside-printable-area"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (["Ms J Elmwood", "LS98 9ZZ"], "not-enough-address-lines"),
        (["Ms J Elmwood", *["Line of it"] * 6, "LS98 9ZZ"], "too-many-address-lines"),
        (["Ms J Elmwood", "14 Long Acre", "Exampleton"], "not-a-real-uk-postcode"),
        (["Ms J Elmwood", "14 Long Acre", "XX98 9ZZ"], "not-a-real-uk-postcode"),
        (["Ms J Elmwood", "(Flat 2)", "LS98 9ZZ"], "invalid-char-in-address"),
        (["Ms J Elmwood", "---", "LS98 9ZZ"], "invalid-address-line-1-or-2"),
        (["Ms J Elmwood", "No fixed abode", "LS98 9ZZ"], "no-fixed-abode-address"),
        (["Ms J Elmwood", "NFA", "LS98 9ZZ"], "no-fixed-abode-address"),
        (["Sgt J Elmwood", "BFPO 4999", "Exampleland"], "has-country-for-bfpo-address"),
    ],
)
def test_an_address_that_cannot_be_used_has_its_code(address: list[str], code: str) -> None:
    found = _rules(LETTERS.render("consent", {**VALUES, "address": address}))
    assert code in found
    assert found <= {code, "content-outside-printable-area"}


def test_a_line_of_an_address_that_is_too_long_is_found_as_one_line_too_many() -> None:
    long = "The Old Coach House behind the Green Door, Upper Example Lane West, Exampleton"
    address = ["Ms J Elmwood", long, *("Line of it",) * 4, "LS98 9ZZ"]
    found = _rules(LETTERS.render("consent", {**VALUES, "address": address}))
    assert "too-many-address-lines" in found


def test_an_address_of_the_forces_ends_with_its_number_or_its_postcode() -> None:
    forces = ["Sgt J Elmwood", "Example Barracks"]
    assert address_problems([*forces, "BFPO 4999"]) == []
    assert address_problems([*forces, "BFPO 4999", "BF1 0AA"]) == []


@pytest.mark.parametrize("postcode", ["LS98 9ZZ", "ls989zz", "E1W 9ZZ", "EC1A 9ZZ", " M1  9ZZ "])
def test_postcodes_have_six_forms_and_need_no_space(postcode: str) -> None:
    assert is_postcode(postcode)


@pytest.mark.parametrize("other", ["", "LS98", "LS98 9CZ", "QQ1 9ZZ", "LS98 9ZZ UK", "1LS 9ZZ"])
def test_what_is_no_postcode_is_not_taken_for_one(other: str) -> None:
    assert not is_postcode(other)


def test_no_message_about_an_address_repeats_it() -> None:
    found = address_problems(["Ms J Elmwood", "@no fixed abode", "Exampleton", *["x"] * 6])
    assert len(found) == 4
    assert [
        str(problem) for problem in found if "Elmwood" in str(problem) or "Exampleton" in str(problem)
    ] == []


def test_a_page_without_text_has_no_address(rendered: Callable[..., bytes]) -> None:
    template = '#import "/layout/style.typ": styled\n#show: styled.with("Empty")\n#rect(width: 9mm)'
    assert "address-is-empty" in _rules(rendered(template))


def test_ten_pages_are_allowed_and_eleven_are_not(rendered: Callable[..., bytes]) -> None:
    assert _rules(rendered(OWN + "#pagebreak() Text\n" * 9)) == set()
    assert _rules(rendered(OWN + "#pagebreak() Text\n" * 10)) == {"letter-too-long"}


@pytest.mark.parametrize("page", ["flipped: true", 'paper: "a5"', 'paper: "us-letter"'])
def test_a_page_that_is_not_a4_upright_is_refused(rendered: Callable[..., bytes], page: str) -> None:
    (problem,) = preflight(rendered(f"{OWN}#set page({page})\nText"))
    assert (problem.rule, problem.place.part) == ("letter-not-a4-portrait-oriented", "page 2")


# --- preflight: files of others --------------------------------------------------------------------------


def _changed(pdf: bytes, change: Callable[[pypdf.PdfWriter], object]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


LETTER = LETTERS.render("consent", VALUES)


def test_a_letter_that_was_only_written_anew_has_no_fault() -> None:
    assert preflight(_changed(LETTER, lambda writer: None)) == []


def test_a_page_on_its_side_is_refused_though_it_looks_right() -> None:
    def turn(writer: pypdf.PdfWriter) -> None:
        writer.pages[0].mediabox = RectangleObject((0, 0, 841.89, 595.28))
        writer.pages[0][NameObject("/Rotate")] = FloatObject(90)

    assert _rules(_changed(LETTER, turn)) == {"letter-not-a4-portrait-oriented"}
    assert _rules(_changed(LETTER, lambda w: w.pages[0].rotate(180))) == {"letter-not-a4-portrait-oriented"}


def test_a_font_that_is_named_and_not_in_the_file_is_found() -> None:
    def take_out(writer: pypdf.PdfWriter) -> None:
        for one in writer._objects:
            if isinstance(one, DictionaryObject) and one.get("/Type") == "/FontDescriptor":
                del one["/FontFile2"]

    found = [
        problem for problem in preflight(_changed(LETTER, take_out)) if problem.rule == "font-not-embedded"
    ]
    assert found
    assert "OpenSans" in found[0].what


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_protected_file_is_not_read(password: str) -> None:
    def protect(writer: pypdf.PdfWriter) -> None:
        writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")

    assert _rules(_changed(LETTER, protect)) == {"unable-to-read-the-file"}


@pytest.mark.parametrize("other", [b"", b"Dear Ms Elmwood", LETTER[:2000]])
def test_what_is_no_whole_pdf_is_not_read(other: bytes) -> None:
    assert _rules(other) == {"unable-to-read-the-file"}


def test_a_file_of_more_than_two_megabytes_is_too_large() -> None:
    heavy = bytes(range(256)) * 8000
    found = _rules(_changed(LETTER, lambda writer: writer.add_attachment("scan", heavy)))
    assert found == {"file-too-large"}


# --- processes -------------------------------------------------------------------------------------------


def _try_in_fork(answer: Any) -> None:
    try:
        Letters.read(POLICY).render("consent", VALUES)
    except RuntimeError as refused:
        answer.send(str(refused))
    else:
        answer.send("rendered")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_is_refused_where_it_would_hang() -> None:
    forking = multiprocessing.get_context("fork")
    here, there = forking.Pipe()
    child = forking.Process(target=_try_in_fork, args=(there,), daemon=True)
    child.start()
    assert here.poll(60), "the forked process hangs"
    assert "spawn" in here.recv()
    child.join()


def _made_elsewhere(letter: str) -> bytes:
    return Letters.read(POLICY).render(letter, VALUES)


@pytest.mark.slow
def test_a_spawned_process_makes_the_same_letter() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_made_elsewhere, ["consent"]) == [LETTER]


def test_the_working_folder_of_letters_goes_with_them() -> None:
    letters = Letters.read(POLICY)
    work = letters._work
    assert work.is_dir()
    assert work.stat().st_mode & 0o077 == 0
    del letters
    assert not work.exists()


# --- the print run ---------------------------------------------------------------------------------------


def _finished() -> list[Finished]:
    long = LETTERS.render("attendance-contract", VALUES)
    return [
        Finished("a1", "consent", LETTER),
        Finished("b2", "attendance-contract", long),
        Finished("c3", "consent", LETTER),
    ]


def test_each_letter_of_a_print_run_begins_on_a_sheet_of_its_own() -> None:
    run = print_run(_finished())
    assert run.letters == (
        Printed("a1", "consent", 1, 1),
        Printed("b2", "attendance-contract", 2, 3),
        Printed("c3", "consent", 1, 5),
    )
    pages = [page.extract_text() for page in _reader(run.pdf).pages]
    assert [("May we share" in text, "An agreement" in text, not text.strip()) for text in pages] == [
        (True, False, False),
        (False, False, True),
        (False, True, False),
        (False, False, False),
        (True, False, False),
    ]


def test_printed_on_one_side_no_page_is_empty() -> None:
    run = print_run(_finished(), duplex=False)
    assert [row.first_page for row in run.letters] == [1, 2, 4]
    assert len(_reader(run.pdf).pages) == 4


def test_a_print_run_is_the_pages_as_they_are() -> None:
    run = print_run(_finished()[:1])
    assert preflight(run.pdf) == []
    assert print_run(_finished()[:1]).pdf == run.pdf


def test_the_list_of_a_print_run_and_its_metadata_name_nobody() -> None:
    run = print_run(_finished())
    metadata = _reader(run.pdf).metadata
    assert "Elmwood" not in f"{run} {_finished()} {metadata}"
    assert metadata is None or "/CreationDate" not in metadata


def test_a_letter_that_cannot_be_read_stops_the_run() -> None:
    with pytest.raises(Unusable):
        print_run([*_finished(), Finished("d4", "consent", b"no PDF")])
    with pytest.raises(ValueError, match="nothing to print"):
        print_run([])


# --- the benchmark ---------------------------------------------------------------------------------------


def test_letters_are_measured_whole_and_all_different() -> None:
    measured = measure("typst", 3)
    assert (measured["letters"], measured["pages"], measured["different"]) == (3, 3, 3)
    assert measured["per_second"] > 0


@pytest.mark.parametrize(
    ("pages", "rate", "ratio", "met"),
    [(500, 50.0, 5.0, True), (500, 49.0, 4.9, False), (501, 90.0, 9.0, False)],
)
def test_the_goal_is_five_times_the_rate_with_one_page_each(
    pages: int, rate: float, ratio: float, met: bool
) -> None:
    made: Mapping[str, Any] = {"letters": 500, "pages": pages, "different": 500, "per_second": rate}
    told = letters_json(made, {"per_second": 10.0})
    assert (told["ratio"], told["goals_met"]) == (ratio, met)


def test_a_machine_without_pango_is_told_what_to_install() -> None:
    failed = subprocess.CompletedProcess([], 1, "", "OSError: cannot load library 'libpango-1.0-0': no")
    assert "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0" in stopped("weasyprint", failed).remedy


def test_invented_values_fill_the_letter_that_is_measured(logo: Path) -> None:
    (values,) = invented_values(1, logo)
    assert LETTERS.problems("attendance-report", values) == []
    shutil.copyfile(logo, logo.with_name("other.png"))
    assert LETTERS.render("attendance-report", values) == LETTERS.render(
        "attendance-report", {**values, "school_logo": str(logo.with_name("other.png"))}
    )
