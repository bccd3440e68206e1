"""What is a scenario, once it has been read and nothing in it is wrong?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from firstbell.facts import Facts
from firstbell.problems import Place, Problem
from firstbell.register import Enrolment
from firstbell.scenarios.format import ScenarioFile, ThenLine
from firstbell.sessions import Calendar, Half, Session

__all__ = ["Amending", "Expected", "Pupil", "Saving", "Scenario", "When"]


@dataclass(frozen=True)
class When:
    """When something is judged: at a moment, when a register has closed, or at the end of a day.

    `half` is None for the end of the day, whether or not it had registers.
    """

    on: date
    half: Half | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        if self.at is not None:
            return f"{self.at:%Y-%m-%d %H:%M}"
        return str(self.on) if self.half is None else f"{self.on} {self.half.name}"


@dataclass(frozen=True)
class Amending:
    """One amendment of a pupil's mark; `original` is "" for a session that nobody had marked."""

    row: int
    session: Session
    original: str
    amended: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class Saving:
    """When the register of a session was saved, and for whom: by their refs, or for everybody if None."""

    row: int
    session: Session
    at: datetime
    refs: frozenset[str] | None = None

    def is_of(self, ref: str, session: Session) -> bool:
        """Whether it saved a pupil's mark of a session."""
        return session == self.session and (self.refs is None or ref in self.refs)


@dataclass(frozen=True)
class Pupil:
    """A pupil: the enrolment, whose id is the ref, and what the register says of them.

    `marks` are the sessions that are not just present, as they were when their registers closed; "" is
    unmarked. Before `marked_from` nobody has marked. `year_group` is that of the scenario's school year,
    `contacts` are all contacts in the order in which they are rung; empty: the parents.
    """

    ref: str
    row: int
    enrolment: Enrolment
    year_group: str
    group: str
    parents: tuple[str, ...]
    marked_from: date
    marks: Mapping[Session, str] = field(repr=False)
    amendments: tuple[Amending, ...] = ()
    contacts: tuple[str, ...] = ()

    @property
    def family(self) -> tuple[str, ...]:
        """The parents and all other contacts."""
        return tuple(dict.fromkeys((*self.parents, *self.contacts)))

    def year_group_on(self, day: date) -> str:
        """The year group on a day: `year_group` in the school year of the scenario, another in others."""
        return self.enrolment.year_group(day) or self.year_group


@dataclass(frozen=True)
class Expected:
    """A line of `[[then]]`: where it stands, as it was written, when it is judged, and about which pupils.

    With several pupils it must hold for each of them; with none it is about `line.group` or the school.
    """

    row: int
    line: ThenLine
    when: When
    pupils: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario. `shown` is how its file is called in messages, `last` the last session with a register.

    `does` has, by the id of a fact, the duty that it does: the fact's own `duty` is empty until somebody has
    found the key. `warnings` are what is odd about facts and may be meant. `registers` are those that were
    saved at another time than when they closed.
    """

    path: Path
    shown: str
    written: ScenarioFile = field(repr=False)
    calendar: Calendar = field(repr=False)
    when: When
    last: Session
    pupils: tuple[Pupil, ...] = field(repr=False)
    facts: Facts = field(repr=False)
    does: Mapping[str, str]
    rows_of_facts: Mapping[str, int] = field(repr=False)
    rows_of_settings: Mapping[str, int] = field(repr=False)
    then: tuple[Expected, ...] = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    registers: tuple[Saving, ...] = ()

    @property
    def id(self) -> str:
        """Its name, different for every scenario of a folder."""
        return self.written.id

    @property
    def title(self) -> str:
        """What it shows, in a few words."""
        return self.written.title

    @property
    def policy(self) -> str:
        """The id of a policy, or the path to a folder as the file writes it: seen from the file's folder."""
        return self.written.policy

    @property
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """What is laid over the settings of the policy's example school, by the id of a rule."""
        return self.written.settings

    def place(self, row: int, part: str | None = None) -> Place:
        """A line of its file, for a problem."""
        return Place(self.shown, row, part=part)
