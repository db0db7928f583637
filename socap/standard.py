"""A loaded standard: clauses, requirements and vocabulary, cross-checked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from socap.clauses import catalogue
from socap.documents import Document
from socap.errors import PackError, Problem, Text, UsageError, did_you_mean, unknown_name
from socap.grading import Grading, read_grading, usual_grading
from socap.identifiers import sort_key
from socap.loading import Fields
from socap.overlays import Overlay, lay
from socap.packs import BUNDLED, MAIN, OPTIONAL, REQUIRED, Source, Written, source
from socap.rules.expressions import Always, Condition, Expression, Operator, walk
from socap.rules.interpreter import Interpreter, Rule, interpreter
from socap.rules.parser import RuleParser
from socap.rules.vocabulary import EvidenceItem, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from socap.clauses.clause import Clause
    from socap.clauses.pack import Pack
    from socap.clauses.requirement import Requirement
    from socap.crosswalk.relation import Crosswalk
    from socap.graph import RequirementGraph
    from socap.scoring import Scoring


@dataclass(frozen=True, slots=True)
class ConsistencyRule:
    """When a circumstance contradicts the evidence, so that it is disputed."""

    id: str
    flag: str
    contradicted_when: Expression
    message: Text


@dataclass(frozen=True, eq=False, slots=True)
class Files:
    """The files a standard was read from, overlays laid over them, for those who check them."""

    documents: dict[str, Document]
    crosswalk: tuple[Written, ...]

    def relations(self) -> list[Document]:
        """Parse the crosswalk files. Raises PackError for one that cannot be read."""
        return [written.document() for written in self.crosswalk]


@dataclass(frozen=True, eq=False)
class Standard:
    """One loaded standard. `hash` is the SHA-256 of its files; each overlay has its own."""

    pack: Pack
    headings: dict[str, Clause]
    anomalies: tuple[Text, ...]
    requirements: dict[str, Requirement]
    vocabulary: Vocabulary
    consistency: tuple[ConsistencyRule, ...]
    grading: Grading
    scoring: Scoring | None
    hash: str
    overlays: tuple[Overlay, ...]
    retired: dict[str, str]
    files: Files = field(repr=False)

    @property
    def id(self) -> str:
        """The pack's name."""
        return self.pack.id

    @property
    def title(self) -> Text:
        """The pack's title."""
        return self.pack.title

    @cached_property
    def crosswalk(self) -> Crosswalk:
        """Relations to other standards, read on first use. Raises PackError with every problem."""
        from socap.crosswalk.catalogue import crosswalk  # noqa: PLC0415  assessing needs none

        problems: list[Problem] = []
        made = crosswalk(
            self.files.relations(), self.requirements, self.retired, self.vocabulary, problems
        )
        if problems:
            raise PackError(problems)
        return made

    @cached_property
    def graph(self) -> RequirementGraph:
        """The typed dependency graph, built on first use; it gives out copies of itself only."""
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
        values = {
            name: p.default
            for name, p in self.vocabulary.parameters.items()
            if p.default is not None
        }
        problems = []
        for name, value in (overrides or {}).items():
            parameter = self.vocabulary.parameters.get(name)
            if parameter is None:
                raise unknown_name(Text("参数", "parameter"), name, self.vocabulary.parameters)
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
                    f"参数 {name} 不能取 {str(value)[:40]}，范围 {bounds}",
                    f"the parameter {name} cannot be {str(value)[:40]}; its range is {bounds}",
                )
                problems.append(Problem(message))
            values[name] = value
        if problems:
            raise UsageError(problems)
        return values

    def reader(self, name: str, parameters: Mapping[str, int | float]) -> Interpreter:
        """Return a deciding reader for the requirements, built once for each set of parameters."""
        return _reader(self, name, tuple(parameters.items()))

    def contradictions(self, name: str, parameters: Mapping[str, int | float]) -> Interpreter:
        """Return a reader for the consistency rules: what each decides as satisfied contradicts."""
        return _contradictions(self, name, tuple(parameters.items()))


@lru_cache(maxsize=16)
def _reader(
    standard: Standard, name: str, parameters: tuple[tuple[str, int | float], ...]
) -> Interpreter:
    rules = [Rule(r.id, r.applies_when, r.satisfied_when) for r in standard.requirements.values()]
    return interpreter(name, rules, dict(parameters))


@lru_cache(maxsize=16)
def _contradictions(
    standard: Standard, name: str, parameters: tuple[tuple[str, int | float], ...]
) -> Interpreter:
    rules = [Rule(rule.id, Always(), rule.contradicted_when) for rule in standard.consistency]
    return interpreter(name, rules, dict(parameters))


def load(place: str | Path | None = None, *, overlays: Iterable[str | Path] = ()) -> Standard:
    """Load the bundled standard, another bundled pack by name, or a pack from a folder.

    Overlays are files that change, add to or retire from the pack; they are checked like it.
    Raises PackError with every problem, each with file and line.

    >>> load().requirement("4.1-a").clause
    '4.1'
    """
    chosen = MAIN if place is None else place
    laid = tuple(overlays)
    if isinstance(chosen, str) and chosen in BUNDLED and not laid:
        return _bundled(chosen)
    return _assemble(source(chosen), laid)


@lru_cache(maxsize=len(BUNDLED))
def _bundled(name: str) -> Standard:
    return _assemble(source(name), ())


def _assemble(made: Source, laid: tuple[str | Path, ...]) -> Standard:
    problems: list[Problem] = []
    pack = catalogue.pack(made.documents["pack"], problems)
    over = lay(made.documents, pack.id, laid)
    documents = over.documents
    clauses, anomalies = catalogue.headings(documents["headings"], problems)
    words = catalogue.vocabulary(
        documents["vocabulary"], documents["profile"], documents["parameters"], problems
    )
    found: dict[str, Requirement] = {}
    for name, document in documents.items():
        if name in (*REQUIRED, *OPTIONAL):
            continue
        for requirement in catalogue.requirements(document, words, problems):
            if requirement.id in found:
                message = Text(
                    f"要求 {requirement.id} 重复", f"requirement {requirement.id} appears twice"
                )
                problems.append(document.problem((), message))
            found[requirement.id] = requirement
    found = {r.id: _without(r, over.retired) for r in found.values() if r.id not in over.retired}
    rules: tuple[ConsistencyRule, ...] = ()
    if "consistency" in documents:
        rules = _consistency(documents["consistency"], words, problems)
        rules = tuple(rule for rule in rules if rule.id not in over.retired)
    problems.extend(_references(found, clauses, documents))
    grading = (
        read_grading(documents["grading"], problems) if "grading" in documents else usual_grading()
    )
    scoring = None
    if "scoring" in documents:
        from socap.scoring import read_scoring  # noqa: PLC0415  few packs have one

        scoring = read_scoring(documents["scoring"], clauses, found, words, problems)
    if problems:
        raise PackError(problems)
    ordered = {key: found[key] for key in sorted(found, key=sort_key)}
    _refuse_cycles(ordered)
    return Standard(
        pack,
        clauses,
        anomalies,
        ordered,
        _with_no_case(words, found.values(), rules),
        rules,
        grading,
        scoring,
        made.hash,
        over.overlays,
        over.retired,
        Files(documents, made.crosswalk),
    )


def _without(requirement: Requirement, retired: Mapping[str, str]) -> Requirement:
    if not retired:
        return requirement

    def kept(named: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(other for other in named if other not in retired)

    return replace(
        requirement,
        prerequisites=kept(requirement.prerequisites),
        refines=kept(requirement.refines),
        mirrors=kept(requirement.mirrors),
    )


def _consistency(
    document: Document, words: Vocabulary, problems: list[Problem]
) -> tuple[ConsistencyRule, ...]:
    top = Fields(document, (), document.data, problems)
    top.only(["rules"])
    parser = RuleParser(document, words)
    found: list[ConsistencyRule] = []
    for entry in top.listed("rules"):
        entry.only(["id", "flag", "contradicted_when", "message"])
        flag = entry.string("flag")
        if flag not in words.flags:
            entry.fault(Text(f"没有情形 {flag}", f"there is no circumstance {flag}"), "flag")
        rule = parser.parse(entry.raw.get("contradicted_when"), (*entry.path, "contradicted_when"))
        identifier = entry.string("id")
        if any(other.id == identifier for other in found):
            entry.fault(Text(f"规则 {identifier} 重复", f"rule {identifier} appears twice"), "id")
        found.append(ConsistencyRule(identifier, flag, rule, entry.text("message")))
    problems.extend(parser.problems)
    return tuple(found)


def _references(
    found: dict[str, Requirement], clauses: dict[str, Clause], documents: Mapping[str, Document]
) -> Iterable[Problem]:
    places = {
        entry["id"]: (document, ("requirements", index))
        for document in documents.values()
        if isinstance(document.data, dict) and isinstance(document.data.get("requirements"), list)
        for index, entry in enumerate(document.data["requirements"])
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }
    for r in found.values():
        if r.id not in places:
            continue
        document, path = places[r.id]
        if r.clause not in clauses:
            message = Text(f"没有条款 {r.clause}", f"there is no clause {r.clause}")
            yield document.problem((*path, "clause"), message, did_you_mean(r.clause, clauses))
        for name in ("prerequisites", "refines", "mirrors"):
            for other in getattr(r, name):
                if other not in found:
                    message = Text(f"没有要求 {other}", f"there is no requirement {other}")
                    yield document.problem((*path, name), message, did_you_mean(other, found))


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

    def told(items: Mapping[str, EvidenceItem]) -> dict[str, EvidenceItem]:
        return {
            key: replace(item, accepts_no_case=True) if key in accepting else item
            for key, item in items.items()
        }

    records = {n: replace(kind, fields=told(kind.fields)) for n, kind in words.records.items()}
    return replace(words, items=told(words.items), records=records)


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
                    [
                        Problem(
                            Text(f"前置要求成环：{cycle}", f"prerequisites form a cycle: {cycle}")
                        )
                    ]
                )
            else:
                trail.append(following)
                stack.append((following, iter(found[following].prerequisites)))
