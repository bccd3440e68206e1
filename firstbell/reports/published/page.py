"""The published policy as one page that opens in any browser: no script, nothing loaded, and it prints.

The template lays out the document's blocks and decides nothing. All text is escaped by the template engine;
only the drawing, which is made here and escapes its own texts, is put in as it is.
"""

from __future__ import annotations

from firstbell.reports.page import templates
from firstbell.reports.published.document import Document
from firstbell.reports.published.marked import nodes

__all__ = ["policy_page"]


def policy_page(document: Document) -> str:
    """The page as HTML."""
    return templates().get_template("policy.html").render(document=document, nodes=nodes, kind=_kind)


def _kind(block: object) -> str:
    """The name of a block's kind, by which the template knows it."""
    return type(block).__name__
