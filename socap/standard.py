"""A loaded standard: clauses, requirements and vocabulary, cross-checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from socap.clauses import catalogue
from socap.documents import Document, parse_document, read_bytes
from socap.errors import PackError, Problem, Text, UsageError, did_you_mean, unknown_name
from socap.identifiers import sort_key
from socap.loading import Fields
from socap.rules.expressions import Condition, Expression, Operator, walk
from socap.rules.interpreter import Interpreter, Rule, interpreter
from socap.rules.parser import RuleParser
from socap.rules.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.clauses.clause import Clause
    from socap.clauses.requirement import Requirement
    from socap.graph import RequirementGraph

BUNDLED = (
    Path(__file__).parent / "clauses" / "data",
    Path(__file__).parent / "annex_c" / "data",
)
_SPECIAL = ("headings", "vocabulary", "profile", "parameters", "consistency")

INTERPRETATION = Text(
    zh="本评价所依据的各项要求,是 socap 根据公开的标准目录、适用范围和编制说明自行作出的解释,不是标准原文。",
    en=(
        "The requirements used here are socap's own interpretation, drawn from the public table of "
        "contents, scope and drafting note; they are not the text of the standard."
    ),
)


@dataclass(frozen=True, slots=True)
class ConsistencyRule:
    """When a circumstance contradicts the evidence, so that it is disputed."""

    id: str
    flag: str
    contradicted_when: Expression
    message: Text


@dataclass(frozen=True, eq=False)
class Standard:
    """One loaded standard. `hash` is the SHA-256 of its files, in name order."""

    id: str
    title: Text
    headings: dict[str, Clause]
    anomalies: tuple[Text, ...]
    requirements: dict[str, Requirement]
    vocabulary: Vocabulary
    consistency: tuple[ConsistencyRule, ...]
    hash: str
    overlays: tuple[str, ...] = ()

    @property
    def graph(self) -> RequirementGraph:
        """The typed dependency graph."""
        return import_module("socap.graph").build(self)  # type: ignore[no-any-return]

    def requirement(self, identifier: str) -> Requirement:
        """Return a requirement. Raises UsageError, with the closest id, for an unknown one."""
        if identifier not in self.requirements:
            raise unknown_name(Text("要求", "requirement"), identifier, self.requirements)
        return self.requirements[identifier]

    def parameters(
        self, overrides: Mapping[str, int | float] | None = None
    ) -> dict[str, int | float]:
        """Return every parameter's value. Raises UsageError for a wrong name or value."""
        values = {name: p.default for name, p in self.vocabulary.parameters.items()}
        problems = []
        for name, value in (overrides or {}).items():
            parameter = self.vocabulary.parameters.get(name)
            if parameter is None:
                raise unknown_name(Text("参数", "parameter"), name, values)
            low, high = parameter.minimum, parameter.maximum
            whole = parameter.unit == "days" and type(value) is not int
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or not abs(value) <= 10**12
                or whole
                or (low is not None and value < low)
                or (high is not None and value > high)
            ):
                bounds = f"{'' if low is None else low} … {'' if high is None else high} {parameter.unit}"
                message = Text(
                    f"参数 {name} 不能取 {str(value)[:40]},范围 {bounds}",
                    f"the parameter {name} cannot be {str(value)[:40]}; its range is {bounds}",
                )
                problems.append(Problem(message))
            values[name] = value
        if problems:
            raise UsageError(problems)
        return values

    def reader(self, name: str, parameters: Mapping[str, int | float]) -> Interpreter:
        """Return a deciding reader for the requirements, built once for each set of parameters."""
        return _reader(self, name, tuple(sorted(parameters.items())))


@lru_cache(maxsize=16)
def _reader(
    standard: Standard, name: str, parameters: tuple[tuple[str, int | float], ...]
) -> Interpreter:
    rules = [Rule(r.id, r.applies_when, r.satisfied_when) for r in standard.requirements.values()]
    return interpreter(name, rules, dict(parameters))


def load(path: str | Path | None = None) -> Standard:
    """Load the bundled standard, or a pack from a folder of the same shape.

    Raises PackError with every problem, each with file and line.

    >>> load().requirement("4.1-a").clause
    '4.1'
    """
    return _bundled() if path is None else _load((Path(path),))


@lru_cache(maxsize=1)
def _bundled() -> Standard:
    return _load(BUNDLED)


def _load(folders: Iterable[Path]) -> Standard:
    files = [file for folder in folders for file in _files(folder)]
    digest = sha256()
    documents: dict[str, Document] = {}
    for file in files:
        content = read_bytes(file, PackError)
        digest.update(file.name.encode() + b"\0" + str(len(content)).encode() + b"\0" + content)
        documents[file.stem] = parse_document(content, str(file), PackError)
    missing = [name for name in _SPECIAL if name not in documents]
    if missing:
        raise PackError(
            [Problem(Text(f"缺少文件 {n}.yaml", f"the file {n}.yaml is missing")) for n in missing]
        )
    return _assemble(documents, digest.hexdigest())


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise PackError(
            [Problem(Text("没有这个标准目录", "there is no such pack folder"), file=str(folder))]
        )
    return sorted(folder.glob("*.yaml"))


def _assemble(documents: dict[str, Document], digest: str) -> Standard:
    problems: list[Problem] = []
    clauses, anomalies = catalogue.headings(documents["headings"], problems)
    words = catalogue.vocabulary(
        documents["vocabulary"], documents["profile"], documents["parameters"], problems
    )
    found: dict[str, Requirement] = {}
    for name, document in documents.items():
        if name in _SPECIAL:
            continue
        for requirement in catalogue.requirements(document, words, problems):
            if requirement.id in found:
                message = Text(
                    f"要求 {requirement.id} 重复", f"requirement {requirement.id} appears twice"
                )
                problems.append(Problem(message, file=document.file))
            found[requirement.id] = requirement
    rules = _consistency(documents["consistency"], words, problems)
    problems.extend(_references(found, clauses))
    if problems:
        raise PackError(problems)
    ordered = {key: found[key] for key in sorted(found, key=sort_key)}
    standard = Standard(
        "services-outsourcing-capabilities",
        Text("服务外包能力要求", "Services Outsourcing Capabilities – Requirements"),
        clauses,
        anomalies,
        ordered,
        _with_no_case(words, found.values(), rules),
        rules,
        digest,
    )
    _refuse_cycles(ordered)
    return standard


def _consistency(
    document: Document, words: Vocabulary, problems: list[Problem]
) -> tuple[ConsistencyRule, ...]:
    top = Fields(document, (), document.data, problems)
    top.only(["rules"])
    parser = RuleParser(document, words)
    found = []
    for entry in top.listed("rules"):
        entry.only(["id", "flag", "contradicted_when", "message"])
        flag = entry.string("flag")
        if flag not in words.flags:
            entry.fault(Text(f"没有情形 {flag}", f"there is no circumstance {flag}"), "flag")
        rule = parser.parse(entry.raw.get("contradicted_when"), (*entry.path, "contradicted_when"))
        found.append(ConsistencyRule(entry.string("id"), flag, rule, entry.text("message")))
    problems.extend(parser.problems)
    return tuple(found)


def _references(found: dict[str, Requirement], clauses: dict[str, Clause]) -> Iterable[Problem]:
    for r in found.values():
        if r.clause not in clauses:
            yield Problem(Text(f"没有条款 {r.clause}", f"there is no clause {r.clause}"), r.id)
        for other in (*r.prerequisites, *r.refines, *r.mirrors):
            if other not in found:
                message = Text(f"没有要求 {other}", f"there is no requirement {other}")
                yield Problem(message, r.id, hint=did_you_mean(other, found))


def _with_no_case(
    words: Vocabulary, found: Iterable[Requirement], rules: Iterable[ConsistencyRule]
) -> Vocabulary:
    expressions = [e for r in found for e in (r.applies_when, r.satisfied_when)]
    accepting = {
        node.item
        for expression in (*expressions, *(rule.contradicted_when for rule in rules))
        for node in walk(expression)
        if isinstance(node, Condition) and node.operator is Operator.NO_CASE
    }
    items = {k: replace(i, accepts_no_case=k in accepting) for k, i in words.items.items()}
    records = {
        name: replace(
            kind,
            fields={k: replace(f, accepts_no_case=k in accepting) for k, f in kind.fields.items()},
        )
        for name, kind in words.records.items()
    }
    return replace(words, items=items, records=records)


def _refuse_cycles(found: dict[str, Requirement]) -> None:
    done: set[str] = set()
    for start, first in found.items():
        trail: list[str] = []
        stack = [(start, iter(first.prerequisites))]
        trail.append(start)
        while stack:
            node, below = stack[-1]
            following = next((n for n in below if n not in done), None)
            if following is None:
                done.add(node)
                stack.pop()
                trail.pop()
            elif following in trail:
                cycle = " → ".join([*trail[trail.index(following) :], following])
                raise PackError(
                    [Problem(Text(f"前置要求成环:{cycle}", f"prerequisites form a cycle: {cycle}"))]
                )
            else:
                trail.append(following)
                stack.append((following, iter(found[following].prerequisites)))
