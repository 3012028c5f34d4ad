"""Forty million counted rows, as a billion customers of three years leave them: are they fitted on one machine?

    python3 benches/scale/counted.py CLV FOLDER [ROWS]

Every history (x, t_x, T) in whole days has as many customers as BG/NBD expects of a billion who joined evenly over three years, which is no
whole number; so a fit must find its parameters again, but for days that stand for moments and for the most frequent customers, who are left out. Needs numpy, pyarrow and scipy.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.special import betaln, gammaln

R, ALPHA, A, B = 0.55, 74.0, 0.65, 3.2
DAYS, CUSTOMERS = 1095, 1e9


def of_age(age, most):
    """Histories of customers of this age, and how many have them: Fader, Hardie & Lee (2005), equation 6, times the ways to place x - 1
    purchases before the last."""
    x, t = np.meshgrid(np.arange(1, most + 1), np.arange(1, age + 1))
    x, t = x.ravel(), t.ravel()
    one = gammaln(R + x) - gammaln(R) + R * np.log(ALPHA) + (x - 1) * np.log(t) - gammaln(x)
    stays = betaln(A, B + x) - betaln(A, B) - (R + x) * np.log(ALPHA + age)
    leaves = betaln(A + 1, B + x - 1) - betaln(A, B) - (R + x) * np.log(ALPHA + t)
    chance = np.exp(one + np.logaddexp(stays, leaves))
    none = (ALPHA / (ALPHA + age)) ** R
    x, t, chance = np.append(x, 0), np.append(t, 0), np.append(chance, none)
    return x, t, CUSTOMERS / DAYS * chance


def main():
    clv, folder, rows = sys.argv[1], Path(sys.argv[2]), int(float(sys.argv[3])) if len(sys.argv) > 3 else 40_000_000
    most = 2 * rows // DAYS**2
    path = folder / "counted.parquet"
    schema = pa.schema([("frequency", pa.int32()), ("recency", pa.float64()), ("T", pa.float64()), ("customers", pa.float64())])
    written = 0
    with pq.ParquetWriter(path, schema) as writer:
        for age in range(1, DAYS + 1):
            x, t, customers = of_age(age, min(most, age))
            columns = [x.astype(np.int32), t.astype(float), np.full(len(x), float(age)), customers]
            writer.write_table(pa.table([pa.array(column) for column in columns], schema=schema))
            written += len(x)
    print(f"{written:,} rows, {path.stat().st_size / 1e6:,.0f} MB; true: r {R}, alpha {ALPHA}, a {A}, b {B}", flush=True)
    fit = [clv, "fit", str(path), "--weights", "customers", "--no-spend", "--unit", "day", "--until", "2024-12-31", "--model", "bg-nbd"]
    subprocess.run(["/usr/bin/time", "-v", *fit, "-o", str(folder / "counted-model.json"), "--overwrite"], check=True)


main()
