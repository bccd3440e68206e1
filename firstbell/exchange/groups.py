"""Which groups were the pupils of a file in, and what was known of them, from when until when?

One row is one membership, or one characteristic, of one pupil for a time. A pupils file says what holds
now; these say since when. Characteristics become attributes under the same names and in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from firstbell.exchange.cells import Unread, shown
from firstbell.exchange.columns import attribute_headed, in_our_words, plain
from firstbell.exchange.kept_aside import KeptAside
from firstbell.exchange.mapping import ColumnMapping
from firstbell.exchange.pupils import PupilsRead
from firstbell.exchange.rows import Rows
from firstbell.exchange.tables import Table
from firstbell.problems import Problem
from firstbell.register import Attribute

__all__ = ["CharacteristicsRead", "GroupsRead", "Membership", "read_characteristics", "read_groups"]


@dataclass(frozen=True)
class Membership:
    """A pupil in a group from a day until another, both included; without a day, always."""

    pupil: str
    group: str
    kind: str = ""
    from_on: date | None = field(default=None, repr=False)
    until_on: date | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class GroupsRead:
    """What a file of groups says. Every row is read or kept aside."""

    memberships: tuple[Membership, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    kept_aside: KeptAside = field(repr=False)
    rows_in_file: int

    @property
    def rows_kept_aside(self) -> int:
        """How many rows could not be read."""
        return len(self.kept_aside)

    @property
    def rows_read(self) -> int:
        """How many rows were read."""
        return self.rows_in_file - len(self.kept_aside)


@dataclass(frozen=True, eq=False)
class CharacteristicsRead:
    """What a file of characteristics says: attributes by pupil. Every row is read or kept aside."""

    attributes: Mapping[str, tuple[Attribute, ...]] = field(repr=False)
    problems: tuple[Problem, ...]
    kept_aside: KeptAside = field(repr=False)
    rows_in_file: int

    @property
    def rows_kept_aside(self) -> int:
        """How many rows could not be read."""
        return len(self.kept_aside)

    @property
    def rows_read(self) -> int:
        """How many rows were read."""
        return self.rows_in_file - len(self.kept_aside)


def read_groups(table: Table, pupils: PupilsRead, *, mapping: ColumnMapping | None = None) -> GroupsRead:
    """The memberships of a file, one row a pupil and group.

    A row is kept aside whose pupil is unknown, that names no group, or that ends before it begins.
    """
    rows = Rows(table, "groups", pupils, mapping, ("from_on", "until_on"))
    found: dict[Membership, None] = {}
    for index in rows:
        pupil = rows.pupil(index)
        spell = _spell(rows, index)
        group = rows.text(index, "group")
        if not group:
            rows.refuse(index, "group", Unread("group-missing", "The row names no group.", "Add its name."))
        if pupil is not None and spell is not None and index not in rows.findings.errors:
            found[Membership(pupil.id, group, rows.text(index, "kind"), *spell)] = None
    return GroupsRead(tuple(found), rows.findings.problems(), rows.kept_aside(), len(table))


def read_characteristics(
    table: Table, pupils: PupilsRead, *, mapping: ColumnMapping | None = None
) -> CharacteristicsRead:
    """The characteristics of a file, one row a pupil, characteristic, value and time.

    The characteristic is named as its column in a pupils file would be ("SEN Status", "FSM"). A row is kept
    aside whose pupil or characteristic is unknown, whose value is none of its list, or that ends before it
    begins: a spell of the wrong kind would be worse than none.
    """
    rows = Rows(table, "characteristics", pupils, mapping, ("from_on", "until_on"))
    found: dict[str, dict[Attribute, None]] = {}
    for index in rows:
        pupil = rows.pupil(index)
        spell = _spell(rows, index)
        said = _characteristic(rows, index)
        if pupil is not None and spell is not None and said is not None and index not in rows.findings.errors:
            found.setdefault(pupil.id, {})[Attribute(*said, *spell)] = None
    attributes = {pupil: tuple(held) for pupil, held in found.items()}
    return CharacteristicsRead(attributes, rows.findings.problems(), rows.kept_aside(), len(table))


def _spell(rows: Rows, index: int) -> tuple[date | None, date | None] | None:
    from_on, until_on = rows.day(index, "from_on"), rows.day(index, "until_on")
    if from_on is not None and until_on is not None and until_on < from_on:
        what = f"The last day, {until_on}, comes before the first, {from_on}."
        rows.refuse(index, "until_on", Unread("spell-order", what, "Correct one of the two."))
        return None
    return from_on, until_on


def _characteristic(rows: Rows, index: int) -> tuple[str, str] | None:
    name, text = rows.text(index, "characteristic"), rows.text(index, "value")
    known = attribute_headed(name)
    if known is None:
        what = f"{shown(name)} is no characteristic that is known."
        remedy = "Name it as a pupils file would head it: FSM, SEN Status, Year group, Ethnicity ..."
        rows.refuse(index, "characteristic", Unread("characteristic-unknown", what, remedy))
        return None
    value = in_our_words(known.values).get(plain(text), "") if known.values else text
    if not value and known.open:
        value = text
    if not value:
        what = f"{shown(text)} is not a value of {known.title}." if text else "The value is missing."
        rows.refuse(index, "value", Unread("value-unknown", what, "Write it another way."))
        return None
    return known.attribute, value
