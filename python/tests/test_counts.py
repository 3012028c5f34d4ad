"""Rows that stand for several customers, and customers counted: fits, scores and totals are those of the customers one by one."""

import subprocess
import warnings

import numpy as np
import pytest

import clv
from clv.timing import models

# Frequency, recency, opportunities and people of table 1 of Fader, Hardie & Shang (2010): 11,104 donors over six years.
DONATIONS = [
    (0, 0, 3464), (1, 1, 1091), (1, 2, 277), (1, 3, 129), (1, 4, 78), (1, 5, 119), (1, 6, 129), (2, 2, 613), (2, 3, 255),
    (2, 4, 155), (2, 5, 173), (2, 6, 234), (3, 3, 322), (3, 4, 181), (3, 5, 225), (3, 6, 357), (4, 4, 240), (4, 5, 284),
    (4, 6, 512), (5, 5, 335), (5, 6, 728), (6, 6, 1203),
]  # fmt: skip


def donations():
    frequency, recency, weights = (np.array(column) for column in zip(*DONATIONS, strict=True))
    return {"frequency": frequency, "recency": recency, "periods": np.full(len(weights), 6), "weights": weights}


def quietly(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


@pytest.fixture(scope="module")
def weekly(sample):
    return quietly(lambda: clv.summarize(sample, until="1997-09-28", grain="week", unit="week"))


def test_the_counted_table_of_donations_is_fitted():
    model = clv.BgBb(unit="year", grain="year", until="2001-12-31").fit(donations(), sample_weight="weights")
    # Their table 2.
    printed = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
    assert model.params_ == pytest.approx(printed, abs=0.000_501)
    assert model.log_likelihood_ == pytest.approx(-33_225.6, abs=0.0501)
    assert model.n_customers_ == 11_104
    assert model.score(donations(), sample_weight="weights") == pytest.approx(model.log_likelihood_ / 11_104, rel=1e-12)
    # An array says as much as the column.
    columns = donations()
    weights = columns.pop("weights")
    again = clv.BgBb(unit="year", grain="year", until="2001-12-31").fit(columns, sample_weight=list(weights))
    assert again.to_json() == model.to_json()
    # What is told of each row does not ask for the weights of the fit; sums do.
    assert len(model.p_alive(donations())) == 22
    with pytest.raises(clv.UsageError, match="how many customers a row stands for"):
        model.score(donations())
    totals = model.totals(donations(), ["5y"], sample_weight="weights", futures=50)
    assert totals["customers"][0] == 11_104
    expected = model.expected_purchases(donations(), "5y")
    assert totals["purchases"][0] == pytest.approx((expected * weights).sum(), rel=1e-12)


def test_the_question_names_the_argument():
    with pytest.raises(clv.UsageError, match="does column `weights` say how many customers a row stands for") as error:
        clv.BgBb(unit="year", grain="year", until="2001-12-31").fit(donations())
    assert error.value.answers == ["sample_weight='weights'", "ignore='weights'"]


@pytest.mark.parametrize("kind", models(), ids=lambda kind: kind.__name__)
def test_a_weight_of_two_is_a_customer_twice_and_counts_are_the_summary(kind, summary, weekly):
    frame = (weekly if kind is clv.BgBb else summary).drop(columns="customer_id")
    weights = np.random.default_rng(3).integers(0, 4, len(frame))
    repeated = frame.loc[frame.index.repeat(weights)]
    make = (lambda: kind(k=2)) if issubclass(kind, (clv.BgCnbd, clv.MbgCnbd, clv.ParetoCnbd)) else kind
    weighted = quietly(lambda: make().fit(frame, sample_weight=weights))
    many = quietly(lambda: make().fit(repeated))
    assert weighted.to_json() == many.to_json()
    assert weighted.n_customers_ == weights.sum()
    assert weighted.score(frame, sample_weight=weights) == many.score(repeated)
    plain = quietly(lambda: make().fit(frame))
    counts = clv.count(frame)
    counted = quietly(lambda: make().fit(counts))
    assert counted.to_json() == plain.to_json()
    assert counted.score(counts) == plain.score(frame)
    assert clv.GammaGamma().fit(counts).to_json() == clv.GammaGamma().fit(frame).to_json()
    assert counted.spend_.score(counts) == plain.spend_.score(frame)


def test_counts_say_what_they_are_and_are_saved(summary, tmp_path):
    counts = clv.count(summary)
    assert (counts.customers, counts.unit, counts.grain, counts.until) == (2357.0, "week", "day", "1997-09-30")
    assert list(counts.timing) == ["frequency", "recency", "T", "customers"]
    assert list(counts.spend) == ["frequency", "monetary_value", "customers"]
    assert counts.joint is None and counts.by == []
    assert counts.timing.customers.sum() == counts.spend.customers.sum() == 2357
    assert sum(counts.interpurchase_days.values()) == sum(counts.repeat_purchases.values()) == summary.frequency.sum()
    assert "2,357 customers" in repr(counts)
    by_hand = summary.groupby(["frequency", "recency", "T"]).size()
    assert (by_hand.to_numpy() == counts.timing.customers.to_numpy()).all()
    counts.save(tmp_path / "counts")
    assert sorted(file.name for file in (tmp_path / "counts").iterdir()) == ["spend.parquet", "timing.parquet"]
    again = clv.Counts.load(tmp_path / "counts")
    assert (again.customers, again.until) == (counts.customers, counts.until)
    model = clv.MbgCnbd().fit(counts)
    assert clv.MbgCnbd().fit(again).to_json() == model.to_json() == clv.MbgCnbd().fit(summary).to_json()
    counts.save(tmp_path / "counts")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "timing.parquet").write_text("mine")
    with pytest.raises(clv.UsageError, match="overwrite=True"):
        counts.save(tmp_path / "mine")
    assert (tmp_path / "mine" / "timing.parquet").read_text() == "mine"
    with pytest.raises(clv.DataError, match="no folder with counts"):
        clv.Counts.load(tmp_path)


def test_the_command_fits_what_python_counted(summary, tmp_path, command):
    clv.count(summary).save(tmp_path / "counts")
    subprocess.run([command, "fit", "counts", "-q", "-o", "model.json"], cwd=tmp_path, check=True)
    assert (tmp_path / "model.json").read_text() == clv.BgNbd().fit(summary).to_json()


def test_totals_of_counts_are_those_of_the_summary(summary):
    model = clv.BgNbd().fit(summary)
    asked = {"intervals": [50, 80], "futures": 100, "margin": 0.3}
    of_summary = model.totals(summary, ["12m"], **asked)
    assert model.totals(clv.count(summary, joint=True), ["12m"], **asked).equals(of_summary)
    shuffled = summary.sample(frac=1, random_state=4).assign(customer_id=range(len(summary)))
    assert model.totals(shuffled, ["12m"], **asked).equals(of_summary)
    with pytest.raises(clv.UsageError, match="joint=True"):
        model.totals(clv.count(summary), ["12m"])
    purchases = clv.BgNbd(spend=None).fit(summary)
    assert purchases.totals(clv.count(summary), ["12m"], futures=50).equals(purchases.totals(summary, ["12m"], futures=50))


def test_columns_are_told_apart(summary):
    frame = summary.assign(shop=np.where(np.arange(len(summary)) % 3 == 0, "north", "south"))
    counts = clv.count(frame, "shop")
    assert counts.by == ["shop"] and set(counts.timing.shop) == {"north", "south"}
    explained = clv.BgNbd(covariates="shop", spend_covariates="shop")
    of_counts = quietly(lambda: clv.BgNbd(covariates="shop", spend_covariates="shop").fit(counts))
    assert of_counts.to_json() == quietly(lambda: explained.fit(frame)).to_json()
    assert of_counts.score(counts) == explained.score(frame)
    with pytest.raises(clv.UsageError, match="no column `shape`"):
        clv.count(frame, "shape")


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1, -2, 1], "row 2: the weight is -2"),
        ([1, 1, float("nan")], "row 3: the weight is NaN"),
        ([float("inf"), 1, 1], "row 1: the weight is inf"),
        ([0, 0, 0], "all weights are zero"),
        ([1, 1], "2 weights of 3 rows"),
        (["a", "b", "c"], "sample_weight is"),
        ("wights", "wights"),
    ],
)
def test_what_is_no_weight_is_refused(weights, words):
    frame = {"frequency": [0, 2, 1], "recency": [0.0, 9.0, 3.0], "T": [30.0, 30.0, 30.0]}
    with pytest.raises(clv.Error, match=words):
        clv.Nbd().fit(frame, sample_weight=weights)


def test_what_takes_no_counts_or_weights_says_so(summary, sample):
    counts = clv.count(summary)
    model = clv.BgNbd().fit(counts)
    with pytest.raises(clv.UsageError, match="fit, score and totals take them"):
        model.predict(counts)
    with pytest.raises(clv.UsageError, match="counts say themselves"):
        clv.BgNbd().fit(counts, sample_weight="customers")
    with pytest.raises(clv.UsageError, match="that of the counts is 'week'"):
        clv.BgNbd(unit="day").fit(counts)
    with pytest.raises(clv.UsageError, match="count takes a summary"):
        clv.count(sample)
    with pytest.raises(clv.UsageError, match="each of one customer"):
        clv.compare(sample, sample_weight="quantity")
    compared = clv.compare(counts.timing, models=["bg-nbd"], sample_weight="customers")
    assert compared.table("models")["log_likelihood"][0] == clv.BgNbd(spend=None).fit(summary).log_likelihood_
    bare = {"frequency": [0, 2, 1], "recency": [0.0, 9.0, 3.0], "T": [30.0, 30.0, 30.0]}
    assert clv.count(bare).unit is None
    with pytest.raises(clv.UsageError, match="give unit= and until="):
        clv.count(bare).save("nowhere")
