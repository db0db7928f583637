"""Rows of SQLite, DuckDB and PostgreSQL: one statement that reads, within a time and a size."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from socap.errors import MissingExtraError, Text
from socap.mapping.rows import (
    ROW_LIMIT,
    Row,
    Table,
    check_regular,
    failed,
    named,
    refusal,
    too_many,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from socap.mapping.mapping_file import Source

SECONDS = 60
_SQLITE_STEPS = 1_000_000
_SQLITE_ROUNDS = 3_000  # of so many steps each: about a minute
_SQLITE_LENGTH = 1_000_000
_BATCH = 1000
_READING = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
)
# No access to anything but the file; one thread, rows in the order in which they lie.
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
    "temp_directory": "",
    "threads": "1",
    "lock_configuration": "true",
}


def _rows(
    source: Source, columns: tuple[str, ...], found: Iterable[Sequence[object]]
) -> Iterator[Row]:
    for number, values in enumerate(found, 1):
        if number > ROW_LIMIT:
            raise too_many(source)
        yield Row(number, dict(zip(columns, values, strict=True)))


def _one_query(source: Source) -> Exception:
    message = Text("只接受一条 SELECT 语句", "this takes one SELECT statement")
    return refusal(source, message)


@contextmanager
def open_sqlite(source: Source) -> Iterator[Table]:
    """Open the rows of a query on a SQLite file, which is never written to.

    Raises EvidenceError, also while rows are taken.
    """
    check_regular(source)
    rounds = iter(range(_SQLITE_ROUNDS))

    def allowed(action: int, *_names: str | None) -> int:
        return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY

    def spent() -> int:
        return int(next(rounds, None) is None)

    connection = None
    try:
        connection = sqlite3.connect(f"{source.path.as_uri()}?mode=ro", uri=True, timeout=2)
        connection.execute("pragma query_only = true")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _SQLITE_LENGTH)
        connection.set_authorizer(allowed)
        connection.set_progress_handler(spent, _SQLITE_STEPS)
        cursor = connection.execute(source.query)
        if cursor.description is None:
            raise _one_query(source)
        columns = named(source, [column[0] for column in cursor.description])
        yield Table(columns, _rows(source, columns, cursor))
    except (sqlite3.Error, sqlite3.Warning, UnicodeError) as cause:
        if "interrupted" in str(cause):
            raise _too_long(source) from None
        raise failed(source, cause) from None
    finally:
        if connection is not None:
            connection.close()


def _too_long(source: Source) -> Exception:
    message = Text(f"查询超过约 {SECONDS} 秒", f"the query takes more than about {SECONDS} seconds")
    return refusal(source, message)


@contextmanager
def open_duckdb(source: Source) -> Iterator[Table]:
    """Open the rows of a query on a DuckDB file, read only and without access to anything else.

    Raises EvidenceError, also while rows are taken, and MissingExtraError without duckdb.
    """
    try:
        import duckdb  # noqa: PLC0415  an extra
    except ImportError:
        raise MissingExtraError("sql") from None
    check_regular(source)
    try:
        statements = duckdb.extract_statements(source.query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise _one_query(source)
        with duckdb.connect(str(source.path), read_only=True, config=LOCKED) as connection:
            # DuckDB has no time-out of its own: an interrupt from outside is the way it offers.
            timer = Timer(SECONDS, connection.interrupt)
            timer.daemon = True
            timer.start()
            try:
                connection.execute(statements[0])
                columns = named(source, [column[0] for column in connection.description or ()])
                batches = iter(lambda: connection.fetchmany(_BATCH), [])
                rows = (row for batch in batches for row in batch)
                yield Table(columns, _rows(source, columns, rows))
            finally:
                timer.cancel()
    except duckdb.InterruptException:
        raise _too_long(source) from None
    except (duckdb.Error, UnicodeError) as cause:
        raise failed(source, cause) from None


@contextmanager
def open_postgresql(source: Source) -> Iterator[Table]:
    """Open the rows of a query in a read-only transaction on a PostgreSQL server.

    The connection string is in the environment variable that the source names. Raises
    EvidenceError, also while rows are taken, and MissingExtraError without psycopg.
    """
    try:
        import psycopg  # noqa: PLC0415  an extra
    except ImportError:
        raise MissingExtraError("sql") from None
    address = os.environ.get(source.shown, "")
    if not address:
        message = Text("没有设置此环境变量", "this environment variable is not set")
        raise refusal(source, message)
    try:
        with psycopg.connect(address, connect_timeout=10, client_encoding="utf-8") as connection:
            connection.read_only = True
            connection.execute(f"set local statement_timeout = '{SECONDS}s'".encode())
            connection.execute(f"set local lock_timeout = '{SECONDS}s'".encode())
            with connection.cursor(name="socap") as cursor:
                cursor.itersize = _BATCH
                cursor.execute(source.query.encode())
                columns = named(source, [column.name for column in cursor.description or ()])
                yield Table(columns, _rows(source, columns, cursor))
    except psycopg.errors.QueryCanceled:
        raise _too_long(source) from None
    except psycopg.ProgrammingError as cause:
        if cause.diag.sqlstate is None:
            # What is wrong with the connection string would quote from it.
            message = Text("变量中的连接串无效", "the connection string in it is not valid")
            raise refusal(source, message) from None
        raise failed(source, cause) from None
    except (psycopg.Error, UnicodeError) as cause:
        raise failed(source, cause) from None
