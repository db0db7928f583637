"""Evidence from where it lies: registers, exports and databases, by a mapping file."""

from __future__ import annotations
