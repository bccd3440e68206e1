"""Takes the pictures of the README from invented schools, pages and a letter: `make pictures`, with Chromium.

Not compared in tests, because fonts differ between machines; taken anew when the page changes.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pypdfium2
from playwright.sync_api import FloatRect, Page, sync_playwright

from firstbell.cli import PAGE, main
from firstbell.cli.review import REPORT
from tests.web.conftest import ARGUMENTS, CHROMIUM

DOCS = Path(__file__).parent
SHOWN = {"figures-page.png": ("h1", 1000), "figures-strips.png": ("#pupils", 900)}


REVIEW_SHOWN = ("review-page.png", 1100)
POLICY_SHOWN = ("policy-morning.png", 1270)
POLICIES = DOCS.parent / "firstbell" / "policies"
MORNING = "trust-middle"
"""The policy with a morning by the minute."""


def take() -> None:
    """Works out the figures of the example school, reviews an invented one, and photographs parts of both."""
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
        review = _reviewed(Path(folder))
        page.goto((review / REPORT).as_uri())
        name, height = REVIEW_SHOWN
        clip = FloatRect(x=0, y=0, width=1280, height=height)
        page.screenshot(path=DOCS / name, full_page=True, clip=clip)
        _policy(page, Path(folder))
        browser.close()
        _letter(review)


def _reviewed(folder: Path) -> Path:
    """The review of an invented primary school on a day."""
    main(["synth", "primary", "--pupils", "210", "--out", f"{folder}/primary"])
    arguments = ["review", "--policy", "primary-rewards", "--least-possible", "40", "--on", "2025-03-14"]
    for name in ("calendar.toml", "pupils.csv", "marks.csv", "contacts.csv", "facts.jsonl"):
        arguments += [f"--{name.partition('.')[0]}", f"{folder}/primary/{name}"]
    arguments += ["--settings", f"{folder}/primary/school.toml"]
    main([*arguments, "--out", f"{folder}/review"])
    return folder / "review"


def _policy(page: Page, folder: Path) -> None:
    """The morning of an absence in a published policy."""
    name, height = POLICY_SHOWN
    settings = f"{POLICIES}/{MORNING}/example-school.toml"
    main(["policy", "show", MORNING, "--settings", settings, "--out", f"{folder}/policy"])
    page.goto((folder / "policy" / "policy.html").as_uri())
    box = page.locator("#the-morning-of-an-absence").bounding_box()
    assert box is not None
    clip = FloatRect(x=130, y=box["y"] - 20, width=860, height=height)
    page.screenshot(path=DOCS / name, full_page=True, clip=clip)


def _letter(review: Path) -> None:
    """The first page of a letter about attendance below 95%, as a picture."""
    rows = csv.DictReader((review / "letters" / "print-run.csv").read_text(encoding="utf-8-sig").splitlines())
    letters = [row for row in rows if row["letter"] == "below-95"]
    wanted = min(letters, key=lambda row: (row["pages"], row["reference"]))
    document = pypdfium2.PdfDocument(review / "letters" / f"{wanted['reference']}.pdf")
    document[0].render(scale=1.3).to_pil().save(DOCS / "letter.png", optimize=True)


if __name__ == "__main__":
    take()
