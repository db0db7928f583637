"""Packs and companies that several tests share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from socap.documents import parse_document
from socap.errors import EvidenceError
from socap.organisation import from_document
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.organisation import Organisation
    from socap.standard import Standard

HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\n"


@pytest.fixture(scope="session")
def tiny() -> Standard:
    """Five requirements that use every kind of node once."""
    return load(Path(__file__).parent / "packs" / "tiny")


@pytest.fixture
def company(tiny: Standard) -> Callable[[str], Organisation]:
    """Read a company file, given without its first line, against the tiny pack."""

    def build(body: str) -> Organisation:
        document = parse_document((HEAD + body).encode(), "c.yaml", EvidenceError)
        return from_document(document, tiny)

    return build
