"""Time this program and `lifetimes` 0.11.3 on the same summaries in the same run, one thread each.

    python3 benches/peers/run.py [customers ...]

Builds a virtual environment with the versions that lifetimes still works with, in CLV_PEERS_DIR or a temporary folder;
simulates the populations with `clv simulate` (the command that CLV names, or built by cargo); prints a table with seconds and ratios.
"""

import json
import subprocess
import sys

from environments import FOLDER, LIFETIMES, ONE_THREAD, ROOT, environment
from summaries import CARGO, bare_summary

STEPS = """
import json, sys, time, warnings
import pandas as pd
warnings.filterwarnings("ignore")
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

s = pd.read_csv(sys.argv[1])

def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result

fit, model = timed(lambda: BetaGeoFitter().fit(s.frequency, s.recency, s["T"]))
fits = {"mbg-nbd": timed(lambda: ModifiedBetaGeoFitter().fit(s.frequency, s.recency, s["T"]))[0]}
# To keep the run short: its Pareto/NBD takes 20 s at a hundred thousand customers.
if len(s) <= 100_000:
    fits["pareto-nbd"] = timed(lambda: ParetoNBDFitter().fit(s.frequency, s.recency, s["T"]))[0]
spent = s[(s.frequency > 0) & (s.monetary_value > 0)]
fit_spend, spend = timed(lambda: GammaGammaFitter().fit(spent.frequency, spent.monetary_value))
predict, purchases = timed(lambda: model.conditional_expected_number_of_purchases_up_to_time(
    39, s.frequency, s.recency, s["T"]))
print(json.dumps({"fit": fit, "fits": fits, "fit_spend": fit_spend, "predict": predict, "purchases": float(purchases.sum())}))
"""


def last_json(command, **options):
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout.splitlines()[-1])


def main(sizes):
    FOLDER.mkdir(parents=True, exist_ok=True)
    python = environment("venv", LIFETIMES)
    heads = ["customers", "distinct", "", "lifetimes s", "clv s", "ratio", "without counting"]
    print("| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads))
    for size in sizes:
        path = bare_summary(size)
        ours = last_json([*CARGO, "bench", "--no-default-features", "--bench", "peers", "--", path], cwd=ROOT, env=ONE_THREAD)
        theirs = last_json([python, "-c", STEPS, path], env=ONE_THREAD)
        rows = [
            ("BG/NBD fit", theirs["fit"], ours["count"] + ours["fit"], ours["fit"]),
            *((f"{kind} fit", theirs["fits"][kind], ours["count"] + one["fit"], one["fit"])
              for kind, one in ours["fits"].items() if kind in theirs["fits"]),
            ("Gamma-Gamma fit", theirs["fit_spend"], ours["count_spend"] + ours["fit_spend"], ours["fit_spend"]),
            ("expected purchases", theirs["predict"], ours["predict"], None),
        ]
        for what, lifetimes, clv_, bare in rows:
            without = f"{lifetimes / bare:.0f} x" if bare else ""
            print(f"| {ours['customers']:,} | {ours['distinct']:,} | {what} | {lifetimes:.4f} | {clv_:.5f} "
                  f"| {lifetimes / clv_:.0f} x | {without} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["CDNOW", "100000", "1000000"])
