"""The house itself: examples complete, codes documented, functions short, nothing and nobody real named."""

from __future__ import annotations

import ast
import hashlib
import importlib
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import FunctionType

import pytest

from firstbell.exchange.pupils import Pupil
from firstbell.problems import Place, Problem
from firstbell.register import Attribute, Enrolment
from firstbell.statute import Code, Confidence, england

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FUNCTION = 50

# Where the work is done, which is nobody's business, written so that this file does not name it either.
PRIVATE_PATHS = tuple(f"/{name}/".encode() for name in ("work", "shared"))

# SHA-256 of words, in lower case, from the names of the schools and trusts whose policies were studied.
REAL_NAMES = frozenset(
    {
        "75109e3f174030b14e771204f835f272101716783ea197e7d2bbc46e9a01cda0",
        "3450f3c30757a9b28bf0d2ecb93a3d641f090f8b3e0fea903bf23ee820d940a9",
        "d93feaf8c84752d0b9b2fea5f92c86f1b95357f5cb18ba59121fe08bcb4c0b16",
        "16fbd1b3db63ff0de11897e2d2d681f6e7152d5b1e5de7726c844e8361a557d0",
        "217d2f67cbec2885dbb5ed1b7e00cad3c5be74368fdd8419bfc2ff6ab65236c3",
        "1a22a282e0ade8b8d6be74d476e1520564e88e77f4f5ea008375f7b764dac913",
    }
)


def files_of_the_tree() -> list[Path]:
    """Every file that is tracked or would be: what git lists, without what it ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = {ROOT / name for name in listed.stdout.decode().split("\0") if name}
    return sorted(path for path in paths if path.is_file())


def spec_tests() -> Iterator[FunctionType]:
    for path in sorted((ROOT / "tests" / "spec").glob("test_*.py")):
        module = importlib.import_module(f"tests.spec.{path.stem}")
        yield from (
            member
            for name, member in vars(module).items()
            if name.startswith("test_") and isinstance(member, FunctionType)
        )


# --- the law and the specification -----------------------------------------------------------------------


def test_each_of_the_88_worked_examples_is_worked_once() -> None:
    worked = Counter(number for test in spec_tests() for number in getattr(test, "worked_numbers", ()))
    assert {number: worked[number] for number in range(1, 89)} == dict.fromkeys(range(1, 89), 1)
    assert set(worked) <= set(range(1, 89))


def test_each_worked_example_has_one_number_and_names_its_source() -> None:
    marked = [test for test in spec_tests() if hasattr(test, "worked_numbers")]
    assert [test.__name__ for test in marked if not vars(test)["worked_source"].strip()] == []
    assert [test.__name__ for test in marked if len(vars(test)["worked_numbers"]) > 1] == []


def test_a_value_that_was_not_seen_says_what_is_unsure() -> None:
    unsure = [value for value in england().values if value.confidence is not Confidence.SEEN]
    assert [value for value in unsure if not value.note.strip()] == []


def test_every_symbol_is_a_code_with_a_use_and_stands_in_the_reference() -> None:
    codes = [value for value in england().values if isinstance(value, Code)]
    used = {code.symbol for code in codes if code.name.strip() and code.use.strip()}
    page = (ROOT / "docs" / "reference" / "codes.md").read_text(encoding="utf-8")
    assert used == set(england().symbols)
    assert [symbol for symbol in england().symbols if f"| `{symbol}` |" not in page] == []


# --- the code --------------------------------------------------------------------------------------------


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = []
    for path in sorted((ROOT / "firstbell").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines")
    assert not long, "\n".join(long)


# --- privacy ---------------------------------------------------------------------------------------------


def test_no_file_names_a_path_of_the_machine_it_was_made_on() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in files_of_the_tree()
        if any(private in path.read_bytes() for private in PRIVATE_PATHS)
    ]
    assert found == []


def test_no_file_names_a_real_school_behind_a_policy() -> None:
    found = []
    for path in files_of_the_tree():
        text = f"{path.relative_to(ROOT)} {path.read_bytes().decode('utf-8', errors='ignore')}".lower()
        for word in set(re.findall(r"[a-z]{4,}", text)):
            if hashlib.sha256(word.encode()).hexdigest() in REAL_NAMES:
                found.append(str(path.relative_to(ROOT)))
    assert found == []


ENROLMENT = Enrolment("e7", "p7", "school", date(2021, 9, 2), date(2022, 7, 20), date(2016, 5, 17))
PUPIL = Pupil("p7", "Example", "Amira", "Mimi", "A123456789012", "5678")
PLACE = Place("pupils.csv", 7, "DOB")
PROBLEM = Problem("date", PLACE, 'It says "17/05/2O16".', "Correct it.", value="17/05/2O16")


@pytest.mark.parametrize(
    ("shown", "secrets"),
    [
        (ENROLMENT, ("2021", "2022", "2016")),
        (Attribute("SEN", "EHC plan"), ("EHC",)),
        (PUPIL, ("Example", "Amira", "Mimi", "A1234", "5678")),
        (PROBLEM, ("17/05",)),
    ],
)
def test_a_repr_shows_nothing_personal(shown: object, secrets: tuple[str, ...]) -> None:
    assert [secret for secret in secrets if secret in repr(shown)] == []
