"""Spark in processes of its own: executors that are killed, and Connect."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from returned import orders_of

pytestmark = pytest.mark.usefixtures("java")

HERE = Path(__file__).parent


def ran(script, *arguments, **environment):
    """What a script says at its end, as JSON, run by a Python of its own."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYSPARK_")}
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, env=variables | environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_an_executor_that_is_killed_while_it_works_changes_nothing(sample_path):
    said = ran("spark_killed.py", sample_path)
    assert said["attempts"] > said["partitions"] and said["killed"] not in said["executors_of_the_end"]
    assert said["differences"] == 0 and said["customers"] == len({*orders_of(sample_path)["customer_id"].to_pylist()})


def test_connect_says_the_same(sample_path):
    assert ran("spark_connect.py", sample_path) == {"arrow": 0, "sql": 0, "predictions": 0, "fits": True, "audited": True}
