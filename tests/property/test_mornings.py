"""The steps of a morning agree with a plain simulation of it, whatever was rung, when and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import small

STEPS = ("primary contact", "other contacts", "every step")
DEADLINE, CLOSES = 8 * 60 + 40, 9 * 60 + 10
RULES = (
    small.rule("morning", "register times", 'session = "morning", opens = "08:40", closes = "09:10"'),
    *(small.rule(step.replace(" ", "-"), "morning step", f'step = "{step}", by = "08:40"') for step in STEPS),
)
OUTCOMES = ("no answer", "message left", "wrong number", "refused", "reached")


@dataclass(frozen=True)
class Call:
    """A call: its minute, whom it was to (-1 for nobody named), and what came of it."""

    minute: int
    contact: int
    outcome: str


@st.composite
def mornings(draw: st.DrawFn) -> tuple[int, int, list[Call], int]:
    """How many contacts there are, when the register is saved, the calls, and when it is looked at."""
    contacts = draw(st.integers(1, 3))
    saved = draw(st.integers(DEADLINE - 10, CLOSES))
    minutes = draw(st.lists(st.integers(DEADLINE - 5, CLOSES + 40), max_size=6, unique=True))
    calls = [
        Call(minute, draw(st.integers(-1, contacts - 1)), draw(st.sampled_from(OUTCOMES)))
        for minute in sorted(minutes)
    ]
    return contacts, saved, calls, draw(st.integers(DEADLINE - 5, CLOSES + 45))


def expected(contacts: int, saved: int, calls: list[Call], at: int) -> set[tuple[str, str]]:
    """What is open at a minute, worked out call by call."""
    begins = max(DEADLINE, saved)
    known = [one for one in calls if one.minute <= at]
    if at < begins or any(one.outcome == "reached" for one in known):
        return set()
    rung: dict[int, int] = {}
    for one in known:
        whom = one.contact
        if whom < 0:
            whom = next((number for number in range(contacts) if number not in rung), contacts - 1)
        rung.setdefault(whom, one.minute)
    found = {("primary-contact", "C0")} if 0 not in rung else set()
    for number in range(1, contacts):
        if number - 1 in rung and number not in rung:
            found.add(("other-contacts", f"C{number}"))
    return found | ({("every-step", "")} if len(rung) == contacts else set())


def clock(minute: int) -> str:
    return f"2025-09-17T{minute // 60:02}:{minute % 60:02}:00"


def scenario(contacts: int, saved: int, calls: list[Call], at: int) -> str:
    names = ", ".join(f'"C{number}"' for number in range(contacts))
    text = f'on = 2025-09-17\n[[pupils]]\nref = "P1"\nyear_group = "6"\ncontacts = [{names}]\n'
    text += 'marks = ["2025-09-17 N N"]\n[[registers]]\nsession = "2025-09-17 AM"\n'
    text += f"saved_at = {clock(saved)}\n"
    for one in calls:
        whom = f', contact = "C{one.contact}"' if one.contact >= 0 else ""
        text += f'[[facts]]\nkind = "contact tried"\npupil = "P1"\nat = {clock(one.minute)}\n'
        text += f'data = {{ channel = "phone", outcome = "{one.outcome}"{whom} }}\n'
    return f"{text}[[then]]\nat = {clock(at)}\nnothing_due = true\n"


@settings(max_examples=60, deadline=None)
@given(mornings())
def test_the_steps_that_are_open_are_those_of_a_plain_simulation(
    morning: tuple[int, int, list[Call], int],
) -> None:
    run = small.running(RULES, scenario(*morning))
    at = run.moment(run.scenario.then[0].when)
    found = {
        (duty.rule.id, duty.about.parent)
        for duty in run.due(at)
        if duty.rule.kind == "morning step" and duty.is_open
    }
    assert found == expected(*morning)
    # Nothing was done for a reason that is there no more.
    assert not [duty for duty in run.due(at) if duty.state.value == "basis changed"]
