"""Spark and Dask give what the kernel gives on one machine, row for row, however rows are split."""

from __future__ import annotations

import pickle
import shutil
import sys
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import random_companies

from socap.errors import EvidenceError, MissingExtraError, PackError, SocapError, UsageError
from socap.portfolio.companies import from_organisations
from socap.portfolio.engines.dask import assess_dask
from socap.portfolio.engines.spark import assess_spark
from socap.portfolio.engines.worker import assessed, kernel, orders
from socap.portfolio.kernel import Kernel
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client
    from pyspark.sql import DataFrame, SparkSession

    from socap.standard import Standard

    Compared = tuple[list[dict[str, Any]], dict[int, str]]

# mapInArrow asks which pandas there is, though no row passes through it
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 1)
OVERLAY = ROOT / "examples" / "overlays" / "our-body.yaml"
TINY = ROOT / "tests" / "packs" / "tiny"
ROWS = 240
FAULTY = {3, 4, 5, 50, 100, 200}  # repeated ids, a number beyond any limit, no id
BACKED = ("change.", "training.", "service.")  # Spark takes seconds to plan a thousand columns
STRICT: dict[str, Any] = {"assurance": "verified", "parameters": {"training_hours_min": 40}}


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYTHONPATH", str(ROOT))
        build: Any = SparkSession.builder
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.execution.arrow.maxRecordsPerBatch": "50",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        }
        for name, value in settings.items():
            build = build.config(name, value)
        session = build.master("local[2]").getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        gateway = session.sparkContext._gateway
        session.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(60)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    distributed: Any = import_module("distributed")
    options = {"dashboard_address": ":0", "worker_dashboard_address": None}
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster,
        distributed.Client(cluster) as made,
    ):
        yield made


def portfolio(standard: Standard, rows: int = ROWS) -> pa.Table:
    rng = Random(7)
    made = []
    for number in range(rows):
        company = random_companies.organisation(rng, standard, AS_OF)
        made.append(replace(company, id=f"org-{number:03}"))
    table = pa.Table.from_batches([from_organisations(made, standard)])
    names = [n for n in table.column_names if "#" not in n or n.startswith(BACKED)]
    return table.select(names).append_column("row", pa.array(range(rows), pa.int32()))


@pytest.fixture(scope="module")
def table() -> pa.Table:
    made = portfolio(load())
    ids = made.column("id").to_pylist()
    ids[3], ids[4] = ids[200], ids[5]
    ids[100] = None
    shares = made.column("training.completion_pct").to_pylist()
    shares[50] = 1e300
    made = made.set_column(0, "id", pa.array(ids, pa.string()))
    place = made.schema.get_field_index("training.completion_pct")
    return made.set_column(place, "training.completion_pct", pa.array(shares, pa.float64()))


def computed(bag: Any) -> Any:
    return bag.compute()


def local(table: pa.Table, standard: Standard, **options: Any) -> Compared:
    """What the kernel says of the whole portfolio in one batch, on this machine."""
    (batch,) = table.combine_chunks().to_batches()
    made = Kernel(standard, as_of=AS_OF, ignore=("row",), **options)
    faults: dict[int, str] = {}
    for fault in made.faults(batch):
        faults |= dict.fromkeys(fault.rows.tolist(), f"{fault.column}: {fault.message.en}")
    return made.outcomes(batch).to_pylist(), faults


def compared(result: pa.Table) -> Compared:
    """The outcomes in the portfolio's order, and the faults by row."""
    rows = result.sort_by("row").to_pylist()
    faults = {row["row"]: row["fault"] for row in rows if row["fault"] is not None}
    return [{k: v for k, v in row.items() if k not in ("row", "fault")} for row in rows], faults


@pytest.fixture(scope="module")
def frame(spark: SparkSession, table: pa.Table) -> DataFrame:
    return spark.createDataFrame(table)


@pytest.mark.parametrize("partitions", [1, 7])
def test_spark_gives_what_the_kernel_gives_however_rows_are_split(
    frame: DataFrame, table: pa.Table, partitions: int
) -> None:
    made = assess_spark(
        frame.repartition(partitions), as_of=AS_OF, keep=["row"], lang="en"
    ).toArrow()
    assert compared(made) == local(table, load())
    assert compared(made)[1].keys() == FAULTY


def test_spark_with_overlay_assurance_and_parameters(frame: DataFrame, table: pa.Table) -> None:
    made = assess_spark(
        frame.repartition(2), as_of=AS_OF, overlays=[OVERLAY], keep=["row"], **STRICT
    ).toArrow()
    outcomes, faults = compared(made)
    expected, wrong = local(table, load(overlays=[OVERLAY]), **STRICT)
    assert outcomes == expected
    assert faults.keys() == wrong.keys() > FAULTY  # one leaves out what the overlay retires
    assert faults[3] == "id：id 重复"


@pytest.mark.usefixtures("client")
def test_a_pack_of_ones_own_from_a_folder(spark: SparkSession, tmp_path: Path) -> None:
    table = portfolio(load(TINY), 60)
    made = assess_spark(
        spark.createDataFrame(table), TINY, as_of=AS_OF, keep=["row"], unique_ids=True
    )
    assert compared(made.toArrow()) == local(table, load(TINY))
    pq.write_table(table, tmp_path / "part.parquet")
    bag = assess_dask([tmp_path / "part.parquet"], TINY, as_of=AS_OF, keep=["row"])
    assert compared(pa.Table.from_batches(computed(bag))) == local(table, load(TINY))


def test_a_worker_that_finds_other_rules_fails_the_job(frame: DataFrame, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    shutil.copy(OVERLAY, overlay)
    planned = assess_spark(frame, as_of=AS_OF, overlays=[overlay], keep=["row"])
    overlay.write_text(overlay.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    with pytest.raises(Exception, match="the rules on this worker differ"):
        planned.collect()


def test_what_travels_is_small(table: pa.Table) -> None:
    given = orders(
        None, (), as_of=AS_OF, assurance="declared", parameters=None, keep=["row"], lang="zh"
    )
    assert len(pickle.dumps(given)) < 1000
    assert kernel(pickle.loads(pickle.dumps(given))) is kernel(given)  # noqa: S301  its own
    other = replace(given, fingerprint="0" * 64)
    with pytest.raises(PackError, match="differ"):
        kernel(other)
    (batch,) = table.combine_chunks().to_batches()
    assert assessed(given, batch.slice(0, 0)).num_rows == 0


WRONG: list[tuple[str, Any, dict[str, Any], type[SocapError], str]] = [
    ("no id", lambda d: d.drop("id"), {}, EvidenceError, "id: this column is missing"),
    (
        "unknown column",
        lambda d: d.withColumnRenamed("id", "idd"),
        {},
        EvidenceError,
        "idd: there is no such column",
    ),
    (
        "wrong type",
        lambda d: d.withColumn("id", d.row),
        {},
        EvidenceError,
        "id: the type should not be int32",
    ),
    (
        "kept column is absent",
        lambda d: d,
        {"keep": ["row", "park"]},
        UsageError,
        "park: a column to keep has to be there once",
    ),
    (
        "kept column is a result",
        lambda d: d.withColumn("status", d.row),
        {"keep": ["row", "status"]},
        UsageError,
        "status: the result has a column of this name",
    ),
    ("parameter", lambda d: d, {"parameters": {"hours": 1}}, UsageError, "no parameter named"),
    ("assurance", lambda d: d, {"assurance": "sworn"}, UsageError, "no assurance level named"),
    ("pack", lambda d: d, {"standard": "nowhere"}, PackError, "neither a bundled pack"),
]


@pytest.mark.parametrize(
    ("change", "options", "error", "told"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_bad_input_is_refused_before_a_job_starts(
    frame: DataFrame, change: Any, options: dict[str, Any], error: type[SocapError], told: str
) -> None:
    with pytest.raises(error, match=told):
        assess_spark(change(frame), as_of=AS_OF, **{"keep": ["row"], **options})


def parts(table: pa.Table, folder: Path, cuts: tuple[int, ...]) -> list[Path]:
    made = []
    for number, (start, end) in enumerate(zip((0, *cuts), (*cuts, len(table)), strict=True)):
        made.append(folder / f"part-{number}.parquet")
        pq.write_table(table.slice(start, end - start), made[-1], row_group_size=40)
    return made


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("cuts", [(), (4, 201), (0, 60, 60, 120, 180)], ids=str)
def test_dask_gives_what_the_kernel_gives_however_rows_are_split(
    table: pa.Table, tmp_path: Path, cuts: tuple[int, ...]
) -> None:
    files = parts(table, tmp_path, cuts)
    bag = assess_dask(files, as_of=AS_OF, overlays=[OVERLAY], keep=["row"], lang="en", **STRICT)
    made = pa.Table.from_batches(computed(bag))
    assert compared(made) == local(table, load(overlays=[OVERLAY]), **STRICT)


@pytest.mark.usefixtures("client")
def test_dask_refuses_files_that_cannot_be_read(table: pa.Table, tmp_path: Path) -> None:
    files = parts(table, tmp_path, (100,))
    files[1].write_bytes(files[1].read_bytes()[:-100])
    planned = assess_dask(files, as_of=AS_OF, keep=["row"])
    with pytest.raises(Exception, match=r"part-1.parquet: cannot be read"):
        computed(planned)
    with pytest.raises(EvidenceError, match=r"part-1.parquet: cannot be read"):
        assess_dask(files[1:], as_of=AS_OF, keep=["row"])
    with pytest.raises(EvidenceError, match=r"part-0.parquet: row: there is no such column"):
        assess_dask(files[:1], as_of=AS_OF)
    with pytest.raises(EvidenceError, match="no file is given"):
        assess_dask([], as_of=AS_OF)


@pytest.mark.parametrize("extra", ["spark", "dask"])
def test_an_engine_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, extra: str
) -> None:
    for name in ("pyspark.sql", "dask.bag"):
        monkeypatch.setitem(sys.modules, name, None)
    call: Any = assess_spark if extra == "spark" else assess_dask
    with pytest.raises(MissingExtraError, match=rf"socap\[{extra}\]"):
        call(None, as_of=AS_OF)
