"""Is what a scenario says so? Runs each line of it against a policy, and says what was found instead.

The policy is one that comes with Firstbell or stands in a folder; what it leaves to the school is taken from
its example school, with the scenario's own settings laid over. Each line is judged at its own moment, with
what was known then and nothing later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import msgspec

from firstbell.duties import (
    ACTIONS,
    FIGURES,
    Action,
    Book,
    Duty,
    Refusal,
    Sight,
    State,
    closes_at,
    days_of,
    due,
    duties_of,
    figure,
    may,
    see,
    suggest_mark,
)
from firstbell.duties.outlook import Outlook, outlook
from firstbell.facts import About, Facts, problems_with_facts
from firstbell.measures import Rate
from firstbell.policy import (
    Mode,
    NotOfItsForm,
    PolicyFiles,
    Rule,
    Rulebook,
    SchoolSettings,
    example_beside,
    example_school,
    read_policy,
    shipped,
)
from firstbell.policy.files import LAW
from firstbell.policy.parameters import Band
from firstbell.problems import Problem, Unusable
from firstbell.register import AttendanceRegister
from firstbell.scenarios.format import NOTHING, ThenLine
from firstbell.scenarios.laying import Laid, lay
from firstbell.scenarios.reasons import is_listed, names_of
from firstbell.scenarios.scenario import Expected, Scenario, When
from firstbell.sessions import LONDON, Half, Session
from firstbell.statute import Statute, england

__all__ = ["Outcome", "Ran", "Running", "laid_book", "rulebook_for", "run"]

NO_REGISTER = AttendanceRegister((), ())
OF_REGISTERS = (
    *("code-", "mark-", "closure-", "deletion-", "amendment-"),
    *("notice-", "prosecution-", "not-allowed"),
)
"""How the ids of refusals begin that are of no rule of a policy."""
DONE_OR_OPEN = (State.OPEN, State.DEFERRED, State.DONE, State.WITHHELD)


@dataclass(frozen=True)
class Outcome:
    """What came of one line: whether it is so, what it wanted, and what was found instead, in words."""

    expected: Expected
    about: str
    holds: bool
    wanted: str
    found: str = ""


@dataclass(frozen=True, eq=False)
class Ran:
    """A scenario that was run: an outcome for each line, and for each pupil of a line that names several.

    `rules` are the ids of the rules and clauses whose duties, refusals or suggestions its lines met,
    `reasons` each name in the reason of a duty that was looked at, with the kind of the duty's rule.
    """

    scenario: Scenario
    outcomes: tuple[Outcome, ...]
    rules: frozenset[str] = field(default_factory=frozenset)
    reasons: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def passed(self) -> bool:
        """Whether every line is so."""
        return all(one.holds for one in self.outcomes)


def _policy(policy: str, path: Path | None) -> PolicyFiles | None:
    return read_policy(path.parent, path.name, england()) if path else shipped(policy, england())


def _settings(policy: str, path: Path | None) -> SchoolSettings | None:
    return example_beside(path) if path else example_school(policy)


@lru_cache(maxsize=1)
def _law() -> PolicyFiles:
    return shipped(LAW, england())


@lru_cache(maxsize=32)
def _rulebook(policy: str, path: Path | None) -> Rulebook:
    """The rulebook of a policy in a folder, or of one that comes with Firstbell."""
    return Rulebook(england(), _law(), _policy(policy, path), _settings(policy, path))


def rulebook_for(scenario: Scenario) -> Rulebook:
    """The rulebook of a scenario. Raises `Unusable` for a policy or a setting that there is not."""
    path = (scenario.path.parent / scenario.policy).resolve()
    rulebook = _rulebook(scenario.policy, path if path.is_dir() else None)
    problems = []
    for rule, values in scenario.settings.items():
        for name, value in values.items():
            try:
                rulebook = rulebook.with_setting(rule, name, value)
            except KeyError:
                what = f'the policy has no rule "{rule}" with a parameter "{name}".'
                problems.append(_problem(scenario, rule, what, "Look the rule up in the policy's page."))
            except NotOfItsForm as error:
                problems.append(_problem(scenario, rule, f"{name}: {error}.", "Write a value of its form."))
    if problems:
        raise Unusable(problems)
    return rulebook


def _problem(scenario: Scenario, rule: str, what: str, remedy: str) -> Problem:
    place = scenario.place(scenario.rows_of_settings.get(rule, 1), "settings")
    return Problem("scenario-setting", place, what, remedy)


# --- running ---------------------------------------------------------------------------------------------


def run(scenario: Scenario, rulebook: Rulebook | None = None) -> Ran:
    """Runs a scenario, under another rulebook than its own if one is given.

    Raises `Unusable` for names that there are not (of things due, figures, actions, rules) and for facts
    that do a duty which is not open then.
    """
    rulebook = rulebook or rulebook_for(scenario)
    running = Running(scenario, rulebook)
    running.stop_for_names()
    outcomes = tuple(outcome for expected in scenario.then for outcome in running.judged(expected))
    return Ran(scenario, outcomes, frozenset(running.met), frozenset(running.reasons))


def laid_book(scenario: Scenario, rulebook: Rulebook) -> tuple[Book, datetime]:
    """The book that a scenario writes, with its duties done as it says, and the moment it ends with."""
    running = Running(scenario, rulebook)
    return running.book, running.moment(scenario.when)


class Running:
    """One run of one scenario: its book, what is due at the moments of its lines, and what comes of each."""

    def __init__(self, scenario: Scenario, rulebook: Rulebook, statute: Statute | None = None) -> None:
        self.scenario, self.rulebook = scenario, rulebook
        self.statute = statute or england()
        blank = Book(scenario.calendar, (), NO_REGISTER, Facts(), self.statute)
        self.laid: Laid = lay(
            scenario, lambda session, group: closes_at(rulebook.on(session.on), blank, session, group)
        )
        parents = {one.ref: one.parents for one in scenario.pupils}
        self.book = Book(
            self.laid.calendar,
            self.laid.enrolments,
            self.laid.register,
            self.laid.facts,
            self.statute,
            parents,
            call_order={one.ref: one.contacts for one in scenario.pupils if one.contacts},
        )
        self.sights: dict[datetime, Sight] = {}
        self.duties: dict[datetime, tuple[Duty, ...]] = {}
        self.met: set[str] = set()
        self.reasons: set[tuple[str, str]] = set()
        self._do_duties()

    def moment(self, when: When) -> datetime:
        """The moment of a line: that named, a register's close, or the end of the day."""
        if when.at is not None:
            return when.at
        if when.half is not None:
            session = Session(when.on, when.half)
            groups = {one.year_group_on(when.on) for one in self.scenario.pupils} or {""}
            rules = self.rulebook.on(when.on)
            return max(closes_at(rules, self.book, session, group) for group in groups)
        return datetime.combine(when.on, time(23, 59, 59), LONDON)

    def sight(self, at: datetime) -> Sight:
        """What there is to see at a moment."""
        if at not in self.sights:
            self.sights[at] = see(self.book, self.rulebook, at)
        return self.sights[at]

    def due(self, at: datetime) -> tuple[Duty, ...]:
        """The duties at a moment, lapsed ones as well."""
        if at not in self.duties:
            self.duties[at] = duties_of(self.sight(at), lapsed=True)
            for duty in self.duties[at]:
                self.reasons |= {(duty.rule.kind, name) for name in duty.occurrence.because.named}
        return self.duties[at]

    # --- facts that do a duty ------------------------------------------------------------------------------

    def _do_duties(self) -> None:
        """Puts the keys of the duties into the facts that do them, in the order in which they were known."""
        if not self.laid.does:
            return
        problems = []
        done = [fact for fact in self.book.facts if fact.id in self.laid.does]
        for fact in sorted(done, key=lambda fact: fact.known_at):
            name = self.laid.does[fact.id]
            # Without the fact itself, which may settle the duty already, and is not of any duty yet.
            others = tuple(one for one in self.book.facts if one.id != fact.id)
            before = replace(self.book, facts=Facts(others))
            found = [
                duty
                for duty in due(before, self.rulebook, fact.known_at)
                if name in (duty.asks, duty.rule.id) and duty.is_open and _same(duty.about, fact.about)
            ]
            if not found:
                row = self.scenario.rows_of_facts.get(fact.id, 1)
                what = f'"{name}" is not open for them at {fact.known_at.astimezone(LONDON):%Y-%m-%d %H:%M}.'
                remedy = "Correct the name or the time, or leave out does."
                problems.append(Problem("scenario-does", self.scenario.place(row, "does"), what, remedy))
                continue
            data = msgspec.structs.replace(fact.data, duty=found[0].key)
            changed = tuple(replace(one, data=data) if one.id == fact.id else one for one in self.book.facts)
            self.book = replace(self.book, facts=Facts(changed))
        enrolments = {one.id: one for one in self.book.enrolments}
        for key, found_problems in problems_with_facts(self.book.facts, enrolments).items():
            for one in found_problems:
                if one.severity == "error":
                    place = self.scenario.place(self.scenario.rows_of_facts.get(key, 1), "facts")
                    problems.append(replace(one, place=place))
        if problems:
            raise Unusable(problems)

    # --- names ---------------------------------------------------------------------------------------------

    def stop_for_names(self) -> None:
        """Raises `Unusable` for every name that nothing has."""
        rules = [rule for version in self._days() for rule in self.rulebook.on(version)]
        ids = {rule.id for rule in rules}
        asked = ids | {rule.asks for rule in rules if rule.asks}
        known: Mapping[str, Collection[str]] = {
            "due": asked,
            "not_due": asked,
            "may": ACTIONS,
            "may_not": ACTIONS,
            "figure": FIGURES,
        }
        problems = []
        for expected in self.scenario.then:
            line = expected.line
            if line.verb in known and line.name not in known[line.verb]:
                problems.append(self._unknown(expected, line.verb, line.name, known[line.verb]))
            if line.rule and line.rule not in ids and not _is_register_rule(line.rule):
                problems.append(self._unknown(expected, "rule", line.rule, ids))
            problems += self._unknown_reasons(expected, rules)
        if problems:
            raise Unusable(problems)

    def _unknown_reasons(self, expected: Expected, rules: Collection[Rule]) -> Iterator[Problem]:
        """Names in `because` that no reason of what is asked for ever has: they would hold nothing."""
        kinds = {rule.kind for rule in rules if expected.line.name in (rule.asks, rule.id)}
        for name in expected.line.because:
            if kinds and not any(is_listed(kind, name) for kind in kinds):
                known = sorted({one for kind in kinds for one in names_of(kind)})
                near = get_close_matches(name, known, 1)
                remedy = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(known)}."
                what = f'the reason of "{expected.line.name}" never says "{name}".'
                where = self.scenario.place(expected.row, "because")
                yield Problem("scenario-name", where, what, remedy)

    def _days(self) -> list[date]:
        return sorted({expected.when.on for expected in self.scenario.then} | {self.scenario.when.on})

    def _unknown(self, expected: Expected, key: str, name: str, known: Collection[str]) -> Problem:
        near = get_close_matches(name, sorted(known), 1)
        remedy = f'Did you mean "{near[0]}"?' if near else "Look the name up in the reference."
        what = f'the policy "{self.scenario.policy}" has no "{name}".'
        if key in ("may", "may_not", "figure"):
            what = f'there is no {"figure" if key == "figure" else "action"} "{name}".'
        return Problem("scenario-name", self.scenario.place(expected.row, key), what, remedy)

    # --- lines ---------------------------------------------------------------------------------------------

    def first_that_fails(self) -> Expected | None:
        """The first line that is not so; those after it are not judged."""
        return next((one for one in self.scenario.then if not self.holds(one)), None)

    def holds(self, expected: Expected) -> bool:
        """Whether a line is so for everybody whom it names."""
        return all(outcome.holds for outcome in self.judged(expected))

    def judged(self, expected: Expected) -> Iterator[Outcome]:
        """The outcome of a line for each pupil that it names, or for the group or the school."""
        judge: Callable[[Expected, About], Outcome] = {
            "due": self._due,
            "not_due": self._not_due,
            "nothing_due": self._nothing_due,
            "may": self._may,
            "may_not": self._may,
            "mark": self._mark,
            "figure": self._figure,
        }[expected.line.verb]
        for ref in expected.pupils or ("",):
            about = About(enrolment=ref, parent=expected.line.parent, group=expected.line.group)
            yield judge(expected, about)

    def _candidates(self, expected: Expected, about: About) -> list[Duty]:
        line = expected.line
        found = []
        for duty in self.due(self.moment(expected.when)):
            named = line.name in (duty.asks, duty.rule.id)
            form = line.form is None or line.verb == "due" or duty.form.value == line.form
            letter = not line.letter or line.verb == "due" or duty.rule.letter == line.letter
            if named and form and letter and _same(duty.about, about):
                found.append(duty)
        return found

    def _due(self, expected: Expected, about: About) -> Outcome:
        line = expected.line
        if line.state == State.COMING.value:
            return self._coming(expected, about)
        candidates = self._candidates(expected, about)
        wanted = f'"{line.name}" is {line.state}'
        if not candidates:
            others = [duty for duty in self.due(self.moment(expected.when)) if _same(duty.about, about)]
            shown = _listed(sorted({f'"{duty.asks}"' for duty in others if duty.is_open}))
            return Outcome(expected, _named(about), False, wanted, f"no such duty; open are: {shown}")
        closest: list[str] | None = None
        for duty in candidates:
            differing = [*_differing(line, duty)]
            if not differing:
                self.met |= {duty.rule.id, *duty.rule.implements}
                self.met |= {advice.rule.id for advice in duty.occurrence.advice}
                return Outcome(expected, _named(about), True, wanted)
            if closest is None or len(differing) < len(closest):
                closest = differing
        return Outcome(expected, _named(about), False, wanted, "; ".join(closest or ()))

    def _coming(self, expected: Expected, about: About) -> Outcome:
        """Whether it is not owed yet, and counting on from what there is it may come for the pupil."""
        line, wanted = expected.line, f'"{expected.line.name}" is coming'
        for duty in self._candidates(expected, about):
            if duty.is_open:
                said = f"it is {duty.state} already, since {duty.occurrence.arose_on}"
                return Outcome(expected, _named(about), False, wanted, said)
        if not about.enrolment:
            return Outcome(expected, _named(about), False, wanted, "it can be said of a pupil only")
        ahead, named = self._ahead(expected, about)
        if not named:
            shown = _listed(sorted({f'"{one.rule.asks}"' for one in ahead}))
            return Outcome(expected, _named(about), False, wanted, f"nothing of it; to come are: {shown}")
        differing = min(([*_differing_ahead(line, one)] for one in named), key=len)
        return Outcome(expected, _named(about), not differing, wanted, "; ".join(differing))

    def _not_due(self, expected: Expected, about: About) -> Outcome:
        found = [
            duty
            for duty in self._candidates(expected, about)
            if duty.state in DONE_OR_OPEN and _because_fits(expected.line, duty)
        ]
        wanted = f'"{expected.line.name}" is not due'
        said = "; ".join(f"it is {duty.state}, since {duty.occurrence.arose_on}" for duty in found)
        if not found and expected.line.state == State.COMING.value:
            _, named = self._ahead(expected, about)
            wanted += ", nor to come"
            said = "; ".join(one.says for one in named)
        return Outcome(expected, _named(about), not said, wanted, said)

    def _ahead(self, expected: Expected, about: About) -> tuple[list[Outlook], list[Outlook]]:
        """What is to come for a pupil, and what of it a line names."""
        if not about.enrolment:
            return [], []
        ahead = [
            one for one in outlook(self.sight(self.moment(expected.when)), about.enrolment) if not one.ends
        ]
        return ahead, [one for one in ahead if expected.line.name in (one.rule.asks, one.rule.id)]

    def _nothing_due(self, expected: Expected, about: About) -> Outcome:
        form = expected.line.form
        found = [
            duty
            for duty in self.due(self.moment(expected.when))
            if duty.is_open and _same(duty.about, about) and (form is None or duty.form.value == form)
        ]
        wanted = f"no {form or 'duty'} is open"
        said = f"open: {_listed([f'{duty.asks!r}' for duty in found])}"
        return Outcome(expected, _named(about), not found, wanted, said if found else "")

    def refusals(self, expected: Expected, about: About) -> list[Refusal]:
        """What stands in the way of the action that a line names, and what is advised."""
        line = expected.line
        given = dict(line.action)
        session = Session.read(given.pop("session")) if "session" in given else None
        given.pop("rule", None)
        action = Action(
            line.name,
            about.enrolment,
            parent=about.parent or given.pop("parent", ""),
            session=session,
            **given,
        )
        return may(action, self.book, self.rulebook, self.moment(expected.when))

    def _may(self, expected: Expected, about: About) -> Outcome:
        line = expected.line
        refusals = self.refusals(expected, about)
        refusing = [one for one in refusals if one.refuses]
        self.met |= {one.rule for one in refusals}
        said = "; ".join(str(one.problem) for one in refusing) or "nothing stands in the way"
        if line.verb == "may":
            return Outcome(expected, _named(about), not refusing, f'may "{line.name}"', said)
        fitting = [
            one
            for one in refusing
            if (not line.rule or one.rule == line.rule)
            and (line.overridable is None or one.overridable is line.overridable)
        ]
        return Outcome(expected, _named(about), bool(fitting), f'may not "{line.name}"', said)

    def _mark(self, expected: Expected, about: About) -> Outcome:
        line = expected.line
        at = self.moment(expected.when)
        session = Session.read(line.session) if line.session else Session(expected.when.on, Half.AM)
        found = suggest_mark(
            self.book,
            self.rulebook,
            at,
            about.enrolment,
            session,
            arrived=line.arrived,
            reason=line.reason or "",
        )
        wanted = f'the code "{line.name}"' + (f', after asking "{line.asks}"' if line.asks else "")
        said = f'"{found.code}"' + (f', after asking "{found.asks}"' if found.asks else "")
        self.met.add(found.rule)
        if line.fact:
            wanted += f', because of "{line.fact}"'
            said += f", because of {_listed([*found.facts])}"
        holds = (
            found.code == line.name
            and (not line.asks or found.asks == line.asks)
            and (not line.fact or line.fact in found.facts)
        )
        return Outcome(expected, _named(about), holds, wanted, said)

    def _figure(self, expected: Expected, about: About) -> Outcome:
        line = expected.line
        sight = self.sight(self.moment(expected.when))
        first_on, last_on = line.from_on, line.until_on
        if line.over:
            period = days_of(line.over, sight, expected.when.on)
            first_on, last_on = period.starts_on, min(period.ends_on, expected.when.on)
        value = figure(
            sight,
            line.name,
            enrolment=about.enrolment,
            group=about.group,
            parent=about.parent,
            first_on=first_on,
            last_on=last_on,
        )
        holds, shown = _equal(value, line.value)
        if line.name == "tier" and holds:
            self.met |= {one.id for one in sight.rules if _only_names(one, line.value)}
        return Outcome(expected, _named(about), holds, f"{line.name} is {_said(line.value)}", shown)


def _only_names(rule: Rule, tier: object) -> bool:
    """Whether a rule is a band that asks for nothing and says what pupils in it are called."""
    return rule.mode is Mode.CONTENT and isinstance(rule.params, Band) and rule.params.tier == tier


def _same(one: About, other: About) -> bool:
    """Whether a duty is about those of a line; a line that names no parent is about any."""
    if one.enrolment != other.enrolment:
        return False
    if other.parent and one.parent != other.parent:
        return False
    return bool(other.enrolment) or one.group == other.group


def _named(about: About) -> str:
    return about.enrolment or about.group or "the school"


def _listed(words: list[str]) -> str:
    return ", ".join(words) if words else "none"


def _differing(line: object, duty: Duty) -> Iterator[str]:
    """In which of the things that a line states a duty is another."""
    occurrence = duty.occurrence
    wanted: list[tuple[str, object, object]] = [
        ("as", getattr(line, "form", None), duty.form.value),
        ("who", getattr(line, "who", ""), duty.who),
        ("letter", getattr(line, "letter", ""), duty.rule.letter),
        ("suggests", getattr(line, "suggests", ""), duty.suggests or NOTHING),
        ("offers", getattr(line, "offers", ()), occurrence.offers or duty.rule.offers),
        ("state", getattr(line, "state", "open"), duty.state.value),
        ("place", getattr(line, "place", None), occurrence.place),
    ]
    for name, want, found in wanted:
        if want not in ("", None, ()) and want != found:
            yield f"{name} is {_said(found)}, not {_said(want)}"
    by = getattr(line, "by", None)
    if isinstance(by, datetime):
        due_at = occurrence.due_at.astimezone(LONDON).replace(tzinfo=None) if occurrence.due_at else None
        local = by.astimezone(LONDON).replace(tzinfo=None) if by.tzinfo else by
        if due_at != local:
            yield f"by is {due_at or duty.due_on}, not {local}"
    elif by is not None and by != duty.due_on:
        yield f"by is {duty.due_on}, not {by}"
    named = occurrence.because.named
    for name, want in getattr(line, "because", {}).items():
        if name not in named:
            yield f'the reason says nothing of "{name}"; it says {_listed(sorted(named))}'
        elif not _equal(named[name], want)[0]:
            yield f"because {name} is {_said(named[name])}, not {_said(want)}"


def _differing_ahead(line: ThenLine, one: Outlook) -> Iterator[str]:
    """In which of the things that a line states what is to come is another."""
    wanted = [
        ("as", line.form, one.rule.form.value),
        ("who", line.who, one.rule.who),
        ("letter", line.letter, one.rule.letter),
        ("by", line.by, one.on),
    ]
    for name, want, found in wanted:
        if want not in ("", None) and want != found:
            yield f"{name} is {_said(found)}, not {_said(want)}"
    for name in ("because", "suggests", "offers", "place"):
        if getattr(line, name):
            yield f"{name} can be said only once it is due"


def _because_fits(line: ThenLine, duty: Duty) -> bool:
    """Whether a duty has the reason that a line names; one that names none is about any."""
    named = duty.occurrence.because.named
    return all(name in named and _equal(named[name], want)[0] for name, want in line.because.items())


def _equal(found: object, wanted: object) -> tuple[bool, str]:
    """Whether a value is what a line wants, and how it is shown."""
    if isinstance(found, Rate):
        shown = f"{found.part} of {found.whole}, {found.shown(2)}"
        if isinstance(wanted, str):
            decimals = len(wanted.rstrip("%").partition(".")[2])
            return found.shown(decimals) == wanted, shown
        return wanted == [found.part, found.whole], shown
    if isinstance(found, tuple):
        return list(found) == wanted, _said(found)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted, _said(found)
    if isinstance(found, str) and isinstance(wanted, date) and not isinstance(wanted, datetime):
        # Figures that are days are texts, for there may be none.
        return found == wanted.isoformat(), _said(found)
    return found == wanted, _said(found)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(str, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _is_register_rule(rule: str) -> bool:
    """Whether a refusal can be of a rule of the registers or of the statute, which no policy has."""
    return rule.startswith(OF_REGISTERS)
