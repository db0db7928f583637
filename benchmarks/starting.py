"""Start-up: importing an engine, and a cold process that loads the rules and decides once."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from checking import entries
from finished_rules import decided, question
from peers import ENGINES, Shape
from tables import Table, duration, figures, spread, times
from timing import race, run
from workload import AS_OF, EXAMPLES, companies, load

from socap.assessment import assess
from socap.rules.interpreter import READERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from peers import Engine
    from workload import Workload

    from socap.rules.facts import Facts

BASE = "socap reference"
LOST = 1e-3
COMMAND = ("-m", "socap", "assess", EXAMPLES[0], "--as-of", AS_OF.isoformat(), "--format", "json")


def cold(budget: float) -> Table:
    """Return what a fresh process costs from start to decisions, and its memory."""
    workload = load()
    organisation, facts = companies(records=False)[0]
    found = assess(organisation, workload.standard, as_of=AS_OF, reader="reference").findings
    outcomes = [finding.outcome.value for finding in found.values()]
    told = {"company": EXAMPLES[0], "as_of": AS_OF.isoformat()}
    compared = entries(workload, [facts])
    script = str(Path(__file__).with_name("cold.py"))
    with TemporaryDirectory() as folder:
        calls: dict[str, Callable[[], object]] = {}
        verdicts, peaks = {}, {}

        def enter(name: str, given: object, expected: list[Any]) -> None:
            file = Path(folder) / f"{name.replace(' ', '-')}.json"
            file.write_text(json.dumps(given), encoding="utf-8")
            made = json.loads(run(script, name, str(file)))
            equal = made["codes"] == expected
            verdicts[name] = f"{len(expected)} equal" if equal else "differs"
            peaks[name] = made["peak_mb"]
            if equal:
                calls[name] = partial(run, script, name, str(file))

        enter("nothing", {}, [])
        rules, plain = workload.rules, replace(facts, records={})
        enter("socap, rules alone", question(rules, plain), decided(rules, plain))
        for reader in READERS:
            enter(f"socap {reader}", told, outcomes)
        for entry in compared:
            verdicts[entry.engine.name] = entry.verdict
            if entry.decide is not None:
                given = _input(entry.engine, workload, facts) | {"source": entry.source}
                enter(entry.engine.name, given, workload.expected(facts))
        calls["socap assess (command)"] = partial(run, *COMMAND)
        verdicts["nothing"] = verdicts["socap assess (command)"] = ""
        timings = race(calls, budget, processes=True)
    bare = timings.pop("nothing")
    over = {
        name: replace(timing, seconds=max(timing.seconds - bare.seconds, LOST))
        for name, timing in timings.items()
    }
    table = Table(
        "Cold process: start, load the rules, decide one organisation",
        ("engine", "decisions", "over bare", "noise", "÷ reference", "peak memory over bare"),
        f"Over a bare interpreter ({duration(bare.seconds)}, {figures(peaks['nothing'])} MB). Engines "
        "load finished rules from JSON with facts already settled, as `socap, rules alone` does by the "
        "reference reader; otherwise socap reads its standard and a company file with records, settles "
        "the evidence and makes findings.",
    )
    for name, timing in sorted(over.items(), key=lambda pair: pair[1].seconds):
        memory = f"{figures(peaks[name] - peaks['nothing'])} MB" if name in peaks else ""
        cells = (duration(timing.seconds), spread(timing), times(timing, over[BASE]), memory)
        table.add(name, verdicts[name], *cells)
    for name, verdict in verdicts.items():
        if name not in over and name != "nothing":
            table.add(name, verdict)
    return table


def _input(engine: Engine, workload: Workload, facts: Facts) -> dict[str, Any]:
    if engine.shape is Shape.ROW:
        return {"input": workload.row(facts)}
    columns = workload.columns([facts])
    return {
        "input": {name: values.tolist() for name, values in columns.items()},
        "kinds": {name: values.dtype.str for name, values in columns.items()},
    }


def imports(budget: float) -> Table:
    """Return what importing costs over a bare interpreter."""
    modules = {
        "nothing": "pass",
        "socap": "import socap",
        "socap and its standard": "import socap; socap.load()",
    }
    absent = []
    for engine in ENGINES:
        if engine.version is None:
            absent.append(engine.name)
        elif engine.module != "json":
            modules[engine.name] = f"import {engine.module}"
    timings = race(
        {name: partial(run, "-c", code) for name, code in modules.items()}, budget, processes=True
    )
    bare = timings.pop("nothing")
    table = Table(
        "Import",
        ("what", "over bare", "noise", "÷ import socap"),
        f"Over a bare interpreter ({duration(bare.seconds)}); below 1 ms it is lost in the noise.",
    )
    own = max(timings["socap"].seconds - bare.seconds, LOST)
    for name, timing in sorted(timings.items(), key=lambda pair: pair[1].seconds):
        over = timing.seconds - bare.seconds
        told = "< 1 ms" if over < LOST else duration(over)
        table.add(name, told, spread(timing), f"{figures(max(over, 0.0) / own)}×")
    for name in absent:
        table.add(name, "not installed")
    return table
