"""Asks Spark Connect, and says how many cells differ; run by `test_spark.py`."""

import json
import os
import sys

import pyarrow as pa
from returned import orders_of, rows_of

import clv

UNTIL = "1998-03-31"


def differences(made, known):
    made, known = rows_of(made), rows_of(known)
    return sum(made.get(customer) != row for customer, row in known.items()) + len(made.keys() - known.keys())


def main(path):
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.remote("local[2]")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    orders = orders_of(path)
    whole = pa.table(clv.summarize(orders, until=UNTIL))
    frame = spark.createDataFrame(orders)
    assert "connect" in type(frame).__module__
    said = {engine: differences(clv.spark.summarize(frame, until=UNTIL, engine=engine).toArrow(), whole) for engine in ("arrow", "sql")}
    summary = clv.spark.summarize(frame, until=UNTIL)
    counts = clv.spark.count(summary)
    model = clv.BgNbd().fit(counts)
    said["predictions"] = differences(
        model.predict(summary, ["3m"], intervals=[80]).toArrow(), pa.table(model.predict(whole, ["3m"], intervals=[80]))
    )
    said["fits"] = model.to_json() == clv.BgNbd().fit(clv.count(whole)).to_json()
    said["audited"] = clv.spark.audit(frame, until=UNTIL).where("reason = 'order'").first()["row_count"] > 0
    clv.spark.register(spark, model)
    assert spark.sql("select clv_p_alive(0, 0D, 10D)").first()[0] <= 1
    print(json.dumps(said))
    spark.stop()


main(sys.argv[1])
