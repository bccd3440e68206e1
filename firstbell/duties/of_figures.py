"""What shares and windows ask for: bands, the threshold, avoidance, sickness, what fell further."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from firstbell.duties.duty import Because, Occurrence
from firstbell.duties.of_threshold import named_of_threshold
from firstbell.duties.sight import Looking, Sight
from firstbell.facts import KINDS, About, Fact
from firstbell.facts.absences import AbsenceReported
from firstbell.facts.school import NoticeConsidered
from firstbell.measures import RunKind, threshold_episodes
from firstbell.policy.parameters import (
    Avoidance,
    Band,
    BandAtAudits,
    SicknessDays,
    Threshold,
    WorseSince,
)
from firstbell.policy.rule import Rule
from firstbell.policy.terms import Limit
from firstbell.sessions import Period, Session

__all__ = ["LOOKING", "compared", "sick"]

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


# --- bands -----------------------------------------------------------------------------------------------


def _band(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each time that a pupil's attendance came to meet the comparison, within each period."""
    params = rule.params
    assert isinstance(params, Band)
    for period in sight.periods(params.over):
        start, stop = sight.place_of(period.starts_on), min(_stop(sight, period), sight.seen)
        if start >= stop:
            continue
        yield from _spells(sight, rule, _met(sight, params, start, stop), start, period)


def _stop(sight: Sight, period: Period) -> int:
    return sight.place_of(period.ends_on + timedelta(days=1))


def _met(sight: Sight, params: Band, start: int, stop: int) -> BoolArray:
    """bool[row, day]: whether the comparison holds on a day of a period, on that day's own exact figure."""
    part = sight.attended_by_day[:, start + 1 : stop + 1] - sight.attended_by_day[:, start : start + 1]
    whole = sight.possible_by_day[:, start + 1 : stop + 1] - sight.possible_by_day[:, start : start + 1]
    met: BoolArray = compared(params.when, part, whole) & (whole > 0) & (whole >= params.least_possible)
    if params.until is not None:
        met &= ~compared(params.until, part, whole)
    if params.with_codes:
        cells = sight.marked(params.with_codes)[:, 2 * start : 2 * stop]
        days = cells[:, 0::2] | cells[:, 1::2]
        met &= np.logical_or.accumulate(days, axis=1)
    return met


def compared(limit: Limit, part: IntArray, whole: IntArray) -> BoolArray:
    """Whether part of whole meets a limit, exactly, for arrays: whole numbers are multiplied, not divided."""
    left, right = part * limit.number.denominator, whole * limit.number.numerator
    found: BoolArray = {
        "below": np.less,
        "at most": np.less_equal,
        "above": np.greater,
        "at least": np.greater_equal,
    }[limit.comparator.value](left, right)
    return found


def _spells(sight: Sight, rule: Rule, met: BoolArray, start: int, period: Period) -> Iterator[Occurrence]:
    assert isinstance(rule.params, Band)
    edges = np.diff(met.astype(np.int8), axis=1, prepend=0, append=0)
    rows, firsts = (some.tolist() for some in np.nonzero(edges == 1))
    afters = np.nonzero(edges == -1)[1].tolist()
    running = sight.day <= period.ends_on
    last_row, before_on = -1, period.starts_on
    for row, first, after in zip(rows, firsts, afters, strict=True):
        # With a mark corrected a spell may begin later: the days since the one before are its days too.
        from_on = before_on if row == last_row else period.starts_on
        last_row, before_on = row, sight.days[start + after - 1] + timedelta(days=1)
        first_on, last_on = sight.days[start + first], sight.days[start + after - 1]
        if not sight.applies(rule.applies_to, row, first_on):
            continue
        goes_on = running and after == met.shape[1]
        because = sight.because_of_rate(row, period, sight.day if goes_on else last_on, rule.params.when)
        yield Occurrence(
            rule,
            sight.about(row),
            first_on.isoformat(),
            first_on,
            because,
            holds=goes_on,
            span=(from_on, date.max if goes_on else last_on),
        )


# --- threshold, avoidance --------------------------------------------------------------------------------


def _threshold(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Each time that the window came to hold enough, about the pupil or about each parent."""
    params = rule.params
    assert isinstance(params, Threshold)
    for met in threshold_episodes(sight.strips, params):
        row = next((row for row in reversed(met.rows) if sight.strips.on_roll[row, met.first]), met.rows[-1])
        session = sight.strips.axis.session(met.first)
        if not sight.applies(rule.applies_to, row, session.on):
            continue
        counted = sight.sessions(met.sessions)
        because = Because(counted, named=named_of_threshold(sight, params, row, counted))
        enrolment = sight.enrolments[row].id
        parents = sight.book.parents.get(enrolment, ()) if params.each_parent else ()
        latest_on = sight.strips.axis.session(met.latest).on
        # Met later, with one of its sessions corrected, it is the same: its days are those that count.
        days = (sight.strips.axis.session(met.sessions[0]).on, latest_on)
        for parent in parents or ("",):
            about, anchor = About(enrolment=enrolment, parent=parent), session.on.isoformat()
            yield Occurrence(rule, about, anchor, session.on, because, span=days)
            yield from _met_again(sight, rule, row, about, (session.on, latest_on))


def _met_again(
    sight: Sight, rule: Rule, row: int, about: About, span: tuple[date, date]
) -> Iterator[Occurrence]:
    """The threshold met once more by what was missed since it was considered, in the same stretch.

    A refused fortnight after a notice is another matter than the weeks that the notice was for.
    """
    params = rule.params
    assert isinstance(params, Threshold)
    cells = sight.once(("of age", *params.codes), lambda: sight.marked(params.codes) & sight.strips.is_of_age)
    group = sight.year_group(row, span[0])
    considered = sorted(
        fact.on
        for fact, _, at_row in sight.of(NoticeConsidered)
        if at_row == row and span[0] <= fact.on <= span[1] and about.parent in ("", fact.about.parent)
    )
    for on in dict.fromkeys(considered):
        since = sight.sessions_of(cells, row, on + timedelta(days=1), span[1])
        for place in range(params.sessions - 1, len(since)):
            last = since[place]
            weeks = sight.book.calendar.last_school_weeks(last.on, params.school_weeks, group)
            inside = tuple(one for one in since[: place + 1] if one.on >= weeks[0].monday_on)
            if len(inside) >= params.sessions:
                because = Because(inside, named=named_of_threshold(sight, params, row, inside))
                days = (last.on, span[1])
                yield Occurrence(rule, about, last.on.isoformat(), last.on, because, span=days)
                break


def _avoidance(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils with several short absences of a sort in a school year."""
    params = rule.params
    assert isinstance(params, Avoidance)
    cells = sight.marked(params.codes)
    for period in sight.periods("school year"):
        for row in np.flatnonzero(cells.any(axis=1)):
            stretches = _stretches(sight, params.codes, int(row), period)
            short = [one for one in stretches if len(one) <= params.most_sessions]
            if len(short) < params.runs or not sight.applies(rule.applies_to, int(row), short[-1][0].on):
                continue
            sessions = tuple(session for one in short for session in one)
            named = {"runs": len(short), "sessions": len(sessions)}
            yield Occurrence(
                rule,
                sight.about(int(row)),
                period.starts_on.isoformat(),
                short[params.runs - 1][0].on,
                Because(sessions, named=named),
                holds=sight.day <= period.ends_on,
            )


def _stretches(sight: Sight, codes: Sequence[str], row: int, period: Period) -> list[list[Session]]:
    """The absences of a row within a period that have some codes, each as its sessions with them.

    Two are apart where the pupil was in school between: a day of illness in a holiday ends no holiday.
    """
    inside = sight.marked(codes)
    found: list[list[Session]] = []
    back = True
    for session in sight.sessions_of(inside | sight.attended, row, period.starts_on, period.ends_on):
        place = sight.strips.axis.place(session)
        if place is None or not inside[row, place]:
            back = True
            continue
        if back:
            found.append([])
        found[-1].append(session)
        back = False
    return found


# --- sickness --------------------------------------------------------------------------------------------


def sick(sight: Sight, params: SicknessDays) -> BoolArray:
    """bool[row, place]: sessions of sickness, by the codes of the rule or else of the law."""
    return sight.marked(params.codes or sight.codes_of("illness"))


def halves_of_days(cells: BoolArray, params: SicknessDays) -> IntArray:
    """int64[row, day]: what each day of sickness counts, in half days: two for a whole one."""
    morning, afternoon = cells[:, 0::2], cells[:, 1::2]
    if params.part_days == "half":
        return morning.astype(np.int64) + afternoon
    return 2 * (morning & afternoon if params.part_days == "none" else morning | afternoon).astype(np.int64)


def _sickness_days(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils whose days of sickness in a school year have come, or are said to come, to the number."""
    params = rule.params
    assert isinstance(params, SicknessDays)
    cells = sick(sight, params)
    ill = halves_of_days(cells, params)
    for period in sight.periods("school year"):
        start, stop = sight.place_of(period.starts_on), min(_stop(sight, period), sight.seen)
        running = np.cumsum(ill[:, start:stop], axis=1, dtype=np.int64)
        if params.expected:
            yield from _sickness_expected(sight, rule, period, ill)
            continue
        reached = running >= 2 * params.days
        for row in np.flatnonzero(reached.any(axis=1)):
            on = sight.days[start + int(np.argmax(reached[row]))]
            if not sight.applies(rule.applies_to, int(row), on):
                continue
            sessions = sight.sessions_of(cells, int(row), period.starts_on, period.ends_on)
            named = {"days": int(running[row, -1]) // 2, "needed": params.days}
            because = Because(sessions, named=named)
            anchor = period.starts_on.isoformat()
            own = sight.runs(RunKind.ILLNESS).get(int(row), ())
            first = next(
                (run for run in own if sight.days[run.first_day] <= on <= sight.days[run.last_day]), None
            )
            # A return that was made early, because the illness was expected to last, is the return; and so
            # is one for this sickness by itself, where a correction has it reach the number only now.
            days = (sight.days[first.first_day], sight.days[first.last_day]) if first else (on, on)
            yield Occurrence(
                rule, sight.about(int(row)), anchor, on, because, span=days, settles_from=days[0]
            )
            yield from _another_sickness(sight, rule, int(row), period, on)


def _another_sickness(sight: Sight, rule: Rule, row: int, period: Period, on: date) -> Iterator[Occurrence]:
    """Each later continuous sickness in the year that is long enough by itself: a return for each."""
    params = rule.params
    assert isinstance(params, SicknessDays)
    cells = sick(sight, params)
    ill = halves_of_days(cells[row : row + 1], params)[0]
    for run in sight.runs(RunKind.ILLNESS).get(row, ()):
        first_on, last_on = sight.days[run.first_day], sight.days[run.last_day]
        running = np.cumsum(ill[list(run.reached)], dtype=np.int64)
        if running[-1] < 2 * params.days or first_on <= on or first_on not in period:
            continue
        reached_on = sight.days[run.reached[int(np.argmax(running >= 2 * params.days))]]
        sessions = sight.sessions_of(cells, row, first_on, last_on)
        because = Because(sessions, named={"days": int(running[-1]) // 2, "needed": params.days})
        anchor = first_on.isoformat()
        yield Occurrence(rule, sight.about(row), anchor, reached_on, because, settles_from=first_on)


def _sickness_expected(sight: Sight, rule: Rule, period: Period, ill: IntArray) -> Iterator[Occurrence]:
    params = rule.params
    assert isinstance(params, SicknessDays)
    calendar = sight.book.calendar
    for fact, data, row in sight.of(AbsenceReported):
        if (
            data.reason != "illness"
            or fact.on not in period
            or not sight.applies(rule.applies_to, row, fact.on)
        ):
            continue
        group = sight.enrolments[row].year_group(fact.on)
        expected = data.days_expected or 0
        if data.until_on or data.back_on:
            last_on = data.until_on or (data.back_on or fact.on) - timedelta(days=1)
            expected = len(calendar.school_days(fact.on, min(last_on, period.ends_on), group))
        if not expected:
            continue
        before = int(ill[row, sight.place_of(period.starts_on) : sight.place_of(fact.on)].sum())
        if before < 2 * params.days <= before + 2 * expected:
            named = {"days": before // 2 + expected, "needed": params.days, "before": before // 2}
            because = Because(facts=(fact.id,), named=named)
            yield Occurrence(rule, fact.about, fact.id, fact.on, because)


# --- worse than it was -----------------------------------------------------------------------------------


def _worse_since(sight: Sight, rule: Rule) -> Iterator[Occurrence]:
    """Pupils whose attendance is lower than on the day of the last meeting or plan."""
    params = rule.params
    assert isinstance(params, WorseSince)
    next_on = _next_audit(sight)
    for row, fact in _last_of(sight, params).items():
        period = sight.period(params.over, fact.on)
        if period is None or sight.day not in period or not sight.applies(rule.applies_to, row, sight.day):
            continue
        then = sight.rate(row, period.starts_on, fact.on)
        days = sight.book.calendar.school_days(fact.on + timedelta(days=1), sight.day)
        worse = [day for day in days if _lower(sight, row, period, day, then.part, then.whole)]
        if not worse or not then.whole:
            continue
        now = sight.rate(row, period.starts_on, sight.day)
        missed = sight.sessions_of(sight.absent, row, fact.on + timedelta(days=1), sight.day)
        named: dict[str, object] = {"then": then.shown(2), "now": now.shown(2)}
        if next_on is not None:
            named["next_audit"] = next_on
        yield Occurrence(
            rule,
            sight.about(row),
            fact.id,
            worse[0],
            Because(missed, now, f"below {then.shown()}", (fact.id,), named),
            holds=worse[-1] == days[-1],
        )


def _last_of(sight: Sight, params: WorseSince) -> dict[int, Fact]:
    """By row, the last of the facts of some kinds with some parts."""
    last: dict[int, Fact] = {}
    for kind in dict.fromkeys(params.since):
        for fact, data, row in sight.of(KINDS[kind]):
            fits = all(getattr(data, name, None) == value for name, value in params.where.items())
            if fits and fact.on <= sight.day:
                last[row] = max(last.get(row, fact), fact, key=lambda one: (one.on, one.known_at))
    return last


def _next_audit(sight: Sight) -> date | None:
    """The day of the next audit by the rules of the day; None where there are none."""
    overs = {rule.params.audits for rule in sight.rules if isinstance(rule.params, BandAtAudits)}
    return min((on for over in overs if (on := sight.ends_next(over)) is not None), default=None)


def _lower(sight: Sight, row: int, period: Period, day: date, part: int, whole: int) -> bool:
    rate = sight.rate(row, period.starts_on, day)
    return rate.part * whole < part * rate.whole


LOOKING: dict[str, Looking] = {
    Band.kind: _band,
    Threshold.kind: _threshold,
    Avoidance.kind: _avoidance,
    SicknessDays.kind: _sickness_days,
    WorseSince.kind: _worse_since,
}
