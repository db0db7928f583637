"""Rules as constraints mean what the readers say, and nothing possible is missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations_with_replacement, product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import generation
import pytest

from socap.assessment import assess
from socap.documents import parse_document
from socap.errors import EvidenceError
from socap.evidence import Assurance, plausible, resolve
from socap.organisation import from_document
from socap.packs import BUNDLED, MAIN
from socap.proving.checks import Checks
from socap.proving.encoding import Encoding
from socap.proving.prover import _checks, prove
from socap.proving.solver import Claim, Found, Solver, World
from socap.proving.witness import company as written
from socap.rules import expressions as x
from socap.rules.facts import NO_CASE, Fact, Facts, RecordFacts, known
from socap.rules.reference import evaluate
from socap.rules.truth import Truth
from socap.rules.vocabulary import EvidenceItem, RecordType, ValueType, Vocabulary
from socap.standard import Standard, load

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
DAY = date(2026, 11, 1)


def truth(*, holds: bool) -> Truth:
    return Truth.TRUE if holds else Truth.FALSE


def _accepting(items: dict[str, EvidenceItem]) -> dict[str, EvidenceItem]:
    return {key: replace(item, accepts_no_case=True) for key, item in items.items()}


def _complete(rng: Random, items: dict[str, EvidenceItem], *, open_: float = 0) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for key, item in items.items():
        while key not in facts:
            made: Fact = generation.fact(rng, item, 0)
            value = made.value
            if item.type is ValueType.INTEGER and value is not None:
                assert isinstance(value, (int, float))
                made = known(int(value))
            if made.no_case or (made.value is not None and plausible(made.value, item, DAY_MADE)):
                facts[key] = made
        if rng.random() < open_:
            del facts[key]
    return facts


DAY_MADE = generation.AS_OF


def _fixed(world: World, key: str, fact: Fact | None, record: str = "", kind: int = -1) -> None:
    import z3

    cell = world.encoding.cell(key, record, kind)
    if fact is None:
        world.solver.add(z3.Not(cell.answered))
        return
    world.solver.add(cell.answered, cell.no_case if fact.no_case else z3.Not(cell.no_case))
    value = fact.value
    if isinstance(value, frozenset):
        world.solver.add(*(b if m in value else z3.Not(b) for m, b in cell.members.items()))
    elif isinstance(value, date):
        world.solver.add(cell.value == (value - DAY_MADE).days)
    elif isinstance(value, str):
        world.solver.add(cell.value == world.encoding.names[value])
    elif isinstance(value, bool):
        world.solver.add(cell.value == value)
    elif value is not None:
        world.solver.add(cell.value == z3.RealVal(str(value), world.encoding.context))


@pytest.mark.parametrize("gaps", [0, 0.3])
def test_the_encoding_agrees_with_the_reference_reader(gaps: float) -> None:
    import z3

    own = generation.VOCABULARY
    unit = own.records["unit"]
    words = replace(
        own,
        items=_accepting(own.items),
        records={"unit": replace(unit, fields=_accepting(unit.fields))},
    )
    values = {**generation.VALUES, "unset": 40, "unset_days": 12}
    seen = {Truth.TRUE: 0, Truth.FALSE: 0, Truth.UNKNOWN: 0}
    for seed in range(25):
        rng = Random(seed)
        rules = [generation.expression(rng) for _ in range(10)]
        for _ in range(3):
            size = rng.choice([None, 0, 1, 2, 5])
            items = _complete(rng, words.items, open_=gaps)
            fields = words.records["unit"].fields
            units = tuple(RecordFacts(f"u{i}", _complete(rng, fields)) for i in range(size or 0))
            records = {} if size is None else {"unit": units}
            facts = Facts(DAY_MADE, items, records, values)
            encoding = Encoding(words, DAY_MADE, values, {"unit": size or 1}, 3)
            world = World(encoding, ())
            for key in words.items:
                _fixed(world, key, items.get(key))
            listing = encoding.listings["unit"]
            world.solver.add(listing.listed if records else z3.Not(listing.listed))
            world.solver.add(*(n == (1 if size else 0) for n in listing.sizes))
            for kind, record in enumerate(units):
                for key, fact in record.fields.items():
                    _fixed(world, key, fact, "unit", kind)
            for made in rules:
                expected = evaluate(made, facts)
                both = [world.clash([Claim(made, h)]) is None for h in (True, False)]
                seen[expected] += 1
                if gaps and any(isinstance(n, x.Quantified) for n in x.walk(made)):
                    decided = [expected is truth(holds=h) for h in (True, False)]
                    assert all(d or not b for d, b in zip(decided, both, strict=True)), made
                else:
                    assert both == [expected is Truth.TRUE, expected is Truth.FALSE], made
    assert min(seen[Truth.TRUE], seen[Truth.FALSE]) > 150


NOTHING = generation.NOTHING


def _item(key: str, kind: ValueType, **more: Any) -> EvidenceItem:
    return EvidenceItem(key, kind, NOTHING, NOTHING, **more)


SMALL = Vocabulary(
    {
        i.key: i
        for i in (
            _item("a.yes", ValueType.BOOLEAN),
            _item("a.count", ValueType.INTEGER, accepts_no_case=True, part_of="a.total"),
            _item("a.total", ValueType.INTEGER),
            _item("a.day", ValueType.DATE, event=True),
            _item("a.state", ValueType.ENUM, members={"p": NOTHING, "q": NOTHING}),
        )
    },
    {
        "unit": RecordType(
            "unit",
            NOTHING,
            {
                i.key: i
                for i in (
                    _item("unit.one", ValueType.BOOLEAN),
                    _item("unit.two", ValueType.BOOLEAN, accepts_no_case=True),
                )
            },
        )
    },
    {},
    {},
    {},
)


def _atom(rng: Random) -> x.Expression:
    number = x.Literal(rng.choice([0, 1, 2]))
    order = rng.choice(
        [
            x.Operator.AT_LEAST,
            x.Operator.AT_MOST,
            x.Operator.MORE_THAN,
            x.Operator.LESS_THAN,
            x.Operator.IS,
        ]
    )
    atoms: list[x.Expression] = [
        x.Condition("a.yes", x.Operator.IS, x.Literal(rng.random() < 0.5)),
        x.Condition("a.count", order, number),
        x.Condition("a.count", order, x.ItemRef("a.total")),
        x.Condition("a.count", x.Operator.NO_CASE, x.Literal(True)),
        x.Condition("a.total", order, number),
        x.Condition("a.day", x.Operator.WITHIN, x.Literal(rng.choice([0, 1]))),
        x.Condition("a.day", x.Operator.NOT_BEFORE, x.AsOf()),
        x.Condition("a.state", x.Operator.IS, x.Literal(rng.choice(["p", "q"]))),
        x.Condition("a.state", x.Operator.ONE_OF, x.Members(rng.choice([("p",), ("p", "q")]))),
        _quantified(rng),
        _quantified(rng),
    ]
    return rng.choice(atoms)


def _field(rng: Random) -> x.Expression:
    found: list[x.Expression] = [
        x.Always(),
        x.Condition("unit.one", x.Operator.IS, x.Literal(rng.random() < 0.7)),
        x.Condition("unit.two", x.Operator.IS, x.Literal(True)),
        x.Condition("unit.two", x.Operator.NO_CASE, x.Literal(True)),
        x.Not(x.Condition("unit.two", x.Operator.IS, x.Literal(True))),
        x.Condition("unit.one", x.Operator.IS, x.ItemRef("unit.two")),
    ]
    return rng.choice(found)


def _quantified(rng: Random) -> x.Quantified:
    quantity = rng.choice(list(x.Quantity))
    limits: dict[x.Quantity, list[int | float]] = {
        x.Quantity.COUNT: [0, 1, 2],
        x.Quantity.SHARE: [0, 50, 100],
    }
    limit = x.Literal(rng.choice(limits[quantity])) if quantity in limits else None
    return x.Quantified(quantity, "unit", _field(rng), _field(rng), limit)


def _rule(rng: Random, depth: int = 2) -> x.Expression:
    if depth == 0 or rng.random() < 0.2:
        return _atom(rng)
    if rng.random() < 0.2:
        return x.Not(_rule(rng, depth - 1))
    parts = tuple(_rule(rng, depth - 1) for _ in range(2))
    return x.All(parts) if rng.random() < 0.7 else x.Any(parts)


KINDS = [
    {"unit.one": known(one), "unit.two": two}
    for one, two in product([True, False], [known(True), known(False), NO_CASE])
]
LISTS = [
    {"unit": tuple(RecordFacts(f"u{i}", fields) for i, fields in enumerate(chosen))}
    for size in range(4)
    for chosen in combinations_with_replacement(KINDS, size)
]
TOPS = [
    dict(zip(SMALL.items, values, strict=True))
    for values in product(
        [known(True), known(False)],
        [NO_CASE, *(known(n) for n in range(4))],
        [known(n) for n in range(4)],
        [known(DAY - timedelta(days=n)) for n in range(3)],
        [known("p"), known("q")],
    )
]


def _part(top: dict[str, Fact]) -> bool:
    count, total = top["a.count"].value, top["a.total"].value
    return count is None or (isinstance(count, int) and isinstance(total, int) and count <= total)


def test_trying_everything_agrees_with_the_solver() -> None:
    """Rules with one quantifier need three records at most, and numbers up to three."""
    tops = [Facts(DAY, top, {}) for top in TOPS if _part(top)]
    seen = {True: 0, False: 0}
    for seed in range(150):
        rng = Random(seed)
        chosen = _rule(rng)
        quantifiers = sum(isinstance(n, x.Quantified) for n in x.walk(chosen))
        if quantifiers > 1:
            continue
        solver = Solver(SMALL, (), DAY, {}, [chosen])
        for holds in (True, False):
            found = solver.ask(Claim(chosen, holds))
            tried = any(
                evaluate(chosen, replace(facts, records=records)) is truth(holds=holds)
                for facts in tops
                for records in (LISTS if quantifiers else LISTS[:1])
            )
            assert found is tried, (chosen, holds)
            seen[found] += 1
    assert seen[True] > 60
    assert seen[False] > 5


def test_two_quantifiers_over_the_same_records() -> None:
    """Six records are enough for two of them."""
    lists = [
        {"unit": tuple(RecordFacts(f"u{i}", fields) for i, fields in enumerate(chosen))}
        for size in range(7)
        for chosen in combinations_with_replacement(KINDS, size)
    ]
    seen = {True: 0, False: 0}
    for seed in range(150):
        rng = Random(seed)
        claims = [Claim(_quantified(rng), rng.random() < 0.5) for _ in range(2)]
        found = Solver(SMALL, (), DAY, {}).ask(*claims)
        tried = any(
            all(
                evaluate(c.expression, Facts(DAY, {}, made)) is truth(holds=c.holds) for c in claims
            )
            for made in lists
        )
        assert found is tried, claims
        seen[found] += 1
    assert min(seen.values()) > 20


def shipped() -> Iterator[Standard]:
    for name in BUNDLED:
        yield load(name)


def test_the_shipped_packs_come_out_clean() -> None:
    for standard in shipped():
        report = prove(standard)
        assert report.findings == (), standard.id
        assert report.passed


def test_the_readers_agree_on_every_company_the_solver_makes() -> None:
    made = 0
    for standard in shipped():
        checks = _checks(standard, DAY)
        values = {**standard.parameters(), **checks.assumed}
        for r in standard.requirements.values():
            for holds in (True, False):
                claims = [Claim(r.applies_when), Claim(r.satisfied_when, holds)]
                for plain in (True, False):
                    found = checks.solver.find(*claims, plain=plain)
                    assert found is not None, r.id
                    facts = _facts(found, standard, claims, values)
                    assert evaluate(r.applies_when, facts) is Truth.TRUE
                    assert evaluate(r.satisfied_when, facts) is truth(holds=holds)
                    made += 1
    assert made >= 600


def test_one_company_meets_the_whole_standard() -> None:
    standard = load(MAIN)
    checks: Checks = _checks(standard, DAY)
    flags = [
        x.Condition(f"profile.{n}", x.Operator.IS, x.Literal(True))
        for n in standard.vocabulary.flags
    ]
    rules: list[x.Expression] = [
        x.Any((x.Not(r.applies_when), r.satisfied_when)) for r in standard.requirements.values()
    ]
    found = checks.solver.find(*(Claim(e) for e in (*flags, *rules)))
    assert found is not None
    document = parse_document(written(found, standard, rules).encode(), "w.yaml", EvidenceError)
    assessment = assess(from_document(document, standard), standard, as_of=DAY)
    assert not assessment.disputed
    assert {f.outcome.value for f in assessment.findings.values()} <= {
        "conforming",
        "not_applicable",
    }
    assert sum(f.outcome.value == "conforming" for f in assessment.findings.values()) > 120


def _facts(
    found: Found, standard: Standard, claims: list[Claim], values: dict[str, int | float]
) -> Facts:
    text = written(found, standard, [claim.expression for claim in claims])
    document = parse_document(text.encode(), "witness.yaml", EvidenceError)
    organisation = from_document(document, standard)
    facts, disputed = resolve(organisation, standard, DAY, Assurance.DECLARED, values)
    assert not disputed
    return facts
