"""The letters of a review: drafted, measured, one file each and one for the printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from firstbell.delivery import Finished, Letters, letter_file_name, preflight, print_run
from firstbell.delivery.values import Addressee, Office, letter_values, reference_of
from firstbell.duties import Action, Duty, Sight, State, may
from firstbell.exchange.contacts import Contact
from firstbell.exchange.writing_tables import as_csv
from firstbell.facts.cases import LeaveAsked
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

    A letter without an address, or with a value missing, is not written, and is said so once for each reason;
    nor is one that may not be sent, such as one that asks for evidence where nobody has recorded a doubt.
    """
    owed = [duty for duty in duties if duty.state is State.OPEN]
    wanted = [duty for duty in owed if duty.rule.letter and duty.about.enrolment]
    if not wanted:
        return LettersWritten()
    letters = Letters.read(folder / sight.rulebook.policy_on(sight.day).in_force_from_on.isoformat())
    office = _office(settings, sight.book.calendar.school)
    to = _Addressees(sight, contacts, called)
    finished: list[Finished] = []
    references: dict[str, str] = {}
    missing: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    for duty in wanted:
        addressee = to.of(duty)
        if addressee is None:
            missing.setdefault(NO_ADDRESS, []).append(duty.rule.letter)
            continue
        if against := _not_to_be_sent(sight, duty):
            missing.setdefault(against, []).append(duty.rule.letter)
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


def _not_to_be_sent(sight: Sight, duty: Duty) -> str:
    """Why a letter may not be sent, if it may not."""
    action = Action("send letter", duty.about.enrolment, purpose=duty.rule.letter)
    refusals = may(action, sight.book, sight.rulebook, sight.at)
    return next((one.problem.what for one in refusals if one.refuses), "")


PARENTS = ("mother", "father", "parent", "carer", "guardian")
BY_PARENT = 99


class _Addressees:
    """To whom the letters about each pupil go: parents who may be written to, in the school's order.

    A contact without parental responsibility is no parent, however near to hand; whoever may not be written
    to by any row of the contacts is not written to. A letter about a parent, or an answer to one, goes to
    that parent.
    """

    def __init__(
        self, sight: Sight, contacts: Sequence[Contact], called: Mapping[str, tuple[str, str]]
    ) -> None:
        self.sight, self.called = sight, called
        barred = {(one.pupil, key) for one in contacts if not one.may_be_written_to for key in _keys_of(one)}
        self.by_pupil: dict[str, list[Contact]] = {}
        for one in sorted(contacts, key=lambda one: one.order or BY_PARENT):
            free = not {(one.pupil, key) for key in _keys_of(one)} & barred
            if free and one.address and one.postcode and _is_parent(one):
                self.by_pupil.setdefault(one.pupil, []).append(one)

    def of(self, duty: Duty) -> Addressee | None:
        """To whom the letter of a duty goes; None if there is nobody to whom it may."""
        row = self.sight.row_of[duty.about.enrolment]
        own = self.by_pupil.get(self.sight.enrolments[row].pupil, [])
        wanted = duty.about.parent or self._asked_by(duty)
        if wanted:
            own = [one for one in own if wanted in _keys_of(one)]
        return _addressee(self.sight, row, own[0], self.called[duty.about.enrolment]) if own else None

    def _asked_by(self, duty: Duty) -> str:
        """The parent whose request a letter answers."""
        for key in duty.occurrence.because.facts:
            fact = self.sight.facts.by_id.get(key)
            if fact is not None and isinstance(fact.data, LeaveAsked):
                return fact.data.applied_by
        return ""


def _keys_of(contact: Contact) -> set[str]:
    """What a contact may be called by: the school's number, and the person as read."""
    return {key for key in (contact.number, contact.person) if key}


def _is_parent(contact: Contact) -> bool:
    """Whether a contact is a parent: with responsibility or, where nobody says, by the relationship."""
    if contact.responsible:
        return contact.responsible == "yes"
    return any(word in contact.relationship.casefold() for word in PARENTS)


def _addressee(sight: Sight, row: int, contact: Contact, pupil: tuple[str, str]) -> Addressee:
    enrolment = sight.enrolments[row]
    recipient = " ".join(part for part in (contact.title, contact.forename, contact.surname) if part)
    greeting = contact.salutation or " ".join(part for part in (contact.title, contact.surname) if part)
    greeting = greeting.removeprefix("Dear ").strip() or recipient
    return Addressee(
        (recipient, *contact.address, contact.postcode),
        f"Dear {greeting}" if greeting else "",
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
