"""Descriptions with all that they can be asked, beside the command's on the same orders."""

import json
import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import clv


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """Orders with costs, some of which are missing, and what customers are."""
    random = np.random.default_rng(7)
    rows = []
    for customer in range(150):
        day = pd.Timestamp("2022-01-01") + pd.Timedelta(days=int(random.integers(300)))
        channel, cac = random.choice(["mail", "shop"]), float(random.choice([5, 12]))
        for _ in range(1 + random.geometric(0.4)):
            amount = round(float(random.gamma(2, 20)), 2)
            cost = round(amount * float(random.random()), 2) if random.random() < 0.95 else None
            rows.append((f"c{customer}", day.date().isoformat(), amount, cost, float(random.choice([1, 2])), channel, cac))
            day += pd.Timedelta(days=int(random.integers(1, 120)))
    columns = ["customer_id", "order_date", "amount", "cost", "handling", "channel", "cost_of_customer"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def path(orders: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("describe") / "orders.csv"
    orders.to_csv(path, index=False)
    return path


def described(command: str, path: Path, folder: Path, options: list[str]) -> tuple[dict[str, Any], pd.DataFrame]:
    """What the command says."""
    call = [command, "describe", path, *options, "-o", folder / "customers.csv", "--json"]
    said = json.loads(subprocess.run(call, capture_output=True, check=True).stdout)
    return said, pd.read_csv(folder / "customers.csv", keep_default_na=False, na_values=[""])


ASKED: list[tuple[list[str], dict[str, Any]]] = [
    ([], {}),
    (
        ["--cogs", "cost", "--serving", "handling", "--cac", "cost_of_customer", "--by", "channel", "--control", "mail"],
        {"cogs": "cost", "serving": "handling", "cac": "cost_of_customer", "by": "channel", "control": "mail"},
    ),
    (
        ["--window", "2022-03-01..2022-09-30", "--margin", "30%", "--cac", "3", "--period", "week", "--cohorts", "quarter"],
        {"window": ("2022-03-01", "2022-09-30"), "margin": "30%", "cac": 3, "period": "week", "cohorts": "quarter"},
    ),
    (
        ["--rfm", "4", "--recency-days", "30,90", "--frequency-over", "1,3", "--monetary-over", "50,100", "--rfm-weights", "2,1,1"],
        {"rfm": 4, "recency_days": [30, 90], "frequency_over": [1, 3], "monetary_over": [50, 100], "rfm_weights": [2, 1, 1]},
    ),
]


@pytest.mark.parametrize(("options", "arguments"), ASKED)
def test_the_command_says_the_same(command: str, orders: pd.DataFrame, path: Path, tmp_path: Path, options, arguments) -> None:
    """Sums, tables, and every customer."""
    said, customers = described(command, path, tmp_path, options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for data in (orders, str(path)):
            same(clv.describe(data, **arguments), said, customers)
    without_costs = [str(one.message) for one in caught if "no cost there" in str(one.message)]
    assert len(without_costs) == (2 if "cogs" in arguments else 0)


def same(description: clv.Description, said: dict[str, Any], customers: pd.DataFrame) -> None:
    assert description.sums == said["describe"]
    for name, table in description.tables.items():
        cells = {column: [row[column] for row in said["tables"][name.replace("-", "_")]] for column in table.columns}
        for column, expected in cells.items():
            found = [None if isinstance(cell, float) and np.isnan(cell) else cell for cell in table.column(column).tolist()]
            assert found == expected, (name, column)
    found = description.customers
    found = (found if isinstance(found, pd.DataFrame) else found.to_pandas()).sort_values("customer_id", ignore_index=True)
    expected = customers.sort_values("customer_id", ignore_index=True)
    assert list(found) == list(expected)
    for column in found:
        cells = found[column].astype(str) if "purchase" in column else found[column]
        np.testing.assert_array_equal(cells, expected[column], err_msg=column)


def test_a_model_sets_the_future_beside_the_past(command: str, orders: pd.DataFrame, path: Path, tmp_path: Path) -> None:
    model = clv.MbgNbd().fit(clv.summarize(orders))
    model.save(tmp_path / "model.json")
    options = ["--model", str(tmp_path / "model.json"), "--horizons", "6m,12m", "--discount", "0.1", "--cogs", "cost"]
    said, customers = described(command, path, tmp_path, options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        description = clv.describe(orders, model=model, horizons=["6m", "12m"], discount=0.1, cogs="cost")
    same(description, said, customers)
    assert {"current-by-future", "equity"} <= set(description.tables)


def test_a_summary_is_described_without_its_orders(command: str, orders: pd.DataFrame, tmp_path: Path) -> None:
    summary = clv.summarize(orders, keep=["channel"])
    path = tmp_path / "summary.csv"
    summary.to_csv(path, index=False)
    said, customers = described(command, path, tmp_path, ["--by", "channel", "--margin", "0.4"])
    same(clv.describe(summary, by="channel", margin=0.4), said, customers)
    same(clv.describe(path, by="channel", margin=0.4), said, customers)
    for argument, value in (("window", "2022-01-01.."), ("cogs", "cost"), ("serving", "cost"), ("cohorts", "year")):
        with pytest.raises(clv.UsageError, match=f"{argument} takes orders, and this is a summary"):
            clv.describe(summary, **{argument: value})


def test_what_does_not_apply_is_refused(orders: pd.DataFrame) -> None:
    for arguments, words in (
        ({"control": "mail"}, "control names a group; give by"),
        ({"cogs": "cost", "margin": 0.5}, "cogs and margin both say"),
        ({"rfm_weights": [1, 1]}, "rfm_weights takes three numbers"),
        ({"window": "2030-01-01..2030-02-01"}, "window lies outside what was observed"),
        ({"window": "june"}, "`june` is no window"),
        ({"window": 5}, "window is 5; give a first and a last day"),
        ({"period": "decade"}, "period is 'decade'"),
        ({"cohorts": "week"}, "cohorts is 'week'"),
        ({"by": "region"}, "region"),
        ({"model": "bg-nbd"}, "model is 'bg-nbd'; give a fitted model"),
        ({"cac": 5, "amount": False}, "cac is about value, and with amount=False there is none"),
    ):
        with pytest.raises((clv.UsageError, clv.DataError), match=words):
            clv.describe(orders, **arguments)
    with pytest.raises(clv.DataError, match=r"cogs.*cost.*strict=True allows none"):
        clv.describe(orders, cogs="cost", strict=True)
    with pytest.raises(clv.UsageError, match="have been read without their costs: give cogs with the orders"):
        clv.describe(clv.Orders(orders), cogs="cost")
