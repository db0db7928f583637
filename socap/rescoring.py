"""The score of a result, worked out again from the raw pack and the outcomes it states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socap import kernel

if TYPE_CHECKING:
    from collections.abc import Mapping

Raw = dict[str, Any]


def rescore(pack: Mapping[str, Any], result: Mapping[str, Any]) -> Raw:
    """Return the score as a result states it, but for its wording.

    The outcomes are taken from the result; `kernel.check` says whether they hold.
    """
    scoring, made = pack["scoring"], kernel.world(pack, result)
    outcomes = {finding["requirement"]: finding.get("outcome") for finding in result["findings"]}
    dimensions = []
    for clause, weight in scoring["weights"].items():
        criteria = [
            _criterion(entry["id"], outcomes[entry["id"]], scoring, made)
            for entry in pack["requirements"]
            if entry["clause"] == clause
            and outcomes[entry["id"]] not in ("not_applicable", "excluded")
        ]
        if criteria:
            low, high = (sum(c[end] for c in criteria) / len(criteria) for end in ("low", "high"))
            share = made.parameters[weight]
            dimensions.append(
                {"clause": clause, "weight": share, "low": low, "high": high, "criteria": criteria}
            )
    return {**_total(dimensions, scoring, made), "dimensions": dimensions}


def _criterion(name: str, outcome: Any, scoring: Raw, made: kernel.World) -> Raw:
    if outcome == "undetermined":
        return {"requirement": name, "low": 0.0, "high": 100.0}
    rated = made.items.get(scoring.get("points", {}).get(name))
    points = 100.0 if outcome == "conforming" else 0.0
    if isinstance(rated, (int, float)) and not isinstance(rated, bool):
        points = min(max(float(rated), 0.0), 100.0)
    return {"requirement": name, "low": points, "high": points}


def _total(dimensions: list[Raw], scoring: Raw, made: kernel.World) -> Raw:
    total = sum(d["weight"] for d in dimensions)
    if not total:
        return {"low": 0.0, "high": 100.0, "band": None, "passed": None}
    low, high = (sum(d["weight"] * d[end] for d in dimensions) / total for end in ("low", "high"))
    limits = made.parameters
    bands = [
        next(b for b in scoring["bands"] if "at_least" not in b or at >= limits[b["at_least"]])
        for at in (low, high)
    ]
    band = {"id": bands[0]["id"], "title": bands[0]["title"]} if bands[0] is bands[1] else None
    need, each = limits[scoring["pass_total"]], limits[scoring["pass_dimension"]]
    passed: bool | None = None
    if low >= need and all(d["low"] >= each for d in dimensions):
        passed = True
    elif high < need or any(d["high"] < each for d in dimensions):
        passed = False
    return {"low": round(low, 6), "high": round(high, 6), "band": band, "passed": passed}
