"""Other people's engines: compile a translated standard once, decide it with one call.

Nothing here imports socap, so that a cold start of an engine pays for that engine only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, TypeAlias

from naive_durable import durable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Source: TypeAlias = "Any"  # what a translation is: text, or JSON
Input: TypeAlias = "Any"  # what an engine reads: a dict of answers, or columns
Raw: TypeAlias = "Any"  # what an engine returns
Columns: TypeAlias = "dict[str, Any]"  # NumPy arrays by variable, and known_ and nc_ flags
Decide: TypeAlias = "Callable[[Input], Raw]"


class Shape(StrEnum):
    """What an engine reads at once."""

    ROW = "row"
    COLUMNS = "columns"


def _same(given: Any) -> Any:
    return given


@dataclass(frozen=True, slots=True)
class Engine:
    """One peer: `adapt` makes its input (not timed), `codes` reads its answer (not timed)."""

    name: str
    module: str
    package: str
    shape: Shape
    records: bool
    usage: str
    build: Callable[[list[Source]], Source]
    compile: Callable[[Source], Decide]
    adapt: Callable[[Any], Input] = _same
    codes: Callable[[Raw, int], Iterable[Any]] = field(default=lambda raw, _: raw)
    threads: str = "1"

    @property
    def version(self) -> str | None:
        """The installed version; None where it is not there."""
        try:
            import_module(self.module)
            return version(self.package)
        except (ImportError, PackageNotFoundError):
            return None


def _array(parts: list[Source]) -> Source:
    return "[" + ",\n".join(parts) + "]"


def _python(source: Source) -> Decide:
    # The text is our own translation; Python has no other way to compile it.
    return eval(f"lambda f: {source}")  # type: ignore[no-any-return]  # noqa: S307


def _cel(source: Source) -> Decide:
    decide: Decide = import_module("cel").compile(source).execute
    return decide


def _cel_input(row: Any) -> Input:
    return import_module("cel").Context(row)


def _zen(source: Source) -> Decide:
    decide: Decide = import_module("zen").compile_expression(source).evaluate
    return decide


def _rule_engine(source: Source) -> Decide:
    decide: Decide = import_module("rule_engine").Rule(source).evaluate
    return decide


def _qubit(source: Source) -> Decide:
    logic: Callable[[Source, Input], Raw] = import_module("json_logic").jsonLogic
    return lambda row: logic(source, row)


def _datalogic(source: Source) -> Decide:
    decide: Decide = import_module("datalogic_py").Engine().compile(source).evaluate_data
    return decide


def _datalogic_input(row: Any) -> Input:
    return import_module("datalogic_py").DataHandle(json.dumps(row))


def frame(columns: Columns) -> Any:
    """Return columns as an Arrow table with nulls, the lists of records as lists of structs."""
    pa = import_module("pyarrow")
    made = {}
    for name, values in columns.items():
        if name.startswith("known_"):
            continue
        known = columns.get(f"known_{name}")
        mask = None if known is None else ~known
        made[name] = values if isinstance(values, pa.Array) else pa.array(values, mask=mask)
    return pa.table(made)


def _polars_input(columns: Columns) -> Any:
    return import_module("polars").from_arrow(frame(columns)).lazy()


def _polars(source: Source) -> Decide:
    pl = import_module("polars")
    wanted = eval(source, {"pl": pl})  # noqa: S307  our own translation
    # Optimising hundreds of expressions costs more than it gains: none is the fastest setting.
    plain = pl.QueryOptFlags.none()
    return lambda rows: rows.select(**wanted).collect(optimizations=plain)


def _pairs(table: Any, size: int) -> Iterator[Any]:
    """Yield the codes of each rule from two nullable booleans."""
    np = import_module("numpy")
    for place in range(table.num_columns // 2):
        (a, a_known), (s, s_known) = (_spread(table.column(f"{k}{place}"), size) for k in "as")
        yield np.select([~a_known, ~a, ~s_known, s], [0, 1, 2, 3], 4)


def _spread(column: Any, size: int) -> tuple[Any, Any]:
    np = import_module("numpy")
    known = np.asarray(column.is_valid())
    values = np.asarray(column.fill_null(False))
    return np.broadcast_to(values, size), np.broadcast_to(known, size)


def _polars_codes(raw: Raw, size: int) -> Iterator[Any]:
    return _pairs(raw.to_arrow(), size)


def _duckdb_input(columns: Columns) -> Any:
    connection = import_module("duckdb").connect()
    connection.register("given", frame(columns))
    connection.execute('CREATE TABLE "rows" AS SELECT * FROM given')
    connection.unregister("given")
    # Its optimiser spends more on hundreds of expressions than it gains: off is the fastest setting.
    connection.execute("PRAGMA disable_optimizer")
    return connection


def _duckdb(source: Source) -> Decide:
    plans: dict[int, Any] = {}

    def decide(connection: Any) -> Raw:
        if id(connection) not in plans:
            plans.clear()
            connection.execute(f"PREPARE decision AS {source}")
            plans[id(connection)] = connection
        return connection.sql("EXECUTE decision").to_arrow_table()

    return decide


def _openfisca(source: Source) -> Decide:
    """Compile a model of one entity and one variable an answer and a requirement."""
    entities, periods, variables, tax, builder = (
        import_module(f"openfisca_core.{name}")
        for name in (
            "entities",
            "periods",
            "variables",
            "taxbenefitsystems",
            "simulation_builder",
        )
    )
    np = import_module("numpy")
    year = periods.period("2026")
    organisation = entities.Entity("organisation", "organisations", "", "")
    model = tax.TaxBenefitSystem([organisation])
    kinds = {"b": bool, "i": int, "u": int, "f": float}
    scope: dict[str, Any] = {"np": np}

    def variable(name: str, kind: type, formula: Any = None) -> None:
        about = {
            "value_type": kind,
            "entity": organisation,
            "definition_period": periods.DateUnit.YEAR,
        }
        about |= {} if formula is None else {"formula": formula}
        model.add_variable(type(name, (variables.Variable,), about))

    for name, kind in source["inputs"]:
        variable(name, kinds[kind])
    for place, text in enumerate(source["rules"]):
        # The text is our own translation; models of OpenFisca are Python.
        variable(f"r{place}", int, eval(f"lambda o, p: np.full(o.count, {text})", scope))  # noqa: S307

    def decide(columns: Columns) -> Raw:
        count = len(next(iter(columns.values())))
        simulation = builder.SimulationBuilder().build_default_simulation(model, count)
        for name, values in columns.items():
            if model.get_variable(name) is not None:
                simulation.set_input(name, year, values)
        return [simulation.calculate(f"r{place}", year) for place in range(len(source["rules"]))]

    return decide


def _sql_result(parts: list[Source]) -> Source:
    return parts[0]


ENGINES = (
    Engine(
        "generated Python",
        "json",
        "pip",
        Shape.ROW,
        True,
        "one lambda of plain Python, the floor of an interpreter",
        _array,
        _python,
    ),
    Engine(
        "CEL",
        "cel",
        "common-expression-language",
        Shape.ROW,
        True,
        "compiled once (Rust), one expression: a list of all decisions",
        _array,
        _cel,
        _cel_input,
    ),
    Engine(
        "zen-engine",
        "zen",
        "zen-engine",
        Shape.ROW,
        True,
        "compiled once (Rust), one expression: a list of all decisions",
        _array,
        _zen,
    ),
    Engine(
        "datalogic (JSON logic)",
        "datalogic_py",
        "datalogic-py",
        Shape.ROW,
        True,
        "compiled once (Rust), one rule: a list of all decisions",
        lambda parts: {"merge": parts},
        _datalogic,
        _datalogic_input,
    ),
    Engine(
        "json-logic-qubit",
        "json_logic",
        "json-logic-qubit",
        Shape.ROW,
        True,
        "one rule: a list of all decisions (it cannot be compiled)",
        lambda parts: {"merge": parts},
        _qubit,
    ),
    Engine(
        "rule-engine",
        "rule_engine",
        "rule-engine",
        Shape.ROW,
        True,
        "parsed once, one expression: a list of all decisions",
        _array,
        _rule_engine,
    ),
    Engine(
        "durable_rules",
        "durable.engine",
        "durable_rules",
        Shape.ROW,
        False,
        "used naively: one rule set, a rule a verdict, a message a requirement",
        _same,
        durable,
    ),
    Engine(
        "polars",
        "polars",
        "polars",
        Shape.COLUMNS,
        True,
        "one lazy select of all decisions, nulls for unknown",
        _sql_result,
        _polars,
        _polars_input,
        _polars_codes,
        "all",
    ),
    Engine(
        "DuckDB",
        "duckdb",
        "duckdb",
        Shape.COLUMNS,
        True,
        "one prepared SELECT of all decisions, nulls for unknown, result as Arrow",
        _sql_result,
        _duckdb,
        _duckdb_input,
        _pairs,
        "all",
    ),
    Engine(
        "OpenFisca",
        "openfisca_core.simulation_builder",
        "OpenFisca-Core",
        Shape.COLUMNS,
        False,
        "one model, one variable an answer and a requirement; inputs set in the call",
        lambda parts: parts,
        _openfisca,
    ),
)
