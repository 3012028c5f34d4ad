"""lifetimes: fits, expectation and values from a pandas frame. Argument: the summary."""

import sys
import warnings

import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from measurement import COLUMNS, answers, tell_peak, tell_resident, timed

warnings.filterwarnings("ignore")
s = timed("load", lambda: pd.read_csv(sys.argv[1], usecols=COLUMNS))
tell_resident()


def fit():
    return BetaGeoFitter().fit(s["frequency"], s["recency"], s["T"])


def fit_spend():
    spent = s[(s["frequency"] > 0) & (s["monetary_value"] > 0)]
    return GammaGammaFitter().fit(spent["frequency"], spent["monetary_value"])


def value_in_12_months():
    return spend.customer_lifetime_value(
        timing, s["frequency"], s["recency"], s["T"], s["monetary_value"], time=12, discount_rate=0, freq="W"
    )


timing = timed("fit", fit)
spend = timed("fit spend", fit_spend)
purchases = timed(
    "purchases",
    lambda: timing.conditional_expected_number_of_purchases_up_to_time(39, s["frequency"], s["recency"], s["T"]),
)
value = timed("value", value_in_12_months)
tell_peak()

answers("answers", dict(timing.params_), dict(spend.params_), float(purchases.sum()), float(value.sum()))
timed("fit again", fit)
timed("fit spend again", fit_spend)
