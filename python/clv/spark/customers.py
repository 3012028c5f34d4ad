"""From a summary in Spark to counts on the driver, and from a model to answers in Spark."""

import pickle
from collections.abc import Iterator, Sequence
from typing import Any

from .. import _clv, arguments, parts
from .._clv import DataError, UsageError
from ..counts import Counts
from ..frames import Kind
from ..timing import HORIZONS, Horizon, TimingModel
from . import executors
from .schemas import ROWS, arrow_schema, check_dataframe, collected, field, spark_schema

MAX_ROWS = 50_000_000
"""Counted rows that a driver with 8 GB holds."""

TIMES = ("unit", "grain", "observed_until")


def count(summary: Any, by: str | Sequence[str] = (), *, joint: bool = False, max_rows: int = MAX_ROWS) -> Counts:
    """Counts the customers of a summary who are alike, in Spark, and brings the counts to the driver: what a model is fitted to.

    >>> model = clv.BgNbd().fit(clv.spark.count(summary))

    is the fit to all customers, to the bit. The summary is computed for it, more than once: write it, and count what was written.

    Parameters
    ----------
    summary : DataFrame
        What :func:`summarize` made, or what was read of it: its columns `unit`, `grain` and `observed_until` say what times are.
    by, joint
        As of :func:`clv.count`.
    max_rows : int
        Largest number of distinct histories, or amounts, that is brought to the driver, at about 32 bytes each.
    """
    check_dataframe(summary, "summary")
    told_apart = arguments.texts("by", by)
    most = arguments.count("max_rows", max_rows)
    names = {name.lower(): name for name in summary.columns}
    for name in ("frequency", "recency", "T", *TIMES):
        if name.lower() not in names:
            raise DataError(
                f"summary: there is no column `{name}`; give what clv.spark.summarize made, with all of its columns. Of others, such as "
                "summaries without dates, write counts yourself, and fit with sample_weight="
            )
    for name in told_apart:
        field(summary, name, "summary", "by")
    times = times_of(summary)
    timing = _counted(summary, [*told_apart, "frequency", "recency", "T"], "distinct histories", most)
    knows_spend = "monetary_value" in names
    spend = _counted(summary, [*told_apart, "frequency", "monetary_value"], "distinct amounts", most) if knows_spend else None
    if arguments.truth("joint", joint) and not knows_spend:
        raise DataError("summary: there is no column `monetary_value`, and joint counts histories together with amounts")
    both = _counted(summary, [*told_apart, "frequency", "recency", "T", "monetary_value"], "distinct customers", most) if joint else None
    return Counts(_clv.Counts.of_tables(timing, spend, both, told_apart, times), Kind("pyarrow"))


def times_of(summary: Any) -> dict[str, str]:
    """What all rows say of their times."""
    from pyspark.sql import functions

    ends = [end(f"`{name}`").alias(f"{name}_{i}") for name in TIMES for i, end in enumerate((functions.min, functions.max))]
    row = summary.agg(*ends).first()
    said = {}
    for i, name in enumerate(TIMES):
        least, most = row[2 * i], row[2 * i + 1]
        if least is None:
            raise DataError("summary: nobody is in it")
        if least != most:
            raise DataError(f"summary: `{name}` is {least} in some rows and {most} in others; count each of these summaries alone")
        said["until" if name == "observed_until" else name] = str(least)[:10]
    return said


def _counted(summary: Any, columns: Sequence[str], what: str, most: int) -> _clv.Frame:
    return _clv.Frame.from_arrow("counts", counted_rows(summary, columns, what, most))


def counted_rows(summary: Any, columns: Sequence[str], what: str, most: int) -> Any:
    """Rows that are equal in these columns, with their number."""
    from pyspark.sql import functions

    def column(name: str) -> Any:
        found = functions.col(f"`{name.replace('`', '``')}`")
        if name == "monetary_value":
            # Who has not come back has no mean, whatever stands there.
            found = functions.when(functions.col("frequency") > 0, found.cast("double")).otherwise(functions.lit(0.0))
        kinds = {"frequency": "bigint", "holdout_purchases": "bigint", "recency": "double", "T": "double"}
        return (found.cast(kinds[name]) if name in kinds else found if name == "monetary_value" else found.cast("string")).alias(name)

    rows = summary.select(*[column(name) for name in columns])
    quoted = [f"`{name.replace('`', '``')}`" for name in columns]
    counted = rows.groupBy(*quoted).agg(functions.count(functions.lit(1)).alias("customers"))
    table = collected(counted.limit(most + 1))
    if table.num_rows > most:
        raise UsageError(
            f"there are more than {most:,} {what}. Coarser times have fewer (unit='week', grain='week'), and so have amounts that are "
            "rounded to cents; or count customers of a sample, like those of summary.where('xxhash64(customer_id) % 10 = 0'). If the "
            "driver has the memory, at about 32 bytes a row, and spark.driver.maxResultSize allows as much, give max_rows="
        )
    return table


def predict(model: Any, summary: Any, horizons: Horizon | Sequence[Horizon] = HORIZONS, **questions: Any) -> Any:
    """Every customer's purchases and value over each horizon: a DataFrame, of which nothing is computed before it is used.

    What `model.predict` says of the same summary, to the bit, with its questions; `margin` and `cac` may be numbers, or names of columns.
    The model goes with the work to the executors.

    Examples
    --------
    >>> values = clv.spark.predict(model, summary, ["3m", "12m"], margin=0.3, discount=0.1)
    >>> values.writeTo("shop.clv").overwritePartitions()
    """
    check_dataframe(summary, "summary")
    if not isinstance(model, TimingModel):
        raise UsageError(f"model is a {type(model).__name__}; give a fitted model of when customers purchase")
    if model._table_of_customers() is not None:
        raise UsageError("customer_table is a frame on this machine: join its columns with the summary, and leave it out of the model")
    parts.check_questions(questions)
    known = _alone(model, summary)
    executors.check(summary.sparkSession)
    schema = _schema_of_answers(known, summary, horizons, questions)
    return _answered(known, summary, horizons, questions, schema)


def _alone(model: Any, summary: Any) -> Any:
    """The model, which tells the unit where a summary does not, as a batch of it alone might not."""
    import copy

    names = {name.lower() for name in summary.columns}
    known = copy.copy(model)
    if "unit" not in names and known.unit is None:
        known.unit = known.unit_
    if "grain" not in names and known.grain is None:
        known.grain = known.grain_
    return known


def _schema_of_answers(model: Any, summary: Any, horizons: Any, questions: dict[str, Any]) -> Any:
    """The columns of the answers, from what is said to somebody; of a model with covariates, to the first customer."""
    import pyarrow

    if model._fitted().covariates:
        row = collected(summary.limit(1))
        if row.num_rows == 0:
            raise DataError("summary: nobody is in it")
    else:
        row = parts.somebody({f.name: f.dataType.simpleString() == "string" for f in summary.schema.fields}, model, questions)
    return arrow_schema(pyarrow.table(model.predict(row, horizons, **questions)))


def _answered(model: Any, summary: Any, horizons: Any, questions: dict[str, Any], schema: Any) -> Any:
    size, pickled = ROWS, pickle.dumps(model)

    def work(batches: Iterator[Any]) -> Iterator[Any]:
        import pickle
        import warnings

        import pyarrow

        known = pickle.loads(pickled)

        def answers(held: list[Any]) -> Iterator[Any]:
            with warnings.catch_warnings():
                # Who asked was warned; here nobody reads it.
                warnings.simplefilter("ignore")
                answered = known.predict(pyarrow.Table.from_batches(held), horizons, **questions)
            yield from pyarrow.table(answered).select(schema.names).cast(schema).to_batches(max_chunksize=size)

        held: list[Any] = []
        rows = 0
        for batch in batches:
            if batch.num_rows:
                held.append(batch)
                rows += batch.num_rows
            if rows >= size:
                yield from answers(held)
                held, rows = [], 0
        if held:
            yield from answers(held)

    return summary.mapInArrow(executors.guarded(work), spark_schema(schema))


def register(spark: Any, model: Any, prefix: str = "clv_") -> list[str]:
    """Makes functions of SQL of a fitted model, and returns their names.

    `clv_p_alive(frequency, recency, T)`, `clv_purchases(frequency, recency, T, days)` and, with a model of spend,
    `clv_spend(frequency, monetary_value)`: P(alive) at the end of the observation, expected purchases over so many days from then on, and
    the expected mean of a purchase. Times are in the model's unit. Of nothing they say nothing (NULL).

    >>> clv.spark.register(spark, model)
    >>> spark.sql("select customer_id, clv_p_alive(frequency, recency, T) from shop.summary")
    """
    if not isinstance(model, TimingModel):
        raise UsageError(f"model is a {type(model).__name__}; give a fitted model of when customers purchase")
    if model._fitted().covariates:
        raise UsageError("the model has covariates, and these functions take histories alone; clv.spark.predict takes columns besides")
    unit = model.unit_
    if unit is None:
        raise UsageError("the model's time unit is not known, and days are to be counted in it: give unit= to the model")
    executors.check(spark)
    from . import functions

    made = functions.of_model(model, unit, arguments.text("prefix", prefix))
    for name, function in made.items():
        spark.udf.register(name, function)
    return [*made]
