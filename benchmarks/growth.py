"""How the cost grows with requirements, questions that no rule asks, and records; and its plot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from checking import entries
from organisations import portfolio
from peers import ENGINES, Shape
from portfolios import COLUMNAR, columnar, entered
from tables import Table, duration, figures
from timing import Timing, race
from workload import companies, copied_facts, load

from socap.rules.interpreter import READERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from workload import Workload

    from socap.rules.facts import Facts

ENDLESS = "not measured: the engine does not come back from so large a rule set"
SHOWN = ("generated Python", "CEL", "zen-engine", "datalogic (JSON logic)", "polars", "DuckDB")


@dataclass(frozen=True)
class Growth:
    """Measured seconds of each engine by size, along one axis."""

    title: str
    axis: str
    measured: dict[str, dict[int, float]]
    verdicts: dict[str, str]

    def table(self) -> Table:
        """Return the times, and how often the last step multiplies the first."""
        sizes = sorted({size for line in self.measured.values() for size in line})
        last = f"last ÷ first (size ×{figures(sizes[-1] / max(sizes[0], 1))})"
        table = Table(self.title, ("engine", *(f"{size:,}" for size in sizes), last))
        for name, line in self.measured.items():
            cells = [duration(line[size]) if size in line else "" for size in sizes]
            whole = sizes[0] in line and sizes[-1] in line
            table.add(
                name, *cells, f"{figures(line[sizes[-1]] / line[sizes[0]])}×" if whole else ""
            )
        for name, verdict in self.verdicts.items():
            table.add(name, verdict)
        return table


def requirements(budget: float, copies: Sequence[int]) -> Growth:
    """Measure one organisation against more and more requirements, each on questions of its own."""
    _, facts = companies(records=False)[0]
    steps = {}
    for number in copies:
        workload = load(copies=number)
        steps[len(workload.rules)] = (workload, copied_facts(facts, number))
    return _measured("Requirements, one organisation", "requirements", steps, budget)


def questions(budget: float, copies: Sequence[int]) -> Growth:
    """Measure one organisation that answers more and more questions that no rule asks."""
    _, facts = companies(records=False)[0]
    plain, steps = load(), {}
    for number in copies:
        workload = replace(plain, keys=load(copies=number).keys)
        steps[len(workload.keys)] = (workload, copied_facts(facts, number))
    return _measured("Evidence items, one organisation", "evidence items", steps, budget)


def records(budget: float, sizes: Sequence[int]) -> Growth:
    """Measure one organisation with more and more entries in each of its record lists."""
    _, facts = companies(records=True)[0]
    workload, steps = load(records=True), {}
    for size in sizes:
        lists = {
            name: tuple(
                replace(record, id=f"{record.id}-{place}")
                for place, record in enumerate(islice(cycle(listed), size if listed else 0))
            )
            for name, listed in facts.records.items()
        }
        steps[size] = (workload, replace(facts, records=lists))
    return _measured("Records in each list, one organisation", "records a list", steps, budget)


def _measured(
    title: str, axis: str, steps: Mapping[int, tuple[Workload, Facts]], budget: float
) -> Growth:
    measured: dict[str, dict[int, float]] = {}
    verdicts: dict[str, str] = {}
    engines = [engine for engine in ENGINES if engine.name in SHOWN]
    for size, (workload, facts) in steps.items():
        calls: dict[str, Callable[[], object]] = {
            f"socap {name}": partial(workload.reader(name).decide, facts)
            for name in READERS
            if name != "durable" or workload.copies == 1
        }
        if workload.copies > 1:
            verdicts.setdefault("socap durable", f"from {size}: {ENDLESS}")
        for entry in entries(workload, [facts], engines):
            name = entry.engine.name
            if entry.decide is None:
                verdicts[name] = (
                    entry.verdict if name not in measured else f"{size}: {entry.verdict}"
                )
                continue
            row = entry.engine.shape is Shape.ROW
            given: Any = workload.row(facts) if row else workload.columns([facts])
            calls[name] = partial(entry.decide, entry.engine.adapt(given))
        _keep(measured, size, race(calls, budget / len(steps)))
    return Growth(title, axis, measured, verdicts)


def _keep(measured: dict[str, dict[int, float]], size: int, timings: Mapping[str, Timing]) -> None:
    for name, timing in timings.items():
        measured.setdefault(name, {})[size] = timing.seconds


def columns(budget: float, copies: Sequence[int], size: int) -> Growth:
    """Measure a portfolio against more and more requirements."""
    measured: dict[str, dict[int, float]] = {}
    verdicts: dict[str, str] = {}
    for number in copies:
        workload = load(copies=number)
        whole = portfolio(workload, size)
        decided = whole.decided()
        calls: dict[str, Callable[[], object]] = {COLUMNAR: columnar(whole)}
        for engine in ENGINES:
            if engine.name in ("polars", "DuckDB"):
                verdict, call = entered(engine, whole, decided)
                if call is None:
                    verdicts[engine.name] = f"{len(workload.rules)}: {verdict}"
                else:
                    calls[engine.name] = call
        _keep(measured, len(workload.rules), race(calls, budget / len(copies)))
    title = f"Requirements, {size:,} organisations"
    return Growth(title, "requirements", measured, verdicts)


def plot(grown: Sequence[Growth]) -> bytes:
    """Return an SVG with a panel a growth, both axes logarithmic."""
    import matplotlib as mpl  # noqa: PLC0415  only where plots are asked for

    mpl.use("svg")
    from matplotlib import pyplot  # noqa: PLC0415  as above

    names = list(dict.fromkeys(name for growth in grown for name in growth.measured))
    style = {"svg.hashsalt": "socap", "font.size": 9, "axes.spines.top": False}
    with mpl.rc_context(style | {"axes.spines.right": False}):
        figure, axes = pyplot.subplots(2, 3, figsize=(13, 7.5), layout="constrained")
        shades = dict(zip(names, pyplot.get_cmap("tab20").colors, strict=False))
        for axis, growth in zip(axes.flat, grown, strict=False):
            for name, line in growth.measured.items():
                own = name.startswith("socap")
                sizes = sorted(line)
                axis.plot(
                    sizes,
                    [1000 * line[size] for size in sizes],
                    marker="o",
                    markersize=4,
                    linewidth=2.4 if own else 1.2,
                    linestyle="-" if own else "--",
                    color=shades[name],
                    label=name,
                )
            axis.set(xscale="log", yscale="log", title=growth.title, xlabel=growth.axis)
            axis.set_ylabel("ms")
            steps = sorted({size for line in growth.measured.values() for size in line})
            axis.set_xticks(steps, [f"{size:,}" for size in steps])
            axis.minorticks_off()
            axis.grid(alpha=0.3)
        for axis in list(axes.flat)[len(grown) :]:
            axis.set_axis_off()
        lines = {
            label: handle
            for axis in axes.flat
            for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
        }
        figure.legend(lines.values(), lines.keys(), loc="lower right", ncols=2, frameon=False)
        made = BytesIO()
        figure.savefig(made, format="svg", metadata={"Date": None, "Creator": None})
        pyplot.close(figure)
    return made.getvalue()
