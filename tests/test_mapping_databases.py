"""Rows of real SQLite, DuckDB and PostgreSQL databases; none of them can be changed or left."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import psycopg
import pytest

from socap.errors import EvidenceError, MissingExtraError
from socap.mapping import databases
from socap.mapping.collecting import collect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.standard import Standard

HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]}\n"
RECORDS = "records: {supplier: {source: s, id: n, fields: {evaluated_on: d, critical: c}}}\n"
TABLE = """create table register (n integer, d date, c boolean, share numeric(9, 4), t timestamp);
insert into register values (1, '2026-03-01', true, 0.9750, '2026-03-01 12:00:00'), (2, null, false, 0.1, null);
create table "odd "" name" (n integer, d date, c boolean);
insert into "odd "" name" values (3, '2026-03-02', true);
"""


class Database(NamedTuple):
    """A database, how a mapping file names it and the folder for that file."""

    kind: str
    name: str
    folder: Path


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server of its own on a socket, started by somebody who is not root."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    initdb = shutil.which("initdb") or next((str(f / "initdb") for f in folders[-1:]), None)
    assert initdb, "initdb is missing: install the package postgresql"
    programs = Path(initdb).resolve().parent
    user = "postgres" if os.getuid() == 0 else None
    place = Path(tempfile.mkdtemp(prefix="pg"))
    if user:
        shutil.chown(place, user)

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=place)

    data = str(place / "data")
    try:
        run(str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "socap", "-E", "UTF8", "-N")
        options = f"-k {place} -c listen_addresses='' -c fsync=off"
        control, log = str(programs / "pg_ctl"), str(place / "log")
        run(control, "-D", data, "-w", "-s", "-l", log, "-o", options, "start")
        try:
            yield f"host={place} user=socap dbname=postgres"
        finally:
            run(control, "-D", data, "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place)


@pytest.fixture(scope="module")
def filled(server: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(TABLE.encode())
    return server


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Database:
    if request.param == "sqlite":
        with closing(sqlite3.connect(tmp_path / "r.db")) as made:
            made.executescript(TABLE)
        return Database("sqlite", "r.db", tmp_path)
    if request.param == "duckdb":
        with duckdb.connect(str(tmp_path / "r.duckdb")) as made_too:
            made_too.execute(TABLE)
        return Database("duckdb", "r.duckdb", tmp_path)
    monkeypatch.setenv("REGISTER_DSN", request.getfixturevalue("filled"))
    return Database("postgresql", "REGISTER_DSN", tmp_path)


def gather(
    database: Database, standard: Standard, body: str, *, table: str = "", query: str = ""
) -> dict[str, dict[str, list[dict[str, object]]]]:
    chosen = f"table: '{table}'" if table else 'query: "' + query.replace('"', '\\"') + '"'
    source = f"sources: {{s: {{{database.kind}: {database.name}, {chosen}}}}}\n"
    (database.folder / "m.yaml").write_text(HEAD + source + body, encoding="utf-8")
    told: dict[str, dict[str, list[dict[str, object]]]]
    told = collect(database.folder / "m.yaml", None, standard).organisation.to_dict()
    return told


def refused(database: Database, standard: Standard, query: str, body: str = RECORDS) -> str:
    with pytest.raises(EvidenceError) as caught:
        gather(database, standard, body, query=query)
    caught.value.render("zh")
    return caught.value.render("en").replace(f"{database.folder}/", "")


def test_a_query_gives_records(database: Database, tiny: Standard) -> None:
    query = "select n, d, case when c then 'true' else 'false' end as c from register order by n;"
    assert gather(database, tiny, RECORDS, query=query)["records"]["supplier"] == [
        {
            "id": "1",
            "evaluated_on": {"value": "2026-03-01"},
            "critical": {"value": True},
            "source": database.name,
        },
        {"id": "2", "critical": {"value": False}, "source": database.name},
    ]


def test_a_table_gives_records(database: Database, tiny: Standard) -> None:
    schema = "public" if database.kind == "postgresql" else "main"
    values = RECORDS.replace("critical: c", 'critical: {column: c, values: {"1": true}}')
    told = gather(database, tiny, values, table=f'{schema}.odd " name')
    assert told["records"]["supplier"][0]["evaluated_on"] == {"value": "2026-03-02"}


def test_exact_numbers_stay_exact(database: Database, tiny: Standard) -> None:
    body = "evidence: {test.pass_pct: {source: s, column: share, unit: fraction}}\n"
    told = gather(database, tiny, body, query="select share from register where n = 1")
    assert told["evidence"]["test.pass_pct"] == [{"value": 97.5, "source": database.name}]


def test_a_moment_gives_its_day(database: Database, tiny: Standard) -> None:
    column = "{source: s, column: t, format: '%Y-%m-%d %H:%M:%S'}"
    told = gather(
        database,
        tiny,
        f"evidence: {{audit.last_date: {column}}}",
        query="select t from register where n = 1",
    )
    assert told["evidence"]["audit.last_date"][0]["value"] == "2026-03-01"


WRITES = [
    "delete from register",
    "insert into register values (9, null, true, 1, null)",
    "update register set n = 9",
    "drop table register",
    "create table other (n integer)",
    "create temporary table other (n integer)",
    "select 1 as n, null as d, null as c; drop table register",
    "vacuum",
    "",
    " ",
]


@pytest.mark.parametrize("query", WRITES)
def test_nothing_is_written(database: Database, tiny: Standard, query: str) -> None:
    assert refused(database, tiny, query)
    good = "select n, null as d, null as c from register"
    assert len(gather(database, tiny, RECORDS, query=good)["records"]["supplier"]) == 2


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("sqlite", "attach database '/tmp/other.db' as other"),
        ("sqlite", "pragma query_only = false"),
        ("sqlite", "pragma writable_schema = 1"),
        ("sqlite", "select load_extension('x')"),
        ("duckdb", "attach '/tmp/other.duckdb' as other"),
        ("duckdb", "copy register to '/tmp/r.csv'"),
        ("duckdb", "select * from read_csv('/etc/passwd')"),
        ("duckdb", "select * from '/etc/passwd'"),
        ("duckdb", "select * from tiny"),
        ("duckdb", "install httpfs"),
        ("duckdb", "set enable_external_access = true"),
        ("duckdb", "pragma database_list"),
        ("postgresql", "copy register to program 'true'"),
        ("postgresql", "set transaction read write"),
        (
            "postgresql",
            "select set_config('transaction_read_only', 'off', true); drop table register",
        ),
        (
            "postgresql",
            "with gone as (delete from register returning n) select n, null as d, null as c from gone",
        ),
        ("postgresql", "select nextval('x')"),
        ("postgresql", "commit"),
    ],
)
def test_nothing_else_is_reached(database: Database, tiny: Standard, kind: str, query: str) -> None:
    if database.kind == kind:
        assert refused(database, tiny, query).startswith(f"{database.name}: sources.s: ")


def test_what_is_wrong_with_a_query_is_told(database: Database, tiny: Standard) -> None:
    assert "missing_table" in refused(database, tiny, "select * from missing_table")
    assert refused(database, tiny, "select n, n from register").endswith(
        "sources.s: columns share a name: n"
    )
    assert refused(database, tiny, "select n, d from register").endswith(
        "records.supplier.fields.critical: s has no column c (it has: n, d)"
    )
    assert "#1 c: records.supplier.critical: x" in refused(
        database, tiny, "select n, d, 'x' as c from register where n = 1"
    )
    assert "sources.s: cannot be read: " in refused(database, tiny, "select ? as n")


def test_a_value_without_a_text_of_its_own_is_rejected(database: Database, tiny: Standard) -> None:
    blob = {
        "sqlite": "x'ff'",
        "duckdb": "'\\xff'::blob".replace("\\", "\\\\"),
        "postgresql": "'a'::bytea",
    }
    query = f"select {blob[database.kind]} as n, null as d, null as c"
    assert "#1 n: records.supplier.id: a value of the type bytes cannot be read" in refused(
        database, tiny, query
    )


def test_a_query_without_end_is_stopped(
    database: Database, tiny: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "SECONDS", 1)
    monkeypatch.setattr(databases, "_SQLITE_ROUNDS", 3)
    endless = (
        "with recursive a(n) as (select 1 union all select n + 1 from a) "
        "select max(n) as n, null as d, null as c from a"
    )
    assert "sources.s: the query takes more than about" in refused(database, tiny, endless)


def test_more_rows_than_are_read_are_refused(
    database: Database, tiny: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "ROW_LIMIT", 1)
    found = refused(database, tiny, "select n, d, null as c from register")
    assert found == f"{database.name}: sources.s: there are more than 1000000 rows"


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    "content", [b"", b"not a database\n" * 500, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_refused(
    tmp_path: Path, tiny: Standard, kind: str, content: bytes
) -> None:
    (tmp_path / "r.db").write_bytes(content)
    found = refused(Database(kind, "r.db", tmp_path), tiny, "select n, d, c from register")
    assert found.startswith("r.db: sources.s: ")
    assert (tmp_path / "r.db").read_bytes() == content


def test_a_locked_file_is_told(tmp_path: Path, tiny: Standard) -> None:
    with closing(sqlite3.connect(tmp_path / "r.db", isolation_level=None)) as made:
        made.executescript(TABLE)
        made.execute("begin exclusive")
        found = refused(Database("sqlite", "r.db", tmp_path), tiny, "select * from register")
    assert found == "r.db: sources.s: cannot be read: database is locked"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (None, "this environment variable is not set"),
        ("", "this environment variable is not set"),
        ("host=/nowhere user=x password=hunter2", "cannot be read: "),
        ("hunter2", "the connection string in it is not valid"),
        ("postgresql://u:hunter2@[", "the connection string in it is not valid"),
    ],
)
def test_a_server_that_is_not_there_is_told_without_its_password(
    tmp_path: Path,
    tiny: Standard,
    monkeypatch: pytest.MonkeyPatch,
    address: str | None,
    message: str,
) -> None:
    monkeypatch.delenv("REGISTER_DSN", raising=False)
    if address is not None:
        monkeypatch.setenv("REGISTER_DSN", address)
    found = refused(Database("postgresql", "REGISTER_DSN", tmp_path), tiny, "select 1 as n")
    assert found.startswith(f"REGISTER_DSN: sources.s: {message}")
    assert "hunter2" not in found


@pytest.mark.parametrize(("kind", "module"), [("duckdb", "duckdb"), ("postgresql", "psycopg")])
def test_a_driver_that_is_not_installed_is_named(
    tmp_path: Path, tiny: Standard, monkeypatch: pytest.MonkeyPatch, kind: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        gather(Database(kind, "X", tmp_path), tiny, RECORDS, query="select 1")
    assert 'pip install "socap[sql]"' in caught.value.render("en")
