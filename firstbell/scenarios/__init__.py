"""Worked cases that a school writes: this happened, this is due. What do they say, and are they written well?

`read_scenario` reads a file of our TOML form with its calendar; `lay` makes of it what everything else works
with: enrolments, a register, facts. `format` has every key of the form with its meaning; the JSON schema and
the page of the reference are made from it.
"""

from firstbell.scenarios.format import FORMS, STATES, ThenLine
from firstbell.scenarios.laying import ClosesAt, Laid, lay
from firstbell.scenarios.reading import read_scenario, read_scenarios, scenario_files
from firstbell.scenarios.scenario import Amending, Expected, Pupil, Scenario, When
from firstbell.scenarios.schema import scenario_schema

__all__ = [
    "FORMS",
    "STATES",
    "Amending",
    "ClosesAt",
    "Expected",
    "Laid",
    "Pupil",
    "Scenario",
    "ThenLine",
    "When",
    "lay",
    "read_scenario",
    "read_scenarios",
    "scenario_files",
    "scenario_schema",
]
