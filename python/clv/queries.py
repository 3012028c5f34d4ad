"""The summary as a query, for orders that stay in a database."""

from typing import Any, Literal

from . import _clv, arguments, keywords
from ._clv import UsageError
from .orders import Orders, given_of

Dialect = Literal["postgres", "duckdb", "spark", "bigquery", "snowflake"]


def sql(
    dialect: Dialect,
    table: str = "orders",
    *,
    counted: bool = False,
    exact: bool = False,
    number_ids: bool = False,
    sum_log_interpurchase: bool = False,
    **options: Any,
) -> str:
    """The summary as a query, to be run where the orders are; further options are those of :class:`Orders`.

    The query says what :func:`summarize` says of the same orders. What a query cannot honour is refused. Columns that are not named are
    `customer_id`, `order_date` and `amount`.

    Parameters
    ----------
    dialect : {"postgres", "duckdb", "spark", "bigquery", "snowflake"}
        Whose SQL.
    table : str
        Table of orders, with its schema if it has one. Its parts are quoted, so write them as they are called. A `query` may stand in its
        place; it is not quoted.
    counted : bool
        Whether rows are those of equal customers, with their number in the column `customers`, and no ids.
    exact : bool
        Whether amounts are added exactly, to the last bit as :func:`summarize` does. By default they are added as decimals with nine digits
        after the point.
    number_ids : bool
        Whether customers are a column of numbers, and stay numbers. By default they are text.
    sum_log_interpurchase : bool
        Whether there is a column of that name, as :func:`summarize` has it.

    Returns
    -------
    str
        The text of the query.

    Examples
    --------
    >>> print(clv.sql("postgres", "shop.orders", until="2024-12-31"))
    """
    keywords.check(sql, options, keywords.names_of(Orders.__init__)[1:], "of clv.Orders")
    if options.get("rates") is not None:
        raise UsageError("rates is not part of a query: convert amounts in a view, and name that as the table")
    given = {
        "dialect": arguments.text("dialect", dialect),
        "table": arguments.text("table", table),
        "counted": arguments.truth("counted", counted),
        "exact": arguments.truth("exact", exact),
        "number_ids": arguments.truth("number_ids", number_ids),
        "sum_log_interpurchase": arguments.truth("sum_log_interpurchase", sum_log_interpurchase),
    }
    query = arguments.optional_text("query", options.get("query"))
    if query is not None and table != "orders":
        raise UsageError("table and query both say where orders are: give one of them")
    return _clv.query(given, given_of(options), query)
