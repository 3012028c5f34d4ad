"""Asks executors whose Python has no packages, and says what is said of it; run by `test_spark.py`."""

import datetime as dt
import json
import os
import sys
import tempfile
import venv

import sparks

import clv


def main():
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, symlinks=True)
        python = os.path.join(folder, "bin", "python")
        with sparks.running("local[1]") as spark:
            spark.sparkContext.pythonExec = python
            frame = spark.createDataFrame([("a", dt.date(2024, 1, 1), 1.0)], "customer_id string, order_date date, amount double")
            try:
                clv.spark.summarize(frame, until="2024-12-31")
                said = {"kind": None}
            except Exception as error:
                said = {"kind": type(error).__name__, "text": str(error)}
            assert clv.spark.summarize(frame, until="2024-12-31", engine="sql").count() == 1
    print(json.dumps(said))


if __name__ == "__main__":
    sys.exit(main())
