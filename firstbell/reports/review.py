"""What does a school owe its pupils on a day, pupil by pupil, and why? For a page, a table and a terminal.

Lays out what the duties say, with their sentences; decides nothing. Texts that many duties share, such as the
words of a clause, stand once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from firstbell.duties import Duty, Sight, State, figure
from firstbell.duties.explain import explain
from firstbell.duties.of_register import GROUP
from firstbell.duties.outlook import Outlook, outlook
from firstbell.facts.cases import RESTRICTED_FLAGS
from firstbell.measures import Rate
from firstbell.policy.rule import Form, Rule
from firstbell.sessions import LONDON, Session

__all__ = ["DutyLine", "PupilReview", "Review", "RuleShown", "review"]

FIRST = (Form.ALERT, Form.LIST, Form.TASK, Form.PROMPT, Form.RETURN, Form.LETTER, Form.MESSAGE, Form.AWARD)
"""The forms in the order in which they are shown: what cannot wait comes first."""


@dataclass(frozen=True)
class RuleShown:
    """A rule as a page shows it once: its clauses in words, its own word, its source, what is to be noted."""

    id: str
    asks: str
    form: str
    clauses: tuple[tuple[str, str], ...]
    word: str
    source: str
    notes: tuple[str, ...]
    is_law: bool


@dataclass(frozen=True)
class DutyLine:
    """A duty as it is shown. `about` is the name of whom it is about; `letter_file` where its letter is.

    `due` is the time of day by which it is due, where there is one. `became` says what became of it, with the
    reason that was given; "" while it is simply open. `place` is that of an award, `comes_first` whether the
    family is called before others.
    """

    key: str
    rule: str
    asks: str
    form: str
    who: str
    about: str = field(repr=False)
    due_on: date
    due: str
    state: str
    why: str = field(repr=False)
    advice: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    suggests: str = ""
    letter: str = ""
    letter_file: str = ""
    reference: str = ""
    is_open: bool = True
    became: str = field(default="", repr=False)
    place: int | None = None
    settled_on: date | None = None
    comes_first: bool = False


@dataclass(frozen=True)
class PupilReview:
    """A pupil: who, the year's attendance, the tier, the duties, what is to come and what would end it."""

    enrolment: str
    reference: str = field(repr=False)
    name: str = field(repr=False)
    year_group: str
    group: str
    row: int
    attendance: Rate
    missed: int
    tier: str
    flags: tuple[str, ...]
    duties: tuple[DutyLine, ...]
    coming: tuple[str, ...]
    ending: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Review:
    """A school at a moment. `school` are duties about no single pupil, `groups` those about a class."""

    name: str
    policy: str
    on: date
    at: datetime
    last: Session | None
    pupils: tuple[PupilReview, ...]
    school: tuple[DutyLine, ...]
    rules: Mapping[str, RuleShown]
    sight: Sight = field(repr=False)
    duties: tuple[Duty, ...] = field(repr=False, default=())

    @property
    def lines(self) -> tuple[DutyLine, ...]:
        """Every duty: the school's first, then the pupils'."""
        return (*self.school, *(line for pupil in self.pupils for line in pupil.duties))

    @property
    def open(self) -> tuple[DutyLine, ...]:
        """Those that somebody owes, by the day on which they are due."""
        found = [line for line in self.lines if line.is_open]
        return tuple(
            sorted(found, key=lambda line: (line.due_on, line.asks, not line.comes_first, line.about))
        )

    def by_who(self) -> Mapping[str, Counter[str]]:
        """How many open duties of which form each role has."""
        found: dict[str, Counter[str]] = {}
        for line in self.open:
            found.setdefault(line.who or "nobody named", Counter())[line.form] += 1
        return dict(sorted(found.items(), key=lambda item: -sum(item[1].values())))


def review(
    sight: Sight,
    duties: Sequence[Duty],
    *,
    name: str,
    names: Mapping[str, tuple[str, str]],
    references: Mapping[str, str] | None = None,
    all_flags: bool = False,
) -> Review:
    """The review of a school at the moment of `sight`.

    `names` has, by enrolment, the name and the school's number of the pupil; `references` the name of the
    letter's file, by the key of its duty. Flags that only few may see are shown as "call first", unless
    `all_flags` says that the reader may. Duties that lapsed are left out; done ones of the last days stay.
    """
    refs = references or {}
    by_pupil: dict[str, list[DutyLine]] = {}
    school: list[DutyLine] = []
    rules: dict[str, RuleShown] = {}
    for duty in duties:
        if duty.state is State.LAPSED:
            continue
        rules.setdefault(duty.rule.id, _rule(sight, duty.rule))
        line = _line(sight, duty, names, refs)
        (by_pupil.setdefault(duty.about.enrolment, []) if duty.about.enrolment else school).append(line)
    pupils = [
        _pupil(sight, row, by_pupil.get(one.id, []), names, all_flags)
        for row, one in enumerate(sight.enrolments)
        if one.on_roll(sight.day) or by_pupil.get(one.id)
    ]
    policy = sight.rulebook.policy_on(sight.day).title
    return Review(
        name,
        policy,
        sight.day,
        sight.at,
        sight.last,
        tuple(pupils),
        tuple(sorted(school, key=_order)),
        rules,
        sight,
        tuple(duties),
    )


def _order(line: DutyLine) -> tuple[bool, int, date, str]:
    return not line.is_open, [form.value for form in FIRST].index(line.form), line.due_on, line.asks


def _line(
    sight: Sight, duty: Duty, names: Mapping[str, tuple[str, str]], refs: Mapping[str, str]
) -> DutyLine:
    said = explain(duty, sight)
    at = duty.occurrence.due_at
    name = names.get(duty.about.enrolment, ("", ""))[0]
    about = name or duty.about.group or duty.about.staff or "the school"
    reference = refs.get(duty.key, "")
    return DutyLine(
        key=duty.key,
        rule=duty.rule.id,
        asks=duty.asks,
        form=duty.form.value,
        who=duty.who,
        about=about,
        due_on=duty.due_on,
        due=f"{at.astimezone(LONDON):%H:%M}" if at else "",
        state=duty.state.value,
        why=_by_name(duty, said.why, names),
        advice=said.advice,
        offers=duty.occurrence.offers or duty.rule.offers,
        suggests=duty.suggests,
        letter=duty.rule.letter,
        letter_file=f"letters/{reference}.pdf" if reference else "",
        reference=reference,
        is_open=duty.is_open,
        became=_became(sight, duty, said.state),
        place=duty.occurrence.place,
        settled_on=duty.settled_on,
        comes_first=duty.comes_first,
    )


def _by_name(duty: Duty, why: str, names: Mapping[str, tuple[str, str]]) -> str:
    """A reason with the names of the pupils whom it lists, such as those whose names are in a raffle."""
    for value in duty.occurrence.because.named.values():
        if isinstance(value, tuple) and any(key in names for key in value):
            listed = "; ".join(names.get(key, (str(key), ""))[0] for key in value)
            why = why.replace(", ".join(map(str, value)), listed)
    return why


def _became(sight: Sight, duty: Duty, state: str) -> str:
    """What became of a duty, with the reason in the words of whoever recorded it."""
    if duty.state is State.OPEN:
        return ""
    facts = (sight.facts.by_id.get(key) for key in duty.facts)
    why = [str(getattr(fact.data, "why", "")) for fact in facts if fact is not None]
    return " ".join([state, *(dict.fromkeys(f"“{one}”" for one in why if one))])


def _rule(sight: Sight, rule: Rule) -> RuleShown:
    clauses, notes = [], [rule.notice] if rule.notice else []
    for key in rule.implements:
        try:
            clause = sight.rulebook.clause(key)
        except KeyError:
            continue
        clauses.append((key, clause.says))
        if clause.notice:
            notes.append(clause.notice)
    return RuleShown(
        rule.id,
        rule.asks or rule.id,
        rule.form.value,
        tuple(clauses),
        rule.word,
        rule.source,
        tuple(dict.fromkeys([*notes, *rule.stricter])),
        rule.is_law,
    )


CALL_FIRST = "call first"


def _flags(flags: frozenset[str], all_flags: bool) -> tuple[str, ...]:
    """The flags as they may be shown: those that only few may see say no more than that they come first."""
    if all_flags:
        return tuple(sorted(flags))
    return tuple(sorted({CALL_FIRST if flag in RESTRICTED_FLAGS else flag for flag in flags}))


def _pupil(
    sight: Sight,
    row: int,
    lines: Sequence[DutyLine],
    names: Mapping[str, tuple[str, str]],
    all_flags: bool,
) -> PupilReview:
    one = sight.enrolments[row]
    attendance = figure(sight, "attendance", enrolment=one.id)
    tier = figure(sight, "tier", enrolment=one.id)
    missed = figure(sight, "sessions missed", enrolment=one.id)
    ahead = outlook(sight, one.id) if one.on_roll(sight.day) else ()
    name, reference = names.get(one.id, (one.id, ""))
    assert isinstance(attendance, Rate) and isinstance(missed, int)
    return PupilReview(
        one.id,
        reference,
        name,
        one.year_group(sight.day) or "",
        one.value(GROUP, sight.day) or "",
        row,
        attendance,
        missed,
        str(tier),
        _flags(sight.flags(one.id, sight.day), all_flags),
        tuple(sorted(lines, key=_order)),
        _said(one for one in ahead if not one.ends),
        _said(one for one in ahead if one.ends),
    )


def _said(ahead: Iterable[Outlook]) -> tuple[str, ...]:
    """The sentences, each once: several rules may wait for the same."""
    return tuple(dict.fromkeys(one.says for one in ahead))
