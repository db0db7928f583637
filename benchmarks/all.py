"""All benchmarks in one run: the same workload, compared decision by decision, told as ratios."""

from __future__ import annotations

import argparse
import platform
import sys
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from os import cpu_count, getloadavg
from pathlib import Path
from typing import TYPE_CHECKING

import deciding
import growth
import portfolios
import starting
from growth import Growth
from peers import ENGINES
from portfolios import LIMIT, Sizes
from tables import Table, figures

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = "benchmarks.svg"
FLOOR = "generated Python"


@dataclass(frozen=True, slots=True)
class Scale:
    """How long and how large: seconds a table, organisations, growth steps."""

    budget: float
    sizes: Sizes
    compared: int
    changes: int
    copies: tuple[int, ...]
    records: tuple[int, ...]
    organisations: int
    remembered: int


FULL = Scale(
    20,
    Sizes((1000, 10_000, 100_000, 1_000_000), 1000, 100),
    200,
    12,
    (1, 4, 16),
    (1, 10, 100),
    16_384,
    200_000,
)
QUICK = Scale(0.3, Sizes((1000, 100_000), 20, 5), 5, 4, (1, 4), (1, 20), 4096, 20_000)
TINY = Scale(0.0, Sizes((16,), 4, 2), 2, 1, (1,), (1,), 16, 64)
SCALES = {"full": FULL, "quick": QUICK, "tiny": TINY}


def sections(scale: Scale) -> Iterator[tuple[str, list[Table], list[Growth]]]:
    """Yield each section with its heading, tables and growth, as soon as it is measured."""
    budget = scale.budget
    single = [
        deciding.single(budget, scale.compared, records=False),
        deciding.single(budget, 0, records=True),
    ]
    yield "One organisation", single, []
    yield "What-if", [deciding.what_if(budget / 2, scale.changes)], []
    yield "Start", [starting.cold(budget), starting.imports(budget / 2)], []
    made, sizes = portfolios.tables(budget, scale.sizes)
    lines = {name: line for name, line in sizes.items() if name != LIMIT}
    organisations = Growth("Organisations", "organisations", lines, {})
    yield "Portfolios", [*made, portfolios.memory(scale.remembered)], [organisations]
    grown = [
        growth.requirements(budget, scale.copies),
        growth.questions(budget, scale.copies),
        growth.records(budget, scale.records),
        growth.columns(budget, scale.copies, scale.organisations),
    ]
    yield "Growth", [each.table() for each in grown], grown


def machine() -> Table:
    """Return what this was measured on, and with what."""
    table = Table("Machine and versions", ("what", "which"))
    cpu = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        lines = described.read_text(encoding="utf-8").splitlines()
        cpu = next((x.partition(": ")[2] for x in lines if x.startswith("model name")), cpu)
    table.add("processor", f"{cpu}, {cpu_count()} cores")
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        first = meminfo.read_text(encoding="ascii").split()[1]
        table.add("memory", f"{int(first) / 2**20:.0f} GB")
    table.add("system", f"{platform.system()}, Python {platform.python_version()}")
    table.add("load when started", f"{getloadavg()[0]:.1f} processes")
    for name in ("numpy", "pyarrow"):
        table.add(name, version(name))
    for engine in ENGINES:
        if engine.package != "pip":
            table.add(
                engine.name,
                f"{engine.package} {engine.version or '(not installed)'}: {engine.usage}",
            )
        else:
            table.add(engine.name, engine.usage)
    return table


def summary(tables: list[Table]) -> str:
    """Return how the fastest peer and socap's fastest reader compare, table by table."""
    lines = []
    for table in tables:
        column = next((c for c, name in enumerate(table.columns) if name.startswith("÷")), None)
        if column is None or "engine" not in table.columns or table.title.startswith("Import"):
            continue
        timed = [row for row in table.rows if row[column] and row[0] not in (LIMIT, FLOOR)]
        own = next((row for row in timed if row[0].startswith("socap")), None)
        peer = next((row for row in timed if not row[0].startswith("socap")), None)
        if own is not None and peer is not None:
            ratio = _ratio(peer[column]) / max(_ratio(own[column]), 1e-9)
            told = (
                f"takes {figures(ratio)} times as long as"
                if ratio >= 1
                else (f"is {figures(1 / max(ratio, 1e-9))} times as fast as")
            )
            lines.append(f"- {table.title}: the fastest peer, {peer[0]}, {told} {own[0]}.")
    return "\n".join(lines)


def _ratio(cell: str) -> float:
    return float(cell.strip("~×"))


def page(
    day: date, scale: str, about: Table, parts: list[tuple[str, list[Table], list[Growth]]]
) -> str:
    """Return the page of `docs`."""
    tables = [table for _, told, _ in parts for table in told]
    blocks = [
        "# Benchmarks",
        f"Measured on {day.isoformat()} by `python benchmarks/all.py` ({scale}); made by it, not by hand.",
        "The same rules, translated by program from the shipped standard, decide the same "
        "organisations in every engine; decisions are compared with the reference before anything is "
        "timed (in portfolios as the notes say), and an engine that differs is not timed. Rounds are interleaved; a time is the median "
        "round, noise half the distance between the quartiles. Read the ratios: times belong to this "
        "machine.",
        "Decisions are three-valued. Engines without a third value are given each rule as two booleans, "
        "surely true and surely false; polars and SQL have nulls of their own. Where records are left "
        "out, the lists are unknown to every engine alike.",
        summary(tables),
        f"![Growth]({PLOT})",
        *(
            block
            for heading, told, _ in parts
            for block in (f"## {heading}", *(t.markdown() for t in told))
        ),
        "## Machine",
        about.markdown(),
    ]
    return "\n\n".join(block.strip() for block in blocks if block) + "\n"


def main() -> None:
    """Measure, print each section when it is there, and write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a minute or two instead of ten")
    asked.add_argument(
        "--tiny", action="store_true", help="no measurement, only that everything runs"
    )
    asked.add_argument("--date", type=date.fromisoformat, help="the day that the page tells")
    asked.add_argument(
        "--page", type=Path, default=PAGE, help="where to write the page, if --date is given"
    )
    given = asked.parse_args()
    name = "tiny" if given.tiny else "quick" if given.quick else "full"
    about, parts = machine(), []
    print(about.text())
    for part in sections(SCALES[name]):
        parts.append(part)
        for table in part[1]:
            print(table.text())
        sys.stdout.flush()
    print(summary([table for _, told, _ in parts for table in told]))
    if given.date is not None:
        place: Path = given.page
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(page(given.date, name, about, parts), encoding="utf-8")
        grown = [each for _, _, told in parts for each in told]
        place.with_name(PLOT).write_bytes(growth.plot(grown))


if __name__ == "__main__":
    main()
