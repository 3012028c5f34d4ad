"""Pareto/NBD under lifetimes' names."""

from __future__ import annotations

from typing import Any

from .generate_data import pareto_nbd_model
from .timing import ContinuousFitter, Values


class ParetoNBDFitter(ContinuousFitter):
    """Pareto/NBD of Schmittlein, Morrison & Colombo (1987), Management Science 33(1): parameters `r`, `alpha`, `s`, `beta`.

    Customers purchase at random while they stay, and may leave at any moment.
    """

    _model = "pareto-nbd"
    _names = ("r", "alpha", "s", "beta")
    _times = ("alpha", "beta")

    def fit(
        self,
        frequency: Values,
        recency: Values,
        T: Values,
        weights: Values | None = None,
        iterative_fitting: int = 1,
        initial_params: Values | None = None,
        verbose: bool = False,
        tol: float = 1e-4,
        index: Any = None,
        fit_method: str = "Nelder-Mead",
        maxiter: int = 2000,
        **kwargs: Any,
    ) -> ParetoNBDFitter:
        """Fits the model to histories: repeat purchases, age at the last one, age at the end, in one unit of time.

        `weights` counts the customers of each row; `index` is that of `data`. What steers scipy's optimiser
        (`iterative_fitting`, `initial_params`, `tol`, `fit_method`, `maxiter`, others) is taken and not needed.

        Returns the fitter. Raises ValueError for impossible histories and for too few returning customers,
        ConvergenceError (a ValueError) if the fit ends nowhere; warns if the data do not determine the parameters.
        """
        if iterative_fitting <= 0:
            raise ValueError("iterative_fitting is the number of starts, and at least 1")
        if iterative_fitting > 1 and initial_params is not None:
            raise ValueError("initial_params is one start; give it or iterative_fitting, not both")
        del tol, fit_method, maxiter, kwargs
        self._fit_histories(frequency, recency, T, weights, index, verbose, scaled=True)
        return self

    def _penalty_a_customer(self, rows: int) -> float:
        # Beside the sum over rows, not beside the mean: lifetimes' choice for this model alone.
        return self.penalizer_coef / rows

    def _objective(self, mean: float, penalized: float, rows: int) -> float:
        return rows * (mean + penalized)

    def generate_new_data(self, size: int = 1) -> Any:
        """Histories of `size` new customers of this model, observed as long as those it was fitted to, in their order.

        DataFrame as of `pareto_nbd_model`.
        """
        r, alpha, s, beta = self._values()
        return pareto_nbd_model(self._ages(size), r, alpha, s, beta, size)
