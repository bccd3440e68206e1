"""Which words may a policy use that somebody else has closed lists of: facts, codes, year groups?

A reason, a flag, a plan or a channel that no fact can have would be waited for in vain. Names that a policy
makes up itself, such as those of its meetings, are free.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

import msgspec

from firstbell.facts import KINDS as FACTS

__all__ = [
    "ACTIONS",
    "ALWAYS_GIVEN",
    "APPLIES_TO",
    "LEAVE_TESTS",
    "POLICY_KEYS",
    "RULE_KEYS",
    "SETTLED_BY",
    "Settling",
    "YEAR_GROUPS",
    "choices",
    "fault_of_settled_by",
    "nearest",
    "with_nursery",
    "written",
]

RULE_KEYS: Mapping[str, str] = {
    "id": "its id: small letters, digits and hyphens. Needed, and no other rule has the same",
    "kind": "one of the kinds below. Needed",
    "implements": "the clauses that it carries out, by their ids in `clauses.toml`. Needed, but for law",
    "mode": "who acts, see below. Needed",
    "who": "the role that does it or is asked, of `[roles]`. Needed for a prompt",
    "word": "the clause's own word: will, may, usually",
    "asks": "what it asks for, in a few words, by which people and scenarios speak of it. Needed, unless"
    " nothing is asked",
    "as": "the form of its duties, see below. Left out: `prompt` for a prompt, `letter` where a letter is"
    " named, else that of the kind",
    "offers": "the answers among which a prompt lets people choose",
    "suggests": "the answer that is offered first, of `offers`, where the facts suggest none",
    "applies_to": "whom it is about, see below. Left out: everybody",
    "params": "its parameters: `{ ... }` in one line, or `[rule.params]` below the rule",
    "letter": "the letter that is sent, of `[letters]`",
    "after": "another rule, of which a duty must have been done before",
    "tightens": "the rule of law, of the same kind, that it makes stricter",
    "settled_by": "facts that by themselves show that it was done, see below",
    "notice": "what must be said with it: that its clause cites law that is gone, for example",
    "source": "for rules of law only: the provision in words. Needed there",
}
"""What a rule may say besides its parameters, and what each key means."""
POLICY_KEYS: Mapping[str, str] = {
    "title": "what the policy is called. Needed",
    "adopted_on": "the day on which it was adopted, without quotes",
    "review_on": "the day by which it says that it will be reviewed, without quotes",
    "is_frame": "`true`: a frame from which schools make their own policies; to leave numbers to them is"
    " no fault",
    "roles": "a table: the name of each role, and what it is",
    "letters": "a table: the id of each letter, and its title. Its template is `letters/<id>.typ`",
    "rule": "the rules, each below `[[rule]]`",
}
APPLIES_TO: Mapping[str, str] = {
    "year_groups": 'pupils of one of these year groups: "N" (all of nursery), "N1", "N2", "R", "1" to "14"',
    "of_age": "`true`: of compulsory school age on the day; `false`: not of it",
    "flags": "pupils with one of these flags",
    "without_flags": "pupils with none of these flags",
    "half_terms": "only in these half terms of the school year, from 1 to 6",
}
ALWAYS_GIVEN = (
    *("school_name", "school_address", "school_phone", "school_email", "school_logo"),
    *("sender_name", "sender_role", "letter_on", "reference", "address", "salutation"),
    *("pupil_name", "pupil_first_name", "year_group", "class_name", "policy_title", "clause"),
)
"""What every letter can say, whatever the rule."""
LEAVE_TESTS = (
    *("leave notice", "leave attendance", "leave year group", "leave at start", "leave at assessments"),
    "leave retrospective",
    *("leave already", "leave applicant", "leave concern", "leave reason"),
)
"""Kinds that advise the decision on a request for leave, and ask for nothing of their own."""
NURSERY = ("N", "N1", "N2")
"""What "N" stands for in a policy: registers tell the years of nursery apart."""
YEAR_GROUPS = (*NURSERY, "R", *(str(number) for number in range(1, 15)))


@cache
def choices(fact: str, part: str) -> tuple[str, ...]:
    """The values that a part of a kind of fact may have; none where any text may stand."""
    info = msgspec.inspect.type_info(FACTS[fact])
    assert isinstance(info, msgspec.inspect.StructType)
    return _literals(next(one.type for one in info.fields if one.encode_name == part))


def _literals(info: msgspec.inspect.Type) -> tuple[str, ...]:
    match info:
        case msgspec.inspect.Metadata():
            return _literals(info.type)
        case msgspec.inspect.LiteralType():
            return tuple(str(one) for one in info.values)
        case msgspec.inspect.UnionType():
            return tuple(word for one in info.types for word in _literals(one))
        case _:
            return ()


class Settling(NamedTuple):
    """What settles a duty: when, and the names that may follow: None for no name, () for any."""

    says: str
    names: tuple[str, ...] | None = None
    needs_name: bool = True


SETTLED_BY: Mapping[str, Settling] = {
    "contact": Settling("the school reached a parent", choices("contact tried", "purpose"), False),
    "visit": Settling("somebody was met at the home"),
    "evidence": Settling("evidence was received", choices("evidence received", "of"), False),
    "report": Settling("the absence was reported"),
    "safe": Settling("the pupil is known to be safe"),
    "consent": Settling("a parent agreed, or did not, that information is shared", (), False),
    "moving form": Settling("a parent said in writing where the pupil goes"),
    "enquiry": Settling("the school asked where the pupil is"),
    "provider": Settling("a provider said whether the pupil came"),
    "timetable review": Settling("a part-time timetable was looked at with the family"),
    "benchmark": Settling("a figure from elsewhere was recorded, to compare with"),
    "considered": Settling("a notice was considered, whatever was concluded"),
    "notice": Settling("this notice was issued", choices("notice issued", "notice")),
    "court step": Settling("this step was taken", choices("court step", "step")),
    "spoken": Settling("somebody spoke with the pupil about it", choices("pupil spoken to", "about")),
    "assessment": Settling("this assessment was made or asked for", choices("assessment made", "assessment")),
    "barrier": Settling("what keeps the pupil from school was found"),
    "target": Settling("the pupil was given a target of their own"),
    "target review": Settling("such a target was looked at"),
    "plan review": Settling("a plan was looked at again"),
    "support ended": Settling("support came to its end"),
    "stage": Settling("somebody put the case into this stage", ()),
    "invitation": Settling("parents were asked to the meeting of this name", ()),
    "evidence asked": Settling("evidence was asked for", choices("evidence asked", "of"), False),
    "details": Settling("the school was told that details changed"),
    "risk": Settling("somebody looked at what could go wrong", choices("risk assessed", "of")),
    "provision check": Settling("a provider was checked", choices("provision checked", "of"), False),
    "strategy": Settling("the school decided what to do in an area of poor attendance"),
    "meeting": Settling("a meeting with the family of this name was held", ()),
    "school meeting": Settling("a meeting about several pupils or the school was held", ()),
    "plan": Settling("a plan of this sort was agreed", choices("plan agreed", "plan")),
    "referral": Settling("the pupil was referred to them", choices("referral made", "to")),
    "told": Settling("they were told", choices("professional told", "who")),
    "shared": Settling("information went to them", choices("information shared", "to")),
    "return": Settling("this return was sent", choices("return sent", "of")),
    "published": Settling("this was published", ()),
    "award": Settling("this award was given", ()),
    "draw": Settling("this raffle was drawn", ()),
    "review": Settling("this review was held", ()),
    "training": Settling("somebody had this training", ()),
    "letter": Settling("this letter was sent, by its id in `[letters]`", ()),
    "message": Settling("this message was sent", ()),
    "support": Settling("this support was given", ()),
    "missing step": Settling("this was done to find a missing pupil", choices("missing step", "step")),
}
"""By the first word, what settles a duty. Names that no list of facts has are the policy's own."""


ACTIONS: Mapping[str, str] = {
    "grant leave": "say yes to a request for leave (`request`)",
    "refuse leave": "say no to a request for leave (`request`)",
    "ask for evidence": "ask parents for evidence (`evidence`: of what)",
    "send letter": "send a letter (`purpose`: its name in the policy)",
    "charge for late collection": "charge parents (`request`: the late collection)",
    "delete from the register": "take the pupil's name off the register (`purpose`: the ground's letter)",
    "issue a penalty notice": "issue or ask for a penalty notice to a parent",
    "issue an exclusion notice": "issue or ask for the notice to a parent of an excluded pupil who was in a"
    " public place (`request`: the *seen in public*)",
    "take a legal step": "ask for a step of the law (`purpose`: which, as `education supervision order`)",
    "ask for prosecution": "ask the authority to prosecute a parent",
    "enter a code": "enter a code for a session (`code`, `session`)",
    "change a mark because of a notice": "amend marks because a notice was, or was not, issued",
    "dispose of register entries": "destroy what the registers say of a session (`session`)",
    "start a part-time timetable": "let a pupil attend part-time (`plan`: the *timetable agreed*; `purpose`:"
    " what for)",
    "start provision elsewhere": "let a pupil be taught elsewhere (`plan`: the *provision agreed*)",
    "start remote education": "teach a pupil at a distance (`plan`: the *remote education arranged*)",
    "hold a one-to-one video lesson": "teach one pupil alone by video (`purpose`: from where and when)",
    "agree a plan": "agree a plan with a family (`plan`: its kind, or the *plan agreed*; `purpose`: its"
    " target)",
    "let a pupil leave early": "let a pupil go before the end of the day (`purpose`: with whom, or what for)",
    "take away a privilege": "leave a pupil out of a trip, an event or a reward (`purpose`: which)",
    "visit a home": "go to a pupil's home (`purpose`: announced, or not)",
}
"""What somebody may want to do, by the name that policies and scenarios use, each with what it is."""


def with_nursery(groups: Iterable[str]) -> tuple[str, ...]:
    """Year groups as registers have them: "N" is all of nursery."""
    found = (one for group in groups for one in (NURSERY if group == "N" else (group,)))
    return tuple(dict.fromkeys(found))


def nearest(word: str, known: Collection[str]) -> str:
    """A remedy for a word that is not among those known."""
    if tuple(known) == YEAR_GROUPS:
        return 'There are: "N", "N1", "N2", "R" and "1" to "14".'
    near = get_close_matches(word, known, 1)
    return f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(known) or 'none'}."


def fault_of_settled_by(term: str, letters: Collection[str]) -> tuple[str, str] | None:
    """What is wrong with a term of `settled_by`, and what to do; None for a sound one."""
    word, colon, name = (one.strip() for one in term.partition(":"))
    if word not in SETTLED_BY:
        return f'nothing is settled by "{term}".', nearest(word, SETTLED_BY)
    settling = SETTLED_BY[word]
    known = tuple(letters) if word == "letter" else settling.names
    if known is None:
        return (f'"{word}" takes no name, and has "{name}".', f'Write "{word}".') if colon else None
    if not name:
        return (
            (f'"{term}" does not say which.', f'Write "{word}: " and a name.')
            if (settling.needs_name or colon)
            else None
        )
    if (known or word == "letter") and name not in known:
        return f'"{term}": there is no "{name}".', nearest(name, known)
    return None


def written(value: object) -> str:
    """A value as a TOML file writes it, near enough to be found in one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "a table"
    return f'"{value}"' if isinstance(value, str) else str(value)
