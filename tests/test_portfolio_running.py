from __future__ import annotations

import filecmp
import json
import os
import resource
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from shutil import copy, rmtree
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from synthetic import generate

import socap
from socap.errors import EvidenceError, UsageError
from socap.findings import Outcome
from socap.portfolio import reading, running
from socap.portfolio.running import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.portfolio.summary import Summary

AS_OF = date(2026, 11, 1)
STANDARD = socap.load()
EXAMPLES = Path(__file__).parents[1] / "examples"
ROWS = 600


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return pa.Table.from_batches([next(generate(ROWS, STANDARD, 5, records=1))])


@pytest.fixture(scope="module")
def parquet(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("portfolio") / "firms.parquet"
    pq.write_table(table, place, row_group_size=200)
    return place


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PART", 200)
    monkeypatch.setattr(reading, "SMALL", 1)


def assess(source: Path, output: Path, **options: Any) -> Summary:
    return run(source, output, **{"as_of": AS_OF, "by": "park", **options})


def findings(folder: Path) -> pa.Table:
    return pa.concat_tables(pq.read_table(f) for f in sorted((folder / "findings").iterdir()))


def same(one: Path, other: Path) -> bool:
    names = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(other) for p in other.rglob("*") if p.is_file())
    told = filecmp.cmpfiles(one, other, [str(n) for n in names], shallow=False)
    return told == ([str(n) for n in names], [], [])


def test_findings_are_those_of_one_assessment_each(tmp_path: Path) -> None:
    folder = tmp_path / "firms"
    folder.mkdir()
    files = sorted(EXAMPLES.glob("*.yaml"))
    for file in files:
        copy(file, folder)
    made = run(folder, tmp_path / "out", as_of=AS_OF)
    rows = findings(tmp_path / "out").to_pylist()
    expected = [socap.assess(socap.read(file), as_of=AS_OF) for file in files]
    assert [row["id"] for row in rows] == [a.organisation.id for a in expected]
    for row, assessment in zip(rows, expected, strict=True):
        assert row["status"] == assessment.status
        outcomes = {name: f.outcome.value for name, f in assessment.findings.items()}
        assert {name: row[name] for name in outcomes} == outcomes
    totals = {outcome.value: sum(r[outcome.value] for r in rows) for outcome in Outcome}
    assert made.outcomes == totals
    for clause in made.by_clause:
        assert clause.outcomes == {
            o.value: sum(getattr(a.by_clause[clause.id], o.value) for a in expected)
            for o in Outcome
        }
        assert clause.affected == sum(
            a.by_clause[clause.id].major + a.by_clause[clause.id].minor > 0 for a in expected
        )
    for rows_of, name in ((made.by_aspect, "by_aspect"), (made.by_pdca, "by_pdca")):
        for counted in rows_of:
            assert counted.outcomes == {
                o.value: sum(getattr(getattr(a, name)[counted.id], o.value) for a in expected)
                for o in Outcome
            }
    unmet = sorted(a.summary.major + a.summary.minor for a in expected)
    assert made.nonconformities == {n: unmet.count(n) for n in sorted(set(unmet))}
    assert made.exit_code == 0


def test_every_source_gives_the_same_findings(table: pa.Table, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    plain = table.select([n for n in table.schema.names if not n.startswith("records.")])
    pq.write_table(plain, tmp_path / "firms.parquet")
    folder = tmp_path / "many"
    folder.mkdir()
    pq.write_table(plain.slice(0, 250), folder / "a.parquet", row_group_size=40)
    pq.write_table(plain.slice(250), folder / "b.parquet")
    with (tmp_path / "firms.csv").open("w", encoding="utf-8-sig") as file:
        file.write(",".join(plain.schema.names) + "\n")
        for row in plain.to_pylist():
            file.write(",".join(_cell(value) for value in row.values()) + "\n")
    with duckdb.connect(str(tmp_path / "firms.duckdb")) as connection:
        connection.register("plain", plain)
        connection.execute("create table firms as select * from plain")
    told = {
        "parquet": assess(tmp_path / "firms.parquet", tmp_path / "out1"),
        "folder": assess(folder, tmp_path / "out2"),
        "csv": assess(tmp_path / "firms.csv", tmp_path / "out3"),
        "duckdb": assess(tmp_path / "firms.duckdb", tmp_path / "out4", query="select * from firms"),
    }
    first = findings(tmp_path / "out1")
    assert first.num_rows == ROWS
    assert len(set(first.column("6.3-d").to_pylist())) > 1
    for place in ("out2", "out3", "out4"):
        assert findings(tmp_path / place).to_pylist() == first.to_pylist()
    assert all(made.to_dict() == told["parquet"].to_dict() for made in told.values())


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(value) if value else "[]"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.usefixtures("small_parts")
def test_output_does_not_depend_on_the_number_of_workers(parquet: Path, tmp_path: Path) -> None:
    one = assess(parquet, tmp_path / "one")
    two = assess(parquet, tmp_path / "two", workers=2)
    assert len(list((tmp_path / "one" / "findings").iterdir())) == 3
    assert same(tmp_path / "one", tmp_path / "two")
    assert one.to_dict() == two.to_dict() == json.loads((tmp_path / "one/summary.json").read_text())


def test_long_findings_are_the_wide_ones(parquet: Path, tmp_path: Path) -> None:
    assess(parquet, tmp_path / "wide")
    assess(parquet, tmp_path / "long", long=True)
    rows = findings(tmp_path / "long").to_pylist()
    wide = findings(tmp_path / "wide").to_pylist()
    asked = STANDARD.requirements
    assert [(r["id"], r["requirement"], r["outcome"]) for r in rows] == [
        (row["id"], name, row[name]) for row in wide for name in asked
    ]
    for row in rows:
        unmet = row["outcome"] == Outcome.NONCONFORMING
        assert row["grade"] == (asked[row["requirement"]].severity if unmet else None)


PROGRAM = """
import os, signal, sys
from datetime import date
from socap.portfolio import reading, running
reading.PART, reading.SMALL = 200, 1
if __name__ == "__main__":
    source, output, workers, kill = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    def told(done, total):
        if kill and done >= kill:
            os.kill(os.getpid(), signal.SIGKILL)
    made = running.run(source, output, as_of=date(2026, 11, 1), by="park", workers=workers, progress=told)
"""


def program(*arguments: object) -> int:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)], check=False, timeout=120
    ).returncode


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("kill", [200, 400, 600])
def test_a_killed_run_goes_on_to_the_same_bytes(parquet: Path, tmp_path: Path, kill: int) -> None:
    assess(parquet, tmp_path / "whole")
    assert program(parquet, tmp_path / "out", 1, kill) == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    done = len(list((tmp_path / "out.unfinished" / "state").glob("*.json")))
    assert done == {200: 0, 400: 1, 600: 2}[kill]
    told: list[int] = []
    assess(parquet, tmp_path / "out", progress=lambda rows, _: told.append(rows))
    assert told[-1] == ROWS
    assert same(tmp_path / "whole", tmp_path / "out")
    assert not (tmp_path / "out.unfinished").exists()


@pytest.mark.usefixtures("small_parts")
def test_another_run_does_not_go_on_where_one_was_interrupted(
    parquet: Path, tmp_path: Path
) -> None:
    program(parquet, tmp_path / "out", 1, 400)
    other = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(parquet).slice(1), other)
    cases: tuple[tuple[Path, dict[str, Any], str], ...] = (
        (other, {}, "source, fingerprint"),
        (parquet, {"as_of": date(2026, 11, 2)}, "as_of"),
        (parquet, {"long": True}, "long"),
        (parquet, {"assurance": "verified"}, "assurance"),
        (parquet, {"parameters": {"internal_audit_interval_days": 400}}, "parameters"),
        (parquet, {"by": None, "ignore": ["park"]}, "ignore, by"),
    )
    for source, options, told in cases:
        with pytest.raises(UsageError, match=f"differs in: {told} "):
            assess(source, tmp_path / "out", **options)
    os.utime(parquet, ns=(1, 1))
    with pytest.raises(UsageError, match="fingerprint"):
        assess(parquet, tmp_path / "out")


def test_an_existing_output_is_not_touched(parquet: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="not overwritten"):
        assess(parquet, tmp_path / "out")
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def spoilt(table: pa.Table, column: str, values: dict[int, Any]) -> pa.Table:
    place = table.schema.get_field_index(column)
    told = table.column(column).to_pylist()
    for row, value in values.items():
        told[row] = value
    return table.set_column(place, column, pa.array(told, table.schema.field(column).type))


def test_faulty_rows_are_reported_and_leave_the_others_alone(
    table: pa.Table, parquet: Path, tmp_path: Path, small_parts: None
) -> None:
    assert small_parts is None
    made = spoilt(table, "policy.staff_aware_pct", {3: float("nan"), 450: float("inf")})
    made = spoilt(made, "id", {20: None, 30: "org-000000590", 31: "org-000000032"})
    pq.write_table(made, tmp_path / "bad.parquet", row_group_size=200)
    assess(parquet, tmp_path / "good")
    told = assess(tmp_path / "bad.parquet", tmp_path / "out")
    again = assess(tmp_path / "bad.parquet", tmp_path / "out2", workers=2)
    bad = {3, 450, 20, 30, 590, 31, 32}
    assert told.faulty == len(bad)
    assert told.organisations == ROWS - len(bad)
    assert told.exit_code == 3
    rows, good = findings(tmp_path / "out").to_pylist(), findings(tmp_path / "good").to_pylist()
    for number, (row, expected) in enumerate(zip(rows, good, strict=True)):
        if number in bad:
            assert set(row.values()) == {row["id"], None}
        else:
            assert row == expected
    faults = pa.concat_tables(
        pq.read_table(file) for file in sorted((tmp_path / "out" / "faults").iterdir())
    ).to_pylist()
    assert {(f["row"] - 1, f["column"]) for f in faults} == {
        (3, "policy.staff_aware_pct"),
        (450, "policy.staff_aware_pct"),
        *((row, "id") for row in (20, 30, 590, 31, 32)),
    }
    kinds = told.to_dict()["faults"]["kinds"]
    first = next(kind for kind in kinds if kind["column"] == "policy.staff_aware_pct")
    assert [entry["row"] for entry in first["first"]] == [4, 451]
    assert "第 4 行（org-000000003）" in told.to_text("zh")
    assert "row 4 (org-000000003)" in told.to_text("en")
    assert same(tmp_path / "out", tmp_path / "out2")
    assert again == told


def test_one_bad_company_file_leaves_the_others_alone(tmp_path: Path) -> None:
    folder = tmp_path / "firms"
    folder.mkdir()
    for file in sorted(EXAMPLES.glob("*.yaml"))[:2]:
        copy(file, folder)
    (folder / "broken.yaml").write_text("organisation: {id: x\n", encoding="utf-8")
    made = run(folder, tmp_path / "out", as_of=AS_OF)
    assert (made.organisations, made.faulty) == (2, 1)
    rows = findings(tmp_path / "out").to_pylist()
    assert [row["id"] for row in rows if row["status"] is None] == ["broken.yaml"]


COLUMNS: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "no id": (lambda t: t.drop_columns(["id"]), "id: this column is missing"),
    "misnamed": (
        lambda t: t.rename_columns({"policy.staff_aware_pct": "policy.staf_aware_pct"}),
        "did you mean policy.staff_aware_pct",
    ),
    "a type": (
        lambda t: t.set_column(
            t.schema.get_field_index("docs.controlled_pct"),
            "docs.controlled_pct",
            pa.array(["95"] * len(t)),
        ),
        "docs.controlled_pct: the type should not be string",
    ),
    "no group": (lambda t: t.rename_columns({"park": "parc"}), "no column park .*mean parc"),
    "empty": (lambda t: t.slice(0, 0), "there is no organisation in it"),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_wrong_columns_are_refused_before_anything_is_written(
    table: pa.Table, tmp_path: Path, case: str
) -> None:
    change, told = COLUMNS[case]
    place = tmp_path / "bad.parquet"
    pq.write_table(change(table), place)
    with pytest.raises(EvidenceError, match=told):
        assess(place, tmp_path / "out")
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("kept", [0, 3, 5_000, -1])
def test_a_truncated_file_is_an_error(parquet: Path, tmp_path: Path, kept: int) -> None:
    place = tmp_path / "cut.parquet"
    place.write_bytes(parquet.read_bytes()[:kept])
    with pytest.raises(EvidenceError, match=r"cut\.parquet: cannot be read"):
        assess(place, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_damaged_page_is_an_error(parquet: Path, tmp_path: Path) -> None:
    place = tmp_path / "bad.parquet"
    content = bytearray(parquet.read_bytes())
    content[1000:9000] = b"\xa5" * 8000
    place.write_bytes(content)
    with pytest.raises(EvidenceError, match=r"bad\.parquet"):
        assess(place, tmp_path / "out")
    assert not (tmp_path / "out").exists()


CSV = {
    "docs.controlled_pct": ("95%", "this should be a number"),
    "change.emergency_count": ("2.5", "this should be a whole number"),
    "policy.last_review_date": ("2026-02-30", "this should be a date"),
    "cms.documented": ("yes", "this should be true or false"),
}


def test_wrong_cells_of_csv_are_faults(tmp_path: Path) -> None:
    names = [name for name in CSV if name in STANDARD.vocabulary.items]
    lines = [
        ",".join(["id", "profile.types", *names]),
        ",".join(["good", "ITO;BPO", *[""] * len(names)]),
    ]
    lines += [
        ",".join([name, "ITO", *(CSV[name][0] if name == other else "" for other in names)])
        for name in names
    ]
    place = tmp_path / "firms.csv"
    place.write_text("\n".join(lines), encoding="utf-8")
    made = run(place, tmp_path / "out", as_of=AS_OF)
    assert (made.organisations, made.faulty) == (1, len(names))
    kinds = {k["column"]: k for k in made.to_dict()["faults"]["kinds"]}
    for row, name in enumerate(names, 2):
        assert CSV[name][1] in kinds[name]["message"]["en"]
        assert kinds[name]["first"] == [{"row": row, "id": name}]


def test_a_broken_csv_is_refused_as_a_whole(tmp_path: Path) -> None:
    place = tmp_path / "firms.csv"
    for content, told in (
        (b"id,profile.types\na,ITO\nb\n", "Expected 2 columns, got 1"),
        (b"id,profile.types\n\xbb\xa8,ITO\n", "UTF8"),
        (b"id,profile.types,records.supplier\na,ITO,\n", "a CSV cell cannot hold this column"),
        (b"id,id,profile.types\na,b,ITO\n", "appears twice"),
        (b"", "cannot be read"),
        (b"id,profile.types\n", "there is no organisation"),
    ):
        place.write_bytes(content)
        with pytest.raises(EvidenceError, match=told):
            run(place, tmp_path / "out", as_of=AS_OF)
        assert not (tmp_path / "out").exists()
        rmtree(tmp_path / "out.unfinished", ignore_errors=True)


def test_a_query_reads_and_nothing_else(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    place = tmp_path / "firms.duckdb"
    with duckdb.connect(str(place)) as connection:
        connection.execute("create table firms as select 'a' as id, ['ITO'] as \"profile.types\"")
    before = place.read_bytes()
    for query, told in (
        ("drop table firms", "one SELECT"),
        ("select 1; select 2", "one SELECT"),
        ("select * from nowhere", "the query fails"),
        ("select * from read_csv('/etc/passwd')", "the query fails"),
    ):
        with pytest.raises(EvidenceError, match=told):
            run(place, tmp_path / "out", as_of=AS_OF, query=query)
    assert place.read_bytes() == before
    assert run(place, tmp_path / "out", as_of=AS_OF, query="from firms").organisations == 1
    with pytest.raises(UsageError, match="--query"):
        run(place, tmp_path / "out2", as_of=AS_OF)


@pytest.mark.usefixtures("small_parts")
def test_a_full_disk_is_an_error_and_the_run_goes_on_after_it(
    parquet: Path, tmp_path: Path
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(UsageError, match="cannot write: File too large"):
            assess(parquet, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (tmp_path / "out").exists()
    assert not list((tmp_path / "out.unfinished" / "findings").iterdir())
    assess(parquet, tmp_path / "out")
    assess(parquet, tmp_path / "whole")
    assert same(tmp_path / "out", tmp_path / "whole")


def test_too_many_groups_are_refused(table: pa.Table, tmp_path: Path) -> None:
    rows = pa.concat_tables([table.slice(0, 1)] * 1001)
    rows = rows.set_column(0, "id", pa.array([str(n) for n in range(1001)]))
    pq.write_table(rows, tmp_path / "firms.parquet")
    with pytest.raises(EvidenceError, match="more than 1000 different"):
        assess(tmp_path / "firms.parquet", tmp_path / "out", by="id", ignore=["park"])


def test_a_worker_that_dies_is_an_error(
    parquet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_parts: None
) -> None:
    assert small_parts is None

    class Gone(running.Job):
        def __reduce__(self) -> Any:
            return os._exit, (1,)

    monkeypatch.setattr(running, "Job", Gone)
    with pytest.raises(UsageError, match="a worker process died"):
        assess(parquet, tmp_path / "out", workers=2)


def test_figures_are_what_counting_by_hand_gives(
    parquet: Path, table: pa.Table, tmp_path: Path
) -> None:
    made = assess(parquet, tmp_path / "out")
    rows = findings(tmp_path / "out").to_pylist()
    parks = table.column("park").to_pylist()
    asked = STANDARD.requirements
    unmet = [
        {n for n in asked if row[n] == "nonconforming" and asked[n].severity != "opportunity"}
        for row in rows
    ]
    for group in made.groups:
        counts = [len(u) for u, park in zip(unmet, parks, strict=True) if park == group.name]
        assert group.organisations == len(counts)
        assert group.mean == pytest.approx(np.mean(counts), abs=0.006)
        assert group.deviation == pytest.approx(np.std(counts), abs=0.006)
    assert sum(group.organisations for group in made.groups) == ROWS
    for pair in made.pairs:
        both = sum(pair.first in u and pair.second in u for u in unmet)
        alone = [sum(name in u for u in unmet) for name in (pair.first, pair.second)]
        assert pair.organisations == both
        assert pair.lift == pytest.approx(both * ROWS / (alone[0] * alone[1]), abs=0.006)
    for pattern in made.patterns:
        tops = [sorted({asked[n].clause[0] for n in u}) for u in unmet]
        assert pattern.organisations == tops.count(list(pattern.clauses))
    for outlier in made.outliers:
        assert rows[outlier.row - 1]["id"] == outlier.id
        assert outlier.nonconformities == len(unmet[outlier.row - 1])
