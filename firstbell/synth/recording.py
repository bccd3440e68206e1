"""When did each mark come to stand in the register, and what stood there before?

From the marks as they are at last: the class teacher's register, the office's list of those who came late
or were rung about before it closed, and afterwards the amendments, each with its reason and its own
moment. What is known beforehand stands there at once; an absence that nobody explained is N for five school
days and then O; now and then a mark was simply wrong and is corrected weeks later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.register import Amendment, AttendanceRegister, Save, Strips
from firstbell.sessions import LONDON, Calendar, Half, Session
from firstbell.statute import UNMARKED
from firstbell.synth.people import Child

__all__ = ["recorded"]

OFFICE, TEACHER, WELFARE = "office", "teacher", "attendance officer"
BEFOREHAND = {"I": 0.0, "M": 0.75, "C": 0.8, "G": 0.55, "O": 0.0, "N": 0.0, "U": 0.0}
"""How many absences of a reason are known before their first session; of the codes not named here, all.

Assumed, like all shares and days in this module: no table says when a mark was recorded."""
RUNG_BEFORE_CLOSE = {"I": 0.68, "M": 0.5, "C": 0.4, "G": 0.15}
"""How many of the others are reported before the register closes, so that N never stands after it."""
LATER_DAYS = ((0, 1, 2, 3, 4, 6), (0.62, 0.2, 0.08, 0.05, 0.03, 0.02))
"""On which school day after the first one the reason is learnt. After the fifth day it is overdue."""
REASON_DAYS = 5
CORRECTED = 0.012
"""How many absences were recorded as something else at first and corrected long after."""
OVERLOOKED = 0.0004
"""How many of those present were marked absent first: in the music room, at the nurse."""
REASONS = {
    "I": ("parent rang: ill", "message from parent: unwell", "e-mail from parent: ill in the night"),
    "M": ("appointment card seen", "parent rang: dentist"),
    "C": ("leave agreed by the head teacher", "bereavement in the family"),
    "G": ("family away: leave was not asked for", "leave refused; family travelled"),
    "O": ("no reason given in five school days", "reason given was not accepted"),
    "U": ("arrived after the register had closed",),
    "/": ("was in the building: seen by staff",),
}
WRONGLY = {"I": ("O", "medical evidence received"), "O": ("I", "told by the family: was not ill")}
"""What was first recorded instead, and why it was put right."""


@dataclass(frozen=True)
class _Event:
    """Something that will be a save or an amendment once its moment is settled."""

    at: datetime
    order: int
    made: Save | Amendment = field(compare=False)


@dataclass
class _Change:
    """A cell that said something else before: what, from what, when and why."""

    at: datetime
    original: str
    amended: str
    reason: str
    by: str


def recorded(
    strips: Strips, children: Sequence[Child], calendar: Calendar, random: np.random.Generator
) -> AttendanceRegister:
    """The saves and amendments that make the marks of `strips`, every one known at a moment of its own."""
    recorder = _Recorder(strips, calendar, random)
    changes = recorder.changes()
    saves = list(recorder.saves([child.group for child in children]))
    events = [_Event(save.known_at, order, save) for order, save in enumerate(saves)]
    events += [
        _Event(one.known_at, order, one) for order, one in enumerate(recorder.amendments(changes), len(saves))
    ]
    events.sort(key=lambda event: (event.at, event.order))
    return _one_after_another(events)


class _Recorder:
    """One reading of a year of marks. `first` is what the class teacher put in, `office` the office."""

    def __init__(self, strips: Strips, calendar: Calendar, random: np.random.Generator) -> None:
        self.strips = strips
        self.calendar = calendar
        self.random = random
        self.sessions = [strips.axis.session(place) for place in range(len(strips.axis))]
        self.closes = [calendar.closes_at(session) for session in self.sessions]
        self.first = strips.marks.copy()
        self.office = np.zeros_like(strips.marks)
        self.days = strips.axis.days
        number = strips.statute.number
        self.missing = number("N")
        self.present = np.array([number("/"), number("\\")], dtype=np.uint8)

    def changes(self) -> dict[tuple[int, int], list[_Change]]:
        """What each cell went through after its register closed, by child and place, oldest first."""
        found: dict[tuple[int, int], list[_Change]] = {}
        for row in range(len(self.first)):
            for start, end, symbol in self._runs(row):
                self._run(row, start, end, symbol, found)
        late = self.strips.marks == self.strips.statute.number("L")
        late[:, 1::2] = False  # in the afternoon the teacher marks it while calling the register
        self.first[late] = self.missing
        self.office[late] = self.strips.marks[late]
        self._overlooked(found)
        return found

    def _runs(self, row: int) -> Iterator[tuple[int, int, str]]:
        """The unbroken stretches of one code of absence in a strip: from, up to, which."""
        marks = self.strips.marks[row]
        edges = np.flatnonzero(np.diff(marks)) + 1
        starts = np.concatenate([[0], edges])
        for start, end in zip(starts, np.concatenate([edges, [len(marks)]]), strict=True):
            symbol = self.strips.statute.symbol(int(marks[start]))
            if symbol in BEFOREHAND:
                yield int(start), int(end), symbol

    def _run(
        self, row: int, start: int, end: int, symbol: str, found: dict[tuple[int, int], list[_Change]]
    ) -> None:
        """Sets what was first put in for one absence, and what it was amended to."""
        random = self.random
        if symbol == "N" or random.random() < BEFOREHAND[symbol]:
            return
        if symbol == "U":
            for place in range(start, end):
                self._arrived(row, place, found)
            return
        if symbol in WRONGLY and random.random() < CORRECTED:
            self._put_right(row, start, end, symbol, found)
            return
        if symbol == "O":
            for place in range(start, end):
                self._unexplained(row, place, found)
            return
        if start % 2 == 0 and random.random() < RUNG_BEFORE_CLOSE[symbol]:
            # Rung before the close: N by the teacher, at once the true code by the office.
            self.first[row, start] = self.missing
            self.office[row, start] = self.strips.marks[row, start]
            return
        learnt_at = self._learnt_at(start)
        reason = self._reason(symbol)
        for place in range(start, end):
            if self.closes[place] < learnt_at:
                self._amended(row, place, "N", symbol, _Facts(learnt_at, reason, OFFICE), found)

    def _arrived(self, row: int, place: int, found: dict[tuple[int, int], list[_Change]]) -> None:
        minutes = 50 if self.strips.minutes_late is None else int(self.strips.minutes_late[row, place])
        opens = self.closes[place] - timedelta(minutes=30 if place % 2 == 0 else 20)
        at = max(opens + timedelta(minutes=minutes), self.closes[place] + timedelta(minutes=1))
        self._amended(row, place, "N", "U", _Facts(at, self._reason("U"), OFFICE), found)

    def _unexplained(self, row: int, place: int, found: dict[tuple[int, int], list[_Change]]) -> None:
        """N until somebody says it was nothing, or until five school days are over."""
        day = place // 2
        if self.random.random() < 0.35:
            after, reason, by = int(self.random.integers(0, 3)), REASONS["O"][1], WELFARE
        else:
            after, reason, by = REASON_DAYS, REASONS["O"][0], WELFARE
        at = self._at_office(day + after, afternoon=True)
        self._amended(row, place, "N", "O", _Facts(at, reason, by), found)

    def _put_right(
        self, row: int, start: int, end: int, symbol: str, found: dict[tuple[int, int], list[_Change]]
    ) -> None:
        """Another code stood there for some days or weeks."""
        wrong, reason = WRONGLY[symbol]
        day = (end - 1) // 2
        later = int(self.random.integers(6, 25))
        facts = _Facts(self._at_office(day + later, afternoon=True), reason, WELFARE)
        for place in range(start, end):
            if wrong == "O":
                at = self._at_office(place // 2 + REASON_DAYS, afternoon=True)
                first = _Facts(at, REASONS["O"][0], WELFARE)
            else:
                first = _Facts(self._at_office(place // 2, afternoon=True), self._reason("I"), OFFICE)
            self._amended(row, place, "N", wrong, first, found)
            self._amended(row, place, wrong, symbol, facts, found)

    def _overlooked(self, found: dict[tuple[int, int], list[_Change]]) -> None:
        """Present after all: marked absent, found the same day."""
        there = np.isin(self.strips.marks, self.present)
        for row, place in np.argwhere(there & (self.random.random(there.shape) < OVERLOOKED)):
            symbol = self.strips.symbol(int(row), int(place))
            at = self.closes[place] + timedelta(minutes=int(self.random.integers(5, 90)))
            self._amended(int(row), int(place), "N", symbol, _Facts(at, REASONS["/"][0], OFFICE), found)

    def _amended(
        self, row: int, place: int, original: str, amended: str, facts: _Facts,
        found: dict[tuple[int, int], list[_Change]],
    ) -> None:  # fmt: skip
        before = found.setdefault((row, place), [])
        if not before:
            self.first[row, place] = self.strips.statute.number(original)
        at = max([facts.at, self.closes[place] + timedelta(minutes=1), *(c.at for c in before)])
        before.append(_Change(at, original, amended, facts.reason, facts.by))

    def _learnt_at(self, place: int) -> datetime:
        days, weights = LATER_DAYS
        after = int(self.random.choice(days, p=weights))
        if after == 0:
            return self.closes[place] + timedelta(minutes=int(self.random.integers(5, 110)))
        return self._at_office(place // 2 + after, afternoon=False)

    def _at_office(self, day: int, *, afternoon: bool) -> datetime:
        """A moment of office work on a school day of the year, by its number; at most the last day."""
        on = self.days[min(day, len(self.days) - 1)]
        hour, span = (14, 110) if afternoon else (9, 150)
        minute = int(self.random.integers(15, span))
        return datetime.combine(on, time(hour), LONDON) + timedelta(minutes=minute)

    def _reason(self, symbol: str) -> str:
        reasons = REASONS[symbol]
        return reasons[int(self.random.integers(len(reasons)))]

    def saves(self, groups: Sequence[str]) -> Iterator[Save]:
        """The class registers of every session, and the office's list before each morning's close."""
        expected = self.strips.expected
        names = list(dict.fromkeys(groups))
        rows_of = [np.array([i for i, g in enumerate(groups) if g == name], dtype=np.intp) for name in names]
        rolls: dict[tuple[int, bytes], tuple[NDArray[np.intp], tuple[str, ...]]] = {}
        for place, session in enumerate(self.sessions):
            opened = self._opens(place)
            for number, rows in enumerate(rows_of):
                due = expected[rows, place]
                marks = self.first[rows, place]
                if not due.any() or not marks[due].any():
                    continue  # nobody has this session, or nobody took the register
                key = number, due.tobytes()
                if key not in rolls:
                    there = rows[due]
                    rolls[key] = there, tuple(self.strips.enrolments[i].id for i in there)
                there, roll = rolls[key]
                yield self._class_save(place, session, opened, (there, roll), names[number])
            yield from self._office_saves(place, session)

    def _class_save(
        self, place: int, session: Session, opened: datetime,
        roll: tuple[NDArray[np.intp], tuple[str, ...]], group: str,
    ) -> Save:  # fmt: skip
        at = opened + timedelta(seconds=int(self.random.integers(200, 660)))
        rows, ids = roll
        marks = self.first[rows, place]
        late = np.flatnonzero(marks == self.strips.statute.number("L"))
        minutes = {ids[i]: self._minutes(int(rows[i]), place) for i in late}
        id_ = f"{session.on:%Y%m%d}{session.half.name}-{group}".replace(" ", "")
        return Save(
            id_, session, ids, marks.tobytes(), at, at, self.closes[place], f"{TEACHER} {group}", minutes
        )

    def _office_saves(self, place: int, session: Session) -> Iterator[Save]:
        rows = np.flatnonzero(self.office[:, place] != UNMARKED)
        if not len(rows):
            return
        closes = self.closes[place]
        at = closes - timedelta(seconds=int(self.random.integers(20, 90)))
        ids = tuple(self.strips.enrolments[i].id for i in rows)
        late = self.office[rows, place] == self.strips.statute.number("L")
        minutes = {ids[i]: self._minutes(int(rows[i]), place) for i in np.flatnonzero(late)}
        name = f"{session.on:%Y%m%d}{session.half.name}-{OFFICE}"
        yield Save(name, session, ids, self.office[rows, place].tobytes(), at, at, closes, OFFICE, minutes)

    def _minutes(self, row: int, place: int) -> int:
        return 0 if self.strips.minutes_late is None else int(self.strips.minutes_late[row, place])

    def _opens(self, place: int) -> datetime:
        session = self.sessions[place]
        times = self.calendar.times_of(session)
        if times is not None:
            return datetime.combine(session.on, times.opens, LONDON)
        return self.closes[place] - timedelta(minutes=20 if session.half is Half.PM else 30)

    def amendments(self, changes: dict[tuple[int, int], list[_Change]]) -> Iterator[Amendment]:
        """The amendments of all cells."""
        for (row, place), made in changes.items():
            for step, change in enumerate(made):
                yield Amendment(
                    f"A{row:04d}-{place:03d}-{step}",
                    self.strips.enrolments[row].id,
                    self.sessions[place],
                    change.original,
                    change.amended,
                    change.reason,
                    change.at,
                    change.by,
                    change.by,
                    self._minutes(row, place) if change.amended == "U" else None,
                )


@dataclass(frozen=True)
class _Facts:
    """What the law wants to know of an amendment, beside the marks."""

    at: datetime
    reason: str
    by: str


def _one_after_another(events: Sequence[_Event]) -> AttendanceRegister:
    """Gives every event a second of its own: known_at rises strictly within a school, in files as well."""
    saves: list[Save] = []
    amendments: list[Amendment] = []
    last: datetime | None = None
    for event in events:
        at = event.at if last is None or event.at > last else last + timedelta(seconds=1)
        last = at
        if isinstance(event.made, Save):
            saves.append(replace(event.made, known_at=at))
        else:
            amendments.append(replace(event.made, known_at=at))
    return AttendanceRegister(tuple(saves), tuple(amendments))
