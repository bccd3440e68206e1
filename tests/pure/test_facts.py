"""Facts: what a line says, what cannot be so, what was known when; messages that tell and do not betray."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, ClassVar

import pytest

from firstbell.exchange.fact_lines import FactsRead, kept_lines_text, read_facts, write_facts
from firstbell.exchange.pupils import PupilsRead, read_pupils
from firstbell.exchange.tables import read_table
from firstbell.facts import About, Fact, Facts, Wrong, data_of, registry
from firstbell.facts.absences import Arrived
from firstbell.facts.data import Data, Parts, part
from firstbell.facts.school import DrawMade, MovingFormReceived
from firstbell.problems import Unusable

AMIRA, BEN = "B801200005001", "R674123101121"
PUPILS = f"""UPN,Adno,Surname,Forename,DOB,Year,Admission Date,Leaving Date
{AMIRA},000101,Ashdown,Amira,11/02/2015,5,04/09/2023,
{BEN},000102,Barrow,Ben,20/11/2014,5,04/09/2023,19/12/2024
{BEN},000102,Barrow,Ben,20/11/2014,5,08/09/2025,
"""
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "facts.md"


@pytest.fixture(scope="module")
def pupils(tmp_path_factory: pytest.TempPathFactory) -> PupilsRead:
    path = tmp_path_factory.mktemp("pupils") / "pupils.csv"
    path.write_text(PUPILS, encoding="utf-8")
    return read_pupils(read_table(path), "school")


@pytest.fixture
def reading(tmp_path: Path, pupils: PupilsRead) -> Reading:
    return Reading(tmp_path / "facts.jsonl", pupils)


class Reading:
    """Reads lines, given as text, bytes or the parts of a fact."""

    def __init__(self, path: Path, pupils: PupilsRead) -> None:
        self.path, self.pupils = path, pupils

    def __call__(self, *lines: str | bytes | dict[str, Any], **asked: Any) -> FactsRead:
        content = b"\n".join(as_bytes(line) for line in lines)
        self.path.write_bytes(content)
        return read_facts(self.path, self.pupils, **asked)

    def rules(self, *lines: str | bytes | dict[str, Any], **asked: Any) -> list[tuple[int | None, str]]:
        return [(one.place.row, one.rule) for one in self(*lines, **asked).problems]


def as_bytes(line: str | bytes | dict[str, Any]) -> bytes:
    text = json.dumps(line) if isinstance(line, dict) else line
    return text.encode() if isinstance(text, str) else text


def line(key: str, kind: str = "arrived", at: object = "2025-09-16T09:40", **parts: Any) -> dict[str, Any]:
    """A line about Amira, or about whom the parts say."""
    made = {"kind": kind, "id": key, "pupil": AMIRA, "at": at, "by": "office", **parts}
    return {name: value for name, value in made.items() if value is not None}


def letter(key: str, **parts: Any) -> dict[str, Any]:
    return line(key, "letter sent", **{"data": {"letter": "first", "duty": "d1"}, **parts})


# --- a line ----------------------------------------------------------------------------------------------


def test_a_line_says_who_when_and_what(reading: Reading) -> None:
    by = {"role": "office", "id": "s12"}
    data = {"reason": "no transport", "brought_by": "grandmother"}
    (fact,) = reading(line("f1", by=by, known_at="2025-09-16T10:05", data=data)).facts
    assert (fact.on, fact.at) == (date(2025, 9, 16), datetime(2025, 9, 16, 8, 40, tzinfo=UTC))
    assert fact.known_at == datetime(2025, 9, 16, 9, 5, tzinfo=UTC)
    assert (fact.by.role, fact.by.id) == ("office", "s12")
    assert fact.data == Arrived(reason="no transport", brought_by="grandmother")


def test_an_admission_number_may_have_lost_its_zeros(reading: Reading) -> None:
    with_zeros, without = reading(line("f1", pupil="000101"), line("f2", pupil="101")).facts
    assert with_zeros.about == without.about


def test_of_two_stays_a_fact_is_about_the_one_in_which_its_day_lies(
    reading: Reading, pupils: PupilsRead
) -> None:
    first, between, second = reading(
        line("f1", pupil=BEN, at="2024-03-04T09:00"),
        line("f2", pupil=BEN, at="2025-05-01T09:00"),
        line("f3", pupil=BEN),
    ).facts
    starts = {one.id: one.starts_on for one in pupils.enrolments}
    assert starts[first.about.enrolment] == date(2023, 9, 4)
    assert starts[between.about.enrolment] == starts[second.about.enrolment] == date(2025, 9, 8)


def test_a_fact_may_be_about_a_group_or_the_school(reading: Reading) -> None:
    award = line("f1", "award given", pupil=None, group="Oak", data={"award": "best class"})
    gate = line("f2", "late gate held", pupil=None, data={"greeted": 7})
    assert [fact.about for fact in reading(award, gate).facts] == [About(group="Oak"), About()]


def test_pupils_in_the_data_may_be_named_by_their_numbers(reading: Reading, pupils: PupilsRead) -> None:
    draw = {"award": "raffle", "seed": "7", "entries": [AMIRA, "102"], "winners": ["102"]}
    (fact,) = reading(line("f1", "draw made", pupil=None, data=draw)).facts
    assert isinstance(fact.data, DrawMade)
    assert {*fact.data.winners} < {*fact.data.entries} < {one.id for one in pupils.enrolments}
    unknown = {"greeted": 1, "enrolments": ["999"]}
    (problem,) = reading(line("f1", "late gate held", pupil=None, data=unknown)).problems
    assert (problem.rule, problem.place.part) == ("fact-pupil-unknown", "part data.enrolments")


def test_lines_that_are_empty_and_a_byte_order_mark_are_no_facts(reading: Reading) -> None:
    read = reading(b"\xef\xbb\xbf" + as_bytes(line("f1")) + b"\r", "", "  \t")
    assert (read.lines_in_file, read.lines_read) == (1, 1)


def test_the_same_line_twice_counts_once_and_two_different_ones_under_one_id_not_at_all(
    reading: Reading,
) -> None:
    same = reading(line("f1"), line("f1"))
    assert (same.lines_read, same.lines_again, same.problems) == (1, 1, ())
    assert reading.rules(line("f1"), line("f1", pupil=BEN)) == [(1, "fact-twice"), (2, "fact-twice")]


def test_an_hour_that_the_clocks_skip_or_repeat_is_not_guessed(reading: Reading) -> None:
    skipped, repeated = line("f1", at="2025-03-30T01:30"), line("f2", at="2025-10-26T01:30")
    assert reading.rules(skipped, repeated) == [(1, "fact-time"), (2, "fact-time")]
    summer, winter = reading(
        line("f3", at="2025-10-26T01:30+01:00"), line("f4", at="2025-10-26T01:30Z")
    ).facts
    assert (winter.at - summer.at).total_seconds() == 3600


@pytest.mark.parametrize(
    ("wrong", "rule", "place"),
    [
        ("[1]", "fact-line", None),
        ("{", "fact-json", None),
        ("NaN", "fact-json", None),
        ('{"kind": "arrived", "id": "f1", "data": ' + "[" * 5000 + "]" * 5000 + "}", "fact-json", None),
        ('{"kind": "\\ud800", "id": "f1"}', "fact-json", None),
        ({"kind": "arrived"}, "fact-line", "part id"),
        (line("f1", kind="arived"), "fact-kind", "part kind"),
        (line("f1", pupil=101), "fact-line", "part pupil"),
        (line("f1", pupil="999"), "fact-pupil-unknown", "part pupil"),
        (line("f1", enrolment="e9", pupil=None), "fact-pupil-unknown", None),
        (line("f1", enrolment="e9"), "fact-pupil-mismatch", "part enrolment"),
        (line("f1", pupil=None), "fact-about-nobody", None),
        (line("f1", by=None), "fact-by", "part by"),
        (line("f1", by={"rolle": "office"}), "fact-line", "part by"),
        (line("f 1"), "fact-id", "part id"),
        (line("f1", at=None), "fact-time", "part at"),
        (line("f1", at="0001-01-01T00:00+14:00"), "fact-time", "part at"),
        (line("f1", at="16/09/2025"), "fact-time", "part at"),
        (line("f1", at=20250916), "fact-line", "part at"),
        (line("f1", on="2025-02-30"), "fact-line", "part on"),
        (line("f1", version=10**400), "fact-data", "part version"),
        (line("f1", version="1"), "fact-line", "part version"),
        (line("f1", version=9), "fact-data", "part version"),
        (line("f1", data=None) | {"data": None}, "fact-data", "part data"),
        (line("f1", data={"brougt_by": "x"}), "fact-data", "part data.brougt_by"),
        (line("f1", data={"Amira Ashdown": "x"}), "fact-data", "part data"),
        (line("f1", data={"escorted": "yes"}), "fact-data", "part data.escorted"),
        (line("f1", data={"words": "x" * 2001}), "fact-data", "part data.words"),
        (line("f1", "late gate held", data={"greeted": 10**400}), "fact-data", "part data.greeted"),
        (line("f1", "late gate held", data={"greeted": -1}), "fact-data", "part data.greeted"),
        (line("f1", "notice paid", parent="c1"), "fact-data", "part data.notice"),
        (line("f1", known_at="2025-09-16T09:00"), "fact-before-it-happened", None),
    ],
)
def test_a_line_that_cannot_be_used_is_kept_aside_with_its_place(
    reading: Reading, wrong: str | dict[str, Any], rule: str, place: str | None
) -> None:
    read = reading("", wrong)
    assert [(one.rule, one.place.row, one.place.part) for one in read.problems] == [(rule, 2, place)]
    assert (read.lines_in_file, read.lines_read, len(read.kept_aside)) == (1, 0, 1)
    assert read.problems[0].remedy
    assert "Amira" not in str(read.problems[0])


def test_what_is_nearly_right_is_named(reading: Reading) -> None:
    kind, unknown = reading(line("f1", kind="arived"), line("f2", data={"brougt_by": "x"})).problems
    assert 'Did you mean "arrived"?' in kind.remedy
    assert 'Did you mean "brought_by"?' in unknown.remedy


def test_one_damaged_line_does_not_damage_the_letters_of_the_others(reading: Reading) -> None:
    whole = line("f1", data={"brought_by": "Zoë"})
    read = reading(json.dumps(whole, ensure_ascii=False), b'{"kind": "arrived", "id": "Zo\xeb"}')
    assert [fact.data for fact in read.facts] == [Arrived(brought_by="Zoë")]
    assert [(one.rule, one.place.row) for one in read.problems] == [("fact-encoding", 2)]
    assert "Zoë" in read.kept_aside[0].text


def test_a_file_that_is_no_text_is_refused(reading: Reading) -> None:
    with pytest.raises(Unusable):
        reading(b"\x00\x01\x02")


# --- what was kept aside ---------------------------------------------------------------------------------


def test_a_line_that_was_kept_aside_says_why_and_can_be_corrected_and_read(reading: Reading) -> None:
    told = kept_lines_text(reading(line("f1", pupil="999", data={"words": "1.10"})).kept_aside)
    assert "kept_aside_because" in told
    again = kept_lines_text(reading(told).kept_aside)
    assert again == told
    assert reading(again.replace('"999"', '"101"')).lines_read == 1


@pytest.mark.parametrize(
    "text", ['{"a": 1e400, "a": 1.10}', "{}", "{", "not JSON", "[1]", "<html>", "\u2028"]
)
def test_a_line_that_was_kept_aside_stays_as_it_was(reading: Reading, text: str) -> None:
    told = kept_lines_text(reading(line("f1"), text).kept_aside)
    assert (text[1:] if text.startswith("{") else json.dumps(text, ensure_ascii=False)) in told
    assert reading(told).lines_in_file == 1


# --- together --------------------------------------------------------------------------------------------

LATER, LATEST = "2025-09-17T09:00", "2025-09-18T09:00"


def withheld(key: str) -> dict[str, Any]:
    return line(key, "letter withheld", data={"letter": "first", "duty": "d1", "why": "ill, and we know"})


def asked(key: str, **parts: Any) -> dict[str, Any]:
    days = {"from_on": "2025-10-01", "until_on": "2025-10-03", "reason": "funeral"}
    return line(key, "leave asked", **{"data": days, **parts})


def decided(key: str, request: str, **parts: Any) -> dict[str, Any]:
    return line(key, "leave decided", **{"data": {"request": request, "granted": "yes"}, **parts})


def retraction(key: str, of: str, at: str = LATEST) -> dict[str, Any]:
    return line(key, "retraction", at, replaces=of, data={"why": "wrong child"})


def test_a_correction_counts_from_when_it_became_known(reading: Reading) -> None:
    facts = reading(line("f1"), line("f2", at=LATER, replaces="f1")).facts
    assert [fact.id for fact in facts.as_known(datetime(2025, 9, 16, 12, tzinfo=UTC))] == ["f1"]
    assert [fact.id for fact in facts.as_known()] == ["f2"]


def test_taking_a_correction_back_does_not_bring_the_first_version_back(reading: Reading) -> None:
    facts = reading(line("f1"), line("f2", at=LATER, replaces="f1"), retraction("f3", "f2")).facts
    assert (len(facts), len(facts.as_known())) == (3, 0)
    assert facts.standing("f1") is None


def test_what_stands_in_place_of_a_fact_is_its_last_correction(reading: Reading) -> None:
    facts = reading(
        line("f1"), line("f2", at=LATER, replaces="f1"), line("f3", at=LATEST, replaces="f2")
    ).facts
    standing = facts.standing("f1")
    assert standing is not None
    assert standing.id == "f3"


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ((line("f2", replaces="f1"),), "fact-replaces-nothing"),
        ((line("f2", replaces="f2"),), "fact-replaces-nothing"),
        ((line("f1"), line("f2", at=LATER, replaces="f1", pupil=BEN)), "fact-replaces-other"),
        ((line("f1"), letter("f2", at=LATER, replaces="f1")), "fact-replaces-other"),
        ((line("f1"), line("f2", replaces="f1")), "fact-replaces-later"),
        (
            (line("f1"), line("f2", at=LATER, replaces="f1"), line("f3", at=LATEST, replaces="f1")),
            "fact-replaced-twice",
        ),
        (
            (line("f1"), retraction("f2", "f1", LATER), retraction("f3", "f2")),
            "fact-replaces-other",
        ),
        ((letter("f1"), letter("f2")), "fact-contradicts"),
        ((letter("f1"), withheld("f2")), "fact-contradicts"),
        ((line("f1", "leave decided", data={"request": "f0", "granted": "yes"}),), "fact-speaks-of-nothing"),
        ((asked("f1", pupil=BEN), decided("f2", "f1")), "fact-speaks-of-other"),
        ((letter("f1"), decided("f2", "f1")), "fact-speaks-of-other"),
        ((asked("f1", at=LATER), decided("f2", "f1", at="2025-09-16T09:00")), "fact-speaks-of-later"),
        (
            (asked("f1"), retraction("f2", "f1", LATER), decided("f3", "f1", at=LATEST)),
            "fact-speaks-of-taken-back",
        ),
        (
            (
                asked("f1"),
                decided("f2", "f1"),
                asked("f3", at=LATER, replaces="f1"),
                decided("f4", "f3", at=LATEST),
            ),
            "fact-contradicts",
        ),
    ],
)
def test_facts_that_cannot_be_so_together_are_kept_aside(
    reading: Reading, lines: tuple[dict[str, Any], ...], rule: str
) -> None:
    read = reading(*lines)
    found = [(one.rule, one.place.row) for one in read.problems if one.rule != "fact-order"]
    assert found == [(rule, len(lines))]
    assert read.lines_read == len(lines) - 1


def test_what_rests_on_a_fact_that_was_kept_aside_is_kept_aside_and_says_so(reading: Reading) -> None:
    found = reading(asked("f1", pupil=None), decided("f2", "f1"), retraction("f3", "f2")).problems
    assert [one.rule for one in found] == ["fact-about-nobody", *["fact-rests-on-kept-aside"] * 2]
    assert "row 1" in found[1].what


def test_nobody_contradicts_a_fact_that_cannot_be_used(reading: Reading) -> None:
    wrong = letter("f1", pupil=None, enrolment="e9")
    assert reading.rules(wrong, letter("f2"), letter("f3")) == [
        (1, "fact-pupil-unknown"),
        (3, "fact-contradicts"),
    ]


def test_a_letter_that_was_taken_back_can_be_sent_after_all(reading: Reading) -> None:
    assert reading.rules(withheld("f1"), retraction("f2", "f1", LATER), letter("f3", at=LATEST)) == []


def test_a_decision_on_what_was_taken_back_later_is_only_pointed_out(reading: Reading) -> None:
    (problem,) = reading(asked("f1"), decided("f2", "f1", at=LATER), retraction("f3", "f1")).problems
    assert (problem.rule, problem.severity) == ("fact-speaks-of-taken-back", "warning")


def test_a_fact_from_after_the_moment_that_is_asked_about_is_kept_aside(reading: Reading) -> None:
    until = datetime(2025, 9, 16, 12, tzinfo=UTC)
    assert reading.rules(line("f1"), line("f2", at=LATER), until=until) == [(2, "fact-future")]


def test_facts_out_of_order_are_read_in_order(reading: Reading) -> None:
    read = reading(line("f1", at=LATER), line("f2"))
    assert [fact.id for fact in read.facts] == ["f2", "f1"]
    assert [(one.rule, one.severity) for one in read.problems] == [("fact-order", "warning")]


def test_a_day_off_roll_and_a_parent_who_is_no_contact_are_warnings(reading: Reading) -> None:
    found = reading(line("f1", pupil=BEN, at="2025-05-01T09:00"), line("f2", parent="c9"), people=["c1"])
    assert [(one.rule, one.severity) for one in found.problems] == [
        ("fact-off-roll", "warning"),
        ("fact-parent-unknown", "warning"),
    ]
    assert found.lines_read == 2


def test_a_long_chain_of_corrections_is_read_at_once(reading: Reading) -> None:
    chain = [line("f0", pupil=None)]
    chain += [
        line(f"f{n}", at=f"2025-09-{16 + n // 1440:02}T{n // 60 % 24:02}:{n % 60:02}", replaces=f"f{n - 1}")
        for n in range(1, 3000)
    ]
    assert reading(*chain).lines_read == 0


# --- the registry ----------------------------------------------------------------------------------------


COLOURS = {"red": 0, "green": 120}


class BikeParked(Data, frozen=True, kw_only=True):
    """A pupil parked a bicycle. Until version 2 it had a colour in words, and in version 1 no lock."""

    kind: ClassVar[str] = "bike parked"
    version: ClassVar[int] = 3
    read_up: ClassVar[dict[int, Any]] = {
        1: lambda parts: {**parts, "locked": False},
        2: lambda parts: {"hue": COLOURS[parts["colour"]], "locked": parts["locked"]},
    }
    hue: Annotated[int, part("its colour on the wheel")]
    locked: Annotated[bool, part("whether it is locked")]


def kinds_of(*classes: type[Data]) -> dict[str, type[Data]]:
    module = ModuleType("bikes")
    module.__dict__.update({cls.__name__: cls for cls in classes}, __all__=[cls.__name__ for cls in classes])
    return registry([module])


@pytest.mark.parametrize(
    ("version", "parts", "locked"),
    [
        (1, {"colour": "green"}, False),
        (2, {"colour": "green", "locked": True}, True),
        (3, {"hue": 120, "locked": True}, True),
    ],
)
def test_data_of_an_older_version_are_read_up_step_by_step(version: int, parts: Parts, locked: bool) -> None:
    read = data_of("bike parked", parts, version, kinds=kinds_of(BikeParked))
    assert read == BikeParked(hue=120, locked=locked)


@pytest.mark.parametrize(
    ("version", "parts", "where"),
    [(4, {}, "version"), (0, {}, "version"), (1, {}, "data"), (1, [], "data"), (2, {"colour": []}, "data")],
)
def test_data_that_are_not_of_the_version_they_name_are_refused(
    version: int, parts: Parts, where: str
) -> None:
    with pytest.raises(Wrong) as wrong:
        data_of("bike parked", parts, version, kinds=kinds_of(BikeParked))
    assert wrong.value.part == where


def test_a_kind_that_cannot_read_up_its_older_versions_is_no_kind() -> None:
    class Forgetful(BikeParked, frozen=True, kw_only=True):
        kind: ClassVar[str] = "forgetful"
        read_up: ClassVar[dict[int, Any]] = {1: dict}

    with pytest.raises(ValueError, match="version 2"):
        kinds_of(Forgetful)
    with pytest.raises(ValueError, match="no other"):
        kinds_of(BikeParked, type("Other", (BikeParked,), {}))


def test_a_repr_of_a_fact_or_its_data_shows_nothing_of_what_it_says(reading: Reading) -> None:
    data = MovingFormReceived(leaving_on=date(2025, 9, 30), new_address="1 Example Street")
    (fact,) = reading(
        line("f1", data={"brought_by": "grandmother"}, by={"role": "office", "id": "s12"})
    ).facts
    assert "Street" not in repr(data)
    assert not [secret for secret in ("grandmother", "s12", AMIRA) if secret in repr(fact)]


# --- writing, and the reference --------------------------------------------------------------------------


def test_a_fact_about_a_stay_to_which_its_day_does_not_lead_is_written_with_the_stay(
    reading: Reading, pupils: PupilsRead
) -> None:
    first = next(one for one in pupils.enrolments if one.starts_on.year == 2023 and one.ends_on)
    moment = datetime(2025, 9, 16, 8, tzinfo=UTC)
    (usual,) = reading(line("f1")).facts
    fact = Fact("f9", About(first.id), date(2025, 9, 16), moment, moment, usual.by, Arrived())
    written = write_facts(Facts((usual, fact)), pupils.pupils, pupils.enrolments)
    assert [("pupil" in json.loads(one), "enrolment" in json.loads(one)) for one in written.splitlines()] == [
        (True, False),
        (False, True),
    ]
    assert tuple(reading(written).facts) == (fact, usual)


def test_every_example_of_the_reference_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "pupils.csv"
    path.write_text(
        "Adno,Surname,Forename,DOB,Year,Admission Date\nA000101,A,Amira,11/02/2015,5,04/09/2023\n"
    )
    pupils = read_pupils(read_table(path), "school")
    page = REFERENCE.read_text(encoding="utf-8").partition("## Kinds")[2]
    lines = [one for one in page.splitlines() if one.startswith("{")]
    (tmp_path / "facts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    read = read_facts(tmp_path / "facts.jsonl", pupils)
    assert [str(one) for one in read.problems if one.rule != "fact-order"] == []
    assert read.lines_read == len(lines) == page.count("\n### ")
