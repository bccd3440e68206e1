"""How long are entries of the registers kept, and may they be disposed of?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from firstbell.duties.acting import Action, Refusal, refusal
from firstbell.duties.sight import Sight
from firstbell.policy.parameters import Retention
from firstbell.policy.rule import Rule
from firstbell.sessions import LONDON, Session, day_and_year
from firstbell.statute import years_after_in_full

__all__ = ["dispose", "kept_until"]


def _longest(sight: Sight) -> tuple[Rule, int] | None:
    """The rule of the day that keeps entries longest: the law's or the policy's."""
    found = [(rule, rule.params.years) for rule in sight.rules if isinstance(rule.params, Retention)]
    return max(found, key=lambda one: one[1], default=None)


def kept_until(sight: Sight, made_on: date) -> date | None:
    """The first day on which an entry may go: its years are over in full. None where no rule keeps it.

    It is asked of the rules of the day of asking, not of those of the day on which the entry was made.
    """
    longest = _longest(sight)
    return years_after_in_full(made_on, longest[1]) if longest is not None else None


def dispose(sight: Sight, action: Action) -> Iterator[Refusal]:
    """What keeps the entries for a session: the years that law and policy ask for, the longer of the two.

    An amendment is an entry of its own, which is younger than what it amends.
    """
    if action.session is None:
        yield refusal(None, "No session is named.", "Say the entries of which session are meant.")
        return
    longest = _longest(sight)
    if longest is None:
        return
    rule, years = longest
    made_on = _made_on(sight, action, action.session)
    until_on = years_after_in_full(made_on, years)
    if sight.day < until_on:
        what = (
            f"The last entry for the session was made on {day_and_year(made_on)}; it is kept {years} years."
        )
        yield refusal(rule, what, f"It may go on {day_and_year(until_on)} at the earliest.")


def _made_on(sight: Sight, action: Action, session: Session) -> date:
    """The day of the youngest entry for a session: of the session itself, or of an amendment."""
    amended = (
        one.known_at.astimezone(LONDON).date()
        for one in sight.book.register.amendments
        if one.session == session
        and action.enrolment in ("", one.enrolment)
        and (sight.book.known_at is None or one.known_at <= sight.book.known_at)
    )
    return max((session.on, *amended))
