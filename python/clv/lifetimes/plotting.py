"""lifetimes' plots, over matplotlib. Each returns its axes and leaves showing and saving to the caller."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from clv._clv import lifetimes as kernels

from .inputs import Floats
from .pandas_import import pandas
from .periods import unit_of
from .utils import calculate_alive_path, expected_cumulative_transactions

__all__ = [
    "plot_calibration_purchases_vs_holdout_purchases",
    "plot_cumulative_transactions",
    "plot_dropout_rate_heterogeneity",
    "plot_expected_repeat_purchases",
    "plot_frequency_recency_matrix",
    "plot_history_alive",
    "plot_incremental_transactions",
    "plot_period_transactions",
    "plot_probability_alive_matrix",
    "plot_transaction_rate_heterogeneity",
]


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("plots take matplotlib, which is not installed: pip install matplotlib") from error
    return pyplot


def plot_period_transactions(
    model: Any,
    max_frequency: int = 7,
    title: str = "Frequency of Repeat Transactions",
    xlabel: str = "Number of Calibration Period Transactions",
    ylabel: str = "Customers",
    **kwargs: Any,
) -> Any:
    """Bars: customers by repeat purchases, in the data and among as many customers drawn from the model.

    `label` names both; other `kwargs` go to `DataFrame.plot`.
    """
    pd, plt = pandas(), _pyplot()
    labels = kwargs.pop("label", ["Actual", "Model"])
    drawn = model.generate_new_data(size=int(model.data["weights"].sum()))["frequency"]
    seen = model.data.groupby("frequency")["weights"].sum()
    counts = pd.DataFrame({labels[0]: seen, labels[1]: drawn.value_counts()}).fillna(0).sort_index()
    ax = counts.iloc[:max_frequency].plot(kind="bar", **kwargs)
    plt.legend()
    return _named(ax, title, xlabel, ylabel)


def plot_calibration_purchases_vs_holdout_purchases(
    model: Any, calibration_holdout_matrix: Any, kind: str = "frequency_cal", n: int = 7, **kwargs: Any
) -> Any:
    """Lines: mean purchases in the holdout period, as they were and as expected, by `kind`, the first `n` values of it.

    `kind` is a column of `calibration_and_holdout_data` or `"time_since_last_purchase"`.
    """
    plt = _pyplot()
    labels = {
        "frequency_cal": "Purchases in calibration period",
        "recency_cal": "Age of customer at last purchase",
        "T_cal": "Age of customer at the end of calibration period",
        "time_since_last_purchase": "Time since user made last purchase",
    }
    if kind not in labels:
        raise ValueError(f"kind is {kind!r}: it is one of {', '.join(labels)}")
    summary = calibration_holdout_matrix.copy()
    summary["time_since_last_purchase"] = summary["T_cal"] - summary["recency_cal"]
    summary["model_predictions"] = model.conditional_expected_number_of_purchases_up_to_time(
        summary["duration_holdout"].iloc[0], summary["frequency_cal"], summary["recency_cal"], summary["T_cal"]
    )
    ax = summary.groupby(kind)[["frequency_holdout", "model_predictions"]].mean().iloc[:n].plot(**kwargs)
    plt.legend()
    title = "Actual Purchases in Holdout Period vs Predicted Purchases"
    return _named(ax, title, labels[kind], "Average of Purchases in Holdout Period")


def plot_frequency_recency_matrix(
    model: Any,
    T: float = 1,
    max_frequency: int | None = None,
    max_recency: int | None = None,
    title: str | None = None,
    xlabel: str = "Customer's Historical Frequency",
    ylabel: str = "Customer's Recency",
    **kwargs: Any,
) -> Any:
    """Heat map: expected purchases in the next `T` units of time by frequency and recency, of customers of age `max_recency`.

    `kwargs` go to `imshow`.
    """
    frequency, recency, age = model._grid(max_frequency, max_recency)
    expected = model.conditional_expected_number_of_purchases_up_to_time(T, frequency, recency, age)
    if title is None:
        title = f"Expected Number of Future Purchases for {T} Unit{'' if T == 1 else 's'} of Time,\nby Frequency and Recency of a Customer"
    return _heat_map(expected, title, xlabel, ylabel, kwargs)


def plot_probability_alive_matrix(
    model: Any,
    max_frequency: int | None = None,
    max_recency: int | None = None,
    title: str = "Probability Customer is Alive,\nby Frequency and Recency of a Customer",
    xlabel: str = "Customer's Historical Frequency",
    ylabel: str = "Customer's Recency",
    **kwargs: Any,
) -> Any:
    """Heat map: P(alive) by frequency and recency, of customers of age `max_recency`. `kwargs` go to `imshow`."""
    alive = model.conditional_probability_alive_matrix(max_frequency, max_recency)
    return _heat_map(alive, title, xlabel, ylabel, kwargs)


def plot_expected_repeat_purchases(
    model: Any,
    title: str = "Expected Number of Repeat Purchases per Customer",
    xlabel: str = "Time Since First Purchase",
    ax: Any = None,
    label: str | None = None,
    **kwargs: Any,
) -> Any:
    """Line: expected repeat purchases of a new customer, over the longest `T` of the data and, dashed, half of it more."""
    plt = _pyplot()
    ax = plt.subplot(111) if ax is None else ax
    longest = float(model.data["T"].max())
    color = kwargs.pop("c", None) or kwargs.pop("color", None)
    seen, ahead = np.linspace(0, longest, 100), np.linspace(longest, 1.5 * longest, 100)
    (line,) = ax.plot(seen, model.expected_number_of_purchases_up_to_time(seen), color=color, label=label, **kwargs)
    dashed = {**kwargs, "ls": "--"}
    ax.plot(ahead, model.expected_number_of_purchases_up_to_time(ahead), color=line.get_color(), **dashed)
    if label is not None:
        ax.legend(loc="lower right")
    return _named(ax, title, xlabel, None)


def plot_history_alive(
    model: Any,
    t: int,
    transactions: Any,
    datetime_col: str,
    freq: str = "D",
    start_date: Any = None,
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """Line: P(alive) of one customer over `t` periods of `freq` since the first order, with dashes at the orders."""
    pd, plt = pandas(), _pyplot()
    ax = plt.subplot(111) if ax is None else ax
    orders = pd.to_datetime(transactions[datetime_col])
    path = calculate_alive_path(model, transactions, datetime_col, t, freq)
    unit = unit_of(freq)
    periods = pd.period_range(orders.min(), periods=len(path) * unit.size, freq=unit.name)
    dates = periods[:: unit.size].to_timestamp()
    ax.plot(dates, path, "-", **{"label": "P_alive", **kwargs})
    days = orders.dt.to_period(unit.name).dt.to_timestamp().unique()
    ax.vlines(days, ymin=0, ymax=1, colors="r", linestyles="dashed", label="purchases")
    ax.set_ylim(0, 1.0)
    ax.set_yticks(np.arange(0, 1.1, 0.1))
    ax.set_xlim(orders.min() if start_date is None else pd.to_datetime(start_date), dates[-1])
    ax.legend(loc=3)
    return _named(ax, "History of P_alive", None, "P_alive")


def plot_cumulative_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    t_cal: float,
    datetime_format: str | None = None,
    freq: str = "D",
    set_index_date: bool = False,
    title: str = "Tracking Cumulative Transactions",
    xlabel: str = "day",
    ylabel: str = "Cumulative Transactions",
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """Lines: repeat purchases so far, actual and predicted, over `t` periods of the data; a line at `t_cal`, where the
    calibration ended."""
    so_far = expected_cumulative_transactions(
        model, transactions, datetime_col, customer_id_col, t, datetime_format, freq, set_index_date=set_index_date
    )
    return _tracking(so_far, t_cal, set_index_date, title, xlabel, ylabel, ax, kwargs)


def plot_incremental_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    t_cal: float,
    datetime_format: str | None = None,
    freq: str = "D",
    set_index_date: bool = False,
    title: str = "Tracking Daily Transactions",
    xlabel: str = "day",
    ylabel: str = "Transactions",
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """Lines: repeat purchases of each period, actual and predicted; else as `plot_cumulative_transactions`."""
    so_far = expected_cumulative_transactions(
        model, transactions, datetime_col, customer_id_col, t, datetime_format, freq, set_index_date=set_index_date
    )
    return _tracking(so_far.diff(), t_cal, set_index_date, title, xlabel, ylabel, ax, kwargs)


def plot_transaction_rate_heterogeneity(
    model: Any,
    suptitle: str = "Heterogeneity in Transaction Rate",
    xlabel: str = "Transaction Rate",
    ylabel: str = "Density",
    suptitle_fontsize: float = 14,
    **kwargs: Any,
) -> Any:
    """Line: the gamma density of customers' purchase rates, up to the rate that 99% do not exceed."""
    r, alpha = model._unload_params("r", "alpha")
    x = _inside(kernels.gamma_quantile(r, alpha, 0.99))
    density = np.exp(r * np.log(alpha) + (r - 1) * np.log(x) - alpha * x - math.lgamma(r))
    title = f"mean: {r / alpha:.3f}, var: {r / alpha**2:.3f}"
    return _density(x, density, suptitle, title, xlabel, ylabel, suptitle_fontsize, kwargs)


def plot_dropout_rate_heterogeneity(
    model: Any,
    suptitle: str = "Heterogeneity in Dropout Probability",
    xlabel: str = "Dropout Probability p",
    ylabel: str = "Density",
    suptitle_fontsize: float = 14,
    **kwargs: Any,
) -> Any:
    """Line: the beta density of customers' chances to leave, up to the chance that 99% do not exceed. BG/NBD and MBG/NBD."""
    a, b = model._unload_params("a", "b")
    x = _inside(kernels.beta_quantile(a, b, 0.99))
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    density = np.exp(scale + (a - 1) * np.log(x) + (b - 1) * np.log1p(-x))
    title = f"mean: {a / (a + b):.3f}, var: {a * b / (a + b) ** 2 / (a + b + 1):.3f}"
    return _density(x, density, suptitle, title, xlabel, ylabel, suptitle_fontsize, kwargs)


def _inside(limit: float) -> Floats:
    """A hundred places up to the limit; at zero a density may have none."""
    return np.linspace(0, min(limit, 1 - 1e-9) if limit <= 1 else limit, 101)[1:]


def _density(
    x: Floats,
    density: Floats,
    suptitle: str,
    title: str,
    xlabel: str,
    ylabel: str,
    fontsize: float,
    kwargs: dict[str, Any],
) -> Any:
    figure, ax = _pyplot().subplots(1)
    figure.suptitle(suptitle, fontsize=fontsize, fontweight="bold")
    figure.tight_layout(rect=(0, 0.03, 1, 0.95))
    ax.plot(x, density, **kwargs)
    return _named(ax, title, xlabel, ylabel)


def _heat_map(values: Floats, title: str, xlabel: str, ylabel: str, kwargs: dict[str, Any]) -> Any:
    plt = _pyplot()
    ax = plt.subplot(111)
    image = ax.imshow(values, **{"interpolation": "none", "aspect": "auto", **kwargs})
    ax.set_box_aspect(1)
    plt.colorbar(image, ax=ax)
    return _named(ax, title, xlabel, ylabel)


def _tracking(frame: Any, t_cal: float, dated: bool, title: str, xlabel: str, ylabel: str, ax: Any, kwargs: dict[str, Any]) -> Any:
    ax = _pyplot().subplot(111) if ax is None else ax
    ax = frame.plot(ax=ax, title=title, **kwargs)
    ax.axvline(x=frame.index[int(t_cal)] if dated else t_cal, color="r", linestyle="--")
    return _named(ax, title, "date" if dated else xlabel, ylabel)


def _named(ax: Any, title: str, xlabel: str | None, ylabel: str | None) -> Any:
    ax.set_title(title)
    if xlabel is not None:
        ax.set_xlabel(xlabel)
    if ylabel is not None:
        ax.set_ylabel(ylabel)
    return ax
