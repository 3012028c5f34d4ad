"""The steps of lifetimes' quickstart and of its other documented models, with every number that comes out, as JSON.

    python lifetimes_quickstart.py lifetimes > lifetimes_quickstart.json
    python lifetimes_quickstart.py clv.lifetimes

The first of these made the stored file, in an environment of

    pip install "lifetimes==0.11.3" "numpy<2" "pandas<2.2" "scipy<1.13" "autograd<1.7" dill

`counted` needs no model; `fixed` are formulas at parameters that are given; `fitted` depends on an optimiser.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings

import numpy as np
import pandas as pd

# Parameters of the papers and, of MBG/NBD, of BTYDplus, rounded as they print them: for CDNOW in weeks, donations in years.
BG_NBD = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
MBG_NBD = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
PARETO_NBD = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
BG_BB = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
GAMMA_GAMMA = {"p": 6.25, "q": 3.74, "v": 15.44}


def listed(values) -> list:
    """Flat, as numbers of Python."""
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    return [float(np.asarray(value).reshape(-1)[0]) for value in np.asarray(values).reshape(-1)]


def sampled(frame) -> list:
    """Sums of all rows, and every fortieth row."""
    return listed(np.atleast_1d(frame.sum())) + listed(frame.iloc[::40])


def at(fitter, parameters):
    """The fitter as if it had been fitted to these."""
    fitter.params_ = pd.Series(parameters)
    if not hasattr(fitter, "predict"):
        # lifetimes has it after a fit alone.
        fitter.predict = getattr(fitter, "conditional_expected_number_of_purchases_up_to_time", None)
    return fitter


def estimates(fitter) -> dict:
    numbers = {"params": listed(fitter.params_), "objective": [float(fitter._negative_log_likelihood_)]}
    if hasattr(fitter, "standard_errors_"):
        numbers["standard_errors"] = listed(fitter.standard_errors_)
        numbers["summary"] = listed(fitter.summary)
        numbers["variances"] = listed(np.diag(fitter.variance_matrix_))
    return numbers


def steps(package: str) -> dict:
    lt = importlib.import_module(package)
    datasets = importlib.import_module(package + ".datasets")
    utils = importlib.import_module(package + ".utils")
    counted, fixed, fitted = {}, {}, {}

    data = datasets.load_cdnow_summary(index_col=[0])
    money = datasets.load_cdnow_summary_data_with_monetary_value()
    orders = datasets.load_transaction_data()
    donations = datasets.load_donations()
    history = (data["frequency"], data["recency"], data["T"])
    counted["cdnow"] = listed(data.sum()) + listed(data.head())
    counted["cdnow with money"] = listed(money.sum()) + listed(money.head())
    counted["donations"] = listed(donations)

    # Basic frequency/recency analysis using the BG/NBD model
    bgf = lt.BetaGeoFitter(penalizer_coef=0.0).fit(*history)
    fitted["bg"] = estimates(bgf)
    fitted["bg"]["next week"] = listed(bgf.conditional_expected_number_of_purchases_up_to_time(1, *history).sort_values().tail(20))
    fitted["bg"]["alive matrix"] = listed(bgf.conditional_probability_alive_matrix()[::6, ::3])
    fitted["bg penalized"] = estimates(lt.BetaGeoFitter(penalizer_coef=0.1).fit(*history))
    weights = 1 + np.arange(len(data)) % 3
    fitted["bg weighted"] = estimates(lt.BetaGeoFitter().fit(*history, weights=weights))

    # Example using transactional datasets
    summary = utils.summary_data_from_transaction_data(orders, "id", "date", observation_period_end="2014-12-31")
    counted["summary"] = sampled(summary)
    counted["summary ids"] = listed(summary.index[::40])
    hours = utils.summary_data_from_transaction_data(orders, "id", "date", freq="h", freq_multiplier=24)
    counted["summary by hours"] = sampled(hours)
    weeks = utils.summary_data_from_transaction_data(
        orders, "id", "date", observation_period_end="2014-10-31", freq="W", include_first_transaction=True
    )
    counted["summary by weeks, first included"] = sampled(weeks)
    priced = orders.assign(amount=1.0 + np.arange(len(orders)) % 17)
    counted["summary with money"] = sampled(
        utils.summary_data_from_transaction_data(priced, "id", "date", "amount", observation_period_end="2014-11-30", freq="W")
    )
    bgf.fit(summary["frequency"], summary["recency"], summary["T"])
    fitted["orders"] = estimates(bgf)

    # More model fitting
    calibrated = utils.calibration_and_holdout_data(
        orders, "id", "date", calibration_period_end="2014-09-01", observation_period_end="2014-12-31"
    )
    counted["calibration"] = sampled(calibrated)
    counted["calibration with money"] = sampled(
        utils.calibration_and_holdout_data(priced, "id", "date", "2014-09-01", "2014-12-31", freq="W", monetary_value_col="amount")
    )
    bgf.fit(calibrated["frequency_cal"], calibrated["recency_cal"], calibrated["T_cal"])
    fitted["calibrated"] = estimates(bgf)
    fitted["calibrated"]["holdout"] = listed(
        bgf.predict(121, calibrated["frequency_cal"], calibrated["recency_cal"], calibrated["T_cal"]).head(50)
    )

    # Customer predictions, customer probability histories
    individual = summary.iloc[20]
    fitted["calibrated"]["individual"] = listed(bgf.predict(10, individual["frequency"], individual["recency"], individual["T"]))
    one = orders.loc[orders["id"] == 35]
    fitted["calibrated"]["alive path"] = listed(utils.calculate_alive_path(bgf, one, "date", 200))
    for name, keywords in {"days": {"t": 60}, "weeks of days": {"t": 364, "freq_multiplier": 7}}.items():
        tracked = utils.expected_cumulative_transactions(bgf, orders, "date", "id", **keywords)
        counted[f"repeat purchases by {name}"] = listed(tracked["actual"])
        fitted["calibrated"][f"tracking by {name}"] = listed(tracked["predicted"])

    # Estimating customer lifetime value using the Gamma-Gamma model
    returning = money[money["frequency"] > 0]
    counted["correlation"] = listed(returning[["monetary_value", "frequency"]].corr())
    ggf = lt.GammaGammaFitter(penalizer_coef=0).fit(returning["frequency"], returning["monetary_value"])
    fitted["gg"] = estimates(ggf)
    fitted["gg"]["profit"] = sampled(ggf.conditional_expected_average_profit(money["frequency"], money["monetary_value"]))
    fitted["gg penalized"] = estimates(lt.GammaGammaFitter(penalizer_coef=0.01).fit(returning["frequency"], returning["monetary_value"]))
    money_history = (money["frequency"], money["recency"], money["T"])
    bgf.fit(*money_history)
    fitted["gg"]["clv"] = sampled(ggf.customer_lifetime_value(bgf, *money_history, money["monetary_value"], time=12, discount_rate=0.01))

    # The other models
    fitted["mbg"] = estimates(lt.ModifiedBetaGeoFitter().fit(*history))
    np.random.seed(1)
    fitted["pareto"] = estimates(lt.ParetoNBDFitter().fit(*history, tol=1e-10, maxiter=20_000))
    fitted["pareto"] = {key: fitted["pareto"][key] for key in ("params", "objective")}
    np.random.seed(1)
    penalized = estimates(lt.ParetoNBDFitter(penalizer_coef=10.0).fit(*history, tol=1e-10, maxiter=20_000))
    fitted["pareto penalized"] = {key: penalized[key] for key in ("params", "objective")}
    given = (donations["frequency"], donations["recency"], donations["periods"], donations["weights"])
    bbf = lt.BetaGeoBetaBinomFitter().fit(*given)
    fitted["bb"] = estimates(bbf)
    fitted["bb"]["by count"] = listed(bbf.expected_number_of_transactions_in_first_n_periods(6))

    # Formulas
    thinned = data.iloc[::20]
    seen = (thinned["frequency"].to_numpy(), thinned["recency"].to_numpy(), thinned["T"].to_numpy())
    times = np.array([0.0, 0.1429, 1.0, 3.0, 31.8571, 78.0, 500.0])
    fixed_fitters = {
        "bg": at(lt.BetaGeoFitter(), BG_NBD),
        "mbg": at(lt.ModifiedBetaGeoFitter(), MBG_NBD),
        "pareto": at(lt.ParetoNBDFitter(), PARETO_NBD),
    }
    for name, fitter in fixed_fitters.items():
        numbers = {
            "alive": listed(fitter.conditional_probability_alive(*seen)),
            "matrix": listed(fitter.conditional_probability_alive_matrix(12, 30)),
            "expected": listed(fitter.expected_number_of_purchases_up_to_time(times)),
        }
        for t in (1.0, 39.0, 500.0):
            ahead = fitter.conditional_expected_number_of_purchases_up_to_time(t, *seen)
            numbers[f"ahead {t}"] = listed(ahead)
        if name == "pareto":
            for n in (0, 1, 5, 20):
                chances = fitter.conditional_probability_of_n_purchases_up_to_time(n, 39.0, *seen)
                numbers[f"chance of {n}"] = listed(chances)
        else:
            counts = [fitter.probability_of_n_purchases_up_to_time(39.0, n) for n in range(30)]
            numbers["counts"] = listed(counts)
        fixed[name] = numbers
    bbf = at(lt.BetaGeoBetaBinomFitter(), BG_BB)
    years = tuple(column.to_numpy() for column in given[:3])
    fixed["bb"] = {
        "alive": listed(bbf.conditional_probability_alive(0, *years)),
        "alive later": listed(bbf.conditional_probability_alive(5, *years)),
        "ahead 5": listed(bbf.conditional_expected_number_of_purchases_up_to_time(5, *years)),
    }
    ggf = at(lt.GammaGammaFitter(), GAMMA_GAMMA)
    fixed["gg"] = {
        "profit": sampled(ggf.conditional_expected_average_profit(money["frequency"], money["monetary_value"])),
        "clv": sampled(
            ggf.customer_lifetime_value(
                fixed_fitters["pareto"], *money_history, money["monetary_value"], time=24, discount_rate=0.02, freq="W"
            )
        ),
    }
    return {"counted": counted, "fixed": fixed, "fitted": fitted}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump(steps(sys.argv[1]), sys.stdout)
    sys.stdout.write("\n")
