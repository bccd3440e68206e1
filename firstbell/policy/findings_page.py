"""What was found in each policy, as a page: what checks find, and apart from it what a reader declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firstbell.policy.files import LAW, PolicyFiles
from firstbell.policy.finding import Finding
from firstbell.policy.findings import CHECKS, declared_of, findings_of
from firstbell.statute import Statute

__all__ = ["findings_page"]

HEAD = """\
# What was found in the policies

`firstbell policy check` holds a policy against the law and against itself. A check looks only at what the
files state as data: parameters of rules, and what a clause is known to state, to cite, or to list. What only
a reader can find a person has declared; it stands apart. Each finding says what is taken until the school
decides otherwise. *No.* counts what was found in these policies, from one to the next: one number can stand
in several rows, and a row that nobody had listed has none.
"""


def findings_page(policies: Sequence[PolicyFiles], statute: Statute, law: PolicyFiles) -> str:
    """The page in Markdown: a table of numbers, then the findings of each policy, then the checks."""
    of_each = {one.id: findings_of(one, statute, law) for one in policies if one.id != LAW}
    declared = {one.id: declared_of(one) for one in policies if one.id != LAW}
    parts = [HEAD, *_summary(of_each, declared)]
    for files in policies:
        if files.id == LAW:
            continue
        version = files.versions[-1]
        parts += [f"## {files.id}\n", f"{version.title}, in force from {version.in_force_from_on}.\n"]
        for title, own in (
            ("Against the law", [one for one in of_each[files.id] if one.sort == "against the law"]),
            ("Inside the policy", [one for one in of_each[files.id] if one.sort == "inside the policy"]),
            ("Declared by a reader", list(declared[files.id])),
        ):
            parts += _table(title, own, files.id)
    return "\n".join([*parts, *_checks()])


def _summary(
    found: dict[str, tuple[Finding, ...]], declared: dict[str, tuple[Finding, ...]]
) -> Iterator[str]:
    yield "| policy | against the law | inside the policy | declared |"
    yield "| --- | --- | --- | --- |"
    for policy, own in found.items():
        law = sum(one.sort == "against the law" for one in own)
        yield f"| [{policy}](#{policy}) | {law} | {len(own) - law} | {len(declared[policy])} |"
    numbers = {one.number for own in found.values() for one in own if one.number}
    by_readers = {one.number for own in declared.values() for one in own}
    yield ""
    yield (
        f"{len(numbers)} of the {len(numbers | by_readers)} numbered findings are found by checks, the "
        "others by readers; some have a part of each.\n"
    )


def _table(title: str, found: Sequence[Finding], policy: str) -> Iterator[str]:
    if not found:
        return
    yield f"**{title}**\n"
    yield "| no. | clauses | what | taken | by |"
    yield "| --- | --- | --- | --- | --- |"
    for one in found:
        clauses = ", ".join(f"[{key}](coverage.md#{key.lower()})" for key in one.clauses)
        what = f"{one.what} *{one.source}*" if one.source else one.what
        by = f"`{one.check}`" if one.check else "a reader"
        yield f"| {one.number} | {clauses} | {_cell(what)} | {_cell(one.default)} | {by} |"
    yield ""


def _checks() -> Iterator[str]:
    yield "## The checks\n"
    yield "| check | what it finds |"
    yield "| --- | --- |"
    for name, check in CHECKS.items():
        says = (check.__doc__ or "").strip().splitlines()[0]
        yield f"| `{name}` | {_cell(says)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
