"""What-if at scale: sensitivity against assessing the portfolio again for every trial.

Both work on the same rows in one run, round by round. One point of the grid is assessed from the
beginning each round and its moves are compared; the ratio is that time, times the trials, to all.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import synthetic

import socap
from socap.portfolio.kernel import Kernel
from socap.portfolio.sensitivity import sensitivity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from socap.portfolio.effects import Effect
    from socap.standard import Standard

GRID = ("training_hours_min", "training_completion_min_pct")


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return how many seconds a call takes, and what it gives."""
    start = time.perf_counter()
    made = call()
    return time.perf_counter() - start, made


def outcomes(
    batches: Sequence[pa.RecordBatch], standard: Standard, parameters: dict[str, int | float]
) -> list[pa.RecordBatch]:
    """Assess all rows from the beginning."""
    kernel = Kernel(standard, as_of=synthetic.AS_OF, parameters=parameters)
    return [kernel.outcomes(batch) for batch in batches]


def equal(
    effect: Effect, before: Sequence[pa.RecordBatch], after: Sequence[pa.RecordBatch]
) -> bool:
    """Return whether the moves of an effect are those between two assessments."""
    told: Counter[tuple[str, str, str]] = Counter()
    for name, moves in (("status", effect.status), *effect.requirements.items()):
        for move in moves:
            told[name, move.before.value, move.after.value] += move.organisations
    found: Counter[tuple[str, str, str]] = Counter()
    for old, new in zip(before, after, strict=True):
        for name in old.schema.names:
            if name == "status" or "-" in name:
                pairs = zip(old.column(name).to_pylist(), new.column(name).to_pylist(), strict=True)
                moved = Counter(pair for pair in pairs if pair[0] != pair[1])
                found.update({(name, was, now): count for (was, now), count in moved.items()})
    return told == found


def measure(rows: int, records: int, side: int, rounds: int) -> None:
    """Print one table row: a grid of side × side parameter values, and every answer and parameter."""
    standard = socap.load()
    made = synthetic.generate(rows, standard, records=records, park=False)
    batches = list(made)
    low_high = [standard.vocabulary.parameters[name] for name in GRID]
    values = {}
    for asked in low_high:
        assert asked.minimum is not None and asked.maximum is not None
        step = (asked.maximum - asked.minimum) / max(side - 1, 1)
        values[asked.name] = [round(asked.minimum + place * step) for place in range(side)]
    before = outcomes(batches, standard, {})
    grids, again, every = [], [], []
    for _ in range(rounds):
        seconds, found = timed(
            lambda: sensitivity(batches, standard, as_of=synthetic.AS_OF, combine=values)
        )
        grids.append(seconds)
        effect = found.effects[len(found.effects) // 3]
        point = effect.trial.parameters
        seconds, after = timed(partial(outcomes, batches, standard, point))
        again.append(seconds)
        seconds, whole = timed(lambda: sensitivity(batches, standard, as_of=synthetic.AS_OF))
        every.append(seconds)
        if not equal(effect, before, after):
            raise SystemExit(f"differs: {point}")
    grid, one, full = (statistics.median(numbers) for numbers in (grids, again, every))
    points, trials = side * side, len(whole.effects)
    print(
        f"{rows:>9,} {records:>7} {one:>9.2f} s {points:>5} {grid:>8.2f} s {points * one / grid:>6.0f}×"
        f" {trials:>6} {full:>8.2f} s {trials * one / full:>6.0f}×"
    )


def main() -> None:
    """Measure some sizes, without and with records."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, nargs="+", default=[10_000, 65_536, 262_144])
    arguments.add_argument("--side", type=int, default=10, help="values of each of two parameters")
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    print("     rows records  assessing  grid     time   ratio   each     time   ratio")
    for records in (0, 3):
        for rows in asked.rows:
            measure(rows, records, asked.side, asked.rounds)


if __name__ == "__main__":
    main()
