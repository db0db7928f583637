"""Which engines take part: installed, able, and equal to the reference in every decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from peers import ENGINES, Engine, Shape
from translation import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from peers import Decide, Source
    from workload import Workload

    from socap.rules.facts import Facts


@dataclass(frozen=True, slots=True)
class Entry:
    """One engine in one workload; without `decide` it is not timed, and `verdict` says why."""

    engine: Engine
    verdict: str
    source: Source = None
    decide: Decide | None = None


def entries(
    workload: Workload, rows: Sequence[Facts], chosen: Iterable[Engine] = ENGINES
) -> list[Entry]:
    """Compile each engine and compare all its decisions on these rows with the reference."""
    expected = [workload.expected(facts) for facts in rows]
    return [_entry(engine, workload, rows, expected) for engine in chosen]


def _entry(
    engine: Engine, workload: Workload, rows: Sequence[Facts], expected: list[list[int]]
) -> Entry:
    if engine.version is None:
        return Entry(engine, "not installed")
    try:
        source = workload.source(engine)
    except UnsupportedError:
        return Entry(engine, "cannot say it")
    try:
        decide = engine.compile(source)
        if engine.shape is Shape.ROW:
            found = [[*engine.codes(decide(_row(engine, workload, f)), 1)] for f in rows]
        else:
            raw = decide(engine.adapt(workload.columns(rows)))
            columns = [np.asarray(column) for column in engine.codes(raw, len(rows))]
            found = np.array(columns).T.tolist()
    except Exception as error:  # noqa: BLE001  whatever an engine raises is its verdict
        return Entry(engine, f"refuses: {type(error).__name__} {str(error)[:60]}")
    told = verdict(found, expected)
    if told.startswith("differs"):
        return Entry(engine, told)
    return Entry(engine, told, source, decide)


def verdict(found: Sequence[Sequence[int]], expected: Sequence[Sequence[int]]) -> str:
    """Return how many decisions are equal, or how many are not."""
    pairs = zip(found, expected, strict=True)
    wrong = sum(a != b for x, y in pairs for a, b in zip(x, y, strict=True))
    total = sum(map(len, expected))
    return f"differs in {wrong} of {total}" if wrong else f"{total} equal"


def _row(engine: Engine, workload: Workload, facts: Facts) -> object:
    return engine.adapt(workload.row(facts))
