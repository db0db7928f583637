"""What one machine pays: start-up, one assessment by each reader, memory and threads."""

from __future__ import annotations

import argparse
import threading
from datetime import date
from pathlib import Path
from resource import RUSAGE_SELF, getpagesize, getrusage
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from timing import ROOT, run

import socap

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = ROOT / "examples" / "huaqiao-software.yaml"
AS_OF = date(2026, 11, 1)


def timed(action: Callable[[], object], rounds: int) -> float:
    """Return the median milliseconds of an action."""
    spent = []
    for _ in range(rounds):
        started = perf_counter()
        action()
        spent.append(perf_counter() - started)
    return 1000 * median(spent)


def resident_mb() -> float:
    """Return the memory now resident, or the peak where the system does not say."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * getpagesize() / 2**20
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print one line a question."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--file", type=Path, default=EXAMPLE, help="the company file")
    arguments.add_argument("--assessments", type=int, default=20_000, help="how many for memory")
    arguments.add_argument("--rounds", type=int, default=9, help="repetitions of each timing")
    asked = arguments.parse_args()
    file: Path = asked.file.resolve()
    rounds: int = asked.rounds

    bare = timed(lambda: run("-c", "pass"), rounds)
    imported = timed(lambda: run("-c", "import socap"), rounds)
    print(f"import socap over a bare interpreter    {imported - bare:9.1f} ms (bare {bare:.1f} ms)")

    command = ("-m", "socap", "assess", str(file), "--as-of", AS_OF.isoformat())
    print(f"command line, start to findings         {timed(lambda: run(*command), 3):9.1f} ms")

    loading = perf_counter()
    standard = socap.load()
    organisation = socap.read(file)
    print(f"load the standard and read the company  {1000 * (perf_counter() - loading):9.1f} ms")

    warm = {}
    for reader in ("durable", "reference"):

        def assess(reader: str = reader) -> object:
            return socap.assess(organisation, standard, as_of=AS_OF, reader=reader)

        first = timed(assess, 1)
        warm[reader] = timed(assess, 3 * rounds)
        print(
            f"{reader:9} one assessment, warm          {warm[reader]:9.2f} ms (first {first:.1f} ms)"
        )
    print(
        f"durable over reference                  {warm['durable'] / warm['reference']:9.1f} times"
    )

    before = resident_mb()
    began = perf_counter()
    for _ in range(asked.assessments):
        socap.assess(organisation, standard, as_of=AS_OF)
    rate = asked.assessments / (perf_counter() - began)
    print(
        f"memory growth, {asked.assessments:6} assessments     {resident_mb() - before:9.1f} MB ({rate:.0f}/s)"
    )
    print(
        f"peak memory                             {getrusage(RUSAGE_SELF).ru_maxrss / 1024:9.1f} MB"
    )
    print(f"threads alive                           {threading.active_count():9}")


if __name__ == "__main__":
    main()
