"""Invented schools, written as a school's system would export them.

`invent` and `invent_trust` make schools of any size from a seed, fitted to the Department's national
figures; `comparing` lays theirs beside England's; `command` is `firstbell synth`. The small school of the
demonstration is written by hand in `example-school.toml`: every pupil in it is there to show something.
"""

from firstbell.synth.command import run_seeds, run_synth, school_files
from firstbell.synth.comparing import comparison_text, own_figures
from firstbell.synth.example_school import ExampleFiles, example_school_files, write_example_school
from firstbell.synth.people import Parent
from firstbell.synth.schools import InventedSchool, invent, invent_trust

__all__ = [
    "ExampleFiles",
    "InventedSchool",
    "Parent",
    "comparison_text",
    "example_school_files",
    "invent",
    "invent_trust",
    "own_figures",
    "run_seeds",
    "run_synth",
    "school_files",
    "write_example_school",
]
