"""What is a rule of a policy, and what else does a policy hold?

A rule says who does what, when what is so, under which clause. What "when" means is said by its kind, a
closed list; the numbers are its parameters. Nothing here knows any child, and no rule is code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from firstbell.policy.parameters import Params
from firstbell.problems import Place

__all__ = ["AppliesTo", "Clause", "Declared", "Form", "Letter", "Mode", "Policy", "Rule"]


class Mode(StrEnum):
    """Who acts: the software, a person whom it asks, a person who records, nobody (it is for reading)."""

    AUTOMATIC = "automatic"
    PROMPT = "prompt"
    RECORD = "record"
    CONTENT = "content"


class Form(StrEnum):
    """In which form a duty meets a person.

    A `task` is to be done, a `prompt` to be decided, a `letter` or `message` to be sent; an `alert` is to
    be seen, a `list` to be worked through, an `award` to be given, a `return` to be made to an authority.
    """

    TASK = "task"
    PROMPT = "prompt"
    LETTER = "letter"
    MESSAGE = "message"
    ALERT = "alert"
    LIST = "list"
    AWARD = "award"
    RETURN = "return"


@dataclass(frozen=True)
class AppliesTo:
    """Whom a rule is about. Everything that is stated must hold; in a list any one does.

    `of_age` is compulsory school age on the day. `half_terms` are those of the school year, 1 to 6.
    `without_year_groups` is written by nobody: it says for whom a rule of law is not asked, because a rule
    of the policy stands for it there.
    """

    year_groups: frozenset[str] = frozenset()
    of_age: bool | None = None
    flags: frozenset[str] = frozenset()
    without_flags: frozenset[str] = frozenset()
    half_terms: frozenset[int] = frozenset()
    without_year_groups: frozenset[str] = frozenset()

    @cached_property
    def anybody(self) -> bool:
        """Whether it states nothing, so that a rule is about everybody."""
        return self == AppliesTo()


@dataclass(frozen=True)
class Clause:
    """One clause of the document: its id there, what it says in our words, and what is to be said with it.

    `notice` stands where the clause cites law that is gone, or says what the law does not allow. `cites`
    names the instruments that it cites, as the statute cites them; `states` is what it is known to state,
    `codes` the list of codes that it gives as those of the register. `counted_by` names the tables of the
    statute that say the same by days, and by which everything counts.
    """

    id: str
    says: str
    notice: str = ""
    cites: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    counted_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule. `asks` is the name of what it asks for, by which people and scenarios speak of it.

    `word` is the clause's own word: will, may, usually. `suggests` is the answer that is offered first where
    the facts suggest none. `settled_by` are the facts which by themselves
    show that it was done, as "contact" or "meeting: attendance meeting". `tightens` names the rule of law
    that it makes stricter; `after` another rule, of which a duty must have been done before.
    """

    id: str
    kind: str
    implements: tuple[str, ...]
    mode: Mode
    params: Params
    place: Place = field(compare=False)
    who: str = ""
    word: str = ""
    asks: str = ""
    form: Form = Form.TASK
    offers: tuple[str, ...] = ()
    suggests: str = ""
    applies_to: AppliesTo = AppliesTo()
    letter: str = ""
    after: str = ""
    tightens: str = ""
    settled_by: tuple[str, ...] = ()
    is_law: bool = False
    source: str = ""
    notice: str = ""
    stricter: tuple[str, ...] = field(default=(), compare=False)
    """In words, what of it was made stricter by which other rule, when law and policy were merged."""


@dataclass(frozen=True)
class Letter:
    """A letter of a policy: its id, which is the name of its template, and what its title is."""

    id: str
    title: str
    template: str = field(repr=False, default="")


@dataclass(frozen=True)
class Declared:
    """A fault of a policy's text that a person found by reading, and what is taken instead.

    `number` is its number in the policy's own list. Where `computed` names a check, the check finds it by
    itself, and the list says here under which number people know it.
    """

    number: str
    clauses: tuple[str, ...]
    text: str = ""
    default: str = ""
    computed: str = ""


@dataclass(frozen=True)
class Policy:
    """One version of a policy, as it stands in a folder: what is in force from a day on."""

    id: str
    title: str
    in_force_from_on: date
    adopted_on: date | None
    roles: Mapping[str, str]
    clauses: Mapping[str, Clause]
    rules: tuple[Rule, ...]
    letters: Mapping[str, Letter]
    prose: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: str = ""
    is_law: bool = False

    def rule(self, key: str) -> Rule:
        """A rule by its id. Raises KeyError."""
        return next(rule for rule in self.rules if rule.id == key)
