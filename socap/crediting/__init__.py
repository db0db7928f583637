"""Credit for certificates of other standards: which of them count, and what they leave to be shown."""

from __future__ import annotations
