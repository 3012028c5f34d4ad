"""Customers counted: distinct histories and amounts, which say nothing of anybody in particular."""

import os
from collections.abc import Sequence
from typing import Any, Self

from . import _clv, arguments, connections, summaries
from ._clv import UsageError
from .frames import Kind


class Counts:
    """The customers of a summary, counted: all that a fit needs of them, and nobody in particular.

    `timing` are the distinct frequencies, recencies and ages, `spend` the distinct frequencies and mean amounts, each with the number of
    `customers` who share them. Models take counts in the place of a summary: `BgNbd().fit(counts)` is the fit to the summary, to the bit.
    """

    def __init__(self, counts: _clv.Counts, kind: Kind) -> None:
        self._counts = counts
        self._kind = kind

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Counts from a folder that :meth:`save` or `clv count` wrote."""
        return cls(_clv.Counts.load(os.fspath(path)), Kind("path"))

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Writes a folder with `timing.parquet`, `spend.parquet` and, if there is one, `joint.parquet`.

        They replace other counts there; anything else of their names only with `overwrite`.
        """
        self._counts.save(os.fspath(path), arguments.truth("overwrite", overwrite))

    def _table(self, part: str) -> Any:
        table = self._counts.table(part)
        return None if table is None else self._kind.frame(table)

    @property
    def timing(self) -> Any:
        """Distinct `frequency`, `recency` and `T`, with `customers`, in the caller's kind."""
        return self._table("timing")

    @property
    def spend(self) -> Any:
        """Distinct `frequency` and `monetary_value`, with `customers`; None where spend is not known."""
        return self._table("spend")

    @property
    def joint(self) -> Any:
        """All four together, with `customers`; None if they were not counted."""
        return self._table("joint")

    @property
    def customers(self) -> float:
        """Number of customers."""
        return self._counts.customers

    @property
    def unit(self) -> str | None:
        """Unit of `recency` and `T`, if it has a name."""
        return self._counts.unit

    @property
    def grain(self) -> str | None:
        """Period within which orders were one purchase, if it is known."""
        return self._counts.grain

    @property
    def until(self) -> str | None:
        """Last day of the observation, if it is known."""
        return self._counts.until

    @property
    def by(self) -> list[str]:
        """Columns that are told apart."""
        return self._counts.told_apart

    @property
    def interpurchase_days(self) -> dict[int, int] | None:
        """Number of interpurchase times by their length in days, where the summary knew them."""
        statistics = self._counts.statistics
        return None if statistics is None else dict(statistics[0])

    @property
    def repeat_purchases(self) -> dict[str, int] | None:
        """Number of repeat purchases by day, or first day of their period, where the summary knew them."""
        statistics = self._counts.statistics
        return None if statistics is None else dict(statistics[1])

    def _check_times(self, **given: Any) -> None:
        """Refuses what an estimator says of times, where it is something else."""
        for name, value in given.items():
            known = getattr(self, name)
            if value is not None and known is not None and str(value)[:10] != known:
                raise UsageError(f"{name} is {value!r}, and that of the counts is {known!r}; count the summary again")

    def __repr__(self) -> str:
        spend = self._counts.spend
        rows = f"{len(self._counts.timing):,} histories" + ("" if spend is None else f", {len(spend):,} amounts")
        return f"<Counts: {self.customers:,.0f} customers, {rows}>"


def count(
    data: Any,
    by: str | Sequence[str] = (),
    *,
    joint: bool = False,
    sample_weight: Any = None,
    customer_table: Any = None,
    **options: Any,
) -> Counts:
    """Counts the customers of a summary who are alike.

    Parameters
    ----------
    data : frame or path
        A summary, also a DataFrame of Spark's (:func:`clv.spark.count`); further options are those of one: `customer`, `unit`, `grain`,
        `until`, `ignore`.
    by : str or sequence of str
        Columns that are told apart, as covariates and groups are.
    joint : bool
        Whether histories are also counted together with amounts, of which there are many more: totals of value take them.
    sample_weight : str or array, optional
        How many customers each row stands for: a column, or a number a row.
    customer_table : frame or path, optional
        A row for each customer, joined by id: columns of `by` that it has are taken from there.
    """
    # The covariates of a fit are columns like others.
    from .covariates import CustomerColumns
    from .evaluation import is_summary

    if connections.is_spark(data):
        for name, given in (("sample_weight", sample_weight), ("customer_table", customer_table), *options.items()):
            if given is not None:
                raise UsageError(f"{name} is no argument of counts that Spark makes; see clv.spark.count")
        from . import spark

        return spark.count(data, by, joint=joint)
    if not is_summary(data):
        raise UsageError("count takes a summary, with frequency, recency and T; clv.summarize makes one of orders")
    told_apart = arguments.texts("by", by)
    columns = CustomerColumns(told_apart, customer_table)
    if "keep" in options:
        raise UsageError("counts keep the columns that by= tells apart, and no others")
    summary, kind = summaries.of_options(data, options, count, columns, sample_weight, takes_weights=True)
    return Counts(summary.count(told_apart, arguments.truth("joint", joint)), Kind(kind.name))
