"""What a portfolio costs: synthetic Parquet in, Parquet findings out, with time and peak memory."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import perf_counter

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
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


def differing(folder: Path, other: Path) -> int:
    """Return how many decisions of a peer differ from the findings in a folder."""
    parts = [pq.read_table(part) for part in sorted((folder / "findings").glob("*.parquet"))]
    own, found = pa.concat_tables(parts), pq.read_table(other)
    names = [name for name in found.column_names if name != "id"]
    assert own.column("id").equals(found.column("id").cast(pa.string()))
    return sum(
        pc.sum(
            pc.not_equal(own.column(n).cast(pa.string()), found.column(n).cast(pa.string()))
        ).as_py()
        for n in names
    )


def peers(source: Path, findings: Path, decisions: float, folder: Path) -> None:
    """Do the same job with each peer that is there, compare every decision, print what it took."""
    from parquet_peers import PEERS, told  # noqa: PLC0415  imports engines
    from workload import load  # noqa: PLC0415  reads the standard

    workload = load()
    for name in PEERS:
        if find_spec(name.lower()) is None:
            print(f"{name:>18}  is not installed")
            continue
        text, output = folder / "told.json", folder / "peer.parquet"
        text.write_text(json.dumps(told(workload, name)), encoding="utf-8")
        script = str(Path(__file__).with_name("parquet_peers.py"))
        took = json.loads(alone(script, name, str(text), str(source), str(output)))
        wrong = differing(findings, output)
        clock, processor = (decisions / took[of] / 1e6 for of in ("seconds", "processor"))
        print(
            f"{name:>18} {took['seconds']:9.2f} {clock:8.1f} {processor:10.1f} {took['peak']:9.0f}"
            f"  {f'differs in {wrong}' if wrong else 'every decision equal'}"
        )


def main() -> None:
    """Measure and print a line a size and number of workers, and one a peer."""
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
                if output.exists():
                    rmtree(output)
                told: dict[str, float] = json.loads(alone(*run))
                clock, processor = (
                    told["decisions"] / told[of] / 1e6 for of in ("seconds", "processor")
                )
                print(
                    f"{rows:9,} {workers:8} {told['seconds']:9.2f} {clock:8.1f} {processor:10.1f}"
                    f" {told['own']:9.0f} ({told['largest_worker']:.0f})"
                )
            if not asked.records:
                peers(source, output, told["decisions"], Path(folder))
            rmtree(output)
    print("Peers decide only: socap also checks every value, settles answers, grades, and sums up.")


if __name__ == "__main__":
    main()
