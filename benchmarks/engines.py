"""What the same assessment costs on this machine by itself, inside Spark and inside Dask.

Each row reads one synthetic portfolio from Parquet and writes its findings to Parquet. The findings
of every row are compared with those of the first, value for value, before anything is printed.
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from functools import partial
from importlib import import_module
from os import cpu_count, environ
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from synthetic import AS_OF, generate

from socap.portfolio.engines.dask import assess_dask
from socap.portfolio.engines.spark import assess_spark
from socap.portfolio.engines.worker import BATCH, assessed, orders
from socap.standard import Standard, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from socap.portfolio.engines.worker import Orders

BILLION = 10**9


def written(folder: Path, batches: Iterator[pa.RecordBatch], parts: int) -> list[Path]:
    """Write a portfolio as `parts` files of about the same size."""
    folder.mkdir()
    table = pa.Table.from_batches(batches)
    size = -(-len(table) // parts)
    files = [folder / f"part-{number:04}.parquet" for number in range(parts)]
    for number, file in enumerate(files):
        pq.write_table(table.slice(number * size, size), file, row_group_size=BATCH)
    return files


def alone(given: Orders, files: list[Path], folder: Path) -> None:
    """Assess one file after another in this process."""
    folder.mkdir()
    for file in files:
        with pq.ParquetFile(file) as opened:
            made = [assessed(given, batch) for batch in opened.iter_batches(BATCH)]
        pq.write_table(pa.Table.from_batches(made), folder / file.name)


def store(batches: list[pa.RecordBatch], folder: str, number: int) -> int:
    """Write one partition of a Dask bag."""
    pq.write_table(pa.Table.from_batches(batches), Path(folder) / f"part-{number:04}.parquet")
    return len(batches)


def dask(files: list[Path], folder: Path, *, unique_ids: bool) -> None:
    """Assess with the Dask cluster that is there."""
    folder.mkdir()
    made: Any = assess_dask(files, as_of=AS_OF, keep=["park"], unique_ids=unique_ids, lang="en")
    write = import_module("dask.delayed").delayed(store)
    parts = enumerate(made.to_delayed())
    import_module("dask").compute(*(write(part, str(folder), number) for number, part in parts))


def spark(session: Any, files: list[Path], folder: Path, *, unique_ids: bool) -> None:
    """Assess with a Spark session."""
    read = session.read.parquet(*map(str, files))
    made = assess_spark(read, as_of=AS_OF, keep=["park"], unique_ids=unique_ids, lang="en")
    made.write.parquet(str(folder))


def session(cores: int) -> Any:
    """Return a local Spark session that says little."""
    environ.setdefault("PYSPARK_PYTHON", sys.executable)
    environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    build = import_module("pyspark.sql").SparkSession.builder.master(f"local[{cores}]")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "3g",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.sql.files.maxPartitionBytes": "16m",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
    }.items():
        build = build.config(name, value)
    made = build.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def same(first: Path, other: Path) -> None:
    """Stop where two folders of findings differ in a single value."""
    one, two = (ds.dataset(folder, format="parquet") for folder in (first, other))
    if one.schema.names != two.schema.names:
        sys.exit(f"{other.name}: other columns")
    order = [d.to_table(["id"]).column(0).to_pylist() for d in (one, two)]
    places = [pa.array(np.argsort(ids, kind="stable")) for ids in order]
    for name in one.schema.names:
        left, right = (
            d.to_table([name]).column(0).cast(text_or(d.schema.field(name).type)).take(p)
            for d, p in zip((one, two), places, strict=True)
        )
        if left != right:
            sys.exit(f"{other.name}: {name} differs from {first.name}")


def text_or(kind: pa.DataType) -> pa.DataType:
    """Return the type without a dictionary."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def size(folder: Path) -> int:
    """Return the bytes of the Parquet files in a folder."""
    return sum(file.stat().st_size for file in folder.glob("*.parquet"))


def spent(action: Callable[[], object]) -> float:
    """Return the processor seconds an action takes in this process."""
    started = process_time()
    action()
    return process_time() - started


def processor() -> float:
    """Return the processor seconds of this process and all it started, Java among them."""
    psutil = import_module("psutil")
    here = psutil.Process()
    return sum(sum(p.cpu_times()[:4]) for p in [here, *here.children(recursive=True)])


def compare(standard: Standard, folder: Path, *, rows: int, records: int, parts: int) -> None:
    """Print what each way costs for one portfolio."""
    files = written(folder / "input", generate(rows, standard, records=records), parts)
    given = orders(
        None, (), as_of=AS_OF, assurance="declared", parameters=None, keep=["park"], lang="en"
    )
    decisions = rows * len(standard.requirements)
    print(f"\n{rows:,} organisations, up to {records} records a list, {parts} files")
    print(f"input {size(folder / 'input') / rows:.0f} bytes an organisation")
    print("| way | workers | seconds | processor seconds | core hours a billion | output |")
    print("| --- | --: | --: | --: | --: | --: |")

    def row(
        way: str, workers: int, action: Callable[[Path], object], *, check: bool = True
    ) -> None:
        output = folder / way.replace(" ", "-")
        began, used = perf_counter(), processor()
        action(output)
        used, began = processor() - used, perf_counter() - began
        if check:
            same(folder / "this-process", output)
        hours = used / decisions * BILLION / 3600
        print(
            f"| {way} | {workers} | {began:.1f} | {used:.1f} | {hours:.3f} "
            f"| {size(output) / rows:.0f} B |",
            flush=True,
        )

    row("this process", 1, lambda out: alone(given, files, out))
    cores = min(2, cpu_count() or 1)
    distributed = import_module("distributed")
    with (
        distributed.LocalCluster(
            n_workers=cores, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
    ):
        dask(files, folder / "warm-dask", unique_ids=True)
        row("Dask, unique ids", cores, lambda out: dask(files, out, unique_ids=True))
        row("Dask", cores, lambda out: dask(files, out, unique_ids=False))
    made = session(cores)
    spark(made, files, folder / "warm-spark", unique_ids=True)
    read = made.read.parquet(*map(str, files))
    row("Spark copies the input", cores, lambda out: read.write.parquet(str(out)), check=False)
    row("Spark, unique ids", cores, lambda out: spark(made, files, out, unique_ids=True))
    row("Spark", cores, lambda out: spark(made, files, out, unique_ids=False))
    made.stop()


def every(given: Orders, chunks: list[pa.RecordBatch]) -> None:
    """Assess batches one after another."""
    for chunk in chunks:
        assessed(given, chunk)


def batches(standard: Standard, rows: int) -> None:
    """Print what a decision costs by the rows of a batch, reading and writing files apart."""
    given = orders(
        None, (), as_of=AS_OF, assurance="declared", parameters=None, keep=["park"], lang="en"
    )
    table = pa.Table.from_batches(generate(rows, standard)).combine_chunks()
    print("\n| rows a batch | ns a decision |\n| --: | --: |")
    for count in (1_000, 10_000, 65_536):
        chunks = table.to_batches(count)
        used = min(spent(partial(every, given, chunks)) for _ in range(3))
        print(
            f"| {count:,} | {used / rows / len(standard.requirements) * BILLION:.1f} |", flush=True
        )


def skew(standard: Standard) -> None:
    """Print what one organisation with very many records costs among ordinary ones."""
    given = orders(
        None, (), as_of=AS_OF, assurance="declared", parameters=None, keep=["park"], lang="en"
    )
    (batch,) = generate(1_000, standard, records=3)
    print(
        "\n| records of one organisation | processor seconds for its batch of 1,000 | MB of the batch |"
    )
    print("| --: | --: | --: |")
    for count in (3, 10_000, 1_000_000):
        one = widened(batch, count)
        used = min(spent(partial(every, given, [one])) for _ in range(2))
        print(f"| {count:,} | {used:.2f} | {one.nbytes / 1e6:.0f} |", flush=True)


def widened(batch: pa.RecordBatch, count: int) -> pa.RecordBatch:
    """Return a batch whose first organisation has `count` records in its first list."""
    name = next(name for name in batch.schema.names if name.startswith("records."))
    place = batch.schema.get_field_index(name)
    column = batch.column(place)
    lists = column.flatten()
    chosen = lists.take(pa.array(np.arange(count) % len(lists)))
    ids = pa.array([f"r{number}" for number in range(count)])
    fields = [ids, *(chosen.field(i) for i in range(1, chosen.type.num_fields))]
    first = pa.StructArray.from_arrays(fields, names=[f.name for f in chosen.type])
    head = pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), first)
    made = pa.concat_arrays([head, column.slice(1)])
    return batch.set_column(place, batch.schema.field(place), made)


def main() -> None:
    """Print every table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=2 * BATCH)
    arguments.add_argument("--parts", type=int, default=8)
    asked = arguments.parse_args()
    standard = load()
    began = perf_counter()
    for records in (0, 3):
        with TemporaryDirectory() as folder:
            compare(standard, Path(folder), rows=asked.rows, records=records, parts=asked.parts)
    batches(standard, min(asked.rows, 2 * BATCH))
    skew(standard)
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\npeak memory of this process {peak:.0f} MB, {timedelta(seconds=int(perf_counter() - began))} in all"
    )


if __name__ == "__main__":
    main()
