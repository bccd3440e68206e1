"""Reads scenarios: files in, values out, or every fault at once, each with its line and a remedy.

Nothing is guessed. A key that there is not, a code that was none on the day, a name that nobody has: a
scenario that says something else than its author meant would be worse than none. What is due, the figures and
the actions have the names that policies give them; whoever runs a scenario looks at those.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import msgspec

from firstbell.policy.lines import Lines, line_of_fault
from firstbell.problems import Place, Problem, Unusable
from firstbell.scenarios.expected import ThenReading, when_of
from firstbell.scenarios.format import (
    FactLine,
    GroupLine,
    PupilLine,
    RegisterLine,
    ScenarioFile,
    ThenLine,
    keys_of,
)
from firstbell.scenarios.happened import FactsReading
from firstbell.scenarios.pupils import NAME, PupilsReading
from firstbell.scenarios.registers import RegistersReading
from firstbell.scenarios.scenario import Expected, Pupil, Saving, Scenario, When
from firstbell.scenarios.tables import Reader, nearest
from firstbell.sessions import Calendar, Half, Session, read_calendar
from firstbell.statute import Statute, england

__all__ = ["CALENDARS", "SURVIVORS", "read_scenario", "read_scenarios", "scenario_files"]

CALENDARS = "calendars"
"""The folder, beside a scenario or above it, in which calendars are looked for by their names."""
SURVIVORS = "survivors.toml"
"""The file that says why no scenario could notice some changes of a policy."""
LISTS = ("pupils", "groups", "registers", "facts", "then")


def scenario_files(folder: FilePath) -> tuple[FilePath, ...]:
    """The files of a folder and of those in it that are scenarios, by name.

    All that end in `.toml`, but for calendars (in folders of that name), the files of a policy (in folders
    that have a `policy.toml`) and what explains survivors of a mutation run.
    """
    found = (
        path
        for path in folder.rglob("*.toml")
        if CALENDARS not in path.relative_to(folder).parts[:-1]
        and path.name != SURVIVORS
        and not (path.parent / "policy.toml").exists()
    )
    return tuple(sorted(found))


def read_scenarios(folder: FilePath, statute: Statute | None = None) -> tuple[Scenario, ...]:
    """All scenarios of a folder. Raises `Unusable` with every fault of every file, and for an id used twice.

    Files are called by their paths from the folder.
    """
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in scenario_files(folder):
        shown = path.relative_to(folder).as_posix()
        try:
            one = read_scenario(path, statute, shown=shown)
        except Unusable as unusable:
            problems += unusable.problems
            continue
        same = next((other for other in found if other.id == one.id), None)
        if same is not None:
            what = f'"{one.id}" is the id of {same.shown} already.'
            where = Place(shown, 1, part="id")
            problems.append(Problem("scenario-twice", where, what, "Give every scenario an id of its own."))
        found.append(one)
    if problems:
        raise Unusable(problems)
    return tuple(found)


def read_scenario(path: FilePath, statute: Statute | None = None, *, shown: str = "") -> Scenario:
    """The scenario of a file, with its calendar.

    `statute` is the law by which codes are looked at, England's if none is given; `shown` is how messages
    call the file, its name if left out. Raises `Unusable` with every fault.
    """
    name = shown or path.name
    content, lines = _parsed(path, name)
    return _Reading(path, Reader(name, lines), statute or england()).scenario(content)


def _parsed(path: FilePath, name: str) -> tuple[dict[str, Any], Lines]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        problem = Problem("scenario-file", Place(name), "this is no text in UTF-8.", "Save it as UTF-8.")
        raise Unusable([problem]) from None
    try:
        return tomllib.loads(text), Lines(text)
    except tomllib.TOMLDecodeError as error:
        remedy = (
            "Correct that line: days as 2025-09-03, times as 09:20:00, words in straight quotation marks, "
            "and what has a backslash in 'single' ones."
        )
        where = Place(name, line_of_fault(error, text))
        raise Unusable([Problem("scenario-toml", where, f"this is not TOML: {error}.", remedy)]) from None


class _Reading:
    """One reading of one file."""

    def __init__(self, path: FilePath, reader: Reader, statute: Statute) -> None:
        self.path, self.reader, self.statute = path, reader, statute
        self.outside: list[Problem] = []

    def scenario(self, content: dict[str, Any]) -> Scenario:
        head = self._head(content)
        pupil_lines = self.reader.tables(PupilLine, content.get("pupils", []), ("pupils",))
        group_lines = self.reader.tables(GroupLine, content.get("groups", []), ("groups",))
        register_lines = self.reader.tables(RegisterLine, content.get("registers", []), ("registers",))
        fact_lines = self.reader.tables(FactLine, content.get("facts", []), ("facts",))
        named = _Named(content, [line for _, line in group_lines])
        calendar = self._calendar(content)
        when = when_of(head.on) if head is not None else None
        last = self._last(calendar, when) if calendar is not None and when is not None else None
        pupils: dict[str, Pupil] = {}
        registers: tuple[Saving, ...] = ()
        if calendar is not None and last is not None:
            reading = PupilsReading(self.reader, calendar, self.statute, last)
            pupils = self._pupils(reading, pupil_lines, group_lines)
            saved = RegistersReading(self.reader, calendar, last, named.refs, named.groups, pupils)
            registers = saved.registers(register_lines)
        happening = FactsReading(self.reader, named.refs, named.parents, named.ids)
        facts = happening.facts(fact_lines)
        then, then_lines = self._then(content, named, pupils, when, calendar)
        self._stop_if_problems()
        assert head is not None and calendar is not None and when is not None and last is not None
        ordered, odd = happening.together(facts, pupils)
        self._stop_if_problems()
        return Scenario(
            self.path,
            self.reader.file,
            _with_lists(head, pupil_lines, group_lines, register_lines, fact_lines, then_lines),
            calendar,
            when,
            last,
            tuple(pupils.values()),
            ordered,
            happening.does,
            happening.rows,
            {rule: self.reader.lines.of("settings", rule) for rule in head.settings},
            then,
            tuple(odd),
            registers,
        )

    def _stop_if_problems(self) -> None:
        problems = sorted(self.reader.problems, key=lambda problem: problem.place.row or 0)
        if problems or self.outside:
            raise Unusable([*problems, *self.outside])

    def _head(self, content: dict[str, Any]) -> ScenarioFile | None:
        """The file's own keys, without the lists of tables."""
        self.reader.check_keys(content, [one.name for one in keys_of(ScenarioFile)], ())
        own = {name: value for name, value in content.items() if name in _OWN}
        head = self.reader.table(ScenarioFile, own, ())
        if head is not None and not NAME.fullmatch(head.id):
            what = f'"{head.id}" is no short name.'
            remedy = "Write letters, digits, dots and hyphens, without spaces: SC-2-04."
            self.reader.problem("id", ("id",), what, remedy)
        if not content.get("then"):
            what = "it does not say what must be so."
            self.reader.problem("missing", (), what, "Add a line headed [[then]].")
        return head

    # --- the calendar ----------------------------------------------------------------------------------

    def _calendar(self, content: dict[str, Any]) -> Calendar | None:
        name = content.get("calendar")
        if not isinstance(name, str) or not name:
            return None
        file = self._file_of_calendar(name)
        if file is None:
            return None
        try:
            calendar = _calendar_of(file.read_text(encoding="utf-8-sig"), file.name)
        except Unusable as unusable:
            self.outside += unusable.problems
            return None
        except (OSError, UnicodeDecodeError):
            self.reader.problem(
                "calendar", ("calendar",), f"{file.name} is no text in UTF-8.", "Save it as UTF-8."
            )
            return None
        if calendar.starts_on < self.statute.first_on:
            what = f"it starts on {calendar.starts_on}; the first day of which we hold the law is "
            what += f"{self.statute.first_on}."
            self.reader.problem("calendar", ("calendar",), what, "Leave out the terms before that day.")
            return None
        return calendar

    def _file_of_calendar(self, name: str) -> FilePath | None:
        if "/" in name or name.endswith(".toml"):
            file = self.path.parent / name
            if file.is_file():
                return file
            remedy = "Correct the path: it is seen from the folder of this file."
            self.reader.problem("calendar", ("calendar",), f'there is no file "{name}".', remedy)
            return None
        known: list[str] = []
        for folder in self.path.resolve().parents:
            file = folder / CALENDARS / f"{name}.toml"
            if file.is_file():
                return file
            known += sorted(other.stem for other in (folder / CALENDARS).glob("*.toml"))
        remedy = f"Put it into {CALENDARS}/{name}.toml, beside this file or in a folder above it."
        what = f'there is no calendar "{name}".'
        self.reader.problem("calendar", ("calendar",), what, f"{nearest(name, known)} {remedy}".strip())
        return None

    def _last(self, calendar: Calendar, when: When) -> Session | None:
        """The last session with a register: of that day or, where it has none, of the last before it."""
        if calendar.starts_on <= when.on <= calendar.years[-1].ends_on:
            sessions = calendar.sessions(calendar.starts_on, when.on)
            last = Session(when.on, when.half if when.half is not None else Half.PM)
            fitting = [one for one in sessions if one <= last]
            if fitting:
                return fitting[-1]
        what = f"{when.on} is not in the calendar, from {calendar.starts_on} to {calendar.ends_on}."
        self.reader.problem("on", ("on",), what, "Correct the day, or add the terms to the calendar.")
        return None

    # --- the lists -------------------------------------------------------------------------------------

    def _pupils(
        self,
        reading: PupilsReading,
        pupil_lines: list[tuple[Any, PupilLine]],
        group_lines: list[tuple[Any, GroupLine]],
    ) -> dict[str, Pupil]:
        found: dict[str, Pupil] = {}
        classes: dict[str, list[tuple[Any, GroupLine]]] = {}
        for path, line in group_lines:
            classes.setdefault(line.group, []).append((path, line))
        everybody = [(path, reading.pupils(line, path)) for path, line in pupil_lines]
        everybody += [(lines[0][0], reading.group(lines)) for lines in classes.values()]
        for path, pupils in everybody:
            for pupil in pupils:
                if pupil.ref in found:
                    what = f'"{pupil.ref}" is the pupil in row {found[pupil.ref].row} already.'
                    self.reader.problem("twice", path, what, "Give every pupil a ref of their own.")
                found.setdefault(pupil.ref, pupil)
        return found

    def _then(
        self,
        content: dict[str, Any],
        named: _Named,
        pupils: dict[str, Pupil],
        when: When | None,
        calendar: Calendar | None,
    ) -> tuple[tuple[Expected, ...], list[tuple[Any, ThenLine]]]:
        judged = when or When(date.min)
        groups = named.groups | named.houses
        reading = ThenReading(self.reader, named.refs, groups, named.ids, pupils, judged)
        rows = content.get("then", [])
        fitting = dict(reading.fitting(rows, ("then",)))
        lines = self.reader.tables(ThenLine, rows, ("then",))
        found = []
        for path, line in lines:
            if path not in fitting:
                continue
            found.append(reading.line(line, path))
            if calendar is not None:
                reading.mark(line, path, calendar, self.statute)
        return tuple(found), lines


_OWN = tuple(one.name for one in keys_of(ScenarioFile) if one.name not in LISTS)


class _Named:
    """What the file gives names to, also where something else is wrong with the table that does."""

    def __init__(self, content: dict[str, Any], groups: list[GroupLine]) -> None:
        pupils = _rows(content, "pupils")
        facts = _rows(content, "facts")
        refs = [ref for row in pupils for ref in (row.get("ref"), *_items(row, "refs"))]
        classes = [
            f"{line.group}-{number + 1}" for line in groups for number in range(min(line.pupils, 3000))
        ]
        self.refs = {ref for ref in refs if isinstance(ref, str)} | {*classes}
        own = [
            parent for row in pupils for parent in (_items(row, "parents") if "parents" in row else ("A",))
        ]
        own += [contact for row in pupils for contact in _items(row, "contacts")]
        self.parents = {parent for parent in own if isinstance(parent, str)}
        told = [row.get("group") for name in ("pupils", "groups", "facts") for row in _rows(content, name)]
        self.groups = {group for group in told if isinstance(group, str)}
        lived = [row.get("house") for name in ("pupils", "groups") for row in _rows(content, name)]
        self.houses = {house for house in lived if isinstance(house, str)}
        ids = [row.get("id") or f"f{number}" for number, row in enumerate(facts, start=1)]
        self.ids = {key for key in ids if isinstance(key, str)}


def _rows(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = content.get(name, [])
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _items(row: dict[str, Any], name: str) -> Iterable[Any]:
    items = row.get(name, [])
    return items if isinstance(items, list) else []


def _with_lists(head: ScenarioFile, *lists: list[tuple[Any, Any]]) -> ScenarioFile:
    rows = {name: tuple(line for _, line in one) for name, one in zip(LISTS, lists, strict=True)}
    return msgspec.structs.replace(head, **rows)


@lru_cache(maxsize=64)
def _calendar_of(text: str, file: str) -> Calendar:
    """A calendar by what its file says: a hundred scenarios share one, which is worked out once."""
    return read_calendar(text, file)
