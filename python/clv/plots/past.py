"""So far: how value is spread over customers, and how cohorts fade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import look
from .tables import Numbers, Rows, Tables, columns, distinct, numbers, table, texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COHORTS = 36
"""Of many cohorts the latest are shown."""

AGES = 36
"""Periods of their age that are shown."""


def lorenz(tables: Tables, ax: Axes | None = None, **style: Any) -> Axes:
    """How much a few customers bring: Lorenz curves of the revenue so far and of what is expected.

    The further a curve hangs below the dotted line of equality, the more of the value comes from few customers.

    Parameters
    ----------
    tables
        Table `lorenz`: `share_of_customers`, `share_of_value`, and in a report `series`.
    ax
        Axes to draw on, new ones unless given.
    **style
        Properties of the curves.
    """
    _, data = table(tables, "lorenz")
    x, y = "share of customers, the least valuable first", "share of value"
    ax, palette = look.started(ax, "How much a few customers bring", x, y, grid="both")
    customers, value = numbers(data, "share_of_customers"), numbers(data, "share_of_value")
    names = texts(data, "series") if "series" in columns(data) else ["revenue so far"] * len(value)
    ax.plot([0, 1], [0, 1], color=palette.muted, linestyle=look.DOTS, linewidth=1.5)
    look.muted(
        ax, palette, 0.5, 0.52, "equality", ha="center", va="bottom", rotation=45, rotation_mode="anchor",
        transform_rotates_text=True,
    )  # fmt: skip
    dashes = ("-", look.DASH, "-.", ":")
    for name, colour, dash in zip(distinct(names), palette.categories, dashes):
        rows = np.array(names) == name
        line = look.styled(
            style,
            "line",
            color=colour,
            linestyle=dash,
            linewidth=2.0,
            label=name,
            marker="o" if rows.sum() == 1 else "",
        )
        ax.plot(customers[rows], value[rows], **line)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    look.shares(ax.xaxis)
    look.shares(ax.yaxis)
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(value))
    return ax


def cohort_retention(tables: Tables, ax: Axes | None = None, **style: Any) -> Axes:
    """The share of every cohort that purchases at each age.

    Each row is a cohort by its first purchase, without the period of it, in which everybody purchases. A row that fades
    faster than the one above is a cohort that stays less.

    Parameters
    ----------
    tables
        Table `cohort-retention`: `cohort`, `age`, `retention` (report), or `cohorts`: the same and `complete`
        (describe), of which periods that are not over are left out; of many cohorts, the latest.
    ax
        Axes to draw on, new ones unless given.
    **style
        Properties of the cells.
    """
    _, data = table(tables, "cohort-retention", "cohorts")
    rows = _later_ages(data)
    all_cohorts, ages = texts(data, "cohort"), numbers(data, "age")[rows]
    cohorts = [all_cohorts[row] for row in rows]
    names = distinct(cohorts)
    period = _period(names)
    title = f"Cohorts: who purchases in each {period}"
    ax, palette = look.started(ax, title, f"{period}s after the first purchase", "cohort: first purchase", grid="")
    retention = numbers(data, "retention")[rows]
    most, steps = _scale(retention)
    edges = np.linspace(0.0, most, steps + 1)
    place = np.array([names.index(cohort) for cohort in cohorts], dtype=float)
    properties = look.styled(
        style,
        "cells",
        **look.stepped(palette, edges),
        edgecolor=palette.surface,
        linewidth=1.0,
    )
    drawn = look.cells(ax, (ages - 0.5, ages + 0.5, place - 0.5, place + 0.5), retention, **properties)
    every = -(-len(names) // 18) if names else 1
    ax.set_yticks(range(0, len(names), every), names[::every])
    ax.set_ylim(max(len(names), 1) - 0.5, -0.5)
    look.counts(ax.xaxis)
    bar = look.colour_bar(ax, palette, drawn, "share that purchases", ticks=edges)
    look.shares(bar.ax.yaxis, None if most < 0.05 else 0)
    look.say_if_empty(ax, palette, len(rows))
    return ax


def _later_ages(data: Any) -> Rows:
    """Rows without the first period, without periods that are not over, and of many cohorts those of the latest."""
    ages, cohorts = numbers(data, "age"), texts(data, "cohort")
    over = numbers(data, "complete") == 1 if "complete" in columns(data) else np.ones(len(ages), dtype=bool)
    latest = set(distinct(cohorts)[-COHORTS:])
    shown = np.array([cohort in latest for cohort in cohorts], dtype=bool)
    return np.flatnonzero((ages >= 1) & (ages <= AGES) & over & shown)


def _period(cohorts: list[str]) -> str:
    """What cohorts of these names last: `2026`, `2026-Q1` or `2026-01`."""
    name = cohorts[0] if cohorts else "-"
    return "year" if "-" not in name else "quarter" if "Q" in name else "month"


def _scale(retention: Numbers) -> tuple[float, int]:
    """The highest share, in whole tenths, and the number of its shades: of five per cent, or of ten."""
    known = retention[np.isfinite(retention)]
    most = float(np.ceil(10.0 * known.max() - 1e-9) / 10.0) if len(known) and known.max() > 0 else 1.0
    return most, int(np.clip(round(most / (0.05 if most <= 0.5 else 0.1)), 1, 10))
