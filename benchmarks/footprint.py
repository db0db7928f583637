"""How much memory deciding a portfolio takes; started by `portfolios` in a process of its own."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from peers import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable

    from peers import Columns


def held(field: str) -> float:
    """Return a figure of this process in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    line = next(line for line in lines if line.startswith(field))
    return int(line.split()[1]) / 1024


def prepared(name: str, source: object, columns: Columns) -> Callable[[], object]:
    """Return the call that decides."""
    if name == "socap columnar":
        from organisations import Portfolio, batches  # noqa: PLC0415  as below
        from portfolios import columnar  # noqa: PLC0415  the other engines do without socap
        from workload import load  # noqa: PLC0415  as above

        size = len(next(iter(columns.values())))
        workload = load()
        made = Portfolio(workload, size, {}, tuple(batches(workload, columns, size)))
        return columnar(made)
    engine = next(engine for engine in ENGINES if engine.name == name)
    return partial(engine.compile(source), engine.adapt(columns))


def main() -> None:
    """Load, decide once, print the peak over what was held before."""
    name, told, data = sys.argv[1:]
    source = json.loads(Path(told).read_text(encoding="utf-8"))
    with np.load(data) as stored:
        columns = dict(stored)
    call = prepared(name, source, columns)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before = held("VmRSS")
    kept = call()
    print(held("VmHWM") - before)
    del kept


if __name__ == "__main__":
    main()
