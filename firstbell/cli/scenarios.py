"""`firstbell scenarios`: worked cases run against a policy, what is otherwise, and what goes unnoticed."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
from tqdm import tqdm

from firstbell import statute
from firstbell.cli.options import KEPT_ASIDE, READ, UNUSABLE, Commands, day
from firstbell.policy import Rulebook, example_beside, named, shipped
from firstbell.policy.files import LAW
from firstbell.problems import Place, Problem, Unusable
from firstbell.scenarios import read_scenario, read_scenarios
from firstbell.scenarios.explained import Explanation, explaining, not_needed, read_explanations
from firstbell.scenarios.mutating import Survey, processes_for
from firstbell.scenarios.running import Outcome, Ran, run
from firstbell.scenarios.scenario import Scenario

__all__ = ["add_scenarios"]


def add_scenarios(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    scenarios = commands.add_parser(
        "scenarios",
        help="worked cases run against a policy",
        description="Runs scenarios, files or folders of them, and shows each line that is not so, with what "
        "was found instead. Exit code 1 if any line is not so, or a change goes unnoticed for no reason.",
    )
    scenarios.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders of them")
    scenarios.add_argument(
        "--policy",
        metavar="POLICY",
        help="run them against this policy, an id or the path to its folder, whichever they name",
    )
    scenarios.add_argument("--quiet", action="store_true", help="only those that fail, and the sum")
    scenarios.add_argument(
        "--mutate",
        action="store_true",
        help="change each parameter of the policies a little, and list the changes that no scenario notices",
    )
    scenarios.add_argument("--rule", help="with --mutate: only the rule with this id")
    scenarios.add_argument(
        "--survivors", type=Path, metavar="FILE", help="with --mutate: why some changes cannot be noticed"
    )
    scenarios.add_argument("--on", type=day, metavar="DAY", help="with --mutate: the rules of this day")
    scenarios.set_defaults(run=_scenarios)


def _scenarios(options: argparse.Namespace) -> int:
    scenarios, unreadable = _read(options.paths)
    if options.policy:
        scenarios = _under(scenarios, options.policy)
    if options.mutate:
        return _mutate(scenarios, options)
    failed = 0
    said: set[str] = set()
    for problem in unreadable:
        print(f"  {problem}")
    for scenario in scenarios:
        try:
            ran = run(scenario)
        except Unusable as refused:
            failed += 1
            print(f"not run  {scenario.id}: {scenario.title}")
            print("    for the same reason as above" if str(refused) in said else _indented(refused))
            said.add(str(refused))
            continue
        failed += not ran.passed
        if not ran.passed or not options.quiet:
            print("\n".join(_lines(ran)))
    otherwise = f"; {failed} {'is' if failed == 1 else 'are'} not" if failed else ""
    print(f"{len(scenarios) - failed} of {len(scenarios)} scenarios are so{otherwise}.")
    if unreadable and not scenarios:
        return UNUSABLE
    return KEPT_ASIDE if failed or unreadable else READ


def _indented(refused: Unusable) -> str:
    return "\n".join(f"    {problem}" for problem in refused.problems)


def _under(scenarios: Sequence[Scenario], policy: str) -> list[Scenario]:
    """The scenarios, as if they named another policy. Raises `Unusable` if it is none, before any is run."""
    england = statute.england()
    files, folder = named(policy, england)
    Rulebook(england, shipped(LAW, england), files, example_beside(folder))
    return [
        replace(one, written=msgspec.structs.replace(one.written, policy=str(folder))) for one in scenarios
    ]


def _read(paths: Sequence[Path]) -> tuple[list[Scenario], list[Problem]]:
    """Every scenario of the paths, and what is wrong with those that cannot be read."""
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in paths:
        if not path.exists():
            what, remedy = "There is no such file.", "Name another."
            raise Unusable([Problem("scenario-file", Place(str(path)), what, remedy)])
        try:
            found += read_scenarios(path) if path.is_dir() else [read_scenario(path)]
        except Unusable as refused:
            problems += refused.problems
    if not found and not problems:
        remedy = "Name a file, or a folder that holds some."
        raise Unusable([Problem("scenario-file", Place(), "There is no scenario.", remedy)])
    return found, problems


def _lines(ran: Ran) -> list[str]:
    scenario = ran.scenario
    if ran.passed:
        return [f"ok       {scenario.id}: {scenario.title}"]
    lines = [f"NOT SO   {scenario.id}: {scenario.title}"]
    for one in ran.outcomes:
        if not one.holds:
            lines += _differing(scenario, one)
    return lines


def _differing(scenario: Scenario, one: Outcome) -> list[str]:
    where = f"{scenario.shown}, row {one.expected.row}: {one.about}, {one.expected.when}"
    return [f"    {where}", f"        wanted: {one.wanted}", f"        found:  {one.found}"]


def _mutate(scenarios: Sequence[Scenario], options: argparse.Namespace) -> int:
    explanations = read_explanations(options.survivors) if options.survivors else ()
    survey = Survey(scenarios, options.on, options.rule or "")
    survived, unexplained = [], 0
    # Without a terminal there is nobody to wait for it.
    with tqdm(total=len(survey.mutants), desc="changes", leave=False, disable=None, file=sys.stderr) as bar:
        for survivor in survey.survivors(processes_for(survey), bar.update):
            mutant = survivor.mutant
            survived.append(mutant)
            why = explaining(explanations, mutant)
            unexplained += why is None
            looked = f"{survivor.scenarios} scenarios looked at the rule"
            bar.write("\n".join(_survivor_lines(f"{mutant.policy}: {mutant} ({looked})", why)), sys.stdout)
            sys.stdout.flush()
    # A run over one rule, or over some scenarios, does not need the reasons of the others.
    unneeded = [] if options.rule else not_needed(explanations, survived)
    for one in unneeded:
        said = f"{one.place}: {one.rule}, {one.parameter}"
        print(f"not needed   {said}. Every such change is noticed: take it out.")
    print(
        f"{len(survey.mutants)} changes; {len(survived)} were not noticed by any scenario, "
        f"{len(survived) - unexplained} of them for a reason."
    )
    return KEPT_ASIDE if unexplained else READ


def _survivor_lines(said: str, why: Explanation | None) -> list[str]:
    if why is None:
        return [f"not noticed  {said}"]
    return [
        f"explained    {said}",
        *textwrap.wrap(why.because, 100, initial_indent=4 * " ", subsequent_indent=4 * " "),
    ]
