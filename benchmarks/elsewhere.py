"""Deciding in other processes: two that share a portfolio with this one, and polars on one thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from mmap import mmap
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from numpy.typing import NDArray

    from socap.rules.batch import Batch
    from socap.rules.columnar import Compiled

PROCESSES = 2


class Crew:
    """Processes forked with a batch in memory; each decides a share of it, into memory they share.

    They are for benchmarks: `socap portfolio --workers` is what the library has.
    """

    def __init__(self, compiled: Compiled, batch: Batch, rules: int) -> None:
        size = (batch.count + 7) // 8
        self.planes: NDArray[np.uint8] = np.frombuffer(
            mmap(-1, rules * 4 * size), np.uint8
        ).reshape(rules, 4, size)
        share = -(-size // PROCESSES) * 8
        self._crew: list[tuple[Connection, Any]] = []
        context = get_context("fork")
        for start in range(0, batch.count, share):
            here, there = context.Pipe()
            part = batch.part(start, start + share)
            found = self.planes[:, :, start // 8 : (start + share) // 8]
            process = context.Process(target=_serve, args=(there, compiled, part, found))
            process.start()
            self._crew.append((here, process))

    def decide(self) -> None:
        """Let every process decide its share, and wait for all."""
        for connection, _ in self._crew:
            connection.send(True)
        for connection, _ in self._crew:
            connection.recv()

    def close(self) -> None:
        """End the processes."""
        for connection, process in self._crew:
            connection.send(False)
            process.join()


def _serve(
    connection: Connection, compiled: Compiled, part: Batch, found: NDArray[np.uint8]
) -> None:
    while connection.recv():
        for row, (applies, satisfied) in zip(found, compiled.decide(part).values(), strict=True):
            row[0], row[1] = applies
            row[2], row[3] = satisfied
        connection.send(True)


class OneThread:
    """polars in a process that is given one thread before it is loaded."""

    def __init__(self, source: Any, columns: dict[str, Any]) -> None:
        with TemporaryDirectory() as folder:
            told, data = Path(folder) / "source.json", Path(folder) / "columns.npz"
            told.write_text(json.dumps(source), encoding="utf-8")
            np.savez(data, **columns)
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(told), str(data)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"POLARS_MAX_THREADS": "1"},
            )
            self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer, "the process of polars has ended"
        return answer

    def decide(self) -> None:
        """Let it decide once, and wait."""
        assert self._process.stdin is not None
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        self._answer()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def main() -> None:
    """Load, then decide once for each line that comes in."""
    from peers import ENGINES  # noqa: PLC0415  the crew does not need it

    told, data = sys.argv[1:]
    engine = next(engine for engine in ENGINES if engine.name == "polars")
    with np.load(data) as stored:
        given = engine.adapt(dict(stored))
    decide = engine.compile(json.loads(Path(told).read_text(encoding="utf-8")))
    print("ready", flush=True)
    for _ in sys.stdin:
        decide(given)
        print("done", flush=True)


if __name__ == "__main__":
    main()
