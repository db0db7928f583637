"""The companion documents around the standard, as packs of the same shape."""

from __future__ import annotations
