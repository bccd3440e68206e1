"""What is asked of every page that is written: each page's tests inherit it, and give the `address`."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page


def open_all(shown: Page) -> None:
    shown.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")


class AnyPage:
    @pytest.mark.parametrize("width", [1280, 320])
    def test_axe_finds_nothing_wrong_folded_or_unfolded(
        self, browser: Browser, address: str, width: int
    ) -> None:
        shown = browser.new_page(viewport={"width": width, "height": 900})
        shown.goto(address)
        folded = Axe().run(shown)
        assert folded.violations_count == 0, folded.generate_report()
        open_all(shown)
        unfolded = Axe().run(shown)
        assert unfolded.violations_count == 0, unfolded.generate_report()
        shown.close()

    @pytest.mark.parametrize("width", [1280, 320])
    def test_it_scrolls_in_one_direction_only(self, browser: Browser, address: str, width: int) -> None:
        shown = browser.new_page(viewport={"width": width, "height": 900})
        shown.goto(address)
        open_all(shown)
        assert shown.evaluate("document.documentElement.scrollWidth") == width
        shown.close()

    def test_nothing_is_loaded_from_elsewhere(self, desktop: Page, address: str) -> None:
        asked: list[str] = []
        desktop.on("request", lambda request: asked.append(request.url))
        desktop.goto(address)
        assert asked == [address]
