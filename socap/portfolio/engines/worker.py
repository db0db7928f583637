"""What each worker of an engine does: load the same rules once, then assess batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from socap.errors import PackError, Problem, Text, UsageError, did_you_mean
from socap.packs import BUNDLED, MAIN
from socap.portfolio.columns import ID
from socap.portfolio.decoding import REPEATED_ID
from socap.portfolio.kernel import Kernel
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from socap.errors import Lang
    from socap.evidence import Assurance
    from socap.rules.planes import Flags
    from socap.standard import Standard

FAULT = "fault"
BATCH = 65_536


@dataclass(frozen=True, slots=True)
class Orders:
    """What travels to a worker: names and a fingerprint, never the rules themselves.

    `place` and `overlays` are read on the worker and have to be the same there; `fingerprint` says
    whether they are.
    """

    place: str
    overlays: tuple[str, ...]
    fingerprint: str
    as_of: date
    assurance: str
    parameters: tuple[tuple[str, int | float], ...]
    keep: tuple[str, ...]
    lang: Lang


def orders(
    place: str | Path | None,
    overlays: Iterable[str | Path],
    *,
    as_of: date,
    assurance: Assurance | str,
    parameters: Mapping[str, int | float] | None,
    keep: Iterable[str],
    lang: Lang,
) -> Orders:
    """Return the orders for a standard as it is here.

    Raises PackError for a standard or overlay that cannot be read, UsageError for an unknown
    parameter or assurance level.
    """
    chosen = MAIN if place is None else str(place)
    if chosen not in BUNDLED:
        chosen = str(Path(chosen).resolve())
    laid = tuple(str(Path(overlay).resolve()) for overlay in overlays)
    made = Orders(
        chosen,
        laid,
        fingerprint(load(chosen, overlays=laid)),
        as_of,
        str(assurance),
        tuple(sorted((parameters or {}).items())),
        tuple(keep),
        lang,
    )
    kernel(made)
    return made


def fingerprint(standard: Standard) -> str:
    """Return the SHA-256 of what decides: socap's version, the pack's files and its overlays."""
    version: str = import_module(
        "socap"
    ).__version__  # other code may read the same rules otherwise
    parts = (version, standard.id, standard.hash, *(one.hash for one in standard.overlays))
    return sha256("\0".join(parts).encode()).hexdigest()


@lru_cache(maxsize=4)
def kernel(given: Orders) -> Kernel:
    """Return the kernel for orders, made once in each process.

    Raises PackError where the rules found here are not those that the orders were made from.
    """
    standard = load(given.place, overlays=given.overlays)
    found = fingerprint(standard)
    if found != given.fingerprint:
        message = Text(
            f"此工作进程上的规则与发起任务处不同：此处为 {found[:12]}，应为 {given.fingerprint[:12]}",
            f"the rules on this worker differ from those of the driver: {found[:12]} here, {given.fingerprint[:12]} there",
        )
        hint = Text(
            "请在每台机器上放置同一版本的 socap、标准和叠加文件",
            "put the same version of socap, the pack and the overlays on every machine",
        )
        raise PackError([Problem(message, file=given.place, hint=hint)])
    return Kernel(
        standard,
        as_of=given.as_of,
        assurance=given.assurance,
        parameters=dict(given.parameters),
        ignore=given.keep,
    )


def assessed(given: Orders, batch: pa.RecordBatch, repeated: Flags | None = None) -> pa.RecordBatch:
    """Return `id`, the columns kept, `fault` and the outcomes of one batch, row by row.

    A row that is wrong, or whose id is `repeated` in the portfolio, has no outcome and says why in
    `fault`. Raises EvidenceError for columns that are missing, unknown or of a wrong type, and
    UsageError for a column to keep that is not there or is named like one of the result.
    """
    made = kernel(given)
    _refuse_unfit(given.keep, batch.schema, made.schema)
    outcomes = made.outcomes(batch)
    told: dict[int, dict[str, None]] = {}
    if outcomes.column("status").null_count:
        for fault in made.faults(batch):
            for row in fault.rows.tolist():
                told.setdefault(row, {})[_sentence(fault.column, fault.message, given.lang)] = None
    if repeated is not None and repeated.any():
        for row in np.flatnonzero(repeated).tolist():
            told.setdefault(row, {})[_sentence(ID, REPEATED_ID, given.lang)] = None
        outcomes = outcomes.take(pa.array(np.arange(len(batch)), mask=repeated))
    between = "；" if given.lang == "zh" else "; "
    faults = [between.join(told[row]) if row in told else None for row in range(len(batch))]
    names, columns = outcomes.schema.names, outcomes.columns
    return pa.RecordBatch.from_arrays(
        [
            batch.column(ID).cast(pa.string()),
            *(batch.column(name) for name in given.keep),
            pa.array(faults, pa.string()),
            *columns[1:],
        ],
        names=[ID, *given.keep, FAULT, *names[1:]],
    )


def _sentence(column: str, message: Text, lang: Lang) -> str:
    return f"{column}{'：' if lang == 'zh' else ': '}{message.in_language(lang)}"


def _refuse_unfit(keep: Sequence[str], given: pa.Schema, made: pa.Schema) -> None:
    absent = [name for name in keep if given.names.count(name) != 1]
    taken = [name for name in keep if name == FAULT or name in made.names or keep.count(name) > 1]
    problems = [
        Problem(
            Text("要保留的列应在数据中出现一次", "a column to keep has to be there once"),
            name,
            hint=did_you_mean(name, given.names),
        )
        for name in absent
    ]
    problems += [
        Problem(Text("与结果中的列重名", "the result has a column of this name"), name)
        for name in taken
    ]
    if problems:
        raise UsageError(problems)
