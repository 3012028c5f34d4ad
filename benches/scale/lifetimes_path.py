"""The whole path with lifetimes 0.11.3: read orders, summarise, fit both models, predict three horizons, write."""

import sys
import warnings

import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data

warnings.filterwarnings("ignore")
orders = pd.read_csv(sys.argv[1], parse_dates=["order_date"])
summary = summary_data_from_transaction_data(
    orders, "customer_id", "order_date", monetary_value_col="amount", freq="D", freq_multiplier=7
)
x, t_x, T, m = (summary[name] for name in ["frequency", "recency", "T", "monetary_value"])
timing = BetaGeoFitter().fit(x, t_x, T)
repeat = (x > 0) & (m > 0)
spend = GammaGammaFitter().fit(x[repeat], m[repeat])
summary["p_alive"] = timing.conditional_probability_alive(x, t_x, T)
summary["expected_spend"] = spend.conditional_expected_average_profit(x, m)
for name, weeks in [("3m", 13), ("6m", 26), ("12m", 52)]:
    purchases = timing.conditional_expected_number_of_purchases_up_to_time(weeks, x, t_x, T)
    summary[f"purchases_{name}"] = purchases
    summary[f"clv_{name}"] = purchases * summary["expected_spend"]
summary.to_csv(sys.argv[2])
