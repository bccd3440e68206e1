"""Which kinds of rules are there for a morning, for cases, and for what must be so before somebody acts?

The other kinds stand in `parameters`, which lists them all. Each of these says why none of those could do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, Literal

import msgspec

from firstbell.facts.data import part
from firstbell.policy.kind import PUPIL_FIGURES, Acts, EachDay, Params, UnreportedCode, Words
from firstbell.policy.terms import Limit, Over, Span
from firstbell.statute import Law, values

__all__ = [
    "BandAtAudits",
    "ContactsKept",
    "CourtDays",
    "Gate",
    "ImprovementWindow",
    "LeaveAssessments",
    "MissingPupil",
    "MorningStep",
    "PartTimeTimetable",
    "Performance",
    "PeriodWhile",
    "Retention",
    "Training",
    "WeeklyTarget",
]


# --- the register, by the minute -------------------------------------------------------------------------


class MorningStep(Params, frozen=True, kw_only=True):
    """A step of the first morning for a pupil who is not there and of whom nobody has heard.

    From the minute in which the register is saved without a present mark for them, or in which it closed, if
    the time by which parents report has passed. The message and the call to the primary contact fall due
    together in that minute. Each of the other contacts falls due in the minute in which the call before it
    failed, `every step` when the last of them has; a message that was left is a call that failed. A call of
    which nobody noted whom it was to counts for the next contact in order. Once the family is reached, or the
    pupil known to be safe or seen to come in, nothing more is due: calls about something else, and a report
    of the other half of the day, are no reason. `safe by` is an alert at the time by which the school must
    be satisfied of every child's safety, or so long `ahead` of it, about those who are not yet known to be
    safe. It is asked of the morning alone, as the time is one of the morning.

    Whoever is taught elsewhere and did not come there is looked for in the same way, from the minute in which
    the provider said so and whatever the register says.

    Who has one of the flags of `first` comes first in the list, and to others it only says "call first".
    No other kind knows what a step before it came to.
    """

    kind = "morning step"
    family = "register"
    about_whom = "pupil, or pupil and contact"
    stays = "Until the step is taken or the pupil is known to be safe, and not after the day."
    scope = ("step",)
    step: Annotated[
        Literal["message", "primary contact", "other contacts", "every step", "safe by"], part("Which step")
    ]
    by: Annotated[time, part("The time by which parents report; for `safe by` the time to be satisfied by")]
    each_day: EachDay = "every day"
    acts: Acts = "when the register is saved"
    ahead: Annotated[Span | None, part("For `safe by`: how many minutes before the time")] = None
    first: Annotated[Words, part("The flags of those who are contacted first")] = ()
    code: UnreportedCode = ""


class MissingPupil(Params, frozen=True, kw_only=True):
    """A pupil who was in school is missing: so many minutes have passed, or nobody who was rung had news.

    `after` counts from the minute in which it was noticed. `nobody reached` falls due in the minute in which
    the last of the emergency contacts was tried without news, or in which somebody recorded that all were;
    whoever answered and had not seen the child had no news.
    Once the pupil is found nothing more is due. What falls due at once, or when the pupil is found, is a rule
    of the kind `following`; that kind has days and no minutes.
    """

    kind = "missing pupil"
    family = "register"
    stays = "Until it is done, or the pupil is found."
    form = "alert"
    either = (("after", "nobody_reached"),)
    after: Annotated[Span | None, part("How many minutes after it was noticed")] = None
    nobody_reached: Annotated[bool, part("Instead: when every contact was tried without news")] = False


# --- figures at the end of periods, and since a fact -----------------------------------------------------


class BandAtAudits(Params, frozen=True, kw_only=True):
    """A pupil's attendance stands in a band at so many audits running, this one or the coming one included.

    An audit is the last school day of each period of `audits`. It asks at every audit at which the pupil
    stands in the band, and before it on the day on which the pupil comes into the band, with the number of
    the audit that follows: then not again at that audit. An audit at which `when` is not met begins the count
    anew, and so does a school year; one at which the pupil stands below the band, by `until`, neither counts
    nor begins it anew.

    A band asks once for each time that it is met, and keeps no count of audits.
    """

    kind = "band at audits"
    family = "figure"
    stays = "Until the audit, and from then until the next, while the band holds."
    scope = ("when", "until", "audits", "from_number", "until_number")
    gives = (*PUPIL_FIGURES, "limit")
    when: Annotated[Limit, part("The comparison")]
    until: Annotated[Limit | None, part("Not where this is met as well")] = None
    over: Annotated[Over, part("Over what it is counted")] = "school year"
    least_possible: Annotated[int, part("From how many possible sessions on")] = 0
    audits: Annotated[Over, part("At the end of which periods it is looked at")] = "half term"
    from_number: Annotated[int, part("From which time running on it asks")] = 1
    until_number: Annotated[int | None, part("Until which time running; empty for every later one")] = None


class ImprovementWindow(Params, frozen=True, kw_only=True):
    """Time has passed since a letter, a call, a meeting or a plan: has attendance improved?

    The last fact of the kinds named begins it, and a later one begins it anew; contacts count if they were
    about attendance, letters and meetings if they are named. With `opened_by` none of them counts before one
    of these letters was sent in the school year. It ends on the last day of `lasts`. `while` asks only where
    attendance meets the limit on that day, or met it on the day of the fact: whoever has climbed above it
    since is asked about too. `until` leaves out those whom another rule asks about. A pupil has improved if
    attendance over the period is above that of the day of the fact: then yes is suggested, else no. A person
    decides, and what they decided counts more than the figures: `improved` and `not improved` ask by the
    decision of the rule named in `decided_by`, where there is one.

    `reached` asks on the first school day, from the end of the window on, at whose close attendance meets
    `while`: a case that goes on until attendance is up again can be closed. `absence` asks on each day of
    absence within the window, `absence without evidence` on the day after the last on which evidence for an
    absence could come by `evidence_within`, or when it was not enough. No other kind compares a window with
    what was before it.
    """

    kind = "improvement window"
    family = "time"
    stays = "Until it is done, or a later letter, call, meeting or plan begins it anew."
    scope = ("when",)
    form = "prompt"
    since: Annotated[Words, part("Facts of which kinds begin it")]
    lasts: Annotated[Span, part("How long it is")]
    when: Annotated[
        Literal["ended", "improved", "not improved", "reached", "absence", "absence without evidence"],
        part("When it asks"),
    ] = "ended"
    while_: Annotated[Limit | None, part("Only while attendance meets this")] = msgspec.field(
        name="while", default=None
    )
    until: Annotated[Limit | None, part("Not where attendance meets this as well, on one of the two")] = None
    letters: Annotated[Words, part("Which letters begin it; empty for any")] = ()
    meetings: Annotated[Words, part("Which meetings begin it; empty for any")] = ()
    opened_by: Annotated[Words, part("Only once one of these letters was sent in the school year")] = ()
    over: Annotated[Over, part("Over what attendance is counted")] = "school year"
    evidence_within: Annotated[Span | None, part("How long evidence for an absence may take")] = None
    decided_by: Annotated[str, part("The rule whose question says whether there was improvement")] = ""


class WeeklyTarget(Params, frozen=True, kw_only=True):
    """A pupil's own target of so many sessions a week was met, or was not, in a school week.

    It asks on the last school day of each week of the target, from the first whole week on. Targets are
    agreed with the family, as *target set* with a number of sessions; a share of all attendance is none. The
    last that was set holds. In a week with fewer sessions than that all of them are enough. A band knows one
    limit for all pupils.
    """

    kind = "weekly target"
    family = "time"
    stays = "Until it is done or the next week has ended."
    form = "prompt"
    when: Annotated[Literal["missed", "met"], part("Which of the two")] = "missed"


class PeriodWhile(Params, frozen=True, kw_only=True):
    """Something is done in every period as long as something goes on: a plan, a placement, a flag.

    From the fact of the kind `opened` with the parts in `where` (true: filled in), or from the day on which
    one of `flags` was set, until a fact of one of the kinds `closed` that names it, or its own last day. Of
    days only those that the fact's `times` name, where it names any. At the `start` of a period it is due by
    its last school day, on a school day from its beginning; at the `end` on its last school day. `from_next`
    leaves out the period in which it began. Of what is done regularly no fact says when it begins and ends.
    """

    kind = "period while"
    family = "calendar"
    stays = "Until it is done or the next period has begun, and not once what it is for has ended."
    either = (("opened", "flags"),)
    scope = ("opened", "where", "flags", "every")
    opened: Annotated[str, part("A fact of which kind begins it")] = ""
    where: Annotated[dict[str, str | bool | int], part("With which parts")] = {}
    flags: Annotated[Words, part("Instead of `opened`: flags of the pupil")] = ()
    closed: Annotated[Words, part("Facts of which kinds end it, where they name it")] = ()
    every: Annotated[
        Literal["school day", "week", "half term", "term", "school year"], part("In which periods")
    ]
    at: Annotated[Literal["start", "end"], part("At which end of the period")] = "start"
    from_next: Annotated[bool, part("Whether the period in which it began is left out")] = False

    @property
    def is_about(self) -> str:
        """Whom its duties are about: the pupil, but for what the school itself opened."""
        return "school" if self.opened == "strategy set" else "pupil"


class CourtDays(Params, frozen=True, kw_only=True):
    """A day of the law's own time limits has come for a pupil's case, or will in so long.

    The last day of an education supervision order, the first on which its extension can be asked for, and the
    last on which proceedings can be begun for an offence. The statute counts them; a court may have ordered
    another last day, which then holds. Days of notices count from their receipt, and have sums.
    """

    kind = "court days"
    family = "time"
    stays = "Until it is done; of proceedings until they are begun or the day is over."
    scope = ("of",)
    form = "alert"
    of: Annotated[Literal["order ends", "extension opens", "proceedings latest"], part("Which day")]
    ahead: Annotated[Span | None, part("How long before")] = None


class Training(Params, frozen=True, kw_only=True):
    """Members of staff who hold a role have not had a training: one list for the school.

    Who holds which role is in *role given*. `once` asks for whoever never had it, so long after their first
    role as `within` says; `school year` for whoever has not had it in the year, from 1 August on, and is due
    by its last school day. Of whom no role is recorded nothing is known. No other kind is about staff.
    """

    kind = "training"
    family = "calendar"
    about_whom = "school"
    stays = "While anybody lacks it, within the period."
    form = "list"
    gives = ()
    training: Annotated[str, part("Which training, by its name")]
    every: Annotated[Literal["once", "school year"], part("How often")] = "school year"
    roles: Annotated[Words, part("Only holders of these roles; empty for all staff")] = ()
    topics: Annotated[Words, part("What it covers")] = ()
    within: Annotated[Span | None, part("How long after the first role it may take")] = None


class ContactsKept(Params, frozen=True, kw_only=True):
    """Fewer contacts of a pupil are held than the school wants to have, so that somebody can be reached.

    Nothing is asked where no contacts at all were handed over. It is about what is held, not about what
    happened, and so is no other kind.
    """

    kind = "contacts kept"
    family = "calendar"
    stays = "While fewer are held and the pupil is on roll."
    gives = ()
    at_least: Annotated[int, part("How many")] = 2


# --- arrangements ----------------------------------------------------------------------------------------


class PartTimeTimetable(Params, frozen=True, kw_only=True):
    """A part-time timetable comes to the end of its weeks: is the pupil back full-time?

    The weeks are the calendar week in which it starts and those after it; it asks on the last school day of
    the last of them, or on its own last day where that is earlier or no number is stated. From the day after
    the code for it is refused unless an extension was recorded, with days of review and with those who agreed
    to it; and on days that no timetable covers. No other kind follows from a fact and bars a code.
    """

    kind = "part-time timetable"
    family = "fact"
    stays = "Until it is done, or a later timetable or review ends it."
    form = "prompt"
    weeks: Annotated[int | None, part("How many weeks; empty: until its own last day")] = None
    code: Annotated[str, part("The code for it")] = "C2"


class Performance(Params, frozen=True, kw_only=True):
    """A licence for performances is not kept to: a day that it does not name, or too little education.

    `day outside` asks of each day of absence for performances, or unauthorised, next to the days of a licence
    which names days. Where education is not given for at least `hours_a_day` on each required school day,
    `week short` asks of each week with less than `hours_a_week`, `period short` of each complete period of
    `weeks` weeks, or the shorter whole, with less in all than `hours_a_day` for each required day; on one
    day at most `most_hours_a_day` count, and only on days on which the pupil had to attend. No other kind
    counts hours.
    """

    kind = "performance"
    family = "fact"
    stays = "Until it is done."
    form = "alert"
    scope = ("when",)
    stricter = {
        "hours_a_day": "higher",
        "hours_a_week": "higher",
        "most_hours_a_day": "lower",
    }
    when: Annotated[Literal["day outside", "week short", "period short"], part("What is not kept to")]
    hours_a_day: Annotated[int, part("Hours of education for each required day")] = 0
    hours_a_week: Annotated[int, part("Hours of education in each week")] = 0
    most_hours_a_day: Annotated[int, part("Hours of one day that count at most")] = 0
    weeks: Annotated[int, part("How many weeks are a period")] = 0

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        """The hours that the statute asks for."""
        found = law.value(values.PerformanceEducation)
        return {
            "hours_a_day": found.hours_a_day,
            "hours_a_week": found.fewest_hours_a_week,
            "most_hours_a_day": found.most_hours_a_day_in_aggregate,
            "weeks": found.aggregate_weeks,
        }


class LeaveAssessments(Params, frozen=True, kw_only=True):
    """A request for leave is for days of statutory assessments, or for school days just before them.

    The school states the days of the year; nothing else that tests a request knows them.
    """

    kind = "leave at assessments"
    family = "fact"
    about_whom = ""
    assessments: Annotated[tuple[tuple[date, date], ...], part("The first and the last day of each")] = ()
    before: Annotated[Span | None, part("How many school days before them it holds as well")] = None


# --- what must be so before somebody acts ----------------------------------------------------------------


class Gate(Params, frozen=True, kw_only=True):
    """Somebody may do something only once what it needs was recorded, or never for some purposes.

    All of `needs` must have been recorded about the pupil: each names a kind of fact and perhaps parts of it,
    "timetable agreed: agreed_by, review_on" for parts that are filled in, "decision made: question = may they
    leave?, answer = yes" for parts with a value. Where the action names a fact by its id, a need of that kind
    is looked for in that fact, and what belongs to such a fact has to belong to that one; what has to be so
    before something starts is dated before the first day that the fact names. Of answers, consents and checks
    of the same thing the last counts. `unless` lifts the gate: any one fact is enough. `unless_leave_taken`
    lifts it for a pupil who in the last twelve months was taken on a holiday that nobody granted, or was
    absent without authority on days of leave that was refused; a refusal alone, or a request, lifts nothing.
    `purposes` are those for which alone it stands, by what the action is for or which plan or notice it is
    about; with `never` nothing opens it. `refuses` looks at the text of a target.

    What is asked of the person is said in the refusal. A rule that keeps an action for some roles is of the
    kind `reserved`; this one keeps it for some circumstances.
    """

    kind = "gate"
    family = "nothing"
    about_whom = ""
    gives = ()
    actions: Annotated[Words, part("What")]
    needs: Annotated[Words, part("What must have been recorded")] = ()
    unless: Annotated[Words, part("Not where any of these was recorded")] = ()
    unless_leave_taken: Annotated[
        bool, part("Not where leave was taken in the last twelve months that nobody granted")
    ] = False
    purposes: Annotated[Words, part("Only for these purposes; empty for any")] = ()
    codes: Annotated[Words, part("For entering a code: only these")] = ()
    never: Annotated[bool, part("Whether it is never allowed")] = False
    refuses: Annotated[
        Literal["", "overarching percentages"], part("What a target must not be: a share of all attendance")
    ] = ""
    overridable: Annotated[bool, part("Whether a person may do it all the same, with a reason")] = False


class Retention(Params, frozen=True, kw_only=True):
    """How many years the entries of the registers are kept, from the day each was made.

    Where law and policy differ the longer holds. An entry that is younger is not disposed of.
    """

    kind = "retention"
    family = "nothing"
    about_whom = ""
    gives = ()
    stricter = {"years": "higher"}
    years: Annotated[int, part("How many years")]

    @classmethod
    def of_law(cls, law: Law, stated: Mapping[str, Any]) -> dict[str, Any]:
        """The statute's years."""
        return {"years": law.value(values.Retention).years}
