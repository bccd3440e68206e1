"""How much was attended and missed? Counts, exact rates, windows, runs, lines crossed.

Every function takes strips and gives whole numbers by enrolment; a rate is a pair of them until it is shown.
`counts` are the formulas, `periods` the stretches of days they are asked for, `windows` the national
threshold, `runs` the days running, `lines` who has crossed what the law sets, `mobile` the attendances of
travelling children, `review` all of the commonest in one pass over very many strips. Nothing here knows a
code's letter: what counts as what is the law's.
"""

from firstbell.measures.counts import (
    Counts,
    Rate,
    Totals,
    code_counts,
    count,
    grouped,
    persistent,
    split_by_session,
)
from firstbell.measures.lines import Crossing, Line, crossings
from firstbell.measures.mobile import mobile_child_attendances, mobile_child_defence_open
from firstbell.measures.periods import (
    census_periods,
    in_statistics,
    last_months,
    last_school_weeks,
    statistics_sessions,
)
from firstbell.measures.runs import (
    Run,
    RunKind,
    SicknessDays,
    runs,
    sickness_days,
    sickness_reached,
)
from firstbell.measures.suppression import hidden_groups
from firstbell.measures.windows import (
    ThresholdMet,
    WindowRule,
    threshold_episodes,
    threshold_met,
    unauthorised_in_window,
)

__all__ = [
    "Counts",
    "Crossing",
    "Line",
    "Rate",
    "Run",
    "RunKind",
    "SicknessDays",
    "ThresholdMet",
    "Totals",
    "WindowRule",
    "census_periods",
    "code_counts",
    "count",
    "crossings",
    "grouped",
    "hidden_groups",
    "in_statistics",
    "last_months",
    "last_school_weeks",
    "persistent",
    "mobile_child_attendances",
    "mobile_child_defence_open",
    "runs",
    "sickness_days",
    "sickness_reached",
    "split_by_session",
    "statistics_sessions",
    "threshold_episodes",
    "threshold_met",
    "unauthorised_in_window",
]
