"""Gamma-Gamma under lifetimes' names."""

from __future__ import annotations

from typing import Any

import numpy as np

from clv._clv import lifetimes as kernels

from . import inputs
from .base import BaseFitter
from .pandas_import import pandas
from .timing import Values
from .utils import customer_lifetime_value


class GammaGammaFitter(BaseFitter):
    """Gamma-Gamma of Fader & Hardie (2013), note 025: the mean spend of customers; parameters `p`, `q`, `v`.

    `v`, which the note calls gamma, is an amount of money.
    """

    _names = ("p", "q", "v")

    def fit(
        self,
        frequency: Values,
        monetary_value: Values,
        weights: Values | None = None,
        initial_params: Values | None = None,
        verbose: bool = False,
        tol: float = 1e-7,
        index: Any = None,
        q_constraint: bool = False,
        **kwargs: Any,
    ) -> GammaGammaFitter:
        """Fits the model to returning customers: repeat purchases and their mean value, both above zero.

        With `q_constraint`, `q` does not go below 1; where it ends at 1 the mean over customers is still infinite. `weights`
        counts the customers of each row; `index` is that of `data`. `initial_params`, `tol` and other options of scipy's
        optimiser are taken and not needed. Returns the fitter; raises ValueError for values that cannot be.
        """
        del initial_params, tol, kwargs
        pd = pandas()
        x, m, w = inputs.fitted_vectors(weights, frequency=frequency, monetary_value=monetary_value)
        inputs.check_histories(x, None, None, fitting=True)
        inputs.check_spend(m)
        if (x == 0).any():
            raise ValueError(
                "frequency is zero for some customers, whose repeat purchases have no mean value: fit to those with frequency > 0"
            )
        fit = kernels.fit_spend(x, m, w, [self.penalizer_coef] * 3, bool(q_constraint))
        self._keep(fit, verbose, frames=2)
        penalty = self.penalizer_coef * float(np.square(fit["parameters"]).sum())
        self._negative_log_likelihood_ = -fit["log_likelihood"] / float(w.sum()) + penalty
        as_counted = w.astype(np.int64) if (w == np.floor(w)).all() else w
        self.data = pd.DataFrame({"monetary_value": m, "frequency": x, "weights": as_counted}, index=index)
        return self

    def conditional_expected_average_profit(self, frequency: Values | None = None, monetary_value: Values | None = None) -> Any:
        """Expected mean value of future purchases of customers with so many repeat purchases of this mean value.

        Without arguments, of the customers it was fitted to. A Series if one came in, with its index; in the money of the
        data. Raises ValueError where the mean is infinite: without repeat purchases if `q <= 1`.
        """
        frequency = self.data["frequency"] if frequency is None else frequency
        monetary_value = self.data["monetary_value"] if monetary_value is None else monetary_value
        (x, m), shape, index = inputs.together(frequency=frequency, monetary_value=monetary_value)
        inputs.check_counts(x, "frequency")
        spend = kernels.expected_spend(self._values(), x, m)
        infinite = np.isinf(spend)
        if infinite.any():
            raise ValueError(
                f"q is {self.params_['q']:.4f}, and with q <= 1 the mean spend over customers is infinite: {int(infinite.sum()):,} "
                "customers without (enough) repeat purchases cannot be valued. A few extreme amounts do that: look at the "
                "largest ones, or value returning customers alone"
            )
        return inputs.shaped(spend, shape, index)

    def customer_lifetime_value(
        self,
        transaction_prediction_model: Any,
        frequency: Values,
        recency: Values,
        T: Values,
        monetary_value: Values,
        time: int = 12,
        discount_rate: float = 0.01,
        freq: str = "D",
    ) -> Any:
        """Discounted value of customers' purchases over the next `time` months, a Series `clv` by the index of `frequency`.

        `transaction_prediction_model` is any fitter with `predict`; `freq` is the unit of its times (`"D"`, `"W"`, `"M"`,
        `"h"`); `discount_rate` is a month's. Each month's purchases are discounted as if made at its end.
        """
        spend = self.conditional_expected_average_profit(frequency, monetary_value)
        return customer_lifetime_value(transaction_prediction_model, frequency, recency, T, spend, time, discount_rate, freq=freq)
