"""What the models of purchase timing share: the fit, and predictions from histories."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from clv._clv import lifetimes as kernels

from . import inputs
from .base import BaseFitter, mean_of
from .inputs import Floats
from .pandas_import import pandas

Values = npt.ArrayLike


class TimingFitter(BaseFitter):
    """A model of when customers purchase, in the time unit of the data it is fitted to."""

    _model: ClassVar[str]
    # Those among the parameters that are times.
    _times: ClassVar[tuple[str, ...]] = ()
    # Name of T in the data.
    _age: ClassVar[str] = "T"
    # Whether the alive probability comes back as an array whatever comes in, as it does in lifetimes for some models.
    _alive_as_array: ClassVar[bool] = False

    def _fit_histories(
        self, frequency: Any, recency: Any, age: Any, weights: Any, index: Any, verbose: bool, *, scaled: bool
    ) -> TimingFitter:
        pd = pandas()
        x, t_x, T, w = inputs.fitted_vectors(weights, frequency=frequency, recency=recency, **{self._age: age})
        inputs.check_histories(x, t_x, T, fitting=True)
        longest = float(T.max())
        scale = 1.0 / longest if scaled and longest > 0 else 1.0
        coefficient = self._penalty_a_customer(len(x))
        penalty = [coefficient * (scale**2 if name in self._times else 1.0) for name in self._names]
        fit = kernels.fit_timing(self._model, x, t_x, T, w, penalty)
        self._keep(fit, verbose, frames=3)
        penalized = float(np.dot(penalty, np.square(fit["parameters"])))
        # Likelihoods are densities of x times, so a scale of time adds to their logarithms.
        mean = -fit["log_likelihood"] / float(w.sum()) + mean_of(x, w) * np.log(scale)
        self._negative_log_likelihood_ = self._objective(mean, penalized, len(x))
        if scaled:
            self._scale = scale
        as_counted = w.astype(np.int64) if (w == np.floor(w)).all() else w
        self.data = pd.DataFrame(
            {
                "frequency": x.astype(np.int64),
                "recency": _as_given(recency, t_x),
                self._age: _as_given(age, T),
                "weights": as_counted,
            },
            index=index,
        )
        return self

    def _ages(self, size: int) -> Floats:
        """Ages of `size` customers: those of the data in their order, again from the start where there are not enough."""
        self._unload_params()
        ages, weights = self.data[self._age].to_numpy(), self.data["weights"].to_numpy()
        whole = np.issubdtype(weights.dtype, np.integer)
        return np.resize(np.repeat(ages, weights) if whole else ages, int(size))

    def _penalty_a_customer(self, rows: int) -> float:
        """The coefficient beside the mean log-likelihood of a customer."""
        del rows
        return self.penalizer_coef

    def _objective(self, mean: float, penalized: float, rows: int) -> float:
        """lifetimes' objective from the mean negative log-likelihood and the penalty beside it."""
        del rows
        return mean + penalized

    def _histories(self, frequency: Any, recency: Any, age: Any, **others: Any) -> tuple[list[Floats], Any, Any]:
        columns, shape, index = inputs.together(**others, frequency=frequency, recency=recency, **{self._age: age})
        inputs.check_histories(*columns[-3:], fitting=False)
        return columns, shape, index

    def _expected_ahead(self, t: Any, frequency: Any, recency: Any, age: Any) -> Any:
        columns, shape, index = self._histories(frequency, recency, age, t=t)
        inputs.check_times(columns[0], "t")
        return inputs.shaped(kernels.purchases(self._model, self._values(), *columns), shape, index)

    def _alive(self, ahead: Any, frequency: Any, recency: Any, age: Any) -> Any:
        columns, shape, index = self._histories(frequency, recency, age, ahead=ahead)
        inputs.check_times(columns[0], "m_periods_in_future")
        chances = kernels.p_alive(self._model, self._values(), *columns)
        if self._alive_as_array:
            return np.atleast_1d(chances.reshape(shape))
        return inputs.shaped(chances, shape, index)

    def _chance_of_count(self, n: Any, t: Any, frequency: Any, recency: Any, age: Any) -> Any:
        columns, shape, index = self._histories(frequency, recency, age, n=n, t=t)
        inputs.check_counts(columns[0], "n")
        inputs.check_times(columns[1], "t")
        return inputs.shaped(kernels.chance_of_count(self._model, self._values(), *columns), shape, index)


class ContinuousFitter(TimingFitter):
    """The methods of the models in which a purchase can come at any time."""

    def conditional_expected_number_of_purchases_up_to_time(self, t: Values, frequency: Values, recency: Values, T: Values) -> Any:
        """Expected purchases of customers with these histories in the `t` units of time after their observation.

        All arguments may be numbers, arrays or Series; returns a Series if one came in, with its index. Never negative.
        """
        return self._expected_ahead(t, frequency, recency, T)

    def predict(self, t: Values, frequency: Values, recency: Values, T: Values) -> Any:
        """`conditional_expected_number_of_purchases_up_to_time`, by its short name."""
        return self.conditional_expected_number_of_purchases_up_to_time(t, frequency, recency, T)

    def conditional_probability_alive(self, frequency: Values, recency: Values, T: Values) -> Any:
        """P(still a customer at the end of the observation) of customers with these histories, from 0 to 1."""
        return self._alive(0.0, frequency, recency, T)

    def conditional_probability_alive_matrix(self, max_frequency: int | None = None, max_recency: int | None = None) -> Floats:
        """`conditional_probability_alive` at the age `max_recency`, by recency (rows) and frequency (columns), both from 0.

        Without arguments, up to the largest frequency and the largest `T` of the data.
        """
        frequency, recency, T = self._grid(max_frequency, max_recency)
        columns = self._histories(frequency, recency, T, ahead=0.0)
        chances: Floats = kernels.p_alive(self._model, self._values(), *columns[0])
        return chances.reshape(columns[1])

    def _grid(self, max_frequency: int | None, max_recency: int | None) -> tuple[Floats, Floats, float]:
        """Frequencies in a row, recencies in a column, and the age."""
        x = int(max_frequency or self.data["frequency"].max())
        T = int(max_recency or self.data["T"].max())
        return np.arange(x + 1.0)[None, :], np.arange(T + 1.0)[:, None], float(T)

    def expected_number_of_purchases_up_to_time(self, t: Values) -> Any:
        """Expected repeat purchases of a new customer in the first `t` units of time; a Series if one came in."""
        (times,), shape, index = inputs.together(t=t)
        inputs.check_times(times, "t")
        return inputs.shaped(kernels.purchases_of_new(self._model, self._values(), times), shape, index)

    def probability_of_n_purchases_up_to_time(self, t: Values, n: Values) -> Any:
        """P(a new customer makes `n` repeat purchases in the first `t` units of time); `t` and `n` may be arrays."""
        (times, counts), shape, index = inputs.together(t=t, n=n)
        inputs.check_times(times, "t")
        inputs.check_counts(counts, "n")
        chances = kernels.chance_of_count_of_new(self._model, self._values(), counts, times)
        return inputs.shaped(chances, shape, index)

    def conditional_probability_of_n_purchases_up_to_time(self, n: Values, t: Values, frequency: Values, recency: Values, T: Values) -> Any:
        """P(customers with these histories make `n` purchases in the next `t` units of time)."""
        return self._chance_of_count(n, t, frequency, recency, T)


def _as_given(given: Any, floats: Floats) -> Any:
    """Whole numbers stay whole in `data`."""
    kind = np.asarray(given).dtype
    return floats.astype(kind) if np.issubdtype(kind, np.number) else floats
