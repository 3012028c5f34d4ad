"""Customers with their histories, read from a frame or a file."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import _clv, arguments, frames, keywords
from ._clv import UsageError
from .covariates import CustomerColumns
from .frames import Kind
from .orders import Orders
from .warned import DataWarning, warn_of

FIELDS = frozenset(
    {
        *("customer_id", "frequency", "recency", "t", "monetary_value"),
        *("n", "n_periods", "periods", "opportunities"),
        *("first_purchase", "last_purchase", "orders", "total", "sum_log_interpurchase", "unit", "grain", "observed_until"),
    }
)
"""Columns of a summary that are read, in whatever letters."""


OPTIONS = ("customer", "unit", "grain", "until", "keep", "ignore")
"""What can be said of a summary."""


def of_options(
    data: Any,
    options: Mapping[str, Any],
    caller: Callable[..., Any],
    columns: CustomerColumns | None = None,
    weights: Any = None,
    takes_weights: bool = False,
) -> tuple[_clv.Summary, Kind]:
    """The customers of a summary, with the options that a function passes on to whoever reads them, and these columns of covariates."""
    about_orders = [name for name in options if name not in OPTIONS and name in keywords.names_of(Orders.__init__)]
    if about_orders:
        raise UsageError(f"{', '.join(about_orders)} says how orders are read, and this is a summary")
    keywords.check(caller, options, OPTIONS, "of a summary")
    return read(data, columns=columns, weights=weights, takes_weights=takes_weights, **options)


def read(
    data: Any,
    *,
    customer: str | None = None,
    unit: str | None = None,
    grain: str | None = None,
    until: Any = None,
    keep: Iterable[str] = (),
    columns: CustomerColumns | None = None,
    ignore: str | Iterable[str] = (),
    counts_periods: bool = False,
    model: _clv.Model | None = None,
    weights: Any = None,
    takes_weights: bool = False,
) -> tuple[_clv.Summary, Kind]:
    """The customers, and their kind of table.

    Customers who do not say themselves in what unit and grain their times are, and when they end, are as is said here, or else as those
    of the `model` that is to be asked about them. `columns` are those of covariates; `weights`, a column or a number a row, say how
    many customers rows stand for, where they may.
    """
    customer = arguments.optional_text("customer", customer)
    column = weights if isinstance(weights, str) else None
    columns = columns or CustomerColumns((), None)
    if history := [name for name in columns.others if name.lower() in FIELDS]:
        raise UsageError(f"covariate {history[0]}: a column of the history, which the models explain; name what else is known of customers")
    kept = {*keep}
    # A fit tells a column from a fact of the first order that has its name.
    beside = columns.not_of_table if model is None else {*columns.others}
    if isinstance(data, (str, os.PathLike)):
        kept |= beside & {*_clv.Summary.header(os.fspath(data))}
    named = (
        kept
        | beside
        | ({column} if column is not None else set())
        | ({customer} if customer is not None else {"customer_id"} if columns.has_table else set())
    )

    def wanted(header: list[str]) -> list[int]:
        return [i for i, name in enumerate(header) if name.strip().lower() in FIELDS or name in named]

    # What is in an index identifies rows for the caller; for the models it need not.
    source, kind = frames.read(data, "summary", wanted, named)
    kept |= beside & {*kind.header}
    known = None if model is None else {"unit": model.unit, "grain": model.grain if model.knows_unit else None, "until": model.until}
    given = {"customer": customer, "unit": unit, "grain": grain, "until": until, "keep": sorted(kept), "ignore": ignore, "weights": column}
    summary = _clv.Summary(source, given, counts_periods, kind.times, kind.purchases, kind.currency, known, takes_weights)
    summary = columns.join(summary, customer)
    if weights is not None and column is None:
        summary = summary.weighted(arguments.weights("sample_weight", weights, kind.index))
    if isinstance(source, str):
        warn_of(_clv.of_other_runs(source, None), DataWarning)
    return summary, kind
