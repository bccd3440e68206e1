"""Under which heading does a rule or a clause stand in its file? The comments between them say.

A heading is a comment between hyphens, as `# --- leave ------`. TOML readers drop comments, so the text of
the file is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["sections_of"]

SECTION = re.compile(r"^# -{3,} (?P<title>.+?) -{3,}$")
KEYED = re.compile(r"""^(?:id\s*=\s*"(?P<id>[^"]+)"|"(?P<clause>[^"]+)"\s*=)""")


def sections_of(text: str) -> Mapping[str, str]:
    """The section that each rule or clause of a file stands in, by its id, from the comments above them."""
    found: dict[str, str] = {}
    title = ""
    for line in text.splitlines():
        if section := SECTION.match(line):
            title = section["title"]
        elif (keyed := KEYED.match(line)) and title:
            found[keyed["id"] or keyed["clause"]] = title
    return found
