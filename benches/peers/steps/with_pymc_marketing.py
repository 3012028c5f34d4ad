"""pymc-marketing: MAP fits, expectation and values from a pandas frame. Arguments: the summary, `--own-priors`.

Priors are flat, so that MAP is maximum likelihood; with `--own-priors` fits with the priors it has by default come last.
"""

import logging
import sys
import warnings

import pandas as pd
from measurement import COLUMNS, answers, tell_peak, tell_resident, timed
from pymc_extras.prior import Prior
from pymc_marketing.clv import BetaGeoModel, GammaGammaModel

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
TIMING, SPEND = ("r", "alpha", "a", "b"), ("p", "q", "v")
FLAT_TIMING, FLAT_SPEND = ({name: Prior("HalfFlat") for name in names} for names in (TIMING, SPEND))
s = timed("load", lambda: pd.read_csv(sys.argv[1], usecols=COLUMNS))
tell_resident()


def fitted(kind, data, priors):
    model = kind(model_config=priors)
    model.fit(data, method="map", progressbar=False)
    return model


def fit(priors=FLAT_TIMING):
    return fitted(BetaGeoModel, s, priors)


def fit_spend(priors=FLAT_SPEND):
    return fitted(GammaGammaModel, s[(s["frequency"] > 0) & (s["monetary_value"] > 0)], priors)


def parameters(model, names):
    return {name: float(model.fit_result[name].squeeze()) for name in names}


timing = timed("fit", fit)
spend = timed("fit spend", fit_spend)
purchases = timed("purchases", lambda: timing.expected_purchases(s, future_t=39))
value = timed("value", lambda: spend.expected_customer_lifetime_value(timing, s, future_t=12, time_unit="W"))
tell_peak()

answers("answers", parameters(timing, TIMING), parameters(spend, SPEND), float(purchases.sum()), float(value.sum()))
timed("fit again", fit)
timed("fit spend again", fit_spend)
if "--own-priors" in sys.argv:
    timing = timed("fit, its own priors", lambda: fit(None))
    spend = timed("fit spend, its own priors", lambda: fit_spend(None))
    answers("answers, its own priors", parameters(timing, TIMING), parameters(spend, SPEND))
