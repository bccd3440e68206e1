"""`firstbell policy`: a policy of one's own, checked against the law and its school's settings."""

from __future__ import annotations

import argparse
from pathlib import Path

from firstbell import statute
from firstbell.cli.options import READ, Commands
from firstbell.policy import Rulebook, example_beside, named, read_school, shipped
from firstbell.policy.files import LAW

__all__ = ["add_policy"]


def add_policy(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command with those inside it."""
    policy = commands.add_parser("policy", help="a policy: checked, as a document, beside another version")
    which = policy.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (_add_check,):
        add(which)


def _add_policy_and_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("policy", metavar="POLICY", help="the id of a policy, or the path to its folder")
    command.add_argument("--settings", type=Path, metavar="FILE", help="what a school states, school.toml")
    command.add_argument("--school", dest="settings", type=Path, help=argparse.SUPPRESS)


# --- check -----------------------------------------------------------------------------------------------


def _add_check(which: Commands[argparse.ArgumentParser]) -> None:
    check = which.add_parser(
        "check",
        help="a policy's files checked",
        description="Reads every version of a policy with the law and, if given, a school's settings, and "
        "lists what is wrong with file and line.",
    )
    _add_policy_and_settings(check)
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    england = statute.england()
    files, folder = named(options.policy, england)
    settings = read_school(options.settings) if options.settings else example_beside(folder)
    law = shipped(LAW, england)
    Rulebook(england, law, files, settings)
    for version in files.versions:
        held = f"{len(version.rules)} rules, {len(version.clauses)} clauses"
        print(f"{files.id}, in force from {version.in_force_from_on}: {held}.")
    for problem in files.warnings:
        print(f"  {problem}")
    print("No faults." if not files.warnings else "No faults that stop it; look at those above.")
    return READ
