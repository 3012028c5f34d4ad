"""Python on the executors: whether it can do what is asked, said in a sentence before, or instead of, a page of Java."""

import json
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from .._clv import UsageError, __version__

ADVICE = (
    f"Executors need clv {__version__} and pyarrow in their Python: install them there, or send an environment with the job, and let the "
    "variable PYSPARK_PYTHON name that Python before Spark starts. engine='sql' needs no Python there"
)

_checked: weakref.WeakSet[Any] = weakref.WeakSet()
"""Sessions whose executors were asked."""


def check(spark: Any) -> None:
    """Asks an executor, once a session, whether it can work; a task of a moment.

    Raises
    ------
    UsageError
        If it cannot, with what to do.
    """
    if spark in _checked:
        return
    found = _asked(spark)
    where = f"the Python of the executors, {found['executable']},"
    for name in ("pyarrow", "clv"):
        if f"no {name}" in found:
            raise UsageError(f"{where} cannot import {name} ({found[f'no {name}']}). {ADVICE}")
    if found["clv"] != __version__:
        raise UsageError(f"{where} has clv {found['clv']}, and this is {__version__}. {ADVICE}")
    _checked.add(spark)


def _asked(spark: Any) -> dict[str, str]:
    from pyspark.sql import functions

    # Within another function it goes there by value, whatever is installed there.
    def answer(_: Any) -> str:
        import importlib
        import json
        import sys

        found = {"executable": sys.executable or "?"}
        for name in ("pyarrow", "clv"):
            try:
                found[name] = str(importlib.import_module(name).__version__)
            except Exception as error:
                found[f"no {name}"] = f"{type(error).__name__}: {error}"
        return json.dumps(found)

    try:
        row = spark.range(0, 1, 1, 1).select(functions.udf(answer, "string", useArrow=False)("id")).first()
    except Exception as error:
        raise UsageError(f"{_why(str(error))}. {ADVICE}") from error
    found: dict[str, str] = json.loads(row[0])
    return found


def _why(text: str) -> str:
    """What became of a task that ran nothing but Python."""
    if "PYTHON_VERSION_MISMATCH" in text or "different minor version" in text:
        ours = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return f"the executors have another version of Python than this one, which is {ours}: Spark takes the same of both"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "Cannot run program" in line or "ModuleNotFoundError" in line or "No module named" in line]
    return f"the executors cannot run Python: {(telling or lines or ['no reason given'])[0][:300]}"


def guarded(work: Callable[[Iterator[Any]], Iterator[Any]]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Work on the record batches of a partition, which tells an executor without the package from one on which it fails."""
    version, advice = __version__, ADVICE

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        import sys

        try:
            import clv
        except ImportError as error:
            raise RuntimeError(f"the Python of this executor, {sys.executable}, cannot import clv ({error}). {advice}") from None
        if clv.__version__ != version:
            raise RuntimeError(f"the Python of this executor, {sys.executable}, has clv {clv.__version__}. {advice}")
        yield from work(batches)

    return run
