"""BG/NBD and MBG/NBD under lifetimes' names."""

from __future__ import annotations

from typing import Any, ClassVar

from .generate_data import beta_geometric_nbd_model, modified_beta_geometric_nbd_model
from .timing import ContinuousFitter, Values


class BetaGeoFitter(ContinuousFitter):
    """BG/NBD of Fader, Hardie & Lee (2005), Marketing Science 24(2): parameters `r`, `alpha`, `a`, `b`.

    Customers purchase at random while they stay, and may leave after each repeat purchase.
    """

    _model = "bg-nbd"
    _names = ("r", "alpha", "a", "b")
    _times = ("alpha",)
    _alive_as_array: ClassVar[bool] = True

    def fit(
        self,
        frequency: Values,
        recency: Values,
        T: Values,
        weights: Values | None = None,
        initial_params: Values | None = None,
        verbose: bool = False,
        tol: float = 1e-7,
        index: Any = None,
        **kwargs: Any,
    ) -> BetaGeoFitter:
        """Fits the model to histories: repeat purchases, age at the last one, age at the end, in one unit of time.

        `weights` counts the customers of each row; `index` is that of `data`. `initial_params`, `tol` and other options of
        scipy's optimiser are taken and not needed: Newton's method starts by itself and ends where rounding begins.

        Returns the fitter. Raises ValueError for impossible histories and for too few returning customers,
        ConvergenceError (a ValueError) if the fit ends nowhere; warns if the data do not determine the parameters.
        """
        del initial_params, tol, kwargs
        self._fit_histories(frequency, recency, T, weights, index, verbose, scaled=True)
        return self

    def generate_new_data(self, size: int = 1) -> Any:
        """Histories of `size` new customers of this model, observed as long as those it was fitted to, in their order.

        DataFrame as of `beta_geometric_nbd_model`.
        """
        r, alpha, a, b = self._values()
        return beta_geometric_nbd_model(self._ages(size), r, alpha, a, b, size)


class ModifiedBetaGeoFitter(BetaGeoFitter):
    """MBG/NBD of Batislam, Denizel & Filiztekin (2007): as BG/NBD, but customers may leave after the first purchase, too."""

    _model = "mbg-nbd"

    def generate_new_data(self, size: int = 1) -> Any:
        """Histories of `size` new customers of this model. DataFrame as of `modified_beta_geometric_nbd_model`."""
        r, alpha, a, b = self._values()
        return modified_beta_geometric_nbd_model(self._ages(size), r, alpha, a, b, size)
