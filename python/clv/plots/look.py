"""How the charts look: the report's colours, axes and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from .tables import Numbers

DASH = (0, (5, 3))
"""How the expected is dashed, for those who do not see the colours."""

NO_DATA = "clv-no-data"
"""Mark of the words in a chart without data."""

SIZE = (6.0, 4.0)
"""Of a figure, in inches."""

DOTS = (0, (2, 4))
"""How lines are dotted against which others are read."""


@dataclass(frozen=True)
class Palette:
    """Colours that those who see fewer of them tell apart, too."""

    surface: str
    ink: str
    muted: str
    rule: str
    grid: str
    categories: tuple[str, ...]
    shades: tuple[str, ...]

    @property
    def actual(self) -> str:
        """Of what came."""
        return self.categories[0]

    @property
    def expected(self) -> str:
        """Of what the model expects."""
        return self.categories[1]


LIGHT = Palette(
    surface="#ffffff",
    ink="#1b2430",
    muted="#566173",
    rule="#c3cad4",
    grid="#e6e9ee",
    categories=("#2f6690", "#e07a1f", "#1a9a82", "#b0528f", "#6b7280", "#b59a00"),
    shades=(
        *("#eaf1f8", "#d9e6f2", "#c6dbeb", "#a9c9e0", "#86b2d3"),
        *("#6299c3", "#437fb0", "#2b6599", "#1a4b7c", "#0d325b"),
    ),
)

DARK = Palette(
    surface="#1a2029",
    ink="#e8ecf1",
    muted="#a3adbb",
    rule="#465161",
    grid="#2a323e",
    categories=("#6fb1e0", "#f2a154", "#4cc9ae", "#de8fc2", "#a3adbb", "#e0ca4c"),
    shades=(
        *("#26313d", "#263a4d", "#27455e", "#27506f", "#2f6389"),
        *("#3d79a4", "#5592bd", "#77add2", "#a1c9e5", "#d3e8f6"),
    ),
)


def _require_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError as missing:
        raise ImportError("plots need Matplotlib: pip install 'clv[plots]'") from missing


def new_figure() -> tuple[Figure, Axes]:
    """A figure of the usual size that no window shows, and its axes."""
    _require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    return figure, figure.add_subplot()


def started(ax: Axes | None, title: str, x: str, y: str, grid: str = "y") -> tuple[Axes, Palette]:
    """Axes with title and labels, new ones unless given, and the palette for their background."""
    _require_matplotlib()
    from matplotlib import pyplot

    if ax is None:
        _, ax = pyplot.subplots(figsize=SIZE, layout="constrained")
    palette = _palette(ax)
    ax.set_title(title, loc="left", color=palette.ink, fontsize="large", fontweight="bold")
    ax.set_xlabel(x, color=palette.muted)
    ax.set_ylabel(y, color=palette.muted)
    ax.tick_params(colors=palette.muted, labelsize="small")
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(palette.rule)
    ax.set_axisbelow(True)
    ax.grid(False)
    if grid:
        ax.grid(True, axis="both" if grid == "both" else "y", color=palette.grid, linewidth=0.8)
    return ax, palette


def _palette(ax: Axes) -> Palette:
    from matplotlib.colors import to_rgba

    red, green, blue, opacity = to_rgba(ax.get_facecolor())
    bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return DARK if opacity > 0 and bright < 0.5 else LIGHT


def styled(style: dict[str, Any], kind: Literal["line", "bars", "points", "cells"], **ours: Any) -> dict[str, Any]:
    """Our properties of artists of this kind, unless the caller's style has others, by whatever alias."""
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.collections import PathCollection, PolyCollection
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    kinds: dict[str, Any] = {"line": Line2D, "bars": Rectangle, "points": PathCollection, "cells": PolyCollection}
    return {**normalize_kwargs(ours, kinds[kind]), **normalize_kwargs(style, kinds[kind])}


def legend_above(ax: Axes, palette: Palette) -> None:
    """Names of the series between title and chart, where they hide nothing."""
    named = sorted(zip(*ax.get_legend_handles_labels()), key=lambda pair: pair[1] != "actual")
    if not named:
        return
    ax.legend(
        *zip(*named),
        handlelength=2.6,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=len(named),
        borderaxespad=0.2,
        borderpad=0.2,
        columnspacing=1.4,
        frameon=False,
        fontsize="small",
        labelcolor=palette.muted,
    )
    ax.set_title(ax.get_title(loc="left"), loc="left", pad=24, color=palette.ink, fontsize="large", fontweight="bold")


def say_if_empty(ax: Axes, palette: Palette, rows: int) -> None:
    """Words in place of a chart without data."""
    if rows == 0:
        muted(ax, palette, 0.5, 0.5, "no data", ha="center", va="center", transform=ax.transAxes, gid=NO_DATA)


def is_empty(ax: Axes) -> bool:
    """Whether there was nothing to draw."""
    return any(text.get_gid() == NO_DATA for text in ax.texts)


def muted(ax: Axes, palette: Palette, x: Any, y: Any, text: str, **where: Any) -> Text:
    """Words that stand back."""
    return ax.text(x, y, text, color=palette.muted, fontsize="small", **where)


def labelled(ax: Axes, labels: list[str]) -> None:
    """Labels along the horizontal axis, at 0, 1, 2 and so on; slanted where they would touch."""
    ax.set_xticks(range(len(labels)), labels)
    if sum(len(label) + 1 for label in labels) > 64:
        ax.tick_params(axis="x", labelrotation=25)


def counts(axis: Any) -> None:
    """Whole numbers with commas along an axis."""
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    axis.set_major_locator(MaxNLocator(nbins="auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def quantities(axis: Any) -> None:
    """Numbers with commas along an axis."""
    axis.set_major_formatter(lambda x, _: short(x))


def shares(axis: Any, decimals: int | None = 0) -> None:
    """Per cents along an axis."""
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=decimals))


def short(number: float) -> str:
    """Six significant digits at most, without needless zeros and exponents."""
    rounded = float(f"{number:.6g}")
    return f"{rounded:,.10g}" if abs(rounded) >= 1e-4 else np.format_float_positional(rounded, trim="-")


def shade_places(number: int, of: int) -> list[int]:
    """So many of the shades, from the lightest to the strongest."""
    return [min((i * (of - 1) + (number - 1) // 2) // max(number - 1, 1), of - 1) for i in range(number)]


def stepped(palette: Palette, edges: Numbers) -> dict[str, Any]:
    """Colours of cells: a shade from each edge to the next, from the lightest to the strongest."""
    from matplotlib.colors import BoundaryNorm, ListedColormap

    number = len(edges) - 1
    places = shade_places(number, len(palette.shades))
    colours = ListedColormap([palette.shades[place] for place in places])
    return {"cmap": colours, "norm": BoundaryNorm(edges, number, clip=True)}


def cells(ax: Axes, corners: tuple[Numbers, Numbers, Numbers, Numbers], values: Numbers, **properties: Any) -> Any:
    """Coloured cells from `left` to `right` and from `bottom` to `top`."""
    from matplotlib.collections import PolyCollection

    left, right, bottom, top = corners
    x = np.stack([left, right, right, left], axis=1)
    y = np.stack([bottom, bottom, top, top], axis=1)
    drawn = PolyCollection(list(np.stack([x, y], axis=2)), array=np.ma.masked_invalid(values), **properties)
    ax.add_collection(drawn)
    if len(left):
        ax.set_xlim(float(left.min()), float(right.max()))
        ax.set_ylim(float(bottom.min()), float(top.max()))
    return drawn


def colour_bar(ax: Axes, palette: Palette, drawn: Any, title: str, **properties: Any) -> Any:
    """What the colours of cells mean, at the right."""
    bar = ax.figure.colorbar(drawn, ax=ax, spacing="uniform", fraction=0.05, pad=0.03, **properties)
    bar.outline.set_visible(False)
    bar.minorticks_off()
    bar.ax.tick_params(colors=palette.muted, labelsize="small", length=0)
    bar.set_label(title, color=palette.muted)
    return bar
