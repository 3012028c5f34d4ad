"""Columns of Spark as those of Arrow, and back."""

from typing import Any

from .._clv import DataError, UsageError
from ..connections import is_spark

ROWS = 65_536
"""Rows of a batch that goes back to Spark."""


def check_dataframe(data: Any, name: str) -> None:
    """Refuses anything else."""
    if not is_spark(data):
        raise UsageError(
            f"{name}: this is a {type(data).__name__}; give a DataFrame of Spark, or ask clv itself of what is on this machine"
        )
    if data.isStreaming:
        raise UsageError(
            f"{name}: a stream, of which a batch holds some of a customer's orders; write it to a table, and give what was written"
        )


def field(data: Any, name: str, what: str, option: str) -> Any:
    """The field of a column, which Spark knows in any letters."""
    fields = [field for field in data.schema.fields if field.name.lower() == name.lower()]
    exact = [field for field in fields if field.name == name]
    if len(exact or fields) == 1:
        return (exact or fields)[0]
    if fields:
        raise DataError(f"{what}: several columns are called `{name}`; rename all but one")
    raise DataError(f"{what}: no column `{name}`; there are {', '.join(data.columns)}. {option}= names another")


def arrow_schema(table: Any) -> Any:
    """The schema of a table of answers, in types that Spark has, without what is said beside it."""
    import pyarrow

    def kind(of: Any) -> Any:
        return pyarrow.string() if pyarrow.types.is_large_string(of) else of

    return pyarrow.schema([pyarrow.field(field.name, kind(field.type)) for field in table.schema])


def spark_schema(schema: Any) -> Any:
    """The same for Spark. Whole numbers have 64 bits and a sign."""
    import pyarrow
    from pyspark.sql import types

    kinds = {
        pyarrow.string(): types.StringType,
        pyarrow.int64(): types.LongType,
        pyarrow.float64(): types.DoubleType,
        pyarrow.date32(): types.DateType,
    }
    return types.StructType([types.StructField(field.name, kinds[field.type](), True) for field in schema])


def collected(data: Any) -> Any:
    """Few rows, such as counts, as a table of pyarrow on the driver."""
    if hasattr(data, "toArrow"):
        return data.toArrow()
    return _through_bytes(data)


def _through_bytes(data: Any) -> Any:
    """Where Spark, before 4.0, hands over no Arrow: batches as the bytes of their streams, a row each."""
    import pyarrow

    from . import executors

    executors.check(data.sparkSession)

    def written(batches: Any) -> Any:
        import pyarrow

        for batch in batches:
            sink = pyarrow.BufferOutputStream()
            with pyarrow.ipc.new_stream(sink, batch.schema) as stream:
                stream.write_batch(batch)
            yield pyarrow.RecordBatch.from_arrays([pyarrow.array([sink.getvalue().to_pybytes()], pyarrow.binary())], ["stream"])

    rows = data.mapInArrow(written, "stream binary").collect()
    tables = [pyarrow.ipc.open_stream(row[0]).read_all() for row in rows]
    if tables:
        return pyarrow.concat_tables(tables)
    from pyspark.sql import types

    kinds = {
        types.StringType: pyarrow.string(),
        types.LongType: pyarrow.int64(),
        types.DoubleType: pyarrow.float64(),
        types.DateType: pyarrow.date32(),
    }
    return pyarrow.table({field.name: pyarrow.array([], kinds[type(field.dataType)]) for field in data.schema.fields})
