"""Synthetic organisations as columns: as engines read them, and as socap's columnar reader does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from synthetic import generate
from translation import EPOCH, Terms, variable
from workload import AS_OF, Code, Workload

from socap.rules.batch import Batch, Column
from socap.rules.columnar import decide
from socap.rules.facts import NO_CASE, Facts, known
from socap.rules.planes import pack, unpack
from socap.rules.vocabulary import ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from peers import Columns

    from socap.rules.facts import Value

SLICE = 1 << 20  # organisations a batch; the reader cuts it into blocks itself


@dataclass(frozen=True)
class Portfolio:
    """Organisations as columns: as engines read them, and as socap's columnar reader does."""

    workload: Workload
    size: int
    columns: Columns = field(repr=False)
    batches: tuple[Batch, ...] = field(repr=False)

    def facts(self, index: int) -> Facts:
        """Return one organisation as socap's row readers see it."""
        items = {}
        for key in self.workload.keys:
            name = variable(key)
            if self.columns[f"nc_{name}"][index]:
                items[key] = NO_CASE
            elif self.columns[f"known_{name}"][index]:
                value = self.columns[name][index].item()
                items[key] = known(_value(value, self.workload.terms, key))
        return Facts(AS_OF, items, {}, dict(self.workload.terms.parameters))

    def decided(self) -> list[NDArray[np.int8]]:
        """Return the codes of every rule by the columnar reader."""
        made = [coded(decide(self.workload.rules, b), b.count) for b in self.batches]
        return [np.concatenate(parts) for parts in zip(*made, strict=True)]

    def taken(self, size: int) -> Portfolio:
        """Return the first organisations; `size` is a multiple of 8, or all."""
        columns = {name: values[:size] for name, values in self.columns.items()}
        return Portfolio(self.workload, size, columns, tuple(batches(self.workload, columns, size)))


def _value(value: Any, terms: Terms, key: str) -> Value:
    item = terms.item(key)
    members = tuple(item.members)
    if item.type is ValueType.DATE:
        return EPOCH + timedelta(days=int(value))
    if item.type is ValueType.SET:
        return frozenset(m for place, m in enumerate(members) if int(value) >> place & 1)
    if item.type is ValueType.ENUM:
        return members[int(value)]
    return value  # type: ignore[no-any-return]


def coded(decisions: Any, count: int) -> list[NDArray[np.int8]]:
    """Return the codes of every rule, for each organisation, from the columnar reader's planes."""
    made = []
    for applies, satisfied in decisions.values():
        flags = [unpack(p, count) for p in (applies.true, applies.false, *satisfied)]
        code = np.select(
            [flags[2], flags[3], flags[0], flags[1]],
            [Code.MET, Code.UNMET, Code.OPEN, Code.NOT_APPLICABLE],
            Code.APPLICABILITY_OPEN,
        )
        made.append(code.astype(np.int8))
    return made


def portfolio(workload: Workload, size: int, seed: int = 1) -> Portfolio:
    """Return synthetic organisations; where no case may be stated, one in thirty states it."""
    parts: list[Columns] = []
    for number, block in enumerate(generate(size, workload.standard, seed, park=False)):
        parts.append(_encoded(block, workload.terms, np.random.default_rng([seed, number, 30])))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    for key in workload.keys:
        if "~" in key:
            for kind in ("", "known_", "nc_"):
                columns[kind + variable(key)] = columns[kind + variable(key.partition("~")[0])]
    return Portfolio(workload, size, columns, tuple(batches(workload, columns, size)))


def _encoded(block: pa.RecordBatch, terms: Terms, rng: np.random.Generator) -> Columns:
    made: Columns = {}
    for key in block.schema.names:
        if key == "id":
            continue
        item, array, name = terms.item(key), block.column(key), variable(key)
        known_ = np.asarray(array.is_valid())
        if item.type is ValueType.SET:
            made[name] = _masks(array, tuple(item.members))
        elif item.type is ValueType.ENUM:
            codes_ = np.asarray(array.indices.fill_null(0))
            order = [list(item.members).index(m) for m in array.dictionary.to_pylist()]
            made[name] = np.array(order, np.int8)[codes_]
        elif item.type is ValueType.DATE:
            made[name] = np.asarray(array.cast(pa.int32()).fill_null(0))
        elif item.type is ValueType.BOOLEAN:
            made[name] = np.asarray(array.fill_null(False))
        else:
            made[name] = np.asarray(array.fill_null(0))
        none = np.zeros(len(known_), np.bool_)
        if item.accepts_no_case:
            none = rng.random(len(known_)) < 1 / 30
        made[f"known_{name}"], made[f"nc_{name}"] = known_ & ~none, none
    return made


def _masks(array: pa.Array, members: tuple[str, ...]) -> NDArray[np.uint16]:
    place = array.flatten().dictionary_encode()
    bits = np.array([1 << members.index(m) for m in place.dictionary.to_pylist()] or [0])
    offsets = np.concatenate([[0], np.cumsum(np.asarray(array.value_lengths().fill_null(0)))])
    sums = np.concatenate([[0], np.cumsum(bits[np.asarray(place.indices)])])
    masks: NDArray[np.uint16] = np.diff(sums[offsets]).astype(np.uint16)
    return masks


def batches(workload: Workload, columns: Columns, size: int) -> Iterator[Batch]:
    """Yield columns as the columnar reader takes them."""
    for start in range(0, size, SLICE):
        part = slice(start, min(start + SLICE, size))
        items = {}
        for key in workload.keys:
            name, item = variable(key), workload.terms.item(key)
            boolean = item.type is ValueType.BOOLEAN
            values = columns[name][part]
            items[key] = Column(
                pack(values) if boolean else values,
                pack(columns[f"known_{name}"][part]),
                pack(columns[f"nc_{name}"][part]),
                tuple(item.members),
                boolean,
            )
        parameters = dict(workload.terms.parameters)
        yield Batch(part.stop - start, AS_OF, items, {}, parameters)
