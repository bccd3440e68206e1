"""Who are the parents and contacts of the pupils of a file, and how can they be reached?

One row is one contact of one pupil. Parent means what education law means by it: parental responsibility or
care of the child, whoever lives where. Nothing is sent by what is read here. A number or address that cannot
be one is read with a warning, because somebody may still recognise it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from firstbell.exchange.cells import Unread
from firstbell.exchange.columns import in_our_words, plain
from firstbell.exchange.kept_aside import KeptAside
from firstbell.exchange.mapping import ColumnMapping
from firstbell.exchange.pupils import Pupil, PupilsRead, made_id
from firstbell.exchange.rows import Rows
from firstbell.exchange.tables import Table
from firstbell.problems import Problem

__all__ = ["Contact", "ContactsRead", "phone_in_full", "read_contacts"]

PHONES = ("mobile", "home_phone", "work_phone", "phone")
LINES = ("address_1", "address_2", "address_3", "address_4", "address_5")
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")
POSTCODE = re.compile(
    r"(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d(?:\d|[ABEHMNPRV-Y])?|\d[A-HJKPS-UW])"
    r" ?\d[ABD-HJLNP-UW-Z]{2})"
)


@dataclass(frozen=True)
class Contact:
    """A contact of a pupil. `person` is the same for one parent of several pupils, as far as the file shows.

    `phones` are as written; `phone_in_full` gives them for dialling. `responsible` says whether the contact
    has parental responsibility; "" where the file does not say. `number` is the one that the file gives the
    contact. `may_be_written_to` is False where a court
    order or the like forbids it, and wherever the file says something there that is not plainly no.
    """

    person: str
    pupil: str
    order: int | None
    title: str = field(repr=False)
    surname: str = field(repr=False)
    forename: str = field(repr=False)
    relationship: str = field(repr=False)
    responsible: str = field(repr=False)
    lives_with_pupil: str = field(repr=False)
    may_be_written_to: bool = field(repr=False)
    phones: tuple[str, ...] = field(repr=False)
    email: str = field(repr=False)
    address: tuple[str, ...] = field(repr=False)
    postcode: str = field(repr=False)
    salutation: str = field(default="", repr=False)
    number: str = field(default="", repr=False)


@dataclass(frozen=True, eq=False)
class ContactsRead:
    """What a file of contacts says. Every row is read or kept aside.

    `incomplete` are the pupils of rows that were kept aside.
    """

    contacts: tuple[Contact, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    kept_aside: KeptAside = field(repr=False)
    rows_in_file: int
    incomplete: frozenset[str] = frozenset()

    @property
    def rows_read(self) -> int:
        """How many rows became contacts, or said again what another row says."""
        return self.rows_in_file - len(self.kept_aside)

    @property
    def rows_kept_aside(self) -> int:
        """How many rows could not be read."""
        return len(self.kept_aside)


def phone_in_full(text: str) -> str:
    """A telephone number with the country's code, such as +447700900123; "" if it cannot be one.

    Only asks whether it is possible: ten or eleven digits after the 0 for the United Kingdom, seven to
    fifteen with another country's code. Whether anybody answers is not asked.
    """
    digits = re.sub(r"\(0\)|[\s().\-/]", "", text.strip())
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif re.fullmatch(r"0[1-9]\d{8,9}", digits):
        digits = "+44" + digits[1:]
    if digits.startswith("+44"):
        return digits if re.fullmatch(r"\+44[1-9]\d{8,9}", digits) else ""
    return digits if re.fullmatch(r"\+[1-9]\d{6,14}", digits) else ""


def read_contacts(table: Table, pupils: PupilsRead, *, mapping: ColumnMapping | None = None) -> ContactsRead:
    """The contacts of a file, one row a contact of a pupil.

    A row is kept aside whose pupil is unknown or that names nobody. Two rows are about one person if the
    file gives them the same contact number; without numbers, if the names are the same and so is an e-mail
    address or a telephone number. A row that says the same again is read once.
    """
    rows = Rows(table, "contacts", pupils, mapping, ())
    contacts: dict[Contact, None] = {}
    for index in rows:
        pupil = rows.pupil(index)
        names = tuple(rows.text(index, name) for name in ("surname", "forename", "full_name"))
        if pupil is not None and not any(names):
            fault = Unread("contact-unnamed", "The row names no contact.", "Add a name.")
            rows.refuse(index, "surname", fault)
        order = rows.number(index, "order")
        if pupil is not None and index not in rows.findings.errors:
            contacts[_contact(rows, index, pupil, order)] = None
    aside = {one.id for one in map(rows.named, rows.findings.errors) if isinstance(one, Pupil)}
    kept = rows.kept_aside()
    return ContactsRead(tuple(contacts), rows.findings.problems(), kept, len(table), frozenset(aside))


def _contact(rows: Rows, index: int, pupil: Pupil, order: int | None) -> Contact:
    phones = tuple(dict.fromkeys(text for name in PHONES if (text := _phone(rows, index, name))))
    email, postcode = _email(rows, index), _postcode(rows, index)
    surname = rows.text(index, "surname") or rows.text(index, "full_name")
    forename = rows.text(index, "forename")
    reached = email.casefold() or next(filter(None, map(phone_in_full, phones)), "") or pupil.id
    number = rows.text(index, "contact_number")
    known = (number,) if number else (surname.casefold(), forename.casefold(), reached)
    return Contact(
        made_id(rows.pupils.school + rows.pupils.key, "contact", *known),
        pupil.id,
        order,
        rows.text(index, "title"),
        surname,
        forename,
        rows.text(index, "relationship"),
        _yes_or_no(rows, index, "responsible"),
        _yes_or_no(rows, index, "lives_with_pupil"),
        _yes_or_no(rows, index, "no_contact", otherwise="yes") != "yes",
        phones,
        email,
        tuple(text for name in LINES if (text := rows.text(index, name))),
        postcode,
        rows.text(index, "salutation"),
        number,
    )


def _yes_or_no(rows: Rows, index: int, name: str, *, otherwise: str = "") -> str:
    """Yes, no, or `otherwise` with a warning, where a cell says more: what it says stands in no message."""
    text = rows.text(index, name)
    if not plain(text):
        return ""
    said = in_our_words("yes or no").get(plain(text))
    if said is None:
        so = "It was read as yes, to be safe" if otherwise else "It was not read"
        why = Unread("value-unknown", "The cell says neither yes nor no.", f"{so}: correct it.")
        rows.refuse(index, name, why, "warning", personal=True)
    return said or otherwise


def _phone(rows: Rows, index: int, name: str) -> str:
    text = rows.text(index, name)
    # Spreadsheets take the number for a number and drop the 0 in front.
    text = f"0{text}" if re.fullmatch(r"[1-9]\d{9}", text) else text
    if text and not phone_in_full(text):
        why = Unread("phone", "This cannot be a telephone number.", "It was read: correct it.")
        rows.refuse(index, name, why, "warning", personal=True)
    return text


def _email(rows: Rows, index: int) -> str:
    text = rows.text(index, "email")
    if text and not EMAIL.fullmatch(text):
        why = Unread("email", "This cannot be an e-mail address.", "It was read: correct it.")
        rows.refuse(index, "email", why, "warning", personal=True)
    return text


def _postcode(rows: Rows, index: int) -> str:
    text = re.sub(r"\s+", " ", rows.text(index, "postcode")).upper()
    if text and not POSTCODE.fullmatch(text):
        why = Unread("postcode", "This cannot be a postcode.", "It was read: correct it.")
        rows.refuse(index, "postcode", why, "warning", personal=True)
    return text
