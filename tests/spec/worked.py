"""Marks a test as a worked example, so that the specification can be printed from the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["worked"]

_Test = TypeVar("_Test", bound=Callable[..., None])


def worked(*numbers: int, source: str) -> Callable[[_Test], _Test]:
    """Says which numbered examples a test works out, and which provision they rest on.

    The numbers are those of our list of examples, 1 to 88; each stands on one test only. A rule that the
    list has no example of carries none. The test itself is not changed.
    """

    def attach(test: _Test) -> _Test:
        vars(test).update(worked_numbers=numbers, worked_source=source)
        return test

    return attach
