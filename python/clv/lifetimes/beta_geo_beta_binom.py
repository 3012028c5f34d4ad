"""BG/BB under lifetimes' names."""

from __future__ import annotations

from typing import Any

import numpy as np

from clv._clv import lifetimes as kernels

from .generate_data import beta_geometric_beta_binom_model
from .inputs import check_counts, numbers
from .pandas_import import pandas
from .timing import TimingFitter, Values


class BetaGeoBetaBinomFitter(TimingFitter):
    """BG/BB of Fader, Hardie & Shang (2010), Marketing Science 29(6): parameters `alpha`, `beta`, `gamma`, `delta`.

    Purchases are made, or not, at each of a number of opportunities, before each of which customers may leave.
    """

    _model = "bg-bb"
    _names = ("alpha", "beta", "gamma", "delta")
    _age = "n_periods"

    def fit(
        self,
        frequency: Values,
        recency: Values,
        n_periods: Values,
        weights: Values | None = None,
        initial_params: Values | None = None,
        verbose: bool = False,
        tol: float = 1e-7,
        index: Any = None,
        **kwargs: Any,
    ) -> BetaGeoBetaBinomFitter:
        """Fits the model: opportunities used, number of the last one used, number of opportunities, all whole.

        `weights` counts the customers of each row; `index` is that of `data`. `initial_params`, `tol` and other options of
        scipy's optimiser are taken and not needed. Returns the fitter; raises ValueError for impossible histories.
        """
        del initial_params, tol, kwargs
        self._fit_histories(frequency, recency, n_periods, weights, index, verbose, scaled=False)
        return self

    def conditional_expected_number_of_purchases_up_to_time(
        self, m_periods_in_future: Values, frequency: Values, recency: Values, n_periods: Values
    ) -> Any:
        """Expected purchases of customers with these histories at the next `m_periods_in_future` opportunities, whole ones."""
        return self._expected_ahead(m_periods_in_future, frequency, recency, n_periods)

    def predict(self, m_periods_in_future: Values, frequency: Values, recency: Values, n_periods: Values) -> Any:
        """`conditional_expected_number_of_purchases_up_to_time`, by its short name."""
        return self.conditional_expected_number_of_purchases_up_to_time(m_periods_in_future, frequency, recency, n_periods)

    def conditional_probability_alive(self, m_periods_in_future: Values, frequency: Values, recency: Values, n_periods: Values) -> Any:
        """P(still a customer at opportunity `n_periods + m_periods_in_future`) of customers with these histories."""
        return self._alive(m_periods_in_future, frequency, recency, n_periods)

    def expected_number_of_transactions_in_first_n_periods(self, n: int) -> Any:
        """Expected customers by purchases at the first `n` opportunities, of as many customers as there are in `data`.

        DataFrame with the column `model`, by the `frequency` that the data have.
        """
        pd = pandas()
        self._unload_params()
        periods = numbers(n, "n")
        check_counts(np.atleast_1d(periods), "n")
        seen = self.data.groupby("frequency")["weights"].sum()
        counts = np.asarray(seen.index, dtype=float)
        chances = kernels.chance_of_count_of_new(self._model, self._values(), counts, np.full(len(counts), float(periods)))
        index = pd.Index(seen.index, name="frequency")
        return pd.DataFrame({"model": chances * float(seen.sum())}, index=index)

    def generate_new_data(self, size: int = 1) -> Any:
        """Histories of `size` new customers of this model, with as many opportunities as those it was fitted to.

        DataFrame as of `beta_geometric_beta_binom_model`.
        """
        alpha, beta, gamma, delta = self._values()
        return beta_geometric_beta_binom_model(self._ages(size), alpha, beta, gamma, delta, size)
