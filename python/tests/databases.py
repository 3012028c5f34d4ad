"""The databases that queries are tried on."""

from typing import Any

import duckdb
import pyarrow as pa


class DuckDb:
    """A connection whose zone is far from everybody's."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'Pacific/Auckland'")

    def load(self, name: str, table: pa.Table) -> None:
        self.connection.register("handed_over", table)
        self.connection.execute(f"create or replace table {name} as select * from handed_over")

    def query(self, text: str) -> Any:
        return self.connection.sql(text).to_arrow_table()


class Postgres:
    """The same of PostgreSQL, whose server has such a zone."""

    dialect = "postgres"

    def __init__(self, address: str) -> None:
        from adbc_driver_postgresql import dbapi

        self.connection = dbapi.connect(address, autocommit=True)

    def load(self, name: str, table: pa.Table) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"drop table if exists {name}")
            cursor.adbc_ingest(name, table)

    def query(self, text: str) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetch_arrow_table()
