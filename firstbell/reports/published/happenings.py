"""How is it said that something happened: "when a parent asks for leave"?

A phrase for each kind of fact, and words for the parts by which a rule tells one such fact from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from firstbell.facts import KINDS as FACTS
from firstbell.facts import described
from firstbell.reports.published.marked import Marked, safe
from firstbell.reports.published.values import Unstated, list_of, quoted
from firstbell.reports.wording import listed

__all__ = ["HAPPENS", "happening", "happenings", "needed_in_words", "with_parts"]

HAPPENS: Mapping[str, str] = {
    # a morning
    "absence reported": "an absence is reported",
    "arrived": "a pupil arrives late",
    "charge decided": "a charge for late collection is decided on",
    "closure declared": "the school, or a part of it, has to close",
    "collected late": "a pupil is collected late",
    "contact tried": "the school has tried to reach the family",
    "doubt recorded": "somebody doubts, for a reason, that an illness is one",
    "evidence asked": "evidence is asked for",
    "evidence received": "evidence is received",
    "found safe": "an absent pupil is known to be safe",
    "late gate held": "a late gate was held",
    "lateness reported": "the school is told that somebody will be late",
    "left site": "a pupil leaves during the day",
    "message sent": "a message was sent",
    "reply received": "the family has answered",
    "returned to site": "a pupil comes back during the day",
    "visit made": "somebody has visited the home",
    # missing
    "lesson missed": "a pupil who was marked present misses a lesson",
    "missing closed": "a missing pupil is found, or others look now",
    "missing noticed": "a pupil is missing during the day",
    "missing step": "a step was taken to find a missing pupil",
    # working with a family
    "assessment made": "an assessment is asked for or made",
    "barrier found": "it is known what keeps a pupil from school",
    "complaint received": "somebody complains",
    "concern raised": "a member of staff is concerned about a pupil",
    "consent given": "a parent has said whether information may be shared",
    "contact details changed": "a family's details change",
    "decision made": "a decision is made",
    "duty assigned": "a task is given to somebody else",
    "duty deferred": "a task is put off",
    "duty done": "a task is done",
    "duty withheld": "it is decided not to do something",
    "flag ended": "something that was noted of a pupil no longer holds",
    "flag set": "something is noted of a pupil",
    "information shared": "information is shared with somebody outside the school",
    "leave asked": "a parent asks for leave",
    "leave decided": "a request for leave is decided",
    "letter sent": "a letter was sent",
    "letter withheld": "it is decided not to send a letter",
    "meeting held": "a meeting was held",
    "meeting invited": "a parent was invited to a meeting",
    "plan agreed": "a plan was agreed",
    "plan ended": "a plan comes to its end",
    "plan reviewed": "a plan was reviewed",
    "professional told": "a professional was told",
    "pupil spoken to": "a member of staff has spoken with the pupil",
    "referral made": "a pupil was referred to another service",
    "retraction": "something that was recorded is taken back",
    "return delayed": "a pupil is held up after leave",
    "stage set": "a pupil's case comes to a stage",
    "support ended": "support comes to its end",
    "support given": "support was offered or given",
    "target reviewed": "a pupil's own target was reviewed",
    "target set": "a pupil is given a target of their own",
    # education elsewhere
    "excluded": "a pupil is suspended or excluded",
    "performance licensed": "a pupil is licensed to perform",
    "provider reported": "a provider reports on a pupil",
    "provision agreed": "it is agreed that a pupil is taught elsewhere",
    "provision checked": "a provider was checked",
    "remote education arranged": "a pupil is taught at a distance for a while",
    "risk assessed": "a risk was assessed",
    "seen in public": "an excluded pupil is in a public place in school hours",
    "taught elsewhere": "a pupil was taught outside school",
    "timetable agreed": "a part-time timetable is agreed",
    "timetable reviewed": "a part-time timetable was reviewed",
    # the law, and the school as a whole
    "award given": "an award is given",
    "benchmark recorded": "attendance elsewhere is known",
    "consultation held": "people were consulted",
    "court step": "there is a step towards or in court",
    "draw made": "a raffle was drawn",
    "enquiry made": "the school has asked where a pupil is",
    "moving form received": "a parent says in writing that the pupil leaves",
    "notice considered": "a notice was considered",
    "notice ended": "the period of a notice to improve has ended",
    "notice issued": "a notice is issued",
    "notice paid": "a penalty notice is paid",
    "notice withdrawn": "a notice is withdrawn",
    "policy adopted": "a version of the policy is adopted",
    "published": "something is published",
    "return sent": "a return was sent",
    "review held": "figures were reviewed",
    "role given": "somebody takes on a role",
    "school meeting held": "a meeting about several pupils or the school was held",
    "strategy set": "the school has decided on a strategy",
    "training done": "somebody was trained",
}
"""By kind of fact, what happens, as a sentence goes on after "when"."""
SAID: Mapping[tuple[str, str], str] = {
    ("decision made", "answer"): "the answer is {0}",
    ("decision made", "question"): "the question was {0}",
    ("meeting held", "attended"): "a parent came: {0}",
    ("leave asked", "reason"): "for this reason: {0}",
    ("leave decided", "granted"): "granted: {0}",
    ("leave asked", "abroad"): "the child is taken abroad: {0}",
    ("plan ended", "why"): "because it was {0}",
    ("plan reviewed", "improved"): "it has improved: {0}",
    ("notice ended", "improved"): "there was enough improvement: {0}",
    ("visit made", "outcome"): "what was found: {0}",
}
"""By kind and part, how a part is said where its own description does not do."""
NAMES = (
    *("meeting", "plan", "flag", "stage", "notice", "step", "question", "review", "what", "role", "award"),
    *("training", "letter", "message", "support", "assessment", "of", "about", "to", "who", "outcome"),
)
"""Parts of which the value alone says enough: "a meeting was held (attendance meeting)"."""


def happening(kind: str | Unstated) -> Marked:
    """What happens, as a sentence goes on after "when"."""
    if isinstance(kind, Unstated):
        return str(kind)
    return HAPPENS.get(kind, f"“{safe(kind)}” is recorded")


def happenings(kinds: Iterable[str] | Unstated) -> Marked:
    """Several things any of which happens."""
    if isinstance(kinds, Unstated):
        return str(kinds)
    return listed([happening(kind) for kind in kinds], "or") if kinds else "nothing happens"


def needed_in_words(needs: Iterable[str] | Unstated) -> Marked:
    """What must have been recorded, as a policy writes it: "timetable agreed: agreed_by, review_on"."""
    if isinstance(needs, Unstated):
        return str(needs)
    return listed([_needed(need) for need in needs]) if needs else "nothing"


def _needed(need: str) -> Marked:
    kind, _, stated = (one.strip() for one in need.partition(":"))
    says = {one.name: one.says for one in described(FACTS[kind])} if kind in FACTS else {}
    parts = []
    for part in (one.strip() for one in stated.split(",") if one.strip()):
        name, equals, value = (one.strip() for one in part.partition("="))
        if equals:
            parts.append(with_parts(kind, {name: value}))
        else:
            parts.append(f"with {IDS.sub('', safe(says.get(name, name)))}")
    told = "; ".join(parts)
    return f"{happening(kind)} ({told})" if told else happening(kind)


IDS = re.compile(r"the ids? of ")
"""What a part says that names people by their ids; a reader cares who they are."""


def with_parts(kind: str, parts: Mapping[str, Any] | Unstated) -> Marked:
    """The parts that a fact must have, for a bracket after it: "attendance meeting; a parent came: yes"."""
    return str(parts) if isinstance(parts, Unstated) else "; ".join(_parts(kind, parts))


def _parts(kind: str, parts: Mapping[str, Any]) -> Iterator[str]:
    of_kind = {one.name: one for one in described(FACTS[kind])} if kind in FACTS else {}
    for name, value in parts.items():
        shown = _value(value)
        part = of_kind.get(name)
        says = IDS.sub("", safe(part.says if part else name.replace("_", " ")))
        if value is True and part is not None and part.form != "true or false":
            # Of what is no yes or no, true means that it is filled in.
            yield f"with {says}"
        elif said := SAID.get((kind, name)):
            yield said.format(quoted(shown) if kind == "decision made" else shown)
        elif name in NAMES:
            yield shown
        else:
            yield f"{says}: {shown}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return list_of(value) if isinstance(value, list | tuple) else safe(str(value))
