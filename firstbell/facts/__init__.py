"""What happened, who knew it when, and what of it stands?

Everything that is not a mark: who rang, what was sent, decided, agreed. A closed list of kinds with typed
data: `absences` has those of a morning, `missing` those of a pupil who is gone during the day, `cases` those
of working with a family, `provision` those of education elsewhere, `school` those of law and of the school as
a whole. Facts are never changed: `Facts.as_known` gives what stood at a moment, and
`problems_with_facts` says what cannot be so. Duties are worked out from facts and marks; nothing else drives
them.
"""

from firstbell.facts.checking import problems_with_facts
from firstbell.facts.data import Data
from firstbell.facts.fact import About, By, Fact, Facts
from firstbell.facts.kinds import (
    KINDS,
    Reference,
    Wrong,
    data_of,
    described,
    in_utc,
    parts_of,
    pupils_in,
    references_of,
    registry,
    with_seconds,
)

__all__ = [
    "KINDS",
    "About",
    "By",
    "Data",
    "Fact",
    "Facts",
    "Reference",
    "Wrong",
    "data_of",
    "described",
    "in_utc",
    "parts_of",
    "problems_with_facts",
    "pupils_in",
    "references_of",
    "registry",
    "with_seconds",
]
