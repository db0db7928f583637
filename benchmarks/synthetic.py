"""Synthetic portfolios: organisations with a temperament, so that findings look like a park's.

An organisation has a diligence, which its park bends: the more of it, the likelier each answer is on
the side that the rules ask for, and the fewer are missing. No answer is about a real firm.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import socap
from socap.errors import Text
from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from socap.standard import Standard

AS_OF = date(2026, 11, 1)
BLOCK = 65_536  # rows drawn from one seed: a prefix of a larger portfolio is the smaller portfolio
PARKS = 12
TODAY = (AS_OF - date(1970, 1, 1)).days
_UP = (Operator.AT_LEAST, Operator.MORE_THAN, Operator.SIZE_AT_LEAST)
_DOWN = (Operator.AT_MOST, Operator.LESS_THAN, Operator.WITHIN)


class Wish(NamedTuple):
    """What the rules ask of an item: an operator with a number, or members."""

    operator: Operator = Operator.PRESENT
    number: float = 1
    members: tuple[str, ...] = ()


def wishes(standard: Standard) -> dict[str, Wish]:
    """Return what the rules ask of each item: the first demand that names a plain value."""
    values, found = standard.parameters(), {}
    for requirement in standard.requirements.values():
        for node in x.walk(requirement.satisfied_when):
            if not isinstance(node, x.Condition) or node.item in found:
                continue
            if node.operator is Operator.NO_CASE:
                continue
            match node.operand:
                case x.Members(names):
                    found[node.item] = Wish(node.operator, members=names)
                case x.ParameterRef(name) if name in values:
                    found[node.item] = Wish(node.operator, values[name])
                case x.Literal(value) if isinstance(value, str):
                    found[node.item] = Wish(node.operator, members=(value,))
                case x.Literal(value) if not isinstance(value, (date, str)):
                    found[node.item] = Wish(node.operator, value)
                case x.ItemRef(key):
                    side = 4 if node.operator in _DOWN else 8
                    found[node.item] = Wish(node.operator, side)
                    found.setdefault(
                        key, Wish(Operator.AT_MOST if side == 8 else Operator.AT_LEAST, 6)
                    )
                case _:
                    pass
    return found


def generate(
    rows: int, standard: Standard, seed: int = 1, *, records: int = 0, park: bool = True
) -> Iterator[pa.RecordBatch]:
    """Yield a portfolio in batches of BLOCK rows; the same arguments give the same rows.

    `records` is the most entries of each record list (0: no record columns); items that records
    answer are then mostly left to them. `park` adds a column to group by, which is no part of a
    portfolio's layout.
    """
    asked = wishes(standard)
    for start in range(0, rows, BLOCK):
        block = _block(start, standard, asked, seed, records, park)
        yield block.slice(0, min(BLOCK, rows - start))


def _block(
    start: int, standard: Standard, asked: dict[str, Wish], seed: int, records: int, park: bool
) -> pa.RecordBatch:
    words = standard.vocabulary
    rng = np.random.default_rng([seed, start // BLOCK])
    parks = rng.integers(0, PARKS, BLOCK)
    bent = np.random.default_rng(seed).uniform(0.5, 1.6, PARKS)[parks]
    careless = (0.3 * rng.random(BLOCK) ** 4 * bent).astype(np.float32)
    absent = (0.25 * rng.random(BLOCK) ** 5 * bent).astype(np.float32)
    number = pc.utf8_lpad(pc.cast(pa.array(np.arange(start, start + BLOCK)), pa.string()), 9, "0")
    columns: dict[str, Any] = {"id": pc.binary_join_element_wise("org", number, "-")}
    if park:
        names = pa.array([f"park-{place + 1:02}" for place in range(PARKS)])
        columns["park"] = names.take(pa.array(parks))
    draw = _Draw(rng, careless, absent, np.arange(BLOCK))
    if words.types:
        item = words.outside_records(TYPES_KEY)
        assert item is not None
        columns[TYPES_KEY] = draw.types(item)
    for name in words.flags:
        columns[f"profile.{name}"] = draw.column(BOOLEAN, Wish(Operator.IS, number=0), risk=0.4)
    made: dict[str, NDArray[Any]] = {}
    for key, item in words.items.items():
        ceiling = made.get(item.part_of) if item.part_of else None
        listed = bool(records and item.computed)
        columns[key], made[key] = draw.answers(item, asked.get(key, Wish()), ceiling, listed)
    for name, kind in words.records.items() if records else ():
        counts = rng.integers(0, records + 1, BLOCK)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        owners = np.repeat(np.arange(BLOCK), counts)
        inside = _Draw(rng, careless, absent * 0.3, owners)
        places = pa.array([f"{name}-{place + 1}" for place in range(max(records, 1))])
        fields: dict[str, Any] = {
            "id": places.take(pa.array(np.arange(len(owners)) - offsets[owners]))
        }
        for key, item in kind.fields.items():
            fields[key.removeprefix(f"{name}.")] = inside.column(item, asked.get(key, Wish()))
        columns[f"records.{name}"] = pa.ListArray.from_arrays(
            pa.array(offsets.astype(np.int32)),
            pa.StructArray.from_arrays(list(fields.values()), names=list(fields)),
            mask=pa.array(rng.random(BLOCK) < absent),
        )
    return pa.RecordBatch.from_pydict(columns)


BOOLEAN = EvidenceItem("", ValueType.BOOLEAN, Text("", ""), Text("", ""))


class _Draw:
    """Draws one column at a time for the organisations `owners` (or one row a record of them)."""

    def __init__(
        self,
        rng: np.random.Generator,
        careless: NDArray[np.float32],
        absent: NDArray[np.float32],
        owners: NDArray[np.int64],
    ) -> None:
        self.rng, self.count = rng, len(owners)
        self.careless, self.absent = careless[owners], absent[owners]

    def types(self, item: EvidenceItem) -> pa.Array:
        members = list(item.members)
        choice = self.rng.random((self.count, len(members))) < 0.45
        choice[np.arange(self.count), self.rng.integers(0, len(members), self.count)] = True
        return _lists(choice, members, None)

    def column(self, item: EvidenceItem, wish: Wish, risk: float | None = None) -> pa.Array:
        """Return a column; `risk` is the share that does not come out as wished."""
        return self.answers(item, wish, None, False, risk)[0]

    def answers(
        self,
        item: EvidenceItem,
        wish: Wish,
        ceiling: NDArray[Any] | None,
        listed: bool,
        risk: float | None = None,
    ) -> tuple[pa.Array, NDArray[Any]]:
        """Return a column, and the numbers in it before any went missing.

        `ceiling` are the totals it is part of; `listed` says that records answer it.
        """
        missing = self.rng.random(self.count, np.float32) < self.absent
        if listed:
            missing |= self.rng.random(self.count, np.float32) < 0.98
        bad = self.rng.random(self.count, np.float32) < (self.careless if risk is None else risk)
        numbers = np.zeros(0)
        match item.type:
            case ValueType.BOOLEAN:
                return pa.array(bad ^ bool(wish.number), mask=missing), numbers
            case ValueType.DATE:
                limit = wish.number if wish.operator is Operator.WITHIN else 300
                age = self.rng.random(self.count, np.float32) * limit
                days = (TODAY - np.where(bad, limit + 1 + age, age)).astype(np.int32)
                return pa.array(days, mask=missing).cast(pa.date32()), numbers
            case ValueType.ENUM:
                members = list(item.members)
                good = [place for place, m in enumerate(members) if m in wish.members] or [0]
                other = [place for place in range(len(members)) if place not in good] or good
                codes = np.where(
                    bad, self.rng.choice(other, self.count), self.rng.choice(good, self.count)
                )
                indices = pa.array(codes.astype(np.int8), mask=missing)
                return pa.DictionaryArray.from_arrays(indices, pa.array(members)), numbers
            case ValueType.SET:
                members = list(item.members)
                held = self.rng.random((self.count, len(members)), np.float32) < 0.9
                held |= np.array([m in wish.members or not wish.members for m in members])
                held[bad, :] &= self.rng.random((int(bad.sum()), len(members))) < 0.6
                return _lists(held, members, missing), numbers
            case ValueType.INTEGER | ValueType.NUMBER | ValueType.PERCENT:
                numbers = self._numbers(item, wish, bad)
                if ceiling is not None:
                    numbers = np.where(bad, np.floor(ceiling * 0.7), ceiling)
                if item.type is ValueType.INTEGER:
                    return pa.array(numbers.astype(np.int32), mask=missing), numbers
                return pa.array(np.round(numbers.astype(np.float64), 1), mask=missing), numbers
        assert_never(item.type)

    def _numbers(self, item: EvidenceItem, wish: Wish, bad: NDArray[np.bool_]) -> NDArray[Any]:
        percent, whole = item.type is ValueType.PERCENT, item.type is ValueType.INTEGER
        swing = self.rng.random(self.count, np.float32)
        if wish.operator in _UP:
            above = wish.number + swing * ((100 - wish.number) if percent else 1 + wish.number)
            made = np.where(bad, wish.number * (1 - 0.05 - swing * 0.5), above)
        elif wish.operator in _DOWN:
            over = wish.number * 1.1 + 1 + swing * 3
            made = np.where(bad, over, wish.number * swing)
        else:
            made = 100 - 20 * swing if percent else 1 + 12 * swing
        made = np.clip(made, 0, 100) if percent else np.maximum(made, 0)
        return np.floor(made) if whole else made


def _lists(
    held: NDArray[np.bool_], members: list[str], missing: NDArray[np.bool_] | None
) -> pa.Array:
    if missing is not None:
        held = held & ~missing[:, None]
    offsets = np.concatenate([[0], np.cumsum(held.sum(axis=1))]).astype(np.int32)
    values = pa.array(members).take(pa.array(np.nonzero(held)[1]))
    mask = None if missing is None else pa.array(missing)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=mask)


def main() -> None:
    """Write a synthetic portfolio to a Parquet file."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("output", type=Path)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--records", type=int, default=0, help="most entries of a record list")
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    batches = generate(asked.rows, socap.load(), asked.seed, records=asked.records)
    first = next(batches)
    with pq.ParquetWriter(asked.output, first.schema) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)


if __name__ == "__main__":
    main()
