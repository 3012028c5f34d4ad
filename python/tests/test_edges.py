"""Any data and any options: an error that says what is wrong, or answers that are numbers; and nothing of the caller's changes."""

import datetime as dt
import itertools
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import clv

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

KINDS = clv.timing.models()
OF_TIMES = [kind for kind in KINDS if kind is not clv.BgBb]
REFUSED = (clv.Error,)

ids = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=6),
    st.sampled_from(
        [
            "",
            " ",
            "0",
            "00",
            "-1",
            "1e3",
            "nan",
            "NaN",
            "None",
            "null",
            "inf",
            "🙂",
            "é",
            "é",
            "\x00",
            "\ud7ff",
            "a,b",
            '"',
            "\n",
            "1.0",
            "٣",
        ]
    ),
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
)
days = st.one_of(
    st.dates(dt.date(2020, 1, 1), dt.date(2021, 12, 31)),
    st.dates(),
    st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)),
    st.sampled_from(
        ["2020-02-30", "2020-01-01", "9999-12-31", "0001-01-01", "", "today", "1e9", "2020-W01", None, "2020-01-01T25:00", "01/02/2020"]
    ),
)
amounts = st.one_of(
    st.floats(0, 1000).map(lambda x: round(x, 2)),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(10**12), 10**18),
    st.sampled_from([0, -0.0, 1e308, -1e308, 5e-324, "12.50", "1,5", "1.234,56", "$5", "", None, "nan", "1e400"]),
)


def stages(kind):
    """The number of stages, which a model of regular purchases takes."""
    return {"k": 2} if issubclass(kind, clv.timing.RegularTimingModel) else {}


def finite(values):
    return bool(np.isfinite(np.asarray(values, dtype=float)).all())


def check_predictions(answer, of):
    """What must hold of every answer, whatever was asked."""
    answer = {name: np.asarray(column) for name, column in answer.items()}
    for name, column in answer.items():
        assert len(column) == of
        # Net returns may make what was spent negative; what is expected is not.
        if column.dtype.kind == "f":
            assert finite(column), name
        chance = name.startswith(("p_", "p0_")) and column.dtype.kind == "f"
        if chance:
            assert (column >= 0).all() and (column <= 1).all(), name
        if name.startswith(("purchases_", "dert", "expected_spend")) or (name.startswith("clv_") and not name.endswith("_se")):
            assert (column >= 0).all(), name
        if "_lo" in name:
            assert (column <= answer[name.replace("_lo", "_hi")]).all(), name


def ask_everything(model, summary, of):
    check_predictions(model.predict(summary, [1, 52], counts=3), of)
    for ask in (
        lambda: model.predict(summary, [13], intervals=[80], over=[100.0]),
        lambda: model.predict(summary, [13], standard_errors=True),
    ):
        try:
            check_predictions(ask(), of)
        except REFUSED as error:
            assert len(str(error)) > 10
    alive, expected = np.asarray(model.p_alive(summary)), np.asarray(model.expected_purchases(summary, 7.5))
    assert finite(alive) and (alive >= 0).all() and (alive <= 1).all()
    assert finite(expected) and (expected >= 0).all()
    pmf = np.column_stack(list(model.pmf(summary, 3, 4).values()))
    assert finite(pmf) and (pmf >= 0).all() and (pmf.sum(axis=1) <= 1 + 1e-9).all()
    ends = model.intervals(summary, 13, [50, 95])
    for name, column in ends.items():
        assert finite(column)
        if "_lo" in name:
            assert (column <= ends[name.replace("_lo", "_hi")]).all()
    totals = model.totals(summary, [13], futures=20)
    assert all(finite(column) for column in totals.values() if np.asarray(column).dtype.kind == "f")


# Orders


@settings(max_examples=150)
@given(st.lists(st.tuples(ids, days, amounts), max_size=12), st.booleans())
@example([], False)
@example([("a", "2020-01-01", 1.0)], True)
@example([("a", "2020-01-01", 1e308)] * 5 + [("a", "2020-02-01", 1e308)] * 5, False)
@example([("a", "2020-01-01", -5.0), ("a", "2020-02-01", -5.0)], False)
@example([("a", dt.date(1, 1, 1), 1.0), ("a", dt.date(9999, 12, 31), 1.0)], False)
def test_any_orders(rows, as_frame):
    columns = {"customer_id": [row[0] for row in rows], "order_date": [row[1] for row in rows], "amount": [row[2] for row in rows]}
    orders = (
        pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in columns.items()})
        if as_frame
        else {name: np.array([*column, None], dtype=object)[:-1] for name, column in columns.items()}
    )
    before = {name: list(map(repr, column)) for name, column in orders.items()}
    try:
        summary = clv.summarize(orders)
    except REFUSED as error:
        assert len(str(error)) > 10
    else:
        summary = {name: np.asarray(column) for name, column in summary.items()}
        assert 1 <= len(summary["T"]) <= len(rows)
        assert all(finite(column) for column in summary.values() if column.dtype.kind == "f")
        assert (summary["recency"] <= summary["T"]).all() and (summary["recency"] >= 0).all()
        assert ((summary["recency"] > 0) == (summary["frequency"] > 0)).all()
        assert summary["orders"].sum() <= len(rows) and (summary["orders"] > summary["frequency"]).all()
        assert (summary["first_purchase"] <= summary["last_purchase"]).all()
        try:
            clv.describe(orders)
        except REFUSED as error:
            assert len(str(error)) > 10
    assert {name: list(map(repr, column)) for name, column in orders.items()} == before


ORDINARY = st.lists(
    st.tuples(st.integers(0, 8), st.dates(dt.date(2020, 1, 1), dt.date(2020, 12, 31)), st.one_of(st.floats(0.01, 1e4), st.floats(-50, 0))),
    min_size=1,
    max_size=60,
)


@settings(max_examples=30)
@given(ORDINARY, st.sampled_from(KINDS))
def test_whole_ways_from_orders_to_forecasts(rows, kind):
    orders = {
        "customer_id": np.array([r[0] for r in rows]),
        "order_date": np.array([r[1] for r in rows], dtype="datetime64[D]"),
        "amount": np.array([r[2] for r in rows]),
    }
    grain = {"grain": "week"} if kind is clv.BgBb else {}
    try:
        summary = clv.summarize(orders, until="2020-12-31" if not grain else "2021-01-03", **grain)
        model = kind(**grain).fit(summary)
        ask_everything(model, summary, len(summary["T"]))
    except REFUSED as error:
        assert len(str(error)) > 10
    for whole in (clv.evaluate, clv.compare, clv.describe):
        try:
            made = whole(orders)
        except REFUSED as error:
            assert len(str(error)) > 10
        else:
            assert made.tables and repr(made) and made._repr_html_()


@settings(max_examples=6)
@given(ORDINARY)
def test_reports_of_few_orders(rows):
    orders = pd.DataFrame(rows, columns=["customer_id", "order_date", "amount"])
    try:
        report = clv.report(orders)
    except REFUSED as error:
        assert len(str(error)) > 10
    else:
        assert ">NaN<" not in report.html and ">inf<" not in report.html


# Summaries

counts = st.one_of(
    st.integers(0, 5), st.sampled_from([0, 1, 30, 1000, 2**31, 2**32 - 1, 2**32, -1, 0.5, math.nan, None, "3", "x", 1e10, True])
)
times = st.one_of(st.floats(0, 100), st.sampled_from([0.0, 1e-300, 1e300, -1.0, math.inf, math.nan, None, "7", 5e-324, 1e15, "soon"]))
values = st.one_of(st.floats(0, 500), st.sampled_from([0.0, -5.0, 1e300, 5e-324, math.inf, math.nan, None, "12.5", 1e-300]))


def summary_of(rows):
    columns = {name: [row[i] for row in rows] for i, name in enumerate(("frequency", "recency", "T", "monetary_value"))}
    return {name: np.array([*column, None], dtype=object)[:-1] for name, column in columns.items()}


@settings(max_examples=120)
@given(st.lists(st.tuples(counts, times, times, values), max_size=8), st.sampled_from(KINDS))
@example([], clv.BgNbd)
@example([(0, 0.0, 10.0, 0.0)] * 3, clv.BgNbd)
@example([(2, 5.0, 10.0, 5.0)] * 8, clv.ParetoNbd)
@example([(2**32 - 1, 5.0, 10.0, 5.0)], clv.MbgNbd)
@example([(1, 5e-324, 1e300, 1e300)] * 2, clv.Nbd)
def test_any_summary_can_be_fitted_or_is_refused(rows, kind):
    summary = summary_of(rows)
    before = {name: list(map(repr, column)) for name, column in summary.items()}
    for model in (kind(**stages(kind)), kind(**stages(kind), spend=None, prior_sd=1.0), clv.GammaGamma()):
        try:
            model.fit(summary)
            assert all(math.isfinite(value) and value > 0 for value in model.params_.values())
            assert math.isfinite(model.score(summary)) and repr(model) and model._repr_html_()
            if kind is type(model):
                ask_everything(model, summary, len(rows))
        except REFUSED as error:
            assert len(str(error)) > 10
    assert {name: list(map(repr, column)) for name, column in summary.items()} == before


sizes = st.one_of(st.floats(1e-3, 1e3), st.sampled_from([1e-6, 1e6, 1.0, 1.0 + 1e-12, 0.0, -1.0, math.nan, math.inf]))
extremes = st.sampled_from([1e-300, 1e-100, 1e-6, 1.0, 1e6, 1e100, 1e300])
plausible = st.integers(0, 50).flatmap(
    lambda x: st.tuples(st.just(x), st.floats(0.01, 1.0), st.floats(0.5, 300.0), st.floats(0.01, 1e5)).map(
        lambda row: (row[0], row[1] * row[2] if row[0] else 0.0, row[2], row[3] if row[0] else 0.0)
    )
)


@settings(max_examples=600)
@given(st.lists(sizes, min_size=7, max_size=7), st.lists(plausible, min_size=1, max_size=4), st.sampled_from(OF_TIMES))
def test_any_parameters_answer_with_numbers(parameters, rows, kind):
    """Lifetimes and its heirs give NaN and negative counts where terms cancel; here there are numbers, or an error that says why."""
    answer_with_numbers(parameters, rows, kind)


@settings(max_examples=60)
@given(st.lists(extremes, min_size=7, max_size=7), st.lists(plausible, min_size=1, max_size=2), st.sampled_from(OF_TIMES))
@example([1e300, 1e-6, 1.0, 1.0, 1.0, 2.0, 1.0], [(1, 1.0, 1.0, 1.0)], clv.ParetoNbd)
@example([1e300, 1e-6, 1.0, 1.0, 1.0, 2.0, 1.0], [(1, 1.0, 1.0, 1.0)], clv.BgNbd)
@example([1.0, 1e300, 1.0, 1.0, 1.0, 2.0, 1.0], [(1, 1.0, 1.0, 1.0)], clv.ParetoNbd)
def test_parameters_at_the_ends_answer_with_numbers(parameters, rows, kind):
    """Nobody has such customers; a program that searches for parameters may come by."""
    answer_with_numbers(parameters, rows, kind)


def answer_with_numbers(parameters, rows, kind):
    summary = summary_of(rows)
    try:
        spend = clv.GammaGamma.from_params(p=parameters[4], q=parameters[5], gamma=parameters[6])
        model = kind.from_params(**dict(zip(kind._parameters, parameters)), **stages(kind), spend=spend)
        check_predictions(model.predict(summary, [1, 52], counts=3), len(rows))
        alive = model.p_alive(summary)
        assert finite(alive) and ((alive >= 0) & (alive <= 1)).all()
        for t in (0.0, 1e-9, 1.0, 1e4):
            expected = model.expected_purchases(summary, t)
            assert finite(expected) and (expected >= 0).all()
            assert math.isfinite(model.expected_purchases_new(t)) and 0 <= model.p_alive_new(t) <= 1
            pmf = model.pmf_new(t, 5)
            assert finite(pmf) and (pmf >= 0).all() and pmf.sum() <= 1 + 1e-9
        assert math.isfinite(model.score(summary))
    except REFUSED as error:
        assert len(str(error)) > 10


SUBNORMAL = """
import clv
customer = {"frequency": [0], "recency": [0.0], "T": [18.1]}
try:
    model = clv.MODEL
    model.pmf_new(0.0, 5), model.predict(customer, [1])
except clv.Error as error:
    assert str(error)
"""


@pytest.mark.parametrize("smallest", [5e-324, 1e-310])
@pytest.mark.parametrize(
    "model", ["BgNbd.from_params(r=SMALL, alpha=207.5, a=71.6, b=2.33)", "ParetoNbd.from_params(r=5.49, alpha=SMALL, s=0.6, beta=11.0)"]
)
def test_numbers_below_the_normal_end_too(model, smallest):
    """In a process of its own, because what never ends holds Python's lock."""
    script = SUBNORMAL.replace("MODEL", model.replace("SMALL", str(smallest)))
    try:
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=5, check=False)
    except subprocess.TimeoutExpired:
        pytest.fail("no end after five seconds")
    assert run.returncode == 0, run.stderr


@settings(max_examples=60)
@given(plausible, st.sampled_from(OF_TIMES))
def test_more_time_is_never_fewer_purchases(row, kind):
    """And silence never makes a customer likelier to be there."""
    parameters = {"r": 0.5, "alpha": 8.0, "a": 0.8, "b": 2.4, "s": 0.6, "beta": 11.0}
    model = kind.from_params(**{name: parameters[name] for name in kind._parameters}, **stages(kind))
    x, t_x, T, _ = row
    one = {"frequency": [x], "recency": [t_x], "T": [T]}
    expected = [model.expected_purchases(one, t)[0] for t in (0.0, 0.1, 1.0, 10.0, 100.0, 1000.0)]
    assert expected == sorted(expected) and expected[0] == 0
    later = [model.p_alive({"frequency": [x], "recency": [t_x], "T": [T + more]})[0] for more in (0.0, 1.0, 10.0, 100.0)]
    assert all(after <= before + 1e-12 for before, after in itertools.pairwise(later))


# Options

WRONG = [
    object(),
    [object()],
    {},
    b"x",
    1j,
    "no such thing",
    math.nan,
    -1,
    "",
    (),
    [None],
    2**70,
    dt.timedelta(1),
    True,
    0.5,
    None,
    [[1]],
    math.inf,
]


def refused(ask, name):
    """If it was, then as it should be: a UsageError or a TypeError that names the argument, or data that lack a column."""
    try:
        ask()
    except (clv.UsageError, TypeError) as error:
        # Python shows an exception's notes below its text.
        said = "\n".join([str(error), *getattr(error, "__notes__", [])])
        if f"'{name}'" not in said and name not in said and SAID.get(name, name) not in said:
            pytest.fail(f"{name}: {type(error).__name__}: {said}")
    except clv.DataError as error:
        assert "column" in str(error) or name in str(error), f"{name}: {error}"
    except clv.FitError as error:
        assert len(str(error)) > 10


# Arguments that errors call by what they are.
SAID = {
    "margin": "margin",
    "discount": "discount",
    "cac": "acquisition",
    "horizons": "horizon",
    "horizon": "horizon",
    "t": "time",
    "models": "model",
    "futures": "futures",
    "holdout": "horizon",
    "step": "horizon",
    "hiatus": "horizon",
    "joining": "horizon",
    "length": "horizon",
    "shares": "intervals",
    "split": "divide the orders",
    "tiers": "terciles",
    "timezone": "time zone",
}

QUESTIONS = {
    "predict": ["horizons", "margin", "discount", "cac", "intervals", "over", "counts", "next", "parameter_draws", "seed"],
    "totals": ["horizons", "margin", "intervals", "by", "target", "futures", "seed"],
    "intervals": ["horizons", "shares", "margin", "parameter_draws", "seed"],
    "pmf": ["horizon", "most"],
    "expected_purchases": ["horizon"],
}


@pytest.mark.parametrize(("method", "argument"), [(method, argument) for method, arguments in QUESTIONS.items() for argument in arguments])
def test_wrong_questions(method, argument, model, summary):
    few = summary.iloc[:20]
    rest = {"pmf": {"horizon": "3m"}, "totals": {"futures": 20}}.get(method, {})
    if argument == "parameter_draws":
        rest = {"intervals": [80]} if method == "predict" else {}
    for wrong in WRONG:
        refused(lambda wrong=wrong: getattr(model, method)(few, **(rest | {argument: wrong})), argument)


@pytest.mark.parametrize("argument", ["spend", "prior_sd", "robust", "bootstrap", "bootstrap_by", "customer", "unit", "grain", "until"])
@pytest.mark.parametrize("kind", [clv.BgNbd, clv.GammaGamma])
def test_wrong_options_of_models(kind, argument, summary):
    if kind is clv.GammaGamma and argument == "spend":
        with pytest.raises(TypeError, match="spend"):
            kind(spend=None)
        return
    for wrong in WRONG:
        # The constructor keeps what it is given; fit looks at it.
        model = kind(**{argument: wrong})
        refused(lambda model=model: model.fit(summary.iloc[:300]), argument)


@pytest.mark.parametrize(
    "argument",
    [
        "customer",
        "date",
        "amount",
        "quantity",
        "price",
        "order",
        "refund",
        "thousands",
        "currency",
        "amount_per",
        "repeated_orders",
        "exact_ids",
        "max_left_out",
        "encoding",
        "sheet",
        "until",
        "unit",
        "grain",
        "from_",
        "first_purchase_before",
        "date_format",
        "timezone",
        "returns",
        "duplicates",
        "keep",
    ],
)
def test_wrong_options_of_orders(argument, sample):
    few = sample.iloc[:200]
    for wrong in WRONG:
        refused(lambda wrong=wrong: clv.summarize(few, **{argument: wrong}), argument)


@pytest.mark.parametrize("argument", ["split", "holdout", "origins", "step", "models", "hiatus", "tiers", "intervals", "seed", "prior_sd"])
def test_wrong_options_of_evaluations(argument, sample):
    for wrong in WRONG:
        refused(lambda wrong=wrong: clv.evaluate(sample.iloc[:500], **{argument: wrong}), argument)


@pytest.mark.parametrize("argument", ["model", "customers", "start", "joining", "length", "seed"])
def test_wrong_options_of_simulations(argument):
    for wrong in WRONG:
        refused(lambda wrong=wrong: clv.simulate(**({"customers": 10} | {argument: wrong})), argument)


@pytest.mark.parametrize("argument", ["r", "alpha", "a", "b", "unit", "grain", "until", "spend"])
def test_wrong_parameters(argument):
    for wrong in WRONG:
        given = {"r": 0.5, "alpha": 8.0, "a": 0.8, "b": 2.4} | {argument: wrong}
        refused(lambda given=given: clv.BgNbd.from_params(**given), argument)


def test_options_that_do_not_exist_are_named(sample, summary, model):
    for ask in (
        lambda: clv.summarize(sample, untill="1997-09-30"),
        lambda: clv.evaluate(sample, untill="1997-09-30"),
        lambda: model.predict(summary, horizon="3m"),
        lambda: clv.BgNbd(priorsd=1),
        lambda: clv.report(sample, untill="1997-09-30"),
        lambda: clv.compare(summary, untill="1997-09-30"),
    ):
        with pytest.raises(TypeError, match=r"untill|horizon|priorsd"):
            ask()


def test_options_are_refused_by_the_function_that_was_called(sample, summary):
    """In its own name, with what was meant, or with all that there is."""
    for ask, words in (
        (lambda: clv.summarize(sample, untill="1997-09-30"), r"^summarize\(\) got .* 'untill'; did you mean 'until'\?"),
        (lambda: clv.evaluate(sample, model="nbd"), r"^evaluate\(\) got .* 'model'; did you mean 'models'\?"),
        (
            lambda: clv.describe(sample, colour="red"),
            r"^describe\(\) got .* 'colour'; it takes data, rfm, .*discount; and of clv.Orders: query, customer",
        ),
        (lambda: clv.report(sample, horizon="3m"), r"^report\(\) got .* 'horizon'; did you mean 'horizons'\?"),
        (lambda: clv.compare(sample, holdout="9w"), r"^compare\(\) got .* 'holdout'"),
        (lambda: clv.compare(summary, units="day"), r"^compare\(\) got .* 'units'; did you mean 'unit'\?"),
        (lambda: clv.describe(clv.Orders(sample), margins=0.3), r"^describe\(\) got .* 'margins'; did you mean 'margin'\?"),
    ):
        with pytest.raises(TypeError, match=words):
            ask()
    with pytest.raises(clv.UsageError, match="from_ says how orders are read, and this is a summary"):
        clv.compare(summary, from_="1997-01-01")
    with pytest.raises(clv.UsageError, match="these orders have been read: until goes to Orders"):
        clv.describe(clv.Orders(sample), until="1997-09-30")


@pytest.mark.parametrize("most", [1001, 10**6, 2**31, 2**32 - 1])
def test_more_counts_than_can_be_held_are_refused(most, model, summary):
    """As `predict(counts=)` refuses them, before memory is asked for."""
    with pytest.raises(clv.UsageError, match="1000"):
        model.predict(summary.iloc[:2], "3m", counts=most)
    if most < 10**6:
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    for ask in (lambda: model.pmf(summary.iloc[:2], "3m", most), lambda: model.pmf_new(13.0, most)):
        with pytest.raises(clv.UsageError, match="most"):
            assert_small(ask, most)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def assert_small(ask, most):
    """In a process of its own, which may take 4 GiB and 10 seconds: what aborts there would abort the caller."""
    import multiprocessing

    context = multiprocessing.get_context("fork")
    answers = context.Queue()

    def work():
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        try:
            ask()
        except BaseException as error:
            answers.put((type(error).__name__, str(error)))
        else:
            answers.put(("nothing", ""))

    process = context.Process(target=work)
    process.start()
    process.join(10)
    if process.is_alive():
        process.kill()
        process.join()
        pytest.fail(f"most={most} takes for ever")
    if process.exitcode != 0:
        pytest.fail(f"most={most} ends the process: {process.exitcode}")
    name, text = answers.get(timeout=5)
    if name == "UsageError":
        raise clv.UsageError(text)
    pytest.fail(f"most={most}: {name} {text}")


def test_what_clv_did_not_write_is_not_replaced(tmp_path, model, summary):
    notes = tmp_path / "notes.json"
    notes.write_text("not clv's")
    with pytest.raises(clv.UsageError, match="clv did not write it") as question:
        model.save(notes)
    assert question.value.answers == ["overwrite=True"] and notes.read_text() == "not clv's"
    orders = tmp_path / "orders.csv"
    orders.write_text("customer_id,order_date,amount\n")
    page = clv.report(summary)
    for path in (orders, notes):
        with pytest.raises(clv.UsageError, match="clv did not write it"):
            page.save(path)
    assert orders.read_text() == "customer_id,order_date,amount\n"
    model.save(notes, overwrite=True)
    model.save(notes)
    with pytest.raises(clv.UsageError, match="is a model"):
        page.save(notes)
    page.save(tmp_path / "page.html")
    page.save(tmp_path / "page.html")
