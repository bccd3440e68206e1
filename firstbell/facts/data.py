"""What do all kinds of facts have in common, and how does a kind say what its parts mean?

Each kind is a class of its own with typed parts, a sentence for each, and what must hold between them. The
name of the kind stands in files; its version is raised when its form changes, and older data are read up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, TypeAlias

import msgspec

__all__ = [
    "Data",
    "EnrolmentIds",
    "FactId",
    "Number",
    "Pairs",
    "Parts",
    "PersonId",
    "Words",
    "part",
    "refers_to",
]

Parts: TypeAlias = dict[str, Any]
Words = Annotated[str, msgspec.Meta(max_length=2000)]
"""Free text, as somebody wrote it. It is shown to those who may see it and never interpreted."""
PersonId = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
"""The id of a parent, another contact or a member of staff, as the files of people have it."""
FactId = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
EnrolmentIds = Annotated[tuple[str, ...], msgspec.Meta(extra_json_schema={"pupils": True})]
"""Several pupils, by the ids of their enrolments; files may name them by their numbers."""
Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Two texts that belong together, several times: a person and what they do, a question and its answer."""
Number = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


def part(says: str) -> msgspec.Meta:
    """What a part of a kind says, for its reference."""
    return msgspec.Meta(description=says)


def refers_to(kind: str, says: str) -> msgspec.Meta:
    """A part that holds the id of a fact of `kind`; of any kind if that is empty."""
    return msgspec.Meta(description=says, extra={"refers_to": kind})


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a fact of one kind says. Subclasses name their kind and say what each part means."""

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ()
    """Whom such a fact must be about: "enrolment", "parent", "staff" or "group"; nothing means the school."""
    once_per: ClassVar[str] = ""
    """The part of which there may be only one standing fact: a request for leave is decided once."""
    against: ClassVar[tuple[str, ...]] = ()
    """Other kinds that answer the same `once_per`: a letter is sent or withheld, not both."""
    takes_back: ClassVar[bool] = False
    read_up: ClassVar[dict[int, Callable[[Parts], Parts]]] = {}
    """By version, how its parts become those of the next."""

    def __repr__(self) -> str:
        # What a fact says is personal, and a repr may end up in a log.
        return f"{type(self).__name__}(...)"

    def faults(self) -> Iterator[tuple[str, str]]:
        """What cannot be so: the part, and why. By default that a last day comes before a first."""
        first, last = getattr(self, "from_on", None), getattr(self, "until_on", None)
        if isinstance(first, date) and isinstance(last, date) and last < first:
            yield "until_on", f"The last day, {last}, comes before the first, {first}."
