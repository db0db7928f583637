"""The identifiers of OSCAL documents: tokens made of socap's own ids, and UUIDs made of names."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from socap.errors import Lang
    from socap.standard import Standard

OSCAL_VERSION = "1.2.1"
NAMESPACE = "urn:socap:oscal"
_ROOT = uuid5(NAMESPACE_URL, NAMESPACE)


def identify(*names: str) -> str:
    """Return the UUID (version 5) of something with these names; the same names, the same UUID.

    >>> identify("a", "b") == identify("a", "b") != identify("ab")
    True
    """
    parts = "".join(f"{len(name)}:{name}" for name in names)
    return str(uuid5(_ROOT, sha256(parts.encode(errors="surrogatepass")).hexdigest()))


def edition(standard: Standard) -> tuple[str, ...]:
    """Return the names of a standard with the overlays laid over it."""
    return (standard.id, *(overlay.id for overlay in standard.overlays))


def catalog_uuid(standard: Standard, lang: Lang) -> str:
    """Return the UUID of the standard's catalog in a language."""
    return identify("catalog", *edition(standard), lang)


def catalog_file(standard: Standard) -> str:
    """Return the file name under which the other documents expect the catalog beside them."""
    return "+".join(edition(standard)) + ".catalog.json"


def control(requirement: str) -> str:
    """Return the control id of a requirement. An OSCAL token begins with a letter.

    >>> control("6.3-d"), statement("6.3-d"), group("6.3")
    ('req-6.3-d', 'req-6.3-d_smt', 'clause-6.3')
    """
    return f"req-{requirement}"


def statement(requirement: str) -> str:
    """Return the id of the statement part of a requirement's control."""
    return f"{control(requirement)}_smt"


def group(clause: str) -> str:
    """Return the group id of a clause."""
    return f"clause-{_token(clause)}"


def reference(number: str) -> str:
    """Return the id of a reference of another standard: what a catalog of it could call it.

    >>> reference("A.5.1"), reference("SP 1")
    ('ref-A.5.1', 'ref-SP_20_1')
    """
    return f"ref-{_token(number)}"


def _token(text: str) -> str:
    """Return text as a token: every other character as its code point."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda found: f"_{ord(found[0]):x}_", text)
