"""Order histories of a million to a hundred million orders: this program, DuckDB, polars and lifetimes on the same files.

    python3 benches/scale/run.py [1M 10M 100M ...] [--lifetimes] [--once]

Builds a virtual environment for DuckDB and polars, and simulates the orders, in CLV_SCALE_DIR or a temporary folder (10 GB for 100M);
the orders are in the order of their dates, as exports are, as CSV and as Parquet. Prints one table: what was done, rows a second, wall
and CPU seconds, peak memory. Each step is a process of its own, the best of three runs (one with --once, and at 100M). The summaries
of all programs are compared.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[2]
HERE = ROOT / "benches" / "scale"
FOLDER = pathlib.Path(os.environ.get("CLV_SCALE_DIR", pathlib.Path(tempfile.gettempdir()) / "clv-scale"))
PACKAGES = ["duckdb==2.0.0", "polars==2.1.0"]
# About ten orders a customer over three years, see shop.json.
CUSTOMERS = {"1M": 100_000, "10M": 1_000_000, "100M": 10_000_000}
CARGO = ["cargo", "build", "-q", "--release", "--manifest-path", ROOT / "Cargo.toml", "--message-format=json-render-diagnostics"]


def environment(name, packages):
    python = FOLDER / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER / name], check=True)
        subprocess.run([python, "-m", "pip", "-q", "install", *packages], check=True)
    return python


def program():
    """The release build, wherever cargo puts it."""
    import json

    lines = subprocess.run(CARGO, check=True, capture_output=True, text=True).stdout.splitlines()
    built = [json.loads(line) for line in lines]
    return next(b["executable"] for b in built if b.get("executable") and b["target"]["name"] == "clv")


def inputs(size, clv, python):
    """The orders of so many customers by date, as CSV and as Parquet; one CSV has names instead of numbers."""
    by_customer, text, parquet = (FOLDER / f"{size}.{kind}" for kind in ("customers.csv", "csv", "parquet"))
    if not parquet.exists():
        subprocess.run(
            [clv, "simulate", "-q", "--customers", str(CUSTOMERS[size]), "--model", HERE / "shop.json", "--start", "2021-01-01"]
            + ["--joining", "2y", "--length", "3y", "-o", by_customer],
            check=True,
        )
        subprocess.run([python, HERE / "peers.py", "inputs", by_customer, text, parquet], check=True)
        by_customer.unlink()
    names = FOLDER / f"{size}.names.csv"
    if size == "10M" and not names.exists():
        subprocess.run([python, HERE / "peers.py", "names", parquet, names], check=True)
    return [text, parquet] + ([names] if names.exists() else [])


def measured(command, times):
    """Wall and CPU seconds and peak memory in MB of the fastest of some runs."""
    best = None
    for _ in range(times):
        start = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"failed: {command}")
        if best is None or wall < best[0]:
            best = (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
    return best


def main(arguments):
    sizes = [size for size in arguments if size in CUSTOMERS] or list(CUSTOMERS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    python = environment("venv", PACKAGES)
    clv = program()
    print("| orders | file | MB | what | wall s | CPU s | M rows/s | peak MB |\n| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for size in sizes:
        times = 1 if "--once" in arguments or size == "100M" else 3
        for path in inputs(size, clv, python):
            results = {name: FOLDER / f"{size}.{name}.out.parquet" for name in ("duckdb", "polars", "clv")}
            steps = [
                ("polars, rows counted", [python, HERE / "peers.py", "scan", path]),
                ("DuckDB, summary", [python, HERE / "peers.py", "duckdb", path, results["duckdb"]]),
                ("polars, summary", [python, HERE / "peers.py", "polars", path, results["polars"]]),
                ("clv summarize", [clv, "summarize", "-q", path, "-o", results["clv"]]),
                ("clv summarize --memory 300M", [clv, "summarize", "-q", path, "--memory", "300M", "-o", results["clv"]]),
                ("clv run --no-report", [clv, "run", "-q", "--no-report", path, "-o", FOLDER / f"{size}.run"]),
                ("clv run", [clv, "run", "-q", path, "-o", FOLDER / f"{size}.run"]),
            ]
            if size == "1M":
                steps = [step for step in steps if "300M" not in step[0]]
            if "--lifetimes" in arguments and size == "10M" and path.name == "10M.csv":
                lifetimes = environment("lifetimes", ["lifetimes==0.11.3", "numpy<2", "pandas<2.2", "scipy<1.13", "autograd<1.7"])
                steps.append(("lifetimes, everything", [lifetimes, HERE / "lifetimes_path.py", path, FOLDER / "lifetimes.csv"]))
            rows = int(subprocess.run([python, HERE / "peers.py", "scan", path], check=True, capture_output=True, text=True).stdout)
            megabytes = path.stat().st_size / 1e6
            for name, command in steps:
                wall, cpu, peak = measured(command, 1 if "lifetimes" in name else times)
                kind = "names, CSV" if ".names" in path.name else path.suffix[1:].replace("csv", "CSV").replace("parquet", "Parquet")
                print(
                    f"| {size} | {kind} | {megabytes:,.0f} | {name} | {wall:.2f} | {cpu:.2f} | {rows / wall / 1e6:.2f} | {peak:,.0f} |",
                    flush=True,
                )
            subprocess.run([python, HERE / "peers.py", "compare", *results.values()], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
