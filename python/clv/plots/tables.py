"""Columns out of any kind of table, and tables out of whatever has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Days: TypeAlias = NDArray[np.datetime64]
Rows: TypeAlias = NDArray[np.intp]


class HasTables(Protocol):
    """What `clv.report`, `clv.evaluate` and `clv.describe` return."""

    @property
    def tables(self) -> Mapping[str, Any]:
        """Tables by name."""


Tables: TypeAlias = Mapping[str, Any] | HasTables
"""Tables by name, or an object with such `.tables`.

A table is a `clv.Table`, a frame of pandas, polars or pyarrow, or a dict of arrays.
"""

_REPORT, _EVALUATE, _DESCRIBE = "clv.report(orders)", "clv.evaluate(orders)", "clv.describe(orders)"

_SOURCES = {
    "alive-map": _REPORT,
    "by-frequency": _EVALUATE,
    "by-recency": _EVALUATE,
    "cohort-retention": _REPORT,
    "coefficients": "model.effects_ of a fit with covariates",
    "cohorts": _DESCRIBE,
    "conditional-frequency": _REPORT,
    "conditional-silence": _REPORT,
    "contender-errors": _REPORT,
    "coverage": f"{_REPORT} or {_EVALUATE}",
    "frequency-histogram": _REPORT,
    "heterogeneity": _REPORT,
    "iso-value": f"{_REPORT}, where the orders have amounts,",
    "lorenz": f"{_REPORT} or {_DESCRIBE}",
    "purchase-deciles": f"{_REPORT} or {_EVALUATE}",
    "purchases-map": _REPORT,
    "scores": _EVALUATE,
    "spend-distribution": f"{_REPORT}, where the orders have amounts,",
    "tracking": f"{_REPORT} or {_EVALUATE}",
    "tracking-cumulative": _REPORT,
    "value-deciles": f"{_REPORT} or {_EVALUATE}, where the orders have amounts,",
}


class MissingTableError(KeyError):
    """There is no such table, or it does not have what is to be drawn; says which call gives it."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Part:
    """The rows of a table that belong to a series, and its numbers in them."""

    rows: Rows
    values: Numbers


def mapping(tables: Tables) -> Mapping[str, Any]:
    """Tables by name."""
    found = tables if isinstance(tables, Mapping) else getattr(tables, "tables", None)
    if isinstance(found, Mapping):
        return found
    raise TypeError(
        f"{type(tables).__name__} has no tables: give what clv.report, clv.evaluate or clv.describe returns, or a dict of tables by name"
    )


def table(tables: Tables, *names: str, model: str | None = None) -> tuple[str, Any]:
    """The first of these tables that there is, and its name.

    Tables of a model other than the first one are called `<name>-<model>`.
    """
    found = mapping(tables)
    ending = "" if model is None or model == _first_model(found) else f"-{model}"
    for name in names:
        if f"{name}{ending}" in found:
            return name, found[f"{name}{ending}"]
    if ending:
        raise MissingTableError(f"there is no table {names[-1]}{ending}: clv.evaluate(orders, models=(..., {model!r})) gives it")
    given = " or ".join(f"{name} ({_SOURCES[name]} gives it)" for name in names)
    raise MissingTableError(f"there is no table {given}; there are: {', '.join(found) or 'none'}")


def _first_model(tables: Mapping[str, Any]) -> str | None:
    if "scores" not in tables:
        return None
    scores = tables["scores"]
    kinds, names = texts(scores, "kind"), texts(scores, "forecaster")
    return next((name for kind, name in zip(kinds, names) if kind == "model"), None)


def columns(table: Any) -> list[str]:
    """Names of the columns of any kind of table."""
    names = getattr(table, "column_names", None)
    if names is None:
        names = table.keys() if isinstance(table, Mapping) else table.columns
    return [str(name) for name in names]


def column(table: Any, name: str) -> NDArray[Any]:
    """A column of any kind of table, as an array."""
    if name not in columns(table):
        raise MissingTableError(f"the table has no column {name}; it has: {', '.join(columns(table)) or 'none'}")
    by_name = getattr(table, "column", None)
    return np.asarray(by_name(name) if callable(by_name) else table[name])


def numbers(table: Any, name: str) -> Numbers:
    """A column of numbers; what is unknown is NaN, which is not drawn."""
    return column(table, name).astype(np.float64)


def texts(table: Any, name: str) -> list[str]:
    """A column of texts."""
    return [str(text) for text in column(table, name).tolist()]


def days(table: Any, name: str) -> Days:
    """A column of days, be they dates or texts like `2026-01-31`."""
    found = column(table, name)
    if found.dtype.kind == "M":
        return found.astype("datetime64[D]")
    return np.array([str(day)[:10] for day in found.tolist()], dtype="datetime64[D]")


def where(table: Any, name: str, text: str) -> Rows:
    """Rows with this text."""
    return np.flatnonzero([found == text for found in texts(table, name)])


def distinct(texts: list[str]) -> list[str]:
    """Each once, as they come."""
    return list(dict.fromkeys(texts))


def actual_and_expected(table: Any, number: str, wide: tuple[str, str] = ("actual", "expected")) -> tuple[Part, Part]:
    """What came and what was expected: `number` by `series`, as in a report, or two columns, as in an evaluation."""
    if "series" in columns(table):
        values = numbers(table, number)
        actual, expected = where(table, "series", "actual"), where(table, "series", "expected")
        return Part(actual, values[actual]), Part(expected, values[expected])
    parts = [numbers(table, name) for name in wide]
    rows = np.arange(len(parts[0]))
    return Part(rows, parts[0]), Part(rows, parts[1])


def horizon_rows(table: Any, horizon: str | None) -> tuple[str, Rows]:
    """A horizon of a table, the last one unless told, and its rows."""
    known = distinct(texts(table, "horizon"))
    if horizon is None:
        horizon = known[-1] if known else ""
    elif horizon not in known:
        raise ValueError(f"there is no horizon {horizon!r}; there are: {', '.join(known) or 'none'}")
    return horizon, where(table, "horizon", horizon)


def split_of(tables: Tables) -> np.datetime64 | None:
    """The last day that the tested forecast knew, if the tables say."""
    found = mapping(tables)
    for name in ("scores", "scores-purchases"):
        if name in found:
            splits = days(found[name], "split")
            return splits.max() if len(splits) else None
    return None


def unit_of(tables: Tables, unit: str | None) -> str:
    """The unit of time as told, or as the object with the tables has it."""
    told = unit or getattr(tables, "unit", None)
    return told if isinstance(told, str) else "time unit"


def chosen(name: str, choice: str, *choices: str) -> None:
    """Checks that an argument is one of these."""
    if choice not in choices:
        raise ValueError(f"{name} is {' or '.join(repr(one) for one in choices)}, not {choice!r}")
