"""What models share once they are fitted."""

import json
import math
import os
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np

from . import _clv, arguments, summaries
from ._clv import Error, UsageError
from .counts import Counts
from .covariates import CustomerColumns
from .fitted_page import html_of_model
from .frames import Kind
from .orders import Unit
from .parameters import Parameters


class NotFittedError(Error, AttributeError):
    """A model that was asked before it was fitted."""


def _not_fitted(model: object) -> Exception:
    text = f"This {type(model).__name__} instance is not fitted yet: call fit with a summary first"
    try:
        from sklearn.exceptions import NotFittedError as TheirNotFittedError
    except ImportError:
        return NotFittedError(text)

    # Whoever catches either gets it.
    both = type("NotFittedError", (NotFittedError, TheirNotFittedError), {"__module__": __name__})
    error: Exception = both(text)
    return error


UnknownLevels = Literal["refuse", "reference"]

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
"""Lengths of the time units."""


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see that they differ."""
    for digits in range(4, 17):
        texts = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if texts[0] != texts[1]:
            return texts
    return repr(one), repr(other)


class Fitted(Parameters):
    """What all models share once they are fitted."""

    _part: ClassVar[str]
    _model: _clv.Model

    prior_sd: float | None
    robust: bool

    def _fitted(self) -> _clv.Model:
        model: _clv.Model | None = self.__dict__.get("_model")
        if model is None:
            raise _not_fitted(self)
        return model

    def _facts(self) -> dict[str, Any]:
        """What the model file says of this model."""
        facts: dict[str, Any] = json.loads(self._fitted().to_json())[self._part]
        return facts

    def _fit_facts(self) -> dict[str, Any]:
        fit = self._facts().get("fit")
        if fit is None:
            raise AttributeError(f"this {type(self).__name__} has parameters that were given, and none of a fit")
        return dict(fit)

    @property
    def params_(self) -> dict[str, float]:
        """Estimates, by name."""
        return dict(self._facts()["parameters"])

    @property
    def standard_errors_(self) -> dict[str, float | None]:
        """Standard errors; `None` where the data do not determine a parameter."""
        fit = self._fit_facts()
        return dict(zip(fit["parameters"], fit["standard_errors"], strict=True))

    @property
    def confidence_intervals_(self) -> dict[str, tuple[float, float] | None]:
        """Intervals of 95%, from the normal distribution of the logarithms; to infinity where the data do not determine a parameter."""
        fit = self._fit_facts()
        ends = [None if ends is None else (ends[0], math.inf if ends[1] is None else ends[1]) for ends in fit["intervals"]]
        return dict(zip(fit["parameters"], ends, strict=True))

    @property
    def covariance_(self) -> np.ndarray[Any, Any]:
        """Covariance of the logarithms of the parameters; NaN where it is not determined."""
        rows = self._fit_facts()["covariance_of_logs"]
        return np.array([[np.nan if cell is None else cell for cell in row] for row in rows])

    @property
    def log_likelihood_(self) -> float:
        """Log-likelihood at the estimates."""
        return float(self._fit_facts()["log_likelihood"])

    @property
    def verdict_(self) -> str:
        """How the fit ended: converged, at a boundary, on a ridge; in a sentence."""
        verdict = self._fitted().verdict(self._part)
        if verdict is None:
            raise AttributeError(f"this {type(self).__name__} has parameters that were given, and no verdict")
        return verdict

    @property
    def converged_(self) -> bool:
        """Whether the fit ended at a well-determined optimum inside of what is possible."""
        return bool(self._fit_facts()["verdict"]["status"] == "converged")

    @property
    def cautions_(self) -> list[str]:
        """What else to know of the fit."""
        self._fit_facts()
        return self._fitted().cautions(self._part)

    @property
    def n_customers_(self) -> int:
        """Customers in the fit."""
        return int(self._fit_facts()["customers"])

    @property
    def n_iter_(self) -> int:
        """Iterations of the optimiser."""
        return int(self._fit_facts()["iterations"])

    @property
    def aic_(self) -> float:
        """Akaike's criterion, `2 k - 2 ln L`, of `k` parameters that were estimated."""
        return self._criteria()[0]

    @property
    def bic_(self) -> float:
        """Schwarz' criterion, `k ln(customers) - 2 ln L`, likewise."""
        return self._criteria()[1]

    def _criteria(self) -> tuple[float, float]:
        self._fit_facts()
        aic, bic = self._fitted().criteria(self._part)
        return aic, bic

    def to_json(self) -> str:
        """The text of a model file, which `clv predict` reads, too."""
        model = self._fitted()
        if not model.is_dated:
            unknown = "the last day of its data" if model.knows_unit else "the time unit and the last day of its data"
            missing = "until=" if model.knows_unit else "unit= and until="
            raise UsageError(f"a model file says {unknown}, which this model does not know: give it {missing}. Pickle keeps it as it is")
        return model.to_json()

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Writes a model file; it is there as a whole, or not at all.

        It replaces another model file; anything else only with `overwrite`.
        """
        _clv.write_text(path, self.to_json(), "model", arguments.truth("overwrite", overwrite))

    def __sklearn_is_fitted__(self) -> bool:
        return "_model" in self.__dict__

    def __sklearn_clone__(self) -> Self:
        from sklearn.base import clone

        params = {name: clone(value, safe=False) for name, value in self.get_params(deep=False).items()}
        twin = type(self)(**params)
        if self.__sklearn_is_fitted__() and "fit" not in self._facts():
            # Parameters that were given are as good as arguments.
            twin._model = self._model
        return twin

    def _repr_html_(self) -> str:
        return html_of_model(self)

    def __repr__(self) -> str:
        text = super().__repr__()
        if "_model" not in self.__dict__:
            return text
        params = ", ".join(f"{name} {value:.4g}" for name, value in self.params_.items())
        return f"<{text}: {params}>"


class FittedModel(Fitted):
    """What models of timing and of spend share."""

    _estimator_type: ClassVar[str] = "regressor"

    bootstrap: int | None
    bootstrap_by: Literal["customers", "model"]
    customer: str | None
    unit: Unit | None
    grain: Unit | None
    until: Any
    ignore: str | Sequence[str]
    spend_covariates: str | Sequence[str]
    covariate_sd: float | None
    customer_table: Any
    unknown_levels: UnknownLevels

    _kind_of_fit: Kind | None = None
    """Of what kind tables are; of a model that was read, none."""

    _weights_of_fit: str | None = None
    """The column that said how many customers rows stood for, if one did."""

    def _fitted(self) -> _clv.Model:
        model = super()._fitted()
        return model if self.unknown_levels == "refuse" else model.with_unknown_levels({"unknown_levels": self.unknown_levels})

    def _covariates_of_fit(self) -> list[str]:
        """The covariates that a fit takes."""
        return arguments.texts("spend_covariates", self.spend_covariates)

    def _table_of_customers(self) -> Any:
        """What is known of customers, other than in the summary."""
        return self.customer_table

    @property
    def effects_(self) -> Any:
        """What covariates do: a row for each coefficient, with no rows if there are none.

        `estimate` is what the logarithm of the rate, odds or spend changes by, `factor` how many times as often, as soon, as much that is,
        each with a 95% interval; `p_wald` tests the coefficient, `likelihood_ratio` with `degrees` and `p_likelihood_ratio` all levels of
        the covariate together; `sentence` says it in words. Of a prior (`covariate_sd`) intervals are penalised and tests are NaN.
        """
        table = self._fitted().effects(self._part)
        return table if self._kind_of_fit is None else self._kind_of_fit.frame(table)

    def _summary(
        self, X: Any, keep: Iterable[str] = (), *, fitting: bool = False, weighted: bool = False, weights: Any = None
    ) -> tuple[_clv.Summary, Kind]:
        """The customers of a frame or a file.

        Answers about each row do not depend on how many customers it stands for: the column that said so in the fit is no question then.
        """
        if isinstance(X, Counts):
            raise UsageError("these are counts, in which there are no customers; fit, score and totals take them")
        ignored = [] if weighted or self._weights_of_fit is None else [self._weights_of_fit]
        model = None if fitting else self._fitted()
        wanted = self._covariates_of_fit() if model is None else model.covariates
        summary, kind = summaries.read(
            X,
            customer=self.customer,
            unit=self.unit,
            grain=self.grain,
            until=self.until,
            keep=keep,
            columns=CustomerColumns(wanted, self._table_of_customers() if wanted else None),
            ignore=[*arguments.texts("ignore", self.ignore), *ignored] if ignored else self.ignore,
            counts_periods=self._counts_periods(),
            model=model,
            weights=weights,
            takes_weights=weighted,
        )
        if not fitting:
            self._check_ages(summary)
        return summary, kind

    def _check_ages(self, summary: _clv.Summary) -> None:
        """Refuses ages that a summary until the end of the model's data cannot have had, unless it says when it ends."""
        model = self._fitted()
        known = model.longest
        if summary.says_end or known is None or model.unit is None or model.until is None or summary.until != model.until:
            return
        # Ages that were rounded are less than a day longer.
        if summary.longest <= known + 0.5 / DAYS[model.unit]:
            return
        longest, before = _apart(summary.longest, known)
        raise UsageError(
            f"T goes up to {longest}, and the customers of the fit were observed for {before} {model.unit}s at most, until {model.until}. "
            "This summary does not say when it ends: give it `first_purchase`, or a column `observed_until`, or set until= of the model"
        )

    def _given(self) -> dict[str, Any]:
        """How it is fitted."""
        shared = ("prior_sd", "robust", "bootstrap", "bootstrap_by", "spend_covariates", "covariate_sd")
        return {name: getattr(self, name) for name in shared}

    def _counts_periods(self) -> bool:
        return False

    def _counts_of(self, X: Any, sample_weight: Any) -> _clv.Counts | None:
        """Counted customers, if these are."""
        if not isinstance(X, Counts):
            return None
        if sample_weight is not None:
            raise UsageError("counts say themselves how many customers rows stand for; sample_weight goes with a summary")
        X._check_times(unit=self.unit, grain=self.grain, until=self.until)
        return X._counts

    def _saw(self, kind: Kind, sample_weight: Any) -> None:
        """Remembers the columns, as scikit-learn does, and of what kind tables are."""
        self._kind_of_fit = Kind(kind.name)
        self._weights_of_fit = sample_weight if isinstance(sample_weight, str) else None
        self.n_features_in_ = len(kind.header) or 4
        if kind.name == "pandas":
            self.feature_names_in_ = np.asarray(kind.header, dtype=object)

    @property
    def currency_(self) -> str | None:
        """What amounts are in, by the code of ISO 4217, if it is known."""
        return self._fitted().currency

    @property
    def bootstrap_draws_(self) -> dict[str, np.ndarray[Any, Any]]:
        """Estimates of every refit of the bootstrap, by name; predictions with uncertain parameters take them."""
        fit = self._fit_facts()
        if fit.get("bootstrap") is None:
            raise AttributeError("there was no bootstrap: fit with bootstrap=200")
        draws = np.array(fit["bootstrap"]["draws"])
        return {name: draws[:, i] for i, name in enumerate(fit["parameters"])}

    def score(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> float:
        """Log-likelihood per customer of a summary or of :class:`Counts`: of purchases, and of their amounts if both the model and the
        summary know them. `sample_weight` as in :meth:`fit`.
        """
        model = self._fitted()
        counts = self._counts_of(X, sample_weight)
        if counts is None:
            timing, _ = self._summary(X, weighted=True, weights=sample_weight)
            spend: _clv.Summary | None = timing
        else:
            timing, spend = counts.timing, counts.spend
        if self._part == "spend":
            if spend is None:
                raise UsageError("these counts do not say what purchases were worth: the summary had no column monetary_value")
            return model.log_likelihood(spend) / timing.size
        total = model.log_likelihood(timing)
        if model.has_spend and spend is not None and spend.knows_spend:
            total += model.of_spend().log_likelihood(spend)
        return total / timing.size

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=False),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(positive_only=True),
        )
