"""A scenario for readers: who, what happened, and what must be so, in Markdown.

Made from the scenario alone, so that a school can have its own rendered as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time

from firstbell.scenarios.format import FactLine, GroupLine, PupilLine, RegisterLine, ThenLine
from firstbell.scenarios.running import Ran
from firstbell.scenarios.scenario import Expected, Scenario, When
from firstbell.sessions import LONDON, Half, Session, day_and_year

__all__ = ["happened_text", "scenario_text", "span_in_words", "value_in_words"]

HALVES = {Half.AM: "morning", Half.PM: "afternoon"}
STATES_IN_WORDS = {"open": "Due", "basis changed": "Done, and its reason is gone", "coming": "To come"}


def scenario_text(scenario: Scenario, ran: Ran | None = None, *, level: int = 2) -> str:
    """A scenario in Markdown: title, the author's words, pupils, facts, and a table of what must be so.

    With `ran` it says which lines were not so when it was run. `level` is that of its heading.
    """
    written = scenario.written
    parts = [f"{'#' * level} {scenario.id}: {_plain(scenario.title)}\n"]
    if written.says:
        parts.append(f"{_plain(written.says.strip())}\n")
    parts.append(f"{_about(scenario)}\n")
    parts += happened_text(scenario)
    parts += ["What must be so:\n", _row(("when", "of whom", "what")), _row(("---",) * 3)]
    parts += [_row(_then(one)) for one in scenario.then]
    parts += ["", *_not_so(ran)]
    return "\n".join(parts).rstrip() + "\n"


def happened_text(scenario: Scenario) -> list[str]:
    """The lines of Markdown that say who the pupils are, with their marks, and what happened."""
    written = scenario.written
    people = [*map(_pupil, written.pupils), *map(_group, written.groups)]
    parts = ["Pupils, with what was not just present:\n", *people, ""] if people else []
    if written.registers:
        parts += ["Registers that were not saved when they closed:\n", *map(_register, written.registers), ""]
    return [*parts, "What happened:\n", *map(_fact, written.facts), ""] if written.facts else parts


def _about(scenario: Scenario) -> str:
    said = [f"Policy *{scenario.policy}*", f"registers until {_until(scenario.when)}"]
    said += [f"shows {', '.join(scenario.written.shows)}"] if scenario.written.shows else []
    said.append(f"calendar `{scenario.written.calendar}`")
    for rule, values in scenario.settings.items():
        own = ", ".join(f"{name.replace('_', ' ')} {value_in_words(value)}" for name, value in values.items())
        said.append(f"with the setting `{rule}`: {own}")
    return f"{'; '.join(said)}."


def _until(when: When) -> str:
    return _session(Session(when.on, when.half)) if when.half is not None else day_and_year(when.on)


def _not_so(ran: Ran | None) -> Iterator[str]:
    """What was found instead, for the lines that were not so."""
    wrong = [one for one in ran.outcomes if not one.holds] if ran is not None else []
    if wrong:
        yield "**Not so at present:**\n"
    for one in wrong:
        found = f"wanted: {_plain(one.wanted)}; found: {_plain(one.found)}"
        yield f"- {_plain(one.about)}, {_when(one.expected.when)}: {found}"


# --- pupils and classes ----------------------------------------------------------------------------------


def _pupil(line: PupilLine) -> str:
    names = ", ".join(f"**{ref}**" for ref in (line.refs or (line.ref,)))
    who = [_year(str(line.year_group)), *([f"class {line.group}"] if line.group else [])]
    who += [f"house {line.house}"] if line.house else []
    if line.born_on:
        who.append(f"born on {day_and_year(line.born_on)}")
    if not line.of_age:
        who.append("below compulsory school age")
    if line.registration != "sole":
        who.append(f"{line.registration} registration")
    if line.starts_on:
        who.append(f"on roll from {day_and_year(line.starts_on)}")
    if line.ends_on:
        who.append(f"on roll until {day_and_year(line.ends_on)}")
    if line.parents != ("A",):
        who.append(f"parents {' and '.join(line.parents) or 'not known'}")
    if line.contacts:
        who.append(f"rung in this order: {', '.join(line.contacts)}")
    return f"- {names} ({', '.join(who)}): {'; '.join(_marks(line)) or 'always present'}."


def _marks(line: PupilLine) -> Iterator[str]:
    if line.marked_from:
        yield f"marked from {day_and_year(line.marked_from)}"
    if line.strip:
        yield f"`{line.strip}`"
    for text in line.marks:
        yield _mark(text)
    for text in line.blank:
        days, _, half = text.partition(" ")
        yield f"not marked {_days(days, {'AM': Half.AM, 'PM': Half.PM}.get(half.strip()))}"
    for one in line.amendments:
        said = (
            f"`{one.original}` to `{one.amended}`" if one.original != "-" else f"filled with `{one.amended}`"
        )
        session = _session(Session.read(one.session))
        yield f"{session} changed from {said} at {_moment(one.at)} ({_plain(one.reason)})".replace(
            "changed from filled", "filled"
        )


def _mark(text: str) -> str:
    """One line of `marks`: "`I` from 8 to 19 September 2025"."""
    days, morning, afternoon = text.split()
    if morning == afternoon:
        return f"`{morning}` {_days(days, None)}"
    said = [
        f"`{code}` {_days(days, half)}"
        for code, half in ((morning, Half.AM), (afternoon, Half.PM))
        if code != "-"
    ]
    return ", ".join(said)


def _days(text: str, half: Half | None) -> str:
    first, _, last = text.partition("..")
    first_on, last_on = date.fromisoformat(first), date.fromisoformat(last or first)
    days = span_in_words(first_on, last_on)
    if first_on == last_on:
        return f"on {days}" if half is None else f"in the {HALVES[half]} of {days}"
    return f"from {days}" if half is None else f"in the {HALVES[half]}s from {days}"


def span_in_words(first: date, last: date) -> str:
    """Days from one to another, as briefly as they can be: "8 to 19 September 2025"."""
    if first == last:
        return day_and_year(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_and_year(last)}"
    shown = f"{first.day} {first:%B}" if first.year == last.year else day_and_year(first)
    return f"{shown} to {day_and_year(last)}"


def _group(line: GroupLine) -> str:
    days = f"in the week from {day_and_year(line.week)}" if line.week else ""
    if line.from_on and line.until_on:
        days = f"from {span_in_words(line.from_on, line.until_on)}"
    missed = (
        f"{line.absent} sessions missed {days}, with `{line.code}`" if line.absent else f"none missed {days}"
    )
    house = f", house {line.house}" if line.house else ""
    return f"- class **{line.group}** ({_year(str(line.year_group))}{house}): {line.pupils} pupils; {missed}."


def _register(line: RegisterLine) -> str:
    own = [*line.pupils, *(f"class {group}" for group in line.groups)]
    whose = f", of {', '.join(own)}" if own else ""
    return f"- {_capital(_session(Session.read(line.session)))}{whose}: saved at {_moment(line.saved_at)}."


def _year(group: str) -> str:
    return "Reception" if group == "R" else f"Year {group}"


# --- facts -----------------------------------------------------------------------------------------------


def _fact(line: FactLine) -> str:
    when = _moment(line.at) if line.at else day_and_year(line.on) if line.on else ""
    whom = [
        *([line.pupil] if line.pupil else []),
        *([f"parent {line.parent}"] if line.parent else []),
        *([f"member of staff {line.staff}"] if line.staff else []),
        *([f"class {line.group}"] if line.group else []),
    ]
    said = (
        f"- {when}: **{line.kind}**{f' (`{line.id}`)' if line.id else ''}, {', '.join(whom) or 'the school'}"
    )
    said += f", by the {line.by}"
    if line.at and line.on and line.on != line.at.astimezone(LONDON).date():
        said += f", about {day_and_year(line.on)}"
    if line.known_at:
        said += f", known {_moment(line.known_at)}"
    if line.replaces:
        said += f", in place of `{line.replaces}`"
    if line.does:
        said += f", for what is due: {_quoted(line.does)}"
    data = "; ".join(
        f"{name.replace('_', ' ')}: {value_in_words(value)}" for name, value in line.data.items()
    )
    return f"{said}. {_ended(_capital(data))}" if data else f"{said}."


# --- what must be so -------------------------------------------------------------------------------------


def _then(expected: Expected) -> tuple[str, str, str]:
    line = expected.line
    whom = ", ".join(expected.pupils) or (f"class {line.group}" if line.group else "the school")
    if line.parent:
        whom = f"parent {line.parent} of {whom}"
    what = SENTENCES[line.verb](line)
    said = f" *{_plain(line.says)}*" if line.says else ""
    return _when(expected.when), whom, f"{what}.{said}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _quoted(text: str) -> str:
    return f'"{_plain(text)}"'


def _when(when: When) -> str:
    if when.at is not None:
        return _moment(when.at)
    if when.half is None:
        return f"end of {day_and_year(when.on)}"
    return f"{day_and_year(when.on)}, once the {HALVES[when.half]} register has closed"


def _due(line: ThenLine) -> str:
    verb = STATES_IN_WORDS.get(line.state, _capital(line.state))
    said = [f"**{verb}**: {_quoted(line.due)}"]
    said += [f"as {_a(line.form)}"] if line.form else []
    said += [f"place {line.place}"] if line.place else []
    said += [f"for the {line.who}"] if line.who else []
    said += [f"letter `{line.letter}`"] if line.letter else []
    said += [f"by {value_in_words(line.by)}"] if line.by else []
    said += [f"answers offered: {', '.join(line.offers)}"] if line.offers else []
    said += [f"suggested: {value_in_words(line.suggests)}"] if line.suggests else []
    if line.because:
        said.append(f"because {_named(line.because)}")
    return ", ".join(said)


def _named(values: Mapping[str, object]) -> str:
    return ", ".join(f"`{name}` = {value_in_words(value)}" for name, value in values.items())


def _not_due(line: ThenLine) -> str:
    form = f", as {_a(line.form)}" if line.form else ""
    letter = f", letter `{line.letter}`" if line.letter else ""
    verb = "Not due, nor to come" if line.state == "coming" else "Not due"
    return f"**{verb}**: {_quoted(line.not_due)}{form}{letter}"


def _nothing_due(line: ThenLine) -> str:
    return f"**Nothing due** as {_a(line.form)}" if line.form else "**Nothing due**"


def _may(line: ThenLine) -> str:
    verb = "May" if line.may else "May not"
    asked = ", ".join(
        f"{name} {value_in_words(value)}" for name, value in line.action.items() if name != "rule"
    )
    said = f"**{verb}**: {line.name}{f' ({asked})' if asked else ''}"
    if line.rule:
        said += f", by the rule `{line.rule}`"
    if line.overridable is not None:
        said += ", but with a reason" if line.overridable else ", and nobody can override it"
    return said


def _suggested(line: ThenLine) -> str:
    said = f"**Suggested code** `{line.mark}` for {_session(Session.read(line.session))}"
    said += f", arrived at {value_in_words(line.arrived)}" if line.arrived else ""
    said += f", reason: {line.reason}" if line.reason else ""
    said += f", by the fact `{line.fact}`" if line.fact else ""
    return said + (f", after asking {_quoted(line.asks)}" if line.asks else "")


def _figure(line: ThenLine) -> str:
    value = line.value
    is_rate = isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)
    shown = f"{value[0]} of {value[1]}" if is_rate else value_in_words(value)
    over = f" over the {line.over}" if line.over else ""
    if line.from_on:
        over = f" from {day_and_year(line.from_on)}" + (
            f" until {day_and_year(line.until_on)}" if line.until_on else ""
        )
    return f"**Figure** {line.figure}{over}: {shown}"


SENTENCES = {
    "due": _due,
    "not_due": _not_due,
    "nothing_due": _nothing_due,
    "may": _may,
    "may_not": _may,
    "mark": _suggested,
    "figure": _figure,
}


# --- values ----------------------------------------------------------------------------------------------


def value_in_words(value: object) -> str:
    """A value for people: days and times as they are written here, lists with commas, yes and no."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return day_and_year(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {value_in_words(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(value_in_words, value)) or "none"
    return _plain(str(value)) or "none"


def _moment(at: datetime) -> str:
    local = at.astimezone(LONDON) if at.tzinfo else at
    shown = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{day_and_year(local.date())}, {shown}"


def _session(session: Session) -> str:
    return f"the {HALVES[session.half]} of {day_and_year(session.on)}"


def _a(form: str) -> str:
    return f"an {form}" if form[:1] in "aeiou" else f"a {form}"


def _plain(text: str) -> str:
    """Text of a file that Markdown takes as text."""
    for mark in ("\\", "*", "_", "`", "<"):
        text = text.replace(mark, f"\\{mark}")
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(' '.join(cell.replace('|', chr(92) + '|').split()) for cell in cells)} |"
