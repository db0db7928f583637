"""A cold start: one process that decides once and prints codes and its peak memory.

Started by `starting` and `portfolios`; what it imports is what its engine needs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def assessed(reader: str, company: str, as_of: str) -> list[str]:
    """Return the outcomes that socap finds."""
    from datetime import date  # noqa: PLC0415  part of what is measured

    import socap  # noqa: PLC0415  part of what is measured

    made = socap.assess(socap.read(company), as_of=date.fromisoformat(as_of), reader=reader)
    return [finding.outcome.value for finding in made.findings.values()]


def decided(name: str, told: dict[str, Any]) -> list[int]:
    """Return the codes of an engine."""
    from peers import ENGINES  # noqa: PLC0415  part of what is measured

    engine = next(engine for engine in ENGINES if engine.name == name)
    given = told["input"]
    if "kinds" in told:
        import numpy as np  # noqa: PLC0415  only where columns are read

        given = {k: np.array(v, told["kinds"][k]) for k, v in given.items()}
    raw = engine.compile(told["source"])(engine.adapt(given))
    return [int(code) if engine.shape == "row" else int(code[0]) for code in engine.codes(raw, 1)]


def main() -> None:
    """Read what to decide from a file, decide, print."""
    name, file = sys.argv[1:]
    told = json.loads(Path(file).read_text(encoding="utf-8"))
    if "rules" in told:
        from finished_rules import answer  # noqa: PLC0415  part of what is measured

        found: list[Any] = answer(told)
    elif name.startswith("socap "):
        found = assessed(name.removeprefix("socap "), told["company"], told["as_of"])
    elif name == "nothing":
        found = []
    else:
        found = decided(name, told)
    # `getrusage` would count what the parent held when it forked.
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    print(json.dumps({"codes": found, "peak_mb": peak}))


if __name__ == "__main__":
    main()
