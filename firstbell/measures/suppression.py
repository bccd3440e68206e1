"""Which numbers must not leave the school, because they would show who somebody is?"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

__all__ = ["hidden_groups"]

_G = TypeVar("_G", bound=Hashable)


def hidden_groups(enrolments: Mapping[_G, int], fewest: int) -> frozenset[_G]:
    """The groups of a table whose figures are to be hidden, where the table's total is shown.

    Groups of fewer than `fewest` enrolments (and not empty ones) are hidden. If only one is, the smallest
    of the others goes with it: otherwise the hidden one could be worked out from the total.

    Source: methodology of the Department's absence statistics (schools with fewer than six enrolments).
    """
    small = {group for group, number in enrolments.items() if 0 < number < fewest}
    if len(small) == 1:
        others = {g: n for g, n in enrolments.items() if n > 0 and g not in small}
        if others:
            small.add(min(others, key=lambda group: others[group]))
    return frozenset(small)
