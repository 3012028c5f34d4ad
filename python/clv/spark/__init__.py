"""Orders and customers of any number, where they are in Spark: classic or Connect, 3.5 to 4.

>>> summary = clv.spark.summarize(spark.table("shop.orders"), until="2025-02-10")      # a DataFrame: one row per customer
>>> model = clv.BgNbd().fit(clv.spark.count(summary))                                  # counted rows come to the driver, and nobody's id
>>> values = clv.spark.predict(model, summary, ["3m", "12m"], margin=0.3)              # a DataFrame again

What comes out is what clv says of the same orders on one machine, to the bit, however they are divided, and whatever fails on the way. Rows
never come to the driver, and nothing runs in the JVM but Spark: :mod:`clv.parts` works on the executors, in Python, on record batches.
"""

try:
    import pyspark
except ImportError as error:
    raise ImportError("clv.spark takes PySpark: pip install pyspark, 3.5 to 4, which has to be of the cluster's version") from error

from .customers import count, predict, register
from .evaluation import SparkEvaluation, evaluate
from .orders import audit, summarize

__all__ = ["SparkEvaluation", "audit", "count", "evaluate", "predict", "register", "summarize"]

if tuple(map(int, pyspark.__version__.split(".")[:2])) < (3, 5):
    raise ImportError(f"clv.spark takes PySpark 3.5 or newer, and this is {pyspark.__version__}")
