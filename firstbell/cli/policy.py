"""`firstbell policy`: a policy of one's own, checked against the law and its school's settings."""

from __future__ import annotations

import argparse

from firstbell.cli.options import Commands
from firstbell.cli.policy_findings import add_check, add_compare
from firstbell.cli.policy_shown import add_diff, add_show

__all__ = ["add_policy"]


def add_policy(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command with those inside it."""
    policy = commands.add_parser("policy", help="a policy: checked, as a document, beside another version")
    which = policy.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (
        add_check,
        add_compare,
        add_show,
        add_diff,
    ):
        add(which)
