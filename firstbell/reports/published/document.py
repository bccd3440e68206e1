"""A policy as the document that a school publishes: what it says to parents and staff, topic by topic.

Everything in it comes from the rules, the texts for reading, the letters, the clauses and the law of the day;
what stands here are headings and the sentences between. It is the same for the page and for the paper.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from typing import Any

from firstbell.policy import Clause, Mode, Rule
from firstbell.policy import parameters as kinds
from firstbell.policy.terms import Comparator, Limit
from firstbell.policy.vocabulary import LEAVE_TESTS
from firstbell.reports.published.blocks import (
    Block,
    Drawing,
    Heading,
    Items,
    Note,
    Paragraph,
    Table,
    anchor,
    prose,
)
from firstbell.reports.published.chart import drawing, steps_in_words
from firstbell.reports.published.kinds import when_in_words
from firstbell.reports.published.legal import codes_table, legal_table
from firstbell.reports.published.marked import BREAK, Marked, link, safe, small, strong, unstated
from firstbell.reports.published.morning import closing_of, later_of, steps_of
from firstbell.reports.published.responsibilities import (
    by_role,
    is_of_responsibilities,
    responsibilities,
    said_to_nobody,
)
from firstbell.reports.published.rules import (
    Published,
    Topic,
    asked_in_words,
    condition_in_words,
    is_for_reading,
    topic_of,
)
from firstbell.reports.published.values import (
    Unstated,
    capital,
    clock,
    count_of,
    day_in_words,
    list_of,
    ordinal,
    period_in_words,
    range_in_words,
    reasons_in_words,
    whom_in_words,
)
from firstbell.reports.wording import listed
from firstbell.statute.values import RegisterOpening

__all__ = ["Document", "Section", "document"]

NOT_STATED = f"""\
The school has not stated yet what this policy leaves to it. Where it has to, the document says so: \
{unstated("what it would state there")}."""
LEADS: Mapping[Topic, str] = {
    Topic.DAY: "Registers are taken when the morning and the afternoon begin. Each half day is a session.",
    Topic.MORNING: (
        "If a child is not at school and nobody has told us why, we make sure that the child is safe. The "
        "chart shows what happens, in which order and at what time; the list says the same."
    ),
    Topic.GOES_ON: (
        "The first whole school day of an absence is its first day. Weekends and holidays are not counted, "
        "and a session attended ends it."
    ),
    Topic.FALLING: (
        "Attendance is the share of the possible sessions that a pupil attended. It is compared exactly: "
        "94.96% is below 95%."
    ),
    Topic.LEGAL: (
        "Support comes first. The figures of the law are those in force on the day named at the top of this "
        "policy."
    ),
}


@dataclass(frozen=True)
class Section:
    """A part of the document with a heading, which stands in its contents."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def anchor(self) -> str:
        """The name by which it is linked to."""
        return anchor(self.title)

    @property
    def has_chart(self) -> bool:
        """Whether it has a drawing, and so begins on a page of its own on paper."""
        return any(isinstance(block, Drawing) for block in self.blocks)

    @property
    def is_wide(self) -> bool:
        """Whether it has a table that lies across the paper."""
        return any(isinstance(block, Table) and block.lies_across for block in self.blocks)


@dataclass(frozen=True)
class Document:
    """A policy as it is published: what stands at its head, and its sections."""

    title: str
    school: str
    in_force_from_on: date
    head: tuple[Block, ...]
    sections: tuple[Section, ...]

    @property
    def charts(self) -> tuple[Drawing, ...]:
        """The drawings in it."""
        return tuple(one for section in self.sections for one in section.blocks if isinstance(one, Drawing))


def document(policy: Published, sections_of_clauses: Mapping[str, str] | None = None) -> Document:
    """The document of a version of a policy.

    `sections_of_clauses` has the heading below which each clause stands in the policy's own file, by its id.
    """
    made = _Document(policy, sections_of_clauses or {})
    parts = [Section(title, tuple(blocks)) for title, blocks in made.parts()]
    school = safe(policy.settings.name) if policy.settings else ""
    version = policy.version
    sections = tuple(part for part in parts if part.blocks)
    return Document(safe(version.title), school, version.in_force_from_on, tuple(made.head()), sections)


@dataclass(frozen=True, eq=False)
class _Document:
    """One making of a document."""

    policy: Published
    sections_of_clauses: Mapping[str, str] = field(repr=False)

    # --- what stands where -------------------------------------------------------------------------------

    @cached_property
    def asking(self) -> list[Rule]:
        """The policy's rules of which something comes."""
        return [rule for rule in self.policy.rules if not is_for_reading(rule)]

    @cached_property
    def by_topic(self) -> Mapping[Topic, list[Rule]]:
        """Those rules by what they are about."""
        found: dict[Topic, list[Rule]] = {topic: [] for topic in Topic}
        for rule in self.asking:
            found[topic_of(rule, self.asking)].append(rule)
        return found

    @cached_property
    def texts(self) -> Mapping[Topic, list[Block]]:
        """The texts for reading by topic, with what is said with them; not those about responsibilities."""
        found: dict[Topic, list[Block]] = {topic: [] for topic in Topic}
        for rule in self._content():
            if not is_of_responsibilities(text := self._text(rule)):
                own = found[self._topic_of_content(rule)]
                own += prose(text, 3)
                own += [Note(capital(safe(rule.notice)))] if rule.notice else []
        return found

    def _content(self) -> Iterator[Rule]:
        """The content rules that have a text."""
        yield from (rule for rule in self.policy.rules if rule.kind == "content" and self._text(rule).strip())

    def _text(self, rule: Rule) -> str:
        return self.policy.version.prose.get(str(getattr(rule.params, "prose", "")), "")

    def _topic_of_content(self, rule: Rule) -> Topic:
        """Where a text belongs: where rules carry out many of its clauses, or of those around them."""
        if (printed := getattr(rule.params, "rows_of", "")) in PRINTED:
            return PRINTED[printed]
        own = {self.sections_of_clauses.get(key, "") for key in rule.implements} - {""}
        around = [key for key, section in self.sections_of_clauses.items() if section in own]
        title = self._text(rule).strip().partition("\n")[0].lower()
        named = (
            topic for words, topic in TITLES.items() if any(re.search(rf"\b{one}", title) for one in words)
        )
        found = self._topic_of_clauses(rule.implements) or next(named, None) or self._topic_of_clauses(around)
        if found is not None:
            return found
        order = list(self.policy.version.clauses)
        places = [order.index(key) for key in rule.implements if key in order]
        return Topic.AIMS if places and min(places) < len(order) * EARLY else Topic.READING

    def _topic_of_clauses(self, clauses: Sequence[str]) -> Topic | None:
        """What most of some clauses are about, if enough of them are about one thing."""
        votes = Counter(
            topic for key in clauses for topic in self._topics_of_clauses.get(key, ()) if topic in TOLD
        )
        best = min(votes, key=lambda topic: (-votes[topic], list(Topic).index(topic)), default=None)
        return best if best is not None and votes[best] >= MANY * len(clauses) else None

    @cached_property
    def _topics_of_clauses(self) -> Mapping[str, set[Topic]]:
        """By clause, what the rules are about that carry it out."""
        found: dict[str, set[Topic]] = {}
        for topic, rules in self.by_topic.items():
            for key in (key for rule in rules for key in rule.implements):
                found.setdefault(key, set()).add(topic)
        return found

    def parts(self) -> Iterator[tuple[str, Iterator[Block]]]:
        """Every section with its heading, in the order in which the document has them."""
        yield "Who does what", self._roles()
        for topic in Topic:
            if topic in MADE_APART:
                continue
            yield topic.value, self._topic(topic)
        yield "Our letters", self._letters()
        yield Topic.READING.value, self._reading()
        yield "Responsibilities", self._responsibilities()
        yield "Each role: what it does, and when", self._by_role()
        yield Topic.KEPT.value, self._kept()
        yield "Attendance codes in this policy", self._codes()
        yield "What the law asks besides", self._besides()
        yield "The policy, clause by clause", self._clauses()

    # --- the head ----------------------------------------------------------------------------------------

    def head(self) -> Iterator[Block]:
        version, settings = self.policy.version, self.policy.settings
        rows: list[tuple[str, Marked]] = [("In force from", day_in_words(version.in_force_from_on))]
        if version.adopted_on:
            rows.append(("Adopted on", day_in_words(version.adopted_on)))
        if review := self._review():
            rows.append(("Next review", review))
        rows.append(("By the law of", day_in_words(self.policy.day)))
        said = settings.school if settings else {}
        contact = ("phone", "Telephone"), ("email", "E-mail"), ("address", "Address")
        rows += [("School", safe(settings.name) if settings else unstated("its name"))]
        rows += [
            (name, safe(said[key]) if said.get(key) else unstated(UNSTATED[key])) for key, name in contact
        ]
        yield Table(
            "About this policy", ("", ""), tuple(((name,), (value,)) for name, value in rows), (26, 74)
        )
        if settings is None:
            yield Note(NOT_STATED)

    def _review(self) -> Marked:
        """When the policy is looked at again: the day that it names, or how often a rule says."""
        if on := self.policy.version.review_on:
            return day_in_words(on)
        for rule in self.policy.of(kinds.Regularly):
            reviews = [term for term in rule.settled_by if term.startswith("review:") and "policy" in term]
            if reviews and not rule.is_law:
                by = f", by the {safe(rule.who)}" if rule.who else ""
                return f"{capital(when_in_words(rule.params))}{by}"
        return ""

    def _roles(self) -> Iterator[Block]:
        held = self.policy.settings.roles if self.policy.settings else {}
        rows = tuple(
            ((capital(safe(role)),), (safe(says),), *(((safe(held.get(role, "")),),) if held else ()))
            for role, says in self.policy.version.roles.items()
        )
        if rows:
            headings = ("Role", "Who that is", *(("At our school",) if held else ()))
            yield Table("The people in this policy", headings, rows, (28, 46, 26) if held else (30, 70))

    # --- a topic -----------------------------------------------------------------------------------------

    def _topic(self, topic: Topic) -> Iterator[Block]:
        blocks = [*self._before(topic), *self._table(topic)]
        if not blocks and not self.texts[topic]:
            return
        if topic in LEADS and blocks:
            yield Paragraph(LEADS[topic])
        if topic in TOLD_FIRST:
            yield from self._before(topic)
        yield from self.texts[topic]
        yield from blocks if topic not in TOLD_FIRST else self._table(topic)

    def _reading(self) -> Iterator[Block]:
        yield from self._topic(Topic.READING)
        yield from said_to_nobody(self._of_responsibilities())

    def _before(self, topic: Topic) -> Iterator[Block]:
        """What a topic has of its own, before the table of its rules."""
        own = {
            Topic.DAY: self._day,
            Topic.ABSENCE: self._reporting,
            Topic.MORNING: self._morning,
            Topic.FALLING: self._bands,
            Topic.LEAVE: self._leave,
            Topic.LEGAL: self._legal,
        }
        if topic in own:
            yield from own[topic]()

    def _table(self, topic: Topic) -> Iterator[Block]:
        """The rules of a topic but those told in another way: when, what is done, by whom."""
        rules = [rule for rule in self.by_topic[topic] if not self._is_told_apart(rule)]
        holding = [rule for rule in rules if not rule.asks]
        if holding:
            yield Items(
                tuple(
                    f"{capital(condition_in_words(rule))}. {self._clauses_of(rule)}{_notes(rule)}"
                    for rule in holding
                )
            )
        rules = [rule for rule in rules if rule.asks]
        if rows := self._rows(rules):
            yield Table(
                f"{topic.value}: what happens when", ("When", "What is done, and by whom"), rows, (44, 56)
            )

    def _is_told_apart(self, rule: Rule) -> bool:
        return rule.kind in (
            *LEAVE_TESTS,
            "band",
            "band at audits",
            "reason given",
            "register times",
            "retention",
        )

    def _rows(self, rules: Iterable[Rule]) -> tuple[tuple[tuple[Marked, ...], ...], ...]:
        """A row for each condition, with everything that it asks for."""
        by_condition: dict[Marked, list[Rule]] = {}
        for rule in rules:
            when = capital(condition_in_words(rule, without=NAMED))
            by_condition.setdefault(when, []).append(rule)
        return tuple(
            ((condition,), tuple(line for rule in own for line in self._asked(rule)))
            for condition, own in by_condition.items()
        )

    def _asked(self, rule: Rule, more: Marked = "") -> Iterator[Marked]:
        """What a rule asks for, by whom, under which clauses, and what must be said with it."""
        said = asked_in_words(rule, self.policy.letter(rule))
        who = safe(rule.who) if said else ""
        brackets = "; ".join(part for part in (who, more) if part)
        parts = said, small(f"({brackets})") if brackets else "", self._clauses_of(rule)
        yield " ".join(part for part in parts if part) + _notes(rule)

    def _clauses_of(self, rule: Rule) -> Marked:
        return small(listed([self._linked(key) for key in rule.implements])) if rule.implements else ""

    def _linked(self, key: str) -> Marked:
        known = key in self.policy.version.clauses or key in self.policy.clauses_of_law
        return link(safe(key), f"#{_clause_anchor(key)}") if known else safe(key)

    # --- the day, and the morning ------------------------------------------------------------------------

    def _day(self) -> Iterator[Block]:
        rows = []
        for rule in self.policy.of(kinds.RegisterTimes):
            params: Any = rule.params
            if params.opens is None and rule.is_law:
                continue
            whom = whom_in_words(rule.applies_to).removeprefix("pupils ")
            times = (
                _or_dash(params.opens),
                _or_dash(_late(params)),
                _or_dash(closing_of(rule)),
                _length(rule),
            )
            name = REGISTERS.get(params.session, str(params.session))
            rows.append(((name, *((small(whom),) if whom else ())), *((one,) for one in times)))
        if rows:
            headings = ("Register", "Opens", "Late from", "Closes", "Open for")
            yield Table("When registers are taken", headings, tuple(rows), (32, 16, 16, 16, 20))
        yield from self._late_codes()

    def _late_codes(self) -> Iterator[Block]:
        opening = self.policy.law.find(RegisterOpening)
        if opening is not None:
            before, after = opening.before_close_code, opening.after_close_code
            yield Paragraph(
                f"Whoever comes late while the register is open is marked {strong(before)} and was present. "
                f"Whoever comes after it has closed is marked {strong(after)}, which is an unauthorised "
                "absence of that session, unless another code fits better. By law a register is open for at "
                f"most {opening.longest_minutes} minutes."
            )

    def _reporting(self) -> Iterator[Block]:
        """By when parents report, and where; then what becomes of the reason."""
        said = dict.fromkeys(self._deadlines())
        contact = self.policy.settings.school if self.policy.settings else {}
        if said:
            where = [f"by telephone on {strong(safe(contact['phone']))}"] if contact.get("phone") else []
            where += [f"by e-mail to {safe(contact['email'])}"] if contact.get("email") else []
            how = f"Tell us {listed(where, 'or')}." if where else f"Tell us: {unstated(UNSTATED['phone'])}."
            yield Items((*said, how))
        rows = []
        for rule in self.policy.of(kinds.ReasonGiven):
            params: Any = rule.params
            how = "entered at once" if params.at_once else f"suggested; the {safe(rule.who)} decides"
            law = " By law." if rule.is_law else f" {self._clauses_of(rule)}"
            code = f"{strong(str(params.code))}, {how}.{law}{_notes(rule)}"
            rows.append(((capital(reasons_in_words(params.reasons, "and")),), (code,)))
        if rows:
            yield Table("What becomes of a reason", ("The reason given", "The code"), tuple(rows), (56, 44))

    def _deadlines(self) -> Iterator[Marked]:
        for rule in self.policy.of(kinds.ReportDeadline, kinds.MorningStep):
            params: Any = rule.params
            if getattr(params, "step", "") == "safe by":
                continue
            days = DAYS_TO_REPORT.get(params.each_day, str(params.each_day))
            whom = whom_in_words(rule.applies_to)
            yield f"By {clock(params.by)} {days}{f' ({whom})' if whom else ''}, with the reason."

    def _morning(self) -> Iterator[Block]:
        if steps := steps_of(self.policy):
            yield drawing(Topic.MORNING.value, steps, later_of(self.policy))
            yield Heading("The same as a list", 3)
            yield steps_in_words(steps)

    # --- bands, leave, law -------------------------------------------------------------------------------

    def _bands(self) -> Iterator[Block]:
        bands = [rule for rule in self.by_topic[Topic.FALLING] if rule.kind in ("band", "band at audits")]
        for rule in bands:
            params: Any = rule.params
            if getattr(params, "is_target", False) and isinstance(params.when, Limit):
                yield Paragraph(f"Our target for every pupil is {strong(params.when.shown)}.")
                break
        by_range: dict[Marked, list[Rule]] = {}
        for rule in sorted(bands, key=_highest_first):
            params = rule.params
            by_range.setdefault(capital(range_in_words(params.when, params.until)), []).append(rule)
        rows = tuple(
            ((limits, *self._called(own)), tuple(line for rule in own for line in self._asked_in_band(rule)))
            for limits, own in by_range.items()
        )
        if rows:
            headings = ("Attendance", "What is done, and by whom")
            yield Table("What is done at which attendance", headings, rows, (28, 72))

    def _called(self, rules: Iterable[Rule]) -> Iterator[Marked]:
        names = dict.fromkeys(str(tier) for rule in rules if (tier := getattr(rule.params, "tier", "")))
        yield from (small(f"called {safe(name)}") for name in names)

    def _asked_in_band(self, rule: Rule) -> Iterator[Marked]:
        if rule.mode is Mode.CONTENT or not rule.asks:
            yield small("Nothing more is asked.")
            return
        yield from self._asked(rule, "; ".join(_besides_the_range(rule)))

    def _leave(self) -> Iterator[Block]:
        for rule in self.policy.besides:
            if isinstance(rule.params, kinds.Reserved) and topic_of(rule) is Topic.LEAVE:
                yield Paragraph(f"{capital(when_in_words(rule.params))}.")
        tests = [rule for rule in self.policy.rules if rule.kind in LEAVE_TESTS]
        if tests:
            yield Paragraph(
                "Every request is considered by itself. The points in this table advise whoever decides, and "
                "decide nothing."
            )
            rows = tuple(
                (
                    (capital(when_in_words(rule.params, without=("advises", "says"))),),
                    (f"{_weight(rule)} {self._clauses_of(rule)}{_notes(rule)}",),
                )
                for rule in tests
            )
            yield Table(
                "What a request for leave is held against", ("The request", "What follows"), rows, (64, 36)
            )

    def _legal(self) -> Iterator[Block]:
        yield legal_table(self.policy.law)

    # --- letters, responsibilities, what is kept ---------------------------------------------------------

    def _letters(self) -> Iterator[Block]:
        sent: dict[str, list[Rule]] = {}
        for rule in self.policy.rules:
            if rule.letter:
                sent.setdefault(rule.letter, []).append(rule)
        rows = tuple(
            ((safe(letter.title),), tuple(self._sent(sent.get(key, ()))) or ("When a person decides to.",))
            for key, letter in self.policy.version.letters.items()
        )
        if rows:
            yield Paragraph("Every letter is drafted for a person, who sends it or says why not.")
            yield Table(
                "The letters of this policy", ("Letter", "When it is written, and by whom"), rows, (34, 66)
            )

    def _sent(self, rules: Iterable[Rule]) -> Iterator[Marked]:
        for rule in rules:
            who = f" {small(f'({safe(rule.who)})')}" if rule.who else ""
            yield f"{capital(condition_in_words(rule))}{who}"

    def _responsibilities(self) -> Iterator[Block]:
        if (table := responsibilities(self._of_responsibilities())) is not None:
            yield table

    def _of_responsibilities(self) -> list[str]:
        texts = [self._text(rule) for rule in self._content()]
        return [text for text in texts if is_of_responsibilities(text)]

    def _by_role(self) -> Iterator[Block]:
        yield Paragraph("Everything that a rule of this policy asks of somebody, by role.")
        roles = list(self.policy.version.roles)
        own = by_role(self.asking)
        for role in sorted(own, key=lambda one: roles.index(one) if one in roles else len(roles)):
            yield Heading(capital(safe(role)), 3)
            by_condition: dict[Marked, list[Marked]] = {}
            for rule in own[role]:
                asked = asked_in_words(rule, self.policy.letter(rule))
                when = capital(condition_in_words(rule, without=NAMED))
                by_condition.setdefault(when, []).append(asked)
            rows = tuple(((when,), tuple(asked)) for when, asked in by_condition.items())
            title = f"The {safe(role)}: what, and when"
            yield Table(title, ("When", "What"), rows, (52, 48), hides_caption=True)

    def _kept(self) -> Iterator[Block]:
        by_who: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for rule in self.policy.rules:
            if rule.kind == "record":
                facts, figures = by_who.setdefault(rule.who or "everybody", ({}, {}))
                facts |= dict.fromkeys(getattr(rule.params, "facts", ()))
                figures |= dict.fromkeys(getattr(rule.params, "figures", ()))
        rows = tuple(
            ((capital(safe(who)),), (_in_list(facts),), (_in_list(figures),))
            for who, (facts, figures) in by_who.items()
        )
        yield from self.texts[Topic.KEPT]
        yield from self._table(Topic.KEPT)
        for rule in self.policy.of(kinds.Retention):
            yield Paragraph(f"{capital(when_in_words(rule.params))}.")
        if rows:
            yield Table("What is written down, and by whom", ("Who", "What", "Shown as"), rows, (20, 54, 26))

    def _codes(self) -> Iterator[Block]:
        used = dict.fromkeys(code for rule in self.policy.rules for code in _codes_of(rule))
        if table := codes_table(self.policy.law, used):
            yield table

    # --- the law besides, and the clauses ----------------------------------------------------------------

    def _besides(self) -> Iterator[Block]:
        yield Paragraph(
            "These hold whatever this policy says. Where it says the same, or asks for more, its own rule "
            "stands above, and the stricter of the two is followed."
        )
        rows = tuple(
            (
                (capital(condition_in_words(rule)),),
                (_asked_by_law(rule),),
                (safe(rule.source),),
            )
            for rule in self.policy.besides
            if not is_for_reading(rule)
        )
        if rows:
            headings = ("When", "What is done, and by whom", "Source")
            yield Table("Rules of law beside this policy", headings, rows, (40, 34, 26))
        if laws := self.policy.clauses_of_law:
            cells = tuple(((safe(one.id),), _clause(one)) for one in laws.values())
            anchors = tuple(map(_clause_anchor, laws))
            title = "The law in short"
            yield Table(title, ("No.", "What it says"), cells, (8, 92), anchors, is_running=True)

    def _clauses(self) -> Iterator[Block]:
        clauses = self.policy.version.clauses
        noted = sum(bool(clause.notice) for clause in clauses.values())
        said = "What each clause says, in short."
        if noted:
            noun = "a clause" if noted == 1 else f"{noted} clauses"
            said += f" A note stands with {noun} that the law or the policy itself does not bear out: it says"
            said += " what holds instead."
        yield Paragraph(said)
        by_section: dict[str, list[Clause]] = {}
        for clause in clauses.values():
            by_section.setdefault(self.sections_of_clauses.get(clause.id, ""), []).append(clause)
        for section, own in by_section.items():
            if section:
                yield Heading(capital(safe(section)), 3)
            rows = tuple(((safe(clause.id),), _clause(clause)) for clause in own)
            anchors = tuple(_clause_anchor(clause.id) for clause in own)
            yield Table(
                f"Clauses: {safe(section)}" if section else "Clauses",
                ("Clause", "What it says"),
                rows,
                (12, 88),
                anchors,
                hides_caption=bool(section),
                is_running=True,
            )


TOLD = frozenset(Topic) - {Topic.KEPT, Topic.READING}
PRINTED: Mapping[Any, Topic] = {"minutes late": Topic.DAY, "days missed": Topic.FALLING}
"""Where a printed table belongs, by what its numbers are."""
MADE_APART = (Topic.KEPT, Topic.READING)
TOLD_FIRST = (Topic.DAY, Topic.ABSENCE, Topic.MORNING)
"""Topics of which the times stand before the texts."""
NAMED = ("tier", "is_target", "counted_as", "each_day", "acts", "first")
"""Parameters that a document says once, and not with each rule."""
TITLES: Mapping[tuple[str, ...], Topic] = {
    ("penalty notice", "notices", "court", "legal"): Topic.LEGAL,
    ("ill", "illness", "sick", "appointment"): Topic.ILLNESS,
    ("leave", "holiday"): Topic.LEAVE,
    ("register", "late", "lateness", "collecting"): Topic.DAY,
    ("reward", "celebrat"): Topic.REWARDS,
    ("part-time", "remote", "study leave"): Topic.ELSEWHERE,
}
"""Words of a heading by which a text belongs somewhere, if its clauses do not say where."""
MANY = 0.4
"""So many of a text's clauses are carried out by rules of one topic, if the text belongs there."""
EARLY = 0.15
"""Up to which part of the clauses a text that no rule shares is about what the school aims for."""
UNSTATED = {"phone": "its telephone number", "email": "its e-mail address", "address": "its address"}
REGISTERS: Mapping[Any, str] = {
    "morning": "Morning",
    "afternoon": "Afternoon",
    "both": "Morning and afternoon",
}
DAYS_TO_REPORT: Mapping[Any, str] = {
    "every day": "on each day of an absence",
    "unless a return date was given": "on each day of an absence until you say when your child is back",
    "the first day only": "on the first day of an absence",
}


def _notes(rule: Rule) -> Marked:
    """What must be said with a rule, on lines of their own."""
    notes = (*((rule.notice,) if rule.notice else ()), *rule.stricter)
    return "".join(f"{BREAK}{small(f'Note: {capital(safe(note))}')}" for note in notes)


def _late(params: Any) -> object:
    return params.opens if params.late_after is None else params.late_after


def _or_dash(value: object) -> Marked:
    if value is None:
        return "–"
    return clock(value) if isinstance(value, time | Unstated) else str(value)


def _length(rule: Rule) -> Marked:
    """How long a register is open."""
    params: Any = rule.params
    if params.minutes_open is not None:
        return count_of(params.minutes_open, "minute")
    if isinstance(params.opens, time) and isinstance(params.closes, time):
        minutes = 60 * (params.closes.hour - params.opens.hour) + params.closes.minute - params.opens.minute
        return count_of(minutes, "minute")
    return "–"


def _highest_first(rule: Rule) -> tuple[float, float]:
    """The order of bands: from the highest attendance down, a wider band before one within it."""
    params: Any = rule.params
    when = float(params.when.number) if isinstance(params.when, Limit) else 2.0
    above = isinstance(params.when, Limit) and params.when.comparator in (
        Comparator.ABOVE,
        Comparator.AT_LEAST,
    )
    inclusive = isinstance(params.when, Limit) and params.when.comparator is Comparator.AT_MOST
    until = float(params.until.number) if isinstance(params.until, Limit) else 0.0
    return (-(when + (1 if above else 0) + (1e-6 if inclusive else 0)), until)


def _besides_the_range(rule: Rule) -> Iterator[Marked]:
    """What a band says besides its comparison, in brackets beside what it asks for."""
    params: Any = rule.params
    if isinstance(params, kinds.BandAtAudits):
        yield _times(params)
    elif params.with_codes:
        yield f"if some of the absence has the code {list_of(params.with_codes, 'or')}"
    if params.over != "school year":
        yield f"counted over {period_in_words(params.over)}"
    least: Any = params.least_possible
    if isinstance(least, Unstated) or least:
        yield f"once {count_of(least, 'session')} were possible"
    if whom := whom_in_words(rule.applies_to):
        yield f"for {whom}"


def _times(params: kinds.BandAtAudits) -> Marked:
    """At which audit running something is asked."""
    first, last = params.from_number, params.until_number
    each = f"when a {params.audits} ends"
    if last == first:
        return f"{each}, the {ordinal(first)} time running"
    if last is None:
        return f"{each}, from the {ordinal(first)} time running on"
    return f"{each}, the {ordinal(first)} to the {ordinal(last)} time running"


def _weight(rule: Rule) -> Marked:
    """What a test of a request for leave comes to."""
    params: Any = rule.params
    if isinstance(params, kinds.LeaveReason):
        return "May be exceptional." if params.says == "exceptional" else "Speaks against it."
    if isinstance(params, kinds.LeaveNotice) and params.advises == "weigh":
        return "Is weighed."
    return "Cannot be granted." if isinstance(params, kinds.LeaveRetrospective) else "Speaks against it."


def _asked_by_law(rule: Rule) -> Marked:
    said = asked_in_words(rule)
    who = small(f"({safe(rule.who)})") if rule.who and said else ""
    return " ".join(part for part in (said, who) if part) or "–"


def _clause(clause: Clause) -> tuple[Marked, ...]:
    note = (f"{strong('Note.')} {safe(clause.notice)}",) if clause.notice else ()
    return (safe(clause.says), *note)


def _clause_anchor(key: str) -> str:
    return f"clause-{anchor(key)}"


def _in_list(names: Sequence[str] | Mapping[str, None]) -> Marked:
    return capital(", ".join(safe(name) for name in names)) or "–"


def _codes_of(rule: Rule) -> Iterator[str]:
    """The attendance codes that a rule names."""
    for name in ("code", "becomes"):
        if isinstance(value := getattr(rule.params, name, None), str) and value:
            yield str(value)
    for name in ("codes", "with_codes"):
        value = getattr(rule.params, name, ())
        yield from (str(one) for one in (value if isinstance(value, tuple) else ()))
