"""The facts of a pupil who was in school and then was not where they should be."""

from __future__ import annotations

from datetime import time
from typing import Annotated, ClassVar, Literal

from firstbell.facts.data import Data, FactId, Words, part, refers_to

__all__ = ["LessonMissed", "MissingClosed", "MissingNoticed", "MissingStep"]


class LessonMissed(Data, frozen=True, kw_only=True):
    """A pupil missed a lesson, or a part of the day, of which nobody had told the school why."""

    kind: ClassVar[str] = "lesson missed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    lesson: Annotated[str, part("which")]
    starts_at: Annotated[time | None, part("when the lesson began")] = None
    on_site: Annotated[Literal["yes", "no", "not known"], part("whether the pupil was on site")] = "not known"
    truancy: Annotated[Literal["yes", "no", "not decided"], part("what a person made of it")] = "not decided"
    words: Annotated[Words, part("why")] = ""


class MissingNoticed(Data, frozen=True, kw_only=True):
    """A pupil is missing during the day: an incident opens. `at` is the minute at which it was noticed."""

    kind: ClassVar[str] = "missing noticed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    last_seen_at: Annotated[time | None, part("when the pupil was last seen")] = None
    last_seen: Annotated[Words, part("where, with whom, wearing what")] = ""
    head_told: Annotated[bool, part("whether the headteacher was told at once")] = True


class MissingStep(Data, frozen=True, kw_only=True):
    """A step in looking for a missing pupil. `at` is the minute."""

    kind: ClassVar[str] = "missing step"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    incident: Annotated[FactId, refers_to("missing noticed", "the incident")]
    step: Annotated[
        Literal[
            "premises searched",
            "area searched",
            "parents told",
            "emergency contacts tried",
            "police told",
            "professionals told",
        ],
        part("which"),
    ]
    places: Annotated[tuple[str, ...], part("the places that were searched")] = ()
    searched_by: Annotated[tuple[str, ...], part("the ids of the staff")] = ()
    words: Annotated[Words, part("what came of it")] = ""


class MissingClosed(Data, frozen=True, kw_only=True):
    """A missing pupil was found, or others look now; what happened was written down."""

    kind: ClassVar[str] = "missing closed"
    needs: ClassVar[tuple[str, ...]] = ("enrolment",)
    once_per: ClassVar[str] = "incident"
    incident: Annotated[FactId, refers_to("missing noticed", "the incident")]
    outcome: Annotated[
        Literal["found on site", "found off site", "at home", "with the police"], part("which")
    ]
    told: Annotated[tuple[str, ...], part("who was told: parents, police, social worker")] = ()
    circumstances: Annotated[Words, part("the incident form: how it happened")] = ""
    conclusion: Annotated[Words, part("what the investigation found, and what changes")] = ""
