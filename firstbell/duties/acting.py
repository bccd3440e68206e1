"""What does somebody want to do, and what stands in the way of it?"""

from __future__ import annotations

from dataclasses import dataclass

from firstbell.policy.rule import Rule
from firstbell.problems import Place, Problem, Severity
from firstbell.sessions import Session

__all__ = ["Action", "Refusal", "refusal"]


@dataclass(frozen=True)
class Action:
    """Something that somebody wants to do: its name, about whom, in which role, and what it needs to say.

    `request` is the id of the fact that it answers, `evidence` of what it is, `purpose` a letter or ground.
    `request`, `notice`, `evidence` and `plan` may each be the id of a fact.
    """

    name: str
    enrolment: str = ""
    role: str = ""
    parent: str = ""
    request: str = ""
    code: str = ""
    session: Session | None = None
    notice: str = ""
    evidence: str = ""
    plan: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why something may not be done, by which rule, and whether a person may do it all the same."""

    problem: Problem
    rule: str = ""
    overridable: bool = False

    @property
    def refuses(self) -> bool:
        """Whether it stands in the way; advice does not."""
        return self.problem.severity == "error"


def refusal(
    rule: Rule | None,
    what: str,
    remedy: str,
    *,
    source: str = "",
    overridable: bool = False,
    advice: bool = False,
) -> Refusal:
    """A refusal by a rule, with the law or the clauses that it rests on; by none, of the action itself."""
    cited = source or (rule.source if rule else "")
    if rule is not None and not cited:
        cited = f"clause {', '.join(rule.implements)}"
    severity: Severity = "warning" if advice else "error"
    problem = Problem(rule.id if rule else "not-allowed", Place(), what, remedy, cited, severity)
    return Refusal(problem, rule.id if rule else "", overridable)
