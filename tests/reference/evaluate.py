"""Scores of BG/NBD x Gamma-Gamma and of simple rules on CDNOW's sample, split on 1997-09-30, by pandas and scipy alone.

    python3 tests/reference/evaluate.py        # prints the figures that tests/integration/evaluate.rs holds

The parameters of the models are the estimates that `clv reproduce` checks against the literature.
"""

import math

import numpy as np
import pandas as pd
from scipy.special import betaln, gammaln, hyp2f1
from scipy.stats import rankdata, spearmanr

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


def bg_nbd(s, t):
    """Fader, Hardie & Lee (2005), equation 10."""
    x, t_x, T = s.x.values, s.t_x.values, s["T"].values
    z = t / (ALPHA + T + t)
    h = hyp2f1(R + x, B + x, A + B + x - 1, z)
    top = (A + B + x - 1) / (A - 1) * (1 - ((ALPHA + T) / (ALPHA + T + t)) ** (R + x) * h)
    dead = np.where(x > 0, A / (B + np.maximum(x, 1) - 1) * ((ALPHA + T) / (ALPHA + t_x)) ** (R + x), 0.0)
    return top / (1 + dead)


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


def gamma_gamma(s):
    """Fader & Hardie (2013), equation 5."""
    return P * (GAMMA + s.x * s.m) / (P * s.x + Q - 1)


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
        "zero": (0 * rate, 0 * rate),
        "last-period": (s.x, (s.total - s.first_amount).round(2)),
        "order-value-times-frequency": (rate, rate * order),
        "mean-per-period": (s.n * period, s.total * period),
        "hiatus": (rate * active, rate * order * active),
        "regression": (regression(e, e_count, s, scale), regression(e, e_value, s, scale)),
        "hindsight": (regression(s, count, s, 1), regression(s, value, s, 1)),
    }
    shares = count.value_counts() / len(count)
    print(f"log score {log_score(s, count):.9g}, pooled {(shares * np.log(shares)).sum():.9g}")
    for what, actual, i in [("PURCHASES", count, 0), ("VALUE", value, 1)]:
        print(what, actual.sum())
        for name, pair in expected.items():
            scores(name, pair[i], actual)


main()
