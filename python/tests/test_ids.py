"""Ids keep every digit, whatever type of number they have, and come out in the type in which they came in."""

import decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import clv
from clv.lifetimes.utils import summary_data_from_transaction_data

pytestmark = pytest.mark.filterwarnings("ignore::clv.DataWarning")

# Beyond 2^53, where floating numbers lie 256 apart, so that all of these are one.
LONG = [1234567890123456789 + i for i in range(5)]
HASHES = [2**63 + i for i in range(5)]
WIDE = [12345678901234567890123456789012345678 + i for i in range(5)]


def orders(ids):
    return {"customer_id": ids, "order_date": pd.date_range("2024-01-01", periods=len(ids)), "amount": [5.0] * len(ids)}


def ids_of(answer):
    if isinstance(answer, duckdb.DuckDBPyRelation):
        answer = answer.to_arrow_table()
    column = answer["customer_id"]
    return column.to_pylist() if isinstance(column, pa.ChunkedArray) else list(column)


PANDAS = {
    "Int64": (lambda ids: pd.array(ids, dtype="Int64"), LONG, "int64"),
    "UInt64": (lambda ids: pd.array(ids, dtype="UInt64"), HASHES, "uint64"),
    "arrow int64": (lambda ids: pd.array(ids, dtype=pd.ArrowDtype(pa.int64())), LONG, "int64"),
    "arrow uint64": (lambda ids: pd.array(ids, dtype=pd.ArrowDtype(pa.uint64())), HASHES, "uint64"),
    "arrow decimal": (
        lambda ids: pd.array([n and decimal.Decimal(n) for n in ids], dtype=pd.ArrowDtype(pa.decimal128(38, 0))),
        WIDE,
        "object",
    ),
    "objects": (lambda ids: pd.Series(ids, dtype=object), LONG, "int64"),
    "large objects": (lambda ids: pd.Series(ids, dtype=object), HASHES, "object"),
    "larger objects": (lambda ids: pd.Series(ids, dtype=object), WIDE, "object"),
    "decimals": (lambda ids: pd.Series([n and decimal.Decimal(n) for n in ids], dtype=object), WIDE, "object"),
    "scaled decimals": (lambda ids: pd.Series([n and decimal.Decimal(f"{n}.00") for n in ids], dtype=object), LONG, "int64"),
    "NumPy scalars": (lambda ids: pd.Series([n and np.uint64(n) for n in ids], dtype=object), HASHES, "object"),
}


@pytest.mark.parametrize("form", PANDAS)
@pytest.mark.parametrize("gap", [False, True])
def test_whole_numbers_of_pandas(form, gap):
    make, ids, kind = PANDAS[form]
    frame = pd.DataFrame(orders([*ids, None] if gap else ids) | {"customer_id": make([*ids, None] if gap else ids)})
    summary = clv.summarize(frame)
    assert ids_of(summary) == ids and summary["customer_id"].dtype == kind
    assert summary["orders"].tolist() == [1] * 5
    model = clv.BgNbd.from_params(r=0.24, alpha=4.4, a=0.8, b=2.4, unit="week", until="2024-01-06")
    answer = model.predict(summary, 13)
    assert ids_of(answer) == ids and answer["customer_id"].dtype == kind
    # An answer belongs to its question.
    assert len(summary.merge(answer, on="customer_id")) == 5


OTHERS = {
    "polars Int64": (lambda ids: pl.DataFrame(orders(ids)), LONG, pl.Int64),
    "polars UInt64": (lambda ids: pl.DataFrame(orders(pl.Series(ids, dtype=pl.UInt64))), HASHES, pl.UInt64),
    "polars Int128": (lambda ids: pl.DataFrame(orders(pl.Series(ids, dtype=pl.Int128))), WIDE, pl.Decimal(38, 0)),
    "polars Decimal": (
        lambda ids: pl.DataFrame(orders(ids)).with_columns(
            customer_id=pl.Series([n and decimal.Decimal(n) for n in ids], dtype=pl.Decimal(38, 0))
        ),
        WIDE,
        pl.Decimal(38, 0),
    ),
    "pyarrow int64": (lambda ids: pa.table(orders(pa.array(ids, pa.int64()))), LONG, pa.int64()),
    "pyarrow uint64": (lambda ids: pa.table(orders(pa.array(ids, pa.uint64()))), HASHES, pa.uint64()),
    "pyarrow decimal128": (
        lambda ids: pa.table(orders(pa.array([n and decimal.Decimal(n) for n in ids], pa.decimal128(38, 0)))),
        WIDE,
        pa.decimal128(38, 0),
    ),
    "duckdb bigint": (lambda ids: duckdb.from_arrow(pa.table(orders(pa.array(ids, pa.int64())))), LONG, pa.int64()),
    "duckdb ubigint": (lambda ids: duckdb.from_arrow(pa.table(orders(pa.array(ids, pa.uint64())))), HASHES, pa.uint64()),
    "duckdb decimal": (
        lambda ids: duckdb.from_arrow(pa.table(orders(pa.array([n and decimal.Decimal(n) for n in ids], pa.decimal128(38, 0))))),
        WIDE,
        pa.decimal128(38, 0),
    ),
    "dict": (lambda ids: orders(np.array(ids, dtype=object)), WIDE, np.dtype(object)),
    "dict uint64": (lambda ids: orders(np.array(ids, dtype="uint64")), HASHES, np.dtype("uint64")),
}


# An array of numbers of NumPy's has no gaps.
@pytest.mark.parametrize(("form", "gap"), [(form, gap) for form in OTHERS for gap in (False, True) if not (gap and form == "dict uint64")])
def test_whole_numbers_of_other_frames(form, gap):
    make, ids, kind = OTHERS[form]
    summary = clv.summarize(make([*ids, None] if gap else ids))
    assert [int(one) for one in ids_of(summary)] == ids
    column = (summary.to_arrow_table() if form.startswith("duckdb") else summary)["customer_id"]
    assert (column.type if isinstance(column, pa.ChunkedArray) else column.dtype) == kind
    model = clv.BgNbd.from_params(r=0.24, alpha=4.4, a=0.8, b=2.4, unit="week", until="2024-01-06")
    assert [int(one) for one in ids_of(model.predict(summary, 13))] == ids


def test_one_gap_merges_nobody():
    """pandas makes floats of integers among which one is missing, unless it is told not to."""
    frame = pd.DataFrame(orders([*LONG, None]) | {"customer_id": pd.array([*LONG, None], dtype="Int64")})
    read = clv.Orders(frame)
    assert read.read["left_out"]["no_customer"] == 1 and len(read.summarize()) == 5
    lifetimes = summary_data_from_transaction_data(frame.dropna(), "customer_id", "order_date")
    assert lifetimes.index.tolist() == LONG


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_floats_are_whole_numbers_as_far_as_they_can_be(make):
    gaps = np.array([13085.0, 13086.0, np.nan, 2.0**52])
    summary = clv.summarize(make(orders(gaps)))
    assert [int(one) for one in ids_of(summary)] == [13085, 13086, 2**52]
    for lost in (np.array([float(LONG[0]), 1.0]), np.array([2.0**53, np.nan])):
        with pytest.raises(clv.DataError, match="has lost digits of what it was; hand ids over as text or whole numbers"):
            clv.summarize(make(orders(lost)))
    with pytest.raises(clv.DataError, match="lost digits"):
        clv.BgNbd.from_params(r=0.24, alpha=4.4, a=0.8, b=2.4).predict(
            make({"customer_id": np.array([1e17]), "frequency": [0], "recency": [0.0], "T": [1.0]}), 13
        )


def test_objects_of_floats_and_whole_numbers_are_one_kind_of_number():
    for ids in ([13085, 13086.0, None], [13085.0, float("nan"), 13086.0], [np.float64(13085), 13086]):
        summary = clv.summarize(pd.DataFrame(orders(pd.Series(ids, dtype=object))))
        assert ids_of(summary) == [13085, 13086] and summary["customer_id"].dtype == "int64"
    with pytest.raises(clv.DataError, match="lost digits"):
        clv.summarize(pd.DataFrame(orders(pd.Series([float(LONG[0]), 2.0], dtype=object))))


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_text_stays_text(make):
    for ids in (["1", "2", "10"], ["007", "7", "08"], [str(n) for n in HASHES], ["a", "1", "NA-1"], ["1e5", "100000", "1E5"]):
        summary = clv.summarize(make(orders(ids)))
        assert sorted(ids_of(summary)) == sorted(ids)
        answer = clv.BgNbd.from_params(r=0.24, alpha=4.4, a=0.8, b=2.4, unit="week").predict(summary, 13)
        assert sorted(ids_of(answer)) == sorted(ids)


def test_frames_that_disagree_give_text():
    numbers, texts = pd.DataFrame(orders([1, 2])), pd.DataFrame(orders(["2", "x"]))
    assert ids_of(clv.summarize([numbers, texts])) == ["1", "2", "x"]
    hashes = pd.DataFrame(orders(np.array([2**63 + 1, 2], dtype="uint64")))
    assert [int(one) for one in ids_of(clv.summarize([numbers, hashes]))] == [1, 2, 2**63 + 1]


def test_duplicates_are_found_whatever_the_type():
    for make, ids, _ in [*PANDAS.values()]:
        frame = pd.DataFrame(orders(ids) | {"customer_id": make(ids)})
        twice = pd.concat([frame, frame], ignore_index=True)
        assert clv.Orders(twice, duplicates="drop").read["left_out"] == {"duplicate": 5}


def test_lists_are_not_made_floats():
    for ids in ([LONG[0], LONG[1], float("nan")], [LONG[0], None, LONG[1]], [2**63, -1], [2**64, 3], (LONG[0], 2.0)):
        whole = [int(one) for one in ids if one is not None and one == one]
        assert sorted(int(one) for one in ids_of(clv.summarize(orders(ids)))) == sorted(whole)


def test_amounts_of_every_type_keep_their_worth():
    worth = [decimal.Decimal("1234.50"), decimal.Decimal("0.01"), decimal.Decimal("19.99")]
    for amounts in (
        pa.array(worth, pa.decimal128(12, 2)),
        pa.array(worth, pa.decimal256(50, 2)),
        pa.array([float(one) for one in worth]),
        pa.array([str(one) for one in worth]),
    ):
        assert clv.summarize(pa.table(orders([1, 2, 3]) | {"amount": amounts}))["total"].to_pylist() == [1234.5, 0.01, 19.99]
    mixed = pd.DataFrame(orders([1, 2, 3]) | {"amount": pd.Series([5, 2.5, decimal.Decimal("7")], dtype=object)})
    assert clv.summarize(mixed)["total"].tolist() == [5.0, 2.5, 7.0]
