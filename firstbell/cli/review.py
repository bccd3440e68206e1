"""`firstbell review`: who is owed what, by when, why, with the letters. `firstbell explain`: one pupil.

Both read the school's files or folder, a policy and its settings, and what was recorded beside the marks.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import numpy as np

from firstbell import statute
from firstbell.cli.handed_back import contradicting, of_here, together
from firstbell.cli.options import KEPT_ASIDE, READ, Commands, day, end_of, moment, number, problem_lines
from firstbell.cli.school import School, add_school_options, read_school
from firstbell.duties import Book, Duty, Sight, State, duties_of, see
from firstbell.duties.explain import explain
from firstbell.duties.outlook import outlook
from firstbell.exchange.contacts import Contact, ContactsRead, read_contacts
from firstbell.exchange.duty_files import HandedBack, duties_csv, duties_json, read_duties
from firstbell.exchange.fact_lines import FactsRead, kept_lines_text, read_facts
from firstbell.exchange.folders import check_folder, write_folder
from firstbell.exchange.kept_aside import kept_aside_text
from firstbell.exchange.pupils import Pupil
from firstbell.exchange.school_folder import read_school_folder
from firstbell.exchange.tables import read_table
from firstbell.policy import Rulebook, SchoolSettings, example_beside, named, shipped
from firstbell.policy import read_school as read_settings
from firstbell.policy.files import LAW
from firstbell.policy.settings import EXAMPLE
from firstbell.problems import Place, Problem, Unusable
from firstbell.register import Enrolment
from firstbell.reports.page import FileRead
from firstbell.reports.review import Review, review
from firstbell.reports.review_page import review_page
from firstbell.reports.wording import plural
from firstbell.sessions import LONDON, day_and_year

__all__ = ["DUTIES", "REPORT", "add_explain", "add_review"]

REPORT, DUTIES = "report.html", "duties.json"
NOW = ("list", "alert", "return", "message")
"""The forms of duties that the terminal shows: what cannot wait."""
SHOWN_IN_TERMINAL = 12
WHENEVER_IT_AROSE = frozenset(
    {
        "band",
        "leave decision",
        "missing pupil",
        "notice days",
        "reason unknown",
        "review due",
        "sickness days",
        "threshold",
    }
)
"""Kinds of rules whose duties stay with --since: they hang on today's figures, or must be done anyway."""


def add_review(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "review",
        help="who is owed what, by when and why, with the letters",
        description="Reads a school's files or folder, a policy and what was recorded beside the marks. "
        "Prints what is due; writes a report, the duties (to be handed back) and the letters.",
    )
    _add_options(command)
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write the results")
    command.add_argument("--replace", action="store_true", help="write over results that are there already")
    command.add_argument(
        "--show-flags",
        action="store_true",
        help="name flags that only a few may see, such as a social worker; without it they are call first",
    )
    command.add_argument("--no-letters", action="store_true", help="leave the letters out")
    command.set_defaults(run=_review)


def add_explain(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "explain",
        help="one pupil: what is due and why, what is not yet, and what it would take",
        description="Says in sentences what is due for a pupil, by which marks and under which clause, what "
        "is not yet due and what it would take.",
    )
    command.add_argument("pupil", metavar="PUPIL", help="the pupil's UPN or admission number")
    _add_options(command)
    command.set_defaults(run=_explain)


def _add_options(command: argparse.ArgumentParser) -> None:
    add_school_options(command)
    command.add_argument(
        "--policy",
        required=True,
        metavar="POLICY",
        help="the id of a policy that comes with Firstbell, or the path to a policy's folder",
    )
    command.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="what the school states, school.toml (default: the policy's example school, with a warning and "
        "without letters)",
    )
    command.add_argument(
        "--facts", type=Path, nargs="+", default=[], metavar="FILE", help="facts, JSON lines"
    )
    command.add_argument(
        "--duties",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="duties.json of earlier days, with done or withheld filled in",
    )
    command.add_argument("--contacts", type=Path, metavar="FILE", help="contacts, CSV or XLSX, for letters")
    command.add_argument(
        "--on",
        type=moment,
        metavar="DAY[THH:MM]",
        help="as at the end of this day, or as at this time (default: the last day marked)",
    )
    command.add_argument(
        "--known-at", type=moment, metavar="DAYTHH:MM", help="only what was recorded by this moment"
    )
    command.add_argument(
        "--since",
        type=day,
        metavar="DAY",
        help="leave out what is open and arose before this day, unless it hangs on today's figures or must "
        "be done anyway: for a school that starts in the middle of a year",
    )
    command.add_argument(
        "--least-possible",
        type=number,
        metavar="N",
        help="ask nothing for a percentage before so many possible sessions (over the settings)",
    )


# --- what is read ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Asked:
    """Everything that a review is made of, read from what the options name."""

    school: School
    rulebook: Rulebook
    settings: SchoolSettings | None
    book: Book
    at: datetime
    facts: tuple[FactsRead, ...]
    handed_back: tuple[HandedBack, ...]
    contacts: tuple[Contact, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    folder: Path
    known_at: datetime | None = None
    since_on: date | None = None
    contacts_read: ContactsRead | None = field(default=None, repr=False)

    @cached_property
    def sight(self) -> Sight:
        return see(self.book, self.rulebook, self.at)

    @cached_property
    def duties(self) -> tuple[Duty, ...]:
        return tuple(duty for duty in self._due if not self._is_from_before(duty))

    @cached_property
    def _due(self) -> tuple[Duty, ...]:
        return duties_of(self.sight)

    def _is_from_before(self, duty: Duty) -> bool:
        if self.since_on is None or duty.state is not State.OPEN:
            return False
        return duty.occurrence.arose_on < self.since_on and duty.rule.kind not in WHENEVER_IT_AROSE

    @property
    def left_out(self) -> list[Problem]:
        """A sentence on what --since leaves out."""
        if self.since_on is None or (count := len(self._due) - len(self.duties)) == 0:
            return []
        said = "1 open duty that arose" if count == 1 else f"{count:,} open duties that arose"
        what = f"{said} before {day_and_year(self.since_on)} {'is' if count == 1 else 'are'} left out."
        remedy = "Leave --since out to see all of them."
        return [Problem("duties-since", Place(), what, remedy, severity="warning")]

    @cached_property
    def names(self) -> Mapping[str, tuple[str, str]]:
        """Name and number of the pupil of each enrolment."""
        pupils = {pupil.id: pupil for pupil in self.school.pupils.pupils}
        often = Counter(pupil.name for pupil in pupils.values())
        found = {}
        for one in self.book.enrolments:
            pupil = pupils.get(one.pupil, Pupil(one.pupil))
            number = pupil.admission_number or pupil.upn
            name = f"{pupil.name} ({number})" if often[pupil.name] > 1 else pupil.name
            found[one.id] = (name or number, number)
        return found

    @cached_property
    def called(self) -> Mapping[str, tuple[str, str]]:
        """The full and the first name of the pupil of each enrolment, as a letter has them."""
        pupils = {pupil.id: pupil for pupil in self.school.pupils.pupils}
        found = {}
        for one in self.book.enrolments:
            pupil = pupils.get(one.pupil, Pupil(one.pupil))
            first = pupil.preferred_name or pupil.forename
            found[one.id] = (" ".join(part for part in (first, pupil.surname) if part), first)
        return found

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


def _read(options: argparse.Namespace) -> _Asked:
    school = read_school(options)
    england = statute.england()
    rulebook, settings, folder, found = _rulebook(options)
    known_at = end_of(options.known_at) if options.known_at else None
    pupils = school.pupils
    contacts, contacts_read = _contacts(options, school)
    people = {key for one in contacts for key in (one.person, one.number) if key} or None
    facts = tuple(read_facts(path, pupils, people=people) for path in options.facts)
    back = [of_here(read_duties(path), pupils, school.calendar.school) for path in options.duties]
    handed = tuple(one for one, _ in back)
    book = Book(
        school.calendar,
        pupils.enrolments,
        school.register,
        together(facts, handed),
        england,
        _parents(pupils.enrolments, contacts),
        call_order=_call_order(pupils.enrolments, contacts),
    )
    at = _at(options.on, book, known_at)
    _check_since(options.since, at)
    problems = [*school.problems, *found, *(contacts_read.problems if contacts_read else ())]
    problems += [problem for one in facts for problem in one.problems]
    problems += [problem for one in handed for problem in (*one.problems, *one.after(at))]
    problems += [*(problem for _, found_of in back for problem in found_of), *contradicting(handed)]
    return _Asked(
        school=school,
        rulebook=rulebook,
        settings=settings,
        book=replace(book, known_at=known_at) if known_at else book,
        at=at,
        facts=facts,
        handed_back=handed,
        contacts=tuple(contacts),
        problems=tuple(problems),
        folder=folder,
        known_at=known_at,
        since_on=options.since,
        contacts_read=contacts_read,
    )


def _check_since(since_on: date | None, at: datetime) -> None:
    if since_on is not None and since_on > at.astimezone(LONDON).date():
        what = f"--since {since_on} is after the day of the review, so nothing would be left."
        raise Unusable([Problem("options", Place(), what, "Name an earlier day.")])


def _rulebook(
    options: argparse.Namespace,
) -> tuple[Rulebook, SchoolSettings | None, Path, list[Problem]]:
    """The rules, the school's own settings or None, the policy's folder, and what is to be said of it.

    What is odd about the policy itself is for whoever writes it: `firstbell policy check` says that.
    """
    england = statute.england()
    files, folder = named(options.policy, england)
    own = read_settings(options.settings) if options.settings else None
    problems = [] if own else [_nothing_stated(folder)]
    rulebook = Rulebook(england, shipped(LAW, england), files, own or example_beside(folder))
    if options.least_possible is not None:
        for version in files.versions:
            for rule in version.rules:
                if "least_possible" in rule.by_school:
                    rulebook = rulebook.with_setting(rule.id, "least_possible", options.least_possible)
    return rulebook, own, folder, problems


def _nothing_stated(folder: Path) -> Problem:
    what = "The school has stated nothing of its own"
    if not (example := folder / EXAMPLE).is_file():
        remedy = "Write its name and address into school.toml, and name that with --settings."
        what += ", so no letter is written."
    else:
        what += ": the values of an invented school are used, and no letter is written."
        remedy = (
            f'Copy them (cp "{example}" school.toml), correct the copy, and name it: --settings school.toml.'
        )
    return Problem("settings-example", Place(), what, remedy, severity="warning")


def _contacts(options: argparse.Namespace, school: School) -> tuple[Sequence[Contact], ContactsRead | None]:
    """The contacts of a file, or of the school's folder; and what became of the rows of a file."""
    if options.contacts is not None:
        read = read_contacts(read_table(options.contacts), school.pupils)
        return read.contacts, read
    if options.folder is not None:
        held = read_school_folder(options.folder, statute.england())
        return held.record.contacts if held else (), None
    return (), None


def _parents(enrolments: Sequence[Enrolment], contacts: Sequence[Contact]) -> dict[str, tuple[str, ...]]:
    """The parents of each enrolment: contacts with parental responsibility, in their order."""
    by_pupil: dict[str, list[Contact]] = {}
    for one in contacts:
        if one.responsible == "yes" or one.relationship.casefold() in ("mother", "father", "parent"):
            by_pupil.setdefault(one.pupil, []).append(one)
    found = {}
    for enrolment in enrolments:
        own = by_pupil.get(enrolment.pupil, ())
        # Facts name a parent by the school's contact number, where there is one.
        found[enrolment.id] = tuple(one.number or one.person for one in own)
    return found


def _call_order(enrolments: Sequence[Enrolment], contacts: Sequence[Contact]) -> dict[str, tuple[str, ...]]:
    """All contacts of each enrolment in the order in which they are rung: as stated, else as in the file."""
    by_pupil: dict[str, list[Contact]] = {}
    for one in contacts:
        by_pupil.setdefault(one.pupil, []).append(one)
    found = {}
    for enrolment in enrolments:
        # Whoever has no place of their own comes after those who have one.
        own = sorted(by_pupil.get(enrolment.pupil, ()), key=lambda one: (one.order is None, one.order or 0))
        if own:
            found[enrolment.id] = tuple(dict.fromkeys(one.number or one.person for one in own))
    return found


def _at(asked: date | datetime | None, book: Book, known_at: datetime | None) -> datetime:
    if asked is not None:
        at = end_of(asked)
        if at.astimezone(LONDON).date() < book.calendar.starts_on:
            what = f"The day lies before {book.calendar.starts_on}, the first of the calendar."
            raise Unusable([Problem("before-calendar", Place(), what, "Choose a later day.")])
        return at
    marked = np.flatnonzero(book.as_known(known_at).strips.marks.any(axis=0))
    if not len(marked):
        what, remedy = "No mark could be read.", "Look at what was kept aside, or at the calendar."
        raise Unusable([Problem("no-marks", Place(), what, remedy)])
    return end_of(book.strips.axis.session(int(marked[-1])).on)


# --- the review ------------------------------------------------------------------------------------------


def _review(options: argparse.Namespace) -> int:
    check_folder(options.out, replace=options.replace)
    if options.replace and any(options.out.glob("*")) and not (options.out / REPORT).is_file():
        what, remedy = "It holds other results than a review, which would be lost.", "Name another folder."
        raise Unusable([Problem("folder", Place(str(options.out)), what, remedy)])
    asked = _read(options)
    letters: dict[str, bytes | str] = {}
    references: dict[str, str] = {}
    problems = [*asked.problems, *asked.left_out]
    if asked.settings is not None and not options.no_letters:
        from firstbell.cli.letters import write_letters  # Typst is only loaded where letters are written

        written = write_letters(
            asked.sight, asked.duties, asked.settings, asked.contacts, asked.called, asked.folder
        )
        letters, references = written.files, written.references
        problems += written.problems
    found = review(
        asked.sight,
        asked.duties,
        name=_school_name(asked),
        names=asked.names,
        references=references,
        all_flags=options.show_flags,
    )
    files: dict[str, bytes | str] = {
        REPORT: review_page(
            found,
            problems,
            read=_files_read(asked),
            kept_aside_in=" and ".join(name for name in _kept(asked)),
            known_at=_moment(asked.known_at),
        ),
        **_duties(asked, found, options.policy),
        **letters,
        **_kept(asked),
    }
    write_folder(options.out, files, replace=options.replace)
    print("\n".join(_summary(found, problems, options.out, len(references))))
    return KEPT_ASIDE if any(problem.severity == "error" for problem in problems) else READ


def _duties(asked: _Asked, found: Review, policy: str) -> dict[str, bytes | str]:
    """The duties as a file to be handed back and as a table."""
    letters = {line.key: line.letter_file for line in found.lines if line.letter_file}
    facts = asked.sight.facts.by_id
    return {
        DUTIES: duties_json(
            asked.duties,
            found.at,
            names=asked.names,
            facts=facts,
            policy=policy,
            school=found.name,
            letters=letters,
        ),
        "duties.csv": duties_csv(
            asked.duties,
            asked.names,
            classes={pupil.enrolment: pupil.group for pupil in found.pupils},
            why={line.key: line.why for line in found.lines},
            letters=letters,
        ),
    }


def _school_name(asked: _Asked) -> str:
    return asked.school.calendar.school


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(LONDON):%d %B %Y, %H:%M}" if at else ""


def _files_read(asked: _Asked) -> tuple[FileRead, ...]:
    facts = (
        FileRead(one.file, "facts", one.lines_in_file, one.lines_read, 0, len(one.kept_aside))
        for one in asked.facts
    )
    duties = (
        FileRead(one.file, "duties filled in", one.rows, one.rows - len(one.problems), 0, len(one.problems))
        for one in asked.handed_back
    )
    contacts = (
        FileRead(one.kept_aside.file, "contacts", one.rows_in_file, one.rows_read, 0, len(one.kept_aside))
        for one in ([asked.contacts_read] if asked.contacts_read else [])
    )
    return (*asked.school.files, *contacts, *facts, *duties)


def _kept(asked: _Asked) -> dict[str, bytes | str]:
    found: dict[str, bytes | str] = {}
    of_contacts = asked.contacts_read.kept_aside if asked.contacts_read else ()
    for kept in (*asked.school.kept_aside, *([of_contacts] if of_contacts else [])):
        found[f"kept-aside-{Path(kept.file).stem}.csv"] = kept_aside_text(kept)
    for one in asked.facts:
        if one.kept_aside:
            name = f"kept-aside-{Path(one.file).stem}"
            # Two files of one name, from two folders, are two files.
            same = sum(other.startswith(name) for other in found)
            found[f"{name}{f'-{same + 1}' if same else ''}.jsonl"] = kept_lines_text(one.kept_aside)
    return found


def _summary(found: Review, problems: Sequence[Problem], out: Path, letters: int) -> Iterator[str]:
    yield f"{found.name}: {found.policy}, as at {_moment(found.at)}"
    yield ""
    opened = found.open
    yield f"{len(opened):,} duties are open, for {len({one.about for one in opened}):,} pupils and classes."
    for who, forms in found.by_who().items():
        yield f"  {who}: " + ", ".join(plural(count, form) for form, count in forms.most_common())
    today = [line for line in opened if line.form in NOW and line.due_on == found.on]
    if today:
        yield ""
        cut = f" ({SHOWN_IN_TERMINAL} of {len(today):,})" if len(today) > SHOWN_IN_TERMINAL else ""
        yield f"Today{cut}:"
        # What has a time comes first, by the time.
        for line in sorted(today, key=lambda line: (not line.due, line.due))[:SHOWN_IN_TERMINAL]:
            yield f"  {line.due or 'today'}  {line.asks}: {line.about}. {line.why}"
        if len(today) > SHOWN_IN_TERMINAL:
            yield f"  ... the other {len(today) - SHOWN_IN_TERMINAL:,} are in the report."
    changed = [line for line in found.lines if line.state == State.BASIS_CHANGED.value]
    if changed:
        yield ""
        yield f"{len(changed):,} were done for a reason that a correction has taken away: see the report."
    yield ""
    yield f"{letters:,} letters were drafted. Nothing was sent."
    yield from problem_lines(problems, f"in {out / REPORT}")
    yield ""
    yield f"The report: {(out / REPORT).resolve().as_uri()}"
    yield f"The duties, to be filled in and handed back with --duties: {out / DUTIES}"


# --- one pupil -------------------------------------------------------------------------------------------


def _explain(options: argparse.Namespace) -> int:
    asked = _read(options)
    wanted = options.pupil.strip().upper()
    pupils = asked.school.pupils
    found = [pupil for pupil in pupils.pupils if pupil.upn == wanted] or list(
        pupils.by_admission_number(wanted)
    )
    if len(found) != 1:
        what = "No pupil has this number." if not found else "Several pupils have this number."
        remedy = "Give the UPN or the admission number as the pupils file has it."
        raise Unusable([Problem("explain-pupil", Place(), what, remedy)])
    rows = [row for row, one in enumerate(asked.book.enrolments) if one.pupil == found[0].id]
    for row in rows:
        print("\n".join(_explained(asked, row)))
    return KEPT_ASIDE if asked.has_errors else READ


def _explained(asked: _Asked, row: int) -> Iterator[str]:
    sight = asked.sight
    one = asked.book.enrolments[row]
    year = sight.period("school year", sight.day)
    rate = sight.rate(row, year.starts_on if year else sight.book.calendar.starts_on, sight.day)
    yield f"{asked.names[one.id][0]}, {day_and_year(sight.day)}"
    yield f"Attendance this school year: {rate.shown()} ({rate.part} of {rate.whole} sessions)."
    yield from (f"{problem}" for problem in asked.left_out)
    own = [duty for duty in asked.duties if duty.about.enrolment == one.id]
    opened = [duty for duty in own if duty.is_open]
    yield ""
    yield f"Due: {len(opened) or 'nothing'}"
    for duty in opened:
        yield ""
        lines = str(explain(duty, sight)).splitlines()
        yield f"- {lines[0]}"
        yield from (f"  {line}" for line in lines[1:])
    settled = sorted(
        (duty for duty in own if not duty.is_open), key=lambda duty: duty.settled_on or sight.day
    )
    yield ""
    yield f"What became of earlier ones: {'' if settled else 'there were none'}"
    for duty in settled:
        said = explain(duty, sight)
        yield f"- {duty.asks[:1].upper()}{duty.asks[1:]}, {day_and_year(duty.due_on)}: {said.state}"
    ahead = outlook(sight, one.id)
    yield ""
    yield f"Not yet, and what it would take: {'' if ahead else 'nothing is near'}"
    yield from dict.fromkeys(f"- {entry.says}" for entry in ahead if not entry.ends)
    ending = [entry for entry in ahead if entry.ends]
    if ending:
        yield ""
        yield "What would end it:"
        yield from dict.fromkeys(f"- {entry.says}" for entry in ending)
