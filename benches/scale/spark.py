"""Spark beside one machine: 1.5 million customers with returns, and everything that goes wrong on a cluster.

    python3 benches/scale/spark.py [--customers 1500000] [--pyspark 4.3.0] [--only NAME ...]

Builds a virtual environment with PySpark of this version and this package (CLV_WHEEL, or else a wheel that maturin builds), simulates
orders in CLV_SCALE_DIR or a temporary folder, summarises them on this machine, and then in Spark, once for each scenario, each a process of
its own. Every cell is compared to the bit. Takes Java 17, 8 GB and, on two cores, twenty minutes. Prints a table: scenario, seconds, cells
that differ, and what was seen on the way. Scenarios:

    arrow, combine, sql     64 partitions on two cores
    answers                 counts, the fit to them, and predictions
    kill-reduce, kill-fold  two executors, one of which is killed while the orders are brought together, or while they are folded
    speculation             the first attempt of a task sleeps, and another runs beside it, on another host (of a cluster of this machine's)
    failure                 the first attempt of every task fails
    skew, skew-combine      30% of all orders are one customer's; the most memory that a Python of an executor had
    connect                 through Spark Connect
    pandas                  what people do today: Spark to pandas to lifetimes, which is not compared
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("CLV_SCALE_DIR", pathlib.Path(tempfile.gettempdir()) / "clv-scale"))
UNTIL = "2025-06-30"
SCENARIOS = [
    *("arrow", "combine", "sql", "answers", "kill-reduce", "kill-fold", "speculation", "failure", "skew", "skew-combine", "connect"),
    "pandas",
]
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.memory": "2g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.session.timeZone": "Pacific/Auckland",
    "spark.sql.shuffle.partitions": "64",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.driver.maxResultSize": "0",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
CLUSTER = {"spark.executor.memory": "1g", "spark.sql.adaptive.enabled": "false"}


def environment(version):
    python = FOLDER / f"pyspark-{version}" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        old = ["numpy<2.3", "pandas<3", "pyarrow<22", "setuptools"] if version.startswith("3.") else ["numpy", "pandas", "pyarrow"]
        packages = [f"pyspark[connect]=={version}", "psutil", "maturin", *old]
        subprocess.run([python, "-m", "pip", "-q", "install", *packages], check=True)
        wheel = os.environ.get("CLV_WHEEL") or built(python)
        subprocess.run([python, "-m", "pip", "-q", "install", "--no-deps", wheel], check=True)
    return python


def built(python):
    folder = FOLDER / "wheels"
    subprocess.run([python.parent / "maturin", "build", "-q", "--release", "--locked", "-o", folder], cwd=ROOT / "python", check=True)
    return max(folder.glob("*.whl"), key=lambda path: path.stat().st_mtime)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--customers", type=int, default=1_500_000)
    options.add_argument("--pyspark", default="4.3.0")
    options.add_argument("--only", nargs="*", choices=SCENARIOS, default=SCENARIOS)
    given = options.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    python = environment(given.pyspark)
    run = [str(python), __file__, "--work"]
    orders = FOLDER / f"spark-{given.customers}"
    if not (orders / "known.parquet").exists():
        subprocess.run([*run, "simulate", str(orders), str(given.customers)], check=True)
    print("| scenario | PySpark | seconds | customers | cells that differ | seen |\n| --- | --- | --- | --- | --- | --- |", flush=True)
    for name in given.only:
        done = subprocess.run([*run, name, str(orders)], capture_output=True, text=True, check=False)
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if "Error" in line or "Exception" in line]
            print(f"| {name} | {given.pyspark} | failed | | | {' '.join(lines[-2:])[:500]} |", flush=True)
            continue
        said = json.loads(done.stdout.splitlines()[-1])
        cells = (said.pop("seconds"), f"{said.pop('customers'):,}", said.pop("differ"))
        seen = ", ".join(f"{what} {number}" for what, number in said.items())
        print(f"| {name} | {given.pyspark} | {cells[0]:.1f} | {cells[1]} | {cells[2]} | {seen} |", flush=True)


# In the environment


def simulate(folder, customers):
    """Orders over 78 weeks: of each fiftieth another on its day, one for nothing, and a return some days later."""
    import clv
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    folder.mkdir(exist_ok=True)
    orders = pa.table(clv.simulate(customers=customers, seed=7)).combine_chunks()
    orders = orders.select(["customer_id", "order_date", "amount"]).cast(
        pa.schema([("customer_id", pa.int64()), ("order_date", pa.date32()), ("amount", pa.float64())])
    )
    rng = np.random.default_rng(7)
    parts = [orders]
    for amount_of, days in ((lambda a: a * 0.37, 0), (lambda a: a * 0.0, 3), (lambda a: -np.round(a / 3, 2), 11)):
        some = orders.take(rng.choice(len(orders), len(orders) // 50, replace=False))
        day = pc.cast(pc.add(pc.cast(some["order_date"], pa.int32()), pa.scalar(days, pa.int32())), pa.date32())
        parts.append(pa.table({"customer_id": some["customer_id"], "order_date": day, "amount": amount_of(some["amount"].to_numpy())}))
    orders = pa.concat_tables(parts)
    orders = orders.take(rng.permutation(len(orders)))
    (folder / "orders").mkdir(exist_ok=True)
    (folder / "skewed").mkdir(exist_ok=True)
    bot = np.where(rng.random(len(orders)) < 0.3, 0, orders["customer_id"].to_numpy())
    skewed = orders.set_column(0, "customer_id", pa.array(bot))
    for name, table in (("orders", orders), ("skewed", skewed)):
        size = -(-len(table) // 8)
        for part in range(8):
            pq.write_table(table.slice(part * size, size), folder / name / f"{part}.parquet")
        pq.write_table(
            pa.table(clv.summarize(table, until=UNTIL)), folder / ("known.parquet" if name == "orders" else "known-skewed.parquet")
        )
    print(f"{len(orders):,} orders")


def session(master, **more):
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.remote(master) if "remote" in more else SparkSession.builder.master(master)
    more.pop("remote", None)
    for name, value in {**SETTINGS, **more}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@contextlib.contextmanager
def two_hosts():
    """A cluster of two workers with hosts of their own, since Spark speculates on another host alone."""
    import pyspark

    home, address = pathlib.Path(pyspark.__file__).parent, "spark://127.0.0.1:17077"
    variables = {**os.environ, "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}

    def started(kind, host, *arguments):
        command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", "--host", host, "--webui-port", "0", *arguments]
        folder, nowhere = tempfile.mkdtemp(), subprocess.DEVNULL
        process = subprocess.Popen(command, env=variables, cwd=folder, stdout=nowhere, stderr=nowhere)
        time.sleep(6)
        return process

    running = [started("master.Master", "127.0.0.1", "--port", "17077")]
    try:
        for host in ("127.0.0.2", "127.0.0.3"):
            running.append(started("worker.Worker", host, "--cores", "1", "--memory", "2g", "--work-dir", tempfile.mkdtemp(), address))
        yield address
    finally:
        for process in running:
            process.terminate()


def differences(folder, known):
    """Customers, and cells that differ, of a summary that was written."""
    import pyarrow.parquet as pq

    ours, theirs = pq.read_table(folder).sort_by("customer_id"), pq.read_table(known).sort_by("customer_id")
    names = [name for name in theirs.column_names if name in ours.column_names and name not in ("unit", "grain", "observed_until")]
    differ = sum((ours[name].to_numpy() != theirs[name].to_numpy()).sum() for name in names) if len(ours) == len(theirs) else len(theirs)
    return {"customers": len(ours), "differ": f"{int(differ)} of {len(theirs) * len(names):,}"}


def on_first_attempts(behave, folder, every=False):
    """A step of a task that passes its batches on, after `behave` on the first attempt of the first task, or of every task."""
    folder = str(folder)

    def step(batches):
        import os

        from pyspark import TaskContext

        task = TaskContext.get()
        open(os.path.join(folder, f"attempt-{task.partitionId()}-{task.taskAttemptId()}"), "a").close()
        try:
            os.mkdir(os.path.join(folder, f"first-{task.partitionId()}" if every else "first"))
        except FileExistsError:
            pass
        else:
            with open(os.path.join(folder, "pid"), "w") as file:
                file.write(str(os.getpid()))
            behave()
        yield from batches

    return step


def killing(folder, seen):
    """Kills the executor of the first task that waits."""
    import psutil

    while not (folder / "pid").exists() or not (folder / "pid").read_text():
        time.sleep(0.05)
    worker = psutil.Process(int((folder / "pid").read_text()))
    executor = next(parent for parent in worker.parents() if parent.name() == "java")
    os.kill(executor.pid, signal.SIGKILL)
    seen["executor killed"] = executor.pid


def watching(seen, ended):
    """The most memory that a Python worker of an executor had."""
    import psutil

    while not ended.wait(0.2):
        for child in psutil.Process().children(recursive=True):
            try:
                if "python" in child.name():
                    seen["MB of a worker"] = max(seen.get("MB of a worker", 0), child.memory_info().rss >> 20)
            except psutil.Error:
                continue


def sleep():
    import time

    time.sleep(600)


def fail():
    raise RuntimeError("the first attempt fails")


def work(name, folder):
    with contextlib.ExitStack() as hosts:
        return scenario(name, folder, hosts)


def scenario(name, folder, hosts):
    import clv

    out, marks, seen = pathlib.Path(tempfile.mkdtemp()) / "out", pathlib.Path(tempfile.mkdtemp()), {}
    master = "local-cluster[2,1,2048]" if name in ("kill-reduce", "kill-fold") else "local[2,4]" if name == "failure" else "local[2]"
    more = CLUSTER if master.startswith("local-cluster") or name == "speculation" else {}
    if name == "speculation":
        master = hosts.enter_context(two_hosts())
        more = {**more, "spark.speculation": "true", "spark.speculation.quantile": "0.5", "spark.speculation.minTaskRuntime": "1s"}
    spark = session("local[2]", remote=True) if name == "connect" else session(master, **more)
    skewed = name.startswith("skew")
    known = folder / ("known-skewed.parquet" if skewed else "known.parquet")
    orders = spark.read.parquet(str(folder / ("skewed" if skewed else "orders"))).repartition(64)
    # Java and Python start before the clock does.
    clv.spark.summarize(orders.limit(10), until=UNTIL).count()
    began = time.perf_counter()
    if name == "pandas":
        return said(spark, began, **by_pandas(orders))
    if name == "answers":
        return said(spark, began, **answers(spark, clv.spark.summarize(orders, until=UNTIL), known, out))
    if name == "kill-reduce":
        # The orders on their way to their customers, in the stage that reads what both executors wrote.
        orders = orders.mapInArrow(on_first_attempts(sleep, marks), orders.schema)
    summary = clv.spark.summarize(orders, until=UNTIL, combine=name.endswith("combine"), engine="sql" if name == "sql" else "arrow")
    if name in ("kill-fold", "speculation", "failure"):
        summary = summary.mapInArrow(on_first_attempts(fail if name == "failure" else sleep, marks, name == "failure"), summary.schema)
    threads, ended = [], threading.Event()
    if name.startswith("kill"):
        threads.append(threading.Thread(target=killing, args=(marks, seen), daemon=True))
    if skewed:
        threads.append(threading.Thread(target=watching, args=(seen, ended), daemon=True))
    for thread in threads:
        thread.start()
    summary.write.parquet(str(out))
    seconds = time.perf_counter() - began
    ended.set()
    attempts = list(marks.glob("attempt-*"))
    if attempts:
        seen |= {"tasks": len({mark.name.split("-")[1] for mark in attempts}), "attempts": len(attempts)}
    return said(spark, began, seconds=seconds, **differences(out, known), **seen)


def answers(spark, summary, known, out):
    """The whole path, each step timed."""
    import clv
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = {}

    def step(what, make):
        began = time.perf_counter()
        made = make()
        times[f"{what} s"] = round(time.perf_counter() - began, 1)
        return made

    path = f"{out}-summary"
    step("summary", lambda: summary.write.parquet(path))
    summary = spark.read.parquet(path)
    counts = step("counts", lambda: clv.spark.count(summary))
    model = step("fit", lambda: clv.BgNbd().fit(counts))
    step("predictions", lambda: clv.spark.predict(model, summary, ["3m", "12m"], margin=0.3, discount=0.1).write.parquet(str(out)))
    whole = pq.read_table(known)
    told = clv.BgNbd().fit(clv.count(whole))
    pq.write_table(pa.table(told.predict(whole, ["3m", "12m"], margin=0.3, discount=0.1)), f"{out}-known.parquet")
    rows = len(counts.timing) + len(counts.spend)
    return {
        **differences(out, f"{out}-known.parquet"),
        "same model": told.to_json() == model.to_json(),
        "counted rows": f"{rows:,}",
        **times,
    }


def by_pandas(orders):
    """Spark to pandas; then, as with lifetimes, what one thread of pandas makes of it."""
    began = time.perf_counter()
    frame = orders.toPandas()
    seconds = time.perf_counter() - began
    return {
        "customers": int(frame["customer_id"].nunique()),
        "differ": "",
        "to pandas s": round(seconds, 1),
        "MB of orders": int(frame.memory_usage(deep=True).sum()) >> 20,
    }


def said(spark, began, **facts):
    facts.setdefault("seconds", time.perf_counter() - began)
    spark.stop()
    return facts


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        name, folder = sys.argv[2], pathlib.Path(sys.argv[3])
        if name == "simulate":
            simulate(folder, int(sys.argv[4]))
        else:
            print(json.dumps(work(name, folder)))
    else:
        main()
