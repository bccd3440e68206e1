"""Reads the files of a policy: folders in, its versions out, or every problem of all files at once.

Nothing is guessed: a key that no rule has, a kind that nobody described, a value of another form are problems
naming file and line. What the rules say together is looked at in `checking`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from firstbell.policy.checking import problems_with_version
from firstbell.policy.describing import parameters_of
from firstbell.policy.files import (
    BY_LAW,
    BY_SCHOOL,
    LAW,
    NotOfItsForm,
    PolicyFiles,
    WrittenPolicy,
    WrittenRule,
    value_of,
)
from firstbell.policy.lines import NotToml, read_toml
from firstbell.policy.parameters import KINDS, Params
from firstbell.policy.rule import AppliesTo, Clause, Declared, Form, Letter, Mode
from firstbell.policy.statements import fault_of_statement
from firstbell.policy.vocabulary import APPLIES_TO, POLICY_KEYS, RULE_KEYS, nearest, with_nursery, written
from firstbell.problems import Place, Problem, Unusable
from firstbell.statute import Statute

__all__ = ["named", "read_policy", "shipped"]

TEXTS = ("word", "asks", "letter", "after", "tightens", "notice", "who", "suggests")
LISTS = ("implements", "offers", "settled_by")
CLAUSE_KEYS = ("says", "notice", "cites", "states", "codes", "counted_by")
DECLARED_KEYS = ("number", "clauses", "text", "default", "computed")
_SHIPPED = resources.files("firstbell") / "policies"


def read_policy(
    root: Traversable | Path, policy_id: str, statute: Statute, law: PolicyFiles | None = None
) -> PolicyFiles:
    """The policy in the folder `policy_id` of `root`, every version of it, checked as a whole.

    `law` are the rules of law that it may tighten: without them, those that come with Firstbell. Raises
    `Unusable` with every problem of all its files: none of it is used if one has a fault.
    """
    reader = _Reader(policy_id)
    versions = tuple(reader.versions(root))
    if law is None and versions and policy_id != LAW and (_SHIPPED / LAW).is_dir():
        law = shipped(LAW, statute)
    found = [
        *reader.problems,
        *(
            problem
            for version in versions
            if version.folder not in reader.unread
            for problem in problems_with_version(version, statute, law, reader.broken[version.folder])
        ),
    ]
    if any(problem.severity == "error" for problem in found):
        raise Unusable(found)
    return PolicyFiles(policy_id, versions, tuple(found))


def shipped(policy_id: str, statute: Statute) -> PolicyFiles:
    """A policy that comes with Firstbell, by its id; `law` for the rules of law.

    Raises `Unusable` if there is none of the id.
    """
    return read_policy(_SHIPPED, policy_id, statute)


def named(policy: str, statute: Statute) -> tuple[PolicyFiles, Path]:
    """A policy as a person names it, by its folder or the id of one that comes with Firstbell; its folder.

    Raises `Unusable` if there is none, if it has a fault, or if it is the law, which is in force with each.
    """
    folder = Path(policy).resolve()
    if LAW in (policy, folder.name if folder.is_dir() else ""):
        what, remedy = "The law is no school's policy.", "firstbell law --on DAY prints what it says."
        raise Unusable([Problem("policy-law", Place(policy), what, remedy)])
    if folder.is_dir():
        return read_policy(folder.parent, folder.name, statute), folder
    return shipped(policy, statute), Path(str(_SHIPPED / policy))


class _File:
    """One TOML file that is being read: its content, and the lines of it."""

    def __init__(self, reader: _Reader, name: str, text: str) -> None:
        self.reader, self.name = reader, name
        try:
            self.content, self.lines = read_toml(text)
        except NotToml as error:
            self.content, self.lines = read_toml("")
            place = Place(name, error.row)
            reader.problems.append(Problem("policy-toml", place, error.what, "Correct that place."))
            reader.unread.add(name.rpartition("/")[0])

    def place(self, path: tuple[str | int, ...], part: str = "") -> Place:
        return Place(self.name, self.lines.of(*path), part=part or None)

    def problem(self, rule: str, path: tuple[str | int, ...], what: str, remedy: str, part: str = "") -> None:
        self.reader.problems.append(Problem(f"policy-{rule}", self.place(path, part), what, remedy))

    def unknown(self, path: tuple[str | int, ...], word: str, known: Collection[str], part: str = "") -> None:
        """A key that there is not, with the nearest that there is."""
        self.problem("key", (*path, word), f'there is no key "{word}".', nearest(word, known), part)


class _Reader:
    """One reading of one policy; gathers problems, so that a person sees all of them at once."""

    def __init__(self, policy: str) -> None:
        self.policy = policy
        self.problems: list[Problem] = []
        self.unread: set[str] = set()
        """The folders of versions of which a file could not be read: what it says is not missed as well."""
        self.broken: dict[str, set[str]] = {}
        """By the folder of a version, the ids of rules that could not be read."""

    def problem(self, rule: str, file: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(f"policy-{rule}", Place(file), what, remedy))

    def versions(self, root: Traversable | Path) -> Iterator[WrittenPolicy]:
        folder = root / self.policy
        if not folder.is_dir():
            names = sorted(_names(root)) if root.is_dir() else []
            bare, at, _ = self.policy.partition("@")
            remedy = f'Name it without its day: "{bare}".' if at and bare in names else ""
            what, remedy = "there is no such policy.", remedy or nearest(self.policy, names)
            self.problem("missing", self.policy, what, remedy)
            return
        items = [
            item
            for item in sorted(folder.iterdir(), key=lambda item: item.name)
            if item.is_dir() and not item.name.startswith((".", "__"))
        ]
        if len(items) > 1 and not any(_day(item.name) or (item / "policy.toml").is_file() for item in items):
            what = "this is no policy: none of its folders is a version."
            remedy = "Name a folder that has one named after a day, as 2025-09-01, with a policy.toml in it."
            self.problem("version", self.policy, what, remedy)
            return
        for item in items:
            day = _day(item.name)
            if day is None:
                what = f'the name of the folder, "{item.name}", is no day.'
                remedy = "Name it after the day from which the version is in force, as 2025-09-01."
                self.problem("version", f"{self.policy}/{item.name}", what, remedy)
                continue
            yield self.version(item, day)
        if not items:
            what, remedy = "it has no version.", "Add a folder named after a day, as 2025-09-01."
            self.problem("version", self.policy, what, remedy)

    def version(self, folder: Traversable | Path, day: date) -> WrittenPolicy:
        name = f"{self.policy}/{day}"
        told, clauses = self.file(folder, name, "policy.toml"), self.file(folder, name, "clauses.toml")
        for key in told.content:
            if key not in POLICY_KEYS:
                told.unknown((), key, POLICY_KEYS)
        rules = tuple(_rules(told, self.policy == LAW))
        self.broken[name] = _ids(told) - {rule.id for rule in rules}
        return WrittenPolicy(
            id=self.policy,
            title=_title(told),
            in_force_from_on=day,
            adopted_on=_a_day(told, "adopted_on"),
            review_on=_a_day(told, "review_on"),
            is_frame=_a_bool(told, "is_frame"),
            declared=self.declared(folder, name),
            roles=_texts(told, "roles"),
            clauses=_clauses(clauses),
            rules=rules,
            letters=_letters(told, folder, name),
            prose=self.prose(folder, name),
            folder=name,
        )

    def file(self, folder: Traversable | Path, version: str, name: str) -> _File:
        shown = f"{version}/{name}"
        if not (folder / name).is_file():
            self.problem("file", shown, "the file is missing.", "Add it.")
            self.unread.add(version)
            return _File(self, shown, "")
        return _File(self, shown, self.text(folder / name, shown))

    def declared(self, folder: Traversable | Path, version: str) -> tuple[Declared, ...]:
        """The faults of its text that a person has declared, where the folder has such a list."""
        name = f"{version}/findings.toml"
        if not (folder / "findings.toml").is_file():
            return ()
        return tuple(_declared(_File(self, name, self.text(folder / "findings.toml", name))))

    def prose(self, folder: Traversable | Path, version: str) -> dict[str, str]:
        """The texts for reading, by the names of their files."""
        prose = folder / "prose"
        files = sorted(prose.iterdir(), key=lambda one: one.name) if prose.is_dir() else []
        found = (one for one in files if one.name.endswith(".md"))
        return {one.name: self.text(one, f"{version}/prose/{one.name}") for one in found}

    def text(self, file: Traversable | Path, shown: str) -> str:
        try:
            return file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            self.problem("file", shown, "it is not text in UTF-8.", "Save it as UTF-8.")
            self.unread.add("/".join(shown.split("/")[:2]))
            return ""


def _names(root: Traversable | Path) -> Iterator[str]:
    """The policies of a folder that a school can choose: neither the law nor the layout of letters."""
    for one in root.iterdir():
        if one.name != LAW and one.is_dir() and any(_day(version.name) for version in one.iterdir()):
            yield one.name


def _day(name: str) -> date | None:
    """The day that the name of a folder is, in the one way of writing it."""
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if str(day) == name else None


# --- what stands beside the rules ------------------------------------------------------------------------


def _title(file: _File) -> str:
    title = file.content.get("title")
    if isinstance(title, str) and title.strip():
        return title
    if file.content:
        what = '"title" is missing.' if title is None else '"title" is not a text in quotes.'
        file.problem("missing", ("title",), what, "Write what the policy is called.")
    return ""


def _a_day(file: _File, key: str) -> date | None:
    day = file.content.get(key)
    if day is None or (isinstance(day, date) and not isinstance(day, datetime)):
        return day
    what = f'"{key}" is {written(day)}.'
    file.problem("type", (key,), what, "Write a day without quotes, as 2025-09-01.")
    return None


def _a_bool(file: _File, key: str) -> bool:
    value = file.content.get(key, False)
    if not isinstance(value, bool):
        file.problem("type", (key,), f'"{key}" is {written(value)}.', "Write true or false.")
    return value is True


def _texts(file: _File, key: str) -> dict[str, str]:
    """A table in which each name has a text."""
    table = file.content.get(key, {})
    if not isinstance(table, dict):
        file.problem("type", (key,), f'"{key}" is not a table.', f'Write "[{key}]" above its keys.')
        return {}
    for name, value in table.items():
        if not isinstance(value, str):
            file.problem("type", (key, name), f'"{name}" is {written(value)}.', "Write a text in quotes.")
    return {name: value if isinstance(value, str) else "" for name, value in table.items()}


def _clauses(file: _File) -> dict[str, Clause]:
    for key in file.content:
        if key != "clauses":
            file.unknown((), key, ("clauses",))
    table = file.content.get("clauses", {})
    found: dict[str, Clause] = {}
    if not isinstance(table, dict):
        file.problem("type", ("clauses",), '"clauses" is not a table.', 'Write "[clauses]" above them.')
        return found
    for key, told in table.items():
        found[key] = _clause(file, key, {"says": told} if isinstance(told, str) else told)
    return found


def _clause(file: _File, key: str, said: object) -> Clause:
    table = said if isinstance(said, dict) else {}
    if not isinstance(table.get("says"), str) or not isinstance(table.get("notice", ""), str):
        what = f'clause "{key}" does not say anything in quotes.'
        file.problem("type", ("clauses", key), what, 'Write its words in quotes, or { says = "..." }.')
        return Clause(key, "")
    for other in table.keys() - {*CLAUSE_KEYS}:
        file.unknown(("clauses", key), other, CLAUSE_KEYS)
    states = table.get("states", {})
    lists = {}
    for name in ("cites", "codes", "counted_by"):
        held = table.get(name, [])
        if not isinstance(held, list) or not all(isinstance(one, str) for one in held):
            what = f'"{name}" is {written(held)}.'
            file.problem("type", ("clauses", key, name), what, "Write a list of texts in quotes.")
            held = []
        lists[name] = tuple(held)
    if not isinstance(states, dict):
        what = f'"states" is {written(states)}.'
        file.problem("type", ("clauses", key, "states"), what, "Write a table in braces.")
        states = {}
    sound = {}
    for name, value in states.items():
        if (fault := fault_of_statement(name, value)) is not None:
            file.problem("statement", ("clauses", key, "states", name), fault, "Take one of these words.")
        else:
            sound[name] = value
    return Clause(key, table["says"], table.get("notice", ""), states=sound, **lists)


def _letters(file: _File, folder: Traversable | Path, version: str) -> dict[str, Letter]:
    found = {}
    for key, title in _texts(file, "letters").items():
        template = folder / "letters" / f"{key}.typ"
        name, text = f"{version}/letters/{key}.typ", ""
        if template.is_file():
            text = file.reader.text(template, name)
        else:
            what = f'the letter "{key}" has no template.'
            file.problem("letter", ("letters", key), what, f"Add letters/{key}.typ, or take the letter out.")
        found[key] = Letter(key, title, text)
    return found


def _declared(file: _File) -> Iterator[Declared]:
    for key in file.content:
        if key != "finding":
            file.unknown((), key, ("finding",))
    rows = file.content.get("finding", [])
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        for key in row.keys() - {*DECLARED_KEYS}:
            file.unknown(("finding", number), key, DECLARED_KEYS)
        texts = {key: row.get(key, "") for key in DECLARED_KEYS if key != "clauses"}
        clauses = row.get("clauses", [])
        sound = all(isinstance(one, str) for one in (*texts.values(), *clauses))
        told = texts["computed"] or (texts["text"] and texts["default"])
        if not sound or not texts["number"] or not clauses or not told:
            what = "a finding has a number, clauses, and either a text with what is taken, or a check."
            file.problem("finding", ("finding", number), what, "Add what is missing, in quotes.")
            continue
        yield Declared(clauses=tuple(clauses), **texts)


# --- the rules -------------------------------------------------------------------------------------------


def _ids(file: _File) -> set[str]:
    rows = file.content.get("rule", [])
    return {str(row.get("id")) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()


def _rules(file: _File, is_law: bool) -> Iterator[WrittenRule]:
    rows = file.content.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        file.problem("type", ("rule",), '"rule" is not a list.', 'Write "[[rule]]", in double brackets.')
        return
    for number, row in enumerate(rows):
        if (rule := _Row(file, number, row, is_law).rule()) is not None:
            yield rule


class _Row:
    """One [[rule]] that is being read."""

    def __init__(self, file: _File, number: int, row: Mapping[str, Any], is_law: bool) -> None:
        self.file, self.row, self.is_law = file, row, is_law
        self.path = ("rule", number)
        own = row.get("id")
        self.id = own if isinstance(own, str) else ""
        self.part = f'rule "{self.id}"' if self.id else f"rule {number + 1}"

    def problem(self, rule: str, key: tuple[str, ...], what: str, remedy: str) -> None:
        self.file.problem(rule, (*self.path, *key), what, remedy, self.part)

    def rule(self) -> WrittenRule | None:
        before = len(self.file.reader.problems)
        for key in self.row:
            if key not in RULE_KEYS:
                self.file.unknown(self.path, key, RULE_KEYS, self.part)
        if not self.id:
            self.problem(
                "missing", ("id",), '"id" is missing.', "Give it an id of small letters, as first-letter."
            )
        kind = self.kind()
        mode = self.choice("mode", Mode, None)
        told = self.told(mode)
        if kind is None:
            return None
        stated, by_school, by_law = self.parameters(kind)
        told["form"] = self.form(kind, mode)
        if len(self.file.reader.problems) > before or mode is None:
            return None
        return WrittenRule(
            id=self.id,
            kind=kind,
            told=told,
            stated=stated,
            by_school=by_school,
            by_law=by_law,
            place=self.file.place(self.path, self.part),
            rows=self.rows(),
        )

    def told(self, mode: Mode | None) -> dict[str, Any]:
        """What it says besides its parameters, as a `Rule` takes it."""
        source = self.text("source")
        if source and not self.is_law:
            self.problem(
                "key", ("source",), "only rules of law have a source.", "Name the clause in `implements`."
            )
        return {
            "kind": self.row.get("kind", ""),
            "mode": mode,
            "is_law": self.is_law,
            "source": source,
            "applies_to": self.applies_to(),
            **{key: self.text(key) for key in TEXTS},
            **{key: self.texts(key, self.row.get(key, [])) for key in LISTS},
        }

    def kind(self) -> type[Params] | None:
        name = self.row.get("kind")
        if isinstance(name, str) and name in KINDS:
            return KINDS[name]
        if name is None:
            what, remedy = '"kind" is missing.', "Name one of the kinds of docs/reference/policy-language.md."
        else:
            near = get_close_matches(str(name), KINDS, 1)
            what = f"there is no kind of rule {written(name)}."
            listed = "The kinds are in docs/reference/policy-language.md."
            remedy = f'Did you mean "{near[0]}"?' if near else listed
        self.problem("kind", ("kind",), what, remedy)
        return None

    def choice(self, key: str, choices: type[Mode] | type[Form], default: Any) -> Any:
        if key not in self.row and default is not None:
            return default
        if self.row.get(key) in [str(one) for one in choices]:
            return choices(self.row[key])
        what = f'"{key}" is {written(self.row[key])}.' if key in self.row else f'"{key}" is missing.'
        self.problem(key, (key,), what, "Write one of " + ", ".join(f'"{one}"' for one in choices) + ".")
        return default

    def form(self, kind: type[Params], mode: Mode | None) -> Form:
        """The form that is written; else a prompt asks, a letter is one, and the kind has its own."""
        default = Form(kind.form)
        if mode is Mode.PROMPT:
            default = Form.PROMPT
        elif self.row.get("letter"):
            default = Form.LETTER
        found: Form = self.choice("as", Form, default)
        return found

    def text(self, key: str) -> str:
        value = self.row.get(key, "")
        if isinstance(value, str):
            return value
        self.problem("type", (key,), f'"{key}" is {written(value)}.', "Write a text in quotes.")
        return ""

    def texts(self, key: str, value: object, *within: str) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        self.problem(
            "type", (*within, key), f'"{key}" is {written(value)}.', "Write a list of texts in quotes."
        )
        return ()

    def applies_to(self) -> AppliesTo:
        table = self.row.get("applies_to", {})
        if not isinstance(table, dict):
            self.problem(
                "type", ("applies_to",), '"applies_to" is not a table.', "Write { year_groups = [...] }."
            )
            return AppliesTo()
        for key in table:
            if key not in APPLIES_TO:
                self.file.unknown((*self.path, "applies_to"), key, APPLIES_TO, self.part)
        of_age, half_terms = table.get("of_age"), table.get("half_terms", [])
        if of_age is not None and not isinstance(of_age, bool):
            self.problem(
                "type", ("applies_to", "of_age"), f'"of_age" is {written(of_age)}.', "Write true or false."
            )
        if not isinstance(half_terms, list) or not all(type(one) is int for one in half_terms):
            what = f'"half_terms" is {written(half_terms)}.'
            self.problem("type", ("applies_to", "half_terms"), what, "Write a list of numbers from 1 to 6.")
            half_terms = []
        return AppliesTo(
            year_groups=frozenset(with_nursery(self.whom(table, "year_groups"))),
            of_age=bool(of_age) if of_age is not None else None,
            flags=frozenset(self.whom(table, "flags")),
            without_flags=frozenset(self.whom(table, "without_flags")),
            half_terms=frozenset(half_terms),
        )

    def whom(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        return self.texts(key, table.get(key, []), "applies_to")

    def parameters(self, kind: type[Params]) -> tuple[dict[str, Any], frozenset[str], frozenset[str]]:
        """What is stated, what is left to the school, and what is left to the statute."""
        table = self.row.get("params", {})
        if not isinstance(table, dict):
            self.problem(
                "type", ("params",), '"params" is not a table.', "Write { ... }, or [rule.params] above it."
            )
            return {}, frozenset(), frozenset()
        known = {one.name: one for one in parameters_of(kind)}
        stated: dict[str, Any] = {}
        left: dict[str, set[str]] = {BY_SCHOOL: set(), BY_LAW: set()}
        for name, value in table.items():
            if name not in known:
                what = f'the kind "{kind.kind}" has no parameter "{name}".'
                self.problem("parameter", ("params", name), what, nearest(name, known))
            elif value == BY_LAW and not self.is_law:
                what = f'"{name}" is "law", which only rules of law may write.'
                remedy = 'State it or write "school"; name the rule of law in `tightens`.'
                self.problem("parameter", ("params", name), what, remedy)
            elif value in (BY_SCHOOL, BY_LAW):
                left[value].add(name)
            else:
                try:
                    stated[name] = value_of(kind, name, value)
                except NotOfItsForm:
                    what = f'"{name}" is {written(value)}.'
                    self.problem("parameter", ("params", name), what, f"Write {known[name].form}.")
        for name, one in known.items():
            if one.default is None and name not in table:
                what = f'the parameter "{name}" is missing ({one.says[:1].lower()}{one.says[1:]}).'
                self.problem("parameter", ("params",), what, f"Write {one.form}.")
        return stated, frozenset(left[BY_SCHOOL]), frozenset(left[BY_LAW])

    def rows(self) -> dict[str, int]:
        start = len(self.path)
        return {
            ".".join(map(str, path[start:])): row
            for path, row in self.file.lines.all.items()
            if path[:start] == self.path and len(path) > start
        }
