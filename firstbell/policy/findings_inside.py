"""Where does a policy not agree with itself, leave a gap, or use a number that it does not state?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from firstbell.policy.case_parameters import MorningStep
from firstbell.policy.files import WrittenRule
from firstbell.policy.finding import Check, Finding, Looked, finding
from firstbell.policy.parameters import (
    Band,
    Content,
    Count,
    DayOfAbsence,
    LateArrival,
    RegisterTimes,
    ReportDeadline,
    SicknessDays,
)
from firstbell.policy.rule import Rule
from firstbell.policy.statements import STATED
from firstbell.policy.terms import Comparator, Limit
from firstbell.sessions import day_and_year
from firstbell.statute.values import PersistentAbsence, SevereAbsence

__all__ = ["INSIDE"]

WHOLE = Fraction(1)
OVER_THE_YEAR = "school year"


# --- what clauses state ----------------------------------------------------------------------------------


def _two_words(looked: Looked) -> Iterator[Finding]:
    """Two clauses state two things of one matter."""
    for key, matter in STATED.items():
        said = {one.id: one.states[key] for one in looked.version.clauses.values() if key in one.states}
        words = sorted({*said.values()})
        if len(words) > 1:
            both = "; ".join(
                f"{', '.join(clause for clause, own in said.items() if own == word)}: "
                f"{matter.matter} {matter.values[word]}"
                for word in words
            )
            yield Finding(
                "two-statements",
                "inside the policy",
                f"The clauses do not agree. {both}.",
                "Each is carried out where it is meant; the law's word decides where one of them must.",
                tuple(said),
            )


# --- mornings --------------------------------------------------------------------------------------------


def _morning_opens(looked: Looked) -> Iterator[RegisterTimes]:
    for _, _, params in looked.of(RegisterTimes):
        if params.session in ("morning", "both") and params.opens is not None:
            yield params


def _calls(looked: Looked) -> Iterator[Finding]:
    """A step of the morning is due when the register opens, or before: nobody can be known to be absent."""
    registers = list(_morning_opens(looked))
    steps = [
        written
        for written, _, params in looked.of(MorningStep)
        if params.step in ("message", "primary contact")
        and params.by is not None
        and any(register.opens is not None and params.by <= register.opens for register in registers)
    ]
    if steps:
        what = (
            "The first call is due when the morning's register opens, or before: until it is saved nobody is "
        )
        what += "known to be absent."
        default = "The list begins at that time; somebody acts on a pupil once their mark is missing."
        yield finding("call-before-register", "inside the policy", what, default, steps)


def _gate(looked: Looked) -> Iterator[Finding]:
    """A late gate shuts before the register opens, so that who comes between is late and in time."""
    for written, _, params in looked.of(LateArrival):
        for register in _morning_opens(looked):
            after, opens = params.after, register.opens
            if after is not None and opens is not None and after < opens:
                what = f"The late gate shuts at {after:%H:%M}, and the register opens at {opens:%H:%M}."
                default = "Who comes between the two is noted, and marked as present."
                yield finding("gate-before-register", "inside the policy", what, default, [written])


def _morning_unsaid(looked: Looked) -> Iterator[Finding]:
    """The times of the first morning are left out; a frame for schools leaves them out on purpose."""
    if looked.version.is_frame:
        return
    steps = [
        written
        for written, rule in looked.rules
        if isinstance(rule.params, MorningStep | ReportDeadline) and "by" in written.by_school
    ]
    if steps:
        what = f"The policy does not say at what time somebody acts on the first morning: {_ids(steps)}."
        yield finding("morning-not-stated", "inside the policy", what, "The school states the times.", steps)


def _reported(looked: Looked) -> Iterator[Finding]:
    """A welfare check is due on a day of any absence, also one that was reported and explained."""
    for written, rule, params in looked.of(DayOfAbsence):
        settles = {term.partition(":")[0] for term in rule.settled_by}
        if params.of == "any absence" and not params.without and "visit" in settles:
            what = f"The {rule.asks} on day {params.day} is of any absence, also of one that was reported."
            default = "It is due all the same; that a parent is in contact can be recorded as the check."
            yield finding("check-of-reported", "inside the policy", what, default, [written])


# --- bands -----------------------------------------------------------------------------------------------


def _bands(looked: Looked) -> list[tuple[WrittenRule, Rule, Band]]:
    """The bands over a school year that name a tier, the widest first."""
    found = [
        (written, rule, params)
        for written, rule, params in looked.of(Band)
        if params.when is not None and params.over == OVER_THE_YEAR and params.tier
    ]
    return sorted(found, key=lambda one: -one[2].when.number)


def _downwards(limit: Limit) -> bool:
    return limit.comparator in (Comparator.BELOW, Comparator.AT_MOST)


def _gaps(looked: Looked) -> Iterator[Finding]:
    """Between the band for everybody and the next a pupil can be in none."""
    above = [one for one in _bands(looked) if not _downwards(one[2].when)]
    below = [one for one in _bands(looked) if _downwards(one[2].when)]
    for written, _, params in above:
        low = params.when
        for _, _, highest in below[:1]:
            high = highest.when
            touching = low.number == high.number and (
                low.comparator is Comparator.AT_LEAST or high.comparator is Comparator.AT_MOST
            )
            if high.number > low.number or touching:
                continue
            what = f'No band is for a pupil who is neither "{low}" nor "{high}".'
            default = "What is for all pupils holds there, and nothing more is asked."
            yield finding("bands-leave-a-gap", "inside the policy", what, default, [written, below[0][0]])


def _overlaps(looked: Looked) -> Iterator[Finding]:
    """Bands with tiers overlap: a pupil is in several at once."""
    if all(_downwards(params.when) for _, _, params in _bands(looked)):
        # Steps downwards lie within each other on purpose; a table from top to bottom does not.
        return
    below = [one for one in _bands(looked) if _downwards(one[2].when)]
    for place, (written, _, params) in enumerate(below):
        for other, _, lower in below[place + 1 :]:
            if params.tier != lower.tier and params.until is None and lower.when.number < params.when.number:
                what = f'Who is "{lower.when}" is "{params.tier}" and "{lower.tier}" at once.'
                default = "The lowest names the pupil's tier; what the wider asks for stays."
                yield finding("bands-overlap", "inside the policy", what, default, [written, other])
                break


def _boundaries(looked: Looked) -> Iterator[Finding]:
    """A band acts on the other side of a boundary than the Department counts on."""
    of_law: list[tuple[PersistentAbsence | SevereAbsence | None, str]] = [
        (looked.law.find(PersistentAbsence), "persistently"),
        (looked.law.find(SevereAbsence), "severely"),
    ]
    for held, word in of_law:
        if held is None:
            continue
        share = WHOLE - held.share
        bands = [
            (written, params)
            for written, _, params in looked.of(Band)
            if params.when is not None and params.when.number == share and params.over == OVER_THE_YEAR
        ]
        other = [written for written, params in bands if params.when.comparator is Comparator.BELOW]
        if other:
            shown = f"{float(100 * share):.1f}%"
            what = (
                f"At exactly {shown} the Department counts a pupil as {word} absent, and these rules do not "
            )
            what += f"act: {_ids(other)}."
            default = "The statistic and what the policy asks for are shown apart."
            source = str(held.source)
            yield finding("other-side-of-boundary", "inside the policy", what, default, other, source=source)


# --- numbers ---------------------------------------------------------------------------------------------


def _patterns(looked: Looked) -> Iterator[Finding]:
    """A pattern of lateness or absence is acted upon, and no number says what one is."""
    if looked.version.is_frame:
        return
    rules = [written for written, _, _ in looked.of(Count) if "reaches" in written.by_school]
    if rules:
        what = f"The policy speaks of patterns and does not say from which number on: {_ids(rules)}."
        yield finding("pattern-without-number", "inside the policy", what, "The school states it.", rules)


def _sickness(looked: Looked) -> Iterator[Finding]:
    """A return on sickness is due by a count alone; the law asks for what is reasonably believed."""
    held = list(looked.of(SicknessDays))
    if held and not any(params.expected for _, _, params in held):
        what = "The return on sickness follows from days counted, and none from what is believed to come."
        default = "The law's own question is asked as well when somebody says how long an illness will last."
        yield finding("sickness-only-counted", "inside the policy", what, default, [one[0] for one in held])


def _tables(looked: Looked) -> Iterator[Finding]:
    """A printed table of days and percentages does not come to what it says."""
    for written, _, params in looked.of(Content):
        if params.rows_of != "days missed" or not params.rows_out_of:
            continue
        wrong = [
            f"{days} of {params.rows_out_of} days leave {float(attended):.2f}%, and not {said}"
            for days, said in params.rows.items()
            if (attended := _attended(days, params.rows_out_of)) is not None
            and (stated := _share(said)) is not None
            and round(float(attended)) != round(float(stated))
        ]
        if wrong:
            what = f"The printed table does not come out: {'; '.join(wrong)}."
            default = "Figures are worked out from the calendar; the table is shown as printed."
            yield finding("table-does-not-add-up", "inside the policy", what, default, [written])


def _attended(days: str, out_of: int) -> Fraction | None:
    return 100 * (WHOLE - Fraction(int(days), out_of)) if days.isdigit() else None


def _share(said: str) -> Fraction | None:
    text = said.strip().rstrip("+").rstrip("%").strip()
    return Fraction(text) if text.replace(".", "", 1).isdigit() else None


def _review(looked: Looked) -> Iterator[Finding]:
    """The day by which the policy was to be reviewed has passed."""
    review_on = looked.version.review_on
    if review_on is not None and review_on < looked.on:
        days = f"{day_and_year(review_on)}; this is {day_and_year(looked.on)}"
        what = f"By its own words it was to be reviewed by {days}."
        yield Finding(
            "review-overdue", "inside the policy", what, "It holds until another version is in force."
        )


def _carried_out_by_nothing(looked: Looked) -> Iterator[Finding]:
    """Clauses that no rule carries out, keeps or shows, and that no table of the statute counts by."""
    carried = {key for written, _ in looked.rules for key in written.told["implements"]}
    left = [one.id for one in looked.version.clauses.values() if one.id not in carried and not one.counted_by]
    if left:
        what = f"Nothing carries out {', '.join(left)}: no rule has it in implements."
        default = "Nothing comes of it, and nobody is shown it beside a rule."
        yield Finding("clause-without-rule", "inside the policy", what, default, tuple(left))


def _ids(rules: list[WrittenRule]) -> str:
    return ", ".join(rule.id for rule in rules)


INSIDE: Mapping[str, Check] = {
    "two-statements": _two_words,
    "call-before-register": _calls,
    "gate-before-register": _gate,
    "morning-not-stated": _morning_unsaid,
    "check-of-reported": _reported,
    "bands-leave-a-gap": _gaps,
    "bands-overlap": _overlaps,
    "other-side-of-boundary": _boundaries,
    "pattern-without-number": _patterns,
    "sickness-only-counted": _sickness,
    "table-does-not-add-up": _tables,
    "review-overdue": _review,
    "clause-without-rule": _carried_out_by_nothing,
}
"""Each check by its name."""
