"""A Spark of the tests' own, on this machine, and whether there can be one."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

INSTALL = ["apt-get", "install", "-qy", "--no-install-recommends", "default-jre-headless"]


def missing() -> str | None:
    """Why there is none, if there is none. Where there has to be one, the distribution's Java is installed."""
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        return f"there is no PySpark: {error}"
    is_required = os.environ.get("CLV_REQUIRE_SPARK") == "1"
    if shutil.which("java") is None and is_required and shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        with contextlib.suppress(OSError):
            subprocess.run([*as_root, "apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
            subprocess.run([*as_root, *INSTALL], check=False, stdout=subprocess.DEVNULL)
    return None if shutil.which("java") else f"there is no Java; install it, on Debian: {' '.join(INSTALL)}"


SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.memory": "1g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "3",
    # The zone of the session must not matter.
    "spark.sql.session.timeZone": "Pacific/Auckland",
}


@contextlib.contextmanager
def running(master: str, **settings: str) -> Iterator[Any]:
    """A session that runs as long as this does, whose executors run this Python."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    folder = Path(tempfile.mkdtemp(prefix="clv-spark-"))
    builder = SparkSession.builder.master(master).appName("clv")
    places = {"spark.sql.warehouse.dir": str(folder / "warehouse"), "spark.local.dir": str(folder)}
    for name, value in {**SETTINGS, **places, **settings}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    try:
        yield spark
    finally:
        spark.stop()
        shutil.rmtree(folder, ignore_errors=True)
