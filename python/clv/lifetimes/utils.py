"""From orders to summaries, and what lifetimes kept beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from clv import ConvergenceError

from . import inputs
from .pandas_import import pandas
from .periods import columns_of, moment, moments, ordinal, ordinals, period_index, purchases, unit_of

__all__ = [
    "ConvergenceError",
    "calculate_alive_path",
    "calibration_and_holdout_data",
    "customer_lifetime_value",
    "expected_cumulative_transactions",
    "find_first_transactions",
    "summary_data_from_transaction_data",
]

# Months, in units of time; those of lifetimes.
_UNITS_A_MONTH = {"W": 4.345, "M": 1.0, "D": 30, "H": 30 * 24}


def summary_data_from_transaction_data(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    include_first_transaction: bool = False,
) -> Any:
    """A row a customer from a row an order: DataFrame by customer with `frequency`, `recency`, `T` and `monetary_value`.

    Orders of a customer in one period of `freq` are one purchase. `recency` and `T` are counted in `freq_multiplier` such
    periods; months, quarters and years are counted by the calendar. Orders after the period of `observation_period_end`
    (the last order's, if not given) are left out. `monetary_value` is the mean purchase after the first, 0 without one.
    With `include_first_transaction`, frequency and mean count the first purchase, too.
    """
    pd = pandas()
    log = purchases(transactions, customer_id_col, datetime_col, monetary_value_col, datetime_format, observation_period_end, freq)
    starts = np.flatnonzero(log.first)
    counts = np.diff(np.append(starts, len(log.first)))
    first, last = log.periods[starts], log.periods[starts + counts - 1]
    unit = log.unit * freq_multiplier
    columns = {
        "frequency": counts - (0 if include_first_transaction else 1),
        "recency": (last - first) / unit,
        "T": (log.end - first) / unit,
    }
    if log.amounts is not None:
        amounts = log.amounts if include_first_transaction else np.where(log.first, 0.0, log.amounts)
        columns["monetary_value"] = np.add.reduceat(amounts, starts) / np.maximum(columns["frequency"], 1)
    index = log.names.take(log.customers[starts])
    index.name = customer_id_col
    return pd.DataFrame(columns, index=index).astype(float)


def calibration_and_holdout_data(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    calibration_period_end: Any,
    observation_period_end: Any = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    datetime_format: str | None = None,
    monetary_value_col: str | None = None,
    include_first_transaction: bool = False,
) -> Any:
    """The summary up to `calibration_period_end`, and what the same customers did from then to `observation_period_end`.

    DataFrame by customer: `frequency_cal`, `recency_cal`, `T_cal` (`monetary_value_cal`), `frequency_holdout` (periods
    with an order), (`monetary_value_holdout`, the mean order), `duration_holdout`. Ends are moments: one given as a
    date is the midnight before that day. Raises ValueError if there is no order in one of the two.
    """
    pd = pandas()
    wanted = [customer_id_col, datetime_col, *([monetary_value_col] if monetary_value_col else [])]
    orders = columns_of(transactions, wanted).copy()
    dates = moments(orders[datetime_col], datetime_format)
    orders[datetime_col] = dates
    end = dates.max() if observation_period_end is None else moment(observation_period_end, datetime_format)
    split = moment(calibration_period_end, datetime_format)
    if not (dates <= split).any() and dates.notna().any():
        raise ValueError(
            f"there are no orders up to calibration_period_end ({split}): the first order is of {dates.min()}; give a later end"
        )

    summary = summary_data_from_transaction_data(
        orders[dates <= split],
        customer_id_col,
        datetime_col,
        monetary_value_col=monetary_value_col,
        observation_period_end=split,
        freq=freq,
        freq_multiplier=freq_multiplier,
        include_first_transaction=include_first_transaction,
    ).add_suffix("_cal")
    held_out = orders[(dates > split) & (dates <= end)]
    if held_out.empty:
        raise ValueError(
            f"there are no orders after calibration_period_end ({split}) up to observation_period_end ({end}): the last order "
            f"is of {dates.max()}"
        )
    log = purchases(held_out, customer_id_col, datetime_col, None, None, end, freq)
    bought = pd.Series(np.bincount(log.customers, minlength=len(log.names)), index=log.names)
    summary["frequency_holdout"] = bought.reindex(summary.index).fillna(0).astype(float)
    if monetary_value_col:
        spent = held_out.groupby(customer_id_col)[monetary_value_col].mean()
        summary["monetary_value_holdout"] = spent.reindex(summary.index).fillna(0).astype(float)
    unit = unit_of(freq)
    summary["duration_holdout"] = (ordinal(end, unit) - ordinal(split, unit)) / unit.size / freq_multiplier
    return summary


def find_first_transactions(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    freq: str = "D",
) -> Any:
    """A row a customer and period of `freq` with orders, by both: customer, period, sum of the amounts, and whether it is the
    customer's `first`."""
    pd = pandas()
    log = purchases(transactions, customer_id_col, datetime_col, monetary_value_col, datetime_format, observation_period_end, freq)
    periods = period_index(log.periods, unit_of(freq).name)
    columns = {customer_id_col: log.names.take(log.customers), datetime_col: periods}
    if monetary_value_col and log.amounts is not None:
        whole = np.issubdtype(np.asarray(transactions[monetary_value_col]).dtype, np.integer)
        columns[monetary_value_col] = log.amounts.astype(np.int64) if whole else log.amounts
    columns["first"] = log.first
    return pd.DataFrame(columns, index=pd.RangeIndex(len(periods)) if monetary_value_col else log.rows)


_find_first_transactions = find_first_transactions


def calculate_alive_path(model: Any, transactions: Any, datetime_col: str, t: int, freq: str = "D") -> Any:
    """P(alive) of one customer at each age from 0 to `t` periods of `freq`, seen from that age: a Series by age.

    `transactions` has the customer's orders, in any order; the path goes on to the last of them if that is later.
    """
    pd = pandas()
    dates = moments(columns_of(transactions, [datetime_col])[datetime_col], None).dropna()
    if dates.empty:
        raise ValueError("there are no orders to follow: transactions is empty")
    unit = unit_of(freq)
    # pandas groups into bins of several units from the first one on.
    ages = (ordinals(dates, unit) - ordinal(dates.min(), unit)) // unit.size
    bought = np.zeros(max(int(t), int(ages.max())) + 1, bool)
    bought[ages] = True
    age = np.arange(len(bought))
    frequency = np.cumsum(bought) - 1
    recency = np.maximum.accumulate(np.where(bought, age, 0))
    path = model.conditional_probability_alive(frequency, recency, age)
    return pd.Series(np.asarray(path, dtype=float))


def expected_cumulative_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    datetime_format: str | None = None,
    freq: str = "D",
    freq_multiplier: int = 1,
    set_index_date: bool = False,
) -> Any:
    """Repeat purchases so far, as they were and as the model expects them of customers who had come by then.

    DataFrame with `actual` and `predicted`, a row for every `freq_multiplier` periods of `freq` out of the first `t` of the
    data; by number from 0, or by period with `set_index_date`. The model's unit of time is `freq_multiplier` periods.
    """
    pd = pandas()
    t, step = int(t), int(freq_multiplier)
    if t < step or step < 1:
        raise ValueError(f"t is {t}: it is a number of periods, at least one and at least freq_multiplier ({step})")
    dates = moments(columns_of(transactions, [datetime_col])[datetime_col], datetime_format)
    unit = unit_of(freq)
    start = ordinal(dates.min(), unit)
    # No later than the end that a window of t periods has.
    end = pd.Period(ordinal=start + t * unit.size, freq=unit.name)
    log = purchases(transactions, customer_id_col, datetime_col, None, datetime_format, end, freq)
    places = (log.periods - start) // unit.size
    came = np.bincount(places[log.first], minlength=t + 1)
    returned = np.bincount(places[~log.first], minlength=t + 1)
    expected = np.zeros(t + 1)
    expected[1:] = model.expected_number_of_purchases_up_to_time(np.arange(1.0, t + 1) / step)
    ends = np.arange(step, t + 1, step)
    # Those who came in period d have had i - d periods since.
    predicted = [float(came[:i] @ expected[i:0:-1]) for i in ends]
    actual = np.cumsum(returned)[ends - 1]
    index: Any = range(len(ends))
    if set_index_date:
        index = period_index(start + (ends - 1) * unit.size, unit.name)
    return pd.DataFrame({"actual": actual, "predicted": predicted}, index=index)


def customer_lifetime_value(
    transaction_prediction_model: Any,
    frequency: Any,
    recency: Any,
    T: Any,
    monetary_value: Any,
    time: int = 12,
    discount_rate: float = 0.01,
    freq: str = "D",
) -> Any:
    """Discounted value of purchases worth `monetary_value` each over the next `time` months: a Series `clv` by customer.

    `freq` is the unit of the model's times; a month has 30 days, 4.345 weeks. `discount_rate` is a month's, and a month's
    purchases are discounted as if made at its end.
    """
    pd = pandas()
    name = freq.upper()
    if name not in _UNITS_A_MONTH:
        raise ValueError(f"freq is {freq!r}: the unit of T is one of D, W, M and h")
    if not (np.isfinite(discount_rate) and discount_rate > -1):
        raise ValueError(f"discount_rate is {discount_rate}: it is a share a month, for instance 0.01")
    index = inputs.same_index(frequency, recency, T, monetary_value)
    spend = inputs.numbers(monetary_value, "monetary_value")
    before: Any = 0.0
    total: Any = np.zeros(np.shape(frequency))
    for month in range(1, int(np.floor(time)) + 1):
        until = np.asarray(transaction_prediction_model.predict(month * _UNITS_A_MONTH[name], frequency, recency, T), dtype=float)
        total = total + spend * (until - before) / (1.0 + discount_rate) ** month
        before = until
    return pd.Series(np.atleast_1d(total), index=index, name="clv")


_customer_lifetime_value = customer_lifetime_value


def _scale_time(age: Any) -> float:
    """What makes the largest age 1."""
    return 1.0 / float(np.max(age))


def _check_inputs(frequency: Any, recency: Any = None, T: Any = None, monetary_value: Any = None) -> None:
    """Raises ValueError for what no fitter takes."""
    x = inputs.vector(frequency, "frequency")
    t_x = None if recency is None else inputs.vector(recency, "recency")
    age = None if T is None else inputs.vector(T, "T")
    inputs.check_histories(x, t_x, age, fitting=True)
    if monetary_value is not None:
        inputs.check_spend(inputs.vector(monetary_value, "monetary_value"))
