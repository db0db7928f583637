"""Times things side by side: rounds interleaved, medians, and how far the rounds spread."""

from __future__ import annotations

import gc
import subprocess
import sys
from dataclasses import dataclass
from os import environ
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[1]
DECIDED = (0, 1, 3)  # what the command exits with: a finding is a result
SHORTEST = 0.004  # seconds: a call that is over sooner is repeated inside one round


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds a call: the median round, half the middle spread as a share of it, cores in use."""

    seconds: float
    noise: float
    cores: float


def race(
    calls: Mapping[str, Callable[[], object]], budget: float, *, processes: bool = False
) -> dict[str, Timing]:
    """Return the timings of calls, measured in turn until `budget` seconds are spent.

    There are three rounds at least, or two where there is no budget. `processes` says that each call
    starts a process: it has nothing to warm up.
    """
    loops = {name: 1 if processes else _loops(call) for name, call in calls.items()}
    least = 3 if budget else 2
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    names = list(calls)
    began, rounds = perf_counter(), 0
    while names and (rounds < least or (rounds < 41 and perf_counter() - began < budget)):
        turned = names[rounds % len(names) :] + names[: rounds % len(names)]
        for name in turned:
            spent[name].append(_sample(calls[name], loops[name]))
        rounds += 1
    return {name: _timing(samples) for name, samples in spent.items()}


def _loops(call: Callable[[], object]) -> int:
    call()
    wall, _ = _sample(call, 1)
    return max(1, round(SHORTEST / max(wall, 1e-9)))


def _sample(call: Callable[[], object], loops: int) -> tuple[float, float]:
    gc.collect()
    gc.disable()
    cpu, wall = process_time(), perf_counter()
    for _ in range(loops):
        call()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    gc.enable()
    return wall / loops, cpu / loops


def _timing(samples: list[tuple[float, float]]) -> Timing:
    walls = [wall for wall, _ in samples]
    middle = median(walls)
    low, _, high = quantiles(walls, n=4, method="inclusive")
    return Timing(middle, (high - low) / 2 / middle, median(cpu / wall for wall, cpu in samples))


def run(*arguments: str) -> str:
    """Run this interpreter and return what it prints. Exits with its complaint where it fails.

    It keeps its bytecode, as every installed engine has it: what starts again does not compile.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**environ, "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in ((0,) if arguments[0] == "-c" else DECIDED):
        sys.exit(done.stderr)
    return done.stdout
