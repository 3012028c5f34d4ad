"""What pandas says of the CDNOW sample, for tests/integration/describe.rs: shares of the best customers, the Gini coefficient,
cohorts by month, quintile scores.

    python describe.py [../../data/cdnow/orders-sample.csv]
"""

import sys

import numpy as np
import pandas as pd

PATH = sys.argv[1] if len(sys.argv) > 1 else "data/cdnow/orders-sample.csv"
orders = pd.read_csv(PATH, parse_dates=["order_date"], dtype={"customer_id": str})
days = orders.groupby(["customer_id", "order_date"], as_index=False)["amount"].sum()
totals = days.groupby("customer_id")["amount"].sum()
values = np.sort(totals.to_numpy())
n = len(values)

# Gini as half the mean absolute difference over the mean, from its definition.
gini = np.abs(values[:, None] - values[None, :]).mean() / (2 * values.mean())
print(f"customers {n}, revenue {values.sum():.2f}, gini {gini:.12f}")

# The fractional customer at the cut is divided: np.interp on the cumulative sums.
sums = np.concatenate([[0.0], np.cumsum(values[::-1])])
for share in [0.01, 0.05, 0.1, 0.2, 0.5]:
    print(f"top {share}: {np.interp(share * n, np.arange(n + 1), sums) / sums[-1]:.12f}")

first = days.groupby("customer_id")["order_date"].transform("min")
days["cohort"] = first.dt.to_period("M")
days["age"] = days["order_date"].dt.to_period("M").astype("int64") - days["cohort"].astype("int64")
sizes = days.groupby("cohort")["customer_id"].nunique()
active = days.pivot_table(index="cohort", columns="age", values="customer_id", aggfunc="nunique", fill_value=0)
revenue = days.pivot_table(index="cohort", columns="age", values="amount", aggfunc="sum", fill_value=0.0)
print(sizes.to_string())
for cohort in active.index:
    ages = (pd.Period("1998-06", "M") - cohort).n
    print(cohort, "active", [int(active.loc[cohort, age]) for age in range(ages + 1)])
    print(cohort, "revenue", [round(float(revenue.loc[cohort, age]), 2) for age in range(ages + 1)])

# Quintile scores by the share of the others who have less: floor(5 b/(b + a)) + 1, at most 5.
end = days["order_date"].max()
customers = days.groupby("customer_id").agg(last=("order_date", "max"), purchases=("order_date", "count"))


def score(numbers):
    below, equal = numbers.rank(method="min") - 1, numbers.map(numbers.value_counts())
    return np.minimum(5 * below.astype(int) // (n - equal) + 1, 5).astype(int)


r, f, m = score(-(end - customers["last"]).dt.days), score(customers["purchases"]), score(totals.round(6))
print(pd.crosstab(r, f).sort_index(ascending=False).to_string())
print("monetary", m.value_counts().sort_index().to_dict(), "sum of means", float(((r + f + m) / 3).sum()))

# Wheat & Morrison's k from each customer's last two intervals up to 1997-09-30, by day and by month, and the k of chance there.
seen = orders.loc[orders["order_date"] <= "1997-09-30"]
for grain in ["D", "M"]:
    periods = seen.assign(period=seen["order_date"].dt.to_period(grain).astype("int64"))[["customer_id", "period"]].drop_duplicates()
    last = periods.sort_values(["customer_id", "period"]).groupby("customer_id")["period"].apply(lambda p: np.diff(p)[-2:])
    first, second = np.stack([pair for pair in last if len(pair) == 2]).T
    square, chance = (first / (first + second) - 0.5) ** 2, (first + second - 2) / (12 * (first + second))
    v, c = square.mean(), chance.mean()
    error = square.std(ddof=1) / np.sqrt(len(square)) / (8 * v**2)
    print(f"by {grain}: {len(square)} customers, k {(1 - 4 * v) / (8 * v):.12f} +- {error:.12f}, by chance {(1 - 4 * c) / (8 * c):.12f}")
