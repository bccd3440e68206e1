"""What did an invented school record beside its marks? A year of facts that fit them, from the same seed.

Read off the strips and their amendments: who reported an illness and when, whom the office tried to reach,
who came late at which minute, which leave was asked for. What was done about poor attendance, and what the
school did as a school, is added. How often each happens is assumed: no table says it.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np

from firstbell.exchange.fact_lines import write_facts
from firstbell.facts import Facts, pupils_in
from firstbell.synth.facts_of_families import note_families
from firstbell.synth.facts_of_leave import note_leave
from firstbell.synth.facts_of_mornings import note_mornings
from firstbell.synth.facts_of_school import note_school
from firstbell.synth.notebook import Notebook
from firstbell.synth.schools import InventedSchool

__all__ = ["facts_text", "recorded_facts"]

STAGE = 100
"""Facts have a chance of their own: inventing them changes nothing else about a school."""


def recorded_facts(school: InventedSchool) -> Facts:
    """The facts of the school's year, in the order in which they became known."""
    seed = np.random.SeedSequence([school.seed, school.year, school.number, STAGE])
    notebook = Notebook(school, np.random.Generator(np.random.PCG64(seed)))
    note_mornings(notebook)
    note_leave(notebook)
    note_families(notebook)
    note_school(notebook)
    return notebook.facts()


def facts_text(school: InventedSchool) -> str:
    """The same as lines of JSON: pupils by their numbers, as a school's system would have them."""
    upn_of = {pupil.id: pupil.upn for pupil in school.pupils}
    numbers = {one.id: upn_of[one.pupil] for one in school.enrolments}
    named = []
    for fact in recorded_facts(school):
        parts = {
            name: tuple(numbers[one] for one in getattr(fact.data, name))
            for name in pupils_in(type(fact.data))
        }
        if any(parts.values()):
            fact = replace(fact, data=msgspec.structs.replace(fact.data, **parts))
        named.append(fact)
    return write_facts(Facts(tuple(named)), school.pupils, school.enrolments)
