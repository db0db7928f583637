"""The verbs of the command line, one group a file."""

from __future__ import annotations
