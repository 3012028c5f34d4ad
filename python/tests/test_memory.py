"""Memory stays where it is, however often the package is called."""

import subprocess
import sys

import pytest

MEASURED = """
import gc, sys, warnings
import numpy as np, pandas as pd, psutil
import clv

warnings.simplefilter("ignore")
orders = pd.read_csv(sys.argv[1], dtype={"customer_id": str}, parse_dates=["order_date"])
summary = clv.summarize(orders, until="1997-09-30")
customers, few = summary.iloc[:600], orders.iloc[:1500]

def fit_and_predict():
    model = clv.BgNbd().fit(customers)
    model.predict(customers, ["3m"])
    model.p_alive(customers)

def read_summary():
    return clv.summaries.read(summary)[0]

def refuse():
    try:
        clv.BgNbd().fit(summary.assign(frequency=-1))
    except clv.DataError:
        pass

work = {
    "fit-and-predict": fit_and_predict,
    "summarize": lambda: clv.summarize(orders, until="1997-09-30"),
    "to-arrow": lambda: read_summary().table().to_arrow(),
    "evaluate": lambda: clv.evaluate(few, holdout="26w"),
    "report": lambda: clv.report(few),
    "refuse": refuse,
}[sys.argv[2]]
times = int(sys.argv[3])
process = psutil.Process()

def resident():
    gc.collect()
    return process.memory_info().rss

# What allocators and libraries keep is there after a tenth of the calls.
for _ in range(max(10, times // 10)):
    work()
before = resident()
for _ in range(times):
    work()
print((resident() - before) / 2**20)
"""


@pytest.mark.parametrize(
    ("work", "times", "most"),
    # MiB. After some twenty reports allocators hold what they will, 10 MiB more than after ten.
    # A summary of the sample is 0.2 MiB: if one in twenty is not given back, it shows.
    [
        ("fit-and-predict", 1000, 8),
        ("summarize", 1000, 8),
        ("to-arrow", 1000, 8),
        ("evaluate", 60, 8),
        ("report", 12, 16),
        ("refuse", 1000, 8),
    ],
)
def test_memory_is_given_back(work, times, most, sample_path):
    run = subprocess.run([sys.executable, "-c", MEASURED, sample_path, work, str(times)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < most
