"""What has this school promised? Policies and the law as rules, by day; nothing about any child.

A policy is data: a folder for each day from which a version of it is in force. `read_policy` reads one and
checks it, `Rulebook` says which rules are in force on a day, with law and policy merged. `parameters` has the
kinds of rules, a closed list; what each looks for in registers and facts stands among the duties.
"""

from firstbell.policy.files import NotOfItsForm, PolicyFiles, WrittenPolicy, WrittenRule
from firstbell.policy.parameters import KINDS, Params
from firstbell.policy.reading import named, read_policy, shipped
from firstbell.policy.rule import AppliesTo, Clause, Form, Letter, Mode, Policy, Rule
from firstbell.policy.rulebook import Rulebook, Stretch
from firstbell.policy.settings import SchoolSettings, example_beside, example_school, read_school
from firstbell.policy.terms import Comparator, Limit, Span, Unit

__all__ = [
    "KINDS",
    "AppliesTo",
    "Clause",
    "Comparator",
    "Form",
    "Letter",
    "Limit",
    "Mode",
    "NotOfItsForm",
    "Params",
    "Policy",
    "PolicyFiles",
    "Rule",
    "Rulebook",
    "SchoolSettings",
    "Span",
    "Stretch",
    "Unit",
    "WrittenPolicy",
    "WrittenRule",
    "example_beside",
    "example_school",
    "named",
    "read_policy",
    "read_school",
    "shipped",
]
