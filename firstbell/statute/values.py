"""What kinds of thing does the law say? One class a table, with its units in the field names.

The values themselves stand in the TOML files beside this module, each row with its dates, its source and
how sure we are of it. A new number that the law sets is a row; only a new *kind* of rule is a class here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, Literal

__all__ = [
    "Ages",
    "AmendmentRecord",
    "AnnualSessions",
    "ApprovedActivity",
    "AttendanceContract",
    "Backup",
    "Category",
    "CensusPeriod",
    "Code",
    "CompulsorySchoolAge",
    "Confidence",
    "ContractReview",
    "DayOfYear",
    "DeletionGround",
    "ExclusionNotice",
    "Instrument",
    "LeaveGround",
    "MobileChildDefence",
    "NationalThreshold",
    "NotYetInForce",
    "NoticeConsiderations",
    "NoticeContent",
    "NoticeToImprove",
    "NoticeWithdrawal",
    "ParentingOrder",
    "PenaltyNotice",
    "PerformanceEducation",
    "PersistentAbsence",
    "Prosecution",
    "ReasonDeadline",
    "RegisterContents",
    "RegisterOpening",
    "Retention",
    "Rounding",
    "SchoolAttendanceOrder",
    "ServiceByPost",
    "SevereAbsence",
    "SicknessCounting",
    "SmallNumbers",
    "Source",
    "StatisticsCohort",
    "StatutoryReturn",
    "SupervisionOrder",
    "Symbol",
    "Value",
    "WalkingDistance",
]


class Confidence(StrEnum):
    """How sure we are that a value is what the source says.

    It is about the value. A first or last day that is ours does not make a value uncertain that was seen:
    the row is "seen" and its note says whose the day is. Nor does what we read into a rule besides its
    value: the note says which part is our reading.
    """

    SEEN = "seen"
    NOT_CONFIRMED = "not confirmed"
    DISAGREE = "sources disagree"
    INFERRED = "inferred"


class Symbol(str):
    """A symbol that has its place in `symbols.toml`, as every symbol that a table names must."""

    __slots__ = ()


class DayOfYear(str):
    """A day that every year has, written MM-DD. Raises ValueError for anything else, 29 February included."""

    __slots__ = ()

    def __new__(cls, written: str) -> DayOfYear:
        """The text itself, once it is known to name a day."""
        try:
            date.fromisoformat(f"2001-{written}")
        except ValueError:
            raise ValueError('a day of the year in quotes is wanted, such as "08-31"') from None
        return super().__new__(cls, written)


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A regulation, an Act or a piece of guidance that we cite, and when it was in force."""

    name: str
    title: str
    cited_as: str
    from_on: date | None = None
    until_on: date | None = None
    address: str = ""


@dataclass(frozen=True)
class Source:
    """Where a value comes from: the instrument and the paragraph."""

    instrument: Instrument
    where: str

    def __str__(self) -> str:
        return f"{self.instrument.cited_as}, {self.where}" if self.where else self.instrument.cited_as


class Ages(StrEnum):
    """Whom a rule is about: pupils of compulsory school age, the others, or all."""

    ANY = "any"
    COMPULSORY = "compulsory school age"
    NOT_COMPULSORY = "not compulsory school age"


@dataclass(frozen=True, kw_only=True)
class Category:
    """How a code counts: as a session attended, as a possible session, as which kind of absence.

    `possible` without `attended` and without `absence` is a session that was possible and is neither:
    not attending because of coronavirus in 2020/21 and 2021/22, where the two rates add to less than 100.
    """

    name: str
    meaning: str
    attended: bool
    possible: bool
    absence: Literal["authorised", "unauthorised", ""] = ""
    source: Source


@dataclass(frozen=True, kw_only=True)
class Value:
    """Something in force from one day until another, both included, with its source.

    `until_on` is None while no end is known. `key` names the field that tells apart rows of one table
    which are in force together (a ground's letter); a table without one has a single row in force.
    """

    table: ClassVar[str] = ""
    key: ClassVar[str] = ""

    from_on: date
    until_on: date | None = None
    source: Source
    confidence: Confidence = Confidence.SEEN
    note: str = ""

    def in_force(self, day: date) -> bool:
        """Whether the value is the law of `day`."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, kw_only=True)
class Code(Value):
    """A symbol of the attendance register, as one table of codes defines it.

    `half` is "AM" or "PM" where a code is only for one of them. `needs` lists what must be held with the
    mark. `late` is "before close" or "after close". `reads_as` is the symbol that counts in its place for
    a pupil of compulsory school age: only X in the coronavirus years, when the same letter meant two things.
    `youngest_year` is the first year group that guidance has in mind: a mark below it is worth a warning.
    `keep` lists what it is wise to have on file for it; a mark without that is not wrong.
    `asked_in_advance`: leave that cannot be granted afterwards; `not_in_advance` lists what an absence is
    for which nobody asked in time (C: G or O). `instead` lists what to use where the code may not stand:
    after it was withdrawn (J: J1), or for a pupil whose age it is not for (C2: X). `formerly` lists what
    stood for it before it came into use (J1: J).
    """

    table: ClassVar[str] = "code"
    key: ClassVar[str] = "symbol"

    symbol: Symbol
    name: str
    category: Category
    use: str
    ages: Ages = Ages.ANY
    half: Literal["AM", "PM", ""] = ""
    needs: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    late: Literal["before close", "after close", ""] = ""
    reads_as: Symbol = Symbol()
    youngest_year: int | None = None
    asked_in_advance: bool = False
    not_in_advance: tuple[Symbol, ...] = ()
    instead: tuple[Symbol, ...] = ()
    formerly: tuple[Symbol, ...] = ()

    @property
    def attended(self) -> bool:
        """Whether a session with this mark counts as attended."""
        return self.category.attended

    @property
    def possible(self) -> bool:
        """Whether a session with this mark counts as possible, that is in the denominator."""
        return self.category.possible

    @property
    def absence(self) -> Literal["authorised", "unauthorised", ""]:
        """ "authorised", "unauthorised", or nothing where the mark is no absence."""
        return self.category.absence


# --- thresholds of absence -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PersistentAbsence(Value):
    """When an enrolment is persistently absent.

    By share (since 2015/16): absences / possible sessions of the enrolment's own >= share. Before that, by
    a fixed number of sessions missed in the period, whatever the enrolment's own possible sessions were;
    `share` is then only what the number stood for, and the two must not be mixed in one series.
    """

    table: ClassVar[str] = "persistent_absence"

    method: Literal["share", "number"]
    share: Fraction
    autumn: int | None = None
    spring: int | None = None
    autumn_and_spring: int | None = None
    five_half_terms: int | None = None
    full_year: int | None = None


@dataclass(frozen=True, kw_only=True)
class SevereAbsence(Value):
    """When an enrolment is severely absent: absences / possible sessions >= share."""

    table: ClassVar[str] = "severe_absence"
    share: Fraction


@dataclass(frozen=True, kw_only=True)
class NationalThreshold(Value):
    """When a penalty notice must be considered: so many sessions with these codes in so many school weeks.

    The `school_weeks` roll: they end with the week of any session and reach back over holidays and years.
    """

    table: ClassVar[str] = "national_threshold"

    sessions: int
    school_weeks: int
    codes: tuple[Symbol, ...]
    ages: Ages


# --- the attendance register -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RegisterOpening(Value):
    """How long a register may stay open, and the codes for who comes before and after it closes."""

    table: ClassVar[str] = "register_opening"

    longest_minutes: int
    before_close_code: Symbol
    after_close_code: Symbol
    unknown_code: Symbol


@dataclass(frozen=True, kw_only=True)
class ReasonDeadline(Value):
    """How long a mark may say that the reason is not yet known, and what it becomes then."""

    table: ClassVar[str] = "reason_deadline"

    code: Symbol
    school_days: int
    becomes: Symbol


@dataclass(frozen=True, kw_only=True)
class AmendmentRecord(Value):
    """The facts that every amendment of the register must keep."""

    table: ClassVar[str] = "amendment_record"
    facts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Retention(Value):
    """How many years an entry of either register is kept, from the day it was made.

    Ask the law of the day on which somebody would dispose of the entry, not that of the day it was made.
    The years have to be over in full (see `statute.years_after_in_full`).
    """

    table: ClassVar[str] = "retention"
    years: int


@dataclass(frozen=True, kw_only=True)
class Backup(Value):
    """How often a copy of the registers is made."""

    table: ClassVar[str] = "backup"
    every_months: int


@dataclass(frozen=True, kw_only=True)
class AnnualSessions(Value):
    """The fewest sessions a maintained school meets for in a school year."""

    table: ClassVar[str] = "annual_sessions"
    fewest: int


@dataclass(frozen=True, kw_only=True)
class ApprovedActivity(Value):
    """The test for P, W and B: all of the conditions."""

    table: ClassVar[str] = "approved_activity"
    codes: tuple[Symbol, ...]
    conditions: tuple[str, ...]


# --- the admission register and the returns --------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RegisterContents(Value):
    """What the admission register holds for each pupil."""

    table: ClassVar[str] = "register_contents"
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CompulsorySchoolAge(Value):
    """From when until when a child is of compulsory school age.

    It starts on the birthday of `starting_age` if that is a prescribed day, else on the next prescribed
    day. It ends with the last `leaving_weekday` of `leaving_month`, for a person who has turned
    `ending_age` by then or turns it before `next_year_starts`.
    """

    table: ClassVar[str] = "compulsory_school_age"

    starting_age: int
    prescribed_days: tuple[DayOfYear, ...]
    ending_age: int
    leaving_month: int
    leaving_weekday: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    next_year_starts: DayOfYear


@dataclass(frozen=True, kw_only=True)
class DeletionGround(Value):
    """A ground on which a name is taken off the admission register; there are no others.

    `letter` is that of the paragraph, or a word where the letters were not seen. `school_days` is the absence
    that the ground asks for, every session of it marked with one of `codes` (none listed: any).
    `joint_enquiries` says that school and authority must both have looked. `review_school_days` is the time
    that parents have to ask for a review of the decision, before which a name may not be deleted.
    """

    table: ClassVar[str] = "deletion_ground"
    key: ClassVar[str] = "letter"

    letter: str
    meaning: str
    ages: Ages
    conditions: tuple[str, ...] = ()
    school_days: int | None = None
    codes: tuple[Symbol, ...] = ()
    joint_enquiries: bool = False
    review_school_days: int | None = None
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StatutoryReturn(Value):
    """A return to the local authority: what sets it off, by when, with what in it.

    `calendar_days` after the event, counted as plain days; `school_days` of absence that set it off;
    `codes` that such absence must carry; `not_needed_when` and whether the authority may ask all the same.
    """

    table: ClassVar[str] = "statutory_return"
    key: ClassVar[str] = "name"

    name: str
    ages: Ages
    when: str
    content: tuple[str, ...]
    calendar_days: int | None = None
    school_days: int | None = None
    codes: tuple[Symbol, ...] = ()
    at_least_every_months: int | None = None
    not_needed_when: tuple[str, ...] = ()
    authority_may_ask: bool = False


@dataclass(frozen=True, kw_only=True)
class NotYetInForce(Value):
    """What Parliament has passed and is not law yet, because no day for it has been fixed.

    The days of such a row are those between which it was passed and waiting, not days in force. Nothing is
    worked out from it.
    """

    table: ClassVar[str] = "not_yet_in_force"
    key: ClassVar[str] = "name"

    name: str
    changes: tuple[str, ...]
    affects: str
    begins: str


# --- leave -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LeaveGround(Value):
    """A ground on which leave may be granted, the code it gives, who may ask, and the conditions.

    `called` is the ground in a word or two, by which whatever asks for its code knows it.
    """

    table: ClassVar[str] = "leave_ground"
    key: ClassVar[str] = "code"

    code: Symbol
    ground: str
    called: str
    asked_in_advance: bool
    ages: Ages = Ages.ANY
    asked_by: str = ""
    conditions: tuple[str, ...] = ()
    never_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PerformanceEducation(Value):
    """The education a child who performs must have, and how few performances need no licence.

    Either `hours_a_day` on every school day, or `fewest_hours_a_week` with the same total over
    `aggregate_weeks`, at most `most_hours_a_day_in_aggregate`. A day needs no licence if the child has
    performed on no more than `earlier_days_without_licence` days in the `earlier_months` before it.
    """

    table: ClassVar[str] = "performance_education"

    hours_a_day: int
    fewest_hours_a_week: int
    most_hours_a_day_in_aggregate: int
    aggregate_weeks: int
    pupils_per_teacher: int
    pupils_per_teacher_similar: int
    earlier_days_without_licence: int
    earlier_months: int


@dataclass(frozen=True, kw_only=True)
class MobileChildDefence(Value):
    """The attendances a travelling family must show from an age on: so many in so many months."""

    table: ClassVar[str] = "mobile_child_defence"

    attendances: int
    months: int
    from_age: int


@dataclass(frozen=True, kw_only=True)
class WalkingDistance(Value):
    """The distance beyond which a school is not within walking distance, by the child's age."""

    table: ClassVar[str] = "walking_distance"

    miles_below_age: int
    miles_from_age: int
    age: int


# --- notices and court -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PenaltyNotice(Value):
    """Amounts in pounds, days to pay counted from the day of receipt as day 1, and how many are allowed.

    No notice may be issued where `limit` have been issued to that parent for that child in the
    `within_years` ending with the day the new one is proposed to be issued. Notices issued before
    `counted_from_on`, or for absence before it, and notices withdrawn are not counted. `ages` says whose
    absence is an offence at all.
    """

    table: ClassVar[str] = "penalty_notice"

    amount: int
    days: int
    reduced_amount: int
    reduced_days: int
    second_amount: int
    limit: int
    within_years: int
    ages: Ages
    counted_from_on: date
    acquittals_count: bool


@dataclass(frozen=True, kw_only=True)
class ExclusionNotice(Value):
    """The separate notice for an excluded child in a public place: pounds, days from receipt as day 1.

    It is about the `first_school_days` of an exclusion. `fine` is the most a court may impose instead.
    """

    table: ClassVar[str] = "exclusion_notice"

    amount: int
    days: int
    reduced_amount: int
    reduced_days: int
    first_school_days: int
    fine: int


@dataclass(frozen=True, kw_only=True)
class NoticeToImprove(Value):
    """The last chance before a penalty notice: how long the improvement period is, and what it must say."""

    table: ClassVar[str] = "notice_to_improve"

    shortest_weeks: int
    longest_weeks: int
    content: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NoticeConsiderations(Value):
    """The questions to be answered, in every case, before a penalty notice is issued."""

    table: ClassVar[str] = "notice_considerations"
    questions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NoticeContent(Value):
    """What a penalty notice must state, and who may issue it."""

    table: ClassVar[str] = "notice_content"
    items: tuple[str, ...]
    issued_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NoticeWithdrawal(Value):
    """When a penalty notice is withdrawn, and what follows."""

    table: ClassVar[str] = "notice_withdrawal"
    grounds: tuple[str, ...]
    consequences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ServiceByPost(Value):
    """When a letter by first-class post counts as received: so many days after posting."""

    table: ClassVar[str] = "service_by_post"
    days: int
    working_days: bool


@dataclass(frozen=True, kw_only=True)
class Prosecution(Value):
    """The time limit and the fines for failing to secure regular attendance, in pounds."""

    table: ClassVar[str] = "prosecution"

    months: int
    fine: int
    fine_knowing: int
    custody_months_knowing: int
    ages: Ages


@dataclass(frozen=True, kw_only=True)
class SupervisionOrder(Value):
    """An education supervision order: how long, how extended, and that it takes the parent's duty's place.

    `direction_weeks` is the time an authority has to give its reasons if a court has directed it to apply
    for an order and it does not. `fine`, in pounds, is the most for a parent who keeps failing to do what
    the supervisor directs.
    """

    table: ClassVar[str] = "supervision_order"

    years: int
    extension_most_years: int
    extension_asked_in_last_months: int
    replaces_duty: bool
    direction_weeks: int
    fine: int


@dataclass(frozen=True, kw_only=True)
class AttendanceContract(Value):
    """An agreement with a parent: what it contains."""

    table: ClassVar[str] = "attendance_contract"
    content: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ContractReview(Value):
    """When an attendance contract is first looked at again, in weeks after it was made."""

    table: ClassVar[str] = "contract_review"

    first_weeks: int
    first_latest_weeks: int


@dataclass(frozen=True, kw_only=True)
class SchoolAttendanceOrder(Value):
    """The notice an authority serves before it orders a child to be registered at a school, and the fine.

    The `notice_days` are at least so many and begin with the day of service. `fine`, in pounds, is the most
    for a parent who does not do what the order says.
    """

    table: ClassVar[str] = "school_attendance_order"

    notice_days: int
    fine: int


@dataclass(frozen=True, kw_only=True)
class ParentingOrder(Value):
    """What a court may order a parent to do after a conviction: for how long at most, and the fine.

    `programme_most_months` is the longest a programme of counselling or guidance in it may last; `fine`, in
    pounds, the most for breaking it.
    """

    table: ClassVar[str] = "parenting_order"

    months: int
    programme_most_months: int
    fine: int


# --- statistics ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StatisticsCohort(Value):
    """Who is counted in the official statistics, by age on a day of the year before the school year starts.

    `no_second_half_summer_age` is the age whose second half of the summer term is left out (study leave).
    """

    table: ClassVar[str] = "statistics_cohort"

    youngest: int
    oldest: int
    age_on: DayOfYear
    no_second_half_summer_age: int
    boarders: bool


@dataclass(frozen=True, kw_only=True)
class CensusPeriod(Value):
    """A period for which absence is collected.

    Days are MM-DD, or "easter" (Easter Sunday), "spring bank holiday" or "sunday before spring bank
    holiday", with a number of days added or taken off where needed ("easter+1").
    """

    table: ClassVar[str] = "census_period"
    key: ClassVar[str] = "name"

    name: str
    starts: str
    ends: str


@dataclass(frozen=True, kw_only=True)
class SicknessCounting(Value):
    """How days of sickness are counted for the sickness return, and how many days set it off.

    `counts` is "any" (every day with the code in it), "half" (two sessions make a day) or "whole" (both
    sessions of the day). `codes` are those that mean illness, the sub-codes of earlier years included.
    """

    table: ClassVar[str] = "sickness_counting"
    codes: tuple[Symbol, ...]
    counts: Literal["any", "half", "whole"]
    school_days: int

    @property
    def code(self) -> Symbol:
        """The first of the codes: the one that a register takes today."""
        return self.codes[0]


@dataclass(frozen=True, kw_only=True)
class Rounding(Value):
    """How a rate is shown: decimals of a percentage, halves upwards. Comparisons are never rounded."""

    table: ClassVar[str] = "rounding"
    decimals: int


@dataclass(frozen=True, kw_only=True)
class SmallNumbers(Value):
    """The fewest enrolments a figure may rest on in a report that leaves the school."""

    table: ClassVar[str] = "small_numbers"
    fewest: int
