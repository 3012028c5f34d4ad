"""Customers under contract: who renews, and what that is worth."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from . import _clv, arguments, frames
from ._clv import UsageError
from .fitted import Fitted
from .frames import Kind
from .orders import Unit
from .warned import FitWarning, warn_of, warn_of_rate


class RetentionModel(Fitted):
    """A model of contracts that customers renew, or not, once a period.

    Parameters
    ----------
    unit : {"year", "month", "week", "day"}
        Length of a period, which an annual discount rate is converted to.
    prior_sd : float, optional
        Standard deviation of a normal prior on the logarithm of each parameter; 2 is mild.
    robust : bool
        Whether standard errors hold where the model is only nearly true (sandwich).
    """

    _part = "retention"
    _kind: ClassVar[str]
    _parameters: ClassVar[tuple[str, ...]]
    _kept: list[float]
    _frames: Kind

    def __init__(self, *, unit: Unit = "year", prior_sd: float | None = None, robust: bool = False) -> None:
        self.unit = unit
        self.prior_sd = prior_sd
        self.robust = robust

    @classmethod
    def from_params(cls, *, unit: Unit = "year", **params: float) -> Self:
        """With parameters that are known, by the names of the papers."""
        if set(params) != set(cls._parameters):
            raise UsageError(f"{cls.__name__} has the parameters {', '.join(cls._parameters)}; given are {', '.join(params) or 'none'}")
        model = cls(unit=unit)
        values = [arguments.number(name, params[name]) for name in cls._parameters]
        model._model = _clv.Model.of_retention_parameters(cls._kind, values, {"unit": unit})
        return model

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fits to the survivors of cohorts.

        Parameters
        ----------
        X : frame, path, or sequence of float
            Columns `period` (0, 1, 2, …), `survivors` (customers still there after it), and `cohort` if there are several, which may have
            been seen for different numbers of periods. Or the survivors of one cohort, from its start on.
        """
        source, kind = frames.read(_table(X), "survivors")
        self._model, self._kept = _clv.Model.fit_retention(source, {"family": self._kind} | self.get_params(deep=False))
        self._frames = kind
        warn_of(self.cautions_, FitWarning)
        return self

    @property
    def unit_(self) -> str | None:
        """Time from one renewal to the next."""
        return self._fitted().renewal_period

    @property
    def actual_survival_(self) -> np.ndarray[Any, Any]:
        """Shares of all cohorts that were still there after 0, 1, … periods (Kaplan & Meier), as far as any was seen."""
        self._fit_facts()
        return np.asarray(self.__dict__.get("_kept", []), dtype=float)

    def project(
        self,
        periods: int = 12,
        *,
        discount: float | str | None = None,
        payment: float | None = None,
        margin: float | None = None,
        interval: float | None = None,
    ) -> Any:
        """What becomes of customers, period by period.

        Parameters
        ----------
        periods : int
            How many.
        discount : float or str, optional
            Annual discount rate: 0.1, or `"10%"`; gives residual lifetimes.
        payment : float, optional
            What a renewal pays, to turn residual lifetimes into value.
        margin : float, optional
            Share of the payment that is left of it, in values.
        interval : float, optional
            Per cent, for instance 95: the interval of survival that holds the truth so often.

        Returns
        -------
        frame
            In the kind of the survivors (else a :class:`Table`): `period`; `actual_survival`, as far as it was seen; `survival`, the share
            of a new cohort that is still there, with `survival_low` and `survival_high` if asked for and known; `retention`, the share of
            those who make this renewal; with a discount
            `residual_lifetime` (DERL), the renewals still to be expected of a customer who stands before the next one, discounted; with a
            payment `residual_value`.

        Examples
        --------
        >>> model = clv.Sbg().fit([1000, 869, 743, 653, 593, 551, 517, 491])
        >>> model.project(12, discount=0.1, payment=50)
        """
        given = {"periods": periods, "discount": discount, "payment": payment, "margin": margin, "interval": interval}
        if discount is not None:
            warn_of_rate(given)
        table = self._fitted().project(given, self.__dict__.get("_kept", []))
        kind: Kind | None = self.__dict__.get("_frames")
        return table if kind is None else kind.frame(table)


class Sbg(RetentionModel):
    """Shifted beta-geometric (Fader & Hardie 2007): at the end of each period a customer leaves with a chance from Beta(alpha, beta)."""

    _kind = "sbg"
    _parameters = ("alpha", "beta")


class Bdw(RetentionModel):
    """Beta-discrete-Weibull (Fader, Hardie, Liu, Davin & Steenburgh 2018): chances from Beta(a, b), which rise with time for c > 1.

    Parameters
    ----------
    unit : {"year", "month", "week", "day"}
        Length of a period, which an annual discount rate is converted to.
    prior_sd : float, optional
        Standard deviation of a normal prior on the logarithm of each parameter; 2 is mild.
    shape_sd : float, optional
        Standard deviation of a normal prior on ln c around 0, for cohorts seen for few periods; 0.5 is mild.
    robust : bool
        Whether standard errors hold where the model is only nearly true (sandwich).
    """

    _kind = "bdw"
    _parameters = ("a", "b", "c")

    def __init__(self, *, unit: Unit = "year", prior_sd: float | None = None, shape_sd: float | None = None, robust: bool = False) -> None:
        super().__init__(unit=unit, prior_sd=prior_sd, robust=robust)
        self.shape_sd = shape_sd


def _table(survivors: Any) -> Any:
    """A table of the survivors of one cohort, if they are given as numbers."""
    is_row = isinstance(survivors, Sequence) and not isinstance(survivors, (str, bytes))
    if is_row or (isinstance(survivors, np.ndarray) and survivors.ndim == 1 and survivors.dtype.names is None):
        counts = np.asarray(arguments.numbers("survivors", survivors))
        return {"period": np.arange(len(counts)), "survivors": counts}
    return survivors


def models() -> tuple[type[RetentionModel], ...]:
    """The models of contracts."""
    return (Sbg, Bdw)
