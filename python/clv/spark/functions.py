"""Functions of SQL that ask a model."""

import pickle
from collections.abc import Callable
from typing import Any

from .._clv import UsageError
from ..fitted import DAYS


def of_model(model: Any, unit: str, prefix: str) -> dict[str, Any]:
    """The functions by name, as Spark registers them."""
    pickled = pickle.dumps(model)
    days = DAYS[unit]

    def p_alive(frequency: Any, recency: Any, T: Any) -> Any:
        import pickle

        return pickle.loads(pickled).p_alive({"frequency": frequency, "recency": recency, "T": T})

    def purchases(frequency: Any, recency: Any, T: Any, ahead: Any) -> Any:
        import pickle

        import numpy as np

        known, answers = pickle.loads(pickled), np.empty(len(ahead))
        for horizon in np.unique(ahead):
            rows = ahead == horizon
            some = {"frequency": frequency[rows], "recency": recency[rows], "T": T[rows]}
            answers[rows] = known.expected_purchases(some, float(horizon) / days)
        return answers

    def spend(frequency: Any, monetary_value: Any) -> Any:
        import pickle

        # Times that somebody may have had, of which spend does not depend.
        times = {"recency": frequency, "T": frequency + 1.0}
        return pickle.loads(pickled).spend_.expected_spend({"frequency": frequency, **times, "monetary_value": monetary_value})

    made = {f"{prefix}p_alive": _function(p_alive, 3), f"{prefix}purchases": _function(purchases, 4)}
    return made | ({f"{prefix}spend": _function(spend, 2)} if model.spend_ is not None else {})


def _function(answer: Callable[..., Any], arity: int) -> Any:
    """A function of whole columns: of Arrow where Spark has such (4.1), else of pandas."""
    from pyspark.sql import functions as known_to_spark

    functions: Any = known_to_spark

    def of_arrays(*columns: Any) -> Any:
        import numpy as np

        known = np.ones(len(columns[0]), dtype=bool)
        for column in columns:
            known &= ~np.isnan(column)
        answers = np.full(len(known), np.nan)
        if known.any():
            answers[known] = answer(*[column[known] for column in columns])
        return answers, ~known

    make = getattr(functions, "arrow_udf", None)
    if make is not None:
        return make(_of_arrow(of_arrays, arity), "double")
    try:
        import pandas  # noqa: F401
    except ImportError:
        raise UsageError("functions of SQL take Spark 4.1 or newer, or pandas, here and on the executors") from None
    return functions.pandas_udf(_of_pandas(of_arrays, arity), "double")


def _of_arrow(answer: Callable[..., Any], arity: int) -> Callable[..., Any]:
    import pyarrow as pa

    def arrays(*columns: Any) -> Any:
        import pyarrow as pa

        def floats(column: Any) -> Any:
            return column.cast(pa.float64()).to_numpy(zero_copy_only=False)

        answers, missing = answer(*[floats(column) for column in columns])
        return pa.array(answers, mask=missing)

    # Spark counts the arguments, and reads what they are.
    if arity == 2:

        def two(a: pa.Array, b: pa.Array) -> pa.Array:
            return arrays(a, b)

        return two
    if arity == 3:

        def three(a: pa.Array, b: pa.Array, c: pa.Array) -> pa.Array:
            return arrays(a, b, c)

        return three

    def four(a: pa.Array, b: pa.Array, c: pa.Array, d: pa.Array) -> pa.Array:
        return arrays(a, b, c, d)

    return four


def _of_pandas(answer: Callable[..., Any], arity: int) -> Callable[..., Any]:
    import pandas as pd

    def series(*columns: Any) -> Any:
        import pandas as pd

        answers, missing = answer(*[column.to_numpy(dtype="float64", na_value=float("nan")) for column in columns])
        return pd.Series(answers).mask(missing)

    if arity == 2:

        def two(a: pd.Series, b: pd.Series) -> pd.Series:
            return series(a, b)

        return two
    if arity == 3:

        def three(a: pd.Series, b: pd.Series, c: pd.Series) -> pd.Series:
            return series(a, b, c)

        return three

    def four(a: pd.Series, b: pd.Series, c: pd.Series, d: pd.Series) -> pd.Series:
        return series(a, b, c, d)

    return four
