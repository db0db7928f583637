"""Rules as literals: definitely true, definitely false, over everything that may change."""

from __future__ import annotations

from datetime import date
from enum import Enum
from math import ceil
from typing import TYPE_CHECKING, assert_never

from socap.planning.circuit import FALSE, TRUE
from socap.planning.figures import Judged, figures
from socap.rules import expressions as x
from socap.rules.counting import reaches
from socap.rules.expressions import Operator
from socap.rules.facts import Fact
from socap.rules.implicant import FactRef
from socap.rules.reference import holds
from socap.rules.truth import Truth, UnknownReason
from socap.rules.vocabulary import ValueType

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.clauses.requirement import Requirement
    from socap.planning.choices import Choice, Choices
    from socap.planning.circuit import Circuit
    from socap.rules.vocabulary import Computed
    from socap.standard import ConsistencyRule


class View(Enum):
    """Which facts a rule sees: circumstances as stated, those not in dispute, or records only."""

    STATED = "stated"
    UNDISPUTED = "undisputed"
    RECORDS = "records"


class Encoder:
    """One literal for each truth that a rule can have, by the reference reader's definition."""

    def __init__(self, circuit: Circuit, choices: Choices, assessment: Assessment) -> None:
        self._circuit, self._choices, self._assessment = circuit, choices, assessment
        self._facts, self._words = assessment.facts, assessment.standard.vocabulary
        self._memo: dict[tuple[x.Expression, Truth, View, str], int] = {}
        self._figures: dict[str, tuple[tuple[Fact, int], ...]] = {}
        self._disputes: dict[str, int] = {}
        self._doubts: dict[str, int] = {}

    def conforms(self, requirement: Requirement) -> int:
        """Return the literal that a requirement is met, does not apply or is left out."""
        ways = [self._truth(requirement.applies_when, Truth.FALSE)]
        excluded = any(
            e.requirement == requirement.id for e in self._assessment.organisation.exclusions
        )
        if excluded and requirement.exclusion is not None:
            ways.append(self._truth(requirement.exclusion.allowed_when, Truth.TRUE))
        met = [requirement.applies_when, requirement.satisfied_when]
        ways.append(self._circuit.both(self._truth(rule, Truth.TRUE) for rule in met))
        return self._circuit.either(ways)

    def contradicted(self, rule: ConsistencyRule) -> int:
        """Return the literal that a circumstance is contradicted by the evidence."""
        return self.literal(rule.contradicted_when, Truth.TRUE, View.STATED, "")

    def require_plausible(self) -> None:
        """Demand that no part is above its total, where it is not now."""
        for key, item in self._words.items.items():
            whole = item.part_of
            if whole is not None and FactRef(key) in self._choices.made:
                doubt = self._doubt(key, whole)
                if not self._in_doubt(key, whole):
                    self._circuit.require(-doubt)

    def _truth(self, rule: x.Expression, truth: Truth) -> int:
        return self.literal(rule, truth, View.UNDISPUTED, "")

    def literal(self, node: x.Expression, truth: Truth, view: View, record: str) -> int:
        """Return the literal that a rule definitely has a truth (true or false)."""
        key = (node, truth, view, record)
        if key not in self._memo:
            self._memo[key] = self._encode(node, truth, view, record)
        return self._memo[key]

    def _encode(self, node: x.Expression, truth: Truth, view: View, record: str) -> int:
        gate, yes = self._circuit, truth is Truth.TRUE
        match node:
            case x.Always():
                return TRUE if yes else FALSE
            case x.Not(part):
                other = Truth.FALSE if yes else Truth.TRUE
                return self.literal(part, other, view, record)
            case x.All(parts) | x.Any(parts):
                found = [self.literal(part, truth, view, record) for part in parts]
                return gate.both(found) if isinstance(node, x.All) is yes else gate.either(found)
            case x.Condition():
                return self._condition(node, view, record, yes=yes)
            case x.Quantified():
                return self._quantified(node, view, yes=yes)
        assert_never(node)

    def _condition(self, node: x.Condition, view: View, record: str, *, yes: bool) -> int:
        gate, ref = self._circuit, self._ref(node.item, record)
        if view is View.RECORDS and not ref.record:
            return FALSE
        choice = self._choices.choice(ref)
        if choice.item.type is ValueType.SET:
            return self._of_set(node, choice, view, yes=yes)
        left = self.states(ref, view)
        if node.operator is Operator.PRESENT:
            return gate.either(literal for _, literal in left) if yes else FALSE
        if node.operator is Operator.NO_CASE:
            return gate.either(literal for fact, literal in left if fact.no_case is yes)
        right: tuple[tuple[Fact | None, int], ...]
        match node.operand:
            case x.ItemRef(key):
                other = self._ref(key, record)
                missing = view is View.RECORDS and not other.record
                right = () if missing else _ascending(self.states(other, view))
            case x.ParameterRef(name):
                number = self._facts.parameters.get(name)
                right = () if number is None else ((Fact(number), TRUE),)
            case x.Literal(value):
                right = ((Fact(value), TRUE),)
            case x.AsOf():
                right = ((Fact(self._facts.as_of), TRUE),)
            case x.Members():
                right = ((None, TRUE),)
        ways = []
        for fact, one in left:
            fitting = [
                two if self._holds(node, fact, against) is yes else FALSE for against, two in right
            ]
            ways.append(gate.both([one, gate.either_of(fitting)]))
        return gate.either(ways)

    def _holds(self, node: x.Condition, left: Fact, right: Fact | None) -> bool:
        if left.no_case or (right is not None and right.no_case):
            return False
        return holds(node.operator, left, node.operand, right, self._facts.as_of)

    def _of_set(self, node: x.Condition, choice: Choice, view: View, *, yes: bool) -> int:
        gate, now = self._circuit, choice.current
        known = TRUE if now.unknown is None else -choice.keep
        if view is View.UNDISPUTED:
            known = gate.both([known, -self._disputed(choice.ref.key)])
        none = choice.keep if now.no_case else FALSE
        if node.operator is Operator.PRESENT:
            return known if yes else FALSE
        if node.operator is Operator.NO_CASE:
            return gate.both([known, none if yes else -none])
        operand = node.operand
        if isinstance(operand, x.Members):
            held = [choice.members.get(name, FALSE) for name in operand.values]
            whole = node.operator is Operator.INCLUDES
            truth = gate.both(held) if whole else gate.either(held)
        else:
            assert isinstance(operand, (x.Literal, x.ParameterRef))
            limit = self._facts.number(operand)
            if limit is None:
                return FALSE
            truth = gate.count(tuple(choice.members.values())).at_least(ceil(limit))
        truth = gate.both([truth, -none])
        return gate.both([known, truth if yes else -truth])

    def _quantified(self, node: x.Quantified, view: View, *, yes: bool) -> int:
        gate = self._circuit
        limit = self._facts.number(node.limit) if node.limit is not None else 0
        if limit is None:
            return FALSE
        listing, judged = self._choices.listing(node.record), self.judged(node, view)
        if node.quantity is x.Quantity.EVERY:
            truth = -gate.either(judged.not_met if yes else judged.failed)
        elif node.quantity is x.Quantity.SHARE:
            good = gate.count(judged.passed if yes else judged.may_pass)
            bad = gate.count(judged.not_met if yes else judged.failed)
            if limit > 100:
                truth = gate.both([-good.at_least(1), -bad.at_least(1)])
            else:
                truth = gate.ratio(good, bad, lambda p, q: reaches(p, q, limit))
        else:
            need = 1 if node.quantity is x.Quantity.SOME else ceil(limit)
            truth = gate.count(judged.passed if yes else judged.may_pass).at_least(need)
        return gate.both([listing.given, truth if yes else -truth])

    def judged(self, node: x.Quantified | Computed, view: View) -> Judged:
        """Return, for each record of a list, whether it counts and satisfies."""
        gate, found = self._circuit, Judged()
        for record, there in self._choices.listing(node.record).records:
            counts = gate.both([there, self.literal(node.where, Truth.TRUE, view, record)])
            out = gate.either([-there, self.literal(node.where, Truth.FALSE, view, record)])
            met = self.literal(node.satisfies, Truth.TRUE, view, record)
            unmet = self.literal(node.satisfies, Truth.FALSE, view, record)
            found.counted.append(-out)
            found.passed.append(gate.both([counts, met]))
            found.failed.append(gate.both([counts, unmet]))
            found.may_pass.append(gate.both([-out, -unmet]))
            found.not_met.append(gate.both([-out, -met]))
        return found

    def states(self, ref: FactRef, view: View) -> tuple[tuple[Fact, int], ...]:
        """Return every known fact an answer can amount to, with its literal."""
        against = [
            -self._doubt(part, whole)
            for part, whole in self._pairs(ref)
            if self._in_doubt(part, whole)
        ]
        if view is View.UNDISPUTED:
            against.append(-self._disputed(ref.key))
        found = self._settled(ref)
        return tuple((fact, self._circuit.both([one, *against])) for fact, one in found)

    def _settled(self, ref: FactRef) -> tuple[tuple[Fact, int], ...]:
        choice = self._choices.choice(ref)
        rule = choice.item.computed
        if rule is None:
            return choice.states
        if ref.key not in self._figures:
            given = self._choices.listing(rule.record).given
            judged = self.judged(rule, View.RECORDS)
            self._figures[ref.key] = figures(self._circuit, choice, given, judged)
        return self._figures[ref.key]

    def _pairs(self, ref: FactRef) -> list[tuple[str, str]]:
        return [
            (key, item.part_of)
            for key, item in self._words.items.items()
            if not ref.record and item.part_of is not None and ref.key in (key, item.part_of)
        ]

    def _doubt(self, part: str, whole: str) -> int:
        if part not in self._doubts:
            self._doubts[part] = self._circuit.either(
                self._circuit.both([one, two])
                for fact, one in self._settled(FactRef(part))
                for total, two in self._settled(FactRef(whole))
                if isinstance(fact.value, int)
                and isinstance(total.value, int)
                and fact.value > total.value
            )
        return self._doubts[part]

    def _in_doubt(self, part: str, whole: str) -> bool:
        reasons = {self._facts.get(key).unknown for key in (part, whole)}
        return reasons == {UnknownReason.IMPLAUSIBLE}

    def _disputed(self, key: str) -> int:
        if not key.startswith("profile."):
            return FALSE
        if key not in self._disputes:
            rules = self._assessment.standard.consistency
            self._disputes[key] = self._circuit.either(
                self.contradicted(rule) for rule in rules if f"profile.{rule.flag}" == key
            )
        return self._disputes[key]

    def _ref(self, key: str, record: str) -> FactRef:
        kind = self._words.records.get(key.split(".", maxsplit=1)[0])
        inside = bool(record) and kind is not None and key in kind.fields
        return FactRef(key, record if inside else "")


def _ascending(states: tuple[tuple[Fact, int], ...]) -> tuple[tuple[Fact, int], ...]:
    """Return states by value, so that those a comparison admits stand side by side."""
    return tuple(sorted(states, key=lambda s: (s[0].no_case, _place(s[0].value))))


def _place(value: object) -> float:
    if isinstance(value, date):
        return value.toordinal()
    return value if isinstance(value, (int, float)) else 0
