"""What is no table here, and how its owner makes one of it."""

from typing import Any

from ._clv import DataError, UsageError

TABLES = "a frame of pandas, polars, pyarrow or DuckDB, a dictionary of arrays, a NumPy array, or the path of a file"

CONVERSIONS = (
    *("toArrow", "toPandas"),
    *("fetch_arrow_table", "to_arrow_table", "fetch_arrow_all", "to_arrow", "to_pyarrow"),
    *("fetch_pandas_all", "fetch_df", "to_dataframe", "to_pandas", "compute"),
)
"""Methods by which others hand over rows, those that keep types first."""


def _has(data: Any, *names: str) -> bool:
    return all(callable(getattr(data, name, None)) for name in names)


def _conversions(data: Any) -> str:
    """The calls that make a table of it, if there are any."""
    calls = [f".{name}()" for name in CONVERSIONS if _has(data, name)]
    return " or ".join(calls[:2])


def _way_out(data: Any) -> tuple[str, str]:
    """What it is, and what to give instead."""
    kind, module = type(data).__name__, type(data).__module__.partition(".")[0]
    calls = _conversions(data)
    if module == "pyspark":
        rows = f"its rows, which {calls or '.toPandas()'} brings to this machine"
        return f"a Spark {kind}", f"what clv.spark makes of it where it is (summarize, count, predict), or {rows}"
    if _has(data, "sql", "execute") and module in ("duckdb", "_duckdb"):
        return "a DuckDB connection", f"a relation, .sql('select ...'), or the result of its query, {calls}"
    if _has(data, "fetchall") and hasattr(data, "description"):
        rows = "pandas.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])"
        return "a cursor", f"the result of its query, {calls}" if calls else f"its rows: {rows}"
    if _has(data, "cursor", "commit"):
        return "a connection", "the result of a query: pandas.read_sql(query, connection)"
    if _has(data, "read"):
        return "an open file", "its path, or what pandas.read_csv makes of it"
    if _has(data, "__next__"):
        return f"a {kind}", "a list of frames or paths, or pandas.DataFrame(rows) where it yields rows"
    if calls:
        return kind, f"what {calls} makes of it, or {TABLES}"
    return kind, TABLES


def no_table(name: str, data: Any) -> UsageError:
    """The error for what is no table."""
    kind, instead = _way_out(data)
    return UsageError(f"{name}: {kind} is no table; give {instead}")


def not_handed_over(name: str, data: Any, error: Exception) -> DataError:
    """The error for a table whose owner cannot hand it over."""
    calls = _conversions(data)
    instead = f". Give what {calls} makes of it" if calls else ""
    return DataError(f"{name}: the {type(data).__name__} cannot be handed over: {error}{instead}")


def rows_of_dictionaries(name: str) -> UsageError:
    """The error for a list of rows."""
    return UsageError(f"{name}: these are rows, and a table is columns; give pandas.DataFrame(rows), or polars.DataFrame(rows)")
