"""Takes the pictures of the README from the page of the example school: `make pictures`, with Chromium.

Not compared in tests, because fonts differ between machines; taken anew when the page changes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import FloatRect, sync_playwright

from firstbell.cli import PAGE, main
from tests.web.conftest import ARGUMENTS, CHROMIUM

DOCS = Path(__file__).parent
SHOWN = {"figures-page.png": ("h1", 1000), "figures-strips.png": ("#pupils", 900)}


def take() -> None:
    """Works out the figures of the example school and photographs parts of its page."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        main(["synth", "example", "--out", f"{folder}/files"])
        files = [f"{folder}/files/{name}" for name in ("marks.csv", "pupils.csv", "calendar.toml")]
        named = [
            text for pair in zip(("--marks", "--pupils", "--calendar"), files, strict=True) for text in pair
        ]
        main(["figures", *named, "--least-possible", "40", "--out", f"{folder}/figures"])
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto((Path(folder) / "figures" / PAGE).as_uri())
        for name, (selector, height) in SHOWN.items():
            box = page.locator(selector).first.bounding_box()
            assert box is not None
            clip = FloatRect(x=0, y=max(0, box["y"] - 40), width=1280, height=height)
            page.screenshot(path=DOCS / name, full_page=True, clip=clip)
        browser.close()


if __name__ == "__main__":
    take()
