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
# # Orders in Spark
#
# The same path for orders of any number: they stay where they are, one row per customer stays there, too, and only counted rows come to
# the driver, where a model is fitted in moments. Here Spark has two cores of this machine; on a cluster `spark` is there already, and
# nothing else changes.

# %%
import os
import sys

import clv
from pyspark.sql import SparkSession, functions

os.environ["PYSPARK_PYTHON"] = sys.executable  # the Python that executors run needs clv and pyarrow
settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4", "spark.driver.bindAddress": "127.0.0.1"}
builder = SparkSession.builder.master("local[2]")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("OFF")

SPLIT, END = "1997-09-30", "1998-06-30"
path = "../data/cdnow/orders-sample.csv"
orders = spark.read.csv(path, header=True, schema="customer_id string, order_date date, quantity int, amount double")
orders.limit(3).show()

# %% [markdown]
# ## What is an order?
#
# Rows that are none are left out, so it is well to count them. CDNOW's are all orders, those after the end of the observation apart.

# %%
audit = {row["reason"]: row["row_count"] for row in clv.spark.audit(orders, until=SPLIT).collect()}
assert set(audit) == {"order", "after_end"} and sum(audit.values()) == 6919
audit

# %% [markdown]
# ## One row per customer
#
# A DataFrame comes back, of which nothing is computed before it is used. Every cell is what clv says on one machine, to the last bit,
# whoever folds the orders: this package on the executors, or Spark's own SQL.

# %%
summary = clv.spark.summarize(orders, until=SPLIT).cache()
by_sql = clv.spark.summarize(orders, until=SPLIT, engine="sql")
assert summary.exceptAll(by_sql).count() == by_sql.exceptAll(summary).count() == 0
assert summary.count() == 2357
summary.where("frequency > 2").select("customer_id", "frequency", "recency", "T", "monetary_value").orderBy("customer_id").limit(3).show()

# %% [markdown]
# ## The fit
#
# BG/NBD knows a customer by three numbers, so it is fitted to the number of customers who share them: of 2,357 customers 1,016 histories.
# They are BG/NBD's published estimates that come out (Fader, Hardie and Lee 2005).

# %%
counts = clv.spark.count(summary)
model = clv.BgNbd().fit(counts)
assert len(counts.timing) == 1016
assert [round(value, 3) for value in model.params_.values()] == [0.243, 4.414, 0.793, 2.426]
model

# %% [markdown]
# ## Every customer's value
#
# The model goes to the executors, three kilobytes of it. The answers are those of `model.predict` here.

# %%
values = clv.spark.predict(model, summary, ["3m", "12m"], margin=0.3, discount=0.1)
top = values.orderBy(functions.desc("clv_12m")).select("customer_id", "p_alive", "purchases_12m", "clv_12m").limit(3)
best = top.collect()[0]
assert best["p_alive"] > 0.9 and best["clv_12m"] > 200
top.show()

# %% [markdown]
# In SQL, too:

# %%
clv.spark.register(spark, model)
summary.createOrReplaceTempView("customers")
likely = spark.sql("select count(*) as alive from customers where clv_p_alive(frequency, recency, T) > 0.5").first()["alive"]
assert 0 < likely < 2357
likely

# %% [markdown]
# ## What then came
#
# The forecast of the next nine months, for all customers, against what came. With more customers than here a sample of them would be
# tested in every other respect (`test.sample`); this one holds everybody.

# %%
test = clv.spark.evaluate(orders, split=SPLIT, until=END, models=["bg-nbd"])
score = test.scores.to_pylist()[0]
assert (score["actual"], round(score["expected"], 1), round(score["root_mean_square_error"], 4)) == (1882, 1653.4, 1.6080)
test

# %%
spark.stop()
