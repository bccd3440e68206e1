"""Why could no scenario notice some changes? Read from a file that people write.

A change may mean nothing: no figure rests on no session at all, so that "from the first session on" is what
"from none on" is. Whoever finds one says so, with the reason; a reason that nothing needs any more is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstbell.policy.lines import NotToml, read_toml
from firstbell.problems import Place, Problem, Unusable
from firstbell.scenarios.mutants import Mutant
from firstbell.scenarios.tables import nearest

__all__ = ["ANY", "Explanation", "explaining", "not_needed", "read_explanations"]

ANY = "*"
NEEDED = ("rule", "parameter", "because")
KEYS = (*NEEDED, "policy", "was", "now")


@dataclass(frozen=True)
class Explanation:
    """Why a change is no change: of which rule ("*" for any) and parameter, from what to what, and because.

    `policy`, `was` and `now` left out stand for any.
    """

    rule: str
    parameter: str
    because: str
    place: Place
    policy: str = ""
    was: str = ""
    now: str = ""

    def explains(self, mutant: Mutant) -> bool:
        """Whether it is about a change."""
        return (
            self.rule in (ANY, mutant.rule)
            and self.parameter == mutant.parameter
            and self.policy in ("", mutant.policy)
            and self.was in ("", mutant.was)
            and self.now in ("", mutant.now)
        )


def explaining(explanations: Iterable[Explanation], mutant: Mutant) -> Explanation | None:
    """The first explanation of a change; None if there is none."""
    return next((one for one in explanations if one.explains(mutant)), None)


def not_needed(explanations: Sequence[Explanation], survivors: Iterable[Mutant]) -> list[Explanation]:
    """The explanations of changes that are noticed, or not made, by now."""
    left = list(survivors)
    return [one for one in explanations if not any(one.explains(mutant) for mutant in left)]


def read_explanations(path: Path) -> tuple[Explanation, ...]:
    """The explanations of a file, `[[survivor]]` for each. Raises `Unusable` with all that is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        content, lines = read_toml(text)
    except (OSError, UnicodeDecodeError):
        remedy = "Name a file that can be read, saved as UTF-8."
        raise Unusable([Problem("survivor-file", Place(path.name), "It cannot be read.", remedy)]) from None
    except NotToml as error:
        place = Place(path.name, error.row)
        raise Unusable([Problem("survivor-toml", place, error.what, "Correct that place.")]) from None
    rows = content.get("survivor", [])
    if {*content} - {"survivor"} or not _is_tables(rows):
        what, remedy = "It has something else than survivors.", "Write [[survivor]] above each."
        raise Unusable([Problem("survivor-shape", Place(path.name), what, remedy)])
    problems: list[Problem] = []
    found = []
    for number, row in enumerate(rows):
        place = Place(path.name, lines.of("survivor", number), part=f"survivor {number + 1}")
        faults = [Problem("survivor-key", place, *fault) for fault in _faults(row)]
        problems += faults
        if not faults:
            found.append(Explanation(place=place, **row))
    if problems:
        raise Unusable(problems)
    return tuple(found)


def _is_tables(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def _faults(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What is wrong with one, and what to do."""
    for key in NEEDED:
        if not row.get(key):
            yield f'"{key}" is missing.', "Add it."
    for key, value in row.items():
        if key not in KEYS:
            yield f'there is no key "{key}".', nearest(key, KEYS) or f"It may have: {', '.join(KEYS)}."
        elif not isinstance(value, str):
            yield f'"{key}" is not a text in quotes.', "Put quotes around it."
