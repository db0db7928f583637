"""A portfolio as Parquet files: the kernel runs in Dask's workers, a partition a file."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from socap.errors import EvidenceError, MissingExtraError, Problem, Text
from socap.portfolio.columns import ID
from socap.portfolio.engines.worker import BATCH, assessed, orders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from dask.bag import Bag

    from socap.errors import Lang
    from socap.evidence import Assurance
    from socap.portfolio.engines.worker import Orders

BUCKETS = 32


def assess_dask(
    files: Iterable[str | Path],
    standard: str | Path | None = None,
    *,
    as_of: date,
    overlays: Iterable[str | Path] = (),
    assurance: Assurance | str = "declared",
    parameters: Mapping[str, int | float] | None = None,
    keep: Iterable[str] = (),
    unique_ids: bool = False,
    lang: Lang = "zh",
) -> Bag:
    """Return a bag of record batches, a partition a Parquet file, assessed where it is computed.

    The arguments and the columns of the result are those of `assess_spark`; outcomes stay
    dictionaries. Files and rules have to be at the same place on every worker.

    Raises MissingExtraError without dask; EvidenceError for a first file that cannot be read or has
    wrong columns (another file's fault fails the computation); UsageError and PackError as
    `socap.assess` and `socap.load` do.
    """
    try:
        bag, delayed = import_module("dask.bag"), import_module("dask.delayed").delayed
    except ImportError as error:
        raise MissingExtraError("dask") from error
    given = orders(
        standard,
        overlays,
        as_of=as_of,
        assurance=assurance,
        parameters=parameters,
        keep=keep,
        lang=lang,
    )
    places = [str(file) for file in files]
    if not places:
        message = Text("没有给出文件", "no file is given")
        raise EvidenceError([Problem(message)])
    with _opened(given, places[0]):
        pass
    repeated = None
    if not unique_ids:
        split = [delayed(_split, nout=BUCKETS)(given, place) for place in places]
        bins = [delayed(_repeated)([ids[i] for ids in split]) for i in range(BUCKETS)]
        repeated = delayed(pa.concat_arrays)(bins)
    made: Bag = bag.from_delayed([delayed(_assess)(given, place, repeated) for place in places])
    return made


@contextmanager
def _opened(given: Orders, place: str) -> Iterator[pq.ParquetFile]:
    """Give a file whose columns fit; whatever is wrong with it is an EvidenceError naming it."""
    try:
        with pq.ParquetFile(place) as file:
            assessed(given, pa.RecordBatch.from_pylist([], schema=file.schema_arrow))
            yield file
    except EvidenceError as error:
        raise EvidenceError(replace(p, file=place) for p in error.problems) from None
    except (pa.ArrowException, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        message = Text(f"无法读取：{reason}", f"cannot be read: {reason}")
        raise EvidenceError([Problem(message, file=place)]) from None


def _split(given: Orders, place: str) -> list[pa.Array]:
    """Return the ids of a file in buckets, the same id always in the same one."""
    with _opened(given, place) as file:
        ids = file.read([ID]).column(ID).cast(pa.string()).combine_chunks()
    bucket = np.array([crc32(i.encode()) % BUCKETS if i else BUCKETS for i in ids.to_pylist()])
    return [ids.filter(pa.array(bucket == number)) for number in range(BUCKETS)]


def _repeated(parts: Sequence[pa.Array]) -> pa.Array:
    counts = pa.concat_arrays(parts).value_counts()
    return counts.field("values").filter(pc.greater(counts.field("counts"), 1))


def _assess(given: Orders, place: str, repeated: pa.Array | None) -> list[pa.RecordBatch]:
    made = []
    with _opened(given, place) as file:
        for batch in file.iter_batches(BATCH):
            marks = None
            if repeated is not None and len(repeated):
                marks = pc.is_in(batch.column(ID).cast(pa.string()), value_set=repeated)
                marks = marks.to_numpy(zero_copy_only=False)
            made.append(assessed(given, batch, marks))
    return made
