"""When customers purchase."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np

from . import _clv, arguments, connections, covariates, frames, keywords
from ._clv import UsageError
from .columns import documented
from .fitted import FittedModel, UnknownLevels
from .frames import Kind
from .orders import Unit, orders_of
from .spend import GammaGamma, left_out
from .warned import FitWarning, warn_of, warn_of_rate

Horizon = str | float
"""A calendar span (`"3m"`, `"39w"`), a date, `"forever"`, `"3m..6m"`; or a number of the model's time units."""

Number = float | str | Sequence[float] | np.ndarray[Any, Any]
"""One for all customers, one each, or the name of a column."""

_END_OF_INTERVAL = re.compile(r"_(lo|hi)[0-9.]+$")

HORIZONS = ("3m", "6m", "12m")
"""How far ahead, unless something else is asked."""


def _horizons(horizons: Any, usual: Sequence[str] = HORIZONS) -> list[str | float]:
    return arguments.horizons("horizons", usual if horizons is None else horizons)


def _asked(questions: dict[str, Any]) -> dict[str, Any]:
    """Questions as the engine takes them; None asks nothing."""
    asked = {name: value for name, value in questions.items() if value is not None}
    return asked | {name: arguments.percents(name, asked[name]) for name in ("intervals", "next") if name in asked}


class TimingModel(FittedModel):
    """A model of when customers purchase, with Gamma-Gamma for their spend beside it.

    Parameters
    ----------
    spend : "auto", None or GammaGamma
        Whether spend is modelled, too: if the summary has `monetary_value` ("auto"), not at all (None), or by this model, which is
        fitted if it has not been.
    prior_sd : float, optional
        Standard deviation of a normal prior on the logarithm of each parameter, for small samples, also of fewer than ten returning
        customers; 2 is mild.
    robust : bool
        Whether standard errors should hold even if the model is only nearly true (sandwich).
    bootstrap : int, optional
        Refits that show how uncertain the estimates are; 200 is usual.
    bootstrap_by : {"customers", "model"}
        Whether the refits are to resampled customers, or to customers simulated by the fitted model.
    covariates, purchase_covariates, dropout_covariates, spend_covariates : str or sequence of str
        Columns that explain purchases and dropout both, or one of the processes: of the summary, of `customer_table`, or `first_amount`,
        `first_month`, `first_quarter`; of spend also `log(frequency)`. `effects_` says what they do.
    equal : str or sequence of str
        Covariates with one coefficient for both purchases and dropout.
    covariate_sd : float, optional
        Standard deviation of a normal prior on coefficients, of standardised columns; then intervals are penalised, and nothing is tested.
    customer_table : frame or path, optional
        A row for each customer, joined by id: covariates that are its columns are taken from there, in fits and in predictions.
    unknown_levels : {"refuse", "reference"}
        What becomes of a customer with a level that the fit did not know: an error, or taken for one of the reference level.
    customer : str, optional
        Column of the customer, if it is not `customer_id`; predictions have it, too.
    unit, grain, until : optional
        Unit of recency and T, period within which orders were one purchase, and last day of the observation, of a summary without
        `first_purchase`. Without them horizons are numbers in the unit of T.
    ignore : str or sequence of str, optional
        Columns to ignore, though their names suggest that rows stand for several customers.
    """

    _part = "timing"
    _kind: ClassVar[str]
    _parameters: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **more: Any) -> None:
        """A class is one of the engine's models, whose parameters the engine knows."""
        super().__init_subclass__(**more)
        if "_kind" in vars(cls):
            cls._parameters = tuple(_clv.timing_models.get(cls._kind, ()))

    def __init__(
        self,
        *,
        spend: Literal["auto"] | GammaGamma | None = "auto",
        prior_sd: float | None = None,
        robust: bool = False,
        bootstrap: int | None = None,
        bootstrap_by: Literal["customers", "model"] = "customers",
        covariates: str | Sequence[str] = (),
        purchase_covariates: str | Sequence[str] = (),
        dropout_covariates: str | Sequence[str] = (),
        spend_covariates: str | Sequence[str] = (),
        equal: str | Sequence[str] = (),
        covariate_sd: float | None = None,
        customer_table: Any = None,
        unknown_levels: UnknownLevels = "refuse",
        customer: str | None = None,
        unit: Unit | None = None,
        grain: Unit | None = None,
        until: Any = None,
        ignore: str | Sequence[str] = (),
    ) -> None:
        self.spend = spend
        self.prior_sd = prior_sd
        self.robust = robust
        self.bootstrap = bootstrap
        self.bootstrap_by = bootstrap_by
        self.covariates = covariates
        self.purchase_covariates = purchase_covariates
        self.dropout_covariates = dropout_covariates
        self.spend_covariates = spend_covariates
        self.equal = equal
        self.covariate_sd = covariate_sd
        self.customer_table = customer_table
        self.unknown_levels = unknown_levels
        self.customer = customer
        self.unit = unit
        self.grain = grain
        self.until = until
        self.ignore = ignore

    @classmethod
    def _check_names(cls, params: dict[str, float]) -> None:
        if set(params) != set(cls._parameters):
            raise UsageError(f"{cls.__name__} has the parameters {', '.join(cls._parameters)}; given are {', '.join(params) or 'none'}")

    @classmethod
    def _of_params(
        cls, params: dict[str, float], unit: Unit | None, grain: Unit | None, until: Any, spend: GammaGamma | None, **settings: Any
    ) -> Self:
        if not (spend is None or isinstance(spend, GammaGamma)):
            raise UsageError(f"spend is {spend!r}; give a GammaGamma, or None")
        model = cls(spend=spend, unit=unit, grain=grain, until=until, **settings)
        model._model = _clv.Model.of_parameters(
            model._name(),
            [arguments.number(name, value) for name, value in params.items()],
            {"unit": unit, "grain": grain, "until": until},
        )
        if spend is not None:
            model._model = model._model.join(spend._fitted())
        return model

    @classmethod
    def from_params(
        cls,
        *,
        unit: Unit | None = None,
        grain: Unit | None = None,
        until: Any = None,
        spend: GammaGamma | None = None,
        **params: float,
    ) -> Self:
        """With parameters that are known, by the names of the papers; times are in `unit`."""
        cls._check_names(params)
        return cls._of_params({name: params[name] for name in cls._parameters}, unit, grain, until, spend)

    def _name(self) -> str:
        """What the engine calls the model."""
        return self._kind

    def _counts_periods(self) -> bool:
        return self._kind == "bg-bb"

    def _given(self) -> dict[str, Any]:
        of_timing = ("covariates", "purchase_covariates", "dropout_covariates", "equal")
        return covariates.by_process(super()._given() | {name: getattr(self, name) for name in of_timing})

    def _table_of_customers(self) -> Any:
        if self.customer_table is None and isinstance(self.spend, GammaGamma):
            return self.spend.customer_table
        return self.customer_table

    def _covariates_of_fit(self) -> list[str]:
        return covariates.names(self._given()) + (self.spend._covariates_of_fit() if isinstance(self.spend, GammaGamma) else [])

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Fits to a summary: `frequency`, `recency`, `T`, and for spend `monetary_value`; or to :class:`Counts` of one.

        Parameters
        ----------
        X : frame, path or Counts
            The customers.
        sample_weight : str or array, optional
            How many customers each row stands for (frequency weights): a column of `X`, or a number a row. A row with weight 2 is a
            customer twice, and one with 0 nobody.

        Raises
        ------
        ConvergenceError
            If the fit ended nowhere. One that ended at a boundary or on a ridge warns, and `verdict_` says which.
        """
        counts = self._counts_of(X, sample_weight)
        if counts is None:
            summary, kind = self._summary(X, fitting=True, weighted=True, weights=sample_weight)
            spends: _clv.Summary | None = summary
        else:
            summary, kind, spends = counts.timing, X._kind, counts.spend
        if not (self.spend is None or self.spend == "auto" or isinstance(self.spend, GammaGamma)):
            raise UsageError(f"spend is {self.spend!r}; give 'auto', None or a GammaGamma")
        explains_spend = bool(arguments.texts("spend_covariates", self.spend_covariates))
        if explains_spend and isinstance(self.spend, GammaGamma):
            raise UsageError("spend_covariates is an argument of the GammaGamma that spend= is; give it there")
        auto = self.spend == "auto" and ((spends is not None and spends.knows_spend) or explains_spend)
        if auto and not ((spends is not None and spends.has_spenders) or explains_spend):
            warn_of(["no repeat purchase is worth anything, so there is no model of spend: spend=None says as much"], FitWarning)
            auto = False
        asked = {"model": self._name(), "spend": auto, **self._given()}
        model, without = _clv.Model.fit(summary, asked) if counts is None else _clv.Model.fit_counts(counts, asked)
        if isinstance(self.spend, GammaGamma):
            known = self.spend.__dict__.get("_model")
            if known is None:
                given = self.spend._given()
                spend_fit = _clv.Model.fit_spend(summary, given) if counts is None else _clv.Model.fit_spend_counts(counts, given)
                known, without = spend_fit
            model = model.join(known)
        self._model = model
        self._saw(kind, sample_weight)
        warn_of(summary.cautions + left_out(without), FitWarning)
        warn_of(self._model.not_chosen(), FitWarning)
        spend = self.spend_
        warn_of(self.cautions_ + ([] if spend is None else spend.cautions_ if "fit" in spend._facts() else []), FitWarning)
        return self

    @property
    def spend_(self) -> GammaGamma | None:
        """The spend model, if there is one."""
        model = self._fitted()
        if not model.has_spend:
            return None
        settings = self.spend if isinstance(self.spend, GammaGamma) else self
        spend = GammaGamma(
            spend_covariates=settings.spend_covariates,
            covariate_sd=settings.covariate_sd,
            customer_table=self._table_of_customers(),
            unknown_levels=self.unknown_levels,
            customer=self.customer,
            unit=self.unit,
            grain=self.grain,
            until=self.until,
            ignore=self.ignore,
        )
        spend._model = model.of_spend()
        spend._kind_of_fit = self._kind_of_fit
        return spend

    @property
    def contenders_(self) -> list[dict[str, Any]]:
        """The models among which it was chosen, the best first, each with its `parameters`, `log_likelihood` and `bic`; none if it was not
        chosen.
        """
        chosen: dict[str, Any] = self._facts().get("selection") or {}
        return list(chosen.get("contenders", []))

    @property
    def unit_(self) -> str | None:
        """Unit of times, if it has a name."""
        return self._fitted().unit

    @property
    def grain_(self) -> str | None:
        """Period within which orders were one purchase, if it is known."""
        model = self._fitted()
        return model.grain if model.is_dated else None

    @property
    def observed_until_(self) -> str | None:
        """Last day of the observation, if it is known."""
        return self._fitted().until

    def _summary_for(self, X: Any, *numbers: Any, **weights: Any) -> tuple[_clv.Summary, Kind]:
        return self._summary(X, [number for number in map(arguments.share, numbers) if isinstance(number, str)], **weights)

    @documented("prediction", "on request")
    def predict(
        self,
        X: Any,
        horizons: Horizon | Sequence[Horizon] = HORIZONS,
        *,
        margin: Number = 1.0,
        discount: float | str = 0.0,
        cac: Number | None = None,
        intervals: Sequence[float] = (),
        over: Sequence[float] = (),
        median: bool = False,
        counts: int | None = None,
        next: Sequence[float] = (),
        standard_errors: bool = False,
        parameter_draws: int | None = None,
        calibrate: Any = None,
        seed: int = 1,
    ) -> Any:
        """Every customer's purchases and value over each horizon.

        Parameters
        ----------
        X : frame
            A summary, in the units of the one that was fitted. Of a DataFrame of Spark, Spark makes another: :func:`clv.spark.predict`.
        horizons : sequence of str or float
            Calendar spans from the end of the observation (`"90d"`, `"39w"`, `"3m"`, `"2y"`), dates, `"forever"`, `"3m..6m"`; or
            numbers of the model's time unit, which may have parts unless it counts periods.
        margin : float, str or array
            Share of the spend that is earned: one for all, like 0.3 or `"30%"`, one each, or the column that has it.
        discount : float or str
            Annual discount rate: 0.1, or `"10%"`, for 10% a year.
        cac : float, str or array, optional
            What it cost to acquire a customer; `lifetime_value` is net of it.
        intervals : sequence of float
            Intervals of each customer's purchases and, with a spend model, value, in per cent: `purchases_12m_lo80`, `value_12m_hi80`.
        over : sequence of float
            Amounts: the probability that a customer's value exceeds each of them.
        median : bool
            Medians of each customer's purchases and value, the best single numbers by absolute error: `purchases_12m_median`,
            `value_12m_median`.
        counts : int, optional
            The chance of 0, 1, … up to so many purchases.
        next : sequence of float
            Days by which the next purchase has come with these per cents, if it comes; none beyond ten years.
        standard_errors : bool
            Standard errors of all expectations, because the parameters are estimates.
        parameter_draws : int, optional
            Draws of the parameters that are mixed into the distributions of purchases and values.
        calibrate : Orders, frame or path, optional
            The orders of these customers. What the model expects is then also mixed with each customer's last period, by weights that
            forecasts of earlier days teach: `purchases_12m_calibrated`, `clv_12m_calibrated`.
        seed : int
            Of the draws.

        Returns
        -------
        frame
            One row per customer, in the order and kind of `X`: the history, then the columns below, those with `3m` for each horizon. No
            number is NaN.
        """
        asked = keywords.of_call(locals(), "X", "horizons", "calibrate")
        model = self._fitted()
        if connections.is_spark(X):
            from . import spark

            return spark.predict(self, X, horizons, calibrate=calibrate, **asked)
        summary, kind = self._summary_for(X, margin, cac)
        asked = _asked(asked | {name: arguments.aligned(name, asked[name], kind.index) for name in ("margin", "cac")})
        orders = None if calibrate is None else orders_of(calibrate, {}, self.predict)._read
        table, without = model.predict(summary, _horizons(horizons), asked, orders)
        warn_of(without, FitWarning)
        warn_of(model.beyond_observation(summary, _horizons(horizons)), FitWarning)
        warn_of_rate(asked)
        if not summary.knows_spend:
            table = table.without("monetary_value")
        if not self._names_customers(kind):
            return kind.table(table.without("customer_id"))
        return kind.table(table if self.customer is None else table.renamed("customer_id", self.customer))

    def _names_customers(self, kind: Kind) -> bool:
        """Whether customers stand in a column, rather than in the index, or nowhere."""
        if self.customer is None:
            return not kind.header or "customer_id" in {name.strip().lower() for name in kind.header} - {*kind.added}
        return not kind.header or (self.customer in kind.header and self.customer not in kind.added)

    @documented("totals")
    def totals(
        self,
        X: Any,
        horizons: Horizon | Sequence[Horizon] = HORIZONS,
        *,
        margin: Number = 1.0,
        intervals: Sequence[float] = (80,),
        by: str | None = None,
        target: float | None = None,
        futures: int = 2000,
        seed: int = 1,
        sample_weight: Any = None,
    ) -> Any:
        """Purchases and value of all customers together, and of groups by what column `by` says, with intervals.

        Parameters are uncertain, too, unless they were given; `target` asks for the chance that the value exceeds it. `X` may be
        :class:`Counts`, of value those that count histories and amounts together; `sample_weight`, as in :meth:`fit`, takes whole
        numbers of customers. Neither the order of the customers nor their ids matter.
        """
        asked = keywords.of_call(locals(), "X", "horizons", "sample_weight")
        model = self._fitted()
        counts = self._counts_of(X, sample_weight)
        if counts is None:
            summary, kind = self._summary_for(X, margin, by, weighted=True, weights=sample_weight)
        else:
            summary, kind = counts.customers_for(model.has_spend), X._kind
        if (sample_weight is not None or counts is not None) and np.ndim(margin) > 0:
            raise UsageError("margin is one for all, or a column, where rows stand for several customers")
        asked = _asked(asked | {"margin": arguments.aligned("margin", margin, kind.index), "totals": True})
        table = model.totals(summary, _horizons(horizons), asked)
        warn_of(model.beyond_observation(summary, _horizons(horizons)), FitWarning)
        return kind.frame(table)

    def predict_new(
        self,
        horizons: Horizon | Sequence[Horizon] = HORIZONS,
        *,
        customers: int | None = None,
        with_: Mapping[str, Any] | None = None,
        until: Any = None,
        margin: float | str = 1.0,
        discount: float | str = 0.0,
        cac: float | None = None,
        intervals: Sequence[float] = (),
        over: Sequence[float] = (),
        median: bool = False,
        counts: int | None = None,
        next: Sequence[float] = (),
        standard_errors: bool = False,
        parameter_draws: int | None = None,
        target: float | None = None,
        futures: int = 2000,
        seed: int = 1,
    ) -> _clv.Table:
        """A customer without history, acquired on the last day of the model's data, or on `until`.

        One row with the columns of :meth:`predict`: `lifetime_value_12m` counts the first purchase, and is what may be spent to acquire
        one. With `customers`, totals of so many of them, with intervals, as of :meth:`totals`. Of a model with covariates, `with_` says
        what the customer is like: `with_={"channel": "online"}`; None where it is not known.
        """
        asked = keywords.of_call(locals(), "horizons", "customers", "with_", "until")
        wanted = arguments.optional_count("customers", customers)
        asked = _asked(asked | {"totals": customers is not None})
        warn_of_rate(asked)
        table = self._fitted().predict_new(_horizons(horizons), asked, wanted, {"until": until}, arguments.described("with_", with_))
        return table if customers is not None else table.without("customer_id")

    def p_alive(self, X: Any) -> Any:
        """P(alive) of each customer at the end of the observation."""
        model = self._fitted()
        summary, kind = self._summary(X)
        return kind.series(model.p_alive(summary), "p_alive")

    def expected_purchases(self, X: Any, horizon: Horizon) -> Any:
        """Expected purchases of each customer up to a horizon: a calendar span, or any number of time units."""
        model = self._fitted()
        summary, kind = self._summary(X)
        return kind.series(model.expected_purchases(summary, arguments.horizon("horizon", horizon)), "expected_purchases")

    def pmf(self, X: Any, horizon: Horizon, most: int = 10) -> Any:
        """The chances of 0, 1, … up to `most` purchases of each customer over a horizon: columns `p_0`, `p_1`, …"""
        model = self._fitted()
        summary, kind = self._summary(X)
        columns = model.pmf(summary, arguments.horizon("horizon", horizon), arguments.count("most", most))
        return kind.table(frames.table_of_columns({f"p_{n}": column for n, column in enumerate(columns)}))

    def intervals(
        self,
        X: Any,
        horizons: Horizon | Sequence[Horizon] = ("12m",),
        shares: float | Sequence[float] = (80,),
        *,
        margin: Number = 1.0,
        parameter_draws: int | None = None,
        seed: int = 1,
    ) -> Any:
        """Central intervals of each customer's purchases and, with a spend model, of their value; `shares` in per cent.

        Columns `purchases_12m_lo80`, `purchases_12m_hi80`, `value_12m_lo80`, `value_12m_hi80`. Counts are whole, so an interval of them
        holds at least its share.
        `parameter_draws` are mixed into the distributions of both, as in :meth:`predict`.
        """
        model = self._fitted()
        summary, kind = self._summary_for(X, margin)
        margin = arguments.aligned("margin", margin, kind.index)
        percents = arguments.percents("shares", (80,) if shares is None else shares)
        if not percents:
            raise UsageError("shares is empty; give per cents like 80, or a list of them")
        question = {"intervals": percents, "parameter_draws": parameter_draws, "seed": seed}
        table, _ = model.predict(
            summary, _horizons(horizons, ("12m",)), _asked(question | ({"margin": margin} if model.has_spend else {})), None
        )
        columns = {name: table.column(name) for name in table.columns if _END_OF_INTERVAL.search(name)}
        return kind.table(frames.table_of_columns(columns))

    def expected_purchases_new(self, t: float | Sequence[float], *, with_: Mapping[str, Any] | None = None) -> Any:
        """Expected repeat purchases of a new customer up to times `t`; `with_` as in :meth:`predict_new`."""
        return self._of_new(t, self._fitted().expected_purchases_new, with_)

    def p_alive_new(self, t: float | Sequence[float], *, with_: Mapping[str, Any] | None = None) -> Any:
        """P(alive) of a new customer at times `t`; `with_` as in :meth:`predict_new`."""
        return self._of_new(t, self._fitted().p_alive_new, with_)

    def pmf_new(self, t: float, most: int = 10, *, with_: Mapping[str, Any] | None = None) -> np.ndarray[Any, Any]:
        """The chances of 0, 1, … up to `most` repeat purchases of a new customer up to time `t`; `with_` as in :meth:`predict_new`."""
        like = arguments.described("with_", with_)
        return self._fitted().pmf_new(arguments.number("t", t), arguments.count("most", most), like)

    @staticmethod
    def _of_new(t: Any, answer: Any, with_: Mapping[str, Any] | None) -> Any:
        times = np.asarray(t, dtype="float64")
        answers = answer(times.ravel().tolist(), arguments.described("with_", with_)).reshape(times.shape)
        return float(answers) if times.ndim == 0 else answers


class BgNbd(TimingModel):
    """BG/NBD (Fader, Hardie & Lee 2005): beta-geometric dropout after purchases, and purchases as in the NBD.

    While alive, a customer purchases at rate λ ~ Gamma(r, alpha), and after each purchase leaves with chance p ~ Beta(a, b).
    """

    _kind = "bg-nbd"


class MbgNbd(TimingModel):
    """MBG/NBD (Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007): BG/NBD with dropout after the first purchase, too."""

    _kind = "mbg-nbd"


class ParetoNbd(TimingModel):
    """Pareto/NBD (Schmittlein, Morrison & Colombo 1987): dropout at any time, at rate μ ~ Gamma(s, beta)."""

    _kind = "pareto-nbd"


class Nbd(TimingModel):
    """NBD (Ehrenberg 1959): purchases at rate λ ~ Gamma(r, alpha), and nobody leaves."""

    _kind = "nbd"


class BgBb(TimingModel):
    """BG/BB (Fader, Hardie & Shang 2010): discrete opportunities, each taken with chance p ~ Beta(alpha, beta), and each the last with
    chance θ ~ Beta(gamma, delta).
    """

    _kind = "bg-bb"


class RegularTimingModel(TimingModel):
    """A model of customers who come at regular intervals: the time between purchases has `k` stages.

    Parameters
    ----------
    k : int, optional
        Number of stages, 1 to 12; 1 is a model without memory. Without it a fit chooses it by likelihood, which takes a summary that knows
        the times between purchases: one that :func:`summarize` made, whole, or with its column `sum_log_interpurchase`.
    """

    def __init__(
        self,
        k: int | None = None,
        *,
        spend: Literal["auto"] | GammaGamma | None = "auto",
        prior_sd: float | None = None,
        robust: bool = False,
        bootstrap: int | None = None,
        bootstrap_by: Literal["customers", "model"] = "customers",
        covariates: str | Sequence[str] = (),
        purchase_covariates: str | Sequence[str] = (),
        dropout_covariates: str | Sequence[str] = (),
        spend_covariates: str | Sequence[str] = (),
        equal: str | Sequence[str] = (),
        covariate_sd: float | None = None,
        customer_table: Any = None,
        unknown_levels: UnknownLevels = "refuse",
        customer: str | None = None,
        unit: Unit | None = None,
        grain: Unit | None = None,
        until: Any = None,
        ignore: str | Sequence[str] = (),
    ) -> None:
        super().__init__(
            spend=spend,
            prior_sd=prior_sd,
            robust=robust,
            bootstrap=bootstrap,
            bootstrap_by=bootstrap_by,
            covariates=covariates,
            purchase_covariates=purchase_covariates,
            dropout_covariates=dropout_covariates,
            spend_covariates=spend_covariates,
            equal=equal,
            covariate_sd=covariate_sd,
            customer_table=customer_table,
            unknown_levels=unknown_levels,
            customer=customer,
            unit=unit,
            grain=grain,
            until=until,
            ignore=ignore,
        )
        self.k = k

    def _name(self) -> str:
        return self._kind if self.k is None else f"{self._kind}-{arguments.count('k', self.k)}"

    @classmethod
    def from_params(
        cls,
        *,
        unit: Unit | None = None,
        grain: Unit | None = None,
        until: Any = None,
        spend: GammaGamma | None = None,
        **params: float,
    ) -> Self:
        """With parameters that are known, `k` among them, by the names of the papers; times are in `unit`."""
        if "k" not in params:
            raise UsageError(f"{cls.__name__} has the parameters k, {', '.join(cls._parameters)}; k is missing")
        k = arguments.count("k", params.pop("k"))
        cls._check_names(params)
        return cls._of_params({name: params[name] for name in cls._parameters}, unit, grain, until, spend, k=k)

    @property
    def k_(self) -> int:
        """Number of stages, given or chosen."""
        return int(self._facts()["parameters"]["k"])

    @property
    def profile_(self) -> dict[int, float]:
        """Log-likelihood by number of stages, where that was chosen."""
        return {point["k"]: point["log_likelihood"] for point in (self._facts().get("fit") or {}).get("profile", [])}


class BgCnbd(RegularTimingModel):
    """BG/CNBD-k (Reutterer, Platzer & Schröder 2021): BG/NBD with Erlang-k times between purchases."""

    _kind = "bg-cnbd"


class MbgCnbd(RegularTimingModel):
    """MBG/CNBD-k (Reutterer, Platzer & Schröder 2021): BG/CNBD-k with dropout after the first purchase, too."""

    _kind = "mbg-cnbd"


class ParetoCnbd(RegularTimingModel):
    """Pareto/CNBD-k: Pareto/NBD with Erlang-k times between purchases."""

    _kind = "pareto-cnbd"


class AutoModel(TimingModel):
    """The model that describes the customers best.

    BG/NBD, MBG/NBD, Pareto/NBD, NBD, and of regular purchases BG/CNBD-k, MBG/CNBD-k and Pareto/CNBD-k with k of 2 or more, are fitted
    side by side, and the one with the smallest BIC is taken: of equals the one with fewer parameters, then the first of this list.
    BG/BB is not among them: its likelihood is the density of other observations. `contenders_` has them all, `best_` is the one.
    """

    _kind = "auto"

    @classmethod
    def _check_names(cls, params: dict[str, float]) -> None:
        raise UsageError("AutoModel chooses a model when it is fitted; parameters that are known belong to a model, like BgNbd")

    @property
    def best_(self) -> TimingModel:
        """The model that was chosen, fitted."""
        from .model_files import from_json

        model = from_json(self._fitted().to_json())
        assert isinstance(model, TimingModel)
        model.customer, model.ignore = self.customer, self.ignore
        model.customer_table, model.unknown_levels = self.customer_table, self.unknown_levels
        model.unit, model.grain, model.until = self.unit, self.grain, self.until
        model._model = self._fitted()
        return model


def models() -> list[type[TimingModel]]:
    """A class for each of the engine's models, in its order."""
    waiting: list[type[TimingModel]] = [TimingModel]
    classes: dict[str | None, type[TimingModel]] = {}
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        classes[vars(model).get("_kind")] = model
    return [classes[name] for name in _clv.timing_models if name in classes]
