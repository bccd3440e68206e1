"""What do all kinds of rules look at: marks, counts and facts of one school at one moment, worked out once.

A sight ends with the last session whose register had closed by the moment. What stands in the registers for
later sessions, such as leave entered beforehand, is not counted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from firstbell.duties.book import Book
from firstbell.duties.duty import Because, Occurrence
from firstbell.facts import About, Data, Fact, Facts
from firstbell.facts.absences import AbsenceReported, ContactTried, FoundSafe, ReplyReceived, VisitMade
from firstbell.facts.cases import FlagEnded, FlagSet
from firstbell.measures import Rate, Run, RunKind, runs
from firstbell.policy.parameters import RegisterTimes
from firstbell.policy.rule import AppliesTo, Rule
from firstbell.policy.rulebook import Rulebook
from firstbell.policy.terms import Limit, Over
from firstbell.register import YEAR_GROUP, Enrolment, Strips
from firstbell.sessions import LONDON, Half, Period, Session, SessionTimes, monday_of
from firstbell.statute import UNMARKED, Code, Law, compulsory_school_age
from firstbell.statute.values import (
    CompulsorySchoolAge,
    LeaveGround,
    RegisterOpening,
    SicknessCounting,
)

__all__ = ["Looking", "Sight", "closes_at", "register_times"]

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
_D = TypeVar("_D", bound=Data)
_T = TypeVar("_T")
Looking = Callable[["Sight", Rule], Iterator[Occurrence]]
"""What a kind of rule is: a function from what there is to see to the occurrences of one rule."""
SESSION_OF = {"morning": (Half.AM,), "afternoon": (Half.PM,), "both": (Half.AM, Half.PM)}


def register_times(
    rules: Sequence[Rule], book: Book, session: Session, year_group: str | None
) -> SessionTimes | None:
    """When a session's register opens and closes: as the policy says, else as the calendar does."""
    for rule in rules:
        params = rule.params
        if not isinstance(params, RegisterTimes) or params.opens is None:
            continue
        groups = rule.applies_to.year_groups
        if session.half in SESSION_OF[params.session] and (not groups or year_group in groups):
            closes = params.closes or _later(params.opens, params.minutes_open or 0)
            return SessionTimes(params.opens, closes, late_after=params.late_after)
    return book.calendar.times_of(session, year_group)


def closes_at(rules: Sequence[Rule], book: Book, session: Session, year_group: str | None) -> datetime:
    """The moment a session's register closes for a year group."""
    times = register_times(rules, book, session, year_group)
    if times is None:
        return book.calendar.closes_at(session, year_group)
    return datetime.combine(session.on, times.closes, LONDON)


def _later(opens: time, minutes: int) -> time:
    return (datetime.combine(date(2000, 1, 1), opens) + timedelta(minutes=minutes)).time()


@dataclass(frozen=True, eq=False)
class Sight:
    """A book under a rulebook at a moment, with the arrays that the kinds share.

    Shapes: rows are the book's enrolments, places the sessions of its axis, days two places each.
    """

    book: Book
    rulebook: Rulebook
    at: datetime

    def under(self, rulebook: Rulebook) -> Sight:
        """The same under other rules by which registers close at the same times: what is known is kept."""
        other = Sight(self.book, rulebook, self.at)
        vars(other).update({name: value for name, value in vars(self).items() if name in KEPT})
        return other

    @cached_property
    def day(self) -> date:
        """The day of the moment, by the clocks here."""
        return self.at.astimezone(LONDON).date()

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force on the day."""
        return tuple(self.rulebook.on(self.day))

    @cached_property
    def law(self) -> Law:
        """The law of the day."""
        return self.book.statute.on(self.day)

    @cached_property
    def last(self) -> Session | None:
        """The last session whose register had closed for some year group."""
        return self._last(any)

    @cached_property
    def over(self) -> Session | None:
        """The last session whose register had closed for every year group."""
        return self._last(all)

    def _last(self, of_groups: Callable[[Iterator[bool]], bool]) -> Session | None:
        calendar = self.book.calendar
        groups = self.year_groups or (None,)
        for session in reversed(calendar.sessions(calendar.starts_on, self.day)):
            closed = (closes_at(self.rules, self.book, session, group) <= self.at for group in groups)
            if session.on < self.day or of_groups(closed):
                return session
        return None

    def is_over(self, day: date) -> bool:
        """Whether the last register of a school day has closed for everybody."""
        if self.over is None:
            return False
        halves = self.book.calendar.meets().get(day, frozenset())
        return bool(halves) and (day, max(halves)) <= (self.over.on, self.over.half)

    @cached_property
    def year_groups(self) -> tuple[str | None, ...]:
        """The year groups of the pupils on the day."""
        found = {enrolment.year_group(self.day) for enrolment in self.book.enrolments}
        return tuple(sorted(found, key=str))

    @cached_property
    def strips(self) -> Strips:
        """The registers up to the last session."""
        return self.book.strips.until(self.last or Session(date.min, Half.AM))

    @cached_property
    def facts(self) -> Facts:
        """The facts that stood."""
        return self.book.standing

    @property
    def enrolments(self) -> tuple[Enrolment, ...]:
        """The enrolments, by row."""
        return self.book.enrolments

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of each enrolment by its id."""
        return {one.id: row for row, one in enumerate(self.enrolments)}

    # --- days and periods --------------------------------------------------------------------------------

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days of the axis."""
        return self.strips.axis.days

    @cached_property
    def seen(self) -> int:
        """How many days of the axis have been reached: the last of them is the day of the last session."""
        return bisect_right(self.days, self.last.on) if self.last else 0

    def place_of(self, day: date) -> int:
        """The place among the days of the first day of the axis that is not before `day`."""
        return bisect_left(self.days, day)

    def period(self, over: Over, day: date) -> Period | None:
        """The school year, term, half term or week that a day is in; None in a gap between them."""
        calendar = self.book.calendar
        if over == "school year":
            return calendar.year(day)
        if over == "term":
            return calendar.term(day)
        if over == "half term":
            half_term = calendar.half_term(day)
            return half_term.period if half_term else None
        monday_on = monday_of(day)
        return Period("week", monday_on, monday_on + timedelta(days=6))

    def periods(self, over: Over) -> tuple[Period, ...]:
        """Every such period that has begun by the day and that the axis reaches, in order."""
        return self.once(("periods", over), lambda: self._periods(over))

    def _periods(self, over: Over) -> tuple[Period, ...]:
        calendar = self.book.calendar
        found: Sequence[Period]
        if over == "school year":
            found = calendar.years
        elif over == "term":
            found = calendar.terms
        elif over == "half term":
            found = [half_term.period for half_term in calendar.half_terms]
        else:
            weeks = calendar.school_weeks(calendar.starts_on, self.day)
            found = [Period("week", week.monday_on, week.sunday_on) for week in weeks]
        return tuple(one for one in found if one.starts_on <= self.day)

    def last_school_day(self, period: Period) -> date | None:
        """The last school day of a period; None if it has none."""
        days = self.once(("days", period), lambda: self._school_days(period))
        return days[-1] if days else None

    def _school_days(self, period: Period) -> tuple[date, ...]:
        return self.book.calendar.school_days(period.starts_on, period.ends_on)

    def ends_next(self, over: Over) -> date | None:
        """The last school day of the period that goes on, or begins next; None where none is known.

        On that day itself: once the last register has closed it is the next one.
        """
        calendar = self.book.calendar
        first_on = self.day + timedelta(days=1) if self.is_over(self.day) else self.day
        following = calendar.school_days(first_on, calendar.ends_on)
        period = self.period(over, following[0]) if following else None
        return calendar.school_days(period.starts_on, period.ends_on)[-1] if period is not None else None

    def half_term_number(self, day: date) -> int | None:
        """Which half term of its school year a day is in, from 1; None in the holidays."""
        return self.once(("half term", day), lambda: self._half_term_number(day))

    def _half_term_number(self, day: date) -> int | None:
        half_term = self.book.calendar.half_term(day)
        if half_term is None:
            return None
        same = [one for one in self.book.calendar.half_terms if one.year == half_term.year]
        return same.index(half_term) + 1

    # --- marks -------------------------------------------------------------------------------------------

    @cached_property
    def possible(self) -> BoolArray:
        """bool[row, place]: sessions that were possible."""
        return self.strips.where(lambda code: code.possible)

    @cached_property
    def attended(self) -> BoolArray:
        """bool[row, place]: sessions attended."""
        return self.strips.where(lambda code: code.attended)

    @cached_property
    def absent(self) -> BoolArray:
        """bool[row, place]: sessions of absence, authorised or not."""
        return self.strips.where(lambda code: bool(code.absence))

    def where(self, test: Callable[[Code], bool]) -> BoolArray:
        """bool[row, place]: the marks whose code `test` accepts."""
        return self.strips.where(test)

    def marked(self, codes: Sequence[str]) -> BoolArray:
        """bool[row, place]: the marks with one of these codes."""
        return self.once(("marked", *codes), lambda: self.strips.marked(*codes))

    @cached_property
    def late(self) -> BoolArray:
        """bool[row, place]: sessions at which a pupil came late, before or after the register closed."""
        return self.where(lambda code: bool(code.late))

    @cached_property
    def late_before_close(self) -> BoolArray:
        """bool[row, place]: sessions at which a pupil came late and was still marked as present."""
        return self.where(lambda code: code.late == "before close")

    @cached_property
    def is_marked(self) -> BoolArray:
        """bool[row, place]: sessions with a mark."""
        cells: BoolArray = self.strips.marks != UNMARKED
        return cells

    @cached_property
    def all_sessions(self) -> tuple[Session, ...]:
        """The sessions of the axis, by place."""
        return tuple(self.strips.axis.session(place) for place in range(len(self.strips.axis)))

    def runs(self, kind: RunKind) -> Mapping[int, list[Run]]:
        """The runs of a kind, by row."""
        return self.once(("runs", kind), lambda: _by_row(runs(self.strips, kind)))

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What `make` gives, worked out the first time that it is asked for under this key."""
        if key not in self._once:
            self._once[key] = make()
        found: _T = self._once[key]
        return found

    @cached_property
    def _once(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def late_before_close_by_day(self) -> IntArray:
        """int64[row, day + 1]: sessions before each day with a pupil late and still present."""
        return _running(self.late_before_close)

    @cached_property
    def attended_by_day(self) -> IntArray:
        """int64[row, day + 1]: sessions attended before each day, over the whole axis."""
        return _running(self.attended)

    @cached_property
    def possible_by_day(self) -> IntArray:
        """int64[row, day + 1]: sessions possible before each day."""
        return _running(self.possible)

    def rate(self, row: int, first: date, last: date) -> Rate:
        """The attendance of a row from one day to another, both included."""
        start, stop = self.place_of(first), bisect_right(self.days, last)
        part, whole = self._counts
        return Rate(part[row][stop] - part[row][start], whole[row][stop] - whole[row][start])

    @cached_property
    def _counts(self) -> tuple[list[list[int]], list[list[int]]]:
        """Attended and possible before each day once more: one number of a list is found sooner than of an
        array."""
        return self.attended_by_day.tolist(), self.possible_by_day.tolist()

    def rates(
        self, rows: Sequence[int] | NDArray[np.intp], first: date, last: date
    ) -> tuple[IntArray, IntArray]:
        """The sessions attended, and those possible, of some rows from one day to another."""
        start, stop = self.place_of(first), bisect_right(self.days, last)
        part, whole = self.attended_by_day, self.possible_by_day
        return part[rows, stop] - part[rows, start], whole[rows, stop] - whole[rows, start]

    def late_in_time(self, rows: Sequence[int] | NDArray[np.intp], first: date, last: date) -> IntArray:
        """How often some rows came late, and before the register closed, from one day to another."""
        start, stop = self.place_of(first), bisect_right(self.days, last)
        late = self.late_before_close_by_day
        found: IntArray = late[rows, stop] - late[rows, start]
        return found

    def sessions(self, places: Sequence[int] | NDArray[np.intp]) -> tuple[Session, ...]:
        """The sessions at some places."""
        every = self.all_sessions
        return tuple([every[place] for place in places])

    def sessions_of(self, cells: BoolArray, row: int, first: date, last: date) -> tuple[Session, ...]:
        """The sessions of a row from one day to another where `cells` is set."""
        start, stop = 2 * self.place_of(first), 2 * bisect_right(self.days, last)
        found = cells[row, start:stop].nonzero()[0]
        return self.sessions((found + start).tolist()) if len(found) else ()

    def because_of_rate(self, row: int, period: Period, last: date, limit: Limit) -> Because:
        """The reason that a share met a limit: the rate, the limit and the sessions missed."""
        key = ("rate", row, period.starts_on, last, limit)
        return self.once(key, lambda: self._because_of_rate(row, period, last, limit))

    def _because_of_rate(self, row: int, period: Period, last: date, limit: Limit) -> Because:
        rate = self.rate(row, period.starts_on, last)
        missed = self.sessions_of(self.absent, row, period.starts_on, last)
        named: dict[str, object] = {
            "attended": rate.part,
            "possible": rate.whole,
            "missed": len(missed),
            "attendance": rate.shown(),
        }
        if agreed := self.sessions_of(self.part_time, row, period.starts_on, last):
            # Agreed, and absence all the same: whoever looks at the figure should see what it comes from.
            named["part_time"] = len(agreed)
        return Because(missed, rate, str(limit), (), named)

    @cached_property
    def part_time(self) -> BoolArray:
        """bool[row, place]: sessions not attended by an agreed part-time timetable."""
        return self.marked(self.codes_of("part-time timetable"))

    def codes_of(self, what: str) -> tuple[str, ...]:
        """The codes of the law for "illness", or for a ground of leave by what it is called.

        What reaches back to years before there were such grounds in law has the codes of the first.
        """
        if what == "illness":
            return tuple(str(code) for code in self.law.all_or_first(SicknessCounting)[0].codes)
        grounds = self.law.all_or_first(LeaveGround)
        return tuple(str(one.code) for one in grounds if one.called == what)

    @cached_property
    def unknown_code(self) -> str:
        """The code of the day for a reason that is not known yet."""
        return str(self.law.all_or_first(RegisterOpening)[0].unknown_code)

    # --- pupils ------------------------------------------------------------------------------------------

    def applies(self, applies_to: AppliesTo, row: int, day: date) -> bool:
        """Whether a rule is about a pupil on a day."""
        if applies_to.anybody:
            return True
        enrolment = self.enrolments[row]
        if applies_to.half_terms and self.half_term_number(day) not in applies_to.half_terms:
            return False
        if applies_to.year_groups or applies_to.without_year_groups:
            group = self.year_group(row, day)
            if applies_to.year_groups and group not in applies_to.year_groups:
                return False
            if group in applies_to.without_year_groups:
                return False
        if applies_to.of_age is not None and self.of_age(row, day) is not applies_to.of_age:
            return False
        flags = self.flags(enrolment.id, day) if applies_to.flags or applies_to.without_flags else frozenset()
        return (
            not (applies_to.flags and not applies_to.flags & flags) and not applies_to.without_flags & flags
        )

    def year_group(self, row: int, day: date) -> str | None:
        """The year group of a pupil on a day."""
        lasting = self._year_groups
        return lasting[row] if lasting is not None else self.enrolments[row].year_group(day)

    @cached_property
    def _year_groups(self) -> Sequence[str | None] | None:
        """The year group of every row, where nobody's ever changes."""
        return None if self._changes(YEAR_GROUP) else self.values(YEAR_GROUP, self.day)

    def values(self, name: str, day: date) -> Sequence[str | None]:
        """What an attribute of every pupil was on a day, by row."""
        key = ("values", name, day if self._changes(name) else None)
        return self.once(key, lambda: [one.value(name, day) for one in self.enrolments])

    def _changes(self, name: str) -> bool:
        """Whether an attribute has days for any pupil."""
        return self.once(
            ("changes", name),
            lambda: any(
                one.name == name and (one.from_on is not None or one.until_on is not None)
                for enrolment in self.enrolments
                for one in enrolment.attributes
            ),
        )

    def of_age(self, row: int, day: date) -> bool:
        """Whether a pupil is of compulsory school age on a day; without a date of birth: yes."""
        born_on = self.enrolments[row].born_on
        if born_on is None:
            return True
        rule = self.once(("age", day), lambda: self.book.statute.on(day).all_or_first(CompulsorySchoolAge)[0])
        first_on, last_on = self.once(("ages", born_on, rule), lambda: compulsory_school_age(born_on, rule))
        return first_on <= day <= last_on

    def flags(self, enrolment: str, day: date) -> frozenset[str]:
        """The flags that are set for a pupil on a day."""
        own = self._flags.get(enrolment)
        return (
            frozenset(flag for flag, first, last in own if first <= day and day < last) if own else NO_FLAGS
        )

    @cached_property
    def _flags(self) -> dict[str, list[tuple[str, date, date]]]:
        ended = {data.flag: fact.on for fact, data in self.facts.of(FlagEnded)}
        origins = self.facts.origins
        found: dict[str, list[tuple[str, date, date]]] = {}
        for fact, data in self.facts.of(FlagSet):
            last = ended.get(fact.id, ended.get(origins.get(fact.id, fact.id), date.max))
            found.setdefault(fact.about.enrolment, []).append((data.flag, fact.on, last))
        return found

    def those(self, applies_to: AppliesTo, day: date) -> tuple[int, ...]:
        """The rows of the pupils on roll on a day whom a rule is about."""
        return self.once(("those", applies_to, day), lambda: self._those(applies_to, day))

    def _those(self, applies_to: AppliesTo, day: date) -> tuple[int, ...]:
        if applies_to.anybody:
            return tuple(row for row, one in enumerate(self.enrolments) if one.on_roll(day))
        return tuple(row for row in self.those(ANYBODY, day) if self.applies(applies_to, row, day))

    def about(self, row: int) -> About:
        """Whom an occurrence about a row is about."""
        return self._abouts[row]

    @cached_property
    def _abouts(self) -> tuple[About, ...]:
        return tuple(About(enrolment=one.id) for one in self.enrolments)

    def of(self, kind: type[_D]) -> Sequence[tuple[Fact, _D, int]]:
        """The facts of a kind about the book's pupils, each with its data and row."""
        return self.once(("of", kind), lambda: list(self._of(kind)))

    def _of(self, kind: type[_D]) -> Iterator[tuple[Fact, _D, int]]:
        for fact, data in self.facts.of(kind):
            row = self.row_of.get(fact.about.enrolment)
            if row is not None:
                yield fact, data, row

    def of_row(self, kind: type[_D], row: int) -> Sequence[tuple[Fact, _D, int]]:
        """Those about one pupil."""
        return self.once(("of row", kind), lambda: self._of_rows(kind)).get(row, ())

    def _of_rows(self, kind: type[_D]) -> dict[int, list[tuple[Fact, _D, int]]]:
        found: dict[int, list[tuple[Fact, _D, int]]] = {}
        for one in self.of(kind):
            found.setdefault(one[2], []).append(one)
        return found

    @cached_property
    def contacts(self) -> Mapping[str, list[Fact]]:
        """By enrolment, the facts that show that the school has been in contact with the family.

        A parent who was reached or who reported, a visit at which somebody was seen, a child known to be
        safe. A message left, and a door that nobody opened, are none.
        """
        found: dict[str, list[Fact]] = {}
        for fact in self.facts:
            if is_contact(fact):
                found.setdefault(fact.about.enrolment, []).append(fact)
        return found

    def times(self, session: Session, row: int) -> SessionTimes | None:
        """When a session's register opens and closes for a pupil."""
        group = self.year_group(row, session.on)
        return register_times(self.rules, self.book, session, group)

    def first_absence(self, row: int, day: date) -> Session | None:
        """The first session of a day at which a pupil was absent."""
        sessions = self.sessions_of(self.absent, row, day, day)
        return sessions[0] if sessions else None


ANYBODY = AppliesTo()
NO_FLAGS: frozenset[str] = frozenset()
KEPT = frozenset(name for name, own in vars(Sight).items() if isinstance(own, cached_property)) - {"rules"}
"""What a sight has worked out from book and registers alone."""


def _by_row(found: Sequence[Run]) -> dict[int, list[Run]]:
    rows: dict[int, list[Run]] = {}
    for run in found:
        rows.setdefault(run.row, []).append(run)
    return rows


def is_contact(fact: Fact) -> bool:
    """Whether a fact shows that the school has been in contact with a family."""
    data = fact.data
    if isinstance(data, ContactTried):
        return data.outcome == "reached"
    if isinstance(data, VisitMade):
        return data.outcome in ("child seen", "parent seen")
    return isinstance(data, AbsenceReported | ReplyReceived | FoundSafe)


def _running(cells: BoolArray) -> IntArray:
    """How many were set before each day: int64[row, day + 1]."""
    by_day = cells.reshape(len(cells), cells.shape[1] // 2, 2).sum(axis=2, dtype=np.int64)
    running = np.zeros((len(cells), by_day.shape[1] + 1), dtype=np.int64)
    np.cumsum(by_day, axis=1, out=running[:, 1:])
    return running
