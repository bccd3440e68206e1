"""What does a school state that its policy leaves open? Reads `school.toml`.

It names the policy, the school, who holds which role, and a value for each parameter that the policy writes
as "school". Whether the values fit the policy is known when the two meet, in a `Rulebook`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from firstbell.policy.lines import Lines, NotToml, read_toml
from firstbell.problems import Place, Problem, Unusable

__all__ = ["ABOUT_SCHOOL", "EXAMPLE", "SchoolSettings", "example_beside", "example_school", "read_school"]

EXAMPLE = "example-school.toml"
"""The settings of an invented school, beside the versions of a policy."""
KEYS = ("policy", "name", "school", "roles", "rules")
ABOUT_SCHOOL = ("address", "phone", "email", "logo")
"""What `[school]` may have, for letters."""


@dataclass(frozen=True, eq=False)
class SchoolSettings:
    """A school's own settings: `rules` has values as they are written, by rule and parameter.

    `roles` says who holds a role, where the school says so; `school` its address and the like, for letters.
    """

    policy: str
    name: str
    roles: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    school: Mapping[str, str] = field(default_factory=dict, repr=False)
    file: str = "school.toml"
    lines: Lines | None = field(default=None, repr=False)

    def at(self, *path: str) -> Place:
        """Where something stands in the file, or where it is missing."""
        shown = ".".join(path)
        return Place(self.file, self.lines.of(*path) if self.lines else None, part=shown or None)


def read_school(source: Path | str, file: str = "") -> SchoolSettings:
    """The settings of a file, given by its path, or as text with the name `file`.

    Raises `Unusable` with every problem of the file. That a setting is missing is not known here.
    """
    if isinstance(source, Path):
        try:
            text, file = source.read_text(encoding="utf-8-sig"), file or source.name
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            what, remedy = f"the file cannot be read: {why}.", "Name a file that can be, saved as UTF-8."
            raise Unusable([Problem("setting-file", Place(file or source.name), what, remedy)]) from None
    else:
        text, file = source, file or "school.toml"
    try:
        content, lines = read_toml(text)
    except NotToml as error:
        place = Place(file, error.row)
        raise Unusable([Problem("setting-toml", place, error.what, "Correct that place.")]) from None
    return _Reader(file, lines).settings(content)


def example_school(policy_id: str) -> SchoolSettings:
    """The settings of an invented school that come with one of Firstbell's own policies.

    Raises `Unusable` if there are none.
    """
    file = resources.files("firstbell") / "policies" / policy_id / EXAMPLE
    shown = f"{policy_id}/{EXAMPLE}"
    if not file.is_file():
        what, remedy = "the file is missing.", "Name a policy that comes with Firstbell."
        raise Unusable([Problem("setting-file", Place(shown), what, remedy)])
    return read_school(file.read_text(encoding="utf-8"), shown)


def example_beside(folder: Path) -> SchoolSettings | None:
    """The settings of the invented school in a policy's folder; None if there are none.

    They are that policy's whatever policy they name: the folder may be a copy under another name.
    """
    file = folder / EXAMPLE
    return replace(read_school(file), policy=folder.resolve().name) if file.is_file() else None


class _Reader:
    """One reading of one file."""

    def __init__(self, file: str, lines: Lines) -> None:
        self.file, self.lines = file, lines
        self.problems: list[Problem] = []

    def problem(self, rule: str, path: tuple[str, ...], what: str, remedy: str) -> None:
        place = Place(self.file, self.lines.of(*path), part=".".join(path) or None)
        self.problems.append(Problem(f"setting-{rule}", place, what, remedy))

    def settings(self, content: Mapping[str, Any]) -> SchoolSettings:
        self.check_keys((), content, KEYS)
        self.check_keys(("school",), self.table(content, "school"), ABOUT_SCHOOL)
        rules = self.table(content, "rules")
        for key, values in rules.items():
            if not isinstance(values, dict):
                what = "this is not a table of settings."
                self.problem("type", ("rules", key), what, f'Write "[rules.{key}]" above them.')
        found = SchoolSettings(
            policy=self.text(content, "policy", 'the id of the policy, as policy = "model"'),
            name=self.text(content, "name", "the name of the school"),
            roles=self.texts(content, "roles"),
            rules=rules,
            school=self.texts(content, "school"),
            file=self.file,
            lines=self.lines,
        )
        if self.problems:
            raise Unusable(self.problems)
        return found

    def check_keys(self, path: tuple[str, ...], table: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                near = get_close_matches(key, known, 1)
                remedy = f'Did you mean "{near[0]}"?' if near else f"It may have: {', '.join(known)}."
                self.problem("key", (*path, key), f'there is no key "{key}".', remedy)

    def table(self, content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        found = content.get(key, {})
        if isinstance(found, dict):
            return found
        self.problem("type", (key,), f'"{key}" is not a table.', f'Write "[{key}]" above its keys.')
        return {}

    def text(self, content: Mapping[str, Any], key: str, wanted: str) -> str:
        found = content.get(key)
        if isinstance(found, str) and found.strip():
            return found
        said = "is missing" if key not in content else "is not a text in quotes"
        self.problem("missing", (key,), f'"{key}" {said}.', f"Write {wanted}.")
        return ""

    def texts(self, content: Mapping[str, Any], key: str) -> Mapping[str, str]:
        found = content.get(key, {})
        for name, value in found.items() if isinstance(found, dict) else ():
            if not isinstance(value, str):
                what = f'"{name}" is not a text in quotes.'
                self.problem("type", (key, name), what, "Put quotes around it.")
        return found if isinstance(found, dict) else {}
