"""The common workload: the shipped standard's rules, and organisations in every engine's form."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np
import pyarrow as pa
from chaining import Conditions
from dialects import Arrays, Infix, JsonLogic, PlainPython, RuleEngine, Zen
from kleene import Kleene, Polars, Sql, columns
from translation import Terms, Translation, days, variable

import socap
from socap.assessment import assess
from socap.rules import expressions as x
from socap.rules.facts import MISSING, Fact, Facts
from socap.rules.interpreter import Decision, Rule, interpreter
from socap.rules.truth import Truth
from socap.rules.vocabulary import TYPES_KEY, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from peers import Columns, Engine, Source

    from socap.organisation import Organisation
    from socap.rules.facts import Value
    from socap.standard import Standard

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 1)
EXAMPLES = tuple(
    f"examples/{name}.yaml"
    for name in (
        "huaqiao-software",
        "delta-group",
        "suzhou-analytics",
        "kunshan-contact-centre",
        "almost-there",
        "new-start",
    )
)


class Code(IntEnum):
    """How a rule came out, in one number."""

    APPLICABILITY_OPEN = 0
    NOT_APPLICABLE = 1
    OPEN = 2
    MET = 3
    UNMET = 4


_CODES = {
    (Truth.FALSE, Truth.UNKNOWN): Code.NOT_APPLICABLE,
    (Truth.TRUE, Truth.UNKNOWN): Code.OPEN,
    (Truth.TRUE, Truth.TRUE): Code.MET,
    (Truth.TRUE, Truth.FALSE): Code.UNMET,
}


def codes(decisions: Mapping[str, Decision]) -> list[int]:
    """Return decisions as numbers."""
    return [
        _CODES.get((d.applies, d.satisfied), Code.APPLICABILITY_OPEN) for d in decisions.values()
    ]


@dataclass(frozen=True)
class Workload:
    """Rules to decide; `copies` of each, every copy on questions of its own."""

    standard: Standard
    rules: tuple[Rule, ...]
    terms: Terms
    keys: tuple[str, ...]
    records: bool = False
    copies: int = 1

    def expected(self, facts: Facts) -> list[int]:
        """Return what the reference says."""
        return codes(self.reader("reference").decide(facts))

    def reader(self, name: str) -> Any:
        """Return one of socap's readers."""
        return _reader(self, name)

    def __hash__(self) -> int:
        """Identify a workload by itself: readers are kept for each."""
        return id(self)

    def source(self, engine: Engine) -> Source:
        """Return the rules in the language of an engine. Raises UnsupportedError."""
        if engine.name in ("polars", "DuckDB"):
            writer = Polars() if engine.name == "polars" else Sql()
            text = Kleene(writer, self.terms, records=self.records).text
            applies = [text(rule.applies) for rule in self.rules]
            return columns(writer, applies, [text(rule.satisfied) for rule in self.rules])
        if engine.name == "OpenFisca":
            made = Translation(Arrays(), self.terms, records=self.records)
            parts = [made.rule(rule) for rule in self.rules]
            read = {name for part in parts for name in re.findall(r'o\("(\w+)"', part)}
            return {"inputs": sorted((name, self._kind(name)) for name in read), "rules": parts}
        if engine.name == "durable_rules":
            chain = Translation(Conditions(), self.terms, records=self.records)
            return [[rule.id, *chain.rule(rule)] for rule in self.rules]
        if "logic" in engine.name:
            logic = Translation(JsonLogic(), self.terms, records=self.records)
            return engine.build([logic.rule(rule) for rule in self.rules])
        spoken: dict[str, Infix] = {
            "generated Python": PlainPython(),
            "CEL": Infix(),
            "zen-engine": Zen(),
            "rule-engine": RuleEngine(),
        }
        infix = Translation(spoken[engine.name], self.terms, records=self.records)
        return engine.build([infix.rule(rule) for rule in self.rules])

    def _kind(self, name: str) -> str:
        if name.startswith(("known_", "nc_")):
            return "b"
        kinds = {variable(key): self.terms.item(key).type for key in self.keys}
        kind = kinds[name]
        if kind is ValueType.BOOLEAN:
            return "b"
        return "i" if kind in (ValueType.ENUM, ValueType.SET) else "f"

    def row(self, facts: Facts) -> dict[str, Any]:
        """Return one organisation as plain JSON, null where unknown."""
        made = {}
        for key in self.keys:
            made.update(_plain(variable(key), facts.get(key)))
        for name in self.standard.vocabulary.records if self.records else ():
            listed = facts.records.get(name)
            made[name] = None
            if listed is not None:
                fields = self.standard.vocabulary.records[name].fields
                made[name] = [
                    {
                        k: v
                        for key in fields
                        for k, v in _plain(
                            variable(key.partition(".")[2]), record.fields.get(key, MISSING)
                        ).items()
                    }
                    for record in listed
                ]
        return made

    def columns(self, rows: Sequence[Facts]) -> Columns:
        """Return organisations as columns: numbers, masks and places, with known_ and nc_ flags."""
        made: Columns = {}
        for key in self.keys:
            item = self.terms.item(key)
            facts = [facts.get(key) for facts in rows]
            kind = item.type
            numbers = [_number(fact.value, tuple(item.members)) for fact in facts]
            name = variable(key)
            made[name] = np.array(numbers, bool if kind is ValueType.BOOLEAN else None)
            made[f"known_{name}"] = np.array([f.value is not None for f in facts])
            made[f"nc_{name}"] = np.array([f.no_case for f in facts])
        for name in self.standard.vocabulary.records if self.records else ():
            made[name] = self._structs(name, rows)
        return made

    def _structs(self, name: str, rows: Sequence[Facts]) -> pa.Array:
        fields = self.standard.vocabulary.records[name].fields
        kinds = {
            ValueType.BOOLEAN: pa.bool_(),
            ValueType.ENUM: pa.int64(),
            ValueType.SET: pa.int64(),
        }
        parts = []
        for key, item in fields.items():
            short = variable(key.partition(".")[2])
            parts.append((short, kinds.get(item.type, pa.float64())))
            parts.append((f"nc_{short}", pa.bool_()))
        told = [
            None
            if facts.records.get(name) is None
            else [
                {
                    k: v
                    for key, item in fields.items()
                    for k, v in _struct(
                        key, record.fields.get(key, MISSING), tuple(item.members)
                    ).items()
                }
                for record in facts.records[name]
            ]
            for facts in rows
        ]
        return pa.array(told, pa.list_(pa.struct(parts)))


@cache
def _reader(workload: Workload, name: str) -> Any:
    return interpreter(name, workload.rules, workload.terms.parameters)


def _struct(key: str, fact: Fact, members: tuple[str, ...]) -> dict[str, Any]:
    name = variable(key.partition(".")[2])
    value = None if fact.value is None else _number(fact.value, members)
    return {name: value, f"nc_{name}": fact.no_case}


def _plain(name: str, fact: Fact) -> dict[str, Any]:
    value: Any = fact.value
    if isinstance(value, date):
        value = float(days(value))
    elif isinstance(value, frozenset):
        value = sorted(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        value = float(value)
    return {name: value, f"nc_{name}": fact.no_case}


def _number(value: Value | None, members: tuple[str, ...]) -> bool | int | float:
    if value is None:
        return 0
    if isinstance(value, frozenset):
        return sum(1 << members.index(name) for name in value)
    if isinstance(value, date):
        return float(days(value))
    if isinstance(value, str):
        return members.index(value)
    return value if isinstance(value, bool) or members else float(value)


def load(*, records: bool = False, copies: int = 1, only: Iterable[str] = ()) -> Workload:
    """Return the workload of the shipped standard; `only` keeps the named rules."""
    standard = socap.load()
    chosen = set(only)
    rules = tuple(
        Rule(r.id, r.applies_when, r.satisfied_when)
        for r in standard.requirements.values()
        if not chosen or r.id in chosen
    )
    words = standard.vocabulary
    keys = (TYPES_KEY, *(f"profile.{flag}" for flag in words.flags), *words.items)
    return Workload(
        standard,
        (*rules, *(copied(rule, n) for n in range(2, copies + 1) for rule in rules)),
        Terms(words, standard.parameters(), AS_OF),
        (*keys, *(f"{key}~{n}" for n in range(2, copies + 1) for key in keys)),
        records,
        copies,
    )


def copied(rule: Rule, number: int) -> Rule:
    """Return a rule on questions of its own, so that no engine can share what it computes."""

    def renamed(node: x.Expression) -> x.Expression:
        match node:
            case x.All(parts):
                return x.All(tuple(map(renamed, parts)))
            case x.Any(parts):
                return x.Any(tuple(map(renamed, parts)))
            case x.Not(part):
                return x.Not(renamed(part))
            case x.Condition(item, operator, operand):
                other = operand
                if isinstance(operand, x.ItemRef):
                    other = x.ItemRef(f"{operand.key}~{number}")
                return x.Condition(f"{item}~{number}", operator, other)
            case x.Always() | x.Quantified():
                return node
        assert_never(node)

    return Rule(f"{rule.id}~{number}", renamed(rule.applies), renamed(rule.satisfied))


def copied_facts(facts: Facts, copies: int) -> Facts:
    """Return facts with the answers to copied questions, the same in every copy."""
    items = dict(facts.items)
    for number in range(2, copies + 1):
        items |= {f"{key}~{number}": fact for key, fact in facts.items.items()}
    return replace(facts, items=items)


def companies(*, records: bool) -> list[tuple[Organisation, Facts]]:
    """Return the example companies with the facts that an assessment settles for them."""
    made = []
    for name in EXAMPLES:
        organisation = socap.read(ROOT / name)
        facts = assess(organisation, as_of=AS_OF, reader="reference").facts
        made.append((organisation, facts if records else replace(facts, records={}, failing={})))
    return made
