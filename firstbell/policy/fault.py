"""What is wrong with a value that a policy states?"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Fault"]


class Fault(NamedTuple):
    """What is wrong with a parameter, and what to do; an oddity is a warning."""

    parameter: str
    what: str
    remedy: str
    source: str = ""
    is_warning: bool = False
