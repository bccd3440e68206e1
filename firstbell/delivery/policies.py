"""How does a published policy become a PDF? The same blocks as on the page, tagged, as PDF/UA-1.

Its only date is the day from which the policy is in force, so the same policy gives the same bytes.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from firstbell.delivery.compiling import fonts_folder, no_font, read_fonts, refuse_fork
from firstbell.delivery.letters import STANDARDS
from firstbell.problems import Place, Problem, Unusable
from firstbell.reports.published.blocks import Block, Drawing, Heading, Items, Note, Paragraph, Table
from firstbell.reports.published.document import Document, Section
from firstbell.reports.published.marked import Inline, Marked, Node, nodes, plain

__all__ = ["policy_pdf"]

TEMPLATE = "layout/policy.typ"


def policy_pdf(document: Document) -> bytes:
    """The document as PDF/UA-1, the same bytes for the same document.

    Raises `Unusable` if the font is not there, or has not every character of the policy.
    """
    refuse_fork()
    fonts = read_fonts(fonts_folder())
    work = Path(tempfile.mkdtemp(prefix="firstbell-policy-"))
    try:
        (work / "layout").mkdir()
        for shared in (resources.files("firstbell") / "policies" / "layout").iterdir():
            if shared.name.endswith(".typ"):
                (work / "layout" / shared.name).write_bytes(shared.read_bytes())
        (work / "document.json").write_text(json.dumps(_Written(document).whole()), encoding="utf-8")
        return _compiled(work, fonts, document)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _compiled(work: Path, fonts: typst.Fonts, document: Document) -> bytes:
    on = document.in_force_from_on
    compiler = typst.Compiler(str(work / TEMPLATE), root=str(work), font_paths=fonts)
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf",
            pdf_standards=STANDARDS,
            timestamp=int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()),
        )
    except typst.TypstError as refused:
        what = f"The policy could not be written as a PDF: {refused}."
        remedy = "If it names a character, the font has none for it: write it otherwise."
        raise Unusable([Problem("policy-pdf", Place(), what, remedy)]) from None
    if any("unknown font family" in str(warning) for warning in warnings):
        raise Unusable([no_font("The policy asks for a font that is not there.")])
    assert isinstance(pdf, bytes)
    return pdf


class _Written:
    """A document as the template reads it: everything that is marked, as a tree."""

    def __init__(self, document: Document) -> None:
        self.document = document
        blocks = [*document.head, *(block for section in document.sections for block in section.blocks)]
        self.anchors = {section.anchor for section in document.sections}
        self.anchors |= {one for block in blocks if isinstance(block, Table) for one in block.anchors}

    def whole(self) -> dict[str, Any]:
        return {
            "title": plain(self.document.title),
            "school": plain(self.document.school),
            "head": [self.block(one) for one in self.document.head],
            "sections": [self.section(one) for one in self.document.sections],
        }

    def section(self, section: Section) -> dict[str, Any]:
        blocks = [self.block(one) for one in section.blocks]
        return {
            "title": section.title,
            "anchor": section.anchor,
            "page": section.has_chart,
            "wide": section.is_wide,
            "blocks": blocks,
        }

    def block(self, block: Block) -> dict[str, Any]:
        match block:
            case Heading():
                return {"is": "heading", "level": block.level, "text": self.text(block.text)}
            case Paragraph():
                return {"is": "paragraph", "text": self.text(block.text)}
            case Note():
                return {"is": "note", "text": self.text(block.text)}
            case Items():
                return self.items(block)
            case Table():
                return self.table(block)
            case Drawing():
                return {"is": "drawing", "svg": block.svg, "alt": f"{block.title}. {block.words}"}

    def items(self, block: Items) -> dict[str, Any]:
        items = [
            {"text": self.text(item), "below": [self.text(one) for one in block.under(number)]}
            for number, item in enumerate(block.items)
        ]
        return {"is": "items", "numbered": block.is_numbered, "items": items}

    def table(self, block: Table) -> dict[str, Any]:
        shown = block.caption and not block.hides_caption
        return {
            "is": "table",
            "caption": self.text(block.caption) if shown else [],
            "headings": [self.text(one) for one in block.headings],
            "rows": [[[self.text(line) for line in cell] for cell in row] for row in block.rows],
            "widths": list(block.widths),
            "anchors": list(block.anchors),
            "running": block.is_running,
        }

    def text(self, marked: Marked) -> list[Any]:
        return [one for part in nodes(marked) for one in self.inline(part)]

    def inline(self, part: Inline) -> Iterable[Any]:
        if isinstance(part, str):
            return [part]
        inside = [one for inner in part.inside for one in self.inline(inner)]
        if part.kind == "link" and not self.leads_somewhere(part):
            return inside
        return [{"is": part.kind, "parts": inside, "to": part.to}]

    def leads_somewhere(self, part: Node) -> bool:
        """Whether a link within the document has an end there: Typst refuses one that has not."""
        return not part.to.startswith("#") or part.to[1:] in self.anchors
