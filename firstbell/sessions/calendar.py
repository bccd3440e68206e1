"""Which sessions, school days, school weeks and terms does a school have, for which year group?

A `Calendar` is one school's, for as many years as are known. What it cannot answer because a year is not
yet in it raises `CalendarEnds`: a deadline worked out over an unknown autumn would be a guess.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from firstbell.sessions.days import Half, Session

__all__ = [
    "BOTH",
    "Calendar",
    "CalendarEnds",
    "Closure",
    "GroupDays",
    "HalfTerm",
    "LONDON",
    "Period",
    "SchoolWeek",
    "SessionTimes",
    "Times",
]

LONDON = ZoneInfo("Europe/London")
BOTH = frozenset(Half)


class CalendarEnds(LookupError):
    """The calendar does not reach far enough to answer; the message names its last day."""


@dataclass(frozen=True)
class Period:
    """A named stretch of days, both ends included."""

    name: str
    starts_on: date
    ends_on: date

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True)
class HalfTerm:
    """A half term as the calendar states it, with the term and the school year that it belongs to."""

    year: str
    term: str
    name: str
    starts_on: date
    ends_on: date

    @property
    def period(self) -> Period:
        """The half term as a period."""
        return Period(self.name, self.starts_on, self.ends_on)


@dataclass(frozen=True)
class Closure:
    """A day, or a half of one, inside a half term on which the school does not meet."""

    on: date
    why: str  # "INSET", "bank holiday", "closure", "occasional day" ...
    name: str = ""
    halves: frozenset[Half] = BOTH


@dataclass(frozen=True)
class GroupDays:
    """Days that some year groups have for themselves: sessions they do not have, or have in addition."""

    year_groups: frozenset[str]
    without: Mapping[date, frozenset[Half]] = field(default_factory=dict)
    also: Mapping[date, frozenset[Half]] = field(default_factory=dict)


@dataclass(frozen=True)
class SessionTimes:
    """When a session's register opens and closes, local time; `ends` is when the session does.

    `late_after` is from when on whoever comes is late, where that is later than when it opens.
    """

    opens: time
    closes: time
    ends: time | None = None
    late_after: time | None = None

    @property
    def in_time_until(self) -> time:
        """The last minute at which nobody is late."""
        return self.late_after or self.opens

    @property
    def minutes_open(self) -> int:
        """For how many minutes the register is open."""
        return (self.closes.hour - self.opens.hour) * 60 + self.closes.minute - self.opens.minute


@dataclass(frozen=True)
class Times:
    """The times of both sessions for some year groups (none named: all), from a day on."""

    sessions: Mapping[Half, SessionTimes]
    year_groups: frozenset[str] = frozenset()
    from_on: date = date.min


@dataclass(frozen=True, order=True)
class SchoolWeek:
    """A Monday-to-Sunday week with at least one session. Weeks without one do not exist."""

    monday_on: date
    days: tuple[date, ...] = field(compare=False)

    @property
    def sunday_on(self) -> date:
        """The last day of the week."""
        return self.monday_on + timedelta(days=6)


def monday_of(day: date) -> date:
    """The Monday of the week that `day` is in."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, eq=False)
class Calendar:
    """One school's terms, closures and times.

    School days are Mondays to Fridays inside a half term that are not closed, and the days `also_open`.
    A school day is a day with at least one session; for a year group, at least one of its own.
    """

    school: str
    half_terms: tuple[HalfTerm, ...]
    closures: tuple[Closure, ...] = ()
    group_days: tuple[GroupDays, ...] = ()
    times: tuple[Times, ...] = ()
    also_open: tuple[date, ...] = ()

    @cached_property
    def starts_on(self) -> date:
        """The first day of the first half term, or of a day that only some have before it."""
        return min([half_term.starts_on for half_term in self.half_terms] + list(self.meets())[:1])

    @cached_property
    def ends_on(self) -> date:
        """The last day of the last half term, or of a day that only some have after it."""
        return max([half_term.ends_on for half_term in self.half_terms] + list(self.meets())[-1:])

    @cached_property
    def year_groups(self) -> frozenset[str]:
        """The year groups that have days of their own."""
        return frozenset(group for days in self.group_days for group in days.year_groups)

    @cached_property
    def _meets(self) -> dict[date, frozenset[Half]]:
        """The halves on which the school meets at all, by day, before any year group's own days."""
        meets: dict[date, frozenset[Half]] = {}
        for half_term in self.half_terms:
            for day in _days(half_term.starts_on, half_term.ends_on):
                if day.weekday() < 5:
                    meets[day] = BOTH
        meets.update(dict.fromkeys(self.also_open, BOTH))
        for closure in self.closures:
            meets[closure.on] = meets.get(closure.on, frozenset()) - closure.halves
        return {day: halves for day, halves in sorted(meets.items()) if halves}

    @cached_property
    def _meets_by_group(self) -> dict[str | None, dict[date, frozenset[Half]]]:
        return {None: self._everyone()}

    def _everyone(self) -> dict[date, frozenset[Half]]:
        """The school's days: a session that at least one year group has."""
        meets = dict(self._meets)
        for days in self.group_days:
            for day, halves in days.also.items():
                meets[day] = meets.get(day, frozenset()) | halves
        return dict(sorted(meets.items()))

    def meets(self, year_group: str | None = None) -> Mapping[date, frozenset[Half]]:
        """The sessions a year group has, as halves by day, ascending; of the whole school without one."""
        group = year_group if year_group in self.year_groups else None
        if year_group is not None and group is None and self.group_days:
            group = "\0others"  # groups without days of their own: the plain calendar
        known = self._meets_by_group
        if group not in known:
            meets = dict(self._meets)
            for days in self.group_days:
                if group not in days.year_groups:
                    continue
                for day, halves in days.without.items():
                    meets[day] = meets.get(day, frozenset()) - halves
                for day, halves in days.also.items():
                    meets[day] = meets.get(day, frozenset()) | halves
            known[group] = {day: halves for day, halves in sorted(meets.items()) if halves}
        return known[group]

    @cached_property
    def _days_by_group(self) -> dict[str | None, tuple[date, ...]]:
        return {}

    def _days_of(self, year_group: str | None) -> tuple[date, ...]:
        """The school days of a year group, of the whole school without one."""
        group = year_group if self.group_days else None
        if group not in self._days_by_group:
            self._days_by_group[group] = tuple(self.meets(group))
        return self._days_by_group[group]

    def sessions(self, starts_on: date, ends_on: date, year_group: str | None = None) -> tuple[Session, ...]:
        """The sessions from one day to another, both included, in order."""
        meets = self.meets(year_group)
        return tuple(
            Session(day, half)
            for day in self.school_days(starts_on, ends_on, year_group)
            for half in sorted(meets[day])
        )

    def school_days(self, starts_on: date, ends_on: date, year_group: str | None = None) -> tuple[date, ...]:
        """The school days from one day to another, both included."""
        days = self._days_of(year_group)
        return days[bisect_left(days, starts_on) : bisect_right(days, ends_on)]

    def is_school_day(self, day: date, year_group: str | None = None) -> bool:
        """Whether the school (the year group) meets on `day`."""
        return day in self.meets(year_group)

    def has(self, session: Session, year_group: str | None = None) -> bool:
        """Whether there is such a session."""
        return session.half in self.meets(year_group).get(session.on, frozenset())

    def nth_school_day(self, day: date, n: int, year_group: str | None = None) -> date:
        """The n-th school day from `day` on: `day` itself is day 1 if the school meets on it.

        Raises `CalendarEnds` where that would lie beyond the last day known.
        """
        days = self._days_of(year_group)
        place = bisect_left(days, day) + n - 1
        if place >= len(days):
            raise CalendarEnds(
                f"School day {n} from {day} lies after {self.ends_on}, the last day in the calendar of "
                f"{self.school}: add the next school year to it."
            )
        return days[place]

    def nth_school_day_after(self, day: date, n: int, year_group: str | None = None) -> date:
        """The n-th school day after `day`: day 1 is the first school day after it.

        Weekends, holidays, bank holidays and INSET days are passed over, so that five school days after
        the Friday before a fortnight's holiday end three weeks later.
        """
        return self.nth_school_day(day + timedelta(days=1), n, year_group)

    def school_weeks(
        self, starts_on: date, ends_on: date, year_group: str | None = None
    ) -> tuple[SchoolWeek, ...]:
        """The school weeks that have a school day from one day to another, whole weeks."""
        weeks: dict[date, list[date]] = {}
        last_on = monday_of(ends_on) + timedelta(days=6)
        for day in self.school_days(monday_of(starts_on), last_on, year_group):
            weeks.setdefault(monday_of(day), []).append(day)
        return tuple(
            SchoolWeek(monday, tuple(days))
            for monday, days in weeks.items()
            if any(starts_on <= day <= ends_on for day in days)
        )

    def last_school_weeks(self, day: date, n: int, year_group: str | None = None) -> tuple[SchoolWeek, ...]:
        """The n school weeks that end with the one `day` is in, or the last one before it.

        A week of holidays is not counted, so the window may reach back over the summer.
        """
        weeks = self.school_weeks(self.starts_on, monday_of(day) + timedelta(days=6), year_group)
        return weeks[-n:]

    def half_term(self, day: date) -> HalfTerm | None:
        """The half term `day` is in, or None in the holidays."""
        return next((h for h in self.half_terms if h.starts_on <= day <= h.ends_on), None)

    @cached_property
    def terms(self) -> tuple[Period, ...]:
        """The terms, each from the first day of its first half to the last of its last."""
        return _joined((f"{h.term} {h.year}", h) for h in self.half_terms)

    @cached_property
    def years(self) -> tuple[Period, ...]:
        """The school years, each from its first day to the day before the next one's first.

        The summer holiday belongs to the year that ends with it; the last year known ends in August.
        """
        joined = [self._with_days_before(year) for year in _joined((h.year, h) for h in self.half_terms)]
        august_on = date(joined[-1].ends_on.year, 8, 31)
        ends = [following.starts_on - timedelta(days=1) for following in joined[1:]]
        return tuple(
            Period(year.name, year.starts_on, end)
            for year, end in zip(joined, [*ends, max(august_on, joined[-1].ends_on)], strict=True)
        )

    def year(self, day: date) -> Period | None:
        """The school year `day` is in; None before the first and after the last."""
        return next((year for year in self.years if day in year), None)

    def _with_days_before(self, year: Period) -> Period:
        # Year 7 may come a day before the others; a day in July belongs to the year that is ending.
        own = [day for day in self.meets() if date(year.starts_on.year, 8, 1) <= day < year.starts_on]
        return Period(year.name, min([year.starts_on, *own]), year.ends_on)

    def term(self, day: date) -> Period | None:
        """The term `day` is in, its half-term holiday included; None between terms."""
        return next((term for term in self.terms if day in term), None)

    def times_of(self, session: Session, year_group: str | None = None) -> SessionTimes | None:
        """When the session's register opens and closes; None where the calendar does not say."""
        fitting = [
            times
            for times in self.times
            if times.from_on <= session.on
            and session.half in times.sessions
            and (not times.year_groups or year_group in times.year_groups)
        ]
        # The later statement wins, and one for the year group over one for all.
        fitting.sort(key=lambda times: (bool(times.year_groups), times.from_on))
        return fitting[-1].sessions[session.half] if fitting else None

    def closes_at(self, session: Session, year_group: str | None = None) -> datetime:
        """The moment a session's register closes.

        Where the calendar states no times: noon for a morning, the end of the day for an afternoon, so
        that nothing counts as known before it can have been.
        """
        times = self.times_of(session, year_group)
        closes = times.closes if times else (time(12, 0) if session.half is Half.AM else time(23, 59))
        return datetime.combine(session.on, closes, LONDON)


def _days(starts_on: date, ends_on: date) -> Iterable[date]:
    return (starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days + 1))


def _joined(parts: Iterable[tuple[str, HalfTerm]]) -> tuple[Period, ...]:
    joined: dict[str, Period] = {}
    for name, half_term in parts:
        starts_on = joined[name].starts_on if name in joined else half_term.starts_on
        joined[name] = Period(name, starts_on, half_term.ends_on)
    return tuple(joined.values())
