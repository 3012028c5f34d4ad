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
