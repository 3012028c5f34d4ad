"""The data sets of lifetimes' documentation; where they come from is in data/README.md."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import resources
from typing import Any

import numpy as np

from .pandas_import import pandas
from .utils import summary_data_from_transaction_data

__all__ = [
    "load_cdnow_summary",
    "load_cdnow_summary_data_with_monetary_value",
    "load_dataset",
    "load_donations",
    "load_transaction_data",
]

# Those that are shipped as they are, by their names in lifetimes.
_FILES = {"donations.csv": "donations.csv", "example_transactions.csv": "transactions.csv.gz"}


def load_dataset(filename: str, **kwargs: Any) -> Any:
    """A data set by the name of its file in lifetimes; `kwargs` go to `pandas.read_csv`.

    Raises FileNotFoundError for files that are not in this package, and says where else they are.
    """
    if filename in _FILES:
        return _read(_FILES[filename], **kwargs)
    made: dict[str, Callable[[], str]] = {
        "CDNOW_sample.txt": _cdnow_sample,
        "cdnow_customers_summary.csv": _cdnow_summary,
        "cdnow_customers_summary_with_transactions.csv": _cdnow_summary_with_money,
    }
    if filename in made:
        return pandas().read_csv(io.StringIO(made[filename]()), **kwargs)
    if filename == "CDNOW_master.txt":
        raise FileNotFoundError("CDNOW_master.txt is not in this package: its orders are in data/cdnow/orders.csv of clv's repository")
    raise FileNotFoundError(f"there is no data set {filename}: there are {', '.join(sorted([*_FILES, *made]))}")


def load_cdnow_summary(**kwargs: Any) -> Any:
    """Customers of CDNOW, a sample of a tenth, to 1997-09-30: `ID`, `frequency`, `recency`, `T`, in weeks."""
    return load_dataset("cdnow_customers_summary.csv", **kwargs)


def load_cdnow_summary_data_with_monetary_value(**kwargs: Any) -> Any:
    """The same customers by `customer_id`, with `monetary_value`, the mean repeat purchase in dollars."""
    summary = load_dataset("cdnow_customers_summary_with_transactions.csv", **kwargs)
    summary.columns = ["customer_id", "frequency", "recency", "T", "monetary_value"]
    return summary.set_index("customer_id")


def load_donations(**kwargs: Any) -> Any:
    """Yearly donations of 11,104 supporters: `frequency`, `recency`, `periods`, and `weights`, how many gave so."""
    return load_dataset("donations.csv", **kwargs)


def load_transaction_data(**kwargs: Any) -> Any:
    """Simulated orders of the year 2014: `date`, as text, and the customer's `id`."""
    return load_dataset("example_transactions.csv", **kwargs)


def _read(name: str, **kwargs: Any) -> Any:
    with resources.as_file(resources.files("clv.lifetimes") / "data" / name) as path:
        return pandas().read_csv(path, **kwargs)


def _cdnow_sample() -> str:
    """The orders as lifetimes has them: two numbers of the customer, the date, CDs, dollars."""
    orders = _read("cdnow-sample.csv.gz")
    dates = orders["order_date"].str.replace("-", "")
    columns = (orders["customer_id"], orders["sample_id"], dates, orders["quantity"], orders["amount"])
    return "".join(f" {a:05d} {b:04d} {date} {n:2d} {amount:7.2f}\n" for a, b, date, n, amount in zip(*columns, strict=True))


def _cdnow_summary() -> str:
    return str(_summary()[["ID", "frequency", "recency", "T"]].to_csv(index=False))


def _cdnow_summary_with_money() -> str:
    return str(_summary().to_csv(index=False, header=["ID", "x", "t_x", "T", "zbar"]))


def _summary() -> Any:
    """Days from first to last purchase and to the end, in weeks; rounded as lifetimes' file is."""
    summary = summary_data_from_transaction_data(
        _read("cdnow-sample.csv.gz"),
        "sample_id",
        "order_date",
        "amount",
        observation_period_end="1997-09-30",
        freq_multiplier=7,
    )
    # Halves of cents go up, with room for what sums of amounts lack.
    rounded = np.floor(summary * 100 + (0.5 + 1e-6)) / 100
    return rounded.astype({"frequency": int}).rename_axis("ID").reset_index()
