"""The columnar reader agrees with the reference on every row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import generation as made
import numpy as np
import pytest

from socap.packs import BUNDLED, MAIN
from socap.rules import columnar
from socap.rules.columnar import Compiled, decide
from socap.rules.facts import MISSING, NO_CASE, Fact, Facts, RecordFacts, known, unknown
from socap.rules.gathering import gather
from socap.rules.interpreter import Rule, interpreter
from socap.rules.planes import Lists, Planes, ones, pack, unpack
from socap.rules.truth import Truth, UnknownReason
from socap.rules.vocabulary import EvidenceItem, ValueType
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from socap.rules.columnar import Decisions
    from socap.rules.interpreter import Decision
    from socap.rules.vocabulary import Vocabulary

AGES = (-1, 0, 1, 29, 30, 89, 90, 91, 180, 364, 365, 366, 731)
CODES = {Truth.UNKNOWN: 0, Truth.TRUE: 1, Truth.FALSE: 2}


def codes(planes: Planes, count: int) -> NDArray[np.int8]:
    true, false = unpack(planes.true, count), unpack(planes.false, count)
    assert not (true & false).any()
    assert not (planes.true & ~ones(count)).any()
    assert not (planes.false & ~ones(count)).any()
    return true.view(np.int8) + 2 * false.view(np.int8)


def compare(
    found: Mapping[str, Decisions], expected: Sequence[Mapping[str, Decision]], what: str
) -> int:
    """Compare every decision, and return how many there are."""
    count = len(expected)
    for name, columns in found.items():
        told = [row[name] for row in expected]
        applies = np.array([CODES[d.applies] for d in told], np.int8)
        satisfied = np.array([CODES[d.satisfied] for d in told], np.int8)
        wrong = np.flatnonzero(
            (codes(columns.applies, count) != applies)
            | (codes(columns.satisfied, count) != satisfied)
        )
        assert not len(wrong), (what, name, wrong[:3])
    return count * len(found)


def test_generated_rules() -> None:
    compared = 0
    for seed in range(60):
        rng = Random(seed)
        rules = tuple(
            Rule(f"r{i}", made.expression(rng, 1), made.expression(rng)) for i in range(40)
        )
        rows = [made.facts(rng) for _ in range(rng.choice([1, 7, 8, 9, 64, 200]))]
        reader = interpreter("reference", rules, made.VALUES)
        expected = [reader.decide(facts) for facts in rows]
        found = decide(rules, gather(rows, made.VOCABULARY))
        compared += compare(found, expected, f"seed {seed}")
    assert compared > 100_000


@pytest.mark.parametrize("count", [1, 7, 8, 9, 63, 64, 65, 131])
def test_decides_block_by_block(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records lie across the ends of blocks, lists are empty or unknown, columns are missing."""
    monkeypatch.setattr(columnar, "BLOCK", 64)
    for seed in range(8):
        rng = Random(f"{count} {seed}")
        rules = tuple(
            Rule(f"r{i}", made.expression(rng, 1), made.expression(rng)) for i in range(40)
        )
        rows = [made.facts(rng) for _ in range(count)]
        dropped = set(rng.sample(sorted(made.VOCABULARY.items), 4))
        fewer = [
            replace(one, items={k: v for k, v in one.items.items() if k not in dropped}, records={})
            for one in rows
        ]
        batch = gather(rows, made.VOCABULARY)
        less = replace(
            batch, items={k: v for k, v in batch.items.items() if k not in dropped}, records={}
        )
        reader = interpreter("reference", rules, made.VALUES)
        for given, told in ((rows, batch), (fewer, less)):
            expected = [reader.decide(facts) for facts in given]
            compare(Compiled(rules).decide(told), expected, f"seed {seed}")


def test_blocks_are_cut_within_a_byte_of_records() -> None:
    """Whatever byte the records of a block begin in, each organisation keeps its own."""
    rng = Random(5)
    rows = [made.facts(rng) for _ in range(100)]
    batch = gather(rows, made.VOCABULARY)
    rules = tuple(Rule(f"r{i}", made.expression(rng, 1), made.expression(rng)) for i in range(60))
    reader, begins = interpreter("reference", rules, made.VALUES), set()
    for start in range(0, 100, 8):
        begins.add(int(batch.records["unit"].offsets[start]) % 8)
        part = batch.part(start, start + 24)
        expected = [reader.decide(facts) for facts in rows[start : start + 24]]
        assert part.count == len(expected)
        compare(decide(rules, part), expected, f"from {start}")
    assert len(begins) > 3


def fact(rng: Random, item: EvidenceItem, limits: Sequence[float]) -> Fact:
    """Return a state of an item of a shipped pack, near the limits its rules use."""
    draw = rng.random()
    if draw < 0.1:
        return rng.choice([MISSING, unknown(UnknownReason.CONFLICTING)])
    if draw < 0.15:
        return NO_CASE
    match item.type:
        case ValueType.BOOLEAN:
            return known(rng.random() < 0.7)
        case ValueType.DATE:
            return known(made.AS_OF - timedelta(days=rng.choice(AGES)))
        case ValueType.ENUM:
            return known(rng.choice(list(item.members)))
        case ValueType.SET:
            share = rng.choice([0.3, 0.95, 1])
            return known(frozenset(m for m in item.members if rng.random() < share))
        case _:
            near = rng.choice(limits) + rng.choice([-1, 0, 0, 0.5, 1])
            return known(int(near) if item.type is ValueType.INTEGER else near)


def facts(
    rng: Random, words: Vocabulary, parameters: dict[str, int | float], count: int
) -> list[Facts]:
    """Return rows of random facts, each drawn from a few states of its item."""
    limits = [0, 1, 3, 100, *parameters.values()]
    keys = [*words.items, *(f"profile.{name}" for name in words.flags), "profile.types"]
    asked = {key: item for key in keys if (item := words.outside_records(key)) is not None}
    states = {key: [fact(rng, item, limits) for _ in range(16)] for key, item in asked.items()}
    lists = {
        name: [
            tuple(
                RecordFacts(f"{i}", {key: fact(rng, item, limits) for key, item in fields.items()})
                for i in range(rng.choice([0, 1, 2, 3, 11]))
            )
            for _ in range(16)
        ]
        for name, fields in ((name, kind.fields) for name, kind in words.records.items())
    }
    rows = []
    for _ in range(count):
        items = {key: rng.choice(drawn) for key, drawn in states.items()}
        records = {k: rng.choice(drawn) for k, drawn in lists.items() if rng.random() < 0.95}
        rows.append(Facts(made.AS_OF, items, records, parameters))
    return rows


@pytest.mark.parametrize("pack", BUNDLED)
def test_shipped_rules(pack: str) -> None:
    """Together with the generated rules, more than a million decisions."""
    standard, rng = load(pack), Random(pack)
    rules = [Rule(r.id, r.applies_when, r.satisfied_when) for r in standard.requirements.values()]
    parameters = standard.parameters()
    wanted = 800_000 if pack == MAIN else 30_000
    rows = facts(rng, standard.vocabulary, parameters, wanted // len(rules) + 1)
    reader = interpreter("reference", rules, parameters)
    expected = [reader.decide(row) for row in rows]
    compiled = Compiled(rules)
    found = compiled.decide(gather(rows, standard.vocabulary))
    assert compare(found, expected, pack) >= wanted
    varied = {code for name in found for code in np.unique(codes(found[name].satisfied, len(rows)))}
    assert varied == {0, 1, 2}


def test_lists_of_any_length_are_counted() -> None:
    rng = np.random.default_rng(3)
    for longest in (0, 1, 9, 10, 100, 3000):
        for share in (0.0, 0.01, 0.5, 1.0):
            lengths = rng.integers(0, longest + 1, 61)
            offsets = np.concatenate([[0], np.cumsum(lengths)])
            flags = rng.random(offsets[-1]) < share
            counts = [flags[a:b].sum() for a, b in pairwise(offsets)]
            lists = Lists(offsets)
            assert lists.tally(pack(flags)).tolist() == counts
            assert unpack(lists.some(pack(flags)), 61).tolist() == [n > 0 for n in counts]
