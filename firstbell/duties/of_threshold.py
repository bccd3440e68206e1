"""What is to be said of a threshold that was met: its sessions, those not explained yet, what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from firstbell.duties.sight import Sight
from firstbell.policy.parameters import ReasonUnknown, Threshold
from firstbell.policy.terms import Span
from firstbell.sessions import CalendarEnds, Session

__all__ = ["named_of_threshold"]


def named_of_threshold(
    sight: Sight, params: Threshold, row: int, sessions: Sequence[Session]
) -> dict[str, object]:
    """The numbers of a threshold that was met: also how many of its sessions have no known reason yet.

    These count, and may still turn out to be something else: until the last day on which the first of them
    may have that code, which is the day to look at it again.
    """
    marked = sight.sessions_of(sight.marked((sight.unknown_code,)), row, *_ends(sessions))
    unknown = [one for one in marked if one in sessions]
    named: dict[str, object] = {
        "sessions": len(sessions),
        "needed": params.sessions,
        "school_weeks": params.school_weeks,
        "unknown": len(unknown),
    }
    if unknown and (resolve_by := _resolve_by(sight, row, unknown[0].on)) is not None:
        named["resolve_by"] = resolve_by
    if params.questions:
        named["questions"] = params.questions
    return named


def _ends(sessions: Sequence[Session]) -> tuple[date, date]:
    return sessions[0].on, sessions[-1].on


def _resolve_by(sight: Sight, row: int, day: date) -> date | None:
    """The last day on which a mark of a day may say that the reason is not known."""
    within = _within(sight, row, day)
    try:
        return within.after(day, sight.book.calendar, sight.year_group(row, day)) if within else None
    except CalendarEnds:
        return None


def _within(sight: Sight, row: int, day: date) -> Span | None:
    rules = (rule for rule in sight.rules if isinstance(rule.params, ReasonUnknown))
    own = (rule.params for rule in rules if sight.applies(rule.applies_to, row, day))
    return next((params.within for params in own if isinstance(params, ReasonUnknown)), None)
