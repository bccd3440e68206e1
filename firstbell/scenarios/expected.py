"""From the lines of `[[then]]`: what must be so, when, and of whom?

The names of what is due, of figures, actions and rules are not looked at here: they are those of a policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from firstbell.policy.lines import Path
from firstbell.policy.vocabulary import choices
from firstbell.problems import Place
from firstbell.register import problems_with_code
from firstbell.scenarios.format import NOTHING, VERBS, Key, ThenLine, keys_of
from firstbell.scenarios.pupils import session_from
from firstbell.scenarios.scenario import Expected, Pupil, When
from firstbell.scenarios.tables import Reader, pointing
from firstbell.sessions import LONDON, Calendar
from firstbell.statute import Statute

__all__ = ["ThenReading", "when_of"]

FLAGS = choices("flag set", "flag")


def when_of(said: object) -> When:
    """When something is judged, from a day, a session in quotes or a moment."""
    if isinstance(said, datetime):
        return When(said.astimezone(LONDON).date(), None, said.astimezone(LONDON))
    session = session_from(said) if isinstance(said, str) else None
    if session is not None:
        return When(session.on, session.half)
    return When(said)  # type: ignore[arg-type]  # the form of the key lets nothing but a day through


@dataclass(frozen=True)
class ThenReading:
    """What the lines are read against: the names in the file, and when a line is judged that does not say."""

    reader: Reader
    refs: Collection[str]
    groups: Collection[str]
    ids: Collection[str]
    pupils: Mapping[str, Pupil]
    when: When

    def line(self, line: ThenLine, path: Path) -> Expected:
        """A line that has one verb and its keys; what they cannot say together is noted."""
        self._check_whom(line, path)
        self._check_whens(line, path)
        for name in ("request", "fact"):
            key = getattr(line, name)
            if key and key not in self.ids:
                remedy = pointing(key, self.ids, "Name the id of one of the facts.")
                self.reader.problem("then", (*path, name), f'there is no fact "{key}".', remedy)
        if line.offers and line.suggests and line.suggests not in (*line.offers, NOTHING):
            what = f'"{line.suggests}" is suggested, but not among what is offered.'
            self.reader.problem("then", (*path, "suggests"), what, "Add it to offers, or correct it.")
        if line.not_due and line.state not in ("open", "coming"):
            what = f'what is not due has no state "{line.state}".'
            self.reader.problem("then", (*path, "state"), what, 'Leave it out, or write "coming".')
        if line.not_due and line.state == "coming" and not (line.pupil or line.pupils):
            what = "what is to come is known of pupils only."
            self.reader.problem("then", (*path, "state"), what, "Add pupil.")
        if line.session and session_from(line.session) is None:
            what = f'"session" is "{line.session}".'
            self.reader.problem("session", (*path, "session"), what, "Write it as 2025-09-16 AM, in quotes.")
        moment = line.at if line.at is not None else line.on
        when = self.when if moment is None else when_of(moment)
        about = line.pupils or ((line.pupil,) if line.pupil else ())
        return Expected(self.reader.lines.of(*path), line, when, about)

    def mark(self, line: ThenLine, path: Path, calendar: Calendar, statute: Statute) -> None:
        """Notes what is wrong with a suggested code: none of the day, or a session that there is not."""
        session = session_from(line.session)
        if line.verb != "mark" or session is None:
            return
        named = (self.pupils[ref] for ref in (line.pupil, *line.pupils) if ref in self.pupils)
        groups = {pupil.year_group_on(session.on) for pupil in named}
        for group in sorted(groups) or (None,):
            if not calendar.has(session, group):
                whose = f"Year {group}" if group else "the school"
                remedy = "Correct it, or the terms and closures of the calendar."
                self.reader.problem(
                    "session", (*path, "session"), f"{session} is no session of {whose}.", remedy
                )
                return
        for one in problems_with_code(line.mark, session, statute, Place()):
            self.reader.problem("code", (*path, "mark"), one.what, one.remedy, one.source)

    def _check_whom(self, line: ThenLine, path: Path) -> None:
        given = [name for name in ("pupil", "pupils", "group") if getattr(line, name)]
        if len(given) > 1:
            what = f"{' and '.join(given)} stand in one line."
            self.reader.problem("whom", path, what, "Write one of them; a line for each, if both are meant.")
        for ref in (line.pupil, *line.pupils):
            if ref and ref not in self.refs:
                remedy = pointing(ref, self.refs, "Add the pupil, or correct the ref.")
                name = "pupil" if line.pupil else "pupils"
                self.reader.problem("whom", (*path, name), f'there is no pupil "{ref}".', remedy)
        if line.group and line.group not in self.groups and not self._is_of_many(line):
            remedy = pointing(line.group, self.groups, "Give a pupil this group, or name one of [[groups]].")
            self.reader.problem("whom", (*path, "group"), f'there is no group "{line.group}".', remedy)
        if line.parent:
            self._check_parent(line, path)
        if line.verb == "mark" and not given:
            what = "whose mark it is, is not said."
            self.reader.problem("whom", path, what, "Add pupil.")

    def _is_of_many(self, line: ThenLine) -> bool:
        """Whether a figure is asked of a year group, or of all who have a flag."""
        year_groups = {pupil.year_group for pupil in self.pupils.values()}
        return line.verb == "figure" and line.group in {*FLAGS, *year_groups}

    def _check_parent(self, line: ThenLine, path: Path) -> None:
        refs = [ref for ref in (line.pupil, *line.pupils) if ref]
        if not refs:
            what = f'of which pupil "{line.parent}" is a parent is not said.'
            self.reader.problem("whom", (*path, "parent"), what, "Add pupil.")
        for ref in refs:
            if ref in self.pupils and line.parent not in self.pupils[ref].family:
                known = self.pupils[ref].family
                remedy = pointing(line.parent, known, "Add it to the parents of the pupil.")
                what = f'"{line.parent}" is no parent of {ref}.'
                self.reader.problem("whom", (*path, "parent"), what, remedy)

    def _check_whens(self, line: ThenLine, path: Path) -> None:
        if line.on is not None and line.at is not None:
            what = '"on" and "at" stand in one line.'
            self.reader.problem("when", path, what, 'Write "at" for a moment, "on" for the end of a day.')
        if line.over and (line.from_on or line.until_on):
            what = '"over" stands beside "from" or "until".'
            self.reader.problem("when", (*path, "over"), what, "Write one of the two.")
        if line.until_on and not line.from_on:
            self.reader.problem(
                "when", (*path, "until"), '"from" is missing.', "Write the first day as well."
            )
        if line.until_on and line.from_on and line.until_on < line.from_on:
            what = f"the last day, {line.until_on}, comes before the first, {line.from_on}."
            self.reader.problem("when", (*path, "until"), what, "Correct one of the two.")

    def fitting(self, rows: object, path: Path) -> Iterable[tuple[Path, dict[str, object]]]:
        """The lines that say one thing with keys that go with it; looked at before their values."""
        for number, row in enumerate(rows if isinstance(rows, list) else []):
            where = (*path, number)
            if isinstance(row, dict) and self._fits(row, where):
                yield where, row

    def _fits(self, row: dict[str, object], path: Path) -> bool:
        verbs = [verb for verb in VERBS if verb in row]
        if len(verbs) != 1:
            what = (
                f"{' and '.join(verbs)} stand in one line."
                if verbs
                else "the line does not say what must be so."
            )
            remedy = "Write a line for each." if verbs else f"Write one of: {', '.join(VERBS)}."
            self.reader.problem("verb", path, what, remedy)
            return False
        [verb] = verbs
        if row[verb] in ("", False):
            what = f'"{verb}" is {str(row[verb]).lower() or "empty"}.'
            self.reader.problem("verb", (*path, verb), what, "Say what it is; of nothing due, true.")
            return False
        misplaced = [one for one in keys_of(ThenLine) if one.name in row and verb not in one.goes_with]
        for one in misplaced:
            what = f'"{one.name}" does not go with "{verb}".'
            self.reader.problem("verb", (*path, one.name), what, _remedy(one, verb))
        for name in _NEEDED.get(verb, ()):
            if name not in row:
                self.reader.problem("missing", path, f'"{name}" is missing.', f"{verb} needs it.")
        return not misplaced and all(name in row for name in _NEEDED.get(verb, ()))


_NEEDED = {"mark": ("session",), "figure": ("is",)}


def _remedy(misplaced: Key, verb: str) -> str:
    own = [one.name for one in keys_of(ThenLine) if verb in one.goes_with and one.name not in VERBS]
    return f"It goes with {', '.join(misplaced.goes_with)}; {verb} may have: {', '.join(own)}."
