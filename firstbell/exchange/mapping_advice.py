"""What is a person told whose file no mapping fits, or who has given it as a file of another kind?

Each message says what is so and what to do; a mapping to fill in is part of one.
"""

from __future__ import annotations

from collections.abc import Sequence

from firstbell.exchange.columns import field_of, fields_of, is_headed, plain
from firstbell.exchange.kept_aside import OWN_COLUMNS
from firstbell.exchange.mapping import ColumnMapping, Kind, write_mapping
from firstbell.exchange.shapes import in_rows
from firstbell.exchange.tables import Table
from firstbell.problems import Place, Problem, Unusable

__all__ = ["check_kind", "does_not_fit", "mapping_wanted", "shape_of_another"]


def does_not_fit(file: str, mapping: ColumnMapping, headings: Sequence[str]) -> Problem:
    """Why a mapping that was given was not used for a file."""
    named = [*mapping.columns.values(), *mapping.unused]
    of_file = {*map(plain, headings)}
    missing = [one for one in named if plain(one) not in of_file]
    new = [one for one in headings if plain(one) not in {*map(plain, named)} and one not in OWN_COLUMNS]
    says = f" It names {_listed(missing)}, which the file does not have." if missing else ""
    has = f" It says nothing of {_listed(new)}: name each as a column or as unused." if new else ""
    what = f"A mapping of {mapping.kind} that was given does not fit.{says}{has}"
    return Problem("mapping-does-not-fit", Place(file), what, "Correct the mapping.", "", "warning")


def _listed(headings: Sequence[str]) -> str:
    return ", ".join(f'"{one}"' for one in headings)


def shape_of_another(table: Table, mapping: ColumnMapping) -> Problem:
    """A mapping that fits by its headings says another shape than the file has."""
    what = f'The mapping says that the shape is "{mapping.shape}", and it is "{in_rows(table)[1]}".'
    return Problem("mapping-shape", Place(table.file), what, "Correct the shape in the mapping.")


LOOKS_LIKE = {
    "pupils": ("contacts", ("starts_on", "born_on")),
    "contacts": ("pupils", ("relationship", "order", "mobile", "home_phone", "phone", "email", "address_1")),
}
"""For a kind of file, another that it is easily taken for, and headings of which it has one at least."""


def check_kind(table: Table, kind: Kind) -> None:
    """Raises `Unusable` for a file that is plainly of another kind: it would be read without a word."""
    another = ""
    if kind != "marks" and all(is_headed(table, "marks", name) for name in ("on", "half", "mark")):
        another = "marks"
    for other, (than, names) in LOOKS_LIKE.items():
        own = LOOKS_LIKE[than][1]
        has_own = any(is_headed(table, than, name) for name in own)
        if kind == than and not has_own and any(is_headed(table, other, name) for name in names):
            another = other
    if another:
        what = f"This looks like a file of {another}, and was given as one of {kind}."
        raise Unusable(
            [Problem("file-of-another-kind", Place(table.file), what, f"Give it with --{another}.")]
        )


def mapping_wanted(table: Table, kind: Kind) -> Problem:
    """What to do about headings that nobody knows: a mapping to be filled in."""
    fields = [field_of(kind, name) for name in fields_of(kind)]
    known = {
        one.name: heading
        for one in fields
        for heading in table.headings
        if plain(heading) in {plain(text) for text in (one.title, *one.headings)}
    }
    others = tuple(heading for heading in table.headings if heading not in known.values())
    mapping = ColumnMapping(kind, known, others, "long" if kind == "marks" else None)
    needed = [one for one in fields if one.needed and one.name not in known]
    blanks = "".join(f'{one.name} = "..."    # {one.title}\n' for one in needed)
    return Problem(
        "mapping-wanted",
        Place(table.file),
        "Headings of a school's own can be named in a mapping.",
        "Save this as mapping.toml, write one of the unused headings for each row of dots (of UPN and "
        "admission number one is enough), and give --mapping mapping.toml:\n\n"
        f"{write_mapping(mapping)}{blanks}",
    )
