"""The form of a scenario as a JSON schema, for editors that complete and check TOML while it is written."""

from __future__ import annotations

from typing import Any

import msgspec

from firstbell.scenarios.format import VERBS, ScenarioFile

__all__ = ["scenario_schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> dict[str, Any]:
    """The schema, as JSON has it.

    It knows every key, what may stand there and what is needed. What needs the calendar, the law or other
    lines of the file is looked at only when the file is read: a file that fits it may still be refused.
    """
    schema = msgspec.json.schema(ScenarioFile)
    line = schema["$defs"]["ThenLine"]
    line["oneOf"] = [{"required": [verb]} for verb in VERBS]
    return {"$schema": DIALECT, "title": "A scenario of Firstbell", **schema}
