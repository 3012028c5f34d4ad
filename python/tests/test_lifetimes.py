"""clv.lifetimes against what lifetimes, and the papers behind it, publish, and where lifetimes itself goes wrong."""

from __future__ import annotations

import copy
import json
import math
import pickle
import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifetimes_quickstart import steps

import clv.lifetimes
from clv import ConvergenceError, DataWarning, FitWarning, NotFittedError
from clv.lifetimes import (
    BetaGeoBetaBinomFitter,
    BetaGeoFitter,
    GammaGammaFitter,
    ModifiedBetaGeoFitter,
    ParetoNBDFitter,
    datasets,
    generate_data,
    utils,
)

HERE = Path(__file__).parent
TIMING = [BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter]


@pytest.fixture(scope="module")
def cdnow():
    return datasets.load_cdnow_summary(index_col=[0])


@pytest.fixture(scope="module")
def money():
    return datasets.load_cdnow_summary_data_with_monetary_value()


@pytest.fixture(scope="module")
def returning(money):
    return money[money["frequency"] > 0]


@pytest.fixture(scope="module")
def donations():
    return datasets.load_donations()


def history(data):
    return data["frequency"], data["recency"], data["T"]


def at(fitter, **parameters):
    fitter.params_ = pd.Series(parameters)
    return fitter


# --- Every number of the quickstart ------------------------------------------------------------------------------------

# What rounding leaves of lifetimes' formulas, which take differences of hypergeometric functions.
ROUNDING = 1e-11
# lifetimes stops where its optimiser's gradient is 1e-7 or, of Nelder-Mead, where the function changes by less than 1e-10; by
# how much parameters are off then, the flatness of the likelihood says. P(alive) near 0 doubles it.
OPTIMISER = 5e-6


@pytest.fixture(scope="module")
def both():
    theirs = json.loads((HERE / "lifetimes_quickstart.json").read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return steps("clv.lifetimes"), theirs


@pytest.mark.parametrize(("part", "tolerance"), [("counted", ROUNDING), ("fixed", ROUNDING), ("fitted", OPTIMISER)])
def test_quickstart_gives_the_numbers_of_lifetimes(both, part, tolerance):
    ours, theirs = (numbers[part] for numbers in both)

    def compare(ours, theirs, name):
        if isinstance(theirs, dict):
            assert ours.keys() == theirs.keys(), name
            for key in theirs:
                compare(ours[key], theirs[key], f"{name}, {key}")
        else:
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=1e-14, err_msg=name)

    compare(ours, theirs, part)


# --- Published values --------------------------------------------------------------------------------------------------


# lifetimes' test_estimation.py, after Fader, Hardie & Lee (2005), Hardie's note on Pareto/NBD, and BTYDplus.
@pytest.mark.parametrize(
    ("fitter", "printed"),
    [
        (BetaGeoFitter, [0.243, 4.414, 0.793, 2.426]),
        (ParetoNBDFitter, [0.553, 10.578, 0.606, 11.669]),
        (ModifiedBetaGeoFitter, [0.525, 6.183, 0.891, 1.614]),
    ],
)
def test_parameters_of_cdnow(cdnow, fitter, printed):
    params = fitter().fit(*history(cdnow)).params_
    # beta is printed as 11.669 where the maximum is at 11.668: the paper's optimiser stopped a little early.
    np.testing.assert_allclose(params, printed, atol=0.0015)


# lifetimes' test_estimation.py, after Fader, Hardie & Lee's Excel sheet.
def test_expectations_of_the_excel_sheet(cdnow):
    fitter = BetaGeoFitter().fit(*history(cdnow))
    ahead = fitter.conditional_expected_number_of_purchases_up_to_time(39, 2, 30.43, 38.86)
    assert ahead == pytest.approx(1.226, abs=0.0005)
    times = np.array([0.1429, 1.0, 3.00, 31.8571, 32.00, 78.00])
    printed = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]
    expected = fitter.expected_number_of_purchases_up_to_time(times)
    np.testing.assert_allclose(expected[:5], printed[:5], atol=0.00005)
    # Two years ahead lifetimes, too, is at 1.8580, and asks for three decimals.
    np.testing.assert_allclose(expected, printed, atol=0.0005)


# lifetimes' docs/Quickstart.md, to the digits printed there.
def test_summary_of_the_documentation(cdnow):
    fitter = BetaGeoFitter(penalizer_coef=0.0)
    assert fitter.fit(cdnow["frequency"], cdnow["recency"], cdnow["T"]) is fitter
    assert repr(fitter) == "<lifetimes.BetaGeoFitter: fitted with 2357 subjects, a: 0.79, alpha: 4.41, b: 2.43, r: 0.24>"
    printed = [
        [0.242593, 0.012557, 0.217981, 0.267205],
        [4.413532, 0.378221, 3.672218, 5.154846],
        [0.792886, 0.185719, 0.428877, 1.156895],
        [2.425752, 0.705345, 1.043276, 3.808229],
    ]
    assert list(fitter.summary.index) == ["r", "alpha", "a", "b"]
    assert list(fitter.summary.columns) == ["coef", "se(coef)", "lower 95% bound", "upper 95% bound"]
    np.testing.assert_allclose(fitter.summary, printed, atol=2.1e-6)


def test_best_customers_of_the_documentation(cdnow):
    fitter = BetaGeoFitter().fit(*history(cdnow))
    predicted = fitter.conditional_expected_number_of_purchases_up_to_time(1, *history(cdnow))
    best = predicted.sort_values().tail(5)
    assert list(best.index) == [509, 841, 1981, 157, 1516]
    np.testing.assert_allclose(best, [0.424877, 0.474738, 0.486526, 0.662396, 0.710623], atol=1e-6)


def test_gamma_gamma_of_the_documentation(money, returning):
    fitter = GammaGammaFitter(penalizer_coef=0).fit(returning["frequency"], returning["monetary_value"])
    assert repr(fitter) == "<lifetimes.GammaGammaFitter: fitted with 946 subjects, p: 6.25, q: 3.74, v: 15.45>"
    profit = fitter.conditional_expected_average_profit(money["frequency"], money["monetary_value"])
    printed = [
        24.658619,
        18.911489,
        35.170981,
        35.170981,
        35.170981,
        71.462843,
        18.911489,
        35.170981,
        27.282408,
        35.170981,
    ]
    # lifetimes printed these when its optimiser stopped earlier.
    np.testing.assert_allclose(profit.head(10), printed, atol=2e-5)
    assert profit.mean() == pytest.approx(35.2529588256, abs=1e-5)
    assert profit.index.equals(money.index)


# lifetimes' docs/Quickstart.md, where T is in weeks and `freq` is left at days.
def test_lifetime_values_of_the_documentation(money, returning):
    spend = GammaGammaFitter().fit(returning["frequency"], returning["monetary_value"])
    timing = BetaGeoFitter().fit(*history(money))
    clv = spend.customer_lifetime_value(timing, *history(money), money["monetary_value"], time=12, discount_rate=0.01)
    printed = [
        140.096211,
        18.943467,
        38.180574,
        38.180574,
        38.180574,
        1003.868107,
        28.109683,
        38.180574,
        167.418216,
        38.180574,
    ]
    assert clv.name == "clv"
    np.testing.assert_allclose(clv.head(10), printed, rtol=2e-6)


# Fader, Hardie & Shang (2010), tables 2 and after, as `clv reproduce` has them.
def test_donations_of_the_paper(donations):
    fitter = BetaGeoBetaBinomFitter().fit(donations["frequency"], donations["recency"], donations["periods"], donations["weights"])
    np.testing.assert_allclose(fitter.params_, [1.204, 0.750, 0.657, 2.783], atol=0.0005)
    log_likelihood = -fitter._negative_log_likelihood_ * donations["weights"].sum()
    assert log_likelihood == pytest.approx(-33225.6, abs=0.05)
    alive_in_2002 = fitter.conditional_probability_alive(1, np.array([0, 2, 6]), np.array([0, 4, 6]), np.array([6, 6, 6]))
    np.testing.assert_allclose(alive_in_2002, [0.11, 0.59, 0.93], atol=0.005)


def test_shipped_cdnow_is_that_of_the_repository():
    repository = HERE.parents[1] / "data" / "cdnow" / "orders-sample.csv"
    if not repository.exists():
        pytest.skip("outside of the repository")
    orders = pd.read_csv(repository)
    shipped = datasets.load_dataset("CDNOW_sample.txt", header=None, sep=r"\s+")
    shipped.columns = ["customer_id", "number", "order_date", "quantity", "amount"]
    shipped["order_date"] = pd.to_datetime(shipped["order_date"].astype(str), format="%Y%m%d").dt.strftime("%Y-%m-%d")
    pd.testing.assert_frame_equal(shipped.drop(columns="number"), orders, check_dtype=False)
    first = shipped.groupby("number")[["order_date", "customer_id"]].min()
    assert first.index.tolist() == list(range(1, 2358))
    assert first.equals(first.sort_values(["order_date", "customer_id"]))


@pytest.fixture(scope="module")
def cdnow_orders():
    orders = datasets.load_dataset("CDNOW_sample.txt", header=None, sep=r"\s+")
    orders.columns = ["id_total", "id", "date", "cds", "amount"]
    return orders


# Fader, Hardie & Lee (2005), RFM and CLV, section 4, as lifetimes' test_utils.py has it: to whole dollars.
def test_mean_spend_of_the_paper(cdnow_orders):
    summary = utils.summary_data_from_transaction_data(
        cdnow_orders, "id", "date", "amount", observation_period_end=19970930, datetime_format="%Y%m%d"
    )
    spend = summary.loc[summary["frequency"] > 0, "monetary_value"].describe()
    assert spend.round().loc[["mean", "std", "min", "50%", "max", "count"]].tolist() == [35, 30, 3, 27, 300, 946]


# BTYD's walkthrough (R), Pareto/NBD on CDNOW by weeks, in lifetimes' test_utils.py.
def test_tracking_of_btyd(cdnow_orders):
    by_weeks = {"datetime_format": "%Y%m%d", "freq": "D", "freq_multiplier": 7}
    summary = utils.summary_data_from_transaction_data(cdnow_orders, "id", "date", observation_period_end="19970930", **by_weeks)
    fitter = ParetoNBDFitter().fit(*history(summary))
    tracked = utils.expected_cumulative_transactions(fitter, cdnow_orders, "date", "id", 25 * 7, **by_weeks)
    six_weeks = tracked.iloc[19:25]
    assert six_weeks["actual"].tolist() == [1359, 1414, 1484, 1517, 1573, 1672]
    assert six_weeks["predicted"].round().tolist() == [1309, 1385, 1460, 1533, 1604, 1674]
    each = tracked.diff().iloc[19:25]
    assert each["actual"].tolist() == [73, 55, 70, 33, 56, 99]
    np.testing.assert_allclose(each["predicted"], [78.31, 76.42, 74.65, 72.98, 71.41, 69.93], atol=0.01)


# lifetimes' test_utils.py: BG/NBD on CDNOW by days.
def test_tracking_by_date(cdnow_orders):
    by_days = {"datetime_format": "%Y%m%d", "freq": "D"}
    summary = utils.summary_data_from_transaction_data(cdnow_orders, "id", "date", observation_period_end="19970930", **by_days)
    fitter = BetaGeoFitter().fit(*history(summary))
    tracked = utils.expected_cumulative_transactions(fitter, cdnow_orders, "date", "id", 14, set_index_date=True, **by_days).iloc[-4:]
    assert tracked.index.astype(str).tolist() == ["1997-01-11", "1997-01-12", "1997-01-13", "1997-01-14"]
    assert tracked["actual"].tolist() == [11, 12, 15, 19]
    np.testing.assert_allclose(tracked["predicted"], [10.67, 12.67, 14.87, 17.24], atol=0.01)


# BTYD's manual and walkthrough (R), in lifetimes' test_estimation.py.
def test_expectations_and_chances_of_btyd(cdnow):
    pareto = ParetoNBDFitter().fit(*history(cdnow))
    printed = [
        0,
        0.05077821,
        0.09916088,
        0.14542507,
        0.18979930,
        0.23247466,
        0.27361274,
        0.31335159,
        0.35181024,
        0.38909211,
    ]
    # At BTYD's estimates, which are others in the third digit.
    np.testing.assert_allclose(pareto.expected_number_of_purchases_up_to_time(np.arange(10)), printed, atol=0.003)
    ahead = pareto.conditional_expected_number_of_purchases_up_to_time(52, 26.0, 30.86, 31)
    assert ahead == pytest.approx(25.46, abs=0.01)
    pareto = at(ParetoNBDFitter(), r=0.5534, alpha=10.5802, s=0.6061, beta=11.6562)
    assert pareto.conditional_probability_alive(26.0, 30.86, 31.0) == pytest.approx(0.9979, abs=0.00005)

    fitter = at(BetaGeoFitter(), r=0.243, alpha=4.414, a=0.793, b=2.426)
    assert fitter.probability_of_n_purchases_up_to_time(2, 10) == pytest.approx(1.07869e-07, rel=5e-6)
    assert fitter.probability_of_n_purchases_up_to_time(39, 0) == pytest.approx(0.5737864, abs=5e-8)
    printed = [
        [0.0019995214, 0.0015170236, 0.0011633150, 0.0009003148, 0.0007023638],
        [0.0005517902, 0.0004361913, 0.0003467171, 0.0002769613, 0.0002222260],
    ]
    chances = fitter.probability_of_n_purchases_up_to_time(30, np.arange(11, 21))
    np.testing.assert_allclose(chances, np.ravel(printed), atol=5.1e-11)


# Hardie's sheet BGBB_2011-01-20.xlsx, in lifetimes' test_estimation.py.
def test_donations_of_the_excel_sheet(donations):
    fitter = BetaGeoBetaBinomFitter().fit(donations["frequency"], donations["recency"], donations["periods"], donations["weights"])
    ahead = fitter.predict(5, donations["frequency"], donations["recency"], donations["periods"])
    assert (ahead * donations["weights"]).sum() == pytest.approx(12884.2, abs=0.5)
    expected = fitter.expected_number_of_transactions_in_first_n_periods(6)["model"]
    np.testing.assert_allclose(expected.loc[[0, 6]], [3454.9, 1253.1], atol=0.05)


# lifetimes' test_utils.py.
def test_lifetime_values_of_known_purchases():
    orders = datasets.load_transaction_data(parse_dates=["date"])
    summary = utils.summary_data_from_transaction_data(orders, "id", "date")
    fitter = BetaGeoFitter().fit(*history(summary))
    five, ones = history(fitter.data.head()), pd.Series([1, 1, 1, 1, 1])
    printed = np.array([0.016053, 0.021171, 0.030461, 0.031686, 0.001607])
    undiscounted = utils.customer_lifetime_value(fitter, *five, ones, time=1, discount_rate=0.0)
    np.testing.assert_allclose(undiscounted, printed, atol=1e-6)
    halved = utils.customer_lifetime_value(fitter, *five, ones, time=1, discount_rate=1.0)
    np.testing.assert_allclose(halved, printed / 2, atol=1e-6)


# lifetimes' test_utils.py.
ORDERS = [
    (1, "2015-01-01", 1),
    (1, "2015-02-06", 2),
    (2, "2015-01-01", 2),
    (3, "2015-01-01", 3),
    (3, "2015-01-02", 1),
    (3, "2015-01-05", 5),
    (4, "2015-01-16", 6),
    (4, "2015-02-02", 3),
    (4, "2015-02-05", 3),
    (5, "2015-01-16", 3),
    (5, "2015-01-17", 1),
    (5, "2015-01-18", 8),
    (6, "2015-02-02", 5),
]


@pytest.fixture
def orders():
    return pd.DataFrame(ORDERS, columns=["id", "date", "amount"])


def test_summary_with_money(orders):
    summary = utils.summary_data_from_transaction_data(orders, "id", "date", "amount", observation_period_end="2015-02-07")
    expected = [[1, 36, 37, 2], [0, 0, 37, 0], [2, 4, 37, 3], [2, 20, 22, 3], [2, 2, 22, 4.5], [0, 0, 5, 0]]
    assert summary.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert summary.index.name == "id"
    assert summary.to_numpy().tolist() == expected


def test_summary_by_weeks(orders):
    summary = utils.summary_data_from_transaction_data(orders, "id", "date", observation_period_end="20150207", freq="W")
    assert summary.to_numpy().tolist() == [[1, 5, 5], [0, 0, 5], [1, 1, 5], [1, 3, 3], [0, 0, 3], [0, 0, 0]]


def test_first_transactions_by_weeks(orders):
    found = utils.find_first_transactions(orders, "id", "date", "amount", observation_period_end="2015-02-07", freq="W")
    assert found["first"].tolist() == [True, False, True, True, False, True, False, True, True]
    assert found["amount"].tolist() == [1, 2, 2, 4, 5, 6, 6, 12, 5]
    assert found["amount"].dtype == "int64"
    assert found["date"].dtype == pd.PeriodDtype("W-SUN")
    assert str(found["date"][0]) == "2014-12-29/2015-01-04"


def test_calibration_and_holdout(orders):
    split = utils.calibration_and_holdout_data(orders, "id", "date", "2015-02-01", "2015-02-07", freq="W")
    assert split.to_numpy().tolist() == [
        [0, 0, 4, 1, 1],
        [0, 0, 4, 0, 1],
        [1, 1, 4, 0, 1],
        [0, 0, 2, 1, 1],
        [0, 0, 2, 0, 1],
    ]
    priced = utils.calibration_and_holdout_data(orders, "id", "date", "2015-02-01", "2015-02-07", monetary_value_col="amount")
    assert priced["monetary_value_cal"].tolist() == [0, 0, 3, 0, 4.5]
    assert priced["monetary_value_holdout"].tolist() == [2, 0, 0, 3, 0]
    early = utils.calibration_and_holdout_data(orders, "id", "date", "2015-02-01", "2015-02-04")
    assert early["frequency_holdout"].tolist() == [0, 0, 0, 1, 0]
    with pytest.raises(ValueError, match="no orders after calibration_period_end"):
        utils.calibration_and_holdout_data(orders, "id", "date", "2015-03-01", "2015-03-04")
    with pytest.raises(ValueError, match=r"no orders up to calibration_period_end .*: the first order is of"):
        utils.calibration_and_holdout_data(orders, "id", "date", "1999-01-01")


def test_alive_path_ends_where_the_summary_does():
    orders = datasets.load_transaction_data(parse_dates=["date"])
    summary = utils.summary_data_from_transaction_data(orders, "id", "date")
    fitter = BetaGeoFitter().fit(*history(summary))
    frequency, recency, T = summary.loc[33]
    path = utils.calculate_alive_path(fitter, orders[orders["id"] == 33], "date", 205)
    assert path[0] == 1
    assert len(path) == 206
    assert path[int(T)] == pytest.approx(fitter.conditional_probability_alive(frequency, recency, T)[0], rel=1e-14)


# --- Where lifetimes errs ----------------------------------------------------------------------------------------------


def test_summary_by_calendar_months_and_years(orders):
    months = utils.summary_data_from_transaction_data(orders, "id", "date", observation_period_end="2015-04-30", freq="M")
    assert months.loc[1].tolist() == [1, 1, 3]
    years = utils.summary_data_from_transaction_data(orders, "id", "date", observation_period_end="2017-04-30", freq="Y")
    assert years["T"].tolist() == [2] * 6


def test_dates_are_read_before_the_last_is_sought():
    orders = pd.DataFrame({"id": [1, 1], "date": ["31/01/2015", "02/03/2015"]})
    summary = utils.summary_data_from_transaction_data(orders, "id", "date", datetime_format="%d/%m/%Y")
    assert summary.to_numpy().tolist() == [[1, 30, 30]]


@pytest.mark.parametrize("name", ["H", "h"])
def test_hours_by_either_name(name):
    orders = pd.DataFrame({"id": [1, 1], "date": pd.to_datetime(["2015-01-01 10:00", "2015-01-02 16:00"])})
    summary = utils.summary_data_from_transaction_data(orders, "id", "date", freq=name, freq_multiplier=24)
    assert summary.to_numpy().tolist() == [[1, 1.25, 1.25]]


def test_orders_of_a_place_keep_its_days():
    moments = pd.to_datetime(["2015-01-01 23:30", "2015-01-02 00:30"]).tz_localize("Asia/Tokyo")
    orders = pd.DataFrame({"id": [1, 1], "date": moments})
    assert utils.summary_data_from_transaction_data(orders, "id", "date").to_numpy().tolist() == [[1, 1, 1]]


def test_orders_without_customer_or_date_are_left_out_aloud():
    orders = pd.DataFrame({"id": [1, None, 2], "date": ["2015-01-01", "2015-01-02", None]})
    with pytest.warns(DataWarning, match="2 of 3 orders"):
        summary = utils.summary_data_from_transaction_data(orders, "id", "date")
    assert summary.index.tolist() == [1]


# Limits of formulas that lifetimes divides by zero in: E[X(t)] is continuous in a and in s at 1.
def test_no_pole_at_one():
    for fitter, name in [(BetaGeoFitter, "a"), (ModifiedBetaGeoFitter, "a")]:
        values = [
            at(fitter(), r=0.5, alpha=10.0, a=a, b=2.5).conditional_expected_number_of_purchases_up_to_time(50, 3, 20, 30)
            for a in (1 - 1e-4, 1.0, 1 + 1e-4)
        ]
        assert values[1] == pytest.approx((values[0] + values[2]) / 2, rel=1e-7), name
    pareto = at(ParetoNBDFitter(), r=0.5, alpha=10.0, s=1.0, beta=12.0)
    # r beta/alpha ln(1 + t/beta), the integral of the survival.
    assert pareto.expected_number_of_purchases_up_to_time(50) == pytest.approx(0.6 * math.log(62 / 12), rel=1e-14)


def test_nothing_is_nan_or_negative_for_heavy_buyers():
    x, t_x, T = np.array([0, 40, 400, 1500.0]), np.array([0, 99, 80, 300.0]), np.array([100, 100, 100, 300.0])
    for fitter in (
        at(BetaGeoFitter(), r=1.2, alpha=30.0, a=0.3, b=0.4),
        at(ModifiedBetaGeoFitter(), r=1.2, alpha=30.0, a=0.3, b=0.4),
        at(ParetoNBDFitter(), r=5.0, alpha=100.0, s=20.0, beta=5000.0),
    ):
        alive = fitter.conditional_probability_alive(x, t_x, T)
        assert ((alive >= 0) & (alive <= 1)).all()
        for t in (1e-6, 1.0, 1000.0, 1e5):
            ahead = fitter.conditional_expected_number_of_purchases_up_to_time(t, x, t_x, T)
            assert (np.isfinite(ahead) & (ahead >= 0)).all()
        chances = fitter.probability_of_n_purchases_up_to_time(1.0, np.arange(400))
        assert (chances >= 0).all()
        assert chances.sum() == pytest.approx(1.0, abs=1e-12)
        for n in (5, 30, 100):
            chance = fitter.conditional_probability_of_n_purchases_up_to_time(n, 50.0, x, t_x, T)
            assert ((chance >= 0) & (chance <= 1)).all()


# Exact fractions: every beta function of FHS10, equation 5, is a product of chances. Here they give 0.41426; lifetimes, which
# adds 1e-15 to a probability that is smaller, 0.0000339.
def test_alive_after_many_opportunities():
    alpha, beta, gamma, delta = (Fraction(text) for text in ("1.204", "0.75", "0.657", "2.783"))

    def rising(base, n):
        product = Fraction(1)
        for i in range(n):
            product *= base + i
        return product

    def ratio(a, b, plus_a, plus_b):
        return rising(a, plus_a) * rising(b, plus_b) / rising(a + b, plus_a + plus_b)

    x, t_x, n = 32, 54, 59
    stays = ratio(alpha, beta, x, n - x) * ratio(gamma, delta, 0, n)
    left = sum(ratio(alpha, beta, x, m - x) * ratio(gamma, delta, 1, m) for m in range(t_x, n))
    fitter = at(BetaGeoBetaBinomFitter(), alpha=1.204, beta=0.75, gamma=0.657, delta=2.783)
    alive = fitter.conditional_probability_alive(0, x, t_x, n)
    assert alive == pytest.approx(float(stays / (stays + left)), rel=1e-12)
    assert alive == pytest.approx(0.41426, abs=5e-6)


def test_covariances_are_symmetric_and_pareto_has_them(cdnow):
    for fitter in TIMING:
        fitted = fitter().fit(*history(cdnow))
        variance = fitted.variance_matrix_.to_numpy()
        np.testing.assert_allclose(variance, variance.T)
        assert (np.linalg.eigvalsh(variance) > 0).all()
        assert (fitted.standard_errors_ > 0).all()
        assert (fitted.confidence_intervals_["lower 95% bound"] >= 0).all()


def test_infinite_mean_spend_is_refused():
    fitter = at(GammaGammaFitter(), p=2.0, q=0.9, v=15.0)
    # p (v + x m)/(p x + q - 1), GG13 equation 5.
    assert fitter.conditional_expected_average_profit(1, 10.0) == pytest.approx(2.0 * 25.0 / 1.9, rel=1e-14)
    with pytest.raises(ValueError, match="q <= 1"):
        fitter.conditional_expected_average_profit(np.array([0, 1]), np.array([0.0, 10.0]))


def test_q_constraint_holds_q_at_one(returning):
    free = GammaGammaFitter(1.0).fit(returning["frequency"], returning["monetary_value"])
    held = GammaGammaFitter(1.0).fit(returning["frequency"], returning["monetary_value"], q_constraint=True)
    assert free.params_["q"] < 1
    assert held.params_["q"] == 1
    # lifetimes 0.11.3 by L-BFGS-B: 0.699607, 1, 0.692407 with objective 9.37600527.
    np.testing.assert_allclose(held.params_, [0.6996, 1, 0.6924], atol=1e-4)
    assert held._negative_log_likelihood_ <= 9.37600527
    idle = GammaGammaFitter().fit(returning["frequency"], returning["monetary_value"], q_constraint=True)
    assert idle.params_["q"] == pytest.approx(3.74, abs=0.005)


# --- Inputs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fitter", TIMING)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"recency": [0, 3, 20, 4]}, "recency is larger than T"),
        ({"recency": [1, 3, 2, 4]}, "recency is not zero although frequency is"),
        ({"recency": [0, -3, 2, 4]}, "recency is negative"),
        ({"frequency": [0, 1.5, 2, 3]}, "frequency is not a whole number"),
        ({"frequency": [0, -1, 2, 3]}, "frequency is negative"),
        ({"frequency": [0, float("nan"), 2, 3]}, "frequency has 1 of 4, the first at position 1"),
        ({"recency": [0, 3, float("nan"), 4]}, "recency has 1 of 4"),
        ({"T": [5, float("inf"), 6, 7]}, "T has 1 of 4"),
        ({"T": [5, 6, 7]}, "different lengths"),
        ({"T": ["a", "b", "c", "d"]}, "T is not made of numbers"),
        ({"frequency": [], "recency": [], "T": []}, "no customers"),
        ({"weights": [1, 1, -1, 1]}, "weights"),
        ({"weights": [0, 0, 0, 0]}, "weights"),
    ],
)
def test_impossible_histories_are_refused(fitter, changed, said):
    columns = {"frequency": [0, 1, 2, 3], "recency": [0, 3, 2, 4], "T": [5, 6, 7, 8], **changed}
    with pytest.raises(ValueError, match=said):
        fitter().fit(**columns)


def test_shuffled_rows_are_refused_and_renamed_ones_are_not(cdnow):
    frequency, recency, T = history(cdnow)
    with pytest.raises(ValueError, match="different indexes"):
        BetaGeoFitter().fit(frequency, recency, T.sample(frac=1.0, random_state=1))
    renamed = T.set_axis([f"c{i}" for i in range(len(T))])
    assert BetaGeoFitter().fit(frequency, recency, renamed).params_["r"] == pytest.approx(0.243, abs=0.0005)


def test_impossible_spend_is_refused():
    with pytest.raises(ValueError, match="zero or negative"):
        GammaGammaFitter().fit([1, 2], [0.0, 3.0])
    with pytest.raises(ValueError, match="frequency is zero"):
        GammaGammaFitter().fit([0, 2], [1.0, 3.0])
    with pytest.raises(ValueError, match="whole number"):
        GammaGammaFitter().fit([1.5, 2], [1.0, 3.0])


def test_impossible_questions_are_refused(cdnow):
    fitter = BetaGeoFitter().fit(*history(cdnow))
    with pytest.raises(ValueError, match="t is negative"):
        fitter.predict(-1, 1, 2, 3)
    with pytest.raises(ValueError, match="larger than T"):
        fitter.predict(1, 1, 4, 3)
    with pytest.raises(ValueError, match="t has 1 of 1"):
        fitter.expected_number_of_purchases_up_to_time(float("inf"))
    with pytest.raises(ValueError, match="different indexes"):
        fitter.predict(1, cdnow["frequency"], cdnow["recency"], cdnow["T"].sample(frac=1.0, random_state=1))
    with pytest.raises(ValueError, match="whole opportunities"):
        at(BetaGeoBetaBinomFitter(), alpha=1.2, beta=0.7, gamma=0.7, delta=2.8).conditional_probability_alive(0, 3, 2, 6)


# Purchases at gamma rates by customers who never leave: r 2, alpha 20 by construction, and no dropout to find.
@pytest.mark.parametrize("fitter", TIMING)
def test_what_data_do_not_determine_is_said(tmp_path, fitter):
    rng = np.random.default_rng(1)
    T = rng.integers(20, 60, 2000).astype(float)
    x = rng.poisson(rng.gamma(2.0, 1 / 20, 2000) * T)
    t_x = np.where(x > 0, T * rng.beta(np.maximum(x, 1), 1), 0.0)
    with pytest.warns(FitWarning, match="ridge|boundary") as caught:
        fitted = fitter().fit(x, t_x, T)
    assert caught[0].filename == __file__
    np.testing.assert_allclose(fitted.params_[["r", "alpha"]], [2.0, 20.0], rtol=0.15)
    assert not fitted.summary.isna().any(axis=None)
    assert (fitted.conditional_probability_alive(x, t_x, T) > 0.9).mean() > 0.99
    fitted.save_model(tmp_path / "model.json")
    loaded = fitter()
    loaded.load_model(tmp_path / "model.json")
    np.testing.assert_allclose(loaded.summary, fitted.summary)


def test_too_few_returning_customers_are_refused():
    with pytest.raises(ValueError, match="repeat purchase"):
        BetaGeoFitter().fit([0, 1, 2], [0, 3, 5], [5, 6, 7])


def test_missing_pandas_is_named():
    script = "import sys; sys.modules['pandas'] = None; from clv.lifetimes import *; BetaGeoFitter().fit([1], [1], [1])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "pip install pandas" in run.stderr


def test_names_of_errors():
    assert utils.ConvergenceError is ConvergenceError
    assert issubclass(ConvergenceError, ValueError)


def test_before_a_fit():
    fitter = BetaGeoFitter()
    assert repr(fitter) == "<lifetimes.BetaGeoFitter>"
    for ask in (lambda: fitter.predict(1, 1, 1, 1), lambda: fitter.summary, lambda: fitter.generate_new_data()):
        with pytest.raises(NotFittedError, match="has not been fitted"):
            ask()
    with pytest.raises(ValueError, match="penalizer_coef"):
        BetaGeoFitter(penalizer_coef=-1)


def test_pareto_keeps_lifetimes_rules_of_starts(cdnow):
    with pytest.raises(ValueError, match="at least 1"):
        ParetoNBDFitter().fit(*history(cdnow), iterative_fitting=0)
    with pytest.raises(ValueError, match="not both"):
        ParetoNBDFitter().fit(*history(cdnow), iterative_fitting=2, initial_params=[1, 1, 1, 1])


def test_lists_arrays_and_series_are_one(cdnow):
    columns = history(cdnow)
    params = [BetaGeoFitter().fit(*of).params_.tolist() for of in (columns, [c.to_numpy() for c in columns], [c.tolist() for c in columns])]
    assert params[0] == params[1] == params[2]
    index = [f"c{i}" for i in range(len(cdnow))]
    assert BetaGeoFitter().fit(*columns, index=index).data.index.tolist() == index
    assert BetaGeoFitter().fit(*columns).data.columns.tolist() == ["frequency", "recency", "T", "weights"]


# Counting a customer twice is writing its row twice.
@pytest.mark.parametrize("fitter", TIMING)
def test_weights_count_customers(cdnow, fitter):
    weights = 1 + np.arange(len(cdnow)) % 3
    rows = cdnow.loc[np.repeat(cdnow.index, weights)]
    weighted, written = fitter(0.0).fit(*history(cdnow), weights=weights), fitter(0.0).fit(*history(rows))
    np.testing.assert_allclose(weighted.params_, written.params_, rtol=1e-9)
    np.testing.assert_allclose(weighted.standard_errors_, written.standard_errors_, rtol=1e-6)


def test_kinds_of_answers_are_those_of_lifetimes(cdnow):
    three = history(cdnow.head(3))
    for fitter, as_array in [(BetaGeoFitter, True), (ModifiedBetaGeoFitter, True), (ParetoNBDFitter, False)]:
        fitted = fitter().fit(*history(cdnow))
        assert isinstance(fitted.predict(10, *three), pd.Series)
        assert fitted.predict(10, *three).index.equals(cdnow.index[:3])
        assert isinstance(fitted.predict(10, 2, 30.0, 38.0), float)
        alive = fitted.conditional_probability_alive(*three)
        assert isinstance(alive, np.ndarray if as_array else pd.Series)
        alive = fitted.conditional_probability_alive(2, 30.0, 38.0)
        assert alive.shape == (1,) if as_array else isinstance(alive, float)
        matrix = fitted.conditional_probability_alive_matrix()
        assert matrix.shape == (39, 30)
        one = np.atleast_1d(fitted.conditional_probability_alive(3, 20, 38))[0]
        assert matrix[20, 3] == one


# --- Files, copies, customers drawn from models ------------------------------------------------------------------------


def test_saved_models_come_back(tmp_path, cdnow, returning):
    pareto = ParetoNBDFitter(0.1).fit(*history(cdnow), index=cdnow.index)
    spend = GammaGammaFitter().fit(returning["frequency"], returning["monetary_value"])
    for fitted in (pareto, spend):
        path = tmp_path / "model.json"
        fitted.save_model(path)
        loaded = type(fitted)()
        loaded.load_model(path)
        assert repr(loaded) == repr(fitted)
        assert loaded.params_.equals(fitted.params_)
        assert loaded._negative_log_likelihood_ == fitted._negative_log_likelihood_
        np.testing.assert_allclose(loaded.summary, fitted.summary, rtol=1e-14)
        pd.testing.assert_frame_equal(loaded.data, fitted.data, check_names=False)
    pareto.save_model(path, save_data=False, values_to_save=[""])
    loaded = ParetoNBDFitter()
    loaded.load_model(path)
    assert loaded.data == ""
    assert "fitted with" not in repr(loaded)
    assert loaded.predict(10, 2, 30, 38) == pareto.predict(10, 2, 30, 38)
    with pytest.raises(ValueError, match="not a BetaGeoFitter"):
        BetaGeoFitter().load_model(path)


def test_pickles_of_lifetimes_are_not_run(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"r": 1}))
    with pytest.raises(ValueError, match="only lifetimes itself can read"):
        BetaGeoFitter().load_model(path)


def test_fitters_are_where_lifetimes_has_them():
    places = {
        "beta_geo_fitter": "BetaGeoFitter",
        "modified_beta_geo_fitter": "ModifiedBetaGeoFitter",
        "pareto_nbd_fitter": "ParetoNBDFitter",
        "gamma_gamma_fitter": "GammaGammaFitter",
        "beta_geo_beta_binom_fitter": "BetaGeoBetaBinomFitter",
    }
    for place, name in places.items():
        run = f"from clv.lifetimes.fitters.{place} import {name}; import clv.lifetimes as l; assert {name} is l.{name}"
        subprocess.run([sys.executable, "-c", run], check=True)
        assert getattr(getattr(clv.lifetimes.fitters, place), name) is getattr(clv.lifetimes, name)
    assert issubclass(clv.lifetimes.BetaGeoFitter, clv.lifetimes.fitters.BaseFitter)


def test_fitters_can_be_copied_and_pickled(cdnow):
    fitter = BetaGeoFitter().fit(*history(cdnow))
    for other in (copy.deepcopy(fitter), pickle.loads(pickle.dumps(fitter))):
        assert other.predict(10, 2, 30, 38) == fitter.predict(10, 2, 30, 38)


# Simulation with known truth: P(X(t) = 0) and E[X(t)] of the drawn customers, within four standard errors.
@pytest.mark.parametrize(
    ("fitter", "draw", "parameters"),
    [
        (BetaGeoFitter, generate_data.beta_geometric_nbd_model, {"r": 0.5, "alpha": 8.0, "a": 0.8, "b": 2.4}),
        (
            ModifiedBetaGeoFitter,
            generate_data.modified_beta_geometric_nbd_model,
            {"r": 0.5, "alpha": 8.0, "a": 0.8, "b": 2.4},
        ),
        (ParetoNBDFitter, generate_data.pareto_nbd_model, {"r": 0.5, "alpha": 8.0, "s": 0.6, "beta": 12.0}),
    ],
)
def test_drawn_customers_are_those_of_the_model(fitter, draw, parameters):
    np.random.seed(5)
    size = 40_000
    drawn = draw(40.0, **parameters, size=size)
    fitter = at(fitter(), **parameters)
    none = fitter.probability_of_n_purchases_up_to_time(40.0, 0)
    assert (drawn["frequency"] == 0).mean() == pytest.approx(none, abs=4 * math.sqrt(none * (1 - none) / size))
    error = drawn["frequency"].std() / math.sqrt(size)
    expected = fitter.expected_number_of_purchases_up_to_time(40.0)
    assert drawn["frequency"].mean() == pytest.approx(expected, abs=4 * error)
    alive = fitter.conditional_probability_alive(drawn["frequency"], drawn["recency"], drawn["T"])
    assert drawn["alive"].mean() == pytest.approx(np.mean(alive), abs=4 * 0.5 / math.sqrt(size))


def test_drawn_opportunities_are_those_of_the_model(donations):
    np.random.seed(6)
    fitter = BetaGeoBetaBinomFitter().fit(donations["frequency"], donations["recency"], donations["periods"], donations["weights"])
    drawn = fitter.generate_new_data(size=11_104)
    expected = fitter.expected_number_of_transactions_in_first_n_periods(6)["model"]
    counts = drawn["frequency"].value_counts().reindex(expected.index)
    assert (abs(counts - expected) < 4 * np.sqrt(expected)).all()
    next_year = fitter.conditional_probability_alive(1, drawn["frequency"], drawn["recency"], drawn["n_periods"])
    assert drawn["alive"].mean() == pytest.approx(next_year.mean(), abs=0.02)


def test_drawn_orders_make_the_summary_they_are_drawn_from():
    np.random.seed(7)
    orders = generate_data.beta_geometric_nbd_model_transactional_data(
        100, 0.5, 8.0, 0.8, 2.4, observation_period_end="2019-01-01", size=500
    )
    assert orders.columns.tolist() == ["customer_id", "date"]
    assert orders["customer_id"].nunique() == 500
    assert orders["date"].max() <= pd.Timestamp("2019-01-01")
    summary = utils.summary_data_from_transaction_data(orders, "customer_id", "date", observation_period_end="2019-01-01")
    assert (summary["T"] == 100).all()


def test_data_that_are_not_shipped_are_named():
    with pytest.raises(FileNotFoundError, match="data/cdnow/orders"):
        datasets.load_dataset("CDNOW_master.txt")
    with pytest.raises(FileNotFoundError, match="there are"):
        datasets.load_dataset("larynx.csv")


# --- Plots -------------------------------------------------------------------------------------------------------------


def test_every_plot_draws(cdnow):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    from clv.lifetimes import plotting

    orders = datasets.load_transaction_data()
    split = utils.calibration_and_holdout_data(orders, "id", "date", "2014-09-01", "2014-12-31")
    fitter = BetaGeoFitter().fit(split["frequency_cal"], split["recency_cal"], split["T_cal"])
    one = orders[orders["id"] == 35]
    tracked = (fitter, orders, "date", "id", 365, 243)
    draws = {
        "plot_period_transactions": [((fitter,), {})],
        "plot_calibration_purchases_vs_holdout_purchases": [
            ((fitter, split), {}),
            ((fitter, split), {"kind": "time_since_last_purchase", "n": 50}),
        ],
        "plot_frequency_recency_matrix": [((fitter,), {"max_recency": 40}), ((fitter,), {"T": 10, "max_frequency": 9})],
        "plot_probability_alive_matrix": [((fitter,), {})],
        "plot_expected_repeat_purchases": [((fitter,), {}), ((fitter,), {"label": "test", "color": "r"})],
        "plot_history_alive": [((fitter, 200, one, "date"), {}), ((fitter, 30, one, "date"), {"freq": "2W"})],
        "plot_cumulative_transactions": [(tracked, {}), (tracked, {"set_index_date": True})],
        "plot_incremental_transactions": [(tracked, {}), (tracked, {"set_index_date": True})],
        "plot_transaction_rate_heterogeneity": [((fitter,), {})],
        "plot_dropout_rate_heterogeneity": [((fitter,), {})],
    }
    assert sorted(draws) == plotting.__all__
    for name, calls in draws.items():
        for arguments, keywords in calls:
            plt.close("all")
            ax = getattr(plotting, name)(*arguments, **keywords)
            assert ax.get_title()
            assert ax.lines or ax.images or ax.patches
            ax.figure.canvas.draw()
    plt.close("all")


# The area under a density up to its 99% quantile; a trapezoid rule sees it but for the corner at zero.
def test_heterogeneity_is_a_density():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from clv.lifetimes import plotting

    fitter = at(BetaGeoFitter(), r=3.0, alpha=10.0, a=2.0, b=5.0)
    for plot in (plotting.plot_transaction_rate_heterogeneity, plotting.plot_dropout_rate_heterogeneity):
        x, y = plot(fitter).lines[0].get_data()
        assert float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum()) == pytest.approx(0.99, abs=2e-3)


def test_a_calibration_before_the_first_order_is_named():
    orders = pd.DataFrame({"id": [1, 1], "date": ["2024-01-05", "2024-02-05"]})
    with pytest.raises(ValueError, match=r"no orders up to calibration_period_end \(2023-12-01.*\): the first order is of 2024-01-05"):
        utils.calibration_and_holdout_data(orders, "id", "date", "2023-12-01")
