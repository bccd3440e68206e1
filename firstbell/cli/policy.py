"""`firstbell policy`: a policy of one's own, checked against the law and its school's settings."""

from __future__ import annotations

import argparse
from pathlib import Path

from firstbell.cli.options import Commands
from firstbell.cli.policy_findings import add_check, add_compare

__all__ = ["add_policy"]


def add_policy(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command with those inside it."""
    policy = commands.add_parser("policy", help="a policy: checked, as a document, beside another version")
    which = policy.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (
        add_check,
        add_compare,
    ):
        add(which)


def _add_policy_and_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("policy", metavar="POLICY", help="the id of a policy, or the path to its folder")
    command.add_argument("--settings", type=Path, metavar="FILE", help="what a school states, school.toml")
    command.add_argument("--school", dest="settings", type=Path, help=argparse.SUPPRESS)
