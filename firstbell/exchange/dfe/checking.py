"""Does every published rate of a file follow from its counts, and does every total add up?

`check_file` reads one file, `check_files` many and adds what only shows between them. Everything is compared
in whole numbers. A row is in order, or explained (and says by what), or it disagrees. Which columns make up a
total is asked of `meanings`, how exact a figure has to be of `precision`, what excuses it of `explaining`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from firstbell import statute
from firstbell.exchange.dfe.columns import Layout, Rate, Remainder, Sum, tables
from firstbell.exchange.dfe.explaining import RoundedCounts, Weighting, groups
from firstbell.exchange.dfe.meanings import Meanings
from firstbell.exchange.dfe.precision import Precision, Published, agrees, precisions_of, shown
from firstbell.exchange.dfe.reading import Count, Table, read_table
from firstbell.exchange.dfe.results import Checks, Disagreement, FileCheck
from firstbell.exchange.dfe.terms import compare_terms, term_of
from firstbell.problems import Problem, Unusable
from firstbell.statute import Statute

__all__ = ["check_file", "check_files"]


def check_files(paths: Iterable[Path]) -> Checks:
    """Every file checked, the terms compared with their year, and the problems of those not usable."""
    checks: list[FileCheck] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            checks.append(check_file(path))
        except Unusable as unusable:
            problems.extend(unusable.problems)
    return Checks(compare_terms(checks), tuple(problems))


def check_file(path: Path, law: Statute | None = None) -> FileCheck:
    """One file of the Department, every rate and every sum in it worked out again.

    Rates are compared at the precision at which their column is published. What adds up to a total of
    sessions is asked of the law tables, for the day that the row is about; withdrawn codes count by what
    they last meant, as the Department counts them. `law` is that of England unless another is given.
    Raises `Unusable` if the file cannot be read whole.

    Source: rates and totals as the Department defines them for "Pupil attendance in schools" and "Pupil
    absence in schools in England": absences and attendances over possible sessions, sums over sums.
    """
    table = read_table(path)
    layout = tables().layout_of(table.headings)
    if layout is None:
        return _nothing(table)
    checking = _Checking(table, layout, law or statute.england())
    checking.rates()
    checking.sums()
    checking.remainders()
    return checking.result()


def _nothing(table: Table) -> FileCheck:
    """A file of no kind that has counts and percentages side by side, and why there is nothing in it."""
    headings = table.headings
    figureless = tables().figureless_of(headings)
    percentages = tables().percentages(headings)
    if figureless is not None:
        kind, why = figureless.kind, figureless.why
    elif percentages:
        kind = "percentages"
        why = f"it has percentages ({', '.join(percentages)}) without the counts they were worked out from"
    elif set(headings) <= {*tables().row.identifiers, *tables().row.phase}:
        kind, why = "code list", "it lists names and codes and holds no figures"
    elif any(count is not None for heading in headings for count in table.counts(heading)):
        kind, why = "counts", "it has counts and no percentages or totals to compare them with"
    else:
        kind, why = "text", "it holds no figures"
    return FileCheck(table.file, kind, len(table.rows), not_recomputed=percentages, nothing_to_recompute=why)


class _Checking:
    """One run over one file; gathers what it finds."""

    def __init__(self, table: Table, layout: Layout, law: Statute) -> None:
        self.table = table
        self.layout = layout
        self.meanings = Meanings(table, layout, law)
        self.checked: set[int] = set()
        self.rates_checked = 0
        self.identities_checked = 0
        self.explained: dict[int, set[str]] = defaultdict(set)
        self.disagreements: list[Disagreement] = []
        self.weighting = Weighting(table, layout)
        self.rounded = RoundedCounts(table)
        self.done_rates = layout.rates(table.headings)

    def number(self, place: int) -> int:
        return self.table.rows[place].number

    def disagree(self, place: int, heading: str, published: str, recomputed: str, how: str) -> None:
        column = self.table.written[heading]
        self.disagreements.append(
            Disagreement(self.table.file, self.number(place), column, published, recomputed, how)
        )

    def explain(self, place: int, why: str) -> None:
        self.explained[self.number(place)].add(tables().explained[why].name)

    def result(self) -> FileCheck:
        for (place, heading), text in self.table.unreadable.items():
            self.disagree(
                place, heading, text, "a number", "the cell holds neither a number nor a sign for none"
            )
        recomputed = {rate.percent for rate in self.done_rates}
        percentages = tables().percentages(self.table.headings)
        return FileCheck(
            file=self.table.file,
            kind=self.layout.kind,
            rows=len(self.table.rows),
            checked=frozenset(self.checked),
            rates_checked=self.rates_checked,
            identities_checked=self.identities_checked,
            explained={row: frozenset(reasons) for row, reasons in sorted(self.explained.items())},
            disagreements=tuple(sorted(self.disagreements, key=lambda each: each.row)),
            not_recomputed=tuple(heading for heading in percentages if heading not in recomputed),
            nothing_to_recompute=self.why_nothing(),
            term=term_of(self.table, self.layout),
        )

    def why_nothing(self) -> str | None:
        if self.checked or self.table.unreadable:
            return None
        if not self.table.rows:
            return "it has headings and no rows"
        if self.done_rates or self.layout.sums:
            return "none of its rows has the numbers that a rate or a sum needs"
        return "none of its percentages stands beside the counts it was worked out from"

    # --- rates -------------------------------------------------------------------------------------------

    def rates(self) -> None:
        columns = {rate: self.table.percentages(rate.percent) for rate in self.done_rates}
        precisions = precisions_of(columns)
        for rate, figures in columns.items():
            self.rate(rate, figures, precisions[rate])

    def rate(self, rate: Rate, figures: Sequence[Published | None], precision: Precision) -> None:
        parts, wholes = self.table.counts(rate.part), self.wholes(rate)
        for place, (figure, part, whole) in enumerate(zip(figures, parts, wholes, strict=True)):
            if figure is None or part is None or whole is None:
                continue
            self.checked.add(self.number(place))
            self.rates_checked += 1
            tolerance = precision.tolerance(figure)
            if not whole:
                # Nothing of nothing has no rate; some writers show it as 0.
                if part or figure.mantissa:
                    how = f"{part} of {whole} {rate.whole} has no rate"
                    self.disagree(place, rate.percent, figure.text, "no rate", how)
            elif agrees(part, whole, figure, tolerance):
                pass
            elif self.rounded.explains(rate, place, part, whole, figure, tolerance):
                self.explain(place, "rounded")
            elif self.weighting.explains(rate, place, figure, tolerance):
                self.explain(place, "weighted")
            else:
                how = f"{part} {rate.part} of {whole} {rate.whole}"
                recomputed = shown(Fraction(100 * part) / whole, precision.places(figure))
                self.disagree(place, rate.percent, figure.text, recomputed, how)

    def wholes(self, rate: Rate) -> Sequence[Count | None]:
        """What each row's part is a part of: in the row itself, or in the row of its group that holds it."""
        column = self.table.counts(rate.whole)
        if self.layout.whole_row is None:
            return column
        heading, cell = self.layout.whole_row
        row = tables().row
        keys = groups(self.table, (*row.identifiers, *row.phase))
        wholes: dict[tuple[str, ...], list[Count | None]] = defaultdict(list)
        for key, text, count in zip(keys, self.table.texts(heading), column, strict=True):
            if text.lower() == cell:
                wholes[key].append(count)
        # Two such rows in a group mean that the group is told apart by a column we do not know.
        return [wholes[key][0] if len(wholes[key]) == 1 else None for key in keys]

    # --- sums --------------------------------------------------------------------------------------------

    def sums(self) -> None:
        for each in self.layout.sums:
            if each.total not in self.table.headings:
                continue
            if each.parts:
                self.plain_sum(each)
            else:
                self.lawful_sum(each)

    def plain_sum(self, each: Sum) -> None:
        if not set(each.parts) <= set(self.table.headings):
            return
        columns = [self.table.counts(heading) for heading in each.parts]
        for place, total in enumerate(self.table.counts(each.total)):
            parts = [count for column in columns if (count := column[place]) is not None]
            if total is None or len(parts) < len(columns):
                continue
            self.compared(place)
            if sum(parts) != total:
                self.disagree(place, each.total, str(total), str(sum(parts)), " + ".join(each.parts))

    def lawful_sum(self, each: Sum) -> None:
        """A total of all columns whose code, by the law of the row's day, counts as what is added up."""
        totals = self.table.counts(each.total)
        for place, (total, on) in enumerate(zip(totals, self.meanings.days, strict=True)):
            headings = None if total is None or on is None else self.meanings.counted(each.counting, on)
            if total is None or on is None or headings is None:
                continue
            counts = {heading: self.table.counts(heading)[place] for heading in headings}
            in_force = self.meanings.in_force(on)
            if any(count is None and heading in in_force for heading, count in counts.items()):
                continue
            self.compared(place)
            found = sum(count for count in counts.values() if count is not None)
            if found == total:
                continue
            reasons = self.shortfall(each, place, total - found, total)
            if reasons is None:
                how = f"the columns that count as {each.counting} on {on}"
                self.disagree(place, each.total, str(total), str(found), how)
                continue
            for reason in reasons:
                self.explain(place, reason)

    def shortfall(self, each: Sum, place: int, short: Count, total: Count) -> tuple[str, ...] | None:
        """The explanations of a total that is more than its parts, or None if they do not account for it."""
        if "counted" in each.explained:
            counted = self.meanings.published(tables().explained["counted"].code, place)
            if counted and short == counted:
                return ("counted",)
            if counted and self.may_be_unpublished(each, place, short - counted, total):
                return ("counted", "unpublished")
        return ("unpublished",) if self.may_be_unpublished(each, place, short, total) else None

    def may_be_unpublished(self, each: Sum, place: int, short: Count, total: Count) -> bool:
        rule = tables().explained["unpublished"]
        if "unpublished" not in each.explained or self.meanings.published(rule.code, place) is not None:
            return False
        return 0 < short <= max(Fraction(rule.sessions), rule.share * total)

    def remainders(self) -> None:
        headings = self.table.headings
        for each in self.layout.remainders:
            if each.total in headings and each.reasons in headings:
                self.remainder(each)

    def remainder(self, each: Remainder) -> None:
        more = tables().explained["overclassified"].share
        pairs = zip(self.table.counts(each.total), self.table.counts(each.reasons), strict=True)
        for place, (total, reasons) in enumerate(pairs):
            if total is None or reasons is None:
                continue
            self.compared(place)
            if reasons < total:
                self.explain(place, "unclassified")
            elif total < reasons <= total + more * total:
                self.explain(place, "overclassified")
            elif reasons > total:
                how = f"{each.reasons}, which are reasons for it"
                self.disagree(place, each.total, str(total), str(reasons), how)

    def compared(self, place: int) -> None:
        self.checked.add(self.number(place))
        self.identities_checked += 1
