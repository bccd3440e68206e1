"""What may a scenario's file say?

A class for each table of the file, with a sentence for each key: readers, the JSON schema and the page of the
reference are all made from them. A key is added here and nowhere else; `goes_with` says with which lines of
`[[then]]` it may stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import msgspec

from firstbell.facts import KINDS
from firstbell.facts.absences import AbsenceReason

__all__ = [
    "FORMS",
    "NURSERY",
    "REASONS",
    "STATES",
    "VERBS",
    "YEAR_GROUPS",
    "AmendmentLine",
    "FactLine",
    "GroupLine",
    "Key",
    "PupilLine",
    "RegisterLine",
    "ScenarioFile",
    "Table",
    "ThenLine",
    "keys_of",
]

NURSERY = ("N", "N1", "N2")
YEARS = 'a year group, "N1", "N2", "N", "R" or "1" to "13"'
YEAR_GROUPS = (*NURSERY, "R", *map(str, range(1, 14)))
REASONS: tuple[str, ...] = get_args(AbsenceReason)
FORMS: Mapping[str, str] = {
    "task": "somebody has something to do",
    "prompt": "a person is asked, and answers",
    "letter": "a letter is drafted; a person sends or withholds it",
    "message": "a text or an e-mail goes out",
    "alert": "somebody is told at once",
    "list": "it stands on a list or in a report",
    "award": "a pupil or a group is rewarded",
    "return": "the local authority or the Department is told",
}
"""The forms of what is due, each with what it means. A form that is new stands in `Form` as well."""
NOTHING = "nothing"
"""What `suggests` says where no answer is offered first."""
STATES: Mapping[str, str] = {
    "open": "it is owed",
    "done": "it was done",
    "withheld": "a person decided against it, and said why",
    "deferred": "a person put it off to a day, which `by` says until then",
    "lapsed": "its time went by, or what it was for is over",
    "basis changed": "it was done, and a correction has since taken the reason away",
    "coming": "it is not owed yet; counting on from now, it may come for the pupil",
}
Form: TypeAlias = Literal["task", "prompt", "letter", "message", "alert", "list", "award", "return"]
State: TypeAlias = Literal["open", "done", "withheld", "deferred", "lapsed", "basis changed", "coming"]
Texts: TypeAlias = tuple[str, ...]

VERBS = ("due", "not_due", "nothing_due", "may", "may_not", "mark", "figure")
"""What a line of `[[then]]` can say: exactly one of them stands in each."""
ANY: tuple[str, ...] = VERBS
ACTIONS = ("may", "may_not")

_SESSION = re.compile(r"\d{4}-\d\d-\d\d (AM|PM)")
_DAY = {"type": "string", "format": "date"}
_MOMENT = {"type": "string", "format": "date-time"}
_SCHEMA_OF_DAY_OR_SESSION = {"anyOf": [_DAY, {"type": "string", "pattern": f"^{_SESSION.pattern}$"}]}
DAY_OR_SESSION = "a day, as `2025-09-16`, or a session in quotes, as `2025-09-16 AM`"


def _plain(value: object) -> bool:
    """Numbers without a decimal point, texts, days, times, true and false, and lists of them."""
    if isinstance(value, list):
        return all(_plain(one) for one in value)
    return isinstance(value, str | int | date | time)


def _reasons(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(_plain(one) for one in value.values())


def _parts(value: object) -> bool:
    return isinstance(value, dict)


def _settings(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, dict) for one in value.values())


def _day_or_session(value: object) -> bool:
    if isinstance(value, str):
        return bool(_SESSION.fullmatch(value))
    return isinstance(value, date) and not isinstance(value, datetime)


def _day_or_moment(value: object) -> bool:
    return isinstance(value, date)


def key(
    says: str,
    form: str = "",
    *,
    goes_with: tuple[str, ...] = (),
    accepts: Callable[[object], bool] | None = None,
    schema: Mapping[str, Any] | None = None,
) -> msgspec.Meta:
    """What a key says. `form` and `accepts` are for those whose type does not say what may stand there."""
    extra = {"form": form, "goes_with": goes_with, "accepts": accepts}
    return msgspec.Meta(description=says, extra=extra, extra_json_schema=dict(schema) if schema else None)


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class AmendmentLine(Table, frozen=True, kw_only=True, rename={"original": "from", "amended": "to"}):
    """A change of one mark after its register closed, or a mark for a session that was left blank."""

    session: Annotated[str, key("which", "a session in quotes, as `2025-09-08 AM`")]
    original: Annotated[str, key('what the register said; `"-"` for a session that nobody had marked')]
    amended: Annotated[str, key("what it says since")]
    at: Annotated[datetime, key("when it was changed")]
    by: Annotated[str, key("the position of who changed it")] = "attendance officer"
    reason: Annotated[str, key("why")]


class PupilLine(Table, frozen=True, kw_only=True):
    """One pupil, or several who are alike in all that is said here."""

    ref: Annotated[
        str, key("a short name for this scenario, such as `P8`: letters, digits, `-`, `_`, `.`")
    ] = ""
    refs: Annotated[Texts, key("instead of `ref`: several pupils who are alike")] = ()
    year_group: Annotated[
        str | int,
        key("the year group in the school year of `on`: see *Year groups* below", YEARS),
    ]
    group: Annotated[str, key("the class or registration group")] = ""
    born_on: Annotated[date | None, key("the day of birth; left out: see *Ages* below")] = None
    of_age: Annotated[
        bool, key("false: the pupil is below compulsory school age; only in R, and without `born_on`")
    ] = True
    starts_on: Annotated[
        date | None, key("the day from which the pupil is on roll; left out: the calendar's first day")
    ] = None
    ends_on: Annotated[date | None, key("the last day on which the pupil is on roll")] = None
    registration: Annotated[
        Literal["sole", "main", "subsidiary"], key("whether the pupil is at another school as well")
    ] = "sole"
    house: Annotated[str, key("the house, where the school has houses")] = ""
    parents: Annotated[Texts, key("the parents; the same name with two pupils is the same person")] = ("A",)
    contacts: Annotated[
        Texts, key("all contacts in the order in which they are rung; left out: the parents")
    ] = ()
    marks: Annotated[
        Texts,
        key(
            "what is not present: see *Marks* below",
            "a list of texts in quotes, as `2025-09-08..2025-09-19 N N`",
        ),
    ] = ()
    blank: Annotated[
        Texts,
        key(
            "the sessions that nobody marked: a session, a day, or days",
            "a list of texts in quotes, as `2025-09-19 PM`, `2025-09-19` or `2025-09-15..2025-09-19`",
        ),
    ] = ()
    strip: Annotated[
        str,
        key("instead of `marks`: all marks in register notation, from the first day to the last register"),
    ] = ""
    marked_from: Annotated[
        date | None,
        key("the first day on which the pupil is marked; left out: `starts_on`. Before it nobody has marked"),
    ] = None
    amendments: Annotated[
        tuple[AmendmentLine, ...], key("what was changed later: see *Amendments* below", "a list of tables")
    ] = ()


class GroupLine(Table, frozen=True, kw_only=True, rename={"from_on": "from", "until_on": "until"}):
    """A class that missed so many sessions in some days, for tables of classes. Its pupils are invented.

    They are called `2A-1`, `2A-2` and so on. The sessions missed are spread evenly over the pupils and, for
    each, over the days; a second line for the same class and other days adds to the first.
    """

    group: Annotated[str, key("the class")]
    year_group: Annotated[str | int, key("its year group in the school year of `on`", YEARS)]
    pupils: Annotated[int, key("how many pupils")]
    absent: Annotated[int, key("how many sessions they missed, all together")]
    week: Annotated[date | None, key("the Monday of the week in which they missed them")] = None
    from_on: Annotated[date | None, key("instead of `week`: the first day, with `until`")] = None
    until_on: Annotated[date | None, key("the last day")] = None
    code: Annotated[str, key("the code of what they missed")] = "I"
    house: Annotated[str, key("the house of all its pupils")] = ""


class RegisterLine(Table, frozen=True, kw_only=True):
    """A register that was saved at another time than when it closed: what the marks say was known then."""

    session: Annotated[str, key("which", "a session in quotes, as `2025-09-17 AM`")]
    saved_at: Annotated[datetime, key("when it was saved, on the day of the session")]
    pupils: Annotated[Texts, key("the register of these pupils only, by their refs")] = ()
    groups: Annotated[Texts, key("the register of these classes only")] = ()


class FactLine(Table, frozen=True, kw_only=True):
    """Something that happened and is no mark, exactly as [the facts](facts.md) have it, but for `does`."""

    kind: Annotated[
        str, key("what happened: one of the kinds of [the facts](facts.md)", schema={"enum": list(KINDS)})
    ]
    id: Annotated[str, key("an id, to name the fact by; left out: `f1` for the first fact, `f2` ...")] = ""
    pupil: Annotated[str, key("the pupil whom it is about")] = ""
    parent: Annotated[str, key("the parent whom it is about")] = ""
    staff: Annotated[str, key("the member of staff whom it is about")] = ""
    group: Annotated[str, key("the group whom it is about")] = ""
    on: Annotated[date | None, key("the day it is about; left out: the day of `at`")] = None
    at: Annotated[
        datetime | None, key("when it happened; left out: noon of `on`. One of the two is needed")
    ] = None
    known_at: Annotated[datetime | None, key("when the school knew; left out: when it happened")] = None
    by: Annotated[str, key("the role of who recorded it")] = "attendance officer"
    replaces: Annotated[str, key("the id of the fact that this one corrects or takes back")] = ""
    data: Annotated[
        dict[str, Any],
        key("the parts of the kind, with pupils by their refs", "a table in braces", accepts=_parts),
    ] = {}
    does: Annotated[
        str,
        key("the duty that it does or is about: the thing asked for, or the id of the rule; open just then"),
    ] = ""


class ThenLine(
    Table,
    frozen=True,
    kw_only=True,
    rename={"form": "as", "value": "is", "from_on": "from", "until_on": "until"},
):
    """What must be so. Exactly one of the first seven keys stands in each line."""

    due: Annotated[
        str,
        key(
            "this is due: the thing asked for, as the policy names it, or the id of a rule",
            goes_with=("due",),
        ),
    ] = ""
    not_due: Annotated[
        str, key("this is not due: neither open, put off, done nor withheld", goes_with=("not_due",))
    ] = ""
    nothing_due: Annotated[bool, key("true: nothing at all is open", goes_with=("nothing_due",))] = False
    may: Annotated[str, key("this action is allowed", goes_with=("may",))] = ""
    may_not: Annotated[str, key("this action is refused", goes_with=("may_not",))] = ""
    mark: Annotated[str, key("this code is suggested for `session`", goes_with=("mark",))] = ""
    figure: Annotated[str, key("this figure has the value `is`", goes_with=("figure",))] = ""

    on: Annotated[
        Any,
        key(
            "judged at the end of this day, or when the register of this session has closed; left out: `on` "
            "of the scenario",
            DAY_OR_SESSION,
            goes_with=ANY,
            accepts=_day_or_session,
            schema=_SCHEMA_OF_DAY_OR_SESSION,
        ),
    ] = None
    at: Annotated[datetime | None, key("judged at this moment", goes_with=ANY)] = None
    pupil: Annotated[str, key("about this pupil", goes_with=ANY)] = ""
    pupils: Annotated[Texts, key("about each of these pupils", goes_with=ANY)] = ()
    group: Annotated[
        str,
        key(
            "about this class or house as a whole; a figure also about a year group, or all who have a flag",
            goes_with=tuple(verb for verb in VERBS if verb != "mark"),
        ),
    ] = ""
    parent: Annotated[
        str,
        key(
            "about this parent of the pupil, or this contact",
            goes_with=("due", "not_due", "nothing_due", *ACTIONS, "figure"),
        ),
    ] = ""

    form: Annotated[Form | None, key("in which form", goes_with=("due", "not_due", "nothing_due"))] = None
    who: Annotated[str, key("whose it is: a role of the policy", goes_with=("due",))] = ""
    by: Annotated[
        Any,
        key(
            "until when: by the end of a day, or by a moment of it",
            "a day, as `2025-09-16`, or a moment, as `2025-09-16T09:40:00`",
            goes_with=("due",),
            accepts=_day_or_moment,
            schema={"anyOf": [_DAY, _MOMENT]},
        ),
    ] = None
    letter: Annotated[str, key("the letter, by its name in the policy", goes_with=("due", "not_due"))] = ""
    suggests: Annotated[
        str, key('the answer that is offered first; "nothing" where none is', goes_with=("due",))
    ] = ""
    offers: Annotated[Texts, key("the answers that are offered, in their order", goes_with=("due",))] = ()
    because: Annotated[
        dict[str, Any],
        key(
            "numbers and texts of the reason, by name; those given must be equal. Of what recurs, the period",
            "a table in braces, without decimal points",
            goes_with=("due", "not_due"),
            accepts=_reasons,
        ),
    ] = {}
    state: Annotated[
        State,
        key(
            "in which state; `not_due` may say `coming`: it is not to come either",
            goes_with=("due", "not_due"),
        ),
    ] = "open"
    place: Annotated[int | None, key("of an award: 1 for first, 2 for second", goes_with=("due",))] = None

    request: Annotated[str, key("the id of the fact that asked for it", goes_with=ACTIONS)] = ""
    code: Annotated[str, key("the code that is to be entered", goes_with=ACTIONS)] = ""
    session: Annotated[
        str, key("the session", "a session in quotes, as `2025-09-16 AM`", goes_with=(*ACTIONS, "mark"))
    ] = ""
    role: Annotated[str, key("the role of who wants to do it", goes_with=ACTIONS)] = ""
    notice: Annotated[str, key("the notice: its kind, or the id of its fact", goes_with=ACTIONS)] = ""
    evidence: Annotated[str, key("the evidence: what of, or the id of its fact", goes_with=ACTIONS)] = ""
    plan: Annotated[str, key("the plan: its kind, or the id of its fact", goes_with=ACTIONS)] = ""
    purpose: Annotated[str, key("what it is for", goes_with=ACTIONS)] = ""
    rule: Annotated[str, key("one of the refusals is of this rule", goes_with=("may_not",))] = ""
    overridable: Annotated[
        bool | None, key("whether a person may do it all the same, with a reason", goes_with=("may_not",))
    ] = None

    arrived: Annotated[time | None, key("when the pupil came", goes_with=("mark",))] = None
    reason: Annotated[
        AbsenceReason | None,
        key(
            "why the pupil is absent or late",
            "a reason that *absence reported* of [the facts](facts.md) has",
            goes_with=("mark",),
        ),
    ] = None
    fact: Annotated[str, key("the id of the fact that says why", goes_with=("mark",))] = ""
    asks: Annotated[str, key("what a person is asked before the code is used", goes_with=("mark",))] = ""

    value: Annotated[
        Any,
        key(
            "what the figure must be",
            'two whole numbers as `[74, 80]`, a text as "92.5%", a whole number, true, a day, '
            "or a list of refs",
            goes_with=("figure",),
            accepts=_plain,
            schema={"type": ["string", "integer", "boolean", "array"]},
        ),
    ] = None
    over: Annotated[
        Literal["year", "term", "half term", "week", "day"] | None,
        key("over the year, term ... in which the line is judged", goes_with=("figure",)),
    ] = None
    from_on: Annotated[date | None, key("over the days from this one", goes_with=("figure",))] = None
    until_on: Annotated[
        date | None, key("until this one; left out: that on which the line is judged", goes_with=("figure",))
    ] = None

    says: Annotated[str, key("free sentences; shown, never read by the program", goes_with=ANY)] = ""

    @property
    def verbs(self) -> tuple[str, ...]:
        """Those of the seven that stand in the line: one, in a line that was read without fault."""
        return tuple(verb for verb in VERBS if getattr(self, verb))

    @property
    def verb(self) -> str:
        """What the line says: "due", "may_not" ..."""
        return self.verbs[0]

    @property
    def name(self) -> str:
        """What follows the verb: the thing due, the action, the code, the figure; "" for nothing due."""
        said = getattr(self, self.verb)
        return said if isinstance(said, str) else ""

    @property
    def action(self) -> dict[str, str]:
        """The keys that say which action is meant, as far as they were given: `request`, `code` ..."""
        named = (one.name for one in keys_of(ThenLine) if one.goes_with[:2] == ACTIONS)
        return {name: getattr(self, name) for name in named if getattr(self, name)}


class ScenarioFile(Table, frozen=True, kw_only=True):
    """The file as a whole."""

    id: Annotated[str, key("a short name, different for every scenario of a folder")]
    title: Annotated[str, key("what it shows, in a few words")]
    policy: Annotated[
        str,
        key(
            'the id of a policy that comes with Firstbell, or the path to a folder; "model": law and guidance'
        ),
    ]
    shows: Annotated[Texts, key("the ids of the clauses or rules that it shows")] = ()
    says: Annotated[str, key("free sentences of the author; shown, never read by the program")] = ""
    calendar: Annotated[str, key("the name of a calendar, or the path to its file: see *Calendars* below")]
    on: Annotated[
        Any,
        key(
            "the last day with registers, or its last session",
            DAY_OR_SESSION,
            accepts=_day_or_session,
            schema=_SCHEMA_OF_DAY_OR_SESSION,
        ),
    ]
    settings: Annotated[
        dict[str, Any],
        key(
            "what the policy leaves to the school, a table for each rule: `[settings.ID-OF-RULE]`. Laid "
            "over those of the policy's example school",
            "tables named [settings.ID-OF-RULE]",
            accepts=_settings,
        ),
    ] = {}
    pupils: Annotated[tuple[PupilLine, ...], key("the pupils", "tables headed [[pupils]]")] = ()
    groups: Annotated[tuple[GroupLine, ...], key("classes as a whole", "tables headed [[groups]]")] = ()
    registers: Annotated[
        tuple[RegisterLine, ...],
        key("registers that were saved before or after they closed", "tables headed [[registers]]"),
    ] = ()
    facts: Annotated[tuple[FactLine, ...], key("what happened", "tables headed [[facts]]")] = ()
    then: Annotated[tuple[ThenLine, ...], key("what must be so", "tables headed [[then]]")] = ()


# --- the keys for people, and for whoever reads a file ----------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A key of a table: its name in the file and in the class, what it says, what may stand there.

    `default` is None where it is needed. `basic` names the types that may be written in two ways, `choices`
    are the texts of which one must stand there. `rows` is the class of the tables that stand under it, if
    any. `goes_with` are the lines of `[[then]]` in which it may stand.
    """

    name: str
    field: str
    says: str
    form: str
    default: str | None
    type: Any
    basic: Literal["", "day", "moment", "time"] = ""
    choices: tuple[str, ...] = ()
    goes_with: tuple[str, ...] = ()
    accepts: Callable[[object], bool] | None = None
    rows: type[Table] | None = None


@cache
def keys_of(table: type[Table]) -> tuple[Key, ...]:
    """The keys of a table, in their order."""
    info = msgspec.inspect.type_info(table)
    assert isinstance(info, msgspec.inspect.StructType)
    types = {field.name: field.type for field in msgspec.structs.fields(table)}
    return tuple(_key(one, types[one.name]) for one in info.fields)


def _key(one: msgspec.inspect.Field, written: Any) -> Key:
    info = one.type
    assert isinstance(info, msgspec.inspect.Metadata)
    extra = info.extra or {}
    choices = tuple(_choices(written))
    rows = None
    if isinstance(info.type, msgspec.inspect.VarTupleType):
        item = info.type.item_type
        rows = item.cls if isinstance(item, msgspec.inspect.StructType) else None
    return Key(
        one.encode_name,
        one.name,
        str((info.extra_json_schema or {}).get("description", "")),
        extra["form"] or _one_of(choices) or " or ".join(_forms(info.type)),
        None if one.required else _default(one.default),
        written,
        _basic(info.type),
        choices,
        extra["goes_with"],
        extra["accepts"],
        rows,
    )


def _basic(info: msgspec.inspect.Type) -> Literal["", "day", "moment", "time"]:
    types = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    for one in types:
        if isinstance(one, msgspec.inspect.DateType):
            return "day"
        if isinstance(one, msgspec.inspect.DateTimeType):
            return "moment"
        if isinstance(one, msgspec.inspect.TimeType):
            return "time"
    return ""


def _choices(written: Any) -> Iterator[str]:
    """The texts of which one must stand there, in the order in which the class has them."""
    if get_origin(written) is Literal:
        yield from map(str, get_args(written))
    elif get_origin(written) in (Annotated, Union, UnionType):
        for one in get_args(written):
            yield from _choices(one)


def _one_of(choices: tuple[str, ...]) -> str:
    return "one of " + ", ".join(f'"{one}"' for one in choices) if choices else ""


def _default(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]" if value else ""
    return f'"{value}"' if isinstance(value, str) and value else ""


def _forms(info: msgspec.inspect.Type) -> Iterator[str]:
    inspect = msgspec.inspect
    match info:
        case inspect.UnionType():
            for one in info.types:
                yield from _forms(one)
        case inspect.VarTupleType():
            yield "a list of texts in quotes"
        case inspect.StrType():
            yield "a text in quotes"
        case inspect.BoolType():
            yield "true or false"
        case inspect.IntType():
            yield "a whole number"
        case inspect.DateType():
            yield "a day, as `2025-09-16`"
        case inspect.DateTimeType():
            yield "a moment, as `2025-09-16T09:40:00`"
        case inspect.TimeType():
            yield "a time, as `09:40:00`"
