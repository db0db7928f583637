"""A company file written out and read again is the same company."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
import random_companies

import socap
from socap.company_file import as_json, as_yaml
from socap.documents import parse_document
from socap.errors import EvidenceError, Text
from socap.organisation import from_document
from socap.packs import BUNDLED

if TYPE_CHECKING:
    from socap.organisation import Organisation
    from socap.standard import Standard

EXAMPLES = sorted(Path("examples").glob("*.yaml"))


def read_again(text: str, standard: Standard) -> Organisation:
    return from_document(parse_document(text.encode(), "again", EvidenceError), standard)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_survives_both_ways(example: Path) -> None:
    standard = socap.load()
    organisation = socap.read(example)
    for text in (as_yaml(organisation, standard), as_json(organisation, standard)):
        assert read_again(text, standard).to_dict() == organisation.to_dict()


@pytest.mark.parametrize("pack", BUNDLED)
def test_random_companies_survive_both_ways(pack: str) -> None:
    standard = socap.load(pack)
    rng = Random(pack)
    for _ in range(20):
        organisation = random_companies.organisation(rng, standard, date(2026, 11, 1))
        for text in (as_yaml(organisation, standard), as_json(organisation, standard)):
            assert read_again(text, standard).to_dict() == organisation.to_dict()


@pytest.mark.parametrize(
    "name", ["甲: 乙", "- a", "=1+1", "true", "12", "a\x7fb\u2028c\x85d", "\ufeff", '"\\', "😀"]
)
def test_any_text_survives(name: str) -> None:
    standard = socap.load()
    organisation = socap.read(EXAMPLES[0])
    from dataclasses import replace

    told = replace(organisation, name=Text(name, name), id=name)
    assert read_again(as_yaml(told, standard), standard).to_dict() == told.to_dict()
    made = parse_document(as_json(told, standard).encode(), "again", EvidenceError, json_only=True)
    assert from_document(made, standard).to_dict() == told.to_dict()
