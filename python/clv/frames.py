"""Data frames in, as they are, and tables out, in the caller's own kind.

Whatever has an Arrow interface is read where it is. A pandas frame is read column by column, without pyarrow: numbers and dates where they
are, text cell by cell.
"""

import html
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import observed
from ._clv import DataError, Error, Frame, Table, UsageError
from .no_tables import no_table, not_handed_over

Wanted = Callable[[list[str]], Iterable[int]]
"""Which columns of a header are needed, by their numbers."""

SUMMARY_COLUMNS = ("frequency", "recency", "T", "monetary_value")
"""What the columns of a bare array are."""


@dataclass(frozen=True)
class Kind:
    """What the caller's data are, to give answers of the same kind."""

    name: str
    index: Any = None
    added: tuple[str, ...] = ()
    """Names of index levels that were read as columns, and that an answer has in its index."""
    header: tuple[str, ...] = ()
    times: observed.Times | str | None = None
    """What a summary says of its times other than in columns."""
    purchases: str | None = None
    """And what is counted of its purchases."""
    currency: str | None = None
    """And what its amounts are in."""
    origin: Any = None
    """The DuckDB relation, whose connection answers are to be on."""

    def __getstate__(self) -> dict[str, Any]:
        # A connection stays where it is.
        return {**self.__dict__, "origin": None}

    def table(self, table: Table) -> Any:
        """A table of answers, one row for each of the caller's."""
        if self.name == "pandas":
            index = self.index if self.index is not None and len(self.index) == len(table) else None
            return to_pandas(table, index, self.added)
        return self.frame(table)

    def frame(self, table: Table) -> Any:
        """A table with rows of its own."""
        makers: dict[str, Callable[[Table], Any]] = {
            "pandas": to_pandas,
            "polars": to_polars,
            "pyarrow": to_arrow,
            "duckdb": lambda table: to_duckdb(table, self.origin),
            "dict": Table.to_numpy,
            "numpy": to_records,
        }
        make = makers.get(self.name)
        return table if make is None else make(table)

    def series(self, array: np.ndarray[Any, Any], name: str) -> Any:
        """One number for each of the caller's rows."""
        if self.name == "pandas":
            import pandas

            return pandas.Series(array, index=self.index, name=name)
        if self.name == "polars":
            import polars

            return polars.Series(name, array)
        return array


def read(data: Any, name: str, wanted: Wanted | None = None, levels: Collection[str] | None = None) -> tuple[Frame | str, Kind]:
    """The frame, or a path as it is, and its kind.

    `wanted` spares columns that nobody needs, which may be costly to copy, or impossible; `levels` are those of a pandas index that are
    columns, too: all that have a name, if it is not given.
    """
    if isinstance(data, (str, os.PathLike)):
        return os.fspath(data), Kind("path")
    module = type(data).__module__.partition(".")[0]
    if module == "pandas":
        return _of_pandas(data, name, wanted, levels)
    if isinstance(data, np.ndarray):
        return _of_numpy(data, name, wanted)
    if isinstance(data, Mapping):
        cells = {str(key): cells for key, cells in data.items()}
        frame = _needed(name, list(cells), wanted, lambda i, label: _column(_array(cells[label]), label))
        return frame, Kind("dict", header=tuple(cells))
    if module == "polars":
        data = _of_polars(data)
    if module == "pyspark":
        # Those of newer versions would hand all rows over, to the driver.
        raise no_table(name, data)
    has_arrow = hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")
    if has_arrow and module in ("duckdb", "_duckdb"):
        frame = _of_arrow(name, data)
        return frame, Kind("duckdb", header=tuple(frame.header), origin=data)
    if has_arrow:
        frame = _of_arrow(name, data)
        said = frame.metadata
        kind = module if module in ("polars", "pyarrow") else "arrow"
        times, purchases, currency = observed.of_metadata(said, name), observed.purchases(said, name), observed.currency(said, name)
        return frame, Kind(kind, header=tuple(frame.header), times=times, purchases=purchases, currency=currency)
    if hasattr(data, "__array__"):
        return _of_numpy(np.asarray(data), name, wanted)
    raise no_table(name, data)


def _needed(name: str, header: list[str], wanted: Wanted | None, column: Callable[[int, str], Any]) -> Frame:
    """The frame of those columns that are needed: the first, if none is, so that rows can be counted."""
    needed = set(range(len(header)) if wanted is None else wanted(header)) or {0}
    return Frame.from_columns(name, header, [column(i, label) if i in needed else None for i, label in enumerate(header)])


def _of_arrow(name: str, data: Any) -> Frame:
    try:
        return Frame.from_arrow(name, data)
    except Error:
        raise
    except Exception as error:
        raise not_handed_over(name, data, error) from error


def _of_polars(data: Any) -> Any:
    """A polars frame, computed, without columns of types whose form others do not take: nothing, and 128 bits."""
    import polars

    data = data.collect() if isinstance(data, polars.LazyFrame) else data
    if not isinstance(data, polars.DataFrame):
        return data
    empty = [label for label, kind in data.schema.items() if kind == polars.Null]
    wide = [label for label, kind in data.schema.items() if str(kind) in ("Int128", "UInt128")]
    data = data.with_columns(polars.col(empty).cast(polars.String)) if empty else data
    for label in wide:
        try:
            data = data.with_columns(polars.col(label).cast(polars.Decimal(38, 0)))
        except polars.exceptions.PolarsError:
            data = data.with_columns(polars.col(label).cast(polars.String))
    return data


def _of_pandas(data: Any, name: str, wanted: Wanted | None, levels: Collection[str] | None) -> tuple[Frame, Kind]:
    if data.ndim == 1:
        raise UsageError(f"{name}: a Series is one column; give a DataFrame")
    labels = [str(label) for label in data.columns]
    named = [str(level) for level in data.index.names if level is not None and str(level) not in labels]
    added = [level for level in named if levels is None or level in levels]

    def column(i: int, label: str) -> Any:
        cells = data.iloc[:, i] if i < len(labels) else data.index.get_level_values(label).to_series()
        return _of_series(cells, label)

    header = labels + added
    said = data.attrs
    times, purchases, currency = observed.of_attrs(said, name), observed.purchases(said, name), observed.currency(said, name)
    return _needed(name, header, wanted, column), Kind("pandas", data.index, tuple(added), tuple(header), times, purchases, currency)


def _of_series(series: Any, name: str) -> Any:
    """A column of pandas as the engine takes it."""
    kind = series.dtype
    if getattr(kind, "storage", None) == "pyarrow" or type(kind).__name__ == "ArrowDtype":
        return series.array.__arrow_array__()
    if type(kind).__name__ == "DatetimeTZDtype":
        moments = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        # What Python calls UTC-08:00 is -08:00 elsewhere.
        return _moments(moments, str(kind.tz).removeprefix("UTC") or "UTC")
    if type(kind).__name__ == "PeriodDtype":
        return _moments(series.dt.to_timestamp().to_numpy(), None)
    if isinstance(kind, np.dtype):
        return _column(series.to_numpy(), name)
    if hasattr(kind, "numpy_dtype") and kind.numpy_dtype.kind in "iuf":
        # Whole numbers stay so, beside a mask of those that are missing.
        numbers = _column(series.to_numpy(kind.numpy_dtype, na_value=0), name)
        missing = series.isna().to_numpy()
        return (numbers, missing) if missing.any() else numbers
    return series.astype(object).where(series.notna(), None).tolist()


LARGEST_EXACT = 2**53
"""Whole numbers up to this one are floating numbers, too."""


def _array(cells: Any) -> np.ndarray[Any, Any]:
    """Any cells as an array, without large whole numbers becoming floating ones beside others."""
    array = np.asarray(cells)
    is_large = (
        array.dtype.kind == "f" and isinstance(cells, (list, tuple)) and any(type(n) is int and abs(n) > LARGEST_EXACT for n in cells)
    )
    return np.asarray(cells, dtype=object) if is_large else array


def _moments(array: np.ndarray[Any, Any], zone: str | None) -> Any:
    unit = np.datetime_data(array.dtype)[0]
    if unit not in ("s", "ms", "us", "ns"):
        array, unit = array.astype("datetime64[s]"), "s"
    return unit, zone, np.ascontiguousarray(array).view("int64")


def _column(array: np.ndarray[Any, Any], name: str) -> Any:
    """A column of NumPy as the engine takes it."""
    if array.ndim != 1:
        raise DataError(f"column `{name}` has {array.ndim} dimensions; a column has one")
    kind = array.dtype.kind
    if kind == "M":
        return _moments(array, None)
    if kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype("float64")
    if kind in "iuf":
        native = array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
        return np.ascontiguousarray(native)
    if kind == "S":
        return np.char.decode(array, "utf-8").tolist()
    if kind in "OUT":
        return array.tolist()
    if kind == "b":
        return np.where(array, "True", "False").tolist()
    if kind == "c":
        raise DataError(f"column `{name}`: Complex data not supported")
    raise DataError(f"column `{name}` is of type {array.dtype}, which holds neither text, numbers nor dates")


def _of_numpy(array: np.ndarray[Any, Any], name: str, wanted: Wanted | None) -> tuple[Frame, Kind]:
    if array.dtype.names:
        frame = _needed(name, list(array.dtype.names), wanted, lambda i, label: _column(array[label], label))
        return frame, Kind("numpy", header=array.dtype.names)
    if array.ndim != 2 or array.shape[1] not in (3, 4):
        shape = "x".join(map(str, array.shape)) or "no"
        raise UsageError(
            f"{name}: an array of shape {shape} is no table of customers; give columns {', '.join(SUMMARY_COLUMNS[:3])} and, for spend, "
            f"{SUMMARY_COLUMNS[3]}. Reshape your data if it has one dimension"
        )
    if array.dtype.kind == "O":
        array = array.astype("float64")
    labels = SUMMARY_COLUMNS[: array.shape[1]]
    return _needed(name, list(labels), None, lambda i, label: _column(array[:, i], label)), Kind("numpy", header=labels)


def table_of_columns(columns: Mapping[str, Any], metadata: Mapping[str, str] | None = None) -> Table:
    """A table of these columns of numbers, days or text, and what it says of itself."""
    cells = {name: _column(np.asarray(column), name) for name, column in columns.items()}
    return Table.of_frame(Frame.from_columns("table", list(cells), list(cells.values())), dict(metadata or {}))


def to_pandas(table: Table, index: Any = None, without: Sequence[str] = ()) -> Any:
    """A pandas frame; days become timestamps, and what a summary says of its times, purchases and currency attributes."""
    import pandas

    times, metadata = observed.of_table(table), table.metadata
    table = observed.without_columns(table)

    def cells(name: str) -> np.ndarray[Any, Any]:
        array = table.column(name)
        return array.astype("datetime64[s]") if array.dtype.kind == "M" else array

    # The arrays are nobody else's.
    frame = pandas.DataFrame({name: cells(name) for name in table.columns if name not in without}, index=index, copy=False)
    if times is not None:
        frame.attrs[observed.ATTRS] = times
    for key in (observed.PURCHASES, observed.CURRENCY):
        if key in metadata:
            frame.attrs[key] = metadata[key]
    return frame


def to_polars(table: Table) -> Any:
    """A polars frame."""
    import polars

    return polars.DataFrame(table)


def to_arrow(table: Table) -> Any:
    """A pyarrow table."""
    import pyarrow

    return pyarrow.table(observed.without_columns(table))


def to_duckdb(table: Table, origin: Any = None) -> Any:
    """A DuckDB relation, on the connection of another if there is one; it takes pyarrow, and without it it is the table itself."""
    try:
        import duckdb
        import pyarrow

        answers = pyarrow.table(table)
    except ImportError:
        return table
    if isinstance(origin, duckdb.DuckDBPyRelation):
        # The query is run on the relation's connection, and finds the variable.
        return origin.query("clv_summary", "select * from answers")
    return duckdb.from_arrow(answers)


def to_records(table: Table) -> np.ndarray[Any, Any]:
    """A structured array: fields have the names of the columns."""
    columns = table.to_numpy()
    records = np.empty(len(table), dtype=[(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        records[name] = column
    return records


SHOWN_ROWS = 10


def _shown(table: Table) -> list[list[str]]:
    """The first rows as text."""

    def cell(value: Any) -> str:
        if isinstance(value, (float, np.floating)):
            number = float(value)
            return "" if np.isnan(number) else f"{number:,.4g}" if abs(number) < 1e4 else f"{number:,.0f}"
        return "" if value is None or str(value) == "NaT" else str(value)

    columns = [[cell(value) for value in table.column(name)[:SHOWN_ROWS]] for name in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def text_of(table: Table) -> str:
    """The first rows, for people."""
    rows: list[Sequence[str]] = [table.columns, *_shown(table)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([*lines, f"[{len(table):,} rows x {len(table.columns)} columns]"])


def html_of(table: Table) -> str:
    """The same for notebooks."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in _shown(table))
    size = f"<p>{len(table):,} rows × {len(table.columns)} columns</p>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{size}"
