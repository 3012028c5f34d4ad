"""Published results, and what other packages assert in their tests, through the Python API.

FHL05: Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2). GG13: Fader & Hardie (2013), note 025.
FHS10: Fader, Hardie & Shang (2010), Marketing Science 29(6). BTYD: the R package's manual and walkthrough, as the tests of lifetimes 0.11
have them. PyMC: the tests of pymc-marketing.
"""

import numpy as np
import pandas as pd
import pytest

import clv

FHL05_BG = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
FHL05_PARETO = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
BTYD_PARETO = {"r": 0.5534, "alpha": 10.5802, "s": 0.6061, "beta": 11.6562}
HW07_MBG = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
GG13 = {"p": 6.25, "q": 3.74, "gamma": 15.44}

# FHS10: x, t_x and supporters of the 11,104 first-time donors of 1995, over six years.
SUPPORTERS = """0 0 3464, 1 1 1091, 1 2 277, 1 3 129, 1 4 78, 1 5 119, 1 6 129, 2 2 613, 2 3 255, 2 4 155, 2 5 173, 2 6 234, 3 3 322,
3 4 181, 3 5 225, 3 6 357, 4 4 240, 4 5 284, 4 6 512, 5 5 335, 5 6 728, 6 6 1203"""


def customer(frequency: float, recency: float, T: float, monetary_value: float | None = None) -> pd.DataFrame:
    columns = {"frequency": [frequency], "recency": [recency], "T": [T]}
    return pd.DataFrame(columns if monetary_value is None else columns | {"monetary_value": [monetary_value]})


@pytest.fixture(scope="module")
def supporters() -> pd.DataFrame:
    rows = [list(map(int, row.split())) for row in SUPPORTERS.split(",")]
    distinct = pd.DataFrame(rows, columns=["frequency", "recency", "weight"])
    customers = distinct.loc[distinct.index.repeat(distinct["weight"])].reset_index(drop=True)
    return customers.assign(T=6)[["frequency", "recency", "T"]]


@pytest.fixture(scope="module")
def donations(supporters: pd.DataFrame) -> clv.BgBb:
    return clv.BgBb().fit(supporters)


@pytest.mark.parametrize(
    ("kind", "printed", "log_likelihood"),
    [
        (clv.BgNbd, FHL05_BG, -9582.4),  # FHL05, table 2
        (clv.ParetoNbd, FHL05_PARETO, -9595.0),  # FHL05, table 2
        (clv.MbgNbd, HW07_MBG, None),  # BTYDplus, in the tests of lifetimes
    ],
)
def test_estimates_are_the_papers(kind, printed, log_likelihood, summary):
    model = kind(spend=None).fit(summary)
    assert model.params_ == pytest.approx(printed, abs=0.0005)
    if log_likelihood is not None:
        assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=0.05)
    assert model.n_customers_ == 2357


def test_estimates_do_not_depend_on_dates(summary, undated):
    with_dates = clv.BgNbd().fit(summary)
    without = clv.BgNbd().fit(undated.reset_index(drop=True))
    assert without.params_ == with_dates.params_
    assert without.log_likelihood_ == with_dates.log_likelihood_


def test_gamma_gamma_is_the_notes(summary):
    # GG13, and CLVTools for the log-likelihood.
    model = clv.GammaGamma().fit(summary)
    assert model.params_ == pytest.approx(GG13, abs=0.005)
    assert model.log_likelihood_ == pytest.approx(-4055.92, abs=0.005)
    assert model.n_customers_ == 946
    assert model.population_mean_ == pytest.approx(35.17, abs=0.005)
    assert model.frequency_correlation_ == pytest.approx(0.11, abs=0.005)


def test_standard_errors_are_those_of_btyd(summary):
    # FHL05's fits in CLVTools, from a Hessian by differences.
    bg = clv.BgNbd(spend=None).fit(summary).standard_errors_
    assert list(bg.values()) == pytest.approx([0.01256, 0.3782, 0.1857, 0.7053], abs=1.5e-4)
    pareto = clv.ParetoNbd(spend=None).fit(summary).standard_errors_
    assert list(pareto.values()) == pytest.approx([0.04763, 0.84272, 0.18726, 6.2105], abs=7e-4)


def test_log_likelihood_of_given_parameters_is_note_004s(summary):
    # Fader, Hardie & Lee (2005), note 004: all parameters 1.
    model = clv.BgNbd.from_params(r=1, alpha=1, a=1, b=1, unit="week", until="1997-09-30")
    assert model.score(summary) * len(summary) == pytest.approx(-13887.7, abs=0.05)


def test_spend_of_the_first_ten_is_the_spreadsheets(summary):
    # GG13's spreadsheet, in the tests of lifetimes.
    first = summary.loc[
        summary["customer_id"].isin(["00004", "00021", "00050", "00071", "00086", "00111", "00112", "00113", "00114", "00131"])
    ]
    printed = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    model = clv.GammaGamma.from_params(**GG13, unit="week", until="1997-09-30")
    assert model.expected_spend(first).to_numpy() == pytest.approx(printed, abs=0.1)
    fitted = clv.GammaGamma().fit(summary)
    assert fitted.expected_spend(first).to_numpy() == pytest.approx(printed, abs=0.005)


def test_conditional_expectation_of_bg_nbd_is_note_004s(summary):
    model = clv.BgNbd(spend=None).fit(summary[["frequency", "recency", "T"]])
    expected = model.expected_purchases(customer(2, 30.43, 38.86), 39)
    assert float(expected.iloc[0]) == pytest.approx(1.226, abs=0.0005)


def test_expectations_of_new_customers_are_the_spreadsheets(summary):
    # Note 004's spreadsheet, which truncates a series; lifetimes asserts three decimals.
    model = clv.BgNbd(spend=None).fit(summary)
    times = [1 / 7, 1.0, 3.0, 31 + 6 / 7, 32.0, 78.0]
    assert model.expected_purchases_new(times) == pytest.approx([0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576], abs=5e-4)


def test_counts_of_new_customers_are_btyds():
    model = clv.BgNbd.from_params(**FHL05_BG)
    assert model.pmf_new(2, 10)[10] == pytest.approx(1.07869e-07, rel=1e-5)
    assert model.pmf_new(39, 0)[0] == pytest.approx(0.5737864, abs=5e-8)
    printed = [
        0.0019995214,
        0.0015170236,
        0.0011633150,
        0.0009003148,
        0.0007023638,
        0.0005517902,
        0.0004361913,
        0.0003467171,
        0.0002769613,
        0.0002222260,
    ]
    assert model.pmf_new(30, 20)[11:] == pytest.approx(printed, abs=5e-10)


def test_pareto_nbd_is_btyds():
    model = clv.ParetoNbd.from_params(**BTYD_PARETO)
    best = customer(26, 30.86, 31)
    assert float(model.expected_purchases(best, 52).iloc[0]) == pytest.approx(25.46, abs=0.01)  # of more digits than are printed
    assert float(model.p_alive(best).iloc[0]) == pytest.approx(0.9979, abs=0.00005)
    printed = [0.0, 0.05077821, 0.09916088, 0.14542507, 0.18979930, 0.23247466, 0.27361274, 0.31335159, 0.35181024, 0.38909211]
    manual = clv.ParetoNbd.from_params(r=0.55, alpha=10.56, s=0.61, beta=11.64)
    assert manual.expected_purchases_new(range(10)) == pytest.approx(printed, abs=6e-9)


def test_pareto_nbd_stays_in_range_where_lifetimes_had_to_guard():
    model = clv.ParetoNbd.from_params(r=10.465, alpha=7.98565181e-03, s=3.0516, beta=2.820)
    hard = pd.DataFrame({"frequency": [40, 50, 50, 400, 500, 500], "recency": [5.0, 1, 4, 5, 1, 4], "T": [6.0, 37, 37, 6, 37, 37]})
    alive = model.p_alive(hard)
    assert ((alive >= 0) & (alive <= 1)).all()
    assert np.isfinite(model.score(hard))
    near = clv.ParetoNbd.from_params(r=0.55, alpha=10.58, s=0.61, beta=11.67)
    two = near.expected_purchases(pd.DataFrame({"frequency": [132, 133], "recency": 200.0, "T": 200.0}), 10)
    assert two.to_numpy() == pytest.approx([6.2060517889632418, 6.2528722475748113], rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "frequency", "recency", "known"),
    [
        (clv.BgNbd, 0, 0, -0.59947382),
        (clv.BgNbd, 200, 38, 100.7957),
        (clv.MbgNbd, 0, 0, -0.41792826),
        (clv.MbgNbd, 200, 38, 100.7869),
    ],
)
def test_log_likelihoods_of_single_customers_are_pymcs(kind, frequency, recency, known):
    # PyMC, for the formulas of Hardie's note 027.
    model = kind.from_params(r=0.25, alpha=4.0, a=0.8, b=2.5)
    assert model.score(customer(frequency, recency, 40)) == pytest.approx(known, abs=5e-5 if abs(known) > 1 else 5e-8)


def test_donations_are_the_papers(donations):
    # FHS10, table 4, and BTYD for the log-likelihood.
    assert donations.params_ == pytest.approx({"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}, abs=0.0005)
    assert donations.log_likelihood_ == pytest.approx(-33225.6, abs=0.05)
    assert donations.n_customers_ == 11104


def test_donations_to_come_are_the_spreadsheets(donations, supporters):
    # Note 010's spreadsheet: sheets "Conditional Expectations (II)", "In-Sample Fit", "Tracking Plot"; the last as PyMC asserts it.
    assert donations.expected_purchases(supporters, 5).sum() == pytest.approx(12884.2, abs=0.5)
    counts = 11104 * donations.pmf_new(6, 6)
    assert counts[[0, 6]] == pytest.approx([3454.9, 1253.1], abs=0.05)
    printed = [0.4985, 0.9233, 1.2969, 1.6323, 1.9381, 2.2202, 2.4826, 2.7285, 2.9603, 3.1798, 3.3887]
    assert donations.expected_purchases_new(range(1, 12)) == pytest.approx(printed, abs=5e-5)


def test_supporters_alive_next_year_are_table_6s(donations):
    three = pd.DataFrame({"frequency": [0, 2, 6], "recency": [0, 4, 6], "T": 6})
    # The table is of 2002: alive after 2001, and still there a year later.
    chance = donations.predict(three, 1)
    (column,) = [name for name in chance.columns if name.startswith("p_alive_")]
    assert chance[column].to_numpy() == pytest.approx([0.11, 0.59, 0.93], abs=0.005)


def test_holdout_of_cdnow_is_as_far_off_as_in_the_paper(sample):
    # FHL05: correlations .626 and .630; totals 4% and 2% under by week 78.
    compared = clv.compare(sample, models=["bg-nbd", "pareto-nbd"], split="1997-09-30").models.set_index("model")
    assert compared["holdout_correlation"]["bg-nbd"] == pytest.approx(0.626, abs=0.0005)
    assert compared["holdout_correlation"]["pareto-nbd"] == pytest.approx(0.630, abs=0.0005)
    assert compared["log_likelihood"].to_dict() == pytest.approx({"bg-nbd": -9582.4, "pareto-nbd": -9595.0}, abs=0.05)


def test_frequencies_of_cdnow_are_those_of_the_paper(sample):
    # FHL05, table 3: customers with 0, 1, ... 7+ repeat purchases, and the chi-square tests.
    compared = clv.compare(sample, models=["bg-nbd", "pareto-nbd"], split="1997-09-30")
    for _, group in compared.table("frequency-histogram").groupby("model"):
        assert group["actual"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    models = compared.models.set_index("model")
    assert models["chi_square"].to_dict() == pytest.approx({"bg-nbd": 4.82, "pareto-nbd": 11.99}, abs=0.005)
    assert models["p_value"].to_dict() == pytest.approx({"bg-nbd": 0.19, "pareto-nbd": 0.007}, abs=0.005)


def test_means_of_the_holdout_are_btyds(sample):
    # By repeat purchases before it: BTYD's walkthrough, actual and expected by Pareto/NBD.
    compared = clv.compare(sample, models=["pareto-nbd"], split="1997-09-30").table("conditional-expectations")
    assert compared["actual"].to_numpy() == pytest.approx([0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359], abs=5e-4)
    assert compared["expected"].to_numpy() == pytest.approx([0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403], abs=1e-3)


@pytest.mark.parametrize("t", [1, 3, 6])
def test_expectations_are_equation_9(t):
    """E[X(t)] of a new customer of BG/NBD: FHL05, equation 9, with SciPy's 2F1."""
    from scipy.special import hyp2f1

    r, alpha, a, b = FHL05_BG.values()
    known = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, t / (alpha + t)))
    assert clv.BgNbd.from_params(**FHL05_BG).expected_purchases_new(t) == pytest.approx(known, rel=1e-12)
