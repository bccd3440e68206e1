"""What came of checking the Department's files: as text for a person, as plain data for a program?

Says everything that was found, also what was explained and what could not be recomputed: a check that keeps
silent about the rows it passed over is worth nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from textwrap import fill

from firstbell.exchange.dfe.columns import tables
from firstbell.exchange.dfe.results import Checks, FileCheck
from firstbell.problems import Problem

__all__ = ["checks_json", "checks_text"]

WIDTH = 100
NAME = 29
MOST_SHOWN = 20
COLUMNS = ("rows", "checked", "disagree", "explained", "suppressed", "rates", "sums")


def checks_json(checks: Checks) -> dict[str, object]:
    """The checks as plain data: a list of files, and the totals over all of them.

    Every disagreement is in it. `problems` are those with the files that could not be used, in words.
    """
    files = checks.files
    return {
        "files": [_file(check) for check in files],
        "rows": sum(check.rows for check in files),
        "rows_checked": sum(check.rows_checked for check in files),
        "rows_disagree": checks.rows_disagree,
        "rows_explained": sum(check.rows_explained for check in files),
        "rows_suppressed": sum(check.rows_suppressed for check in files),
        "explained_by": checks.explained_by,
        "rates_checked": sum(check.rates_checked for check in files),
        "identities_checked": sum(check.identities_checked for check in files),
        "problems": [str(problem) for problem in checks.problems],
    }


def _file(check: FileCheck) -> dict[str, object]:
    return {
        "file": check.file,
        "kind": check.kind,
        "rows": check.rows,
        "rows_checked": check.rows_checked,
        "rows_disagree": check.rows_disagree,
        "rows_explained": check.rows_explained,
        "explained_by": check.explained_by,
        "rows_suppressed": check.rows_suppressed,
        "rates_checked": check.rates_checked,
        "identities_checked": check.identities_checked,
        "terms_compared": check.terms_compared,
        "not_recomputed": list(check.not_recomputed),
        "nothing_to_recompute": check.nothing_to_recompute,
        "disagreements": [asdict(each) for each in check.disagreements],
    }


def checks_text(checks: Checks) -> str:
    """The checks for a person: a table by file, then what disagrees, what is explained, what is left out."""
    parts = [
        _table(checks.files),
        _verdict(checks),
        *_disagreements(checks.files),
        *_explanations(checks),
        *_years(checks.files),
        *_left_out(checks.files),
        *_unusable(checks.problems),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(checks: Sequence[FileCheck]) -> str:
    """A line for each file with something in it, under the title of its kind, and one for all."""
    worked = [check for check in checks if check.nothing_to_recompute is None]
    if not worked:
        return ""
    lines: list[tuple[str, ...]] = [("", *COLUMNS)]
    for layout in tables().layouts:
        of_kind = [check for check in worked if check.kind == layout.kind]
        if of_kind:
            lines.append((layout.title, *[""] * len(COLUMNS)))
            lines += [_line("  " + _short(check.file), _numbers(check)) for check in of_kind]
    totals = [sum(column) for column in zip(*map(_numbers, worked), strict=True)]
    lines.append(_line("all", totals))
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _numbers(check: FileCheck) -> tuple[int, ...]:
    """The numbers of a file in the order of COLUMNS."""
    return (
        check.rows,
        check.rows_checked,
        check.rows_disagree,
        check.rows_explained,
        check.rows_suppressed,
        check.rates_checked,
        check.identities_checked,
    )


def _line(name: str, numbers: Iterable[int]) -> tuple[str, ...]:
    return (name, *(f"{number:,}" for number in numbers))


def _short(name: str) -> str:
    """A file's name with its middle left out, so that the table fits a terminal."""
    half = (NAME - 3) // 2
    return name if len(name) <= NAME else f"{name[:half]}...{name[-half:]}"


def _verdict(checks: Checks) -> str:
    rates = sum(check.rates_checked for check in checks.files)
    sums = sum(check.identities_checked for check in checks.files)
    if not rates and not sums:
        return "Nothing could be recomputed."
    disagree = checks.rows_disagree
    explained = sum(check.rows_explained for check in checks.files)
    rows = sum(check.rows_checked for check in checks.files)
    text = f"Recomputed {_many(rates, 'rate')} and {_many(sums, 'sum')} in {_many(rows, 'row')}."
    if disagree:
        text += f" {_many(disagree, 'row')} {'disagrees' if disagree == 1 else 'disagree'}."
    else:
        text += " None disagrees."
    if explained:
        text += f" {_many(explained, 'row')} {'differs' if explained == 1 else 'differ'} for a known reason."
    return fill(text, WIDTH)


def _disagreements(checks: Iterable[FileCheck]) -> Iterator[str]:
    for check in checks:
        if not check.disagreements:
            continue
        lines = [f"{check.file} disagrees"]
        for each in check.disagreements[:MOST_SHOWN]:
            text = f"row {each.row}, {each.column}: published {each.published}, "
            text += f"recomputed {each.recomputed} ({each.how})"
            lines.append(fill(text, WIDTH, initial_indent="  ", subsequent_indent="    "))
        more = len(check.disagreements) - MOST_SHOWN
        if more > 0:
            lines.append(f"  and {more:,} more; as JSON all of them are listed")
        yield "\n".join(lines)


def _explanations(checks: Checks) -> Iterator[str]:
    rows = checks.explained_by
    known = [each for each in tables().explained.values() if each.name in rows]
    for place, each in enumerate(known):
        where = ", ".join(
            f"{check.file} {check.explained_by[each.name]:,}"
            for check in checks.files
            if each.name in check.explained_by
        )
        text = f"{each.name}, {_many(rows[each.name], 'row')}. {each.sentence} In: {where}."
        yield ("" if place else "Explained\n") + _listed([text])


def _years(checks: Iterable[FileCheck]) -> Iterator[str]:
    for check in checks:
        if check.terms_compared:
            text = f"{check.file} was compared with its three terms: {_many(check.terms_compared, 'count')}."
            yield fill(text, WIDTH)


def _left_out(checks: Sequence[FileCheck]) -> Iterator[str]:
    nothing = [check for check in checks if check.nothing_to_recompute is not None]
    if nothing:
        lines = [f"{check.file}: {check.nothing_to_recompute}." for check in nothing]
        yield "Nothing to recompute\n" + _listed(lines)
    partly = [check for check in checks if check.nothing_to_recompute is None and check.not_recomputed]
    if partly:
        lines = [f"{check.file}: {', '.join(check.not_recomputed)}." for check in partly]
        yield "Percentages whose counts are not in the file\n" + _listed(lines)


def _unusable(problems: Iterable[Problem]) -> Iterator[str]:
    lines = [str(problem) for problem in problems]
    if lines:
        yield "Not usable\n" + _listed(lines)


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(
        fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
        for line in lines
    )


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
