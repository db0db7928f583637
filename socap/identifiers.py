"""The forms of identifiers and the order in which they are printed."""

from __future__ import annotations

import re

REQUIREMENT = re.compile(r"(?P<clause>[A-Z0-9]+(\.[0-9]+)*)-(?P<letter>[a-z]{1,2})\Z")
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")
PACK = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def sort_key(identifier: str) -> tuple[tuple[int, int | str], ...]:
    """Return a key that puts 6.10 after 6.9, and annexes after the body.

    >>> sorted(["C.10-a", "C.2-a", "6.3-d"], key=sort_key)
    ['6.3-d', 'C.2-a', 'C.10-a']
    """
    parts = re.split(r"[.\-]", identifier)
    return tuple((0, int(p)) if p.isdecimal() else (1, p) for p in parts)
