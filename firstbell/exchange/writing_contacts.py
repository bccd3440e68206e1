"""Since when is what known of the pupils of an extract, and whom does the school call?

Two files, as they are read: characteristics with the days from and until which they held, and contacts. They
hold much that is personal about a child, and are for schools' systems only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firstbell.exchange.columns import attributes
from firstbell.exchange.contacts import LINES, PHONES, Contact, phone_in_full
from firstbell.exchange.groups import Membership
from firstbell.exchange.writing import Extract, titles
from firstbell.exchange.writing_tables import Cell, Row

__all__ = ["characteristics_file", "contacts_file", "groups_file"]

CONTACT = (
    "upn", "admission_number", "order", "contact_number", "title", "forename", "surname", "salutation",
    "relationship", "responsible", "lives_with_pupil", "no_contact", *PHONES, "email", *LINES, "postcode",
)  # fmt: skip


def characteristics_file(extract: Extract) -> Iterator[Row]:
    """Characteristics with one row for each and the days from and until which it held, headings first."""
    columns = ("upn", "admission_number", "characteristic", "value", "from_on", "until_on")
    yield titles("characteristics", columns)
    known = {one.attribute: one.title for one in attributes()}
    for enrolment in extract.enrolments:
        pupil = extract.by_id[enrolment.pupil]
        for held in enrolment.attributes:
            if held.name in known:
                who = (pupil.upn, pupil.admission_number)
                yield [*who, known[held.name], held.value, held.from_on, held.until_on]


def groups_file(extract: Extract, memberships: Iterable[Membership]) -> Iterator[Row]:
    """Groups with one row for a pupil of the extract in a group, headings first."""
    yield titles("groups", ("upn", "admission_number", "group", "kind", "from_on", "until_on"))
    for one in memberships:
        pupil = extract.by_id.get(one.pupil)
        if pupil is not None:
            yield [pupil.upn, pupil.admission_number, one.group, one.kind, one.from_on, one.until_on]


def contacts_file(extract: Extract, contacts: Iterable[Contact]) -> Iterator[Row]:
    """Contacts with one row for each contact of a pupil of the extract, headings first.

    The contact number is the one under which the contact was read, if there was one.
    Telephone numbers stand under the first headings that fit, a mobile's under its own; they are read back in
    their order.
    """
    yield titles("contacts", CONTACT)
    for contact in contacts:
        pupil = extract.by_id.get(contact.pupil)
        if pupil is None:
            continue
        cells: dict[str, Cell] = {
            "upn": pupil.upn,
            "admission_number": pupil.admission_number,
            "order": contact.order,
            "contact_number": contact.number,
            "title": contact.title,
            "forename": contact.forename,
            "surname": contact.surname,
            "salutation": contact.salutation,
            "relationship": contact.relationship,
            "responsible": contact.responsible,
            "lives_with_pupil": contact.lives_with_pupil,
            "no_contact": "no" if contact.may_be_written_to else "yes",
            **_phones(contact),
            "email": contact.email,
            **dict(zip(LINES, contact.address, strict=False)),
            "postcode": contact.postcode,
        }
        yield [cells.get(name) for name in CONTACT]


def _phones(contact: Contact) -> dict[str, str]:
    is_mobile = bool(contact.phones) and phone_in_full(contact.phones[0]).startswith("+447")
    first = 0 if is_mobile or len(contact.phones) == len(PHONES) else 1
    return dict(zip(PHONES[first:], contact.phones, strict=False))
