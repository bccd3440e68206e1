"""Invented schools, written as a school's system would export them.

So far one small school, by hand, in `example-school.toml`: every pupil in it is there to show something, and
the figures of the demonstration are read from its files as from anybody's.
"""

from firstbell.synth.example_school import ExampleFiles, example_school_files, write_example_school

__all__ = ["ExampleFiles", "example_school_files", "write_example_school"]
