"""Orders: reading, summaries, simulations."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Self

import numpy as np

from . import _clv, arguments, connections, frames, keywords
from ._clv import UsageError
from .columns import documented
from .frames import Kind
from .no_tables import rows_of_dictionaries
from .parameters import Parameters
from .warned import DataWarning, warn_of

__all__ = ["DataWarning", "Orders", "Summarizer", "simulate", "summarize"]

Unit = Literal["day", "week", "month", "year"]


def given_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of orders as the engine takes them."""
    given = dict(options)
    amount = given.get("amount")
    given |= {"amount": None if amount is False else amount, "without_amount": amount is False}
    if given.get("grain") is None:
        given.pop("grain", None)
    given.pop("rates", None)
    given.pop("query", None)
    return given


ARROW = ("pyarrow", "deltalake", "pyiceberg")
"""Packages whose users have tables of pyarrow."""


@dataclass(frozen=True)
class _HandedOver:
    """Rows that come bit by bit, and what their owner takes for a table."""

    batches: connections.Batches
    kind: Kind


class Orders:
    """Orders, read once, for summaries, evaluations, descriptions and reports.

    Parameters
    ----------
    orders : frame, path, list of paths, connection, cursor or data set
        One row per order. Paths may be patterns: Parquet, CSV and TSV, also compressed, workbooks, JSON by lines or in one list.
        Connections (of the database interface of Python, ADBC, DuckDB, engines of SQLAlchemy, clients of BigQuery) run `query`; cursors
        hand over what theirs gave, data sets of pyarrow, tables of Delta and scans of Iceberg what they hold: bit by bit, so that any
        number of orders takes little memory.
    query : str, optional
        What a connection runs, and its database sees: `"select customer_id, order_date, amount from orders"`.
    customer, date, amount : str, optional
        Columns, if they are not recognised by their names. `amount=False`: orders without amounts, of which only purchases are used.
    quantity, price : str, optional
        Columns whose product is the amount.
    order : str, optional
        Column of the order's id, if it is not recognised by its name: rows with the same id are lines of one order.
    refund, refund_date : str, optional
        Columns of refunds, which are subtracted, and of their days (by default the day of the order).
    where : str or sequence of str
        Conditions that rows must meet: `"status=completed"`, `"status!=refunded,cancelled"`, `"total>0"`.
    until : str or date, optional
        Last day of the observation; by default the day of the last order.
    unit : {"week", "day", "month", "year"}
        Unit of recency and T.
    grain : {"day", "week", "month", "year"}
        Period within which a customer's orders are one purchase.
    from_, first_purchase_before : str or date, optional
        Only customers whose first purchase is on the first day or later, and before the second.
    date_format : str, optional
        Format of the dates, like `%d/%m/%Y`, unless they are ISO 8601 or typed.
    timezone : str, optional
        Zone that decides the calendar day of timestamps with a zone of their own.
    decimal_comma : bool
        Whether amounts are written 1.234,56; by default this is found from the column, or asked where that is impossible.
    thousands : str, optional
        What separates thousands in amounts: a comma, a point, a blank or an apostrophe.
    currency : str, optional
        Currency of the amounts; if there are several, only orders in this one count.
    rates : frame or path, optional
        Columns `currency`, `rate` and, where rates change, `from`: other currencies are converted into `currency` at these rates.
    amount_per, refund_per : {"order", "line"}, optional
        Whether amounts and refunds belong to the order or to the line, where orders have several lines; by default this is found from
        the orders, or asked where that is impossible.
    repeated_orders : {"first", "last", "add"}, optional
        Which one counts if files differ on the order with an id.
    exact_ids : bool
        Whether ids are taken exactly as written: e-mail addresses that differ in case are different customers, and guests without a
        number are nobody.
    max_left_out : float or str, optional
        Largest share of a column's rows that may be unreadable: 0.05, or `"5%"`. By default more than one row and more than 10% are too
        many.
    encoding : str, optional
        How the text of a file is written as bytes, like `windows-1252` or `utf-16le`, unless that is found in it.
    sheet : str, optional
        Sheet of a workbook; by default the first.
    returns : {"net", "drop", "error"}
        What happens to negative amounts: they lower the customer's spend, are left out, or are an error.
    duplicates : {"keep", "drop"}
        What happens to rows that are equal in every column.
    strict : bool
        Whether any unused row is an error; otherwise a warning gives their number.
    keep : sequence of str
        Other columns of the customers to be kept: of a customer with several values, the latest.
    ignore : str or sequence of str
        Columns to ignore, though their names say something.
    """

    _amount_is_optional = False
    _rows_shown = 0
    _costs: Mapping[str, str] = MappingProxyType({})
    """Columns with costs, by the argument that asks for them."""

    def __init__(
        self,
        orders: Any,
        *,
        query: str | None = None,
        customer: str | None = None,
        date: str | None = None,
        amount: str | Literal[False] | None = None,
        quantity: str | None = None,
        price: str | None = None,
        order: str | None = None,
        refund: str | None = None,
        refund_date: str | None = None,
        where: str | Sequence[str] = (),
        until: Any = None,
        unit: Unit | None = None,
        grain: Unit | None = None,
        from_: Any = None,
        first_purchase_before: Any = None,
        date_format: str | None = None,
        timezone: str | None = None,
        decimal_comma: bool = False,
        thousands: str | None = None,
        currency: str | None = None,
        rates: Any = None,
        amount_per: Literal["order", "line"] | None = None,
        refund_per: Literal["order", "line"] | None = None,
        repeated_orders: Literal["first", "last", "add"] | None = None,
        exact_ids: bool = False,
        max_left_out: float | str | None = None,
        encoding: str | None = None,
        sheet: str | None = None,
        returns: Literal["net", "drop", "error"] = "net",
        duplicates: Literal["keep", "drop"] = "keep",
        strict: bool = False,
        keep: Sequence[str] = (),
        ignore: str | Sequence[str] = (),
    ) -> None:
        given = given_of(keywords.of_call(locals(), "orders", "rates", "query"))
        kept = arguments.texts("keep", keep)
        table_of_rates = None if rates is None else frames.read(rates, "rates", None)[0]

        def wanted(header: list[str]) -> list[int]:
            chosen = _clv.order_columns("orders", header, given, self._amount_is_optional)
            return chosen + [i for i, name in enumerate(header) if name in kept or name in self._costs.values()]

        handed_over = connections.batches(orders, "orders", query)
        if handed_over is not None:
            orders = _HandedOver(handed_over, Kind("pyarrow" if connections.module_of(orders) in ARROW else "arrow"))
        self._begin(orders, None if duplicates == "drop" else wanted, given, table_of_rates)
        self._unit: str = unit or "week"

    def _begin(self, orders: Any, wanted: frames.Wanted | None, given: dict[str, Any], rates: Any) -> None:
        sources, self._kind = _sources(orders, wanted)
        self._read = _clv.Orders(sources, given, self._amount_is_optional, rates, [*self._costs.items()], self._rows_shown)

    @property
    def read(self) -> dict[str, Any]:
        """What became of the rows: how many there were, how many are orders, and why the others are not."""
        return self._read.report

    @property
    def unit(self) -> str:
        """Unit of recency and T."""
        return self._unit

    @property
    def days(self) -> tuple[np.datetime64, np.datetime64]:
        """First and last day with an order."""
        first, last = self._read.days
        return np.datetime64(first), np.datetime64(last)

    @property
    def _knows_amounts(self) -> bool:
        return self._read.knows_amounts

    def _warn(self, sum_log_interpurchase: bool = False) -> _clv.Summary:
        """The customers, and warnings of what is not in them or is doubtful."""
        summary, warnings = self._read.summary(sum_log_interpurchase)
        warn_of(warnings, DataWarning)
        return summary

    def summarize(self, *, sum_log_interpurchase: bool = False) -> Any:
        """One row per customer: see :func:`summarize`."""
        summary = self._warn(arguments.truth("sum_log_interpurchase", sum_log_interpurchase))
        return self._kind.frame(summary.table())

    def __repr__(self) -> str:
        first, last = self._read.days
        return f"Orders({self.read['orders']:,} orders from {first} to {last})"


class _OrdersOfPurchases(Orders):
    """Of which nobody asks what they are worth."""

    _amount_is_optional = True


class _OrdersWithCosts(Orders):
    """Of which columns say what they cost."""

    def __init__(self, orders: Any, costs: Mapping[str, str], **options: Any) -> None:
        self._costs = costs
        super().__init__(orders, **options)


class _OrdersInState(Orders):
    """That are delivered bit by bit, and their summary."""

    def __init__(self, orders: Any, path: str, delivery: dict[str, Any], sum_log_interpurchase: bool, **options: Any) -> None:
        self._path, self._delivery, self._sums = path, delivery, sum_log_interpurchase
        super().__init__(orders, **options)

    def _begin(self, orders: Any, wanted: frames.Wanted | None, given: dict[str, Any], rates: Any) -> None:
        files, self._kind = ([], Kind("path")) if orders is None else _sources(orders, wanted)
        if isinstance(orders, _HandedOver) or any(not isinstance(file, str) for file in files):
            raise UsageError("a state takes files, which can be told from one another; write the orders to a file")
        self._summary, warnings = _clv.summarize_state(self._path, files, self._delivery, given, False, rates, self._sums)
        warn_of(warnings, DataWarning)


def _sources(orders: Any, wanted: frames.Wanted | None) -> tuple[Any, Kind]:
    if isinstance(orders, _HandedOver):
        return orders.batches, orders.kind
    several = list(orders) if isinstance(orders, (list, tuple)) else [orders]
    if not several:
        raise UsageError("orders: the list is empty; give a frame, a path, or a list of paths")
    if isinstance(several[0], (tuple, list)) or (orders is not several[0] and isinstance(several[0], Mapping) and _is_row(several[0])):
        raise rows_of_dictionaries("orders")
    if any(connections.batches(one, "orders") is not None for one in several):
        raise UsageError("orders: what is handed over bit by bit is read alone; give one cursor or data set, or a list of frames or paths")
    read = [frames.read(one, "orders", wanted) for one in several]
    of_paths = [source for source, _ in read if isinstance(source, str)]
    if 0 < len(of_paths) < len(read):
        raise UsageError("orders: give frames or paths, not both")
    return [source for source, _ in read], read[0][1]


def _is_row(values: Mapping[Any, Any]) -> bool:
    return all(np.ndim(value) == 0 for value in values.values())


def orders_of(
    orders: Any,
    options: Mapping[str, Any],
    caller: Callable[..., Any],
    *,
    spend: bool = True,
    costs: Mapping[str, str] | None = None,
) -> Orders:
    """Orders, read unless they have been, with the options that the caller passes on; without `spend` they need no amounts.

    `costs` are columns with costs, by the argument of the caller that asks for them.
    """
    keywords.check(caller, options, keywords.names_of(Orders.__init__)[1:], "of clv.Orders")
    if not isinstance(orders, Orders):
        return _OrdersWithCosts(orders, costs, **options) if costs else (Orders if spend else _OrdersOfPurchases)(orders, **options)
    if costs:
        raise UsageError(f"these orders have been read without their costs: give {', '.join(costs)} with the orders themselves")
    if options:
        raise UsageError(f"these orders have been read: {', '.join(options)} goes to Orders")
    return orders


OF_SUMMARIES = ("until", "unit", "grain", "from_", "first_purchase_before", "keep")
"""Options of :class:`Orders` that say something of a summary of orders that were read before."""


@documented("summary")
def summarize(
    orders: Any = None,
    *,
    state: str | os.PathLike[str] | None = None,
    append: bool = False,
    overlap: Literal["refuse", "add"] = "refuse",
    sum_log_interpurchase: bool = False,
    push_down: bool = False,
    table: str | None = None,
    dialect: str | None = None,
    number_ids: bool = False,
    **options: Any,
) -> Any:
    """One row per customer, from orders; further options are those of :class:`Orders`.

    Parameters
    ----------
    orders : frame, path or Orders
        Orders; with a `state` files, or nothing, to summarise it as it is. Of a DataFrame of Spark, Spark makes another:
        :func:`clv.spark.summarize`.
    state : path, optional
        Keeps all that was delivered in this .parquet file, to be added to, and summarises all of it.
    append : bool
        Whether the orders are added to the state that is there; files that it knows already add nothing. Else they begin it.
    overlap : {"refuse", "add"}
        What to do if these files and earlier ones have orders of the same customer and day: refuse, since they may be the same orders
        again, or add them, since they are others.
    sum_log_interpurchase : bool
        Whether there is a column of that name: of each customer, the sum of ln(time between purchases), times in the unit of recency. It is
        what models of regular purchases take to choose `k`, also from some of the rows, and where a frame keeps nothing but columns.
    push_down : bool
        Whether the database of a connection makes the summary, by the query of :func:`clv.sql` with exact sums, and customers are fetched
        instead of orders. Of rows that are no orders nothing is told then.
    table : str, optional
        Table of orders for `push_down`, instead of a `query`.
    dialect : {"postgres", "duckdb", "spark", "bigquery", "snowflake"}, optional
        Whose SQL the connection takes, if it is not known by it.
    number_ids : bool
        Whether, with `push_down`, customers are a column of numbers, and stay numbers; otherwise they are text.

    Returns
    -------
    frame
        One row per customer, in the kind of `orders` (a path gives a :class:`Table`), with the columns below. Times are in weeks unless
        `unit` says otherwise.

    Examples
    --------
    >>> clv.summarize("orders.csv", until="2024-12-31")
    >>> clv.summarize("2024.csv", state="orders.parquet")
    >>> clv.summarize("2025-01-01.csv", state="orders.parquet", append=True)
    """
    if arguments.truth("push_down", push_down):
        if state is not None:
            raise UsageError("a state takes files, and with push_down the database makes the summary")
        sums = arguments.truth("sum_log_interpurchase", sum_log_interpurchase)
        given = {"number_ids": arguments.truth("number_ids", number_ids), "sum_log_interpurchase": sums}
        return _pushed_down(orders, table, dialect, given, options)
    for name, value in (("table", table), ("dialect", dialect), ("number_ids", number_ids or None)):
        if value is not None:
            raise UsageError(f"{name} says what a database is to do: give push_down=True with it")
    if connections.is_spark(orders):
        if state is not None or append or overlap != "refuse":
            raise UsageError("a state takes files, and these orders are in Spark")
        from . import spark

        return spark.summarize(orders, sum_log_interpurchase=sum_log_interpurchase, **options)
    if state is not None:
        delivery = {"append": append, "overlap": overlap}
        return _of_state(orders, os.fspath(state), delivery, arguments.truth("sum_log_interpurchase", sum_log_interpurchase), options)
    if append or overlap != "refuse":
        raise UsageError(f"{'append' if append else 'overlap'} is about a state; give state, its file")
    if orders is None:
        raise UsageError("orders: give a frame, a path, or a list of paths; or a state")
    return orders_of(orders, options, summarize).summarize(sum_log_interpurchase=sum_log_interpurchase)


def _pushed_down(orders: Any, table: str | None, dialect: str | None, given: dict[str, Any], options: Mapping[str, Any]) -> Any:
    """The summary that the database of a connection makes."""
    keywords.check(summarize, options, keywords.names_of(Orders.__init__)[1:], "of clv.Orders")
    query = arguments.optional_text("query", options.get("query"))
    if (table is None) == (query is None):
        raise UsageError("push_down takes a table, or a query in its place")
    if not (connections.is_connection(orders) or connections.is_cursor(orders)):
        raise UsageError(f"push_down takes a connection, whose database does the work, and this is a {type(orders).__name__}")
    if options.get("rates") is not None:
        raise UsageError("rates is not part of a query: convert amounts in a view, and name that as the table")
    given = {"dialect": connections.dialect_of(orders, dialect), "exact": True, **given}
    if table is not None:
        given["table"] = arguments.text("table", table)
    text = _clv.query(given, given_of(options), query, True)
    frame = connections.fetched(orders, "orders", text)
    kept = arguments.texts("keep", options.get("keep", ()))
    said = {"customer": None, "unit": None, "grain": None, "until": None, "keep": kept, "ignore": []}
    summary = _clv.Summary(frame, said, False, None, None, None, None)
    return Kind("pyarrow" if connections.module_of(orders) in ARROW else "arrow").frame(summary.table())


def _of_state(orders: Any, path: str, delivery: dict[str, Any], sum_log_interpurchase: bool, options: Mapping[str, Any]) -> Any:
    """The customers of a state, to which orders are added if there are any."""
    keywords.check(summarize, options, keywords.names_of(Orders.__init__)[1:], "of clv.Orders")
    if isinstance(orders, Orders):
        raise UsageError("these orders have been read; a state takes their files")
    about_orders = [name for name in options if name not in OF_SUMMARIES]
    if orders is None and about_orders:
        raise UsageError(f"{', '.join(about_orders)} says how orders are read; without orders, the state is summarised as it is")
    delivered = _OrdersInState(orders, path, delivery, sum_log_interpurchase, **options)
    return delivered._kind.frame(delivered._summary.table())


class Summarizer(Parameters):
    """Orders to customers, as a step of a scikit-learn pipeline; the options are those of :func:`summarize` and :class:`Orders`."""

    def __init__(
        self,
        *,
        sum_log_interpurchase: bool = False,
        customer: str | None = None,
        date: str | None = None,
        amount: str | Literal[False] | None = None,
        quantity: str | None = None,
        price: str | None = None,
        order: str | None = None,
        refund: str | None = None,
        refund_date: str | None = None,
        where: str | Sequence[str] = (),
        until: Any = None,
        unit: Unit | None = None,
        grain: Unit | None = None,
        from_: Any = None,
        first_purchase_before: Any = None,
        date_format: str | None = None,
        timezone: str | None = None,
        decimal_comma: bool = False,
        thousands: str | None = None,
        currency: str | None = None,
        rates: Any = None,
        amount_per: Literal["order", "line"] | None = None,
        refund_per: Literal["order", "line"] | None = None,
        repeated_orders: Literal["first", "last", "add"] | None = None,
        exact_ids: bool = False,
        max_left_out: float | str | None = None,
        encoding: str | None = None,
        sheet: str | None = None,
        returns: Literal["net", "drop", "error"] = "net",
        duplicates: Literal["keep", "drop"] = "keep",
        strict: bool = False,
        keep: Sequence[str] = (),
        ignore: str | Sequence[str] = (),
    ) -> None:
        self.sum_log_interpurchase = sum_log_interpurchase
        self.customer = customer
        self.date = date
        self.amount = amount
        self.quantity = quantity
        self.price = price
        self.order = order
        self.refund = refund
        self.refund_date = refund_date
        self.where = where
        self.until = until
        self.unit = unit
        self.grain = grain
        self.from_ = from_
        self.first_purchase_before = first_purchase_before
        self.date_format = date_format
        self.timezone = timezone
        self.decimal_comma = decimal_comma
        self.thousands = thousands
        self.currency = currency
        self.rates = rates
        self.amount_per = amount_per
        self.refund_per = refund_per
        self.repeated_orders = repeated_orders
        self.exact_ids = exact_ids
        self.max_left_out = max_left_out
        self.encoding = encoding
        self.sheet = sheet
        self.returns = returns
        self.duplicates = duplicates
        self.strict = strict
        self.keep = keep
        self.ignore = ignore

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learns nothing."""
        return self

    def transform(self, X: Any) -> Any:
        """The summary of these orders."""
        return summarize(X, **self.get_params())

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """The summary of these orders."""
        return self.transform(X)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def simulate(
    model: Any = None,
    *,
    customers: int = 10_000,
    start: Any = "2024-01-01",
    joining: str = "12w",
    length: str = "78w",
    seed: int = 1,
) -> _clv.Table:
    """An order history drawn from a fitted model, or from the published estimates of CDNOW.

    Customers join evenly over `joining` from `start` on, and are observed to `length` after it. The same seed gives the same orders. Orders
    have days: those of one day are one purchase when they are summarised, so that a fit to very many finds slightly fewer of them than
    the model made.

    Returns
    -------
    Table
        `customer_id`, `order_date`, `amount`; `to_pandas()` and the like make a frame of it.
    """
    given = keywords.of_call(locals(), "model")
    if not (model is None or hasattr(model, "_fitted")):
        raise UsageError(f"model is {model!r}; give a fitted model, or one of from_params")
    return _clv.simulate(None if model is None else model._fitted(), given)
