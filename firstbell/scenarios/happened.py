"""From the lines of `[[facts]]`: what happened, and which facts do a duty that is still to be found?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from firstbell.facts import (
    KINDS,
    About,
    By,
    Data,
    Fact,
    Facts,
    Wrong,
    data_of,
    described,
    problems_with_facts,
    pupils_in,
    references_of,
)
from firstbell.policy.lines import Path
from firstbell.problems import Problem
from firstbell.scenarios.format import FactLine
from firstbell.scenarios.scenario import Pupil
from firstbell.scenarios.tables import Reader, pointing
from firstbell.sessions import LONDON

__all__ = ["FactsReading"]

NOON = time(12, 0)
DUTY = "duty"
"""The part of a kind that holds the key of a duty, which no file can know."""


@dataclass
class FactsReading:
    """One reading of the facts of a file. `refs` are all refs of pupils, `parents` all names of parents."""

    reader: Reader
    refs: Collection[str]
    parents: Collection[str]
    ids: Collection[str]
    does: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    at_noon: Counter[date] = field(default_factory=Counter)

    def facts(self, lines: Iterable[tuple[Path, FactLine]]) -> list[Fact]:
        """The facts that have no fault by themselves, in the order of the file."""
        found = []
        for path, line in lines:
            before = len(self.reader.problems)
            fact = self._fact(line, path)
            if fact is not None and len(self.reader.problems) == before:
                found.append(fact)
        return found

    def together(self, facts: list[Fact], pupils: Mapping[str, Pupil]) -> tuple[Facts, list[Problem]]:
        """The facts in the order in which they became known, and what is odd about them.

        What cannot be so is noted. Asked only when all pupils and facts could be read: what speaks of a fact
        that has a fault would seem to have one, too.
        """
        ordered = Facts.in_order(facts)
        problems = problems_with_facts(
            ordered,
            {ref: pupil.enrolment for ref, pupil in pupils.items()},
            named=lambda key: f"{key} in row {self.rows[key]}",
        )
        odd = []
        for key, said in problems.items():
            for one in said:
                if one.severity == "error":
                    self.reader.problem("fact", self.paths[key], one.what, one.remedy, one.source)
                else:
                    odd.append(one)
        return ordered, odd

    def _fact(self, line: FactLine, path: Path) -> Fact | None:
        key = line.id or f"f{int(path[-1]) + 1}"
        if key in self.rows:
            what = f'"{key}" is the fact in row {self.rows[key]} already.'
            self.reader.problem("twice", (*path, "id"), what, "Give every fact an id of its own.")
        self.rows[key], self.paths[key] = self.reader.lines.of(*path), path
        self._check_whom(line, path)
        if line.replaces and line.replaces not in self.ids:
            remedy = pointing(line.replaces, self.ids, "Name the id of the fact that it corrects.")
            what = f'there is no fact "{line.replaces}".'
            self.reader.problem("fact", (*path, "replaces"), what, remedy)
        data = self._data(line, path)
        times = self._times(line, path)
        if data is None or times is None:
            return None
        if line.does:
            self.does[key] = line.does
        about = About(line.pupil, line.parent, line.staff, line.group)
        return Fact(key, about, *times, By(line.by), data, line.replaces)

    def _check_whom(self, line: FactLine, path: Path) -> None:
        self._check_ref(line.pupil, (*path, "pupil"))
        if line.parent and line.parent not in self.parents:
            remedy = pointing(line.parent, self.parents, "Add it to the parents of a pupil.")
            self.reader.problem("whom", (*path, "parent"), f'there is no parent "{line.parent}".', remedy)

    def _check_ref(self, ref: str, path: Path) -> None:
        if ref and ref not in self.refs:
            remedy = pointing(ref, self.refs, "Add the pupil, or correct the ref.")
            self.reader.problem("whom", path, f'there is no pupil "{ref}".', remedy)

    # --- what it says ----------------------------------------------------------------------------------

    def _data(self, line: FactLine, path: Path) -> Data | None:
        parts = {name: _as_json(value) for name, value in line.data.items()}
        if not self._check_duty(line, parts, path):
            return None
        try:
            data = data_of(line.kind, parts)
        except Wrong as wrong:
            where = (*path, "kind") if wrong.part == "kind" else (*path, "data", wrong.part)
            remedy = wrong.remedy.replace("the UPN or admission number of a pupil", "the refs of pupils")
            what = wrong.what
            if wrong.part == "kind":
                what, remedy = f'there is no kind of fact "{line.kind}".', remedy
            self.reader.problem("fact", where, what, remedy)
            return None
        for name in pupils_in(type(data)):
            for ref in getattr(data, name):
                self._check_ref(ref, (*path, "data", name))
        for reference in references_of(data):
            if reference.id not in self.ids:
                wanted = f'of the kind "{reference.kind}"' if reference.kind else "that it speaks of"
                remedy = pointing(reference.id, self.ids, f"Name the id of the fact {wanted}.")
                where = (*path, "data", reference.part)
                self.reader.problem("fact", where, f'there is no fact "{reference.id}".', remedy)
        return data

    def _check_duty(self, line: FactLine, parts: dict[str, Any], path: Path) -> bool:
        """Whether `does` stands where it can; a kind that must name a duty gets an empty key to be filled."""
        own = [one for one in described(KINDS[line.kind]) if one.name == DUTY] if line.kind in KINDS else []
        if DUTY in parts and own:
            what = "the key of a duty cannot be known here."
            remedy = 'Leave it out, and write does = "what is due" in the fact itself.'
            self.reader.problem("does", (*path, "data", DUTY), what, remedy)
            return False
        if line.does and line.kind in KINDS and not own:
            kinds = ", ".join(
                name for name, cls in KINDS.items() if any(p.name == DUTY for p in described(cls))
            )
            what = f'a fact of the kind "{line.kind}" does no duty.'
            remedy = f"Leave it out: what is due may be done by it all the same. Those that can: {kinds}."
            self.reader.problem("does", (*path, "does"), what, remedy)
            return False
        if own and own[0].default is None:
            if not line.does:
                what = f'a fact of the kind "{line.kind}" must say of which duty.'
                self.reader.problem("does", path, what, 'Add does = "what is due".')
                return False
            parts[DUTY] = ""
        return True

    # --- when ------------------------------------------------------------------------------------------

    def _times(self, line: FactLine, path: Path) -> tuple[date, datetime, datetime] | None:
        """The day it is about, when it happened, when the school knew.

        Without `at` it happened at noon of `on`, or when the school knew if that is earlier. Of several on
        one day each is a second later than the one above it, so that one can correct the other.
        """
        if line.on is None and line.at is None:
            self.reader.problem("when", path, "it does not say when.", 'Write "at", or "on" for a day.')
            return None
        if line.at is not None:
            at = line.at
        else:
            assert line.on is not None
            at = datetime.combine(line.on, NOON, LONDON) + timedelta(seconds=self.at_noon[line.on])
            self.at_noon[line.on] += 1
            at = min(at, line.known_at or at).astimezone(UTC)
        on = line.on or at.astimezone(LONDON).date()
        return on, at, line.known_at or at


def _as_json(value: Any) -> Any:
    """A value of TOML as JSON would have it, in which days and moments are texts."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    if isinstance(value, dict):
        return {name: _as_json(one) for name, one in value.items()}
    return value
