"""How is each figure defined, and who says so?

Sentences made from the law's own values as they stood on a day, so that a page never states a number which
was not used. Each keeps its source, how sure we are of it, and the note that stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from firstbell.measures import Line, Rate
from firstbell.reports.wording import listed, plural
from firstbell.sessions import day_and_year
from firstbell.statute import Ages, Category, Confidence, Law, NationalThreshold, Value
from firstbell.statute.values import (
    CensusPeriod,
    DeletionGround,
    PersistentAbsence,
    ReasonDeadline,
    Rounding,
    SevereAbsence,
    SicknessCounting,
    StatisticsCohort,
    StatutoryReturn,
)

__all__ = ["Definition", "absence_shares", "line_definition", "line_in_short", "standing_definitions"]

_SICKNESS_WAYS = {
    "any": "every day with that code in it counts",
    "whole": "only days with that code at every possible session count",
    "half": "each session counts as half a day",
}


@dataclass(frozen=True)
class Definition:
    """What a figure is: in words, with source, and how sure we are of it unless it was seen ("")."""

    figure: str
    words: str
    source: str = ""
    confidence: str = ""
    note: str = ""


def absence_shares(law: Law) -> dict[Line, Fraction]:
    """The shares of possible sessions from which absence is severe, and persistent, in the law of a day.

    Neither before it was known; and not before 2015/16, when the Department counted persistent absence
    against one number of sessions for all, which is no share of a pupil's own.
    """
    shares = {}
    severe, persistent = law.find(SevereAbsence), law.find(PersistentAbsence)
    if severe is not None:
        shares[Line.SEVERE] = severe.share
    if persistent is not None and persistent.method == "share":
        shares[Line.PERSISTENT] = persistent.share
    return shares


def line_definition(line: Line, law: Law, least_possible: int = 0) -> Definition | None:
    """What a statutory line asks for in the law of a day; None where that law had no such line."""
    value = _value(line, law)
    if value is None:
        return None
    words = _words(line, value)
    if line in (Line.SEVERE, Line.PERSISTENT) and least_possible:
        words += f" Asked only about pupils with at least {plural(least_possible, 'possible session')}."
    return _definition(str(line).capitalize(), words, value, law)


def line_in_short(line: Line, law: Law) -> str:
    """A line in two or three words, for a label beside a name: "10 in 10 weeks"."""
    value = _value(line, law)
    if isinstance(value, NationalThreshold):
        return f"{value.sessions} in {value.school_weeks} weeks"
    if isinstance(value, DeletionGround):
        return f"{value.school_days} days {listed(value.codes, 'or')}"
    if isinstance(value, StatutoryReturn):
        return f"{value.school_days} days unauthorised"
    if isinstance(value, SicknessCounting):
        return f"{value.school_days} days ill"
    if isinstance(value, ReasonDeadline):
        return f"{value.code} overdue"
    return "severe" if line is Line.SEVERE else "persistent"


def _value(line: Line, law: Law) -> Value | None:
    """The row of the law that a line rests on; the same choice as in `measures.lines`."""
    if line in (Line.SEVERE, Line.PERSISTENT):
        kind: type[Value] = SevereAbsence if line is Line.SEVERE else PersistentAbsence
        return law.find(kind) if line in absence_shares(law) else None
    if line is Line.UNAUTHORISED:
        return next((r for r in law.all(StatutoryReturn) if r.school_days and r.codes), None)
    if line is Line.UNEXPLAINED:
        grounds = law.all(DeletionGround)
        return next((g for g in grounds if g.ages is Ages.COMPULSORY and g.school_days and g.codes), None)
    if line is Line.THRESHOLD:
        return law.find(NationalThreshold)
    return law.find(SicknessCounting) if line is Line.SICKNESS else law.find(ReasonDeadline)


def _words(line: Line, value: Value) -> str:
    if isinstance(value, SevereAbsence | PersistentAbsence):
        share = _percent(value.share)
        also = " Counted as persistently absent too." if line is Line.SEVERE else ""
        return f"Missed {share} or more of the pupil's own possible sessions in the school year.{also}"
    if isinstance(value, NationalThreshold):
        return (
            f"{value.sessions} sessions marked {listed(value.codes, 'or')} within {value.school_weeks} "
            "school weeks, while of compulsory school age: a penalty notice must be considered, case by "
            "case. A week without a session is no school week, so the window reaches across holidays."
        )
    if isinstance(value, DeletionGround):
        return (
            f"{value.school_days} school days in a row, every session marked {listed(value.codes, 'or')}, "
            "while of compulsory school age. It is one of several conditions for taking a name off the "
            "register; school and authority must have made their enquiries together."
        )
    if isinstance(value, StatutoryReturn):
        return (
            f"{value.school_days} school days in a row of unauthorised absence, while of compulsory school "
            "age: the local authority is to be told."
        )
    if isinstance(value, SicknessCounting):
        return (
            f"{value.school_days} school days with illness (code {value.code}) in the school year, while of "
            "compulsory school age: the local authority is to be told, and as soon as it can be expected. "
            f"Of the ways of counting days, {_SICKNESS_WAYS[value.counts]}."
        )
    assert isinstance(value, ReasonDeadline)
    return (
        f"Still marked {value.code} after {value.school_days} school days. Without a reason found by then "
        f"the absence is unauthorised, code {value.becomes}."
    )


def standing_definitions(law: Law) -> tuple[Definition, ...]:
    """The definitions of everything that is counted, whether or not anybody has crossed a line."""
    rounding = law.find(Rounding)
    return (
        *_counted(law),
        Definition(
            "Without a mark",
            "A session that should have a mark and has none. It is not possible until somebody marks it: "
            "never taken for an absence, never for a presence, always shown.",
        ),
        Definition(
            "Rates",
            "Sessions over possible sessions of the same pupils. A group's rate is the sum over the sum, "
            "never the mean of its pupils' rates. Lines are compared as whole numbers: 38 of 381 shows as "
            "10.0% and is not a tenth.",
            *_origin(rounding, law),
        ),
        Definition(
            "Enrolments",
            "Every name that stood in the register in the stretch, leavers included, with at least one "
            "possible session. Who left and came back is counted twice. Groups are those of the day of the "
            "figures, or of a leaver's last day.",
        ),
        *_periods(law),
        Definition(
            "Runs of absence",
            "School days one after the other, every session of them absent. Holidays, closed sessions and "
            "sessions without a mark neither count nor break a run; except that a run for the deletion "
            "ground is broken by any other code.",
        ),
    )


def _counted(law: Law) -> list[Definition]:
    tests: dict[str, Callable[[Category], bool]] = {
        "Possible": lambda c: c.possible,
        "Attended": lambda c: c.attended,
        "Authorised absence": lambda c: c.absence == "authorised",
        "Unauthorised absence": lambda c: c.absence == "unauthorised",
    }
    used = {code.category.name: code.category for code in law.codes.values()}
    found = []
    for figure, test in tests.items():
        chosen = [category for category in used.values() if test(category)]
        codes = [code.symbol for code in law.codes.values() if test(code.category)]
        words = f"Sessions marked {listed(codes, 'or')}: {listed([c.name for c in chosen], 'or')}."
        found.append(Definition(figure, words, _sources(chosen)))
    late = [code for code in law.codes.values() if code.late]
    words = "; ".join(
        f"{code.symbol}: {code.late.replace('close', 'the register closed')}, "
        f"{'an absence for the whole session' if code.absence else 'attended'}"
        for code in late
    )
    found.append(Definition("Late", f"{words}. Minutes are of both, where they were recorded."))
    return found


def _sources(categories: list[Category]) -> str:
    return "; ".join(dict.fromkeys(str(category.source) for category in categories))


def _periods(law: Law) -> list[Definition]:
    found = []
    census = law.all(CensusPeriod)
    if census:
        words = "The parts of the year for which the school census collects absence."
        found.append(_definition("Census periods", words, census[0], law))
    cohort = law.find(StatisticsCohort)
    if cohort is not None:
        words = (
            f"Pupils aged {cohort.youngest} to {cohort.oldest} at the start of the school year, no boarders, "
            "and without the second half of the summer term for those aged "
            f"{cohort.no_second_half_summer_age}. Only these figures are to be laid beside published ones."
        )
        found.append(_definition("As official statistics count", words, cohort, law))
    return found


def _definition(figure: str, words: str, value: Value, law: Law) -> Definition:
    return Definition(figure, words, *_origin(value, law))


def _origin(value: Value | None, law: Law) -> tuple[str, str, str]:
    """Source, confidence and note; the note also says when the source has been replaced since."""
    if value is None:
        return "", "", ""
    unsure = "" if value.confidence is Confidence.SEEN else str(value.confidence)
    instrument, notes = value.source.instrument, [value.note] if value.note else []
    if instrument.until_on is not None and instrument.until_on < law.on:
        until = f"{instrument.cited_as} was in force until {day_and_year(instrument.until_on)}"
        notes.append(f"{until}: not checked against what followed it.")
    return str(value.source), unsure, " ".join(notes)


def _percent(share: Fraction) -> str:
    """A share as a percentage, without decimals that say nothing: 10%, 12.5%."""
    shown = Rate(share.numerator, share.denominator).shown(4).rstrip("%").rstrip("0").rstrip(".")
    return f"{shown}%"
