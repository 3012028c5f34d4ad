"""Estimators as scikit-learn, pickle, joblib, MLflow, threads, notebooks and the command take them."""

import copy
import datetime as dt
import html.parser
import inspect
import json
import os
import pickle
import re
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted

import clv

UNTIL = "1997-09-30"
TIMING = clv.timing.models()
QUICK = [clv.BgNbd, clv.MbgNbd, clv.ParetoNbd, clv.Nbd]
ALL = [*TIMING, clv.GammaGamma]
FEW = ["frequency", "recency", "T", "monetary_value"]


@pytest.fixture(scope="module")
def fitted(summary, sample):
    """Every model, fitted to the sample: BG/BB to weeks as opportunities."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weeks = clv.summarize(sample, until="1997-09-28", grain="week")
        models = {kind: kind().fit(summary) for kind in ALL if kind is not clv.BgBb}
        models[clv.BgBb] = clv.BgBb(grain="week").fit(weeks)
    return {kind: (model, weeks if kind is clv.BgBb else summary) for kind, model in models.items()}


def stages(kind):
    """The number of stages, which a model of regular purchases takes where it cannot be chosen."""
    return {"k": 2} if issubclass(kind, clv.timing.RegularTimingModel) else {}


def answers(model, summary):
    """What a model says of customers."""
    return model.expected_spend(summary) if isinstance(model, clv.GammaGamma) else model.p_alive(summary)


# Options


def test_every_model_of_the_engine_has_a_class_and_is_told_of():
    from clv._clv import timing_models

    classes = {model._kind: model for model in clv.timing.models()}
    assert set(classes) == set(timing_models)
    models = (Path(__file__).parents[2] / "docs/models.md").read_text(encoding="utf-8")
    for kind, model in classes.items():
        assert getattr(clv, model.__name__) is model and model.__name__ in clv.__all__
        assert f"`{kind}`" in models and f'"{kind}"' in clv.evaluate.__doc__
        assert list(model._parameters) == timing_models[kind]


@pytest.mark.parametrize("kind", ALL)
def test_options_are_kept_as_they_are_given(kind):
    given = {
        "prior_sd": 2.5,
        "robust": True,
        "bootstrap": 33,
        "bootstrap_by": "model",
        "unit": "day",
        "grain": "day",
        "until": pd.Timestamp(UNTIL),
        "customer": "who",
    }
    model = kind(**given)
    params = model.get_params()
    assert all(params[name] is value for name, value in given.items())
    copied = clone(model)
    assert copied is not model and copied.get_params() == params
    assert model.set_params(prior_sd=None) is model and model.prior_sd is None
    with pytest.raises(ValueError, match="nothing"):
        model.set_params(nothing=1)
    assert "bootstrap=33" in repr(model) and "robust=True" in repr(model)


@pytest.mark.parametrize("kind", TIMING)
def test_options_of_the_spend_model_have_long_names(kind):
    model = kind(spend=clv.GammaGamma(prior_sd=2.0))
    assert model.get_params()["spend__prior_sd"] == 2.0
    assert "spend__prior_sd" not in model.get_params(deep=False)
    assert model.set_params(spend__robust=True).spend.robust is True
    with pytest.raises(ValueError, match="nothing"):
        model.set_params(spend__nothing=1)
    with pytest.raises(ValueError, match="inner"):
        kind().set_params(inner__nothing=1)


def test_a_new_option_and_a_new_model_in_one_call():
    """As scikit-learn does: the model first, whatever the order, then what is within it."""
    model = clv.BgNbd().set_params(spend__prior_sd=3.0, spend=clv.GammaGamma())
    assert model.spend.prior_sd == 3.0


def test_fitting_changes_no_option(summary):
    spend = clv.GammaGamma(prior_sd=2.0)
    model = clv.BgNbd(spend=spend, robust=True)
    before = model.get_params()
    assert model.fit(summary) is model
    assert model.get_params() == before
    assert model.spend is spend and "_model" not in vars(spend)


def test_spend_may_be_none_auto_or_a_model(summary, undated):
    assert clv.BgNbd(spend=None).fit(summary).spend_ is None
    assert clv.BgNbd().fit(summary[["customer_id", "frequency", "recency", "T", "first_purchase"]]).spend_ is None
    alone = clv.GammaGamma().fit(summary)
    assert clv.BgNbd().fit(summary).spend_.params_ == alone.params_
    assert clv.BgNbd(spend=clv.GammaGamma()).fit(summary).spend_.params_ == alone.params_
    known = clv.GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    assert clv.BgNbd(spend=known).fit(undated).spend_.params_ == {"p": 6.25, "q": 3.74, "gamma": 15.44}


def test_spend_that_was_fitted_is_taken_as_it_is(summary):
    known = clv.GammaGamma(prior_sd=0.1).fit(summary)
    assert clv.BgNbd(spend=known).fit(summary).spend_.params_ == known.params_


def test_prior_shrinks_the_logarithms(summary):
    """To the means of the prior and below the best likelihood, the more the narrower it is."""
    models = [clv.BgNbd(spend=None, prior_sd=sd).fit(summary) for sd in (None, 2.0, 0.5, 0.1, 0.01)]
    at = [model.score(summary) * len(summary) for model in models]
    assert at == sorted(at, reverse=True) and len(set(at)) == 5
    tight = np.log(list(models[4].params_.values()))
    away = [np.sum((np.log(list(model.params_.values())) - tight) ** 2) for model in models]
    assert away == sorted(away, reverse=True)
    # That it is a maximum: at 0.1, of likelihood and prior together, against 200 points nearby. The means are what 0.01 leaves, nearly.
    rng = np.random.default_rng(1)
    held = np.log(list(models[3].params_.values()))

    def posterior(log):
        model = clv.BgNbd.from_params(**dict(zip(models[3].params_, np.exp(log))), unit="week", until=UNTIL)
        return model.score(summary) * len(summary) - np.sum((log - tight) ** 2) / (2 * 0.1**2)

    best = posterior(held)
    assert all(posterior(held + step) < best + 0.05 for step in rng.normal(0.0, 0.2, (200, 4)))


def test_standard_errors_are_the_hessian_s(summary):
    """From second differences of the log-likelihood that `score` gives."""
    model = clv.Nbd(spend=None).fit(summary)
    log = np.log(list(model.params_.values()))

    def at(r, alpha):
        return clv.Nbd.from_params(r=np.exp(r), alpha=np.exp(alpha), unit="week", until=UNTIL).score(summary) * len(summary)

    h = 1e-3
    hessian = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a, b = h * np.eye(2)[i], h * np.eye(2)[j]
            hessian[i, j] = (at(*(log + a + b)) - at(*(log + a - b)) - at(*(log - a + b)) + at(*(log - a - b))) / (4 * h * h)
    covariance = np.linalg.inv(-hessian)
    np.testing.assert_allclose(model.covariance_, covariance, rtol=1e-4)
    errors = np.sqrt(np.diag(covariance)) * list(model.params_.values())
    np.testing.assert_allclose(list(model.standard_errors_.values()), errors, rtol=1e-4)
    for name, (low, high) in model.confidence_intervals_.items():
        error = model.standard_errors_[name] / model.params_[name]
        np.testing.assert_allclose([low, high], model.params_[name] * np.exp([-1.959964 * error, 1.959964 * error]), rtol=1e-6)


def test_an_interval_without_end_is_one_to_infinity():
    boundary = clv.load(Path(__file__).parents[2] / "tests" / "data" / "model-version-1-boundary.json")
    again = pickle.loads(pickle.dumps(copy.deepcopy(boundary)))
    for model in (boundary, again):
        highs = [ends[1] for ends in model.confidence_intervals_.values() if ends is not None]
        assert highs.count(float("inf")) == 1
        assert "to inf" in model._repr_html_()
    assert again.to_json() == boundary.to_json()


def test_criteria_are_their_definitions(model):
    assert model.aic_ == pytest.approx(2 * 4 - 2 * model.log_likelihood_, rel=1e-15)
    assert model.bic_ == pytest.approx(4 * np.log(2357) - 2 * model.log_likelihood_, rel=1e-15)
    assert model.converged_ and "converged" in model.verdict_
    assert isinstance(model.n_iter_, int) and model.n_iter_ > 0


@pytest.mark.parametrize(("k", "estimated"), [(2, 4), (None, 5)])
def test_a_number_of_stages_counts_where_it_was_chosen(k, estimated, summary):
    model = clv.MbgCnbd(k, spend=None).fit(summary)
    assert model.aic_ == pytest.approx(2 * estimated - 2 * model.log_likelihood_, rel=1e-15)
    assert model.bic_ == pytest.approx(estimated * np.log(2357) - 2 * model.log_likelihood_, rel=1e-15)


@pytest.mark.parametrize("by", ["customers", "model"])
def test_bootstrap_errors_are_near_the_hessian_s(by, summary):
    plain = clv.Nbd(spend=None).fit(summary)
    resampled = clv.Nbd(spend=None, bootstrap=200, bootstrap_by=by).fit(summary)
    assert resampled.params_ == plain.params_
    again = clv.Nbd(spend=None, bootstrap=200, bootstrap_by=by).fit(summary)
    assert again.to_json() == resampled.to_json()
    spread = json.loads(resampled.to_json())["timing"]["fit"]
    draws = next(value for key, value in spread.items() if "bootstrap" in key)
    estimates = np.array(next(value for value in draws.values() if isinstance(value, list) and len(value) > 100))
    # 200 refits know a standard deviation to 5%, twice that to be safe at both; the model is only nearly true of these customers.
    relative = np.std(np.log(estimates), axis=0)
    known = np.sqrt(np.diag(plain.covariance_ if by == "model" else clv.Nbd(spend=None, robust=True).fit(summary).covariance_))
    np.testing.assert_allclose(relative, known, rtol=0.2)


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
def test_units_are_only_units(unit, sample, model, summary):
    """Times in another unit scale alpha, and nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = clv.summarize(sample, until=UNTIL, unit=unit)
    weeks = {"day": 7.0, "week": 1.0, "month": 7 / 30.4375, "year": 7 / 365.25}[unit]
    refit = clv.BgNbd(unit=unit).fit(other)
    assert refit.unit_ == unit
    known = dict(model.params_) | {"alpha": model.params_["alpha"] * weeks}
    assert refit.params_ == pytest.approx(known, rel=1e-5)
    ours, theirs = refit.predict(other, "3m"), model.predict(summary, "3m")
    for name in ("p_alive", "purchases_3m", "clv_3m"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4)


def test_models_of_other_units_are_refused(summary, model, undated):
    days = clv.BgNbd.from_params(r=0.24, alpha=30.0, a=0.8, b=2.4, unit="day", until=UNTIL)
    with pytest.raises(clv.Error, match="day"):
        days.p_alive(summary)
    # Histories without dates are taken to be in the model's own unit.
    np.testing.assert_array_equal(model.p_alive(undated), model.p_alive(summary))
    with pytest.raises(clv.UsageError, match="unit"):
        clv.BgNbd().fit(undated).p_alive(summary)


# Not fitted, not known


@pytest.mark.parametrize("kind", ALL)
def test_nothing_is_answered_before_a_fit(kind, summary, tmp_path):
    model = kind()
    questions = {
        "params_": lambda: model.params_,
        "log_likelihood_": lambda: model.log_likelihood_,
        "verdict_": lambda: model.verdict_,
        "predict": lambda: model.predict(summary),
        "score": lambda: model.score(summary),
        "save": lambda: model.save(tmp_path / "m.json"),
    }
    questions |= (
        {"expected_spend": lambda: model.expected_spend(summary)}
        if kind is clv.GammaGamma
        else {
            "p_alive": lambda: model.p_alive(summary),
            "totals": lambda: model.totals(summary),
            "spend_": lambda: model.spend_,
            "expected_purchases_new": lambda: model.expected_purchases_new(1.0),
            "pmf_new": lambda: model.pmf_new(1.0),
            "unit_": lambda: model.unit_,
        }
    )
    for ask in questions.values():
        with pytest.raises(clv.NotFittedError, match=f"{kind.__name__}.*fit"):
            ask()
        with pytest.raises(SklearnNotFittedError):
            ask()
    with pytest.raises(SklearnNotFittedError):
        check_is_fitted(model)
    assert not list(tmp_path.iterdir())
    assert "not fitted" in model._repr_html_()
    assert not hasattr(model, "params_")


@pytest.mark.parametrize("kind", ALL)
def test_all_is_known_after_a_fit(kind, fitted):
    model, summary = fitted[kind]
    check_is_fitted(model)
    # A number of stages has no standard error.
    names = [name for name in model.params_ if name != "k"]
    assert list(model.standard_errors_) == list(model.confidence_intervals_) == names
    assert model.covariance_.shape == (len(names), len(names))
    assert all(np.isfinite(value) and value > 0 for value in model.params_.values())
    spend = getattr(model, "spend_", None)
    known = model.log_likelihood_ + (0.0 if spend is None else spend.log_likelihood_)
    assert model.score(summary) == pytest.approx(known / len(summary), rel=1e-12)
    if spend is not None:
        alone = model.score(summary.drop(columns="monetary_value"))
        assert alone == pytest.approx(model.log_likelihood_ / len(summary), rel=1e-12)
    assert isinstance(model.cautions_, list) and isinstance(model.verdict_, str)


def test_parameters_that_were_given_have_no_fit():
    model = clv.BgNbd.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    for name in (
        "log_likelihood_",
        "standard_errors_",
        "confidence_intervals_",
        "covariance_",
        "verdict_",
        "n_iter_",
        "n_customers_",
        "converged_",
        "aic_",
        "bic_",
    ):
        assert not hasattr(model, name)
    assert model.params_ == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    with pytest.raises(clv.UsageError, match="unit"):
        model.to_json()


# What models answer


@pytest.mark.parametrize("kind", TIMING)
def test_answers_agree_with_each_other(kind, fitted):
    model, summary = fitted[kind]
    horizon = 26
    whole = model.predict(summary, horizon, counts=60)
    (purchases,) = [name for name in whole if re.fullmatch(r"purchases_\w+", name)]
    label = purchases.removeprefix("purchases_")
    expected = model.expected_purchases(summary, horizon)
    np.testing.assert_allclose(whole[purchases], expected, rtol=1e-9)
    np.testing.assert_array_equal(whole["p_alive"], model.p_alive(summary))
    pmf = model.pmf(summary, horizon, 400).to_numpy()
    assert (pmf >= 0).all() and (pmf.sum(axis=1) <= 1 + 1e-12).all()
    # Means and chances of any by the distribution of the counts, whose rest beyond 400 is next to nothing.
    np.testing.assert_allclose(pmf @ np.arange(401), expected, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(1 - pmf[:, 0], whole[f"p_purchase_{label}"], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(
        whole[[f"p_{n}_{label}" for n in range(60)]].to_numpy() if f"p_0_{label}" in whole else pmf[:, :60],
        pmf[:, :60],
        rtol=1e-9,
        atol=1e-15,
    )
    # Central intervals of counts: the smallest whole number at which the distribution reaches 10% and 90%.
    ends = model.intervals(summary, horizon, [80])
    low, high = (ends[f"purchases_{label}_{end}80"].to_numpy() for end in ("lo", "hi"))
    below = np.cumsum(pmf, axis=1)
    clear = (np.abs(below - 0.1) > 1e-9).all(axis=1) & (np.abs(below - 0.9) > 1e-9).all(axis=1)
    assert clear.mean() > 0.99
    np.testing.assert_array_equal(low[clear], np.argmax(below >= 0.1, axis=1)[clear])
    np.testing.assert_array_equal(high[clear], np.argmax(below >= 0.9, axis=1)[clear])
    assert model.expected_purchases(summary, 0).max() == 0.0


def test_value_is_margin_times_spend_times_purchases(model, summary):
    answer = model.predict(summary, "12m", margin=0.3)
    np.testing.assert_allclose(answer["clv_12m"], 0.3 * answer["expected_spend"] * answer["purchases_12m"], rtol=1e-12)
    each = np.linspace(0.1, 0.9, len(summary))
    by_row = model.predict(summary, "12m", margin=each)
    np.testing.assert_allclose(by_row["clv_12m"], answer["clv_12m"] * each / 0.3, rtol=1e-12)
    by_column = model.predict(summary.assign(share=each), "12m", margin="share")
    np.testing.assert_array_equal(by_column["clv_12m"], by_row["clv_12m"])
    np.testing.assert_array_equal(model.predict(summary, "12m", margin=list(each))["clv_12m"], by_row["clv_12m"])
    np.testing.assert_array_equal(
        model.predict(summary, "12m", margin=pd.Series(each, index=summary.index[::-1]).to_numpy())["clv_12m"], by_row["clv_12m"]
    )


def test_discounting_is_the_integral(model, summary):
    """Value discounted continuously: purchases at each time worth (1 + d)^(-years), by Gauss-Legendre over the horizon."""
    few = summary.iloc[:40]
    answer = model.predict(few, "12m", discount=0.2)
    plain = model.predict(few, "12m")
    days = (pd.Timestamp("1998-09-30") - pd.Timestamp(UNTIL)).days
    edges = np.linspace(0, days / 7, 1001)
    cumulative = np.array([model.expected_purchases(few, float(t)).to_numpy() for t in edges])
    middle = (edges[1:] + edges[:-1]) / 2
    worth = 1.2 ** (-middle * 7 / 365.25)
    discounted = (np.diff(cumulative, axis=0) * worth[:, None]).sum(axis=0) * answer["expected_spend"]
    np.testing.assert_allclose(answer["clv_12m"], discounted, rtol=1e-5)
    assert (answer["clv_12m"] < plain["clv_12m"]).all()


def test_totals_are_sums_and_their_intervals_hold_them(model, summary):
    totals = model.totals(summary, ["3m", "12m"], intervals=[50, 95])
    each = model.predict(summary, ["3m", "12m"])
    for row, label in enumerate(["3m", "12m"]):
        np.testing.assert_allclose(totals["purchases"][row], each[f"purchases_{label}"].sum(), rtol=1e-9)
        np.testing.assert_allclose(totals["value"][row], each[f"clv_{label}"].sum(), rtol=1e-9)
        ends = [totals[name][row] for name in ("value_lo95", "value_lo50", "value", "value_hi50", "value_hi95")]
        assert ends == sorted(ends)
    again = model.totals(summary, ["3m", "12m"], intervals=[50, 95])
    pd.testing.assert_frame_equal(totals, again)
    other = model.totals(summary, ["3m", "12m"], intervals=[50, 95], seed=2)
    assert not totals.equals(other)
    halves = model.totals(summary.assign(half=np.where(np.arange(len(summary)) % 2, "odd", "even")), "3m", by="half")
    assert halves["customers"].max() == len(summary) or halves["customers"].sum() == len(summary)


def test_single_customer_is_answered_like_many(model, summary):
    """No answer depends on who else is asked about: scikit-learn's subset invariance."""
    whole = model.predict(summary, ["3m", "forever"], intervals=[80], over=[50], next=[50], standard_errors=True, counts=3, discount=0.1)
    for start in (0, 1000, 2356):
        alone = model.predict(
            summary.iloc[start : start + 1],
            ["3m", "forever"],
            intervals=[80],
            over=[50],
            next=[50],
            standard_errors=True,
            counts=3,
            discount=0.1,
        )
        pd.testing.assert_frame_equal(alone.drop(columns="customer_id"), whole.drop(columns="customer_id").iloc[start : start + 1])


def test_simulated_customers_come_back_to_the_parameters():
    """Orders drawn with known parameters: the estimates lie within four standard errors."""
    truth = clv.BgNbd.from_params(
        r=0.8, alpha=6.0, a=0.9, b=3.0, unit="week", until="2024-01-01", spend=clv.GammaGamma.from_params(p=6.0, q=4.0, gamma=15.0)
    )
    orders = clv.simulate(truth, customers=8000, seed=5)
    model = clv.BgNbd().fit(clv.summarize(orders))
    for found, known in ((model, truth), (model.spend_, truth.spend_)):
        for name, value in known.params_.items():
            assert abs(np.log(found.params_[name] / value)) < 4 * found.standard_errors_[name] / found.params_[name], name
    again = clv.simulate(truth, customers=8000, seed=5)
    assert all((again.column(name) == orders.column(name)).all() for name in orders.columns)
    assert len(clv.simulate(truth, customers=8000, seed=6)) != len(orders)


@pytest.mark.parametrize("horizon", [np.int64(13), np.int32(13), np.float32(13), [np.int64(13)], np.array([13]), (13,), "13w"])
def test_horizons_in_every_form(horizon, model, summary):
    known = model.predict(summary, 13)
    pd.testing.assert_frame_equal(model.predict(summary, horizon), known)


@pytest.mark.parametrize("day", [pd.Timestamp("1997-12-30"), np.datetime64("1997-12-30"), pd.Timestamp("1997-12-30").date()])
def test_horizons_as_dates_of_every_library(day, model, summary):
    """Wherever a day is asked for, `until` takes these; a horizon may be a day."""
    known = model.predict(summary, "1997-12-30")
    answer = model.predict(summary, [day])
    np.testing.assert_array_equal(answer["p_alive"], known["p_alive"])


@pytest.mark.parametrize(
    "until", [UNTIL, pd.Timestamp(UNTIL), np.datetime64(UNTIL), pd.Timestamp(UNTIL).date(), pd.Timestamp(UNTIL + " 15:00")]
)
def test_days_in_every_form(until, sample, summary):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pd.testing.assert_frame_equal(clv.summarize(sample, until=until), summary)


# scikit-learn

NOT_A_SUMMARY = "the data of this check are no customers: frequency counts, and times are ordered"
# Which checks fail, and why. What they are after is tested below, on customers.
NOT_MET = dict.fromkeys(
    [
        "check_fit_score_takes_y",
        "check_estimators_overwrite_params",
        "check_dont_overwrite_parameters",
        "check_estimators_fit_returns_self",
        "check_readonly_memmap_input",
        "check_n_features_in_after_fitting",
        "check_estimators_dtypes",
        "check_dtype_object",
        "check_pipeline_consistency",
        "check_estimators_nan_inf",
        "check_estimators_pickle",
        "check_f_contiguous_array_estimator",
        "check_regressors_train",
        "check_regressor_data_not_an_array",
        "check_regressors_no_decision_function",
        "check_supervised_y_2d",
        "check_regressors_int",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_dict_unchanged",
        "check_fit_idempotent",
        "check_fit_check_is_fitted",
        "check_n_features_in",
        "check_fit2d_predict1d",
        "check_sample_weights_pandas_series",
        "check_sample_weights_not_an_array",
        "check_sample_weights_list",
        "check_all_zero_sample_weights_error",
        "check_sample_weights_shape",
        "check_sample_weights_not_overwritten",
        "check_sample_weight_equivalence_on_dense_data",
    ],
    NOT_A_SUMMARY,
) | {
    "check_positive_only_tag_during_fit": "the first wrong cell is named, which need not be a negative one",
    "check_complex_data": "one column is refused for its shape, whatever its type",
    "check_estimators_empty_data_messages": "no columns are refused for their number, in other words",
    "check_estimator_sparse_tag": "a sparse matrix is refused as no table, in other words",
    "check_estimator_sparse_array": "a sparse matrix is refused as no table, in other words",
    "check_estimator_sparse_matrix": "a sparse matrix is refused as no table, in other words",
    "check_fit2d_1sample": "ten columns are refused for their number before the rows are counted",
    "check_fit2d_1feature": "one column is refused for its shape, in other words",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ALL)
def test_scikit_learn_s_own_checks(kind):
    results = check_estimator(kind(), on_fail=None, on_skip=None)
    failed = {result["check_name"]: str(result["exception"]) for result in results if result["status"] == "failed"}
    passed = {result["check_name"] for result in results if result["status"] == "passed"} - set(failed)
    assert {name: why for name, why in failed.items() if name not in NOT_MET} == {}
    assert {name for name in NOT_MET if name in passed} == set(), "these are met, and need no reason any more"
    assert len(passed) >= 15


@pytest.mark.parametrize("kind", ALL)
def test_sparse_matrices_are_no_tables(kind):
    import scipy.sparse

    with pytest.raises(clv.UsageError, match="csr_matrix is no table"):
        kind().fit(scipy.sparse.csr_matrix(np.ones((3, 4))))


@pytest.mark.parametrize("kind", ALL)
def test_a_second_fit_is_the_first(kind, fitted):
    model, summary = fitted[kind]
    again = clone(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert again.fit(summary).to_json() == model.to_json()
        assert again.fit(summary, np.zeros(len(summary))).to_json() == model.to_json()
    before = dict(vars(model))
    answers(model, summary), model.score(summary), repr(model), model._repr_html_()
    assert vars(model).keys() == before.keys()


@pytest.mark.filterwarnings("ignore::clv.FitWarning")
@pytest.mark.parametrize("kind", ALL)
def test_columns_are_remembered(kind, fitted):
    model, summary = fitted[kind]
    assert model.n_features_in_ == len(summary.columns)
    assert list(model.feature_names_in_) == list(summary.columns)
    bare = (
        kind(**stages(kind)).fit(np.array([[2, 3, 8, 20.0], [1, 5, 8, 10.0], [0, 0, 8, 0], [4, 7, 8, 13.0], [1, 1, 8, 30.0]] * 20))
        if kind is not clv.BgBb
        else None
    )
    if bare is not None:
        assert bare.n_features_in_ == 4 and not hasattr(bare, "feature_names_in_")


def test_pipeline_from_orders(sample, summary, model):
    pipeline = Pipeline([("customers", clv.Summarizer(until=UNTIL)), ("model", clv.BgNbd())])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", clv.DataWarning)
        pipeline.fit(sample)
        assert pipeline["model"].params_ == model.params_
        pd.testing.assert_frame_equal(pipeline.predict(sample, horizons="3m"), model.predict(summary, "3m"))
        assert pipeline.score(sample) == model.score(summary)
    assert clone(pipeline).get_params()["customers__until"] == UNTIL
    pipeline.set_params(model__prior_sd=1.0, customers__unit="day")
    assert pipeline["model"].prior_sd == 1.0 and pipeline["customers"].unit == "day"
    pickle.loads(pickle.dumps(pipeline))


@pytest.mark.filterwarnings("ignore::clv.FitWarning")
def test_search_over_priors(summary):
    """By the likelihood of customers who were not fitted."""
    small = summary.iloc[:300]
    folds = KFold(3, shuffle=True, random_state=1)
    search = GridSearchCV(clv.BgNbd(spend=None), {"prior_sd": [0.05, 2.0]}, cv=folds).fit(small)
    assert search.best_params_ == {"prior_sd": 2.0}
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    by_hand = []
    for train, test in folds.split(small):
        by_hand.append(clv.BgNbd(spend=None, prior_sd=2.0).fit(small.iloc[train]).score(small.iloc[test]))
    assert search.best_score_ == pytest.approx(np.mean(by_hand), rel=1e-12)
    arrays = small[FEW[:3]].to_numpy()
    assert np.isfinite(cross_val_score(clv.ParetoNbd(prior_sd=2.0), arrays, cv=3, error_score="raise")).all()


def test_text_that_looks_like_numbers_stays_text(sample, model):
    """Customers of a column of text are text in the answer: else nothing joins with the orders."""
    import polars

    text = sample.assign(customer_id="1" + sample["customer_id"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for orders in (
            text,
            polars.DataFrame({name: text[name].to_numpy() for name in text}, schema_overrides={"customer_id": polars.String}),
        ):
            summary = clv.summarize(orders, until=UNTIL)
            assert summary["customer_id"].dtype == orders["customer_id"].dtype
            assert model.predict(summary, "3m")["customer_id"].dtype == orders["customer_id"].dtype


def test_customers_come_back_as_they_went_in(summary, model):
    """In an answer row by row: of one kind or of several."""
    for ids in (["1", "2", "3"], ["01", "1", "x"], [1, 2, 3], [2**62, -5, 0], ["é", "日本", "a b"]):
        few = summary.iloc[:3].assign(customer_id=ids)
        assert model.predict(few, "3m")["customer_id"].tolist() == ids


# Copies, files, other processes


@pytest.mark.parametrize("kind", ALL)
def test_copies_answer_alike(kind, fitted, tmp_path):
    model, summary = fitted[kind]
    joblib.dump(model, tmp_path / "model.joblib")
    copies = [pickle.loads(pickle.dumps(model, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    copies += [copy.copy(model), copy.deepcopy(model), joblib.load(tmp_path / "model.joblib")]
    for same in copies:
        assert type(same) is kind and same.get_params() == model.get_params()
        assert same.to_json() == model.to_json()
        np.testing.assert_array_equal(answers(same, summary), answers(model, summary))
    assert pickle.loads(pickle.dumps(kind(prior_sd=3.0))).prior_sd == 3.0


def test_models_without_dates_are_copied_too(undated):
    model = clv.BgNbd().fit(undated)
    same = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(same.predict(undated, 13)["purchases_13"], model.predict(undated, 13)["purchases_13"])
    with pytest.raises(clv.UsageError, match="unit"):
        same.to_json()


def test_orders_and_results_that_cannot_be_pickled_say_so(sample):
    """Or can be: nothing in between."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for thing in (clv.Orders(sample), clv.evaluate(sample, split=UNTIL), clv.compare(sample), clv.describe(sample)):
            try:
                same = pickle.loads(pickle.dumps(thing))
            except TypeError as error:
                assert "pickle" in str(error)
            else:
                assert repr(same) == repr(thing)


def _p_alive(model, summary):
    return model.p_alive(summary)


def _fit(kind, summary):
    return kind(spend=None).fit(summary).params_


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_other_processes_and_threads_answer_alike(backend, model, summary):
    parallel = joblib.Parallel(n_jobs=2, backend=backend)
    parts = parallel(joblib.delayed(_p_alive)(model, summary.iloc[i::4]) for i in range(4))
    for i, part in enumerate(parts):
        np.testing.assert_array_equal(part, model.p_alive(summary)[i::4])
    kinds = QUICK
    assert parallel(joblib.delayed(_fit)(kind, summary) for kind in kinds) == [_fit(kind, summary) for kind in kinds]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forked_processes_answer_alike(model, summary):
    """A fork after the engine's threads have worked."""
    import multiprocessing

    known = model.p_alive(summary)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        parts = pool.starmap_async(_p_alive, [(model, summary.iloc[:100]), (model, summary.iloc[100:])]).get(timeout=30)
    np.testing.assert_array_equal(np.concatenate(parts), known)


@pytest.mark.parametrize("kind", ALL)
def test_files_hold_the_model(kind, fitted, tmp_path):
    model, summary = fitted[kind]
    path = tmp_path / "model.json"
    model.save(path)
    assert os.listdir(tmp_path) == ["model.json"]
    same = clv.load(path)
    assert type(same) is kind and same.to_json() == model.to_json()
    assert same.params_ == model.params_ and same.log_likelihood_ == model.log_likelihood_ and same.verdict_ == model.verdict_
    np.testing.assert_array_equal(answers(same, summary), answers(model, summary))
    assert repr(summary["customer_id"].iloc[0]) not in path.read_text()
    model.save(str(path))
    assert clv.load(str(path)).to_json() == model.to_json()


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"format": "clv-model"}', '{"format": "clv-model", "version": 99}', "not json", "\ufeff{}", "1" * 5000],
)
def test_files_that_hold_none(text, tmp_path):
    path = tmp_path / "model.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(clv.Error, match=r"model\.json"):
        clv.load(path)


def test_files_that_are_no_text(tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(clv.Error, match=r"model\.json"):
        clv.load(path)


def test_published_models_can_be_loaded(root, summary):
    kinds = {kind._kind: kind for kind in TIMING}
    for path in (root / "models").glob("*.json"):
        facts = json.loads(path.read_text())
        model = clv.load(path)
        if "retention" in facts:
            assert type(model) is clv.Sbg and model.params_ == facts["retention"]["parameters"]
            continue
        part = facts.get("timing", facts.get("spend"))
        assert type(model) is kinds.get(part["model"], clv.GammaGamma)
        assert model.params_ == part["parameters"]


def test_the_command_reads_our_models_and_we_read_its(command, model, summary, sample_path, tmp_path):

    def run(*arguments):
        return subprocess.run([command, *arguments], check=True, capture_output=True, text=True)

    run("summarize", sample_path, "--until", UNTIL, "-o", str(tmp_path / "summary.csv"))
    run("fit", str(tmp_path / "summary.csv"), "-o", str(tmp_path / "theirs.json"))
    theirs = clv.load(tmp_path / "theirs.json")
    assert theirs.params_ == pytest.approx(model.params_, rel=1e-9)
    model.save(tmp_path / "ours.json")
    asked = [
        "--margin",
        "0.3",
        "--discount",
        "0.1",
        "--counts",
        "2",
        "--intervals",
        "80",
        "--over",
        "50",
        "--next",
        "50",
        "--standard-errors",
    ]
    run(
        "predict",
        str(tmp_path / "summary.csv"),
        "--model",
        str(tmp_path / "ours.json"),
        "--horizons",
        "3m,12m,forever",
        "--sort",
        "customer",
        *asked,
        "-o",
        str(tmp_path / "predicted.csv"),
    )
    known = pd.read_csv(tmp_path / "predicted.csv", dtype={"customer_id": str}).set_index("customer_id")
    ours = model.predict(
        summary, ["3m", "12m", "forever"], margin=0.3, discount=0.1, counts=2, intervals=[80], over=[50], next=[50], standard_errors=True
    )
    ours = ours.set_index("customer_id")
    assert list(ours.columns) == list(known.columns)
    for name in known:
        if known[name].dtype.kind in "fi":
            np.testing.assert_allclose(ours[name], known[name].loc[ours.index], rtol=1e-7, atol=1e-7, err_msg=name)


def test_the_command_s_tables_are_ours(command, sample, sample_path, tmp_path):
    """Names, columns and numbers of `--tables`."""

    def run(*arguments):
        return subprocess.run([command, *arguments], check=True, capture_output=True, text=True)

    run("evaluate", sample_path, "--split", UNTIL, "--tables", str(tmp_path / "evaluate"))
    run("describe", sample_path, "--tables", str(tmp_path / "describe"))
    run("report", sample_path, "--tables", str(tmp_path / "report"), "-o", str(tmp_path / "report.html"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = {"evaluate": clv.evaluate(sample, split=UNTIL), "describe": clv.describe(sample), "report": clv.report(sample)}
    for folder, ours in made.items():
        files = {path.stem: path for path in (tmp_path / folder).glob("*.csv")}
        assert set(ours.tables) == set(files), folder
        for name, path in files.items():
            known, table = pd.read_csv(path, dtype={"customer_id": str}), ours.table(name)
            assert list(table.columns) == list(known.columns), (folder, name)
            assert len(table) == len(known), (folder, name)
            for column in known:
                if known[column].dtype.kind in "fi" and table[column].dtype.kind in "fi" and column != "seconds":
                    np.testing.assert_allclose(table[column], known[column], rtol=1e-6, atol=1e-6, err_msg=f"{folder} {name} {column}")


def test_the_package_s_command_is_the_command(sample_path, tmp_path, summary):
    path = tmp_path / "summary.csv"
    subprocess.run(
        [sys.executable, "-m", "clv", "summarize", sample_path, "--until", UNTIL, "-o", str(path)], check=True, capture_output=True
    )
    known = pd.read_csv(path, dtype={"customer_id": str}).set_index("customer_id")
    np.testing.assert_allclose(known["recency"], summary.set_index("customer_id")["recency"].loc[known.index], rtol=1e-7)
    wrong = subprocess.run(
        [sys.executable, "-m", "clv", "summarize", str(tmp_path / "nothing.csv")], capture_output=True, text=True, check=False
    )
    assert wrong.returncode not in (0, 101) and "nothing.csv" in wrong.stderr


def test_files_appear_whole_or_not_at_all(model, tmp_path):
    """Through links, beside nothing, and over nothing that is no file."""
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("before")
    link.symlink_to(real)
    model.save(link, overwrite=True)
    assert link.is_symlink() and real.read_text() == model.to_json()
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        model.save(tmp_path / "folder")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        model.save(tmp_path / "nowhere" / "model.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link.json", "real.json"]


# MLflow


@pytest.mark.filterwarnings("ignore")
def test_mlflow_stores_and_serves(model, summary, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow = pytest.importorskip("mlflow")
    import clv.mlflow

    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    with mlflow.start_run():
        info = clv.mlflow.log_model(model, name="clv")
    served = mlflow.pyfunc.load_model(info.model_uri)
    columns = ["customer_id", "p_alive", "purchases_3m", "clv_3m"]
    known = model.predict(summary, ["3m", "12m"], margin=0.3, discount=0.1)
    answer = served.predict(summary, params={"horizons": "3m, 12m", "margin": 0.3, "discount": 0.1})
    pd.testing.assert_frame_equal(answer, known)
    pd.testing.assert_frame_equal(served.predict(summary)[columns], model.predict(summary)[columns])
    clv.mlflow.save_model(clv.GammaGamma().fit(summary), tmp_path / "spend")
    spend = mlflow.pyfunc.load_model(str(tmp_path / "spend"))
    np.testing.assert_array_equal(spend.predict(summary), clv.GammaGamma().fit(summary).expected_spend(summary))
    stored = [path.name for path in (tmp_path / "spend").rglob("*") if path.is_file()]
    assert "model.json" in stored
    with pytest.raises(clv.NotFittedError):
        clv.mlflow.save_model(clv.BgNbd(), tmp_path / "empty")


@pytest.mark.filterwarnings("ignore")
def test_mlflow_takes_columns_by_position(model, summary, tmp_path):
    """As `spark_udf` hands them over: named by the signature, and with columns of nothing for inputs that were not given."""
    mlflow = pytest.importorskip("mlflow")
    import clv.mlflow

    clv.mlflow.save_model(model, tmp_path / "model")
    served = mlflow.pyfunc.load_model(str(tmp_path / "model"))
    schema = served.metadata.get_input_schema()
    assert schema.required_input_names() == ["frequency", "recency", "T", "monetary_value"]
    assert schema.optional_input_names() == [
        "customer_id",
        "first_purchase",
        "last_purchase",
        "orders",
        "total",
        "unit",
        "grain",
        "observed_until",
    ]
    known = model.predict(summary, "12m")

    def by_position(*columns, params):
        names = schema.input_names()
        return served.predict(pd.DataFrame(dict(zip(names, columns)), columns=names), params)

    of = [summary[name] for name in ("frequency", "recency", "T", "monetary_value")]
    for columns in (of, [column.astype("float64") for column in of], [*of, summary["customer_id"], summary["first_purchase"]]):
        score = by_position(*columns, params={"horizons": "12m", "columns": "clv_12m"})
        assert list(score) == ["clv_12m"]
        np.testing.assert_array_equal(score["clv_12m"], known["clv_12m"])
    with pytest.raises(Exception, match="missing inputs"):
        served.predict(summary[["frequency", "recency"]])
    bare = clv.BgNbd(spend=None).fit(summary)
    assert clv.mlflow.signature(bare).inputs.required_input_names() == ["frequency", "recency", "T"]


@pytest.mark.filterwarnings("ignore")
def test_mlflow_never_takes_one_unit_for_another(sample, model, tmp_path):
    """A schema drops what a frame says of itself; the dates are still there, or else nobody is answered."""
    mlflow = pytest.importorskip("mlflow")
    import clv.mlflow

    clv.mlflow.save_model(model, tmp_path / "weeks")
    served = mlflow.pyfunc.load_model(str(tmp_path / "weeks"))
    days = clv.summarize(sample, until=UNTIL, unit="day")
    for piece in (days, days.iloc[[0]], days.iloc[[5]], days.iloc[[0]].assign(unit="day", grain="day", observed_until=UNTIL)):
        with pytest.raises(clv.UsageError, match="time unit is the week, the data's is the day"):
            served.predict(piece)
    weeks = clv.summarize(sample, until=UNTIL)
    for row in (0, 5, 2000):
        pd.testing.assert_frame_equal(served.predict(weeks.iloc[[row]]), model.predict(weeks.iloc[[row]]))


@pytest.mark.filterwarnings("ignore")
def test_mlflow_signatures_of_one_s_own_keep_the_parameters(model, summary, tmp_path):
    mlflow = pytest.importorskip("mlflow")
    from mlflow.models import ModelSignature, infer_signature

    import clv.mlflow

    own = infer_signature(summary[["frequency", "recency", "T", "monetary_value"]])
    assert own.params is None
    clv.mlflow.save_model(model, tmp_path / "own", signature=own)
    served = mlflow.pyfunc.load_model(str(tmp_path / "own"))
    assert served.metadata.signature.inputs == own.inputs
    answer = served.predict(summary, params={"horizons": "12m", "margin": 0.3})
    np.testing.assert_array_equal(answer["clv_12m"], model.predict(summary, "12m", margin=0.3)["clv_12m"])
    with_params = ModelSignature(inputs=own.inputs, params=clv.mlflow.signature(model).params)
    clv.mlflow.save_model(model, tmp_path / "both", signature=with_params)
    assert mlflow.pyfunc.load_model(str(tmp_path / "both")).metadata.signature == with_params


# Threads, interrupts, progress


def test_threads_fit_at_once(summary, fitted):
    results, errors = [None] * 8, []

    def work(i):
        try:
            kind = QUICK[i % 4]
            for _ in range(5):
                results[i] = kind().fit(summary).to_json()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors and not any(thread.is_alive() for thread in threads)
    for i, result in enumerate(results):
        assert result == fitted[QUICK[i % 4]][0].to_json()


def test_threads_share_a_model_and_orders(model, summary, sample):
    orders = clv.Orders(sample)
    known = model.predict(summary, "3m")
    whole = orders.summarize()
    wrong = []

    def work():
        for _ in range(10):
            if not (model.predict(summary, "3m").equals(known) and orders.summarize().equals(whole) and orders.days):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and not any(thread.is_alive() for thread in threads)


def ran(script, *arguments, timeout=60):
    environment = dict(os.environ) | {"PYTHONUNBUFFERED": "1"}
    run = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, timeout=timeout, check=False, env=environment)
    # Not in text mode, which would make line ends of carriage returns.
    run.stdout, run.stderr = run.stdout.decode(), run.stderr.decode()
    return run


LONG = """
import os, signal, sys, threading, time, warnings
import clv
warnings.simplefilter("ignore")
summary = clv.summarize(sys.argv[1], until="1997-09-30")
work = {
    "bootstrap": lambda: clv.ParetoNbd(bootstrap=100_000, bootstrap_by="model").fit(summary),
    "totals": lambda: clv.BgNbd().fit(summary).totals(summary, ["12m"], futures=1_000_000),
    "draws": lambda: clv.BgNbd().fit(summary).predict(summary, ["5y"], intervals=[80], parameter_draws=10_000),
    "pmf_new": lambda: clv.BgNbd().fit(summary).pmf_new(52.0, 200_000),
}[sys.argv[2]]
"""


@pytest.mark.parametrize("work", ["bootstrap", "totals", "draws", "pmf_new"])
def test_interrupts_end_long_work(work, sample_path):
    """Ctrl-C a second into work of minutes: KeyboardInterrupt soon after, no thread left behind, and all works as before."""
    run = ran(
        LONG
        + """
if True:
    sent = []
    def interrupt():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)
    timer = threading.Timer(1.0, interrupt)
    before = len(os.listdir("/proc/self/task"))
    timer.start()
    try:
        work()
    except KeyboardInterrupt:
        print("interrupted", time.monotonic() - sent[0])
    except clv.Error as error:
        # What would take that long or that much is not begun.
        timer.cancel()
        print("refused", error)
    timer.join()
    deadline = time.monotonic() + 5
    # The pool of threads stays for the next task; they wait.
    busy = time.process_time()
    time.sleep(0.5)
    print("busy", time.process_time() - busy)
    model = clv.BgNbd().fit(summary)
    assert len(model.predict(summary, "3m")) == 2357
    print("works")
""",
        sample_path,
        work,
        timeout=15,
    )
    assert run.returncode == 0, run.stderr
    lines = dict(line.split(" ", 1) if " " in line else (line, "") for line in run.stdout.splitlines())
    assert "interrupted" in lines or "refused" in lines, run.stdout
    if "interrupted" in lines:
        assert float(lines["interrupted"]) < 2.0
    assert float(lines["busy"]) < 0.25
    assert "works" in lines


def test_orders_are_whole_after_an_interrupt(sample_path):
    """Ctrl-C whenever it comes, while the orders are being used: they can be used again, and say the same."""
    run = ran(
        """
import os, signal, sys, threading, warnings
import clv
warnings.simplefilter("ignore")
orders = clv.Orders(sys.argv[1])
whole = orders.summarize().to_pandas()
works = [lambda: clv.evaluate(orders, models="pareto-nbd"), orders.summarize, lambda: clv.describe(orders), lambda: clv.report(orders)]
for i in range(16):
    timer = threading.Timer(0.02 + 0.03 * (i // 4), os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        while True:
            works[i % 4]()
    except KeyboardInterrupt:
        pass
    timer.join()
    assert orders.summarize().to_pandas().equals(whole)
print("whole", len(clv.evaluate(orders).scores), orders.days)
""",
        sample_path,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("whole"), run.stdout


@pytest.mark.parametrize("work", ["bootstrap", "totals", "pmf_new"])
def test_other_threads_run_meanwhile(work, sample_path):
    """A thread that counts in steps of a millisecond goes on counting."""
    run = ran(
        LONG
        + """
if True:
    longest, stop, began = 0.0, False, threading.Event()
    def count():
        global longest
        last = time.monotonic()
        while not stop:
            time.sleep(0.001)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
    counter = threading.Thread(target=count)
    counter.start()
    threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    try:
        work()
    except (KeyboardInterrupt, clv.Error):
        pass
    stop = True
    counter.join()
    print(longest)
""",
        sample_path,
        work,
        timeout=15,
    )
    # A refusal may come before the timer, whose signal then ends the script.
    if run.returncode != 0 and "KeyboardInterrupt" in run.stderr:
        return
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < 0.5


WATCHED = (
    LONG
    + """
clv.progress.enabled = {enabled}
threading.Timer(3.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    clv.ParetoNbd(bootstrap=100_000, spend=None).fit(summary)
except KeyboardInterrupt:
    print("done")
"""
)


def test_progress_is_told_on_standard_error(sample_path):
    shown = ran(WATCHED.replace("{enabled}", "True"), sample_path, "bootstrap")
    assert shown.returncode == 0 and shown.stdout == "done\n", shown.stderr
    assert re.search(r"\rclv \d+ s  .*[\d,]+ of 100,000", shown.stderr), shown.stderr[-500:]
    # At the end the line is empty again.
    assert shown.stderr.endswith("\r") and shown.stderr.split("\r")[-2].strip() == ""


@pytest.mark.parametrize("enabled", ["False", "None"])
def test_progress_is_not_told_where_nobody_looks(enabled, sample_path):
    quiet = ran(WATCHED.replace("{enabled}", enabled), sample_path, "bootstrap")
    assert quiet.stderr == "" and quiet.stdout == "done\n"


def test_standard_error_that_is_gone_is_no_error(sample_path):
    """As under pythonw, where it is None."""
    run = ran(WATCHED.replace("{enabled}", "True\nsys.stderr = None"), sample_path, "bootstrap")
    assert run.stdout == "done\n"


# Notebooks


class Balanced(html.parser.HTMLParser):
    """Whether every element that is opened is closed in its place."""

    EMPTY = frozenset({"br", "hr", "img", "meta", "input", "link"})

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(page):
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert not parser.open
    return parser


@pytest.mark.parametrize("kind", ALL)
def test_models_are_shown_in_notebooks(kind, fitted):
    model, _ = fitted[kind]
    page = read(model._repr_html_())
    assert "table" in page.tags
    for name, value in model.params_.items():
        assert name in page.text and f"{value:.4g}" in page.text
    assert kind.__name__ in page.text
    read(kind()._repr_html_())


def test_names_from_data_do_not_become_elements(tmp_path):
    hostile = "<script>alert(1)</script>&\"'"
    orders = pd.DataFrame(
        {
            "customer_id": [hostile, hostile, "b", "c"] * 10,
            "order_date": pd.date_range("2024-01-01", periods=40),
            "amount": 5.0,
            hostile: "x",
        }
    )
    table = clv.summarize({name: orders[name].to_numpy() for name in orders}, until="2024-06-01")
    path = tmp_path / "orders.csv"
    orders.to_csv(path, index=False)
    table = clv.summarize(path, until="2024-06-01", keep=[hostile])
    page = read(table._repr_html_())
    assert "script" not in page.tags and hostile in page.text
    assert hostile in repr(table)
    model = clv.BgNbd(customer=hostile)
    assert "script" not in read(model._repr_html_()).tags


@pytest.mark.filterwarnings("ignore")
def test_results_are_shown_in_notebooks(sample, sample_path):
    for thing in (clv.evaluate(sample, split=UNTIL), clv.compare(sample), clv.describe(sample), clv.summarize(sample_path)):
        page = read(thing._repr_html_())
        assert "table" in page.tags
        assert repr(thing)
    report = clv.report(sample)
    frame = read(report._repr_html_())
    assert frame.tags == ["iframe"]
    assert all(verdict.headline in repr(report) for verdict in report.verdicts)


@pytest.mark.filterwarnings("ignore")
def test_report_is_a_page(sample, summary, tmp_path):
    path = tmp_path / "report.html"
    report = clv.report(sample, path, top=5)
    assert path.read_text(encoding="utf-8") == report.html
    assert report.html.startswith("<!doctype html>") or report.html.startswith("<!DOCTYPE html>")
    assert len(report.tables["top-customers"]) == 5
    assert {verdict.level for verdict in report.verdicts} <= {"good", "caution", "bad"}
    assert report.model.params_ == clv.BgNbd().fit(clv.summarize(sample)).params_
    assert report.html == clv.report(sample, top=5).html
    of_summary = clv.report(summary)
    assert of_summary.model.params_ == clv.BgNbd().fit(summary).params_


def test_spend_can_be_tuned_and_survives_clones(summary):
    """The score knows spend, so that a search over its prior finds what the spend model alone would find."""
    search = GridSearchCV(clv.BgNbd(spend=clv.GammaGamma()), {"spend__prior_sd": [0.01, 1.0]}, cv=3, error_score="raise").fit(summary)
    assert search.best_params_ == {"spend__prior_sd": 1.0}
    given = clv.GammaGamma.from_params(p=6.0, q=4.0, gamma=15.0)
    cloned = clone(clv.BgNbd(spend=given))
    assert cloned.fit(summary).spend_.params_ == {"p": 6.0, "q": 4.0, "gamma": 15.0}
    # What was learned is forgotten, what was given is not.
    assert "_model" not in vars(clone(clv.GammaGamma().fit(summary)))
    assert clone(clv.BgNbd.from_params(r=1, alpha=2, a=3, b=4)).params_ == {"r": 1.0, "alpha": 2.0, "a": 3.0, "b": 4.0}


@pytest.mark.filterwarnings("ignore")
def test_a_prior_takes_small_segments(summary):
    """Twenty customers each, of whom some have fewer than ten with a repeat purchase, and some two."""
    segments = summary.groupby(np.arange(len(summary)) // 20)
    returning = segments["frequency"].agg(lambda frequency: (frequency > 0).sum())
    assert returning.min() < 5 and (returning < 10).sum() > 50
    few = segments.get_group(returning.idxmin())
    for kind in (*TIMING, clv.GammaGamma):
        if kind is not clv.BgBb:
            with pytest.raises(clv.FitError, match="at least 10 are needed"):
                kind(**stages(kind)).fit(few)
    for kind in (clv.BgNbd, clv.ParetoNbd):
        predicted = segments.apply(lambda segment, kind=kind: kind(prior_sd=1.0).fit(segment).predict(segment, "39w"))
        numbers = predicted.select_dtypes("number")
        assert len(predicted) == len(summary) and np.isfinite(numbers.to_numpy()).all() and (numbers >= 0).all(axis=None)
        # What all of them together are expected to purchase: tests/reference/evaluate.py.
        assert predicted["purchases_39w"].sum() == pytest.approx(1653.4, rel=0.15)


def test_settings_of_models_that_are_compared_are_not_lost(sample):
    for ask in (clv.compare, clv.evaluate):
        with pytest.raises(clv.UsageError, match=r"BgNbd\(prior_sd=0.05\).*give the name 'bg-nbd'"):
            ask(sample, models=[clv.BgNbd(prior_sd=0.05)])
    assert clv.compare(sample, models=[clv.BgNbd(), clv.Nbd]).advice == clv.compare(sample, models=["bg-nbd", "nbd"]).advice


@pytest.mark.filterwarnings("ignore")
def test_a_model_of_a_summary_without_dates_takes_one_with_dates(summary, undated, sample, tmp_path):
    model = clv.BgNbd(unit="week", until=UNTIL).fit(undated)
    later = clv.summarize(sample)
    pd.testing.assert_frame_equal(model.predict(later, "3m"), clv.BgNbd().fit(summary).predict(later, "3m"))
    given = clv.BgNbd.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week", until=UNTIL)
    assert given.predict(later, "3m")["purchases_3m"].sum() > 0
    for partly in (clv.BgNbd(unit="week").fit(undated), clv.BgNbd.from_params(r=1, alpha=2, a=3, b=4, unit="week")):
        with pytest.raises(clv.UsageError, match="says the last day of its data, which this model does not know: give it until="):
            partly.save(tmp_path / "model.json")
    with pytest.raises(clv.UsageError, match="give it unit= and until="):
        clv.BgNbd().fit(undated).save(tmp_path / "model.json")


def test_spend_that_nobody_knows_is_left_out(undated):
    """Simulated orders without a model of spend are worth nothing."""
    orders = clv.simulate(clv.BgNbd.from_params(r=1, alpha=5, a=0.5, b=3, unit="week"), customers=1000)
    summary = clv.summarize(orders.to_pandas())
    with pytest.warns(clv.FitWarning, match="no repeat purchase is worth anything"):
        fitted = clv.BgNbd().fit(summary)
    assert fitted.spend_ is None and "clv_3m" not in fitted.predict(summary, "3m")


def test_horizons_may_be_timedeltas(model, summary):
    known = model.expected_purchases(summary, "90d")
    for span in (pd.Timedelta("90D"), dt.timedelta(days=90), np.timedelta64(90, "D")):
        pd.testing.assert_series_equal(model.expected_purchases(summary, span), known)
        assert "purchases_90d" in model.predict(summary, span) and "purchases_90d" in model.predict(summary, [span])
    np.testing.assert_array_equal(model.expected_purchases(summary, pd.Timedelta("36h")), model.expected_purchases(summary, 1.5 / 7))
    assert (model.predict(summary, pd.Timedelta(0))["purchases_0d"] == 0).all()
    for wrong in (pd.Timedelta("-36h"), pd.NaT, np.timedelta64("NaT")):
        with pytest.raises(clv.Error):
            model.predict(summary, wrong)


def test_horizons_may_have_parts_and_be_nothing(model, summary):
    """Expected purchases are continuous in time: 0 at 0, and at 1.5 weeks what they are at 10.5 days."""
    answer = model.predict(summary, [0, 0.5, 1.5, "10.5d", 13, "1.5w..13w"], discount=0.1, counts=2, intervals=[80], over=[10], next=[50])
    assert not answer.isna().drop(columns="next_purchase_50").any().any()
    assert (
        (answer[["purchases_0w", "det_0w", "clv_0w", "p_purchase_0w", "value_0w_lo80", "value_0w_hi80", "p_value_0w_over_10"]] == 0)
        .all()
        .all()
    )
    assert (answer["p_0_0w"] == 1).all() and (answer["p_1_0w"] == 0).all()
    pd.testing.assert_series_equal(answer["p_alive_0w"], answer["p_alive"], check_names=False)
    np.testing.assert_array_equal(answer["purchases_1.5w"], answer["purchases_10.5d"])
    np.testing.assert_array_equal(answer["purchases_1.5w"], model.expected_purchases(summary, 1.5))
    np.testing.assert_allclose(answer["purchases_1.5w_to_13w"], answer["purchases_13w"] - answer["purchases_1.5w"], rtol=1e-12)
    assert (answer["purchases_0.5w"] < answer["purchases_1.5w"]).all()
    ends = model.intervals(summary, [0, 1.5], [80])
    assert (ends[["purchases_0w_lo80", "purchases_0w_hi80"]] == 0).all().all() and "purchases_1.5w_hi80" in ends
    assert (model.pmf(summary, 0, 1)["p_0"] == 1).all()
    totals = model.totals(summary, [0, 1.5], futures=40)
    assert totals["horizon"].tolist() == ["0w", "1.5w"] and totals["purchases"][0] == 0
    assert model.predict_new([0, 0.5])["purchases_0w"][0] == 0
    with pytest.raises(clv.UsageError, match=r"1\.5w appears twice"):
        model.predict(summary, [1.5, "1.5w"])
    for wrong in (-1, float("nan"), float("inf"), 2e9):
        with pytest.raises(clv.UsageError, match="horizon"):
            model.predict(summary, [wrong])
    with pytest.raises(clv.UsageError, match="months and years are whole"):
        model.predict(summary, "1.5m")


@pytest.mark.filterwarnings("ignore")
def test_numbers_are_of_the_model_s_unit(sample, undated):
    """A month is 30.4375 days as a unit, and what the calendar says as a span."""
    summary = clv.summarize(sample, until=UNTIL, unit="month")
    model = clv.BgNbd().fit(summary)
    answer = model.predict(summary, [3, 2.5, "3m"])
    np.testing.assert_array_equal(answer["purchases_3"], model.expected_purchases(summary, 3))
    np.testing.assert_array_equal(answer["purchases_2.5"], model.expected_purchases(summary, 2.5))
    np.testing.assert_array_equal(answer["purchases_3m"], model.expected_purchases(summary, 91 / 30.4375))
    bare = clv.BgNbd().fit(undated)
    answer = bare.predict(undated, [1.5, 13])
    assert "purchases_1.5" in answer and "purchases_13" in answer
    np.testing.assert_array_equal(answer["purchases_1.5"], bare.expected_purchases(undated, 1.5))


@pytest.mark.filterwarnings("ignore")
def test_days_and_weeks_need_no_end_of_the_observation(summary, undated):
    known = clv.BgNbd().fit(summary).predict(summary, ["39w", "90d"], discount=0.1)
    model = clv.BgNbd(unit="week").fit(undated)
    answer = model.predict(undated, ["39w", "90d"], discount=0.1)
    for name in ("purchases_39w", "purchases_90d", "clv_90d"):
        np.testing.assert_array_equal(answer[name], known[name])
    assert (model.predict(undated, "forever", discount=0.1)["dert"] > 0).all()
    for calendar in ("3m", "1y", "1998-06-30", "1w..3m"):
        with pytest.raises(clv.UsageError, match="takes a calendar, and there were no dates: give until="):
            model.predict(undated, calendar)
    for unit in ("39w", "90d"):
        with pytest.raises(clv.UsageError, match="takes a time unit, and there were no dates: give unit="):
            clv.BgNbd().fit(undated).predict(undated, unit)


@pytest.mark.filterwarnings("ignore")
def test_where_opportunities_are_counted_there_are_no_parts_of_one(sample):
    monthly = clv.summarize(sample, until=UNTIL, unit="month", grain="month")
    model = clv.BgBb().fit(monthly)
    assert "purchases_3m" in model.predict(monthly, 3)
    bare = clv.BgBb.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78)
    donors = {"frequency": [2, 0], "recency": [4, 0], "T": [6, 6]}
    assert list(bare.predict(donors, [3]))[-3:] == ["purchases_3", "p_purchase_3", "p_alive_3"]
    for wrong in (1.5, 0):
        for ask, of in ((model.predict, monthly), (bare.predict, donors), (model.totals, monthly)):
            with pytest.raises(clv.UsageError, match="whole"):
                ask(of, wrong)
    for wrong in ("1.5w", "0.5d"):
        with pytest.raises(clv.UsageError, match="whole"):
            model.predict(monthly, wrong)
    daily = clv.summarize(sample, until="1997-03-31", unit="day")
    for wrong in (1.5, "0.5d"):
        with pytest.raises(clv.UsageError, match="counts whole opportunities, one a day"):
            clv.BgBb.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78, unit="day", until="1997-03-31").predict(daily, wrong)


def test_none_is_what_is_usual(model, summary):
    """Whatever can be asked: `None` asks nothing."""
    few = summary[:30]
    names = ("margin", "discount", "cac", "intervals", "over", "counts", "next", "standard_errors", "parameter_draws", "seed")
    pd.testing.assert_frame_equal(model.predict(few, None, **dict.fromkeys(names)), model.predict(few))
    names = ("margin", "intervals", "by", "target", "futures", "seed")
    pd.testing.assert_frame_equal(model.totals(few, None, **dict.fromkeys(names)), model.totals(few))
    pd.testing.assert_frame_equal(model.intervals(few, None, None, margin=None), model.intervals(few))
    assert repr(model.predict_new(None, margin=None, discount=None)) == repr(model.predict_new())
    report = clv.report(summary, margin=None, discount=None, horizons=None)
    assert report.verdicts == clv.report(summary).verdicts


def test_horizons_of_a_report_may_be_numbers(summary):
    assert clv.report(summary, horizons=[13, 1.5]).tables["totals"].column("horizon").tolist() == ["13 weeks", "1.5 weeks"]


def test_predictions_call_the_customer_as_the_summary_does(summary, tmp_path):
    named = summary.rename(columns={"customer_id": "client"})
    predicted = clv.BgNbd(customer="client").fit(named).predict(named, "3m")
    known = clv.BgNbd().fit(summary).predict(summary, "3m")
    pd.testing.assert_frame_equal(predicted, known.rename(columns={"customer_id": "client"}))
    pd.testing.assert_series_equal(named.merge(predicted, on="client")["clv_3m"], known["clv_3m"])
    path = tmp_path / "summary.csv"
    named.to_csv(path, index=False)
    assert "client" in clv.BgNbd(customer="client").fit(path).predict(path, "3m")
    with pytest.raises(clv.UsageError, match="there is a column `p_alive` already"):
        clv.BgNbd(customer="p_alive").fit(summary.rename(columns={"customer_id": "p_alive"})).predict(
            summary.rename(columns={"customer_id": "p_alive"}), "3m"
        )


@pytest.mark.filterwarnings("ignore")
def test_a_report_of_a_summary_takes_margins_from_a_column(summary):
    half = clv.report(summary.assign(share=0.5), margin="share", horizons="3m").tables["totals"]
    whole = clv.report(summary, horizons="3m").tables["totals"]
    assert half["value"][0] == pytest.approx(0.5 * whole["value"][0], rel=1e-12)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_is_taken_for_what_is_in_it(sample, summary, tmp_path, form):
    """Orders or customers, by the header: as the frame would be."""
    orders_path, summary_path = tmp_path / f"orders.{form}", tmp_path / f"summary.{form}"
    for frame, path in ((sample, orders_path), (summary, summary_path)):
        if form == "csv":
            frame.to_csv(path, index=False)
        else:
            frame.to_parquet(path)
    for frame, path in ((sample, orders_path), (summary, summary_path)):
        assert clv.compare(path, models=["bg-nbd", "nbd"]).advice == clv.compare(frame, models=["bg-nbd", "nbd"]).advice
        assert clv.report(path, test=False).model.params_ == clv.report(frame, test=False).model.params_
    assert clv.describe(str(summary_path)).sums == clv.describe(summary).sums
    with pytest.raises(OSError, match="nowhere"):
        clv.compare(tmp_path / f"nowhere.{form}")


# Orders


def test_orders_are_read_once_for_all(sample):
    orders = clv.Orders(sample)
    assert orders.read["rows"] == len(sample)
    assert orders.days == (np.datetime64("1997-01-01"), np.datetime64("1998-06-30"))
    assert f"{orders.read['orders']:,} orders from 1997-01-01 to 1998-06-30" in repr(orders)
    pd.testing.assert_frame_equal(orders.summarize(), clv.summarize(sample))
    for thing in (
        lambda: clv.evaluate(orders, split=UNTIL, until="1998-01-01"),
        lambda: clv.summarize(orders, unit="day"),
        lambda: clv.describe(orders, strict=True),
    ):
        with pytest.raises(clv.UsageError, match="have been read"):
            thing()


def test_evaluation_is_its_definition(sample, summary, model):
    """Root mean square and mean absolute error over weeks 40-78, from the holdout that pandas counts."""
    scores = clv.evaluate(sample, split=UNTIL).scores
    end, until = pd.Timestamp(UNTIL), pd.Timestamp("1998-06-30")
    paid = sample[sample["amount"] > 0]
    later = paid[(paid["order_date"] > end) & (paid["order_date"] <= until)]
    came = later.drop_duplicates(["customer_id", "order_date"]).groupby("customer_id").size()
    actual = summary["customer_id"].map(came).fillna(0).to_numpy()
    expected = model.expected_purchases(summary, 39.0).to_numpy()
    ours = scores[(scores["method"] if "method" in scores else scores.iloc[:, 2]).astype(str).str.contains("BG/NBD|bg-nbd")]
    row = ours[ours.apply(lambda one: "purchases" in one.astype(str).tolist(), axis=1)].iloc[0]
    error = expected - actual
    assert row[next(name for name in scores if "rmse" in name or "root" in name)] == pytest.approx(np.sqrt((error**2).mean()), rel=2e-4)
    assert row["mean_absolute_error_of_mean"] == pytest.approx(np.abs(error).mean(), rel=2e-4)


@pytest.mark.parametrize("kind", ALL)
def test_signatures_have_no_surprises(kind):
    """What scikit-learn asks: keyword arguments with defaults, kept by name; no others."""
    for parameter in inspect.signature(kind).parameters.values():
        # A model of regular purchases is named with its number of stages: MbgCnbd(2).
        assert parameter.kind is parameter.KEYWORD_ONLY or parameter.name == "k"
        assert parameter.default is not parameter.empty


def test_calibrated_columns_are_learned_from_the_orders(sample, summary, model):
    """The model's expectation and the last period, counted by pandas, by two weights that fit all customers."""
    orders = clv.Orders(sample, until=UNTIL)
    both = model.predict(summary, ["13w", "13w..26w"], calibrate=orders, margin=0.5, intervals=[80])
    plain = model.predict(summary, ["13w"], margin=0.5)
    # A later period has none.
    assert sum(name.endswith("_calibrated") for name in both) == 6
    end = pd.Timestamp(UNTIL)
    days = sample[sample["order_date"] <= end].groupby(["customer_id", "order_date"], as_index=False)["amount"].sum()
    first = days.groupby("customer_id")["order_date"].transform("min")
    last = days[(days["order_date"] > end - pd.Timedelta(days=91)) & (days["order_date"] > first)].groupby("customer_id")["amount"]
    counted = summary["customer_id"].map(last.size()).fillna(0.0).to_numpy()
    spent = summary["customer_id"].map(last.sum()).fillna(0.0).to_numpy()
    for column, expected, period in [("purchases_13w", plain["purchases_13w"], counted), ("clv_13w", plain["clv_13w"], 0.5 * spent)]:
        columns = np.column_stack([expected, period])
        mixed = both[f"{column}_calibrated"].to_numpy()
        weights, *_ = np.linalg.lstsq(columns, mixed, rcond=None)
        assert columns @ weights == pytest.approx(mixed, abs=1e-8)
        assert 0.3 < weights[0] < 1.3 and 0.0 <= weights[1] < 0.6
    assert (both["purchases_13w"] == plain["purchases_13w"]).all()
    assert (both["purchases_13w_lo80_calibrated"] <= both["purchases_13w_lo80"]).all()
    assert (both["value_13w_hi80_calibrated"] >= both["value_13w_hi80"]).all()


def test_calibration_refuses_other_orders(sample, summary, model):
    other = sample[sample["customer_id"] != sample["customer_id"].iloc[0]]
    with pytest.raises(clv.UsageError, match="these are not the orders of the customers"):
        model.predict(summary, ["13w"], calibrate=clv.Orders(other, until=UNTIL))


def test_medians_lie_where_half_of_the_chance_does(summary, model):
    table = model.predict(summary, ["39w"], median=True, counts=60)
    chances = table[[f"p_{n}_39w" for n in range(61)]].to_numpy().cumsum(axis=1)
    assert (table["purchases_39w_median"] == (chances >= 0.5).argmax(axis=1)).all()
    assert ((table["value_39w_median"] > 0) == (table["purchases_39w_median"] > 0)).all()
