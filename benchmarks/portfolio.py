"""What a portfolio costs: synthetic Parquet in, Parquet findings out, with time and peak memory."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import perf_counter

import pyarrow as pa
from synthetic import AS_OF


def measure(source: Path, output: Path, workers: int) -> dict[str, float]:
    """Assess one portfolio in this process and say what it took."""
    from socap.portfolio.running import run  # noqa: PLC0415  what it costs to import is measured

    started = perf_counter()
    made = run(source, output, as_of=AS_OF, by="park", workers=workers)
    spent = perf_counter() - started
    decided = made.organisations * len(made.requirements)
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return {
        "seconds": spent,
        "processor": sum(one.ru_utime + one.ru_stime for one in used),
        "decisions": decided,
        "own": used[0].ru_maxrss / 1024,
        "largest_worker": used[1].ru_maxrss / 1024,
    }


def alone(*arguments: str) -> str:
    """Run a program in a fresh interpreter, so that peaks of memory are of it alone."""
    done = subprocess.run(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def main() -> None:
    """Measure and print a line a size and number of workers."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    arguments.add_argument("--records", type=int, default=0, help="most entries of a record list")
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    arguments.add_argument("--measure", nargs=3, metavar=("SOURCE", "OUTPUT", "WORKERS"))
    asked = arguments.parse_args()
    if asked.measure:
        source, output, workers = asked.measure
        print(json.dumps(measure(Path(source), Path(output), int(workers))))
        return
    print(f"pyarrow {pa.__version__}, records up to {asked.records} a list")
    print("million decisions a second: by the clock, and by processor time")
    print("     rows  workers   seconds    clock  processor  peak MB (largest worker)")
    with TemporaryDirectory() as folder:
        for rows in asked.rows:
            source, output = Path(folder) / "in.parquet", Path(folder) / "out"
            many = ("--rows", str(rows), "--records", str(asked.records))
            alone(str(Path(__file__).with_name("synthetic.py")), str(source), *many)
            for workers in asked.workers:
                run = (__file__, "--measure", str(source), str(output), str(workers))
                told: dict[str, float] = json.loads(alone(*run))
                rmtree(output)
                clock, processor = (
                    told["decisions"] / told[of] / 1e6 for of in ("seconds", "processor")
                )
                print(
                    f"{rows:9,} {workers:8} {told['seconds']:9.2f} {clock:8.1f} {processor:10.1f}"
                    f" {told['own']:9.0f} ({told['largest_worker']:.0f})"
                )


if __name__ == "__main__":
    main()
