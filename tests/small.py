"""Small policies for tests: a few rules, and a scenario that says what comes of them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from firstbell.duties import Duty
from firstbell.policy import Rulebook, read_policy, shipped
from firstbell.scenarios import read_scenario
from firstbell.scenarios.reasons import is_listed
from firstbell.scenarios.running import Running, run
from firstbell.statute import england

CALENDARS = Path(__file__).parent / "scenarios" / "calendars"
FROM = "2024-08-19"
HEAD = """
title = "A small policy"
[roles]
office = "the school office"
head = "the headteacher"
[letters]
first = "A letter"
second = "Another letter"
"""
LETTER = '#import "/layout/letter.typ": *\n#show: posted.with(title: "A letter")\n#letter.pupil_name\n'


def rule(
    key: str, kind: str, params: str = "", more: str = "", *, asks: str = "", mode: str = "automatic"
) -> str:
    """One rule of a small policy, which asks for what it is called."""
    return (
        f'[[rule]]\nid = "{key}"\nkind = "{kind}"\nimplements = ["1"]\nwho = "office"\n'
        f'mode = "{mode}"\nasks = "{asks or key}"\nparams = {{ {params} }}\n{more}\n'
    )


@cache
def _root() -> Path:
    """A folder of the test process, gone with it."""
    return Path(_FOLDER.name)


_FOLDER = tempfile.TemporaryDirectory(prefix="firstbell-small-")


@cache
def policy(*rules: str, from_on: str = FROM) -> Path:
    """The folder of a policy that has only these rules, in force from a day on."""
    number = len([*_root().iterdir()])
    root = _root() / f"small-{number}"
    version = root / from_on
    (version / "letters").mkdir(parents=True)
    (version / "policy.toml").write_text(HEAD + "\n".join(rules), encoding="utf-8")
    (version / "clauses.toml").write_text('[clauses]\n"1" = "A clause"\n', encoding="utf-8")
    for name in ("first", "second"):
        (version / "letters" / f"{name}.typ").write_text(LETTER, encoding="utf-8")
    return root


@cache
def rulebook(*rules: str, from_on: str = FROM) -> Rulebook:
    """Law, and a policy that has only these rules."""
    folder = policy(*rules, from_on=from_on)
    law = shipped("law", england())
    return Rulebook(england(), law, read_policy(folder.parent, folder.name, england(), law))


def written(rules: tuple[str, ...], text: str, *, calendar: str = "", from_on: str = FROM) -> Path:
    """The file of a scenario for a policy that has only these rules; `calendar` replaces that of 190 days."""
    folder = policy(*rules, from_on=from_on)
    calendars = folder.parent / "calendars"
    calendars.mkdir(exist_ok=True)
    (calendars / "cal-190.toml").write_text((CALENDARS / "cal-190.toml").read_text(), encoding="utf-8")
    name = "cal-190"
    if calendar:
        name = f"cal-{abs(hash(calendar))}"
        (calendars / f"{name}.toml").write_text(calendar, encoding="utf-8")
    path = folder.parent / f"{folder.name}-{abs(hash(text))}.toml"
    head = f'id = "{path.stem}"\ntitle = "A case"\npolicy = "{folder.name}"\ncalendar = "{name}"\n'
    path.write_text(head + text, encoding="utf-8")
    return path


def check(rules: tuple[str, ...], text: str, *, calendar: str = "", from_on: str = FROM) -> None:
    """Fails with every line of a scenario that is not so, and for a reason that says what is not listed."""
    ran = run(read_scenario(written(rules, text, calendar=calendar, from_on=from_on)))
    wrong = [
        f"row {one.expected.row}, {one.about}, {one.expected.when}: wanted {one.wanted}; found {one.found}"
        for one in ran.outcomes
        if not one.holds
    ]
    assert not wrong, "\n".join(wrong)
    assert not [pair for pair in ran.reasons if not is_listed(*pair)]


def running(rules: tuple[str, ...], text: str, *, calendar: str = "", from_on: str = FROM) -> Running:
    """A scenario laid out, to be looked at by other means than its lines."""
    scenario = read_scenario(written(rules, text, calendar=calendar, from_on=from_on))
    return Running(scenario, rulebook(*rules, from_on=from_on))


def reasons(duty: Duty) -> Mapping[str, object]:
    """The names of a duty's reason with what they say."""
    return duty.occurrence.because.named


# --- the lines of a scenario -----------------------------------------------------------------------------


def pupil(ref: str, *marks: str, more: str = "", year_group: str = "5") -> str:
    """A pupil with marks by exceptions."""
    shown = ", ".join(f'"{one}"' for one in marks)
    return f'[[pupils]]\nref = "{ref}"\nyear_group = "{year_group}"\nmarks = [{shown}]\n{more}\n'


def fact(kind: str, at: str, data: str = "", *, about: str = "p", more: str = "") -> str:
    """Something that happened, at a time as "2025-11-10T09:00"."""
    return (
        f'[[facts]]\nkind = "{kind}"\nat = {at}:00\n'
        + (f'pupil = "{about}"\n' if about else "")
        + f"data = {{ {data} }}\n{more}\n"
    )


def then(on: str, *says: str, about: str = "p") -> str:
    """What is so on a day about a pupil; about the school with an empty `about`."""
    whom = f'pupil = "{about}"\n' if about else ""
    return f"[[then]]\non = {on}\n{whom}" + "\n".join(says) + "\n"


def case(on: str, *parts: str) -> str:
    """A scenario that ends with a day."""
    return f"on = {on}\n" + "\n".join(parts)
