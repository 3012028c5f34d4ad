"""Summaries that all programs read: CDNOW's sample, or simulated customers in 39 weeks, summarised by the command."""

import os
import shutil
import subprocess

from environments import FOLDER, ROOT

CARGO = ["cargo", "-q"]
CORE = ["--release", "--no-default-features", "--features", "cli"]


def clv(*arguments):
    """Runs the command that CLV names, or the one that cargo builds."""
    given = os.environ.get("CLV")
    command = [os.path.abspath(shutil.which(given) or given)] if given else [*CARGO, "run", *CORE, "--"]
    subprocess.run([*command, *arguments, "-q"], cwd=ROOT, check=True)


def last_day(customers):
    return "1997-09-30" if customers == "CDNOW" else "2024-09-30"


def full_summary(customers):
    """All columns that `clv summarize` writes; times in weeks."""
    orders, path = (FOLDER / f"{customers}.{kind}.csv" for kind in ("orders", "full"))
    if not path.exists():
        if customers == "CDNOW":
            orders = ROOT / "data" / "cdnow" / "orders-sample.csv"
        else:
            clv("simulate", "--customers", customers, "--joining", "12w", "--length", "39w", "-o", orders)
        clv("summarize", orders, "--until", last_day(customers), "-o", path)
    return path


def bare_summary(customers):
    """Frequency, recency, T and monetary value."""
    path = FOLDER / f"{customers}.summary.csv"
    if not path.exists():
        with open(full_summary(customers)) as rows, open(path, "w") as out:
            out.writelines(",".join(line.split(",")[1:5]) + "\n" for line in rows)
    return path
