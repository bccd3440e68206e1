"""The page of figures in a browser: accessible, self-contained, with and without script, on paper."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from firstbell.problems import Place, Problem
from firstbell.reports.figures import figures
from firstbell.reports.page import FileRead, page
from firstbell.sessions import Half, Session
from tests import fx
from tests.web.any_page import AnyPage

pytestmark = pytest.mark.browser

ON = Session(date(2025, 2, 14), Half.PM)
ODD_NAME = '<script>document.title = "run"</script>'
REGISTER = {
    "Amira": "",
    "Ben": "\n".join(f"2024-{month}-{day} UL" for month in ("10", "11") for day in ("07", "15", "18", "22")),
    "Cal": "2024-10-07 II\n2024-10-09..2024-10-11 OO\n2024-11-12 MM\n2024-12-03..2024-12-10 OO\n"
    "2025-01-20 IL",
    "Dee": "2024-09-03..2025-02-14 DD",
    "Odd": "2024-10-14..2024-11-22 GG",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    marks = {fx.pupil(name): fx.marks_of(text, ON.on) for name, text in REGISTER.items()}
    del marks[next(iter(marks))][Session(ON.on, Half.PM)]
    names = {name: name for name in REGISTER} | {"Odd": ODD_NAME}
    found = figures(fx.strips_of(marks), {"FX": fx.calendar()}, on=ON, names=names)
    problems = [
        Problem(
            "code-withdrawn",
            Place("marks.csv", 7, "Mark"),
            "H was withdrawn.",
            "Use C or G.",
            "SI",
            value="H",
        ),
        Problem("upn", Place("pupils.csv", 2, "UPN"), "It does not fit.", "Compare.", severity="warning"),
    ]
    read = [FileRead("marks.csv", "marks", 900, 898, 1, 1)]
    written = tmp_path_factory.mktemp("page") / "figures.html"
    text = page(found, problems, school="Firstbell Primary School", read=read, kept_aside_in="kept-aside.csv")
    written.write_text(text, encoding="utf-8")
    return written.as_uri()


class TestAnyPage(AnyPage):
    """What every page keeps, of this one."""


def test_a_script_in_a_name_is_text(desktop: Page, address: str) -> None:
    desktop.goto(address)
    assert desktop.title().startswith("Attendance of Firstbell Primary School")
    assert desktop.locator(".strips [data-name]", has_text=ODD_NAME).count() == 1


def test_every_strip_says_in_words_what_it_draws(desktop: Page, address: str) -> None:
    desktop.goto(address)
    row = desktop.locator(".strips tbody tr", has_text="Cal")
    said = row.locator("[role=img]").get_attribute("aria-label")
    assert said == (
        "Autumn: 22 of 146 possible sessions missed: 4 authorised, 18 unauthorised. "
        "Spring: 1 of 58 possible sessions missed: 1 authorised, 1 late but attended."
    )
    assert desktop.locator(".strips tbody [role=img]").count() == len(REGISTER)


def test_the_marks_of_the_year_unfold_in_register_notation(desktop: Page, address: str) -> None:
    desktop.goto(address)
    row = desktop.locator(".strips tbody tr", has_text="Cal")
    row.locator("summary").click()
    assert r" 7 Oct  II /\ OO OO OO" in row.locator("pre").first.inner_text()


def test_without_script_everything_is_there_and_no_control_is_dead(browser: Browser, address: str) -> None:
    plain = browser.new_context(java_script_enabled=False)
    shown = plain.new_page()
    shown.goto(address)
    assert shown.locator(".strips tbody tr:visible").count() == len(REGISTER)
    assert not shown.locator("#tools").is_visible()
    shown.get_by_text("Find a pupil by name").click()
    shown.get_by_role("link", name="Dee").last.click()
    assert shown.url.endswith("#p3")
    plain.close()


def shown_names(shown: Page) -> list[str]:
    return shown.locator(".strips tbody tr:visible [data-name]").all_inner_texts()


def test_the_lowest_attendance_comes_first_and_no_rate_last_until_ordered_by_name(
    desktop: Page, address: str
) -> None:
    desktop.goto(address)
    assert shown_names(desktop) == [ODD_NAME, "Cal", "Ben", "Amira", "Dee"]
    desktop.get_by_label("Order").select_option("name")
    assert shown_names(desktop) == [ODD_NAME, "Amira", "Ben", "Cal", "Dee"]


def test_pupils_can_be_found_by_name_and_by_being_over_a_line(mobile: Page, address: str) -> None:
    mobile.goto(address)
    mobile.get_by_label("Name or group").fill("am")
    assert shown_names(mobile) == ["Amira"]
    mobile.get_by_label("Name or group").fill("")
    mobile.get_by_label("only who is over a line now").check()
    assert shown_names(mobile) == [ODD_NAME, "Cal"]
    assert mobile.locator("#shown").inner_text() == "2 of 5 shown"


def test_a_link_to_a_pupil_who_is_filtered_out_shows_all_again(desktop: Page, address: str) -> None:
    desktop.goto(address)
    desktop.get_by_label("Name or group").fill("amira")
    desktop.locator(".over").get_by_role("link", name="Cal").first.click()
    assert "Cal" in shown_names(desktop)


def test_on_paper_the_evidence_stands_open_and_controls_are_gone(desktop: Page, address: str) -> None:
    desktop.goto(address)
    desktop.emulate_media(media="print")
    assert desktop.locator(".evidence .spells").first.is_visible()
    assert not desktop.locator("#tools").is_visible()
    assert desktop.locator(".strips svg:visible").count() > 0


def test_it_prints_on_a4_landscape(desktop: Page, address: str, tmp_path: Path) -> None:
    desktop.goto(address)
    printed = desktop.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 841.9" in printed
