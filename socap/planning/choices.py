"""What may change, as literals: each answer kept or replaced, each list kept or added to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socap.evidence import settle
from socap.planning.candidates import Candidates
from socap.planning.circuit import FALSE, TRUE
from socap.planning.scope import Wish
from socap.rules import expressions as x
from socap.rules.facts import MISSING, Fact, Facts, known
from socap.rules.implicant import FactRef
from socap.rules.reference import evaluate
from socap.rules.truth import Truth
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.assessment import Assessment
    from socap.planning.candidates import Number
    from socap.planning.circuit import Circuit
    from socap.planning.scope import Reading, Scope

ROOM = 100
"""The most records that a plan adds to one list."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: kept as it is, changed to one of some facts, or withdrawn.

    A set is changed member by member: `members` gives the literal of each being in the set.
    """

    ref: FactRef
    item: EvidenceItem
    current: Fact
    keep: int
    options: tuple[tuple[Fact, int], ...] = ()
    members: dict[str, int] = field(default_factory=dict)
    withdrawn: int = FALSE

    @property
    def states(self) -> tuple[tuple[Fact, int], ...]:
        """Every known fact the answer can be, with its literal; none for a set's values."""
        kept = () if self.current.unknown is not None else ((self.current, self.keep),)
        return (*kept, *self.options)


@dataclass(frozen=True, slots=True)
class Listing:
    """The records of one type: whether the list is given, and each record with its being there."""

    name: str
    given: int
    records: tuple[tuple[str, int], ...]
    added: tuple[tuple[str, int], ...]


class Choices:
    """The choices within a scope, made when they are first asked for."""

    def __init__(
        self, circuit: Circuit, assessment: Assessment, scope: Scope, locked: Iterable[str]
    ) -> None:
        self._circuit, self._assessment, self._scope = circuit, assessment, scope
        self._words, self._facts = assessment.standard.vocabulary, assessment.facts
        self._locked = frozenset(locked)
        self.locks: dict[str, int] = {}
        self.made: dict[FactRef, Choice] = {}
        self._listings: dict[str, Listing] = {}
        self._new = {name: self._names(name, asked) for name, asked in scope.lists.items()}
        self._current = self._now()
        self._candidates = Candidates(
            self._words, self._facts, self._current, scope.readings, self._computed()
        )
        self._readings: dict[str, list[Reading]] = {}
        for reading in scope.readings:
            for key in _keys(reading):
                self._readings.setdefault(key, []).append(reading)
        self._selecting = {k for r in scope.readings if r.selects for k in _keys(r)}

    def listing(self, name: str) -> Listing:
        """Return the records of a type."""
        if name not in self._listings:
            gate, present = self._circuit, self._facts.records.get(name)
            key = f"records.{name}"
            added = tuple((record, gate.variable()) for record in self._new.get(name, ()))
            for (_, one), (_, after) in itertools.pairwise(added):
                gate.require(-after, one)
            self._lock(key, *(-literal for _, literal in added[:1]))
            kept = tuple((r.id, TRUE) for r in present or ())
            given = TRUE if present is not None else (added[0][1] if added else FALSE)
            self._listings[name] = Listing(name, given, (*kept, *added), added)
        return self._listings[name]

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The lists asked for so far."""
        return tuple(self._listings.values())

    def choice(self, ref: FactRef) -> Choice:
        """Return the choice of an answer in the scope."""
        if ref not in self.made:
            self.made[ref] = self._choose(ref)
        return self.made[ref]

    def order_alike(self) -> tuple[tuple[str, ...], ...]:
        """Demand that of records that are alike, the first are changed first; return the groups.

        Rules see records only by number, so any solution can be had with alike records in another
        order; without this demand the solver would try them all.
        """
        groups: dict[tuple[str, tuple[tuple[object, ...], ...]], list[str]] = {}
        fields: dict[tuple[str, str], list[Choice]] = {}
        for ref in sorted(self.made):
            if ref.record and ref.record not in self._new.get(_type(ref), ()):
                fields.setdefault((_type(ref), ref.record), []).append(self.made[ref])
        for (name, record), made in fields.items():
            state = tuple((c.ref.key, *self._seen(c)) for c in made)
            groups.setdefault((name, state), []).append(record)
        gate = self._circuit
        for (name, _), records in groups.items():
            for one, other in itertools.pairwise(records):
                alike = TRUE
                for a, b in zip(fields[name, one], fields[name, other], strict=True):
                    gate.require(-alike, b.keep, -a.keep)
                    same = gate.either([gate.both([a.keep, b.keep]), gate.both([-a.keep, -b.keep])])
                    alike = gate.both([alike, same])
        return tuple((name, *records) for (name, _), records in groups.items() if len(records) > 1)

    def _seen(self, choice: Choice) -> tuple[object, ...]:
        """Return all that rules see of an answer: what their conditions make of it."""
        key, found = choice.ref.key, []
        for reading in self._readings.get(key, ()):
            if isinstance(reading.condition.operand, x.ItemRef):
                return (choice.current,)
            facts = Facts(self._facts.as_of, {key: choice.current}, {}, self._facts.parameters)
            found.append(evaluate(reading.condition, facts))
        return (choice.current.unknown is None, *found)

    def _choose(self, ref: FactRef) -> Choice:
        gate = self._circuit
        item = self._words.everywhere(ref.key)
        assert item is not None
        current, keep = self._current[ref], gate.variable()
        self._lock(ref.key, keep)
        if ref.record in self._new.get(_type(ref), ()):
            gate.require(keep, dict(self.listing(_type(ref)).records)[ref.record])
        if item.type is ValueType.SET:
            return Choice(ref, item, current, keep, members=self._members(ref, item, keep))
        facts = self._allowed(ref, self._candidates.of(ref))
        options = tuple((fact, gate.variable()) for fact in facts)
        withdrawn = FALSE
        if item.computed is not None:
            given = self.listing(item.computed.record).given
            for _, literal in options:
                gate.require(-literal, -given)
            if current != MISSING:
                withdrawn = gate.variable()
                gate.require(-withdrawn, given)
        gate.one_of([keep, *(literal for _, literal in options), withdrawn])
        return Choice(ref, item, current, keep, options, withdrawn=withdrawn)

    def _members(self, ref: FactRef, item: EvidenceItem, keep: int) -> dict[str, int]:
        gate, now = self._circuit, self._current[ref].value
        if self._is_frozen(ref) and not self._wishes(ref):
            gate.require(keep)
        found = {}
        for name in item.members:
            found[name] = literal = gate.variable()
            held = isinstance(now, frozenset) and name in now
            gate.require(-keep, literal if held else -literal)
        return found

    def _lock(self, key: str, *kept: int) -> None:
        if key in self._locked or key.startswith("profile."):
            selector = self.locks.setdefault(key, 0) or self._circuit.variable()
            self.locks[key] = selector
            for literal in kept:
                self._circuit.require(-selector, literal)

    def _is_frozen(self, ref: FactRef) -> bool:
        """Return whether a known answer says which records count; it may not just move them out."""
        known_now = self._current[ref].unknown is None
        return bool(ref.record) and known_now and ref.key in self._selecting

    def _wishes(self, ref: FactRef) -> list[Reading]:
        return [
            r for r in self._readings.get(ref.key, ()) if r.record is not None and not r.selects
        ]

    def _allowed(self, ref: FactRef, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        if not self._is_frozen(ref):
            return facts
        wishes = self._wishes(ref)
        return tuple(f for f in facts if any(self._wished(r, ref, f) for r in wishes))

    def _wished(self, reading: Reading, ref: FactRef, fact: Fact) -> bool:
        if isinstance(reading.condition.operand, x.ItemRef):
            return True
        now, then = (
            evaluate(
                reading.condition,
                Facts(self._facts.as_of, {ref.key: f}, {}, self._facts.parameters),
            )
            for f in (self._current[ref], fact)
        )
        if now is then or then is Truth.UNKNOWN:
            return False
        return reading.wish is Wish.EITHER or (then is Truth.TRUE) is (reading.wish is Wish.TRUE)

    def _names(self, name: str, asked: int) -> tuple[str, ...]:
        present = self._facts.records.get(name)
        taken = {r.id for r in present or ()}
        room = max(asked, 1) if present is None else asked - len(present)
        fresh = (f"new-{n}" for n in range(1, len(taken) + ROOM + 2))
        return tuple(one for one in fresh if one not in taken)[: max(0, min(room, ROOM))]

    def _now(self) -> dict[FactRef, Fact]:
        """Return every answer as it stands before answers are held against each other."""
        made = self._assessment
        given = made.organisation
        now = {
            FactRef(key): settle(given.evidence.get(key, ()), item, made.as_of, made.assurance)
            for key, item in self._words.items.items()
        }
        now[FactRef(TYPES_KEY)] = known(given.profile.types)
        for flag in self._words.flags:
            stated = given.profile.flags.get(flag)
            now[FactRef(f"profile.{flag}")] = MISSING if stated is None else known(stated)
        for name, kind in self._words.records.items():
            for record in self._facts.records.get(name, ()):
                now.update({FactRef(k, record.id): f for k, f in record.fields.items()})
            for fresh in self._new.get(name, ()):
                now.update({FactRef(key, fresh): MISSING for key in kind.fields})
        return now

    def _computed(self) -> dict[FactRef, set[Number]]:
        """Return the figures that records can give, by the item they are computed for."""
        found: dict[FactRef, set[Number]] = {}
        for key, item in self._words.items.items():
            rule = item.computed
            if rule is None or rule.record not in self._scope.lists:
                continue
            least = len(self._facts.records.get(rule.record, ()))
            most = least + len(self._new[rule.record])
            figures: set[Number] = set(range(most + 1))
            if rule.quantity is x.Quantity.SHARE:
                first = least if isinstance(rule.where, x.Always) else 1
                figures = {
                    100 * p / n for n in range(max(first, 1), most + 1) for p in range(n + 1)
                }
            found[FactRef(key)] = figures
        return found


def _keys(reading: Reading) -> tuple[str, ...]:
    operand = reading.condition.operand
    other = (operand.key,) if isinstance(operand, x.ItemRef) else ()
    return (reading.condition.item, *other)


def _type(ref: FactRef) -> str:
    return ref.key.split(".", maxsplit=1)[0]
