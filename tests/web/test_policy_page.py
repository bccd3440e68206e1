"""The page of a published policy in a browser: accessible, self-contained, narrow and wide, on paper."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page

from firstbell.reports.published.page import policy_page
from tests import published
from tests.web.any_page import AnyPage

pytestmark = pytest.mark.browser
LADDER = "trust-middle"
"""The policy with a morning by the minute."""


def written(folder: Path, name: str, *, with_settings: bool) -> str:
    page = folder / "policy.html"
    page.write_text(policy_page(published.shown(name, with_settings=with_settings)), encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("page"), LADDER, with_settings=True)


class TestWithSettings(AnyPage):
    """What every page keeps, of a policy with a school's settings."""


class TestWithoutSettings(AnyPage):
    """The same of one that says in place what the school has to state."""

    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return written(tmp_path, "primary-rewards", with_settings=False)


class TestTableOfThresholds(AnyPage):
    """The same of one that is little more than a table of responsibilities."""

    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return written(tmp_path, "threshold-table", with_settings=True)


def test_the_first_stop_of_the_keyboard_leads_past_the_contents(desktop: Page, address: str) -> None:
    desktop.goto(address)
    skip = desktop.locator(".skip")
    desktop.keyboard.press("Tab")
    assert skip.evaluate("one => one === document.activeElement")
    assert skip.bounding_box() is not None and (skip.bounding_box() or {"y": -1})["y"] >= 0
    desktop.keyboard.press("Enter")
    assert desktop.evaluate("document.activeElement.id") == "policy"


def test_every_entry_of_the_contents_leads_to_its_heading(desktop: Page, address: str) -> None:
    desktop.goto(address)
    for link in desktop.locator("nav a").all():
        link.click()
        assert desktop.locator(":target").inner_text() == link.inner_text()


OUTSIDE = """() => {
    const boxes = [...document.querySelectorAll('.chart rect, .chart polygon')].map(one => one.getBBox());
    const holds = (box, x, y) => x >= box.x && x < box.x + box.width && y > box.y && y < box.y + box.height;
    const ends = text => [text.x + text.width, text.y + text.height - 2];
    return [...document.querySelectorAll('.chart text')].filter(one => {
        const text = one.getBBox(), own = boxes.find(box => holds(box, text.x, text.y + text.height / 2));
        return own && !(text.y >= own.y - .5 && holds(own, ...ends(text)));
    }).map(one => one.textContent);
}"""
"""The texts that begin in a box of the chart and do not end in it."""


def test_every_text_of_the_chart_fits_its_box(desktop: Page, address: str) -> None:
    desktop.goto(address)
    outside = desktop.evaluate(OUTSIDE)
    assert outside == []
    assert desktop.locator(".chart text").count() > 30


def test_the_times_beside_the_chart_stand_clear_of_the_boxes_and_the_edge(
    desktop: Page, address: str
) -> None:
    desktop.goto(address)
    times = desktop.evaluate(
        "[...document.querySelectorAll('.chart text[text-anchor=end]')].map(one => one.getBBox())"
        ".map(one => [one.x, one.x + one.width])"
    )
    left = desktop.evaluate("document.querySelector('.chart rect').getBBox().x")
    assert times and all(start >= 0 and end < left for start, end in times)


def test_on_a_narrow_screen_the_list_stands_for_the_chart(mobile: Page, address: str) -> None:
    mobile.goto(address)
    assert not mobile.locator(".chart").is_visible()
    steps = mobile.locator("section[aria-labelledby=the-morning-of-an-absence] ol").first
    assert steps.is_visible() and "Is the pupil here?" in steps.inner_text()


def test_the_chart_is_one_picture_with_words_for_whoever_is_read_to(desktop: Page, address: str) -> None:
    desktop.goto(address)
    chart = desktop.locator("[role=img]")
    assert chart.count() == 1
    words = chart.get_attribute("aria-label") or ""
    assert words.startswith("The morning of an absence, as a flow chart. 1. by 08:40: Parents tell")


def test_without_script_nothing_is_missing(browser: Browser, address: str) -> None:
    plain = browser.new_context(java_script_enabled=False)
    shown = plain.new_page()
    shown.goto(address)
    assert shown.locator("main section:visible").count() == len(published.shown(LADDER).sections)
    plain.close()


def test_on_paper_it_is_a4_with_the_chart_on_one_page_and_the_wide_table_across(
    desktop: Page, address: str
) -> None:
    desktop.goto(address)
    reader = pypdf.PdfReader(io.BytesIO(desktop.pdf(prefer_css_page_size=True)))
    sizes = {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in reader.pages}
    assert sizes == {(595, 842), (842, 595)}
    pages = [page.extract_text() for page in reader.pages]
    own = [text for text in pages if "Is the pupil here?" in text and "Marked present, or late." in text]
    first = own[0]
    assert "Every absent child is known to be safe" in first and "If the absence goes on" in first
    assert "The same as a list" not in first and "When a child cannot come" not in first
    across = [page for page in reader.pages if float(page.mediabox.width) > 800]
    assert "Who does what, by case and audience" in across[0].extract_text()
    assert not any("Skip to the policy" in text for text in pages)
