"""A portfolio as a Spark DataFrame: the kernel runs in Spark's workers through `mapInArrow`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from socap.errors import MissingExtraError
from socap.portfolio.columns import ID
from socap.portfolio.engines.worker import assessed, orders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from pyspark.sql import DataFrame

    from socap.errors import Lang
    from socap.evidence import Assurance
    from socap.portfolio.engines.worker import Orders


def assess_spark(
    portfolio: DataFrame,
    standard: str | Path | None = None,
    *,
    as_of: date,
    overlays: Iterable[str | Path] = (),
    assurance: Assurance | str = "declared",
    parameters: Mapping[str, int | float] | None = None,
    keep: Iterable[str] = (),
    unique_ids: bool = False,
    lang: Lang = "zh",
) -> DataFrame:
    """Return what `Kernel.outcomes` gives for a portfolio, assessed where its rows are.

    `standard` is a pack's name or folder and `overlays` are files, at the same place on every
    worker: each worker process loads them once, and one that finds other rules fails the job. The
    columns of `portfolio` are those of `socap.portfolio.layout.schema`; `keep` names further ones
    to carry along. The result has `id`, what is kept, `fault` (why a row is not assessed, in the
    language asked for; its outcomes are null), `status`, the counts and a column a requirement.

    Repeated ids are looked for in the whole portfolio, which reads its `id` column once more;
    `unique_ids` says that the source already sees to it. Their list is sent to every worker.

    Raises MissingExtraError without pyspark; EvidenceError for columns that are missing, unknown or
    of a wrong type; UsageError and PackError as `socap.assess` and `socap.load` do.
    """
    try:
        from pyspark.sql import functions  # noqa: PLC0415  an extra
    except ImportError as error:
        raise MissingExtraError("spark") from error
    given = orders(
        standard,
        overlays,
        as_of=as_of,
        assurance=assurance,
        parameters=parameters,
        keep=keep,
        lang=lang,
    )
    names = portfolio.columns
    sample = pa.RecordBatch.from_pylist([], schema=portfolio.limit(0).toArrow().schema)
    made = _readable(assessed(given, sample))
    schema = portfolio.sparkSession.createDataFrame(pa.Table.from_batches([made])).schema

    # mapInArrow takes a dot in a column's name for a field of a struct
    places = [f"c{place}" for place in range(len(names))]
    numbered = portfolio.toDF(*places)
    if not unique_ids:
        key = places[names.index(ID)]
        often = numbered.groupBy(key).count().where("count > 1")
        repeated = often.select(key, functions.lit(True).alias("repeated"))
        numbered = numbered.join(functions.broadcast(repeated), key, "left")
        numbered = numbered.select(*places, "repeated")
    return numbered.mapInArrow(partial(_assess, given, tuple(names)), schema)


def _assess(
    given: Orders, names: tuple[str, ...], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        count = len(names)
        asked = pa.RecordBatch.from_arrays(batch.columns[:count], names=list(names))
        repeated = None
        if batch.num_columns > count:
            marks = batch.column(count).fill_null(False)
            repeated = np.asarray(marks.to_numpy(zero_copy_only=False), np.bool_)
        yield _readable(assessed(given, asked, repeated))


def _readable(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch without dictionaries, which Spark does not read."""
    return pa.RecordBatch.from_arrays(
        [
            column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
            for column in batch.columns
        ],
        names=batch.schema.names,
    )
