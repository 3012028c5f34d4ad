"""Arguments of Python's own, of which the engine knows nothing, as it takes them; or an error that names the argument."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np

from ._clv import UsageError

T = TypeVar("T")

LARGEST_COUNT = 2**32 - 1


def _wrong(name: str, value: Any, possible: str) -> UsageError:
    shown = repr(value)
    return UsageError(f"{name} is {shown if len(shown) < 80 else shown[:80] + '…'}; give {possible}")


def number(name: str, value: Any) -> float:
    """One number."""
    if not isinstance(value, (bool, str, bytes)):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise _wrong(name, value, "a number")


SHARE = re.compile(r"\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*%\s*")


def share(value: Any) -> Any:
    """`"30%"` as the number that it is; anything else as it is."""
    written = SHARE.fullmatch(value) if isinstance(value, str) else None
    return value if written is None else float(written[1]) / 100.0


def count(name: str, value: Any, largest: int = LARGEST_COUNT) -> int:
    """A whole number from 0 on."""
    try:
        whole = operator.index(value) if not isinstance(value, bool) else -1
    except TypeError:
        whole = -1
    if 0 <= whole <= largest:
        return whole
    raise _wrong(name, value, f"a whole number from 0 to {largest}")


def optional_count(name: str, value: Any) -> int | None:
    """A whole number from 0 on, or none."""
    return None if value is None else count(name, value)


def truth(name: str, value: Any) -> bool:
    """True or False."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise _wrong(name, value, "True or False")


def text(name: str, value: Any) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    raise _wrong(name, value, "a text")


def optional_text(name: str, value: Any) -> str | None:
    """A text, or none."""
    return None if value is None else text(name, value)


def _each(name: str, values: Any, convert: Callable[[str, Any], T], single: tuple[type, ...]) -> list[T]:
    if isinstance(values, single):
        return [convert(name, values)]
    if not isinstance(values, Iterable):
        raise _wrong(name, values, "one, or a list of them")
    return [convert(name, value) for value in values]


def numbers(name: str, values: Any) -> list[float]:
    """Several numbers, or one."""
    return _each(name, values, number, (str, bytes, bool, int, float, np.number))


def percents(name: str, values: Any) -> list[float]:
    """Several shares in per cent, or one."""
    given = numbers(name, values)
    if any(0 < value <= 1 for value in given):
        raise _wrong(name, values, "per cents: 80 for 80%")
    return given


def aligned(name: str, value: Any, index: Any) -> Any:
    """A pandas Series in the order of the customers' index; anything else as it is."""
    if index is None or not hasattr(value, "reindex") or value.index.equals(index):
        return value
    if value.index.has_duplicates or index.has_duplicates or not index.isin(value.index).all():
        raise UsageError(f"{name} has another index than the customers; give a Series with theirs, or an array in their order")
    return value.reindex(index)


def weights(name: str, values: Any, index: Any) -> np.ndarray[Any, Any]:
    """One number a row; a Series by the customers' index. What is missing is not a number, and refused with its row."""
    values = aligned(name, values, index)
    try:
        array = np.asarray(values, dtype="float64")
    except (TypeError, ValueError):
        raise _wrong(name, values, "the name of a column, or a number for each row") from None
    if array.ndim != 1:
        raise _wrong(name, values, "the name of a column, or a number for each row")
    return np.ascontiguousarray(array)


def models(name: str, values: Any) -> list[str]:
    """Models by name, by class, or by example."""
    single = [values] if isinstance(values, str) or hasattr(values, "_kind") else values
    if not isinstance(single, Iterable):
        raise _wrong(name, values, "names of models like 'bg-nbd'")

    def kind(value: Any) -> str:
        if hasattr(value, "_kind") and not isinstance(value, type) and value.get_params(deep=False) != type(value)().get_params(deep=False):
            raise _wrong(
                name, value, f"the name '{value._kind}', since its settings are not used here; prior_sd= and robust= are arguments"
            )
        return text(name, getattr(value, "_kind", value))

    return [kind(value) for value in single]


def texts(name: str, values: Any) -> list[str]:
    """Several texts, or one."""
    return _each(name, values, text, (str, bytes))


def described(name: str, value: Any) -> list[tuple[str, str]]:
    """What a customer is like, column by column, as texts; an empty one where nothing is said."""
    if value is None:
        return []
    if not isinstance(value, Mapping):
        raise _wrong(name, value, "a dict of columns like {'channel': 'online'}")

    def said(cell: Any) -> str:
        return "" if str(cell) in ("None", "nan", "NaN", "NaT", "<NA>") else str(cell)

    return [(text(name, column), said(cell)) for column, cell in value.items()]


def horizon(name: str, value: Any) -> str | float:
    """A calendar horizon as text, a date as the day it is, or a number of time units."""
    if isinstance(value, str):
        return value
    if isinstance(value, (np.timedelta64, timedelta)):
        days = value / (np.timedelta64(1, "D") if isinstance(value, np.timedelta64) else timedelta(days=1))
        if days >= 0:
            return f"{np.format_float_positional(days, trim='-')}d"
        raise _wrong(name, value, "days from 0 on")
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[D]"))
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and value >= 0:
        return number(name, value)
    raise _wrong(name, value, "a horizon like '3m', '39w', '1999-01-01' or 'forever', a date, or a number of time units")


def horizons(name: str, values: Any) -> list[str | float]:
    """Several horizons, or one."""
    if isinstance(values, (str, int, float, np.number, np.datetime64, timedelta)) or hasattr(values, "isoformat"):
        return [horizon(name, values)]
    if not isinstance(values, Iterable):
        raise _wrong(name, values, "a horizon like '3m', or a list of them")
    several = [horizon(name, value) for value in values]
    if not several:
        raise _wrong(name, values, "a horizon like '3m', or a list of them")
    return several


def cuts(name: str, value: Any) -> str:
    """Tiers by name, or the amounts at which they are cut."""
    return value if isinstance(value, str) else ",".join(f"{cut}" for cut in numbers(name, value))
