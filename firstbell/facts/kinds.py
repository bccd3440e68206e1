"""Which kinds of facts are there, what are their parts, and how is data of an older version read?

The list is closed: a kind that nobody has described cannot be recorded, because nothing would follow from it
and nobody would know what it meant six years later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from types import ModuleType
from typing import Any

import msgspec

from firstbell.facts import absences, cases, missing, provision, school
from firstbell.facts.data import Data, Parts
from firstbell.sessions import LONDON

__all__ = [
    "KINDS",
    "Described",
    "Reference",
    "Wrong",
    "data_of",
    "described",
    "in_utc",
    "parts_of",
    "pupils_in",
    "references_of",
    "registry",
    "with_seconds",
]


def registry(modules: Iterable[ModuleType]) -> dict[str, type[Data]]:
    """The kinds of some modules by their names, in the order of their `__all__`.

    Raises ValueError for two kinds of one name, and for one that cannot read up each of its older versions.
    """
    found: dict[str, type[Data]] = {}
    for module in modules:
        for name in module.__all__:
            one = getattr(module, name)
            if not (isinstance(one, type) and issubclass(one, Data)):
                continue
            if not one.kind or one.kind in found:
                raise ValueError(f"{name}: a kind has a name, and no other has the same")
            if missing_steps := {*range(1, one.version)} - {*one.read_up}:
                raise ValueError(f"{name}: nothing reads up version {min(missing_steps)}")
            found[one.kind] = one
    return found


KINDS: Mapping[str, type[Data]] = registry((absences, missing, cases, provision, school))
"""Every kind by its name, in the order in which the reference lists them."""

PATH = re.compile(r" - at `\$(?:\.(?P<part>[^`]*)|[^`]*)`$")
MISSING = re.compile(r"Object missing required field `(\w+)`")
UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
PLAIN = re.compile(r"[a-z][a-z0-9_]{0,30}")
CLOCK = re.compile(r"((?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_PUPILS = "a list: the UPN or admission number of a pupil"
_MOMENT, _TIME = "a moment, as 2025-09-16T09:40", "a time, as 09:40"


class Wrong(Exception):
    """Data that is not of its kind: which part, and what is wrong with it, without what stands there."""

    def __init__(self, part: str, what: str, remedy: str) -> None:
        self.part, self.what, self.remedy = part, what, remedy
        super().__init__(f"{part}: {what}")


@dataclass(frozen=True)
class Reference:
    """A part that holds the id of another fact: the part, the kind that fact must be of ("": any), the id."""

    part: str
    kind: str
    id: str


@dataclass(frozen=True)
class Described:
    """A part of a kind for people: its name, what it says, its form, and what it is if left out.

    `refers_to` is the kind of the fact whose id it holds, "" for none and for any.
    """

    name: str
    says: str
    form: str
    default: str | None
    refers_to: str = ""


def data_of(
    kind: str,
    data: bytes | Parts,
    version: int | None = None,
    *,
    kinds: Mapping[str, type[Data]] = KINDS,
) -> Data:
    """The typed data of a fact of `kind`, from JSON or from parts; of an older version read up to ours.

    Raises `Wrong` with the part that is missing, unknown or not of its type, or that cannot be so.
    """
    if kind not in kinds:
        near = get_close_matches(kind[:80], kinds, 1)
        hint = f'Did you mean "{near[0]}"? ' if near else ""
        raise Wrong(
            "kind", "There is no such kind of fact.", f"{hint}The kinds are in docs/reference/facts.md."
        )
    cls = kinds[kind]
    read = _read_at_once(cls, data, version)
    if read is None:
        read = _read(cls, data, version)
    for part, what in read.faults():
        raise Wrong(part, what, "Correct it.")
    return _moments_in_utc(read)


def _read_at_once(cls: type[Data], data: bytes | Parts, version: int | None) -> Data | None:
    """Data of our version in which no clock stands, from JSON; None for what needs more than one look."""
    if not isinstance(data, bytes) or version not in (None, cls.version) or _timed(cls):
        return None
    try:
        return _decoder(cls).decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return None


@cache
def _decoder(cls: type[Data]) -> msgspec.json.Decoder[Data]:
    return msgspec.json.Decoder(cls)


def _read(cls: type[Data], data: bytes | Parts, version: int | None) -> Data:
    """Data with all that may have to be done: reading up, seconds added. Raises `Wrong`."""
    try:
        parts: Any = msgspec.json.decode(data) if isinstance(data, bytes) else data
        if version is not None and version != cls.version:
            parts = _read_up(cls, parts, version)
        return msgspec.convert(_clocks(cls, parts), cls, strict=True, builtin_types=(), str_keys=False)
    except msgspec.MsgspecError as error:
        raise _wrong(cls, error) from None
    except RecursionError:
        raise Wrong(
            "data", "Its parts stand too deep in each other.", "Write the parts of the kind."
        ) from None


def _read_up(cls: type[Data], parts: Any, version: int) -> Parts:
    if version > cls.version or version < 1:
        what = f"Its version is not known; this Firstbell has versions 1 to {cls.version} of this kind."
        raise Wrong("version", what, "Correct it, or take a newer Firstbell.")
    if not isinstance(parts, dict):
        raise Wrong("data", "What stands there is not of its kind.", "Write the parts of the kind.")
    for step in range(version, cls.version):
        try:
            parts = cls.read_up[step](dict(parts))
        except (LookupError, TypeError, ValueError, AttributeError):
            what = f"Its parts are not those of version {step} of this kind."
            raise Wrong("data", what, "Correct the version or the parts.") from None
    return dict(parts)


def with_seconds(text: str) -> str:
    """A clock time or a moment as people write it, 09:40 or 2025-09-16 09:40, with its seconds."""
    found = CLOCK.fullmatch(text)
    return f"{found.group(1)}:00{found.group(2) or ''}" if found else text


def in_utc(moment: datetime) -> datetime:
    """A moment in UTC. One without a distance from Greenwich is London's.

    Raises `Wrong` for a time that the clocks skip or show twice on their days in March and October, and for
    a year that nobody's records are from.
    """
    if not 1900 <= moment.year < 2200:
        raise Wrong("", "The year cannot be meant.", "Correct the year.")
    if moment.tzinfo is None:
        local = moment.replace(tzinfo=LONDON)
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            what = "On that day the clocks change, and this time was not there or was there twice."
            raise Wrong("", what, "Write it with its distance from Greenwich, as 2025-10-26T01:30+01:00.")
        moment = local
    return moment.astimezone(UTC)


def _clocks(cls: type[Data], parts: Any) -> Any:
    """Parts with seconds added where a time or a moment stands without them."""
    if not isinstance(parts, dict):
        return parts
    timed = _timed(cls)
    if not timed:
        return parts
    return {
        name: with_seconds(value) if name in timed and isinstance(value, str) else value
        for name, value in parts.items()
    }


@cache
def _timed(cls: type[Data]) -> frozenset[str]:
    return frozenset(one.name for one in described(cls) if one.form in (_MOMENT, _TIME))


def _moments_in_utc(data: Data) -> Data:
    changed: dict[str, Any] = {}
    for name in _timed(type(data)):
        if isinstance(moment := getattr(data, name), datetime):
            try:
                changed[name] = in_utc(moment)
            except Wrong as wrong:
                raise Wrong(name, wrong.what, wrong.remedy) from None
    return msgspec.structs.replace(data, **changed) if changed else data


def _wrong(cls: type[Data], error: Exception) -> Wrong:
    """msgspec's word for what is wrong, as ours. It names keys and types; values are left out."""
    text = str(error)
    at = PATH.search(text)
    where = (at.group("part") or "") if at else ""
    said = PATH.sub("", text)
    if found := MISSING.match(said):
        return Wrong(found.group(1), "It is missing.", "Add it.")
    parts = {one.name: one.form for one in described(cls)}
    if found := UNKNOWN.match(said):
        name = found.group(1)
        near = get_close_matches(name[:80], parts, 1)
        known = f"Its parts are: {', '.join(parts)}." if parts else "This kind has no parts."
        # A key that is no plain word may be somebody's name in the wrong place.
        shown = name if PLAIN.fullmatch(name) else "data"
        remedy = f'Did you mean "{near[0]}"?' if near else known
        return Wrong(shown, "There is no such part.", remedy)
    name = re.split(r"[.\[]", where)[0]
    form = parts.get(name, "")
    what = "What stands there is not of its kind."
    return Wrong(name or "data", what, f"Write {form}." if form else "Write the parts of the kind.")


def parts_of(data: Data) -> Parts:
    """The parts of data as JSON has them, without those that say what would be so anyway."""
    told: Parts = msgspec.to_builtins(data)
    defaults = _defaults(type(data))
    return {name: value for name, value in told.items() if defaults.get(name) != getattr(data, name)}


@cache
def pupils_in(cls: type[Data]) -> tuple[str, ...]:
    """The parts of a kind that name pupils by the ids of their enrolments."""
    return tuple(one.name for one in described(cls) if one.form == _PUPILS)


@cache
def _defaults(cls: type[Data]) -> Mapping[str, Any]:
    return {one.name: one.default for one in msgspec.structs.fields(cls)}


def references_of(data: Data) -> Iterator[Reference]:
    """The other facts that data speaks of by their ids."""
    for name, kind in _referring(type(data)).items():
        if value := getattr(data, name):
            yield Reference(name, kind, value)


@cache
def _referring(cls: type[Data]) -> Mapping[str, str]:
    info = msgspec.inspect.type_info(cls)
    assert isinstance(info, msgspec.inspect.StructType)
    found = {}
    for one in info.fields:
        extra = _extra(one.type)
        if "refers_to" in extra:
            found[one.encode_name] = str(extra["refers_to"])
    return found


def _extra(info: msgspec.inspect.Type) -> Mapping[str, Any]:
    return (info.extra or {}) if isinstance(info, msgspec.inspect.Metadata) else {}


@cache
def described(cls: type[Data]) -> tuple[Described, ...]:
    """The parts of a kind for people, in their order."""
    info = msgspec.inspect.type_info(cls)
    assert isinstance(info, msgspec.inspect.StructType)
    return tuple(_described(one) for one in info.fields)


def _described(one: msgspec.inspect.Field) -> Described:
    extra = _extra(one.type)
    refers_to = str(extra.get("refers_to", ""))
    form = _form(one.type)
    if isinstance(one.type, msgspec.inspect.Metadata) and (one.type.extra_json_schema or {}).get("pupils"):
        form = _PUPILS
    if "refers_to" in extra:
        form = f'the id of a fact of the kind "{refers_to}"' if refers_to else "the id of a fact"
    default = None if one.required else _default(one)
    return Described(one.encode_name, _says(one.type), form, default, refers_to)


def _says(info: msgspec.inspect.Type) -> str:
    if isinstance(info, msgspec.inspect.Metadata):
        return str((info.extra_json_schema or {}).get("description", "")) or _says(info.type)
    return ""


def _default(field: msgspec.inspect.Field) -> str:
    if field.default is msgspec.NODEFAULT:
        return "empty"
    if field.default in (None, "", ()):
        return "empty"
    if isinstance(field.default, bool):
        return "true" if field.default else "false"
    return f'"{field.default}"' if isinstance(field.default, str) else str(field.default)


def _form(info: msgspec.inspect.Type) -> str:
    """What may stand in a part, in words."""
    inspect = msgspec.inspect
    match info:
        case inspect.Metadata():
            return _form(info.type)
        case inspect.LiteralType():
            return "one of " + ", ".join(f'"{value}"' for value in info.values)
        case inspect.UnionType():
            forms = [_form(one) for one in info.types if not isinstance(one, inspect.NoneType)]
            return " or ".join(dict.fromkeys(forms))
        case inspect.VarTupleType() | inspect.ListType():
            return f"a list: {_form(info.item_type)}"
        case inspect.TupleType():
            return "a pair: " + " and ".join(_form(one) for one in info.item_types)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number"
        case inspect.DateType():
            return "a day, as 2025-09-16"
        case inspect.DateTimeType():
            return _MOMENT
        case inspect.TimeType():
            return _TIME
        case _:
            return "text"
