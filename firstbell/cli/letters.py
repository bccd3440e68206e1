"""The letters of a review: drafted, measured, one file each and one for the printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from firstbell.delivery import Finished, Letters, letter_file_name, preflight, print_run
from firstbell.delivery.values import Addressee, Office, letter_values, reference_of
from firstbell.duties import Duty, Sight
from firstbell.exchange.contacts import Contact
from firstbell.exchange.writing_tables import as_csv
from firstbell.policy import SchoolSettings
from firstbell.problems import Place, Problem, Unusable

__all__ = ["LettersWritten", "write_letters"]

REFUSED = "a service that prints and posts would refuse them:"
NO_ADDRESS = "No parent with an address, who may be written to, stands in the contacts."


@dataclass(frozen=True, eq=False)
class LettersWritten:
    """Files by their names, the references of the letters by the key of the duty, and what is wrong."""

    files: dict[str, bytes | str] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def write_letters(
    sight: Sight,
    duties: Sequence[Duty],
    settings: SchoolSettings,
    contacts: Sequence[Contact],
    called: Mapping[str, tuple[str, str]],
    folder: Path,
) -> LettersWritten:
    """Every letter that an open duty asks for and that can be written, with the list for the printer.

    `called` has the full and the first name of the pupil of each enrolment, `folder` the versions of the
    policy. The settings are the school's own: the address of an example has no place on a letter.

    A letter without an address, or with a value missing, is not written, and is said so once for each reason.
    """
    wanted = [duty for duty in duties if duty.rule.letter and duty.is_open and duty.about.enrolment]
    if not wanted:
        return LettersWritten()
    letters = Letters.read(folder / sight.rulebook.policy_on(sight.day).in_force_from_on.isoformat())
    office = _office(settings, sight.book.calendar.school)
    to = _addressees(sight, contacts, called)
    finished: list[Finished] = []
    references: dict[str, str] = {}
    missing: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    for duty in wanted:
        addressee = to.get(duty.about.enrolment)
        if addressee is None:
            missing.setdefault(NO_ADDRESS, []).append(duty.rule.letter)
            continue
        reference = reference_of(duty.key, sight.day)
        try:
            pdf = letters.render(duty.rule.letter, letter_values(duty, sight, office, addressee))
        except Unusable as unwritten:
            for problem in unwritten.problems:
                missing.setdefault(f"{problem.what}", []).append(duty.rule.letter)
            continue
        for problem in preflight(pdf, letters.posted(duty.rule.letter)):
            refused.setdefault(f"{REFUSED} {problem.what}", []).append(duty.rule.letter)
        finished.append(Finished(reference, duty.rule.letter, pdf))
        references[duty.key] = reference
    problems = [*_problems("letter-not-written", missing), *_problems("letter-refused", refused)]
    return LettersWritten(_files(finished), references, tuple(problems))


def _office(settings: SchoolSettings, school: str) -> Office:
    said = settings.school
    address = tuple(part.strip() for part in said.get("address", "").split(",") if part.strip())
    return Office(
        school,
        address,
        said.get("phone", ""),
        said.get("email", ""),
        said.get("logo", ""),
        settings.roles,
    )


def _addressees(
    sight: Sight, contacts: Sequence[Contact], called: Mapping[str, tuple[str, str]]
) -> dict[str, Addressee]:
    """By enrolment, the first contact who may be written to and has an address with a postcode."""
    by_pupil: dict[str, list[Contact]] = {}
    for one in contacts:
        if one.may_be_written_to and one.address and one.postcode and one.responsible != "no":
            by_pupil.setdefault(one.pupil, []).append(one)
    return {
        one.id: _addressee(sight, row, min(own, key=lambda contact: contact.order or 99), called[one.id])
        for row, one in enumerate(sight.enrolments)
        if (own := by_pupil.get(one.pupil))
    }


def _addressee(sight: Sight, row: int, contact: Contact, pupil: tuple[str, str]) -> Addressee:
    enrolment = sight.enrolments[row]
    recipient = " ".join(part for part in (contact.title, contact.forename, contact.surname) if part)
    greeting = contact.salutation or " ".join(part for part in (contact.title, contact.surname) if part)
    return Addressee(
        (recipient, *contact.address, contact.postcode),
        f"Dear {greeting.removeprefix('Dear ').strip()}",
        *pupil,
        enrolment.value("registration group", sight.day) or "",
    )


def _files(finished: Sequence[Finished]) -> dict[str, bytes | str]:
    files: dict[str, bytes | str] = {
        f"letters/{letter_file_name(one.reference)}": one.pdf for one in finished
    }
    if finished:
        run = print_run(finished)
        files["letters/print-run.pdf"] = run.pdf
        rows = [["reference", "letter", "pages", "first page"]]
        rows += [[one.reference, one.letter, str(one.pages), str(one.first_page)] for one in run.letters]
        files["letters/print-run.csv"] = as_csv(rows)
    return files


REMEDIES = {
    "letter-not-written": "Add what is missing and run the review again; the duties stand all the same.",
    "letter-refused": "They are written: hand them over, or correct what is wrong before they are posted.",
}


def _problems(rule: str, why: Mapping[str, Sequence[str]]) -> list[Problem]:
    """One warning for each reason, with the letters that have it."""
    found = []
    for reason, letters in why.items():
        many = "letter" if len(letters) == 1 else "letters"
        what = f"{len(letters)} {many} ({', '.join(sorted(set(letters)))}): {reason}"
        found.append(Problem(rule, Place(part="letters"), what, REMEDIES[rule], severity="warning"))
    return found
