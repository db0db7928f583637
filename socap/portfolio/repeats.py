"""Ids that appear more than once, found over any number of files in bounded memory."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from socap.errors import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

REPEATED = Text("此 id 在组合中出现多次", "this id appears more than once in the portfolio")
_BUCKET = 1 << 22


def digests(ids: pa.Array) -> NDArray[np.uint64]:
    """Return 64 bits of BLAKE2b of each id, 0 for none.

    Among ten million ids two different ones share them once in 400,000 portfolios; the two would be
    refused as repeated, never taken for good.
    """
    told = [
        b"\0" * 8 if name is None else blake2b(name, digest_size=8).digest()
        for name in ids.cast(pa.binary()).to_pylist()
    ]
    return np.frombuffer(b"".join(told), np.uint64)


def repeated(files: Sequence[Path]) -> NDArray[np.uint64]:
    """Return, in order, the digests that appear more than once in files of sorted digests."""
    held = [np.load(file, mmap_mode="r") for file in files]
    buckets = sum(len(one) for one in held) // _BUCKET + 1
    edges = [(place << 64) // buckets for place in range(buckets)]
    found = []
    cuts = [np.searchsorted(one, np.array(edges, np.uint64)) for one in held]
    for bucket in range(buckets):
        parts = []
        for one, cut in zip(held, cuts, strict=True):
            stop = cut[bucket + 1] if bucket + 1 < buckets else len(one)
            parts.append(one[cut[bucket] : stop])
        together = np.sort(np.concatenate(parts)) if parts else np.zeros(0, np.uint64)
        found.append(np.unique(together[1:][together[1:] == together[:-1]]))
    every: NDArray[np.uint64] = np.concatenate(found)
    return np.asarray(every[every != 0])
