"""The model: how it fits, whom it takes to be alive, what it expects of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import look
from .tables import (
    MissingTableError,
    Numbers,
    Rows,
    Tables,
    actual_and_expected,
    chosen,
    distinct,
    horizon_rows,
    numbers,
    table,
    texts,
    unit_of,
    where,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def frequency_histogram(tables: Tables, ax: Axes | None = None, **style: Any) -> Axes:
    """Customers by repeat purchases, those there are and those the fitted model expects.

    Where the model fits, both bars are as high.

    Parameters
    ----------
    tables
        Table `frequency-histogram`: `purchases`, `series`, `customers`.
    ax
        Axes to draw on, new ones unless given.
    **style
        Properties of the bars.
    """
    _, data = table(tables, "frequency-histogram")
    ax, palette = look.started(ax, "How often customers came back", "repeat purchases", "customers")
    purchases = texts(data, "purchases")
    labels = distinct(purchases)
    places = np.array([labels.index(text) for text in purchases], dtype=float)
    actual, expected = actual_and_expected(data, "customers")
    for part, name, shift, colour in (
        (actual, "actual", -0.2, palette.actual),
        (expected, "expected", 0.2, palette.expected),
    ):
        bars = look.styled(style, "bars", width=0.4, color=colour, label=name)
        ax.bar(places[part.rows] + shift, part.values, **bars)
    look.labelled(ax, labels)
    look.counts(ax.yaxis)
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(labels))
    return ax


def spend_distribution(tables: Tables, ax: Axes | None = None, **style: Any) -> Axes:
    """Customers by what their repeat purchases were worth on average, and what the Gamma-Gamma model expects of them.

    Parameters
    ----------
    tables
        Table `spend-distribution`: `from`, `to`, `series`, `customers`.
    ax
        Axes to draw on, new ones unless given.
    **style
        Properties of bars and line.
    """
    _, data = table(tables, "spend-distribution")
    ax, palette = look.started(ax, "What customers spend on a purchase", "mean spend a purchase", "customers")
    start, end = numbers(data, "from"), numbers(data, "to")
    actual, expected = actual_and_expected(data, "customers")
    bars = look.styled(style, "bars", color=palette.actual, label="actual", edgecolor=palette.surface, linewidth=1.0)
    width = end[actual.rows] - start[actual.rows]
    ax.bar(start[actual.rows], actual.values, width=width, align="edge", **bars)
    middle = 0.5 * (start + end)[expected.rows]
    line = look.styled(style, "line", color=palette.expected, label="expected", marker="o", markersize=4, linewidth=2.0)
    ax.plot(middle, expected.values, **line)
    if len(start):
        ax.set_xlim(start.min(), end.max())
    look.quantities(ax.xaxis)
    look.counts(ax.yaxis)
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(start))
    return ax


def p_alive_map(tables: Tables, ax: Axes | None = None, *, unit: str | None = None, **style: Any) -> Axes:
    """P(alive) by recency and frequency, of customers as old as the oldest.

    To the right those whose last purchase is recent, to the top those who came back often. Who never came back is not
    on it.

    Parameters
    ----------
    tables
        Table `alive-map`: `frequency`, `recency_from`, `recency_to`, `p_alive`.
    ax
        Axes to draw on, new ones unless given.
    unit
        What recency is measured in, such as `week`; the tables do not say.
    **style
        Properties of the cells.
    """
    _, data = table(tables, "alive-map")
    rows = np.arange(len(numbers(data, "frequency")))
    edges = np.linspace(0.0, 1.0, 11)
    ax, palette, drawn = _map(tables, data, rows, "p_alive", "Who is still a customer", edges, ax, unit, style)
    bar = look.colour_bar(ax, palette, drawn, "probability of still being a customer", ticks=edges[::2])
    look.shares(bar.ax.yaxis)
    return ax


def purchases_map(
    tables: Tables,
    ax: Axes | None = None,
    *,
    horizon: str | None = None,
    unit: str | None = None,
    **style: Any,
) -> Axes:
    """Expected purchases by recency and frequency, of customers as old as the oldest.

    Parameters
    ----------
    tables
        Table `purchases-map`: `frequency`, `recency_from`, `recency_to`, `horizon`, `purchases`.
    ax
        Axes to draw on, new ones unless given.
    horizon
        Such as `12 months`; the last one unless told. The colours are the same for all.
    unit
        What recency is measured in, such as `week`; the tables do not say.
    **style
        Properties of the cells.
    """
    _, data = table(tables, "purchases-map")
    horizon, rows = horizon_rows(data, horizon)
    edges = _steps(numbers(data, "purchases"))
    title = "Who will purchase, and how often"
    ax, palette, drawn = _map(tables, data, rows, "purchases", title, edges, ax, unit, style)
    bar = look.colour_bar(ax, palette, drawn, f"expected purchases, {horizon}", ticks=edges[1:-1])
    look.quantities(bar.ax.yaxis)
    return ax


def _map(
    tables: Tables,
    data: Any,
    rows: Rows,
    number: str,
    title: str,
    edges: Numbers,
    ax: Axes | None,
    unit: str | None,
    style: dict[str, Any],
) -> tuple[Axes, look.Palette, Any]:
    x = f"last purchase: {unit_of(tables, unit)}s after the first"
    ax, palette = look.started(ax, title, x, "repeat purchases", grid="")

    frequency = numbers(data, "frequency")[rows]
    corners = (numbers(data, "recency_from")[rows], numbers(data, "recency_to")[rows], frequency - 0.5, frequency + 0.5)
    properties = look.styled(
        style,
        "cells",
        **look.stepped(palette, edges),
        edgecolor=palette.surface,
        linewidth=0.5,
    )
    drawn = look.cells(ax, corners, numbers(data, number)[rows], **properties)
    look.counts(ax.yaxis)
    look.quantities(ax.xaxis)
    look.say_if_empty(ax, palette, len(rows))
    return ax, palette, drawn


def _steps(purchases: Numbers) -> Numbers:
    """Where the colours change: 0, then 1, 2, 5, 10 and so on up to the most there is, eight at most, and the next."""
    series = [digit * 10.0**power for power in range(-12, 13) for digit in (1.0, 2.0, 5.0)]
    known = purchases[np.isfinite(purchases)]
    most = float(known.max()) if len(known) else 0.0
    below = [number for number in series if number < most][-8:] or [1.0]
    above = next((number for number in series if number >= max(most, 2 * below[-1])), 2 * below[-1])
    return np.array([0.0, *below, above])


def iso_value(
    tables: Tables,
    ax: Axes | None = None,
    *,
    horizon: str | None = None,
    unit: str | None = None,
    **style: Any,
) -> Axes:
    """Kinds of customers that are worth the same: as old as the oldest, who spend what the average one does.

    A line that bends back to the right says that of two customers with the same last purchase, the one who came more
    often may be worth less: more likely to have left. Fader, Hardie & Lee (2005), RFM and CLV.

    Parameters
    ----------
    tables
        Table `iso-value`: `horizon`, `level`, `frequency`, `recency`.
    ax
        Axes to draw on, new ones unless given.
    horizon
        Such as `12 months`; the last one unless told.
    unit
        What recency is measured in, such as `week`; the tables do not say.
    **style
        Properties of the lines.
    """
    _, data = table(tables, "iso-value")
    horizon, rows = horizon_rows(data, horizon)
    x = f"last purchase: {unit_of(tables, unit)}s after the first"
    ax, palette = look.started(ax, f"Customers worth the same: {horizon}", x, "repeat purchases", grid="both")
    level, frequency, recency = (numbers(data, name)[rows] for name in ("level", "frequency", "recency"))
    levels = np.unique(level)
    ends = []
    for one, colour in zip(levels, _strong(palette, len(levels))):
        on = np.flatnonzero(level == one)
        on = on[np.argsort(frequency[on])]
        name = look.short(float(one))
        line = look.styled(style, "line", color=colour, marker="o", markersize=3, linewidth=2.0, label=name)
        ax.plot(recency[on], frequency[on], **line)
        ends.append((float(recency[on[-1]]), float(frequency[on[-1]]), name))
    _names_at(ax, palette, ends)
    look.counts(ax.yaxis)
    look.quantities(ax.xaxis)
    look.say_if_empty(ax, palette, len(rows))
    return ax


def _names_at(ax: Axes, palette: look.Palette, ends: list[tuple[float, float, str]]) -> None:
    """The value at the upper end of each line, one above the other where they would touch."""
    left, right = ax.get_xlim()
    points = ax.get_window_extent().width * 72.0 / ax.figure.dpi / (right - left)
    free: list[float] = []
    for recency, frequency, name in sorted(ends):
        half = (2.8 * len(name) + 3.0) / points
        height = next((i for i, until in enumerate(free) if until < recency - half), len(free))
        free[height : height + 1] = [recency + half]
        ax.annotate(
            name,
            (recency, frequency),
            xytext=(0.0, 5.0 + 10.0 * height),
            textcoords="offset points",
            ha="center",
            color=palette.ink,
            fontsize="small",
        )
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + (high - low) * 0.05 * len(free))


def _strong(palette: look.Palette, number: int) -> list[str]:
    """The stronger half of the shades: a line in the others would not be seen."""
    half = palette.shades[len(palette.shades) // 2 :]
    return [half[i * (len(half) - 1) // (number - 1) if number > 1 else -1] for i in range(number)]


def heterogeneity(tables: Tables, ax: Axes | None = None, *, of: Literal["purchases", "dropout"] = "purchases", **style: Any) -> Axes:
    """How customers differ: the density of their purchase rates, or of their dropout.

    Where the area is high, many customers are there. A wide area says that customers differ much; one that leans to the
    left, that most have little of it.

    Parameters
    ----------
    tables
        Table `heterogeneity`: `parameter`, `at`, `density`.
    ax
        Axes to draw on, new ones unless given.
    of
        `purchases` or `dropout`, which the NBD does not know.
    **style
        Properties of the line.
    """
    chosen("of", of, "purchases", "dropout")
    _, data = table(tables, "heterogeneity")
    place = 0 if of == "purchases" else 1
    # The rows of purchases come first.
    parameters = distinct(texts(data, "parameter"))
    if parameters and place >= len(parameters):
        raise MissingTableError(f"the table heterogeneity has no {of}: the model knows none")
    parameter = parameters[place] if parameters else ""
    rows = where(data, "parameter", parameter)
    ax, palette = look.started(ax, f"How customers differ: {of}", parameter, "density")
    at, density = numbers(data, "at")[rows], numbers(data, "density")[rows]
    line = look.styled(style, "line", color=palette.expected, linewidth=2.0, marker="o" if len(rows) == 1 else "")
    ax.fill_between(at, density, color=line["color"], alpha=0.35, linewidth=0)
    ax.plot(at, density, **line)
    ax.set_ylim(bottom=0)
    if len(rows) > 1:
        ax.set_xlim(0, at.max())
    look.quantities(ax.xaxis)
    look.quantities(ax.yaxis)
    look.say_if_empty(ax, palette, len(rows))
    return ax
