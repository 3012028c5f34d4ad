"""Customer lifetime value from order history.

>>> import clv
>>> summary = clv.summarize(orders)                  # one row per customer, from a frame of orders or from files
>>> model = clv.BgNbd().fit(summary)                 # purchases by BG/NBD, spend by Gamma-Gamma
>>> model.predict(summary, horizons=["3m", "12m"], margin=0.3, discount=0.1)

Frames of pandas, polars, pyarrow and DuckDB, dictionaries of arrays, NumPy arrays and file paths go in; what comes out is of the
caller's own kind.
"""

import importlib
import types

from . import plots, progress
from ._clv import ConvergenceError, DataError, Error, FitError, Table, UsageError, __version__
from .checking import Check, check
from .columns import columns
from .counts import Counts, count
from .descriptions import Description, describe
from .evaluation import Comparison, Evaluation, compare, evaluate
from .fitted import NotFittedError
from .model_files import load
from .orders import DataWarning, Orders, Summarizer, simulate, summarize
from .queries import sql
from .reports import Report, Verdict, report
from .retention import Bdw, RetentionModel, Sbg
from .spend import GammaGamma
from .timing import AutoModel, BgBb, BgCnbd, BgNbd, MbgCnbd, MbgNbd, Nbd, ParetoCnbd, ParetoNbd, TimingModel
from .warned import FitWarning

__all__ = [
    "AutoModel",
    "Bdw",
    "BgBb",
    "BgCnbd",
    "BgNbd",
    "Check",
    "Comparison",
    "ConvergenceError",
    "Counts",
    "DataError",
    "DataWarning",
    "Description",
    "Error",
    "Evaluation",
    "FitError",
    "FitWarning",
    "GammaGamma",
    "MbgCnbd",
    "MbgNbd",
    "Nbd",
    "NotFittedError",
    "Orders",
    "ParetoCnbd",
    "ParetoNbd",
    "Report",
    "RetentionModel",
    "Sbg",
    "Summarizer",
    "Table",
    "TimingModel",
    "UsageError",
    "Verdict",
    "__version__",
    "check",
    "columns",
    "compare",
    "count",
    "describe",
    "evaluate",
    "load",
    "plots",
    "progress",
    "report",
    "simulate",
    "sql",
    "summarize",
]


def __getattr__(name: str) -> types.ModuleType:
    """Modules that need other packages, or few need, imported when they are asked for."""
    if name in ("lifetimes", "mlflow", "parts", "spark"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
