"""Customers drawn from models with known parameters, with NumPy's global generator, which `numpy.random.seed` seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .inputs import Floats
from .pandas_import import pandas

Ages = float | npt.ArrayLike


def beta_geometric_nbd_model(T: Ages, r: float, alpha: float, a: float, b: float, size: int = 1) -> Any:
    """Histories of `size` customers of BG/NBD, observed for `T` (one time, or one a customer).

    DataFrame by `customer_id`: `frequency` (all repeat purchases), `recency`, `T`, the customer's `lambda` and `p`, and whether
    `alive` at the end.
    """
    return _beta_geometric(T, r, alpha, a, b, size, at_first_purchase=False)


def modified_beta_geometric_nbd_model(T: Ages, r: float, alpha: float, a: float, b: float, size: int = 1) -> Any:
    """Histories of `size` customers of MBG/NBD; as `beta_geometric_nbd_model`."""
    return _beta_geometric(T, r, alpha, a, b, size, at_first_purchase=True)


def pareto_nbd_model(T: Ages, r: float, alpha: float, s: float, beta: float, size: int = 1) -> Any:
    """Histories of `size` customers of Pareto/NBD, observed for `T` (one time, or one a customer).

    DataFrame by `customer_id`: `frequency`, `recency`, `T`, the customer's `lambda` and `mu`, and whether `alive` at the end.
    """
    ages = _ages(T, size)
    rates = np.random.gamma(r, 1.0 / alpha, size)
    mus = np.random.gamma(s, 1.0 / beta, size)
    # A rate that underflowed to zero never ends.
    with np.errstate(divide="ignore"):
        lives = np.random.exponential(size=size) / mus
    counts, last, _ = _purchases(rates, np.minimum(lives, ages), np.zeros(size), np.ones(size, bool))
    return _frame(frequency=counts, recency=last, T=ages, **{"lambda": rates}, mu=mus, alive=lives > ages)


def beta_geometric_beta_binom_model(N: Ages, alpha: float, beta: float, gamma: float, delta: float, size: int = 1) -> Any:
    """Histories of `size` customers of BG/BB with `N` opportunities (one number, or one a customer).

    DataFrame: `frequency`, `recency`, `n_periods`, the customer's `p` and `theta`, whether `alive` at the next opportunity,
    `customer_id`.
    """
    pd = pandas()
    periods = _ages(N, size).astype(np.int64)
    p, theta = np.random.beta(alpha, beta, size), np.random.beta(gamma, delta, size)
    # The opportunity before which each leaves: the first of a row of chances theta.
    with np.errstate(divide="ignore"):
        leaves_at = np.ceil(np.log(np.random.uniform(size=size)) / np.log1p(-theta))
    frequency, recency = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for i in range(1, int(periods.max(initial=0)) + 1):
        used = (np.random.uniform(size=size) < p) & (i <= periods) & (i < leaves_at)
        frequency[used] += 1
        recency[used] = i
    return pd.DataFrame(
        {
            "frequency": frequency,
            "recency": recency,
            "n_periods": periods,
            "p": p,
            "theta": theta,
            "alive": leaves_at > periods + 1,
            "customer_id": np.arange(size),
        }
    )


def beta_geometric_nbd_model_transactional_data(
    T: Ages,
    r: float,
    alpha: float,
    a: float,
    b: float,
    observation_period_end: Any = "2019-1-1",
    freq: str = "D",
    size: int = 1,
) -> Any:
    """Orders of `size` customers of BG/NBD whose first purchase came `T` units of `freq` before the end.

    DataFrame with an order a row: `customer_id`, `date`; by customer and date.
    """
    pd = pandas()
    ages = _ages(T, size)
    unit = "h" if freq == "H" else freq
    rates, leave = np.random.gamma(r, 1.0 / alpha, size), np.random.beta(a, b, size)
    orders: list[tuple[npt.NDArray[np.int64], Floats]] = [(np.arange(size), np.zeros(size))]
    _purchases(rates, ages, leave, np.ones(size, bool), orders)
    who, when = (np.concatenate(parts) for parts in zip(*orders))
    order = np.lexsort((when, who))
    who, when = who[order], when[order]
    first = pd.to_datetime(observation_period_end) - pd.to_timedelta(ages[who], unit=unit)
    return pd.DataFrame({"customer_id": who, "date": first + pd.to_timedelta(when, unit=unit)})


def _beta_geometric(T: Ages, r: float, alpha: float, a: float, b: float, size: int, *, at_first_purchase: bool) -> Any:
    ages = _ages(T, size)
    leave = np.random.beta(a, b, size)
    rates = np.random.gamma(r, 1.0 / alpha, size)
    stays = np.random.uniform(size=size) >= leave if at_first_purchase else np.ones(size, bool)
    counts, last, alive = _purchases(rates, ages, leave, stays)
    return _frame(frequency=counts, recency=last, T=ages, **{"lambda": rates}, p=leave, alive=alive)


def _purchases(
    rates: Floats,
    until: Floats,
    leave: Floats,
    alive: npt.NDArray[np.bool_],
    orders: list[tuple[npt.NDArray[np.int64], Floats]] | None = None,
) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.bool_]]:
    """Number and last time of the purchases of each customer, and who has not left; the purchases themselves into `orders`."""
    counts, last, alive = np.zeros(len(rates), np.int64), np.zeros(len(rates)), alive.copy()
    who = np.flatnonzero(alive)
    while who.size:
        with np.errstate(divide="ignore"):
            times = last[who] + np.random.exponential(size=who.size) / rates[who]
        seen = times < until[who]
        who, times = who[seen], times[seen]
        counts[who] += 1
        last[who] = times
        if orders is not None:
            orders.append((who, times))
        stays = np.random.uniform(size=who.size) >= leave[who]
        alive[who[~stays]] = False
        who = who[stays]
    return counts, last, alive


def _ages(T: Ages, size: int) -> Floats:
    ages = np.asarray(T, dtype=float)
    if ages.ndim == 0:
        return np.full(size, float(ages))
    if len(ages) < size:
        raise ValueError(f"T has {len(ages)} values for {size} customers")
    return ages[:size]


def _frame(**columns: Any) -> Any:
    pd = pandas()
    frame = pd.DataFrame(columns)
    frame.index.name = "customer_id"
    return frame
