"""Forecasts of what then came, of all customers, and of a sample of them as clv tests forecasts."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _clv, arguments, keywords, timing
from .._clv import DataError, UsageError
from ..counts import Counts
from ..evaluation import Evaluation
from ..evaluation import evaluate as evaluate_here
from ..frames import Kind
from ..orders import Orders
from .customers import MAX_ROWS, counted_rows, times_of
from .orders import folded, given_of_frame, rows_of
from .schemas import collected

SAMPLE = 100_000
"""Customers whose orders are brought to the driver."""

CLASSES = {vars(model)["_kind"]: model for model in vars(timing).values() if isinstance(model, type) and "_kind" in vars(model)}
"""Classes of models by their names."""


class SparkEvaluation:
    """A test of forecasts of all customers' purchases, and of a sample in every other respect."""

    def __init__(self, scores: Any, models: dict[str, Any], sample: Evaluation, sampled: int, customers: float) -> None:
        self.scores = scores
        """Totals and errors of each model, of all customers: a table of pyarrow with columns of :attr:`clv.Evaluation.scores`."""
        self.models = models
        """The models, fitted to all customers up to the split, by name."""
        self.sample = sample
        """The test of a sample: ranks, tenths, value, calibration, simple rules."""
        self.sampled = sampled
        """Customers of the sample, which is the same whenever it is drawn."""
        self.customers = customers
        """All customers."""

    def __repr__(self) -> str:
        lines = [
            f"{row['forecaster']} expected {row['expected']:,.1f} purchases of {self.customers:,.0f} customers, "
            f"and {row['actual']:,.0f} came; root mean square error {row['root_mean_square_error']:.4f}"
            for row in self.scores.to_pylist()
        ]
        return "\n".join(["SparkEvaluation:", *lines, f"Of {self.sampled:,} customers, in all respects:", repr(self.sample)])


def evaluate(
    orders: Any,
    *,
    split: Any,
    until: Any,
    models: str | Sequence[str] = ("bg-nbd", "pareto-nbd"),
    sample: int = SAMPLE,
    max_rows: int = MAX_ROWS,
    combine: bool = False,
    **options: Any,
) -> SparkEvaluation:
    """Fits on the orders up to a day, in Spark, and holds the forecasts against what then came.

    Purchases of all customers are counted by history and by what came: totals and errors are exact, and no customer's row comes to the
    driver but those of the sample.

    Parameters
    ----------
    orders : DataFrame
        One row per order; further options as of :func:`summarize`.
    split : str or date
        Last day that the models know.
    until : str or date
        Last day of the holdout.
    models : str or sequence of str
        Names of models, like `"bg-nbd"`.
    sample : int
        About how many customers are tested as :func:`clv.evaluate` does it, on the driver, with their orders: those whose ids have the
        least hashes, so that they are always the same.
    max_rows : int
        Largest number of counted rows that is brought to the driver.
    combine : bool
        As of :func:`summarize`.
    """
    keywords.check(evaluate, options, keywords.names_of(Orders.__init__)[1:], "of clv.Orders")
    kinds = arguments.models("models", models)
    for kind in kinds:
        if kind not in CLASSES or kind == "auto":
            raise UsageError(f"models: there is no {kind!r} here; there are {', '.join(name for name in CLASSES if name != 'auto')}")
    size, most = arguments.count("sample", sample), arguments.count("max_rows", max_rows)
    given = given_of_frame(orders, {**options, "until": until})
    ends = {"until": str(split)[:10], "holdout": given.fold["until"]}
    summary = folded(orders, given, arguments.truth("combine", combine), {**ends, "sum_log_interpurchase": False})
    kept = _persisted(summary)
    try:
        return _evaluated(kept or summary, orders, given, kinds, size, most, options)
    finally:
        if kept is not None:
            kept.unpersist()


def _persisted(summary: Any) -> Any:
    """What is asked several times, kept where the cluster can keep it."""
    try:
        return summary.persist()
    except Exception:
        return None


def _evaluated(summary: Any, orders: Any, given: Any, kinds: list[str], size: int, most: int, options: dict[str, Any]) -> SparkEvaluation:
    import pyarrow

    times = times_of(summary)
    rows = counted_rows(summary, ["frequency", "recency", "T", "holdout_purchases"], "distinct histories with what then came", most)
    frame = _clv.Frame.from_arrow("counts", rows)
    counts = Counts(_clv.Counts.of_tables(frame, None, None, [], times), Kind("pyarrow"))
    fitted = {kind: CLASSES[kind](spend=None).fit(counts) for kind in kinds}
    scores = [_score(kind, model, rows, times, given.fold["until"]) for kind, model in fitted.items()]
    customers = counts.customers
    sampled = _sample(summary, orders, given, size, customers)
    if sampled.num_rows == 0:
        raise DataError("no customer is in the sample: give a larger one, sample=")
    spend = "amount" in sampled.column_names
    passed = {name: options[name] for name in ("unit", "grain", "from_", "first_purchase_before") if options.get(name) is not None}
    test = evaluate_here(
        sampled,
        split=times["until"],
        until=given.fold["until"],
        models=kinds,
        spend=spend,
        customer="customer_id",
        date="order_date",
        amount="amount" if spend else False,
        exact_ids=True,
        **passed,
    )
    return SparkEvaluation(pyarrow.Table.from_pylist(scores), fitted, test, len(sampled["customer_id"].unique()), customers)


def _score(kind: str, model: Any, rows: Any, times: dict[str, str], until: str) -> dict[str, Any]:
    """Totals and errors, added exactly, so that the order of the rows does not matter."""
    history = rows.select(["frequency", "recency", "T"])
    answers = model.predict(history, [until])
    name = next(column for column in answers.column_names if column.startswith("purchases_"))
    expected, actual = answers[name].to_numpy(), rows["holdout_purchases"].to_numpy().astype(float)
    weights = rows["customers"].to_numpy().astype(float)
    customers, errors = math.fsum(weights), expected - actual

    def total(of: np.ndarray[Any, Any]) -> float:
        return math.fsum(weights * of)

    return {
        "split": times["until"],
        "until": until,
        "forecaster": kind,
        "kind": "model",
        "what": "purchases",
        "customers": int(customers),
        "expected": total(expected),
        "actual": total(actual),
        "total_error": total(errors) / total(actual) if total(actual) else float("nan"),
        "mean_absolute_error_of_mean": total(np.abs(errors)) / customers,
        "root_mean_square_error": math.sqrt(total(errors**2) / customers),
        "bias": total(errors) / customers,
    }


def _sample(summary: Any, orders: Any, given: Any, size: int, customers: float) -> Any:
    """The orders of the customers of the summary whose ids have the least hashes, about so many customers."""
    from pyspark.sql import functions

    parts = 1 << 30
    least = min(parts, math.ceil(parts * size / customers))
    hashed = functions.pmod(functions.xxhash64("customer_id"), functions.lit(parts))
    rows, day, amount = rows_of(orders, given)
    chosen = rows.where(hashed < least).join(summary.select("customer_id").where(hashed < least), "customer_id", "left_semi")
    columns = [functions.col("customer_id"), functions.col(day).alias("order_date")]
    columns += [functions.col(amount).alias("amount")] if amount in rows.columns else []
    return collected(chosen.select(*columns))
