"""How many questions the order saves: six examples and generated companies, answers revealed when asked."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from statistics import mean
from typing import TYPE_CHECKING, Any

import socap
from socap.assessment import assess
from socap.documents import Document
from socap.findings import Outcome
from socap.grounds import outcome
from socap.organisation import from_document
from socap.questionnaire import relevant_keys
from socap.questions import deciding, shares, weights
from socap.rules import expressions as x
from socap.rules.facts import MISSING, Facts, RecordFacts, known
from socap.rules.implicant import FactRef
from socap.rules.interpreter import decision
from socap.rules.reference import compare, evaluate
from socap.rules.truth import Truth
from socap.rules.vocabulary import NUMERIC, TYPES_KEY, EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.organisation import Organisation
    from socap.standard import Standard

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 1)
PARTS = (0.5, 0.8, 0.95)


class Order(StrEnum):
    """Who chooses the next question."""

    PLAIN = "catalogue"
    SKIPPING = "catalogue, skipping"
    SOCAP = "socap"


def conditions(standard: Standard) -> dict[str, list[x.Condition]]:
    """Return the conditions on each key, wherever a requirement reads it."""
    found: dict[str, list[x.Condition]] = {}
    for requirement in standard.requirements.values():
        for rule in (requirement.applies_when, requirement.satisfied_when):
            for node in x.walk(rule):
                if isinstance(node, x.Condition):
                    found.setdefault(node.item, []).append(node)
    return found


class Generator:
    """Companies that answer everything: each answer is good enough with the company's own chance."""

    def __init__(self, standard: Standard, as_of: date) -> None:
        self.standard, self.as_of = standard, as_of
        self.words = standard.vocabulary
        self.conditions = conditions(standard)
        self.parameters = standard.parameters()
        rules = [r.satisfied_when for r in standard.requirements.values()]
        self.listed = {n.record for e in rules for n in x.walk(e) if isinstance(n, x.Quantified)}
        self.candidates = {
            item.key: self._graded(item)
            for item in (
                *self.words.items.values(),
                *(field for kind in self.words.records.values() for field in kind.fields.values()),
            )
        }

    def company(self, rng: Random, name: str) -> Organisation:
        """Return one company without contradictions between its answers."""
        quality = rng.uniform(0.5, 1.0)
        words = self.words
        evidence: dict[str, Any] = {}
        for key, item in words.items.items():
            if item.computed is not None and item.computed.record in self.listed:
                continue
            no_case = item.accepts_no_case and rng.random() < 0.08
            evidence[key] = {"no_case": "none"} if no_case else self._value(rng, key, quality)
        self._match(rng, evidence, quality)
        records = {
            name: [
                {"id": f"{name}-{i}"}
                | {k.partition(".")[2]: self._value(rng, k, quality) for k in kind.fields}
                for i in range(rng.choice([0, 1, 2, 3]))
            ]
            for name, kind in words.records.items()
            if name in self.listed
        }
        data: dict[str, Any] = {
            self.standard.pack.subject.value: {"id": name, "name": {"zh": name, "en": name}},
            "evidence": evidence,
            "records": records,
        }
        flags = {flag: rng.random() < 0.5 for flag in words.flags}
        types = rng.sample(list(words.types), rng.choice([1, 1, 2])) if words.types else []
        if words.types or words.flags:
            data["profile"] = ({"types": types} if types else {}) | flags
        turned: set[str] = set()
        while True:
            made = from_document(Document(name, data, {}), self.standard)
            disputed = assess(made, self.standard, as_of=self.as_of, reader="reference").disputed
            if not disputed:
                return made
            for rule in disputed:
                if rule.flag not in turned:
                    turned.add(rule.flag)
                    data["profile"][rule.flag] = not data["profile"][rule.flag]
                    continue
                for key in x.keys_read(rule.contradicted_when):
                    evidence.pop(key, None)
                    records.pop(key.split(".")[key.startswith("records.")], None)
                    if key not in (TYPES_KEY, f"profile.{rule.flag}"):
                        data["profile"].pop(key.removeprefix("profile."), None)

    def _graded(self, item: EvidenceItem) -> tuple[list[Any], list[Any]]:
        """Return the values that hold most of what rules ask of an item, and the others."""
        own = self.conditions.get(item.key, [])
        held: dict[int, list[Any]] = {}
        for value in self._candidates(item, own):
            facts = Facts(self.as_of, {item.key: known(value)}, {}, self.parameters)
            number = sum(compare(node, facts, None) is Truth.TRUE for node in own)
            held.setdefault(number, []).append(_plain(value))
        best = held.pop(max(held))
        return best, [value for values in held.values() for value in values] or best

    def _candidates(self, item: EvidenceItem, own: list[x.Condition]) -> list[Any]:
        names = list(item.members)
        numbers = [n for node in own if (n := self._number(node.operand)) is not None]
        if item.type is ValueType.BOOLEAN:
            return [True, False]
        if item.type is ValueType.ENUM:
            return list(names)
        if item.type is ValueType.SET:
            fewer = [frozenset(names) - {name} for name in names]
            return [frozenset(names), *fewer, frozenset(names[:1])]
        if item.type is ValueType.DATE:
            return [
                self.as_of - timedelta(days=int(n))
                for n in (20, *numbers, *(n + 1 for n in numbers))
            ]
        near = {0, 4, *(int(n) + d for n in numbers for d in (-1, 0, 1))}
        top = 100 if item.type is ValueType.PERCENT else 10**6
        return sorted(n for n in near if 0 <= n <= top)

    def _number(self, operand: x.Operand) -> int | float | None:
        if isinstance(operand, x.ParameterRef):
            return self.parameters.get(operand.name)
        value = operand.value if isinstance(operand, x.Literal) else None
        return value if type(value) in (int, float) else None  # type: ignore[return-value]

    def _value(self, rng: Random, key: str, quality: float) -> Any:
        good, others = self.candidates[key]
        return rng.choice(good if rng.random() < quality else others)

    def _match(self, rng: Random, evidence: dict[str, Any], quality: float) -> None:
        """Make answers that are compared with each other meet with the same chance."""
        for key, own in self.conditions.items():
            item = self.words.items.get(key)
            for node in own:
                if (
                    item is None
                    or item.type not in NUMERIC
                    or not isinstance(node.operand, x.ItemRef)
                ):
                    continue
                value, other = evidence.get(key), evidence.get(node.operand.key)
                if isinstance(value, int) and isinstance(other, int) and rng.random() < quality:
                    evidence[key] = other
        for key, item in self.words.items.items():
            part, total = evidence.get(key), evidence.get(item.part_of or "")
            if isinstance(part, int) and isinstance(total, int):
                evidence[key] = min(part, total)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value


@dataclass
class Interviewed:
    """What is known of one company so far, the rest of its answers being hidden."""

    standard: Standard
    full: Facts
    exclusions: dict[str, Any]

    def __post_init__(self) -> None:
        """Start from the outsourcing types alone."""
        full = self.full
        self.facts = Facts(full.as_of, {TYPES_KEY: full.items[TYPES_KEY]}, {}, full.parameters)
        self.asked: set[FactRef] = set()
        self.readers: dict[str, list[str]] = {}
        for r in self.standard.requirements.values():
            rules = [r.applies_when, r.satisfied_when]
            rules += [r.exclusion.allowed_when] if r.exclusion is not None else []
            for key in dict.fromkeys(k for rule in rules for k in x.keys_read(rule)):
                self.readers.setdefault(key, []).append(r.id)
        self.open = {r for r in self.standard.requirements if not self.decided(r, self.facts)}
        self.final = {r for r in self.standard.requirements if not self.decided(r, full)}

    def decided(self, identifier: str, facts: Facts) -> bool:
        """Return whether a finding is decided on these facts."""
        asked = self.standard.requirements[identifier]
        applies, satisfied = (
            evaluate(e, facts) for e in (asked.applies_when, asked.satisfied_when)
        )
        exclusion = self.exclusions.get(identifier)
        made = outcome(asked, decision(applies, satisfied), facts, exclusion)
        return made is not Outcome.UNDETERMINED

    def reveal(self, ref: FactRef) -> list[str]:
        """Ask one question; return the requirements that its answer touches."""
        self.asked.add(ref)
        name, facts, full = ref.key.split(".")[0], self.facts, self.full
        if name == "records":
            name = ref.key.removeprefix("records.")
            if name in full.records:
                facts.records[name] = tuple(
                    RecordFacts(r.id, dict.fromkeys(r.fields, MISSING)) for r in full.records[name]
                )
        elif ref.record:
            told = next(r for r in full.records[name] if r.id == ref.record)
            mine = next(r for r in facts.records[name] if r.id == ref.record)
            mine.fields[ref.key] = told.fields[ref.key]
        else:
            facts.items[ref.key] = full.items.get(ref.key, MISSING)
        touched = self.readers.get(ref.key, [])
        self.open -= {r for r in touched if self.decided(r, facts)}
        return touched

    def everything(self) -> list[FactRef]:
        """Return all facts that the catalogue asks of this company, in its order."""
        words, found = self.standard.vocabulary, []
        types = self.full.items[TYPES_KEY].value
        assert isinstance(types, frozenset)
        for key in relevant_keys(self.standard, sorted(types)):
            name = key.split(".")[0]
            if key == TYPES_KEY or key not in self.readers:
                continue
            if name in words.records:
                found += [FactRef(key, r.id) for r in self.full.records.get(name, ())]
            else:
                found.append(FactRef(key))
        return found


def plain(company: Interviewed) -> list[int]:
    """Ask in the order of the catalogue, whatever matters, until no finding can change."""
    left = []
    for ref in company.everything():
        if company.open == company.final:
            break
        company.reveal(ref)
        left.append(len(company.open))
    return left


def asked_by(company: Interviewed, order: Order) -> list[int]:
    """Ask only what can matter; return how many findings were open after each question."""
    place = {ref: index for index, ref in enumerate(company.everything())}
    weighed = weights(company.standard)
    worth: dict[str, dict[FactRef, float]] = {}
    words = company.standard.vocabulary
    stale: Iterable[str] = company.standard.requirements
    left: list[int] = []
    while True:
        for r in stale:
            worth[r] = {}
            if r in company.open:
                asked = company.standard.requirements[r]
                stated = r in company.exclusions
                found = deciding(asked, company.facts, company.standard, stated=stated)
                worth[r] = shares(found)
        scores: dict[FactRef, float] = {}
        for r, told in worth.items():
            for ref, share in told.items():
                if ref not in company.asked and (
                    ref.record or ref.key.split(".")[0] not in words.records
                ):
                    scores[ref] = scores.get(ref, 0.0) + weighed[r] * share
        if not scores:
            return left
        last = len(place)
        if order is Order.SOCAP:
            best = min(scores, key=lambda f: (-round(scores[f], 6), place.get(f, last), f))
        else:
            best = min(scores, key=lambda f: (place.get(f, last), f))
        stale = company.reveal(best)
        left.append(len(company.open))


@dataclass(frozen=True, slots=True)
class Result:
    """One company: all questions, findings open at the start, and left open after each question."""

    everything: int
    start: int
    left: dict[Order, list[int]]

    def reached(self, order: Order, part: float) -> int:
        """Return after how many questions a part of all that gets decided was decided."""
        left = self.left[order]
        last = left[-1] if left else self.start
        goal = last + (1 - part) * (self.start - last)
        return next((n for n, open_ in enumerate([self.start, *left]) if open_ <= goal), len(left))


def run(standard: Standard, organisation: Organisation) -> Result:
    """Interview one company in each order; every order ends with the same findings decided."""
    full = assess(organisation, standard, as_of=AS_OF, reader="reference").facts
    exclusions = {e.requirement: e for e in organisation.exclusions}
    fresh = Interviewed(standard, full, exclusions)
    left: dict[Order, list[int]] = {}
    for order in Order:
        company = Interviewed(standard, full, exclusions)
        left[order] = plain(company) if order is Order.PLAIN else asked_by(company, order)
        if company.open != company.final:
            sys.exit(f"{organisation.id}: {order.value} left {company.open - company.final} open")
    return Result(len(fresh.everything()), len(fresh.open), left)


def main() -> None:
    """Interview all companies and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--companies", type=int, default=1000, help="how many to generate")
    arguments.add_argument("--seed", type=int, default=1, help="seed of the generator")
    given = arguments.parse_args()
    standard = socap.load()
    groups = {
        path.stem: [run(standard, socap.read(path, standard))]
        for path in sorted((ROOT / "examples").glob("*.yaml"))
    }
    generator, rng = Generator(standard, AS_OF), Random(given.seed)  # noqa: S311  cases, not keys
    made = [run(standard, generator.company(rng, f"generated-{n}")) for n in range(given.companies)]
    if made:
        groups[f"{len(made)} generated"] = made
    print("mean number of questions until every finding is decided that the answers can decide;")
    print("saved: by socap against all questions, the catalogue, the catalogue skipping")
    print(f"{'':24}{'all':>8}" + "".join(f"{order.value:>20}" for order in Order) + "   saved")
    for name, results in groups.items():
        means = [mean(r.reached(order, 1.0) for r in results) for order in Order]
        counts = [mean(r.everything for r in results), *means]
        saved = "".join(f"{100 * (1 - counts[-1] / n):7.1f}%" for n in counts[:-1])
        print(f"{name:24}{counts[0]:8.1f}" + "".join(f"{n:20.1f}" for n in means) + saved)
    print("\nmean number of questions until a part of these findings is decided")
    for name, results in groups.items():
        for order in Order:
            figures = [(part, mean(r.reached(order, part) for r in results)) for part in PARTS]
            told = "".join(f"{part:8.0%}{number:7.1f}" for part, number in figures)
            print(f"{name:24}{order.value:20}{told}")


if __name__ == "__main__":
    main()
