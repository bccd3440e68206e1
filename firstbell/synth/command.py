"""What `firstbell synth` does: invents a school or a trust, writes its files, and says how near it comes.

One folder a school, with the files that its system would export: pupils, contacts, marks with every
correction, the calendar, what was recorded beside the marks, and what it states for a policy. Damage, if
asked for, is done to those files by others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from firstbell.exchange.folders import check_folder, write_folder
from firstbell.exchange.writing import Extract, long_marks, pupils_file
from firstbell.exchange.writing_contacts import contacts_file
from firstbell.exchange.writing_tables import as_csv
from firstbell.statute import england
from firstbell.synth.comparing import codes_text, comparison_text, seeds_text
from firstbell.synth.recorded_facts import facts_text
from firstbell.synth.schools import FIRST_YEAR, InventedSchool, invent, invent_trust
from firstbell.synth.settings import settings_text
from firstbell.synth.terms import calendar_text

__all__ = ["USUAL_PUPILS", "run_seeds", "run_synth", "school_files"]

USUAL_PUPILS = {"primary": 420, "secondary": 1_000, "special": 120, "trust": 3_000}


def run_synth(
    kind: str,
    out: Path | None,
    *,
    pupils: int | None = None,
    seed: int = 1,
    year: int = FIRST_YEAR,
    replace: bool = False,
    say: Callable[[str], None],
) -> tuple[InventedSchool, ...]:
    """Invents a school (or a trust) and writes its files to a folder; without one only says its figures.

    `kind` is primary, secondary, special or trust. `say` takes each line for the user. Raises `Unusable` for
    what cannot be invented or written; then nothing was written.
    """
    if out is not None:
        check_folder(out, replace=replace)
    size = pupils if pupils is not None else USUAL_PUPILS.get(kind, 0)
    schools = invent_trust(size, seed, year) if kind == "trust" else (invent(kind, size, seed, year),)
    for school in schools:
        say(comparison_text(school))
        if len(schools) == 1:
            say(f"\n{codes_text(school)}")
        say("")
    if out is not None:
        write_folder(out, _files(schools), replace=replace)
        say(f"Written: {out}. Nobody in it is anybody.")
    return schools


def run_seeds(say: Callable[[str], None], *, seeds: int = 20, year: int = FIRST_YEAR) -> None:
    """Says the figures of many seeds of a usual secondary and primary school beside the Department's."""
    for kind in ("secondary", "primary"):
        for line in seeds_text(kind, USUAL_PUPILS[kind], range(1, seeds + 1), year):
            say(line)
        say("")


def _files(schools: tuple[InventedSchool, ...]) -> Mapping[str, bytes]:
    if len(schools) == 1:
        return school_files(schools[0])
    return {
        f"{school.name.lower().replace(' ', '-')}/{name}": content
        for school in schools
        for name, content in school_files(school).items()
    }


def school_files(school: InventedSchool) -> dict[str, bytes]:
    """The files of a school: pupils, contacts, marks with their history, the calendar, facts and settings.

    `facts.jsonl` is what the school recorded beside the marks, `school.toml` what it states for a policy.
    """
    extract = Extract(school.pupils, school.enrolments, school.register, school.calendar, england())
    return {
        "pupils.csv": as_csv(pupils_file(extract)),
        "contacts.csv": as_csv(contacts_file(extract, school.contacts)),
        "marks.csv": as_csv(long_marks(extract, history=True)),
        "calendar.toml": calendar_text(school.calendar).encode(),
        "facts.jsonl": facts_text(school).encode(),
        "school.toml": settings_text(school).encode(),
    }
