"""clv: fits, expectation and values from a pandas frame. Arguments: the summary and the last day of its observation."""

import sys

import clv
import pandas as pd
from measurement import COLUMNS, answers, tell_peak, tell_resident, timed

path, until = sys.argv[1:]
s = timed("load", lambda: pd.read_csv(path, usecols=COLUMNS))
tell_resident()


def fit(spend=None):
    return clv.BgNbd(spend=spend, unit="week", until=until).fit(s)


def fit_spend():
    return clv.GammaGamma(unit="week", until=until).fit(s)


timing = timed("fit", fit)
spend = timed("fit spend", fit_spend)
purchases = timed("purchases", lambda: timing.expected_purchases(s, 39))
both = timed("fit both", lambda: fit("auto"))
value = timed("value", lambda: both.predict(s, "12m"))
tell_peak()

p, q, v = spend.params_.values()
answers("answers", timing.params_, {"p": p, "q": q, "v": v}, float(purchases.sum()), float(value["clv_12m"].sum()))
timed("fit again", fit)
timed("fit spend again", fit_spend)
