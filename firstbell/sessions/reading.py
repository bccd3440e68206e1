"""Reads a school's calendar: our own TOML, or the term dates that many authorities publish as iCalendar.

Everything wrong with a file is reported at once, with its row where one is known. A calendar with an error
is not used at all: one wrong holiday moves every deadline after it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import icalendar

from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions.calendar import (
    BOTH,
    Calendar,
    Closure,
    GroupDays,
    HalfTerm,
    SessionTimes,
    Times,
)
from firstbell.sessions.days import Half, bank_holidays_in

__all__ = ["read_calendar", "read_icalendar"]

KNOWN = {
    "": {"school", "bank_holidays", "year", "closed", "also_open", "times", "year_group_days"},
    "year": {"name", "term"},
    "term": {"name", "half_terms"},
    "closed": {"on", "from", "to", "why", "name", "halves"},
    "times": {"year_groups", "from", "morning", "afternoon"},
    "session times": {"opens", "closes", "ends"},
    "year_group_days": {"year_groups", "without", "also"},
    "own days": {"on", "from", "to", "halves"},
}
YEAR_NAME = re.compile(r"^\d{4}/\d{2}$")


class _Reader:
    """One reading of one TOML calendar."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def problem(self, rule: str, where: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(rule, Place(self.file, part=where or None), what, remedy))

    def check_keys(self, row: Mapping[str, Any], kind: str, where: str) -> None:
        for key in row.keys() - KNOWN[kind]:
            self.problem(
                "calendar-key",
                where,
                f'there is no key "{key}".',
                f"It may have: {', '.join(sorted(KNOWN[kind]))}.",
            )

    def tables(self, row: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
        """The tables under a key; anything else that stands there is a problem."""
        value = row.get(key, [])
        rows = value if isinstance(value, list) else [value]
        for one in rows:
            if not isinstance(one, dict):
                self.problem("calendar-shape", where, f'"{key}" holds {one!r}.', f"Write it as [[{key}]].")
        return [one for one in rows if isinstance(one, dict)]

    def words(self, row: Mapping[str, Any], key: str, where: str) -> frozenset[str]:
        """The names in a list; a number is a name, too (year group 7)."""
        value = row.get(key, [])
        if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
            return frozenset(map(str, value))
        self.problem("calendar-shape", where, f'"{key}" is {value!r}.', 'Write a list, such as ["7", "8"].')
        return frozenset()

    def day(self, row: Mapping[str, Any], key: str, where: str) -> date | None:
        value = row.get(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.problem(
            "calendar-day",
            where,
            f'"{key}" is {value!r}.' if key in row else f'"{key}" is missing.',
            "Write a day without quotes, such as 2025-09-02.",
        )
        return None

    def half_terms(self, years: Iterable[Mapping[str, Any]]) -> list[HalfTerm]:
        found: list[HalfTerm] = []
        for year in years:
            name = str(year.get("name", ""))
            self.check_keys(year, "year", f"year {name}")
            if not YEAR_NAME.match(name):
                self.problem("calendar-year", "year", f'the name is "{name}".', 'Write it as "2025/26".')
            for term in self.tables(year, "term", f"year {name}"):
                where = f"year {name}, term {term.get('name', '')}"
                self.check_keys(term, "term", where)
                for number, half in enumerate(self.tables(term, "half_terms", where), start=1):
                    starts_on, ends_on = self.day(half, "starts", where), self.day(half, "ends", where)
                    if starts_on is None or ends_on is None:
                        continue
                    if ends_on < starts_on:
                        self.problem(
                            "calendar-order",
                            where,
                            f"it ends on {ends_on}, before {starts_on}.",
                            "Swap them.",
                        )
                    title = f"{term.get('name', 'Term')} {number}"
                    found.append(HalfTerm(name, str(term.get("name", "Term")), title, starts_on, ends_on))
        for earlier, later in zip(found, found[1:], strict=False):
            if later.starts_on <= earlier.ends_on:
                self.problem(
                    "calendar-order",
                    f"year {later.year}, {later.name}",
                    f"it starts on {later.starts_on}, but the one before it ends on {earlier.ends_on}.",
                    "Put the half terms in order of time, without overlap.",
                )
        if not found:
            self.problem("calendar-empty", "", "there is no half term.", "Add a [[year]] with its terms.")
        return found

    def halves(self, value: object, where: str) -> frozenset[Half]:
        names = [value] if isinstance(value, str) else value
        known = tuple(Half.__members__)
        if isinstance(names, list) and names and all(name in known for name in names):
            return frozenset(Half[name] for name in names)
        self.problem("calendar-half", where, f"the half is {value!r}.", 'Write "AM" or "PM".')
        return BOTH

    def closures(self, rows: Iterable[Mapping[str, Any]]) -> list[Closure]:
        found = []
        for number, row in enumerate(rows, start=1):
            where = f"closed {number}"
            self.check_keys(row, "closed", where)
            halves = self.halves(row["halves"], where) if "halves" in row else BOTH
            starts_on = self.day(row, "on" if "on" in row else "from", where)
            ends_on = starts_on if "on" in row else self.day(row, "to", where)
            for day in _span(starts_on, ends_on):
                found.append(Closure(day, str(row.get("why", "closure")), str(row.get("name", "")), halves))
        return found

    def times(self, rows: Iterable[Mapping[str, Any]]) -> list[Times]:
        found = []
        for number, row in enumerate(rows, start=1):
            where = f"times {number}"
            self.check_keys(row, "times", where)
            sessions = {
                half: times
                for half, key in ((Half.AM, "morning"), (Half.PM, "afternoon"))
                for shape in self.tables(row, key, where)
                if (times := self.session_times(shape, f"{where}, {key}"))
            }
            from_on = self.day(row, "from", where) if "from" in row else date.min
            groups = self.words(row, "year_groups", where)
            found.append(Times(sessions, groups, from_on or date.min))
        return found

    def session_times(self, row: Mapping[str, Any], where: str) -> SessionTimes | None:
        self.check_keys(row, "session times", where)
        found: dict[str, time] = {}
        for key in ("opens", "closes", "ends"):
            if key not in row and key == "ends":
                continue
            value = row.get(key)
            try:
                found[key] = value if isinstance(value, time) else time.fromisoformat(str(value))
                if found[key].tzinfo is not None:
                    raise ValueError("clock times are those of the school")
            except ValueError:
                found.pop(key, None)
                self.problem(
                    "calendar-time", where, f'"{key}" is {value!r}.', 'Write it as "08:50", with 24 hours.'
                )
        if "opens" not in found or "closes" not in found:
            return None
        if found["closes"] <= found["opens"]:
            self.problem(
                "calendar-time",
                where,
                f"the register closes at {found['closes']:%H:%M}, not after it opens.",
                "Correct one of the two.",
            )
        return SessionTimes(found["opens"], found["closes"], found.get("ends"))

    def group_days(self, rows: Iterable[Mapping[str, Any]]) -> list[GroupDays]:
        found = []
        for number, row in enumerate(rows, start=1):
            where = f"year_group_days {number}"
            self.check_keys(row, "year_group_days", where)
            groups = self.words(row, "year_groups", where)
            if not groups:
                self.problem("calendar-group", where, "no year group is named.", 'Add year_groups = ["7"].')
            found.append(GroupDays(groups, self.own(row, "without", where), self.own(row, "also", where)))
        return found

    def own(self, row: Mapping[str, Any], key: str, where: str) -> dict[date, frozenset[Half]]:
        days: dict[date, frozenset[Half]] = {}
        value = row.get(key, [])
        bare = value if isinstance(value, list) else [value]
        # A bare day is the whole of it; {on = , halves = } or {from = , to = } says more.
        shaped = {key: [{"on": one} if isinstance(one, date) else one for one in bare]}
        for table in self.tables(shaped, key, where):
            self.check_keys(table, "own days", where)
            halves = self.halves(table["halves"], where) if "halves" in table else BOTH
            starts_on = self.day(table, "on" if "on" in table else "from", where)
            ends_on = starts_on if "on" in table else self.day(table, "to", where)
            days.update(dict.fromkeys(_span(starts_on, ends_on), halves))
        return days


def read_calendar(text: str, file: str = "calendar") -> Calendar:
    """A calendar from our TOML.

    Half terms are stated with their first and last school day; INSET days and other closures inside them
    under `[[closed]]`; bank holidays are known unless `bank_holidays = false`. Raises `Unusable` with
    every problem found.
    """
    reader = _Reader(file)
    content = _toml(text, file)
    reader.check_keys(content, "", "")
    if not content.get("school"):
        reader.problem("calendar-school", "school", "the school is not named.", 'Add school = "...".')
    half_terms = reader.half_terms(reader.tables(content, "year", ""))
    closures = reader.closures(reader.tables(content, "closed", ""))
    if not isinstance(content.get("bank_holidays", True), bool):
        reader.problem(
            "calendar-shape", "bank_holidays", "it is neither true nor false.", "Write one of them."
        )
    if content.get("bank_holidays", True) is True:
        closures += _bank_holidays_in(half_terms, closures)
    calendar = Calendar(
        str(content.get("school", "")),
        tuple(half_terms),
        tuple(closures),
        tuple(reader.group_days(reader.tables(content, "year_group_days", ""))),
        tuple(reader.times(reader.tables(content, "times", ""))),
        tuple(reader.own(content, "also_open", "")),
    )
    for closure in calendar.closures:
        if half_terms and calendar.half_term(closure.on) is None:
            reader.problem(
                "calendar-closed",
                "closed",
                f"{closure.on} ({closure.why}) lies in no half term.",
                "Leave it out, or correct the half term: INSET days outside the terms need no line.",
            )
    if reader.problems:
        raise Unusable(reader.problems)
    return calendar


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = f"this is not TOML: {error}."
        remedy = "Correct that line: days as 2025-09-03, words in straight quotation marks."
        raise Unusable([Problem("calendar-toml", Place(file), what, remedy)]) from None


def _span(starts_on: date | None, ends_on: date | None) -> list[date]:
    if starts_on is None or ends_on is None:
        return []
    return [starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days + 1)]


def _bank_holidays_in(half_terms: Iterable[HalfTerm], stated: Iterable[Closure]) -> list[Closure]:
    known = {closure.on for closure in stated}
    spans = [(h.starts_on, h.ends_on) for h in half_terms]
    return [
        Closure(day, "bank holiday", name)
        for year in sorted({day.year for span in spans for day in span})
        for day, name in bank_holidays_in(year).items()
        if day not in known and any(first <= day <= last for first, last in spans)
    ]


# --- iCalendar -------------------------------------------------------------------------------------------

NOT_IN_SCHOOL = re.compile(
    r"half[\s-]*term|holiday|break|clos(ed|ure)|inset|staff|training|non[\s-]pupil|bank|may day|good friday",
    re.IGNORECASE,
)
FIRST_DAY = re.compile(r"\b(starts?|begins?|commences?|first day|opens?)\b", re.IGNORECASE)
LAST_DAY = re.compile(r"\b(ends?|finish|finishes|last day)\b", re.IGNORECASE)
# "School closes" and "breaks up" name the last day in school, "reopens" and "return" the first.
CLOSES = re.compile(r"\b(closes|breaks? up)\b", re.IGNORECASE)
REOPENS = re.compile(r"\b(re-?opens?|returns?|back to school|resumes?)\b", re.IGNORECASE)
# Of "the last day of half term" nobody can say whether it is the last in school or the last at home.
DOUBTFUL = re.compile(r"\b(first|last) day\b.*half[\s-]*term", re.IGNORECASE)
TERM = re.compile(r"\b(autumn|spring|summer|term)\b", re.IGNORECASE)


def read_icalendar(text: str, school: str, file: str = "calendar") -> tuple[Calendar, list[Problem]]:
    """A calendar from iCalendar term dates, and the events that could not be understood.

    An event that names a term and lasts for days is that term; "autumn term starts" and "ends" are a pair,
    and so are "half term begins" and "ends", which are taken out of the term they fall in with holidays,
    INSET and closures. An all-day event's DTEND is the day *after* its last (RFC 5545, 3.6.1), which is
    converted here. Term dates hold no register times. Raises `Unusable` where no term is found, or where
    two of them overlap.
    """
    try:
        events = list(icalendar.Calendar.from_ical(text).walk("VEVENT"))
    except (ValueError, IndexError) as error:
        raise Unusable(
            [Problem("ics-unreadable", Place(file), f"this is not iCalendar: {error}.", "Export it again.")]
        ) from None
    read = _Events(file)
    dated = [(number, event, _days_of(event)) for number, event in enumerate(events, start=1)]
    for number, event, days in sorted(dated, key=lambda one: (one[2] or (date.max,))[0]):
        read.event(number, str(event.get("SUMMARY", "")).strip(), days)
    terms, closed, problems = read.terms, read.closed, read.all_problems()
    overlapping = [b for a, b in zip(sorted(terms), sorted(terms)[1:], strict=False) if b[0] <= a[1]]
    if overlapping:
        problems.append(
            Problem(
                "ics-overlap",
                Place(file),
                f'"{overlapping[0][2]}" starts on {overlapping[0][0]}, inside another term.',
                "Write the calendar as TOML.",
            )
        )
    elif not terms:
        problems.append(
            Problem("ics-no-term", Place(file), "no term was found.", "Write the calendar as TOML.")
        )
    if overlapping or not terms:
        raise Unusable(problems)
    half_terms = _split(sorted(terms), {c.on for c in closed})
    inside = [c for c in closed if any(h.starts_on <= c.on <= h.ends_on for h in half_terms)]
    inside += _bank_holidays_in(half_terms, inside)
    return Calendar(school, tuple(half_terms), tuple(inside)), problems


class _Events:
    """The events of one file in the order of their days, and what they say: terms and closures."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.terms: list[tuple[date, date, str]] = []
        self.closed: list[Closure] = []
        self.problems: list[Problem] = []
        self.in_school: tuple[date, str, int] | None = None
        self.at_home: tuple[date, str, int] | None = None

    def event(self, number: int, summary: str, days: tuple[date, date] | None) -> None:
        if days is None:
            self.left_out(number, summary, "it has no day")
        elif days[0] == days[1] and not DOUBTFUL.search(summary) and self.boundary(number, summary, days[0]):
            return
        elif DOUBTFUL.search(summary):
            self.left_out(number, summary, "it may mean a day in school or one at home")
        elif NOT_IN_SCHOOL.search(summary):
            self.shut(summary, *days)
        elif TERM.search(summary) and days[1] > days[0]:
            self.terms.append((*days, summary))
        else:
            self.left_out(number, summary, "it names neither a term nor a closure")

    def boundary(self, number: int, summary: str, day: date) -> bool:
        """Takes a day on which a term or a holiday begins or ends; False if it is no such day."""
        home = NOT_IN_SCHOOL.search(summary) and not CLOSES.search(summary)
        term = TERM.search(summary) and not home
        if REOPENS.search(summary) or (term and FIRST_DAY.search(summary)):
            if self.in_school:
                self.left_out(self.in_school[2], self.in_school[1], "no end was found for it")
            self.in_school = (day, summary, number)
        elif CLOSES.search(summary) or (term and LAST_DAY.search(summary)):
            if self.in_school is None:
                return False
            self.terms.append((self.in_school[0], day, self.in_school[1]))
            self.in_school = None
        elif home and FIRST_DAY.search(summary):
            self.at_home = (day, summary, number)
        elif home and LAST_DAY.search(summary) and self.at_home:
            self.shut(self.at_home[1], self.at_home[0], day)
            self.at_home = None
        else:
            return False
        return True

    def shut(self, summary: str, first_on: date, last_on: date) -> None:
        why = "INSET" if re.search("inset|staff|training", summary, re.IGNORECASE) else "closure"
        self.closed += [Closure(day, why, summary) for day in _span(first_on, last_on)]

    def left_out(self, number: int, summary: str, why: str) -> None:
        self.problems.append(_not_understood(self.file, number, summary, why))

    def all_problems(self) -> list[Problem]:
        for unfinished in (self.in_school, self.at_home):
            if unfinished:
                self.left_out(unfinished[2], unfinished[1], "no end was found for it")
        return sorted(self.problems, key=lambda problem: str(problem.place))


def _not_understood(file: str, number: int, summary: str, why: str) -> Problem:
    return Problem(
        "ics-event",
        Place(file, part=f"event {number}" if number else None),
        f'"{summary}" was left out: {why}.',
        "If the school is closed then, add it to the calendar by hand.",
        severity="warning",
    )


def _days_of(event: Any) -> tuple[date, date] | None:
    """First and last day of an event, both included; None where it does not say them."""
    start, end = event.get("DTSTART"), event.get("DTEND")
    # A broken or a doubled property comes as something without a day.
    first = _moment_of(start)
    last = _moment_of(end) if end is not None else first
    if first is None or last is None or isinstance(first, datetime) != isinstance(last, datetime):
        return None
    if isinstance(first, datetime) and isinstance(last, datetime):
        return first.date(), max(first.date(), last.date())
    return first, first if end is None else max(first, last - timedelta(days=1))


def _moment_of(stated: Any) -> date | None:
    try:
        moment = stated.dt
    except (AttributeError, ValueError):
        return None
    return moment if isinstance(moment, date) else None


def _split(terms: Iterable[tuple[date, date, str]], closed: set[date]) -> list[HalfTerm]:
    """Terms cut at every full week of closure, which is their half-term holiday."""
    found: list[HalfTerm] = []
    for first_on, last_on, summary in terms:
        word = TERM.search(summary)
        season = word.group(0).capitalize() if word and word.group(0).lower() != "term" else _season(first_on)
        start_year = first_on.year if first_on.month >= 8 else first_on.year - 1
        year = f"{start_year}/{(start_year + 1) % 100:02d}"
        number = 1 + sum(1 for h in found if (h.year, h.term) == (year, season))
        for starts_on, ends_on in _stretches(first_on, last_on, closed):
            found.append(HalfTerm(year, season, f"{season} {number}", starts_on, ends_on))
            number += 1
    return found


def _season(day: date) -> str:
    return "Autumn" if day.month >= 8 else "Spring" if day.month <= 3 else "Summer"


def _stretches(first_on: date, last_on: date, closed: set[date]) -> Iterable[tuple[date, date]]:
    week: list[date] = []
    start: date | None = None
    previous = first_on
    for day in _span(first_on, last_on):
        if day.weekday() == 0:
            week = [day + timedelta(days=n) for n in range(5)]
        shut = bool(week) and all(d in closed for d in week if d <= last_on)
        if day.weekday() > 4:
            continue
        if shut and start is not None:
            yield start, previous
            start = None
        elif not shut:
            start = start or day
            previous = day
    if start is not None:
        yield start, previous
