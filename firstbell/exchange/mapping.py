"""Which heading of a school's export is which of our fields? Kept as TOML, so that it is settled once.

Every school designs its own exports, so a mapping is made from the headings we know, looked at by a person,
completed, and used from then on. It holds headings only, nothing of what stands under them.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from firstbell.exchange.columns import Found, fields_of, plain
from firstbell.exchange.kept_aside import OWN_COLUMNS
from firstbell.problems import Place, Problem, Unusable

__all__ = ["KINDS", "ColumnMapping", "Kind", "Shape", "mapping_of", "read_mapping", "write_mapping"]

Kind = Literal["marks", "pupils", "contacts", "groups", "characteristics", "summary"]
Shape = Literal["long", "wide", "weeks", "summary"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KEYS = ("kind", "shape", "headings_row", "columns", "unused")


@dataclass(frozen=True)
class ColumnMapping:
    """Which heading is which field, for files of one kind.

    `columns` gives the heading of a field; `unused` are headings that are known to be of no use, so that
    nobody is told again. `headings_row` is the row they stand in, as a spreadsheet counts, if it is not
    the first. `shape` is only for marks.
    """

    kind: Kind
    columns: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    shape: Shape | None = None
    headings_row: int | None = None

    def fits(self, headings: Collection[str]) -> bool:
        """Whether a file has all headings of the mapping, and none that it says nothing of.

        One heading more or less means that somebody has changed the export: it is new again. Headings that
        are sessions or weeks are not asked about, because they change with every export; nor are those
        that we put before rows that were kept aside.
        """
        known = {plain(one) for one in (*self.columns.values(), *self.unused)}
        own = {*map(plain, OWN_COLUMNS)}
        return known - own == {*map(plain, headings)} - own


def mapping_of(found: Found, headings: Collection[str], kind: Kind, shape: Shape | None) -> ColumnMapping:
    """The mapping that the headings we know give for a file, of which `found` are the columns."""
    columns = {name: column.heading for name, column in found.columns.items() if column.heading in headings}
    used = set(columns.values())
    return ColumnMapping(kind, columns, tuple(one for one in headings if one not in used), shape)


def write_mapping(mapping: ColumnMapping) -> str:
    """A mapping as TOML, as `read_mapping` takes it."""
    lines = [
        "# Which heading of the export is which field. Correct it, keep it, and name it with --mapping.",
        f"kind = {_quoted(mapping.kind)}",
    ]
    if mapping.shape:
        lines.append(f"shape = {_quoted(mapping.shape)}")
    if mapping.headings_row:
        lines.append(f"headings_row = {mapping.headings_row}")
    lines.append(f"unused = [{', '.join(map(_quoted, mapping.unused))}]")
    lines += ["", "[columns]", *(f"{name} = {_quoted(text)}" for name, text in mapping.columns.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # JSON's strings are TOML's, save for one control character that JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_mapping(text: str, file: str) -> ColumnMapping:
    """The mapping that a TOML text holds. Raises `Unusable` with everything that is wrong with it."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unusable([_problem(file, f"This is no TOML: {error}.", "Correct that line.")]) from None
    problems = list(_faults(content, file))
    if problems:
        raise Unusable(problems)
    return ColumnMapping(
        cast(Kind, content["kind"]),
        dict(content.get("columns", {})),
        tuple(content.get("unused", ())),
        cast("Shape | None", content.get("shape")),
        content.get("headings_row"),
    )


def _faults(content: Mapping[str, object], file: str) -> list[Problem]:
    faults = [
        _problem(file, f'"{key}" is not a key of a mapping.', f"There are: {', '.join(KEYS)}.")
        for key in content
        if key not in KEYS
    ]
    kind, shape, row = content.get("kind"), content.get("shape"), content.get("headings_row")
    columns, unused = content.get("columns", {}), content.get("unused", [])
    if kind not in KINDS:
        faults.append(_problem(file, f'The kind is "{kind}".', f"Write one of: {', '.join(KINDS)}."))
    if shape is not None and shape not in get_args(Shape):
        remedy = f"Write one of: {', '.join(get_args(Shape))}."
        faults.append(_problem(file, f'The shape is "{shape}".', remedy))
    if row is not None and (isinstance(row, bool) or not isinstance(row, int) or row < 1):
        faults.append(_problem(file, "headings_row is no row.", "Write its number, counting from 1."))
    if not isinstance(columns, dict) or not all(isinstance(one, str) for one in columns.values()):
        faults.append(_problem(file, "[columns] is not a table of headings.", 'Write upn = "Pupil No".'))
    elif kind in KINDS:
        known = fields_of(cast(str, kind))
        faults += [
            _problem(file, f'"{name}" is not a field of {kind}.', f"There are: {', '.join(known)}.")
            for name in columns
            if name not in known
        ]
    if not isinstance(unused, list) or not all(isinstance(one, str) for one in unused):
        faults.append(_problem(file, "unused is not a list of headings.", 'Write unused = ["House"].'))
    return faults


def _problem(file: str, what: str, remedy: str) -> Problem:
    return Problem("mapping", Place(file), what, remedy)
