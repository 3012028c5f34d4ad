"""Covariates: how many times as often, as soon, as much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import look
from .tables import MissingTableError, Tables, numbers, table, texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = {
    "purchases": "purchases as often",
    "dropout": "leaves as soon",
    "both": "purchases as often, leaves as soon",
    "spend": "spends as much",
}
"""What a factor multiplies, by what the coefficient moves."""


def factors(tables: Tables | Any, ax: Axes | None = None, **style: Any) -> Axes:
    """What covariates do: the factor of each coefficient with its 95% interval, on a logarithmic scale.

    Right of 1 is more: purchases more often, leaves sooner, spends more. An interval that holds 1 leaves the direction open.

    Parameters
    ----------
    tables
        A fitted model with covariates, or a table `coefficients`, as `model.effects_` is one: `process`, `column`, `factor`,
        `factor_lo95`, `factor_hi95`.
    ax
        Axes to draw on, new ones unless given.
    **style
        Properties of the points.
    """
    rows = [row for data in _of_model(tables) for row in _rows(data)]
    ax, palette = look.started(ax, "What covariates do", "times, with 95% interval (logarithmic)", "", grid="")
    places = np.arange(len(rows))[::-1]
    processes = list(dict.fromkeys(process for process, *_ in rows))
    for process, colour in zip(processes, palette.categories):
        own = [(place, *row[2:]) for place, row in zip(places, rows) if row[0] == process]
        at, factor, low, high = (np.array(cells, dtype=float) for cells in zip(*own))
        ax.hlines(at, low, high, color=colour, linewidth=2.0)
        points = look.styled(style, "points", color=colour, s=36, zorder=3, label=NAMES.get(process, process))
        ax.scatter(factor, at, **points)
    ax.set_xscale("log")
    ax.axvline(1.0, color=palette.rule, linewidth=1.0, linestyle=look.DOTS, zorder=0)
    ax.set_yticks(places, [column for _, column, *_ in rows])
    look.quantities(ax.xaxis)
    ax.xaxis.set_minor_formatter(lambda x, _: look.short(x) if len(rows) and len(ax.get_xticks()) < 3 else "")
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(rows))
    return ax


def _of_model(tables: Any) -> list[Any]:
    """The coefficients of a model, those of its spend model after the others; or the table of that name."""
    if not hasattr(tables, "effects_"):
        return [table(tables, "coefficients")[1]]
    spend = getattr(tables, "spend_", None)
    effects = [tables.effects_] + ([] if spend is None else [spend.effects_])
    if not any(len(one) for one in effects):
        raise MissingTableError("the model has no covariates: fit it with covariates= or spend_covariates=")
    return effects


def _rows(data: Any) -> list[tuple[str, str, float, float, float]]:
    """Process, column, factor and interval of each coefficient that has one."""
    numbers_of = [numbers(data, name) for name in ("factor", "factor_lo95", "factor_hi95")]
    rows = zip(texts(data, "process"), texts(data, "column"), *(map(float, cells) for cells in numbers_of))
    return [row for row in rows if all(np.isfinite(number) and number > 0 for number in row[2:])]
