"""Why is this due, of notices, orders, licences and timetables? A sentence from the names of the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from firstbell.duties.duty import Duty
from firstbell.duties.sight import Sight
from firstbell.sessions import day_and_year

__all__ = ["OF_CASES", "of_threshold"]


def _day(value: object) -> str:
    return day_and_year(value) if isinstance(value, date) else str(value)


def _notice(sight: Sight, duty: Duty) -> str:
    because = duty.occurrence.because
    named, params = because.named, duty.rule.params
    fact = sight.facts.by_id.get(because.facts[0]) if because.facts else None
    of = f" of {day_and_year(fact.on)}" if fact is not None else ""
    day = _day(named.get("day"))
    if getattr(params, "day", "") == "end":
        length = f" ({named['length']})" if "length" in named else ""
        return f"The period of the {named.get('notice')}{of} ends on {day}{length}."
    which = "The lower sum" if getattr(params, "day", "") == "lower sum" else "The sum"
    return f"{which} of the {named.get('notice')}{of} could be paid until {day}."


def _court(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    if "offence" in named:
        offence, latest = _day(named["offence"]), _day(named.get("latest"))
        return f"For the offence of {offence} proceedings can be begun until {latest}."
    made, ends, opens = (_day(named.get(name)) for name in ("made", "ends", "extension_opens"))
    said = f"The education supervision order of {made} lasts until {ends}"
    return f"{said}; an extension can be asked for from {opens}."


def _part_time(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    first, last = _day(named.get("from")), _day(named.get("full_time_by"))
    missed = f"{named.get('sessions')} sessions were missed because of it"
    return f"The part-time timetable that began on {first} comes to its end on {last}; {missed}."


def _performance(_sight: Sight, duty: Duty) -> str:
    named = duty.occurrence.because.named
    if "day" in named:
        licensed = f"the licence names {named.get('licensed')} others"
        return f"Absent on {_day(named['day'])}, which no licence names; {licensed}."
    first, last = _day(named.get("from")), _day(named.get("until"))
    hours = f"Hours of education that count: {named.get('hours')}; needed: {named.get('needed')}"
    return f"{hours}, from {first} to {last}."


def of_threshold(duty: Duty) -> str:
    """What is still to be settled of a threshold that was met: reasons, and questions of the policy."""
    named = duty.occurrence.because.named
    said = ""
    if named.get("unknown"):
        by = f" until {_day(named['resolve_by'])}" if "resolve_by" in named else ""
        said = f" Of {named['unknown']} of them the reason is not known yet, and can be found out{by}."
    questions = named.get("questions")
    if isinstance(questions, tuple) and questions:
        said += f" To be answered in every case: {'; '.join(map(str, questions))}."
    return said


OF_CASES: Mapping[str, Callable[[Sight, Duty], str]] = {
    "notice days": _notice,
    "court days": _court,
    "part-time timetable": _part_time,
    "performance": _performance,
}
"""By kind, what says why."""
