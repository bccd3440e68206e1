"""The page of a review in a browser: accessible, self-contained, with and without script, on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from firstbell.duties import Book, Duty, Sight, State, duties_of, see
from firstbell.facts import About, By, Fact, Facts
from firstbell.facts.cases import FlagSet, LeaveAsked
from firstbell.policy import Rulebook, example_school, shipped
from firstbell.problems import Place, Problem
from firstbell.register import Attribute, Enrolment
from firstbell.reports.page import FileRead
from firstbell.reports.review import Review, review
from firstbell.reports.review_page import review_page
from firstbell.sessions import Half, Session
from firstbell.statute import england
from tests import fx
from tests.web.any_page import AnyPage, open_all

pytestmark = pytest.mark.browser

AT = fx.at("2025-02-14 09:30")
MORNING = Session(date(2025, 2, 14), Half.AM)
ODD_NAME = '<script>document.title = "run"</script>'
REGISTER = {
    "Amira": "",
    "Ben": "\n".join(f"2025-01-{day} L\\" for day in ("08", "10", "14", "16", "20", "22", "24", "28")),
    "Cal": "2024-10-07..2024-10-18 OO\n2024-11-12 MM\n2024-12-03..2024-12-10 OO\n2025-02-14 N\\",
    "Fay": "2025-02-14 N\\",
    "Odd": "2024-10-14..2024-11-22 GG\n2025-02-14 N\\",
}
NAMES = {name: (name, str(1001 + row)) for row, name in enumerate(REGISTER)} | {"Odd": (ODD_NAME, "1005")}


def enrolment(name: str) -> Enrolment:
    groups = (Attribute("year group", "6"), Attribute("registration group", "6 Elm"))
    return replace(fx.pupil(name), attributes=groups)


def fact(key: str, whom: str, data: FlagSet | LeaveAsked, on: date) -> Fact:
    at = datetime.combine(on, AT.timetz())
    return Fact(key, About(enrolment=f"{whom}-FX"), on, at, at, By("office"), data)


@cache
def seen() -> Sight:
    marks = {enrolment(name): fx.marks_of(text, MORNING.on) for name, text in REGISTER.items()}
    for own in marks.values():
        del own[Session(MORNING.on, Half.PM)]
    facts = Facts(
        (
            fact("flag", "Fay", FlagSet(flag="has a social worker"), date(2025, 1, 7)),
            fact(
                "leave",
                "Amira",
                LeaveAsked(
                    from_on=date(2025, 2, 25),
                    until_on=date(2025, 2, 26),
                    reason="visiting or visited by relatives",
                ),
                date(2025, 2, 13),
            ),
        )
    )
    law = england()
    register = fx.register_of({one.id: own for one, own in marks.items()}, law)
    book = Book(fx.calendar(), tuple(marks), register, facts, law)
    policy = shipped("primary-rewards", law)
    return see(book, Rulebook(law, shipped("law", law), policy, example_school("primary-rewards")), AT)


def settled(duty: Duty) -> Duty:
    """Two of Cal's duties as they are after somebody did them."""
    if duty.about.enrolment == "Cal-FX" and duty.asks == "contact parents below target":
        return replace(duty, state=State.BASIS_CHANGED, settled_on=date(2024, 10, 9))
    if duty.about.enrolment == "Cal-FX" and duty.asks == "write about attendance below 95%":
        return replace(duty, state=State.DONE, settled_on=date(2024, 10, 10))
    return duty


@cache
def reviewed() -> Review:
    duties = [settled(duty) for duty in duties_of(seen())]
    written = {one.key: "24-0001" for one in duties if one.rule.letter == "below-95" and one.is_open}
    names = {f"{name}-FX": shown for name, shown in NAMES.items()}
    return review(seen(), duties, name="Firstbell Primary School", names=names, references=written)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    problem = Problem("code-withdrawn", Place("marks.csv", 7, "Mark"), "H was withdrawn.", "Use C or G.")
    read = [FileRead("marks.csv", "marks", 900, 898, 1, 1)]
    written = tmp_path_factory.mktemp("page") / "report.html"
    text = review_page(reviewed(), [problem], read=read, kept_aside_in="kept-aside-marks.csv")
    written.write_text(text, encoding="utf-8")
    return written.as_uri()


class TestAnyPage(AnyPage):
    """What every page keeps, of this one."""


def test_a_script_in_a_name_is_text(desktop: Page, address: str) -> None:
    desktop.goto(address)
    assert desktop.title() == "What is due at Firstbell Primary School as at Friday 14 February 2025, 09:30"
    assert desktop.locator(".strips [data-name]", has_text=ODD_NAME).count() == 1


def test_no_anchor_or_link_holds_a_name_or_a_number_of_a_pupil(desktop: Page, address: str) -> None:
    desktop.goto(address)
    used = desktop.eval_on_selector_all(
        "[id], [href]", "all => all.map(one => one.id + one.getAttribute('href'))"
    )
    assert not [one for one in used for pupil in (*NAMES, "100") if pupil in one]


def test_the_lists_of_the_day_stand_first_and_a_flagged_pupil_before_the_others(
    desktop: Page, address: str
) -> None:
    desktop.goto(address)
    rows = desktop.locator(".now tbody tr", has_text="unexplained").all_inner_texts()
    assert [row.split(" 6 Elm")[0] for row in rows] == ["Fay", ODD_NAME, "Cal"]
    assert "call first" in rows[0] and "by 09:30 today" in rows[0]


def test_what_is_late_says_so_in_words_and_what_is_for_knowing_is_never_late(
    desktop: Page, address: str
) -> None:
    desktop.goto(address)
    open_all(desktop)
    late = desktop.locator("details.group", has_text="arrange the attendance meeting?").first
    assert "overdue since" in late.locator("tbody tr").first.inner_text()
    assert "overdue" not in desktop.locator("section[aria-labelledby=alerts]").inner_text()


def test_a_correction_that_took_a_reason_away_is_told_at_the_top(desktop: Page, address: str) -> None:
    desktop.goto(address)
    note = desktop.locator(".note")
    assert note.is_visible()
    assert "contact parents below target" in note.inner_text()
    assert "Done on 9 October 2024; a correction has taken its reason away" in note.inner_text()


def test_every_duty_leads_to_its_rule_and_the_rule_to_its_clauses(desktop: Page, address: str) -> None:
    desktop.goto(address)
    link = desktop.locator(".strips tr", has_text="Cal").get_by_role("link", name="national threshold met")
    link.first.click()
    rule = desktop.locator(":target")
    assert "national threshold met" in rule.locator("dt").inner_text()
    assert rule.locator("dd").count() >= 1
    missing = desktop.evaluate(
        "[...document.querySelectorAll('[href^=\"#\"]')].filter("
        "one => !document.getElementById(one.getAttribute('href').slice(1))).length"
    )
    assert missing == 0


def test_a_request_for_leave_shows_the_answers_and_what_the_policy_says(desktop: Page, address: str) -> None:
    desktop.goto(address)
    open_all(desktop)
    asked = desktop.locator("details.group", has_text="decide on the leave").first.inner_text()
    assert "Answers: grant / grant in part / refuse." in asked
    assert "The policy says refuse" in asked


def test_a_letter_is_linked_by_its_reference_and_done_ones_fold_away(desktop: Page, address: str) -> None:
    desktop.goto(address)
    assert desktop.locator('.strips a[href="letters/24-0001.pdf"]', has_text="letter 24-0001").count() >= 1
    desktop.locator("#done ~ details > summary").click()
    assert "Done on 10 October 2024." in desktop.locator("#done ~ details").inner_text()


def test_a_pupil_shows_the_exact_pair_the_strip_in_words_and_what_it_would_take(
    desktop: Page, address: str
) -> None:
    desktop.goto(address)
    open_all(desktop)
    row = desktop.locator(".strips tbody tr", has_text="Ben")
    assert "203 of 203" in row.inner_text()
    said = row.locator("[role=img]").get_attribute("aria-label") or ""
    assert said.startswith("Autumn: 0 of 146 possible sessions missed. Spring: 0 of 57")
    assert "Not yet: " in row.inner_text()


def test_without_script_everything_is_there_and_no_control_is_dead(browser: Browser, address: str) -> None:
    plain = browser.new_context(java_script_enabled=False)
    shown = plain.new_page()
    shown.goto(address)
    assert shown.locator(".strips tbody tr:visible").count() == len(REGISTER)
    assert not shown.locator("#tools").is_visible()
    shown.get_by_text("Find a pupil by name").click()
    shown.locator(".names").get_by_role("link", name="Fay").click()
    assert shown.url.endswith("#p3")
    plain.close()


def test_pupils_can_be_found_by_name_and_stand_lowest_first(mobile: Page, address: str) -> None:
    mobile.goto(address)
    names = mobile.locator(".strips tbody tr:visible [data-name]")
    assert names.all_inner_texts()[:2] == [ODD_NAME, "Cal"]
    mobile.get_by_label("Name or group").fill("am")
    assert names.all_inner_texts() == ["Amira"]


def test_on_paper_everything_that_is_due_stands_open_on_a4(desktop: Page, address: str) -> None:
    desktop.goto(address)
    desktop.emulate_media(media="print")
    assert desktop.locator(".group table").first.is_visible()
    assert desktop.locator(".strips .evidence p").first.is_visible()
    assert not desktop.locator("#tools").is_visible()
    assert b"/MediaBox [0 0 841.9" in desktop.pdf(prefer_css_page_size=True)


def test_a_school_without_a_mark_has_a_page_too(desktop: Page, tmp_path: Path) -> None:
    before = replace(seen(), at=fx.at("2024-09-02 08:00"))
    nothing = see(before.book.as_known(None), before.rulebook, before.at)
    text = review_page(review(nothing, (), name="Firstbell Primary School", names={}))
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    desktop.goto((tmp_path / "report.html").as_uri())
    assert desktop.get_by_text("Nothing is open.").is_visible()
    assert desktop.get_by_text("No register had closed by then.").is_visible()


def test_a_thousand_pupils_with_ten_duties_each_are_less_than_four_megabytes() -> None:
    found = reviewed()
    some = [pupil for pupil in found.pupils if len(pupil.duties) > 3] * 400
    assert sum(len(pupil.duties) for pupil in some[:1000]) / 1000 > 8
    assert len(review_page(replace(found, pupils=tuple(some[:1000]))).encode()) < 4_000_000


def test_of_what_is_done_the_latest_are_shown_and_the_others_counted() -> None:
    found = reviewed()
    [cal] = (pupil for pupil in found.pupils if pupil.name == "Cal")
    [done] = (line for line in cal.duties if line.state == "done")
    text = review_page(replace(found, pupils=(replace(cal, duties=(done,) * 340),)))
    assert text.count("Done on 10 October 2024.") == 300
    assert "And 40 earlier: all are in duties.csv." in text


def test_who_is_in_a_raffle_is_told_by_name_and_not_by_id() -> None:
    [raffle] = (line for line in reviewed().school if line.asks == "draw the term's raffle")
    assert "Amira; Ben; Fay" in raffle.why
    assert "-FX" not in raffle.why
