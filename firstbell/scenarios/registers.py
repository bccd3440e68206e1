"""From the lines of `[[registers]]`: which registers were saved at another time than when they closed?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from firstbell.policy.lines import Path
from firstbell.scenarios.format import RegisterLine
from firstbell.scenarios.pupils import session_from
from firstbell.scenarios.scenario import Pupil, Saving
from firstbell.scenarios.tables import Reader, pointing
from firstbell.sessions import LONDON, Calendar, Session

__all__ = ["RegistersReading"]


@dataclass
class RegistersReading:
    """What the lines are read against, and by session and pupil the row of the line that saves the mark."""

    reader: Reader
    calendar: Calendar
    last: Session
    refs: Collection[str]
    groups: Collection[str]
    pupils: Mapping[str, Pupil]
    saved_in: dict[tuple[Session, str], int] = field(default_factory=dict)

    def registers(self, lines: Iterable[tuple[Path, RegisterLine]]) -> tuple[Saving, ...]:
        """The registers that were saved at other times; what is wrong with a line is noted."""
        found = (self._register(line, path) for path, line in lines)
        return tuple(one for one in found if one is not None)

    def _register(self, line: RegisterLine, path: Path) -> Saving | None:
        session = session_from(line.session)
        row = self.reader.lines.of(*path)
        self._check_whom(line, path)
        if session is None:
            what = f'"session" is "{line.session}".'
            self.reader.problem("session", (*path, "session"), what, "Write it as 2025-09-17 AM, in quotes.")
            return None
        groups = {pupil.year_group_on(session.on) for pupil in self.pupils.values()}
        there = any(self.calendar.has(session, group) for group in groups or (None,))
        if session > self.last or not there:
            what = f"{session} is no session up to {self.last}, the last with a register."
            self.reader.problem("session", (*path, "session"), what, "Correct it, or the calendar.")
        if line.saved_at.astimezone(LONDON).date() != session.on:
            what = f"the register of {session} was saved on {line.saved_at.astimezone(LONDON):%Y-%m-%d}."
            self.reader.problem("register", (*path, "saved_at"), what, "Write a moment of the same day.")
        refs = self._refs(line)
        for ref in sorted(self.pupils if refs is None else refs):
            if (other := self.saved_in.get((session, ref))) is not None:
                what = f"the line in row {other} saves the register of {session} with {ref} already."
                self.reader.problem("twice", path, what, "Name each pupil in one of the lines.")
                break
            self.saved_in[session, ref] = row
        return Saving(row, session, line.saved_at, refs)

    def _refs(self, line: RegisterLine) -> frozenset[str] | None:
        """The pupils whose marks a line saves; None for everybody."""
        if not line.pupils and not line.groups:
            return None
        classes = (ref for ref, pupil in self.pupils.items() if pupil.group in line.groups)
        return frozenset((*line.pupils, *classes))

    def _check_whom(self, line: RegisterLine, path: Path) -> None:
        known = (("pupils", line.pupils, self.refs), ("groups", line.groups, self.groups))
        for name, stated, there in known:
            for one in stated:
                if one not in there:
                    what = f'there is no {name[:-1]} "{one}".'
                    remedy = pointing(one, there, "Add it, or correct the name.")
                    self.reader.problem("whom", (*path, name), what, remedy)
