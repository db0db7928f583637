"""JSON Schemas of the files, and how they are made."""

from __future__ import annotations
