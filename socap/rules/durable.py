"""The decision engine: rules compiled to a durable-rules rule set, decided by forward chaining."""

from __future__ import annotations

import json
from datetime import date
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

import durable_rules_engine
from durable.engine import Ruleset

from socap.rules.counting import quantify
from socap.rules.interpreter import Decision, Rule, decision
from socap.rules.normal_form import Alternatives, Derived, Normaliser, Projection, Property, Sides
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.rules.facts import Fact, Facts, RecordFacts

RULES_A_MESSAGE = 60
PROPERTIES = 240
BATCH = 500
_SESSIONS = count(1)
_NUMBERS = count(1)
_OPENING = "session opened"
_WORDS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq"}


class _Block:
    """The rules that one kind of message meets, and the properties they read."""

    def __init__(self, name: str, outputs: dict[str, Alternatives]) -> None:
        self.name = name
        self.outputs = outputs
        atoms = [a for side in outputs.values() for c in side for a in c]
        self.reads = tuple(dict.fromkeys(a.property for a in atoms))
        rules = sum(map(len, outputs.values()))
        if rules > RULES_A_MESSAGE or len(self.reads) > PROPERTIES:
            message = f"{name} needs {rules} rules and {len(self.reads)} properties, too many for the engine"
            raise ValueError(message)


class _Host:
    """What the engine asks of a host when no action is looked up by name: nothing."""


class _Phase:
    """A block and everything that has to be derived before it."""

    def __init__(self, name: str, sides: Sides, derived: list[Derived]) -> None:
        self.block = _Block(name, {"+": sides.true, "-": sides.false})
        self.derived = sorted(derived, key=lambda d: d.level)
        self.levels = sorted({d.level for d in derived})
        self.blocks: dict[str, _Block] = {}
        for d in derived:
            if d.sides is not None:
                self.blocks[d.name] = _Block(d.name, {"+": d.sides.true, "-": d.sides.false})
            elif d.where is not None and d.satisfies is not None:
                outputs = {"w+": d.where.true, "w-": d.where.false}
                outputs |= {"s+": d.satisfies.true, "s-": d.satisfies.false}
                self.blocks[d.name] = _Block(d.name, outputs)


class DurableReader:
    """Decides rules in the engine; one instance is shared, one call at a time."""

    def __init__(self, rules: tuple[Rule, ...], parameters: Mapping[str, int | float]) -> None:
        self._parameters = dict(parameters)
        self._applies = {r.id: _phase(f"{r.id}?", r.applies, parameters) for r in rules}
        self._satisfied = {r.id: _phase(f"{r.id}!", r.satisfied, parameters) for r in rules}
        self._fired: set[tuple[str, int, str]] = set()
        self._lock = Lock()
        self._engine: Any = Ruleset("socap", _Host(), self._definition()) if rules else None

    def _definition(self) -> dict[str, Any]:
        definition: dict[str, Any] = {
            "open": {"all": [{"m": {_OPENING: 1}}], "run": self._consequent(_OPENING, "")}
        }
        phases = (*self._applies.values(), *self._satisfied.values())
        for phase in phases:
            for block in (phase.block, *phase.blocks.values()):
                for output, alternatives in block.outputs.items():
                    for conjunction in alternatives:
                        definition[f"r{len(definition)}"] = {
                            "all": [{"m": _condition(block.name, conjunction)}],
                            "run": self._consequent(block.name, output),
                        }
        return definition

    def _consequent(self, block: str, output: str) -> Any:
        def run(closure: Any) -> None:
            self._fired.add((block, closure.m.tag, output))

        return run

    def decide(self, facts: Facts) -> Mapping[str, Decision]:
        """Return the decision on every rule. Raises ValueError where the parameters differ."""
        if facts.parameters != self._parameters:
            message = "the facts hold other parameters than the rules were compiled with"
            raise ValueError(message)
        if self._engine is None:
            return {}
        with self._lock:
            session = f"s{next(_SESSIONS)}"
            # The engine crashes on deleting the state of a session in which no rule has fired.
            self._assert(session, [{"sid": session, "id": next(_NUMBERS), "tag": 0, _OPENING: 1}])
            try:
                applies = self._run(session, self._applies, facts)
                chosen = {i: p for i, p in self._satisfied.items() if applies[i] is Truth.TRUE}
                satisfied = self._run(session, chosen, facts)
            finally:
                self._fired.clear()
                self._engine.delete_state(session)
        return {i: decision(a, satisfied.get(i, Truth.UNKNOWN)) for i, a in applies.items()}

    def _run(self, session: str, phases: Mapping[str, _Phase], facts: Facts) -> dict[str, Truth]:
        known: dict[tuple[str, int], bool] = {}
        for level in sorted({level for phase in phases.values() for level in phase.levels}):
            todo = [(p, d) for p in phases.values() for d in p.derived if d.level == level]
            messages: list[dict[str, Any]] = []
            for phase, derived in todo:
                block = phase.blocks[derived.name]
                if derived.record is None:
                    messages.append(_message(session, block, 0, known, facts, None))
                else:
                    for tag, record in enumerate(facts.records.get(derived.record, ())):
                        messages.append(_message(session, block, tag, known, facts, record))
            self._assert(session, messages)
            for _, derived in todo:
                for tag, truth in self._derived(derived, facts):
                    if truth is not Truth.UNKNOWN:
                        known[derived.name, tag] = truth is Truth.TRUE
        self._assert(
            session, [_message(session, p.block, 0, known, facts, None) for p in phases.values()]
        )
        return {i: self._truth(p.block.name, 0, "+", "-") for i, p in phases.items()}

    def _derived(self, derived: Derived, facts: Facts) -> Iterable[tuple[int, Truth]]:
        node = derived.quantified
        if derived.record is None:
            yield 0, self._truth(derived.name, 0, "+", "-")
            return
        records = facts.records.get(derived.record)
        if records is None:
            return
        if node is None:
            for tag in range(len(records)):
                yield tag, self._truth(derived.name, tag, "+", "-")
            return
        judged = []
        for tag in range(len(records)):
            selected = self._truth(derived.name, tag, "w+", "w-")
            satisfies = self._truth(derived.name, tag, "s+", "s-")
            judged.append((selected, Truth.FALSE if selected is Truth.FALSE else satisfies))
        limit = facts.number(node.limit) if node.limit is not None else 0
        if limit is None:
            return
        yield 0, quantify(node.quantity, limit, judged)

    def _truth(self, block: str, tag: int, yes: str, no: str) -> Truth:
        if (block, tag, yes) in self._fired:
            return Truth.TRUE
        return Truth.FALSE if (block, tag, no) in self._fired else Truth.UNKNOWN

    def _assert(self, session: str, messages: list[dict[str, Any]]) -> None:
        for start in range(0, len(messages), BATCH):
            # The wrapper drops the state when one message of a batch met no rule, which is usual
            # here; the engine's own call returns it all the same.
            batch = json.dumps(messages[start : start + BATCH])
            code, state = durable_rules_engine.assert_facts(self._engine._handle, batch)  # noqa: SLF001
            if code not in (0, 1):
                message = f"the decision engine refused its facts with code {code}"
                raise RuntimeError(message)
            if state is None:
                continue
            failures: list[Any] = []
            self._engine.do_actions(state, lambda error, _, noted=failures: noted.append(error))
            wrong = next((f for f in failures if f), None)
            wrong = wrong or self._engine.get_state(session).get("exception")
            if wrong:
                message = f"the decision engine failed: {wrong}"
                raise RuntimeError(message)


def _phase(name: str, expression: Any, parameters: Mapping[str, int | float]) -> _Phase:
    normaliser = Normaliser(name, parameters)
    return _Phase(name, normaliser.sides(expression), normaliser.derived)


def _condition(block: str, conjunction: Iterable[Any]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{block: 1}]
    for atom in conjunction:
        native = {atom.property.name: atom.constant}
        parts.append(native if atom.operator == "==" else {_WORDS[atom.operator]: native})
    return {"$and": parts} if len(parts) > 1 else parts[0]


def _message(
    session: str,
    block: _Block,
    tag: int,
    known: Mapping[tuple[str, int], bool],
    facts: Facts,
    record: RecordFacts | None,
) -> dict[str, Any]:
    message: dict[str, Any] = {"sid": session, "id": next(_NUMBERS), "tag": tag, block.name: 1}
    for prop in block.reads:
        if prop.projection is Projection.DERIVED:
            value: Any = known.get((prop.key, tag))
        else:
            value = _project(prop, facts, record)
        if value is not None:
            message[prop.name] = value
    return message


def _project(
    prop: Property, facts: Facts, record: RecordFacts | None
) -> bool | int | float | str | None:
    fact: Fact = facts.get(prop.key, record)
    if fact.unknown is not None:
        return None
    kind = prop.projection
    if kind is Projection.KNOWN:
        return True
    if kind is Projection.NONE:
        return fact.no_case
    value = fact.value
    if value is None:
        return None
    if kind in (Projection.SIGN, Projection.EQUAL):
        other = facts.get(prop.other, record).value
        if other is None:
            return None
        if kind is Projection.EQUAL:
            return bool(value == other)
        left: Any = value
        right: Any = other
        return int(left > right) - int(left < right)
    if isinstance(value, frozenset):
        return len(value) if kind is Projection.SIZE else prop.other in value
    if isinstance(value, date):
        return (facts.as_of - value).days if kind is Projection.AGE else value.toordinal()
    return value


def build(rules: tuple[Rule, ...], parameters: Mapping[str, int | float]) -> DurableReader:
    """Return the reader for these rules, compiled once."""
    return DurableReader(rules, parameters)
