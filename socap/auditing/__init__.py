"""The parts of an audit plan: stated figures, audit days, samples and the programme."""

from __future__ import annotations
