"""CDNOW's orders with what real ones have: returns, orders on one day, amounts that add up differently in every order."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

TIMES = ("unit", "grain", "observed_until")


def orders_of(path: str | Path, seed: int = 25) -> pa.Table:
    """The orders of a file, and others drawn by lot, in a row order drawn by lot; customers are text."""
    orders = pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types={"customer_id": pa.string()}))
    orders = orders.select(["customer_id", "order_date", "amount"])
    rng = np.random.default_rng(seed)
    rows = orders.take(rng.integers(len(orders), size=len(orders) // 5))
    day = pc.cast(pc.add(pc.cast(rows["order_date"], pa.int32()), pa.array(rng.integers(0, 90, size=len(rows)), pa.int32())), pa.date32())
    amount = np.round(rows["amount"].to_numpy() * rng.choice([-0.3, -1.0, 0.0, 0.1, 0.7, 1.3], size=len(rows)), 9)
    more = pa.table({"customer_id": rows["customer_id"], "order_date": day, "amount": amount})
    both = pa.concat_tables([orders, more])
    both = both.append_column("channel", pa.array(np.array(["web", "shop", "", "Web "])[rng.integers(4, size=len(both))]))
    return both.take(rng.permutation(len(both)))


def rows_of(table: pa.Table, *without: str) -> dict[str, dict[str, object]]:
    """Rows by customer, without what they say of their times; numbers to the bit."""
    table = table.select([name for name in table.column_names if name not in (*TIMES, *without)])
    rows = {}
    for row in table.to_pylist():
        customer = str(row.pop("customer_id"))
        assert customer not in rows
        rows[customer] = row
    return rows


def assert_equal(ours: pa.Table, theirs: pa.Table, *without: str) -> None:
    """Equal in every cell, of floating numbers to the bit, in any order of rows."""
    one, other = rows_of(ours, *without), rows_of(theirs, *without)
    assert one and one.keys() == other.keys()
    for customer, row in one.items():
        assert list(row) == list(other[customer])
        for name, cell in row.items():
            against = other[customer][name]
            assert cell == against and isinstance(cell, float) == isinstance(against, float), (customer, name, cell, against)
