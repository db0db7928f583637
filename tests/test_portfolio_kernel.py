"""A batch of rows comes out as `socap.assess` finds each of them; bad rows harm no other."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
import pytest
import random_companies

from socap.assessment import assess
from socap.errors import UsageError
from socap.organisation import Organisation
from socap.packs import BUNDLED, MAIN
from socap.portfolio.companies import from_organisations
from socap.portfolio.kernel import COUNTS, Kernel
from socap.portfolio.layout import schema
from socap.standard import Standard, load

AS_OF = date(2026, 11, 1)
PACKS = [*BUNDLED, "tests/packs/tiny", "tests/packs/credited"]


def companies(standard: Standard, count: int, seed: str) -> list[Organisation]:
    rng = Random(seed)
    made = (random_companies.organisation(rng, standard, AS_OF) for _ in range(count))
    return [replace(one, id=f"r{place}") for place, one in enumerate(made)]


def expected(organisation: Organisation, kernel: Kernel, standard: Standard) -> dict[str, Any]:
    made = assess(
        organisation,
        standard,
        as_of=AS_OF,
        assurance=kernel.moment.assurance,
        parameters=kernel.parameters,
        reader="reference",
    )
    summary = made.summary
    counts = {name: getattr(summary, name) for name in COUNTS}
    found = {name: finding.outcome.value for name, finding in made.findings.items()}
    return {"id": organisation.id, "status": summary.status.value, **counts, **found}


@pytest.mark.parametrize("assurance", ["declared", "verified"])
@pytest.mark.parametrize("pack", PACKS)
def test_each_row_is_what_assess_finds(pack: str, assurance: str) -> None:
    standard = load(pack)
    rows = companies(standard, 120 if pack == MAIN else 150, f"{pack} {assurance}")
    limits = {
        name: parameter.default - 1
        for name, parameter in list(standard.vocabulary.parameters.items())[::3]
        if parameter.default is not None and parameter.default - 1 >= (parameter.minimum or 0)
    }
    kernel = Kernel(standard, as_of=AS_OF, assurance=assurance, parameters=limits)
    batch = from_organisations(rows, standard)
    assert kernel.faults(batch) == ()
    found = kernel.outcomes(batch).to_pylist()
    for organisation, row in zip(rows, found, strict=True):
        assert row == expected(organisation, kernel, standard)


def other_type(array: pa.Array, rng: Random) -> pa.Array:
    """Return the same values in another type that is as good."""
    kind = array.type
    if pa.types.is_int64(kind):
        other = [pa.int32(), pa.int16(), pa.float64(), pa.float32(), pa.decimal128(20, 0)]
        return array.cast(rng.choice(other))
    if pa.types.is_float64(kind):
        if rng.random() < 0.5:
            return array.cast(pa.float32())
        exact = [None if value is None else Decimal(str(value)) for value in array.to_pylist()]
        return pa.array(exact, pa.decimal128(18, 6))
    if pa.types.is_date32(kind):
        return array.cast(rng.choice([pa.date64(), pa.timestamp("s"), pa.timestamp("ns")]))
    if pa.types.is_string(kind):
        return array.dictionary_encode() if rng.random() < 0.5 else array.cast(pa.large_string())
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        if rng.random() < 0.5:
            return array.cast(pa.large_list(pa.string()))
        return pa.ListArray.from_arrays(
            array.offsets, array.values.dictionary_encode(), mask=array.is_null()
        )
    if pa.types.is_list(kind):
        fields = {f.name: array.values.field(i) for i, f in enumerate(kind.value_type)}
        made = [values if "#" in n else other_type(values, rng) for n, values in fields.items()]
        entries = pa.StructArray.from_arrays(made, names=list(fields))
        return pa.LargeListArray.from_arrays(
            array.offsets.cast(pa.int64()), entries, mask=array.is_null()
        )
    return array


@pytest.mark.parametrize("pack", PACKS)
def test_types_that_hold_the_same_values_are_as_good(pack: str) -> None:
    standard, rng = load(pack), Random(pack)
    rows = companies(standard, 70, f"types {pack}")
    kernel = Kernel(standard, as_of=AS_OF)
    batch = from_organisations(rows, standard)
    wanted = kernel.outcomes(batch)
    for _ in range(4):
        columns = {
            name: array if name.endswith("#sources") else other_type(array, rng)
            for name, array in zip(batch.schema.names, batch.columns, strict=True)
        }
        other = pa.RecordBatch.from_pydict(columns)
        assert kernel.faults(other) == ()
        assert kernel.outcomes(other).equals(wanted)


def test_any_slice_is_what_the_whole_is_there() -> None:
    standard = load()
    kernel = Kernel(standard, as_of=AS_OF)
    batch = from_organisations(companies(standard, 40, "slices"), standard)
    whole = kernel.outcomes(batch)
    for start, length in [(0, 40), (3, 17), (8, 8), (39, 1), (40, 0), (0, 0)]:
        part = kernel.outcomes(batch.slice(start, length))
        assert part.to_pylist() == whole.slice(start, length).to_pylist()


def test_a_kernel_travels() -> None:
    standard = load()
    kernel = Kernel(standard, as_of=AS_OF)
    batch = from_organisations(companies(standard, 10, "travels"), standard)
    sent = pickle.dumps(kernel)
    assert len(sent) < 200_000
    assert pickle.loads(sent).outcomes(batch).equals(kernel.outcomes(batch))  # noqa: S301


def test_long_lists_are_counted_like_short_ones(tiny: Standard) -> None:
    rng, kernel = Random(5), Kernel(tiny, as_of=AS_OF)
    rows = []
    for place, size in enumerate([0, 1, 8, 9, 10, 17, 18, 19, 27, 28, 63, 64, 65, 300, 2]):
        for share in (0.0, 0.05, 1.0):
            suppliers = [
                {
                    "id": f"s{i}",
                    "critical": rng.random() < 0.8,
                    "evaluated_on": date(2020, 1, 1) if rng.random() < share else AS_OF,
                }
                for i in range(size)
            ]
            rows.append((f"o{place}-{share}", suppliers))
    batch = pa.RecordBatch.from_pydict(
        {
            "id": [name for name, _ in rows],
            "profile.types": [["ITO"]] * len(rows),
            "profile.uses_external_suppliers": [True] * len(rows),
            "records.supplier": [suppliers for _, suppliers in rows],
        }
    )
    alone = [kernel.outcomes(batch.slice(place, 1)).to_pylist()[0] for place in range(len(rows))]
    assert kernel.outcomes(batch).to_pylist() == alone
    for (_, suppliers), row in zip(rows, alone, strict=True):
        late = any(s["critical"] and s["evaluated_on"] != AS_OF for s in suppliers)
        assert row["6.2-a"] == ("conforming" if suppliers and not late else "nonconforming")


@pytest.mark.parametrize(
    "options",
    [
        {"as_of": "2026-11-01"},
        {"as_of": AS_OF, "assurance": "hoped"},
        {"as_of": AS_OF, "parameters": {"x": 1}},
    ],
)
def test_a_kernel_refuses_what_assess_refuses(options: dict[str, Any], tiny: Standard) -> None:
    with pytest.raises(UsageError):
        Kernel(tiny, **options)


def test_the_schema_is_complete() -> None:
    standard = load()
    plain, full = schema(standard), schema(standard, backing=True)
    assert set(plain.names) <= set(full.names)
    empty = full.empty_table().to_batches() or [pa.RecordBatch.from_pylist([], schema=full)]
    assert Kernel(standard, as_of=AS_OF).outcomes(empty[0]).num_rows == 0
