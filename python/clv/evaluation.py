"""Models tested on what came after, and compared."""

import html
import os
from collections.abc import Mapping, Sequence
from typing import Any

from . import _clv, arguments, keywords, summaries
from ._clv import Table
from .counts import Counts
from .covariates import CustomerColumns, by_process, check_spend, names
from .frames import Kind
from .orders import Orders, orders_of
from .warned import FitWarning, warn_of

Tables = Sequence[tuple[str, str, Table]]
"""Name, title and columns of each."""


class _WithTables:
    """Tables, and a few words about them."""

    tables: Mapping[str, Table]
    titles: Mapping[str, str]
    unit: str | None
    """Unit of times in the tables."""

    def __init__(self, tables: Tables, kind: Kind, unit: str | None) -> None:
        self.tables = {name: table for name, _, table in tables}
        self.titles = {name: title for name, title, _ in tables}
        self.unit = unit
        self._kind = kind

    def table(self, name: str) -> Any:
        """A table in the caller's own kind."""
        if name not in self.tables:
            raise KeyError(f"there is no table {name!r}; there are {', '.join(self.tables)}")
        return self._kind.frame(self.tables[name])

    def _page(self, words: Sequence[str], first: Sequence[str]) -> str:
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in words)
        shown = "".join(
            f"<p><b>{html.escape(self.titles[name])}</b></p>{self.tables[name]._repr_html_()}" for name in first if name in self.tables
        )
        return f"<div>{said}{shown}</div>"


class Evaluation(_WithTables):
    """A test of forecasts: `scores`, `advice`, and `tables` by name, those of `clv evaluate --tables`."""

    def __init__(self, splits: Any, advice: list[str], tables: Any, failures: list[str], kind: Kind, unit: str | None) -> None:
        super().__init__(tables, kind, unit)
        self.splits: list[tuple[str, str]] = splits
        """Last day that was known and last day of the holdout, of each split; the latest first."""
        self.advice: list[str] = advice
        """What to make of it, in sentences."""
        self.failures: list[str] = failures
        """Models that could not be fitted, and why."""

    @property
    def scores(self) -> Any:
        """Errors and rank measures of every model and simple rule, in the caller's kind."""
        return self.table("scores")

    def __repr__(self) -> str:
        split, until = self.splits[0]
        return f"Evaluation(known until {split}, holdout until {until}):\n" + "\n".join(self.advice)

    def _repr_html_(self) -> str:
        return self._page(self.advice, ["scores"])


class Comparison(_WithTables):
    """Several models on the same customers: `advice`, and `tables` by name."""

    def __init__(self, advice: str, tables: Any, kind: Kind, unit: str | None) -> None:
        super().__init__(tables, kind, unit)
        self.advice = advice

    @property
    def models(self) -> Any:
        """The models, the best BIC first, in the caller's kind."""
        return self.table("models")

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.tables['models'].column('model'))}):\n{self.advice}"

    def _repr_html_(self) -> str:
        return self._page([self.advice], ["models", "parameters"])


def evaluate(
    orders: Any,
    *,
    split: Any = None,
    holdout: str | None = None,
    origins: int = 1,
    step: str | None = None,
    models: str | Sequence[str] = ("bg-nbd", "auto"),
    spend: bool = True,
    hiatus: str = "6m",
    tiers: str | Sequence[float] = "terciles",
    intervals: Sequence[float] = (50, 80, 90, 95),
    seed: int = 1,
    robust: bool = False,
    prior_sd: float | None = None,
    covariates: str | Sequence[str] = (),
    purchase_covariates: str | Sequence[str] = (),
    dropout_covariates: str | Sequence[str] = (),
    spend_covariates: str | Sequence[str] = (),
    equal: str | Sequence[str] = (),
    covariate_sd: float | None = None,
    customer_table: Any = None,
    **options: Any,
) -> Evaluation:
    """Fits on the orders up to a day, and scores the forecast of the rest beside simple rules.

    A calibrated forecast is scored, too: what the first model (and the chosen one) expects, and the customer's last period, by two weights
    learned on earlier days. `table("calibration")` has them, with standard errors; `advice` says why, if nothing can be learned.

    Parameters
    ----------
    orders : frame, path or Orders
        Orders; further options are those of :class:`Orders`.
    split : str, date or float, optional
        Last day that is known, or the share of days that are; by default half of them, or all but a year if that is more.
    holdout : str, optional
        Instead, the length of the holdout: `"39w"`, `"6m"`.
    origins, step : int, str
        Number of splits, and the time from each to the next.
    models : sequence of str
        `"bg-nbd"`, `"mbg-nbd"`, `"pareto-nbd"`, `"nbd"`, `"bg-bb"`, and of regular purchases `"bg-cnbd"`, `"mbg-cnbd"`,
        `"pareto-cnbd"`, with a number of stages (`"mbg-cnbd-2"`) or without; `"auto"` is the one that describes the orders before the
        split best, by BIC.
    spend : bool
        Whether values are tested, too.
    hiatus : str
        Silence after which the hiatus rule considers a customer gone.
    tiers : str or sequence of float
        `"terciles"`, `"quartiles"`, `"deciles"`, `"5-tiles"`, or amounts.
    intervals : sequence of float
        Intervals whose coverage is scored, in per cent.
    covariates, purchase_covariates, dropout_covariates, spend_covariates : str or sequence of str
        Columns that explain purchases and dropout both, or one of the processes: of the orders up to the split, of `customer_table`, or
        `first_amount`, `first_month`, `first_quarter`; of spend also `log(frequency)`. Each model is scored with them and without.
    equal : str or sequence of str
        Covariates with one coefficient for both purchases and dropout.
    covariate_sd : float, optional
        Standard deviation of a normal prior on coefficients, of standardised columns.
    customer_table : frame or path, optional
        A row for each customer, joined by id: covariates that are its columns are taken from there.
    """
    given = by_process(keywords.of_call(locals(), "orders", "options", "customer_table"))
    columns = CustomerColumns(names(given), customer_table)
    read = orders_of(orders, columns.beside(orders, options), evaluate, spend=arguments.truth("spend", spend))
    check_spend(given, spend, read._knows_amounts)
    columns.join(read._warn(), read._read.customer)
    given |= {
        "models": arguments.models("models", models),
        "spend": spend and read._knows_amounts,
        "tiers": arguments.cuts("tiers", tiers),
        "intervals": arguments.percents("intervals", intervals),
    }
    splits, advice, tables, failures = read._read.evaluate(given, columns.of_customers(read._read.customer))
    warn_of(failures, FitWarning)
    return Evaluation(splits, advice, tables, failures, read._kind, read.unit)


def compare(
    data: Any,
    *,
    models: Sequence[str] | None = None,
    split: Any = None,
    robust: bool = False,
    prior_sd: float | None = None,
    covariates: str | Sequence[str] = (),
    purchase_covariates: str | Sequence[str] = (),
    dropout_covariates: str | Sequence[str] = (),
    equal: str | Sequence[str] = (),
    covariate_sd: float | None = None,
    customer_table: Any = None,
    sample_weight: Any = None,
    **options: Any,
) -> Comparison:
    """Fits several models to the customers of a summary, or of orders, and compares likelihood, counts and, with `split`, what came after.

    Parameters
    ----------
    data : frame, path, Orders or Counts
        A summary (a frame or a file with `frequency`, `recency` and `T`), its counts, or orders; further options are those of
        :class:`Orders`.
    models : sequence of str, optional
        The models to compare; by default all that apply.
    split : str or date, optional
        Last day of the orders that are fitted; later ones show how good the forecast was.
    covariates, purchase_covariates, dropout_covariates : str or sequence of str
        Columns that explain purchases and dropout both, or one of them: of the summary or the orders, of `customer_table`, or
        `first_amount`, `first_month`, `first_quarter`. Each model is fitted with them and without.
    equal : str or sequence of str
        Covariates with one coefficient for both purchases and dropout.
    covariate_sd : float, optional
        Standard deviation of a normal prior on coefficients, of standardised columns; then likelihoods do not compare.
    customer_table : frame or path, optional
        A row for each customer, joined by id: covariates that are its columns are taken from there.
    sample_weight : str or array, optional
        How many customers each row of a summary stands for: a column, or a number a row.
    """
    given = by_process(keywords.of_call(locals(), "data", "models", "split", "options", "customer_table", "sample_weight"))
    columns = CustomerColumns(names(given), customer_table)
    named = None if models is None else arguments.models("models", models)
    if isinstance(data, Counts):
        if split is not None:
            raise _clv.UsageError("counts cannot be divided; split takes orders")
        if customer_table is not None or sample_weight is not None or options:
            raise _clv.UsageError("counts say of their customers all there is: count the summary again to change that")
        summary, kind, unit = data._counts.timing, data._kind, data.unit
        advice, tables, warned = summary.compare(named, given)
    elif is_summary(data):
        if split is not None:
            raise _clv.UsageError("a summary cannot be divided; split takes orders")
        summary, kind = summaries.of_options(data, options, compare, columns, sample_weight, takes_weights=True)
        advice, tables, warned = summary.compare(named, given)
        unit = summary.unit
    else:
        if sample_weight is not None:
            raise _clv.UsageError(
                "these are orders, each of one customer; sample_weight says how many customers a row of a summary stands for"
            )
        # Purchases alone are compared.
        read = orders_of(data, columns.beside(data, options), compare, spend=False)
        summary = columns.join(read._warn(), read._read.customer)
        kind, unit = read._kind, read.unit
        if split is None:
            advice, tables, warned = summary.compare(named, given)
        else:
            advice, tables, warned = read._read.compare_after({"split": split}, named, given, columns.of_customers(read._read.customer))
    warn_of(warned, FitWarning)
    return Comparison(advice, tables, kind, unit)


def keeping(options: dict[str, Any], column: str) -> dict[str, Any]:
    """The options of orders, with a column that is kept besides."""
    return {**options, "keep": [*arguments.texts("keep", options.get("keep", ())), column]}


def is_summary(data: Any) -> bool:
    """Whether this is a frame, or a file, of customers rather than one of orders."""
    is_one = _clv.Summary.is_one
    if isinstance(data, Orders):
        return False
    if isinstance(data, (str, os.PathLike)):
        # A pattern, and what is not there, are for those who read orders.
        return os.path.isfile(data) and is_one(_clv.Summary.header(os.fspath(data)))
    if isinstance(data, Mapping):
        return is_one([str(name) for name in data])
    names = getattr(getattr(data, "dtype", None), "names", None) or getattr(data, "column_names", None)
    columns = names if names is not None else getattr(data, "columns", None)
    if columns is None or callable(columns):
        return getattr(data, "ndim", 0) == 2
    return is_one([str(name) for name in columns])
