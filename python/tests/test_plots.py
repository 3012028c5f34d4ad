"""What is drawn is what the tables say."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402
from matplotlib.colors import to_hex  # noqa: E402

import clv  # noqa: E402
import clv.plots  # noqa: E402

ORDERS = Path(__file__).parents[2] / "data" / "cdnow" / "orders-sample.csv"

# Matplotlib types its artists too widely for numbers to be read off them.
plots: Any = clv.plots
Chart = Callable[..., Any]

OF_REPORT: dict[str, Chart] = {
    "cohort_retention": plots.cohort_retention,
    "conditional_by_frequency": plots.conditional_by_frequency,
    "conditional_by_silence": plots.conditional_by_silence,
    "contender_errors": plots.contender_errors,
    "contender_errors_value": partial(plots.contender_errors, what="value", measure="mean absolute error"),
    "decile_calibration": plots.decile_calibration,
    "decile_calibration_value": partial(plots.decile_calibration, what="value"),
    "frequency_histogram": plots.frequency_histogram,
    "heterogeneity": plots.heterogeneity,
    "heterogeneity_dropout": partial(plots.heterogeneity, of="dropout"),
    "interval_coverage": plots.interval_coverage,
    "iso_value": plots.iso_value,
    "lorenz": plots.lorenz,
    "p_alive_map": plots.p_alive_map,
    "purchases_map": plots.purchases_map,
    "spend_distribution": plots.spend_distribution,
    "tracking": plots.tracking,
    "tracking_cumulative": plots.tracking_cumulative,
}

OF_EVALUATION = {
    name: OF_REPORT[name]
    for name in (
        "conditional_by_frequency",
        "conditional_by_silence",
        "contender_errors",
        "contender_errors_value",
        "decile_calibration",
        "decile_calibration_value",
        "interval_coverage",
        "tracking",
        "tracking_cumulative",
    )
}

OF_DESCRIPTION = {name: OF_REPORT[name] for name in ("cohort_retention", "lorenz")}

EVERY = [
    *(pytest.param("report", chart, id=f"report-{name}") for name, chart in OF_REPORT.items()),
    *(pytest.param("evaluation", chart, id=f"evaluation-{name}") for name, chart in OF_EVALUATION.items()),
    *(pytest.param("description", chart, id=f"description-{name}") for name, chart in OF_DESCRIPTION.items()),
]


@pytest.fixture(scope="session")
def report() -> Any:
    return clv.report(ORDERS)


@pytest.fixture(scope="session")
def evaluation() -> Any:
    return clv.evaluate(ORDERS, models=("bg-nbd", "pareto-nbd"))


@pytest.fixture(scope="session")
def description() -> Any:
    return clv.describe(ORDERS)


@pytest.fixture(autouse=True)
def closed() -> Any:
    yield
    pyplot.close("all")


def column(has_tables: Any, table: str, name: str) -> Any:
    return np.asarray(has_tables.tables[table].column(name))


def texts(has_tables: Any, table: str, name: str) -> Any:
    return np.array([str(text) for text in column(has_tables, table, name)])


def as_dicts(has_tables: Any, rows: int | None = None) -> dict[str, dict[str, Any]]:
    return {name: {one: np.asarray(table.column(one))[:rows] for one in table.columns} for name, table in has_tables.tables.items()}


def line(ax: Any, label: str) -> Any:
    return next(one for one in ax.lines if one.get_label() == label)


def heights(ax: Any, label: str) -> Any:
    bars = next(one for one in ax.containers if one.get_label() == label)
    return np.array([bar.get_height() for bar in bars])


def series(has_tables: Any, table: str, number: str, name: str) -> Any:
    return column(has_tables, table, number)[texts(has_tables, table, "series") == name]


def labels(ax: Any) -> list[str]:
    return [tick.get_text() for tick in ax.get_xticklabels()]


def png(ax: Any) -> bytes:
    written = io.BytesIO()
    ax.figure.savefig(written, format="png")
    return written.getvalue()


# ---- every chart ----


@pytest.mark.parametrize(("source", "chart"), EVERY)
def test_everything_lies_within_the_picture(request: pytest.FixtureRequest, source: str, chart: Chart) -> None:
    ax = chart(request.getfixturevalue(source))
    assert png(ax).startswith(b"\x89PNG")
    figure = ax.figure
    assert [float(inches) for inches in figure.get_size_inches()] == [6.0, 4.0]
    whole = figure.bbox
    for part in figure.axes:
        box = part.get_tightbbox()
        assert box is not None
        assert whole.x0 - 1 <= box.x0 and box.x1 <= whole.x1 + 1, (box, whole)
        assert whole.y0 - 1 <= box.y0 and box.y1 <= whole.y1 + 1, (box, whole)
    assert ax.get_title(loc="left") and ax.get_xlabel()


@pytest.mark.parametrize(("source", "chart"), EVERY)
@pytest.mark.parametrize("rows", [0, 1])
def test_small_tables_do_not_break(request: pytest.FixtureRequest, source: str, chart: Chart, rows: int) -> None:
    small = as_dicts(request.getfixturevalue(source), rows)
    try:
        ax = chart(small)
    except plots.MissingTableError as missing:
        # One row has but one parameter, or one measure.
        assert rows == 1 and "has no" in str(missing)
        return
    assert png(ax).startswith(b"\x89PNG")
    empty = any(text.get_text() == "no data" for text in ax.texts)
    # A cohort's first row is its first period, which is left out.
    assert empty == (rows == 0 or (source, chart) == ("description", plots.cohort_retention))


@pytest.mark.parametrize(("source", "chart"), EVERY)
def test_missing_tables_are_named_with_the_call_that_gives_them(source: str, chart: Chart) -> None:
    with pytest.raises(KeyError, match=r"there is no table .*clv\.(report|evaluate|describe)\(orders\)") as raised:
        chart({})
    assert not str(raised.value).startswith(("'", '"'))


@pytest.mark.parametrize("chart", OF_REPORT.values(), ids=OF_REPORT.keys())
def test_axes_are_taken_and_styles_reach_what_is_drawn(report: Any, chart: Chart) -> None:
    _, ax = pyplot.subplots()
    assert chart(report, ax=ax, alpha=0.25) is ax
    drawn = [*ax.lines, *ax.patches, *ax.collections]
    assert any(artist.get_alpha() == 0.25 for artist in drawn)


def test_aliases_of_properties_are_understood(report: Any) -> None:
    ax = plots.tracking(report, lw=5, ls="-")
    assert {line(ax, name).get_linewidth() for name in ("actual", "expected")} == {5}
    assert not line(ax, "expected").is_dashed()


# ---- what is drawn ----


@pytest.mark.parametrize(
    ("chart", "table", "wide"),
    [
        (plots.tracking, "tracking", ("actual", "expected")),
        (plots.tracking_cumulative, "tracking-cumulative", ("cumulative_actual", "cumulative_expected")),
    ],
)
def test_tracking(report: Any, evaluation: Any, chart: Chart, table: str, wide: tuple[str, str]) -> None:
    ax, of_evaluation, other = chart(report), chart(evaluation), chart(evaluation, model="pareto-nbd")
    ends = column(report, table, "end_day").astype("datetime64[D]")[texts(report, table, "series") == "actual"]
    for name, in_columns in zip(("actual", "expected"), wide):
        drawn = line(ax, name)
        np.testing.assert_array_equal(drawn.get_ydata(), series(report, table, "purchases", name))
        np.testing.assert_array_equal(drawn.get_xdata(orig=True).astype("datetime64[D]"), ends)
        np.testing.assert_array_equal(line(of_evaluation, name).get_ydata(), column(evaluation, "tracking", in_columns))
        np.testing.assert_array_equal(line(other, name).get_ydata(), column(evaluation, "tracking-pareto-nbd", in_columns))
    assert line(ax, "expected").is_dashed() and not line(ax, "actual").is_dashed()
    assert ax.get_xlabel() == "week ending"


def test_tracking_marks_where_the_forecast_starts(report: Any, evaluation: Any) -> None:
    split = np.datetime64(max(texts(evaluation, "scores", "split").tolist()), "D")
    for drawn in (plots.tracking(report), plots.tracking(evaluation)):
        rule = drawn.lines[-1].get_xdata()
        assert matplotlib.dates.num2date(rule[0]).date() == split.item()
        assert "forecast starts" in [text.get_text() for text in drawn.texts]
    told = plots.tracking({"tracking": evaluation.tables["tracking"]}, split="1997-12-31")
    assert matplotlib.dates.num2date(told.lines[-1].get_xdata()[0]).date().isoformat() == "1997-12-31"
    unknown = plots.tracking({"tracking": evaluation.tables["tracking"]})
    assert len(unknown.lines) == 2 and not unknown.texts


@pytest.mark.parametrize(
    ("chart", "table", "by", "other"),
    [
        (plots.conditional_by_frequency, "conditional-frequency", "frequency", "by-frequency"),
        (plots.conditional_by_silence, "conditional-silence", "silence", "by-recency"),
    ],
)
def test_conditional_expectations(report: Any, evaluation: Any, chart: Chart, table: str, by: str, other: str) -> None:
    ax, of_evaluation = chart(report), chart(evaluation)
    for name in ("actual", "expected"):
        np.testing.assert_array_equal(line(ax, name).get_ydata(), series(report, table, "purchases", name))
        np.testing.assert_array_equal(line(of_evaluation, name).get_ydata(), column(evaluation, other, name))
    assert labels(ax) == list(dict.fromkeys(texts(report, table, by)))
    assert len(labels(of_evaluation)) == len(texts(evaluation, other, by))


def test_the_unit_of_time_is_said_if_it_is_known(report: Any) -> None:
    tables: Mapping[str, Any] = report.tables
    assert plots.conditional_by_silence(tables).get_xlabel() == "time units since the last purchase"
    assert plots.conditional_by_silence(tables, unit="week").get_xlabel() == "weeks since the last purchase"
    assert plots.p_alive_map(tables, unit="day").get_xlabel() == "last purchase: days after the first"
    knows = SimpleNamespace(tables=tables, unit="month")
    assert plots.iso_value(knows).get_xlabel() == "last purchase: months after the first"


@pytest.mark.parametrize("what", ["purchases", "value"])
def test_decile_calibration(report: Any, evaluation: Any, what: str) -> None:
    table = {"purchases": "purchase-deciles", "value": "value-deciles"}[what]
    ax = plots.decile_calibration(report, what=what)
    np.testing.assert_allclose(heights(ax, "actual"), series(report, table, "mean", "actual"))
    np.testing.assert_array_equal(line(ax, "expected").get_ydata(), series(report, table, "mean", "expected"))
    ax = plots.decile_calibration(evaluation, what=what)
    np.testing.assert_allclose(heights(ax, "actual"), column(evaluation, table, "actual"))
    np.testing.assert_array_equal(line(ax, "expected").get_ydata(), column(evaluation, table, "expected"))
    assert labels(ax) == [str(decile) for decile in range(1, 11)]
    assert ax.get_ylabel() == f"{what} per customer"


def test_interval_coverage(report: Any) -> None:
    ax = plots.interval_coverage(report)
    what = texts(report, "coverage", "what")
    for drawn in ax.collections:
        rows = what == drawn.get_label()
        of_table = [column(report, "coverage", name)[rows] for name in ("expected", "covered")]
        np.testing.assert_array_equal(np.asarray(drawn.get_offsets()).T, of_table)
    assert {str(drawn.get_label()) for drawn in ax.collections} == {"purchases", "value"}
    assert {text.get_text() for text in ax.texts} == {"50%", "80%", "90%", "95%"}


def test_contender_errors(report: Any, evaluation: Any) -> None:
    ax = plots.contender_errors(report, what="value", measure="mean absolute error")
    rows = texts(report, "contender-errors", "measure") == "value: mean absolute error"
    of_table = dict(zip(texts(report, "contender-errors", "name")[rows], column(report, "contender-errors", "error")[rows]))
    assert drawn_errors(ax) == of_table
    assert list(drawn_errors(ax).values()) == sorted(of_table.values())
    ax = plots.contender_errors(evaluation)
    scores = partial(texts, evaluation, "scores")
    rows = (scores("what") == "purchases") & (scores("kind") != "hindsight") & (scores("split") == max(scores("split").tolist()))
    errors = column(evaluation, "scores", "root_mean_square_error")
    assert drawn_errors(ax) == dict(zip(scores("forecaster")[rows], errors[rows]))


def drawn_errors(ax: Any) -> dict[str, float]:
    places = {place: error for one in ax.lines for error, place in zip(one.get_xdata(), one.get_ydata())}
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    return {names[place]: places[place] for place in sorted(places)}


def test_frequency_histogram(report: Any) -> None:
    ax = plots.frequency_histogram(report)
    for name in ("actual", "expected"):
        np.testing.assert_array_equal(heights(ax, name), series(report, "frequency-histogram", "customers", name))
    assert labels(ax) == [*"0123456", "7+"]


def test_spend_distribution(report: Any) -> None:
    ax = plots.spend_distribution(report)
    of_table = partial(series, report, "spend-distribution")
    start, end = of_table("from", "actual"), of_table("to", "actual")
    np.testing.assert_array_equal(heights(ax, "actual"), of_table("customers", "actual"))
    np.testing.assert_allclose([bar.get_x() for bar in ax.patches], start)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], end - start)
    np.testing.assert_array_equal(line(ax, "expected").get_ydata(), of_table("customers", "expected"))
    np.testing.assert_allclose(line(ax, "expected").get_xdata(), (start + end) / 2)


def cells(ax: Any) -> Any:
    return ax.collections[0]


def test_p_alive_map(report: Any) -> None:
    ax = plots.p_alive_map(report)
    of_table = partial(column, report, "alive-map")
    np.testing.assert_array_equal(cells(ax).get_array(), of_table("p_alive"))
    boxes = [path.get_extents() for path in cells(ax).get_paths()]
    np.testing.assert_array_equal([box.x0 for box in boxes], of_table("recency_from"))
    np.testing.assert_array_equal([box.x1 for box in boxes], of_table("recency_to"))
    np.testing.assert_array_equal([(box.y0 + box.y1) / 2 for box in boxes], of_table("frequency"))
    # The strongest shade is for those who are most likely alive.
    assert to_hex(cells(ax).to_rgba(0.97)) == "#0d325b" and to_hex(cells(ax).to_rgba(0.03)) == "#eaf1f8"


def test_purchases_map(report: Any) -> None:
    horizons = texts(report, "purchases-map", "horizon")
    for told, shown in ((None, horizons[-1]), (horizons[0], horizons[0])):
        ax = plots.purchases_map(report, horizon=told)
        expected = column(report, "purchases-map", "purchases")[horizons == shown]
        np.testing.assert_array_equal(cells(ax).get_array(), expected)
        assert ax.figure.axes[1].get_ylabel() == f"expected purchases, {shown}"
    with pytest.raises(ValueError, match=f"there is no horizon '9 eons'; there are: {horizons[0]}"):
        plots.purchases_map(report, horizon="9 eons")


@pytest.mark.parametrize(
    ("most", "edges"),
    [
        (13.0, [0, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]),
        (0.0, [0, 1, 2]),
    ],
)
def test_colours_of_purchases_change_at_1_2_5(most: float, edges: list[float]) -> None:
    one = {"frequency": [1], "recency_from": [0.0], "recency_to": [1.0], "horizon": ["1 year"], "purchases": [most]}
    drawn = cells(plots.purchases_map({"purchases-map": one}))
    np.testing.assert_allclose(drawn.norm.boundaries, edges)


def test_iso_value(report: Any) -> None:
    ax = plots.iso_value(report)
    of_table = partial(column, report, "iso-value")
    last = texts(report, "iso-value", "horizon") == texts(report, "iso-value", "horizon")[-1]
    levels = np.unique(of_table("level")[last])
    assert sorted(float(one.get_label().replace(",", "")) for one in ax.lines) == levels.tolist()
    for one in ax.lines:
        rows = last & (of_table("level") == float(str(one.get_label()).replace(",", "")))
        np.testing.assert_array_equal(one.get_xdata(), of_table("recency")[rows])
        np.testing.assert_array_equal(one.get_ydata(), of_table("frequency")[rows])
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == len(levels)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize(("of", "place"), [("purchases", 0), ("dropout", 1)])
def test_heterogeneity(report: Any, of: str, place: int) -> None:
    ax = plots.heterogeneity(report, of=of)
    names = texts(report, "heterogeneity", "parameter")
    parameter = list(dict.fromkeys(names))[place]
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), column(report, "heterogeneity", "at")[names == parameter])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), column(report, "heterogeneity", "density")[names == parameter])
    assert ax.get_xlabel() == parameter


def test_a_model_without_dropout_has_no_heterogeneity_of_it() -> None:
    nbd = {"heterogeneity": {"parameter": ["purchases a time unit"], "at": [0.1], "density": [1.0]}}
    with pytest.raises(plots.MissingTableError, match="has no dropout"):
        plots.heterogeneity(nbd, of="dropout")


def test_lorenz(report: Any, description: Any) -> None:
    ax = plots.lorenz(report)
    names = texts(report, "lorenz", "series")
    for name in dict.fromkeys(names):
        drawn = line(ax, name)
        np.testing.assert_array_equal(drawn.get_xdata(), column(report, "lorenz", "share_of_customers")[names == name])
        np.testing.assert_array_equal(drawn.get_ydata(), column(report, "lorenz", "share_of_value")[names == name])
    of_orders = line(plots.lorenz(description), "revenue so far")
    np.testing.assert_array_equal(of_orders.get_ydata(), column(description, "lorenz", "share_of_value"))


def test_cohort_retention(report: Any, description: Any) -> None:
    of_report, of_description = cells(plots.cohort_retention(report)), cells(plots.cohort_retention(description))
    retention = column(report, "cohort-retention", "retention")
    np.testing.assert_array_equal(of_report.get_array(), retention)
    # The report's table has been made of the other: without first months, and months that are not over.
    np.testing.assert_array_equal(of_description.get_array(), retention)
    ages = [(box.x0 + box.x1) / 2 for box in (path.get_extents() for path in of_report.get_paths())]
    np.testing.assert_array_equal(ages, column(report, "cohort-retention", "age"))


# ---- tables of every kind ----


def frames(has_tables: Any, kind: str) -> dict[str, Any]:
    dicts = as_dicts(has_tables)
    if kind == "dict":
        return dict(dicts)
    if kind == "pyarrow":
        arrow = pytest.importorskip("pyarrow")
        return {name: arrow.table({one: cells.tolist() for one, cells in table.items()}) for name, table in dicts.items()}
    frame = pytest.importorskip(kind).DataFrame
    return {name: frame({one: cells.tolist() for one, cells in table.items()}) for name, table in dicts.items()}


@pytest.mark.parametrize("kind", ["dict", "pandas", "polars", "pyarrow"])
def test_frames_of_every_kind_give_the_same_charts(report: Any, kind: str) -> None:
    tables = frames(report, kind)
    for name, chart in OF_REPORT.items():
        ours, theirs = chart(report), chart(tables)
        for a, b in zip(ours.lines, theirs.lines, strict=True):
            np.testing.assert_array_equal(a.get_xydata(), b.get_xydata(), err_msg=name)
        for one, other in zip(ours.patches, theirs.patches, strict=True):
            assert one.get_extents().bounds == other.get_extents().bounds
        for first, second in zip(ours.collections, theirs.collections, strict=True):
            np.testing.assert_array_equal(first.get_array(), second.get_array())
        pyplot.close("all")


def test_days_may_be_texts(evaluation: Any) -> None:
    table = as_dicts(evaluation)["tracking"]
    as_texts = {**table, "end_day": [str(day)[:10] for day in table["end_day"]]}
    of_texts, of_days = plots.tracking({"tracking": as_texts}), plots.tracking({"tracking": table})
    np.testing.assert_array_equal(line(of_texts, "actual").get_xydata(), line(of_days, "actual").get_xydata())


def test_what_is_unknown_is_not_drawn() -> None:
    gap = {"end_day": ["2026-01-04", "2026-01-11"], "actual": [3, 4], "expected": [None, 3.5]}
    ax = plots.tracking({"tracking": {name: np.array(cells) for name, cells in gap.items()}})
    assert np.isnan(line(ax, "expected").get_ydata()[0])
    assert png(ax).startswith(b"\x89PNG")


def test_missing_columns_and_models_are_named(evaluation: Any) -> None:
    with pytest.raises(plots.MissingTableError, match="the table has no column expected; it has: end_day, actual"):
        plots.tracking({"tracking": {"end_day": ["2026-01-04"], "actual": [1.0]}})
    with pytest.raises(plots.MissingTableError, match=r"no table tracking-nbd: .*models=\(\.\.\., 'nbd'\)"):
        plots.tracking(evaluation, model="nbd")
    first = plots.tracking(evaluation, model="bg-nbd")
    np.testing.assert_array_equal(line(first, "actual").get_ydata(), column(evaluation, "tracking", "actual"))
    with pytest.raises(TypeError, match="list has no tables"):
        plots.tracking([])


@pytest.mark.parametrize(
    "wrong",
    [
        partial(plots.decile_calibration, what="spend"),
        partial(plots.contender_errors, what="spend"),
        partial(plots.contender_errors, measure="bias"),
        partial(plots.heterogeneity, of="spend"),
    ],
)
def test_wrong_choices_are_answered_with_the_right_ones(report: Any, wrong: Chart) -> None:
    with pytest.raises(ValueError, match=r" is '.*' or '.*', not '(spend|bias)'"):
        wrong(report)


# ---- looks ----


def test_colours_follow_the_background(report: Any) -> None:
    light = plots.tracking(report)
    with pyplot.style.context("dark_background"):
        dark = plots.tracking(report)
    # --actual and --expected of the report's page.css, in the light and in the dark.
    assert [to_hex(line(light, name).get_color()) for name in ("actual", "expected")] == ["#2f6690", "#e07a1f"]
    assert [to_hex(line(dark, name).get_color()) for name in ("actual", "expected")] == ["#6fb1e0", "#f2a154"]


def test_colours_are_those_of_the_page() -> None:
    from clv.plots.look import DARK, LIGHT

    page = (Path(__file__).parents[2] / "assets" / "report" / "page.css").read_text()
    light, dark = page.split("prefers-color-scheme: dark", 1)
    for palette, css in ((LIGHT, light), (DARK, dark)):
        for name, colours in (("cat-%d", palette.categories), ("seq-%d", palette.shades)):
            first = 1 if name == "cat-%d" else 0
            for i, colour in enumerate(colours, first):
                assert f"--{name % i}: {colour};" in css
        for name in ("surface", "ink", "muted", "rule", "grid", "actual", "expected"):
            assert f"--{name}: {getattr(palette, name)};" in css


def test_figures_are_all_for_which_there_are_data(report: Any, evaluation: Any, description: Any) -> None:
    of_report = plots.figures(report)
    assert len(of_report) == 18
    assert set(plots.figures(evaluation)) < set(of_report)
    assert set(plots.figures(description)) == {"lorenz", "cohort_retention"}
    assert plots.figures(as_dicts(report, 0)) == {}
    assert plots.figures({}) == {}
    assert not pyplot.get_fignums()


def test_without_matplotlib_there_is_advice(report: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for chart in [*OF_REPORT.values(), plots.figures]:
        with pytest.raises(ImportError, match=r"pip install 'clv\[plots\]'"):
            chart(report)
