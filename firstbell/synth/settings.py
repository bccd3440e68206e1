"""What does an invented school state for a policy? The shipped example, under the school's own name.

Its address is invented like the rest of it: a postcode of the form that real ones have in a district that
there is not, a telephone number of Ofcom's drama range, and an e-mail address at example.org.
"""

from __future__ import annotations

import json
import re
from importlib import resources

from firstbell.policy.settings import EXAMPLE
from firstbell.synth.schools import InventedSchool

__all__ = ["POLICIES", "settings_text"]

POLICIES = {"primary": "primary-rewards"}
"""The policy of each kind of school; the others follow law and guidance only."""
LAW_AND_GUIDANCE = "model"
HEAD = re.compile(r"\A(?:#[^\n]*\n)*policy[^\n]*\nname[^\n]*\n(?:\s*\[school\]\n(?:[^\n[]+\n)*)?")


def settings_text(school: InventedSchool) -> str:
    """The `school.toml` of an invented school; everything but name and address is as in the example."""
    policy = POLICIES.get(school.kind, LAW_AND_GUIDANCE)
    file = resources.files("firstbell") / "policies" / policy / EXAMPLE
    rules = HEAD.sub("", file.read_text(encoding="utf-8"), count=1)
    town = school.name.rpartition(" ")[0].rpartition(" ")[0]
    quoted = json.dumps(school.name, ensure_ascii=False)
    head = f'''# What an invented school states for the policy "{policy}". Nobody is at this address.
policy = "{policy}"
name = {quoted}

[school]
address = {json.dumps(f"1 Belfry Lane, {town}, TR77 9ZZ", ensure_ascii=False)}
phone = "01632 960{100 + school.number:03d}"
email = "office@example.org"
'''
    return f"{head}\n{rules.lstrip()}"
