"""The job of `portfolio` by polars and DuckDB: Parquet in, decisions, Parquet out, in one query.

They are given what decisions on plain answers take: the rules, and which answers are set aside, as
parts above their total and circumstances that answers contradict. Started by `portfolio` in a process of its own, which does not import socap.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workload import Workload

PEERS = ("polars", "DuckDB")
OUTCOMES = ("conforming", "nonconforming", "undetermined", "not_applicable")
_DUCKDB_INPUT = {
    "boolean": '"{key}"',
    "number": '"{key}"',
    "date": "(\"{key}\" - DATE '1970-01-01')",
    "enum": 'CASE "{key}" {whens} END',
    "set": """CASE WHEN "{key}" IS NOT NULL THEN coalesce(
        CAST(list_sum(list_transform("{key}", lambda m: CASE m {whens} END)) AS INTEGER), 0) END""",
}


def told(workload: Workload, name: str) -> dict[str, Any]:
    """Return what a peer is told, as JSON: inputs by variable, when which are set aside, the rules."""
    from kleene import Kleene, Polars, Sql  # noqa: PLC0415  imports socap
    from translation import variable  # noqa: PLC0415  imports socap

    from socap.rules.expressions import Condition, ItemRef, Operator  # noqa: PLC0415  as above

    text = Kleene(Polars() if name == "polars" else Sql(), workload.terms, records=False).text
    above: dict[str, list[str]] = {}
    for key, item in workload.standard.vocabulary.items.items():
        if item.part_of is not None:
            condition = Condition(key, Operator.MORE_THAN, ItemRef(item.part_of))
            for one in (key, item.part_of):
                above.setdefault(variable(one), []).append(text(condition))
    against: dict[str, list[str]] = {}
    for rule in workload.standard.consistency:
        flag = variable(f"profile.{rule.flag}")
        against.setdefault(flag, []).append(text(rule.contradicted_when))
    inputs = {}
    for key in workload.keys:
        item = workload.terms.item(key)
        kind = str(item.type) if str(item.type) in _DUCKDB_INPUT else "number"
        inputs[variable(key)] = (key, kind, list(item.members))
    rules = {r.id: (text(r.applies), text(r.satisfied)) for r in workload.rules}
    return {"inputs": inputs, "aside": [above, against], "rules": rules}


def polars(asked: dict[str, Any], given: Path, output: Path) -> None:
    """Do the job by one streamed query."""
    pl = import_module("polars")
    kind = pl.Enum(OUTCOMES)
    met, unmet, undetermined, inapplicable = (pl.lit(name, kind) for name in OUTCOMES)

    def column(key: str, kind: str, members: list[str]) -> Any:
        found = pl.col(key)
        if kind == "date":
            return found.cast(pl.Int32)
        if kind == "enum":
            return found.cast(pl.Enum(members)).to_physical()
        if kind == "set":
            place = pl.element().cast(pl.Enum(members)).to_physical()
            bits = pl.lit(2, pl.UInt16).pow(place.cast(pl.UInt16))
            return found.list.eval(bits).list.sum().cast(pl.UInt16)
        return found

    def expression(text: str) -> Any:
        return eval(text, {"pl": pl})  # noqa: S307  our own translation

    inputs = {name: column(*parts) for name, parts in asked["inputs"].items()}
    inputs |= {f"nc_{name}": pl.lit(False) for name in asked["inputs"]}
    rows = pl.scan_parquet(given).select("id", **inputs)
    for aside in asked["aside"]:
        rows = rows.with_columns(
            pl.when(pl.any_horizontal(expression(text).fill_null(False) for text in texts))
            .then(None)
            .otherwise(pl.col(name))
            .alias(name)
            for name, texts in aside.items()
        )
    decided = {}
    for name, (applies, satisfied) in asked["rules"].items():
        due, held = expression(applies), expression(satisfied)
        chain = pl.when(~due).then(inapplicable).when(due & held).then(met)
        decided[name] = chain.when(due & ~held).then(unmet).otherwise(undetermined)
    rows.select("id", **decided).sink_parquet(
        output, compression="zstd", compression_level=1, statistics=False, engine="streaming"
    )


def duckdb(asked: dict[str, Any], given: Path, output: Path) -> None:
    """Do the job by one COPY."""
    columns = []
    for name, (key, kind, members) in asked["inputs"].items():
        numbers = [1 << n if kind == "set" else n for n in range(len(members))]
        named = zip(members, numbers, strict=True)
        whens = " ".join(f"WHEN '{member}' THEN {number}" for member, number in named)
        columns.append(f"{_DUCKDB_INPUT[kind].format(key=key, whens=whens)} AS {name}")
        columns.append(f"FALSE AS nc_{name}")
    above, against = (
        ", ".join(
            f"CASE WHEN {' OR '.join(f'({t})' for t in texts)} THEN NULL ELSE {name} END AS {name}"
            for name, texts in aside.items()
        )
        for aside in asked["aside"]
    )
    pairs = [
        f"{applies} AS a{n}, {satisfied} AS s{n}"
        for n, (applies, satisfied) in enumerate(asked["rules"].values())
    ]
    met, unmet, undetermined, inapplicable = (f"'{name}'" for name in OUTCOMES)
    outcomes = [
        f"CASE WHEN NOT a{n} THEN {inapplicable} WHEN a{n} AND s{n} THEN {met} "
        f'WHEN a{n} AND NOT s{n} THEN {unmet} ELSE {undetermined} END AS "{name}"'
        for n, name in enumerate(asked["rules"])
    ]
    # No input of anybody: our own translation, and files of our own.
    query = f"""
        WITH given AS (SELECT id, {", ".join(columns)} FROM read_parquet('{given}')),
        sound AS (SELECT * REPLACE ({above}) FROM given),
        "rows" AS (SELECT * REPLACE ({against}) FROM sound),
        decided AS (SELECT id, {", ".join(pairs)} FROM "rows")
        SELECT id, {", ".join(outcomes)} FROM decided"""  # noqa: S608
    connection = import_module("duckdb").connect()
    connection.execute(f"COPY ({query}) TO '{output}' (FORMAT parquet, COMPRESSION zstd)")


def main() -> None:
    """Do the job once; print what it took."""
    name, text, given, output = sys.argv[1:]
    asked = json.loads(Path(text).read_text(encoding="utf-8"))
    job = polars if name == "polars" else duckdb
    import_module(name.lower())
    started, before = perf_counter(), getrusage(RUSAGE_SELF)
    job(asked, Path(given), Path(output))
    after = getrusage(RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = after.ru_maxrss / 1024
    print(json.dumps({"seconds": perf_counter() - started, "processor": spent, "peak": peak}))


if __name__ == "__main__":
    main()
