"""The names under which a certificate's standard is known, and the editions that are not."""

from __future__ import annotations

import pytest

from socap.crediting.acceptance import acceptance, designations
from socap.crosswalk.relation import Coverage
from socap.standard import load


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("iso9001：2015", "ISO 9001:2015"),
        ("ISO 9001-2015", "ISO 9001:2015"),
        ("ISO 9001 2015", "ISO 9001:2015"),
        ("GB/T 19001-2016", "ISO 9001:2015"),
        ("GB/T19001—2016", "ISO 9001:2015"),
        ("GBT 19001-2016 idt ISO 9001:2015", "ISO 9001:2015"),
        ("ISO 27001:2022", "ISO/IEC 27001:2022"),
        ("ISO/IEC27001 : 2022", "ISO/IEC 27001:2022"),
        ("GB/T 22080-2025 / ISO/IEC 27001:2022", "ISO/IEC 27001:2022"),
        ("GB/T 22080-2016", None),
        ("GB/T 22080-2016/ISO/IEC 27001:2022", None),
        ("27001", None),
        ("ISO/IEC 20000-1:2018", "ISO/IEC 20000-1:2018"),
        ("ISO 20000-1:2018", "ISO/IEC 20000-1:2018"),
        ("ISO/IEC 20000-1", None),
        ("ISO/IEC 20000-2:2018", None),
        ("ISO/IEC 20000:2018", None),
        ("GB/T 24405.1-2009", None),
        ("CMMI V2.0", "CMMI V2.0/V3.0"),
        ("CMMI v3", "CMMI V2.0/V3.0"),
        ("CMMI 2.0", "CMMI V2.0/V3.0"),
        ("CMMI V2.0/V3.0", "CMMI V2.0/V3.0"),
        ("CMMI V1.3", None),
        ("CMMI", None),
        ("CMMI ML3", None),
        (":2022", None),
        ("//", None),
    ],
)
def test_spelling_variants_are_matched_and_no_edition_is_assumed(
    written: str, standard: str | None
) -> None:
    found, why = acceptance().identify(written, load().crosswalk.standards)
    assert found == standard
    assert (why is None) == (standard is not None)
    assert why is None or (why.zh and why.en)


def test_every_crosswalk_standard_goes_by_its_own_id() -> None:
    for identifier in load().crosswalk.standards:
        assert acceptance().identify(identifier, load().crosswalk.standards) == (identifier, None)
    assert all(designations(name) for name, _ in acceptance().adoptions)


def test_no_crediting_relation_to_cmmi_is_of_one_version_only() -> None:
    made = load().crosswalk
    areas = made.standard("CMMI V2.0/V3.0").references
    used = {
        r.reference
        for r in made.relations
        if r.standard == "CMMI V2.0/V3.0" and r.coverage is not Coverage.NONE
    }
    assert not [a for a in used if "only" in areas[a].en or "joined" in areas[a].en]
