# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Who they are
#
# Customers come from different channels, with different plans, at different times of the year. Does it matter? Covariates put what
# is known of customers into the models. Three questions:
#
# 1. How do the customers of two channels differ, and how sure is that?
# 2. What may a new customer of each channel cost?
# 3. Do the forecasts of customers with a history get better?
#
# The first two need a known truth, so the shop is simulated: its online customers purchase twice as often as those of the store and
# spend 1.3 times as much, and both leave alike. The models do not know that. Everything has a seed.

# %%
import clv
import numpy as np
import pandas as pd

TODAY = "2024-12-29"  # 52 weeks after the first customers came
OFTEN, MUCH = 2.0, 1.3


def world(often, much):
    """Customers as at CDNOW, who purchase so many times as often and spend so many times as much."""
    spend = clv.GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44 * much)
    return clv.BgNbd.from_params(r=0.243, alpha=4.414 / often, a=0.793, b=2.426, unit="week", until=TODAY, spend=spend)


worlds = {"store": world(1.0, 1.0), "online": world(OFTEN, MUCH)}


def orders_of(channel, customers, seed):
    """Two years of orders of customers who joined within 12 weeks."""
    drawn = clv.simulate(worlds[channel], customers=customers, start="2024-01-01", joining="12w", length="104w", seed=seed)
    drawn = drawn.to_pandas()
    return drawn.assign(customer_id=channel[0] + drawn["customer_id"].astype(str), channel=channel)


orders = pd.concat([orders_of("store", 3000, seed=1), orders_of("online", 2000, seed=2)])
known, future = orders[orders["order_date"] <= TODAY], orders[orders["order_date"] > TODAY]
summary = clv.summarize(known, until=TODAY, keep=["channel"])
assert summary["channel"].value_counts().to_dict() == {"store": 3000, "online": 2000}
summary.head(3)

# %% [markdown]
# ## 1. How do they differ?
#
# `covariates` explain how often customers purchase and how soon they leave, `spend_covariates` what a purchase is worth. The most
# frequent level, the store, is what the other is set beside.

# %%
model = clv.BgNbd(covariates="channel", spend_covariates="channel").fit(summary)
effects = pd.concat([model.effects_, model.spend_.effects_]).set_index("process")
for sentence in effects["sentence"]:
    print(sentence)
effects[["factor", "factor_lo95", "factor_hi95", "p_likelihood_ratio"]].round(3)

# %%
truth = {"purchases": OFTEN, "dropout": 1.0, "spend": MUCH}
for process, factor in truth.items():
    assert effects["factor_lo95"][process] < factor < effects["factor_hi95"][process]
assert effects["p_likelihood_ratio"]["purchases"] < 0.001 and effects["p_likelihood_ratio"]["spend"] < 0.001
clv.plots.factors(model)

# %% [markdown]
# All three intervals hold the truth. Purchases and spend are far from 1; of dropout the interval holds 1, so nothing is known of a
# difference there, and rightly: there is none.
#
# ## 2. What may a new customer cost?
#
# A new customer has no history. What is known is the channel, and it decides what winning one is worth: here over a year, at a
# margin of 30%, with the first order.

# %%
worth = {}
for channel in worlds:
    new = model.predict_new("12m", with_={"channel": channel}, margin=0.3)
    true = worlds[channel].predict_new("12m", margin=0.3)
    worth[channel] = new.column("lifetime_value_12m")[0]
    print(f"{channel:6}  {worth[channel]:6.2f}   truth {true.column('lifetime_value_12m')[0]:6.2f}")
    assert abs(worth[channel] / true.column("lifetime_value_12m")[0] - 1) < 0.1

plain = clv.BgNbd().fit(summary)
average = plain.predict_new("12m", margin=0.3).column("lifetime_value_12m")[0]
print(f"without {average:6.2f}")
assert worth["store"] < average < worth["online"]

# %% [markdown]
# Without the channel there is one number for both, which pays too much for customers of the store and too little for those online.
#
# ## 3. Do forecasts get better?
#
# The other half of the orders came after `TODAY`. How far off are the forecasts of each customer's purchases over that year, with the
# channel and without?

# %%
came = future.drop_duplicates(["customer_id", "order_date"]).groupby("customer_id").size()
actual = came.reindex(summary["customer_id"]).fillna(0).to_numpy()


def mean_error(of):
    return np.abs(of.predict(summary, "52w")["purchases_52w"].to_numpy() - actual).mean()


with_channel, without = mean_error(model), mean_error(plain)
print(f"mean error with the channel {with_channel:.3f}, without {without:.3f}")
assert abs(with_channel / without - 1) < 0.05

# %% [markdown]
# Hardly, though the channel doubles the rate. Whoever came five times last year purchases often, whatever the channel: the history says
# nearly all that a covariate says, and says it better. Covariates buy the value of new customers, and insight.
#
# They are no causes, either. Customers online may purchase more because of the channel, or because of who uses it.
#
# ## A fact of the history: how often, and how much
#
# Gamma-Gamma takes what customers spend to have nothing to do with how often they come. At CDNOW that is nearly so, and `log(frequency)`
# says how nearly.

# %%
cdnow = pd.read_csv("../data/cdnow/orders-sample.csv", dtype={"customer_id": str}, parse_dates=["order_date"])
split = "1997-09-30"
first = clv.summarize(cdnow[cdnow["order_date"] <= split], until=split)
alike, differing = clv.GammaGamma().fit(first), clv.GammaGamma(spend_covariates="log(frequency)").fit(first)
gain = differing.log_likelihood_ - alike.log_likelihood_
print(differing.effects_["sentence"][0])
print(f"log-likelihood {gain:+.1f}")
assert round(gain, 1) == 16.2

# %%
later = cdnow[cdnow["order_date"] > split].groupby("customer_id")["amount"].mean()
came_back = first["customer_id"].isin(later.index) & (first["frequency"] > 0)
spent = later.reindex(first["customer_id"][came_back]).to_numpy()
errors = [np.abs(of.expected_spend(first)[came_back].to_numpy() - spent).mean() for of in (alike, differing)]
print(f"mean error of the spend a purchase afterwards: {errors[0]:.2f} alike, {errors[1]:.2f} with log(frequency)")
assert abs(errors[1] / errors[0] - 1) < 0.05

# %% [markdown]
# The likelihood rises clearly: a frequent customer spends more a purchase. What customers then spent is foreseen about as well either
# way: again, their own history had said it. And of somebody who never came back the model now expects what one spends who came
# once, rather than what the average does.
#
# Of every first order there are also `first_amount`, `first_month` and `first_quarter`.

# %%
by_amount = clv.BgNbd(purchase_covariates="first_amount", spend=None).fit(first)
print(by_amount.effects_["sentence"][0])
assert by_amount.effects_["process"].tolist() == ["purchases"]
