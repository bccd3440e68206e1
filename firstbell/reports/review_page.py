"""What does a school owe its pupils today, on one page that opens in any browser?

What cannot wait stands first, by who owes it; then every pupil, the lowest attendance first; then what is
done, and the rules by which all of it is asked. The page is one file, loads nothing, works without script,
and is the same for the same review. Texts that many pupils share stand once, and are reached by links.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

import numpy as np

from firstbell.duties import State
from firstbell.measures import Counts, count
from firstbell.policy.rule import Form
from firstbell.problems import Problem
from firstbell.reports.page import FileRead, alike, said_of_terms, templates
from firstbell.reports.pictures import HEIGHT, KINDS, Bar, Track, bars_of, kinds_of, tracks
from firstbell.reports.review import DutyLine, PupilReview, Review, RuleShown
from firstbell.reports.wording import days_in_words, plural
from firstbell.sessions import LONDON, Period, day_and_year

__all__ = ["review_page"]

FEW = 8
"""How many pupils of one kind of duty stand open on the page; more fold away behind their number."""

MOST_WITH_WHY = 24
"""Of more pupils of one kind, only the names are listed by day: why, stands with each pupil."""

LONG = 320
"""A reason with more characters folds away behind its beginning."""

MOST_TO_COME = 3
"""How many of the nearest things to come the page tells of a pupil; `firstbell explain` tells all."""

MOST_SETTLED = 300
"""How many duties that were done or withheld the page shows, the latest; duties.csv has all."""

NOBODY = "nobody named"
MISSED = " Missed: "
"""What begins the last sentence of a reason, when it tells the sessions missed: told once for a pupil."""

FORMS = {
    Form.ALERT: "to know",
    Form.LIST: "list",
    Form.TASK: "to do",
    Form.PROMPT: "to decide",
    Form.RETURN: "return",
    Form.LETTER: "letter",
    Form.MESSAGE: "message",
    Form.AWARD: "award",
}
SECTIONS = (
    ("alerts", "To know", (Form.ALERT,)),
    ("returns", "Returns to the authorities", (Form.RETURN,)),
    ("decisions", "To decide", (Form.PROMPT,)),
    ("tasks", "To do", (Form.TASK,)),
    ("lists", "Lists to work through", (Form.LIST,)),
    ("letters", "Letters and messages", (Form.LETTER, Form.MESSAGE)),
    ("awards", "Awards", (Form.AWARD,)),
)
NAMES_ONLY = (Form.LETTER, Form.MESSAGE, Form.AWARD)
"""Forms of which only the names are listed, and which can wait until the lists of the day are done."""

YES_OR_NO = ("yes", "no")

SAID_BY_NAME = (Form.TASK, Form.PROMPT, Form.LETTER, Form.MESSAGE)
"""Forms that need no word beside what is asked: "write about ...", "...?"."""

NOT_OWED = (Form.ALERT, Form.LIST)
"""Forms that are there to be seen: they stand "since" a day, and are not late."""


@dataclass(frozen=True)
class _Entry:
    """A duty with whom it is about, its day in words, and its reason without the sessions missed.

    `kind` is the word for its form, where what is asked does not say it; `weighed` is whether there is
    advice, a suggestion, or an answer to choose; `today` whether it is the work of this very day.
    """

    line: DutyLine
    pupil: PupilReview | None
    rule: int
    clauses: str
    kind: str
    asks: str
    due: str
    overdue: bool
    why: str = field(repr=False)
    missed: str = field(repr=False)
    weighed: bool
    today: bool
    times: int = 1


@dataclass(frozen=True)
class _Day:
    """Entries with the same day: all of the same kind, or all of one pupil's for one reason."""

    entries: tuple[_Entry, ...]

    @property
    def first(self) -> _Entry:
        return self.entries[0]

    @property
    def due(self) -> str:
        return self.first.due

    @property
    def overdue(self) -> bool:
        return any(one.overdue for one in self.entries)

    @property
    def who(self) -> str:
        """The roles that owe it."""
        return ", ".join(dict.fromkeys(one.line.who for one in self.entries if one.line.who)) or NOBODY


@dataclass(frozen=True)
class _Group:
    """The open duties of one kind and one role: `why` is the reason, where all have the same."""

    number: int
    asks: str
    who: str
    form: Form
    entries: tuple[_Entry, ...]
    rules: tuple[tuple[int, str], ...]
    why: str = field(repr=False)
    offers: tuple[str, ...]
    says: str

    @property
    def overdue(self) -> int:
        return sum(one.overdue for one in self.entries)

    @property
    def as_names(self) -> bool:
        """Whether a list of names says enough: never of classes, of places, or where there is advice."""
        more = any(one.line.place or one.line.advice or one.pupil is None for one in self.entries)
        return not more and (self.form in NAMES_ONLY or len(self.entries) > MOST_WITH_WHY)

    @property
    def days(self) -> tuple[_Day, ...]:
        """The entries by the day on which they are due."""
        return tuple(_by_day(self.entries))


@dataclass(frozen=True)
class _Section:
    """The groups of some forms, or those about no single pupil."""

    anchor: str
    title: str
    groups: tuple[_Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.entries) for group in self.groups)


@dataclass(frozen=True)
class _Role:
    """What one role has: how much of it now, open, overdue, and which groups."""

    who: str
    now: int
    open: int
    overdue: int
    groups: tuple[_Group, ...]


@dataclass(frozen=True)
class _Reason:
    """One reason, and everything that is asked for it."""

    why: str = field(repr=False)
    days: tuple[_Day, ...]

    @property
    def place(self) -> int | None:
        return self.days[0].first.line.place


@dataclass(frozen=True)
class _PupilRow:
    """A pupil as the page shows one."""

    pupil: PupilReview
    bars: tuple[tuple[Bar, ...], ...]
    said: str
    reasons: tuple[_Reason, ...]
    overdue: int
    open: int
    more: tuple[str, ...] = field(repr=False)


def review_page(
    review: Review,
    problems: Sequence[Problem] = (),
    *,
    read: Sequence[FileRead] = (),
    kept_aside_in: str = "",
    known_at: str = "",
) -> str:
    """The page as HTML.

    `read` are the files that the review comes from, `kept_aside_in` the name of the file beside the page that
    holds the rows kept aside, `known_at` the moment as at which all was read, where that is not now.
    """
    terms = _terms(review)
    rows = list(_rows(review, terms))
    return (
        templates()
        .get_template("review.html")
        .render(
            review=review,
            day=_in_full(review.on),
            at=f"{review.at.astimezone(LONDON):%H:%M}",
            terms=terms,
            gaps=[_gaps(track) for track in terms],
            kinds=KINDS,
            height=HEIGHT,
            coronavirus=any(bar.letter == "c" for row in rows for bars in row.bars for bar in bars),
            rows=rows,
            by_name=sorted(review.pupils, key=lambda pupil: (pupil.name.casefold(), pupil.row)),
            rules=_rules(review),
            problems=alike(problems),
            read=read,
            kept_aside_in=kept_aside_in,
            known_at=known_at,
            few=FEW,
            long=LONG,
            yes_or_no=YES_OR_NO,
            **_of_duties(review),
        )
    )


def _of_duties(review: Review) -> dict[str, object]:
    """What the page tells of duties outside the rows of the pupils, under the names of the template."""
    entries = _entries(review)
    opened = [one for one in entries if one.line.is_open]
    now = _now(opened)
    in_now = {id(entry) for row in now for entry in row.entries}
    sections = _sections([one for one in opened if id(one) not in in_now])
    return {
        "changed": [one for one in entries if one.line.state == State.BASIS_CHANGED.value],
        "now": now,
        "roles": _roles(opened, now, sections),
        "sections": sections,
        "settled": sorted(_settled(entries), key=_when_settled, reverse=True),
        "most_settled": MOST_SETTLED,
        "opened": len(opened),
        "overdue": sum(one.overdue for one in opened),
    }


def _numbers(review: Review) -> dict[str, int]:
    """The number of each rule on the page, by its id."""
    return {key: number for number, key in enumerate(review.rules, start=1)}


def _entries(review: Review) -> list[_Entry]:
    numbers = _numbers(review)
    return [_entry(review, line, pupil, numbers) for line, pupil in _lines(review)]


def _lines(review: Review) -> Iterator[tuple[DutyLine, PupilReview | None]]:
    for line in review.school:
        yield line, None
    for pupil in review.pupils:
        for line in pupil.duties:
            yield line, pupil


def _settled(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    return (one for one in entries if not one.line.is_open and one.line.state != State.BASIS_CHANGED.value)


def _when_settled(one: _Entry) -> date:
    return one.line.settled_on or one.line.due_on


def _entry(review: Review, line: DutyLine, pupil: PupilReview | None, numbers: Mapping[str, int]) -> _Entry:
    why, _, missed = line.why.partition(MISSED)
    due, overdue = _due(review, line)
    rule = review.rules[line.rule]
    clauses, form = _clauses(rule), Form(line.form)
    return _Entry(
        line,
        pupil,
        numbers[line.rule],
        clauses,
        "" if form in SAID_BY_NAME else f"{FORMS[form]}: ",
        f"{line.asks} ({clauses})" if clauses else line.asks,
        due,
        overdue,
        why,
        missed,
        bool(line.suggests or line.advice or line.offers not in ((), YES_OR_NO)),
        line.due_on == review.on and line.state != State.DEFERRED.value,
    )


def _clauses(rule: RuleShown) -> str:
    """The numbers of a rule's clauses, as a link shows them."""
    keys = [key for key, _ in rule.clauses]
    shown = ", ".join(keys[:3]) + (" and more" if len(keys) > 3 else "")
    return f"law {shown}".strip() if rule.is_law else shown


def _due(review: Review, line: DutyLine) -> tuple[str, bool]:
    """By when, in words, and whether that is over; what is put off is not late."""
    if line.state == State.DEFERRED.value:
        return f"{line.became[:1].lower()}{line.became[1:]}".rstrip("."), False
    owed = line.form not in NOT_OWED
    if line.due_on < review.on:
        return f"since {_short(line.due_on)}", owed
    if line.due_on > review.on:
        return f"by {days_in_words(line.due_on, line.due_on)}", False
    if not line.due:
        return "today", False
    return f"by {line.due} today", owed and line.due < f"{review.at.astimezone(LONDON):%H:%M}"


def _short(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _in_full(day: date) -> str:
    return f"{day:%A} {day_and_year(day)}"


# --- what is to be done ----------------------------------------------------------------------------------


def _now(opened: Sequence[_Entry]) -> tuple[_Day, ...]:
    """What this day asks for, a row for each pupil and reason; what has a time of day comes first."""
    found: dict[tuple[str, str, str], list[_Entry]] = {}
    for one in opened:
        if one.today and (one.line.due or one.line.form not in NAMES_ONLY):
            whom = one.pupil.enrolment if one.pupil else one.line.about
            found.setdefault((whom, one.line.why, one.due), []).append(one)
    return tuple(sorted((_Day(tuple(entries)) for entries in found.values()), key=_most_urgent_first))


def _most_urgent_first(row: _Day) -> tuple[bool, bool, bool, str, str, str]:
    pupil = row.first.pupil
    flagged = bool(pupil and pupil.flags)
    return (
        not row.first.line.due,
        pupil is not None,
        not flagged,
        row.first.line.due,
        pupil.group if pupil else "",
        row.first.line.about.casefold(),
    )


def _sections(opened: Sequence[_Entry]) -> tuple[_Section, ...]:
    """What else is open, by form, then by role and kind; what is about no single pupil comes last."""
    by_form: dict[Form, list[_Entry]] = {}
    school: list[_Entry] = []
    for one in opened:
        form = Form(one.line.form)
        apart = one.pupil is None and form not in (Form.RETURN, Form.AWARD)
        (school if apart else by_form.setdefault(form, [])).append(one)
    numbers = iter(range(1, len(opened) + 1))
    found = []
    for anchor, title, forms in SECTIONS:
        own = [one for form in forms for one in by_form.get(form, ())]
        found.append(_Section(anchor, title, tuple(_groups(own, numbers))))
    found.append(_Section("school", "The school and its classes", tuple(_groups(school, numbers))))
    return tuple(section for section in found if section.groups)


def _groups(entries: Sequence[_Entry], numbers: Iterator[int]) -> Iterator[_Group]:
    kinds: dict[tuple[str, str, str], list[_Entry]] = {}
    for one in entries:
        kinds.setdefault((one.line.who or NOBODY, one.line.asks, one.line.form), []).append(one)
    for (who, asks, form), own in sorted(kinds.items()):
        own.sort(key=_latest_first)
        whys = {one.why for one in own}
        shared = own[0].why if len(own) > 1 and len(whys) == 1 else ""
        offers = own[0].line.offers if len({one.line.offers for one in own}) == 1 else ()
        rules = tuple(dict.fromkeys((one.rule, one.clauses) for one in own))
        yield _Group(next(numbers), asks, who, Form(form), tuple(own), rules, shared, offers, _summary(own))


def _latest_first(one: _Entry) -> tuple[int, int, str, str]:
    group = one.pupil.group if one.pupil else ""
    return -one.line.due_on.toordinal(), one.line.place or 0, group, one.line.about.casefold()


def _summary(entries: Sequence[_Entry]) -> str:
    """How many of a group are overdue, and since when."""
    late = [one.line.due_on for one in entries if one.overdue]
    if not late:
        coming = [one.line.due_on for one in entries if one.due.startswith("by ")]
        return f"the next by {_short(min(coming))}" if coming else ""
    if len(entries) == 1:
        return f"overdue since {_short(late[0])}"
    which = "all" if len(late) == len(entries) else str(len(late))
    return f"{which} overdue, the oldest since {_short(min(late))}"


def _roles(opened: Sequence[_Entry], now: Sequence[_Day], sections: Sequence[_Section]) -> tuple[_Role, ...]:
    """What each role has, whoever has most to do now first."""
    urgent = [entry for row in now for entry in row.entries]
    found = []
    for who in {one.line.who or NOBODY for one in opened}:
        own = [one for one in opened if (one.line.who or NOBODY) == who]
        groups = tuple(group for section in sections for group in section.groups if group.who == who)
        at_once = sum((one.line.who or NOBODY) == who for one in urgent)
        found.append(_Role(who, at_once, len(own), sum(one.overdue for one in own), groups))
    return tuple(sorted(found, key=lambda role: (-role.now, -role.open, role.who)))


# --- the pupils ------------------------------------------------------------------------------------------


def _rows(review: Review, terms: Sequence[Track]) -> Iterator[_PupilRow]:
    """Every pupil's row, the lowest attendance first, those without a possible session last."""
    kinds = kinds_of(review.sight.strips)
    counts = [(track.name, _of_track(review, track)) for track in terms]
    by_row: dict[int, list[_Entry]] = {}
    for one in _entries(review):
        if one.pupil is not None and one.line.is_open:
            by_row.setdefault(one.pupil.row, []).append(one)
    for pupil in sorted(review.pupils, key=_lowest_first):
        own = by_row.get(pupil.row, [])
        yield _PupilRow(
            pupil,
            tuple(bars_of(kinds[pupil.row], track) for track in terms),
            said_of_terms([(name, of.of(pupil.row)) for name, of in counts]),
            tuple(_reasons(own)),
            sum(one.overdue for one in own),
            len(own),
            tuple(_more(pupil, own)),
        )


def _more(pupil: PupilReview, entries: Sequence[_Entry]) -> Iterator[str]:
    """What would end what is due, what is not yet due, and the sessions missed that reasons speak of."""
    yield from (f"To end it: {said}" for said in pupil.ending)
    yield from (f"Not yet: {said[:1].lower()}{said[1:]}" for said in _together(pupil.coming)[:MOST_TO_COME])
    missed = next((one.missed for one in reversed(entries) if one.missed), "")
    if missed:
        yield f"Missed: {missed}"


def _lowest_first(pupil: PupilReview) -> tuple[bool, Fraction, str, int]:
    rate = pupil.attendance.fraction
    return rate is None, rate or Fraction(0), pupil.name.casefold(), pupil.row


def _reasons(entries: Sequence[_Entry]) -> Iterator[_Reason]:
    """What is open for a pupil by reason, today's first; the same for each of two parents is said once."""
    found: dict[str, dict[tuple[str, str, str], list[_Entry]]] = {}
    for one in sorted(entries, key=lambda one: not one.today):
        alike = found.setdefault(one.why, {}).setdefault((one.line.asks, one.line.who, one.due), [])
        alike.append(one)
    for why, kinds in found.items():
        yield _Reason(why, tuple(_by_day([_once(own) for own in kinds.values()])))


def _by_day(entries: Iterable[_Entry]) -> Iterator[_Day]:
    found: dict[tuple[str, str], list[_Entry]] = {}
    for one in entries:
        found.setdefault((one.line.who, one.due), []).append(one)
    return (_Day(tuple(own)) for own in found.values())


def _once(entries: Sequence[_Entry]) -> _Entry:
    first = entries[0]
    if len(entries) == 1:
        return first
    return replace(first, times=len(entries))


def _together(sentences: Sequence[str]) -> tuple[str, ...]:
    """What would come by the same steps, in one sentence: "11 more sessions ...: do this; ask that?"."""
    found: dict[str, list[str]] = {}
    for sentence in sentences:
        steps, _, what = sentence.rpartition(": ")
        found.setdefault(steps or sentence, []).append(what if steps else "")
    said = []
    for steps, whats in found.items():
        ends = "; ".join(what.removesuffix(".") for what in whats if what)
        said.append(f"{steps}: {ends}{'' if ends.endswith('?') else '.'}" if ends else steps)
    return tuple(said)


def _terms(review: Review) -> tuple[Track, ...]:
    """The tracks of the school year of the review, or of the last one that had begun."""
    sight = review.sight
    calendar = sight.book.calendar
    year: Period | None = calendar.year(review.on)
    if year is None:
        begun = [one for one in calendar.years if one.starts_on <= review.on]
        year = begun[-1] if begun else None
    if year is None or review.last is None:
        return ()
    return tuple(map(_joined, tracks(sight.strips, {calendar.school: calendar}, year, review.last)))


def _joined(track: Track) -> Track:
    """A track on which a bar runs on over the gap to the next week; the page draws the gaps over the bars.

    Weeks that are alike become one stroke, which makes the drawing of a good year a third as long.
    """
    cells, places = track.cells.tolist(), track.places.tolist()
    both = list(zip(cells, places, strict=True))
    both += [(cell + 1, place) for cell, place in both if cell + 2 in cells and cell + 1 not in cells]
    both.sort()
    return replace(
        track,
        cells=np.array([cell for cell, _ in both], dtype=np.intp),
        places=np.array([place for _, place in both], dtype=np.intp),
    )


def _gaps(track: Track) -> tuple[int, ...]:
    """The cells between the weeks of a track that `_joined` has filled."""
    alike = track.places[1:] == track.places[:-1]
    return tuple(track.cells[1:][alike].tolist())


def _of_track(review: Review, track: Track) -> Counts:
    within = np.zeros(len(review.sight.strips.axis), dtype=np.bool_)
    within[track.places] = True
    return count(review.sight.strips, within)


# --- the rules -------------------------------------------------------------------------------------------


def _rules(review: Review) -> list[tuple[int, RuleShown, str, str]]:
    """Every rule with its number, its form in words and how often it is open, by what it asks."""
    often: dict[str, int] = {}
    for line in review.open:
        often[line.rule] = often.get(line.rule, 0) + 1
    shown = [
        (
            number,
            rule,
            FORMS[Form(rule.form)],
            f"{plural(often[key], 'duty', 'duties')} open" if key in often else "nothing open",
        )
        for number, (key, rule) in enumerate(review.rules.items(), start=1)
    ]
    return sorted(shown, key=lambda one: (one[1].asks.casefold(), one[1].id))
