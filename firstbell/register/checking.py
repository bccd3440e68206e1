"""May this stand in the register? Every rule about a mark, an amendment, register times or a deletion.

One function an action answers the button, the refusal and the explanation alike: an empty list means that
nothing stands in the way. Errors keep a mark out; warnings let it in and are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from firstbell.problems import Place, Problem, Severity
from firstbell.register.enrolments import Enrolment
from firstbell.register.marks import Amendment
from firstbell.sessions import Calendar, Session, SessionTimes, day_and_year
from firstbell.statute import Ages, Code, CompulsorySchoolAge, Law, Statute, compulsory_school_age
from firstbell.statute.values import AmendmentRecord, DeletionGround, RegisterOpening

__all__ = [
    "Detail",
    "Enquiries",
    "problems_with_amendment",
    "problems_with_code",
    "problems_with_deletion",
    "problems_with_mark",
    "problems_with_times",
]


@dataclass(frozen=True)
class Detail:
    """What is held with a mark, as far as its code asks for it.

    `what` is the nature of an activity or the specific cause; `asked_on` the day leave was asked for, with
    `asked_before_session` where that was the day itself; `last_exam_on` the day of the pupil's last public
    examination.
    """

    what: str = ""
    asked_on: date | None = None
    asked_before_session: bool = False
    last_exam_on: date | None = None


@dataclass(frozen=True)
class Enquiries:
    """What is known about an absence before a name may be deleted for it.

    `school_days` of unbroken absence as the ground counts them; whether school and authority have *both*
    made reasonable enquiries; whether sickness or another unavoidable cause may be the reason.
    """

    school_days: int
    joint: bool
    cause_possible: bool = False


def problems_with_mark(
    symbol: str,
    session: Session,
    statute: Statute,
    *,
    enrolment: Enrolment | None = None,
    calendar: Calendar | None = None,
    detail: Detail | None = None,
    place: Place | None = None,
) -> list[Problem]:
    """What is wrong with a mark at a session, by the law of that session's day.

    The code must exist, be in force and be one for that half of the day and for a pupil of that age; the
    pupil must be on the register (Z is for before that) and the session must exist for their year group.
    `detail` is looked at only where it is handed over: a spreadsheet does not say when leave was asked
    for, the person who grants it does.
    """
    where = place or Place(part=f"session {session}")
    problems = problems_with_code(symbol, session, statute, where)
    if problems:
        return problems
    code = statute.on(session.on).codes[symbol]
    if enrolment is not None:
        problems += _problems_with_enrolment(code, session, enrolment, statute, where)
    if calendar is not None:
        group = enrolment.year_group(session.on) if enrolment else None
        problems += _problems_with_session(code, session, calendar, group, where)
    if detail is not None:
        problems += _problems_with_detail(code, session, detail, where)
    return problems


def problems_with_code(symbol: str, session: Session, statute: Statute, place: Place) -> list[Problem]:
    """Whether a symbol is a code that may be used at the session at all, whoever the pupil is."""
    law = statute.on(session.on)
    code = law.code(symbol)
    if code is not None:
        if code.half and code.half != session.half.name:
            halves = "mornings" if code.half == "AM" else "afternoons"
            return [
                _problem(
                    "code-half",
                    place,
                    f'"{symbol}" ({code.name}) is for {halves} only, and this is {session}.',
                    "Use the other stroke." if code.attended else "Correct the session or the code.",
                    code,
                )
            ]
        return []
    meanings = statute.describe(symbol)
    if meanings:
        return [_not_in_force(symbol, session, meanings, law, place)]
    near = get_close_matches(symbol.upper(), law.codes, 3, 0.5)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "Use a code of the national list."
    return [Problem("code-unknown", place, f'"{symbol}" is not an attendance code.', remedy, value=symbol)]


def _not_in_force(symbol: str, session: Session, meanings: Sequence[Code], law: Law, place: Place) -> Problem:
    last = meanings[-1]
    on = day_and_year(session.on)
    if last.until_on is not None and last.until_on < session.on:
        what = (
            f'"{symbol}" ({last.name}) was withdrawn after {day_and_year(last.until_on)}, and this is {on}.'
        )
    else:
        first = meanings[0]
        what = f'"{symbol}" ({first.name}) came into use on {day_and_year(first.from_on)}, and this is {on}.'
    use = " or ".join(code.symbol for code in law.instead_of(symbol))
    remedy = f"Use {use} where it fits." if use else "Use a code that was in force on the day."
    return Problem("code-not-in-force", place, what, remedy, str(last.source), value=symbol)


def _problems_with_enrolment(
    code: Code, session: Session, enrolment: Enrolment, statute: Statute, place: Place
) -> list[Problem]:
    if code.category.name == "administrative":
        if session.on < enrolment.starts_on or code.symbol == "#":
            return []
        return [
            _problem(
                "mark-prospective",
                place,
                f'"{code.symbol}" ({code.name}) stands after the starting day, {enrolment.starts_on}.',
                "From the starting day every session needs a mark of its own.",
                code,
            )
        ]
    if not enrolment.on_roll(session.on):
        return [
            _problem(
                "mark-off-roll",
                place,
                f"The pupil is not on the register on {session.on} "
                f"(from {enrolment.starts_on} to {enrolment.ends_on or 'now'}).",
                "Correct the day, or the starting or leaving day in the pupils file.",
                code,
            )
        ]
    return [
        *_problems_with_age(code, session, enrolment, statute, place),
        *_problems_with_registration(code, enrolment, place),
    ]


def _problems_with_age(
    code: Code, session: Session, enrolment: Enrolment, statute: Statute, place: Place
) -> list[Problem]:
    problems = []
    if enrolment.born_on is not None and code.ages is not Ages.ANY and not code.reads_as:
        law = statute.on(session.on)
        starts_on, ends_on = compulsory_school_age(enrolment.born_on, law.value(CompulsorySchoolAge))
        of_age = starts_on <= session.on <= ends_on
        if of_age != (code.ages is Ages.COMPULSORY):
            problems.append(
                _problem(
                    "code-age",
                    place,
                    f'"{code.symbol}" ({code.name}) is only for pupils {_whose_age(code.ages)}; this pupil is'
                    f"{'' if of_age else ' not'} of compulsory school age on {session.on}.",
                    f"Use {' or '.join(code.instead)}." if code.instead else "Use the code that fits.",
                    code,
                )
            )
    group = enrolment.year_group(session.on)
    if code.youngest_year is not None and (
        group is None or not group.isdigit() or int(group) < code.youngest_year
    ):
        problems.append(
            _problem(
                "code-year-group",
                place,
                f'"{code.symbol}" ({code.name}) is for Year {code.youngest_year} and above, '
                f"and this pupil is in {'an unknown year' if group is None else f'Year {group}'}.",
                "Check that it is leave for a public examination.",
                code,
                "warning",
            )
        )
    return problems


def _whose_age(ages: Ages) -> str:
    return "of compulsory school age" if ages is Ages.COMPULSORY else "below or above compulsory school age"


def _problems_with_registration(code: Code, enrolment: Enrolment, place: Place) -> list[Problem]:
    problems = []
    if code.symbol == "D" and enrolment.registration == "sole":
        problems.append(
            _problem(
                "mark-not-dual",
                place,
                f'"D" ({code.name}) stands for a pupil who is registered at this school only.',
                "Record the other school, or use the code for where the pupil was.",
                code,
                "warning",
            )
        )
    if enrolment.boarder:
        problems.append(
            _problem(
                "mark-boarder",
                place,
                "The pupil boards, and boarders have no marks.",
                "Correct the pupil's record if they are a day pupil.",
                code,
                "warning",
            )
        )
    return problems


def _problems_with_session(
    code: Code, session: Session, calendar: Calendar, group: str | None, place: Place
) -> list[Problem]:
    if code.category.name == "administrative":
        return _problems_with_closure(code, session, calendar, group, place)
    if calendar.has(session, group):
        return []
    if not calendar.starts_on <= session.on <= calendar.ends_on:
        known = f"the calendar runs from {calendar.starts_on} to {calendar.ends_on}"
    else:
        known = f"{session.on:%A} {session} is not a session of {f'Year {group}' if group else 'the school'}"
    return [
        _problem(
            "mark-no-session",
            place,
            f'"{code.symbol}" stands at {session}, but {known}.',
            "Correct the day, or the terms, closures and year groups' days in the calendar.",
            code,
        )
    ]


def _problems_with_closure(
    code: Code, session: Session, calendar: Calendar, group: str | None, place: Place
) -> list[Problem]:
    # Where the calendar has no session either there is nothing to say: the two agree.
    if not calendar.has(session, group) or code.symbol != "#":
        return []
    return [
        _problem(
            "closure-in-term",
            place,
            f'"{code.symbol}" ({code.name}) stands at {session}, which is a session in the calendar.',
            "If the school was closed, add that to the calendar; for some pupils use Y7 with the cause.",
            code,
            "warning",
        )
    ]


def _problems_with_detail(code: Code, session: Session, detail: Detail, place: Place) -> list[Problem]:
    problems = []
    if code.needs and not detail.what:
        problems.append(
            _problem(
                "mark-detail",
                place,
                f'"{code.symbol}" ({code.name}) needs: {", ".join(code.needs)}.',
                "Record it with the mark.",
                code,
            )
        )
    if code.asked_in_advance and not _in_advance(detail, session):
        use = " or ".join(code.not_in_advance) or "the code that fits"
        asked = "was not asked for" if detail.asked_on is None else f"was asked for on {detail.asked_on}"
        problems.append(
            _problem(
                "leave-not-in-advance",
                place,
                f'"{code.symbol}" ({code.name}) is leave, which {asked}, not before {session.on}.',
                f"Leave cannot be given afterwards: use {use}.",
                code,
            )
        )
    if code.youngest_year is not None and detail.last_exam_on and session.on > detail.last_exam_on:
        problems.append(
            _problem(
                "study-leave-ended",
                place,
                f'"{code.symbol}" ({code.name}) stands after the last exam, {detail.last_exam_on}.',
                "Use C where the school does not expect the pupil any more.",
                code,
                "warning",
            )
        )
    return problems


def _in_advance(detail: Detail, session: Session) -> bool:
    if detail.asked_on is None:
        return False
    return detail.asked_on < session.on or (detail.asked_on == session.on and detail.asked_before_session)


def problems_with_amendment(
    amendment: Amendment,
    statute: Statute,
    *,
    said: str,
    enrolment: Enrolment | None = None,
    calendar: Calendar | None = None,
    detail: Detail | None = None,
) -> list[Problem]:
    """What is wrong with an amendment of a cell that says `said`.

    It keeps five facts: the original entry, the amended entry, the reason, when, and who in which position.
    It must amend what the register says now, so that two people cannot each amend the same entry.

    Source: SI 2024/208 reg 6.
    """
    place = Place(part=f"session {amendment.session}")
    record = statute.on(amendment.session.on).find(AmendmentRecord)
    source = str(record.source) if record else ""
    problems = _problems_with_facts(amendment, place, source)
    if amendment.original != said:
        problems.append(
            Problem(
                "amendment-original",
                place,
                f'It amends "{amendment.original}", but the register says "{said or "unmarked"}".',
                "Look at the entry as it stands now, then amend that.",
                source,
            )
        )
    if amendment.amended:
        problems += problems_with_mark(
            amendment.amended,
            amendment.session,
            statute,
            enrolment=enrolment,
            calendar=calendar,
            detail=detail,
            place=place,
        )
    return problems


def _problems_with_facts(amendment: Amendment, place: Place, source: str) -> list[Problem]:
    return [
        Problem(
            "amendment-fact", place, f"The {name} is missing.", "State it: it stays in the register.", source
        )
        for name, value in (
            ("original entry", amendment.original),
            ("amended entry", amendment.amended),
            ("reason for the amendment", amendment.reason.strip()),
            ("name of the person who makes it", amendment.by.strip()),
            ("position of the person who makes it", amendment.position.strip()),
        )
        if not value
    ]


def problems_with_times(times: SessionTimes, law: Law) -> list[Problem]:
    """Whether a register is open for longer than is allowed: 30 minutes, the same for every session.

    Source: statutory guidance on attendance, on taking the register.
    """
    opening = law.find(RegisterOpening)
    if opening is None or times.minutes_open <= opening.longest_minutes:
        return []
    return [
        Problem(
            "register-open-too-long",
            Place(part="times"),
            f"The register is open from {times.opens:%H:%M} to {times.closes:%H:%M}, "
            f"{times.minutes_open} minutes.",
            f"Close it within {opening.longest_minutes} minutes.",
            str(opening.source),
        )
    ]


def problems_with_deletion(
    letter: str,
    law: Law,
    *,
    of_age: bool,
    enquiries: Enquiries | None = None,
    confirmed: Collection[str] | None = None,
) -> list[Problem]:
    """What stands in the way of taking a name off the admission register on a ground.

    A name may be deleted on the listed grounds only. Where the ground is an absence, it must have lasted
    long enough with every session coded as the ground says, nothing may point to sickness or an
    unavoidable cause, and school and authority must *jointly* have looked: enquiries that failed on one
    side only are not enough. `confirmed` are those of the ground's other conditions that a person has
    confirmed; each that is missing is a problem. None leaves them to whoever asks. Raises `NoLaw` for a day
    for which no grounds are held.

    Source: SI 2024/208 reg 9.
    """
    wanted = (Ages.COMPULSORY if of_age else Ages.NOT_COMPULSORY, Ages.ANY)
    grounds = {g.letter: g for g in law.all(DeletionGround) if g.ages in wanted}
    ground = grounds.get(letter)
    law.value(DeletionGround)
    if ground is None:
        return [
            Problem(
                "deletion-ground",
                Place(),
                f'"{letter}" is no ground for deleting this pupil\'s name.',
                f"The grounds are {', '.join(grounds)}; without one the name stays and is marked.",
                value=letter,
            )
        ]
    return [
        *_problems_with_absence(ground, enquiries or Enquiries(0, joint=False)),
        *_problems_with_conditions(ground, confirmed),
    ]


def _problems_with_conditions(ground: DeletionGround, confirmed: Collection[str] | None) -> list[Problem]:
    if confirmed is None:
        return []
    return [
        _ground_problem(
            ground,
            "deletion-condition",
            f"it is not confirmed that {condition}.",
            "Confirm it, with what shows it, or keep the name.",
        )
        for condition in ground.conditions
        if condition not in confirmed
    ]


def _problems_with_absence(ground: DeletionGround, known: Enquiries) -> list[Problem]:
    problems = []
    if ground.school_days is not None and known.school_days < ground.school_days:
        problems.append(
            _ground_problem(
                ground,
                "deletion-too-early",
                f"The absence has lasted {known.school_days} school days of {ground.school_days}.",
                "Keep the name and mark every session.",
            )
        )
    if ground.joint_enquiries and not known.joint:
        problems.append(
            _ground_problem(
                ground,
                "deletion-enquiries",
                "School and local authority have not both made reasonable enquiries.",
                "Agree the enquiries and their result with the authority first.",
            )
        )
    if ground.joint_enquiries and known.cause_possible:
        problems.append(
            _ground_problem(
                ground,
                "deletion-cause",
                "Sickness or another unavoidable cause may be the reason.",
                "Find out first; the name stays.",
            )
        )
    return problems


def _ground_problem(ground: DeletionGround, rule: str, what: str, remedy: str) -> Problem:
    return Problem(
        rule, Place(), f"Ground ({ground.letter}), {ground.meaning}: {what}", remedy, str(ground.source)
    )


def _problem(
    rule: str, place: Place, what: str, remedy: str, code: Code, severity: Severity = "error"
) -> Problem:
    return Problem(rule, place, what, remedy, str(code.source), severity, code.symbol)
