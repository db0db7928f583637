"""The decision engine: rules compiled to a durable-rules rule set, decided by forward chaining."""

from __future__ import annotations

import json
from datetime import date
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

import durable_rules_engine
from durable.engine import Ruleset

from socap.errors import Problem, Text, UsageError
from socap.rules.counting import quantify
from socap.rules.interpreter import Decision, Rule, decision
from socap.rules.normal_form import Alternatives, Derived, Normaliser, Projection, Property, Sides
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.rules.expressions import Expression
    from socap.rules.facts import Fact, Facts, RecordFacts

RULES_A_MESSAGE = 60
PROPERTIES = 240
KINDS, RULES = 450, 3_000  # of messages, and of rules of the engine, in one rule set
BATCH = 500
_SESSIONS = count(1)
_NUMBERS = count(1)
_OPENING = "session opened"
_WORDS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq"}


class _Block:
    """The rules that one kind of message meets, and the properties they read.

    What holds whatever the message says needs no rule.
    """

    def __init__(self, name: str, outputs: dict[str, Alternatives]) -> None:
        self.name = name
        self.holding = frozenset(output for output, side in outputs.items() if () in side)
        self.outputs = {o: side for o, side in outputs.items() if o not in self.holding}
        atoms = [a for side in self.outputs.values() for c in side for a in c]
        self.reads = tuple(dict.fromkeys(a.property for a in atoms))
        self.rules = sum(map(len, self.outputs.values()))
        if self.rules > RULES_A_MESSAGE or len(self.reads) > PROPERTIES:
            message = f"{name} needs {self.rules} rules and {len(self.reads)} properties, too many for the engine"
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
        self.every_block = (self.block, *self.blocks.values())


class _Session:
    """One session of the engine: what has been asserted in it, and which rules fired."""

    def __init__(self, reader: DurableReader) -> None:
        self._reader = reader
        self.id = f"s{next(_SESSIONS)}"
        self.fired: set[tuple[str, int, str]] = set()
        self._live: dict[str, list[dict[str, Any]]] = {}
        reader.sessions[self.id] = self
        # The engine crashes on deleting the state of a session in which no rule has fired.
        self._assert([{"sid": self.id, "id": next(_NUMBERS), "tag": 0, _OPENING: 1}])

    def decide(self, facts: Facts, chosen: Iterable[str] | None = None) -> dict[str, Decision]:
        """Return the decisions on the chosen rules, or on all."""
        reader = self._reader
        names = reader.applies.keys() if chosen is None else tuple(chosen)
        applies = self._run({name: reader.applies[name] for name in names}, facts)
        open_rules = [name for name in names if applies[name] is Truth.TRUE]
        satisfied = self._run({name: reader.satisfied[name] for name in open_rules}, facts)
        return {n: decision(applies[n], satisfied.get(n, Truth.UNKNOWN)) for n in names}

    def retract(self, chosen: Iterable[str]) -> None:
        """Take back what was asserted for these rules, so that the session does not grow."""
        reader = self._reader
        phases = [table[name] for name in chosen for table in (reader.applies, reader.satisfied)]
        blocks = {block.name for phase in phases for block in phase.every_block}
        self.fired = {entry for entry in self.fired if entry[0] not in blocks}
        gone = [message for name in sorted(blocks) for message in self._live.pop(name, ())]
        self._send(durable_rules_engine.retract_facts, gone)

    def close(self) -> None:
        """Delete the session's state in the engine."""
        self._reader.engine.delete_state(self.id)
        self._reader.sessions.pop(self.id, None)

    def _run(self, phases: Mapping[str, _Phase], facts: Facts) -> dict[str, Truth]:
        known: dict[tuple[str, int], bool] = {}
        distinct = tuple(dict.fromkeys(phases.values()))
        for level in sorted({level for phase in distinct for level in phase.levels}):
            todo = [(p, d) for p in distinct for d in p.derived if d.level == level]
            messages: list[dict[str, Any]] = []
            for phase, derived in todo:
                block = phase.blocks[derived.name]
                told = (None,) if derived.record is None else facts.records.get(derived.record, ())
                for tag, record in enumerate(told if block.rules else ()):
                    messages.append(self._message(block, tag, known, facts, record))
            self._assert(messages)
            for phase, derived in todo:
                for tag, truth in self._derived(phase.blocks[derived.name], derived, facts):
                    if truth is not Truth.UNKNOWN:
                        known[derived.name, tag] = truth is Truth.TRUE
        asked = (phase.block for phase in distinct if phase.block.rules)
        self._assert([self._message(block, 0, known, facts, None) for block in asked])
        return {i: self._truth(p.block, 0, "+", "-") for i, p in phases.items()}

    def _derived(
        self, block: _Block, derived: Derived, facts: Facts
    ) -> Iterable[tuple[int, Truth]]:
        node = derived.quantified
        if derived.record is None:
            yield 0, self._truth(block, 0, "+", "-")
            return
        records = facts.records.get(derived.record)
        if records is None:
            return
        if node is None:
            for tag in range(len(records)):
                yield tag, self._truth(block, tag, "+", "-")
            return
        judged = []
        for tag in range(len(records)):
            selected = self._truth(block, tag, "w+", "w-")
            satisfies = self._truth(block, tag, "s+", "s-")
            judged.append((selected, Truth.FALSE if selected is Truth.FALSE else satisfies))
        limit = facts.number(node.limit) if node.limit is not None else 0
        if limit is None:
            return
        yield 0, quantify(node.quantity, limit, judged)

    def _truth(self, block: _Block, tag: int, yes: str, no: str) -> Truth:
        if yes in block.holding or (block.name, tag, yes) in self.fired:
            return Truth.TRUE
        told = no in block.holding or (block.name, tag, no) in self.fired
        return Truth.FALSE if told else Truth.UNKNOWN

    def _message(
        self,
        block: _Block,
        tag: int,
        known: Mapping[tuple[str, int], bool],
        facts: Facts,
        record: RecordFacts | None,
    ) -> dict[str, Any]:
        message: dict[str, Any] = {"sid": self.id, "id": next(_NUMBERS), "tag": tag, block.name: 1}
        for prop in block.reads:
            if prop.projection is Projection.DERIVED:
                value: Any = known.get((prop.key, tag))
            else:
                value = _project(prop, facts, record)
            if value is not None:
                message[prop.name] = value
        self._live.setdefault(block.name, []).append(message)
        return message

    def _assert(self, messages: list[dict[str, Any]]) -> None:
        self._send(durable_rules_engine.assert_facts, messages)

    def _send(self, call: Any, messages: list[dict[str, Any]]) -> None:
        engine = self._reader.engine
        for start in range(0, len(messages), BATCH):
            # The wrapper drops the state when one message of a batch met no rule, which is usual
            # here; the engine's own call returns it all the same.
            code, state = call(engine._handle, json.dumps(messages[start : start + BATCH]))  # noqa: SLF001
            if code not in (0, 1):
                message = f"the decision engine refused its facts with code {code}"
                raise RuntimeError(message)
            if state is None:
                continue
            failures: list[Any] = []
            engine.do_actions(state, lambda error, _, noted=failures: noted.append(error))
            wrong = next((f for f in failures if f), None)
            wrong = wrong or engine.get_state(self.id).get("exception")
            if wrong:
                message = f"the decision engine failed: {wrong}"
                raise RuntimeError(message)


class LiveSession:
    """A session that stays open: facts are exchanged in it, and only what they touch is re-decided."""

    def __init__(self, reader: DurableReader) -> None:
        self._reader = reader
        with reader.lock:
            self._session = _Session(reader)

    def decide(self, facts: Facts, chosen: Iterable[str]) -> Mapping[str, Decision]:
        """Return the decisions on the chosen rules after exchanging what they read."""
        names = tuple(chosen)
        with self._reader.lock:
            self._session.retract(names)
            return self._session.decide(facts, names)

    def close(self) -> None:
        """Delete the session in the engine."""
        with self._reader.lock:
            self._session.close()


class DurableReader:
    """Decides rules in the engine; one instance is shared, one call at a time."""

    def __init__(
        self, phases: Mapping[str, tuple[_Phase, _Phase]], parameters: Mapping[str, int | float]
    ) -> None:
        self._parameters = dict(parameters)
        self.applies = {name: applies for name, (applies, _) in phases.items()}
        self.satisfied = {name: satisfied for name, (_, satisfied) in phases.items()}
        self.sessions: dict[str, _Session] = {}
        self.lock = Lock()
        self.engine: Any = Ruleset("socap", _Host(), self._definition())

    def _definition(self) -> dict[str, Any]:
        definition: dict[str, Any] = {
            "open": {"all": [{"m": {_OPENING: 1}}], "run": self._consequent(_OPENING, "")}
        }
        for phase in dict.fromkeys((*self.applies.values(), *self.satisfied.values())):
            for block in phase.every_block:
                for output, alternatives in block.outputs.items():
                    for conjunction in alternatives:
                        definition[f"r{len(definition)}"] = {
                            "all": [{"m": _condition(block.name, conjunction)}],
                            "run": self._consequent(block.name, output),
                        }
        return definition

    def _consequent(self, block: str, output: str) -> Any:
        def run(closure: Any) -> None:
            self.sessions[closure.s.sid].fired.add((block, closure.m.tag, output))

        return run

    def decide(self, facts: Facts) -> Mapping[str, Decision]:
        """Return the decision on every rule. Raises ValueError where the parameters differ."""
        self._refuse_other_parameters(facts)
        with self.lock:
            session = _Session(self)
            try:
                return session.decide(facts)
            finally:
                session.close()

    def open(self, facts: Facts) -> LiveSession:
        """Return a session that stays open. Raises ValueError where the parameters differ."""
        self._refuse_other_parameters(facts)
        return LiveSession(self)

    def _refuse_other_parameters(self, facts: Facts) -> None:
        if facts.parameters != self._parameters:
            message = "the facts hold other parameters than the rules were compiled with"
            raise ValueError(message)


def _phase(name: str, expression: Expression, parameters: Mapping[str, int | float]) -> _Phase:
    normaliser = Normaliser(name, parameters)
    return _Phase(name, normaliser.sides(expression), normaliser.derived)


def _condition(block: str, conjunction: Iterable[Any]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{block: 1}]
    for atom in conjunction:
        native = {atom.property.name: atom.constant}
        parts.append(native if atom.operator == "==" else {_WORDS[atom.operator]: native})
    return {"$and": parts} if len(parts) > 1 else parts[0]


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


class DurableReaders:
    """Several readers, each of a share of the rules."""

    def __init__(self, readers: tuple[DurableReader, ...]) -> None:
        self._readers = readers

    def decide(self, facts: Facts) -> Mapping[str, Decision]:
        """Return the decision on every rule. Raises ValueError where the parameters differ."""
        return {name: one for reader in self._readers for name, one in reader.decide(facts).items()}

    def open(self, facts: Facts) -> LiveSessions:
        """Return a session that stays open. Raises ValueError where the parameters differ."""
        return LiveSessions([(frozenset(r.applies), r.open(facts)) for r in self._readers])


class LiveSessions:
    """One open session a reader, each deciding its own share of the rules."""

    def __init__(self, sessions: list[tuple[frozenset[str], LiveSession]]) -> None:
        self._sessions = sessions

    def decide(self, facts: Facts, chosen: Iterable[str]) -> Mapping[str, Decision]:
        """Return the decisions on the chosen rules, on these facts."""
        names = tuple(chosen)
        found: dict[str, Decision] = {}
        for own, session in self._sessions:
            found |= session.decide(facts, tuple(name for name in names if name in own))
        return {name: found[name] for name in names}

    def close(self) -> None:
        """Delete the sessions in the engine."""
        for _, session in self._sessions:
            session.close()


def build(
    rules: tuple[Rule, ...], parameters: Mapping[str, int | float]
) -> DurableReader | DurableReaders:
    """Return the reader for these rules, compiled once.

    Rules that apply under the same circumstances share the phase that decides so. The engine refuses
    some 4,000 rules and never returns from compiling some 500 kinds of message, so that many rules
    are shared among several rule sets. Raises UsageError for one rule that is too large by itself.
    """
    applies: dict[Expression, _Phase] = {}
    groups: list[dict[str, tuple[_Phase, _Phase]]] = [{}]
    held: set[_Phase] = set()
    kinds = parts = 0
    for rule in rules:
        if rule.applies not in applies:
            applies[rule.applies] = _phase(f"{rule.id}?", rule.applies, parameters)
        pair = (applies[rule.applies], _phase(f"{rule.id}!", rule.satisfied, parameters))
        if _kinds(pair) > KINDS or _parts(pair) > RULES:
            message = Text(
                f"{rule.id} 的规则过大，durable 无法编译",
                f"the rule of {rule.id} is too large for durable",
            )
            hint = Text("用 --reader compiled", "use --reader compiled")
            raise UsageError([Problem(message, hint=hint)])
        added = [phase for phase in pair if phase not in held]
        if kinds + _kinds(added) > KINDS or parts + _parts(added) > RULES:
            groups.append({})
            held, kinds, parts, added = set(), 0, 0, list(pair)
        groups[-1][rule.id] = pair
        held.update(added)
        kinds, parts = kinds + _kinds(added), parts + _parts(added)
    readers = tuple(DurableReader(group, parameters) for group in groups)
    return readers[0] if len(readers) == 1 else DurableReaders(readers)


def _kinds(phases: Iterable[_Phase]) -> int:
    return sum(len(phase.every_block) for phase in phases)


def _parts(phases: Iterable[_Phase]) -> int:
    return sum(block.rules for phase in phases for block in phase.every_block)
