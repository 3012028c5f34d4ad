"""Orders put together by customer and period of the calendar."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clv.warned import DataWarning

from .inputs import Floats
from .pandas_import import pandas

Ints = npt.NDArray[np.int64]

# Names of units that pandas has changed, as periods are named in all of its versions.
_UNITS = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns", "A": "Y", "ME": "M", "QE": "Q", "YE": "Y"}


@dataclass(frozen=True)
class Unit:
    """A unit of time: `size` periods of pandas' unit `name`."""

    name: str
    size: int


@dataclass(frozen=True)
class PurchaseLog:
    """Purchases: periods in which customers had orders, by customer and period."""

    names: Any
    customers: Ints
    periods: Ints
    first: npt.NDArray[np.bool_]
    amounts: Floats | None
    rows: Ints
    end: int
    unit: int


def unit_of(freq: str) -> Unit:
    """The unit that pandas names so. Raises ValueError if it is none."""
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(-[A-Z]{3})?", str(freq))
    if match is None:
        raise ValueError(f"freq is {freq!r}: it is a unit of time of pandas, for instance D, W, M or h")
    number, name, anchor = match.groups()
    name = _UNITS.get(name, name) + (anchor or "")
    size = int(number or 1)
    if size < 1:
        raise ValueError(f"freq is {freq!r}: nothing is counted in units of no time")
    return Unit(name, size)


def columns_of(transactions: Any, names: list[str]) -> Any:
    """These columns of a DataFrame. Raises TypeError for anything else, KeyError for a column that is not there."""
    pd = pandas()
    if not isinstance(transactions, pd.DataFrame):
        raise TypeError(f"transactions is a {type(transactions).__name__}: it is a pandas DataFrame with an order a row")
    for name in names:
        if name not in transactions.columns:
            there = ", ".join(map(str, transactions.columns))
            raise KeyError(f"transactions has no column {name!r}: there are {there}")
    return transactions[names]


def moments(dates: Any, datetime_format: str | None) -> Any:
    """A Series of moments without a time zone: those on the clock of the place where they were written down."""
    pd = pandas()
    if isinstance(dates.dtype, pd.PeriodDtype):
        dates = dates.dt.to_timestamp()
    if datetime_format is not None and pd.api.types.is_integer_dtype(dates.dtype):
        # 19970101 is written down, and no time since 1970.
        dates = dates.astype(str)
    dates = pd.to_datetime(dates, format=datetime_format)
    return dates.dt.tz_localize(None) if getattr(dates.dt, "tz", None) is not None else dates


def moment(date: Any, datetime_format: str | None) -> Any:
    """One moment without a time zone. Raises ValueError if it is none."""
    pd = pandas()
    if isinstance(date, pd.Period):
        return date.to_timestamp()
    written = datetime_format is not None and isinstance(date, (str, int, np.integer))
    parsed = pd.to_datetime(str(date), format=datetime_format) if written else pd.to_datetime(date)
    if pd.isna(parsed):
        raise ValueError(f"{date!r} is no date")
    return parsed.tz_localize(None) if parsed.tzinfo is not None else parsed


def ordinals(dates: Any, unit: Unit) -> Ints:
    """Numbers of the periods in which moments lie; one more is one period later."""
    pd = pandas()
    return np.asarray(pd.DatetimeIndex(dates).to_period(unit.name).asi8)


def ordinal(date: Any, unit: Unit) -> int:
    """The number of one moment's period."""
    return int(date.to_period(unit.name).ordinal)


def period_index(numbers: Ints, unit: str) -> Any:
    """The PeriodIndex of periods with these numbers."""
    pd = pandas()
    return pd.PeriodIndex(pd.arrays.PeriodArray(numbers, dtype=pd.PeriodDtype(unit)))


def purchases(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None,
    datetime_format: str | None,
    observation_period_end: Any,
    freq: str,
) -> PurchaseLog:
    """Orders put together by customer and period, up to the period of the end."""
    pd = pandas()
    unit = unit_of(freq)
    wanted = [customer_id_col, datetime_col, *([monetary_value_col] if monetary_value_col else [])]
    orders = columns_of(transactions, wanted)
    dates = moments(orders[datetime_col], datetime_format)
    codes, names = pd.factorize(orders[customer_id_col], sort=True)
    known = (codes >= 0) & dates.notna().to_numpy()
    if not known.all():
        warnings.warn(
            f"{int((~known).sum()):,} of {len(known):,} orders have no customer or no date and are left out",
            DataWarning,
            stacklevel=3,
        )
    if not known.any():
        raise ValueError("there are no orders: transactions is empty, or has none with a customer and a date")
    end = dates.max() if observation_period_end is None else moment(observation_period_end, datetime_format)
    last = ordinal(end, unit)
    periods = np.full(len(known), np.iinfo(np.int64).max)
    periods[known] = ordinals(dates[known], unit)
    kept = np.flatnonzero(known & (periods <= last))
    if kept.size == 0:
        raise ValueError(f"there are no orders up to the end of the observation, {end}: the first is of {dates.min()}")
    kept = kept[np.lexsort((periods[kept], codes[kept]))]
    customers, when = codes[kept], periods[kept]
    new_customer = np.append(True, customers[1:] != customers[:-1])
    new = new_customer | np.append(True, when[1:] != when[:-1])
    starts = np.flatnonzero(new)
    amounts = None
    if monetary_value_col:
        amounts = np.add.reduceat(_amounts(orders[monetary_value_col])[kept], starts)
    return PurchaseLog(
        names=pd.Index(names),
        customers=customers[starts],
        periods=when[starts],
        first=new_customer[starts],
        amounts=amounts,
        rows=starts,
        end=last,
        unit=unit.size,
    )


def _amounts(amounts: Any) -> Floats:
    values = amounts.to_numpy(dtype=float, na_value=np.nan)
    missing = np.isnan(values)
    if missing.any():
        warnings.warn(f"{int(missing.sum()):,} of {len(values):,} amounts are missing and count as 0", DataWarning, stacklevel=4)
    if np.isinf(values).any():
        raise ValueError(f"{int(np.isinf(values).sum()):,} amounts are infinite")
    return np.where(missing, 0.0, values)
