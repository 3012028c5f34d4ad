"""Orders where they are: connections, cursors and data sets hand over what a frame would, bit by bit."""

import datetime as dt
import decimal
import json
import os
import sqlite3
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import sqlalchemy

import clv

pytestmark = pytest.mark.filterwarnings("ignore::clv.DataWarning", "ignore::clv.FitWarning")

UNTIL = "1997-09-30"
QUERY = "select customer_id, order_date, amount from orders"


def columns_of(answer):
    """The columns of a table, days as text."""
    columns = answer.to_numpy() if isinstance(answer, clv.Table) else {name: answer[name].to_pylist() for name in answer.column_names}

    def plain(name, cell):
        # What is missing is NaN in an array.
        return str(cell)[:10] if name.endswith("_purchase") else None if cell != cell else cell

    return {name: [plain(name, cell) for cell in np.asarray(cells).tolist()] for name, cells in columns.items()}


def assert_same(answer, known):
    ours, theirs = columns_of(answer), columns_of(known)
    for name in ("unit", "grain", "observed_until"):
        ours.pop(name, None), theirs.pop(name, None)
    assert ours == theirs


@pytest.fixture(scope="module")
def orders(sample):
    return pa.table(
        {
            "customer_id": pa.array(sample["customer_id"].tolist()),
            "order_date": pa.array(sample["order_date"].dt.date.tolist()),
            "amount": pa.array(sample["amount"].tolist()),
        }
    )


@pytest.fixture(scope="module")
def known(orders):
    return clv.summarize(orders, until=UNTIL)


@pytest.fixture(scope="module")
def adbc(postgres, orders):
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres, autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.adbc_ingest("orders", orders, mode="replace")
            cursor.execute("drop table if exists typed")
            cursor.execute(
                "create table typed as select customer_id, (order_date + time '23:30') at time zone 'Europe/Berlin' as order_date, "
                "cast(amount as numeric) as amount from orders"
            )
        yield connection


def lite(orders):
    connection = sqlite3.connect(":memory:")
    connection.execute("create table orders (customer_id text, order_date text, amount real)")
    rows = [(row["customer_id"], str(row["order_date"]), row["amount"]) for row in orders.to_pylist()]
    connection.executemany("insert into orders values (?, ?, ?)", rows)
    connection.commit()
    return connection


# What others are made of


class Cursor:
    """A cursor of the database interface, over rows; of this thread alone."""

    def __init__(self, rows, names):
        self.rows, self.names, self.thread, self.closed = iter(rows), names, threading.get_ident(), False
        self.description, self.queries, self.most = None, [], 0

    def execute(self, query):
        assert threading.get_ident() == self.thread
        self.queries.append(query)
        self.description = [(name, None, None, None, None, None, None) for name in self.names]

    def fetchmany(self, size):
        assert threading.get_ident() == self.thread, "fetched in another thread"
        self.most = max(self.most, size)
        return [row for _, row in zip(range(size), self.rows, strict=False)]

    def close(self):
        self.closed = True


class Connection:
    """A connection, whose words and attributes tell its password."""

    url = "postgresql://ada:s3cr3t@db.example.org/shop"

    def __init__(self, rows=(), names=("customer_id", "order_date", "amount")):
        self.made = Cursor(rows, names)

    def cursor(self, **named):
        self.named = named
        return self.made

    def close(self):
        pass

    def __repr__(self):
        return f"Connection({self.url})"


class RowIterator:
    """Rows of BigQuery."""

    def __init__(self, table):
        self.table = table

    def to_arrow_iterable(self):
        return iter(self.table.to_batches(max_chunksize=1000))


class QueryJob:
    def __init__(self, table):
        self.table = table

    def result(self):
        return RowIterator(self.table)


class Client:
    """A client of BigQuery."""

    def __init__(self, table):
        self.table, self.queries = table, []

    def query(self, text):
        self.queries.append(text)
        return QueryJob(self.table)

    def list_datasets(self):
        return []


class SnowflakeCursor:
    """A cursor of Snowflake, which hands over tables of Arrow."""

    description = (("CUSTOMER_ID",), ("ORDER_DATE",), ("AMOUNT",))

    def __init__(self, table):
        self.table = table

    def execute(self, query):
        return self

    def fetchmany(self, size):
        raise AssertionError("Arrow is there")

    def fetch_arrow_batches(self):
        for batch in self.table.to_batches(max_chunksize=1000):
            yield pa.Table.from_batches([batch])


class DeltaTable:
    def __init__(self, path):
        self.path = path

    def to_pyarrow_dataset(self):
        return ds.dataset(self.path)


class Scan:
    """A scan of Iceberg."""

    def __init__(self, table):
        self.table = table

    def to_arrow_batch_reader(self):
        return self.table.to_reader(max_chunksize=1000)


class IcebergTable:
    def __init__(self, table):
        self.table = table

    def scan(self):
        return Scan(self.table)


DeltaTable.__module__, IcebergTable.__module__, Scan.__module__ = "deltalake.table", "pyiceberg.table", "pyiceberg.table"
QueryJob.__module__ = RowIterator.__module__ = Client.__module__ = "google.cloud.bigquery"


def of_duckdb(orders):
    connection = duckdb.connect()
    connection.register("handed", orders)
    connection.execute("create table orders as select * from handed")
    return connection


def of_engine(orders, path):
    with sqlite3.connect(path) as connection:
        lite(orders).backup(connection)
    return sqlalchemy.create_engine(f"sqlite:///{path}")


def tuples(orders):
    return [tuple(row.values()) for row in orders.to_pylist()]


def executed(cursor, query=QUERY):
    done = cursor.execute(query)
    return cursor if done is None else done


SOURCES = {
    "sqlite connection": lambda orders, path: (lite(orders), QUERY),
    "sqlite cursor": lambda orders, path: (lite(orders).execute(QUERY), None),
    "sqlite cursor with a query": lambda orders, path: (lite(orders).cursor(), QUERY),
    "engine": lambda orders, path: (of_engine(orders, path / "shop.db"), QUERY),
    "connection of an engine": lambda orders, path: (of_engine(orders, path / "shop.db").connect(), QUERY),
    "result of an engine": lambda orders, path: (of_engine(orders, path / "shop.db").connect().execute(sqlalchemy.text(QUERY)), None),
    "DuckDB connection": lambda orders, path: (of_duckdb(orders), QUERY),
    "DuckDB result": lambda orders, path: (of_duckdb(orders).execute(QUERY), None),
    "database interface": lambda orders, path: (Connection(tuples(orders)), QUERY),
    "BigQuery client": lambda orders, path: (Client(orders), QUERY),
    "BigQuery job": lambda orders, path: (QueryJob(orders), None),
    "BigQuery rows": lambda orders, path: (RowIterator(orders), None),
    "Snowflake cursor": lambda orders, path: (SnowflakeCursor(orders), None),
    "Snowflake cursor with a query": lambda orders, path: (SnowflakeCursor(orders), QUERY),
    "reader": lambda orders, path: (orders.to_reader(max_chunksize=1000), None),
    "data set": lambda orders, path: (ds.dataset(orders), None),
    "scanner": lambda orders, path: (ds.dataset(orders).scanner(), None),
    "Delta": lambda orders, path: (DeltaTable(path / "orders.parquet"), None),
    "Iceberg": lambda orders, path: (IcebergTable(orders), None),
    "Iceberg scan": lambda orders, path: (Scan(orders), None),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_they_say_what_a_frame_says(kind, orders, known, tmp_path):
    pq.write_table(orders, tmp_path / "orders.parquet")
    source, query = SOURCES[kind](orders, tmp_path)
    answer = clv.summarize(source, until=UNTIL, **({} if query is None else {"query": query}))
    assert isinstance(answer, pa.Table if kind in ("reader", "data set", "scanner", "Delta", "Iceberg", "Iceberg scan") else clv.Table)
    assert_same(answer, known)


def test_orders_that_are_handed_over_are_orders(orders, sample):
    read = clv.Orders(lite(orders), query=QUERY)
    assert read.read["orders"] == 6919 and repr(read) == repr(clv.Orders(orders))
    ours, theirs = clv.evaluate(read, split=UNTIL), clv.evaluate(orders, split=UNTIL)
    assert str(columns_of(ours.scores)) == str(columns_of(theirs.scores))
    assert_same(clv.describe(lite(orders), query=QUERY, until=UNTIL).customers, clv.describe(orders, until=UNTIL).customers)


def test_postgres_hands_over_what_it_holds(adbc, known, orders):
    assert_same(clv.summarize(adbc, query=QUERY, until=UNTIL), known)
    with adbc.cursor() as cursor:
        cursor.execute(QUERY)
        assert_same(clv.summarize(cursor, until=UNTIL), known)
    # Numerics have no type of Arrow's, and instants have the zone UTC, whose day is the one before.
    with adbc.cursor() as cursor:
        cursor.execute("select * from typed")
        kind = cursor.fetch_arrow_table().schema.field("amount")
        assert "opaque" in str(kind.type) or kind.metadata
    assert_same(clv.summarize(adbc, query="select * from typed", until=UNTIL, timezone="Europe/Berlin"), known)


# Values


def test_decimals_keep_their_value_and_are_no_thousands():
    """12.500 is twelve and a half, whoever has three digits after the point."""
    rows = [("a", dt.date(2024, 1, day), decimal.Decimal("12.500")) for day in (1, 2, 3)] + [("b", dt.date(2024, 1, 4), None)]
    for source in (Connection(rows), Cursor(rows, ["customer_id", "order_date", "amount"])):
        summary = columns_of(clv.summarize(source, query=QUERY, until="2024-01-31"))
        assert summary["monetary_value"] == [12.5] and summary["total"] == [37.5]
    rows = [("a", dt.date(2024, 1, day), decimal.Decimal("0.1")) for day in range(1, 11)]
    assert columns_of(clv.summarize(Connection(rows), query=QUERY, until="2024-01-31"))["total"] == [1.0]


def test_opaque_numerics_are_decimals():
    said = {
        "ARROW:extension:name": "arrow.opaque",
        "ARROW:extension:metadata": json.dumps({"type_name": "numeric", "vendor_name": "PostgreSQL"}),
    }
    fields = [
        pa.field("customer_id", pa.string(), metadata=said),
        pa.field("order_date", pa.date32()),
        pa.field("amount", pa.string(), metadata=said),
    ]
    big = "12345678901234567890"
    columns = [[big, big, "7"], [dt.date(2024, 1, day) for day in (1, 2, 3)], ["12.500", "1234.125", "NaN"]]
    table = pa.table([pa.array(column, field.type) for column, field in zip(columns, fields)], schema=pa.schema(fields))
    for source in (table, table.to_reader()):
        summary = columns_of(clv.summarize(source, until="2024-01-31", max_left_out=1.0))
        assert [str(customer) for customer in summary["customer_id"]] == [big]
        assert summary["monetary_value"] == [1234.125] and summary["total"] == [1246.625]


def test_large_ids_keep_their_digits():
    ids = [2**64 - 1, 2**64 - 2, 2**63]
    days = [dt.date(2024, 1, day) for day in (1, 2, 3)]
    table = pa.table({"customer_id": pa.array(ids, pa.uint64()), "order_date": days, "amount": [1.0, 2.0, 3.0]})
    for source in (table.to_reader(), ds.dataset(table)):
        assert sorted(clv.summarize(source, until="2024-01-31")["customer_id"].to_pylist()) == sorted(ids)
    rows = [*zip(ids, days, [1.0, 2.0, 3.0]), (uuid.UUID(int=5), days[0], 4.0)]
    ours = columns_of(clv.summarize(Connection(rows), query=QUERY, until="2024-01-31"))
    assert set(map(str, ours["customer_id"])) == {*map(str, ids), "00000000-0000-0000-0000-000000000005"}


def test_instants_have_the_day_of_their_zone():
    berlin = dt.timezone(dt.timedelta(hours=1))
    rows = [("a", dt.datetime(2024, 1, 1, 0, 30, tzinfo=berlin), 1.0), ("a", dt.datetime(2024, 1, 2, 12, tzinfo=berlin), 2.0)]
    days = {None: "2024-01-01", "UTC": "2023-12-31", "Europe/Berlin": "2024-01-01"}
    for zone, first in days.items():
        summary = columns_of(clv.summarize(Connection(rows), query=QUERY, until="2024-01-31", timezone=zone))
        assert summary["first_purchase"] == [first], zone


# How rows are fetched


def test_rows_are_fetched_where_the_caller_is_and_the_cursor_is_closed(orders, known):
    connection = Connection(tuples(orders))
    assert_same(clv.summarize(connection, query=QUERY, until=UNTIL), known)
    assert connection.made.closed and connection.made.queries == [QUERY] and connection.made.most <= 1 << 16


def test_psycopg_keeps_rows_at_the_server(orders, known):
    class Driver(Connection):
        autocommit = False

    Driver.__module__ = "psycopg2.extensions"
    connection = Driver(tuples(orders))
    assert_same(clv.summarize(connection, query=QUERY, until=UNTIL), known)
    assert connection.named == {"name": "clv_orders"}


class Broken(Exception):
    """The driver's own."""


@pytest.mark.parametrize("error", [Broken("the server went away"), KeyboardInterrupt()])
def test_what_a_driver_raises_is_raised(error):
    def rows():
        for i in range(50_000):
            yield (i % 100, dt.date(2024, 1, 1 + i % 20), 1.0)
        raise error

    connection = Connection(rows())
    with pytest.raises(type(error)) as raised:
        clv.summarize(connection, query=QUERY)
    assert raised.value is error


def test_what_is_wrong_with_rows_is_told_while_more_would_come():
    rows = ((i % 100, "03/04/2024", 1.0) for i in range(10**9))
    with pytest.raises(clv.UsageError, match="which is the day and which the month"):
        clv.summarize(Connection(rows), query=QUERY)


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (Connection, {}, r"of a connection a query is read; give query="),
        (duckdb.connect, {}, r"of a connection a query is read"),
        (lambda: sqlite3.connect(":memory:").cursor(), {}, r"the cursor has no rows: run a query with it"),
        (lambda: pa.table({"a": [1]}), {"query": "select 1"}, r"query goes to a connection or a cursor, and this is a Table"),
        (lambda: [Connection()], {}, r"of a connection a query is read"),
        (lambda: [ds.dataset(pa.table({"a": [1]}))], {}, r"is read alone"),
        (lambda: Connection([], []), {"query": QUERY}, r"run a query with it"),
        (lambda: Connection([]), {"query": QUERY}, r"there is a header but no order"),
        (Connection, {"query": 3}, r"query is a text of SQL"),
        (Connection, {"table": "orders"}, r"give push_down=True with it"),
        (Connection, {"push_down": True}, r"push_down takes a table, or a query"),
        (Connection, {"push_down": True, "table": "orders", "until": UNTIL}, r"whose SQL does this connection take"),
        (lambda: pa.table({"a": [1]}), {"push_down": True, "table": "orders"}, r"push_down takes a connection"),
        (duckdb.connect, {"push_down": True, "table": "orders"}, r"needs the last day of the observation"),
        (duckdb.connect, {"push_down": True, "table": "orders", "until": UNTIL, "strict": True}, r"strict is not part of a query"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(make, options, words):
    with pytest.raises(clv.Error, match=words):
        clv.summarize(make(), **options)


# Work that stays where the orders are


def test_the_database_makes_the_same_summary(orders, adbc):
    connection = of_duckdb(orders)
    for options in ({}, {"unit": "month", "grain": "month", "keep": ["source"], "sum_log_interpurchase": True}):
        kept = "keep" in options
        named = orders.append_column("source", pa.array([["web", "shop"][i % 2] for i in range(len(orders))])) if kept else orders
        connection = of_duckdb(named)
        known = clv.summarize(named, until=UNTIL, **options)
        assert_same(clv.summarize(connection, table="orders", push_down=True, until=UNTIL, **options), known)
        assert_same(clv.summarize(connection, query="select * from orders; ", push_down=True, until=UNTIL, **options), known)
    assert_same(clv.summarize(adbc, table="public.orders", push_down=True, until=UNTIL), clv.summarize(orders, until=UNTIL))
    typed = {"until": UNTIL, "timezone": "Europe/Berlin"}
    assert_same(clv.summarize(adbc, table="typed", push_down=True, dialect="postgres", **typed), clv.summarize(orders, until=UNTIL))


def test_what_is_pushed_down_is_one_query_and_one_row_a_customer(orders):
    class Recording(Connection):
        pass

    small = orders.slice(0, 200)
    summary = of_duckdb(small).sql(clv.sql("duckdb", exact=True, until=UNTIL)).to_arrow_table()
    connection = Recording(tuples(summary), summary.column_names)
    answer = clv.summarize(connection, table="orders", push_down=True, dialect="duckdb", until=UNTIL)
    (query,) = connection.made.queries
    assert query.startswith("-- One row per customer") and "order by clv_customers.customer_id" in query
    assert len(answer) == len(summary) < 200


# Memory

MEASURED = """
import datetime, sys, warnings
import numpy as np, psutil
import clv

warnings.simplefilter("ignore")
kind, rows = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(1)
start = datetime.date(2023, 1, 1)
days = [start + datetime.timedelta(days=day) for day in range(700)]

class Cursor:
    description = [("customer_id",), ("order_date",), ("amount",)]
    left = rows

    def execute(self, query):
        pass

    def fetchmany(self, size):
        size = min(size, self.left)
        self.left -= size
        ids, at, amounts = rng.integers(0, 50_000, size), rng.integers(0, 700, size), rng.gamma(2.0, 10.0, size)
        return [(int(i), days[d], float(a)) for i, d, a in zip(ids, at, amounts)]

class Connection:
    def cursor(self):
        return Cursor()

    def close(self):
        pass

def batches():
    import pyarrow as pa
    left = rows
    while left:
        size = min(16384, left)
        left -= size
        yield pa.record_batch(
            {
                "customer_id": rng.integers(0, 50_000, size),
                "order_date": (np.datetime64("2023-01-01") + rng.integers(0, 700, size)).astype("datetime64[us]"),
                "amount": rng.gamma(2.0, 10.0, size),
                "note": ["x" * 100] * size,
            }
        )

def source():
    if kind == "cursor":
        return Connection(), {"query": "select"}
    import pyarrow as pa
    first = next(batches())
    return pa.RecordBatchReader.from_batches(first.schema, batches()), {}

data, options = source()
clv.summarize({"customer_id": [1], "order_date": ["2024-01-01"], "amount": [1.0]})
process = psutil.Process()
before = process.memory_info().rss
clv.Orders(data, **options)
peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) * 1024
print(peak - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("kind", ["cursor", "reader"])
def test_a_million_rows_take_little_memory(kind):
    """What stays of an order is 24 bytes; all of it as rows of Python, or as Arrow with its notes, would be over 130 MB."""

    def peak(rows):
        run = subprocess.run([sys.executable, "-c", MEASURED, kind, str(rows)], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return float(run.stdout)

    assert peak(1_000_000) < 2 * 24e6 + 2 * peak(100_000)


# Secrets


def test_credentials_are_in_no_message_no_model_and_no_report(orders, tmp_path):
    """A password in an address, in what a connection says of itself, and in what it is asked by."""
    secret = "s3cr3t"
    said = []
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/none.db?password={secret}")
    calls = [
        lambda: clv.summarize(Connection()),
        lambda: clv.summarize(Connection(), query=3),
        lambda: clv.summarize(Connection(), table="orders", push_down=True, until=UNTIL),
        lambda: clv.summarize(Connection(tuples(orders)), query=QUERY, until=UNTIL, customer="nobody"),
        lambda: clv.summarize(Connection([("a", "b", "c")]), query=QUERY),
        lambda: clv.BgNbd().fit(Connection()),
        lambda: clv.Orders([Connection()]),
        lambda: clv.summarize(engine),
        lambda: clv.summarize(f"postgresql://ada:{secret}@db.example.org/shop"),
        lambda: clv.summarize([f"s3://key:{secret}@bucket/orders.parquet"]),
        lambda: clv.summarize(f"https://example.org/orders.csv?token={secret}"),
    ]
    for call in calls:
        with pytest.raises(clv.Error) as raised:
            call()
        error = raised.value
        said += [str(error), repr(error), str(vars(error)), str(error.answers), str(error.__cause__)]
    connection = Connection(tuples(orders))
    read = clv.Orders(connection, query=f"/* {secret} */ {QUERY}")
    said += [repr(read), str(read.read)]
    model = clv.BgNbd().fit(read.summarize())
    model.save(tmp_path / "model.json")
    clv.report(read, tmp_path / "report.html")
    said += [(tmp_path / name).read_text() for name in ("model.json", "report.html")]
    said.append(str(clv.evaluate(read, split=UNTIL)))
    assert all(secret not in text for text in said), [text for text in said if secret in text]


def test_the_command_says_how_to_pipe_what_it_does_not_open(command, tmp_path):
    for address, words in [
        ("s3://key:s3cr3t@bucket/orders.parquet", "aws s3 cp"),
        ("gs://bucket/orders.csv", "gcloud storage cat"),
        ("https://ada:s3cr3t@example.org/orders.csv?token=s3cr3t", "curl"),
        ("postgres://ada:s3cr3t@db/shop", "psql"),
        ("postgresql://ada:s3cr3t@db/shop", "psql"),
        ("abfss://box@account.dfs.core.windows.net/orders.csv", "clv summarize -"),
    ]:
        for json_too in ([], ["--json"]):
            done = subprocess.run(
                [command, "summarize", address, "-o", "s.csv", *json_too], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert done.returncode != 0
            assert words in done.stderr and "s3cr3t" not in done.stderr + done.stdout, done.stderr
    assert not os.listdir(tmp_path) and Path(tmp_path).is_dir()
