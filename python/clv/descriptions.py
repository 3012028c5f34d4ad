"""What orders say of customers without a model, and beside one."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from . import arguments, keywords, summaries
from ._clv import Table, UsageError
from .columns import documented
from .evaluation import Tables, _WithTables, is_summary, keeping
from .frames import Kind
from .orders import orders_of
from .timing import Horizon, Number, TimingModel
from .warned import DataWarning, warn_of, warn_of_rate

Quarterly = Literal["month", "quarter", "year"]


class Description(_WithTables):
    """What orders say: `sums`, `customers`, and `tables` by name, those of `clv describe --tables`."""

    def __init__(self, tables: Tables, customers: Table, sums: str, kind: Kind, unit: str | None) -> None:
        super().__init__(tables, kind, unit)
        self.sums: dict[str, Any] = json.loads(sums)
        """The numbers of all customers together, by the names of `clv describe --json`: `revenue`, `earned`, `lifetime_value`, …"""
        self._customers = customers

    @property
    def customers(self) -> Any:
        """One row a customer: history, value, scores and what is expected, in the caller's kind."""
        return self._kind.frame(self._customers)

    def __repr__(self) -> str:
        return f"Description({', '.join(self.tables)})"

    def _repr_html_(self) -> str:
        return self._page([], list(self.tables)[:2])


@documented("description")
def describe(
    data: Any,
    *,
    rfm: int = 5,
    recency_days: Sequence[float] = (),
    frequency_over: Sequence[float] = (),
    monetary_over: Sequence[float] = (),
    rfm_weights: Sequence[float] = (1, 1, 1),
    window: str | tuple[Any, Any] | None = None,
    cogs: str | None = None,
    serving: str | None = None,
    margin: Number = 1.0,
    cac: Number | None = None,
    period: Literal["week", "month", "quarter", "year"] = "month",
    cohorts: Quarterly | None = None,
    by: str | None = None,
    control: str | None = None,
    model: TimingModel | None = None,
    horizons: Horizon | Sequence[Horizon] = ("12m",),
    discount: float | str = 0.0,
    **options: Any,
) -> Description:
    """Scores, value so far, concentration, regularity, cohorts and groups of customers; with a model, the future beside the past.

    Parameters
    ----------
    data : frame, path or Orders
        Orders, or a summary (of which there are no cohorts, costs, and windows); further options are those of :class:`Orders`.
    rfm : int
        Scores by so many quantiles: 1 for the lowest.
    recency_days, frequency_over, monetary_over : sequence of float
        Thresholds instead: one more for each number of days since the last purchase that is not exceeded, and for each number of
        purchases (the first included) and each total net amount that is.
    rfm_weights : sequence of float
        Weights of recency, frequency and monetary score in `rfm_score`, their mean.
    window : str or pair of dates, optional
        Days whose value is told, the last included: `"2024-01-01..2024-12-31"`; an end left out is that of the observation.
    cogs, serving : str, optional
        Columns with the cost of the goods and of serving each order.
    margin : float, str or array
        Share of the revenue that is earned: one for all, one each, or the column that has it.
    cac : float, str or array, optional
        What it cost to acquire a customer; counts where the first purchase does.
    period : {"month", "week", "quarter", "year"}
        Period of `profit_per_period`.
    cohorts : {"month", "quarter", "year"}, optional
        Period of the first purchase that makes a cohort, and in which its age is counted.
    by : str, optional
        The column by which customers are grouped: a campaign, a channel.
    control : str, optional
        The group with which the others are compared; the largest, if none is named.
    model : TimingModel, optional
        What sets the future beside the past.
    horizons, discount
        Of the future value, as in :meth:`TimingModel.predict`; the last horizon counts for the matrix.

    Examples
    --------
    >>> description = clv.describe("orders.csv", cogs="cost", cac=20, by="channel")
    >>> description.sums["lifetime_value"], description.table("payback"), description.customers
    """
    given = keywords.of_call(locals(), "data", "cogs", "serving", "model", "horizons", "options")
    given = {name: value for name, value in given.items() if value is not None or name not in ("margin", "discount")}
    given["window"] = _window(window)
    ahead = arguments.horizons("horizons", horizons)
    costs = {name: arguments.text(name, column) for name, column in (("cogs", cogs), ("serving", serving)) if column is not None}
    if "cogs" in costs and not (isinstance(margin, (int, float)) and margin == 1):
        raise UsageError("cogs and margin both say what is earned of the revenue: give one of them")
    if not (model is None or isinstance(model, TimingModel)):
        raise UsageError(f"model is {model!r}; give a fitted model, or one of from_params")
    engine = None if model is None else model._fitted()
    warn_of_rate(given)
    if not hasattr(data, "_read"):
        for column in (by, arguments.share(margin), arguments.share(cac)):
            options = keeping(options, column) if isinstance(column, str) and column not in options.get("keep", ()) else options
    if is_summary(data):
        _refuse("takes orders, and this is a summary", window=window, cohorts=cohorts, **costs)
        summary, kind = summaries.of_options(data, options, describe)
        tables, customers, sums, warnings = summary.describe(ahead, given, engine)
        unit = summary.unit
    else:
        if options.get("amount") is False:
            about_value = "is about value, and with amount=False there is none"
            _refuse(about_value, cac=cac, monetary_over=monetary_over or None, window=window, model=model, **costs)
        read = orders_of(data, options, describe, costs=costs)
        read._warn()
        tables, customers, sums, warnings = read._read.describe(ahead, given, engine)
        kind, unit = read._kind, read.unit
    warn_of(warnings, DataWarning)
    return Description(tables, customers, sums, kind, unit)


def _window(window: Any) -> str | None:
    """The days of a window as the engine takes them."""
    if window is None or isinstance(window, str):
        return window
    try:
        first, last = window
    except (TypeError, ValueError):
        raise UsageError(f"window is {window!r}; give a first and a last day, or a text like '1997-07-01..1997-12-31'") from None
    return f"{_day(first)}..{_day(last)}"


def _day(day: Any) -> str:
    """A day in any form that Python knows, as text; nothing is that of the observation."""
    return "" if day is None else str(arguments.horizon("window", day))


def _refuse(why: str, **given: Any) -> None:
    """Refuses arguments that do not apply."""
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"{name} {why}")
