"""Beyond one machine: the same kernel inside Spark or Dask, batch by batch over Arrow."""

from __future__ import annotations
