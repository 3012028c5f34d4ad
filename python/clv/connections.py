"""Orders where they are: connections, cursors and data sets, which hand over rows bit by bit.

Everything is known by the methods it has. Rows are fetched when they are read and given back afterwards, so that any number of them takes
little memory. Nothing of a connection, which may hold a password, gets into a message, a model or a report.
"""

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ._clv import DataError, Frame, UsageError

ROWS = 16_384
"""Rows of a batch where the caller can say how many."""

Batches = Iterator[Frame]


def _has(data: Any, *names: str) -> bool:
    return all(callable(getattr(data, name, None)) for name in names)


def module_of(data: Any) -> str:
    """The package that something is of."""
    return type(data).__module__.partition(".")[0]


# What it is


def is_spark(data: Any) -> bool:
    """A DataFrame of Spark, classic or of Connect."""
    return module_of(data) == "pyspark" and hasattr(data, "mapInArrow") and hasattr(data, "sparkSession")


def is_engine(data: Any) -> bool:
    """An engine of SQLAlchemy."""
    return module_of(data) == "sqlalchemy" and _has(data, "raw_connection", "connect")


def is_connection(data: Any) -> bool:
    """What runs queries: a connection or a client."""
    is_client = _has(data, "query") and (_has(data, "list_datasets") or _has(data, "query_and_wait"))
    is_sqlalchemy = module_of(data) == "sqlalchemy" and _has(data, "exec_driver_sql")
    return (
        is_engine(data) or is_sqlalchemy or is_client or (_has(data, "cursor", "close") and not _has(data, "fetchmany")) or _is_duckdb(data)
    )


def _is_duckdb(data: Any) -> bool:
    return module_of(data) in ("duckdb", "_duckdb") and _has(data, "cursor", "execute")


def is_cursor(data: Any) -> bool:
    """What has run a query, or can."""
    return _has(data, "fetchmany") and (hasattr(data, "description") or _has(data, "keys"))


def _is_dataset(data: Any) -> bool:
    return _reader(data) is not None


# Arrow


def _of_arrow(name: str, batches: Iterable[Any]) -> Batches:
    for batch in batches:
        yield Frame.from_arrow(name, batch)


def _of_reader(name: str, reader: Any) -> Batches:
    """Of a reader of record batches, the first of which may be missing."""
    batches = iter(reader)
    first = next(batches, None)
    if first is None:
        schema = getattr(reader, "schema", None)
        empty = getattr(schema, "empty_table", None)
        if empty is not None:
            yield Frame.from_arrow(name, empty())
        return
    yield from _of_arrow(name, itertools.chain([first], batches))


def _reader(data: Any) -> Callable[[], Any] | None:
    """How something that holds record batches hands them over, if it is such a thing."""
    if _has(data, "read_next_batch"):
        return lambda: data
    if _has(data, "to_arrow_batch_reader"):
        # A scan of Iceberg.
        return lambda: data.to_arrow_batch_reader()
    if _has(data, "scan") and module_of(data) == "pyiceberg":
        return lambda: data.scan().to_arrow_batch_reader()
    if _has(data, "to_pyarrow_dataset"):
        # A table of Delta.
        return lambda: data.to_pyarrow_dataset().scanner(batch_size=ROWS).to_reader()
    if _has(data, "scanner", "to_batches"):
        return lambda: data.scanner(batch_size=ROWS).to_reader()
    if _has(data, "to_reader", "to_batches"):
        return lambda: data.to_reader()
    if _has(data, "to_arrow_iterable"):
        # Rows of BigQuery.
        return lambda: data.to_arrow_iterable()
    if _has(data, "fetch_arrow_batches"):
        # A cursor of Snowflake; its batches are tables.
        return lambda: data.fetch_arrow_batches()
    if _has(data, "result") and module_of(data) == "google":
        return lambda: data.result().to_arrow_iterable()
    if _has(data, "fetch_record_batch") and not hasattr(data, "__arrow_c_stream__"):
        return lambda: data.fetch_record_batch()
    if _has(data, "to_arrow_reader") and not hasattr(data, "__arrow_c_stream__"):
        return lambda: _without_warnings(data.to_arrow_reader)
    return None


def _without_warnings(reader: Callable[[int], Any]) -> Any:
    """What DuckDB says of results of its own would be said to who cannot do otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return reader(ROWS)


# Rows of DBAPI


def _names(cursor: Any) -> list[str]:
    """The columns of a result."""
    description = getattr(cursor, "description", None)
    if description is None and _has(cursor, "keys"):
        return [str(name) for name in cursor.keys()]  # noqa: SIM118
    if not description:
        raise UsageError("the cursor has no rows: run a query with it, or give query")
    return [str(column[0]) for column in description]


def _of_cursor(name: str, cursor: Any) -> Batches:
    """Rows as tuples, in columns. Decimals keep their digits, and times with a zone their offset."""
    names: list[str] | None = None if getattr(cursor, "name", None) else _names(cursor)
    is_first = True
    while True:
        rows = cursor.fetchmany(ROWS)
        # A cursor that the server keeps knows its columns when it has rows.
        names = _names(cursor) if names is None else names
        if rows or is_first:
            columns = zip(*rows) if rows else [() for _ in names]
            yield Frame.from_columns(name, names, [[*column] for column in columns])
        if not rows:
            return
        is_first = False


# Queries


@contextlib.contextmanager
def _cursor(connection: Any) -> Iterator[Any]:
    """A cursor on a connection; what was opened for it is closed with it."""
    with contextlib.ExitStack() as opened:
        if is_engine(connection):
            connection = connection.raw_connection()
            opened.callback(connection.close)
        elif module_of(connection) == "sqlalchemy":
            connection = connection.connection
        driver = getattr(connection, "driver_connection", None) or connection
        if module_of(driver) in ("psycopg", "psycopg2"):
            # Other cursors of its bring all rows at once. These live in a transaction.
            is_alone = getattr(driver, "autocommit", False) is True
            cursor = driver.cursor(name="clv_orders", **({"withhold": True} if is_alone else {}))
        else:
            cursor = connection.cursor()
        close = getattr(cursor, "close", None)
        if callable(close):
            opened.callback(close)
        yield cursor


def _of_query(name: str, data: Any, query: str) -> Batches:
    if is_cursor(data) and not _is_duckdb(data):
        data.execute(query)
        yield from _of_result(name, data)
        return
    if _has(data, "query") and not _has(data, "cursor"):
        # A client of BigQuery.
        yield from _of_reader(name, data.query(query).result().to_arrow_iterable())
        return
    with _cursor(data) as cursor:
        if _is_duckdb(cursor):
            yield from _of_reader(name, _reader_of_relation(cursor.sql(query)))
            return
        cursor.execute(query)
        yield from _of_result(name, cursor)


def _reader_of_relation(relation: Any) -> Any:
    """Of DuckDB, whose releases call it differently."""
    if relation is None:
        raise UsageError("query gives no rows; give one that selects some")
    if _has(relation, "to_arrow_reader"):
        return relation.to_arrow_reader(ROWS)
    return relation.fetch_arrow_reader(ROWS)


def _of_result(name: str, data: Any) -> Batches:
    reader = _reader(data)
    return _of_cursor(name, data) if reader is None else _of_reader(name, reader())


def batches(data: Any, name: str, query: str | None = None) -> Batches | None:
    """The rows of what hands them over bit by bit, as frames; none if it is something else."""
    if query is not None:
        if not isinstance(query, str):
            raise UsageError("query is a text of SQL")
        if not (is_connection(data) or is_cursor(data)):
            raise UsageError(f"{name}: query goes to a connection or a cursor, and this is a {type(data).__name__}")
        return _of_query(name, data, query)
    if isinstance(data, (str, bytes, Mapping)) or module_of(data) in ("pandas", "polars", "numpy", "pyspark"):
        return None
    if _is_duckdb(data) and data.description:
        # It has run a query, and holds the result.
        return _of_result(name, data)
    if is_connection(data):
        raise UsageError(f"{name}: of a connection a query is read; give query='select customer_id, order_date, amount from orders'")
    if hasattr(data, "__arrow_c_stream__") and not _has(data, "read_next_batch"):
        return None
    reader = _reader(data)
    if reader is not None:
        return _of_reader(name, reader())
    if is_cursor(data):
        return _of_cursor(name, data)
    return None


# Where a query is run


DIALECTS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "psycopg": "postgres",
    "psycopg2": "postgres",
    "adbc_driver_postgresql": "postgres",
    "asyncpg": "postgres",
    "duckdb": "duckdb",
    "_duckdb": "duckdb",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "google": "bigquery",
    "databricks": "spark",
    "spark": "spark",
    "hive": "spark",
}


def dialect_of(data: Any, given: str | None) -> str:
    """Whose SQL a connection takes."""
    if given is not None:
        return given
    engine = getattr(data, "engine", data)
    name = getattr(getattr(engine, "dialect", None), "name", None)
    names = [name, module_of(data), _vendor(data)]
    known = [DIALECTS[name] for name in names if isinstance(name, str) and name in DIALECTS]
    if not known:
        raise UsageError("whose SQL does this connection take? Give dialect: 'postgres', 'duckdb', 'spark', 'bigquery' or 'snowflake'")
    return known[0]


def _vendor(data: Any) -> str | None:
    """What a connection of ADBC says of its database."""
    info = getattr(data, "adbc_get_info", None)
    if not callable(info):
        return None
    try:
        return str(info().get("vendor_name", "")).lower()
    except Exception:
        return None


def fetched(data: Any, name: str, query: str) -> Frame:
    """All rows of a query."""
    frames = [*_of_query(name, data, query)]
    if not frames:
        raise DataError(f"{name}: the query gave neither rows nor columns")
    return Frame.joined(frames)
