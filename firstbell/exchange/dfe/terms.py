"""Do a year's counts add up from those of its three terms?

Only shows when four files are given together: each of them may be in order by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from firstbell.exchange.dfe.columns import Layout, tables
from firstbell.exchange.dfe.explaining import groups
from firstbell.exchange.dfe.reading import Count, Table
from firstbell.exchange.dfe.results import Disagreement, FileCheck, Term

__all__ = ["compare_terms", "term_of"]


def compare_terms(checks: Sequence[FileCheck]) -> tuple[FileCheck, ...]:
    """The checks, those of whole years with the year compared to its terms.

    Each count of autumn, spring and summer must add up to that of the year. Only done where the four files
    are all there, once each; otherwise the checks come back as they were.
    """
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, check in enumerate(checks):
        if check.term is not None:
            found[check.term.year, check.term.within].append(place)
    compared = list(checks)
    for (year, within), whole in found.items():
        parts = [found.get((year, part), []) for part in tables().year_parts]
        if within == tables().year_whole and all(len(files) == 1 for files in (whole, *parts)):
            compared[whole[0]] = _with_terms(checks[whole[0]], [checks[part[0]] for part in parts])
    return tuple(compared)


def _with_terms(whole: FileCheck, parts: Sequence[FileCheck]) -> FileCheck:
    assert whole.term is not None
    terms = [part.term.counts for part in parts if part.term is not None]
    compared, disagreements = 0, list(whole.disagreements)
    for key, (row, counts) in whole.term.counts.items():
        if not all(key in term for term in terms):
            continue
        for heading, published in counts.items():
            each = [term[key][1].get(heading) for term in terms]
            numbers = [number for number in each if number is not None]
            if len(numbers) < len(each):
                continue
            compared += 1
            if sum(numbers) != published:
                how = " + ".join(f"{n} in {part.file}" for n, part in zip(numbers, parts, strict=True))
                disagreements.append(
                    Disagreement(whole.file, row, heading, str(published), str(sum(numbers)), how)
                )
    return replace(
        whole,
        identities_checked=whole.identities_checked + compared,
        terms_compared=compared,
        disagreements=tuple(sorted(disagreements, key=lambda each: each.row)),
    )


def term_of(table: Table, layout: Layout) -> Term | None:
    """The counts of a file all of whose rows are about one term or one school year, else None."""
    row = tables().row
    period, within = table.first_of(row.period), table.first_of(row.within)
    if period is None or within is None or not (layout.terms and table.rows):
        return None
    names = {name.lower() for name in table.texts(within)}
    years = set(table.texts(period))
    if len(names) != 1 or len(years) != 1 or not names <= {tables().year_whole, *tables().year_parts}:
        return None
    told_apart = [h for h in row.identifiers if h not in (*row.period, *row.within, "academic_year")]
    phase = table.first_of(row.phase)
    keys = groups(table, (*told_apart, *((phase,) if phase else ())))
    headings = layout.counts(table.headings)
    columns = [table.counts(heading) for heading in headings]
    counts = {
        key: (table.rows[place].number, dict(_numbers(headings, (column[place] for column in columns))))
        for place, key in enumerate(keys)
    }
    return Term(years.pop(), names.pop(), {key: value for key, value in counts.items() if value[1]})


def _numbers(headings: Iterable[str], counts: Iterable[Count | None]) -> Iterator[tuple[str, Count]]:
    return ((heading, n) for heading, n in zip(headings, counts, strict=True) if n is not None)
