"""What users hand over, as arrays: checked once, here, before anything is computed from it."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# A larger count is a mistake, and tables by count would not fit into memory.
MOST_PURCHASES = 10_000_000

_DIFFERENT = (
    "the Series have different indexes, so their rows are not the same customers: take them from one DataFrame, or hand over arrays"
)


def is_series(values: Any) -> bool:
    """Whether this is a pandas Series; pandas is not imported to find out."""
    pd = sys.modules.get("pandas")
    return pd is not None and isinstance(values, pd.Series)


def numbers(values: Any, name: str) -> Floats:
    """Anything like an array of numbers, as floats. Raises ValueError for text, and for what is missing or infinite."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is not made of numbers, or some are missing: {error}") from None
    wrong = ~np.isfinite(array)
    if wrong.any():
        raise ValueError(f"{name} has {_how_many(wrong)} missing (NaN) or infinite")
    return array


def vector(values: Any, name: str) -> Floats:
    """One number a customer, in one dimension."""
    array = numbers(values, name)
    if array.ndim != 1:
        raise ValueError(f"{name} is to have one number a customer, not {array.ndim} dimensions")
    return np.ascontiguousarray(array)


def fitted_vectors(weights: Any, **columns: Any) -> tuple[Floats, ...]:
    """Columns of equal length, row by row whatever their indexes, the weights last: 1 each if there are none.

    Raises ValueError for Series that name the same customers in different orders.
    """
    series = [values for values in (*columns.values(), weights) if is_series(values)]
    for other in series[1:]:
        one, another = series[0].index, other.index
        if len(one) == len(another) and not one.equals(another) and one.isin(another).all():
            raise ValueError(_DIFFERENT)
    arrays = [vector(values, name) for name, values in columns.items()]
    length = len(arrays[0])
    arrays.append(np.ones(length) if weights is None else vector(weights, "weights"))
    if any(len(array) != length for array in arrays):
        lengths = ", ".join(f"{name} {len(a)}" for name, a in zip([*columns, "weights"], arrays))
        raise ValueError(f"the vectors have different lengths: {lengths}")
    if (arrays[-1] < 0).any() or (length and arrays[-1].sum() <= 0):
        raise ValueError("weights count customers: they cannot be negative, and some must be above zero")
    return tuple(arrays)


def check_histories(frequency: Floats, recency: Floats | None, T: Floats | None, *, fitting: bool) -> None:
    """Raises ValueError for histories that nobody can have; what is merely unheard of is asked for in tables, and passes."""
    if fitting and frequency.size == 0:
        raise ValueError("there are no customers: frequency has length zero")
    if recency is not None and T is not None:
        _refuse(recency > T, "recency is larger than T: the last purchase would come after the end of the observation")
    if fitting and recency is not None:
        silent = (frequency == 0) & (recency != 0)
        _refuse(silent, "recency is not zero although frequency is: without a repeat purchase there is no time of one")
    if recency is not None:
        _refuse(recency < 0, "recency is negative: the last purchase would come before the first")
    check_counts(frequency, "frequency")


def check_counts(counts: Floats, name: str) -> None:
    """Raises ValueError unless these are whole numbers from 0 on."""
    _refuse(counts != np.floor(counts), f"{name} is not a whole number: it counts repeat purchases")
    _refuse(counts < 0, f"{name} is negative: it counts repeat purchases")
    _refuse(counts > MOST_PURCHASES, f"{name} is above {MOST_PURCHASES:,}: is it another column?")


def check_spend(monetary_value: Floats) -> None:
    """Raises ValueError unless all are above zero, as Gamma-Gamma takes them."""
    _refuse(
        monetary_value <= 0,
        "monetary_value is zero or negative, which Gamma-Gamma cannot describe: fit it to customers with frequency > 0 "
        "and monetary_value > 0",
    )


def check_times(times: Floats, name: str) -> None:
    """Raises ValueError for times that lie back."""
    _refuse(times < 0, f"{name} is negative: predictions look ahead")


def same_index(*values: Any) -> Any:
    """The index that all Series among these have, None if there is no Series. Raises ValueError if they differ."""
    series = [value for value in values if is_series(value)]
    for other in series[1:]:
        if len(other) == len(series[0]) and not other.index.equals(series[0].index):
            raise ValueError(_DIFFERENT)
    return series[0].index if series else None


def together(**columns: Any) -> tuple[list[Floats], tuple[int, ...], Any]:
    """Scalars, arrays and Series stretched to one shape: the columns flat, that shape, and the index if there is one."""
    index = same_index(*columns.values())
    arrays = [numbers(values, name) for name, values in columns.items()]
    try:
        stretched = np.broadcast_arrays(*arrays)
    except ValueError:
        lengths = ", ".join(f"{name} {array.shape}" for name, array in zip(columns, arrays))
        raise ValueError(f"the vectors have different lengths: {lengths}") from None
    return [np.ascontiguousarray(array).ravel() for array in stretched], stretched[0].shape, index


def shaped(result: Floats, shape: tuple[int, ...], index: Any, *, series: bool = True) -> Any:
    """The result as a number, an array or, if a Series came in and one is to go out, a Series."""
    if index is not None and series and shape == (len(index),):
        pd = sys.modules["pandas"]
        return pd.Series(result, index=index)
    return result.reshape(shape)[()]


def _refuse(wrong: npt.NDArray[np.bool_], what: str) -> None:
    if wrong.any():
        raise ValueError(f"{what} ({_how_many(wrong)})")


def _how_many(wrong: npt.NDArray[np.bool_]) -> str:
    flat = wrong.ravel()
    return f"{int(flat.sum()):,} of {flat.size:,}, the first at position {int(flat.argmax())}"
