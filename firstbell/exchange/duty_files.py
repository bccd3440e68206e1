"""Which duties were handed out, and what does somebody hand back?

`duties.json` has every duty with its key and places for what became of it: empty, or filled where that is
known already, so that each day's file carries on what the day before's said. Handed back, each filled place
becomes a fact that names the key. `duties.csv` is the same for a spreadsheet, to read and to sort.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from firstbell.duties import Duty, State
from firstbell.exchange.limits import check_size
from firstbell.exchange.writing_tables import as_csv
from firstbell.facts import About, By, Fact
from firstbell.facts.cases import DutyDeferred, DutyDone, DutyWithheld
from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions import LONDON

__all__ = ["HandedBack", "duties_csv", "duties_json", "read_duties"]

PLACES = ("done", "withheld", "deferred_until", "why", "by", "on_day")
"""What a person fills in: one of the first three; the reason, in which role, and on which day."""
COLUMNS = (
    "due", "time", "asks", "form", "who", "pupil", "number", "group", "state", "suggests", "letter", "key",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class HandedBack:
    """What a file of duties says was done: a fact for each place that was filled in, and what is wrong."""

    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]
    rows: int


def duties_json(
    duties: Sequence[Duty],
    on: date,
    *,
    names: Mapping[str, tuple[str, str]],
    facts: Mapping[str, Fact],
    policy: str,
) -> str:
    """The duties as JSON, one in each line of the list, with places to fill in.

    `names` has the name and the school's number of the pupils, by enrolment; `facts` are those by which the
    duties were done or withheld, by id.
    """
    rows = [
        json.dumps(_row(duty, names) | _became(duty, facts), ensure_ascii=False, separators=(", ", ": "))
        for duty in duties
    ]
    head = json.dumps({"firstbell": "duties", "version": 1, "on": on.isoformat(), "policy": policy})
    return head[:-1] + ', "duties": [\n' + ",\n".join(rows) + "\n]}\n"


def _row(duty: Duty, names: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
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
        "suggests": duty.occurrence.suggests,
        "letter": duty.rule.letter,
    }
    row |= dict.fromkeys(PLACES, "")
    return {name: value for name, value in row.items() if value != "" or name in PLACES}


def _became(duty: Duty, facts: Mapping[str, Fact]) -> dict[str, str]:
    """What is known to have become of a duty, as a person would fill it in."""
    on = duty.settled_on.isoformat() if duty.settled_on else ""
    why = next((str(getattr(facts[key].data, "why", "")) for key in duty.facts if key in facts), "")
    if duty.state in (State.DONE, State.BASIS_CHANGED):
        return {"done": on, "on_day": on}
    if duty.state is State.WITHHELD:
        return {"withheld": on, "on_day": on, "why": why}
    if duty.state is State.DEFERRED and duty.deferred_until_on:
        return {"deferred_until": duty.deferred_until_on.isoformat(), "why": why}
    return {}


def duties_csv(duties: Sequence[Duty], names: Mapping[str, tuple[str, str]]) -> bytes:
    """The duties as a table for a spreadsheet."""
    rows: list[list[object]] = [list(COLUMNS)]
    for duty in duties:
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
                duty.about.group,
                duty.state.value,
                duty.occurrence.suggests,
                duty.rule.letter,
                duty.key,
            ]
        )
    return as_csv([[str(cell) for cell in row] for row in rows])


# --- handed back -----------------------------------------------------------------------------------------


def read_duties(path: Path) -> HandedBack:
    """What a `duties.json` that was filled in says. Raises `Unusable` for a file that is no such file.

    `done`, `withheld`: true, a day, or words (what was done, or why not); `deferred_until` a day. Of two
    places filled in for one duty neither is used. What cannot be read is a problem and nothing is made of it.
    """
    content = _content(path)
    facts: list[Fact] = []
    problems: list[Problem] = []
    default_on = _day(content.get("on"))
    rows = content["duties"]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or not any(row.get(name) for name in PLACES[:3]):
            continue
        try:
            facts.append(_fact(row, number, default_on))
        except _Wrong as wrong:
            place = Place(path.name, part=f"duty {number}")
            problems.append(Problem("duty-handed-back", place, wrong.what, wrong.remedy))
    return HandedBack(tuple(facts), tuple(problems), len(rows))


class _Wrong(Exception):
    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy


def _content(path: Path) -> dict[str, Any]:
    check_size(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("duties"), list):
        what = "This is no file of duties that firstbell review wrote."
        raise Unusable([Problem("duties-file", Place(path.name), what, "Hand back a duties.json.")])
    return content


def _fact(row: Mapping[str, Any], number: int, default_on: date | None) -> Fact:
    key = str(row.get("key", ""))
    filled = [name for name in PLACES[:3] if row.get(name)]
    if not key:
        raise _Wrong("It has no key.", "Hand the file back as it was written, with the places filled in.")
    if len(filled) > 1:
        raise _Wrong(f"Both {filled[0]} and {filled[1]} are filled in.", "Fill in one of them.")
    on = _day(row.get("on_day")) or _day(row.get("done")) or _day(row.get("withheld")) or default_on
    if on is None:
        raise _Wrong("Nobody can tell on which day.", 'Write the day into "on_day", as 2025-09-16.')
    words = str(row.get("why") or "") or next(
        (str(row[name]) for name in filled if isinstance(row[name], str) and _day(row[name]) is None), ""
    )
    about = About(
        enrolment=str(row.get("enrolment", "")),
        parent=str(row.get("parent", "")),
        group=str(row.get("group", "")) if not row.get("enrolment") else "",
    )
    # After the last register and before the next day: what was done on a day was done after it was asked.
    at = datetime.combine(on, time(17, 0), LONDON)
    data: DutyDone | DutyWithheld | DutyDeferred
    if filled[0] == "done":
        data = DutyDone(duty=key, words=words)
    elif filled[0] == "withheld":
        if not words:
            raise _Wrong("It was withheld without a reason.", 'Write the reason into "why".')
        data = DutyWithheld(duty=key, why=words)
    else:
        until_on = _day(row.get("deferred_until"))
        if until_on is None or not words:
            raise _Wrong("It was put off without a day or a reason.", 'Fill in "deferred_until" and "why".')
        data = DutyDeferred(duty=key, until_on=until_on, why=words)
    by = By(str(row.get("by") or row.get("who") or "attendance officer"))
    return Fact(f"handed-back-{on}-{number}-{key}", about, on, at, at, by, data)


def _day(value: object) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
