"""How does a duty reach a parent? As a letter: a finished PDF, measured before it leaves.

`Letters` turns a template of a policy and values into one tagged PDF, `preflight` measures a finished PDF
against the zones of GOV.UK Notify, `print_run` lays finished letters one after the other for the office's
printer. Values come in finished: this layer works out no figure and decides nothing.

Refuses to know: the clock, a database, which letter is due. Letters are never made in a process that was
forked from one that has made some (see `compiling`).
"""

from __future__ import annotations

from firstbell.delivery.letters import Letters, letter_file_name
from firstbell.delivery.preflight import preflight
from firstbell.delivery.printing import Finished, Printed, PrintRun, print_run
from firstbell.delivery.strip_key import strip_key
from firstbell.policy.templates import needed_by, optional_in

__all__ = [
    "Finished",
    "Letters",
    "PrintRun",
    "Printed",
    "letter_file_name",
    "needed_by",
    "optional_in",
    "preflight",
    "print_run",
    "strip_key",
]
