"""What was the law on that day, laid out for a terminal?

Every value in force with its days, its source and its note: what is unsure, or what in it is our reading.
Or everything about one code: how it counts, who may have it, and what to use where it may not stand.
Refuses to know any school: what a policy adds to the law is not here.
"""

from __future__ import annotations

import calendar
import inspect
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from itertools import groupby

from firstbell.problems import Place, Problem, Unusable
from firstbell.sessions import day_and_year
from firstbell.statute import Ages, Category, Code, Confidence, Law, NationalThreshold, Statute, Value, values

__all__ = ["TOPICS", "law_text"]

WIDTH = 100
STEP = "  "

TOPICS: Mapping[str, tuple[type[Value], ...]] = {
    "Attendance codes": (Code,),
    "Thresholds of absence": (values.PersistentAbsence, values.SevereAbsence, values.NationalThreshold),
    "The attendance register": (
        values.RegisterOpening,
        values.ReasonDeadline,
        values.AmendmentRecord,
        values.Retention,
        values.Backup,
        values.AnnualSessions,
        values.ApprovedActivity,
    ),
    "The admission register and the returns": (
        values.RegisterContents,
        values.CompulsorySchoolAge,
        values.DeletionGround,
        values.StatutoryReturn,
        values.NotYetInForce,
    ),
    "Leave": (
        values.LeaveGround,
        values.PerformanceEducation,
        values.MobileChildDefence,
        values.WalkingDistance,
    ),
    "Notices and court": (
        values.NoticeToImprove,
        values.NoticeConsiderations,
        values.PenaltyNotice,
        values.NoticeContent,
        values.NoticeWithdrawal,
        values.ServiceByPost,
        values.ExclusionNotice,
        values.AttendanceContract,
        values.ContractReview,
        values.SchoolAttendanceOrder,
        values.SupervisionOrder,
        values.ParentingOrder,
        values.Prosecution,
    ),
    "Statistics": (
        values.StatisticsCohort,
        values.CensusPeriod,
        values.SicknessCounting,
        values.Rounding,
        values.SmallNumbers,
    ),
}
"""The kinds of value by topic, in the order in which people look for them. Every kind is in one of them."""

ABOUT_EVERY_VALUE = {f.name for f in fields(Value)}
WHOSE = {
    Ages.ANY: "pupils of any age",
    Ages.COMPULSORY: "only pupils of compulsory school age",
    Ages.NOT_COMPULSORY: "only pupils below or above compulsory school age",
}


def law_text(statute: Statute, on: date, symbol: str | None = None) -> str:
    """What was in force on `on`, as text of at most 100 columns; with a symbol, all about that code.

    A symbol that was no code on that day is explained all the same: since when or until when it was one,
    what it meant, and what to use instead. Raises `Unusable` for a symbol that has never been a code, and
    `NoLaw` for a day before the first one held.
    """
    law = statute.on(on)
    lines = _whole_law(law) if symbol is None else _one_code(law, symbol)
    return "\n".join(lines) + "\n"


def _whole_law(law: Law) -> Iterator[str]:
    held = [value for value in law.values if not isinstance(value, values.NotYetInForce)]
    unsure = sum(value.confidence is not Confidence.SEEN for value in held)
    yield f"The law on {law.on:%A} {day_and_year(law.on)}"
    yield from _wrapped(
        f"{len(held)} values in force. {unsure} of them are not certain, and each of these says why. The "
        "others were seen in their source; where something beside the value is our reading, a note says so.",
        "",
    )
    for topic, kinds in TOPICS.items():
        by_kind = [(kind, law.all(kind)) for kind in kinds]
        if any(rows for _, rows in by_kind):
            yield from ("", topic.upper(), "=" * len(topic))
        for kind, rows in by_kind:
            yield from _code_list(law) if kind is Code else _kind(kind, rows, law.on)


def _code_list(law: Law) -> Iterator[str]:
    """The codes by category, in the order of the national list, each with its days and source."""
    codes = sorted(law.all(Code), key=lambda code: law.statute.number(code.symbol))
    order = list(dict.fromkeys(code.category for code in codes))
    codes.sort(key=lambda code: order.index(code.category))
    for category, rows in groupby(codes, key=lambda code: code.category):
        yield from ("", f"{STEP}{_capital(category.name)}: {_counting(category)}")
        for code in rows:
            yield f"{STEP * 2}{code.symbol:<4}{code.name}"
            yield from _basis(code, STEP * 4, law.on)


def _kind(kind: type[Value], rows: Sequence[Value], on: date) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"{STEP}{_title(kind)}")
    yield from _wrapped(_first_sentence(kind), STEP)
    for row in rows:
        yield ""
        yield from _details(row, STEP * 2)
        yield from _basis(row, STEP * 2, on)


def _details(value: Value, indent: str) -> Iterator[str]:
    """Each field of a value that says something, its unit in its label."""
    shown = {
        f.name.replace("_", " "): getattr(value, f.name)
        for f in fields(value)
        if f.name not in ABOUT_EVERY_VALUE and getattr(value, f.name) not in (None, "", ())
    }
    column = max(len(label) for label in shown) + 2
    for label, content in shown.items():
        head = f"{indent}{label:<{column}}"
        if isinstance(content, tuple) and any(" " in item for item in content):
            yield f"{indent}{label}"
            for item in content:
                yield from _wrapped(item, f"{indent}{STEP}- ", f"{indent}{STEP}  ")
        else:
            yield from _wrapped(_written(content), head, " " * len(head))


def _written(content: object) -> str:
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, Fraction):
        return f"{content} ({100 * content}%)"
    if isinstance(content, tuple):
        return ", ".join(_written(item) for item in content)
    if isinstance(content, values.DayOfYear):
        return f"{content[-2:].lstrip('0')} {calendar.month_name[int(content[:2])]}"
    return day_and_year(content) if isinstance(content, date) else str(content)


def _basis(value: Value, indent: str, on: date) -> Iterator[str]:
    """From when until when, by what source, how sure, and the note."""
    instrument = value.source.instrument
    since = "not in force; passed on" if isinstance(value, values.NotYetInForce) else "from"
    days = f"{since} {day_and_year(value.from_on)}"
    if value.until_on is not None:
        days += f" until {day_and_year(value.until_on)}"
    yield from _wrapped(f"{days}; {value.source}", indent)
    if value.in_force(on) and instrument.until_on is not None and instrument.until_on < on:
        replaced = f"{instrument.cited_as} was in force until {day_and_year(instrument.until_on)}"
        yield from _wrapped(f"{replaced}: not checked against what followed it.", indent)
    if value.confidence is not Confidence.SEEN:
        yield from _wrapped(f"{value.confidence}: {value.note}", indent)
    elif value.note:
        yield from _wrapped(f"note: {value.note}", indent)


def _one_code(law: Law, symbol: str) -> Iterator[str]:
    meanings = law.statute.describe(symbol)
    if not meanings:
        raise Unusable([_unknown(law, symbol)])
    now = next((code for code in meanings if code.in_force(law.on)), None)
    taken = law.code(symbol) is not None
    yield f"{symbol} on {law.on:%A} {day_and_year(law.on)}"
    if now is not None and not taken:
        yield from ("", "No register takes it: it is what another code counts as.")
    if now is not None:
        yield from ("", *_code(law, now), *_named_in(law, symbol))
    else:
        yield from ("", *_not_in_force(law, symbol, meanings))
    others = [code for code in meanings if code is not now]
    if others:
        yield from ("", "On other days" if now else "On the days when it is a code", "")
        for code in others:
            yield f"{STEP}{code.name}"
            yield from _wrapped(_how_it_counts(code), STEP * 2)
            yield from _wrapped(code.use, STEP * 2)
            yield from _basis(code, STEP * 2, law.on)


def _code(law: Law, code: Code) -> Iterator[str]:
    threshold = law.find(NationalThreshold)
    towards = threshold is not None and code.symbol in threshold.codes
    rows = {
        "name": code.name,
        "category": code.category.name,
        "meaning": code.category.meaning,
        "numerator": "yes, counts as attended" if code.attended else "no, does not count as attended",
        "denominator": "yes, a possible session" if code.possible else "no, not a possible session",
        "absence": code.absence or "no",
        "threshold": "counts" if towards else "does not count" if threshold else "there was none yet",
        "who": WHOSE[code.ages],
        "half": {"AM": "mornings only", "PM": "afternoons only", "": ""}[code.half],
        "late": code.late and f"{code.late.removesuffix(' close')} the register closed",
        "leave": _asked_for(code),
        "year": f"Year {code.youngest_year} and above" if code.youngest_year else "",
        "needs": "; ".join(code.needs),
        "keep on file": "; ".join(code.keep),
        "reads as": code.reads_as and f"{code.reads_as} for a pupil of compulsory school age",
        "others use": " or ".join(code.instead) if code.ages is not Ages.ANY else "",
        "use": code.use,
    }
    for label, content in rows.items():
        if content:
            yield from _wrapped(content, f"{STEP}{label:<14}", " " * 16)
    yield ""
    yield from _basis(code, STEP, law.on)
    yield from _wrapped(f"{code.source.instrument.cited_as}: {code.source.instrument.title}", STEP)
    if code.source.instrument.address:
        yield f"{STEP}{code.source.instrument.address}"


def _asked_for(code: Code) -> str:
    if not code.asked_in_advance:
        return ""
    otherwise = f"; otherwise {' or '.join(code.not_in_advance)}" if code.not_in_advance else ""
    return f"to be asked for in advance{otherwise}"


def _named_in(law: Law, symbol: str) -> Iterator[str]:
    """The other rules of the day that name the code, in full."""
    for value in law.values:
        held = [getattr(value, field.name) for field in fields(value)]
        named = [word for one in held for word in (one if isinstance(one, tuple) else (one,))]
        if not isinstance(value, Code) and any(isinstance(w, values.Symbol) and w == symbol for w in named):
            yield from _kind(type(value), [value], law.on)


def _not_in_force(law: Law, symbol: str, meanings: Sequence[Code]) -> Iterator[str]:
    before = [code for code in meanings if code.from_on <= law.on]
    use = law.instead_of(symbol)
    if before:
        last = before[-1]
        ended = f" Its last day was {day_and_year(last.until_on)}." if last.until_on else ""
        yield from _wrapped(f"{symbol} was not a code on that day any more.{ended}", "")
        none = "Nothing took its place: use the code that says why the pupil is away."
    else:
        first = day_and_year(meanings[0].from_on)
        yield from _wrapped(f"{symbol} was not a code on that day yet. It came into use on {first}.", "")
        none = "No code of that day stood for this alone: use the one that says why the pupil was away."
    if not use:
        yield from ("", none)
        return
    fits = ", whichever fits" if len(use) > 1 else ""
    yield from ("", f"Use instead {' or '.join(code.symbol for code in use)}{fits}:")
    for code in use:
        yield from ("", f"{STEP}{code.symbol:<4}{code.name}")
        yield from _wrapped(_how_it_counts(code), STEP * 3)
        yield from _wrapped(code.use, STEP * 3)


def _unknown(law: Law, symbol: str) -> Problem:
    read_as = {value.reads_as for value in law.statute.values if isinstance(value, Code)}
    known = [other for other in law.statute.symbols if other not in read_as]
    alike = [other for other in known if symbol and other[0] == symbol[0].upper()]
    near = list(dict.fromkeys([*get_close_matches(symbol.upper(), known, 3, 0.6), *alike]))[:8]
    what = f'"{symbol}" is not an attendance code and never was one in the days held.'
    remedy = f"Near it: {', '.join(near)}." if near else f"In force that day: {', '.join(law.codes)}."
    return Problem("code-unknown", Place(), what, remedy, value=symbol)


def _how_it_counts(code: Code) -> str:
    return f"{code.category.name}: {_counting(code.category)}"


def _counting(category: Category) -> str:
    if category.attended:
        return "attended, in the numerator and the denominator"
    if not category.possible:
        return "not possible, in neither numerator nor denominator"
    return f"{'absent' if category.absence else 'neither attended nor absent'}, in the denominator only"


def _title(kind: type[Value]) -> str:
    return _capital(kind.table.replace("_", " "))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_sentence(kind: type[Value]) -> str:
    """What a kind of value is, in the words of its own documentation."""
    paragraph = (inspect.getdoc(kind) or "").split("\n\n")[0]
    return paragraph.replace("\n", " ").replace("`", "").replace("_", " ")


def _wrapped(text: str, first: str, rest: str | None = None) -> Iterable[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=first if rest is None else rest,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
