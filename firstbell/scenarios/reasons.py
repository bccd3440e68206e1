"""What can `because` name? By kind of rule, the numbers and texts that the reasons of its duties say.

The one place where they are listed: the pages of the policies show them, and a test runs every scenario and
looks that each name which a reason had stands here.
"""

from __future__ import annotations

from collections.abc import Mapping

from firstbell.policy.vocabulary import LEAVE_TESTS

__all__ = ["REASONS", "names_of"]

PERIOD = {
    "from": "the first day of the period, a day; of a week, or of two, its Monday",
    "until": "its last school day, a day; where it is asked for at the start, that day",
}
OF_TESTS = {
    "notice_days": "where `leave notice` advises: how many days of notice there were; school days where"
    " notice is asked for in school days or weeks",
    "at_least": 'where `leave notice` advises: how much there must be, as "14 days"',
    "attendance": 'where `leave attendance` advises: the percentage, as "96.4%"',
    "attended": "where `leave attendance` advises: sessions attended",
    "authorised_absence": 'where it compares authorised absence: the percentage, as "11.0%"',
    "unauthorised_absence": 'where it compares unauthorised absence: the percentage, as "1.0%"',
    "sessions": "where it compares absence: sessions of it",
    "possible": "where `leave attendance` advises: sessions possible, with those asked for if they count",
    "asked_for": "where it counts the sessions asked for as missed: how many these are",
    "year_group": 'where `leave year group` advises: the year group, as "6"',
    "school_day": "where `leave at start` advises: which school day of the year the first day is",
    "school_days": "where `leave at start` advises: how many school days are the beginning",
    "assessments_from": "where `leave at assessments` advises: the first day of the assessments, a day",
    "assessments_until": "where it does: the last day of them, a day",
    "days_before": "where it does: which school day before them the first is; 0 for one of them",
    "requested": "where `leave retrospective` advises: the day of the request, a day",
    "from": "where `leave retrospective` advises: the first day of the leave, a day",
    "earlier": "where `leave already` advises: true, there was leave before",
    "missing": 'where `leave applicant` advises: "lives with", "on form" or "licence"',
    "concerns": "where `leave concern` advises: how many concerns there are",
}
OF_BAND = {
    "attendance": 'the percentage on the day that is looked at, as "94.7%"',
    "attended": "sessions attended",
    "possible": "sessions possible",
    "missed": "sessions missed",
    "part_time": "how many of those were agreed, by a part-time timetable; only where there are any",
}
WAS = {"was": "of a duty whose basis changed: what it was anchored to, as a day or the id of a fact"}

REASONS: Mapping[str, Mapping[str, str]] = {
    "register times": {"blanks": "how many pupils have no mark"},
    "late arrival": {"arrived": 'when the pupil came, as "09:12"', "reason": "why, as the fact says"},
    "report deadline": {
        "by": 'the time by which parents report, as "09:30"',
        "reported": "a day: that of an earlier report by which the absence goes on; only where there is one",
    },
    "morning step": {
        "by": 'the time of the rule, as "08:40"',
        "since": 'from when on the pupil was not there, by register or provider, as "08:52"',
        "call_first": "whether the pupil has a flag by which they come first: true or false",
        "contact": "the id of the contact who is to be rung; only where it is known",
        "failed": 'when the call before failed, as "08:57"; only for other contacts and every step',
        "number": "which contact that is, in call order: 1 for the primary one; only where it is known",
        "contacts": "how many contacts there are; for every step, how many could not be reached",
    },
    "missing pupil": {
        "noticed": 'when the pupil was missed, as "10:40"',
        "minutes": "how many minutes had passed; only where these count",
    },
    "reason unknown": {"code": "the code that the marks have", "becomes": "the code after that"},
    "reason given": {"reason": "the reason"},
    "appointment": {
        "evidence": "whether evidence was shown: true or false",
        "minutes": "how long the pupil is away; missing where nobody has said",
        "usual": "how many minutes are usual; only where it is longer than usual",
    },
    "late collection": {
        "collected": 'when the pupil was collected, as "15:50"',
        "emergency": "true or false",
    },
    "closure": {"channel": "by which channel", "code": "the code for everybody"},
    "tell professional": {"flag": "the flag that says that there is a professional"},
    "day of absence": {
        "day": "which school day of the absence asks for it",
        "days": "how many school days the absence has so far",
        "from": "the first whole school day of it, a day",
        "back": "the day on which the pupil was there again; only where that is what asks",
    },
    "late return": {
        "due_back": "the day on which the pupil was due back, a day",
        "sessions": "how many sessions were missed since",
        "overseas": "whether the evidence is from overseas; only where evidence was shown",
    },
    "band": OF_BAND,
    "band at audits": {
        **OF_BAND,
        "number": "for which time running, the audit itself or the one that comes included",
        "audit_on": "the day of that audit, a day",
    },
    "count": {
        "count": "how many there are in the period, or the school weeks, so far",
        "reaches": "how many ask for it",
        "from": "the first day of the period, a day; of school weeks, the Monday of the first",
        "weekday": 'the weekday on which most of them fall, as "Friday"; only where that is asked',
        "on_one": "how many fall on that weekday; only where that is asked",
        "weekdays": "a list: the weekdays on which they fall, in the order of the week; only of late marks",
    },
    "threshold": {
        "sessions": "how many sessions count in the window",
        "needed": "how many are the threshold",
        "school_weeks": "how many school weeks the window has",
        "unknown": "how many of them still have the code for a reason not known",
        "resolve_by": "the last day on which the first of those may have it, a day; only if there are any",
        "questions": "a list, in the order of the policy: what has to be answered; only where it asks any",
    },
    "avoidance": {"runs": "how many short absences", "sessions": "how many sessions all together"},
    "sickness days": {
        "days": "how many school days with any session of sickness, with those expected where these count",
        "needed": "how many ask for it",
        "before": "how many there were before; only where days to come count",
    },
    "worse since": {
        "then": 'attendance on the day of the fact, as "93.14%"',
        "now": 'attendance now, as "92.05%"',
        "next_audit": "the day of the next audit, a day; only where the policy looks at bands at audits",
    },
    "improvement window": {
        "then": 'attendance on the day of the fact, as "89.00%"',
        "now": 'attendance on the last day of the window, or when a limit was reached, as "88.46%"',
        "window": 'attendance within the window alone, as "86.67%"',
        "window_attended": "sessions attended within it",
        "window_possible": "sessions possible within it",
        "absences": "how many sessions were missed within it; of an absence, how many it has",
        "late": "how many times the pupil came late within it; not of an absence",
        "from": "the day after the fact, a day; of an absence, its first day",
        "until": "the last day of the window, a day; of an absence, its last day so far",
    },
    "weekly target": {
        "target": "how many sessions a week were agreed",
        "attended": "sessions attended in the week",
        "possible": "sessions possible in it",
        "from": "the Monday of the week, a day",
        "until": "its last school day, a day",
    },
    "leave decision": {
        "days": "how many school days are asked for",
        "reason": "the reason of the request",
        "advised_by": "a list: the ids of the tests that advise, in the order of the policy",
        "considerations": "a list, in the order of the policy: what is to be weighed",
        **OF_TESTS,
    },
    "after leave": {
        "from": "the first day of the leave, a day",
        "until": "the last day of it, a day",
        "abroad": "whether the child is taken abroad: true or false",
    },
    "refused leave taken": {"sessions": "how many sessions were taken", "days": "on how many days"},
    "observance": {
        "day": "the day that is asked about, a day",
        "set_apart": "whether the parent's religious body has set it apart: true or false",
        "requested": "the day of the request, a day",
        "in_advance": "whether it came before the day: true or false",
        "notice_days": "how many days of notice there were; only where the policy asks for notice",
        "notice_met": "whether that was as much as it asks for: true or false; only there",
    },
    "evidence overdue": {"of": "evidence of what", "by": "the day by which it was asked for, a day"},
    "following": {"fact": "the kind of the fact", "on": "the day of the fact, a day"},
    "notice days": {
        "notice": "which notice",
        "day": "the day that it names, a day; of a sum it is asked on the day after",
        "length": "in words, where a period is shorter or longer than it may be",
    },
    "court days": {
        "made": "of an order: its first day, a day",
        "ends": "of an order: its last day, a day",
        "extension_opens": "of an order: the first day on which an extension can be asked for, a day",
        "offence": "of proceedings: the day of the offence, a day",
        "latest": "of proceedings: the last day on which they can be begun, a day",
    },
    "part-time timetable": {
        "from": "the first day of the timetable, a day",
        "full_time_by": "the last school day of its weeks, or its own last day if that is earlier, a day",
        "sessions": "how many sessions have had its code so far",
    },
    "performance": {
        "day": "of a day outside: which, a day",
        "licensed": "of a day outside: how many days the licence names",
        "sessions": "of a day outside: how many sessions of it were missed",
        "from": "of a week or period: its first day, a day",
        "until": "of a week or period: its last required school day, a day",
        "hours": 'how many hours count: a whole number, or a text as "5 h 30 min"',
        "needed": "how many hours are needed",
    },
    "new pupil": {"starts": "the first day on roll, a day", "days": "within how many days"},
    "leaving": {"leaving": "the last day on roll, a day"},
    "review due": {"fact": "the kind of the fact that names the day", "review_on": "the day, a day"},
    "award": {
        "attendance": 'the percentage, as "98.00%"',
        "attended": "sessions attended",
        "possible": "sessions possible",
        **PERIOD,
        "prizes": "a list, in the order of the policy: what is given; of prizes in turn the one",
        "time": "for which time in the school year; only where prizes are given in turn",
        "prize_on": "the day on which the prize is given, a school day; only where the policy has one",
        "place": "which place; only where there are places",
    },
    "draw": {
        "entries": "how many take part",
        "winners": "how many win in each phase",
        **PERIOD,
        "prizes": "a list, in the order of the policy: what is won",
        "entries ...": "for each phase, as `entries KS1`: a list of those who take part, sorted by ref",
    },
    "period while": {
        "for": 'what goes on: the kind of the fact that began it, or the flags, as "EHCP, young carer"',
        "since": "the day since which it goes on, a day",
        "from": "the first day of the period, a day; of a week, its Monday",
        "until": "the day by which it is to be done, a day",
    },
    "training": {
        "training": "which training",
        "count": "how many members of staff lack it now",
        "of": "how many hold one of the roles now",
        "staff": "a list: the ids of those who lack it",
        "topics": "a list, in the order of the policy: what it covers; only where the policy says",
    },
    "contacts kept": {"held": "how many contacts are held", "wanted": "how many there should be"},
    "regularly": {
        **PERIOD,
        "lists": "a list, in the order of the policy: the figures that it goes through",
        "attendance": "the percentage of the pupil; only where it is done for every pupil",
    },
}
"""By kind, each name with what it is. Numbers are whole numbers where nothing else is said."""


def names_of(kind: str) -> Mapping[str, str]:
    """The names that the reason of a duty of a kind can have; none for kinds of which no duty arises.

    A name that ends in three dots stands for all that begin like it.
    """
    return {**REASONS[kind], **WAS} if kind in REASONS else {}


def is_listed(kind: str, name: str) -> bool:
    """Whether the reasons of a kind are said to have a name."""
    known = names_of("leave decision" if kind in LEAVE_TESTS else kind)
    return name in known or any(
        name.startswith(one.removesuffix("...")) for one in known if one.endswith("...")
    )
