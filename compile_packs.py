"""What a build adds: the bundled packs compiled, so that they load without parsing YAML."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompilePacks(BuildHookInterface):  # type: ignore[misc]
    """Compile the bundled packs before the files are collected."""

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Write `socap/compiled`."""
        sys.path.insert(0, self.root)
        try:
            from socap.packs import compile_bundled  # noqa: PLC0415  the root is on the path now
        finally:
            sys.path.remove(self.root)
        compile_bundled()
