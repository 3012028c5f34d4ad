"""Kills an executor while its task works, and says how the summary came out; run by `test_spark.py`.

The first task that has folded its partition waits, for ever, and says on which executor. That executor is killed, with what it held of
the shuffle, and the job is to end all the same.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pyarrow as pa
import sparks
from returned import orders_of, rows_of

import clv

UNTIL = "1998-03-31"


def executor_of(process):
    """The process of the executor that a worker of Python is of."""
    return next(parent.pid for parent in psutil.Process(process).parents() if parent.name() == "java")


def main(path):
    orders = orders_of(path)
    known = rows_of(pa.table(clv.summarize(orders, until=UNTIL)))
    folder = tempfile.mkdtemp(prefix="clv-killed-")

    def waiting(batches):
        import os
        import time

        from pyspark import TaskContext

        rows = list(batches)
        task = TaskContext.get()
        name = os.path.join(folder, f"{task.partitionId()}-{task.attemptNumber()}-{task.stageId()}-{os.getpid()}-{time.monotonic_ns()}")
        open(name, "x").close()
        try:
            os.mkdir(os.path.join(folder, "first"))
        except FileExistsError:
            pass
        else:
            os.rename(name, os.path.join(folder, "first", os.path.basename(name)))
            time.sleep(600)
        yield from rows

    killed = []

    def kill():
        while not (found := list(Path(folder, "first").glob("*"))):
            time.sleep(0.05)
        killed.append(executor_of(int(found[0].name.split("-")[3])))
        os.kill(killed[0], signal.SIGKILL)

    settings = {"spark.executor.memory": "512m", "spark.sql.adaptive.enabled": "false", "spark.task.maxFailures": "4"}
    with sparks.running("local-cluster[2,1,1024]", **settings) as spark:
        frame = spark.createDataFrame(orders).repartition(7)
        summary = clv.spark.summarize(frame, until=UNTIL)
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        made = rows_of(summary.mapInArrow(waiting, summary.schema).toArrow())
        killer.join(10)
        at_the_end = [child.pid for child in psutil.Process().children(recursive=True) if child.name() == "java"]
    marks = [mark for mark in Path(folder).rglob("*-*") if mark.is_file()]
    differences = sum(made.get(customer) != row for customer, row in known.items()) + len(made.keys() - known.keys())
    said = {
        "killed": killed[0] if killed else None,
        "executors_of_the_end": at_the_end,
        "attempts": len(marks),
        "partitions": len({mark.name.split("-")[0] for mark in marks}),
        "customers": len(made),
        "differences": differences,
    }
    print(json.dumps(said))


main(sys.argv[1])
