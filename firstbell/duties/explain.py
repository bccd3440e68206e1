"""Why is this due? In sentences: what happened, what it was compared with, which clause or law asks for it.

Text is made here, when somebody looks, from the reason that a duty carries. Names of people are handed in by
whoever may show them; without them a sentence speaks of the pupil.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from firstbell.duties.duty import Advice, Duty, State
from firstbell.duties.explain_cases import OF_CASES, of_threshold
from firstbell.duties.sight import Sight
from firstbell.policy.rule import Rule
from firstbell.policy.rulebook import Rulebook
from firstbell.sessions import LONDON, Half, Session, day_and_year

__all__ = ["Explained", "days_in_words", "explain"]

MOST_DAYS = 12


@dataclass(frozen=True)
class Explained:
    """A duty in sentences: what is asked, why, under what, what speaks for or against, what became of it."""

    asks: str
    why: str
    under: tuple[str, ...]
    advice: tuple[str, ...]
    state: str
    notice: str = ""

    def __str__(self) -> str:
        lines = (self.asks, self.why, *self.under, *self.advice, self.notice, self.state)
        return "\n".join(line for line in lines if line)


def explain(duty: Duty, sight: Sight) -> Explained:
    """A duty explained, as seen at the moment of `sight`."""
    rule, one = duty.rule, duty.occurrence
    why = REASONS.get(rule.kind, _plainly)(sight, duty)
    return Explained(
        _asks(duty),
        why,
        tuple(_under(sight.rulebook, rule)),
        tuple(_advice(advice) for advice in one.advice),
        _state(duty),
        rule.notice,
    )


def _asks(duty: Duty) -> str:
    who = f" ({duty.who})" if duty.who else ""
    by = _moment(duty.occurrence.due_at) if duty.occurrence.due_at else day_and_year(duty.due_on)
    return f"{duty.asks[:1].upper()}{duty.asks[1:]}{who}, by {by}."


def _moment(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local:%H:%M} on {day_and_year(local.date())}"


def _under(rulebook: Rulebook, rule: Rule) -> Iterable[str]:
    """The clauses and the law, each with what it says; and what was made stricter by which."""
    for key in rule.implements:
        try:
            clause = rulebook.clause(key)
        except KeyError:
            continue
        word = f' ("{rule.word}")' if rule.word else ""
        yield f"{'Law' if rule.is_law else 'Clause'} {key}{word}: {clause.says}"
        if clause.notice:
            yield f"Note: {clause.notice}"
    if rule.source:
        yield f"Source: {rule.source}."
    for note in rule.stricter:
        yield f"{note[:1].upper()}{note[1:]}"


def _advice(advice: Advice) -> str:
    says = {
        "refuse": "The policy says refuse",
        "weigh": "To be weighed",
        "block": "It cannot be granted",
        "exceptional": "An example of what is exceptional",
    }.get(advice.says, advice.says)
    named = ", ".join(f"{_spaced(name)}: {_shown(value)}" for name, value in advice.because.named.items())
    return f"{says}: {advice.rule.id.replace('-', ' ')}{f' ({named})' if named else ''}."


def _state(duty: Duty) -> str:
    on = f" on {day_and_year(duty.settled_on)}" if duty.settled_on else ""
    match duty.state:
        case State.DONE:
            return f"Done{on}."
        case State.WITHHELD:
            return f"Withheld{on}, with a reason."
        case State.DEFERRED if duty.deferred_until_on:
            return f"Put off until {day_and_year(duty.deferred_until_on)}."
        case State.BASIS_CHANGED:
            return f"Done{on}; a correction has taken its reason away: see what has to be put right."
        case State.LAPSED:
            return "Not done while its reason held."
        case _:
            return "Open."


# --- reasons ---------------------------------------------------------------------------------------------


def _run(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    first = named.get("from")
    since = f" since {day_and_year(first)}" if isinstance(first, date) else ""
    arose = day_and_year(duty.occurrence.arose_on)
    without = ", and the family has not been reached" if getattr(duty.rule.params, "without", "") else ""
    running = f"Absent on {named.get('days')} school days in a row{since}"
    return f"{running}; day {named.get('day')} was {arose}{without}."


def _rate(_sight: Sight, duty: Duty) -> str:
    because = duty.occurrence.because
    if because.rate is None:
        return _plainly(_sight, duty)
    rate = because.rate
    said = f"Attendance is {rate.shown()}: {rate.part} of {rate.whole} sessions"
    if because.limit:
        said += f", which is {because.limit}{_how_often(duty)}"
    return " ".join((f"{said}.", *_about_absence(duty)))


def _how_often(duty: Duty) -> str:
    """Since when a comparison holds or, where audits count, for which time running it does."""
    number, audit_on = (duty.occurrence.because.named.get(name) for name in ("number", "audit_on"))
    if not isinstance(number, int) or not isinstance(audit_on, date):
        return f" since {day_and_year(duty.occurrence.arose_on)}"
    times = f"for the {in_order(number)} time running" if number > 1 else "for the first time"
    return f", {times} by the audit on {day_and_year(audit_on)}"


def in_order(number: int) -> str:
    """A number that says which of several it is: "third"."""
    words = ("first", "second", "third", "fourth", "fifth", "sixth")
    return words[number - 1] if 1 <= number <= len(words) else f"{number}th"


def _about_absence(duty: Duty) -> Iterable[str]:
    """What else is to be seen beside a share: the days missed, what of it was agreed, what it is called."""
    because = duty.occurrence.because
    if missed := days_in_words(because.sessions):
        yield f"Missed: {missed}."
    if agreed := because.named.get("part_time"):
        yield f"{agreed} of the sessions missed were agreed, by a part-time timetable."
    if called := getattr(duty.rule.params, "counted_as", ""):
        yield f"The Department counts this as {called}."


def _counted(_sight: Sight, duty: Duty) -> str:
    because = duty.occurrence.because
    of = getattr(duty.rule.params, "of", "")
    within = getattr(duty.rule.params, "within", None)
    over = f"in {within}" if within is not None else f"this {getattr(duty.rule.params, 'over', '')}"
    said = f"{because.named.get('count')} {of} {over}, and {because.named.get('reaches')} ask for it"
    if weekday := because.named.get("weekday"):
        said += f"; {because.named.get('on_one')} of them on a {weekday}"
    return f"{said}: {days_in_words(because.sessions)}."


def _threshold(_sight: Sight, duty: Duty) -> str:
    because = duty.occurrence.because
    named = because.named
    return (
        f"{named.get('sessions')} unauthorised sessions in {named.get('school_weeks')} school weeks, and the "
        f"threshold is {named.get('needed')}: {days_in_words(because.sessions)}.{of_threshold(duty)}"
    )


def _unknown(_sight: Sight, duty: Duty) -> str:
    because = duty.occurrence.because
    said = f"Absent without a known reason: {days_in_words(because.sessions)}."
    reported = because.named.get("reported")
    if isinstance(reported, date):
        said += f" It was reported on {day_and_year(reported)} to go on, and not again on the day."
    return said


def _morning(_sight: Sight, duty: Duty) -> str:
    """Since when the pupil is not there, what was tried before, and whether the family is called first."""
    because = duty.occurrence.because
    named = because.named
    said = f"Absent without a known reason since {named.get('since')}: {days_in_words(because.sessions)}."
    number, contacts, failed = (named.get(name) for name in ("number", "contacts", "failed"))
    if number:
        said += f" Contact {number} of {contacts}."
        said += f" The call to the contact before failed at {failed}." if failed else ""
    elif contacts:
        said += f" None of the contacts could be reached ({contacts}), the last at {failed}."
    if getattr(duty.rule.params, "step", "") == "safe by":
        said += f" By {named.get('by')} the school must know that every child is safe."
    return f"{said} Call first." if duty.comes_first else said


def _gone(_sight: Sight, duty: Duty) -> str:
    """Since when a pupil is missing, and for how long that is, or that nobody who was rung had news."""
    named = duty.occurrence.because.named
    minutes = named.get("minutes")
    passed = f"{minutes} minutes have passed" if minutes else "nobody who was rung had news"
    return f"Missing since {named.get('noticed')}, and {passed}."


def _register(_sight: Sight, duty: Duty) -> str:
    because = duty.occurrence.because
    group = duty.about.group or "the school"
    return f"{because.named.get('blanks')} pupils of {group} have no mark: {days_in_words(because.sessions)}."


def _sickness(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    before = named.get("before")
    if before is not None:
        return f"{before} school days of sickness before, and {named.get('days')} with what is expected now."
    days = f"{named.get('days')} school days of sickness this school year"
    return f"{days}; the law asks at {named.get('needed')}."


def _leave(sight: Sight, duty: Duty) -> str:
    because = duty.occurrence.because
    fact = sight.facts.by_id.get(because.facts[0]) if because.facts else None
    if fact is None:
        return _plainly(sight, duty)
    asked = fact.data
    first, last = getattr(asked, "from_on", fact.on), getattr(asked, "until_on", fact.on)
    days = because.named.get("days")
    said = (
        f"Leave was asked for on {day_and_year(fact.on)}, from {day_and_year(first)} to {day_and_year(last)}"
    )
    return f"{said} ({days} school days)." if days else f"{said}."


def _award(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    place = f", place {duty.occurrence.place}" if duty.occurrence.place else ""
    return (
        f"{named.get('attendance')} from {_shown(named.get('from'))} to {_shown(named.get('until'))}{place}."
    )


def _worse(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    said = f"Attendance was {named.get('then')} then, and is {named.get('now')} now"
    next_on = named.get("next_audit")
    return f"{said}; the next audit is on {_shown(next_on)}." if next_on else f"{said}."


def _window(sight: Sight, duty: Duty) -> str:
    because, named = duty.occurrence.because, duty.occurrence.because.named
    fact = sight.facts.by_id.get(because.facts[0]) if because.facts else None
    began = f" since {fact.kind} on {day_and_year(fact.on)}" if fact is not None else ""
    missed = days_in_words(because.sessions)
    if "window" not in named:
        return f"Absent{began}: {missed}."
    attended = f"{named['window_attended']} of {named['window_possible']} sessions"
    said = f"{attended} ({named['window']}) were attended{began} and until {_shown(named['until'])}"
    figures = f"Over the {getattr(duty.rule.params, 'over', '')} attendance was {named['then']} then and is "
    late = f" Came late: {named['late']}." if named.get("late") else ""
    return f"{said}. {figures}{named['now']} now." + (f" Missed: {missed}." if missed else "") + late


def _target(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    week = f"in the week from {_shown(named.get('from'))}"
    attended = f"{named.get('attended')} of {named.get('possible')} sessions were attended {week}"
    return f"{attended}; the target is {named.get('target')}."


def _while(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    days = f"for {_shown(named.get('from'))} to {_shown(named.get('until'))}"
    said = f"{named.get('for')}, since {_shown(named.get('since'))}"
    return f"{said[:1].upper()}{said[1:]}; {days}."


def _training(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    staff = _shown(named.get("staff"))
    said = f"{named.get('count')} of {named.get('of')} members of staff lack the training"
    return f'{said} "{named.get("training")}"' + (f": {staff}." if staff else ".")


def _contacts(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    return f"Contacts held: {named.get('held')}; there should be {named.get('wanted')}."


def _period(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    first, last = _shown(named.get("from")), _shown(named.get("until"))
    return f"For {first}." if first == last else f"For {first} to {last}."


def _plainly(sight: Sight, duty: Duty) -> str:
    """What the reason names, and the facts, where no kind has a sentence of its own."""
    because = duty.occurrence.because
    facts = [fact for key in because.facts if (fact := sight.facts.by_id.get(key)) is not None]
    # What the facts say themselves, with their day, is not said before them as well.
    again = {("fact", fact.kind) for fact in facts} | {("on", fact.on) for fact in facts}
    said = [
        f"{_spaced(name)}: {_shown(value)}"
        for name, value in because.named.items()
        if value not in ("", ()) and (name not in ("fact", "on") or (name, value) not in again)
    ]
    said += [f"{fact.kind}, {day_and_year(fact.on)}" for fact in facts]
    if because.sessions:
        said.append(days_in_words(because.sessions))
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else f"Since {day_and_year(duty.occurrence.arose_on)}."


REASONS: Mapping[str, Callable[[Sight, Duty], str]] = {
    "day of absence": _run,
    "band": _rate,
    "band at audits": _rate,
    "count": _counted,
    "threshold": _threshold,
    "report deadline": _unknown,
    "morning step": _morning,
    "missing pupil": _gone,
    "reason unknown": _unknown,
    "tell professional": _unknown,
    "register times": _register,
    "sickness days": _sickness,
    "leave decision": _leave,
    "after leave": _leave,
    "award": _award,
    "worse since": _worse,
    "improvement window": _window,
    "weekly target": _target,
    "period while": _while,
    "training": _training,
    "contacts kept": _contacts,
    "regularly": _period,
    **OF_CASES,
}


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: object) -> str:
    if isinstance(value, date):
        return day_and_year(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(_shown(one) for one in value)
    return str(value)


def days_in_words(sessions: Sequence[Session]) -> str:
    """Sessions as days for people: "8 to 12 September, 15 September (morning)"; many are cut short."""
    days: dict[date, set[Half]] = {}
    for one in sessions:
        days.setdefault(one.on, set()).add(one.half)
    stretches: list[tuple[date, date, str]] = []
    for day, halves in sorted(days.items()):
        half = "" if len(halves) == 2 else (" (morning)" if Half.AM in halves else " (afternoon)")
        last = stretches[-1] if stretches and not stretches[-1][2] and not half else None
        joins = last is not None and (day - last[1]).days <= _gap(last[1])
        if joins:
            stretches[-1] = (stretches[-1][0], day, "")
        else:
            stretches.append((day, day, half))
    shown = [_stretch(*one) for one in stretches[:MOST_DAYS]]
    if len(stretches) > MOST_DAYS:
        shown.append(f"and {len(stretches) - MOST_DAYS} more")
    return ", ".join(shown)


def _gap(day: date) -> int:
    """How far the next school day may be for a stretch to go on: over a weekend three days."""
    return 3 if day.weekday() == 4 else 1


def _stretch(first: date, last: date, half: str) -> str:
    if first == last:
        return f"{first.day} {first:%B}{half}"
    if first.month == last.month:
        return f"{first.day} to {last.day} {last:%B}"
    return f"{first.day} {first:%B} to {last.day} {last:%B}"
