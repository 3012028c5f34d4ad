"""What customers spend."""

from collections.abc import Sequence
from typing import Any, Literal, Self

from . import _clv, arguments
from .fitted import FittedModel, UnknownLevels
from .orders import Unit
from .warned import FitWarning, warn_of


def left_out(customers: float) -> list[str]:
    """A warning of those whom a model of spend cannot take."""
    if not customers:
        return []
    return [f"Gamma-Gamma leaves out {customers:,.0f} customers whose repeat purchases are worth nothing or less"]


class GammaGamma(FittedModel):
    """Spend per purchase: Gamma-Gamma (Fader & Hardie 2013), by maximum likelihood.

    Each purchase of a customer is worth Gamma(p, ν), and ν is Gamma(q, gamma) distributed over customers, independently of how often
    they purchase.

    Parameters
    ----------
    prior_sd : float, optional
        Standard deviation of a normal prior on the logarithm of each parameter; 2 is mild.
    robust : bool
        Whether standard errors should hold even if the model is only nearly true (sandwich).
    bootstrap : int, optional
        Refits that show how uncertain the estimates are.
    bootstrap_by : {"customers", "model"}
        Whether the refits are to resampled customers, or to customers simulated by the fitted model.
    spend_covariates : str or sequence of str
        Columns that explain what a purchase is worth: of the summary, of `customer_table`, or `first_amount`, `first_month`,
        `first_quarter`, `log(frequency)`. `effects_` says what they do.
    covariate_sd : float, optional
        Standard deviation of a normal prior on coefficients, of standardised columns; then intervals are penalised, and nothing is tested.
    customer_table : frame or path, optional
        A row for each customer, joined by id: covariates that are its columns are taken from there, in fits and in predictions.
    unknown_levels : {"refuse", "reference"}
        What becomes of a customer with a level that the fit did not know: an error, or taken for one of the reference level.
    customer, unit, grain, until : optional
        What a summary without dates does not say itself.
    ignore : str or sequence of str, optional
        Columns to ignore, though their names suggest that rows stand for several customers.
    """

    _part = "spend"

    def __init__(
        self,
        *,
        prior_sd: float | None = None,
        robust: bool = False,
        bootstrap: int | None = None,
        bootstrap_by: Literal["customers", "model"] = "customers",
        spend_covariates: str | Sequence[str] = (),
        covariate_sd: float | None = None,
        customer_table: Any = None,
        unknown_levels: UnknownLevels = "refuse",
        customer: str | None = None,
        unit: Unit | None = None,
        grain: Unit | None = None,
        until: Any = None,
        ignore: str | Sequence[str] = (),
    ) -> None:
        self.prior_sd = prior_sd
        self.robust = robust
        self.bootstrap = bootstrap
        self.bootstrap_by = bootstrap_by
        self.spend_covariates = spend_covariates
        self.covariate_sd = covariate_sd
        self.customer_table = customer_table
        self.unknown_levels = unknown_levels
        self.customer = customer
        self.unit = unit
        self.grain = grain
        self.until = until
        self.ignore = ignore

    @classmethod
    def from_params(cls, *, p: float, q: float, gamma: float, unit: Unit | None = None, until: Any = None) -> Self:
        """With parameters that are known; `gamma` is `v` elsewhere."""
        model = cls(unit=unit, until=until)
        model._model = _clv.Model.of_parameters(
            "gamma-gamma",
            [arguments.number(name, value) for name, value in (("p", p), ("q", q), ("gamma", gamma))],
            {"unit": unit, "until": until},
        )
        return model

    def _check_ages(self, summary: _clv.Summary) -> None:
        """Spend does not depend on them."""

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Fits to the customers of a summary, or of :class:`Counts`, who came back and spent something.

        `sample_weight`, a column or a number a row, says how many customers each row stands for.
        """
        counts = self._counts_of(X, sample_weight)
        if counts is None:
            summary, kind = self._summary(X, fitting=True, weighted=True, weights=sample_weight)
            self._model, without = _clv.Model.fit_spend(summary, self._given())
        else:
            kind = X._kind
            self._model, without = _clv.Model.fit_spend_counts(counts, self._given())
        warn_of(left_out(without), FitWarning)
        self._saw(kind, sample_weight)
        warn_of(self.cautions_, FitWarning)
        return self

    @property
    def frequency_correlation_(self) -> float | None:
        """Correlation of frequency and mean spend, which the model takes for none."""
        correlation = self._facts().get("frequency_correlation")
        return None if correlation is None else float(correlation)

    @property
    def population_mean_(self) -> float:
        """Mean spend per purchase over all customers, `p gamma / (q - 1)`; of a model with covariates there is none."""
        return self._fitted().population_mean()

    def expected_spend(self, X: Any) -> Any:
        """Expected mean spend per purchase of each customer, given what the customer spent (Fader & Hardie 2013, equation 5)."""
        model = self._fitted()
        summary, kind = self._summary(X)
        return kind.series(model.expected_spend(summary), "expected_spend")

    def predict(self, X: Any) -> Any:
        """The same."""
        return self.expected_spend(X)
