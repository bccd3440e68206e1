"""Which duties were handed out, and what does somebody hand back?

`duties.json` has every duty with its key and places for what became of it: empty, or filled where that is
known already, so that each day's file carries on what the day before's said. Handed back, each filled place
becomes a fact that names the key. `duties.csv` is the same for a spreadsheet, to read and to sort.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from firstbell.duties import Duty, State
from firstbell.exchange.limits import check_size
from firstbell.exchange.writing_tables import as_csv
from firstbell.facts import About, By, Fact
from firstbell.facts.cases import DutyDeferred, DutyDone, DutyWithheld
from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions import LONDON, day_and_year

__all__ = ["HandedBack", "duties_csv", "duties_json", "read_duties"]

PLACES = ("done", "withheld", "deferred_until", "why", "by", "on_day")
"""What a person fills in: one of the first three; the reason, in which role, and on which day."""
COLUMNS = (
    "due", "time", "asks", "form", "who", "pupil", "number", "class", "state", "why", "clauses", "suggests",
    "letter", "letter_file", "key",
)  # fmt: skip
YES = frozenset({"yes", "y", "x", "true", "1", "ok", "done", "withheld", "✓", "✔"})
NO = frozenset({"", "no", "n", "false", "0", "-", "not yet", "not done", "open", "todo", "to do", "none"})
"""What people write for yes and no; anything else that is no day are words, and say what was done."""
AS_A_DAY = "as 2025-03-14 or 14/03/2025"
DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
LIKE_A_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
KEY = re.compile(r'"key"\s*:\s*("(?:[^"\\]|\\.)*")')
MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class HandedBack:
    """What a file of duties says was done: a fact for each place that was filled in, and what is wrong.

    `places` has where each fact stands in the file, by its id.
    """

    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]
    rows: int
    file: str = "duties.json"
    places: Mapping[str, Place] = field(default_factory=dict, repr=False)
    school: str = ""
    policy: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The school's number of the pupil of each enrolment that the file names."""

    def after(self, at: datetime) -> list[Problem]:
        """A warning, if anything was filled in for a time later than a moment: it does not count yet."""
        late = [fact for fact in self.facts if fact.known_at > at]
        if not late:
            return []
        named = [f"{self.places[fact.id].part} ({day_and_year(fact.on)})" for fact in late[:MOST_NAMED]]
        more = f" and {len(late) - MOST_NAMED} more" if len(late) > MOST_NAMED else ""
        local = at.astimezone(LONDON)
        moment = f"{day_and_year(local.date())}, {local:%H:%M}"
        what = f"Filled in for a time after that of this review ({moment}), and not counted yet: "
        what += f"{'; '.join(named)}{more}."
        remedy = "Correct the day if it is wrong: what was done on a day counts from 17:00."
        place = Place(self.file, self.places[late[0].id].row)
        return [Problem("duty-later", place, what, remedy, severity="warning")]


def duties_json(
    duties: Sequence[Duty],
    at: datetime,
    *,
    names: Mapping[str, tuple[str, str]],
    facts: Mapping[str, Fact],
    policy: str,
    school: str,
    letters: Mapping[str, str],
) -> str:
    """The duties as JSON, one in each line of the list, with places to fill in.

    `names` has the name and the school's number of the pupils, by enrolment; `facts` are those by which the
    duties were done or withheld, by id; `letters` the files of the letters, by the key of the duty.
    """
    rows = [
        json.dumps(
            _row(duty, names, letters.get(duty.key, "")) | _became(duty, facts),
            ensure_ascii=False,
            separators=(", ", ": "),
        )
        for duty in duties
    ]
    local = at.astimezone(LONDON)
    said = {"on": local.date().isoformat(), "at": f"{local:%Y-%m-%dT%H:%M:%S}", "policy": policy}
    head = json.dumps({"firstbell": "duties", "version": 1, **said, "school": school}, ensure_ascii=False)
    return head[:-1] + ', "duties": [\n' + ",\n".join(rows) + "\n]}\n"


def _row(duty: Duty, names: Mapping[str, tuple[str, str]], letter_file: str) -> dict[str, Any]:
    name, number = names.get(duty.about.enrolment, ("", ""))
    row: dict[str, Any] = {
        "key": duty.key,
        "asks": duty.asks,
        "form": duty.form.value,
        "who": duty.who,
        "pupil": name,
        "number": number,
        "enrolment": duty.about.enrolment,
        "parent": duty.about.parent,
        "group": duty.about.group,
        "due": duty.due_on.isoformat(),
        "state": duty.state.value,
        "suggests": duty.suggests,
        "letter": duty.rule.letter,
        "letter_file": letter_file,
    }
    row |= dict.fromkeys(PLACES, "")
    return {name: value for name, value in row.items() if value != "" or name in PLACES}


def _became(duty: Duty, facts: Mapping[str, Fact]) -> dict[str, str]:
    """What is known to have become of a duty, as a person would fill it in."""
    on = duty.settled_on.isoformat() if duty.settled_on else ""
    known = [facts[key] for key in duty.facts if key in facts]
    own = [one for one in known if getattr(one.data, "duty", "")]
    said = {"why": _why(own[0]), "by": own[0].by.role} if own else {}
    if duty.state in (State.DONE, State.BASIS_CHANGED):
        return {"done": on, "on_day": on} | said
    if duty.state is State.WITHHELD:
        return {"withheld": on, "on_day": on} | said
    if duty.state is State.DEFERRED and duty.deferred_until_on:
        return {"deferred_until": duty.deferred_until_on.isoformat()} | said
    return {}


def _why(fact: Fact) -> str:
    """What somebody wrote of what they did, or why they did not."""
    return str(getattr(fact.data, "why", "") or getattr(fact.data, "words", ""))


def duties_csv(
    duties: Sequence[Duty],
    names: Mapping[str, tuple[str, str]],
    *,
    classes: Mapping[str, str],
    why: Mapping[str, str],
    letters: Mapping[str, str],
) -> bytes:
    """The duties as a table for a spreadsheet: first those that somebody owes, by the day they are due.

    `classes` has the class of the pupils, by enrolment; `why` the reason in words and `letters` the file
    of the letter, by the key of the duty.
    """
    rows: list[list[object]] = [list(COLUMNS)]
    for duty in sorted(duties, key=lambda duty: (not duty.is_open, duty.due_on)):
        name, number = names.get(duty.about.enrolment, ("", ""))
        at = duty.occurrence.due_at
        rows.append(
            [
                duty.due_on.isoformat(),
                f"{at.astimezone(LONDON):%H:%M}" if at else "",
                duty.asks,
                duty.form.value,
                duty.who,
                name,
                number,
                duty.about.group or classes.get(duty.about.enrolment, ""),
                duty.state.value,
                _first_sentence(why.get(duty.key, "")),
                ", ".join(duty.rule.implements),
                duty.suggests,
                duty.rule.letter,
                letters.get(duty.key, ""),
                duty.key,
            ]
        )
    return as_csv([[str(cell) for cell in row] for row in rows])


def _first_sentence(text: str) -> str:
    first, point, _ = text.partition(". ")
    return f"{first}." if point else first


# --- handed back -----------------------------------------------------------------------------------------


def read_duties(path: Path) -> HandedBack:
    """What a `duties.json` that was filled in says. Raises `Unusable` for a file that is no such file.

    `done`, `withheld`: yes, a day, or words (what was done, or why not); `deferred_until` a day. "no" is as
    good as empty. Of two places filled in for one duty neither is used. What cannot be read is a problem and
    nothing is made of it.
    """
    text, content = _content(path)
    facts: list[Fact] = []
    problems: list[Problem] = []
    places: dict[str, Place] = {}
    default_on, default_at = _day(content.get("on")), _moment(content.get("at"))
    lines = _lines(text)
    for number, row in enumerate(content["duties"], start=1):
        if not isinstance(row, dict) or not _filled(row):
            continue
        asks = f', "{row["asks"]}"' if row.get("asks") else ""
        place = Place(path.name, lines.get(str(row.get("key", ""))), part=f"duty {number}{asks}")
        try:
            fact = _fact(row, number, default_on, default_at)
        except _Wrong as wrong:
            problems.append(Problem("duty-handed-back", place, wrong.what, wrong.remedy))
            continue
        facts.append(fact)
        places[fact.id] = place
    return HandedBack(
        tuple(facts),
        tuple(problems),
        len(content["duties"]),
        path.name,
        places,
        str(content.get("school", "")),
        str(content.get("policy", "")),
        {str(row.get("enrolment")): str(row.get("number")) for row in content["duties"] if _names_pupil(row)},
    )


def _names_pupil(row: object) -> bool:
    return isinstance(row, dict) and bool(row.get("enrolment")) and bool(row.get("number"))


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=LONDON) if value else None
    except ValueError:
        return None


class _Wrong(Exception):
    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy


def _content(path: Path) -> tuple[str, dict[str, Any]]:
    check_size(path)
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text)
    except (OSError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("duties"), list):
        what = "This is no file of duties that firstbell review wrote."
        raise Unusable([Problem("duties-file", Place(path.name), what, "Hand back a duties.json.")])
    return text, content


def _lines(text: str) -> dict[str, int]:
    """In which line of the file each key stands, where a line has one duty as `duties_json` writes it."""
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        keys = KEY.findall(line)
        if len(keys) == 1:
            found[str(json.loads(keys[0]))] = number
    return found


def _filled(row: Mapping[str, Any]) -> list[str]:
    """Which of the places that say what became of it are filled in."""
    return [name for name in PLACES[:3] if row.get(name) and _word(row[name]) not in NO]


def _fact(row: Mapping[str, Any], number: int, default_on: date | None, default_at: datetime | None) -> Fact:
    key = str(row.get("key", ""))
    filled = _filled(row)
    if not key:
        raise _Wrong("It has no key.", "Hand the file back as it was written, with the places filled in.")
    if len(filled) > 1:
        raise _Wrong(f"Both {filled[0]} and {filled[1]} are filled in.", "Fill in one of them.")
    (place,) = filled
    for name in (place, "on_day"):
        _check(name, row.get(name))
    on = _day(row.get("on_day")) or (_day(row[place]) if place != "deferred_until" else None) or default_on
    if on is None:
        raise _Wrong("Nobody can tell on which day.", f'Write the day into "on_day", {AS_A_DAY}.')
    # What was done on a day was done after it was asked, and before the next review of the same day.
    at = datetime.combine(on, time(17, 0), LONDON)
    if default_at is not None and default_at.date() == on:
        at = default_at
    about = About(
        enrolment=str(row.get("enrolment", "")),
        parent=str(row.get("parent", "")),
        group=str(row.get("group", "")) if not row.get("enrolment") else "",
    )
    by = By(str(row.get("by") or row.get("who") or "attendance officer"))
    return Fact(f"handed-back-{on}-{number}-{key}", about, on, at, at, by, _data(row, place, key))


def _data(row: Mapping[str, Any], place: str, key: str) -> DutyDone | DutyWithheld | DutyDeferred:
    words = _reason(row.get("why")) or _reason(row[place])
    if place == "done":
        return DutyDone(duty=key, words=words)
    if place == "withheld":
        if not words:
            raise _Wrong("It was withheld without a reason.", 'Write the reason into "why".')
        return DutyWithheld(duty=key, why=words)
    until_on = _day(row[place])
    if until_on is None or not words:
        remedy = f'Fill in "deferred_until", {AS_A_DAY}, and "why" in words.'
        raise _Wrong("It was put off without a day or a reason.", remedy)
    return DutyDeferred(duty=key, until_on=until_on, why=words)


def _check(name: str, value: object) -> None:
    """Raises `_Wrong` for what looks like a day and is none, and for what is no text."""
    if not value or isinstance(value, int | float):
        return
    shown = f'"{name}" is "{value}"' if isinstance(value, str) else f'"{name}" is a list or a table'
    if not isinstance(value, str):
        raise _Wrong(f"{shown}.", "Write yes, a day or words in quotes.")
    if _day(value) is None and (LIKE_A_DAY.fullmatch(value.strip()) or name == "on_day"):
        raise _Wrong(f"{shown}, which is no day.", f"Write it {AS_A_DAY}.")


def _reason(value: object) -> str:
    """Words that say something: neither yes, nor a day."""
    if not isinstance(value, str) or _word(value) in {*YES, *NO} or LIKE_A_DAY.fullmatch(value.strip()):
        return ""
    return value.strip()


def _word(value: object) -> str:
    return str(value).strip().rstrip(".!").casefold()


def _day(value: object) -> date | None:
    """A day as 2025-03-14 or as 14/03/2025; None for anything else."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if found := DAY_FIRST.fullmatch(text):
        text = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
