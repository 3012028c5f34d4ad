"""From orders in Spark to a summary in Spark."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from .. import _clv, arguments, keywords, parts
from .._clv import DataError, UsageError
from ..orders import Orders, given_of
from . import executors
from .schemas import ROWS, arrow_schema, check_dataframe, field, spark_schema

Engine = Literal["arrow", "sql"]

WHOLE = ("tinyint", "smallint", "int", "bigint")
"""Types of ids that are numbers."""


def summarize(
    orders: Any,
    *,
    engine: Engine = "arrow",
    combine: bool = False,
    sum_log_interpurchase: bool = False,
    **options: Any,
) -> Any:
    """One row per customer, from orders: a DataFrame, of which nothing is computed before it is used.

    What :func:`clv.summarize` says of the same orders, in every cell, with either engine, however the rows are divided among partitions and
    in whatever order they come, and also where tasks fail, are tried again, or run twice.

    Parameters
    ----------
    orders : DataFrame
        One row per order. Further options are those of :class:`clv.Orders` that :func:`clv.sql` takes. Columns that are not named are
        `customer_id`, `order_date` and `amount`; `until`, the last day of the observation, has to be said. Customers are text, or whole
        numbers, and stay so; days are those of a date, or of a timestamp in the `timezone` that is given; columns that are kept are text.
    engine : {"arrow", "sql"}
        Who folds orders to customers, once Spark has brought those of each customer together: this package in the Python of the executors,
        which is faster; or Spark itself, by the query of :func:`clv.sql` with exact sums, which needs no Python there.
    combine : bool
        Whether, by "arrow", the orders of a customer and day are added up before they are brought together: for a few customers with very
        many orders, such as shops beneath one account. The SQL does so by itself.
    sum_log_interpurchase : bool
        Whether there is a column of that name, as :func:`clv.summarize` has it. Its last bits are those of the engine.

    Examples
    --------
    >>> summary = clv.spark.summarize(spark.table("shop.orders"), date="ordered_at", amount="net", until="2025-02-10",
    ...                               timezone="Europe/Berlin")
    >>> summary.write.saveAsTable("shop.summary")
    """
    keywords.check(summarize, options, keywords.names_of(Orders.__init__)[1:], "of clv.Orders")
    sums = arguments.truth("sum_log_interpurchase", sum_log_interpurchase)
    combine = arguments.truth("combine", combine)
    if engine not in ("arrow", "sql"):
        raise UsageError(f"engine is {engine!r}; give 'arrow' or 'sql'")
    if engine == "sql" and combine:
        raise UsageError("combine is about engine='arrow'; the SQL adds up before it brings together by itself")
    given = given_of_frame(orders, options)
    if engine == "sql":
        asked = {"dialect": "spark", "exact": True, "sum_log_interpurchase": sums, **given.sql}
        return _with_wide_counts(_query(orders, lambda over: _clv.query(asked, given.orders, over)))
    return folded(orders, given, combine, {"sum_log_interpurchase": sums})


def audit(orders: Any, **options: Any) -> Any:
    """What becomes of the rows of orders: a DataFrame of the reasons why they are none, by the names that
    `clv.Orders(...).read["left_out"]` has for them, with their number, `row_count`; those of the reason `order` are used, returns included.

    The options are those of :func:`summarize`, which leaves rows out in silence.
    """
    keywords.check(audit, options, keywords.names_of(Orders.__init__)[1:], "of clv.Orders")
    given = given_of_frame(orders, options)
    return _query(orders, lambda over: _clv.query_of_audit({"dialect": "spark", **given.sql}, given.orders, over))


class Given:
    """Options, as the query and as the fold take them."""

    def __init__(self, sql: dict[str, Any], orders: dict[str, Any], fold: dict[str, Any]) -> None:
        self.sql = sql
        self.orders = orders
        self.fold = fold


def given_of_frame(orders: Any, options: Mapping[str, Any]) -> Given:
    """What is asked, of columns that are there and say one thing."""
    check_dataframe(orders, "orders")
    if options.get("rates") is not None:
        raise UsageError("rates is not part of a query: convert amounts in Spark, and give what it makes of them")
    if options.get("query") is not None:
        raise UsageError("query goes to a connection; give spark.sql(query)")
    _check_session(orders.sparkSession)
    number_ids = _check_columns(orders, options)
    days = {name: None if options.get(name) is None else str(options[name])[:10] for name in ("until", "from_", "first_purchase_before")}
    kept = arguments.texts("keep", options.get("keep", ()))
    fold = days | {"keep": kept, "unit": options.get("unit") or "week", "grain": options.get("grain") or "day"}
    return Given({"number_ids": number_ids}, given_of({**options, **days}), fold)


def _check_session(spark: Any) -> None:
    """Refuses a session that reads texts of queries in another way."""
    try:
        is_raw = spark.conf.get("spark.sql.parser.escapedStringLiterals", "false")
    except Exception:
        return
    if str(is_raw).lower() == "true":
        raise UsageError(
            "spark.sql.parser.escapedStringLiterals is true, as in Spark 1.6, and queries would mean something else: set it to false for "
            "this session"
        )


def _check_columns(orders: Any, options: Mapping[str, Any]) -> bool:
    """Refuses columns whose types leave something to be found out; whether customers are numbers."""

    def kind(option: str, usual: str | None) -> str | None:
        name = arguments.optional_text(option, options.get(option)) or usual
        return None if name is None else str(field(orders, name, "orders", option).dataType.simpleString())

    customer = kind("customer", "customer_id")
    if customer not in (*WHOLE, "string") and not (str(customer).startswith("decimal") and str(customer).endswith(",0)")):
        advice = 'cast them with .cast("bigint"), or .cast("string")' if customer in ("double", "float") else "make texts of them"
        raise DataError(f"orders: customers are of type {customer}, and ids are text or whole numbers; {advice}")
    for option, usual in (("date", "order_date"), ("refund_date", None)):
        _check_date(orders, option, kind(option, usual), options.get("timezone"))
    amount = options.get("amount")
    by_product = options.get("quantity") is not None or options.get("price") is not None
    amounts: list[tuple[str, str | None]] = [("quantity", None), ("price", None), ("refund", None)]
    if amount is not False and not (amount is None and by_product):
        amounts.append(("amount", "amount"))
    for option, other in amounts:
        found = kind(option, other)
        if found == "string":
            raise DataError(
                f"orders: {option} is text, and 1.234 is not the same number everywhere; make a number of it, for instance with "
                '.cast("decimal(18, 2)")'
            )
        if found is not None and found not in (*WHOLE, "double", "float") and not found.startswith("decimal"):
            raise DataError(f"orders: {option} is of type {found}, and amounts are numbers")
    for name in arguments.texts("keep", options.get("keep", ())):
        field(orders, name, "orders", "keep")
    return customer in WHOLE


def _check_date(orders: Any, option: str, found: str | None, zone: Any) -> None:
    if found is None or found in ("date", "timestamp_ntz", "string"):
        return
    if found != "timestamp":
        raise DataError(f"orders: {option} is of type {found}, and no date; make one of it, for instance with to_date(..., 'yyyyMMdd')")
    if zone is not None:
        return
    session = str(orders.sparkSession.conf.get("spark.sql.session.timeZone"))
    if session.upper() not in ("UTC", "ETC/UTC", "Z", "GMT", "+00:00"):
        raise UsageError(
            f"{option} is a timestamp, an instant, which has another day in another zone: give timezone=, where the shop's days begin and "
            f"end (timezone={session!r} is the zone in which this session shows it, timezone='UTC' that of databases)"
        )


def _query(orders: Any, text: Callable[[str], str]) -> Any:
    """What a query says of the rows of a DataFrame, which is known to it by a name of this call alone."""
    name = f"clv_{uuid.uuid4().hex}"
    query = text(f"select * from {name}")
    return orders.sparkSession.sql(query.replace("{", "{{").replace("}", "}}").replace(name, "{frame}"), frame=orders)


def _with_wide_counts(summary: Any) -> Any:
    """The summary of the query with whole numbers as wide as the other engine has them."""
    from pyspark.sql import functions

    def column(field: Any) -> Any:
        found = functions.col(f"`{field.name.replace('`', '``')}`")
        return found.cast("bigint").alias(field.name) if field.dataType.simpleString() in WHOLE else found

    return summary.select(*[column(field) for field in summary.schema.fields])


def rows_of(orders: Any, given: Given) -> tuple[Any, str, str]:
    """The orders themselves, as the query has them, and the names of their columns with day and amount."""
    names: list[str] = []

    def text(over: str) -> str:
        query, *names[:] = _clv.query_of_orders({"dialect": "spark", **given.sql}, given.orders, over)
        return query

    rows = _query(orders, text)
    day, amount = names
    return rows, day, amount


def folded(orders: Any, given: Given, combine: bool, others: Mapping[str, Any]) -> Any:
    """The summary by the functions of :mod:`clv.parts`, with these options besides."""
    rows, day, amount = rows_of(orders, given)
    executors.check(orders.sparkSession)
    columns = {"date": day, "amount": amount if amount in rows.columns else False, "keep": given.fold["keep"]}
    wanted = {**given.fold, **others}
    empty = _nobody(rows, day, amount)
    schema = arrow_schema(parts.fold(empty, **columns | wanted))
    if not combine:
        return _mapped(rows.repartition("customer_id"), "fold", columns | wanted, schema)
    records = _mapped(rows, "partial", columns, arrow_schema(parts.partial(empty, **columns)))
    return _mapped(records.repartition("customer_id"), "combine", {**wanted, "amount": bool(columns["amount"])}, schema)


def _nobody(rows: Any, day: str, amount: str) -> Any:
    """No orders, in the types of these."""
    import pyarrow

    kinds = {day: pyarrow.date32(), amount: pyarrow.float64()}
    if rows.schema["customer_id"].dataType.simpleString() != "string":
        kinds["customer_id"] = pyarrow.int64()
    return pyarrow.table({name: pyarrow.array([], kinds.get(name, pyarrow.string())) for name in rows.columns})


def _mapped(rows: Any, function: str, options: dict[str, Any], schema: Any) -> Any:
    """What a function of :mod:`clv.parts` makes of each partition."""
    size = ROWS

    def work(batches: Iterator[Any]) -> Iterator[Any]:
        from clv import parts

        table = getattr(parts, function)(batches, **options)
        yield from table.select(schema.names).cast(schema).to_batches(max_chunksize=size)

    return rows.mapInArrow(executors.guarded(work), spark_schema(schema))
