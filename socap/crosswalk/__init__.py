"""How requirements relate to other management system standards."""

from __future__ import annotations
