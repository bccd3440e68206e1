"""Firstbell: pupil attendance for schools in England. Facts in, duties out."""

import gc

__all__ = ["__version__", "collect_rarely"]
__version__ = "0.1.0"


def collect_rarely() -> None:
    """Lets a process that does one thing and ends look for unused objects less often.

    What a review makes is held until its end and has no cycles: looking through it again and again takes a
    quarter of the time, and finds nothing.
    """
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
