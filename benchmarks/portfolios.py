"""A thousand to a million organisations by every engine, and reading their columns once."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from checking import entries, verdict
from elsewhere import Crew, OneThread
from organisations import portfolio
from peers import ENGINES, Shape
from tables import Table, duration, figures, spread
from timing import Timing, race, run
from workload import codes, load

from socap.rules.columnar import Compiled
from socap.rules.interpreter import READERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from organisations import Portfolio
    from peers import Engine

    from socap.rules.batch import Batch
    from socap.rules.columnar import Decisions

COLUMNAR = "socap columnar"
CREW, ALONE = "socap columnar, two processes", "polars, one thread"
ELSEWHERE = (CREW, ALONE)
LIMIT = "reading the columns once"
SHARED = 10_000  # organisations; with fewer of them processes only wait for each other
HEAD = ("engine", "decisions", "time", "noise", "a decision", "÷ columnar", "cores", "measured on")


@dataclass(frozen=True)
class Sizes:
    """The portfolios of one run: organisations, how many are compared with the reference."""

    sizes: tuple[int, ...]
    compared: int
    slow_rows: int


def tables(budget: float, sizes: Sizes) -> tuple[list[Table], dict[str, dict[int, float]]]:
    """Return a table a size, and the measured seconds of each engine by size for the plot."""
    whole = portfolio(load(), max(sizes.sizes))
    made, grown = [], dict[str, dict[int, float]]()
    sample, told = _rows(whole, sizes, budget)
    for size in sizes.sizes:
        table, timings = _table(whole.taken(size), sizes, budget, sample, told)
        made.append(table)
        for name, timing in timings.items():
            grown.setdefault(name, {})[size] = timing.seconds
    return made, grown


def _rows(
    whole: Portfolio, sizes: Sizes, budget: float
) -> tuple[dict[str, Timing], dict[str, str]]:
    """Return the time a row and the verdict of everything that reads row by row."""
    workload = whole.workload
    rows = [whole.facts(index) for index in range(min(sizes.slow_rows, whole.size))]
    calls: dict[str, Callable[[], object]] = {
        f"socap {name}": partial(_each, workload.reader(name).decide, rows) for name in READERS
    }
    expected = [workload.expected(facts) for facts in rows]
    verdicts = {
        f"socap {name}": verdict([codes(workload.reader(name).decide(f)) for f in rows], expected)
        for name in READERS
    }
    for entry in entries(workload, rows, [e for e in ENGINES if e.shape is Shape.ROW]):
        verdicts[entry.engine.name] = entry.verdict
        if entry.decide is not None:
            given = [entry.engine.adapt(workload.row(facts)) for facts in rows]
            calls[entry.engine.name] = partial(_each, entry.decide, given)
    found = race(calls, budget)
    return {n: replace(t, seconds=t.seconds / len(rows)) for n, t in found.items()}, verdicts


def _each(decided: Callable[[Any], object], rows: Sequence[Any]) -> None:
    for row in rows:
        decided(row)


def columnar(whole: Portfolio) -> Callable[[], list[dict[str, Decisions]]]:
    """Return the call that decides every batch, its rules compiled beforehand."""
    compiled = Compiled(whole.workload.rules)
    return lambda: [compiled.decide(batch) for batch in whole.batches]


def read_once(batches: Sequence[Batch]) -> int:
    """Sum all buffers that the columnar reader reads, as 64-bit words: what memory allows."""
    total = 0
    for batch in batches:
        for column in batch.items.values():
            for buffer in (column.values, column.known, column.no_case):
                words = buffer.view(np.uint8)[: buffer.nbytes // 8 * 8].view(np.uint64)
                total += int(np.add.reduce(words))
    return total


def size_of(batches: Sequence[Batch]) -> int:
    """Return the bytes that `read_once` reads."""
    return sum(
        buffer.nbytes
        for batch in batches
        for column in batch.items.values()
        for buffer in (column.values, column.known, column.no_case)
    )


def _table(
    whole: Portfolio,
    sizes: Sizes,
    budget: float,
    sample: dict[str, Timing],
    told: dict[str, str],
) -> tuple[Table, dict[str, Timing]]:
    workload, size = whole.workload, whole.size
    decided = whole.decided()
    indices = np.linspace(0, size - 1, min(size, sizes.compared)).astype(int)
    wrong = sum(
        int(column[index]) != code
        for index in indices
        for column, code in zip(decided, workload.expected(whole.facts(index)), strict=True)
    )
    checked = len(indices) * len(decided)
    verdicts = {COLUMNAR: f"differs in {wrong} of {checked}" if wrong else f"{checked} equal"}
    calls: dict[str, Callable[[], object]] = {LIMIT: partial(read_once, whole.batches)}
    if not wrong:
        calls[COLUMNAR] = columnar(whole)
    for engine in ENGINES:
        if engine.shape is Shape.COLUMNS:
            verdicts[engine.name], call = entered(engine, whole, decided)
            if call is not None:
                calls[engine.name] = call
    with ExitStack() as stack:
        for name, (told_of, call) in elsewhere(whole, stack, "polars" in calls).items():
            verdicts[name], calls[name] = told_of, call
        timings = race(calls, budget)
    base, rules = timings.get(COLUMNAR), len(workload.rules)
    table = Table(
        f"{size:,} organisations",
        HEAD,
        f"{size * rules:,} decisions. The columnar reader is compared with the reference on "
        f"{len(indices):,} organisations, engines that read columns with the columnar reader in every "
        f"decision. Columns are loaded beforehand ({size_of(whole.batches) / 1e6:,.0f} MB); ~ is "
        "extrapolated from the rows measured. Two processes share the columns and write to memory they "
        "share; where another process works its cores are not told.",
    )
    everything = {name: (timing, size) for name, timing in timings.items()}
    for name, timing in sample.items():
        everything[name] = (replace(timing, seconds=timing.seconds * size), 0)
    for name, (timing, measured) in sorted(everything.items(), key=lambda p: p[1][0].seconds):
        sign = "" if measured else "~"
        ratio = "" if base is None else f"{sign}{figures(timing.seconds / base.seconds)}×"
        each = "" if name == LIMIT else sign + duration(timing.seconds / size / rules)
        table.add(
            name,
            verdicts.get(name, told.get(name, "")),
            sign + duration(timing.seconds),
            spread(timing),
            each,
            ratio,
            "" if name in ELSEWHERE else f"{timing.cores:.1f}",
            f"{measured:,}" if measured else f"{min(sizes.slow_rows, whole.size)} rows",
        )
    for name, why in (verdicts | told).items():
        if name not in everything:
            table.add(name, why)
    return table, timings


def entered(
    engine: Engine, whole: Portfolio, decided: Sequence[Any]
) -> tuple[str, Callable[[], object] | None]:
    """Return what comparing every decision of an engine says, and the call to be timed."""
    if engine.version is None:
        return "not installed", None
    try:
        decide_ = engine.compile(whole.workload.source(engine))
        given = engine.adapt(whole.columns)
        found = engine.codes(decide_(given), whole.size)
        wrong = sum(int((a != b).sum()) for a, b in zip(found, decided, strict=True))
    except Exception as error:  # noqa: BLE001  whatever an engine raises is its verdict
        return f"refuses: {type(error).__name__} {str(error)[:60]}", None
    total = whole.size * len(decided)
    if wrong:
        return f"differs in {wrong} of {total}", None
    return f"{total} equal", partial(decide_, given)


def elsewhere(
    whole: Portfolio, stack: ExitStack, alone: bool
) -> dict[str, tuple[str, Callable[[], object]]]:
    """Return what other processes are to decide, with their verdicts; they end with the stack.

    `alone` says that polars is there and decides as it should.
    """
    made: dict[str, tuple[str, Callable[[], object]]] = {}
    if len(whole.batches) == 1 and whole.size >= SHARED:
        (batch,), compiled = whole.batches, Compiled(whole.workload.rules)
        crew = Crew(compiled, batch, len(whole.workload.rules))
        stack.callback(crew.close)
        crew.decide()
        wrong = sum(
            int((a != b).sum())
            for row, decision in zip(crew.planes, compiled.decide(batch).values(), strict=True)
            for a, b in zip(row, (*decision.applies, *decision.satisfied), strict=True)
        )
        assert not wrong, "two processes decide otherwise than one"
        made[CREW] = (f"{whole.size * len(whole.workload.rules)} equal", crew.decide)
    if alone:
        engine = next(e for e in ENGINES if e.name == "polars")
        process = OneThread(whole.workload.source(engine), whole.columns)
        stack.callback(process.close)
        made[ALONE] = ("as polars", process.decide)
    return made


def memory(size: int) -> Table:
    """Return what deciding a portfolio adds to the memory of a process that has loaded it."""
    whole = portfolio(load(), size)
    script = str(Path(__file__).with_name("footprint.py"))
    table = Table(
        f"Memory to decide {size:,} organisations",
        ("engine", "added to the loaded columns"),
        "The peak of a fresh process while it decides, over what it held with its columns loaded.",
    )
    with TemporaryDirectory() as folder:
        data, told = Path(folder) / "columns.npz", Path(folder) / "source.json"
        np.savez(data, **whole.columns)
        rows: list[tuple[float, str]] = []
        for name in (COLUMNAR, *(e.name for e in ENGINES if e.shape is Shape.COLUMNS)):
            engine = next((e for e in ENGINES if e.name == name), None)
            if engine is not None and engine.version is None:
                table.add(name, "not installed")
                continue
            source = None if engine is None else whole.workload.source(engine)
            told.write_text(json.dumps(source), encoding="utf-8")
            rows.append((float(run(script, name, str(told), str(data))), name))
    for added, name in sorted(rows):
        table.add(name, f"{figures(added)} MB")
    return table
