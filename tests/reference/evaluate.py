"""Scores of BG/NBD x Gamma-Gamma and of simple rules on CDNOW's sample, split on 1997-09-30, by pandas and scipy alone.

    python3 tests/reference/evaluate.py        # prints the figures that tests/integration/evaluate.rs holds

The parameters of the models are the estimates that `clv reproduce` checks against the literature.
"""

import math

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize, nnls
from scipy.special import betaln, gammaln, hyp2f1
from scipy.stats import betaprime, rankdata, spearmanr

SPLIT, UNTIL = pd.Timestamp("1997-09-30"), pd.Timestamp("1998-06-30")
LENGTH = 39.0
R, ALPHA, A, B = 0.2425945, 4.4136019, 0.7929199, 2.4258952
P, Q, GAMMA = 6.249572, 3.744225, 15.443521


def summary(days, end):
    """One row per customer from (customer, day, amount) by day, as known on `end`."""
    seen = days[days.day <= end]
    by = seen.groupby("customer")
    s = pd.DataFrame({"first": by.day.min(), "last": by.day.max(), "n": by.day.count(), "total": by.amount.sum()})
    s["first_amount"] = by.amount.first()
    s["x"] = s.n - 1
    s["t_x"] = (s["last"] - s["first"]).dt.days / 7
    s["T"] = (end - s["first"]).dt.days / 7
    s["m"] = ((s.total - s.first_amount) / s.x.where(s.x > 0)).fillna(0.0)
    return s


def window(days, s, after, until):
    seen = days[(days.day > after) & (days.day <= until)].groupby("customer")
    return seen.day.count().reindex(s.index).fillna(0), seen.amount.sum().reindex(s.index).fillna(0)


def bg_nbd(s, t, parameters=(R, ALPHA, A, B)):
    """Fader, Hardie & Lee (2005), equation 10."""
    r, alpha, a, b = parameters
    x, t_x, T = s.x.values, s.t_x.values, s["T"].values
    z = t / (alpha + T + t)
    h = hyp2f1(r + x, b + x, a + b + x - 1, z)
    top = (a + b + x - 1) / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * h)
    dead = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x), 0.0)
    return top / (1 + dead)


def fitted(log_likelihood, start):
    """Maximum likelihood in the logarithms of the parameters, from several ends of a simplex."""
    theta = np.log(start)
    for _ in range(6):
        found = minimize(lambda theta: -log_likelihood(*np.exp(theta)), theta, method="Nelder-Mead",
                         options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20000, "maxfev": 20000})
        theta = found.x
    return np.exp(theta)


def fit_bg_nbd(s):
    """Fader, Hardie & Lee (2005), equation 6."""
    x, t_x, T = s.x.values, s.t_x.values, s["T"].values

    def mean(r, alpha, a, b):
        one = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + T)
        leaves = np.where(x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x), -np.inf)
        return (one + np.logaddexp(stays, leaves)).mean()

    return fitted(mean, (R, ALPHA, A, B))


def fit_gamma_gamma(s):
    """Fader & Hardie (2013), equation 1a, of the customers with repeat purchases of some worth."""
    s = s[(s.x > 0) & (s.m > 0)]
    x, m = s.x.values, s.m.values

    def mean(p, q, gamma):
        return (gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma) + (p * x - 1) * np.log(m)
                + p * x * np.log(x) - (p * x + q) * np.log(gamma + x * m)).mean()

    return fitted(mean, (P, Q, GAMMA))


def p_alive(s):
    x = s.x.values
    odds = A / (B + np.maximum(x, 1) - 1) * ((ALPHA + s["T"].values) / (ALPHA + s.t_x.values)) ** (R + x)
    return np.where(x > 0, 1 / (1 + odds), 1.0)


def pmf(n, t, r, alpha, a, b):
    """Fader, Hardie & Lee (2005), equation 8."""
    def nbd(j):
        return math.exp(gammaln(r + j) - gammaln(r) - gammaln(j + 1) + r * math.log(alpha / (alpha + t))
                        + j * math.log(t / (alpha + t)))

    mass = math.exp(betaln(a, b + n) - betaln(a, b)) * nbd(n)
    if n > 0:
        mass += math.exp(betaln(a + 1, b + n - 1) - betaln(a, b)) * (1 - sum(nbd(j) for j in range(n)))
    return mass


def log_score(s, count):
    """Mean of ln P(purchases that came)."""
    rows = zip(s.x, s["T"], p_alive(s), count.astype(int))
    terms = [math.log(alive * pmf(n, LENGTH, R + x, ALPHA + T, A, B + x) + (n == 0) * (1 - alive))
             for x, T, alive, n in rows]
    return sum(terms) / len(terms)


def gamma_gamma(s, parameters=(P, Q, GAMMA)):
    """Fader & Hardie (2013), equation 5."""
    p, q, gamma = parameters
    return p * (gamma + s.x * s.m) / (p * s.x + q - 1)


def medians(s):
    """The least n with P(N <= n) >= 1/2, and the v with P(V <= v) = 1/2: given n, V is gamma' times a beta prime variate of p n and p x + q."""
    numbers, values = [], []
    for x, T, m, alive in zip(s.x, s["T"], s.m, p_alive(s)):
        masses = [alive * pmf(n, LENGTH, R + x, ALPHA + T, A, B + x) + (n == 0) * (1 - alive) for n in range(150)]
        numbers.append(int(np.argmax(np.cumsum(masses) >= 0.5)))
        if masses[0] >= 0.5:
            values.append(0.0)
            continue
        scale = GAMMA + x * m
        n = np.arange(1, 150)
        at_most = lambda v: masses[0] + (masses[1:] * betaprime.cdf(v / scale, P * n, P * x + Q)).sum() - 0.5
        values.append(brentq(at_most, 0, 1e5, xtol=1e-10))
    return np.array(numbers, float), np.array(values)


def taught(days, day, until):
    """What BG/NBD, Gamma-Gamma with it, and the last period expected on a day, and what came, of purchases and of value."""
    e = summary(days, day)
    came = window(days, e, day, until)
    before = day - (until - day)
    assert before >= days.day.min() - pd.Timedelta(days=1)
    repeats = days.merge(e[["first"]], left_on="customer", right_index=True)
    recent = window(repeats[repeats.day > repeats["first"]], e, before, day)
    purchases = bg_nbd(e, (until - day).days / 7, fit_bg_nbd(e))
    worth = purchases * gamma_gamma(e, fit_gamma_gamma(e))
    print(day.date(), "expected in all, and what came", [f"{v:.9g}" for v in (purchases.sum(), came[0].sum(), worth.sum(), came[1].sum())])
    return [pd.DataFrame({"model": model, "last": last, "came": then}, index=e.index)
            for model, last, then in zip((purchases, worth), recent, came)]


def without_influential(rows):
    """Without customers of a leverage above a tenth of all, or ten times the mean, the greatest first."""
    number = rows.index.nunique()
    while True:
        columns = rows[["model", "last"]].values
        hat = (columns @ np.linalg.inv(columns.T @ columns) * columns).sum(axis=1)
        leverage = pd.Series(hat, index=rows.index).groupby(level=0).sum()
        if leverage.max() <= max(0.2, 20 / number):
            return rows
        rows = rows[rows.index != leverage.idxmax()]


def weights(rows):
    """Least squares without negative weights, with standard errors over customers, who may have several rows."""
    everybody = rows.index.nunique()
    rows = without_influential(rows)
    print("left out", everybody - rows.index.nunique())
    columns = rows[["model", "last"]].values
    estimates, _ = nnls(columns, rows.came.values)
    inverse = np.linalg.inv(columns.T @ columns)
    off = rows.came.values - columns @ estimates
    scores = pd.DataFrame(columns * off[:, None], index=rows.index).groupby(level=0).sum().values
    errors = np.sqrt(np.diag(inverse @ (scores.T @ scores) @ inverse))
    print("weights", [f"{weight:.9g}" for weight in estimates], [f"{error:.9g}" for error in errors])
    return estimates


def calibrated(days, s, inner, last):
    """What the model expects on the split and the last period, by weights that fitted best on an earlier day."""
    now = bg_nbd(s, LENGTH), bg_nbd(s, LENGTH) * gamma_gamma(s)
    learned = [weights(rows) for rows in taught(days, inner, SPLIT)]
    return [w[0] * model + w[1] * period for w, model, period in zip(learned, now, last)]


def several_days(days):
    """Weights from three earlier days, each as long before the next as the holdout is, of a holdout from 1998-01-01 to 1998-03-31."""
    until, all_days = pd.Timestamp("1997-12-31"), []
    for _ in range(3):
        day = until - pd.Timedelta(days=90)
        all_days.append(taught(days, day, until))
        until = day
    print("three days, until", until.date())
    for rows in zip(*all_days):
        weights(pd.concat(rows))


def concentration(order, worth):
    """Twice the area between the curve of the share held and the diagonal, equals on a straight line."""
    frame = pd.DataFrame({"order": order, "worth": worth}).groupby("order").worth.agg(["count", "sum"])[::-1]
    held = np.concatenate([[0], frame["sum"].cumsum()]) / frame["sum"].sum()
    place = np.concatenate([[0], frame["count"].cumsum()]) / frame["count"].sum()
    return 2 * np.trapezoid(held, place) - 1


def caught(order, worth, share):
    frame = pd.DataFrame({"order": order, "worth": worth}).groupby("order").worth.agg(["count", "sum"])[::-1]
    place = np.concatenate([[0], frame["count"].cumsum()]) / frame["count"].sum()
    return np.interp(share, place, np.concatenate([[0], frame["sum"].cumsum()])) / frame["sum"].sum()


def equals(numbers):
    """The same numbers but for rounding: 1/10 and 2/20 have one order."""
    return np.array([float(f"{number:.12g}") for number in numbers])


def scores(name, expected, actual):
    expected, actual = np.asarray(expected, float), np.asarray(actual, float)
    order = equals(expected)
    error = expected - actual
    constant = np.ptp(expected) == 0
    row = [
        expected.sum(),
        np.abs(error).mean(),
        math.sqrt((error**2).mean()),
        np.nan if constant else np.corrcoef(expected, actual)[0, 1],
        np.nan if constant else spearmanr(order, actual)[0],
        concentration(order, actual) / concentration(actual, actual),
        caught(order, actual, 0.1),
        caught(order, actual, 0.2),
    ]
    print(f"    ({name!r}, [" .replace("'", '"') + ", ".join("NAN" if math.isnan(v) else f"{v:.9g}" for v in row) + "]),")


def regression(s, y, on, scale):
    def design(t):
        rate = t.x / np.maximum(t["T"], 30.4375 / 7)
        return np.column_stack([np.ones(len(t)), t["T"] - t.t_x, rate, t.m])

    slopes, *_ = np.linalg.lstsq(design(s), y, rcond=None)
    return np.maximum(design(on) @ slopes, 0) * scale


def main():
    orders = pd.read_csv("data/cdnow/orders-sample.csv", parse_dates=["order_date"])
    orders.columns = ["customer", "day", *orders.columns[2:]]
    days = orders.groupby(["customer", "day"], as_index=False).amount.sum()
    s = summary(days, SPLIT)
    count, value = window(days, s, SPLIT, UNTIL)
    rate, order = (s.x / s["T"] * LENGTH), s.total / s.n
    period = LENGTH / np.maximum(s["T"], 30.4375 / 7)
    active = s["last"] >= pd.Timestamp("1997-03-31")
    inner = SPLIT - pd.Timedelta(days=((SPLIT - s["first"].min()).days) // 2)
    e = summary(days, inner)
    e_count, e_value = window(days, e, inner, SPLIT)
    scale = LENGTH / ((SPLIT - inner).days / 7)
    expected = {
        "bg-nbd": (bg_nbd(s, LENGTH), bg_nbd(s, LENGTH) * gamma_gamma(s)),
        "calibrated": calibrated(days, s, inner, (s.x, (s.total - s.first_amount).round(2))),
        "zero": (0 * rate, 0 * rate),
        "last-period": (s.x, (s.total - s.first_amount).round(2)),
        "order-value-times-frequency": (rate, rate * order),
        "mean-per-period": (s.n * period, s.total * period),
        "hiatus": (rate * active, rate * order * active),
        "regression": (regression(e, e_count, s, scale), regression(e, e_value, s, scale)),
        "hindsight": (regression(s, count, s, 1), regression(s, value, s, 1)),
    }
    several_days(days)
    shares = count.value_counts() / len(count)
    print(f"log score {log_score(s, count):.9g}, pooled {(shares * np.log(shares)).sum():.9g}")
    for what, actual, median in zip(("purchases", "value"), (count, value), medians(s)):
        print(f"mean absolute error of the medians of {what} {np.abs(median - actual.values).mean():.9g}, sum of them {median.sum():.9g}")
    for what, actual, i in [("PURCHASES", count, 0), ("VALUE", value, 1)]:
        print(what, actual.sum())
        for name, pair in expected.items():
            scores(name, pair[i], actual)


main()
