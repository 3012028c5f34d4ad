"""The charts of the report, drawn by Matplotlib (`pip install 'clv[plots]'`).

Every function takes what `clv.report`, `clv.evaluate` or `clv.describe` returns, or a dict of such tables by name (a
`clv.Table`, a frame of pandas, polars or pyarrow, a dict of arrays), and returns the axes it has drawn on::

    report = clv.report("orders.csv")
    clv.plots.tracking(report)
    clv.plots.p_alive_map(report, ax=ax, unit="week")

Nothing is estimated here: everything drawn is in the tables. `style` goes to the artists that draw the data, for
instance `linewidth=1` or `alpha=0.8`. On a dark background, the colours are those of the dark report.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .covariates import factors
from .holdout import (
    conditional_by_frequency,
    conditional_by_silence,
    contender_errors,
    decile_calibration,
    interval_coverage,
    tracking,
    tracking_cumulative,
)
from .model import (
    frequency_histogram,
    heterogeneity,
    iso_value,
    p_alive_map,
    purchases_map,
    spend_distribution,
)
from .past import cohort_retention, lorenz
from .tables import MissingTableError, Tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "MissingTableError",
    "cohort_retention",
    "conditional_by_frequency",
    "conditional_by_silence",
    "contender_errors",
    "decile_calibration",
    "factors",
    "figures",
    "frequency_histogram",
    "heterogeneity",
    "interval_coverage",
    "iso_value",
    "lorenz",
    "p_alive_map",
    "purchases_map",
    "spend_distribution",
    "tracking",
    "tracking_cumulative",
]

_CHARTS: dict[str, Any] = {
    "purchases_map": purchases_map,
    "iso_value": iso_value,
    "tracking_cumulative": tracking_cumulative,
    "tracking": tracking,
    "contender_errors_purchases": contender_errors,
    "contender_errors_value": partial(contender_errors, what="value"),
    "decile_calibration_value": partial(decile_calibration, what="value"),
    "decile_calibration_purchases": decile_calibration,
    "conditional_by_frequency": conditional_by_frequency,
    "conditional_by_silence": conditional_by_silence,
    "interval_coverage": interval_coverage,
    "frequency_histogram": frequency_histogram,
    "spend_distribution": spend_distribution,
    "p_alive_map": p_alive_map,
    "heterogeneity_purchases": heterogeneity,
    "heterogeneity_dropout": partial(heterogeneity, of="dropout"),
    "factors": factors,
    "lorenz": lorenz,
    "cohort_retention": cohort_retention,
}


def figures(tables: Tables) -> dict[str, Figure]:
    """Every chart for which there are data, by name, in the order of the report.

    The figures belong to no window and are not shown by themselves: `figure.savefig(path)`, or the last line of a cell.

    Parameters
    ----------
    tables
        What `clv.report`, `clv.evaluate` or `clv.describe` returns, or tables by name.
    """
    from .look import is_empty, new_figure

    drawn = {}
    for name, chart in _CHARTS.items():
        figure, ax = new_figure()
        try:
            chart(tables, ax=ax)
        except MissingTableError:
            continue
        if not is_empty(ax):
            drawn[name] = figure
    return drawn
