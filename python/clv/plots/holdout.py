"""Was it right? Forecasts against what came."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import look
from .tables import (
    Days,
    MissingTableError,
    Part,
    Rows,
    Tables,
    actual_and_expected,
    chosen,
    days,
    distinct,
    numbers,
    split_of,
    table,
    texts,
    unit_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Day = str | datetime.date | np.datetime64


def tracking(tables: Tables, ax: Axes | None = None, *, model: str | None = None, split: Day | None = None, **style: Any) -> Axes:
    """Repeat purchases in each week, or other period: what came and what was expected.

    The dashed line should run through the middle of the solid one, even after the dotted line, where the model did not know them.

    Parameters
    ----------
    tables
        Table `tracking`: `end_day`, `series`, `purchases` (report) or `end_day`, `actual`, `expected` (evaluate).
    ax
        Axes to draw on, new ones unless given.
    model
        One of several evaluated models, such as `pareto-nbd`; by default the first.
    split
        Last day that the model knew; that of table `scores` or `scores-purchases` unless told.
    **style
        Properties of the lines.
    """
    _, data = table(tables, "tracking", model=model)
    return _tracked(tables, data, actual_and_expected(data, "purchases"), ax, False, split, model, style)


def tracking_cumulative(
    tables: Tables, ax: Axes | None = None, *, model: str | None = None, split: Day | None = None, **style: Any
) -> Axes:
    """All repeat purchases up to the end of each week, or other period.

    The distance between the lines shows how far off the model is by then.

    Parameters
    ----------
    tables
        Table `tracking-cumulative`: `end_day`, `series`, `purchases` (report), or table `tracking`: `end_day`,
        `cumulative_actual`, `cumulative_expected` (evaluate).
    ax, model, split, **style
        As in `tracking`.
    """
    _, data = table(tables, "tracking-cumulative", "tracking", model=model)
    parts = actual_and_expected(data, "purchases", ("cumulative_actual", "cumulative_expected"))
    return _tracked(tables, data, parts, ax, True, split, model, style)


def _of(title: str, model: str | None) -> str:
    return title if model is None else f"{title}: {model}"


def _tracked(
    tables: Tables,
    data: Any,
    parts: tuple[Part, Part],
    ax: Axes | None,
    cumulative: bool,
    split: Day | None,
    model: str | None,
    style: dict[str, Any],
) -> Axes:
    ends = days(data, "end_day")
    period = _period(ends)
    if cumulative:
        title, y = "Repeat purchases so far", f"purchases up to the {period}"
    else:
        title, y = f"Repeat purchases by {period}", f"purchases a {period}"
    ax, palette = look.started(ax, _of(title, model), f"{period} ending", y)
    _two_lines(ax, palette, ends, parts, style)
    _dates(ax)
    look.counts(ax.yaxis)
    ax.set_ylim(bottom=0)
    known_until = split_of(tables) if split is None else np.datetime64(str(split)[:10], "D")
    if known_until is not None and len(ends):
        _start_of_forecast(ax, palette, ends, known_until)
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(ends))
    return ax


def _two_lines(ax: Axes, palette: look.Palette, x: Any, parts: tuple[Part, Part], style: dict[str, Any]) -> None:
    actual, expected = parts
    ours = {"linewidth": 2.0}
    ax.plot(
        x[actual.rows],
        actual.values,
        **look.styled(style, "line", color=palette.actual, label="actual", **_dotted(actual), **ours),
    )
    ax.plot(
        x[expected.rows],
        expected.values,
        **look.styled(style, "line", color=palette.expected, label="expected", linestyle=look.DASH, **_dotted(expected), **ours),
    )


def _dotted(part: Part) -> dict[str, Any]:
    """A line of one point is not seen."""
    return {"marker": "o"} if len(part.rows) == 1 else {}


def _period(ends: Days) -> str:
    """What lies between these days."""
    if len(np.unique(ends)) < 2:
        return "period"
    between = float(np.median(np.diff(np.unique(ends)).astype(float)))
    named = {"day": 1.0, "week": 7.0, "month": 30.4, "quarter": 91.3, "year": 365.25}
    return next((name for name, length in named.items() if abs(between / length - 1) < 0.05), "period")


def _dates(ax: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    formatter = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    # Months with their year, so that the first one has it, too.
    formatter.formats[1] = formatter.zero_formats[1] = "%b %Y"
    formatter.zero_formats[2] = "%d %b"
    formatter.offset_formats[1] = ""
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(formatter)


def _start_of_forecast(ax: Axes, palette: look.Palette, ends: Days, split: np.datetime64) -> None:
    """The label stands where there is more room."""
    from matplotlib.dates import date2num

    place = float(date2num(split))  # type: ignore[no-untyped-call]
    ax.axvline(place, color=palette.muted, linestyle=(0, (2, 3)), linewidth=1.5)
    right = float(np.mean(ends <= split)) < 0.6
    ax.annotate(
        "forecast starts",
        (place, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(6 if right else -6, -2),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        color=palette.muted,
        fontsize="small",
    )


def conditional_by_frequency(tables: Tables, ax: Axes | None = None, *, model: str | None = None, **style: Any) -> Axes:
    """Conditional expectations: purchases per customer in the holdout by repeat purchases before it, and what came.

    Parameters
    ----------
    tables
        Table `conditional-frequency`: `frequency`, `series`, `purchases` (report), or `by-frequency`: `frequency`,
        `actual`, `expected` (evaluate).
    ax, model
        As in `tracking`.
    **style
        Properties of the lines.
    """
    _, data = table(tables, "conditional-frequency", "by-frequency", model=model)
    return _conditional(data, "frequency", _of("Later purchases by frequency", model), "repeat purchases before", ax, style)


def conditional_by_silence(
    tables: Tables, ax: Axes | None = None, *, model: str | None = None, unit: str | None = None, **style: Any
) -> Axes:
    """Conditional expectations: purchases per customer in the holdout by the time since the last one before it.

    Parameters
    ----------
    tables
        Table `conditional-silence`: `silence`, `series`, `purchases` (report), or `by-recency`: `silence`, `actual`,
        `expected` (evaluate).
    ax, model
        As in `tracking`.
    unit
        What recency is measured in, such as `week`; the tables do not say.
    **style
        Properties of the lines.
    """
    _, data = table(tables, "conditional-silence", "by-recency", model=model)
    x = f"{unit_of(tables, unit)}s since the last purchase"
    return _conditional(data, "silence", _of("Later purchases by time since the last one", model), x, ax, style)


def _conditional(data: Any, by: str, title: str, x: str, ax: Axes | None, style: dict[str, Any]) -> Axes:
    ax, palette = look.started(ax, title, x, "purchases per customer")
    labels, places = _places(texts(data, by))
    _two_lines(ax, palette, places, actual_and_expected(data, "purchases"), {"marker": "o", **style})
    look.labelled(ax, [label.replace(" to ", "–") for label in labels])
    look.quantities(ax.yaxis)
    ax.set_ylim(bottom=0)
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(places))
    return ax


def _places(texts: list[str]) -> tuple[list[str], Rows]:
    """The labels as they come, and the place of each text among them."""
    labels = distinct(texts)
    return labels, np.array([labels.index(text) for text in texts], dtype=np.intp)


def decile_calibration(
    tables: Tables,
    ax: Axes | None = None,
    *,
    what: Literal["purchases", "value"] = "purchases",
    model: str | None = None,
    **style: Any,
) -> Axes:
    """Purchases or value per customer by tenths of the customers, the highest forecast first.

    The points should sit on the tops of the bars.

    Parameters
    ----------
    tables
        Table `purchase-deciles` or `value-deciles`: `decile`, `series`, `mean` (report) or `decile`, `expected`,
        `actual` (evaluate).
    ax, model
        As in `tracking`.
    what
        `purchases` or `value`.
    **style
        Properties of bars and line.
    """
    chosen("what", what, "purchases", "value")
    name = {"purchases": "purchase-deciles", "value": "value-deciles"}[what]
    _, data = table(tables, name, model=model)
    title = _of(f"{what.capitalize()} by tenths of the customers", model)
    ax, palette = look.started(ax, title, "tenth of the customers, by prediction", f"{what} per customer")
    deciles = numbers(data, "decile")
    actual, expected = actual_and_expected(data, "mean")
    _bars_and_points(ax, palette, (deciles[actual.rows], actual), (deciles[expected.rows], expected), style)
    ax.set_xticks(np.unique(deciles), [f"{decile:.0f}" for decile in np.unique(deciles)])
    look.quantities(ax.yaxis)
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(deciles))
    return ax


def _bars_and_points(ax: Axes, palette: look.Palette, actual: Any, expected: Any, style: dict[str, Any]) -> None:
    ax.bar(
        actual[0],
        actual[1].values,
        **look.styled(style, "bars", width=0.85, color=palette.actual, label="actual"),
    )
    line = look.styled(style, "line", color=palette.expected, label="expected", marker="o", linestyle=look.DASH, linewidth=2.0)
    ax.plot(expected[0], expected[1].values, **line)


def interval_coverage(tables: Tables, ax: Axes | None = None, *, model: str | None = None, **style: Any) -> Axes:
    """How many customers are within the intervals that were given for them.

    On the dotted line an interval holds as many customers as it says; below it, fewer: the model is too sure.

    Parameters
    ----------
    tables
        Table `coverage`: `what`, `interval`, `expected`, `covered`.
    ax, model
        As in `tracking`.
    **style
        Properties of the points.
    """
    _, data = table(tables, "coverage", model=model)
    ax, palette = look.started(
        ax, _of("How often intervals held", model), "share that should be inside", "share that is inside", grid="both"
    )
    ax.plot([0, 1], [0, 1], color=palette.muted, linestyle=look.DOTS, linewidth=1.5)
    expected, covered, what = numbers(data, "expected"), numbers(data, "covered"), np.array(texts(data, "what"))
    shapes = zip("os^D", palette.categories)
    for name, (marker, colour) in zip(distinct(what.tolist()), shapes):
        rows = what == name
        ours = {"marker": marker, "facecolors": "none", "edgecolors": colour, "linewidths": 1.8, "s": 60}
        ax.scatter(expected[rows], covered[rows], **look.styled(style, "points", label=name, zorder=3, clip_on=False, **ours))
    _intervals_named(ax, palette, data)
    least = min(0.9, np.nanmin([*expected, *covered, 0.9]))
    ax.set(xlim=(max(np.floor(10 * least - 0.5) / 10, 0), 1), ylim=(max(np.floor(10 * least - 0.5) / 10, 0), 1))
    look.shares(ax.xaxis)
    look.shares(ax.yaxis)
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(what))
    return ax


def _intervals_named(ax: Axes, palette: look.Palette, data: Any) -> None:
    """`80%` beside each point: of the first quantity at the left, of others at the right."""
    what = texts(data, "what")
    places = zip(what, numbers(data, "interval"), numbers(data, "expected"), numbers(data, "covered"))
    for name, interval, expected, covered in places:
        first = name == what[0]
        ax.annotate(
            f"{interval:.0%}",
            (float(expected), float(covered)),
            xytext=(-6.0, 5.0) if first else (7.0, -1.0),
            textcoords="offset points",
            ha="right" if first else "left",
            va="bottom" if first else "top",
            color=palette.muted,
            fontsize="small",
            bbox={"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 0.6},
        )


def contender_errors(
    tables: Tables,
    ax: Axes | None = None,
    *,
    what: Literal["purchases", "value"] = "purchases",
    measure: Literal["root mean square error", "mean absolute error"] = "root mean square error",
    **style: Any,
) -> Axes:
    """Errors of models and rules of thumb in the test, the best at the top.

    Parameters
    ----------
    tables
        Table `contender-errors`: `name`, `kind`, `measure`, `error` (report), or `scores`: `split`, `forecaster`,
        `kind`, `what`, `root_mean_square_error`, `mean_absolute_error` (evaluate), of which the latest split is shown
        and nothing that knew the future.
    ax
        Axes to draw on, new ones unless given.
    what
        `purchases` or `value`.
    measure
        `root mean square error` or `mean absolute error`.
    **style
        Properties of the points.
    """
    chosen("what", what, "purchases", "value")
    chosen("measure", measure, "root mean square error", "mean absolute error")
    found, data = table(tables, "contender-errors", "scores")
    all_errors = _errors_of_report(data) if found == "contender-errors" else _errors_of_scores(data)
    rows = sorted(all_errors.get((what, measure), []), key=lambda row: row[2])
    if all_errors and not rows:
        raise MissingTableError(f"the table {found} has no {measure} of {what}")
    ax, palette = look.started(ax, "Errors of models and simple rules", f"{measure}, {what}", "", grid="both")
    for kind, marker, colour in zip(("model", "rule of thumb"), "oD", palette.categories):
        places = [place for place, row in enumerate(rows) if row[1] == kind]
        errors = [rows[place][2] for place in places]
        ours = {"color": colour, "marker": marker, "linestyle": "none", "markersize": 7, "label": kind}
        if places:
            ax.plot(errors, places, **look.styled(style, "line", clip_on=False, zorder=3, **ours))
    ax.set_yticks(range(len(rows)), [row[0] for row in rows])
    ax.set_ylim(len(rows) - 0.5 if rows else 1, -0.5)
    ax.set_xlim(0, 1.06 * max((row[2] for row in rows), default=1.0) or 1.0)
    look.quantities(ax.xaxis)
    look.legend_above(ax, palette)
    look.say_if_empty(ax, palette, len(rows))
    return ax


Errors = dict[tuple[str, str], list[tuple[str, str, float]]]
"""Name, kind and error of everybody, by quantity and measure."""


def _errors_of_report(data: Any) -> Errors:
    errors: Errors = {}
    cells = zip(texts(data, "name"), texts(data, "kind"), texts(data, "measure"), numbers(data, "error").tolist())
    for name, kind, told, error in cells:
        what, _, measure = told.partition(": ")
        errors.setdefault((what, measure), []).append((name, kind, error))
    return errors


def _errors_of_scores(data: Any) -> Errors:
    errors: Errors = {}
    splits = days(data, "split")
    names, kinds, of = texts(data, "forecaster"), texts(data, "kind"), texts(data, "what")
    said = {"model": "model", "calibrated model": "model", "baseline": "rule of thumb"}
    for measure in ("root mean square error", "mean absolute error"):
        cells = zip(names, kinds, of, numbers(data, measure.replace(" ", "_")).tolist(), splits)
        for name, kind, what, error, split in cells:
            if kind in said and split == splits.max():
                errors.setdefault((what, measure), []).append((name, said[kind], error))
    return errors
