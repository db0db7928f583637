"""Rows and columns of a portfolio that are wrong: what is told, and that no other row is harmed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from socap.errors import EvidenceError
from socap.portfolio.kernel import Kernel
from socap.portfolio.layout import check
from socap.standard import Standard

AS_OF = date(2026, 11, 1)
GOOD: dict[str, Any] = {
    "id": pa.array(["甲", "b", "c", "d"]),
    "profile.types": pa.array([["ITO"], ["BPO"], ["KPO", "ITO"], ["ITO", "ITO"]]),
}
NAN, INF = float("nan"), float("inf")
SUPPLIER = pa.list_(
    pa.struct([("id", pa.string()), ("critical", pa.bool_()), ("evaluated_on", pa.date32())])
)


def sources(*entries: Any) -> pa.Array:
    kind = pa.list_(
        pa.struct([("value", pa.float64()), ("status", pa.string()), ("decimals", pa.int8())])
    )
    return pa.array([list(entries), None, None, None], kind)


BAD_ROWS: dict[str, tuple[dict[str, Any], str, list[int]]] = {
    "null id": (
        {"id": pa.array(["a", None, "c", ""])},
        "id: the id is empty: row 2 (), row 4 ()",
        [1, 3],
    ),
    "repeated id": (
        {"id": pa.array(["a", "b", "a", "d"])},
        "id: the id is repeated: row 1 (a), row 3 (a)",
        [0, 2],
    ),
    "repeated id in a dictionary": (
        {
            "id": pa.DictionaryArray.from_arrays(
                pa.array([0, 1, 2, 3]), pa.array(["a", "b", "a", "d"])
            )
        },
        "id: the id is repeated: row 1 (a), row 3 (a)",
        [0, 2],
    ),
    "no type": (
        {"profile.types": pa.array([["ITO"], [], None, ["BPO"]])},
        "profile.types: name at least one outsourcing type: row 2 (b), row 3 (c)",
        [1, 2],
    ),
    "foreign type": (
        {"profile.types": pa.array([["ITO"], ["ITQ"], ["IT O"], ["BPO", None]])},
        "profile.types: ITQ is not one of ITO, BPO, KPO; did you mean ITO?: row 2 (b), row 3 (c)\n"
        "profile.types: a list holds a null: row 4 (d)",
        [1, 2, 3],
    ),
    "not a number": (
        {"test.pass_pct": pa.array([NAN, INF, None, 95.0])},
        "test.pass_pct: this is not a number, or too large: row 1 (甲), row 2 (b)",
        [0, 1],
    ),
    "too large": (
        {"change.total_count": pa.array([1, 2, 10**12, 10**12 + 1])},
        "change.total_count: this is not a number, or too large: row 4 (d)",
        [3],
    ),
    "too large, unsigned": (
        {"change.total_count": pa.array([1, 2, 3, 2**64 - 1], pa.uint64())},
        "change.total_count: this is not a number, or too large: row 4 (d)",
        [3],
    ),
    "fraction": (
        {"change.total_count": pa.array([1.0, 2.5, None, 3.0])},
        "change.total_count: this should be a whole number: row 2 (b)",
        [1],
    ),
    "fraction of a decimal": (
        {"change.total_count": pa.array([Decimal("1.0"), Decimal("2.5"), None, None])},
        "change.total_count: this should be a whole number: row 2 (b)",
        [1],
    ),
    "foreign member": (
        {"plan.state": pa.array(["draft", "aproved", None, "approved"])},
        "plan.state: aproved is not one of draft, approved; did you mean approved?: row 2 (b)",
        [1],
    ),
    "empty member": (
        {"plan.state": pa.array(["draft", "", None, "approved"])},
        "plan.state: '' is not one of draft, approved: row 2 (b)",
        [1],
    ),
    "repeated member": (
        {"plan.parts": pa.array([["risk", "risk"], ["scope", "risk"], [], ["risky"]])},
        "plan.parts: risky is not one of scope, risk; did you mean risk?: row 4 (d)\n"
        "plan.parts: a list repeats a member: row 1 (甲)",
        [0, 3],
    ),
    "date out of range": (
        {
            "audit.last_date": pa.array(
                [date(1899, 12, 31), date(1900, 1, 1), None, date(2201, 1, 1)]
            )
        },
        "audit.last_date: a date is not within 1900-01-01 to 2200-12-31: row 1 (甲), row 4 (d)",
        [0, 3],
    ),
    "time of day": (
        {"audit.last_date": pa.array([datetime(2026, 1, 1), datetime(2026, 1, 1, 8), None, None])},  # noqa: DTZ001
        "audit.last_date: a date has a time of day: row 2 (b)",
        [1],
    ),
    "unknown status": (
        {
            "test.pass_pct": pa.array([95.0, 95, 95, 95]),
            "test.pass_pct#status": pa.array(["verified", "Rejected", None, "declared"]),
        },
        "test.pass_pct#status: Rejected is not one of declared, verified, rejected;"
        " did you mean rejected?: row 2 (b)",
        [1],
    ),
    "value and no case": (
        {
            "change.late_count": pa.array([1, None, None, 1]),
            "change.late_count#no_case": pa.array([True, True, None, False]),
        },
        "change.late_count: there is both a value and no_case: row 1 (甲)",
        [0],
    ),
    "no case without reason": (
        {"change.late_count#no_case": pa.array(["none", " ", None, ""])},
        "change.late_count#no_case: no_case needs a reason: row 2 (b), row 4 (d)",
        [1, 3],
    ),
    "bad source": (
        {"test.pass_pct#sources": sources({"value": NAN}, {"status": "verified"}, None)},
        "test.pass_pct#sources: this is not a number, or too large: row 1 (甲)\n"
        "test.pass_pct#sources: a source has no value: row 1 (甲)",
        [0],
    ),
    "sources beside an answer": (
        {
            "test.pass_pct": pa.array([95.0, 95, 95, 95]),
            "test.pass_pct#sources": sources({"value": 95}),
        },
        "test.pass_pct#sources: there is an answer beside the list of sources: row 1 (甲)",
        [0],
    ),
    "no sources": (
        {"test.pass_pct#sources": sources()},
        "test.pass_pct#sources: the list of sources is empty: row 1 (甲)",
        [0],
    ),
    "records": (
        {
            "records.supplier": pa.array(
                [
                    [{"id": "s"}, {"id": "t"}, {"id": "s"}],
                    [{"id": "s", "evaluated_on": date(1800, 1, 1)}, {"id": "t"}],
                    [None],
                    [{"id": None}, {"id": " "}],
                ],
                SUPPLIER,
            )
        },
        "records.supplier: a list holds a null: row 3 (c)\n"
        "records.supplier.id: the id is empty: row 3 (c), row 4 (d)\n"
        "records.supplier.id: the id is repeated: row 1 (甲)\n"
        "records.supplier.evaluated_on: a date is not within 1900-01-01 to 2200-12-31: row 2 (b)",
        [0, 1, 2, 3],
    ),
    "same record in two rows": (
        {"records.supplier": pa.array([[{"id": "s"}]] * 4, SUPPLIER)},
        "",
        [],
    ),
    "too many records": (
        {"records.supplier": pa.array([[{"critical": True}] * 20_001, [], None, None])},
        "records.supplier: there are more than 20000 records: row 1 (甲)",
        [0],
    ),
    "nothing in records": (
        {"records.supplier": pa.array([[None], [], None, []], pa.list_(pa.null()))},
        "records.supplier: a list holds a null: row 1 (甲)",
        [0],
    ),
    "exclusions": (
        {"exclusions": pa.array([["6.2-a", "6.2-a"], ["6.2-b"], ["6.2-a", None], ["6.9-z"]])},
        "exclusions: 6.2-a is excluded twice: row 1 (甲)\n"
        "exclusions: there is no requirement 6.9-z; did you mean 6.2-b?: row 4 (d)\n"
        "exclusions: a list holds a null: row 3 (c)",
        [0, 2, 3],
    ),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_row_with_a_fault_is_left_out_as_a_whole(case: str, tiny: Standard) -> None:
    given, told, rows = BAD_ROWS[case]
    batch = pa.RecordBatch.from_pydict(GOOD | given)
    bad, problems = check(batch, tiny)
    assert "\n".join(problem.render("en") for problem in problems) == told
    assert np.flatnonzero(bad).tolist() == rows
    kernel = Kernel(tiny, as_of=AS_OF)
    found = kernel.outcomes(batch)
    for row in range(4):
        line = found.slice(row, 1).to_pylist()[0]
        name = line.pop("id")
        assert name == batch.column("id")[row].as_py()
        if row in rows:
            assert set(line.values()) == {None}
        else:
            assert None not in line.values()
            alone = kernel.outcomes(batch.slice(row, 1)).to_pylist()[0]
            assert alone == {"id": name, **line}
    if told:
        with pytest.raises(EvidenceError) as raised:
            check(batch, tiny, strict=True)
        assert raised.value.render("en") == told
        assert all(problem.render("zh") != problem.render("en") for problem in problems)


BAD_COLUMNS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": (
        {"plan.partz": pa.array([1, 2, 3, 4])},
        "plan.partz: there is no such column (did you mean plan.parts?)",
    ),
    "no case where none is taken": (
        {"plan.kept#no_case": pa.array([True] * 4)},
        "plan.kept#no_case: there is no such column (did you mean plan.kept#sources?)",
    ),
    "number for truth": (
        {"plan.kept": pa.array([1, 0, 1, 0])},
        "plan.kept: the type should not be int64 (it should be bool)",
    ),
    "truth for number": (
        {"test.pass_pct": pa.array([True] * 4)},
        "test.pass_pct: the type should not be bool (it should be int64 / float64)",
    ),
    "text for date": (
        {"audit.last_date": pa.array(["2026-01-01"] * 4)},
        "audit.last_date: the type should not be string (it should be date32[day])",
    ),
    "zoned time": (
        {"audit.last_date": pa.array([None] * 4, pa.timestamp("s", "UTC"))},
        "audit.last_date: the type should not be timestamp[s, tz=UTC] (it should be date32[day])",
    ),
    "number for id": (
        {"id": pa.array([1, 2, 3, 4])},
        "id: the type should not be int64 (it should be string)",
    ),
    "inside records": (
        {"records.supplier": pa.array([[{"critcal": True, "evaluated_on": "x"}]] * 4)},
        "records.supplier.critcal: there is no such field (did you mean critical?)\n"
        "records.supplier.evaluated_on: the type should not be string (it should be date32[day])",
    ),
    "list without fields": (
        {"records.supplier": pa.array([["s"]] * 4)},
        "records.supplier: the type should not be list<item: string> (it should be list<struct>)",
    ),
}


@pytest.mark.parametrize("case", BAD_COLUMNS)
def test_columns_that_are_wrong_are_refused(case: str, tiny: Standard) -> None:
    given, told = BAD_COLUMNS[case]
    batch = pa.RecordBatch.from_pydict(GOOD | given)
    kernel = Kernel(tiny, as_of=AS_OF)
    for refusing in (kernel.outcomes, kernel.faults, lambda rows: check(rows, tiny)):
        with pytest.raises(EvidenceError) as raised:
            refusing(batch)
        assert raised.value.render("en") == told


def test_missing_repeated_and_ignored_columns(tiny: Standard) -> None:
    with pytest.raises(EvidenceError) as raised:
        check(pa.RecordBatch.from_pydict({"park": pa.array([1])}), tiny)
    assert raised.value.render("zh") == (
        "id: 缺少此列\nprofile.types: 缺少此列\npark: 没有此列 (若与评价无关，请列入 ignore)"
    )
    twice = pa.RecordBatch.from_arrays(
        [GOOD["id"], GOOD["id"], GOOD["profile.types"]], ["id", "id", "profile.types"]
    )
    with pytest.raises(EvidenceError, match="this column appears twice"):
        check(twice, tiny)
    batch = pa.RecordBatch.from_pydict(GOOD | {"park": pa.array([1, 2, 3, 4])})
    assert check(batch, tiny, ignore=["park"])[1] == ()
    assert Kernel(tiny, as_of=AS_OF, ignore=["park"]).outcomes(batch).num_rows == 4
    odd = pa.RecordBatch.from_pydict(GOOD | {"plan.kept": pa.array([1, 2, 3, 4])})
    plain = Kernel(tiny, as_of=AS_OF).outcomes(pa.RecordBatch.from_pydict(GOOD))
    assert Kernel(tiny, as_of=AS_OF, ignore=["plan.kept"]).outcomes(odd).equals(plain)


def test_a_null_among_the_words_of_a_dictionary_is_no_answer(tiny: Standard) -> None:
    words = pa.array(["approved", None], pa.large_string())
    state = pa.DictionaryArray.from_arrays(pa.array([1, 1, 1, 1], pa.int8()), words)
    names = GOOD["id"].cast(pa.large_string()).dictionary_encode()
    batch = pa.RecordBatch.from_pydict(GOOD | {"id": names, "plan.state": state})
    kernel = Kernel(tiny, as_of=AS_OF)
    plain = kernel.outcomes(pa.RecordBatch.from_pydict(GOOD))
    assert kernel.outcomes(batch).equals(plain)


def hidden(kind: pa.DataType, values: Any) -> pa.Array:
    """Return values of which only the last is not null."""
    return pa.Array.from_buffers(kind, 4, [pa.py_buffer(b"\x08"), pa.py_buffer(values)])


WORDS, RECORDS = (
    pa.array(["foreign", "draft"]),
    pa.array([[{"id": ""}], [{"id": "s"}] * 2, [None], [{"id": "t"}]], SUPPLIER),
)
UNDER_NULLS = {
    "test.pass_pct": (hidden(pa.float64(), np.array([NAN, INF, 1e300, 95])), 95.0),
    "change.total_count": (hidden(pa.float64(), np.array([NAN, 0.5, 1e300, 2])), 2),
    "audit.last_date": (
        hidden(pa.date32(), np.array([2**31 - 1, -(2**31), 1, 20700], np.int32)),
        date(2026, 9, 4),
    ),
    "plan.state": (
        pa.DictionaryArray.from_arrays(
            hidden(pa.int32(), np.array([9, -7, 0, 1], np.int32)), WORDS, safe=False
        ),
        "draft",
    ),
    "plan.parts": (
        pa.ListArray.from_arrays(
            pa.array([0, 1, 3, 4, 5]),
            pa.array(["foreign", "risk", "risk", None, "risk"]),
            mask=pa.array([True, True, True, False]),
        ),
        ["risk"],
    ),
    "records.supplier": (
        pa.ListArray.from_arrays(
            RECORDS.offsets, RECORDS.values, mask=pa.array([True, True, True, False])
        ),
        [{"id": "t"}],
    ),
}


@pytest.mark.parametrize("name", UNDER_NULLS)
def test_what_stands_under_a_null_is_not_read(name: str, tiny: Standard) -> None:
    """Arrow allows any bytes there, be they a fault elsewhere."""
    array, last = UNDER_NULLS[name]
    kernel = Kernel(tiny, as_of=AS_OF)
    batch = pa.RecordBatch.from_pydict(GOOD | {name: array})
    clean = pa.RecordBatch.from_pydict(GOOD | {name: pa.array([None, None, None, last])})
    assert kernel.faults(batch) == ()
    assert kernel.outcomes(batch).equals(kernel.outcomes(clean))


def test_rows_are_numbered_through(tiny: Standard) -> None:
    batch = pa.RecordBatch.from_pydict(GOOD | {"test.pass_pct": pa.array([NAN] * 4)})
    _, (problem,) = check(batch, tiny, before=1000)
    assert problem.render("zh") == (
        "test.pass_pct: 不是有限数值或过大：第 1001 行（甲）、第 1002 行（b）、第 1003 行（c）等共 4 行"
    )
