"""How are days, moments and numbers written on the command line, what do the exit codes say, and how are
problems listed?
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, datetime, time

from firstbell.problems import Problem
from firstbell.sessions import LONDON

__all__ = ["KEPT_ASIDE", "READ", "UNUSABLE", "Commands", "day", "end_of", "moment", "number", "problem_lines"]

READ, KEPT_ASIDE, UNUSABLE = 0, 1, 2
MOST_PROBLEMS = 20
Commands = argparse._SubParsersAction


def day(text: str) -> date:
    """A day, as 2025-09-16."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a day: write it as 2025-09-16') from None


def moment(text: str) -> date | datetime:
    """A day, or a moment of London time where a time is given."""
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'"{text}" is neither a day (2025-09-16) nor a moment (2025-09-16T09:40)'
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=LONDON)


def number(text: str) -> int:
    """A whole number."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number')
    return int(text)


def end_of(day: date | datetime) -> datetime:
    """A moment, or the last of a day."""
    return day if isinstance(day, datetime) else datetime.combine(day, time.max, LONDON)


def problem_lines(problems: Sequence[Problem], all_of_them: str) -> list[str]:
    """Problems for a terminal, errors first, some of each; `all_of_them` says where the others stand."""
    lines = []
    for severity, word in (("error", "Kept aside or wrong"), ("warning", "Used, but look at it")):
        found = [problem for problem in problems if problem.severity == severity]
        lines += [f"{word}:"] * bool(found)
        lines += [f"  {problem}" for problem in found[:MOST_PROBLEMS]]
        if len(found) > MOST_PROBLEMS:
            lines.append(f"  ... and {len(found) - MOST_PROBLEMS} more: all of them are {all_of_them}.")
    return lines
