"""Many organisations at once: a standard's questions as Arrow columns, its findings as columns."""

from __future__ import annotations

from importlib.util import find_spec

from socap.errors import MissingExtraError

if find_spec("numpy") is None or find_spec("pyarrow") is None:
    raise MissingExtraError("portfolio")
