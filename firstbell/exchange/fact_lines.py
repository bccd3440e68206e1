"""Which facts does a file hold, one in each line, and how are facts written down?

A line of JSON is one fact: its kind, whom it is about, when it happened, when it became known, who recorded
it, and its data. Pupils are named by UPN or admission number, as in every file. Lines that cannot be used are
kept aside as they were, with the reason, so that they can be corrected and read again. Facts that were kept
aside are not half-used: what replaces one of them, or speaks of it, is kept aside as well.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from firstbell.exchange.cells import Unread
from firstbell.exchange.limits import LONGEST_LINE, check_size, text_encoding
from firstbell.exchange.mark_rows import pupil_of
from firstbell.exchange.pupils import Pupil, PupilsRead, as_number, digits
from firstbell.facts import (
    KINDS,
    About,
    By,
    Data,
    Fact,
    Facts,
    Wrong,
    data_of,
    in_utc,
    parts_of,
    problems_with_facts,
    pupils_in,
    references_of,
    with_seconds,
)
from firstbell.problems import Place, Problem
from firstbell.register import Enrolment
from firstbell.sessions import LONDON

__all__ = ["ENVELOPE", "FactsRead", "KeptLine", "kept_lines_text", "read_facts", "write_facts"]

WHY = "kept_aside_because"
"""The part that we put into a line that was kept aside; it is passed over when the line is read again."""
WHY_IN_FRONT = re.compile(r'\{\s*"' + WHY + r'"\s*:\s*"(?:[^"\\]|\\.)*"\s*,?\s*')
SPACE = re.compile(r"\s")
BLANK = " \t\v\f\r\ufeff"
ENVELOPE: Mapping[str, str] = {
    "kind": "what happened: one of the kinds below. Needed",
    "id": "an id of your own choice, different for every fact, without spaces. Needed",
    "pupil": "the UPN or the admission number of the pupil; zeros in front may be missing",
    "enrolment": "instead of `pupil`: the id of one stay at the school, as Firstbell's own files have it",
    "parent": "the id of the parent whom it is about, as in the contacts",
    "staff": "the id of the member of staff whom it is about",
    "group": "the name of the group or class that it is about",
    "on": "the day it is about, as 2025-09-16; left out: the day of `at`",
    "at": "when it happened, as 2025-09-16T09:40; left out: `known_at`. One of the two is needed",
    "known_at": "when the school knew; left out: `at`",
    "by": 'who recorded it: a role, or `{"role": "office", "id": "s12"}` with the person as well. Needed',
    "replaces": "the id of the fact that this one corrects or takes back",
    "version": "the version of the kind in which `data` is written; left out: 1",
    "data": "what there is to say: the parts of the kind",
}
"""What the parts of a line are, for people. `kept_aside_because` is passed over."""


class _By(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: str
    id: str = ""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    id: str
    data: msgspec.Raw = msgspec.Raw(b"{}")
    version: int = 1
    pupil: str = ""
    enrolment: str = ""
    parent: str = ""
    staff: str = ""
    group: str = ""
    on: date | None = None
    at: str | None = None
    known_at: str | None = None
    by: str | _By = ""
    replaces: str = ""
    kept_aside_because: str = ""
    line: str = ""
    """What was no JSON at all, in a file of lines that were kept aside."""


class _KeptAside(Exception):
    """Why a line is not used: the rule, the part, what and the remedy."""

    def __init__(self, rule: str, what: str, remedy: str, part: str = "") -> None:
        self.rule, self.what, self.remedy, self.part = rule, what, remedy, part


@dataclass(frozen=True)
class KeptLine:
    """A line that was not used: its number, as it was, and why."""

    row: int
    text: str = field(repr=False)
    problems: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class FactsRead:
    """What a file of facts says. Every line that is not empty is read, said before, or kept aside."""

    file: str
    facts: Facts = field(repr=False)
    problems: tuple[Problem, ...]
    kept_aside: tuple[KeptLine, ...] = field(repr=False)
    lines_in_file: int
    lines_again: int = 0

    @property
    def lines_read(self) -> int:
        """How many lines became facts."""
        return self.lines_in_file - len(self.kept_aside) - self.lines_again


def read_facts(
    path: Path,
    pupils: PupilsRead,
    *,
    people: Collection[str] | None = None,
    until: datetime | None = None,
) -> FactsRead:
    """The facts of a file, in the order in which they became known.

    `people` are the ids of parents and contacts, where they are known; `until` is the moment as at which
    somebody asks: what was recorded later is kept aside. A moment without a distance from Greenwich is
    London's. A line in an order other than that of recording is a warning. A line that stands there twice
    word for word counts once; two different ones with one id are both kept aside. Raises `Unusable` for a
    file that is no text.
    """
    return _Reading(path, pupils, people, until).read()


@dataclass(frozen=True)
class _Row:
    """A line of a file that is not empty; `is_text` is False if its bytes are no UTF-8."""

    row: int
    text: str = field(repr=False)
    is_text: bool = True


class _Reading:
    def __init__(
        self,
        path: Path,
        pupils: PupilsRead,
        people: Collection[str] | None,
        until: datetime | None,
    ) -> None:
        self.file = path.name
        self.filled = _rows_of(path)
        self.pupils = pupils
        self.people = people
        self.until = until
        self.stays = _stays(pupils.enrolments)
        self.owner = {one.id: one.pupil for one in pupils.enrolments}
        self.found: dict[str, Pupil] = {}
        self.errors: dict[int, list[Problem]] = {}
        self.warnings: list[Problem] = []
        self.again = 0

    def read(self) -> FactsRead:
        decoder = msgspec.json.Decoder(_Line)
        rows: dict[str, tuple[int, Fact]] = {}
        last: datetime | None = None
        for line in self.filled:
            try:
                fact = self._fact(line, decoder)
            except _KeptAside as why:
                self._say(line.row, why.rule, why.what, why.remedy, part=why.part)
                continue
            if not self._is_first(line.row, fact, rows):
                continue
            if last is not None and fact.known_at < last:
                what = "It became known before a line above: it was read in that order."
                self._say(line.row, "fact-order", what, "Write facts in the order of known_at.", warning=True)
            last = max(last, fact.known_at) if last else fact.known_at
            rows[fact.id] = (line.row, fact)
        facts = self._that_fit(rows)
        texts = {line.row: line.text for line in self.filled}
        kept = tuple(KeptLine(row, texts[row], tuple(said)) for row, said in sorted(self.errors.items()))
        used = [one for one in self.warnings if one.place.row not in self.errors]
        problems = [*(problem for one in kept for problem in one.problems), *used]
        return FactsRead(self.file, facts, tuple(problems), kept, len(self.filled), self.again)

    def _say(
        self, row: int, rule: str, what: str, remedy: str, *, part: str = "", warning: bool = False
    ) -> None:
        place = Place(self.file, row, part=f"part {part}" if part else None)
        problem = Problem(rule, place, what, remedy, severity="warning" if warning else "error")
        if warning:
            self.warnings.append(problem)
        else:
            self.errors.setdefault(row, []).append(problem)

    def _fact(self, row: _Row, decoder: msgspec.json.Decoder[_Line]) -> Fact:
        line = _line(row, decoder)
        if not line.id or len(line.id) > 80 or SPACE.search(line.id):
            what = "Its id is empty, longer than 80 characters, or has a space in it."
            raise _KeptAside("fact-id", what, "Give every fact a short id of its own.", "id")
        by = By(line.by) if isinstance(line.by, str) else By(line.by.role, line.by.id)
        if not by.role.strip():
            what = "It does not say who recorded it."
            raise _KeptAside("fact-by", what, 'Add by, with a role such as "office".', "by")
        data = _data(line)
        at = _moment("at", line.at)
        known_at = at if line.known_at == line.at else _moment("known_at", line.known_at)
        happened, known = at or known_at, known_at or at
        if happened is None or known is None:
            what = "It says neither when it happened nor when it became known."
            raise _KeptAside("fact-time", what, "Add at, as 2025-09-16T09:40.", "at")
        on = line.on or happened.astimezone(LONDON).date()
        about = About(self._enrolment(line, on), line.parent, line.staff, line.group)
        data = self._with_enrolments(data, on)
        return Fact(line.id, about, on, happened, known, by, data, line.replaces)

    def _enrolment(self, line: _Line, on: date) -> str:
        """The id of the enrolment that a line is about; "" for none."""
        if not line.pupil.strip():
            return line.enrolment
        pupil = self._pupil(line.pupil, "pupil")
        if line.enrolment:
            if self.owner.get(line.enrolment) != pupil.id:
                what = "The pupil and the enrolment that it names do not belong together."
                raise _KeptAside("fact-pupil-mismatch", what, "Leave one of them out.", "enrolment")
            return line.enrolment
        return _stay(self.stays[pupil.id], on).id

    def _pupil(self, said: str, part: str) -> Pupil:
        if said not in self.found:
            self.found[said] = self._find(said, part)
        return self.found[said]

    def _find(self, said: str, part: str) -> Pupil:
        number = as_number(said)
        pupil: Pupil | Unread = self.pupils.by_upn.get(number) or pupil_of(self.pupils, "", number)
        if isinstance(pupil, Unread):
            raise _KeptAside(f"fact-{pupil.rule}", pupil.what, pupil.remedy, part)
        if pupil.id not in self.stays:
            what = "The pupil has no stay at the school."
            raise _KeptAside("fact-pupil-unknown", what, "Add the starting day to the pupils file.", part)
        return pupil

    def _with_enrolments(self, data: Data, on: date) -> Data:
        """Data in which pupils stand by the ids of their enrolments, also where the line has numbers."""
        names = pupils_in(type(data))
        if not names:
            return data
        found = {
            name: tuple(
                said if said in self.owner else _stay(self.stays[self._pupil(said, f"data.{name}").id], on).id
                for said in getattr(data, name)
            )
            for name in names
        }
        return msgspec.structs.replace(data, **found)

    def _is_first(self, row: int, fact: Fact, rows: dict[str, tuple[int, Fact]]) -> bool:
        if fact.id not in rows:
            return True
        first, before = rows[fact.id]
        if before == fact:
            self.again += 1
            return False
        for one in (first, row):
            what = f"Rows {first} and {row} say different things under one id."
            self._say(one, "fact-twice", what, "Give every fact an id of its own.", part="id")
        return False

    def _that_fit(self, rows: Mapping[str, tuple[int, Fact]]) -> Facts:
        """The facts that can be so together; asked again after some are kept aside.

        What is wrong with a fact by itself comes first: nobody contradicts a fact that is not used. What
        rests on a fact that was kept aside goes with it at once, in one pass along the order of recording.
        """
        standing = {key: fact for key, (row, fact) in rows.items() if row not in self.errors}
        enrolments = {one.id: one for one in self.pupils.enrolments}
        while True:
            self._drop_what_rests_on_dropped(standing, rows)
            facts = Facts.in_order(tuple(standing.values()))
            found = problems_with_facts(
                facts,
                enrolments,
                people=self.people,
                until=self.until,
                named=lambda key: f"the fact in row {rows[key][0]}",
            )
            errors = {key: [one for one in said if one.severity == "error"] for key, said in found.items()}
            worst = min((_rank(one) for said in errors.values() for one in said), default=None)
            if worst is None:
                for key, said in found.items():
                    for one in said:
                        self._say(rows[key][0], one.rule, one.what, one.remedy, warning=True)
                return facts
            for key, said in errors.items():
                for one in said:
                    if _rank(one) == worst:
                        self._say(rows[key][0], one.rule, one.what, one.remedy)
                        standing.pop(key, None)

    def _drop_what_rests_on_dropped(
        self, standing: dict[str, Fact], rows: Mapping[str, tuple[int, Fact]]
    ) -> None:
        if len(standing) == len(rows):
            return
        for fact in Facts.in_order(tuple(standing.values())):
            named = [fact.replaces, *(reference.id for reference in references_of(fact.data))]
            dropped = next((key for key in named if key in rows and key not in standing), None)
            if dropped is not None:
                what = f"It rests on the fact in row {rows[dropped][0]}, which was kept aside."
                self._say(rows[fact.id][0], "fact-rests-on-kept-aside", what, "Correct that one first.")
                del standing[fact.id]


def _rank(problem: Problem) -> int:
    """Errors of a low rank are dealt with first: others may be gone when they are."""
    ranks = {"fact-replaced-twice": 2, "fact-contradicts": 3}
    about_others = problem.rule.startswith(("fact-replaces-", "fact-speaks-of-"))
    return ranks.get(problem.rule, 1 if about_others else 0)


def _rows_of(path: Path) -> list[_Row]:
    """The lines of a file that are not empty.

    Where some bytes are not UTF-8 the other lines are still read as UTF-8; those that are not are shown as
    Windows-1252 would read them, and a person decides whether that is right.
    """
    check_size(path)
    encoding, content = text_encoding(path), path.read_bytes()
    if encoding != "cp1252":
        found = [(text, True) for text in content.decode(encoding).split("\n")]
    else:
        found = [_decoded(line) for line in content.split(b"\n")]
    bare = ((row, text.strip(BLANK), is_text) for row, (text, is_text) in enumerate(found, start=1))
    return [_Row(row, text, is_text) for row, text, is_text in bare if text]


def _decoded(line: bytes) -> tuple[str, bool]:
    try:
        return line.decode("utf-8"), True
    except UnicodeDecodeError:
        return line.decode("cp1252"), False


def _line(row: _Row, decoder: msgspec.json.Decoder[_Line]) -> _Line:
    if not row.is_text:
        what = "The line is not in UTF-8."
        raise _KeptAside("fact-encoding", what, "Look at the letters with accents, and save it as UTF-8.")
    try:
        line = decoder.decode(row.text)
    except msgspec.ValidationError as error:
        part, what, remedy = _of_envelope(error)
        raise _KeptAside("fact-line", what, remedy, part) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        what = "The line is not JSON."
        raise _KeptAside("fact-json", what, "Write one fact in one line, in JSON.") from None
    if line.line:
        raise _KeptAside("fact-json", "The line was not JSON.", "Write the fact instead of line.", "line")
    return line


def _data(line: _Line) -> Data:
    try:
        return data_of(line.kind, bytes(line.data), line.version)
    except Wrong as wrong:
        rule = "fact-kind" if wrong.part == "kind" else "fact-data"
        where = wrong.part if wrong.part in ("kind", "version", "data") else f"data.{wrong.part}"
        raise _KeptAside(rule, wrong.what, wrong.remedy, where) from None


def _moment(part: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return in_utc(msgspec.convert(with_seconds(text), datetime, strict=True, builtin_types=()))
    except msgspec.ValidationError:
        what = "What stands there is not of its kind."
        raise _KeptAside("fact-time", what, "Write a moment, as 2025-09-16T09:40.", part) from None
    except Wrong as wrong:
        raise _KeptAside("fact-time", wrong.what, wrong.remedy, part) from None


def _of_envelope(error: Exception) -> tuple[str, str, str]:
    """Which part of the line itself is wrong. What msgspec says names parts and types, never contents."""
    text = str(error)
    parts = tuple(ENVELOPE)
    if "unknown field" in text and "$.by" not in text:
        # The name of a part that is not ours may be anything, a child's name too: it is not repeated.
        return "", "The line has a part that no fact has.", f"The parts of a fact are: {', '.join(parts)}."
    part = next((one for one in parts if f"`{one}`" in text or re.search(rf"`\$\.{one}[.`\[]", text)), "")
    if "missing required" in text and "$.by" not in text:
        return part, "It is missing.", "Add it."
    if not part:
        return "", "The line is no object.", "Write each fact between { and }, with the names of its parts."
    forms = {"on": "a day, as 2025-09-16", "version": "a whole number", "by": "a role, or a role and an id"}
    form = forms.get(part, "text, in quotation marks")
    return part, "What stands there is not of its kind.", f"Write {form}."


def _stays(enrolments: Sequence[Enrolment]) -> dict[str, list[Enrolment]]:
    """The stays of each pupil, the earliest first."""
    found: dict[str, list[Enrolment]] = {}
    for one in sorted(enrolments, key=lambda stay: stay.starts_on):
        found.setdefault(one.pupil, []).append(one)
    return found


def _stay(stays: Sequence[Enrolment], on: date) -> Enrolment:
    """Of several stays the one in which a day lies, else the next after it, else the last."""
    if len(stays) == 1:
        return stays[0]
    return next((stay for stay in stays if on <= (stay.ends_on or date.max)), stays[-1])


# --- writing ---------------------------------------------------------------------------------------------


def write_facts(facts: Facts, pupils: Sequence[Pupil], enrolments: Sequence[Enrolment]) -> str:
    """Facts as lines of JSON, as `read_facts` reads them.

    Pupils stand there by their numbers, or by the id of the enrolment where the number does not lead to it:
    another pupil has it, or the day lies in another stay.
    """
    shared = Counter(digits(pupil.admission_number) for pupil in pupils if pupil.admission_number)
    named = {
        pupil.id: pupil.upn or (pupil.admission_number if shared[digits(pupil.admission_number)] == 1 else "")
        for pupil in pupils
    }
    stays = _stays(enrolments)
    owner = {one.id: one.pupil for one in enrolments}

    def number(fact: Fact) -> str:
        pupil = owner.get(fact.about.enrolment, "")
        leads = pupil and _stay(stays[pupil], fact.on).id == fact.about.enrolment
        return named.get(pupil, "") if leads else ""

    return "".join(json.dumps(_as_parts(fact, number(fact)), ensure_ascii=False) + "\n" for fact in facts)


def _as_parts(fact: Fact, number: str) -> dict[str, Any]:
    whom = {
        "pupil": number,
        "enrolment": "" if number else fact.about.enrolment,
        "parent": fact.about.parent,
        "staff": fact.about.staff,
        "group": fact.about.group,
    }
    by: object = {"role": fact.by.role, "id": fact.by.id} if fact.by.id else fact.by.role
    version = KINDS[fact.kind].version
    return {
        "kind": fact.kind,
        "id": fact.id,
        **({"version": version} if version > 1 else {}),
        **{name: value for name, value in whom.items() if value},
        "on": fact.on.isoformat(),
        "at": fact.at.astimezone(LONDON).isoformat(),
        "known_at": fact.known_at.astimezone(LONDON).isoformat(),
        "by": by,
        **({"replaces": fact.replaces} if fact.replaces else {}),
        "data": parts_of(fact.data),
    }


def kept_lines_text(kept: Sequence[KeptLine]) -> str:
    """The lines that were kept aside, as a file that can be corrected and read again; each says why.

    A line stays as it was, character for character; only the reason is put in front of its parts.
    """
    return "".join(_with_reason(line) + "\n" for line in kept)


def _with_reason(line: KeptLine) -> str:
    why = json.dumps(" ".join(f"{one.what} {one.remedy}" for one in line.problems), ensure_ascii=False)
    if line.text.startswith("{"):
        parts = WHY_IN_FRONT.sub("", line.text, count=1) if WHY_IN_FRONT.match(line.text) else line.text[1:]
        comma = "" if parts.lstrip()[:1] in ("", "}") else ", "
        told = f'{{"{WHY}": {why}{comma}{parts}'
    else:
        told = f'{{"{WHY}": {why}, "line": {json.dumps(line.text, ensure_ascii=False)}}}'
    return told if len(told.encode()) < LONGEST_LINE else line.text
